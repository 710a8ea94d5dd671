// What the service does besides deciding: messages to customers on their way, clocks that later rules bring over.
#include <huiyin/people/configuration_store.hpp>
#include <huiyin/ticket/opening.hpp>
#include <huiyin/ticket/ticket_service.hpp>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <fstream>
#include <pg_fixture.hpp>
#include <sstream>

namespace huiyin::ticket {
namespace {

using nlohmann::json;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;
using namespace std::chrono_literals;

std::string text_of(const std::filesystem::path& file)
{
    std::ifstream in(std::filesystem::path(__FILE__).parent_path() / "../../config" / file);
    std::stringstream text;
    text << in.rdbuf();
    return text.str();
}

domain::actor a_user(domain::role role, std::vector<department_id> departments = {})
{
    domain::actor who;
    who.kind = domain::actor_kind::user;
    who.id = uuid::make();
    who.roles.add(role);
    who.departments = std::move(departments);
    return who;
}

class TicketService : public test::pg_fixture
{
public:
    TicketService() : db_(on(), settings(), metrics), rules_(db_, 0s), tickets_(db_, clock, rules_, metrics)
    {
        apply_pack(json::parse(text_of("packs/newspaper.json")));
        for (const auto& each : rules().rules().departments)
            sql(fmt::format("INSERT INTO department (id, code, name, calendar, active, changed_at) VALUES ('{}', '{}', "
                            "'{{\"en\":\"S\"}}', '{}', true, '2026-01-01')",
                            (each.code == "station_east" ? east_ : department_id::make()).to_string(), each.code,
                            each.calendar));
        sql(fmt::format("INSERT INTO customer (id, kind, name, created_at) VALUES ('{0}', 'person', '王小明', "
                        "'2026-03-01'); INSERT INTO interaction (id, customer_id, channel, account, direction, state, "
                        "opened_at) VALUES ('{1}', '{0}', 'web', 'site', 'in', 'open', '2026-03-01')",
                        customer_.to_string(), interaction_.to_string()));
    }
    ~TicketService() override { run(db_.close()); }

    pg::database_settings settings()
    {
        auto as = app_settings();
        as.connections = 4;
        return as;
    }
    void apply_pack(const json& document)
    {
        const auto done = run(configuration_.append_pack("newspaper", document.dump(), domain::actor::system()));
        ASSERT_TRUE(done) << done.error().detail;
    }
    const configuration& rules()
    {
        known_ = run(rules_.current()).value();
        return *known_;
    }

    task<result<void>> save(commitment what, journal::words problem)
    {
        auto tx = co_await db_.begin();
        if (!tx) co_return fail(tx.error());
        pg::batch writes;
        journal::store(writes, {problem}, customer_);
        commit(writes, {what});
        const auto done = co_await tx->commit(std::move(writes));
        if (!done) co_return fail(done.error());
        co_return result<void>();
    }
    ticket_id registered(std::vector<party> parties = {}, const std::string& category = "missed_copy")
    {
        const journal::words problem{.body = "报纸没有收到"};
        opening what;
        what.number = fmt::format("260302-{:04}", ++numbers_);
        what.customer = customer_;
        what.interaction = interaction_;
        what.channel = "web";
        what.category = category;
        what.problem = domain::text_ref{problem.id, problem.digest()};
        what.parties = std::move(parties);
        what.answers = {{"district", "east"}};
        auto made = open(what, rules(), by_customer_, clock.now());
        EXPECT_TRUE(made) << made.error().detail;
        const auto saved = run(save(std::move(*made), problem));
        EXPECT_TRUE(saved) << saved.error().detail;
        return what.id;
    }
    void does(ticket_id ticket, const domain::actor& who, domain::command what)
    {
        act one;
        one.ticket = ticket;
        one.who = who;
        one.what = std::move(what);
        const auto done = run(tickets_.perform(std::move(one)));
        ASSERT_TRUE(done) << slug(done.error().code) << ": " << done.error().detail;
    }
    ticket_id dispatched(std::vector<party> parties = {})
    {
        const auto id = registered(std::move(parties));
        does(id, officer_, domain::classify{"missed_copy"});
        domain::judge_valid valid;
        valid.order = work_order_id::make();
        does(id, officer_, valid);
        return id;
    }
    domain::deadline clock_of(ticket_id ticket, domain::deadline_kind kind)
    {
        for (const auto& each : run(tickets_.load(ticket, domain::actor::system())).value().deadlines)
            if (each.kind == kind) return each;
        throw std::runtime_error("no such clock");
    }
    /// Until nothing is left to be recounted; the service waits some seconds until others know of a new version.
    void recount()
    {
        const auto end = std::chrono::steady_clock::now() + 25s;
        for (;;) {
            const auto more = run(tickets_.recount_clocks());
            ASSERT_TRUE(more) << more.error().detail;
            if (!*more) return;
            run(pause_for(50ms));
            ASSERT_LT(std::chrono::steady_clock::now(), end);
        }
    }

