#include "ticket_fixture.hpp"

namespace huiyin::domain::testing {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using s = ticket_status;

// 13

TEST(CoHandler, HasItsOwnDueTimeWhichIsNeverLaterThanTheTickets)
{
    auto c = in(s::investigating);
    const auto whole = customer_clock(c.t)->due_at;
    auto cmd = c.a_part();
    cmd.due_at = whole + 1s;
    EXPECT_EQ(c.refuses(handler, cmd), "co-handler-due-invalid");
    cmd.due_at = c.now;
    EXPECT_EQ(c.refuses(handler, cmd), "co-handler-due-invalid");
    cmd.due_at = c.now + 1h;
    c.does(handler, cmd);
    EXPECT_EQ(c.t.orders.back().due_at, c.now + 1h);
    EXPECT_EQ(c.t.orders.back().kind, work_order_kind::co_handler);
    EXPECT_EQ(c.t.lead_department, station) << "one department leads";
    EXPECT_THAT(
        c.last.notices,
        ElementsAre(notice{recipient::person, {}, id_of(billing_handler), "ticket.co_handler_added", {}, true}));
    EXPECT_EQ(c.refuses(handler, c.a_part()), "already-exists");
    EXPECT_EQ(c.refuses(handler, c.a_part(station)), "same-department");
    c.does(officer, c.a_part(main_station));
    EXPECT_EQ(c.t.orders.back().due_at, whole) << "where nobody says otherwise";
}

TEST(CoHandler, FollowsAnEarlierDueTimeOfTheTicket)
{
    auto c = in(s::investigating);
    c.does(handler, c.a_part());
    auto other = absorb_of(c.another());
    other.due = c.now + 2h;
    c.does(officer, other);
    EXPECT_EQ(customer_clock(c.t)->due_at, c.now + 2h);
    EXPECT_EQ(c.t.orders.back().due_at, c.now + 2h);
}

TEST(CoHandler, IsWaitedForByTheReplyUntilDoneOrWaived)
{
    for (const bool done : {true, false}) {
        auto c = in(s::executing);
        c.does(handler, c.a_part());
        const auto part = c.t.orders.back().id;
        EXPECT_EQ(c.refuses(handler, c.a_reply()), "co-handler-open");
        EXPECT_EQ(c.refuses(billing_handler, finish_co_handler{part, std::nullopt}), "result-required");
        EXPECT_EQ(c.refuses(billing_handler, finish_co_handler{c.t.orders.front().id, words()}), "not-found");
        EXPECT_EQ(c.refuses(handler, waive_co_handler{part, ""}), "reason-required");
        EXPECT_EQ(c.refuses(handler, waive_co_handler{c.t.orders.front().id, "x"}), "not-found");
        if (done)
            c.does(billing_handler, finish_co_handler{part, words(46)});
        else
            c.does(handler, waive_co_handler{part, "not_needed"});
        EXPECT_EQ(c.t.orders.back().state, done ? work_order_state::done : work_order_state::waived);
        c.does(handler, c.a_reply());
        c.does(officer, pass_reply{});
        if (done) EXPECT_TRUE(has_handled(c.t, id_of(billing_handler))) << "so he makes no callback";
    }
}

TEST(CoHandler, IsToldOnceThatItsPartIsLate)
{
    auto c = in(s::investigating);
    auto cmd = c.a_part();
    cmd.due_at = c.now + 30min;
    c.does(handler, cmd);
    c.after(30min).clock_runs();
    EXPECT_THAT(c.events(), Contains("ticket.co_handler_overdue"));
    EXPECT_THAT(c.last.notices, Contains(Field(&notice::person, id_of(billing_handler))));
    c.after(days(1)).clock_runs();
    EXPECT_THAT(c.events(), ::testing::Not(Contains("ticket.co_handler_overdue")));
}

TEST(CoHandler, ThatBecomesTheLeadHasNoPartBesideTheWhole)
{
    auto c = in(s::investigating);
    c.does(handler, c.a_part());
    c.does(officer, c.a_transfer(billing));
    EXPECT_EQ(std::ranges::count_if(c.t.orders, &work_order::is_open), 1);
    EXPECT_EQ(lead_order(c.t)->department, billing);
}

TEST(CoHandler, IsOfTheScopeThatActs)
{
    auto c = in(s::investigating);
    EXPECT_FALSE(may(billing_handler, permission::ticket_co_handle, scope_of(c.t)));
    c.does(handler, c.a_part());
    EXPECT_TRUE(may(billing_handler, permission::ticket_co_handle, scope_of(c.t)));
    EXPECT_TRUE(may(billing_handler, permission::ticket_read, scope_of(c.t)));
    EXPECT_FALSE(may(billing_handler, permission::ticket_propose, scope_of(c.t)));
}

TEST(CoHandler, ArePartsInBoundedNumber)
{
    auto c = in(s::investigating);
    for (std::uint32_t n = 0; n < 20; ++n) {
        auto cmd = c.a_part();
        cmd.to.department = numbered<department_id>(200 + n);
        c.does(handler, cmd);
    }
    EXPECT_EQ(c.refuses(handler, c.a_part()), "limit-reached");
}

// the ledger of promises

TEST(MakePromise, IsWarnedOfBeforeItIsDueAndKept)
{
    auto c = in(s::investigating);
    c.p.targets[static_cast<std::size_t>(deadline_kind::progress_update)].reset();
    c.does(agent, c.a_word(days(10)));
    EXPECT_THAT(c.last.messages, ElementsAre(customer_message::promise_made));
    EXPECT_EQ(c.t.status, s::investigating);
    c.after(days(8)).clock_runs();
    EXPECT_THAT(c.events(), Contains("ticket.promise_due_soon"));
    EXPECT_THAT(c.last.notices, Contains(Field(&notice::person, id_of(agent))));
    c.after(days(1)).does(agent, keep_promise{c.t.promises[0].id});
    EXPECT_FALSE(c.t.promises[0].breached);
    EXPECT_FALSE(c.t.promise_breached);
    EXPECT_EQ(c.refuses(agent, keep_promise{c.t.promises[0].id}), "not-found");
}

TEST(MakePromise, BrokenIsBrokenOnceAndEscalates)
{
    auto c = in(s::callback_pending);
    c.does(agent, c.a_word(1h));
    const auto level = c.t.escalation_level;
    c.after(1h).clock_runs();
    EXPECT_THAT(c.events(), ElementsAre("ticket.promise_breached")) << "the warning comes too late to be one";
    EXPECT_TRUE(c.t.promise_breached);
    EXPECT_EQ(c.t.escalation_level, level + 1);
    c.after(1h).clock_runs();
    EXPECT_THAT(c.last.events, IsEmpty());
    c.does(agent, keep_promise{c.t.promises[0].id});
    EXPECT_TRUE(c.t.promises[0].breached) << "late";
}

TEST(MakePromise, OutlivesTheClosingAndKeepsTheFileFromTheArchive)
{
    auto c = in(s::callback_pending);
    c.does(agent, c.a_word(days(20)));
    c.does(customer, c.verdict(content()));
    c.after(days(20)).clock_runs();
    EXPECT_THAT(c.events(), Contains("ticket.promise_breached"));
    c.after(days(11)).clock_runs();
    EXPECT_EQ(c.t.status, s::closed);
    EXPECT_EQ(c.refuses(officer, archive{}), "file-incomplete");
    c.does(agent, keep_promise{c.t.promises[0].id});
    c.does(officer, archive{});
}

TEST(MakePromise, NeedsADateWithinTheLongestPromise)
{
    auto c = in(s::investigating);
    EXPECT_EQ(c.refuses(handler, c.a_word(0s)), "promise-due-invalid");
    EXPECT_EQ(c.refuses(handler, c.a_word(days(31))), "promise-due-invalid");
    for (int i = 0; i < 20; ++i)
        c.does(handler, c.a_word());
    EXPECT_EQ(c.refuses(handler, c.a_word()), "limit-reached");
}

TEST(KeepPromise, IsNotTheWayToFulfilASolution)
{
    auto c = in(s::promised);
    EXPECT_EQ(c.refuses(handler, keep_promise{c.t.promises[0].id}), "not-found");
    c.does(handler, c.a_word());
    c.does(handler, fulfil{});
    EXPECT_TRUE(open_promise(c.t)) << "the other one still stands";
    EXPECT_FALSE(solution_promise(c.t));
}

// 20

TEST(Extension, IsAskedBeforeTheDueTimeAndMovesItOnlyWhenGranted)
{
    auto c = in(s::investigating);
    const auto due = customer_clock(c.t)->due_at;
    c.does(handler, c.more_time());
    EXPECT_TRUE(c.t.extension_pending);
    EXPECT_EQ(customer_clock(c.t)->due_at, due) << "a request stops no clock";
    EXPECT_EQ(c.refuses(handler, c.more_time()), "already-exists");
    c.does(officer, decide_extension{true, {}});
    EXPECT_FALSE(c.t.extension_pending);
    EXPECT_EQ(c.t.extension_count, 1);
    EXPECT_EQ(customer_clock(c.t)->due_at, due + 12h);
    EXPECT_EQ(customer_clock(c.t)->original_due_at, due);
    EXPECT_EQ(c.t.extensions[0].due_before, due);
    EXPECT_THAT(c.last.messages, ElementsAre(customer_message::extension_granted)) << "the proof that he was told";
    EXPECT_EQ(c.refuses(handler, c.more_time()), "extensions-exhausted");
}

TEST(Extension, RefusesWhatItsRowRefuses)
{
    auto c = in(s::investigating);
    const auto due = customer_clock(c.t)->due_at;
    auto cmd = c.more_time();
    cmd.reason.clear();
    EXPECT_EQ(c.refuses(handler, cmd), "reason-required");
    cmd = c.more_time();
    cmd.until = due;
    EXPECT_EQ(c.refuses(handler, cmd), "invalid-field");
    cmd.until = shanghai(2026, 3, 9, 23, 59) + 59s;
    EXPECT_EQ(c.refuses(handler, cmd), "ok") << "two working days after Thursday";
    cmd.until += 1s;
    EXPECT_EQ(c.refuses(handler, cmd), "extension-too-long");
    c.t.priority = ticket_priority::p1;
    EXPECT_EQ(c.refuses(handler, c.more_time()), "extension-not-allowed");
    c.t.priority = ticket_priority::p2;
    c.at(due);
    EXPECT_EQ(c.refuses(handler, c.more_time()), "extension-too-late");
    EXPECT_EQ(c.refuses(officer, decide_extension{true, {}}), "not-found");
}

TEST(Extension, TakesTwoPersonsAndAReasonToRefuse)
{
    auto c = in(s::investigating);
    auto both = handler;
    both.roles.add(role::complaint_officer);
    c.does(both, c.more_time());
    EXPECT_EQ(c.refuses(both, decide_extension{true, {}}), "second-person-required");
    EXPECT_EQ(c.refuses(officer, decide_extension{false, {}}), "reason-required");
    const auto until = c.t.extensions[0].until;
    c.does(officer, decide_extension{false, "no_ground"});
    EXPECT_EQ(c.t.extension_count, 0);
    EXPECT_THAT(c.last.messages, IsEmpty());
    c.does(handler, c.more_time());
    c.at(until);
    EXPECT_EQ(c.refuses(officer, decide_extension{true, {}}), "extension-too-late");
}

TEST(Extension, LapsesWithTheStateItWasAskedIn)
{
    auto c = in(s::investigating);
    c.does(handler, c.more_time());
    c.does(handler, c.a_fix());
    EXPECT_FALSE(c.t.extension_pending);
    EXPECT_EQ(c.t.extensions[0].state, request_state::lapsed);
    EXPECT_EQ(c.refuses(officer, decide_extension{true, {}}), "not-found");
}

// 21

TEST(Hold, IsAskedByTheHandlerSignedByTheLeaderAndStopsTheCustomersTargetAlone)
{
    auto c = in(s::investigating);
    c.does(handler, c.a_contact());
    const auto due = customer_clock(c.t)->due_at;
    c.does(handler, c.a_hold());
    EXPECT_EQ(c.t.status, s::investigating);
    EXPECT_EQ(c.refuses(handler, c.a_hold()), "already-exists");
    c.does(chief, sign_hold{true});
    EXPECT_EQ(c.t.status, s::on_hold);
    EXPECT_EQ(c.t.held_from, s::investigating);
    EXPECT_EQ(c.clock(deadline_kind::resolve).state, deadline_state::paused);
    EXPECT_EQ(c.clock(deadline_kind::solution).state, deadline_state::paused);
    EXPECT_TRUE(c.runs(deadline_kind::progress_update));
    EXPECT_TRUE(c.runs(deadline_kind::hold_max));
    EXPECT_THAT(c.last.messages, ElementsAre(customer_message::put_on_hold));
    c.after(days(2)).does(handler, resume_work{});
    EXPECT_EQ(c.t.status, s::investigating);
    EXPECT_EQ(customer_clock(c.t)->due_at, due + days(1)) << "it stood still over Tuesday's end";
    EXPECT_EQ(customer_clock(c.t)->original_due_at, due);
    EXPECT_EQ(c.t.holds[0].ended_by, "handler");
    EXPECT_FALSE(c.runs(deadline_kind::hold_max));
}

TEST(Hold, RefusesWhatItsRowRefuses)
{
    auto c = in(s::investigating);
    EXPECT_EQ(c.refuses(handler, c.a_hold()), "customer-not-informed");
    auto vain = c.a_contact();
    vain.reached = false;
    c.does(handler, vain);
    EXPECT_EQ(c.refuses(handler, c.a_hold()), "customer-not-informed") << "he was not reached";
    c.does(handler, c.a_contact());
    EXPECT_EQ(c.refuses(handler, c.a_hold("")), "reason-required");
    EXPECT_EQ(c.refuses(handler, c.a_hold("tired")), "invalid-field");
    auto cmd = c.a_hold("appointment");
    EXPECT_EQ(c.refuses(handler, cmd), "ok");
    cmd.until = c.now;
    EXPECT_EQ(c.refuses(handler, cmd), "invalid-field");
    cmd.until = c.now + days(8);
    EXPECT_EQ(c.refuses(handler, cmd), "invalid-field") << "longer than hold_max";
    cmd.until.reset();
    EXPECT_EQ(c.refuses(handler, cmd), "invalid-field");
    cmd = c.a_hold();
    cmd.told.reset();
    EXPECT_EQ(c.refuses(handler, cmd), "customer-not-informed");
    EXPECT_EQ(c.refuses(chief, sign_hold{true}), "not-found");
}

TEST(Hold, CannotBeSignedByWhoAskedAndMayBeRefused)
{
    auto c = in(s::investigating);
    c.does(handler, c.a_contact());
    auto acting = chief;
    acting.leads.clear();
    c.does(acting, c.a_hold());
    EXPECT_EQ(c.refuses(chief, sign_hold{true}), "second-person-required");
    c.does(a_user(130, {role::department_leader}, {station}, {station}), sign_hold{false});
    EXPECT_EQ(c.t.status, s::investigating);
    EXPECT_EQ(c.t.holds[0].state, request_state::refused);
    auto late = c.a_hold("appointment");
    c.does(handler, late);
    c.at(*late.until);
    EXPECT_EQ(c.refuses(chief, sign_hold{true}), "invalid-field") << "the appointment has passed";
    c.at(*late.until - 1s).does(handler, c.a_fix());
    EXPECT_EQ(c.t.holds[1].state, request_state::lapsed);
}

TEST(Hold, EndsByItselfAtItsMaximumHoweverLateTheScannerIs)
{
    const auto ended = [](std::chrono::microseconds late) {
        auto c = in(s::on_hold);
        const auto end = c.clock(deadline_kind::hold_max).due_at;
        EXPECT_EQ(end, shanghai(2026, 3, 9, 23, 59) + 59s);
        c.at(end + late).clock_runs();
        EXPECT_THAT(c.events(), Contains("ticket.resumed"));
        EXPECT_EQ(c.t.holds[0].ended_by, "hold_max");
        EXPECT_EQ(c.t.holds[0].ended_at, end);
        return c;
    };
    auto c = ended(0s);
    EXPECT_EQ(c.t.status, s::investigating);
    EXPECT_EQ(customer_clock(ended(0s).t)->due_at, customer_clock(ended(7h).t)->due_at);
}

TEST(Hold, ForAnAppointmentEndsThen)
{
    auto c = in(s::investigating);
    c.does(handler, c.a_contact());
    c.does(chief, c.a_hold("appointment"));
    EXPECT_EQ(c.clock(deadline_kind::hold_max).due_at, c.now + days(2));
    c.after(days(2)).clock_runs();
    EXPECT_EQ(c.t.status, s::investigating);
}

TEST(Hold, EndsWithAContactOfTheCustomerWhichIsAnUrgeUnlessItWasAwaited)
{
    auto awaited = in(s::on_hold);
    awaited.does(customer, further_contact{awaited.fresh<interaction_id>()});
    EXPECT_EQ(awaited.t.status, s::investigating);
    EXPECT_THAT(awaited.events(), ElementsAre("ticket.resumed"));
    EXPECT_EQ(awaited.t.urge_count, 0);

    auto c = in(s::investigating);
    c.does(handler, c.a_contact());
    c.does(chief, c.a_hold("force_majeure"));
    c.does(sys, further_contact{c.fresh<interaction_id>()});
    EXPECT_THAT(c.events(), ElementsAre("ticket.resumed", "ticket.urged"));
    EXPECT_EQ(c.t.urge_count, 1);
    c.does(chief, c.a_hold("force_majeure"));
    c.after(days(1)).does(agent, urge{});
    EXPECT_EQ(c.t.status, s::on_hold) << "the desk's pressure is no word of the customer";
    c.after(days(1)).does(customer, urge{});
    EXPECT_EQ(c.t.status, s::investigating);
}

TEST(Hold, IsBoundedInNumberAndKeepsItsState)
{
    auto c = in(s::executing);
    c.does(handler, c.a_contact());
    for (int i = 0; i < 3; ++i) {
        c.does(chief, c.a_hold());
        EXPECT_EQ(c.t.held_from, s::executing);
        c.does(handler, resume_work{});
    }
    EXPECT_EQ(c.refuses(chief, c.a_hold()), "holds-exhausted");
}

// 22: the evidence gate

TEST(EvidenceGate, AsksForFilesAndForAContactThatWasLoggedSinceTheWorkBegan)
{
    auto c = in(s::investigating);
    c.does(handler, c.a_fix());
    c.does(chief, c.an_approval());
    c.p.evidence = {2, true, false};
    auto cmd = c.a_reply();
    EXPECT_EQ(c.refuses(handler, cmd), "evidence-required");
    EXPECT_EQ(c.lacks(handler, cmd), "evidence-required files") << "one file of two";
    cmd.evidence = 2;
    EXPECT_EQ(c.lacks(handler, cmd), "evidence-required contact") << "no contact";
    cmd.contact = c.fresh<interaction_id>();
    EXPECT_EQ(c.lacks(handler, cmd), "evidence-required contact") << "a contact that nobody logged";
    auto letter = c.a_contact();
    letter.how = contact_kind::letter;
    c.does(handler, letter);
    cmd.contact = letter.interaction;
    EXPECT_EQ(c.refuses(handler, cmd), "ok");
    c.p.evidence.spoke_required = true;
    EXPECT_EQ(c.lacks(handler, cmd), "evidence-required conversation") << "a letter is not speaking";
    auto vain = c.a_contact();
    vain.reached = false;
    c.does(handler, vain);
    cmd.contact = vain.interaction;
    EXPECT_EQ(c.lacks(handler, cmd), "evidence-required conversation") << "not reached";
    const auto call = c.a_contact();
    c.does(handler, call);
    cmd.contact = call.interaction;
    c.does(handler, cmd);
    c.does(officer, pass_reply{});
    c.after(1h).does(customer, c.verdict(discontent()));
    c.does(handler, c.a_fix(51));
    c.does(chief, c.an_approval());
    EXPECT_EQ(c.lacks(handler, cmd), "evidence-required conversation") << "that call was before the rework";
}

TEST(EvidenceGate, BelievesNoClaimEvenWhereNoneIsAskedFor)
{
    auto c = in(s::executing);
    auto cmd = c.a_reply();
    EXPECT_EQ(c.refuses(handler, cmd), "ok");
    cmd.contact = c.fresh<interaction_id>();
    EXPECT_EQ(c.lacks(handler, cmd), "evidence-required contact");
    c.p.evidence.min_files = 0;
    cmd.contact.reset();
    cmd.evidence = 0;
    EXPECT_EQ(c.refuses(handler, cmd), "ok");
}

} // namespace
} // namespace huiyin::domain::testing
