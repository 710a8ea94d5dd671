#include <huiyin/record/entry_store.hpp>

#include <algorithm>

namespace huiyin::record {

namespace {

constexpr pg::statement insert_entries{"record.insert_entries", R"sql(
    INSERT INTO entry (id, interaction_id, customer_id, at, kind, direction, author_kind, author, proof, text_id,
                       fields_id, internal, ticket_id)
    SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::timestamptz[], $5::text[], $6::text[], $7::text[],
                         $8::uuid[], $9::text[], $10::uuid[], $11::uuid[], $12::boolean[], $13::uuid[]))sql"};

// Index entry_timeline.
constexpr pg::statement customer_timeline{"record.timeline", R"sql(
    SELECT e.id, e.interaction_id, e.customer_id, e.at, e.kind, e.direction, e.author_kind, e.author, e.proof, e.text_id,
           e.internal, e.ticket_id, i.channel, i.account, t.body, t.erased_at IS NOT NULL,
           e.fields_id, f.body, a.name, d.id, d.code, d.name::text
      FROM entry e
      JOIN interaction i ON i.id = e.interaction_id
      LEFT JOIN text t ON t.id = e.text_id
      LEFT JOIN text f ON f.id = e.fields_id
      LEFT JOIN LATERAL (
           SELECT u.display_name AS name FROM user_account u WHERE e.author_kind = 'user' AND u.id = e.author
           UNION ALL
           SELECT k.name FROM api_token k WHERE e.author_kind = 'token' AND k.id = e.author) AS a ON true
      LEFT JOIN LATERAL (
           SELECT o.id, o.code, o.name FROM department_member m JOIN department o ON o.id = m.department_id
            WHERE e.author_kind = 'user' AND m.user_id = e.author ORDER BY o.code LIMIT 1) AS d ON true
     WHERE e.customer_id = $1 AND (e.at, e.id) < ($2::timestamptz, $3::uuid)
     ORDER BY e.at DESC, e.id DESC LIMIT $4::int)sql"};

// Index entry_ticket.
constexpr pg::statement timeline_of_ticket{"record.ticket_timeline", R"sql(
    SELECT e.id, e.interaction_id, e.customer_id, e.at, e.kind, e.direction, e.author_kind, e.author, e.proof, e.text_id,
           e.internal, e.ticket_id, i.channel, i.account, t.body, t.erased_at IS NOT NULL,
           e.fields_id, f.body, a.name, d.id, d.code, d.name::text
      FROM entry e
      JOIN interaction i ON i.id = e.interaction_id
      LEFT JOIN text t ON t.id = e.text_id
      LEFT JOIN text f ON f.id = e.fields_id
      LEFT JOIN LATERAL (
           SELECT u.display_name AS name FROM user_account u WHERE e.author_kind = 'user' AND u.id = e.author
           UNION ALL
           SELECT k.name FROM api_token k WHERE e.author_kind = 'token' AND k.id = e.author) AS a ON true
      LEFT JOIN LATERAL (
           SELECT o.id, o.code, o.name FROM department_member m JOIN department o ON o.id = m.department_id
            WHERE e.author_kind = 'user' AND m.user_id = e.author ORDER BY o.code LIMIT 1) AS d ON true
     WHERE e.ticket_id = $1 AND (e.at, e.id) < ($2::timestamptz, $3::uuid)
     ORDER BY e.at DESC, e.id DESC LIMIT $4::int)sql"};

constexpr pg::statement attachments_of{"record.attachments_of", R"sql(
    SELECT entry_id, id, name, content_type, size FROM attachment WHERE entry_id = ANY ($1::uuid[]) ORDER BY id)sql"};

timeline_item to_item(const pg::row& row)
{
    timeline_item item;
    auto& e = item.entry;
    e.id = row.get<entry_id>(0);
    e.interaction = row.get<interaction_id>(1);
    e.customer = row.get<customer_id>(2);
    e.at = row.get<instant>(3);
    e.kind = row.get<std::string>(4);
    e.direction = row.get<std::string>(5);
    e.author_kind = row.get<std::string>(6);
    e.author = row.get<std::optional<uuid>>(7);
    e.proof = row.get<std::string>(8);
    e.text = row.get<std::optional<text_id>>(9);
    e.internal = row.get<bool>(10);
    e.ticket = row.get<std::optional<ticket_id>>(11);
    item.channel = row.get<std::string>(12);
    item.account = row.get<std::string>(13);
    item.words = row.get<std::optional<std::string>>(14).value_or("");
    item.erased = row.get<bool>(15);
    e.fields = row.get<std::optional<text_id>>(16);
    item.fields = row.get<std::optional<std::string>>(17).value_or("");
    if (!row.is_null(18))
        item.author = entry_author{.name = row.get<std::string>(18),
                                   .department = row.get<std::optional<department_id>>(19),
                                   .department_code = row.get<std::optional<std::string>>(20).value_or(""),
                                   .department_name = row.get<std::optional<std::string>>(21).value_or("")};
    return item;
}

// Later than anything that happens: the first page has no end.
const instant end_of_time = std::chrono::sys_days(std::chrono::year(9999) / 12 / 31);

task<result<timeline_page>> page_of(pg::database& from, const pg::statement& what, uuid whose,
                                    std::optional<std::pair<instant, entry_id>> before, std::size_t limit)
{
    limit = std::clamp<std::size_t>(limit, 1, 200);
    const auto key = before.value_or(std::pair{end_of_time, entry_id()});
    const auto found = co_await from.run(what, pg::params(whose, key.first, key.second, limit + 1));
    if (!found) co_return fail(found.error());
    timeline_page page;
    std::vector<entry_id> ids;
    for (const auto row : *found) {
        if (page.items.size() == limit) {
            page.next = {page.items.back().entry.at, page.items.back().entry.id};
            break;
        }
        page.items.push_back(to_item(row));
        ids.push_back(page.items.back().entry.id);
    }
    const auto attachments = co_await from.run(attachments_of, pg::params(ids));
    if (!attachments) co_return fail(attachments.error());
    for (const auto row : *attachments) {
        const auto owner = std::ranges::find(ids, row.get<entry_id>(0)) - ids.begin();
        page.items[static_cast<std::size_t>(owner)].attachments.push_back(
            {row.get<attachment_id>(1), row.get<std::string>(2), row.get<std::string>(3), row.get<std::int64_t>(4)});
    }
    co_return page;
}

} // namespace

