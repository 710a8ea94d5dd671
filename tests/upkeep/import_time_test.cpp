#include <huiyin/upkeep/import_time.hpp>

#include <gtest/gtest.h>

using namespace huiyin;
using namespace huiyin::upkeep;

namespace {

const std::string new_york = "America/New_York";
const std::string shanghai = "Asia/Shanghai";
const time_notation american{"%m/%d/%Y %I:%M:%S %p"};
const time_notation iso{"%Y-%m-%dT%H:%M:%S"};
const time_notation spaced{"%Y-%m-%d %H:%M:%S"};
const time_notation slashed{"%Y/%m/%d %H:%M:%S"};
const time_notation serial{"serial"};

std::string read(std::string_view text, const time_notation& notation, const std::string& zone)
{
    const auto at = read_time(text, {notation}, zone);
    return at ? to_rfc3339(*at) : "none";
}

struct sample
{
    std::string_view text;
    time_notation notation;
    std::string zone;
    std::string_view utc;
};

} // namespace

TEST(ImportTime, ReadsTheNotationsOfTheSources)
{
    for (const auto& [text, notation, zone, utc] : std::vector<sample>{
             {"06/26/2018 10:58:54 AM", american, new_york, "2018-06-26T14:58:54Z"},
             {"06/26/2018 10:58:54 PM", american, new_york, "2018-06-27T02:58:54Z"},
             {"01/26/2018 12:00:00 AM", american, new_york, "2018-01-26T05:00:00Z"},
             {"01/26/2018 12:00:00 PM", american, new_york, "2018-01-26T17:00:00Z"},
             {"12/31/2018 11:59:59 pm", american, new_york, "2019-01-01T04:59:59Z"},
             {"2024-05-27T02:08:51.000", iso, new_york, "2024-05-27T06:08:51Z"},
             {"2024-05-27T02:08:51", iso, new_york, "2024-05-27T06:08:51Z"},
             {"2024-05-27T02:08:51.25", iso, new_york, "2024-05-27T06:08:51.25Z"},
             {"2022-04-21 06:16:59", spaced, new_york, "2022-04-21T10:16:59Z"},
             {"2020/1/6 12:09:38", slashed, shanghai, "2020-01-06T04:09:38Z"},
             {"2019/12/31 9:09:38", slashed, shanghai, "2019-12-31T01:09:38Z"},
             {"43419.671666666698", serial, shanghai, "2018-11-15T08:07:12Z"},
             {"43419", serial, shanghai, "2018-11-14T16:00:00Z"},
             {"43419.99999999", serial, shanghai, "2018-11-15T16:00:00Z"},
             {" 2020/1/6 12:09:38\xE3\x80\x80", slashed, shanghai, "2020-01-06T04:09:38Z"},
             {"2018/4/24", {"%Y/%m/%d"}, shanghai, "2018-04-23T16:00:00Z"},
             // Shanghai had summer time in 1986.
             {"1986/7/1 12:00:00", slashed, shanghai, "1986-07-01T03:00:00Z"},
         })
        EXPECT_EQ(read(text, notation, zone), utc) << text;
}

TEST(ImportTime, RefusesWhatIsNoTime)
{
    for (const auto& [text, notation, zone, utc] : std::vector<sample>{
             {"", iso, new_york, ""},
             {"   ", iso, new_york, ""},
             {"02/30/2018 10:00:00 AM", american, new_york, ""},
             {"13/01/2018 10:00:00 AM", american, new_york, ""},
             {"01/01/2018 13:00:00 PM", american, new_york, ""},
             {"01/01/2018 00:30:00 AM", american, new_york, ""},
             {"01/01/2018 10:00:00", american, new_york, ""},
             {"01/01/2018", american, new_york, ""},
             {"2024-05-27T24:00:01", iso, new_york, ""},
             {"2024-05-27T02:60:00", iso, new_york, ""},
             {"2024-05-27T02:08:51 UTC", iso, new_york, ""},
             {"2024-05-27T02:08:51Z", iso, new_york, ""},
             {"2023-02-29 00:00:00", spaced, new_york, ""},
             {"1850-01-01 00:00:00", spaced, new_york, ""},
             {"9999-12-31 00:00:00", spaced, new_york, ""},
             {"43419.5x", serial, shanghai, ""},
             {"4.3e4", serial, shanghai, ""},
             {"60", serial, shanghai, ""},
             {"-3", serial, shanghai, ""},
             {"99999999", serial, shanghai, ""},
             {"nan", serial, shanghai, ""},
             {"inf", serial, shanghai, ""},
             {"2020/1/6 12:09:38 and a very long tail behind it that goes on and on and on", slashed, shanghai, ""},
         })
        EXPECT_EQ(read(text, notation, zone), "none") << text;
}

TEST(ImportTime, ASkippedTimeIsReadWithTheOffsetBeforeTheChange)
{
    EXPECT_EQ(read("2019-03-10 01:59:59", spaced, new_york), "2019-03-10T06:59:59Z");
    EXPECT_EQ(read("2019-03-10 02:30:00", spaced, new_york), "2019-03-10T07:30:00Z"); // 03:30 EDT
    EXPECT_EQ(read("2019-03-10 03:00:00", spaced, new_york), "2019-03-10T07:00:00Z");
}

TEST(ImportTime, OfATimeThatComesTwiceTheFirstCounts)
{
    EXPECT_EQ(read("2019-11-03 00:59:59", spaced, new_york), "2019-11-03T04:59:59Z");
    EXPECT_EQ(read("2019-11-03 01:30:00", spaced, new_york), "2019-11-03T05:30:00Z"); // EDT
    EXPECT_EQ(read("2019-11-03 02:00:00", spaced, new_york), "2019-11-03T07:00:00Z");
}

TEST(ImportTime, TheFirstNotationThatTakesTheWholeTextCounts)
{
    const std::vector<time_notation> both{american, iso, serial};
    EXPECT_EQ(to_rfc3339(*read_time("06/26/2018 10:58:54 AM", both, new_york)), "2018-06-26T14:58:54Z");
    EXPECT_EQ(to_rfc3339(*read_time("2024-05-27T02:08:51.000", both, new_york)), "2024-05-27T06:08:51Z");
    EXPECT_EQ(to_rfc3339(*read_time("43419.5", both, new_york)), "2018-11-15T17:00:00Z");
    EXPECT_FALSE(read_time("26.06.2018 10:58", both, new_york));
}

TEST(ImportTime, ANotationMustHoldAWholeDateAndNoHalfTime)
{
    for (const auto* good :
         {"%m/%d/%Y %I:%M:%S %p", "%Y-%m-%dT%H:%M:%S", "%Y/%m/%d %H:%M", "%F %T", "%Y/%m/%d", "serial"})
        EXPECT_FALSE(fault_in({good})) << good;
    for (const auto* bad : {"", "%Y-%m", "%H:%M:%S", "%m/%d/%Y %I:%M:%S", "%Y-%m-%d %H", "yyyy-mm-dd", "%Q"})
        EXPECT_TRUE(fault_in({bad})) << bad;
}

TEST(ImportTime, KnowsTheZonesOfTheSystem)
{
    EXPECT_TRUE(is_time_zone("America/New_York"));
    EXPECT_TRUE(is_time_zone("Asia/Shanghai"));
    EXPECT_FALSE(is_time_zone("Mars/Olympus"));
    EXPECT_FALSE(is_time_zone(""));
}
