#pragma once

#include <huiyin/base/id.hpp>
#include <huiyin/base/time.hpp>
#include <huiyin/domain/actor.hpp>
#include <huiyin/journal/erase.hpp>
#include <huiyin/pg/database.hpp>
#include <huiyin/record/identity.hpp>

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace huiyin::record {

struct known_identity
{
    identity what;
    bool verified = false;
    instant since;
};

struct customer
{
    customer_id id;
    std::string kind;
    std::string name;
    std::int64_t version = 0;
    instant created_at;
    std::optional<instant> erased_at;
    std::vector<known_identity> identities;
    /// What the house notes of him.
    std::vector<std::string> tags;
    std::string note;
};

/// `not_found` when there is none. Merged ones answer themselves, with the identities they kept.
task<result<customer>> load_customer(pg::database& from, customer_id id);
/// The customer that this identity names; none is `not_found`.
task<result<customer_id>> find_customer(pg::database& from, const identity& by);

inline constexpr std::size_t most_tags = 20;
inline constexpr std::size_t longest_tag = 40;
inline constexpr std::size_t longest_note = 2000;

/// What is left out stays.
struct customer_changes
{
    std::optional<std::string> name;
    /// The whole new list; trimmed, each once, in the order given.
    std::optional<std::vector<std::string>> tags;
    std::optional<std::string> note;
};

/// Changes a customer, with an event customer.changed that names the new words by digest; nothing where nothing
/// differs. Whoever calls has asked `may`. `seen`: the version that he saw. Errors: not_found, stale_version,
/// customer_merged (fact merged_into), erased, invalid_field.
task<result<customer>> change_customer(pg::database& in, customer_id who, customer_changes changes, std::int64_t seen,
                                       domain::actor by, const clock& time);

/// What other modules keep of a person and must lose with him, added to the same transaction: a ticket's parties,
/// parked input. `identities` are the ones that are being removed.
using eraser =
    std::function<void(pg::batch& to, const journal::erasure& what, const std::vector<identity>& identities)>;

struct erased
{
    std::size_t identities = 0;
    std::size_t texts = 0;
    std::size_t attachments = 0;
};

/// Removes name, identities, words and attachments of a person in one transaction, and says so in the journal
/// (customer.erased and, for its sealed digests, text.erased). Rows, codes, times and numbers stay.
/// Errors: `not_found`, `erased` (already).
task<result<erased>> erase_person(pg::database& in, customer_id who, domain::actor by, instant now,
                                  std::vector<eraser> others = {});

/// Everything kept of a person in this module, as one JSON object: customer, identities, interactions with their
/// entries and words, attachments by id, name, size and SHA-256. At most 100,000 entries (`body_too_large`).
task<result<std::string>> export_person(pg::database& from, customer_id who);

} // namespace huiyin::record
