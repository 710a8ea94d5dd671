#include "ticket_fixture.hpp"

namespace huiyin::domain::testing {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using s = ticket_status;

// hours, parts of the day, verdicts

TEST(CallbackHours, AreThoseOfTheWall)
{
    const callback_plan plan;
    const auto at = [&](int hour, int minute) {
        return in_callback_hours(plan, *office(), shanghai(2026, 3, 2, hour, minute));
    };
    EXPECT_FALSE(at(8, 59));
    EXPECT_TRUE(at(9, 0));
    EXPECT_TRUE(at(11, 59));
    EXPECT_FALSE(at(12, 0));
    EXPECT_FALSE(at(13, 59));
    EXPECT_TRUE(at(14, 0));
    EXPECT_TRUE(at(20, 29));
    EXPECT_FALSE(at(20, 30));
    EXPECT_FALSE(at(0, 0));
    EXPECT_TRUE(in_callback_hours(plan, *office(), shanghai(2026, 3, 1, 10))) << "a Sunday";
}

TEST(CallbackHours, NameTheNextAllowedMoment)
{
    const callback_plan plan;
    const auto next = [&](instant from) { return next_callback_time(plan, *office(), from); };
    EXPECT_EQ(next(shanghai(2026, 3, 2, 21, 30)), shanghai(2026, 3, 3, 9));
    EXPECT_EQ(next(shanghai(2026, 3, 2, 12, 0)), shanghai(2026, 3, 2, 14));
    EXPECT_EQ(next(shanghai(2026, 3, 2, 3, 0)), shanghai(2026, 3, 2, 9));
    EXPECT_EQ(next(shanghai(2026, 3, 2, 15, 17)), shanghai(2026, 3, 2, 15, 17));
}

TEST(Verdict, FollowsSolvedAndTheScoreForTheResult)
{
    using enum satisfaction_level;
    using enum solved_answer;
    struct verdict_case
    {
        solved_answer solved;
        std::optional<int> result;
        satisfaction_level expected;
    };
    for (const auto& v : std::vector<verdict_case>{{yes, 5, satisfied},
                                                   {yes, 4, satisfied},
                                                   {yes, 3, neutral},
                                                   {yes, {}, neutral},
                                                   {yes, 2, unsatisfied},
                                                   {yes, 1, unsatisfied},
                                                   {partly, 5, satisfied},
                                                   {partly, 4, satisfied},
                                                   {partly, 3, unsatisfied},
                                                   {partly, {}, unsatisfied},
                                                   {no, 5, unsatisfied},
                                                   {no, {}, unsatisfied},
                                                   {unasked, 5, unknown}})
        for (const auto other : {std::optional<int>{}, std::optional(1), std::optional(5)})
            EXPECT_EQ(judged({v.solved, v.result, other, other}), v.expected);
}

// 25

TEST(AttemptCallback, IsRefusedOutsideTheHoursAndNamesTheNextTime)
{
    auto c = in(s::callback_pending);
    c.at(shanghai(2026, 3, 2, 21, 30));
    const auto refused = decide(c.t, c.a_try(), c.p, agent, c.now);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, errc::not_callback_hours);
    ASSERT_EQ(refused.error().facts.size(), 1U);
    EXPECT_EQ(refused.error().facts[0].value, "2026-03-03T01:00:00Z");
    EXPECT_EQ(c.refuses(agent, c.verdict(content())), "not-callback-hours");
    EXPECT_EQ(c.refuses(sys, c.a_try()), "not-callback-hours");
    EXPECT_EQ(c.refuses(customer, c.verdict(content())), "ok") << "hours bind the house alone";
    auto came = c.verdict(content());
    came.customer_came = true;
    EXPECT_EQ(c.refuses(agent, came), "ok");
}

