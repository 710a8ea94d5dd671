#include <huiyin/async/task_group.hpp>
#include <huiyin/base/text.hpp>
#include <huiyin/domain/permission.hpp>
#include <huiyin/journal/sequencer.hpp>
#include <huiyin/record/person.hpp>
#include <huiyin/record/search.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gmock/gmock.h>

#include <pg_fixture.hpp>
#include <search_store.hpp>

namespace huiyin::record {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;
using namespace std::chrono_literals;

struct a_ticket
{
    std::string problem = "报纸没有送到";
    std::string name = "张伟";
    std::string phone = "+8613812345678";
    std::string email = {};
    std::vector<department_id> departments = {};
    std::optional<user_id> handler = {};
    bool confidential = false;
    /// Before the clock's time.
    std::chrono::hours age{0};
};

struct made
{
    ticket_id ticket;
    customer_id customer;
    text_id problem;
    std::string number;
};

task<> read_into(pg::duty& duty, std::optional<result<search_lag>>& lag)
{
    lag = co_await read_search_lag(duty);
}

class SearchTest : public test::pg_fixture
{
public:
    SearchTest()
    {
        db_.emplace(on(), app_settings(), metrics);
        begin_to_cut();
    }
    ~SearchTest() override
    {
        run(group_->stop());
        run(db_->close());
    }

    void begin_to_cut()
    {
        group_.emplace(on());
        journal::start_sequencer(*group_, on(), app_settings(), metrics);
        start_search_index(*group_, app_settings(), metrics);
    }
    void stop_cutting() { run(group_->stop()); }
    /// Until all that was committed can be found.
    void settle() { run(until_settled()); }

    made put(const a_ticket& what)
    {
        made out{ticket_id::make(), customer_id::make(), text_id::make(), fmt::format("260302-{:04}", ++tickets_)};
        const auto at = to_rfc3339(clock.now() - what.age);
        sql(fmt::format("INSERT INTO customer (id, kind, name, created_at) VALUES ('{}', 'person', '{}', '{}')",
                        out.customer.to_string(), what.name, at));
        const auto known_as = [&](std::string_view kind, const std::string& value) {
            if (!value.empty())
                sql(fmt::format("INSERT INTO identity (id, customer_id, kind, value, state, created_at) VALUES "
                                "(gen_random_uuid(), '{}', '{}', '{}', 'claimed', '{}') ON CONFLICT DO NOTHING",
                                out.customer.to_string(), kind, value, at));
        };
        known_as("phone", what.phone), known_as("email", what.email);
        put_ticket(out, what, at);
        return out;
    }
    /// One more of somebody known.
    made put_again(const made& before, const a_ticket& what)
    {
        made out{ticket_id::make(), before.customer, text_id::make(), fmt::format("260302-{:04}", ++tickets_)};
        put_ticket(out, what, to_rfc3339(clock.now() - what.age));
        return out;
    }
    /// Words in an entry of the ticket.
    void say(const made& of, const std::string& words, std::optional<customer_id> who = {})
    {
        const auto speaker = who.value_or(of.customer).to_string();
        const auto text = uuid::make().to_string(), interaction = uuid::make().to_string(),
                   entry = uuid::make().to_string();
        const auto at = to_rfc3339(clock.now());
        sql(fmt::format("INSERT INTO text (id, customer_id, salt, body) VALUES ('{}', '{}', '0123456789abcdef', '{}')",
                        text, speaker, words));
        sql(fmt::format(
            "INSERT INTO interaction (id, customer_id, channel, account, direction, state, opened_at, closed_at) "
            "VALUES ('{}', '{}', 'web', 'form', 'in', 'closed', '{}', '{}')",
            interaction, speaker, at, at));
        sql(fmt::format(
            "INSERT INTO entry (id, interaction_id, customer_id, at, kind, direction, author_kind, proof, text_id, "
            "internal, ticket_id) VALUES ('{}', '{}', '{}', '{}', 'message', 'in', 'customer', 'none', '{}', "
            "false, '{}')",
            entry, interaction, speaker, at, text, of.ticket.to_string()));
        tell(entry, "contact.accepted");
    }
    void tell(const std::string& subject, std::string_view kind, std::string_view data = "{}")
    {
        sql(fmt::format("INSERT INTO event (id, at, kind, subject, subject_version, actor_kind, actor, departments, "
                        "confidential, data) VALUES (gen_random_uuid(), '{}', '{}', '{}', 1, 'system', "
                        "'00000000-0000-0000-0000-000000000000', '{{}}', false, '{}')",
                        to_rfc3339(clock.now()), kind, subject, data));
    }
    void change(const made& of, const std::string& set)
    {
        sql(fmt::format("UPDATE ticket SET {} WHERE id = '{}'", set, of.ticket.to_string()));
        tell(of.ticket.to_string(), "ticket.changed");
    }

