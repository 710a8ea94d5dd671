#include <huiyin/ticket/counted.hpp>

#include <gmock/gmock.h>

#include <set>

namespace huiyin::ticket {
namespace {

using namespace std::chrono_literals;
using domain::deadline_kind;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr auto days = [](int n) { return std::chrono::days(n); };

/// On the wall of Shanghai, where no clock is ever put forward: day and hour of March 2026.
instant march(int day, std::chrono::minutes hour)
{
    return std::chrono::sys_days(std::chrono::year(2026) / 3 / 1) + days(day - 1) + hour - 8h;
}

std::chrono::local_days on(int day)
{
    return std::chrono::local_days(std::chrono::year(2026) / 3 / 1) + days(day - 1);
}

/// Open from nine to five, Monday to Friday; Tuesday, 3 March, is a holiday, and Saturday, 7 March, is worked.
configuration rules()
{
    pack made;
    pack_calendar office{
        .name = "office", .time_zone = "Asia/Shanghai", .weekly = {}, .makeup_hours = {}, .holidays = "cn"};
    for (std::size_t i = 0; i < 5; ++i)
        office.weekly[i] = {{9h, 17h}};
    made.calendars = {office};
    made.default_calendar = "office";
    domain::calendar_year year;
    year.off = {on(3)};
    year.work = {on(7)};
    return {1, std::move(made), {{"cn", {{2026, year}}}}, {}};
}

domain::ticket with_clock(const configuration& by, std::string_view target, instant from)
{
    domain::ticket t;
    t.status = domain::ticket_status::investigating;
    t.reported_at = t.created_at = from;
    t.deadlines.push_back(domain::start_deadline(deadline_kind::resolve, 0, domain::parse_target(target).value(),
                                                 *by.find_calendar("office"), 1, from));
    return t;
}

std::vector<std::pair<std::string, std::string>> said(const counted_clock& one)
{
    std::vector<std::pair<std::string, std::string>> all;
    for (const auto& each : one.segments)
        all.emplace_back(each.why, each.day);
    return all;
}

TEST(CountedClocks, SayOfOpenHoursWhatCountedAndOfWhichKindTheDayIs)
{
    const auto by = rules();
    const auto t = with_clock(by, "24bh", march(2, 16h));
    const auto clocks = counted_clocks(t, by, march(7, 10h));
    ASSERT_THAT(clocks, SizeIs(1));
    EXPECT_EQ(clocks[0].calendar->name(), "office");
    const std::pair<std::string, std::string> weekly_open{"open_hours", "weekly"}, weekly_closed{"closed", "weekly"};
    EXPECT_THAT(said(clocks[0]),
                ElementsAre(weekly_open, weekly_closed, std::pair("closed", "holiday"), weekly_closed, weekly_open,
                            weekly_closed, weekly_open, weekly_closed, weekly_open, weekly_closed,
                            std::pair("closed", "make_up_day"), std::pair("open_hours", "make_up_day")));
    EXPECT_EQ(clocks[0].used.time, 26h) << "one hour on Monday, three days of eight, one hour on Saturday";
    EXPECT_EQ(clocks[0].left.time, 0h);
}

TEST(CountedClocks, SayOfWorkingDaysWhichEndedWhileTheClockRan)
{
    const auto by = rules();
    const auto t = with_clock(by, "3wd", march(2, 16h));
    const auto clocks = counted_clocks(t, by, march(8, 12h));
    ASSERT_THAT(clocks, SizeIs(1));
    EXPECT_THAT(said(clocks[0]), ElementsAre(std::pair("start_day", ""), std::pair("no_workday", "holiday"),
                                             std::pair("workday", "weekly"), std::pair("workday", "weekly"),
                                             std::pair("workday", "weekly"), std::pair("workday", "make_up_day"),
                                             std::pair("no_workday", "weekly")));
    EXPECT_EQ(clocks[0].used.days, 4);
    const auto earlier = counted_clocks(t, by, march(4, 12h));
    EXPECT_EQ(earlier[0].segments.back().why, "workday_unfinished");
    EXPECT_EQ(earlier[0].left.days, 3);
}

TEST(CountedClocks, SayOfAPauseWhoseTurnItWasAndWhy)
{
    const auto by = rules();
    auto t = with_clock(by, "10h", march(2, 9h));
    const auto department = department_id::make();
    t.spells = {{domain::holder::department, department, march(2, 9h)},
                {domain::holder::on_hold, department, march(2, 11h)}};
    domain::hold_period hold;
    hold.reason = "appointment";
    hold.state = domain::request_state::granted;
    hold.decided_at = march(2, 11h);
    t.holds = {hold};
    domain::pause(t.deadlines[0], *by.find_calendar("office"), march(2, 11h));
    const auto clocks = counted_clocks(t, by, march(2, 15h));
    ASSERT_THAT(clocks, SizeIs(1));
    ASSERT_THAT(said(clocks[0]), ElementsAre(std::pair("clock_time", ""), std::pair("paused", "")));
    const auto& pause = clocks[0].segments[1];
    EXPECT_EQ(pause.reason, "appointment");
    ASSERT_TRUE(pause.holder);
    EXPECT_EQ(pause.holder->held_by, domain::holder::on_hold);
    EXPECT_EQ(pause.holder->department, department);
    EXPECT_EQ(clocks[0].left.time, 8h);
    EXPECT_FALSE(clocks[0].segments[0].holder);
}

TEST(CountedClocks, TellAYearWhoseHolidaysAreNotKnownAndWhatWasCountedByAnotherCalendar)
{
    const auto by = rules();
    const auto next_year = std::chrono::sys_days(std::chrono::year(2027) / 3 / 1) + 1h;
    auto t = with_clock(by, "8bh", next_year);
    auto clocks = counted_clocks(t, by, next_year + 2h);
    EXPECT_THAT(said(clocks.at(0)), ElementsAre(std::pair("open_hours", "year_not_loaded")));
    EXPECT_TRUE(clocks[0].provisional);

    t = with_clock(by, "8bh", march(2, 9h));
    t.deadlines[0].history = {
        {.from = march(2, 9h), .to = march(2, 12h), .ran = true, .counted = 1h, .counted_days = 0}};
    t.deadlines[0].used = 1h;
    t.deadlines[0].counted_to = march(2, 12h);
    clocks = counted_clocks(t, by, march(2, 13h));
    EXPECT_EQ(clocks.at(0).segments.front().why, "counted_then");
    EXPECT_EQ(clocks[0].used.time, 2h);
}

TEST(CountedClocks, ListAtMostFourHundredSegmentsThatStillAddUp)
{
    const auto by = rules();
    const auto t = with_clock(by, "8bh", march(2, 9h));
    const auto clocks = counted_clocks(t, by, march(2, 9h) + days(900));
    ASSERT_THAT(clocks.at(0).segments, SizeIs(400));
    EXPECT_EQ(clocks[0].segments.front().why, "earlier");
    std::chrono::microseconds sum{0};
    auto end = march(2, 9h);
    for (const auto& each : clocks[0].segments) {
        EXPECT_EQ(each.from, end);
        end = each.to;
        sum += each.counted;
    }
    EXPECT_EQ(sum, clocks[0].used.time);
}

TEST(CountedClocks, AreThoseThatAreOpenAndTheCustomersLastOneOfAClosedMatter)
{
    const auto by = rules();
    auto t = with_clock(by, "8bh", march(2, 9h));
    t.deadlines.push_back(domain::start_deadline(deadline_kind::accept, 0, domain::parse_target("2h").value(),
                                                 *by.find_calendar("office"), 1, march(2, 9h)));
    domain::stop(t.deadlines[1], march(2, 10h));
    EXPECT_THAT(counted_clocks(t, by, march(2, 11h)), SizeIs(1)) << "what was met is over";
    domain::stop(t.deadlines[0], march(2, 11h));
    t.status = domain::ticket_status::closed;
    const auto clocks = counted_clocks(t, by, march(5, 11h));
    ASSERT_THAT(clocks, SizeIs(1));
    EXPECT_EQ(clocks[0].clock.kind, deadline_kind::resolve);
    EXPECT_EQ(clocks[0].segments.back().to, march(2, 11h)) << "nothing counts after the end";

    t.deadlines[0].calendar = "gone";
    EXPECT_THAT(counted_clocks(t, by, march(5, 11h)).at(0).segments, IsEmpty());
}

} // namespace
} // namespace huiyin::ticket
