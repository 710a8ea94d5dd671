// What the console and the customers' pages ask of the daemon near a ticket.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <map>
#include <support/daemon/daemon_fixture.hpp>
#include <support/eventually.hpp>

namespace huiyin::test {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

instant time_in(const json& text)
{
    return parse_rfc3339(text.get<std::string>()).value();
}

/// One daemon, from Monday, 2 March 2026, 09:00 on; each test has phone numbers of its own.
class TicketApi : public ::testing::Test
{
protected:
    static void SetUpTestSuite() { daemon_ = std::make_unique<daemon_process>(); }
    static void TearDownTestSuite()
    {
        people_.clear();
        const auto verified = daemon_->run_command({"verify-journal"});
        EXPECT_EQ(verified.status, 0) << verified.output;
        EXPECT_EQ(daemon_->stop(), 0);
        EXPECT_EQ(daemon_->log().find("Sanitizer"), std::string::npos) << daemon_->log();
        daemon_.reset();
    }

    static person& of(const std::string& login)
    {
        auto& one = people_[login];
        if (!one) one = std::make_unique<person>(*daemon_, login);
        return *one;
    }
    static person& agent() { return of("chen.jing"); }
    static person& officer() { return of("zhao.min"); }
    static person& handler() { return of("wang.qiang"); }
    static person& leader() { return of("zhang.wei"); }

    static void done(const answer& told)
    {
        if (told.status < 200 || told.status > 299) throw std::runtime_error(told.raw.body);
    }
    struct ticket
    {
        std::string id;
        std::string number;
        std::string phone;
    };
    static ticket complained(const std::string& phone)
    {
        const auto taken = complain(*daemon_, {{"contact", {{"name", "王小明"}, {"phone", phone}}},
                                               {"category", "missed_copy"},
                                               {"problem", "今天的报纸没有收到"},
                                               {"fields", {{"district", "east"}}}});
        done(taken);
        const auto number = taken.body.at("number").get<std::string>();
        return {ticket_id_of(officer(), number), number, phone};
    }
    static ticket accepted(const std::string& phone)
    {
        auto made = complained(phone);
        done(officer().act(made.id, "classification", {{"category", "missed_copy"}}));
        done(officer().act(made.id, "dispatch"));
        done(handler().act(made.id, "acceptance"));
        return made;
    }
    static ticket to_call_back(const std::string& phone)
    {
        auto made = accepted(phone);
        done(handler().act(made.id, "contacts", {{"how", "call"}, {"text", "已与订户通话"}}));
        done(handler().act(
            made.id, "solutions",
            {{"text", "补送"}, {"root_cause", "carrier_missed"}, {"no_responsible_reason", "process_fault"}}));
        done(leader().act(made.id, "approvals"));
        done(
            handler().act(made.id, "completion", {{"result", "已补送"}, {"customer_informed", true}, {"evidence", 1}}));
        done(officer().act(made.id, "pass"));
        return made;
    }
    static json shown(const std::string& id)
    {
        const auto found = officer().get("/api/v1/tickets/" + id);
        EXPECT_EQ(found.status, 200) << found.raw.body;
        return found.body;
    }
    static std::string stored(const std::string& query) { return daemon_->sql(query).at(0).at(0); }
    static std::map<std::string, std::string> violations_of(const answer& told)
    {
        std::map<std::string, std::string> all;
        if (told.status == 422 && told.body.contains("violations"))
            for (const auto& each : told.body.at("violations"))
                all[each.at("field").get<std::string>()] = each.at("reason").get<std::string>();
        return all;
    }

