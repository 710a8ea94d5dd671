#include "journal_fixture.hpp"

#include <huiyin/domain/permission.hpp>
#include <huiyin/journal/stream.hpp>

#include <iterator>
#include <random>

namespace huiyin::journal {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

domain::actor user_with(domain::role_set roles, std::vector<department_id> departments = {})
{
    return {.kind = domain::actor_kind::user,
            .id = uuid::make(),
            .roles = roles,
            .departments = std::move(departments),
            .leads = {},
            .scopes = {}};
}

TEST(Sees, AnOrdinaryEventWhoMayReadTheTicket)
{
    using enum domain::role;
    const auto ours = department_id::make();
    const auto theirs = department_id::make();
    const auto handler = user_with({department_handler}, {ours});
    const audience of_ours{.departments = {theirs, ours}, .assignee = {}, .confidential = false};
    const audience of_theirs{.departments = {theirs}, .assignee = {}, .confidential = false};
    const audience mine{.departments = {theirs}, .assignee = user_id(handler.id), .confidential = false};

    for (const auto all : {complaint_officer, supervisor, auditor, quality, agent})
        EXPECT_TRUE(sees(user_with({all}), of_theirs)) << domain::to_string(all);
    EXPECT_TRUE(sees(domain::actor::system(), of_theirs));
    EXPECT_TRUE(sees(handler, of_ours));
    EXPECT_TRUE(sees(handler, mine));
    EXPECT_FALSE(sees(handler, of_theirs));
    EXPECT_FALSE(sees(user_with({department_leader}, {ours}), of_theirs));
    EXPECT_FALSE(sees(user_with({administrator}), of_theirs));
    EXPECT_FALSE(sees(user_with({}, {theirs}), of_theirs));
    EXPECT_FALSE(sees(domain::actor::anonymous(), of_ours));
}

TEST(Sees, AConfidentialEventOnlyItsDepartmentsItsAssigneeAndWhoMayKnowTheReporter)
{
    using enum domain::role;
    const auto ours = department_id::make();
    const auto assignee = user_with({agent});
    const audience report{.departments = {ours}, .assignee = user_id(assignee.id), .confidential = true};

    EXPECT_TRUE(sees(user_with({complaint_officer}), report));
    EXPECT_TRUE(sees(user_with({supervisor}), report));
    EXPECT_TRUE(sees(user_with({department_handler}, {ours}), report));
    EXPECT_TRUE(sees(assignee, report));
    EXPECT_FALSE(sees(user_with({agent}), report));
    EXPECT_FALSE(sees(user_with({auditor}), report));
    EXPECT_FALSE(sees(user_with({quality}), report));
    EXPECT_FALSE(sees(user_with({department_handler}, {department_id::make()}), report));
}

TEST(Sees, WhatTheHouseGoesByWhoMayReadItThoughHeReadsNoTicket)
{
    using enum domain::role;
    const auto frame_of = [](std::string kind) {
        frame made;
        made.kind = std::move(kind);
        return made;
    };
    const auto handler = user_with({department_handler}, {department_id::make()});
    for (const auto* kind : {"pack.applied", "calendar.loaded", "department.changed", "user.changed"}) {
        EXPECT_TRUE(sees(user_with({administrator}), frame_of(kind))) << kind;
        EXPECT_TRUE(sees(handler, frame_of(kind))) << kind;
        EXPECT_FALSE(sees(domain::actor::anonymous(), frame_of(kind))) << kind;
    }
    for (const auto* kind : {"ticket.registered", "package.sent", "session.started"})
        EXPECT_FALSE(sees(user_with({administrator}), frame_of(kind))) << kind;

    domain::actor token = user_with({});
    token.kind = domain::actor_kind::token;
    EXPECT_FALSE(sees(token, frame_of("pack.applied")));
    token.scopes = {static_cast<int>(domain::permission::configuration_read)};
    EXPECT_TRUE(sees(token, frame_of("pack.applied")));
    EXPECT_FALSE(sees(token, frame_of("ticket.registered")));
}

TEST(Sees, AsATokenWhatItsScopesName)
{
    domain::actor token = user_with({});
    token.kind = domain::actor_kind::token;
    const audience ordinary{};
    const audience report{.departments = {}, .assignee = {}, .confidential = true};
    EXPECT_FALSE(sees(token, ordinary));
    token.scopes = {static_cast<int>(domain::permission::ticket_read)};
    EXPECT_TRUE(sees(token, ordinary));
    EXPECT_FALSE(sees(token, report));
    token.scopes.push_back(static_cast<int>(domain::permission::customer_identity_of_report));
    EXPECT_TRUE(sees(token, report));
}

class Stream : public journal_test
{
protected:
    /// Small enough to overflow.
    static constexpr stream_settings small{.ring = 8, .resume_limit = 20, .batch = 4, .subscribers = 3, .poll = 20ms};

