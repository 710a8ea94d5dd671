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
    /// Kinds of contact that the customer gave with the ticket, by which he is told what the decision tells him; of a
    /// new ticket those of `parties`. `find_ways` fills them for existing ones.
    std::vector<std::string> ways;
    /// In which he is written to.
    std::string language = "zh-CN";
    /// That it gets by the decision: a new one, and one that another is merged into. The event names parties by salted
    /// digest, interactions by id.
    std::vector<party> parties;
    std::vector<interaction_id> interactions;
};

/// The one way a ticket changes: adds to a batch of the changing transaction all that saves the decisions: rows,
/// deadlines, journal, notices, messages to the customer (outbox). A constant number of statements for any number of
/// decisions. The texts they name must be stored in the same transaction; existing tickets must be locked by it.
void commit(pg::batch& to, const std::vector<commitment>& all);
/// The same for many of them: what else waits for this reactor goes between one and the next.
task<> commit_in_turns(pg::batch& to, const std::vector<commitment>& all);

/// Fills `ways` and `language` of commitments to existing tickets where they have messages; asks nothing where none
/// has. The tickets must be locked.
task<result<void>> find_ways(pg::transaction& tx, std::vector<commitment>& all);

} // namespace huiyin::ticket
