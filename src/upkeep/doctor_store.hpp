#pragma once

#include <huiyin/upkeep/doctor.hpp>

namespace huiyin::upkeep {

/// Every check that is one query: each row it gives is a violation.
task<result<std::vector<finding>>> run_queries(pg::database& db, instant now);

task<result<std::vector<ticket_id>>> list_ticket_ids(pg::database& db, ticket_id after, std::size_t limit);

} // namespace huiyin::upkeep
