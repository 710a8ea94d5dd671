// Route × role × object: what everyone may ask of everything, against the one rule of the domain. The routes are those
// that the daemon itself composes, so a new one without a row here fails.
#include "graph.hpp"

#include <huiyin/domain/permission.hpp>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <fstream>
#include <functional>
#include <map>
#include <optional>
#include <regex>
#include <set>
#include <support/daemon/daemon_fixture.hpp>
#include <tuple>

namespace huiyin::test {
namespace {

using domain::permission;
using nlohmann::json;
using namespace std::chrono_literals;

/// Composed as the daemon does it; nothing connects.
std::vector<net::router::entry> routes_of_the_daemon()
{
    const daemon::config settings;
    asio::io_context context(1);
    const huiyin::system_clock time;
    metrics::registry metrics;
    blocking_pool pool(1, 1);
    people::rights_epoch rights;
    const daemon::commons with{settings, {}, time, metrics, pool, rights, {}, {}, {}, {}};
    const daemon::graph composed(context.get_executor(), with);
    return composed.routes().table();
}

enum class object {
    none,
    own_number,
    ticket,
    customer,
    attachment,
    erasable,
    user,
    department,
    token,
    notice,
    parked,
    webhook,
    letter,
    problem,
    case_,
    view,
    draft,
    draft_key,
    rules_version,
    knowledge,
    canned_reply
};

struct row
{
    std::string route;
    object of = object::none;
    json body = {};
    /// Where the object has versions: one that nobody has seen, so that what is allowed is answered 412 and changes
    /// nothing.
    std::string seen = {};
    std::string query = {};
};

/// One object as `{id}`; none of that id exists where there is no scope.
struct thing
{
    std::string name;
    std::string id;
    std::optional<domain::object_scope> scope;
    /// Only for him, whatever his role.
    std::optional<uuid> owner = {};
};

struct caller
{
    std::string name;
    domain::actor who;
    std::function<answer(std::string_view method, std::string_view target, std::string_view body,
                         const http_headers& extra)>
        call;
    http_headers credentials;
};

/// All of an answer that a client can tell apart, less what differs from request to request.
std::string fingerprint(const answer& of)
{
    auto body = of.body;
    if (body.is_object()) body.erase("trace_id");
    std::string all = fmt::format("{} {}", of.status, body.is_null() ? of.raw.body : body.dump());
    std::set<std::string> headers;
    for (const auto& [name, value] : of.raw.headers)
        if (name != "date" && name != "x-request-id" && name != "content-length") headers.insert(name + ": " + value);
    for (const auto& each : headers)
        all += "\n" + each;
    return all;
}

class Matrix : public ::testing::Test
{
protected:
    static void SetUpTestSuite()
    {
        daemon_ = std::make_unique<daemon_process>("[outbox]\nprivate_networks = true\n");
        // From here on the planner reads a table whole only where no index offers another way.
        for (const auto* role : {"huiyin_app", "huiyin_owner"})
            daemon_->sql(fmt::format("ALTER ROLE {} SET enable_seqscan = off", role), role);
        read_whole_before_ = tables_read_whole();
        for (const auto* login :
             {"chen.jing", "zhao.min", "wang.qiang", "zhang.wei", "qian.li", "cao.yu", "admin", "shen.yi", "zhou.tao"})
            people_.emplace(login, std::make_unique<person>(*daemon_, login));
        for (const auto& each : person_of("cao.yu").get("/api/v1/departments").body.at("items"))
            departments_.emplace(each.at("code").get<std::string>(),
                                 department_id::parse(each.at("id").get<std::string>()).value());

        own_ = accepted_ticket("13800000001", "east", "wang.qiang");
        other_ = accepted_ticket("13800000002", "west", "zhou.tao");
        shared_west_ = accepted_ticket("13800000003", "west", "zhou.tao");
        shared_east_ = accepted_ticket("13800000003", "east", "wang.qiang");
        untouched_ = classified_ticket("13800000004", "east");
    }
    static void TearDownTestSuite()
    {
        people_.clear();
        const auto status = daemon_->stop();
        EXPECT_EQ(status, 0);
        EXPECT_EQ(daemon_->log().find("Sanitizer"), std::string::npos) << daemon_->log();
        daemon_.reset();
    }

    /// How often each table of which there is more every day was read whole so far. The daemon is started again, so
    /// that its sessions have told PostgreSQL all they did.
    static std::map<std::string, std::int64_t> tables_read_whole()
    {
        EXPECT_EQ(daemon_->stop(), 0);
        daemon_->restart();
        std::map<std::string, std::int64_t> times;
        for (const auto& row :
             daemon_->sql("SELECT relname, seq_scan FROM pg_stat_user_tables WHERE schemaname = 'huiyin'"))
            times.emplace(row.at(0), std::stoll(row.at(1)));
        return times;
    }

    static person& person_of(const std::string& login) { return *people_.at(login); }
    static person& officer() { return person_of("zhao.min"); }

    static std::string classified_ticket(const std::string& phone, const std::string& district)
    {
        const auto taken = complain(*daemon_, {{"contact", {{"name", "订户"}, {"phone", phone}}},
                                               {"category", "missed_copy"},
                                               {"problem", "报纸没有收到"},
                                               {"fields", {{"district", district}}}});
        if (taken.status != 201) throw std::runtime_error(taken.raw.body);
        const auto id = ticket_id_of(officer(), taken.body.at("number").get<std::string>());
        done(officer().act(id, "classification", {{"category", "missed_copy"}}));
        return id;
    }
    static std::string dispatched_ticket(const std::string& phone, const std::string& district)
    {
        const auto id = classified_ticket(phone, district);
        // A second complaint of a person goes elsewhere by rule; a supervisor may send it to the station all the same.
        done(person_of("qian.li").act(id, "dispatch",
                                      {{"department_id", department("station_" + district).to_string()}}));
        return id;
    }
    static std::string accepted_ticket(const std::string& phone, const std::string& district,
                                       const std::string& handler)
    {
        const auto id = dispatched_ticket(phone, district);
        done(person_of(handler).act(id, "acceptance"));
        return id;
    }
    static void done(const answer& told)
    {
        if (told.status != 201) throw std::runtime_error(told.raw.body);
    }
    static department_id department(const std::string& code) { return departments_.at(code); }
    static json ticket(const std::string& id) { return officer().get("/api/v1/tickets/" + id).body; }
    static std::string customer_of(const std::string& id) { return ticket(id).at("customer_id").get<std::string>(); }

