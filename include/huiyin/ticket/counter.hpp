#pragma once

#include <huiyin/async/task_group.hpp>
#include <huiyin/base/metrics.hpp>
#include <huiyin/pg/database.hpp>

namespace huiyin::ticket {

/// Starts the duty that keeps `view_count`: how many open tickets there are of each kind. It follows the journal by
/// `pos`; of each ticket that an event names, what was counted is taken off and what it is now is counted. Its cursor
/// moves in the transaction that counts, so nothing is counted twice or left out.
void start_counter(task_group& in, executor on, const pg::database_settings& settings, pg::database& db,
                   metrics::registry& metrics);

/// One page of the journal counted; how many events it had. For the duty and for tests.
task<result<std::size_t>> count_page(pg::database& db);

/// Counts all open tickets anew, in one transaction.
task<result<void>> recount_views(pg::database& db);

} // namespace huiyin::ticket
