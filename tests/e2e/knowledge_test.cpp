// What the front line reads and says: articles, notices and canned replies as the console meets them.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <set>
#include <support/daemon/daemon_fixture.hpp>

namespace huiyin::test {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class KnowledgeDesk : public ::testing::Test
{
protected:
    KnowledgeDesk() { daemon_.set_time("2026-03-02T09:00:00+08:00"); }
    ~KnowledgeDesk() override
    {
        EXPECT_EQ(daemon_.stop(), 0);
        EXPECT_EQ(daemon_.log().find("Sanitizer"), std::string::npos) << daemon_.log();
    }

    static answer done(answer told)
    {
        if (told.status < 200 || told.status > 299) throw std::runtime_error(told.raw.body);
        return told;
    }
    static http_headers seen(const json& of)
    {
        return {{"If-Match", fmt::format("\"{}\"", of.at("version").get<int>())}};
    }
    static json words(const std::string& title, const std::string& body)
    {
        return {{"zh-CN", {{"title", title}, {"body", body}}}};
    }
    json published(const json& what)
    {
        auto now = done(officer_.post("/api/v1/knowledge", what)).body;
        const auto at = "/api/v1/knowledge/" + now.at("id").get<std::string>();
        now = done(officer_.post(at + "/submission", json::object(), seen(now))).body;
        return done(supervisor_.post(at + "/review", {{"approved", true}}, seen(now))).body;
    }
    std::string complaint()
    {
        const auto taken = done(complain(daemon_, {{"contact", {{"name", "王小明"}, {"phone", "13800000001"}}},
                                                   {"category", "missed_copy"},
                                                   {"problem", "今天的报纸没有收到"},
                                                   {"fields", {{"district", "east"}}}}));
        return ticket_id_of(officer_, taken.body.at("number").get<std::string>());
    }

