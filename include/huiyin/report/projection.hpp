#pragma once

#include <huiyin/async/task_group.hpp>
#include <huiyin/base/metrics.hpp>
#include <huiyin/pg/database.hpp>
#include <huiyin/ticket/configuration.hpp>

namespace huiyin::report {

/// Takes the next page of the feed into the tables of migrations/0010_report.sql, in one transaction with the cursor.
/// Returns how many positions were taken, 0 at the end. Two at once are harmless: one of them takes nothing.
///
/// What a ticket counts for is made of all its events so far, by domain::contributions, and replaces what it counted
/// for before: so the figures depend on the journal alone, not on how it was read. (Business time also on the calendars
/// that are loaded.) A ticket whose journal cannot be read is left out and logged; it stops nothing.
task<result<std::size_t>> take_page(pg::database& db, ticket::configurations& rules);

/// Empties the projection; it is then followed from the beginning. As the owner of the schema.
task<result<void>> empty_projection(pg::database& as_owner);

/// Starts the duty `report` that follows the feed, on each hint of the sequencer and every 500 ms.
void start_projection(task_group& in, executor on, const pg::database_settings& settings, pg::database& db,
                      ticket::configurations& rules, metrics::registry& metrics);

} // namespace huiyin::report
