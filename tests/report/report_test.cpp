#include "../domain/kpi_story.hpp"
#include "../domain/ticket_fixture.hpp"

#include <huiyin/async/task_group.hpp>
#include <huiyin/domain/kpi.hpp>
#include <huiyin/report/alarm.hpp>
#include <huiyin/report/internal_rating.hpp>
#include <huiyin/report/projection.hpp>
#include <huiyin/report/report_service.hpp>
#include <huiyin/ticket/commit.hpp>
#include <huiyin/upkeep/rebuild.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <fstream>
#include <functional>
#include <pg_fixture.hpp>
#include <set>

namespace huiyin::report {
namespace {

using namespace std::chrono_literals;
using domain::metric;
using domain::ticket_status;
using domain::testing::numbered;
using domain::testing::story;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

namespace people = domain::testing;

constexpr instant at(int month, int day, std::chrono::minutes time = 0min)
{
    return std::chrono::sys_days(std::chrono::year(2026) / month / day) + time;
}
constexpr domain::local_day day(int month, int n)
{
    return domain::local_day(std::chrono::year(2026) / month / n);
}

/// Everything that the projection holds, as text.
using contents = std::vector<std::string>;

/// A house whose departments are station (1) below main station (2) below circulation (3), and billing (4).
class ReportTest : public test::pg_fixture
{
public:
    ReportTest() : db(on(), settings(), metrics), rules(db, 0s), reports(db, rules, clock)
    {
        std::ifstream in(std::string(HUIYIN_SOURCE_ROOT) + "/config/packs/newspaper.json");
        const std::string pack{std::istreambuf_iterator<char>(in), {}};
        sql("INSERT INTO pack (version, applied_at, name, digest, document) VALUES (1, '2026-01-01Z', 'newspaper', "
            "sha256('x'), $pack$" +
            pack + "$pack$)");
        std::string all;
        for (const std::uint32_t id : {3U, 2U, 1U, 4U})
            all +=
                fmt::format("INSERT INTO department (id, code, parent_id, name, calendar, active, changed_at) VALUES "
                            "('{}', 'd{}', {}, '{{\"en\":\"Department {}\"}}', 'cn', true, '2026-01-01Z')",
                            numbered<department_id>(id).to_string(), id,
                            id < 3 ? "'" + numbered<department_id>(id + 1).to_string() + "'" : "NULL", id) +
                ";";
        for (std::uint32_t id = 101; id <= 130; ++id)
            all += fmt::format(
                       "INSERT INTO user_account (id, login, display_name, active, language, time_zone, created_at, "
                       "changed_at) VALUES ('{}', 'u{}', 'User {}', true, 'en', 'UTC', '2026-01-01Z', '2026-01-01Z')",
                       numbered<user_id>(id).to_string(), id, id) +
                   ";";
        for (const std::uint32_t id : {50U, 51U})
            all += fmt::format(
                       "INSERT INTO customer (id, kind, name, created_at) VALUES ('{}', 'person', 'c', '2026-01-01Z')",
                       numbered<customer_id>(id).to_string()) +
                   ";";
        sql(all);
        // The rules name interactions that nobody filed here.
        sql("ALTER TABLE ticket_contact DROP CONSTRAINT ticket_contact_interaction_fkey");
    }
    ~ReportTest() override { run(db.close()); }

    pg::database_settings settings()
    {
        auto as = app_settings();
        as.connections = 3;
        return as;
    }

    void save(domain::decision decided, std::optional<domain::ticket> before)
    {
        const auto work = [](pg::database& in, ticket::commitment made) -> task<result<void>> {
            auto tx = co_await in.begin();
            if (!tx) co_return fail(tx.error());
            pg::batch last;
            const std::vector<ticket::commitment> all{std::move(made)};
            ticket::commit(last, all);
            const auto done = co_await tx->commit(std::move(last));
            if (!done) co_return fail(done.error());
            co_return result<void>();
        };
        ticket::commitment made;
        made.decided = std::move(decided);
        made.before = std::move(before);
        const auto saved = run(work(db, std::move(made)));
        ASSERT_TRUE(saved) << slug(saved.error().code) << ": " << saved.error().detail;
    }
    /// As if it had been so from the beginning.
    void keep(const domain::ticket& t)
    {
        domain::decision made;
        made.next = t;
        domain::event e;
        e.kind = "ticket.created";
        e.at = t.reported_at;
        e.to = t.status;
        made.events.push_back(e);
        save(std::move(made), std::nullopt);
    }
    void keep_again(domain::ticket next, const domain::ticket& was)
    {
        next.version = was.version + 1;
        domain::decision made;
        made.next = std::move(next);
        domain::event e;
        e.kind = "ticket.changed";
        e.at = was.changed_at;
        e.to = made.next.status;
        made.events.push_back(e);
        save(std::move(made), was);
    }

