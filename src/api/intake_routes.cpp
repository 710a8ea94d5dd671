#include <huiyin/api/record_routes.hpp>
#include <huiyin/base/text.hpp>
#include <huiyin/intake/complaint.hpp>
#include <huiyin/intake/intake_store.hpp>

#include <nlohmann/json.hpp>

namespace huiyin::api {

namespace {

using domain::permission;
using nlohmann::json;

task<net::response> take_contact(net::request& req, intake::door& door, const clock& time,
                                 const record::phone_settings& phones)
{
    const auto body = req.json();
    if (!body) co_return net::problem(body.error());
    auto contact = intake::parse_intake(*body, phones, time.now());
    if (!contact) {
        net::violations wrong;
        for (const auto& each : contact.error())
            wrong.add(each.field, each.reason);
        co_return wrong.reply();
    }
    contact->by = req.actor();
    const auto receipt = co_await door.accept(std::move(*contact));
    if (!receipt) co_return net::problem(receipt.error());
    net::response answer;
    answer.status = receipt->outcome == intake::outcome::visible ? 201 : 202;
    answer.body = receipt->answer;
    co_return answer;
}

task<net::response> list_parked(net::request& req, pg::database& db)
{
    const auto page = net::page_of(req);
    if (!page) co_return net::problem(page.error());
    std::optional<std::pair<instant, parked_id>> after;
    if (page->after) {
        const auto& key = *page->after;
        const auto at = key.size() == 2 ? parse_rfc3339(key[0]) : std::nullopt;
        const auto last = key.size() == 2 ? parked_id::parse(key[1]) : std::nullopt;
        if (!at || !last) co_return net::problem(error{errc::invalid_cursor, {}, {}});
        after.emplace(*at, *last);
    }
    const auto found = co_await intake::list_parked(db, after, std::min<std::size_t>(page->limit, 100));
    if (!found) co_return net::problem(found.error());
    json items = json::array();
    for (const auto& each : found->items)
        items.push_back({{"id", each.id.to_string()},
                         {"channel", each.channel},
                         {"account", each.account},
                         {"external_id", each.external_id},
                         {"reason", each.reason},
                         {"at", to_rfc3339(each.at)},
                         {"retries", each.retries},
                         {"raw", to_storable_utf8(each.raw)}});
    json answer{{"items", items}, {"next_cursor", nullptr}};
    if (found->next)
        answer["next_cursor"] = net::encode_cursor({to_rfc3339(found->next->first), found->next->second.to_string()});
    co_return net::json_reply(200, answer);
}

task<net::response> retry_parked(net::request& req, intake::door& door)
{
    const auto id = req.path_id<parked_id>("id");
    if (!id) co_return net::problem(id.error());
    const auto receipt = co_await door.retry(*id);
    if (!receipt) co_return net::problem(receipt.error());
    co_return net::json_reply(200, {{"outcome", receipt->outcome == intake::outcome::visible ? "visible" : "parked"},
                                    {"number", receipt->number}});
}

} // namespace

void add_intake_routes(net::router& routes, intake::door& door, pg::database& db, const clock& time,
                       record::phone_settings phones)
{
    routes.post("/api/v1/intake", permission::intake_submit,
                [&door, &time, phones](net::request& req) { return take_contact(req, door, time, phones); });
    routes.get("/api/v1/parked", permission::parked_read, [&db](net::request& req) { return list_parked(req, db); });
    routes.post("/api/v1/parked/{id}/retry", permission::parked_retry,
                [&door](net::request& req) { return retry_parked(req, door); });
}

} // namespace huiyin::api
