#include "pg_test.hpp"

namespace huiyin::pg {
namespace {

using namespace std::chrono_literals;

constexpr statement add_item{"item.add", "INSERT INTO item (name, amount) VALUES ($1, $2) RETURNING id"};
constexpr statement count_items{"item.count", "SELECT count(*) FROM item"};
constexpr statement lock_item{"item.lock", "SELECT amount FROM item WHERE name = $1 FOR UPDATE"};
constexpr statement change_item{"item.change", "UPDATE item SET amount = amount + $2 WHERE name = $1"};
constexpr statement backend_pid{"test.backend", "SELECT pg_backend_pid()"};
constexpr statement transaction_number{"test.xid", "SELECT pg_current_xact_id_if_assigned()::text"};
constexpr statement sleep_long{"test.sleep", "SELECT pg_sleep(20)", 80ms};
constexpr statement sleep_briefly{"test.nap", "SELECT pg_sleep(0.05)"};
constexpr statement write_slowly{"test.write_slowly", "INSERT INTO item (name) SELECT 'slow' FROM pg_sleep(20)", 80ms};
constexpr statement session_settings{"test.settings", R"sql(
    SELECT current_setting('search_path'), current_setting('application_name'),
           current_setting('idle_in_transaction_session_timeout'), current_setting('TimeZone'))sql"};
constexpr statement fill{"test.fill", "SELECT repeat('x', $1::int), length($2::text)", 20s};

constexpr std::string_view tables = R"sql(
    CREATE SCHEMA huiyin;
    CREATE TABLE huiyin.item (
        id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        name   text NOT NULL CONSTRAINT item_name_once UNIQUE,
        amount int NOT NULL DEFAULT 0 CONSTRAINT item_amount_positive CHECK (amount >= 0)
    );
    CREATE TABLE huiyin.part (
        item bigint CONSTRAINT part_of_item REFERENCES huiyin.item DEFERRABLE INITIALLY DEFERRED
    );
    GRANT USAGE ON SCHEMA huiyin TO huiyin_app;
    GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA huiyin TO huiyin_app;)sql";

class DatabaseTest : public test::pg_fixture
{
public:
    DatabaseTest() : pg_fixture(content::empty), db(on(), settings(), metrics) { sql(std::string(tables)); }

    database_settings settings() const
    {
        auto some = app_settings();
        some.connections = 2;
        some.waiting_limit = 3;
        some.acquire_within = test::patience;
        return some;
    }
    std::int64_t items() { return sql("SELECT count(*) FROM item").front().get<std::int64_t>(0); }
    void kill(int pid) { superuser_sql("SELECT pg_terminate_backend(" + std::to_string(pid) + ")"); }
    /// Other sessions of this test's database, in the state given.
    std::int64_t sessions(const std::string& condition)
    {
        return superuser_sql("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> "
                             "pg_backend_pid() AND application_name = 'huiyin' AND " +
                             condition)
            .front()
            .get<std::int64_t>(0);
    }

