// Figures through the daemon's interfaces alone, and what the journal says of the tables.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <support/daemon/daemon_fixture.hpp>

namespace huiyin::test {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr auto march = "&from=2026-03-01&to=2026-03-31&tz=Asia/Shanghai";

#define EXPECT_DONE(expression)                                                                                        \
    do {                                                                                                               \
        const auto told = (expression);                                                                                \
        ASSERT_EQ(told.status, 201) << #expression << ": " << told.raw.body;                                           \
    } while (false)

TEST(Reports, AFigureItsTicketsItsFormulaAndItsRebuild)
{
    daemon_process daemon;
    daemon.set_time("2026-03-02T09:00:00+08:00");
    person officer(daemon, "zhao.min"), handler(daemon, "wang.qiang"), leader(daemon, "zhang.wei"),
        agent(daemon, "chen.jing"), supervisor(daemon, "qian.li"), admin(daemon, "admin");
    const auto taken = complain(daemon, {{"contact", {{"name", "王小明"}, {"phone", "13812345678"}}},
                                         {"category", "missed_copy"},
                                         {"problem", "今天的报纸没有收到"},
                                         {"fields", {{"district", "east"}}}});
    ASSERT_EQ(taken.status, 201) << taken.raw.body;
    const auto number = taken.body.at("number").get<std::string>();
    const auto id = ticket_id_of(officer, number);
    EXPECT_DONE(officer.act(id, "classification", {{"category", "missed_copy"}}));
    EXPECT_DONE(officer.act(id, "dispatch"));
    daemon.set_time("2026-03-02T09:05:00+08:00");
    EXPECT_DONE(handler.act(id, "acceptance"));
    EXPECT_DONE(handler.act(id, "contacts", {{"how", "call"}}));
    EXPECT_EQ(agent.post("/api/v1/tickets/" + id + "/internal_ratings", {{"score", 4}}).code(), "wrong-state");
    EXPECT_DONE(handler.act(
        id, "solutions",
        {{"text", "补送报纸并道歉"}, {"root_cause", "carrier_new"}, {"no_responsible_reason", "no_person"}}));
    EXPECT_DONE(leader.act(id, "approvals"));
    EXPECT_DONE(
        handler.act(id, "completion", {{"result", "报纸已补送"}, {"customer_informed", true}, {"evidence", 1}}));
    EXPECT_DONE(officer.act(id, "pass"));
    EXPECT_DONE(agent.post("/api/v1/tickets/" + id + "/internal_ratings", {{"score", 4}}));
    EXPECT_EQ(agent.post("/api/v1/tickets/" + id + "/internal_ratings", {{"score", 5}}).code(), "already-exists");
    EXPECT_EQ(agent.post("/api/v1/tickets/" + id + "/internal_ratings", {{"score", 6}}).status, 422);
    EXPECT_EQ(handler.post("/api/v1/tickets/" + id + "/internal_ratings", {{"score", 5}}).status, 404);
    daemon.set_time("2026-03-02T10:00:00+08:00");
    EXPECT_DONE(agent.act(id, "verdicts", {{"solved", "yes"}, {"result", 5}, {"time", 4}, {"attitude", 5}}));

    daemon.set_time("2026-03-03T10:00:00+08:00");
    const auto values =
        "/api/v1/reports/values?metric=on_time,satisfied_rate,internal_csat,e_ticket_share&by=department" +
        std::string(march);
    daemon.catch_up();
    const auto told = supervisor.get(values);
    ASSERT_EQ(told.status, 200) << told.raw.body;
    const auto& found = told.body;
    EXPECT_EQ(found.at("items").at(1).at("now").at("value"), 1);
    EXPECT_EQ(found.at("period").at("begins_at"), "2026-02-28T16:00:00Z");
    EXPECT_EQ(found.at("items").at(0).at("now").at("value"), 1);
    EXPECT_TRUE(found.at("items").at(0).at("before").at("value").is_null());
    EXPECT_EQ(found.at("items").at(2).at("now").at("value"), 4);
    EXPECT_EQ(found.at("items").at(3).at("now").at("value"), 1);
    EXPECT_THAT(found.dump(), HasSubstr("station_east"));

    const auto counted = supervisor.get("/api/v1/reports/tickets?metric=satisfied_rate" + std::string(march));
    ASSERT_EQ(counted.body.at("items").size(), 1u) << counted.raw.body;
    EXPECT_EQ(counted.body.at("items").at(0).at("number"), number);
    EXPECT_TRUE(counted.body.at("next_cursor").is_null());
    const auto table = supervisor.get(values + "&format=csv");
    EXPECT_THAT(table.raw.body, StartsWith("\xEF\xBB\xBFmetric,key,code,name,value"));
    EXPECT_THAT(table.raw.body, HasSubstr("satisfied_rate,,,,1,1,1,1,"));

    EXPECT_EQ(leader.get(values).body.at("items").at(0).at("now").at("value"), 1) << "his own department's";
    EXPECT_EQ(handler.get(values).status, 404);
    EXPECT_EQ(admin.get(values).status, 404);
    EXPECT_EQ(supervisor.get("/api/v1/reports/values?metric=nonsense" + std::string(march)).status, 422);
    EXPECT_EQ(supervisor.get("/api/v1/reports/values?metric=on_time&from=2026-03-02&to=2026-03-01").status, 422);
    const auto cards = supervisor.get("/api/v1/reports/scorecards?weights=on_time:0.5:0.9,satisfied_rate:0.5:0.9" +
                                      std::string(march));
    ASSERT_EQ(cards.status, 200) << cards.raw.body;
    EXPECT_EQ(cards.body.at("rows").at(0).at("rank"), 1);
    const auto unfair =
        supervisor.get("/api/v1/reports/scorecards?weights=closed:0.9:100,on_time:0.1:1" + std::string(march));
    EXPECT_EQ(unfair.status, 422);
    EXPECT_THAT(unfair.raw.body, HasSubstr("service weighs at least 0.20"));
    EXPECT_EQ(supervisor.get("/api/v1/reports/scorecards?of=department" + std::string(march)).status, 200);
    const auto board = supervisor.get("/api/v1/live_board");
    ASSERT_EQ(board.status, 200) << board.raw.body;
    EXPECT_EQ(board.body.at("open"), 0);
    const auto formulas = supervisor.get("/api/v1/reports/metrics").body.at("items");
    EXPECT_EQ(formulas.at(0).at("name").at("zh-CN"), "工单数");

    const auto sound = daemon.run_command({"rebuild", "--check", "--json"});
    EXPECT_EQ(sound.status, 0) << sound.output;
    EXPECT_EQ(json::parse(sound.output).at("tickets"), 1);
    daemon.sql("UPDATE ticket SET satisfaction = 'neutral'");
    const auto edited = daemon.run_command({"rebuild", "--check"});
    EXPECT_EQ(edited.status, 1);
    EXPECT_THAT(edited.output,
                HasSubstr("DIFFERS " + id + " ticket.satisfaction: journal \"satisfied\", table \"neutral\""));
    EXPECT_EQ(daemon.run_command({"rebuild"}).status, 2);

    // The figures come from the journal, which nobody edited.
    const auto before = supervisor.get(values).body;
    EXPECT_EQ(daemon.run_command({"rebuild", "--reports"}).status, 0);
    daemon.catch_up();
    EXPECT_EQ(supervisor.get(values).body, before);
    EXPECT_EQ(daemon.stop(), 0);
}

} // namespace
} // namespace huiyin::test
