#include "shipped_packs.hpp"

#include <huiyin/upkeep/pack_diff.hpp>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <sstream>

namespace huiyin::upkeep {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

const json& newspaper()
{
    static const json document = json::parse(pack_text("newspaper"));
    return document;
}

/// What a patch of the newspaper's pack changes.
std::vector<pack_change> after(const json& patch)
{
    return compare_packs(sound_pack(newspaper().dump()), sound_pack(newspaper().patch(patch).dump()));
}
json replace(std::string_view path, json value)
{
    return json::array({{{"op", "replace"}, {"path", path}, {"value", std::move(value)}}});
}
json add(std::string_view path, json value)
{
    return json::array({{{"op", "add"}, {"path", path}, {"value", std::move(value)}}});
}
json remove(std::string_view path)
{
    return json::array({{{"op", "remove"}, {"path", path}}});
}

class ShippedPack : public ::testing::TestWithParam<std::string>
{};
INSTANTIATE_TEST_SUITE_P(Each, ShippedPack, ::testing::ValuesIn(shipped_packs()), as_test_name);

TEST_P(ShippedPack, DiffersFromEachOtherAndNotFromItself)
{
    const auto own = sound_pack(pack_text(GetParam()));
    for (const auto& name : shipped_packs()) {
        const auto changes = compare_packs(own, sound_pack(pack_text(name)));
        EXPECT_EQ(changes.empty(), name == GetParam()) << name;
        EXPECT_EQ(to_text(changes).empty(), name == GetParam()) << name;
    }
}

TEST_P(ShippedPack, IsExportedAsAFileThatReadsBackAsTheSame)
{
    const auto text = pack_text(GetParam());
    const auto exported = pack_file(json::parse(text).dump());
    EXPECT_EQ(json::parse(exported), json::parse(text));
    EXPECT_EQ(pack_file(exported), exported);
    EXPECT_THAT(compare_packs(sound_pack(text), sound_pack(exported)), IsEmpty());
    EXPECT_TRUE(exported.starts_with("{\n  \"pack\": \"" + GetParam() + "\",\n  \"title\": {\"zh-CN\": ")) << exported;
}

TEST(PackDiff, AChangedClockIsShownByCategoryAndClock)
{
    EXPECT_THAT(after(replace("/categories/3/targets/resolve", "2wd office")),
                ElementsAre(pack_change{"category", "carrier_conduct", "targets.resolve", "3wd office", "2wd office"}));
    EXPECT_THAT(after(add("/categories/3/targets/on_site", "1d station")),
                ElementsAre(pack_change{"category", "carrier_conduct", "targets.on_site", "", "1d station"}));
}

TEST(PackDiff, AChangedDefaultIsShownWhereverItHolds)
{
    const auto changes = after(replace("/targets/approve", "2wd office"));
    std::vector<std::string> concerned;
    for (const auto& each : changes) {
        EXPECT_EQ(each.key, "targets.approve");
        EXPECT_EQ(each.before, "1wd office");
        EXPECT_EQ(each.after, "2wd office");
        concerned.push_back(each.code);
    }
    EXPECT_THAT(concerned, ElementsAre("", "carrier_conduct", "subscription_billing", "content_advertisement",
                                       "suggestion", "other"));
}

TEST(PackDiff, ADefaultThatIsSpelledOutChangesNothing)
{
    EXPECT_THAT(after(add("/categories/3/targets/approve", "1wd office")), IsEmpty());
    EXPECT_THAT(after(add("/categories/3/open_to_public", true)), IsEmpty());
    EXPECT_THAT(after(add("/categories/3/limits", {{"max_returns", 2}})), IsEmpty());
    EXPECT_THAT(after(add("/categories/3/targets_by_department", {{"station_east", {{"resolve", "3wd office"}}}})),
                IsEmpty());
}

TEST(PackDiff, EveryPartOfAPackIsCompared)
{
    struct row
    {
        json patch;
        pack_change expected;
    };
    const row rows[] = {
        {replace("/title/en", "Papers"), {"pack", "", "title.en", "Newspaper circulation customer service", "Papers"}},
        {replace("/pack", "paper"), {"pack", "", "pack", "newspaper", "paper"}},
        {add("/language", "zh-TW"), {"pack", "", "language", "zh-CN", "zh-TW"}},
        {replace("/default_calendar", "center"), {"pack", "", "default_calendar", "office", "center"}},
        {replace("/calendars/0/weekly/mon", json::array({"08:00-12:00", "13:00-20:00"})),
         {"calendar", "center", "weekly.mon", "08:00-20:00", "08:00-12:00, 13:00-20:00"}},
        {replace("/calendars/2/title/en", "Offices"), {"calendar", "office", "title.en", "Office hours", "Offices"}},
        {replace("/calendars/2/holidays", "hk"), {"calendar", "office", "holidays", "cn", "hk"}},
        {replace("/departments/1/authority_cents", 1),
         {"department", "circulation_center", "authority_cents", "500000", "1"}},
        {remove("/departments/1/authority_cents"),
         {"department", "circulation_center", "authority_cents", "500000", ""}},
        {replace("/departments/4/parent", "group"), {"department", "station_east", "parent", "main_station", "group"}},
        {replace("/departments/4/contact_b", "wu.fang"), {}},
        {replace("/users/0/name", "Admin"), {"user", "admin", "name", "管理员", "Admin"}},
        {replace("/users/0/language", "en"), {"user", "admin", "language", "zh-CN", "en"}},
        {add("/users/0/roles/-", "auditor"), {"user", "admin", "roles", "administrator", "administrator, auditor"}},
        {replace("/fields/0/values/0/name/en", "Eastern"), {"field", "district", "value.east.en", "", ""}},
        {replace("/limits/max_holds", 1), {"category", "missed_copy", "limits.max_holds", "3", "1"}},
        {replace("/fallback", "main_station"), {"pack", "", "fallback", "complaint_desk", "main_station"}},
        {replace("/categories/0/priority", "P1"), {"category", "missed_copy", "priority", "P2", "P1"}},
        {replace("/categories/0/department/values/east", "main_station"),
         {"category", "missed_copy", "department.district=east", "station_east", "main_station"}},
        {replace("/categories/0/department/otherwise", "station_east"),
         {"category", "missed_copy", "department", "main_station", "station_east"}},
        {add("/categories/0/observers", json::array({"supervision", "group"})),
         {"category", "missed_copy", "observers", "", "supervision, group"}},
        {replace("/categories/3/approval_from", "group"),
         {"category", "carrier_conduct", "approval_from", "circulation_center", "group"}},
        {add("/categories/0/presumed_valid", true), {"category", "missed_copy", "presumed_valid", "no", "yes"}},
        {add("/categories/0/direct", {{"authority_cents", 0}}),
         {"category", "missed_copy", "direct.authority_cents", "", "0"}},
        {add("/categories/0/resolve_from_created", true),
         {"category", "missed_copy", "resolve_from_created", "no", "yes"}},
        {add("/categories/7/callback_sample_percent", 20),
         {"category", "suggestion", "callback_sample_percent", "100", "20"}},
        {add("/categories/7/system_may_close", true), {"category", "suggestion", "system_may_close", "no", "yes"}},
        {replace("/categories/7/evidence", {{"files", 2}, {"spoke", true}}),
         {"category", "suggestion", "evidence", "files 0, contact", "files 2, spoke"}},
        {add("/categories/0/targets_by_department", {{"station_east", {{"resolve", "1d station"}}}}),
         {"category", "missed_copy", "targets_by_department.station_east.resolve", "", "1d station"}},
        {replace("/callback/hours", json::array({"09:00-12:00", "14:00-20:00"})),
         {"pack", "", "callback.hours", "09:00-12:00, 14:00-20:30", "09:00-12:00, 14:00-20:00"}},
        {replace("/callback/channels/0/channel", "email"),
         {"pack", "", "callback.channels", "sms after 2 misses", "email after 2 misses"}},
        {replace("/callback/reviewer", "complaint_desk"),
         {"pack", "", "callback.reviewer", "supervision", "complaint_desk"}},
        {replace("/callback/opens_after", "45m"), {"pack", "", "callback.opens_after", "30m", "45m"}},
        {replace("/callback/min_gap", "3h"), {"pack", "", "callback.min_gap", "120m", "180m"}},
        {replace("/repeat/count", 3),
         {"pack", "", "repeat", "repeat_complaint from 2 within 30d on", "repeat_complaint from 3 within 30d on"}},
        {replace("/invalid_reply_templates/0/body/en", "Thank you."), {}},
        {add("/banned_phrases/-", "whatever"), {"banned_phrase", "whatever", "", "", "whatever"}},
        {remove("/reasons/return/3"), {"reason", "return/facts_missing", "", "Key facts missing", ""}},
        {replace("/reasons/return/3/name/en", "Facts"), {"reason", "return/facts_missing", "name.en", "", ""}},
        {replace("/root_causes/0/group", "product"), {"root_cause", "carrier_missed", "group", "service", "product"}},
        {remove("/categories/8"), {"category", "other", "", "Other", ""}},
    };
    for (const auto& [patch, expected] : rows) {
        auto document = newspaper().patch(patch);
        document.erase("users"); // so that a contact may be anybody
        auto before = newspaper();
        before.erase("users");
        const bool about_users = patch.front().at("path").get<std::string>().starts_with("/users");
        const auto changes =
            about_users ? after(patch) : compare_packs(sound_pack(before.dump()), sound_pack(document.dump()));
        ASSERT_FALSE(changes.empty()) << patch.dump();
        if (expected.part.empty()) continue;
        auto found = changes.front();
        EXPECT_FALSE(found.before.empty() && found.after.empty()) << patch.dump();
        if (expected.before.empty() && expected.after.empty()) found.before.clear(), found.after.clear();
        EXPECT_EQ(found, expected) << patch.dump() << '\n' << to_text(changes);
    }
}

TEST(PackDiff, WhatOnlyMovedInItsListIsOneChangeOfOrder)
{
    auto document = newspaper();
    std::swap(document["root_causes"][0], document["root_causes"][1]);
    const auto changes = compare_packs(sound_pack(newspaper().dump()), sound_pack(document.dump()));
    ASSERT_EQ(changes.size(), 1);
    EXPECT_EQ(changes.front().part, "root_cause");
    EXPECT_EQ(changes.front().key, "order");
    EXPECT_TRUE(changes.front().after.starts_with("carrier_wrong_box, carrier_missed, carrier_late"));
}

TEST(PackDiff, ReadsAsLinesUnderTheThingThatDiffers)
{
    auto document = newspaper();
    document["categories"][3]["targets"]["resolve"] = "2wd office";
    document["categories"][3]["priority"] = "P1";
    document["categories"].erase(8);
    document["root_causes"].push_back(
        {{"code", "strike"}, {"name", {{"zh-CN", "罢工"}, {"zh-TW", "罷工"}, {"en", "Strike"}}}, {"group", "outside"}});
    EXPECT_EQ(to_text(compare_packs(sound_pack(newspaper().dump()), sound_pack(document.dump()))),
              "~ category carrier_conduct\n"
              "    priority: P2 -> P1\n"
              "    targets.resolve: 3wd office -> 2wd office\n"
              "- category other: Other\n"
              "+ root_cause strike: Strike\n");
}

TEST(PackFile, KeepsItsLinesShortWhereThingsAreSmall)
{
    std::istringstream lines(pack_file(newspaper().dump()));
    std::size_t count = 0, long_ones = 0;
    for (std::string line; std::getline(lines, line); ++count)
        if (line.size() > 400) ++long_ones;
    EXPECT_GT(count, 200);
    EXPECT_LT(long_ones, 20) << "only whole wordings may be as long";
}

} // namespace
} // namespace huiyin::upkeep
