#include "effect_store.hpp"

#include <array>
#include <stdexcept>

namespace huiyin::outbox {

namespace {

constexpr std::array<std::pair<effect_state, std::string_view>, 7> state_names{{
    {effect_state::pending, "pending"},
    {effect_state::claimed, "claimed"},
    {effect_state::sent, "sent"},
    {effect_state::no_channel, "no_channel"},
    {effect_state::dead, "dead"},
    {effect_state::unknown_outcome, "unknown_outcome"},
    {effect_state::dropped, "dropped"},
}};

constexpr std::string_view lost = "claim_lost";

// The defaults of INSERT … SELECT … ORDER BY are evaluated after the sort, so seq rises in the order given.
constexpr pg::statement queue_effects{"outbox.queue", R"sql(
    INSERT INTO outbox_effect (id, channel, account_id, order_key, payload, on_record, state, next_attempt_at, cause,
                               queued_at, settled_at, to_journal)
    SELECT g.id, COALESCE(a.channel, g.channel), a.id, g.order_key, g.payload::jsonb, g.on_record,
           CASE WHEN a.id IS NULL THEN 'no_channel' ELSE 'pending' END, g.send_at,
           CASE WHEN a.id IS NULL THEN 'no_account' END, g.queued_at,
           CASE WHEN a.id IS NULL THEN g.queued_at END, a.id IS NULL AND g.on_record
      FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::uuid[], $5::text[], $6::boolean[], $7::timestamptz[],
                  $8::timestamptz[], $9::text[]) WITH ORDINALITY
           AS g(id, channel, account_id, order_key, payload, on_record, queued_at, send_at, otherwise, place)
           LEFT JOIN LATERAL (
               SELECT c.id, c.channel FROM outbox_account c
                WHERE c.channel IN (g.channel, g.otherwise) AND c.deleted_at IS NULL
                  AND (c.id = g.account_id OR g.account_id IS NULL AND c.active)
                ORDER BY c.channel <> g.channel, c.id LIMIT 1) a ON true
     ORDER BY g.place)sql"};

constexpr pg::statement plan_anew{"outbox.plan_anew", R"sql(
    SELECT set_config('plan_cache_mode', 'force_custom_plan', false), set_config('enable_seqscan', 'off', false))sql"};

constexpr pg::statement claim_effects{"outbox.claim", R"sql(
    WITH room AS MATERIALIZED (
        SELECT r.account_id, r.places
          FROM unnest($1::uuid[], $2::bigint[]) AS r(account_id, places)
               JOIN outbox_account a ON a.id = r.account_id AND a.active),
    due AS MATERIALIZED (
        SELECT d.id FROM room CROSS JOIN LATERAL (
            SELECT e.id FROM outbox_effect e
             WHERE e.account_id = room.account_id AND e.state = 'pending' AND e.next_attempt_at <= $3
               AND e.seq = (
                   SELECT f.seq FROM outbox_effect f
                    WHERE f.account_id = e.account_id AND f.order_key = e.order_key
                      AND f.state IN ('pending', 'claimed')
                    ORDER BY f.account_id, f.order_key, f.seq LIMIT 1)
             ORDER BY e.next_attempt_at, e.seq LIMIT room.places
               FOR UPDATE SKIP LOCKED) d)
    UPDATE outbox_effect e
       SET state = 'claimed', attempts = e.attempts + 1, fence = e.fence + 1,
           claimed_until = to_timestamp(extract(epoch from clock_timestamp()) + $4::float8)
      FROM due WHERE e.id = due.id
    RETURNING e.id, e.account_id, e.order_key, e.payload::text, e.attempts, e.fence, e.queued_at, e.on_record)sql"};

constexpr pg::statement settle_effects{"outbox.settle", R"sql(
    UPDATE outbox_effect e
       SET state = t.state, claimed_until = NULL, cause = t.cause, version = e.version + 1,
           next_attempt_at = COALESCE(t.next_attempt_at, e.next_attempt_at),
           settled_at = CASE WHEN t.state <> 'pending' THEN t.at END
      FROM unnest($1::uuid[], $2::bigint[], $3::text[], $4::timestamptz[], $5::timestamptz[], $6::text[])
           AS t(id, fence, state, at, next_attempt_at, cause)
     WHERE e.id = t.id AND e.fence = t.fence AND e.state = 'claimed'
    RETURNING e.id, e.channel, e.account_id, e.order_key, e.state, e.attempts, e.cause, e.on_record, e.version)sql"};

constexpr pg::statement take_back_claims{"outbox.take_back", R"sql(
    UPDATE outbox_effect e
       SET state = o.state, claimed_until = NULL, cause = $4, version = e.version + 1, next_attempt_at = $3,
           settled_at = CASE WHEN o.state <> 'pending' THEN $3::timestamptz END
      FROM (SELECT id, CASE WHEN NOT channel = ANY ($1::text[]) THEN 'unknown_outcome'
                            WHEN attempts >= $2 THEN 'dead' ELSE 'pending' END AS state
              FROM outbox_effect
             WHERE state = 'claimed' AND claimed_until < to_timestamp(extract(epoch from clock_timestamp()))
             ORDER BY claimed_until LIMIT 500 FOR UPDATE SKIP LOCKED) o
     WHERE e.id = o.id
    RETURNING e.id, e.channel, e.account_id, e.order_key, e.state, e.attempts, e.cause, e.on_record, e.version)sql"};

constexpr pg::statement settle_orphaned{"outbox.settle_orphans", R"sql(
    UPDATE outbox_effect e
       SET state = 'no_channel', cause = 'account_deleted', version = e.version + 1, settled_at = $1
      FROM (SELECT id FROM outbox_effect
             WHERE state = 'pending' AND account_id IN (SELECT id FROM outbox_account WHERE deleted_at IS NOT NULL)
             LIMIT 500 FOR UPDATE SKIP LOCKED) o
     WHERE e.id = o.id
    RETURNING e.id, e.channel, e.account_id, e.order_key, e.state, e.attempts, e.cause, e.on_record, e.version)sql"};

constexpr pg::statement take_to_journal{"outbox.take_to_journal", R"sql(
    UPDATE outbox_effect e SET to_journal = false
      FROM (SELECT id FROM outbox_effect WHERE to_journal ORDER BY seq LIMIT 500 FOR UPDATE SKIP LOCKED) o
     WHERE e.id = o.id
    RETURNING e.id, e.channel, e.account_id, e.order_key, e.state, e.attempts, e.cause, e.on_record, e.version)sql"};

constexpr pg::statement forget_effects{"outbox.forget", R"sql(
    DELETE FROM outbox_effect WHERE id IN (
        SELECT id FROM outbox_effect
         WHERE state IN ('sent', 'no_channel', 'dropped') AND NOT to_journal AND settled_at < $1
         LIMIT 2000))sql"};

constexpr pg::statement measure_backlog{"outbox.measure", R"sql(
    WITH open AS MATERIALIZED (
        SELECT state, next_attempt_at FROM outbox_effect
         WHERE state IN ('pending', 'claimed', 'dead', 'unknown_outcome') LIMIT 100000)
    SELECT count(*) FILTER (WHERE state = 'pending'), count(*) FILTER (WHERE state = 'claimed'),
           count(*) FILTER (WHERE state = 'dead'), count(*) FILTER (WHERE state = 'unknown_outcome'),
           min(next_attempt_at) FILTER (WHERE state = 'pending')
      FROM open)sql"};

settled settled_from(const pg::row& row)
{
    return {row.get<effect_id>(0),
            row.get<std::string>(1),
            row.get<std::optional<account_id>>(2),
            row.get<uuid>(3),
            effect_state_from(row.get<std::string_view>(4)),
            row.get<int>(5),
            row.get<std::optional<std::string>>(6).value_or(""),
            row.get<bool>(7),
            row.get<std::int64_t>(8)};
}

task<result<std::vector<settled>>> run_settling(pg::transaction& tx, const pg::statement& what, pg::params with)
{
    auto rows = co_await tx.run(what, std::move(with));
    if (!rows) co_return fail(rows.error());
    std::vector<settled> done;
    done.reserve(rows->size());
    for (const auto row : *rows)
        done.push_back(settled_from(row));
    co_return done;
}

} // namespace

