#include "feed_store.hpp"
#include "wake_up.hpp"

#include <huiyin/base/log.hpp>
#include <huiyin/journal/sequencer.hpp>
#include <huiyin/pg/listener.hpp>

namespace huiyin::journal {

namespace {

using namespace std::chrono_literals;

constexpr auto turn_every = 500ms;
/// Each round makes all who follow the journal write; where change follows change, they take several at once.
constexpr auto rounds_apart = 200ms;
constexpr auto measure_every = 2s;

struct sequencer
{
    sequencer(executor on, metrics::registry& metrics)
        : appended(on), held(metrics.gauge("huiyin_duty_held", "Duties this process holds.",
                                           {{"duty", std::string(sequencer_duty)}})),
          waiting(metrics.gauge("huiyin_journal_unsequenced_events", "Events without a position, counted up to 10000")),
          age(metrics.gauge("huiyin_journal_feed_age_seconds", "Age of the oldest event without a position")),
          given(metrics.counter("huiyin_journal_sequenced_events_total", "Events given their position by this node")),
          hints(metrics.counter("huiyin_journal_hints_total", "Hints heard that something was appended"))
    {}

    wake_up appended;
    metrics::gauge held;
    metrics::gauge waiting;
    metrics::gauge age;
    metrics::counter given;
    metrics::counter hints;
};

task<result<void>> measure(sequencer& self, const runner& on)
{
    auto lag = co_await read_feed_lag(on);
    if (!lag) co_return fail(lag.error());
    self.waiting.set(static_cast<double>(lag->waiting));
    const auto age = lag->oldest ? system_clock().now() - *lag->oldest : 0us;
    self.age.set(std::max(0.0, std::chrono::duration<double>(age).count()));
    if (lag->foreign_xid)
        log::error("journal.foreign_xid",
                   {{"reason", "restored from another cluster without moving its transaction counter"}});
    co_return result<void>{};
}

task<result<void>> feed(sequencer& self, pg::duty& duty)
{
    const auto on = running_on(duty);
    auto measure_at = std::chrono::steady_clock::now();
    for (;;) {
        auto given = co_await give_positions(on, duty.fence());
        if (!given) co_return fail(given.error());
        self.given.add(static_cast<double>(*given));
        if (*given > 0) {
            auto hinted = co_await hint(on, positioned_channel);
            if (!hinted) co_return hinted;
        }
        if (std::chrono::steady_clock::now() >= measure_at) {
            auto measured = co_await measure(self, on);
            if (!measured) co_return measured;
            measure_at = std::chrono::steady_clock::now() + measure_every;
        }
        if (*given == feed_batch) continue;
        if (*given > 0) co_await pause_for(rounds_apart);
        co_await self.appended.wait(turn_every);
    }
}

task<> body(std::shared_ptr<sequencer> self, pg::duty& duty)
{
    auto ended = co_await feed(*self, duty);
    if (!ended)
        log::warning("journal.sequencer_stopped",
                     {{"code", slug(ended.error().code)}, {"reason", ended.error().detail}});
}

} // namespace

void start_sequencer(task_group& in, executor on, const pg::database_settings& settings, metrics::registry& metrics)
{
    auto self = std::make_shared<sequencer>(on, metrics);
    in.spawn("journal.sequencer_hints", pg::listen(settings, std::string(appended_channel), [self]() {
                 self->hints.add();
                 self->appended.ring();
             }));
    in.spawn("journal.sequencer",
             pg::hold_duty(
                 settings, std::string(sequencer_duty), [self](pg::duty& duty) { return body(self, duty); },
                 [self](bool held) {
                     self->held.set(held);
                     if (!held) self->waiting.set(0), self->age.set(0);
                 }));
}

} // namespace huiyin::journal
