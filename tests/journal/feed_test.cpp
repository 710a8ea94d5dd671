#include "journal_fixture.hpp"

#include <huiyin/pg/listener.hpp>

#include <fmt/format.h>

#include <random>

namespace huiyin::journal {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class Feed : public journal_test
{
protected:
    std::vector<std::string> fed_kinds()
    {
        return column("SELECT e.kind FROM event_pos p JOIN event e ON e.seq = p.seq ORDER BY p.pos");
    }
    void expect_dense(std::int64_t count)
    {
        EXPECT_THAT(column("SELECT concat_ws(' ', count(*), min(pos), max(pos)) FROM event_pos"),
                    ElementsAre(fmt::format("{} 1 {}", count, count)));
    }
};

TEST_F(Feed, WaitsForATransactionThatTookItsPlaceFirstAndCommitsLast)
{
    // A reader of "seq > last" loses the slow event here; that the gap is real is half of the test.
    auto slow = begin();
    append_in(slow, {an_event("test.slow")});
    commit({an_event("test.fast")});
    EXPECT_THAT(column("SELECT concat_ws(' ', seq, kind) FROM event WHERE seq > 0 ORDER BY seq"),
                ElementsAre("2 test.fast"));

    EXPECT_EQ(run(give_positions(pool(), 1)), 0u);
    EXPECT_THAT(fed_kinds(), IsEmpty());

    commit(std::move(slow));
    EXPECT_THAT(column("SELECT kind FROM event WHERE seq > 2 ORDER BY seq"), IsEmpty());
    sequence();
    EXPECT_THAT(fed_kinds(), ElementsAre("test.slow", "test.fast"));
}

TEST_F(Feed, OfTransactionsThatOverlapKeepsTheOrderOfTransactionsAndOfEventsInEach)
{
    auto first = begin();
    auto second = begin();
    append_in(first, {an_event("test.first_a")});
    append_in(second, {an_event("test.second_a")});
    append_in(second, {an_event("test.second_b")});
    append_in(first, {an_event("test.first_b")});
    commit(std::move(second));
    commit(std::move(first));
    sequence();
    EXPECT_THAT(fed_kinds(), ElementsAre("test.first_a", "test.first_b", "test.second_a", "test.second_b"));
}

TEST_F(Feed, GivesAtMostAThousandPositionsAtOnceAndAllInTheEnd)
{
    commit(events(2300));
    EXPECT_THAT(sequence(), ElementsAre(1000u, 1000u, 300u));
    expect_dense(2300);
}

TEST_F(Feed, WhatWasRolledBackLeavesNoHoleInThePositions)
{
    {
        auto given_up = begin();
        append_in(given_up, events(5));
        roll_back(std::move(given_up));
    }
    commit(events(3));
    sequence();
    expect_dense(3);
}

TEST_F(Feed, ASequencerWhoseDutyHasChangedHandsGivesNothing)
{
    commit(events(3));
    sql("UPDATE duty_lease SET fence = 2 WHERE name = 'journal.sequencer'");
    const auto late = run(give_positions(pool(), 1));
    ASSERT_FALSE(late);
    EXPECT_EQ(late.error().code, errc::wrong_state);
    expect_none("event_pos");
    until([&]() { return run(give_positions(pool(), 2)) == 3u; });
}

/// Appends `count` transactions of one to three events, with pauses between append and commit; one in ten is given up.
/// The number of events committed.
task<int> write_for_a_while(pg::database& db, unsigned seed, int count)
{
    std::mt19937 random(seed);
    int committed = 0;
    for (int i = 0; i < count; ++i) {
        auto tx = co_await db.begin();
        if (!tx) throw std::runtime_error(tx.error().detail);
        const auto size = 1 + random() % 3;
        pg::batch batch;
        append(batch, events(size));
        auto appended = co_await tx->run(std::move(batch));
        if (!appended) throw std::runtime_error(appended.error().detail);
        co_await pause_for(std::chrono::microseconds(random() % 3000));
        if (random() % 10 == 0) {
            co_await tx->roll_back();
            continue;
        }
        auto done = co_await tx->commit();
        if (!done) throw std::runtime_error(done.error().detail);
        committed += static_cast<int>(size);
    }
    co_return committed;
}

/// Gives positions as fast as it can until all writers have ended and nothing is left. How often another was faster.
task<int> sequence_meanwhile(runner on, const int* writing)
{
    int outrun = 0;
    for (;;) {
        const bool last = *writing == 0;
        auto given = co_await give_positions(on, 1);
        if (!given && given.error().code != errc::constraint_violated) throw std::runtime_error(given.error().detail);
        if (!given) ++outrun;
        auto lag = co_await read_feed_lag(on);
        if (!lag) throw std::runtime_error(lag.error().detail);
        if (last && lag->waiting == 0) co_return outrun;
    }
}

TEST_F(Feed, TwoSequencersAmongConcurrentWritersGiveEveryEventOnePositionAndLoseNone)
{
    int writing = 6;
    int committed = 0;
    for (unsigned seed = 0; seed < 6; ++seed)
        start(write_for_a_while(db(), seed, 120), [&](int events) {
            committed += events;
            --writing;
        });
    int sequencing = 2;
    for (int i = 0; i < 2; ++i)
        start(sequence_meanwhile(pool(), &writing), [&](int) { --sequencing; });
    until([&]() { return sequencing == 0; });

    EXPECT_GT(committed, 1000);
    expect_dense(committed);
    EXPECT_THAT(column("SELECT count(*) FROM event e WHERE NOT EXISTS (SELECT FROM event_pos p WHERE p.seq = e.seq)"),
                ElementsAre("0"));
    EXPECT_THAT(
        column("SELECT count(*) FROM (SELECT (e.xid, e.seq) < lag((e.xid, e.seq)) OVER (ORDER BY p.pos) AS wrong "
               "FROM event_pos p JOIN event e ON e.seq = p.seq) AS pairs WHERE wrong"),
        ElementsAre("0"));
}

class Sequencer : public Feed
{
protected:
    Sequencer() { sql("DELETE FROM duty_lease"); }
    std::string fed() { return column("SELECT count(*) FROM event_pos").front(); }
};

TEST_F(Sequencer, FollowsWhatIsAppendedAndGoesOnAfterARestartWhereTheDataEnds)
{
    start_sequencer(group(), on(), app_settings(), metrics);
    commit(events(5));
    until([&]() { return fed() == "5"; });
    stop_all();
    commit(events(4));
    start_sequencer(group(), on(), app_settings(), metrics);
    until([&]() { return fed() == "9"; });
    expect_dense(9);
}

TEST_F(Sequencer, OfTwoOneWorksAndTheOtherTakesOverWhenItEnds)
{
    task_group second(on());
    start_sequencer(group(), on(), app_settings(), metrics);
    commit(events(5));
    until([&]() { return fed() == "5"; });
    start_sequencer(second, on(), app_settings(), metrics);
    commit(events(5));
    until([&]() { return fed() == "10"; });
    stop_all();
    commit(events(5));
    until([&]() { return fed() == "15"; });
    const auto stop = [](task_group& ended) -> task<bool> {
        co_await ended.stop();
        co_return true;
    };
    run(stop(second));
    expect_dense(15);
}

TEST_F(Sequencer, WakesUpOnAHintAndTellsItsFollowers)
{
    int heard = 0;
    group().spawn("listener", pg::listen(app_settings(), std::string(positioned_channel), [&heard]() { ++heard; }));
    pg::notifier appended(on(), app_settings(), std::string(appended_channel), 1ms);
    group().spawn("notifier", appended.run());
    start_sequencer(group(), on(), app_settings(), metrics);
    commit(events(1));
    until([&]() { return fed() == "1" && heard > 0; });

    // Without hints every round would take the 700 ms until the next look, since each begins right after one.
    int round = 1;
    EXPECT_TRUE(test::eventually([&]() {
        const auto since = std::chrono::steady_clock::now();
        const auto before = heard;
        commit(events(1));
        appended.mark();
        ++round;
        until([&]() { return heard > before && fed() == std::to_string(round); });
        return std::chrono::steady_clock::now() - since < 450ms;
    })) << round;
    stop_all();
}

TEST_F(Sequencer, SaysHowFarBehindTheFeedIs)
{
    auto slow = begin();
    append_in(slow, events(1));
    commit(events(3));
    start_sequencer(group(), on(), app_settings(), metrics);
    until([&]() { return metric("huiyin_journal_unsequenced_events") == 3; });
    until([&]() { return metric("huiyin_journal_feed_age_seconds") > 0; });
    EXPECT_EQ(fed(), "0");
    commit(std::move(slow));
    until([&]() { return metric("huiyin_journal_unsequenced_events") == 0; });
    EXPECT_EQ(metric("huiyin_journal_feed_age_seconds"), 0);
    expect_dense(4);
}

} // namespace
} // namespace huiyin::journal
