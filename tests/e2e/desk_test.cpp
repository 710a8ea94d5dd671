// What the console needs of the daemon: lists and their counts, saved views, drafts, settings, presence, who looks at
// what, the callback desk, and what the public form promises.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <set>
#include <support/daemon/daemon_fixture.hpp>
#include <support/eventually.hpp>

namespace huiyin::test {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using std::chrono::steady_clock;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

instant time_in(const json& text)
{
    return parse_rfc3339(text.get<std::string>()).value();
}

instant at(std::string_view shanghai)
{
    return parse_rfc3339(std::string(shanghai) + "+08:00").value();
}

class Desk : public ::testing::Test
{
protected:
    Desk() { daemon_.set_time("2026-03-02T09:00:00+08:00"); } // a Monday
    ~Desk() override
    {
        EXPECT_EQ(daemon_.stop(), 0);
        EXPECT_EQ(daemon_.log().find("Sanitizer"), std::string::npos) << daemon_.log();
    }

    static void done(const answer& told)
    {
        if (told.status < 200 || told.status > 299) throw std::runtime_error(told.raw.body);
    }
    std::string complaint(const std::string& phone, const std::string& district = "east")
    {
        const auto taken = complain(daemon_, {{"contact", {{"name", "王小明"}, {"phone", phone}}},
                                              {"category", "missed_copy"},
                                              {"problem", "今天的报纸\n没有收到"},
                                              {"fields", {{"district", district}}}});
        done(taken);
        return ticket_id_of(officer_, taken.body.at("number").get<std::string>());
    }
    std::string dispatched(const std::string& phone, const std::string& district = "east")
    {
        const auto id = complaint(phone, district);
        done(officer_.act(id, "classification", {{"category", "missed_copy"}}));
        done(supervisor_.act(id, "dispatch", {{"department_id", department("station_" + district)}}));
        return id;
    }
    std::string accepted(const std::string& phone)
    {
        const auto id = dispatched(phone);
        done(handler_.act(id, "acceptance"));
        return id;
    }
    std::string proposed(const std::string& phone)
    {
        const auto id = accepted(phone);
        done(handler_.act(id, "contacts", {{"how", "call"}}));
        done(handler_.act(id, "solutions",
                          {{"text", "补送"}, {"root_cause", "carrier_new"}, {"no_responsible_reason", "no_person"}}));
        return id;
    }
    std::string replied(const std::string& phone)
    {
        const auto id = proposed(phone);
        done(leader_.act(id, "approvals"));
        done(handler_.act(id, "completion", {{"result", "已补送"}, {"customer_informed", true}, {"evidence", 1}}));
        return id;
    }
    std::string to_call_back(const std::string& phone)
    {
        const auto id = replied(phone);
        done(officer_.act(id, "pass"));
        return id;
    }
    std::string department(const std::string& code)
    {
        for (const auto& each : officer_.get("/api/v1/departments").body.at("items"))
            if (each.at("code") == code) return each.at("id").get<std::string>();
        throw std::runtime_error("no department " + code);
    }
    json list(person& who, const std::string& query)
    {
        const auto found = who.get("/api/v1/tickets?limit=200&" + query);
        EXPECT_EQ(found.status, 200) << query << ": " << found.raw.body;
        return found.body.at("items");
    }
    std::vector<std::string> ids(person& who, const std::string& query)
    {
        std::vector<std::string> all;
        for (const auto& each : list(who, query))
            all.push_back(each.at("id").get<std::string>());
        return all;
    }
    json row(person& who, const std::string& id)
    {
        for (const auto& each : list(who, "sort=created"))
            if (each.at("id") == id) return each;
        ADD_FAILURE() << id << " is not in the list of " << who.login();
        return {};
    }

