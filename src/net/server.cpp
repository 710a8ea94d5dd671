#include "server_impl.hpp"
#include "session.hpp"
#include "tls.hpp"

#include <huiyin/base/crypto.hpp>
#include <huiyin/net/server.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <cstring>
#include <fcntl.h>
#include <stdexcept>
#include <sys/socket.h>
#include <unistd.h>

namespace huiyin::net {

namespace {

using steady = std::chrono::steady_clock;

constexpr int backlog = 4096;
constexpr std::chrono::milliseconds coarsest_sweep{250};
constexpr std::chrono::milliseconds finest_sweep{5};
constexpr std::size_t largest_head = 48 * 1024;

result<tcp_acceptor> duplicate(executor on, tcp::acceptor::native_handle_type descriptor)
{
    sockaddr_storage bound{};
    socklen_t size = sizeof bound;
    if (::getsockname(descriptor, reinterpret_cast<sockaddr*>(&bound), &size) != 0)
        return fail(errc::unavailable, "listening socket: " + std::string(std::strerror(errno)));
    const int copy = ::fcntl(descriptor, F_DUPFD_CLOEXEC, 0);
    if (copy < 0) return fail(errc::unavailable, "listening socket: " + std::string(std::strerror(errno)));
    tcp_acceptor acceptor(on);
    boost::system::error_code ec;
    acceptor.assign(bound.ss_family == AF_INET6 ? tcp::v6() : tcp::v4(), copy, ec);
    if (ec) {
        ::close(copy);
        return fail(errc::unavailable, "listening socket: " + ec.message());
    }
    return acceptor;
}

std::shared_ptr<asio::ssl::context> context_of(const std::shared_ptr<tls_identity>& identity)
{
    if (!identity) return nullptr;
    return {identity, &identity->context};
}

} // namespace

bool is_address_block(std::string_view text)
{
    return address_block::parse(text).has_value();
}

std::string request_ids::next()
{
    if (used_ == stock_.size()) {
        const auto fresh = random_bytes(stock_.size());
        std::memcpy(stock_.data(), fresh.data(), stock_.size());
        used_ = 0;
    }
    // Version 4 (RFC 9562, section 5.4); uuid's own way with one digit at a time shows in a profile of the server.
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text(36, '-');
    std::size_t at = 0;
    for (std::size_t i = 0; i < 16; ++i) {
        auto byte = stock_[used_++];
        if (i == 6) byte = static_cast<std::uint8_t>(0x40 | (byte & 0x0f));
        if (i == 8) byte = static_cast<std::uint8_t>(0x80 | (byte & 0x3f));
        if (i == 4 || i == 6 || i == 8 || i == 10) ++at;
        text[at++] = digits[byte >> 4];
        text[at++] = digits[byte & 15];
    }
    return text;
}

route_numbers::route_numbers(metrics::registry& registry, std::string pattern)
    : registry_(registry), pattern_(std::move(pattern)),
      seconds_(registry.histogram("huiyin_http_request_seconds", "From the head of a request to its answer",
                                  metrics::latency_bounds(), {{"route", pattern_}}))
{}

void route_numbers::count(std::string_view method, int status, double seconds)
{
    seconds_.observe(seconds);
    auto found = std::ranges::find_if(cells_, [&](const cell& c) { return c.status == status && c.method == method; });
    if (found == cells_.end()) {
        const auto counter = registry_.counter(
            "huiyin_http_requests_total", "Requests answered",
            {{"route", pattern_}, {"method", std::string(method)}, {"status", std::to_string(status)}});
        found = cells_.insert(cells_.end(), cell{method, status, counter});
    }
    found->requests.add();
}

refusal_numbers::refusal_numbers(metrics::registry& registry)
    : connections(
          registry.counter("huiyin_http_refused_total", "Refused before an endpoint ran", {{"reason", "connections"}})),
      in_flight(
          registry.counter("huiyin_http_refused_total", "Refused before an endpoint ran", {{"reason", "in_flight"}})),
      memory(registry.counter("huiyin_http_refused_total", "Refused before an endpoint ran", {{"reason", "memory"}})),
      rate_address(registry.counter("huiyin_http_refused_total", "Refused before an endpoint ran",
                                    {{"reason", "rate_address"}})),
      rate_account(registry.counter("huiyin_http_refused_total", "Refused before an endpoint ran",
                                    {{"reason", "rate_account"}})),
      rate_route(
          registry.counter("huiyin_http_refused_total", "Refused before an endpoint ran", {{"reason", "rate_route"}}))
{}

server::impl::impl(executor on_reactor, server_settings with, router& of, authenticator asks, const clock& reads,
                   metrics::registry& of_process)
    : on(on_reactor), settings(std::move(with)), routes(of.internals()), who(std::move(asks)), time(reads),
      registry(of_process), tls(context_of(settings.tls)), listener(on), background(on),
      emptied(on, steady::time_point::max()), refused(registry),
      connections_gauge(registry.gauge("huiyin_http_connections", "Open connections, streams included")),
      in_flight_gauge(registry.gauge("huiyin_http_requests_in_flight", "Requests with their authenticator or endpoint"))
{
    settings.header_limit = std::min(settings.header_limit, largest_head);
    for (const auto& text : settings.trusted_proxies) {
        const auto block = address_block::parse(text);
        if (!block) throw std::invalid_argument("trusted_proxies: " + text);
        proxies.push_back(*block);
    }
    for (const auto& text : settings.allowed_origins)
        if (!is_origin(text)) throw std::invalid_argument("allowed_origins: " + text);
}

route_numbers& server::impl::numbers_of(const route* r)
{
    const std::size_t place = r ? r->index + 1 : 0;
    if (numbers.size() <= place) numbers.resize(routes.routes.size() + 1);
    if (!numbers[place]) numbers[place] = std::make_unique<route_numbers>(registry, r ? r->pattern : "none");
    return *numbers[place];
}

result<std::uint16_t> server::impl::adopt(tcp_acceptor acceptor)
{
    boost::system::error_code ec;
    const auto bound = acceptor.local_endpoint(ec);
    if (ec) return fail(errc::unavailable, ec.message());
    listener = std::move(acceptor);
    start();
    return bound.port();
}

void server::impl::start()
{
    date.tick(time.now());
    background.spawn("http.accept", accept_loop());
    background.spawn("http.sweep", sweep_loop());
}

task<> server::impl::accept_loop()
{
    while (!stopping) {
        auto [ec, peer] = co_await listener.async_accept(on, asio::as_tuple(use_task));
        if (!ec) {
            admit(std::move(peer));
        } else if (ec == asio::error::operation_aborted || !listener.is_open()) {
            co_return;
        } else if (ec != asio::error::connection_aborted) {
            // No descriptor or memory left: closing connections will give some back.
            log::warning("http.accept", {{"reason", ec.message()}});
            co_await pause_for(std::chrono::milliseconds(100));
        }
    }
}

void server::impl::admit(tcp_socket peer)
{
    boost::system::error_code ec;
    const auto from = peer.remote_endpoint(ec);
    if (ec) return;
    peer.non_blocking(true, ec);
    peer.set_option(tcp::no_delay(true), ec);
    if (connections->fetch_add(1) >= settings.connections) {
        connections->fetch_sub(1);
        refused.connections.add();
        if (tls) return;
        constexpr std::string_view full = "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nRetry-After: 5\r\n"
                                          "Connection: close\r\n\r\n";
        peer.write_some(asio::buffer(full), ec);
        peer.shutdown(tcp_socket::shutdown_send, ec);
        return;
    }
    const auto it =
        sessions.insert(sessions.end(), std::make_shared<session>(*this, std::move(peer), plain(from.address())));
    auto ended = [self = shared_from_this(), it, kept = *it](const std::exception_ptr& thrown) {
        self->connections->fetch_sub(1);
        if (thrown) {
            try {
                std::rethrow_exception(thrown);
            } catch (const boost::system::system_error& e) {
                if (e.code() != asio::error::operation_aborted) log::error("http.session", {{"reason", e.what()}});
            } catch (const std::exception& e) {
                log::error("http.session", {{"reason", e.what()}});
            }
        }
        if (self->sessions.empty()) return; // The server died first.
        self->sessions.erase(it);
        if (self->sessions.empty()) self->emptied.cancel();
    };
    asio::co_spawn(on, (*it)->run(), asio::bind_cancellation_slot((*it)->cancellation().slot(), std::move(ended)));
}

task<> server::impl::sweep_loop()
{
    const auto shortest =
        std::min({settings.header_within, settings.body_within, settings.idle_within, coarsest_sweep * 8});
    const auto pause = std::max(shortest / 8, finest_sweep);
    for (;;) {
        co_await pause_for(pause);
        sweep(steady::now());
    }
}

void server::impl::sweep(steady::time_point now)
{
    date.tick(time.now());
    for (auto it = sessions.begin(); it != sessions.end();) {
        const auto each = *it++;
        each->tick(now);
    }
    connections_gauge.add(static_cast<double>(sessions.size()) - static_cast<double>(told_connections));
    in_flight_gauge.add(static_cast<double>(in_flight) - static_cast<double>(told_in_flight));
    told_connections = sessions.size();
    told_in_flight = in_flight;
}

server::server(executor on, server_settings settings, router& routes, authenticator who, const clock& time,
               metrics::registry& metrics)
    : impl_(std::make_shared<impl>(on, std::move(settings), routes, std::move(who), time, metrics))
{}

server::~server()
{
    boost::system::error_code ignored;
    impl_->listener.close(ignored);
    const auto left = std::move(impl_->sessions);
    impl_->sessions.clear();
    for (const auto& each : left)
        each->abort();
}

result<bound_socket> bound_socket::bind(const std::string& address, std::uint16_t port)
{
    boost::system::error_code ec;
    const auto ip = asio::ip::make_address(address, ec);
    if (ec) return fail(errc::unavailable, address + ": " + ec.message());
    const tcp::endpoint endpoint(ip, port);
    const auto refuse = [&]() {
        return fail(errc::unavailable, address + ":" + std::to_string(port) + ": " + std::strerror(errno));
    };
    const int made = ::socket(endpoint.protocol().family(), SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_TCP);
    if (made < 0) return refuse();
    bound_socket bound(made);
    const int yes = 1;
    if (::setsockopt(made, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) != 0 ||
        ::bind(made, endpoint.data(), static_cast<socklen_t>(endpoint.size())) != 0)
        return refuse();
    return bound;
}

bound_socket::~bound_socket()
{
    if (descriptor_ >= 0) ::close(descriptor_);
}

result<std::uint16_t> server::listen()
{
    const auto bound = bound_socket::bind(impl_->settings.address, impl_->settings.port);
    if (!bound) return fail(bound.error());
    return listen_on(bound->descriptor());
}

result<void> server::listen_with(const server& first)
{
    auto acceptor = duplicate(impl_->on, first.impl_->listener.native_handle());
    if (!acceptor) return fail(acceptor.error());
    impl_->connections = first.impl_->connections;
    auto adopted = impl_->adopt(std::move(*acceptor));
    if (!adopted) return fail(adopted.error());
    return {};
}

result<std::uint16_t> server::listen_on(int descriptor)
{
    auto acceptor = duplicate(impl_->on, descriptor);
    if (!acceptor) return fail(acceptor.error());
    int listens = 0;
    socklen_t size = sizeof listens;
    // systemd listens itself, with a backlog of its own.
    if (::getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) == 0 && listens == 0 &&
        ::listen(descriptor, backlog) != 0)
        return fail(errc::unavailable, "listening socket: " + std::string(std::strerror(errno)));
    return impl_->adopt(std::move(*acceptor));
}

