#include "home.hpp"

#include <huiyin/base/log.hpp>

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace huiyin::daemon {

namespace fs = std::filesystem;

namespace {

constexpr const char* service_user = "huiyin";

/// Waits for nobody: nothing when another process holds it.
result<std::optional<int>> try_lock(const fs::path& file)
{
    const int fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) return fail(errc::not_configured, "lock file " + file.string() + ": " + std::strerror(errno));
    if (flock(fd, LOCK_EX | LOCK_NB) == 0) return fd;
    const int reason = errno;
    close(fd);
    if (reason == EWOULDBLOCK) return std::nullopt;
    return fail(errc::not_configured, "lock file " + file.string() + ": " + std::strerror(reason));
}

} // namespace

result<std::unique_ptr<home>> home::open(const config& with, fs::path state, purpose p)
{
    std::error_code failed;
    fs::create_directories(state, failed);
    if (failed) return fail(errc::not_configured, "state folder " + state.string() + ": " + failed.message());
    std::unique_ptr<home> made(new home(with, fs::canonical(state)));

    // A command beside a server of one's own shares nothing with a daemon but the database.
    if (p == purpose::serve || with.database.url.empty()) {
        const auto lock = try_lock(made->state_ / "huiyin.lock");
        if (!lock) return fail(lock.error());
        if (*lock) made->lock_ = **lock;
    }
    if (made->lock_ < 0 && p == purpose::serve)
        return fail(errc::already_exists, "another huiyin uses " + made->state_.string());

    if (with.database.url.empty()) {
        const pg::cluster_settings settings{.folder = made->state_ / "postgresql",
                                            .binaries = {},
                                            .durable = with.database.durable,
                                            .max_connections = with.private_connections()};
        auto urls = pg::urls_of(settings);
        if (!urls) return fail(std::move(urls.error()));
        made->urls_ = std::move(*urls);
        if (made->lock_ >= 0) {
            auto started = pg::cluster::start(settings);
            if (!started) return fail(std::move(started.error()));
            made->cluster_ = std::move(*started);
        }
    }
    return made;
}

home::~home()
{
    cluster_.reset();
    if (lock_ >= 0) close(lock_);
}

pg::database_settings home::app() const
{
    pg::database_settings settings;
    settings.url = urls_ ? urls_->app : config_.database.url;
    settings.schema = config_.database.schema;
    settings.connections = static_cast<std::size_t>(config_.database.connections);
    settings.waiting_limit = static_cast<std::size_t>(config_.database.waiting);
    return settings;
}

pg::database_settings home::owner() const
{
    auto settings = app();
    settings.url = urls_                                ? urls_->owner
                   : config_.database.owner_url.empty() ? config_.database.url
                                                        : config_.database.owner_url;
    settings.connections = 1;
    return settings;
}

fs::path home::path_of(const std::string& configured) const
{
    return state_ / configured; // an absolute path replaces the folder
}

result<void> home::drop_privileges()
{
    if (geteuid() != 0) return {};
    const auto* const user = getpwnam(service_user);
    if (!user)
        return fail(errc::not_configured,
                    "started as root, but there is no user huiyin to become (scripts/deps creates it)");
    for (const auto& each : fs::directory_iterator(state_))
        if (each.path().filename() != "postgresql" && lchown(each.path().c_str(), user->pw_uid, user->pw_gid) != 0)
            log::warning("state.not_given", {{"reason", std::strerror(errno)}});
    if (chown(state_.c_str(), user->pw_uid, user->pw_gid) != 0 || setgroups(0, nullptr) != 0 ||
        setresgid(user->pw_gid, user->pw_gid, user->pw_gid) != 0 ||
        setresuid(user->pw_uid, user->pw_uid, user->pw_uid) != 0)
        return fail(errc::not_configured, std::string("cannot become user huiyin: ") + std::strerror(errno));
    // The kernel forgets these with the change of user.
    prctl(PR_SET_DUMPABLE, 1);
    return {};
}

} // namespace huiyin::daemon
