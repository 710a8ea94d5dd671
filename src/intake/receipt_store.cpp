#include "receipt_store.hpp"

#include <huiyin/base/text.hpp>

#include <algorithm>
#include <tuple>

namespace huiyin::intake {

namespace {

constexpr pg::statement try_lock_statement{"intake.try_locks",
                                           "SELECT k, pg_try_advisory_xact_lock(k) FROM unnest($1::bigint[]) AS k"};

constexpr pg::statement find_receipts{"intake.find_receipts", R"sql(
    SELECT r.account, r.external_id, r.id, e.data::text
      FROM unnest($1::text[], $2::text[]) AS q(account, external_id)
      JOIN receipt r ON r.account = q.account AND r.external_id = q.external_id
      JOIN event e ON e.id = r.event_id)sql"};

constexpr pg::statement find_requests{"intake.find_requests", R"sql(
    SELECT r.principal, r.key, r.body_sha256, e.data::text
      FROM unnest($1::text[], $2::text[]) AS q(principal, key)
      JOIN request r ON r.principal = q.principal AND r.key = q.key
      JOIN event e ON e.id = r.event_id)sql"};

// The newest fifty show whether somebody complains again; index ticket_of_customer.
constexpr pg::statement find_tickets{"intake.find_tickets", R"sql(
    SELECT t.id, t.number, t.customer, t.category, t.created_at,
           t.status NOT IN ('closed', 'archived', 'merged'), t.due_at, p.kind, p.value, t.number
      FROM (SELECT DISTINCT i.customer_id
              FROM unnest($1::text[], $2::text[]) AS q(kind, value)
              JOIN identity i ON i.kind = q.kind AND i.value = q.value) AS c
     CROSS JOIN LATERAL (
           SELECT id, number, customer, category, created_at, status, due_at FROM ticket
            WHERE customer = c.customer_id ORDER BY created_at DESC LIMIT 50) AS t
      LEFT JOIN ticket_party p ON p.ticket_id = t.id)sql"};

// One that was merged stands for the one that it became part of.
constexpr pg::statement find_named_tickets{"intake.find_named_tickets", R"sql(
    WITH RECURSIVE heir AS (
        SELECT id, number AS asked, merged_into, 0 AS hops FROM ticket WHERE number = ANY ($1::text[])
        UNION ALL
        SELECT t.id, h.asked, t.merged_into, h.hops + 1 FROM heir h JOIN ticket t ON t.id = h.merged_into WHERE h.hops < 20
    )
    SELECT t.id, t.number, t.customer, t.category, t.created_at,
           t.status NOT IN ('closed', 'archived', 'merged'), t.due_at, p.kind, p.value, h.asked
      FROM heir h JOIN ticket t ON t.id = h.id LEFT JOIN ticket_party p ON p.ticket_id = t.id
     WHERE h.merged_into IS NULL)sql"};

// Takes the transaction's id as well, so that the writes can travel with COMMIT. The locks come before.
constexpr pg::statement take_serials{"intake.take_serials", R"sql(
    SELECT nextval('ticket_serial'), pg_current_xact_id() FROM generate_series(1, $1::int))sql"};

constexpr pg::statement insert_receipts_statement{"intake.insert_receipts", R"sql(
    INSERT INTO receipt (id, account, external_id, at, outcome, repeats, entry_id, ticket_id, event_id)
    SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::timestamptz[], $5::text[], $6::bigint[], $7::uuid[],
                         $8::uuid[], $9::uuid[]))sql"};

constexpr pg::statement insert_requests_statement{"intake.insert_requests", R"sql(
    INSERT INTO request (principal, key, body_sha256, event_id, at)
    SELECT q.principal, q.key, decode(q.body, 'hex'), q.event, q.at
      FROM unnest($1::text[], $2::text[], $3::text[], $4::uuid[], $5::timestamptz[]) AS q(principal, key, body, event, at))sql"};

constexpr pg::statement count_repeats_statement{"intake.count_repeats", R"sql(
    UPDATE receipt r SET repeats = r.repeats + q.more
      FROM unnest($1::uuid[], $2::bigint[]) AS q(id, more) WHERE r.id = q.id)sql"};

constexpr pg::statement insert_inbox_statement{"intake.insert_inbox", R"sql(
    INSERT INTO ticket_inbox (id, ticket_id, interaction_id, entry_id, customer_id, act, at, detail)
    SELECT q.id, q.ticket, q.interaction, q.entry, q.customer, q.act, q.at, NULLIF(q.detail, '')::jsonb
      FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::uuid[], $6::text[], $7::timestamptz[], $8::text[])
        AS q(id, ticket, interaction, entry, customer, act, at, detail))sql"};

