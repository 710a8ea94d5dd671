#include "body.hpp"
#include "list_query.hpp"
#include "versioned.hpp"

#include <huiyin/api/desk_routes.hpp>
#include <huiyin/people/draft.hpp>
#include <huiyin/people/saved_view.hpp>
#include <huiyin/people/settings.hpp>

namespace huiyin::api {

namespace {

using domain::permission;
using nlohmann::json;

json to_json(const people::saved_view& view, const domain::actor& reader)
{
    const auto& what = view.what;
    return {{"id", view.id.to_string()},
            {"name", what.name},
            {"filter", json::parse(what.filter)},
            {"shared", domain::to_string(what.shared)},
            {"department_id", what.department ? json(what.department->to_string()) : json()},
            {"owner", {{"id", view.owner.to_string()}, {"name", view.owner_name}}},
            {"own", reader.is(view.owner)},
            {"version", view.version},
            {"changed_at", to_rfc3339(view.changed_at)}};
}

json to_json(const people::user_settings& settings)
{
    return {{"language", settings.language}, {"time_zone", settings.time_zone},     {"theme", settings.theme},
            {"density", settings.density},   {"single_keys", settings.single_keys}, {"sounds", settings.sounds}};
}

json to_json(const people::presence& presence)
{
    return {{"state", domain::to_string(presence.state)},
            {"since", presence.since ? json(to_rfc3339(*presence.since)) : json()}};
}

/// `logged_in` routes are for people; a token has no desk.
result<user_id> user_of(const net::request& req)
{
    if (req.actor().kind != domain::actor_kind::user) return fail(errc::not_found, "a token is nobody");
    return user_id(req.actor().id);
}

/// Members of a filter as the parameters of GET /api/v1/tickets: words, or lists of them where one may be repeated.
std::vector<std::pair<std::string, std::string>> parameters_of(const json& filter, net::violations& wrong)
{
    std::vector<std::pair<std::string, std::string>> parameters;
    for (const auto& [name, value] : filter.items()) {
        if (!is_filter(name)) {
            wrong.add("filter." + name, "is not known");
        } else if (value.is_string()) {
            parameters.emplace_back(name, value.get<std::string>());
        } else if (value.is_boolean()) {
            parameters.emplace_back(name, value.get<bool>() ? "true" : "false");
        } else if (value.is_array() && is_repeated_filter(name)) {
            for (const auto& each : value) {
                if (each.is_string())
                    parameters.emplace_back(name, each.get<std::string>());
                else
                    wrong.add("filter." + name, "holds something that is no string");
            }
        } else {
            wrong.add("filter." + name, "is not a string");
        }
    }
    return parameters;
}

std::expected<people::view_content, net::response> read_view(const json& sent)
{
    constexpr std::size_t longest_filter = 8192;
    body in(sent);
    people::view_content what;
    what.name = in.text("name", 1, 60);
    what.shared =
        in.choice("shared", domain::parse_name<people::view_sharing>).value_or(people::view_sharing::private_);
    what.department = in.id<department_id>("department_id");
    const auto* const filter = in.find("filter");
    net::violations wrong;
    if (!filter || !filter->is_object()) {
        in.add("filter", "is not an object");
    } else {
        what.filter = filter->dump();
        if (what.filter.size() > longest_filter) in.add("filter", "is too long");
        (void)read_list_query(parameters_of(*filter, wrong), wrong);
    }
    if (auto refused = in.refusal()) return std::unexpected(std::move(*refused));
    if (!wrong.empty()) return std::unexpected(wrong.reply());
    return what;
}

task<net::response> list_views(net::request& req, pg::database& db)
{
    if (const auto user = user_of(req); !user) co_return net::problem(user.error());
    const auto found = co_await people::list_views(db, req.actor());
    if (!found) co_return net::problem(found.error());
    json items = json::array();
    for (const auto& each : *found)
        items.push_back(to_json(each, req.actor()));
    co_return net::json_reply(200, {{"items", std::move(items)}});
}

task<net::response> create_view(net::request& req, pg::database& db, const clock& time)
{
    if (const auto user = user_of(req); !user) co_return net::problem(user.error());
    const auto sent = req.json();
    if (!sent) co_return net::problem(sent.error());
    auto what = read_view(*sent);
    if (!what) co_return std::move(what.error());
    const auto made = co_await people::save_view(db, std::move(*what), req.actor(), time.now());
    if (!made) co_return net::problem(made.error());
    co_return versioned(201, to_json(*made, req.actor())).with("Location", "/api/v1/views/" + made->id.to_string());
}

task<net::response> change_view(net::request& req, pg::database& db, const clock& time)
{
    const auto asked = change_of<people::view_id>(req);
    if (!asked) co_return net::problem(asked.error());
    const auto sent = req.json();
    if (!sent) co_return net::problem(sent.error());
    auto what = read_view(*sent);
    if (!what) co_return std::move(what.error());
    const auto changed =
        co_await people::change_view(db, asked->id, asked->seen, std::move(*what), req.actor(), time.now());
    if (!changed) co_return net::problem(changed.error());
    co_return versioned(200, to_json(*changed, req.actor()));
}

task<net::response> delete_view(net::request& req, pg::database& db)
{
    const auto asked = change_of<people::view_id>(req);
    if (!asked) co_return net::problem(asked.error());
    const auto done = co_await people::delete_view(db, asked->id, asked->seen, req.actor());
    if (!done) co_return net::problem(done.error());
    co_return net::no_content();
}

result<std::string> draft_key(const net::request& req)
{
    const auto key = req.path_parameters.find("key");
    if (key == req.path_parameters.end() || !people::is_draft_key(key->second))
        return fail(errc::not_found, "no such key");
    return key->second;
}

task<net::response> list_drafts(net::request& req, pg::database& db, const clock& time)
{
    const auto user = user_of(req);
    if (!user) co_return net::problem(user.error());
    const auto found = co_await people::list_drafts(db, *user, time.now());
    if (!found) co_return net::problem(found.error());
    json items = json::array();
    for (const auto& each : *found)
        items.push_back({{"key", each.key}, {"changed_at", to_rfc3339(each.changed_at)}});
    co_return net::json_reply(200, {{"items", std::move(items)}});
}

task<net::response> show_draft(net::request& req, pg::database& db, const clock& time)
{
    const auto user = user_of(req);
    if (!user) co_return net::problem(user.error());
    auto key = draft_key(req);
    if (!key) co_return net::problem(key.error());
    const auto found = co_await people::find_draft(db, *user, std::move(*key), time.now());
    if (!found) co_return net::problem(found.error());
    co_return net::json_reply(
        200, {{"key", found->key}, {"body", found->body}, {"changed_at", to_rfc3339(found->changed_at)}});
}

task<net::response> keep_draft(net::request& req, pg::database& db, const clock& time)
{
    const auto user = user_of(req);
    if (!user) co_return net::problem(user.error());
    auto key = draft_key(req);
    if (!key) co_return net::problem(key.error());
    const auto sent = req.json();
    if (!sent) co_return net::problem(sent.error());
    body in(*sent);
    people::draft kept;
    // As it was typed, with its spaces.
    const auto* const words = in.find("body");
    if (!words || !words->is_string())
        in.add("body", "is not a string");
    else if (words->get_ref<const std::string&>().size() > people::longest_draft)
        in.add("body", "is longer than 64 KiB");
    else
        kept.body = words->get<std::string>();
    if (auto refused = in.refusal()) co_return std::move(*refused);
    kept.key = std::move(*key);
    kept.changed_at = time.now();
    const auto changed_at = kept.changed_at;
    const auto done = co_await people::keep_draft(db, *user, std::move(kept));
    if (!done) co_return net::problem(done.error());
    co_return net::json_reply(200, {{"changed_at", to_rfc3339(changed_at)}});
}

task<net::response> drop_draft(net::request& req, pg::database& db)
{
    const auto user = user_of(req);
    if (!user) co_return net::problem(user.error());
    auto key = draft_key(req);
    if (!key) co_return net::problem(key.error());
    const auto done = co_await people::drop_draft(db, *user, std::move(*key));
    if (!done) co_return net::problem(done.error());
    co_return net::no_content();
}

task<net::response> show_settings(net::request& req, pg::database& db)
{
    const auto user = user_of(req);
    if (!user) co_return net::problem(user.error());
    const auto found = co_await people::find_settings(db, *user);
    if (!found) co_return net::problem(found.error());
    co_return net::json_reply(200, to_json(*found));
}

task<net::response> change_settings(net::request& req, pg::database& db, const clock& time)
{
    const auto user = user_of(req);
    if (!user) co_return net::problem(user.error());
    const auto sent = req.json();
    if (!sent) co_return net::problem(sent.error());
    body in(*sent);
    people::settings_changes changes;
    changes.language = in.optional_text("language", 10);
    changes.time_zone = in.optional_text("time_zone", 64);
    changes.theme = in.optional_text("theme", 10);
    changes.density = in.optional_text("density", 20);
    if (in.find("single_keys")) changes.single_keys = in.boolean("single_keys", true);
    if (in.find("sounds")) changes.sounds = in.boolean("sounds", true);
    if (auto refused = in.refusal()) co_return std::move(*refused);
    const auto changed = co_await people::change_settings(db, *user, std::move(changes), time.now());
    if (!changed) co_return net::problem(changed.error());
    co_return net::json_reply(200, to_json(*changed));
}

task<net::response> show_presence(net::request& req, pg::database& db, const clock& time)
{
    const auto user = user_of(req);
    if (!user) co_return net::problem(user.error());
    const auto found = co_await people::find_presence(db, *user, time.now());
    if (!found) co_return net::problem(found.error());
    co_return net::json_reply(200, to_json(*found));
}

task<net::response> set_presence(net::request& req, pg::database& db, const clock& time,
                                 std::chrono::seconds idle_limit)
{
    const auto user = user_of(req);
    if (!user || !req.principal.session) co_return net::problem(error{errc::not_found, "no session", {}});
    const auto sent = req.json();
    if (!sent) co_return net::problem(sent.error());
    body in(*sent);
    const auto state = in.choice("state", domain::parse_name<people::presence_state>);
    if (!in.find("state")) in.add("state", "is missing");
    if (auto refused = in.refusal()) co_return std::move(*refused);
    const auto said = co_await people::set_presence(db, *user, *req.principal.session, *state, idle_limit, time.now());
    if (!said) co_return net::problem(said.error());
    co_return net::json_reply(200, to_json(*said));
}

} // namespace

void add_desk_routes(net::router& routes, pg::database& db, const clock& time, std::chrono::seconds idle_limit)
{
    routes.get("/api/v1/views", permission::logged_in, [&db](net::request& req) { return list_views(req, db); });
    routes.post("/api/v1/views", permission::logged_in,
                [&db, &time](net::request& req) { return create_view(req, db, time); });
    routes.put("/api/v1/views/{id}", permission::logged_in,
               [&db, &time](net::request& req) { return change_view(req, db, time); });
    routes.delete_("/api/v1/views/{id}", permission::logged_in,
                   [&db](net::request& req) { return delete_view(req, db); });
    routes.get("/api/v1/drafts", permission::logged_in,
               [&db, &time](net::request& req) { return list_drafts(req, db, time); });
    routes.get("/api/v1/drafts/{key}", permission::logged_in,
               [&db, &time](net::request& req) { return show_draft(req, db, time); });
    routes.put("/api/v1/drafts/{key}", permission::logged_in,
               [&db, &time](net::request& req) { return keep_draft(req, db, time); });
    routes.delete_("/api/v1/drafts/{key}", permission::logged_in,
                   [&db](net::request& req) { return drop_draft(req, db); });
    routes.get("/api/v1/me/settings", permission::logged_in,
               [&db](net::request& req) { return show_settings(req, db); });
    routes.patch("/api/v1/me/settings", permission::logged_in,
                 [&db, &time](net::request& req) { return change_settings(req, db, time); });
    routes.get("/api/v1/me/presence", permission::logged_in,
               [&db, &time](net::request& req) { return show_presence(req, db, time); });
    routes.put("/api/v1/me/presence", permission::logged_in,
               [&db, &time, idle_limit](net::request& req) { return set_presence(req, db, time, idle_limit); });
}

} // namespace huiyin::api
