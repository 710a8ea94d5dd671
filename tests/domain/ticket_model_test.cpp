#include "ticket_fixture.hpp"

#include <array>
#include <cstdlib>
#include <map>
#include <random>
#include <set>

/// Random commands by random persons at random times, most of them such as may succeed; after each step the invariants
/// of domain.md §3 that no single state of a ticket shows. At its end each ticket must still find its way into the
/// archive.
namespace huiyin::domain::testing {
namespace {

using s = ticket_status;

constexpr int shards = 2;

/// Commands given to `decide`, refused ones included.
std::int64_t commands_per_shard()
{
    if (std::getenv("HUIYIN_TEST_FULL") != nullptr) return 10'000'000 / shards;
    return 100'000 / shards;
}

const std::array<department_id, 3> departments{station, main_station, billing};
const auto main_handler = a_user(120, {role::department_handler}, {main_station});
/// Leads everything, so that a chain never lacks its last level.
const auto general =
    a_user(121, {role::department_leader}, {circulation, main_station, station, billing}, {circulation});

/// kind → the ways it may take; domain.md's table once more, by hand.
const std::map<std::string_view, std::set<std::pair<s, s>>>& table()
{
    static const auto self = [](std::initializer_list<s> states) {
        std::set<std::pair<s, s>> ways;
        for (const auto x : states)
            ways.emplace(x, x);
        return ways;
    };
    static const auto open =
        self({s::registered, s::triage, s::invalid_pending_reply, s::dispatched, s::investigating, s::pending_approval,
              s::executing, s::promised, s::on_hold, s::reply_review, s::callback_pending, s::withdrawn});
    static const auto at_work = self({s::investigating, s::pending_approval, s::executing});
    static const auto and_closed = [](std::set<std::pair<s, s>> ways) {
        ways.emplace(s::closed, s::closed);
        return ways;
    };
    static const auto to_one = [](s target) {
        std::set<std::pair<s, s>> ways;
        for (const auto& [from, same] : open)
            if (from != s::withdrawn && from != target) ways.emplace(from, target);
        return ways;
    };
    static const auto from_one = [](s source) {
        std::set<std::pair<s, s>> ways;
        for (const auto& [to, same] : open)
            if (to != s::on_hold && to != source) ways.emplace(source, to);
        return ways;
    };
    static const std::map<std::string_view, std::set<std::pair<s, s>>> ways{
        {"ticket.resolved_direct", {{s::registered, s::closed}, {s::triage, s::closed}}},
        {"ticket.classified", {{s::registered, s::triage}, {s::triage, s::triage}}},
        {"ticket.dispatched", {{s::triage, s::dispatched}}},
        {"ticket.arbitrated", {{s::triage, s::dispatched}}},
        {"ticket.invalidity_proposed", {{s::triage, s::triage}}},
        {"ticket.judged_invalid", {{s::triage, s::invalid_pending_reply}}},
        {"ticket.replied_invalid",
         {{s::invalid_pending_reply, s::callback_pending}, {s::invalid_pending_reply, s::closed}}},
        {"ticket.disputed", {{s::invalid_pending_reply, s::triage}, {s::callback_pending, s::triage}}},
        {"ticket.accepted", {{s::dispatched, s::investigating}}},
        {"ticket.failed_over", {{s::dispatched, s::dispatched}}},
        {"ticket.returned", {{s::dispatched, s::triage}, {s::investigating, s::triage}}},
        {"ticket.return_requested", self({s::dispatched, s::investigating})},
        {"ticket.return_refused", self({s::dispatched, s::investigating})},
        {"ticket.transferred", {{s::investigating, s::dispatched}}},
        {"ticket.customer_contacted", open},
        {"ticket.contact_tried", open},
        {"ticket.solution_proposed", {{s::investigating, s::pending_approval}}},
        {"ticket.solution_approved", {{s::pending_approval, s::executing}}},
        {"ticket.promise_approved", {{s::pending_approval, s::promised}}},
        {"ticket.solution_rejected", {{s::pending_approval, s::investigating}}},
        {"ticket.promise_fulfilled", {{s::promised, s::executing}}},
        {"ticket.promise_breached", and_closed(open)},
        {"ticket.completed", {{s::executing, s::reply_review}}},
        {"ticket.reply_rejected", {{s::reply_review, s::investigating}}},
        {"ticket.reply_passed", {{s::reply_review, s::callback_pending}}},
        {"ticket.callback_attempted", self({s::callback_pending, s::withdrawn})},
        {"ticket.rework_started", {{s::callback_pending, s::investigating}}},
        {"ticket.closed", {{s::callback_pending, s::closed}, {s::investigating, s::closed}, {s::withdrawn, s::closed}}},
        {"ticket.archived", {{s::closed, s::archived}}},
        {"ticket.archive_blocked", self({s::closed})},
        {"ticket.urged", open},
        {"ticket.ownership_settled", open},
        {"deadline.half_used", open},
        {"deadline.warned", open},
        {"deadline.breached", open},
        {"deadline.overdue_1wd", open},
        {"deadline.overdue_5wd", open},
        {"deadline.still_overdue", open},
        {"ticket.co_handler_added",
         self({s::dispatched, s::investigating, s::pending_approval, s::executing, s::promised, s::on_hold})},
        {"ticket.co_handler_finished", open},
        {"ticket.co_handler_waived", open},
        {"ticket.co_handler_overdue", open},
        {"ticket.promise_made", open},
        {"ticket.promise_kept", and_closed(open)},
        {"ticket.promise_due_soon", and_closed(open)},
        {"ticket.extension_requested", at_work},
        {"ticket.extension_granted", at_work},
        {"ticket.extension_refused", at_work},
        {"ticket.hold_requested", self({s::investigating, s::executing})},
        {"ticket.hold_refused", self({s::investigating, s::executing})},
        {"ticket.held", {{s::investigating, s::on_hold}, {s::executing, s::on_hold}}},
        {"ticket.resumed", {{s::on_hold, s::investigating}, {s::on_hold, s::executing}}},
        {"ticket.final_answer_proposed", self({s::investigating, s::callback_pending})},
        {"ticket.final_answer_refused", self({s::investigating, s::callback_pending})},
        {"ticket.withdrawn", to_one(s::withdrawn)},
        {"ticket.withdrawal_unconfirmed", from_one(s::withdrawn)},
        {"ticket.merged", to_one(s::merged)},
        {"ticket.absorbed", open},
        {"ticket.reopened", {{s::closed, s::triage}}},
        {"ticket.urge_answered", open},
        {"ticket.supervised", open},
        {"ticket.supervision_answered", open},
        {"ticket.supervision_cleared", and_closed(open)},
        {"ticket.grouped", open},
        {"ticket.ungrouped", open},
        {"ticket.fallback_dispatched", {{s::registered, s::dispatched}, {s::triage, s::dispatched}}},
    };
    return ways;
}

/// By working days; by clock; a mixture with fixed times and a customer far away; enquiries by sample.
std::vector<policy> templates()
{
    std::vector<policy> made(4, a_policy());
    for (auto& each : made)
        set(each, deadline_kind::urge_reply, of(target_unit::hours, 10), "always");
    made[0].max_holds = 1;
    auto& quick = made[1];
    quick.priority = ticket_priority::p1;
    set(quick, deadline_kind::accept, of(target_unit::minutes, 15), "always");
    set(quick, deadline_kind::return_window, of(target_unit::minutes, 30), "always");
    set(quick, deadline_kind::contact_customer, of(target_unit::hours, 2), "always");
    set(quick, deadline_kind::on_site, of(target_unit::minutes, 45), "always");
    set(quick, deadline_kind::resolve, of(target_unit::hours, 24), "always");
    set(quick, deadline_kind::fallback, of(target_unit::hours, 4), "always");
    quick.fallback = destination{main_station, {}, {}, false, false};
    quick.resolve_from_created = true;
    quick.callback.system_may_close = true;
    auto& mixed = made[2];
    set(mixed, deadline_kind::resolve, {target_unit::cutoffs, 0, {{12h, 0, 18h}, {24h, 1, 12h}}});
    set(mixed, deadline_kind::first_response, of(target_unit::business_hours, 60));
    mixed.targets[static_cast<std::size_t>(deadline_kind::solution)].reset();
    mixed.targets[static_cast<std::size_t>(deadline_kind::progress_update)].reset();
    mixed.calendars.push_back(
        std::make_shared<const calendar>(calendar::around_the_clock("customer", "Europe/Moscow")));
    mixed.callback.customer_calendar = "customer";
    mixed.callback.channels = {{1, callback_channel::sms}};
    mixed.callback.reviewer = id_of(quality);
    mixed.callback.sample_permille = 0;
    auto& enquiry = made[3];
    enquiry.type = ticket_type::enquiry;
    enquiry.priority = ticket_priority::p4;
    enquiry.callback.sample_permille = 500;
    enquiry.callback.bound_agent = id_of(agent);
    enquiry.evidence = {0, true, true};
    return made;
}

class walk
{
public:
    explicit walk(unsigned seed) : random_(seed) {}

