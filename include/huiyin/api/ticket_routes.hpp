#pragma once

#include <huiyin/net/router.hpp>
#include <huiyin/ticket/ticket_service.hpp>

namespace huiyin::api {

/// /api/v1/tickets and below: views, and one sub-resource per action. Writes carry If-Match and may carry
/// Idempotency-Key.
void add_ticket_routes(net::router& routes, ticket::ticket_service& tickets);

} // namespace huiyin::api
