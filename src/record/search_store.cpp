#include "search_store.hpp"

#include <huiyin/record/identity.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>

namespace huiyin::record {

namespace {

using namespace std::chrono_literals;

constexpr auto search_within = 2000ms;

// The hits are collected first, so that the planner, who knows nothing of words, never walks an index of times instead.
// What the reader may see is asked of the ticket as it is now. Of a ticket that became confidential after its words
// were cut, one who may not know the reporter finds nothing until they are cut anew.
constexpr pg::statement find_tickets_statement{"search.tickets", R"sql(
    WITH hit AS MATERIALIZED (
        SELECT id, at, confidential FROM search_document WHERE tokens @@ $1::tsquery AND kind = 'ticket')
    SELECT h.at, t.id, t.number, t.status, t.type, t.priority, t.category, t.lead_department, t.created_at,
           (SELECT left(x.body, 120) FROM text x WHERE x.id = (t.problem ->> 'text')::uuid)
      FROM (SELECT id, at, confidential FROM hit
             WHERE ($2::timestamptz IS NULL OR at < $2) AND ($3::timestamptz IS NULL OR (at, id) < ($3, $4::uuid))
             ORDER BY at DESC, id DESC) h
      JOIN ticket t ON t.id = h.id
     WHERE ($5::uuid[] IS NULL OR t.departments && $5 OR t.handler = $6::uuid)
       AND ($7::boolean OR t.sensitive = 'ordinary' OR h.confidential)
     ORDER BY h.at DESC, h.id DESC LIMIT $8::int)sql",
                                               search_within};

constexpr pg::statement find_customers_statement{"search.customers", R"sql(
    WITH hit AS MATERIALIZED (
        SELECT id, at FROM search_document WHERE tokens @@ $1::tsquery AND kind = 'customer')
    SELECT h.at, c.id, c.id, c.kind, c.name, c.created_at,
           ARRAY(SELECT i.kind FROM identity i WHERE i.customer_id = c.id ORDER BY i.kind DESC, i.value LIMIT 20),
           ARRAY(SELECT i.value FROM identity i WHERE i.customer_id = c.id ORDER BY i.kind DESC, i.value LIMIT 20)
      FROM (SELECT id, at FROM hit
             WHERE ($2::timestamptz IS NULL OR at < $2) AND ($3::timestamptz IS NULL OR (at, id) < ($3, $4::uuid))
             ORDER BY at DESC, id DESC) h
      JOIN customer c ON c.id = h.id
     WHERE c.merged_into IS NULL AND c.erased_at IS NULL
       AND ($5::boolean OR NOT EXISTS (SELECT FROM ticket t WHERE t.customer = c.id)
            OR EXISTS (SELECT FROM ticket t WHERE t.customer = c.id AND t.sensitive = 'ordinary'))
     ORDER BY h.at DESC, h.id DESC LIMIT $6::int)sql",
                                                 search_within};

constexpr pg::statement find_customers_of_tickets_statement{"search.customers_of_tickets", R"sql(
    WITH hit AS MATERIALIZED (
        SELECT id, at FROM search_document WHERE tokens @@ $1::tsquery AND kind = 'ticket')
    SELECT h.at, h.id, c.id, c.kind, c.name, c.created_at,
           ARRAY(SELECT i.kind FROM identity i WHERE i.customer_id = c.id ORDER BY i.kind DESC, i.value LIMIT 20),
           ARRAY(SELECT i.value FROM identity i WHERE i.customer_id = c.id ORDER BY i.kind DESC, i.value LIMIT 20)
      FROM (SELECT id, at FROM hit
             WHERE ($2::timestamptz IS NULL OR at < $2) AND ($3::timestamptz IS NULL OR (at, id) < ($3, $4::uuid))
             ORDER BY at DESC, id DESC) h
      JOIN ticket t ON t.id = h.id
      JOIN customer c ON c.id = t.customer
     WHERE c.merged_into IS NULL AND c.erased_at IS NULL
       AND (t.departments && $5::uuid[] OR t.handler = $6::uuid)
       AND ($7::boolean OR t.sensitive = 'ordinary')
       AND NOT EXISTS (
           SELECT FROM ticket n
            WHERE n.customer = t.customer AND n.created_at >= t.created_at
              AND (n.created_at, n.id) > (t.created_at, t.id)
              AND (n.departments && $5::uuid[] OR n.handler = $6::uuid) AND ($7::boolean OR n.sensitive = 'ordinary'))
     ORDER BY h.at DESC, h.id DESC LIMIT $8::int)sql",
                                                            search_within};