void insert(pg::batch& to, const std::vector<entry>& entries)
{
    if (entries.empty()) return;
    std::vector<entry_id> ids;
    std::vector<interaction_id> interactions;
    std::vector<customer_id> customers;
    std::vector<instant> times;
    std::vector<std::string> kinds, directions, author_kinds, proofs;
    std::vector<std::optional<uuid>> authors;
    std::vector<std::optional<text_id>> texts, fields;
    std::vector<bool> internals;
    std::vector<std::optional<ticket_id>> tickets;
    for (const auto& e : entries) {
        ids.push_back(e.id);
        interactions.push_back(e.interaction);
        customers.push_back(e.customer);
        times.push_back(e.at);
        kinds.push_back(e.kind);
        directions.push_back(e.direction);
        author_kinds.push_back(e.author_kind);
        authors.push_back(e.author);
        proofs.push_back(e.proof);
        texts.push_back(e.text);
        fields.push_back(e.fields);
        internals.push_back(e.internal);
        tickets.push_back(e.ticket);
    }
    to.add(insert_entries, pg::params(ids, interactions, customers, times, kinds, directions, author_kinds, authors,
                                      proofs, texts, fields, internals, tickets));
}

task<result<timeline_page>> timeline(pg::database& from, customer_id customer,
                                     std::optional<std::pair<instant, entry_id>> before, std::size_t limit)
{
    return page_of(from, customer_timeline, customer.value(), before, limit);
}

task<result<timeline_page>> ticket_timeline(pg::database& from, ticket_id ticket,
                                            std::optional<std::pair<instant, entry_id>> before, std::size_t limit)
{
    return page_of(from, timeline_of_ticket, ticket.value(), before, limit);
}

} // namespace huiyin::record
