#pragma once

#include <huiyin/net/message.hpp>

#include <chrono>

namespace huiyin::net {

/// The line "Date: …" and its end, made once a second.
class date_line
{
public:
    void tick(instant now);
    std::string_view text() const { return line_; }

private:
    std::chrono::sys_seconds made_for_{};
    std::string line_;
};

struct send_options
{
    bool close = false;
    bool http_1_0 = false;
    bool secure = false;
    std::string_view request_id;
    std::string_view date; ///< Of `date_line`.
};

/// Adds the head of `reply` to `out`, security headers included. Problem details get their trace_id before.
void append_head(std::string& out, const response& reply, const send_options& with);
/// Puts the request's id into problem details.
void add_trace_id(response& reply, std::string_view request_id);
/// No control character in a name or value: else an endpoint would let its caller write headers.
bool is_sendable(const response& reply);

std::string_view reason_phrase(int status);

} // namespace huiyin::net
