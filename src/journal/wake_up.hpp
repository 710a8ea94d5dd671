#pragma once

#include <huiyin/async/task.hpp>

#include <boost/asio/as_tuple.hpp>

namespace huiyin::journal {

/// A bell that one coroutine waits for; rung while it works, it is heard at the next wait. One reactor.
class wake_up
{
public:
    explicit wake_up(executor on) : timer_(on) {}

    void ring()
    {
        rung_ = true;
        timer_.cancel();
    }
    task<> wait(duration at_most)
    {
        if (!rung_) {
            timer_.expires_after(at_most);
            co_await timer_.async_wait(asio::as_tuple(use_task));
        }
        rung_ = false;
    }

private:
    steady_timer timer_;
    bool rung_ = false;
};

} // namespace huiyin::journal
