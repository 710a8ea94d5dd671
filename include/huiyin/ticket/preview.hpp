#pragma once

#include <huiyin/domain/deadline.hpp>
#include <huiyin/pg/database.hpp>
#include <huiyin/ticket/configuration.hpp>

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace huiyin::ticket {

/// After whose end a clock begins; none: with the complaint. A rework, an urge, a promise or a hold begin when they
/// come.
std::optional<domain::deadline_kind> begins_after(domain::deadline_kind kind, bool resolve_from_created);
/// Whether the clock stands still while the ticket is on hold.
bool stands_still_on_hold(domain::deadline_kind kind);

struct foreseen_step
{
    domain::ladder_step step;
    instant at;
};

/// A clock of a ticket that does not exist, each begun at the latest moment for what comes before it.
struct foreseen_clock
{
    domain::deadline deadline;
    std::optional<domain::deadline_kind> after;
    /// It may move when the holidays of a year are loaded.
    bool provisional = false;
    std::vector<foreseen_step> steps; ///< As far as the fifth workday after it was due.
};

/// The clocks that a complaint of this category, received then, would have until it is closed in its first round. The
/// first are those of `open`. `answers` by field code. Errors: `category_unknown`, those of `open`.
result<std::vector<foreseen_clock>> foresee_clocks(const configuration& rules, std::string_view category,
                                                   const std::map<std::string, std::string>& answers,
                                                   instant received_at);

struct recount_forecast
{
    std::size_t tickets = 0;
    bool more = false; ///< Than could be counted.
};
/// How many open tickets would have a clock counted anew if `after` followed `before`: their targets or a calendar
/// differ. Counts at most `limit` by targets, and as many by each calendar.
task<result<recount_forecast>> foresee_recount(pg::database& db, const configuration& before,
                                               const configuration& after, std::size_t limit = 1000);

} // namespace huiyin::ticket
