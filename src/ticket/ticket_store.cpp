#include "ticket_store.hpp"

#include "ticket_rows.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>

namespace huiyin::ticket {

using nlohmann::json;
using pg::params;
using pg::statement;

namespace {

// The turn comes first: of several who wait for the row itself, one may get his transaction id and then wait again
// behind a later one (heap_lock_tuple follows the row's newer versions), and the feed's order would not be the
// versions' order.
constexpr statement lock_statement{"ticket.lock", R"sql(
    WITH turn AS MATERIALIZED (
        SELECT count(pg_advisory_xact_lock(hashtextextended(id::text, 7)))
          FROM (SELECT unnest($1::uuid[]) AS id ORDER BY 1) AS wanted)
    SELECT t.version FROM turn, ticket t WHERE t.id = ANY ($1::uuid[]) ORDER BY t.id FOR NO KEY UPDATE OF t)sql"};

constexpr statement still_held_statement{"deadline.still_held", "SELECT 1"};

// json, not jsonb: the rows are printed once instead of being built, then printed. A table is looked into only where
// the ticket says that it has rows there.
/// `asked`: which tickets of `t`, and in what order.
std::string load_sql(std::string_view asked)
{
    std::string tables;
    for (std::size_t i = 0; i < std::size(row_tables); ++i)
        tables += fmt::format("'{0}', CASE WHEN t.has_rows & {1} <> 0 THEN (SELECT json_agg(row_to_json(r) ORDER BY "
                              "r.n) FROM {0} r WHERE "
                              "r.ticket_id = t.id) END,\n        ",
                              row_tables[i], 1 << i);
    return fmt::format(R"sql(
    SELECT json_build_object(
        'ticket', row_to_json(t),
        {}'words', CASE WHEN $2::boolean THEN (
            SELECT json_object_agg(x.id, COALESCE(x.body, '')) FROM text x
             WHERE x.id = ANY (ARRAY[t.problem ->> 'text', t.object ->> 'text', t.desired_solution ->> 'text',
                                     t.reply ->> 'text']::uuid[])) END)
      FROM {})sql",
                       tables, asked);
}

/// An upsert of whole rows; its columns are those that ticket_rows.cpp lists.
struct upsert
{
    explicit upsert(std::string_view table) : name(fmt::format("{}.save", table))
    {
        const auto columns = columns_of(table);
        const std::set<std::string> key =
            table == "ticket" ? std::set<std::string>{"id"} : std::set<std::string>{"ticket_id", "n"};
        std::vector<std::string> updates;
        for (const auto& each : columns)
            if (!key.contains(each)) updates.push_back(fmt::format("{0} = excluded.{0}", each));
        const auto list = fmt::format("{}", fmt::join(columns, ", "));
        // A column that the row leaves out has the zero of its type.
        sql = fmt::format(R"sql(INSERT INTO {0} ({1})
            SELECT {1} FROM jsonb_populate_recordset(jsonb_populate_record(NULL::{0}, '{4}'::jsonb), $1)
            ON CONFLICT ({2}) DO UPDATE SET {3})sql",
                          table, list, fmt::join(key, ", "), fmt::join(updates, ", "), zeros_of(table).dump());
        what = {name, sql, std::chrono::milliseconds(10'000)};
    }
    upsert(const upsert&) = delete;

    std::string name;
    std::string sql;
    statement what;
};

const statement& upsert_of(std::string_view table)
{
    static const std::map<std::string, upsert, std::less<>> all = [] {
        std::map<std::string, upsert, std::less<>> made;
        made.try_emplace("ticket", "ticket");
        for (const auto* const each : row_tables)
            made.try_emplace(each, each);
        return made;
    }();
    if (const auto it = all.find(table); it != all.end()) return it->second.what;
    throw std::logic_error("no table of tickets");
}

constexpr statement insert_parties{"ticket_party.insert", R"sql(
    INSERT INTO ticket_party (ticket_id, kind, value, salt)
    SELECT ticket_id, kind, value, salt FROM jsonb_populate_recordset(NULL::ticket_party, $1)
    ON CONFLICT DO NOTHING)sql"};

constexpr statement insert_interactions{"ticket_interaction.insert", R"sql(
    INSERT INTO ticket_interaction (ticket_id, interaction_id)
    SELECT ticket_id, interaction_id FROM jsonb_populate_recordset(NULL::ticket_interaction, $1)
    ON CONFLICT DO NOTHING)sql"};

// What a merged ticket was known by stays with it as well, for whoever asks by its number.
constexpr statement select_parties_to_absorb{"ticket_party.to_absorb", R"sql(
    SELECT kind, value FROM ticket_party WHERE ticket_id = $1
    EXCEPT
    SELECT kind, value FROM ticket_party WHERE ticket_id = $2
     ORDER BY 1, 2 LIMIT $3)sql"};

constexpr statement select_interactions_to_absorb{"ticket_interaction.to_absorb", R"sql(
    SELECT interaction_id FROM ticket_interaction WHERE ticket_id = $1
    EXCEPT
    SELECT interaction_id FROM ticket_interaction WHERE ticket_id = $2
     ORDER BY 1 LIMIT $3)sql"};

// A department's notice goes to its contact A, else to B, else to its handlers; a leader's, or one whose receivers are
// all gone, to the department's leaders, else to the supervisors, so that no notice is for nobody. One that is not
// urgent waits until the receiver works: by the calendars of his departments, else by the house's. Nobody is told twice
// of one cause while the first notice still waits.
constexpr statement insert_notices{"ticket_notice.insert", R"sql(
    WITH wanted AS (
        SELECT w.*,
               CASE w.recipient
                   WHEN 'person' THEN (SELECT u.id FROM user_account u WHERE u.id = w.person AND u.active)
                   WHEN 'department' THEN COALESCE(
                       (SELECT u.id FROM department d JOIN user_account u ON u.id = d.contact_a AND u.active WHERE d.id = w.department),
                       (SELECT u.id FROM department d JOIN user_account u ON u.id = d.contact_b AND u.active WHERE d.id = w.department))
               END AS direct
          FROM jsonb_to_recordset($1) AS w(recipient text, department uuid, person uuid, kind text, ticket_id uuid,
                                           at timestamptz, urgent boolean)
    ), members AS (
        SELECT m.department_id, m.position, m.user_id
          FROM department_member m JOIN user_account u ON u.id = m.user_id AND u.active
         WHERE m.department_id IN (SELECT department FROM wanted)
    ), handlers AS (
        SELECT w.*, m.user_id FROM wanted w LEFT JOIN members m ON m.department_id = w.department AND m.position = 'handler'
         WHERE w.recipient = 'department' AND w.direct IS NULL
    ), led AS (
        SELECT department, kind, ticket_id, at, urgent FROM wanted
         WHERE recipient = 'leader' OR recipient = 'person' AND direct IS NULL
        UNION ALL
        SELECT department, kind, ticket_id, at, urgent FROM handlers WHERE user_id IS NULL
    ), leaders AS (
        SELECT l.*, m.user_id FROM led l LEFT JOIN members m ON m.department_id = l.department AND m.position = 'leader'
    ), found AS (
        SELECT direct AS user_id, kind, ticket_id, at, urgent FROM wanted WHERE direct IS NOT NULL
        UNION
        SELECT user_id, kind, ticket_id, at, urgent FROM handlers WHERE user_id IS NOT NULL
        UNION
        SELECT user_id, kind, ticket_id, at, urgent FROM leaders WHERE user_id IS NOT NULL
        UNION
        SELECT r.user_id, w.kind, w.ticket_id, w.at, w.urgent FROM wanted w JOIN user_role r ON r.role = 'complaint_officer'
         WHERE w.recipient = 'desk'
        UNION
        SELECT r.user_id, w.kind, w.ticket_id, w.at, w.urgent FROM wanted w JOIN user_role r ON r.role = 'supervisor'
         WHERE w.recipient IN ('supervisor', 'supervision_officer', 'executives')
        UNION
        SELECT r.user_id, l.kind, l.ticket_id, l.at, l.urgent FROM leaders l JOIN user_role r ON r.role = 'supervisor'
         WHERE l.user_id IS NULL
    ), hours AS MATERIALIZED (
        SELECT * FROM jsonb_to_recordset($2) AS o(calendar text, is_default boolean, opens timestamptz)
    ), readers AS MATERIALIZED (
        SELECT u.id AS user_id, COALESCE(
                   (SELECT min(o.opens)
                      FROM department_member m JOIN department d ON d.id = m.department_id
                      JOIN hours o ON o.calendar = d.calendar
                     WHERE m.user_id = u.id),
                   (SELECT o.opens FROM hours o WHERE o.is_default)) AS opens
          FROM user_account u WHERE u.active AND u.id IN (SELECT user_id FROM found)
    ), timed AS (
        SELECT f.*, CASE WHEN NOT f.urgent THEN r.opens END AS opens FROM found f JOIN readers r USING (user_id)
    )
    INSERT INTO notice (id, user_id, kind, ticket_id, at, not_before)
    SELECT gen_random_uuid(), t.user_id, t.kind, t.ticket_id, t.at, CASE WHEN t.opens > t.at THEN t.opens END
      FROM timed t
      -- One at a time by its index, whatever the planner believes of how many wait.
      LEFT JOIN LATERAL (
           SELECT 1 AS one FROM notice n
            WHERE n.user_id = t.user_id AND n.read_at IS NULL AND n.kind = t.kind AND n.ticket_id = t.ticket_id
              AND n.not_before > t.at LIMIT 1) AS waiting ON true
     WHERE waiting.one IS NULL)sql"};

constexpr statement select_event{"ticket.event", R"sql(
    SELECT subject, subject_version, kind, at, data::text FROM event WHERE id = $1)sql"};

constexpr statement insert_key{"ticket.take_key", R"sql(
    INSERT INTO request (principal, key, body_sha256, event_id, at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING)sql"};

constexpr statement select_key{"ticket.find_key", R"sql(
    SELECT body_sha256, event_id FROM request WHERE principal = $1 AND key = $2)sql"};

constexpr statement select_away{"ticket.contacts_away", R"sql(
    SELECT id FROM user_account WHERE id = ANY ($1::uuid[]) AND NOT active
    UNION
    SELECT user_id FROM present_at($2) WHERE user_id = ANY ($1::uuid[]) AND state = 'away')sql"};

constexpr statement select_customer_of{"ticket.customer_of_interaction", R"sql(
    SELECT customer_id FROM interaction WHERE id = $1)sql"};

constexpr statement insert_made_contact_statement{"ticket.insert_made_contact", R"sql(
    INSERT INTO interaction (id, customer_id, channel, account, direction, state, opened_at, closed_at, agent_id)
    VALUES ($1, $2, $3, 'house', 'out', 'closed', $4, $4, $5))sql"};

// Index entry_ticket.
constexpr statement count_files_statement{"ticket.count_files", R"sql(
    SELECT count(*)::int FROM entry e JOIN attachment a ON a.entry_id = e.id
     WHERE e.ticket_id = $1 AND e.at >= $2 AND e.internal)sql"};

constexpr statement select_group_root{"ticket.group_root", R"sql(
    SELECT COALESCE(group_root, id) FROM ticket WHERE id = $1)sql"};

constexpr statement select_own_number{"ticket.own_number", R"sql(
    SELECT EXISTS (SELECT FROM identity WHERE customer_id = $2 AND kind = 'phone' AND value = $3)
        OR EXISTS (SELECT FROM ticket_party WHERE ticket_id = $1 AND kind = 'phone' AND value = $3))sql"};

constexpr statement select_party_kinds{"ticket.party_kinds", R"sql(
    SELECT DISTINCT ticket_id, kind FROM ticket_party WHERE ticket_id = ANY ($1::uuid[]) ORDER BY ticket_id, kind)sql"};

constexpr statement select_salt{"ticket.salt", R"sql(SELECT salt FROM text WHERE id = $1)sql"};

constexpr statement select_stamp{"ticket.stamp", R"sql(
    SELECT version, COALESCE((SELECT c.version FROM customer c WHERE c.id = t.customer), 0) FROM ticket t WHERE t.id = $1)sql"};

// Index ticket_due.
constexpr statement select_due{"ticket.find_due", R"sql(
    SELECT due.id
      FROM (VALUES (1, 'P1'), (2, 'P2'), (3, 'P3'), (4, 'P4')) AS urgency(place, priority)
     CROSS JOIN LATERAL (
           SELECT t.id, t.next_step_at FROM ticket t
            WHERE t.priority = urgency.priority AND t.next_step_at <= $1 AND t.id <> ALL ($2::uuid[])
            ORDER BY t.next_step_at LIMIT $3) AS due
     ORDER BY urgency.place, due.next_step_at, due.id LIMIT $3)sql"};

constexpr statement select_by_number{"ticket.find_by_number", R"sql(SELECT id FROM ticket WHERE number = $1)sql"};

// Index ticket_of_customer.
constexpr statement select_of_customer{"ticket.of_customer", R"sql(
    SELECT id FROM ticket
     WHERE customer = $1 AND (departments && $2::uuid[] OR handler = $3)
     ORDER BY created_at DESC, id DESC LIMIT $4::int)sql"};

constexpr statement select_history{"ticket.history", R"sql(
    SELECT id, kind, at, actor_kind, actor, data::text, subject_version FROM event WHERE subject = $1 ORDER BY seq LIMIT 2000)sql"};

constexpr statement select_texts{"ticket.texts", R"sql(
    SELECT id, COALESCE(body, '') FROM text WHERE id = ANY($1::uuid[]))sql"};

// One that was merged is tracked as the one that it became part of.
constexpr statement select_tracked{"ticket.find_tracked", R"sql(
    WITH RECURSIVE heir AS (
        SELECT id, merged_into, 0 AS hops FROM ticket WHERE number = $1
        UNION ALL
        SELECT t.id, t.merged_into, h.hops + 1 FROM heir h JOIN ticket t ON t.id = h.merged_into WHERE h.hops < 20
    )
    SELECT h.id FROM heir h JOIN ticket_party p ON p.ticket_id = h.id
     WHERE h.merged_into IS NULL AND p.kind = $2 AND p.value = $3)sql"};

// Before the deletion looks: a merger that was copying contacts is over then, and the next one finds none.
constexpr statement lock_tickets_of_parties{"ticket_party.lock", R"sql(
    SELECT id FROM ticket
     WHERE id IN (SELECT id FROM ticket WHERE customer = $1
                  UNION
                  SELECT p.ticket_id FROM unnest($2::text[], $3::text[]) AS known(kind, value)
                    JOIN ticket_party p ON p.kind = known.kind AND p.value = known.value)
     ORDER BY id FOR NO KEY UPDATE)sql",
                                            std::chrono::milliseconds(30'000)};

// Of the person's own tickets all parties, of others' those that are his contacts.
constexpr statement delete_parties{"ticket_party.erase", R"sql(
    WITH his AS (
        SELECT p.ticket_id, p.kind, p.value FROM ticket t JOIN ticket_party p ON p.ticket_id = t.id WHERE t.customer = $1
        UNION
        SELECT p.ticket_id, p.kind, p.value FROM unnest($2::text[], $3::text[]) AS known(kind, value)
          JOIN ticket_party p ON p.kind = known.kind AND p.value = known.value
    ), gone AS (
        DELETE FROM ticket_party p USING his h
         WHERE p.ticket_id = h.ticket_id AND p.kind = h.kind AND p.value = h.value
        RETURNING party_digest(p.salt, p.kind, p.value) AS digest
    ), numbered AS (
        SELECT digest, (row_number() OVER (ORDER BY digest) - 1) / 500 AS share FROM gone WHERE digest IS NOT NULL
    )
    INSERT INTO event (id, at, kind, subject, subject_version, actor_kind, actor, departments, assignee, confidential, data)
    SELECT gen_random_uuid(), $4::timestamptz, $5::text, $1, $6::bigint, $7::text, $8::uuid, '{}'::uuid[], NULL::uuid, false,
           jsonb_build_object('parties', jsonb_agg(digest ORDER BY digest))
      FROM numbered GROUP BY share ORDER BY share)sql",
                                   std::chrono::milliseconds(30'000)};

constexpr statement select_stages{"ticket.stages", R"sql(
    SELECT data ->> 'to', at, kind FROM event
     WHERE subject = $1 AND data ->> 'to' IS NOT NULL AND data ->> 'to' IS DISTINCT FROM data ->> 'from'
     ORDER BY seq LIMIT 500)sql"};

// What somebody of the house has begun to write about it.
constexpr statement delete_drafts{"draft.erase", R"sql(
    DELETE FROM draft d
     WHERE d.key LIKE '%' || $1::uuid::text || '%'
        OR EXISTS (SELECT FROM ticket t WHERE t.customer = $1::uuid AND d.key LIKE '%' || t.id::text || '%'))sql"};

} // namespace

const statement& lock_tickets()
{
    return lock_statement;
}

const statement& load_ticket()
{
    static const std::string sql = load_sql("ticket t WHERE t.id = $1");
    static const statement load{"ticket.load", sql};
    return load;
}

const statement& load_tickets()
{
    static const std::string sql = load_sql("unnest($1::uuid[]) WITH ORDINALITY AS asked(id, place) "
                                            "JOIN ticket t ON t.id = asked.id ORDER BY asked.place");
    static const statement load{"ticket.load_many", sql};
    return load;
}

const statement& still_held()
{
    return still_held_statement;
}

void save_rows(pg::batch& to, const json& by_table)
{
    const auto add = [&](const char* table) {
        if (const auto it = by_table.find(table); it != by_table.end() && !it->empty())
            to.add(upsert_of(table), params(it->dump()));
    };
    add("ticket");
    for (const auto* const table : row_tables)
        add(table);
}

void save_parties(pg::batch& to, const json& rows)
{
    if (!rows.empty()) to.add(insert_parties, params(rows.dump()));
}

void save_interactions(pg::batch& to, const json& rows)
{
    if (!rows.empty()) to.add(insert_interactions, params(rows.dump()));
}

task<result<void>> find_links_of(pg::transaction& tx, ticket_id source, commitment& heir)
{
    const auto limit = most_absorbed_links + 1;
    pg::batch reads;
    reads.add(select_parties_to_absorb, params(source, heir.decided.next.id, limit))
        .add(select_interactions_to_absorb, params(source, heir.decided.next.id, limit));
    const auto found = co_await tx.run(std::move(reads));
    if (!found) co_return fail(found.error());
    for (const auto row : (*found)[0])
        heir.parties.push_back({row.get<std::string>(0), row.get<std::string>(1)});
    for (const auto row : (*found)[1])
        heir.interactions.push_back(row.get<interaction_id>(0));
    if (heir.parties.size() + heir.interactions.size() > most_absorbed_links)
        co_return fail(errc::limit_reached, "contacts and conversations of a merged ticket");
    co_return result<void>();
}

void save_notices(pg::batch& to, const json& notices, const json& opening_times)
{
    to.add(insert_notices, params(notices.dump(), opening_times.dump()));
}

record::eraser erase_parties()
{
    return [](pg::batch& to, const journal::erasure& what, const std::vector<record::identity>& identities) {
        std::vector<std::string> kinds;
        std::vector<std::string> values;
        for (const auto& each : identities) {
            kinds.emplace_back(record::to_string(each.kind));
            values.push_back(each.value);
        }
        to.add(lock_tickets_of_parties, params(what.customer, kinds, values))
            .add(delete_parties, params(what.customer, kinds, values, what.at, journal::parties_erased,
                                        what.customer_version, domain::to_string(what.by_kind), what.by))
            .add(delete_drafts, params(what.customer));
    };
}

task<result<kept_event>> load_event(pg::transaction& tx, event_id event)
{
    const auto found = co_await tx.run(select_event, params(event));
    if (!found) co_return fail(found.error());
    if (found->empty()) co_return fail(errc::internal, "a key without its event");
    const auto row = found->front();
    co_return kept_event{ticket_id(row.get<uuid>(0)), row.get<std::int64_t>(1), row.get<std::string>(2),
                         row.get<instant>(3), row.get<std::string>(4)};
}

task<result<std::optional<kept_key>>> take_key(pg::transaction& tx, const action_key& key, event_id event, instant now)
{
    const auto taken = co_await tx.run(insert_key, params(key.principal, key.key, key.body, event, now));
    if (!taken) co_return fail(taken.error());
    if (taken->affected() == 1) co_return std::nullopt;
    const auto found = co_await tx.run(select_key, params(key.principal, key.key));
    if (!found) co_return fail(found.error());
    if (found->empty()) co_return fail(errc::serialization_failure, "the key went away meanwhile");
    kept_key kept;
    const auto body = found->front().get<std::vector<std::uint8_t>>(0);
    std::ranges::copy_n(body.begin(), static_cast<std::ptrdiff_t>(std::min(body.size(), kept.body.size())),
                        kept.body.begin());
    kept.event = found->front().get<event_id>(1);
    co_return kept;
}

task<result<std::vector<user_id>>> find_away(pg::transaction& tx, std::vector<user_id> users, instant now)
{
    std::vector<user_id> away;
    if (users.empty()) co_return away;
    const auto found = co_await tx.run(select_away, params(users, now));
    if (!found) co_return fail(found.error());
    for (const auto row : *found)
        away.push_back(row.get<user_id>(0));
    co_return away;
}

task<result<customer_id>> find_customer_of(pg::transaction& tx, interaction_id interaction)
{
    const auto found = co_await tx.run(select_customer_of, params(interaction));
    if (!found) co_return fail(found.error());
    co_return found->empty() ? customer_id() : found->front().get<customer_id>(0);
}

void insert_made_contact(pg::batch& to, interaction_id id, customer_id customer, std::string_view channel, uuid agent,
                         instant at)
{
    to.add(insert_made_contact_statement, params(id, customer, channel, at, agent));
}

task<result<int>> count_files(pg::transaction& tx, ticket_id ticket, instant since)
{
    const auto found = co_await tx.run(count_files_statement, params(ticket, since));
    if (!found) co_return fail(found.error());
    co_return found->front().get<int>(0);
}

task<result<std::optional<ticket_id>>> find_group_root(pg::transaction& tx, ticket_id ticket)
{
    const auto found = co_await tx.run(select_group_root, params(ticket));
    if (!found) co_return fail(found.error());
    if (found->empty()) co_return std::nullopt;
    co_return found->front().get<ticket_id>(0);
}

task<result<bool>> is_number_of(pg::transaction& tx, ticket_id ticket, customer_id customer, std::string number)
{
    const auto found = co_await tx.run(select_own_number, params(ticket, customer, number));
    if (!found) co_return fail(found.error());
    co_return found->front().get<bool>(0);
}

task<result<std::map<ticket_id, std::vector<std::string>>>> find_party_kinds(pg::transaction& tx,
                                                                             std::vector<ticket_id> of)
{
    const auto found = co_await tx.run(select_party_kinds, params(of));
    if (!found) co_return fail(found.error());
    std::map<ticket_id, std::vector<std::string>> kinds;
    for (const auto row : *found)
        kinds[row.get<ticket_id>(0)].push_back(row.get<std::string>(1));
    co_return kinds;
}

task<result<std::vector<std::uint8_t>>> load_salt(pg::transaction& tx, text_id text)
{
    const auto found = co_await tx.run(select_salt, params(text));
    if (!found) co_return fail(found.error());
    if (found->empty() || found->front().is_null(0)) co_return std::vector<std::uint8_t>{};
    co_return found->front().get<std::vector<std::uint8_t>>(0);
}

task<result<ticket_stamp>> load_stamp(pg::database& db, ticket_id ticket)
{
    const auto found = co_await db.run(select_stamp, params(ticket));
    if (!found) co_return fail(found.error());
    if (found->empty()) co_return fail(errc::not_found, "no such ticket");
    co_return ticket_stamp{found->front().get<std::int64_t>(0), found->front().get<std::int64_t>(1)};
}

task<result<std::vector<ticket_id>>> find_due_tickets(pg::database& db, instant now,
                                                      const std::vector<ticket_id>& aside, std::size_t limit)
{
    const auto found = co_await db.run(select_due, params(now, aside, limit));
    if (!found) co_return fail(found.error());
    std::vector<ticket_id> due;
    for (const auto row : *found)
        due.push_back(row.get<ticket_id>(0));
    co_return due;
}

task<result<std::optional<ticket_id>>> find_ticket(pg::database& db, std::string number)
{
    const auto found = co_await db.run(select_by_number, params(number));
    if (!found) co_return fail(found.error());
    if (found->empty()) co_return std::nullopt;
    co_return found->front().get<ticket_id>(0);
}

list_item list_item_of(const pg::row& row)
{
    list_item item;
    item.id = row.get<ticket_id>(0);
    item.number = row.get<std::string>(1);
    item.version = row.get<std::int64_t>(2);
    item.status = row.get<std::string>(3);
    item.type = row.get<std::string>(4);
    item.priority = row.get<std::string>(5);
    item.category = row.get<std::string>(6);
    item.card = row.get<std::string>(7);
    item.rework_cycle = row.get<int>(8);
    item.department = row.get<std::optional<department_id>>(9);
    item.handler = row.get<std::optional<user_id>>(10);
    item.customer = row.get<std::optional<customer_id>>(11).value_or(customer_id());
    item.created_at = row.get<instant>(12);
    item.due_at = row.get<std::optional<instant>>(13);
    return item;
}

task<result<std::vector<ticket_id>>> find_tickets_of(pg::database& db, customer_id customer,
                                                     const std::vector<department_id>& departments, user_id or_handler,
                                                     std::size_t limit)
{
    const auto found = co_await db.run(select_of_customer, params(customer, departments, or_handler, limit));
    if (!found) co_return fail(found.error());
    std::vector<ticket_id> all;
    for (const auto row : *found)
        all.push_back(row.get<ticket_id>(0));
    co_return all;
}

task<result<std::vector<ticket_service::history_item>>> load_history(pg::database& db, ticket_id ticket)
{
    const auto found = co_await db.run(select_history, params(ticket));
    if (!found) co_return fail(found.error());
    std::vector<ticket_service::history_item> items;
    for (const auto row : *found)
        items.push_back({row.get<event_id>(0), row.get<std::string>(1), row.get<instant>(2), row.get<std::string>(3),
                         row.get<uuid>(4), row.get<std::string>(5), row.get<std::int64_t>(6)});
    co_return items;
}

task<result<std::map<text_id, std::string>>> load_texts(pg::database& db, std::vector<text_id> ids)
{
    std::map<text_id, std::string> texts;
    if (ids.empty()) co_return texts;
    const auto found = co_await db.run(select_texts, params(ids));
    if (!found) co_return fail(found.error());
    for (const auto row : *found)
        texts.emplace(row.get<text_id>(0), row.get<std::string>(1));
    co_return texts;
}

task<result<std::optional<ticket_id>>> find_tracked_ticket(pg::database& db, const std::string& number,
                                                           const party& contact)
{
    const auto found = co_await db.run(select_tracked, params(number, contact.kind, contact.value));
    if (!found) co_return fail(found.error());
    if (found->empty()) co_return std::nullopt;
    co_return found->front().get<ticket_id>(0);
}

task<result<std::vector<stage_row>>> load_stages(pg::database& db, ticket_id ticket)
{
    const auto found = co_await db.run(select_stages, params(ticket));
    if (!found) co_return fail(found.error());
    std::vector<stage_row> stages;
    for (const auto row : *found)
        stages.push_back({row.get<std::string>(0), row.get<instant>(1), row.get<std::string>(2)});
    co_return stages;
}

} // namespace huiyin::ticket
