#include "ticket_work.hpp"

#include <algorithm>
#include <utility>

namespace huiyin::domain {

int work::next_round(deadline_kind kind) const
{
    int last = 0;
    for (const auto& c : t.deadlines)
        if (c.kind == kind) last = c.round;
    return last + 1;
}

deadline* work::find_running(deadline_kind kind)
{
    const auto found = std::ranges::find_if(
        t.deadlines, [&](const auto& c) { return c.kind == kind && c.state == deadline_state::running; });
    return found == t.deadlines.end() ? nullptr : &*found;
}

void work::start(deadline_kind kind, instant at)
{
    if (const auto goal = target_for(p, kind)) start(kind, goal->goal, goal->calendar, at);
}

void work::start(deadline_kind kind, const target& goal, std::string_view calendar_name, instant at)
{
    if (find_running(kind)) return;
    t.deadlines.push_back(start_deadline(kind, next_round(kind), goal, calendar_of(calendar_name), p.version, at));
}

void work::start_at(deadline_kind kind, instant due)
{
    if (find_running(kind)) return;
    t.deadlines.push_back(
        start_deadline_at(kind, next_round(kind), due, calendar_of(p.default_calendar), p.version, now));
}

void work::stop(deadline_kind kind, instant at)
{
    auto* clock = find_running(kind);
    if (!clock) return;
    domain::stop(*clock, at);
    if (clock->breached) t.breached.set(static_cast<std::size_t>(kind));
}

void work::cancel(deadline_kind kind)
{
    if (auto* clock = find_running(kind)) domain::cancel(*clock, now);
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
    d.notices.push_back({to, by_department ? t.lead_department : std::nullopt, std::nullopt, about, clock});
}

void work::tell_person(user_id user, std::string_view about, std::optional<deadline_kind> clock)
{
    d.notices.push_back({recipient::person, std::nullopt, user, about, clock});
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

void work::dispatch_to(work_order_id order, const destination& to)
{
    t.status = ticket_status::dispatched;
    t.lead_department = to.department;
    t.handler.reset();
    t.policy_version = p.version;
    t.ownership_settled = t.no_return;
    t.returning.reset();
    const bool to_b = to.contact_b && (to.a_is_away || !to.contact_a);
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
    start(deadline_kind::accept);
    if (!t.no_return) start(deadline_kind::return_window);
    start(deadline_kind::on_site);
    if (!customer_clock(t)) {
        const auto begin = p.resolve_from_created ? t.created_at : now;
        start(deadline_kind::resolve, begin);
        start(deadline_kind::solution, begin);
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

void work::begin_callback()
{
    t.status = ticket_status::callback_pending;
    ++t.callback_round;
    t.next_callback_at =
        proposed_attempt(p.callback, calendar_of(p.callback.calendar), t.callbacks, t.callback_round, now);
    start(deadline_kind::callback);
}

void work::close(ticket_closure how, satisfaction_level content, const answers& said, std::string reason)
{
    t.status = ticket_status::closed;
    t.closure = how;
    t.closure_reason = std::move(reason);
    t.closed_at = now;
    t.satisfaction = content;
    t.said = said;
    t.next_callback_at.reset();
    t.returning.reset();
    t.invalidity.reset();
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
    tell_customer(customer_message::survey_link);
    emit("ticket.closed", std::move(reason)).data.emplace_back("closure", std::string(to_string(t.closure)));
}

void work::archive_now()
{
    t.status = ticket_status::archived;
    t.archived_at = now;
    stop(deadline_kind::archive);
    emit("ticket.archived");
}

} // namespace huiyin::domain
