#include "ticket_work.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace huiyin::domain {

int work::next_round(deadline_kind kind) const
{
    int last = 0;
    for (const auto& c : t.deadlines)
        if (c.kind == kind) last = c.round;
    return last + 1;
}

deadline* work::find_open(deadline_kind kind)
{
    const auto found = std::ranges::find_if(t.deadlines, [&](const auto& c) {
        return c.kind == kind && (c.state == deadline_state::running || c.state == deadline_state::paused);
    });
    return found == t.deadlines.end() ? nullptr : &*found;
}

callback_walls work::walls() const
{
    const auto& plan = p.callback;
    return {calendar_of(plan.calendar),
            plan.customer_calendar.empty() ? nullptr : p.find_calendar(plan.customer_calendar)};
}

void work::start(deadline_kind kind, instant at)
{
    if (kind == deadline_kind::fallback && !p.fallback) return;
    if (const auto goal = target_for(p, kind)) start(kind, goal->goal, goal->calendar, at);
}

void work::start(deadline_kind kind, const target& goal, std::string_view calendar_name, instant at)
{
    if (find_open(kind)) return;
    t.deadlines.push_back(start_deadline(kind, next_round(kind), goal, calendar_of(calendar_name), p.version, at));
}

void work::start_at(deadline_kind kind, instant due)
{
    if (find_open(kind)) return;
    t.deadlines.push_back(
        start_deadline_at(kind, next_round(kind), due, calendar_of(p.default_calendar), p.version, now));
}

void work::stop(deadline_kind kind, instant at)
{
    auto* clock = find_open(kind);
    if (!clock) return;
    domain::stop(*clock, at);
    if (clock->breached) t.breached.set(static_cast<std::size_t>(kind));
}

void work::cancel(deadline_kind kind)
{
    if (auto* clock = find_open(kind)) domain::cancel(*clock, now);
}

void work::pause_all()
{
    for (auto& clock : t.deadlines)
        if (clock.kind != deadline_kind::callback && clock.kind != deadline_kind::urge_reply)
            pause(clock, calendar_of(clock.calendar), now);
}

void work::resume_all()
{
    for (auto& clock : t.deadlines)
        if (clock.state == deadline_state::paused) resume(clock, calendar_of(clock.calendar), now);
}

event& work::emit(std::string_view kind, std::string reason)
{
    d.events.push_back({.kind = kind,
                        .at = now,
                        .by_kind = who.kind,
                        .by = who.id,
                        .from = from,
                        .to = t.status,
                        .reason = std::move(reason),
                        .data = {},
                        .words = {}});
    return d.events.back();
}

void work::tell(recipient to, std::string_view about, std::optional<deadline_kind> clock)
{
    const bool by_department = to == recipient::department || to == recipient::leader;
    d.notices.push_back({to, by_department ? t.lead_department : std::nullopt, std::nullopt, about, clock, false});
}

void work::tell_department(department_id department, std::string_view about)
{
    d.notices.push_back({recipient::department, department, std::nullopt, about, std::nullopt, false});
}

void work::tell_person(user_id user, std::string_view about, std::optional<deadline_kind> clock)
{
    d.notices.push_back({recipient::person, std::nullopt, user, about, clock, false});
}

void work::tell_reviewer(std::string_view about, std::optional<deadline_kind> clock)
{
    if (p.callback.reviewer) return tell_person(*p.callback.reviewer, about, clock);
    tell(recipient::supervisor, about, clock);
}

void work::tell_worker(std::string_view about, std::optional<deadline_kind> clock)
{
    if (!has_lead(t.status)) return tell(recipient::desk, about, clock);
    const auto* order = lead_order(t);
    if (const auto user = t.handler ? t.handler : order ? order->assignee : std::nullopt)
        return tell_person(*user, about, clock);
    tell(recipient::department, about, clock);
}

work_order* work::lead()
{
    return const_cast<work_order*>(lead_order(t));
}