constexpr pg::statement newest_document_statement{"search.newest",
                                                  "SELECT max(at) FROM search_document WHERE kind = $1"};

constexpr pg::statement note_changes_statement{"search.note_changes", R"sql(
    WITH page AS MATERIALIZED (
        SELECT p.pos, e.subject,
               -- A step of a clock says nothing new, unless it moved the ticket.
               e.kind NOT LIKE 'deadline.%' OR
                   COALESCE(e.data #> '{rows,ticket,0}' ?| ARRAY['departments', 'handler', 'sensitive', 'customer'], false) AS says
          FROM event_pos p JOIN event e ON e.seq = p.seq
         WHERE p.pos > (SELECT pos FROM search_cursor) AND EXISTS (SELECT FROM duty_lease WHERE name = $1 AND fence = $2)
         ORDER BY p.pos LIMIT $3::int),
    subject AS (SELECT DISTINCT subject AS id FROM page WHERE says),
    said AS (SELECT e.ticket_id, e.customer_id FROM subject s JOIN entry e ON e.id = s.id),
    known AS (SELECT c.id FROM subject s JOIN customer c ON c.id = s.id),
    noted AS (
        INSERT INTO search_todo (id, kind)
        SELECT id, 'customer' FROM known
        UNION SELECT customer_id, 'customer' FROM said
        UNION SELECT t.id, 'ticket' FROM subject s JOIN ticket t ON t.id = s.id
        UNION SELECT ticket_id, 'ticket' FROM said WHERE ticket_id IS NOT NULL
        UNION SELECT t.id, 'ticket' FROM known k JOIN ticket t ON t.customer = k.id
        UNION SELECT e.ticket_id, 'ticket' FROM known k JOIN entry e ON e.customer_id = k.id
               WHERE e.ticket_id IS NOT NULL),
    moved AS (
        UPDATE search_cursor SET pos = (SELECT max(pos) FROM page) WHERE EXISTS (SELECT FROM page))
    SELECT count(*) FROM page)sql",
                                               30s};

constexpr pg::statement next_todo{"search.next_todo", R"sql(
    SELECT seq, id, kind FROM search_todo ORDER BY seq LIMIT $1::int)sql"};

// Erasing a person locks him first: it comes before this and leaves nothing to read, or after and removes what is cut.
constexpr pg::statement lock_persons{"search.lock_persons", R"sql(
    SELECT id FROM customer
     WHERE id IN (SELECT unnest($1::uuid[])
                  UNION SELECT customer FROM ticket WHERE id = ANY ($2::uuid[])
                  UNION SELECT customer_id FROM entry WHERE ticket_id = ANY ($2::uuid[]))
     ORDER BY id FOR SHARE)sql"};

constexpr pg::statement read_customers{"search.read_customers", R"sql(
    SELECT c.id, c.created_at, c.name,
           ARRAY(SELECT i.value FROM identity i WHERE i.customer_id = c.id AND i.kind = 'phone' ORDER BY 1 LIMIT 50),
           ARRAY(SELECT i.value FROM identity i WHERE i.customer_id = c.id AND i.kind = 'email' ORDER BY 1 LIMIT 50)
      FROM customer c WHERE c.id = ANY ($1::uuid[]))sql"};