    daemon_process daemon_;
    person officer_{daemon_, "zhao.min"}, handler_{daemon_, "wang.qiang"}, leader_{daemon_, "zhang.wei"},
        agent_{daemon_, "chen.jing"}, supervisor_{daemon_, "qian.li"}, admin_{daemon_, "admin"},
        west_{daemon_, "zhou.tao"};
};

TEST_F(Desk, TheFormPromisesWhatTheRealComplaintGetsAndTellsNothingOfTheInside)
{
    http_client browser(daemon_.port());
    const auto form = to_answer(browser.get("/public/v1/form"));
    ASSERT_EQ(form.status, 200) << form.raw.body;
    const auto& categories = form.body.at("categories");
    ASSERT_GT(categories.size(), 3u);
    json missed;
    for (const auto& each : categories)
        if (each.at("code") == "missed_copy") missed = each;
    ASSERT_FALSE(missed.is_null());
    for (const auto* language : {"zh-CN", "zh-TW", "en"}) {
        EXPECT_FALSE(missed.at("name").at(language).get<std::string>().empty());
        EXPECT_FALSE(missed.at("fields").at(0).at("label").at(language).get<std::string>().empty());
    }
    std::vector<std::string> required, choices;
    for (const auto& field : missed.at("fields")) {
        if (field.at("required").get<bool>()) required.push_back(field.at("code").get<std::string>());
        if (field.at("kind") == "choice") choices.push_back(field.at("code").get<std::string>());
    }
    EXPECT_THAT(required, ElementsAre("problem"));
    EXPECT_THAT(choices, ElementsAre("district"));
    for (const auto* inside : {"department", "priority", "station_", "authority", "target"})
        EXPECT_EQ(form.raw.body.find(inside), std::string::npos) << inside;

    const auto real = officer_.get("/api/v1/tickets/" + complaint("13800000001")).body;
    json first;
    for (const auto& each : real.at("deadlines"))
        if (each.at("kind") == "first_response") first = each.at("due_at");
    EXPECT_EQ(missed.at("first_answer_by"), first);
    EXPECT_EQ(time_in(missed.at("solution_by")), at("2026-03-02T18:00:00")) << "reported before noon: by 18:00";

    const auto etag = std::ranges::find(form.raw.headers, "etag", &http_headers::value_type::first);
    ASSERT_NE(etag, form.raw.headers.end());
    EXPECT_EQ(browser.get("/public/v1/form", {{"If-None-Match", etag->second}}).status, 304);
    daemon_.set_time("2026-03-02T13:00:00+08:00");
    const auto later = to_answer(browser.get("/public/v1/form", {{"If-None-Match", etag->second}}));
    ASSERT_EQ(later.status, 200) << "other promises";
}

TEST_F(Desk, EachViewCountsWhatItsListShowsForEachReader)
{
    const auto fresh = complaint("13800000001");
    const auto signing = dispatched("13800000002");
    const auto elsewhere = dispatched("13800000003", "west");
    const auto working = accepted("13800000004");
    const auto approving = proposed("13800000005");
    const auto calling = to_call_back("13800000006");
    const auto reviewing = replied("13800000007");
    done(supervisor_.act(working, "supervisions", {{"reason", "leader"}}));
    done(handler_.act(working, "promises", {{"due_at", "2026-03-05T10:00:00+08:00"}, {"text", "会回电"}}));

    constexpr const char* views[] = {"mine",     "department", "to_sign",    "due_today", "breaching", "promise_due",
                                     "returned", "round_2",    "supervised", "on_hold",   "overdue",   "callback",
                                     "to_judge", "to_review",  "to_approve", "all_open"};
    daemon_.catch_up();
    for (auto* who : {&officer_, &handler_, &leader_, &agent_, &supervisor_, &west_}) {
        const auto counts = who->get("/api/v1/ticket_counts");
        ASSERT_EQ(counts.status, 200) << counts.raw.body;
        for (const auto* view : views) {
            EXPECT_EQ(counts.body.at(view).at("count"), list(*who, fmt::format("view={}", view)).size())
                << who->login() << " " << view;
            EXPECT_EQ(counts.body.at(view).at("exact"), true);
        }
    }

    EXPECT_THAT(ids(handler_, "view=to_sign"), ElementsAre(signing));
    EXPECT_THAT(ids(officer_, "view=to_sign"), UnorderedElementsAre(signing, elsewhere));
    EXPECT_THAT(ids(handler_, "view=mine"), Contains(working));
    EXPECT_THAT(ids(handler_, "view=mine"), Not(Contains(elsewhere)));
    EXPECT_THAT(ids(leader_, "view=to_approve"), ElementsAre(approving));
    EXPECT_THAT(ids(west_, "view=all_open"), ElementsAre(elsewhere));
    EXPECT_THAT(ids(officer_, "view=to_judge"), ElementsAre(fresh));
    EXPECT_THAT(ids(officer_, "view=to_review"), ElementsAre(reviewing));
    EXPECT_THAT(ids(agent_, "view=callback"), ElementsAre(calling));
    EXPECT_THAT(ids(officer_, "view=supervised"), ElementsAre(working));
    EXPECT_THAT(ids(handler_, "view=promise_due"), ElementsAre(working));
    EXPECT_THAT(ids(officer_, "view=overdue"), IsEmpty());
    EXPECT_THAT(ids(officer_, "view=due_today"), Contains(signing));

    daemon_.set_time("2026-03-04T09:00:00+08:00");
    EXPECT_THAT(ids(officer_, "view=overdue"), Contains(signing));
    EXPECT_EQ(officer_.get("/api/v1/ticket_counts").body.at("overdue").at("count"),
              list(officer_, "view=overdue").size());
    EXPECT_EQ(list(officer_, "overdue=true&sort=due").size(), list(officer_, "view=overdue").size());

    // What is counted anew is what was counted as it happened.
    daemon_.catch_up();
    const auto before = officer_.get("/api/v1/ticket_counts").body;
    const auto rebuilt = daemon_.run_command({"rebuild", "--reports"});
    ASSERT_EQ(rebuilt.status, 0) << rebuilt.output;
    EXPECT_EQ(officer_.get("/api/v1/ticket_counts").body, before);
    const auto checked = daemon_.run_command({"rebuild", "--check"});
    EXPECT_EQ(checked.status, 0) << checked.output;
}

TEST_F(Desk, ARowSaysWhatTheListDraws)
{
    const auto id = dispatched("13800000001");
    const auto waiting = row(officer_, id);
    EXPECT_EQ(waiting.at("title"), "今天的报纸 没有收到");
    EXPECT_EQ(waiting.at("customer").at("name"), "王小明");
    EXPECT_EQ(waiting.at("channel"), "web");
    EXPECT_EQ(waiting.at("department").at("code"), "station_east");
    EXPECT_EQ(waiting.at("handler"), json());
    EXPECT_FALSE(waiting.at("holder").is_null()) << "contact A is to sign";
    EXPECT_EQ(waiting.at("nearest_clock").at("kind"), "first_response");
    EXPECT_EQ(waiting.at("nearest_clock").at("card"), "ok");
    EXPECT_EQ(time_in(waiting.at("nearest_clock").at("due_at")), at("2026-03-02T09:10:00"));
    EXPECT_EQ(time_in(waiting.at("nearest_clock").at("warn_at")), at("2026-03-02T09:08:00")) << "at 80 %";
    EXPECT_EQ(waiting.at("customer_clock").at("kind"), "resolve");
    EXPECT_EQ(time_in(waiting.at("waited_since")), at("2026-03-02T09:00:00"));
    EXPECT_EQ(waiting.at("round"), 1);
    EXPECT_EQ(waiting.at("last_event").at("kind"), "ticket.dispatched");
    EXPECT_EQ(waiting.at("last_event").at("actor").at("id"), supervisor_.id());

    daemon_.set_time("2026-03-02T09:09:00+08:00");
    EXPECT_EQ(row(officer_, id).at("nearest_clock").at("card"), "warn");
    daemon_.set_time("2026-03-02T09:11:00+08:00");
    EXPECT_EQ(row(officer_, id).at("nearest_clock").at("card"), "over");
    done(handler_.act(id, "acceptance"));
    EXPECT_EQ(row(officer_, id).at("handler").at("id"), handler_.id());
    EXPECT_EQ(row(officer_, id).at("holder").at("id"), handler_.id());
}

TEST_F(Desk, PagesByWhatIsDueGoOverEachTicketOnce)
{
    std::set<std::string> all;
    for (int i = 0; i < 7; ++i) {
        daemon_.advance(31s); // below half of every clock: nothing but us changes a ticket
        all.insert(complaint(fmt::format("1380000000{}", i)));
    }
    for (const auto* sort : {"due", "created", "updated"}) {
        std::vector<std::string> seen, keys;
        std::string cursor;
        for (int page = 0; page < 5; ++page) {
            const auto found = officer_.get(fmt::format("/api/v1/tickets?limit=3&sort={}{}", sort, cursor));
            ASSERT_EQ(found.status, 200) << found.raw.body;
            for (const auto& each : found.body.at("items")) {
                seen.push_back(each.at("id").get<std::string>());
                if (sort == std::string("due"))
                    keys.push_back(each.at("nearest_clock").at("due_at").get<std::string>());
            }
            if (found.body.at("next_cursor").is_null()) break;
            cursor = "&cursor=" + found.body.at("next_cursor").get<std::string>();
        }
        EXPECT_THAT(seen, SizeIs(7)) << sort;
        EXPECT_EQ(std::set(seen.begin(), seen.end()), all) << sort;
        EXPECT_TRUE(std::ranges::is_sorted(keys));
    }
    const auto first = officer_.get("/api/v1/tickets?limit=3&sort=due").body.at("next_cursor").get<std::string>();
    EXPECT_EQ(officer_.get("/api/v1/tickets?sort=created&cursor=" + first).code(), "invalid-cursor");
    EXPECT_EQ(officer_.get("/api/v1/tickets?sort=due&status=closed").code(), "invalid-field");
    EXPECT_EQ(officer_.get("/api/v1/tickets?view=everything").status, 422);
    EXPECT_EQ(officer_.get("/api/v1/ticket_counts?tz=Nowhere/Land").status, 422);
}

TEST_F(Desk, AViewIsSharedByWhoMayAndChangedByItsOwner)
{
    const json filter{
        {"view", "overdue"}, {"department_id", json::array({department("station_east")})}, {"overdue", true}};
    EXPECT_EQ(handler_.post("/api/v1/views", {{"name", "东站"}, {"filter", filter}, {"shared", "all"}}).status, 403);
    EXPECT_EQ(handler_.post("/api/v1/views", {{"name", "东站"}, {"filter", {{"sql", "1"}}}}).status, 422);
    EXPECT_EQ(handler_.post("/api/v1/views", {{"name", "东站"}, {"filter", {{"status", "gone"}}}}).status, 422);
    const auto own = handler_.post("/api/v1/views", {{"name", "我的东站"}, {"filter", filter}});
    ASSERT_EQ(own.status, 201) << own.raw.body;
    EXPECT_EQ(own.body.at("filter"), filter);
    EXPECT_EQ(leader_
                  .post("/api/v1/views", {{"name", "西站"},
                                          {"filter", filter},
                                          {"shared", "department"},
                                          {"department_id", department("station_west")}})
                  .status,
              403)
        << "he does not lead it";
    const auto shared = leader_.post("/api/v1/views", {{"name", "东站逾期"},
                                                       {"filter", filter},
                                                       {"shared", "department"},
                                                       {"department_id", department("station_east")}});
    ASSERT_EQ(shared.status, 201) << shared.raw.body;
    const auto names = [](person& who) {
        std::vector<std::string> all;
        for (const auto& each : who.get("/api/v1/views").body.at("items"))
            all.push_back(each.at("name").get<std::string>());
        return all;
    };
    EXPECT_THAT(names(handler_), UnorderedElementsAre("我的东站", "东站逾期"));
    EXPECT_THAT(names(west_), IsEmpty());

    const auto target = "/api/v1/views/" + shared.body.at("id").get<std::string>();
    const auto change = json{{"name", "逾期"}, {"filter", filter}}.dump();
    EXPECT_EQ(leader_.call("PUT", target, change).status, 428);
    EXPECT_EQ(handler_.call("PUT", target, change, {{"If-Match", "\"1\""}}).status, 404);
    const auto changed = leader_.call("PUT", target, change, {{"If-Match", "\"1\""}});
    ASSERT_EQ(changed.status, 200) << changed.raw.body;
    EXPECT_EQ(changed.body.at("version"), 2);
    EXPECT_EQ(leader_.call("PUT", target, change, {{"If-Match", "\"1\""}}).status, 412);
    EXPECT_THAT(names(handler_), ElementsAre("我的东站")) << "it is private now";
    EXPECT_EQ(leader_.call("DELETE", target, "", {{"If-Match", "\"2\""}}).status, 204);
    EXPECT_THAT(names(leader_), IsEmpty());
}

TEST_F(Desk, ADraftIsItsWritersAloneAndGoneAfterAMonthOrWithThePerson)
{
    const auto id = complaint("13800000001");
    const auto key = fmt::format("/api/v1/drafts/ticket:{}:note", id);
    const json body{{"body", " 正在写 "}};
    ASSERT_EQ(officer_.call("PUT", key, body.dump()).status, 200);
    EXPECT_EQ(officer_.get(key).body.at("body"), " 正在写 ");
    EXPECT_EQ(agent_.get(key).status, 404);
    EXPECT_EQ(officer_.call("PUT", "/api/v1/drafts/Upper", body.dump()).status, 404);
    EXPECT_EQ(officer_.call("PUT", key, json{{"body", std::string(65537, 'x')}}.dump()).status, 422);
    EXPECT_THAT(officer_.get("/api/v1/drafts").body.at("items"), SizeIs(1));
    for (int i = 0; i < 499; ++i)
        ASSERT_EQ(officer_.call("PUT", fmt::format("/api/v1/drafts/n{}", i), body.dump()).status, 200);
    EXPECT_EQ(officer_.call("PUT", "/api/v1/drafts/one-more", body.dump()).code(), "limit-reached");
    EXPECT_EQ(officer_.call("PUT", key, body.dump()).status, 200) << "what is there is replaced";
    EXPECT_EQ(officer_.call("DELETE", "/api/v1/drafts/n1").status, 204);
    EXPECT_EQ(officer_.call("PUT", "/api/v1/drafts/one-more", body.dump()).status, 200);

    const auto customer = officer_.get("/api/v1/tickets/" + id).body.at("customer_id").get<std::string>();
    ASSERT_LT(admin_.post("/api/v1/customers/" + customer + "/erasure", json::object()).status, 300);
    EXPECT_EQ(officer_.get(key).status, 404);
    EXPECT_EQ(officer_.get("/api/v1/drafts/n2").status, 200);
    daemon_.advance(std::chrono::days(31));
    EXPECT_EQ(officer_.get("/api/v1/drafts/n2").status, 404);
    daemon_.advance(2min);
    EXPECT_EQ(daemon_.sql("SELECT count(*) FROM event WHERE kind LIKE '%draft%'").at(0).at(0), "0");
}

TEST_F(Desk, SettingsAreKeptAndLanguageIsOnRecord)
{
    EXPECT_EQ(handler_.get("/api/v1/me/settings").body.at("theme"), "system");
    const auto patch = [&](const json& changes) {
        return handler_.call("PATCH", "/api/v1/me/settings", changes.dump());
    };
    const auto changed = patch({{"theme", "dark"}, {"density", "compact"}, {"single_keys", false}, {"language", "en"}});
    ASSERT_EQ(changed.status, 200) << changed.raw.body;
    const auto kept = handler_.get("/api/v1/me/settings").body;
    EXPECT_EQ(kept, changed.body);
    EXPECT_EQ(kept.at("single_keys"), false);
    EXPECT_EQ(kept.at("sounds"), true);
    EXPECT_EQ(handler_.get("/api/v1/me").body.at("language"), "en");
    EXPECT_EQ(patch({{"theme", "pink"}}).status, 422);
    EXPECT_EQ(patch({{"time_zone", "Mars/Base"}}).status, 422);
    EXPECT_EQ(patch({{"colour", "red"}}).status, 422);
    EXPECT_EQ(daemon_
                  .sql(fmt::format("SELECT count(*) FROM event WHERE kind = 'user.changed' AND subject = '{}'",
                                   handler_.id()))
                  .at(0)
                  .at(0),
              "1");
}

TEST_F(Desk, WhoIsAwayIsPassedOverByBUntilHisSessionIsIdle)
{
    const auto contacts = daemon_.sql("SELECT a.login, b.login FROM department d JOIN user_account a ON a.id = "
                                      "d.contact_a JOIN user_account b ON b.id = "
                                      "d.contact_b WHERE d.code = 'station_east'");
    ASSERT_EQ(contacts.size(), 1u);
    person a(daemon_, contacts[0][0]), b(daemon_, contacts[0][1]);
    const auto holder = [&](const std::string& id) { return row(officer_, id).at("holder").at("id"); };
    EXPECT_EQ(holder(dispatched("13800000001")), a.id());

    const auto away = a.call("PUT", "/api/v1/me/presence", R"({"state":"away"})");
    ASSERT_EQ(away.status, 200) << away.raw.body;
    EXPECT_EQ(a.get("/api/v1/me/presence").body.at("state"), "away");
    EXPECT_EQ(holder(dispatched("13800000002")), b.id());
    ASSERT_EQ(a.call("PUT", "/api/v1/me/presence", R"({"state":"busy"})").status, 200);
    EXPECT_EQ(holder(dispatched("13800000003")), a.id());
    ASSERT_EQ(a.call("PUT", "/api/v1/me/presence", R"({"state":"away"})").status, 200);
    EXPECT_EQ(a.call("PUT", "/api/v1/me/presence", R"({"state":"asleep"})").status, 422);

    daemon_.advance(31min);
    EXPECT_EQ(holder(dispatched("13800000004")), a.id()) << "what he said ended with his session";
    EXPECT_EQ(daemon_
                  .sql("SELECT string_agg(data ->> 'presence', ' ' ORDER BY seq) FROM event WHERE kind = "
                       "'user.presence_changed'")
                  .at(0)
                  .at(0),
              "away busy away");
}

class looker
{
public:
    looker(daemon_process& at, person& who) : socket_(at.port())
    {
        who.id();
        const auto opened = socket_.open("/api/v1/stream", {{"Cookie", who.cookies()}, {"Origin", at.origin()}});
        if (opened.status != 101) throw std::runtime_error(opened.body);
    }
    void say(const json& what) { socket_.send(what.dump()); }
    /// The next word about who looks, within the limit; null where none comes.
    json next(std::chrono::milliseconds limit)
    {
        const auto end = steady_clock::now() + limit;
        while (steady_clock::now() < end) {
            const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - steady_clock::now());
            std::optional<std::string> message;
            try {
                message = socket_.receive(std::max(left, 1ms));
            } catch (const std::runtime_error&) {
                return {};
            }
            if (!message) return {};
            auto said = json::parse(*message);
            if (said.value("kind", "") == "presence") return said;
        }
        return {};
    }
    /// Until the users are these, with what they do. Who says nothing for 10 s looks no more, so meanwhile `alive` is
    /// done again and again: by it those who are to be seen, and this one, say what they do.
    bool sees(const std::string& ticket, const std::vector<std::pair<std::string, std::string>>& users,
              const std::function<void()>& alive)
    {
        return eventually([&] {
            alive();
            for (auto said = next(1s); !said.is_null(); said = next(1ms)) {
                std::vector<std::pair<std::string, std::string>> shown;
                for (const auto& each : said.at("users"))
                    shown.emplace_back(each.at("id").get<std::string>(), each.at("what").get<std::string>());
                if (said.at("subject") == ticket && shown == users) return true;
            }
            return false;
        });
    }

private:
    websocket_client socket_;
};

