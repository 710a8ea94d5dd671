// What solved cases leave to the house: archive copies, the case library, problem records.
#include <huiyin/ticket/case_library.hpp>
#include <huiyin/ticket/commit.hpp>
#include <huiyin/ticket/problem.hpp>

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
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using namespace std::chrono_literals;

domain::actor a_user(domain::role role, std::vector<department_id> departments = {})
{
    domain::actor who;
    who.kind = domain::actor_kind::user;
    who.id = uuid::make();
    who.roles.add(role);
    who.departments = std::move(departments);
    return who;
}

class CaseTest : public test::pg_fixture
{
public:
    CaseTest()
        : db_(on(), settings(), metrics), rules_(db_), tickets_(db_, clock, rules_, metrics), cases_(db_, clock),
          problems_(db_, clock, rules_)
    {
        std::ifstream in(std::filesystem::path(__FILE__).parent_path() / "../../config/packs/newspaper.json");
        std::stringstream text;
        text << in.rdbuf();
        sql("INSERT INTO pack (version, applied_at, name, digest, document) VALUES (1, '2026-01-01Z', 'newspaper', "
            "sha256('x'), $pack$" +
            text.str() + "$pack$)");
        for (const auto& [id, code] : {std::pair(east_, "station_east"), std::pair(west_, "station_west")})
            sql(fmt::format("INSERT INTO department (id, code, name, calendar, active, changed_at) VALUES ('{}', '{}', "
                            "'{{\"en\":\"S\"}}', 'office', true, '2026-01-01')",
                            id.to_string(), code));
        sql(fmt::format("INSERT INTO customer (id, kind, name, created_at) VALUES ('{}', 'person', '王小明', "
                        "'2026-03-01'); INSERT INTO identity (id, customer_id, kind, value, state, created_at) VALUES "
                        "('{}', '{}', 'phone', '+8613812345678', 'claimed', '2026-03-01')",
                        customer_.to_string(), uuid::make().to_string(), customer_.to_string()));
    }
    ~CaseTest() override { run(db_.close()); }

    pg::database_settings settings()
    {
        auto as = app_settings();
        as.connections = 4;
        return as;
    }

    domain::text_ref words(const std::string& body)
    {
        const journal::words made{.body = body};
        run(store(made));
        return {made.id, made.digest()};
    }
    task<> store(journal::words what)
    {
        auto tx = co_await db_.begin();
        pg::batch writes;
        journal::store(writes, {what}, customer_);
        const auto done = co_await tx->commit(std::move(writes));
        EXPECT_TRUE(done);
    }
    task<> save(commitment what)
    {
        auto tx = co_await db_.begin();
        pg::batch writes;
        commit(writes, {what});
        const auto done = co_await tx->commit(std::move(writes));
        EXPECT_TRUE(done) << done.error().detail;
    }

    /// Led by the eastern station, solved in two hours, satisfied.
    domain::ticket a_closed_ticket(const std::string& number = "260302-0001")
    {
        domain::ticket t;
        t.id = ticket_id::make();
        t.number = number;
        t.version = 1;
        t.category = "missed_copy";
        t.channel = "web";
        t.customer = customer_;
        t.status = domain::ticket_status::closed;
        t.closure = domain::ticket_closure::confirmed;
        t.satisfaction = domain::satisfaction_level::satisfied;
        t.said = {domain::solved_answer::yes, 5, 4, 5};
        t.validity = domain::ticket_validity::valid;
        t.root_cause = "carrier_missed";
        t.no_responsible_reason = "no_person";
        t.problem = words("我是王小明,报纸没有收到");
        t.reported_at = t.created_at = clock.now();
        t.closed_at = t.changed_at = clock.now() + 2h;
        t.lead_department = east_;
        domain::work_order order;
        order.id = work_order_id::make();
        order.department = east_;
        order.state = domain::work_order_state::done;
        order.opened_at = clock.now();
        order.ended_at = clock.now() + 2h;
        t.orders.push_back(order);
        domain::solution solution;
        solution.id = solution_id::make();
        solution.state = domain::solution_state::approved;
        solution.words = words("补送并道歉");
        solution.proposed_by = user_id::make();
        solution.proposed_at = clock.now();
        t.solutions.push_back(solution);
        t.spells = {{domain::holder::department, east_, clock.now() + 30min},
                    {domain::holder::rest, std::nullopt, clock.now() + 2h}};
        return t;
    }
    ticket_id given(const domain::ticket& t)
    {
        commitment made;
        made.decided.next = t;
        domain::event created;
        created.kind = "ticket.created";
        created.at = t.changed_at;
        created.to = t.status;
        made.decided.events.push_back(created);
        run(save(std::move(made)));
        return t.id;
    }
    void archives(ticket_id ticket)
    {
        act what;
        what.ticket = ticket;
        what.who = officer_;
        what.what = domain::archive{};
        const auto done = run(tickets_.perform(std::move(what)));
        ASSERT_TRUE(done) << done.error().detail;
    }