    /// What the sequencer does.
    void give_positions()
    {
        sql("INSERT INTO event_pos (pos, seq) SELECT (SELECT COALESCE(max(pos), 0) FROM event_pos) + row_number() OVER "
            "(ORDER BY xid, seq), seq FROM event e WHERE NOT EXISTS (SELECT FROM event_pos p WHERE p.seq = e.seq)");
    }
    void follow()
    {
        give_positions();
        for (int i = 0; i < 1000; ++i) {
            const auto taken = run(take_page(db, rules));
            ASSERT_TRUE(taken) << slug(taken.error().code) << ": " << taken.error().detail;
            if (*taken == 0) return;
        }
        FAIL() << "the feed does not end";
    }
    void rebuild()
    {
        pg::database owner(on(), owner_settings(), metrics);
        const auto emptied = run(empty_projection(owner));
        EXPECT_TRUE(emptied) << emptied.error().detail;
        run(owner.close());
        follow();
    }
    contents all_rows()
    {
        contents all;
        for (const auto* const query :
             {"SELECT to_jsonb(t) - 'pos' FROM report_ticket t ORDER BY ticket_id",
              "SELECT to_jsonb(c) FROM report_count c ORDER BY subject, n",
              "SELECT to_jsonb(q) FROM ticket_count q ORDER BY status, department, handler, due_minute"})
            for (const auto row : sql(query))
                all.push_back(row.get<std::string>(0));
        return all;
    }

    result<std::vector<metric_report>> ask(question asked, const domain::actor& who = supervisor)
    {
        return run(reports.values(std::move(asked), who));
    }
    question about(metric m, period days, grouping by = grouping::none) { return {{m}, std::move(days), by, {}, {}}; }
    std::optional<double> value(metric m, period days)
    {
        const auto found = ask(about(m, std::move(days)));
        EXPECT_TRUE(found) << found.error().detail;
        return found ? found->at(0).now.value : std::nullopt;
    }
    std::map<std::string, double> values_by(metric m, period days, grouping by, const domain::actor& who = supervisor)
    {
        std::map<std::string, double> all;
        const auto found = ask(about(m, std::move(days), by), who);
        EXPECT_TRUE(found) << found.error().detail;
        for (const auto& row : found->at(0).rows)
            all[row.code.empty() ? row.key : row.code] = row.now.value.value_or(-1);
        return all;
    }
    std::vector<counted_ticket> listed(metric m, period days, std::size_t limit = 200, filter with = {})
    {
        const auto found = run(reports.tickets(m, days, with, std::nullopt, limit, supervisor));
        EXPECT_TRUE(found) << found.error().detail;
        return *found;
    }

    static inline const domain::actor supervisor = people::a_user(120, {domain::role::supervisor});
    static inline const domain::actor rater = people::a_user(101, {domain::role::agent});
    const period march{"Asia/Shanghai", day(3, 1), day(3, 31)};

