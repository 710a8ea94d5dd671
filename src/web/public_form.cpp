#include "public_form.hpp"

#include <huiyin/base/crypto.hpp>
#include <huiyin/base/text.hpp>
#include <huiyin/ticket/foreseen.hpp>

#include <nlohmann/json.hpp>

#include <array>
#include <initializer_list>
#include <memory>

namespace huiyin::web {

namespace {

using domain::permission;
using nlohmann::json;
using namespace std::chrono_literals;

/// What every complaint is asked, whatever it is about.
struct common_field
{
    const char* code;
    const char* kind;
    bool required;
    std::size_t max_length;
    const char* zh_cn;
    const char* zh_tw;
    const char* en;
};
constexpr std::array<common_field, 4> common_fields{{
    {"problem", "long_text", true, 10'000, "发生了什么", "發生了什麼事", "What happened"},
    {"object", "text", false, 500, "涉及的物品、地点或人员", "涉及的物品、地點或人員", "What or who it is about"},
    {"occurred_at", "time", false, 0, "什么时候发生的", "什麼時候發生的", "When it happened"},
    {"desired_solution", "long_text", false, 2000, "希望怎么解决", "希望如何解決", "How you would like it solved"},
}};

json field_of(const common_field& field)
{
    json made{{"code", field.code},
              {"place", "complaint"},
              {"kind", field.kind},
              {"required", field.required},
              {"label", {{"zh-CN", field.zh_cn}, {"zh-TW", field.zh_tw}, {"en", field.en}}},
              {"max_length", nullptr},
              {"values", nullptr}};
    if (field.max_length > 0) made["max_length"] = field.max_length;
    return made;
}

/// Nobody is turned away for not knowing the answer: without it the rule's other department gets the ticket.
json field_of(const ticket::pack_field& field)
{
    json values = json::array();
    for (const auto& each : field.values)
        values.push_back({{"code", each.code}, {"name", each.name}});
    return {{"code", field.code},  {"place", "fields"},     {"kind", "choice"},           {"required", false},
            {"label", field.name}, {"max_length", nullptr}, {"values", std::move(values)}};
}

json time_or_null(const std::optional<instant>& at)
{
    return at ? json(to_rfc3339(*at)) : json();
}

result<std::string> render(const ticket::configuration& rules, const std::string& time_zone, instant now)
{
    json categories = json::array();
    for (const auto& each : rules.rules().categories) {
        if (!each.open_to_public) continue;
        const auto promised = ticket::foresee(rules, each.code, now);
        if (!promised) return fail(promised.error());
        json fields = json::array();
        for (const auto& common : common_fields)
            fields.push_back(field_of(common));
        for (const auto& asked : rules.rules().fields)
            if (asked.code == each.department.field) fields.push_back(field_of(asked));
        categories.push_back({{"code", each.code},
                              {"name", each.name},
                              {"confidential", each.type == domain::ticket_type::report},
                              {"fields", std::move(fields)},
                              {"first_answer_by", time_or_null(promised->first_answer_by)},
                              {"solution_by", time_or_null(promised->solution_by)}});
    }
    return json{{"title", rules.rules().title},
                {"language", rules.rules().language},
                {"at", to_rfc3339(now)},
                {"time_zone", time_zone},
                {"categories", std::move(categories)}}
        .dump();
}

/// The form as it is in one minute: strangers may ask for it often, and it costs some milliseconds.
struct kept_form
{
    instant at;
    std::shared_ptr<const ticket::configuration> rules;
    std::string body;
    std::string etag;
};

task<net::response> show_form(net::request& req, ticket::configurations& from, const clock& time, std::string time_zone,
                              std::shared_ptr<kept_form> kept)
{
    const auto rules = co_await from.current();
    if (!rules) co_return net::problem(rules.error());
    // Rounded up: what is promised here is not before what the real one gets.
    const auto now = std::chrono::ceil<std::chrono::minutes>(time.now());
    if (kept->at != now || kept->rules != *rules) {
        auto body = render(**rules, time_zone, now);
        if (!body) co_return net::problem(body.error());
        kept->etag = "\"" + to_hex(sha256(*body)).substr(0, 32) + "\"";
        kept->body = std::move(*body);
        kept->at = now;
        kept->rules = *rules;
    }
    net::response answer;
    answer.with("ETag", kept->etag).with("Cache-Control", "public, max-age=60");
    if (const auto known = req.header("if-none-match"); known && known->contains(kept->etag)) {
        answer.status = 304;
        co_return answer;
    }
    answer.body = kept->body;
    co_return answer;
}

} // namespace

void add_public_form(net::router& routes, ticket::configurations& rules, const clock& time,
                     const public_settings& settings)
{
    routes.get("/public/v1/form", permission::none_needed,
               [&rules, &time, zone = settings.time_zone, kept = std::make_shared<kept_form>()](net::request& req) {
                   return show_form(req, rules, time, zone, kept);
               },
               {.per_minute = settings.complaints_per_minute});
}

} // namespace huiyin::web
