#include <huiyin/base/metrics.hpp>

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

namespace huiyin::metrics {

struct registry::impl
{
    prometheus::Registry registry;
};

namespace {

prometheus::Labels to_prometheus(const labels& with)
{
    return {with.begin(), with.end()};
}

} // namespace

void counter::add(double by) const
{
    static_cast<prometheus::Counter*>(impl_)->Increment(by);
}
double counter::value() const
{
    return static_cast<prometheus::Counter*>(impl_)->Value();
}
void gauge::set(double value) const
{
    static_cast<prometheus::Gauge*>(impl_)->Set(value);
}
void gauge::add(double by) const
{
    static_cast<prometheus::Gauge*>(impl_)->Increment(by);
}
double gauge::value() const
{
    return static_cast<prometheus::Gauge*>(impl_)->Value();
}
void histogram::observe(double value) const
{
    static_cast<prometheus::Histogram*>(impl_)->Observe(value);
}

registry::registry() : impl_(std::make_unique<impl>()) {}
registry::~registry() = default;

counter registry::counter(const std::string& name, const std::string& help, const labels& with)
{
    auto& family = prometheus::BuildCounter().Name(name).Help(help).Register(impl_->registry);
    return metrics::counter(&family.Add(to_prometheus(with)));
}

gauge registry::gauge(const std::string& name, const std::string& help, const labels& with)
{
    auto& family = prometheus::BuildGauge().Name(name).Help(help).Register(impl_->registry);
    return metrics::gauge(&family.Add(to_prometheus(with)));
}

histogram registry::histogram(const std::string& name, const std::string& help, std::vector<double> bounds,
                              const labels& with)
{
    auto& family = prometheus::BuildHistogram().Name(name).Help(help).Register(impl_->registry);
    return metrics::histogram(&family.Add(to_prometheus(with), prometheus::Histogram::BucketBoundaries(bounds)));
}

std::string registry::text() const
{
    return prometheus::TextSerializer().Serialize(impl_->registry.Collect());
}

std::vector<double> latency_bounds()
{
    return {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10};
}

} // namespace huiyin::metrics
