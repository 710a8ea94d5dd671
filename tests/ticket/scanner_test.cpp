// What comes due is taken in rounds, the urgent first, each mark once, whatever fails or is cut off meanwhile.
#include "service_fixture.hpp"

#include <huiyin/ticket/scanner.hpp>

#include <gmock/gmock.h>

#include <algorithm>
#include <map>

namespace huiyin::ticket {
namespace {

using std::chrono::steady_clock;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class Scanner : public TicketService
{
protected:
    void SetUp() override { model_ = dispatched(); }
    void TearDown() override { run(background_.stop()); }

    /// Tickets whose only step ahead is the breach of their resolve clock, at `due`, each a millisecond after the one
    /// before.
    void due_tickets(int count, const std::string& priority, const std::string& prefix, instant due)
    {
        copy(model_, count, prefix);
        sql(fmt::format(R"sql(
            CREATE TEMPORARY TABLE chosen AS
            SELECT id, timestamptz '{1}' + make_interval(secs => right(number, 7)::int / 1000.0) AS at
              FROM ticket WHERE number LIKE '{0}-%';
            UPDATE ticket t SET priority = '{2}', next_step_at = c.at, due_at = c.at FROM chosen c WHERE t.id = c.id;
            UPDATE ticket_deadline d SET next_step_at = '2099-01-01'
              FROM chosen c WHERE d.ticket_id = c.id AND d.next_step_at IS NOT NULL;
            UPDATE ticket_deadline d SET due_at = c.at, next_step = 2, next_step_at = c.at
              FROM chosen c WHERE d.ticket_id = c.id AND d.kind = 'resolve' AND d.state = 'running')sql",
                        prefix, to_rfc3339(due), priority));
    }
    /// From now on every saved ticket is written down, with its transaction, in the order of the writing. `also` is
    /// done before the first.
    void watch(const std::string& also = "NULL")
    {
        sql("CREATE TABLE written (place bigserial, tx bigint, number text, priority text)");
        sql(fmt::format("CREATE FUNCTION write_down() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET "
                        "search_path = huiyin AS $$BEGIN IF NOT EXISTS (SELECT FROM written) THEN {}; END IF; "
                        "INSERT INTO written (tx, number, priority) VALUES (txid_current(), NEW.number, NEW.priority); "
                        "RETURN NULL; END$$",
                        also));
        sql("CREATE TRIGGER write_down AFTER UPDATE ON ticket FOR EACH ROW WHEN (OLD.version <> NEW.version) EXECUTE "
            "FUNCTION write_down()");
    }
    void start() { start_scanner(background_, settings(), tickets_, clock, metrics); }
    /// Runs what goes on in the background until then.
    void wait_until(const std::function<bool()>& holds, std::chrono::seconds limit = 500s)
    {
        const auto end = steady_clock::now() + limit;
        while (!holds()) {
            ASSERT_LT(steady_clock::now(), end);
            run(pause_for(10ms));
        }
    }
    void wait_for_steps(double count)
    {
        wait_until([&] { return taken_.value() >= count; });
    }
    /// How many tickets have so many marks of a breached resolve clock.
    std::map<std::int64_t, std::int64_t> tickets_by_marks()
    {
        std::map<std::int64_t, std::int64_t> all;
        for (const auto row : sql("SELECT marks, count(*) FROM (SELECT count(e.id) AS marks FROM ticket t LEFT JOIN "
                                  "event e ON e.subject = t.id AND e.kind = 'deadline.breached' AND e.data ->> "
                                  "'clock' = 'resolve' WHERE t.number NOT LIKE '2603%' GROUP BY t.id) AS m GROUP BY 1"))
            all.emplace(row.get<std::int64_t>(0), row.get<std::int64_t>(1));
        return all;
    }
    std::int64_t attempts() { return superuser_sql("SELECT last_value FROM attempts").front().get<std::int64_t>(0); }
    std::vector<ticket_id> due_now() { return run(tickets_.find_due(clock.now(), {}, 2000)).value(); }

