#include "ticket_fixture.hpp"

#include <functional>
#include <map>
#include <set>

namespace huiyin::domain::testing {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using s = ticket_status;

// who may do what, where: two tables over all commands

const std::map<std::string, actor> everyone{
    {"customer", customer},
    {"stranger", stranger},
    {"system", sys},
    {"agent", agent},
    {"officer", officer},
    {"handler", handler},
    {"chief", chief},
    {"main_chief", main_chief},
    {"director", director},
    {"billing_handler", billing_handler},
    {"billing_chief", billing_chief},
    {"supervisor", supervisor},
    {"quality", quality},
    {"administrator", administrator},
    {"auditor", auditor},
};

using who_set = std::set<std::string>;

struct row
{
    std::string name;
    std::set<s> states;
    std::function<scene()> given;
    std::function<command(scene&)> command_of;
    actor right;
    who_set may;
    who_set wrong_department;
};

const std::set<s> open_states{s::registered,   s::triage,           s::invalid_pending_reply,
                              s::dispatched,   s::investigating,    s::pending_approval,
                              s::executing,    s::promised,         s::on_hold,
                              s::reply_review, s::callback_pending, s::withdrawn};
const std::set<s> all_states{s::registered,   s::triage,           s::invalid_pending_reply,
                             s::dispatched,   s::investigating,    s::pending_approval,
                             s::executing,    s::promised,         s::on_hold,
                             s::reply_review, s::callback_pending, s::closed,
                             s::archived,     s::withdrawn,        s::merged};
const who_set desk{"agent", "officer"};
const who_set officers{"officer", "supervisor"};
const who_set billing_people{"billing_handler", "billing_chief"};
const std::set<s> open_but_withdrawn = [] {
    auto states = open_states;
    states.erase(s::withdrawn);
    return states;
}();
/// Where a department is at work.
const std::set<s> led_states{s::dispatched, s::investigating, s::pending_approval,
                             s::executing,  s::promised,      s::on_hold};
const who_set station_people{"handler", "chief"};
const who_set leaders{"chief", "main_chief", "director"};

scene returned_once()
{
    auto made = in(s::dispatched);
    made.does(chief, made.a_return());
    return made;
}
scene return_asked()
{
    auto made = in(s::dispatched);
    made.does(handler, made.a_return());
    return made;
}
scene tried_three_times()
{
    auto made = in(s::callback_pending);
    for (const auto pause : {0h, 2h, 5h}) {
        made.after(pause);
        made.does(agent, made.a_try());
    }
    return made;
}
scene with_a_part()
{
    auto made = in(s::investigating);
    made.does(handler, made.a_part());
    return made;
}
scene with_a_word()
{
    auto made = in(s::investigating);
    made.does(handler, made.a_word());
    return made;
}
scene with_a_contact()
{
    auto made = in(s::investigating);
    made.does(handler, made.a_contact());
    return made;
}
scene more_time_asked()
{
    auto made = in(s::investigating);
    made.does(handler, made.more_time());
    return made;
}
scene hold_asked()
{
    auto made = with_a_contact();
    made.does(handler, made.a_hold());
    return made;
}
scene reworked_twice()
{
    auto made = in(s::callback_pending);
    made.reworks(51);
    made.reworks(52);
    return made;
}
scene final_answer_proposed()
{
    auto made = reworked_twice();
    made.does(supervisor, made.last_word());
    return made;
}
scene urged()
{
    auto made = in(s::investigating);
    made.does(customer, urge{});
    return made;
}
scene supervised()
{
    auto made = in(s::investigating);
    made.does(supervisor, supervise{"media", std::nullopt});
    return made;
}
scene supervision_answered()
{
    auto made = supervised();
    made.does(handler, answer_supervision{words(45)});
    return made;
}
scene grouped()
{
    auto made = in(s::investigating);
    made.does(officer, link_to_group{numbered<ticket_id>(99)});
    return made;
}
scene thirty_days_closed()
{
    auto made = in(s::closed);
    made.after(days(30));
    return made;
}

std::vector<row> rows()
{
    const auto in_state = [](s state) { return [state] { return in(state); }; };
    return {
        {"2 resolve_direct",
         {s::registered, s::triage},
         in_state(s::registered),
         [](scene& c) -> command { return c.solved_at_once(); },
         agent,
         desk,
         {}},
        {"3 classify",
         {s::registered, s::triage},
         in_state(s::registered),
         [](scene&) -> command { return classify{"carrier_conduct"}; },
         agent,
         {"agent", "officer", "supervisor"},
         {}},
        {"4 judge_valid",
         {s::triage},
         in_state(s::triage),
         [](scene& c) -> command { return c.valid(); },
         officer,
         officers,
         {}},
        {"5 judge_invalid",
         {s::triage},
         in_state(s::triage),
         [](scene& c) -> command { return c.invalid(); },
         officer,
         officers,
         {}},
        {"6 reply_invalid",
         {s::invalid_pending_reply},
         in_state(s::invalid_pending_reply),
         [](scene& c) -> command { return c.invalid_answer(); },
         agent,
         desk,
         {}},
        {"7 dispute",
         {s::invalid_pending_reply},
         in_state(s::invalid_pending_reply),
         [](scene&) -> command { return dispute{}; },
         customer,
         {"customer", "agent", "officer", "supervisor"},
         {}},
        {"8 accept",
         {s::dispatched},
         in_state(s::dispatched),
         [](scene&) -> command { return accept{}; },
         handler,
         {"handler", "chief", "main_chief", "director"},
         {"billing_handler", "billing_chief"}},
        {"10 return",
         {s::dispatched, s::investigating},
         in_state(s::dispatched),
         [](scene& c) -> command { return c.a_return(); },
         chief,
         {"handler", "chief", "main_chief", "director"},
         {"billing_handler", "billing_chief"}},
        {"10 sign return",
         {s::dispatched, s::investigating},
         return_asked,
         [](scene&) -> command { return sign_return{true}; },
         chief,
         {"chief"},
         {"handler", "main_chief", "director", "billing_handler", "billing_chief"}},
        {"11 arbitrate",
         {s::triage},
         returned_once,
         [](scene& c) -> command { return c.ruling(); },
         supervisor,
         {"supervisor"},
         {}},
        {"12 transfer",
         {s::investigating},
         in_state(s::investigating),
         [](scene& c) -> command { return c.a_transfer(); },
         officer,
         officers,
         {}},
        {"14 log contact",
         open_states,
         in_state(s::investigating),
         [](scene& c) -> command { return c.a_contact(); },
         agent,
         {"agent", "officer", "handler", "chief", "main_chief", "director"},
         {"billing_handler", "billing_chief"}},
        {"15 propose",
         {s::investigating},
         in_state(s::investigating),
         [](scene& c) -> command { return c.a_fix(); },
         handler,
         station_people,
         {"billing_handler"}},
        {"16 approve",
         {s::pending_approval},
         in_state(s::pending_approval),
         [](scene& c) -> command { return c.an_approval(); },
         chief,
         leaders,
         {"billing_chief"}},
        {"18 reject",
         {s::pending_approval},
         in_state(s::pending_approval),
         [](scene& c) -> command { return c.a_rejection(); },
         chief,
         leaders,
         {"billing_chief"}},
        {"19 fulfil",
         {s::promised},
         in_state(s::promised),
         [](scene&) -> command { return fulfil{}; },
         handler,
         station_people,
         {"billing_handler"}},
        {"22 complete",
         {s::executing},
         in_state(s::executing),
         [](scene& c) -> command { return c.a_reply(); },
         handler,
         station_people,
         {"billing_handler"}},
        {"23 reject reply",
         {s::reply_review},
         in_state(s::reply_review),
         [](scene& c) -> command { return c.no_good(); },
         officer,
         officers,
         {}},
        {"24 pass",
         {s::reply_review},
         in_state(s::reply_review),
         [](scene&) -> command { return pass_reply{}; },
         officer,
         officers,
         {}},
        {"25 attempt",
         {s::callback_pending, s::withdrawn},
         in_state(s::callback_pending),
         [](scene& c) -> command { return c.a_try(); },
         agent,
         {"agent", "officer", "supervisor", "system"},
         {}},
        {"26 verdict",
         {s::callback_pending},
         in_state(s::callback_pending),
         [](scene& c) -> command { return c.verdict(content()); },
         agent,
         {"agent", "officer", "supervisor", "customer"},
         {}},
        {"27 verdict",
         {s::callback_pending},
         in_state(s::callback_pending),
         [](scene& c) -> command { return c.verdict(discontent()); },
         customer,
         {"agent", "officer", "supervisor", "customer"},
         {}},
        {"28 unreachable",
         {s::callback_pending},
         tried_three_times,
         [](scene&) -> command { return close_unreachable{"never_at_home"}; },
         supervisor,
         {"supervisor"},
         {}},
        {"33 archive",
         {s::closed},
         thirty_days_closed,
         [](scene&) -> command { return archive{}; },
         officer,
         {"officer", "supervisor", "system"},
         {}},
        {"9i further contact",
         open_states,
         in_state(s::investigating),
         [](scene& c) -> command { return further_contact{c.fresh<interaction_id>()}; },
         customer,
         {"customer", "system", "agent", "officer", "handler", "chief", "main_chief", "director", "billing_handler",
          "billing_chief", "supervisor", "quality"},
         {}},
        {"13 add co-handler",
         led_states,
         in_state(s::investigating),
         [](scene& c) -> command { return c.a_part(); },
         handler,
         {"officer", "supervisor", "handler", "chief", "main_chief", "director"},
         billing_people},
        {"13 finish co-handler",
         open_but_withdrawn,
         with_a_part,
         [](scene& c) -> command {
             const auto part = c.t.orders.empty() ? work_order_id{} : c.t.orders.back().id;
             return finish_co_handler{part, words(46)};
         },
         billing_handler,
         billing_people,
         {"officer", "supervisor", "handler", "chief", "main_chief", "director"}},
        {"13 waive co-handler",
         open_but_withdrawn,
         with_a_part,
         [](scene& c) -> command {
             const auto part = c.t.orders.empty() ? work_order_id{} : c.t.orders.back().id;
             return waive_co_handler{part, "not_needed"};
         },
         handler,
         {"officer", "supervisor", "handler", "chief", "main_chief", "director"},
         billing_people},
        {"make promise",
         open_but_withdrawn,
         in_state(s::investigating),
         [](scene& c) -> command { return c.a_word(); },
         handler,
         {"agent", "officer", "handler", "chief", "main_chief", "director"},
         billing_people},
        {"keep promise",
         [] {
             auto states = open_but_withdrawn;
             states.insert(s::closed);
             return states;
         }(),
         with_a_word,
         [](scene& c) -> command { return keep_promise{c.t.promises.empty() ? promise_id{} : c.t.promises.back().id}; },
         handler,
         {"agent", "officer", "handler", "chief", "main_chief", "director"},
         billing_people},
        {"20 request extension",
         {s::investigating, s::pending_approval, s::executing},
         in_state(s::investigating),
         [](scene& c) -> command { return c.more_time(); },
         handler,
         {"handler", "chief", "main_chief", "director"},
         billing_people},
        {"20 decide extension",
         {s::investigating, s::pending_approval, s::executing},
         more_time_asked,
         [](scene&) -> command { return decide_extension{true, {}}; },
         officer,
         officers,
         {}},
        {"21 hold",
         {s::investigating, s::executing},
         with_a_contact,
         [](scene& c) -> command { return c.a_hold(); },
         handler,
         {"handler", "chief", "main_chief", "director"},
         billing_people},
        {"21 sign hold",
         {s::investigating, s::executing},
         hold_asked,
         [](scene&) -> command { return sign_hold{true}; },
         chief,
         {"chief"},
         {"handler", "main_chief", "director", "billing_handler", "billing_chief"}},
        {"21 resume",
         {s::on_hold},
         in_state(s::on_hold),
         [](scene&) -> command { return resume_work{}; },
         handler,
         {"handler", "chief", "main_chief", "director"},
         billing_people},
        {"29 propose final answer",
         {s::investigating, s::callback_pending},
         reworked_twice,
         [](scene& c) -> command { return c.last_word(); },
         supervisor,
         {"supervisor"},
         {}},
        {"29 sign final answer",
         {s::investigating, s::callback_pending},
         final_answer_proposed,
         [](scene&) -> command { return sign_final_answer{true}; },
         chief,
         leaders,
         {"billing_chief"}},
        {"30 withdraw",
         open_but_withdrawn,
         in_state(s::investigating),
         [](scene& c) -> command { return c.never_mind(); },
         customer,
         {"customer", "agent", "officer"},
         {}},
        {"30 confirm withdrawal",
         {s::withdrawn},
         in_state(s::withdrawn),
         [](scene& c) -> command { return c.asked_himself(); },
         agent,
         {"agent", "officer", "supervisor"},
         {}},
        {"31 merge",
         open_but_withdrawn,
         in_state(s::investigating),
         [](scene& c) -> command { return merge_into(c.another()); },
         officer,
         officers,
         {}},
        {"31 absorb",
         open_but_withdrawn,
         in_state(s::investigating),
         [](scene& c) -> command { return absorb_of(c.another()); },
         officer,
         officers,
         {}},
        {"32 reopen",
         {s::closed},
         in_state(s::closed),
         [](scene&) -> command { return reopen{"came_back", std::nullopt}; },
         customer,
         {"customer", "officer", "supervisor"},
         {}},
        {"34 urge",
         open_states,
         in_state(s::investigating),
         [](scene&) -> command { return urge{}; },
         customer,
         {"customer", "system", "agent", "officer"},
         {}},
        {"34 answer urge",
         open_states,
         urged,
         [](scene&) -> command { return answer_urge{words(47)}; },
         handler,
         {"handler", "chief", "main_chief", "director"},
         {"agent", "officer", "billing_handler", "billing_chief"}},
        {"35 supervise",
         open_states,
         in_state(s::investigating),
         [](scene&) -> command { return supervise{"media", std::nullopt}; },
         supervisor,
         {"supervisor", "system"},
         {}},
        {"35 answer supervision",
         open_states,
         supervised,
         [](scene&) -> command { return answer_supervision{words(48)}; },
         handler,
         {"handler", "chief", "main_chief", "director"},
         {"agent", "officer", "billing_handler", "billing_chief"}},
        {"35 clear supervision",
         [] {
             auto states = open_states;
             states.insert(s::closed);
             return states;
         }(),
         supervision_answered,
         [](scene&) -> command { return clear_supervision{}; },
         supervisor,
         {"supervisor"},
         {}},
        {"link to group",
         open_states,
         in_state(s::investigating),
         [](scene&) -> command { return link_to_group{numbered<ticket_id>(99)}; },
         officer,
         officers,
         {}},
        {"leave group", open_states, grouped, [](scene&) -> command { return leave_group{}; }, officer, officers, {}},
        {"run_due",
         all_states,
         in_state(s::investigating),
         [](scene&) -> command { return run_due{}; },
         sys,
         {"system"},
         {}},
    };
}

TEST(TicketCommands, EachIsRefusedInEveryStateThatItsRowDoesNotName)
{
    for (const auto& r : rows())
        for (const auto state : all_states) {
            auto c = in(state);
            const auto answer = c.refuses(r.right, r.command_of(c));
            const bool follow_up = r.name == "32 reopen" && state == s::archived;
            if (r.states.contains(state))
                EXPECT_NE(answer, "wrong-state") << r.name << " in " << to_string(state);
            else
                EXPECT_EQ(answer, follow_up ? "follow-up-required" : "wrong-state")
                    << r.name << " in " << to_string(state);
        }
}

TEST(TicketCommands, EachHasItsRow)
{
    std::set<std::size_t> seen;
    for (const auto& r : rows()) {
        auto c = r.given();
        seen.insert(r.command_of(c).index());
    }
    EXPECT_THAT(seen, SizeIs(std::variant_size_v<command> - 2)) << "all but load_calendar, load_targets, tested apart";
}

TEST(TicketCommands, EachIsForThePersonsOfItsRowAndNobodyElse)
{
    for (const auto& r : rows())
        for (const auto& [name, who] : everyone) {
            auto c = r.given();
            const std::string expected = r.may.contains(name)                ? "ok"
                                         : r.wrong_department.contains(name) ? "not-in-department"
                                                                             : "forbidden";
            EXPECT_EQ(c.refuses(who, r.command_of(c)), expected) << r.name << " by " << name;
        }
}

TEST(TicketCommands, EachIsRefusedInTheSameOrderForEveryPersonInEveryState)
{
    std::map<s, scene> scenes;
    for (const auto state : all_states)
        scenes.emplace(state, in(state));
    for (const auto& r : rows())
        for (const auto& [state, given] : scenes) {
            if (r.name == "32 reopen" && state == s::archived) continue;
            for (const auto& [name, who] : everyone) {
                auto c = given;
                const auto answer = c.refuses(who, r.command_of(c));
                if (!r.may.contains(name) && !r.wrong_department.contains(name))
                    EXPECT_EQ(answer, "forbidden") << r.name << " in " << to_string(state) << " by " << name;
                else if (!r.states.contains(state))
                    EXPECT_EQ(answer, "wrong-state") << r.name << " in " << to_string(state) << " by " << name;
                else
                    EXPECT_NE(answer, "forbidden") << r.name << " in " << to_string(state) << " by " << name;
            }
        }
}

TEST(TicketCommands, EachTransitionWritesOneEventThatNamesActorStatesAndTime)
{
    for (const auto& r : rows()) {
        if (r.name == "run_due") continue;
        auto c = r.given();
        const auto before = c.t;
        const auto when = c.now;
        c.does(r.right, r.command_of(c));
        ASSERT_THAT(c.last.events, SizeIs(1)) << r.name;
        const auto& e = c.last.events.front();
        EXPECT_EQ(e.from, before.status) << r.name;
        EXPECT_EQ(e.to, c.t.status) << r.name;
        EXPECT_EQ(e.at, when) << r.name;
        EXPECT_EQ(e.by, r.right.id) << r.name;
        EXPECT_EQ(c.t.version, before.version + 1) << r.name;
    }
}

TEST(TicketCommands, ARouteAsksForThePermissionThatTheRuleAsksFor)
{
    for (const auto& r : rows()) {
        auto c = r.given();
        const auto what = permission_for(r.command_of(c));
        if (r.right.kind == actor_kind::user) EXPECT_TRUE(may(r.right, what)) << r.name;
        EXPECT_FALSE(may(stranger, what)) << r.name;
    }
}

// 0 and 1: intake

TEST(CreateTicket, StartsTheDesksClocksAndAcknowledges)
{
    scene c;
    c.begins();
    EXPECT_EQ(c.t.status, s::registered);
    EXPECT_EQ(c.clock(deadline_kind::first_response).due_at, monday + 10min);
    EXPECT_EQ(c.clock(deadline_kind::dispatch).due_at, monday + 1h);
    EXPECT_THAT(c.events(), ElementsAre("ticket.created"));
    EXPECT_EQ(c.last.events.front().from, std::nullopt);
    EXPECT_THAT(c.last.messages, ElementsAre(customer_message::acknowledgement));
    EXPECT_THAT(check(c.t, c.p), IsEmpty());
}

TEST(CreateTicket, NeedsAContactAProblemAndAKnownCategory)
{
    const auto refusal = [](auto spoil, const actor& who = customer) {
        scene c;
        auto complaint = c.a_complaint();
        spoil(complaint);
        const auto made = decide(complaint, c.p, who, monday);
        return made ? "ok" : slug(made.error().code);
    };
    EXPECT_EQ(refusal([](create&) {}), "ok");
    EXPECT_EQ(refusal([](create& c) { c.customer = {}; }), "contact-required");
    EXPECT_EQ(refusal([](create& c) { c.problem.reset(); }), "problem-required");
    EXPECT_EQ(refusal([](create& c) { c.category = "unheard_of"; }), "category-unknown");
    EXPECT_EQ(refusal([](create& c) { c.category.clear(); }), "ok");
    EXPECT_EQ(refusal([](create&) {}, stranger), "ok");
    EXPECT_EQ(refusal([](create&) {}, agent), "ok");
    EXPECT_EQ(refusal([](create&) {}, handler), "forbidden");
    EXPECT_EQ(refusal([](create&) {}, sys), "forbidden");
}

TEST(ImportTicket, PutsFinishedRecordsIntoTheArchiveAndOthersIntoTriageWithClocksFromNow)
{
    scene c;
    import_record record;
    record.id = numbered<ticket_id>(9);
    record.category = "carrier_conduct";
    record.reported_at = monday - days(300);
    const auto unfinished = decide(record, c.p, sys, monday);
    ASSERT_TRUE(unfinished);
    EXPECT_EQ(unfinished->next.status, s::triage);
    EXPECT_EQ(unfinished->next.reported_at, monday - days(300));
    EXPECT_EQ(running(unfinished->next, deadline_kind::dispatch)->due_at, monday + 1h);
    EXPECT_THAT(unfinished->notices, IsEmpty());
    EXPECT_THAT(unfinished->messages, IsEmpty());
    EXPECT_THAT(check(unfinished->next, c.p), IsEmpty());

    record.finished = true;
    record.closed_at = monday - days(290);
    const auto finished = decide(record, c.p, sys, monday);
    ASSERT_TRUE(finished);
    EXPECT_EQ(finished->next.status, s::archived);
    EXPECT_EQ(finished->next.closure, ticket_closure::imported);
    EXPECT_EQ(finished->next.closed_at, monday - days(290));
    EXPECT_THAT(finished->next.deadlines, IsEmpty());
    EXPECT_THAT(finished->notices, IsEmpty());
    EXPECT_THAT(check(finished->next, c.p), IsEmpty());
    EXPECT_EQ(decide(record, c.p, administrator, monday).error().code, errc::forbidden);
}

TEST(AnyCommand, IsRefusedWhereThePolicyLacksACalendar)
{
    auto c = in(s::triage);
    c.p.calendars = {always()};
    EXPECT_EQ(c.refuses(officer, c.valid()), "not-configured");
}

TEST(AnyCommand, NeverWritesATimeBeforeTheTicketsLastChange)
{
    auto c = in(s::triage);
    c.after(-3h);
    c.does(officer, c.valid());
    EXPECT_EQ(c.t.changed_at, monday);
    EXPECT_EQ(c.last.events.front().at, monday);
}

// 2

TEST(ResolveDirect, ClosesAtTheFirstContactWithoutDispatch)
{
    auto c = in(s::registered);
    c.does(agent, c.solved_at_once());
    EXPECT_EQ(c.t.status, s::closed);
    EXPECT_EQ(c.t.closure, ticket_closure::resolved_direct);
    EXPECT_TRUE(c.t.fcr);
    EXPECT_EQ(c.t.satisfaction, satisfaction_level::satisfied);
    EXPECT_EQ(c.clock(deadline_kind::first_response).state, deadline_state::met);
    EXPECT_TRUE(c.runs(deadline_kind::archive));
}

TEST(ResolveDirect, RefusesWhatItsRowRefuses)
{
    auto c = in(s::registered);
    auto cmd = c.solved_at_once();
    cmd.cost_cents = 5'001;
    EXPECT_EQ(c.refuses(agent, cmd), "above-authority");
    cmd = c.solved_at_once();
    cmd.customer_confirmed = false;
    EXPECT_EQ(c.refuses(agent, cmd), "confirmation-required");
    cmd = c.solved_at_once();
    cmd.said = discontent();
    EXPECT_EQ(c.refuses(agent, cmd), "confirmation-required");
    cmd.said = {};
    EXPECT_EQ(c.refuses(agent, cmd), "solved-answer-required");
    cmd.said = {solved_answer::yes, 6, {}, {}};
    EXPECT_EQ(c.refuses(agent, cmd), "invalid-field");
    c.p.direct_allowed = false;
    EXPECT_EQ(c.refuses(agent, c.solved_at_once()), "direct-not-allowed");
    c.p.category = "another";
    EXPECT_EQ(c.refuses(agent, c.solved_at_once()), "category-unknown");
}

TEST(ResolveDirect, OfAValidTicketNeedsTheRootCauseForItsFile)
{
    auto c = returned_once();
    auto cmd = c.solved_at_once();
    EXPECT_EQ(c.refuses(agent, cmd), "root-cause-required");
    cmd.root_cause = "customer_moved";
    c.does(agent, cmd);
    EXPECT_FALSE(c.t.fcr);
    EXPECT_THAT(missing_in_file(c.t), IsEmpty());
}

// 3 to 7

TEST(Classify, TakesPriorityAndDepartmentFromTheRuleAndRefusesAnUnknownCategory)
{
    auto c = in(s::registered);
    c.does(agent, classify{"carrier_conduct"});
    EXPECT_EQ(c.t.status, s::triage);
    EXPECT_EQ(c.t.priority, ticket_priority::p2);
    EXPECT_EQ(c.t.candidate_department, station);
    EXPECT_EQ(c.refuses(agent, classify{"unheard_of"}), "category-unknown");
    EXPECT_EQ(c.refuses(agent, classify{}), "category-unknown");
}

TEST(JudgeValid, SnapshotsThePolicyOpensAWorkOrderTellsContactAAndStartsTheClocks)
{
    auto c = in(s::triage);
    c.does(officer, c.valid());
    EXPECT_EQ(c.t.status, s::dispatched);
    EXPECT_EQ(c.t.lead_department, station);
    EXPECT_EQ(c.t.policy_version, 7);
    EXPECT_EQ(c.t.validity, ticket_validity::valid);
    ASSERT_THAT(c.t.orders, SizeIs(1));
    EXPECT_EQ(c.t.orders[0].assignee, id_of(handler));
    EXPECT_THAT(c.last.notices,
                ElementsAre(notice{recipient::person, {}, id_of(handler), "ticket.dispatched", {}, true}));
    EXPECT_EQ(c.clock(deadline_kind::dispatch).state, deadline_state::met);
    EXPECT_EQ(c.clock(deadline_kind::accept).due_at, monday + 2h);
    EXPECT_EQ(c.clock(deadline_kind::resolve).due_at, shanghai(2026, 3, 5, 23, 59) + 59s);
    EXPECT_TRUE(c.runs(deadline_kind::return_window));
}

TEST(JudgeValid, TellsBAtOnceWhereAIsAway)
{
    auto c = in(s::triage);
    auto cmd = c.valid();
    cmd.to.a_is_away = true;
    c.does(officer, cmd);
    EXPECT_EQ(c.t.orders[0].assignee, id_of(handler_b));
    EXPECT_EQ(owner(c.t), (ticket_owner{role::department_handler, station, id_of(handler_b)}));
}

TEST(JudgeValid, LetsOnlyTheSupervisorPickADepartmentOutsideTheRule)
{
    auto c = in(s::triage);
    EXPECT_EQ(c.refuses(officer, c.valid(billing)), "supervisor-required");
    EXPECT_EQ(c.refuses(supervisor, c.valid(billing)), "ok");
    c.p.department.reset();
    EXPECT_EQ(c.refuses(officer, c.valid(billing)), "no-rule-for-category");
    EXPECT_EQ(c.refuses(supervisor, c.valid(billing)), "ok");
    c.p.category = "another";
    EXPECT_EQ(c.refuses(supervisor, c.valid()), "category-unknown");
}

TEST(JudgeValid, CountsFromTheCreationWhereTheTemplateSaysSo)
{
    auto c = in(s::triage);
    c.p.resolve_from_created = true;
    c.after(days(1));
    c.does(officer, c.valid());
    EXPECT_EQ(c.clock(deadline_kind::resolve).started_at, monday);
}

TEST(JudgeInvalid, NeedsAReasonAndEvidence)
{
    auto c = in(s::triage);
    auto cmd = c.invalid();
    cmd.reason.clear();
    EXPECT_EQ(c.refuses(officer, cmd), "reason-required");
    cmd = c.invalid();
    cmd.evidence = 0;
    EXPECT_EQ(c.refuses(officer, cmd), "evidence-required");
    c.does(officer, c.invalid());
    EXPECT_EQ(c.t.validity, ticket_validity::invalid);
    EXPECT_TRUE(c.runs(deadline_kind::invalid_reply));
    EXPECT_FALSE(c.runs(deadline_kind::dispatch));
}

TEST(JudgeInvalid, OfAVipOrARepeatTakesASecondPerson)
{
    for (const bool vip : {true, false}) {
        auto c = in(s::triage);
        (vip ? c.t.vip : c.t.repeat) = true;
        c.does(officer, c.invalid());
        EXPECT_EQ(c.t.status, s::triage);
        EXPECT_THAT(c.events(), ElementsAre("ticket.invalidity_proposed"));
        EXPECT_EQ(c.refuses(officer, c.invalid()), "second-person-required");
        c.does(officer_b, c.invalid());
        EXPECT_EQ(c.t.status, s::invalid_pending_reply);
        EXPECT_EQ(c.t.judgements.back().proposed_by, id_of(officer));
    }
}

TEST(ReplyInvalid, ClosesAtOnceWhereTheCustomerAcceptsAndIsCalledBackOtherwise)
{
    auto accepted = in(s::invalid_pending_reply);
    accepted.does(agent, accepted.invalid_answer(understanding::accepted));
    EXPECT_EQ(accepted.t.closure, ticket_closure::invalid_accepted);

    auto c = in(s::invalid_pending_reply);
    c.does(agent, c.invalid_answer());
    EXPECT_EQ(c.t.status, s::callback_pending);
    EXPECT_TRUE(c.runs(deadline_kind::callback));
    EXPECT_EQ(c.clock(deadline_kind::first_response).state, deadline_state::met);
}

TEST(ReplyInvalid, RefusesWhatItsRowRefuses)
{
    auto c = in(s::invalid_pending_reply);
    auto cmd = c.invalid_answer();
    cmd.template_code = "home_made";
    EXPECT_EQ(c.refuses(agent, cmd), "template-not-approved");
    cmd = c.invalid_answer();
    cmd.has_banned_phrase = true;
    EXPECT_EQ(c.refuses(agent, cmd), "banned-phrase");
    EXPECT_EQ(c.refuses(agent, c.invalid_answer(understanding::not_asked)), "understanding-required");
    EXPECT_EQ(banned_phrase_in(c.p, "That is NOT my problem, sir"), "not my problem");
    EXPECT_EQ(banned_phrase_in(c.p, "We are sorry"), std::nullopt);
}

TEST(Dispute, IsFreeOnceAndThenTakesTheSupervisorAndANewFact)
{
    auto c = in(s::invalid_pending_reply);
    c.does(customer, dispute{});
    EXPECT_EQ(c.t.status, s::triage);
    EXPECT_EQ(c.t.validity, ticket_validity::unjudged);
    EXPECT_THAT(c.t.judgements, SizeIs(2));
    EXPECT_TRUE(c.runs(deadline_kind::dispatch));
    c.does(officer, c.invalid());
    EXPECT_EQ(c.refuses(customer, dispute{words(40)}), "supervisor-required");
    EXPECT_EQ(c.refuses(agent, dispute{words(40)}), "supervisor-required");
    EXPECT_EQ(c.refuses(supervisor, dispute{}), "new-fact-required");
    c.does(supervisor, dispute{words(40)});
    EXPECT_EQ(c.t.dispute_count, 2);
}

TEST(Dispute, IsPossibleWhileTheCallbackOfAnInvalidTicketIsPending)
{
    auto c = in(s::invalid_pending_reply);
    c.does(agent, c.invalid_answer());
    c.does(customer, dispute{});
    EXPECT_EQ(c.t.status, s::triage);
    EXPECT_FALSE(c.runs(deadline_kind::callback));
}

// 8 to 12

TEST(AcceptTicket, StopsAcceptAndStartsContactCustomer)
{
    auto c = in(s::dispatched);
    c.after(1h).does(handler_b, accept{});
    EXPECT_EQ(c.t.status, s::investigating);
    EXPECT_EQ(c.t.handler, id_of(handler_b));
    EXPECT_EQ(c.clock(deadline_kind::accept).state, deadline_state::met);
    EXPECT_EQ(c.clock(deadline_kind::accept).stopped_at, monday + 1h);
    EXPECT_TRUE(c.runs(deadline_kind::contact_customer));
}

TEST(ReturnTicket, IsAskedByTheHandlerAndSignedByTheLeaderAndNeverResetsResolve)
{
    auto c = in(s::investigating);
    const auto resolve = c.clock(deadline_kind::resolve);
    c.after(30min).does(handler, c.a_return());
    EXPECT_EQ(c.t.status, s::investigating);
    EXPECT_THAT(c.last.notices,
                ElementsAre(notice{recipient::leader, station, {}, "ticket.return_requested", {}, true}));
    EXPECT_EQ(c.refuses(handler, c.a_return()), "already-exists");
    c.after(30min).does(chief, sign_return{true});
    EXPECT_EQ(c.t.status, s::triage);
    EXPECT_EQ(c.t.return_count, 1);
    EXPECT_EQ(c.t.lead_department, std::nullopt);
    EXPECT_EQ(c.clock(deadline_kind::resolve), resolve);
    EXPECT_EQ(c.clock(deadline_kind::dispatch).round, 2);
    EXPECT_FALSE(c.runs(deadline_kind::contact_customer));
    EXPECT_FALSE(c.runs(deadline_kind::return_window));
}

TEST(ReturnTicket, MayBeRefusedByTheLeader)
{
    auto c = return_asked();
    c.does(chief, sign_return{false});
    EXPECT_EQ(c.t.status, s::dispatched);
    EXPECT_EQ(c.t.returning, std::nullopt);
    EXPECT_EQ(c.refuses(chief, sign_return{true}), "not-found");
}

TEST(ReturnTicket, CannotBeSignedByWhoAskedForIt)
{
    auto c = in(s::dispatched);
    auto acting = chief;
    acting.leads.clear();
    c.does(acting, c.a_return());
    EXPECT_EQ(c.refuses(chief, sign_return{true}), "second-person-required");
}

TEST(ReturnTicket, NeedsReasonBasisAndASuggestedUnit)
{
    auto c = in(s::dispatched);
    auto cmd = c.a_return();
    cmd.reason.clear();
    EXPECT_EQ(c.refuses(chief, cmd), "reason-required");
    cmd = c.a_return();
    cmd.basis.reset();
    EXPECT_EQ(c.refuses(chief, cmd), "evidence-required");
    cmd = c.a_return();
    cmd.suggested.reset();
    EXPECT_EQ(c.refuses(chief, cmd), "suggested-unit-required");
}

TEST(ReturnTicket, EndsWithItsWindow)
{
    auto c = return_asked();
    const auto end = c.clock(deadline_kind::return_window).due_at;
    EXPECT_EQ(end, shanghai(2026, 3, 2, 14, 0));
    c.at(end);
    EXPECT_EQ(c.refuses(chief, sign_return{true}), "ok");
    c.after(1s);
    EXPECT_EQ(c.refuses(chief, sign_return{true}), "return-window-over");
    EXPECT_EQ(c.refuses(chief, c.a_return()), "return-window-over");
    c.clock_runs();
    EXPECT_THAT(c.events(), Contains("ticket.ownership_settled"));
    EXPECT_TRUE(c.t.ownership_settled);
    EXPECT_EQ(c.t.returning, std::nullopt);
    EXPECT_EQ(c.t.status, s::dispatched);
    EXPECT_EQ(c.refuses(chief, c.a_return()), "return-window-over");
}

TEST(ReturnTicket, IsBoundedInNumber)
{
    auto c = in(s::dispatched);
    c.does(chief, c.a_return());
    c.does(supervisor, c.valid(billing));
    c.does(billing_chief, c.a_return());
    c.does(supervisor, c.valid(circulation));
    EXPECT_EQ(c.t.return_count, 2);
    EXPECT_EQ(c.refuses(director, c.a_return()), "returns-exhausted");
}

TEST(ReturnTicket, DoesNotLetTheDeskSendItBackWithoutARuling)
{
    auto c = returned_once();
    EXPECT_EQ(c.refuses(officer, c.valid()), "supervisor-required");
    EXPECT_EQ(c.refuses(supervisor, c.valid()), "supervisor-required");
    EXPECT_EQ(c.refuses(supervisor, c.ruling()), "ok");
}

TEST(Arbitrate, EndsTheQuarrelForGood)
{
    auto c = returned_once();
    const auto resolve = c.clock(deadline_kind::resolve);
    c.after(10min).does(supervisor, c.ruling());
    EXPECT_EQ(c.t.status, s::dispatched);
    EXPECT_TRUE(c.t.no_return);
    EXPECT_TRUE(c.t.ownership_settled);
    EXPECT_EQ(c.clock(deadline_kind::resolve), resolve);
    EXPECT_EQ(c.refuses(chief, c.a_return()), "no-return-allowed");
}

TEST(Arbitrate, NeedsAReturnOrAConflictAndAReason)
{
    auto c = in(s::triage);
    EXPECT_EQ(c.refuses(supervisor, c.ruling()), "nothing-to-arbitrate");
    auto cmd = c.ruling();
    cmd.conflict = true;
    EXPECT_EQ(c.refuses(supervisor, cmd), "fault-required");
    cmd.at_fault = fault_side::desk;
    EXPECT_EQ(c.refuses(supervisor, cmd), "ok");
    cmd.reason.clear();
    EXPECT_EQ(c.refuses(supervisor, cmd), "reason-required");
}

TEST(Transfer, KeepsTheCustomersDateAndCountsThePingPong)
{
    auto c = in(s::investigating);
    const auto resolve = c.clock(deadline_kind::resolve);
    c.after(1h).does(officer, c.a_transfer());
    EXPECT_EQ(c.t.status, s::dispatched);
    EXPECT_EQ(c.t.lead_department, billing);
    EXPECT_EQ(c.t.department_changes, 1);
    EXPECT_EQ(c.clock(deadline_kind::resolve), resolve);
    EXPECT_EQ(c.clock(deadline_kind::accept).round, 2);
    EXPECT_FALSE(c.runs(deadline_kind::contact_customer));
    EXPECT_EQ(c.refuses(handler, accept{}), "not-in-department");
}

TEST(Transfer, NeedsAReasonAndAnotherDepartment)
{
    auto c = in(s::investigating);
    auto cmd = c.a_transfer();
    cmd.reason.clear();
    EXPECT_EQ(c.refuses(officer, cmd), "reason-required");
    EXPECT_EQ(c.refuses(officer, c.a_transfer(station)), "same-department");
}

// 14

TEST(LogContact, OfTheDepartmentStopsContactCustomerAndRenewsProgressUpdate)
{
    auto c = in(s::investigating);
    c.after(1h).does(handler, c.a_contact());
    EXPECT_EQ(c.clock(deadline_kind::contact_customer).state, deadline_state::met);
    EXPECT_EQ(c.clock(deadline_kind::progress_update).round, 1);
    c.after(24h).does(handler, c.a_contact());
    EXPECT_EQ(c.clock(deadline_kind::progress_update).round, 2);
    EXPECT_EQ(c.clock(deadline_kind::progress_update).due_at, monday + 1h + 24h + 48h);
}

TEST(LogContact, OfAnyoneStopsFirstResponseInAnyState)
{
    for (const auto state :
         {s::registered, s::triage, s::dispatched, s::investigating, s::promised, s::callback_pending})
    {
        auto c = in(state);
        if (!c.runs(deadline_kind::first_response)) continue;
        c.after(5min).does(agent, c.a_contact());
        EXPECT_EQ(c.clock(deadline_kind::first_response).state, deadline_state::met) << to_string(state);
    }
    auto c = in(s::investigating);
    c.does(agent, c.a_contact());
    EXPECT_TRUE(c.runs(deadline_kind::contact_customer)) << "the desk's call is not the department's";
}

TEST(LogContact, TriedInVainStopsNothing)
{
    auto c = in(s::investigating);
    auto cmd = c.a_contact();
    cmd.reached = false;
    c.does(handler, cmd);
    EXPECT_TRUE(c.runs(deadline_kind::contact_customer));
    EXPECT_TRUE(c.runs(deadline_kind::first_response));
    EXPECT_THAT(c.events(), ElementsAre("ticket.contact_tried"));
}

TEST(LogContact, OfAHandlerNeedsHisSignatureFirst)
{
    auto c = in(s::dispatched);
    EXPECT_EQ(c.refuses(handler, c.a_contact()), "wrong-state");
    EXPECT_EQ(c.refuses(two_hats, c.a_contact()), "ok");
}

// 15 to 19

TEST(Propose, NeedsCauseResponsibilityAndWords)
{
    auto c = in(s::investigating);
    auto cmd = c.a_fix();
    cmd.root_cause.clear();
    EXPECT_EQ(c.refuses(handler, cmd), "root-cause-required");
    cmd = c.a_fix();
    cmd.responsible_person.reset();
    EXPECT_EQ(c.refuses(handler, cmd), "responsible-person-required");
    cmd.no_responsible_reason = "weather";
    EXPECT_EQ(c.refuses(handler, cmd), "ok");
    cmd.words.reset();
    EXPECT_EQ(c.refuses(handler, cmd), "solution-required");
    cmd = c.a_fix();
    cmd.cost_cents = -1;
    EXPECT_EQ(c.refuses(handler, cmd), "invalid-field");
}

TEST(Propose, StopsSolutionAndStartsApprove)
{
    auto c = in(s::investigating);
    c.does(handler, c.a_fix());
    EXPECT_EQ(c.clock(deadline_kind::solution).state, deadline_state::met);
    EXPECT_TRUE(c.runs(deadline_kind::approve));
    EXPECT_EQ(c.t.solutions.back().version, 1);
    EXPECT_THAT(c.last.notices,
                ElementsAre(notice{recipient::leader, station, {}, "ticket.solution_proposed", {}, true}));
}

TEST(Propose, OfAPromiseNeedsReasonDateAndInterimMeasure)
{
    auto c = in(s::investigating);
    auto cmd = c.a_promise();
    cmd.promise_reason.clear();
    EXPECT_EQ(c.refuses(handler, cmd), "reason-required");
    cmd = c.a_promise();
    cmd.promised_due_at.reset();
    EXPECT_EQ(c.refuses(handler, cmd), "promise-due-invalid");
    EXPECT_EQ(c.refuses(handler, c.a_promise(0s)), "promise-due-invalid");
    EXPECT_EQ(c.refuses(handler, c.a_promise(days(30) + 1s)), "promise-due-invalid");
    EXPECT_EQ(c.refuses(handler, c.a_promise(days(30))), "ok");
    cmd = c.a_promise();
    cmd.interim.reset();
    EXPECT_EQ(c.refuses(handler, cmd), "interim-measure-required");
}

TEST(Approve, IsNeverByTheProposer)
{
    auto c = in(s::investigating);
    c.does(chief, c.a_fix());
    EXPECT_EQ(c.refuses(chief, c.an_approval()), "approver-is-proposer");
    EXPECT_EQ(c.refuses(chief, c.a_rejection()), "approver-is-proposer");
    EXPECT_EQ(c.refuses(main_chief, c.an_approval()), "ok");
}

TEST(Approve, GoesUpWithTheCost)
{
    struct level_case
    {
        std::int64_t cost;
        std::string chief_says, main_chief_says, director_says;
    };
    for (const auto& l : {level_case{10'000, "ok", "ok", "ok"}, level_case{10'001, "above-authority", "ok", "ok"},
                          level_case{100'001, "above-authority", "above-authority", "ok"},
                          level_case{900'000'000, "above-authority", "above-authority", "ok"}})
    {
        auto c = in(s::investigating);
        auto cmd = c.a_fix();
        cmd.cost_cents = l.cost;
        c.does(handler, cmd);
        EXPECT_EQ(c.refuses(chief, c.an_approval()), l.chief_says) << l.cost;
        EXPECT_EQ(c.refuses(main_chief, c.an_approval()), l.main_chief_says) << l.cost;
        EXPECT_EQ(c.refuses(director, c.an_approval()), l.director_says) << l.cost;
    }
}

TEST(Approve, OfAPromiseMovesTheCustomersDateKeepsTheOldOneAndTellsTheCustomer)
{
    auto c = in(s::investigating);
    const auto original = c.clock(deadline_kind::resolve).due_at;
    const auto promised_due = c.now + days(10);
    c.does(handler, c.a_promise());
    c.after(2h).does(chief, c.an_approval());
    EXPECT_EQ(c.t.status, s::promised);
    EXPECT_EQ(c.clock(deadline_kind::resolve).due_at, promised_due);
    EXPECT_EQ(c.clock(deadline_kind::resolve).original_due_at, original);
    EXPECT_EQ(c.clock(deadline_kind::promise_due).due_at, promised_due);
    EXPECT_THAT(c.last.messages, ElementsAre(customer_message::promise_made));
    ASSERT_THAT(c.t.promises, SizeIs(1));
    EXPECT_EQ(c.t.promises[0].due_at, promised_due);
}

TEST(Approve, OfAPromiseIsRefusedOnceItsDateHasPassed)
{
    auto c = in(s::investigating);
    c.does(handler, c.a_promise(days(1)));
    c.after(days(1));
    EXPECT_EQ(c.refuses(chief, c.an_approval()), "promise-due-invalid");
    EXPECT_EQ(c.refuses(chief, c.a_rejection()), "ok");
}

TEST(RejectSolution, NeedsACommentAndClosesTheVersion)
{
    auto c = in(s::pending_approval);
    EXPECT_EQ(c.refuses(chief, reject_solution{}), "reason-required");
    c.does(chief, c.a_rejection());
    EXPECT_EQ(c.t.status, s::investigating);
    EXPECT_EQ(c.t.solutions.back().state, solution_state::rejected);
    EXPECT_FALSE(c.runs(deadline_kind::approve));
    c.does(handler, c.a_fix());
    EXPECT_EQ(c.t.solutions.back().version, 2);
}

TEST(Fulfil, InTimeKeepsThePromise)
{
    auto c = in(s::promised);
    c.after(days(9)).does(handler, fulfil{});
    EXPECT_EQ(c.t.status, s::executing);
    EXPECT_EQ(c.clock(deadline_kind::promise_due).state, deadline_state::met);
    EXPECT_FALSE(c.t.promise_breached);
}

TEST(Promise, BrokenStaysPromisedAndEscalates)
{
    auto c = in(s::promised);
    c.after(days(10)).clock_runs();
    EXPECT_EQ(c.t.status, s::promised);
    EXPECT_TRUE(c.t.promise_breached);
    EXPECT_TRUE(c.t.promises[0].breached);
    EXPECT_GE(c.t.escalation_level, 1);
    EXPECT_EQ(c.t.card, ticket_card::red);
    EXPECT_THAT(c.events(), Contains("ticket.promise_breached"));
    c.after(1h).does(handler, fulfil{});
    EXPECT_EQ(c.clock(deadline_kind::promise_due).state, deadline_state::missed);
}

// 22 to 24

TEST(Complete, NeedsResultInformedCustomerEvidenceAndTheOthersPart)
{
    auto c = in(s::executing);
    auto cmd = c.a_reply();
    cmd.result.reset();
    EXPECT_EQ(c.refuses(handler, cmd), "result-required");
    cmd = c.a_reply();
    cmd.customer_informed = false;
    EXPECT_EQ(c.refuses(handler, cmd), "customer-not-informed");
    cmd = c.a_reply();
    cmd.evidence = 0;
    EXPECT_EQ(c.refuses(handler, cmd), "evidence-required");
    auto other = c.t.orders.back();
    other.id = c.fresh<work_order_id>();
    other.kind = work_order_kind::co_handler;
    other.state = work_order_state::accepted;
    c.t.orders.insert(c.t.orders.begin(), other);
    EXPECT_EQ(c.refuses(handler, c.a_reply()), "co-handler-open");
    c.t.orders.front().state = work_order_state::waived;
    EXPECT_EQ(c.refuses(handler, c.a_reply()), "ok");
}

TEST(PassReply, TakesTheMomentOfTheReplyAsTheResolveTimeHoweverLongTheDeskTakes)
{
    auto c = in(s::executing);
    c.at(c.clock(deadline_kind::resolve).due_at - 1h);
    c.clock_runs();
    const auto replied = c.now;
    c.does(handler, c.a_reply());
    c.after(days(3)).clock_runs();
    EXPECT_FALSE(c.clock(deadline_kind::resolve).breached) << "the department has answered";
    c.at(shanghai(2026, 3, 9, 10)).does(officer, pass_reply{});
    EXPECT_EQ(c.clock(deadline_kind::resolve).state, deadline_state::met);
    EXPECT_EQ(c.clock(deadline_kind::resolve).stopped_at, replied);
    EXPECT_TRUE(c.t.breached.test(static_cast<std::size_t>(deadline_kind::review)));
    EXPECT_FALSE(c.t.breached.test(static_cast<std::size_t>(deadline_kind::resolve)));
}

TEST(RejectReply, LetsResolveRunOnAsIfNeverStopped)
{
    auto c = in(s::executing);
    const auto due = c.clock(deadline_kind::resolve).due_at;
    c.at(due - 1h).does(handler, c.a_reply());
    c.after(2h).does(officer, c.no_good());
    EXPECT_EQ(c.t.status, s::investigating);
    EXPECT_EQ(c.t.reply_reject_count, 1);
    EXPECT_EQ(c.clock(deadline_kind::resolve).due_at, due);
    c.clock_runs();
    EXPECT_TRUE(c.clock(deadline_kind::resolve).breached);
    EXPECT_EQ(c.t.card, ticket_card::red);
}

TEST(RejectReply, NeedsOneOfItsReasons)
{
    auto c = in(s::reply_review);
    EXPECT_EQ(c.refuses(officer, reject_reply{}), "reason-required");
    EXPECT_EQ(c.refuses(officer, reject_reply{"ugly"}), "invalid-field");
    for (const auto* reason : {"not_solved", "false_reply", "template_text"})
        EXPECT_EQ(c.refuses(officer, reject_reply{reason}), "ok") << reason;
}

// the ladder

TEST(RunDue, WithNothingDueDoesNothing)
{
    auto c = in(s::dispatched);
    const auto before = c.t;
    c.clock_runs();
    EXPECT_THAT(c.last.events, IsEmpty());
    EXPECT_EQ(c.t, before);
}

TEST(RunDue, TakesEachStepOnceAndLateOnesAtOnce)
{
    auto stepwise = in(s::dispatched);
    auto late = stepwise;
    std::vector<std::string> one_by_one;
    const auto end = monday + days(12);
    while (const auto next = next_step_at(stepwise.t)) {
        if (*next > end) break;
        stepwise.at(*next).clock_runs();
        for (const auto& kind : stepwise.events())
            one_by_one.push_back(kind);
        stepwise.clock_runs();
        EXPECT_THAT(stepwise.last.events, IsEmpty()) << "a second scanner finds nothing";
    }
    late.at(end).clock_runs();
    EXPECT_THAT(late.events(), Not(IsEmpty()));
    EXPECT_EQ(late.t.breached, stepwise.t.breached);
    EXPECT_EQ(late.t.escalation_level, stepwise.t.escalation_level);
    EXPECT_EQ(late.t.card, stepwise.t.card);
    for (const auto* kind : {"ticket.failed_over", "deadline.warned", "deadline.breached", "deadline.overdue_1wd"})
        EXPECT_EQ(std::ranges::count(late.events(), kind), std::ranges::count(one_by_one, kind)) << kind;
    late.clock_runs();
    EXPECT_THAT(late.last.events, IsEmpty());
}

TEST(RunDue, AtHalfOfAcceptTellsContactB)
{
    auto c = in(s::dispatched);
    c.after(1h).clock_runs();
    EXPECT_THAT(c.events(), Contains("ticket.failed_over"));
    EXPECT_EQ(lead_order(c.t)->assignee, id_of(handler_b));
    EXPECT_THAT(
        c.last.notices,
        Contains(notice{recipient::person, {}, id_of(handler_b), "ticket.failed_over", deadline_kind::accept, true}));
    c.at(monday + 2h).clock_runs();
    EXPECT_TRUE(c.t.breached.test(static_cast<std::size_t>(deadline_kind::accept)));
    EXPECT_THAT(c.last.notices,
                Contains(notice{recipient::leader, station, {}, "deadline.breached", deadline_kind::accept, true}));
}

TEST(RunDue, ClimbsFromYellowToTheExecutives)
{
    auto c = in(s::executing);
    c.p.targets[static_cast<std::size_t>(deadline_kind::progress_update)].reset();
    c.does(handler, c.a_contact());
    const auto due = c.clock(deadline_kind::resolve).due_at;
    c.at(due - 1h).clock_runs();
    EXPECT_EQ(c.t.card, ticket_card::yellow);
    EXPECT_EQ(c.t.escalation_level, 0);
    c.at(due).clock_runs();
    EXPECT_EQ(c.t.card, ticket_card::red);
    EXPECT_EQ(c.t.escalation_level, 1);
    c.at(shanghai(2026, 3, 7)).clock_runs();
    EXPECT_EQ(c.t.escalation_level, 2);
    EXPECT_THAT(c.last.notices, Contains(Field(&notice::to, recipient::supervision_officer)));
    c.at(shanghai(2026, 3, 13)).clock_runs();
    EXPECT_EQ(c.t.escalation_level, 3);
    EXPECT_THAT(c.last.notices, Contains(Field(&notice::to, recipient::executives)));
}

TEST(RunDue, TurnsTheCardBackWhenNothingIsLateAnyMore)
{
    auto c = in(s::registered);
    c.after(10min).clock_runs();
    EXPECT_EQ(c.t.card, ticket_card::red);
    c.does(agent, c.a_contact());
    EXPECT_EQ(c.t.card, ticket_card::none);
    EXPECT_TRUE(c.t.breached.test(static_cast<std::size_t>(deadline_kind::first_response)));
}

TEST(LoadCalendar, RecountsTheRestOfEachClockAndKeepsTheOldDate)
{
    auto c = in(s::investigating);
    const auto original = c.clock(deadline_kind::resolve).due_at;
    const std::vector<hours_of_day> day{{9h, 12h}, {13h, 18h}};
    const auto tuesday = std::chrono::local_days{std::chrono::year{2026} / 3 / 3};
    const auto with_holiday = std::make_shared<const calendar>(
        "office", "Asia/Shanghai", weekly_hours{day, day, day, day, day},
        std::map<int, calendar_year>{{2026, calendar_year{.off = {tuesday}, .work = {}}}});
    c.p.calendars = {with_holiday, always()};
    EXPECT_EQ(c.refuses(officer, load_calendar{office()}), "forbidden");
    EXPECT_EQ(c.refuses(sys, load_calendar{}), "not-configured");
    c.does(sys, load_calendar{office()});
    EXPECT_THAT(c.events(), ElementsAre("ticket.clocks_recounted"));
    EXPECT_EQ(c.clock(deadline_kind::resolve).due_at, original + days(1));
    EXPECT_EQ(c.clock(deadline_kind::resolve).original_due_at, original);
}

TEST(LoadCalendar, ThatTouchesNoClockWritesNothing)
{
    auto c = in(s::investigating);
    c.does(sys, load_calendar{always()});
    EXPECT_THAT(c.last.events, IsEmpty());
}

/// The rules of the fixture as an earlier version, and a later one in which `resolve` has another target.
policy with_resolve(policy p, const target& goal)
{
    ++p.version;
    set(p, deadline_kind::resolve, goal);
    return p;
}

TEST(LoadTargets, RecountTheClocksOfTheFormerRuleAndKeepTheOldDate)
{
    auto c = in(s::investigating);
    const auto former = c.p;
    const auto original = c.clock(deadline_kind::resolve).due_at;
    const auto other = c.clock(deadline_kind::return_window);
    c.p = with_resolve(former, of(target_unit::working_days, 4));
    EXPECT_EQ(c.refuses(officer, load_targets{{former}}), "forbidden");
    c.does(sys, load_targets{{former}});
    EXPECT_THAT(c.events(), ElementsAre("ticket.clocks_recounted"));
    const auto& data = c.last.events.front().data;
    EXPECT_THAT(data, ::testing::Contains(::testing::Pair("policy_version", event_value(std::int64_t{8}))));
    EXPECT_THAT(data, ::testing::Contains(::testing::Pair("resolve", event_value(original))));
    EXPECT_EQ(c.clock(deadline_kind::resolve).due_at, original + days(1));
    EXPECT_EQ(c.clock(deadline_kind::resolve).original_due_at, original);
    EXPECT_EQ(c.clock(deadline_kind::resolve).policy_version, 8);
    EXPECT_EQ(c.clock(deadline_kind::return_window), other) << "its target is the same";
    EXPECT_EQ(c.t.policy_version, 7) << "tickets keep the rest of the rules";
    c.does(sys, load_targets{{former}});
    EXPECT_THAT(c.last.events, IsEmpty()) << "once";
}

TEST(LoadTargets, LeaveAClockThatStandsOnAnotherTargetThanTheFormerRules)
{
    auto c = in(s::investigating);
    const auto former = with_resolve(c.p, of(target_unit::working_days, 9));
    auto earlier = former;
    earlier.version = 7;
    c.p = with_resolve(former, of(target_unit::working_days, 4));
    c.does(sys, load_targets{{earlier}});
    EXPECT_THAT(c.last.events, IsEmpty()) << "its three days came from elsewhere";
    c.does(sys, load_targets{});
    EXPECT_THAT(c.last.events, IsEmpty()) << "nobody knows its version";
}

TEST(LoadTargets, AShorterOneBringsThePartsOfOthersForward)
{
    auto c = in(s::investigating);
    const auto former = c.p;
    c.does(officer, c.a_part());
    c.p = with_resolve(former, of(target_unit::working_days, 1));
    c.does(sys, load_targets{{former}});
    EXPECT_EQ(c.t.orders.back().due_at, c.clock(deadline_kind::resolve).due_at);
}

TEST(Report, IsConfidentialFromTheMomentItIsKnownToBeOne)
{
    auto c = in(s::registered);
    EXPECT_EQ(c.t.sensitive, sensitivity::ordinary);
    c.p.type = ticket_type::report;
    c.does(officer, classify{"carrier_conduct"});
    EXPECT_EQ(c.t.sensitive, sensitivity::confidential);
    EXPECT_EQ(scope_of(c.t).sensitive, sensitivity::confidential);
    const auto made = decide(c.a_complaint(), c.p, customer, c.now);
    EXPECT_EQ(made->next.sensitive, sensitivity::confidential);
}

// 33 and the count of further contacts

TEST(Archive, WaitsForTheReopenWindow)
{
    auto c = in(s::closed);
    c.after(days(30) - 1s);
    EXPECT_EQ(c.refuses(officer, archive{}), "reopen-window-open");
    c.after(1s);
    EXPECT_EQ(c.refuses(officer, archive{}), "ok");
    c.clock_runs();
    EXPECT_EQ(c.t.status, s::archived);
    EXPECT_EQ(c.t.archived_at, c.now);
    EXPECT_THAT(c.events(), ElementsAre("ticket.archived"));
}

TEST(Archive, RefusesAnIncompleteFileAndTellsTheDesk)
{
    const auto spoilt = [](auto spoil) {
        auto c = thirty_days_closed();
        spoil(c);
        EXPECT_EQ(c.refuses(officer, archive{}), "file-incomplete");
        const auto ran = decide(c.t, run_due{}, c.p, sys, c.now);
        EXPECT_TRUE(ran.has_value());
        EXPECT_EQ(ran->next.status, s::closed);
        ASSERT_THAT(ran->events, SizeIs(1));
        EXPECT_EQ(ran->events[0].kind, "ticket.archive_blocked");
        EXPECT_THAT(ran->notices, ElementsAre(Field(&notice::to, recipient::desk)));
    };
    spoilt([](scene& c) { c.t.validity = ticket_validity::valid; });
    spoilt([](scene& c) {
        promise still_open;
        still_open.due_at = c.now + days(1);
        c.t.promises.push_back(still_open);
    });
    spoilt([](scene& c) {
        work_order other;
        other.kind = work_order_kind::co_handler;
        c.t.orders.push_back(other);
    });
}

TEST(FurtherContact, CountsAsAnUrgeAndGoesUp)
{
    auto c = in(s::investigating);
    c.does(customer, further_contact{c.fresh<interaction_id>()});
    EXPECT_EQ(c.t.urge_count, 1);
    EXPECT_EQ(c.t.last_urged_at, c.now);
    EXPECT_THAT(c.last.notices, ElementsAre(notice{recipient::person, {}, id_of(handler), "ticket.urged", {}, true}));
    c.does(customer, further_contact{c.fresh<interaction_id>()});
    EXPECT_THAT(c.last.notices, Contains(Field(&notice::to, recipient::leader)));
    c.does(customer, further_contact{c.fresh<interaction_id>()});
    EXPECT_THAT(c.last.notices, Contains(Field(&notice::to, recipient::supervision_officer)));
    EXPECT_EQ(c.t.urge_count, 3);
}

TEST(Names, AreReadBack)
{
    for (const auto state : all_states)
        EXPECT_EQ(parse_name<ticket_status>(to_string(state)), state);
    EXPECT_EQ(parse_name<ticket_status>("new"), s::registered);
    EXPECT_EQ(parse_name<ticket_status>("unheard_of"), std::nullopt);
    EXPECT_EQ(to_string(ticket_priority::p1), "P1");
}

TEST(Check, FindsWhatIsPlantedInATicket)
{
    const auto finds = [](s state, auto spoil) {
        auto c = in(state);
        EXPECT_THAT(check(c.t, c.p), IsEmpty());
        spoil(c.t);
        EXPECT_THAT(check(c.t, c.p), Not(IsEmpty()));
    };
    finds(s::investigating, [](ticket& t) { t.lead_department.reset(); });
    finds(s::investigating, [](ticket& t) { t.orders.clear(); });
    finds(s::investigating, [](ticket& t) { t.orders.push_back(t.orders.back()); });
    finds(s::investigating, [](ticket& t) { t.closure = ticket_closure::confirmed; });
    finds(s::closed, [](ticket& t) { t.closure = ticket_closure::none; });
    finds(s::closed, [](ticket& t) { t.deadlines.front().state = deadline_state::running; });
    finds(s::executing, [](ticket& t) { t.approvals.back().by = t.solutions.back().proposed_by; });
    finds(s::callback_pending, [](ticket& t) { t.rework_cycle = 1; });
    finds(s::investigating, [](ticket& t) {
        for (auto& d : t.deadlines)
            d.next_step_at.reset();
    });
    finds(s::promised, [](ticket& t) { t.promises.clear(); });
    finds(s::triage, [](ticket& t) { t.return_count = 3; });
    finds(s::archived, [](ticket& t) { t.validity = ticket_validity::valid; });
    finds(s::investigating, [](ticket& t) { t.deadlines.push_back(t.deadlines.back()); });
}

} // namespace
} // namespace huiyin::domain::testing
