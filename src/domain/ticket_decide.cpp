#include "ticket_apply.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace huiyin::domain {

result<void> apply(work& w, const run_due&)
{
    if (w.who.kind != actor_kind::system) return fail(errc::forbidden);
    take_due_steps(w);
    return {};
}

namespace {

/// What the clocks were due at, of those that are due at another time now.
void emit_recounted(work& w, const std::vector<deadline>& was, std::pair<std::string_view, event_value> by)
{
    auto& written = w.emit("ticket.clocks_recounted");
    written.data.push_back(std::move(by));
    for (std::size_t i = 0; i < was.size(); ++i)
        if (was[i].due_at != w.t.deadlines[i].due_at) written.data.emplace_back(to_string(was[i].kind), was[i].due_at);
}

} // namespace

result<void> apply(work& w, const load_targets& c)
{
    if (w.who.kind != actor_kind::system) return fail(errc::forbidden);
    const auto was = w.t.deadlines;
    for (auto& clock : w.t.deadlines) {
        const auto given = std::ranges::find(c.before, clock.policy_version, &policy::version);
        if (given == c.before.end() || clock.policy_version >= w.p.version) continue;
        const auto before = target_for(*given, clock.kind), after = target_for(w.p, clock.kind);
        if (!before || !after || (before->goal == after->goal && before->calendar == after->calendar)) continue;
        if (clock.goal != before->goal || clock.calendar != before->calendar) continue;
        retarget(clock, after->goal, w.calendar_of(before->calendar), w.calendar_of(after->calendar), w.p.version,
                 w.now);
    }
    if (w.t.deadlines != was) emit_recounted(w, was, {"policy_version", static_cast<std::int64_t>(w.p.version)});
    return {};
}

result<void> apply(work& w, const load_calendar& c)
{
    if (w.who.kind != actor_kind::system) return fail(errc::forbidden);
    const auto* after = c.before ? w.p.find_calendar(c.before->name()) : nullptr;
    if (!after) return fail(errc::not_configured, "the new calendar is missing");
    const auto was = w.t.deadlines;
    for (auto& clock : w.t.deadlines)
        if (clock.calendar == c.before->name()) recount(clock, *c.before, *after, w.now);
    if (w.t.deadlines != was) emit_recounted(w, was, {"calendar", after->name()});
    return {};
}

namespace {

bool brings_calendars(const policy& p, const ticket* t)
{
    if (!p.find_calendar(p.default_calendar) || !p.find_calendar(p.callback.calendar)) return false;
    const auto& customers = p.callback.customer_calendar;
    if (!customers.empty() && !p.find_calendar(customers)) return false;
    for (const auto& goal : p.targets)
        if (goal && !p.find_calendar(goal->calendar)) return false;
    if (!t) return true;
    return std::ranges::all_of(t->deadlines, [&](const auto& d) {
        return (d.state != deadline_state::running && d.state != deadline_state::paused) || p.find_calendar(d.calendar);
    });
}

} // namespace

bool admits(const actor& who, permission what, also others)
{
    switch (who.kind) {
    case actor_kind::customer: return others == also::customer || others == also::both;
    case actor_kind::system: return others == also::system || others == also::both;
    case actor_kind::user:
    case actor_kind::token: return may(who, what);
    case actor_kind::anonymous: return false;
    }
    return false;
}

bool is_desk(const actor& who)
{
    return who.kind == actor_kind::token ||
           (who.kind == actor_kind::user && (who.roles.has(role::agent) || who.roles.has(role::complaint_officer)));
}

bool is_lead(const work& w)
{
    return has_lead(w.t.status) && w.who.serves(*w.t.lead_department);
}

permission permission_for(const command& c)
{
    return std::visit([]<class Given>(const Given&) { return needed<Given>; }, c);
}

result<decision> decide(const ticket& t, const command& c, const policy& p, const actor& who, instant now)
{
    if (!brings_calendars(p, &t)) return fail(errc::not_configured, "a calendar is missing");
    decision d{t, {}, {}, {}};
    work w{d, d.next, p, who, std::max(now, t.changed_at), t.status};
    const auto done = std::visit([&](const auto& given) { return apply(w, given); }, c);
    if (!done) return fail(done.error());
    if (!d.events.empty()) settle(w, t.status);
    return d;
}

