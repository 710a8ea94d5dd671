#pragma once

#include <boost/asio/ip/address.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace huiyin::net {

/// "10.0.0.0/8", "::1": a block of addresses, one of IPv4 also where it comes mapped into IPv6.
class address_block
{
public:
    static std::optional<address_block> parse(std::string_view text);
    bool contains(const boost::asio::ip::address& address) const;

private:
    boost::asio::ip::address network_;
    unsigned bits_ = 0;
};

/// IPv4 mapped into IPv6 as IPv4; without a zone.
boost::asio::ip::address plain(const boost::asio::ip::address& address);

/// Who sent the request, when the peer is a trusted proxy: the rightmost address of X-Forwarded-For that is none.
/// `forwarded` are the header's values in order. An entry that is no address ends the search at the last one
/// understood: whoever wrote it may have written all to its left.
boost::asio::ip::address forwarded_client(const boost::asio::ip::address& peer,
                                          std::span<const std::string_view> forwarded,
                                          std::span<const address_block> trusted);

/// The key of an address for rate limits: an IPv6 customer owns a /64.
std::uint64_t rate_key(const boost::asio::ip::address& address);

} // namespace huiyin::net
