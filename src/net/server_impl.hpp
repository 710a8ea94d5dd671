#pragma once

#include "client_address.hpp"
#include "rate_limiter.hpp"
#include "router_impl.hpp"
#include "serializer.hpp"
#include "transport.hpp"

#include <huiyin/async/task_group.hpp>
#include <huiyin/net/server.hpp>

#include <array>
#include <atomic>
#include <list>

namespace huiyin::net {

class session;

/// A stock of random bits for request ids: one system call for 256 of them.
class request_ids
{
public:
    std::string next();

private:
    std::array<std::uint8_t, 4096> stock_;
    std::size_t used_ = sizeof stock_;
};

/// What is counted of one route (or of requests that meet none), looked up once.
class route_numbers
{
public:
    route_numbers(metrics::registry& registry, std::string pattern);
    void count(std::string_view method, int status, double seconds);

private:
    struct cell
    {
        std::string_view method;
        int status;
        metrics::counter requests;
    };
    metrics::registry& registry_;
    std::string pattern_;
    metrics::histogram seconds_;
    std::vector<cell> cells_;
};

struct refusal_numbers
{
    explicit refusal_numbers(metrics::registry& registry);
    metrics::counter connections, in_flight, memory, rate_address, rate_account, rate_route;
};

struct server::impl : std::enable_shared_from_this<impl>
{
    impl(executor on_reactor, server_settings with, router& of, authenticator asks, const clock& reads,
         metrics::registry& registry);

    result<std::uint16_t> adopt(tcp_acceptor acceptor);
    void start();
    task<> accept_loop();
    void admit(tcp_socket peer);
    task<> sweep_loop();
    void sweep(std::chrono::steady_clock::time_point now);
    route_numbers& numbers_of(const route* r);

    executor on;
    server_settings settings;
    router::impl& routes;
    authenticator who;
    const clock& time;
    metrics::registry& registry;
    std::vector<address_block> proxies;
    std::shared_ptr<asio::ssl::context> tls;

    tcp_acceptor listener;
    /// Of all servers that share the listening socket.
    std::shared_ptr<std::atomic<std::size_t>> connections = std::make_shared<std::atomic<std::size_t>>(0);
    std::list<std::shared_ptr<session>> sessions;
    task_group background;
    steady_timer emptied;
    bool stopping = false;

    std::size_t in_flight = 0;
    std::size_t body_bytes = 0; ///< Of all requests being read or answered.
    rate_limiter addresses;
    rate_limiter accounts;
    date_line date;
    request_ids ids;
    std::vector<std::unique_ptr<route_numbers>> numbers; ///< By route index; the first is of requests without a route.
    refusal_numbers refused;
    metrics::gauge connections_gauge;
    metrics::gauge in_flight_gauge;
    std::size_t told_connections = 0;
    std::size_t told_in_flight = 0;
};

} // namespace huiyin::net