    void one_sequence()
    {
        p_ = templates_[upto(templates_.size())];
        now_ = monday + std::chrono::minutes(upto(14 * 24 * 60));
        ids_ = 1000;
        steps_.clear();
        begin();
        const auto length = 12 + upto(40);
        for (std::size_t i = 0; i < length && !failed(); ++i) {
            pass_time();
            p_.approval.chain = {t_.lead_department.value_or(station), main_station, circulation};
            if (chance(12))
                try_step(sys, run_due{});
            else if (chance(88))
                likely_step();
            else
                wild_step();
        }
        reaches_its_end();
    }
    std::int64_t commands = 0;
    bool failed() const { return ::testing::Test::HasFailure(); }
    std::map<std::string_view, int> kinds;
    std::map<errc, int> refusals;

private:
    template <class N>
    std::size_t upto(N bound)
    {
        return static_cast<std::size_t>(random_()) % static_cast<std::size_t>(bound);
    }
    bool chance(unsigned percent) { return upto(100) < percent; }
    template <class Id>
    Id fresh()
    {
        return numbered<Id>(++ids_);
    }
    text_ref text() { return {numbered<text_id>(++ids_), {}}; }

    void begin()
    {
        if (chance(5)) {
            import_record c;
            c.id = numbered<ticket_id>(static_cast<std::uint32_t>(upto(1000) + 100));
            c.category = p_.category;
            c.reported_at = now_ - days(40);
            return take(decide(c, p_, sys, now_));
        }
        create c;
        c.id = numbered<ticket_id>(static_cast<std::uint32_t>(upto(1000) + 100));
        c.category = chance(70) ? p_.category : std::string{};
        c.customer = reader;
        c.problem = text();
        c.vip = chance(10);
        take(decide(c, p_, customer, now_));
    }
    void take(result<decision> made)
    {
        ASSERT_TRUE(made.has_value());
        t_ = std::move(made->next);
        ASSERT_THAT(check(t_, p_), ::testing::IsEmpty());
    }

