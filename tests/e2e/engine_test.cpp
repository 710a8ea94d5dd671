// The ticket engine through the daemon's interfaces: what two persons must agree on, what customers do themselves, and
// what nobody may do.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <support/daemon/daemon_fixture.hpp>
#include <support/eventually.hpp>

namespace huiyin::test {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsSupersetOf;
using ::testing::Not;

instant time_in(const json& text)
{
    return parse_rfc3339(text.get<std::string>()).value();
}

#define EXPECT_DONE(expression)                                                                                        \
    do {                                                                                                               \
        const auto macro_told = (expression);                                                                          \
        ASSERT_EQ(macro_told.status, 201) << #expression << ": " << macro_told.raw.body;                               \
    } while (false)

#define EXPECT_CODE(expression, refused_code)                                                                          \
    do {                                                                                                               \
        const auto macro_told = (expression);                                                                          \
        EXPECT_EQ(macro_told.code(), refused_code)                                                                     \
            << #expression << ": " << macro_told.status << " " << macro_told.raw.body;                                 \
    } while (false)

/// One daemon; each test begins on a day of its own, so that its clocks owe nothing to the one before.
class Engine : public ::testing::Test
{
protected:
    static void SetUpTestSuite() { daemon_ = std::make_unique<daemon_process>(); }
    static void TearDownTestSuite()
    {
        people_.clear();
        const auto verified = daemon_->run_command({"verify-journal"});
        EXPECT_EQ(verified.status, 0) << verified.output;
        const auto examined = daemon_->run_command({"doctor", "--at", to_rfc3339(daemon_->now())});
        EXPECT_EQ(examined.status, 0) << examined.output;
        EXPECT_EQ(daemon_->stop(), 0);
        EXPECT_EQ(daemon_->log().find("Sanitizer"), std::string::npos) << daemon_->log();
        daemon_.reset();
    }
    void SetUp() override
    {
        // From Monday, 2 March 2026 on, workdays only.
        ++last_day_;
        if (last_day_ % 7 == 0) last_day_ += 2;
        const auto day = last_day_;
        day_ = fmt::format("2026-03-{:02}", day);
        at("09:00");
    }

    static daemon_process& daemon() { return *daemon_; }
    void at(std::string_view wall) { daemon_->set_time(fmt::format("{}T{}:00+08:00", day_, wall)); }
    std::string on_day(std::string_view wall, int more_days = 0) const
    {
        const auto noon = parse_rfc3339(fmt::format("{}T{}:00+08:00", day_, wall)).value();
        return to_rfc3339(noon + more_days * 24h);
    }

    static person& of(const std::string& login)
    {
        auto& one = people_[login];
        if (!one) one = std::make_unique<person>(*daemon_, login);
        return *one;
    }
    static person& officer() { return of("zhao.min"); }
    static person& handler() { return of("wang.qiang"); }
    static person& leader() { return of("zhang.wei"); }
    static person& supervisor() { return of("qian.li"); }
    static person& agent() { return of("chen.jing"); }

    struct ticket
    {
        std::string id;
        std::string number;
        std::string phone;
    };
    static ticket registered(const std::string& phone, const std::string& category = "missed_copy",
                             const std::string& object = "")
    {
        const auto taken = complain(*daemon_, {{"contact", {{"name", "订户"}, {"phone", phone}}},
                                               {"category", category},
                                               {"problem", "报纸没有收到"},
                                               {"object", object},
                                               {"fields", {{"district", "east"}}}});
        EXPECT_EQ(taken.status, 201) << taken.raw.body;
        const auto number = taken.body.at("number").get<std::string>();
        return {ticket_id_of(officer(), number), number, phone};
    }
    static ticket dispatched(const std::string& phone)
    {
        const auto made = registered(phone);
        done(officer().act(made.id, "classification", {{"category", "missed_copy"}}));
        done(officer().act(made.id, "dispatch"));
        return made;
    }
    static ticket accepted(const std::string& phone)
    {
        const auto made = dispatched(phone);
        done(handler().act(made.id, "acceptance"));
        return made;
    }
    /// To the desk, which passes the reply: the customer is to be called back.
    static void answered(const ticket& t, const std::string& solution)
    {
        done(handler().act(t.id, "contacts", {{"how", "call"}, {"text", "已与订户通话"}}));
        done(handler().act(
            t.id, "solutions",
            {{"text", solution}, {"root_cause", "carrier_missed"}, {"no_responsible_reason", "process_fault"}}));
        done(leader().act(t.id, "approvals"));
        done(handler().act(t.id, "completion", {{"result", "已补送"}, {"customer_informed", true}, {"evidence", 1}}));
        done(officer().act(t.id, "pass"));
    }
    static void done(const answer& told)
    {
        if (told.status != 201) throw std::runtime_error(told.raw.body);
    }
    static json shown(const ticket& t)
    {
        const auto found = officer().get("/api/v1/tickets/" + t.id);
        EXPECT_EQ(found.status, 200) << found.raw.body;
        return found.body;
    }
    static json clock_of(const json& page, std::string_view kind)
    {
        json last;
        for (const auto& each : page.at("deadlines"))
            if (each.at("kind") == kind) last = each;
        return last;
    }
    static std::vector<std::string> events_of(const ticket& t)
    {
        std::vector<std::string> kinds;
        for (const auto& each : officer().get("/api/v1/tickets/" + t.id + "/events").body.at("items"))
            kinds.push_back(each.at("kind").get<std::string>());
        return kinds;
    }
    static std::string department(const std::string& code)
    {
        for (const auto& each : officer().get("/api/v1/departments").body.at("items"))
            if (each.at("code") == code) return each.at("id").get<std::string>();
        throw std::runtime_error("no department " + code);
    }
    /// As a stranger's browser sends it.
    static answer customer_act(const std::string& number, json body, const http_headers& extra = {})
    {
        http_client browser(daemon_->port());
        return to_answer(browser.post("/public/v1/tickets/" + number + "/acts", body.dump(), extra));
    }
    static answer customer_act(const ticket& t, const std::string& act, json more = json::object())
    {
        more.update({{"act", act}, {"phone", t.phone}});
        return customer_act(t.number, std::move(more));
    }
    static std::string contact_with(const ticket& t)
    {
        done(handler().act(t.id, "contacts", {{"how", "call"}, {"text", "约定了时间"}}));
        return shown(t).at("contacts").back().at("interaction_id").get<std::string>();
    }
    /// Of one kind about that ticket.
    static std::size_t notices_of(person& who, const ticket& t, std::string_view kind)
    {
        const auto items = who.get("/api/v1/notices?limit=200").body.at("items");
        return static_cast<std::size_t>(std::ranges::count_if(
            items, [&](const auto& each) { return each.at("ticket_id") == t.id && each.at("kind") == kind; }));
    }

