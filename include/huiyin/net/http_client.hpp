#pragma once

#include <huiyin/async/task.hpp>

#include <boost/asio/ip/address.hpp>

#include <chrono>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace huiyin::net {

/// Whether an address belongs to the public Internet: not private, shared, loopback, link-local, reserved, multicast or
/// for documentation, nor an IPv6 form that stands for such an IPv4 address (mapped, 6to4, NAT64). Who lets others name
/// a URL must not be led into the house by it.
bool is_public_address(const asio::ip::address& address);

struct http_url
{
    bool secure = false;
    std::string host; ///< Lower case, without brackets.
    std::uint16_t port = 0;
    std::string authority; ///< As the Host header has it.
    std::string target;    ///< Path and query, at least "/".
};
/// An absolute http or https URL of at most 2048 printable ASCII characters, without user information and fragment.
std::optional<http_url> parse_http_url(std::string_view text);

/// Looks names up on a few threads of its own, since the system's look-up blocks and cannot be cancelled. Who stops
/// waiting leaves at once. All who ask for the same name wait for one look-up, so a name server that hangs holds one
/// thread. Thread-safe; shared by the clients of all reactors; destroying it waits for look-ups under way.
class name_look_up
{
public:
    using resolver = std::function<std::vector<asio::ip::address>(const std::string&)>;
    /// At most `limit` names at a time. `how`: the system's getaddrinfo unless given; runs on the threads.
    explicit name_look_up(std::size_t threads = 4, std::size_t limit = 256, resolver how = {});
    ~name_look_up();
    name_look_up(const name_look_up&) = delete;
    name_look_up& operator=(const name_look_up&) = delete;

    /// Empty: no such name. Errors: `overloaded`.
    task<result<std::vector<asio::ip::address>>> find(std::string host);

private:
    struct impl;
    std::unique_ptr<impl> impl_;
};

struct http_client_settings
{
    /// Whether addresses that are not public may be connected to.
    bool private_networks = false;
    /// PEM file of certificates trusted besides the system's. Empty: none.
    std::filesystem::path trusted_certificates;
    /// What is kept of an answer's body; the rest is not read.
    std::size_t body_limit = 64 * 1024;
    std::size_t header_limit = 16 * 1024;
};

struct outgoing_request
{
    std::string method = "POST";
    http_url url;
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;
};

struct incoming_answer
{
    int status = 0;
    std::vector<std::pair<std::string, std::string>> headers; ///< Names in lower case.
    std::string body;
    bool truncated = false; ///< The body goes on, or the peer cut it off.

    std::optional<std::string_view> header(std::string_view lower_name) const;
};

enum class fetch_failure {
    name_unknown,
    address_refused, ///< None of its addresses is public.
    not_connected,
    not_trusted, ///< TLS: certificate, host name or protocol.
    timed_out,
    cut_off,
    malformed,
    overloaded,
};
/// "name_unknown" …
std::string_view to_string(fetch_failure why);

struct fetch_error
{
    fetch_failure why = fetch_failure::cut_off;
    /// Whether bytes of the request may have reached the peer: then nobody knows whether he took it.
    bool may_have_arrived = false;
    /// For the log.
    std::string detail;
};

/// One request on one connection of its own. TLS 1.2 and above, certificate and host name verified. Redirects are not
/// followed: they are an answer. A name is looked up once, its addresses are checked, and exactly those are connected
/// to. Used on its reactor only.
class http_client
{
public:
    http_client(executor on, name_look_up& names, http_client_settings settings);
    ~http_client();

    /// All of it, look-up included, takes at most `limit`.
    task<std::expected<incoming_answer, fetch_error>> fetch(outgoing_request what, duration limit);

private:
    struct impl;
    std::unique_ptr<impl> impl_;
};

} // namespace huiyin::net
