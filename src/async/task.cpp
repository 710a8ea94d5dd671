#include <huiyin/async/task.hpp>

#include <boost/asio/as_tuple.hpp>

namespace huiyin {

task<> pause_for(duration time)
{
    steady_timer timer(co_await asio::this_coro::executor, time);
    co_await timer.async_wait(asio::as_tuple(use_task));
}

} // namespace huiyin
