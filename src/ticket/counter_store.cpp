#include "counter_store.hpp"

#include <huiyin/ticket/list_mark.hpp>

namespace huiyin::ticket {

namespace {

using namespace std::chrono_literals;
using pg::params;
using pg::statement;

constexpr auto batch_limit = 30'000ms;

constexpr statement select_cursor{"view_count.read_cursor", "SELECT pos FROM view_count_cursor"};

// As every follower of the journal does: never by seq.
constexpr statement select_feed{"view_count.read_feed", R"sql(
    SELECT p.pos, CASE WHEN e.kind LIKE 'ticket.%' THEN e.subject END
      FROM event_pos p JOIN event e ON e.seq = p.seq
     WHERE p.pos > $1 ORDER BY p.pos LIMIT $2)sql",
                                batch_limit};

constexpr statement move_cursor{"view_count.move_cursor",
                                "UPDATE view_count_cursor SET pos = $2 WHERE pos = $1 RETURNING pos"};

// The ticket may be further than the page; then its later events change nothing.
constexpr statement count_tickets{"view_count.count", R"sql(
    WITH touched AS MATERIALIZED (
        SELECT DISTINCT unnest($1::uuid[]) AS id
    ), before AS MATERIALIZED (
        SELECT c.* FROM counted_ticket c JOIN touched USING (id)
    ), next AS MATERIALIZED (
        SELECT t.id, t.status, t.lead_department AS department, t.holder, t.handler, t.marks & $2::int AS marks, t.departments
          FROM touched JOIN ticket t USING (id)
         WHERE t.status NOT IN ('closed', 'archived', 'merged')
    ), saved AS (
        INSERT INTO counted_ticket (id, status, department, holder, handler, marks, departments)
        SELECT id, status, department, holder, handler, marks, departments FROM next
        ON CONFLICT (id) DO UPDATE SET
            status = excluded.status, department = excluded.department, holder = excluded.holder,
            handler = excluded.handler, marks = excluded.marks, departments = excluded.departments
    ), gone AS (
        DELETE FROM counted_ticket WHERE id IN (SELECT id FROM before EXCEPT SELECT id FROM next)
    ), changed AS (
        SELECT status, department, holder, handler, marks, departments, 1 AS by FROM next
        UNION ALL
        SELECT status, department, holder, handler, marks, departments, -1 FROM before
    )
    INSERT INTO view_count AS c (status, department, holder, handler, marks, departments, tickets)
    SELECT status, department, holder, handler, marks, departments, sum(by) FROM changed
     GROUP BY 1, 2, 3, 4, 5, 6 HAVING sum(by) <> 0
    ON CONFLICT ON CONSTRAINT view_count_key DO UPDATE SET tickets = c.tickets + excluded.tickets)sql",
                                  batch_limit};

constexpr statement forget_empty{"view_count.forget_empty", "DELETE FROM view_count WHERE tickets = 0", batch_limit};

// The cursor first: whoever is in the middle of a page waits for it, or is waited for.
constexpr statement lock_cursor{"view_count.lock_cursor", "SELECT pos FROM view_count_cursor FOR UPDATE", batch_limit};
constexpr statement forget_counted{"view_count.forget_counted", "DELETE FROM counted_ticket", batch_limit};
constexpr statement forget_counts{"view_count.forget", "DELETE FROM view_count", batch_limit};
constexpr statement count_anew{"view_count.count_anew", R"sql(
    WITH next AS (
        INSERT INTO counted_ticket (id, status, department, holder, handler, marks, departments)
        SELECT id, status, lead_department, holder, handler, marks & $1::int, departments FROM ticket
         WHERE status NOT IN ('closed', 'archived', 'merged')
        RETURNING status, department, holder, handler, marks, departments
    )
    INSERT INTO view_count (status, department, holder, handler, marks, departments, tickets)
    SELECT status, department, holder, handler, marks, departments, count(*) FROM next GROUP BY 1, 2, 3, 4, 5, 6)sql",
                               600'000ms};

constexpr statement counter_lock{"view_count.still_held", "SELECT 1"};

} // namespace

const statement& counter_still_held()
{
    return counter_lock;
}

task<result<counted_events>> read_uncounted(pg::database& db, std::size_t limit)
{
    const auto cursor = co_await db.run(select_cursor);
    if (!cursor) co_return fail(cursor.error());
    if (cursor->empty()) co_return fail(errc::corrupt, "the counter's cursor is gone");
    counted_events page;
    page.from = page.to = cursor->front().get<std::int64_t>(0);
    const auto found = co_await db.run(select_feed, params(page.from, limit));
    if (!found) co_return fail(found.error());
    page.events = found->size();
    for (const auto row : *found) {
        page.to = row.get<std::int64_t>(0);
        if (const auto subject = row.get<std::optional<ticket_id>>(1)) page.tickets.push_back(*subject);
    }
    co_return page;
}

task<result<bool>> save_counted(pg::database& db, counted_events page)
{
    auto tx = co_await db.begin();
    if (!tx) co_return fail(tx.error());
    const auto moved = co_await tx->run(move_cursor, params(page.from, page.to));
    if (!moved) co_return fail(moved.error());
    if (moved->empty()) {
        co_await tx->roll_back();
        co_return false;
    }
    pg::batch last;
    if (!page.tickets.empty()) last.add(count_tickets, params(page.tickets, counted_marks)).add(forget_empty);
    if (last.empty()) {
        const auto done = co_await tx->commit();
        if (!done) co_return fail(done.error());
        co_return true;
    }
    const auto done = co_await tx->commit(std::move(last));
    if (!done) co_return fail(done.error());
    co_return true;
}

task<result<void>> recount_all(pg::database& db)
{
    auto tx = co_await db.begin();
    if (!tx) co_return fail(tx.error());
    pg::batch all;
    all.add(lock_cursor).add(forget_counted).add(forget_counts).add(count_anew, params(counted_marks));
    const auto done = co_await tx->commit(std::move(all));
    if (!done) co_return fail(done.error());
    co_return result<void>();
}

} // namespace huiyin::ticket