    static domain::actor user(domain::role role, std::vector<department_id> departments = {},
                              user_id id = user_id::make())
    {
        domain::actor who;
        who.kind = domain::actor_kind::user;
        who.id = id.value();
        who.roles.add(role);
        who.departments = std::move(departments);
        return who;
    }

    std::vector<std::string> find(const std::string& query, const domain::actor& who = officer)
    {
        const auto page = run(search_tickets(*db_, query, {}, 50, who));
        if (!page) throw std::runtime_error(page.error().detail);
        std::vector<std::string> numbers;
        for (const auto& each : page->items)
            numbers.push_back(each.number);
        return numbers;
    }
    bool finds(const std::string& query, const made& what, const domain::actor& who = officer)
    {
        const auto found = find(query, who);
        return std::ranges::find(found, what.number) != found.end();
    }
    std::vector<customer_id> find_people(const std::string& query, const domain::actor& who = officer)
    {
        const auto page = run(search_customers(*db_, query, {}, 50, who));
        if (!page) throw std::runtime_error(page.error().detail);
        std::vector<customer_id> ids;
        for (const auto& each : page->items)
            ids.push_back(each.id);
        return ids;
    }
    std::int64_t count(const std::string& of) { return sql("SELECT count(*) FROM " + of).front().get<std::int64_t>(0); }

    static const domain::actor officer;
    static const domain::actor agent;
    std::optional<pg::database> db_;

    task<> until(std::function<bool()> happened)
    {
        while (!happened())
            co_await pause_for(5ms);
    }

private:
    task<> until_settled()
    {
        for (;;) {
            if (sql("SELECT NOT EXISTS (SELECT FROM search_todo) AND (SELECT pos FROM search_cursor) = (SELECT "
                    "count(*) FROM "
                    "event)")
                    .front()
                    .get<bool>(0))
                co_return;
            co_await pause_for(20ms);
        }
    }

    void put_ticket(const made& out, const a_ticket& what, const std::string& at)
    {
        sql(fmt::format("INSERT INTO text (id, customer_id, salt, body) VALUES ('{}', '{}', '0123456789abcdef', '{}')",
                        out.problem.to_string(), out.customer.to_string(), what.problem));
        for (const auto each : what.departments)
            sql(fmt::format(
                "INSERT INTO department (id, code, name, calendar, active, changed_at) VALUES ('{0}', 'd{1}', "
                "'{{\"en\":\"d\"}}', 'office', true, '{2}') ON CONFLICT DO NOTHING",
                each.to_string(), each.to_string().substr(0, 36), at));
        if (what.handler)
            sql(fmt::format(
                "INSERT INTO user_account (id, login, display_name, active, language, time_zone, created_at, "
                "changed_at) VALUES ('{0}', 'u{1}', 'U', true, 'en', 'UTC', '{2}', '{2}') ON CONFLICT DO NOTHING",
                what.handler->to_string(), what.handler->to_string(), at));
        std::vector<std::string> departments;
        for (const auto each : what.departments)
            departments.push_back("\"" + each.to_string() + "\"");
        sql(fmt::format(
            R"(INSERT INTO ticket SELECT (jsonb_populate_record(NULL::ticket, '{{"version":1,"status":"new","type":"complaint",
"priority":"p3","category":"missed_copy","channel":"web","vip":false,"repeat":false,"customer_waiting":false,"imported":false,
"policy_version":1,"validity":"unjudged","root_cause":"","no_responsible_reason":"none","callback_round":0,"urge_count":0,
"supervised":false,"escalation_level":0,"card":"none","extension_pending":false,"extension_count":0,"return_count":0,
"no_return":false,"ownership_settled":false,"department_changes":0,"reply_reject_count":0,"rework_cycle":0,"reopen_count":0,
"dispute_count":0,"promise_breached":false,"breached":[],"hold_reason":"none","fcr":false,"closure":"none","closure_reason":"",
"satisfaction":"unknown","solved":"unasked","next_callback_channel":"phone","survey_round":0,"has_rows":0,"marks":0,
"id":"{0}","number":"{1}","customer":"{2}","sensitive":"{3}","problem":{{"text":"{4}","sha256":""}},"departments":[{5}],
"handler":{6},"created_at":"{7}","changed_at":"{7}","reported_at":"{7}","next_step_at":"{7}"}}')).*)",
            out.ticket.to_string(), out.number, out.customer.to_string(),
            what.confidential ? "confidential" : "ordinary", out.problem.to_string(), fmt::join(departments, ","),
            what.handler ? "\"" + what.handler->to_string() + "\"" : "null", at));
        tell(out.ticket.to_string(), "ticket.created");
        tell(out.customer.to_string(), "customer.created");
    }

    std::optional<task_group> group_;
    int tickets_ = 0;
};

