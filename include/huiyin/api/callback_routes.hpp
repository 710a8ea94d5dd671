#pragma once

#include <huiyin/base/time.hpp>
#include <huiyin/net/router.hpp>
#include <huiyin/ticket/callback_desk.hpp>

namespace huiyin::api {

/// GET /api/v1/callbacks.
void add_callback_routes(net::router& routes, pg::database& db, ticket::configurations& rules, const clock& time);

} // namespace huiyin::api