    pg::database db;
    ticket::configurations rules;
    report_service reports;
};

// --- golden --------------------------------------------------------------------------------------------------------

TEST_F(ReportTest, GivesTheFiguresComputedByHandInThreeTimeZones)
{
    // As in kpi_test: one good story on 1 March at 20:00Z, the bad one on 3 March, good ones at 4 March 20:00Z and
    // 5 March 02:00Z.
    keep(story(at(3, 1, 20h), true));
    keep(story(at(3, 3, 12h), false));
    keep(story(at(3, 4, 20h), true));
    keep(story(at(3, 5, 2h), true));
    clock.set(at(3, 20));
    follow();
    struct golden
    {
        metric what;
        double shanghai_and_london, new_york;
    };
    for (const auto& each : std::vector<golden>{
             {metric::tickets, 2, 3},
             {metric::on_time, 0.5, 2.0 / 3},
             {metric::on_time_original, 0.5, 2.0 / 3},
             {metric::on_time_accept, 0.5, 2.0 / 3},
             {metric::response_rate, 0.5, 2.0 / 3},
             {metric::solved_rate, 1.5 / 3, 2.5 / 4},
             {metric::satisfied_rate, 2.0 / 3, 3.0 / 4},
             {metric::csat_time, 3, 14.0 / 4 - 0.25},
             {metric::return_rate, 1.0 / 3, 1.0 / 4},
             {metric::promise_kept, 0.5, 2.0 / 3},
             {metric::reply_pass_rate, 3.0 / 4, 4.0 / 5},
             {metric::resolve_mean, 5400, 5400},
             {metric::resolve_median, 5400, 5400},
             {metric::three_rates, 0.2 * 0.5 + 0.4 * 0.5 + 0.4 * 2 / 3, 0.2 * 2 / 3 + 0.4 * 2.5 / 4 + 0.4 * 3 / 4},
             {metric::silent_estimate, 2 / 0.08 * 0.69, 3 / 0.08 * 0.69},
         })
    {
        for (const auto* const zone : {"Asia/Shanghai", "Europe/London"})
            EXPECT_DOUBLE_EQ(value(each.what, {zone, day(3, 2), day(3, 4)}).value_or(-1), each.shanghai_and_london)
                << domain::to_string(each.what) << " " << zone;
        EXPECT_DOUBLE_EQ(value(each.what, {"America/New_York", day(3, 2), day(3, 4)}).value_or(-1), each.new_york)
            << domain::to_string(each.what);
    }
}

TEST_F(ReportTest, ComparesWithAsManyDaysJustBefore)
{
    keep(story(at(3, 3, 4h), false));
    keep(story(at(3, 5, 4h), true));
    keep(story(at(3, 5, 5h), true));
    clock.set(at(3, 20));
    follow();
    const auto found = ask(about(metric::on_time, {"Asia/Shanghai", day(3, 5), day(3, 6)}));
    ASSERT_TRUE(found);
    EXPECT_EQ(found->at(0).now.value, 1);
    EXPECT_EQ(found->at(0).now.counted.whole, 2);
    EXPECT_EQ(found->at(0).before.value, 0);
    EXPECT_EQ(found->at(0).before.counted.whole, 1);
    EXPECT_EQ(before({"Asia/Shanghai", day(3, 5), day(3, 6)}).first, day(3, 3));
}

TEST_F(ReportTest, WhatIsDueLaterIsNotCountedYet)
{
    keep(story(at(3, 3, 4h), true)); // due at 5:00Z
    clock.set(at(3, 3, 4h + 59min));
    follow();
    EXPECT_EQ(value(metric::on_time, march), std::nullopt);
    EXPECT_EQ(value(metric::tickets, march), 1);
    clock.set(at(3, 3, 5h));
    EXPECT_EQ(value(metric::on_time, march), 1);
}

TEST_F(ReportTest, NothingAtAllHasNoValue)
{
    follow();
    EXPECT_EQ(value(metric::on_time, march), std::nullopt);
    EXPECT_EQ(value(metric::fcr_repeat, march), std::nullopt);
    EXPECT_EQ(value(metric::resolve_median, march), std::nullopt);
    EXPECT_EQ(value(metric::three_rates, march), std::nullopt);
    EXPECT_EQ(value(metric::tickets, march), 0);
}

// --- groups --------------------------------------------------------------------------------------------------------

TEST_F(ReportTest, DepartmentsRollUpTheTree)
{
    keep(story(at(3, 3), true)); // station, below main station, below circulation
    auto t = story(at(3, 3), false);
    t.lead_department = people::main_station;
    for (auto& each : t.orders)
        each.department = people::main_station;
    keep(t);
    clock.set(at(3, 20));
    follow();
    const std::map<std::string, double> expected{{"d1", 1}, {"d2", 0.5}, {"d3", 0.5}};
    EXPECT_EQ(values_by(metric::on_time, march, grouping::department), expected);
    const auto found = ask(about(metric::on_time, march, grouping::department));
    EXPECT_EQ(found->at(0).now.counted.whole, 2) << "the whole house, each ticket once";
    EXPECT_EQ(found->at(0).rows.at(0).name.at("en"), "Department 1");
    EXPECT_EQ(found->at(0).rows.at(0).parent, people::main_station.to_string());
}

TEST_F(ReportTest, GroupsByCategoryChannelPriorityAndPerson)
{
    keep(story(at(3, 3), true));
    auto t = story(at(3, 3), false);
    t.category = "damaged";
    t.channel = "phone";
    t.priority = domain::ticket_priority::p1;
    keep(t);
    clock.set(at(3, 20));
    follow();
    using rows = std::map<std::string, double>;
    EXPECT_EQ(values_by(metric::on_time, march, grouping::category), (rows{{"missed_copy", 1}, {"damaged", 0}}));
    EXPECT_EQ(values_by(metric::on_time, march, grouping::channel), (rows{{"web", 1}, {"phone", 0}}));
    EXPECT_EQ(values_by(metric::on_time, march, grouping::priority), (rows{{"P3", 1}, {"P1", 0}}));
    EXPECT_EQ(values_by(metric::on_time, march, grouping::person), (rows{{people::worker.to_string(), 0.5}}));
    auto filtered = about(metric::on_time, march);
    filtered.filter.category = "damaged";
    EXPECT_EQ(ask(filtered)->at(0).now.value, 0);
}

TEST_F(ReportTest, ALeaderSeesHisDepartmentsAndThoseBelow)
{
    keep(story(at(3, 3), true));
    auto t = story(at(3, 3), false);
    t.lead_department = people::billing;
    for (auto& each : t.orders)
        each.department = people::billing;
    keep(t);
    clock.set(at(3, 20));
    follow();
    const auto seen = ask(about(metric::on_time, march), people::director);
    ASSERT_TRUE(seen);
    EXPECT_EQ(seen->at(0).now.counted.whole, 1);
    EXPECT_EQ(ask(about(metric::on_time, march), people::billing_chief)->at(0).now.value, 0);
    auto others = about(metric::on_time, march);
    others.filter.department = people::billing;
    EXPECT_EQ(ask(others, people::director)->at(0).now.counted.whole, 0) << "he asks for what is not his";
    EXPECT_EQ(run(reports.tickets(metric::on_time, march, {}, std::nullopt, 50, people::director))->size(), 1u);
    EXPECT_EQ(ask(about(metric::backlog, march), people::handler).error().code, errc::not_found);
    EXPECT_EQ(ask(about(metric::on_time, march), people::agent).error().code, errc::not_found);
    EXPECT_EQ(ask(about(metric::on_time, march), people::a_user(1, {domain::role::administrator})).error().code,
              errc::not_found);
}

// --- from figure to tickets ----------------------------------------------------------------------------------------

TEST_F(ReportTest, TheListIsExactlyWhatWasCounted)
{
    keep(story(at(3, 3), true));
    keep(story(at(3, 4), false));
    keep(story(at(3, 5), true));
    clock.set(at(3, 20));
    follow();
    for (std::size_t i = 0; i < domain::metric_count; ++i) {
        const auto& info = domain::info_of(static_cast<metric>(i));
        if (info.kind == domain::metric_kind::composed) continue;
        const auto counted = ask(about(info.what, march))->at(0).now.counted;
        double part = 0;
        double whole = 0;
        const auto all = listed(info.what, march);
        for (const auto& each : all)
            part += each.part, whole += each.whole;
        EXPECT_DOUBLE_EQ(part, counted.part) << domain::to_string(info.what);
        EXPECT_DOUBLE_EQ(whole, counted.whole) << domain::to_string(info.what);
        EXPECT_EQ(all.size(), static_cast<std::size_t>(counted.count)) << domain::to_string(info.what);
    }
    EXPECT_EQ(run(reports.tickets(metric::three_rates, march, {}, std::nullopt, 50, supervisor)).error().code,
              errc::invalid_field);
}

TEST_F(ReportTest, PagesOfTheListMeetWithoutGapOrRepeat)
{
    for (int i = 0; i < 5; ++i)
        keep(story(at(3, 3), true)); // all at the same moment
    clock.set(at(3, 20));
    follow();
    for (const auto m : {metric::tickets, metric::repeat_complaint_rate, metric::fcr_repeat, metric::backlog}) {
        std::set<uuid> seen;
        std::size_t rows = 0;
        std::optional<report_service::mark> after;
        for (;;) {
            const auto page = run(reports.tickets(m, march, {}, after, 2, supervisor));
            ASSERT_TRUE(page);
            if (page->empty()) break;
            for (const auto& each : *page)
                seen.insert(each.subject), ++rows;
            after = report_service::mark{page->back().at, page->back().subject, page->back().n};
        }
        EXPECT_EQ(seen.size(), rows) << domain::to_string(m);
        EXPECT_EQ(rows, static_cast<std::size_t>(ask(about(m, march))->at(0).now.counted.count))
            << domain::to_string(m);
    }
}

// --- contacts ------------------------------------------------------------------------------------------------------

TEST_F(ReportTest, WhoComesBackWithinSevenDaysWasNotHelpedAtFirst)
{
    keep(story(at(3, 3), true));
    keep(story(at(3, 8), true)); // the same customer and topic
    auto other = story(at(3, 3), true);
    other.customer = numbered<customer_id>(51);
    keep(other);
    clock.set(at(3, 20));
    follow();
    EXPECT_DOUBLE_EQ(value(metric::fcr_repeat, march).value_or(-1), 2.0 / 3);
    EXPECT_DOUBLE_EQ(value(metric::repeat_complaint_rate, march).value_or(-1), 1.0 / 2);
    clock.set(at(3, 12));
    EXPECT_EQ(ask(about(metric::fcr_repeat, march))->at(0).now.counted.whole, 2) << "the later one is not mature";
}

TEST_F(ReportTest, ContactsCountWhetherTheyHaveATicket)
{
    const auto contact = [&](const char* ticket, const char* time) {
        sql(fmt::format(
            "INSERT INTO event (id, at, kind, subject, subject_version, actor_kind, actor, departments, "
            "confidential, data) VALUES (gen_random_uuid(), '{}', 'contact.accepted', gen_random_uuid(), 1, "
            "'system', '00000000-0000-0000-0000-000000000000', '{{}}', false, '{{\"interaction\": {{\"channel\": "
            "\"phone\"}}, \"ticket\": {}}}')",
            time, ticket));
    };
    contact(R"({"id": "01900000-0000-7000-8000-000000000001"})", "2026-03-03T01:30:00Z");
    contact(R"({"id": "01900000-0000-7000-8000-000000000002"})", "2026-03-03T02:10:00Z");
    contact("null", "2026-03-03T02:20:00Z");
    clock.set(at(3, 3, 3h));
    follow();
    EXPECT_DOUBLE_EQ(value(metric::e_ticket_share, march).value_or(-1), 2.0 / 3);
    const auto board = run(reports.board("Asia/Shanghai", supervisor));
    ASSERT_TRUE(board) << board.error().detail;
    ASSERT_THAT(board->intake, SizeIs(2));
    EXPECT_EQ(board->intake[0].hour, 9);
    EXPECT_EQ(board->intake[1].hour, 10);
    EXPECT_EQ(board->intake[1].contacts, 2);
    EXPECT_EQ(run(reports.board("America/New_York", supervisor))->intake.size(), 2u)
        << "the evening before, by its clock";

    EXPECT_THAT(board->intake_before, SizeIs(0));
    clock.set(at(3, 10, 3h));
    const auto a_week_later = run(reports.board("Asia/Shanghai", supervisor)).value();
    EXPECT_THAT(a_week_later.intake, SizeIs(0));
    ASSERT_THAT(a_week_later.intake_before, SizeIs(2)) << "the same weekday last week";
    EXPECT_EQ(a_week_later.intake_before[1].hour, 10);
    EXPECT_EQ(a_week_later.intake_before[1].contacts, 2);
}

// --- the projection ------------------------------------------------------------------------------------------------

/// The life of a ticket as the rules make it, each step saved.
struct life : domain::testing::scene
{
    life(ReportTest& in, std::uint32_t n) : test(in)
    {
        ids = 10'000 * n;
        now += 1h * n;
        auto c = a_complaint();
        c.id = ticket_id::make();
        c.number = fmt::format("L-{}", n);
        auto born = domain::decide(c, p, people::customer, now).value();
        t = born.next;
        test.save(std::move(born), std::nullopt);
    }
    life& step(const domain::actor& who, const domain::command& c)
    {
        after(20min);
        const auto was = t;
        does(who, c);
        auto made = last;
        test.save(std::move(made), was);
        return *this;
    }
    life& to_triage() { return step(people::officer, domain::classify{"carrier_conduct"}); }
    life& to_work() { return to_triage().step(people::officer, valid()).step(people::handler, domain::accept{}); }
    life& to_callback(std::uint32_t wording)
    {
        step(people::handler, a_fix(wording)).step(people::chief, an_approval());
        return step(people::handler, a_reply()).step(people::officer, domain::pass_reply{});
    }