    database db;
};

TEST_F(DatabaseTest, EverySessionHasItsSchemaNameLimitsAndTimeZone)
{
    const auto got = must(run(db.run(session_settings)));
    EXPECT_EQ(got.front().get<std::string>(0), "\"huiyin\", public");
    EXPECT_EQ(got.front().get<std::string>(1), "huiyin");
    EXPECT_EQ(got.front().get<std::string>(2), "10s");
    EXPECT_EQ(got.front().get<std::string>(3), "UTC");
}

TEST_F(DatabaseTest, ErrorsAreToldApartByClass)
{
    constexpr static statement divide{"test.divide", "SELECT 1 / $1::int"};
    constexpr static statement misspelt{"test.misspelt", "SELEKT 1"};
    constexpr static statement no_table{"test.no_table", "SELECT 1 FROM nowhere"};
    constexpr static statement add_null{"test.add_null", "INSERT INTO item (name) VALUES (NULL)"};
    constexpr static statement add_part{"test.add_part", "INSERT INTO part VALUES (4711)"};
    constexpr static statement raise{"test.raise", "DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '40P01'; END $$"};
    constexpr static statement full{"test.full", "DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '53100'; END $$"};
    constexpr static statement locked{"test.locked", "DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '55P03'; END $$"};
    must(run(db.run(add_item, params("paper", 1))));

    const auto told = [this](const statement& what, params with = {}) {
        const auto e = failure(run(db.run(what, std::move(with))));
        return std::pair(e.code, e.detail);
    };
    using expected = std::pair<errc, std::string>;
    EXPECT_EQ(told(add_item, params("paper", 1)), expected(errc::constraint_violated, "item_name_once"));
    EXPECT_EQ(told(add_item, params("other", -1)), expected(errc::constraint_violated, "item_amount_positive"));
    EXPECT_EQ(told(add_null), expected(errc::constraint_violated, "item.name"));
    EXPECT_EQ(told(add_part), expected(errc::constraint_violated, "part_of_item"));
    EXPECT_EQ(told(divide, params(0)).first, errc::data_rejected);
    EXPECT_EQ(told(divide, params("secret word")), expected(errc::data_rejected, "22P02 in test.divide"));
    EXPECT_EQ(told(misspelt).first, errc::internal);
    EXPECT_EQ(told(no_table).first, errc::internal);
    EXPECT_EQ(told(raise).first, errc::serialization_failure);
    EXPECT_EQ(told(full).first, errc::overloaded);
    EXPECT_EQ(told(locked).first, errc::overloaded);
    EXPECT_EQ(sessions("true"), 1) << "none of these costs the connection";
    EXPECT_EQ(metrics.counter("huiyin_pg_errors_total", "", {{"class", "23"}}).value(), 4);
}

TEST_F(DatabaseTest, TwoStatementsOfOneNameAreABug)
{
    constexpr static statement twin{"item.count", "SELECT 2"};
    must(run(db.run(count_items)));
    EXPECT_THROW(run(db.run(twin)), std::logic_error);
    EXPECT_EQ(must(run(db.run(count_items))).size(), 1u);
}

TEST_F(DatabaseTest, AStatementPastItsLimitIsATimeoutAndItsConnectionIsNotUsedAgain)
{
    const auto before = must(run(db.run(backend_pid))).front().get<int>(0);
    EXPECT_EQ(failure(run(db.run(sleep_long))).code, errc::timeout);
    EXPECT_NE(must(run(db.run(backend_pid))).front().get<int>(0), before);
}

TEST_F(DatabaseTest, TheLimitCountsFromEachStatementAndNotFromAnEarlierOne)
{
    constexpr static statement nap{"test.short_nap", "SELECT pg_sleep(0.5)", 4s};
    const auto naps = [](database& d) -> task<bool> {
        for (int i = 0; i < 10; ++i)
            if (!co_await d.run(nap)) co_return false;
        co_return true;
    };
    EXPECT_TRUE(run(naps(db)));
}

TEST_F(DatabaseTest, AWriteThatWasCutOffIsUnknownAndAReadIsNot)
{
    EXPECT_EQ(failure(run(db.run(write_slowly))).code, errc::commit_unknown);
    EXPECT_EQ(failure(run(db.run(sleep_long))).code, errc::timeout);
}

TEST_F(DatabaseTest, ACancelledStatementClosesItsConnection)
{
    const auto scene = [](DatabaseTest& t) -> task<> {
        task_group group(t.on());
        const auto sleeper = [](database& d) -> task<> {
            EXPECT_EQ(failure(co_await d.run(sleep_briefly)).code, errc::cancelled);
        };
        group.spawn("sleeper", sleeper(t.db));
        co_await until([&t]() { return t.sessions("state = 'active'") == 1; });
        co_await group.stop();
        must(co_await t.db.run(count_items));
        co_await until([&t]() { return t.sessions("true") == 1; });
    };
    run(scene(*this));
}

TEST_F(DatabaseTest, LargeValuesGoBothWaysAtOnce)
{
    const std::string large(2 << 20, 'y');
    const auto scene = [](database& d, const std::string& text) -> task<std::pair<std::size_t, int>> {
        auto tx = must(co_await d.begin());
        batch many;
        for (int i = 0; i < 4; ++i)
            many.add(fill, params(2 << 20, text));
        auto got = must(co_await tx.run(std::move(many)));
        co_return std::pair(got.back().front().get<std::string_view>(0).size(), got.back().front().get<int>(1));
    };
    EXPECT_EQ(run(scene(db, large)), (std::pair<std::size_t, int>(2 << 20, 2 << 20)));
}

// ---- the pool

task<> hold(database& db, std::vector<int>& order, int number, duration time)
{
    auto tx = co_await db.begin();
    if (!tx) co_return;
    order.push_back(number);
    co_await pause_for(time);
}

TEST_F(DatabaseTest, WaitingUseCasesAreServedInTheirOrder)
{
    const auto scene = [](DatabaseTest& t) -> task<std::vector<int>> {
        // Both connections are open beforehand: of two that are opened at once either may be the first.
        std::vector<int> opened, order;
        task_group openers(t.on()), group(t.on());
        for (int i = 0; i < 2; ++i)
            openers.spawn("opener", hold(t.db, opened, i, 1h));
        co_await until([&opened]() { return opened.size() == 2; });
        co_await openers.stop();
        for (int i = 0; i < 5; ++i) {
            group.spawn("holder", hold(t.db, order, i, 30ms));
            co_await pause_for(1ms);
        }
        co_await until([&order]() { return order.size() == 5; });
        co_await group.stop();
        co_return order;
    };
    EXPECT_EQ(run(scene(*this)), (std::vector<int>{0, 1, 2, 3, 4}));
    EXPECT_LE(sessions("true"), 2);
}

TEST_F(DatabaseTest, BeyondTheWaitingLimitAUseCaseIsRefusedAtOnce)
{
    const auto scene = [](DatabaseTest& t) -> task<errc> {
        std::vector<int> order;
        task_group group(t.on());
        for (int i = 0; i < 5; ++i)
            group.spawn("holder", hold(t.db, order, i, 1h));
        co_await until([&order]() { return order.size() == 2; });
        const auto refused = failure(co_await t.db.run(count_items)).code;
        EXPECT_EQ(t.metrics.gauge("huiyin_pg_waiters", "").value(), 3);
        EXPECT_EQ(t.metrics.gauge("huiyin_pg_connections", "", {{"state", "busy"}}).value(), 2);
        co_await group.stop();
        co_return refused;
    };
    EXPECT_EQ(run(scene(*this)), errc::overloaded);
    EXPECT_EQ(metrics.gauge("huiyin_pg_waiters", "").value(), 0);
    EXPECT_EQ(metrics.gauge("huiyin_pg_connections", "", {{"state", "busy"}}).value(), 0);
}

TEST_F(DatabaseTest, AUseCaseWaitsOnlySoLongForAConnection)
{
    const auto scene = [](DatabaseTest& t, database& hasty) -> task<errc> {
        std::vector<int> order;
        task_group group(t.on());
        // Opening a connection may take longer than that as well.
        const auto hold_at_last = [](database& d, std::vector<int>& held) -> task<> {
            while (held.size() < 2)
                co_await hold(d, held, 0, 1h);
        };
        for (int i = 0; i < 2; ++i)
            group.spawn("holder", hold_at_last(hasty, order));
        co_await until([&order]() { return order.size() == 2; });
        const auto refused = failure(co_await hasty.run(count_items)).code;
        co_await group.stop();
        co_return refused;
    };
    auto some = settings();
    some.acquire_within = 300ms;
    database hasty(on(), some, metrics);
    EXPECT_EQ(run(scene(*this, hasty)), errc::unavailable);
    EXPECT_TRUE(run(hasty.ping()));
}

TEST_F(DatabaseTest, AWaiterThatIsCancelledLosesNoConnection)
{
    const auto scene = [](DatabaseTest& t) -> task<> {
        for (int round = 0; round < 20; ++round) {
            std::vector<int> order;
            task_group holders(t.on());
            task_group waiters(t.on());
            for (int i = 0; i < 2; ++i)
                holders.spawn("holder", hold(t.db, order, i, 1h));
            co_await until([&order]() { return order.size() == 2; });
            for (int i = 2; i < 4; ++i)
                waiters.spawn("waiter", hold(t.db, order, i, 1h));
            co_await pause_for(1ms);
            // In odd rounds the connections are handed over in the very moment in which the waiters are cancelled.
            if (round % 2 == 1) co_await holders.stop();
            co_await waiters.stop();
            co_await holders.stop();
        }
        must(co_await t.db.ping());
    };
    run(scene(*this));
    EXPECT_EQ(metrics.gauge("huiyin_pg_connections", "", {{"state", "busy"}}).value(), 0);
}

TEST_F(DatabaseTest, CloseFailsWhoWaitsAndLetsTheOthersFinish)
{
    const auto scene = [](DatabaseTest& t) -> task<> {
        std::vector<int> order;
        errc told = errc::internal;
        bool closed = false;
        task_group group(t.on()), holders(t.on());
        for (int i = 0; i < 2; ++i)
            holders.spawn("holder", hold(t.db, order, i, 1h));
        co_await until([&order]() { return order.size() == 2; });
        const auto wait = [](database& d, errc& code) -> task<> { code = failure(co_await d.begin()).code; };
        const auto close = [](database& d, bool& done) -> task<> {
            co_await d.close();
            done = true;
        };
        group.spawn("waiter", wait(t.db, told));
        co_await pause_for(1ms);
        group.spawn("closer", close(t.db, closed));
        co_await until([&told]() { return told != errc::internal; });
        EXPECT_EQ(told, errc::shutting_down);
        EXPECT_FALSE(closed);
        co_await holders.stop();
        co_await until([&closed]() { return closed; });
        EXPECT_EQ(failure(co_await t.db.run(count_items)).code, errc::shutting_down);
        co_await group.stop();
        co_await until([&t]() { return t.sessions("true") == 0; });
    };
    run(scene(*this));
}

TEST_F(DatabaseTest, AConnectionKilledWhileIdleIsReplacedUnnoticed)
{
    const auto before = must(run(db.run(backend_pid))).front().get<int>(0);
    kill(before);
    run(until([this]() { return sessions("true") == 0; }));
    EXPECT_NE(must(run(db.run(backend_pid))).front().get<int>(0), before);
}

TEST_F(DatabaseTest, AConnectionKilledInUseIsUnavailableAndReplacedAfterwards)
{
    const auto scene = [](DatabaseTest& t) -> task<errc> {
        auto tx = must(co_await t.db.begin());
        const auto pid = must(co_await tx.run(backend_pid)).front().get<int>(0);
        t.kill(pid);
        const auto first = failure(co_await tx.run(count_items));
        const auto again = failure(co_await tx.commit());
        EXPECT_EQ(again.code, first.code) << "a dead transaction repeats itself";
        co_return first.code;
    };
    EXPECT_EQ(run(scene(*this)), errc::unavailable);
    EXPECT_TRUE(run(db.ping()));
}

TEST_F(DatabaseTest, WithoutAServerAUseCaseIsToldInTime)
{
    auto lost = settings();
    lost.url = "host=/nonexistent dbname=x";
    lost.acquire_within = 300ms;
    database nowhere(on(), lost, metrics);
    EXPECT_EQ(failure(run(nowhere.ping())).code, errc::unavailable);
    lost.url = "host=a,b,c port=1,2";
    database misspelt(on(), lost, metrics);
    EXPECT_EQ(failure(run(misspelt.ping())).code, errc::not_configured);
}

// ---- transactions

TEST_F(DatabaseTest, ACommittedTransactionIsThereAndADroppedOneIsNot)
{
    const auto scene = [](DatabaseTest& t) -> task<> {
        {
            auto tx = must(co_await t.db.begin());
            must(co_await tx.run(add_item, params("kept", 1)));
            must(co_await tx.commit());
        }
        {
            auto tx = must(co_await t.db.begin());
            must(co_await tx.run(add_item, params("dropped", 1)));
        }
        {
            auto tx = must(co_await t.db.begin());
            must(co_await tx.run(add_item, params("rolled back", 1)));
            co_await tx.roll_back();
        }
        // The same connection, after the ROLLBACK that nobody waited for.
        EXPECT_EQ(must(co_await t.db.run(count_items)).front().get<int>(0), 1);
        auto tx = must(co_await t.db.begin());
        must(co_await tx.run(add_item, params("dropped", 1)));
        must(co_await tx.commit());
    };
    run(scene(*this));
    EXPECT_EQ(items(), 2);
    EXPECT_EQ(sessions("true"), 1);
    EXPECT_EQ(sessions("state = 'idle'"), 1);
}

TEST_F(DatabaseTest, TellsOfEachCommitThatWrote)
{
    int told = 0;
    db.when_committed([&told]() { ++told; });
    const auto scene = [&told](DatabaseTest& t) -> task<> {
        auto wrote = must(co_await t.db.begin());
        must(co_await wrote.run(add_item, params("kept", 1)));
        EXPECT_EQ(told, 0);
        must(co_await wrote.commit());
        EXPECT_EQ(told, 1);
        auto at_once = must(co_await t.db.begin());
        batch last;
        last.add(add_item, params("kept too", 1));
        must(co_await at_once.commit(std::move(last)));
        EXPECT_EQ(told, 2);
        auto looked = must(co_await t.db.begin());
        must(co_await looked.run(count_items));
        must(co_await looked.commit());
        auto read = must(co_await t.db.begin_reading());
        must(co_await read.run(count_items));
        must(co_await read.commit());
        auto undone = must(co_await t.db.begin());
        must(co_await undone.run(add_item, params("rolled back", 1)));
        co_await undone.roll_back();
        {
            auto dropped = must(co_await t.db.begin());
            must(co_await dropped.run(add_item, params("dropped", 1)));
        }
    };
    run(scene(*this));
    EXPECT_EQ(told, 2);
}

TEST_F(DatabaseTest, ADroppedTransactionLetsGoOfItsLocksAtOnce)
{
    const auto scene = [](DatabaseTest& t) -> task<> {
        must(co_await t.db.run(add_item, params("paper", 1)));
        auto first = must(co_await t.db.begin());
        must(co_await first.run(lock_item, params("paper")));
        {
            const auto dropped = std::move(first);
        }
        auto second = must(co_await t.db.begin());
        must(co_await second.run(lock_item, params("paper")));
        must(co_await second.commit());
    };
    run(scene(*this));
}

TEST_F(DatabaseTest, ABatchGivesItsResultsInOrder)
{
    const auto scene = [](DatabaseTest& t) -> task<> {
        auto tx = must(co_await t.db.begin());
        batch many;
        many.add(add_item, params("a", 1)).add(add_item, params("b", 2)).add(count_items);
        auto got = must(co_await tx.run(std::move(many)));
        EXPECT_EQ(got.size(), 3u);
        EXPECT_EQ(got[2].front().get<int>(0), 2);
        batch last;
        last.add(change_item, params("a", 10)).add(change_item, params("nobody", 10));
        got = must(co_await tx.commit(std::move(last)));
        EXPECT_EQ(got.size(), 2u);
        EXPECT_EQ(got[0].affected(), 1u);
        EXPECT_EQ(got[1].affected(), 0u);
    };
    run(scene(*this));
    EXPECT_EQ(sql("SELECT amount FROM item WHERE name = 'a'").front().get<int>(0), 11);
}

TEST_F(DatabaseTest, TheFirstErrorOfABatchIsTheAnswerAndNothingOfItStays)
{
    const auto scene = [](DatabaseTest& t, bool with_commit) -> task<error> {
        auto tx = must(co_await t.db.begin());
        must(co_await tx.run(add_item, params("before", 1)));
        batch many;
        many.add(add_item, params("a", 1)).add(add_item, params("a", -1)).add(add_item, params("c", -1));
        const auto told = failure(with_commit ? co_await tx.commit(std::move(many)) : co_await tx.run(std::move(many)));
        EXPECT_EQ(failure(co_await tx.run(count_items)).detail, told.detail);
        EXPECT_EQ(failure(co_await tx.commit()).detail, told.detail);
        co_return told;
    };
    for (const bool with_commit : {false, true}) {
        const auto told = run(scene(*this, with_commit));
        EXPECT_EQ(told.code, errc::constraint_violated);
        EXPECT_EQ(told.detail, "item_amount_positive");
    }
    EXPECT_EQ(items(), 0);
    EXPECT_EQ(sessions("true"), 1);
}

TEST_F(DatabaseTest, AConstraintThatWaitsForTheCommitIsItsAnswer)
{
    constexpr static statement add_part{"test.add_part", "INSERT INTO part VALUES (4711)"};
    const auto scene = [](DatabaseTest& t) -> task<error> {
        auto tx = must(co_await t.db.begin());
        must(co_await tx.run(add_part));
        co_return failure(co_await tx.commit());
    };
    const auto told = run(scene(*this));
    EXPECT_EQ(told.code, errc::constraint_violated);
    EXPECT_EQ(told.detail, "part_of_item");
    EXPECT_TRUE(run(db.ping()));
}

TEST_F(DatabaseTest, ATransactionWithoutAStatementCommitsNothing)
{
    const auto scene = [](DatabaseTest& t) -> task<> {
        auto tx = must(co_await t.db.begin());
        EXPECT_TRUE(must(co_await tx.run(batch{})).empty());
        must(co_await tx.commit());
        EXPECT_EQ(failure(co_await tx.run(count_items)).code, errc::internal) << "it has ended";
        auto only = must(co_await t.db.begin());
        batch last;
        last.add(add_item, params("only", 1));
        EXPECT_EQ(must(co_await only.commit(std::move(last))).size(), 1u);
    };
    run(scene(*this));
    EXPECT_EQ(items(), 1);
}

TEST_F(DatabaseTest, AReadingTransactionSeesOneStateAndCannotWrite)
{
    const auto scene = [](DatabaseTest& t) -> task<errc> {
        auto reading = must(co_await t.db.begin_reading());
        EXPECT_EQ(must(co_await reading.run(count_items)).front().get<int>(0), 0);
        must(co_await t.db.run(add_item, params("meanwhile", 1)));
        EXPECT_EQ(must(co_await reading.run(count_items)).front().get<int>(0), 0);
        must(co_await reading.commit());
        auto other = must(co_await t.db.begin_reading());
        co_return failure(co_await other.run(add_item, params("x", 1))).code;
    };
    EXPECT_EQ(run(scene(*this)), errc::internal);
}

TEST_F(DatabaseTest, TransactionNumbersRiseInTheOrderOfTheLocks)
{
    // Two begin, the second one locks first: it must have the lower number, or the feed would show them in reverse.
    const auto scene = [](DatabaseTest& t) -> task<> {
        must(co_await t.db.run(add_item, params("paper", 1)));
        auto late = must(co_await t.db.begin());
        must(co_await late.run(count_items));
        auto early = must(co_await t.db.begin());
        must(co_await early.run(lock_item, params("paper")));
        const auto first = must(co_await early.run(transaction_number)).front().get<std::optional<std::string>>(0);
        EXPECT_EQ(must(co_await late.run(transaction_number)).front().get<std::optional<std::string>>(0), std::nullopt);
        must(co_await early.commit());
        must(co_await late.run(lock_item, params("paper")));
        const auto second = must(co_await late.run(transaction_number)).front().get<std::string>(0);
        EXPECT_LT(std::stoll(first.value()), std::stoll(second));
        must(co_await late.commit());
    };
    run(scene(*this));
}

TEST_F(DatabaseTest, ManyUseCasesAtOnceLoseNothing)
{
    auto some = settings();
    some.waiting_limit = 1000;
    database busy(on(), some, metrics);
    must(run(db.run(add_item, params("counter", 0))));
    const auto count_up = [](database& d, int& left) -> task<> {
        auto tx = must(co_await d.begin());
        must(co_await tx.run(lock_item, params("counter")));
        batch last;
        last.add(change_item, params("counter", 1));
        must(co_await tx.commit(std::move(last)));
        --left;
    };
    const auto scene = [&count_up](database& d, executor here) -> task<> {
        int left = 200;
        task_group group(here);
        for (int i = 0; i < 200; ++i)
            group.spawn("counter", count_up(d, left));
        co_await until([&left]() { return left == 0; });
        co_await group.stop();
    };
    run(scene(busy, on()));
    EXPECT_EQ(sql("SELECT amount FROM item WHERE name = 'counter'").front().get<int>(0), 200);
}

TEST_F(DatabaseTest, StatementsAreTimedByName)
{
    must(run(db.run(count_items)));
    const auto text = metrics.text();
    EXPECT_NE(text.find("huiyin_pg_statement_seconds_count{statement=\"item.count\"} 1"), std::string::npos) << text;
    EXPECT_NE(text.find("huiyin_pg_connections{state=\"idle\"} 1"), std::string::npos);
}

TEST_F(DatabaseTest, AChangedTableCostsOneFailureAndNotTheConnectionForEver)
{
    constexpr static statement all{"item.all", "SELECT * FROM item"};
    must(run(db.run(all)));
    sql("ALTER TABLE item ADD COLUMN extra text");
    EXPECT_FALSE(run(db.run(all)));
    EXPECT_TRUE(run(db.run(all)));
}

} // namespace
} // namespace huiyin::pg
