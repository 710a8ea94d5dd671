#pragma once

#include <huiyin/base/time.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace huiyin::upkeep {

/// How a source writes its times: a strftime pattern as of `date::parse` (`%m/%d/%Y %I:%M:%S %p`; `%S` takes a fraction
/// as well; a date alone is its midnight), or "serial", the day count of spreadsheets (43419.5 = 2018-11-15 12:00).
struct time_notation
{
    std::string pattern;
};

constexpr std::string_view serial_notation = "serial";

/// Why `pattern` cannot be read as a date, with or without a time of day, or nothing where it can.
std::optional<std::string> fault_in(const time_notation& notation);

/// `text` on the clocks of `time_zone` (an IANA name that exists) in the first notation that takes it whole.
///
/// A time skipped in spring is read with the offset before the change (02:30 becomes 03:30) and a time that comes twice
/// in autumn as the first of the two (RFC 5545, section 3.3.5). A serial is rounded to the second, as its binary
/// fraction is not exact, and refused before 1 March 1900, where spreadsheets disagree. Years 1900 to 2199 only.
std::optional<instant> read_time(std::string_view text, const std::vector<time_notation>& notations,
                                 const std::string& time_zone);

/// Whether the system's database has the zone.
bool is_time_zone(const std::string& name);

} // namespace huiyin::upkeep
