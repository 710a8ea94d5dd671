#pragma once

#include <huiyin/net/router.hpp>
#include <huiyin/report/report_service.hpp>

namespace huiyin::api {

/// /api/v1/reports, /api/v1/live_board, and the front line's ratings of replies. `time_zone`: of whoever names none.
void add_report_routes(net::router& routes, report::report_service& reports, pg::database& db, const clock& time,
                       std::string time_zone);

} // namespace huiyin::api
