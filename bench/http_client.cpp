#include "http_client.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/beast/http.hpp>
#include <fmt/format.h>

#include <charconv>

namespace huiyin::bench {

namespace http = boost::beast::http;

task<result<answer>> http_client::post(std::string path, std::vector<std::pair<std::string, std::string>> headers,
                                       std::string body)
{
    constexpr auto quiet = asio::as_tuple(use_task);
    const auto cut_off = [this](boost::system::error_code why) {
        stream_.reset();
        return fail(errc::unavailable, why.message());
    };
    if (!stream_) {
        buffer_.clear();
        stream_.emplace(co_await asio::this_coro::executor);
        stream_->expires_after(std::chrono::seconds(30));
        const asio::ip::tcp::endpoint there(asio::ip::make_address(address_), port_);
        const auto [failed] = co_await stream_->async_connect(there, quiet);
        if (failed) co_return cut_off(failed);
        stream_->socket().set_option(asio::ip::tcp::no_delay(true));
    }

    http::request<http::string_body> request(http::verb::post, path, 11);
    request.set(http::field::host, fmt::format("{}:{}", address_, port_));
    request.set(http::field::content_type, "application/json");
    for (const auto& [name, value] : headers)
        request.set(name, value);
    request.body() = std::move(body);
    request.prepare_payload();

    stream_->expires_after(std::chrono::seconds(30));
    const auto [not_sent, sent] = co_await http::async_write(*stream_, request, quiet);
    if (not_sent) co_return cut_off(not_sent);
    http::response<http::string_body> response;
    const auto [not_read, read] = co_await http::async_read(*stream_, buffer_, response, quiet);
    if (not_read) co_return cut_off(not_read);

    answer got;
    got.status = response.result_int();
    got.body = std::move(response.body());
    if (const auto after = response[http::field::retry_after]; !after.empty()) {
        int seconds = 0;
        std::from_chars(after.data(), after.data() + after.size(), seconds);
        got.retry_after = std::chrono::seconds(seconds);
    }
    if (!response.keep_alive()) stream_.reset();
    co_return got;
}

} // namespace huiyin::bench
