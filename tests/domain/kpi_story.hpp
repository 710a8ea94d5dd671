#pragma once

#include "ticket_fixture.hpp"

namespace huiyin::domain::testing {

inline const auto worker = numbered<user_id>(104);
inline const auto caller = numbered<user_id>(101);

inline deadline clock_of(deadline_kind kind, instant from, instant due, std::optional<instant> stopped)
{
    deadline d;
    d.kind = kind;
    d.round = 1;
    d.calendar = "cn";
    d.started_at = from;
    d.due_at = d.original_due_at = due;
    d.stopped_at = stopped;
    if (stopped) d.state = *stopped <= due ? deadline_state::met : deadline_state::missed;
    return d;
}

/// Everything within two hours from x: what is good about it is good, what is bad is bad.
inline ticket story(instant x, bool good)
{
    ticket t;
    t.id = ticket_id::make();
    t.number = "S-" + t.id.to_string();
    t.version = 1;
    t.channel = "web";
    t.problem = text_ref{text_id::make(), {}};
    t.reply = text_ref{text_id::make(), {}};
    t.replied_by = worker;
    t.changed_at = x + 90min;
    t.customer = numbered<customer_id>(50);
    t.category = "missed_copy";
    t.type = ticket_type::complaint;
    t.reported_at = t.created_at = x;
    t.status = ticket_status::closed;
    t.closure = ticket_closure::confirmed;
    t.lead_department = station;
    t.handler = worker;
    const auto order = [&](work_order_state state, instant opened) {
        work_order o;
        o.id = work_order_id::make();
        o.department = station;
        o.state = state;
        o.handler = worker;
        o.opened_at = opened;
        t.orders.push_back(o);
    };
    if (!good) order(work_order_state::returned, x + 1min);
    order(work_order_state::done, x + 2min);
    t.department_changes = good ? 2 : 3;
    t.urge_count = good ? 0 : 1;

    const auto clock = [&](deadline_kind kind, instant from) -> deadline& {
        return t.deadlines.emplace_back(clock_of(kind, from, x + 60min, x + (good ? 50min : 70min)));
    };
    using k = deadline_kind;
    for (const auto kind :
         {k::first_response, k::dispatch, k::accept, k::contact_customer, k::on_site, k::solution, k::approve,
          k::progress_update, k::urge_reply, k::supervision_reply, k::review, k::invalid_reply, k::rework, k::callback})
        clock(kind, x + 2min);
    auto& resolve = clock(k::resolve, x + 2min);
    if (!good) {
        // Late by the first due time, in time by the one that was granted.
        resolve.original_due_at = x + 60min;
        resolve.due_at = x + 65min;
        t.extensions.push_back({.asked_by = worker,
                                .asked_at = x + 40min,
                                .until = x + 65min,
                                .reason = "parts_missing",
                                .basis = std::nullopt,
                                .state = request_state::granted,
                                .decided_by = caller,
                                .decided_at = x + 41min,
                                .due_before = x + 60min});
    }

    const auto verdict = [&](instant when, answers said) {
        callback_attempt c;
        c.id = callback_id::make();
        c.at = when;
        c.caller = caller;
        c.outcome = callback_outcome::reached;
        c.said = said;
        c.verdict = judged(said);
        t.callbacks.push_back(c);
    };
    if (good) {
        verdict(x + 80min, {solved_answer::yes, 5, 4, 5});
    } else {
        verdict(x + 75min, {solved_answer::no, 1, 2, 1});
        t.rework_cycle = 1;
    }
    if (!good) {
        verdict(x + 80min, {solved_answer::partly, 4, 3, std::nullopt});
        t.reply_reject_count = 1;
    }
    t.replied_at = x + 50min;
    t.closed_at = x + 90min;
    t.satisfaction = satisfaction_level::satisfied;
    t.spells = {{holder::department, station, x + 2min},
                {holder::desk, std::nullopt, x + 50min},
                {holder::rest, std::nullopt, x + 90min}};

    const auto judgement = [&](ticket_validity validity, instant when) {
        domain::judgement j;
        j.validity = validity;
        j.at = when;
        t.judgements.push_back(j);
    };
    judgement(ticket_validity::invalid, x + 3min);
    if (!good) {
        judgement(ticket_validity::unjudged, x + 4min);
        judgement(ticket_validity::valid, x + 5min);
    }

    promise p;
    p.id = promise_id::make();
    p.made_at = x + 10min;
    p.due_at = x + 45min;
    p.fulfilled_at = x + (good ? 45min : 46min);
    p.made_by = worker;
    t.promises.push_back(p);
    if (!good)
        t.rulings.push_back({.by = caller,
                             .at = x + 2min,
                             .reason = "wrong",
                             .at_fault = fault_side::department,
                             .department = station,
                             .lost_from = x + 1min,
                             .charged = 1min});
    return t;
}

} // namespace huiyin::domain::testing
