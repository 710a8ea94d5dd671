#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace huiyin {

/// 16 bytes as RFC 9562 orders them.
struct uuid
{
    std::array<std::uint8_t, 16> bytes{};

    auto operator<=>(const uuid&) const = default;

    /// Version 7: 48 bits of Unix milliseconds, then random; ids made by one thread rise. Thread-safe.
    static uuid make();
    /// The 8-4-4-4-12 form, either case; nothing else.
    static std::optional<uuid> parse(std::string_view text);
    std::string to_string() const;
};

/// A uuid that knows what it names; two kinds do not mix.
template <class Tag>
class id
{
public:
    id() = default; ///< The nil id, which names nothing.
    explicit id(uuid value) : value_(value) {}

    static id make() { return id(uuid::make()); }
    static std::optional<id> parse(std::string_view text)
    {
        const auto value = uuid::parse(text);
        return value ? std::optional<id>(id(*value)) : std::nullopt;
    }

    const uuid& value() const { return value_; }
    std::string to_string() const { return value_.to_string(); }
    bool is_nil() const { return value_ == uuid{}; }
    auto operator<=>(const id&) const = default;

private:
    uuid value_;
};

using user_id = id<struct user_tag>;
using department_id = id<struct department_tag>;
using session_id = id<struct session_tag>;
using token_id = id<struct token_tag>;
using customer_id = id<struct customer_tag>;
using identity_id = id<struct identity_tag>;
using interaction_id = id<struct interaction_tag>;
using entry_id = id<struct entry_tag>;
using attachment_id = id<struct attachment_tag>;
using text_id = id<struct text_tag>;
using ticket_id = id<struct ticket_tag>;
using work_order_id = id<struct work_order_tag>;
using solution_id = id<struct solution_tag>;
using promise_id = id<struct promise_tag>;
using callback_id = id<struct callback_tag>;
using account_id = id<struct account_tag>;
using receipt_id = id<struct receipt_tag>;
using parked_id = id<struct parked_tag>;
using event_id = id<struct event_tag>;

} // namespace huiyin

template <class Tag>
struct std::hash<huiyin::id<Tag>>
{
    std::size_t operator()(const huiyin::id<Tag>& value) const noexcept
    {
        std::size_t h = 14695981039346656037ull;
        for (const auto byte : value.value().bytes)
            h = (h ^ byte) * 1099511628211ull;
        return h;
    }
};
