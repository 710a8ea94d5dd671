#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

namespace huiyin::domain {

/// The stable words of an enum whose values count from zero: what columns, events and JSON hold. Specialised beside it.
template <class E>
struct names;

template <class E>
    requires requires { names<E>::of; }
constexpr std::string_view to_string(E value)
{
    return names<E>::of[static_cast<std::size_t>(value)];
}

template <class E>
constexpr std::optional<E> parse_name(std::string_view word)
{
    for (std::size_t i = 0; i < names<E>::of.size(); ++i)
        if (names<E>::of[i] == word) return static_cast<E>(i);
    return std::nullopt;
}

} // namespace huiyin::domain
