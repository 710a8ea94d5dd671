#pragma once

#include <huiyin/net/router.hpp>
#include <huiyin/pg/database.hpp>

namespace huiyin::api {

/// /api/v1/search: tickets, or customers, by what they say.
void add_search_routes(net::router& routes, pg::database& db);

} // namespace huiyin::api
