#include <huiyin/base/text.hpp>
#include <huiyin/net/http_client.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <mutex>
#include <netdb.h>

namespace huiyin::net {

namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::address;
using asio::ip::address_v4;
using asio::ip::address_v6;
using tcp = asio::ip::tcp;
using tcp_socket = asio::basic_stream_socket<tcp, executor>;
using fetched = std::expected<incoming_answer, fetch_error>;

namespace {

constexpr auto with_code = asio::as_tuple(use_task);
constexpr std::size_t most_addresses = 4;
constexpr int most_interim_answers = 8;

struct block_v4
{
    std::uint32_t first;
    int bits;
};
// IANA's special-purpose registry (RFC 6890 and its updates): what is not globally reachable.
constexpr std::array<block_v4, 16> special_v4{{
    {0x00000000, 8},  // this network
    {0x0a000000, 8},  // private
    {0x64400000, 10}, // carriers' shared space
    {0x7f000000, 8},  // loopback
    {0xa9fe0000, 16}, // link-local
    {0xac100000, 12}, // private
    {0xc0000000, 24}, // protocol assignments
    {0xc0000200, 24}, // documentation
    {0xc0586300, 24}, // 6to4 relays
    {0xc0a80000, 16}, // private
    {0xc6120000, 15}, // benchmarks
    {0xc6336400, 24}, // documentation
    {0xcb007100, 24}, // documentation
    {0xe0000000, 4},  // multicast
    {0xf0000000, 4},  // reserved, broadcast included
    {0xc01fc400, 24}, // AS112
}};

bool is_public(const address_v4& a)
{
    return std::ranges::none_of(special_v4, [bits = a.to_uint()](const block_v4& block) {
        return (bits ^ block.first) >> (32 - block.bits) == 0;
    });
}

bool starts_with(const address_v6::bytes_type& bytes, std::initializer_list<std::uint8_t> prefix)
{
    return std::equal(prefix.begin(), prefix.end(), bytes.begin());
}

bool is_public(const address_v6& a)
{
    const auto bytes = a.to_bytes();
    const auto v4_at = [&](std::size_t place) {
        return address_v4({bytes[place], bytes[place + 1], bytes[place + 2], bytes[place + 3]});
    };
    if (a.is_v4_mapped()) return is_public(v4_at(12));
    if (starts_with(bytes, {0x00, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0})) return is_public(v4_at(12)); // NAT64
    if (starts_with(bytes, {0x20, 0x02})) return is_public(v4_at(2));                                      // 6to4
    if ((bytes[0] & 0xe0) != 0x20) return false; // 2000::/3 is all that is given out globally
    const bool assignments = starts_with(bytes, {0x20, 0x01}) && bytes[2] < 2; // 2001::/23, Teredo included
    const bool documentation =
        starts_with(bytes, {0x20, 0x01, 0x0d, 0xb8}) || (starts_with(bytes, {0x3f, 0xff}) && bytes[2] < 16);
    return !assignments && !documentation;
}

std::vector<address> ask_the_system(const std::string& host)
{
    addrinfo hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    if (::getaddrinfo(host.c_str(), nullptr, &hints, &found) != 0) return {};
    std::vector<address> addresses;
    for (const auto* each = found; each; each = each->ai_next) {
        if (each->ai_family == AF_INET) {
            const auto* const v4 = reinterpret_cast<const sockaddr_in*>(each->ai_addr);
            addresses.emplace_back(address_v4(ntohl(v4->sin_addr.s_addr)));
        } else if (each->ai_family == AF_INET6) {
            const auto* const v6 = reinterpret_cast<const sockaddr_in6*>(each->ai_addr);
            address_v6::bytes_type bytes;
            std::copy_n(v6->sin6_addr.s6_addr, bytes.size(), bytes.begin());
            addresses.emplace_back(address_v6(bytes, v6->sin6_scope_id));
        }
    }
    ::freeaddrinfo(found);
    return addresses;
}

} // namespace

bool is_public_address(const address& a)
{
    return a.is_v4() ? is_public(a.to_v4()) : is_public(a.to_v6());
}

std::optional<http_url> parse_http_url(std::string_view text)
{
    if (text.size() > 2048 || !std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7f; }))
        return std::nullopt;
    http_url url;
    const auto scheme = lower_ascii(text.substr(0, text.find(':')));
    if (scheme != "http" && scheme != "https") return std::nullopt;
    url.secure = scheme == "https";
    text.remove_prefix(scheme.size());
    if (!text.starts_with("://")) return std::nullopt;
    text.remove_prefix(3);
    if (text.find_first_of("#\\\"<>^`{|}") != text.npos) return std::nullopt;
    const auto end = std::min(text.find_first_of("/?"), text.size());
    auto authority = text.substr(0, end);
    url.target = text.substr(end);
    if (!url.target.starts_with('/')) url.target.insert(0, "/");

    std::string_view port;
    if (authority.starts_with('[')) {
        const auto close = authority.find(']');
        if (close == authority.npos) return std::nullopt;
        url.host = authority.substr(1, close - 1);
        boost::system::error_code failed;
        asio::ip::make_address_v6(url.host, failed);
        if (failed || url.host.contains('%')) return std::nullopt;
        port = authority.substr(close + 1);
    } else {
        const auto colon = std::min(authority.find(':'), authority.size());
        url.host = authority.substr(0, colon);
        const auto of_a_name = [](char c) {
            return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
                   c == '_';
        };
        if (url.host.empty() || url.host.size() > 253 || !std::ranges::all_of(url.host, of_a_name)) return std::nullopt;
        port = authority.substr(colon);
    }
    url.host = lower_ascii(url.host);
    url.port = url.secure ? 443 : 80;
    const auto usual = url.port;
    if (!port.empty()) {
        const auto digits = port.substr(1);
        const auto [stop, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), url.port);
        if (port[0] != ':' || failed != std::errc() || stop != digits.data() + digits.size() || url.port == 0)
            return std::nullopt;
    }
    url.authority = url.host.contains(':') ? "[" + url.host + "]" : url.host;
    if (url.port != usual) url.authority += ":" + std::to_string(url.port);
    return url;
}

