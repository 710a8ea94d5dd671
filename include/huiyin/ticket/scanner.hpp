#pragma once

#include <huiyin/async/task_group.hpp>
#include <huiyin/pg/duty.hpp>
#include <huiyin/ticket/ticket_service.hpp>

namespace huiyin::ticket {

/// Starts the duty that takes every ladder step when its time has come: reads what is due every 250 ms and calls
/// `run_due` for each. It takes no lock itself; a stale read does nothing, two scanners are harmless, and after a crash
/// the rows are still due. Between rounds it recounts the clocks of calendars that have changed.
void start_scanner(task_group& in, const pg::database_settings& settings, ticket_service& tickets, const clock& time,
                   metrics::registry& metrics);

} // namespace huiyin::ticket
