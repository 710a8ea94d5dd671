#include "request_parser.hpp"

#include <huiyin/base/text.hpp>

#include <boost/beast/http/error.hpp>

#include <algorithm>

namespace huiyin::net {

namespace {

constexpr std::size_t longest_target = 8 * 1024;
constexpr std::size_t most_fields = 100;

bool is_host_character(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' ||
           c == '_' || c == ':' || c == '[' || c == ']';
}

/// Fields of which two would leave open which one counts.
bool may_come_once_only(std::string_view name)
{
    constexpr std::string_view names[] = {"authorization",   "content-type",      "expect",
                                          "idempotency-key", "if-match",          "origin",
                                          "sec-fetch-site",  "sec-websocket-key", "sec-websocket-version"};
    return std::ranges::find(names, name) != std::end(names);
}

} // namespace

head_state scan_head(std::string_view input, std::size_t& scanned)
{
    for (; scanned < input.size(); ++scanned) {
        const auto c = static_cast<unsigned char>(input[scanned]);
        if (c >= 0x20 && c != 0x7f) [[likely]]
            continue;
        if (c == '\t') continue;
        if (c != '\r') return head_state::malformed;
        if (scanned + 1 == input.size()) return head_state::incomplete;
        if (input[scanned + 1] != '\n') return head_state::malformed;
        if (scanned + 2 == input.size()) return head_state::incomplete;
        const char next = input[scanned + 2];
        if (next == ' ' || next == '\t') return head_state::malformed;
        if (next == '\r') {
            if (scanned + 3 == input.size()) return head_state::incomplete;
            if (input[scanned + 3] != '\n') return head_state::malformed;
            scanned += 4;
            return head_state::complete;
        }
        ++scanned;
    }
    return head_state::incomplete;
}

request_parser::request_parser(request& into, std::size_t header_limit_bytes) : into_(into)
{
    header_limit(static_cast<std::uint32_t>(header_limit_bytes));
    // The limit is the route's, which is known behind the head only.
    body_limit(boost::none);
}

void request_parser::refuse(errc why, std::string_view detail, error_code& ec)
{
    refused = why;
    refusal_detail = detail;
    ec = boost::beast::http::error::bad_value;
}

void request_parser::on_request_impl(boost::beast::http::verb, text method_text, text target_text, int http_version,
                                     error_code& ec)
{
    if (target_text.size() > longest_target) return refuse(errc::uri_too_long, "target", ec);
    method_token.assign(method_text.data(), method_text.size());
    target.assign(target_text.data(), target_text.size());
    version = http_version;
}

void request_parser::on_field_impl(field known, text name, text value, error_code& ec)
{
    if (head_done_) return; // Trailers are read over.
    if (into_.headers.size() >= most_fields) return refuse(errc::header_too_large, "too many fields", ec);
    auto lower = lower_ascii({name.data(), name.size()});
    switch (known) {
    case field::host:
        if (has_host_) return refuse(errc::bad_request, "several Host", ec);
        if (value.empty() || !std::all_of(value.begin(), value.end(), is_host_character))
            return refuse(errc::bad_request, "Host", ec);
        has_host_ = true;
        break;
    case field::content_length:
        if (has_length_ || has_coding_) return refuse(errc::bad_request, "several lengths", ec);
        if (value.empty() || !std::all_of(value.begin(), value.end(), [](char c) { return c >= '0' && c <= '9'; }))
            return refuse(errc::bad_request, "Content-Length", ec);
        has_length_ = true;
        break;
    case field::transfer_encoding:
        if (has_length_ || has_coding_) return refuse(errc::bad_request, "several lengths", ec);
        if (version < 11) return refuse(errc::bad_request, "Transfer-Encoding in HTTP/1.0", ec);
        if (lower_ascii({value.data(), value.size()}) != "chunked")
            return refuse(errc::unsupported_transfer_encoding, "Transfer-Encoding", ec);
        has_coding_ = true;
        break;
    case field::expect:
        if (lower_ascii({value.data(), value.size()}) != "100-continue")
            return refuse(errc::expectation_failed, "Expect", ec);
        expects_continue = version >= 11;
        [[fallthrough]];
    default:
        if (may_come_once_only(lower) && into_.header(lower)) return refuse(errc::bad_request, "repeated field", ec);
    }
    into_.headers.emplace_back(std::move(lower), std::string(value.data(), value.size()));
}

void request_parser::on_header_impl(error_code& ec)
{
    head_done_ = true;
    if (!has_host_ && version >= 11) return refuse(errc::bad_request, "no Host", ec);
}

void request_parser::on_body_init_impl(boost::optional<std::uint64_t> const& length, error_code&)
{
    // A length is only a promise: memory is given as bytes come.
    if (length) into_.body.reserve(static_cast<std::size_t>(std::min<std::uint64_t>(*length, 64 * 1024)));
}

std::size_t request_parser::on_body_impl(text bytes, error_code&)
{
    into_.body.append(bytes.data(), bytes.size());
    return bytes.size();
}

void request_parser::on_chunk_header_impl(std::uint64_t, text extension, error_code& ec)
{
    // Beast takes a line feed inside a quoted value, where another server may see the end of the line.
    const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
    if (std::any_of(extension.begin(), extension.end(), is_control)) refuse(errc::bad_request, "chunk extension", ec);
}

std::size_t request_parser::on_chunk_body_impl(std::uint64_t, text bytes, error_code&)
{
    into_.body.append(bytes.data(), bytes.size());
    return bytes.size();
}

std::optional<method> parse_method(std::string_view token)
{
    for (const auto m :
         {method::get, method::post, method::head, method::put, method::patch, method::delete_, method::options})
        if (to_string(m) == token) return m;
    return std::nullopt;
}

} // namespace huiyin::net
