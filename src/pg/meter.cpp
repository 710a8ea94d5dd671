#include "meter.hpp"

namespace huiyin::pg {

namespace {

metrics::gauge connections(metrics::registry& registry, const char* state)
{
    return registry.gauge("huiyin_pg_connections", "Connections to the database by state.", {{"state", state}});
}

} // namespace

meter::meter(metrics::registry& registry)
    : registry_(registry), idle_(connections(registry, "idle")), busy_(connections(registry, "busy")),
      connecting_(connections(registry, "connecting")),
      waiting_(registry.gauge("huiyin_pg_waiters", "Use cases that wait for a connection."))
{}

meter::~meter()
{
    pool_is(0, 0, 0, 0);
}

void meter::statement_took(std::string_view name, std::chrono::steady_clock::duration time)
{
    auto found = seconds_.find(name.data());
    if (found == seconds_.end()) {
        auto made = registry_.histogram("huiyin_pg_statement_seconds", "Time until a statement's result was there.",
                                        metrics::latency_bounds(), {{"statement", std::string(name)}});
        found = seconds_.emplace(name.data(), made).first;
    }
    found->second.observe(std::chrono::duration<double>(time).count());
}

void meter::failed(std::string_view kind)
{
    registry_.counter("huiyin_pg_errors_total", "Failed statements by SQLSTATE class.", {{"class", std::string(kind)}})
        .add();
}

void meter::pool_is(std::size_t idle, std::size_t busy, std::size_t connecting, std::size_t waiting)
{
    idle_.set(idle);
    busy_.set(busy);
    connecting_.set(connecting);
    waiting_.set(waiting);
}

void meter::level::set(std::size_t now)
{
    if (now == last_) return;
    of_.add(static_cast<double>(now) - static_cast<double>(last_));
    last_ = now;
}

} // namespace huiyin::pg
