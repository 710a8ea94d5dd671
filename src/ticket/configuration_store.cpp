#include "configuration_store.hpp"

#include <nlohmann/json.hpp>

namespace huiyin::ticket {

namespace {

using pg::params;
using pg::statement;

constexpr statement select_stamp{"configuration.stamp", R"sql(
    SELECT concat_ws('/', (SELECT max(version) FROM pack), (SELECT count(*) FROM calendar_year),
                     (SELECT sum(version) FROM calendar_year), (SELECT count(*) FROM department),
                     (SELECT sum(version) FROM department)))sql"};

constexpr statement select_pack{"configuration.pack", R"sql(
    SELECT version, document::text FROM pack ORDER BY version DESC LIMIT 1)sql"};

constexpr statement select_years{"configuration.calendar_years", R"sql(
    SELECT document::text FROM calendar_year ORDER BY calendar, year)sql"};

constexpr statement select_departments{"configuration.departments", R"sql(
    SELECT id, code, parent_id, contact_a, contact_b, name::text FROM department ORDER BY code)sql"};

constexpr statement select_counted_calendars{"configuration.counted_calendars", R"sql(
    SELECT name, definition::text FROM counted_calendar ORDER BY name)sql"};

} // namespace

task<result<std::string>> load_stamp(pg::database& db)
{
    const auto found = co_await db.run(select_stamp);
    if (!found) co_return fail(found.error());
    co_return found->front().get<std::string>(0);
}

task<result<configuration_documents>> load_documents(pg::database& db)
{
    auto tx = co_await db.begin_reading();
    if (!tx) co_return fail(tx.error());
    pg::batch reads;
    reads.add(select_pack).add(select_years).add(select_departments).add(select_counted_calendars);
    const auto found = co_await tx->run(std::move(reads));
    if (!found) co_return fail(found.error());
    if ((*found)[0].empty()) co_return fail(errc::not_configured, "no pack has been applied: huiyin pack apply FILE");

    configuration_documents read;
    read.version = (*found)[0].front().get<int>(0);
    read.pack = (*found)[0].front().get<std::string>(1);
    for (const auto row : (*found)[1])
        read.calendar_years.push_back(row.get<std::string>(0));
    for (const auto row : (*found)[2]) {
        department_entry entry;
        entry.id = row.get<department_id>(0);
        entry.code = row.get<std::string>(1);
        entry.parent = row.get<std::optional<department_id>>(2);
        entry.contact_a = row.get<std::optional<user_id>>(3);
        entry.contact_b = row.get<std::optional<user_id>>(4);
        entry.name = nlohmann::json::parse(row.get<std::string_view>(5)).get<std::map<std::string, std::string>>();
        read.departments.push_back(std::move(entry));
    }
    for (const auto row : (*found)[3])
        read.counted_calendars.emplace_back(row.get<std::string>(0), row.get<std::string>(1));
    co_await tx->roll_back();
    co_return read;
}

} // namespace huiyin::ticket
