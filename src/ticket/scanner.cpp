#include "ticket_store.hpp"

#include <huiyin/base/log.hpp>
#include <huiyin/ticket/scanner.hpp>

namespace huiyin::ticket {

using namespace std::chrono_literals;

namespace {

constexpr std::size_t batch_size = 500;

struct scanner_state
{
    ticket_service& tickets;
    const clock& time;
    metrics::counter taken;
    metrics::counter failed;
};

/// One round: everything that is due now. Returns whether the database answered.
task<bool> run_round(const scanner_state& state)
{
    for (;;) {
        const auto due = co_await state.tickets.find_due(state.time.now(), batch_size);
        if (!due) co_return false;
        std::size_t changed = 0;
        for (const auto id : *due) {
            const auto done = co_await state.tickets.run_due(id);
            if (done && done->changed) {
                ++changed;
                state.taken.add();
            } else if (!done) {
                state.failed.add();
                log::error("deadline.not_taken",
                           {{"ticket", id}, {"code", slug(done.error().code)}, {"reason", done.error().detail}});
            }
            if ((co_await asio::this_coro::cancellation_state).cancelled() != asio::cancellation_type::none)
                co_return false;
        }
        // Where a whole batch moves nothing, the next round would read the same one again: wait for the next tick.
        if (due->size() < batch_size || changed == 0) co_return true;
    }
}

task<> scan(std::shared_ptr<const scanner_state> state, pg::duty& held)
{
    for (;;) {
        const auto mine = co_await held.run(still_held());
        if (!mine) co_return;
        co_await run_round(*state);
        // One batch a round: what is due goes before.
        if (const auto recounted = co_await state->tickets.recount_clocks(); !recounted)
            log::warning("calendar.recount_delayed",
                         {{"code", slug(recounted.error().code)}, {"reason", recounted.error().detail}});
        co_await pause_for(250ms);
        if ((co_await asio::this_coro::cancellation_state).cancelled() != asio::cancellation_type::none) co_return;
    }
}

} // namespace

void start_scanner(task_group& in, const pg::database_settings& settings, ticket_service& tickets, const clock& time,
                   metrics::registry& metrics)
{
    auto state = std::make_shared<const scanner_state>(scanner_state{
        tickets, time, metrics.counter("huiyin_deadline_steps_total", "Tickets whose due steps were taken."),
        metrics.counter("huiyin_deadline_failures_total", "Tickets whose due steps could not be taken.")});
    const auto held = metrics.gauge("huiyin_duty_held", "Duties this process holds.", {{"duty", "scanner"}});
    in.spawn("deadline scanner", pg::hold_duty(
                                     settings, "scanner", [state](pg::duty& duty) { return scan(state, duty); },
                                     [held](bool yes) { held.set(yes ? 1 : 0); }));
}

} // namespace huiyin::ticket
