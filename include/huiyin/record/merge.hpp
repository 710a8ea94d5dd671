#pragma once

#include <huiyin/base/id.hpp>
#include <huiyin/base/time.hpp>
#include <huiyin/domain/actor.hpp>
#include <huiyin/pg/database.hpp>
#include <huiyin/record/person.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace huiyin::record {

/// Up to when after it a merge can be undone.
constexpr std::chrono::days undo_within{30};
/// What one merge may move of each kind; tickets are rewritten one by one, the rest by one statement each.
constexpr std::size_t most_moved_tickets = 500;
constexpr std::size_t most_moved_rows = 20'000;

/// How ids move from customer to customer, on whose behalf and when.
struct moving
{
    uuid merge;
    customer_id from;
    customer_id to;
    domain::actor by;
    instant now;
};

/// The tickets' part of a merge, in its transaction: `ticket` implements it.
class ticket_mover
{
public:
    virtual ~ticket_mover() = default;
    /// Locks all tickets of this customer in the order of their ids. At most most_moved_tickets + 1.
    virtual task<result<std::vector<ticket_id>>> lock_all(pg::transaction& in, customer_id of) = 0;
    /// Locks those of `which` that are this customer's, in the order of their ids.
    virtual task<result<std::vector<ticket_id>>> lock(pg::transaction& in, std::vector<ticket_id> which,
                                                      customer_id of) = 0;
    /// Makes `to` the customer of these locked tickets, with an event for each, and the owner of their words.
    virtual task<result<void>> move(pg::transaction& in, std::vector<ticket_id> which, moving how) = 0;
};

struct merge_side
{
    record::customer customer;
    std::size_t interactions = 0;
    std::size_t entries = 0;
    std::size_t texts = 0;
};

/// What merging `source` into `target` would do to this module's rows.
struct merge_preview
{
    merge_side source;
    merge_side target;
    /// What differs and how it ends: "kind" (a person and an organisation), "name" and "profile" (the target's stays),
    /// "conversation" (both have an open one on the same channel and account). None of them stands in the way.
    std::vector<std::string> conflicts;
};

/// Errors: not_found (the source), invalid_field `into` (no such target, or the same customer), erased, customer_merged
/// (one of them is a stub; fact merged_into), those of the database.
task<result<merge_preview>> preview_merge(pg::database& from, customer_id source, customer_id target);

struct merged
{
    uuid merge;
    customer_id source;
    customer_id target;
    std::int64_t source_version = 0;
    std::int64_t target_version = 0;
    instant at;
    std::size_t identities = 0;
    std::size_t interactions = 0;
    std::size_t texts = 0;
    std::size_t tickets = 0;
};

/// Moves all that the source has to the target in one transaction; the source stays as a stub without a name that
/// points on. Its open conversations are closed, so that nothing new hangs on what an undo would take back. The name is
/// kept as words that the target owns, so that erasing the target erases it, too. Locks: identities, both customers in
/// the order of their ids, tickets. Whoever calls has asked `may`. `seen`: the source's version that he saw. Errors: as
/// preview_merge; stale_version, limit_reached, serialization_failure (after ten attempts at a record that would not
/// hold still).
task<result<merged>> merge_customers(pg::database& in, customer_id source, customer_id target, std::int64_t seen,
                                     domain::actor by, const clock& time, ticket_mover& tickets);

/// Moves exactly what the merge moved back to the source, with the entries of those interactions and the words of those
/// tickets that came meanwhile; whatever else came after the merge stays with the target.
/// Errors: not_found, stale_version, wrong_state (not merged), undo_window_over, erased, customer_merged (the target
/// has been merged itself: that must be undone first; fact merged_into).
task<result<merged>> undo_merge(pg::database& in, customer_id source, std::int64_t seen, domain::actor by,
                                const clock& time, ticket_mover& tickets);

/// The customer that this one was merged into, at the end of the chain; empty where it is no stub, or is not there.
task<result<std::optional<customer_id>>> find_heir(pg::database& from, customer_id of);

} // namespace huiyin::record
