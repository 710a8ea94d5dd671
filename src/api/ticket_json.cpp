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

json person_or_null(const uuid& who)
{
    return who == uuid{} ? json() : json(who.to_string());
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

json to_json(const ticket::worded_ticket& of, bool shows_customer)
{
    const auto& t = of.ticket;
    const reader_of_words words_of(of.words);
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
                          {"ended_at", time_or_null(o.ended_at)},
                          {"due_at", time_or_null(o.due_at)},
                          {"overdue", o.overdue},
                          {"result", words_of(o.result)}});
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
                            {"released_at", time_or_null(p.released_at)},
                            {"breached", p.breached},
                            {"solution_id", id_or_null(p.solution)},
                            {"made_by", id_or_null(p.made_by)},
                            {"text", words_of(p.words)}});
    json callbacks = json::array();
    for (const auto& c : t.callbacks) {
        const auto said = of.verdict_words.find(c.id);
        callbacks.push_back({{"id", c.id.to_string()},
                             {"round", c.round},
                             {"number", c.number},
                             {"at", to_rfc3339(c.at)},
                             {"caller", id_or_null(c.caller)},
                             {"outcome", to_string(c.outcome)},
                             {"channel", to_string(c.channel)},
                             {"about_withdrawal", c.about_withdrawal},
                             {"wished_at", time_or_null(c.wished_at)},
                             {"answers", c.said ? to_json(*c.said) : json()},
                             {"verdict", to_string(c.verdict)},
                             {"reason", c.reason},
                             {"text", said == of.verdict_words.end() ? json() : json(said->second)}});
    }
    json judgements = json::array();
    for (const auto& j : t.judgements)
        judgements.push_back({{"validity", to_string(j.validity)},
                              {"at", to_rfc3339(j.at)},
                              {"reason", j.reason},
                              {"text", words_of(j.words)}});
    json extensions = json::array();
    for (const auto& e : t.extensions)
        extensions.push_back({{"asked_by", e.asked_by.to_string()},
                              {"asked_at", to_rfc3339(e.asked_at)},
                              {"until", to_rfc3339(e.until)},
                              {"reason", e.reason},
                              {"basis", words_of(e.basis)},
                              {"state", to_string(e.state)},
                              {"decided_by", id_or_null(e.decided_by)},
                              {"decided_at", time_or_null(e.decided_at)},
                              {"due_before", time_or_null(e.due_before)}});
    json holds = json::array();
    for (const auto& h : t.holds)
        holds.push_back({{"reason", h.reason},
                         {"asked_by", h.asked_by.to_string()},
                         {"asked_at", to_rfc3339(h.asked_at)},
                         {"interaction_id", id_or_null(h.told)},
                         {"until", time_or_null(h.until)},
                         {"text", words_of(h.words)},
                         {"state", to_string(h.state)},
                         {"signed_by", id_or_null(h.signed_by)},
                         {"decided_at", time_or_null(h.decided_at)},
                         {"ended_at", time_or_null(h.ended_at)},
                         {"ended_by", h.ended_by}});
    json supervisions = json::array();
    for (const auto& s : t.supervisions)
        supervisions.push_back({{"reason", s.reason},
                                {"by", person_or_null(s.by)},
                                {"at", to_rfc3339(s.at)},
                                {"text", words_of(s.words)},
                                {"answered_by", id_or_null(s.answered_by)},
                                {"answered_at", time_or_null(s.answered_at)},
                                {"answer", words_of(s.answer)},
                                {"cleared_by", id_or_null(s.cleared_by)},
                                {"cleared_at", time_or_null(s.cleared_at)}});
    json rulings = json::array();
    for (const auto& r : t.rulings)
        rulings.push_back({{"by", r.by.to_string()},
                           {"at", to_rfc3339(r.at)},
                           {"reason", r.reason},
                           {"at_fault", to_string(r.at_fault)},
                           {"department_id", id_or_null(r.department)},
                           {"lost_from", to_rfc3339(r.lost_from)},
                           {"charged_s", std::chrono::floor<std::chrono::seconds>(r.charged).count()}});
    json spells = json::array();
    for (const auto& s : t.spells)
        spells.push_back({{"held_by", to_string(s.held_by)},
                          {"department_id", id_or_null(s.department)},
                          {"from", to_rfc3339(s.from)}});
    json contacts = json::array();
    for (const auto& c : t.contacts)
        contacts.push_back({{"interaction_id", id_or_null(c.interaction)},
                            {"how", to_string(c.how)},
                            {"at", to_rfc3339(c.at)},
                            {"by", person_or_null(c.by)},
                            {"reached", c.reached},
                            {"by_lead", c.by_lead}});
    json last_word;
    if (const auto& word = t.final_word)
        last_word = {{"by", word->by.to_string()},
                     {"at", to_rfc3339(word->at)},
                     {"basis", words_of(word->basis)},
                     {"remedy", word->remedy},
                     {"text", words_of(word->words)},
                     {"agreed_by", id_or_null(word->agreed_by)},
                     {"agreed_at", time_or_null(word->agreed_at)}};
    json withdrawal;
    if (const auto& asked = t.withdrawal)
        withdrawal = {{"by_customer", asked->by == t.customer.value()},
                      {"by", asked->by == t.customer.value() ? json() : person_or_null(asked->by)},
                      {"at", to_rfc3339(asked->at)},
                      {"reason", asked->reason},
                      {"text", words_of(asked->words)},
                      {"from", to_string(asked->from)}};
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
            {"next_callback_channel", to_string(t.next_callback_channel)},
            {"callback_agent", id_or_null(t.callback_agent)},
            {"callback_round", t.callback_round},
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
              {"extension_pending", t.extension_pending},
              {"extension_count", t.extension_count},
              {"hold_reason", t.hold_reason},
              {"return_requested", t.returning.has_value()},
              {"invalidity_proposed", t.invalidity.has_value()}}},
            {"closure", to_string(t.closure)},
            {"closed_at", time_or_null(t.closed_at)},
            {"archived_at", time_or_null(t.archived_at)},
            {"satisfaction", to_string(t.satisfaction)},
            {"answers", to_json(t.said)},
            {"suspected_duplicate_of", id_or_null(t.suspected_duplicate_of)},
            {"follow_up_of", id_or_null(t.follow_up_of)},
            {"merged_into", id_or_null(t.merged_into)},
            {"group_root", id_or_null(t.group_root)},
            {"closure_reason", t.closure_reason},
            {"final_answer", last_word},
            {"withdrawal", withdrawal},
            {"extensions", extensions},
            {"holds", holds},
            {"supervisions", supervisions},
            {"rulings", rulings},
            {"spells", spells},
            {"contacts", contacts},
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

