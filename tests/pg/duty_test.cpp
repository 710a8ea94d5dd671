#include "pg_test.hpp"

#include <huiyin/pg/duty.hpp>

namespace huiyin::pg {
namespace {

using namespace std::chrono_literals;

constexpr statement own_pid{"duty_test.pid", "SELECT pg_backend_pid()"};
constexpr statement keep{"duty_test.keep", "INSERT INTO done (node, fence) VALUES ($1, $2)"};
constexpr statement guarded{"duty_test.guarded", R"sql(
    INSERT INTO done (node, fence) SELECT $1, $2::bigint FROM duty_lease WHERE name = 'sweep' AND fence = $2::bigint)sql"};

/// One node's part in the duty.
struct node
{
    explicit node(std::string called) : name(std::move(called)) {}
    std::string name;
    int holding = 0;
    int taken = 0;
    int pid = 0;
    std::vector<std::int64_t> fences;
};

class DutyTest : public test::pg_fixture
{
public:
    DutyTest() : pg_fixture(content::empty), group(on())
    {
        sql("CREATE SCHEMA huiyin; CREATE TABLE huiyin.duty_lease (name text PRIMARY KEY, fence bigint NOT NULL); "
            "CREATE "
            "TABLE huiyin.done (node text, fence bigint); GRANT USAGE ON SCHEMA huiyin TO huiyin_app; GRANT ALL ON ALL "
            "TABLES IN SCHEMA huiyin TO huiyin_app");
    }
    ~DutyTest() override { run(group.stop()); }
    void start(node& of, std::function<task<>(duty&)> body)
    {
        group.spawn(of.name, hold_duty(app_settings(), "sweep", std::move(body), [&of](bool held) {
                        of.holding += held ? 1 : -1;
                        of.taken += held ? 1 : 0;
                    }));
    }
    void kill(int pid) { superuser_sql("SELECT pg_terminate_backend(" + std::to_string(pid) + ")"); }

    node anna{"anna"};
    node bo{"bo"};
    node chen{"chen"};
    task_group group;
};

task<> hold_on(duty& mine, node& as)
{
    as.fences.push_back(mine.fence());
    as.pid = must(co_await mine.run(own_pid)).front().get<int>(0);
    co_await pause_for(1h);
}

TEST_F(DutyTest, OnlyOneHoldsItAndItMovesOverWhenTheHolderStops)
{
    task_group annas(on());
    annas.spawn("anna", hold_duty(
                            app_settings(), "sweep", [this](duty& d) { return hold_on(d, anna); },
                            [this](bool held) { anna.holding += held ? 1 : -1; }));
    run(until([&]() { return anna.pid != 0; }));
    start(bo, [this](duty& d) { return hold_on(d, bo); });
    run(pause_for(300ms));
    EXPECT_EQ(anna.holding, 1);
    EXPECT_EQ(bo.holding, 0);
    run(annas.stop());
    EXPECT_EQ(anna.holding, 0);
    run(until([&]() { return bo.pid != 0; }));
    EXPECT_EQ(bo.holding, 1);
    EXPECT_LT(anna.fences.at(0), bo.fences.at(0));
}

TEST_F(DutyTest, AHolderWhoseConnectionDiesIsToldEvenInItsSleepAndTheFenceRises)
{
    start(anna, [this](duty& d) { return hold_on(d, anna); });
    run(until([&]() { return anna.pid != 0; }));
    kill(anna.pid);
    run(until([&]() { return anna.taken == 2; }));
    run(until([&]() { return anna.fences.size() == 2; }));
    EXPECT_EQ(anna.holding, 1);
    EXPECT_LT(anna.fences[0], anna.fences[1]);
}

TEST_F(DutyTest, DifferentDutiesAndDifferentCentersDoNotMeet)
{
    start(anna, [this](duty& d) { return hold_on(d, anna); });
    group.spawn("bo", hold_duty(app_settings(), "seal", [this](duty& d) { return hold_on(d, bo); }, nullptr));
    run(until([&]() { return anna.pid != 0 && bo.pid != 0; }));

    sql("CREATE SCHEMA branch; CREATE TABLE branch.duty_lease (name text PRIMARY KEY, fence bigint NOT NULL); GRANT "
        "USAGE ON SCHEMA branch TO huiyin_app; GRANT ALL ON branch.duty_lease TO huiyin_app");
    auto branch = app_settings();
    branch.schema = "branch";
    group.spawn("chen", hold_duty(branch, "sweep", [this](duty& d) { return hold_on(d, chen); }, nullptr));
    run(until([&]() { return chen.pid != 0; }));
    EXPECT_EQ(anna.holding, 1);
}

task<> write_twice(duty& mine, node& as)
{
    as.fences.push_back(mine.fence());
    {
        auto tx = must(co_await mine.begin());
        must(co_await tx.run(keep, params(as.name, mine.fence())));
        must(co_await tx.commit());
    }
    {
        auto dropped = must(co_await mine.begin());
        must(co_await dropped.run(keep, params("dropped", mine.fence())));
    }
    EXPECT_EQ(must(co_await mine.run(guarded, params(as.name, mine.fence()))).affected(), 1u);
    EXPECT_EQ(must(co_await mine.run(guarded, params(as.name, mine.fence() - 1))).affected(), 0u);
    as.pid = 1;
    co_await pause_for(1h);
}

TEST_F(DutyTest, WritesInTransactionsOnItsOwnConnectionGuardedByItsFence)
{
    start(anna, [this](duty& d) { return write_twice(d, anna); });
    run(until([&]() { return anna.pid == 1; }));
    EXPECT_EQ(sql("SELECT 1 FROM done WHERE node = 'anna'").size(), 2u);
    EXPECT_EQ(sql("SELECT 1 FROM done").size(), 2u);
    EXPECT_EQ(anna.taken, 1);
}

task<> die_in_transaction(duty& mine, node& as, std::function<void(int)> kill)
{
    as.fences.push_back(mine.fence());
    if (as.fences.size() > 1) co_await pause_for(1h);
    auto tx = must(co_await mine.begin());
    kill(must(co_await tx.run(own_pid)).front().get<int>(0));
    EXPECT_EQ(failure(co_await tx.run(own_pid)).code, errc::unavailable);
    EXPECT_EQ(failure(co_await mine.run(own_pid)).code, errc::unavailable);
    EXPECT_EQ(failure(co_await mine.begin()).code, errc::unavailable);
}

TEST_F(DutyTest, AfterTheLossNothingMoreIsDoneInItsName)
{
    start(anna, [this](duty& d) { return die_in_transaction(d, anna, [this](int pid) { kill(pid); }); });
    run(until([&]() { return anna.fences.size() == 2; }));
    EXPECT_LT(anna.fences[0], anna.fences[1]);
}

task<> throw_once(duty&, node& as)
{
    if (++as.pid == 1) throw std::runtime_error("a bug (this line in the log is part of the test)");
    co_await pause_for(1h);
}

TEST_F(DutyTest, ABodyThatReturnsOrThrowsIsStartedAgain)
{
    start(anna, [this](duty& d) { return throw_once(d, anna); });
    run(until([&]() { return anna.pid == 2; }));
    EXPECT_EQ(anna.taken, 2);
    EXPECT_EQ(anna.holding, 1);
}

} // namespace
} // namespace huiyin::pg
