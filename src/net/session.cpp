#include "session.hpp"

#include "origin.hpp"

#include <huiyin/base/text.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/error.hpp>

#include <algorithm>
#include <cstring>

namespace huiyin::net {

namespace {

namespace http = boost::beast::http;

constexpr std::size_t small_buffer = 4 * 1024;
constexpr std::size_t large_buffer = 64 * 1024;
/// Answers up to this size are joined with their head into one write.
constexpr std::size_t joined_answer = 64 * 1024;
constexpr std::size_t bytes_per_second = 64 * 1024;
/// How much is read over from a client that was refused and goes on sending, so that he gets to read the answer.
constexpr std::size_t most_lingering = 64 * 1024 * 1024;
constexpr std::chrono::seconds linger_within{2};
/// For log and metrics, as nginx has it: nobody was left to answer.
constexpr int client_closed_request = 499;
constexpr auto with_code = asio::as_tuple(use_task);

class counted
{
public:
    explicit counted(std::size_t& count) : count_(count) { ++count_; }
    ~counted() { --count_; }
    counted(const counted&) = delete;
    counted& operator=(const counted&) = delete;

private:
    std::size_t& count_;
};

response overloaded(std::string_view reason)
{
    return problem(error{errc::overloaded, std::string(reason), {}});
}

response rate_limited(std::chrono::seconds wait, std::string_view reason)
{
    return problem(
        error{errc::rate_limited, std::string(reason), {}}.with("retry_after_s", std::to_string(wait.count())));
}

bool writes(method m)
{
    return m != method::get && m != method::head && m != method::options;
}

} // namespace

session::session(server::impl& home, tcp_socket peer, const asio::ip::address& from)
    : home_(home), peer_(std::move(peer)), from_(from), from_text_(from.to_string()), buffer_(small_buffer)
{
    if (home_.tls) peer_.secure(*home_.tls);
}

session::~session()
{
    home_.body_bytes -= accounted_body_;
}

void session::expect(phase what, duration within_time, steady::time_point from)
{
    phase_ = what;
    expired_ = false;
    deadline_ = from + within_time;
}

/// A time limit alone would cut off a large transfer, a limit between two bytes would let a drip last for ever.
void session::extend_deadline(std::size_t bytes)
{
    deadline_ += std::chrono::milliseconds(bytes * 1000 / bytes_per_second);
}

void session::tick(steady::time_point now)
{
    if (phase_ == phase::streaming && stream_) return stream_->tick(now);
    if (now < deadline_) return;
    deadline_ = steady::time_point::max();
    expired_ = true;
    switch (phase_) {
    case phase::idle:
    case phase::head:
    case phase::body: return peer_.cancel();
    case phase::endpoint: return cancel_.emit(asio::cancellation_type::terminal);
    case phase::writing:
    case phase::lingering:
    case phase::streaming: return peer_.close();
    }
}

void session::retire()
{
    retired_ = true;
    if (phase_ == phase::idle) peer_.cancel();
    if (stream_) stream_->close(1001, "shutting down");
}

void session::abort()
{
    retired_ = true;
    aborted_ = true;
    if (stream_)
        stream_->abort();
    else
        peer_.close();
    cancel_.emit(asio::cancellation_type::terminal);
}

task<> session::run()
{
    if (peer_.is_secure()) {
        expect(phase::head, home_.settings.header_within, steady::now());
        auto [ec] = co_await peer_.tls().async_handshake(asio::ssl::stream_base::server, with_code);
        if (ec) co_return;
        now_ = steady::now();
    }
    while (!retired_) {
        begin_request();
        auto head = co_await read_head();
        if (head && *head == read_outcome::gone) co_return;
        started_ = now_;
        request_.request_id = home_.ids.next();
        auto refused = head ? check_head() : problem(head.error());
        if (!head) keep_alive_ = false;
        auto reply = refused ? std::move(*refused) : co_await run_endpoint();
        if (may_stream_) {
            co_await run_stream();
            co_return;
        }
        if (peer_gone_) {
            reply.status = client_closed_request;
            record(reply, 0);
            co_return;
        }
        if (keep_alive_ && !body_is_read()) keep_alive_ = false;
        if (route_ && route_->with.tell_problem && reply.content_type == "application/problem+json")
            route_->with.tell_problem(request_, reply);
        const auto left = prepare(reply);
        bool sent = true;
        if (write_at_once(out_, left) < out_.size() + left.size()) sent = co_await write_rest(out_, left);
        record(reply, out_.size() + left.size());
        if (!sent) co_return;
        if (!keep_alive_) {
            co_await linger();
            co_return;
        }
    }
}

void session::begin_request()
{
    request_.path.clear();
    request_.query.clear();
    request_.headers.clear();
    request_.client_address.clear();
    request_.principal = {};
    request_.path_parameters.clear();
    // One large upload does not keep its memory until the connection ends.
    if (request_.body.capacity() > large_buffer)
        request_.body = {};
    else
        request_.body.clear();
    account_body();
    if (buffer_.size() > small_buffer && end_ - begin_ <= small_buffer) {
        std::vector<char> smaller(small_buffer);
        std::memcpy(smaller.data(), buffer_.data() + begin_, end_ - begin_);
        buffer_ = std::move(smaller);
        end_ -= begin_;
        begin_ = 0;
    }
    parser_.emplace(request_, home_.settings.header_limit);
    route_ = nullptr;
    match_ = {};
    method_.reset();
    scanned_ = 0;
    keep_alive_ = true;
    may_stream_ = false;
}

/// Where the next bytes go; grows when what is there is not used up yet.
asio::mutable_buffer session::free_space()
{
    if (begin_ == end_) begin_ = end_ = 0;
    if (end_ == buffer_.size()) {
        if (begin_ > 0) {
            std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
            end_ -= begin_;
            begin_ = 0;
        } else {
            buffer_.resize(std::min(buffer_.size() * 4, large_buffer));
        }
    }
    return asio::buffer(buffer_.data() + end_, buffer_.size() - end_);
}

task<result<session::read_outcome>> session::read_head()
{
    const auto limit = home_.settings.header_limit;
    // A clock read costs as much as the rest of this function, so the time of the last answer or read serves as now.
    if (begin_ == end_)
        expect(phase::idle, home_.settings.idle_within, now_);
    else
        expect(phase::head, home_.settings.header_within, now_);
    bool skipped_line = false;
    for (;;) {
        // RFC 9112, section 2.2: one empty line before the request line is read over.
        const std::string_view input(buffer_.data() + begin_, end_ - begin_);
        if (!skipped_line && scanned_ == 0 && input.starts_with("\r\n")) {
            begin_ += 2;
            skipped_line = true;
            continue;
        }
        const bool first_is_blank = !input.empty() && (input[0] == ' ' || input[0] == '\t');
        const auto state = first_is_blank ? head_state::malformed : scan_head(input.substr(0, limit), scanned_);
        if (state == head_state::malformed) co_return fail(errc::bad_request, "line endings or control characters");
        if (state == head_state::complete) break;
        if (input.size() >= limit) {
            const bool in_target = input.find("\r\n") == std::string_view::npos;
            co_return fail(in_target ? errc::uri_too_long : errc::header_too_large);
        }
        auto [ec, size] = co_await peer_.async_read_some(free_space(), with_code);
        if (ec) {
            if (expired_ && phase_ == phase::head) co_return fail(errc::request_timeout, "head");
            co_return read_outcome::gone;
        }
        end_ += size;
        now_ = steady::now();
        if (phase_ == phase::idle) expect(phase::head, home_.settings.header_within, now_);
    }
    auto parsed = parse_head();
    if (!parsed) co_return fail(parsed.error());
    co_return read_outcome::ready;
}

result<void> session::parse_head()
{
    boost::system::error_code ec;
    parser_->eager(false);
    begin_ += parser_->put(asio::buffer(buffer_.data() + begin_, scanned_), ec);
    if (ec) {
        if (parser_->refused) return fail(*parser_->refused, std::string(parser_->refusal_detail));
        return fail(errc::bad_request, ec.message());
    }
    if (!parser_->is_header_done()) return fail(errc::bad_request, "head");
    keep_alive_ = parser_->keep_alive();
    return {};
}

/// Target, method and route.
result<void> session::resolve_target()
{
    method_ = parse_method(parser_->method_token);
    std::string_view target = parser_->target;
    request_.secure = peer_.is_secure();
    if (target == "*" && method_ == method::options) {
        request_.path = "*";
        return {};
    }
    if (!target.starts_with('/')) return fail(errc::bad_request, "request target");
    const auto question = target.find('?');
    auto path = decode_path(target.substr(0, question));
    if (!path) return fail(path.error());
    request_.path = std::move(*path);
    if (question != std::string_view::npos) {
        auto query = decode_query(target.substr(question + 1));
        if (!query) return fail(query.error());
        request_.query = std::move(*query);
    }
    match_ = home_.routes.find(request_.path);
    if (!match_.routes) return {};
    if (method_) route_ = match_.of(*method_);
    if (!route_) return {};
    request_.method = *method_;
    for (std::size_t i = 0; i < route_->parameters.size(); ++i)
        request_.path_parameters.emplace(route_->parameters[i], match_.values[i]);
    return {};
}

void session::find_client()
{
    client_ = from_;
    const auto is_proxy = [&](const auto& block) { return block.contains(from_); };
    if (std::ranges::any_of(home_.proxies, is_proxy)) {
        std::vector<std::string_view> forwarded;
        for (const auto& [name, value] : request_.headers)
            if (name == "x-forwarded-for") forwarded.push_back(value);
        client_ = forwarded_client(from_, forwarded, home_.proxies);
        if (const auto scheme = request_.header("x-forwarded-proto"))
            request_.secure = lower_ascii(trimmed(*scheme)) == "https";
    }
    request_.client_address = client_ == from_ ? from_text_ : client_.to_string();
}

std::optional<response> session::check_head()
{
    const auto resolved = resolve_target();
    find_client();
    if (auto refused = check_rates()) return refused;
    if (!resolved) {
        keep_alive_ = keep_alive_ && resolved.error().code == errc::not_found;
        return problem(resolved.error());
    }
    if (request_.path == "*") return no_content();
    if (!match_.routes || (match_.is_rest && !route_)) return problem(error{errc::not_found, "no route", {}});
    if (!route_) {
        if (method_ == method::options) return no_content().with("Allow", match_.allow());
        return problem(error{errc::method_not_allowed, {}, {}}).with("Allow", match_.allow());
    }
    const auto& settings = home_.settings;
    const auto own = route_->with.body_limit;
    const auto limit = own == route_options{}.body_limit ? settings.body_limit : std::min(own, settings.upload_limit);
    if (parser_->content_length().value_or(0) > limit) return problem(error{errc::body_too_large, {}, {}});
    parser_->body_limit(limit);
    if (route_->stream && !is_upgrade(request_)) {
        auto reply = problem(error{errc::bad_request, "no WebSocket upgrade", {}});
        return std::move(reply).with("Upgrade", "websocket").with("Sec-WebSocket-Version", "13");
    }
    if (home_.in_flight >= settings.requests_in_flight) {
        home_.refused.in_flight.add();
        return overloaded("requests in flight");
    }
    return std::nullopt;
}

std::optional<response> session::check_rates()
{
    const auto& settings = home_.settings;
    const auto key = rate_key(client_);
    if (settings.per_address_per_minute > 0)
        if (const auto wait = home_.addresses.refusal(key, settings.per_address_per_minute, started_)) {
            home_.refused.rate_address.add();
            return rate_limited(*wait, "address");
        }
    if (route_ && route_->with.per_minute > 0) {
        const auto of_route = key ^ ((route_->index + 1) * 0x9e3779b97f4a7c15ull);
        if (const auto wait = home_.addresses.refusal(of_route, route_->with.per_minute, started_)) {
            home_.refused.rate_route.add();
            return rate_limited(*wait, "route");
        }
    }
    return std::nullopt;
}

bool session::is_anonymous() const
{
    return !home_.who || (!request_.header("cookie") && !request_.header("authorization"));
}

std::optional<response> session::check_permission()
{
    const auto& settings = home_.settings;
    const auto& asking = request_.principal;
    if (!asking.account.empty() && settings.per_account_per_minute > 0 && route_->with.counts_against_account) {
        const auto key = std::hash<std::string_view>()(asking.account);
        if (const auto wait = home_.accounts.refusal(key, settings.per_account_per_minute, started_)) {
            home_.refused.rate_account.add();
            return rate_limited(*wait, "account");
        }
    }
    const bool foreign = route_->stream ? !stream_is_ours(request_, settings.allowed_origins)
                                        : writes(request_.method) && asking.by_cookie &&
                                              !write_is_ours(request_, settings.allowed_origins);
    if (foreign) return problem(error{errc::foreign_origin, {}, {}});
    if (domain::may(asking.who, route_->needed)) return std::nullopt;
    // Forbidden and missing answer alike.
    const bool stranger = asking.who.kind == domain::actor_kind::anonymous;
    return problem(error{stranger ? errc::not_authenticated : errc::not_found, "permission", {}});
}

/// All that may throw or take too long: who asks, the body, the endpoint.
task<response> session::run_endpoint()
{
    std::string thrown;
    try {
        expect(phase::endpoint, route_->with.limit, started_);
        if (!is_anonymous()) {
            const counted flight(home_.in_flight);
            auto found = co_await home_.who(request_);
            if (!found) co_return problem(found.error());
            request_.principal = std::move(*found);
        }
        if (auto refused = check_permission()) co_return std::move(*refused);
        if (route_->stream) {
            may_stream_ = true;
            co_return response();
        }
        if (!parser_->is_done()) {
            auto body = co_await read_body();
            if (!body) co_return problem(body.error());
            expect(phase::endpoint, route_->with.limit, steady::now());
        }
        const counted flight(home_.in_flight);
        auto reply = co_await route_->run(request_);
        if (!is_sendable(reply)) throw std::logic_error("control character in an answer's header");
        if (expired_) co_await asio::this_coro::reset_cancellation_state();
        co_return reply;
    } catch (const std::exception& e) {
        thrown = e.what();
    } catch (...) {
        thrown = "unknown exception";
    }
    if (aborted_) co_return problem(error{errc::shutting_down, {}, {}});
    if (expired_) {
        co_await asio::this_coro::reset_cancellation_state();
        co_return problem(error{errc::timeout, "endpoint: " + thrown, {}});
    }
    log::error("http.exception", {{"route", route_->pattern}, {"request", request_.request_id}, {"reason", thrown}});
    co_return problem(error{errc::internal, "exception", {}});
}

result<void> session::feed_parser()
{
    parser_->eager(true);
    while (!parser_->is_done() && begin_ < end_) {
        boost::system::error_code ec;
        const auto before = request_.body.size();
        const auto taken = parser_->put(asio::buffer(buffer_.data() + begin_, end_ - begin_), ec);
        begin_ += taken;
        extend_deadline(request_.body.size() - before);
        account_body();
        if (ec == http::error::need_more || (!ec && taken == 0)) break;
        if (ec == http::error::body_limit) return fail(errc::body_too_large);
        if (ec) return fail(errc::bad_request, ec.message());
    }
    // A chunk's size line and the trailers have to fit into what a head may have.
    if (!parser_->is_done() && end_ - begin_ > home_.settings.header_limit)
        return fail(errc::bad_request, "chunk header");
    if (home_.body_bytes > home_.settings.body_memory) {
        home_.refused.memory.add();
        return fail(errc::overloaded, "memory for bodies");
    }
    return {};
}

task<result<void>> session::read_body()
{
    expect(phase::body, home_.settings.body_within, steady::now());
    bool told_to_go_on = false;
    for (;;) {
        auto fed = feed_parser();
        if (!fed) {
            keep_alive_ = false;
            co_return fail(fed.error());
        }
        if (parser_->is_done()) co_return result<void>();
        if (parser_->expects_continue && !told_to_go_on) {
            told_to_go_on = true;
            constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
            if (write_at_once(go_on, {}) < go_on.size()) peer_gone_ = !co_await write_rest(go_on, {});
            if (peer_gone_) co_return fail(errc::request_timeout, "body");
        }
        auto [ec, size] = co_await peer_.async_read_some(free_space(), with_code);
        if (ec) {
            keep_alive_ = false;
            peer_gone_ = !expired_;
            co_return fail(errc::request_timeout, "body");
        }
        end_ += size;
    }
}

bool session::body_is_read()
{
    if (parser_->is_done()) return true;
    if (parser_->expects_continue) return false;
    return feed_parser() && parser_->is_done();
}

void session::account_body()
{
    home_.body_bytes += request_.body.size();
    home_.body_bytes -= accounted_body_;
    accounted_body_ = request_.body.size();
}

task<> session::run_stream()
{
    if (begin_ != end_) co_return; // Nothing may follow the upgrade before our answer.
    phase_ = phase::streaming;
    deadline_ = steady::time_point::max();
    stream_ = make_stream_socket(std::move(peer_));
    auto accepted = co_await stream_->accept(request_);
    response handshake;
    handshake.status = accepted ? 101 : 400;
    record(handshake, 0);
    if (accepted) {
        if (retired_) stream_->close(1001, "shutting down");
        std::string thrown;
        try {
            co_await route_->stream(request_, stream_);
        } catch (const std::exception& e) {
            thrown = e.what();
        } catch (...) {
            thrown = "unknown exception";
        }
        co_await asio::this_coro::reset_cancellation_state();
        if (!thrown.empty() && !aborted_) {
            log::error("http.exception",
                       {{"route", route_->pattern}, {"request", request_.request_id}, {"reason", thrown}});
            stream_->close(1011, "internal");
        }
    }
    co_await stream_->finish();
}

/// Puts the answer into `out_` and returns what is to be sent behind it.
std::string_view session::prepare(response& reply)
{
    add_trace_id(reply, request_.request_id);
    if (reply.close || retired_ || home_.stopping) keep_alive_ = false;
    const send_options with{.close = !keep_alive_,
                            .http_1_0 = parser_->version == 10,
                            .secure = request_.secure,
                            .request_id = request_.request_id,
                            .date = home_.date.text()};
    if (out_.capacity() > 2 * joined_answer) out_ = {};
    out_.clear();
    append_head(out_, reply, with);
    if (method_ == method::head || reply.status == 204 || reply.status == 304) return {};
    const auto body = reply.shared_body.data() ? std::string_view(reply.shared_body.data(), reply.shared_body.size())
                                               : std::string_view(reply.body);
    if (body.size() > joined_answer) return body;
    out_ += body;
    return {};
}

/// What the kernel takes now, which is all of it almost always. An error shows again in `write_rest`.
std::size_t session::write_at_once(std::string_view first, std::string_view second)
{
    boost::system::error_code ignored;
    at_once_ = peer_.write_at_once(asio::buffer(first), ignored);
    if (at_once_ == first.size() && !second.empty()) at_once_ += peer_.write_at_once(asio::buffer(second), ignored);
    return at_once_;
}

task<bool> session::write_rest(std::string_view first, std::string_view second)
{
    std::array<asio::const_buffer, 2> pieces{asio::buffer(first), asio::buffer(second)};
    const auto of_first = std::min(at_once_, first.size());
    pieces[0] += of_first;
    pieces[1] += at_once_ - of_first;
    const auto before = phase_;
    expect(phase::writing, home_.settings.body_within, steady::now());
    extend_deadline(first.size() + second.size());
    auto [failure, size] = co_await asio::async_write(peer_, pieces, with_code);
    phase_ = before;
    co_return !failure;
}

/// Closing while the peer still sends would make its kernel throw our answer away.
task<> session::linger()
{
    peer_.shutdown_send();
    expect(phase::lingering, linger_within, steady::now());
    for (std::size_t read = 0; read < most_lingering;) {
        begin_ = end_ = 0;
        auto [ec, size] = co_await peer_.async_read_some(asio::buffer(buffer_), with_code);
        if (ec) break;
        read += size;
    }
    peer_.close();
}

void session::record(const response& reply, std::size_t bytes)
{
    now_ = steady::now();
    const auto seconds = std::chrono::duration<double>(now_ - started_).count();
    const auto method_name = method_ ? to_string(*method_) : std::string_view("other");
    home_.numbers_of(route_).count(method_name, reply.status, seconds);
    const auto level =
        reply.status >= 500 ? std::max(home_.settings.request_log, log::level::info) : home_.settings.request_log;
    if (!log::enabled(level)) return;
    log::write(level, "http.request",
               {{"route", route_ ? std::string_view(route_->pattern) : std::string_view("none")},
                {"method", method_name},
                {"status", reply.status},
                {"ms", seconds * 1000},
                {"bytes", bytes},
                {"request", request_.request_id},
                {"detail", reply.log_detail}});
}

} // namespace huiyin::net