TEST(AttemptCallback, IsNeverByWhoHandledTheTicket)
{
    auto c = in(s::investigating);
    c.does(two_hats, c.a_fix());
    c.does(chief, c.an_approval());
    c.does(handler, c.a_reply());
    c.does(officer, pass_reply{});
    EXPECT_EQ(c.refuses(two_hats, c.a_try()), "caller-is-handler");
    auto verdict = c.verdict(content());
    EXPECT_EQ(c.refuses(two_hats, verdict), "caller-is-handler");
    verdict.customer_came = true;
    EXPECT_EQ(c.refuses(two_hats, verdict), "caller-is-handler");
    EXPECT_EQ(c.refuses(agent, c.a_try()), "ok");
}

TEST(AttemptCallback, ComesTwoHoursAfterTheLastOne)
{
    auto c = in(s::callback_pending);
    c.does(agent, c.a_try(callback_outcome::busy));
    EXPECT_EQ(c.t.next_callback_at, monday + 2h);
    c.after(2h - 1s);
    EXPECT_EQ(c.refuses(agent, c.a_try()), "too-early-to-try-again");
    EXPECT_EQ(c.refuses(agent, c.verdict(content())), "too-early-to-try-again");
    c.after(1s);
    EXPECT_EQ(c.refuses(agent, c.a_try()), "ok");
}

TEST(AttemptCallback, EndsTheClockAndStartsTheNextRound)
{
    auto c = in(s::callback_pending);
    EXPECT_EQ(c.clock(deadline_kind::callback).due_at, monday + 24h);
    c.after(1h).does(agent, c.a_try());
    EXPECT_EQ(c.clock(deadline_kind::callback).round, 2);
    EXPECT_EQ(c.clock(deadline_kind::callback).due_at, monday + 25h);
    EXPECT_EQ(c.t.deadlines[c.t.deadlines.size() - 2].state, deadline_state::met);
}

TEST(AttemptCallback, LaterTakesTheCustomersTime)
{
    auto c = in(s::callback_pending);
    auto later = c.a_try(callback_outcome::later);
    EXPECT_EQ(c.refuses(agent, later), "callback-time-invalid");
    later.wished_at = c.now;
    EXPECT_EQ(c.refuses(agent, later), "callback-time-invalid");
    later.wished_at = c.now + days(15);
    EXPECT_EQ(c.refuses(agent, later), "callback-time-invalid");
    later.wished_at = shanghai(2026, 3, 6, 19);
    c.does(agent, later);
    EXPECT_EQ(c.t.next_callback_at, shanghai(2026, 3, 6, 19));
    EXPECT_EQ(c.clock(deadline_kind::callback).due_at, shanghai(2026, 3, 7, 19));
    c.at(shanghai(2026, 3, 6, 18, 59));
    EXPECT_EQ(c.refuses(agent, c.a_try()), "too-early-to-try-again");
    c.after(1min);
    EXPECT_EQ(c.refuses(agent, c.a_try()), "ok");
}

TEST(AttemptCallback, ReachedIsAVerdict)
{
    auto c = in(s::callback_pending);
    EXPECT_EQ(c.refuses(agent, c.a_try(callback_outcome::reached)), "invalid-field");
}

// plans

std::shared_ptr<const calendar> zone(const std::string& name)
{
    return std::make_shared<const calendar>(calendar::around_the_clock("customer", name));
}

TEST(CallbackPlan, HoldsTheHoursOnBothWalls)
{
    callback_plan plan;
    const auto moscow = zone("Europe/Moscow"); // five hours behind
    const callback_walls walls{*office(), moscow.get()};
    EXPECT_FALSE(in_callback_hours(plan, walls, shanghai(2026, 3, 2, 11))) << "06:00 there";
    EXPECT_TRUE(in_callback_hours(plan, walls, shanghai(2026, 3, 2, 15))) << "10:00 there";
    EXPECT_FALSE(in_callback_hours(plan, walls, shanghai(2026, 3, 2, 18))) << "13:00 there";
    EXPECT_EQ(next_callback_time(plan, walls, shanghai(2026, 3, 2, 9)), shanghai(2026, 3, 2, 14));
    EXPECT_EQ(next_callback_time(plan, walls, shanghai(2026, 3, 2, 18)), shanghai(2026, 3, 2, 19));
    EXPECT_EQ(day_part(plan, walls, shanghai(2026, 3, 2, 15)), 0) << "his morning";
}

