#pragma once

#include <huiyin/base/id.hpp>
#include <huiyin/pg/database.hpp>

#include <vector>

namespace huiyin::ticket {

struct counted_events
{
    std::int64_t from = 0;
    std::int64_t to = 0; ///< `from` where nothing is new.
    std::size_t events = 0;
    std::vector<ticket_id> tickets;
};
/// What has happened since the last page, at most `limit` events.
task<result<counted_events>> read_uncounted(pg::database& db, std::size_t limit);

/// False where another follower was faster.
task<result<bool>> save_counted(pg::database& db, counted_events page);

task<result<void>> recount_all(pg::database& db);

/// Fails when the duty's connection, and its lock with it, is lost.
const pg::statement& counter_still_held();

} // namespace huiyin::ticket