    /// As `domain::scope_of` has it, from what the API shows.
    static domain::object_scope scope_of(const std::string& id)
    {
        const auto t = ticket(id);
        domain::object_scope scope;
        for (const auto& each : t.at("work_orders"))
            scope.departments.push_back(department_id::parse(each.at("department_id").get<std::string>()).value());
        if (!t.at("department_id").is_null())
            scope.responsible = department_id::parse(t.at("department_id").get<std::string>()).value();
        if (!t.at("handler_id").is_null())
            scope.assignee = user_id::parse(t.at("handler_id").get<std::string>()).value();
        return scope;
    }

    static domain::actor actor_of(person& who)
    {
        const auto me = who.get("/api/v1/me").body;
        domain::actor actor;
        actor.kind = domain::actor_kind::user;
        actor.id = uuid::parse(me.at("id").get<std::string>()).value();
        for (const auto& each : me.at("roles"))
            actor.roles.add(domain::parse_role(each.get<std::string>()).value());
        for (const auto& each : me.at("departments")) {
            const auto of = department_id::parse(each.at("department_id").get<std::string>()).value();
            actor.departments.push_back(of);
            if (each.at("position") == "leader") actor.leads.push_back(of);
        }
        return actor;
    }

    static caller user(const std::string& login)
    {
        auto& who = person_of(login);
        return {login,
                actor_of(who),
                [&who](auto method, auto target, auto body, const auto& extra) {
                    return who.call(method, target, body, extra);
                },
                {{"Cookie", who.cookies()}, {"Origin", daemon_->origin()}}};
    }
    static caller anonymous()
    {
        const auto browser = std::make_shared<http_client>(daemon_->port());
        return {"anonymous",
                domain::actor::anonymous(),
                [browser](auto method, auto target, auto body, const auto& extra) {
                    return to_answer(browser->request(method, target, extra, body));
                },
                {}};
    }
    static caller token(std::vector<permission> scopes)
    {
        caller made{"token", {}, {}, {}};
        made.who.kind = domain::actor_kind::token;
        json names = json::array();
        for (const auto each : scopes) {
            made.who.scopes.push_back(static_cast<int>(each));
            names.push_back(to_string(each));
            made.name += fmt::format(" {}", to_string(each));
        }
        const auto created = person_of("admin").post("/api/v1/tokens", {{"name", made.name}, {"scopes", names}});
        if (created.status != 201) throw std::runtime_error(created.raw.body);
        made.credentials = {{"Authorization", "Bearer " + created.body.at("token").get<std::string>()}};
        const auto machine = std::make_shared<http_client>(daemon_->port(), made.credentials);
        made.call = [machine](auto method, auto target, auto body, const auto& extra) {
            return to_answer(machine->request(method, target, extra, body));
        };
        return made;
    }

    static std::vector<caller> everybody()
    {
        std::vector<caller> all;
        for (const auto* login :
             {"chen.jing", "zhao.min", "wang.qiang", "zhang.wei", "qian.li", "cao.yu", "admin", "shen.yi"})
            all.push_back(user(login));
        all.push_back(anonymous());
        all.push_back(token({permission::metrics_read}));
        all.push_back(token({permission::ticket_read, permission::intake_submit}));
        return all;
    }

