// The daemon's doors under haste, malice and error: what strangers, guessers and two colleagues at once are told.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <exception>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <latch>
#include <map>
#include <set>
#include <support/daemon/daemon_fixture.hpp>
#include <thread>

namespace huiyin::test {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

/// Calls it `count` times, each on a thread of its own and all at once.
std::vector<answer> at_once(std::size_t count, const std::function<answer(std::size_t)>& call)
{
    std::vector<answer> told(count);
    std::vector<std::exception_ptr> thrown(count);
    std::latch start(static_cast<std::ptrdiff_t>(count));
    {
        std::vector<std::jthread> threads;
        for (std::size_t i = 0; i < count; ++i)
            threads.emplace_back([&, i]() {
                start.arrive_and_wait();
                try {
                    told[i] = call(i);
                } catch (...) {
                    thrown[i] = std::current_exception();
                }
            });
    }
    for (const auto& each : thrown)
        if (each) std::rethrow_exception(each);
    return told;
}

std::string text(const json& of, const char* member)
{
    return of.at(member).get<std::string>();
}

/// What a client can tell two answers apart by, less what differs from request to request.
std::string fingerprint(const answer& of)
{
    auto body = of.body;
    body.erase("trace_id");
    std::string all = fmt::format("{} {}", of.status, body.dump());
    for (const auto& [name, value] : of.raw.headers)
        if (name != "date" && name != "x-request-id") all += "\n" + name + ": " + value;
    return all;
}

struct part
{
    std::string disposition;
    std::string content_type;
    std::string bytes;
};

std::string form(const std::vector<part>& parts)
{
    std::string body;
    for (const auto& each : parts)
        body += "--limit\r\nContent-Disposition: form-data; " + each.disposition +
                "\r\nContent-Type: " + each.content_type + "\r\n\r\n" + each.bytes + "\r\n";
    return body + "--limit--\r\n";
}

const http_headers form_headers{{"Content-Type", "multipart/form-data; boundary=limit"}};

std::string hex(std::string_view bytes)
{
    std::string out;
    for (const char c : bytes)
        out += fmt::format("{:02x}", static_cast<unsigned char>(c));
    return out;
}

class Door : public ::testing::Test
{
protected:
    static void SetUpTestSuite() { daemon_ = std::make_unique<daemon_process>(); }
    static void TearDownTestSuite()
    {
        EXPECT_EQ(daemon_->stop(), 0);
        EXPECT_THAT(daemon_->log(), Not(HasSubstr("Sanitizer")));
        daemon_.reset();
    }

    static answer complain_as(const std::string& name, const std::string& phone, const std::string& problem,
                              const http_headers& extra = {})
    {
        return complain(*daemon_,
                        {{"contact", {{"name", name}, {"phone", phone}}},
                         {"category", "missed_copy"},
                         {"problem", problem},
                         {"fields", {{"district", "east"}}}},
                        extra);
    }
    json ticket(const std::string& id) { return officer.get("/api/v1/tickets/" + id).body; }
    std::string number_in_database(const std::string& query) { return daemon_->sql(query).at(0).at(0); }

