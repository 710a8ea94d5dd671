#include "body.hpp"

#include <huiyin/api/rules_routes.hpp>
#include <huiyin/domain/ticket_names.hpp>
#include <huiyin/ticket/preview.hpp>
#include <huiyin/upkeep/pack_apply.hpp>
#include <huiyin/upkeep/rules.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <array>
#include <charconv>

namespace huiyin::api {

namespace {

using domain::permission;
using nlohmann::json;

constexpr std::size_t most_moments = 20;
constexpr std::size_t most_segments = 200;
constexpr std::size_t largest_change = 2 * 1024 * 1024;

json or_null(const std::string& text)
{
    return text.empty() ? json() : json(text);
}

net::response violated(const std::vector<ticket::violation>& wrong)
{
    net::violations all;
    for (const auto& each : wrong)
        all.add(each.path, each.what);
    return all.reply();
}

std::string_view unit_of(const domain::target& t)
{
    using enum domain::target_unit;
    switch (t.unit) {
    case minutes: return "minutes";
    case hours: return "hours";
    case days: return "days";
    case business_hours: return "business_minutes";
    case working_days: return "working_days";
    case cutoffs: return "cutoffs";
    }
    return "minutes";
}

json to_json(const domain::target& t, const std::string& calendar)
{
    return {{"says", calendar.empty() ? to_string(t) : to_string(t) + ' ' + calendar},
            {"amount", t.unit == domain::target_unit::cutoffs ? json() : json(t.count)},
            {"unit", unit_of(t)},
            {"calendar", or_null(calendar)}};
}

json to_json(const ticket::target_table& targets)
{
    json all = json::array();
    for (std::size_t i = 0; i < targets.size(); ++i) {
        if (!targets[i]) continue;
        auto one = to_json(targets[i]->goal, targets[i]->calendar);
        one["kind"] = to_string(static_cast<domain::deadline_kind>(i));
        all.push_back(std::move(one));
    }
    return all;
}

json to_json(const ticket::pack_category& category)
{
    json values = json::array(), by_department = json::array();
    for (const auto& [value, department] : category.department.values)
        values.push_back({{"value", value}, {"department", department}});
    for (const auto& [department, targets] : category.targets_by_department)
        by_department.push_back({{"department", department}, {"targets", to_json(targets)}});
    const auto& limits = category.limits;
    return {{"code", category.code},
            {"name", category.name},
            {"type", domain::to_string(category.type)},
            {"priority", domain::to_string(category.priority)},
            {"open_to_public", category.open_to_public},
            {"department",
             {{"field", or_null(category.department.field)},
              {"values", values},
              {"otherwise", category.department.otherwise}}},
            {"observers", category.observers},
            {"approval_from", or_null(category.approval_from)},
            {"presumed_valid", category.presumed_valid},
            {"direct_authority_cents", category.direct_allowed ? json(category.direct_authority_cents) : json()},
            {"resolve_from_created", category.resolve_from_created},
            {"callback_sample_percent", category.callback_sample_percent},
            {"system_may_close", category.system_may_close},
            {"evidence", category.evidence ? json{{"files", category.evidence->min_files},
                                                  {"contact", category.evidence->contact_required},
                                                  {"spoke", category.evidence->spoke_required}}
                                           : json()},
            {"limits",
             {{"max_returns", limits.max_returns},
              {"max_promise_days", limits.max_promise.count()},
              {"max_extensions", limits.max_extensions},
              {"max_extension", to_json(limits.max_extension, {})},
              {"max_holds", limits.max_holds}}},
            {"targets", to_json(category.targets)},
            {"targets_by_department", by_department}};
}

json to_json(const upkeep::rules_version& of)
{
    return {{"version", of.version},
            {"pack", of.pack},
            {"applied_at", to_rfc3339(of.applied_at)},
            {"applied_by",
             {{"kind", to_string(of.by.kind)},
              {"id", of.by.id == uuid() ? json() : json(of.by.id.to_string())},
              {"display_name", or_null(of.by.name)}}}};
}

json to_json(const std::vector<upkeep::pack_change>& changes)
{
    json all = json::array();
    for (const auto& each : changes)
        all.push_back({{"part", each.part},
                       {"code", or_null(each.code)},
                       {"key", or_null(each.key)},
                       {"before", or_null(each.before)},
                       {"after", or_null(each.after)}});
    return all;
}

/// What begins when, and what stops on hold: the same in every organisation.
json clocks_of_the_house()
{
    json all = json::array();
    for (std::size_t i = 0; i < domain::deadline_kind_count; ++i) {
        const auto kind = static_cast<domain::deadline_kind>(i);
        const auto after = ticket::begins_after(kind, false);
        all.push_back({{"kind", to_string(kind)},
                       {"begins_after", after ? json(to_string(*after)) : json()},
                       {"stands_still_on_hold", ticket::stands_still_on_hold(kind)},
                       {"is_window", domain::is_window(kind)}});
    }
    return all;
}

json year_to_json(const people::calendar_document& of)
{
    auto year = json::parse(of.document);
    year["version"] = of.version;
    year["loaded_at"] = to_rfc3339(of.loaded_at);
    return year;
}

struct stored_rules
{
    people::pack_document pack;
    std::vector<people::calendar_document> years;
};
task<result<stored_rules>> load_rules(pg::database& db)
{
    auto tx = co_await db.begin_reading();
    if (!tx) co_return fail(tx.error());
    auto pack = co_await people::configuration_store::find_current_pack(*tx);
    if (!pack) co_return fail(pack.error());
    if (!*pack) co_return fail(errc::not_configured, "no pack has been applied");
    auto years = co_await people::configuration_store::load_calendars(*tx);
    if (!years) co_return fail(years.error());
    co_await tx->roll_back();
    co_return stored_rules{std::move(**pack), std::move(*years)};
}

net::response with_version(net::response reply, int version)
{
    return std::move(reply).with("ETag", fmt::format("\"{}\"", version));
}

task<net::response> show_rules(net::request&, pg::database& db)
{
    const auto stored = co_await load_rules(db);
    if (!stored) co_return net::problem(stored.error());
    const auto of = co_await upkeep::find_rules(db, stored->pack.version);
    if (!of) co_return net::problem(of.error());
    const auto rules = ticket::parse_pack(stored->pack.document);
    if (!rules || !*of) co_return net::problem(error{errc::corrupt, "the current pack", {}});
    const auto document = json::parse(stored->pack.document);

    auto answer = to_json(**of);
    json categories = json::array(), departments = json::array(), years = json::array(), ladder = json::array();
    for (const auto& each : rules->categories)
        categories.push_back(to_json(each));
    for (const auto& each : rules->departments)
        departments.push_back(
            {{"code", each.code}, {"name", each.name}, {"parent", or_null(each.parent)}, {"calendar", each.calendar}});
    for (const auto& each : stored->years)
        years.push_back(year_to_json(each));
    using enum domain::ladder_step;
    for (const auto each : {half, warning, breach, plus_1wd, plus_5wd, daily_repeat})
        ladder.push_back(to_string(each));
    answer.update({{"title", rules->title},
                   {"language", rules->language},
                   {"default_calendar", rules->default_calendar},
                   {"fallback", or_null(rules->fallback)},
                   {"targets", to_json(rules->targets)},
                   {"clocks", clocks_of_the_house()},
                   {"ladder", ladder},
                   {"categories", categories},
                   {"calendars", document.at("calendars")},
                   {"calendar_years", years},
                   {"callback", document.at("callback")},
                   {"repeat", document.value("repeat", json())},
                   {"departments", departments}});
    co_return with_version(net::json_reply(200, answer), stored->pack.version);
}

std::optional<int> parse_version(std::string_view text)
{
    int read = 0;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), read);
    if (failed != std::errc() || end != text.data() + text.size() || read < 1) return std::nullopt;
    return read;
}

