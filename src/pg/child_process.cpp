#include "child_process.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <grp.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace huiyin::pg {

namespace {

constexpr const char* environment[] = {"PATH=/usr/bin:/bin", "LC_ALL=C.UTF-8", "TZ=UTC", nullptr};

enum class stage : int { none, account, parent, folder, file, log, exec };

std::string_view name_of(stage at)
{
    switch (at) {
    case stage::none: return "start";
    case stage::account: return "change the account";
    case stage::parent: return "stay with the parent";
    case stage::folder: return "enter the folder";
    case stage::file: return "write a file";
    case stage::log: return "open the log";
    case stage::exec: return "execute";
    }
    return "start";
}

/// What the child needs, laid out before the fork: between fork and exec only async-signal-safe calls are allowed, and
/// these do not allocate.
struct launch
{
    std::vector<char*> command;
    const account* as = nullptr;
    const char* folder = nullptr;
    const char* log = nullptr;
    std::string old_log;
    off_t log_limit = 0;
    std::vector<std::pair<const char*, std::string_view>> files;
    int parent_death_signal = 0;
    pid_t parent = 0;
    int report = -1;
};

struct failure
{
    stage at;
    int reason;
};

[[noreturn]] void give_up(const launch& with, stage at)
{
    const failure why{at, errno};
    [[maybe_unused]] const auto written = write(with.report, &why, sizeof why);
    _exit(127);
}

bool write_file(const char* path, std::string_view content)
{
    const int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (file < 0) return false;
    while (!content.empty()) {
        const auto written = write(file, content.data(), content.size());
        if (written < 0 && errno != EINTR) return false;
        if (written > 0) content.remove_prefix(static_cast<std::size_t>(written));
    }
    return close(file) == 0;
}

[[noreturn]] void become(const launch& with)
{
    // The plain system calls: glibc's wrappers talk to all threads, of which a forked child has only one left.
    if (with.as && (syscall(SYS_setgroups, 0, nullptr) != 0 ||
                    syscall(SYS_setresgid, with.as->gid, with.as->gid, with.as->gid) != 0 ||
                    syscall(SYS_setresuid, with.as->uid, with.as->uid, with.as->uid) != 0))
        give_up(with, stage::account);
    // After the change of account, which would clear it; and the parent may have died before it was set.
    if (with.parent_death_signal != 0 && prctl(PR_SET_PDEATHSIG, with.parent_death_signal) != 0)
        give_up(with, stage::parent);
    if (getppid() != with.parent) _exit(127);
    setsid();
    umask(0077);
    if (chdir(with.folder) != 0) give_up(with, stage::folder);
    for (const auto& [path, content] : with.files)
        if (!write_file(path, content)) give_up(with, stage::file);

    struct stat log_file = {};
    if (lstat(with.log, &log_file) == 0 && log_file.st_size > with.log_limit) rename(with.log, with.old_log.c_str());
    const int log = open(with.log, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW, 0600);
    const int nothing = open("/dev/null", O_RDONLY);
    if (log < 0 || nothing < 0 || dup2(nothing, 0) < 0 || dup2(log, 1) < 0 || dup2(log, 2) < 0)
        give_up(with, stage::log);

    struct sigaction usual = {};
    usual.sa_handler = SIG_DFL;
    for (int each = 1; each < NSIG; ++each)
        sigaction(each, &usual, nullptr);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
    // All but standard streams and the report, which closes by itself when exec succeeds.
    if (dup3(with.report, 3, O_CLOEXEC) < 0) give_up(with, stage::exec);
    syscall(SYS_close_range, 4U, ~0U, 0U);
    execve(with.command.front(), with.command.data(), const_cast<char**>(environment));
    const failure why{stage::exec, errno};
    [[maybe_unused]] const auto written = write(3, &why, sizeof why);
    _exit(127);
}

} // namespace

result<pid_t> start_child(const child_settings& settings)
{
    launch with;
    for (const auto& each : settings.command)
        with.command.push_back(const_cast<char*>(each.c_str()));
    with.command.push_back(nullptr);
    with.as = settings.as ? &*settings.as : nullptr;
    with.folder = settings.folder.c_str();
    with.log = settings.log.c_str();
    with.old_log = settings.log.string() + ".old";
    with.log_limit = settings.log_limit;
    for (const auto& [path, content] : settings.files)
        with.files.emplace_back(path.c_str(), content);
    with.parent_death_signal = settings.parent_death_signal;
    with.parent = getpid();

    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return fail(errc::unavailable, fmt::format("pipe: {}", std::strerror(errno)));
    // Out of the way of the standard streams, which the child lays anew.
    with.report = fcntl(ends[1], F_DUPFD_CLOEXEC, 10);
    close(ends[1]);
    const pid_t child = fork();
    if (child == 0) become(with);
    close(with.report);
    if (child < 0) {
        close(ends[0]);
        return fail(errc::unavailable, fmt::format("fork: {}", std::strerror(errno)));
    }
    failure why{stage::none, 0};
    ssize_t got = 0;
    do
        got = read(ends[0], &why, sizeof why);
    while (got < 0 && errno == EINTR);
    close(ends[0]);
    if (got == 0) return child;
    wait_for_child(child, std::chrono::seconds(5));
    return fail(errc::unavailable, fmt::format("{} could not {}: {}", settings.command.front(), name_of(why.at),
                                               std::strerror(why.reason)));
}

bool child_runs(pid_t pid)
{
    return !wait_for_child(pid, std::chrono::milliseconds(0));
}

std::optional<int> wait_for_child(pid_t pid, std::chrono::milliseconds limit)
{
    const auto by = std::chrono::steady_clock::now() + limit;
    for (;;) {
        int status = 0;
        const auto ended = waitpid(pid, &status, WNOHANG);
        if (ended == pid) return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
        if (ended < 0 && errno == ECHILD) return 0; // reaped by someone else
        if (std::chrono::steady_clock::now() >= by) return std::nullopt;
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
}

} // namespace huiyin::pg