    static std::unique_ptr<daemon_process> daemon_;
    person officer{*daemon_, "zhao.min"};
};

std::unique_ptr<daemon_process> Door::daemon_;

TEST_F(Door, FiftyFirstContactsOfOnePersonAtOnceAreOneCustomerAndOneConversation)
{
    const std::vector<std::string> forms{"13912340001", "+86 139 1234 0001", "0086-139-1234-0001",
                                         "１３９１２３４０００１", "139-1234-0001"};
    const auto told = at_once(50, [&](std::size_t i) {
        return complain_as("张三", forms[i % forms.size()], fmt::format("没有收到报纸 {}", i));
    });
    std::set<std::string> numbers;
    for (const auto& each : told) {
        ASSERT_EQ(each.status, 201) << each.raw.body;
        numbers.insert(text(each.body, "number"));
    }
    EXPECT_EQ(numbers.size(), 50u) << "nobody proved who he is: each has a ticket of his own";

    const auto customer = text(ticket(ticket_id_of(officer, *numbers.begin())), "customer_id");
    const auto listed = officer.get("/api/v1/tickets?limit=200&customer_id=" + customer);
    EXPECT_EQ(listed.body.at("items").size(), 50u);
    EXPECT_EQ(officer.get("/api/v1/customers/" + customer + "/timeline?limit=200").body.at("items").size(), 50u);
    EXPECT_EQ(number_in_database("SELECT count(*) FROM identity WHERE value LIKE '%13912340001'"), "1");
    EXPECT_EQ(number_in_database("SELECT count(*) FROM customer WHERE name = '张三'"), "1");
    EXPECT_EQ(number_in_database("SELECT count(*) FROM interaction WHERE customer_id = '" + customer + "'"), "1");
    EXPECT_EQ(number_in_database("SELECT count(*) FROM interaction WHERE state = 'open' AND customer_id = '" +
                                 customer + "'"),
              "1");
}

TEST_F(Door, ARepeatUnderOneKeyIsAnsweredByteForByteAndAnotherBodyIsRefused)
{
    const http_headers key{{"Idempotency-Key", "one-and-the-same"}};
    const auto told = at_once(16, [&](std::size_t) { return complain_as("李四", "13912340002", "没有收到报纸", key); });
    for (const auto& each : told) {
        EXPECT_EQ(each.status, 201) << each.raw.body;
        EXPECT_EQ(each.raw.body, told.front().raw.body);
    }
    const auto other = complain_as("李四", "13912340002", "报纸破损", key);
    EXPECT_EQ(other.status, 422);
    EXPECT_EQ(other.code(), "key-reused");
    EXPECT_EQ(number_in_database("SELECT count(*) FROM ticket_party WHERE value LIKE '%13912340002'"), "1");

    const auto id = ticket_id_of(officer, text(told.front().body, "number"));
    const auto classify = [&, cookies = officer.cookies()](const char* category) {
        http_client browser(
            daemon_->port(),
            {{"Cookie", cookies}, {"Origin", daemon_->origin()}, {"If-Match", "\"1\""}, {"Idempotency-Key", "act"}});
        return to_answer(
            browser.post("/api/v1/tickets/" + id + "/classification", json({{"category", category}}).dump()));
    };
    const auto acts = at_once(8, [&](std::size_t) { return classify("missed_copy"); });
    for (const auto& each : acts) {
        EXPECT_EQ(each.status, 201) << each.raw.body;
        EXPECT_EQ(each.raw.body, acts.front().raw.body);
    }
    EXPECT_EQ(classify("late_or_damaged").code(), "key-reused");
    EXPECT_EQ(version_of(officer, id), 2);
}

TEST_F(Door, OfTwoWhoActAtOnceOneIsToldWhoWasFirst)
{
    person second(*daemon_, "sun.lei");
    const std::map<std::string, person*> both{{officer.id(), &officer}, {second.id(), &second}};
    const auto id = ticket_id_of(officer, text(complain_as("王五", "13912340003", "没有收到报纸").body, "number"));
    for (int round = 0; round < 5; ++round) {
        const auto seen = officer.get("/api/v1/tickets/" + id).raw.header("etag");
        std::vector<std::string> ids;
        for (const auto& [user, ignored] : both)
            ids.push_back(user);
        const auto told = at_once(2, [&](std::size_t i) {
            return both.at(ids[i])->post("/api/v1/tickets/" + id + "/classification", {{"category", "missed_copy"}},
                                         {{"If-Match", seen}});
        });
        const std::size_t first = told[0].status == 201 ? 0 : 1;
        EXPECT_EQ(told[first].status, 201) << told[first].raw.body;
        EXPECT_EQ(told[1 - first].status, 412) << told[1 - first].raw.body;
        EXPECT_EQ(told[1 - first].code(), "stale-version");
        EXPECT_EQ(text(told[1 - first].body, "changed_by"), ids[first]);
        EXPECT_EQ(text(told[1 - first].body, "changed_by_kind"), "user");
    }
}

TEST_F(Door, AStrangerWhoTypesACustomersPhoneLearnsNothingJoinsNothingAndMovesNothing)
{
    const auto victims = complain_as("赵六", "13912340004", "我的地址是幸福路七号");
    ASSERT_EQ(victims.status, 201);
    const auto number = text(victims.body, "number");
    const auto id = ticket_id_of(officer, number);
    const auto before = ticket(id);
    const auto customer = text(before, "customer_id");
    const auto events = officer.get("/api/v1/tickets/" + id + "/events").body;

    const auto strangers = complain(
        *daemon_, {{"contact", {{"name", "陌生人"}, {"phone", "13912340004"}, {"email", "stranger@example.org"}}},
                   {"category", "missed_copy"},
                   {"problem", "请把进度告诉我"}});
    ASSERT_EQ(strangers.status, 201) << strangers.raw.body;
    std::set<std::string> members;
    for (const auto& [name, ignored] : strangers.body.items())
        members.insert(name);
    EXPECT_EQ(members, (std::set<std::string>{"number", "tracking_url", "due_at"}));
    const auto strange_number = text(strangers.body, "number");
    EXPECT_NE(strange_number, number);
    EXPECT_THAT(strangers.raw.body, AllOf(Not(HasSubstr(number)), Not(HasSubstr("赵六")), Not(HasSubstr("幸福路"))));

    EXPECT_EQ(track(*daemon_, {{"number", number}, {"email", "stranger@example.org"}}).status, 404);
    EXPECT_EQ(track(*daemon_, {{"number", strange_number}, {"phone", "13912340005"}}).status, 404);
    const auto own = track(*daemon_, {{"number", strange_number}, {"email", "stranger@example.org"}});
    EXPECT_EQ(own.status, 200) << own.raw.body;
    EXPECT_THAT(own.raw.body, Not(HasSubstr(number)));

    EXPECT_NE(ticket_id_of(officer, strange_number), id);
    auto after = ticket(id);
    EXPECT_EQ(after.at("version"), before.at("version"));
    EXPECT_EQ(after, before);
    EXPECT_EQ(officer.get("/api/v1/tickets/" + id + "/events").body, events);
    const auto record = officer.get("/api/v1/customers/" + customer).body;
    EXPECT_EQ(text(record, "name"), "赵六");
    ASSERT_EQ(record.at("identities").size(), 1u) << "the stranger's address is not the customer's";
    EXPECT_EQ(text(record.at("identities").at(0), "state"), "claimed");
    EXPECT_EQ(number_in_database("SELECT count(*) FROM ticket_inbox WHERE ticket_id = '" + id + "'"), "0");
}

TEST_F(Door, AWrongProofAndAnUnknownNumberAreAnsweredAlike)
{
    const auto number = text(complain_as("钱七", "13912340006", "没有收到报纸").body, "number");
    EXPECT_EQ(track(*daemon_, {{"number", number}, {"phone", "13912340006"}}).status, 200);
    const auto wrong_proof = track(*daemon_, {{"number", number}, {"phone", "13912340007"}});
    EXPECT_EQ(wrong_proof.status, 404);
    for (const auto& other : std::vector<json>{{{"number", "260302-9999"}, {"phone", "13912340006"}},
                                               {{"number", "260302-9999"}, {"phone", "13912340007"}},
                                               {{"number", "no number at all"}, {"phone", "13912340006"}},
                                               {{"number", number}, {"email", "nobody@example.org"}},
                                               {{"number", number}, {"phone", "not a phone"}}})
        EXPECT_EQ(fingerprint(track(*daemon_, other)), fingerprint(wrong_proof)) << other;
}

TEST_F(Door, AFileComesBackByteForByteToBeSavedAndOnlyToWhoMayReadItsTicket)
{
    std::string page = "<script>alert(document.cookie)</script>";
    for (std::size_t i = 0; page.size() < 600'000; ++i) // Three chunks.
        page += static_cast<char>(i * 7 % 251);
    const json complaint{{"contact", {{"name", "吴九"}, {"phone", "13912340019"}}},
                         {"category", "missed_copy"},
                         {"problem", "没有收到报纸"},
                         {"fields", {{"district", "east"}}}};
    http_client browser(daemon_->port());
    const auto taken = to_answer(
        browser.post("/public/v1/complaints",
                     form({{"name=\"complaint\"", "application/json", complaint.dump()},
                           {"name=\"file\"; filename=\"../收据 \\\"1\\\".html\"", "text/html; charset=utf-8", page}}),
                     form_headers));
    ASSERT_EQ(taken.status, 201) << taken.raw.body;
    const auto id = ticket_id_of(officer, text(taken.body, "number"));
    const auto timeline = officer.get("/api/v1/customers/" + text(ticket(id), "customer_id") + "/timeline").body;
    const auto file = timeline.at("items").at(0).at("attachments").at(0);
    const auto target = "/api/v1/attachments/" + text(file, "id");

    const auto got = officer.get(target).raw;
    ASSERT_EQ(got.status, 200) << got.body;
    EXPECT_EQ(got.body.size(), page.size());
    EXPECT_TRUE(got.body == page);
    EXPECT_EQ(got.header("content-type"), "text/html");
    EXPECT_THAT(got.header("content-disposition"), StartsWith("attachment; filename*=UTF-8''"));
    EXPECT_THAT(got.header("content-disposition"), EndsWith("%E6%94%B6%E6%8D%AE%20%221%22.html"));
    EXPECT_EQ(got.header("content-security-policy"), "default-src 'none'; sandbox; frame-ancestors 'none'");
    EXPECT_EQ(got.header("x-content-type-options"), "nosniff");
    EXPECT_EQ(got.header("cache-control"), "no-store");

    person handler(*daemon_, "wang.qiang"), other(*daemon_, "zhou.tao"), admin(*daemon_, "admin");
    EXPECT_EQ(handler.get(target).status, 404) << "not yet his department's";
    ASSERT_EQ(officer.act(id, "classification", {{"category", "missed_copy"}}).status, 201);
    ASSERT_EQ(officer.act(id, "dispatch").status, 201);
    EXPECT_EQ(handler.get(target).status, 200);
    EXPECT_EQ(other.get(target).status, 404);
    EXPECT_EQ(admin.get(target).status, 404) << "an administrator reads no customers";
    EXPECT_EQ(to_answer(browser.get(target)).status, 401);

    daemon_->sql("UPDATE attachment_chunk SET bytes = 'x' WHERE n = 1 AND attachment_id = '" + text(file, "id") + "'");
    const auto damaged = officer.get(target);
    EXPECT_EQ(damaged.status, 500) << "what is not what was sent is not passed on";
    EXPECT_EQ(damaged.code(), "corrupt");
}

TEST_F(Door, ShowsWhatPeopleChooseFromAndWhoBelongsToADepartment)
{
    const auto rules = officer.get("/api/v1/configuration");
    ASSERT_EQ(rules.status, 200) << rules.raw.body;
    EXPECT_EQ(rules.body.at("version"), 1);
    const auto& categories = rules.body.at("categories");
    const auto missed =
        std::ranges::find_if(categories, [](const json& each) { return each.at("code") == "missed_copy"; });
    ASSERT_NE(missed, categories.end());
    EXPECT_EQ(missed->at("type"), "complaint");
    EXPECT_TRUE(missed->at("name").contains("zh-CN"));
    EXPECT_FALSE(rules.body.at("reasons").at("return").empty());
    EXPECT_FALSE(rules.body.at("root_causes").empty());
    EXPECT_THAT(
        rules.body.at("calendars"),
        ::testing::Contains(json{{"name", "office"},
                                 {"time_zone", "Asia/Shanghai"},
                                 {"title", {{"zh-CN", "办公时间"}, {"zh-TW", "辦公時間"}, {"en", "Office hours"}}}}));

    const auto departments = officer.get("/api/v1/departments").body.at("items");
    const auto east =
        std::ranges::find_if(departments, [](const json& each) { return each.at("code") == "station_east"; });
    ASSERT_NE(east, departments.end());
    const auto members = officer.get("/api/v1/departments/" + text(*east, "id") + "/members");
    ASSERT_EQ(members.status, 200) << members.raw.body;
    std::map<std::string, std::string> positions;
    for (const auto& each : members.body.at("items"))
        positions.emplace(text(each, "login"), text(each, "position"));
    EXPECT_EQ(positions.at("wang.qiang"), "handler");
    EXPECT_EQ(positions.at("zhang.wei"), "leader");
    EXPECT_EQ(members.body.at("items").at(0).at("position"), "leader");
}

TEST_F(Door, OfAnErasedPersonNothingIsFoundAnywhereAndTheJournalStillVerifies)
{
    // Each of them somewhere else.
    const std::map<std::string, std::string> canaries{
        {"name", "金丝雀甲"},        {"phone", "13987650123"},   {"email", "canary.zq2@example.org"},
        {"problem", "金丝雀词zq3"},  {"object", "金丝雀词zq4"},  {"desired", "金丝雀词zq5"},
        {"field", "金丝雀词zq6"},    {"file name", "canaryzq7"}, {"file", "canary-zq8-bytes"},
        {"solution", "金丝雀词zq9"}, {"result", "金丝雀词zq10"}, {"comment", "金丝雀词zq11"},
        {"draft", "金丝雀词zq12"},   {"profile", "金丝雀词zq13"}};
    const json complaint{
        {"contact", {{"name", canaries.at("name")}, {"phone", canaries.at("phone")}, {"email", canaries.at("email")}}},
        {"category", "missed_copy"},
        {"problem", canaries.at("problem")},
        {"object", canaries.at("object")},
        {"desired_solution", canaries.at("desired")},
        {"fields", {{"district", "east"}, {"address", canaries.at("field")}}}};
    // Somebody who stays: of an emptied table the planner would go on remembering what it held.
    ASSERT_EQ(
        complain(*daemon_, {{"contact", {{"name", "孙八"}, {"phone", "13912340008"}, {"email", "sun@example.org"}}},
                            {"problem", "x"}})
            .status,
        201);
    http_client browser(daemon_->port());
    const auto taken = to_answer(browser.post(
        "/public/v1/complaints",
        form({{"name=\"complaint\"", "application/json", complaint.dump()},
              {"name=\"file\"; filename=\"" + canaries.at("file name") + ".txt\"", "text/plain", canaries.at("file")}}),
        form_headers));
    ASSERT_EQ(taken.status, 201) << taken.raw.body;
    const auto number = text(taken.body, "number");
    const auto id = ticket_id_of(officer, number);
    const auto customer = text(ticket(id), "customer_id");
    person handler(*daemon_, "wang.qiang"), leader(*daemon_, "zhang.wei"), admin(*daemon_, "admin");
    const auto done = [](const answer& told) { ASSERT_EQ(told.status, 201) << told.raw.body; };
    done(officer.act(id, "classification", {{"category", "missed_copy"}}));
    done(officer.act(id, "dispatch"));
    done(handler.act(id, "acceptance"));
    done(handler.act(
        id, "solutions",
        {{"text", canaries.at("solution")}, {"root_cause", "carrier_new"}, {"no_responsible_reason", "no_person"}}));
    done(leader.act(id, "approvals", {{"comment", canaries.at("comment")}}));
    done(handler.act(id, "completion",
                     {{"result", canaries.at("result")}, {"customer_informed", true}, {"evidence", 1}}));
    for (const auto& [key, what] : {std::pair{"note:" + id, "draft"}, {"form:" + customer + ":profile", "profile"}})
        ASSERT_EQ(officer.call("PUT", "/api/v1/drafts/" + key, json{{"body", canaries.at(what)}}.dump()).status, 200);

    std::vector<std::string> tables;
    for (const auto& row : daemon_->sql("SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'huiyin'"))
        tables.push_back(row.at(0));
    ASSERT_GT(tables.size(), 20u);
    tables.emplace_back("pg_stats"); // What the planner remembers of columns.
    const auto places_of = [&](const std::string& canary) {
        std::string everywhere;
        for (const auto& table : tables)
            everywhere +=
                fmt::format("{}SELECT '{}' WHERE EXISTS (SELECT FROM {} AS each WHERE strpos(each::text, '{}') > 0 OR "
                            "strpos(each::text, '{}') > 0)",
                            everywhere.empty() ? "" : " UNION ALL ", table, table, canary, hex(canary));
        std::vector<std::string> places;
        for (const auto& row : daemon_->sql(everywhere))
            places.push_back(row.at(0));
        return places;
    };
    for (const auto& [what, canary] : canaries)
        EXPECT_FALSE(places_of(canary).empty()) << what << " is kept while the person is";
    daemon_->sql("ANALYZE customer, identity, text, ticket_party, attachment, attachment_chunk");
    EXPECT_THAT(places_of(canaries.at("problem")), ::testing::Contains("pg_stats"));

    const auto erased = admin.post("/api/v1/customers/" + customer + "/erasure", json::object());
    ASSERT_EQ(erased.status, 200) << erased.raw.body;
    EXPECT_EQ(erased.body.at("identities"), 2);
    EXPECT_EQ(erased.body.at("attachments"), 1);
    EXPECT_EQ(admin.post("/api/v1/customers/" + customer + "/erasure", json::object()).code(), "erased");

    for (const auto& [what, canary] : canaries) {
        EXPECT_THAT(places_of(canary), ::testing::IsEmpty()) << what;
        EXPECT_THAT(daemon_->log(), Not(HasSubstr(canary))) << what;
        EXPECT_THAT(officer.get("/api/v1/tickets/" + id).raw.body, Not(HasSubstr(canary))) << what;
        EXPECT_THAT(officer.get("/api/v1/customers/" + customer + "/timeline").raw.body, Not(HasSubstr(canary)))
            << what;
        EXPECT_THAT(officer.get("/api/v1/customers/" + customer).raw.body, Not(HasSubstr(canary))) << what;
    }
    EXPECT_EQ(track(*daemon_, {{"number", number}, {"phone", canaries.at("phone")}}).status, 404);
    EXPECT_EQ(text(ticket(id), "number"), number) << "the case itself stays";

    const auto verified = daemon_->run_command({"verify-journal"});
    EXPECT_EQ(verified.status, 0) << verified.output;
    EXPECT_THAT(verified.output, AllOf(HasSubstr("texts were erased"), HasSubstr("the journal verifies")));

    // What deleted rows leave in their pages goes with VACUUM; after that no file of a table or an index has them, and
    // no log of the server. (The write-ahead log is history for recovery and is recycled.)
    for (const auto& table : tables)
        if (table != "pg_stats") daemon_->sql("VACUUM (FULL) " + table);
    daemon_->sql("VACUUM (FULL) pg_statistic", "postgres");
    daemon_->sql("CHECKPOINT", "postgres");
    std::size_t files = 0;
    for (const auto& each : std::filesystem::recursive_directory_iterator(daemon_->state())) {
        if (!each.is_regular_file() || each.path().string().find("/pg_wal/") != std::string::npos) continue;
        std::ifstream in(each.path(), std::ios::binary);
        const std::string content{std::istreambuf_iterator<char>(in), {}};
        ++files;
        for (const auto& [what, canary] : canaries)
            EXPECT_EQ(content.find(canary), std::string::npos) << what << " in " << each.path();
    }
    EXPECT_GT(files, 100u);

    const auto again = complain_as("新人", canaries.at("phone"), "没有收到报纸");
    EXPECT_NE(text(ticket(ticket_id_of(officer, text(again.body, "number"))), "customer_id"), customer);
}

TEST_F(Door, AnUploadBeyondTheLimitIsRefusedAndOneAtTheLimitTaken)
{
    constexpr std::size_t limit = 25 * 1024 * 1024;
    const json complaint{{"contact", {{"phone", "13912340010"}}}, {"problem", "附照片"}};
    const auto body_of = [&](std::size_t bytes) {
        return form({{"name=\"complaint\"", "application/json", complaint.dump()},
                     {"name=\"file\"; filename=\"a.bin\"", "application/octet-stream", std::string(bytes, 'x')}});
    };
    const auto overhead = body_of(0).size();
    http_client browser(daemon_->port());
    const auto taken = to_answer(browser.post("/public/v1/complaints", body_of(limit - overhead), form_headers));
    EXPECT_EQ(taken.status, 201) << taken.raw.body;

    connection declared(daemon_->port());
    declared.send(fmt::format(
        "POST /public/v1/complaints HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nContent-Type: {}\r\nContent-Length: {}\r\n\r\n",
        daemon_->port(), form_headers[0].second, limit + 1));
    EXPECT_EQ(declared.read_answer().status, 413);

    connection chunked(daemon_->port());
    chunked.send(fmt::format("POST /public/v1/complaints HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nContent-Type: "
                             "{}\r\nTransfer-Encoding: chunked\r\n\r\n",
                             daemon_->port(), form_headers[0].second));
    auto whole = body_of(limit + 1 - overhead);
    ASSERT_EQ(whole.size(), limit + 1);
    chunked.send(fmt::format("{:x}\r\n{}\r\n0\r\n\r\n", whole.size(), whole));
    EXPECT_EQ(chunked.read_answer().status, 413);

    EXPECT_EQ(to_answer(browser.post("/public/v1/tracking",
                                     json({{"number", std::string(5000, '1')}, {"phone", "1"}}).dump()))
                  .status,
              413);
}

TEST_F(Door, AHostileFileNameIsCleaned)
{
    const json complaint{{"contact", {{"phone", "13912340011"}}}, {"category", "missed_copy"}, {"problem", "附件"}};
    std::vector<part> parts{{"name=\"complaint\"", "application/json", complaint.dump()}};
    const std::vector<std::string> names{
        "../../../etc/passwd",         "C:\\\\Windows\\\\system32\\\\cmd.exe", "a\x01\x1b[31mb.txt", "/absolute", "..",
        std::string(600, 'n') + ".txt"};
    for (const auto& name : names)
        parts.push_back({"name=\"file\"; filename=\"" + name + "\"", "text/plain", "x"});
    http_client browser(daemon_->port());
    const auto taken = to_answer(browser.post("/public/v1/complaints", form(parts), form_headers));
    ASSERT_EQ(taken.status, 201) << taken.raw.body;
    const auto customer = text(ticket(ticket_id_of(officer, text(taken.body, "number"))), "customer_id");
    const auto timeline = officer.get("/api/v1/customers/" + customer + "/timeline").body;
    const auto kept = timeline.at("items").at(0).at("attachments");
    ASSERT_EQ(kept.size(), names.size());
    for (const auto& each : kept) {
        const auto name = text(each, "name");
        EXPECT_FALSE(name.empty());
        EXPECT_LE(name.size(), 255u);
        EXPECT_NE(name, "..");
        EXPECT_TRUE(std::ranges::none_of(name, [](char c) {
            return c == '/' || c == '\\' || static_cast<unsigned char>(c) < ' ';
        })) << name;
    }
}

TEST_F(Door, BrokenBodiesGetTheirDocumentedAnswers)
{
    http_client browser(daemon_->port());
    const auto post = [&](const std::string& body, const http_headers& extra = {}) {
        return to_answer(browser.post("/public/v1/complaints", body, extra));
    };
    const auto with_problem = [](const std::string& problem) {
        return R"({"contact":{"phone":"13912340012"},"problem":")" + problem + "\"}";
    };
    const auto is = [](const answer& told, int status, const std::string& code) {
        EXPECT_EQ(told.status, status) << told.raw.body;
        EXPECT_EQ(told.code(), code);
    };
    is(post(std::string(10'000, '[') + std::string(10'000, ']')), 400, "invalid-json");
    is(post(R"({"contact":{"phone":"1)"), 400, "invalid-json");
    is(post(with_problem("\xff\xfe")), 400, "invalid-utf8");
    is(post(with_problem("a\\u0000b")), 400, "invalid-json");
    is(post(with_problem(std::string("a\0b", 3))), 400, "invalid-utf8");
    is(post(with_problem("x"), {{"Content-Type", "text/plain"}}), 415, "unsupported-media-type");
    is(post(R"({"contact":{"phone":"13912340012"},"problem":"x","is_admin":true})"), 422, "invalid-field");
    is(post(R"({"problem":"x"})"), 422, "invalid-field");
    is(post(with_problem("x"), {{"Idempotency-Key", std::string(129, 'k')}}), 400, "bad-request");
    EXPECT_EQ(post(with_problem("x")).status, 201) << "the same without what was wrong";
}

TEST_F(Door, AForeignPageWritesNothingWithTheUsersCookieAndOpensNoStream)
{
    officer.id(); // logged in
    const http_headers cookie{{"Cookie", officer.cookies()}};
    const auto with_origin = [&](const std::string& origin) {
        auto headers = cookie;
        if (!origin.empty()) headers.emplace_back("Origin", origin);
        return headers;
    };
    http_client browser(daemon_->port());
    for (const auto& origin :
         {std::string("https://evil.example"), std::string("null"), std::string(), daemon_->origin() + ".evil.example",
          fmt::format("http://127.0.0.1:{}", daemon_->port() + 1)})
    {
        const auto told = to_answer(browser.delete_("/api/v1/sessions", with_origin(origin)));
        EXPECT_EQ(told.status, 403) << origin << told.raw.body;
        EXPECT_EQ(told.code(), "foreign-origin");
        websocket_client socket(daemon_->port());
        EXPECT_EQ(socket.open("/api/v1/stream", with_origin(origin)).status, 403) << origin;
    }
    EXPECT_EQ(browser.get("/api/v1/me", cookie).status, 200) << "still logged in";
    websocket_client ours(daemon_->port());
    EXPECT_EQ(ours.open("/api/v1/stream", with_origin(daemon_->origin())).status, 101);
}

TEST_F(Door, AGuesserIsSlowedDownWhileTheOwnersKnownDeviceStillGetsIn)
{
    person owner(*daemon_, "cao.yu");
    owner.log_in();
    http_client guesser(daemon_->port());
    const auto try_to_enter = [&](const std::string& login, const std::string& password) {
        return to_answer(guesser.post("/api/v1/session", json({{"login", login}, {"password", password}}).dump(),
                                      {{"Origin", daemon_->origin()}}));
    };
    const auto nobody = try_to_enter("nobody.here", "wrong");
    EXPECT_EQ(nobody.status, 401);
    answer told;
    int guesses = 0;
    for (; guesses < 10 && (told.status == 0 || told.status == 401); ++guesses) {
        told = try_to_enter("cao.yu", fmt::format("guess {}", guesses));
        if (told.status == 401)
            EXPECT_EQ(fingerprint(told), fingerprint(nobody))
                << "a name that exists is not told from one that does not";
    }
    EXPECT_EQ(told.status, 429) << told.raw.body;
    EXPECT_GE(guesses, 4) << "people mistype";
    const auto wait = std::stoi(told.raw.header("retry-after"));
    EXPECT_GE(wait, 1);
    EXPECT_EQ(try_to_enter("cao.yu", daemon_->password()).status, 429) << "right or wrong: not looked at";

    EXPECT_NO_THROW(owner.log_in()) << "the owner's own device";
    daemon_->advance(std::chrono::seconds(wait));
    EXPECT_EQ(try_to_enter("cao.yu", daemon_->password()).status, 201);
}

} // namespace
} // namespace huiyin::test
