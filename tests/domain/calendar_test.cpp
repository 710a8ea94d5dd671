#include "calendar_fixture.hpp"

#include <gmock/gmock.h>

namespace huiyin::domain {
namespace {

using namespace std::chrono;
using namespace testing;
using ::testing::ElementsAre;

TEST(Calendar, CountsTheWorkdaysOfEachChineseMonth)
{
    const auto cal = office();
    const std::map<int, std::array<int, 12>> expected{
        {2025, {19, 19, 21, 22, 19, 20, 23, 21, 23, 18, 20, 23}},
        {2026, {21, 16, 22, 21, 19, 21, 23, 21, 22, 18, 21, 23}},
    };
    for (const auto& [number, months] : expected) {
        for (unsigned m = 1; m <= 12; ++m) {
            const auto month_of = year(number) / month(m);
            EXPECT_EQ(cal.workdays(local_day(month_of / 1), local_day(month_of / last)), months[m - 1])
                << number << '-' << m;
        }
        EXPECT_EQ(cal.workdays(local_day(year(number) / 1 / 1), local_day(year(number) / 12 / 31)), 248);
    }
}

TEST(Calendar, SumsBusinessTimeBetweenTwoInstants)
{
    const auto cal = office();
    struct row
    {
        std::string from, to;
        minutes expected;
    };
    const row rows[] = {
        {"2026-02-13 16:00", "2026-02-24 10:00", hours(11)},
        {"2026-09-30 12:30", "2026-10-08 09:30", minutes(330)},
        {"2026-05-08 17:00", "2026-05-09 10:00", hours(2)},
        {"2026-03-02 12:00", "2026-03-02 13:00", minutes(0)},
        {"2026-03-02 10:00", "2026-03-02 10:00", minutes(0)},
        {"2026-03-02 10:00", "2026-03-02 09:00", minutes(0)},
        {"2025-01-01 00:00", "2026-01-01 00:00", hours(248 * 8)},
    };
    for (const auto& [from, to, expected] : rows)
        EXPECT_EQ(cal.business_time(at(cal, from), at(cal, to)), expected) << from << " to " << to;
}

TEST(Calendar, AddsBusinessTimeAndStaysAtTheEndOfASegment)
{
    const auto cal = office();
    struct row
    {
        std::string from;
        minutes amount;
        std::string expected;
    };
    const row rows[] = {
        {"2026-02-14 20:00", hours(2), "2026-02-24 11:00:00"},
        {"2026-09-24 16:30", hours(4), "2026-09-28 11:30:00"},
        {"2026-03-02 16:00", hours(2), "2026-03-02 18:00:00"},
        {"2026-03-02 09:00", hours(3), "2026-03-02 12:00:00"},
        {"2026-03-02 09:00", hours(8), "2026-03-02 18:00:00"},
        {"2026-03-02 18:00", minutes(1), "2026-03-03 09:01:00"},
        {"2026-03-02 12:30", minutes(0), "2026-03-02 12:30:00"},
    };
    for (const auto& [from, amount, expected] : rows)
        EXPECT_EQ(shown(cal, cal.add_business_time(at(cal, from), amount)), expected) << from;
}

TEST(Calendar, AMakeUpDayBeatsAHolidayBeatsTheWeek)
{
    const calendar cal(
        "c", "UTC", office_week(),
        {{2026, {.off = {on("2026-03-02"), on("2026-03-07")}, .work = {on("2026-03-07"), on("2026-03-08")}}}});
    EXPECT_FALSE(cal.is_workday(on("2026-03-02"))); // Monday, off
    EXPECT_TRUE(cal.is_workday(on("2026-03-03")));
    EXPECT_TRUE(cal.is_workday(on("2026-03-07"))); // Saturday, both
    EXPECT_TRUE(cal.is_workday(on("2026-03-08")));
    EXPECT_FALSE(cal.is_workday(on("2026-03-14")));
    EXPECT_EQ(cal.rule_on(on("2026-03-02")), "holiday");
    EXPECT_EQ(cal.rule_on(on("2026-03-08")), "make-up day");
}

TEST(Calendar, AMakeUpDayHasMondaysHoursUnlessItsOwnAreGiven)
{
    const std::map<int, calendar_year> years{{2026, {.off = {}, .work = {on("2026-03-07")}}}};
    auto week = office_week();
    week[5] = {{hours(9), hours(10)}};
    EXPECT_THAT(calendar("c", "UTC", week, years).hours_on(on("2026-03-07")),
                ElementsAre(hours_of_day{hours(9), hours(12)}, hours_of_day{hours(13), hours(18)}));
    EXPECT_THAT(calendar("c", "UTC", week, years, {{hours(10), hours(15)}}).hours_on(on("2026-03-07")),
                ElementsAre(hours_of_day{hours(10), hours(15)}));
}

TEST(Calendar, AYearWithoutDataFallsBackToTheWeekAndSaysSo)
{
    const auto cal = office();
    EXPECT_TRUE(cal.has_year(2025) && cal.has_year(2026));
    EXPECT_FALSE(cal.has_year(2027));
    EXPECT_TRUE(cal.is_workday(on("2027-01-01"))); // a Friday
    EXPECT_EQ(cal.rule_on(on("2027-01-01")), "weekly, year not loaded");
    EXPECT_TRUE(cal.covers(at(cal, "2025-06-01 00:00"), at(cal, "2026-12-31 23:59")));
    EXPECT_FALSE(cal.covers(at(cal, "2026-12-31 23:59"), at(cal, "2027-01-01 00:00")));
    EXPECT_TRUE(calendar::around_the_clock("always", "Asia/Shanghai").has_year(2027));
    EXPECT_FALSE(calendar("c", "UTC", office_week(), {}, {}, true).has_year(2026));
}

TEST(Calendar, NeverClosesWhenItIsOpenAroundTheClock)
{
    const auto cal = calendar::around_the_clock("always", "America/New_York");
    const auto from = at(cal, "2026-01-10 07:30"), to = at(cal, "2026-12-10 07:30");
    EXPECT_EQ(cal.business_time(from, to), to - from);
    EXPECT_EQ(cal.add_business_time(from, hours(5000)), from + hours(5000));
    EXPECT_THAT(cal.open_spans(from, to), ElementsAre(open_span{from, to}));
}

TEST(Calendar, AnHourThatDoesNotExistBeginsAndEndsAtTheChange)
{
    const calendar cal("c", "America/New_York", [] {
        weekly_hours week;
        week[6] = {{minutes(90), minutes(150)}, {minutes(160), hours(4)}};
        return week;
    }());
    // 2026-03-08, a Sunday: 02:00 EST becomes 03:00 EDT.
    const auto change = instant(sys_days(2026y / 3 / 8)) + hours(7);
    EXPECT_EQ(cal.to_instant(on("2026-03-08") + minutes(150)), change);
    EXPECT_THAT(cal.open_spans(change - hours(12), change + hours(12)),
                ElementsAre(open_span{change - minutes(30), change + hours(1)}));
    EXPECT_EQ(cal.business_time(change - hours(12), change + hours(12)), minutes(90));
}

TEST(Calendar, AnHourThatComesTwiceMeansItsFirstPassAndNothingCountsTwice)
{
    const calendar cal("c", "America/New_York", [] {
        weekly_hours week;
        week[6] = {{minutes(0), minutes(90)}, {minutes(100), hours(4)}};
        return week;
    }());
    // 2026-11-01, a Sunday: 02:00 EDT becomes 01:00 EST.
    const auto first_half_past_one = instant(sys_days(2026y / 11 / 1)) + hours(5) + minutes(30);
    EXPECT_EQ(cal.to_instant(on("2026-11-01") + minutes(90)), first_half_past_one);
    EXPECT_EQ(cal.business_time(cal.start_of(on("2026-11-01")), cal.end_of(on("2026-11-01"))), minutes(90 + 140 + 60));
    EXPECT_EQ(cal.end_of(on("2026-11-01")) - cal.start_of(on("2026-11-01")), hours(25));
}

TEST(Calendar, ADayEndsASecondAfterItsLastEvenWhereMidnightIsSkippedOrComesTwice)
{
    const auto cal = calendar::around_the_clock("c", "America/Santiago");
    // Midnight of 2026-09-06 is skipped, 23:00–24:00 of 2026-04-04 comes twice.
    EXPECT_EQ(shown(cal, cal.start_of(on("2026-09-06"))), "2026-09-06 01:00:00");
    EXPECT_EQ(shown(cal, cal.last_second_of(on("2026-09-05"))), "2026-09-05 23:59:59");
    EXPECT_EQ(cal.end_of(on("2026-04-04")) - cal.start_of(on("2026-04-04")), hours(25));
    EXPECT_EQ(shown(cal, cal.last_second_of(on("2026-04-04"))), "2026-04-04 23:59:59");
}

TEST(Calendar, FindsTheNthWorkdayAfterADay)
{
    const auto cal = office();
    EXPECT_EQ(cal.workday_after(on("2026-02-13")), on("2026-02-14"));
    EXPECT_EQ(cal.workday_after(on("2026-02-14")), on("2026-02-24"));
    EXPECT_EQ(cal.workday_after(on("2026-09-30"), 3), on("2026-10-10"));
}

TEST(Calendar, ASearchForOpenTimeEnds)
{
    weekly_hours week;
    week[0] = {{minutes(0), minutes(1)}};
    const calendar cal("c", "UTC", week);
    const auto start = at(cal, "2026-01-01 00:00");
    EXPECT_LT(cal.add_business_time(start, hours(100'000)), start + days(366 * 50));
}

TEST(Calendar, RefusesWhatIsNoCalendar)
{
    const auto week = office_week();
    const auto with = [&](std::vector<hours_of_day> monday) {
        auto changed = week;
        changed[0] = std::move(monday);
        return changed;
    };
    EXPECT_THROW(calendar("c", "Mars/Olympus", week), std::invalid_argument);
    EXPECT_THROW(calendar("c", "UTC", weekly_hours{}), std::invalid_argument);
    EXPECT_THROW(calendar("c", "UTC", with({{hours(9), hours(9)}})), std::invalid_argument);
    EXPECT_THROW(calendar("c", "UTC", with({{hours(9), hours(25)}})), std::invalid_argument);
    EXPECT_THROW(calendar("c", "UTC", with({{hours(9), hours(12)}, {hours(11), hours(13)}})), std::invalid_argument);
    EXPECT_THROW(calendar("c", "UTC", week, {{2026, {.off = {on("2025-03-02")}, .work = {}}}}), std::invalid_argument);
}

TEST(Calendar, ReadsDaysAndTimesOfTheWall)
{
    EXPECT_EQ(to_string(on("2026-02-28")), "2026-02-28");
    for (const auto* text : {"2026-02-29", "2026-2-28", "2026-02-28 ", "", "20260228", "2026-13-01"})
        EXPECT_FALSE(parse_local_day(text)) << text;
    EXPECT_EQ(parse_local_instant("2026-02-13T17:00"), on("2026-02-13") + hours(17));
    EXPECT_EQ(parse_local_instant("2026-02-13T17:00:05"), on("2026-02-13") + hours(17) + seconds(5));
    for (const auto* text :
         {"2026-02-13", "2026-02-13T24:00", "2026-02-13T17:00Z", "2026-02-13T17", "2026-02-13 17:00"})
        EXPECT_FALSE(parse_local_instant(text)) << text;
}

} // namespace
} // namespace huiyin::domain