task<net::response> list_versions(net::request& req, pg::database& db)
{
    const auto page = net::page_of(req);
    if (!page) co_return net::problem(page.error());
    std::optional<int> before;
    if (page->after) {
        before = page->after->size() == 1 ? parse_version(page->after->front()) : std::nullopt;
        if (!before) co_return net::problem(error{errc::invalid_cursor, {}, {}});
    }
    const auto found = co_await upkeep::list_rules(db, before, page->limit);
    if (!found) co_return net::problem(found.error());
    json items = json::array();
    for (const auto& each : *found)
        items.push_back(to_json(each));
    json answer{{"items", items}, {"next_cursor", nullptr}};
    if (found->size() == page->limit)
        answer["next_cursor"] = net::encode_cursor({std::to_string(found->back().version)});
    co_return net::json_reply(200, answer);
}

task<net::response> show_version(net::request& req, pg::database& db, const clock& time)
{
    const auto version = parse_version(req.path_parameters.at("number"));
    if (!version) co_return net::problem(error{errc::not_found, {}, {}});
    const auto of = co_await upkeep::find_rules(db, *version);
    if (!of) co_return net::problem(of.error());
    const auto document = co_await people::configuration_store(db, time).find_pack(*version);
    if (!document) co_return net::problem(document.error());
    if (!*of || !*document) co_return net::problem(error{errc::not_found, {}, {}});
    auto answer = to_json(**of);
    answer["document"] = json::parse((*document)->document);
    co_return net::json_reply(200, answer);
}

