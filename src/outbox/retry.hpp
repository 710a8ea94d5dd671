#pragma once

#include <huiyin/base/time.hpp>
#include <huiyin/outbox/engine.hpp>

#include <algorithm>
#include <cstdint>

namespace huiyin::outbox {

/// When attempt `attempts + 1` is due after the last failed at `now`. `chance`: 0 to 1; 0 gives the whole pause, 1 half
/// of it, so that effects which failed together do not come back together. A pause the peer asked for is kept, as far
/// as it is not above the longest.
inline instant next_attempt_at(instant now, int attempts, std::optional<std::chrono::seconds> asked,
                               const engine_settings& with, double chance)
{
    using std::chrono::microseconds;
    const auto doublings = std::clamp(attempts - 1, 0, 30);
    const auto whole = std::min<microseconds>(microseconds(with.first_retry) * (std::int64_t{1} << doublings),
                                              microseconds(with.longest_retry));
    const auto pause = whole - microseconds(static_cast<std::int64_t>(static_cast<double>(whole.count() / 2) * chance));
    const auto wanted = std::min<microseconds>(asked.value_or(std::chrono::seconds(0)), with.longest_retry);
    return now + std::max(pause, wanted);
}

/// Keeps an account from being tried when it fails again and again. Closed: all attempts. Open: none. After the pause,
/// half-open: one attempt, which decides.
class breaker
{
public:
    /// How many of `free` places may be used now, with `under_way` attempts on their way.
    std::size_t room(instant now, std::size_t free, std::size_t under_way) const
    {
        if (!open_until_) return free;
        return now >= *open_until_ && under_way == 0 ? std::min<std::size_t>(free, 1) : 0;
    }
    bool is_open() const { return open_until_.has_value(); }
    void took()
    {
        failures_ = 0;
        openings_ = 0;
        open_until_.reset();
    }
    /// An attempt that began before the breaker opened says nothing new.
    void failed(instant now, const engine_settings& with)
    {
        if (open_until_ && now < *open_until_) return;
        if (!open_until_ && ++failures_ < with.breaker_failures) return;
        const auto pause =
            std::min<std::chrono::seconds>(with.breaker_pause * (std::int64_t{1} << std::min(openings_, 20)), longest);
        ++openings_;
        open_until_ = now + pause;
    }

private:
    static constexpr std::chrono::seconds longest{600};

    int failures_ = 0;
    int openings_ = 0;
    std::optional<instant> open_until_;
};

} // namespace huiyin::outbox
