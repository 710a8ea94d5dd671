// What administration and supervision set: the rules, who belongs to a department, and whether the journal holds.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <set>
#include <support/daemon/daemon_fixture.hpp>
#include <support/eventually.hpp>

namespace huiyin::test {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;

class Settings : public ::testing::Test
{
protected:
    Settings() { daemon_.set_time("2026-03-02T09:00:00+08:00"); } // a Monday
    ~Settings() override
    {
        EXPECT_EQ(daemon_.stop(), 0);
        EXPECT_EQ(daemon_.log().find("Sanitizer"), std::string::npos) << daemon_.log();
    }

    static answer done(answer told)
    {
        if (told.status < 200 || told.status > 299) throw std::runtime_error(told.raw.body);
        return told;
    }
    answer change(person& who, const json& body, int seen)
    {
        return who.post("/api/v1/rules", body, {{"If-Match", fmt::format("\"{}\"", seen)}});
    }
    static json accept_within(const std::string& says)
    {
        return {{"categories", {{{"code", "missed_copy"}, {"targets", {{"accept", says}}}}}}};
    }
    static json clock_of(const json& preview, const std::string& kind)
    {
        for (const auto& each : preview.at("items").at(0).at("clocks"))
            if (each.at("kind") == kind) return each;
        throw std::runtime_error("no clock " + kind + " in " + preview.dump());
    }
    std::string complaint(const std::string& phone)
    {
        const auto taken = done(complain(daemon_, {{"contact", {{"phone", phone}}},
                                                   {"category", "missed_copy"},
                                                   {"problem", "今天的报纸没有收到"},
                                                   {"fields", {{"district", "east"}}}}));
        return ticket_id_of(officer_, taken.body.at("number").get<std::string>());
    }

