// What the console's SLA editor sends, and what would be due by it.
#include "shipped_packs.hpp"

#include <huiyin/ticket/preview.hpp>
#include <huiyin/upkeep/rules.hpp>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace huiyin::upkeep {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;
using enum domain::deadline_kind;

const std::string& current()
{
    static const std::string document = json::parse(pack_text("newspaper")).dump();
    return document;
}

proposed_rules sound(const json& change)
{
    auto read = propose_rules(current(), change);
    if (read) return std::move(*read);
    for (const auto& each : read.error())
        ADD_FAILURE() << each.to_string();
    return {};
}

std::vector<pack_change> changed_by(const json& change)
{
    return compare_packs(sound_pack(current()), sound(change).pack);
}

std::vector<std::string> wrong_with(const json& change)
{
    const auto read = propose_rules(current(), change);
    std::vector<std::string> all;
    if (!read)
        for (const auto& each : read.error())
            all.push_back(each.path);
    return all;
}

json category(json more)
{
    more["code"] = "missed_copy";
    return {{"categories", json::array({std::move(more)})}};
}

TEST(ProposeRules, OfACategoryOnlyWhatIsSaidIsChanged)
{
    EXPECT_THAT(changed_by(category({{"targets", {{"accept", "45m station"}}}})),
                ElementsAre(pack_change{"category", "missed_copy", "targets.accept", "30m station", "45m station"}));
    EXPECT_THAT(
        changed_by(category({{"targets", {{"accept", nullptr}, {"approve", nullptr}}}})),
        UnorderedElementsAre(pack_change{"category", "missed_copy", "targets.accept", "30m station", ""},
                             pack_change{"category", "missed_copy", "targets.approve", "1h station", "1wd office"}))
        << "taken away, the house's own holds where it has one";
    EXPECT_THAT(changed_by(category({{"priority", "P1"}, {"limits", {{"max_holds", 1}}}})),
                ElementsAre(pack_change{"category", "missed_copy", "limits.max_holds", "3", "1"},
                            pack_change{"category", "missed_copy", "priority", "P2", "P1"}));
}

TEST(ProposeRules, ACategoryThatIsNotThereIsAddedWhereItIsWhole)
{
    json added{{"code", "app_fault"},
               {"name", {{"zh-CN", "应用故障"}, {"zh-TW", "應用故障"}, {"en", "App fault"}}},
               {"priority", "P3"},
               {"type", "complaint"},
               {"department", "circulation_office"},
               {"targets", {{"dispatch", "30m center"}, {"resolve", "3wd office"}}}};
    const auto before = sound_pack(current());
    const auto after = sound({{"categories", json::array({added})}}).pack;
    ASSERT_EQ(after.categories.size(), before.categories.size() + 1);
    ASSERT_NE(after.find_category("app_fault"), nullptr);
    EXPECT_EQ(after.find_category("app_fault")->name.at("en"), "App fault");
    EXPECT_THAT(changed_by({{"categories", json::array({added})}}), ::testing::Not(IsEmpty()));
    auto nameless = added;
    nameless.erase("name");
    EXPECT_THAT(wrong_with({{"categories", json::array({nameless})}}), ElementsAre("categories.app_fault.name"));
    added["department"] = "nowhere";
    EXPECT_THAT(wrong_with({{"categories", json::array({added})}}), ::testing::Not(IsEmpty()));
}

TEST(ProposeRules, PartsOfTheHouseAreMergedOrReplaced)
{
    EXPECT_THAT(changed_by({{"callback", {{"max_attempts", 4}}}}),
                ElementsAre(pack_change{"pack", "", "callback.max_attempts", "3", "4"}));
    EXPECT_THAT(
        changed_by({{"calendars", {{{"name", "office"}, {"weekly", {{"fri", {"09:00-12:00"}}}}}}}}),
        ElementsAre(pack_change{"calendar", "office", "weekly.fri", "09:00-12:00, 13:00-18:00", "09:00-12:00"}));
    EXPECT_THAT(changed_by({{"banned_phrases", {"guaranteed"}}}).size(),
                sound_pack(current()).banned_phrases.size() + 1);
    EXPECT_THAT(changed_by(json::object()), IsEmpty());
}

TEST(ProposeRules, AWholeDocumentReplacesTheRulesAndNothingElse)
{
    auto document = json::parse(current());
    EXPECT_THAT(changed_by({{"document", document}}), IsEmpty());
    document["categories"][0]["priority"] = "P1";
    EXPECT_EQ(changed_by({{"document", document}}).size(), 1u);
    document["departments"][0]["calendar"] = "center";
    document["users"] = json::array();
    EXPECT_THAT(wrong_with({{"document", document}}),
                ::testing::IsSupersetOf({"document.departments", "document.users"}));
    EXPECT_THAT(wrong_with({{"document", json::parse(current())}, {"targets", json::object()}}),
                ElementsAre("targets"));
}

