#include "systemd.hpp"

#include <fcntl.h>
#include <systemd/sd-daemon.h>

namespace huiyin::daemon {

void notify(const std::string& state)
{
    sd_notify(0, state.c_str());
}

std::optional<std::chrono::microseconds> watchdog_interval()
{
    std::uint64_t usec = 0;
    if (sd_watchdog_enabled(0, &usec) <= 0) return std::nullopt;
    return std::chrono::microseconds(usec / 2);
}

std::vector<int> passed_sockets()
{
    std::vector<int> sockets;
    const int count = sd_listen_fds(1);
    for (int fd = SD_LISTEN_FDS_START; fd < SD_LISTEN_FDS_START + count; ++fd) {
        fcntl(fd, F_SETFD, FD_CLOEXEC);
        sockets.push_back(fd);
    }
    return sockets;
}

} // namespace huiyin::daemon
