#pragma once

#include <huiyin/async/task_group.hpp>
#include <huiyin/base/metrics.hpp>
#include <huiyin/base/time.hpp>
#include <huiyin/pg/database.hpp>

namespace huiyin::report {

/// Notes what stands over a threshold of the live board now and did not before, and forgets what is below again: so a
/// crossing is told once, however often somebody looks. Counted by `ticket_count`, as the board is. Thresholds: of
/// overdue tickets, of the house and of each department, 1, 5, 20, 50 and 200; of tickets at the desk without a
/// department 20, 50 and 200. Returns how many crossings are new.
task<result<std::size_t>> note_crossings(pg::database& db, instant now);

/// Starts the duty `report.alarms`, which does so every 2 s. `db` and `time` outlive `in`.
void start_alarms(task_group& in, const pg::database_settings& settings, pg::database& db, const clock& time,
                  metrics::registry& metrics);

} // namespace huiyin::report
