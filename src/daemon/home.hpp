#pragma once

#include <huiyin/base/error.hpp>
#include <huiyin/daemon/config.hpp>
#include <huiyin/pg/cluster.hpp>
#include <huiyin/pg/database.hpp>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

namespace huiyin::daemon {

/// The state folder and the database of one Huiyin: what every command but `check` and `version` stands on.
class home
{
public:
    enum class purpose {
        serve,   ///< Holds the state folder for itself.
        command, ///< Beside a running daemon, or with the private PostgreSQL started just for now.
    };

    /// Blocking. With a private PostgreSQL: starts it, or finds the one a running daemon holds. Errors:
    /// `already_exists` (another huiyin uses this folder), `not_configured` (the folder or its lock file cannot be
    /// used), and those of pg::cluster::start.
    static result<std::unique_ptr<home>> open(const config& with, std::filesystem::path state, purpose p);
    ~home();

    pg::database_settings app() const;
    pg::database_settings owner() const;
    /// A path of the configuration: absolute, or below the state folder.
    std::filesystem::path path_of(const std::string& configured) const;
    const std::filesystem::path& state() const { return state_; }
    /// The private PostgreSQL, when this process runs one.
    pg::cluster* cluster() { return cluster_.get(); }

    /// Started as root: gives the state folder to user `huiyin` and becomes that user for good. After this, low ports
    /// cannot be bound, nor files read that are root's. Does nothing for other users. Errors: `not_configured` where
    /// there is no such user.
    result<void> drop_privileges();

private:
    home(const config& with, std::filesystem::path state) : config_(with), state_(std::move(state)) {}

    const config& config_;
    std::filesystem::path state_;
    int lock_ = -1;
    std::unique_ptr<pg::cluster> cluster_;
    std::optional<pg::cluster_urls> urls_;
};

} // namespace huiyin::daemon