void server::renew(std::shared_ptr<tls_identity> tls)
{
    // A session keeps OpenSSL's side of the identity it began with.
    if (impl_->tls && tls) impl_->tls = context_of(tls);
}

task<void> server::stop(std::chrono::milliseconds limit)
{
    const auto self = impl_;
    self->stopping = true;
    boost::system::error_code ignored;
    self->listener.close(ignored);
    const auto each_session = [&](auto&& act) {
        const std::vector<std::shared_ptr<session>> all(self->sessions.begin(), self->sessions.end());
        for (const auto& each : all)
            act(*each);
    };
    each_session([](session& s) { s.retire(); });
    self->emptied.expires_after(limit);
    if (!self->sessions.empty()) co_await self->emptied.async_wait(asio::as_tuple(use_task));
    if (!self->sessions.empty()) {
        log::warning("http.stop", {{"aborted", self->sessions.size()}});
        each_session([](session& s) { s.abort(); });
    }
    self->emptied.expires_at(steady::time_point::max());
    while (!self->sessions.empty())
        co_await self->emptied.async_wait(asio::as_tuple(use_task));
    co_await self->background.stop();
    self->sweep(steady::now());
}

std::size_t server::open_connections() const
{
    return impl_->sessions.size();
}

} // namespace huiyin::net
