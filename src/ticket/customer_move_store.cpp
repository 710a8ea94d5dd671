#include "ticket_rows.hpp"
#include "ticket_store.hpp"

#include <huiyin/ticket/commit.hpp>
#include <huiyin/ticket/customer_move.hpp>

#include <algorithm>

namespace huiyin::ticket {

using nlohmann::json;
using pg::params;
using pg::statement;

namespace {

constexpr std::chrono::milliseconds move_limit{30'000};
/// Tickets that are read, and saved, by one batch.
constexpr std::size_t page_size = 50;

constexpr statement lock_all_statement{"ticket.lock_of_customer", R"sql(
    SELECT id FROM ticket WHERE customer = $1 ORDER BY id LIMIT $2 FOR NO KEY UPDATE)sql",
                                       move_limit};

constexpr statement lock_some_statement{"ticket.lock_some_of_customer", R"sql(
    SELECT id FROM ticket WHERE id = ANY ($1::uuid[]) AND customer = $2 ORDER BY id FOR NO KEY UPDATE)sql",
                                        move_limit};

// Every word of a ticket is named by one of its events, by id and digest.
constexpr statement move_words{"ticket.move_words", R"sql(
    UPDATE text SET customer_id = $3
     WHERE customer_id = $2
       AND id IN (SELECT (w #>> '{}')::uuid
                    FROM event e, jsonb_path_query(e.data, '$.** ? (exists(@.sha256)).text') w
                   WHERE e.subject = ANY ($1::uuid[]) AND jsonb_typeof(w) = 'string'))sql",
                               move_limit};

// What the customer did and the ticket has not heard of yet.
constexpr statement move_inbox{"ticket.move_inbox", R"sql(
    UPDATE ticket_inbox SET customer_id = $2 WHERE ticket_id = ANY ($1::uuid[]) AND applied_at IS NULL)sql",
                               move_limit};

constexpr statement count_statement{"ticket.count_of_customer", R"sql(
    SELECT count(*), (SELECT count(*) FROM ticket_party p JOIN ticket o ON o.id = p.ticket_id WHERE o.customer = $1)
      FROM ticket WHERE customer = $1)sql"};

constexpr statement open_statement{"ticket.open_of_customer", R"sql(
    SELECT id, number, category, status FROM ticket
     WHERE customer = $1 AND status NOT IN ('closed', 'archived', 'merged') ORDER BY created_at DESC, id DESC LIMIT 100)sql"};

std::vector<ticket_id> ids_from(const pg::rows& rows)
{
    std::vector<ticket_id> ids;
    for (const auto row : rows)
        ids.push_back(row.get<ticket_id>(0));
    return ids;
}

commitment change_of_customer(domain::ticket before, const record::moving& how)
{
    commitment made;
    auto& next = made.decided.next = before;
    next.customer = how.to;
    next.version = before.version + 1;
    next.changed_at = std::max(how.now, before.changed_at);
    domain::event changed;
    changed.kind = "ticket.customer_changed";
    changed.at = next.changed_at;
    changed.by_kind = how.by.kind;
    changed.by = how.by.id;
    changed.from = before.status;
    changed.to = before.status;
    changed.data = {{"customer", how.to.value()}, {"merge", how.merge}};
    made.decided.events.push_back(std::move(changed));
    made.before = std::move(before);
    return made;
}

} // namespace

task<result<std::vector<ticket_id>>> customer_mover::lock_all(pg::transaction& in, customer_id of)
{
    const auto locked = co_await in.run(lock_all_statement, params(of, record::most_moved_tickets + 1));
    if (!locked) co_return fail(locked.error());
    co_return ids_from(*locked);
}

task<result<std::vector<ticket_id>>> customer_mover::lock(pg::transaction& in, std::vector<ticket_id> which,
                                                          customer_id of)
{
    if (which.empty()) co_return which;
    const auto locked = co_await in.run(lock_some_statement, params(which, of));
    if (!locked) co_return fail(locked.error());
    co_return ids_from(*locked);
}

task<result<void>> customer_mover::move(pg::transaction& in, std::vector<ticket_id> which, record::moving how)
{
    if (which.empty()) co_return result<void>();
    pg::batch others;
    others.add(move_words, params(which, how.from, how.to)).add(move_inbox, params(which, how.to));
    if (const auto moved = co_await in.run(std::move(others)); !moved) co_return fail(moved.error());
    for (std::size_t from = 0; from < which.size(); from += page_size) {
        pg::batch reads;
        for (std::size_t i = from; i < std::min(which.size(), from + page_size); ++i)
            reads.add(load_ticket(), params(which[i], false));
        const auto found = co_await in.run(std::move(reads));
        if (!found) co_return fail(found.error());
        std::vector<commitment> changes;
        for (const auto& each : *found)
            changes.push_back(change_of_customer(ticket_of(json::parse(each.front().get<std::string_view>(0))), how));
        pg::batch writes;
        commit(writes, changes);
        if (const auto saved = co_await in.run(std::move(writes)); !saved) co_return fail(saved.error());
    }
    co_return result<void>();
}

task<result<customer_matters>> load_matters(pg::database& from, customer_id of)
{
    const auto counts = co_await from.run(count_statement, params(of));
    if (!counts) co_return fail(counts.error());
    const auto open = co_await from.run(open_statement, params(of));
    if (!open) co_return fail(open.error());
    customer_matters found{counts->front().get<std::size_t>(0), counts->front().get<std::size_t>(1), {}};
    for (const auto row : *open)
        found.open.push_back(
            {row.get<ticket_id>(0), row.get<std::string>(1), row.get<std::string>(2), row.get<std::string>(3)});
    co_return found;
}

} // namespace huiyin::ticket
