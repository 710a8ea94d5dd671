#pragma once

#include <huiyin/async/task.hpp>
#include <huiyin/pg/database.hpp>

#include <exception>
#include <optional>
#include <stdexcept>

namespace huiyin::daemon {

/// Runs one coroutine to its end on this thread, for commands and for what comes before the reactors.
template <class T>
T run_offline(asio::io_context& context, task<T> work)
{
    std::exception_ptr thrown;
    std::optional<T> value;
    asio::co_spawn(context, std::move(work), [&](std::exception_ptr e, T v) {
        thrown = e;
        if (!e) value.emplace(std::move(v));
    });
    context.restart();
    while (!value && !thrown && context.run_one() > 0) {
    }
    if (thrown) std::rethrow_exception(thrown);
    if (!value) throw std::logic_error("run_offline: nothing left to wait for");
    return std::move(*value);
}

} // namespace huiyin::daemon
