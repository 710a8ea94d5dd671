#pragma once

#include <huiyin/net/message.hpp>

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>

#include <string_view>

namespace huiyin::net {

/// Whether the bytes at the front of `input` hold a whole request head, read strictly: lines end with CR LF and nothing
/// else, no NUL or other control character, no continuation line. Goes on at `scanned`, which it moves.
enum class head_state { incomplete, complete, malformed };
head_state scan_head(std::string_view input, std::size_t& scanned);

/// Beast's parser, writing into a `request` without a copy in between, and refusing what it would let through:
/// repeated, listed or signed Content-Length, any Transfer-Encoding but one lone "chunked", repeated fields that may
/// come once, no or several Host, control characters in chunk extensions. Made anew for each request.
class request_parser final : public boost::beast::http::basic_parser<true>
{
public:
    request_parser(request& into, std::size_t header_limit);

    /// Beast's, which asserts that there are five bytes once it has seen a last chunk's first line: "0", CR, LF and one
    /// byte more would end a build with assertions.
    std::size_t put(boost::asio::const_buffer bytes, boost::beast::error_code& ec)
    {
        const std::string_view seen(static_cast<const char*>(bytes.data()), bytes.size());
        if (seen.size() < 5 && seen.starts_with("0\r\n") && is_header_done() && chunked()) {
            ec = boost::beast::http::error::need_more;
            return 0;
        }
        return basic_parser::put(bytes, ec);
    }

    std::string method_token;
    std::string target;
    int version = 11;
    bool expects_continue = false;
    /// Set when the head is refused; says more than Beast's code.
    std::optional<errc> refused;
    std::string_view refusal_detail;

private:
    using error_code = boost::beast::error_code;
    using text = boost::beast::string_view;
    using field = boost::beast::http::field;

    void on_request_impl(boost::beast::http::verb, text method_text, text target_text, int http_version,
                         error_code& ec) override;
    void on_response_impl(int, text, int, error_code&) override {}
    void on_field_impl(field known, text name, text value, error_code& ec) override;
    void on_header_impl(error_code& ec) override;
    void on_body_init_impl(boost::optional<std::uint64_t> const& length, error_code& ec) override;
    std::size_t on_body_impl(text bytes, error_code& ec) override;
    void on_chunk_header_impl(std::uint64_t, text extension, error_code& ec) override;
    std::size_t on_chunk_body_impl(std::uint64_t, text bytes, error_code& ec) override;
    void on_finish_impl(error_code&) override {}

    void refuse(errc why, std::string_view detail, error_code& ec);

    request& into_;
    bool head_done_ = false;
    bool has_host_ = false;
    bool has_length_ = false;
    bool has_coding_ = false;
};

std::optional<method> parse_method(std::string_view token);

} // namespace huiyin::net
