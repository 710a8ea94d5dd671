#include "ticket_rows.hpp"
#include "ticket_store.hpp"

#include <array>

namespace huiyin::ticket {

using nlohmann::json;

namespace {

std::string_view stage_of(std::string_view status)
{
    if (status == "new" || status == "triage") return "received";
    if (status == "dispatched") return "assigned";
    if (status == "promised") return "promised";
    if (status == "reply_review" || status == "invalid_pending_reply") return "reviewing";
    if (status == "callback_pending" || status == "withdrawn") return "calling_back";
    if (status == "closed" || status == "archived" || status == "merged") return "closed";
    return "in_progress";
}

using word_pair = std::pair<std::string_view, std::string_view>;

/// What an event means to the customer, where its kind says it.
constexpr std::array<word_pair, 14> words_of_events{{{"ticket.created", "registered"},
                                                     {"ticket.imported", "registered"},
                                                     {"ticket.returned", "passed_on"},
                                                     {"ticket.transferred", "passed_on"},
                                                     {"ticket.accepted", "work_began"},
                                                     {"ticket.promise_fulfilled", "promise_fulfilled"},
                                                     {"ticket.judged_invalid", "assessed"},
                                                     {"ticket.invalidity_proposed", "assessed"},
                                                     {"ticket.rework_started", "not_solved"},
                                                     {"ticket.disputed", "disputed"},
                                                     {"ticket.reopened", "reopened"},
                                                     {"ticket.withdrawn", "withdrawal_noted"},
                                                     {"ticket.withdrawal_unconfirmed", "withdrawal_not_confirmed"},
                                                     {"ticket.merged", "merged"}}};
constexpr std::array<word_pair, 7> words_of_stages{{{"received", "passed_on"},
                                                    {"assigned", "assigned"},
                                                    {"in_progress", "work_continues"},
                                                    {"promised", "promised"},
                                                    {"reviewing", "answered"},
                                                    {"calling_back", "asking_you"},
                                                    {"closed", "closed"}}};

std::string_view meaning_of(std::string_view kind, std::string_view stage)
{
    for (const auto& [event, word] : words_of_events)
        if (event == kind) return word;
    for (const auto& [name, word] : words_of_stages)
        if (name == stage) return word;
    return "work_continues";
}

/// Tries each act with arguments that fit and keeps nothing.
std::vector<tracked::own_act> own_acts(const domain::ticket& t, const configuration& rules, instant now)
{
    const domain::text_ref words{text_id::make(), {}};
    const domain::answers content{domain::solved_answer::yes, 5, std::nullopt, std::nullopt};
    const std::pair<std::string_view, domain::command> wanted[] = {
        {"added_word", domain::further_contact{}},
        {"urge", domain::urge{}},
        {"verdict", domain::give_verdict{callback_id::make(), content, {}, true}},
        {"dispute", domain::dispute{words}},
        {"reopen", domain::reopen{"some_code", words}},
        {"withdrawal", domain::withdraw{"some_code", std::nullopt}},
    };
    domain::actor customer;
    customer.kind = domain::actor_kind::customer;
    customer.id = t.customer.value();
    std::vector<tracked::own_act> acts;
    for (const auto& [name, what] : wanted) {
        const auto decided = domain::decide(t, what, policy_of(rules, t, what), customer, now);
        if (decided) {
            acts.push_back({name, true, std::nullopt});
            continue;
        }
        for (const auto& fact : decided.error().facts)
            if (fact.name == "again_at") acts.push_back({name, false, parse_rfc3339(fact.value)});
    }
    return acts;
}

void add_next_promise(tracked& view, const domain::ticket& t)
{
    const auto set = [&](instant at, std::string_view kind) {
        view.next_promise_at = at;
        view.next_promise_kind = kind;
    };
    if (const auto* const promise = domain::open_promise(t))
        set(promise->due_at, "promise");
    else if (const auto* const clock = domain::customer_clock(t))
        set(clock->due_at, "answer");
    else if (t.next_callback_at && t.status == domain::ticket_status::callback_pending)
        set(*t.next_callback_at, "callback");
}

} // namespace

task<result<tracked>> ticket_service::track(std::string number, party contact)
{
    const auto id = co_await find_tracked_ticket(db_, number, contact);
    if (!id) co_return fail(id.error());
    // The same statements whatever was found, so that the time it takes tells nothing.
    const auto loaded = co_await db_.run(load_ticket(), pg::params(id->value_or(ticket_id()), false));
    if (!loaded) co_return fail(loaded.error());
    const auto stages = co_await load_stages(db_, id->value_or(ticket_id()));
    if (!stages) co_return fail(stages.error());
    const auto rules = co_await rules_.current();
    if (!rules) co_return fail(rules.error());
    if (!*id || loaded->empty()) co_return fail(errc::not_found, "no ticket of that number and contact");

    const auto t = ticket_of(json::parse(loaded->front().get<std::string_view>(0)));
    const auto now = std::max(clock_.now(), t.changed_at);
    tracked view;
    view.stage = stage_of(domain::to_string(t.status));
    if (const auto* const category = (*rules)->rules().find_category(t.category)) {
        view.category = category->code;
        view.category_name = category->name;
    }
    if (t.lead_department)
        if (const auto* const department = (*rules)->find_department(*t.lead_department)) view.department = *department;
    add_next_promise(view, t);
    for (const auto& each : *stages) {
        const auto stage = stage_of(each.to);
        if (view.history.empty() || view.history.back().stage != stage)
            view.history.push_back({std::string(stage), each.at, meaning_of(each.kind, stage)});
    }
    view.acts = own_acts(t, **rules, now);
    if (const auto* const window = domain::running(t, domain::deadline_kind::archive);
        window && t.status == domain::ticket_status::closed && now < window->due_at)
        view.reopen_until = window->due_at;
    co_return view;
}

} // namespace huiyin::ticket
