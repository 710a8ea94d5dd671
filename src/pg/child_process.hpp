#pragma once

#include <huiyin/base/error.hpp>

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

namespace huiyin::pg {

/// The account a child runs as.
struct account
{
    std::string name;
    uid_t uid = 0;
    gid_t gid = 0;
};

/// A program to start as a plain child, in a session of its own, so that a Ctrl-C at the terminal does not reach it,
/// with a clean environment and nothing of ours open.
struct child_settings
{
    std::vector<std::string> command;
    /// Set where we are root.
    std::optional<account> as;
    std::filesystem::path folder;
    /// Standard output and error are appended here, opened as `as`.
    std::filesystem::path log;
    /// A log longer than that becomes `log` + ".old" first.
    off_t log_limit = 16 << 20;
    /// Written as `as` before the program starts: path and content.
    std::vector<std::pair<std::filesystem::path, std::string>> files;
    /// Sent to it when the calling thread ends (PR_SET_PDEATHSIG), or 0.
    int parent_death_signal = 0;
};

/// Errors: `unavailable`, detail says which step failed and why.
result<pid_t> start_child(const child_settings& settings);

/// Whether our child `pid` still runs; reaps it when it has ended.
bool child_runs(pid_t pid);
/// Waits for our child to end and reaps it; nullopt when `limit` passed first. The value is its exit status, or 128
/// plus the signal that ended it.
std::optional<int> wait_for_child(pid_t pid, std::chrono::milliseconds limit);

} // namespace huiyin::pg
