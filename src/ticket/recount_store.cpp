#include "recount_store.hpp"

namespace huiyin::ticket {

namespace {

using pg::params;
using pg::statement;

constexpr statement select_counted{"recount.load", R"sql(
    SELECT name, definition::text, next::text, done_through, recounts FROM counted_calendar ORDER BY name)sql"};

constexpr statement insert_counted{"recount.insert", R"sql(
    INSERT INTO counted_calendar (name, definition) VALUES ($1, $2::text::jsonb) ON CONFLICT (name) DO NOTHING)sql"};

constexpr statement begin_statement{"recount.begin", R"sql(
    UPDATE counted_calendar SET next = $2::text::jsonb, done_through = '00000000-0000-0000-0000-000000000000'
     WHERE name = $1 AND next IS NULL)sql"};

constexpr statement note_statement{"recount.note", R"sql(
    UPDATE counted_calendar SET done_through = $2 WHERE name = $1 AND next IS NOT NULL)sql"};

constexpr statement end_statement{"recount.end", R"sql(
    UPDATE counted_calendar SET definition = next, next = NULL, done_through = NULL, recounts = recounts + 1
     WHERE name = $1 AND next IS NOT NULL)sql"};

// Index ticket_deadline_one_runs.
constexpr statement select_counted_by{"recount.find_tickets", R"sql(
    SELECT DISTINCT ticket_id FROM ticket_deadline
     WHERE state IN ('running', 'paused') AND calendar = $1 AND ticket_id > $2 ORDER BY ticket_id LIMIT $3::int)sql",
                                      std::chrono::minutes(1)};

constexpr statement select_counted_pack{"recount.load_pack", R"sql(
    SELECT version, next, done_through FROM counted_pack)sql"};

constexpr statement insert_counted_pack_statement{"recount.insert_pack", R"sql(
    INSERT INTO counted_pack (version) VALUES ($1) ON CONFLICT (only_row) DO NOTHING)sql"};

constexpr statement begin_pack{"recount.begin_pack", R"sql(
    UPDATE counted_pack SET next = $1, done_through = '00000000-0000-0000-0000-000000000000')sql"};

constexpr statement note_pack{"recount.note_pack", R"sql(
    UPDATE counted_pack SET done_through = $1 WHERE next IS NOT NULL)sql"};

constexpr statement end_pack{"recount.end_pack", R"sql(
    UPDATE counted_pack SET version = next, next = NULL, done_through = NULL WHERE next IS NOT NULL)sql"};

constexpr statement select_packs_in_use{"recount.packs_in_use", R"sql(
    SELECT version, document::text FROM pack
     WHERE version IN (SELECT policy_version FROM ticket_deadline
                        WHERE state IN ('running', 'paused') AND policy_version < $1)
     ORDER BY version)sql",
                                        std::chrono::minutes(1)};

// Index ticket_deadline_one_runs.
constexpr statement select_by_older_version{"recount.find_by_version", R"sql(
    SELECT DISTINCT d.ticket_id FROM ticket_deadline d JOIN ticket t ON t.id = d.ticket_id
     WHERE d.state IN ('running', 'paused') AND d.policy_version < $1 AND d.ticket_id > $2
       AND t.category = ANY ($3::text[])
     ORDER BY d.ticket_id LIMIT $4::int)sql",
                                            std::chrono::minutes(1)};

} // namespace

task<result<std::vector<counted_calendar>>> load_counted_calendars(pg::database& db)
{
    const auto found = co_await db.run(select_counted);
    if (!found) co_return fail(found.error());
    std::vector<counted_calendar> all;
    for (const auto row : *found)
        all.push_back({row.get<std::string>(0), row.get<std::string>(1), row.get<std::optional<std::string>>(2),
                       row.get<std::optional<ticket_id>>(3).value_or(ticket_id()), row.get<int>(4)});
    co_return all;
}

task<result<void>> insert_counted_calendar(pg::database& db, std::string name, std::string definition)
{
    const auto done = co_await db.run(insert_counted, params(name, definition));
    if (!done) co_return fail(done.error());
    co_return result<void>{};
}

task<result<void>> begin_recount(pg::database& db, std::string name, std::string next)
{
    const auto done = co_await db.run(begin_statement, params(name, next));
    if (!done) co_return fail(done.error());
    co_return result<void>{};
}

task<result<void>> note_recount(pg::database& db, std::string name, ticket_id done_through)
{
    const auto done = co_await db.run(note_statement, params(name, done_through));
    if (!done) co_return fail(done.error());
    co_return result<void>{};
}

void note_recount(pg::batch& to, const std::string& name, ticket_id done_through)
{
    to.add(note_statement, params(name, done_through));
}

void end_recount(pg::batch& to, const std::string& name)
{
    to.add(end_statement, params(name));
}

task<result<std::vector<ticket_id>>> find_counted_by(pg::database& db, std::string calendar, ticket_id after,
                                                     std::size_t limit)
{
    const auto found = co_await db.run(select_counted_by, params(calendar, after, limit));
    if (!found) co_return fail(found.error());
    std::vector<ticket_id> ids;
    for (const auto row : *found)
        ids.push_back(row.get<ticket_id>(0));
    co_return ids;
}

task<result<std::optional<counted_pack>>> load_counted_pack(pg::database& db)
{
    const auto found = co_await db.run(select_counted_pack);
    if (!found) co_return fail(found.error());
    if (found->empty()) co_return std::optional<counted_pack>();
    const auto row = found->front();
    co_return counted_pack{row.get<int>(0), row.get<std::optional<int>>(1),
                           row.get<std::optional<ticket_id>>(2).value_or(ticket_id())};
}

task<result<void>> insert_counted_pack(pg::database& db, int version)
{
    const auto done = co_await db.run(insert_counted_pack_statement, params(version));
    if (!done) co_return fail(done.error());
    co_return result<void>{};
}

task<result<void>> begin_target_recount(pg::database& db, int version)
{
    const auto done = co_await db.run(begin_pack, params(version));
    if (!done) co_return fail(done.error());
    co_return result<void>{};
}

task<result<void>> note_target_recount(pg::database& db, ticket_id done_through)
{
    const auto done = co_await db.run(note_pack, params(done_through));
    if (!done) co_return fail(done.error());
    co_return result<void>{};
}

void end_target_recount(pg::batch& to)
{
    to.add(end_pack, {});
}

task<result<std::vector<std::pair<int, std::string>>>> load_packs_in_use(pg::database& db, int version)
{
    const auto found = co_await db.run(select_packs_in_use, params(version));
    if (!found) co_return fail(found.error());
    std::vector<std::pair<int, std::string>> packs;
    for (const auto row : *found)
        packs.emplace_back(row.get<int>(0), row.get<std::string>(1));
    co_return packs;
}

task<result<std::vector<ticket_id>>> find_by_older_version(pg::database& db, int version,
                                                           std::vector<std::string> categories, ticket_id after,
                                                           std::size_t limit)
{
    const auto found = co_await db.run(select_by_older_version, params(version, after, categories, limit));
    if (!found) co_return fail(found.error());
    std::vector<ticket_id> ids;
    for (const auto row : *found)
        ids.push_back(row.get<ticket_id>(0));
    co_return ids;
}

} // namespace huiyin::ticket
