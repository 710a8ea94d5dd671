#include "http_client.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/websocket/stream.hpp>

#include <algorithm>
#include <array>
#include <stdexcept>

namespace huiyin::test {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;

std::string lower(std::string_view text)
{
    std::string out(text);
    std::ranges::transform(out, out.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    return out;
}

template <class Message>
http_answer to_answer(const Message& from)
{
    http_answer answer;
    answer.status = static_cast<int>(from.result_int());
    for (const auto& field : from)
        answer.headers.emplace_back(lower({field.name_string().data(), field.name_string().size()}),
                                    std::string(field.value().data(), field.value().size()));
    answer.body = from.body();
    return answer;
}

/// Runs what was started; throws when it is not done within `limit`.
void finish(asio::io_context& context, const bool& done, std::chrono::milliseconds limit)
{
    context.restart();
    const auto end = std::chrono::steady_clock::now() + limit;
    while (!done && std::chrono::steady_clock::now() < end)
        context.run_one_until(end);
    if (!done) throw std::runtime_error("the server did not act in time");
}

tcp::endpoint local(std::uint16_t port)
{
    return {asio::ip::address_v4::loopback(), port};
}

} // namespace

std::string http_answer::header(std::string_view lower_name) const
{
    for (const auto& [name, value] : headers)
        if (name == lower_name) return value;
    return {};
}

struct connection::impl
{
    asio::io_context context{1};
    asio::ssl::context tls_context{asio::ssl::context::tls_client};
    tcp::socket socket{context};
    std::optional<asio::ssl::stream<tcp::socket&>> tls;
    std::string received;
    bool ended = false;

