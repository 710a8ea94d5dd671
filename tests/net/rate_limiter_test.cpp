#include "rate_limiter.hpp"

#include <gtest/gtest.h>

namespace huiyin::net {
namespace {

using namespace std::chrono_literals;
using steady = std::chrono::steady_clock;

TEST(RateLimiter, LetsSoManyThroughAndThenTellsWhenToComeBack)
{
    rate_limiter limiter;
    const steady::time_point start{1h};
    for (int i = 0; i < 30; ++i)
        EXPECT_EQ(limiter.refusal(7, 30, start), std::nullopt);
    EXPECT_EQ(limiter.refusal(7, 30, start), 2s);
    EXPECT_EQ(limiter.refusal(7, 30, start + 1s), 1s);
    EXPECT_EQ(limiter.refusal(7, 30, start + 2s), std::nullopt);
    EXPECT_NE(limiter.refusal(7, 30, start + 2s), std::nullopt);
    EXPECT_EQ(limiter.refusal(8, 30, start), std::nullopt);
}

TEST(RateLimiter, ForgivesAllAfterAMinute)
{
    rate_limiter limiter;
    const steady::time_point start{1h};
    for (int i = 0; i < 5; ++i)
        limiter.refusal(7, 5, start);
    for (int i = 0; i < 5; ++i)
        EXPECT_EQ(limiter.refusal(7, 5, start + 61s), std::nullopt);
    EXPECT_NE(limiter.refusal(7, 5, start + 61s), std::nullopt);
}

TEST(RateLimiter, KeepsARefusedKeyRefusedUnderAFloodOfOthers)
{
    rate_limiter limiter(1024);
    const steady::time_point start{1h};
    for (int i = 0; i < 101; ++i)
        limiter.refusal(7, 100, start);
    for (std::uint64_t other = 1000; other < 101'000; ++other)
        limiter.refusal(other, 100, start);
    EXPECT_NE(limiter.refusal(7, 100, start), std::nullopt);
}

} // namespace
} // namespace huiyin::net
