// One complaint from the public form to the archive, through the daemon's interfaces alone.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <support/daemon/daemon_fixture.hpp>

namespace huiyin::test {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

instant at(std::string_view shanghai)
{
    return parse_rfc3339(std::string(shanghai) + "+08:00").value();
}

instant time_in(const json& text)
{
    return parse_rfc3339(text.get<std::string>()).value();
}

json ticket_of(person& reader, const std::string& id)
{
    const auto found = reader.get("/api/v1/tickets/" + id);
    EXPECT_EQ(found.status, 200) << found.raw.body;
    return found.body;
}

/// The last clock of that kind.
json clock_of(const json& ticket, std::string_view kind)
{
    json last;
    for (const auto& each : ticket.at("deadlines"))
        if (each.at("kind") == kind) last = each;
    return last;
}

/// Without those of the clocks, whose steps come when the scanner looks.
std::vector<std::string> kinds_of_events(person& reader, const std::string& id)
{
    std::vector<std::string> kinds;
    const auto found = reader.get("/api/v1/tickets/" + id + "/events");
    for (const auto& each : found.body.at("items"))
        if (auto kind = each.at("kind").get<std::string>(); kind.starts_with("ticket."))
            kinds.push_back(std::move(kind));
    return kinds;
}

#define EXPECT_DONE(expression)                                                                                        \
    do {                                                                                                               \
        const auto told = (expression);                                                                                \
        ASSERT_EQ(told.status, 201) << #expression << ": " << told.raw.body;                                           \
    } while (false)

#define EXPECT_REFUSED(expression, refused_status, refused_code)                                                       \
    do {                                                                                                               \
        const auto told = (expression);                                                                                \
        EXPECT_EQ(told.status, refused_status) << #expression << ": " << told.raw.body;                                \
        EXPECT_EQ(told.code(), refused_code) << #expression;                                                           \
    } while (false)

TEST(Story, FromAComplaintOverARoundOfReworkToTheArchive)
{
    daemon_process daemon;
    daemon.set_time("2026-03-02T09:00:00+08:00"); // a Monday

    // Somebody who may both propose and approve, to see that he may not do both.
    const auto added = daemon.run_command({"user", "add", "hu.bo", "--json", "--role", "department_handler", "--role",
                                           "department_leader", "--department", "station_east", "--department",
                                           "station_east:leader"});
    ASSERT_EQ(added.status, 0) << added.output;
    person both(daemon, "hu.bo", json::parse(added.output).at("password").get<std::string>());
    person officer(daemon, "zhao.min"), handler(daemon, "wang.qiang"), leader(daemon, "zhang.wei"),
        agent(daemon, "chen.jing");

    const json contact{{"name", "王小明"}, {"phone", "138 1234 5678"}};
    const auto taken = complain(daemon, {{"contact", contact},
                                         {"category", "missed_copy"},
                                         {"problem", "今天的报纸没有收到"},
                                         {"desired_solution", "请补送"},
                                         {"fields", {{"district", "east"}}}});
    ASSERT_EQ(taken.status, 201) << taken.raw.body;
    const auto number = taken.body.at("number").get<std::string>();
    EXPECT_TRUE(number.starts_with("260302-")) << number;
    EXPECT_THAT(taken.body.at("tracking_url").get<std::string>(), HasSubstr(number));
    EXPECT_EQ(time_in(taken.body.at("due_at")), at("2026-03-02T09:10:00"));
    const auto tracked = [&]() { return track(daemon, {{"number", number}, {"phone", "+86 138-1234-5678"}}); };
    ASSERT_EQ(tracked().status, 200) << tracked().raw.body;
    EXPECT_EQ(tracked().body.at("stage"), "received");
    const auto id = ticket_id_of(officer, number);

    daemon.set_time("2026-03-02T09:05:00+08:00");
    EXPECT_DONE(officer.act(id, "classification", {{"category", "missed_copy"}}));
    daemon.set_time("2026-03-02T09:10:00+08:00");
    EXPECT_DONE(officer.act(id, "dispatch"));
    EXPECT_EQ(tracked().body.at("stage"), "assigned");
    EXPECT_EQ(tracked().body.at("department").at("code"), "station_east");
    EXPECT_EQ(time_in(tracked().body.at("next_promise_at")), at("2026-03-02T18:00:00"))
        << "reported before noon: by 18:00";

    daemon.set_time("2026-03-02T09:20:00+08:00");
    EXPECT_DONE(handler.act(id, "acceptance"));
    EXPECT_DONE(handler.act(id, "contacts", {{"how", "call"}}));
    EXPECT_EQ(clock_of(ticket_of(officer, id), "first_response").at("state"), "missed") << "due at 09:10";
    EXPECT_EQ(clock_of(ticket_of(officer, id), "accept").at("state"), "met");

    daemon.set_time("2026-03-02T10:00:00+08:00");
    const json first_solution{
        {"text", "补送报纸并向订户道歉"}, {"root_cause", "carrier_new"}, {"no_responsible_reason", "no_person"}};
    EXPECT_DONE(both.act(id, "solutions", first_solution));
    EXPECT_REFUSED(both.act(id, "approvals"), 403, "approver-is-proposer");
    EXPECT_REFUSED(handler.act(id, "approvals"), 404, "not-found");
    EXPECT_DONE(leader.act(id, "approvals"));
    EXPECT_EQ(ticket_of(officer, id).at("status"), "executing");

    daemon.set_time("2026-03-02T11:00:00+08:00");
    EXPECT_DONE(
        handler.act(id, "completion", {{"result", "报纸已补送"}, {"customer_informed", true}, {"evidence", 1}}));
    EXPECT_DONE(officer.act(id, "pass"));
    EXPECT_EQ(tracked().body.at("stage"), "calling_back");
    const auto resolved = clock_of(ticket_of(officer, id), "resolve");
    EXPECT_EQ(resolved.at("state"), "met");
    EXPECT_EQ(time_in(resolved.at("stopped_at")), at("2026-03-02T11:00:00"));

    daemon.set_time("2026-03-02T21:30:00+08:00");
    const json satisfied{{"solved", "yes"}, {"result", 5}, {"time", 4}, {"attitude", 5}};
    const json unsatisfied{{"solved", "no"}, {"result", 1}, {"time", 2}, {"attitude", 4}, {"reason", "not_solved"}};
    const auto too_late = agent.act(id, "verdicts", unsatisfied);
    EXPECT_EQ(too_late.status, 409) << too_late.raw.body;
    EXPECT_EQ(too_late.code(), "not-callback-hours");
    EXPECT_EQ(time_in(too_late.body.at("next_callback_at")), at("2026-03-03T09:00:00"));
    EXPECT_REFUSED(agent.act(id, "callback-attempts", {{"outcome", "no_answer"}}), 409, "not-callback-hours");
    EXPECT_EQ(ticket_of(officer, id).at("status"), "callback_pending");

    daemon.set_time("2026-03-03T09:30:00+08:00");
    EXPECT_REFUSED(handler.act(id, "verdicts", satisfied), 404, "not-found");
    EXPECT_DONE(agent.act(id, "verdicts", unsatisfied));
    const auto again = ticket_of(officer, id);
    EXPECT_EQ(again.at("status"), "investigating");
    EXPECT_EQ(again.at("flags").at("rework_cycle"), 1);
    EXPECT_EQ(again.at("work_orders").at(0).at("state"), "accepted") << "the same department works again";
    // From 09:10 to 18:00 are 530 minutes.
    const auto rework = clock_of(again, "rework");
    ASSERT_FALSE(rework.is_null());
    EXPECT_EQ(rework.at("target"), "265m");
    EXPECT_EQ(rework.at("state"), "running");
    EXPECT_EQ(time_in(rework.at("started_at")), at("2026-03-03T09:30:00"));
    EXPECT_EQ(time_in(rework.at("due_at")), at("2026-03-03T13:55:00"));
    EXPECT_EQ(time_in(tracked().body.at("next_promise_at")), at("2026-03-03T13:55:00"));

    daemon.set_time("2026-03-03T10:00:00+08:00");
    auto same_words = first_solution;
    same_words["text"] = "  补送报纸并向订户道歉 ";
    EXPECT_REFUSED(handler.act(id, "solutions", same_words), 409, "solution-repeated");
    EXPECT_DONE(handler.act(id, "solutions",
                            {{"text", "由站长上门道歉,更换投递员"},
                             {"root_cause", "carrier_new"},
                             {"no_responsible_reason", "no_person"}}));
    EXPECT_DONE(leader.act(id, "approvals"));
    daemon.set_time("2026-03-03T11:00:00+08:00");
    EXPECT_DONE(
        handler.act(id, "completion", {{"result", "站长已上门"}, {"customer_informed", true}, {"evidence", 1}}));
    EXPECT_DONE(officer.act(id, "pass"));
    EXPECT_EQ(clock_of(ticket_of(officer, id), "rework").at("state"), "met");

    daemon.set_time("2026-03-03T14:30:00+08:00");
    EXPECT_DONE(agent.act(id, "verdicts", satisfied));
    const auto closed = ticket_of(officer, id);
    EXPECT_EQ(closed.at("status"), "closed");
    EXPECT_EQ(closed.at("closure"), "confirmed");
    EXPECT_EQ(closed.at("satisfaction"), "satisfied");
    EXPECT_EQ(tracked().body.at("stage"), "closed");
    EXPECT_REFUSED(officer.act(id, "archival"), 409, "reopen-window-open");

    daemon.set_time("2026-04-03T14:30:00+08:00"); // 31 days later
    const auto kept = ticket_of(officer, id);
    EXPECT_EQ(kept.at("status"), "archived");
    EXPECT_EQ(time_in(kept.at("archived_at")), at("2026-04-03T14:30:00"));
    EXPECT_EQ(tracked().body.at("stage"), "closed");

    EXPECT_THAT(kinds_of_events(officer, id),
                ElementsAre("ticket.created", "ticket.classified", "ticket.dispatched", "ticket.accepted",
                            "ticket.customer_contacted", "ticket.solution_proposed", "ticket.solution_approved",
                            "ticket.completed", "ticket.reply_passed", "ticket.rework_started",
                            "ticket.solution_proposed", "ticket.solution_approved", "ticket.completed",
                            "ticket.reply_passed", "ticket.closed", "ticket.archived"));

    const auto verified = daemon.run_command({"verify-journal"});
    EXPECT_EQ(verified.status, 0) << verified.output;
    EXPECT_THAT(verified.output, HasSubstr("the journal verifies"));
    const auto examined = daemon.run_command({"doctor"});
    EXPECT_EQ(examined.status, 0) << examined.output;

    EXPECT_EQ(daemon.stop(), 0);
    EXPECT_EQ(daemon.log().find("Sanitizer"), std::string::npos) << daemon.log();
}

TEST(Story, WhatWasAcknowledgedOutlivesAKilledDaemon)
{
    daemon_process daemon;
    const json body{{"contact", {{"name", "李雷"}, {"phone", "13900001111"}}},
                    {"category", "missed_copy"},
                    {"problem", "周日的报纸没有收到"}};
    const auto taken = complain(daemon, body, {{"Idempotency-Key", "before-the-kill"}});
    ASSERT_EQ(taken.status, 201) << taken.raw.body;
    daemon.kill9();
    daemon.restart();

    const auto again = complain(daemon, body, {{"Idempotency-Key", "before-the-kill"}});
    EXPECT_EQ(again.status, 201);
    EXPECT_EQ(again.raw.body, taken.raw.body);
    EXPECT_EQ(track(daemon, {{"number", taken.body.at("number")}, {"phone", "13900001111"}}).status, 200);
    person officer(daemon, "zhao.min");
    EXPECT_EQ(officer.get("/api/v1/tickets").body.at("items").size(), 1u);
    EXPECT_EQ(daemon.stop(), 0);
    const auto verified = daemon.run_command({"verify-journal"});
    EXPECT_EQ(verified.status, 0) << verified.output;
}

} // namespace
} // namespace huiyin::test