std::string_view to_string(effect_state s)
{
    return state_names[static_cast<std::size_t>(s)].second;
}

effect_state effect_state_from(std::string_view text)
{
    for (const auto& [state, name] : state_names)
        if (name == text) return state;
    throw std::logic_error("unknown state of an effect");
}

void queue(pg::batch& to, const std::vector<effect>& effects)
{
    if (effects.empty()) return;
    std::vector<effect_id> ids;
    std::vector<std::string> channels, otherwise, payloads;
    std::vector<std::optional<account_id>> accounts;
    std::vector<uuid> keys;
    std::vector<bool> on_record;
    std::vector<instant> queued, due;
    for (const auto& each : effects) {
        ids.push_back(each.id);
        channels.push_back(each.channel);
        otherwise.push_back(each.otherwise);
        accounts.push_back(each.account);
        keys.push_back(each.order_key);
        payloads.push_back(each.payload);
        on_record.push_back(each.on_record);
        queued.push_back(each.queued_at);
        due.push_back(each.send_at.value_or(each.queued_at));
    }
    to.add(queue_effects, pg::params(ids, channels, accounts, keys, payloads, on_record, queued, due, otherwise));
}

task<result<void>> prepare(pg::duty& on)
{
    auto done = co_await on.run(plan_anew);
    if (!done) co_return fail(done.error());
    co_return result<void>{};
}

