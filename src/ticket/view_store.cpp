#include "view_store.hpp"

#include "ticket_store.hpp"

namespace huiyin::ticket {

namespace {

using pg::params;
using pg::statement;

// Index ticket_of_category.
constexpr statement select_similar{"ticket.find_similar", R"sql(
    WITH this AS (SELECT id, category, customer FROM ticket WHERE id = $1)
    SELECT t.id, t.number, t.customer, t.status, t.category, t.created_at, t.lead_department, t.group_root,
           t.customer = (SELECT customer FROM this), t.sensitive = 'confidential', COALESCE(o.body, ''),
           COALESCE((SELECT x.body FROM entry e JOIN text x ON x.id = e.fields_id
                      WHERE e.ticket_id = t.id ORDER BY e.at LIMIT 1), '')
      FROM (SELECT * FROM ticket WHERE id = $1
            UNION ALL
            (SELECT * FROM ticket
              WHERE category = (SELECT category FROM this) AND created_at BETWEEN $2 AND $3 AND id <> $1
                AND status NOT IN ('closed', 'archived', 'merged')
              ORDER BY created_at DESC LIMIT 500)) AS t
      LEFT JOIN text o ON o.id = (t.object ->> 'text')::uuid
     ORDER BY t.id <> $1, t.created_at DESC)sql"};

// Indexes ticket_replied, ticket_replied_by, ticket_of_customer.
constexpr statement select_answered{"ticket.find_answered", R"sql(
    SELECT t.id, t.number, t.version, t.status, t.type, t.priority, t.category, t.card, t.rework_cycle, t.lead_department,
           t.handler, t.customer, t.created_at, t.due_at, t.replied_at,
           (SELECT count(*) FROM (SELECT 1 FROM ticket o
                                   WHERE o.replied_by = t.replied_by
                                     AND o.replied_at BETWEEN t.replied_at - interval '30 minutes' AND t.replied_at + interval '30 minutes'
                                   LIMIT 50) AS around)::int,
           (SELECT min(o.created_at) FROM ticket o
             WHERE o.customer = t.customer AND o.category = t.category AND o.id <> t.id AND o.created_at >= t.closed_at),
           (SELECT (e.data ->> 'own_number')::boolean FROM event e
             WHERE e.subject = t.id AND e.data ? 'own_number' ORDER BY e.seq DESC LIMIT 1)
      FROM ticket t
     WHERE t.replied_at >= $1 AND ($2::timestamptz IS NULL OR (t.replied_at, t.id) < ($2, $3::uuid))
     ORDER BY t.replied_at DESC, t.id DESC LIMIT $4::int)sql"};

constexpr statement select_interaction{"ticket.any_interaction", R"sql(
    SELECT interaction_id FROM ticket_interaction WHERE ticket_id = $1 ORDER BY interaction_id LIMIT 1)sql"};

// An agent's note of it has the attempt's own id; a customer's own verdict is the attempt that his act became.
constexpr statement select_verdict_words{"ticket.verdict_words", R"sql(
    SELECT c.id, COALESCE(x.body, '')
      FROM unnest($1::uuid[]) AS c(id)
      JOIN entry e ON e.id = COALESCE((SELECT i.entry_id FROM ticket_inbox i WHERE i.id = c.id), c.id)
      JOIN text x ON x.id = e.text_id)sql"};

constexpr statement select_active{"ticket.active_users", R"sql(
    SELECT id FROM user_account WHERE id = ANY ($1::uuid[]) AND active)sql"};

constexpr statement select_party{"ticket.party", R"sql(
    SELECT t.number, p.kind, p.value FROM ticket t JOIN ticket_party p ON p.ticket_id = t.id
     WHERE t.id = $1 ORDER BY p.kind DESC, p.value LIMIT 1)sql"};

} // namespace

task<result<std::vector<found_similar>>> find_similar(pg::database& db, ticket_id ticket, instant from, instant to)
{
    const auto found = co_await db.run(select_similar, params(ticket, from, to));
    if (!found) co_return fail(found.error());
    std::vector<found_similar> all;
    for (const auto row : *found) {
        found_similar each;
        each.what.id = row.get<ticket_id>(0);
        each.what.number = row.get<std::string>(1);
        each.what.customer = row.get<std::optional<customer_id>>(2).value_or(customer_id());
        each.what.status = row.get<std::string>(3);
        each.what.category = row.get<std::string>(4);
        each.what.created_at = row.get<instant>(5);
        each.what.department = row.get<std::optional<department_id>>(6);
        each.what.group_root = row.get<std::optional<ticket_id>>(7);
        each.what.same_customer = row.get<std::optional<bool>>(8).value_or(false);
        each.confidential = row.get<bool>(9);
        each.object = row.get<std::string>(10);
        each.fields = row.get<std::string>(11);
        all.push_back(std::move(each));
    }
    co_return all;
}

task<result<std::vector<found_answered>>> find_answered(pg::database& db, instant since,
                                                        const std::optional<std::pair<instant, ticket_id>>& after,
                                                        std::size_t limit)
{
    const auto at = after ? std::optional(after->first) : std::nullopt;
    const auto last = after ? std::optional(after->second) : std::nullopt;
    auto tx = co_await db.begin_reading();
    if (!tx) co_return fail(tx.error());
    const auto found = co_await tx->run(select_answered, params(since, at, last, limit));
    if (!found) co_return fail(found.error());
    std::vector<found_answered> all;
    std::vector<ticket_id> tickets;
    for (const auto row : *found) {
        found_answered each;
        each.item = list_item_of(row);
        each.replied_at = row.get<instant>(14);
        each.facts.replies_around = row.get<int>(15);
        each.facts.next_complaint_at = row.get<std::optional<instant>>(16);
        each.facts.answered_from_own_number = row.get<std::optional<bool>>(17);
        tickets.push_back(each.item.id);
        all.push_back(std::move(each));
    }
    if (all.empty()) co_return all;
    const auto loaded = co_await tx->run(load_tickets(), params(tickets, false));
    if (!loaded) co_return fail(loaded.error());
    for (std::size_t i = 0; const auto row : *loaded)
        all[i++].rows = row.get<std::string>(0);
    co_await tx->roll_back();
    co_return all;
}

task<result<interaction_id>> find_interaction(pg::transaction& tx, ticket_id ticket)
{
    const auto found = co_await tx.run(select_interaction, params(ticket));
    if (!found) co_return fail(found.error());
    co_return found->empty() ? interaction_id() : found->front().get<interaction_id>(0);
}

task<result<std::map<callback_id, std::string>>> find_verdict_words(pg::database& db, std::vector<callback_id> of)
{
    std::map<callback_id, std::string> words;
    if (of.empty()) co_return words;
    const auto found = co_await db.run(select_verdict_words, params(of));
    if (!found) co_return fail(found.error());
    for (const auto row : *found)
        words.emplace(row.get<callback_id>(0), row.get<std::string>(1));
    co_return words;
}

task<result<std::vector<user_id>>> find_active(pg::transaction& tx, std::vector<user_id> users)
{
    std::vector<user_id> active;
    if (users.empty()) co_return active;
    const auto found = co_await tx.run(select_active, params(users));
    if (!found) co_return fail(found.error());
    for (const auto row : *found)
        active.push_back(row.get<user_id>(0));
    co_return active;
}

task<result<std::optional<ticket_service::known_party>>> find_party(pg::database& db, ticket_id ticket)
{
    const auto found = co_await db.run(select_party, params(ticket));
    if (!found) co_return fail(found.error());
    if (found->empty()) co_return std::nullopt;
    const auto row = found->front();
    co_return ticket_service::known_party{row.get<std::string>(0), {row.get<std::string>(1), row.get<std::string>(2)}};
}

} // namespace huiyin::ticket
