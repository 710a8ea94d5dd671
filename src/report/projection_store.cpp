#include "projection_store.hpp"

#include <nlohmann/json.hpp>

namespace huiyin::report {

namespace {

using namespace std::chrono_literals;
using pg::params;
using pg::statement;

constexpr auto batch_limit = 30'000ms;
constexpr std::size_t events_at_once = 500;

constexpr statement cursor_statement{"report.read_cursor", "SELECT pos FROM report_cursor"};

// As every follower of the journal does: never by seq.
constexpr statement feed_statement{"report.read_feed", R"sql(
    SELECT p.pos, e.kind, e.subject, e.at, CASE WHEN e.kind = 'contact.accepted' THEN e.data::text ELSE '' END
      FROM event_pos p JOIN event e ON e.seq = p.seq
     WHERE p.pos > $1 ORDER BY p.pos LIMIT $2)sql",
                                   batch_limit};

constexpr statement known_statement{"report.read_known", R"sql(
    SELECT ticket_id, pos, digest FROM report_ticket WHERE ticket_id = ANY ($1::uuid[]))sql"};

constexpr statement events_statement{"report.read_ticket_events", R"sql(
    SELECT e.subject, e.seq, p.pos, e.kind, e.at, e.data::text
      FROM event e JOIN event_pos p ON p.seq = e.seq
     WHERE e.subject = ANY ($1::uuid[]) AND (e.subject, e.seq) > ($2, $3)
     ORDER BY e.subject, e.seq LIMIT $4)sql",
                                     batch_limit};

constexpr statement move_statement{"report.move_cursor",
                                   "UPDATE report_cursor SET pos = $2 WHERE pos = $1 RETURNING pos"};

// Before the tickets are saved: what they were is taken off.
constexpr statement count_statement{"report.count_tickets", R"sql(
    WITH next AS (
        SELECT ticket_id, status, department, handler, due_at
          FROM jsonb_to_recordset($1) AS r(ticket_id uuid, status text, department uuid, handler uuid, due_at timestamptz)
    ), changed AS (
        SELECT status, department, handler, due_at, 1 AS by FROM next
        UNION ALL
        SELECT t.status, t.department, t.handler, t.due_at, -1 FROM report_ticket t JOIN next USING (ticket_id)
    ), keyed AS (
        SELECT status,
               COALESCE(department, '00000000-0000-0000-0000-000000000000') AS department,
               COALESCE(handler, '00000000-0000-0000-0000-000000000000') AS handler,
               COALESCE(date_bin('1 minute', due_at + interval '1 minute' - interval '1 microsecond', 'epoch'), 'infinity')
                   AS due_minute,
               by
          FROM changed
    )
    INSERT INTO ticket_count AS c (status, department, handler, due_minute, tickets)
    SELECT status, department, handler, due_minute, sum(by) FROM keyed
     GROUP BY 1, 2, 3, 4 HAVING sum(by) <> 0
    ON CONFLICT (status, department, handler, due_minute) DO UPDATE SET tickets = c.tickets + excluded.tickets)sql",
                                    batch_limit};

constexpr statement forget_statement{"report.forget_empty_counts", "DELETE FROM ticket_count WHERE tickets = 0",
                                     batch_limit};

constexpr statement tickets_statement{"report.save_tickets", R"sql(
    INSERT INTO report_ticket (ticket_id, pos, digest, number, customer, status, category, channel, priority, department, handler,
                               due_at, reported_at, resolved_at, reopened_at, is_open, complaint, merged, imported)
    SELECT ticket_id, pos, digest, number, customer, status, category, channel, priority, department, handler,
           due_at, reported_at, resolved_at, reopened_at, is_open, complaint, merged, imported
      FROM jsonb_populate_recordset(NULL::report_ticket, $1)
    ON CONFLICT (ticket_id) DO UPDATE SET
        pos = excluded.pos, digest = excluded.digest, number = excluded.number, customer = excluded.customer,
        status = excluded.status, category = excluded.category, channel = excluded.channel, priority = excluded.priority,
        department = excluded.department, handler = excluded.handler, due_at = excluded.due_at,
        reported_at = excluded.reported_at, resolved_at = excluded.resolved_at, reopened_at = excluded.reopened_at,
        is_open = excluded.is_open, complaint = excluded.complaint, merged = excluded.merged, imported = excluded.imported)sql",
                                      batch_limit};

