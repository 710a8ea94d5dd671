#pragma once

#include <huiyin/async/task.hpp>

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace huiyin::bench {

struct answer
{
    unsigned status = 0;
    std::optional<std::chrono::seconds> retry_after;
    std::string body;
};

/// One connection to the daemon, made when it is needed and kept while it holds.
class http_client
{
public:
    http_client(std::string address, unsigned short port) : address_(std::move(address)), port_(port) {}

    /// Errors: `unavailable` for a connection that is refused, lost or silent for 30 s; it is then closed.
    task<result<answer>> post(std::string path, std::vector<std::pair<std::string, std::string>> headers,
                              std::string body);

private:
    using stream = boost::beast::basic_stream<asio::ip::tcp, executor>;

    std::string address_;
    unsigned short port_;
    std::optional<stream> stream_;
    boost::beast::flat_buffer buffer_;
};

} // namespace huiyin::bench
