#pragma once

#include <huiyin/base/id.hpp>
#include <huiyin/base/time.hpp>
#include <huiyin/pg/database.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace huiyin::outbox {

using effect_id = id<struct effect_tag>;

enum class effect_state {
    pending,
    claimed,
    sent,
    no_channel,      ///< There was no account to send it through.
    dead,            ///< Given up; waits for a person.
    unknown_outcome, ///< The peer may have taken it: waits for a person, since sending again could send twice.
    dropped,         ///< By a person, who gave a reason.
};
std::string_view to_string(effect_state s);

/// Something that shall leave the house. Its id is made before the first attempt and stays over all of them, so that a
/// peer can tell a repeat.
struct effect
{
    effect_id id = effect_id::make();
    /// "webhook", "mail" …
    std::string channel;
    /// The channel instead where that one has no account; empty: none.
    std::string otherwise;
    /// None: the channel's oldest active account.
    std::optional<account_id> account;
    /// The ticket or other subject: effects of one account and order key leave in the order in which they were queued,
    /// one at a time. Who queues holds that subject's lock, or the order is that of nobody.
    uuid order_key;
    /// A JSON object of ids and codes, never words: the sender reads them when it sends.
    std::string payload = "{}";
    instant queued_at;
    /// Not before; none: at once.
    std::optional<instant> send_at;
    /// Whether `outbox.sent` and `outbox.no_channel` go into the journal, as for a message to a customer. What needs a
    /// person is journalled always.
    bool on_record = true;
};

/// Adds the one statement that queues `effects`, in their order, to a batch of the transaction that causes them. An
/// effect whose channel has no account is settled `no_channel` by the same statement.
void queue(pg::batch& to, const std::vector<effect>& effects);

} // namespace huiyin::outbox
