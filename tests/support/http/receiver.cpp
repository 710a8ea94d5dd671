#include "receiver.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

namespace huiyin::test {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;

namespace {
constexpr auto with_code = asio::as_tuple(asio::use_awaitable);
}

std::string received::header(std::string_view lower_name) const
{
    for (const auto& [name, value] : headers)
        if (name == lower_name) return value;
    return {};
}

struct receiver::impl
{
    impl(std::function<reply(const received&)> how, const receiver_identity* identity)
        : answer(std::move(how)), listener(context, tcp::endpoint(asio::ip::address_v4::loopback(), 0))
    {
        if (identity) {
            tls.emplace(asio::ssl::context::tls_server);
            tls->use_certificate_chain(asio::buffer(identity->certificate));
            tls->use_private_key(asio::buffer(identity->key), asio::ssl::context::pem);
        }
    }

    asio::awaitable<void> accept()
    {
        for (;;) {
            auto [failed, socket] = co_await listener.async_accept(with_code);
            if (failed) co_return;
            asio::co_spawn(context, serve(std::move(socket)), asio::detached);
        }
    }

    asio::awaitable<void> serve(tcp::socket socket)
    {
        if (!tls) {
            co_await talk(socket);
            co_return;
        }
        asio::ssl::stream<tcp::socket> stream(std::move(socket), *tls);
        const auto [refused] = co_await stream.async_handshake(asio::ssl::stream_base::server, with_code);
        if (refused) co_return;
        co_await talk(stream);
        co_await stream.async_shutdown(with_code);
    }

    template <class Stream>
    asio::awaitable<void> talk(Stream& stream)
    {
        boost::beast::flat_buffer buffer;
        for (;;) {
            http::request<http::string_body> request;
            const auto [failed, size] = co_await http::async_read(stream, buffer, request, with_code);
            if (failed) co_return;
            received got{std::chrono::steady_clock::now(),
                         std::string(request.method_string()),
                         std::string(request.target()),
                         {},
                         request.body()};
            for (const auto& field : request) {
                std::string name(field.name_string());
                std::ranges::transform(name, name.begin(),
                                       [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
                got.headers.emplace_back(std::move(name), std::string(field.value()));
            }
            const struct presence
            {
                explicit presence(impl& of) : self(of)
                {
                    const std::lock_guard lock(self.guard);
                    self.most = std::max(self.most, ++self.now);
                }
                ~presence()
                {
                    const std::lock_guard lock(self.guard);
                    --self.now;
                }
                impl& self;
            } here(*this);
            const auto what = answer(got);
            {
                const std::lock_guard lock(guard);
                kept.push_back(std::move(got));
            }
            arrived.notify_all();
            if (what.hang) {
                // Until the peer has gone.
                char byte = 0;
                co_await stream.async_read_some(asio::buffer(&byte, 1), with_code);
                co_return;
            }
            if (!what.raw.empty()) {
                co_await asio::async_write(stream, asio::buffer(what.raw), with_code);
                co_return;
            }
            http::response<http::string_body> response(static_cast<http::status>(what.status), 11);
            for (const auto& [name, value] : what.headers)
                response.insert(name, value);
            response.body() = what.body;
            response.keep_alive(request.keep_alive());
            response.prepare_payload();
            const auto [cut, written] = co_await http::async_write(stream, response, with_code);
            if (cut || !request.keep_alive()) co_return;
        }
    }

    std::function<reply(const received&)> answer;
    asio::io_context context{1};
    tcp::acceptor listener;
    std::optional<asio::ssl::context> tls;
    mutable std::mutex guard;
    mutable std::condition_variable arrived;
    std::vector<received> kept;
    std::size_t now = 0, most = 0;
    std::jthread thread;
};

receiver::receiver(std::function<reply(const received&)> answer, const receiver_identity* tls)
    : impl_(std::make_unique<impl>(std::move(answer), tls))
{
    asio::co_spawn(impl_->context, impl_->accept(), asio::detached);
    impl_->thread = std::jthread([self = impl_.get()]() { self->context.run(); });
}

receiver::~receiver()
{
    impl_->context.stop();
    impl_->thread.join();
}

std::uint16_t receiver::port() const
{
    return impl_->listener.local_endpoint().port();
}

std::vector<received> receiver::all() const
{
    const std::lock_guard lock(impl_->guard);
    return impl_->kept;
}

std::size_t receiver::count() const
{
    const std::lock_guard lock(impl_->guard);
    return impl_->kept.size();
}

bool receiver::wait_for(std::size_t count, std::chrono::milliseconds limit) const
{
    std::unique_lock lock(impl_->guard);
    return impl_->arrived.wait_for(lock, limit, [&]() { return impl_->kept.size() >= count; });
}

std::size_t receiver::most_at_once() const
{
    const std::lock_guard lock(impl_->guard);
    return impl_->most;
}

} // namespace huiyin::test
