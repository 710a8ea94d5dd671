#include "ticket_fixture.hpp"

namespace huiyin::domain::testing {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using s = ticket_status;

scene reworked(int times)
{
    auto c = in(s::callback_pending);
    for (int i = 0; i < times; ++i)
        c.reworks(51 + static_cast<std::uint32_t>(i));
    return c;
}

// 29

TEST(FinalAnswer, IsProposedBySupervisorAndAgreedByTheLeaderAfterTwoReworks)
{
    auto c = reworked(1);
    EXPECT_EQ(c.refuses(supervisor, c.last_word()), "rework-required");
    c.reworks(60);
    c.does(supervisor, c.last_word());
    EXPECT_EQ(c.t.status, s::callback_pending);
    EXPECT_EQ(scope_of(c.t).responsible, station) << "so that its leader may sign";
    EXPECT_EQ(c.refuses(supervisor, c.last_word()), "already-exists");
    c.does(chief, sign_final_answer{true});
    EXPECT_EQ(c.t.status, s::closed);
    EXPECT_EQ(c.t.closure, ticket_closure::final_answer);
    EXPECT_EQ(c.t.satisfaction, satisfaction_level::unsatisfied);
    EXPECT_EQ(c.t.said.solved, solved_answer::no);
    EXPECT_EQ(c.t.final_word->agreed_by, id_of(chief));
    EXPECT_THAT(c.last.messages, ElementsAre(customer_message::final_answer, customer_message::closed));
}

TEST(FinalAnswer, NeedsARuleARemedyAndWords)
{
    auto c = reworked(2);
    auto cmd = c.last_word();
    cmd.basis.reset();
    EXPECT_EQ(c.refuses(supervisor, cmd), "evidence-required");
    cmd = c.last_word();
    cmd.remedy.clear();
    EXPECT_EQ(c.refuses(supervisor, cmd), "remedy-required");
    cmd = c.last_word();
    cmd.words.reset();
    EXPECT_EQ(c.refuses(supervisor, cmd), "result-required");
    cmd = c.last_word();
    cmd.said = answers{};
    EXPECT_EQ(c.refuses(supervisor, cmd), "solved-answer-required");
    EXPECT_EQ(c.refuses(chief, sign_final_answer{true}), "not-found");
}

TEST(FinalAnswer, TakesTwoPersonsMayBeRefusedAndEndsWithItsState)
{
    auto c = reworked(2);
    auto both = chief;
    both.roles.add(role::supervisor);
    c.does(both, c.last_word());
    EXPECT_EQ(c.refuses(both, sign_final_answer{true}), "second-person-required");
    c.does(main_chief, sign_final_answer{false});
    EXPECT_EQ(c.t.final_word, std::nullopt);
    EXPECT_EQ(c.t.status, s::callback_pending);
    c.does(supervisor, c.last_word());
    c.does(customer, c.verdict(discontent()));
    EXPECT_EQ(c.t.final_word, std::nullopt) << "the customer has spoken meanwhile";
    c.does(supervisor, c.last_word());
    c.does(chief, sign_final_answer{true});
    EXPECT_EQ(c.t.closure, ticket_closure::final_answer) << "from investigating, too";
}

TEST(FinalAnswer, CountsAsSolvedOnlyWhereTheCustomerSaysSo)
{
    auto c = reworked(2);
    auto cmd = c.last_word();
    cmd.said = answers{solved_answer::yes, 3, {}, {}};
    c.does(supervisor, cmd);
    c.does(chief, sign_final_answer{true});
    EXPECT_EQ(c.t.satisfaction, satisfaction_level::neutral);
    EXPECT_EQ(c.t.said.solved, solved_answer::yes);
}

// 30

TEST(Withdraw, WaitsForACallBySomebodyElseThanTheHandler)
{
    auto c = in(s::investigating);
    c.does(customer, c.never_mind());
    EXPECT_EQ(c.t.status, s::withdrawn);
    EXPECT_TRUE(is_open(c.t.status));
    EXPECT_TRUE(c.runs(deadline_kind::callback));
    EXPECT_TRUE(c.t.next_callback_at);
    EXPECT_FALSE(c.runs(deadline_kind::resolve)) << "it waits for the customer alone";
    EXPECT_THAT(c.last.messages, ElementsAre(customer_message::withdrawal_noted));
    EXPECT_EQ(c.refuses(a_user(104, {role::agent}), c.asked_himself()), "caller-is-handler");
    c.at(shanghai(2026, 3, 2, 13));
    EXPECT_EQ(c.refuses(agent, c.asked_himself()), "not-callback-hours");
    c.at(shanghai(2026, 3, 2, 14)).does(agent, c.asked_himself());
    EXPECT_EQ(c.t.status, s::closed);
    EXPECT_EQ(c.t.closure, ticket_closure::withdrawn);
    EXPECT_EQ(c.t.satisfaction, satisfaction_level::unknown);
    EXPECT_EQ(c.t.withdrawal, std::nullopt);
    EXPECT_EQ(c.t.rework_cycle, 0);
}

TEST(Withdraw, EnteredByAnAgentIsConfirmedByAnother)
{
    auto c = in(s::investigating);
    c.does(agent, c.never_mind());
    EXPECT_EQ(c.refuses(agent, c.asked_himself()), "second-person-required");
    EXPECT_EQ(c.refuses(officer, c.asked_himself()), "ok");
}

TEST(Withdraw, NotConfirmedGoesBackToWhereItWasAndItsClocksGoOn)
{
    for (const auto state : {s::registered, s::triage, s::invalid_pending_reply, s::dispatched, s::investigating,
                             s::pending_approval, s::executing, s::promised, s::reply_review, s::callback_pending})
    {
        auto c = in(state);
        const auto running_before = std::ranges::count(c.t.deadlines, deadline_state::running, &deadline::state);
        c.does(customer, c.never_mind());
        c.after(30min).does(agent, c.asked_himself(false));
        EXPECT_EQ(c.t.status, state);
        EXPECT_EQ(std::ranges::count(c.t.deadlines, deadline_state::running, &deadline::state), running_before)
            << to_string(state);
        EXPECT_EQ(std::ranges::count(c.t.deadlines, deadline_state::paused, &deadline::state), 0);
    }
}

TEST(Withdraw, EndsAHoldFirst)
{
    auto c = in(s::on_hold);
    c.does(customer, c.never_mind());
    EXPECT_THAT(c.events(), ElementsAre("ticket.resumed", "ticket.withdrawn"));
    c.does(agent, c.asked_himself(false));
    EXPECT_EQ(c.t.status, s::investigating);
}

TEST(Withdraw, IsNotConfirmedBySilence)
{
    auto c = in(s::executing);
    c.does(customer, c.never_mind());
    c.does(agent, c.a_try());
    c.after(2h).does(agent, c.a_try());
    c.at(shanghai(2026, 3, 2, 14)).does(agent, c.a_try());
    EXPECT_EQ(c.t.status, s::executing);
    EXPECT_THAT(c.events(), ElementsAre("ticket.callback_attempted", "ticket.withdrawal_unconfirmed"));
    EXPECT_THAT(c.last.messages, IsEmpty()) << "no survey";
}

TEST(Withdraw, ReleasesPromisesAndDropsWhatWasOpen)
{
    auto promised = in(s::promised);
    promised.does(customer, promised.never_mind());
    promised.does(agent, promised.asked_himself());
    EXPECT_FALSE(open_promise(promised.t));
    EXPECT_FALSE(promised.t.promise_breached);
    promised.after(days(30)).clock_runs();
    EXPECT_EQ(promised.t.status, s::archived);

    auto c = in(s::pending_approval);
    c.does(handler, c.a_part());
    c.does(customer, c.never_mind());
    c.does(agent, c.asked_himself());
    EXPECT_EQ(c.t.solutions[0].state, solution_state::dropped);
    EXPECT_EQ(std::ranges::count_if(c.t.orders, &work_order::is_open), 0);
}

// 31

TEST(Merge, TakesTheEarlierDueTimeAndEndsTheSource)
{
    auto source = in(s::investigating);
    auto target = in(s::executing);
    target.t.id = numbered<ticket_id>(8);
    const auto earlier = customer_clock(source.t)->due_at - 5h;
    for (auto& d : source.t.deadlines)
        if (d.kind == deadline_kind::resolve) d.due_at = earlier;
    const auto before = source.t;
    const auto original = customer_clock(target.t)->due_at;
    source.does(officer, merge_into(target.t));
    target.does(officer, absorb_of(before));
    EXPECT_EQ(source.t.status, s::merged);
    EXPECT_EQ(source.t.merged_into, target.t.id);
    EXPECT_EQ(source.t.duplicate_of, target.t.id);
    EXPECT_EQ(next_step_at(source.t), std::nullopt);
    EXPECT_EQ(owner(source.t), std::nullopt);
    EXPECT_EQ(customer_clock(target.t)->due_at, earlier);
    EXPECT_EQ(customer_clock(target.t)->original_due_at, original);
    EXPECT_EQ(target.t.status, s::executing);
    auto late = absorb_of(before);
    late.due = original + days(3);
    target.does(officer, late);
    EXPECT_EQ(customer_clock(target.t)->due_at, earlier) << "the later one changes nothing";
}

TEST(Merge, RemembersTheEarlierDueTimeUntilTheTargetIsDispatched)
{
    auto c = in(s::triage);
    auto older = absorb_of(in(s::investigating).t);
    older.source = numbered<ticket_id>(9);
    older.due = c.now + 3h;
    c.does(officer, older);
    EXPECT_EQ(c.t.inherited_due, c.now + 3h);
    c.does(officer, c.valid());
    EXPECT_EQ(customer_clock(c.t)->due_at, c.now + 3h);
    EXPECT_EQ(c.t.inherited_due, std::nullopt);
}

TEST(Merge, IsOfOneCustomerAndOneMatter)
{
    auto c = in(s::investigating);
    const auto other = c.another();
    auto into = merge_into(other);
    into.into = c.t.id;
    EXPECT_EQ(c.refuses(officer, into), "invalid-field");
    into = merge_into(other);
    into.customer = numbered<customer_id>(51);
    EXPECT_EQ(c.refuses(officer, into), "not-same-matter");
    into = merge_into(other);
    into.category = "late_or_damaged";
    EXPECT_EQ(c.refuses(officer, into), "not-same-matter");
    into.category.clear();
    EXPECT_EQ(c.refuses(officer, into), "ok") << "not classified yet";
    for (const auto ended : {s::closed, s::archived, s::merged, s::withdrawn}) {
        into.status = ended;
        EXPECT_EQ(c.refuses(officer, into), "wrong-state");
    }
    auto from = absorb_of(other);
    from.source = c.t.id;
    EXPECT_EQ(c.refuses(officer, from), "invalid-field");
    from = absorb_of(other);
    from.customer = {};
    EXPECT_EQ(c.refuses(officer, from), "not-same-matter");
    from = absorb_of(other);
    from.status = s::closed;
    EXPECT_EQ(c.refuses(officer, from), "wrong-state");
}

TEST(Merge, LosesNoPromise)
{
    auto c = in(s::promised);
    EXPECT_EQ(c.refuses(officer, merge_into(c.another())), "promise-open");
    auto target = in(s::investigating);
    target.t.id = numbered<ticket_id>(8);
    EXPECT_EQ(target.refuses(officer, absorb_of(c.t)), "promise-open");
}

TEST(Merge, EndsAHold)
{
    auto c = in(s::on_hold);
    c.does(officer, merge_into(c.another()));
    EXPECT_EQ(c.t.holds[0].ended_by, "merge");
}

// 32

TEST(Reopen, GoesBackToTheLastOwnerAndHasANewClock)
{
    auto c = in(s::callback_pending);
    c.does(customer, c.verdict(content()));
    c.after(days(5)).does(customer, reopen{"came_back", words(48)});
    EXPECT_EQ(c.t.status, s::triage);
    EXPECT_EQ(c.t.reopen_count, 1);
    EXPECT_EQ(c.t.candidate_department, station);
    EXPECT_EQ(c.t.closure, ticket_closure::none);
    EXPECT_EQ(c.t.satisfaction, satisfaction_level::unknown);
    EXPECT_FALSE(c.runs(deadline_kind::archive));
    EXPECT_TRUE(c.runs(deadline_kind::dispatch));
    c.does(officer, c.valid());
    EXPECT_EQ(c.clock(deadline_kind::resolve).round, 2);
    EXPECT_EQ(c.t.lead_department, station);
    c.does(handler, accept{});
    c.does(handler, c.a_fix(61));
    c.does(chief, c.an_approval());
    c.does(handler, c.a_reply());
    c.does(officer, pass_reply{});
    c.does(customer, c.verdict(content()));
    EXPECT_EQ(c.clock(deadline_kind::archive).round, 2);
}

TEST(Reopen, IsForTheWindowAndAfterwardsForAFollowUp)
{
    auto c = in(s::closed);
    EXPECT_EQ(c.refuses(customer, reopen{}), "reason-required");
    c.after(days(30) - 1s);
    EXPECT_EQ(c.refuses(customer, reopen{"came_back", {}}), "ok");
    c.after(1s);
    EXPECT_EQ(c.refuses(customer, reopen{"came_back", {}}), "reopen-window-over");
    c.clock_runs();
    EXPECT_EQ(c.refuses(customer, reopen{"came_back", {}}), "follow-up-required");
    auto next = c.a_complaint();
    next.follow_up_of = c.t.id;
    EXPECT_EQ(decide(next, c.p, customer, c.now)->next.follow_up_of, c.t.id);
}

TEST(Reopen, OfAnInvalidTicketIsADisputeAndBoundedLikeOne)
{
    auto c = in(s::invalid_pending_reply);
    c.does(agent, c.invalid_answer(understanding::accepted));
    c.does(customer, reopen{"came_back", {}});
    EXPECT_EQ(c.t.validity, ticket_validity::unjudged);
    EXPECT_EQ(c.t.dispute_count, 1);
    c.does(officer, c.invalid());
    c.does(agent, c.invalid_answer(understanding::accepted));
    EXPECT_EQ(c.refuses(customer, reopen{"came_back", {}}), "supervisor-required");
    EXPECT_EQ(c.refuses(supervisor, reopen{"came_back", {}}), "ok");
}

TEST(Reopen, TakesBackTheFameOfTheFirstContact)
{
    auto c = in(s::closed);
    EXPECT_TRUE(c.t.fcr);
    c.does(customer, reopen{"came_back", {}});
    EXPECT_FALSE(c.t.fcr);
    c.does(agent, c.solved_at_once());
    EXPECT_FALSE(c.t.fcr);
}

// groups

TEST(Group, LinksManyComplainantsToOneCaseAndEachIsStillCalledBack)
{
    auto c = in(s::executing);
    const auto root = numbered<ticket_id>(99);
    EXPECT_EQ(c.refuses(officer, link_to_group{c.t.id}), "invalid-field");
    EXPECT_EQ(c.refuses(officer, link_to_group{}), "invalid-field");
    EXPECT_EQ(c.refuses(officer, leave_group{}), "not-found");
    c.does(officer, link_to_group{root});
    EXPECT_EQ(c.t.group_root, root);
    EXPECT_EQ(c.refuses(officer, link_to_group{root}), "already-exists");
    c.does(handler, c.a_reply());
    c.does(officer, pass_reply{});
    EXPECT_EQ(c.t.status, s::callback_pending);
    c.does(officer, leave_group{});
    EXPECT_EQ(c.t.group_root, std::nullopt);
}

// sampling

TEST(Sample, SparesEnquiriesTheCallbackButNoComplaint)
{
    auto c = in(s::reply_review);
    c.p.callback.sample_permille = 0;
    EXPECT_EQ(decide(c.t, pass_reply{}, c.p, officer, c.now)->next.status, s::callback_pending) << "a complaint";
    c.t.type = ticket_type::enquiry;
    c.does(officer, pass_reply{});
    EXPECT_EQ(c.t.status, s::closed);
    EXPECT_EQ(c.t.closure, ticket_closure::not_sampled);
    EXPECT_EQ(c.t.satisfaction, satisfaction_level::unknown);
    EXPECT_THAT(c.events(), ElementsAre("ticket.reply_passed", "ticket.closed"));
    EXPECT_EQ(c.last.events[1].by_kind, actor_kind::system);
    EXPECT_THAT(c.last.messages, ElementsAre(customer_message::closed, customer_message::survey_link));
    EXPECT_EQ(c.clock(deadline_kind::callback).state, deadline_state::cancelled) << "no callback was made in time";
}

TEST(Sample, IsDrawnByTheIdInTheShareOfThePlan)
{
    callback_plan plan;
    for (const int permille : {0, 100, 500, 1000}) {
        plan.sample_permille = permille;
        int drawn = 0;
        for (std::uint32_t n = 0; n < 4000; ++n)
            drawn += is_sampled(plan, numbered<ticket_id>(n)) ? 1 : 0;
        EXPECT_NEAR(drawn, permille * 4, permille % 1000 == 0 ? 0 : 130);
    }
}

} // namespace
} // namespace huiyin::domain::testing
