#include "ticket_rows.hpp"

#include <huiyin/base/text.hpp>

#include <algorithm>
#include <stdexcept>

namespace huiyin::ticket {

using nlohmann::json;

namespace {

// --- values
// -----------------------------------------------------------------------------------------------------------

[[noreturn]] void refuse(const char* what)
{
    throw std::logic_error(std::string("ticket rows: not ") + what);
}

json encode(bool v)
{
    return v;
}
json encode(std::integral auto v)
{
    return static_cast<std::int64_t>(v);
}
json encode(const std::string& v)
{
    return v;
}
json encode(instant v)
{
    return to_rfc3339(v);
}
json encode(const uuid& v)
{
    return v.to_string();
}
template <class Tag>
json encode(const id<Tag>& v)
{
    return v.is_nil() ? json() : json(v.to_string());
}
json encode(std::chrono::microseconds v)
{
    return v.count();
}
json encode(const domain::target& v)
{
    return domain::to_string(v);
}
json encode(const sha256_digest& v)
{
    return to_hex(v);
}
json encode(const domain::text_ref& v)
{
    return ticket::to_json(v);
}
json encode(domain::deadline_state v)
{
    return domain::to_string(v);
}
json encode(domain::deadline_kind v)
{
    return domain::to_string(v);
}
json encode(domain::sensitivity v)
{
    return v == domain::sensitivity::confidential ? "confidential" : "ordinary";
}
template <class E>
    requires requires { domain::names<E>::of; }
json encode(E v)
{
    return domain::to_string(v);
}
json encode(const std::bitset<domain::deadline_kind_count>& kinds)
{
    json list = json::array();
    for (std::size_t k = 0; k < domain::deadline_kind_count; ++k)
        if (kinds.test(k)) list.push_back(domain::to_string(static_cast<domain::deadline_kind>(k)));
    return list;
}
json encode(const std::vector<domain::piece>& history)
{
    json list = json::array();
    for (const auto& each : history)
        list.push_back({{"from", to_rfc3339(each.from)},
                        {"to", to_rfc3339(each.to)},
                        {"ran", each.ran},
                        {"counted", each.counted.count()},
                        {"counted_days", each.counted_days}});
    return list;
}
json encode(const domain::invalidity_request& v)
{
    return {{"by", encode(v.by)}, {"at", encode(v.at)}};
}
json encode(const domain::return_request& v)
{
    return {{"by", encode(v.by)},
            {"at", encode(v.at)},
            {"reason", v.reason},
            {"basis", encode(v.basis)},
            {"suggested", encode(v.suggested)}};
}
template <class T>
json encode(const std::optional<T>& v)
{
    return v ? encode(*v) : json();
}

void decode(const json& from, bool& v)
{
    v = from.get<bool>();
}
void decode(const json& from, std::integral auto& v)
{
    v = from.get<std::remove_cvref_t<decltype(v)>>();
}
void decode(const json& from, std::string& v)
{
    v = from.get<std::string>();
}
void decode(const json& from, instant& v)
{
    const auto read = parse_rfc3339(from.get_ref<const std::string&>());
    if (!read) refuse("a time");
    v = *read;
}
void decode(const json& from, uuid& v)
{
    const auto read = uuid::parse(from.get_ref<const std::string&>());
    if (!read) refuse("an id");
    v = *read;
}
template <class Tag>
void decode(const json& from, id<Tag>& v)
{
    if (from.is_null()) {
        v = {};
        return;
    }
    uuid read;
    decode(from, read);
    v = id<Tag>(read);
}
void decode(const json& from, std::chrono::microseconds& v)
{
    v = std::chrono::microseconds(from.get<std::int64_t>());
}
void decode(const json& from, domain::target& v)
{
    const auto read = domain::parse_target(from.get_ref<const std::string&>());
    if (!read) refuse("a target");
    v = *read;
}
void decode(const json& from, sha256_digest& v)
{
    const auto read = from_hex(from.get_ref<const std::string&>());
    if (!read || read->size() != v.size()) refuse("a digest");
    std::ranges::copy(*read, v.begin());
}
void decode(const json& from, domain::text_ref& v)
{
    decode(from.at("text"), v.id);
    decode(from.at("sha256"), v.digest);
}
void decode(const json& from, domain::deadline_state& v)
{
    const auto read = domain::parse_deadline_state(from.get_ref<const std::string&>());
    if (!read) refuse("a deadline's state");
    v = *read;
}
void decode(const json& from, domain::deadline_kind& v)
{
    const auto read = domain::parse_deadline_kind(from.get_ref<const std::string&>());
    if (!read) refuse("a deadline's kind");
    v = *read;
}
void decode(const json& from, domain::sensitivity& v)
{
    v = from == "confidential" ? domain::sensitivity::confidential : domain::sensitivity::ordinary;
}
template <class E>
    requires requires { domain::names<E>::of; }
void decode(const json& from, E& v)
{
    const auto read = domain::parse_name<E>(from.get_ref<const std::string&>());
    if (!read) refuse("a known name");
    v = *read;
}
void decode(const json& from, std::bitset<domain::deadline_kind_count>& kinds)
{
    for (const auto& each : from) {
        domain::deadline_kind kind{};
        decode(each, kind);
        kinds.set(static_cast<std::size_t>(kind));
    }
}
void decode(const json& from, std::vector<domain::piece>& history)
{
    for (const auto& each : from) {
        domain::piece p;
        decode(each.at("from"), p.from);
        decode(each.at("to"), p.to);
        decode(each.at("ran"), p.ran);
        decode(each.at("counted"), p.counted);
        decode(each.at("counted_days"), p.counted_days);
        history.push_back(p);
    }
}
void decode(const json& from, domain::invalidity_request& v)
{
    decode(from.at("by"), v.by);
    decode(from.at("at"), v.at);
}
void decode(const json& from, domain::return_request& v)
{
    decode(from.at("by"), v.by);
    decode(from.at("at"), v.at);
    decode(from.at("reason"), v.reason);
    decode(from.at("basis"), v.basis);
    decode(from.at("suggested"), v.suggested);
}
template <class T>
void decode(const json& from, std::optional<T>& v)
{
    v.reset();
    if (!from.is_null()) decode(from, v.emplace());
}

// --- columns: one list per table, for reading and writing
// -----------------------------------------------------------------

template <class T, class F>
    requires std::same_as<std::remove_const_t<T>, domain::ticket>
void columns(T& t, F&& f)
{
    f("id", t.id), f("number", t.number), f("version", t.version), f("status", t.status), f("type", t.type);
    f("priority", t.priority), f("category", t.category), f("channel", t.channel), f("customer", t.customer);
    f("sensitive", t.sensitive), f("vip", t.vip), f("repeat", t.repeat), f("customer_waiting", t.customer_waiting);
    f("imported", t.imported), f("problem", t.problem), f("object", t.object),
        f("desired_solution", t.desired_solution);
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
    f("follow_up_of", t.follow_up_of), f("invalidity", t.invalidity), f("pending_return", t.returning);
}

template <class T, class F>
    requires std::same_as<std::remove_const_t<T>, domain::work_order>
void columns(T& o, F&& f)
{
    f("id", o.id), f("department", o.department), f("kind", o.kind), f("state", o.state), f("contact_a", o.contact_a);
    f("contact_b", o.contact_b), f("assignee", o.assignee), f("handler", o.handler), f("opened_at", o.opened_at);
    f("accepted_at", o.accepted_at), f("ended_at", o.ended_at), f("due_at", o.due_at);
}

template <class T, class F>
    requires std::same_as<std::remove_const_t<T>, domain::solution>
void columns(T& s, F&& f)
{
    f("id", s.id), f("solution_version", s.version), f("cycle", s.cycle), f("kind", s.kind), f("state", s.state);
    f("words", s.words), f("fingerprint", s.fingerprint), f("cost_cents", s.cost_cents),
        f("proposed_by", s.proposed_by);
    f("proposed_at", s.proposed_at), f("reason", s.reason), f("promised_due_at", s.promised_due_at),
        f("interim", s.interim);
}

template <class T, class F>
    requires std::same_as<std::remove_const_t<T>, domain::approval>
void columns(T& a, F&& f)
{
    f("solution", a.solution), f("decided_by", a.by), f("at", a.at), f("approved", a.approved), f("level", a.level);
    f("comment", a.comment);
}

template <class T, class F>
    requires std::same_as<std::remove_const_t<T>, domain::promise>
void columns(T& p, F&& f)
{
    f("id", p.id), f("solution", p.solution), f("made_at", p.made_at), f("due_at", p.due_at);
    f("fulfilled_at", p.fulfilled_at), f("breached", p.breached);
}

template <class T, class F>
    requires std::same_as<std::remove_const_t<T>, domain::judgement>
void columns(T& j, F&& f)
{
    f("validity", j.validity), f("at", j.at), f("judged_by", j.by), f("proposed_by", j.proposed_by),
        f("reason", j.reason);
    f("words", j.words), f("evidence", j.evidence);
}

template <class T, class F>
    requires std::same_as<std::remove_const_t<T>, domain::deadline>
void columns(T& d, F&& f)
{
    f("kind", d.kind), f("round", d.round), f("state", d.state), f("target", d.goal), f("calendar", d.calendar);
    f("policy_version", d.policy_version), f("started_at", d.started_at), f("used", d.used),
        f("used_days", d.used_days);
    f("counted_to", d.counted_to), f("paused_at", d.paused_at), f("due_at", d.due_at),
        f("original_due_at", d.original_due_at);
    f("agreed", d.agreed), f("next_step", d.next_step), f("next_step_at", d.next_step_at),
        f("stopped_at", d.stopped_at);
    f("breached", d.breached), f("history", d.history);
}

template <class T, class F>
    requires std::same_as<std::remove_const_t<T>, domain::callback_attempt>
void columns(T& c, F&& f)
{
    f("id", c.id), f("round", c.round), f("number", c.number), f("at", c.at), f("caller", c.caller),
        f("outcome", c.outcome);
    f("day_part", c.day_part), f("wished_at", c.wished_at), f("verdict", c.verdict), f("reason", c.reason);
    f("disputed", c.disputed);
    // What he said is one optional struct there and four columns here.
    if constexpr (std::is_const_v<T>) {
        f("solved", c.said ? std::optional(c.said->solved) : std::nullopt);
        f("score_result", c.said ? c.said->result : std::nullopt),
            f("score_time", c.said ? c.said->time : std::nullopt);
        f("score_attitude", c.said ? c.said->attitude : std::nullopt);
    } else {
        std::optional<domain::solved_answer> solved;
        domain::answers said;
        f("solved", solved), f("score_result", said.result), f("score_time", said.time),
            f("score_attitude", said.attitude);
        if (solved) {
            said.solved = *solved;
            c.said = said;
        }
    }
}

template <class Row>
json encode_row(const Row& row)
{
    json out = json::object();
    columns(row, [&](const char* name, const auto& v) { out[name] = encode(v); });
    return out;
}

template <class Row>
Row decode_row(const json& from)
{
    Row row;
    columns(row, [&](const char* name, auto& v) {
        const auto it = from.find(name);
        if (it == from.end()) refuse(name);
        decode(*it, v);
    });
    return row;
}

template <class Row>
json encode_rows(const domain::ticket& t, const std::vector<Row>& rows)
{
    json list = json::array();
    for (std::size_t n = 0; n < rows.size(); ++n) {
        auto row = encode_row(rows[n]);
        row["ticket_id"] = t.id.to_string();
        row["n"] = n;
        list.push_back(std::move(row));
    }
    return list;
}

template <class Row>
void decode_rows(const json& from, const char* table, std::vector<Row>& rows)
{
    const auto it = from.find(table);
    if (it == from.end() || it->is_null()) return;
    for (const auto& each : *it)
        rows.push_back(decode_row<Row>(each));
}

/// The deadline that the list shows: the customer's clock, else the earliest that runs.
std::optional<instant> shown_due(const domain::ticket& t)
{
    if (const auto* const clock = domain::customer_clock(t)) return clock->due_at;
    std::optional<instant> earliest;
    for (const auto& d : t.deadlines)
        if (d.state == domain::deadline_state::running && !domain::is_window(d.kind) &&
            (!earliest || d.due_at < *earliest))
            earliest = d.due_at;
    return earliest;
}

template <class Row>
std::vector<std::string> names_of(std::initializer_list<const char*> first)
{
    std::vector<std::string> names(first.begin(), first.end());
    const Row row{};
    columns(row, [&](const char* name, const auto&) { names.emplace_back(name); });
    return names;
}

/// Which columns of `after` differ from `before` (all, where there is no `before`), with the key.
json changed_row(const json* before, const json& after)
{
    if (!before) return after;
    json out = json::object();
    for (const auto& [name, value] : after.items())
        if (name == "ticket_id" || name == "n" || name == "id" || before->value(name, json()) != value)
            out[name] = value;
    return out;
}

template <class F>
void each_differing(const json& before, const json& after, F&& f)
{
    const auto* const old_ticket = before.is_object() && before.contains("ticket") ? &before.at("ticket") : nullptr;
    if (!old_ticket || *old_ticket != after.at("ticket")) f("ticket", old_ticket, after.at("ticket"));
    for (const auto* const table : row_tables) {
        const auto& rows = after.at(table);
        const auto* const old_rows = before.is_object() && before.contains(table) ? &before.at(table) : nullptr;
        for (std::size_t n = 0; n < rows.size(); ++n) {
            const auto* const old = old_rows && n < old_rows->size() ? &old_rows->at(n) : nullptr;
            if (!old || *old != rows[n]) f(table, old, rows[n]);
        }
    }
}

} // namespace

json to_json(const domain::text_ref& words)
{
    return {{"text", words.id.to_string()}, {"sha256", to_hex(words.digest)}};
}

json rows_of(const domain::ticket& t)
{
    auto row = encode_row(t);
    row["next_step_at"] = encode(domain::next_step_at(t));
    row["due_at"] = encode(shown_due(t));
    json departments = json::array();
    for (const auto& each : domain::scope_of(t).departments)
        departments.push_back(each.to_string());
    row["departments"] = std::move(departments);
    return {{"ticket", std::move(row)},
            {"ticket_work_order", encode_rows(t, t.orders)},
            {"ticket_solution", encode_rows(t, t.solutions)},
            {"ticket_approval", encode_rows(t, t.approvals)},
            {"ticket_promise", encode_rows(t, t.promises)},
            {"ticket_callback", encode_rows(t, t.callbacks)},
            {"ticket_judgement", encode_rows(t, t.judgements)},
            {"ticket_deadline", encode_rows(t, t.deadlines)}};
}

domain::ticket ticket_of(const json& rows)
{
    auto t = decode_row<domain::ticket>(rows.at("ticket"));
    decode_rows(rows, "ticket_work_order", t.orders);
    decode_rows(rows, "ticket_solution", t.solutions);
    decode_rows(rows, "ticket_approval", t.approvals);
    decode_rows(rows, "ticket_promise", t.promises);
    decode_rows(rows, "ticket_callback", t.callbacks);
    decode_rows(rows, "ticket_judgement", t.judgements);
    decode_rows(rows, "ticket_deadline", t.deadlines);
    return t;
}

json rows_to_save(const json& before, const json& after)
{
    json out = json::object();
    each_differing(before, after, [&](const char* table, const json*, const json& row) { out[table].push_back(row); });
    return out;
}

json changed_columns(const json& before, const json& after)
{
    json out = json::object();
    each_differing(before, after, [&](const char* table, const json* old, const json& row) {
        out[table].push_back(changed_row(old, row));
    });
    return out;
}

std::vector<std::string> columns_of(std::string_view table)
{
    if (table == "ticket") {
        auto names = names_of<domain::ticket>({});
        names.insert(names.end(), {"next_step_at", "due_at", "departments"});
        return names;
    }
    if (table == "ticket_work_order") return names_of<domain::work_order>({"ticket_id", "n"});
    if (table == "ticket_solution") return names_of<domain::solution>({"ticket_id", "n"});
    if (table == "ticket_approval") return names_of<domain::approval>({"ticket_id", "n"});
    if (table == "ticket_promise") return names_of<domain::promise>({"ticket_id", "n"});
    if (table == "ticket_callback") return names_of<domain::callback_attempt>({"ticket_id", "n"});
    if (table == "ticket_judgement") return names_of<domain::judgement>({"ticket_id", "n"});
    if (table == "ticket_deadline") return names_of<domain::deadline>({"ticket_id", "n"});
    refuse("a table of tickets");
}

} // namespace huiyin::ticket