    std::int64_t count(const std::string& of) { return sql("SELECT count(*) FROM " + of).front().get<std::int64_t>(0); }
    std::vector<std::string> titles(const case_query& query)
    {
        std::vector<std::string> found;
        for (const auto& each : run(cases_.search(query, std::nullopt, 200)).value().items)
            found.push_back(each.title);
        return found;
    }
    problem opened(std::vector<ticket_id> tickets = {})
    {
        problem_draft what;
        what.title = "替班投递员漏投";
        what.root_cause = "carrier_missed";
        what.category = "missed_copy";
        what.tickets = std::move(tickets);
        return run(problems_.create(std::move(what), officer_)).value();
    }

    const department_id east_ = department_id::make(), west_ = department_id::make();
    const customer_id customer_ = customer_id::make();
    const domain::actor officer_ = a_user(domain::role::complaint_officer);
    const domain::actor handler_ = a_user(domain::role::department_handler, {east_});
    const domain::actor stranger_ = a_user(domain::role::department_handler, {west_});
    const domain::actor agent_ = a_user(domain::role::agent);
    pg::database db_;
    configurations rules_;
    ticket_service tickets_;
    case_library cases_;
    problem_book problems_;
};

TEST_F(CaseTest, ArchivingKeepsTwoCopiesInTheSameTransaction)
{
    const auto id = given(a_closed_ticket());
    EXPECT_EQ(count("archive_copy"), 0);
    clock.advance(31 * 24h);
    archives(id);
    const auto all = run(cases_.load_archive(id, officer_)).value();
    ASSERT_THAT(all.copies, SizeIs(2));
    EXPECT_EQ(all.copies[0].holder, "desk");
    const auto desk = json::parse(all.copies[0].content), department = json::parse(all.copies[1].content);
    EXPECT_EQ(desk.at("ticket").at("satisfaction"), "satisfied");
    EXPECT_TRUE(desk.contains("ticket_solution"));
    EXPECT_FALSE(desk.at("ticket").contains("root_cause")) << "the analysis is the department's";
    EXPECT_EQ(all.copies[1].department, east_);
    EXPECT_EQ(department.at("ticket").at("root_cause"), "carrier_missed");
    EXPECT_TRUE(department.contains("ticket_work_order"));
    for (const auto& copy : {desk, department})
        EXPECT_FALSE(copy.at("ticket").contains("customer"));
    EXPECT_THAT(all.words, SizeIs(2));

    EXPECT_THAT(run(cases_.load_archive(id, handler_)).value().copies, SizeIs(1));
    EXPECT_EQ(run(cases_.load_archive(id, handler_)).value().copies[0].holder, "department");
    EXPECT_THAT(run(cases_.load_archive(id, stranger_)).value().copies, IsEmpty());
}

TEST_F(CaseTest, ACopyIsNeverChangedAndHoldsNoWordItself)
{
    const auto id = given(a_closed_ticket());
    clock.advance(31 * 24h);
    archives(id);
    EXPECT_THROW(sql("UPDATE archive_copy SET at = at"), std::runtime_error);
    EXPECT_THROW(sql("DELETE FROM archive_copy"), std::runtime_error);
    EXPECT_THROW(sql("TRUNCATE archive_copy"), std::runtime_error);
    EXPECT_EQ(count("archive_copy WHERE content::text LIKE '%王小明%' OR content::text LIKE '%补送%'"), 0);
    ASSERT_TRUE(run(record::erase_person(db_, customer_, officer_, clock.now(), {erase_parties()})));
    for (const auto& [text, said] : run(cases_.load_archive(id, officer_)).value().words)
        EXPECT_EQ(said, "");
}

