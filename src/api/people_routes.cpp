#include "body.hpp"
#include "people_json.hpp"
#include "versioned.hpp"

#include <huiyin/api/people_routes.hpp>

namespace huiyin::api {

using nlohmann::json;

json to_json(const people::user& user)
{
    json roles = json::array();
    for (std::size_t i = 0; i < domain::role_count; ++i)
        if (const auto r = static_cast<domain::role>(i); user.roles.has(r)) roles.push_back(to_string(r));
    json departments = json::array();
    for (const auto& each : user.memberships)
        departments.push_back({{"department_id", each.department.to_string()}, {"position", to_string(each.position)}});
    return {{"id", user.id.to_string()},
            {"login", user.login},
            {"display_name", user.display_name},
            {"active", user.active},
            {"language", user.language},
            {"time_zone", user.time_zone},
            {"roles", roles},
            {"departments", departments},
            {"version", user.version}};
}

json to_json(const people::department& department)
{
    const auto id_or_null = [](const auto& id) { return id ? json(id->to_string()) : json(); };
    return {{"id", department.id.to_string()},
            {"code", department.code},
            {"parent_id", id_or_null(department.parent)},
            {"name", department.name},
            {"contact_a", id_or_null(department.contact_a)},
            {"contact_b", id_or_null(department.contact_b)},
            {"calendar", department.calendar},
            {"active", department.active},
            {"version", department.version}};
}

namespace {

using domain::permission;

domain::role_set read_roles(body& in)
{
    domain::role_set roles;
    for (const auto& name : in.texts("roles", domain::role_count)) {
        if (const auto r = domain::parse_role(name))
            roles.add(*r);
        else
            in.add("roles", "\"" + name + "\" is no role");
    }
    return roles;
}

task<net::response> list_users(net::request& req, people::people_service& people)
{
    const auto page = net::page_of(req);
    if (!page) co_return net::problem(page.error());
    if (page->after && page->after->size() != 1) co_return net::problem(error{errc::invalid_cursor, {}, {}});
    const auto found = co_await people.list_users(page->after ? page->after->front() : std::string(), page->limit);
    if (!found) co_return net::problem(found.error());
    json items = json::array();
    for (const auto& each : *found)
        items.push_back(to_json(each));
    json answer{{"items", items}, {"next_cursor", nullptr}};
    if (found->size() == page->limit) answer["next_cursor"] = net::encode_cursor({found->back().login});
    co_return net::json_reply(200, answer);
}

task<net::response> show_user(net::request& req, people::people_service& people)
{
    const auto id = req.path_id<user_id>("id");
    if (!id) co_return net::problem(id.error());
    const auto found = co_await people.find_user(*id);
    if (!found) co_return net::problem(found.error());
    if (!*found) co_return net::problem(error{errc::not_found, {}, {}});
    co_return versioned(200, to_json(**found));
}

task<net::response> create_user(net::request& req, people::people_service& people)
{
    const auto sent = req.json();
    if (!sent) co_return net::problem(sent.error());
    body in(*sent);
    people::new_user wanted;
    wanted.login = in.text("login", 1, 64);
    wanted.display_name = in.text("display_name", 1, 100);
    wanted.roles = read_roles(in);
    if (const auto language = in.optional_text("language", 10)) wanted.language = *language;
    if (const auto zone = in.optional_text("time_zone", 64)) wanted.time_zone = *zone;
    if (const auto* const password = in.find("password"); password && password->is_string())
        wanted.password = password->get<std::string>();
    if (auto refused = in.refusal()) co_return std::move(*refused);
    const auto made = co_await people.create_user(std::move(wanted), req.actor());
    if (!made) co_return net::problem(made.error());
    co_return versioned(201, to_json(*made)).with("Location", "/api/v1/users/" + made->id.to_string());
}

task<net::response> change_user(net::request& req, people::people_service& people)
{
    const auto asked = change_of<user_id>(req);
    if (!asked) co_return net::problem(asked.error());
    const auto sent = req.json();
    if (!sent) co_return net::problem(sent.error());
    body in(*sent);
    people::user_changes changes;
    changes.display_name = in.optional_text("display_name", 100);
    changes.language = in.optional_text("language", 10);
    changes.time_zone = in.optional_text("time_zone", 64);
    if (in.find("active")) changes.active = in.boolean("active", true);
    if (auto refused = in.refusal()) co_return std::move(*refused);
    const auto changed = co_await people.update_user(asked->id, std::move(changes), asked->seen, req.actor());
    if (!changed) co_return net::problem(changed.error());
    co_return versioned(200, to_json(*changed));
}

task<net::response> set_roles(net::request& req, people::people_service& people)
{
    const auto asked = change_of<user_id>(req);
    if (!asked) co_return net::problem(asked.error());
    const auto sent = req.json();
    if (!sent) co_return net::problem(sent.error());
    body in(*sent);
    const auto roles = read_roles(in);
    if (auto refused = in.refusal()) co_return std::move(*refused);
    const auto changed = co_await people.set_roles(asked->id, roles, asked->seen, req.actor());
    if (!changed) co_return net::problem(changed.error());
    co_return versioned(200, to_json(*changed));
}

task<net::response> set_password(net::request& req, people::people_service& people)
{
    const auto id = req.path_id<user_id>("id");
    if (!id) co_return net::problem(id.error());
    const auto sent = req.json();
    if (!sent) co_return net::problem(sent.error());
    body in(*sent);
    std::string password;
    if (const auto* const value = in.find("password"); value && value->is_string())
        password = value->get<std::string>();
    else
        in.add("password", "is missing");
    if (auto refused = in.refusal()) co_return std::move(*refused);
    const auto changed = co_await people.set_password(*id, std::move(password), req.actor());
    if (!changed) co_return net::problem(changed.error());
    co_return versioned(200, to_json(*changed));
}

task<net::response> list_departments(net::request&, people::people_service& people)
{
    const auto found = co_await people.list_departments();
    if (!found) co_return net::problem(found.error());
    json items = json::array();
    for (const auto& each : *found)
        items.push_back(to_json(each));
    co_return net::json_reply(200, {{"items", items}});
}

json members_to_json(const std::vector<people::named_member>& members)
{
    json items = json::array();
    for (const auto& each : members)
        items.push_back({{"user_id", each.user.to_string()},
                         {"position", to_string(each.position)},
                         {"login", each.login},
                         {"display_name", each.display_name},
                         {"active", each.active}});
    return items;
}

task<net::response> list_members(net::request& req, people::people_service& people)
{
    const auto id = req.path_id<department_id>("id");
    if (!id) co_return net::problem(id.error());
    const auto known = co_await people.find_department(*id);
    if (!known) co_return net::problem(known.error());
    if (!*known) co_return net::problem(error{errc::not_found, {}, {}});
    const auto found = co_await people.list_named_members(*id);
    if (!found) co_return net::problem(found.error());
    co_return net::json_reply(200, {{"items", members_to_json(*found)}, {"version", (*known)->version}})
        .with("ETag", "\"" + std::to_string((*known)->version) + "\"");
}

std::vector<people::member> read_members(body& in)
{
    std::vector<people::member> members;
    const auto* const list = in.find("members");
    if (!list || !list->is_array() || list->size() > 1000) {
        in.add("members", "is not a list of at most 1000");
        return members;
    }
    for (std::size_t i = 0; i < list->size(); ++i) {
        const auto& each = (*list)[i];
        const auto place = fmt::format("members[{}]", i);
        const auto text = [&](const char* name) {
            const auto it = each.is_object() ? each.find(name) : each.end();
            return each.is_object() && it != each.end() && it->is_string() ? it->get<std::string>() : std::string();
        };
        const auto user = user_id::parse(text("user_id"));
        const auto position = text("position");
        if (!user)
            in.add((place + ".user_id").c_str(), "is not an id");
        else if (position != "handler" && position != "leader")
            in.add((place + ".position").c_str(), "is neither handler nor leader");
        else if (each.size() != 2)
            in.add(place.c_str(), "holds more than user_id and position");
        else
            members.push_back({*user, position == "leader" ? people::position::leader : people::position::handler});
    }
    return members;
}

task<net::response> set_members(net::request& req, people::people_service& people)
{
    const auto asked = change_of<department_id>(req);
    if (!asked) co_return net::problem(asked.error());
    const auto sent = req.json();
    if (!sent) co_return net::problem(sent.error());
    body in(*sent);
    auto members = read_members(in);
    if (auto refused = in.refusal()) co_return std::move(*refused);
    const auto changed = co_await people.set_members(asked->id, std::move(members), req.actor(), asked->seen);
    if (!changed) co_return net::problem(changed.error());
    const auto now = co_await people.list_named_members(asked->id);
    if (!now) co_return net::problem(now.error());
    co_return net::json_reply(200, {{"items", members_to_json(*now)}, {"version", changed->version}})
        .with("ETag", "\"" + std::to_string(changed->version) + "\"");
}

people::new_department read_department(body& in)
{
    people::new_department wanted;
    wanted.code = in.text("code", 1, 64);
    wanted.parent = in.id<department_id>("parent_id");
    wanted.contact_a = in.id<user_id>("contact_a");
    wanted.contact_b = in.id<user_id>("contact_b");
    if (const auto calendar = in.optional_text("calendar", 64)) wanted.calendar = *calendar;
    wanted.active = in.boolean("active", true);
    if (const auto* const names = in.find("name"); names && names->is_object()) {
        for (const auto& [language, name] : names->items())
            if (name.is_string()) wanted.name[language] = name.get<std::string>();
    } else {
        in.add("name", "is not an object of names by language");
    }
    return wanted;
}

task<net::response> create_department(net::request& req, people::people_service& people)
{
    const auto sent = req.json();
    if (!sent) co_return net::problem(sent.error());
    body in(*sent);
    auto wanted = read_department(in);
    if (auto refused = in.refusal()) co_return std::move(*refused);
    const auto made = co_await people.create_department(std::move(wanted), req.actor());
    if (!made) co_return net::problem(made.error());
    co_return versioned(201, to_json(*made)).with("Location", "/api/v1/departments/" + made->id.to_string());
}

task<net::response> change_department(net::request& req, people::people_service& people)
{
    const auto asked = change_of<department_id>(req);
    if (!asked) co_return net::problem(asked.error());
    const auto sent = req.json();
    if (!sent) co_return net::problem(sent.error());
    body in(*sent);
    auto wanted = read_department(in);
    if (auto refused = in.refusal()) co_return std::move(*refused);
    const auto changed = co_await people.update_department(asked->id, std::move(wanted), asked->seen, req.actor());
    if (!changed) co_return net::problem(changed.error());
    co_return versioned(200, to_json(*changed));
}

} // namespace

void add_people_routes(net::router& routes, people::people_service& people)
{
    routes.get("/api/v1/users", permission::people_read,
               [&people](net::request& req) { return list_users(req, people); });
    routes.post("/api/v1/users", permission::people_manage,
                [&people](net::request& req) { return create_user(req, people); });
    routes.get("/api/v1/users/{id}", permission::people_read,
               [&people](net::request& req) { return show_user(req, people); });
    routes.patch("/api/v1/users/{id}", permission::people_manage,
                 [&people](net::request& req) { return change_user(req, people); });
    routes.put("/api/v1/users/{id}/roles", permission::people_manage,
               [&people](net::request& req) { return set_roles(req, people); });
    routes.put("/api/v1/users/{id}/password", permission::people_manage,
               [&people](net::request& req) { return set_password(req, people); });
    routes.get("/api/v1/departments", permission::people_read,
               [&people](net::request& req) { return list_departments(req, people); });
    routes.post("/api/v1/departments", permission::people_manage,
                [&people](net::request& req) { return create_department(req, people); });
    routes.get("/api/v1/departments/{id}/members", permission::people_read,
               [&people](net::request& req) { return list_members(req, people); });
    routes.put("/api/v1/departments/{id}/members", permission::people_manage,
               [&people](net::request& req) { return set_members(req, people); });
    routes.put("/api/v1/departments/{id}", permission::people_manage,
               [&people](net::request& req) { return change_department(req, people); });
}

namespace {

using api::to_json;

json to_json(const people::api_token& token)
{
    const auto time_or_null = [](const std::optional<instant>& at) { return at ? json(to_rfc3339(*at)) : json(); };
    return {{"id", token.id.to_string()},
            {"handle", token.handle},
            {"name", token.name},
            {"scopes", token.scopes},
            {"created_by", token.created_by ? json(token.created_by->to_string()) : json()},
            {"created_at", to_rfc3339(token.created_at)},
            {"last_used_at", time_or_null(token.last_used_at)},
            {"revoked_at", time_or_null(token.revoked_at)}};
}

task<net::response> list_tokens(net::request& req, people::token_service& tokens)
{
    const auto page = net::page_of(req);
    if (!page) co_return net::problem(page.error());
    std::optional<token_id> before;
    if (page->after) {
        before = page->after->size() == 1 ? token_id::parse(page->after->front()) : std::nullopt;
        if (!before) co_return net::problem(error{errc::invalid_cursor, {}, {}});
    }
    const auto found = co_await tokens.list(before, page->limit);
    if (!found) co_return net::problem(found.error());
    json items = json::array();
    for (const auto& each : *found)
        items.push_back(to_json(each));
    json answer{{"items", items}, {"next_cursor", nullptr}};
    if (found->size() == page->limit) answer["next_cursor"] = net::encode_cursor({found->back().id.to_string()});
    co_return net::json_reply(200, answer);
}

task<net::response> create_token(net::request& req, people::token_service& tokens)
{
    const auto sent = req.json();
    if (!sent) co_return net::problem(sent.error());
    body in(*sent);
    auto name = in.text("name", 1, 100);
    auto scopes = in.texts("scopes", domain::permission_count);
    if (auto refused = in.refusal()) co_return std::move(*refused);
    const auto made = co_await tokens.create(std::move(name), std::move(scopes), req.actor());
    if (!made) co_return net::problem(made.error());
    auto answer = to_json(made->token);
    answer["token"] = made->secret;
    co_return net::json_reply(201, answer);
}

task<net::response> revoke_token(net::request& req, people::token_service& tokens)
{
    const auto id = req.path_id<token_id>("id");
    if (!id) co_return net::problem(id.error());
    const auto revoked = co_await tokens.revoke(*id, req.actor());
    if (!revoked) co_return net::problem(revoked.error());
    co_return net::json_reply(200, to_json(*revoked));
}

} // namespace

void add_token_routes(net::router& routes, people::token_service& tokens)
{
    routes.get("/api/v1/tokens", permission::token_manage,
               [&tokens](net::request& req) { return list_tokens(req, tokens); });
    routes.post("/api/v1/tokens", permission::token_manage,
                [&tokens](net::request& req) { return create_token(req, tokens); });
    routes.delete_("/api/v1/tokens/{id}", permission::token_manage,
                   [&tokens](net::request& req) { return revoke_token(req, tokens); });
}

} // namespace huiyin::api
