#include "people_fixture.hpp"

#include <huiyin/domain/permission.hpp>

namespace huiyin::people {
namespace {

using domain::role;
using testing::ElementsAre;
using testing::IsSupersetOf;
using testing::UnorderedElementsAre;

class Users : public people_test
{};

TEST_F(Users, AreFoundByLoginInAnyCaseAndById)
{
    const auto made = a_user("anna", {role::agent, role::quality});
    const auto by_login = run(people.find_user(" Zanzibar.ANNA ")).value();
    const auto by_id = run(people.find_user(made.id)).value();
    ASSERT_TRUE(by_login && by_id);
    EXPECT_EQ(by_login->id, made.id);
    EXPECT_EQ(by_id->login, "zanzibar.anna");
    EXPECT_EQ(by_id->display_name, "Zanzibar anna");
    EXPECT_EQ(by_id->roles, (domain::role_set{role::agent, role::quality}));
    EXPECT_TRUE(by_id->has_password && by_id->active);
    EXPECT_EQ(run(people.find_user("nobody\xff")).value(), std::nullopt);
    EXPECT_THAT(kinds_of(made.id.value()), ElementsAre("user.created"));
}

TEST_F(Users, OfTwoCreatedAtOnceWithOneLoginOneAlreadyExists)
{
    const auto create = [&]() -> task<result<user>> {
        return people.create_user({.login = "zanzibar.twin", .display_name = "Zanzibar", .roles = {}, .password = {}},
                                  system_actor);
    };
    const auto ends = run(both(create(), create()));
    ASSERT_NE(ends[0].has_value(), ends[1].has_value());
    const auto& refused = ends[0] ? ends[1].error() : ends[0].error();
    EXPECT_EQ(refused.code, errc::already_exists);
    EXPECT_EQ(refused.facts.at(0).value, "login");
    EXPECT_EQ(events_of_kind("user.created"), 1);
}

TEST_F(Users, AreRefusedWhereAFieldIsWrong)
{
    struct row
    {
        std::string field;
        new_user wanted;
    };
    const new_user good{.login = "zanzibar.x", .display_name = "Zanzibar", .roles = {}, .password = {}};
    const auto but = [&](auto change) {
        auto wanted = good;
        change(wanted);
        return wanted;
    };
    const row table[] = {
        {"login", but([](auto& u) { u.login = ""; })},
        {"login", but([](auto& u) { u.login = "with space"; })},
        {"login", but([](auto& u) { u.login = std::string(65, 'a'); })},
        {"display_name", but([](auto& u) { u.display_name = "  "; })},
        {"display_name", but([](auto& u) { u.display_name = "\xff"; })},
        {"language", but([](auto& u) { u.language = "zh"; })},
        {"time_zone", but([](auto& u) { u.time_zone = "Asia/Atlantis"; })},
        {"password", but([](auto& u) { u.password = "7 chars"; })},
        {"password", but([](auto& u) { u.password = "Zanzibar.X"; })},
        {"password", but([](auto& u) { u.password = std::string(257, 'a'); })},
    };
    for (const auto& [field, wanted] : table) {
        const auto refused = run(people.create_user(wanted, system_actor));
        ASSERT_FALSE(refused) << field;
        EXPECT_EQ(refused.error().code, errc::invalid_field);
        EXPECT_EQ(refused.error().facts.at(0).value, field);
    }
    EXPECT_TRUE(run(people.create_user(good, system_actor)));
}

TEST_F(Users, AreManagedByAdministratorsOnly)
{
    const auto someone = a_user("someone");
    for (const auto r : {role::agent, role::complaint_officer, role::supervisor, role::auditor}) {
        domain::actor who;
        who.kind = domain::actor_kind::user;
        who.id = uuid::make();
        who.roles.add(r);
        EXPECT_EQ(code_of(run(people.set_roles(someone.id, {role::administrator}, {}, who))), errc::not_found);
        EXPECT_EQ(code_of(run(people.set_password(someone.id, right_password, who))), errc::not_found);
        EXPECT_EQ(code_of(run(sessions.log_out_everywhere(someone.id, {}, who))), errc::not_found);
    }
}

TEST_F(Users, AChangeByWhoSawAnOldVersionNamesWhoWasFirst)
{
    const auto anna = a_user("anna");
    domain::actor boss;
    boss.kind = domain::actor_kind::user;
    boss.id = uuid::make();
    boss.roles.add(role::administrator);
    clock.advance(1h);
    ASSERT_TRUE(run(people.update_user(
        anna.id, {.display_name = "Zanzibar A.", .language = {}, .time_zone = {}, .active = {}}, 1, boss)));
    const auto late = run(people.set_roles(anna.id, {role::quality}, 1, boss));
    ASSERT_FALSE(late);
    EXPECT_EQ(late.error().code, errc::stale_version);
    ASSERT_EQ(late.error().facts.size(), 3);
    EXPECT_EQ(late.error().facts[0].value, "2");
    EXPECT_EQ(late.error().facts[1].value, boss.id.to_string());
    EXPECT_EQ(late.error().facts[2].value, "2026-02-24T13:00:00Z");
    EXPECT_TRUE(run(people.set_roles(anna.id, {role::quality}, 2, boss)));
}

TEST_F(Users, AChangeThatChangesNothingLeavesNoEvent)
{
    const auto anna = a_user("anna");
    const auto same = run(people.set_roles(anna.id, {role::agent}, 1, system_actor));
    EXPECT_EQ(same->version, 1);
    EXPECT_THAT(kinds_of(anna.id.value()), ElementsAre("user.created"));
}

TEST_F(Users, UpsertIsIdempotentByLoginAndNeitherReactivatesNorResetsAPassword)
{
    const new_user wanted{.login = "zanzibar.demo",
                          .display_name = "Zanzibar Demo",
                          .roles = {role::supervisor},
                          .language = "zh-CN",
                          .time_zone = "Asia/Shanghai",
                          .password = right_password};
    const auto made = run(people.upsert_user(wanted, system_actor)).value();
    const auto again = run(people.upsert_user(wanted, system_actor)).value();
    EXPECT_EQ(again.id, made.id);
    EXPECT_EQ(again.version, 1);
    EXPECT_THAT(kinds_of(made.id.value()), ElementsAre("user.created"));

    ASSERT_TRUE(run(people.update_user(made.id, {.display_name = {}, .language = {}, .time_zone = {}, .active = false},
                                       {}, system_actor)));
    auto changed = wanted;
    changed.roles = {role::quality};
    changed.password = "another password";
    const auto after = run(people.upsert_user(changed, system_actor)).value();
    EXPECT_FALSE(after.active);
    EXPECT_EQ(after.roles, (domain::role_set{role::quality}));
    ASSERT_TRUE(run(people.update_user(made.id, {.display_name = {}, .language = {}, .time_zone = {}, .active = true},
                                       {}, system_actor)));
    EXPECT_TRUE(log_in("demo", right_password));
    EXPECT_EQ(code_of(log_in("demo", "another password")), errc::bad_credentials);
}

TEST_F(Users, AreListedByLoginInPages)
{
    for (const auto* login : {"c", "a", "b"})
        a_user(login);
    const auto first = run(people.list_users("", 2)).value();
    ASSERT_EQ(first.size(), 2);
    EXPECT_EQ(first[1].login, "zanzibar.b");
    const auto second = run(people.list_users(first[1].login, 2)).value();
    ASSERT_EQ(second.size(), 1);
    EXPECT_EQ(second[0].login, "zanzibar.c");
}

class Departments : public people_test
{
protected:
    net::principal logged_in(const std::string& login)
    {
        return ask(authentic, with_cookie(log_in(login).value().token));
    }
};

TEST_F(Departments, ALeaderLeadsTheOnesBelowAndAHandlerServesOnlyHisOwn)
{
    const auto main = a_department("main_station");
    const auto north = a_department("north_station", main.id);
    const auto gate = a_department("north_gate", north.id);
    const auto south = a_department("south_station", main.id);
    const auto lea = a_user("lea", {role::department_leader});
    const auto hans = a_user("hans", {role::department_handler});
    ASSERT_TRUE(run(people.set_members(north.id, {{lea.id, position::leader}}, system_actor)));
    ASSERT_TRUE(run(people.set_members(main.id, {{hans.id, position::handler}}, system_actor)));
    ASSERT_TRUE(run(people.set_members(south.id, {{lea.id, position::handler}}, system_actor)));

    const auto leader = logged_in("lea").who;
    EXPECT_THAT(leader.leads, UnorderedElementsAre(north.id, gate.id));
    EXPECT_THAT(leader.departments, UnorderedElementsAre(north.id, gate.id, south.id));
    const auto handler = logged_in("hans").who;
    EXPECT_THAT(handler.leads, ElementsAre());
    EXPECT_THAT(handler.departments, ElementsAre(main.id));

    auto tx = run(db().begin()).value();
    EXPECT_THAT(run(nearest_leaders(tx, gate.id)).value(), ElementsAre(lea.id));
    EXPECT_THAT(run(nearest_leaders(tx, south.id)).value(), ElementsAre());
    EXPECT_EQ(run(find_department(tx, "north_gate")).value()->parent, north.id);
    run(tx.roll_back());
}

TEST_F(Departments, MoveWithTheirLeadersRightsAndTellThem)
{
    const auto main = a_department("main_station");
    const auto north = a_department("north_station");
    const auto lea = a_user("lea", {role::department_leader});
    ASSERT_TRUE(run(people.set_members(main.id, {{lea.id, position::leader}}, system_actor)));
    const auto token = log_in("lea")->token;
    EXPECT_THAT(ask(authentic, with_cookie(token)).who.leads, ElementsAre(main.id));

    auto below = static_cast<new_department>(north);
    below.parent = main.id;
    ASSERT_TRUE(run(people.update_department(north.id, below, 1, system_actor)));
    EXPECT_THAT(ask(authentic, with_cookie(token)).who.leads, UnorderedElementsAre(main.id, north.id));
    EXPECT_THAT(kinds_of(lea.id.value()), ElementsAre("user.created", "user.rights_changed", "user.rights_changed"));
    EXPECT_EQ(run(people.find_user(lea.id)).value()->rights_version, 3);
}

TEST_F(Departments, FormNoCircle)
{
    const auto top = a_department("top");
    const auto middle = a_department("middle", top.id);
    const auto bottom = a_department("bottom", middle.id);
    for (const auto parent : {bottom.id, middle.id, top.id}) {
        auto wanted = static_cast<new_department>(top);
        wanted.parent = parent;
        const auto refused = run(people.update_department(top.id, wanted, {}, system_actor));
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().code, errc::invalid_field);
        EXPECT_EQ(refused.error().facts.at(0).value, "parent");
    }
}

TEST_F(Departments, OfTheTwoHalvesOfACircleAtOnceOneIsRefused)
{
    for (int round = 0; round < 10; ++round) { // in the first the second connection may still be opening
        const auto left = a_department("left" + std::to_string(round));
        const auto right = a_department("right" + std::to_string(round));
        auto left_below = static_cast<new_department>(left);
        left_below.parent = right.id;
        auto right_below = static_cast<new_department>(right);
        right_below.parent = left.id;
        const auto ends = run(both(people.update_department(left.id, left_below, {}, system_actor),
                                   people.update_department(right.id, right_below, {}, system_actor)));
        EXPECT_NE(ends[0].has_value(), ends[1].has_value()) << round;
    }
}

TEST_F(Departments, HaveTwoDifferentActiveContacts)
{
    const auto a = a_user("a");
    const auto b = a_user("b");
    auto wanted = static_cast<new_department>(a_department("billing"));
    wanted.contact_a = a.id;
    wanted.contact_b = b.id;
    const auto updated = run(people.upsert_department(wanted, system_actor)).value();
    EXPECT_EQ(updated.version, 2);
    const auto found = run(people.find_department("billing")).value();
    EXPECT_EQ(found->contact_a, a.id);
    EXPECT_EQ(found->contact_b, b.id);
    EXPECT_EQ(found->name.at("zh-CN"), "发行站");

    wanted.contact_b = a.id;
    EXPECT_EQ(run(people.upsert_department(wanted, system_actor)).error().facts.at(0).value, "contact_b");
    wanted.contact_b = user_id::make();
    EXPECT_EQ(run(people.upsert_department(wanted, system_actor)).error().facts.at(0).value, "contact_b");
    const auto gone = a_user("gone");
    ASSERT_TRUE(run(people.update_user(gone.id, {.display_name = {}, .language = {}, .time_zone = {}, .active = false},
                                       {}, system_actor)));
    wanted.contact_b = gone.id;
    EXPECT_EQ(run(people.upsert_department(wanted, system_actor)).error().facts.at(0).value, "contact_b");
}

TEST_F(Departments, LoseAContactWhoIsDeactivatedToTheOtherOne)
{
    const auto a = a_user("a"), b = a_user("b"), c = a_user("c");
    const auto with_contacts = [&](const std::string& code, user_id first, std::optional<user_id> second) {
        auto wanted = static_cast<new_department>(a_department(code));
        wanted.contact_a = first;
        wanted.contact_b = second;
        return run(people.upsert_department(wanted, system_actor)).value().id;
    };
    const auto both = with_contacts("both", a.id, b.id), second = with_contacts("second", c.id, a.id),
               alone = with_contacts("alone", a.id, std::nullopt), others = with_contacts("others", c.id, b.id);
    const auto contacts_of = [&](department_id id) {
        const auto found = run(people.find_department(id)).value().value();
        return std::pair(found.contact_a, found.contact_b);
    };
    const auto deactivate = [&](const user& who) {
        return run(people.update_user(who.id, {.display_name = {}, .language = {}, .time_zone = {}, .active = false},
                                      {}, system_actor));
    };
    using pair = std::pair<std::optional<user_id>, std::optional<user_id>>;
    ASSERT_TRUE(deactivate(a));
    EXPECT_EQ(contacts_of(both), pair(b.id, std::nullopt));
    EXPECT_EQ(contacts_of(second), pair(c.id, std::nullopt));
    EXPECT_EQ(contacts_of(alone), pair(std::nullopt, std::nullopt));
    EXPECT_EQ(contacts_of(others), pair(c.id, b.id));
    EXPECT_THAT(kinds_of(both.value()), ElementsAre("department.created", "department.changed", "department.changed"));
    EXPECT_THAT(kinds_of(others.value()), ElementsAre("department.created", "department.changed"));
    EXPECT_EQ(run(people.find_department(both)).value()->version, 3);

    ASSERT_TRUE(deactivate(b));
    EXPECT_EQ(contacts_of(both), pair(std::nullopt, std::nullopt));
    ASSERT_TRUE(run(people.set_roles(c.id, {role::quality}, {}, system_actor)));
    EXPECT_EQ(contacts_of(others), pair(c.id, std::nullopt)) << "who stays keeps his departments";
}

TEST_F(Departments, ShowTheirMembersByNameLeadersFirst)
{
    const auto a = a_user("a"), b = a_user("b"), c = a_user("c");
    const auto of = a_department("billing");
    ASSERT_TRUE(run(people.set_members(
        of.id, {{a.id, position::handler}, {c.id, position::leader}, {b.id, position::handler}}, system_actor)));
    ASSERT_TRUE(run(people.update_user(b.id, {.display_name = {}, .language = {}, .time_zone = {}, .active = false}, {},
                                       system_actor)));
    const auto found = run(people.list_named_members(of.id)).value();
    ASSERT_EQ(found.size(), 3u);
    EXPECT_EQ(found[0].login, "zanzibar.c");
    EXPECT_EQ(found[0].position, position::leader);
    EXPECT_EQ(found[1].display_name, "Zanzibar a");
    EXPECT_EQ(found[2].user, b.id);
    EXPECT_FALSE(found[2].active);
    EXPECT_TRUE(run(people.list_named_members(department_id::make())).value().empty());
}

TEST_F(Departments, UpsertIsIdempotentByCode)
{
    new_department wanted;
    wanted.code = "billing";
    wanted.name = {{"en", "Zanzibar billing"}};
    const auto made = run(people.upsert_department(wanted, system_actor)).value();
    const auto again = run(people.upsert_department(wanted, system_actor)).value();
    EXPECT_EQ(again.id, made.id);
    EXPECT_EQ(again.version, 1);
    EXPECT_THAT(kinds_of(made.id.value()), ElementsAre("department.created"));
    EXPECT_EQ(code_of(run(people.create_department(wanted, system_actor))), errc::already_exists);
}

TEST_F(Departments, KeepTheirMembersAsASet)
{
    const auto billing = a_department("billing");
    const auto a = a_user("a");
    const auto b = a_user("b");
    ASSERT_TRUE(run(people.set_members(
        billing.id, {{a.id, position::handler}, {a.id, position::leader}, {a.id, position::handler}}, system_actor)));
    ASSERT_TRUE(
        run(people.set_members(billing.id, {{a.id, position::leader}, {b.id, position::handler}}, system_actor)));
    EXPECT_THAT(run(people.list_members(billing.id)).value(),
                UnorderedElementsAre(member{a.id, position::leader}, member{b.id, position::handler}));
    EXPECT_THAT(run(people.find_user(a.id)).value()->memberships,
                ElementsAre(membership{billing.id, position::leader}));
    const auto same =
        run(people.set_members(billing.id, {{b.id, position::handler}, {a.id, position::leader}}, system_actor));
    EXPECT_EQ(same->version, 3);
    EXPECT_THAT(kinds_of(billing.id.value()),
                ElementsAre("department.created", "department.members_changed", "department.members_changed"));
    EXPECT_EQ(code_of(run(people.set_members(billing.id, {{user_id::make(), position::handler}}, system_actor))),
              errc::invalid_field);
}

TEST_F(Departments, MayHaveAThousandMembersAndSayWhoInOneEvent)
{
    const auto big = a_department("big");
    sql("INSERT INTO user_account (id, login, display_name, active, language, time_zone, created_at, changed_at) "
        "SELECT gen_random_uuid(), 'many.' || n, 'n', true, 'en', 'UTC', '2026-01-01Z', '2026-01-01Z' "
        "FROM generate_series(1, 1001) n");
    std::vector<member> everybody;
    for (const auto row : sql("SELECT id FROM user_account WHERE login LIKE 'many.%' ORDER BY id"))
        everybody.push_back({row.get<user_id>(0), everybody.size() % 100 == 0 ? position::leader : position::handler});
    EXPECT_EQ(code_of(run(people.set_members(big.id, everybody, system_actor))), errc::invalid_field);
    EXPECT_EQ(sql("SELECT count(*) FROM department_member").front().get<int>(0), 0);
    everybody.pop_back();
    const auto done = run(people.set_members(big.id, everybody, system_actor));
    ASSERT_TRUE(done) << done.error().detail;
    EXPECT_EQ(run(people.list_members(big.id)).value().size(), 1000u);
    const auto told = sql("SELECT jsonb_array_length(data -> 'leaders'), jsonb_array_length(data -> 'handlers') FROM "
                          "event WHERE kind = 'department.members_changed'");
    ASSERT_EQ(told.size(), 1u);
    EXPECT_EQ(told.front().get<int>(0), 10);
    EXPECT_EQ(told.front().get<int>(1), 990);
}

} // namespace
} // namespace huiyin::people
