#pragma once

#include <huiyin/domain/ticket.hpp>
#include <huiyin/ticket/configuration.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace huiyin::ticket {

/// A stretch of a clock's past, and why it counted or did not.
struct counted_segment
{
    instant from;
    instant to;
    std::chrono::microseconds counted{0};
    std::int64_t counted_days = 0;
    /// clock_time, open_hours, closed, paused, start_day, no_workday, workday, workday_unfinished (did not run at its
    /// end), counted_then (by the calendar of that time), earlier (what is not listed one by one).
    std::string_view why;
    /// Of a day: weekly, holiday, make_up_day, year_not_loaded; else empty.
    std::string_view day;
    /// Of a pause: whose turn it was, and the hold's reason.
    std::optional<domain::spell> holder;
    std::string reason;
};

/// One clock with what its due time comes of.
struct counted_clock
{
    domain::deadline clock;
    /// Its calendar; nullptr where nothing is known of it any more: then nothing is counted.
    const domain::calendar* calendar = nullptr;
    domain::usage used;
    domain::usage left;
    /// The due day depends on holidays that are not known yet.
    bool provisional = false;
    /// Without gaps, oldest first; the counts add up to `used`. At most 400.
    std::vector<counted_segment> segments;
};

/// The clocks that are open and, where the customer's is not, his last one. `by` outlives what is returned. Pure.
std::vector<counted_clock> counted_clocks(const domain::ticket& t, const configuration& by, instant now);

} // namespace huiyin::ticket
