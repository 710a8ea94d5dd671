#pragma once

#include <huiyin/domain/calendar.hpp>

#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace huiyin::domain::testing {

inline local_day on(std::string_view text)
{
    const auto day = parse_local_day(text);
    if (!day) throw std::invalid_argument(std::string(text));
    return *day;
}

/// "2026-02-14 20:00" on the wall of the calendar's place.
inline instant at(const calendar& cal, std::string text)
{
    text.at(10) = 'T';
    const auto local = parse_local_instant(text);
    if (!local) throw std::invalid_argument(text);
    return cal.to_instant(*local);
}

/// How the calendar's wall shows it: "2026-02-14 23:59:59".
inline std::string shown(const calendar& cal, instant when)
{
    const auto local = cal.to_local(when);
    auto text = to_rfc3339(instant(local.time_since_epoch()));
    text.at(10) = ' ';
    text.pop_back();
    return text;
}

inline std::set<local_day> days_of(const std::vector<std::pair<std::string_view, std::string_view>>& ranges)
{
    std::set<local_day> days;
    for (const auto& [first, last] : ranges)
        for (auto day = on(first); day <= on(last); day += std::chrono::days(1))
            days.insert(day);
    return days;
}

/// domain.md §7, typed in here apart from the data files so that each checks the other.
inline std::map<int, calendar_year> chinese_years()
{
    return {
        {2025,
         {.off = days_of({{"2025-01-01", "2025-01-01"},
                          {"2025-01-28", "2025-02-04"},
                          {"2025-04-04", "2025-04-06"},
                          {"2025-05-01", "2025-05-05"},
                          {"2025-05-31", "2025-06-02"},
                          {"2025-10-01", "2025-10-08"}}),
          .work = {on("2025-01-26"), on("2025-02-08"), on("2025-04-27"), on("2025-09-28"), on("2025-10-11")}}},
        {2026,
         {.off = days_of({{"2026-01-01", "2026-01-03"},
                          {"2026-02-15", "2026-02-23"},
                          {"2026-04-04", "2026-04-06"},
                          {"2026-05-01", "2026-05-05"},
                          {"2026-06-19", "2026-06-21"},
                          {"2026-09-25", "2026-09-27"},
                          {"2026-10-01", "2026-10-07"}}),
          .work = {on("2026-01-04"), on("2026-02-14"), on("2026-02-28"), on("2026-05-09"), on("2026-09-20"),
                   on("2026-10-10")}}},
    };
}

inline weekly_hours office_week()
{
    using std::chrono::hours;
    weekly_hours week;
    for (std::size_t i = 0; i < 5; ++i)
        week[i] = {{hours(9), hours(12)}, {hours(13), hours(18)}};
    return week;
}

/// 09:00–12:00 and 13:00–18:00 on Chinese workdays.
inline calendar office()
{
    return {"office", "Asia/Shanghai", office_week(), chinese_years()};
}

} // namespace huiyin::domain::testing
