#pragma once

#include <huiyin/base/error.hpp>

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>

namespace huiyin::pg {

struct cluster_settings
{
    /// Holds `data` and `run` (the socket). Created with mode 0700.
    std::filesystem::path folder;
    /// Empty: the version of the data that is there, else the highest below /usr/lib/postgresql.
    std::filesystem::path binaries;
    /// The account PostgreSQL runs as where we are root. Empty: `huiyin`, else `postgres`, whichever exists.
    std::string user;
    /// Off only for tests: fsync=off, full_page_writes=off, synchronous_commit=off.
    bool durable = true;
    /// Three of them are kept for superusers.
    std::size_t max_connections = 60;
};

struct cluster_urls
{
    std::string owner;
    std::string app;
};
/// Where the cluster of that folder answers while it runs: for commands beside a daemon that holds it. Errors:
/// `not_configured` (its path is too long for a socket).
result<cluster_urls> urls_of(const cluster_settings& settings);

/// A private PostgreSQL of ours: Unix socket only, data checksums, C.UTF-8, peer authentication, a plain child that
/// dies with us (PDEATHSIG). Blocking calls: use before the reactors run, or from the blocking pool. Call from a thread
/// that lives as long as the process, since PDEATHSIG fires when the thread that forked ends; from one thread at a
/// time.
class cluster
{
public:
    /// Creates the cluster if there is none, starts it, waits until it answers (at most 60 s). A stale lock after
    /// `kill -9` is waited out or, where its pid belongs to something that is no postgres, removed; a postmaster of
    /// ours that still runs is stopped first. Creates database `huiyin` and roles `huiyin_owner` and `huiyin_app`.
    /// Errors: `not_configured` (no PostgreSQL found, root without the user to change to), `corrupt` (the folder's
    /// version differs), `already_exists` (another process of ours runs it), `unavailable` (did not come up; detail has
    /// the last lines of its log).
    static result<std::unique_ptr<cluster>> start(cluster_settings settings);
    /// Stops it (fast, then immediate after 20 s).
    ~cluster();
    cluster(const cluster&) = delete;
    cluster& operator=(const cluster&) = delete;

    std::string owner_url() const;
    std::string app_url() const;
    /// As the superuser `postgres`, on database `postgres`: for tests and repairs.
    std::string superuser_url() const;
    int postmaster_pid() const;
    /// Whether the postmaster is alive. When it has died, `restart` brings it back.
    bool is_alive() const;
    result<void> restart();
    void stop();

private:
    struct impl;
    explicit cluster(std::unique_ptr<impl> i);
    std::unique_ptr<impl> impl_;
};

} // namespace huiyin::pg
