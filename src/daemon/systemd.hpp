#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace huiyin::daemon {

/// Tells the service manager, where there is one (NOTIFY_SOCKET): "READY=1", "STOPPING=1", "STATUS=…", "WATCHDOG=1".
void notify(const std::string& state);
/// Half of WATCHDOG_USEC, where this process is watched.
std::optional<std::chrono::microseconds> watchdog_interval();
/// Sockets that systemd has bound for us (LISTEN_FDS), not inherited by children.
std::vector<int> passed_sockets();

} // namespace huiyin::daemon
