#include "effect_store.hpp"
#include "events.hpp"

#include <huiyin/base/text.hpp>
#include <huiyin/outbox/dead_letter.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>

namespace huiyin::outbox {

using nlohmann::json;

namespace {

constexpr pg::statement list_letters{"dead_letter.list", R"sql(
    SELECT e.id, e.channel, e.account_id, a.name, e.order_key, e.payload::text, e.state, e.attempts,
           COALESCE(e.cause, ''), e.queued_at, e.settled_at, e.version
      FROM outbox_effect e JOIN outbox_account a ON a.id = e.account_id
     WHERE e.state IN ('dead', 'unknown_outcome') AND ($1::uuid IS NULL OR e.id < $1)
       AND ($2::uuid IS NULL OR e.account_id = $2)
     ORDER BY e.id DESC LIMIT $3)sql"};

constexpr pg::statement lock_letter{"dead_letter.lock", R"sql(
    SELECT e.state, e.version, a.deleted_at IS NOT NULL
      FROM outbox_effect e LEFT JOIN outbox_account a ON a.id = e.account_id
     WHERE e.id = $1 FOR NO KEY UPDATE OF e)sql"};

// Behind what waits for the same order key: order is that of queueing, and this queues it anew.
constexpr pg::statement queue_again{"dead_letter.queue_again", R"sql(
    UPDATE outbox_effect
       SET state = 'pending', seq = nextval('outbox_effect_seq_seq'), attempts = 0, next_attempt_at = $2,
           settled_at = NULL, version = $3
     WHERE id = $1)sql"};

constexpr pg::statement settle_letter{"dead_letter.settle", R"sql(
    UPDATE outbox_effect SET state = $3, settled_at = $2, version = $4 WHERE id = $1)sql"};

struct locked_letter
{
    effect_state state;
    std::int64_t version;
    bool account_deleted;
};

/// The letter, locked, unless it is none any more.
task<result<locked_letter>> lock(pg::transaction& tx, effect_id id)
{
    auto rows = co_await tx.run(lock_letter, pg::params(id));
    if (!rows) co_return fail(rows.error());
    if (rows->empty()) co_return fail(errc::not_found);
    const auto row = rows->front();
    locked_letter found{effect_state_from(row.get<std::string_view>(0)), row.get<std::int64_t>(1), row.get<bool>(2)};
    if (found.state != effect_state::dead && found.state != effect_state::unknown_outcome)
        co_return fail(error{errc::wrong_state, {}, {}}.with("state", std::string(to_string(found.state))));
    co_return found;
}

task<result<void>> commit(pg::transaction& tx, pg::batch last)
{
    auto committed = co_await tx.commit(std::move(last));
    if (!committed) co_return fail(committed.error());
    co_return result<void>{};
}

} // namespace

dead_letters::dead_letters(pg::database& db, const clock& time) : db_(db), clock_(time) {}

task<result<std::vector<dead_letter>>> dead_letters::list(std::optional<effect_id> before,
                                                          std::optional<account_id> account, std::size_t limit,
                                                          domain::actor who)
{
    if (!may_manage(who)) co_return fail(errc::not_found);
    auto rows = co_await db_.run(list_letters, pg::params(before, account, std::clamp<std::size_t>(limit, 1, 200)));
    if (!rows) co_return fail(rows.error());
    std::vector<dead_letter> letters;
    for (const auto row : *rows)
        letters.push_back({row.get<effect_id>(0), row.get<std::string>(1), row.get<account_id>(2),
                           row.get<std::string>(3), row.get<uuid>(4), row.get<std::string>(5),
                           effect_state_from(row.get<std::string_view>(6)), row.get<int>(7), row.get<std::string>(8),
                           row.get<instant>(9), row.get<instant>(10), row.get<std::int64_t>(11)});
    co_return letters;
}

task<result<void>> dead_letters::send_again(effect_id id, domain::actor who)
{
    if (!may_manage(who)) co_return fail(errc::not_found);
    auto tx = co_await db_.begin();
    if (!tx) co_return fail(tx.error());
    auto found = co_await lock(*tx, id);
    if (!found) co_return fail(found.error());
    if (found->account_deleted) co_return fail(error{errc::wrong_state, {}, {}}.with("account", "deleted"));
    const auto now = clock_.now();
    pg::batch last;
    last.add(queue_again, pg::params(id, now, found->version + 1));
    journal::append(last, {change(now, "outbox.sent_again", id.value(), found->version + 1, who,
                                  {{"state", "pending"}, {"was", to_string(found->state)}})});
    co_return co_await commit(*tx, std::move(last));
}

task<result<void>> dead_letters::settle_as_done(effect_id id, domain::actor who)
{
    if (!may_manage(who)) co_return fail(errc::not_found);
    auto tx = co_await db_.begin();
    if (!tx) co_return fail(tx.error());
    auto found = co_await lock(*tx, id);
    if (!found) co_return fail(found.error());
    if (found->state != effect_state::unknown_outcome)
        co_return fail(error{errc::wrong_state, {}, {}}.with("state", std::string(to_string(found->state))));
    const auto now = clock_.now();
    pg::batch last;
    last.add(settle_letter, pg::params(id, now, to_string(effect_state::sent), found->version + 1));
    journal::append(last, {change(now, "outbox.settled_by_hand", id.value(), found->version + 1, who,
                                  {{"state", "sent"}, {"was", to_string(found->state)}})});
    co_return co_await commit(*tx, std::move(last));
}

task<result<void>> dead_letters::drop(effect_id id, std::string reason, domain::actor who)
{
    if (!may_manage(who)) co_return fail(errc::not_found);
    const journal::words why{.body = std::string(trimmed(reason))};
    if (!is_storable_utf8(reason) || why.body.empty() || code_points(why.body) > 500)
        co_return fail(errc::reason_required);
    auto tx = co_await db_.begin();
    if (!tx) co_return fail(tx.error());
    auto found = co_await lock(*tx, id);
    if (!found) co_return fail(found.error());
    const auto now = clock_.now();
    pg::batch last;
    last.add(settle_letter, pg::params(id, now, to_string(effect_state::dropped), found->version + 1));
    journal::store(last, {why}, customer_id());
    journal::append(last,
                    {change(now, "outbox.dropped", id.value(), found->version + 1, who,
                            {{"state", "dropped"}, {"was", to_string(found->state)}, {"reason", reference(why)}})});
    co_return co_await commit(*tx, std::move(last));
}

} // namespace huiyin::outbox