void work::find_valid()
{
    t.invalidity.reset();
    if (t.validity == ticket_validity::valid) return;
    t.validity = ticket_validity::valid;
    t.judgements.push_back({ticket_validity::valid, now, who.id, {}, {}, {}, 0});
}

void work::dispatch(work_order_id order, const destination& to, std::string_view kind, std::string reason)
{
    dispatch_to(order, to);
    tell_worker(kind);
    const bool nobody_is_there = to.a_is_away && (!to.contact_b || to.b_is_away);
    if (nobody_is_there) tell(recipient::leader, kind);
    auto& written = emit(kind, std::move(reason));
    written.data.emplace_back("department", to.department.value());
    written.data.emplace_back("work_order", order.value());
}

void work::dispatch_to(work_order_id order, const destination& to)
{
    t.status = ticket_status::dispatched;
    t.lead_department = to.department;
    t.handler.reset();
    t.policy_version = p.version;
    t.ownership_settled = t.no_return;
    t.returning.reset();
    const bool to_b = to.contact_b && (!to.contact_a || (to.a_is_away && !to.b_is_away));
    // A co-handler that leads from now on has no part beside the whole.
    for (auto& part : t.orders)
        if (part.kind == work_order_kind::co_handler && part.is_open() && part.department == to.department) {
            part.state = work_order_state::transferred;
            part.ended_at = now;
        }
    t.orders.push_back({.id = order,
                        .department = to.department,
                        .kind = work_order_kind::lead,
                        .state = work_order_state::waiting,
                        .contact_a = to.contact_a,
                        .contact_b = to.contact_b,
                        .assignee = to_b ? to.contact_b : to.contact_a,
                        .handler = std::nullopt,
                        .opened_at = now,
                        .accepted_at = std::nullopt,
                        .ended_at = std::nullopt,
                        .due_at = std::nullopt});
    stop(deadline_kind::dispatch);
    cancel(deadline_kind::fallback);
    start(deadline_kind::accept);
    if (!t.no_return) start(deadline_kind::return_window);
    start(deadline_kind::on_site);
    if (!customer_clock(t)) {
        const auto begin = p.resolve_from_created && t.reopen_count == 0 ? t.created_at : now;
        start(deadline_kind::resolve, begin);
        start(deadline_kind::solution, begin);
        auto* clock = find_open(deadline_kind::resolve);
        if (clock && t.inherited_due && *t.inherited_due < clock->due_at)
            move_due(*clock, calendar_of(clock->calendar), *t.inherited_due, now);
        t.inherited_due.reset();
    }
}

void work::take_from_lead(work_order_state how)
{
    auto* order = lead();
    order->state = how;
    order->ended_at = now;
    t.handler.reset();
    t.returning.reset();
    ++t.department_changes;
    for (const auto kind : {deadline_kind::accept, deadline_kind::return_window, deadline_kind::contact_customer,
                            deadline_kind::on_site, deadline_kind::progress_update})
        cancel(kind);
}

void work::set_judgement_aside(std::string reason, const std::optional<text_ref>& fact)
{
    ++t.dispute_count;
    t.validity = ticket_validity::unjudged;
    t.judgements.push_back({ticket_validity::unjudged, now, who.id, {}, std::move(reason), fact, 0});
}

void work::reopen_judgement(std::string reason, const std::optional<text_ref>& fact)
{
    set_judgement_aside(reason, fact);
    t.status = ticket_status::triage;
    t.next_callback_at.reset();
    stop(deadline_kind::callback);
    cancel(deadline_kind::invalid_reply);
    cancel(deadline_kind::review);
    start(deadline_kind::dispatch);
    start(deadline_kind::fallback);
    tell(recipient::desk, "ticket.disputed");
    auto& written = emit("ticket.disputed", std::move(reason));
    if (fact) written.words.push_back(*fact);
}

void work::give_work_again()
{
    auto* order = lead();
    order->state = work_order_state::accepted;
    order->ended_at.reset();
    t.status = ticket_status::investigating;
}

