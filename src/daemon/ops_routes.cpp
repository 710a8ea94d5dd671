#include "ops_routes.hpp"

#include <nlohmann/json.hpp>

namespace huiyin::daemon {

namespace {

task<net::response> show_health(net::request&)
{
    net::response answer;
    answer.body = R"({"status":"ok"})";
    co_return answer;
}

task<net::response> show_readiness(net::request&, pg::database& db, std::shared_ptr<const std::atomic<bool>> ready)
{
    if (!ready->load()) co_return net::problem(error{errc::shutting_down, {}, {}});
    const auto reached = co_await db.ping();
    if (!reached) co_return net::problem(error{errc::unavailable, reached.error().detail, {}});
    co_return net::json_reply(200, {{"status", "ready"}});
}

task<net::response> show_metrics(net::request& req, metrics::registry& metrics)
{
    if (!is_loopback(req.client_address) && !domain::may(req.actor(), domain::permission::metrics_read))
        co_return net::problem(error{errc::not_found, {}, {}});
    net::response answer;
    answer.content_type = "text/plain; version=0.0.4; charset=utf-8";
    answer.body = metrics.text();
    co_return answer;
}

} // namespace

void add_ops_routes(net::router& routes, pg::database& db, const commons& with)
{
    using domain::permission;
    routes.get("/healthz", permission::none_needed, show_health);
    routes.get("/readyz", permission::none_needed,
               [&db, ready = with.ready](net::request& req) { return show_readiness(req, db, ready); });
    routes.get("/metrics", permission::none_needed,
               [&metrics = with.metrics](net::request& req) { return show_metrics(req, metrics); });
}

} // namespace huiyin::daemon
