#include <huiyin/base/crypto.hpp>
#include <huiyin/intake/link_token.hpp>

#include <gtest/gtest.h>

namespace huiyin::intake {
namespace {

using namespace std::chrono_literals;

constexpr instant noon = std::chrono::sys_days(std::chrono::March / 2 / 2026) + 12h;

link_key key_of(std::uint8_t seed)
{
    link_key key{};
    key.fill(seed);
    return key;
}

class LinkToken : public ::testing::Test
{
protected:
    LinkToken() { start_crypto(); }

    const survey_link link{ticket_id::make(), 3, noon + 14 * 24h};
};

TEST_F(LinkToken, TellsWhatItWasMadeForUntilItsEnd)
{
    const auto token = make_token(key_of(1), link);
    EXPECT_EQ(token.size(), 58u) << "short enough for a text message";
    EXPECT_EQ(read_token(key_of(1), token, noon), link);
    EXPECT_EQ(read_token(key_of(1), token, link.expires_at - 1s), link);
    EXPECT_EQ(read_token(key_of(1), token, link.expires_at), std::nullopt);
}

TEST_F(LinkToken, IsNothingUnderAnotherKeyOrWithAnyOtherCharacter)
{
    const auto token = make_token(key_of(1), link);
    EXPECT_EQ(read_token(key_of(2), token, noon), std::nullopt);
    for (std::size_t i = 0; i < token.size(); ++i) {
        auto bent = token;
        bent[i] = bent[i] == 'A' ? 'B' : 'A';
        const auto read = read_token(key_of(1), bent, noon);
        // The last character holds two bits that stand for nothing.
        if (i + 1 < token.size()) EXPECT_EQ(read, std::nullopt) << i;
        if (read) EXPECT_EQ(*read, link);
    }
    EXPECT_EQ(read_token(key_of(1), token.substr(1), noon), std::nullopt);
    EXPECT_EQ(read_token(key_of(1), token + "A", noon), std::nullopt);
    EXPECT_EQ(read_token(key_of(1), "", noon), std::nullopt);
    EXPECT_EQ(read_token(key_of(1), std::string(5000, 'A'), noon), std::nullopt);
    EXPECT_EQ(read_token(key_of(1), "not base64url at all!", noon), std::nullopt);
}

} // namespace
} // namespace huiyin::intake
