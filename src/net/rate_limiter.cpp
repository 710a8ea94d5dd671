#include "rate_limiter.hpp"

#include <huiyin/base/crypto.hpp>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <span>

namespace huiyin::net {

namespace {

constexpr std::size_t ways = 4;

} // namespace

rate_limiter::rate_limiter(std::size_t buckets) : table_((buckets + ways - 1) / ways * ways)
{
    const auto random = random_bytes(sizeof secret_);
    std::memcpy(secret_, random.data(), sizeof secret_);
}

double rate_limiter::bucket::missing_at(std::chrono::steady_clock::time_point now) const
{
    return std::max(0.0, missing - per_second * std::chrono::duration<double>(now - at).count());
}

std::uint64_t rate_limiter::mixed(std::uint64_t key) const
{
    // The finaliser of MurmurHash3, keyed on both sides.
    std::uint64_t h = key ^ secret_[0];
    h = (h ^ (h >> 33)) * 0xff51afd7ed558ccdull;
    h = (h ^ (h >> 33)) * 0xc4ceb9fe1a85ec53ull;
    h ^= h >> 33;
    h += secret_[1];
    h = (h ^ (h >> 33)) * 0xff51afd7ed558ccdull;
    h ^= h >> 33;
    return h == 0 ? 1 : h;
}

std::optional<std::chrono::seconds> rate_limiter::refusal(std::uint64_t key, std::size_t per_minute,
                                                          std::chrono::steady_clock::time_point now)
{
    const auto id = mixed(key);
    const std::span<bucket> set(table_.data() + id % (table_.size() / ways) * ways, ways);
    auto found = std::ranges::find(set, id, &bucket::key);
    if (found == set.end()) {
        found = std::ranges::min_element(set, {}, [&](const bucket& b) { return b.missing_at(now); });
        *found = {.key = id, .missing = 0, .per_second = 0, .at = now};
    }
    const auto limit = static_cast<double>(per_minute);
    found->missing = found->missing_at(now);
    found->per_second = limit / 60;
    found->at = now;
    if (found->missing + 1 > limit) {
        const auto wait = (found->missing + 1 - limit) / found->per_second;
        return std::chrono::seconds(std::max(1l, std::lround(std::ceil(wait))));
    }
    found->missing += 1;
    return std::nullopt;
}

} // namespace huiyin::net
