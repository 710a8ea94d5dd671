#pragma once

#include <huiyin/domain/decide.hpp>

#include <optional>
#include <string_view>
#include <vector>

namespace huiyin::ticket {

/// What an act would make of the ticket.
struct foreseen_state
{
    domain::ticket_status status = domain::ticket_status::registered;
    int rework_cycle = 0;
    /// The customer's clock that runs then.
    std::optional<domain::deadline_kind> clock;
    std::optional<instant> due_at;
};

/// Whether somebody may do something to a ticket now.
struct standing_action
{
    std::string_view name; ///< The last part of its route: "acceptance".
    /// Empty where he may. `not_found` where it is not his to do at all; `wrong_state` where nothing waits for it,
    /// whoever asks.
    std::optional<error> refusal;
    /// Of what opens the matter again, where he may: a reopening, a verdict of a customer who is not content.
    std::optional<foreseen_state> preview = std::nullopt;
};

/// Tries every action that people have, with arguments that fit wherever some do, and keeps nothing: what refuses then
/// is the ticket's state, or who asks. Pure.
std::vector<standing_action> try_actions(const domain::ticket& t, const domain::policy& p, const domain::actor& who,
                                         instant now);

} // namespace huiyin::ticket
