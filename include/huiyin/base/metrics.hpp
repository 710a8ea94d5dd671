#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace huiyin::metrics {

using labels = std::vector<std::pair<std::string, std::string>>;

/// Only rises. Thread-safe; lives as long as its registry.
class counter
{
public:
    void add(double by = 1) const;
    double value() const;

private:
    friend class registry;
    explicit counter(void* impl) : impl_(impl) {}
    void* impl_;
};

/// Rises and falls. Thread-safe.
class gauge
{
public:
    void set(double value) const;
    void add(double by = 1) const;
    double value() const;

private:
    friend class registry;
    explicit gauge(void* impl) : impl_(impl) {}
    void* impl_;
};

/// Counts observations in buckets. Thread-safe.
class histogram
{
public:
    void observe(double value) const;

private:
    friend class registry;
    explicit histogram(void* impl) : impl_(impl) {}
    void* impl_;
};

/// All metrics of one process. The same name and labels give the same metric again. Thread-safe.
/// Names carry their unit: `huiyin_queue_wait_seconds`.
class registry
{
public:
    registry();
    ~registry();
    registry(const registry&) = delete;
    registry& operator=(const registry&) = delete;

    metrics::counter counter(const std::string& name, const std::string& help, const labels& with = {});
    metrics::gauge gauge(const std::string& name, const std::string& help, const labels& with = {});
    /// Buckets in seconds unless the name says otherwise.
    metrics::histogram histogram(const std::string& name, const std::string& help, std::vector<double> bounds,
                                 const labels& with = {});
    /// Prometheus text exposition format 0.0.4.
    std::string text() const;

private:
    struct impl;
    std::unique_ptr<impl> impl_;
};

/// 1 ms to 10 s, for waits and requests.
std::vector<double> latency_bounds();

} // namespace huiyin::metrics