TEST(CallbackPlan, FollowsTheCustomersWallWhereTheTwoHaveNoHourInCommon)
{
    callback_plan plan;
    plan.hours = {{9h, 12h}};
    const auto denver = zone("America/Denver"); // fifteen hours behind
    const callback_walls walls{*office(), denver.get()};
    EXPECT_FALSE(in_callback_hours(plan, walls, shanghai(2026, 3, 2, 10)));
    EXPECT_TRUE(in_callback_hours(plan, walls, shanghai(2026, 3, 3, 1))) << "10:00 there";
    EXPECT_EQ(next_callback_time(plan, walls, shanghai(2026, 3, 2, 10)), shanghai(2026, 3, 3, 0));
}

TEST(CallbackPlan, IsKeptByTheEngineInTheCustomersZone)
{
    auto c = in(s::reply_review);
    c.p.callback.customer_calendar = "customer";
    EXPECT_EQ(c.refuses(officer, pass_reply{}), "not-configured");
    c.p.calendars.push_back(zone("Europe/Moscow"));
    c.does(officer, pass_reply{});
    EXPECT_EQ(c.t.next_callback_at, shanghai(2026, 3, 2, 14));
    c.at(shanghai(2026, 3, 2, 11));
    EXPECT_EQ(c.refuses(agent, c.a_try()), "not-callback-hours");
}

TEST(CallbackPlan, GoesToAnotherChannelAfterSoManyMisses)
{
    auto c = in(s::callback_pending);
    c.p.callback.channels = {{1, callback_channel::sms}, {2, callback_channel::email}};
    c.does(agent, c.a_try());
    EXPECT_EQ(c.t.callbacks[0].channel, callback_channel::phone);
    EXPECT_EQ(c.t.next_callback_channel, callback_channel::sms);
    c.after(2h);
    auto call = c.a_try(callback_outcome::sent);
    call.channel = callback_channel::phone;
    EXPECT_EQ(c.refuses(agent, call), "invalid-field") << "a call is not sent";
    c.does(sys, c.a_try(callback_outcome::sent));
    EXPECT_EQ(c.t.callbacks[1].channel, callback_channel::sms);
    EXPECT_THAT(c.last.messages, ElementsAre(customer_message::survey_link));
    EXPECT_EQ(c.t.next_callback_channel, callback_channel::email);
    c.at(shanghai(2026, 3, 2, 14)).does(sys, c.a_try(callback_outcome::sent));
    EXPECT_THAT(c.last.messages, IsEmpty()) << "one survey a round";
    EXPECT_TRUE(c.runs(deadline_kind::review));
    EXPECT_EQ(c.t.satisfaction, satisfaction_level::unknown);
}

TEST(CallbackPlan, BindsTheCallToOneAgentUntilItOpensToAll)
{
    auto c = in(s::reply_review);
    c.p.callback.bound_agent = id_of(agent);
    c.does(officer, pass_reply{});
    EXPECT_EQ(c.t.callback_agent, id_of(agent));
    EXPECT_EQ(c.refuses(officer, c.a_try()), "callback-bound");
    EXPECT_EQ(c.refuses(officer, c.verdict(content())), "callback-bound");
    EXPECT_EQ(c.refuses(agent, c.a_try()), "ok");
    c.after(30min - 1s);
    EXPECT_EQ(c.refuses(officer, c.a_try()), "callback-bound");
    c.after(1s);
    EXPECT_EQ(c.refuses(officer, c.a_try()), "ok");
    EXPECT_EQ(c.refuses(customer, c.verdict(content())), "ok");
}

