#include "calendar_fixture.hpp"

#include <huiyin/domain/target.hpp>

#include <gmock/gmock.h>

namespace huiyin::domain {
namespace {

using namespace std::chrono;
using namespace testing;
using ::testing::HasSubstr;

target t(std::string_view text)
{
    auto parsed = parse_target(text);
    EXPECT_TRUE(parsed) << text << ": " << (parsed ? "" : parsed.error().detail);
    return parsed.value_or(target{});
}

TEST(Target, ReadsAndWritesEveryUnit)
{
    struct row
    {
        std::string_view text;
        target_unit unit;
        std::int64_t count;
        std::string_view written;
    };
    const row rows[] = {
        {"30m", target_unit::minutes, 30, "30m"},
        {"2h", target_unit::hours, 2, "2h"},
        {"1d", target_unit::days, 1, "1d"},
        {"4bh", target_unit::business_hours, 240, "4bh"},
        {"1.5bh", target_unit::business_hours, 90, "90bm"},
        {"0.25bh", target_unit::business_hours, 15, "15bm"},
        {"90bm", target_unit::business_hours, 90, "90bm"},
        {"3wd", target_unit::working_days, 3, "3wd"},
    };
    for (const auto& [text, unit, count, written] : rows) {
        EXPECT_EQ(t(text), (target{unit, count, {}})) << text;
        EXPECT_EQ(to_string(t(text)), written);
        EXPECT_EQ(t(written), t(text));
    }
    const std::string_view fixed = "12:00>0@18:00,24:00>1@12:00";
    EXPECT_EQ(t(fixed), (target{target_unit::cutoffs, 0, {{hours(12), 0, hours(18)}, {hours(24), 1, hours(12)}}}));
    EXPECT_EQ(to_string(t(fixed)), fixed);
}

TEST(Target, RefusesEverythingElse)
{
    for (const auto* text : {"",
                             "m",
                             "3",
                             "3x",
                             "3 wd",
                             "-3m",
                             "0m",
                             "0bh",
                             "1.5h",
                             "1.5wd",
                             "0.001bh",
                             ".5bh",
                             "5.bhx",
                             "3wdx",
                             "wd",
                             "1e3m",
                             "99999999999m",
                             "5256001m",
                             "3651d",
                             "12:00>0@18:00",
                             "24:00>0@18:00",
                             "12:00>0@18:00,12:00>1@12:00,24:00>1@12:00",
                             "24:00>99@12:00",
                             "25:00>1@12:00",
                             "24:00@12:00",
                             ">@",
                             "24:00>1@12:60",
                             "00:00>1@12:00,24:00>1@12:00"})
    {
        const auto parsed = parse_target(text);
        ASSERT_FALSE(parsed) << text;
        EXPECT_EQ(parsed.error().code, errc::invalid_field);
        EXPECT_FALSE(parsed.error().detail.empty());
    }
    EXPECT_THAT(parse_target("3x").error().detail, HasSubstr("unknown unit"));
}

TEST(Target, GivesTheDueDatesOfTheDomainBook)
{
    const auto cal = office();
    struct row
    {
        std::string start;
        std::string_view add;
        std::string due;
    };
    const row rows[] = {
        {"2026-02-13 17:00", "1wd", "2026-02-14 23:59:59"},
        {"2026-02-13 17:00", "5wd", "2026-02-27 23:59:59"},
        {"2026-04-30 10:00", "5wd", "2026-05-11 23:59:59"},
        {"2026-09-18 09:00", "5wd", "2026-09-24 23:59:59"},
        {"2026-02-14 20:00", "2bh", "2026-02-24 11:00:00"},
        {"2026-09-24 16:30", "4bh", "2026-09-28 11:30:00"},
        {"2026-03-02 16:00", "2bh", "2026-03-02 18:00:00"},
        {"2026-02-16 10:00", "1wd", "2026-02-24 23:59:59"}, // begun on a holiday
        {"2026-02-13 17:00", "10m", "2026-02-13 17:10:00"},
        {"2026-02-13 17:00", "2h", "2026-02-13 19:00:00"},
        {"2026-02-13 17:00", "2d", "2026-02-15 17:00:00"},
    };
    for (const auto& [start, add, due] : rows)
        EXPECT_EQ(shown(cal, due_from(t(add), cal, at(cal, start))), due) << start << " + " << add;
}

TEST(Target, AnswersANewspaperQueryBeforeNoonTheSameDayAndALaterOneByNextNoon)
{
    const auto rule = t("12:00>0@18:00,24:00>1@12:00");
    weekly_hours daily;
    daily.fill({{hours(6), hours(18)}});
    const calendar station("station", "Asia/Shanghai", daily);
    EXPECT_EQ(shown(station, due_from(rule, station, at(station, "2026-02-16 00:00"))), "2026-02-16 18:00:00");
    EXPECT_EQ(shown(station, due_from(rule, station, at(station, "2026-02-16 11:59:59"))), "2026-02-16 18:00:00");
    EXPECT_EQ(shown(station, due_from(rule, station, at(station, "2026-02-16 12:00"))), "2026-02-17 12:00:00");
    EXPECT_EQ(shown(station, due_from(rule, station, at(station, "2026-02-16 23:59:59"))), "2026-02-17 12:00:00");

    const auto closed = office(); // a start on a closed day counts as 00:00 of the next workday
    EXPECT_EQ(shown(closed, due_from(rule, closed, at(closed, "2026-02-16 15:00"))), "2026-02-24 18:00:00");
    EXPECT_EQ(shown(closed, due_from(rule, closed, at(closed, "2026-02-14 15:00"))), "2026-02-24 12:00:00");
}

} // namespace
} // namespace huiyin::domain
