#include "ticket_apply.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

namespace huiyin::domain {

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

namespace {

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
    w.start(deadline_kind::fallback);
    w.tell(recipient::desk, "ticket.returned");
    auto& written = w.emit("ticket.returned", why.reason);
    written.data.emplace_back("department", department->value());
    written.data.emplace_back("suggested", why.suggested.value());
    written.data.emplace_back("requested_by", why.by.value());
    written.words.push_back(why.basis);
}

} // namespace

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

// rows 14 to 19, 22: the department's work

result<void> apply(work& w, const log_contact& c)
{
    if (auto in = enter_any_open(w, c); !in) return in;
    const bool at_work = w.t.status >= status::investigating && w.t.status <= status::reply_review;
    const bool by_lead = is_lead(w);
    const bool by_desk = is_desk(w.who);
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
    w.t.contacts.push_back({c.interaction, c.how, w.now, w.who.id, c.reached, by_lead});
    auto& written = w.emit(c.reached ? "ticket.customer_contacted" : "ticket.contact_tried");
    written.data.emplace_back("interaction", c.interaction.value());
    written.data.emplace_back("how", std::string(to_string(c.how)));
    return {};
}

namespace {

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

} // namespace

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

namespace {

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

} // namespace

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
        w.t.promises.push_back({.id = c.promise,
                                .solution = version.id,
                                .made_at = w.now,
                                .due_at = due,
                                .fulfilled_at = std::nullopt,
                                .breached = false,
                                .made_by = version.proposed_by});
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
        if (!promised.is_open() || promised.solution.is_nil()) continue;
        promised.fulfilled_at = w.now;
        promised.breached = promised.breached || w.now > promised.due_at;
        w.t.promise_breached = w.t.promise_breached || promised.breached;
    }
    w.t.status = status::executing;
    w.stop(deadline_kind::promise_due);
    w.emit("ticket.promise_fulfilled");
    return {};
}

namespace {

/// Since when this department has worked on it, in this cycle.
instant work_began(const ticket& t)
{
    auto began = lead_order(t)->opened_at;
    for (const auto& clock : t.deadlines)
        if (clock.kind == deadline_kind::rework) began = std::max(began, clock.started_at);
    return began;
}

/// Which evidence is still missing; empty: none.
std::string_view missing_evidence(const work& w, const complete& c)
{
    const auto& rule = w.p.evidence;
    if (c.evidence < rule.min_files) return "files";
    const bool none_needed = !rule.contact_required && !rule.spoke_required;
    if (!c.contact && none_needed) return {};
    const auto began = work_began(w.t);
    const auto counts = [&](const auto& logged) {
        const bool spoke = logged.how == contact_kind::call || logged.how == contact_kind::visit;
        return c.contact && logged.interaction == *c.contact && logged.reached && logged.at >= began &&
               (spoke || !rule.spoke_required);
    };
    if (std::ranges::any_of(w.t.contacts, counts)) return {};
    return rule.spoke_required ? "conversation" : "contact";
}

} // namespace

result<void> apply(work& w, const complete& c)
{
    if (auto in = enter_as_handler(w, c, {status::executing}); !in) return in;
    if (!c.result) return fail(errc::result_required);
    if (!c.customer_informed) return fail(errc::customer_not_informed);
    if (const auto missing = missing_evidence(w, c); !missing.empty())
        return fail(error{errc::evidence_required, {}, {}}.with("missing", std::string(missing)));
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
    if (c.contact) written.data.emplace_back("contact", c.contact->value());
    written.words.push_back(*c.result);
    return {};
}

// row 13: others' parts

namespace {

/// As many open parts, or promises, as anybody can follow.
constexpr std::ptrdiff_t most_open_parts = 20;

bool is_open_part(const work_order& o)
{
    return o.kind == work_order_kind::co_handler && o.is_open();
}

/// O, S, or H of the lead.
bool directs_parts(const work& w)
{
    return is_lead(w) || is_desk(w.who) || w.is_supervisor();
}

work_order* find_part(work& w, work_order_id id)
{
    const auto found = std::ranges::find_if(w.t.orders, [&](const auto& o) { return o.id == id && is_open_part(o); });
    return found == w.t.orders.end() ? nullptr : &*found;
}

void emit_part(work& w, std::string_view kind, const work_order& part, std::string reason = {})
{
    auto& written = w.emit(kind, std::move(reason));
    written.data.emplace_back("work_order", part.id.value());
    written.data.emplace_back("department", part.department.value());
    if (part.result) written.words.push_back(*part.result);
}

} // namespace

