#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

namespace huiyin::net {

/// Token buckets by key, for one reactor: `per_minute` requests at once, then as many each minute. Memory is fixed: a
/// table of 4-way sets, in which a newcomer takes the place of the fullest bucket, the one that remembers least. Keys
/// are mixed with a secret, so nobody can choose whose place he takes.
class rate_limiter
{
public:
    explicit rate_limiter(std::size_t buckets = 16 * 1024);
    /// Nothing when the request may go on, else how long to wait.
    std::optional<std::chrono::seconds> refusal(std::uint64_t key, std::size_t per_minute,
                                                std::chrono::steady_clock::time_point now);

private:
    struct bucket
    {
        std::uint64_t key = 0; ///< 0: free.
        double missing = 0;    ///< Tokens taken and not yet back.
        double per_second = 0;
        std::chrono::steady_clock::time_point at;

        double missing_at(std::chrono::steady_clock::time_point now) const;
    };

    std::uint64_t mixed(std::uint64_t key) const;

    std::vector<bucket> table_;
    std::uint64_t secret_[2];
};

} // namespace huiyin::net
