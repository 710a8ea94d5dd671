#include "shipped_packs.hpp"

#include <huiyin/base/text.hpp>
#include <huiyin/domain/decide.hpp>
#include <huiyin/ticket/configuration.hpp>

#include <gmock/gmock.h>

#include <map>
#include <set>

/// What the ready-made organisations promise, asked of the policies that tickets get.
namespace huiyin::upkeep {
namespace {

using namespace std::chrono_literals;
using domain::deadline_kind;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

instant shanghai(unsigned month, unsigned day, int hour)
{
    return instant(std::chrono::sys_days(std::chrono::year(2026) / static_cast<int>(month) / static_cast<int>(day))) +
           std::chrono::hours(hour - 8);
}

/// The organisation of a pack with people and departments that exist.
class organisation
{
public:
    explicit organisation(const std::string& name) : pack(sound_pack(pack_text(name)))
    {
        for (const auto& each : pack.users)
            ids_.emplace(each.login, user_id::make());
        std::map<std::string, department_id> departments;
        for (const auto& each : pack.departments)
            departments.emplace(each.code, department_id::make());
        std::vector<ticket::department_entry> entries;
        for (const auto& each : pack.departments) {
            ticket::department_entry entry;
            entry.id = departments.at(each.code);
            entry.code = each.code;
            if (!each.parent.empty()) entry.parent = departments.at(each.parent);
            if (!each.contact_a.empty()) entry.contact_a = ids_.at(each.contact_a);
            if (!each.contact_b.empty()) entry.contact_b = ids_.at(each.contact_b);
            entry.name = each.name;
            entries.push_back(std::move(entry));
        }
        std::map<std::string, std::map<int, domain::calendar_year>> years;
        for (const auto& file : json_files(source_root / "config/calendars")) {
            const auto read = ticket::parse_calendar_file(text_of(source_root / "config/calendars" / (file + ".json")));
            years[read->calendar][read->year] = read->days;
        }
        rules.emplace(1, pack, std::move(years), std::move(entries));
    }

    domain::actor who(const ticket::pack_user& user) const
    {
        domain::actor as{.kind = domain::actor_kind::user,
                         .id = ids_.at(user.login).value(),
                         .roles = user.roles,
                         .departments = {},
                         .leads = {},
                         .scopes = {}};
        for (const auto& each : user.handles)
            as.departments.push_back(rules->find_department(each)->id);
        for (const auto& each : user.leads) {
            as.departments.push_back(rules->find_department(each)->id);
            as.leads.push_back(rules->find_department(each)->id);
        }
        return as;
    }
    domain::actor who(user_id id) const
    {
        for (const auto& each : pack.users)
            if (ids_.at(each.login) == id) return who(each);
        ADD_FAILURE() << "no such person";
        return {};
    }
    domain::actor with(domain::role role) const
    {
        for (const auto& each : pack.users)
            if (each.roles.has(role)) return who(each);
        ADD_FAILURE() << "nobody is " << to_string(role);
        return {};
    }
    std::optional<domain::actor> leader_of(department_id department) const
    {
        for (const auto& each : pack.users)
            if (const auto as = who(each); as.leads_department(department)) return as;
        return std::nullopt;
    }

