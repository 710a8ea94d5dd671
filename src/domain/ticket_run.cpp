#include "ticket_work.hpp"

#include <huiyin/base/crypto.hpp>

#include <algorithm>
#include <string>

namespace huiyin::domain {

namespace {

/// More than any ticket can owe after years of standstill: six steps a clock and a handful of clocks.
constexpr int most_steps_at_once = 1000;

std::string_view event_of(ladder_step step)
{
    switch (step) {
    case ladder_step::half: return "deadline.half_used";
    case ladder_step::warning: return "deadline.warned";
    case ladder_step::breach: return "deadline.breached";
    case ladder_step::plus_1wd: return "deadline.overdue_1wd";
    case ladder_step::plus_5wd: return "deadline.overdue_5wd";
    case ladder_step::daily_repeat: return "deadline.still_overdue";
    }
    return "deadline.breached";
}

/// Who has to act before this clock runs out.
void tell_answerable(work& w, deadline_kind kind, std::string_view about)
{
    switch (kind) {
    case deadline_kind::first_response:
    case deadline_kind::dispatch:
    case deadline_kind::invalid_reply:
    case deadline_kind::callback:
    case deadline_kind::archive: return w.tell(recipient::desk, about, kind);
    case deadline_kind::review:
        if (w.t.status == ticket_status::callback_pending) return w.tell_reviewer(about, kind);
        return w.tell(recipient::desk, about, kind);
    case deadline_kind::approve: return w.tell(recipient::leader, about, kind);
    default: return w.tell_worker(about, kind);
    }
}

void climb(work& w, deadline_kind kind, ladder_step step, std::string_view about)
{
    const auto escalate = [&](int level, recipient to) {
        w.t.escalation_level = std::max(w.t.escalation_level, level);
        w.tell(to, about, kind);
    };
    const auto tell_leader = [&] {
        if (has_lead(w.t.status)) w.tell(recipient::leader, about, kind);
    };
    switch (step) {
    case ladder_step::half: tell_answerable(w, kind, about); break;
    case ladder_step::warning:
        tell_answerable(w, kind, about);
        tell_leader();
        break;
    case ladder_step::breach:
        w.t.breached.set(static_cast<std::size_t>(kind));
        tell_answerable(w, kind, about);
        tell_leader();
        escalate(1, recipient::supervisor);
        break;
    case ladder_step::plus_1wd: escalate(2, recipient::supervision_officer); break;
    case ladder_step::plus_5wd: escalate(3, recipient::executives); break;
    case ladder_step::daily_repeat:
        tell_answerable(w, kind, about);
        w.tell(recipient::supervisor, about, kind);
        break;
    }
}

/// Row 9. False when there is no B, or he has it already.
bool fail_over(work& w)
{
    auto* order = w.lead();
    if (!order || !order->contact_b || order->assignee == order->contact_b) return false;
    order->assignee = order->contact_b;
    w.tell_person(*order->contact_b, "ticket.failed_over", deadline_kind::accept);
    return true;
}

/// What a step does besides climbing the ladder; the kind of its event.
std::string_view special(work& w, deadline_kind kind, ladder_step step)
{
    auto& t = w.t;
    if (kind == deadline_kind::accept && step == ladder_step::half && fail_over(w)) return "ticket.failed_over";
    if (kind == deadline_kind::promise_due && step == ladder_step::breach) {
        for (auto& promised : t.promises)
            if (promised.is_open() && !promised.solution.is_nil()) promised.breached = true;
        t.promise_breached = true;
        t.escalation_level = std::min(3, t.escalation_level + 1);
        return "ticket.promise_breached";
    }
    return event_of(step);
}

/// An id for the system's own work order: the scanner makes none, and a decision must not depend on chance.
work_order_id derived_order(const ticket& t)
{
    const auto from = sha256(t.id.to_string() + "/fallback/" + std::to_string(t.orders.size()));
    uuid made;
    std::copy_n(from.begin(), made.bytes.size(), made.bytes.begin());
    made.bytes[6] = static_cast<std::uint8_t>((made.bytes[6] & 0x0f) | 0x80); // version 8: made by our own rule
    made.bytes[8] = static_cast<std::uint8_t>((made.bytes[8] & 0x3f) | 0x80);
    return work_order_id(made);
}

/// The end of a window; nobody is late.
void end_window(work& w, const deadline& ended)
{
    auto& t = w.t;
    if (ended.kind == deadline_kind::archive) {
        if (missing_in_file(t).empty()) return w.archive_now();
        w.tell(recipient::desk, "ticket.archive_blocked", ended.kind);
        w.emit("ticket.archive_blocked");
        return;
    }
    if (ended.kind == deadline_kind::return_window) {
        t.ownership_settled = true;
        t.returning.reset();
        w.tell_worker("ticket.ownership_settled", ended.kind);
        w.stop(ended.kind, ended.due_at);
        w.emit("ticket.ownership_settled");
        return;
    }
    if (ended.kind == deadline_kind::hold_max && t.status == ticket_status::on_hold)
        return w.end_hold("hold_max", ended.due_at);
    if (ended.kind == deadline_kind::fallback && w.p.fallback) {
        w.find_valid();
        t.no_return = true;
        return w.dispatch(derived_order(t), *w.p.fallback, "ticket.fallback_dispatched");
    }
    tell_answerable(w, ended.kind, "deadline.window_over");
    w.emit("deadline.window_over").data.emplace_back("clock", std::string(to_string(ended.kind)));
}

bool closes_by_itself(const work& w, deadline_kind kind, ladder_step step)
{
    return kind == deadline_kind::review && step == ladder_step::breach && w.p.callback.system_may_close &&
           w.t.status == ticket_status::callback_pending &&
           attempts_exhausted(w.p.callback, w.t.callbacks, w.t.callback_round);
}

void take_clock_step(work& w, deadline& due)
{
    auto& t = w.t;
    const auto step = take_step(due, w.calendar_of(due.calendar), w.now);
    if (!step) return;
    const auto clock = due;
    if (is_window(clock.kind)) return end_window(w, clock);
    if (closes_by_itself(w, clock.kind, *step)) {
        t.breached.set(static_cast<std::size_t>(clock.kind));
        return w.close_as_unreachable("attempts_exhausted");
    }
    const auto kind = special(w, clock.kind, *step);
    climb(w, clock.kind, *step, kind);
    auto& written = w.emit(kind, std::string(to_string(*step)));
    written.data.emplace_back("clock", std::string(to_string(clock.kind)));
    written.data.emplace_back("round", std::int64_t{clock.round});
    written.data.emplace_back("due_at", clock.due_at);
}

void take_promise_step(work& w, promise& due)
{
    const bool warns = due.warn_at && *due.warn_at < due.due_at && w.now < due.due_at;
    due.warn_at.reset();
    if (!warns) {
        due.breached = true;
        w.t.promise_breached = true;
        w.t.escalation_level = std::min(3, w.t.escalation_level + 1);
        w.tell(recipient::supervisor, "ticket.promise_breached");
    }
    const std::string_view kind = warns ? "ticket.promise_due_soon" : "ticket.promise_breached";
    if (!due.made_by.is_nil()) w.tell_person(due.made_by, kind);
    w.tell_worker(kind);
    auto& written = w.emit(kind);
    written.data.emplace_back("promise", due.id.value());
    written.data.emplace_back("due_at", due.due_at);
}

void take_part_step(work& w, work_order& due)
{
    due.overdue = true;
    if (due.assignee)
        w.tell_person(*due.assignee, "ticket.co_handler_overdue");
    else
        w.tell_department(due.department, "ticket.co_handler_overdue");
    w.tell_worker("ticket.co_handler_overdue");
    auto& written = w.emit("ticket.co_handler_overdue");
    written.data.emplace_back("work_order", due.id.value());
    written.data.emplace_back("department", due.department.value());
}

/// The earliest step whose time has come, taken; false when there is none.
bool take_next_step(work& w)
{
    auto& t = w.t;
    std::optional<instant> first;
    const auto is_first = [&](const std::optional<instant>& at) {
        if (!at || *at > w.now || (first && *first <= *at)) return false;
        first = at;
        return true;
    };
    deadline* clock = nullptr;
    promise* promised = nullptr;
    work_order* part = nullptr;
    for (auto& each : t.deadlines)
        if (!steps_wait(t, each) && is_first(each.next_step_at)) clock = &each;
    for (auto& each : t.promises)
        if (is_first(next_step_of(each))) promised = &each;
    for (auto& each : t.orders)
        if (is_first(next_step_of(each))) part = &each;
    if (!first) return false;
    w.from = t.status;
    if (part)
        take_part_step(w, *part);
    else if (promised)
        take_promise_step(w, *promised);
    else
        take_clock_step(w, *clock);
    return true;
}

} // namespace

void take_due_steps(work& w)
{
    for (int taken = 0; taken < most_steps_at_once; ++taken)
        if (!take_next_step(w)) return;
}

} // namespace huiyin::domain