result<decision> decide(const create& c, const policy& p, const actor& who, instant now)
{
    const bool admitted =
        who.kind == actor_kind::anonymous || who.kind == actor_kind::customer ||
        (who.kind == actor_kind::user && may(who, permission::ticket_create)) ||
        (who.kind == actor_kind::token && (may(who, permission::ticket_create) || may(who, permission::intake_submit)));
    if (!admitted) return fail(errc::forbidden);
    if (c.customer.is_nil()) return fail(errc::contact_required);
    if (!c.problem) return fail(errc::problem_required);
    if (!c.category.empty() && c.category != p.category) return fail(errc::category_unknown);
    if (!brings_calendars(p, nullptr)) return fail(errc::not_configured, "a calendar is missing");
    decision d;
    work w{d, d.next, p, who, now, std::nullopt};
    w.t.id = c.id;
    w.t.number = c.number;
    w.t.type = c.category.empty() ? c.type : p.type;
    w.t.category = c.category;
    w.t.priority = p.priority;
    w.t.channel = c.channel;
    w.t.customer = c.customer;
    w.t.sensitive = w.t.type == ticket_type::report ? sensitivity::confidential : c.sensitive;
    w.t.vip = c.vip;
    w.t.repeat = c.repeat;
    w.t.customer_waiting = c.customer_waiting;
    w.t.problem = c.problem;
    w.t.object = c.object;
    w.t.desired_solution = c.desired_solution;
    w.t.occurred_at = c.occurred_at;
    w.t.suspected_duplicate_of = c.suspected_duplicate_of;
    w.t.follow_up_of = c.follow_up_of;
    w.t.reported_at = w.t.created_at = now;
    if (!c.category.empty()) w.t.candidate_department = p.department;
    w.t.policy_version = p.version;
    w.start(deadline_kind::first_response);
    w.start(deadline_kind::dispatch);
    w.start(deadline_kind::fallback);
    w.tell_customer(customer_message::acknowledgement);
    auto& written = w.emit("ticket.created");
    for (const auto* words : {&c.problem, &c.object, &c.desired_solution})
        if (*words) written.words.push_back(**words);
    settle(w, std::nullopt);
    return d;
}

result<decision> decide(const import_record& c, const policy& p, const actor& who, instant now)
{
    if (who.kind != actor_kind::system) return fail(errc::forbidden);
    if (!brings_calendars(p, nullptr)) return fail(errc::not_configured, "a calendar is missing");
    decision d;
    work w{d, d.next, p, who, now, std::nullopt};
    w.t.id = c.id;
    w.t.number = c.number;
    w.t.type = c.type;
    w.t.category = c.category;
    w.t.priority = p.priority;
    w.t.channel = c.channel;
    w.t.customer = c.customer;
    w.t.imported = true;
    if (c.type == ticket_type::report) w.t.sensitive = sensitivity::confidential;
    w.t.problem = c.problem;
    w.t.object = c.object;
    w.t.occurred_at = c.occurred_at;
    w.t.reported_at = c.reported_at;
    w.t.created_at = now;
    w.t.policy_version = p.version;
    if (c.finished) {
        w.t.status = status::archived;
        w.t.closure = ticket_closure::imported;
        w.t.closed_at = c.closed_at.value_or(now);
        w.t.archived_at = now;
    } else {
        w.t.status = status::triage;
        w.t.candidate_department = p.category == c.category ? p.department : std::nullopt;
        w.start(deadline_kind::first_response);
        w.start(deadline_kind::dispatch);
        w.start(deadline_kind::fallback);
    }
    auto& written = w.emit("ticket.imported");
    written.data.emplace_back("reported_at", c.reported_at);
    for (const auto* words : {&c.problem, &c.object})
        if (*words) written.words.push_back(**words);
    settle(w, std::nullopt);
    return d;
}

} // namespace huiyin::domain
