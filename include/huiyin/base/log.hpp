#pragma once

#include <huiyin/base/id.hpp>
#include <huiyin/base/time.hpp>

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace huiyin::log {

enum class level { debug, info, warning, error };
enum class format { text, json };

/// One name and value of a log line. Values are ids, codes, numbers and times, never a person's words, name, address,
/// phone number or a secret.
struct field
{
    field(std::string_view n, std::string_view v) : name(n), value(v) {}
    field(std::string_view n, const std::string& v) : name(n), value(v) {}
    field(std::string_view n, const char* v) : name(n), value(v) {}
    field(std::string_view n, bool v) : name(n), value(v ? "true" : "false"), bare(true) {}
    field(std::string_view n, std::integral auto v) : name(n), value(std::to_string(v)), bare(true) {}
    field(std::string_view n, double v);
    field(std::string_view n, instant v) : name(n), value(to_rfc3339(v)) {}
    template <class Tag>
    field(std::string_view n, const id<Tag>& v) : name(n), value(v.to_string())
    {}

    std::string_view name;
    std::string value;
    bool bare = false; ///< A number or a truth value: JSON without quotes.
};

/// Must be called once in `main` before a second thread starts. Lines go to standard error.
void start(level lowest, format as);
void set_level(level lowest);
/// Whether a line of this level is written at all: fields are strings, not to be made in vain on a hot path.
/// Thread-safe.
bool enabled(level at);

/// An event with fields: `write(level::info, "ticket.accepted", {{"ticket", id}})`. Thread-safe.
void write(level at, std::string_view event, std::initializer_list<field> fields = {});

inline void debug(std::string_view event, std::initializer_list<field> fields = {})
{
    write(level::debug, event, fields);
}
inline void info(std::string_view event, std::initializer_list<field> fields = {})
{
    write(level::info, event, fields);
}
inline void warning(std::string_view event, std::initializer_list<field> fields = {})
{
    write(level::warning, event, fields);
}
/// Someone should act.
inline void error(std::string_view event, std::initializer_list<field> fields = {})
{
    write(level::error, event, fields);
}

} // namespace huiyin::log
