#pragma once

#include <huiyin/report/report_service.hpp>

namespace huiyin::report {

struct alarm_threshold
{
    std::string_view measure;
    std::int64_t threshold = 0;
};
task<result<std::size_t>> save_crossings(pg::database& db, std::vector<alarm_threshold> thresholds, instant now);

/// The latest crossing first, at most 200. `only`: of these departments; none: all, and the house's.
task<result<std::vector<alarm>>> load_alarms(pg::database& db, std::optional<std::vector<department_id>> only);

/// Fails when the duty's connection, and its lock with it, is lost.
const pg::statement& alarms_still_held();

} // namespace huiyin::report
