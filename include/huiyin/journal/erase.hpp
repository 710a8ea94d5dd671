#pragma once

#include <huiyin/base/id.hpp>
#include <huiyin/base/time.hpp>
#include <huiyin/domain/actor.hpp>
#include <huiyin/pg/database.hpp>

#include <cstdint>
#include <string_view>

namespace huiyin::journal {

/// The event that names erased texts: `{"texts":["<uuid>",…]}`, at most 1000 of them. Its subject is the customer.
constexpr std::string_view text_erased = "text_erased";
/// The event that names erased contacts of tickets by their digests: `{"parties":["<hex>",…]}`, at most 500 of them.
/// Its subject is the customer who is erased, whoever's the tickets are.
constexpr std::string_view parties_erased = "parties_erased";

struct erasure
{
    customer_id customer;
    /// The customer's version after the change that erases.
    std::int64_t customer_version = 0;
    domain::actor_kind by_kind = domain::actor_kind::system;
    uuid by;
    instant at;
};

/// Adds the one statement that removes body and salt of every text of the customer and appends `text_erased` for them
/// to a batch of the erasing transaction. Texts erased before stay as they are; without any left no event is appended.
/// It gives one row: the number of texts erased. Identities, names and search words are `record`'s to erase in the same
/// transaction.
void erase_texts(pg::batch& to, const erasure& what);

} // namespace huiyin::journal
