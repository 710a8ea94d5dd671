#pragma once

#include <huiyin/net/router.hpp>
#include <huiyin/ticket/configuration.hpp>

namespace huiyin::api {

/// /api/v1/configuration: the rules that hold now, as far as people choose from them.
void add_configuration_routes(net::router& routes, ticket::configurations& rules);

} // namespace huiyin::api