    using marks = std::map<std::int64_t, std::int64_t>;
    ticket_id model_;
    task_group background_{on()};
    metrics::counter taken_ = metrics.counter("huiyin_deadline_steps_total", "");
    metrics::counter failed_ = metrics.counter("huiyin_deadline_failures_total", "");
};

TEST_F(Scanner, TakesTwoThousandARoundInBatchesAndWhatIsMoreUrgentBeginsTheNextRound)
{
    due_tickets(2050, "P3", "C", clock.now() - 10min);
    due_tickets(1, "P1", "A", clock.now() - 5min);
    sql("UPDATE ticket SET next_step_at = '2099-01-01' WHERE number LIKE 'A-%'");
    watch("UPDATE ticket SET next_step_at = '2026-03-02' WHERE number LIKE 'A-%'");
    start();
    wait_for_steps(2051);

    EXPECT_EQ(column("SELECT count(*)::text FROM written WHERE place <= 2000 AND priority = 'P3'").front(), "2000")
        << "the urgent one came due when the round had been read";
    EXPECT_THAT(column("SELECT w.number FROM written w JOIN written a ON a.tx = w.tx AND a.number = 'A-0000001' "
                       "ORDER BY w.place LIMIT 2"),
                ElementsAre("A-0000001", "C-0002001"))
        << "then it is the first";
    EXPECT_THAT(column("SELECT size || ' x ' || count(*) FROM (SELECT count(*) AS size FROM written GROUP BY tx) AS s "
                       "GROUP BY size ORDER BY size"),
                ElementsAre("16 x 1", "19 x 1", "32 x 63"))
        << "2000 and then 51 tickets";
    EXPECT_EQ(tickets_by_marks(), (marks{{1, 2051}}));
}

TEST_F(Scanner, TakesTheUrgentFirstAndAmongThemTheEarliest)
{
    due_tickets(8, "P4", "D", clock.now() - 40min);
    due_tickets(8, "P3", "C", clock.now() - 30min);
    due_tickets(8, "P2", "B", clock.now() - 20min);
    due_tickets(8, "P1", "A", clock.now() - 10min);
    watch();
    start();
    wait_for_steps(32);
    const auto order = column("SELECT number FROM written ORDER BY place");
    EXPECT_TRUE(std::ranges::is_sorted(order)) << json(order);
    EXPECT_EQ(order.size(), 32u);
}

TEST_F(Scanner, ATicketThatFailsAgainAndAgainHoldsUpNoOtherAndComesBack)
{
    due_tickets(10, "P3", "C", clock.now() - 10min);
    due_tickets(1, "P1", "A", clock.now() - 5min);
    due_tickets(10, "P4", "D", clock.now() + 1min);
    sql("CREATE SEQUENCE attempts");
    sql("CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = huiyin AS "
        "$$BEGIN PERFORM nextval('attempts'); RAISE EXCEPTION 'planted'; END$$");
    sql("CREATE TRIGGER refuse AFTER UPDATE ON ticket FOR EACH ROW WHEN (NEW.number LIKE 'A-%') EXECUTE FUNCTION "
        "refuse()");
    const auto begun = steady_clock::now();
    start();
    wait_for_steps(10);
    // With its batch, then alone; while it is aside nobody tries. A machine that needs longer proves nothing.
    const auto expect_two_attempts = [&] {
        if (const auto so_far = attempts(); steady_clock::now() - begun < 5s) EXPECT_EQ(so_far, 2);
    };
    expect_two_attempts();
    clock.advance(2min);
    wait_for_steps(20);
    expect_two_attempts();
    EXPECT_EQ(tickets_by_marks(), (marks{{0, 1}, {1, 20}}));

    wait_until([&] { return failed_.value() >= 2; });
    EXPECT_GE(steady_clock::now() - begun, 5s);
    EXPECT_GE(attempts(), 3) << "it comes back";
    sql("DROP TRIGGER refuse ON ticket");
    wait_for_steps(21);
    EXPECT_EQ(tickets_by_marks(), (marks{{1, 21}}));
}

TEST_F(Scanner, ATicketThatCannotBeReadHoldsUpNoOther)
{
    due_tickets(3, "P1", "A", clock.now() - 10min);
    due_tickets(40, "P3", "C", clock.now() - 10min);
    sql("UPDATE ticket SET status = 'of another time' WHERE number = 'A-0000002'");
    start();
    wait_for_steps(42);
    EXPECT_EQ(tickets_by_marks(), (marks{{0, 1}, {1, 42}}));
    EXPECT_EQ(failed_.value(), 0) << "its batch was committed without it";
}

TEST_F(Scanner, OfTwoWhoTakeTheSameAtOnceEachMarkIsMadeByOne)
{
    due_tickets(20, "P2", "B", clock.now() - 10min);
    pg::database other_db(on(), settings(), metrics);
    ticket_service other(other_db, clock, rules_, metrics);
    const auto due = due_now();
    ASSERT_EQ(due.size(), 20u);
    const auto here = on();
    const auto at_once = [&]() -> task<std::size_t> {
        auto group = asio::experimental::make_parallel_group(
            asio::co_spawn(here, tickets_.run_due(due), asio::deferred),
            asio::co_spawn(here, other.run_due({due.rbegin(), due.rend()}), asio::deferred));
        auto [order, first_thrown, first, second_thrown, second] =
            co_await group.async_wait(asio::experimental::wait_for_all(), use_task);
        EXPECT_TRUE(first && second);
        co_return first->size() + second->size();
    };
    EXPECT_EQ(run(at_once()), 20u);
    EXPECT_EQ(tickets_by_marks(), (marks{{1, 20}}));
    EXPECT_THAT(due_now(), IsEmpty());

    // And beside the scanner itself, over many batches.
    due_tickets(100, "P2", "C", clock.now() - 5min);
    start();
    std::size_t by_other = 0;
    while (true) {
        auto some = due_now();
        if (some.empty()) break;
        some.resize(std::min<std::size_t>(some.size(), 16));
        const auto moved = run(other.run_due(std::move(some)));
        ASSERT_TRUE(moved) << moved.error().detail;
        by_other += moved->size();
    }
    wait_for_steps(static_cast<double>(100 - by_other));
    EXPECT_EQ(taken_.value(), static_cast<double>(100 - by_other));
    EXPECT_EQ(tickets_by_marks(), (marks{{1, 120}}));
    run(other_db.close());
}

TEST_F(Scanner, CutOffBetweenReadingAndCommitItMakesEachMarkOnceAllTheSame)
{
    due_tickets(80, "P2", "B", clock.now() - 10min);
    // When its marks are written, before the transaction is committed.
    superuser_sql("CREATE SEQUENCE attempts");
    superuser_sql("CREATE FUNCTION cut_off() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = "
                  "huiyin AS $$BEGIN IF nextval('attempts') IN (1, 40) THEN PERFORM "
                  "pg_terminate_backend(pg_backend_pid()); END IF; RETURN NULL; END$$");
    superuser_sql("CREATE CONSTRAINT TRIGGER cut_off AFTER INSERT ON event DEFERRABLE INITIALLY DEFERRED FOR EACH ROW "
                  "WHEN (NEW.kind = 'deadline.breached') EXECUTE FUNCTION cut_off()");
    start();
    wait_for_steps(80);
    EXPECT_GT(attempts(), 80) << "some were written more than once, and committed once";
    EXPECT_EQ(failed_.value(), 2);
    EXPECT_EQ(tickets_by_marks(), (marks{{1, 80}}));
    EXPECT_EQ(column("SELECT count(*)::text FROM ticket t WHERE number LIKE 'B-%' AND version <> (SELECT version + 1 "
                     "FROM ticket m WHERE m.id = '" +
                     model_.to_string() + "')")
                  .front(),
              "0")
        << "nothing half";
}

/// Running clocks are brought over to what has changed while the connection is lost again and again, each time with a
/// service that knows nothing of before, as after a crash.
class Recount : public TicketService
{
protected:
    void TearDown() override { run(background_.stop()); }