// The newest entries come first, after what the ticket itself says; the first entry is the problem again.
constexpr pg::statement read_tickets{"search.read_tickets", R"sql(
    SELECT t.id, t.created_at, t.number, t.sensitive = 'confidential', t.departments, t.handler, COALESCE(c.name, ''),
           ARRAY(SELECT i.value FROM identity i WHERE i.customer_id = c.id AND i.kind = 'phone'
                 UNION SELECT p.value FROM ticket_party p WHERE p.ticket_id = t.id AND p.kind = 'phone' LIMIT 50),
           ARRAY(SELECT i.value FROM identity i WHERE i.customer_id = c.id AND i.kind = 'email'
                 UNION SELECT p.value FROM ticket_party p WHERE p.ticket_id = t.id AND p.kind = 'email' LIMIT 50),
           ARRAY(SELECT left(x.body, 10000)
                   FROM (SELECT w.id, min(w.rank) AS rank
                           FROM (SELECT (v.words ->> 'text')::uuid AS id, v.rank
                                   FROM (VALUES (t.problem, 1), (t.object, 2), (t.desired_solution, 3), (t.reply, 4))
                                     AS v(words, rank)
                                 UNION ALL
                                 SELECT (unnest(ARRAY[s.words, s.interim]) ->> 'text')::uuid, 10 + s.n
                                   FROM ticket_solution s WHERE s.ticket_id = t.id
                                 UNION ALL
                                 (SELECT e.text_id, 1000 + row_number() OVER newest
                                    FROM entry e WHERE e.ticket_id = t.id AND e.text_id IS NOT NULL
                                  WINDOW newest AS (ORDER BY e.at DESC, e.id DESC) LIMIT 50)) w
                          WHERE w.id IS NOT NULL GROUP BY w.id) one
                   JOIN text x ON x.id = one.id
                  WHERE x.body IS NOT NULL
                  ORDER BY one.rank, x.id LIMIT 60),
           ARRAY(SELECT left(x.body, 100000) FROM entry e JOIN text x ON x.id = e.fields_id
                  WHERE e.ticket_id = t.id AND x.body IS NOT NULL ORDER BY e.at DESC, e.id DESC LIMIT 10)
      FROM ticket t LEFT JOIN customer c ON c.id = t.customer
     WHERE t.id = ANY ($1::uuid[]))sql",
                                     30s};

constexpr pg::statement write_documents{"search.write", R"sql(
    WITH held AS (SELECT FROM duty_lease WHERE name = $1 AND fence = $2),
    written AS (
        INSERT INTO search_document AS d (id, kind, at, confidential, tokens)
        SELECT q.id, q.kind, q.at, q.confidential, q.tokens::tsvector
          FROM unnest($3::uuid[], $4::text[], $5::timestamptz[], $6::boolean[], $7::text[])
            AS q(id, kind, at, confidential, tokens)
         WHERE EXISTS (SELECT FROM held)
         ORDER BY q.id
            ON CONFLICT (id) DO UPDATE SET at = excluded.at, confidential = excluded.confidential, tokens = excluded.tokens
               WHERE (d.at, d.confidential, d.tokens) IS DISTINCT FROM (excluded.at, excluded.confidential, excluded.tokens)
        RETURNING d.id, d.kind, d.xmax <> 0 AS changed),
    done AS (DELETE FROM search_todo WHERE seq = ANY ($8::bigint[]) AND EXISTS (SELECT FROM held)),
    -- A new name or number of somebody known is looked for with his earlier tickets as well.
    others AS (
        INSERT INTO search_todo (id, kind)
        SELECT t.id, 'ticket' FROM written w JOIN ticket t ON t.customer = w.id WHERE w.kind = 'customer' AND w.changed)
    SELECT count(*) FROM written)sql",
                                        30s};

constexpr pg::statement measure_lag{"search.lag", R"sql(
    SELECT (SELECT count(*) FROM (SELECT FROM search_todo LIMIT 10000) AS waiting),
           (SELECT COALESCE(max(pos), 0) FROM event_pos) - (SELECT pos FROM search_cursor))sql"};