constexpr pg::statement insert_parked_statement{"intake.insert_parked", R"sql(
    INSERT INTO parked (id, receipt_id, reason, contact, raw, identity_keys, at)
    VALUES ($1, $2, $3, $4, $5, $6::bigint[], $7))sql"};

constexpr pg::statement lock_parked_statement{"intake.lock_parked", R"sql(
    SELECT id FROM parked WHERE id = $1 AND resolved_at IS NULL FOR UPDATE)sql"};

constexpr pg::statement show_receipt{"intake.show_receipt", R"sql(
    UPDATE receipt SET outcome = 'visible', entry_id = $2, ticket_id = $3, event_id = $4 WHERE id = $1)sql"};

constexpr pg::statement resolve_statement{"intake.resolve_parked", R"sql(
    UPDATE parked SET resolved_at = $2, contact = NULL, raw = NULL, identity_keys = '{}', retries = retries + 1
     WHERE id = $1)sql"};

constexpr pg::statement note_retry_statement{"intake.note_retry", R"sql(
    UPDATE parked SET retries = retries + 1, reason = $2 WHERE id = $1 AND resolved_at IS NULL)sql"};

constexpr pg::statement load_parked_statement{"intake.load_parked", R"sql(
    SELECT receipt_id, contact, raw, resolved_at IS NOT NULL FROM parked WHERE id = $1)sql"};

constexpr pg::statement make_day{"intake.make_day", R"sql(
    INSERT INTO ticket_day (day, base) SELECT $1::text::date, nextval('ticket_serial')
     WHERE NOT EXISTS (SELECT FROM ticket_day WHERE day = $1::text::date)
    ON CONFLICT (day) DO NOTHING)sql"};

constexpr pg::statement read_day{"intake.read_day", "SELECT base FROM ticket_day WHERE day = $1::text::date"};

std::span<const std::uint8_t> as_bytes(const std::string& text)
{
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

void take_tickets(const pg::rows& rows, std::map<ticket_id, found_ticket>& into)
{
    for (const auto row : rows) {
        const auto id = row.get<ticket_id>(0);
        auto& known = into[id];
        if (known.id.is_nil()) {
            known.id = id;
            known.number = row.get<std::string>(1);
            known.customer = row.get<std::optional<customer_id>>(2).value_or(customer_id());
            known.category = row.get<std::string>(3);
            known.created_at = row.get<instant>(4);
            known.open = row.get<bool>(5);
            known.due_at = row.get<std::optional<instant>>(6);
        }
        known.known_as.insert(row.get<std::string>(9));
        if (row.is_null(7)) continue;
        if (const auto kind = record::parse_identity_kind(row.get<std::string_view>(7)))
            known.parties.insert({*kind, row.get<std::string>(8)});
    }
}

} // namespace

void reading::try_locks(const std::vector<std::int64_t>& keys)
{
    batch_.add(try_lock_statement, pg::params(keys));
    parts_.push_back(part::locks);
}

void reading::wait_for_locks(const std::vector<std::int64_t>& sorted_keys)
{
    record::lock_identities(batch_, sorted_keys);
    parts_.resize(batch_.size(), part::ignored);
}

void reading::lock_parked(parked_id which)
{
    batch_.add(lock_parked_statement, pg::params(which));
    parts_.push_back(part::parked);
}