result<void> apply(work& w, const add_co_handler& c)
{
    if (auto in = enter(w, c,
                        {status::dispatched, status::investigating, status::pending_approval, status::executing,
                         status::promised, status::on_hold});
        !in)
        return in;
    if (!directs_parts(w)) return fail(errc::not_in_department);
    if (c.to.department == w.t.lead_department) return fail(errc::same_department);
    const auto has_part = [&](const auto& o) { return is_open_part(o) && o.department == c.to.department; };
    if (std::ranges::any_of(w.t.orders, has_part)) return fail(errc::already_exists);
    const auto* whole = customer_clock(w.t);
    if (!whole) return fail(errc::internal, "a led ticket without the customer's clock");
    const auto due = c.due_at.value_or(whole->due_at);
    if (due > whole->due_at || (due <= w.now && due != whole->due_at)) return fail(errc::co_handler_due_invalid);
    if (std::ranges::count_if(w.t.orders, is_open_part) >= most_open_parts) return fail(errc::limit_reached);
    const bool to_b = c.to.contact_b && (!c.to.contact_a || (c.to.a_is_away && !c.to.b_is_away));
    w.t.orders.push_back({.id = c.order,
                          .department = c.to.department,
                          .kind = work_order_kind::co_handler,
                          .state = work_order_state::waiting,
                          .contact_a = c.to.contact_a,
                          .contact_b = c.to.contact_b,
                          .assignee = to_b ? c.to.contact_b : c.to.contact_a,
                          .handler = std::nullopt,
                          .opened_at = w.now,
                          .accepted_at = std::nullopt,
                          .ended_at = std::nullopt,
                          .due_at = due});
    const auto& part = w.t.orders.back();
    if (part.assignee)
        w.tell_person(*part.assignee, "ticket.co_handler_added");
    else
        w.tell_department(part.department, "ticket.co_handler_added");
    emit_part(w, "ticket.co_handler_added", part);
    w.d.events.back().data.emplace_back("due_at", due);
    return {};
}

result<void> apply(work& w, const finish_co_handler& c)
{
    if (auto in = enter_any_open(w, c); !in) return in;
    if (w.t.status == status::withdrawn) return fail(errc::wrong_state);
    auto* part = find_part(w, c.order);
    if (!part) return fail(errc::not_found, "no such open part");
    if (!w.who.serves(part->department)) return fail(errc::not_in_department);
    if (!c.result) return fail(errc::result_required);
    part->state = work_order_state::done;
    part->handler = w.person();
    part->accepted_at = part->ended_at = w.now;
    part->result = c.result;
    w.tell_worker("ticket.co_handler_finished");
    emit_part(w, "ticket.co_handler_finished", *part);
    return {};
}

result<void> apply(work& w, const waive_co_handler& c)
{
    if (auto in = enter_any_open(w, c); !in) return in;
    if (w.t.status == status::withdrawn) return fail(errc::wrong_state);
    auto* part = find_part(w, c.order);
    if (!part) return fail(errc::not_found, "no such open part");
    if (!directs_parts(w)) return fail(errc::not_in_department);
    if (c.reason.empty()) return fail(errc::reason_required);
    part->state = work_order_state::waived;
    part->ended_at = w.now;
    w.tell_department(part->department, "ticket.co_handler_waived");
    emit_part(w, "ticket.co_handler_waived", *part, c.reason);
    return {};
}

// promises beside a solution