const domain::actor SearchTest::officer = SearchTest::user(domain::role::complaint_officer);
const domain::actor SearchTest::agent = SearchTest::user(domain::role::agent);

TEST_F(SearchTest, ChineseOfTwoCharactersAndMoreIsFoundAsAnySubstring)
{
    const auto paper = put({.problem = "昨天的报纸没有送到，请补送一份。"});
    const auto money = put({.problem = "要求退款，已付三个月。", .phone = "+8613900000001"});
    settle();
    for (const auto* part : {"昨天", "报纸", "没有", "纸没", "报纸没有送到", "补送一份", "昨天的报纸没有送到", "到"})
        EXPECT_THAT(find(part), ElementsAre(paper.number)) << part;
    EXPECT_THAT(find("退款 三个月"), ElementsAre(money.number));
    EXPECT_THAT(find("月"), ElementsAre(money.number));
    for (const auto* other : {"款退", "报纸送到", "送到请补", "报纸 退款", "投诉"})
        EXPECT_THAT(find(other), IsEmpty()) << other;
}

TEST_F(SearchTest, OtherWordsAreFoundByTheirBeginningWhateverTheirCaseAndWidth)
{
    const auto one = put({.problem = "The carrier promised a Refund for ＢＩＬＬＩＮＧ errors"});
    settle();
    for (const auto* part : {"refund", "REF", "re", "bill", "Billing", "promised carrier", "a"})
        EXPECT_THAT(find(part), ElementsAre(one.number)) << part;
    for (const auto* other : {"fund", "illing", "refunds", "p", "refund cancelled"})
        EXPECT_THAT(find(other), IsEmpty()) << other;
}

TEST_F(SearchTest, NumbersAreFoundByTheirBeginningAndByTheirLastFourDigitsAndMore)
{
    const auto one = put({.problem = "订单 SF-1234567890 和合同 AB7788990011", .phone = "+8613812345678"});
    const auto desk = put({.phone = "+861065552222;ext=801"});
    settle();
    for (const auto* part :
         {"138", "1381", "13812345678", "5678", "345678", "+86 138 1234 5678", "138-1234-5678", "0086 13812345678",
          "１３８１２３４５６７８", "1234567890", "123", "7890", "ab7788990011", "0011"})
        EXPECT_TRUE(finds(part, one)) << part;
    for (const auto* other : {"678", "3812", "13812345679", "4567"})
        EXPECT_FALSE(finds(other, one)) << other;
    for (const auto* part : {"010-65552222", "01065552222", "65552222", "2222", "106555", "801"})
        EXPECT_THAT(find(part), ElementsAre(desk.number)) << part;
    EXPECT_THAT(find(one.number), ElementsAre(one.number));
    EXPECT_THAT(find("0002"), ElementsAre(desk.number));
    EXPECT_THAT(find("260302"), SizeIs(2));
}