void work::begin_callback()
{
    t.status = ticket_status::callback_pending;
    ++t.callback_round;
    t.callback_agent = p.callback.bound_agent;
    plan_next_attempt();
    start(deadline_kind::callback);
}

void work::plan_next_attempt()
{
    t.next_callback_at = proposed_attempt(p.callback, walls(), t.callbacks, t.callback_round, now);
    t.next_callback_channel = proposed_channel(p.callback, t.callbacks, t.callback_round);
}

namespace {

constexpr std::array stands_still_on_hold{deadline_kind::resolve, deadline_kind::rework, deadline_kind::solution};

}

void work::begin_hold(hold_period& period)
{
    period.state = request_state::granted;
    period.signed_by = person();
    period.decided_at = now;
    t.held_from = t.status;
    t.hold_reason = period.reason;
    t.status = ticket_status::on_hold;
    for (const auto kind : stands_still_on_hold)
        if (auto* clock = find_open(kind)) pause(*clock, calendar_of(clock->calendar), now);
    if (period.until)
        start_at(deadline_kind::hold_max, *period.until);
    else
        start(deadline_kind::hold_max);
    tell_customer(customer_message::put_on_hold);
    auto& written = emit("ticket.held", period.reason);
    written.data.emplace_back("told", period.told.value());
    if (period.words) written.words.push_back(*period.words);
}

void work::end_hold(std::string by, instant at)
{
    t.status = *t.held_from;
    t.held_from.reset();
    t.hold_reason.clear();
    for (const auto kind : stands_still_on_hold)
        if (auto* clock = find_open(kind)) resume(*clock, calendar_of(clock->calendar), at);
    stop(deadline_kind::hold_max, at);
    t.holds.back().ended_at = at;
    t.holds.back().ended_by = by;
    tell_worker("ticket.resumed");
    emit("ticket.resumed", std::move(by));
}

void work::hear_customer()
{
    if (t.status != ticket_status::on_hold) return;
    end_hold("customer", now);
    from = t.status;
}

void work::put_under_supervision(std::string reason, uuid by, const std::optional<text_ref>& words)
{
    t.supervised = true;
    t.supervisions.push_back({.reason = std::move(reason),
                              .by = by,
                              .at = now,
                              .words = words,
                              .answered_by = std::nullopt,
                              .answered_at = std::nullopt,
                              .answer = std::nullopt,
                              .cleared_by = std::nullopt,
                              .cleared_at = std::nullopt});
    start(deadline_kind::supervision_reply);
}

void work::count_urge(const std::optional<text_ref>& words, std::optional<interaction_id> interaction)
{
    ++t.urge_count;
    t.last_urged_at = now;
    start(deadline_kind::urge_reply);
    tell_worker("ticket.urged");
    if (t.urge_count == 2) tell(has_lead(t.status) ? recipient::leader : recipient::supervisor, "ticket.urged");
    if (t.urge_count >= 3) tell(recipient::supervision_officer, "ticket.urged");
    tell_customer(customer_message::urge_noted);
    auto& written = emit("ticket.urged");
    if (interaction) written.data.emplace_back("interaction", interaction->value());
    if (words) written.words.push_back(*words);
}

void work::drop_open_parts()
{
    t.next_callback_at.reset();
    t.callback_agent.reset();
    t.returning.reset();
    t.invalidity.reset();
    t.withdrawal.reset();
    if (t.held_from) {
        t.held_from.reset();
        t.hold_reason.clear();
        t.holds.back().ended_at = now;
        t.holds.back().ended_by = "merge";
    }
    for (auto& part : t.orders)
        if (part.is_open()) {
            part.state = work_order_state::waived;
            part.ended_at = now;
        }
    if (pending_solution(t)) t.solutions.back().state = solution_state::dropped;
}