    std::string day_;
    static int last_day_;
    static std::unique_ptr<daemon_process> daemon_;
    static std::map<std::string, std::unique_ptr<person>> people_;
};

int Engine::last_day_ = 1;
std::unique_ptr<daemon_process> Engine::daemon_;
std::map<std::string, std::unique_ptr<person>> Engine::people_;

TEST_F(Engine, AHoldNeedsAToldCustomerAndALeadersSignatureAndEndsWithTheCustomersNextWord)
{
    const auto t = accepted("13900000001");
    const json appointment{{"reason", "appointment"}, {"until", on_day("10:00", 1)}};
    EXPECT_CODE(handler().act(t.id, "holds", appointment), "customer-not-informed");
    auto told = appointment;
    told["interaction_id"] = contact_with(t);
    EXPECT_CODE(officer().act(t.id, "holds", told), "not-found");
    EXPECT_DONE(handler().act(t.id, "holds", told));
    EXPECT_EQ(shown(t).at("status"), "investigating") << "asked for, not yet granted";
    EXPECT_CODE(handler().act(t.id, "holds", told), "already-exists");
    EXPECT_CODE(handler().act(t.id, "hold-signature", {{"agreed", true}}), "not-in-department");
    EXPECT_DONE(leader().act(t.id, "hold-signature", {{"agreed", true}}));
    auto page = shown(t);
    EXPECT_EQ(page.at("status"), "on_hold");
    EXPECT_EQ(page.at("flags").at("hold_reason"), "appointment");
    EXPECT_EQ(page.at("holds").at(0).at("state"), "granted");
    EXPECT_EQ(clock_of(page, "resolve").at("state"), "paused");

    at("11:00");
    EXPECT_DONE(handler().act(t.id, "resumption"));
    page = shown(t);
    EXPECT_EQ(clock_of(page, "resolve").at("state"), "running");
    EXPECT_EQ(page.at("holds").at(0).at("ended_by"), "handler");

    EXPECT_DONE(
        leader().act(t.id, "holds", {{"reason", "awaiting_customer"}, {"interaction_id", told.at("interaction_id")}}));
    EXPECT_EQ(shown(t).at("status"), "on_hold") << "a leader is both";
    const auto word = customer_act(t, "added_word", {{"text", "门牌是十二号"}});
    ASSERT_EQ(word.status, 201) << word.raw.body;
    EXPECT_EQ(word.body.at("outcome"), "applied") << word.raw.body;
    page = shown(t);
    EXPECT_EQ(page.at("status"), "investigating");
    EXPECT_EQ(page.at("holds").at(1).at("ended_by"), "customer");
    EXPECT_EQ(page.at("flags").at("urge_count"), 0) << "what was awaited is no urge";
    EXPECT_THAT(events_of(t), IsSupersetOf({"ticket.hold_requested", "ticket.held", "ticket.resumed"}));
}

TEST_F(Engine, AnExtensionMovesTheDueTimeOnceItIsGrantedAndOnlyOnce)
{
    const auto t = accepted("13900000002");
    const auto due = time_in(clock_of(shown(t), "resolve").at("due_at"));
    EXPECT_CODE(handler().act(t.id, "extensions", {{"until", to_rfc3339(due + 30 * 24h)}, {"reason", "weather"}}),
                "extension-too-long");
    EXPECT_CODE(handler().act(t.id, "extensions", {{"until", to_rfc3339(due + 1h)}}), "reason-required");
    const json wanted{{"until", to_rfc3339(due + 24h)}, {"reason", "weather"}, {"basis", "大雪封路"}};
    EXPECT_DONE(handler().act(t.id, "extensions", wanted));
    EXPECT_CODE(handler().act(t.id, "extensions", wanted), "already-exists");
    EXPECT_EQ(time_in(clock_of(shown(t), "resolve").at("due_at")), due) << "a request stops nothing";
    EXPECT_CODE(handler().act(t.id, "extension-decisions", {{"granted", true}}), "not-found");
    EXPECT_CODE(officer().act(t.id, "extension-decisions", {{"granted", false}}), "reason-required");
    EXPECT_DONE(officer().act(t.id, "extension-decisions", {{"granted", true}}));
    const auto page = shown(t);
    EXPECT_EQ(time_in(clock_of(page, "resolve").at("due_at")), due + 24h);
    EXPECT_EQ(time_in(clock_of(page, "resolve").at("original_due_at")), due);
    EXPECT_EQ(page.at("extensions").at(0).at("basis"), "大雪封路");
    EXPECT_CODE(handler().act(t.id, "extensions", {{"until", to_rfc3339(due + 48h)}, {"reason", "weather"}}),
                "extensions-exhausted");
}

TEST_F(Engine, AReplyWaitsForEveryDepartmentThatHasAPartInIt)
{
    const auto t = accepted("13900000003");
    const auto west = department("station_west"), main = department("main_station");
    EXPECT_CODE(officer().act(t.id, "co-handlers", {{"department_id", department("station_east")}}), "same-department");
    EXPECT_CODE(officer().act(t.id, "co-handlers", {{"department_id", west}, {"due_at", on_day("10:00", 20)}}),
                "co-handler-due-invalid");
    EXPECT_DONE(officer().act(t.id, "co-handlers", {{"department_id", west}}));
    EXPECT_CODE(officer().act(t.id, "co-handlers", {{"department_id", west}}), "already-exists");
    EXPECT_DONE(handler().act(t.id, "co-handlers", {{"department_id", main}}));
    EXPECT_EQ(notices_of(of("zhou.tao"), t, "ticket.co_handler_added"), 1u);

    done(handler().act(
        t.id, "solutions",
        {{"text", "补送"}, {"root_cause", "carrier_missed"}, {"no_responsible_reason", "process_fault"}}));
    done(leader().act(t.id, "approvals"));
    const json reply{{"result", "已补送"}, {"customer_informed", true}, {"evidence", 1}};
    EXPECT_CODE(handler().act(t.id, "completion", reply), "co-handler-open");
    const auto parts = shown(t).at("work_orders");
    const auto part_of = [&](const std::string& whose) {
        for (const auto& each : parts)
            if (each.at("department_id") == whose) return each.at("id");
        return json();
    };
    const json found{{"work_order_id", part_of(west)}, {"result", "线路图已更正"}};
    EXPECT_CODE(handler().act(t.id, "co-handler-results", found), "not-in-department");
    EXPECT_CODE(of("zhou.tao").act(t.id, "co-handler-results", {{"work_order_id", part_of(west)}}), "result-required");
    EXPECT_DONE(of("zhou.tao").act(t.id, "co-handler-results", found));
    EXPECT_CODE(handler().act(t.id, "completion", reply), "co-handler-open");
    EXPECT_DONE(
        handler().act(t.id, "co-handler-waivers", {{"work_order_id", part_of(main)}, {"reason", "not_needed"}}));
    EXPECT_DONE(handler().act(t.id, "completion", reply));
    EXPECT_EQ(shown(t).at("work_orders").at(1).at("result"), "线路图已更正");
}

TEST_F(Engine, APromiseIsKeptInTheLedgerAndAnUrgeIsAnswered)
{
    const auto t = accepted("13900000004");
    EXPECT_CODE(agent().act(t.id, "promises", {{"due_at", on_day("08:00")}, {"text", "会回电"}}),
                "promise-due-invalid");
    EXPECT_DONE(agent().act(t.id, "promises", {{"due_at", on_day("12:00")}, {"text", "中午前回电"}}));
    const auto promise = shown(t).at("promises").at(0);
    EXPECT_EQ(promise.at("text"), "中午前回电");
    EXPECT_TRUE(promise.at("solution_id").is_null());
    EXPECT_DONE(agent().act(t.id, "kept-promises", {{"promise_id", promise.at("id")}}));
    EXPECT_FALSE(shown(t).at("promises").at(0).at("fulfilled_at").is_null());
    EXPECT_CODE(agent().act(t.id, "kept-promises", {{"promise_id", promise.at("id")}}), "not-found");

    EXPECT_CODE(handler().act(t.id, "urge-answers", {{"text", "正在送"}}), "not-found");
    const http_headers key{{"Idempotency-Key", "urge-once"}};
    const json urge{{"act", "urge"}, {"phone", "139 0000 0004"}, {"text", "还没有收到"}};
    const auto first = customer_act(t.number, urge, key);
    ASSERT_EQ(first.status, 201) << first.raw.body;
    EXPECT_EQ(first.body.at("outcome"), "applied");
    EXPECT_EQ(customer_act(t.number, urge, key).raw.body, first.raw.body) << "a repeat is answered alike";
    EXPECT_EQ(shown(t).at("flags").at("urge_count"), 1) << "and changes nothing";
    const auto second = customer_act(t, "urge", {{"text", "怎么还不来"}});
    ASSERT_EQ(second.status, 201) << second.raw.body;
    EXPECT_EQ(second.body.at("outcome"), "refused");
    EXPECT_EQ(second.body.at("reason"), "urged-recently");
    EXPECT_TRUE(second.body.at("kept").get<bool>());
    const auto timeline =
        officer().get("/api/v1/customers/" + shown(t).at("customer_id").get<std::string>() + "/timeline");
    EXPECT_THAT(timeline.raw.body, HasSubstr("怎么还不来")) << "refused, yet on record";
    EXPECT_EQ(notices_of(handler(), t, "ticket.urged"), 1u);
    EXPECT_DONE(handler().act(t.id, "urge-answers", {{"text", "投递员已出发"}}));
    EXPECT_EQ(clock_of(shown(t), "urge_reply").at("state"), "met");
    EXPECT_CODE(agent().act(t.id, "urges"), "urged-recently");
}

TEST_F(Engine, WhoProvesNothingLearnsAndMovesNothing)
{
    const auto t = accepted("13900000005");
    const auto version = shown(t).at("version");
    const json urge{{"act", "urge"}, {"phone", "13900000099"}};
    const auto wrong_contact = customer_act(t.number, urge), unknown_number = customer_act("990101-0001", urge);
    EXPECT_EQ(wrong_contact.status, 404);
    const auto told = [](answer of) {
        of.body.erase("trace_id");
        return of.body;
    };
    EXPECT_EQ(told(wrong_contact), told(unknown_number));
    const auto no_link =
        customer_act(t.number, {{"act", "verdict"}, {"token", "AAAA"}, {"answers", {{"solved", "yes"}}}});
    EXPECT_EQ(told(no_link), told(unknown_number));
    EXPECT_EQ(shown(t).at("version"), version);
    EXPECT_CODE(customer_act(t.number, {{"act", "sing"}, {"phone", t.phone}}), "invalid-field");
    EXPECT_CODE(customer_act(t.number, {{"act", "urge"}, {"token", "AAAA"}}), "invalid-field");
    EXPECT_CODE(customer_act(t.number, {{"act", "verdict"}, {"phone", t.phone}}), "invalid-field");
    EXPECT_CODE(customer_act(t.number, {{"act", "added_word"}, {"phone", t.phone}}), "invalid-field");
}

TEST_F(Engine, ASupervisedTicketIsClearedOnlyAfterAWrittenAnswer)
{
    const auto t = accepted("13900000006");
    EXPECT_CODE(officer().act(t.id, "supervisions", {{"reason", "leader"}}), "not-found");
    EXPECT_CODE(supervisor().act(t.id, "supervisions", {{"reason", "overdue"}}), "nothing-to-supervise");
    EXPECT_CODE(supervisor().act(t.id, "supervisions", {{"reason", "mood"}}), "invalid-field");
    EXPECT_DONE(supervisor().act(t.id, "supervisions", {{"reason", "media"}, {"text", "记者来电"}}));
    EXPECT_CODE(supervisor().act(t.id, "supervisions", {{"reason", "media"}}), "already-exists");
    EXPECT_TRUE(shown(t).at("flags").at("supervised").get<bool>());
    EXPECT_CODE(supervisor().act(t.id, "supervision-clearance"), "supervision-unanswered");
    EXPECT_DONE(handler().act(t.id, "supervision-answers", {{"text", "今日办结"}}));
    EXPECT_CODE(handler().act(t.id, "supervision-clearance"), "not-found");
    EXPECT_DONE(supervisor().act(t.id, "supervision-clearance"));
    const auto page = shown(t);
    EXPECT_FALSE(page.at("flags").at("supervised").get<bool>());
    EXPECT_EQ(page.at("supervisions").at(0).at("answer"), "今日办结");
    EXPECT_FALSE(page.at("supervisions").at(0).at("cleared_at").is_null());
}

TEST_F(Engine, ARulingOnAReturnedTicketChargesTheSideThatWasWrong)
{
    const auto t = dispatched("13900000007");
    const json why{
        {"reason", "not_our_area"}, {"basis", "属城西"}, {"suggested_department_id", department("station_west")}};
    at("09:30");
    EXPECT_DONE(handler().act(t.id, "returns", why));
    EXPECT_DONE(leader().act(t.id, "return-signature", {{"agreed", true}}));
    EXPECT_EQ(shown(t).at("status"), "triage");
    EXPECT_CODE(officer().act(t.id, "dispatch"), "supervisor-required");
    at("10:00");
    const json west{{"department_id", department("station_west")}, {"reason", "first_receiver"}};
    EXPECT_CODE(officer().act(t.id, "arbitration", west), "not-found");
    auto ruling = west;
    ruling.update({{"at_fault", "department"}, {"wrong_department_id", department("main_station")}});
    EXPECT_CODE(supervisor().act(t.id, "arbitration", ruling), "invalid-field");
    ruling["wrong_department_id"] = department("station_east");
    EXPECT_DONE(supervisor().act(t.id, "arbitration", ruling));
    const auto page = shown(t);
    EXPECT_EQ(page.at("department_id"), department("station_west"));
    EXPECT_TRUE(page.at("flags").at("no_return").get<bool>());
    EXPECT_EQ(page.at("rulings").at(0).at("at_fault"), "department");
    EXPECT_EQ(page.at("rulings").at(0).at("charged_s"), 3600);

    at("11:00");
    const auto clocks = officer().get("/api/v1/tickets/" + t.id + "/clocks").body;
    std::int64_t whole = 0;
    for (const auto& each : clocks.at("shares"))
        whole += each.at("seconds").get<std::int64_t>();
    EXPECT_EQ(whole, clocks.at("customer_clock").at("seconds")) << clocks;
    EXPECT_EQ(whole, 2 * 3600);
}

TEST_F(Engine, AWithdrawalIsConfirmedBySomebodyElseAndWhatWasClosedIsReopened)
{
    const auto t = accepted("13900000008");
    EXPECT_EQ(customer_act(t, "withdrawal", {{"text", "不用了"}}).body.at("outcome"), "applied");
    auto page = shown(t);
    EXPECT_EQ(page.at("status"), "withdrawn");
    EXPECT_TRUE(page.at("withdrawal").at("by_customer").get<bool>());
    EXPECT_CODE(handler().act(t.id, "withdrawal-confirmation", {{"confirmed", true}}), "not-found");
    EXPECT_DONE(agent().act(t.id, "withdrawal-confirmation", {{"confirmed", false}}));
    page = shown(t);
    EXPECT_EQ(page.at("status"), "investigating") << "back to where it was";
    EXPECT_EQ(clock_of(page, "resolve").at("state"), "running");

    EXPECT_DONE(agent().act(t.id, "withdrawals", {{"reason", "solved_meanwhile"}}));
    EXPECT_CODE(agent().act(t.id, "withdrawal-confirmation", {{"confirmed", true}}), "second-person-required");
    EXPECT_DONE(of("liu.yang").act(t.id, "withdrawal-confirmation", {{"confirmed", true}, {"number", t.phone}}));
    page = shown(t);
    EXPECT_EQ(page.at("status"), "closed");
    EXPECT_EQ(page.at("closure"), "withdrawn");

    EXPECT_CODE(officer().act(t.id, "reopenings"), "reason-required");
    const auto again = customer_act(t, "reopen", {{"reason", "happened_again"}, {"text", "又没有送"}});
    EXPECT_EQ(again.body.at("outcome"), "applied") << again.raw.body;
    page = shown(t);
    EXPECT_EQ(page.at("status"), "triage");
    EXPECT_EQ(page.at("flags").at("reopen_count"), 1);
    EXPECT_EQ(page.at("candidate_department_id"), department("station_east")) << "back to the last owner";
    EXPECT_CODE(officer().act(t.id, "reopenings", {{"reason", "happened_again"}}), "wrong-state");
}

TEST_F(Engine, AMergedTicketStandsForTheOneItBecamePartOf)
{
    const auto kept = accepted("13900000009"), twin = registered("13900000009"), strange = registered("13900000010");
    EXPECT_EQ(shown(twin).at("suspected_duplicate_of"), kept.id);
    EXPECT_CODE(officer().act(twin.id, "merges", {{"into", strange.id}}), "not-same-matter");
    EXPECT_CODE(officer().act(twin.id, "merges", {{"into", twin.id}}), "invalid-field");
    EXPECT_CODE(officer().act(twin.id, "merges", {{"into", department("station_east")}}), "invalid-field");
    EXPECT_CODE(agent().act(twin.id, "merges", {{"into", kept.id}}), "not-found");
    EXPECT_DONE(officer().act(twin.id, "merges", {{"into", kept.id}}));
    const auto page = shown(twin);
    EXPECT_EQ(page.at("status"), "merged");
    EXPECT_EQ(page.at("merged_into"), kept.id);
    EXPECT_THAT(events_of(kept), Contains("ticket.absorbed"));
    EXPECT_CODE(officer().act(twin.id, "merges", {{"into", kept.id}}), "wrong-state");

    EXPECT_EQ(track(daemon(), {{"number", twin.number}, {"phone", twin.phone}}).body.at("stage"), "in_progress")
        << "the customer asks by the number he has";
    const auto urge = customer_act(twin, "urge");
    EXPECT_EQ(urge.body.at("outcome"), "applied") << urge.raw.body;
    EXPECT_EQ(shown(kept).at("flags").at("urge_count"), 1);
}

TEST_F(Engine, AVerdictByLinkCountsForItsRoundAndTheLastWordNeedsTwoPersons)
{
    const auto t = accepted("13900000011");
    EXPECT_CODE(agent().post("/api/v1/tickets/" + t.id + "/survey-links", json::object()), "wrong-state");
    answered(t, "补送当日报纸");
    const json last_word{{"basis", "服务规定第三条"}, {"remedy", "consumer_12315"}, {"text", "已按规定处理"}};
    EXPECT_CODE(supervisor().act(t.id, "final-answers", last_word), "rework-required");

    const auto link = agent().post("/api/v1/tickets/" + t.id + "/survey-links", json::object());
    ASSERT_EQ(link.status, 201) << link.raw.body;
    const auto token = link.body.at("token").get<std::string>();
    const json unsatisfied{{"act", "verdict"}, {"token", token}, {"answers", {{"solved", "no"}, {"result", 1}}}};
    const auto other = accepted("13900000012");
    EXPECT_EQ(customer_act(other.number, unsatisfied).status, 404) << "a link is for one ticket";
    const auto said = customer_act(t.number, unsatisfied);
    EXPECT_EQ(said.body.at("outcome"), "applied") << said.raw.body;
    EXPECT_EQ(shown(t).at("status"), "investigating");
    EXPECT_EQ(shown(t).at("flags").at("rework_cycle"), 1);

    at("10:00");
    answered(t, "站长上门道歉并补送");
    const auto late = customer_act(t.number, unsatisfied);
    EXPECT_EQ(late.body.at("outcome"), "refused") << late.raw.body;
    EXPECT_EQ(late.body.at("reason"), "wrong-state") << "that was about the first round";
    EXPECT_EQ(shown(t).at("status"), "callback_pending");
    at("10:30");
    EXPECT_DONE(agent().act(t.id, "verdicts",
                            {{"solved", "no"}, {"result", 1}, {"reason", "not_solved"}, {"number", "13700000000"}}));
    auto page = shown(t);
    EXPECT_EQ(page.at("flags").at("rework_cycle"), 2);
    EXPECT_TRUE(page.at("flags").at("supervised").get<bool>()) << "by rule";

    EXPECT_CODE(supervisor().act(t.id, "final-answers", {{"basis", "规定"}, {"text", "已处理"}}), "remedy-required");
    EXPECT_CODE(officer().act(t.id, "final-answers", last_word), "not-found");
    EXPECT_DONE(supervisor().act(t.id, "final-answers", last_word));
    EXPECT_CODE(handler().act(t.id, "final-answer-signature", {{"agreed", true}}), "not-found");
    EXPECT_CODE(of("xu.gang").act(t.id, "final-answer-signature", {{"agreed", true}}), "not-found");
    EXPECT_DONE(leader().act(t.id, "final-answer-signature", {{"agreed", true}}));
    page = shown(t);
    EXPECT_EQ(page.at("status"), "closed");
    EXPECT_EQ(page.at("closure"), "final_answer");
    EXPECT_EQ(page.at("satisfaction"), "unsatisfied");
    EXPECT_EQ(page.at("final_answer").at("text"), "已按规定处理");

    const auto listed = of("cao.yu").get("/api/v1/quality/suspicions").body.at("items");
    const auto mine = std::ranges::find_if(listed, [&](const auto& each) { return each.at("id") == t.id; });
    ASSERT_EQ(mine == listed.end(), true) << "sent back for rework, so there is no reply to suspect";
}

TEST_F(Engine, QualityStaffSeeSignsOfAnAnswerForTheClockOnly)
{
    const auto honest = accepted("13900000013"), hasty = accepted("13900000014");
    answered(honest, "补送");
    done(handler().act(
        hasty.id, "solutions",
        {{"text", "补送"}, {"root_cause", "carrier_missed"}, {"no_responsible_reason", "process_fault"}}));
    done(leader().act(hasty.id, "approvals"));
    done(handler().act(hasty.id, "completion", {{"result", "已补送"}, {"customer_informed", true}, {"evidence", 1}}));
    done(officer().act(hasty.id, "pass"));
    done(agent().act(hasty.id, "verdicts", {{"solved", "yes"}, {"result", 5}, {"number", "13700000000"}}));
    done(agent().act(honest.id, "verdicts", {{"solved", "yes"}, {"result", 5}, {"number", honest.phone}}));

    const auto listed = of("cao.yu").get("/api/v1/quality/suspicions?since=" + on_day("00:00"));
    ASSERT_EQ(listed.status, 200) << listed.raw.body;
    std::map<std::string, json> signs;
    for (const auto& each : listed.body.at("items"))
        signs[each.at("id").get<std::string>()] = each.at("signs");
    ASSERT_TRUE(signs.contains(hasty.id)) << listed.raw.body;
    EXPECT_EQ(signs.at(hasty.id), json({"closed_without_contact", "answered_from_other_number"}));
    EXPECT_FALSE(signs.contains(honest.id)) << listed.raw.body;
    EXPECT_EQ(agent().get("/api/v1/quality/suspicions").status, 404);
}

TEST_F(Engine, WhereTheCategoryHasAnEvidenceRuleAReplyNeedsAContactThatWasLogged)
{
    // A suggestion asks for no file, but for a contact.
    const auto t = registered("13900000015", "suggestion");
    done(officer().act(t.id, "classification", {{"category", "suggestion"}}));
    done(officer().act(t.id, "dispatch"));
    auto& worker = of("jiang.wen");
    done(worker.act(t.id, "acceptance"));
    done(
        worker.act(t.id, "solutions",
                   {{"text", "采纳"}, {"root_cause", "improvement_idea"}, {"no_responsible_reason", "process_fault"}}));
    done(of("yuan.mei").act(t.id, "approvals"));
    json reply{{"result", "已采纳"}, {"customer_informed", true}, {"evidence", 7}};
    EXPECT_CODE(worker.act(t.id, "completion", reply), "evidence-required");
    reply["interaction_id"] = department("development");
    EXPECT_CODE(worker.act(t.id, "completion", reply), "evidence-required");
    done(worker.act(t.id, "contacts", {{"how", "call"}, {"text", "致谢"}}));
    reply["interaction_id"] = shown(t).at("contacts").back().at("interaction_id");
    EXPECT_DONE(worker.act(t.id, "completion", reply));
}

TEST_F(Engine, WhereFilesAreAskedForThoseOnTheTicketCountAndNotWhatTheDepartmentSays)
{
    const auto t = registered("13900000024");
    done(officer().act(t.id, "classification", {{"category", "repeat_complaint"}}));
    done(officer().act(t.id, "dispatch"));
    auto& worker = of("ma.chao");
    done(worker.act(t.id, "acceptance"));
    done(worker.act(
        t.id, "solutions",
        {{"text", "更换投递员"}, {"root_cause", "carrier_missed"}, {"no_responsible_reason", "process_fault"}}));
    done(of("guo.jun").act(t.id, "approvals"));
    done(worker.act(t.id, "contacts", {{"how", "visit"}}));
    const json reply{{"result", "已更换"},
                     {"customer_informed", true},
                     {"evidence", 7},
                     {"interaction_id", shown(t).at("contacts").back().at("interaction_id")}};
    EXPECT_CODE(worker.act(t.id, "completion", reply), "evidence-required");
    const auto sent =
        worker.call("POST", "/api/v1/tickets/" + t.id + "/notes",
                    "--b\r\nContent-Disposition: form-data; name=\"note\"\r\n\r\n{\"text\":\"签收照片\"}\r\n"
                    "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.jpg\"\r\n"
                    "Content-Type: image/jpeg\r\n\r\nwords\r\n--b--\r\n",
                    {{"Content-Type", "multipart/form-data; boundary=b"}});
    ASSERT_EQ(sent.status, 201) << sent.raw.body;
    EXPECT_DONE(worker.act(t.id, "completion", reply));
}

TEST_F(Engine, ANoteStaysInTheHouseAndTellsWhomItMentions)
{
    const auto t = accepted("13900000016");
    const auto notes = "/api/v1/tickets/" + t.id + "/notes";
    const auto version = shown(t).at("version");
    EXPECT_CODE(handler().post(notes, {{"text", ""}}), "invalid-field");
    EXPECT_CODE(handler().post(notes, {{"text", "请看"}, {"mentions", {t.id}}}), "invalid-field");
    EXPECT_EQ(of("zhou.tao").post(notes, {{"text", "路过"}}).status, 404) << "of another department";
    const auto written = handler().post(notes, {{"text", "请站长核对线路"}, {"mentions", {leader().id()}}});
    ASSERT_EQ(written.status, 201) << written.raw.body;
    EXPECT_EQ(notices_of(leader(), t, "ticket.mentioned"), 1u);
    EXPECT_EQ(shown(t).at("version"), version) << "a note is no change of the ticket";
    EXPECT_THAT(events_of(t), Contains("ticket.noted"));
    const auto timeline =
        officer().get("/api/v1/customers/" + shown(t).at("customer_id").get<std::string>() + "/timeline");
    const auto items = timeline.body.at("items");
    const auto note = std::ranges::find_if(items, [](const auto& each) { return each.at("kind") == "note"; });
    ASSERT_NE(note, items.end());
    EXPECT_EQ(note->at("text"), "请站长核对线路");
    EXPECT_TRUE(note->at("internal").get<bool>());
    EXPECT_THAT(track(daemon(), {{"number", t.number}, {"phone", t.phone}}).raw.body, Not(HasSubstr("线路")));
}

TEST_F(Engine, WhatIsOpenToEverybodyIsToldWithTheReasonWhereItIsNot)
{
    const auto t = accepted("13900000017");
    const auto actions_of = [&](person& who) {
        std::map<std::string, json> all;
        for (const auto& each : who.get("/api/v1/tickets/" + t.id + "/actions").body.at("items"))
            all[each.at("name").get<std::string>()] = each;
        return all;
    };
    const auto of_handler = actions_of(handler()), of_officer = actions_of(officer());
    EXPECT_TRUE(of_handler.at("solutions").at("allowed").get<bool>());
    EXPECT_TRUE(of_handler.at("extensions").at("allowed").get<bool>());
    EXPECT_EQ(of_handler.at("holds").at("reason"), "customer-not-informed");
    EXPECT_EQ(of_handler.at("completion").at("reason"), "wrong-state");
    EXPECT_EQ(of_handler.at("pass").at("reason"), "not-found");
    EXPECT_TRUE(of_officer.at("merges").at("allowed").get<bool>());
    EXPECT_EQ(of_officer.at("reopenings").at("reason"), "wrong-state");
    EXPECT_EQ(of_officer.at("solutions").at("reason"), "not-found");
    // Each of them is a route.
    const auto contract = [] {
        std::ifstream in(HUIYIN_SOURCE_DIR "/docs/openapi.yaml");
        return std::string(std::istreambuf_iterator<char>(in), {});
    }();
    for (const auto& [name, ignored] : of_handler)
        EXPECT_THAT(contract, HasSubstr("  /api/v1/tickets/{id}/" + name + ":\n"));
}

TEST_F(Engine, ComplaintsAboutTheSameAreFoundAndLinkedYetEachKeepsItsOwnEnd)
{
    const auto first = registered("13900000018", "late_or_damaged", "幸福小区东门报箱"),
               second = registered("13900000019", "late_or_damaged", "东门报箱(幸福小区)"),
               other = registered("13900000020", "late_or_damaged", "火车站报亭");
    const auto alike = officer().get("/api/v1/tickets/" + first.id + "/similar");
    ASSERT_EQ(alike.status, 200) << alike.raw.body;
    EXPECT_THAT(alike.raw.body, HasSubstr(second.id));
    EXPECT_THAT(alike.raw.body, Not(HasSubstr(other.id)));
    EXPECT_EQ(agent().get("/api/v1/tickets/" + first.id + "/similar").status, 404);

    EXPECT_CODE(officer().act(second.id, "group-links", {{"root_id", second.id}}), "invalid-field");
    EXPECT_CODE(officer().act(second.id, "group-links", {{"root_id", department("station_east")}}), "invalid-field");
    EXPECT_DONE(officer().act(second.id, "group-links", {{"root_id", first.id}}));
    EXPECT_CODE(officer().act(second.id, "group-links", {{"root_id", first.id}}), "already-exists");
    EXPECT_DONE(officer().act(other.id, "group-links", {{"root_id", second.id}}));
    EXPECT_EQ(shown(other).at("group_root"), first.id) << "the group has one root";
    EXPECT_DONE(officer().act(other.id, "group-departure"));
    EXPECT_CODE(officer().act(other.id, "group-departure"), "not-found");
    EXPECT_EQ(shown(second).at("status"), "new") << "each is still called back for itself";
}

TEST_F(Engine, ANoticeThatIsNotUrgentWaitsForItsReceiversMorning)
{
    const auto t = registered("13900000021", "subscription_billing");
    done(officer().act(t.id, "classification", {{"category", "subscription_billing"}}));
    at("20:00");
    ++last_day_;
    done(officer().act(t.id, "dispatch"));
    auto& contact = of("lin.yan");
    EXPECT_EQ(notices_of(contact, t, "ticket.dispatched"), 0u) << "her office is closed";
    daemon().set_time(on_day("09:00", 1));
    EXPECT_EQ(notices_of(contact, t, "ticket.dispatched"), 1u);

    daemon().set_time(on_day("20:00", 1));
    const auto urgent = dispatched("13900000022");
    EXPECT_EQ(notices_of(handler(), urgent, "ticket.dispatched"), 1u) << "P2 is told at once";
}

TEST_F(Engine, ACalendarThatChangesBringsTheClocksThatRunOver)
{
    const auto t = registered("13900000023", "carrier_conduct");
    at("17:00");
    done(officer().act(t.id, "classification", {{"category", "carrier_conduct"}}));
    done(officer().act(t.id, "dispatch"));
    EXPECT_EQ(time_in(clock_of(shown(t), "accept").at("due_at")), time_in(on_day("07:00", 1)))
        << "an hour today and one tomorrow";

    auto pack = [] {
        std::ifstream in(HUIYIN_SOURCE_DIR "/config/packs/newspaper.json");
        return json::parse(in);
    }();
    for (auto& each : pack.at("calendars"))
        if (each.at("name") == "station")
            for (auto& [day, hours] : each.at("weekly").items())
                hours = {"06:00-22:00"};
    const auto file = daemon().state() / "changed_pack.json";
    std::ofstream(file) << pack.dump();
    const auto applied = daemon().run_command({"pack", "apply", file.string()});
    ASSERT_EQ(applied.status, 0) << applied.output;
    const auto wanted = time_in(on_day("19:00"));
    eventually([&] { return time_in(clock_of(shown(t), "accept").at("due_at")) == wanted; });
    const auto page = shown(t);
    EXPECT_EQ(time_in(clock_of(page, "accept").at("due_at")), wanted) << clock_of(page, "accept");
    EXPECT_EQ(time_in(clock_of(page, "accept").at("original_due_at")), time_in(on_day("07:00", 1)));
    EXPECT_THAT(events_of(t), Contains("ticket.clocks_recounted"));
    EXPECT_TRUE(eventually([] {
        return daemon().sql("SELECT count(*) FROM event WHERE kind = 'calendar.recounted'").at(0).at(0) == "1";
    }));
}

} // namespace
} // namespace huiyin::test