    static std::unique_ptr<daemon_process> daemon_;
    static std::map<std::string, std::int64_t> read_whole_before_;
    static std::map<std::string, std::unique_ptr<person>> people_;
    static std::map<std::string, department_id> departments_;
    static std::string own_, other_, shared_east_, shared_west_, untouched_;
};

std::unique_ptr<daemon_process> Matrix::daemon_;
std::map<std::string, std::int64_t> Matrix::read_whole_before_;
std::map<std::string, std::unique_ptr<person>> Matrix::people_;
std::map<std::string, department_id> Matrix::departments_;
std::string Matrix::own_, Matrix::other_, Matrix::shared_east_, Matrix::shared_west_, Matrix::untouched_;

json shipped_pack()
{
    std::ifstream in(HUIYIN_SOURCE_DIR "/config/packs/newspaper.json");
    return json::parse(in);
}

std::vector<row> rows(const std::string& password, const std::string& department, const std::string& number,
                      const std::string& ticket)
{
    const json words{{"en", {{"title", "M"}, {"body", "M"}}}};
    const json answers{{"solved", "yes"}, {"result", 5}};
    const json complaint{{"contact", {{"phone", "13800000009"}}}, {"problem", "报纸没有收到"}};
    auto intake = complaint;
    intake.update({{"account", "matrix"}, {"external_id", "1"}});
    const auto act = [](const char* action, json body) {
        return row{fmt::format("POST /api/v1/tickets/{{id}}/{}", action), object::ticket, std::move(body), "\"1\""};
    };
    const auto nothing = json::object();
    const std::string unseen = "\"999999\"";
    return {
        {"GET /healthz"},
        {"GET /readyz"},
        {"GET /metrics"},
        {"GET /public/v1/form"},
        {"POST /public/v1/complaints", object::none, complaint},
        {"POST /public/v1/tracking", object::none, {{"number", number}, {"phone", "13800000001"}}},
        {"GET /public/v1/plain.css"},
        {"POST /complain"},
        {"POST /track"},
        {"POST /public/v1/tickets/{number}/acts", object::own_number, {{"act", "urge"}, {"phone", "13800000001"}}},

        {"POST /api/v1/session", object::none, {{"login", "cao.yu"}, {"password", password}}},
        {"DELETE /api/v1/session"},
        {"GET /api/v1/me"},
        {"PUT /api/v1/me/password", object::none, {{"old_password", password}, {"new_password", password}}},
        {"GET /api/v1/sessions"},
        {"DELETE /api/v1/sessions"},
        {"GET /api/v1/notices"},
        {"POST /api/v1/notices/{id}/reading", object::notice},
        {"GET /api/v1/stream"},
        {"GET /api/v1/views"},
        {"POST /api/v1/views", object::none, {{"name", "M"}, {"filter", nothing}}},
        {"PUT /api/v1/views/{id}", object::view, {{"name", "M"}, {"filter", nothing}}, unseen},
        {"DELETE /api/v1/views/{id}", object::view, {}, unseen},
        {"GET /api/v1/drafts"},
        {"GET /api/v1/drafts/{key}", object::draft},
        {"PUT /api/v1/drafts/{key}", object::draft_key, {{"body", "M"}}},
        {"DELETE /api/v1/drafts/{key}", object::draft_key},
        {"GET /api/v1/me/settings"},
        {"PATCH /api/v1/me/settings", object::none, {{"theme", "dark"}}},
        {"GET /api/v1/me/presence"},
        {"PUT /api/v1/me/presence", object::none, {{"state", "available"}}},

        {"GET /api/v1/users"},
        {"POST /api/v1/users", object::none, {{"login", "matrix"}, {"display_name", "M"}, {"roles", {"quality"}}}},
        {"GET /api/v1/users/{id}", object::user},
        {"PATCH /api/v1/users/{id}", object::user, {{"display_name", "M"}}, unseen},
        {"PUT /api/v1/users/{id}/roles", object::user, {{"roles", {"auditor"}}}, unseen},
        {"PUT /api/v1/users/{id}/password", object::user, {{"password", "correct horse battery"}}},
        {"GET /api/v1/departments"},
        {"POST /api/v1/departments",
         object::none,
         {{"code", "matrix"}, {"name", {{"en", "M"}}}, {"calendar", "office"}}},
        {"PUT /api/v1/departments/{id}",
         object::department,
         {{"code", "matrix"}, {"name", {{"en", "M"}}}, {"calendar", "office"}},
         unseen},
        {"GET /api/v1/departments/{id}/members", object::department},
        {"PUT /api/v1/departments/{id}/members", object::department, {{"members", json::array()}}, unseen},
        {"GET /api/v1/configuration"},
        {"GET /api/v1/rules"},
        {"POST /api/v1/rules", object::none, {{"targets", nothing}}, unseen},
        {"GET /api/v1/rules/versions"},
        {"GET /api/v1/rules/versions/{number}", object::rules_version},
        {"POST /api/v1/rules/preview",
         object::none,
         {{"category", "missed_copy"}, {"received_at", {"2026-03-02T09:00:00+08:00"}}}},
        {"POST /api/v1/packs/diff", object::none, {{"document", shipped_pack()}}},
        {"GET /api/v1/knowledge"},
        {"POST /api/v1/knowledge", object::none, {{"kind", "article"}, {"words", words}}},
        {"GET /api/v1/knowledge/suggestions", object::none, {}, {}, "?q=%E6%8A%A5%E7%BA%B8"},
        {"GET /api/v1/knowledge/notices"},
        {"GET /api/v1/knowledge/{id}", object::knowledge},
        {"PUT /api/v1/knowledge/{id}", object::knowledge, {{"words", words}}, unseen},
        {"GET /api/v1/knowledge/{id}/editions", object::knowledge},
        {"GET /api/v1/knowledge/{id}/readers", object::knowledge},
        {"POST /api/v1/knowledge/{id}/submission", object::knowledge, {}, unseen},
        {"POST /api/v1/knowledge/{id}/review", object::knowledge, {{"approved", true}}, unseen},
        {"POST /api/v1/knowledge/{id}/withdrawal", object::knowledge, {}, unseen},
        {"POST /api/v1/knowledge/{id}/reading", object::knowledge, {{"edition", 1}}},
        {"GET /api/v1/canned_replies"},
        {"POST /api/v1/canned_replies", object::none, {{"name", "M"}, {"body", "M"}}},
        {"PUT /api/v1/canned_replies/{id}", object::canned_reply, {{"name", "M"}, {"body", "M"}}, unseen},
        {"DELETE /api/v1/canned_replies/{id}", object::canned_reply, {}, unseen},
        {"POST /api/v1/canned_replies/{id}/rendering", object::canned_reply, {{"ticket_id", ticket}}},
        {"GET /api/v1/audit"},
        {"GET /api/v1/journal/verification"},
        {"POST /api/v1/journal/verification"},
        {"GET /api/v1/tokens"},
        {"POST /api/v1/tokens", object::none, {{"name", "M"}, {"scopes", {"metrics_read"}}}},
        {"DELETE /api/v1/tokens/{id}", object::token},

        {"POST /api/v1/intake", object::none, intake},
        {"GET /api/v1/parked"},
        {"POST /api/v1/parked/{id}/retry", object::parked},
        {"GET /api/v1/webhooks"},
        {"POST /api/v1/webhooks",
         object::none,
         {{"name", "matrix"}, {"url", "https://hooks.example.com/"}, {"kinds", {"ticket.*"}}}},
        {"GET /api/v1/webhooks/{id}", object::webhook},
        {"PATCH /api/v1/webhooks/{id}", object::webhook, {{"name", "M"}}, unseen},
        {"DELETE /api/v1/webhooks/{id}", object::webhook, {}, unseen},
        {"POST /api/v1/webhooks/{id}/secrets", object::webhook, {}, unseen},
        {"POST /api/v1/webhooks/{id}/test-deliveries", object::webhook},
        {"POST /api/v1/webhooks/{id}/replays", object::webhook, {{"from_pos", 1}}},
        {"GET /api/v1/dead_letters"},
        {"POST /api/v1/dead_letters/{id}/sending", object::letter},
        {"POST /api/v1/dead_letters/{id}/settlement", object::letter},
        {"POST /api/v1/dead_letters/{id}/drop", object::letter, {{"reason", "matrix"}}},
        {"GET /api/v1/customers/{id}", object::customer},
        {"PATCH /api/v1/customers/{id}", object::customer, {{"note", "M"}}, unseen},
        {"GET /api/v1/customers/{id}/timeline", object::customer},
        {"GET /api/v1/customers/{id}/export", object::customer},
        {"GET /api/v1/attachments/{id}", object::attachment},
        {"POST /api/v1/customers/{id}/erasure", object::erasable},
        {"GET /api/v1/customers/{id}/merge-preview", object::customer},
        {"POST /api/v1/customers/{id}/merge", object::customer, {{"into", department}}, unseen},
        {"POST /api/v1/customers/{id}/merge-undo", object::customer, {}, unseen},
        {"GET /api/v1/cases"},
        {"GET /api/v1/cases/{id}", object::case_},
        {"DELETE /api/v1/cases/{id}", object::case_, {}, unseen},
        {"POST /api/v1/tickets/{id}/case_record", object::ticket, {{"title", "M"}, {"text", "M"}}},
        {"GET /api/v1/tickets/{id}/archive", object::ticket},
        {"GET /api/v1/problems"},
        {"POST /api/v1/problems", object::none, {{"title", "M"}, {"root_cause", "carrier_missed"}}},
        {"GET /api/v1/problems/{id}", object::problem},
        {"PATCH /api/v1/problems/{id}", object::problem, {{"title", "M"}}, unseen},
        {"POST /api/v1/problems/{id}/tickets", object::problem, {{"tickets", json::array()}}},

        {"GET /api/v1/reports/metrics"},
        {"GET /api/v1/reports/values",
         object::none,
         {},
         {},
         "?metric=on_time,fcr_repeat,resolve_median,department_index&from=2026-03-01&to=2026-03-31&by=department"},
        {"GET /api/v1/reports/tickets", object::none, {}, {}, "?metric=tickets&from=2026-03-01&to=2026-03-31"},
        {"GET /api/v1/reports/scorecards", object::none, {}, {}, "?from=2026-03-01&to=2026-03-31"},
        {"GET /api/v1/live_board"},
        {"POST /api/v1/tickets/{id}/internal_ratings", object::ticket, {{"score", 4}}},

        {"GET /api/v1/search", object::none, {}, {}, "?q=%E6%8A%A5%E7%BA%B8"},
        {"GET /api/v1/tickets"},
        {"POST /api/v1/tickets",
         object::none,
         {{"channel", "phone"}, {"contact", {{"phone", "13800000009"}}}, {"problem", "报纸没有收到"}}},
        {"GET /api/v1/ticket_counts"},
        {"GET /api/v1/callbacks"},
        {"GET /api/v1/tickets/{id}", object::ticket},
        {"GET /api/v1/tickets/{id}/events", object::ticket},
        act("classification", {{"category", "missed_copy"}}),
        act("direct-resolution", {{"customer_confirmed", true}, {"solved", "yes"}, {"result", 5}}),
        act("dispatch", nothing),
        act("invalidity", {{"reason", "not_published"}, {"text", "当日未出版"}, {"evidence", 1}}),
        act("invalid-reply", {{"template", "not_published"}, {"text", "您好"}, {"understanding", "asked"}}),
        act("disputes", nothing),
        act("acceptance", nothing),
        act("returns",
            {{"reason", "other_department"}, {"basis", "不归本站"}, {"suggested_department_id", department}}),
        act("return-signature", {{"agreed", true}}),
        act("arbitration", {{"reason", "first_receiver"}, {"department_id", department}}),
        act("transfers", {{"reason", "other_department"}, {"department_id", department}}),
        act("contacts", {{"how", "call"}}),
        act("solutions", {{"text", "补送"}, {"root_cause", "carrier_new"}, {"no_responsible_reason", "no_person"}}),
        act("approvals", nothing),
        act("rejections", {{"comment", "不够"}}),
        act("fulfilment", nothing),
        act("completion", {{"result", "已补送"}, {"customer_informed", true}, {"evidence", 1}}),
        act("reply-rejections", {{"reason", "not_solved"}}),
        act("pass", nothing),
        act("callback-attempts", {{"outcome", "no_answer"}}),
        act("verdicts", answers),
        act("unreachable", {{"reason", "moved_away"}}),
        act("archival", nothing),
        {"GET /api/v1/tickets/{id}/clocks", object::ticket},
        {"GET /api/v1/tickets/{id}/actions", object::ticket},
        {"GET /api/v1/tickets/{id}/timeline", object::ticket},
        {"GET /api/v1/tickets/{id}/similar", object::ticket},
        {"GET /api/v1/quality/suspicions"},
        {"POST /api/v1/tickets/{id}/notes", object::ticket, {{"text", "内部备注"}}},
        {"POST /api/v1/tickets/{id}/survey-links", object::ticket},
        act("co-handlers", {{"department_id", department}}),
        act("co-handler-results", {{"work_order_id", department}, {"result", "已查"}}),
        act("co-handler-waivers", {{"work_order_id", department}, {"reason", "not_needed"}}),
        act("promises", {{"due_at", "2030-01-01T00:00:00Z"}, {"text", "会回电"}}),
        act("kept-promises", {{"promise_id", department}}),
        act("extensions", {{"until", "2030-01-01T00:00:00Z"}, {"reason", "weather"}}),
        act("extension-decisions", {{"granted", true}}),
        act("holds", {{"reason", "force_majeure"}}),
        act("hold-signature", {{"agreed", true}}),
        act("resumption", nothing),
        act("final-answers", {{"basis", "规定"}, {"remedy", "mediation"}, {"text", "最终答复"}}),
        act("final-answer-signature", {{"agreed", true}}),
        act("withdrawals", {{"reason", "settled"}}),
        act("withdrawal-confirmation", {{"confirmed", true}}),
        act("merges", {{"into", department}}),
        act("reopenings", {{"reason", "again"}}),
        act("urges", nothing),
        act("urge-answers", {{"text", "正在办理"}}),
        act("supervisions", {{"reason", "leader"}}),
        act("supervision-answers", {{"text", "已办"}}),
        act("supervision-clearance", nothing),
        act("group-links", {{"root_id", department}}),
        act("group-departure", nothing),
    };
}

/// Method, path and permission of each operation of docs/openapi.yaml.
std::set<std::string> operations_of_the_contract()
{
    std::ifstream in(HUIYIN_SOURCE_DIR "/docs/openapi.yaml");
    static const std::regex a_path(R"(^  (/\S*):$)"), a_method(R"(^    (get|post|put|patch|delete):$)"),
        a_permission(R"(^      x-permission: (\w+)$)");
    std::set<std::string> found;
    std::string path, method;
    for (std::string line; std::getline(in, line);) {
        std::smatch parts;
        if (std::regex_match(line, parts, a_path)) {
            path = parts[1];
        } else if (std::regex_match(line, parts, a_method)) {
            method = parts[1];
            std::ranges::transform(method, method.begin(), [](char c) { return static_cast<char>(std::toupper(c)); });
        } else if (std::regex_match(line, parts, a_permission)) {
            found.insert(fmt::format("{} {} {}", method, path, parts[1].str()));
        }
    }
    return found;
}

TEST(Contract, HoldsEveryRouteWithItsPermissionAndNoOther)
{
    std::set<std::string> served;
    for (const auto& each : routes_of_the_daemon())
        served.insert(fmt::format("{} {} {}", net::to_string(each.method), each.pattern, to_string(each.needed)));
    const auto told = operations_of_the_contract();
    for (const auto& each : served)
        EXPECT_TRUE(told.contains(each)) << each << " is missing in docs/openapi.yaml";
    for (const auto& each : told)
        EXPECT_TRUE(served.contains(each)) << each << " is in docs/openapi.yaml but not served";
    EXPECT_GT(told.size(), 50u);
}

TEST(Contract, NamesEveryPermissionThatATokenMayHave)
{
    std::ifstream in(HUIYIN_SOURCE_DIR "/docs/openapi.yaml");
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    const auto begin = text.find("enum: [", text.find("\n    Permission:\n"));
    const auto list = text.substr(begin + 7, text.find(']', begin) - begin - 7);
    static const std::regex word(R"(\w+)");
    std::set<std::string> told, real;
    for (std::sregex_iterator it(list.begin(), list.end(), word), end; it != end; ++it)
        EXPECT_TRUE(told.insert(it->str()).second) << it->str() << " is there twice";
    for (std::size_t i = 0; i < domain::permission_count; ++i)
        if (const auto each = static_cast<permission>(i);
            each != permission::none_needed && each != permission::logged_in)
            real.emplace(to_string(each));
    EXPECT_EQ(told, real);
}

TEST_F(Matrix, EveryRouteAnswersEveryRoleAboutEveryObjectAsTheDomainSays)
{
    const auto table = routes_of_the_daemon();
    std::map<std::string, row> expected;
    for (auto& each : rows(daemon_->password(), department("main_station").to_string(),
                           ticket(own_).at("number").get<std::string>(), own_))
        ASSERT_TRUE(expected.emplace(each.route, each).second) << each.route << " has two rows";
    std::set<std::string> routes;
    for (const auto& each : table) {
        const auto route = fmt::format("{} {}", net::to_string(each.method), each.pattern);
        routes.insert(route);
        EXPECT_TRUE(expected.contains(route)) << route << " has no row: say here what it needs and whom it may concern";
    }
    for (const auto& [route, ignored] : expected)
        EXPECT_TRUE(routes.contains(route)) << route << " has a row but is no route";
    if (HasFailure()) return;

    auto& admin = person_of("admin");
    const auto made = [](const answer& told) {
        if (told.status != 201) throw std::runtime_error(told.raw.body);
        return told.body.at("id").get<std::string>();
    };
    const auto missing = uuid::make().to_string();
    const domain::object_scope anywhere;
    const auto known = [&](const std::string& id) {
        return std::vector<thing>{{"known", id, anywhere}, {"missing", missing, {}}};
    };
    const auto parked = uuid::make().to_string(), receipt = uuid::make().to_string();
    daemon_->sql(fmt::format(
        "INSERT INTO receipt (id, account, external_id, at, outcome, event_id) VALUES ('{0}', 'matrix', '{0}', "
        "'2026-03-02 09:00:00+08', 'parked', '{0}'); INSERT INTO parked (id, receipt_id, reason, identity_keys, at, "
        "resolved_at) VALUES ('{1}', '{0}', 'matrix', '{{}}', '2026-03-02 09:00:00+08', '2026-03-02 09:00:00+08')",
        receipt, parked));
    // Nothing is there, so it stays in the house.
    const auto hook =
        made(admin.post("/api/v1/webhooks", {{"name", "V"}, {"url", "http://127.0.0.1:1/"}, {"kinds", {"matrix"}}}));
    const auto letter = uuid::make().to_string();
    daemon_->sql(
        fmt::format("INSERT INTO outbox_effect (id, channel, account_id, order_key, payload, on_record, state, "
                    "next_attempt_at, queued_at, settled_at) VALUES ('{}', 'webhook', '{}', '{}', '{{}}', "
                    "false, 'dead', '2026-03-02', '2026-03-02', '2026-03-02')",
                    letter, hook, uuid::make().to_string()));
    const auto problem = made(officer().post("/api/v1/problems", {{"title", "V"}, {"root_cause", "carrier_missed"}}));
    const auto article = made(officer().post(
        "/api/v1/knowledge", {{"kind", "article"}, {"words", {{"en", {{"title", "V"}, {"body", "V"}}}}}}));
    for (const auto& [who, act, what, seen] : std::vector<std::tuple<std::string, std::string, json, std::string>>{
             {"zhao.min", "submission", json::object(), "\"1\""}, {"qian.li", "review", {{"approved", true}}, "\"2\""}})
        ASSERT_EQ(person_of(who)
                      .post(fmt::format("/api/v1/knowledge/{}/{}", article, act), what, {{"If-Match", seen}})
                      .status,
                  200);
    const auto reply =
        made(person_of("wang.qiang").post("/api/v1/canned_replies", {{"name", "V"}, {"body", "{number}"}}));
    const auto lesson = uuid::make().to_string();
    daemon_->sql(fmt::format(
        "INSERT INTO text (id, customer_id, salt, body) VALUES ('{0}', '{0}', decode(repeat('00', 16), 'hex'), 'V'); "
        "INSERT INTO case_record (id, ticket_id, version, category, root_cause, solution_kind, closure, satisfaction, "
        "rework_cycle, total_time, desk_time, department_time, title_id, words_id, published_at, published_by) VALUES "
        "('{0}', '{1}', 1, 'missed_copy', '', '', 'confirmed', 'satisfied', 0, 0, 0, 0, '{0}', '{0}', '2026-03-02', "
        "'{0}')",
        lesson, own_));
    auto& handler = person_of("wang.qiang");
    const auto view = made(handler.post("/api/v1/views", {{"name", "V"}, {"filter", json::object()}}));
    ASSERT_EQ(handler.call("PUT", "/api/v1/drafts/v", R"({"body":"V"})").status, 200);
    const auto notices = handler.get("/api/v1/notices").body.at("items");
    ASSERT_FALSE(notices.empty()) << "the handler was told of his ticket";
    const auto gone_east = accepted_ticket("13800000005", "east", "wang.qiang"),
               gone_west = accepted_ticket("13800000006", "west", "zhou.tao");

    const auto a_file = [&](const std::string& ticket) {
        const auto id = uuid::make().to_string();
        daemon_->sql(fmt::format("INSERT INTO attachment (id, entry_id, name, content_type, size, sha256, created_at) "
                                 "SELECT '{0}', id, 'a.txt', "
                                 "'text/plain', 5, sha256('words'), at FROM entry WHERE ticket_id = '{1}' LIMIT 1; "
                                 "INSERT INTO attachment_chunk "
                                 "(attachment_id, n, bytes) VALUES ('{0}', 0, 'words')",
                                 id, ticket));
        return id;
    };

    const std::map<object, std::vector<thing>> things{
        {object::none, {{"it", "", anywhere}}},
        {object::own_number, {{"own", ticket(own_).at("number").get<std::string>(), anywhere}}},
        {object::ticket,
         {{"own", own_, scope_of(own_)},
          {"other", other_, scope_of(other_)},
          {"untouched", untouched_, scope_of(untouched_)},
          {"missing", missing, {}}}},
        {object::customer,
         {{"own", customer_of(own_), scope_of(own_)},
          {"other", customer_of(other_), scope_of(other_)},
          {"missing", missing, {}}}},
        {object::attachment,
         {{"own", a_file(own_), scope_of(own_)},
          {"other", a_file(other_), scope_of(other_)},
          {"missing", missing, {}}}},
        {object::erasable,
         {{"own", customer_of(gone_east), scope_of(gone_east)},
          {"other", customer_of(gone_west), scope_of(gone_west)},
          {"missing", missing, {}}}},
        {object::user, known(made(admin.post("/api/v1/users",
                                             {{"login", "victim"}, {"display_name", "V"}, {"roles", {"quality"}}})))},
        {object::department,
         known(made(admin.post("/api/v1/departments",
                               {{"code", "victim"}, {"name", {{"en", "V"}}}, {"calendar", "office"}})))},
        {object::token, known(made(admin.post("/api/v1/tokens", {{"name", "V"}, {"scopes", {"metrics_read"}}})))},
        {object::notice,
         {{"the handler's", notices.at(0).at("id").get<std::string>(), anywhere,
           uuid::parse(person_of("wang.qiang").id())},
          {"missing", missing, {}}}},
        {object::view, {{"the handler's", view, anywhere, uuid::parse(handler.id())}, {"missing", missing, {}}}},
        {object::draft, {{"the handler's", "v", anywhere, uuid::parse(handler.id())}, {"missing", "missing", {}}}},
        {object::draft_key, {{"own", "matrix", anywhere}}},
        {object::parked, known(parked)},
        {object::webhook, known(hook)},
        {object::letter, known(letter)},
        {object::problem, known(problem)},
        {object::rules_version, {{"first", "1", anywhere}, {"missing", "999999", {}}}},
        {object::knowledge, known(article)},
        {object::canned_reply,
         {{"the handler's", reply, anywhere, uuid::parse(handler.id())}, {"missing", missing, {}}}},
        {object::case_, known(lesson)},
    };

    std::size_t allowed_count = 0, refused_count = 0;
    for (auto& who : everybody()) {
        for (const auto& route : table) {
            const auto& row = expected.at(fmt::format("{} {}", net::to_string(route.method), route.pattern));
            const auto ask = [&](const thing& about) -> answer {
                auto target = route.pattern;
                for (const std::string_view name : {"{id}", "{number}", "{key}"})
                    if (const auto place = target.find(name); place != std::string::npos)
                        target.replace(place, name.size(), about.id);
                target += row.query;
                if (route.is_stream) {
                    // A session that an earlier route ended is opened again.
                    if (who.who.kind == domain::actor_kind::user)
                        who.credentials[0].second = (person_of(who.name).id(), person_of(who.name).cookies());
                    websocket_client socket(daemon_->port());
                    return to_answer(socket.open(target, who.credentials));
                }
                http_headers extra;
                if (!row.seen.empty()) extra.emplace_back("If-Match", row.seen);
                return who.call(net::to_string(route.method), target, row.body.is_null() ? "" : row.body.dump(), extra);
            };
            const auto is_allowed = [&](const thing& about) {
                if (about.owner && about.owner != who.who.id) return false;
                if (row.of == object::none || row.of == object::own_number || row.of == object::draft_key)
                    return domain::may(who.who, route.needed);
                return domain::may(who.who, route.needed, *about.scope);
            };
            const bool by_role = domain::may(who.who, route.needed);
            std::optional<std::string> refusal;
            for (const auto& about : things.at(row.of)) {
                const auto told = ask(about);
                const auto what =
                    fmt::format("{}: {} of {}: {} {}", who.name, row.route, about.name, told.status, told.raw.body);
                ASSERT_LT(told.status, 500) << what;
                if (about.scope && is_allowed(about)) {
                    ++allowed_count;
                    EXPECT_TRUE(told.status != 401 && told.status != 403 && told.status != 404) << what;
                    EXPECT_NE(told.status, 429) << what;
                    EXPECT_FALSE(told.body.is_object() && told.body.contains("violations"))
                        << "the row's body is not valid: " << what;
                    if (!row.seen.empty()) EXPECT_EQ(told.code(), "stale-version") << what;
                    continue;
                }
                ++refused_count;
                EXPECT_EQ(told.status, who.who.kind == domain::actor_kind::anonymous ? 401 : 404)
                    << what << (by_role ? " (may by role)" : "");
                if (!refusal) refusal = fingerprint(told);
                EXPECT_EQ(fingerprint(told), *refusal) << "forbidden and missing can be told apart: " << what;
            }
        }
    }
    EXPECT_GT(allowed_count, 200u);
    EXPECT_GT(refused_count, 800u);
}

TEST_F(Matrix, ListsHoldNothingThatTheReaderMayNotRead)
{
    const std::map<std::string, domain::object_scope> all{{own_, scope_of(own_)},
                                                          {other_, scope_of(other_)},
                                                          {shared_east_, scope_of(shared_east_)},
                                                          {shared_west_, scope_of(shared_west_)},
                                                          {untouched_, scope_of(untouched_)}};
    const auto numbers = [&](const std::string& id) { return ticket(id).at("number").get<std::string>(); };
    const std::vector<std::string> filters{
        "",
        "&department_id=" + department("station_west").to_string(),
        "&handler_id=" + person_of("zhou.tao").id(),
        "&customer_id=" + customer_of(shared_west_),
        "&number=" + numbers(other_),
        "&category=missed_copy",
        "&status=investigating",
        "&due_before=2030-01-01T00:00:00Z",
        "&view=all_open",
        "&view=due_today&tz=Asia/Shanghai",
        "&view=department&sort=updated",
        "&channel=web&priority=P2&sort=due",
        "&flag=repeat",
    };
    std::size_t seen = 0;
    for (auto& who : everybody()) {
        if (!domain::may(who.who, permission::ticket_read)) continue;
        for (const auto& filter : filters) {
            const auto listed = who.call("GET", "/api/v1/tickets?limit=200" + filter, "", {});
            ASSERT_EQ(listed.status, 200) << listed.raw.body;
            for (const auto& [id, scope] : all) {
                const bool may = domain::may(who.who, permission::ticket_read, scope);
                const bool is_there = listed.raw.body.find(id) != std::string::npos;
                if (!may) EXPECT_FALSE(is_there) << who.name << filter << ": " << listed.raw.body;
                if (may && filter.empty()) EXPECT_TRUE(is_there) << who.name << ": " << listed.raw.body;
                seen += is_there;
            }
        }
    }
    EXPECT_GT(seen, 50u);

    // One customer complained about both stations: each sees its own side of the timeline.
    const auto timeline = "/api/v1/customers/" + customer_of(shared_west_) + "/timeline";
    ASSERT_EQ(customer_of(shared_west_), customer_of(shared_east_));
    const auto of_officer = officer().get(timeline), of_east = person_of("wang.qiang").get(timeline);
    EXPECT_NE(of_officer.raw.body.find(shared_west_), std::string::npos);
    EXPECT_NE(of_east.raw.body.find(shared_east_), std::string::npos);
    EXPECT_EQ(of_east.raw.body.find(shared_west_), std::string::npos) << of_east.raw.body;
}

TEST_F(Matrix, ASearchFindsNothingThatTheReaderMayNotRead)
{
    const std::map<std::string, domain::object_scope> all{{own_, scope_of(own_)},
                                                          {other_, scope_of(other_)},
                                                          {shared_east_, scope_of(shared_east_)},
                                                          {shared_west_, scope_of(shared_west_)},
                                                          {untouched_, scope_of(untouched_)}};
    const std::string words = "/api/v1/search?limit=200&q=%E6%8A%A5%E7%BA%B8",
                      phone = "/api/v1/search?limit=200&q=13800000002";
    const std::string person = "/api/v1/search?limit=200&kind=customer&q=13800000002";
    const auto finds = [&](auto&& who, const std::string& target, const std::string& id) {
        return who.call("GET", target, "", {}).raw.body.find(id) != std::string::npos;
    };
    daemon_->catch_up(); // the words are cut in the background

    std::size_t seen = 0, hidden = 0;
    for (auto& who : everybody()) {
        if (!domain::may(who.who, permission::ticket_read)) continue;
        for (const auto& [id, scope] : all) {
            const bool may = domain::may(who.who, permission::ticket_read, scope);
            EXPECT_EQ(finds(who, words, id), may) << who.name;
            ++(may ? seen : hidden);
        }
        EXPECT_EQ(finds(who, phone, other_), domain::may(who.who, permission::ticket_read, scope_of(other_)))
            << who.name;
        EXPECT_EQ(finds(who, person, customer_of(other_)),
                  domain::may(who.who, permission::customer_read, scope_of(other_)))
            << who.name;
    }
    EXPECT_GT(seen, 25u);
    EXPECT_GT(hidden, 4u);
}

class stream_reader
{
public:
    stream_reader(daemon_process& at, person& who, const std::string& query = "") : socket_(at.port())
    {
        who.id();
        const auto opened =
            socket_.open("/api/v1/stream" + query, {{"Cookie", who.cookies()}, {"Origin", at.origin()}});
        EXPECT_EQ(opened.status, 101) << opened.body;
    }
    /// Reads until a frame of that kind about that subject has come.
    void read_until(const std::string& kind, const std::string& subject)
    {
        while (!seen_.contains({kind, subject})) {
            const auto message = socket_.receive();
            if (!message) throw std::runtime_error(fmt::format("the stream ended with {}", socket_.close_code()));
            const auto said = json::parse(*message);
            if (said.contains("kind")) continue;
            for (const auto& each : said.at("frames"))
                seen_.emplace(each.at("kind").get<std::string>(), each.at("subject").get<std::string>());
        }
    }
    std::size_t count_of(const std::string& subject) const
    {
        return static_cast<std::size_t>(
            std::ranges::count_if(seen_, [&](const auto& each) { return each.second == subject; }));
    }

private:
    websocket_client socket_;
    std::set<std::pair<std::string, std::string>> seen_;
};

TEST_F(Matrix, TheStreamShowsAHandlerNothingOfAnotherDepartmentsTicket)
{
    stream_reader east(*daemon_, person_of("wang.qiang")), desk(*daemon_, person_of("chen.jing"));
    const auto foreign = accepted_ticket("13800000007", "west", "zhou.tao");
    const auto own = dispatched_ticket("13800000008", "east");

    desk.read_until("ticket.dispatched", own);
    EXPECT_GE(desk.count_of(foreign), 4u) << "who reads all sees it";
    east.read_until("ticket.dispatched", own);
    EXPECT_EQ(east.count_of(foreign), 0u);

    stream_reader late(*daemon_, person_of("wang.qiang"), "?after=0");
    late.read_until("ticket.dispatched", own);
    EXPECT_EQ(late.count_of(foreign), 0u) << "nor where he asks for what he missed";
    EXPECT_EQ(late.count_of(other_), 0u);
    EXPECT_GE(late.count_of(own_), 1u);
}

TEST_F(Matrix, NoneOfAllTheseRequestsReadsATableWholeThatGrows)
{
    const auto station = department("station_east").to_string(), handler = person_of("wang.qiang").id();
    std::vector<std::string> asked{"/api/v1/audit",
                                   "/api/v1/audit?kind=ticket.dispatched",
                                   "/api/v1/audit?actor_id=" + handler,
                                   "/api/v1/audit?subject=" + own_,
                                   "/api/v1/knowledge?q=%E6%8A%A5%E7%BA%B8",
                                   "/api/v1/knowledge?status=published",
                                   "/api/v1/cases?q=%E6%8A%A5%E7%BA%B8",
                                   "/api/v1/cases?category=missed_copy",
                                   "/api/v1/search?q=0001&kind=customer"};
    for (const auto* sort : {"due", "created", "updated"})
        for (const auto& by : {std::string("view=all_open"), std::string("view=mine"), std::string("view=overdue"),
                               "department_id=" + station, "handler_id=" + handler, "customer_id=" + customer_of(own_),
                               std::string("category=missed_copy"), std::string("due_before=2026-03-03T00:00:00Z")})
            asked.push_back(fmt::format("/api/v1/tickets?{}&sort={}", by, sort));
    asked.insert(asked.end(), {"/api/v1/tickets?status=closed&sort=created",
                               "/api/v1/tickets?status=closed&sort=updated", "/api/v1/tickets?number=260302-0001"});
    for (const auto* login : {"zhao.min", "wang.qiang", "zhang.wei", "qian.li", "cao.yu", "admin", "shen.yi"})
        for (const auto& each : asked)
            EXPECT_THAT(person_of(login).get(each).status, ::testing::AnyOf(200, 403, 404)) << login << " " << each;

    // What a house has few of, and what is gone after a moment or a month.
    const std::set<std::string> small{"calendar_year", "counted_pack",      "department",  "migration", "report_cursor",
                                      "search_cursor", "view_count_cursor", "search_todo", "draft"};
    daemon_->catch_up();
    std::map<std::string, std::int64_t> whole;
    for (const auto& [table, times] : tables_read_whole())
        if (const auto more = times - read_whole_before_[table]; more > 0 && !small.contains(table))
            whole.emplace(table, more);
    EXPECT_THAT(whole, ::testing::IsEmpty());
}

} // namespace
} // namespace huiyin::test
