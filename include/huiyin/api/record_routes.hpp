#pragma once

#include <huiyin/intake/door.hpp>
#include <huiyin/net/router.hpp>
#include <huiyin/record/identity.hpp>
#include <huiyin/ticket/ticket_service.hpp>

namespace huiyin::api {

/// /api/v1/intake: contacts that other systems hand in, with a token. /api/v1/parked: what could not be filed.
void add_intake_routes(net::router& routes, intake::door& door, pg::database& db, const clock& time,
                       record::phone_settings phones);
/// /api/v1/customers/{id}: profile, timeline, export, erasure, merge; /api/v1/attachments/{id}: a file, to be saved. A
/// handler sees the customers and files of his department's tickets.
void add_customer_routes(net::router& routes, pg::database& db, ticket::ticket_service& tickets, const clock& time);

} // namespace huiyin::api
