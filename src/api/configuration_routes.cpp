#include <huiyin/api/configuration_routes.hpp>
#include <huiyin/domain/ticket_names.hpp>

#include <nlohmann/json.hpp>

namespace huiyin::api {

namespace {

using nlohmann::json;

json to_json(const std::vector<ticket::pack_code>& codes)
{
    json all = json::array();
    for (const auto& each : codes)
        all.push_back({{"code", each.code}, {"name", each.name}});
    return all;
}

json to_json(const ticket::pack_category& category)
{
    return {{"code", category.code},
            {"name", category.name},
            {"type", domain::to_string(category.type)},
            {"priority", domain::to_string(category.priority)},
            {"open_to_public", category.open_to_public},
            {"direct_allowed", category.direct_allowed},
            {"presumed_valid", category.presumed_valid}};
}

json to_json(const ticket::configuration& rules)
{
    const auto& pack = rules.rules();
    json categories = json::array(), fields = json::array(), causes = json::array(), templates = json::array(),
         calendars = json::array();
    for (const auto& each : pack.categories)
        categories.push_back(to_json(each));
    for (const auto& each : pack.fields)
        fields.push_back({{"code", each.code}, {"name", each.name}, {"values", to_json(each.values)}});
    for (const auto& each : pack.root_causes)
        causes.push_back({{"code", each.code}, {"name", each.name}, {"group", each.group}});
    for (const auto& each : pack.invalid_reply_templates)
        templates.push_back({{"code", each.code}, {"name", each.name}, {"body", each.body}});
    for (const auto& each : pack.calendars) {
        calendars.push_back({{"name", each.name}, {"time_zone", each.time_zone}});
        if (!each.title.empty()) calendars.back()["title"] = each.title;
    }
    json reasons = json::object();
    for (const auto& [group, codes] : pack.reasons)
        reasons[group] = to_json(codes);
    return {{"version", rules.version()}, {"pack", pack.name},
            {"title", pack.title},        {"categories", categories},
            {"fields", fields},           {"reasons", reasons},
            {"root_causes", causes},      {"invalid_reply_templates", templates},
            {"calendars", calendars},     {"default_calendar", pack.default_calendar}};
}

task<net::response> show_configuration(net::request&, ticket::configurations& rules)
{
    const auto now = co_await rules.current();
    if (!now) co_return net::problem(now.error());
    co_return net::json_reply(200, to_json(**now));
}

} // namespace

void add_configuration_routes(net::router& routes, ticket::configurations& rules)
{
    routes.get("/api/v1/configuration", domain::permission::configuration_read,
               [&rules](net::request& req) { return show_configuration(req, rules); });
}

} // namespace huiyin::api
