#pragma once

#include <huiyin/base/time.hpp>
#include <huiyin/net/router.hpp>
#include <huiyin/ticket/configuration.hpp>
#include <huiyin/web/public_routes.hpp>

namespace huiyin::web {

/// GET /public/v1/form.
void add_public_form(net::router& routes, ticket::configurations& rules, const clock& time,
                     const public_settings& settings);

} // namespace huiyin::web
