#pragma once

#include <huiyin/async/task.hpp>

#include <memory>
#include <string>

namespace huiyin::net {

/// The server's end of one WebSocket, used on its reactor only. Messages to send wait in a queue of at most 64 messages
/// and 256 KiB; `send` never waits. An endpoint keeps a `receive` under way: it is what answers pings and notices the
/// end.
class websocket
{
public:
    virtual ~websocket() = default;
    /// False when the queue is full: the message was not taken, and the caller decides (the stream sends `reload`).
    virtual bool send(std::shared_ptr<const std::string> text) = 0;
    /// Drops what waits to be sent (but not what is being sent).
    virtual void drop_queued() = 0;
    /// The next text message (at most 16 KiB), or an error when the peer is gone, silent for 60 s beyond pings, or
    /// `close` was called.
    virtual task<result<std::string>> receive() = 0;
    virtual void close(int code, std::string reason) = 0;
    virtual bool is_open() const = 0;
};

} // namespace huiyin::net
