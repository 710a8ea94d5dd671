#include <huiyin/domain/suspicion.hpp>

#include <algorithm>

namespace huiyin::domain {

namespace {

/// Of the clock that the reply answered: the last one of the customer's.
bool was_last_minute(const ticket& t)
{
    const auto clock = std::ranges::find_if(t.deadlines.rbegin(), t.deadlines.rend(), [](const auto& d) {
        return d.kind == deadline_kind::resolve || d.kind == deadline_kind::rework;
    });
    if (clock == t.deadlines.rend() || !t.replied_at) return false;
    return *t.replied_at <= clock->due_at && clock->due_at - *t.replied_at <= (clock->due_at - clock->started_at) / 10;
}

} // namespace

std::vector<suspicion> suspicions(const ticket& t, const surroundings& facts)
{
    std::vector<suspicion> found;
    if (t.imported || t.status == ticket_status::merged) return found;
    const bool reached = std::ranges::any_of(t.contacts, [](const auto& c) { return c.by_lead && c.reached; });
    if (t.replied_at && !reached) found.push_back(suspicion::closed_without_contact);
    if (facts.replies_around >= burst_of_replies && was_last_minute(t)) found.push_back(suspicion::completed_in_burst);
    if (t.closed_at && facts.next_complaint_at && *facts.next_complaint_at >= *t.closed_at &&
        *facts.next_complaint_at <= *t.closed_at + std::chrono::days(30))
        found.push_back(suspicion::repeat_within_30d);
    if (facts.answered_from_own_number == false) found.push_back(suspicion::answered_from_other_number);
    return found;
}

} // namespace huiyin::domain
