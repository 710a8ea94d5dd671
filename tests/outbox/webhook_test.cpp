#include "outbox_fixture.hpp"

#include <huiyin/base/text.hpp>

#include <nlohmann/json.hpp>

#include <array>
#include <cstdio>
#include <set>

namespace huiyin::outbox {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

// The vector that the libraries of Standard Webhooks test themselves with.
TEST(WebhookSignature, IsThatOfStandardWebhooks)
{
    EXPECT_EQ(sign_webhook("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek",
                           std::chrono::sys_seconds(1614265330s), R"({"test": 2432232314})"),
              "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    EXPECT_THROW(sign_webhook("secret", "a", {}, ""), std::invalid_argument);
}

/// The same by another program.
std::string signed_by_openssl(const std::string& secret, const std::string& content)
{
    auto base64 = secret.substr(std::string("whsec_").size());
    std::ranges::replace(base64, '+', '-');
    std::ranges::replace(base64, '/', '_');
    const auto key = from_base64url(base64.substr(0, base64.find('='))).value();
    const auto command = "printf '%s' '" + content +
                         "' | openssl dgst -sha256 -mac HMAC -macopt hexkey:" + to_hex(key) +
                         " -binary | openssl base64 -A";
    FILE* const pipe = popen(command.c_str(), "r");
    if (!pipe) throw std::runtime_error(command);
    std::array<char, 256> text{};
    const auto size = fread(text.data(), 1, text.size(), pipe);
    if (pclose(pipe) != 0) throw std::runtime_error(command);
    return "v1," + std::string(text.data(), size);
}

TEST(WebhookSettings, ChooseByKindGroupAndConfidence)
{
    const webhook_settings some{.kinds = {"ticket.dispatched", "callback.*"}};
    EXPECT_TRUE(some.wants("ticket.dispatched", false));
    EXPECT_TRUE(some.wants("callback.attempted", false));
    EXPECT_FALSE(some.wants("ticket.created", false));
    EXPECT_FALSE(some.wants("callbacks.attempted", false));
    EXPECT_FALSE(some.wants("ticket.dispatched", true));
    const webhook_settings all{.kinds = {"*"}, .confidential = true};
    EXPECT_TRUE(all.wants("ticket.created", true));
    EXPECT_FALSE(all.wants("outbox.dead", false)) << "a dead letter would make the next";
    const webhook_settings loud{.kinds = {"outbox.dead", "outbox.*"}};
    EXPECT_FALSE(loud.wants("outbox.dead", false));
}

class Webhooks : public outbox_test
{
protected:
    webhook_settings to(const test::receiver& peer, std::vector<std::string> kinds = {"*"})
    {
        return {.url = "http://127.0.0.1:" + std::to_string(peer.port()) + "/hook", .kinds = std::move(kinds)};
    }
    webhook_with_secret made(const test::receiver& peer, std::vector<std::string> kinds = {"*"})
    {
        auto got = run(service.create("一号接收方", to(peer, std::move(kinds)), who));
        if (!got) throw std::runtime_error(got.error().detail);
        // So that events of the account itself are behind its cursor.
        follow_on();
        return *got;
    }
    /// Events with positions, as the sequencer gives them.
    void happen(std::size_t count, const std::string& kind = "ticket.changed", const uuid& subject = uuid::make(),
                bool confidential = false)
    {
        sql("WITH made AS (INSERT INTO event (id, at, kind, subject, subject_version, actor_kind, actor, departments, "
            "confidential, data) SELECT gen_random_uuid(), '2026-03-02 10:00:00+08', '" +
            kind + "', '" + subject.to_string() + "', n, 'system', '" + uuid{}.to_string() + "', '{}', " +
            (confidential ? "true" : "false") + ", '{}' FROM generate_series(1, " + std::to_string(count) +
            ") n RETURNING seq) SELECT count(*) FROM made");
        follow_on();
    }
    void follow_on()
    {
        sql("INSERT INTO event_pos SELECT (SELECT COALESCE(max(pos), 0) FROM event_pos) + row_number() OVER (ORDER BY "
            "seq), seq FROM event WHERE seq > (SELECT COALESCE(max(seq), 0) FROM event_pos)");
    }
    std::int64_t head() { return sql("SELECT COALESCE(max(pos), 0) FROM event_pos").front().get<std::int64_t>(0); }
    std::unique_ptr<running_engine> go() { return start_engine({&sender_}); }
    static std::vector<std::int64_t> versions(const test::receiver& peer)
    {
        std::vector<std::int64_t> all;
        for (const auto& each : peer.all())
            all.push_back(json::parse(each.body).at("version").get<std::int64_t>());
        return all;
    }

    webhook_key key{1, 2, 3};
    domain::actor who = administrator();
    net::name_look_up names;
    net::http_client http{on(), names, {.private_networks = true}};
    webhook_sender sender_{http, clock, key, test::patience};
    webhook_service service{db(), clock, key, sender_, {.private_networks = true}};
};

TEST_F(Webhooks, AReceiverGetsTheFrameSignedAndNothingElse)
{
    const test::receiver peer([](const test::received&) { return test::reply{.status = 204}; });
    const auto hook = made(peer);
    const auto subject = uuid::make();
    const auto running_1 = go();
    happen(1, "ticket.dispatched", subject);
    until([&]() { return peer.count() == 1; });
    const auto got = peer.all().at(0);
    EXPECT_EQ(got.method, "POST");
    EXPECT_EQ(got.target, "/hook");
    EXPECT_EQ(got.header("content-type"), "application/json");
    const auto body = json::parse(got.body);
    EXPECT_EQ(body.size(), 6u) << got.body;
    EXPECT_EQ(body["pos"], head());
    EXPECT_EQ(body["kind"], "ticket.dispatched");
    EXPECT_EQ(body["subject"], subject.to_string());
    EXPECT_EQ(body["version"], 1);
    EXPECT_EQ(body["at"], "2026-03-02T02:00:00Z");
    EXPECT_TRUE(uuid::parse(body["id"].get<std::string>()));
    const auto id = got.header("webhook-id"), at = got.header("webhook-timestamp");
    EXPECT_EQ(column("SELECT id FROM outbox_effect"), std::vector{id});
    EXPECT_EQ(at, std::to_string(std::chrono::floor<std::chrono::seconds>(clock.now()).time_since_epoch().count()));
    EXPECT_EQ(got.header("webhook-signature"), signed_by_openssl(hook.secret, id + "." + at + "." + got.body));
}

TEST_F(Webhooks, EachWantedEventIsQueuedOnceAndInOrderThoughTwoEnginesFollow)
{
    const test::receiver peer([](const test::received&) { return test::reply{}; });
    const auto hook = made(peer, {"ticket.*"});
    const std::vector<uuid> subjects{uuid::make(), uuid::make(), uuid::make(), uuid::make(), uuid::make()};
    const auto running_2 = go();
    const auto running_3 = go();
    for (int i = 0; i < 4; ++i) {
        for (const auto& each : subjects)
            happen(75, "ticket.changed", each);
        happen(50, "session.opened");
        let_pass(20ms);
    }
    until([&]() { return peer.count() >= 1500; });
    until([&]() { return count("outbox_effect WHERE state = 'sent'") == 1500; });
    EXPECT_EQ(count("outbox_effect"), 1500);
    EXPECT_EQ(count("(SELECT DISTINCT payload->>'pos' FROM outbox_effect) p"), 1500);
    EXPECT_EQ(column("SELECT string_agg(payload->>'pos', ',' ORDER BY seq) FROM outbox_effect"),
              column("SELECT string_agg(payload->>'pos', ',' ORDER BY (payload->>'pos')::bigint) FROM outbox_effect"));
    std::map<std::string, std::vector<std::int64_t>> positions;
    for (const auto& each : peer.all()) {
        const auto body = json::parse(each.body);
        positions[body.at("subject").get<std::string>()].push_back(body.at("pos").get<std::int64_t>());
    }
    EXPECT_THAT(positions, SizeIs(subjects.size()));
    for (const auto& [subject, seen] : positions)
        EXPECT_TRUE(std::ranges::is_sorted(seen)) << subject;
    until([&]() { return run(service.find(hook.webhook.id, who))->pos == head(); });
}

TEST_F(Webhooks, ConfidentialEventsGoOnlyWhereTheyMay)
{
    const test::receiver open([](const test::received&) { return test::reply{}; }),
        closed([](const test::received&) { return test::reply{}; });
    made(open);
    auto settings = to(closed);
    settings.confidential = true;
    ASSERT_TRUE(run(service.create("b", settings, who)));
    follow_on();
    const auto running_4 = go();
    happen(1, "ticket.created", uuid::make(), true);
    happen(1, "ticket.created");
    until([&]() { return closed.count() == 2 && open.count() == 1; });
    let_pass(100ms);
    EXPECT_EQ(open.count(), 1u);
}

TEST_F(Webhooks, TheJournalKeepsWhatAFullBacklogDoesNotTake)
{
    const test::receiver peer([](const test::received&) { return test::reply{.status = 500}; });
    const auto hook = made(peer);
    auto with = quick();
    with.backlog = 10;
    const auto running = start_engine(with, {&sender_});
    happen(25);
    until([&]() { return metric("huiyin_outbox_feeds_held") == 1; });
    EXPECT_EQ(count("outbox_effect"), 10);
    running->stop();
    sql("UPDATE outbox_effect SET state = 'sent', claimed_until = NULL, settled_at = '2026-03-02'");
    const auto running_5 = start_engine(with, {&sender_});
    until([&]() { return count("outbox_effect") == 20; });
    EXPECT_EQ(count("(SELECT DISTINCT payload->>'pos' FROM outbox_effect) p"), 20) << "none left out, none twice";
}

TEST_F(Webhooks, ARotatedSecretSignsBesideTheOldOneForADay)
{
    const test::receiver peer([](const test::received&) { return test::reply{}; });
    const auto first = made(peer);
    const auto second = run(service.rotate_secret(first.webhook.id, 1, who));
    ASSERT_TRUE(second);
    EXPECT_NE(second->secret, first.secret);
    follow_on();
    const auto running_6 = go();
    const auto signatures = [&](std::size_t place) {
        happen(1);
        until([&]() { return peer.count() == place + 1; });
        const auto got = peer.all().at(place);
        const auto content = got.header("webhook-id") + "." + got.header("webhook-timestamp") + "." + got.body;
        return std::tuple(got.header("webhook-signature"), signed_by_openssl(first.secret, content),
                          signed_by_openssl(second->secret, content));
    };
    const auto [both, old_one, new_one] = signatures(0);
    EXPECT_EQ(both, new_one + " " + old_one);
    clock.advance(25h);
    const auto [alone, gone, stays] = signatures(1);
    EXPECT_EQ(alone, stays);
}

TEST_F(Webhooks, NoSecretNoUrlAndNoNameStandInJournalOrTable)
{
    const test::receiver peer([](const test::received&) { return test::reply{}; });
    const auto hook = made(peer);
    EXPECT_THAT(hook.secret, HasSubstr("whsec_"));
    EXPECT_EQ(hook.secret.size(), std::string("whsec_").size() + 44);
    const auto bare = hook.secret.substr(6);
    EXPECT_EQ(count("outbox_account a WHERE a::text LIKE '%" + bare + "%'"), 0);
    EXPECT_EQ(count("event e WHERE e::text LIKE '%" + bare + "%'"), 0);
    EXPECT_EQ(count("event e WHERE e::text LIKE '%127.0.0.1%' OR e::text LIKE '%一号%'"), 0);
    EXPECT_THAT(kinds_of(hook.webhook.id.value()), ElementsAre("outbox.account_created"));
}

TEST_F(Webhooks, AreNotSignedWithAKeyThatDidNotMakeTheirSecret)
{
    const test::receiver peer([](const test::received&) { return test::reply{}; });
    const auto hook = made(peer);
    webhook_sender other(http, clock, webhook_key{9}, test::patience);
    const auto running_7 = start_engine({&other});
    happen(1);
    until([&]() { return count("outbox_effect WHERE cause = 'webhook_key_differs'") == 1; });
    EXPECT_EQ(peer.count(), 0u);
}

TEST_F(Webhooks, OneWhoseSettingsDoNotReadHoldsUpNoOther)
{
    const test::receiver peer([](const test::received&) { return test::reply{}; });
    const auto broken = made(peer), good = made(peer);
    sql("UPDATE outbox_account SET settings = '{}', version = 2 WHERE id = '" + broken.webhook.id.to_string() + "'");
    const auto running = go();
    happen(3);
    until([&]() { return peer.count() == 3; });
    EXPECT_EQ(count("outbox_effect WHERE account_id = '" + good.webhook.id.to_string() + "'"), 3);
    EXPECT_EQ(count("outbox_effect"), 3);
}

TEST_F(Webhooks, WhatThePeerAnswersDecides)
{
    int status = 0;
    const test::receiver peer([&](const test::received&) {
        return test::reply{.status = status, .headers = {{"Location", "http://127.0.0.1:1/"}, {"Retry-After", "77"}}};
    });
    const auto hook = made(peer);
    const auto through = std::make_shared<const account>(
        account{hook.webhook.id, "webhook", "n", column("SELECT settings FROM outbox_account").at(0), true, 1, {}, {}});
    const auto told = [&](int with) {
        status = with;
        return run(sender_.probe(through));
    };
    for (const int taken : {200, 201, 204, 299})
        EXPECT_EQ(told(taken).verdict, verdict::sent) << taken;
    for (const int never : {400, 413, 414, 415, 422, 431})
        EXPECT_EQ(told(never).verdict, verdict::permanent) << never;
    for (const int later : {301, 302, 307, 308, 401, 403, 404, 408, 410, 425, 429, 500, 502, 503, 504})
        EXPECT_EQ(told(later).verdict, verdict::temporary) << later;
    EXPECT_EQ(told(503).retry_after, 77s);
    EXPECT_EQ(told(503).cause, "http_503");
    EXPECT_EQ(told(422).retry_after, std::nullopt);
}

TEST_F(Webhooks, AreNeverSentIntoTheHouseUnlessTheSettingAllowsIt)
{
    const test::receiver inside([](const test::received&) { return test::reply{}; });
    net::http_client careful(on(), names, {.private_networks = false});
    webhook_sender guarded(careful, clock, key, test::patience);
    webhook_service strict(db(), clock, key, guarded, {.private_networks = false});
    EXPECT_EQ(run(strict.create("a", to(inside), who)).error().code, errc::invalid_field);
    for (const auto* url : {"http://10.0.0.1/", "http://[::1]/", "https://169.254.169.254/latest/meta-data"})
        EXPECT_EQ(run(strict.create("a", {.url = url, .kinds = {"*"}}, who)).error().code, errc::invalid_field) << url;
    // A name says nothing yet; where it leads is seen when it is sent.
    const auto named = "http://localhost:" + std::to_string(inside.port()) + "/";
    const auto hook = run(strict.create("a", {.url = named, .kinds = {"*"}}, who));
    ASSERT_TRUE(hook);
    const auto probed = run(strict.test(hook->webhook.id, who));
    ASSERT_TRUE(probed);
    EXPECT_EQ(probed->verdict, verdict::temporary);
    EXPECT_EQ(probed->cause, "address_refused");
    EXPECT_EQ(inside.count(), 0u);
}

TEST_F(Webhooks, ATestDeliveryIsSentAtOnceAndTellsWhatCameOfIt)
{
    int status = 200;
    const test::receiver peer([&](const test::received&) { return test::reply{.status = status}; });
    const auto hook = made(peer);
    EXPECT_EQ(run(service.test(hook.webhook.id, who))->verdict, verdict::sent);
    EXPECT_EQ(json::parse(peer.all().at(0).body)["kind"], "webhook.test");
    status = 401;
    const auto refused = run(service.test(hook.webhook.id, who));
    EXPECT_EQ(refused->cause, "http_401");
    EXPECT_EQ(count("outbox_effect"), 0);
    EXPECT_EQ(run(service.test(account_id::make(), who)).error().code, errc::not_found);
    EXPECT_EQ(run(service.test(hook.webhook.id, agent())).error().code, errc::not_found);
}

TEST_F(Webhooks, AReplaySendsAgainFromAPositionUnderNewIds)
{
    const test::receiver peer([](const test::received&) { return test::reply{}; });
    const auto hook = made(peer, {"ticket.*"});
    const auto before = head();
    const auto running_8 = go();
    happen(10, "ticket.changed", uuid::make());
    until([&]() { return peer.count() == 10; });
    EXPECT_EQ(run(service.replay(hook.webhook.id, {.pos = head() + 5}, who)).error().code, errc::invalid_field);
    EXPECT_EQ(run(service.replay(hook.webhook.id, {.pos = 0}, who)).error().code, errc::invalid_field);
    EXPECT_EQ(run(service.replay(hook.webhook.id, {}, who)).error().code, errc::invalid_field);
    ASSERT_TRUE(run(service.replay(hook.webhook.id, {.pos = before + 7}, who)));
    until([&]() { return peer.count() == 14; });
    const auto all = peer.all();
    std::set<std::string> ids;
    for (const auto& each : all)
        ids.insert(each.header("webhook-id"));
    EXPECT_EQ(ids.size(), 14u);
    EXPECT_THAT(versions(peer), ElementsAre(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 7, 8, 9, 10));
    EXPECT_THAT(kinds_of(hook.webhook.id.value()), ElementsAre("outbox.account_created", "outbox.account_replayed"));
}

TEST_F(Webhooks, AReplayFromATimeFindsItsPosition)
{
    const test::receiver peer([](const test::received&) { return test::reply{}; });
    const auto hook = made(peer, {"ticket.*"});
    // Recorded an hour apart; recorded_at is the database's, so the events are written with it.
    const auto subject = uuid::make();
    for (int hour = 1; hour <= 20; ++hour)
        sql("INSERT INTO event (id, at, recorded_at, kind, subject, subject_version, actor_kind, actor, departments, "
            "confidential, data) VALUES (gen_random_uuid(), '2026-03-02', timestamptz '2031-03-02 00:00:00Z' + "
            "interval '" +
            std::to_string(hour) + " hours', 'ticket.changed', '" + subject.to_string() + "', " + std::to_string(hour) +
            ", 'system', '" + uuid{}.to_string() + "', '{}', false, '{}')");
    follow_on();
    const auto running_9 = go();
    until([&]() { return peer.count() == 20; });
    const auto from = std::chrono::sys_days(std::chrono::March / 2 / 2031) + 18h;
    ASSERT_TRUE(run(service.replay(hook.webhook.id, {.time = from}, who)));
    until([&]() { return peer.count() == 23; });
    EXPECT_EQ(versions(peer).back(), 20);
    EXPECT_EQ(versions(peer).at(20), 18);
    ASSERT_TRUE(run(service.replay(hook.webhook.id, {.time = from - 24h * 365 * 10}, who)));
    until([&]() { return peer.count() == 43; });
    EXPECT_EQ(run(service.replay(hook.webhook.id, {.pos = 1, .time = from}, who)).error().code, errc::invalid_field);
}

TEST_F(Webhooks, AreChangedByWhoSawThemAndDeletedWithWhatWaits)
{
    const test::receiver peer([](const test::received&) { return test::reply{}; });
    const auto hook = made(peer);
    const auto id = hook.webhook.id;
    const auto changed = run(service.change(id, {.name = "二号", .kinds = {{"ticket.*"}}, .active = false}, 1, who));
    ASSERT_TRUE(changed);
    EXPECT_EQ(changed->version, 2);
    EXPECT_EQ(changed->name, "二号");
    EXPECT_FALSE(changed->active);
    EXPECT_EQ(changed->settings.url, hook.webhook.settings.url);
    EXPECT_EQ(run(service.change(id, {.name = "三号"}, 1, who)).error().code, errc::stale_version);
    EXPECT_EQ(run(service.change(id, {.url = "ftp://x"}, 2, who)).error().code, errc::invalid_field);
    EXPECT_EQ(run(service.change(id, {.kinds = {{"Ticket"}}}, 2, who)).error().code, errc::invalid_field);
    EXPECT_EQ(run(service.change(id, {.name = ""}, 2, who)).error().code, errc::invalid_field);
    EXPECT_EQ(run(service.change(id, {}, 2, agent())).error().code, errc::not_found);
    EXPECT_EQ(run(service.remove(id, 1, who)).error().code, errc::stale_version);
    ASSERT_TRUE(run(service.remove(id, 2, who)));
    EXPECT_EQ(run(service.find(id, who)).error().code, errc::not_found);
    EXPECT_THAT(*run(service.list(who)), IsEmpty());
    EXPECT_EQ(run(service.remove(id, 3, who)).error().code, errc::not_found);
    EXPECT_THAT(kinds_of(id.value()),
                ElementsAre("outbox.account_created", "outbox.account_changed", "outbox.account_deleted"));
    happen(1);
    const auto running_10 = go();
    let_pass(200ms);
    EXPECT_EQ(peer.count(), 0u);
}

TEST_F(Webhooks, AreNoMoreThanTheirBound)
{
    const test::receiver peer([](const test::received&) { return test::reply{}; });
    webhook_service narrow(db(), clock, key, sender_, {.private_networks = true, .most = 2});
    ASSERT_TRUE(run(narrow.create("a", to(peer), who)));
    ASSERT_TRUE(run(narrow.create("b", to(peer), who)));
    EXPECT_EQ(run(narrow.create("c", to(peer), who)).error().code, errc::overloaded);
    EXPECT_THAT(*run(narrow.list(who)), SizeIs(2));
}

} // namespace
} // namespace huiyin::outbox
