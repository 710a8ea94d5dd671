#pragma once

#include <huiyin/async/task.hpp>

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/role.hpp>

#include <memory>

namespace huiyin::net {

using tcp = asio::ip::tcp;
using tcp_socket = asio::basic_stream_socket<tcp, executor>;
using tcp_acceptor = asio::basic_socket_acceptor<tcp, executor>;

/// A connection, plain or TLS, as one type: what Asio calls an AsyncStream, on the concrete executor.
class transport
{
public:
    using executor_type = executor;
    using lowest_layer_type = tcp_socket;

    explicit transport(tcp_socket peer) : socket_(std::make_unique<tcp_socket>(std::move(peer))) {}

    /// Before the first byte.
    void secure(asio::ssl::context& with) { tls_ = std::make_unique<asio::ssl::stream<tcp_socket&>>(*socket_, with); }
    bool is_secure() const { return tls_ != nullptr; }
    asio::ssl::stream<tcp_socket&>& tls() { return *tls_; }

    executor get_executor() { return socket_->get_executor(); }
    tcp_socket& lowest_layer() { return *socket_; }
    const tcp_socket& lowest_layer() const { return *socket_; }

    template <class Buffers, class Token>
    auto async_read_some(const Buffers& into, Token&& token)
    {
        if (tls_) return tls_->async_read_some(into, std::forward<Token>(token));
        return socket_->async_read_some(into, std::forward<Token>(token));
    }
    template <class Buffers, class Token>
    auto async_write_some(const Buffers& from, Token&& token)
    {
        if (tls_) return tls_->async_write_some(from, std::forward<Token>(token));
        return socket_->async_write_some(from, std::forward<Token>(token));
    }
    /// What the kernel takes at once; 0 under TLS, which has to wait its turn.
    template <class Buffers>
    std::size_t write_at_once(const Buffers& from, boost::system::error_code& ec)
    {
        if (tls_) return 0;
        const auto sent = socket_->write_some(from, ec);
        if (ec == asio::error::would_block || ec == asio::error::try_again) ec = {};
        return sent;
    }

    /// Ends what is under way with operation_aborted.
    void cancel()
    {
        boost::system::error_code ignored;
        socket_->cancel(ignored);
    }
    void close()
    {
        boost::system::error_code ignored;
        socket_->close(ignored);
    }
    void shutdown_send()
    {
        boost::system::error_code ignored;
        socket_->shutdown(tcp_socket::shutdown_send, ignored);
    }

private:
    std::unique_ptr<tcp_socket> socket_;
    std::unique_ptr<asio::ssl::stream<tcp_socket&>> tls_;
};

// What Beast's WebSocket asks of a stream that it does not know.
inline void beast_close_socket(transport& of)
{
    of.close();
}
inline void teardown(boost::beast::role_type, transport& of, boost::system::error_code& ec)
{
    ec = {};
    of.shutdown_send();
}
/// Without the reading to the end that Beast's own does for sockets: the close frames have been exchanged.
template <class Handler>
void async_teardown(boost::beast::role_type, transport& of, Handler&& handler)
{
    of.shutdown_send();
    asio::post(of.get_executor(),
               [done = std::forward<Handler>(handler)]() mutable { done(boost::system::error_code()); });
}

} // namespace huiyin::net