    bool read_some(std::chrono::milliseconds within)
    {
        if (ended) return false;
        std::array<char, 16 * 1024> piece;
        bool done = false;
        const auto got = [&](error_code ec, std::size_t size) {
            done = true;
            ended = static_cast<bool>(ec);
            received.append(piece.data(), size);
        };
        if (tls)
            tls->async_read_some(asio::buffer(piece), got);
        else
            socket.async_read_some(asio::buffer(piece), got);
        finish(context, done, within);
        return !ended;
    }
};

connection::connection(std::uint16_t port, bool tls) : impl_(std::make_unique<impl>())
{
    impl_->socket.connect(local(port));
    impl_->socket.set_option(tcp::no_delay(true));
    if (!tls) return;
    impl_->tls.emplace(impl_->socket, impl_->tls_context);
    impl_->tls->handshake(asio::ssl::stream_base::client);
}
connection::~connection() = default;

bool connection::send(std::string_view bytes)
{
    bool done = false;
    bool sent = false;
    const auto ended = [&](error_code ec, std::size_t) {
        done = true;
        sent = !ec;
    };
    if (impl_->tls)
        asio::async_write(*impl_->tls, asio::buffer(bytes), ended);
    else
        asio::async_write(impl_->socket, asio::buffer(bytes), ended);
    finish(impl_->context, done, limit);
    return sent;
}

http_answer connection::read_answer(bool to_head)
{
    http::response_parser<http::string_body> parser;
    parser.eager(true);
    parser.skip(to_head);
    parser.body_limit(boost::none);
    for (;;) {
        error_code ec;
        if (!impl_->received.empty()) {
            const auto taken = parser.put(asio::buffer(impl_->received), ec);
            impl_->received.erase(0, taken);
            if (ec && ec != http::error::need_more) throw std::runtime_error("answer: " + ec.message());
            if (parser.is_done()) return to_answer(parser.get());
        }
        if (!impl_->read_some(limit)) throw std::runtime_error("the server ended the connection before its answer");
    }
}

bool connection::has_more()
{
    return !impl_->received.empty() || impl_->read_some(limit) || !impl_->received.empty();
}

std::vector<http_answer> connection::read_all_answers()
{
    std::vector<http_answer> all;
    while (has_more())
        all.push_back(read_answer());
    return all;
}

bool connection::ends()
{
    return !has_more();
}

bool connection::was_ended()
{
    char byte = 0;
    error_code ec;
    impl_->socket.non_blocking(true);
    impl_->socket.receive(asio::buffer(&byte, 1), tcp::socket::message_peek, ec);
    return ec && ec != asio::error::would_block;
}

void connection::shutdown_send()
{
    impl_->socket.shutdown(tcp::socket::shutdown_send);
}

void connection::limit_receive_buffer(int bytes)
{
    impl_->socket.set_option(asio::socket_base::receive_buffer_size(bytes));
}

http_client::http_client(std::uint16_t port, http_headers always) : port_(port), always_(std::move(always)) {}
http_client::~http_client() = default;

void http_client::always(std::string name, std::string value)
{
    std::erase_if(always_, [&](const auto& each) { return lower(each.first) == lower(name); });
    if (!value.empty()) always_.emplace_back(std::move(name), std::move(value));
}

http_answer http_client::request(std::string_view method, std::string_view target, const http_headers& extra,
                                 std::string_view body)
{
    std::string text(method);
    text.append(" ").append(target).append(" HTTP/1.1\r\n");
    http_headers all = extra;
    const auto add_default = [&](std::string_view name, std::string_view value) {
        const bool named = std::ranges::any_of(all, [&](const auto& each) { return lower(each.first) == lower(name); });
        if (!named) all.emplace_back(name, value);
    };
    for (const auto& [name, value] : always_)
        add_default(name, value);
    add_default("Host", "127.0.0.1:" + std::to_string(port_));
    if (!body.empty()) add_default("Content-Type", "application/json");
    if (!body.empty() || (method != "GET" && method != "HEAD"))
        add_default("Content-Length", std::to_string(body.size()));
    for (const auto& [name, value] : all)
        text.append(name).append(": ").append(value).append("\r\n");
    text.append("\r\n").append(body);

    if (connection_ && connection_->was_ended()) connection_.reset();
    if (!connection_) connection_ = std::make_unique<connection>(port_);
    connection_->send(text);
    auto answer = connection_->read_answer(method == "HEAD");
    if (answer.header("connection") == "close") connection_.reset();
    return answer;
}

struct websocket_client::impl
{
    asio::io_context context{1};
    beast::websocket::stream<tcp::socket> stream{context};
    std::uint16_t port = 0;
    int receive_buffer = 0;
    int code = 1006;
    beast::flat_buffer incoming;
    bool reading = false, read = false;
    error_code failure;
};

websocket_client::websocket_client(std::uint16_t port) : impl_(std::make_unique<impl>())
{
    impl_->port = port;
}
websocket_client::~websocket_client() = default;

void websocket_client::limit_receive_buffer(int bytes)
{
    impl_->receive_buffer = bytes;
}

http_answer websocket_client::open(std::string_view target, const http_headers& extra)
{
    auto& socket = impl_->stream.next_layer();
    socket.open(tcp::v4());
    if (impl_->receive_buffer > 0) socket.set_option(asio::socket_base::receive_buffer_size(impl_->receive_buffer));
    socket.connect(local(impl_->port));
    impl_->stream.set_option(beast::websocket::stream_base::decorator([&](beast::websocket::request_type& request) {
        for (const auto& [name, value] : extra)
            request.set(name, value);
    }));
    beast::websocket::response_type response;
    bool done = false;
    error_code refused;
    impl_->stream.async_handshake(response, "127.0.0.1:" + std::to_string(impl_->port), std::string(target),
                                  [&](error_code ec) {
                                      done = true;
                                      refused = ec;
                                  });
    finish(impl_->context, done, std::chrono::seconds(120));
    if (refused && refused != beast::websocket::error::upgrade_declined)
        throw std::runtime_error("WebSocket: " + refused.message());
    return to_answer(response);
}

void websocket_client::send(std::string_view text)
{
    impl_->stream.binary(false);
    impl_->stream.write(asio::buffer(text));
}

void websocket_client::send_binary(std::string_view bytes)
{
    impl_->stream.binary(true);
    impl_->stream.write(asio::buffer(bytes));
}

std::optional<std::string> websocket_client::receive(std::chrono::milliseconds limit)
{
    if (!impl_->reading) {
        impl_->reading = true;
        impl_->read = false;
        impl_->stream.async_read(impl_->incoming, [self = impl_.get()](error_code ec, std::size_t) {
            self->read = true;
            self->failure = ec;
        });
    }
    finish(impl_->context, impl_->read, limit);
    impl_->reading = false;
    if (impl_->failure) {
        if (impl_->failure == beast::websocket::error::closed) impl_->code = impl_->stream.reason().code;
        return std::nullopt;
    }
    auto text = beast::buffers_to_string(impl_->incoming.data());
    impl_->incoming.consume(impl_->incoming.size());
    return text;
}

int websocket_client::close_code() const
{
    return impl_->code;
}

void websocket_client::close()
{
    error_code ignored;
    impl_->stream.close(beast::websocket::close_code::normal, ignored);
}

} // namespace huiyin::test
