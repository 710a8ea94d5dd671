#include "ticket_apply.hpp"

#include <algorithm>
#include <array>

namespace huiyin::domain {

namespace {

/// H or L of the lead; the desk where none leads.
result<void> must_answer(const work& w)
{
    const bool theirs = has_lead(w.t.status) ? is_lead(w) : is_desk(w.who);
    if (!theirs) return fail(errc::not_in_department);
    return {};
}

} // namespace

// invariant 9, row 34

result<void> apply(work& w, const further_contact& c)
{
    if (auto in = enter_any_open(w, c, also::both); !in) return in;
    const bool awaited = w.t.status == status::on_hold && w.t.hold_reason == "awaiting_customer";
    w.hear_customer();
    if (awaited)
        w.d.events.back().data.emplace_back("interaction", c.interaction.value());
    else
        w.count_urge({}, c.interaction);
    return {};
}

result<void> apply(work& w, const urge& c)
{
    if (auto in = enter_any_open(w, c, also::both); !in) return in;
    const auto* clock = customer_clock(w.t);
    const bool past_due = clock && is_overdue(*clock, w.now);
    if (w.t.last_urged_at && !past_due) {
        const auto again = *w.t.last_urged_at + std::chrono::hours(24);
        if (w.now < again) return fail(error{errc::urged_recently, {}, {}}.with("again_at", to_rfc3339(again)));
    }
    if (w.who.kind == actor_kind::customer) w.hear_customer();
    w.count_urge(c.words, {});
    return {};
}

result<void> apply(work& w, const answer_urge& c)
{
    if (auto in = enter_any_open(w, c); !in) return in;
    if (auto theirs = must_answer(w); !theirs) return theirs;
    if (!running(w.t, deadline_kind::urge_reply)) return fail(errc::not_found, "no urge waits for an answer");
    w.stop(deadline_kind::urge_reply);
    w.tell_customer(customer_message::urge_answered);
    w.emit("ticket.urge_answered").words.push_back(c.words);
    return {};
}

// row 35

result<void> apply(work& w, const supervise& c)
{
    if (auto in = enter_any_open(w, c, also::system); !in) return in;
    constexpr std::array<std::string_view, 5> reasons{"overdue", "rework", "media", "leader", "mass"};
    if (std::ranges::find(reasons, c.reason) == reasons.end()) return fail(errc::invalid_field, "reason");
    const bool overdue = std::ranges::any_of(w.t.deadlines, [&](const auto& d) {
        return d.state == deadline_state::running && !is_window(d.kind) && is_overdue(d, w.now);
    });
    if ((c.reason == "overdue" && !overdue) || (c.reason == "rework" && w.t.rework_cycle < 2))
        return fail(errc::nothing_to_supervise);
    if (open_supervision(w.t)) return fail(errc::already_exists);
    w.put_under_supervision(c.reason, w.who.id, c.words);
    w.tell_worker("ticket.supervised");
    if (has_lead(w.t.status)) w.tell(recipient::leader, "ticket.supervised");
    auto& written = w.emit("ticket.supervised", c.reason);
    if (c.words) written.words.push_back(*c.words);
    return {};
}

result<void> apply(work& w, const answer_supervision& c)
{
    if (auto in = enter_any_open(w, c); !in) return in;
    if (auto theirs = must_answer(w); !theirs) return theirs;
    const auto open =
        std::ranges::find_if(w.t.supervisions, [](const auto& each) { return !each.cleared_at && !each.answered_at; });
    if (open == w.t.supervisions.end()) return fail(errc::not_found, "no supervision waits for an answer");
    open->answered_by = w.person();
    open->answered_at = w.now;
    open->answer = c.words;
    w.stop(deadline_kind::supervision_reply);
    w.tell(recipient::supervision_officer, "ticket.supervision_answered");
    w.emit("ticket.supervision_answered").words.push_back(c.words);
    return {};
}

result<void> apply(work& w, const clear_supervision&)
{
    if (!admits(w.who, needed<clear_supervision>, also::nobody)) return fail(errc::forbidden);
    if (!is_open(w.t.status) && w.t.status != status::closed) return fail(errc::wrong_state);
    if (!w.t.supervised) return fail(errc::not_found, "it is not supervised");
    const auto* open = open_supervision(w.t);
    if (open && !open->answered_at && is_open(w.t.status)) return fail(errc::supervision_unanswered);
    for (auto& each : w.t.supervisions)
        if (!each.cleared_at) {
            each.cleared_by = w.person();
            each.cleared_at = w.now;
        }
    w.t.supervised = false;
    w.cancel(deadline_kind::supervision_reply);
    w.tell_worker("ticket.supervision_cleared");
    w.emit("ticket.supervision_cleared");
    return {};
}

} // namespace huiyin::domain