namespace {

std::int64_t seconds_in(std::chrono::microseconds time)
{
    return std::chrono::floor<std::chrono::seconds>(time).count();
}

/// How much of the time it has a clock has used, in thousandths; null where nothing is due.
json used_permille(std::chrono::microseconds used, std::chrono::microseconds of)
{
    if (of <= std::chrono::microseconds(0)) return {};
    return used.count() * 1000 / of.count();
}

} // namespace

namespace {

json to_json(const ticket::counted_segment& segment)
{
    json one{{"from", to_rfc3339(segment.from)},
             {"to", to_rfc3339(segment.to)},
             {"counted_s", seconds_in(segment.counted)},
             {"counted_days", segment.counted_days},
             {"why", segment.why},
             {"day", segment.day.empty() ? json() : json(segment.day)},
             {"pause", nullptr}};
    if (segment.holder)
        one["pause"] = {{"held_by", to_string(segment.holder->held_by)},
                        {"department_id", id_or_null(segment.holder->department)},
                        {"reason", segment.reason.empty() ? json() : json(segment.reason)}};
    return one;
}

std::string_view way_of_counting(const domain::target& goal)
{
    switch (goal.unit) {
    case domain::target_unit::business_hours: return "open_hours";
    case domain::target_unit::working_days: return "working_days";
    case domain::target_unit::minutes:
    case domain::target_unit::hours:
    case domain::target_unit::days:
    case domain::target_unit::cutoffs: break;
    }
    return "clock_time";
}

json to_json(const domain::usage& amount)
{
    return {{"seconds", seconds_in(amount.time)}, {"days", amount.days}};
}

json to_json(const ticket::counted_clock& one)
{
    const auto& clock = one.clock;
    json segments = json::array();
    for (const auto& each : one.segments)
        segments.push_back(to_json(each));
    auto made = to_json(clock);
    made["rule"] = {{"target", to_string(clock.goal)},
                    {"counts", way_of_counting(clock.goal)},
                    {"calendar", domain::needs_calendar(clock.goal) ? json(clock.calendar) : json()},
                    {"time_zone", one.calendar ? json(one.calendar->time_zone()) : json()},
                    {"policy_version", clock.policy_version},
                    {"agreed", clock.agreed}};
    made["used"] = to_json(one.used);
    made["left"] = to_json(one.left);
    made["provisional"] = one.provisional;
    made["segments"] = std::move(segments);
    return made;
}

} // namespace

