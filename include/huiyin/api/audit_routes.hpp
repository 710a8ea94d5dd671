#pragma once

#include <huiyin/async/task_group.hpp>
#include <huiyin/journal/sealer.hpp>
#include <huiyin/net/router.hpp>
#include <huiyin/pg/database.hpp>

#include <optional>

namespace huiyin::api {

/// Who did what, and whether the journal holds. Checks run in `background`; without a key of the seals none can.
void add_audit_routes(net::router& routes, pg::database& db, const clock& time,
                      std::optional<journal::seal_key> seal_key, task_group& background);

} // namespace huiyin::api