namespace {

/// One who waits for a name. The look-up touches his reactor only while he is here.
struct waiter
{
    explicit waiter(executor on) : home(on) { bell.emplace(on, steady_timer::time_point::max()); }

    std::mutex guard;
    bool gone = false;
    executor home;
    /// Gone with him: his reactor may end before the look-up does.
    std::optional<steady_timer> bell;
    std::optional<std::vector<address>> found;
};

} // namespace

struct name_look_up::impl
{
    impl(std::size_t count, std::size_t most, resolver how)
        : limit(most), resolve(how ? std::move(how) : resolver(ask_the_system)), threads(count)
    {}

    /// On a thread of the pool.
    void work(const std::string& host)
    {
        std::vector<address> found;
        try {
            found = resolve(host);
        } catch (const std::exception&) {
            found.clear(); // as if there were no such name
        }
        std::vector<std::shared_ptr<waiter>> waiting;
        {
            const std::lock_guard lock(guard);
            waiting = std::move(under_way.extract(host).mapped());
        }
        for (const auto& each : waiting) {
            const std::lock_guard lock(each->guard);
            if (each->gone) continue;
            asio::post(each->home, [each, found]() {
                if (!each->bell) return;
                each->found = found;
                each->bell->expires_at(steady_timer::time_point::min());
            });
        }
    }

    std::size_t limit;
    resolver resolve;
    std::mutex guard;
    std::map<std::string, std::vector<std::shared_ptr<waiter>>> under_way;
    asio::thread_pool threads;
};

name_look_up::name_look_up(std::size_t threads, std::size_t limit, resolver how)
    : impl_(std::make_unique<impl>(threads, limit, std::move(how)))
{}

name_look_up::~name_look_up()
{
    impl_->threads.join();
}