TEST(CallbackPlan, BindsTheCustomersTimeToWhoAgreedOnIt)
{
    auto c = in(s::callback_pending);
    auto later = c.a_try(callback_outcome::later);
    later.wished_at = shanghai(2026, 3, 2, 15);
    c.does(officer, later);
    EXPECT_EQ(c.t.callback_agent, id_of(officer));
    c.at(shanghai(2026, 3, 2, 15));
    EXPECT_EQ(c.refuses(agent, c.a_try()), "callback-bound");
    c.does(officer, c.a_try());
    EXPECT_EQ(c.t.callback_agent, std::nullopt);
}

TEST(CallbackPlan, NeverBindsToTheHandler)
{
    auto c = in(s::reply_review);
    c.p.callback.bound_agent = id_of(handler);
    c.does(officer, pass_reply{});
    EXPECT_EQ(c.refuses(agent, c.a_try()), "ok");
}

TEST(CallbackPlan, TellsTheNamedReviewerWhenAttemptsOrRoundsAreExhausted)
{
    const notice reviewing{recipient::person, {}, id_of(quality), "ticket.callback_attempted", {}, true};
    const notice again{recipient::person, {}, id_of(quality), "ticket.rework_started", {}, true};
    auto c = in(s::callback_pending);
    c.p.callback.reviewer = id_of(quality);
    c.p.callback.max_rounds = 2;
    auto tried = c;
    tried.does(agent, tried.a_try());
    tried.after(2h).does(agent, tried.a_try());
    tried.at(shanghai(2026, 3, 2, 14)).does(agent, tried.a_try());
    EXPECT_THAT(tried.last.notices, Contains(reviewing));
    c.does(customer, c.verdict(discontent()));
    EXPECT_THAT(c.last.notices, ::testing::Not(Contains(again)));
    c.does(handler, c.a_fix(51));
    c.does(chief, c.an_approval());
    c.does(handler, c.a_reply());
    c.does(officer, pass_reply{});
    c.does(customer, c.verdict(discontent()));
    EXPECT_THAT(c.last.notices, Contains(again));
}

// 26 and 27

TEST(GiveVerdict, AsksSolvedFirstAndTakesScoresFromOneToFive)
{
    auto c = in(s::callback_pending);
    EXPECT_EQ(c.refuses(agent, c.verdict({})), "solved-answer-required");
    EXPECT_EQ(c.refuses(agent, c.verdict({solved_answer::yes, 0, {}, {}})), "invalid-field");
    EXPECT_EQ(c.refuses(agent, c.verdict({solved_answer::yes, {}, 6, {}})), "invalid-field");
    EXPECT_EQ(c.refuses(agent, c.verdict({solved_answer::yes, {}, {}, {}})), "ok");
    EXPECT_EQ(c.refuses(agent, c.verdict(discontent(), "")), "reason-required");
}

TEST(GiveVerdict, OfAContentCustomerCloses)
{
    auto c = in(s::callback_pending);
    c.does(customer, c.verdict({solved_answer::yes, 3, {}, 1}));
    EXPECT_EQ(c.t.status, s::closed);
    EXPECT_EQ(c.t.closure, ticket_closure::confirmed);
    EXPECT_EQ(c.t.satisfaction, satisfaction_level::neutral);
    EXPECT_EQ(c.t.said, (answers{solved_answer::yes, 3, {}, 1}));
    EXPECT_EQ(c.t.closed_at, c.now);
}

TEST(GiveVerdict, OfAnUnhappyCustomerStartsReworkWithHalfTheTimeInItsUnit)
{
    auto c = in(s::callback_pending);
    c.after(1h).does(agent, c.verdict(discontent()));
    EXPECT_EQ(c.t.status, s::investigating);
    EXPECT_EQ(c.t.rework_cycle, 1);
    EXPECT_EQ(c.t.handler, id_of(handler));
    EXPECT_EQ(c.clock(deadline_kind::rework).goal, of(target_unit::working_days, 2)) << "half of 3 wd, rounded up";
    EXPECT_EQ(c.clock(deadline_kind::rework).due_at, shanghai(2026, 3, 4, 23, 59) + 59s);
    EXPECT_FALSE(c.t.supervised);
}

