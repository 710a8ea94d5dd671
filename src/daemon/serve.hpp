#pragma once

#include <huiyin/base/time.hpp>
#include <huiyin/daemon/config.hpp>

#include <filesystem>
#include <optional>
#include <string>

namespace huiyin::daemon {

struct serve_options
{
    std::filesystem::path state;
    /// Fill an empty database with the demo organisation and its log-ins.
    std::optional<std::filesystem::path> demo_pack;
    /// Socket by which tests move the clock, and where it stands until they do.
    std::string test_clock;
    std::optional<instant> test_time;
};

/// Serves until SIGTERM or SIGINT. Prints "huiyin ready: http://…" on standard output when it does. Returns the exit
/// status: 0 after an orderly stop, 1 when it could not start.
int serve(const config& with, const serve_options& options);

} // namespace huiyin::daemon
