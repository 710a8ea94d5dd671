#pragma once

#include <huiyin/net/router.hpp>
#include <huiyin/ticket/ticket_lists.hpp>

namespace huiyin::api {

/// GET /api/v1/tickets and /api/v1/ticket_counts.
void add_list_routes(net::router& routes, ticket::ticket_lists& lists);

} // namespace huiyin::api