TEST_F(CaseTest, ACaseInTheLibraryHasFiguresAndTheWordsOfWhoPublishedIt)
{
    const auto id = given(a_closed_ticket());
    const auto made = run(cases_.publish(id, {" 替班漏投 ", "替班前先核对投递清单。"}, officer_)).value();
    EXPECT_EQ(made.category, "missed_copy");
    EXPECT_EQ(made.root_cause, "carrier_missed");
    EXPECT_EQ(made.solution_kind, "fix");
    EXPECT_EQ(made.satisfaction, "satisfied");
    EXPECT_EQ(made.total, 2h);
    EXPECT_EQ(made.desk, 30min);
    EXPECT_EQ(made.department, 90min);
    const auto read = run(cases_.load(made.id)).value();
    EXPECT_EQ(read.title, "替班漏投");
    EXPECT_EQ(read.published_by, user_id(officer_.id));
    EXPECT_EQ(read.total, 2h);
    EXPECT_EQ(count("event WHERE data::text LIKE '%核对%'"), 0);
    EXPECT_EQ(count("event WHERE kind = 'case.published' AND subject = '" + made.id.to_string() + "'"), 1);

    ASSERT_TRUE(run(record::erase_person(db_, customer_, officer_, clock.now(), {erase_parties()})));
    EXPECT_EQ(run(cases_.load(made.id)).value().text, "替班前先核对投递清单。") << "it was never the customer's";
}

TEST_F(CaseTest, OnlyAFinishedOrdinaryCaseIsPublishedAndByWhoMay)
{
    auto open = a_closed_ticket("260302-0002");
    open.status = domain::ticket_status::callback_pending;
    open.closure = domain::ticket_closure::none;
    open.closed_at.reset();
    open.next_callback_at = clock.now() + 24h;
    open.spells.clear();
    domain::deadline callback;
    callback.kind = domain::deadline_kind::callback;
    callback.goal = {domain::target_unit::hours, 24, {}};
    callback.started_at = callback.counted_to = clock.now();
    callback.due_at = callback.original_due_at = clock.now() + 24h;
    callback.next_step_at = callback.due_at;
    open.deadlines.push_back(callback);
    auto report = a_closed_ticket("260302-0003");
    report.sensitive = domain::sensitivity::confidential;
    const auto closed = given(a_closed_ticket());
    const new_case what{"题", "文"};
    EXPECT_EQ(run(cases_.publish(given(open), what, officer_)).error().code, errc::wrong_state);
    EXPECT_EQ(run(cases_.publish(given(report), what, officer_)).error().code, errc::wrong_state);
    EXPECT_EQ(run(cases_.publish(closed, what, agent_)).error().code, errc::not_found);
    EXPECT_EQ(run(cases_.publish(closed, what, handler_)).error().code, errc::not_found);
    EXPECT_EQ(run(cases_.publish(ticket_id::make(), what, officer_)).error().code, errc::not_found);
    EXPECT_EQ(run(cases_.publish(closed, {" ", "文"}, officer_)).error().code, errc::invalid_field);
    EXPECT_EQ(count("case_record"), 0);
}

TEST_F(CaseTest, ATextThatTellsWhoComplainedIsRefused)
{
    const auto id = given(a_closed_ticket());
    for (const auto* text : {"王小明的报纸", "电话 138 1234 5678 已回访", "１３８-１２３４-５６７８"}) {
        const auto refused = run(cases_.publish(id, {"题", text}, officer_));
        ASSERT_FALSE(refused) << text;
        EXPECT_EQ(refused.error().code, errc::invalid_field) << text;
    }
    EXPECT_TRUE(run(cases_.publish(id, {"题", "订户的报纸,工单 260302-0001"}, officer_)));
}

