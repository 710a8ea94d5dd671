#pragma once

#include "pg_fixture.hpp"

#include <huiyin/async/blocking_pool.hpp>
#include <huiyin/base/text.hpp>
#include <huiyin/people/authenticator.hpp>
#include <huiyin/people/people_service.hpp>
#include <huiyin/people/session_service.hpp>
#include <huiyin/people/token_service.hpp>

#include <boost/asio/as_tuple.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace huiyin::people {

using namespace std::chrono_literals;

inline const instant noon = *parse_rfc3339("2026-02-24T12:00:00Z");
inline const domain::actor system_actor = domain::actor::system();
/// Every login and display name of these tests has it, so that finding it in the journal means a name got there.
inline const std::string canary = "zanzibar";
inline const std::string right_password = "correct horse battery";
inline const std::string home = "198.51.100.7";
inline const std::string elsewhere = "203.0.113.99";

/// Of a result that is expected to be an error.
template <class T>
errc code_of(const result<T>& got)
{
    if (!got) return got.error().code;
    ADD_FAILURE() << "an error was expected";
    return errc::internal;
}

/// All of them at once; their results in their order.
template <class T>
task<std::vector<T>> all(std::vector<task<T>> works)
{
    const auto here = co_await asio::this_coro::executor;
    std::vector<std::optional<T>> results(works.size());
    std::exception_ptr first_thrown;
    std::size_t left = works.size();
    steady_timer finished(here, steady_timer::time_point::max());
    for (std::size_t i = 0; i < works.size(); ++i)
        asio::co_spawn(here, std::move(works[i]), [&, i](std::exception_ptr thrown, T value) {
            if (thrown && !first_thrown) first_thrown = thrown;
            results[i] = std::move(value);
            if (--left == 0) finished.cancel();
        });
    if (left > 0) co_await finished.async_wait(asio::as_tuple(use_task));
    if (first_thrown) std::rethrow_exception(first_thrown);
    std::vector<T> values;
    for (auto& each : results)
        values.push_back(std::move(*each));
    co_return values;
}

template <class T>
task<std::vector<T>> both(task<T> one, task<T> two)
{
    std::vector<task<T>> works;
    works.push_back(std::move(one));
    works.push_back(std::move(two));
    return all(std::move(works));
}

class people_test : public test::pg_fixture
{
protected:
    people_test() { clock.set(noon); }

    void TearDown() override
    {
        EXPECT_EQ(count("FROM event WHERE lower(data::text) LIKE '%zanzibar%'"), 0) << "a name got into the journal";
        run(base.close());
    }

    pg::database& db() { return base; }

    user a_user(const std::string& login, domain::role_set roles = {domain::role::agent})
    {
        const auto made = run(people.create_user({.login = canary + "." + login,
                                                  .display_name = "Zanzibar " + login,
                                                  .roles = roles,
                                                  .language = "en",
                                                  .time_zone = "Asia/Shanghai",
                                                  .password = right_password},
                                                 system_actor));
        if (!made)
            throw std::runtime_error("a_user: " + std::string(slug(made.error().code)) + " " + made.error().detail);
        return *made;
    }

    department a_department(const std::string& code, std::optional<department_id> parent = {})
    {
        new_department wanted;
        wanted.code = code;
        wanted.parent = parent;
        wanted.name = {{"en", "Zanzibar " + code}, {"zh-CN", "发行站"}};
        const auto made = run(people.create_department(std::move(wanted), system_actor));
        if (!made) throw std::runtime_error("a_department: " + made.error().detail);
        return *made;
    }

    result<log_in_success> log_in(const std::string& login, const std::string& password = right_password,
                                  const std::string& from = home, std::optional<std::string> device = {})
    {
        return run(sessions.log_in({.login = canary + "." + login,
                                    .password = password,
                                    .client_address = from,
                                    .user_agent = "test",
                                    .device = std::move(device)}));
    }

    static net::request with_cookie(const std::string& token)
    {
        net::request req;
        req.secure = true;
        req.headers.emplace_back("cookie", "__Host-huiyin_session=" + token);
        return req;
    }
    static net::request with_bearer(const std::string& token)
    {
        net::request req;
        req.secure = true;
        req.headers.emplace_back("authorization", "Bearer " + token);
        return req;
    }
    net::principal ask(authenticator& node, net::request req) { return run(node.authenticate(req)).value(); }
    bool is_in(const std::string& token)
    {
        return ask(authentic, with_cookie(token)).who.kind == domain::actor_kind::user;
    }

    std::int64_t count(const std::string& from) { return sql("SELECT count(*) " + from).front().get<std::int64_t>(0); }
    /// Kinds of the events of a subject, in their order.
    std::vector<std::string> kinds_of(const uuid& subject)
    {
        std::vector<std::string> names;
        const auto found = sql("SELECT kind FROM event WHERE subject = '" + subject.to_string() + "' ORDER BY seq");
        for (const auto row : found)
            names.push_back(row.get<std::string>(0));
        return names;
    }
    std::int64_t events_of_kind(const std::string& kind) { return count("FROM event WHERE kind = '" + kind + "'"); }

    pg::database base{on(), app_settings(), metrics};
    blocking_pool pool{2, 256};
    rights_epoch epoch;
    people_service people{base, clock, pool, epoch};
    session_service sessions{base, clock, pool, epoch, metrics};
    token_service tokens{base, clock, epoch};
    authenticator authentic{base, clock, epoch};
};

} // namespace huiyin::people
