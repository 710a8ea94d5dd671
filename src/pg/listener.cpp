#include "backoff.hpp"
#include "connection.hpp"
#include "conninfo.hpp"

#include <huiyin/base/log.hpp>
#include <huiyin/pg/listener.hpp>

#include <boost/asio/as_tuple.hpp>

namespace huiyin::pg {

namespace {

using namespace std::chrono_literals;

constexpr statement probe{"pg.probe", "SELECT 1"};
constexpr statement send_notification{"pg.notify", "SELECT pg_notify($1, '')"};

/// A silent connection may be a dead one: after this long it has to prove itself.
constexpr auto silence_limit = 30s;
constexpr auto longest_listen_pause = 5s;

task<result<std::unique_ptr<connection>>> open_listening(const database_settings& settings, const std::string& channel)
{
    auto got = co_await connection::open(settings, nullptr, std::chrono::steady_clock::now() + settings.connect_within);
    if (!got) co_return got;
    auto listening = co_await (*got)->run_script("LISTEN " + quoted_identifier(channel), 5s);
    if (!listening) co_return fail(std::move(listening.error()));
    co_return got;
}

/// Returns why it ended.
task<error> hear_on(connection& on, const std::function<void()>& heard)
{
    const params none;
    const std::vector<request> question{request{&probe, &none}};
    for (;;) {
        auto notified = co_await on.wait_for_notification(silence_limit);
        if (!notified) co_return std::move(notified.error());
        if (*notified) {
            heard();
            continue;
        }
        auto alive = co_await on.run(question);
        if (!alive) co_return std::move(alive.error());
    }
}

} // namespace

task<> listen(database_settings settings, std::string channel, std::function<void()> heard)
{
    for (unsigned failures = 0;; ++failures) {
        auto got = co_await open_listening(settings, channel);
        error why;
        if (got) {
            failures = 0;
            heard();
            why = co_await hear_on(**got, heard);
        } else {
            why = std::move(got.error());
        }
        log::debug("pg.listener_lost", {{"channel", channel}, {"reason", why.detail}});
        co_await pause_for(pause_after(failures, longest_listen_pause));
    }
}

struct notifier::impl
{
    impl(executor on, database_settings with, std::string to, std::chrono::milliseconds at_most)
        : settings(std::move(with)), channel(std::move(to)), interval(at_most),
          woken(on, steady_timer::time_point::max())
    {}

    task<result<void>> send()
    {
        if (!out || !out->is_open()) {
            auto got = co_await connection::open(settings, nullptr,
                                                 std::chrono::steady_clock::now() + settings.connect_within);
            if (!got) co_return fail(std::move(got.error()));
            out = std::move(*got);
        }
        const params to(channel);
        const std::vector<request> one{request{&send_notification, &to}};
        auto sent = co_await out->run(one);
        if (!sent) co_return fail(std::move(sent.error()));
        co_return result<void>{};
    }

    database_settings settings;
    std::string channel;
    std::chrono::milliseconds interval;
    steady_timer woken;
    std::unique_ptr<connection> out;
    bool marked = false;
};

notifier::notifier(executor on, database_settings settings, std::string channel, std::chrono::milliseconds interval)
    : impl_(std::make_unique<impl>(on, std::move(settings), std::move(channel), interval))
{}

notifier::~notifier() = default;

void notifier::mark()
{
    if (impl_->marked) return;
    impl_->marked = true;
    impl_->woken.cancel();
}

task<> notifier::run()
{
    auto& self = *impl_;
    for (unsigned failures = 0;;) {
        while (!self.marked)
            co_await self.woken.async_wait(asio::as_tuple(use_task));
        self.marked = false;
        auto sent = co_await self.send();
        if (sent) {
            failures = 0;
            co_await pause_for(self.interval);
        } else {
            self.marked = true;
            log::debug("pg.notify_failed", {{"channel", self.channel}, {"reason", sent.error().detail}});
            co_await pause_for(pause_after(failures++, longest_listen_pause));
        }
    }
}

} // namespace huiyin::pg
