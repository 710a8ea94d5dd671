#pragma once

#include <huiyin/ticket/callback_desk.hpp>

namespace huiyin::ticket {

struct found_callback
{
    due_callback what; ///< Without its ticket.
    std::string rows;  ///< As load_ticket() gives them.
};
/// Those whose time is before, or not before, `now`.
task<result<std::vector<found_callback>>> find_due_callbacks(pg::database& db, bool has_come, instant now,
                                                             std::optional<callback_place> after, std::size_t limit);

struct found_attempt
{
    made_callback what;
    bool confidential = false;
};
/// Since then, the latest first.
task<result<std::vector<found_attempt>>> find_made_callbacks(pg::database& db, instant since,
                                                             std::optional<callback_place> after, std::size_t limit);

} // namespace huiyin::ticket