result<void> apply(work& w, const make_promise& c)
{
    if (auto in = enter_any_open(w, c); !in) return in;
    if (w.t.status == status::withdrawn) return fail(errc::wrong_state);
    if (!is_lead(w) && !is_desk(w.who)) return fail(errc::not_in_department);
    if (!is_promisable(w, c.due)) return fail(errc::promise_due_invalid);
    if (std::ranges::count_if(w.t.promises, &promise::is_open) >= most_open_parts) return fail(errc::limit_reached);
    w.t.promises.push_back({.id = c.id,
                            .solution = {},
                            .made_at = w.now,
                            .due_at = c.due,
                            .fulfilled_at = std::nullopt,
                            .breached = false,
                            .made_by = w.person(),
                            .words = c.words,
                            .warn_at = w.now + (c.due - w.now) * 4 / 5});
    w.tell_customer(customer_message::promise_made);
    auto& written = w.emit("ticket.promise_made");
    written.data.emplace_back("promise", c.id.value());
    written.data.emplace_back("due_at", c.due);
    written.words.push_back(c.words);
    return {};
}

result<void> apply(work& w, const keep_promise& c)
{
    if (!admits(w.who, needed<keep_promise>, also::nobody)) return fail(errc::forbidden);
    const bool stands = is_open(w.t.status) && w.t.status != status::withdrawn;
    if (!stands && w.t.status != status::closed) return fail(errc::wrong_state);
    const auto kept = std::ranges::find_if(
        w.t.promises, [&](const auto& each) { return each.id == c.id && each.is_open() && each.solution.is_nil(); });
    if (kept == w.t.promises.end()) return fail(errc::not_found, "no such open promise");
    const bool was_lead = w.t.lead_department && w.who.serves(*w.t.lead_department);
    if (!was_lead && !is_desk(w.who)) return fail(errc::not_in_department);
    kept->fulfilled_at = w.now;
    kept->warn_at.reset();
    kept->breached = kept->breached || w.now > kept->due_at;
    w.t.promise_breached = w.t.promise_breached || kept->breached;
    w.emit("ticket.promise_kept").data.emplace_back("promise", c.id.value());
    return {};
}

// row 20

result<void> apply(work& w, const request_extension& c)
{
    if (auto in = enter_as_handler(w, c, {status::investigating, status::pending_approval, status::executing}); !in)
        return in;
    if (w.t.priority == ticket_priority::p1) return fail(errc::extension_not_allowed);
    if (w.t.extension_count >= w.p.max_extensions) return fail(errc::extensions_exhausted);
    if (pending_extension(w.t)) return fail(errc::already_exists);
    const auto* clock = customer_clock(w.t);
    if (!clock || w.now >= clock->due_at) return fail(errc::extension_too_late);
    if (c.reason.empty()) return fail(errc::reason_required);
    if (c.until <= clock->due_at) return fail(errc::invalid_field, "until");
    const auto latest = due_from(w.p.max_extension, w.calendar_of(clock->calendar), clock->due_at);
    if (c.until > latest) return fail(error{errc::extension_too_long, {}, {}}.with("latest", to_rfc3339(latest)));
    w.t.extensions.push_back({.asked_by = w.person(),
                              .asked_at = w.now,
                              .until = c.until,
                              .reason = c.reason,
                              .basis = c.basis,
                              .state = request_state::pending,
                              .decided_by = std::nullopt,
                              .decided_at = std::nullopt,
                              .due_before = std::nullopt});
    w.tell(recipient::desk, "ticket.extension_requested");
    auto& written = w.emit("ticket.extension_requested", c.reason);
    written.data.emplace_back("until", c.until);
    if (c.basis) written.words.push_back(*c.basis);
    return {};
}

