#pragma once

#include <huiyin/journal/event.hpp>
#include <huiyin/upkeep/audit.hpp>

namespace huiyin::upkeep {

/// `wrong_state` while another runs.
task<result<journal_check>> insert_journal_check(pg::database& db, instant now, uuid by);
/// False: it is over.
task<result<bool>> beat_journal_check(pg::database& db, check_id id, instant now, std::int64_t done, std::int64_t of);
task<result<void>> finish_journal_check(pg::database& db, journal_check what, std::optional<journal::event> told);

} // namespace huiyin::upkeep
