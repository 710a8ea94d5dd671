#pragma once

#include <huiyin/base/error.hpp>

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>
#include <exception>

namespace huiyin {

namespace asio = boost::asio;

/// The executor of one reactor, concrete: `any_io_executor` halves what the HTTP server can do.
using executor = asio::io_context::executor_type;
/// A coroutine of one reactor.
template <class T = void>
using task = asio::awaitable<T, executor>;
constexpr asio::use_awaitable_t<executor> use_task;
using steady_timer =
    asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>, executor>;
using duration = std::chrono::steady_clock::duration;

/// Waits; ends early, without error, when the coroutine is cancelled.
task<> pause_for(duration time);

/// The result of `work`, or `errc::timeout` when `limit` passes first; `work` is then cancelled and joined.
/// Finished work is never reported as a timeout.
template <class T>
task<result<T>> within(duration limit, task<result<T>> work)
{
    const auto here = co_await asio::this_coro::executor;
    steady_timer timer(here, limit);
    auto race = asio::experimental::make_parallel_group(asio::co_spawn(here, std::move(work), asio::deferred),
                                                        timer.async_wait(asio::deferred));
    auto [order, thrown, value, timer_error] = co_await race.async_wait(asio::experimental::wait_for_one(), use_task);
    if (!thrown) co_return std::move(value);
    if (order[0] == 1 && !timer_error) co_return fail(errc::timeout);
    std::rethrow_exception(thrown);
}

} // namespace huiyin
