#pragma once

#include <huiyin/intake/door.hpp>
#include <huiyin/net/router.hpp>
#include <huiyin/record/identity.hpp>
#include <huiyin/ticket/ticket_service.hpp>

namespace huiyin::api {

/// POST /api/v1/tickets: what an agent takes down on the phone, at the counter or from a letter, by the same door as
/// any other contact.
void add_registration_routes(net::router& routes, intake::door& door, ticket::ticket_service& tickets, pg::database& db,
                             record::phone_settings phones);

} // namespace huiyin::api
