#pragma once

#include <huiyin/base/id.hpp>
#include <huiyin/base/time.hpp>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace huiyin::intake {

/// Of the state folder. Who has it can speak for any customer, so it never leaves the process.
using link_key = std::array<std::uint8_t, 32>;

/// What a link in a message lets its receiver do, once: give his verdict on one callback round of one ticket.
struct survey_link
{
    ticket_id ticket;
    int round = 0;
    instant expires_at;

    bool operator==(const survey_link&) const = default;
};

/// 58 characters of base64url: purpose, ticket, round, end, and 16 bytes of HMAC-SHA256 over them. Whole seconds.
std::string make_token(const link_key& key, const survey_link& link);
/// Empty for what is none of ours, for another purpose, and after its end.
std::optional<survey_link> read_token(const link_key& key, std::string_view token, instant now);

} // namespace huiyin::intake