constexpr statement uncount_statement{"report.forget_counts",
                                      "DELETE FROM report_count WHERE subject = ANY ($1::uuid[])", batch_limit};

constexpr statement save_counts_statement{"report.save_counts", R"sql(
    INSERT INTO report_count (subject, n, ticket_id, metric, at, part, whole, department, person, category, channel, priority)
    SELECT subject, n, ticket_id, metric, at, part, whole, department, person, category, channel, priority
      FROM jsonb_populate_recordset(NULL::report_count, $1))sql",
                                          batch_limit};

constexpr statement empty_statement{"report.empty", "TRUNCATE report_ticket, report_count, ticket_count", batch_limit};
constexpr statement held_statement{"report.still_held", "SELECT 1"};
constexpr statement rewind_statement{"report.rewind", "UPDATE report_cursor SET pos = 0", batch_limit};

} // namespace

task<result<std::int64_t>> read_cursor(pg::database& db)
{
    const auto found = co_await db.run(cursor_statement);
    if (!found) co_return fail(found.error());
    if (found->empty()) co_return fail(errc::corrupt, "the report's cursor is gone");
    co_return found->front().get<std::int64_t>(0);
}

task<result<std::vector<feed_item>>> read_feed(pg::database& db, std::int64_t after, std::size_t count)
{
    const auto found = co_await db.run(feed_statement, params(after, count));
    if (!found) co_return fail(found.error());
    std::vector<feed_item> items;
    for (const auto row : *found)
        items.push_back({row.get<std::int64_t>(0), row.get<std::string>(1), row.get<uuid>(2), row.get<instant>(3),
                         row.get<std::string>(4)});
    co_return items;
}

task<result<std::map<ticket_id, known_ticket>>> read_known(pg::database& db, std::vector<ticket_id> tickets)
{
    const auto found = co_await db.run(known_statement, params(tickets));
    if (!found) co_return fail(found.error());
    std::map<ticket_id, known_ticket> known;
    for (const auto row : *found)
        known.emplace(row.get<ticket_id>(0),
                      known_ticket{row.get<std::int64_t>(1), row.get<std::vector<std::uint8_t>>(2)});
    co_return known;
}

task<result<void>> read_ticket_events(pg::database& db, std::vector<ticket_id> tickets,
                                      const std::function<void(const ticket_event&)>& take)
{
    ticket_id last;
    std::int64_t last_seq = -1;
    for (;;) {
        const auto page = co_await db.run(events_statement, params(tickets, last.value(), last_seq, events_at_once));
        if (!page) co_return fail(page.error());
        for (const auto row : *page) {
            last = row.get<ticket_id>(0);
            last_seq = row.get<std::int64_t>(1);
            take({last, row.get<std::int64_t>(2), row.get<std::string_view>(3), row.get<instant>(4),
                  row.get<std::string_view>(5)});
        }
        if (page->size() < events_at_once) co_return result<void>();
    }
}

task<result<bool>> save_page(pg::database& db, taken_page page)
{
    auto tx = co_await db.begin();
    if (!tx) co_return fail(tx.error());
    const auto moved = co_await tx->run(move_statement, params(page.from, page.to));
    if (!moved) co_return fail(moved.error());
    if (moved->empty()) {
        co_await tx->roll_back();
        co_return false;
    }
    pg::batch last;
    if (!page.tickets->empty()) {
        const auto rows = page.tickets->dump();
        last.add(count_statement, params(rows)).add(forget_statement).add(tickets_statement, params(rows));
    }
    if (!page.recounted.empty()) last.add(uncount_statement, params(page.recounted));
    if (!page.counts->empty()) last.add(save_counts_statement, params(page.counts->dump()));
    if (last.empty()) {
        const auto done = co_await tx->commit();
        if (!done) co_return fail(done.error());
        co_return true;
    }
    const auto done = co_await tx->commit(std::move(last));
    if (!done) co_return fail(done.error());
    co_return true;
}

const pg::statement& still_held()
{
    return held_statement;
}

task<result<void>> empty_tables(pg::database& as_owner)
{
    auto tx = co_await as_owner.begin();
    if (!tx) co_return fail(tx.error());
    // The cursor first: whoever is in the middle of a page waits for it, or is waited for.
    pg::batch all;
    all.add(rewind_statement).add(empty_statement);
    const auto done = co_await tx->commit(std::move(all));
    if (!done) co_return fail(done.error());
    co_return result<void>();
}

} // namespace huiyin::report
