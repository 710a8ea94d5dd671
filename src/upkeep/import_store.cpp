#include "import_store.hpp"

namespace huiyin::upkeep {

namespace {

constexpr pg::statement find_statement{"import.find_receipts", R"sql(
    SELECT external_id, id FROM receipt WHERE account = $1 AND external_id = ANY ($2::text[]))sql"};

constexpr pg::statement count_statement{"import.count_repeats", R"sql(
    UPDATE receipt r SET repeats = r.repeats + q.more
      FROM unnest($1::uuid[], $2::bigint[]) AS q(id, more) WHERE r.id = q.id)sql"};

constexpr pg::statement make_day{"import.make_day", R"sql(
    INSERT INTO ticket_day (day, base) SELECT $1::text::date, nextval('ticket_serial')
     WHERE NOT EXISTS (SELECT FROM ticket_day WHERE day = $1::text::date)
    ON CONFLICT (day) DO NOTHING)sql"};

constexpr pg::statement read_day{"import.read_day", "SELECT base FROM ticket_day WHERE day = $1::text::date"};

constexpr pg::statement take_serials{
    "import.take_serials", "SELECT nextval('ticket_serial'), pg_current_xact_id() FROM generate_series(1, $1::int)"};

constexpr pg::statement insert_statement{"import.insert_receipts", R"sql(
    INSERT INTO receipt (id, account, external_id, at, outcome, repeats, entry_id, ticket_id, event_id)
    SELECT q.id, $1, q.external_id, q.at, 'visible', q.repeats, q.entry_id, q.ticket_id, q.event_id
      FROM unnest($2::uuid[], $3::text[], $4::timestamptz[], $5::bigint[], $6::uuid[], $7::uuid[], $8::uuid[])
        AS q(id, external_id, at, repeats, entry_id, ticket_id, event_id))sql"};

} // namespace

task<result<std::map<std::string, receipt_id>>> find_imported(pg::database& in, std::string account,
                                                              std::vector<std::string> keys)
{
    const auto found = co_await in.run(find_statement, pg::params(account, keys));
    if (!found) co_return fail(found.error());
    std::map<std::string, receipt_id> known;
    for (const auto row : *found)
        known.emplace(row.get<std::string>(0), row.get<receipt_id>(1));
    co_return known;
}

task<result<void>> count_imported_again(pg::database& in, std::map<receipt_id, std::int64_t> repeats)
{
    std::vector<receipt_id> ids;
    std::vector<std::int64_t> more;
    for (const auto& [id, count] : repeats) {
        ids.push_back(id);
        more.push_back(count);
    }
    const auto counted = co_await in.run(count_statement, pg::params(ids, more));
    if (!counted) co_return fail(counted.error());
    co_return result<void>{};
}

task<result<std::int64_t>> import_day_base(pg::database& in, std::string day)
{
    // Two statements, since the second must see what another node wrote while the first waited for it.
    const auto made = co_await in.run(make_day, pg::params(day));
    if (!made) co_return fail(made.error());
    const auto read = co_await in.run(read_day, pg::params(day));
    if (!read) co_return fail(read.error());
    if (read->empty()) co_return fail(errc::internal, "the day has no base");
    co_return read->front().get<std::int64_t>(0);
}

void take_import_serials(pg::batch& to, std::size_t count)
{
    to.add(take_serials, pg::params(count));
}

void insert_import_receipts(pg::batch& to, const std::string& account, const std::vector<import_receipt>& receipts)
{
    std::vector<receipt_id> ids;
    std::vector<std::string> keys;
    std::vector<instant> times;
    std::vector<std::int64_t> repeats;
    std::vector<entry_id> entries;
    std::vector<ticket_id> tickets;
    std::vector<event_id> events;
    for (const auto& each : receipts) {
        ids.push_back(each.id);
        keys.push_back(each.key);
        times.push_back(each.at);
        repeats.push_back(each.repeats);
        entries.push_back(each.entry);
        tickets.push_back(each.ticket);
        events.push_back(each.event);
    }
    to.add(insert_statement, pg::params(account, ids, keys, times, repeats, entries, tickets, events));
}

} // namespace huiyin::upkeep
