#pragma once

#include <huiyin/base/time.hpp>

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace date {
class time_zone;
}

namespace huiyin::domain {

/// A date on the wall of the calendar's place.
using local_day = std::chrono::local_days;
/// What a clock on that wall shows.
using local_instant = std::chrono::local_time<std::chrono::microseconds>;

/// "2026-02-24".
std::string to_string(local_day day);
/// "2026-02-24" and nothing else; a date that does not exist is refused.
std::optional<local_day> parse_local_day(std::string_view text);
/// "2026-02-24T10:00" or "2026-02-24T10:00:30", without an offset.
std::optional<local_instant> parse_local_instant(std::string_view text);
/// Whether the system's time zone data knows the name.
bool is_time_zone(const std::string& name);

/// Open from `from` up to, not including, `to`; both counted from the day's 00:00 on the wall, `to` at most 24 h.
struct hours_of_day
{
    std::chrono::minutes from;
    std::chrono::minutes to;

    bool operator==(const hours_of_day&) const = default;
};

/// Monday first. Each day's intervals rise and do not touch or overlap.
using weekly_hours = std::array<std::vector<hours_of_day>, 7>;

/// The days of one year that differ from the weekly rule: `work` (make-up days) beats `off` (holidays).
struct calendar_year
{
    std::set<local_day> off;
    std::set<local_day> work;

    bool operator==(const calendar_year&) const = default;
};

/// From `from` up to `to`: one stretch of open hours.
struct open_span
{
    instant from;
    instant to;

    bool operator==(const open_span&) const = default;
};

/// When a department works: weekly hours, holidays, make-up workdays, in one time zone. A value; immutable, so any
/// thread may read it.
///
/// Where the wall clock is put forward, an hour that does not exist begins and ends at the change; where it is put
/// back, an hour that comes twice means its first pass. So intervals never overlap and none counts twice.
class calendar
{
public:
    /// `years` are the years loaded as data; every other year follows the weekly rule alone. `makeup_hours` are those
    /// of a make-up day; empty means those of the first weekday, Monday first, that has any. `follows_holidays` says
    /// that the calendar expects year data, so that a year without it is worth a warning; implied by `years`. Throws
    /// std::invalid_argument for an unknown zone, a week without any hours, hours out of order, or a day listed in a
    /// year that is not its own: input is checked before it comes here.
    calendar(std::string name, std::string time_zone, weekly_hours weekly, std::map<int, calendar_year> years = {},
             std::vector<hours_of_day> makeup_hours = {}, bool follows_holidays = false);

    /// 00:00–24:00 on every day.
    static calendar around_the_clock(std::string name, std::string time_zone);

    const std::string& name() const { return name_; }
    const std::string& time_zone() const { return time_zone_; }

    /// False where due dates fall back to the weekly rule because the year's holidays are not loaded (yet).
    bool has_year(int year) const;
    /// has_year for every year that [from, to] touches.
    bool covers(instant from, instant to) const;

    /// A day with any open hours.
    bool is_workday(local_day day) const { return !hours_on(day).empty(); }
    /// Valid as long as the calendar.
    std::span<const hours_of_day> hours_on(local_day day) const;
    /// Why the day has the hours it has: "weekly", "holiday", "make-up day" or "weekly, year not loaded".
    std::string_view rule_on(local_day day) const;

    local_instant to_local(instant at) const;
    /// "2026-02-13T17:00:00" on the wall of its place.
    std::string shown(instant at) const;
    /// The first instant at which the wall shows `at` or has passed it.
    instant to_instant(local_instant at) const;
    local_day day_of(instant at) const { return std::chrono::floor<std::chrono::days>(to_local(at)); }
    instant start_of(local_day day) const { return to_instant(local_instant(day)); }
    /// 24:00, which is the next day's start.
    instant end_of(local_day day) const { return start_of(day + std::chrono::days(1)); }
    /// 23:59:59, when what is due on that day is due.
    instant last_second_of(local_day day) const { return end_of(day) - std::chrono::seconds(1); }

    /// Open time in [from, to): a sum of segments. Zero where `to` is not after `from`.
    std::chrono::microseconds business_time(instant from, instant to) const;
    /// The earliest instant at which `amount` of open time has passed since `from`: at the end of a segment it stays
    /// there and does not roll to the next morning. Looks at most 50 years ahead and then answers that far instant.
    instant add_business_time(instant from, std::chrono::microseconds amount) const;
    /// The open stretches in [from, to), cut to it; at most `limit`, the earliest first.
    std::vector<open_span> open_spans(instant from, instant to, std::size_t limit = 10'000) const;

    /// Workdays in [first, last].
    std::int64_t workdays(local_day first, local_day last) const;
    /// The n-th workday after `day`, which itself does not count; n >= 1. At most 50 years ahead.
    local_day workday_after(local_day day, std::int64_t n = 1) const;

private:
    enum class day_rule : std::uint8_t { weekly, off, work };
    class wall;

    day_rule rule_of(local_day day) const;
    /// Calls `visit(open_span)` for each one from `from` to the end of `last`, until it returns false.
    template <class Visit>
    void each_open_span(instant from, local_day last, Visit visit) const;

    std::string name_;
    std::string time_zone_;
    const date::time_zone* zone_; ///< Lives as long as the process.
    weekly_hours weekly_;
    std::vector<hours_of_day> makeup_hours_;
    std::set<int> years_;
    bool follows_holidays_;
    /// One rule a day from `first_day_` on, over all loaded years.
    std::vector<day_rule> rules_;
    local_day first_day_{};
};

} // namespace huiyin::domain
