#pragma once

#include "pg_fixture.hpp"

#include <huiyin/async/task_group.hpp>

#include <stdexcept>
#include <string>

namespace huiyin::pg {

/// The value, or an exception that says what went wrong.
template <class T>
T must(result<T> got)
{
    if (!got) throw std::runtime_error(std::string(slug(got.error().code)) + ": " + got.error().detail);
    if constexpr (!std::is_void_v<T>) return std::move(*got);
}

/// The error a result is expected to be.
template <class T>
error failure(result<T> got)
{
    if (got) throw std::runtime_error("an error was expected");
    return std::move(got.error());
}

/// Waits for `condition` to become true; a test that waits in vain is failed by the fixture.
template <class Condition>
task<> until(Condition condition)
{
    while (!condition())
        co_await pause_for(std::chrono::milliseconds(2));
}

} // namespace huiyin::pg
