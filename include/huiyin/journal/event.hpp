#pragma once

#include <huiyin/base/crypto.hpp>
#include <huiyin/base/id.hpp>
#include <huiyin/base/time.hpp>
#include <huiyin/domain/actor.hpp>
#include <huiyin/pg/database.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace huiyin::journal {

/// Who may learn that an event happened. Set by the service that appends it.
struct audience
{
    /// Departments that have or had the object, before and after the change.
    std::vector<department_id> departments;
    std::optional<user_id> assignee;
    bool confidential = false;
};

/// One change, appended inside the transaction that makes it. `data` is a JSON object with ids, codes, numbers, times
/// and the whole new value of each changed column, enough to rebuild the tables: never a name, address, phone number,
/// word or free-text reason. Words live in `text`; the event carries their id and digest.
struct event
{
    event_id id = event_id::make();
    /// Business time: of the clock, or an import's original.
    instant at;
    /// "ticket.dispatched": noun of the subject, then what happened.
    std::string kind;
    /// The ticket, customer, interaction, user … that changed.
    uuid subject;
    /// The subject's version after the change; feed order equals version order for one subject.
    std::int64_t subject_version = 0;
    domain::actor_kind actor_kind = domain::actor_kind::system;
    uuid actor;
    journal::audience audience;
    /// Serialised JSON object, at most 64 KiB.
    std::string data = "{}";
};

/// Adds the one statement that appends all of `events`, in their order, to a batch of the changing transaction.
void append(pg::batch& to, const std::vector<event>& events);

/// The erasable words of a person: stored once under an id, named in events by id and digest only.
struct words
{
    text_id id = text_id::make();
    std::vector<std::uint8_t> salt = random_bytes(16);
    /// Storable UTF-8.
    std::string body;

    /// SHA-256(salt ‖ body).
    sha256_digest digest() const;
};

/// Adds the one statement that stores all of `texts` to a batch. `customer` is whose words or whose case's words they
/// are, so that erasing the person finds them; nil for words about nobody.
void store(pg::batch& to, const std::vector<words>& texts, customer_id customer);
struct owned_words
{
    journal::words words;
    customer_id customer;
};
void store(pg::batch& to, const std::vector<owned_words>& texts);

} // namespace huiyin::journal