TEST_F(Desk, TwoWhoLookAtOneTicketSeeEachOtherAndNobodyElseDoes)
{
    const auto id = accepted("13800000001");
    const auto foreign = dispatched("13800000002", "west");
    const auto of_desk = officer_.id(), of_east = handler_.id();
    looker desk(daemon_, officer_), east(daemon_, handler_);
    const auto desk_looks = [&] { desk.say({{"viewing", id}}); };
    const auto both_look = [&] {
        desk_looks();
        east.say({{"viewing", id}});
    };
    EXPECT_TRUE(desk.sees(id, {}, desk_looks));
    EXPECT_TRUE(east.sees(id, {{of_desk, "viewing"}}, both_look));
    EXPECT_TRUE(desk.sees(id, {{of_east, "viewing"}}, both_look));
    EXPECT_TRUE(desk.sees(id, {{of_east, "note"}}, [&] {
        desk_looks();
        east.say({{"typing", {{"ticket", id}, {"what", "note"}}}});
    }));

    // What he may not read he does not look at, and it takes him off what he looked at.
    looker west(daemon_, west_);
    west.say({{"viewing", id}});
    west.say({{"viewing", 7}});
    west.say("nonsense");
    EXPECT_EQ(west.next(1500ms), json());
    EXPECT_TRUE(desk.sees(id, {}, [&] {
        desk_looks();
        east.say({{"viewing", foreign}});
    })) << "he has gone";
    EXPECT_EQ(daemon_.sql("SELECT count(*) FROM event WHERE kind LIKE '%view%' OR kind LIKE '%typing%'").at(0).at(0),
              "0");

    {
        looker again(daemon_, handler_);
        EXPECT_TRUE(desk.sees(id, {{of_east, "viewing"}}, [&] {
            desk_looks();
            again.say({{"viewing", id}});
        }));
    }
    EXPECT_TRUE(desk.sees(id, {}, desk_looks)) << "his socket is closed";
    EXPECT_TRUE(desk.sees(id, {{of_east, "viewing"}}, both_look));
    EXPECT_TRUE(desk.sees(id, {}, desk_looks)) << "who says nothing for 10 s looks no more";
}