// The row stays, so that the table is never empty: see forget_statistics().
constexpr pg::statement erase_words{"search.erase", R"sql(
    WITH of AS (
        SELECT $1::uuid AS id, 'customer' AS kind
        UNION SELECT id, 'ticket' FROM ticket WHERE customer = $1
        UNION SELECT ticket_id, 'ticket' FROM entry WHERE customer_id = $1 AND ticket_id IS NOT NULL),
    emptied AS (UPDATE search_document d SET tokens = '' FROM of WHERE d.id = of.id)
    INSERT INTO search_todo (id, kind) SELECT id, kind FROM of)sql",
                                    std::chrono::seconds(30)};

task<result<search_hits<found_customer>>> run_for_customers(pg::database& from, const pg::statement& what,
                                                            pg::params with)
{
    const auto found = co_await from.run(what, std::move(with));
    if (!found) co_return fail(found.error());
    search_hits<found_customer> hits;
    for (const auto row : *found) {
        found_customer hit;
        hit.id = row.get<customer_id>(2);
        hit.kind = row.get<std::string>(3);
        hit.name = row.get<std::string>(4);
        hit.created_at = row.get<instant>(5);
        const auto kinds = row.get<std::vector<std::string>>(6), values = row.get<std::vector<std::string>>(7);
        for (std::size_t i = 0; i < kinds.size(); ++i)
            hit.contacts.push_back(masked({parse_identity_kind(kinds[i]).value(), values.at(i)}));
        hits.emplace_back(search_place(row.get<instant>(0), row.get<uuid>(1)), std::move(hit));
    }
    co_return hits;
}

search_document customer_document(const pg::row& row)
{
    search_document document;
    document.add_time('c', row.get<instant>(1));
    document.add(row.get<std::string_view>(2));
    for (const auto& each : row.get<std::vector<std::string>>(3))
        document.add_phone(each, search_document::part::words);
    for (const auto& each : row.get<std::vector<std::string>>(4))
        document.add_email(each, search_document::part::words);
    return document;
}

search_document ticket_document(const pg::row& row)
{
    const auto whose = row.get<bool>(3) ? search_document::part::reporter : search_document::part::customer;
    search_document document;
    document.add_time('t', row.get<instant>(1));
    document.add_scope(row.get<std::vector<department_id>>(4), row.get<std::optional<user_id>>(5));
    document.add(row.get<std::string_view>(2));
    document.add(row.get<std::string_view>(6), whose);
    for (const auto& each : row.get<std::vector<std::string>>(7))
        document.add_phone(each, whose);
    for (const auto& each : row.get<std::vector<std::string>>(8))
        document.add_email(each, whose);
    for (const auto& each : row.get<std::vector<std::string>>(9))
        document.add(each);
    for (const auto& each : row.get<std::vector<std::string>>(10)) {
        // What the form's fields say, not what they are called.
        const auto fields = nlohmann::json::parse(each, nullptr, false);
        if (!fields.is_object()) continue;
        for (const auto& [code, value] : fields.items())
            if (value.is_string()) document.add(value.get_ref<const std::string&>());
    }
    return document;
}

/// Columns of what is to be written.
struct cut_documents
{
    std::vector<uuid> ids;
    std::vector<std::string> kinds;
    std::vector<instant> times;
    std::vector<bool> confidential;
    std::vector<std::string> tokens;

    void add(std::string_view kind, const pg::row& row, bool is_confidential, const search_document& document)
    {
        ids.push_back(row.get<uuid>(0));
        kinds.emplace_back(kind);
        times.push_back(row.get<instant>(1));
        confidential.push_back(is_confidential);
        tokens.push_back(document.tokens());
    }
};

} // namespace

task<result<search_hits<found_ticket>>> find_tickets(pg::database& from, const search_stretch& where,
                                                     const search_reader& reader)
{
    const auto at = where.after ? std::optional(where.after->first) : std::nullopt;
    const auto last = where.after ? std::optional(where.after->second) : std::nullopt;
    const auto found =
        co_await from.run(find_tickets_statement, pg::params(where.tokens, where.before, at, last, reader.departments,
                                                             reader.self, reader.knows_reporters, where.limit));
    if (!found) co_return fail(found.error());
    search_hits<found_ticket> hits;
    for (const auto row : *found) {
        found_ticket hit;
        hit.id = row.get<ticket_id>(1);
        hit.number = row.get<std::string>(2);
        hit.status = row.get<std::string>(3);
        hit.type = row.get<std::string>(4);
        hit.priority = row.get<std::string>(5);
        hit.category = row.get<std::string>(6);
        hit.department = row.get<std::optional<department_id>>(7);
        hit.created_at = row.get<instant>(8);
        hit.excerpt = row.get<std::optional<std::string>>(9).value_or("");
        hits.emplace_back(search_place(row.get<instant>(0), row.get<uuid>(1)), std::move(hit));
    }
    co_return hits;
}

