#pragma once

#include <huiyin/async/task.hpp>

#include <algorithm>
#include <random>

namespace huiyin::pg {

/// How long to wait before attempt `failures + 1`: doubles from 50 ms up to `most`, less up to a half at random, so
/// that nodes which lost the same server do not come back in step.
inline duration pause_after(unsigned failures, duration most)
{
    static thread_local std::minstd_rand source{std::random_device{}()};
    const duration whole = std::min<duration>(std::chrono::milliseconds(50) * (1u << std::min(failures, 10u)), most);
    return whole / 2 + duration(std::uniform_int_distribution<duration::rep>(0, (whole / 2).count())(source));
}

} // namespace huiyin::pg
