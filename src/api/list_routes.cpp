#include "list_query.hpp"
#include "ticket_json.hpp"

#include <huiyin/api/list_routes.hpp>

namespace huiyin::api {

namespace {

using api::to_json;
using domain::permission;
using nlohmann::json;
using ticket::list_sort;

json to_json(const std::optional<ticket::named_user>& user)
{
    if (!user) return {};
    return {{"id", user->id.to_string()}, {"name", user->name}};
}

json to_json(const std::optional<ticket::list_clock>& clock)
{
    if (!clock) return {};
    return {{"kind", to_string(clock->kind)},
            {"due_at", to_rfc3339(clock->due_at)},
            {"warn_at", clock->warn_at ? json(to_rfc3339(*clock->warn_at)) : json()},
            {"card", clock->card}};
}

json to_json(const ticket::list_row& row)
{
    auto item = to_json(row.item);
    item["channel"] = row.channel;
    item["title"] = row.title;
    item["customer"] = nullptr;
    if (row.shows_customer && !row.item.customer.is_nil())
        item["customer"] = {{"id", row.item.customer.to_string()}, {"name", row.customer_name}};
    item["confidential"] = row.confidential;
    item["department"] = nullptr;
    if (row.department)
        item["department"] = {
            {"id", row.department->id.to_string()}, {"code", row.department->code}, {"name", row.department->name}};
    item["handler"] = to_json(row.handler);
    item["holder"] = to_json(row.holder);
    item["nearest_clock"] = to_json(row.nearest);
    item["customer_clock"] = to_json(row.customer_clock);
    item["waited_since"] = to_rfc3339(row.waited_since);
    item["changed_at"] = to_rfc3339(row.changed_at);
    item["round"] = row.round;
    item["urge_count"] = row.urge_count;
    item["return_count"] = row.return_count;
    auto& flags = item["flags"] = json::array();
    for (const auto each : row.marks)
        flags.push_back(domain::to_string(each));
    item["last_event"] = nullptr;
    if (row.last)
        item["last_event"] = {{"kind", row.last->kind},
                              {"at", to_rfc3339(row.last->at)},
                              {"actor_kind", row.last->actor_kind},
                              {"actor", to_json(row.last->actor)}};
    return item;
}

std::string name_of(list_sort sort)
{
    switch (sort) {
    case list_sort::due: return "due";
    case list_sort::created: return "created";
    case list_sort::updated: break;
    }
    return "updated";
}

/// A page's end: [order, time or nothing, ticket].
result<std::optional<ticket::list_place>> place_after(const net::page& page, list_sort sort)
{
    if (!page.after) return std::nullopt;
    const auto& key = *page.after;
    if (key.size() != 3 || key[0] != name_of(sort)) return fail(errc::invalid_cursor);
    const auto at = key[1].empty() ? std::nullopt : parse_rfc3339(key[1]);
    const auto last = ticket_id::parse(key[2]);
    if (!last || (!at && (!key[1].empty() || sort != list_sort::due))) return fail(errc::invalid_cursor);
    return ticket::list_place{at, *last};
}

task<net::response> list_tickets(net::request& req, ticket::ticket_lists& lists)
{
    const auto page = net::page_of(req);
    if (!page) co_return net::problem(page.error());
    net::violations wrong;
    auto query = read_list_query(req.query, wrong);
    if (!wrong.empty()) co_return wrong.reply();
    const auto sort = query.sort;
    const auto after = place_after(*page, sort);
    if (!after) co_return net::problem(after.error());
    const auto found = co_await lists.list(std::move(query), *after, page->limit, req.actor());
    if (!found) co_return net::problem(found.error());
    json items = json::array();
    for (const auto& each : found->rows)
        items.push_back(to_json(each));
    json answer{{"items", std::move(items)}, {"next_cursor", nullptr}};
    if (const auto& next = found->next)
        answer["next_cursor"] =
            net::encode_cursor({name_of(sort), next->at ? to_rfc3339(*next->at) : "", next->last.to_string()});
    co_return net::json_reply(200, answer);
}

task<net::response> count_tickets(net::request& req, ticket::ticket_lists& lists)
{
    const auto counts = co_await lists.counts(req.actor(), std::string(req.query_value("tz").value_or("")));
    if (!counts) co_return net::problem(counts.error());
    json answer = json::object();
    for (const auto& [view, counted] : *counts)
        answer[std::string(domain::to_string(view))] = {{"count", counted.count}, {"exact", counted.exact}};
    co_return net::json_reply(200, answer);
}

} // namespace

void add_list_routes(net::router& routes, ticket::ticket_lists& lists)
{
    routes.get("/api/v1/tickets", permission::ticket_read,
               [&lists](net::request& req) { return list_tickets(req, lists); });
    routes.get("/api/v1/ticket_counts", permission::ticket_read,
               [&lists](net::request& req) { return count_tickets(req, lists); });
}

} // namespace huiyin::api
