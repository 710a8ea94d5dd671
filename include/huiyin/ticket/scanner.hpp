#pragma once

#include <huiyin/async/task_group.hpp>
#include <huiyin/pg/duty.hpp>
#include <huiyin/ticket/ticket_service.hpp>

namespace huiyin::ticket {

/// Starts the duty that takes every ladder step when its time has come: reads what is due every 250 ms, the urgent and
/// then the earliest first, and has several tickets at once taken by `run_due`. It takes no lock itself; a stale read
/// does nothing, two scanners are harmless, and after a crash the rows are still due. A ticket whose steps cannot be
/// taken holds up no other. Between rounds it recounts the clocks of calendars that have changed.
void start_scanner(task_group& in, const pg::database_settings& settings, ticket_service& tickets, const clock& time,
                   metrics::registry& metrics);

} // namespace huiyin::ticket
