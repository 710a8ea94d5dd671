#pragma once

#include <huiyin/base/time.hpp>

#include <chrono>
#include <string>
#include <string_view>

namespace huiyin::people {

/// How failed log-ins slow the next one down.
struct backoff_plan
{
    int free = 3;                  ///< Failures without any delay: people mistype.
    std::chrono::seconds first{2}; ///< After the next; doubles with each further one.
    std::chrono::seconds longest{900};
};

/// One account from one network, or from one known device.
constexpr backoff_plan account_backoff{};
/// One network over all accounts: many people may share an address.
constexpr backoff_plan network_backoff{
    .free = 20, .first = std::chrono::seconds(2), .longest = std::chrono::seconds(900)};
/// Failures are forgotten this long after the last one.
constexpr std::chrono::seconds backoff_memory{3600};

/// When the next attempt may be made after `failures` of which the last was at `failed_at`; instant::min() while they
/// are free, for of attempts at the same moment the later one may be counted first.
instant next_attempt_at(instant failed_at, int failures, const backoff_plan& plan);

/// What one customer of a provider can hold: an IPv4 address, or the /64 of an IPv6 address (an IPv4-mapped one is
/// IPv4). Anything else stands for itself.
std::string network_of(std::string_view address);

} // namespace huiyin::people