task<result<std::vector<address>>> name_look_up::find(std::string host)
{
    boost::system::error_code is_name;
    if (const auto literal = asio::ip::make_address(host, is_name); !is_name) co_return std::vector{literal};
    const auto here = co_await asio::this_coro::executor;
    const auto me = std::make_shared<waiter>(here);
    struct leaving
    {
        explicit leaving(waiter& of) : self(of) {}
        ~leaving()
        {
            const std::lock_guard lock(self.guard);
            self.gone = true;
            self.bell.reset();
        }
        waiter& self;
    } const mark(*me);
    {
        const std::lock_guard lock(impl_->guard);
        const auto known = impl_->under_way.find(host);
        if (known != impl_->under_way.end()) {
            known->second.push_back(me);
        } else {
            if (impl_->under_way.size() >= impl_->limit) co_return fail(errc::overloaded, "too many names at a time");
            impl_->under_way[host].push_back(me);
            asio::post(impl_->threads, [owner = impl_.get(), host]() { owner->work(host); });
        }
    }
    co_await me->bell->async_wait(with_code);
    if (!me->found) co_return fail(errc::cancelled);
    co_return std::move(*me->found);
}

std::optional<std::string_view> incoming_answer::header(std::string_view lower_name) const
{
    for (const auto& [name, value] : headers)
        if (name == lower_name) return value;
    return std::nullopt;
}

std::string_view to_string(fetch_failure why)
{
    switch (why) {
    case fetch_failure::name_unknown: return "name_unknown";
    case fetch_failure::address_refused: return "address_refused";
    case fetch_failure::not_connected: return "not_connected";
    case fetch_failure::not_trusted: return "not_trusted";
    case fetch_failure::timed_out: return "timed_out";
    case fetch_failure::cut_off: return "cut_off";
    case fetch_failure::malformed: return "malformed";
    case fetch_failure::overloaded: return "overloaded";
    }
    return "cut_off";
}

struct http_client::impl
{
    impl(executor where, name_look_up& by, http_client_settings with) : on(where), names(by), settings(std::move(with))
    {}

    /// The system's certificates are read when the first https URL is met.
    asio::ssl::context& tls()
    {
        if (!tls_) {
            tls_.emplace(asio::ssl::context::tls_client);
            SSL_CTX_set_min_proto_version(tls_->native_handle(), TLS1_2_VERSION);
            tls_->set_verify_mode(asio::ssl::verify_peer);
            tls_->set_default_verify_paths();
            if (!settings.trusted_certificates.empty()) tls_->load_verify_file(settings.trusted_certificates.string());
        }
        return *tls_;
    }

    task<result<fetched>> fetch(const outgoing_request& what, bool& sent, duration limit);
    task<result<fetched>> fetch_on(tcp_socket socket, const outgoing_request& what, bool& sent);
    template <class Stream>
    task<fetched> exchange(Stream& stream, const outgoing_request& what, bool& sent);

    executor on;
    name_look_up& names;
    http_client_settings settings;

private:
    std::optional<asio::ssl::context> tls_;
};

namespace {

std::unexpected<fetch_error> failed(fetch_failure why, bool sent, std::string detail = {})
{
    return std::unexpected(fetch_error{why, sent, std::move(detail)});
}

http::request<http::string_body> message_of(const outgoing_request& what)
{
    http::request<http::string_body> message;
    message.method_string(what.method);
    message.target(what.url.target);
    message.version(11);
    message.set(http::field::host, what.url.authority);
    message.set(http::field::connection, "close");
    for (const auto& [name, value] : what.headers)
        message.insert(name, value);
    message.body() = what.body;
    message.prepare_payload();
    return message;
}

task<result<void>> connect(tcp_socket& socket, tcp::endpoint to)
{
    auto [refused] = co_await socket.async_connect(to, with_code);
    if (refused) co_return fail(errc::unavailable, refused.message());
    co_return result<void>{};
}

} // namespace

