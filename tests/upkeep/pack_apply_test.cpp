#include "shipped_packs.hpp"

#include <huiyin/async/blocking_pool.hpp>
#include <huiyin/people/rights_epoch.hpp>
#include <huiyin/ticket/configuration.hpp>
#include <huiyin/upkeep/pack_apply.hpp>

#include <fmt/format.h>
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
    /// Of every table how many rows there are and what they say.
    std::vector<std::string> everything()
    {
        std::string all;
        for (const auto row : sql("SELECT tablename FROM pg_tables WHERE schemaname = 'huiyin' ORDER BY 1")) {
            const auto table = row.get<std::string>(0);
            all += (all.empty() ? "" : " UNION ALL ") + fmt::format("SELECT '{0}', count(*), md5(string_agg(t::text, "
                                                                    "'|' ORDER BY t::text)) FROM {0} t",
                                                                    table);
        }
        std::vector<std::string> found;
        for (const auto row : sql(all + " ORDER BY 1"))
            found.push_back(fmt::format("{} {} {}", row.get<std::string>(0), row.get<std::int64_t>(1),
                                        row.get<std::optional<std::string>>(2).value_or("")));
        return found;
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
    const auto before = everything();
    const auto ahead = foresee(what).value();
    EXPECT_EQ(ahead.version, 0);
    EXPECT_FALSE(ahead.changes_nothing());
    EXPECT_THAT(ahead.new_accounts, IsEmpty());
    EXPECT_THAT(ahead.changed_accounts, IsEmpty());
    EXPECT_THAT(ahead.new_departments, SizeIs(pack.departments.size()));
    EXPECT_THAT(ahead.calendar_years, ElementsAre("cn 2025", "cn 2026"));
    EXPECT_EQ(everything(), before) << "a look writes nothing";

    const auto first = apply(what).value();
    EXPECT_EQ(first.version, 1);
    EXPECT_FALSE(first.already_current);
    EXPECT_EQ(first.departments, pack.departments.size());
    EXPECT_EQ(first.users, pack.users.size());
    const auto after = everything();
    EXPECT_TRUE(foresee(what)->changes_nothing());
    EXPECT_THAT(foresee(what)->changes, IsEmpty());
    const auto second = apply(what).value();
    EXPECT_TRUE(second.already_current);
    EXPECT_EQ(second.version, 1);
    EXPECT_EQ(everything(), after);

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
    const auto before = everything();
    document["fallback"] = "main_station";
    const auto refused = apply(whole(document.dump()));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().detail, "no active account: wang.qiang");
    EXPECT_EQ(everything(), before);
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

/// An application that changes something of everything, over the newspaper's organisation, and ends in the middle.
class PackApplyCutOff : public PackApplyOver
{
protected:
    void SetUp() override
    {
        PackApplyOver::SetUp();
        ASSERT_TRUE(apply(whole(document.dump())));
        sql("INSERT INTO session (id, user_id, token_hash, created_at, seen_at, expires_at, client_address, "
            "user_agent_hash) SELECT gen_random_uuid(), id, sha256('session'), '2026-03-01', '2026-03-01', "
            "'2026-04-01', '127.0.0.1', '' FROM user_account WHERE login = 'zhao.min'");
        document["users"][0]["name"] = "管理";
        document["users"][3]["roles"].push_back("quality");
        document["users"].push_back({{"login", "new.one"},
                                     {"name", "新人"},
                                     {"language", "zh-TW"},
                                     {"roles", {"department_handler"}},
                                     {"handles", {"station_south"}}});
        document["departments"].push_back(
            {{"code", "station_south"},
             {"name", {{"zh-CN", "城南发行站"}, {"zh-TW", "城南發行站"}, {"en", "South"}}},
             {"parent", "main_station"},
             {"calendar", "station"},
             {"contact_a", "new.one"},
             {"authority_cents", 0}});
        document["departments"][4]["name"]["en"] = "Eastern station";
        document["fallback"] = "main_station";
        changed = whole(document.dump());
        for (auto& each : changed.calendar_years) {
            auto days = json::parse(each);
            days["source"] = "another";
            each = days.dump();
        }
    }

