#pragma once

#include "public_endpoint.hpp"

#include <memory>

namespace huiyin::web {

/// The portal's forms where no script runs: POST /complain and POST /track, answered by a page; GET
/// /public/v1/plain.css, how it looks. The same door and the same proof as the JSON routes.
void add_plain_pages(net::router& routes, std::shared_ptr<const public_endpoint> at);

} // namespace huiyin::web