    static std::unique_ptr<daemon_process> daemon_;
    static std::map<std::string, std::unique_ptr<person>> people_;
};

std::unique_ptr<daemon_process> TicketApi::daemon_;
std::map<std::string, std::unique_ptr<person>> TicketApi::people_;

// --- a ticket that somebody of the house takes down
// ------------------------------------------------------------------------------------------------

TEST_F(TicketApi, AnAgentOnThePhoneGetsTheTicketAndTheTimelineSaysWhoTookItDown)
{
    const json call{{"channel", "phone"},
                    {"contact", {{"name", "李梅"}, {"phone", "13700000001"}}},
                    {"category", "missed_copy"},
                    {"problem", "报纸三天没有送到"},
                    {"desired_solution", "补送"},
                    {"object", "城东站"},
                    {"occurred_at", "2026-03-01T07:00:00+08:00"},
                    {"fields", {{"district", "east"}}},
                    {"customer_waiting", true}};
    const auto made = agent().post("/api/v1/tickets", call);
    ASSERT_EQ(made.status, 201) << made.raw.body;
    const auto id = made.body.at("id").get<std::string>();
    EXPECT_EQ(made.raw.header("location"), "/api/v1/tickets/" + id);
    EXPECT_EQ(made.raw.header("etag"), "\"1\"");
    EXPECT_EQ(made.body, agent().get("/api/v1/tickets/" + id).body);
    EXPECT_EQ(made.body.at("channel"), "phone");
    EXPECT_EQ(made.body.at("type"), "complaint");
    EXPECT_EQ(made.body.at("problem"), "报纸三天没有送到");
    EXPECT_FALSE(made.body.at("candidate_department_id").is_null()) << "the form's answer decides";
    EXPECT_EQ(stored("SELECT customer_waiting FROM ticket WHERE id = '" + id + "'"), "t");
    EXPECT_EQ(
        stored("SELECT i.agent_id FROM interaction i JOIN entry e ON e.interaction_id = i.id WHERE e.ticket_id = '" +
               id + "'"),
        agent().id());
    EXPECT_EQ(track(*daemon_, {{"number", made.body.at("number")}, {"phone", "13700000001"}}).status, 200)
        << "the customer can follow it";
    EXPECT_EQ(stored("SELECT count(*) FROM outbox_effect WHERE payload ->> 'ticket' = '" + id +
                     "' AND payload ->> 'template' = 'acknowledgement'"),
              "1");
}

TEST_F(TicketApi, SentTwiceUnderOneKeyItIsOneTicket)
{
    const json call{{"channel", "visit"}, {"contact", {{"phone", "13700000002"}}}, {"problem", "柜台来访"}};
    const http_headers key{{"Idempotency-Key", "visit-1"}};
    const auto first = agent().post("/api/v1/tickets", call, key), second = agent().post("/api/v1/tickets", call, key);
    ASSERT_EQ(first.status, 201) << first.raw.body;
    ASSERT_EQ(second.status, 201) << second.raw.body;
    EXPECT_EQ(first.body.at("id"), second.body.at("id"));
    auto other = call;
    other["problem"] = "另一件事";
    EXPECT_EQ(agent().post("/api/v1/tickets", other, key).code(), "key-reused");
    EXPECT_NE(of("qian.li").post("/api/v1/tickets", call, key).body.at("id"), first.body.at("id"))
        << "a key is its sender's own";
    EXPECT_EQ(stored("SELECT count(*) FROM ticket t JOIN ticket_party p ON p.ticket_id = t.id WHERE p.value = "
                     "'+8613700000002'"),
              "2");
}

TEST_F(TicketApi, ACustomerOnFileNeedsNoContactAndHisOpenMatterIsNamed)
{
    const auto before = complained("13700000003");
    const auto customer = shown(before.id).at("customer_id").get<std::string>();
    const auto made = agent().post("/api/v1/tickets", {{"channel", "phone"},
                                                       {"customer_id", customer},
                                                       {"contact", {{"email", "xiaoming@example.com"}}},
                                                       {"category", "missed_copy"},
                                                       {"problem", "今天又没有收到"}});
    ASSERT_EQ(made.status, 201) << made.raw.body;
    EXPECT_EQ(made.body.at("customer_id"), customer);
    EXPECT_NE(made.body.at("id"), before.id) << "what was typed proves nothing, so it joins nothing";
    EXPECT_EQ(made.body.at("suspected_duplicate_of"), before.id);
    EXPECT_EQ(agent().get("/api/v1/customers/" + customer).body.at("identities").size(), 1u)
        << "nobody hangs an address on a record by typing it";
    EXPECT_EQ(track(*daemon_, {{"number", made.body.at("number")}, {"email", "xiaoming@example.com"}}).status, 200);
    const auto nobody = agent().post("/api/v1/tickets",
                                     {{"channel", "phone"}, {"customer_id", before.id}, {"problem", "今天又没有收到"}});
    EXPECT_EQ(nobody.status, 404) << nobody.raw.body;
}

TEST_F(TicketApi, AMatterWithoutACategoryHasTheTypeThatWasSaidAndAConfidentialOneHidesWhoReported)
{
    const json tip{{"channel", "letter"},
                   {"contact", {{"phone", "13700000004"}}},
                   {"type", "suggestion"},
                   {"confidential", true},
                   {"problem", "建议增加投递点"}};
    const auto made = agent().post("/api/v1/tickets", tip);
    ASSERT_EQ(made.status, 201) << made.raw.body;
    EXPECT_EQ(made.body.at("type"), "suggestion");
    EXPECT_EQ(made.body.at("category"), "");
    EXPECT_TRUE(made.body.at("confidential").get<bool>());
    EXPECT_TRUE(made.body.at("customer_id").is_null());
    EXPECT_FALSE(shown(made.body.at("id").get<std::string>()).at("customer_id").is_null()) << "the officer may know";
}

TEST_F(TicketApi, WhatIsWrongWithARegistrationIsSaidAtOnceAndNothingIsKept)
{
    const auto tickets = stored("SELECT count(*) FROM ticket");
    EXPECT_THAT(violations_of(agent().post("/api/v1/tickets", json::object())),
                UnorderedElementsAre(std::pair("channel", "required"), std::pair("contact", "required"),
                                     std::pair("problem", "required")));
    EXPECT_THAT(violations_of(agent().post("/api/v1/tickets", {{"channel", "web"},
                                                               {"direction", "sideways"},
                                                               {"type", "joke"},
                                                               {"contact", {{"phone", "110"}}},
                                                               {"problem", std::string(10'001, 'x')},
                                                               {"vip", "yes"},
                                                               {"number", "260302-0001"}})),
                UnorderedElementsAre(std::pair("channel", "invalid"), std::pair("direction", "invalid"),
                                     std::pair("type", "invalid"), std::pair("contact.phone", "invalid"),
                                     std::pair("problem", "too_long"), std::pair("vip", "invalid"),
                                     std::pair("number", "unknown")));
    EXPECT_EQ(agent().call("POST", "/api/v1/tickets", R"({"channel":"phone")").code(), "invalid-json");
    EXPECT_EQ(agent()
                  .post("/api/v1/tickets", {{"channel", "phone"},
                                            {"contact", {{"phone", "13700000005"}}},
                                            {"category", "no_such_thing"},
                                            {"problem", "x"}})
                  .code(),
              "category-unknown");
    const json good{{"channel", "phone"}, {"contact", {{"phone", "13700000005"}}}, {"problem", "x"}};
    for (const auto* login : {"wang.qiang", "zhang.wei", "cao.yu", "admin", "shen.yi"})
        EXPECT_EQ(of(login).post("/api/v1/tickets", good).status, 404) << login;
    EXPECT_EQ(stored("SELECT count(*) FROM ticket"), tickets);
}

// --- who wrote what
// ------------------------------------------------------------------------------------------------

TEST_F(TicketApi, ATimelineNamesWhoOfTheHouseWroteAndLeavesTheCustomersOwnWordsHis)
{
    const auto t = accepted("13700000011");
    done(handler().post("/api/v1/tickets/" + t.id + "/notes", {{"text", "请站长核对线路"}}));
    const auto page = handler().get("/api/v1/tickets/" + t.id + "/timeline");
    ASSERT_EQ(page.status, 200) << page.raw.body;
    const auto& items = page.body.at("items");
    ASSERT_THAT(items, SizeIs(2));
    EXPECT_EQ(items.at(0).at("text"), "请站长核对线路") << "newest first";
    const auto author = items.at(0).at("author");
    EXPECT_EQ(author.at("kind"), "user");
    EXPECT_EQ(author.at("id"), handler().id());
    EXPECT_EQ(author.at("name"), handler().get("/api/v1/me").body.at("display_name"));
    EXPECT_EQ(author.at("department").at("code"), "station_east");
    EXPECT_TRUE(author.at("department").at("name").contains("zh-CN"));
    EXPECT_EQ(items.at(1).at("author"),
              json({{"kind", "customer"}, {"id", nullptr}, {"name", nullptr}, {"department", nullptr}}));
    const auto all =
        officer().get("/api/v1/customers/" + shown(t.id).at("customer_id").get<std::string>() + "/timeline");
    EXPECT_EQ(all.body.at("items"), items) << "the customer's timeline says the same";
}

TEST_F(TicketApi, ATicketsTimelineIsReadPageByPageAndHoldsNoOtherTicketsEntries)
{
    const auto one = accepted("13700000012"), other = accepted("13700000012");
    for (int i = 0; i < 5; ++i)
        done(officer().post("/api/v1/tickets/" + one.id + "/notes", {{"text", fmt::format("备注{}", i)}}));
    done(officer().post("/api/v1/tickets/" + other.id + "/notes", {{"text", "别的工单"}}));
    std::vector<std::string> read;
    std::string cursor;
    for (int pages = 0; pages < 10; ++pages) {
        const auto page = officer().get("/api/v1/tickets/" + one.id + "/timeline?limit=2" +
                                        (cursor.empty() ? "" : "&cursor=" + cursor));
        ASSERT_EQ(page.status, 200) << page.raw.body;
        for (const auto& each : page.body.at("items")) {
            read.push_back(each.at("text").get<std::string>());
            EXPECT_EQ(each.at("ticket_id"), one.id);
        }
        if (page.body.at("next_cursor").is_null()) break;
        cursor = page.body.at("next_cursor").get<std::string>();
    }
    EXPECT_THAT(read, UnorderedElementsAre("备注4", "备注3", "备注2", "备注1", "备注0", "今天的报纸没有收到"));
    EXPECT_EQ(officer().get("/api/v1/tickets/" + one.id + "/timeline?cursor=x").code(), "invalid-cursor");
    EXPECT_EQ(of("zhou.tao").get("/api/v1/tickets/" + one.id + "/timeline").status, 404) << "of another department";
}

// --- why it is due then, and what may be done
// ------------------------------------------------------------------------------------------------

TEST_F(TicketApi, AClockSaysByWhichRuleItIsDueAndWhatCountedAndWhatDidNot)
{
    const auto t = accepted("13700000013");
    done(handler().act(t.id, "contacts", {{"how", "call"}, {"text", "约定了时间"}}));
    const auto told = shown(t.id).at("contacts").back().at("interaction_id");
    daemon_->advance(2h);
    done(handler().act(t.id, "holds", {{"reason", "awaiting_customer"}, {"interaction_id", told}}));
    done(leader().act(t.id, "hold-signature", {{"agreed", true}}));
    daemon_->advance(3h);
    const auto view = handler().get("/api/v1/tickets/" + t.id + "/clocks");
    ASSERT_EQ(view.status, 200) << view.raw.body;
    json resolve;
    for (const auto& each : view.body.at("clocks")) {
        if (each.at("kind") == "resolve") resolve = each;
        ASSERT_FALSE(each.at("segments").empty()) << each;
        std::int64_t seconds = 0, days = 0;
        auto end = each.at("started_at");
        for (const auto& segment : each.at("segments")) {
            EXPECT_EQ(segment.at("from"), end) << "without gaps: " << each;
            end = segment.at("to");
            seconds += segment.at("counted_s").get<std::int64_t>();
            days += segment.at("counted_days").get<std::int64_t>();
        }
        EXPECT_EQ(end, view.body.at("at"));
        EXPECT_EQ(seconds, each.at("used").at("seconds").get<std::int64_t>()) << each;
        EXPECT_EQ(days, each.at("used").at("days").get<std::int64_t>()) << each;
    }
    ASSERT_FALSE(resolve.is_null()) << view.raw.body;
    EXPECT_EQ(resolve.at("state"), "paused");
    EXPECT_FALSE(resolve.at("rule").at("target").get<std::string>().empty());
    EXPECT_FALSE(resolve.at("rule").at("agreed").get<bool>());
    const auto last = resolve.at("segments").back();
    EXPECT_EQ(last.at("why"), "paused");
    EXPECT_EQ(last.at("pause"), json({{"held_by", "on_hold"},
                                      {"department_id", shown(t.id).at("department_id")},
                                      {"reason", "awaiting_customer"}}));
    EXPECT_EQ(last.at("counted_s"), 0);
}

TEST_F(TicketApi, AnActThatNothingWaitsForIsRefusedForTheTicketsStateAndNotForWhoAsks)
{
    const auto t = accepted("13700000014");
    const auto actions_of = [&](person& who) {
        std::map<std::string, json> all;
        for (const auto& each : who.get("/api/v1/tickets/" + t.id + "/actions").body.at("items"))
            all[each.at("name").get<std::string>()] = each;
        return all;
    };
    auto of_handler = actions_of(handler());
    EXPECT_EQ(of_handler.at("hold-signature").at("reason"), "wrong-state") << "no hold waits for a signature";
    EXPECT_EQ(of_handler.at("return-signature").at("reason"), "wrong-state");
    EXPECT_EQ(of_handler.at("co-handler-results").at("reason"), "wrong-state");
    EXPECT_EQ(of_handler.at("urge-answers").at("reason"), "wrong-state");
    EXPECT_EQ(of_handler.at("pass").at("reason"), "not-found") << "not his to do at all";
    done(handler().act(t.id, "contacts", {{"how", "call"}}));
    done(handler().act(
        t.id, "holds",
        {{"reason", "awaiting_customer"}, {"interaction_id", shown(t.id).at("contacts").back().at("interaction_id")}}));
    of_handler = actions_of(handler());
    EXPECT_EQ(of_handler.at("hold-signature").at("reason"), "not-in-department") << "it waits for his leader";
    EXPECT_TRUE(actions_of(leader()).at("hold-signature").at("allowed").get<bool>());
}

TEST_F(TicketApi, AVerdictSaysBeforehandWhenTheNextRoundIsDueAndKeepsWhatTheCustomerSaid)
{
    daemon_->set_time("2026-03-03T10:00:00+08:00");
    const auto t = to_call_back("13700000015");
    json preview;
    for (const auto& each : agent().get("/api/v1/tickets/" + t.id + "/actions").body.at("items"))
        if (each.at("name") == "verdicts") preview = each;
    ASSERT_TRUE(preview.at("allowed").get<bool>()) << preview;
    ASSERT_TRUE(preview.contains("preview")) << preview;
    EXPECT_EQ(preview.at("preview").at("rework_cycle"), 1);
    EXPECT_EQ(preview.at("preview").at("clock"), "rework");

    const std::string words = "说好了送两份，只送了一份 <b>';--";
    done(agent().act(t.id, "verdicts", {{"solved", "no"}, {"result", 1}, {"reason", "not_solved"}, {"text", words}}));
    const auto page = shown(t.id);
    EXPECT_EQ(page.at("callbacks").back().at("text"), words);
    json due;
    for (const auto& each : page.at("deadlines"))
        if (each.at("kind") == "rework") due = each.at("due_at");
    EXPECT_EQ(due, preview.at("preview").at("due_at")) << "as it was foreseen";
    EXPECT_EQ(page.at("status"), preview.at("preview").at("status"));
    const auto first = agent().get("/api/v1/tickets/" + t.id + "/timeline").body.at("items").at(0);
    EXPECT_EQ(first.at("text"), words);
    EXPECT_EQ(first.at("kind"), "survey");
    EXPECT_EQ(first.at("direction"), "in");
    EXPECT_EQ(first.at("author").at("id"), agent().id());
}

TEST_F(TicketApi, ACustomersOwnVerdictIsShownWithHisWords)
{
    const auto t = to_call_back("13700000016");
    http_client browser(daemon_->port());
    const auto told = to_answer(
        browser.post("/public/v1/tickets/" + t.number + "/acts", json{{"act", "verdict"},
                                                                      {"phone", t.phone},
                                                                      {"text", "这次很快"},
                                                                      {"answers", {{"solved", "yes"}, {"result", 5}}}}
                                                                     .dump()));
    ASSERT_EQ(told.status, 201) << told.raw.body;
    ASSERT_EQ(told.body.at("outcome"), "applied") << told.raw.body;
    EXPECT_EQ(shown(t.id).at("callbacks").back().at("text"), "这次很快");
    const auto erased = of("admin").post(
        "/api/v1/customers/" + shown(t.id).at("customer_id").get<std::string>() + "/erasure", json::object());
    ASSERT_EQ(erased.status, 200) << erased.raw.body;
    EXPECT_EQ(shown(t.id).at("callbacks").back().at("text"), "") << "erased with the person";
}

// --- the stream
// ------------------------------------------------------------------------------------------------

TEST_F(TicketApi, TheStreamSaysAtOnceAndAgainThatItIsAliveAndWhatTimeItIs)
{
    auto& who = agent();
    who.id();
    websocket_client socket(daemon_->port());
    ASSERT_EQ(socket.open("/api/v1/stream", {{"Cookie", who.cookies()}, {"Origin", daemon_->origin()}}).status, 101);
    const auto beat = [&] {
        while (const auto message = socket.receive())
            if (auto said = json::parse(*message); said.value("kind", "") == "heartbeat") return said;
        throw std::runtime_error("the stream has ended");
    };
    const auto first = beat();
    EXPECT_EQ(first, json({{"kind", "heartbeat"}, {"at", to_rfc3339(daemon_->now())}}));
    daemon_->advance(90s);
    auto next = beat();
    while (next == first) // on its way when the clock was moved
        next = beat();
    EXPECT_EQ(time_in(next.at("at")) - time_in(first.at("at")), 90s);
}

// --- what the customer sees
// ------------------------------------------------------------------------------------------------

std::map<std::string, json> acts_of(const json& tracked)
{
    std::map<std::string, json> all;
    for (const auto& each : tracked.at("acts"))
        all[each.at("act").get<std::string>()] = each;
    return all;
}

std::vector<std::string> meanings_of(const json& tracked)
{
    std::vector<std::string> all;
    for (const auto& each : tracked.at("history"))
        all.push_back(each.at("what").get<std::string>());
    return all;
}

TEST_F(TicketApi, TrackingSaysWhatHappenedWhatIsPromisedAndWhatTheCustomerMayDoNow)
{
    daemon_->set_time("2026-03-04T09:00:00+08:00");
    const auto t = accepted("13700000021");
    const json asked{{"number", t.number}, {"phone", t.phone}};
    auto view = track(*daemon_, asked);
    ASSERT_EQ(view.status, 200) << view.raw.body;
    EXPECT_EQ(view.body.at("category").at("code"), "missed_copy");
    EXPECT_TRUE(view.body.at("category").at("name").contains("en"));
    EXPECT_EQ(view.body.at("next_promise_kind"), "answer");
    EXPECT_TRUE(view.body.at("reopen_until").is_null());
    EXPECT_THAT(meanings_of(view.body), ElementsAre("registered", "assigned", "work_began"));
    auto acts = acts_of(view.body);
    EXPECT_TRUE(acts.at("urge").at("open").get<bool>());
    EXPECT_TRUE(acts.at("added_word").at("open").get<bool>());
    EXPECT_TRUE(acts.at("withdrawal").at("open").get<bool>());
    EXPECT_FALSE(acts.contains("verdict")) << "nobody has asked him yet";
    EXPECT_FALSE(acts.contains("reopen"));

    http_client browser(daemon_->port());
    const auto urged = to_answer(
        browser.post("/public/v1/tickets/" + t.number + "/acts", json{{"act", "urge"}, {"phone", t.phone}}.dump()));
    ASSERT_EQ(urged.body.at("outcome"), "applied") << urged.raw.body;
    acts = acts_of(track(*daemon_, asked).body);
    EXPECT_FALSE(acts.at("urge").at("open").get<bool>());
    EXPECT_EQ(time_in(acts.at("urge").at("again_at")), daemon_->now() + 24h);
    EXPECT_THAT(track(*daemon_, asked).raw.body,
                Not(HasSubstr(handler().get("/api/v1/me").body.at("display_name").get<std::string>())));
}

TEST_F(TicketApi, AClosedMatterSaysUntilWhenItCanBeOpenedAgainAndThatItWasNotSolved)
{
    const auto t = to_call_back("13700000022");
    const json asked{{"number", t.number}, {"phone", t.phone}};
    EXPECT_TRUE(acts_of(track(*daemon_, asked).body).at("verdict").at("open").get<bool>());
    done(agent().act(t.id, "verdicts", {{"solved", "no"}, {"result", 1}, {"reason", "not_solved"}}));
    EXPECT_THAT(meanings_of(track(*daemon_, asked).body), Contains("not_solved"));

    const auto other = to_call_back("13700000023");
    const json asked_again{{"number", other.number}, {"phone", other.phone}};
    done(agent().act(other.id, "verdicts", {{"solved", "yes"}, {"result", 5}}));
    const auto closed = track(*daemon_, asked_again).body;
    EXPECT_EQ(closed.at("stage"), "closed");
    EXPECT_TRUE(closed.at("next_promise_kind").is_null());
    EXPECT_EQ(time_in(closed.at("reopen_until")), daemon_->now() + 30 * 24h);
    EXPECT_TRUE(acts_of(closed).at("reopen").at("open").get<bool>());
    EXPECT_FALSE(acts_of(closed).contains("urge"));
}

TEST_F(TicketApi, ThePublicFormSaysInWhichTimeZoneTheHouseIs)
{
    http_client browser(daemon_->port());
    EXPECT_EQ(to_answer(browser.get("/public/v1/form")).body.at("time_zone"), "Asia/Shanghai");
}

// --- pages without script
// ------------------------------------------------------------------------------------------------

std::string url_encoded(const std::vector<std::pair<std::string, std::string>>& fields)
{
    std::string body;
    for (const auto& [name, value] : fields) {
        body += (body.empty() ? "" : "&") + name + "=";
        for (const char c : value)
            body += c == ' ' ? "+" : fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
    return body;
}

const http_headers by_page{{"Content-Type", "application/x-www-form-urlencoded"}};

TEST_F(TicketApi, AFormWithoutScriptIsAComplaintAndItsPageShowsTheNumber)
{
    http_client browser(daemon_->port());
    const auto body = url_encoded({{"lang", "en"},
                                   {"problem", "The paper never came"},
                                   {"desired_solution", "Bring it"},
                                   {"name", "Li Mei"},
                                   {"phone", "137 0000 0031"},
                                   {"email", ""},
                                   {"identity", "named"},
                                   {"website", ""}});
    const auto sent = browser.post("/complain", body, by_page);
    ASSERT_EQ(sent.status, 201) << sent.body;
    EXPECT_EQ(sent.header("content-type"), "text/html; charset=utf-8");
    EXPECT_THAT(sent.header("content-security-policy"), HasSubstr("form-action 'self'"));
    EXPECT_THAT(sent.body, HasSubstr("<html lang=\"en\">"));
    EXPECT_THAT(sent.body, HasSubstr("We have it"));
    const auto number =
        stored("SELECT t.number FROM ticket t JOIN ticket_party p ON p.ticket_id = t.id WHERE p.value = "
               "'+8613700000031'");
    EXPECT_THAT(sent.body, HasSubstr(number));
    EXPECT_THAT(sent.body, HasSubstr("/track/" + number + "\""));
    EXPECT_THAT(browser.get("/public/v1/plain.css").header("content-type"), HasSubstr("text/css"));

    EXPECT_THAT(browser.post("/complain", body, by_page).body, HasSubstr(number)) << "sent again by mistake";
    EXPECT_EQ(stored("SELECT count(*) FROM ticket_party WHERE value = '+8613700000031'"), "1");

    const auto found = browser.post(
        "/track", url_encoded({{"number", number}, {"contact", "13700000031"}, {"lang", "zh-TW"}}), by_page);
    ASSERT_EQ(found.status, 200) << found.body;
    EXPECT_THAT(found.body, HasSubstr("<html lang=\"zh-TW\">"));
    EXPECT_THAT(found.body, HasSubstr("收到您說的事"));
}

TEST_F(TicketApi, AFormWithoutScriptMayBringPhotos)
{
    http_client browser(daemon_->port());
    const auto part = [](const std::string& head, const std::string& bytes) {
        return "--b\r\nContent-Disposition: form-data; " + head + "\r\n\r\n" + bytes + "\r\n";
    };
    const auto sent =
        browser.post("/complain",
                     part("name=\"problem\"", "报纸湿了") + part("name=\"phone\"", "13700000032") +
                         part("name=\"file\"; filename=\"湿.jpg\"", "words") +
                         part("name=\"file\"; filename=\"\"", "") + "--b--\r\n",
                     {{"Content-Type", "multipart/form-data; boundary=b"}, {"Accept-Language", "en;q=0.5, zh-CN"}});
    ASSERT_EQ(sent.status, 201) << sent.body;
    EXPECT_THAT(sent.body, HasSubstr("收到了"));
    EXPECT_EQ(
        stored("SELECT string_agg(a.name, ',') FROM attachment a JOIN entry e ON e.id = a.entry_id JOIN ticket_party p "
               "ON p.ticket_id = e.ticket_id WHERE p.value = '+8613700000032'"),
        "湿.jpg");
}

TEST_F(TicketApi, WhatIsWrongWithAPageStandsAtItsFieldAndNothingTypedIsLostOrRuns)
{
    http_client browser(daemon_->port());
    const std::string hostile = "\"><script>alert(1)</script>'&amp;\x01</textarea><img src=x onerror=alert(2)>";
    const auto tickets = stored("SELECT count(*) FROM ticket");
    const auto sent = browser.post("/complain",
                                   url_encoded({{"lang", "en"},
                                                {"problem", hostile},
                                                {"name", hostile},
                                                {"phone", "\" onfocus=alert(3) autofocus=\""},
                                                {"category", "\"><b>"}}),
                                   by_page);
    EXPECT_EQ(sent.status, 422);
    EXPECT_THAT(sent.body, HasSubstr("id=\"phone-fault\">We cannot read this number."));
    EXPECT_THAT(sent.body, HasSubstr("&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;&#39;&amp;amp;"))
        << "what was typed is there";
    for (const auto* harmful : {"<script", "<img", "\" onfocus", "<b>"})
        EXPECT_THAT(sent.body, Not(HasSubstr(harmful)));
    EXPECT_EQ(stored("SELECT count(*) FROM ticket"), tickets);

    const auto empty = browser.post("/complain", "", by_page);
    EXPECT_EQ(empty.status, 422);
    EXPECT_THAT(empty.body, HasSubstr("id=\"problem-fault\">这里还没有填。"));
    EXPECT_THAT(empty.body, HasSubstr("id=\"phone-fault\">留一个手机或邮箱"));
    const auto too_long = browser.post(
        "/complain", url_encoded({{"problem", std::string(10'001, 'x')}, {"phone", "13700000033"}}), by_page);
    EXPECT_EQ(too_long.status, 422);
    EXPECT_THAT(too_long.body, HasSubstr("id=\"problem-fault\">太长了。"));
    const auto broken = browser.post("/complain", "problem=%ff%fe&phone=13700000033", by_page);
    EXPECT_EQ(broken.status, 422) << broken.body;
    EXPECT_EQ(browser.post("/complain", "{}", {{"Content-Type", "application/json"}}).status, 415);
    std::string many;
    for (int i = 0; i < 100; ++i)
        many += fmt::format("f{}=1&", i);
    EXPECT_EQ(browser.post("/complain", many, by_page).status, 400);
    EXPECT_EQ(stored("SELECT count(*) FROM ticket"), tickets);
}

TEST_F(TicketApi, WhatTheServerRefusesByItselfIsAPageInTheVisitorsLanguage)
{
    const auto too_much = [&](const std::string& accepted) {
        http_client browser(daemon_->port());
        auto headers = by_page;
        headers.emplace_back("Accept-Language", accepted);
        return browser.post("/track", std::string(5'000, 'x'), headers);
    };
    const std::vector<std::array<std::string, 3>> expected{{"zh-CN", "zh-CN", "内容太大，没有收下"},
                                                           {"zh-TW, en;q=0.5", "zh-TW", "內容太大，沒有收下"},
                                                           {"en-GB", "en", "This is too large"}};
    for (const auto& [accepted, language, words] : expected) {
        const auto told = too_much(accepted);
        EXPECT_EQ(told.status, 413);
        EXPECT_EQ(told.header("content-type"), "text/html; charset=utf-8");
        EXPECT_THAT(told.header("content-security-policy"), HasSubstr("form-action 'self'"));
        EXPECT_THAT(told.body, HasSubstr("<html lang=\"" + language + "\">"));
        EXPECT_THAT(told.body, HasSubstr(words));
    }
    http_client browser(daemon_->port());
    EXPECT_EQ(browser.post("/public/v1/tracking", std::string(5'000, 'x')).header("content-type"),
              "application/problem+json");
}

TEST_F(TicketApi, NameTagsAndNoteOfACustomerAreChangedByWhoSawHim)
{
    const auto t = complained("13700000041");
    const auto customer = officer().get("/api/v1/tickets/" + t.id).body.at("customer_id").get<std::string>();
    const auto at = "/api/v1/customers/" + customer;
    const auto before = agent().get(at);
    EXPECT_EQ(before.body.at("tags"), json::array());
    EXPECT_EQ(before.body.at("note"), "");
    const auto change = [&](person& who, const json& what, const std::string& seen) {
        return who.call("PATCH", at, what.dump(), {{"If-Match", seen}});
    };
    const auto seen = before.raw.header("etag");
    const auto changed = change(
        agent(), {{"name", " 王晓明 "}, {"tags", {"老订户", "听力不好", "老订户"}}, {"note", "下午打电话"}}, seen);
    ASSERT_EQ(changed.status, 200) << changed.raw.body;
    EXPECT_EQ(changed.body.at("name"), "王晓明");
    EXPECT_EQ(changed.body.at("tags"), json({"老订户", "听力不好"}));
    EXPECT_EQ(officer().get(at).body, changed.body);
    EXPECT_THAT(officer().get("/api/v1/tickets?number=" + t.number).raw.body, HasSubstr("王晓明"));
    EXPECT_EQ(stored("SELECT count(*) FROM event WHERE data::text LIKE '%王晓明%' OR data::text LIKE '%下午%'"), "0");

    const auto late = change(officer(), {{"note", "另一个"}}, seen);
    EXPECT_EQ(late.status, 412);
    EXPECT_EQ(late.body.at("changed_by"), agent().id());
    EXPECT_EQ(late.body.at("event"), "customer.changed");
    EXPECT_FALSE(late.body.at("changed_at").get<std::string>().empty());
    const auto now = changed.raw.header("etag");
    EXPECT_EQ(change(officer(), {{"note", "下午打电话"}}, now).raw.header("etag"), now) << "it says the same";
    for (const auto& wrong : {json{{"name", std::string(201, 'x')}}, json{{"tags", {""}}}, json{{"tags", "x"}},
                              json{{"tags", std::vector<std::string>(21, "x")}}, json{{"note", std::string(2001, 'x')}},
                              json{{"kind", "organisation"}}, json(1)})
        EXPECT_EQ(change(agent(), wrong, now).code(), "invalid-field") << wrong;
    EXPECT_EQ(agent().call("PATCH", at, "{}").status, 428);
    EXPECT_EQ(change(handler(), {{"note", "x"}}, now).status, 404);

    ASSERT_EQ(of("admin").post(at + "/erasure", json::object()).status, 200);
    const auto gone = officer().get(at);
    EXPECT_EQ(gone.body.at("tags"), json::array());
    EXPECT_EQ(gone.body.at("note"), "");
    EXPECT_EQ(change(officer(), {{"note", "x"}}, gone.raw.header("etag")).code(), "erased");
    EXPECT_EQ(stored("SELECT count(*) FROM text WHERE body LIKE '%王晓明%' OR body LIKE '%下午打电话%'"), "0");
}

TEST_F(TicketApi, ALookUpByPageTellsAWrongNumberAndAWrongContactAlike)
{
    const auto t = complained("13700000034");
    http_client browser(daemon_->port());
    const auto look = [&](const std::string& number, const std::string& contact) {
        return browser.post("/track", url_encoded({{"lang", "en"}, {"number", number}, {"contact", contact}}), by_page);
    };
    auto wrong_contact = look(t.number, "13700000099"), wrong_number = look("260302-9999", "13700000099");
    EXPECT_EQ(wrong_contact.status, 404);
    EXPECT_EQ(wrong_number.status, 404);
    EXPECT_THAT(wrong_contact.body, HasSubstr("These do not match"));
    const auto place = wrong_contact.body.find(t.number);
    ASSERT_NE(place, std::string::npos);
    wrong_contact.body.replace(place, t.number.size(), "260302-9999");
    EXPECT_EQ(wrong_contact.body, wrong_number.body);
    EXPECT_THAT(look("", "").body, HasSubstr("id=\"number-fault\">This is still empty."));
    EXPECT_THAT(look(t.number, t.phone).body, HasSubstr("We have it and are finding the right people"));
}

// --- lists and the board
// ------------------------------------------------------------------------------------------------

TEST_F(TicketApi, AListIsNarrowedToWhatIsDueFromAMomentOn)
{
    const auto t = complained("13700000041");
    json row;
    for (const auto& each : officer().get("/api/v1/tickets?number=" + t.number).body.at("items"))
        row = each;
    ASSERT_FALSE(row.at("nearest_clock").is_null()) << row;
    const auto due = time_in(row.at("nearest_clock").at("due_at"));
    const auto finds = [&](const std::string& narrowed) {
        const auto listed = officer().get("/api/v1/tickets?number=" + t.number + narrowed);
        EXPECT_EQ(listed.status, 200) << listed.raw.body;
        return !listed.body.at("items").empty();
    };
    EXPECT_TRUE(finds("&due_after=" + to_rfc3339(due)));
    EXPECT_FALSE(finds("&due_after=" + to_rfc3339(due + 1s)));
    EXPECT_TRUE(finds("&due_after=" + to_rfc3339(due - 1h) + "&due_before=" + to_rfc3339(due + 1h)));
    EXPECT_FALSE(finds("&due_after=" + to_rfc3339(due - 2h) + "&due_before=" + to_rfc3339(due - 1h)));
    EXPECT_EQ(officer().get("/api/v1/tickets?due_after=soon").code(), "invalid-field");
    const auto view =
        officer().post("/api/v1/views", {{"name", "晚些到期"}, {"filter", {{"due_after", to_rfc3339(due)}}}});
    EXPECT_EQ(view.status, 201) << view.raw.body;
}

TEST_F(TicketApi, TheBoardTellsApartWhatTheDeskHasToDoAndAgreesWithTheLists)
{
    const auto unread = complained("13700000042");
    const auto read = complained("13700000043");
    done(officer().act(read.id, "classification", {{"category", "missed_copy"}}));
    daemon_->catch_up();
    const auto board = of("qian.li").get("/api/v1/live_board");
    ASSERT_EQ(board.status, 200) << board.raw.body;
    const auto listed = [&](const std::string& status) {
        return static_cast<std::int64_t>(
            officer().get("/api/v1/tickets?limit=200&status=" + status).body.at("items").size());
    };
    const auto triage = board.body.at("triage");
    EXPECT_EQ(triage.at("classification").get<std::int64_t>(), listed("new"));
    EXPECT_EQ(triage.at("judgement").get<std::int64_t>() + triage.at("dispatch").get<std::int64_t>(), listed("triage"));
    EXPECT_TRUE(board.body.at("intake_before").is_array());
}

} // namespace
} // namespace huiyin::test
