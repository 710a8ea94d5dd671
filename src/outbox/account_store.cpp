#include "account_store.hpp"

namespace huiyin::outbox {

namespace {

constexpr pg::statement list_active{"outbox_account.list_active", R"sql(
    SELECT a.id, a.channel, a.name, a.settings::text, a.active, a.version, a.created_at, a.changed_at, c.pos
      FROM outbox_account a LEFT JOIN outbox_cursor c ON c.account_id = a.id
     WHERE a.active ORDER BY a.id LIMIT 1000)sql"};

constexpr pg::statement list_of_channel{"outbox_account.list", R"sql(
    SELECT a.id, a.channel, a.name, a.settings::text, a.active, a.version, a.created_at, a.changed_at, c.pos,
           a.changed_by, n.open, n.dead
      FROM outbox_account a LEFT JOIN outbox_cursor c ON c.account_id = a.id
           CROSS JOIN LATERAL (
               SELECT count(*) FILTER (WHERE b.state IN ('pending', 'claimed')) AS open,
                      count(*) FILTER (WHERE b.state IN ('dead', 'unknown_outcome')) AS dead
                 FROM (SELECT e.state FROM outbox_effect e
                        WHERE e.account_id = a.id AND e.state IN ('pending', 'claimed', 'dead', 'unknown_outcome')
                        LIMIT 100000) b) n
     WHERE a.channel = $1 AND a.deleted_at IS NULL AND ($2::uuid IS NULL OR a.id = $2)
     ORDER BY a.id LIMIT 1000)sql"};

constexpr pg::statement lock_row{"outbox_account.lock", R"sql(
    SELECT a.id, a.channel, a.name, a.settings::text, a.active, a.version, a.created_at, a.changed_at,
           (SELECT pos FROM outbox_cursor WHERE account_id = a.id), a.changed_by
      FROM outbox_account a
     WHERE a.id = $1 AND a.channel = $2 AND a.deleted_at IS NULL FOR NO KEY UPDATE)sql"};

// The lock makes those who create at once wait for each other, so that none passes the bound.
constexpr pg::statement lock_channel{"outbox_account.lock_channel", R"sql(
    SELECT pg_advisory_xact_lock(hashtextextended('huiyin outbox ' || $1, 0)))sql"};
constexpr pg::statement count_of_channel{"outbox_account.count", R"sql(
    SELECT count(*) FROM outbox_account WHERE channel = $1 AND deleted_at IS NULL)sql"};

constexpr pg::statement insert_row{"outbox_account.insert", R"sql(
    INSERT INTO outbox_account (id, channel, name, settings, active, version, created_at, changed_at, changed_by)
    VALUES ($1, $2, $3, $4::jsonb, $5, $6, $7, $7, $8))sql"};

constexpr pg::statement insert_cursor{"outbox_cursor.insert", R"sql(
    INSERT INTO outbox_cursor (account_id, pos) SELECT $1, COALESCE(max(pos), 0) FROM event_pos)sql"};

constexpr pg::statement save_row{"outbox_account.save", R"sql(
    UPDATE outbox_account SET name = $2, settings = $3::jsonb, active = $4, version = $5, changed_at = $6, changed_by = $7
     WHERE id = $1)sql"};

constexpr pg::statement delete_row{"outbox_account.delete", R"sql(
    UPDATE outbox_account SET active = false, deleted_at = $3, version = $2, changed_at = $3, changed_by = $4
     WHERE id = $1)sql"};

constexpr pg::statement set_back{"outbox_cursor.set_back", R"sql(
    UPDATE outbox_cursor SET pos = $2 WHERE account_id = $1 AND pos >= $2)sql"};

constexpr pg::statement move_row{"outbox_cursor.move", R"sql(
    UPDATE outbox_cursor SET pos = $3 WHERE account_id = $1 AND pos = $2 RETURNING pos)sql"};

constexpr pg::statement find_recorded{"outbox_cursor.find_place", R"sql(
    SELECT p.pos, e.recorded_at FROM event_pos p JOIN event e ON e.seq = p.seq
     WHERE p.pos >= $1 ORDER BY p.pos LIMIT 1)sql"};

constexpr pg::statement find_last{"outbox_cursor.find_head", "SELECT COALESCE(max(pos), 0) FROM event_pos"};

// As every follower of the journal does: never by seq.
constexpr pg::statement read_events{"outbox_cursor.read_feed", R"sql(
    SELECT p.pos, e.id, e.kind, e.subject, e.subject_version, e.at, e.confidential
      FROM event_pos p JOIN event e ON e.seq = p.seq
     WHERE p.pos > $1 ORDER BY p.pos LIMIT $2)sql"};

constexpr pg::statement count_effects{"outbox_cursor.count_backlog", R"sql(
    SELECT count(*) FROM (
        SELECT FROM outbox_effect
         WHERE account_id = $1 AND state IN ('pending', 'claimed', 'dead', 'unknown_outcome') LIMIT $2) b)sql"};

account_row row_from(const pg::row& row)
{
    account_row found;
    found.account = {row.get<account_id>(0), row.get<std::string>(1),  row.get<std::string>(2), row.get<std::string>(3),
                     row.get<bool>(4),       row.get<std::int64_t>(5), row.get<instant>(6),     row.get<instant>(7)};
    found.pos = row.get<std::optional<std::int64_t>>(8);
    return found;
}

std::int64_t number_of(const pg::rows& rows)
{
    return rows.front().get<std::int64_t>(0);
}

} // namespace

task<result<std::vector<account_row>>> read_active_accounts(pg::duty& on)
{
    auto rows = co_await on.run(list_active);
    if (!rows) co_return fail(rows.error());
    std::vector<account_row> found;
    for (const auto row : *rows)
        found.push_back(row_from(row));
    co_return found;
}

task<result<std::vector<account_row>>> read_accounts(pg::database& db, std::string channel,
                                                     std::optional<account_id> only)
{
    auto rows = co_await db.run(list_of_channel, pg::params(channel, only));
    if (!rows) co_return fail(rows.error());
    std::vector<account_row> found;
    for (const auto row : *rows) {
        found.push_back(row_from(row));
        found.back().changed_by = row.get<std::optional<uuid>>(9);
        found.back().open = row.get<std::int64_t>(10);
        found.back().dead = row.get<std::int64_t>(11);
    }
    co_return found;
}

task<result<std::optional<account_row>>> lock_account(pg::transaction& tx, std::string channel, account_id id)
{
    auto rows = co_await tx.run(lock_row, pg::params(id, channel));
    if (!rows) co_return fail(rows.error());
    if (rows->empty()) co_return std::nullopt;
    auto found = row_from(rows->front());
    found.changed_by = rows->front().get<std::optional<uuid>>(9);
    co_return found;
}

task<result<std::int64_t>> count_accounts(pg::transaction& tx, std::string channel)
{
    auto locked = co_await tx.run(lock_channel, pg::params(channel));
    if (!locked) co_return fail(locked.error());
    auto rows = co_await tx.run(count_of_channel, pg::params(channel));
    if (!rows) co_return fail(rows.error());
    co_return number_of(*rows);
}

void insert_follower(pg::batch& to, const account& made, std::optional<uuid> by)
{
    to.add(insert_row,
           pg::params(made.id, made.channel, made.name, made.settings, made.active, made.version, made.created_at, by));
    to.add(insert_cursor, pg::params(made.id));
}

void save_account(pg::batch& to, const account& changed, std::optional<uuid> by)
{
    to.add(save_row, pg::params(changed.id, changed.name, changed.settings, changed.active, changed.version,
                                changed.changed_at, by));
}

void save_account_deleted(pg::batch& to, const account& gone, std::optional<uuid> by)
{
    to.add(delete_row, pg::params(gone.id, gone.version, gone.changed_at, by));
}

task<result<bool>> set_cursor_back(pg::transaction& tx, account_id of, std::int64_t pos)
{
    auto rows = co_await tx.run(set_back, pg::params(of, pos));
    if (!rows) co_return fail(rows.error());
    co_return rows->affected() == 1;
}

task<result<std::optional<feed_place>>> find_place(pg::database& db, std::int64_t pos)
{
    auto rows = co_await db.run(find_recorded, pg::params(pos));
    if (!rows) co_return fail(rows.error());
    if (rows->empty()) co_return std::nullopt;
    co_return feed_place{rows->front().get<std::int64_t>(0), rows->front().get<instant>(1)};
}

task<result<std::int64_t>> find_head(pg::database& db)
{
    auto rows = co_await db.run(find_last);
    if (!rows) co_return fail(rows.error());
    co_return number_of(*rows);
}

task<result<std::int64_t>> read_head(pg::duty& on)
{
    auto rows = co_await on.run(find_last);
    if (!rows) co_return fail(rows.error());
    co_return number_of(*rows);
}

task<result<std::vector<feed_event>>> read_feed(pg::duty& on, std::int64_t after, std::size_t limit)
{
    auto rows = co_await on.run(read_events, pg::params(after, limit));
    if (!rows) co_return fail(rows.error());
    std::vector<feed_event> events;
    events.reserve(rows->size());
    for (const auto row : *rows)
        events.push_back({row.get<std::int64_t>(0), row.get<uuid>(1), row.get<std::string>(2), row.get<uuid>(3),
                          row.get<std::int64_t>(4), row.get<instant>(5), row.get<bool>(6)});
    co_return events;
}

task<result<std::size_t>> count_backlog(pg::duty& on, account_id of, std::size_t limit)
{
    auto rows = co_await on.run(count_effects, pg::params(of, limit));
    if (!rows) co_return fail(rows.error());
    co_return rows->front().get<std::size_t>(0);
}

task<result<bool>> move_cursor(pg::transaction& tx, account_id of, std::int64_t from, std::int64_t to)
{
    auto rows = co_await tx.run(move_row, pg::params(of, from, to));
    if (!rows) co_return fail(rows.error());
    co_return !rows->empty();
}

} // namespace huiyin::outbox