TEST(ProposeRules, AllThatIsWrongIsSaidAtOnceByCode)
{
    auto change = category({{"targets", {{"accept", "3x station"}, {"resolve", "2wd nowhere"}}}, {"nonsense", 1}});
    change["categories"].push_back({{"code", "missed_copy"}});
    change["categories"].push_back({{"priority", "P1"}});
    change["departments"] = json::array();
    change["strange"] = 1;
    change["calendar_years"] = json::array({{{"calendar", "cn"},
                                             {"year", 2027},
                                             {"off", {"13-01"}},
                                             {"work", json::array()},
                                             {"source", "s"},
                                             {"version", -1}}});
    EXPECT_THAT(wrong_with(change),
                UnorderedElementsAre("categories.missed_copy.targets.accept", "categories.missed_copy.nonsense",
                                     "categories[1].code", "categories[2].code", "departments", "strange",
                                     "calendar_years[0].off[0]", "calendar_years[0].version"));
    EXPECT_THAT(wrong_with(category({{"targets", {{"resolve", "2wd nowhere"}}}})),
                ElementsAre("categories.missed_copy.targets.resolve"));
    for (const auto& hostile :
         {json(), json(1), json::array(), json("x"), json{{"categories", 1}}, json{{"categories", {1}}},
          json{{"calendars", {{{"name", 1}}}}}, json{{"document", nullptr}}, json{{"targets", 1}},
          json{{"calendar_years", 1}}, json{{"calendar_years", {1}}}, json{{"callback", nullptr}}})
        EXPECT_THAT(wrong_with(hostile), ::testing::Not(IsEmpty())) << hostile;
}

/// The shipped power pack with the years of 2025 and 2026, whose vectors domain rules are tested by.
ticket::configuration configuration_of(const std::string& pack_name)
{
    std::map<std::string, std::map<int, domain::calendar_year>> years;
    for (const auto& name : json_files(source_root / "config/calendars")) {
        const auto file = ticket::parse_calendar_file(text_of(source_root / "config/calendars" / (name + ".json")));
        years[file->calendar][file->year] = file->days;
    }
    auto pack = sound_pack(pack_text(pack_name));
    std::vector<ticket::department_entry> departments;
    for (const auto& each : pack.departments)
        departments.push_back({department_id::make(), each.code, {}, {}, {}, each.name});
    return {1, std::move(pack), std::move(years), std::move(departments)};
}

const ticket::foreseen_clock& clock_of(const std::vector<ticket::foreseen_clock>& clocks, domain::deadline_kind kind)
{
    const auto it = std::ranges::find(clocks, kind, [](const auto& each) { return each.deadline.kind; });
    if (it == clocks.end()) throw std::runtime_error("no such clock");
    return *it;
}

instant at(const std::string& shanghai)
{
    return parse_rfc3339(shanghai + "+08:00").value();
}

TEST(Preview, EachClockBeginsAtTheLatestMomentForTheOneBeforeIt)
{
    const auto rules = configuration_of("newspaper");
    const auto clocks = ticket::foresee_clocks(rules, "missed_copy", {{"district", "east"}}, at("2026-03-02T09:00:00"));
    ASSERT_TRUE(clocks);
    EXPECT_EQ(clock_of(*clocks, dispatch).deadline.due_at, at("2026-03-02T09:15:00"));
    EXPECT_EQ(clock_of(*clocks, accept).deadline.due_at, at("2026-03-02T09:45:00"));
    EXPECT_EQ(clock_of(*clocks, accept).after, dispatch);
    EXPECT_EQ(clock_of(*clocks, contact_customer).deadline.due_at, at("2026-03-02T11:45:00"));
    EXPECT_EQ(clock_of(*clocks, resolve).deadline.due_at, at("2026-03-02T18:00:00"));
    EXPECT_EQ(clock_of(*clocks, resolve).deadline.started_at, at("2026-03-02T09:15:00"));
}

TEST(Preview, WorkingDaysSkipTheSpringFestivalAndCountMakeUpDays)
{
    const auto rules = configuration_of("newspaper");
    const auto clocks = ticket::foresee_clocks(rules, "carrier_conduct", {}, at("2026-02-13T17:00:00"));
    ASSERT_TRUE(clocks);
    const auto& resolved = clock_of(*clocks, resolve);
    EXPECT_EQ(resolved.deadline.due_at, at("2026-02-25T23:59:59")) << "14 (make-up), 24, 25";
    EXPECT_FALSE(resolved.provisional);
    ASSERT_GE(resolved.steps.size(), 3u);
    EXPECT_EQ(resolved.steps[1].step, domain::ladder_step::warning);
    EXPECT_LT(resolved.steps[1].at, resolved.deadline.due_at);
    EXPECT_EQ(resolved.steps[2].step, domain::ladder_step::breach);
    const auto later = ticket::foresee_clocks(rules, "carrier_conduct", {}, at("2027-02-13T17:00:00"));
    EXPECT_TRUE(clock_of(*later, resolve).provisional) << "2027 is not loaded";
}

TEST(Preview, ACategoryThatIsNotThereHasNoClocks)
{
    const auto rules = configuration_of("newspaper");
    EXPECT_EQ(ticket::foresee_clocks(rules, "nowhere", {}, at("2026-03-02T09:00:00")).error().code,
              errc::category_unknown);
    for (const auto& name : shipped_packs()) {
        const auto other = configuration_of(name);
        for (const auto& each : other.rules().categories) {
            const auto clocks = ticket::foresee_clocks(other, each.code, {}, at("2026-03-02T09:00:00"));
            ASSERT_TRUE(clocks) << name << ' ' << each.code;
            EXPECT_GE(clocks->size(), 6u) << name << ' ' << each.code;
            for (const auto& clock : *clocks)
                EXPECT_GT(clock.deadline.due_at, clock.deadline.started_at) << name << ' ' << each.code;
        }
    }
}

} // namespace
} // namespace huiyin::upkeep
