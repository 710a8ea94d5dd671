#pragma once

#include <huiyin/async/task.hpp>
#include <huiyin/base/id.hpp>

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace huiyin::net {
class websocket;
}

namespace huiyin::api {

/// That somebody looks at a ticket, or has stopped; handed from reactor to reactor and never changed.
struct look
{
    std::uint64_t socket = 0; ///< Which of all sockets of the process.
    ticket_id ticket;
    user_id user;
    std::string name;
    std::string what; ///< "viewing", or what he is writing.
    bool gone = false;
};

class viewers;

/// By which the reactors of a process tell one another who looks at what. Used from any thread.
class look_exchange
{
public:
    void join(executor on, std::weak_ptr<viewers> who);
    void leave(const viewers* who);
    void tell(const std::shared_ptr<const look>& news);
    std::uint64_t next_socket();

private:
    struct member
    {
        executor on;
        std::weak_ptr<viewers> who;
        const viewers* key;
    };
    std::mutex lock_;
    std::vector<member> members_;
    std::uint64_t sockets_ = 0;
};

/// Who looks at which ticket, as one reactor knows it, and its sockets that are told. Nothing of it is kept anywhere:
/// it expires `looks_live` after the last word. Used on its reactor only.
class viewers : public std::enable_shared_from_this<viewers>
{
public:
    static constexpr std::chrono::seconds looks_live{10};
    static constexpr std::size_t most_looks = 20'000;
    static constexpr std::size_t most_shown = 20; ///< Users in one message.

    explicit viewers(std::shared_ptr<look_exchange> exchange) : exchange_(std::move(exchange)) {}
    ~viewers();

    void join(executor on);
    /// Forgets what has expired, once a second, until it is cancelled.
    task<> run();

    std::uint64_t open() { return exchange_->next_socket(); }
    /// The socket's user looks at this ticket now and at no other; whoever may not read it does not come here.
    void look_at(std::uint64_t socket, std::shared_ptr<net::websocket> to, ticket_id ticket, user_id user,
                 std::string name, std::string what);
    /// At none any more, or it is closed.
    void look_away(std::uint64_t socket);

    /// From the exchange.
    void take(const look& news);

private:
    struct local_socket
    {
        std::shared_ptr<net::websocket> to;
        std::shared_ptr<const look> said;
    };
    struct seen_look
    {
        look what;
        std::chrono::steady_clock::time_point until;
    };
    void show(const ticket_id& ticket);
    void sweep();

    std::shared_ptr<look_exchange> exchange_;
    std::map<std::uint64_t, local_socket> sockets_;
    std::map<ticket_id, std::map<std::uint64_t, seen_look>> seen_;
    std::size_t looks_ = 0;
};

} // namespace huiyin::api
