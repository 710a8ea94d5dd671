#pragma once

#include "store.hpp"

#include <huiyin/journal/stream.hpp>

namespace huiyin::journal {

/// Frames a follower reads at once.
constexpr std::size_t frame_page = 500;

/// The next frames after a position, in order, at most `limit`.
task<result<std::vector<std::shared_ptr<const frame>>>> read_frames(const runner& on, std::int64_t after,
                                                                    std::size_t limit);

} // namespace huiyin::journal
