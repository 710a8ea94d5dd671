#include "stream_socket.hpp"

#include <huiyin/base/text.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/websocket/rfc6455.hpp>
#include <boost/beast/websocket/stream.hpp>

#include <algorithm>
#include <array>
#include <deque>

namespace huiyin::net {

namespace {

namespace beast = boost::beast;
using steady = std::chrono::steady_clock;

constexpr std::size_t most_queued = 64;
constexpr std::size_t most_queued_bytes = 256 * 1024;
constexpr std::size_t longest_message = 16 * 1024;
constexpr std::chrono::seconds silent_within{60};
constexpr std::chrono::seconds write_within{30};
constexpr std::chrono::seconds close_within{5};
constexpr std::size_t most_read_over = 16 * 1024 * 1024;
/// By default the kernel grows a slow reader's buffer to megabytes.
constexpr int kernel_buffer = 64 * 1024;

class beast_socket final : public stream_socket, public std::enable_shared_from_this<beast_socket>
{
public:
    explicit beast_socket(transport peer)
        : stream_(std::move(peer)), ended_(stream_.get_executor(), steady::time_point::max())
    {}

    task<result<void>> accept(const request& req) override
    {
        beast::http::request<beast::http::string_body> upgrade(beast::http::verb::get, "/", 11);
        for (const auto& [name, value] : req.headers)
            upgrade.insert(name, value);
        boost::system::error_code ignored;
        stream_.next_layer().lowest_layer().set_option(asio::socket_base::send_buffer_size(kernel_buffer), ignored);
        stream_.read_message_max(longest_message);
        stream_.set_option(beast::websocket::stream_base::timeout{close_within, silent_within, true});
        stream_.set_option(beast::websocket::stream_base::decorator(
            [id = req.request_id](beast::websocket::response_type& reply) { reply.set("X-Request-Id", id); }));
        stream_.text(true);
        auto [ec] = co_await stream_.async_accept(upgrade, asio::as_tuple(use_task));
        if (ec) co_return fail(errc::unavailable, ec.message());
        open_ = true;
        co_return result<void>();
    }

    bool send(std::shared_ptr<const std::string> text) override
    {
        if (!open_ || queue_.size() >= most_queued || queued_bytes_ + text->size() > most_queued_bytes) return false;
        queued_bytes_ += text->size();
        queue_.push_back(std::move(text));
        write_next();
        return true;
    }

    void drop_queued() override
    {
        queue_.clear();
        queued_bytes_ = 0;
    }

    task<result<std::string>> receive() override
    {
        if (!open_) co_return fail(errc::unavailable, "closed");
        auto [ec, size] = co_await stream_.async_read(incoming_, asio::as_tuple(use_task));
        if (ec) {
            open_ = false;
            drop_queued();
            co_return fail(errc::unavailable, ec.message());
        }
        auto text = beast::buffers_to_string(incoming_.data());
        incoming_.consume(incoming_.size());
        if (!stream_.got_text()) {
            close(beast::websocket::close_code::unknown_data, "text only");
            co_return fail(errc::bad_request, "binary message");
        }
        co_return text;
    }

    void close(int code, std::string reason) override
    {
        if (!open_) return;
        open_ = false;
        drop_queued();
        closing_ = true;
        close_since_ = steady::now();
        reason.resize(std::min<std::size_t>(reason.size(), 123)); // RFC 6455, section 5.5
        const beast::websocket::close_reason why(static_cast<beast::websocket::close_code>(code), reason);
        stream_.async_close(why, [self = shared_from_this()](boost::system::error_code) {
            self->closing_ = false;
            self->ended_.cancel();
        });
    }

    bool is_open() const override { return open_; }

    task<> finish() override
    {
        close(beast::websocket::close_code::normal, {});
        while (writing_ || closing_)
            co_await ended_.async_wait(asio::as_tuple(use_task));
        // What the peer still sends is read over, else his kernel throws our close frame away.
        auto& peer = stream_.next_layer();
        peer.shutdown_send();
        closing_ = true;
        close_since_ = steady::now();
        std::array<char, 4096> ignored;
        for (std::size_t read = 0; read < most_read_over;) {
            auto [ec, size] = co_await peer.async_read_some(asio::buffer(ignored), asio::as_tuple(use_task));
            if (ec) break;
            read += size;
        }
        closing_ = false;
        peer.close();
    }

    void tick(steady::time_point now) override
    {
        const bool stuck =
            (writing_ && now - write_since_ > write_within) || (closing_ && now - close_since_ > close_within);
        if (stuck) abort();
    }

    void abort() override
    {
        open_ = false;
        drop_queued();
        stream_.next_layer().close();
    }

private:
    void write_next()
    {
        if (writing_ || queue_.empty() || !open_) return;
        writing_ = true;
        write_since_ = steady::now();
        auto text = std::move(queue_.front());
        queue_.pop_front();
        queued_bytes_ -= text->size();
        const auto bytes = asio::buffer(*text);
        stream_.async_write(bytes, [self = shared_from_this(), text](boost::system::error_code ec, std::size_t) {
            self->writing_ = false;
            if (ec) {
                self->open_ = false;
                self->drop_queued();
                self->stream_.next_layer().close(); // Ends the reader, too.
            }
            self->write_next();
            self->ended_.cancel();
        });
    }

    beast::websocket::stream<transport, false> stream_;
    beast::flat_buffer incoming_;
    std::deque<std::shared_ptr<const std::string>> queue_;
    std::size_t queued_bytes_ = 0;
    bool open_ = false;
    bool writing_ = false;
    bool closing_ = false;
    steady::time_point write_since_;
    steady::time_point close_since_;
    steady_timer ended_;
};

bool lists(std::string_view header, std::string_view token)
{
    return std::ranges::any_of(split(header, ','),
                               [&](const auto& each) { return lower_ascii(trimmed(each)) == token; });
}

} // namespace

std::shared_ptr<stream_socket> make_stream_socket(transport peer)
{
    return std::make_shared<beast_socket>(std::move(peer));
}

bool is_upgrade(const request& req)
{
    const auto key = req.header("sec-websocket-key");
    return req.method == method::get && lists(req.header("upgrade").value_or(""), "websocket") &&
           lists(req.header("connection").value_or(""), "upgrade") && req.header("sec-websocket-version") == "13" &&
           key && key->size() == 24 && key->ends_with("==");
}

} // namespace huiyin::net
