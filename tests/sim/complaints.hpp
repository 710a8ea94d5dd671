#pragma once

#include <huiyin/base/time.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace huiyin::sim {

/// One row of a source: when somebody came, who, and what about, as numbers.
struct complaint
{
    /// In the year of the simulation: its own month, day and time of day.
    instant at;
    std::uint32_t customer = 0;
    std::uint32_t matter = 0; ///< Equal for equal matters of one source.
    std::uint32_t source = 0;
};

/// All rows of the five files of 311 and of citizens' messages; empty where they are not there.
std::vector<complaint> real_complaints(int year);

} // namespace huiyin::sim
