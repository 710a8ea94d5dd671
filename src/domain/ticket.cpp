#include <huiyin/domain/ticket.hpp>

#include <algorithm>

namespace huiyin::domain {

bool is_open(ticket_status s)
{
    switch (s) {
    case ticket_status::closed:
    case ticket_status::archived:
    case ticket_status::withdrawn:
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
    const auto* rework = running(t, deadline_kind::rework);
    return rework ? rework : running(t, deadline_kind::resolve);
}

const work_order* lead_order(const ticket& t)
{
    const auto last = std::ranges::find(t.orders.rbegin(), t.orders.rend(), work_order_kind::lead, &work_order::kind);
    return last == t.orders.rend() ? nullptr : &*last;
}

const promise* open_promise(const ticket& t)
{
    const auto found = std::ranges::find_if(t.promises, &promise::is_open);
    return found == t.promises.end() ? nullptr : &*found;
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

std::optional<instant> next_step_at(const ticket& t)
{
    std::optional<instant> first;
    for (const auto& d : t.deadlines)
        if (d.next_step_at && !steps_wait(t, d) && (!first || *d.next_step_at < *first)) first = d.next_step_at;
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
    case ticket_status::withdrawn:
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
    if (has_lead(t.status)) scope.responsible = t.lead_department;
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
    if (t.validity == ticket_validity::valid && t.root_cause.empty()) missing.push_back("root_cause");
    return missing;
}

std::vector<std::string> check(const ticket& t, const policy& p)
{
    std::vector<std::string> broken;
    const auto hold = [&](bool holds, std::string_view name) {
        if (!holds) broken.emplace_back(name);
    };
    const auto count_orders = [&](auto&& matches) { return std::ranges::count_if(t.orders, matches); };

    const auto* lead = lead_order(t);
    if (has_lead(t.status)) {
        hold(t.lead_department.has_value(), "1 one lead department: none is named");
        hold(lead && lead->department == t.lead_department && lead->state != work_order_state::returned &&
                 lead->state != work_order_state::transferred,
             "1 one lead department: it has no work order");
    }
    hold(count_orders([](const auto& o) { return o.kind == work_order_kind::lead && o.is_open(); }) <= 1,
         "1 one lead department: several open lead orders");

    const bool ended = t.status == ticket_status::closed || t.status == ticket_status::archived;
    hold(ended == (t.closure != ticket_closure::none), "3 closed only by its rows");
    hold(ended == t.closed_at.has_value(), "3 closed only by its rows: time");
    hold(t.closure != ticket_closure::confirmed || t.satisfaction == satisfaction_level::satisfied ||
             t.satisfaction == satisfaction_level::neutral,
         "3 confirmed means content");
    hold(t.closure != ticket_closure::unreachable || t.satisfaction == satisfaction_level::unknown,
         "3 unreachable is not satisfied");

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
    hold((t.status == ticket_status::pending_approval) == (pending_solution(t) != nullptr),
         "a version waits for approval");

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
    hold((t.status == ticket_status::promised) == (open_promise(t) != nullptr), "17 promised means an open promise");
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
        }
        hold(open <= 1, "one clock of a kind");
    }
    return broken;
}

} // namespace huiyin::domain