json to_json(const ticket::foreseen_clock& one, bool explains, const ticket::configuration& rules)
{
    const auto& d = one.deadline;
    const auto* const on = rules.find_calendar(d.calendar);
    json steps = json::array(), segments = json::array();
    for (const auto& each : one.steps)
        steps.push_back({{"step", to_string(each.step)}, {"at", to_rfc3339(each.at)}});
    std::size_t left_out = 0;
    if (explains && on) {
        const auto all = domain::explain(d, *on, d.due_at);
        left_out = all.size() - std::min(all.size(), most_segments);
        for (const auto& each : all) {
            if (segments.size() == most_segments) break;
            segments.push_back({{"from", to_rfc3339(each.from)},
                                {"to", to_rfc3339(each.to)},
                                {"counted_s", std::chrono::duration_cast<std::chrono::seconds>(each.counted).count()},
                                {"counted_days", each.counted_days},
                                {"why", each.why}});
        }
    }
    json made{{"kind", to_string(d.kind)},
              {"begins_after", one.after ? json(to_string(*one.after)) : json()},
              {"target", to_json(d.goal, d.calendar)},
              {"time_zone", on ? json(on->time_zone()) : json()},
              {"starts_at", to_rfc3339(d.started_at)},
              {"due_at", to_rfc3339(d.due_at)},
              {"provisional", one.provisional},
              {"steps", steps}};
    if (explains) {
        made["segments"] = segments;
        made["segments_left_out"] = left_out;
    }
    return made;
}

std::vector<instant> read_moments(body& in)
{
    std::vector<instant> moments;
    for (const auto& each : in.texts("received_at", most_moments)) {
        if (const auto read = parse_rfc3339(each))
            moments.push_back(*read);
        else
            in.add("received_at", "\"" + each + "\" is not a time like 2026-02-24T10:00:00+08:00");
    }
    if (!in.find("received_at")) in.add("received_at", "is missing");
    if (in.find("received_at") && moments.empty()) in.add("received_at", "is empty");
    return moments;
}

std::map<std::string, std::string> read_answers(body& in)
{
    std::map<std::string, std::string> answers;
    const auto* const fields = in.find("fields");
    if (!fields) return answers;
    if (!fields->is_object() || fields->size() > 50) {
        in.add("fields", "is not an object of at most 50 answers");
        return answers;
    }
    for (const auto& [code, value] : fields->items()) {
        if (value.is_string() && value.get_ref<const std::string&>().size() <= 200)
            answers.emplace(code, value.get<std::string>());
        else
            in.add("fields", "holds an answer that is no code");
    }
    return answers;
}

