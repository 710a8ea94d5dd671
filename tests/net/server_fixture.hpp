#pragma once

#include <huiyin/async/reactor.hpp>
#include <huiyin/base/crypto.hpp>
#include <huiyin/net/server.hpp>
#include <huiyin/net/websocket.hpp>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <atomic>
#include <future>
#include <optional>
#include <support/eventually.hpp>
#include <support/http/http_client.hpp>
#include <thread>

namespace huiyin::net {

using namespace std::chrono_literals;
using test::connection;
using test::eventually;
using test::http_answer;
using test::http_client;
using test::websocket_client;

/// A server with a few routes on a reactor of its own, reached through real sockets.
class server_test : public ::testing::Test
{
protected:
    server_test();
    ~server_test() override;

    /// To be called once; routes and settings may be changed before.
    void start();
    /// The same on a socket that is bound already.
    void start_on(int descriptor);
    void renew(std::shared_ptr<tls_identity> tls) { server_->renew(std::move(tls)); }
    void stop(std::chrono::milliseconds limit = 60s);
    /// Runs `work` on the reactor and gives what it returns.
    template <class T>
    T on_reactor(std::function<T()> work)
    {
        std::promise<T> done;
        asio::post(loop_.get_executor(), [&]() { done.set_value(work()); });
        return wait_for(done.get_future());
    }
    template <class T>
    static T wait_for(std::future<T> done)
    {
        if (done.wait_for(test::patience) != std::future_status::ready) throw std::runtime_error("hung");
        return done.get();
    }
    std::size_t open_connections()
    {
        return on_reactor<std::size_t>([this]() { return server_->open_connections(); });
    }
    /// The value of a line of the metrics, 0 without.
    double metric(std::string_view line) const;
    static nlohmann::json body_of(const http_answer& answer) { return nlohmann::json::parse(answer.body); }
    /// Kilobytes that this process holds.
    static std::size_t resident_kib();

    server_settings settings;
    router routes;
    authenticator who;
    metrics::registry registry;
    system_clock time;
    std::uint16_t port = 0;
    /// How often an endpoint ran that nothing in a test may reach.
    std::atomic<int> smuggled{0};
    /// "/slow" does not answer before it may.
    std::atomic<int> slow_started{0};
    std::atomic<bool> slow_may_answer{true};
    std::shared_ptr<websocket> stream; ///< Of the last "/stream"; used on the reactor only.
    std::atomic<int> streams_ended{0};

private:
    void run(const result<std::uint16_t>& bound);

    reactor loop_{0};
    std::optional<server> server_;
    std::thread thread_;
    bool stopped_ = false;
};

} // namespace huiyin::net
