#include "pg_test.hpp"

#include <huiyin/pg/listener.hpp>

namespace huiyin::pg {
namespace {

using namespace std::chrono_literals;

constexpr statement say{"test.say", "SELECT pg_notify('events', '')"};

class ListenerTest : public test::pg_fixture
{
public:
    ListenerTest() : pg_fixture(content::empty), group(on()), db(on(), app_settings(), metrics)
    {
        group.spawn("listener", listen(app_settings(), "events", [this]() { ++heard; }));
    }
    ~ListenerTest() override { run(group.stop()); }
    void wait_for(int count)
    {
        run(until([this, count]() { return heard >= count; }));
    }
    /// Who listens, by the text of what he last said.
    std::vector<int> listeners()
    {
        std::vector<int> pids;
        for (const auto each : superuser_sql("SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND "
                                             "query LIKE 'LISTEN%'"))
            pids.push_back(each.get<int>(0));
        return pids;
    }

    task_group group;
    database db;
    int heard = 0;
};

TEST_F(ListenerTest, HearsOnceAtTheStartAndThenEachNotification)
{
    wait_for(1);
    must(run(db.run(say)));
    wait_for(2);
    must(run(db.run(say)));
    wait_for(3);
    EXPECT_EQ(heard, 3);
}

TEST_F(ListenerTest, ReconnectsAndHearsOnceSinceHintsMayHaveBeenMissed)
{
    wait_for(1);
    const auto before = listeners();
    ASSERT_EQ(before.size(), 1u);
    superuser_sql("SELECT pg_terminate_backend(" + std::to_string(before[0]) + ")");
    wait_for(2);
    // The old one tells its end to its client before it has ended.
    std::vector<int> after;
    run(until([&]() {
        after = listeners();
        return after.size() == 1 && after != before;
    }));
    must(run(db.run(say)));
    wait_for(3);
}

TEST_F(ListenerTest, ANotifierCoalescesItsMarks)
{
    wait_for(1);
    const auto since = std::chrono::steady_clock::now();
    notifier hints(on(), app_settings(), "events", 50ms);
    group.spawn("notifier", hints.run());
    for (int i = 0; i < 1000; ++i)
        hints.mark();
    wait_for(2);
    const auto scene = [](notifier& n, const int& count) -> task<> {
        while (count < 5) {
            n.mark();
            co_await pause_for(1ms);
        }
    };
    run(scene(hints, heard));
    EXPECT_GE(std::chrono::steady_clock::now() - since, 130ms) << "at most one in 50 ms";
    run(group.stop());
}

TEST_F(ListenerTest, ANotifierKeepsAMarkUntilItIsSent)
{
    wait_for(1);
    notifier hints(on(), app_settings(), "events", 1ms);
    hints.mark();
    group.spawn("notifier", hints.run());
    wait_for(2);
    superuser_sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND query "
                  "LIKE '%pg_notify%' AND pid <> pg_backend_pid()");
    hints.mark();
    wait_for(3);
    run(group.stop());
}

TEST_F(ListenerTest, AChannelMayHaveAnyName)
{
    int other = 0;
    group.spawn("other", listen(app_settings(), "a \"b\"; 回音", [&other]() { ++other; }));
    run(until([&other]() { return other == 1; }));
    notifier hints(on(), app_settings(), "a \"b\"; 回音", 1ms);
    group.spawn("notifier", hints.run());
    hints.mark();
    run(until([&other]() { return other == 2; }));
    run(group.stop());
}

} // namespace
} // namespace huiyin::pg