TEST_F(SearchTest, ACustomersNameAndAddressFindHimAndHisTickets)
{
    const auto one = put({.name = "欧阳娜娜", .phone = "+8613812345678", .email = "nana.ouyang@example.com"});
    settle();
    for (const auto* part : {"欧阳", "娜娜", "阳娜娜", "nana.ouyang@example.com", "NANA.OUYANG@exam", "nana", "ouyang",
                             "nana.ouyang", "example.com", "5678"})
    {
        EXPECT_THAT(find(part), ElementsAre(one.number)) << part;
        EXPECT_THAT(find_people(part), ElementsAre(one.customer)) << part;
    }
    EXPECT_THAT(find_people("报纸"), IsEmpty()) << "that is what he said, not who he is";
    EXPECT_THAT(find("欧阳 报纸 5678"), ElementsAre(one.number));
    const auto shown = run(search_customers(*db_, "欧阳", {}, 50, officer)).value();
    EXPECT_EQ(shown.items.at(0).name, "欧阳娜娜");
    EXPECT_THAT(shown.items.at(0).contacts, ElementsAre("+86138****5678", "n***@example.com"));
}

TEST_F(SearchTest, WhatIsSaidLaterIsFoundToo)
{
    const auto one = put({});
    settle();
    EXPECT_THAT(find("催促"), IsEmpty());
    say(one, "再次催促");
    settle();
    EXPECT_THAT(find("催促"), ElementsAre(one.number));

    sql("INSERT INTO identity (id, customer_id, kind, value, state, created_at) VALUES (gen_random_uuid(), '" +
        one.customer.to_string() + "', 'email', 'new@example.org', 'verified', '2026-03-02')");
    tell(one.customer.to_string(), "customer.changed");
    settle();
    EXPECT_THAT(find("new@example.org"), ElementsAre(one.number)) << "a new address, with his earlier tickets as well";
}

TEST_F(SearchTest, ResultsComeNewestFirstAndPagesGoThroughAllOfThemOnce)
{
    // Close together, weeks apart, and years ago.
    std::vector<std::string> expected;
    for (const auto days : {0, 0, 0, 1, 6, 8, 9, 30, 35, 40, 60, 140, 150, 151, 400, 401, 2000})
        expected.push_back(put({.problem = "退款 refund",
                                .phone = fmt::format("+86139{:08}", expected.size()),
                                .age = std::chrono::hours(24 * days) + std::chrono::hours(expected.size())})
                               .number);
    put({.problem = "别的", .phone = "+8613700000000"});
    settle();
    for (const auto* query : {"退款", "refu", "退款 refund"}) {
        EXPECT_EQ(find(query), expected) << query;
        for (const std::size_t limit : {1u, 3u, 5u, 17u, 50u}) {
            std::vector<std::string> seen;
            std::optional<search_place> after;
            do {
                const auto page = run(search_tickets(*db_, query, after, limit, officer)).value();
                EXPECT_LE(page.items.size(), limit);
                for (const auto& each : page.items)
                    seen.push_back(each.number);
                after = page.next;
            } while (after);
            EXPECT_EQ(seen, expected) << query << " by " << limit;
        }
    }
}

TEST_F(SearchTest, AMemberOfADepartmentFindsWhatIsOrWasItsOwnOrHisAndNothingElse)
{
    const auto east = department_id::make(), west = department_id::make();
    const auto anna = user_id::make();
    const auto in_east = put({.departments = {east}, .age = 1h});
    const auto in_both = put({.phone = "+8613900000001", .departments = {west, east}, .age = 2h});
    const auto in_west = put({.phone = "+8613900000002", .departments = {west}, .age = 3h});
    const auto annas = put({.phone = "+8613900000003", .departments = {west}, .handler = anna, .age = 4h});
    settle();
    const auto of_east = user(domain::role::department_handler, {east}, anna);
    EXPECT_THAT(find("报纸", of_east), ElementsAre(in_east.number, in_both.number, annas.number));
    EXPECT_THAT(find("报纸"), SizeIs(4));
    EXPECT_THAT(find("13900000002", of_east), IsEmpty());
    EXPECT_THAT(find_people("张伟", of_east), ElementsAre(in_east.customer, in_both.customer, annas.customer));
    EXPECT_THAT(find_people("3900000002", of_east), IsEmpty());
    EXPECT_THAT(find("报纸", user(domain::role::department_handler)), IsEmpty()) << "of no department";

    // Each customer once, however many of his tickets are there.
    put_again(in_east, {.departments = {east}});
    put_again(in_east, {.departments = {west}});
    settle();
    EXPECT_THAT(find_people("张伟", of_east), UnorderedElementsAre(in_east.customer, in_both.customer, annas.customer));

    // The words are cut later; who may read is asked now.
    stop_cutting();
    change(in_both, "departments = '{" + west.to_string() + "}'");
    change(annas, "handler = NULL");
    EXPECT_THAT(find("报纸", of_east), SizeIs(2));
    EXPECT_FALSE(finds("报纸", in_both, of_east));
    EXPECT_FALSE(finds("报纸", annas, of_east));
}

