#include <huiyin/api/record_routes.hpp>
#include <huiyin/intake/intake_store.hpp>
#include <huiyin/record/entry_store.hpp>
#include <huiyin/record/person.hpp>

#include <nlohmann/json.hpp>

#include <set>

namespace huiyin::api {

namespace {

using domain::permission;
using nlohmann::json;

/// Whether the actor may see this customer: everywhere by role, else through a ticket of his department. The tickets of
/// his that concern the customer come along, to filter the timeline.
struct customer_view
{
    bool all = false;
    std::set<ticket_id> tickets;
};

task<result<customer_view>> view_of(customer_id customer, ticket::ticket_service& tickets, domain::actor who)
{
    customer_view view;
    view.all = domain::may(who, permission::customer_read, domain::object_scope{});
    if (view.all) co_return view;
    ticket::list_filter filter;
    filter.customer = customer;
    for (const auto status : domain::names<domain::ticket_status>::of)
        filter.statuses.emplace_back(status);
    const auto found = co_await tickets.list(std::move(filter), std::nullopt, 200, who);
    if (!found) co_return fail(found.error());
    for (const auto& each : *found)
        view.tickets.insert(each.id);
    if (view.tickets.empty()) co_return fail(errc::not_found, "the actor may not");
    co_return view;
}

task<net::response> show_customer(net::request& req, pg::database& db, ticket::ticket_service& tickets)
{
    const auto id = req.path_id<customer_id>("id");
    if (!id) co_return net::problem(id.error());
    const auto view = co_await view_of(*id, tickets, req.actor());
    if (!view) co_return net::problem(view.error());
    const auto found = co_await record::load_customer(db, *id);
    if (!found) co_return net::problem(found.error());
    json identities = json::array();
    for (const auto& each : found->identities)
        identities.push_back({{"kind", record::to_string(each.what.kind)},
                              {"value", each.what.value},
                              {"state", each.verified ? "verified" : "claimed"},
                              {"since", to_rfc3339(each.since)}});
    co_return net::json_reply(200, {{"id", found->id.to_string()},
                                    {"kind", found->kind},
                                    {"name", found->name},
                                    {"version", found->version},
                                    {"created_at", to_rfc3339(found->created_at)},
                                    {"erased_at", found->erased_at ? json(to_rfc3339(*found->erased_at)) : json()},
                                    {"identities", identities}});
}

task<net::response> show_timeline(net::request& req, pg::database& db, ticket::ticket_service& tickets)
{
    const auto id = req.path_id<customer_id>("id");
    if (!id) co_return net::problem(id.error());
    const auto page = net::page_of(req);
    if (!page) co_return net::problem(page.error());
    const auto view = co_await view_of(*id, tickets, req.actor());
    if (!view) co_return net::problem(view.error());
    std::optional<std::pair<instant, entry_id>> before;
    if (page->after) {
        const auto& key = *page->after;
        const auto at = key.size() == 2 ? parse_rfc3339(key[0]) : std::nullopt;
        const auto last = key.size() == 2 ? entry_id::parse(key[1]) : std::nullopt;
        if (!at || !last) co_return net::problem(error{errc::invalid_cursor, {}, {}});
        before.emplace(*at, *last);
    }
    const auto found = co_await record::timeline(db, *id, before, page->limit);
    if (!found) co_return net::problem(found.error());
    if (found->items.empty() && !page->after)
        if (const auto known = co_await record::load_customer(db, *id); !known) co_return net::problem(known.error());
    json items = json::array();
    for (const auto& each : found->items) {
        if (!view->all && !(each.entry.ticket && view->tickets.contains(*each.entry.ticket))) continue;
        json attachments = json::array();
        for (const auto& file : each.attachments)
            attachments.push_back({{"id", file.id.to_string()},
                                   {"name", file.name},
                                   {"content_type", file.content_type},
                                   {"size", file.size}});
        items.push_back({{"id", each.entry.id.to_string()},
                         {"at", to_rfc3339(each.entry.at)},
                         {"kind", each.entry.kind},
                         {"direction", each.entry.direction},
                         {"channel", each.channel},
                         {"account", each.account},
                         {"author_kind", each.entry.author_kind},
                         {"proof", each.entry.proof},
                         {"internal", each.entry.internal},
                         {"ticket_id", each.entry.ticket ? json(each.entry.ticket->to_string()) : json()},
                         {"text", each.words},
                         {"erased", each.erased},
                         {"attachments", attachments}});
    }
    json answer{{"items", items}, {"next_cursor", nullptr}};
    if (found->next)
        answer["next_cursor"] = net::encode_cursor({to_rfc3339(found->next->first), found->next->second.to_string()});
    co_return net::json_reply(200, answer);
}

task<net::response> export_customer(net::request& req, pg::database& db)
{
    const auto id = req.path_id<customer_id>("id");
    if (!id) co_return net::problem(id.error());
    auto all = co_await record::export_person(db, *id);
    if (!all) co_return net::problem(all.error());
    net::response answer;
    answer.body = std::move(*all);
    co_return answer;
}

task<net::response> erase_customer(net::request& req, pg::database& db, const clock& time)
{
    const auto id = req.path_id<customer_id>("id");
    if (!id) co_return net::problem(id.error());
    const auto erased = co_await record::erase_person(db, *id, req.actor(), time.now(),
                                                      {ticket::erase_parties(), intake::erase_parked(time.now())});
    if (!erased) co_return net::problem(erased.error());
    co_return net::json_reply(
        200, {{"identities", erased->identities}, {"texts", erased->texts}, {"attachments", erased->attachments}});
}

} // namespace

void add_customer_routes(net::router& routes, pg::database& db, ticket::ticket_service& tickets, const clock& time)
{
    routes.get("/api/v1/customers/{id}", permission::customer_read,
               [&db, &tickets](net::request& req) { return show_customer(req, db, tickets); });
    routes.get("/api/v1/customers/{id}/timeline", permission::customer_read,
               [&db, &tickets](net::request& req) { return show_timeline(req, db, tickets); });
    routes.get("/api/v1/customers/{id}/export", permission::customer_erase,
               [&db](net::request& req) { return export_customer(req, db); });
    routes.post("/api/v1/customers/{id}/erasure", permission::customer_erase,
                [&db, &time](net::request& req) { return erase_customer(req, db, time); });
}

} // namespace huiyin::api