    void follow(stream_settings settings = {.poll = 20ms})
    {
        follower_ = std::make_unique<follower>(on(), db(), settings, metrics);
        follower_->start(group());
        until([&]() { return follower_->head().has_value(); });
    }
    follower& feed() { return *follower_; }
    /// Commits, gives positions, and waits until the follower has them.
    void happen(const std::vector<event>& given)
    {
        commit(given);
        sequence();
        const auto head = std::stoll(column("SELECT max(pos) FROM event_pos").front());
        if (follower_) until([&]() { return follower_->head() >= head; });
    }
    event an_event_of(department_id department)
    {
        auto made = an_event("ticket.noted");
        made.audience.departments = {department};
        return made;
    }
    subscription subscribe(std::optional<std::int64_t> after = std::nullopt,
                           domain::actor who = domain::actor::system())
    {
        auto made = follower_->subscribe(std::move(who), after);
        if (!made) throw std::runtime_error(made.error().detail);
        return std::move(*made);
    }
    frame_batch next(subscription& from, duration at_most = test::patience)
    {
        auto batch = run(from.next(at_most));
        if (!batch) throw std::runtime_error(std::string(slug(batch.error().code)));
        return std::move(*batch);
    }
    static std::vector<std::int64_t> positions(const frame_batch& of)
    {
        std::vector<std::int64_t> all;
        for (const auto& each : of.frames)
            all.push_back(each->pos);
        return all;
    }

private:
    std::unique_ptr<follower> follower_;
};

TEST_F(Stream, GivesFramesThatNameWhatChangedAndNothingOfItsContent)
{
    follow();
    auto live = subscribe();
    EXPECT_THAT(next(live, 0s).frames, IsEmpty());
    auto given = an_event("ticket.dispatched");
    given.subject_version = 5;
    given.audience = {.departments = {department_id::make()}, .assignee = user_id::make(), .confidential = true};
    happen({given});

    const auto batch = next(live);
    ASSERT_EQ(batch.frames.size(), 1u);
    EXPECT_FALSE(batch.reload);
    EXPECT_EQ(batch.up_to, 1);
    const auto& frame = *batch.frames[0];
    EXPECT_EQ(frame.pos, 1);
    EXPECT_EQ(frame.kind, "ticket.dispatched");
    EXPECT_EQ(frame.subject, given.subject);
    EXPECT_EQ(frame.version, 5);
    EXPECT_EQ(frame.audience.departments, given.audience.departments);
    EXPECT_EQ(frame.audience.assignee, given.audience.assignee);
    EXPECT_TRUE(frame.audience.confidential);
}

TEST_F(Stream, BeginsAtTheHeadUnlessAPlaceToResumeFromIsNamed)
{
    happen(events(5));
    follow();
    auto live = subscribe();
    auto resumed = subscribe(3);
    EXPECT_THAT(positions(next(resumed)), ElementsAre(4, 5));
    happen(events(1));
    EXPECT_THAT(positions(next(live)), ElementsAre(6));
    EXPECT_THAT(positions(next(resumed)), ElementsAre(6));
}

TEST_F(Stream, WithNothingToSayGivesAnEmptyBatchAfterTheTimeAskedFor)
{
    happen(events(2));
    follow();
    auto live = subscribe();
    const auto since = std::chrono::steady_clock::now();
    const auto batch = next(live, 60ms);
    EXPECT_GE(std::chrono::steady_clock::now() - since, 60ms);
    EXPECT_THAT(batch.frames, IsEmpty());
    EXPECT_FALSE(batch.reload);
    EXPECT_EQ(batch.up_to, 2);
}

TEST_F(Stream, GivesOnlyWhatTheSubscriberSeesButMovesHisPlaceOnPastTheRest)
{
    follow(small);
    const auto ours = department_id::make();
    auto handler = subscribe({}, user_with({domain::role::department_handler}, {ours}));
    std::optional<frame_batch> got;
    start(handler.next(test::patience), [&](result<frame_batch> batch) { got = std::move(batch).value(); });
    until_time_has_passed(30ms);
    // Far more than the ring holds: one who has read everything does not fall behind by not being told.
    for (int i = 0; i < 5; ++i)
        happen(events(10));
    EXPECT_FALSE(got);
    happen({an_event_of(department_id::make()), an_event_of(ours), an_event_of(department_id::make())});
    until([&]() { return got.has_value(); });
    EXPECT_THAT(positions(*got), ElementsAre(52));
    EXPECT_FALSE(got->reload);
    EXPECT_EQ(next(handler, 0s).up_to, 53);
}

TEST_F(Stream, AFrameFollowedAtOnceByOthersThatAreNotHisIsNotForgotten)
{
    follow();
    const auto ours = department_id::make();
    auto handler = subscribe({}, user_with({domain::role::department_handler}, {ours}));
    for (int round = 0; round < 5; ++round) {
        std::optional<frame_batch> got;
        start(handler.next(test::patience), [&](result<frame_batch> batch) { got = std::move(batch).value(); });
        until_time_has_passed(1ms);
        // The follower reads 500 frames a time: the second page comes while the handler is being woken.
        std::vector<event> many{an_event_of(ours)};
        std::ranges::move(events(600), std::back_inserter(many));
        happen(many);
        until([&]() { return got.has_value(); });
        ASSERT_THAT(positions(*got), ElementsAre(round * 601 + 1));
    }
}

TEST_F(Stream, ResumesFromTheDatabaseWhereTheRingDoesNotReachBack)
{
    happen(events(5));
    follow(small);
    happen(events(12));
    auto resumed = subscribe(1);
    std::vector<std::int64_t> got;
    while (got.size() < 16) {
        const auto batch = next(resumed);
        ASSERT_FALSE(batch.reload);
        ASSERT_LE(batch.frames.size(), small.batch);
        std::ranges::copy(positions(batch), std::back_inserter(got));
        EXPECT_EQ(batch.up_to, got.back());
    }
    std::vector<std::int64_t> expected;
    for (std::int64_t pos = 2; pos <= 17; ++pos)
        expected.push_back(pos);
    EXPECT_EQ(got, expected);
}

TEST_F(Stream, TellsWhoWasAwayTooLongToLoadAnewAndGoesOnFromThere)
{
    follow(small);
    happen(events(30));
    auto late = subscribe(2);
    const auto told = next(late);
    EXPECT_TRUE(told.reload);
    EXPECT_THAT(told.frames, IsEmpty());
    EXPECT_EQ(told.up_to, 30);
    happen(events(1));
    EXPECT_THAT(positions(next(late)), ElementsAre(31));
}

TEST_F(Stream, ASlowReaderHoldsNothingAndGetsOneReload)
{
    follow(small);
    auto slow = subscribe();
    auto quick = subscribe();
    EXPECT_THAT(next(slow, 0s).frames, IsEmpty());
    std::size_t got = 0;
    for (int i = 0; i < 25; ++i) {
        happen(events(2));
        got += next(quick).frames.size();
    }
    EXPECT_EQ(got, 50u);
    EXPECT_TRUE(next(slow).reload);
    const auto then = next(slow, 0s);
    EXPECT_FALSE(then.reload);
    EXPECT_THAT(then.frames, IsEmpty());
    EXPECT_EQ(then.up_to, 50);
}

TEST_F(Stream, APlaceThatAnotherNodeIsAheadWithIsWaitedForAndOneThatIsInNoDatabaseReloads)
{
    follow({.poll = 1h});
    // It looks once at the start and once more when it listens; from then on only when it is told to.
    until(
        [&]() { return metrics.text().contains("huiyin_pg_statement_seconds_count{statement=\"journal.frames\"} 2"); });
    commit(events(3));
    sequence();
    auto ahead = subscribe(2); // this follower has not looked yet
    EXPECT_THAT(next(ahead, 0s).frames, IsEmpty());
    auto impossible = subscribe(99);
    EXPECT_TRUE(next(impossible, 0s).reload);
    sql("NOTIFY huiyin_journal_positioned");
    EXPECT_THAT(positions(next(ahead)), ElementsAre(3));
}

TEST_F(Stream, WakesUpOnAHint)
{
    follow({.poll = 1h});
    auto live = subscribe();
    EXPECT_THAT(next(live, 0s).frames, IsEmpty());
    commit(events(1));
    sequence();
    sql("NOTIFY huiyin_journal_positioned");
    EXPECT_THAT(positions(next(live)), ElementsAre(1));
}

TEST_F(Stream, RefusesMoreSubscribersThanItMayHave)
{
    follow(small);
    {
        const auto a = subscribe(), b = subscribe(), c = subscribe();
        const auto refused = feed().subscribe(domain::actor::system(), {});
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().code, errc::overloaded);
        EXPECT_EQ(metric("huiyin_stream_subscribers"), 3);
    }
    EXPECT_EQ(metric("huiyin_stream_subscribers"), 0);
    EXPECT_TRUE(feed().subscribe(domain::actor::system(), {}));
}

