#include <huiyin/async/blocking_pool.hpp>
#include <huiyin/async/reactor.hpp>
#include <huiyin/async/task_group.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/detached.hpp>
#include <gtest/gtest.h>

#include <mutex>
#include <optional>

namespace huiyin {
namespace {

using namespace std::chrono_literals;

/// Runs `work` to its end on an io_context of its own; a test that hangs fails after 2 minutes.
template <class T>
T run(asio::io_context& context, task<T> work)
{
    std::exception_ptr thrown;
    std::optional<T> value;
    asio::co_spawn(context, std::move(work), [&](std::exception_ptr e, T v) {
        thrown = e;
        value.emplace(std::move(v));
    });
    context.run_for(2min);
    if (thrown) std::rethrow_exception(thrown);
    if (!value) throw std::runtime_error("hung");
    return std::move(*value);
}

task<result<int>> seven_after(duration time)
{
    co_await pause_for(time);
    co_return 7;
}

task<result<int>> throwing()
{
    co_await pause_for(1ms);
    throw std::logic_error("a bug");
}

TEST(Within, GivesTheResultOfWorkThatFinishesInTime)
{
    asio::io_context context(1);
    EXPECT_EQ(run(context, within(2min, seven_after(1ms))), 7);
}

TEST(Within, ReportsATimeoutWhenTheLimitPassesFirst)
{
    asio::io_context context(1);
    const auto waits_for_ever = []() -> task<result<int>> {
        steady_timer timer(co_await asio::this_coro::executor, 1h);
        co_await timer.async_wait(use_task);
        co_return 7;
    };
    const auto got = run(context, within(5ms, waits_for_ever()));
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().code, errc::timeout);
}

TEST(Within, PassesOnWhatTheWorkThrowsInsteadOfCallingItATimeout)
{
    asio::io_context context(1);
    EXPECT_THROW(run(context, within(2min, throwing())), std::logic_error);
}

TEST(TaskGroup, StopCancelsEveryTaskAndWaitsForTheLast)
{
    asio::io_context context(1);
    task_group group(context.get_executor());
    int ended = 0;
    const auto waiter = [](int& count) -> task<> {
        co_await pause_for(1h);
        ++count;
    };
    for (int i = 0; i < 3; ++i)
        group.spawn("waiter", waiter(ended));
    const auto stop = [](task_group& g) -> task<bool> {
        co_await pause_for(1ms);
        co_await g.stop();
        co_return true;
    };
    EXPECT_TRUE(run(context, stop(group)));
    EXPECT_EQ(ended, 3);
    EXPECT_EQ(group.size(), 0u);
}

TEST(TaskGroup, StartsNothingAfterStop)
{
    asio::io_context context(1);
    task_group group(context.get_executor());
    const auto stop_and_spawn = [](task_group& g) -> task<std::size_t> {
        co_await g.stop();
        g.spawn("late", pause_for(1h));
        co_return g.size();
    };
    EXPECT_EQ(run(context, stop_and_spawn(group)), 0u);
}

TEST(BlockingPool, ResumesOnTheReactorOfTheCaller)
{
    asio::io_context context(1);
    blocking_pool pool(2, 8);
    const auto ask = [](blocking_pool& p) -> task<bool> {
        const auto here = std::this_thread::get_id();
        auto there = co_await p.run([]() { return std::this_thread::get_id(); });
        co_return there && *there != here&& std::this_thread::get_id() == here;
    };
    EXPECT_TRUE(run(context, ask(pool)));
}

TEST(BlockingPool, RefusesBeyondItsLimit)
{
    asio::io_context context(1);
    blocking_pool pool(1, 0);
    const auto ask = [](blocking_pool& p) -> task<errc> {
        auto got = co_await p.run([]() { return 1; });
        co_return got ? errc::internal : got.error().code;
    };
    EXPECT_EQ(run(context, ask(pool)), errc::overloaded);
}

TEST(BlockingPool, PassesOnWhatTheJobThrows)
{
    asio::io_context context(1);
    blocking_pool pool(1, 1);
    const auto ask = [](blocking_pool& p) -> task<result<int>> {
        co_return co_await p.run([]() -> int { throw std::runtime_error("no memory"); });
    };
    EXPECT_THROW(run(context, ask(pool)), std::runtime_error);
}

TEST(ReactorPool, RunsEachReactorOnItsOwnThreadUntilStopped)
{
    reactor_pool pool(3);
    std::atomic<int> ran{0};
    std::mutex guard;
    std::vector<std::thread::id> threads;
    for (std::size_t i = 0; i < pool.size(); ++i)
        asio::post(pool[i].get_executor(), [&]() {
            const std::lock_guard hold(guard);
            threads.push_back(std::this_thread::get_id());
            if (++ran == 3) pool.stop();
        });
    pool.run();
    ASSERT_EQ(threads.size(), 3u);
    EXPECT_NE(threads[0], threads[1]);
    EXPECT_NE(threads[1], threads[2]);
}

} // namespace
} // namespace huiyin
