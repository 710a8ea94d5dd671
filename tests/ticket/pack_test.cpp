#include <huiyin/ticket/pack.hpp>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <fstream>
#include <iterator>

namespace huiyin::ticket {
namespace {

using namespace std::chrono;
using domain::deadline_kind;
using nlohmann::json;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

const std::filesystem::path config = HUIYIN_CONFIG_DIR;

std::string text_of(const std::filesystem::path& file)
{
    std::ifstream in(file, std::ios::binary);
    EXPECT_TRUE(in) << file;
    return {std::istreambuf_iterator<char>(in), {}};
}

template <class T>
std::vector<std::string> violations(const checked<T>& read)
{
    std::vector<std::string> all;
    if (!read)
        for (const auto& v : read.error())
            all.push_back(v.to_string());
    return all;
}

const json& newspaper()
{
    static const json document = json::parse(text_of(config / "packs" / "newspaper.json"));
    return document;
}

pack sound_newspaper()
{
    auto read = parse_pack(newspaper().dump());
    EXPECT_THAT(violations(read), IsEmpty());
    return std::move(read).value();
}

/// The newspaper's pack with one change, and what is then said of it.
std::vector<std::string> after(const json& patch)
{
    return violations(parse_pack(newspaper().patch(patch).dump()));
}

TEST(Pack, EveryShippedOneIsSound)
{
    std::size_t count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(config / "packs")) {
        if (entry.path().extension() != ".json") continue;
        EXPECT_THAT(violations(parse_pack(text_of(entry.path()))), IsEmpty()) << entry.path();
        ++count;
    }
    EXPECT_GE(count, 4u);
}

TEST(Pack, TheNewspaperHasAUserOfEveryRoleAndTwoContactsWhereTicketsGo)
{
    const auto p = sound_newspaper();
    for (std::size_t i = 0; i < domain::role_count; ++i) {
        const auto role = static_cast<domain::role>(i);
        EXPECT_TRUE(std::ranges::any_of(p.users, [&](const auto& u) { return u.roles.has(role); })) << to_string(role);
    }
    for (const auto& d : p.departments)
        if (!d.parent.empty()) EXPECT_FALSE(d.contact_a.empty() || d.contact_b.empty()) << d.code;
}

TEST(Pack, TheNewspaperHasTheCategoriesAndTimesOfTheDomainBook)
{
    const auto p = sound_newspaper();
    // domain.md §4.1: P, FR, AC, CC, SO, RS, CB
    struct row
    {
        std::string code, priority, first_response, accept, contact, solution, resolve, callback;
    };
    const row rows[] = {
        {"missed_copy", "P2", "10m center", "30m station", "2h station", "", "12:00>0@18:00,24:00>1@12:00 station",
         "1d center"},
        {"late_or_damaged", "P3", "10m center", "1h station", "4h station", "", "1d station", "1d center"},
        {"magazine_missing", "P3", "10m center", "2h station", "1d station", "", "2d station", "1wd office"},
        {"carrier_conduct", "P2", "10m center", "2bh station", "1wd office", "2wd office", "3wd office", "1wd office"},
        {"subscription_billing", "P3", "30m center", "4bh office", "1wd office", "2wd office", "3wd office",
         "1wd office"},
        {"repeat_complaint", "P1", "10m center", "1h station", "2h station", "1wd office", "2wd office", "1d center"},
        {"content_advertisement", "P4", "1bh office", "1wd office", "2wd office", "3wd office", "5wd office",
         "2wd office"},
        {"suggestion", "P4", "1wd office", "2wd office", "5wd office", "", "10wd office", "1wd office"},
    };
    for (const auto& r : rows) {
        const auto* const c = p.find_category(r.code);
        ASSERT_NE(c, nullptr) << r.code;
        const auto shown = [&](deadline_kind kind) {
            const auto& t = c->targets[static_cast<std::size_t>(kind)];
            return t ? to_string(t->goal) + ' ' + t->calendar : std::string();
        };
        EXPECT_EQ(to_string(c->priority), r.priority) << r.code;
        EXPECT_EQ(shown(deadline_kind::first_response), r.first_response) << r.code;
        EXPECT_EQ(shown(deadline_kind::accept), r.accept) << r.code;
        EXPECT_EQ(shown(deadline_kind::contact_customer), r.contact) << r.code;
        EXPECT_EQ(shown(deadline_kind::solution), r.solution) << r.code;
        EXPECT_EQ(shown(deadline_kind::resolve), r.resolve) << r.code;
        EXPECT_EQ(shown(deadline_kind::callback), r.callback) << r.code;
        EXPECT_EQ(shown(deadline_kind::return_window), "4bh office") << r.code;
        EXPECT_EQ(shown(deadline_kind::hold_max), "5wd office") << r.code;
        EXPECT_EQ(shown(deadline_kind::archive), "30d center") << r.code;
        for (const auto kind : {deadline_kind::dispatch, deadline_kind::approve, deadline_kind::progress_update,
                                deadline_kind::urge_reply, deadline_kind::review, deadline_kind::invalid_reply})
            EXPECT_NE(shown(kind), "") << r.code << ' ' << to_string(kind);
    }
    EXPECT_EQ(p.find_category("carrier_conduct")->approval_from, "circulation_center");
    EXPECT_EQ(p.find_category("magazine_missing")->limits.max_extension, *domain::parse_target("3d"));
    EXPECT_EQ(p.find_category("missed_copy")->limits.max_extension, *domain::parse_target("2wd"));
    EXPECT_EQ(p.find_category("missed_copy")->limits.max_promise, days(30));
    EXPECT_EQ(p.callback.hours,
              (std::vector<domain::hours_of_day>{{hours(9), hours(12)}, {hours(14), minutes(20 * 60 + 30)}}));
    EXPECT_EQ(p.callback.max_attempts, 3);
    EXPECT_EQ(p.callback.min_gap, hours(2));
}

TEST(Pack, ATicketGoesToTheStationOfTheReadersDistrict)
{
    const auto p = sound_newspaper();
    const auto& rule = p.find_category("missed_copy")->department;
    EXPECT_EQ(rule.department_for({{"district", "west"}}), "station_west");
    EXPECT_EQ(rule.department_for({{"district", "north"}}), "main_station");
    EXPECT_EQ(rule.department_for({}), "main_station");
    EXPECT_EQ(p.find_category("suggestion")->department.department_for({{"district", "west"}}), "development");
}

TEST(Pack, ItsCalendarsTakeTheYearsOfTheirList)
{
    const auto p = sound_newspaper();
    const auto year_2026 = parse_calendar_file(text_of(config / "calendars" / "cn-2026.json"));
    ASSERT_TRUE(year_2026);
    const std::map<int, domain::calendar_year> years{{2026, year_2026->days}};
    const auto office = make_calendar(*p.find_calendar("office"), years);
    EXPECT_FALSE(office.is_workday(*domain::parse_local_day("2026-10-01")));
    EXPECT_TRUE(office.is_workday(*domain::parse_local_day("2026-10-10")));
    EXPECT_FALSE(office.has_year(2027));
    const auto station = make_calendar(*p.find_calendar("station"), years);
    EXPECT_TRUE(station.is_workday(*domain::parse_local_day("2026-10-01")));
    EXPECT_TRUE(station.has_year(2027));
}

TEST(Pack, SaysWhatIsWrongAndWhere)
{
    const auto replace = [](std::string_view path, json value) {
        return json::array({{{"op", "replace"}, {"path", path}, {"value", std::move(value)}}});
    };
    const auto add = [](std::string_view path, json value) {
        return json::array({{{"op", "add"}, {"path", path}, {"value", std::move(value)}}});
    };
    const auto remove = [](std::string_view path) { return json::array({{{"op", "remove"}, {"path", path}}}); };
    struct row
    {
        json patch;
        std::string expected;
    };
    const row rows[] = {
        {replace("/categories/2/targets/resolve", "3x"),
         "categories[2].targets.resolve: unknown unit in '3x' (m, h, d, bh, bm or wd)"},
        {replace("/categories/2/targets/resolve", "3wd"),
         "categories[2].targets.resolve: names no calendar, as in '3wd office'"},
        {replace("/categories/2/targets/resolve", "3wd moon"), "categories[2].targets.resolve: no calendar 'moon'"},
        {replace("/categories/2/targets/resolve", 3), "categories[2].targets.resolve: not a text"},
        {add("/categories/2/targets/lunch", "3wd office"), "categories[2].targets.lunch: no such clock"},
        {add("/targets/rework", "3wd office"),
         "targets.rework: not a target: a promise is due when promised, a rework gets half of the first round"},
        {add("/colour", "red"), "colour: unknown key"},
        {add("/categories/0/name/fr", "x"), "categories[0].name.fr: unknown key"},
        {remove("/categories/0/name/en"), "categories[0].name.en: missing"},
        {replace("/categories/0/name/en", " "), "categories[0].name.en: blank"},
        {replace("/categories/0/name/en", std::string(101, 'x')), "categories[0].name.en: longer than 100 characters"},
        {replace("/categories/0/code", "Missed Copy"),
         "categories[0].code: not a code (a-z, 0-9, _ and -, a letter or digit first)"},
        {replace("/categories/0/code", "suggestion"), "categories[7].code: named before"},
        {replace("/categories/0/type", "quarrel"), "categories[0].type: no such ticket type"},
        {replace("/categories/0/priority", "P5"), "categories[0].priority: not P1, P2, P3 or P4"},
        {replace("/categories/3/department", "moon"), "categories[3].department: no department 'moon'"},
        {replace("/categories/3/department", "group"),
         "categories[3].department: 'group' has no two contacts to sign for a ticket"},
        {replace("/categories/0/department/values/east", "moon"),
         "categories[0].department.values.east: no department 'moon'"},
        {add("/categories/0/department/values/north", "station_east"),
         "categories[0].department.values.north: no such value of the field"},
        {replace("/categories/0/department/field", "moon"), "categories[0].department.field: no field 'moon'"},
        {replace("/categories/3/approval_from", "moon"), "categories[3].approval_from: no department 'moon'"},
        {add("/categories/0/observers", json::array({"moon"})), "categories[0].observers[0]: no department 'moon'"},
        {add("/categories/0/callback_sample_percent", 101),
         "categories[0].callback_sample_percent: 101 is not from 0 to 100"},
        {add("/categories/0/system_may_close", "yes"), "categories[0].system_may_close: neither true nor false"},
        {replace("/limits/max_promise", "30wd"), "limits.max_promise: not of the form 30d, from 1d to 365d"},
        {replace("/limits/max_returns", 2.5), "limits.max_returns: not a whole number"},
        {replace("/limits/max_returns", 18446744073709551615ull), "limits.max_returns: not a whole number"},
        {replace("/departments/2/parent", "moon"), "departments[2].parent: no department 'moon'"},
        {replace("/departments/2/calendar", "moon"), "departments[2].calendar: no calendar 'moon'"},
        {replace("/departments/4/contact_a", "nobody"), "departments[4].contact_a: no user 'nobody'"},
        {replace("/departments/4/contact_a", "zhou.tao"),
         "departments[4].contact_a: 'zhou.tao' is no handler of this department"},
        {replace("/departments/4/contact_b", "wang.qiang"), "departments[4].contact_b: the same person as contact_a"},
        {replace("/departments/4/authority_cents", -1),
         "departments[4].authority_cents: -1 is not from 0 to 100000000000"},
        {replace("/users/1/login", "Chen Jing"), "users[1].login: not a log-in name (a-z, 0-9 and . _ @ + -)"},
        {replace("/users/0/login", "cao.yu"), "users[6].login: named before"},
        {replace("/users/0/roles/0", "king"), "users[0].roles[0]: no such role"},
        {replace("/users/0/roles", json::array()), "users[0].roles: empty"},
        {add("/users/0/leads", json::array({"group"})), "users[0].leads: without the role department_leader"},
        {add("/users/0/password", "secret"), "users[0].password: unknown key"},
        {replace("/calendars/0/time_zone", "Mars/Olympus"), "calendars[0].time_zone: no such zone"},
        {add("/calendars/0/title", "Hotline hours"), "calendars[0].title: not an object"},
        {replace("/calendars/2/weekly/mon/1", "11:00-12:30"),
         "calendars[2].weekly.mon[1]: does not begin after the one before"},
        {replace("/calendars/2/weekly/mon/1", "18:00-13:00"), "calendars[2].weekly.mon[1]: ends before it begins"},
        {replace("/calendars/2/weekly/mon/1", "9:00-12:00"), "calendars[2].weekly.mon[1]: not of the form 09:00-12:00"},
        {replace("/calendars/2/weekly/mon/1", "13:00-24:30"),
         "calendars[2].weekly.mon[1]: not of the form 09:00-12:00"},
        {replace("/calendars/2/weekly", json::object()), "calendars[2].weekly: no hours in the week"},
        {replace("/callback/max_attempts", 0), "callback.max_attempts: 0 is not from 1 to 20"},
        {replace("/callback/hours", json::array({"09:00-12:00"})),
         "callback.min_day_parts: more parts of the day than the hours touch"},
        {replace("/callback/part_begins/0", "01:00"), "callback.part_begins: the first part does not begin at 00:00"},
        {replace("/repeat/category", "moon"), "repeat.category: no such category"},
        {remove("/reasons/return"), "reasons.return: missing"},
        {replace("/reasons/return", json::array()), "reasons.return: empty"},
        {replace("/reasons/return", json::object()), "reasons.return: not a list"},
        {replace("/root_causes/0/group", "fate"),
         "root_causes[0].group: not product, service, expectation, safety or outside"},
        {replace("/categories", json::array()), "categories: empty"},
        {add("/banned_phrases/0", std::string("a\0b", 3)), "banned_phrases[0]: not storable text"},
        {add("/categories/0/callback_sample_percent", 20),
         "categories[0].callback_sample_percent: only enquiries and suggestions are called back by sample"},
        {add("/categories/0/targets_by_department", {{"moon", {{"resolve", "1d station"}}}}),
         "categories[0].targets_by_department.moon: no department 'moon'"},
        {add("/categories/0/targets_by_department", {{"station_east", {{"resolve", "1d moon"}}}}),
         "categories[0].targets_by_department.station_east.resolve: no calendar 'moon'"},
        {add("/categories/0/targets_by_department", {{"station_east", {{"resolve", "1x station"}}}}),
         "categories[0].targets_by_department.station_east.resolve: unknown unit in '1x' (m, h, d, bh, bm or wd)"},
        {replace("/targets/approve", "1wd moon"), "targets.approve: no calendar 'moon'"},
        {remove("/fallback"), "targets.fallback: without a department 'fallback'"},
        {remove("/targets/fallback"), "targets.fallback: missing: after what time 'fallback' gets it"},
        {replace("/fallback", "group"), "fallback: 'group' has no two contacts to sign for a ticket"},
        {replace("/callback/reviewer", "group"), "callback.reviewer: 'group' has no contact A"},
        {replace("/callback/channels/0/channel", "pigeon"), "callback.channels[0].channel: not phone, sms or email"},
        {replace("/callback/opens_after", "2h"), "callback.opens_after: not of the form 30m, up to 1440m"},
        {replace("/limits/max_holds", -1), "limits.max_holds: -1 is not from 0 to 20"},
        {replace("/categories/7/evidence/files", 21), "categories[7].evidence.files: 21 is not from 0 to 20"},
        {replace("/reasons/remedy", json::array()), "reasons.remedy: empty"},
    };
    for (const auto& [patch, expected] : rows)
        EXPECT_THAT(after(patch), Contains(expected)) << patch.dump();
}

TEST(Pack, OneMistakeIsReportedOnce)
{
    for (const auto* path :
         {"/categories/2/targets/resolve", "/departments/2/code", "/departments/2/parent", "/users/3/roles/0",
          "/users/3/login", "/calendars/2/weekly/mon/0", "/calendars/0/time_zone", "/callback/part_begins/1",
          "/callback/min_gap", "/limits/max_extension", "/limits/max_promise", "/root_causes/0/group",
          "/categories/0/department/field"})
        EXPECT_THAT(after(json::array({{{"op", "replace"}, {"path", path}, {"value", 7}}})), SizeIs(1)) << path;
    EXPECT_THAT(after(json::parse(R"([{"op":"remove","path":"/departments/2/code"}])")), SizeIs(1));
    EXPECT_THAT(after(json::parse(R"([{"op":"replace","path":"/departments/2/parent","value":"moon"}])")), SizeIs(1));
}

TEST(Pack, AllMistakesAreReportedAtOnce)
{
    const auto found = after(json::parse(R"([
        {"op":"replace","path":"/categories/2/targets/resolve","value":"3x"},
        {"op":"add","path":"/colour","value":"red"},
        {"op":"remove","path":"/users/0/language"},
        {"op":"replace","path":"/calendars/0/time_zone","value":"Mars/Olympus"}])"));
    EXPECT_THAT(found,
                UnorderedElementsAre("categories[2].targets.resolve: unknown unit in '3x' (m, h, d, bh, bm or wd)",
                                     "colour: unknown key", "users[0].language: missing",
                                     "calendars[0].time_zone: no such zone"));
}

TEST(Pack, DepartmentsMayNotGoInACircle)
{
    EXPECT_THAT(after(json::parse(R"([{"op":"add","path":"/departments/0/parent","value":"main_station"}])")),
                Contains("departments[0].parent: a circle of departments"));
}

TEST(Pack, ACategoryNobodyCouldApproveIsRefused)
{
    auto document = newspaper();
    for (auto& user : document["users"])
        user.erase("leads");
    EXPECT_THAT(violations(parse_pack(document.dump())),
                Contains("categories[3].department: nobody leads 'main_station' or a department above it"));
}

TEST(Pack, MayComeWithoutUsers)
{
    auto document = newspaper();
    document.erase("users");
    EXPECT_THAT(violations(parse_pack(document.dump())), IsEmpty());
}

TEST(Pack, MayComeWithoutTheReasonsThatCameLater)
{
    auto document = newspaper();
    for (const auto* group : {"remedy", "withdraw", "reopen"})
        document["reasons"].erase(group);
    EXPECT_THAT(violations(parse_pack(document.dump())), IsEmpty());
}

TEST(Pack, WhatIsNoPackIsRefusedWithoutHarm)
{
    EXPECT_THAT(violations(parse_pack("")), ElementsAre(HasSubstr("not JSON")));
    EXPECT_THAT(violations(parse_pack("{\"pack\":")), ElementsAre(HasSubstr("not JSON: wrong at byte")));
    EXPECT_THAT(violations(parse_pack("[]")), ElementsAre("not an object"));
    EXPECT_THAT(violations(parse_pack("{\"pack\":\"a\",\"pack\":\"b\"}")),
                ElementsAre("the key 'pack' comes twice in one object"));
    EXPECT_THAT(violations(parse_pack("\"\xff\"")), ElementsAre(HasSubstr("not JSON")));
    EXPECT_THAT(violations(parse_pack(std::string(1024 * 1024 + 1, ' '))), ElementsAre("larger than 1048576 bytes"));
    EXPECT_THAT(violations(parse_pack(std::string(400'000, '['))), Contains(HasSubstr("not JSON")));
    EXPECT_THAT(violations(parse_pack(std::string(10'000, '[') + std::string(10'000, ']'))),
                ElementsAre("nested too deep"));
    EXPECT_THAT(violations(parse_pack(R"({"categories":)" + json(std::vector<int>(500'000, 1)).dump() + "}")),
                Contains("categories: more than 500 entries"));
}

TEST(Pack, ManyMistakesAreCutOff)
{
    auto document = newspaper();
    for (int i = 0; i < 300; ++i)
        document["x" + std::to_string(i)] = i;
    EXPECT_THAT(violations(parse_pack(document.dump())), SizeIs(200));
}

TEST(CalendarFile, EveryShippedOneIsSoundAndNamedForWhatItHolds)
{
    std::size_t count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(config / "calendars")) {
        if (entry.path().extension() != ".json") continue;
        const auto read = parse_calendar_file(text_of(entry.path()));
        EXPECT_THAT(violations(read), IsEmpty()) << entry.path();
        if (read) EXPECT_EQ(entry.path().stem(), read->calendar + '-' + std::to_string(read->year));
        ++count;
    }
    EXPECT_GE(count, 2u);
}

TEST(CalendarFile, TheChineseYearsHave248WorkdaysByTheMonthsOfTheDomainBook)
{
    const std::map<int, std::array<int, 12>> expected{
        {2025, {19, 19, 21, 22, 19, 20, 23, 21, 23, 18, 20, 23}},
        {2026, {21, 16, 22, 21, 19, 21, 23, 21, 22, 18, 21, 23}},
    };
    for (const auto& [number, months] : expected) {
        const auto file =
            parse_calendar_file(text_of(config / "calendars" / ("cn-" + std::to_string(number) + ".json")));
        ASSERT_TRUE(file);
        const auto office = make_calendar({.name = "office",
                                           .time_zone = "Asia/Shanghai",
                                           .weekly = sound_newspaper().find_calendar("office")->weekly,
                                           .makeup_hours = {},
                                           .holidays = "cn"},
                                          {{number, file->days}});
        for (unsigned m = 1; m <= 12; ++m) {
            const auto month_of = year(number) / month(m);
            EXPECT_EQ(office.workdays(domain::local_day(month_of / 1), domain::local_day(month_of / last)),
                      months[m - 1])
                << number << '-' << m;
        }
    }
}

TEST(CalendarFile, SaysWhatIsWrongAndWhere)
{
    const auto with = [](std::string_view off, std::string_view work, std::string_view number = "2026") {
        return violations(parse_calendar_file(R"({"calendar":"cn","year":)" + std::string(number) + R"(,"off":)" +
                                              std::string(off) + R"(,"work":)" + std::string(work) +
                                              R"(,"source":"notice"})"));
    };
    EXPECT_THAT(with("[]", "[]"), IsEmpty());
    EXPECT_THAT(with(R"(["02-29"])", "[]"), ElementsAre(HasSubstr("off[0]: neither a day of 2026")));
    EXPECT_THAT(with(R"(["02-29"])", "[]", "2028"), IsEmpty());
    EXPECT_THAT(with(R"(["02-04/01-28"])", "[]"), ElementsAre(HasSubstr("off[0]: neither a day of 2026")));
    EXPECT_THAT(with(R"(["01-01","01-01/01-02"])", "[]"), ElementsAre("off[1]: 2026-01-01 is listed twice"));
    EXPECT_THAT(with(R"(["01-01"])", R"(["01-01"])"), ElementsAre("work: 2026-01-01 is listed as off, too"));
    EXPECT_THAT(with("{}", "[1]"), ElementsAre("off: not a list", "work[0]: not a text"));
    EXPECT_THAT(with("[]", "[]", "20260"), ElementsAre("year: 20260 is not from 1970 to 2200"));
    EXPECT_THAT(violations(parse_calendar_file("{}")),
                ElementsAre("calendar: missing", "year: missing", "off: missing", "work: missing", "source: missing"));
}

} // namespace
} // namespace huiyin::ticket