void reading::look_up(const std::vector<const contact*>& all, instant now)
{
    std::vector<record::correspondent> correspondents;
    std::vector<std::string> kinds, values, accounts, external_ids, principals, keys, numbers;
    std::vector<attachment_id> attachments;
    correspondents.reserve(all.size());
    for (const auto* each : all) {
        correspondents.push_back(each->correspondent());
        for (const auto& given : each->identities) {
            kinds.emplace_back(record::to_string(given.what.kind));
            values.push_back(given.what.value);
        }
        accounts.push_back(each->account);
        external_ids.push_back(each->external_id);
        if (each->key) {
            principals.push_back(each->key->principal);
            keys.push_back(each->key->key);
        }
        if (!each->ticket_number.empty()) numbers.push_back(each->ticket_number);
        attachments.insert(attachments.end(), each->attachments.begin(), each->attachments.end());
    }
    std::vector<const record::correspondent*> pointers;
    for (const auto& each : correspondents)
        pointers.push_back(&each);

    record::filing::look_up(batch_, pointers);
    parts_.push_back(part::identities);
    batch_.add(find_receipts, pg::params(accounts, external_ids));
    parts_.push_back(part::receipts);
    batch_.add(find_tickets, pg::params(kinds, values));
    parts_.push_back(part::tickets);
    if (!keys.empty()) {
        batch_.add(find_requests, pg::params(principals, keys));
        parts_.push_back(part::requests);
    }
    if (!numbers.empty()) {
        batch_.add(find_named_tickets, pg::params(numbers));
        parts_.push_back(part::named_tickets);
    }
    if (!attachments.empty()) {
        record::find_attachable(batch_, attachments, now);
        parts_.push_back(part::attachments);
    }
    batch_.add(take_serials, pg::params(all.size()));
    parts_.push_back(part::serials);
}

task<result<void>> reading::run(pg::transaction& in)
{
    auto read = co_await in.run(std::move(batch_));
    if (!read) co_return fail(read.error());
    for (std::size_t i = 0; i < parts_.size(); ++i) {
        const auto& rows = (*read)[i];
        switch (parts_[i]) {
        case part::ignored: break;
        case part::locks:
            for (const auto row : rows)
                if (!row.get<bool>(1)) found.missed_locks.insert(row.get<std::int64_t>(0));
            break;
        case part::parked: parked_waits = !rows.empty(); break;
        case part::identities: known = rows; break;
        case part::receipts:
            for (const auto row : rows)
                found.receipts[{row.get<std::string>(0), row.get<std::string>(1)}] = {row.get<receipt_id>(2),
                                                                                      row.get<std::string>(3)};
            break;
        case part::requests:
            for (const auto row : rows)
                found.requests[{row.get<std::string>(0), row.get<std::string>(1)}] = {
                    row.get<std::vector<std::uint8_t>>(2), row.get<std::string>(3)};
            break;
        case part::tickets:
        case part::named_tickets: take_tickets(rows, found.tickets); break;
        case part::attachments:
            for (const auto row : rows)
                found.attachable.insert(row.get<attachment_id>(0));
            break;
        case part::serials:
            for (const auto row : rows)
                found.serials.push_back(row.get<std::int64_t>(0));
            break;
        }
    }
    co_return result<void>{};
}

void insert_receipts(pg::batch& to, std::vector<new_receipt> receipts)
{
    if (receipts.empty()) return;
    // In key order, so that two batches wait for each other at most one way.
    std::ranges::sort(receipts, {}, [](const new_receipt& r) { return std::tie(r.account, r.external_id); });
    std::vector<receipt_id> ids;
    std::vector<std::string> accounts, external_ids, outcomes;
    std::vector<instant> times;
    std::vector<std::int64_t> repeats;
    std::vector<std::optional<entry_id>> entries;
    std::vector<std::optional<ticket_id>> tickets;
    std::vector<event_id> events;
    for (const auto& each : receipts) {
        ids.push_back(each.id);
        accounts.push_back(each.account);
        external_ids.push_back(each.external_id);
        times.push_back(each.at);
        outcomes.emplace_back(each.outcome == outcome::visible ? "visible" : "parked");
        repeats.push_back(each.repeats);
        entries.push_back(each.entry);
        tickets.push_back(each.ticket);
        events.push_back(each.event);
    }
    to.add(insert_receipts_statement,
           pg::params(ids, accounts, external_ids, times, outcomes, repeats, entries, tickets, events));
}