    /// More than are recounted at a time.
    static constexpr int count = 230;

    void begin(const std::string& resolve)
    {
        auto pack = json::parse(text_of("packs/newspaper.json"));
        for (auto& each : pack.at("categories"))
            if (each.at("code") == "missed_copy") each["targets"]["resolve"] = resolve;
        apply_pack(pack);
    }
    void cut_off_at(const std::string& kind, const std::string& places)
    {
        const auto name = kind.substr(kind.find('.') + 1) + (kind.starts_with("ticket") ? "_one" : "_all");
        superuser_sql(fmt::format("CREATE SEQUENCE {0}; CREATE FUNCTION cut_off_{0}() RETURNS trigger LANGUAGE plpgsql "
                                  "SECURITY DEFINER SET search_path = huiyin AS $$BEGIN IF nextval('{0}') IN ({1}) "
                                  "THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF; RETURN NULL; END$$",
                                  name, places));
        superuser_sql(fmt::format("CREATE CONSTRAINT TRIGGER cut_off_{0} AFTER INSERT ON event DEFERRABLE INITIALLY "
                                  "DEFERRED FOR EACH ROW WHEN (NEW.kind = '{1}') EXECUTE FUNCTION cut_off_{0}()",
                                  name, kind));
    }
    /// How often it was cut off before it was done.
    int recount_through_crashes()
    {
        int lost = 0;
        auto service = std::make_unique<ticket_service>(db_, clock, rules_, metrics);
        for (const auto end = steady_clock::now() + 500s; steady_clock::now() < end;) {
            std::optional<result<bool>> more;
            background_.spawn("recount", recount_once(*service, more));
            while (!more)
                run(pause_for(10ms));
            if (*more && !**more) return lost;
            if (*more) {
                run(pause_for(20ms));
                continue;
            }
            EXPECT_EQ(more->error().code, errc::unavailable) << more->error().detail;
            ++lost;
            clock.advance(1min);
            service = std::make_unique<ticket_service>(db_, clock, rules_, metrics);
        }
        ADD_FAILURE() << "not done in time";
        return lost;
    }
    static task<> recount_once(ticket_service& by, std::optional<result<bool>>& ended)
    {
        ended = co_await by.recount_clocks();
    }
    void expect_each_once(ticket_id model, const std::string& by)
    {
        EXPECT_THAT(column(fmt::format("SELECT marks || ' x ' || count(*) FROM (SELECT count(e.id) AS marks FROM "
                                       "ticket t LEFT JOIN event e ON e.subject = t.id AND e.kind = "
                                       "'ticket.clocks_recounted' AND e.data ? '{}' GROUP BY t.id) AS m GROUP BY marks",
                                       by)),
                    ElementsAre(fmt::format("1 x {}", count + 1)));
        // They were alike before, and nothing that was half done sets them apart now.
        EXPECT_THAT(
            column("SELECT DISTINCT concat_ws(' ', state, target, due_at, original_due_at, policy_version) FROM "
                   "ticket_deadline WHERE kind = 'resolve'"),
            ::testing::SizeIs(1));
        EXPECT_THAT(column("SELECT DISTINCT version::text FROM ticket"),
                    ElementsAre(std::to_string(run(tickets_.stamp_of(model)).value().version)));
    }

