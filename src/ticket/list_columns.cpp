#include "list_columns.hpp"

#include <huiyin/ticket/list_mark.hpp>

#include <algorithm>

namespace huiyin::ticket {

const domain::deadline* nearest_clock(const domain::ticket& t)
{
    const domain::deadline* nearest = nullptr;
    for (const auto& d : t.deadlines)
        if (d.state == domain::deadline_state::running && !domain::is_window(d.kind) && !domain::steps_wait(t, d) &&
            (!nearest || d.due_at < nearest->due_at))
            nearest = &d;
    return nearest;
}

std::optional<user_id> holder_of(const domain::ticket& t)
{
    if (t.status == domain::ticket_status::callback_pending) return t.callback_agent;
    const auto owner = domain::owner(t);
    return owner ? owner->person : std::nullopt;
}

int marks_of(const domain::ticket& t)
{
    using domain::ticket_status;
    int marks = 0;
    const auto mark = [&](list_mark m, bool is) {
        if (is) marks |= bit_of(m);
    };
    mark(list_mark::promise_open, domain::open_promise(t) != nullptr);
    mark(list_mark::returned, (t.status == ticket_status::triage && t.return_count > 0) || t.returning.has_value() ||
                                  (t.status == ticket_status::investigating && t.reply_reject_count > 0));
    mark(list_mark::supervised, t.supervised);
    mark(list_mark::round_2, t.callback_round >= 2 || t.rework_cycle > 0);
    mark(list_mark::signature_wanted, t.status == ticket_status::pending_approval || t.returning.has_value() ||
                                          domain::final_answer_waits(t) || domain::pending_hold(t) != nullptr);
    mark(list_mark::repeat, t.repeat);
    mark(list_mark::vip, t.vip);
    mark(list_mark::urged, t.urge_count > 0);
    mark(list_mark::promise_breached, t.promise_breached);
    mark(list_mark::customer_waiting, t.customer_waiting);
    mark(list_mark::reopened, t.reopen_count > 0);
    mark(list_mark::extension_pending, t.extension_pending);
    mark(list_mark::confidential, t.sensitive == domain::sensitivity::confidential);
    mark(list_mark::yellow_card, t.card == domain::ticket_card::yellow);
    mark(list_mark::red_card, t.card == domain::ticket_card::red);
    mark(list_mark::escalated, t.escalation_level > 0);
    return marks;
}

} // namespace huiyin::ticket