    daemon_process daemon_;
    person officer_{daemon_, "zhao.min"}, supervisor_{daemon_, "qian.li"}, agent_{daemon_, "chen.jing"},
        handler_{daemon_, "wang.qiang"}, west_{daemon_, "zhou.tao"};
};

TEST_F(KnowledgeDesk, AnAnswerIsWrittenReviewedFoundAndSuggestedForTheTicket)
{
    const auto ticket = complaint();
    const auto answer = published({{"kind", "canonical_answer"},
                                   {"words", words("报纸没有收到怎么办", "当天补送")},
                                   {"categories", {"missed_copy"}}});
    EXPECT_EQ(answer.at("edition").at("state"), "published");
    EXPECT_EQ(answer.at("edition").at("author").at("id"), officer_.id());

    const auto listed = done(agent_.get("/api/v1/knowledge?q=%E8%A1%A5%E9%80%81")).body.at("items");
    ASSERT_EQ(listed.size(), 1u);
    EXPECT_EQ(listed.at(0).at("edition").at("words").at("zh-CN").at("beginning"), "当天补送");
    EXPECT_FALSE(listed.at(0).at("edition").at("words").at("zh-CN").contains("body"));
    const auto suggested = done(agent_.get("/api/v1/knowledge/suggestions?ticket=" + ticket)).body.at("items");
    ASSERT_EQ(suggested.size(), 1u);
    EXPECT_EQ(suggested.at(0).at("id"), answer.at("id"));
    EXPECT_EQ(handler_.get("/api/v1/knowledge/suggestions?ticket=" + ticket).status, 404) << "not his yet";

    const auto at = "/api/v1/knowledge/" + answer.at("id").get<std::string>();
    EXPECT_EQ(agent_.get(at + "?edition=latest").status, 404);
    EXPECT_EQ(agent_.get("/api/v1/knowledge?state=draft").status, 404);
    const auto read = done(agent_.post(at + "/reading", {{"edition", 1}})).body;
    EXPECT_FALSE(read.at("read_at").is_null());
    EXPECT_TRUE(read.at("acknowledged_at").is_null());
    const auto readers = done(officer_.get(at + "/readers?missing=true&limit=3")).body;
    EXPECT_EQ(readers.at("items").size(), 3u);
    EXPECT_FALSE(readers.at("next_cursor").is_null());
    EXPECT_GT(readers.at("meant").get<int>(), 5);
}

TEST_F(KnowledgeDesk, WhatIsWrongWithAnEditionIsSaidAtOnce)
{
    const auto wrong = [&](const json& what) {
        const auto told = officer_.post("/api/v1/knowledge", what);
        std::vector<std::string> fields;
        if (told.code() == "invalid-field")
            for (const auto& each : told.body.at("violations"))
                fields.push_back(each.at("field").get<std::string>());
        return fields;
    };
    EXPECT_THAT(wrong({{"words", {{"fr", {{"title", "a"}, {"body", "b"}}}, {"en", {{"title", ""}, {"more", 1}}}}},
                       {"roles", {"king"}},
                       {"strange", 1}}),
                ::testing::IsSupersetOf(
                    {"kind", "words.fr", "words.en.title", "words.en.more", "words.en.body", "roles", "strange"}));
    EXPECT_THAT(wrong({{"kind", "article"}, {"words", words("a", "b")}, {"categories", {"nowhere"}}}),
                ElementsAre("categories"));
    EXPECT_THAT(wrong({{"kind", "article"}, {"words", words("a", std::string(10'001, 'x'))}}),
                ElementsAre("words.zh-CN.body"));
    for (const auto& hostile :
         {json(), json(1), json::array(), json{{"kind", 1}}, json{{"kind", "article"}, {"words", {{"en", 1}}}}})
        EXPECT_EQ(officer_.post("/api/v1/knowledge", hostile).status, 422) << hostile;
    EXPECT_EQ(agent_.post("/api/v1/knowledge", {{"kind", "article"}, {"words", words("a", "b")}}).status, 404);
}

TEST_F(KnowledgeDesk, ANoticeStandsInTheInboxesOfThoseItIsForUntilItIsAcknowledged)
{
    std::string east;
    for (const auto& each : done(officer_.get("/api/v1/departments")).body.at("items"))
        if (each.at("code") == "station_east") east = each.at("id").get<std::string>();
    const auto notice = published({{"kind", "notice"},
                                   {"words", words("暴雨停投", "今天不投递")},
                                   {"departments", {east}},
                                   {"must_acknowledge", true}});
    EXPECT_THAT(done(west_.get("/api/v1/knowledge/notices")).body.at("items"), IsEmpty());
    ASSERT_EQ(done(handler_.get("/api/v1/knowledge/notices")).body.at("items").size(), 1u);
    bool told = false;
    for (const auto& each : done(handler_.get("/api/v1/notices")).body.at("items"))
        told = told || each.at("kind") == "knowledge.notice";
    EXPECT_TRUE(told);
    done(handler_.post("/api/v1/knowledge/" + notice.at("id").get<std::string>() + "/reading",
                       {{"edition", 1}, {"acknowledged", true}}));
    EXPECT_THAT(done(handler_.get("/api/v1/knowledge/notices")).body.at("items"), IsEmpty());
}

TEST_F(KnowledgeDesk, OfOneWhoPublishesAndOneWhoWritesOnAtOnceOneIsToldOfTheOther)
{
    for (int round = 0; round < 6; ++round) {
        auto now = done(officer_.post("/api/v1/knowledge", {{"kind", "article"}, {"words", words("甲", "乙")}})).body;
        const auto at = "/api/v1/knowledge/" + now.at("id").get<std::string>();
        now = done(officer_.post(at + "/submission", json::object(), seen(now))).body;
        auto published = std::async(std::launch::async,
                                    [&] { return supervisor_.post(at + "/review", {{"approved", true}}, seen(now)); });
        auto written = std::async(std::launch::async, [&] {
            return officer_.call("PUT", at, json{{"words", words("甲", "丙")}}.dump(), seen(now));
        });
        const auto one = published.get(), other = written.get();
        ASSERT_EQ(std::set({one.status, other.status}), std::set({200, 412})) << one.raw.body << other.raw.body;
        const auto& refused = one.status == 412 ? one : other;
        EXPECT_EQ(refused.body.at("version"), "3");
        EXPECT_EQ(refused.body.at("changed_by"), (one.status == 412 ? officer_ : supervisor_).id());
        const auto id = now.at("id").get<std::string>();
        const auto kept =
            daemon_.sql("SELECT i.version, i.latest, COALESCE(i.published, 0), string_agg(e.state, ' ') FROM "
                        "knowledge_item i JOIN knowledge_edition e ON e.item_id = i.id WHERE i.id = '" +
                        id + "' GROUP BY i.id");
        const auto expected = one.status == 200 ? std::vector<std::string>{"3", "1", "1", "published"}
                                                : std::vector<std::string>{"3", "1", "0", "draft"};
        EXPECT_EQ(kept.at(0), expected);
        EXPECT_EQ(daemon_.sql("SELECT max(subject_version), count(*) FROM event WHERE subject = '" + id + "'").at(0),
                  (std::vector<std::string>{"3", "3"}));
    }
    EXPECT_EQ(daemon_.run_command({"doctor", "--at", to_rfc3339(daemon_.now())}).status, 0);
}

TEST_F(KnowledgeDesk, ACannedReplyIsFilledForTheTicketByWhoMayReadIt)
{
    const auto ticket = complaint();
    ASSERT_LT(officer_.act(ticket, "classification", {{"category", "missed_copy"}}).status, 300);
    EXPECT_EQ(officer_.post("/api/v1/canned_replies", {{"name", "a"}, {"body", "{phone}"}}).code(), "invalid-field");
    EXPECT_EQ(officer_.post("/api/v1/canned_replies", {{"name", "a"}, {"body", "b"}, {"shared", "all"}}).status, 403);
    const auto made = done(supervisor_.post(
        "/api/v1/canned_replies",
        {{"name", "受理"},
         {"body", "{customer}您好，{category}投诉 {number} 已受理，今天是 {today}。{agent}；{department} {due}"},
         {"shared", "all"}}));
    EXPECT_THAT(made.body.at("variables"),
                ElementsAre("customer", "category", "number", "today", "agent", "department", "due"));
    const auto at = "/api/v1/canned_replies/" + made.body.at("id").get<std::string>();
    const auto number = officer_.get("/api/v1/tickets/" + ticket).body.at("number").get<std::string>();
    const auto filled = done(officer_.post(at + "/rendering", {{"ticket_id", ticket}})).body;
    const auto text = filled.at("text").get<std::string>();
    EXPECT_TRUE(text.starts_with("王小明您好，")) << text;
    EXPECT_NE(text.find(number), std::string::npos) << text;
    EXPECT_NE(text.find("2026-03-02"), std::string::npos) << text;
    EXPECT_THAT(filled.at("missing"), ElementsAre("department", "due"))
        << "not dispatched: nobody has it, nothing is due";
    EXPECT_NE(text.find("{department} {due}"), std::string::npos) << text;

    EXPECT_EQ(handler_.post(at + "/rendering", {{"ticket_id", ticket}}).status, 404) << "not his ticket";
    EXPECT_EQ(officer_.post(at + "/rendering", {{"ticket_id", "x"}}).code(), "invalid-field");
    EXPECT_EQ(done(handler_.get("/api/v1/canned_replies?category=missed_copy")).body.at("items").size(), 1u);
    EXPECT_EQ(handler_.call("DELETE", at, "", {{"If-Match", "\"1\""}}).status, 404);
    EXPECT_EQ(supervisor_.call("DELETE", at, "", {{"If-Match", "\"2\""}}).code(), "stale-version");
    EXPECT_EQ(supervisor_.call("DELETE", at, "", {{"If-Match", "\"1\""}}).status, 204);
}

} // namespace
} // namespace huiyin::test
