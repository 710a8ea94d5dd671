#include <huiyin/people/backoff.hpp>

#include <gtest/gtest.h>

namespace huiyin::people {
namespace {

using namespace std::chrono_literals;

const instant noon = *parse_rfc3339("2026-02-24T12:00:00Z");

TEST(NextAttempt, WaitsFromTheFirstFailureThatIsNotFreeUntilTheLongest)
{
    const backoff_plan plan{.free = 3, .first = 2s, .longest = 900s};
    struct step
    {
        int failures;
        std::chrono::seconds wait;
    };
    for (const auto& [failures, wait] :
         {step{4, 2s}, {5, 4s}, {6, 8s}, {12, 512s}, {13, 900s}, {14, 900s}, {1'000'000, 900s}})
        EXPECT_EQ(next_attempt_at(noon, failures, plan) - noon, wait) << failures;
    for (const int failures : {0, 1, 3})
        EXPECT_EQ(next_attempt_at(noon, failures, plan), instant::min()) << failures;
}

TEST(NetworkOf, IsWhatOneCustomerOfAProviderHolds)
{
    EXPECT_EQ(network_of("203.0.113.7"), "203.0.113.7");
    EXPECT_EQ(network_of("::ffff:203.0.113.7"), "203.0.113.7");
    EXPECT_EQ(network_of("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
    EXPECT_EQ(network_of("2001:db8:1:2:ffff::"), network_of("2001:db8:1:2:3:4:5:6"));
    EXPECT_NE(network_of("2001:db8:1:3::1"), network_of("2001:db8:1:2::1"));
    EXPECT_EQ(network_of("unix"), "unix");
}

} // namespace
} // namespace huiyin::people