    std::vector<std::string> column(const std::string& query)
    {
        std::vector<std::string> all;
        for (const auto row : sql(query))
            all.push_back(row.get<std::string>(0));
        return all;
    }
    /// What was queued about the ticket, in order.
    std::vector<std::string> messages(ticket_id ticket)
    {
        return column(fmt::format("SELECT channel || ' ' || state || ' ' || (payload ->> 'template') || ' ' || "
                                  "(payload ->> 'language') FROM outbox_effect WHERE order_key = '{}' ORDER BY seq",
                                  ticket.to_string()));
    }
    std::vector<json> recounts(ticket_id ticket)
    {
        std::vector<json> all;
        for (const auto& each : column(fmt::format("SELECT data::text FROM event WHERE subject = '{}' AND kind = "
                                                   "'ticket.clocks_recounted' ORDER BY seq",
                                                   ticket.to_string())))
            all.push_back(json::parse(each));
        return all;
    }
    void an_account(const std::string& channel)
    {
        sql(fmt::format("INSERT INTO outbox_account (id, channel, name, settings, active, created_at, changed_at) "
                        "VALUES (gen_random_uuid(), '{0}', '{0}', '{{}}', true, '2026-01-01', '2026-01-01')",
                        channel));
    }

    const department_id east_ = department_id::make();
    const customer_id customer_ = customer_id::make();
    const interaction_id interaction_ = interaction_id::make();
    const domain::actor by_customer_{.kind = domain::actor_kind::customer,
                                     .id = customer_.value(),
                                     .roles = {},
                                     .departments = {},
                                     .leads = {},
                                     .scopes = {}};
    const domain::actor officer_ = a_user(domain::role::complaint_officer);
    const domain::actor agent_ = a_user(domain::role::agent);
    const party phone_{"phone", "+8613812345678"}, mail_{"email", "wang@example.org"};
    pg::database db_;
    people::configuration_store configuration_{db_, clock};
    configurations rules_;
    ticket_service tickets_;
    std::shared_ptr<const configuration> known_;
    int numbers_ = 0;
};

TEST_F(TicketService, WhatACustomerIsToldLeavesByTheOutboxInTheSameTransaction)
{
    const auto id = registered({phone_});
    EXPECT_THAT(messages(id), ElementsAre("sms no_channel acknowledgement zh-CN")) << "there is no account yet";
    an_account("sms");
    does(id, by_customer_, domain::urge{});
    EXPECT_THAT(messages(id), ElementsAre("sms no_channel acknowledgement zh-CN", "sms pending urge_noted zh-CN"));
    const auto payload =
        json::parse(column("SELECT payload::text FROM outbox_effect ORDER BY seq DESC LIMIT 1").front());
    EXPECT_EQ(payload.at("ticket"), id.to_string());
    EXPECT_EQ(column("SELECT kind FROM event WHERE id = '" + payload.at("event").get<std::string>() + "'").front(),
              "ticket.urged");
    EXPECT_EQ(payload.dump().find("138"), std::string::npos) << "no addresses: they are looked up when it is sent";
}

TEST_F(TicketService, ACommandThatIsRefusedTellsNobody)
{
    an_account("sms");
    const auto id = registered({phone_});
    does(id, by_customer_, domain::urge{});
    const auto before = messages(id);
    act again;
    again.ticket = id;
    again.who = by_customer_;
    again.what = domain::urge{};
    EXPECT_EQ(run(tickets_.perform(std::move(again))).error().code, errc::urged_recently);
    EXPECT_EQ(messages(id), before);
}

TEST_F(TicketService, WhoGaveANumberAndAnAddressIsToldByTheOneThatHasAnAccount)
{
    an_account("mail");
    EXPECT_THAT(messages(registered({phone_, mail_})), ElementsAre("mail pending acknowledgement zh-CN"));
    EXPECT_THAT(messages(registered({mail_})), ElementsAre("mail pending acknowledgement zh-CN"));
    an_account("sms");
    EXPECT_THAT(messages(registered({phone_, mail_})), ElementsAre("sms pending acknowledgement zh-CN"));
    EXPECT_THAT(messages(registered()), IsEmpty()) << "nobody to tell; the event says so";
}

TEST_F(TicketService, ThePackSaysInWhichLanguage)
{
    auto pack = json::parse(text_of("packs/newspaper.json"));
    pack["language"] = "zh-TW";
    apply_pack(pack);
    const auto id = registered({phone_});
    does(id, by_customer_, domain::urge{});
    EXPECT_THAT(messages(id), ElementsAre("sms no_channel acknowledgement zh-TW", "sms no_channel urge_noted zh-TW"));
}

TEST_F(TicketService, WhatHeDidNotAskForAtNightWaitsForTheMorning)
{
    an_account("sms");
    const auto id = registered({phone_});
    clock.set(parse_rfc3339("2026-03-02T22:00:00+08:00").value());
    does(id, by_customer_, domain::urge{});
    domain::withdraw never_mind;
    never_mind.reason = "solved_itself";
    does(id, agent_, never_mind);
    EXPECT_THAT(column("SELECT (payload ->> 'template') || ' ' || to_char(next_attempt_at AT TIME ZONE "
                       "'Asia/Shanghai', 'DD HH24:MI') FROM outbox_effect WHERE payload ->> 'template' <> "
                       "'acknowledgement' ORDER BY seq"),
                ElementsAre("urge_noted 02 22:00", "withdrawal_noted 03 09:00"));
}

TEST_F(TicketService, ALaterTargetKeepsTheTimeUsedAndRecountsTheRest)
{
    recount();
    const auto id = dispatched();
    const auto before = clock_of(id, domain::deadline_kind::resolve);
    auto pack = json::parse(text_of("packs/newspaper.json"));
    for (auto& each : pack.at("categories"))
        if (each.at("code") == "missed_copy") each["targets"]["resolve"] = "9wd office";
    apply_pack(pack);
    clock.advance(1min);
    recount();
    const auto now = clock_of(id, domain::deadline_kind::resolve);
    EXPECT_EQ(now.policy_version, 2);
    EXPECT_EQ(domain::to_string(now.goal), "9wd");
    EXPECT_EQ(now.due_at, parse_rfc3339("2026-03-13T23:59:59+08:00").value()) << "of 2 March, the ninth working day";
    EXPECT_EQ(now.original_due_at, before.due_at);
    const auto told = recounts(id);
    ASSERT_EQ(told.size(), 1u);
    EXPECT_EQ(told[0].at("policy_version"), 2);
    EXPECT_EQ(told[0].at("resolve"), to_rfc3339(before.due_at)) << "the old value is kept";
    EXPECT_THAT(column("SELECT data ->> 'version' FROM event WHERE kind = 'targets.recounted'"), ElementsAre("2"));

    recount();
    EXPECT_EQ(recounts(id).size(), 1u) << "once";
    const auto later = dispatched();
    EXPECT_EQ(domain::to_string(clock_of(later, domain::deadline_kind::resolve).goal), "9wd");
    EXPECT_THAT(recounts(later), IsEmpty());
}

TEST_F(TicketService, AnotherTargetOfAnotherCategoryTouchesNoTicket)
{
    recount();
    const auto id = dispatched();
    const auto before = run(tickets_.stamp_of(id)).value();
    auto pack = json::parse(text_of("packs/newspaper.json"));
    for (auto& each : pack.at("categories"))
        if (each.at("code") == "carrier_conduct") each["targets"]["resolve"] = "9wd office";
    apply_pack(pack);
    recount();
    EXPECT_EQ(run(tickets_.stamp_of(id)).value().version, before.version);
    EXPECT_THAT(column("SELECT version::text FROM counted_pack WHERE next IS NULL"), ElementsAre("2"));
}

TEST_F(TicketService, ACalendarLoadedLateRecountsOpenTicketsAndJournalsIt)
{
    auto pack = json::parse(text_of("packs/newspaper.json"));
    for (auto& each : pack.at("categories"))
        if (each.at("code") == "missed_copy") each["targets"]["resolve"] = "5wd office";
    apply_pack(pack);
    clock.set(parse_rfc3339("2026-02-12T10:00:00+08:00").value());
    const auto id = dispatched();
    recount();
    const auto guessed = clock_of(id, domain::deadline_kind::resolve);
    EXPECT_EQ(guessed.due_at, parse_rfc3339("2026-02-19T23:59:59+08:00").value()) << "no holidays are known";

    clock.set(parse_rfc3339("2026-02-14T10:00:00+08:00").value());
    ASSERT_TRUE(
        run(configuration_.put_calendar_year("cn", 2026, text_of("calendars/cn-2026.json"), domain::actor::system())));
    recount();
    const auto known = clock_of(id, domain::deadline_kind::resolve);
    EXPECT_EQ(known.due_at, parse_rfc3339("2026-02-26T23:59:59+08:00").value())
        << "Friday is used; Saturday is made up for; then three days after the holidays";
    EXPECT_EQ(known.original_due_at, guessed.due_at);
    const auto told = recounts(id);
    ASSERT_FALSE(told.empty());
    EXPECT_TRUE(std::ranges::any_of(told, [&](const auto& each) {
        return each.at("calendar") == "office" && each.value("resolve", "") == to_rfc3339(guessed.due_at);
    }));
    EXPECT_THAT(column("SELECT data ->> 'calendar' FROM event WHERE kind = 'calendar.recounted'"), Contains("office"));
}

} // namespace
} // namespace huiyin::ticket