task<result<search_hits<found_customer>>> find_customers(pg::database& from, const search_stretch& where,
                                                         const search_reader& reader)
{
    const auto at = where.after ? std::optional(where.after->first) : std::nullopt;
    const auto last = where.after ? std::optional(where.after->second) : std::nullopt;
    co_return co_await run_for_customers(
        from, find_customers_statement,
        pg::params(where.tokens, where.before, at, last, reader.knows_reporters, where.limit));
}

task<result<search_hits<found_customer>>> find_customers_of_tickets(pg::database& from, const search_stretch& where,
                                                                    const search_reader& reader)
{
    const auto at = where.after ? std::optional(where.after->first) : std::nullopt;
    const auto last = where.after ? std::optional(where.after->second) : std::nullopt;
    co_return co_await run_for_customers(from, find_customers_of_tickets_statement,
                                         pg::params(where.tokens, where.before, at, last, reader.departments,
                                                    reader.self, reader.knows_reporters, where.limit));
}

task<result<std::optional<instant>>> newest_document(pg::database& from, std::string_view kind)
{
    const auto found = co_await from.run(newest_document_statement, pg::params(kind));
    if (!found) co_return fail(found.error());
    co_return found->front().get<std::optional<instant>>(0);
}

task<result<std::size_t>> note_changes(pg::duty& on)
{
    const auto noted = co_await on.run(note_changes_statement, pg::params(search_duty, on.fence(), events_at_once));
    if (!noted) co_return fail(noted.error());
    co_return noted->front().get<std::size_t>(0);
}

task<result<std::size_t>> cut_next(pg::duty& on)
{
    const auto todo = co_await on.run(next_todo, pg::params(documents_at_once));
    if (!todo) co_return fail(todo.error());
    if (todo->empty()) co_return 0;
    std::vector<std::int64_t> taken;
    std::vector<uuid> customers, tickets;
    for (const auto row : *todo) {
        taken.push_back(row.get<std::int64_t>(0));
        auto& of_kind = row.get<std::string_view>(2) == "ticket" ? tickets : customers;
        const auto id = row.get<uuid>(1);
        if (std::ranges::find(of_kind, id) == of_kind.end()) of_kind.push_back(id);
    }

    auto tx = co_await on.begin();
    if (!tx) co_return fail(tx.error());
    pg::batch reads;
    reads.add(lock_persons, pg::params(customers, tickets))
        .add(read_customers, pg::params(customers))
        .add(read_tickets, pg::params(tickets));
    const auto read = co_await tx->run(std::move(reads));
    if (!read) co_return fail(read.error());

    cut_documents cut;
    for (const auto row : (*read)[1])
        cut.add("customer", row, false, customer_document(row));
    for (const auto row : (*read)[2])
        cut.add("ticket", row, row.get<bool>(3), ticket_document(row));
    pg::batch last;
    last.add(write_documents,
             pg::params(search_duty, on.fence(), cut.ids, cut.kinds, cut.times, cut.confidential, cut.tokens, taken));
    const auto written = co_await tx->commit(std::move(last));
    if (!written) co_return fail(written.error());
    co_return taken.size();
}

task<result<search_lag>> read_search_lag(pg::duty& on)
{
    const auto found = co_await on.run(measure_lag);
    if (!found) co_return fail(found.error());
    co_return search_lag{found->front().get<std::int64_t>(0), found->front().get<std::int64_t>(1)};
}

void erase_search_words(pg::batch& to, customer_id who)
{
    to.add(erase_words, pg::params(who));
}

} // namespace huiyin::record
