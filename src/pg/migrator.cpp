#include "connection.hpp"
#include "conninfo.hpp"

#include <huiyin/base/crypto.hpp>
#include <huiyin/base/log.hpp>
#include <huiyin/base/text.hpp>
#include <huiyin/pg/migrator.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace huiyin::pg {

namespace {

using namespace std::chrono_literals;

constexpr auto migrate_within = 10min;

// Two migrators queue here; the lock ends with the session, so a crash leaves none behind.
constexpr statement lock_migrations{
    "migration.lock", "SELECT pg_advisory_lock(hashtextextended('huiyin migration ' || $1, 0))", migrate_within};
constexpr statement find_schema{"migration.find_schema", "SELECT 1 FROM pg_namespace WHERE nspname = $1"};
constexpr statement find_table{"migration.find_table", R"sql(
    SELECT 1 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = $1 AND c.relname = 'migration' AND c.relkind = 'r')sql"};
constexpr statement list_applied{"migration.list", "SELECT number, name, sha256 FROM migration ORDER BY number"};
constexpr statement keep_applied{"migration.keep", "INSERT INTO migration (number, name, sha256) VALUES ($1, $2, $3)"};
constexpr statement begin_migration{"migration.begin", "BEGIN"};
constexpr statement commit_migration{"migration.commit", "COMMIT", 60s};
constexpr statement find_role{"migration.find_role", "SELECT rolname = current_user FROM pg_roles WHERE rolname = $1"};
/// Statements that leave `$2` with what an app may do in schema `$1`: everything on rows, but append-only on the
/// journal and read-only on the record of migrations.
constexpr statement list_grants{"migration.list_grants", R"sql(
    SELECT format('GRANT USAGE ON SCHEMA %I TO %I', $1::text, $2::text)
    UNION ALL
    SELECT format('REVOKE ALL ON %I.%I FROM %I; GRANT %s ON %I.%I TO %I', n.nspname, c.relname, $2::text,
                  CASE WHEN c.relname = 'migration' THEN 'SELECT'
                       WHEN c.relname IN ('event', 'event_pos', 'seal') THEN 'SELECT, INSERT'
                       ELSE 'SELECT, INSERT, UPDATE, DELETE' END,
                  n.nspname, c.relname, $2::text)
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = $1 AND c.relkind IN ('r', 'p', 'v', 'm')
    UNION ALL
    SELECT format('GRANT USAGE ON SEQUENCE %I.%I TO %I', n.nspname, c.relname, $2::text)
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = $1 AND c.relkind = 'S')sql"};
constexpr statement durability_settings{
    "pg.durability", "SELECT current_setting('fsync')::bool, current_setting('full_page_writes')::bool, "
                     "current_setting('synchronous_commit')"};

constexpr std::string_view create_table = R"sql(
    CREATE TABLE migration (
        number     int PRIMARY KEY,
        name       text NOT NULL,
        sha256     text NOT NULL,
        applied_at timestamptz NOT NULL DEFAULT clock_timestamp()
    ))sql";

task<result<rows>> run_one(connection& on, const statement& what, params with = {})
{
    const std::vector<request> one{request{&what, &with}};
    auto got = co_await on.run(one);
    if (!got) co_return fail(std::move(got.error()));
    co_return std::move(got->front());
}

std::string fingerprint(const migration& of)
{
    return to_hex(sha256(of.sql));
}

/// What is still to be applied, in order.
result<std::vector<migration>> missing(const rows& applied, std::vector<migration> all)
{
    std::ranges::sort(all, {}, &migration::number);
    std::map<int, const migration*> shipped;
    for (const auto& each : all)
        shipped[each.number] = &each;
    std::vector<migration> left = all;
    for (const auto each : applied) {
        const auto number = each.get<int>("number");
        const auto found = shipped.find(number);
        if (found == shipped.end()) {
            if (all.empty() || number > all.back().number)
                return fail(errc::already_exists, fmt::format("migration {} is of a newer program", number));
            return fail(errc::corrupt, fmt::format("migration {} is applied but not shipped", number));
        }
        if (each.get<std::string>("name") != found->second->name ||
            each.get<std::string>("sha256") != fingerprint(*found->second))
            return fail(errc::corrupt, fmt::format("{} differs from what was applied", found->second->name));
        std::erase_if(left, [number](const migration& m) { return m.number == number; });
    }
    return left;
}

int latest_of(const rows& applied)
{
    return applied.empty() ? 0 : applied[applied.size() - 1].get<int>("number");
}

