#include "change.hpp"

#include <huiyin/base/text.hpp>
#include <huiyin/domain/permission.hpp>
#include <huiyin/people/configuration_store.hpp>

#include <nlohmann/json.hpp>

namespace huiyin::people {

namespace {

constexpr pg::statement lock_packs{"pack.lock", "LOCK TABLE pack IN SHARE ROW EXCLUSIVE MODE"};
constexpr pg::statement lock_calendars{"calendar_year.lock", "LOCK TABLE calendar_year IN SHARE ROW EXCLUSIVE MODE"};

constexpr pg::statement read_current_pack{"pack.current", R"sql(
    SELECT version, name, applied_at, document, digest FROM pack ORDER BY version DESC LIMIT 1)sql"};

constexpr pg::statement read_pack_version{"pack.read", R"sql(
    SELECT version, name, applied_at, document FROM pack WHERE version = $1)sql"};

constexpr pg::statement read_current_version{"pack.current_version", "SELECT coalesce(max(version), 0) FROM pack"};

constexpr pg::statement insert_pack{"pack.insert", R"sql(
    INSERT INTO pack (version, applied_at, name, digest, document) VALUES ($1, $2, $3, $4, $5)
    RETURNING version, name, applied_at, document)sql"};

constexpr pg::statement read_calendar_year{"calendar_year.read", R"sql(
    SELECT calendar, year, version, loaded_at, document, document = $3::jsonb AS same
      FROM calendar_year WHERE calendar = $1 AND year = $2)sql"};

constexpr pg::statement save_calendar_year{"calendar_year.save", R"sql(
    INSERT INTO calendar_year (calendar, year, document, loaded_at, version) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (calendar, year) DO UPDATE
       SET document = EXCLUDED.document, loaded_at = EXCLUDED.loaded_at, version = EXCLUDED.version
    RETURNING calendar, year, version, loaded_at, document)sql"};

constexpr pg::statement read_all_calendars{"calendar_year.list", R"sql(
    SELECT calendar, year, version, loaded_at, document FROM calendar_year ORDER BY calendar, year)sql"};

pack_document pack_from(const pg::row& row)
{
    return {row.get<int>(0), row.get<std::string>(1), row.get<instant>(2), row.get<std::string>(3)};
}

calendar_document calendar_from(const pg::row& row)
{
    return {row.get<std::string>(0), row.get<int>(1), row.get<std::int64_t>(2), row.get<instant>(3),
            row.get<std::string>(4)};
}

std::vector<calendar_document> calendars_from(const pg::rows& found)
{
    std::vector<calendar_document> all;
    for (const auto row : found)
        all.push_back(calendar_from(row));
    return all;
}

std::optional<pack_document> first_pack(const pg::rows& found)
{
    return found.empty() ? std::nullopt : std::optional(pack_from(found.front()));
}

/// The object with sorted keys and without white space.
result<std::string> canonical_object(const std::string& document)
{
    if (!is_storable_utf8(document)) return fail(errc::invalid_json, "is not UTF-8");
    const auto parsed = nlohmann::json::parse(document, nullptr, false);
    if (!parsed.is_object()) return fail(errc::invalid_json, "is no object");
    return parsed.dump();
}

bool may_configure(const domain::actor& who)
{
    return domain::may(who, domain::permission::configuration_manage);
}

} // namespace

task<result<void>> configuration_store::lock(pg::transaction& tx)
{
    pg::batch both;
    both.add(lock_packs).add(lock_calendars);
    auto locked = co_await tx.run(std::move(both));
    if (!locked) co_return fail(locked.error());
    co_return result<void>{};
}

task<result<pack_document>> configuration_store::append_pack(std::string name, std::string document, domain::actor who)
{
    auto tx = co_await db_.begin();
    if (!tx) co_return fail(tx.error());
    auto applied = co_await append_pack(*tx, std::move(name), std::move(document), std::move(who));
    if (!applied) co_return fail(applied.error());
    if (auto committed = co_await tx->commit(); !committed) co_return fail(committed.error());
    co_return applied;
}

task<result<pack_document>> configuration_store::append_pack(pg::transaction& tx, std::string name,
                                                             std::string document, domain::actor who)
{
    if (!may_configure(who)) co_return fail(errc::not_found);
    if (!is_code(name)) co_return invalid("name", "is not 1 to 64 of a-z 0-9 _ -");
    const auto canonical = canonical_object(document);
    if (!canonical) co_return fail(canonical.error());
    const auto digest = sha256(*canonical);

    if (auto locked = co_await tx.run(lock_packs); !locked) co_return fail(locked.error());
    auto current = co_await tx.run(read_current_pack);
    if (!current) co_return fail(current.error());
    int version = 1;
    if (!current->empty()) {
        if (equal_in_constant_time(current->front().get<std::vector<std::uint8_t>>(4), digest))
            co_return pack_from(current->front());
        version = current->front().get<int>(0) + 1;
    }
    const auto now = clock_.now();
    pg::batch last;
    last.add(insert_pack, pg::params(version, now, name, digest, *canonical));
    journal::append(last, {change(now, "pack.applied", named_subject("pack"), version, who,
                                  {{"version", version}, {"name", name}, {"digest", to_hex(digest)}})});
    auto written = co_await tx.run(std::move(last));
    if (!written) co_return fail(written.error());
    co_return pack_from(written->front().front());
}

task<result<std::optional<pack_document>>> configuration_store::find_current_pack()
{
    auto found = co_await db_.run(read_current_pack);
    if (!found) co_return fail(found.error());
    co_return first_pack(*found);
}

task<result<std::optional<pack_document>>> configuration_store::find_pack(int version)
{
    auto found = co_await db_.run(read_pack_version, pg::params(version));
    if (!found) co_return fail(found.error());
    co_return first_pack(*found);
}

task<result<std::optional<pack_document>>> configuration_store::find_current_pack(pg::transaction& tx)
{
    auto found = co_await tx.run(read_current_pack);
    if (!found) co_return fail(found.error());
    co_return first_pack(*found);
}

task<result<int>> configuration_store::current_version(pg::transaction& tx)
{
    auto found = co_await tx.run(read_current_version);
    if (!found) co_return fail(found.error());
    co_return found->front().get<int>(0);
}

task<result<std::optional<pack_document>>> configuration_store::find_pack(pg::transaction& tx, int version)
{
    auto found = co_await tx.run(read_pack_version, pg::params(version));
    if (!found) co_return fail(found.error());
    co_return first_pack(*found);
}

uuid configuration_store::subject_of(const std::string& calendar, int year)
{
    return named_subject("calendar " + calendar + " " + std::to_string(year));
}

task<result<calendar_document>> configuration_store::put_calendar_year(std::string calendar, int year,
                                                                       std::string document, domain::actor who)
{
    auto tx = co_await db_.begin();
    if (!tx) co_return fail(tx.error());
    auto put = co_await put_calendar_year(*tx, std::move(calendar), year, std::move(document), std::move(who));
    if (!put) co_return fail(put.error());
    if (auto committed = co_await tx->commit(); !committed) co_return fail(committed.error());
    co_return put;
}

task<result<calendar_document>> configuration_store::put_calendar_year(pg::transaction& tx, std::string calendar,
                                                                       int year, std::string document,
                                                                       domain::actor who)
{
    if (!may_configure(who)) co_return fail(errc::not_found);
    if (!is_code(calendar)) co_return invalid("calendar", "is not 1 to 64 of a-z 0-9 _ -");
    if (year < 1970 || year > 9999) co_return invalid("year", "is not 1970 to 9999");
    const auto canonical = canonical_object(document);
    if (!canonical) co_return fail(canonical.error());

    if (auto locked = co_await tx.run(lock_calendars); !locked) co_return fail(locked.error());
    auto before = co_await tx.run(read_calendar_year, pg::params(calendar, year, *canonical));
    if (!before) co_return fail(before.error());
    std::int64_t version = 1;
    if (!before->empty()) {
        if (before->front().get<bool>("same")) co_return calendar_from(before->front());
        version = before->front().get<std::int64_t>("version") + 1;
    }
    const auto now = clock_.now();
    const auto subject = subject_of(calendar, year);
    pg::batch last;
    last.add(save_calendar_year, pg::params(calendar, year, *canonical, now, version));
    journal::append(last, {change(now, "calendar.loaded", subject, version, who,
                                  {{"calendar", calendar}, {"year", year}, {"digest", to_hex(sha256(*canonical))}})});
    auto written = co_await tx.run(std::move(last));
    if (!written) co_return fail(written.error());
    co_return calendar_from(written->front().front());
}

task<result<std::vector<calendar_document>>> configuration_store::load_calendars()
{
    auto found = co_await db_.run(read_all_calendars);
    if (!found) co_return fail(found.error());
    co_return calendars_from(*found);
}

task<result<std::vector<calendar_document>>> configuration_store::load_calendars(pg::transaction& tx)
{
    auto found = co_await tx.run(read_all_calendars);
    if (!found) co_return fail(found.error());
    co_return calendars_from(*found);
}

} // namespace huiyin::people