    ReportTest& test;
};

/// Some of everything; `between` is called after each life.
void live(ReportTest& in, const std::function<void()>& between)
{
    life(in, 1);
    between();
    life(in, 2).to_work().to_callback(60).step(people::customer,
                                               domain::give_verdict{callback_id::make(), people::content(), "", false});
    between();
    life reworked(in, 3);
    reworked.to_work().to_callback(60);
    between();
    reworked.step(people::customer, reworked.verdict(people::discontent()));
    between();
    reworked.to_callback(61).step(people::customer, reworked.verdict(people::content()));
    reworked.step(people::officer, domain::reopen{"new_fact", std::nullopt});
    between();
    life invalid(in, 4);
    invalid.to_triage().step(people::officer, invalid.invalid());
    between();
    life returned(in, 5);
    returned.to_triage().step(people::officer, returned.valid());
    returned.step(people::handler, returned.a_return()).step(people::chief, domain::sign_return{.agreed = true});
    between();
    life late(in, 6);
    late.to_work();
    late.after(std::chrono::days(9));
    late.step(people::sys, domain::run_due{});
    between();
    life gone(in, 7);
    life target(in, 8);
    gone.step(people::officer, domain::merge_into(target.t));
    between();
}

TEST_F(ReportTest, ARebuildGivesTheSameFiguresAsFollowingLive)
{
    live(*this, [&] { follow(); });
    follow();
    const auto followed = all_rows();
    EXPECT_GT(followed.size(), 100u);
    rebuild();
    EXPECT_EQ(all_rows(), followed);
    // … and so does the journal read in one go from the start.
    rebuild();
    EXPECT_EQ(all_rows(), followed);
}

TEST_F(ReportTest, EveryTicketCountsForWhatTheRulesSay)
{
    live(*this, [] {});
    follow();
    clock.set(at(12, 1));
    upkeep::rebuild_options options;
    options.tell = [](const upkeep::rebuild_difference& d) { ADD_FAILURE() << d.table << "." << d.column; };
    EXPECT_TRUE(run(upkeep::check_rebuild(db, options))->sound());
    EXPECT_EQ(value(metric::tickets, march), 7) << "eight came in, one was merged into another";
    EXPECT_EQ(ask(about(metric::closed, march))->at(0).now.counted.part, 2);
    EXPECT_DOUBLE_EQ(value(metric::reopen_rate, march).value_or(-1), 0.5);
    EXPECT_DOUBLE_EQ(value(metric::satisfied_rate, march).value_or(-1), 2.0 / 3);
    EXPECT_DOUBLE_EQ(value(metric::rework_rate, march).value_or(-1), 1.0 / 3);
    EXPECT_EQ(ask(about(metric::return_rate, march))->at(0).now.counted.part, 1);
}

TEST_F(ReportTest, OneStatementCountsEveryQueueAsTheTicketsAre)
{
    const auto agree = [&] {
        follow();
        const auto wrong = sql(
            "SELECT count(*) FROM (SELECT status, COALESCE(lead_department, '00000000-0000-0000-0000-000000000000') AS "
            "department, COALESCE(handler, '00000000-0000-0000-0000-000000000000') AS handler, count(*) AS tickets "
            "FROM ticket "
            "GROUP BY 1, 2, 3) a FULL JOIN (SELECT status, department, handler, sum(tickets) AS tickets FROM "
            "ticket_count GROUP "
            "BY 1, 2, 3) b USING (status, department, handler) WHERE a.tickets IS DISTINCT FROM b.tickets");
        EXPECT_EQ(wrong.front().get<int>(0), 0);
    };
    live(*this, agree);
    EXPECT_EQ(sql("SELECT count(*) FROM ticket_count WHERE tickets <= 0").front().get<int>(0), 0);
    clock.set(at(3, 2));
    const auto early = run(reports.queues(supervisor));
    clock.set(at(12, 1));
    const auto late = run(reports.queues(supervisor));
    ASSERT_TRUE(early && late);
    const auto sum = [](const std::vector<queue_count>& all, auto member) {
        std::int64_t total = 0;
        for (const auto& each : all)
            total += each.*member;
        return total;
    };
    const auto open = sql("SELECT count(*) FROM ticket WHERE status NOT IN ('closed', 'archived', 'merged')");
    EXPECT_EQ(sum(*late, &queue_count::tickets), open.front().get<int>(0));
    EXPECT_EQ(sum(*early, &queue_count::overdue), 0);
    EXPECT_EQ(sum(*late, &queue_count::overdue), sql("SELECT count(*) FROM ticket WHERE status NOT IN ('closed', "
                                                     "'archived', 'merged') AND nearest_due_at IS NOT NULL")
                                                     .front()
                                                     .get<int>(0));
}

TEST_F(ReportTest, WhatChangesTwiceInOnePageIsCountedOnce)
{
    auto t = story(at(3, 3), true);
    keep(t);
    auto next = t;
    next.category = "damaged";
    keep_again(next, t);
    clock.set(at(3, 20));
    follow();
    using rows = std::map<std::string, double>;
    EXPECT_EQ(values_by(metric::tickets, march, grouping::category), (rows{{"damaged", 1}}));
}

TEST_F(ReportTest, TwoFollowersAtOnceCountNothingTwice)
{
    keep(story(at(3, 3), true));
    give_positions();
    const auto both = [](ReportTest& in) -> task<result<std::size_t>> {
        task_group group(in.on());
        std::size_t taken = 0;
        const auto one = [](ReportTest& of, std::size_t& into) -> task<> {
            const auto got = co_await take_page(of.db, of.rules);
            if (got) into += *got;
        };
        group.spawn("one", one(in, taken));
        group.spawn("two", one(in, taken));
        while (taken == 0)
            co_await pause_for(10ms);
        co_await pause_for(50ms);
        co_await group.stop();
        co_return taken;
    };
    const auto taken = run(both(*this));
    ASSERT_TRUE(taken);
    EXPECT_EQ(*taken, 1u);
    EXPECT_EQ(sql("SELECT sum(tickets) FROM ticket_count").front().get<int>(0), 1);
}

TEST_F(ReportTest, ATicketWhoseJournalCannotBeReadStopsNothing)
{
    const auto bad = story(at(3, 3), true);
    keep(bad);
    keep(story(at(3, 4), true));
    superuser_sql(fmt::format("SET session_replication_role = replica; UPDATE event SET data = jsonb_set(data, "
                              "'{{rows,ticket}}', '[{{\"status\": \"nonsense\"}}]') WHERE subject = '{}'",
                              bad.id.to_string()));
    clock.set(at(3, 20));
    follow();
    EXPECT_EQ(value(metric::tickets, march), 1);
}

TEST_F(ReportTest, ImportsAreOutsideRates)
{
    auto t = story(at(3, 3), false);
    t.imported = true;
    keep(t);
    clock.set(at(3, 20));
    follow();
    EXPECT_EQ(value(metric::tickets, march), 0);
    EXPECT_EQ(value(metric::repeat_complaint_rate, march), std::nullopt);
}

// --- cards and boards ----------------------------------------------------------------------------------------------

TEST_F(ReportTest, PersonsAreRankedByTheirGoals)
{
    keep(story(at(3, 3), true));
    auto t = story(at(3, 3), false);
    t.handler = numbered<user_id>(105);
    for (auto& each : t.orders)
        each.handler = numbered<user_id>(105);
    keep(t);
    clock.set(at(3, 20));
    follow();
    const auto cards = run(
        reports.person_cards(march, {{metric::on_time, 0.5, 0.5}, {metric::satisfied_rate, 0.5, 1}}, {}, supervisor));
    ASSERT_TRUE(cards) << cards.error().detail;
    ASSERT_THAT(cards->rows, SizeIs(2));
    EXPECT_EQ(cards->rows[0].key, people::worker.to_string());
    EXPECT_EQ(cards->rows[0].name.at("en"), "User 104");
    EXPECT_DOUBLE_EQ(*cards->rows[0].score, 0.5 * 1.2 + 0.5 * 1);
    EXPECT_DOUBLE_EQ(*cards->rows[1].score, 0.5 * 0 + 0.5 * 0.5);
    EXPECT_TRUE(cards->rows[1].place.last);
    EXPECT_EQ(run(reports.person_cards(march, {{metric::closed, 0.9, 5}, {metric::on_time, 0.1, 1}}, {}, supervisor))
                  .error()
                  .code,
              errc::invalid_field);
}

TEST_F(ReportTest, DepartmentsAreRankedAmongTheirSisters)
{
    keep(story(at(3, 3), true));
    auto t = story(at(3, 3), false);
    t.lead_department = people::billing;
    t.rulings[0].department = people::billing;
    for (auto& each : t.orders)
        each.department = people::billing;
    keep(t);
    clock.set(at(3, 20));
    follow();
    const auto cards = run(reports.department_cards(march, supervisor));
    ASSERT_TRUE(cards) << cards.error().detail;
    std::map<std::string, score_row> by_code;
    for (const auto& each : cards->rows)
        by_code[each.code] = each;
    // Good: (0.4·1 + 0.3·1 + 0.2·1) / 0.9 = 100. Bad: CSAT (1+4)/2 → 0.375, on time 0, passed 2 of 3, one ruling lost
    // and one promise broken: 100·(0.4·0.375 + 0.2·2/3)/0.9 − 3.
    EXPECT_NEAR(*by_code.at("d1").score, 100, 1e-9);
    EXPECT_NEAR(*by_code.at("d3").score, 100, 1e-9) << "what is below it is its own";
    EXPECT_NEAR(*by_code.at("d4").score, 100 * (0.4 * 0.375 + 0.2 * 2 / 3) / 0.9 - 3, 1e-9);
    EXPECT_EQ(by_code.at("d3").place.rank, 1);
    EXPECT_EQ(by_code.at("d4").place.rank, 2);
    EXPECT_TRUE(by_code.at("d4").place.last);
    EXPECT_EQ(by_code.at("d1").place.rank, 1);
    EXPECT_FALSE(by_code.at("d1").place.last);
}

TEST_F(ReportTest, AThresholdIsCrossedOnceUntilTheFigureIsBelowItAgain)
{
    const auto house = [&] {
        std::vector<std::pair<std::int64_t, instant>> all;
        for (const auto& each : run(reports.board("Asia/Shanghai", supervisor)).value().alarms)
            if (each.measure == "overdue" && !each.department) all.emplace_back(each.threshold, each.since);
        return all;
    };
    const auto overdue_tickets = [&](int count) {
        sql(fmt::format(
            "DELETE FROM ticket_count; INSERT INTO ticket_count (status, department, handler, due_minute, "
            "tickets) VALUES ('investigating', '01900000-0000-7000-8000-000000000001', "
            "'00000000-0000-0000-0000-000000000000', '2026-03-02T00:00:00Z', {0}), ('triage', "
            "'00000000-0000-0000-0000-000000000000', '00000000-0000-0000-0000-000000000000', 'infinity', 20)",
            count));
    };
    const auto first = at(3, 3, 1h), second = at(3, 3, 2h), third = at(3, 3, 3h);
    clock.set(first);
    overdue_tickets(4);
    EXPECT_EQ(run(note_crossings(db, first)).value(), 3u) << "one overdue: the house and the department; the desk";
    EXPECT_EQ(run(note_crossings(db, second)).value(), 0u) << "told once";
    EXPECT_THAT(house(), ElementsAre(std::pair(std::int64_t(1), first)));
    overdue_tickets(5);
    EXPECT_EQ(run(note_crossings(db, second)).value(), 2u);
    EXPECT_THAT(house(), ElementsAre(std::pair(std::int64_t(5), second), std::pair(std::int64_t(1), first)));
    overdue_tickets(4);
    EXPECT_EQ(run(note_crossings(db, second)).value(), 0u);
    EXPECT_THAT(house(), ElementsAre(std::pair(std::int64_t(1), first)));
    overdue_tickets(6);
    EXPECT_EQ(run(note_crossings(db, third)).value(), 2u) << "another crossing";
    EXPECT_THAT(house(), ElementsAre(std::pair(std::int64_t(5), third), std::pair(std::int64_t(1), first)));
    const auto board = run(reports.board("Asia/Shanghai", supervisor)).value();
    const auto desk = std::ranges::find(board.alarms, "at_desk", &alarm::measure);
    ASSERT_NE(desk, board.alarms.end());
    EXPECT_EQ(desk->threshold, 20);
    EXPECT_EQ(desk->reached, 20);
}

TEST_F(ReportTest, TheBoardShowsWhatIsOpenAndHowOldItIs)
{
    live(*this, [] {});
    follow();
    clock.set(people::monday + std::chrono::days(5));
    const auto board = run(reports.board("Asia/Shanghai", supervisor));
    ASSERT_TRUE(board) << board.error().detail;
    std::int64_t by_age = 0;
    for (const auto& [age, count] : board->ageing)
        by_age += count;
    std::int64_t by_queue = 0;
    for (const auto& each : board->queues)
        by_queue += each.tickets;
    EXPECT_EQ(by_age, board->open);
    EXPECT_EQ(by_queue, board->open);
    EXPECT_EQ(board->open, 6);
    EXPECT_EQ(static_cast<double>(board->open), value(metric::backlog, march));
    std::int64_t at_the_desk = 0;
    for (const auto& each : board->queues)
        if (each.status == "new" || each.status == "triage") at_the_desk += each.tickets;
    EXPECT_EQ(board->triage.classification + board->triage.judgement + board->triage.dispatch, at_the_desk);
    EXPECT_EQ(board->ageing.at(domain::age_class::under_7d), 6);
    EXPECT_EQ(run(reports.board("Nowhere", supervisor)).error().code, errc::invalid_field);
}

// --- ratings -------------------------------------------------------------------------------------------------------

TEST_F(ReportTest, TheFrontLineRatesAReplyOnce)
{
    const auto t = story(at(3, 3), true);
    keep(t);
    clock.set(at(3, 5));
    const auto rate = [&](int score, const domain::actor& who) {
        return run(rate_reply(db, t.id, score, who, clock.now()));
    };
    const auto rated = rate(4, rater);
    ASSERT_TRUE(rated) << rated.error().detail;
    EXPECT_EQ(rated->department, people::station);
    EXPECT_EQ(rate(5, rater).error().code, errc::already_exists);
    EXPECT_TRUE(rate(1, people::officer));
    EXPECT_EQ(rate(5, people::handler).error().code, errc::not_found);
    EXPECT_EQ(rate(5, supervisor).error().code, errc::not_found);
    EXPECT_EQ(rate(0, rater).error().code, errc::invalid_field);
    EXPECT_EQ(run(rate_reply(db, ticket_id::make(), 3, rater, clock.now())).error().code, errc::not_found);
    follow();
    EXPECT_DOUBLE_EQ(value(metric::internal_csat, march).value_or(-1), 2.5);
    EXPECT_EQ(values_by(metric::internal_csat, march, grouping::department).at("d1"), 2.5);
    const auto followed = all_rows();
    rebuild();
    EXPECT_EQ(all_rows(), followed);
    EXPECT_EQ(sql("SELECT max(subject_version) FROM event").front().get<int>(0), 1) << "the ticket is as it was";
    EXPECT_TRUE(run(upkeep::check_rebuild(db, {}))->sound());
}

TEST_F(ReportTest, WithoutAReplyThereIsNothingToRate)
{
    auto t = story(at(3, 3), true);
    t.reply.reset();
    keep(t);
    EXPECT_EQ(run(rate_reply(db, t.id, 3, rater, clock.now())).error().code, errc::wrong_state);
}

// --- periods -------------------------------------------------------------------------------------------------------

TEST(ReportPeriod, IsWholeDaysOnTheWall)
{
    EXPECT_EQ(span_of({"Asia/Shanghai", day(3, 2), day(3, 4)}).from, at(3, 1, 16h));
    EXPECT_EQ(span_of({"Asia/Shanghai", day(3, 2), day(3, 4)}).to, at(3, 4, 16h));
    // New York puts its clocks forward on 8 March.
    const auto shifted = span_of({"America/New_York", day(3, 8), day(3, 8)});
    EXPECT_EQ(shifted.to - shifted.from, 23h);
}

TEST(ReportPeriod, RefusesWhatIsNone)
{
    EXPECT_TRUE(check_period({"UTC", day(3, 1), day(3, 1)}));
    EXPECT_EQ(check_period({"Mars", day(3, 1), day(3, 1)}).error().facts.at(0).value, "tz");
    EXPECT_EQ(check_period({"UTC", day(3, 2), day(3, 1)}).error().facts.at(0).value, "to");
    EXPECT_EQ(check_period({"UTC", day(3, 1), day(3, 1) + std::chrono::days(1100)}).error().facts.at(0).value, "to");
}

} // namespace
} // namespace huiyin::report