TEST(GiveVerdict, LetsNoSolutionBeUsedTwice)
{
    auto c = in(s::callback_pending);
    c.does(agent, c.verdict(discontent()));
    EXPECT_EQ(c.refuses(handler, c.a_fix(30)), "solution-repeated");
    EXPECT_EQ(c.refuses(handler, c.a_fix(35)), "ok");
}

TEST(GiveVerdict, PutsTheSecondReworkUnderSupervisionAndItsApprovalOneLevelUp)
{
    auto c = in(s::callback_pending);
    c.does(agent, c.verdict(discontent()));
    c.does(handler, c.a_fix(35));
    c.does(chief, c.an_approval());
    c.does(handler, c.a_reply());
    c.does(officer, pass_reply{});
    EXPECT_EQ(c.clock(deadline_kind::rework).state, deadline_state::met);
    c.does(agent, c.verdict(discontent()));
    EXPECT_EQ(c.t.rework_cycle, 2);
    EXPECT_TRUE(c.t.supervised);
    EXPECT_EQ(c.clock(deadline_kind::rework).round, 2);
    EXPECT_EQ(c.clock(deadline_kind::rework).goal, of(target_unit::working_days, 2))
        << "half of the original, not of the last";
    c.does(handler, c.a_fix(36));
    EXPECT_EQ(c.refuses(chief, c.an_approval()), "above-authority");
    EXPECT_EQ(c.refuses(main_chief, c.an_approval()), "ok");
}

TEST(GiveVerdict, OnAnInvalidTicketIsADispute)
{
    auto c = in(s::invalid_pending_reply);
    c.does(agent, c.invalid_answer());
    c.does(agent, c.verdict(discontent()));
    EXPECT_EQ(c.t.status, s::triage);
    EXPECT_EQ(c.t.rework_cycle, 0);
    EXPECT_EQ(c.t.dispute_count, 1);
    EXPECT_THAT(c.events(), ElementsAre("ticket.disputed"));
    c.does(officer, c.invalid());
    c.does(agent, c.invalid_answer());
    c.after(2h);
    EXPECT_EQ(c.refuses(agent, c.verdict(discontent())), "supervisor-required");
    EXPECT_EQ(c.refuses(supervisor, c.verdict(discontent())), "ok");
}

// 28

TEST(Unreachable, TakesThreeAttemptsInTwoPartsOfTheDay)
{
    auto c = in(s::callback_pending);
    EXPECT_EQ(c.refuses(supervisor, close_unreachable{"moved"}), "attempts-not-exhausted");
    c.does(agent, c.a_try());
    c.at(monday + 2h).does(agent, c.a_try());
    EXPECT_EQ(c.t.next_callback_at, shanghai(2026, 3, 2, 14)) << "the morning was tried twice";
    c.at(shanghai(2026, 3, 3, 9)).does(agent, c.a_try());
    EXPECT_EQ(c.refuses(supervisor, close_unreachable{"moved"}), "attempts-not-exhausted") << "all in the morning";
    EXPECT_FALSE(c.runs(deadline_kind::review));
    c.at(shanghai(2026, 3, 3, 14)).does(agent, c.a_try());
    EXPECT_TRUE(c.runs(deadline_kind::review));
    EXPECT_FALSE(c.runs(deadline_kind::callback));
    EXPECT_EQ(owner(c.t)->as, role::supervisor);
    EXPECT_THAT(c.last.notices, Contains(::testing::Field(&notice::to, recipient::supervisor)));
    EXPECT_THAT(c.last.messages, ElementsAre(customer_message::survey_link)) << "the last attempt";
    EXPECT_EQ(c.refuses(supervisor, close_unreachable{}), "reason-required");
    c.does(supervisor, close_unreachable{"moved"});
    EXPECT_EQ(c.t.closure, ticket_closure::unreachable);
    EXPECT_EQ(c.t.satisfaction, satisfaction_level::unknown);
    EXPECT_THAT(c.last.messages, ElementsAre(customer_message::closed)) << "one survey a round";
}

