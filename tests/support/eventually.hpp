#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <source_location>
#include <string>
#include <thread>

namespace huiyin::test {

/// How long a test waits for what is bound to come. Only one that fails waits so long: a busy machine is no fault.
inline constexpr std::chrono::seconds patience{120};

/// Asks until `holds`, with `between` before it asks again; false once `patience` is at its end.
template <class Holds, class Between>
bool holds_within_patience(const Holds& holds, const Between& between)
{
    const auto end = std::chrono::steady_clock::now() + patience;
    while (!holds()) {
        if (std::chrono::steady_clock::now() >= end) return false;
        between();
    }
    return true;
}

/// Which wait was in vain.
inline std::string waited_in_vain(const std::source_location& where)
{
    return std::string(where.file_name()) + ":" + std::to_string(where.line()) + ": waited " +
           std::to_string(patience.count()) + " s in vain";
}

/// Asks until `holds`. What does not come fails the test, at the line that waits for it.
inline bool eventually(const std::function<bool()>& holds,
                       const std::source_location& where = std::source_location::current())
{
    const bool came =
        holds_within_patience(holds, []() { std::this_thread::sleep_for(std::chrono::milliseconds(20)); });
    if (!came) ADD_FAILURE_AT(where.file_name(), static_cast<int>(where.line())) << waited_in_vain(where);
    return came;
}

} // namespace huiyin::test