    /// `fault` befalls the `nth` writing statement from now on, whichever table it is about.
    void plant(int nth, const std::string& fault)
    {
        const std::string tables[] = {"user_account",      "user_role", "session",       "department",
                                      "department_member", "pack",      "calendar_year", "event"};
        superuser_sql("CREATE SEQUENCE IF NOT EXISTS statements; ALTER SEQUENCE statements RESTART");
        superuser_sql(fmt::format("CREATE OR REPLACE FUNCTION fault() RETURNS trigger LANGUAGE plpgsql SECURITY "
                                  "DEFINER SET search_path = huiyin AS $$BEGIN IF nextval('statements') = {} THEN "
                                  "{}; END IF; RETURN NULL; END$$",
                                  nth, fault));
        for (const auto& each : tables)
            superuser_sql(fmt::format("CREATE OR REPLACE TRIGGER fault AFTER INSERT OR UPDATE OR DELETE ON {} FOR "
                                      "EACH STATEMENT EXECUTE FUNCTION fault()",
                                      each));
    }
    std::int64_t statements()
    {
        return superuser_sql("SELECT last_value FROM statements").front().get<std::int64_t>(0);
    }

    pack_application changed;
    static constexpr const char* lose_connection = "PERFORM pg_terminate_backend(pg_backend_pid())";
};

TEST_F(PackApplyCutOff, WhicheverStatementFailsEverythingIsAsItWas)
{
    const auto before = everything();
    int failed = 0;
    for (;; ++failed) {
        plant(failed + 1, "RAISE EXCEPTION 'planted'");
        const auto ended = apply(changed);
        if (ended) break;
        EXPECT_THAT(ended.error().detail, HasSubstr("planted"));
        ASSERT_EQ(everything(), before) << "after statement " << failed + 1;
        ASSERT_LT(failed, 200);
    }
    EXPECT_EQ(statements(), failed) << "each of them was tried";
    // Accounts, a session, departments and their members, calendar years, the rules, and the events of each.
    EXPECT_GE(failed, 28);
    EXPECT_TRUE(foresee(changed)->changes_nothing()) << "and the last one did it all";
}

TEST_F(PackApplyCutOff, WhereverTheConnectionIsLostEverythingIsAsItWas)
{
    const auto before = everything();
    for (const int nth : {1, 7, 20}) {
        plant(nth, lose_connection);
        const auto ended = apply(changed);
        ASSERT_FALSE(ended) << nth;
        EXPECT_EQ(ended.error().code, errc::unavailable);
        EXPECT_EQ(everything(), before) << nth;
    }
    plant(0, "NULL");
    // Past the last statement, before the commit is done.
    superuser_sql(fmt::format("CREATE FUNCTION fault_at_commit() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS "
                              "$$BEGIN {}; RETURN NULL; END$$",
                              lose_connection));
    superuser_sql("CREATE CONSTRAINT TRIGGER fault_at_commit AFTER INSERT ON pack DEFERRABLE INITIALLY DEFERRED "
                  "FOR EACH ROW EXECUTE FUNCTION fault_at_commit()");
    const auto ended = apply(changed);
    ASSERT_FALSE(ended);
    EXPECT_EQ(ended.error().code, errc::unavailable) << "the server was asked what became of it";
    EXPECT_EQ(everything(), before);
    superuser_sql("DROP TRIGGER fault_at_commit ON pack");
    EXPECT_EQ(apply(changed)->version, 2);
    EXPECT_TRUE(foresee(changed)->changes_nothing());
}

template <class T>
task<std::pair<T, T>> both(task<T> one, task<T> two)
{
    const auto here = co_await asio::this_coro::executor;
    auto group = asio::experimental::make_parallel_group(asio::co_spawn(here, std::move(one), asio::deferred),
                                                         asio::co_spawn(here, std::move(two), asio::deferred));
    auto [order, first_thrown, first, second_thrown, second] =
        co_await group.async_wait(asio::experimental::wait_for_all(), use_task);
    for (const auto& each : {first_thrown, second_thrown})
        if (each) std::rethrow_exception(each);
    co_return std::pair(std::move(first), std::move(second));
}

