#pragma once

#include <huiyin/async/task.hpp>
#include <huiyin/base/log.hpp>
#include <huiyin/base/metrics.hpp>
#include <huiyin/net/router.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace huiyin::net {

/// What a TLS listener shows. Immutable; shared by the servers of all reactors.
struct tls_identity;
enum class tls_version { v1_2, v1_3 };
/// From PEM text rather than files: a key may be readable only before the change of user. `certificate` is followed by
/// those of its issuers. Errors: `not_configured` (does not read, a key with a passphrase, or one of another
/// certificate).
result<std::shared_ptr<tls_identity>> make_tls_identity(const std::string& certificate, const std::string& key,
                                                        tls_version least);

/// A socket that has its address but lets nobody in yet: a low port can be taken before the change of user, and is
/// heard only by a `server` that can serve.
class bound_socket
{
public:
    /// Errors: `unavailable` with address, port and reason.
    static result<bound_socket> bind(const std::string& address, std::uint16_t port);
    bound_socket(bound_socket&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
    bound_socket& operator=(bound_socket&&) = delete;
    ~bound_socket();
    int descriptor() const { return descriptor_; }

private:
    explicit bound_socket(int descriptor) : descriptor_(descriptor) {}
    int descriptor_;
};

struct server_settings
{
    std::string address = "127.0.0.1";
    std::uint16_t port = 8080; ///< 0: any free one.
    std::size_t header_limit = 16 * 1024;
    std::size_t body_limit = 1024 * 1024; ///< Of routes that do not set their own.
    /// No route takes more.
    std::size_t upload_limit = 25 * 1024 * 1024;
    std::size_t body_memory = 256 * 1024 * 1024; ///< Per reactor, of all bodies at a time; beyond it 503 + Retry-After.
    std::chrono::milliseconds header_within{10'000};
    /// For a body and for sending an answer; each 64 KiB that moved give one second more.
    std::chrono::milliseconds body_within{60'000};
    std::chrono::milliseconds idle_within{10'000};
    std::size_t connections = 10'000;           ///< All reactors together; beyond it 503 and close.
    std::size_t requests_in_flight = 4'096;     ///< Per reactor; beyond it 503 + Retry-After.
    std::size_t per_address_per_minute = 6'000; ///< 0: no limit.
    std::size_t per_account_per_minute = 6'000;
    /// Addresses (or CIDR blocks) whose X-Forwarded-For and X-Forwarded-Proto are believed.
    std::vector<std::string> trusted_proxies;
    /// Origins besides the request's own Host that may write and open streams: "https://desk.example.com".
    std::vector<std::string> allowed_origins;
    /// Without one the server speaks plain HTTP.
    std::shared_ptr<tls_identity> tls;
    /// Of the line `http.request`; answers of 500 and above are written at `info` at least.
    log::level request_log = log::level::debug;
};

/// "10.0.0.0/8", "::1", "192.0.2.7": what `trusted_proxies` takes. For the check of the configuration.
bool is_address_block(std::string_view text);
/// "https://desk.example.com" or with a port, in lower case and without a path: what `allowed_origins` takes.
bool is_origin(std::string_view text);

/// Who is asking; made by `people`, handed over by `daemon`. Anonymous is a principal too; an error is an outage.
/// Asked once per request that brings a Cookie or Authorization header, before its body is read.
using authenticator = std::function<task<result<principal>>(const request&)>;

/// HTTP/1.1 and WebSocket for one reactor: keep-alive, limits, security headers on every answer, request ids, problem
/// details, origin check on cookie writes, rate limits, metrics and access log (route pattern, status, milliseconds,
/// bytes). Used on its reactor only. `routes` outlives it and has all its routes before the first request. Must be
/// stopped before it dies; what is documented of answers to bad input stands in src/net/README.md.
class server
{
public:
    server(executor on, server_settings settings, router& routes, authenticator who, const clock& time,
           metrics::registry& metrics);
    ~server();

    /// Binds (SO_REUSEPORT is not used: one acceptor per reactor on one shared listening socket) and starts to accept.
    /// The first server of a process binds; the others `listen_with` it. Errors: `unavailable`.
    result<std::uint16_t> listen();
    /// Accepts on the socket that `first` has bound.
    /// To be called before `first` stops; connections are counted together. Errors: `unavailable`.
    result<void> listen_with(const server& first);
    /// Or on a socket that is bound already, or that systemd listens on (LISTEN_FDS). It stays the caller's.
    result<std::uint16_t> listen_on(int descriptor);

    /// Of connections that come from now on. Only where it has one already.
    void renew(std::shared_ptr<tls_identity> tls);

    /// Stops to accept, answers what is under way (at most `limit`), closes idle connections and streams (1001).
    task<void> stop(std::chrono::milliseconds limit);

    std::size_t open_connections() const;

    struct impl;

private:
    std::shared_ptr<impl> impl_;
};

} // namespace huiyin::net
