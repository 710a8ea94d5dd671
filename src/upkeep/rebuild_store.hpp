#pragma once

#include <huiyin/base/id.hpp>
#include <huiyin/pg/database.hpp>

#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace huiyin::upkeep {

/// About how many tickets there are.
task<result<std::int64_t>> count_tickets(pg::transaction& in);

/// The next tickets that the tables or the journal know, in the order of their ids.
task<result<std::vector<ticket_id>>> list_known_tickets(pg::transaction& in, ticket_id after, std::size_t limit);

/// Of one ticket, in the order of n.
using kept_rows = std::vector<std::string>;
/// By ticket and table, each row as JSON; of `ticket_party` its digest ("" without salt), of `ticket_interaction` the
/// id.
using kept_tickets = std::map<ticket_id, std::map<std::string, kept_rows, std::less<>>>;
task<result<kept_tickets>> load_kept_rows(pg::transaction& in, std::vector<ticket_id> tickets);

/// Those of these digests that an erasure names.
task<result<std::set<std::string, std::less<>>>> find_erased_parties(pg::transaction& in,
                                                                     std::vector<std::string> digests);

/// Gives `take` the data of each event of these tickets, per ticket in the order in which they were appended. How many.
task<result<std::int64_t>> read_ticket_events(pg::transaction& in, std::vector<ticket_id> tickets,
                                              const std::function<void(ticket_id, std::string_view)>& take);

} // namespace huiyin::upkeep
