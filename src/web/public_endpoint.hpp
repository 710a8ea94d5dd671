#pragma once

#include <huiyin/web/public_routes.hpp>

namespace huiyin::web {

/// What the public routes work with; it outlives them.
struct public_endpoint
{
    intake::door& door;
    intake::applier& applier;
    ticket::ticket_service& tickets;
    pg::database& db;
    const clock& time;
    public_settings settings;
};

constexpr std::size_t files_limit = 10;

} // namespace huiyin::web
