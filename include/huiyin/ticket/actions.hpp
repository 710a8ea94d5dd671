#pragma once

#include <huiyin/domain/decide.hpp>

#include <optional>
#include <string_view>
#include <vector>

namespace huiyin::ticket {

/// Whether somebody may do something to a ticket now.
struct standing_action
{
    std::string_view name; ///< The last part of its route: "acceptance".
    /// Empty where he may. `not_found` where it is not his to do at all.
    std::optional<error> refusal;
};

/// Tries every action that people have, with arguments that fit wherever some do, and keeps nothing: what refuses then
/// is the ticket's state, or who asks. Pure.
std::vector<standing_action> try_actions(const domain::ticket& t, const domain::policy& p, const domain::actor& who,
                                         instant now);

} // namespace huiyin::ticket
