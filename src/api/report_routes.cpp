#include "body.hpp"

#include <huiyin/api/report_routes.hpp>
#include <huiyin/report/csv.hpp>
#include <huiyin/report/internal_rating.hpp>

#include <fmt/format.h>

#include <charconv>
#include <cmath>

namespace huiyin::api {

namespace {

using domain::metric;
using domain::permission;
using nlohmann::json;
using report::csv_writer;
using report::figure;
using report::report_service;

constexpr std::size_t most_metrics = 20;
constexpr std::array<const char*, 3> languages{"zh-CN", "zh-TW", "en"};

json in_three(const domain::three_texts& texts)
{
    json all = json::object();
    for (std::size_t i = 0; i < texts.size(); ++i)
        all[languages[i]] = texts[i];
    return all;
}

json to_json(const domain::metric_info& info)
{
    json formula = json::object();
    for (std::size_t i = 0; i < languages.size(); ++i)
        formula[languages[i]] = info.formula(i);
    return {{"metric", domain::to_string(info.what)},
            {"unit", domain::to_string(info.unit)},
            {"counted_when", domain::to_string(info.moment)},
            {"more_is_better", info.more_is_better},
            {"name", in_three(info.name)},
            {"formula", formula},
            {"numerator", in_three(info.numerator)},
            {"denominator", info.denominator[0].empty() ? json() : in_three(info.denominator)}};
}

json number(double value)
{
    // Counts are whole; a JSON reader should see them so.
    if (std::nearbyint(value) == value && std::abs(value) < 9e15) return static_cast<std::int64_t>(value);
    return value;
}
json number(const std::optional<double>& value)
{
    return value ? number(*value) : json();
}

json to_json(const figure& f)
{
    return {{"value", number(f.value)},
            {"part", number(f.counted.part)},
            {"whole", number(f.counted.whole)},
            {"count", f.counted.count}};
}

json optional_text(const std::string& text)
{
    return text.empty() ? json() : json(text);
}

json name_of(const std::map<std::string, std::string>& by_language)
{
    return by_language.empty() ? json() : json(by_language);
}

template <class Id>
json optional_id(const std::optional<Id>& id)
{
    return id ? json(id->to_string()) : json();
}

json to_json(const report::metric_report& made)
{
    json rows = json::array();
    for (const auto& each : made.rows)
        rows.push_back({{"key", optional_text(each.key)},
                        {"code", optional_text(each.code)},
                        {"name", name_of(each.name)},
                        {"parent", optional_text(each.parent)},
                        {"now", to_json(each.now)},
                        {"before", to_json(each.before)}});
    return {{"metric", domain::to_string(made.what)},
            {"unit", domain::to_string(domain::info_of(made.what).unit)},
            {"now", to_json(made.now)},
            {"before", to_json(made.before)},
            {"rows", rows}};
}

json to_json(const report::scorecards& cards)
{
    json metrics = json::array();
    for (const auto each : cards.metrics)
        metrics.push_back(domain::to_string(each));
    json rows = json::array();
    for (const auto& each : cards.rows) {
        json figures = json::array();
        for (const auto& f : each.figures)
            figures.push_back(to_json(f));
        rows.push_back({{"key", each.key},
                        {"code", optional_text(each.code)},
                        {"name", name_of(each.name)},
                        {"figures", figures},
                        {"score", number(each.score)},
                        {"rank", each.place.rank == 0 ? json() : json(each.place.rank)},
                        {"last", each.place.last}});
    }
    return {{"metrics", metrics}, {"rows", rows}};
}

// --- as a table ----------------------------------------------------------------------------------------------------

void write(csv_writer& to, const std::optional<double>& value)
{
    if (value)
        to.number(*value);
    else
        to.empty();
}

std::string label(const std::map<std::string, std::string>& name, const std::string& key)
{
    for (const auto* const language : languages)
        if (const auto it = name.find(language); it != name.end()) return it->second;
    return key;
}

net::response csv_reply(csv_writer made, std::string_view file)
{
    net::response answer;
    answer.content_type = "text/csv; charset=utf-8";
    answer.body = std::move(made).take();
    return std::move(answer).with("Content-Disposition", fmt::format("attachment; filename=\"{}.csv\"", file));
}

csv_writer values_table(const std::vector<report::metric_report>& reports)
{
    csv_writer out;
    out.line({"metric", "key", "code", "name", "value", "part", "whole", "count", "value_before"});
    const auto write_line = [&](metric what, const std::string& key, const std::string& code, const std::string& name,
                                const figure& now, const figure& before) {
        out.text(domain::to_string(what)).text(key).text(code).text(name);
        write(out, now.value);
        out.number(now.counted.part).number(now.counted.whole).number(static_cast<double>(now.counted.count));
        write(out, before.value);
        out.end_line();
    };
    for (const auto& each : reports) {
        write_line(each.what, "", "", "", each.now, each.before);
        for (const auto& row : each.rows)
            write_line(each.what, row.key, row.code, label(row.name, ""), row.now, row.before);
    }
    return out;
}

csv_writer cards_table(const report::scorecards& cards)
{
    csv_writer out;
    std::vector<std::string> head{"key", "code", "name", "score", "rank", "last"};
    for (const auto each : cards.metrics)
        head.emplace_back(domain::to_string(each));
    out.line(head);
    for (const auto& row : cards.rows) {
        out.text(row.key).text(row.code).text(label(row.name, ""));
        write(out, row.score);
        write(out, row.place.rank == 0 ? std::nullopt : std::optional<double>(row.place.rank));
        out.text(row.place.last ? "last" : "");
        for (const auto& each : row.figures)
            write(out, each.value);
        out.end_line();
    }
    return out;
}

csv_writer board_table(const report::live_board& board)
{
    csv_writer out;
    out.line({"what", "where", "department", "hour", "count", "overdue", "due_soon"});
    const auto write_line = [&](std::string_view what, std::string_view where,
                                std::string_view department) -> csv_writer& {
        return out.text(what).text(where).text(department);
    };
    for (const auto& each : board.queues) {
        write_line("open", each.status, each.department ? each.department->to_string() : "")
            .empty()
            .number(static_cast<double>(each.tickets))
            .number(static_cast<double>(each.overdue))
            .number(static_cast<double>(each.due_soon));
        out.end_line();
    }
    for (const auto& [age, count] : board.ageing) {
        write_line("age", domain::to_string(age), "").empty().number(static_cast<double>(count)).empty().empty();
        out.end_line();
    }
    for (const auto& each : board.intake) {
        write_line("intake", each.channel, "")
            .number(each.hour)
            .number(static_cast<double>(each.contacts))
            .empty()
            .empty();
        out.end_line();
    }
    return out;
}

// --- what is asked -------------------------------------------------------------------------------------------------

/// Reads the query's parameters and collects all that is wrong with them.
class query
{
public:
    query(const net::request& req, const std::string& time_zone) : req_(req), time_zone_(time_zone) {}

