#include "ticket_store.hpp"

#include <huiyin/base/log.hpp>
#include <huiyin/ticket/scanner.hpp>

#include <algorithm>
#include <map>
#include <span>

namespace huiyin::ticket {

using namespace std::chrono_literals;

namespace {

/// Read at once: a round's tickets. What comes due meanwhile, and is more urgent, waits for them.
constexpr std::size_t round_size = 2000;
/// In one transaction. More would save little and let those wait longer who want one of them.
constexpr std::size_t batch_size = 32;
/// Tickets whose steps could not be taken: for that long they are not read again before all others.
constexpr auto aside_for = 5s;
constexpr std::size_t most_aside = 1000;

struct scanner_state
{
    ticket_service& tickets;
    const clock& time;
    metrics::counter taken;
    metrics::counter failed;
    std::map<ticket_id, std::chrono::steady_clock::time_point> aside;
};

/// A round under way, shared by those who work it off.
struct round_work
{
    std::vector<ticket_id> due;
    std::size_t next = 0;
    std::size_t taken = 0;
    bool lost = false; ///< The database does not answer.
};

/// Rather than some of the tickets: one that is locked by somebody, or that a constraint refuses.
bool concerns_the_database(errc code)
{
    return code == errc::unavailable || code == errc::commit_unknown || code == errc::shutting_down;
}

/// What of the tickets could not be taken is put aside, so that the others go on.
task<> take_steps(scanner_state& state, round_work& round, std::span<const ticket_id> tickets)
{
    const auto done = co_await state.tickets.run_due(std::vector(tickets.begin(), tickets.end()));
    if (!done && tickets.size() > 1 && !concerns_the_database(done.error().code)) {
        for (std::size_t i = 0; i < tickets.size(); ++i)
            co_await take_steps(state, round, tickets.subspan(i, 1));
        co_return;
    }
    if (!done) {
        state.failed.add();
        log::error("deadline.not_taken", {{"ticket", tickets.front()},
                                          {"tickets", tickets.size()},
                                          {"code", slug(done.error().code)},
                                          {"reason", done.error().detail}});
        if (concerns_the_database(done.error().code)) {
            round.lost = true;
            co_return;
        }
    }
    for (const auto& each : tickets) {
        if (done && std::ranges::find(*done, each) != done->end()) {
            ++round.taken;
            state.taken.add();
        } else if (state.aside.size() < most_aside) {
            state.aside.emplace(each, std::chrono::steady_clock::now() + aside_for);
        }
    }
}

task<> work_off(scanner_state& state, round_work& round)
{
    while (!round.lost && round.next < round.due.size()) {
        const auto from = round.next;
        round.next = std::min(from + batch_size, round.due.size());
        co_await take_steps(state, round, std::span(round.due).subspan(from, round.next - from));
    }
}

enum class outcome { full, partial, nothing };

/// Takes what is due now, the most urgent first.
task<outcome> run_round(scanner_state& state)
{
    std::erase_if(state.aside,
                  [now = std::chrono::steady_clock::now()](const auto& each) { return each.second <= now; });
    std::vector<ticket_id> aside;
    for (const auto& [id, until] : state.aside)
        aside.push_back(id);
    auto due = co_await state.tickets.find_due(state.time.now(), std::move(aside), round_size);
    if (!due) co_return outcome::nothing;
    round_work round{std::move(*due)};
    const auto here = co_await asio::this_coro::executor;
    // While the database writes for the one, the other decides. A third would make everybody else's requests wait.
    auto both = asio::experimental::make_parallel_group(asio::co_spawn(here, work_off(state, round), asio::deferred),
                                                        asio::co_spawn(here, work_off(state, round), asio::deferred));
    const auto [order, first, second] = co_await both.async_wait(asio::experimental::wait_for_all(), use_task);
    for (const auto& thrown : {first, second})
        if (thrown) std::rethrow_exception(thrown);
    // Where a whole round moves nothing, the next one may read the same again.
    if (round.lost || round.taken == 0) co_return outcome::nothing;
    co_return round.due.size() == round_size ? outcome::full : outcome::partial;
}

task<> scan(std::shared_ptr<scanner_state> state, pg::duty& held)
{
    for (;;) {
        const auto mine = co_await held.run(still_held());
        if (!mine) co_return;
        const auto taken = co_await run_round(*state);
        if (taken == outcome::full) continue;
        // One batch a round: what is due goes before.
        if (const auto recounted = co_await state->tickets.recount_clocks(); !recounted)
            log::warning("calendar.recount_delayed",
                         {{"code", slug(recounted.error().code)}, {"reason", recounted.error().detail}});
        // While steps were taken, others may have come due.
        if (taken == outcome::nothing) co_await pause_for(250ms);
        if ((co_await asio::this_coro::cancellation_state).cancelled() != asio::cancellation_type::none) co_return;
    }
}

} // namespace

void start_scanner(task_group& in, const pg::database_settings& settings, ticket_service& tickets, const clock& time,
                   metrics::registry& metrics)
{
    auto state = std::make_shared<scanner_state>(
        scanner_state{tickets,
                      time,
                      metrics.counter("huiyin_deadline_steps_total", "Tickets whose due steps were taken."),
                      metrics.counter("huiyin_deadline_failures_total", "Tickets whose due steps could not be taken."),
                      {}});
    const auto held = metrics.gauge("huiyin_duty_held", "Duties this process holds.", {{"duty", "scanner"}});
    in.spawn("deadline scanner", pg::hold_duty(
                                     settings, "scanner", [state](pg::duty& duty) { return scan(state, duty); },
                                     [held](bool yes) { held.set(yes ? 1 : 0); }));
}

} // namespace huiyin::ticket
