#pragma once

#include <huiyin/intake/applier.hpp>
#include <huiyin/intake/door.hpp>
#include <huiyin/intake/link_token.hpp>
#include <huiyin/net/router.hpp>
#include <huiyin/record/identity.hpp>
#include <huiyin/ticket/ticket_service.hpp>

namespace huiyin::web {

struct public_settings
{
    record::phone_settings phones;
    /// Requests per minute and client address; 0: no limit of its own.
    std::size_t complaints_per_minute = 60;
    std::size_t tracking_per_minute = 30;
    /// Of the links that customers answer by.
    intake::link_key key{};
    /// The house's, for times on pages without script.
    std::string time_zone = "Asia/Shanghai";
};

/// What strangers may use: GET /public/v1/form (what a complaint is asked, by category, and what it is promised), POST
/// /public/v1/complaints (JSON, or multipart/form-data with the JSON as part "complaint"
/// and up to ten files), POST /public/v1/tracking, and POST /public/v1/tickets/{number}/acts for a customer's own acts
/// on his ticket; POST /complain and POST /track, the portal's forms where no script runs.
void add_public_routes(net::router& routes, intake::door& door, intake::applier& applier,
                       ticket::ticket_service& tickets, pg::database& db, const clock& time, public_settings settings);

} // namespace huiyin::web