task<result<std::vector<claimed>>> claim(pg::duty& on, std::vector<std::pair<account_id, std::size_t>> room,
                                         instant now, std::chrono::milliseconds lease)
{
    std::vector<account_id> accounts;
    std::vector<std::size_t> places;
    for (const auto& [account, free] : room) {
        accounts.push_back(account);
        places.push_back(free);
    }
    const auto seconds = std::chrono::duration<double>(lease).count();
    auto rows = co_await on.run(claim_effects, pg::params(accounts, places, now, seconds));
    if (!rows) co_return fail(rows.error());
    std::vector<claimed> found;
    found.reserve(rows->size());
    for (const auto row : *rows)
        found.push_back({row.get<effect_id>(0), row.get<account_id>(1), row.get<uuid>(2), row.get<std::string>(3),
                         row.get<int>(4), row.get<std::int64_t>(5), row.get<instant>(6), row.get<bool>(7)});
    co_return found;
}

namespace {

pg::params params_of(const std::vector<settlement>& results)
{
    std::vector<effect_id> ids;
    std::vector<std::int64_t> fences;
    std::vector<std::string> states;
    std::vector<instant> times;
    std::vector<std::optional<instant>> next;
    std::vector<std::optional<std::string>> causes;
    for (const auto& each : results) {
        ids.push_back(each.id);
        fences.push_back(each.fence);
        states.emplace_back(to_string(each.state));
        times.push_back(each.at);
        next.push_back(each.state == effect_state::pending ? std::optional(each.next_attempt_at) : std::nullopt);
        causes.push_back(each.cause.empty() ? std::nullopt : std::optional(each.cause));
    }
    return pg::params(ids, fences, states, times, next, causes);
}

} // namespace

task<result<std::vector<settled>>> settle(pg::transaction& tx, std::vector<settlement> results)
{
    co_return co_await run_settling(tx, settle_effects, params_of(results));
}

task<result<std::size_t>> settle_alone(pg::duty& on, std::vector<settlement> results)
{
    auto rows = co_await on.run(settle_effects, params_of(results));
    if (!rows) co_return fail(rows.error());
    co_return rows->size();
}

task<result<std::vector<settled>>> take_back(pg::transaction& tx, std::vector<std::string> repeatable, int attempts,
                                             instant now)
{
    co_return co_await run_settling(tx, take_back_claims, pg::params(repeatable, attempts, now, lost));
}

task<result<std::vector<settled>>> settle_orphans(pg::transaction& tx, instant now)
{
    co_return co_await run_settling(tx, settle_orphaned, pg::params(now));
}

task<result<std::vector<settled>>> take_unjournalled(pg::transaction& tx)
{
    co_return co_await run_settling(tx, take_to_journal, {});
}

task<result<void>> forget_done(pg::duty& on, instant before)
{
    auto done = co_await on.run(forget_effects, pg::params(before));
    if (!done) co_return fail(done.error());
    co_return result<void>{};
}

task<result<backlog_numbers>> measure(pg::duty& on)
{
    auto rows = co_await on.run(measure_backlog);
    if (!rows) co_return fail(rows.error());
    const auto row = rows->front();
    co_return backlog_numbers{row.get<std::int64_t>(0), row.get<std::int64_t>(1), row.get<std::int64_t>(2),
                              row.get<std::int64_t>(3), row.get<std::optional<instant>>(4)};
}

} // namespace huiyin::outbox
