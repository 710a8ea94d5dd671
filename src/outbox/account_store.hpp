#pragma once

#include <huiyin/outbox/sender.hpp>
#include <huiyin/pg/duty.hpp>

#include <optional>
#include <string>
#include <vector>

namespace huiyin::outbox {

struct account_row
{
    outbox::account account;
    /// Of one that follows the journal.
    std::optional<std::int64_t> pos;
    std::optional<uuid> changed_by;
    std::int64_t open = 0;
    std::int64_t dead = 0;
};

/// Those that are active, with their place in the journal.
task<result<std::vector<account_row>>> read_active_accounts(pg::duty& on);

/// All of a channel, or the one named, deleted ones not, with their backlogs.
task<result<std::vector<account_row>>> read_accounts(pg::database& db, std::string channel,
                                                     std::optional<account_id> only);
task<result<std::optional<account_row>>> lock_account(pg::transaction& tx, std::string channel, account_id id);
task<result<std::int64_t>> count_accounts(pg::transaction& tx, std::string channel);
/// A new account that follows the journal from its present head on.
void insert_follower(pg::batch& to, const account& made, std::optional<uuid> by);
/// Name, settings, active and version as given.
void save_account(pg::batch& to, const account& changed, std::optional<uuid> by);
void save_account_deleted(pg::batch& to, const account& gone, std::optional<uuid> by);
/// Sets the place back; false where it is before `pos` already.
task<result<bool>> set_cursor_back(pg::transaction& tx, account_id of, std::int64_t pos);

struct feed_place
{
    std::int64_t pos = 0;
    instant recorded_at;
};
/// The first event at `pos` or behind it.
task<result<std::optional<feed_place>>> find_place(pg::database& db, std::int64_t pos);
task<result<std::int64_t>> find_head(pg::database& db);

/// One event as a follower sees it.
struct feed_event
{
    std::int64_t pos = 0;
    uuid id;
    std::string kind;
    uuid subject;
    std::int64_t version = 0;
    instant at;
    bool confidential = false;
};
task<result<std::vector<feed_event>>> read_feed(pg::duty& on, std::int64_t after, std::size_t limit);
/// Effects of an account that are open or wait for a person, counted up to `limit`.
task<result<std::size_t>> count_backlog(pg::duty& on, account_id of, std::size_t limit);
/// False where somebody else has moved it meanwhile.
task<result<bool>> move_cursor(pg::transaction& tx, account_id of, std::int64_t from, std::int64_t to);
task<result<std::int64_t>> read_head(pg::duty& on);

} // namespace huiyin::outbox
