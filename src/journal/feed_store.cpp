#include "feed_store.hpp"

namespace huiyin::journal {

namespace {

// Every transaction below the snapshot's xmin has ended, so no event can still appear there: what is read in this order
// is final, whoever reads it. The index is event_feed.
constexpr pg::statement give_next_positions{"journal.give_positions", R"sql(
    WITH held AS (SELECT FROM duty_lease WHERE name = $1 AND fence = $2),
    last AS (
        SELECT p.pos, e.xid, e.seq FROM event_pos p JOIN event e ON e.seq = p.seq ORDER BY p.pos DESC LIMIT 1),
    next AS (
        SELECT seq, row_number() OVER (ORDER BY xid, seq) AS place
          FROM event
         WHERE (xid, seq) > (COALESCE((SELECT xid FROM last), '0'), COALESCE((SELECT seq FROM last), 0))
           AND xid < pg_snapshot_xmin(pg_current_snapshot())
         ORDER BY xid, seq LIMIT $3),
    given AS (
        INSERT INTO event_pos (pos, seq)
        SELECT COALESCE((SELECT pos FROM last), 0) + place, seq FROM next WHERE EXISTS (SELECT FROM held)
        RETURNING pos)
    SELECT EXISTS (SELECT FROM held), (SELECT count(*) FROM given))sql"};

constexpr pg::statement measure_lag{"journal.feed_lag", R"sql(
    WITH last AS (
        SELECT e.xid, e.seq FROM event_pos p JOIN event e ON e.seq = p.seq ORDER BY p.pos DESC LIMIT 1),
    waiting AS (
        SELECT recorded_at FROM event
         WHERE (xid, seq) > (COALESCE((SELECT xid FROM last), '0'), COALESCE((SELECT seq FROM last), 0))
         ORDER BY xid, seq LIMIT 10000)
    SELECT count(*), min(recorded_at),
           EXISTS (SELECT FROM event WHERE xid >= pg_snapshot_xmax(pg_current_snapshot()))
      FROM waiting)sql"};

constexpr pg::statement find_head{"journal.head", "SELECT COALESCE(max(pos), 0) FROM event_pos"};
constexpr pg::statement send_hint{"journal.hint", "SELECT pg_notify($1, '')"};

} // namespace

task<result<std::size_t>> give_positions(const runner& on, std::int64_t fence)
{
    auto rows = co_await on(give_next_positions, pg::params(sequencer_duty, fence, feed_batch));
    if (!rows) co_return fail(rows.error());
    if (!rows->front().get<bool>(0)) co_return fail(errc::wrong_state, "the duty has changed hands");
    co_return rows->front().get<std::size_t>(1);
}

task<result<feed_lag>> read_feed_lag(const runner& on)
{
    auto rows = co_await on(measure_lag, {});
    if (!rows) co_return fail(rows.error());
    const auto row = rows->front();
    co_return feed_lag{row.get<std::int64_t>(0), row.get<std::optional<instant>>(1), row.get<bool>(2)};
}

task<result<std::int64_t>> read_head(const runner& on)
{
    auto rows = co_await on(find_head, {});
    if (!rows) co_return fail(rows.error());
    co_return rows->front().get<std::int64_t>(0);
}

task<result<void>> hint(const runner& on, std::string_view channel)
{
    auto rows = co_await on(send_hint, pg::params(channel));
    if (!rows) co_return fail(rows.error());
    co_return result<void>{};
}

} // namespace huiyin::journal