template <class Stream>
task<fetched> http_client::impl::exchange(Stream& stream, const outgoing_request& what, bool& sent)
{
    const auto message = message_of(what);
    sent = true;
    // A peer may answer and close before it has read all: what it said counts, so a failed write still reads.
    const auto [write_failed, written] = co_await http::async_write(stream, message, with_code);

    beast::flat_buffer buffer(64 * 1024);
    for (int interim = 0; interim < most_interim_answers; ++interim) {
        http::response_parser<http::buffer_body> parser;
        parser.header_limit(static_cast<std::uint32_t>(settings.header_limit));
        parser.body_limit(boost::none);
        if (what.method == "HEAD") parser.skip(true);
        const auto [head_failed, head_size] = co_await http::async_read_header(stream, buffer, parser, with_code);
        if (head_failed) {
            const bool nonsense =
                head_failed.category() == http::make_error_code(http::error::bad_version).category() &&
                head_failed != http::error::end_of_stream && head_failed != http::error::partial_message;
            co_return failed(nonsense ? fetch_failure::malformed : fetch_failure::cut_off, true,
                             (write_failed ? write_failed : head_failed).message());
        }
        const auto status = parser.get().result_int();
        if (status >= 100 && status < 200 && status != 101) continue;

        incoming_answer answer;
        answer.status = static_cast<int>(status);
        for (const auto& field : parser.get())
            answer.headers.emplace_back(lower_ascii(field.name_string()), std::string(field.value()));
        std::array<char, 4096> piece;
        while (!parser.is_done() && !answer.truncated) {
            const auto room = std::min(piece.size(), settings.body_limit - answer.body.size());
            if (room == 0) {
                answer.truncated = true;
                break;
            }
            parser.get().body().data = piece.data();
            parser.get().body().size = room;
            const auto [body_failed, body_size] = co_await http::async_read(stream, buffer, parser, with_code);
            answer.body.append(piece.data(), room - parser.get().body().size);
            if (body_failed && body_failed != http::error::need_buffer) answer.truncated = true;
        }
        co_return answer;
    }
    co_return failed(fetch_failure::malformed, true, "too many interim answers");
}

task<result<fetched>> http_client::impl::fetch_on(tcp_socket socket, const outgoing_request& what, bool& sent)
{
    if (!what.url.secure) co_return co_await exchange(socket, what, sent);
    asio::ssl::stream<tcp_socket> stream(std::move(socket), tls());
    boost::system::error_code no_literal;
    asio::ip::make_address(what.url.host, no_literal);
    // A server name is a name, never an address (RFC 6066, section 3).
    if (no_literal && SSL_set_tlsext_host_name(stream.native_handle(), what.url.host.c_str()) != 1)
        co_return fetched(failed(fetch_failure::not_trusted, false, "server name"));
    stream.set_verify_callback(asio::ssl::host_name_verification(what.url.host));
    const auto [refused] = co_await stream.async_handshake(asio::ssl::stream_base::client, with_code);
    if (refused) co_return fetched(failed(fetch_failure::not_trusted, false, refused.message()));
    co_return co_await exchange(stream, what, sent);
}

task<result<fetched>> http_client::impl::fetch(const outgoing_request& what, bool& sent, duration limit)
{
    auto found = co_await names.find(what.url.host);
    if (!found) {
        const auto why = found.error().code == errc::overloaded ? fetch_failure::overloaded : fetch_failure::timed_out;
        co_return fetched(failed(why, false, found.error().detail));
    }
    if (found->empty()) co_return fetched(failed(fetch_failure::name_unknown, false));
    if (!settings.private_networks) std::erase_if(*found, [](const address& a) { return !is_public_address(a); });
    if (found->empty()) co_return fetched(failed(fetch_failure::address_refused, false));
    if (found->size() > most_addresses) found->resize(most_addresses);

    std::string reason;
    for (const auto& each : *found) {
        tcp_socket socket(on);
        const auto connected = co_await within(limit / static_cast<int>(found->size()),
                                               connect(socket, tcp::endpoint(each, what.url.port)));
        if (connected) co_return co_await fetch_on(std::move(socket), what, sent);
        reason = connected.error().detail;
    }
    co_return fetched(failed(fetch_failure::not_connected, false, reason));
}

http_client::http_client(executor on, name_look_up& names, http_client_settings settings)
    : impl_(std::make_unique<impl>(on, names, std::move(settings)))
{}

http_client::~http_client() = default;

task<fetched> http_client::fetch(outgoing_request what, duration limit)
{
    const auto end = std::chrono::steady_clock::now() + limit;
    bool sent = false;
    auto work = impl_->fetch(what, sent, limit);
    auto got = co_await within(limit, std::move(work));
    // Work that was cancelled fails in its own words.
    const bool in_time = got && (got->has_value() || std::chrono::steady_clock::now() < end);
    if (in_time) co_return std::move(*got);
    co_return failed(fetch_failure::timed_out, sent);
}

} // namespace huiyin::net