result<void> apply(work& w, const decide_extension& c)
{
    if (auto in = enter(w, c, {status::investigating, status::pending_approval, status::executing}); !in) return in;
    if (!pending_extension(w.t)) return fail(errc::not_found, "no extension is asked for");
    auto& asked = w.t.extensions.back();
    if (asked.asked_by == w.person()) return fail(errc::second_person_required);
    if (!c.granted && c.reason.empty()) return fail(errc::reason_required);
    if (c.granted && asked.until <= w.now) return fail(errc::extension_too_late);
    asked.decided_by = w.person();
    asked.decided_at = w.now;
    asked.state = c.granted ? request_state::granted : request_state::refused;
    if (c.granted) {
        ++w.t.extension_count;
        for (auto& clock : w.t.deadlines)
            if (&clock == customer_clock(w.t)) {
                asked.due_before = clock.due_at;
                move_due(clock, w.calendar_of(clock.calendar), std::max(asked.until, clock.due_at), w.now);
            }
        w.tell_customer(customer_message::extension_granted);
    }
    const std::string_view kind = c.granted ? "ticket.extension_granted" : "ticket.extension_refused";
    w.tell_worker(kind);
    auto& written = w.emit(kind, c.reason);
    written.data.emplace_back("until", asked.until);
    written.data.emplace_back("requested_by", asked.asked_by.value());
    return {};
}

// row 21

namespace {

result<void> check_hold(const work& w, const put_on_hold& c)
{
    if (c.reason.empty()) return fail(errc::reason_required);
    constexpr std::array<std::string_view, 3> reasons{"awaiting_customer", "appointment", "force_majeure"};
    if (std::ranges::find(reasons, c.reason) == reasons.end()) return fail(errc::invalid_field, "reason");
    const auto longest = target_for(w.p, deadline_kind::hold_max);
    const auto latest = due_from(longest->goal, w.calendar_of(longest->calendar), w.now);
    if (c.reason == "appointment" && !c.until) return fail(errc::invalid_field, "until");
    if (c.until && (*c.until <= w.now || *c.until > latest)) return fail(errc::invalid_field, "until");
    const auto told = [&](const auto& logged) { return logged.interaction == c.told && logged.reached; };
    if (std::ranges::none_of(w.t.contacts, told)) return fail(errc::customer_not_informed);
    const auto granted = std::ranges::count(w.t.holds, request_state::granted, &hold_period::state);
    if (granted >= w.p.max_holds) return fail(errc::holds_exhausted);
    return {};
}

} // namespace

result<void> apply(work& w, const put_on_hold& c)
{
    if (auto in = enter_as_handler(w, c, {status::investigating, status::executing}); !in) return in;
    if (auto fits = check_hold(w, c); !fits) return fits;
    if (pending_hold(w.t)) return fail(errc::already_exists);
    w.t.holds.push_back({.reason = c.reason,
                         .asked_by = w.person(),
                         .asked_at = w.now,
                         .told = *c.told,
                         .until = c.until,
                         .words = c.words,
                         .state = request_state::pending,
                         .signed_by = std::nullopt,
                         .decided_at = std::nullopt,
                         .ended_at = std::nullopt,
                         .ended_by = {}});
    if (w.who.leads_department(*w.t.lead_department)) {
        w.begin_hold(w.t.holds.back());
        return {};
    }
    w.tell(recipient::leader, "ticket.hold_requested");
    auto& written = w.emit("ticket.hold_requested", c.reason);
    if (c.words) written.words.push_back(*c.words);
    return {};
}

result<void> apply(work& w, const sign_hold& c)
{
    if (auto in = enter(w, c, {status::investigating, status::executing}); !in) return in;
    if (!w.who.leads_department(*w.t.lead_department)) return fail(errc::not_in_department);
    if (!pending_hold(w.t)) return fail(errc::not_found, "no hold is asked for");
    auto& asked = w.t.holds.back();
    if (asked.asked_by == w.person()) return fail(errc::second_person_required);
    if (c.agreed && asked.until && *asked.until <= w.now) return fail(errc::invalid_field, "until");
    if (c.agreed) {
        w.begin_hold(asked);
        w.tell_worker("ticket.held");
        return {};
    }
    asked.state = request_state::refused;
    asked.signed_by = w.person();
    asked.decided_at = w.now;
    w.tell_person(asked.asked_by, "ticket.hold_refused");
    w.emit("ticket.hold_refused");
    return {};
}

result<void> apply(work& w, const resume_work& c)
{
    if (auto in = enter_as_handler(w, c, {status::on_hold}); !in) return in;
    w.end_hold("handler", w.now);
    return {};
}

} // namespace huiyin::domain
