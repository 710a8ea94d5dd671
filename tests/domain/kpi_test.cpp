#include "kpi_story.hpp"
#include "ticket_fixture.hpp"

#include <huiyin/domain/kpi.hpp>

#include <cmath>
#include <map>
#include <set>

namespace huiyin::domain {
namespace {

using namespace std::chrono_literals;
using std::chrono::days;
using testing::caller;
using testing::clock_of;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::numbered;
using testing::story;

constexpr instant at(int month, int day, std::chrono::minutes time = 0min)
{
    return std::chrono::sys_days(std::chrono::year(2026) / month / day) + time;
}

const auto station = testing::station;
const auto handler = testing::worker;
const auto office = numbered<department_id>(2);

std::optional<std::chrono::microseconds> half_is_open(std::string_view, instant from, instant to)
{
    return (to - from) / 2;
}
std::optional<std::chrono::microseconds> unknown_calendar(std::string_view, instant, instant)
{
    return std::nullopt;
}

struct period
{
    instant from, to;
};
/// Both days included, on the wall of that zone.
period days_in(const char* zone, std::chrono::local_days first, std::chrono::local_days last)
{
    const auto wall = calendar::around_the_clock("report", zone);
    return {wall.start_of(first), wall.end_of(last)};
}

tally count(const std::vector<ticket>& all, metric what, period in, const business_clock& open = half_is_open)
{
    tally sum;
    for (const auto& t : all)
        for (const auto& c : contributions(t, open))
            if (c.what == what && c.at >= in.from && c.at < in.to) sum += {c.part, c.whole, 1};
    return sum;
}
std::vector<double> parts(const std::vector<ticket>& all, metric what, period in)
{
    std::vector<double> found;
    for (const auto& t : all)
        for (const auto& c : contributions(t, half_is_open))
            if (c.what == what && c.at >= in.from && c.at < in.to) found.push_back(c.part);
    return found;
}

constexpr period all_time{at(1, 1), at(12, 31)};

// --- the golden set ------------------------------------------------------------------------------------------------

/// By hand, from 2 to 4 March: in Shanghai one good story (1 March, 20:00Z) and the bad one (3 March); in London the
/// bad one and a good one (4 March, 20:00Z); in New York two good ones and the bad one (another on 5 March, 02:00Z).
struct golden
{
    metric what;
    double shanghai_and_london;
    double new_york;
};

TEST(Kpi, GivesTheFiguresComputedByHandInThreeTimeZones)
{
    const std::vector all{story(at(3, 1, 20h), true), story(at(3, 3, 12h), false), story(at(3, 4, 20h), true),
                          story(at(3, 5, 2h), true)};
    const auto first = std::chrono::local_days(std::chrono::March / 2 / 2026);
    const auto last = std::chrono::local_days(std::chrono::March / 4 / 2026);
    using enum metric;
    const std::vector<golden> expected{
        {tickets, 2, 3},
        {complaints, 2, 3},
        {closed, 2, 3},
        {callback_rate, 1, 1},
        {callback_success, 1, 1},
        {on_time, 0.5, 2.0 / 3},
        {on_time_original, 0.5, 2.0 / 3},
        {on_time_first_response, 0.5, 2.0 / 3},
        {on_time_dispatch, 0.5, 2.0 / 3},
        {on_time_accept, 0.5, 2.0 / 3},
        {on_time_contact, 0.5, 2.0 / 3},
        {on_time_on_site, 0.5, 2.0 / 3},
        {on_time_solution, 0.5, 2.0 / 3},
        {on_time_approve, 0.5, 2.0 / 3},
        {on_time_rework, 0.5, 2.0 / 3},
        {on_time_progress, 0.5, 2.0 / 3},
        {on_time_urge_reply, 0.5, 2.0 / 3},
        {on_time_supervision_reply, 0.5, 2.0 / 3},
        {on_time_callback, 0.5, 2.0 / 3},
        {on_time_review, 0.5, 2.0 / 3},
        {on_time_invalid_reply, 0.5, 2.0 / 3},
        {within_limit, 1, 1},
        {response_rate, 0.5, 2.0 / 3},
        {solved_rate, (1 + 0 + 0.5) / 3, (1 + 1 + 0 + 0.5) / 4},
        {satisfied_rate, 2.0 / 3, 3.0 / 4},
        {csat_result, (5 + 1 + 4) / 3.0, (5 + 5 + 1 + 4) / 4.0},
        {csat_time, (4 + 2 + 3) / 3.0, (4 + 4 + 2 + 3) / 4.0},
        {csat_attitude, (5 + 1) / 2.0, (5 + 5 + 1) / 3.0},
        {top2_result, 2.0 / 3, 3.0 / 4},
        {top2_time, 1.0 / 3, 2.0 / 4},
        {top2_attitude, 1.0 / 2, 2.0 / 3},
        {dsat_result, 1.0 / 3, 1.0 / 4},
        {dsat_time, 1.0 / 3, 1.0 / 4},
        {dsat_attitude, 1.0 / 2, 1.0 / 3},
        {rework_rate, 1.0 / 3, 1.0 / 4},
        {reopen_rate, 0, 0},
        {return_rate, 1.0 / 3, 1.0 / 4},
        {ping_pong_rate, 0.5, 1.0 / 3},
        {urge_rate, 0.5, 1.0 / 3},
        {extension_rate, 0.5, 1.0 / 3},
        {validity_rate, 0.5, 1.0 / 3},
        {invalid_overturned, 0.5, 1.0 / 3},
        {promise_kept, 0.5, 2.0 / 3},
        // The good reply passed; the bad one was rejected, passed, failed, and passed.
        {reply_pass_rate, 3.0 / 4, 4.0 / 5},
        {resolve_mean, 5400, 5400},
        {resolve_business_mean, 2700, 2700},
        // A story has two holders, the desk and the station.
        {holding_time, 2700, 2700},
        {rulings_lost, 1, 1},
    };
    ASSERT_EQ(expected.size(), static_cast<std::size_t>(rulings_lost) + 1) << "each formula has its line";
    for (const auto& each : expected) {
        const auto value = [&](const char* zone) {
            return value_of(info_of(each.what), count(all, each.what, days_in(zone, first, last))).value_or(-1);
        };
        EXPECT_DOUBLE_EQ(value("Asia/Shanghai"), each.shanghai_and_london) << to_string(each.what);
        EXPECT_DOUBLE_EQ(value("Europe/London"), each.shanghai_and_london) << to_string(each.what);
        EXPECT_DOUBLE_EQ(value("America/New_York"), each.new_york) << to_string(each.what);
    }
}

TEST(Kpi, ADayHas23HoursWhereTheClocksGoForward)
{
    // New York, 8 March 2026: 05:00Z to 04:00Z of the next day.
    const auto day = std::chrono::local_days(std::chrono::March / 8 / 2026);
    const auto in = days_in("America/New_York", day, day);
    EXPECT_EQ(in.to - in.from, 23h);
    EXPECT_EQ(count({story(at(3, 9, 3h + 59min), true)}, metric::tickets, in).part, 1);
    EXPECT_EQ(count({story(at(3, 9, 4h), true)}, metric::tickets, in).part, 0);
}

// --- what counts when ----------------------------------------------------------------------------------------------

TEST(Kpi, NothingDividedByNothingHasNoValue)
{
    for (std::size_t i = 0; i < metric_count; ++i) {
        const auto& info = info_of(static_cast<metric>(i));
        if (info.kind == metric_kind::quotient || info.kind == metric_kind::contacts) {
            EXPECT_FALSE(value_of(info, {}).has_value()) << to_string(info.what);
        }
    }
    EXPECT_FALSE(median({}).has_value());
    EXPECT_FALSE(per_10000(5, 0).has_value());
    EXPECT_FALSE(department_index({}).has_value());
}

TEST(Kpi, TheMiddleOfAnEvenNumberIsTheMeanOfTwo)
{
    EXPECT_EQ(median({9, 1, 5}), 5);
    EXPECT_EQ(median({9, 1, 5, 7}), 6);
    const std::vector all{story(at(3, 1), true), story(at(3, 2), true)};
    EXPECT_EQ(median(parts(all, metric::resolve_mean, all_time)), 5400);
}

TEST(Kpi, AnOpenTicketIsLateFromItsDueTimeOn)
{
    auto t = story(at(3, 3), true);
    t.deadlines = {clock_of(deadline_kind::resolve, at(3, 3), at(3, 5), std::nullopt)};
    EXPECT_EQ(count({t}, metric::on_time, {at(3, 4), at(3, 5)}).whole, 0) << "not due yet";
    EXPECT_EQ(count({t}, metric::on_time, {at(3, 5), at(3, 6)}), (tally{0, 1, 1}));
}

TEST(Kpi, AClockThatStandsStillIsNotCountedUnlessItWasLateBefore)
{
    auto t = story(at(3, 3), true);
    t.deadlines = {clock_of(deadline_kind::resolve, at(3, 3), at(3, 5), std::nullopt)};
    t.deadlines[0].state = deadline_state::paused;
    t.deadlines[0].paused_at = at(3, 4);
    EXPECT_EQ(count({t}, metric::on_time, all_time).whole, 0);
    t.deadlines[0].paused_at = at(3, 6);
    EXPECT_EQ(count({t}, metric::on_time, all_time), (tally{0, 1, 1}));
}

TEST(Kpi, AReplyUnderReviewIsNeitherInTimeNorLate)
{
    auto t = story(at(3, 3), true);
    t.deadlines = {clock_of(deadline_kind::resolve, at(3, 3), at(3, 5), std::nullopt)};
    t.status = ticket_status::reply_review;
    EXPECT_EQ(count({t}, metric::on_time, all_time).whole, 0);
}

TEST(Kpi, ATicketCountsOnceHoweverManyClocksOfItsKindRan)
{
    auto t = story(at(3, 3), true);
    auto second = clock_of(deadline_kind::resolve, at(3, 10), at(3, 11), at(3, 12));
    second.round = 2;
    t.deadlines.push_back(second);
    EXPECT_EQ(count({t}, metric::on_time, all_time), (tally{1, 1, 1}));
}

TEST(Kpi, ACancelledClockIsForgotten)
{
    auto t = story(at(3, 3), true);
    for (auto& d : t.deadlines)
        d.state = deadline_state::cancelled;
    for (const auto what : {metric::on_time, metric::on_time_accept, metric::response_rate, metric::callback_rate})
        EXPECT_EQ(count({t}, what, all_time).whole, 0) << to_string(what);
}

TEST(Kpi, ClosingHasADayForKeyCustomersAndTwoForOthers)
{
    const auto kept = [](bool vip, std::chrono::minutes took) {
        auto t = story(at(3, 3), true);
        t.vip = vip;
        t.spells.back().from = t.reported_at + took;
        return count({t}, metric::within_limit, all_time).part;
    };
    EXPECT_EQ(kept(true, 24h), 1);
    EXPECT_EQ(kept(true, 24h + 1min), 0);
    EXPECT_EQ(kept(false, 48h), 1);
    EXPECT_EQ(kept(false, 48h + 1min), 0);
}

TEST(Kpi, AReopeningWithin30DaysCountsAtTheFirstClosing)
{
    const auto reopened = [](days after) {
        auto t = story(at(3, 3), true);
        t.spells.push_back({holder::desk, std::nullopt, at(3, 3, 90min) + after});
        t.spells.push_back({holder::rest, std::nullopt, at(3, 3, 90min) + after + days(1)});
        t.closed_at = t.spells.back().from;
        return std::vector{t};
    };
    EXPECT_EQ(count(reopened(days(30)), metric::reopen_rate, {at(3, 3), at(3, 4)}), (tally{1, 1, 1}));
    EXPECT_EQ(count(reopened(days(31)), metric::reopen_rate, all_time), (tally{0, 1, 1}));
    EXPECT_EQ(count(reopened(days(1)), metric::closed, all_time).part, 1) << "closed twice, counted once";
    EXPECT_EQ(count(reopened(days(1)), metric::resolve_mean, all_time), (tally{5400, 1, 1}));
}

TEST(Kpi, ADisputedVerdictAndAWithdrawalAreNoCallback)
{
    auto t = story(at(3, 3), true);
    t.callbacks[0].disputed = true;
    EXPECT_EQ(count({t}, metric::satisfied_rate, all_time).whole, 0);
    t.callbacks[0].disputed = false;
    t.callbacks[0].about_withdrawal = true;
    t.callbacks[0].at = at(3, 3, 30min);
    EXPECT_EQ(count({t}, metric::callback_success, all_time).whole, 0);
    EXPECT_EQ(count({t}, metric::callback_rate, all_time).whole, 0);
}

TEST(Kpi, WhoGivesNoRatingIsLeftOutOfTheSatisfied)
{
    auto t = story(at(3, 3), true);
    t.callbacks[0].said = answers{solved_answer::yes, std::nullopt, std::nullopt, std::nullopt};
    t.callbacks[0].verdict = judged(*t.callbacks[0].said);
    EXPECT_EQ(count({t}, metric::satisfied_rate, all_time).whole, 0);
    EXPECT_EQ(count({t}, metric::solved_rate, all_time), (tally{1, 1, 1}));
}

TEST(Kpi, APromiseReleasedBeforeItsDateIsNotDue)
{
    auto t = story(at(3, 3), true);
    t.promises[0].fulfilled_at.reset();
    t.promises[0].released_at = t.promises[0].due_at;
    EXPECT_EQ(count({t}, metric::promise_kept, all_time).whole, 0);
    t.promises[0].released_at = t.promises[0].due_at + 1s;
    EXPECT_EQ(count({t}, metric::promise_kept, all_time), (tally{0, 1, 1}));
}

TEST(Kpi, WithoutTheCalendarThereIsNoBusinessTime)
{
    EXPECT_EQ(count({story(at(3, 3), true)}, metric::resolve_business_mean, all_time, unknown_calendar).whole, 0);
    EXPECT_EQ(count({story(at(3, 3), true)}, metric::resolve_mean, all_time, unknown_calendar).whole, 1);
}

TEST(Kpi, TimeIsHeldByDepartmentsAndDeskAndAddsUp)
{
    std::map<std::optional<department_id>, double> held;
    double all = 0;
    for (const auto& c : contributions(story(at(3, 3), false), half_is_open))
        if (c.what == metric::holding_time) held[c.department] += c.part, all += c.part;
    EXPECT_EQ(all, 90 * 60);
    // 48 minutes of its own and one that the ruling charged to it.
    EXPECT_EQ(held[station], 49 * 60);
    EXPECT_EQ(held[std::nullopt], 41 * 60);
}

// --- metamorphic ---------------------------------------------------------------------------------------------------

TEST(Kpi, ImportsAndMergedTicketsAreOutsideRates)
{
    auto t = story(at(3, 3), false);
    t.imported = true;
    EXPECT_THAT(contributions(t, half_is_open), IsEmpty());
    EXPECT_FALSE(contact_of(t).has_value());
    t.imported = false;
    t.status = ticket_status::merged;
    EXPECT_THAT(contributions(t, half_is_open), IsEmpty());
    EXPECT_TRUE(contact_of(t)->merged);
}

TEST(Kpi, ATransferMovesTicketsBetweenDepartmentsButCreatesNone)
{
    testing::scene s;
    s.reach(ticket_status::investigating);
    const auto before = count({s.t}, metric::tickets, all_time);
    auto moved = s.t;
    moved.orders.back().state = work_order_state::transferred;
    work_order next;
    next.department = office;
    next.opened_at = s.now + 1h;
    moved.orders.push_back(next);
    moved.lead_department = office;
    ++moved.department_changes;
    EXPECT_EQ(count({moved}, metric::tickets, all_time), before);
    EXPECT_EQ(count({moved}, metric::on_time, all_time).whole, count({s.t}, metric::on_time, all_time).whole);
    EXPECT_EQ(count({moved}, metric::return_rate, all_time).part, 0) << "a transfer is no return";
}

TEST(Kpi, AWholeLifeOfReworkAndReopeningIsOneTicketAndOneClosing)
{
    testing::scene s;
    s.reach(ticket_status::callback_pending);
    s.at(s.t.next_callback_at.value_or(s.now));
    s.reworks(77);
    s.after(2h);
    s.at(s.t.next_callback_at.value_or(s.now));
    s.does(testing::customer, s.verdict(testing::content()));
    ASSERT_EQ(s.t.status, ticket_status::closed);
    const auto closed_once = s.t;
    s.after(days(1));
    s.does(testing::officer, reopen{"new_fact", std::nullopt});
    for (const auto what : {metric::tickets, metric::complaints, metric::closed, metric::on_time, metric::response_rate,
                            metric::rework_rate, metric::solved_rate})
        EXPECT_EQ(count({s.t}, what, all_time), count({closed_once}, what, all_time)) << to_string(what);
    EXPECT_EQ(count({closed_once}, metric::reopen_rate, all_time), (tally{0, 1, 1}));
    EXPECT_EQ(count({s.t}, metric::reopen_rate, all_time), (tally{1, 1, 1}));
    EXPECT_EQ(count({s.t}, metric::rework_rate, all_time).part, 1);
}

TEST(Kpi, TheSameTicketAlwaysGivesTheSameList)
{
    const auto t = story(at(3, 3), false);
    EXPECT_EQ(contributions(t, half_is_open), contributions(t, half_is_open));
}

TEST(Kpi, DeskClocksBelongToNoDepartmentAndOthersToTheOneThatLed)
{
    for (const auto& c : contributions(story(at(3, 3), true), half_is_open)) {
        if (c.what == metric::on_time_dispatch || c.what == metric::on_time_callback) {
            EXPECT_FALSE(c.department.has_value());
        }
        if (c.what == metric::on_time_accept || c.what == metric::on_time) {
            EXPECT_EQ(c.department, station);
            EXPECT_EQ(c.person, handler);
        }
        if (c.what == metric::callback_success) {
            EXPECT_EQ(c.person, caller);
        }
    }
}

// --- contacts ------------------------------------------------------------------------------------------------------

contact_fact came(std::uint32_t n, std::uint32_t who, instant when, std::optional<instant> resolved = {},
                  std::string topic = "missed_copy")
{
    return {.ticket = numbered<ticket_id>(n),
            .customer = numbered<customer_id>(who),
            .topic = std::move(topic),
            .at = when,
            .resolved_at = resolved,
            .reopened_at = std::nullopt,
            .complaint = true,
            .merged = false};
}

TEST(Kpi, AContactIsResolvedAtFirstWhereTheCustomerDoesNotComeBackIn7Days)
{
    const std::vector all{
        came(1, 1, at(3, 1), at(3, 2)),                // comes back on the 7th day
        came(2, 1, at(3, 9)),                          //
        came(3, 2, at(3, 1), at(3, 2)),                // comes back a second too late to count
        came(4, 2, at(3, 9) + 1s),                     //
        came(5, 3, at(3, 1), at(3, 2)),                // comes back with something else
        came(6, 3, at(3, 3), std::nullopt, "damaged"), //
        came(7, 4, at(3, 1), at(3, 6)),                // not mature
    };
    const auto found = fcr_by_repeat(all, at(3, 1), at(3, 8), at(3, 10));
    EXPECT_THAT(found.whole, ElementsAre(numbered<ticket_id>(1), numbered<ticket_id>(3), numbered<ticket_id>(5)));
    EXPECT_THAT(found.part, ElementsAre(numbered<ticket_id>(3), numbered<ticket_id>(5)));
    EXPECT_DOUBLE_EQ(*value_of(info_of(metric::fcr_repeat), found.counted), 2.0 / 3);
    EXPECT_EQ(fcr_by_repeat(all, at(3, 1), at(3, 8), at(3, 10) - 1s).counted.whole, 0) << "before day 8 none";
    EXPECT_EQ(fcr_by_repeat(all, at(3, 1), at(3, 8), at(3, 14)).counted.whole, 4);
}

TEST(Kpi, AReopeningIsAnotherContactAndAMergedOneIsNotResolved)
{
    auto again = came(1, 1, at(3, 1), at(3, 2));
    again.reopened_at = at(3, 4);
    EXPECT_EQ(fcr_by_repeat(std::vector{again}, at(3, 1), at(3, 8), at(4, 1)).counted, (tally{0, 1, 1}));
    again.merged = true;
    EXPECT_EQ(fcr_by_repeat(std::vector{again}, at(3, 1), at(3, 8), at(4, 1)).counted.whole, 0);
}

TEST(Kpi, ACustomerWhoNobodyKnowsNeverRepeats)
{
    auto a = came(1, 1, at(3, 1), at(3, 2));
    auto b = came(2, 1, at(3, 3), at(3, 3));
    a.customer = b.customer = customer_id();
    EXPECT_EQ(fcr_by_repeat(std::vector{a, b}, at(3, 1), at(3, 8), at(4, 1)).counted.whole, 0);
    EXPECT_EQ(repeat_complainants(std::vector{a, b}, at(3, 1), at(3, 8)).counted.whole, 0);
}

TEST(Kpi, RepeatComplainantsAreCustomersNotTickets)
{
    const std::vector all{
        came(1, 1, at(2, 1)),                                       // 30 days before the next: a repeat
        came(2, 1, at(3, 3)),                                       //
        came(3, 1, at(3, 4)),                                       // the same customer, once more
        came(4, 2, at(1, 31)),                                      // 31 days before the next: none
        came(5, 2, at(3, 3)),                                       //
        came(6, 3, at(3, 3)),  came(7, 3, at(3, 4), {}, "damaged"), // two topics
    };
    const auto found = repeat_complainants(all, at(3, 1), at(3, 8));
    EXPECT_EQ(found.counted, (tally{1, 3, 3}));
    EXPECT_THAT(found.part, ElementsAre(numbered<ticket_id>(2)));
}

// --- made of other figures -----------------------------------------------------------------------------------------

TEST(Kpi, ThreeRatesAreWeightedAndNeedAllThree)
{
    EXPECT_DOUBLE_EQ(*three_rates(0.9, 0.8, 0.7), 0.2 * 0.9 + 0.4 * 0.8 + 0.4 * 0.7);
    EXPECT_DOUBLE_EQ(*three_rates(1, 0, 0, {0.5, 0.25, 0.25}), 0.5);
    EXPECT_FALSE(three_rates(0.9, std::nullopt, 0.7).has_value());
}

TEST(Kpi, EstimatesNameWhatTheyAreMadeOf)
{
    EXPECT_DOUBLE_EQ(*per_10000(37, 74'000), 5);
    const auto silent = silent_estimate(8);
    EXPECT_DOUBLE_EQ(silent.problems, 100);
    EXPECT_DOUBLE_EQ(silent.silent, 69);
}

TEST(Kpi, TheDepartmentIndexWeighsScoresAndTakesPenaltiesOff)
{
    // 0.4·(4−1)/4 + 0.3·0.9 + 0.2·0.8 + 0.1·(3−1)/4 = 0.30 + 0.27 + 0.16 + 0.05 = 0.78
    department_figures of{4, 0.9, 0.8, 3, 0, 0};
    EXPECT_NEAR(*department_index(of), 78, 1e-9);
    of.rulings_lost = 2;
    of.promises_broken = 3;
    EXPECT_NEAR(*department_index(of), 78 - 4 - 3, 1e-9);
    // Without the last one: 0.73 / 0.9.
    EXPECT_NEAR(*department_index({4, 0.9, 0.8, std::nullopt, 0, 0}), 73 / 0.9, 1e-9);
    EXPECT_EQ(department_index({1, 0, 0, 1, 50, 0}), 0) << "never below 0";
}

TEST(Kpi, AScorecardWithLessThanAFifthForServiceIsRefused)
{
    using enum metric;
    EXPECT_TRUE(check_goals({{satisfied_rate, 0.2, 0.9}, {closed, 0.8, 100}}));
    EXPECT_EQ(check_goals({{satisfied_rate, 0.19, 0.9}, {closed, 0.81, 100}}).error().code, errc::invalid_field);
    EXPECT_FALSE(check_goals({{closed, 1, 100}}));
    EXPECT_FALSE(check_goals({}));
    EXPECT_FALSE(check_goals({{satisfied_rate, 0.5, 0.9}}));
    EXPECT_FALSE(check_goals({{satisfied_rate, 0.5, 0.9}, {satisfied_rate, 0.5, 0.9}}));
    EXPECT_FALSE(check_goals({{satisfied_rate, 1, 0}}));
    EXPECT_FALSE(check_goals({{satisfied_rate, 1.5, 0.9}, {closed, -0.5, 1}}));
    EXPECT_FALSE(check_goals({{satisfied_rate, std::nan(""), 0.9}}));
}

TEST(Kpi, AttainmentIsCappedAndKnowsWhereLessIsBetter)
{
    using enum metric;
    EXPECT_DOUBLE_EQ(attainment({on_time, 1, 0.9}, 0.45), 0.5);
    EXPECT_DOUBLE_EQ(attainment({on_time, 1, 0.5}, 1), 1.2);
    EXPECT_DOUBLE_EQ(attainment({rework_rate, 1, 0.05}, 0.10), 0.5);
    EXPECT_DOUBLE_EQ(attainment({rework_rate, 1, 0.05}, 0), 1.2);
    const std::vector<goal> goals{{on_time, 0.6, 0.9}, {rework_rate, 0.4, 0.05}};
    EXPECT_DOUBLE_EQ(*score(goals, {0.9, 0.10}), 0.6 * 1 + 0.4 * 0.5);
    EXPECT_DOUBLE_EQ(*score(goals, {0.9, std::nullopt}), 1);
    EXPECT_DOUBLE_EQ(*score(goals, {0.9, 0.10}, 0.3), 0.5) << "negative items of leaders";
    EXPECT_EQ(score(goals, {0.9, 0.10}, 5), 0);
    EXPECT_FALSE(score(goals, {std::nullopt, std::nullopt}).has_value());
}

TEST(Kpi, RankingSharesPlacesAndMarksTheLast)
{
    const auto places = ranked({0.7, std::nullopt, 0.9, 0.7, 0.5}, true);
    EXPECT_EQ(places[2].rank, 1);
    EXPECT_EQ(places[0].rank, 2);
    EXPECT_EQ(places[3].rank, 2);
    EXPECT_EQ(places[4].rank, 4);
    EXPECT_TRUE(places[4].last);
    EXPECT_EQ(places[1].rank, 0);
    EXPECT_FALSE(ranked({0.7, 0.7}, true)[0].last) << "nobody is last where all are equal";
    EXPECT_EQ(ranked({0.7, 0.1}, false)[1].rank, 1);
}

TEST(Kpi, AgeClassesBeginWhereTheLastOneEnds)
{
    EXPECT_EQ(age_of(at(3, 1), at(3, 2) - 1s), age_class::under_1d);
    EXPECT_EQ(age_of(at(3, 1), at(3, 2)), age_class::under_3d);
    EXPECT_EQ(age_of(at(3, 1), at(3, 30)), age_class::under_30d);
    EXPECT_EQ(age_of(at(3, 1), at(3, 31)), age_class::older);
}

TEST(Kpi, EveryMetricExplainsItselfInThreeLanguages)
{
    std::set<std::string_view> names_seen;
    for (std::size_t i = 0; i < metric_count; ++i) {
        const auto& info = info_of(static_cast<metric>(i));
        for (std::size_t language = 0; language < 3; ++language) {
            EXPECT_FALSE(info.name[language].empty()) << to_string(info.what);
            EXPECT_FALSE(info.formula(language).empty()) << to_string(info.what);
            EXPECT_EQ(info.denominator[language].empty(), info.denominator[2].empty()) << to_string(info.what);
        }
        EXPECT_TRUE(names_seen.insert(info.name[2]).second) << info.name[2];
        if (info.kind == metric_kind::quotient) {
            EXPECT_FALSE(info.denominator[2].empty()) << to_string(info.what);
        }
    }
    EXPECT_EQ(info_of(metric::solved_rate).formula(2),
              "(solved + 0.5 × partly solved) ÷ reached callbacks with an answer");
}

} // namespace
} // namespace huiyin::domain