TEST_F(Stream, OfAUserWhoseRightsHaveChangedEndsWithReload)
{
    follow();
    const auto changed = user_with({domain::role::agent});
    auto his = subscribe({}, changed);
    auto other = subscribe({}, user_with({domain::role::agent}));
    std::optional<frame_batch> got;
    start(his.next(test::patience), [&](result<frame_batch> batch) { got = std::move(batch).value(); });
    until_time_has_passed(20ms);
    EXPECT_EQ(feed().end_streams_of(changed.id), 1u);
    until([&]() { return got.has_value(); });
    EXPECT_TRUE(got->reload);
    const auto after = run(his.next(test::patience));
    ASSERT_FALSE(after);
    EXPECT_EQ(after.error().code, errc::cancelled);
    happen(events(1));
    EXPECT_THAT(positions(next(other)), ElementsAre(1));
    EXPECT_EQ(feed().end_streams_of(changed.id), 0u);
}

TEST_F(Stream, EndsForAllWhenTheFollowerStops)
{
    follow();
    auto live = subscribe();
    std::optional<errc> ended;
    start(live.next(test::patience),
          [&](result<frame_batch> batch) { ended = batch ? errc::internal : batch.error().code; });
    until_time_has_passed(20ms);
    stop_all();
    until([&]() { return ended.has_value(); });
    EXPECT_EQ(ended, errc::shutting_down);
    EXPECT_FALSE(feed().subscribe(domain::actor::system(), {}));
}