TEST_F(CaseTest, RevisingOrWithdrawingErasesTheWordsThatWere)
{
    const auto id = given(a_closed_ticket());
    const auto first = run(cases_.publish(id, {"第一版", "旧文字"}, officer_)).value();
    const auto second = run(cases_.publish(id, {"第二版", "新文字"}, a_user(domain::role::quality))).value();
    EXPECT_EQ(second.id, first.id);
    EXPECT_EQ(second.version, 2);
    EXPECT_EQ(count("text WHERE body LIKE '%旧文字%'"), 0);
    EXPECT_THAT(titles({}), ElementsAre("第二版"));

    EXPECT_EQ(run(cases_.withdraw(first.id, 1, officer_)).error().code, errc::stale_version);
    EXPECT_EQ(run(cases_.withdraw(first.id, 2, agent_)).error().code, errc::not_found);
    ASSERT_TRUE(run(cases_.withdraw(first.id, 2, officer_)));
    EXPECT_EQ(count("text WHERE body LIKE '%新文字%'"), 0);
    EXPECT_EQ(count("text WHERE body = '补送并道歉'"), 1) << "the ticket keeps its words";
    EXPECT_THAT(titles({}), IsEmpty());
    EXPECT_EQ(run(cases_.load(first.id)).error().code, errc::not_found);
    EXPECT_EQ(run(cases_.withdraw(first.id, 3, officer_)).error().code, errc::not_found);
    EXPECT_EQ(run(cases_.publish(id, {"第三版", "再来"}, officer_)).value().version, 4);
    EXPECT_THAT(titles({}), ElementsAre("第三版"));
}

TEST_F(CaseTest, TheLibraryIsSearchedByWordsCategoryAndCauseAndPaged)
{
    const std::vector<new_case> all{
        {"替班漏投", "替班前核对 route list"}, {"下雨天湿报", "用 100% 防水袋"}, {"拒收", "道歉"}};
    for (std::size_t i = 0; i < all.size(); ++i) {
        clock.advance(1h);
        auto t = a_closed_ticket(fmt::format("260302-100{}", i));
        if (i == 2) t.category = "late", t.root_cause = "carrier_late";
        ASSERT_TRUE(run(cases_.publish(given(t), all[i], officer_)));
    }
    EXPECT_THAT(titles({}), ElementsAre("拒收", "下雨天湿报", "替班漏投"));
    EXPECT_THAT(titles({.words = "核对"}), ElementsAre("替班漏投"));
    EXPECT_THAT(titles({.words = "ROUTE 替班"}), ElementsAre("替班漏投"));
    EXPECT_THAT(titles({.words = "100%"}), ElementsAre("下雨天湿报"));
    EXPECT_THAT(titles({.words = "%"}), ElementsAre("下雨天湿报")) << "no pattern";
    EXPECT_THAT(titles({.words = "_"}), IsEmpty());
    EXPECT_THAT(titles({.words = "\\"}), IsEmpty());
    EXPECT_THAT(titles({.words = "' OR 1=1 --"}), IsEmpty());
    EXPECT_THAT(titles({.category = "late"}), ElementsAre("拒收"));
    EXPECT_THAT(titles({.category = "missed_copy", .root_cause = "carrier_missed"}), SizeIs(2));

    std::vector<std::string> paged;
    std::optional<std::pair<instant, case_id>> next;
    do {
        const auto page = run(cases_.search({}, next, 1)).value();
        ASSERT_THAT(page.items, SizeIs(1));
        paged.push_back(page.items[0].title);
        next = page.next;
    } while (next);
    EXPECT_THAT(paged, ElementsAre("拒收", "下雨天湿报", "替班漏投"));
}