    void pass_time()
    {
        switch (upto(8)) {
        case 0:
        case 1: break;
        case 2: now_ += std::chrono::minutes(upto(60)); break;
        case 3: now_ += std::chrono::minutes(upto(8 * 60)); break;
        case 4: now_ += std::chrono::minutes(upto(3 * 24 * 60)); break;
        case 5:
            if (t_.next_callback_at) now_ = std::max(now_, *t_.next_callback_at);
            break;
        default:
            if (const auto next = next_step_at(t_); next && *next < now_ + days(40)) now_ = std::max(now_, *next);
        }
    }

    const actor& lead_handler()
    {
        if (t_.lead_department == billing) return chance(50) ? billing_handler : billing_chief_acting_;
        if (t_.lead_department == main_station) return main_handler;
        static const std::array<const actor*, 4> people{&handler, &handler_b, &chief, &two_hats};
        return *people[upto(people.size())];
    }
    const actor& lead_chief()
    {
        if (chance(20)) return general;
        if (t_.lead_department == billing) return billing_chief;
        if (t_.lead_department == main_station) return main_chief;
        return chance(80) ? chief : main_chief;
    }
    const actor& anyone()
    {
        static const std::array<const actor*, 17> people{
            &customer,        &stranger,      &sys,        &agent,   &officer,      &officer_b,
            &handler,         &handler_b,     &chief,      &general, &main_handler, &main_chief,
            &billing_handler, &billing_chief, &supervisor, &quality, &two_hats};
        return *people[upto(people.size())];
    }
    const actor& caller()
    {
        static const std::array<const actor*, 4> people{&agent, &officer, &two_hats, &supervisor};
        return *people[upto(people.size())];
    }