task<result<void>> create_record(connection& on, const std::string& schema)
{
    auto found = co_await run_one(on, find_schema, params(schema));
    if (!found) co_return fail(std::move(found.error()));
    if (found->empty()) {
        auto made = co_await on.run_script("CREATE SCHEMA " + quoted_identifier(schema), 30s);
        if (!made) co_return made;
    }
    auto table = co_await run_one(on, find_table, params(schema));
    if (!table) co_return fail(std::move(table.error()));
    if (!table->empty()) co_return result<void>{};
    co_return co_await on.run_script(std::string(create_table), 30s);
}

task<result<void>> apply(connection& on, const migration& what)
{
    auto begun = co_await run_one(on, begin_migration);
    if (!begun) co_return fail(std::move(begun.error()));
    auto applied = co_await on.run_script(std::string(what.sql), migrate_within);
    if (applied && !on.is_in_transaction()) applied = fail(errc::internal, "a migration must not end its transaction");
    if (applied) {
        auto kept = co_await run_one(on, keep_applied, params(what.number, what.name, fingerprint(what)));
        if (kept) kept = co_await run_one(on, commit_migration);
        if (!kept) applied = fail(std::move(kept.error()));
    }
    if (!applied) applied.error().detail = fmt::format("{}: {}", what.name, applied.error().detail);
    co_return applied;
}

task<result<void>> grant(connection& on, const std::string& schema, const std::string& role)
{
    auto found = co_await run_one(on, find_role, params(role));
    if (!found) co_return fail(std::move(found.error()));
    // One role for both owns its tables anyway; taking UPDATE from it would only break the next migration.
    if (found->empty() || found->front().get<bool>(0)) co_return result<void>{};
    auto list = co_await run_one(on, list_grants, params(schema, role));
    if (!list) co_return fail(std::move(list.error()));
    std::string script = "BEGIN;\n";
    for (const auto each : *list)
        script += each.get<std::string>(0) + ";\n";
    co_return co_await on.run_script(script + "COMMIT", 60s);
}

} // namespace

task<result<migration_report>> migrate(database_settings owner, std::string app_role, const std::vector<migration>& all)
{
    auto got =
        co_await connection::open_patiently(owner, nullptr, std::chrono::steady_clock::now() + owner.acquire_within);
    if (!got) co_return fail(std::move(got.error()));
    auto& on = **got;
    auto locked = co_await run_one(on, lock_migrations, params(owner.schema));
    if (!locked) co_return fail(std::move(locked.error()));
    auto created = co_await create_record(on, owner.schema);
    if (!created) co_return fail(std::move(created.error()));
    auto applied = co_await run_one(on, list_applied);
    if (!applied) co_return fail(std::move(applied.error()));
    auto left = missing(*applied, all);
    if (!left) co_return fail(std::move(left.error()));

    migration_report report{.applied = {}, .current = latest_of(*applied)};
    for (const auto& each : *left) {
        auto done = co_await apply(on, each);
        if (!done) co_return fail(std::move(done.error()));
        log::info("pg.migrated", {{"migration", each.name}});
        report.applied.emplace_back(each.name);
        report.current = std::max(report.current, each.number);
    }
    if (!app_role.empty()) {
        auto granted = co_await grant(on, owner.schema, app_role);
        if (!granted) co_return fail(std::move(granted.error()));
    }
    co_return report;
}

task<result<migration_report>> pending_migrations(database_settings as, const std::vector<migration>& all)
{
    auto got = co_await connection::open_patiently(as, nullptr, std::chrono::steady_clock::now() + as.acquire_within);
    if (!got) co_return fail(std::move(got.error()));
    auto& on = **got;
    auto table = co_await run_one(on, find_table, params(as.schema));
    if (!table) co_return fail(std::move(table.error()));
    rows applied;
    if (!table->empty()) {
        auto list = co_await run_one(on, list_applied);
        if (!list) co_return fail(std::move(list.error()));
        applied = std::move(*list);
    }
    auto left = missing(applied, all);
    if (!left) co_return fail(std::move(left.error()));
    migration_report report{.applied = {}, .current = latest_of(applied)};
    for (const auto& each : *left)
        report.applied.emplace_back(each.name);
    co_return report;
}

task<result<durability>> read_durability(database_settings as)
{
    auto got = co_await connection::open_patiently(as, nullptr, std::chrono::steady_clock::now() + as.acquire_within);
    if (!got) co_return fail(std::move(got.error()));
    auto read = co_await run_one(**got, durability_settings);
    if (!read) co_return fail(std::move(read.error()));
    const auto row = read->front();
    durability found;
    found.fsync = row.get<bool>(0);
    found.full_page_writes = row.get<bool>(1);
    found.synchronous_commit = row.get<std::string>(2);
    co_return found;
}

} // namespace huiyin::pg
