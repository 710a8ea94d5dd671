#include "ticket_work.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <initializer_list>
#include <utility>

namespace huiyin::domain {

namespace {

using status = ticket_status;
using enum permission;

constexpr permission needed(const resolve_direct&)
{
    return ticket_resolve_direct;
}
constexpr permission needed(const classify&)
{
    return ticket_classify;
}
constexpr permission needed(const judge_valid&)
{
    return ticket_judge;
}
constexpr permission needed(const judge_invalid&)
{
    return ticket_judge;
}
constexpr permission needed(const reply_invalid&)
{
    return ticket_reply_invalid;
}
constexpr permission needed(const dispute&)
{
    return ticket_dispute;
}
constexpr permission needed(const accept&)
{
    return ticket_accept;
}
constexpr permission needed(const return_ticket&)
{
    return ticket_return;
}
constexpr permission needed(const sign_return&)
{
    return ticket_return;
}
constexpr permission needed(const arbitrate&)
{
    return ticket_arbitrate;
}
constexpr permission needed(const transfer&)
{
    return ticket_transfer;
}
constexpr permission needed(const log_contact&)
{
    return ticket_log_contact;
}
constexpr permission needed(const propose&)
{
    return ticket_propose;
}
constexpr permission needed(const approve&)
{
    return ticket_approve;
}
constexpr permission needed(const reject_solution&)
{
    return ticket_approve;
}
constexpr permission needed(const fulfil&)
{
    return ticket_fulfil;
}
constexpr permission needed(const complete&)
{
    return ticket_complete;
}
constexpr permission needed(const reject_reply&)
{
    return ticket_review_reply;
}
constexpr permission needed(const pass_reply&)
{
    return ticket_review_reply;
}
constexpr permission needed(const attempt_callback&)
{
    return ticket_callback;
}
constexpr permission needed(const give_verdict&)
{
    return ticket_callback;
}
constexpr permission needed(const close_unreachable&)
{
    return ticket_close_unreachable;
}
constexpr permission needed(const archive&)
{
    return ticket_archive;
}
constexpr permission needed(const further_contact&)
{
    return ticket_note;
}
constexpr permission needed(const run_due&)
{
    return logged_in;
}
constexpr permission needed(const load_calendar&)
{
    return logged_in;
}

/// Who besides the house may give a command.
enum class also { nobody, customer, system, both };

bool admits(const actor& who, permission what, also others)
{
    switch (who.kind) {
    case actor_kind::customer: return others == also::customer || others == also::both;
    case actor_kind::system: return others == also::system || others == also::both;
    case actor_kind::user:
    case actor_kind::token: return may(who, what);
    case actor_kind::anonymous: return false;
    }
    return false;
}

template <class Command>
result<void> enter(const work& w, const Command& c, std::initializer_list<status> states, also others = also::nobody)
{
    if (!admits(w.who, needed(c), others)) return fail(errc::forbidden);
    if (std::ranges::find(states, w.t.status) == states.end()) return fail(errc::wrong_state);
    return {};
}

/// H: of the department that leads.
template <class Command>
result<void> enter_as_handler(const work& w, const Command& c, std::initializer_list<status> states)
{
    if (auto in = enter(w, c, states); !in) return in;
    if (!w.who.serves(*w.t.lead_department)) return fail(errc::not_in_department);
    return {};
}

// row 2

result<void> apply(work& w, const resolve_direct& c)
{
    if (auto in = enter(w, c, {status::registered, status::triage}); !in) return in;
    if (w.t.category.empty() || w.t.category != w.p.category) return fail(errc::category_unknown);
    if (!w.p.direct_allowed) return fail(errc::direct_not_allowed);
    if (c.cost_cents > w.p.direct_authority) return fail(errc::above_authority);
    if (auto said = check_answers(c.said); !said) return said;
    const auto content = judged(c.said);
    if (!c.customer_confirmed || content == satisfaction_level::unsatisfied) return fail(errc::confirmation_required);
    const bool was_valid = w.t.validity == ticket_validity::valid;
    if (was_valid && w.t.root_cause.empty() && c.root_cause.empty()) return fail(errc::root_cause_required);
    if (!c.root_cause.empty()) w.t.root_cause = c.root_cause;
    w.t.fcr = w.t.orders.empty();
    w.close(ticket_closure::resolved_direct, content, c.said);
    w.emit("ticket.resolved_direct").data.emplace_back("cost_cents", c.cost_cents);
    return {};
}

// rows 3 to 7: triage

result<void> apply(work& w, const classify& c)
{
    if (auto in = enter(w, c, {status::registered, status::triage}); !in) return in;
    if (c.category.empty() || c.category != w.p.category) return fail(errc::category_unknown);
    w.t.category = c.category;
    w.t.type = w.p.type;
    if (w.t.type == ticket_type::report) w.t.sensitive = sensitivity::confidential;
    w.t.priority = w.p.priority;
    w.t.candidate_department = w.p.department;
    w.t.invalidity.reset();
    w.t.status = status::triage;
    w.emit("ticket.classified");
    return {};
}

void find_valid(work& w)
{
    w.t.invalidity.reset();
    if (w.t.validity == ticket_validity::valid) return;
    w.t.validity = ticket_validity::valid;
    w.t.judgements.push_back({ticket_validity::valid, w.now, w.who.id, {}, {}, {}, 0});
}

void dispatch(work& w, work_order_id order, const destination& to, std::string_view kind, std::string reason = {})
{
    w.dispatch_to(order, to);
    w.tell_worker(kind);
    auto& written = w.emit(kind, std::move(reason));
    written.data.emplace_back("department", to.department.value());
    written.data.emplace_back("work_order", order.value());
}

result<void> apply(work& w, const judge_valid& c)
{
    if (auto in = enter(w, c, {status::triage}); !in) return in;
    if (w.t.category.empty() || w.t.category != w.p.category) return fail(errc::category_unknown);
    const bool by_rule = w.p.department == c.to.department;
    if (!w.p.department && !w.is_supervisor()) return fail(errc::no_rule_for_category);
    if (!by_rule && !w.is_supervisor()) return fail(errc::supervisor_required);
    const bool was_returned = std::ranges::any_of(w.t.orders, [&](const auto& o) {
        return o.department == c.to.department && o.state == work_order_state::returned;
    });
    if (was_returned) return fail(errc::supervisor_required, "it returned the ticket: arbitrate");
    find_valid(w);
    dispatch(w, c.order, c.to, "ticket.dispatched");
    return {};
}

result<void> apply(work& w, const judge_invalid& c)
{
    if (auto in = enter(w, c, {status::triage}); !in) return in;
    if (c.reason.empty()) return fail(errc::reason_required);
    if (c.evidence < 1) return fail(errc::evidence_required);
    std::optional<user_id> first;
    if (w.t.vip || w.t.repeat) {
        if (w.who.kind != actor_kind::user) return fail(errc::second_person_required);
        if (!w.t.invalidity) {
            w.t.invalidity = invalidity_request{w.person(), w.now};
            w.tell(recipient::desk, "ticket.invalidity_proposed");
            w.emit("ticket.invalidity_proposed", c.reason);
            return {};
        }
        if (w.t.invalidity->by == w.person()) return fail(errc::second_person_required);
        first = w.t.invalidity->by;
    }
    w.t.invalidity.reset();
    w.t.validity = ticket_validity::invalid;
    w.t.judgements.push_back({ticket_validity::invalid, w.now, w.who.id, first, c.reason, c.words, c.evidence});
    w.t.status = status::invalid_pending_reply;
    w.stop(deadline_kind::dispatch);
    w.start(deadline_kind::invalid_reply);
    auto& written = w.emit("ticket.judged_invalid", c.reason);
    written.data.emplace_back("evidence", std::int64_t{c.evidence});
    if (c.words) written.words.push_back(*c.words);
    return {};
}

result<void> apply(work& w, const reply_invalid& c)
{
    if (auto in = enter(w, c, {status::invalid_pending_reply}); !in) return in;
    const auto& approved = w.p.invalid_reply_templates;
    if (std::ranges::find(approved, c.template_code) == approved.end()) return fail(errc::template_not_approved);
    if (c.has_banned_phrase) return fail(errc::banned_phrase);
    if (c.customer == understanding::not_asked) return fail(errc::understanding_required);
    w.t.reply = c.words;
    w.t.replied_at = w.now;
    w.stop(deadline_kind::invalid_reply);
    w.stop(deadline_kind::first_response);
    w.tell_customer(customer_message::invalid_reply);
    if (c.customer == understanding::accepted)
        w.close(ticket_closure::invalid_accepted, satisfaction_level::unknown, {});
    else
        w.begin_callback();
    auto& written = w.emit("ticket.replied_invalid");
    written.data.emplace_back("template", c.template_code);
    written.words.push_back(c.words);
    return {};
}

/// Row 7, from either door.
void reopen_judgement(work& w, std::string reason, const std::optional<text_ref>& fact)
{
    ++w.t.dispute_count;
    w.t.validity = ticket_validity::unjudged;
    w.t.judgements.push_back({ticket_validity::unjudged, w.now, w.who.id, {}, reason, fact, 0});
    w.t.status = status::triage;
    w.t.next_callback_at.reset();
    w.stop(deadline_kind::callback);
    w.cancel(deadline_kind::invalid_reply);
    w.cancel(deadline_kind::review);
    w.start(deadline_kind::dispatch);
    w.tell(recipient::desk, "ticket.disputed");
    auto& written = w.emit("ticket.disputed", std::move(reason));
    if (fact) written.words.push_back(*fact);
}

result<void> apply(work& w, const dispute& c)
{
    if (auto in = enter(w, c, {status::invalid_pending_reply, status::callback_pending}, also::customer); !in)
        return in;
    if (w.t.validity != ticket_validity::invalid) return fail(errc::wrong_state);
    if (w.t.dispute_count > 0 && !w.is_supervisor()) return fail(errc::supervisor_required);
    if (w.t.dispute_count > 0 && !c.new_fact) return fail(errc::new_fact_required);
    reopen_judgement(w, {}, c.new_fact);
    return {};
}

// rows 8 to 12: to a department and back

result<void> apply(work& w, const accept& c)
{
    if (auto in = enter_as_handler(w, c, {status::dispatched}); !in) return in;
    auto* order = w.lead();
    order->state = work_order_state::accepted;
    order->handler = w.person();
    order->accepted_at = w.now;
    w.t.handler = w.person();
    w.t.status = status::investigating;
    w.stop(deadline_kind::accept);
    w.start(deadline_kind::contact_customer);
    w.emit("ticket.accepted").data.emplace_back("department", order->department.value());
    return {};
}

result<void> may_still_return(const work& w)
{
    if (w.t.no_return) return fail(errc::no_return_allowed);
    if (w.t.return_count >= w.p.max_returns) return fail(errc::returns_exhausted);
    const auto* window = running(w.t, deadline_kind::return_window);
    if (!window || w.now > window->due_at) return fail(errc::return_window_over);
    return {};
}

void give_back(work& w, const return_request& why)
{
    const auto department = w.t.lead_department;
    w.take_from_lead(work_order_state::returned);
    ++w.t.return_count;
    w.t.lead_department.reset();
    w.t.status = status::triage;
    w.start(deadline_kind::dispatch);
    w.tell(recipient::desk, "ticket.returned");
    auto& written = w.emit("ticket.returned", why.reason);
    written.data.emplace_back("department", department->value());
    written.data.emplace_back("suggested", why.suggested.value());
    written.data.emplace_back("requested_by", why.by.value());
    written.words.push_back(why.basis);
}

result<void> apply(work& w, const return_ticket& c)
{
    if (auto in = enter_as_handler(w, c, {status::dispatched, status::investigating}); !in) return in;
    if (auto window = may_still_return(w); !window) return window;
    if (c.reason.empty()) return fail(errc::reason_required);
    if (!c.basis) return fail(errc::evidence_required);
    if (!c.suggested) return fail(errc::suggested_unit_required);
    const return_request request{w.person(), w.now, c.reason, *c.basis, *c.suggested};
    if (w.who.leads_department(*w.t.lead_department)) {
        give_back(w, request);
        return {};
    }
    if (w.t.returning) return fail(errc::already_exists);
    w.t.returning = request;
    w.tell(recipient::leader, "ticket.return_requested");
    w.emit("ticket.return_requested", c.reason).words.push_back(*c.basis);
    return {};
}

result<void> apply(work& w, const sign_return& c)
{
    if (auto in = enter(w, c, {status::dispatched, status::investigating}); !in) return in;
    if (!w.who.leads_department(*w.t.lead_department)) return fail(errc::not_in_department);
    if (!w.t.returning) return fail(errc::not_found, "no return is asked for");
    const auto request = *w.t.returning;
    if (request.by == w.person()) return fail(errc::second_person_required);
    if (!c.agreed) {
        w.t.returning.reset();
        w.tell_person(request.by, "ticket.return_refused");
        w.emit("ticket.return_refused");
        return {};
    }
    if (auto window = may_still_return(w); !window) return window;
    give_back(w, request);
    return {};
}

result<void> apply(work& w, const arbitrate& c)
{
    if (auto in = enter(w, c, {status::triage}); !in) return in;
    if (w.t.return_count < 1 && !c.conflict) return fail(errc::nothing_to_arbitrate);
    if (c.reason.empty()) return fail(errc::reason_required);
    find_valid(w);
    w.t.no_return = true;
    dispatch(w, c.order, c.to, "ticket.arbitrated", c.reason);
    return {};
}

result<void> apply(work& w, const transfer& c)
{
    if (auto in = enter(w, c, {status::investigating}); !in) return in;
    if (c.reason.empty()) return fail(errc::reason_required);
    if (c.to.department == w.t.lead_department) return fail(errc::same_department);
    w.take_from_lead(work_order_state::transferred);
    dispatch(w, c.order, c.to, "ticket.transferred", c.reason);
    return {};
}

// rows 14 to 19, 22: the department's work

result<void> apply(work& w, const log_contact& c)
{
    if (!admits(w.who, needed(c), also::nobody)) return fail(errc::forbidden);
    if (!is_open(w.t.status)) return fail(errc::wrong_state);
    const bool at_work = w.t.status >= status::investigating && w.t.status <= status::reply_review;
    const bool by_lead = has_lead(w.t.status) && w.who.serves(*w.t.lead_department);
    const bool by_desk =
        w.who.kind == actor_kind::token || w.who.roles.has(role::agent) || w.who.roles.has(role::complaint_officer);
    if (by_lead && !by_desk && !at_work) return fail(errc::wrong_state, "sign first");
    if (!by_lead && !by_desk) return fail(errc::not_in_department);
    if (c.reached) {
        w.stop(deadline_kind::first_response);
        if (by_lead) w.stop(deadline_kind::contact_customer);
        if (by_lead && c.how == contact_kind::visit) w.stop(deadline_kind::on_site);
        if (at_work && w.t.status != status::reply_review) {
            w.stop(deadline_kind::progress_update);
            w.start(deadline_kind::progress_update);
        }
    }
    auto& written = w.emit(c.reached ? "ticket.customer_contacted" : "ticket.contact_tried");
    written.data.emplace_back("interaction", c.interaction.value());
    written.data.emplace_back("how", std::string(to_string(c.how)));
    return {};
}

bool is_promisable(const work& w, const std::optional<instant>& due)
{
    return due && *due > w.now && *due <= w.now + w.p.max_promise;
}

struct approval_level
{
    std::vector<department_id> chain;
    std::size_t required = 0;
};

/// The first level whose authority covers the cost; from the second rework on one level up. The last level takes all.
approval_level level_for(const work& w, const solution& version)
{
    approval_level level{w.p.approval.chain, 0};
    if (level.chain.empty()) level.chain.push_back(*w.t.lead_department);
    const auto& authority = w.p.approval.authority;
    const auto last = level.chain.size() - 1;
    while (level.required < last && level.required < authority.size() && version.cost_cents > authority[level.required])
        ++level.required;
    if (w.t.rework_cycle >= 2 && level.required < last) ++level.required;
    return level;
}

result<void> apply(work& w, const propose& c)
{
    if (auto in = enter_as_handler(w, c, {status::investigating}); !in) return in;
    if (c.root_cause.empty()) return fail(errc::root_cause_required);
    if (!c.responsible_person && c.no_responsible_reason.empty()) return fail(errc::responsible_person_required);
    if (!c.words) return fail(errc::solution_required);
    if (c.cost_cents < 0) return fail(errc::invalid_field, "cost_cents");
    const bool promised = c.kind == solution_kind::promise;
    if (promised && c.promise_reason.empty()) return fail(errc::reason_required);
    if (promised && !is_promisable(w, c.promised_due_at)) return fail(errc::promise_due_invalid);
    if (promised && !c.interim) return fail(errc::interim_measure_required);
    const bool repeated = std::ranges::any_of(
        w.t.solutions, [&](const auto& s) { return s.cycle < w.t.rework_cycle && s.fingerprint == c.fingerprint; });
    if (repeated) return fail(errc::solution_repeated);

    w.t.root_cause = c.root_cause;
    w.t.responsible_person = c.responsible_person;
    w.t.no_responsible_reason = c.responsible_person ? std::string{} : c.no_responsible_reason;
    w.t.returning.reset();
    w.t.solutions.push_back({.id = c.id,
                             .version = static_cast<int>(w.t.solutions.size()) + 1,
                             .cycle = w.t.rework_cycle,
                             .kind = c.kind,
                             .state = solution_state::pending,
                             .words = *c.words,
                             .fingerprint = c.fingerprint,
                             .cost_cents = c.cost_cents,
                             .proposed_by = w.person(),
                             .proposed_at = w.now,
                             .reason = promised ? c.promise_reason : std::string{},
                             .promised_due_at = promised ? c.promised_due_at : std::nullopt,
                             .interim = promised ? c.interim : std::nullopt});
    w.t.status = status::pending_approval;
    w.stop(deadline_kind::solution);
    w.start(deadline_kind::approve);
    const auto level = level_for(w, w.t.solutions.back());
    w.d.notices.push_back({recipient::leader, level.chain[level.required], {}, "ticket.solution_proposed", {}});
    auto& written = w.emit("ticket.solution_proposed");
    written.data.emplace_back("solution", c.id.value());
    written.words.push_back(*c.words);
    if (promised) written.words.push_back(*c.interim);
    return {};
}

template <class Command>
result<std::size_t> enter_as_approver(const work& w, const Command& c)
{
    if (auto in = enter(w, c, {status::pending_approval}); !in) return fail(in.error());
    const auto& version = w.t.solutions.back();
    const auto level = level_for(w, version);
    std::optional<std::size_t> highest;
    for (std::size_t k = 0; k < level.chain.size(); ++k)
        if (w.who.leads_department(level.chain[k])) highest = k;
    if (!highest && !w.who.leads_department(*w.t.lead_department)) return fail(errc::not_in_department);
    if (version.proposed_by == w.person()) return fail(errc::approver_is_proposer);
    if (!highest || *highest < level.required) return fail(errc::above_authority);
    return *highest;
}

void record_approval(work& w, std::size_t level, bool approved, const std::optional<text_ref>& comment)
{
    auto& version = w.t.solutions.back();
    version.state = approved ? solution_state::approved : solution_state::rejected;
    w.t.approvals.push_back({version.id, w.person(), w.now, approved, static_cast<int>(level), comment});
    w.stop(deadline_kind::approve);
}

void emit_approval(work& w, std::string_view kind, const std::optional<text_ref>& comment)
{
    auto& written = w.emit(kind);
    written.data.emplace_back("solution", w.t.solutions.back().id.value());
    if (comment) written.words.push_back(*comment);
}

result<void> apply(work& w, const approve& c)
{
    const auto level = enter_as_approver(w, c);
    if (!level) return fail(level.error());
    const auto& version = w.t.solutions.back();
    const bool promised = version.kind == solution_kind::promise;
    if (promised && !(*version.promised_due_at > w.now)) return fail(errc::promise_due_invalid);
    record_approval(w, *level, true, c.comment);
    w.t.status = promised ? status::promised : status::executing;
    if (promised) {
        const auto due = *version.promised_due_at;
        w.t.promises.push_back({c.promise, version.id, w.now, due, {}, false});
        for (auto& clock : w.t.deadlines)
            if (&clock == customer_clock(w.t)) move_due(clock, w.calendar_of(clock.calendar), due, w.now);
        w.start_at(deadline_kind::promise_due, due);
        w.tell_customer(customer_message::promise_made);
    }
    w.tell_worker("ticket.solution_approved");
    emit_approval(w, promised ? "ticket.promise_approved" : "ticket.solution_approved", c.comment);
    return {};
}

result<void> apply(work& w, const reject_solution& c)
{
    const auto level = enter_as_approver(w, c);
    if (!level) return fail(level.error());
    if (!c.comment) return fail(errc::reason_required);
    record_approval(w, *level, false, c.comment);
    w.t.status = status::investigating;
    w.tell_worker("ticket.solution_rejected");
    emit_approval(w, "ticket.solution_rejected", c.comment);
    return {};
}

result<void> apply(work& w, const fulfil& c)
{
    if (auto in = enter_as_handler(w, c, {status::promised}); !in) return in;
    for (auto& promised : w.t.promises) {
        if (!promised.is_open()) continue;
        promised.fulfilled_at = w.now;
        promised.breached = promised.breached || w.now > promised.due_at;
        w.t.promise_breached = w.t.promise_breached || promised.breached;
    }
    w.t.status = status::executing;
    w.stop(deadline_kind::promise_due);
    w.emit("ticket.promise_fulfilled");
    return {};
}

result<void> apply(work& w, const complete& c)
{
    if (auto in = enter_as_handler(w, c, {status::executing}); !in) return in;
    if (!c.result) return fail(errc::result_required);
    if (!c.customer_informed) return fail(errc::customer_not_informed);
    if (c.evidence < 1) return fail(errc::evidence_required);
    const bool waits_for_others = std::ranges::any_of(
        w.t.orders, [](const auto& o) { return o.kind == work_order_kind::co_handler && o.is_open(); });
    if (waits_for_others) return fail(errc::co_handler_open);
    auto* order = w.lead();
    order->state = work_order_state::done;
    order->ended_at = w.now;
    w.t.reply = c.result;
    w.t.replied_at = w.now;
    w.t.replied_by = w.person();
    w.t.status = status::reply_review;
    w.stop(deadline_kind::first_response);
    w.stop(deadline_kind::contact_customer);
    w.stop(deadline_kind::on_site);
    w.stop(deadline_kind::progress_update);
    w.cancel(deadline_kind::return_window);
    w.start(deadline_kind::review);
    w.tell(recipient::desk, "ticket.completed");
    auto& written = w.emit("ticket.completed");
    written.data.emplace_back("evidence", std::int64_t{c.evidence});
    written.words.push_back(*c.result);
    return {};
}

// rows 23 to 28: the desk and the customer have the last word

void give_work_again(work& w)
{
    auto* order = w.lead();
    order->state = work_order_state::accepted;
    order->ended_at.reset();
    w.t.status = status::investigating;
}

result<void> apply(work& w, const reject_reply& c)
{
    if (auto in = enter(w, c, {status::reply_review}); !in) return in;
    if (c.reason.empty()) return fail(errc::reason_required);
    constexpr std::array<std::string_view, 3> reasons{"not_solved", "false_reply", "template_text"};
    if (std::ranges::find(reasons, c.reason) == reasons.end()) return fail(errc::invalid_field, "reason");
    ++w.t.reply_reject_count;
    w.t.replied_at.reset();
    w.stop(deadline_kind::review);
    give_work_again(w);
    w.tell_worker("ticket.reply_rejected");
    w.emit("ticket.reply_rejected", c.reason);
    return {};
}

result<void> apply(work& w, const pass_reply& c)
{
    if (auto in = enter(w, c, {status::reply_review}); !in) return in;
    w.stop(deadline_kind::resolve, *w.t.replied_at);
    w.stop(deadline_kind::rework, *w.t.replied_at);
    w.stop(deadline_kind::review);
    w.cancel(deadline_kind::solution);
    w.begin_callback();
    w.emit("ticket.reply_passed");
    return {};
}

/// Whether this caller may call now.
result<void> may_call(const work& w)
{
    if (w.who.kind == actor_kind::user && has_handled(w.t, w.person())) return fail(errc::caller_is_handler);
    const auto& plan = w.p.callback;
    const auto& cal = w.calendar_of(plan.calendar);
    const auto earliest = next_attempt_from(plan, w.t.callbacks, w.t.callback_round, w.now);
    const auto refuse = [&](errc why) {
        const auto next = next_callback_time(plan, cal, std::max(w.now, earliest));
        return fail(error{why, {}, {}}.with("next_callback_at", to_rfc3339(next)));
    };
    if (!in_callback_hours(plan, cal, w.now)) return refuse(errc::not_callback_hours);
    if (w.now < earliest) return refuse(errc::too_early_to_try_again);
    return {};
}

callback_attempt& record_attempt(work& w, callback_id id, callback_outcome outcome)
{
    const auto before = std::ranges::count(w.t.callbacks, w.t.callback_round, &callback_attempt::round);
    const auto& plan = w.p.callback;
    w.t.callbacks.push_back({.id = id,
                             .round = w.t.callback_round,
                             .number = static_cast<int>(before) + 1,
                             .at = w.now,
                             .caller = w.person(),
                             .outcome = outcome,
                             .day_part = day_part(plan, w.calendar_of(plan.calendar), w.now),
                             .wished_at = std::nullopt,
                             .said = std::nullopt,
                             .verdict = satisfaction_level::unknown,
                             .reason = {},
                             .disputed = false});
    w.stop(deadline_kind::callback);
    return w.t.callbacks.back();
}

result<void> apply(work& w, const attempt_callback& c)
{
    if (auto in = enter(w, c, {status::callback_pending}, also::system); !in) return in;
    if (auto call = may_call(w); !call) return call;
    if (c.outcome == callback_outcome::reached) return fail(errc::invalid_field, "reached is a verdict");
    const bool later = c.outcome == callback_outcome::later;
    const auto& plan = w.p.callback;
    if (later && !(c.wished_at && *c.wished_at > w.now && *c.wished_at <= w.now + plan.latest_wish))
        return fail(errc::callback_time_invalid);
    record_attempt(w, c.id, c.outcome).wished_at = later ? c.wished_at : std::nullopt;

    const auto& cal = w.calendar_of(plan.calendar);
    w.t.next_callback_at = proposed_attempt(plan, cal, w.t.callbacks, w.t.callback_round, w.now);
    if (attempts_exhausted(plan, w.t.callbacks, w.t.callback_round) && !later) {
        w.start(deadline_kind::review);
        w.tell(recipient::supervisor, "ticket.callback_attempted");
    } else if (later) {
        const auto goal = target_for(w.p, deadline_kind::callback);
        w.start_at(deadline_kind::callback, due_from(goal->goal, w.calendar_of(goal->calendar), *w.t.next_callback_at));
    } else if (!running(w.t, deadline_kind::review)) {
        w.start(deadline_kind::callback);
    }
    auto& written = w.emit("ticket.callback_attempted", std::string(to_string(c.outcome)));
    written.data.emplace_back("callback", c.id.value());
    written.data.emplace_back("exhausted", running(w.t, deadline_kind::review) != nullptr);
    return {};
}

result<void> work_again(work& w, const std::string& reason)
{
    ++w.t.rework_cycle;
    if (w.t.rework_cycle >= 2) w.t.supervised = true;
    w.t.next_callback_at.reset();
    w.t.replied_at.reset();
    w.cancel(deadline_kind::review);
    const auto first = std::ranges::find(w.t.deadlines, deadline_kind::resolve, &deadline::kind);
    if (first == w.t.deadlines.end()) return fail(errc::internal, "a valid ticket without resolve clock");
    const auto goal = rework_target(*first);
    const auto calendar_name = first->calendar;
    w.start(deadline_kind::rework, goal, calendar_name, w.now);
    give_work_again(w);
    w.tell_worker("ticket.rework_started");
    w.tell(recipient::leader, "ticket.rework_started");
    if (w.t.supervised) w.tell(recipient::supervision_officer, "ticket.rework_started");
    w.emit("ticket.rework_started", reason).data.emplace_back("cycle", std::int64_t{w.t.rework_cycle});
    return {};
}

result<void> apply(work& w, const give_verdict& c)
{
    if (auto in = enter(w, c, {status::callback_pending}, also::customer); !in) return in;
    const bool by_house = w.who.kind != actor_kind::customer;
    if (by_house && !c.customer_came) {
        if (auto call = may_call(w); !call) return call;
    } else if (by_house && has_handled(w.t, w.person())) {
        return fail(errc::caller_is_handler);
    }
    if (auto said = check_answers(c.said); !said) return said;
    const auto content = judged(c.said);
    const bool unsatisfied = content == satisfaction_level::unsatisfied;
    const bool disputes = unsatisfied && w.t.validity == ticket_validity::invalid;
    if (unsatisfied && c.reason.empty()) return fail(errc::reason_required);
    if (disputes && w.t.dispute_count > 0 && !w.is_supervisor()) return fail(errc::supervisor_required);

    auto& given = record_attempt(w, c.id, callback_outcome::reached);
    given.said = c.said;
    given.verdict = content;
    given.reason = c.reason;
    given.disputed = disputes;
    w.stop(deadline_kind::first_response);
    if (disputes) {
        reopen_judgement(w, c.reason, {});
        return {};
    }
    if (unsatisfied) return work_again(w, c.reason);
    w.close(ticket_closure::confirmed, content, c.said);
    w.emit("ticket.closed").data.emplace_back("closure", std::string(to_string(w.t.closure)));
    return {};
}

result<void> apply(work& w, const close_unreachable& c)
{
    if (auto in = enter(w, c, {status::callback_pending}); !in) return in;
    if (!attempts_exhausted(w.p.callback, w.t.callbacks, w.t.callback_round)) return fail(errc::attempts_not_exhausted);
    if (c.reason.empty()) return fail(errc::reason_required);
    w.close_as_unreachable(c.reason);
    return {};
}

// row 33, invariant 9, the clocks

result<void> apply(work& w, const archive& c)
{
    if (auto in = enter(w, c, {status::closed}, also::system); !in) return in;
    const auto* window = running(w.t, deadline_kind::archive);
    if (window && w.now < window->due_at)
        return fail(error{errc::reopen_window_open, {}, {}}.with("until", to_rfc3339(window->due_at)));
    const auto missing = missing_in_file(w.t);
    if (!missing.empty())
        return fail(error{errc::file_incomplete, {}, {}}.with("missing", std::string(missing.front())));
    w.archive_now();
    return {};
}

result<void> apply(work& w, const further_contact& c)
{
    if (!admits(w.who, needed(c), also::both)) return fail(errc::forbidden);
    if (!is_open(w.t.status)) return fail(errc::wrong_state);
    ++w.t.urge_count;
    w.t.last_urged_at = w.now;
    w.tell_worker("ticket.urged");
    if (w.t.urge_count == 2) w.tell(has_lead(w.t.status) ? recipient::leader : recipient::supervisor, "ticket.urged");
    if (w.t.urge_count >= 3) w.tell(recipient::supervision_officer, "ticket.urged");
    w.tell_customer(customer_message::urge_noted);
    w.emit("ticket.urged").data.emplace_back("interaction", c.interaction.value());
    return {};
}

result<void> apply(work& w, const run_due&)
{
    if (w.who.kind != actor_kind::system) return fail(errc::forbidden);
    take_due_steps(w);
    return {};
}

result<void> apply(work& w, const load_calendar& c)
{
    if (w.who.kind != actor_kind::system) return fail(errc::forbidden);
    const auto* after = c.before ? w.p.find_calendar(c.before->name()) : nullptr;
    if (!after) return fail(errc::not_configured, "the new calendar is missing");
    const auto was = w.t.deadlines;
    for (auto& clock : w.t.deadlines)
        if (clock.calendar == c.before->name()) recount(clock, *c.before, *after, w.now);
    if (w.t.deadlines != was) w.emit("ticket.clocks_recounted").data.emplace_back("calendar", after->name());
    return {};
}

// frame

bool brings_calendars(const policy& p, const ticket* t)
{
    if (!p.find_calendar(p.default_calendar) || !p.find_calendar(p.callback.calendar)) return false;
    for (const auto& goal : p.targets)
        if (goal && !p.find_calendar(goal->calendar)) return false;
    if (!t) return true;
    return std::ranges::all_of(t->deadlines, [&](const auto& d) {
        return (d.state != deadline_state::running && d.state != deadline_state::paused) || p.find_calendar(d.calendar);
    });
}

ticket_card card_of(const ticket& t)
{
    auto card = ticket_card::none;
    for (const auto& d : t.deadlines) {
        if (d.state != deadline_state::running || is_window(d.kind)) continue;
        if (d.next_step > static_cast<int>(ladder_step::breach)) return ticket_card::red;
        if (d.next_step > static_cast<int>(ladder_step::warning)) card = ticket_card::yellow;
    }
    return card;
}

void finish(work& w)
{
    w.t.card = card_of(w.t);
    w.t.changed_at = w.now;
    ++w.t.version;
}

} // namespace

permission permission_for(const command& c)
{
    return std::visit([](const auto& given) { return needed(given); }, c);
}

result<decision> decide(const ticket& t, const command& c, const policy& p, const actor& who, instant now)
{
    if (!brings_calendars(p, &t)) return fail(errc::not_configured, "a calendar is missing");
    decision d{t, {}, {}, {}};
    work w{d, d.next, p, who, std::max(now, t.changed_at), t.status};
    const auto done = std::visit([&](const auto& given) { return apply(w, given); }, c);
    if (!done) return fail(done.error());
    if (!d.events.empty()) finish(w);
    return d;
}

result<decision> decide(const create& c, const policy& p, const actor& who, instant now)
{
    const bool admitted = who.kind == actor_kind::anonymous || who.kind == actor_kind::customer ||
                          (who.kind == actor_kind::user && may(who, ticket_create)) ||
                          (who.kind == actor_kind::token && (may(who, ticket_create) || may(who, intake_submit)));
    if (!admitted) return fail(errc::forbidden);
    if (c.customer.is_nil()) return fail(errc::contact_required);
    if (!c.problem) return fail(errc::problem_required);
    if (!c.category.empty() && c.category != p.category) return fail(errc::category_unknown);
    if (!brings_calendars(p, nullptr)) return fail(errc::not_configured, "a calendar is missing");
    decision d;
    work w{d, d.next, p, who, now, std::nullopt};
    w.t.id = c.id;
    w.t.number = c.number;
    w.t.type = c.category.empty() ? c.type : p.type;
    w.t.category = c.category;
    w.t.priority = p.priority;
    w.t.channel = c.channel;
    w.t.customer = c.customer;
    w.t.sensitive = w.t.type == ticket_type::report ? sensitivity::confidential : c.sensitive;
    w.t.vip = c.vip;
    w.t.repeat = c.repeat;
    w.t.customer_waiting = c.customer_waiting;
    w.t.problem = c.problem;
    w.t.object = c.object;
    w.t.desired_solution = c.desired_solution;
    w.t.occurred_at = c.occurred_at;
    w.t.suspected_duplicate_of = c.suspected_duplicate_of;
    w.t.follow_up_of = c.follow_up_of;
    w.t.reported_at = w.t.created_at = now;
    if (!c.category.empty()) w.t.candidate_department = p.department;
    w.t.policy_version = p.version;
    w.start(deadline_kind::first_response);
    w.start(deadline_kind::dispatch);
    w.tell(recipient::desk, "ticket.created");
    w.tell_customer(customer_message::acknowledgement);
    auto& written = w.emit("ticket.created");
    for (const auto* words : {&c.problem, &c.object, &c.desired_solution})
        if (*words) written.words.push_back(**words);
    finish(w);
    return d;
}

result<decision> decide(const import_record& c, const policy& p, const actor& who, instant now)
{
    if (who.kind != actor_kind::system) return fail(errc::forbidden);
    if (!brings_calendars(p, nullptr)) return fail(errc::not_configured, "a calendar is missing");
    decision d;
    work w{d, d.next, p, who, now, std::nullopt};
    w.t.id = c.id;
    w.t.number = c.number;
    w.t.type = c.type;
    w.t.category = c.category;
    w.t.priority = p.priority;
    w.t.channel = c.channel;
    w.t.customer = c.customer;
    w.t.imported = true;
    if (c.type == ticket_type::report) w.t.sensitive = sensitivity::confidential;
    w.t.problem = c.problem;
    w.t.object = c.object;
    w.t.occurred_at = c.occurred_at;
    w.t.reported_at = c.reported_at;
    w.t.created_at = now;
    w.t.policy_version = p.version;
    if (c.finished) {
        w.t.status = status::archived;
        w.t.closure = ticket_closure::imported;
        w.t.closed_at = c.closed_at.value_or(now);
        w.t.archived_at = now;
    } else {
        w.t.status = status::triage;
        w.t.candidate_department = p.category == c.category ? p.department : std::nullopt;
        w.start(deadline_kind::first_response);
        w.start(deadline_kind::dispatch);
    }
    auto& written = w.emit("ticket.imported");
    written.data.emplace_back("reported_at", c.reported_at);
    for (const auto* words : {&c.problem, &c.object})
        if (*words) written.words.push_back(**words);
    finish(w);
    return d;
}

} // namespace huiyin::domain
