#include "shipped_packs.hpp"

#include <huiyin/async/blocking_pool.hpp>
#include <huiyin/people/rights_epoch.hpp>
#include <huiyin/ticket/configuration.hpp>
#include <huiyin/upkeep/pack_apply.hpp>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <pg_fixture.hpp>

namespace huiyin::upkeep {
namespace {

using nlohmann::json;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class PackApply : public test::pg_fixture
{
protected:
    ~PackApply() override { run(db.close()); }

    static pack_application whole(const std::string& document)
    {
        pack_application what;
        what.document = document;
        for (const auto& file : json_files(source_root / "config/calendars"))
            what.calendar_years.push_back(text_of(source_root / "config/calendars" / (file + ".json")));
        what.demo_password = "a password of tests";
        return what;
    }
    /// Its accounts, as if they had had passwords for long: a hash for each would take most of the test's time.
    void make_accounts(const ticket::pack& of)
    {
        for (const auto& each : of.users) {
            people::new_user wanted;
            wanted.login = each.login;
            wanted.display_name = each.display_name;
            wanted.language = each.language;
            wanted.roles = each.roles;
            ASSERT_TRUE(run(people.upsert_user(std::move(wanted), domain::actor::system())));
        }
        sql("UPDATE user_account SET password_phc = 'none'");
    }
    result<pack_outcome> apply(pack_application what)
    {
        return run(apply_pack(people, configuration, std::move(what), domain::actor::system()));
    }
    result<pack_forecast> foresee(const pack_application& what)
    {
        return run(foresee_pack(people, configuration, what));
    }
    std::string stored() { return run(configuration.find_current_pack()).value()->document; }
    std::int64_t count(const std::string& table)
    {
        return sql("SELECT count(*) FROM " + table).front().get<std::int64_t>(0);
    }

    pg::database db{on(), app_settings(), metrics};
    blocking_pool pool{2, 256};
    people::rights_epoch epoch;
    people::people_service people{db, clock, pool, epoch};
    people::configuration_store configuration{db, clock};
};

class PackApplyEach : public PackApply, public ::testing::WithParamInterface<std::string>
{};
INSTANTIATE_TEST_SUITE_P(Each, PackApplyEach, ::testing::ValuesIn(shipped_packs()), as_test_name);

TEST_P(PackApplyEach, IsAppliedOnceAndTheSecondTimeChangesNothing)
{
    const auto what = whole(pack_text(GetParam()));
    const auto pack = sound_pack(what.document);
    make_accounts(pack);
    const auto before = count("event");
    const auto ahead = foresee(what).value();
    EXPECT_EQ(ahead.version, 0);
    EXPECT_FALSE(ahead.changes_nothing());
    EXPECT_THAT(ahead.new_accounts, IsEmpty());
    EXPECT_THAT(ahead.changed_accounts, IsEmpty());
    EXPECT_THAT(ahead.new_departments, SizeIs(pack.departments.size()));
    EXPECT_THAT(ahead.calendar_years, ElementsAre("cn 2025", "cn 2026"));
    EXPECT_EQ(count("department") + count("pack") + count("calendar_year"), 0) << "a look writes nothing";
    EXPECT_EQ(count("event"), before);

    const auto first = apply(what).value();
    EXPECT_EQ(first.version, 1);
    EXPECT_FALSE(first.already_current);
    EXPECT_EQ(first.departments, pack.departments.size());
    EXPECT_EQ(first.users, pack.users.size());
    const auto events = count("event");
    EXPECT_TRUE(foresee(what)->changes_nothing());
    EXPECT_THAT(foresee(what)->changes, IsEmpty());
    const auto second = apply(what).value();
    EXPECT_TRUE(second.already_current);
    EXPECT_EQ(second.version, 1);
    EXPECT_EQ(count("event"), events);

    // What was stored comes back as a file that is the same pack.
    const auto exported = pack_file(stored());
    EXPECT_EQ(json::parse(exported), json::parse(what.document));
    EXPECT_THAT(compare_packs(sound_pack(stored()), sound_pack(exported)), IsEmpty());
    EXPECT_TRUE(apply(whole(exported))->already_current);
    EXPECT_EQ(count("pack"), 1);

    ticket::configurations rules(db);
    const auto now = run(rules.current()).value();
    for (const auto& each : now->departments()) {
        const auto* const wanted = pack.find_department(each.code);
        EXPECT_EQ(each.contact_a.has_value(), !wanted->contact_a.empty()) << each.code;
        EXPECT_EQ(each.contact_b.has_value(), !wanted->contact_b.empty()) << each.code;
    }
    const auto of_department = sql("SELECT d.code, count(*) FILTER (WHERE m.position = 'handler'), "
                                   "       count(*) FILTER (WHERE m.position = 'leader') "
                                   "  FROM department d JOIN department_member m ON m.department_id = d.id "
                                   " GROUP BY d.code");
    EXPECT_EQ(of_department.size(), pack.departments.size());
    for (const auto row : of_department) {
        const auto* const wanted = pack.find_department(row.get<std::string>(0));
        if (!wanted->contact_b.empty()) EXPECT_GE(row.get<std::int64_t>(1), 2) << wanted->code;
        EXPECT_GE(row.get<std::int64_t>(2), 1) << wanted->code;
    }
}

class PackApplyOver : public PackApply
{
protected:
    void SetUp() override { make_accounts(sound_pack(document.dump())); }

