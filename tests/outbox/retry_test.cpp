#include "retry.hpp"

#include <gtest/gtest.h>

namespace huiyin::outbox {
namespace {

using namespace std::chrono_literals;

const instant noon = std::chrono::sys_days(std::chrono::March / 2 / 2026) + 4h;

TEST(Retry, WaitsTwiceAsLongEachTimeUpToTheLongest)
{
    const engine_settings with{.first_retry = 5s, .longest_retry = 60s};
    const auto pause = [&](int attempts) { return next_attempt_at(noon, attempts, {}, with, 0) - noon; };
    EXPECT_EQ(pause(1), 5s);
    EXPECT_EQ(pause(2), 10s);
    EXPECT_EQ(pause(3), 20s);
    EXPECT_EQ(pause(5), 60s);
    EXPECT_EQ(pause(50), 60s);
}

TEST(Retry, IsShortenedByUpToAHalfSoThatManyDoNotComeBackTogether)
{
    const engine_settings with{.first_retry = 8s, .longest_retry = 60s};
    EXPECT_EQ(next_attempt_at(noon, 1, {}, with, 1) - noon, 4s);
    EXPECT_EQ(next_attempt_at(noon, 1, {}, with, 0.5) - noon, 6s);
}

TEST(Retry, KeepsThePauseThatThePeerAskedForWithinReason)
{
    const engine_settings with{.first_retry = 5s, .longest_retry = 60s};
    EXPECT_EQ(next_attempt_at(noon, 1, 30s, with, 0) - noon, 30s);
    EXPECT_EQ(next_attempt_at(noon, 1, 1s, with, 0) - noon, 5s);
    EXPECT_EQ(next_attempt_at(noon, 1, 86'400s, with, 0) - noon, 60s);
}

TEST(Breaker, OpensAfterSoManyFailuresInARow)
{
    const engine_settings with{.breaker_failures = 3, .breaker_pause = 30s};
    breaker b;
    b.failed(noon, with);
    b.failed(noon, with);
    b.took();
    b.failed(noon, with);
    b.failed(noon, with);
    EXPECT_EQ(b.room(noon, 8, 0), 8u) << "one success in between begins the count anew";
    b.failed(noon, with);
    EXPECT_TRUE(b.is_open());
    EXPECT_EQ(b.room(noon, 8, 0), 0u);
    EXPECT_EQ(b.room(noon + 29s, 8, 0), 0u);
}

TEST(Breaker, LetsOneThroughAfterThePauseAndThatOneDecides)
{
    const engine_settings with{.breaker_failures = 1, .breaker_pause = 30s};
    breaker b;
    b.failed(noon, with);
    EXPECT_EQ(b.room(noon + 30s, 8, 1), 0u) << "one is on its way";
    EXPECT_EQ(b.room(noon + 30s, 8, 0), 1u);
    b.failed(noon + 30s, with);
    EXPECT_EQ(b.room(noon + 89s, 8, 0), 0u) << "twice as long";
    EXPECT_EQ(b.room(noon + 90s, 8, 0), 1u);
    b.took();
    EXPECT_FALSE(b.is_open());
    EXPECT_EQ(b.room(noon + 90s, 8, 0), 8u);
    b.failed(noon + 91s, with);
    EXPECT_EQ(b.room(noon + 121s, 8, 0), 1u) << "the first pause again";
}

TEST(Breaker, IsTriedEveryTenMinutesHoweverOftenItFails)
{
    const engine_settings with{.breaker_failures = 1, .breaker_pause = 30s};
    breaker b;
    auto now = noon;
    for (int i = 0; i < 40; ++i) {
        b.failed(now, with);
        now += 10min;
        ASSERT_EQ(b.room(now, 8, 0), 1u) << i;
    }
}

TEST(Breaker, AttemptsThatBeganBeforeItOpenedDoNotProlongIt)
{
    const engine_settings with{.breaker_failures = 1, .breaker_pause = 30s};
    breaker b;
    for (int i = 0; i < 8; ++i)
        b.failed(noon + i * 1s, with);
    EXPECT_EQ(b.room(noon + 30s, 8, 0), 1u);
}

} // namespace
} // namespace huiyin::outbox
