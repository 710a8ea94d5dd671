#pragma once

#include <huiyin/base/time.hpp>
#include <huiyin/pg/database.hpp>
#include <huiyin/ticket/configuration.hpp>

#include <string>
#include <vector>

namespace huiyin::upkeep {

/// One promise or invariant, as the data keeps it.
struct finding
{
    /// "nothing_lost", "nothing_twice", "no_orphan" …
    std::string check;
    /// What it means, for people.
    std::string says;
    std::int64_t looked_at = 0;
    std::int64_t violations = 0;
    /// Ids and codes of the first few.
    std::vector<std::string> examples;
};

/// Checks every promise of docs/architecture.md that lives in the data, and the invariants of each ticket. Reads only,
/// in pages. The journal's own promise is `verify-journal`'s.
task<result<std::vector<finding>>> examine(pg::database& db, ticket::configurations& rules, instant now);

} // namespace huiyin::upkeep