void work::close(ticket_closure how, satisfaction_level content, const answers& said, std::string reason)
{
    t.status = ticket_status::closed;
    t.closure = how;
    t.closure_reason = std::move(reason);
    t.closed_at = now;
    t.satisfaction = content;
    t.said = said;
    drop_open_parts();
    for (std::size_t k = 0; k < deadline_kind_count; ++k) {
        const auto kind = static_cast<deadline_kind>(k);
        switch (kind) {
        case deadline_kind::first_response:
        case deadline_kind::dispatch:
        case deadline_kind::resolve:
        case deadline_kind::rework:
        case deadline_kind::callback:
        case deadline_kind::review:
        case deadline_kind::invalid_reply: stop(kind); break;
        default: cancel(kind);
        }
    }
    start(deadline_kind::archive);
    tell_customer(customer_message::closed);
}

void work::close_as_unreachable(std::string reason)
{
    close(ticket_closure::unreachable, satisfaction_level::unknown, {}, reason);
    if (t.survey_round != t.callback_round) tell_customer(customer_message::survey_link);
    t.survey_round = t.callback_round;
    emit("ticket.closed", std::move(reason)).data.emplace_back("closure", std::string(to_string(t.closure)));
}

void work::archive_now()
{
    t.status = ticket_status::archived;
    t.archived_at = now;
    stop(deadline_kind::archive);
    emit("ticket.archived");
}

namespace {

holder holder_of(ticket_status s)
{
    switch (s) {
    case ticket_status::registered:
    case ticket_status::triage:
    case ticket_status::invalid_pending_reply:
    case ticket_status::reply_review: return holder::desk;
    case ticket_status::dispatched:
    case ticket_status::investigating:
    case ticket_status::pending_approval:
    case ticket_status::executing:
    case ticket_status::promised: return holder::department;
    case ticket_status::on_hold: return holder::on_hold;
    case ticket_status::callback_pending:
    case ticket_status::withdrawn: return holder::customer_callback;
    case ticket_status::closed:
    case ticket_status::archived:
    case ticket_status::merged: break;
    }
    return holder::rest;
}

/// Only changes are kept: before the first row it is the desk.
void keep_spell(work& w)
{
    spell next{holder_of(w.t.status), std::nullopt, w.now};
    if (next.held_by == holder::department || next.held_by == holder::on_hold) next.department = w.t.lead_department;
    const auto last = w.t.spells.empty() ? spell{} : w.t.spells.back();
    if (last.held_by != next.held_by || last.department != next.department) w.t.spells.push_back(next);
}

void end_requests(work& w)
{
    auto& t = w.t;
    if (pending_extension(t)) {
        t.extensions.back().state = request_state::lapsed;
        t.extensions.back().decided_at = w.now;
    }
    if (pending_hold(t)) {
        t.holds.back().state = request_state::lapsed;
        t.holds.back().decided_at = w.now;
    }
    if (final_answer_waits(t)) t.final_word.reset();
    if (t.status != ticket_status::dispatched && t.status != ticket_status::investigating) t.returning.reset();
    if (t.status != ticket_status::triage) t.invalidity.reset();
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

} // namespace

void settle(work& w, std::optional<ticket_status> before)
{
    auto& t = w.t;
    if (before != t.status) end_requests(w);
    t.extension_pending = pending_extension(t) != nullptr;
    if (const auto* whole = customer_clock(t))
        for (auto& part : t.orders)
            if (part.kind == work_order_kind::co_handler && part.is_open() && part.due_at)
                part.due_at = std::min(*part.due_at, whole->due_at);
    keep_spell(w);
    t.card = card_of(t);
    t.changed_at = w.now;
    ++t.version;

    auto& told = w.d.notices;
    for (auto& each : told)
        each.urgent = t.priority <= ticket_priority::p2;
    std::vector<notice> once;
    for (auto& each : told)
        if (std::ranges::find(once, each) == once.end()) once.push_back(each);
    told = std::move(once);
}

} // namespace huiyin::domain
