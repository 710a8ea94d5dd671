#pragma once

#include <huiyin/net/router.hpp>
#include <huiyin/people/people_service.hpp>
#include <huiyin/ticket/configuration.hpp>

namespace huiyin::api {

/// The rules of the organisation whole: read, tried out, changed.
void add_rules_routes(net::router& routes, pg::database& db, ticket::configurations& rules,
                      people::people_service& people, const clock& time);

} // namespace huiyin::api
