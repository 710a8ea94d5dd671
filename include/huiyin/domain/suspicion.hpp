#pragma once

#include <huiyin/base/time.hpp>
#include <huiyin/domain/ticket.hpp>
#include <huiyin/domain/ticket_names.hpp>

#include <chrono>
#include <optional>
#include <vector>

namespace huiyin::domain {

/// Signs that a ticket was finished for the clock, not for the customer. For quality staff to look at; none proves
/// anything.
enum class suspicion {
    closed_without_contact,     ///< Answered or closed, and no department reached the customer on record.
    completed_in_burst,         ///< Its handler completed many tickets at once, shortly before they were due.
    repeat_within_30d,          ///< The same customer complained of the same soon after the closing.
    answered_from_other_number, ///< The verdict came from a number that is not the customer's.
};
template <>
struct names<suspicion>
{
    static constexpr auto of = std::to_array<std::string_view>(
        {"closed_without_contact", "completed_in_burst", "repeat_within_30d", "answered_from_other_number"});
};

/// What a ticket does not know of its surroundings. An empty value means unknown and raises no suspicion.
struct surroundings
{
    /// Replies that this ticket's `replied_by` gave in the half hour before and after this one, this one included.
    int replies_around = 1;
    /// When the same customer next complained of the same.
    std::optional<instant> next_complaint_at;
    /// Whether the last verdict came from a number known as the customer's.
    std::optional<bool> answered_from_own_number;
};

/// From so many replies on it is a burst, if the reply came in the last tenth of the time it had.
constexpr int burst_of_replies = 5;

/// Imported and merged tickets are never suspicious.
std::vector<suspicion> suspicions(const ticket& t, const surroundings& facts);

} // namespace huiyin::domain