    json document = json::parse(pack_text("newspaper"));
};

TEST_F(PackApplyOver, AChangeIsForeseenDoneAndThenNoLongerOne)
{
    ASSERT_TRUE(apply(whole(document.dump())));
    document["categories"][3]["targets"]["resolve"] = "2wd office";
    document["departments"][4]["name"]["en"] = "Eastern station";
    document["users"][0]["name"] = "管理";
    document["users"].push_back({{"login", "new.one"},
                                 {"name", "新人"},
                                 {"language", "zh-TW"},
                                 {"roles", {"department_handler"}},
                                 {"handles", {"station_west"}}});
    const auto what = whole(document.dump());
    const auto ahead = foresee(what).value();
    EXPECT_EQ(ahead.version, 1);
    EXPECT_FALSE(ahead.already_current);
    EXPECT_THAT(ahead.new_accounts, ElementsAre("new.one"));
    EXPECT_THAT(ahead.changed_accounts, ElementsAre("admin"));
    EXPECT_THAT(ahead.new_departments, IsEmpty());
    EXPECT_THAT(ahead.changed_departments, ElementsAre("station_east", "station_west"));
    EXPECT_THAT(ahead.calendar_years, IsEmpty());
    EXPECT_THAT(ahead.changes,
                Contains(pack_change{"category", "carrier_conduct", "targets.resolve", "3wd office", "2wd office"}));

    EXPECT_EQ(apply(what)->version, 2);
    EXPECT_TRUE(foresee(what)->changes_nothing());
    EXPECT_EQ(run(people.find_department("station_east")).value()->name.at("en"), "Eastern station");
}

TEST_F(PackApplyOver, WhatSomebodyChangedByHandIsForeseenAsWell)
{
    const auto what = whole(document.dump());
    ASSERT_TRUE(apply(what));
    auto east = run(people.find_department("station_east")).value();
    people::new_department wanted = *east;
    std::swap(wanted.contact_a, wanted.contact_b);
    ASSERT_TRUE(run(people.update_department(east->id, wanted, std::nullopt, domain::actor::system())));
    const auto ahead = foresee(what).value();
    EXPECT_TRUE(ahead.already_current);
    EXPECT_FALSE(ahead.changes_nothing());
    EXPECT_THAT(ahead.changed_departments, ElementsAre("station_east"));
    ASSERT_TRUE(apply(what));
    EXPECT_TRUE(foresee(what)->changes_nothing());
}

TEST_F(PackApply, WithoutTheAccountsOfItsContactsNothingIsWritten)
{
    auto what = whole(pack_text("newspaper"));
    EXPECT_THAT(foresee(what)->new_accounts, SizeIs(sound_pack(what.document).users.size()));
    what.demo_password.reset();
    const auto refused = apply(what);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, errc::not_found);
    EXPECT_THAT(refused.error().detail, HasSubstr("chen.jing, deng.rui"));
    EXPECT_EQ(count("department") + count("pack") + count("calendar_year") + count("event"), 0);
}

TEST_F(PackApplyOver, AContactWhoIsNoLongerActiveIsNamedBeforeAnythingIsWritten)
{
    const auto what = whole(document.dump());
    ASSERT_TRUE(apply(what));
    people::user_changes gone;
    gone.active = false;
    const auto user = run(people.find_user("wang.qiang")).value();
    ASSERT_TRUE(run(people.update_user(user->id, gone, std::nullopt, domain::actor::system())));
    const auto events = count("event");
    document["fallback"] = "main_station";
    const auto refused = apply(whole(document.dump()));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().detail, "no active account: wang.qiang");
    EXPECT_EQ(count("event"), events);
}

TEST_F(PackApplyOver, AnotherOrganisationFollowsAsTheNextVersion)
{
    ASSERT_TRUE(apply(whole(document.dump())));
    const auto city = whole(pack_text("city-12345"));
    make_accounts(sound_pack(city.document));
    EXPECT_THAT(foresee(city)->changes, Contains(pack_change{"pack", "", "pack", "newspaper", "city-12345"}));
    EXPECT_EQ(apply(city)->version, 2);
    EXPECT_TRUE(foresee(city)->changes_nothing());
    EXPECT_EQ(apply(whole(document.dump()))->version, 3) << "and back";
}

} // namespace
} // namespace huiyin::upkeep
