#include "ticket_work.hpp"

#include <algorithm>

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
        return w.tell(w.t.status == ticket_status::callback_pending ? recipient::supervisor : recipient::desk, about,
                      kind);
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
            if (promised.is_open()) promised.breached = true;
        t.promise_breached = true;
        t.escalation_level = std::min(3, t.escalation_level + 1);
        return "ticket.promise_breached";
    }
    return event_of(step);
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
    tell_answerable(w, ended.kind, "deadline.window_over");
    w.emit("deadline.window_over").data.emplace_back("clock", std::string(to_string(ended.kind)));
}

bool closes_by_itself(const work& w, deadline_kind kind, ladder_step step)
{
    return kind == deadline_kind::review && step == ladder_step::breach && w.p.callback.system_may_close &&
           w.t.status == ticket_status::callback_pending &&
           attempts_exhausted(w.p.callback, w.t.callbacks, w.t.callback_round);
}

} // namespace

void take_due_steps(work& w)
{
    auto& t = w.t;
    for (int taken = 0; taken < most_steps_at_once; ++taken) {
        deadline* first = nullptr;
        for (auto& c : t.deadlines)
            if (c.next_step_at && *c.next_step_at <= w.now && !steps_wait(t, c) &&
                (!first || *c.next_step_at < *first->next_step_at))
                first = &c;
        if (!first) return;
        const auto step = take_step(*first, w.calendar_of(first->calendar), w.now);
        if (!step) return;
        const auto clock = *first;
        w.from = t.status;
        if (is_window(clock.kind)) {
            end_window(w, clock);
            continue;
        }
        if (closes_by_itself(w, clock.kind, *step)) {
            t.breached.set(static_cast<std::size_t>(clock.kind));
            w.close_as_unreachable("attempts_exhausted");
            continue;
        }
        const auto kind = special(w, clock.kind, *step);
        climb(w, clock.kind, *step, kind);
        auto& written = w.emit(kind, std::string(to_string(*step)));
        written.data.emplace_back("clock", std::string(to_string(clock.kind)));
        written.data.emplace_back("round", std::int64_t{clock.round});
        written.data.emplace_back("due_at", clock.due_at);
    }
}

} // namespace huiyin::domain
