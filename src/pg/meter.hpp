#pragma once

#include <huiyin/base/metrics.hpp>

#include <chrono>
#include <string>
#include <string_view>
#include <unordered_map>

namespace huiyin::pg {

/// What one reactor's database tells the metrics. Used on its reactor only; several share one registry.
class meter
{
public:
    explicit meter(metrics::registry& registry);
    /// Takes back what it last reported.
    ~meter();
    meter(const meter&) = delete;
    meter& operator=(const meter&) = delete;

    void statement_took(std::string_view name, std::chrono::steady_clock::duration time);
    /// `kind` is the SQLSTATE class, `timeout`, or `lost`.
    void failed(std::string_view kind);
    void pool_is(std::size_t idle, std::size_t busy, std::size_t connecting, std::size_t waiting);

private:
    class level
    {
    public:
        explicit level(metrics::gauge of) : of_(of) {}
        void set(std::size_t now);

    private:
        metrics::gauge of_;
        std::size_t last_ = 0;
    };

    metrics::registry& registry_;
    level idle_;
    level busy_;
    level connecting_;
    level waiting_;
    /// By the address of the statement's name: it is a constant, and hashing its text each time is dearer.
    std::unordered_map<const char*, metrics::histogram> seconds_;
};

} // namespace huiyin::pg
