#pragma once

#include "request_parser.hpp"
#include "server_impl.hpp"
#include "stream_socket.hpp"

#include <boost/asio/cancellation_signal.hpp>

namespace huiyin::net {

/// One connection: requests are read, answered and counted one after the other, so pipelined ones are answered in
/// order. It has no timer: each wait sets `deadline_`, and the server's sweeper calls `tick`.
class session
{
public:
    session(server::impl& home, tcp_socket peer, const asio::ip::address& from);
    ~session();
    session(const session&) = delete;
    session& operator=(const session&) = delete;

    task<> run();
    asio::cancellation_signal& cancellation() { return cancel_; }
    void tick(std::chrono::steady_clock::time_point now);
    /// Ends the connection between requests, closes a stream with 1001, lets a request under way finish.
    void retire();
    /// Ends it now.
    void abort();

private:
    using steady = std::chrono::steady_clock;
    enum class phase { idle, head, body, endpoint, writing, lingering, streaming };
    enum class read_outcome { ready, gone };

    void begin_request();
    void expect(phase what, duration within, steady::time_point from);
    void extend_deadline(std::size_t bytes);
    asio::mutable_buffer free_space();
    task<result<read_outcome>> read_head();
    result<void> parse_head();
    result<void> resolve_target();
    void find_client();
    /// What can be refused by the head alone.
    std::optional<response> check_head();
    std::optional<response> check_rates();
    std::optional<response> check_permission();
    bool is_anonymous() const;
    task<result<void>> read_body();
    /// Gives the parser what is buffered.
    result<void> feed_parser();
    /// Whether the next request can be found behind this one.
    bool body_is_read();
    task<response> run_endpoint();
    task<> run_stream();
    std::string_view prepare(response& reply);
    std::size_t write_at_once(std::string_view first, std::string_view second);
    task<bool> write_rest(std::string_view first, std::string_view second);
    task<> linger();
    void account_body();
    void record(const response& reply, std::size_t bytes);

    server::impl& home_;
    transport peer_;
    asio::ip::address from_;
    std::string from_text_;
    asio::ip::address client_;
    asio::cancellation_signal cancel_;

    phase phase_ = phase::idle;
    steady::time_point deadline_ = steady::time_point::max();
    bool expired_ = false;
    bool retired_ = false;
    bool aborted_ = false;

    std::vector<char> buffer_;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
    std::size_t scanned_ = 0;
    std::string out_;
    std::size_t at_once_ = 0; ///< Bytes of the answer that `write_at_once` got rid of.

    net::request request_;
    std::optional<request_parser> parser_;
    const route* route_ = nullptr;
    router::impl::match match_;
    std::optional<net::method> method_;
    steady::time_point now_ = steady::now();
    steady::time_point started_ = now_;
    std::size_t accounted_body_ = 0;
    bool keep_alive_ = true;
    bool may_stream_ = false;
    bool peer_gone_ = false;
    std::shared_ptr<stream_socket> stream_;
};

} // namespace huiyin::net
