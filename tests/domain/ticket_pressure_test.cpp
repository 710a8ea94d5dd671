#include "ticket_fixture.hpp"

#include <huiyin/domain/suspicion.hpp>

#include <numeric>

namespace huiyin::domain::testing {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using s = ticket_status;

// 34

TEST(Urge, AsksForAnAnswerTellsTheCustomerAndClimbs)
{
    auto c = in(s::investigating);
    c.does(customer, urge{words(49)});
    EXPECT_TRUE(c.runs(deadline_kind::urge_reply));
    EXPECT_THAT(c.last.messages, ElementsAre(customer_message::urge_noted));
    c.after(24h).does(customer, urge{});
    EXPECT_THAT(c.last.notices, Contains(Field(&notice::to, recipient::leader)));
    c.after(24h).does(sys, urge{});
    EXPECT_THAT(c.last.notices, Contains(Field(&notice::to, recipient::supervision_officer)));
    EXPECT_EQ(c.t.urge_count, 3);
    c.does(handler, answer_urge{words(47)});
    EXPECT_FALSE(c.runs(deadline_kind::urge_reply));
    EXPECT_THAT(c.last.messages, ElementsAre(customer_message::urge_answered));
    EXPECT_EQ(c.refuses(handler, answer_urge{words(47)}), "not-found");
}

TEST(Urge, ComesOnceADayUnlessPastDue)
{
    auto c = in(s::investigating);
    c.does(customer, urge{});
    c.after(24h - 1s);
    EXPECT_EQ(c.refuses(customer, urge{}), "urged-recently");
    const auto refused = decide(c.t, urge{}, c.p, agent, c.now);
    EXPECT_EQ(refused.error().facts.at(0).value, "2026-03-03T01:00:00Z");
    c.after(1s);
    EXPECT_EQ(c.refuses(customer, urge{}), "ok");
    c.at(customer_clock(c.t)->due_at).does(customer, urge{});
    EXPECT_EQ(c.refuses(customer, urge{}), "urged-recently");
    c.after(1s).does(customer, urge{});
    EXPECT_EQ(c.refuses(customer, urge{}), "ok") << "past due nobody may be told to wait";
}

TEST(Urge, IsAnsweredByTheDeskWhereNoDepartmentLeads)
{
    auto c = in(s::triage);
    c.does(customer, urge{});
    EXPECT_EQ(c.refuses(handler, answer_urge{words(47)}), "not-in-department");
    EXPECT_EQ(c.refuses(officer, answer_urge{words(47)}), "ok");
}

TEST(Urge, OfAFurtherContactIsKeptHoweverSoonItComes)
{
    auto c = in(s::investigating);
    c.does(customer, urge{});
    c.does(customer, further_contact{c.fresh<interaction_id>()});
    EXPECT_EQ(c.t.urge_count, 2);
}

// 35

TEST(Supervise, NeedsAGroundAWrittenAnswerAndItsOfficerToEnd)
{
    auto c = in(s::investigating);
    EXPECT_EQ(c.refuses(supervisor, supervise{"bored", {}}), "invalid-field");
    EXPECT_EQ(c.refuses(supervisor, supervise{"overdue", {}}), "nothing-to-supervise");
    EXPECT_EQ(c.refuses(supervisor, supervise{"rework", {}}), "nothing-to-supervise");
    EXPECT_EQ(c.refuses(supervisor, clear_supervision{}), "not-found");
    EXPECT_EQ(c.refuses(handler, answer_supervision{words(48)}), "not-found");
    c.does(supervisor, supervise{"media", words(50)});
    EXPECT_TRUE(c.t.supervised);
    EXPECT_TRUE(c.runs(deadline_kind::supervision_reply));
    EXPECT_THAT(c.last.notices, Contains(Field(&notice::to, recipient::leader)));
    EXPECT_EQ(c.refuses(supervisor, supervise{"media", {}}), "already-exists");
    EXPECT_EQ(c.refuses(supervisor, clear_supervision{}), "supervision-unanswered");
    c.does(handler, answer_supervision{words(48)});
    EXPECT_FALSE(c.runs(deadline_kind::supervision_reply));
    EXPECT_TRUE(c.t.supervised) << "an answer ends nothing";
    EXPECT_EQ(c.refuses(handler, answer_supervision{words(48)}), "not-found");
    c.does(supervisor, clear_supervision{});
    EXPECT_FALSE(c.t.supervised);
    EXPECT_EQ(c.t.supervisions[0].cleared_by, id_of(supervisor));
}

TEST(Supervise, OfAnOverdueTicketMayComeFromTheSystem)
{
    auto c = in(s::investigating);
    c.at(customer_clock(c.t)->due_at + 1s).does(sys, supervise{"overdue", {}});
    EXPECT_TRUE(c.t.supervisions[0].by == uuid{});
}

TEST(Supervise, FollowsTheSecondReworkByItself)
{
    auto c = in(s::callback_pending);
    c.reworks(51);
    EXPECT_FALSE(c.t.supervised);
    c.reworks(52);
    EXPECT_TRUE(c.t.supervised);
    ASSERT_THAT(c.t.supervisions, SizeIs(1));
    EXPECT_EQ(c.t.supervisions[0].reason, "rework");
    EXPECT_EQ(c.refuses(supervisor, supervise{"rework", {}}), "already-exists");
    c.does(customer, c.verdict(content()));
    c.does(supervisor, clear_supervision{});
    EXPECT_FALSE(c.t.supervised) << "a closed ticket owes no answer";
}

// fall-back owner

scene with_fallback()
{
    scene c;
    c.p.fallback = to(circulation);
    set(c.p, deadline_kind::fallback, of(target_unit::hours, 8), "always");
    return c;
}

TEST(Fallback, OwnsWhatNoDepartmentWasFoundFor)
{
    for (const bool classified : {false, true}) {
        auto c = with_fallback();
        c.reach(classified ? s::triage : s::registered);
        c.at(monday + 8h - 1s).clock_runs();
        EXPECT_EQ(c.t.lead_department, std::nullopt);
        c.at(monday + 8h).clock_runs();
        EXPECT_EQ(c.t.status, s::dispatched);
        EXPECT_EQ(c.t.lead_department, circulation);
        EXPECT_THAT(c.events(), Contains("ticket.fallback_dispatched"));
        EXPECT_FALSE(lead_order(c.t)->id.is_nil());
        EXPECT_TRUE(c.runs(deadline_kind::resolve));
        EXPECT_EQ(c.refuses(director, c.a_return()), "no-return-allowed") << "nobody is left to return it to";
    }
}

TEST(Fallback, CountsEachStayWithoutADepartment)
{
    auto c = with_fallback();
    c.reach(s::dispatched);
    EXPECT_FALSE(c.runs(deadline_kind::fallback));
    c.at(monday + 3h).does(chief, c.a_return());
    EXPECT_EQ(c.clock(deadline_kind::fallback).due_at, monday + 11h);
    c.does(officer, c.invalid());
    EXPECT_FALSE(c.runs(deadline_kind::fallback));
    c.does(customer, dispute{});
    EXPECT_TRUE(c.runs(deadline_kind::fallback));
}

TEST(Fallback, WithoutAnOwnerHasNoClock)
{
    auto c = with_fallback();
    c.p.fallback.reset();
    c.reach(s::triage);
    EXPECT_FALSE(c.runs(deadline_kind::fallback));
}

// 11: rulings

TEST(Ruling, ChargesTheTimeSinceTheFirstQuarrelledDispatchToTheSideThatWasWrong)
{
    auto c = in(s::dispatched);
    c.at(monday + 1h).does(chief, c.a_return());
    c.at(monday + 2h).does(supervisor, c.valid(billing));
    c.at(monday + 3h).does(billing_chief, c.a_return());
    c.at(monday + 4h);
    EXPECT_EQ(c.refuses(supervisor, c.ruling()), "fault-required") << "the cap of returns is reached";
    auto cmd = c.ruling();
    cmd.at_fault = fault_side::department;
    EXPECT_EQ(c.refuses(supervisor, cmd), "invalid-field");
    cmd.wrong = circulation;
    EXPECT_EQ(c.refuses(supervisor, cmd), "invalid-field") << "it never led";
    cmd.wrong = station;
    c.does(supervisor, cmd);
    ASSERT_THAT(c.t.rulings, SizeIs(1));
    EXPECT_EQ(c.t.rulings[0].by, id_of(supervisor));
    EXPECT_EQ(c.t.rulings[0].department, station);
    EXPECT_EQ(c.t.rulings[0].lost_from, monday);
    EXPECT_EQ(c.t.rulings[0].charged, 4h);
    const auto shares = time_shares(c.t, monday + 6h);
    EXPECT_THAT(shares, ElementsAre(time_share{holder::department, station, 6h})) << "two hours of its own besides";
}

TEST(Ruling, AgainstTheDeskChargesTheDesk)
{
    auto c = in(s::dispatched);
    c.at(monday + 1h).does(chief, c.a_return());
    auto cmd = c.ruling(billing);
    cmd.at_fault = fault_side::desk;
    c.at(monday + 90min).does(supervisor, cmd);
    EXPECT_THAT(time_shares(c.t, monday + 2h), ElementsAre(time_share{holder::desk, std::nullopt, 90min},
                                                           time_share{holder::department, billing, 30min}));
}

TEST(Ruling, InAConflictBeforeAnyReturnCountsFromTheTriage)
{
    auto c = in(s::triage);
    auto cmd = c.ruling();
    cmd.conflict = true;
    cmd.at_fault = fault_side::desk;
    c.after(1h).does(supervisor, cmd);
    EXPECT_EQ(c.t.rulings[0].charged, 1h);
}

// the two clocks

TEST(TimeShares, TellWhoHeldTheTicketAndAddUpToTheWhole)
{
    auto c = in(s::triage);
    c.at(monday + 1h).does(officer, c.valid());
    c.at(monday + 2h).does(handler, accept{});
    c.at(monday + 3h).does(handler, c.a_contact());
    c.does(chief, c.a_hold());
    c.at(monday + 5h).does(handler, resume_work{});
    c.at(monday + 6h).does(officer, c.a_transfer(billing));
    c.does(billing_handler, accept{});
    c.does(billing_handler, c.a_fix());
    c.p.approval.chain = {billing};
    c.does(billing_chief, c.an_approval());
    c.at(monday + 9h).does(billing_handler, c.a_reply());
    c.at(monday + 9h + 30min).does(officer, pass_reply{});
    c.at(monday + 10h).does(customer, c.verdict(content()));
    EXPECT_THAT(time_shares(c.t, monday + days(9)),
                ElementsAre(time_share{holder::desk, std::nullopt, 90min}, time_share{holder::department, station, 3h},
                            time_share{holder::on_hold, station, 2h}, time_share{holder::department, billing, 3h},
                            time_share{holder::customer_callback, std::nullopt, 30min}));
}

TEST(TimeShares, AddUpInEveryState)
{
    for (const auto state : {s::registered, s::triage, s::invalid_pending_reply, s::dispatched, s::investigating,
                             s::pending_approval, s::executing, s::promised, s::on_hold, s::reply_review,
                             s::callback_pending, s::closed, s::archived, s::withdrawn, s::merged})
    {
        const auto c = in(state);
        const auto end = is_open(state) ? c.now + 3h : c.t.closed_at.value_or(c.now);
        std::chrono::microseconds sum{0};
        for (const auto& share : time_shares(c.t, c.now + 3h))
            sum += share.time;
        EXPECT_EQ(sum, end - c.t.reported_at) << to_string(state);
    }
}

TEST(TimeShares, CountTheRestBetweenClosingAndReopeningForNobody)
{
    auto c = in(s::closed);
    c.after(days(3)).does(customer, reopen{"came_back", {}});
    EXPECT_THAT(time_shares(c.t, c.now + 1h), ElementsAre(time_share{holder::rest, std::nullopt, days(3)},
                                                          time_share{holder::desk, std::nullopt, 1h}));
}

// the ladder

TEST(Notices, OfOneCauseReachEachReceiverOnceAndAreUrgentForTheHighPriorities)
{
    auto c = in(s::investigating);
    c.at(customer_clock(c.t)->due_at + days(12)).clock_runs();
    for (const auto& told : c.last.notices) {
        EXPECT_EQ(std::ranges::count(c.last.notices, told), 1);
        EXPECT_TRUE(told.urgent);
    }
    c.t.priority = ticket_priority::p3;
    c.does(customer, urge{});
    EXPECT_THAT(c.last.notices, Not(IsEmpty()));
    for (const auto& told : c.last.notices)
        EXPECT_FALSE(told.urgent);
}

TEST(Notices, OfANewTicketAreNone)
{
    scene c;
    c.begins();
    EXPECT_THAT(c.last.notices, IsEmpty()) << "the desk's list shows it";
}

TEST(Dispatch, TellsTheLeaderAsWellWhereNeitherContactIsThere)
{
    auto c = in(s::triage);
    auto cmd = c.valid();
    cmd.to.a_is_away = cmd.to.b_is_away = true;
    c.does(officer, cmd);
    EXPECT_EQ(c.t.orders[0].assignee, id_of(handler));
    EXPECT_THAT(c.last.notices, Contains(Field(&notice::to, recipient::leader)));
    EXPECT_THAT(c.last.notices, SizeIs(2));
}

// signs of fake closing

TEST(Suspicions, OfAnHonestTicketAreNone)
{
    auto c = in(s::executing);
    c.does(handler, c.a_contact());
    c.does(handler, c.a_reply());
    c.does(officer, pass_reply{});
    c.does(customer, c.verdict(content()));
    surroundings facts;
    facts.replies_around = 9;
    facts.next_complaint_at = c.now + days(31);
    facts.answered_from_own_number = true;
    EXPECT_THAT(suspicions(c.t, facts), IsEmpty()) << "the burst came long before it was due";
}

TEST(Suspicions, AreEachFound)
{
    auto c = in(s::executing);
    c.does(agent, c.a_contact());
    c.at(customer_clock(c.t)->due_at - 1h).does(handler, c.a_reply());
    c.does(officer, pass_reply{});
    c.does(customer, c.verdict(content()));
    EXPECT_THAT(suspicions(c.t, {}), ElementsAre(suspicion::closed_without_contact)) << "the desk's call is not the "
                                                                                        "department's";
    surroundings facts;
    facts.replies_around = burst_of_replies;
    facts.next_complaint_at = c.now + days(30);
    facts.answered_from_own_number = false;
    EXPECT_THAT(suspicions(c.t, facts),
                ElementsAre(suspicion::closed_without_contact, suspicion::completed_in_burst,
                            suspicion::repeat_within_30d, suspicion::answered_from_other_number));
    c.t.imported = true;
    EXPECT_THAT(suspicions(c.t, facts), IsEmpty());
}

} // namespace
} // namespace huiyin::domain::testing
