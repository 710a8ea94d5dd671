#include "body.hpp"
#include "versioned.hpp"

#include <huiyin/api/outbox_routes.hpp>

namespace huiyin::api {

namespace {

using domain::permission;
using nlohmann::json;

json to_json(const outbox::webhook& hook)
{
    return {{"id", hook.id.to_string()},
            {"name", hook.name},
            {"url", hook.settings.url},
            {"kinds", hook.settings.kinds},
            {"confidential", hook.settings.confidential},
            {"active", hook.active},
            {"version", hook.version},
            {"created_at", to_rfc3339(hook.created_at)},
            {"changed_at", to_rfc3339(hook.changed_at)},
            {"previous_secret_until",
             hook.settings.previous_until ? json(to_rfc3339(*hook.settings.previous_until)) : json()},
            {"pos", hook.pos},
            {"open", hook.open},
            {"dead", hook.dead}};
}

json to_json(const outbox::dead_letter& letter)
{
    return {{"id", letter.id.to_string()},
            {"channel", letter.channel},
            {"account_id", letter.account.to_string()},
            {"account_name", letter.account_name},
            {"order_key", letter.order_key.to_string()},
            {"payload", json::parse(letter.payload)},
            {"state", to_string(letter.state)},
            {"attempts", letter.attempts},
            {"cause", letter.cause},
            {"queued_at", to_rfc3339(letter.queued_at)},
            {"settled_at", to_rfc3339(letter.settled_at)},
            {"version", letter.version}};
}

net::response with_secret(int status, const outbox::webhook_with_secret& made)
{
    auto object = to_json(made.webhook);
    object["secret"] = made.secret;
    return versioned(status, object);
}

task<net::response> list_webhooks(net::request& req, outbox::webhook_service& webhooks)
{
    const auto found = co_await webhooks.list(req.actor());
    if (!found) co_return net::problem(found.error());
    json items = json::array();
    for (const auto& each : *found)
        items.push_back(to_json(each));
    co_return net::json_reply(200, {{"items", items}});
}

task<net::response> show_webhook(net::request& req, outbox::webhook_service& webhooks)
{
    const auto id = req.path_id<account_id>("id");
    if (!id) co_return net::problem(id.error());
    const auto found = co_await webhooks.find(*id, req.actor());
    if (!found) co_return net::problem(found.error());
    co_return versioned(200, to_json(*found));
}

task<net::response> create_webhook(net::request& req, outbox::webhook_service& webhooks)
{
    const auto sent = req.json();
    if (!sent) co_return net::problem(sent.error());
    body in(*sent);
    auto name = in.text("name", 1, 100);
    outbox::webhook_settings wanted;
    wanted.url = in.text("url", 1, 2048);
    wanted.kinds = in.texts("kinds", 50);
    wanted.confidential = in.boolean("confidential", false);
    if (auto refused = in.refusal()) co_return std::move(*refused);
    const auto made = co_await webhooks.create(std::move(name), std::move(wanted), req.actor());
    if (!made) co_return net::problem(made.error());
    co_return with_secret(201, *made).with("Location", "/api/v1/webhooks/" + made->webhook.id.to_string());
}

task<net::response> change_webhook(net::request& req, outbox::webhook_service& webhooks)
{
    const auto asked = change_of<account_id>(req);
    if (!asked) co_return net::problem(asked.error());
    const auto sent = req.json();
    if (!sent) co_return net::problem(sent.error());
    body in(*sent);
    outbox::webhook_changes changes;
    if (in.find("name")) changes.name = in.text("name", 1, 100);
    if (in.find("url")) changes.url = in.text("url", 1, 2048);
    if (in.find("kinds")) changes.kinds = in.texts("kinds", 50);
    if (in.find("confidential")) changes.confidential = in.boolean("confidential", false);
    if (in.find("active")) changes.active = in.boolean("active", true);
    if (auto refused = in.refusal()) co_return std::move(*refused);
    const auto changed = co_await webhooks.change(asked->id, std::move(changes), asked->seen, req.actor());
    if (!changed) co_return net::problem(changed.error());
    co_return versioned(200, to_json(*changed));
}

task<net::response> remove_webhook(net::request& req, outbox::webhook_service& webhooks)
{
    const auto asked = change_of<account_id>(req);
    if (!asked) co_return net::problem(asked.error());
    const auto removed = co_await webhooks.remove(asked->id, asked->seen, req.actor());
    if (!removed) co_return net::problem(removed.error());
    co_return net::no_content();
}

task<net::response> rotate_secret(net::request& req, outbox::webhook_service& webhooks)
{
    const auto asked = change_of<account_id>(req);
    if (!asked) co_return net::problem(asked.error());
    const auto made = co_await webhooks.rotate_secret(asked->id, asked->seen, req.actor());
    if (!made) co_return net::problem(made.error());
    co_return with_secret(201, *made);
}

task<net::response> test_webhook(net::request& req, outbox::webhook_service& webhooks)
{
    const auto id = req.path_id<account_id>("id");
    if (!id) co_return net::problem(id.error());
    const auto came = co_await webhooks.test(*id, req.actor());
    if (!came) co_return net::problem(came.error());
    co_return net::json_reply(
        200, {{"verdict", to_string(came->verdict)}, {"cause", came->cause.empty() ? json() : json(came->cause)}});
}

task<net::response> replay_webhook(net::request& req, outbox::webhook_service& webhooks)
{
    const auto id = req.path_id<account_id>("id");
    if (!id) co_return net::problem(id.error());
    const auto sent = req.json();
    if (!sent) co_return net::problem(sent.error());
    body in(*sent);
    outbox::replay_from from;
    from.pos = in.integer("from_pos", 1, std::numeric_limits<std::int64_t>::max());
    from.time = in.time("from_time");
    if (auto refused = in.refusal()) co_return std::move(*refused);
    const auto back = co_await webhooks.replay(*id, from, req.actor());
    if (!back) co_return net::problem(back.error());
    co_return versioned(200, to_json(*back));
}

task<net::response> list_letters(net::request& req, outbox::dead_letters& letters)
{
    const auto page = net::page_of(req);
    if (!page) co_return net::problem(page.error());
    std::optional<outbox::effect_id> before;
    if (page->after) {
        before = page->after->size() == 1 ? outbox::effect_id::parse(page->after->front()) : std::nullopt;
        if (!before) co_return net::problem(error{errc::invalid_cursor, {}, {}});
    }
    std::optional<account_id> account;
    if (const auto asked = req.query_value("account_id")) {
        account = account_id::parse(*asked);
        if (!account) {
            net::violations wrong;
            wrong.add("account_id", "is not an id");
            co_return wrong.reply();
        }
    }
    const auto found = co_await letters.list(before, account, page->limit, req.actor());
    if (!found) co_return net::problem(found.error());
    json items = json::array();
    for (const auto& each : *found)
        items.push_back(to_json(each));
    json answer{{"items", items}, {"next_cursor", nullptr}};
    if (found->size() == page->limit) answer["next_cursor"] = net::encode_cursor({found->back().id.to_string()});
    co_return net::json_reply(200, answer);
}

task<net::response> send_again(net::request& req, outbox::dead_letters& letters)
{
    const auto id = req.path_id<outbox::effect_id>("id");
    if (!id) co_return net::problem(id.error());
    const auto done = co_await letters.send_again(*id, req.actor());
    if (!done) co_return net::problem(done.error());
    co_return net::no_content();
}

task<net::response> settle_as_done(net::request& req, outbox::dead_letters& letters)
{
    const auto id = req.path_id<outbox::effect_id>("id");
    if (!id) co_return net::problem(id.error());
    const auto done = co_await letters.settle_as_done(*id, req.actor());
    if (!done) co_return net::problem(done.error());
    co_return net::no_content();
}

task<net::response> drop_letter(net::request& req, outbox::dead_letters& letters)
{
    const auto id = req.path_id<outbox::effect_id>("id");
    if (!id) co_return net::problem(id.error());
    const auto sent = req.json();
    if (!sent) co_return net::problem(sent.error());
    body in(*sent);
    auto reason = in.text("reason", 1, 500);
    if (auto refused = in.refusal()) co_return std::move(*refused);
    const auto done = co_await letters.drop(*id, std::move(reason), req.actor());
    if (!done) co_return net::problem(done.error());
    co_return net::no_content();
}

} // namespace

void add_outbox_routes(net::router& routes, outbox::webhook_service& webhooks, outbox::dead_letters& letters,
                       std::chrono::milliseconds test_within)
{
    constexpr auto needed = permission::outbox_manage;
    const auto with_webhooks = [&webhooks](auto run) {
        return [&webhooks, run](net::request& req) { return run(req, webhooks); };
    };
    const auto with_letters = [&letters](auto run) {
        return [&letters, run](net::request& req) { return run(req, letters); };
    };
    routes.get("/api/v1/webhooks", needed, with_webhooks(list_webhooks));
    routes.post("/api/v1/webhooks", needed, with_webhooks(create_webhook));
    routes.get("/api/v1/webhooks/{id}", needed, with_webhooks(show_webhook));
    routes.patch("/api/v1/webhooks/{id}", needed, with_webhooks(change_webhook));
    routes.delete_("/api/v1/webhooks/{id}", needed, with_webhooks(remove_webhook));
    routes.post("/api/v1/webhooks/{id}/secrets", needed, with_webhooks(rotate_secret));
    routes.post("/api/v1/webhooks/{id}/test-deliveries", needed, with_webhooks(test_webhook),
                {.limit = test_within + std::chrono::seconds(5)});
    routes.post("/api/v1/webhooks/{id}/replays", needed, with_webhooks(replay_webhook));
    routes.get("/api/v1/dead_letters", needed, with_letters(list_letters));
    routes.post("/api/v1/dead_letters/{id}/sending", needed, with_letters(send_again));
    routes.post("/api/v1/dead_letters/{id}/settlement", needed, with_letters(settle_as_done));
    routes.post("/api/v1/dead_letters/{id}/drop", needed, with_letters(drop_letter));
}

} // namespace huiyin::api