TEST(Unreachable, CountsTheAttemptsOfThisRoundOnly)
{
    auto c = in(s::callback_pending);
    c.does(agent, c.a_try());
    c.at(shanghai(2026, 3, 2, 14)).does(agent, c.a_try());
    c.at(shanghai(2026, 3, 2, 18)).does(agent, c.verdict(discontent()));
    c.does(handler, c.a_fix(35));
    c.does(chief, c.an_approval());
    c.does(handler, c.a_reply());
    c.does(officer, pass_reply{});
    EXPECT_EQ(c.refuses(supervisor, close_unreachable{"moved"}), "attempts-not-exhausted");
}

TEST(Unreachable, IsClosedByTheSystemForEnquiriesOnly)
{
    for (const bool enquiry : {false, true}) {
        auto c = in(s::callback_pending);
        c.p.callback.system_may_close = enquiry;
        c.does(agent, c.a_try());
        c.after(2h).does(agent, c.a_try());
        c.at(shanghai(2026, 3, 2, 14)).does(agent, c.a_try());
        c.at(c.clock(deadline_kind::review).due_at).clock_runs();
        EXPECT_EQ(c.t.status, enquiry ? s::closed : s::callback_pending);
        EXPECT_EQ(c.t.closure, enquiry ? ticket_closure::unreachable : ticket_closure::none);
        EXPECT_TRUE(c.t.breached.test(static_cast<std::size_t>(deadline_kind::review)));
    }
}

// the whole story

TEST(Story, FromAComplaintOverReworkToTheArchive)
{
    scene c;
    c.begins();
    c.after(5min).does(agent, classify{"carrier_conduct"});
    c.after(5min).does(officer, c.valid());
    c.after(20min).does(handler, accept{});
    c.after(1h).does(handler, c.a_contact());
    c.after(5h).does(handler, c.a_fix());
    c.at(shanghai(2026, 3, 3, 10)).does(chief, c.an_approval());
    c.at(shanghai(2026, 3, 3, 17)).does(handler, c.a_reply());
    c.at(shanghai(2026, 3, 3, 21)).does(officer, pass_reply{});
    EXPECT_EQ(c.clock(deadline_kind::resolve).state, deadline_state::met);
    EXPECT_EQ(c.t.next_callback_at, shanghai(2026, 3, 4, 9));

    c.at(shanghai(2026, 3, 3, 21, 30));
    EXPECT_EQ(c.refuses(agent, c.verdict(discontent())), "not-callback-hours");

    c.at(shanghai(2026, 3, 4, 9, 30)).does(agent, c.verdict(discontent()));
    EXPECT_EQ(c.t.status, s::investigating);
    EXPECT_EQ(c.t.rework_cycle, 1);
    EXPECT_EQ(c.clock(deadline_kind::rework).due_at, shanghai(2026, 3, 6, 23, 59) + 59s);

    c.after(1h).does(handler, c.a_fix(35));
    c.after(1h).does(chief, c.an_approval());
    c.at(shanghai(2026, 3, 5, 11)).does(handler, c.a_reply());
    c.after(1h).does(officer, pass_reply{});
    EXPECT_EQ(c.clock(deadline_kind::rework).state, deadline_state::met);
    c.at(shanghai(2026, 3, 5, 15)).does(agent, c.verdict(content()));
    EXPECT_EQ(c.t.status, s::closed);
    EXPECT_EQ(c.t.closure, ticket_closure::confirmed);

    c.after(days(29)).clock_runs();
    EXPECT_EQ(c.t.status, s::closed);
    c.after(days(2)).clock_runs();
    EXPECT_EQ(c.t.status, s::archived);
    EXPECT_EQ(c.t.satisfaction, satisfaction_level::satisfied);
    EXPECT_THAT(missing_in_file(c.t), IsEmpty());
}

} // namespace
} // namespace huiyin::domain::testing
