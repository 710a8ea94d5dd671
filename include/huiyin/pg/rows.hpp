#pragma once

#include <huiyin/base/id.hpp>
#include <huiyin/base/time.hpp>

#include <concepts>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

struct pg_result;

namespace huiyin::pg {

class rows;

/// One row of a result; valid as long as its `rows`.
class row
{
public:
    row(const rows& of, int index) : of_(&of), index_(index) {}

    /// The value of a column by its place (from 0). T: bool, integers, double, std::string, std::string_view (points
    /// into the rows), instant, uuid, id<Tag>, std::vector<std::uint8_t> (bytea), std::vector<T> (one-dimensional
    /// array, whose T may be an optional too), std::optional<T> of these for columns that may be NULL. NULL for another
    /// T, a value that is not a T, or a row or column that is not there is a bug in the statement: throws
    /// std::logic_error.
    template <class T>
    T get(int column) const
    {
        return read(type<T>{}, column);
    }
    /// The same by the column's name.
    template <class T>
    T get(const char* column) const
    {
        return get<T>(place_of(column));
    }
    bool is_null(int column) const;

private:
    template <class T>
    struct type
    {};

    int place_of(const char* column) const;
    std::string_view text(int column) const;
    [[noreturn]] static void refuse(std::string_view text, std::string_view wanted);

    template <class T>
    T read(type<T> wanted, int column) const
    {
        return from_text(wanted, text(column));
    }
    template <class T>
    std::optional<T> read(type<std::optional<T>>, int column) const
    {
        if (is_null(column)) return std::nullopt;
        return get<T>(column);
    }

    static bool from_text(type<bool>, std::string_view text);
    static std::int64_t integer_from(std::string_view text);
    template <std::integral T>
    static T from_text(type<T>, std::string_view text)
    {
        const auto value = integer_from(text);
        if (!std::in_range<T>(value)) refuse(text, "integer of the width asked for");
        return static_cast<T>(value);
    }
    static double from_text(type<double>, std::string_view text);
    static std::string from_text(type<std::string>, std::string_view text) { return std::string(text); }
    static std::string_view from_text(type<std::string_view>, std::string_view text) { return text; }
    static instant from_text(type<instant>, std::string_view text);
    static uuid from_text(type<uuid>, std::string_view text);
    template <class Tag>
    static id<Tag> from_text(type<id<Tag>>, std::string_view text)
    {
        return id<Tag>(from_text(type<uuid>{}, text));
    }
    static std::vector<std::uint8_t> from_text(type<std::vector<std::uint8_t>>, std::string_view text);
    static std::vector<std::optional<std::string>> array_from(std::string_view text);
    template <class T>
    static std::optional<T> from_element(type<std::optional<T>>, const std::optional<std::string>& element)
    {
        return element ? std::optional<T>(from_text(type<T>{}, *element)) : std::nullopt;
    }
    template <class T>
    static T from_element(type<T> wanted, const std::optional<std::string>& element)
    {
        if (!element) refuse("NULL", "element of an array");
        return from_text(wanted, *element);
    }
    template <class T>
        requires(!std::same_as<T, std::string_view>)
    static std::vector<T> from_text(type<std::vector<T>>, std::string_view text)
    {
        std::vector<T> values;
        for (const auto& each : array_from(text))
            values.push_back(from_element(type<T>{}, each));
        return values;
    }

    const rows* of_;
    int index_;
};

/// What a statement gave back. Owns libpq's result; movable.
class rows
{
public:
    rows() = default;
    explicit rows(pg_result* owned);

    std::size_t size() const;
    bool empty() const { return size() == 0; }
    row operator[](std::size_t index) const { return row(*this, static_cast<int>(index)); }
    row front() const { return (*this)[0]; }
    /// Rows inserted, updated or deleted.
    std::size_t affected() const;

    class iterator
    {
    public:
        iterator(const rows& of, std::size_t at) : of_(&of), at_(at) {}
        row operator*() const { return (*of_)[at_]; }
        iterator& operator++()
        {
            ++at_;
            return *this;
        }
        bool operator==(const iterator& other) const { return at_ == other.at_; }

    private:
        const rows* of_;
        std::size_t at_;
    };
    iterator begin() const { return {*this, 0}; }
    iterator end() const { return {*this, size()}; }

private:
    friend class row;
    std::shared_ptr<pg_result> result_;
};

} // namespace huiyin::pg
