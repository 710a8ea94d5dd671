#pragma once

#include <huiyin/base/error.hpp>

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace huiyin::record {

enum class identity_kind { phone, email, visitor, account, chat };
std::string_view to_string(identity_kind kind);
std::optional<identity_kind> parse_identity_kind(std::string_view name);

/// What a customer is found by. `value` is normalised, so that equal people are equal bytes:
/// - phone: E.164; on a fixed line an extension is another desk and so another identity, written as RFC 3966 does:
///   "+861065552222;ext=801". Mobiles have no extensions: one typed behind a mobile number is dropped.
/// - email: all in lower case. RFC 5321 lets a host tell "Zhang@" from "zhang@"; none does, and people type both.
/// - visitor, account, chat: the opaque id that the channel gave.
struct identity
{
    identity_kind kind = identity_kind::phone;
    std::string value;

    auto operator<=>(const identity&) const = default;
};

struct phone_settings
{
    /// Two letters (ISO 3166): how a number without country code is read.
    std::string region = "CN";
    /// "010": put before a local number of seven or eight digits. Empty: such a number is refused.
    std::string area_code;
};

struct phone_number
{
    std::string e164;
    /// Digits; empty for mobiles.
    std::string extension;

    /// The value of its identity.
    std::string value() const;
};

/// Reads what people type: +86, 0086, 86, 010-, trunk zeros, full-width digits, brackets, dots, dashes, blanks,
/// extensions
/// ("转801", "分机801", "ext. 801", "x801", "#801"), foreign numbers with + or 00.
/// Errors: `invalid_field` for what is no number of a person or a desk (too short or long, service codes as 95598).
/// Thread-safe; microseconds for a plain mobile number, tens of them for the rest.
result<phone_number> parse_phone(std::string_view typed, const phone_settings& settings = {});

/// Blanks around it, full-width characters and letter case do not matter. Errors: `invalid_field`.
result<std::string> parse_email(std::string_view typed);

/// "+86138****5678", "z***@example.com"; enough to recognise, not enough to reach.
std::string masked(const identity& of);

/// The advisory lock that serialises what creates, proves or removes this identity.
std::int64_t lock_key(const identity& of);

} // namespace huiyin::record
