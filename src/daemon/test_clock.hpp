#pragma once

#include <huiyin/async/task.hpp>
#include <huiyin/base/time.hpp>

#include <string>

namespace huiyin::daemon {

/// Lets tests move the daemon's clock: a Unix stream socket at `path` (mode 0600) that takes lines and answers each
/// with the clock's time. "now", "set 2026-02-24T10:00:00Z", "advance 3600" (seconds). Ends only by cancellation.
task<> serve_test_clock(std::string path, manual_clock& clock);

} // namespace huiyin::daemon
