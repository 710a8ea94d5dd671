#include <huiyin/base/text.hpp>
#include <huiyin/domain/ticket.hpp>

#include <fmt/format.h>

#include <concepts>
#include <span>

namespace huiyin::domain {

namespace {

column_value value_of(bool v)
{
    return v;
}
column_value value_of(std::integral auto v)
{
    return static_cast<std::int64_t>(v);
}
column_value value_of(const std::string& v)
{
    return v;
}
column_value value_of(instant v)
{
    return v;
}
column_value value_of(const uuid& v)
{
    return v;
}
column_value value_of(std::chrono::microseconds v)
{
    return static_cast<std::int64_t>(v.count());
}
column_value value_of(const target& v)
{
    return to_string(v);
}
column_value value_of(const sha256_digest& v)
{
    return to_hex(v);
}
column_value value_of(const text_ref& v)
{
    return v.id.value();
}
column_value value_of(deadline_state v)
{
    return std::string(to_string(v));
}
column_value value_of(sensitivity v)
{
    return std::string(v == sensitivity::confidential ? "confidential" : "ordinary");
}

template <class Tag>
column_value value_of(const id<Tag>& v)
{
    return v.is_nil() ? column_value{} : column_value{v.value()};
}

template <class E>
    requires requires { names<E>::of; }
column_value value_of(E v)
{
    return std::string(to_string(v));
}

column_value value_of(const std::bitset<deadline_kind_count>& kinds)
{
    std::vector<std::string> list;
    for (std::size_t k = 0; k < deadline_kind_count; ++k)
        if (kinds.test(k)) list.emplace_back(to_string(static_cast<deadline_kind>(k)));
    return list;
}

column_value value_of(const std::vector<piece>& history)
{
    std::vector<std::string> list;
    for (const auto& h : history)
        list.push_back(fmt::format("{}/{}/{}/{}/{}", to_rfc3339(h.from), to_rfc3339(h.to), h.ran ? "ran" : "paused",
                                   h.counted.count(), h.counted_days));
    return list;
}

template <class T>
column_value value_of(const std::optional<T>& v)
{
    return v ? value_of(*v) : column_value{};
}

// One list of columns per table. The store has the same names.

template <class F>
void columns(const ticket& t, F&& f)
{
    f("number", t.number), f("version", t.version), f("status", t.status), f("type", t.type), f("priority", t.priority);
    f("category", t.category), f("channel", t.channel), f("customer", t.customer), f("sensitive", t.sensitive);
    f("vip", t.vip), f("repeat", t.repeat), f("customer_waiting", t.customer_waiting), f("imported", t.imported);
    f("problem", t.problem), f("object", t.object), f("desired_solution", t.desired_solution);
    f("occurred_at", t.occurred_at), f("reported_at", t.reported_at), f("created_at", t.created_at);
    f("changed_at", t.changed_at), f("candidate_department", t.candidate_department);
    f("lead_department", t.lead_department), f("handler", t.handler), f("policy_version", t.policy_version);
    f("validity", t.validity), f("root_cause", t.root_cause), f("responsible_person", t.responsible_person);
    f("no_responsible_reason", t.no_responsible_reason), f("reply", t.reply), f("replied_at", t.replied_at);
    f("replied_by", t.replied_by), f("next_callback_at", t.next_callback_at), f("callback_round", t.callback_round);
    f("urge_count", t.urge_count), f("last_urged_at", t.last_urged_at), f("supervised", t.supervised);
    f("escalation_level", t.escalation_level), f("card", t.card), f("extension_pending", t.extension_pending);
    f("extension_count", t.extension_count), f("return_count", t.return_count), f("no_return", t.no_return);
    f("ownership_settled", t.ownership_settled), f("department_changes", t.department_changes);
    f("reply_reject_count", t.reply_reject_count), f("rework_cycle", t.rework_cycle), f("reopen_count", t.reopen_count);
    f("dispute_count", t.dispute_count), f("promise_breached", t.promise_breached), f("breached", t.breached);
    f("hold_reason", t.hold_reason), f("held_from", t.held_from), f("fcr", t.fcr), f("closure", t.closure);
    f("closure_reason", t.closure_reason), f("closed_at", t.closed_at), f("archived_at", t.archived_at);
    f("satisfaction", t.satisfaction), f("solved", t.said.solved), f("score_result", t.said.result);
    f("score_time", t.said.time), f("score_attitude", t.said.attitude), f("merged_into", t.merged_into);
    f("duplicate_of", t.duplicate_of), f("suspected_duplicate_of", t.suspected_duplicate_of);
    f("follow_up_of", t.follow_up_of);
    const auto& i = t.invalidity;
    f("invalidity_by", i ? std::optional(i->by) : std::nullopt),
        f("invalidity_at", i ? std::optional(i->at) : std::nullopt);
    const auto& r = t.returning;
    f("returning_by", r ? std::optional(r->by) : std::nullopt),
        f("returning_at", r ? std::optional(r->at) : std::nullopt);
    f("returning_reason", r ? std::optional(r->reason) : std::nullopt);
    f("returning_basis", r ? std::optional(r->basis) : std::nullopt);
    f("returning_suggested", r ? std::optional(r->suggested) : std::nullopt);
}

template <class F>
void columns(const work_order& o, F&& f)
{
    f("department", o.department), f("kind", o.kind), f("state", o.state), f("contact_a", o.contact_a);
    f("contact_b", o.contact_b), f("assignee", o.assignee), f("handler", o.handler), f("opened_at", o.opened_at);
    f("accepted_at", o.accepted_at), f("ended_at", o.ended_at), f("due_at", o.due_at);
}

template <class F>
void columns(const solution& s, F&& f)
{
    f("solution_version", s.version), f("cycle", s.cycle), f("kind", s.kind), f("state", s.state), f("words", s.words);
    f("fingerprint", s.fingerprint), f("cost_cents", s.cost_cents), f("proposed_by", s.proposed_by);
    f("proposed_at", s.proposed_at), f("reason", s.reason), f("promised_due_at", s.promised_due_at),
        f("interim", s.interim);
}

template <class F>
void columns(const approval& a, F&& f)
{
    f("decided_by", a.by), f("at", a.at), f("approved", a.approved), f("level", a.level), f("comment", a.comment);
}

template <class F>
void columns(const promise& p, F&& f)
{
    f("solution", p.solution), f("made_at", p.made_at), f("due_at", p.due_at), f("fulfilled_at", p.fulfilled_at);
    f("breached", p.breached);
}

template <class F>
void columns(const callback_attempt& c, F&& f)
{
    const auto said = c.said.value_or(answers{});
    f("round", c.round), f("number", c.number), f("at", c.at), f("caller", c.caller), f("outcome", c.outcome);
    f("day_part", c.day_part), f("wished_at", c.wished_at), f("solved", said.solved), f("score_result", said.result);
    f("score_time", said.time), f("score_attitude", said.attitude), f("verdict", c.verdict), f("reason", c.reason);
    f("disputed", c.disputed);
}

template <class F>
void columns(const judgement& j, F&& f)
{
    f("validity", j.validity), f("at", j.at), f("by", j.by == uuid{} ? std::nullopt : std::optional(j.by));
    f("proposed_by", j.proposed_by), f("reason", j.reason), f("words", j.words), f("evidence", j.evidence);
}

template <class F>
void columns(const deadline& d, F&& f)
{
    f("state", d.state), f("target", d.goal), f("calendar", d.calendar), f("policy_version", d.policy_version);
    f("started_at", d.started_at), f("used", d.used), f("used_days", d.used_days), f("counted_to", d.counted_to);
    f("paused_at", d.paused_at), f("due_at", d.due_at), f("original_due_at", d.original_due_at), f("agreed", d.agreed);
    f("next_step", d.next_step), f("next_step_at", d.next_step_at), f("stopped_at", d.stopped_at),
        f("breached", d.breached);
    f("history", d.history);
}

template <class Row>
void compare_row(std::vector<change>& out, std::string_view table, const std::string& key, const Row* before,
                 const Row& after)
{
    if (before && *before == after) return;
    std::vector<column_value> old;
    if (before) columns(*before, [&](std::string_view, const auto& v) { old.push_back(value_of(v)); });
    std::size_t i = 0;
    columns(after, [&](std::string_view column, const auto& v) {
        auto value = value_of(v);
        if (!before || old[i] != value) out.push_back({table, key, column, std::move(value)});
        ++i;
    });
}

/// Rows are appended and never leave, so the n-th before is the n-th after.
template <class Row, class Key>
void compare_rows(std::vector<change>& out, std::string_view table, const std::vector<Row>& before,
                  const std::vector<Row>& after, Key key)
{
    for (std::size_t i = 0; i < after.size(); ++i)
        compare_row(out, table, key(after[i], i), i < before.size() ? &before[i] : nullptr, after[i]);
}

} // namespace

std::vector<change> changes(const ticket& before, const ticket& after)
{
    std::vector<change> out;
    const bool fresh = before.id != after.id;
    compare_row(out, "ticket", after.id.to_string(), fresh ? nullptr : &before, after);
    const auto by_id = [](const auto& row, std::size_t) { return row.id.to_string(); };
    compare_rows(out, "work_order", before.orders, after.orders, by_id);
    compare_rows(out, "solution", before.solutions, after.solutions, by_id);
    compare_rows(out, "approval", before.approvals, after.approvals,
                 [](const auto& a, std::size_t) { return a.solution.to_string(); });
    compare_rows(out, "promise", before.promises, after.promises, by_id);
    compare_rows(out, "callback", before.callbacks, after.callbacks, by_id);
    compare_rows(out, "judgement", before.judgements, after.judgements,
                 [](const auto&, std::size_t i) { return std::to_string(i); });
    compare_rows(out, "deadline", before.deadlines, after.deadlines,
                 [](const auto& d, std::size_t) { return fmt::format("{}/{}", to_string(d.kind), d.round); });
    return out;
}

} // namespace huiyin::domain