TEST_F(SearchTest, WhoMayNotReadTicketsOrCustomersFindsNothing)
{
    put({});
    settle();
    for (const auto& who : {user(domain::role::administrator), domain::actor::anonymous()}) {
        EXPECT_EQ(run(search_tickets(*db_, "报纸", {}, 50, who)).error().code, errc::not_found);
        EXPECT_EQ(run(search_customers(*db_, "张伟", {}, 50, who)).error().code, errc::not_found);
    }
    domain::actor machine;
    machine.kind = domain::actor_kind::token;
    machine.scopes = {static_cast<int>(domain::permission::ticket_read)};
    EXPECT_THAT(find("报纸", machine), SizeIs(1));
    EXPECT_EQ(run(search_customers(*db_, "张伟", {}, 50, machine)).error().code, errc::not_found);
}

TEST_F(SearchTest, WhoReportedSomethingConfidentialIsFoundOnlyByWhoMayKnow)
{
    const auto east = department_id::make();
    const auto handler = user(domain::role::department_handler, {east});
    const auto report = put({.problem = "举报站长", .name = "李四", .departments = {east}, .confidential = true});
    settle();
    for (const auto& who : {agent, handler}) {
        EXPECT_THAT(find("举报站长", who), SizeIs(1)) << "what was reported may be read";
        for (const auto* name : {"李四", "5678", "138", "举报 李四"})
            EXPECT_THAT(find(name, who), IsEmpty()) << name;
        for (const auto* name : {"李四", "5678", "13812345678"})
            EXPECT_THAT(find_people(name, who), IsEmpty()) << name;
    }
    EXPECT_THAT(find("李四"), ElementsAre(report.number));
    EXPECT_THAT(find_people("5678"), ElementsAre(report.customer));

    // A customer for another matter as well: known for that one only.
    const auto other = put_again(report, {.problem = "报纸", .departments = {east}});
    settle();
    for (const auto& who : {agent, handler}) {
        EXPECT_THAT(find("李四", who), ElementsAre(other.number));
        EXPECT_THAT(find_people("李四", who), ElementsAre(report.customer));
    }
    EXPECT_THAT(find("李四"), UnorderedElementsAre(report.number, other.number));
}

TEST_F(SearchTest, ATicketThatBecomesConfidentialHidesItsReporterAtOnce)
{
    const auto one = put({.name = "李四"});
    settle();
    EXPECT_THAT(find("李四", agent), SizeIs(1));
    stop_cutting();
    change(one, "sensitive = 'confidential'");
    EXPECT_THAT(find("李四", agent), IsEmpty());
    EXPECT_THAT(find_people("李四", agent), IsEmpty());
    EXPECT_THAT(find("李四"), ElementsAre(one.number));
    begin_to_cut();
    settle();
    EXPECT_THAT(find("李四", agent), IsEmpty());
    EXPECT_THAT(find("报纸", agent), ElementsAre(one.number));
    EXPECT_THAT(find("李四"), ElementsAre(one.number));
}

