#pragma once

#include <atomic>
#include <cstdint>

namespace huiyin::people {

/// Rises in this process after every commit by which somebody's rights may have become smaller: log-out, deactivation,
/// roles, departments, revoked tokens. What an authenticator remembers of an earlier epoch is worth nothing, so this
/// node refuses at once; other nodes refuse within `authenticator_settings::remember_for`. One per process.
/// Thread-safe.
class rights_epoch
{
public:
    std::uint64_t current() const { return value_.load(std::memory_order_acquire); }
    void rise() { value_.fetch_add(1, std::memory_order_acq_rel); }

private:
    std::atomic<std::uint64_t> value_{0};
};

} // namespace huiyin::people
