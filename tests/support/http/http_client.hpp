#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace huiyin::test {

using http_headers = std::vector<std::pair<std::string, std::string>>;

struct http_answer
{
    int status = 0;
    http_headers headers; ///< Names in lower case.
    std::string body;

    /// Empty when missing.
    std::string header(std::string_view lower_name) const;
};

/// One TCP connection to a server on 127.0.0.1 (or, with `tls`, TLS that trusts anyone). Every wait is limited; one
/// that takes longer throws std::runtime_error.
class connection
{
public:
    explicit connection(std::uint16_t port, bool tls = false);
    ~connection();
    connection(const connection&) = delete;
    connection& operator=(const connection&) = delete;

    /// False when the peer does not take it any more.
    bool send(std::string_view bytes);
    /// The next answer; informational ones are answers, too.
    http_answer read_answer(bool to_head = false);
    /// Waits for more bytes; false when the peer has ended the connection.
    bool has_more();
    /// The answers that come until the peer ends the connection.
    std::vector<http_answer> read_all_answers();
    /// Whether the peer ends the connection without sending another byte.
    bool ends();
    /// Whether the peer has ended the connection already.
    bool was_ended();
    void shutdown_send();
    /// So that a small kernel buffer makes this a slow reader.
    void limit_receive_buffer(int bytes);

    std::chrono::milliseconds limit{120'000};

private:
    struct impl;
    std::unique_ptr<impl> impl_;
};

/// Requests over one kept-alive connection, opened again where the server has closed it. Nothing is sent twice.
class http_client
{
public:
    explicit http_client(std::uint16_t port, http_headers always = {});
    ~http_client();

    http_answer request(std::string_view method, std::string_view target, const http_headers& extra = {},
                        std::string_view body = {});
    http_answer get(std::string_view target, const http_headers& extra = {}) { return request("GET", target, extra); }
    /// With Content-Type application/json unless `extra` names another.
    http_answer post(std::string_view target, std::string_view body, const http_headers& extra = {})
    {
        return request("POST", target, extra, body);
    }
    http_answer put(std::string_view target, std::string_view body, const http_headers& extra = {})
    {
        return request("PUT", target, extra, body);
    }
    http_answer patch(std::string_view target, std::string_view body, const http_headers& extra = {})
    {
        return request("PATCH", target, extra, body);
    }
    http_answer delete_(std::string_view target, const http_headers& extra = {})
    {
        return request("DELETE", target, extra);
    }
    /// Sent with every request from now on; an empty value takes it away.
    void always(std::string name, std::string value);

private:
    std::uint16_t port_;
    http_headers always_;
    std::unique_ptr<connection> connection_;
};

/// A WebSocket client. Every wait is limited; one that takes longer throws std::runtime_error.
class websocket_client
{
public:
    explicit websocket_client(std::uint16_t port);
    ~websocket_client();

    /// 101, or the status with which the upgrade was refused.
    http_answer open(std::string_view target, const http_headers& extra = {});
    void send(std::string_view text);
    void send_binary(std::string_view bytes);
    /// The next message, or nothing when the server has closed: then `close_code` says how. After one that took longer
    /// than its limit the next one goes on waiting for the same message.
    std::optional<std::string> receive(std::chrono::milliseconds limit = std::chrono::seconds(120));
    /// RFC 6455, section 7.4; 1006 where there was no close frame.
    int close_code() const;
    void close();
    /// Must be set before `open`.
    void limit_receive_buffer(int bytes);

private:
    struct impl;
    std::unique_ptr<impl> impl_;
};

} // namespace huiyin::test
