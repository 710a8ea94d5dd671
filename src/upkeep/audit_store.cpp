#include "audit_store.hpp"

#include <huiyin/base/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace huiyin::upkeep {

namespace {

using namespace std::chrono_literals;
using pg::params;
using pg::statement;

/// Another node's check that has not told of itself for so long is over.
constexpr auto beats_within = 2min;

constexpr std::int64_t looked_through = 5000;

/// Looks through a bounded stretch by one index, which `driver` names; the rest of what is asked for narrows that. The
/// first columns tell how far it came, also where nothing was found.
struct audit_read
{
    audit_read(std::string_view name, std::string_view driver)
        : sql(fmt::format(R"sql(
    WITH seen AS MATERIALIZED (
        SELECT seq, id, at, recorded_at, kind, subject, subject_version, actor_kind, actor, confidential, data FROM event
         WHERE {} AND seq < $2 ORDER BY seq DESC LIMIT {})
    SELECT s.n, s.last, e.seq, p.pos, e.id, e.at, e.recorded_at, e.kind, e.subject, e.subject_version, e.actor_kind, e.actor,
           u.display_name, e.confidential, e.data::text
      FROM (SELECT count(*) AS n, min(seq) AS last FROM seen) s
      LEFT JOIN LATERAL (SELECT * FROM seen
                          WHERE ($3::uuid IS NULL OR actor = $3) AND kind LIKE $4
                            AND ($5::timestamptz IS NULL OR at >= $5) AND ($6::timestamptz IS NULL OR at < $6)
                          ORDER BY seq DESC LIMIT $7::int) e ON true
      LEFT JOIN event_pos p ON p.seq = e.seq
      LEFT JOIN user_account u ON u.id = e.actor AND e.actor_kind = 'user'
     ORDER BY e.seq DESC)sql",
                          driver, looked_through)),
          what{name, sql}
    {}
    audit_read(const audit_read&) = delete;

    std::string sql;
    statement what;
};

struct audit_reads
{
    audit_read of_subject{"audit.of_subject", "subject = $1"};
    audit_read of_actor{"audit.of_actor", "actor = $1 AND actor_kind IN ('user', 'token')"};
    audit_read of_kind{"audit.of_kind", "kind = $1"};
    audit_read of_all{"audit.of_all", "$1::text = ''"};
};

const audit_reads& reads()
{
    static const audit_reads all;
    return all;
}

constexpr statement select_head{"audit.head", R"sql(
    SELECT COALESCE((SELECT max(pos) FROM event_pos), 0), s.number, s.last_pos, s.mac
      FROM (SELECT 1) one LEFT JOIN LATERAL (SELECT number, last_pos, mac FROM seal ORDER BY number DESC LIMIT 1) s ON true)sql"};

constexpr statement select_newest_check{"journal_check.newest", R"sql(
    SELECT id, state, started_at, started_by, finished_at, done_pos, of_pos, result::text, beat_at FROM journal_check
     ORDER BY started_at DESC, id DESC LIMIT 1)sql"};

constexpr statement select_answered_check{"journal_check.answered", R"sql(
    SELECT id, state, started_at, started_by, finished_at, done_pos, of_pos, result::text, beat_at FROM journal_check
     WHERE state IN ('held', 'broken') ORDER BY started_at DESC, id DESC LIMIT 1)sql"};

constexpr statement end_silent_check{"journal_check.end_silent", R"sql(
    UPDATE journal_check SET state = 'failed', finished_at = $1 WHERE state = 'running' AND beat_at < $2)sql"};

constexpr statement insert_check{"journal_check.insert", R"sql(
    INSERT INTO journal_check (id, started_at, started_by, beat_at, state) VALUES ($1, $2, $3, $2, 'running'))sql"};

constexpr statement beat_of_check{"journal_check.beat", R"sql(
    UPDATE journal_check SET beat_at = $2, done_pos = $3, of_pos = $4 WHERE id = $1 AND state = 'running')sql"};

constexpr statement finish_check{"journal_check.finish", R"sql(
    UPDATE journal_check SET state = $2, finished_at = $3, result = $4::text::jsonb, done_pos = $5, of_pos = $6
     WHERE id = $1 AND state = 'running')sql"};

journal_check check_from(const pg::row& row)
{
    journal_check read;
    read.id = row.get<check_id>(0);
    read.state = row.get<std::string>(1);
    read.started_at = row.get<instant>(2);
    read.started_by = row.get<uuid>(3);
    read.finished_at = row.get<std::optional<instant>>(4);
    read.done_pos = row.get<std::int64_t>(5);
    read.of_pos = row.get<std::int64_t>(6);
    read.result = row.get<std::optional<std::string>>(7).value_or("");
    return read;
}

/// As LIKE reads it.
std::string pattern_of(const std::string& kind)
{
    if (kind.empty()) return "%";
    std::string pattern;
    const bool beginning = kind.ends_with('*');
    for (const char c : std::string_view(kind).substr(0, kind.size() - (beginning ? 1 : 0))) {
        if (c == '%' || c == '_' || c == '\\') pattern += '\\';
        pattern += c;
    }
    return beginning ? pattern + '%' : pattern;
}

} // namespace

