#pragma once

#include "home.hpp"

#include <huiyin/async/blocking_pool.hpp>
#include <huiyin/async/task_group.hpp>
#include <huiyin/intake/applier.hpp>
#include <huiyin/intake/door.hpp>
#include <huiyin/journal/stream.hpp>
#include <huiyin/net/server.hpp>
#include <huiyin/net/static_files.hpp>
#include <huiyin/people/authenticator.hpp>
#include <huiyin/people/configuration_store.hpp>
#include <huiyin/people/notice.hpp>
#include <huiyin/people/people_service.hpp>
#include <huiyin/people/session_service.hpp>
#include <huiyin/people/token_service.hpp>
#include <huiyin/pg/listener.hpp>
#include <huiyin/ticket/ticket_service.hpp>

namespace huiyin::daemon {

/// What all reactors share; immutable or safe from any thread.
struct commons
{
    const config& settings;
    home& at;
    const clock& time;
    metrics::registry& metrics;
    blocking_pool& pool;
    people::rights_epoch& rights;
    std::string public_url;
    /// Of the console; none without web.folder.
    std::shared_ptr<const net::static_files> files;
    std::shared_ptr<const std::atomic<bool>> ready;
};

/// The services of one reactor, in the order in which they need each other.
class graph
{
public:
    graph(executor on, const commons& with);
    ~graph();

    net::server& server() { return server_; }
    ticket::ticket_service& tickets() { return tickets_; }
    pg::database& database() { return db_; }
    /// Background work that each reactor has.
    void start();
    /// In reverse: requests first, then background work, then connections.
    task<void> stop();

private:
    void add_routes();

    executor on_;
    const commons& commons_;
    people::cookie_settings cookies_;
    pg::database db_;
    pg::notifier appended_;
    people::people_service people_;
    people::session_service sessions_;
    people::token_service tokens_;
    people::notice_inbox notices_;
    people::authenticator authenticator_;
    ticket::configurations rules_;
    ticket::ticket_service tickets_;
    intake::door door_;
    intake::applier applier_;
    journal::follower feed_;
    net::router routes_;
    net::server server_;
    task_group background_;
};

/// The settings of the server as the configuration has them.
net::server_settings server_settings_of(const config& with);
/// Cookies go plain only where the listener is loopback HTTP.
bool is_loopback(const std::string& address);

} // namespace huiyin::daemon