TEST_F(SearchTest, NothingInAQueryIsAnOperator)
{
    const auto one = put({.problem = "it''s 100% \\ done & dusted | (or) !not <-> a:* 报纸"});
    settle();
    std::string long_one, many;
    for (int i = 0; i < 10'000; ++i)
        long_one += "报";
    for (int i = 0; i < 2000; ++i)
        many += fmt::format("w{} ", i);
    for (const auto& hostile : std::vector<std::string>{"'",
                                                        "''",
                                                        "\\",
                                                        "%",
                                                        "_",
                                                        "&",
                                                        "|",
                                                        "!",
                                                        "<->",
                                                        ":*",
                                                        "' | 'a",
                                                        "a':*",
                                                        "((((",
                                                        "\"",
                                                        "--",
                                                        "';",
                                                        "'; DROP TABLE ticket; --",
                                                        "$1",
                                                        "%%%%",
                                                        "*",
                                                        "a & !b",
                                                        long_one,
                                                        many,
                                                        std::string(10'000, '\''),
                                                        std::string(10'000, '%'),
                                                        std::string(10'000, '1'),
                                                        std::string(10'000, 'a'),
                                                        "\u200b",
                                                        "\ufeff",
                                                        "😀",
                                                        "^t2912",
                                                        "@张伟",
                                                        "#",
                                                        "&",
                                                        "% x"})
    {
        auto found = run(search_tickets(*db_, hostile, {}, 50, officer));
        for (int busy = 0; busy < 5 && !found && found.error().code == errc::timeout; ++busy)
            found = run(search_tickets(*db_, hostile, {}, 50, officer));
        EXPECT_TRUE(found) << hostile.substr(0, 42) << ": " << (found ? "" : found.error().detail);
    }
    for (const auto* nothing : {"'", "%", "& | !", "", " ", "。"})
        EXPECT_THAT(find(nothing), IsEmpty()) << nothing;
    for (const auto* plain : {"it's", "100%", "done & dusted", "(or) !not", "dust | done", "!done"})
        EXPECT_THAT(find(plain), ElementsAre(one.number)) << plain;
    EXPECT_THAT(find("done & !dusted & missing"), IsEmpty());
    EXPECT_EQ(run(search_tickets(*db_, "报纸", {}, 100'000, officer))->items.size(), 1u);
}

TEST_F(SearchTest, ErasingAPersonTakesHisWordsOutOfTheSearchInTheSameTransaction)
{
    const auto one = put({.problem = "金丝雀 canarybird", .name = "金丝雀", .email = "canary@example.org"});
    const auto kept = put({.problem = "留下", .name = "王五", .phone = "+8613900000001"});
    say(kept, "金丝雀来过 canarybird", one.customer);
    settle();
    EXPECT_THAT(find("金丝雀"), SizeIs(2));
    stop_cutting();

    ASSERT_TRUE(run(erase_person(*db_, one.customer, officer, clock.now())));
    for (const auto* trace : {"金丝雀", "canarybird", "canary@example.org", "5678"}) {
        EXPECT_THAT(find(trace), IsEmpty()) << trace;
        EXPECT_THAT(find_people(trace), IsEmpty()) << trace;
    }
    EXPECT_EQ(count("search_document WHERE tokens::text LIKE '%金丝%' OR tokens::text LIKE '%canary%'"), 0);
    superuser_sql("ANALYZE huiyin.search_document");
    EXPECT_EQ(superuser_sql("SELECT count(*) FROM pg_stats WHERE tablename = 'search_document' AND attname = 'tokens'")
                  .front()
                  .get<int>(0),
              0)
        << "the planner keeps nothing of it";

    begin_to_cut();
    settle();
    EXPECT_THAT(find(one.number), ElementsAre(one.number)) << "the case stays";
    EXPECT_THAT(find("留下"), ElementsAre(kept.number)) << "so does what others said";
    EXPECT_THAT(find("王五"), ElementsAre(kept.number));
    for (const auto* trace : {"金丝雀", "canarybird", "canary@example.org", "5678"})
        EXPECT_THAT(find(trace), IsEmpty()) << trace;
}

TEST_F(SearchTest, ErasingBesideTheCuttingLeavesNoWordBehind)
{
    for (int round = 0; round < 6; ++round) {
        const auto one =
            put({.problem = fmt::format("金丝雀 bird{}x", round), .phone = fmt::format("+86139{:08}", round)});
        // The duty is at work on it, somewhere between reading and writing.
        run(pause_for(std::chrono::milliseconds(round * 15)));
        ASSERT_TRUE(run(erase_person(*db_, one.customer, officer, clock.now())));
        EXPECT_EQ(count(fmt::format("search_document WHERE tokens::text LIKE '%bird{}x%'", round)), 0);
        settle();
        EXPECT_EQ(count(fmt::format("search_document WHERE tokens::text LIKE '%bird{}x%'", round)), 0);
    }
}

TEST_F(SearchTest, WhatWasThereBeforeIsFoundAndACrashLosesNothing)
{
    stop_cutting();
    std::vector<std::string> numbers;
    for (int i = 0; i < 70; ++i)
        numbers.push_back(put({.phone = fmt::format("+86139{:08}", i)}).number);
    // As the migration leaves it: nothing cut, all of it noted.
    sql("INSERT INTO search_todo (id, kind) SELECT id, 'ticket' FROM ticket UNION ALL SELECT id, 'customer' FROM "
        "customer");
    begin_to_cut();
    run(pause_for(300ms));
    stop_cutting();
    begin_to_cut();
    settle();
    EXPECT_EQ(count("search_document WHERE kind = 'ticket' AND tokens <> ''"), 70);
    EXPECT_EQ(count("search_document WHERE kind = 'customer'"), 70);
    EXPECT_EQ(run(search_tickets(*db_, "报纸", {}, 200, officer))->items.size(), 70u);
}

TEST_F(SearchTest, ItIsKnownHowFarTheIndexIsBehind)
{
    settle();
    stop_cutting();
    for (int i = 0; i < 3; ++i)
        put({});
    sql("INSERT INTO search_todo (id, kind) SELECT id, 'ticket' FROM ticket");
    std::optional<result<search_lag>> lag;
    task_group measuring(on());
    measuring.spawn("measure",
                    pg::hold_duty(
                        app_settings(), "measure",
                        [&lag](pg::duty& duty) -> task<> { return lag ? pause_for(1h) : read_into(duty, lag); },
                        [](bool) {}));
    run(until([&lag] { return lag.has_value(); }));
    run(measuring.stop());
    ASSERT_TRUE(*lag) << (*lag).error().detail;
    EXPECT_EQ((*lag)->documents, 3);
    EXPECT_GE((*lag)->events, 0);
}

TEST_F(SearchTest, AStepOfAClockCutsWordsAnewOnlyIfItMovedTheTicket)
{
    const auto east = department_id::make();
    const auto late = put({});
    settle();
    const auto cut = [&] {
        return sql("SELECT xmin::text FROM search_document WHERE id = '" + late.ticket.to_string() + "'")
            .front()
            .get<std::string>(0);
    };
    const auto before = cut();
    tell(late.ticket.to_string(), "deadline.breached", R"({"rows":{"ticket":[{"card":"red","version":2}]}})");
    tell(late.ticket.to_string(), "deadline.still_overdue");
    settle();
    EXPECT_EQ(cut(), before);

    sql("UPDATE ticket SET departments = '{" + east.to_string() + "}' WHERE id = '" + late.ticket.to_string() + "'");
    tell(late.ticket.to_string(), "deadline.window_over",
         R"({"rows":{"ticket":[{"departments":[")" + east.to_string() + R"("],"version":3}]}})");
    settle();
    EXPECT_NE(cut(), before);
    EXPECT_TRUE(finds("报纸", late, user(domain::role::department_handler, {east})));
}

TEST_F(SearchTest, AVeryLongTextIsCutWithinBounds)
{
    std::string text;
    std::u32string characters;
    for (char32_t c = 0x4e00; characters.size() < 10'000; ++c)
        characters += c;
    text = to_utf8(characters);
    const auto one = put({.problem = text});
    for (int i = 0; i < 4; ++i)
        say(one, text + fmt::format(" tail{}word", i));
    settle();
    EXPECT_THAT(find(to_utf8(std::u32string_view(characters).substr(0, 2))), SizeIs(1));
    EXPECT_THAT(find(to_utf8(std::u32string_view(characters).substr(9990, 8))), SizeIs(1));
    EXPECT_THAT(find("tail"), SizeIs(0)) << "beyond ten thousand characters of a text nothing is read";
}

} // namespace
} // namespace huiyin::record
