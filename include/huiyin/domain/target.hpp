#pragma once

#include <huiyin/base/error.hpp>
#include <huiyin/domain/calendar.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace huiyin::domain {

enum class target_unit {
    minutes,        ///< "30m": clock time, 7×24, as the next two.
    hours,          ///< "2h".
    days,           ///< "1d": 24 hours each.
    business_hours, ///< "4bh", "1.5bh", "90bm": open time of the calendar; counted in minutes.
    working_days,   ///< "3wd": day-ends of the calendar.
    cutoffs,        ///< "12:00>0@18:00,24:00>1@12:00": by the time of day it began; clock time.
};

/// What begins before `before` is due `day_offset` workdays later at `due`.
struct cutoff
{
    std::chrono::minutes before;
    int day_offset = 0;
    std::chrono::minutes due;

    bool operator==(const cutoff&) const = default;
};

/// How long something may take.
struct target
{
    target_unit unit = target_unit::minutes;
    /// In `unit`, but minutes for business_hours; unused for cutoffs.
    std::int64_t count = 0;
    /// Rising by `before`, the last one 24:00.
    std::vector<cutoff> cutoffs;

    bool operator==(const target&) const = default;
};

/// The forms shown at `target_unit`. Errors: invalid_field; the detail says what is wrong. A count is 1 or more and at
/// most ten years; a fraction is for bh alone and must come out in whole minutes.
result<target> parse_target(std::string_view text);
/// What parse_target reads back as the same target. Business hours that are not whole are written in "bm".
std::string to_string(const target& t);

/// Whether its due date depends on the calendar's workdays or hours.
bool needs_calendar(const target& t);

/// When something begun at `start` is due:
/// m, h, d: so much clock time later; bh: so much open time later; wd: 23:59:59 of the n-th workday after the start's
/// day; cutoffs: by the rule for the start's time of day; a start on a closed day is taken as 00:00 of the next
/// workday.
instant due_from(const target& t, const calendar& cal, instant start);

} // namespace huiyin::domain
