#include "alarm_store.hpp"

#include <huiyin/base/log.hpp>
#include <huiyin/pg/duty.hpp>
#include <huiyin/report/alarm.hpp>

#include <memory>

namespace huiyin::report {

namespace {

constexpr auto alarm_pace = std::chrono::seconds(2);

task<> watch_thresholds(pg::duty& held, pg::database& db, const clock& time)
{
    for (;;) {
        const auto mine = co_await held.run(alarms_still_held());
        if (!mine) co_return;
        const auto noted = co_await note_crossings(db, time.now());
        if (!noted) log::warning("report.alarms_not_noted", {{"code", slug(noted.error().code)}});
        co_await pause_for(alarm_pace);
        if ((co_await asio::this_coro::cancellation_state).cancelled() != asio::cancellation_type::none) co_return;
    }
}

} // namespace

task<result<std::size_t>> note_crossings(pg::database& db, instant now)
{
    std::vector<alarm_threshold> thresholds;
    for (const auto each : {1, 5, 20, 50, 200})
        thresholds.push_back({"overdue", each});
    for (const auto each : {20, 50, 200})
        thresholds.push_back({"at_desk", each});
    co_return co_await save_crossings(db, std::move(thresholds), now);
}

void start_alarms(task_group& in, const pg::database_settings& settings, pg::database& db, const clock& time,
                  metrics::registry& metrics)
{
    auto held = std::make_shared<metrics::gauge>(
        metrics.gauge("huiyin_duty_held", "Duties this process holds.", {{"duty", "report.alarms"}}));
    in.spawn("report alarms",
             pg::hold_duty(
                 settings, "report.alarms", [&db, &time](pg::duty& duty) { return watch_thresholds(duty, db, time); },
                 [held](bool is_held) { held->set(is_held ? 1 : 0); }));
}

} // namespace huiyin::report
