#pragma once

#include <huiyin/net/router.hpp>
#include <huiyin/outbox/dead_letter.hpp>
#include <huiyin/outbox/webhook.hpp>

namespace huiyin::api {

/// /api/v1/webhooks and /api/v1/dead_letters. `test_within`: how long a test delivery may take.
void add_outbox_routes(net::router& routes, outbox::webhook_service& webhooks, outbox::dead_letters& letters,
                       std::chrono::milliseconds test_within);

} // namespace huiyin::api
