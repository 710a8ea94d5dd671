#include "client_address.hpp"

#include <huiyin/base/text.hpp>

#include <algorithm>
#include <charconv>
#include <string>

namespace huiyin::net {

namespace {

using boost::asio::ip::address;

std::optional<address> parse_address(std::string_view text)
{
    boost::system::error_code ec;
    const auto found = boost::asio::ip::make_address(std::string(text), ec);
    if (ec) return std::nullopt;
    return plain(found);
}

/// "192.0.2.7", "192.0.2.7:80", "2001:db8::7", "[2001:db8::7]:80"
std::optional<address> parse_forwarded(std::string_view text)
{
    if (text.starts_with('[')) {
        const auto end = text.find(']');
        return end == std::string_view::npos ? std::nullopt : parse_address(text.substr(1, end - 1));
    }
    if (std::ranges::count(text, ':') == 1) text = text.substr(0, text.find(':'));
    return parse_address(text);
}

bool shares_bits(std::span<const unsigned char> a, std::span<const unsigned char> b, unsigned bits)
{
    if (a.size() != b.size()) return false;
    for (std::size_t i = 0; bits > 0; ++i) {
        const auto here = std::min(bits, 8u);
        const auto mask = static_cast<unsigned char>(0xff << (8 - here));
        if ((a[i] & mask) != (b[i] & mask)) return false;
        bits -= here;
    }
    return true;
}

bool is_trusted(const address& candidate, std::span<const address_block> trusted)
{
    return std::ranges::any_of(trusted, [&](const auto& block) { return block.contains(candidate); });
}

} // namespace

address plain(const address& a)
{
    if (!a.is_v6()) return a;
    const auto six = a.to_v6();
    if (six.is_v4_mapped()) return boost::asio::ip::make_address_v4(boost::asio::ip::v4_mapped, six);
    return boost::asio::ip::address_v6(six.to_bytes());
}

std::optional<address_block> address_block::parse(std::string_view text)
{
    const auto slash = text.find('/');
    const auto base = parse_address(text.substr(0, slash));
    if (!base) return std::nullopt;
    address_block block;
    block.network_ = *base;
    const unsigned most = base->is_v4() ? 32 : 128;
    block.bits_ = most;
    if (slash != std::string_view::npos) {
        const auto bits = text.substr(slash + 1);
        const auto* const last = bits.data() + bits.size();
        const auto [end, failure] = std::from_chars(bits.data(), last, block.bits_);
        if (failure != std::errc() || end != last || block.bits_ > most) return std::nullopt;
    }
    return block;
}

bool address_block::contains(const address& a) const
{
    if (a.is_v4() != network_.is_v4()) return false;
    if (a.is_v4()) return shares_bits(a.to_v4().to_bytes(), network_.to_v4().to_bytes(), bits_);
    return shares_bits(a.to_v6().to_bytes(), network_.to_v6().to_bytes(), bits_);
}

address forwarded_client(const address& peer, std::span<const std::string_view> forwarded,
                         std::span<const address_block> trusted)
{
    auto client = peer;
    for (auto value = forwarded.rbegin(); value != forwarded.rend(); ++value) {
        auto rest = *value;
        for (;;) {
            if (!is_trusted(client, trusted)) return client;
            const auto comma = rest.rfind(',');
            const auto entry = trimmed(comma == std::string_view::npos ? rest : rest.substr(comma + 1));
            const auto parsed = parse_forwarded(entry);
            if (!parsed) return client;
            client = *parsed;
            if (comma == std::string_view::npos) break;
            rest = rest.substr(0, comma);
        }
    }
    return client;
}

std::uint64_t rate_key(const address& a)
{
    if (a.is_v4()) return a.to_v4().to_uint();
    const auto bytes = a.to_v6().to_bytes();
    std::uint64_t key = 0;
    for (std::size_t i = 0; i < 8; ++i)
        key = (key << 8) | bytes[i];
    return key;
}

} // namespace huiyin::net