task<net::response> preview_rules(net::request& req, pg::database& db, ticket::configurations& rules, const clock& time)
{
    const auto sent = req.json();
    if (!sent) co_return net::problem(sent.error());
    body in(*sent);
    const auto category = in.text("category", 1, 64);
    const auto moments = read_moments(in);
    const auto answers = read_answers(in);
    const auto* const change = in.find("change");
    if (auto refused = in.refusal()) co_return std::move(*refused);

    auto now = co_await rules.current();
    if (!now) co_return net::problem(now.error());
    auto with = *now;
    json recount;
    if (change) {
        const auto stored = co_await people::configuration_store(db, time).find_pack((*now)->version());
        if (!stored) co_return net::problem(stored.error());
        if (!*stored) co_return net::problem(error{errc::not_configured, {}, {}});
        const auto proposed = upkeep::propose_rules((*stored)->document, *change);
        if (!proposed) {
            auto wrong = proposed.error();
            for (auto& each : wrong)
                each.path = each.path.empty() ? "change" : "change." + each.path;
            co_return violated(wrong);
        }
        auto after = co_await upkeep::foreseen_configuration(db, time, **now, *proposed);
        if (!after) co_return net::problem(after.error());
        const auto counted = co_await ticket::foresee_recount(db, **now, **after);
        if (!counted) co_return net::problem(counted.error());
        recount = {{"tickets", counted->tickets}, {"more", counted->more}};
        with = std::move(*after);
    }
    if (!with->rules().find_category(category)) co_return violated({{"category", "is not known"}});
    json items = json::array();
    for (const auto at : moments) {
        const auto foreseen = ticket::foresee_clocks(*with, category, answers, at);
        if (!foreseen) co_return net::problem(foreseen.error());
        json clocks = json::array();
        for (const auto& each : *foreseen)
            clocks.push_back(to_json(each, moments.size() == 1, *with));
        items.push_back({{"received_at", to_rfc3339(at)}, {"clocks", clocks}});
    }
    co_return net::json_reply(
        200, {{"version", (*now)->version()}, {"category", category}, {"items", items}, {"recount", recount}});
}

task<net::response> change_rules(net::request& req, pg::database& db, ticket::configurations& rules, const clock& time)
{
    const auto seen = req.seen_version();
    if (!seen) co_return net::problem(seen.error());
    auto sent = req.json();
    if (!sent) co_return net::problem(sent.error());
    if (!sent->is_object()) co_return violated({{{}, "is not an object"}});
    bool dry_run = false;
    if (const auto asked = sent->find("dry_run"); asked != sent->end()) {
        if (!asked->is_boolean()) co_return violated({{"dry_run", "is neither true nor false"}});
        dry_run = asked->get<bool>();
        sent->erase("dry_run");
    }
    const auto stored = co_await people::configuration_store(db, time).find_current_pack();
    if (!stored) co_return net::problem(stored.error());
    if (!*stored) co_return net::problem(error{errc::not_configured, {}, {}});
    if ((*stored)->version != *seen) {
        const auto of = co_await upkeep::find_rules(db, (*stored)->version);
        if (!of) co_return net::problem(of.error());
        co_return net::problem(*of ? upkeep::stale_rules(**of) : error{errc::stale_version, {}, {}});
    }
    auto proposed = upkeep::propose_rules((*stored)->document, *sent);
    if (!proposed) co_return violated(proposed.error());
    const auto before = ticket::parse_pack((*stored)->document);
    const auto changes = upkeep::compare_packs(before ? *before : ticket::pack(), proposed->pack);

    // Counted by what is known of the rules here, which may be 2 s behind.
    const auto now = co_await rules.current();
    if (!now) co_return net::problem(now.error());
    const auto after = co_await upkeep::foreseen_configuration(db, time, **now, *proposed);
    if (!after) co_return net::problem(after.error());
    const auto counted = co_await ticket::foresee_recount(db, **now, **after);
    if (!counted) co_return net::problem(counted.error());

    json answer{{"dry_run", dry_run},
                {"based_on", *seen},
                {"version", *seen},
                {"changes", to_json(changes)},
                {"calendar_years", json::array()},
                {"recount", {{"tickets", counted->tickets}, {"more", counted->more}}}};
    if (dry_run) {
        const auto years = co_await people::configuration_store(db, time).load_calendars();
        if (!years) co_return net::problem(years.error());
        for (const auto& each : proposed->years) {
            const bool same = std::ranges::any_of(*years, [&](const auto& one) {
                return one.calendar == each.calendar && one.year == each.year &&
                       json::parse(one.document) == json::parse(each.document);
            });
            if (!same) answer["calendar_years"].push_back(fmt::format("{} {}", each.calendar, each.year));
        }
        co_return net::json_reply(200, answer);
    }
    const auto done =
        co_await upkeep::publish_rules(db, time, static_cast<int>(*seen), std::move(*proposed), req.actor());
    if (!done) co_return net::problem(done.error());
    answer["version"] = done->version;
    answer["calendar_years"] = done->calendar_years;
    co_return with_version(net::json_reply(done->is_new ? 201 : 200, answer), done->version);
}

