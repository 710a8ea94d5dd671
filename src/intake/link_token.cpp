#include <huiyin/base/crypto.hpp>
#include <huiyin/base/text.hpp>
#include <huiyin/intake/link_token.hpp>

#include <algorithm>
#include <span>
#include <vector>

namespace huiyin::intake {

namespace {

constexpr std::uint8_t survey_purpose = 1;
constexpr std::size_t payload_size = 1 + 16 + 2 + 8;
constexpr std::size_t mac_size = 16;

void put(std::vector<std::uint8_t>& to, std::uint64_t value, std::size_t bytes)
{
    for (std::size_t i = bytes; i-- > 0;)
        to.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

std::uint64_t take(std::span<const std::uint8_t>& from, std::size_t bytes)
{
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < bytes; ++i)
        value = value << 8 | from[i];
    from = from.subspan(bytes);
    return value;
}

sha256_digest mac_of(const link_key& key, std::span<const std::uint8_t> payload)
{
    return hmac_sha256(key, {reinterpret_cast<const char*>(payload.data()), payload.size()});
}

} // namespace

std::string make_token(const link_key& key, const survey_link& link)
{
    std::vector<std::uint8_t> bytes{survey_purpose};
    bytes.insert(bytes.end(), link.ticket.value().bytes.begin(), link.ticket.value().bytes.end());
    put(bytes, static_cast<std::uint64_t>(link.round), 2);
    const auto end = std::chrono::floor<std::chrono::seconds>(link.expires_at).time_since_epoch().count();
    put(bytes, static_cast<std::uint64_t>(end), 8);
    const auto mac = mac_of(key, bytes);
    bytes.insert(bytes.end(), mac.begin(), mac.begin() + mac_size);
    return to_base64url(bytes);
}

std::optional<survey_link> read_token(const link_key& key, std::string_view token, instant now)
{
    if (token.size() > 100) return std::nullopt;
    const auto bytes = from_base64url(token);
    if (!bytes || bytes->size() != payload_size + mac_size) return std::nullopt;
    std::span<const std::uint8_t> left(*bytes);
    const auto payload = left.first(payload_size);
    const auto mac = mac_of(key, payload);
    if (!equal_in_constant_time(left.last(mac_size), std::span(mac).first(mac_size))) return std::nullopt;
    if (take(left, 1) != survey_purpose) return std::nullopt;
    uuid ticket;
    std::ranges::copy(left.first(ticket.bytes.size()), ticket.bytes.begin());
    left = left.subspan(ticket.bytes.size());
    survey_link link;
    link.ticket = ticket_id(ticket);
    link.round = static_cast<int>(take(left, 2));
    link.expires_at = instant(std::chrono::seconds(static_cast<std::int64_t>(take(left, 8))));
    if (now >= link.expires_at) return std::nullopt;
    return link;
}

} // namespace huiyin::intake