    destination to(department_id department)
    {
        if (department != station) return {department, {}, {}, false};
        return {department, id_of(handler), chance(80) ? std::optional(id_of(handler_b)) : std::nullopt, chance(10)};
    }
    propose a_proposal()
    {
        propose c;
        c.id = fresh<solution_id>();
        c.words = text();
        c.fingerprint[0] = static_cast<std::uint8_t>(upto(12));
        c.cost_cents = chance(80) ? 0 : static_cast<std::int64_t>(upto(200'000));
        c.root_cause = "cause";
        c.no_responsible_reason = "weather";
        if (chance(30)) {
            c.kind = solution_kind::promise;
            c.promise_reason = "road_works";
            c.promised_due_at = now_ + std::chrono::hours(upto(24 * 31));
            c.interim = text();
        }
        return c;
    }
    answers some_answers()
    {
        const auto score = [&] { return chance(20) ? std::nullopt : std::optional(static_cast<int>(1 + upto(5))); };
        return {static_cast<solved_answer>(chance(98) ? 1 + upto(3) : 0), score(), score(), score()};
    }
    give_verdict a_verdict() { return {fresh<callback_id>(), some_answers(), chance(95) ? "reason" : "", chance(20)}; }

    complete a_reply()
    {
        complete c{text(), true, 1, {}};
        if (!t_.contacts.empty() && chance(90)) c.contact = t_.contacts.back().interaction;
        if (chance(8)) c.contact = fresh<interaction_id>();
        return c;
    }
    put_on_hold a_hold()
    {
        constexpr std::array<const char*, 3> reasons{"awaiting_customer", "appointment", "force_majeure"};
        put_on_hold c;
        c.reason = reasons[upto(3)];
        if (!t_.contacts.empty()) c.told = t_.contacts.back().interaction;
        if (c.reason == "appointment") c.until = now_ + std::chrono::hours(1 + upto(60));
        return c;
    }
    request_extension more_time()
    {
        const auto* clock = customer_clock(t_);
        return {(clock ? clock->due_at : now_) + std::chrono::minutes(upto(80 * 60)), "parts_missing", std::nullopt};
    }
    absorb some_other()
    {
        return {.source = numbered<ticket_id>(9),
                .customer = reader,
                .category = chance(90) ? t_.category : "another",
                .status = chance(90) ? s::investigating : s::closed,
                .has_open_promise = chance(10),
                .due = chance(80) ? std::optional(now_ + std::chrono::hours(upto(150)) - days(1)) : std::nullopt};
    }
    merge into_another()
    {
        return {numbered<ticket_id>(8), reader, chance(90) ? t_.category : "another",
                chance(90) ? s::investigating : s::closed};
    }
    work_order_id some_part()
    {
        for (const auto& o : t_.orders)
            if (o.kind == work_order_kind::co_handler && o.is_open()) return o.id;
        return fresh<work_order_id>();
    }
    promise_id some_promise() { return t_.promises.empty() ? promise_id{} : t_.promises.back().id; }
    add_co_handler a_part()
    {
        const auto* clock = customer_clock(t_);
        add_co_handler c{fresh<work_order_id>(), to(departments[upto(3)]), std::nullopt};
        if (clock && chance(60)) c.due_at = clock->due_at - std::chrono::hours(upto(40));
        return c;
    }
    const actor& helper()
    {
        for (const auto& o : t_.orders)
            if (o.kind == work_order_kind::co_handler && o.is_open())
                return o.department == billing        ? billing_handler
                       : o.department == main_station ? main_handler
                                                      : handler;
        return billing_handler;
    }

    /// What does not move the ticket, or moves it away from its way.
    void side_step()
    {
        switch (upto(27)) {
        case 0: return try_step(customer, further_contact{fresh<interaction_id>()});
        case 1:
        case 2:
        case 3:
            return try_step(chance(30) ? agent : lead_handler(),
                            log_contact{fresh<interaction_id>(), static_cast<contact_kind>(upto(4)), chance(80)});
        case 4: return try_step(chance(70) ? lead_handler() : officer, a_part());
        case 5: return try_step(helper(), finish_co_handler{some_part(), text()});
        case 6: return try_step(officer, waive_co_handler{some_part(), "not_needed"});
        case 7:
            return try_step(chance(50) ? agent : lead_handler(),
                            make_promise{fresh<promise_id>(), now_ + std::chrono::hours(upto(200)), text()});
        case 8: return try_step(agent, keep_promise{some_promise()});
        case 9:
            if (pending_extension(t_)) return try_step(officer, decide_extension{chance(70), "reason"});
            return try_step(lead_handler(), more_time());
        case 10: return try_step(chance(70) ? customer : agent, urge{});
        case 11: return try_step(has_lead(t_.status) ? lead_handler() : agent, answer_urge{text()});
        case 12: return try_step(supervisor, supervise{chance(50) ? "media" : "overdue", std::nullopt});
        case 13: return try_step(has_lead(t_.status) ? lead_handler() : agent, answer_supervision{text()});
        case 14: return try_step(supervisor, clear_supervision{});
        case 15: return try_step(officer, some_other());
        case 16: return try_step(officer, link_to_group{numbered<ticket_id>(static_cast<std::uint32_t>(upto(3) + 1))});
        case 17: return try_step(officer, leave_group{});
        case 18:
            if (chance(60)) return;
            return try_step(chance(60) ? customer : agent, withdraw{"solved_itself", std::nullopt});
        case 19:
            if (chance(80)) return;
            return try_step(officer, into_another());
        case 20:
        case 21:
            if (pending_extension(t_)) return try_step(officer, decide_extension{chance(70), "reason"});
            return try_step(lead_handler(), more_time());
        case 22:
            if (final_answer_waits(t_)) return try_step(lead_chief(), sign_final_answer{chance(30)});
            return try_step(supervisor, propose_final_answer{text(), "12315", text(), std::nullopt});
        default:
            if (pending_hold(t_)) return try_step(lead_chief(), sign_hold{chance(80)});
            return try_step(chance(50) ? lead_handler() : lead_chief(), a_hold());
        }
    }

    /// The last word, where it may be spoken.
    bool final_step()
    {
        if (t_.rework_cycle < 2 || !chance(60)) return false;
        if (final_answer_waits(t_))
            try_step(lead_chief(), sign_final_answer{chance(45)});
        else
            try_step(supervisor, propose_final_answer{text(), "12315", text(),
                                                      chance(30) ? std::optional(some_answers()) : std::nullopt});
        return true;
    }

    /// A command and a person that this state may well allow.
    void likely_step()
    {
        if (chance(35)) return side_step();
        switch (t_.status) {
        case s::registered:
            if (chance(10)) return try_step(agent, resolve_direct{0, true, {solved_answer::yes, 5, {}, {}}, {}});
            return try_step(agent, classify{p_.category});
        case s::triage:
            if (chance(8)) return try_step(agent, resolve_direct{0, true, {solved_answer::yes, 5, {}, {}}, "cause"});
            if (chance(20)) return try_step(chance(50) ? officer : officer_b, judge_invalid{"no_fault", text(), 1});
            if (chance(20)) return try_step(officer, classify{p_.category});
            if (t_.return_count > 0 && chance(60)) return try_step(supervisor, a_ruling());
            if (chance(70)) return try_step(officer, judge_valid{fresh<work_order_id>(), to(station)});
            return try_step(supervisor, judge_valid{fresh<work_order_id>(), to(departments[upto(3)])});
        case s::invalid_pending_reply:
            if (chance(30)) return try_step(chance(70) ? customer : supervisor, dispute{text()});
            return try_step(agent, reply_invalid{"no_fault_found", text(), false,
                                                 chance(30) ? understanding::accepted : understanding::asked});
        case s::dispatched:
            if (chance(25)) return step_back();
            return try_step(lead_handler(), accept{});
        case s::investigating:
            if (final_step()) return;
            if (chance(15)) return step_back();
            if (chance(8))
                return try_step(officer, transfer{fresh<work_order_id>(), to(departments[upto(3)]), "wrong_unit"});
            return try_step(lead_handler(), a_proposal());
        case s::pending_approval:
            if (chance(20)) return try_step(lead_chief(), reject_solution{text()});
            return try_step(lead_chief(), approve{fresh<promise_id>(), std::nullopt});
        case s::promised:
            if (chance(25)) {
                now_ = std::max(now_, running(t_, deadline_kind::promise_due)->due_at);
                return try_step(sys, run_due{});
            }
            return try_step(lead_handler(), fulfil{});
        case s::executing:
            if (p_.evidence.spoke_required && chance(60))
                return try_step(lead_handler(), log_contact{fresh<interaction_id>(), contact_kind::call, true});
            return try_step(lead_handler(), a_reply());
        case s::on_hold:
            if (chance(30)) {
                now_ = std::max(now_, running(t_, deadline_kind::hold_max)->due_at + std::chrono::hours(upto(3)));
                return try_step(sys, run_due{});
            }
            return try_step(chance(50) ? customer : lead_handler(),
                            chance(50) ? command(further_contact{fresh<interaction_id>()}) : command(resume_work{}));
        case s::withdrawn:
            if (chance(70)) {
                now_ = std::max(now_, *t_.next_callback_at);
                return try_step(caller(), attempt_callback{fresh<callback_id>(), callback_outcome::busy, {}, {}});
            }
            return try_step(caller(), confirm_withdrawal{fresh<callback_id>(), chance(40), chance(40)});
        case s::reply_review:
            if (chance(20)) return try_step(officer, reject_reply{"not_solved"});
            return try_step(officer, pass_reply{});
        case s::callback_pending:
            if (final_step()) return;
            if (chance(15)) return try_step(supervisor, close_unreachable{"moved"});
            if (chance(50)) return try_step(caller(), an_attempt());
            return try_step(chance(40) ? customer : caller(), a_verdict());
        case s::closed:
            if (chance(40)) return try_step(chance(50) ? customer : officer, reopen{"came_back", std::nullopt});
            return try_step(officer, archive{});
        case s::archived: return try_step(customer, reopen{"came_back", std::nullopt});
        default: return try_step(sys, run_due{});
        }
    }
    attempt_callback an_attempt()
    {
        const auto outcome = upto(6);
        return {fresh<callback_id>(), static_cast<callback_outcome>(outcome == 5 ? 6 : outcome),
                now_ + std::chrono::hours(upto(24 * 15)), std::nullopt};
    }
    arbitrate a_ruling()
    {
        arbitrate c{fresh<work_order_id>(), to(departments[upto(3)]), chance(20), "owner", {}, {}};
        if (chance(80)) c.at_fault = chance(50) ? fault_side::desk : fault_side::department;
        if (!t_.orders.empty()) c.wrong = t_.orders.front().department;
        return c;
    }
    void step_back()
    {
        if (t_.returning) return try_step(lead_chief(), sign_return{chance(80)});
        try_step(chance(50) ? lead_handler() : lead_chief(), return_ticket{"not_ours", text(), billing});
    }

    /// Anything by anybody.
    void wild_step()
    {
        const auto& who = anyone();
        switch (upto(48)) {
        case 0: return try_step(who, resolve_direct{0, true, some_answers(), "cause"});
        case 1: return try_step(who, classify{chance(50) ? p_.category : "unheard_of"});
        case 2: return try_step(who, judge_valid{fresh<work_order_id>(), to(departments[upto(3)])});
        case 3: return try_step(who, judge_invalid{"no_fault", text(), static_cast<int>(upto(2))});
        case 4:
            return try_step(who,
                            reply_invalid{"no_fault_found", text(), chance(30), static_cast<understanding>(upto(3))});
        case 5: return try_step(who, dispute{chance(50) ? std::optional(text()) : std::nullopt});
        case 6: return try_step(who, accept{});
        case 7: return try_step(who, return_ticket{"not_ours", text(), billing});
        case 8: return try_step(who, sign_return{chance(50)});
        case 9: return try_step(who, a_ruling());
        case 10: return try_step(who, transfer{fresh<work_order_id>(), to(departments[upto(3)]), "wrong_unit"});
        case 11: return try_step(who, log_contact{fresh<interaction_id>(), contact_kind::visit, true});
        case 12: return try_step(who, a_proposal());
        case 13: return try_step(who, approve{fresh<promise_id>(), std::nullopt});
        case 14: return try_step(who, reject_solution{text()});
        case 15: return try_step(who, fulfil{});
        case 16: return try_step(who, complete{text(), chance(80), static_cast<int>(upto(2))});
        case 17: return try_step(who, reject_reply{"template_text"});
        case 18: return try_step(who, pass_reply{});
        case 19: return try_step(who, an_attempt());
        case 20: return try_step(who, a_verdict());
        case 21: return try_step(who, close_unreachable{"moved"});
        case 22: return try_step(who, archive{});
        case 23: return try_step(who, a_part());
        case 24: return try_step(who, finish_co_handler{some_part(), text()});
        case 25: return try_step(who, waive_co_handler{some_part(), "not_needed"});
        case 26: return try_step(who, make_promise{fresh<promise_id>(), now_ + std::chrono::hours(upto(800)), text()});
        case 27: return try_step(who, keep_promise{some_promise()});
        case 28: return try_step(who, more_time());
        case 29: return try_step(who, decide_extension{chance(50), chance(80) ? "reason" : ""});
        case 30: return try_step(who, a_hold());
        case 31: return try_step(who, sign_hold{chance(50)});
        case 32: return try_step(who, resume_work{});
        case 33: return try_step(who, propose_final_answer{text(), "12315", text(), std::nullopt});
        case 34: return try_step(who, sign_final_answer{chance(50)});
        case 35: return try_step(who, withdraw{"solved_itself", std::nullopt});
        case 36: return try_step(who, confirm_withdrawal{fresh<callback_id>(), chance(50), chance(50)});
        case 37: return try_step(who, into_another());
        case 38: return try_step(who, some_other());
        case 39: return try_step(who, reopen{"came_back", std::nullopt});
        case 40: return try_step(who, urge{});
        case 41: return try_step(who, answer_urge{text()});
        case 42: return try_step(who, supervise{chance(50) ? "rework" : "mass", std::nullopt});
        case 43: return try_step(who, answer_supervision{text()});
        case 44: return try_step(who, clear_supervision{});
        case 45: return try_step(who, link_to_group{t_.id});
        case 46: return try_step(who, leave_group{});
        default: return try_step(who, further_contact{fresh<interaction_id>()});
        }
    }

    void try_step(const actor& who, const command& c)
    {
        ++commands;
        auto made = decide(t_, c, p_, who, now_);
        if (!made) {
            ++refusals[made.error().code];
            return;
        }
        const bool ran = std::holds_alternative<run_due>(c);
        holds(t_, *made, c, who);
        if (ran) {
            const auto again = decide(made->next, c, p_, who, now_);
            EXPECT_TRUE(again && again->events.empty()) << "a step was taken twice";
        }
        if (made->events.empty()) EXPECT_EQ(made->next, t_);
        t_ = std::move(made->next);
    }

    /// Rows that move the customer's date (invariant 5), besides the end of a pause.
    static bool may_move_date(const command& c, const ticket& next)
    {
        return (std::holds_alternative<approve>(c) && next.status == s::promised) ||
               std::holds_alternative<decide_extension>(c) || std::holds_alternative<absorb>(c);
    }
    static std::size_t most_events(const command& c)
    {
        const bool two = std::holds_alternative<further_contact>(c) || std::holds_alternative<urge>(c) ||
                         std::holds_alternative<withdraw>(c) || std::holds_alternative<pass_reply>(c) ||
                         std::holds_alternative<attempt_callback>(c);
        return two ? 2 : 1;
    }
    template <class Row>
    static void only_grows(const std::vector<Row>& before, const std::vector<Row>& next)
    {
        ASSERT_GE(next.size(), before.size());
        EXPECT_TRUE(std::equal(before.begin(), before.end(), next.begin())) << "what is on record stays";
    }

    /// What must be true of any step.
    void holds(const ticket& before, const decision& d, const command& c, const actor& who)
    {
        const auto& next = d.next;
        const bool ran = std::holds_alternative<run_due>(c);
        if (const auto broken = check(next, p_); !broken.empty()) ADD_FAILURE() << broken.front();

        // 2: one event per transition, and the events tell the way without a gap
        if (ran)
            EXPECT_EQ(d.events.empty(), next.version == before.version);
        else {
            EXPECT_FALSE(d.events.empty());
            EXPECT_LE(d.events.size(), most_events(c));
        }
        EXPECT_EQ(next.version, before.version + (d.events.empty() ? 0 : 1));
        auto at = before.status;
        for (const auto& e : d.events) {
            ++kinds[e.kind];
            EXPECT_EQ(e.from, at) << e.kind;
            EXPECT_EQ(e.at, now_);
            EXPECT_TRUE(e.by == who.id || (e.by == uuid{} && e.by_kind == actor_kind::system));
            const auto way = table().find(e.kind);
            EXPECT_TRUE(way != table().end() && way->second.contains({*e.from, e.to}))
                << e.kind << ": " << to_string(*e.from) << " to " << to_string(e.to);
            // 3
            if (e.to == s::closed && e.from != s::closed)
                EXPECT_TRUE(e.kind == "ticket.resolved_direct" || e.kind == "ticket.replied_invalid" ||
                            e.kind == "ticket.closed");
            at = e.to;
            took_step(e);
        }
        EXPECT_EQ(at, next.status);

        // 5, 6: no clock is lost, moved or begun anew without its row
        ASSERT_GE(next.deadlines.size(), before.deadlines.size());
        for (std::size_t i = 0; i < before.deadlines.size(); ++i) {
            const auto& was = before.deadlines[i];
            const auto& is = next.deadlines[i];
            EXPECT_TRUE(is.kind == was.kind && is.round == was.round && is.original_due_at == was.original_due_at);
            const bool customers = was.kind == deadline_kind::resolve || was.kind == deadline_kind::rework;
            const bool stood_still = was.state == deadline_state::paused;
            const bool stopped = is.state == deadline_state::paused && was.state == deadline_state::running;
            if (stopped)
                EXPECT_TRUE(next.status == s::withdrawn ||
                            (next.status == s::on_hold && (customers || was.kind == deadline_kind::solution)));
            if (stood_still && !std::holds_alternative<absorb>(c))
                EXPECT_GE(is.due_at, was.due_at);
            else if (!(may_move_date(c, next) && customers)) {
                EXPECT_EQ(is.due_at, was.due_at) << to_string(was.kind);
                EXPECT_GE(is.next_step, was.next_step);
            }
            if (is.due_at != was.due_at)
                EXPECT_TRUE(std::holds_alternative<absorb>(c)
                                ? is.due_at < was.due_at
                                : is.due_at > was.due_at || std::holds_alternative<approve>(c));
            if (was.state != deadline_state::running && !stood_still) EXPECT_EQ(is, was) << "an ended clock changed";
            if (was.breached) EXPECT_TRUE(is.breached);
        }
        EXPECT_LE(std::ranges::count(next.deadlines, deadline_kind::resolve, &deadline::kind), 1 + next.reopen_count);
        EXPECT_EQ(std::ranges::count(next.deadlines, deadline_kind::rework, &deadline::kind), next.rework_cycle);

        // what is on record stays
        only_grows(before.approvals, next.approvals);
        only_grows(before.callbacks, next.callbacks);
        only_grows(before.judgements, next.judgements);
        only_grows(before.rulings, next.rulings);
        only_grows(before.contacts, next.contacts);
        only_grows(before.spells, next.spells);
        EXPECT_GE(next.solutions.size(), before.solutions.size());
        EXPECT_GE(next.promises.size(), before.promises.size());
        for (std::size_t i = 0; i < before.promises.size(); ++i) {
            const auto& was = before.promises[i];
            const auto& is = next.promises[i];
            EXPECT_TRUE(is.id == was.id && is.due_at == was.due_at && is.made_at == was.made_at);
            if (!was.is_open()) EXPECT_EQ(is, was);
            if (was.breached) EXPECT_TRUE(is.breached);
            if (is.fulfilled_at && is.solution.is_nil())
                EXPECT_EQ(is.breached, *is.fulfilled_at > is.due_at || was.breached);
        }
        EXPECT_GE(next.urge_count, before.urge_count);
        EXPECT_GE(next.return_count, before.return_count);
        EXPECT_GE(next.escalation_level, before.escalation_level);
        EXPECT_GE(next.reopen_count, before.reopen_count);
        EXPECT_EQ(before.breached & next.breached, before.breached);
        if (before.no_return) EXPECT_EQ(next.return_count, before.return_count);
        if (next.rework_cycle > before.rework_cycle && next.rework_cycle >= 2) EXPECT_TRUE(next.supervised);
        if (before.supervised && !next.supervised)
            EXPECT_TRUE(std::holds_alternative<clear_supervision>(c)) << "35: only U clears";
        if (before.status == s::archived || before.status == s::merged) EXPECT_TRUE(next == before);
        EXPECT_EQ(next.reported_at, before.reported_at);
        EXPECT_LE(next.returning ? 1 : 0, next.status == s::dispatched || next.status == s::investigating ? 1 : 0);
        if (before.status != next.status) {
            EXPECT_FALSE(pending_extension(next)) << "20: a request ends with its state";
            EXPECT_FALSE(pending_hold(next)) << "21";
            EXPECT_FALSE(final_answer_waits(next)) << "29";
        }

        // 1: an urge is never lost, and never less than a day after the last one unless past due or a contact
        if (std::holds_alternative<further_contact>(c))
            EXPECT_EQ(next.urge_count - before.urge_count,
                      before.status == s::on_hold && before.hold_reason == "awaiting_customer" ? 0 : 1);
        if (std::holds_alternative<urge>(c)) {
            const auto* clock = customer_clock(before);
            EXPECT_TRUE(!before.last_urged_at || now_ - *before.last_urged_at >= 24h ||
                        (clock && is_overdue(*clock, now_)));
            EXPECT_NE(running(next, deadline_kind::urge_reply), nullptr);
        }

        // 25: nobody is called in the quiet hours, and too soon after the last attempt
        if (std::holds_alternative<attempt_callback>(c)) {
            const auto* cal = p_.find_calendar(p_.callback.customer_calendar);
            EXPECT_TRUE(in_callback_hours(p_.callback, {*office(), cal}, now_));
            const auto& made = next.callbacks.back();
            if (made.number > 1) {
                const auto& last = next.callbacks[next.callbacks.size() - 2];
                EXPECT_GE(made.at, last.wished_at.value_or(last.at + 2h));
            }
        }
        if (next.status == s::callback_pending && running(next, deadline_kind::review))
            EXPECT_TRUE(attempts_exhausted(p_.callback, next.callbacks, next.callback_round));
        EXPECT_LE(std::ranges::count(d.messages, customer_message::survey_link), 1);
        if (std::ranges::count(d.messages, customer_message::survey_link) > 0)
            EXPECT_NE(next.survey_round, before.survey_round) << "one survey a round";
        if (next.closure == ticket_closure::withdrawn && before.status == s::withdrawn) {
            EXPECT_TRUE(next.callbacks.back().about_withdrawal);
            EXPECT_EQ(next.callbacks.back().outcome, callback_outcome::reached) << "silence confirms nothing";
            EXPECT_NE(before.withdrawal->by, who.id);
            EXPECT_FALSE(has_handled(before, id_of(who)));
        }
        if (next.closure == ticket_closure::final_answer && before.closure == ticket_closure::none)
            EXPECT_GE(next.rework_cycle, 2);
        if (std::holds_alternative<complete>(c) && p_.evidence.contact_required)
            EXPECT_TRUE(std::ranges::any_of(next.contacts,
                                            [](const auto& l) { return l.reached && l.how != contact_kind::letter; }));
        if (before.status != s::on_hold && next.status == s::on_hold)
            EXPECT_TRUE(who.leads_department(*next.lead_department)) << "21: a leader signs";
        if (std::holds_alternative<reopen>(c))
            EXPECT_EQ(next.candidate_department,
                      before.lead_department ? before.lead_department : before.candidate_department);

        for (const auto& told : d.notices) {
            EXPECT_EQ(std::ranges::count(d.notices, told), 1) << told.about;
            EXPECT_EQ(told.urgent, next.priority <= ticket_priority::p2);
        }
        if (std::holds_alternative<request_extension>(c)) {
            EXPECT_NE(next.priority, ticket_priority::p1);
            EXPECT_LT(before.extension_count, p_.max_extensions);
        }
        if (const auto* reply = std::get_if<complete>(&c); reply && reply->contact)
            EXPECT_TRUE(std::ranges::any_of(before.contacts, [&](const auto& logged) {
                return logged.interaction == *reply->contact && logged.reached;
            })) << "a claimed contact is one on record";
        EXPECT_EQ(next.spells.empty() ? holder::desk : next.spells.back().held_by, holder_in(next.status));
        const auto end = is_open(next.status) ? now_ : next.closed_at.value_or(now_);
        std::chrono::microseconds sum{0};
        for (const auto& share : time_shares(next, now_))
            sum += share.time;
        if (next.status != s::merged || before.status != s::merged)
            EXPECT_EQ(sum, end - next.reported_at) << "the shares are the whole";
    }

    static holder holder_in(s state)
    {
        if (state == s::on_hold) return holder::on_hold;
        if (state == s::reply_review) return holder::desk;
        if (has_lead(state)) return holder::department;
        if (state == s::callback_pending || state == s::withdrawn) return holder::customer_callback;
        return is_open(state) ? holder::desk : holder::rest;
    }

    /// 11: no step comes early, and none twice.
    void took_step(const event& e)
    {
        std::string which(e.kind);
        std::optional<instant> due;
        for (const auto& [name, value] : e.data) {
            if (name == "due_at") due = std::get<instant>(value);
            if (name == "clock") which += "/" + std::get<std::string>(value);
            if (name == "round") which += "/" + std::to_string(std::get<std::int64_t>(value));
            if (name == "promise" || (name == "work_order" && e.kind == "ticket.co_handler_overdue"))
                which += "/" + std::get<uuid>(value).to_string();
        }
        const bool breach = e.kind == "deadline.breached" || e.kind == "ticket.promise_breached";
        if (breach) EXPECT_LE(*due, now_) << which << " came early";
        const bool once = breach || e.kind == "ticket.promise_due_soon" || e.kind == "ticket.co_handler_overdue" ||
                          e.kind == "deadline.half_used";
        if (once)
            EXPECT_TRUE(steps_.insert(which + "/" + (due ? to_rfc3339(*due) : "")).second) << which << " came twice";
    }

    void must(const actor& who, const command& c)
    {
        const auto before = t_.version;
        try_step(who, c);
        EXPECT_GT(t_.version, before) << "stuck in " << to_string(t_.status);
    }

    void tidies_up()
    {
        for (const auto& part : std::vector(t_.orders))
            if (part.kind == work_order_kind::co_handler && part.is_open())
                must(supervisor, waive_co_handler{part.id, "end"});
    }

    /// From wherever it is: merged, or in the archive.
    void reaches_its_end()
    {
        for (int i = 0; i < 24 && !failed() && t_.status != s::archived && t_.status != s::merged; ++i) {
            p_.approval.chain = {t_.lead_department.value_or(station), main_station, circulation};
            now_ += 1min;
            switch (t_.status) {
            case s::registered: must(officer, classify{p_.category}); break;
            case s::triage: {
                if (t_.category.empty()) must(officer, classify{p_.category});
                arbitrate last{fresh<work_order_id>(), to(station), true, "owner", fault_side::desk, {}};
                must(supervisor, last);
                break;
            }
            case s::invalid_pending_reply:
                must(agent, reply_invalid{"no_fault_found", text(), false, understanding::accepted});
                break;
            case s::dispatched: must(lead_handler(), accept{}); break;
            case s::investigating: {
                auto fix = a_proposal();
                fix.kind = solution_kind::fix;
                fix.fingerprint = sha256_digest{99, static_cast<std::uint8_t>(t_.solutions.size())};
                must(lead_handler(), fix);
                break;
            }
            case s::pending_approval:
                if (t_.solutions.back().promised_due_at && *t_.solutions.back().promised_due_at <= now_)
                    must(general, reject_solution{text()});
                else
                    must(general, approve{fresh<promise_id>(), std::nullopt});
                break;
            case s::promised: must(lead_handler(), fulfil{}); break;
            case s::executing:
                tidies_up();
                must(agent, log_contact{fresh<interaction_id>(), contact_kind::call, true});
                must(lead_handler(), complete{text(), true, 1, t_.contacts.back().interaction});
                break;
            case s::on_hold: must(lead_handler(), resume_work{}); break;
            case s::reply_review: must(officer, pass_reply{}); break;
            case s::callback_pending:
                must(customer, give_verdict{fresh<callback_id>(), {solved_answer::yes, 5, 5, 5}, {}, false});
                break;
            case s::withdrawn:
                must(t_.withdrawal->by == officer.id ? agent : officer,
                     confirm_withdrawal{fresh<callback_id>(), chance(50), true});
                break;
            case s::closed:
                for (const auto& promised : std::vector(t_.promises))
                    if (promised.is_open()) must(officer, keep_promise{promised.id});
                now_ += days(30);
                if (next_step_at(t_)) must(sys, run_due{});
                if (t_.status == s::closed) must(officer, archive{});
                break;
            default: ADD_FAILURE() << "no way out of " << to_string(t_.status); return;
            }
        }
        if (!failed()) EXPECT_TRUE(t_.status == s::archived || t_.status == s::merged) << to_string(t_.status);
    }

    std::set<std::string> steps_;
    std::mt19937 random_;
    std::vector<policy> templates_ = templates();
    actor billing_chief_acting_ =
        a_user(110, {role::department_handler, role::department_leader}, {billing}, {billing});
    policy p_;
    ticket t_;
    instant now_;
    std::uint32_t ids_ = 0;
};

class TicketModel : public ::testing::TestWithParam<int>
{};

TEST_P(TicketModel, HoldsItsInvariantsAndAlwaysFindsAnEnd)
{
    const auto seed = static_cast<unsigned>(20260302 + GetParam());
    walk w(seed);
    for (int i = 0; w.commands < commands_per_shard(); ++i) {
        w.one_sequence();
        ASSERT_FALSE(w.failed()) << "seed " << seed << ", sequence " << i;
    }
    for (const auto& [kind, ways] : table())
        EXPECT_GT(w.kinds[kind], 0) << kind << " never came";
    for (const auto code : {errc::forbidden,
                            errc::wrong_state,
                            errc::not_in_department,
                            errc::approver_is_proposer,
                            errc::above_authority,
                            errc::caller_is_handler,
                            errc::not_callback_hours,
                            errc::too_early_to_try_again,
                            errc::solution_repeated,
                            errc::return_window_over,
                            errc::no_return_allowed,
                            errc::attempts_not_exhausted,
                            errc::reopen_window_open,
                            errc::second_person_required,
                            errc::supervisor_required,
                            errc::extension_not_allowed,
                            errc::extension_too_late,
                            errc::extensions_exhausted,
                            errc::extension_too_long,
                            errc::holds_exhausted,
                            errc::customer_not_informed,
                            errc::co_handler_due_invalid,
                            errc::co_handler_open,
                            errc::rework_required,
                            errc::promise_open,
                            errc::not_same_matter,
                            errc::follow_up_required,
                            errc::urged_recently,
                            errc::nothing_to_supervise,
                            errc::supervision_unanswered,
                            errc::fault_required,
                            errc::callback_bound,
                            errc::evidence_required})
        EXPECT_GT(w.refusals[code], 0) << slug(code) << " never came";
}

INSTANTIATE_TEST_SUITE_P(Shards, TicketModel, ::testing::Range(0, shards));

} // namespace
} // namespace huiyin::domain::testing