task<result<audit_page>> read_audit(pg::database& db, audit_query what, std::size_t limit)
{
    limit = std::clamp<std::size_t>(limit, 1, 200);
    const auto before = what.before.value_or(std::numeric_limits<std::int64_t>::max());
    const auto pattern = pattern_of(what.kind);
    const auto ask = [&](const audit_read& by, const auto& driver) {
        return db.run(by.what, params(driver, before, what.actor, pattern, what.from, what.to, limit + 1));
    };
    const bool one_kind = !what.kind.empty() && !what.kind.ends_with('*');
    const auto found = what.subject ? co_await ask(reads().of_subject, *what.subject)
                       : what.actor ? co_await ask(reads().of_actor, *what.actor)
                       : one_kind   ? co_await ask(reads().of_kind, what.kind)
                                    : co_await ask(reads().of_all, std::string());
    if (!found) co_return fail(found.error());
    audit_page page;
    for (const auto row : *found) {
        if (row.is_null(2)) break;
        if (page.items.size() == limit) {
            page.next = page.items.back().seq;
            co_return page;
        }
        audit_item item;
        item.seq = row.get<std::int64_t>(2);
        item.pos = row.get<std::optional<std::int64_t>>(3);
        item.id = row.get<uuid>(4);
        item.at = row.get<instant>(5);
        item.recorded_at = row.get<instant>(6);
        item.kind = row.get<std::string>(7);
        item.subject = row.get<uuid>(8);
        item.subject_version = row.get<std::int64_t>(9);
        item.actor_kind = row.get<std::string>(10);
        item.actor = row.get<uuid>(11);
        item.actor_name = row.get<std::optional<std::string>>(12).value_or("");
        item.confidential = row.get<bool>(13);
        item.data = row.get<std::string>(14);
        page.items.push_back(std::move(item));
    }
    const auto row = found->front();
    if (row.get<std::int64_t>(0) == looked_through) page.next = row.get<std::int64_t>(1);
    co_return page;
}

task<result<journal_head>> read_journal_head(pg::database& db)
{
    const auto found = co_await db.run(select_head);
    if (!found) co_return fail(found.error());
    const auto row = found->front();
    journal_head head;
    head.pos = row.get<std::int64_t>(0);
    head.seal = row.get<std::optional<std::int64_t>>(1).value_or(0);
    head.sealed_pos = row.get<std::optional<std::int64_t>>(2).value_or(0);
    if (!row.is_null(3)) head.mac = to_hex(row.get<std::vector<std::uint8_t>>(3));
    co_return head;
}

task<result<last_checks>> read_last_checks(pg::database& db, instant now)
{
    auto tx = co_await db.begin_reading();
    if (!tx) co_return fail(tx.error());
    pg::batch reads;
    reads.add(select_newest_check).add(select_answered_check);
    const auto found = co_await tx->run(std::move(reads));
    if (!found) co_return fail(found.error());
    co_await tx->roll_back();
    last_checks last;
    if (!(*found)[0].empty()) {
        const auto row = (*found)[0].front();
        last.newest = check_from(row);
        if (last.newest->state == "running" && row.get<instant>(8) < now - beats_within) last.newest->state = "failed";
    }
    if (!(*found)[1].empty()) last.answered = check_from((*found)[1].front());
    co_return last;
}

task<result<journal_check>> insert_journal_check(pg::database& db, instant now, uuid by)
{
    journal_check made;
    made.id = check_id::make();
    made.state = "running";
    made.started_at = now;
    made.started_by = by;
    auto tx = co_await db.begin();
    if (!tx) co_return fail(tx.error());
    pg::batch last;
    last.add(end_silent_check, params(now, now - beats_within)).add(insert_check, params(made.id, now, by));
    const auto done = co_await tx->commit(std::move(last));
    if (!done && done.error().code == errc::constraint_violated && done.error().detail == "journal_check_one_runs")
        co_return fail(errc::wrong_state, "another check is under way");
    if (!done) co_return fail(done.error());
    co_return made;
}

task<result<bool>> beat_journal_check(pg::database& db, check_id id, instant now, std::int64_t done, std::int64_t of)
{
    const auto beaten = co_await db.run(beat_of_check, params(id, now, done, of));
    if (!beaten) co_return fail(beaten.error());
    co_return beaten->affected() > 0;
}

task<result<void>> finish_journal_check(pg::database& db, journal_check what, std::optional<journal::event> told)
{
    auto tx = co_await db.begin();
    if (!tx) co_return fail(tx.error());
    pg::batch last;
    last.add(finish_check,
             params(what.id, what.state, what.finished_at,
                    what.result.empty() ? std::nullopt : std::optional(what.result), what.done_pos, what.of_pos));
    if (told) journal::append(last, {*told});
    const auto done = co_await tx->commit(std::move(last));
    if (!done) co_return fail(done.error());
    co_return result<void>();
}

} // namespace huiyin::upkeep