void insert_requests(pg::batch& to, std::vector<new_request> requests)
{
    if (requests.empty()) return;
    std::ranges::sort(requests, {}, [](const new_request& r) { return std::tie(r.key.principal, r.key.key); });
    std::vector<std::string> principals, keys, bodies;
    std::vector<event_id> events;
    std::vector<instant> times;
    for (const auto& each : requests) {
        principals.push_back(each.key.principal);
        keys.push_back(each.key.key);
        bodies.push_back(to_hex(each.key.body));
        events.push_back(each.event);
        times.push_back(each.at);
    }
    to.add(insert_requests_statement, pg::params(principals, keys, bodies, events, times));
}

void count_repeats(pg::batch& to, const std::map<receipt_id, std::int64_t>& repeats)
{
    if (repeats.empty()) return;
    std::vector<receipt_id> ids;
    std::vector<std::int64_t> more;
    for (const auto& [id, n] : repeats) {
        ids.push_back(id);
        more.push_back(n);
    }
    to.add(count_repeats_statement, pg::params(ids, more));
}

void insert_inbox(pg::batch& to, const std::vector<new_inbox_row>& rows)
{
    if (rows.empty()) return;
    std::vector<uuid> ids;
    std::vector<ticket_id> tickets;
    std::vector<interaction_id> interactions;
    std::vector<entry_id> entries;
    std::vector<customer_id> customers;
    std::vector<std::string> act_names, details;
    std::vector<instant> times;
    for (const auto& each : rows) {
        ids.push_back(each.id);
        tickets.push_back(each.ticket);
        interactions.push_back(each.interaction);
        entries.push_back(each.entry);
        customers.push_back(each.customer);
        act_names.emplace_back(to_string(each.act));
        details.push_back(each.detail);
        times.push_back(each.at);
    }
    to.add(insert_inbox_statement,
           pg::params(ids, tickets, interactions, entries, customers, act_names, times, details));
}

void insert_parked(pg::batch& to, const new_parked& what)
{
    to.add(insert_parked_statement, pg::params(what.id, what.receipt, what.reason, as_bytes(what.contact),
                                               as_bytes(what.raw), what.identity_keys, what.at));
}

void resolve_parked(pg::batch& to, parked_id which, const new_receipt& now_visible, instant now)
{
    to.add(show_receipt, pg::params(now_visible.id, now_visible.entry, now_visible.ticket, now_visible.event))
        .add(resolve_statement, pg::params(which, now));
}

task<result<void>> note_retry(pg::database& in, parked_id which, std::string reason)
{
    const auto noted = co_await in.run(note_retry_statement, pg::params(which, reason));
    if (!noted) co_return fail(noted.error());
    co_return result<void>{};
}

task<result<loaded_parked>> load_parked(pg::database& from, parked_id which)
{
    const auto found = co_await from.run(load_parked_statement, pg::params(which));
    if (!found) co_return fail(found.error());
    if (found->empty()) co_return fail(errc::not_found, "parked contact");
    const auto row = found->front();
    if (row.get<bool>(3)) co_return fail(errc::wrong_state, "the parked contact waits no more");
    co_return loaded_parked{row.get<receipt_id>(0), row.get<std::vector<std::uint8_t>>(1),
                            row.get<std::optional<std::vector<std::uint8_t>>>(2).value_or(std::vector<std::uint8_t>{})};
}

task<result<std::int64_t>> day_base(pg::database& in, std::string day)
{
    // Two statements, since the second must see what another node wrote while the first waited for it.
    const auto made = co_await in.run(make_day, pg::params(day));
    if (!made) co_return fail(made.error());
    const auto read = co_await in.run(read_day, pg::params(day));
    if (!read) co_return fail(read.error());
    if (read->empty()) co_return fail(errc::internal, "the day has no base");
    co_return read->front().get<std::int64_t>(0);
}

} // namespace huiyin::intake
