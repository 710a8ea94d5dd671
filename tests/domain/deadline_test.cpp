#include "calendar_fixture.hpp"

#include <huiyin/domain/deadline.hpp>

#include <gmock/gmock.h>

namespace huiyin::domain {
namespace {

using namespace std::chrono;
using namespace testing;
using ::testing::ElementsAre;
using ::testing::Pair;

/// Deadlines on the office calendar; times are written as its wall shows them.
class Deadline : public ::testing::Test
{
protected:
    instant when(const std::string& text) const { return at(cal, text); }
    std::string due(const deadline& d) const { return shown(cal, d.due_at); }
    deadline begin(std::string_view goal, const std::string& start, deadline_kind kind = deadline_kind::resolve) const
    {
        return start_deadline(kind, 0, parse_target(goal).value(), cal, 7, when(start));
    }
    /// What a scanner that looks at every step's own instant would see, up to `until`.
    std::vector<std::pair<ladder_step, std::string>> steps(deadline& d, const std::string& until) const
    {
        std::vector<std::pair<ladder_step, std::string>> taken;
        while (d.next_step_at && *d.next_step_at <= when(until)) {
            const auto moment = *d.next_step_at;
            taken.emplace_back(take_step(d, cal, moment).value(), shown(cal, moment));
        }
        return taken;
    }