    std::vector<metric> metrics()
    {
        std::vector<metric> all;
        const auto value = req_.query_value("metric");
        if (!value || value->empty()) {
            wrong_.add("metric", "is missing");
            return all;
        }
        for (const auto& each : split(*value, ',')) {
            const auto known = domain::parse_name<metric>(each);
            if (!known)
                wrong_.add("metric", "is none of the known values");
            else if (std::ranges::find(all, *known) == all.end())
                all.push_back(*known);
        }
        if (all.size() > most_metrics) wrong_.add("metric", fmt::format("names more than {}", most_metrics));
        return all;
    }
    report::period days()
    {
        report::period asked{zone(), day("from"), day("to")};
        if (!wrong_.empty()) return asked;
        if (const auto checked = report::check_period(asked); !checked)
            wrong_.add(checked.error().facts.at(0).value, checked.error().detail);
        return asked;
    }
    std::string zone()
    {
        auto name = std::string(req_.query_value("tz").value_or(time_zone_));
        if (!domain::is_time_zone(name)) wrong_.add("tz", "is no time zone");
        return name;
    }
    report::grouping by() { return choice("by", report::grouping::none); }
    template <class E>
    E choice(const char* name, E otherwise)
    {
        const auto value = req_.query_value(name);
        if (!value) return otherwise;
        const auto read = domain::parse_name<E>(*value);
        if (!read) wrong_.add(name, "is none of the known values");
        return read.value_or(otherwise);
    }
    report::filter filter()
    {
        report::filter with;
        id("department_id", with.department);
        id("person_id", with.person);
        const auto text = [&](const char* name, std::optional<std::string>& into) {
            if (const auto value = req_.query_value(name)) into = std::string(first_code_points(*value, 64));
        };
        text("category", with.category), text("channel", with.channel), text("priority", with.priority);
        return with;
    }
    std::optional<double> customers()
    {
        const auto value = req_.query_value("customers");
        if (!value) return std::nullopt;
        const auto read = decimal(*value);
        if (!read || *read < 1) wrong_.add("customers", "is not a number from 1");
        return read;
    }
    /// "metric:weight:target,…"
    std::vector<domain::goal> goals()
    {
        const auto value = req_.query_value("weights");
        if (!value) return report::usual_goals();
        std::vector<domain::goal> all;
        for (const auto& each : split(*value, ',')) {
            const auto parts = split(each, ':');
            const auto what = parts.size() == 3 ? domain::parse_name<metric>(parts[0]) : std::nullopt;
            const auto weight = parts.size() == 3 ? decimal(parts[1]) : std::nullopt;
            const auto target = parts.size() == 3 ? decimal(parts[2]) : std::nullopt;
            if (!what || !weight || !target) {
                wrong_.add("weights", "are not metric:weight:target, divided by commas");
                return {};
            }
            all.push_back({*what, *weight, *target});
        }
        if (const auto checked = domain::check_goals(all); !checked) wrong_.add("weights", checked.error().detail);
        return all;
    }
    bool csv()
    {
        const auto value = req_.query_value("format");
        if (value && *value != "csv" && *value != "json") wrong_.add("format", "is none of the known values");
        return value == "csv";
    }
    std::optional<net::response> refusal() const
    {
        if (wrong_.empty()) return std::nullopt;
        return wrong_.reply();
    }

private:
    domain::local_day day(const char* name)
    {
        const auto value = req_.query_value(name);
        const auto read = value ? domain::parse_local_day(*value) : std::nullopt;
        if (!read) wrong_.add(name, "is not a day like 2026-02-24");
        return read.value_or(domain::local_day());
    }
    template <class Id>
    void id(const char* name, std::optional<Id>& into)
    {
        if (const auto value = req_.query_value(name)) {
            into = Id::parse(*value);
            if (!into) wrong_.add(name, "is not an id");
        }
    }
    static std::optional<double> decimal(std::string_view text)
    {
        double value = 0;
        const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
        if (failed != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
        return value;
    }

    const net::request& req_;
    const std::string& time_zone_;
    net::violations wrong_;
};

json period_json(const report::period& days)
{
    const auto in = report::span_of(days);
    return {{"from", domain::to_string(days.first)},
            {"to", domain::to_string(days.last)},
            {"tz", days.time_zone},
            {"begins_at", to_rfc3339(in.from)},
            {"ends_at", to_rfc3339(in.to)}};
}

task<net::response> show_metrics(net::request&)
{
    json all = json::array();
    for (std::size_t i = 0; i < domain::metric_count; ++i)
        all.push_back(to_json(domain::info_of(static_cast<metric>(i))));
    co_return net::json_reply(200, {{"items", all}});
}

task<net::response> show_values(net::request& req, report_service& reports, const std::string& zone)
{
    query in(req, zone);
    report::question asked;
    asked.metrics = in.metrics();
    asked.days = in.days();
    asked.by = in.by();
    asked.filter = in.filter();
    asked.customers = in.customers();
    const bool as_csv = in.csv();
    if (auto refused = in.refusal()) co_return std::move(*refused);
    const auto made = co_await reports.values(asked, req.actor());
    if (!made) co_return net::problem(made.error());
    if (as_csv) co_return csv_reply(values_table(*made), "values");
    json items = json::array();
    for (const auto& each : *made)
        items.push_back(to_json(each));
    co_return net::json_reply(200, {{"period", period_json(asked.days)},
                                    {"period_before", period_json(report::before(asked.days))},
                                    {"by", domain::to_string(asked.by)},
                                    {"items", items}});
}

task<net::response> show_counted(net::request& req, report_service& reports, const std::string& zone)
{
    const auto page = net::page_of(req);
    if (!page) co_return net::problem(page.error());
    query in(req, zone);
    const auto metrics = in.metrics();
    const auto days = in.days();
    const auto filter = in.filter();
    const bool as_csv = in.csv();
    if (auto refused = in.refusal()) co_return std::move(*refused);
    if (metrics.size() != 1) {
        net::violations wrong;
        wrong.add("metric", "is one");
        co_return wrong.reply();
    }
    std::optional<report_service::mark> after;
    if (page->after) {
        const auto& key = *page->after;
        const auto at = key.size() == 3 ? parse_rfc3339(key[0]) : std::nullopt;
        const auto subject = key.size() == 3 ? uuid::parse(key[1]) : std::nullopt;
        int n = 0;
        const bool has_n =
            key.size() == 3 && std::from_chars(key[2].data(), key[2].data() + key[2].size(), n).ec == std::errc();
        if (!at || !subject || !has_n) co_return net::problem(error{errc::invalid_cursor, {}, {}});
        after = report_service::mark{*at, *subject, n};
    }
    const auto found = co_await reports.tickets(metrics[0], days, filter, after, page->limit, req.actor());
    if (!found) co_return net::problem(found.error());
    if (as_csv) {
        csv_writer out;
        out.line({"ticket_id", "number", "at", "part", "whole"});
        for (const auto& each : *found) {
            out.text(each.ticket ? each.ticket->to_string() : "").text(each.number).text(to_rfc3339(each.at));
            out.number(each.part).number(each.whole).end_line();
        }
        co_return csv_reply(std::move(out), "tickets");
    }
    json items = json::array();
    for (const auto& each : *found)
        items.push_back({{"ticket_id", optional_id(each.ticket)},
                         {"number", optional_text(each.number)},
                         {"at", to_rfc3339(each.at)},
                         {"part", number(each.part)},
                         {"whole", number(each.whole)}});
    json answer{{"items", items}, {"next_cursor", nullptr}};
    if (found->size() == page->limit) {
        const auto& last = found->back();
        answer["next_cursor"] =
            net::encode_cursor({to_rfc3339(last.at), last.subject.to_string(), std::to_string(last.n)});
    }
    co_return net::json_reply(200, answer);
}

task<net::response> show_scorecards(net::request& req, report_service& reports, const std::string& zone)
{
    query in(req, zone);
    const auto days = in.days();
    const auto goals = in.goals();
    const auto filter = in.filter();
    const auto of = req.query_value("of").value_or("person");
    const bool as_csv = in.csv();
    if (auto refused = in.refusal()) co_return std::move(*refused);
    if (of != "person" && of != "department") {
        net::violations wrong;
        wrong.add("of", "is none of the known values");
        co_return wrong.reply();
    }
    const bool of_persons = of == "person";
    const auto made = of_persons ? co_await reports.person_cards(days, goals, filter, req.actor())
                                 : co_await reports.department_cards(days, req.actor());
    if (!made) co_return net::problem(made.error());
    if (as_csv) co_return csv_reply(cards_table(*made), "scorecards");
    auto answer = to_json(*made);
    answer["period"] = period_json(days);
    answer["of"] = of;
    json weights = json::array();
    if (of_persons)
        for (const auto& each : goals)
            weights.push_back({{"metric", domain::to_string(each.what)},
                               {"weight", each.weight},
                               {"target", each.target},
                               {"service", domain::is_service(each.what)}});
    answer["goals"] = weights;
    co_return net::json_reply(200, answer);
}

json to_json(const std::vector<report::intake_count>& intake)
{
    json all = json::array();
    for (const auto& each : intake)
        all.push_back({{"channel", each.channel}, {"hour", each.hour}, {"contacts", each.contacts}});
    return all;
}

json to_json(const std::vector<report::alarm>& alarms)
{
    json all = json::array();
    for (const auto& each : alarms)
        all.push_back({{"measure", each.measure},
                       {"department_id", optional_id(each.department)},
                       {"threshold", each.threshold},
                       {"since", to_rfc3339(each.since)},
                       {"reached", each.reached}});
    return all;
}

task<net::response> show_board(net::request& req, report_service& reports, const std::string& zone)
{
    query in(req, zone);
    const auto name = in.zone();
    const bool as_csv = in.csv();
    if (auto refused = in.refusal()) co_return std::move(*refused);
    const auto made = co_await reports.board(name, req.actor());
    if (!made) co_return net::problem(made.error());
    if (as_csv) co_return csv_reply(board_table(*made), "live_board");
    json queues = json::array();
    for (const auto& each : made->queues)
        queues.push_back({{"status", each.status},
                          {"department_id", optional_id(each.department)},
                          {"tickets", each.tickets},
                          {"overdue", each.overdue},
                          {"due_soon", each.due_soon}});
    json ageing = json::object();
    for (const auto age : domain::names<domain::age_class>::of)
        ageing[std::string(age)] = 0;
    for (const auto& [age, count] : made->ageing)
        ageing[std::string(domain::to_string(age))] = count;
    json today = json::array();
    for (const auto& each : made->today)
        today.push_back(to_json(each));
    co_return net::json_reply(200, {{"at", to_rfc3339(made->at)},
                                    {"tz", made->time_zone},
                                    {"open", made->open},
                                    {"overdue", made->overdue},
                                    {"due_soon", made->due_soon},
                                    {"queues", queues},
                                    {"ageing", ageing},
                                    {"triage",
                                     {{"classification", made->triage.classification},
                                      {"judgement", made->triage.judgement},
                                      {"dispatch", made->triage.dispatch}}},
                                    {"alarms", to_json(made->alarms)},
                                    {"intake", to_json(made->intake)},
                                    {"intake_before", to_json(made->intake_before)},
                                    {"today", today},
                                    {"ranking", to_json(made->ranking)}});
}

task<net::response> rate(net::request& req, pg::database& db, const clock& time)
{
    const auto id = req.path_id<ticket_id>("id");
    if (!id) co_return net::problem(id.error());
    const auto sent = req.json();
    if (!sent) co_return net::problem(sent.error());
    body in(*sent);
    const auto score = in.integer("score", 1, 5);
    if (!in.find("score")) in.add("score", "is missing");
    if (auto refused = in.refusal()) co_return std::move(*refused);
    const auto made = co_await report::rate_reply(db, *id, static_cast<int>(*score), req.actor(), time.now());
    if (!made) co_return net::problem(made.error());
    co_return net::json_reply(201, {{"id", made->id.to_string()},
                                    {"ticket_id", made->ticket.to_string()},
                                    {"department_id", made->department.to_string()},
                                    {"score", made->score},
                                    {"at", to_rfc3339(made->at)}});
}

} // namespace

void add_report_routes(net::router& routes, report_service& reports, pg::database& db, const clock& time,
                       std::string time_zone)
{
    // Shared by the endpoints, which may outlive this call.
    const auto zone = std::make_shared<const std::string>(std::move(time_zone));
    routes.get("/api/v1/reports/metrics", permission::report_read, show_metrics);
    routes.get("/api/v1/reports/values", permission::report_read,
               [&reports, zone](net::request& req) { return show_values(req, reports, *zone); });
    routes.get("/api/v1/reports/tickets", permission::report_read,
               [&reports, zone](net::request& req) { return show_counted(req, reports, *zone); });
    routes.get("/api/v1/reports/scorecards", permission::report_read,
               [&reports, zone](net::request& req) { return show_scorecards(req, reports, *zone); });
    routes.get("/api/v1/live_board", permission::report_read,
               [&reports, zone](net::request& req) { return show_board(req, reports, *zone); });
    routes.post("/api/v1/tickets/{id}/internal_ratings", permission::ticket_rate_reply,
                [&db, &time](net::request& req) { return rate(req, db, time); });
}

} // namespace huiyin::api
