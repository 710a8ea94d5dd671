#include <huiyin/domain/ticket.hpp>

#include <algorithm>

namespace huiyin::domain {

bool is_open(ticket_status s)
{
    switch (s) {
    case ticket_status::closed:
    case ticket_status::archived:
    case ticket_status::merged: return false;
    default: return true;
    }
}

bool has_lead(ticket_status s)
{
    return s >= ticket_status::dispatched && s <= ticket_status::reply_review;
}

const deadline* running(const ticket& t, deadline_kind kind)
{
    const auto found = std::ranges::find_if(
        t.deadlines, [&](const auto& d) { return d.kind == kind && d.state == deadline_state::running; });
    return found == t.deadlines.end() ? nullptr : &*found;
}

const deadline* customer_clock(const ticket& t)
{
    const auto open = [&](deadline_kind kind) -> const deadline* {
        const auto found = std::ranges::find_if(t.deadlines, [&](const auto& d) {
            return d.kind == kind && (d.state == deadline_state::running || d.state == deadline_state::paused);
        });
        return found == t.deadlines.end() ? nullptr : &*found;
    };
    const auto* rework = open(deadline_kind::rework);
    return rework ? rework : open(deadline_kind::resolve);
}

const work_order* lead_order(const ticket& t)
{
    const auto last = std::ranges::find(t.orders.rbegin(), t.orders.rend(), work_order_kind::lead, &work_order::kind);
    return last == t.orders.rend() ? nullptr : &*last;
}

const promise* open_promise(const ticket& t)
{
    const promise* first = nullptr;
    for (const auto& p : t.promises)
        if (p.is_open() && (!first || p.due_at < first->due_at)) first = &p;
    return first;
}

const promise* solution_promise(const ticket& t)
{
    const auto found =
        std::ranges::find_if(t.promises, [](const auto& p) { return p.is_open() && !p.solution.is_nil(); });
    return found == t.promises.end() ? nullptr : &*found;
}

const extension* pending_extension(const ticket& t)
{
    return t.extensions.empty() || t.extensions.back().state != request_state::pending ? nullptr : &t.extensions.back();
}

const hold_period* pending_hold(const ticket& t)
{
    return t.holds.empty() || t.holds.back().state != request_state::pending ? nullptr : &t.holds.back();
}

bool final_answer_waits(const ticket& t)
{
    return t.final_word && !t.final_word->agreed_at;
}

const supervision* open_supervision(const ticket& t)
{
    const auto found = std::ranges::find_if(t.supervisions, [](const auto& each) { return !each.cleared_at; });
    return found == t.supervisions.end() ? nullptr : &*found;
}

ticket_status standing(const ticket& t)
{
    return t.status == ticket_status::withdrawn && t.withdrawal ? t.withdrawal->from : t.status;
}

const solution* pending_solution(const ticket& t)
{
    return t.solutions.empty() || t.solutions.back().state != solution_state::pending ? nullptr : &t.solutions.back();
}

bool has_handled(const ticket& t, user_id user)
{
    return t.handler == user || t.replied_by == user ||
           std::ranges::any_of(t.orders, [&](const auto& o) { return o.handler == user; }) ||
           std::ranges::any_of(t.solutions, [&](const auto& s) { return s.proposed_by == user; });
}

bool steps_wait(const ticket& t, const deadline& d)
{
    return t.status == ticket_status::reply_review &&
           (d.kind == deadline_kind::resolve || d.kind == deadline_kind::rework);
}

std::optional<instant> next_step_of(const promise& p)
{
    if (!p.is_open() || !p.solution.is_nil() || p.breached) return std::nullopt;
    return p.warn_at ? std::min(*p.warn_at, p.due_at) : p.due_at;
}

std::optional<instant> next_step_of(const work_order& o)
{
    if (o.kind != work_order_kind::co_handler || !o.is_open() || o.overdue) return std::nullopt;
    return o.due_at;
}

std::optional<instant> next_step_at(const ticket& t)
{
    std::optional<instant> first;
    const auto take = [&](const std::optional<instant>& at) {
        if (at && (!first || *at < *first)) first = at;
    };
    for (const auto& d : t.deadlines)
        if (!steps_wait(t, d)) take(d.next_step_at);
    for (const auto& p : t.promises)
        take(next_step_of(p));
    for (const auto& o : t.orders)
        take(next_step_of(o));
    return first;
}

std::optional<ticket_owner> owner(const ticket& t)
{
    switch (t.status) {
    case ticket_status::registered: return ticket_owner{role::agent, {}, {}};
    case ticket_status::triage:
    case ticket_status::invalid_pending_reply:
    case ticket_status::reply_review: return ticket_owner{role::complaint_officer, {}, {}};
    case ticket_status::callback_pending:
        return ticket_owner{running(t, deadline_kind::review) ? role::supervisor : role::agent, {}, {}};
    case ticket_status::withdrawn: return ticket_owner{role::agent, {}, t.callback_agent};
    case ticket_status::dispatched: {
        const auto* order = lead_order(t);
        return ticket_owner{role::department_handler, t.lead_department, order ? order->assignee : std::nullopt};
    }
    case ticket_status::investigating:
    case ticket_status::executing:
    case ticket_status::promised:
    case ticket_status::on_hold: return ticket_owner{role::department_handler, t.lead_department, t.handler};
    case ticket_status::pending_approval: return ticket_owner{role::department_leader, t.lead_department, {}};
    case ticket_status::closed:
    case ticket_status::archived:
    case ticket_status::merged: break;
    }
    return std::nullopt;
}

object_scope scope_of(const ticket& t)
{
    object_scope scope;
    for (const auto& o : t.orders)
        if (std::ranges::find(scope.departments, o.department) == scope.departments.end())
            scope.departments.push_back(o.department);
    for (const auto& o : t.orders)
        if (o.kind == work_order_kind::co_handler && o.is_open()) scope.helping.push_back(o.department);
    if (has_lead(t.status) || final_answer_waits(t)) scope.responsible = t.lead_department;
    scope.assignee = t.handler;
    scope.sensitive = t.sensitive;
    return scope;
}

std::vector<std::string_view> missing_in_file(const ticket& t)
{
    std::vector<std::string_view> missing;
    if (open_promise(t)) missing.push_back("promise");
    if (std::ranges::any_of(t.orders,
                            [](const auto& o) { return o.kind == work_order_kind::co_handler && o.is_open(); }))
        missing.push_back("co_handler");
    const bool needs_cause = t.validity == ticket_validity::valid && t.closure != ticket_closure::withdrawn;
    if (needs_cause && t.root_cause.empty()) missing.push_back("root_cause");
    return missing;
}

namespace {

/// Whether a clock may be open in a state; the kinds that may be so in any open one aside.
bool belongs(deadline_kind kind, ticket_status s)
{
    using st = ticket_status;
    switch (kind) {
    case deadline_kind::dispatch:
    case deadline_kind::fallback: return s == st::registered || s == st::triage;
    case deadline_kind::accept: return s == st::dispatched;
    case deadline_kind::invalid_reply: return s == st::invalid_pending_reply;
    case deadline_kind::approve: return s == st::pending_approval;
    case deadline_kind::promise_due: return s == st::promised;
    case deadline_kind::hold_max: return s == st::on_hold;
    case deadline_kind::review: return s == st::reply_review || s == st::callback_pending;
    case deadline_kind::callback: return s == st::callback_pending;
    case deadline_kind::archive: return s == st::closed;
    case deadline_kind::return_window:
    case deadline_kind::contact_customer:
    case deadline_kind::on_site: return has_lead(s);
    case deadline_kind::progress_update: return has_lead(s) && s != st::reply_review;
    case deadline_kind::resolve:
    case deadline_kind::rework:
    case deadline_kind::first_response:
    case deadline_kind::solution:
    case deadline_kind::urge_reply:
    case deadline_kind::supervision_reply: return is_open(s);
    }
    return false;
}

} // namespace

std::vector<std::string> check(const ticket& t, const policy& p)
{
    std::vector<std::string> broken;
    const auto hold = [&](bool holds, std::string_view name) {
        if (!holds) broken.emplace_back(name);
    };
    const auto count_orders = [&](auto&& matches) { return std::ranges::count_if(t.orders, matches); };

    const auto at = standing(t);
    const auto* lead = lead_order(t);
    if (has_lead(at)) {
        hold(t.lead_department.has_value(), "1 one lead department: none is named");
        hold(lead && lead->department == t.lead_department && lead->state != work_order_state::returned &&
                 lead->state != work_order_state::transferred,
             "1 one lead department: it has no work order");
    }
    hold(count_orders([](const auto& o) { return o.kind == work_order_kind::lead && o.is_open(); }) <= 1,
         "1 one lead department: several open lead orders");

    hold(
        std::ranges::none_of(t.orders, [&](const auto& o) { return o.kind == work_order_kind::lead && o.is_open(); }) ||
            has_lead(at),
        "1 a lead order is open where a department leads");

    const bool ended = t.status == ticket_status::closed || t.status == ticket_status::archived;
    hold(ended == (t.closure != ticket_closure::none), "3 closed only by its rows");
    hold(ended == t.closed_at.has_value(), "3 closed only by its rows: time");
    hold(t.closure != ticket_closure::confirmed || t.satisfaction == satisfaction_level::satisfied ||
             t.satisfaction == satisfaction_level::neutral,
         "3 confirmed means content");
    hold(t.closure != ticket_closure::unreachable || t.satisfaction == satisfaction_level::unknown,
         "3 unreachable is not satisfied");
    hold(t.closure != ticket_closure::withdrawn || t.satisfaction == satisfaction_level::unknown,
         "3 withdrawn is not satisfied");
    hold(t.closure != ticket_closure::final_answer || t.said.solved == solved_answer::yes ||
             t.satisfaction == satisfaction_level::unsatisfied,
         "3 a final answer counts as unsatisfied");
    hold(t.closure != ticket_closure::final_answer ||
             (t.final_word && t.final_word->agreed_by && *t.final_word->agreed_by != t.final_word->by),
         "4 a final answer takes two persons");
    hold(!t.final_word || t.rework_cycle >= 2, "29 the last word comes after two reworks");
    hold((t.status == ticket_status::merged) == t.merged_into.has_value(), "merged names into what");
    hold(t.status != ticket_status::merged || !open_promise(t), "31 no promise is lost by a merger");
    hold(t.closure != ticket_closure::not_sampled || t.type == ticket_type::enquiry ||
             t.type == ticket_type::suggestion,
         "28 each complaint is called back");
    hold((t.status == ticket_status::withdrawn) == t.withdrawal.has_value(), "30 a withdrawal waits to be confirmed");

    for (const auto& a : t.approvals) {
        const auto s = std::ranges::find(t.solutions, a.solution, &solution::id);
        hold(s != t.solutions.end() && s->proposed_by != a.by, "4 approver is not the proposer");
        hold(s == t.solutions.end() || s->state != solution_state::pending, "4 a decided version is decided");
    }
    const auto had_handled = [&](user_id user, instant by) {
        return std::ranges::any_of(t.orders, [&](const auto& o) { return o.handler == user && o.accepted_at < by; }) ||
               std::ranges::any_of(t.solutions,
                                   [&](const auto& s) { return s.proposed_by == user && s.proposed_at < by; });
    };
    for (const auto& c : t.callbacks)
        hold(c.caller.is_nil() || !had_handled(c.caller, c.at), "4 caller is not the handler");
    for (std::size_t i = 0; i < t.solutions.size(); ++i) {
        hold(t.solutions[i].version == static_cast<int>(i) + 1, "solution versions count from one");
        hold(t.solutions[i].state != solution_state::pending || i + 1 == t.solutions.size(),
             "only the last version may wait");
        for (std::size_t j = 0; j < i; ++j)
            hold(t.solutions[j].cycle == t.solutions[i].cycle ||
                     t.solutions[j].fingerprint != t.solutions[i].fingerprint,
                 "27 no solution twice");
    }
    hold((at == ticket_status::pending_approval) == (pending_solution(t) != nullptr), "a version waits for approval");

    for (const auto& e : t.extensions)
        hold(!e.decided_by || *e.decided_by != e.asked_by, "20 an extension takes two persons");
    hold(t.extension_pending == (pending_extension(t) != nullptr), "20 a pending extension is marked");
    hold(t.extension_count ==
             static_cast<int>(std::ranges::count(t.extensions, request_state::granted, &extension::state)),
         "20 extension_count counts granted ones");
    hold(t.extension_count <= p.max_extensions, "20 extensions are bounded");
    const auto stands_still = [&](const hold_period& h) { return h.state == request_state::granted && !h.ended_at; };
    hold((t.status == ticket_status::on_hold) == std::ranges::any_of(t.holds, stands_still), "21 a hold is on record");
    hold((t.status == ticket_status::on_hold) == t.held_from.has_value(), "21 a hold knows where it came from");
    hold(t.status != ticket_status::on_hold || running(t, deadline_kind::hold_max), "21 a hold has an end");
    for (const auto& h : t.holds)
        hold(h.state != request_state::granted ||
                 std::ranges::any_of(t.contacts, [&](const auto& c) { return c.interaction == h.told && c.reached; }),
             "21 the customer was told of a hold");
    const auto ended_by_clock = [&](const hold_period& h) {
        return std::ranges::any_of(t.deadlines, [&](const auto& d) {
            return d.kind == deadline_kind::hold_max && d.stopped_at == h.ended_at && d.due_at == h.ended_at;
        });
    };
    for (const auto& h : t.holds)
        hold(h.ended_by != "hold_max" || ended_by_clock(h), "21 a hold ends when its time is over");
    hold(std::ranges::count(t.holds, request_state::granted, &hold_period::state) <= p.max_holds,
         "21 holds are bounded");
    const bool stands = t.status == ticket_status::on_hold;
    hold(!stands || (!running(t, deadline_kind::resolve) && !running(t, deadline_kind::rework)),
         "21 the customer's target stands still");
    for (const auto& d : t.deadlines)
        hold(d.state != deadline_state::paused || t.status == ticket_status::withdrawn ||
                 (t.status == ticket_status::on_hold &&
                  (d.kind == deadline_kind::resolve || d.kind == deadline_kind::rework ||
                   d.kind == deadline_kind::solution)),
             "21 a clock stands still on hold alone");

    const auto* whole = customer_clock(t);
    for (const auto& o : t.orders) {
        const bool part = o.kind == work_order_kind::co_handler;
        hold(!part || o.due_at.has_value(), "13 a part has a due instant");
        hold(!part || !o.is_open() || !whole || o.due_at <= whole->due_at, "13 a part is due with the whole");
        hold(!part || !o.is_open() || t.status != ticket_status::reply_review, "13 the reply waits for all parts");
    }
    hold(!open_supervision(t) || t.supervised, "35 only a person clears a supervision");
    for (std::size_t i = 1; i < t.spells.size(); ++i)
        hold(t.spells[i - 1].from <= t.spells[i].from, "spells follow each other");

    const auto unsatisfied = std::ranges::count_if(
        t.callbacks, [](const auto& c) { return c.verdict == satisfaction_level::unsatisfied && !c.disputed; });
    hold(t.rework_cycle == static_cast<int>(unsatisfied), "7 rework_cycle counts unsatisfied callbacks");
    hold(t.return_count <= p.max_returns, "10 returns are bounded");

    if (t.status == ticket_status::archived && !t.imported) {
        hold(missing_in_file(t).empty(), "8 no archive of an incomplete file");
        hold(t.archived_at.has_value(), "8 archived has its time");
    }
    hold((t.status == ticket_status::promised) == (running(t, deadline_kind::promise_due) != nullptr),
         "17 a promise has its clock");
    hold((at == ticket_status::promised) == (solution_promise(t) != nullptr), "17 promised means an open promise");
    hold(t.urge_count >= 0 && (t.urge_count > 0) == t.last_urged_at.has_value(), "9 urges have a time");

    if (is_open(t.status)) {
        hold(owner(t).has_value(), "12 an open ticket has an owner");
        hold(next_step_at(t).has_value(), "12 an open ticket has a running clock");
    } else {
        const bool only_archive = std::ranges::none_of(t.deadlines, [](const auto& d) {
            return d.kind != deadline_kind::archive &&
                   (d.state == deadline_state::running || d.state == deadline_state::paused);
        });
        hold(only_archive, "12 nothing runs on an ended ticket");
    }
    for (std::size_t k = 0; k < deadline_kind_count; ++k) {
        int open = 0;
        int last_round = 0;
        for (const auto& d : t.deadlines) {
            if (static_cast<std::size_t>(d.kind) != k) continue;
            if (d.state == deadline_state::running || d.state == deadline_state::paused) ++open;
            hold(d.round > last_round, "rounds of a clock rise");
            last_round = d.round;
            hold(!d.breached || t.breached.test(k), "breached kinds are marked");
            const bool still = d.state == deadline_state::running || d.state == deadline_state::paused;
            const bool asks = d.kind == deadline_kind::callback && t.status == ticket_status::withdrawn;
            hold(!still || asks || belongs(d.kind, at),
                 "12 a clock runs where it has no business: " + std::string(to_string(d.kind)));
        }
        hold(open <= 1, "one clock of a kind");
    }
    return broken;
}

std::vector<time_share> time_shares(const ticket& t, instant now)
{
    std::vector<time_share> shares;
    const auto add = [&](holder held_by, const std::optional<department_id>& department, instant from, instant to) {
        if (to <= from) return;
        const auto same = std::ranges::find_if(
            shares, [&](const auto& s) { return s.held_by == held_by && s.department == department; });
        if (same == shares.end())
            shares.push_back({held_by, department, to - from});
        else
            same->time += to - from;
    };
    const auto charge = [&](const spell& held, instant to) {
        auto from = held.from;
        for (const auto& r : t.rulings) {
            const auto lost_from = std::clamp(r.lost_from, from, to);
            const auto lost_to = std::clamp(r.at, lost_from, to);
            add(held.held_by, held.department, from, lost_from);
            add(r.at_fault == fault_side::desk ? holder::desk : holder::department, r.department, lost_from, lost_to);
            from = lost_to;
        }
        add(held.held_by, held.department, from, to);
    };
    auto end = is_open(t.status) ? now : t.closed_at.value_or(t.spells.empty() ? t.reported_at : t.spells.back().from);
    end = std::max(end, t.reported_at);
    spell held{holder::desk, std::nullopt, t.reported_at};
    for (const auto& next : t.spells) {
        charge(held, std::clamp(next.from, held.from, end));
        held = next;
    }
    charge(held, std::max(end, held.from));
    return shares;
}

} // namespace huiyin::domain