    daemon_process daemon_;
    person officer_{daemon_, "zhao.min"}, handler_{daemon_, "wang.qiang"}, supervisor_{daemon_, "qian.li"},
        admin_{daemon_, "admin"}, auditor_{daemon_, "shen.yi"};
};

TEST_F(Settings, TheRulesAreReadWholeWithWhoMadeThemAndWhen)
{
    const auto rules = done(supervisor_.get("/api/v1/rules"));
    EXPECT_EQ(rules.body.at("version"), 1);
    EXPECT_EQ(rules.body.at("applied_by").at("kind"), "system");
    EXPECT_EQ(rules.body.at("calendar_years").size(), 2u);
    json missed;
    for (const auto& each : rules.body.at("categories"))
        if (each.at("code") == "missed_copy") missed = each;
    json accept;
    for (const auto& each : missed.at("targets"))
        if (each.at("kind") == "accept") accept = each;
    EXPECT_EQ(accept, json({{"kind", "accept"},
                            {"says", "30m station"},
                            {"amount", 30},
                            {"unit", "minutes"},
                            {"calendar", "station"}}));
    EXPECT_EQ(missed.at("department").at("field"), "district");

    const auto versions = done(auditor_.get("/api/v1/rules/versions"));
    ASSERT_EQ(versions.body.at("items").size(), 1u);
    const auto first = done(auditor_.get("/api/v1/rules/versions/1"));
    EXPECT_EQ(first.body.at("document").at("pack"), "newspaper");
    for (const auto* none : {"0", "2", "-1", "x", "99999999999"})
        EXPECT_EQ(auditor_.get(std::string("/api/v1/rules/versions/") + none).status, 404) << none;
}

TEST_F(Settings, WhatWouldBeDueIsWhatTheRealTicketGets)
{
    const auto id = complaint("13800000001");
    const json ask{{"category", "missed_copy"},
                   {"received_at", {"2026-03-02T09:00:00+08:00"}},
                   {"fields", {{"district", "east"}}}};
    const auto foreseen = done(officer_.post("/api/v1/rules/preview", ask));
    EXPECT_TRUE(foreseen.body.at("recount").is_null());
    const auto real = officer_.get("/api/v1/tickets/" + id).body.at("deadlines");
    std::size_t compared = 0;
    for (const auto& each : real)
        for (const auto* kind : {"first_response", "dispatch", "fallback"})
            if (each.at("kind") == kind) {
                EXPECT_EQ(clock_of(foreseen.body, kind).at("due_at"), each.at("due_at")) << kind;
                ++compared;
            }
    EXPECT_EQ(compared, 3u);
    const auto resolve = clock_of(foreseen.body, "resolve");
    EXPECT_EQ(parse_rfc3339(resolve.at("due_at").get<std::string>()), parse_rfc3339("2026-03-02T18:00:00+08:00"));
    EXPECT_FALSE(resolve.at("segments").empty());

    auto changed = ask;
    changed["change"] = accept_within("2h station");
    const auto after = done(officer_.post("/api/v1/rules/preview", changed));
    EXPECT_EQ(parse_rfc3339(clock_of(after.body, "accept").at("due_at").get<std::string>()),
              parse_rfc3339("2026-03-02T11:15:00+08:00"));
    EXPECT_EQ(after.body.at("recount"), json({{"tickets", 1}, {"more", false}}));
    EXPECT_EQ(done(officer_.get("/api/v1/rules")).body.at("version"), 1) << "nothing is written";

    EXPECT_EQ(
        officer_.post("/api/v1/rules/preview", {{"category", "nowhere"}, {"received_at", {"2026-03-02T09:00:00Z"}}})
            .status,
        422);
    for (const auto& wrong :
         {json{{"category", "missed_copy"}}, json{{"category", "missed_copy"}, {"received_at", json::array()}},
          json{{"category", "missed_copy"}, {"received_at", {"soon"}}},
          json{{"category", "missed_copy"},
               {"received_at", json(std::vector<std::string>(21, "2026-03-02T09:00:00Z"))}}})
        EXPECT_EQ(officer_.post("/api/v1/rules/preview", wrong).code(), "invalid-field") << wrong;
}

TEST_F(Settings, AChangedLimitIsANewVersionAndTheSecondOfTwoEditorsIsToldWhoWasFirst)
{
    const auto tried = done(change(
        admin_,
        [] {
            auto body = accept_within("2h station");
            body["dry_run"] = true;
            return body;
        }(),
        1));
    EXPECT_EQ(tried.status, 200);
    EXPECT_EQ(tried.body.at("version"), 1);
    const auto wanted = json::array({{{"part", "category"},
                                      {"code", "missed_copy"},
                                      {"key", "targets.accept"},
                                      {"before", "30m station"},
                                      {"after", "2h station"}}});
    EXPECT_EQ(tried.body.at("changes"), wanted);
    EXPECT_EQ(done(admin_.get("/api/v1/rules")).body.at("version"), 1);

    const auto made = done(change(admin_, accept_within("2h station"), 1));
    EXPECT_EQ(made.status, 201);
    EXPECT_EQ(made.body.at("version"), 2);
    EXPECT_EQ(made.body.at("changes"), wanted);
    const auto rules = done(admin_.get("/api/v1/rules")).body;
    EXPECT_EQ(rules.at("version"), 2);
    EXPECT_EQ(rules.at("applied_by").at("id"), admin_.id());
    EXPECT_FALSE(rules.at("applied_by").at("display_name").is_null());

    const auto late = change(admin_, accept_within("3h station"), 1);
    EXPECT_EQ(late.status, 412);
    EXPECT_EQ(late.code(), "stale-version");
    EXPECT_EQ(late.body.at("version"), "2");
    EXPECT_EQ(late.body.at("changed_by"), admin_.id());
    EXPECT_EQ(admin_.post("/api/v1/rules", accept_within("3h station")).status, 428);

    const auto same = done(change(admin_, accept_within("2h station"), 2));
    EXPECT_EQ(same.status, 200) << "it says the same";
    EXPECT_EQ(same.body.at("version"), 2);
    EXPECT_EQ(change(supervisor_, accept_within("3h station"), 2).status, 404);

    const auto wrong = change(admin_, accept_within("3x station"), 2);
    EXPECT_EQ(wrong.code(), "invalid-field");
    EXPECT_EQ(wrong.body.at("violations").at(0).at("field"), "categories.missed_copy.targets.accept");
    EXPECT_EQ(change(admin_, {{"departments", json::array()}}, 2).code(), "invalid-field");
    EXPECT_EQ(done(admin_.get("/api/v1/rules/versions")).body.at("items").size(), 2u);
}

TEST_F(Settings, ClocksThatRunGoByTheChangedLimitAndTheJournalTellsIt)
{
    const auto id = complaint("13800000001");
    const auto due = [&] {
        for (const auto& each : officer_.get("/api/v1/tickets/" + id).body.at("deadlines"))
            if (each.at("kind") == "dispatch") return each.at("due_at").get<std::string>();
        return std::string();
    };
    EXPECT_EQ(parse_rfc3339(due()), parse_rfc3339("2026-03-02T09:15:00+08:00"));
    const json slower{{"categories", {{{"code", "missed_copy"}, {"targets", {{"dispatch", "2h center"}}}}}}};
    const auto made = done(change(admin_, slower, 1));
    EXPECT_EQ(made.body.at("recount").at("tickets"), 1);
    EXPECT_TRUE(eventually([&] { return parse_rfc3339(due()) == parse_rfc3339("2026-03-02T11:00:00+08:00"); }))
        << due();
    const auto told = done(auditor_.get("/api/v1/audit?kind=ticket.clocks_recounted&subject=" + id)).body.at("items");
    EXPECT_EQ(told.size(), 1u);
}

TEST_F(Settings, ACalendarYearIsLoadedOnceAndOfTwoOnlyTheFirstIsTaken)
{
    const json year{
        {"calendar", "cn"}, {"year", 2027}, {"off", {"01-01/01-03"}}, {"work", {"01-09"}}, {"source", "notice"}};
    const json ask{{"category", "carrier_conduct"}, {"received_at", {"2026-12-31T17:00:00+08:00"}}};
    EXPECT_TRUE(
        clock_of(done(admin_.post("/api/v1/rules/preview", ask)).body, "resolve").at("provisional").get<bool>());
    const auto made = done(change(admin_, {{"calendar_years", {year}}}, 1));
    EXPECT_EQ(made.status, 200);
    EXPECT_EQ(made.body.at("version"), 1) << "the rules say the same";
    EXPECT_THAT(made.body.at("calendar_years"), ElementsAre("cn 2027"));

    auto other = year;
    other["work"] = json::array();
    const auto blind = change(admin_, {{"calendar_years", {other}}}, 1);
    EXPECT_EQ(blind.code(), "stale-version") << "as if none were there";
    EXPECT_EQ(blind.body.at("changed_by"), admin_.id());
    EXPECT_EQ(blind.body.at("event"), "calendar.loaded");
    other["version"] = 1;
    EXPECT_EQ(done(change(admin_, {{"calendar_years", {other}}}, 1)).body.at("calendar_years").size(), 1u);
    EXPECT_EQ(done(change(admin_, {{"calendar_years", {other}}}, 1)).body.at("calendar_years").size(), 0u);
    json read;
    for (const auto& each : done(admin_.get("/api/v1/rules")).body.at("calendar_years"))
        if (each.at("year") == 2027) read = each;
    EXPECT_EQ(read.at("version"), 2);
    EXPECT_EQ(read.at("work"), json::array());
}

TEST_F(Settings, ANewCategoryIsForeseenPublishedAndTaken)
{
    const json added{{"categories",
                      {{{"code", "app_fault"},
                        {"name", {{"zh-CN", "应用故障"}, {"zh-TW", "應用故障"}, {"en", "App fault"}}},
                        {"priority", "P3"},
                        {"type", "complaint"},
                        {"department", "circulation_office"},
                        {"targets", {{"dispatch", "30m center"}, {"resolve", "3wd office"}}}}}}};
    const json ask{{"category", "app_fault"}, {"received_at", {"2026-03-02T09:00:00+08:00"}}};
    EXPECT_EQ(officer_.post("/api/v1/rules/preview", ask).code(), "invalid-field") << "not there yet";
    auto with = ask;
    with["change"] = added;
    const auto foreseen = clock_of(done(officer_.post("/api/v1/rules/preview", with)).body, "dispatch");
    EXPECT_EQ(parse_rfc3339(foreseen.at("due_at").get<std::string>()), parse_rfc3339("2026-03-02T09:30:00+08:00"));
    EXPECT_EQ(done(change(admin_, added, 1)).status, 201);
    // A reactor that has not heard of it yet takes the complaint without a category.
    int attempt = 0;
    EXPECT_TRUE(eventually([&] {
        done(complain(daemon_, {{"contact", {{"phone", fmt::format("138000010{:02}", ++attempt % 100)}}},
                                {"category", "app_fault"},
                                {"problem", "打不开"}}));
        return daemon_.sql("SELECT count(*) FROM ticket WHERE category = 'app_fault'").at(0).at(0) != "0";
    }));
}

TEST_F(Settings, OfTwoWhoPublishAtOnceOneDoesAndTheOtherLeavesNothing)
{
    const auto user = "/api/v1/users/" + supervisor_.id();
    done(admin_.call("PUT", user + "/roles", R"({"roles": ["supervisor", "administrator"]})",
                     {{"If-Match", admin_.get(user).raw.header("etag")}}));
    for (int round = 1; round <= 6; ++round) {
        const auto publish = [&](person& who, int year) {
            auto body = accept_within(fmt::format("{}m station", year - 1900 + round));
            body["calendar_years"] = json::array({json{{"calendar", "cn"},
                                                       {"year", year},
                                                       {"off", {"01-01"}},
                                                       {"work", json::array()},
                                                       {"source", "notice"}}});
            return std::async(std::launch::async, [&who, body, round, this] { return change(who, body, round); });
        };
        auto first = publish(admin_, 2030 + round), second = publish(supervisor_, 2050 + round);
        const auto one = first.get(), other = second.get();
        ASSERT_EQ(std::set({one.status, other.status}), std::set({201, 412})) << one.raw.body << other.raw.body;
        const auto& refused = one.status == 412 ? one : other;
        auto& winner = one.status == 412 ? supervisor_ : admin_;
        EXPECT_EQ(refused.code(), "stale-version");
        EXPECT_EQ(refused.body.at("version"), std::to_string(round + 1));
        EXPECT_EQ(refused.body.at("changed_by"), winner.id());
        EXPECT_EQ(daemon_.sql("SELECT max(version), (SELECT count(*) FROM calendar_year WHERE year > 2029), (SELECT "
                              "count(*) FROM event WHERE kind = 'calendar.loaded' AND (data ->> 'year')::int > 2029) "
                              "FROM pack"),
                  (std::vector<std::vector<std::string>>{
                      {std::to_string(round + 1), std::to_string(round), std::to_string(round)}}));
    }
}

TEST_F(Settings, APacksForecastTellsWhatItWouldChange)
{
    auto document = done(admin_.get("/api/v1/rules/versions/1")).body.at("document");
    EXPECT_TRUE(
        done(admin_.post("/api/v1/packs/diff", {{"document", document}})).body.at("changes_nothing").get<bool>());
    document["categories"][0]["priority"] = "P1";
    const auto told = done(admin_.post("/api/v1/packs/diff", {{"document", document}})).body;
    EXPECT_FALSE(told.at("changes_nothing").get<bool>());
    EXPECT_EQ(told.at("changes").size(), 1u);
    document["categories"][0]["priority"] = "P9";
    const auto wrong = admin_.post("/api/v1/packs/diff", {{"document", document}});
    EXPECT_EQ(wrong.body.at("violations").at(0).at("field"), "document.categories[0].priority");
}

TEST_F(Settings, TheAuditNamesWhoDidWhatAndHoldsNoWords)
{
    const auto id = complaint("13800000001");
    ASSERT_LT(officer_.act(id, "classification", {{"category", "missed_copy"}}).status, 300);
    const auto of_ticket = done(auditor_.get("/api/v1/audit?subject=" + id));
    ASSERT_GE(of_ticket.body.at("items").size(), 2u);
    EXPECT_EQ(of_ticket.raw.body.find("报纸"), std::string::npos);
    EXPECT_EQ(of_ticket.raw.body.find("13800000001"), std::string::npos);
    const auto by_officer = done(auditor_.get("/api/v1/audit?kind=ticket.*&actor=" + officer_.id())).body.at("items");
    ASSERT_EQ(by_officer.size(), 1u);
    EXPECT_EQ(by_officer.at(0).at("subject"), id);
    EXPECT_FALSE(by_officer.at(0).at("actor").at("display_name").is_null());

    std::vector<std::int64_t> seen;
    std::string cursor;
    do {
        const auto page = done(admin_.get("/api/v1/audit?limit=7" + (cursor.empty() ? "" : "&cursor=" + cursor))).body;
        for (const auto& each : page.at("items"))
            seen.push_back(each.at("seq").get<std::int64_t>());
        cursor = page.at("next_cursor").is_null() ? "" : page.at("next_cursor").get<std::string>();
    } while (!cursor.empty());
    EXPECT_TRUE(std::ranges::is_sorted(seen, std::greater()));
    EXPECT_EQ(std::to_string(seen.size()),
              daemon_.sql("SELECT count(*) FROM event WHERE seq <= " + std::to_string(seen.front())).at(0).at(0));

    EXPECT_THAT(done(auditor_.get("/api/v1/audit?to=2020-01-01T00:00:00Z")).body.at("items"), IsEmpty());
    for (const auto* wrong : {"subject=1", "actor=x", "kind=a%25", "from=now", "limit=0"})
        EXPECT_EQ(auditor_.get(std::string("/api/v1/audit?") + wrong).status, 422) << wrong;
    EXPECT_EQ(auditor_.get("/api/v1/audit?cursor=%21").code(), "invalid-cursor");
    EXPECT_EQ(supervisor_.get("/api/v1/audit").status, 404);
}

TEST_F(Settings, OfAConfidentialReportTheAuditTellsOnlyThatSomethingHappened)
{
    const auto id = complaint("13800000002");
    daemon_.sql(
        "ALTER TABLE event DISABLE TRIGGER append_only; UPDATE event SET confidential = true WHERE subject = '" + id +
        "'");
    for (const auto& each : done(admin_.get("/api/v1/audit?subject=" + id)).body.at("items")) {
        EXPECT_TRUE(each.at("withheld").get<bool>());
        EXPECT_TRUE(each.at("data").is_null());
    }
}

TEST_F(Settings, TheJournalIsCheckedInTheBackgroundOneAtATime)
{
    const auto before = done(auditor_.get("/api/v1/journal/verification")).body;
    EXPECT_TRUE(before.at("newest").is_null());
    const auto ended = [&] {
        json now;
        eventually([&] {
            now = done(auditor_.get("/api/v1/journal/verification")).body;
            return now.at("newest").at("state") != "running";
        });
        return now;
    };
    daemon_.catch_up(); // what is not sealed yet is not checked
    const auto begun = auditor_.call("POST", "/api/v1/journal/verification");
    ASSERT_EQ(begun.status, 202) << begun.raw.body;
    EXPECT_EQ(begun.body.at("state"), "running");
    const auto held = ended();
    EXPECT_EQ(held.at("newest").at("state"), "held") << held;
    EXPECT_EQ(held.at("answered").at("id"), begun.body.at("id"));
    EXPECT_GT(held.at("newest").at("result").at("events").get<int>(), 10);
    EXPECT_GT(held.at("head").at("seal").get<int>(), 0);

    daemon_.sql("INSERT INTO journal_check (id, started_at, started_by, beat_at, state) VALUES ('" + officer_.id() +
                "', '2026-03-02T09:00:01+08', '" + officer_.id() + "', '2026-03-02T09:00:00+08', 'running')");
    EXPECT_EQ(auditor_.call("POST", "/api/v1/journal/verification").code(), "wrong-state");
    daemon_.advance(3min);
    EXPECT_EQ(done(auditor_.get("/api/v1/journal/verification")).body.at("newest").at("state"), "failed")
        << "it was cut off";

    daemon_.sql(
        "ALTER TABLE event DISABLE TRIGGER append_only; UPDATE event SET data = '{\"forged\": 1}' WHERE seq = 3");
    ASSERT_EQ(auditor_.call("POST", "/api/v1/journal/verification").status, 202);
    const auto broken = ended();
    EXPECT_EQ(broken.at("newest").at("state"), "broken") << broken;
    EXPECT_GT(broken.at("newest").at("result").at("faults").get<int>(), 0);
    EXPECT_EQ(done(auditor_.get("/api/v1/audit?kind=journal.checked")).body.at("items").size(), 2u);
}

TEST_F(Settings, MembersOfADepartmentAreReplacedByWhoSawThem)
{
    std::string station;
    for (const auto& each : done(admin_.get("/api/v1/departments")).body.at("items"))
        if (each.at("code") == "station_east") station = each.at("id").get<std::string>();
    const auto target = "/api/v1/departments/" + station + "/members";
    const auto before = done(admin_.get(target)).body;
    auto members = json::array();
    for (const auto& each : before.at("items"))
        members.push_back({{"user_id", each.at("user_id")}, {"position", each.at("position")}});
    members.push_back({{"user_id", officer_.id()}, {"position", "handler"}});
    const auto seen = fmt::format("\"{}\"", before.at("version").get<int>());
    const auto put = [&](const json& what, const std::string& version) {
        return admin_.call("PUT", target, json{{"members", what}}.dump(), {{"If-Match", version}});
    };
    const auto after = done(put(members, seen)).body;
    EXPECT_EQ(after.at("items").size(), members.size());
    const auto late = put(members, seen);
    EXPECT_EQ(late.code(), "stale-version");
    EXPECT_EQ(late.body.at("changed_by"), admin_.id());
    EXPECT_EQ(parse_rfc3339(late.body.at("changed_at").get<std::string>()), daemon_.now());
    const auto now = fmt::format("\"{}\"", after.at("version").get<int>());
    for (const auto& wrong : {json(1), json{{{"user_id", "x"}, {"position", "handler"}}},
                              json{{{"user_id", officer_.id()}, {"position", "boss"}}},
                              json{{{"user_id", station}, {"position", "handler"}}}})
        EXPECT_EQ(put(wrong, now).code(), "invalid-field") << wrong;
}

TEST_F(Settings, ANewPasswordIsAnsweredWithTheUsersNewVersion)
{
    const auto target = "/api/v1/users/" + handler_.id();
    const auto before = done(admin_.get(target)).body.at("version").get<int>();
    const auto set = done(admin_.call("PUT", target + "/password", json{{"password", "correct horse battery"}}.dump()));
    EXPECT_GT(set.body.at("version").get<int>(), before);
    EXPECT_EQ(done(admin_.get(target)).body.at("version"), set.body.at("version"));
}

} // namespace
} // namespace huiyin::test
