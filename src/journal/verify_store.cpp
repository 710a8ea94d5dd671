#include "verify_store.hpp"

#include <algorithm>

namespace huiyin::journal {

namespace {

// The digest is made by the database, so that a page of texts weighs the same whatever was written. The index is
// event_erasures.
constexpr pg::statement find_texts{"journal.texts_state", R"sql(
    SELECT t.id, sha256(t.salt || convert_to(t.body, 'UTF8')), told.at, told.actor
      FROM text t LEFT JOIN LATERAL (
           SELECT e.at, e.actor FROM event e
            WHERE e.kind = 'text_erased' AND e.data -> 'texts' ? t.id::text
              AND e.at = t.erased_at AND e.actor = t.erased_by LIMIT 1) told ON true
     WHERE t.id = ANY ($1::uuid[]))sql",
                                   std::chrono::milliseconds(30'000)};

constexpr pg::statement find_unpositioned{"journal.unpositioned", R"sql(
    WITH last AS (
        SELECT e.xid, e.seq FROM event_pos p JOIN event e ON e.seq = p.seq ORDER BY p.pos DESC LIMIT 1),
    page AS (
        SELECT seq, xid, recorded_at FROM event WHERE seq > $1 ORDER BY seq LIMIT 1000)
    SELECT g.seq, extract(epoch FROM g.recorded_at)::text,
           COALESCE((g.xid, g.seq) < ((SELECT xid FROM last), (SELECT seq FROM last)), false),
           g.xid < pg_snapshot_xmin(pg_current_snapshot()) AND p.seq IS NULL
      FROM page g LEFT JOIN event_pos p ON p.seq = g.seq ORDER BY g.seq)sql"};

constexpr pg::statement find_still_unpositioned{"journal.still_unpositioned", R"sql(
    SELECT seq FROM unnest($1::bigint[]) AS asked(seq)
     WHERE NOT EXISTS (SELECT FROM event_pos p WHERE p.seq = asked.seq) ORDER BY seq)sql"};

constexpr pg::statement find_ends{"journal.ends", R"sql(
    SELECT COALESCE((SELECT max(pos) FROM event_pos), 0), COALESCE((SELECT max(number) FROM seal), 0),
           COALESCE((SELECT max(seq) FROM event), 0),
           EXISTS (SELECT FROM event WHERE xid >= pg_snapshot_xmax(pg_current_snapshot())))sql"};

} // namespace

task<result<std::vector<text_state>>> read_texts(const runner& on, const std::vector<text_id>& ids)
{
    auto rows = co_await on(find_texts, pg::params(ids));
    if (!rows) co_return fail(rows.error());
    std::vector<text_state> found;
    for (const auto row : *rows) {
        text_state each;
        each.id = row.get<text_id>(0);
        if (const auto digest = row.get<std::optional<std::vector<std::uint8_t>>>(1))
            std::ranges::copy(*digest, each.digest.emplace().begin());
        if (!row.is_null(2)) each.erased = {row.get<instant>(2), row.get<uuid>(3)};
        found.push_back(each);
    }
    co_return found;
}

task<result<unpositioned_page>> read_unpositioned(const runner& on, std::int64_t after)
{
    auto rows = co_await on(find_unpositioned, pg::params(after));
    if (!rows) co_return fail(rows.error());
    unpositioned_page page{.events = {}, .looked_to = after};
    for (const auto row : *rows) {
        page.looked_to = row.get<std::int64_t>(0);
        if (row.get<bool>(3)) page.events.push_back({page.looked_to, row.get<std::string>(1), row.get<bool>(2)});
    }
    co_return page;
}

task<result<std::vector<std::int64_t>>> read_still_unpositioned(const runner& on, const std::vector<std::int64_t>& seqs)
{
    auto rows = co_await on(find_still_unpositioned, pg::params(seqs));
    if (!rows) co_return fail(rows.error());
    std::vector<std::int64_t> still;
    for (const auto row : *rows)
        still.push_back(row.get<std::int64_t>(0));
    co_return still;
}

task<result<journal_ends>> read_ends(const runner& on)
{
    auto rows = co_await on(find_ends, {});
    if (!rows) co_return fail(rows.error());
    const auto row = rows->front();
    co_return journal_ends{row.get<std::int64_t>(0), row.get<std::int64_t>(1), row.get<std::int64_t>(2),
                           row.get<bool>(3)};
}

} // namespace huiyin::journal