TEST_F(CaseTest, AProblemGoesFromItsTicketsOverAnActionToItsEnd)
{
    const auto first = given(a_closed_ticket("260302-0001")), second = given(a_closed_ticket("260302-0002"));
    auto p = opened({first, first});
    EXPECT_EQ(p.tickets, 1u);
    EXPECT_EQ(p.state, problem_state::open);
    p = run(problems_.link(p.id, {first, second}, officer_)).value();
    EXPECT_EQ(p.tickets, 2u);
    EXPECT_EQ(p.version, 2);
    EXPECT_EQ(run(problems_.link(p.id, {first}, officer_)).value().version, 2) << "nothing new, nothing changed";
    EXPECT_THAT(run(problems_.tickets_of(p.id, officer_)).value(), SizeIs(2));
    EXPECT_THAT(run(problems_.tickets_of(p.id, handler_)).value(), SizeIs(2));
    EXPECT_THAT(run(problems_.tickets_of(p.id, stranger_)).value(), IsEmpty());

    const auto change = [&](problem_changes what) {
        return run(problems_.change(p.id, std::move(what), p.version, officer_));
    };
    EXPECT_EQ(change({.state = problem_state::closed}).error().code, errc::wrong_state);
    EXPECT_EQ(change({.state = problem_state::corrective_action}).error().code, errc::invalid_field);
    EXPECT_EQ(change({.action_done = true}).error().code, errc::wrong_state);
    p = change({.department = east_,
                .action = "替班前核对清单",
                .due_at = clock.now() + 24h,
                .state = problem_state::corrective_action})
            .value();
    EXPECT_EQ(change({.state = problem_state::closed}).error().code, errc::action_not_done);
    EXPECT_EQ(change({.action = ""}).error().code, errc::invalid_field);
    p = change({.action_done = true}).value();
    p = change({.state = problem_state::closed}).value();
    EXPECT_TRUE(p.closed_at);
    EXPECT_EQ(change({.title = "改"}).error().code, errc::wrong_state);
    EXPECT_EQ(run(problems_.link(p.id, {first}, officer_)).error().code, errc::wrong_state);
    p = change({.state = problem_state::open}).value();
    EXPECT_FALSE(p.action_done);
    EXPECT_FALSE(p.closed_at);
    const auto read = run(problems_.load(p.id)).value();
    EXPECT_EQ(read.action, "替班前核对清单");
    EXPECT_EQ(read.version, p.version);
    EXPECT_EQ(sql("SELECT string_agg(kind, ' ' ORDER BY seq) FROM event WHERE subject = '" + p.id.to_string() + "'")
                  .front()
                  .get<std::string>(0),
              "problem.opened problem.tickets_linked problem.action_begun problem.action_done problem.closed "
              "problem.reopened");
    EXPECT_EQ(count("event WHERE data::text LIKE '%核对%' OR data::text LIKE '%漏投%'"), 0);
}

TEST_F(CaseTest, AProblemIsMadeOfAGroup)
{
    const auto root = given(a_closed_ticket("260302-0001"));
    auto member = a_closed_ticket("260302-0002");
    member.group_root = root;
    const auto other = given(member);
    given(a_closed_ticket("260302-0003"));
    problem_draft what;
    what.title = "印刷延误";
    what.root_cause = "print_late";
    what.group_of = other;
    const auto made = run(problems_.create(what, officer_)).value();
    EXPECT_EQ(made.tickets, 2u);
}

TEST_F(CaseTest, AProblemIsRefusedWithUnknownCodesForeignTicketsOrAnOldVersion)
{
    problem_draft what;
    what.title = "题";
    what.root_cause = "carrier_missed";
    const auto refused = [&](problem_draft of, const domain::actor& who) {
        return run(problems_.create(std::move(of), who)).error().code;
    };
    EXPECT_EQ(refused(what, agent_), errc::not_found);
    auto wrong = what;
    wrong.root_cause = "no_such_cause";
    EXPECT_EQ(refused(wrong, officer_), errc::invalid_field);
    wrong = what;
    wrong.category = "no_such_category";
    EXPECT_EQ(refused(wrong, officer_), errc::invalid_field);
    wrong = what;
    wrong.tickets = {ticket_id::make()};
    EXPECT_EQ(refused(wrong, officer_), errc::invalid_field);
    wrong = what;
    wrong.department = department_id::make();
    EXPECT_EQ(refused(wrong, officer_), errc::invalid_field);

    const auto p = opened();
    EXPECT_EQ(run(problems_.change(p.id, {.title = "改"}, 9, officer_)).error().code, errc::stale_version);
    EXPECT_EQ(run(problems_.change(problem_id::make(), {.title = "改"}, 1, officer_)).error().code, errc::not_found);
    EXPECT_EQ(run(problems_.change(p.id, {.title = "改"}, 1, agent_)).error().code, errc::not_found);
    clock.advance(1h);
    const auto q = opened();
    const auto page = run(problems_.list({.state = problem_state::open}, std::nullopt, 1)).value();
    ASSERT_THAT(page.items, SizeIs(1));
    EXPECT_EQ(page.items[0].id, q.id);
    EXPECT_EQ(run(problems_.list({}, page.next, 1)).value().items.at(0).id, p.id);
    EXPECT_THAT(run(problems_.list({.state = problem_state::closed}, std::nullopt, 50)).value().items, IsEmpty());
}

} // namespace
} // namespace huiyin::ticket
