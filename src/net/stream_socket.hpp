#pragma once

#include "transport.hpp"

#include <huiyin/net/message.hpp>
#include <huiyin/net/websocket.hpp>

#include <chrono>

namespace huiyin::net {

/// What the session and the server need of a WebSocket beyond its public side.
class stream_socket : public websocket
{
public:
    /// Answers the upgrade. Errors: `bad_request`, `unavailable`.
    virtual task<result<void>> accept(const request& req) = 0;
    /// Closes if it is open yet and returns when nothing touches the connection any more; some seconds at most.
    virtual task<> finish() = 0;
    /// Called by the sweeper: ends a connection whose write stands still for 30 s.
    virtual void tick(std::chrono::steady_clock::time_point now) = 0;
    /// At once, without a closing handshake.
    virtual void abort() = 0;
};

std::shared_ptr<stream_socket> make_stream_socket(transport peer);

/// Whether `req` asks for WebSocket version 13 by the book (RFC 6455, section 4.2.1).
bool is_upgrade(const request& req);

} // namespace huiyin::net
