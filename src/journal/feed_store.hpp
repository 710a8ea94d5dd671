#pragma once

#include "store.hpp"

#include <huiyin/base/time.hpp>

#include <optional>

namespace huiyin::journal {

constexpr std::string_view sequencer_duty = "journal.sequencer";
/// Events that get their position by one statement.
constexpr std::size_t feed_batch = 1000;

/// Gives the next events their positions; how many. Two at once are harmless: both compute the same rows, and one of
/// them gets `constraint_violated`. Errors: `wrong_state` when the duty has changed hands.
task<result<std::size_t>> give_positions(const runner& on, std::int64_t fence);

struct feed_lag
{
    std::int64_t waiting = 0; ///< Counted up to 10,000.
    std::optional<instant> oldest;
    /// Rows bear transaction ids that this cluster has not reached: the feed cannot work until its counter is moved.
    bool foreign_xid = false;
};
task<result<feed_lag>> read_feed_lag(const runner& on);

/// The last position given; 0 for none.
task<result<std::int64_t>> read_head(const runner& on);

/// NOTIFY as a transaction of its own.
task<result<void>> hint(const runner& on, std::string_view channel);

} // namespace huiyin::journal