/// Reads until position `last`, with pauses; the positions in the order they came.
task<std::vector<std::int64_t>> read_up_to(subscription from, std::int64_t last, unsigned seed)
{
    std::mt19937 random(seed);
    std::vector<std::int64_t> all;
    for (std::int64_t at = 0; at < last;) {
        auto batch = co_await from.next(10s);
        if (!batch) throw std::runtime_error(batch.error().detail);
        if (batch->reload) throw std::runtime_error("reload");
        for (const auto& each : batch->frames)
            all.push_back(each->pos);
        at = batch->up_to;
        if (random() % 4 == 0) co_await pause_for(std::chrono::milliseconds(random() % 10));
    }
    co_return all;
}

task<int> write_many(pg::database& db, int transactions)
{
    for (int i = 0; i < transactions; ++i) {
        auto tx = co_await db.begin();
        pg::batch batch;
        append(batch, events(10));
        if (!tx || !co_await tx->commit(std::move(batch))) throw std::runtime_error("not written");
    }
    co_return 0;
}

TEST_F(Stream, KeepsTheOrderForEveryReaderUnderLoad)
{
    sql("DELETE FROM duty_lease");
    start_sequencer(group(), on(), app_settings(), metrics);
    // A ring so small that readers go back to the database now and then.
    follow({.ring = 64, .resume_limit = 100'000, .batch = 50, .subscribers = 100, .poll = 5ms});
    constexpr std::int64_t total = 4 * 100 * 10;
    std::vector<std::vector<std::int64_t>> got;
    for (unsigned i = 0; i < 20; ++i)
        start(read_up_to(subscribe(0), total, i),
              [&](std::vector<std::int64_t> all) { got.push_back(std::move(all)); });
    int writing = 4;
    for (int i = 0; i < 4; ++i)
        start(write_many(db(), 100), [&](int) { --writing; });
    until([&]() { return got.size() == 20; });
    std::vector<std::int64_t> expected;
    for (std::int64_t pos = 1; pos <= total; ++pos)
        expected.push_back(pos);
    for (const auto& each : got)
        EXPECT_EQ(each, expected);
    stop_all();
}

} // namespace
} // namespace huiyin::journal
