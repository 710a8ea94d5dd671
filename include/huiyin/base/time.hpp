#pragma once

#include <atomic>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace huiyin {

/// A point in time in UTC, in exactly the precision PostgreSQL's timestamptz keeps.
using instant = std::chrono::sys_time<std::chrono::microseconds>;

/// RFC 3339 in UTC: "2026-02-24T10:00:00Z", with a fraction only where it is not zero.
std::string to_rfc3339(instant at);
/// RFC 3339, section 5.6, any offset; at most microseconds are kept. A date that does not exist is refused.
std::optional<instant> parse_rfc3339(std::string_view text);

/// Where use cases read the time, once each. Thread-safe.
class clock
{
public:
    virtual ~clock() = default;
    virtual instant now() const = 0;
};

class system_clock final : public clock
{
public:
    instant now() const override;
};

/// Stands still until it is moved: for tests and for `huiyin serve --test-clock`.
class manual_clock final : public clock
{
public:
    explicit manual_clock(instant start) : now_(start.time_since_epoch().count()) {}
    instant now() const override { return instant(std::chrono::microseconds(now_.load())); }
    void set(instant at) { now_.store(at.time_since_epoch().count()); }
    void advance(std::chrono::microseconds by) { now_.fetch_add(by.count()); }

private:
    std::atomic<std::int64_t> now_;
};

} // namespace huiyin
