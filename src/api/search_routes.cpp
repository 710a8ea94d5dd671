#include <huiyin/api/search_routes.hpp>
#include <huiyin/base/text.hpp>
#include <huiyin/record/search.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace huiyin::api {

namespace {

using nlohmann::json;

constexpr std::size_t longest_query = 200;

json to_json(const record::found_ticket& hit)
{
    return {{"kind", "ticket"},
            {"id", hit.id.to_string()},
            {"number", hit.number},
            {"status", hit.status},
            {"type", hit.type},
            {"priority", hit.priority},
            {"category", hit.category},
            {"department_id", hit.department ? json(hit.department->to_string()) : json()},
            {"created_at", to_rfc3339(hit.created_at)},
            {"excerpt", hit.excerpt}};
}

json to_json(const record::found_customer& hit)
{
    return {{"kind", "customer"}, {"id", hit.id.to_string()}, {"customer_kind", hit.kind},
            {"name", hit.name},   {"contacts", hit.contacts}, {"created_at", to_rfc3339(hit.created_at)}};
}

template <class T>
net::response to_reply(const result<record::search_page<T>>& found)
{
    if (!found) return net::problem(found.error());
    json answer{{"items", json::array()}, {"next_cursor", nullptr}};
    for (const auto& each : found->items)
        answer["items"].push_back(to_json(each));
    if (found->next)
        answer["next_cursor"] = net::encode_cursor({to_rfc3339(found->next->first), found->next->second.to_string()});
    return net::json_reply(200, answer);
}

task<net::response> search(net::request& req, pg::database& db)
{
    const auto page = net::page_of(req);
    if (!page) co_return net::problem(page.error());
    net::violations wrong;
    const auto query = req.query_value("q");
    const auto kind = req.query_value("kind").value_or("ticket");
    if (!query || !is_storable_utf8(*query))
        wrong.add("q", query ? "is not UTF-8 text" : "is missing");
    else if (const auto length = code_points(*query); length < 1 || length > longest_query)
        wrong.add("q", fmt::format("has {} characters, not 1 to {}", length, longest_query));
    if (kind != "ticket" && kind != "customer") wrong.add("kind", "is neither ticket nor customer");
    if (!wrong.empty()) co_return wrong.reply();

    std::optional<record::search_place> after;
    if (page->after) {
        const auto& key = *page->after;
        const auto at = key.size() == 2 ? parse_rfc3339(key[0]) : std::nullopt;
        const auto last = key.size() == 2 ? uuid::parse(key[1]) : std::nullopt;
        if (!at || !last) co_return net::problem(error{errc::invalid_cursor, {}, {}});
        after.emplace(*at, *last);
    }
    if (kind == "ticket")
        co_return to_reply(co_await record::search_tickets(db, std::string(*query), after, page->limit, req.actor()));
    co_return to_reply(co_await record::search_customers(db, std::string(*query), after, page->limit, req.actor()));
}

} // namespace

void add_search_routes(net::router& routes, pg::database& db)
{
    routes.get("/api/v1/search", domain::permission::ticket_read, [&db](net::request& req) { return search(req, db); });
}

} // namespace huiyin::api