    ticket::pack pack;
    std::optional<ticket::configuration> rules;

private:
    std::map<std::string, user_id> ids_;
};

/// Where tickets of a category may go, and the answers that send them there.
std::vector<std::pair<std::string, std::map<std::string, std::string>>> ways_of(const ticket::pack_category& category)
{
    const auto& rule = category.department;
    std::vector<std::pair<std::string, std::map<std::string, std::string>>> ways{{rule.otherwise, {}}};
    for (const auto& [value, department] : rule.values)
        ways.push_back({department, {{rule.field, value}}});
    return ways;
}

std::string target_of(const domain::policy& p, deadline_kind kind)
{
    const auto found = domain::target_for(p, kind);
    return found ? to_string(found->goal) : "";
}

class PackPolicy : public ::testing::TestWithParam<std::string>
{};
INSTANTIATE_TEST_SUITE_P(Each, PackPolicy, ::testing::ValuesIn(shipped_packs()), as_test_name);

TEST_P(PackPolicy, EveryClockOfEveryCategoryHasADueTime)
{
    const organisation house(GetParam());
    const std::set<deadline_kind> may_be_missing{deadline_kind::contact_customer, deadline_kind::on_site,
                                                 deadline_kind::solution, deadline_kind::promise_due,
                                                 deadline_kind::rework};
    for (const auto& category : house.pack.categories)
        for (const auto& [code, answers] : ways_of(category)) {
            const auto* const department = house.rules->find_department(code);
            ASSERT_NE(department, nullptr) << code;
            const auto p = house.rules->policy_for(category.code, answers, department->id);
            EXPECT_EQ(p.department, department->id) << category.code << ' ' << code;
            for (std::size_t k = 0; k < domain::deadline_kind_count; ++k) {
                const auto kind = static_cast<deadline_kind>(k);
                const auto goal = domain::target_for(p, kind);
                if (!goal && may_be_missing.contains(kind)) continue;
                ASSERT_TRUE(goal) << category.code << ' ' << to_string(kind);
                const auto* const calendar = p.find_calendar(goal->calendar);
                ASSERT_NE(calendar, nullptr) << goal->calendar;
                // A working morning, a Saturday night, the middle of a long holiday.
                for (const auto start : {shanghai(3, 2, 10), shanghai(3, 7, 23), shanghai(10, 4, 15)}) {
                    const auto d = domain::start_deadline(kind, 1, goal->goal, *calendar, 1, start);
                    EXPECT_GT(d.due_at, start) << category.code << ' ' << to_string(kind);
                    EXPECT_LT(d.due_at, start + std::chrono::days(60)) << category.code << ' ' << to_string(kind);
                }
            }
            EXPECT_TRUE(p.fallback) << category.code;
            EXPECT_TRUE(p.callback.reviewer) << category.code;
        }
}

TEST_P(PackPolicy, WhoeverGetsATicketOfAnyCategoryCanSignForItAndHaveItsSolutionApproved)
{
    const organisation house(GetParam());
    const auto officer = house.with(domain::role::complaint_officer);
    const auto agent = house.with(domain::role::agent);
    for (const auto& category : house.pack.categories)
        for (const auto& [code, answers] : ways_of(category)) {
            SCOPED_TRACE(category.code + " in " + code);
            const auto* const department = house.rules->find_department(code);
            auto now = shanghai(3, 3, 10);
            const auto p = house.rules->policy_for(category.code, answers, department->id);
            domain::create opening;
            opening.id = ticket_id::make();
            opening.number = "260303-0001";
            opening.category = category.code;
            opening.type = category.type;
            opening.channel = "phone";
            opening.customer = customer_id::make();
            opening.problem = domain::text_ref{text_id::make(), {}};
            auto made = domain::decide(opening, p, agent, now);
            ASSERT_TRUE(made) << made.error().detail;
            auto t = made->next;
            const auto does = [&](const domain::actor& who, const domain::command& what) {
                now += 1min;
                auto decided = domain::decide(t, what, p, who, now);
                EXPECT_TRUE(decided) << slug(decided.error().code) << ' ' << decided.error().detail;
                if (decided) t = decided->next;
                return decided.has_value();
            };
            ASSERT_TRUE(department->contact_a && department->contact_b);
            const domain::destination to{
                .department = department->id, .contact_a = department->contact_a, .contact_b = department->contact_b};
            ASSERT_TRUE(does(officer, domain::classify{category.code}));
            ASSERT_TRUE(does(officer, domain::judge_valid{work_order_id::make(), to}));
            auto by_b = domain::decide(t, domain::accept{}, p, house.who(*department->contact_b), now);
            EXPECT_TRUE(by_b) << "contact B signs where A is away";
            const auto handler = house.who(*department->contact_a);
            ASSERT_TRUE(does(handler, domain::accept{}));
            domain::propose fix;
            fix.id = solution_id::make();
            fix.words = domain::text_ref{text_id::make(), {}};
            fix.fingerprint.fill(1);
            fix.root_cause = house.pack.root_causes.front().code;
            fix.responsible_person = department->contact_b;
            ASSERT_TRUE(does(handler, fix));

            ASSERT_FALSE(p.approval.chain.empty());
            for (const auto level : p.approval.chain)
                EXPECT_TRUE(house.leader_of(level)) << "nobody decides on that level";
            const auto leader = house.leader_of(p.approval.chain.front());
            ASSERT_TRUE(leader);
            ASSERT_TRUE(does(*leader, domain::approve{promise_id::make(), std::nullopt}));
            EXPECT_EQ(t.status, domain::ticket_status::executing);
        }
}

TEST_P(PackPolicy, WhatHasNoCategoryYetGoesByTheHousesClocksAndToTheFallBackAtLast)
{
    const organisation house(GetParam());
    const auto p = house.rules->policy_for("");
    ASSERT_TRUE(p.fallback);
    EXPECT_EQ(p.fallback->department, house.rules->find_department(house.pack.fallback)->id);
    EXPECT_TRUE(p.fallback->contact_a && p.fallback->contact_b);
    const auto wait = domain::target_for(p, deadline_kind::fallback);
    ASSERT_TRUE(wait);
    const auto triage = domain::target_for(p, deadline_kind::dispatch);
    const auto now = shanghai(3, 2, 10);
    EXPECT_GT(domain::due_from(wait->goal, *p.find_calendar(wait->calendar), now),
              domain::due_from(triage->goal, *p.find_calendar(triage->calendar), now));
    EXPECT_EQ(to_string(triage->goal),
              to_string(house.pack.targets[static_cast<std::size_t>(deadline_kind::dispatch)]->goal));
}

TEST_P(PackPolicy, ItsTemplatesAreManyAndHoldNoBannedPhrase)
{
    const organisation house(GetParam());
    EXPECT_GE(house.pack.invalid_reply_templates.size(), 5);
    const auto p = house.rules->policy_for(house.pack.categories.front().code);
    for (const auto& each : house.pack.invalid_reply_templates)
        for (const auto& [language, body] : each.body) {
            EXPECT_EQ(domain::banned_phrase_in(p, body), std::nullopt) << each.code << ' ' << language;
            EXPECT_TRUE(body.contains(language == "en" ? "clear to you" : "清楚"))
                << each.code << " asks whether it is clear";
        }
    for (const auto* phrase : {"没办法", "沒辦法", "impossible"})
        EXPECT_TRUE(domain::banned_phrase_in(p, phrase)) << phrase;
}

TEST_P(PackPolicy, SomebodyHasEachRoleAndTheReviewerMayCloseWhatNobodyCanReach)
{
    const organisation house(GetParam());
    for (std::size_t i = 0; i < domain::role_count; ++i)
        house.with(static_cast<domain::role>(i));
    const auto p = house.rules->policy_for(house.pack.categories.front().code);
    EXPECT_TRUE(house.who(*p.callback.reviewer).roles.has(domain::role::supervisor));
    for (const auto group : ticket::reason_groups())
        EXPECT_TRUE(house.pack.reasons.contains(std::string(group))) << group;
}

TEST_P(PackPolicy, DangerGetsNoMoreTime)
{
    const organisation house(GetParam());
    for (const auto& each : house.pack.categories)
        if (each.priority == domain::ticket_priority::p1) EXPECT_EQ(each.limits.max_extensions, 0) << each.code;
}

struct row
{
    std::string category, priority, dispatch, accept, contact, solution, resolve, callback, extension;
};

void expect_rows(const std::string& name, const std::vector<row>& rows)
{
    const organisation house(name);
    for (const auto& r : rows) {
        SCOPED_TRACE(name + ' ' + r.category);
        const auto* const category = house.pack.find_category(r.category);
        ASSERT_NE(category, nullptr);
        const auto p = house.rules->policy_for(r.category);
        EXPECT_EQ(domain::to_string(category->priority), r.priority);
        EXPECT_EQ(target_of(p, deadline_kind::dispatch), r.dispatch);
        EXPECT_EQ(target_of(p, deadline_kind::accept), r.accept);
        EXPECT_EQ(target_of(p, deadline_kind::contact_customer), r.contact);
        EXPECT_EQ(target_of(p, deadline_kind::solution), r.solution);
        EXPECT_EQ(target_of(p, deadline_kind::resolve), r.resolve);
        EXPECT_EQ(target_of(p, deadline_kind::callback), r.callback);
        EXPECT_EQ(p.max_extensions == 0 ? "" : to_string(p.max_extension), r.extension);
    }
}

// domain.md §4.2 to §4.4: P, dispatch, AC, CC, SO, RS, CB, extension

TEST(Power, HasTheTimesOfTheDomainBook)
{
    expect_rows("power-95598", {
                                   {"danger", "P1", "2m", "3m", "10m", "", "105m", "2h", ""},
                                   {"outage", "P2", "2m", "3m", "15m", "", "225m", "24h", "4h"},
                                   {"complaint_service", "P2", "20m", "2h", "24h", "3wd", "5wd", "1wd", "3wd"},
                                   {"complaint_construction", "P2", "20m", "2h", "24h", "3wd", "5wd", "1wd", "3wd"},
                                   {"major_complaint", "P1", "15m", "15m", "2h", "24h", "5wd", "24h", ""},
                                   {"report", "P2", "20m", "4h", "", "", "10wd", "1wd", "3wd"},
                                   {"suggestion", "P4", "20m", "1wd", "2wd", "", "9wd", "1wd", "3wd"},
                                   {"reconnect", "P2", "20m", "30m", "", "", "24h", "1wd", ""},
                                   {"meter_bill_doubt", "P3", "20m", "4h", "1wd", "3wd", "5wd", "1wd", "3wd"},
                                   {"appliance_damage", "P3", "20m", "2h", "24h", "1wd", "7wd", "1wd", "3wd"},
                                   {"new_supply_resident", "P3", "20m", "4bh", "1wd", "", "5wd", "1wd", "3wd"},
                                   {"new_supply_low", "P3", "20m", "4bh", "1wd", "", "6wd", "1wd", "3wd"},
                                   {"new_supply_high", "P3", "20m", "4bh", "1wd", "", "22wd", "1wd", "5wd"},
                                   {"new_supply_high_double", "P3", "20m", "4bh", "1wd", "", "32wd", "1wd", "5wd"},
                               });
}

TEST(Power, ACrewHasTheTimeOfItsAreaToArriveAndAsLongAfterwardsToRestoreSupply)
{
    const organisation house("power-95598");
    const auto of = [&](const char* category, const char* crew) {
        const auto p = house.rules->policy_for(category, {}, house.rules->find_department(crew)->id);
        return target_of(p, deadline_kind::on_site) + ' ' + target_of(p, deadline_kind::resolve);
    };
    EXPECT_EQ(of("outage", "crew_city"), "45m 225m") << "3 h after arrival";
    EXPECT_EQ(of("outage", "crew_rural"), "90m 330m") << "4 h after arrival";
    EXPECT_EQ(of("outage", "crew_remote"), "120m 360m") << "4 h after arrival";
    EXPECT_EQ(of("danger", "crew_city"), "45m 105m") << "safe within 1 h of arrival";
    EXPECT_EQ(of("danger", "crew_rural"), "90m 150m");
    EXPECT_EQ(of("danger", "crew_remote"), "120m 180m");
    EXPECT_EQ(of("outage", "dispatch_center"), "45m 225m") << "where the area is not known, as in the city";
    const auto& rule = house.pack.find_category("outage")->department;
    EXPECT_EQ(rule.department_for({{"area", "rural"}}), "crew_rural");
    EXPECT_EQ(house.pack.callback.hours, (std::vector<domain::hours_of_day>{{8h, 12h}, {14h, 21h}}))
        << "not at noon, nor at night";
}

TEST(City, HasTheTimesOfTheDomainBook)
{
    expect_rows("city-12345", {
                                  {"danger", "P1", "5m", "15m", "30m", "", "2h", "24h", ""},
                                  {"utility_failure", "P1", "15m", "30m", "2h", "", "24h", "24h", ""},
                                  {"enquiry", "P4", "1h", "1wd", "1wd", "", "3wd", "1wd", ""},
                                  {"help", "P3", "2h", "1wd", "1wd", "", "5wd", "1wd", "10wd"},
                                  {"complaint", "P3", "2h", "1wd", "1wd", "", "5wd", "1wd", "10wd"},
                                  {"complaint_complex", "P3", "2h", "1wd", "1wd", "5wd", "15wd", "1wd", "10wd"},
                                  {"report", "P3", "2h", "1wd", "1wd", "", "5wd", "1wd", "10wd"},
                                  {"several_units", "P2", "2h", "1wd", "1wd", "5wd", "15wd", "1wd", "7wd"},
                                  {"enterprise", "P2", "2h", "1wd", "1wd", "3wd", "15wd", "1wd", "15wd"},
                                  {"suggestion", "P4", "4h", "1wd", "3wd", "", "15wd", "1wd", "7wd"},
                              });
}

TEST(City, AsksASampleOfThoseWhoOnlyWantedToKnowOrToPropose)
{
    const organisation house("city-12345");
    for (const auto& each : house.pack.categories) {
        const auto p = house.rules->policy_for(each.code);
        const bool sampled = each.code == "enquiry" || each.code == "suggestion";
        EXPECT_EQ(p.callback.sample_permille, sampled ? 200 : 1000) << each.code;
        EXPECT_EQ(p.callback.system_may_close, sampled) << each.code;
    }
}

TEST(Telecom, HasTheTimesOfTheDomainBook)
{
    expect_rows("telecom-10086", {
                                     {"counter_waiting", "P1", "2m", "5m", "5m", "", "30m", "24h", ""},
                                     {"mass_fault", "P1", "5m", "15m", "1h", "", "24h", "24h", ""},
                                     {"coverage_broadband", "P3", "30m", "2h", "24h", "", "48h", "1wd", "48h"},
                                     {"bill_dispute", "P2", "30m", "2h", "24h", "", "48h", "1wd", "48h"},
                                     {"bill_dispute_top", "P2", "30m", "1h", "4h", "", "24h", "24h", "24h"},
                                     {"consent_porting", "P2", "30m", "2h", "24h", "", "24h", "24h", "24h"},
                                     {"campaign", "P3", "30m", "4h", "24h", "", "48h", "1wd", "48h"},
                                     {"system_app", "P3", "30m", "2h", "24h", "", "48h", "1wd", "48h"},
                                     {"staff_conduct", "P2", "30m", "4h", "24h", "24h", "48h", "1wd", "48h"},
                                     {"enterprise_customer", "P2", "10m", "30m", "2h", "", "24h", "24h", "24h"},
                                     {"ministry_appeal", "P1", "15m", "1h", "24h", "2wd", "5wd", "24h", ""},
                                 });
}

TEST(EveryPack, NamesWhereACustomerMayGoNext)
{
    const auto codes = [](const std::string& name) {
        std::vector<std::string> all;
        for (const auto& each : sound_pack(pack_text(name)).reasons.at("remedy"))
            all.push_back(each.code);
        return all;
    };
    EXPECT_THAT(codes("power-95598"), ElementsAre("energy_12398", "consumer_12315", "city_12345", "court"));
    EXPECT_THAT(codes("telecom-10086"), ElementsAre("telecom_12300", "consumer_12315", "city_12345", "court"));
    EXPECT_THAT(codes("city-12345"), ::testing::IsSupersetOf({"consumer_12315", "energy_12398", "telecom_12300"}));
    EXPECT_THAT(codes("newspaper"), ::testing::Contains("consumer_12315"));
}

} // namespace
} // namespace huiyin::upkeep
