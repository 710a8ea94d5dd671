#include "client_address.hpp"

#include <huiyin/net/server.hpp>

#include <gtest/gtest.h>

namespace huiyin::net {
namespace {

std::string client_of(const char* peer, std::vector<std::string_view> forwarded)
{
    const std::vector trusted{*address_block::parse("127.0.0.1"), *address_block::parse("10.0.0.0/8"),
                              *address_block::parse("fd00::/8")};
    return forwarded_client(boost::asio::ip::make_address(peer), forwarded, trusted).to_string();
}

TEST(ClientAddress, IsTheRightmostThatIsNoProxyOfOurs)
{
    EXPECT_EQ(client_of("127.0.0.1", {"203.0.113.9"}), "203.0.113.9");
    EXPECT_EQ(client_of("127.0.0.1", {"1.1.1.1, 203.0.113.9, 10.1.2.3"}), "203.0.113.9");
    EXPECT_EQ(client_of("127.0.0.1", {"1.1.1.1", "203.0.113.9, 10.1.2.3", "10.0.0.1"}), "203.0.113.9");
    EXPECT_EQ(client_of("127.0.0.1", {"[2001:db8::7]:443"}), "2001:db8::7");
    EXPECT_EQ(client_of("127.0.0.1", {"203.0.113.9:8080"}), "203.0.113.9");
    EXPECT_EQ(client_of("fd00::1", {"::ffff:203.0.113.9"}), "203.0.113.9");
}

TEST(ClientAddress, BelievesNobodyElse)
{
    EXPECT_EQ(client_of("203.0.113.1", {"1.1.1.1"}), "203.0.113.1");
    EXPECT_EQ(client_of("127.0.0.1", {}), "127.0.0.1");
    EXPECT_EQ(client_of("127.0.0.1", {""}), "127.0.0.1");
    EXPECT_EQ(client_of("127.0.0.1", {"1.1.1.1, unknown"}), "127.0.0.1");
    EXPECT_EQ(client_of("127.0.0.1", {"1.1.1.1, nonsense, 10.0.0.1"}), "10.0.0.1");
    EXPECT_EQ(client_of("127.0.0.1", {"10.0.0.1, 10.0.0.2"}), "10.0.0.1");
}

TEST(AddressBlock, IsCheckedBeforeItIsUsed)
{
    for (const auto* good : {"10.0.0.0/8", "0.0.0.0/0", "::1", "fd00::/8", "192.0.2.7", "192.0.2.7/32"})
        EXPECT_TRUE(is_address_block(good)) << good;
    for (const auto* bad : {"", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/x", "localhost", "::/129", "10.0.0.0/8x"})
        EXPECT_FALSE(is_address_block(bad)) << bad;
}

TEST(Origin, IsASchemeAndAHost)
{
    EXPECT_TRUE(is_origin("https://desk.example.com") && is_origin("http://localhost:8080"));
    EXPECT_FALSE(is_origin("desk.example.com") || is_origin("https://") || is_origin("https://a/") ||
                 is_origin("https://A"));
}

TEST(RateKey, IsOneForAnIpv6Customer)
{
    const auto key = [](const char* text) { return rate_key(boost::asio::ip::make_address(text)); };
    EXPECT_EQ(key("2001:db8:1:2::1"), key("2001:db8:1:2:ffff::9"));
    EXPECT_NE(key("2001:db8:1:2::1"), key("2001:db8:1:3::1"));
    EXPECT_NE(key("192.0.2.1"), key("192.0.2.2"));
}

} // namespace
} // namespace huiyin::net
