#pragma once

#include <huiyin/async/task.hpp>
#include <huiyin/base/metrics.hpp>
#include <huiyin/base/time.hpp>
#include <huiyin/pg/database.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <eventually.hpp>
#include <exception>
#include <optional>
#include <stdexcept>
#include <string>

namespace huiyin::test {

/// A database of its own for each test: a clone (some 30 ms) of a template that has every shipped migration, in a
/// private cluster of the test program, or in the server that the environment's HUIYIN_TEST_DATABASE names (a conninfo
/// of a superuser). HUIYIN_TEST_LOG shows what is logged. Connections of a test must be gone, or owned by members of
/// the derived fixture, when it ends.
class pg_fixture : public ::testing::Test
{
public:
    ~pg_fixture() override;

    /// As role huiyin_app, which has what the migrator grants.
    pg::database_settings app_settings() const;
    /// As role huiyin_owner.
    pg::database_settings owner_settings() const;
    executor on() { return context.get_executor(); }

    /// Runs `work` on `context` and gives its result; a test that hangs fails after `patience`. What else runs there (a
    /// task_group) goes on meanwhile and stands still afterwards.
    template <class T>
    T run(task<T> work)
    {
        std::optional<T> value;
        run_until_done(keep(std::move(work), value));
        return std::move(*value);
    }
    void run(task<> work) { run_until_done(std::move(work)); }

    /// Raw SQL on the test's database as huiyin_owner, blocking; what fails throws with the server's message.
    pg::rows sql(const std::string& text);
    /// The same as a superuser, on the test's database.
    pg::rows superuser_sql(const std::string& text);

    /// Monday, 2 March 2026, 10:00 in Shanghai.
    manual_clock clock{std::chrono::sys_days(std::chrono::March / 2 / 2026) + std::chrono::hours(2)};
    metrics::registry metrics;
    asio::io_context context{1};

protected:
    /// `empty`: no schema, no tables.
    enum class content { migrated, empty };
    explicit pg_fixture(content with = content::migrated);

private:
    template <class T>
    static task<> keep(task<T> work, std::optional<T>& value)
    {
        value.emplace(co_await std::move(work));
    }
    void run_until_done(task<> work);
    pg::rows execute(const std::string& url, const std::string& text);

    std::string database_;
};

} // namespace huiyin::test
