#include "outbox_fixture.hpp"

#include <set>

namespace huiyin::outbox {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::IsEmpty;

class Outbox : public outbox_test
{
protected:
    /// What the sender got of one order key, repeats left out.
    static std::vector<effect_id> order_of(const scripted_sender& by, const uuid& key)
    {
        std::vector<effect_id> order;
        for (const auto& each : by.seen)
            if (each.order_key == key && std::ranges::find(order, each.effect) == order.end())
                order.push_back(each.effect);
        return order;
    }
    std::int64_t open() { return count("outbox_effect WHERE state IN ('pending', 'claimed')"); }
};

TEST_F(Outbox, AnEffectWhoseChannelHasNoAccountIsSettledWithTheChangeThatCausedIt)
{
    an_account("test", false);
    effect nowhere;
    nowhere.channel = "sms";
    nowhere.queued_at = clock.now();
    auto inactive = nowhere;
    inactive.id = effect_id::make();
    inactive.channel = "test";
    queue_up({nowhere, inactive});
    EXPECT_EQ(state_of(nowhere.id), "no_channel");
    EXPECT_EQ(state_of(inactive.id), "no_channel") << "an account that is switched off is none";

    scripted_sender by;
    const auto running_1 = start_engine({&by});
    until([&]() { return !kinds_of(nowhere.id.value()).empty(); });
    EXPECT_THAT(kinds_of(nowhere.id.value()), ElementsAre("outbox.no_channel"));
    EXPECT_THAT(by.seen, IsEmpty());
}

TEST_F(Outbox, WithoutANamedAccountTheOldestActiveOneOfTheChannelIsTaken)
{
    an_account("test", false);
    const auto first = an_account(), second = an_account();
    effect to_any = an_effect(second);
    to_any.account.reset();
    queue_up({to_any});
    EXPECT_THAT(column("SELECT account_id FROM outbox_effect"), ElementsAre(first.to_string()));
}

TEST_F(Outbox, WithoutAnAccountOfItsChannelTheOtherOneIsTaken)
{
    const auto mail = an_account("mail");
    effect told;
    told.channel = "sms";
    told.otherwise = "mail";
    told.queued_at = clock.now();
    queue_up({told});
    EXPECT_THAT(column("SELECT channel FROM outbox_effect"), ElementsAre("mail"));
    EXPECT_THAT(column("SELECT account_id FROM outbox_effect"), ElementsAre(mail.to_string()));
    EXPECT_EQ(state_of(told.id), "pending");

    const auto sms = an_account("sms");
    auto first = told;
    first.id = effect_id::make();
    queue_up({first});
    EXPECT_THAT(column("SELECT account_id FROM outbox_effect WHERE channel = 'sms'"), ElementsAre(sms.to_string()));
}

TEST_F(Outbox, SendsEachEffectOnceAndSaysSoOnRecord)
{
    const auto account = an_account();
    auto message = an_effect(account);
    message.on_record = true;
    message.payload = R"({"message": "told"})";
    auto quiet = an_effect(account);
    queue_up({message, quiet});
    scripted_sender by;
    std::string payload;
    by.answer = [&](const sending& what) {
        if (what.effect == message.id) payload = what.payload;
        return outcome{verdict::sent, "", {}};
    };
    const auto running_2 = start_engine({&by});
    until([&]() { return open() == 0; });
    EXPECT_EQ(by.seen.size(), 2u);
    EXPECT_EQ(payload, R"({"message": "told"})");
    EXPECT_EQ(state_of(message.id), "sent");
    EXPECT_THAT(kinds_of(message.id.value()), ElementsAre("outbox.sent"));
    EXPECT_THAT(kinds_of(quiet.id.value()), IsEmpty());
    EXPECT_EQ(metric("huiyin_outbox_attempts_total", {{"channel", "test"}, {"verdict", "sent"}}), 2);
}

TEST_F(Outbox, DoesNotSendBeforeItsTime)
{
    auto later = an_effect(an_account());
    later.send_at = clock.now() + 1h;
    queue_up({later});
    scripted_sender by;
    const auto running_3 = start_engine({&by});
    let_pass(200ms);
    EXPECT_THAT(by.seen, IsEmpty());
    clock.advance(1h);
    until([&]() { return by.sent.size() == 1; });
}

TEST_F(Outbox, OneKeyLeavesInOrderThoughItsFirstFailsAndOthersDoNotWaitForIt)
{
    const auto account = an_account();
    const auto key = uuid::make(), other_key = uuid::make();
    const auto ids = queue_many(account, 5, key);
    const auto others = queue_many(account, 5, other_key);
    scripted_sender by;
    by.answer = [&](const sending& what) {
        return what.effect == ids[0] && what.attempt < 4 ? outcome{verdict::temporary, "busy", {}}
                                                         : outcome{verdict::sent, "", {}};
    };
    const auto running_4 = start_engine({&by});
    until([&]() { return by.sent.size() == others.size(); });
    EXPECT_THAT(order_of(by, other_key), ElementsAreArray(others));
    EXPECT_THAT(order_of(by, key), ElementsAre(ids[0])) << "none of its key before it";
    until([&]() {
        clock.advance(1min);
        return open() == 0;
    });
    EXPECT_THAT(order_of(by, key), ElementsAreArray(ids));
    EXPECT_EQ(std::ranges::count(by.sent, ids[0]), 1);
}

TEST_F(Outbox, TheSameKeyOfTwoAccountsAreTwoOrders)
{
    const auto broken = an_account(), good = an_account();
    const auto key = uuid::make();
    queue_many(broken, 3, key);
    const auto ids = queue_many(good, 3, key);
    scripted_sender by;
    by.answer = [&](const sending& what) {
        return what.through->id == broken ? outcome{verdict::temporary, "busy", {}} : outcome{verdict::sent, "", {}};
    };
    const auto running_5 = start_engine({&by});
    until([&]() { return by.sent.size() == 3; });
    EXPECT_THAT(by.sent, ElementsAreArray(ids));
}

TEST_F(Outbox, PoisonBecomesADeadLetterWithItsCauseAndBlocksNobody)
{
    const auto account = an_account();
    const auto key = uuid::make();
    const auto ids = queue_many(account, 3, key);
    scripted_sender by;
    by.answer = [&](const sending& what) {
        if (what.effect == ids[0]) return outcome{verdict::permanent, "http_422", {}};
        if (what.effect == ids[1]) return outcome{verdict::temporary, "http_503", {}};
        return outcome{verdict::sent, "", {}};
    };
    auto with = quick();
    with.attempts = 3;
    const auto running_6 = start_engine(with, {&by});
    until([&]() {
        clock.advance(10min);
        return open() == 0;
    });
    EXPECT_EQ(state_of(ids[0]), "dead");
    EXPECT_EQ(cause_of(ids[0]), "http_422");
    EXPECT_EQ(state_of(ids[1]), "dead");
    EXPECT_EQ(cause_of(ids[1]), "http_503");
    EXPECT_EQ(state_of(ids[2]), "sent");
    EXPECT_EQ(std::ranges::count(by.seen, ids[0], &scripted_sender::attempt::effect), 1);
    EXPECT_EQ(std::ranges::count(by.seen, ids[1], &scripted_sender::attempt::effect), 3);
    EXPECT_THAT(kinds_of(ids[0].value()), ElementsAre("outbox.dead"));
    EXPECT_THAT(kinds_of(ids[2].value()), IsEmpty());
}

TEST_F(Outbox, AnUnknownOutcomeIsRepeatedOnlyWhereThePeerKnowsRepeats)
{
    const auto repeated = an_account("knows"), kept = an_account("forgets");
    auto first = an_effect(repeated), second = an_effect(kept);
    first.channel = "knows";
    second.channel = "forgets";
    const auto follower_key = second.order_key;
    auto follower = an_effect(kept, follower_key);
    follower.channel = "forgets";
    queue_up({first, second, follower});
    scripted_sender knows(true, "knows"), forgets(false, "forgets");
    const auto unknown_at_first = [&](const sending& what) {
        return what.attempt == 1 && what.effect != follower.id ? outcome{verdict::unknown, "timed_out", {}}
                                                               : outcome{verdict::sent, "", {}};
    };
    knows.answer = forgets.answer = unknown_at_first;
    const auto running_7 = start_engine({&knows, &forgets});
    until([&]() {
        clock.advance(1min);
        return open() == 0;
    });
    EXPECT_EQ(state_of(first.id), "sent");
    EXPECT_EQ(state_of(second.id), "unknown_outcome");
    EXPECT_EQ(state_of(follower.id), "sent") << "a person may take days to find out";
    EXPECT_THAT(kinds_of(second.id.value()), ElementsAre("outbox.outcome_unknown"));
}

TEST_F(Outbox, AReceiverThatHangsTakesNobodyElsesPlace)
{
    const auto hanging = an_account(), good = an_account();
    for (int i = 0; i < 20; ++i)
        queue_many(hanging, 1, uuid::make());
    scripted_sender by;
    by.hangs = [&](const sending& what) { return what.through->id == hanging; };
    auto with = quick();
    with.per_account = 3;
    const auto running = start_engine(with, {&by});
    until([&]() { return by.under_way[hanging] == 3; });
    for (int i = 0; i < 50; ++i)
        queue_many(good, 1, uuid::make());
    until([&]() { return by.sent.size() == 50; });
    EXPECT_EQ(by.most_under_way[hanging], 3u);
    EXPECT_LE(by.most_under_way[good], 3u);
    by.let_go = true;
    running->stop();
}

TEST_F(Outbox, AnAttemptThatTakesTooLongIsCancelled)
{
    const auto ids = queue_many(an_account(), 1, uuid::make());
    scripted_sender by;
    by.hangs = [](const sending& what) { return what.attempt == 1; };
    auto with = quick();
    with.send_within = 100ms;
    const auto running_8 = start_engine(with, {&by});
    until([&]() {
        clock.advance(1min);
        return state_of(ids[0]) == "sent";
    });
    EXPECT_EQ(by.seen.size(), 2u);
}

TEST_F(Outbox, TheBreakerStopsTryingAnAccountThatFailsAndFindsOutWhenItIsBack)
{
    const auto account = an_account();
    for (int i = 0; i < 30; ++i)
        queue_many(account, 1, uuid::make());
    scripted_sender by;
    bool works = false;
    by.answer = [&](const sending&) {
        return works ? outcome{verdict::sent, "", {}} : outcome{verdict::temporary, "http_503", {}};
    };
    auto with = quick();
    with.per_account = 1;
    with.breaker_failures = 5;
    with.breaker_pause = 30s;
    const auto running_9 = start_engine(with, {&by});
    until([&]() { return by.seen.size() >= 5; });
    let_pass(200ms);
    EXPECT_EQ(by.seen.size(), 5u) << "25 wait without having lost an attempt";
    EXPECT_EQ(metric("huiyin_outbox_breakers_open"), 1);
    clock.advance(30s);
    until([&]() { return by.seen.size() == 6; });
    let_pass(200ms);
    EXPECT_EQ(by.seen.size(), 6u) << "one probe";
    works = true;
    clock.advance(60s);
    until([&]() {
        clock.advance(1min);
        return open() == 0;
    });
    EXPECT_EQ(metric("huiyin_outbox_breakers_open"), 0);
    EXPECT_EQ(by.sent.size(), 30u);
}

TEST_F(Outbox, AStaleClaimerCannotSettle)
{
    const auto ids = queue_many(an_account(), 1, uuid::make());
    scripted_sender slow;
    slow.hangs = [](const sending&) { return true; };
    slow.answer = [](const sending&) { return outcome{verdict::permanent, "stale_word", {}}; };
    auto with = quick();
    with.poll = 1h; // it looks around once
    const auto first = start_engine(with, {&slow});
    until([&]() { return slow.seen.size() == 1; });
    // Its claim runs out, as it would for an engine that was stopped for minutes, and another one takes the effect.
    sql("UPDATE outbox_effect SET claimed_until = claimed_until - interval '1 hour'");
    scripted_sender good;
    good.hangs = [](const sending&) { return true; };
    with = quick();
    const auto running_10 = start_engine(with, {&good});
    until([&]() { return good.seen.size() == 1; });
    slow.let_go = true;
    until([&]() { return metric("huiyin_outbox_stale_claims_total") == 1; });
    EXPECT_EQ(state_of(ids[0]), "claimed") << "the stale claimer's word counts for nothing";
    good.let_go = true;
    until([&]() { return state_of(ids[0]) == "sent"; });
    EXPECT_THAT(kinds_of(ids[0].value()), IsEmpty());
    first->stop();
}

TEST_F(Outbox, ClaimsOfAnEngineThatIsGoneAreTakenBackOrAskedAbout)
{
    const auto repeated = an_account("knows"), kept = an_account("forgets");
    auto first = an_effect(repeated), second = an_effect(kept), tired = an_effect(repeated);
    first.channel = tired.channel = "knows";
    second.channel = "forgets";
    queue_up({first, second, tired});
    sql("UPDATE outbox_effect SET state = 'claimed', attempts = 1, fence = 1, claimed_until = '2020-01-01'");
    sql("UPDATE outbox_effect SET attempts = 16 WHERE id = '" + tired.id.to_string() + "'");
    scripted_sender knows(true, "knows"), forgets(false, "forgets");
    const auto running_11 = start_engine({&knows, &forgets});
    until([&]() { return open() == 0; });
    EXPECT_EQ(state_of(first.id), "sent");
    EXPECT_EQ(state_of(second.id), "unknown_outcome");
    EXPECT_EQ(cause_of(second.id), "claim_lost");
    EXPECT_EQ(state_of(tired.id), "dead") << "an effect that ends each engine which tries it ends, too";
    EXPECT_THAT(forgets.seen, IsEmpty());
    EXPECT_EQ(metric("huiyin_outbox_lost_claims_total"), 3);
}

TEST_F(Outbox, TwoEnginesAtOnceShareTheWorkAndKeepEachOrder)
{
    const auto account = an_account(), second = an_account();
    std::map<uuid, std::vector<effect_id>> expected;
    std::vector<effect> effects;
    for (int k = 0; k < 40; ++k) {
        const auto key = uuid::make();
        for (int i = 0; i < 10; ++i) {
            effects.push_back(an_effect(k % 2 ? account : second, key));
            expected[key].push_back(effects.back().id);
        }
    }
    queue_up(effects);
    // Both write down what they send in one place.
    scripted_sender by;
    std::set<std::pair<account_id, uuid>> now;
    bool overlapped = false;
    by.answer = [&](const sending& what) {
        return what.attempt == 1 && what.effect.value().bytes[15] % 5 == 0 ? outcome{verdict::temporary, "busy", {}}
                                                                           : outcome{verdict::sent, "", {}};
    };
    by.hangs = [&](const sending& what) {
        std::size_t same = 0;
        for (const auto& each : by.seen)
            same += each.order_key == what.order_key && std::ranges::find(by.sent, each.effect) == by.sent.end() &&
                    each.effect != what.effect;
        overlapped = overlapped || same > 0;
        return false;
    };
    const auto running_12 = start_engine({&by});
    const auto running_13 = start_engine({&by});
    until([&]() {
        clock.advance(10s);
        return open() == 0;
    });
    EXPECT_FALSE(overlapped) << "one of a key was sent while an earlier one was not done";
    EXPECT_EQ(by.sent.size(), effects.size()) << "each once";
    for (const auto& [key, ids] : expected)
        EXPECT_THAT(order_of(by, key), ElementsAreArray(ids));
    EXPECT_EQ(metric("huiyin_outbox_stale_claims_total"), 0);
}

// A backlog melts while tickets go on changing: what one transaction for each effect has queued is settled by far
// fewer. Counted in steps, since seconds are the machine's: a busy one settles more at once.
TEST_F(Outbox, SettlesABacklogInAQuarterOfTheTransactionsThatFilledIt)
{
    constexpr std::size_t effects = 400;
    const auto account = an_account(), second = an_account();
    for (std::size_t i = 0; i < effects; ++i)
        queue_up({an_effect(i % 2 ? account : second)});
    EXPECT_EQ(count("(SELECT DISTINCT xmin::text FROM outbox_effect) AS t"), static_cast<std::int64_t>(effects));

    scripted_sender by;
    auto with = quick();
    with.per_account = 64;
    const auto running = start_engine(with, {&by});
    until([&]() { return open() == 0; });
    EXPECT_EQ(by.sent.size(), effects);
    EXPECT_LE(count("(SELECT DISTINCT xmin::text FROM outbox_effect) AS t"), static_cast<std::int64_t>(effects / 4));
}

TEST_F(Outbox, StoppingWaitsForWhatIsOnItsWayAndSettlesIt)
{
    const auto ids = queue_many(an_account(), 1, uuid::make());
    scripted_sender by;
    by.hangs = [](const sending&) { return true; };
    auto with = quick();
    with.stop_within = test::patience;
    const auto running = start_engine(with, {&by});
    until([&]() { return by.seen.size() == 1; });
    asio::post(context, [&]() { by.let_go = true; });
    running->stop();
    EXPECT_EQ(state_of(ids[0]), "sent");
}

TEST_F(Outbox, StoppingLeavesAHangingAttemptForTheNextEngineAtOnce)
{
    const auto ids = queue_many(an_account(), 1, uuid::make());
    scripted_sender by;
    by.hangs = [](const sending&) { return true; };
    auto with = quick();
    with.send_within = 300ms;
    const auto running = start_engine(with, {&by});
    until([&]() { return by.seen.size() == 1; });
    running->stop();
    EXPECT_EQ(state_of(ids[0]), "pending");
}

TEST_F(Outbox, StoppingWaitsLongerForWhatCannotBeRepeated)
{
    const auto account = an_account("once");
    auto only = an_effect(account);
    only.channel = "once";
    queue_up({only});
    scripted_sender by(false, "once");
    by.hangs = [](const sending&) { return true; };
    const auto running = start_engine({&by});
    until([&]() { return by.seen.size() == 1; });
    steady_timer later(on(), 2500ms);
    later.async_wait([&](auto) { by.let_go = true; });
    running->stop();
    EXPECT_EQ(state_of(only.id), "sent");
}

TEST_F(Outbox, LosingTheConnectionOfTheDutyLosesNoResult)
{
    const auto account = an_account();
    std::vector<effect_id> ids;
    for (int i = 0; i < 8; ++i)
        ids.push_back(queue_many(account, 1, uuid::make())[0]);
    scripted_sender by;
    by.hangs = [](const sending&) { return true; };
    const auto running_14 = start_engine({&by});
    until([&]() { return by.seen.size() == ids.size(); });
    superuser_sql("SELECT pg_terminate_backend(l.pid) FROM pg_locks l WHERE l.locktype = 'advisory'");
    by.let_go = true;
    until([&]() { return open() == 0; });
    EXPECT_EQ(by.seen.size(), ids.size()) << "what was sent before the connection came back is settled, not repeated";
    for (const auto& each : ids)
        EXPECT_EQ(state_of(each), "sent");
}

TEST_F(Outbox, TheEffectsOfADeletedAccountAreSettled)
{
    const auto account = an_account();
    const auto ids = queue_many(account, 3, uuid::make());
    sql("UPDATE outbox_account SET active = false, deleted_at = '2026-03-02'");
    scripted_sender by;
    const auto running_15 = start_engine({&by});
    until([&]() { return open() == 0; });
    EXPECT_EQ(state_of(ids[2]), "no_channel");
    EXPECT_EQ(cause_of(ids[2]), "account_deleted");
    EXPECT_THAT(by.seen, IsEmpty());
}

TEST_F(Outbox, AnAccountThatIsSwitchedOffKeepsWhatWaits)
{
    const auto account = an_account("test", false);
    queue_many(account, 3, uuid::make());
    scripted_sender by;
    const auto running_16 = start_engine({&by});
    let_pass(200ms);
    EXPECT_THAT(by.seen, IsEmpty());
    sql("UPDATE outbox_account SET active = true, version = version + 1");
    until([&]() { return by.sent.size() == 3; });
}

TEST_F(Outbox, ForgetsWhatWasDoneLongAgoAndNothingElse)
{
    const auto account = an_account();
    const auto old = queue_many(account, 1, uuid::make())[0], young = queue_many(account, 1, uuid::make())[0],
               dead = queue_many(account, 1, uuid::make())[0];
    sql("UPDATE outbox_effect SET state = 'sent', settled_at = '2026-01-01' WHERE id = '" + old.to_string() + "'");
    sql("UPDATE outbox_effect SET state = 'sent', settled_at = '2026-03-01' WHERE id = '" + young.to_string() + "'");
    sql("UPDATE outbox_effect SET state = 'dead', settled_at = '2026-01-01' WHERE id = '" + dead.to_string() + "'");
    scripted_sender by;
    const auto running_17 = start_engine({&by});
    until([&]() { return count("outbox_effect") == 2; });
    EXPECT_EQ(state_of(young), "sent");
    EXPECT_EQ(state_of(dead), "dead");
}

TEST_F(Outbox, MeasuresItsQueues)
{
    const auto account = an_account();
    auto later = an_effect(account);
    queue_up({later});
    clock.advance(90s);
    queue_up({an_effect(account)});
    sql("UPDATE outbox_account SET active = false");
    sql("INSERT INTO outbox_effect (id, channel, account_id, order_key, payload, on_record, state, next_attempt_at, "
        "queued_at, settled_at) SELECT gen_random_uuid(), 'test', '" +
        account.to_string() +
        "', gen_random_uuid(), '{}', false, 'dead', '2026-03-01', '2026-03-01', '2026-03-01' "
        "FROM generate_series(1, 4)");
    scripted_sender by;
    const auto running_18 = start_engine({&by});
    until([&]() { return metric("huiyin_outbox_effects", {{"state", "dead"}}) == 4; });
    EXPECT_EQ(metric("huiyin_outbox_effects", {{"state", "pending"}}), 2);
    EXPECT_EQ(metric("huiyin_outbox_oldest_seconds"), 90);
    EXPECT_EQ(metric("huiyin_outbox_in_flight_limit"), 128);
    EXPECT_EQ(metric("huiyin_duty_held", {{"duty", "outbox"}}), 1);
}

class DeadLetters : public Outbox
{
protected:
    effect_id a_dead_letter(const std::string& state = "dead")
    {
        const auto id = queue_many(account_, 1, key_)[0];
        sql("UPDATE outbox_effect SET attempts = 3, cause = 'http_500', settled_at = '2026-03-01', state = '" + state +
            "' WHERE id = '" + id.to_string() + "'");
        return id;
    }
    account_id account_ = an_account();
    uuid key_ = uuid::make();
    dead_letters letters{db(), clock};
};

TEST_F(DeadLetters, AreListedNewestFirstByPages)
{
    const auto first = a_dead_letter(), second = a_dead_letter("unknown_outcome");
    queue_many(account_, 1, key_);
    const auto page = run(letters.list({}, {}, 1, administrator()));
    ASSERT_TRUE(page);
    ASSERT_EQ(page->size(), 1u);
    EXPECT_EQ(page->at(0).id, second);
    EXPECT_EQ(page->at(0).state, effect_state::unknown_outcome);
    EXPECT_EQ(page->at(0).cause, "http_500");
    EXPECT_EQ(page->at(0).account_name, "one");
    const auto rest = run(letters.list(second, {}, 10, administrator()));
    ASSERT_EQ(rest->size(), 1u);
    EXPECT_EQ(rest->at(0).id, first);
    EXPECT_THAT(*run(letters.list({}, an_account(), 10, administrator())), IsEmpty());
    EXPECT_EQ(run(letters.list({}, {}, 10, agent())).error().code, errc::not_found);
}

TEST_F(DeadLetters, AreSentAgainUnderTheirIdBehindWhatWaits)
{
    const auto dead = a_dead_letter();
    const auto waiting = queue_many(account_, 2, key_);
    ASSERT_TRUE(run(letters.send_again(dead, administrator())));
    scripted_sender by;
    const auto running_19 = start_engine({&by});
    until([&]() { return open() == 0; });
    EXPECT_THAT(by.sent, ElementsAre(waiting[0], waiting[1], dead));
    EXPECT_THAT(kinds_of(dead.value()), ElementsAre("outbox.sent_again"));
    EXPECT_EQ(run(letters.send_again(dead, administrator())).error().code, errc::wrong_state);
    EXPECT_EQ(run(letters.send_again(effect_id::make(), administrator())).error().code, errc::not_found);
}

TEST_F(DeadLetters, AreDroppedWithAReasonThatTheJournalNamesButDoesNotHold)
{
    const auto dead = a_dead_letter();
    EXPECT_EQ(run(letters.drop(dead, "  ", administrator())).error().code, errc::reason_required);
    EXPECT_EQ(run(letters.drop(dead, "why", agent())).error().code, errc::not_found);
    ASSERT_TRUE(run(letters.drop(dead, "收件方已停用", administrator())));
    EXPECT_EQ(state_of(dead), "dropped");
    EXPECT_THAT(kinds_of(dead.value()), ElementsAre("outbox.dropped"));
    EXPECT_EQ(count("event WHERE data::text LIKE '%收件方%'"), 0);
    EXPECT_EQ(count("event e JOIN text t ON t.id::text = e.data->'reason'->>'text' WHERE t.body = '收件方已停用'"), 1);
}

TEST_F(DeadLetters, OnlyAnUnknownOutcomeCanBeSettledAsDone)
{
    const auto dead = a_dead_letter(), unknown = a_dead_letter("unknown_outcome");
    EXPECT_EQ(run(letters.settle_as_done(dead, administrator())).error().code, errc::wrong_state);
    ASSERT_TRUE(run(letters.settle_as_done(unknown, administrator())));
    EXPECT_EQ(state_of(unknown), "sent");
    EXPECT_THAT(kinds_of(unknown.value()), ElementsAre("outbox.settled_by_hand"));
}

} // namespace
} // namespace huiyin::outbox
