#pragma once

#include <huiyin/base/time.hpp>
#include <huiyin/net/router.hpp>
#include <huiyin/pg/database.hpp>

#include <chrono>

namespace huiyin::api {

/// What the console keeps for the one who is logged in: saved views, drafts, settings, presence. `idle_limit`: of
/// sessions.
void add_desk_routes(net::router& routes, pg::database& db, const clock& time, std::chrono::seconds idle_limit);

} // namespace huiyin::api
