#pragma once

#include <huiyin/base/id.hpp>
#include <huiyin/base/time.hpp>

#include <chrono>
#include <concepts>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace huiyin::pg {

/// A named piece of SQL beside the method that runs it. It is prepared once per connection under its name, which also
/// labels its log line, its metric and its time limit. Names are unique in the program: `ticket.save`.
struct statement
{
    std::string_view name;
    std::string_view sql;
    /// Past it the connection is closed, never reused, and the caller gets `errc::timeout`.
    std::chrono::milliseconds limit{5000};
};

/// The bound values of one execution, in order: $1, $2 … In PostgreSQL's text format except for bytes.
/// `params(id, "text", 7, std::nullopt, now)`; a vector becomes an array.
class params
{
public:
    params() = default;
    template <class... T>
        requires(sizeof...(T) > 1 || (sizeof...(T) == 1 && !(std::same_as<std::remove_cvref_t<T>, params> || ...)))
    explicit params(const T&... values)
    {
        values_.reserve(sizeof...(T));
        (add(values), ...);
    }

    params& add(std::nullopt_t);
    params& add(bool value);
    params& add(std::integral auto value) { return add_text(std::to_string(value)); }
    params& add(double value);
    params& add(std::string_view value) { return add_text(std::string(value)); }
    params& add(const std::string& value) { return add_text(value); }
    params& add(const char* value) { return add_text(value); }
    params& add(instant value);
    params& add(const uuid& value) { return add_text(value.to_string()); }
    template <class Tag>
    params& add(const id<Tag>& value)
    {
        return add_text(value.to_string());
    }
    params& add(std::span<const std::uint8_t> bytes);
    params& add(const std::vector<std::uint8_t>& bytes) { return add(std::span(bytes)); }
    template <std::size_t N>
    params& add(const std::array<std::uint8_t, N>& bytes)
    {
        return add(std::span<const std::uint8_t>(bytes));
    }
    template <class T>
    params& add(const std::optional<T>& value)
    {
        return value ? add(*value) : add(std::nullopt);
    }
    /// An array: elements of any type above except bytes; nullopt elements become NULL.
    template <class T>
    params& add(const std::vector<T>& values)
    {
        array_writer array;
        for (const auto& each : values)
            array.add(params(each));
        return add_text(std::move(array).text());
    }

    std::size_t size() const { return values_.size(); }

    struct value
    {
        std::string bytes;
        bool null = false;
        bool binary = false;
    };
    const std::vector<value>& values() const { return values_; }

private:
    class array_writer
    {
    public:
        void add(const params& element);
        std::string text() &&;

    private:
        std::string text_ = "{";
    };

    params& add_text(std::string text);

    std::vector<value> values_;
};

} // namespace huiyin::pg
