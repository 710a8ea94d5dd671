// What `huiyin clock explain` says of ten tickets, reckoned by hand. February 2026 as the State Council announced it:
// off from the 15th to the 23rd, Saturdays 14 and 28 are make-up days.
#include "ticket_fixture.hpp"

#include <string_view>

namespace huiyin::domain {
namespace {

using namespace testing;

std::shared_ptr<const calendar> chinese_office(bool loaded = true)
{
    const std::vector<hours_of_day> day{{9h, 12h}, {13h, 18h}};
    const auto on = [](unsigned d) {
        return local_day(std::chrono::local_days{std::chrono::year{2026} / 2 / static_cast<int>(d)});
    };
    calendar_year year;
    for (unsigned d = 15; d <= 23; ++d)
        year.off.insert(on(d));
    year.work = {on(14), on(28)};
    std::map<int, calendar_year> years;
    if (loaded) years.emplace(2026, year);
    return std::make_shared<const calendar>("office", "Asia/Shanghai", weekly_hours{day, day, day, day, day}, years,
                                            std::vector<hours_of_day>{}, true);
}

/// The desk opens at ten in the evening and works until six.
std::shared_ptr<const calendar> night_desk()
{
    const std::vector<hours_of_day> day{{0h, 6h}, {22h, 24h}};
    return std::make_shared<const calendar>("night", "Asia/Shanghai", weekly_hours{day, day, day, day, day, day, day});
}

struct story : scene
{
    story() { p.calendars = {chinese_office(), always(), night_desk()}; }

