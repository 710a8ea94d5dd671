#include "ticket_json.hpp"

namespace huiyin::api {

using nlohmann::json;

namespace {

json time_or_null(const std::optional<instant>& at)
{
    return at ? json(to_rfc3339(*at)) : json();
}

template <class Id>
json id_or_null(const std::optional<Id>& id)
{
    return id ? json(id->to_string()) : json();
}

template <class Id>
json id_or_null(const Id& id)
{
    return id.is_nil() ? json() : json(id.to_string());
}

/// The words themselves; null where there are none, an empty string where they were erased.
class reader_of_words
{
public:
    explicit reader_of_words(const std::map<text_id, std::string>& words) : words_(words) {}
    json operator()(const std::optional<domain::text_ref>& ref) const
    {
        if (!ref) return {};
        const auto it = words_.find(ref->id);
        return it == words_.end() ? json("") : json(it->second);
    }

private:
    const std::map<text_id, std::string>& words_;
};

json to_json(const domain::answers& said)
{
    return {{"solved", to_string(said.solved)},
            {"result", said.result ? json(*said.result) : json()},
            {"time", said.time ? json(*said.time) : json()},
            {"attitude", said.attitude ? json(*said.attitude) : json()}};
}

json to_json(const domain::deadline& d)
{
    return {{"kind", to_string(d.kind)},
            {"round", d.round},
            {"state", to_string(d.state)},
            {"target", to_string(d.goal)},
            {"calendar", d.calendar},
            {"started_at", to_rfc3339(d.started_at)},
            {"paused_at", time_or_null(d.paused_at)},
            {"due_at", to_rfc3339(d.due_at)},
            {"original_due_at", to_rfc3339(d.original_due_at)},
            {"stopped_at", time_or_null(d.stopped_at)},
            {"breached", d.breached}};
}

json owner_of(const domain::ticket& t)
{
    const auto owner = domain::owner(t);
    if (!owner) return {};
    return {{"role", to_string(owner->as)},
            {"department_id", id_or_null(owner->department)},
            {"user_id", id_or_null(owner->person)}};
}

} // namespace

json to_json(const domain::ticket& t, const std::map<text_id, std::string>& words, bool shows_customer)
{
    const reader_of_words words_of(words);
    json orders = json::array();
    for (const auto& o : t.orders)
        orders.push_back({{"id", o.id.to_string()},
                          {"department_id", o.department.to_string()},
                          {"kind", to_string(o.kind)},
                          {"state", to_string(o.state)},
                          {"assignee", id_or_null(o.assignee)},
                          {"handler", id_or_null(o.handler)},
                          {"opened_at", to_rfc3339(o.opened_at)},
                          {"accepted_at", time_or_null(o.accepted_at)},
                          {"ended_at", time_or_null(o.ended_at)}});
    json solutions = json::array();
    for (const auto& s : t.solutions)
        solutions.push_back({{"id", s.id.to_string()},
                             {"version", s.version},
                             {"cycle", s.cycle},
                             {"kind", to_string(s.kind)},
                             {"state", to_string(s.state)},
                             {"text", words_of(s.words)},
                             {"cost_cents", s.cost_cents},
                             {"proposed_by", s.proposed_by.to_string()},
                             {"proposed_at", to_rfc3339(s.proposed_at)},
                             {"promised_due_at", time_or_null(s.promised_due_at)},
                             {"interim", words_of(s.interim)}});
    json approvals = json::array();
    for (const auto& a : t.approvals)
        approvals.push_back({{"solution_id", a.solution.to_string()},
                             {"by", a.by.to_string()},
                             {"at", to_rfc3339(a.at)},
                             {"approved", a.approved},
                             {"level", a.level},
                             {"comment", words_of(a.comment)}});
    json promises = json::array();
    for (const auto& p : t.promises)
        promises.push_back({{"id", p.id.to_string()},
                            {"made_at", to_rfc3339(p.made_at)},
                            {"due_at", to_rfc3339(p.due_at)},
                            {"fulfilled_at", time_or_null(p.fulfilled_at)},
                            {"breached", p.breached}});
    json callbacks = json::array();
    for (const auto& c : t.callbacks)
        callbacks.push_back({{"id", c.id.to_string()},
                             {"round", c.round},
                             {"number", c.number},
                             {"at", to_rfc3339(c.at)},
                             {"caller", id_or_null(c.caller)},
                             {"outcome", to_string(c.outcome)},
                             {"wished_at", time_or_null(c.wished_at)},
                             {"answers", c.said ? to_json(*c.said) : json()},
                             {"verdict", to_string(c.verdict)},
                             {"reason", c.reason}});
    json judgements = json::array();
    for (const auto& j : t.judgements)
        judgements.push_back({{"validity", to_string(j.validity)},
                              {"at", to_rfc3339(j.at)},
                              {"reason", j.reason},
                              {"text", words_of(j.words)}});
    json deadlines = json::array();
    for (const auto& d : t.deadlines)
        deadlines.push_back(to_json(d));
    json breached = json::array();
    for (std::size_t k = 0; k < domain::deadline_kind_count; ++k)
        if (t.breached.test(k)) breached.push_back(to_string(static_cast<domain::deadline_kind>(k)));

    // Who reported something confidential is for named roles only.
    const bool hidden = t.sensitive == domain::sensitivity::confidential && !shows_customer;
    return {{"id", t.id.to_string()},
            {"number", t.number},
            {"version", t.version},
            {"status", to_string(t.status)},
            {"type", to_string(t.type)},
            {"priority", to_string(t.priority)},
            {"category", t.category},
            {"channel", t.channel},
            {"customer_id", hidden ? json() : id_or_null(t.customer)},
            {"confidential", t.sensitive == domain::sensitivity::confidential},
            {"problem", words_of(t.problem)},
            {"object", words_of(t.object)},
            {"desired_solution", words_of(t.desired_solution)},
            {"occurred_at", time_or_null(t.occurred_at)},
            {"reported_at", to_rfc3339(t.reported_at)},
            {"created_at", to_rfc3339(t.created_at)},
            {"changed_at", to_rfc3339(t.changed_at)},
            {"department_id", id_or_null(t.lead_department)},
            {"candidate_department_id", id_or_null(t.candidate_department)},
            {"handler_id", id_or_null(t.handler)},
            {"owner", owner_of(t)},
            {"policy_version", t.policy_version},
            {"validity", to_string(t.validity)},
            {"root_cause", t.root_cause},
            {"responsible_person", id_or_null(t.responsible_person)},
            {"reply", words_of(t.reply)},
            {"next_callback_at", time_or_null(t.next_callback_at)},
            {"flags",
             {{"urge_count", t.urge_count},
              {"supervised", t.supervised},
              {"escalation_level", t.escalation_level},
              {"card", to_string(t.card)},
              {"return_count", t.return_count},
              {"no_return", t.no_return},
              {"rework_cycle", t.rework_cycle},
              {"reopen_count", t.reopen_count},
              {"dispute_count", t.dispute_count},
              {"reply_reject_count", t.reply_reject_count},
              {"department_changes", t.department_changes},
              {"promise_breached", t.promise_breached},
              {"repeat", t.repeat},
              {"vip", t.vip},
              {"breached", breached},
              {"return_requested", t.returning.has_value()},
              {"invalidity_proposed", t.invalidity.has_value()}}},
            {"closure", to_string(t.closure)},
            {"closed_at", time_or_null(t.closed_at)},
            {"archived_at", time_or_null(t.archived_at)},
            {"satisfaction", to_string(t.satisfaction)},
            {"answers", to_json(t.said)},
            {"suspected_duplicate_of", id_or_null(t.suspected_duplicate_of)},
            {"follow_up_of", id_or_null(t.follow_up_of)},
            {"work_orders", orders},
            {"solutions", solutions},
            {"approvals", approvals},
            {"promises", promises},
            {"callbacks", callbacks},
            {"judgements", judgements},
            {"deadlines", deadlines}};
}

json to_json(const ticket::list_item& item)
{
    return {{"id", item.id.to_string()},
            {"number", item.number},
            {"version", item.version},
            {"status", item.status},
            {"type", item.type},
            {"priority", item.priority},
            {"category", item.category},
            {"card", item.card},
            {"rework_cycle", item.rework_cycle},
            {"department_id", id_or_null(item.department)},
            {"handler_id", id_or_null(item.handler)},
            {"created_at", to_rfc3339(item.created_at)},
            {"due_at", time_or_null(item.due_at)}};
}

} // namespace huiyin::api
