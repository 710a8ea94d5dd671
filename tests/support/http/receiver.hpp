#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <support/http/http_client.hpp>
#include <vector>

namespace huiyin::test {

struct received
{
    std::chrono::steady_clock::time_point at;
    std::string method;
    std::string target;
    http_headers headers; ///< Names in lower case.
    std::string body;

    std::string header(std::string_view lower_name) const;
};

struct reply
{
    int status = 200;
    http_headers headers;
    std::string body;
    /// Says nothing and keeps the connection until the other side gives up.
    bool hang = false;
    /// These bytes instead of an answer; then the end.
    std::string raw;
};

/// PEM texts.
struct receiver_identity
{
    std::string certificate, key;
};

/// An HTTP/1.1 server on 127.0.0.1, on a thread of its own, that answers as the test says and keeps what it got.
class receiver
{
public:
    /// `answer` runs on the receiver's thread.
    explicit receiver(std::function<reply(const received&)> answer, const receiver_identity* tls = nullptr);
    ~receiver();
    receiver(const receiver&) = delete;
    receiver& operator=(const receiver&) = delete;

    std::uint16_t port() const;
    std::vector<received> all() const;
    std::size_t count() const;
    /// Whether so many requests have come within `limit`.
    bool wait_for(std::size_t count, std::chrono::milliseconds limit) const;
    /// The most requests that were under way at a time.
    std::size_t most_at_once() const;

private:
    struct impl;
    std::unique_ptr<impl> impl_;
};

} // namespace huiyin::test
