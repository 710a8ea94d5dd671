#pragma once

#include <huiyin/outbox/engine.hpp>
#include <huiyin/pg/duty.hpp>

#include <string>
#include <utility>
#include <vector>

namespace huiyin::outbox {

/// What the engine asks of its tables, on the duty's connection.

struct claimed
{
    effect_id id;
    account_id account;
    uuid order_key;
    std::string payload;
    int attempt = 1;
    std::int64_t fence = 0;
    instant queued_at;
    bool on_record = false;
};

/// What came of a claim.
struct settlement
{
    effect_id id;
    std::int64_t fence = 0;
    effect_state state = effect_state::sent;
    instant at;
    /// Of `pending`.
    instant next_attempt_at;
    std::string cause;
};

/// An effect that left `claimed`, or `pending` without a claim.
struct settled
{
    effect_id id;
    std::string channel;
    std::optional<account_id> account;
    uuid order_key;
    effect_state state = effect_state::sent;
    int attempts = 0;
    std::string cause;
    bool on_record = false;
    std::int64_t version = 1;
};

/// Plans of these statements are made anew each time, with indexes wherever there are some: a plan kept from when the
/// tables were empty reads them whole.
task<result<void>> prepare(pg::duty& on);
/// Up to `room.second` effects of each account, oldest due first, none whose order key has an earlier one open.
task<result<std::vector<claimed>>> claim(pg::duty& on, std::vector<std::pair<account_id, std::size_t>> room,
                                         instant now, std::chrono::milliseconds lease);
/// Those whose fence is still theirs; a stale claimer's are left out.
task<result<std::vector<settled>>> settle(pg::transaction& tx, std::vector<settlement> results);
/// The same as a transaction of its own, where the journal has nothing to say of them.
task<result<std::size_t>> settle_alone(pg::duty& on, std::vector<settlement> results);
/// Claims whose time is over: pending again where the channel is one of `repeatable`, `unknown_outcome` elsewhere, dead
/// after `attempts`. At most 500.
task<result<std::vector<settled>>> take_back(pg::transaction& tx, std::vector<std::string> repeatable, int attempts,
                                             instant now);
/// What waits for deleted accounts is `no_channel`. At most 500.
task<result<std::vector<settled>>> settle_orphans(pg::transaction& tx, instant now);
/// Effects settled by `queue` that the journal does not know yet; it does when the transaction commits. At most 500.
task<result<std::vector<settled>>> take_unjournalled(pg::transaction& tx);
/// Deletes at most 2000 that were done before.
task<result<void>> forget_done(pg::duty& on, instant before);

struct backlog_numbers
{
    std::int64_t pending = 0, claimed = 0, dead = 0, unknown = 0;
    std::optional<instant> oldest_due;
};
task<result<backlog_numbers>> measure(pg::duty& on);

effect_state effect_state_from(std::string_view text);

} // namespace huiyin::outbox