    /// Registered, classified and dispatched at that moment.
    void dispatched_at(instant when)
    {
        at(when);
        begins();
        does(officer, classify{"carrier_conduct"});
        does(officer, valid());
    }
    std::string tells(deadline_kind kind, instant when, int round = 1) const
    {
        for (const auto& d : t.deadlines)
            if (d.kind == kind && d.round == round) return explained(d, *p.find_calendar(d.calendar), when);
        return "no such clock";
    }
};

TEST(ClockExplain, APauseInWhichOneDayEndWouldHaveCounted)
{
    story s;
    s.dispatched_at(shanghai(2026, 3, 2, 9));
    s.at(shanghai(2026, 3, 3, 10)).does(customer, s.never_mind());
    s.at(shanghai(2026, 3, 4, 15)).does(agent, s.asked_himself(false));
    EXPECT_EQ(s.tells(deadline_kind::resolve, shanghai(2026, 3, 6, 12)),
              R"(resolve round 1: running of 3wd, due 2026-03-06T23:59:59 Asia/Shanghai
  first due 2026-03-05T23:59:59
  2026-03-02T09:00:00 to 2026-03-03T00:00:00         0 wd  the start's day does not count
  2026-03-03T00:00:00 to 2026-03-03T10:00:00         0 wd  workday (weekly), did not run at its end
  2026-03-03T10:00:00 to 2026-03-04T15:00:00         0 wd  paused
  2026-03-04T15:00:00 to 2026-03-05T00:00:00         1 wd  workday (weekly) counts
  2026-03-05T00:00:00 to 2026-03-06T00:00:00         1 wd  workday (weekly) counts
  2026-03-06T00:00:00 to 2026-03-06T12:00:00         0 wd  workday (weekly), did not run at its end
)");
}

TEST(ClockExplain, AMakeUpSaturday)
{
    story s;
    set(s.p, deadline_kind::accept, of(target_unit::business_hours, 240));
    s.dispatched_at(shanghai(2026, 2, 13, 17));
    EXPECT_EQ(s.tells(deadline_kind::accept, shanghai(2026, 2, 14, 11)),
              R"(accept round 1: running of 4bh, due 2026-02-14T12:00:00 Asia/Shanghai
  2026-02-13T17:00:00 to 2026-02-13T18:00:00      3600 s  open hours (weekly)
  2026-02-13T18:00:00 to 2026-02-14T00:00:00         0 s  closed (weekly)
  2026-02-14T00:00:00 to 2026-02-14T09:00:00         0 s  closed (make-up day)
  2026-02-14T09:00:00 to 2026-02-14T11:00:00      7200 s  open hours (make-up day)
)");
}

TEST(ClockExplain, AShiftOverMidnight)
{
    story s;
    set(s.p, deadline_kind::accept, of(target_unit::business_hours, 180), "night");
    s.dispatched_at(shanghai(2026, 3, 2, 21));
    EXPECT_EQ(s.tells(deadline_kind::accept, shanghai(2026, 3, 3, 0, 30)),
              R"(accept round 1: running of 3bh, due 2026-03-03T01:00:00 Asia/Shanghai
  2026-03-02T21:00:00 to 2026-03-02T22:00:00         0 s  closed (weekly)
  2026-03-02T22:00:00 to 2026-03-03T00:30:00      9000 s  open hours (weekly)
)");
}

TEST(ClockExplain, ACalendarLoadedLate)
{
    story s;
    set(s.p, deadline_kind::resolve, of(target_unit::working_days, 5));
    s.p.calendars[0] = chinese_office(false);
    s.dispatched_at(shanghai(2026, 2, 12, 10));
    s.p.calendars[0] = chinese_office();
    s.at(shanghai(2026, 2, 14, 10)).does(sys, load_calendar{chinese_office(false)});
    EXPECT_EQ(s.tells(deadline_kind::resolve, shanghai(2026, 2, 24, 10)),
              R"(resolve round 1: running of 5wd, due 2026-02-26T23:59:59 Asia/Shanghai
  first due 2026-02-19T23:59:59
  2026-02-12T10:00:00 to 2026-02-13T00:00:00         0 wd  the start's day does not count
  2026-02-13T00:00:00 to 2026-02-14T00:00:00         1 wd  workday (weekly) counts
  2026-02-14T00:00:00 to 2026-02-14T10:00:00         0 wd  workday (make-up day), did not run at its end
  2026-02-14T10:00:00 to 2026-02-15T00:00:00         1 wd  workday (make-up day) counts
  2026-02-15T00:00:00 to 2026-02-24T00:00:00         0 wd  not a workday (holiday)
  2026-02-24T00:00:00 to 2026-02-24T10:00:00         0 wd  workday (weekly), did not run at its end
)");
}

TEST(ClockExplain, AHandOverBetweenDepartments)
{
    story s;
    s.dispatched_at(shanghai(2026, 3, 2, 9));
    s.at(shanghai(2026, 3, 2, 9, 30)).does(handler, accept{});
    s.at(shanghai(2026, 3, 2, 10)).does(officer, s.a_transfer());
    const auto now = shanghai(2026, 3, 3, 11);
    EXPECT_EQ(s.tells(deadline_kind::accept, now),
              R"(accept round 1: met of 2bh, due 2026-03-02T11:00:00 Asia/Shanghai
  2026-03-02T09:00:00 to 2026-03-02T09:30:00      1800 s  open hours (weekly)
)") << "the first department's";
    EXPECT_EQ(s.tells(deadline_kind::accept, shanghai(2026, 3, 2, 13, 30), 2),
              R"(accept round 2: running of 2bh, due 2026-03-02T12:00:00 Asia/Shanghai
  2026-03-02T10:00:00 to 2026-03-02T12:00:00      7200 s  open hours (weekly)
  2026-03-02T12:00:00 to 2026-03-02T13:00:00         0 s  closed (weekly)
  2026-03-02T13:00:00 to 2026-03-02T13:30:00      1800 s  open hours (weekly)
)") << "the second one's, overdue";
    EXPECT_EQ(s.tells(deadline_kind::resolve, now),
              R"(resolve round 1: running of 3wd, due 2026-03-05T23:59:59 Asia/Shanghai
  2026-03-02T09:00:00 to 2026-03-03T00:00:00         0 wd  the start's day does not count
  2026-03-03T00:00:00 to 2026-03-03T11:00:00         0 wd  workday (weekly), did not run at its end
)") << "the customer's begins once";
}

TEST(ClockExplain, ASecondRoundWithHalfTheTime)
{
    story s;
    s.at(shanghai(2026, 3, 2, 9));
    s.reach(ticket_status::callback_pending);
    s.at(shanghai(2026, 3, 2, 10)).does(agent, s.verdict(discontent()));
    EXPECT_EQ(s.tells(deadline_kind::rework, shanghai(2026, 3, 4, 12)),
              R"(rework round 1: running of 2wd, due 2026-03-04T23:59:59 Asia/Shanghai
  2026-03-02T10:00:00 to 2026-03-03T00:00:00         0 wd  the start's day does not count
  2026-03-03T00:00:00 to 2026-03-04T00:00:00         1 wd  workday (weekly) counts
  2026-03-04T00:00:00 to 2026-03-04T12:00:00         0 wd  workday (weekly), did not run at its end
)");
}

TEST(ClockExplain, AnExtension)
{
    story s;
    s.dispatched_at(shanghai(2026, 3, 2, 9));
    s.does(handler, accept{});
    s.does(handler, s.more_time());
    s.at(shanghai(2026, 3, 3, 10)).does(officer, decide_extension{true, "parts_missing"});
    EXPECT_EQ(s.tells(deadline_kind::resolve, shanghai(2026, 3, 5, 12)),
              R"(resolve round 1: running of 3wd, due 2026-03-06T11:59:59 Asia/Shanghai
  first due 2026-03-05T23:59:59
  2026-03-02T09:00:00 to 2026-03-03T00:00:00         0 wd  the start's day does not count
  2026-03-03T00:00:00 to 2026-03-03T10:00:00         0 wd  workday (weekly), did not run at its end
  2026-03-03T10:00:00 to 2026-03-04T00:00:00         1 wd  workday (weekly) counts
  2026-03-04T00:00:00 to 2026-03-05T00:00:00         1 wd  workday (weekly) counts
  2026-03-05T00:00:00 to 2026-03-05T12:00:00         0 wd  workday (weekly), did not run at its end
)");
}

TEST(ClockExplain, AHoldInOpenHours)
{
    story s;
    set(s.p, deadline_kind::resolve, of(target_unit::business_hours, 16 * 60));
    s.dispatched_at(shanghai(2026, 3, 2, 9));
    s.does(handler, accept{});
    s.does(handler, s.a_contact());
    s.at(shanghai(2026, 3, 2, 14)).does(chief, s.a_hold());
    s.at(shanghai(2026, 3, 4, 10)).does(handler, resume_work{});
    // Four hours were used; two of twelve remain on Wednesday morning, five in the afternoon, three on Thursday
    // morning.
    EXPECT_EQ(s.tells(deadline_kind::resolve, shanghai(2026, 3, 4, 11)),
              R"(resolve round 1: running of 16bh, due 2026-03-05T15:00:00 Asia/Shanghai
  first due 2026-03-03T18:00:00
  2026-03-02T09:00:00 to 2026-03-02T12:00:00     10800 s  open hours (weekly)
  2026-03-02T12:00:00 to 2026-03-02T13:00:00         0 s  closed (weekly)
  2026-03-02T13:00:00 to 2026-03-02T14:00:00      3600 s  open hours (weekly)
  2026-03-02T14:00:00 to 2026-03-04T10:00:00         0 s  paused
  2026-03-04T10:00:00 to 2026-03-04T11:00:00      3600 s  open hours (weekly)
)");
}

TEST(ClockExplain, AnEmergencyRunsAroundTheClock)
{
    story s;
    s.p.priority = ticket_priority::p1;
    set(s.p, deadline_kind::resolve, of(target_unit::hours, 24), "always");
    s.dispatched_at(shanghai(2026, 2, 14, 22));
    EXPECT_EQ(s.tells(deadline_kind::resolve, shanghai(2026, 2, 15, 10)),
              R"(resolve round 1: running of 24h, due 2026-02-15T22:00:00 Asia/Shanghai
  2026-02-14T22:00:00 to 2026-02-15T10:00:00     43200 s  clock time
)");
}

TEST(ClockExplain, AClockOfNoLength)
{
    story s;
    s.dispatched_at(shanghai(2026, 3, 2, 9));
    EXPECT_EQ(s.tells(deadline_kind::dispatch, shanghai(2026, 3, 9, 9)),
              "dispatch round 1: met of 1h, due 2026-03-02T10:00:00 Asia/Shanghai\n")
        << "it ended when it began";
    EXPECT_EQ(s.tells(deadline_kind::accept, shanghai(2026, 3, 2, 9)),
              "accept round 1: running of 2bh, due 2026-03-02T11:00:00 Asia/Shanghai\n")
        << "it begins now";
}

} // namespace
} // namespace huiyin::domain
