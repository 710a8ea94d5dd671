#include <huiyin/api/callback_routes.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <charconv>

namespace huiyin::api {

namespace {

using domain::permission;
using nlohmann::json;
using ticket::callback_part;

json time_or_null(const std::optional<instant>& at)
{
    return at ? json(to_rfc3339(*at)) : json();
}

json to_json(const std::optional<ticket::named_user>& user)
{
    if (!user) return {};
    return {{"id", user->id.to_string()}, {"name", user->name}};
}

json customer_of(bool shows, const customer_id& id, const std::string& name)
{
    if (!shows || id.is_nil()) return {};
    return {{"id", id.to_string()}, {"name", name}};
}

json to_json(const domain::callback_attempt& attempt)
{
    return {{"round", attempt.round},
            {"number", attempt.number},
            {"at", to_rfc3339(attempt.at)},
            {"outcome", domain::to_string(attempt.outcome)},
            {"channel", domain::to_string(attempt.channel)},
            {"wished_at", time_or_null(attempt.wished_at)},
            {"verdict", domain::to_string(attempt.verdict)},
            {"reason", attempt.reason},
            {"about_withdrawal", attempt.about_withdrawal}};
}

json to_json(const ticket::due_callback& due)
{
    const auto& t = due.ticket;
    json attempts = json::array();
    for (const auto& each : t.callbacks)
        if (each.round == t.callback_round) attempts.push_back(to_json(each));
    json contacts = json::array();
    for (const auto& each : due.contacts)
        contacts.push_back({{"kind", each.kind}, {"value", each.value}});
    json refused;
    if (due.refused) {
        refused = {{"code", slug(due.refused->code)}};
        for (const auto& fact : due.refused->facts)
            refused[fact.name] = fact.value;
    }
    return {{"ticket_id", t.id.to_string()},
            {"number", t.number},
            {"version", t.version},
            {"status", domain::to_string(t.status)},
            {"type", domain::to_string(t.type)},
            {"priority", domain::to_string(t.priority)},
            {"category", t.category},
            {"validity", domain::to_string(t.validity)},
            {"title", due.title},
            {"customer", customer_of(due.shows_customer, t.customer, due.customer_name)},
            {"contacts", std::move(contacts)},
            {"department_id", t.lead_department ? json(t.lead_department->to_string()) : json()},
            {"reported_at", to_rfc3339(t.reported_at)},
            {"replied_at", time_or_null(t.replied_at)},
            {"round", t.callback_round},
            {"next_at", time_or_null(t.next_callback_at)},
            {"channel", domain::to_string(t.next_callback_channel)},
            {"about_withdrawal", t.status == domain::ticket_status::withdrawn},
            {"agent", to_json(due.agent)},
            {"opens_at", time_or_null(due.opens_at)},
            {"attempts", std::move(attempts)},
            {"exhausted", due.exhausted},
            {"refused", std::move(refused)}};
}

json to_json(const ticket::made_callback& made)
{
    auto shown = to_json(made.attempt);
    shown["ticket_id"] = made.ticket.to_string();
    shown["ticket_number"] = made.number;
    shown["caller"] = to_json(made.caller);
    shown["customer_name"] = made.shows_customer ? json(made.customer_name) : json();
    return shown;
}

std::string hour(std::chrono::minutes of_day)
{
    return fmt::format("{:02}:{:02}", of_day.count() / 60, of_day.count() % 60);
}

json to_json(const ticket::callback_hours& hours)
{
    json spans = json::array();
    for (const auto& each : hours.plan.hours)
        spans.push_back({{"from", hour(each.from)}, {"to", hour(each.to)}});
    return {{"time_zone", hours.time_zone},
            {"spans", std::move(spans)},
            {"open", hours.open},
            {"opens_at", to_rfc3339(hours.opens_at)},
            {"max_attempts", hours.plan.max_attempts},
            {"min_day_parts", hours.plan.min_day_parts},
            {"min_gap_s", std::chrono::seconds(hours.plan.min_gap).count()}};
}

std::optional<callback_part> part_of(std::string_view name)
{
    if (name == "now") return callback_part::now;
    if (name == "later") return callback_part::later;
    if (name == "done") return callback_part::done;
    return std::nullopt;
}

/// A page's end: [part, time or nothing, ticket, row of the ticket].
result<std::optional<ticket::callback_place>> place_after(const net::page& page, const std::string& part)
{
    if (!page.after) return std::nullopt;
    const auto& key = *page.after;
    if (key.size() != 4 || key[0] != part) return fail(errc::invalid_cursor);
    ticket::callback_place place;
    const auto ticket = ticket_id::parse(key[2]);
    place.at = key[1].empty() ? std::nullopt : parse_rfc3339(key[1]);
    const auto [end, failed] = std::from_chars(key[3].data(), key[3].data() + key[3].size(), place.n);
    if (!ticket || failed != std::errc() || end != key[3].data() + key[3].size()) return fail(errc::invalid_cursor);
    if (!place.at && (!key[1].empty() || part == "done")) return fail(errc::invalid_cursor);
    place.ticket = *ticket;
    return place;
}

task<net::response> list_callbacks(net::request& req, pg::database& db, ticket::configurations& rules,
                                   const clock& time)
{
    const auto page = net::page_of(req);
    if (!page) co_return net::problem(page.error());
    const std::string name(req.query_value("part").value_or("now"));
    const auto part = part_of(name);
    if (!part) {
        net::violations wrong;
        wrong.add("part", "is none of now, later, done");
        co_return wrong.reply();
    }
    const auto after = place_after(*page, name);
    if (!after) co_return net::problem(after.error());
    const auto found = co_await ticket::list_callbacks(db, rules, *part, *after, page->limit, req.actor(), time.now());
    if (!found) co_return net::problem(found.error());
    json due = json::array(), made = json::array();
    for (const auto& each : found->due)
        due.push_back(to_json(each));
    for (const auto& each : found->made)
        made.push_back(to_json(each));
    json answer{{"at", to_rfc3339(found->at)},
                {"hours", to_json(found->hours)},
                {"due", std::move(due)},
                {"done", std::move(made)},
                {"next_cursor", nullptr}};
    if (const auto& next = found->next)
        answer["next_cursor"] = net::encode_cursor(
            {name, next->at ? to_rfc3339(*next->at) : "", next->ticket.to_string(), std::to_string(next->n)});
    co_return net::json_reply(200, answer);
}

} // namespace

void add_callback_routes(net::router& routes, pg::database& db, ticket::configurations& rules, const clock& time)
{
    routes.get("/api/v1/callbacks", permission::ticket_callback,
               [&db, &rules, &time](net::request& req) { return list_callbacks(req, db, rules, time); });
}

} // namespace huiyin::api