    task_group background_{on()};
};

TEST_F(Recount, OfALateCalendarIsDoneOnceForEachTicketThroughLostConnections)
{
    begin("5wd office");
    clock.set(parse_rfc3339("2026-02-12T10:00:00+08:00").value());
    const auto model = dispatched();
    copy(model, count, "C");
    recount();
    clock.set(parse_rfc3339("2026-02-14T10:00:00+08:00").value());
    ASSERT_TRUE(
        run(configuration_.put_calendar_year("cn", 2026, text_of("calendars/cn-2026.json"), domain::actor::system())));
    cut_off_at("ticket.clocks_recounted", "1, 90, 205");
    cut_off_at("calendar.recounted", "1");
    EXPECT_EQ(recount_through_crashes(), 4);
    EXPECT_EQ(clock_of(model, domain::deadline_kind::resolve).due_at,
              parse_rfc3339("2026-02-26T23:59:59+08:00").value());
    expect_each_once(model, "calendar");
    EXPECT_THAT(column("SELECT data ->> 'calendar' FROM event WHERE kind = 'calendar.recounted'"),
                ElementsAre("office"));
    EXPECT_THAT(column("SELECT name FROM counted_calendar WHERE next IS NOT NULL OR done_through IS NOT NULL"),
                IsEmpty());
}

TEST_F(Recount, OfALaterTargetIsDoneOnceForEachTicketThroughLostConnections)
{
    recount();
    const auto model = dispatched();
    copy(model, count, "C");
    begin("9wd office");
    clock.advance(1min);
    cut_off_at("ticket.clocks_recounted", "1, 90, 205");
    cut_off_at("targets.recounted", "1");
    EXPECT_EQ(recount_through_crashes(), 4);
    EXPECT_EQ(domain::to_string(clock_of(model, domain::deadline_kind::resolve).goal), "9wd");
    expect_each_once(model, "policy_version");
    EXPECT_THAT(column("SELECT data ->> 'version' FROM event WHERE kind = 'targets.recounted'"), ElementsAre("2"));
    EXPECT_THAT(column("SELECT version::text FROM counted_pack WHERE next IS NULL AND done_through IS NULL"),
                ElementsAre("2"));
}

} // namespace
} // namespace huiyin::ticket
