#pragma once

#include "graph.hpp"

namespace huiyin::daemon {

/// /healthz (the process answers), /readyz (it can serve: database reachable, not stopping), /metrics (for loopback and
/// for whoever may read metrics).
void add_ops_routes(net::router& routes, pg::database& db, const commons& with);

} // namespace huiyin::daemon
