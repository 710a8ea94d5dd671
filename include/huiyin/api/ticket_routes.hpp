#pragma once

#include <huiyin/intake/link_token.hpp>
#include <huiyin/net/router.hpp>
#include <huiyin/pg/database.hpp>
#include <huiyin/record/identity.hpp>
#include <huiyin/ticket/ticket_service.hpp>

#include <string>

namespace huiyin::api {

struct ticket_links
{
    /// Signs the links that customers answer by.
    intake::link_key key{};
    /// The number is put behind it.
    std::string tracking_url = "/track/";
    /// How an agent's phone numbers are read.
    record::phone_settings phones;
};

/// /api/v1/tickets and below: views, notes, and one sub-resource per action; /api/v1/quality/suspicions. Actions carry
/// If-Match and may carry Idempotency-Key.
void add_ticket_routes(net::router& routes, ticket::ticket_service& tickets, pg::database& db, ticket_links with_links);

} // namespace huiyin::api
