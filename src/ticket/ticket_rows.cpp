#include "ticket_rows.hpp"

#include "list_columns.hpp"

#include <huiyin/base/text.hpp>

#include <algorithm>
#include <iterator>
#include <map>
#include <stdexcept>
#include <tuple>
#include <utility>

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
json encode(const domain::withdrawal_request& v)
{
    return {{"by", encode(v.by)},
            {"at", encode(v.at)},
            {"reason", v.reason},
            {"words", v.words ? encode(*v.words) : json()},
            {"from", encode(v.from)}};
}
json encode(const domain::answers& v)
{
    const auto score = [](const std::optional<int>& given) { return given ? json(*given) : json(); };
    return {{"solved", encode(v.solved)},
            {"result", score(v.result)},
            {"time", score(v.time)},
            {"attitude", score(v.attitude)}};
}
json encode(const domain::final_answer& v)
{
    return {{"by", encode(v.by)},
            {"at", encode(v.at)},
            {"basis", encode(v.basis)},
            {"remedy", v.remedy},
            {"words", encode(v.words)},
            {"said", v.said ? encode(*v.said) : json()},
            {"agreed_by", v.agreed_by ? encode(*v.agreed_by) : json()},
            {"agreed_at", v.agreed_at ? encode(*v.agreed_at) : json()}};
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
void decode(const json& from, std::optional<T>& v);

void decode(const json& from, domain::withdrawal_request& v)
{
    decode(from.at("by"), v.by);
    decode(from.at("at"), v.at);
    decode(from.at("reason"), v.reason);
    decode(from.at("words"), v.words);
    decode(from.at("from"), v.from);
}
void decode(const json& from, domain::answers& v)
{
    decode(from.at("solved"), v.solved);
    decode(from.at("result"), v.result);
    decode(from.at("time"), v.time);
    decode(from.at("attitude"), v.attitude);
}
void decode(const json& from, domain::final_answer& v)
{
    decode(from.at("by"), v.by);
    decode(from.at("at"), v.at);
    decode(from.at("basis"), v.basis);
    decode(from.at("remedy"), v.remedy);
    decode(from.at("words"), v.words);
    decode(from.at("said"), v.said);
    decode(from.at("agreed_by"), v.agreed_by);
    decode(from.at("agreed_at"), v.agreed_at);
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
    f("next_callback_channel", t.next_callback_channel), f("callback_agent", t.callback_agent);
    f("survey_round", t.survey_round), f("group_root", t.group_root), f("inherited_due", t.inherited_due);
    f("final_word", t.final_word), f("withdrawal", t.withdrawal);
}

template <class T, class F>
    requires std::same_as<std::remove_const_t<T>, domain::work_order>
void columns(T& o, F&& f)
{
    f("id", o.id), f("department", o.department), f("kind", o.kind), f("state", o.state), f("contact_a", o.contact_a);
    f("contact_b", o.contact_b), f("assignee", o.assignee), f("handler", o.handler), f("opened_at", o.opened_at);
    f("accepted_at", o.accepted_at), f("ended_at", o.ended_at), f("due_at", o.due_at);
    f("result", o.result), f("overdue", o.overdue);
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
    f("fulfilled_at", p.fulfilled_at), f("breached", p.breached), f("made_by", p.made_by), f("words", p.words);
    f("warn_at", p.warn_at), f("released_at", p.released_at);
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
    f("disputed", c.disputed), f("channel", c.channel), f("about_withdrawal", c.about_withdrawal);
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

template <class T, class F>
    requires std::same_as<std::remove_const_t<T>, domain::extension>
void columns(T& e, F&& f)
{
    f("asked_by", e.asked_by), f("asked_at", e.asked_at), f("until", e.until), f("reason", e.reason);
    f("basis", e.basis), f("state", e.state), f("decided_by", e.decided_by), f("decided_at", e.decided_at);
    f("due_before", e.due_before);
}

template <class T, class F>
    requires std::same_as<std::remove_const_t<T>, domain::hold_period>
void columns(T& h, F&& f)
{
    f("reason", h.reason), f("asked_by", h.asked_by), f("asked_at", h.asked_at), f("told", h.told);
    f("until", h.until), f("words", h.words), f("state", h.state), f("signed_by", h.signed_by);
    f("decided_at", h.decided_at), f("ended_at", h.ended_at), f("ended_by", h.ended_by);
}

template <class T, class F>
    requires std::same_as<std::remove_const_t<T>, domain::supervision>
void columns(T& s, F&& f)
{
    f("reason", s.reason), f("ordered_by", s.by), f("at", s.at), f("words", s.words);
    f("answered_by", s.answered_by), f("answered_at", s.answered_at), f("answer", s.answer);
    f("cleared_by", s.cleared_by), f("cleared_at", s.cleared_at);
}

template <class T, class F>
    requires std::same_as<std::remove_const_t<T>, domain::ruling>
void columns(T& r, F&& f)
{
    f("ruled_by", r.by), f("at", r.at), f("reason", r.reason), f("at_fault", r.at_fault);
    f("department", r.department), f("lost_from", r.lost_from), f("charged", r.charged);
}

template <class T, class F>
    requires std::same_as<std::remove_const_t<T>, domain::spell>
void columns(T& s, F&& f)
{
    f("held_by", s.held_by), f("department", s.department), f("from_at", s.from);
}

template <class T, class F>
    requires std::same_as<std::remove_const_t<T>, domain::logged_contact>
void columns(T& c, F&& f)
{
    f("interaction", c.interaction), f("how", c.how), f("at", c.at), f("logged_by", c.by), f("reached", c.reached);
    f("by_lead", c.by_lead);
}

/// The tables below `ticket` with their rows, in the order of row_tables.
/// As `row_tables` names them.
auto tables(auto& t)
{
    return std::tie(t.orders, t.solutions, t.approvals, t.promises, t.callbacks, t.judgements, t.deadlines,
                    t.extensions, t.holds, t.supervisions, t.rulings, t.spells, t.contacts);
}
template <class T, class F>
    requires std::same_as<std::remove_const_t<T>, domain::ticket>
void tables(T& t, F&& f)
{
    std::apply([&](auto&... rows) { (f(rows), ...); }, tables(t));
}

/// The zero of a column's type: what a row that leaves the column out means.
template <class T>
const T& zero_of(const T&)
{
    static const T zero{};
    return zero;
}

template <class Row>
json encode_row(const Row& row)
{
    json out = json::object();
    columns(row, [&](const char* name, const auto& v) {
        if (v != zero_of(v)) out[name] = encode(v);
    });
    return out;
}

template <class Row>
json encode_zeros()
{
    json out = json::object();
    const Row row{};
    columns(row, [&](const char* name, const auto& v) { out[name] = encode(zero_of(v)); });
    return out;
}

template <class Row>
Row decode_row(const json& from)
{
    Row row;
    columns(row, [&](const char* name, auto& v) {
        const auto it = from.find(name);
        if (it == from.end())
            v = zero_of(v);
        else
            decode(*it, v);
    });
    return row;
}

template <class Row>
json encode_row(const domain::ticket& t, const Row& row, std::size_t n)
{
    auto out = encode_row(row);
    out["ticket_id"] = t.id.to_string();
    out["n"] = n;
    return out;
}

template <class Row>
json encode_rows(const domain::ticket& t, const std::vector<Row>& rows)
{
    json list = json::array();
    for (std::size_t n = 0; n < rows.size(); ++n)
        list.push_back(encode_row(t, rows[n], n));
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

/// Calls f with what differs of two sparse rows, a column that became zero included.
template <class F>
void each_changed_column(const json& before, const json& after, const json& zeros, F&& f)
{
    for (const auto& [name, value] : after.items())
        if (const auto it = before.find(name); it == before.end() || *it != value) f(name, value);
    for (const auto& [name, value] : before.items())
        if (!after.contains(name)) f(name, zeros.at(name));
}

/// Key and changed columns of a row that was there before.
json changed_row(const std::string& table, const json& before, const json& after)
{
    json out = json::object();
    for (const auto* key : {"id", "ticket_id", "n"})
        if (const auto it = after.find(key); it != after.end()) out[key] = *it;
    each_changed_column(before, after, zeros_of(table), [&](const auto& name, const auto& v) { out[name] = v; });
    return out;
}

json encode_ticket_row(const domain::ticket& t)
{
    auto row = encode_row(t);
    const auto derive = [&](const char* name, json value) {
        if (!value.is_null()) row[name] = std::move(value);
    };
    derive("next_step_at", encode(domain::next_step_at(t)));
    derive("due_at", encode(shown_due(t)));
    if (const auto* const clock = nearest_clock(t)) row["nearest_due_at"] = encode(clock->due_at);
    derive("holder", encode(holder_of(t)));
    if (const auto marks = marks_of(t); marks != 0) row["marks"] = marks;
    json departments = json::array();
    for (const auto& each : domain::scope_of(t).departments)
        departments.push_back(each.to_string());
    if (!departments.empty()) row["departments"] = std::move(departments);
    int has_rows = 0;
    std::size_t i = 0;
    tables(t, [&](const auto& rows) {
        if (!rows.empty()) has_rows |= 1 << i;
        ++i;
    });
    if (has_rows != 0) row["has_rows"] = has_rows;
    return row;
}

void add_change(row_changes& to, const char* table, const json* before, json after)
{
    to.columns[table].push_back(before ? changed_row(table, *before, after) : after);
    to.rows[table].push_back(std::move(after));
}

template <class Row>
void add_changes(row_changes& to, const char* table, const domain::ticket& t, const std::vector<Row>* before,
                 const std::vector<Row>& after)
{
    for (std::size_t n = 0; n < after.size(); ++n) {
        if (!before || n >= before->size()) {
            add_change(to, table, nullptr, encode_row(t, after[n], n));
        } else if ((*before)[n] != after[n]) {
            const auto old = encode_row(t, (*before)[n], n);
            add_change(to, table, &old, encode_row(t, after[n], n));
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
    json out{{"ticket", encode_ticket_row(t)}};
    std::size_t i = 0;
    tables(t, [&](const auto& rows) {
        if (!rows.empty()) out[row_tables[i]] = encode_rows(t, rows);
        ++i;
    });
    return out;
}

domain::ticket ticket_of(const json& rows)
{
    auto t = decode_row<domain::ticket>(rows.at("ticket"));
    std::size_t i = 0;
    tables(t, [&](auto& of) { decode_rows(rows, row_tables[i++], of); });
    return t;
}

const json& zeros_of(std::string_view table)
{
    static const auto all = [] {
        std::map<std::string, json, std::less<>> zeros;
        auto& ticket = zeros["ticket"] = encode_zeros<domain::ticket>();
        ticket["next_step_at"] = ticket["due_at"] = ticket["nearest_due_at"] = ticket["holder"] = nullptr;
        ticket["marks"] = 0;
        ticket["departments"] = json::array();
        ticket["has_rows"] = 0;
        const domain::ticket t;
        std::size_t i = 0;
        tables(t, [&]<class Row>(const std::vector<Row>&) { zeros[row_tables[i++]] = encode_zeros<Row>(); });
        return zeros;
    }();
    const auto it = all.find(table);
    if (it == all.end()) refuse("a table of tickets");
    return it->second;
}

row_changes changes_of(const domain::ticket* before, const domain::ticket& after)
{
    row_changes changes;
    const auto ticket = encode_ticket_row(after);
    if (!before) {
        add_change(changes, "ticket", nullptr, ticket);
    } else if (const auto old = encode_ticket_row(*before); old != ticket) {
        add_change(changes, "ticket", &old, ticket);
    }
    const auto now = tables(after);
    [&]<std::size_t... i>(std::index_sequence<i...>) {
        (add_changes(changes, row_tables[i], after, before ? &std::get<i>(tables(*before)) : nullptr, std::get<i>(now)),
         ...);
    }(std::make_index_sequence<std::size(row_tables)>());
    return changes;
}

void apply_changes(json& rows, const json& changes)
{
    for (const auto& [table, changed] : changes.items()) {
        for (const auto& each : changed) {
            json* row = nullptr;
            if (table == "ticket") {
                row = &rows[table];
            } else {
                auto& list = rows[table];
                const auto n = each.value("n", std::size_t{0});
                while (list.size() <= n)
                    list.push_back(json::object());
                row = &list[n];
            }
            for (const auto& [name, value] : each.items())
                (*row)[name] = value;
        }
    }
}

std::vector<std::string> columns_of(std::string_view table)
{
    std::vector<std::string> names;
    if (table != "ticket") names = {"ticket_id", "n"};
    for (const auto& [name, zero] : zeros_of(table).items())
        names.push_back(name);
    return names;
}

} // namespace huiyin::ticket
