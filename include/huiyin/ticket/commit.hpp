#pragma once

#include <huiyin/domain/decide.hpp>
#include <huiyin/pg/database.hpp>

#include <optional>
#include <string>
#include <vector>

namespace huiyin::ticket {

class configuration;

/// A contact given with a ticket, normalised as identities are.
struct party
{
    std::string kind; ///< "phone" or "email"
    std::string value;
};

/// One decision on its way into the database.
struct commitment
{
    domain::decision decided;
    /// As it was; empty for a new ticket.
    std::optional<domain::ticket> before;
    /// The id of the decision's first event, which keeps the changed columns and from which answers are rendered.
    event_id event = event_id::make();
    /// By whose calendars notices that are not urgent wait for their receivers' working hours; nullptr: none waits.
    const configuration* rules = nullptr;
    /// The ticket that was merged into it: its parties and interactions are from now on this one's, too.
    std::optional<ticket_id> absorbed;
    /// For a new ticket.
    std::vector<party> parties;
    std::vector<interaction_id> interactions;
};

/// The one way a ticket changes: adds to a batch of the changing transaction all that saves the decisions: rows,
/// deadlines, journal, notices. A constant number of statements for any number of decisions. The texts they name must
/// be stored in the same transaction; existing tickets must be locked by it.
void commit(pg::batch& to, const std::vector<commitment>& all);

} // namespace huiyin::ticket