TEST_F(Desk, TheCallbackDeskHasNowLaterAndDoneToday)
{
    const auto id = to_call_back("13800000001");
    daemon_.set_time("2026-03-02T10:00:00+08:00");
    const auto queue = [&](person& who, const std::string& part) {
        const auto found = who.get("/api/v1/callbacks?part=" + part);
        EXPECT_EQ(found.status, 200) << found.raw.body;
        return found.body;
    };
    EXPECT_EQ(handler_.get("/api/v1/callbacks").status, 404);
    EXPECT_EQ(agent_.get("/api/v1/callbacks?part=never").status, 422);
    const auto now = queue(agent_, "now");
    EXPECT_EQ(now.at("hours").at("open"), true);
    EXPECT_EQ(now.at("hours").at("spans").at(0), (json{{"from", "09:00"}, {"to", "12:00"}}));
    ASSERT_THAT(now.at("due"), SizeIs(1));
    const auto& due = now.at("due").at(0);
    EXPECT_EQ(due.at("ticket_id"), id);
    EXPECT_EQ(due.at("customer").at("name"), "王小明");
    EXPECT_EQ(due.at("contacts").at(0), (json{{"kind", "phone"}, {"value", "+8613800000001"}}));
    EXPECT_EQ(due.at("refused"), json());
    EXPECT_THAT(due.at("attempts"), IsEmpty());
    EXPECT_THAT(queue(agent_, "done").at("done"), IsEmpty());

    done(agent_.act(id, "callback-attempts", {{"outcome", "no_answer"}}));
    EXPECT_THAT(queue(agent_, "now").at("due"), IsEmpty());
    const auto later = queue(agent_, "later").at("due");
    ASSERT_THAT(later, SizeIs(1));
    EXPECT_EQ(later.at(0).at("refused").at("code"), "too-early-to-try-again");
    EXPECT_EQ(later.at(0).at("attempts").at(0).at("outcome"), "no_answer");
    const auto made = queue(agent_, "done").at("done");
    ASSERT_THAT(made, SizeIs(1));
    EXPECT_EQ(made.at(0).at("caller").at("id"), agent_.id());
    EXPECT_EQ(made.at(0).at("ticket_id"), id);

    daemon_.set_time("2026-03-02T22:00:00+08:00");
    EXPECT_EQ(queue(agent_, "now").at("hours").at("open"), false);
    EXPECT_EQ(time_in(queue(agent_, "now").at("hours").at("opens_at")), at("2026-03-03T09:00:00"));
    EXPECT_EQ(queue(agent_, "now").at("due").at(0).at("refused").at("code"), "not-callback-hours");

    // An agent who worked on it for a department is passed over.
    const auto added = daemon_.run_command({"user", "add", "hu.bo", "--json", "--role", "department_handler", "--role",
                                            "agent", "--department", "station_east"});
    ASSERT_EQ(added.status, 0) << added.output;
    person both(daemon_, "hu.bo", json::parse(added.output).at("password").get<std::string>());
    daemon_.set_time("2026-03-03T09:30:00+08:00");
    const auto his = dispatched("13800000009");
    done(both.act(his, "acceptance"));
    done(both.act(his, "contacts", {{"how", "call"}}));
    done(both.act(his, "solutions",
                  {{"text", "补送"}, {"root_cause", "carrier_new"}, {"no_responsible_reason", "no_person"}}));
    done(leader_.act(his, "approvals"));
    done(both.act(his, "completion", {{"result", "已补送"}, {"customer_informed", true}, {"evidence", 1}}));
    done(officer_.act(his, "pass"));
    for (const auto& each : queue(both, "now").at("due"))
        EXPECT_EQ(each.at("refused").is_null() ? "" : each.at("refused").at("code"),
                  each.at("ticket_id") == his ? "caller-is-handler" : "");
    EXPECT_THAT(queue(agent_, "done").at("done"), IsEmpty()) << "yesterday's are no more of today";
}

} // namespace
} // namespace huiyin::test
