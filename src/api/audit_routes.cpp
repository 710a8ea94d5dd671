#include <huiyin/api/audit_routes.hpp>
#include <huiyin/base/text.hpp>
#include <huiyin/domain/permission.hpp>
#include <huiyin/upkeep/audit.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>

namespace huiyin::api {

namespace {

using domain::permission;
using nlohmann::json;

/// Of a confidential matter only those see more than that it happened who may know who reported.
json to_json(const upkeep::audit_item& item, bool sees_confidential)
{
    const bool withheld = item.confidential && !sees_confidential;
    return {
        {"seq", item.seq},
        {"pos", item.pos ? json(*item.pos) : json()},
        {"id", item.id.to_string()},
        {"at", to_rfc3339(item.at)},
        {"recorded_at", to_rfc3339(item.recorded_at)},
        {"kind", item.kind},
        {"subject", item.subject.to_string()},
        {"subject_version", item.subject_version},
        {"actor",
         {{"kind", item.actor_kind},
          {"id",
           item.actor == uuid() || (withheld && item.actor_kind == "customer") ? json() : json(item.actor.to_string())},
          {"display_name", item.actor_name.empty() ? json() : json(item.actor_name)}}},
        {"data", withheld ? json() : json::parse(item.data)},
        {"withheld", withheld}};
}

std::optional<std::int64_t> parse_seq(std::string_view text)
{
    std::int64_t read = 0;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), read);
    if (failed != std::errc() || end != text.data() + text.size() || read < 0) return std::nullopt;
    return read;
}

bool is_kind(std::string_view text)
{
    const auto plain = [](char c) { return (c >= 'a' && c <= 'z') || c == '_' || c == '.'; };
    if (text.ends_with('*')) text.remove_suffix(1);
    return text.size() <= 100 && std::ranges::all_of(text, plain);
}

task<net::response> list_audit(net::request& req, pg::database& db)
{
    const auto page = net::page_of(req);
    if (!page) co_return net::problem(page.error());
    upkeep::audit_query what;
    if (page->after) {
        what.before = page->after->size() == 1 ? parse_seq(page->after->front()) : std::nullopt;
        if (!what.before) co_return net::problem(error{errc::invalid_cursor, {}, {}});
    }
    net::violations wrong;
    const auto id_in = [&](const char* name, std::optional<uuid>& into) {
        const auto text = req.query_value(name);
        if (!text) return;
        into = uuid::parse(std::string(*text));
        if (!into) wrong.add(name, "is not an id");
    };
    const auto time_in = [&](const char* name, std::optional<instant>& into) {
        const auto text = req.query_value(name);
        if (!text) return;
        into = parse_rfc3339(std::string(*text));
        if (!into) wrong.add(name, "is not a time like 2026-02-24T10:00:00+08:00");
    };
    id_in("subject", what.subject);
    id_in("actor", what.actor);
    time_in("from", what.from);
    time_in("to", what.to);
    what.kind = std::string(trimmed(req.query_value("kind").value_or("")));
    if (!is_kind(what.kind)) wrong.add("kind", "is neither a kind of event nor the beginning of one and *");
    if (!wrong.empty()) co_return wrong.reply();

    const auto found = co_await upkeep::read_audit(db, std::move(what), page->limit);
    if (!found) co_return net::problem(found.error());
    const bool sees = domain::may(req.actor(), permission::customer_identity_of_report);
    json items = json::array();
    for (const auto& each : found->items)
        items.push_back(to_json(each, sees));
    json answer{{"items", items}, {"next_cursor", nullptr}};
    if (found->next) answer["next_cursor"] = net::encode_cursor({std::to_string(*found->next)});
    co_return net::json_reply(200, answer);
}

json to_json(const upkeep::journal_check& check)
{
    return {{"id", check.id.to_string()},
            {"state", check.state},
            {"started_at", to_rfc3339(check.started_at)},
            {"started_by", check.started_by == uuid() ? json() : json(check.started_by.to_string())},
            {"finished_at", check.finished_at ? json(to_rfc3339(*check.finished_at)) : json()},
            {"done_pos", check.done_pos},
            {"of_pos", check.of_pos},
            {"result", check.result.empty() ? json() : json::parse(check.result)}};
}

task<net::response> show_verification(net::request&, pg::database& db, const clock& time)
{
    const auto head = co_await upkeep::read_journal_head(db);
    if (!head) co_return net::problem(head.error());
    const auto last = co_await upkeep::read_last_checks(db, time.now());
    if (!last) co_return net::problem(last.error());
    json answer{{"head", {{"pos", head->pos}, {"sealed_pos", head->sealed_pos}, {"seal", nullptr}, {"mac", nullptr}}},
                {"newest", last->newest ? to_json(*last->newest) : json()},
                {"answered", last->answered ? to_json(*last->answered) : json()}};
    if (head->seal > 0) {
        answer["head"]["seal"] = head->seal;
        answer["head"]["mac"] = head->mac;
    }
    co_return net::json_reply(200, answer);
}

task<net::response> verify_journal(net::request& req, pg::database& db, const clock& time,
                                   const std::optional<journal::seal_key>& key, task_group& background)
{
    const auto begun = co_await upkeep::begin_journal_check(db, time, key, background, req.actor());
    if (!begun) co_return net::problem(begun.error());
    co_return net::json_reply(202, to_json(*begun)).with("Location", "/api/v1/journal/verification");
}

} // namespace

void add_audit_routes(net::router& routes, pg::database& db, const clock& time,
                      std::optional<journal::seal_key> seal_key, task_group& background)
{
    routes.get("/api/v1/audit", permission::journal_verify, [&db](net::request& req) { return list_audit(req, db); });
    routes.get("/api/v1/journal/verification", permission::journal_verify,
               [&db, &time](net::request& req) { return show_verification(req, db, time); });
    routes.post("/api/v1/journal/verification", permission::journal_verify,
                [&db, &time, &background, key = seal_key](net::request& req) {
                    return verify_journal(req, db, time, key, background);
                });
}

} // namespace huiyin::api
