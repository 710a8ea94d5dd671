#pragma once

#include <huiyin/ticket/commit.hpp>
#include <huiyin/ticket/configuration.hpp>

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace huiyin::ticket {

/// What a new ticket is made of. Words are stored by the caller in the same batch (journal::store).
struct opening
{
    ticket_id id = ticket_id::make();
    /// `YYMMDD-NNNN`, unique.
    std::string number;
    customer_id customer;
    interaction_id interaction;
    std::string channel;
    /// A code of the pack. One that the pack does not know leaves the ticket to triage: nobody is turned away for a
    /// word (N13).
    std::string category;
    /// Of a matter without a category that the pack knows; empty: what the pack takes such a one for.
    std::optional<domain::ticket_type> type;
    bool confidential = false;
    bool customer_waiting = false;
    bool vip = false;
    std::optional<domain::text_ref> problem;
    std::optional<domain::text_ref> object;
    std::optional<domain::text_ref> desired_solution;
    std::optional<instant> occurred_at;
    /// Contacts given with this ticket: what tracking asks for.
    std::vector<party> parties;
    /// What the form asked besides, by field code: decides between departments.
    std::map<std::string, std::string> answers;
    /// The same customer has complained of the same before.
    bool repeat = false;
    std::optional<ticket_id> suspected_duplicate_of;
};

/// Row 1 of the state machine; pure. The result is to be committed with `commit`. Errors: those of domain::create.
result<commitment> open(const opening& what, const configuration& rules, const domain::actor& who, instant now);

} // namespace huiyin::ticket