task<net::response> diff_pack(net::request& req, people::people_service& people, pg::database& db, const clock& time)
{
    const auto sent = req.json();
    if (!sent) co_return net::problem(sent.error());
    body in(*sent);
    const auto* const document = in.find("document");
    if (!document) in.add("document", "is missing");
    const auto* const years = in.find("calendar_years");
    if (years && (!years->is_array() || years->size() > 20)) in.add("calendar_years", "is not a list of at most 20");
    if (auto refused = in.refusal()) co_return std::move(*refused);

    upkeep::pack_application what;
    what.document = document->dump();
    std::vector<ticket::violation> wrong;
    if (const auto pack = ticket::parse_pack(what.document); !pack)
        for (const auto& each : pack.error())
            wrong.push_back({each.path.empty() ? "document" : "document." + each.path, each.what});
    for (std::size_t i = 0; years && i < years->size(); ++i) {
        what.calendar_years.push_back((*years)[i].dump());
        const auto place = fmt::format("calendar_years[{}]", i);
        if (const auto file = ticket::parse_calendar_file(what.calendar_years.back()); !file)
            for (const auto& each : file.error())
                wrong.push_back({each.path.empty() ? place : place + '.' + each.path, each.what});
    }
    if (!wrong.empty()) co_return violated(wrong);

    people::configuration_store configuration(db, time);
    const auto forecast = co_await upkeep::foresee_pack(people, configuration, what);
    if (!forecast && forecast.error().code == errc::not_found)
        co_return violated({{"document.departments", forecast.error().detail}});
    if (!forecast) co_return net::problem(forecast.error());
    co_return net::json_reply(200, {{"version", forecast->version},
                                    {"changes_nothing", forecast->changes_nothing()},
                                    {"new_departments", forecast->new_departments},
                                    {"changed_departments", forecast->changed_departments},
                                    {"calendar_years", forecast->calendar_years},
                                    {"changes", to_json(forecast->changes)}});
}

} // namespace

void add_rules_routes(net::router& routes, pg::database& db, ticket::configurations& rules,
                      people::people_service& people, const clock& time)
{
    routes.get("/api/v1/rules", permission::configuration_read,
               [&db](net::request& req) { return show_rules(req, db); });
    routes.get("/api/v1/rules/versions", permission::configuration_read,
               [&db](net::request& req) { return list_versions(req, db); });
    routes.get("/api/v1/rules/versions/{number}", permission::configuration_read,
               [&db, &time](net::request& req) { return show_version(req, db, time); });
    routes.post("/api/v1/rules/preview", permission::configuration_read,
                [&db, &rules, &time](net::request& req) { return preview_rules(req, db, rules, time); },
                {.body_limit = largest_change});
    routes.post("/api/v1/rules", permission::configuration_manage,
                [&db, &rules, &time](net::request& req) { return change_rules(req, db, rules, time); },
                {.body_limit = largest_change});
    routes.post("/api/v1/packs/diff", permission::configuration_manage,
                [&db, &people, &time](net::request& req) { return diff_pack(req, people, db, time); },
                {.body_limit = largest_change});
}

} // namespace huiyin::api