json to_json(const ticket::clocks_view& view)
{
    json clocks = json::array();
    for (const auto& each : view.clocks)
        clocks.push_back(to_json(each));
    const auto& t = view.ticket;
    const auto end = t.closed_at && !domain::is_open(t.status) ? *t.closed_at : view.at;
    const auto* const clock = domain::customer_clock(t);
    std::chrono::microseconds whole{0};
    json shares = json::array();
    for (const auto& each : view.shares)
        whole += each.time;
    std::chrono::microseconds of_lead{0};
    for (const auto& each : view.shares) {
        if (each.department && each.department == t.lead_department) of_lead += each.time;
        shares.push_back({{"held_by", to_string(each.held_by)},
                          {"department_id", id_or_null(each.department)},
                          {"seconds", seconds_in(each.time)},
                          {"permille", whole.count() == 0 ? 0 : each.time.count() * 1000 / whole.count()}});
    }
    return {{"ticket_id", t.id.to_string()},
            {"version", t.version},
            {"at", to_rfc3339(view.at)},
            // The customer's clock runs from the first contact to the end, whoever is waited for.
            {"customer_clock",
             {{"since", to_rfc3339(t.reported_at)},
              {"until", to_rfc3339(end)},
              {"seconds", seconds_in(end - t.reported_at)},
              {"due_at", clock ? json(to_rfc3339(clock->due_at)) : json()},
              {"used_permille", clock ? used_permille(end - t.reported_at, clock->due_at - t.reported_at) : json()}}},
            {"department_clock",
             {{"department_id", id_or_null(t.lead_department)},
              {"seconds", seconds_in(of_lead)},
              {"due_at", clock ? json(to_rfc3339(clock->due_at)) : json()},
              {"used_permille", clock ? used_permille(of_lead, clock->due_at - clock->started_at) : json()}}},
            {"shares", shares},
            {"clocks", clocks}};
}

json to_json(const ticket::standing_action& action)
{
    json one{{"name", action.name}, {"allowed", !action.refusal}, {"reason", nullptr}};
    if (const auto& seen = action.preview)
        one["preview"] = {{"status", to_string(seen->status)},
                          {"rework_cycle", seen->rework_cycle},
                          {"clock", seen->clock ? json(to_string(*seen->clock)) : json()},
                          {"due_at", time_or_null(seen->due_at)}};
    if (!action.refusal) return one;
    one["reason"] = slug(action.refusal->code);
    for (const auto& fact : action.refusal->facts)
        one["facts"][fact.name] = fact.value;
    return one;
}

json to_json(const ticket::similar_ticket& item)
{
    return {{"id", item.id.to_string()},
            {"number", item.number},
            {"status", item.status},
            {"category", item.category},
            {"created_at", to_rfc3339(item.created_at)},
            {"department_id", id_or_null(item.department)},
            {"group_root", id_or_null(item.group_root)},
            {"same_customer", item.same_customer},
            {"score", item.score}};
}

json to_json(const ticket::suspicious_ticket& item)
{
    auto one = to_json(item.item);
    one["replied_at"] = to_rfc3339(item.replied_at);
    one["replied_by"] = id_or_null(item.replied_by);
    one["signs"] = json::array();
    for (const auto each : item.signs)
        one["signs"].push_back(to_string(each));
    return one;
}

} // namespace huiyin::api
