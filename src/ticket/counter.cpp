#include "counter_store.hpp"

#include <huiyin/base/log.hpp>
#include <huiyin/journal/sequencer.hpp>
#include <huiyin/pg/duty.hpp>
#include <huiyin/pg/listener.hpp>
#include <huiyin/ticket/counter.hpp>

#include <boost/asio/as_tuple.hpp>

#include <memory>

namespace huiyin::ticket {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t counted_at_once = 1000;
constexpr auto poll = 500ms;

struct counter
{
    counter(executor on, pg::database& where, metrics::registry& metrics)
        : db(where), bell(on),
          held(metrics.gauge("huiyin_duty_held", "Duties this process holds.", {{"duty", "ticket.count"}}))
    {}

    void ring()
    {
        rung = true;
        bell.cancel();
    }
    task<> wait()
    {
        if (!rung) {
            bell.expires_after(poll);
            co_await bell.async_wait(asio::as_tuple(use_task));
        }
        rung = false;
    }

    pg::database& db;
    steady_timer bell;
    bool rung = false;
    metrics::gauge held;
};

task<> follow(std::shared_ptr<counter> self, pg::duty& held)
{
    for (;;) {
        const auto mine = co_await held.run(counter_still_held());
        if (!mine) co_return;
        const auto counted = co_await count_page(self->db);
        if ((co_await asio::this_coro::cancellation_state).cancelled() != asio::cancellation_type::none) co_return;
        if (!counted) {
            log::warning("ticket.not_counted",
                         {{"code", slug(counted.error().code)}, {"reason", counted.error().detail}});
            co_await pause_for(poll);
            continue;
        }
        if (*counted == 0) co_await self->wait();
    }
}

} // namespace

task<result<std::size_t>> count_page(pg::database& db)
{
    auto page = co_await read_uncounted(db, counted_at_once);
    if (!page) co_return fail(page.error());
    if (page->events == 0) co_return std::size_t{0};
    const auto events = page->events;
    const auto saved = co_await save_counted(db, std::move(*page));
    if (!saved) co_return fail(saved.error());
    co_return *saved ? events : std::size_t{0};
}

task<result<void>> recount_views(pg::database& db)
{
    return recount_all(db);
}

void start_counter(task_group& in, executor on, const pg::database_settings& settings, pg::database& db,
                   metrics::registry& metrics)
{
    auto self = std::make_shared<counter>(on, db, metrics);
    in.spawn("ticket counter hints",
             pg::listen(settings, std::string(journal::positioned_channel), [self]() { self->ring(); }));
    in.spawn("ticket counter", pg::hold_duty(
                                   settings, "ticket.count", [self](pg::duty& held) { return follow(self, held); },
                                   [self](bool held) { self->held.set(held ? 1 : 0); }));
}

} // namespace huiyin::ticket
