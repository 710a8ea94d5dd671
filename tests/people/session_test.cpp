#include "people_fixture.hpp"

#include <huiyin/domain/permission.hpp>
#include <huiyin/people/backoff.hpp>

namespace huiyin::people {
namespace {

using domain::role;
using testing::ElementsAre;

std::string hex_of(const std::string& text)
{
    return to_hex(std::span(reinterpret_cast<const std::uint8_t*>(text.data()), text.size()));
}

class Sessions : public people_test
{
protected:
    /// Failed attempts until the door closes; at most 100.
    int fail_until_locked_out(const std::string& login, const std::string& from, std::optional<std::string> device = {})
    {
        for (int made = 0; made < 100; ++made) {
            const auto code = code_of(log_in(login, "wrong password", from, device));
            if (code == errc::locked_out) return made;
            EXPECT_EQ(code, errc::bad_credentials);
        }
        return 100;
    }
};

TEST_F(Sessions, ARightPasswordOpensOneThatKnowsItsUser)
{
    const auto anna = a_user("anna", {role::agent, role::quality});
    const auto in = log_in("anna");
    ASSERT_TRUE(in);
    EXPECT_EQ(in->user, anna.id);
    EXPECT_EQ(in->expires_at, noon + 12h);
    EXPECT_EQ(in->token.size(), 43);
    const auto who = ask(authentic, with_cookie(in->token));
    EXPECT_TRUE(who.who.is(anna.id));
    EXPECT_EQ(who.who.roles, anna.roles);
    EXPECT_EQ(who.session, in->session);
    EXPECT_EQ(who.account, "zanzibar.anna");
    EXPECT_TRUE(who.by_cookie);
    EXPECT_THAT(kinds_of(in->session.value()), ElementsAre("session.started"));
    EXPECT_EQ(ask(authentic, with_cookie("made up")).who.kind, domain::actor_kind::anonymous);
    EXPECT_EQ(ask(authentic, net::request{}).who.kind, domain::actor_kind::anonymous);
}

TEST_F(Sessions, UnknownLoginWrongPasswordInactiveAndNoPasswordAreRefusedAlike)
{
    a_user("anna");
    const auto inactive = a_user("gone");
    ASSERT_TRUE(run(people.update_user(
        inactive.id, {.display_name = {}, .language = {}, .time_zone = {}, .active = false}, {}, system_actor)));
    ASSERT_TRUE(run(people.create_user(
        {.login = "zanzibar.bare", .display_name = "Zanzibar", .roles = {}, .password = {}}, system_actor)));
    struct row
    {
        const char* login;
        std::string password;
    };
    const row table[] = {{"anna", "wrong password"},
                         {"nobody", right_password},
                         {"gone", right_password},
                         {"bare", right_password},
                         {"bare", ""},
                         {"not a login\xff", right_password},
                         {"anna", std::string(1000, 'x')}};
    int host = 0;
    for (const auto& [login, password] : table) {
        const auto refused = log_in(login, password, "198.51.100." + std::to_string(++host));
        ASSERT_FALSE(refused) << login;
        EXPECT_EQ(refused.error().code, errc::bad_credentials) << login;
        EXPECT_TRUE(refused.error().facts.empty()) << login;
        EXPECT_TRUE(refused.error().detail.empty()) << login;
    }
    EXPECT_EQ(events_of_kind("session.started"), 0);
}

TEST_F(Sessions, AnUnknownLoginCostsAsMuchAsAWrongPassword)
{
    a_user("anna");
    ASSERT_TRUE(run(people.create_user(
        {.login = "zanzibar.bare", .display_name = "Zanzibar", .roles = {}, .password = {}}, system_actor)));
    const auto hashing = metrics.counter("huiyin_password_hashing_kib_total", "");
    int host = 0;
    const auto cost = [&](const std::string& login, const std::string& password) {
        const auto before = hashing.value();
        EXPECT_EQ(code_of(log_in(login, password, "192.0.2." + std::to_string(++host))), errc::bad_credentials);
        return hashing.value() - before;
    };
    const auto of_a_wrong_password = cost("anna", "wrong password");
    EXPECT_GE(of_a_wrong_password, 2 * 19456) << "argon2id as OWASP wants it at least: two passes over 19 MiB";
    EXPECT_EQ(cost("nobody", "wrong password"), of_a_wrong_password);
    EXPECT_EQ(cost("bare", "wrong password"), of_a_wrong_password) << "an account without a password";
    EXPECT_EQ(cost("not a login\xff", "wrong password"), of_a_wrong_password);
    EXPECT_EQ(cost("anna", std::string(1000, 'x')), of_a_wrong_password) << "a password nobody can have";
    const auto before = hashing.value();
    ASSERT_TRUE(log_in("anna"));
    EXPECT_EQ(hashing.value() - before, of_a_wrong_password);
}

TEST_F(Sessions, FailuresFromOneAddressSlowThatAddressDownAndNobodyElse)
{
    a_user("anna");
    const auto device = log_in("anna")->device;
    EXPECT_EQ(fail_until_locked_out("anna", elsewhere), account_backoff.free + 1);
    const auto refused = log_in("anna", right_password, elsewhere);
    ASSERT_EQ(code_of(refused), errc::locked_out);
    ASSERT_EQ(refused.error().facts.size(), 1);
    EXPECT_EQ(refused.error().facts[0].name, "retry_after_s");
    EXPECT_EQ(refused.error().facts[0].value, "2");

    EXPECT_TRUE(log_in("anna", right_password, home)) << "the owner at another address";
    EXPECT_TRUE(log_in("anna", right_password, elsewhere, device))
        << "the owner's known device, even behind that address";
    clock.advance(2s);
    EXPECT_TRUE(log_in("anna", right_password, elsewhere)) << "once the wait is over";
    EXPECT_EQ(fail_until_locked_out("anna", elsewhere), account_backoff.free + 1)
        << "a right password clears the counter";
}

TEST_F(Sessions, WaitsGrowAndAreForgottenAfterAnHour)
{
    a_user("anna");
    fail_until_locked_out("anna", elsewhere);
    for (const auto& wait : {"2", "4", "8", "16"}) {
        const auto refused = log_in("anna", "wrong password", elsewhere);
        ASSERT_EQ(code_of(refused), errc::locked_out);
        EXPECT_EQ(refused.error().facts[0].value, wait);
        clock.advance(std::chrono::seconds(std::stoi(wait)));
        EXPECT_EQ(code_of(log_in("anna", "wrong password", elsewhere)), errc::bad_credentials);
    }
    clock.advance(1h);
    EXPECT_EQ(fail_until_locked_out("anna", elsewhere), account_backoff.free + 1);
}

TEST_F(Sessions, AWholeIPv6NetworkIsOneAddress)
{
    a_user("anna");
    int made = 0;
    for (; made < 100; ++made)
        if (code_of(log_in("anna", "wrong password", "2001:db8:1:2::" + std::to_string(made))) == errc::locked_out)
            break;
    EXPECT_EQ(made, account_backoff.free + 1);
    EXPECT_EQ(code_of(log_in("anna", "wrong password", "2001:db8:1:3::1")), errc::bad_credentials);
}

TEST_F(Sessions, GuessingAtManyAccountsFromOneAddressIsSlowedDownToo)
{
    a_user("anna");
    a_user("mallory");
    const auto device = log_in("anna", right_password, elsewhere)->device;
    int made = 0;
    for (; made < 100; ++made) {
        if (made == 10) {
            EXPECT_TRUE(log_in("mallory", right_password, elsewhere)) << "which gives no further guesses";
        }
        if (code_of(log_in("guess" + std::to_string(made), "wrong password", elsewhere)) == errc::locked_out) break;
    }
    EXPECT_EQ(made, network_backoff.free + 1);
    EXPECT_EQ(code_of(log_in("anna", right_password, elsewhere)), errc::locked_out);
    EXPECT_TRUE(log_in("anna", right_password, elsewhere, device));
    EXPECT_TRUE(log_in("anna", right_password, home));
    EXPECT_EQ(code_of(log_in("guess", "wrong password", elsewhere)), errc::locked_out);
}

TEST_F(Sessions, AKnownDeviceHasACounterOfItsOwnAndServesItsOwnAccountOnly)
{
    a_user("anna");
    a_user("bo");
    const auto device = log_in("anna")->device;
    EXPECT_EQ(fail_until_locked_out("anna", home, device), account_backoff.free + 1) << "a stolen device gains nothing";
    EXPECT_TRUE(log_in("anna", right_password, home)) << "without the device the address counts";
    EXPECT_EQ(code_of(log_in("bo", "wrong password", elsewhere, device)), errc::bad_credentials);
    EXPECT_EQ(fail_until_locked_out("bo", elsewhere, device), account_backoff.free) << "counted as a strange device";
    EXPECT_EQ(log_in("anna", right_password, elsewhere, "made up")->device.size(), 43)
        << "a made-up device is replaced";
}

TEST_F(Sessions, ParallelGuessesGainNothing)
{
    a_user("anna");
    std::vector<task<result<log_in_success>>> guesses;
    for (int i = 0; i < 12; ++i)
        guesses.push_back(sessions.log_in({.login = "zanzibar.anna",
                                           .password = "wrong password",
                                           .client_address = elsewhere,
                                           .user_agent = "",
                                           .device = {}}));
    int looked_at = 0;
    for (const auto& each : run(all(std::move(guesses))))
        looked_at += each.error().code == errc::bad_credentials;
    EXPECT_EQ(looked_at, account_backoff.free + 1);
}

TEST_F(Sessions, WhoComesAtTheSameMomentAsOthersIsNotRefused)
{
    a_user("anna");
    a_user("bo");
    EXPECT_TRUE(log_in("anna"));
    // The other's attempt was counted first, though it came later.
    clock.advance(-1ms);
    EXPECT_TRUE(log_in("bo"));
}

TEST_F(Sessions, EndWhenIdleForTooLong)
{
    a_user("anna");
    const auto token = log_in("anna")->token;
    for (int i = 0; i < 4; ++i) {
        clock.advance(29min);
        EXPECT_TRUE(is_in(token)) << "each request slides the limit";
    }
    clock.advance(30min + 1s);
    EXPECT_FALSE(is_in(token));
    EXPECT_TRUE(run(sessions.list_sessions(run(people.find_user("zanzibar.anna")).value()->id)).value().empty());
}

TEST_F(Sessions, EndAtTheAbsoluteLimitHoweverBusy)
{
    a_user("anna");
    const auto token = log_in("anna")->token;
    for (int i = 0; i < 12 * 3 - 1; ++i) {
        clock.advance(20min);
        ASSERT_TRUE(is_in(token)) << i;
    }
    clock.advance(20min - 1s);
    EXPECT_TRUE(is_in(token));
    clock.advance(1s);
    EXPECT_FALSE(is_in(token));
}

TEST_F(Sessions, AreMarkedAsSeenAtMostOnceAMinute)
{
    const auto anna = a_user("anna");
    const auto token = log_in("anna")->token;
    const auto seen_at = [&] { return run(sessions.list_sessions(anna.id)).value().at(0).seen_at; };
    clock.advance(59s);
    EXPECT_TRUE(is_in(token));
    EXPECT_EQ(seen_at(), noon);
    clock.advance(1s);
    EXPECT_TRUE(is_in(token));
    EXPECT_EQ(seen_at(), noon + 60s);
}

TEST_F(Sessions, ALoggedOutOneIsRefusedAtOnceHereAndSoonOnOtherNodes)
{
    const auto anna = a_user("anna");
    const auto in = log_in("anna").value();
    authenticator sibling(db(), clock, epoch); // of another reactor of this process
    rights_epoch other_epoch;
    authenticator other_node(db(), clock, other_epoch, {.cookies = {}, .sessions = {}, .remember_for = 300ms});
    authenticator slow_node(db(), clock, other_epoch, {.cookies = {}, .sessions = {}, .remember_for = 60s});
    const auto is_in_at = [&](authenticator& node) { return ask(node, with_cookie(in.token)).session.has_value(); };
    for (auto* node : {&authentic, &sibling, &other_node, &slow_node})
        EXPECT_TRUE(is_in_at(*node));

    const auto who = ask(authentic, with_cookie(in.token)).who;
    ASSERT_TRUE(run(sessions.log_out(in.session, who)));
    EXPECT_FALSE(is_in_at(authentic));
    EXPECT_FALSE(is_in_at(sibling));
    EXPECT_TRUE(is_in_at(slow_node)) << "what is remembered costs no query";
    EXPECT_TRUE(run(sessions.log_out(in.session, who))) << "again is no error";
    run(pause_for(400ms));
    EXPECT_FALSE(is_in_at(other_node));
    clock.advance(60s);
    EXPECT_FALSE(is_in_at(slow_node)) << "nothing is remembered beyond the minute after which it is seen again";
    EXPECT_THAT(kinds_of(in.session.value()), ElementsAre("session.started", "session.ended"));
    EXPECT_TRUE(run(sessions.list_sessions(anna.id)).value().empty());
}

TEST_F(Sessions, NobodyLogsAnotherOut)
{
    a_user("anna");
    a_user("bo");
    const auto anna = log_in("anna").value();
    const auto bo = ask(authentic, with_cookie(log_in("bo")->token)).who;
    EXPECT_TRUE(run(sessions.log_out(anna.session, bo)));
    EXPECT_TRUE(is_in(anna.token));
    EXPECT_EQ(code_of(run(sessions.log_out_everywhere(anna.user, {}, bo))), errc::not_found);
    EXPECT_TRUE(is_in(anna.token));
}

TEST_F(Sessions, LogOutEverywhereEndsAllButTheOneThatAsks)
{
    const auto anna = a_user("anna");
    const auto desk = log_in("anna").value();
    const auto phone = log_in("anna").value();
    const auto home_pc = log_in("anna").value();
    EXPECT_EQ(run(sessions.list_sessions(anna.id))->size(), 3);
    const auto who = ask(authentic, with_cookie(desk.token)).who;
    EXPECT_EQ(run(sessions.log_out_everywhere(anna.id, desk.session, who)), 2);
    EXPECT_TRUE(is_in(desk.token));
    EXPECT_FALSE(is_in(phone.token));
    EXPECT_FALSE(is_in(home_pc.token));
    EXPECT_EQ(run(sessions.log_out_everywhere(anna.id, {}, who)), 1);
    EXPECT_FALSE(is_in(desk.token));
    EXPECT_EQ(events_of_kind("session.ended"), 3);
}

TEST_F(Sessions, AChangedPasswordEndsTheOthersAndForgetsDevices)
{
    a_user("anna");
    const auto desk = log_in("anna").value();
    const auto phone = log_in("anna").value();
    const auto who = ask(authentic, with_cookie(desk.token)).who;
    EXPECT_EQ(code_of(run(sessions.change_password(desk.session, "wrong password", "a new password", who))),
              errc::bad_credentials);
    EXPECT_EQ(code_of(run(sessions.change_password(desk.session, right_password, "short", who))), errc::invalid_field);
    EXPECT_TRUE(is_in(phone.token));
    ASSERT_TRUE(run(sessions.change_password(desk.session, right_password, "a new password", who)));
    EXPECT_TRUE(is_in(desk.token));
    EXPECT_FALSE(is_in(phone.token));
    EXPECT_EQ(code_of(log_in("anna", right_password)), errc::bad_credentials);
    EXPECT_TRUE(log_in("anna", "a new password"));
    EXPECT_EQ(fail_until_locked_out("anna", elsewhere, desk.device), account_backoff.free + 1);
    EXPECT_EQ(code_of(log_in("anna", "a new password", elsewhere, desk.device)), errc::locked_out);
}

TEST_F(Sessions, GuessingTheOldPasswordInAStolenOneIsSlowedDown)
{
    a_user("anna");
    const auto stolen = log_in("anna").value();
    const auto who = ask(authentic, with_cookie(stolen.token)).who;
    int made = 0;
    for (; made < 100; ++made)
        if (code_of(run(sessions.change_password(stolen.session, "wrong password", "a new password", who))) ==
            errc::locked_out)
            break;
    EXPECT_EQ(made, account_backoff.free + 1);
    EXPECT_TRUE(log_in("anna"));
}

TEST_F(Sessions, EndWhenRolesChangeOrTheUserIsDeactivatedOrThePasswordIsSet)
{
    const auto anna = a_user("anna");
    auto token = log_in("anna")->token;
    ASSERT_TRUE(run(people.set_roles(anna.id, {role::quality}, {}, system_actor)));
    EXPECT_FALSE(is_in(token));

    token = log_in("anna")->token;
    EXPECT_TRUE(ask(authentic, with_cookie(token)).who.roles.has(role::quality));
    ASSERT_TRUE(run(people.set_password(anna.id, "another password", system_actor)));
    EXPECT_FALSE(is_in(token));

    token = log_in("anna", "another password")->token;
    ASSERT_TRUE(run(people.update_user(
        anna.id, {.display_name = "Zanzibar B", .language = {}, .time_zone = {}, .active = {}}, {}, system_actor)));
    EXPECT_TRUE(is_in(token)) << "a new name ends nothing";
    ASSERT_TRUE(run(people.update_user(anna.id, {.display_name = {}, .language = {}, .time_zone = {}, .active = false},
                                       {}, system_actor)));
    EXPECT_FALSE(is_in(token));
    EXPECT_EQ(code_of(log_in("anna", "another password")), errc::bad_credentials);
    EXPECT_THAT(kinds_of(anna.id.value()),
                ElementsAre("user.created", "user.roles_changed", "user.rights_changed", "user.password_changed",
                            "user.changed", "user.deactivated", "user.rights_changed"));
    EXPECT_EQ(events_of_kind("session.ended"), 3);
}

TEST_F(Sessions, ARightsChangeIsSeenByAnOpenSessionAtOnce)
{
    const auto hans = a_user("hans", {role::department_handler});
    const auto billing = a_department("billing");
    const auto token = log_in("hans")->token;
    EXPECT_FALSE(ask(authentic, with_cookie(token)).who.serves(billing.id));
    ASSERT_TRUE(run(people.set_members(billing.id, {{hans.id, position::handler}}, system_actor)));
    EXPECT_TRUE(ask(authentic, with_cookie(token)).who.serves(billing.id));
    ASSERT_TRUE(run(people.set_members(billing.id, {}, system_actor)));
    EXPECT_FALSE(ask(authentic, with_cookie(token)).who.serves(billing.id));
}

TEST_F(Sessions, OfOneUserAreBounded)
{
    const auto anna = a_user("anna");
    session_service few(db(), clock, pool, epoch, metrics, {.sessions_per_user = 2});
    std::vector<std::string> opened;
    for (int i = 0; i < 3; ++i) {
        clock.advance(1s);
        opened.push_back(run(few.log_in({.login = "zanzibar.anna",
                                         .password = right_password,
                                         .client_address = home,
                                         .user_agent = "",
                                         .device = {}}))
                             ->token);
    }
    EXPECT_FALSE(is_in(opened[0])) << "the oldest made room";
    EXPECT_TRUE(is_in(opened[1]));
    EXPECT_TRUE(is_in(opened[2]));
    EXPECT_EQ(run(sessions.list_sessions(anna.id))->size(), 2);
}

TEST_F(Sessions, WhatIsOverIsDeleted)
{
    a_user("anna");
    ASSERT_TRUE(log_in("anna"));
    EXPECT_EQ(code_of(log_in("anna", "wrong password", elsewhere)), errc::bad_credentials);
    const auto rows = [&] { return count("FROM session") + count("FROM known_device") + count("FROM login_backoff"); };
    EXPECT_EQ(rows(), 1 + 1 + 3); // anna and the network elsewhere, the network at home
    clock.advance(31min);
    ASSERT_TRUE(run(sessions.prune()));
    EXPECT_EQ(rows(), 0 + 1 + 3);
    clock.advance(30min);
    ASSERT_TRUE(run(sessions.prune()));
    EXPECT_EQ(rows(), 0 + 1 + 0);
    clock.advance(401 * 24h);
    ASSERT_TRUE(run(sessions.prune()));
    EXPECT_EQ(rows(), 0);
}

TEST_F(Sessions, NoSecretIsStored)
{
    a_user("anna");
    const auto in = log_in("anna").value();
    log_in("typed-a-password-here", "wrong password", elsewhere);
    const auto rows = sql("SELECT t::text FROM session t UNION ALL SELECT t::text FROM known_device t UNION ALL "
                          "SELECT t::text FROM event t UNION ALL SELECT t::text FROM user_account t UNION ALL "
                          "SELECT t::text FROM login_backoff t");
    EXPECT_GE(rows.size(), 6);
    for (const auto row : rows)
        for (const auto& secret : {in.token, in.device, right_password, std::string("typed-a-password-here")}) {
            const auto text = row.get<std::string>(0);
            EXPECT_FALSE(text.contains(secret));
            EXPECT_FALSE(text.contains(hex_of(secret)));
        }
}

class Tokens : public people_test
{};

TEST_F(Tokens, GiveTheirScopesAndNothingElse)
{
    const auto made =
        run(tokens.create("crm", {"intake_submit", "ticket_read", "intake_submit"}, system_actor)).value();
    EXPECT_TRUE(made.secret.starts_with("hy_" + made.token.handle + "_"));
    EXPECT_THAT(made.token.scopes, ElementsAre("intake_submit", "ticket_read"));
    const auto who = ask(authentic, with_bearer(made.secret));
    EXPECT_EQ(who.who.kind, domain::actor_kind::token);
    EXPECT_EQ(who.who.id, made.token.id.value());
    EXPECT_EQ(who.account, "token:" + made.token.handle);
    EXPECT_FALSE(who.by_cookie);
    EXPECT_TRUE(domain::may(who.who, domain::permission::intake_submit));
    EXPECT_TRUE(domain::may(who.who, domain::permission::ticket_read));
    EXPECT_FALSE(domain::may(who.who, domain::permission::ticket_create));
    EXPECT_FALSE(domain::may(who.who, domain::permission::logged_in));
    EXPECT_THAT(kinds_of(made.token.id.value()), ElementsAre("token.created"));
}

TEST_F(Tokens, ThatAreNotExactlyRightAreNobodys)
{
    a_user("anna");
    const auto made = run(tokens.create("crm", {"intake_submit"}, system_actor)).value();
    const auto other = run(tokens.create("erp", {"intake_submit"}, system_actor)).value();
    const auto secret_of = [](const created_token& t) { return t.secret.substr(t.token.handle.size() + 4); };
    const auto cookie = log_in("anna")->token;
    for (const auto& wrong :
         {made.secret + "x", made.secret.substr(0, made.secret.size() - 1), std::string("hy_"), std::string("hy__"),
          "hy_" + made.token.handle + "_", "hy_" + made.token.handle + "_" + secret_of(other),
          "hy_zz_" + secret_of(made), std::string(5000, 'a'), std::string()})
    {
        auto req = with_bearer(wrong);
        req.headers.emplace_back("cookie", "__Host-huiyin_session=" + cookie);
        EXPECT_EQ(ask(authentic, std::move(req)).who.kind, domain::actor_kind::anonymous) << wrong.substr(0, 60);
    }
    EXPECT_EQ(ask(authentic, with_bearer(made.secret)).who.kind, domain::actor_kind::token);
}

TEST_F(Tokens, ARevokedOneIsRefusedAtOnce)
{
    const auto made = run(tokens.create("crm", {"intake_submit"}, system_actor)).value();
    EXPECT_EQ(ask(authentic, with_bearer(made.secret)).who.kind, domain::actor_kind::token);
    clock.advance(1min);
    ASSERT_EQ(run(tokens.revoke(made.token.id, system_actor))->revoked_at, noon + 1min);
    EXPECT_EQ(ask(authentic, with_bearer(made.secret)).who.kind, domain::actor_kind::anonymous);
    clock.advance(1min);
    EXPECT_EQ(run(tokens.revoke(made.token.id, system_actor))->revoked_at, noon + 1min)
        << "a second time changes nothing";
    EXPECT_THAT(kinds_of(made.token.id.value()), ElementsAre("token.created", "token.revoked"));
    EXPECT_EQ(code_of(run(tokens.revoke(token_id::make(), system_actor))), errc::not_found);
}

TEST_F(Tokens, AreMarkedAsUsedAtMostOnceAMinute)
{
    const auto made = run(tokens.create("crm", {"intake_submit"}, system_actor)).value();
    const auto last_used = [&] { return run(tokens.list({}, 10)).value().at(0).last_used_at; };
    EXPECT_EQ(last_used(), std::nullopt);
    ask(authentic, with_bearer(made.secret));
    EXPECT_EQ(last_used(), noon);
    clock.advance(59s);
    ask(authentic, with_bearer(made.secret));
    EXPECT_EQ(last_used(), noon);
    clock.advance(1s);
    ask(authentic, with_bearer(made.secret));
    EXPECT_EQ(last_used(), noon + 60s);
}

TEST_F(Tokens, AreMadeByWhoMayAndNeverGiveMoreThanTheMakerTokenHas)
{
    domain::actor agent;
    agent.kind = domain::actor_kind::user;
    agent.id = uuid::make();
    agent.roles.add(role::agent);
    EXPECT_EQ(code_of(run(tokens.create("x", {"intake_submit"}, agent))), errc::not_found);
    domain::actor maker;
    maker.kind = domain::actor_kind::token;
    maker.id = uuid::make();
    maker.scopes = {static_cast<int>(domain::permission::token_manage),
                    static_cast<int>(domain::permission::intake_submit)};
    EXPECT_TRUE(run(tokens.create("x", {"intake_submit"}, maker)));
    EXPECT_EQ(code_of(run(tokens.create("x", {"intake_submit", "people_manage"}, maker))), errc::forbidden);
    for (const auto& scopes : std::vector<std::vector<std::string>>{{}, {"everything"}, {"none_needed"}, {"logged_in"}})
        EXPECT_EQ(code_of(run(tokens.create("x", scopes, system_actor))), errc::invalid_field);
    EXPECT_EQ(code_of(run(tokens.create("  ", {"intake_submit"}, system_actor))), errc::invalid_field);
}

TEST_F(Tokens, NoSecretIsStoredAndTheListDoesNotShowIt)
{
    const auto made = run(tokens.create("crm", {"intake_submit"}, system_actor)).value();
    run(tokens.create("erp", {"intake_submit"}, system_actor)).value();
    const auto secret = made.secret.substr(made.token.handle.size() + 4);
    EXPECT_EQ(secret.size(), 43);
    for (const auto& hidden : {secret, hex_of(secret)}) {
        EXPECT_EQ(count("FROM api_token t WHERE position('" + hidden + "' in t::text) > 0"), 0);
        EXPECT_EQ(count("FROM event t WHERE position('" + hidden + "' in t::text) > 0"), 0);
    }
    const auto listed = run(tokens.list({}, 1)).value();
    ASSERT_EQ(listed.size(), 1);
    EXPECT_EQ(listed[0].name, "erp") << "newest first";
    EXPECT_EQ(run(tokens.list(listed[0].id, 1)).value().at(0).name, "crm");
}

} // namespace
} // namespace huiyin::people