TEST_F(PackApplyCutOff, OfTwoAtOnceWithTheSameTheSecondFindsItDone)
{
    const auto start = [&] { return apply_pack(people, configuration, changed, domain::actor::system()); };
    const auto [one, two] = run(both(start(), start()));
    ASSERT_TRUE(one && two);
    EXPECT_EQ(one->version, 2);
    EXPECT_EQ(two->version, 2);
    EXPECT_NE(one->already_current, two->already_current);
    EXPECT_TRUE(foresee(changed)->changes_nothing());
    for (const auto* once :
         {"kind = 'pack.applied' AND subject_version = 2", "kind = 'user.roles_changed'", "kind = 'session.ended'",
          "kind = 'user.created' AND subject = (SELECT id FROM user_account WHERE login = 'new.one')"})
        EXPECT_EQ(count(fmt::format("event WHERE {}", once)), 1) << once;
}

TEST_F(PackApplyCutOff, OfTwoAtOnceThatDifferOneFollowsTheOtherWhole)
{
    document["departments"][4]["name"]["en"] = "East";
    document["users"][0]["name"] = "管理者";
    document["fallback"] = "complaint_desk";
    auto other = whole(document.dump());
    const auto start = [&](const pack_application& what) {
        return apply_pack(people, configuration, what, domain::actor::system());
    };
    const auto [one, two] = run(both(start(changed), start(other)));
    ASSERT_TRUE(one && two);
    EXPECT_EQ(std::min(one->version, two->version), 2);
    EXPECT_EQ(std::max(one->version, two->version), 3);
    const auto& [last, first] = one->version == 3 ? std::tie(changed, other) : std::tie(other, changed);
    EXPECT_TRUE(foresee(last)->changes_nothing());
    EXPECT_FALSE(foresee(first)->changes_nothing());
}

TEST_F(PackApplyCutOff, WhereSomebodyKeepsTheOrganisationLockedItIsRefusedInTime)
{
    constexpr pg::statement lock{"test.lock", "LOCK TABLE department IN SHARE ROW EXCLUSIVE MODE"};
    const auto before = everything();
    auto held = run(db.begin()).value();
    ASSERT_TRUE(run(held.run(lock)));
    const auto refused = apply(changed);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, errc::timeout);
    run(held.roll_back());
    EXPECT_EQ(everything(), before);
}

TEST_F(PackApplyCutOff, AnAccountThatAnotherMakesMeanwhileIsAConflictThatLeavesNothing)
{
    constexpr pg::statement insert{"test.insert_account", R"sql(
        INSERT INTO user_account (id, login, display_name, active, language, time_zone, created_at, changed_at)
        VALUES (gen_random_uuid(), 'new.one', 'x', true, 'en', 'UTC', '2026-03-02', '2026-03-02'))sql"};
    constexpr pg::statement waiting{"test.waiting", "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)"};
    const auto rival = [&](pg::transaction held) -> task<bool> {
        for (;;) {
            const auto found = co_await db.run(waiting);
            if (!found) co_return false;
            if (found->front().get<bool>(0)) break;
            co_await pause_for(std::chrono::milliseconds(5));
        }
        co_return (co_await held.commit()).has_value();
    };
    const auto before = everything();
    auto held = run(db.begin()).value();
    ASSERT_TRUE(run(held.run(insert)));
    std::optional<result<pack_outcome>> ended;
    const auto apply_meanwhile = [&]() -> task<bool> {
        ended = co_await apply_pack(people, configuration, changed, domain::actor::system());
        co_return true;
    };
    const auto [applied, committed] = run(both(apply_meanwhile(), rival(std::move(held))));
    EXPECT_TRUE(committed);
    ASSERT_FALSE(*ended);
    EXPECT_EQ(ended->error().code, errc::already_exists);
    EXPECT_EQ(ended->error().facts.at(0).value, "login");
    sql("DELETE FROM user_account WHERE login = 'new.one'");
    EXPECT_EQ(everything(), before);
    EXPECT_TRUE(apply(changed));
}

} // namespace
} // namespace huiyin::upkeep