    const calendar cal = office();
};

TEST_F(Deadline, BeginsWithItsTargetAndPolicy)
{
    const auto d = begin("5wd", "2026-02-13 17:00");
    EXPECT_EQ(d.state, deadline_state::running);
    EXPECT_EQ(d.calendar, "office");
    EXPECT_EQ(d.policy_version, 7);
    EXPECT_EQ(due(d), "2026-02-27 23:59:59");
    EXPECT_EQ(d.original_due_at, d.due_at);
    EXPECT_FALSE(d.breached);
}

TEST_F(Deadline, ClimbsTheLadderOfWorkingDays)
{
    // Workdays after Friday 13 February: Sat 14 (make-up), Tue 24, Wed 25, Thu 26, Fri 27, Sat 28 (make-up), Mon 2
    // March …
    auto five = begin("5wd", "2026-02-13 17:00");
    EXPECT_THAT(steps(five, "2026-03-10 12:00"), ElementsAre(Pair(ladder_step::half, "2026-02-25 23:59:59"),
                                                             Pair(ladder_step::warning, "2026-02-26 23:59:59"),
                                                             Pair(ladder_step::breach, "2026-02-27 23:59:59"),
                                                             Pair(ladder_step::plus_1wd, "2026-02-28 23:59:59"),
                                                             Pair(ladder_step::plus_5wd, "2026-03-05 23:59:59"),
                                                             Pair(ladder_step::daily_repeat, "2026-03-06 23:59:59"),
                                                             Pair(ladder_step::daily_repeat, "2026-03-09 23:59:59")));
    EXPECT_TRUE(five.breached);
    EXPECT_EQ(five.state, deadline_state::running);
}

TEST_F(Deadline, WarnsAtEightyPerCentOrOneWorkingDayLeftWhicheverIsFirst)
{
    const auto warned_at = [&](std::string_view goal) {
        auto d = begin(goal, "2026-03-02 10:00"); // a Monday
        for (const auto& [step, moment] : steps(d, "2026-04-01 00:00"))
            if (step == ladder_step::warning) return moment;
        return std::string();
    };
    EXPECT_EQ(warned_at("1wd"), "2026-03-03 23:59:59");  // there is no day before
    EXPECT_EQ(warned_at("2wd"), "2026-03-03 23:59:59");  // one left
    EXPECT_EQ(warned_at("3wd"), "2026-03-04 23:59:59");  // one left
    EXPECT_EQ(warned_at("10wd"), "2026-03-12 23:59:59"); // the eighth
}

TEST_F(Deadline, ClimbsTheLadderOfHours)
{
    auto d = begin("10h", "2026-03-06 12:00"); // a Friday
    EXPECT_THAT(steps(d, "2026-03-17 00:00"), ElementsAre(Pair(ladder_step::half, "2026-03-06 17:00:00"),
                                                          Pair(ladder_step::warning, "2026-03-06 20:00:00"),
                                                          Pair(ladder_step::breach, "2026-03-06 22:00:00"),
                                                          Pair(ladder_step::plus_1wd, "2026-03-09 23:59:59"),
                                                          Pair(ladder_step::plus_5wd, "2026-03-13 23:59:59"),
                                                          Pair(ladder_step::daily_repeat, "2026-03-16 23:59:59")));
    auto open = begin("10bh", "2026-03-06 12:00");
    EXPECT_THAT(steps(open, "2026-03-10 00:00"), ElementsAre(Pair(ladder_step::half, "2026-03-06 18:00:00"),
                                                             Pair(ladder_step::warning, "2026-03-09 12:00:00"),
                                                             Pair(ladder_step::breach, "2026-03-09 15:00:00")));
}

TEST_F(Deadline, LateStepsComeAtOnceEachOnceAndOfTheRepeatsOnlyOne)
{
    auto d = begin("1h", "2026-03-02 10:00");
    const auto now = when("2026-06-01 10:00");
    std::vector<ladder_step> taken;
    while (const auto step = take_step(d, cal, now))
        taken.push_back(*step);
    EXPECT_THAT(taken, ElementsAre(ladder_step::half, ladder_step::warning, ladder_step::breach, ladder_step::plus_1wd,
                                   ladder_step::plus_5wd, ladder_step::daily_repeat));
    EXPECT_EQ(shown(cal, *d.next_step_at), "2026-06-01 23:59:59");
}

TEST_F(Deadline, NoStepComesBeforeItsTime)
{
    auto d = begin("2h", "2026-03-02 10:00");
    EXPECT_EQ(take_step(d, cal, when("2026-03-02 10:59:59")), std::nullopt);
    EXPECT_EQ(take_step(d, cal, when("2026-03-02 11:00")), ladder_step::half);
    EXPECT_EQ(take_step(d, cal, when("2026-03-02 11:00")), std::nullopt);
}

TEST_F(Deadline, AWindowHasOneStepAndIsNeverBreached)
{
    auto d = begin("4bh", "2026-03-02 10:00", deadline_kind::return_window);
    EXPECT_THAT(steps(d, "2026-04-01 00:00"), ElementsAre(Pair(ladder_step::breach, "2026-03-02 15:00:00")));
    EXPECT_FALSE(d.breached);
    stop(d, when("2026-03-03 10:00"));
    EXPECT_EQ(d.state, deadline_state::met);
}

TEST_F(Deadline, IsMetUpToTheDueInstantAndMissedAfterIt)
{
    auto in_time = begin("2bh", "2026-03-02 16:00"), late = in_time, gone = in_time;
    stop(in_time, when("2026-03-02 18:00"));
    EXPECT_EQ(in_time.state, deadline_state::met);
    EXPECT_FALSE(in_time.breached);
    EXPECT_EQ(in_time.next_step_at, std::nullopt);
    stop(late, when("2026-03-02 18:00") + microseconds(1));
    EXPECT_EQ(late.state, deadline_state::missed);
    EXPECT_TRUE(late.breached);
    cancel(gone, when("2026-03-03 18:00"));
    EXPECT_EQ(gone.state, deadline_state::cancelled);
    EXPECT_FALSE(gone.breached);

    const auto before = in_time;
    stop(in_time, when("2026-03-05 18:00"));
    cancel(in_time, when("2026-03-05 18:00"));
    pause(in_time, cal, when("2026-03-05 18:00"));
    resume(in_time, cal, when("2026-03-05 18:00"));
    move_due(in_time, cal, when("2026-03-09 18:00"), when("2026-03-05 18:00"));
    EXPECT_EQ(in_time, before);
}

TEST_F(Deadline, APausedOneIsMeasuredByWhenItWasPaused)
{
    auto d = begin("2bh", "2026-03-02 16:00");
    pause(d, cal, when("2026-03-02 17:00"));
    EXPECT_FALSE(is_overdue(d, when("2026-03-20 10:00")));
    stop(d, when("2026-03-20 10:00"));
    EXPECT_EQ(d.state, deadline_state::met);
    EXPECT_EQ(used_until(d, cal, when("2026-03-21 10:00")).time, hours(1));
}

TEST_F(Deadline, APauseOverCountedDayEndsMovesDueByAsManyWorkdays)
{
    struct row
    {
        std::string from, to, due;
    };
    const row rows[] = {
        {"2026-03-03 10:00", "2026-03-03 15:00", "2026-03-05 23:59:59"}, // no day-end
        {"2026-03-03 10:00", "2026-03-04 10:00", "2026-03-06 23:59:59"}, // Tuesday's
        {"2026-03-03 10:00", "2026-03-05 10:00", "2026-03-09 23:59:59"}, // two; Friday's next workday is Monday
        {"2026-03-02 10:00", "2026-03-02 23:00", "2026-03-05 23:59:59"}, // the start's day
        {"2026-03-02 12:00", "2026-03-03 10:00", "2026-03-05 23:59:59"}, // its end would not have counted
        {"2026-03-05 10:00", "2026-03-09 10:00", "2026-03-09 23:59:59"}, // Thursday's and Friday's
        {"2026-03-05 10:00", "2026-03-08 10:00", "2026-03-09 23:59:59"}, // a Sunday
    };
    for (const auto& [from, to, expected] : rows) {
        auto d = begin("3wd", "2026-03-02 10:00"); // Monday, due Thursday
        pause(d, cal, when(from));
        EXPECT_EQ(d.next_step_at, std::nullopt);
        EXPECT_EQ(take_step(d, cal, when("2026-12-01 00:00")), std::nullopt);
        resume(d, cal, when(to));
        EXPECT_EQ(due(d), expected) << from << " to " << to;
        EXPECT_EQ(shown(cal, d.original_due_at), "2026-03-05 23:59:59");
    }
}

TEST_F(Deadline, APauseMovesDueByTheTimeItsOwnClockWouldHaveUsed)
{
    auto open = begin("4bh", "2026-03-02 16:00"), clock = begin("4h", "2026-03-02 16:00");
    for (auto* d : {&open, &clock}) {
        pause(*d, cal, when("2026-03-02 17:00"));
        resume(*d, cal, when("2026-03-03 10:00"));
    }
    EXPECT_EQ(due(open), "2026-03-03 14:00:00"); // three open hours left
    EXPECT_EQ(due(clock), "2026-03-03 13:00:00");
    EXPECT_EQ(used_until(open, cal, when("2026-03-03 11:00")).time, hours(2));
    EXPECT_EQ(left_from(open, cal, when("2026-03-03 11:00")).time, hours(2));

    auto night = begin("4bh", "2026-03-02 16:00");
    pause(night, cal, when("2026-03-02 18:30"));
    resume(night, cal, when("2026-03-03 08:30"));
    EXPECT_EQ(due(night), "2026-03-03 11:00:00");
}

TEST_F(Deadline, AnOverdueOneThatIsPausedKeepsItsDueAndItsLadderWaits)
{
    auto d = begin("1h", "2026-03-02 10:00"); // Monday
    EXPECT_EQ(steps(d, "2026-03-02 12:00").size(), 3u);
    pause(d, cal, when("2026-03-03 10:00"));
    resume(d, cal, when("2026-03-05 10:00"));
    EXPECT_EQ(due(d), "2026-03-02 11:00:00");
    EXPECT_THAT(steps(d, "2026-03-12 00:00"), ElementsAre(Pair(ladder_step::plus_1wd, "2026-03-05 23:59:59"),
                                                          Pair(ladder_step::plus_5wd, "2026-03-11 23:59:59")));
}

TEST_F(Deadline, AnAgreedDateReplacesTheDueAndArmsWarningAndBreachAgain)
{
    auto d = begin("3wd", "2026-03-02 10:00");
    EXPECT_EQ(steps(d, "2026-03-06 10:00").size(), 3u); // half, warning, breach
    move_due(d, cal, when("2026-03-20 12:00"), when("2026-03-06 10:00"));
    EXPECT_EQ(due(d), "2026-03-20 12:00:00");
    EXPECT_EQ(shown(cal, d.original_due_at), "2026-03-05 23:59:59");
    EXPECT_TRUE(d.breached);
    EXPECT_FALSE(is_overdue(d, when("2026-03-20 12:00")));
    // 3 days used, 11 left: the twelfth of 14 is Wednesday the 18th.
    EXPECT_THAT(steps(d, "2026-03-23 00:00"), ElementsAre(Pair(ladder_step::warning, "2026-03-18 23:59:59"),
                                                          Pair(ladder_step::breach, "2026-03-20 12:00:00")));
    EXPECT_EQ(shown(cal, *d.next_step_at), "2026-03-23 23:59:59");
}

TEST_F(Deadline, AnAgreedHourIsKeptThroughAPause)
{
    auto d = begin("3wd", "2026-03-02 10:00");
    move_due(d, cal, when("2026-03-12 12:00"), when("2026-03-03 10:00"));
    pause(d, cal, when("2026-03-04 10:00"));
    resume(d, cal, when("2026-03-05 10:00"));
    EXPECT_EQ(due(d), "2026-03-13 12:00:00");

    auto sunday = begin("3wd", "2026-03-02 10:00");
    move_due(sunday, cal, when("2026-03-08 12:00"), when("2026-03-03 10:00"));
    pause(sunday, cal, when("2026-03-07 10:00"));
    resume(sunday, cal, when("2026-03-09 10:00"));
    EXPECT_EQ(due(sunday), "2026-03-10 12:00:00"); // no workday of its own was left: by clock time
}

TEST_F(Deadline, APromiseIsDueWhenItWasPromised)
{
    auto d =
        start_deadline_at(deadline_kind::promise_due, 0, when("2026-03-12 12:00"), cal, 1, when("2026-03-02 12:00"));
    EXPECT_EQ(due(d), "2026-03-12 12:00:00");
    EXPECT_THAT(steps(d, "2026-03-13 00:00"), ElementsAre(Pair(ladder_step::half, "2026-03-07 12:00:00"),
                                                          Pair(ladder_step::warning, "2026-03-10 12:00:00"),
                                                          Pair(ladder_step::breach, "2026-03-12 12:00:00")));
}

TEST_F(Deadline, AReworkGetsHalfInTheSameUnit)
{
    struct row
    {
        std::string_view goal, half;
    };
    const row rows[] = {{"10m", "5m"},  {"5m", "3m"},   {"2h", "1h"},   {"1h", "30m"},   {"3h", "90m"},
                        {"1d", "12h"},  {"2d", "1d"},   {"4bh", "2bh"}, {"1bh", "30bm"}, {"3wd", "2wd"},
                        {"2wd", "1wd"}, {"1wd", "1wd"}, {"5wd", "3wd"}};
    for (const auto& [goal, half] : rows)
        EXPECT_EQ(to_string(rework_target(begin(goal, "2026-03-02 10:00"))), half) << goal;
}

TEST_F(Deadline, AReworkOfFixedTimesGetsHalfOfWhatTheFirstRoundGot)
{
    const auto rule = "12:00>0@18:00,24:00>1@12:00";
    auto morning = begin(rule, "2026-03-02 10:00");
    EXPECT_EQ(to_string(rework_target(morning)), "240m"); // 8 h until 18:00
    EXPECT_EQ(to_string(rework_target(begin(rule, "2026-03-02 14:00"))), "660m");
    move_due(morning, cal, when("2026-03-20 12:00"), when("2026-03-02 12:00"));
    EXPECT_EQ(to_string(rework_target(morning)), "240m");
}

TEST_F(Deadline, ACalendarLoadedLateKeepsTheTimeUsedAndRecountsTheRest)
{
    const calendar without("office", "Asia/Shanghai", office_week(), {{2025, chinese_years()[2025]}});
    const auto begin_without = [&](std::string_view goal, const std::string& start) {
        return start_deadline(deadline_kind::resolve, 0, parse_target(goal).value(), without, 1, when(start));
    };
    auto day = begin_without("5wd", "2026-02-12 10:00"); // Thursday
    EXPECT_EQ(due(day), "2026-02-19 23:59:59");
    EXPECT_TRUE(due_is_provisional(day, without));
    recount(day, without, cal, when("2026-02-14 10:00")); // Friday is used; Saturday is a make-up day
    EXPECT_EQ(due(day), "2026-02-26 23:59:59");
    EXPECT_FALSE(due_is_provisional(day, cal));
    EXPECT_EQ(day.used_days, 1);
    EXPECT_EQ(shown(cal, day.original_due_at), "2026-02-19 23:59:59");

    auto open = begin_without("20bh", "2026-02-13 16:00"); // Friday: 2 h, then Monday and Tuesday, 2 h of Wednesday
    EXPECT_EQ(due(open), "2026-02-18 11:00:00");
    recount(open, without, cal, when("2026-02-16 13:00")); // 5 h used, 3 of them on what proves to be a holiday
    EXPECT_EQ(open.used, hours(5));
    EXPECT_EQ(due(open), "2026-02-25 17:00:00");

    auto fixed = begin_without("12:00>0@18:00,24:00>1@12:00", "2026-02-14 15:00"); // Saturday, taken as Monday
    EXPECT_EQ(due(fixed), "2026-02-16 18:00:00");
    recount(fixed, without, cal, when("2026-02-14 16:00"));
    EXPECT_EQ(due(fixed), "2026-02-24 12:00:00");
}

TEST_F(Deadline, ACalendarLoadMovesNeitherAPassedNorAnAgreedNorAClockDue)
{
    const calendar without("office", "Asia/Shanghai", office_week());
    auto passed =
        start_deadline(deadline_kind::resolve, 0, parse_target("1wd").value(), without, 1, when("2026-02-13 10:00"));
    auto agreed = passed;
    auto clock =
        start_deadline(deadline_kind::accept, 0, parse_target("5d").value(), without, 1, when("2026-02-13 10:00"));
    move_due(agreed, without, when("2026-02-19 12:00"), when("2026-02-13 11:00"));
    EXPECT_FALSE(due_is_provisional(agreed, calendar("office", "Asia/Shanghai", office_week(), {}, {}, true)));
    const auto passed_due = passed.due_at, clock_due = clock.due_at;
    recount(passed, without, cal, passed_due + hours(1));
    recount(agreed, without, cal, when("2026-02-13 12:00"));
    recount(clock, without, cal, when("2026-02-13 12:00"));
    EXPECT_EQ(passed.due_at, passed_due);
    EXPECT_EQ(due(agreed), "2026-02-19 12:00:00");
    EXPECT_EQ(clock.due_at, clock_due);
}

TEST_F(Deadline, ACalendarLoadDuringAPauseCountsFromThePause)
{
    const calendar without("office", "Asia/Shanghai", office_week());
    auto d =
        start_deadline(deadline_kind::resolve, 0, parse_target("3wd").value(), without, 1, when("2026-02-12 10:00"));
    pause(d, without, when("2026-02-13 10:00"));
    recount(d, without, cal, when("2026-02-13 15:00"));
    EXPECT_EQ(due(d), "2026-02-24 23:59:59"); // Friday, Saturday, Tuesday
    resume(d, cal, when("2026-02-14 10:00"));
    EXPECT_EQ(due(d), "2026-02-25 23:59:59");
}

TEST_F(Deadline, AnotherTargetKeepsTheTimeUsedAndGivesTheRestOfTheNewOne)
{
    const auto retargeted = [&](deadline d, std::string_view goal, const std::string& now) {
        retarget(d, parse_target(goal).value(), cal, cal, 8, when(now));
        return d;
    };
    // Monday, 2 March; the day-end of Tuesday is used on Wednesday morning.
    const auto three = begin("3wd", "2026-03-02 09:00");
    const auto five = retargeted(three, "5wd", "2026-03-04 10:00");
    EXPECT_EQ(due(five), "2026-03-09 23:59:59");
    EXPECT_EQ(five.used_days, 1);
    EXPECT_EQ(to_string(five.goal), "5wd");
    EXPECT_EQ(five.policy_version, 8);
    EXPECT_EQ(five.original_due_at, three.due_at);
    EXPECT_EQ(due(retargeted(three, "2wd", "2026-03-04 10:00")), "2026-03-04 23:59:59");
    EXPECT_EQ(due(retargeted(three, "1wd", "2026-03-04 10:00")), "2026-03-04 23:59:59")
        << "used up: due today, not yesterday";

    const auto four = begin("4bh", "2026-03-02 10:00");
    EXPECT_EQ(due(retargeted(four, "6bh", "2026-03-02 11:00")), "2026-03-02 17:00:00");
    EXPECT_EQ(due(retargeted(four, "1bh", "2026-03-02 11:30")), "2026-03-02 11:30:00") << "used up: due now";
    EXPECT_EQ(due(retargeted(begin("2h", "2026-03-02 10:00"), "1d", "2026-03-02 11:00")), "2026-03-03 10:00:00");
}

TEST_F(Deadline, ATargetOfAnotherUnitCountsInItsWayWhatWasRunAlready)
{
    auto d = begin("4bh", "2026-03-02 10:00");
    pause(d, cal, when("2026-03-02 11:00"));
    resume(d, cal, when("2026-03-02 14:00"));
    // One hour before the pause and one after it.
    retarget(d, parse_target("10h").value(), cal, cal, 8, when("2026-03-02 15:00"));
    EXPECT_EQ(d.used, hours(2));
    EXPECT_EQ(due(d), "2026-03-02 23:00:00");
    EXPECT_EQ(used_until(d, cal, when("2026-03-02 16:00")).time, hours(3));
    retarget(d, parse_target("2wd").value(), cal, cal, 9, when("2026-03-02 16:00"));
    EXPECT_EQ(d.used_days, 0);
    EXPECT_EQ(d.used, hours(0));
    EXPECT_EQ(due(d), "2026-03-04 23:59:59");
    retarget(d, parse_target("12:00>0@18:00,24:00>1@12:00").value(), cal, cal, 10, when("2026-03-02 16:00"));
    EXPECT_EQ(due(d), "2026-03-02 21:00:00") << "begun before noon: 18:00, and three hours of pause";
}

TEST_F(Deadline, AnotherTargetDuringAPauseCountsFromThePause)
{
    auto d = begin("3wd", "2026-03-02 09:00");
    pause(d, cal, when("2026-03-04 10:00"));
    retarget(d, parse_target("4wd").value(), cal, cal, 8, when("2026-03-06 10:00"));
    EXPECT_EQ(due(d), "2026-03-06 23:59:59") << "as if resumed at once";
    resume(d, cal, when("2026-03-06 10:00"));
    EXPECT_EQ(due(d), "2026-03-10 23:59:59") << "Wednesday's and Thursday's ends were paused";
}

TEST_F(Deadline, AnotherTargetMovesNeitherAPassedNorAnAgreedDue)
{
    auto passed = begin("1wd", "2026-03-02 09:00");
    auto agreed = begin("3wd", "2026-03-02 09:00");
    move_due(agreed, cal, when("2026-03-10 12:00"), when("2026-03-03 12:00"));
    auto ended = begin("3wd", "2026-03-02 09:00");
    stop(ended, when("2026-03-03 10:00"));
    for (auto* const each : {&passed, &agreed, &ended}) {
        const auto before = *each;
        retarget(*each, parse_target("9wd").value(), cal, cal, 8, when("2026-03-04 10:00"));
        EXPECT_EQ(*each, before);
    }
}

TEST_F(Deadline, AfterALongerTargetTheWarningComesAgainButNotTheHalf)
{
    auto d = begin("5wd", "2026-03-02 09:00");
    EXPECT_THAT(steps(d, "2026-03-07 09:00"), ElementsAre(Pair(ladder_step::half, "2026-03-05 23:59:59"),
                                                          Pair(ladder_step::warning, "2026-03-06 23:59:59")));
    retarget(d, parse_target("10wd").value(), cal, cal, 8, when("2026-03-07 10:00"));
    EXPECT_THAT(steps(d, "2026-03-17 09:00"), ElementsAre(Pair(ladder_step::warning, "2026-03-12 23:59:59"),
                                                          Pair(ladder_step::breach, "2026-03-16 23:59:59")));
}

TEST_F(Deadline, TimeNeverGoesBack)
{
    auto d = begin("4bh", "2026-03-02 10:00");
    pause(d, cal, when("2026-03-02 11:00"));
    resume(d, cal, when("2026-03-02 10:30"));
    EXPECT_EQ(due(d), "2026-03-02 15:00:00");
    pause(d, cal, when("2026-03-02 09:00"));
    EXPECT_EQ(d.paused_at, when("2026-03-02 11:00"));
    EXPECT_EQ(d.used, hours(1));
}

TEST_F(Deadline, ExplainsEveryStretchAndWhyItCounted)
{
    auto d = begin("6bh", "2026-02-14 16:00");
    pause(d, cal, when("2026-02-14 17:00"));
    resume(d, cal, when("2026-02-14 17:30"));
    std::vector<std::pair<std::string, std::string>> lines;
    for (const auto& s : explain(d, cal, when("2026-02-24 10:00")))
        lines.emplace_back(s.why, shown(cal, s.from).substr(11, 5) + ' ' +
                                      std::to_string(duration_cast<minutes>(s.counted).count()));
    EXPECT_THAT(lines, ElementsAre(Pair("open hours (make-up day)", "16:00 60"), Pair("paused", "17:00 0"),
                                   Pair("open hours (make-up day)", "17:30 30"),
                                   Pair("closed (make-up day)", "18:00 0"), Pair("closed (holiday)", "00:00 0"),
                                   Pair("closed (weekly)", "00:00 0"), Pair("open hours (weekly)", "09:00 60")));
}

TEST_F(Deadline, ExplainsWhichDayEndsCounted)
{
    auto d = begin("3wd", "2026-02-13 16:00");
    pause(d, cal, when("2026-02-24 10:00"));
    resume(d, cal, when("2026-02-25 10:00"));
    std::vector<std::pair<std::string, std::int64_t>> lines;
    for (const auto& s : explain(d, cal, when("2026-02-26 10:00")))
        lines.emplace_back(s.why, s.counted_days);
    EXPECT_THAT(lines,
                ElementsAre(Pair("the start's day does not count", 0), Pair("workday (make-up day) counts", 1),
                            Pair("not a workday (holiday)", 0), Pair("workday (weekly), did not run at its end", 0),
                            Pair("paused", 0), Pair("workday (weekly) counts", 1),
                            Pair("workday (weekly), did not run at its end", 0)));
}

TEST_F(Deadline, ExplainsWhatAnEarlierCalendarCountedAsOneStretch)
{
    const calendar without("office", "Asia/Shanghai", office_week());
    auto d =
        start_deadline(deadline_kind::resolve, 0, parse_target("20bh").value(), without, 1, when("2026-02-13 16:00"));
    recount(d, without, cal, when("2026-02-16 13:00"));
    const auto lines = explain(d, cal, when("2026-02-24 10:00"));
    ASSERT_FALSE(lines.empty());
    EXPECT_EQ(lines.front().why, "as counted then, by the calendar of that time");
    EXPECT_EQ(lines.front().counted, hours(5));
}

TEST_F(Deadline, AnEndedOneExplainsNothingAfterItsEnd)
{
    auto d = begin("2h", "2026-03-02 10:00");
    stop(d, when("2026-03-02 11:00"));
    const auto lines = explain(d, cal, when("2026-04-02 10:00"));
    ASSERT_EQ(lines.size(), 1u);
    EXPECT_EQ(lines.front().to, when("2026-03-02 11:00"));
    EXPECT_EQ(used_until(d, cal, when("2026-04-02 10:00")).time, hours(1));
}

TEST(DeadlineNames, ReadBackAsTheSame)
{
    for (std::size_t i = 0; i < deadline_kind_count; ++i) {
        const auto k = static_cast<deadline_kind>(i);
        EXPECT_EQ(parse_deadline_kind(to_string(k)), k);
    }
    for (const auto s : {deadline_state::running, deadline_state::paused, deadline_state::met, deadline_state::missed,
                         deadline_state::cancelled})
        EXPECT_EQ(parse_deadline_state(to_string(s)), s);
    EXPECT_EQ(parse_deadline_kind("lunch"), std::nullopt);
    EXPECT_EQ(parse_deadline_state(""), std::nullopt);
}

} // namespace
} // namespace huiyin::domain
