#include <huiyin/base/crypto.hpp>
#include <huiyin/base/error.hpp>
#include <huiyin/base/id.hpp>
#include <huiyin/base/metrics.hpp>
#include <huiyin/base/text.hpp>
#include <huiyin/base/time.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <thread>

namespace huiyin {
namespace {

using namespace std::chrono;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::UnorderedElementsAre;

TEST(Uuid, SurvivesItsText)
{
    for (int i = 0; i < 100; ++i) {
        const auto made = uuid::make();
        EXPECT_EQ(uuid::parse(made.to_string()), made);
    }
}

TEST(Uuid, IsOfVersion7AndRisesWithinOneThread)
{
    auto last = uuid::make();
    for (int i = 0; i < 20'000; ++i) {
        const auto next = uuid::make();
        ASSERT_LT(last, next);
        ASSERT_EQ(next.bytes[6] >> 4, 7);
        ASSERT_EQ(next.bytes[8] >> 6, 2);
        last = next;
    }
}

TEST(Uuid, IsUniqueAcrossThreads)
{
    std::vector<std::vector<uuid>> made(4);
    {
        std::vector<std::jthread> threads;
        for (auto& each : made)
            threads.emplace_back([&each]() {
                for (int i = 0; i < 5'000; ++i)
                    each.push_back(uuid::make());
            });
    }
    std::set<uuid> all;
    for (const auto& each : made)
        all.insert(each.begin(), each.end());
    EXPECT_EQ(all.size(), 20'000u);
}

TEST(Uuid, OtherFormsAreRefused)
{
    for (const auto* text : {"", "0", "01890a5d-ac96-774b-bcce-b302099a805", "01890a5d-ac96-774b-bcce-b302099a80577",
                             "01890a5dxac96-774b-bcce-b302099a8057", "01890a5d-ac96-774b-bcce-b302099a805g",
                             "{01890a5d-ac96-774b-bcce-b302099a80}", "01890a5dac96774bbcceb302099a8057"})
        EXPECT_FALSE(uuid::parse(text)) << text;
}

TEST(Rfc3339, ReadsAnyOffsetAndWritesUtc)
{
    const struct
    {
        const char* text;
        const char* utc;
    } cases[] = {
        {"2026-02-24T10:00:00Z", "2026-02-24T10:00:00Z"},
        {"2026-02-24T18:00:00+08:00", "2026-02-24T10:00:00Z"},
        {"2026-02-24T05:30:00-04:30", "2026-02-24T10:00:00Z"},
        {"2026-02-24t10:00:00z", "2026-02-24T10:00:00Z"},
        {"2026-02-24 10:00:00.5Z", "2026-02-24T10:00:00.5Z"},
        {"2026-02-24T10:00:00.1234567Z", "2026-02-24T10:00:00.123456Z"},
        {"1969-12-31T23:59:59.999999Z", "1969-12-31T23:59:59.999999Z"},
        {"2024-02-29T00:00:00Z", "2024-02-29T00:00:00Z"},
        {"2016-12-31T23:59:60Z", "2016-12-31T23:59:59Z"},
    };
    for (const auto& [text, utc] : cases) {
        const auto read = parse_rfc3339(text);
        ASSERT_TRUE(read) << text;
        EXPECT_EQ(to_rfc3339(*read), utc) << text;
    }
}

TEST(Rfc3339, RefusesWhatIsNoTime)
{
    for (const auto* text :
         {"", "2026-02-24", "2026-02-30T10:00:00Z", "2025-02-29T10:00:00Z", "2026-13-01T10:00:00Z",
          "2026-02-24T24:00:00Z", "2026-02-24T10:60:00Z", "2026-02-24T10:00:00", "2026-02-24T10:00:00+8",
          "2026-02-24T10:00:00.Z", "2026-02-24T10:00:00Zx", "20260224T100000Z", "2026-2-24T10:00:00Z"})
        EXPECT_FALSE(parse_rfc3339(text)) << text;
}

TEST(Utf8, WellFormedTextWithoutNulIsStorable)
{
    const struct
    {
        std::string_view text;
        bool storable;
        std::string_view mended;
    } cases[] = {
        {"", true, ""},
        {"投诉 complaint 😀", true, "投诉 complaint 😀"},
        {std::string_view("a\0b", 3), false, "a\uFFFDb"},
        {"\x80", false, "\uFFFD"},
        {"\xc0\xaf", false, "\uFFFD"},         // overlong
        {"\xed\xa0\x80", false, "\uFFFD"},     // surrogate
        {"\xf4\x90\x80\x80", false, "\uFFFD"}, // above U+10FFFF
        {"\xe6\x8a", false, "\uFFFD"},         // cut short
        {"\xe6\x8a x", false, "\uFFFD x"},
        {"\xff\xfe", false, "\uFFFD\uFFFD"},
    };
    for (const auto& [text, storable, mended] : cases) {
        EXPECT_EQ(is_storable_utf8(text), storable);
        EXPECT_EQ(to_storable_utf8(text), mended);
        EXPECT_TRUE(is_storable_utf8(to_storable_utf8(text)));
    }
}

TEST(Utf8, CountsAndCutsCodePoints)
{
    EXPECT_EQ(code_points("投诉a😀"), 4u);
    EXPECT_EQ(first_code_points("投诉a😀", 2), "投诉");
    EXPECT_EQ(first_code_points("投诉", 9), "投诉");
    EXPECT_EQ(to_utf8(to_utf32("投诉a😀")), "投诉a😀");
}

TEST(Text, TrimsIdeographicSpaceToo)
{
    EXPECT_EQ(trimmed("\u3000 投 诉\u00a0\t\n"), "投 诉");
    EXPECT_EQ(trimmed(" \u3000"), "");
}

TEST(Text, NarrowsFullWidthForms)
{
    EXPECT_EQ(narrowed("１３８－ＡＢ＠ｘ\u3000投"), "138-AB@x 投");
}

TEST(Text, MasksWhatMustNotBeRead)
{
    EXPECT_EQ(masked_phone("+8613812345678"), "+86138****5678");
    EXPECT_EQ(masked_phone("13812345678"), "138****5678");
    EXPECT_EQ(masked_phone("12345"), "*****");
    EXPECT_EQ(masked_email("zhang.san@example.com"), "z***@example.com");
    EXPECT_EQ(masked_email("@x"), "***");
}

TEST(Text, Base64UrlAndHexSurviveTheRoundTrip)
{
    for (std::size_t size = 0; size < 40; ++size) {
        const auto bytes = random_bytes(size);
        EXPECT_EQ(from_base64url(to_base64url(bytes)), bytes);
        EXPECT_EQ(from_hex(to_hex(bytes)), bytes);
    }
    EXPECT_FALSE(from_base64url("a"));
    EXPECT_FALSE(from_base64url("a="));
    EXPECT_FALSE(from_base64url("+/"));
    EXPECT_FALSE(from_hex("0g"));
}

TEST(SearchWords, CutsChineseIntoPairsAndLatinIntoWords)
{
    EXPECT_THAT(search_words("漏投报纸 Order-No.2602，Ａ区"),
                UnorderedElementsAre("2602", "a", "no", "order", "区", "报纸", "投报", "漏投"));
    EXPECT_THAT(search_words("漏"), ElementsAre("漏"));
    EXPECT_TRUE(search_words("，。!").empty());
}

TEST(Digest, AgreesWithTheStandardsVectors)
{
    // FIPS 180-4, "abc"; RFC 4231, case 2.
    EXPECT_EQ(to_hex(sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(sha256({"a", "", "bc"}), sha256("abc"));
    const std::string key = "Jefe";
    const std::vector<std::uint8_t> key_bytes(key.begin(), key.end());
    EXPECT_EQ(to_hex(hmac_sha256(key_bytes, "what do ya want for nothing?")),
              "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST(Password, OnlyTheRightOneIsAccepted)
{
    const auto phc = hash_password("correct horse", 8192);
    EXPECT_THAT(phc, HasSubstr("$argon2id$"));
    EXPECT_TRUE(verify_password(phc, "correct horse"));
    EXPECT_FALSE(verify_password(phc, "correct horsf"));
    EXPECT_FALSE(verify_password("not a hash", "x"));
    EXPECT_NE(phc, hash_password("correct horse", 8192));
}

TEST(Errc, EverySlugIsUniqueAndWritten)
{
    std::set<std::string_view> seen;
    for (int i = 0; i <= static_cast<int>(errc::internal); ++i) {
        const auto word = slug(static_cast<errc>(i));
        EXPECT_TRUE(seen.insert(word).second) << word;
        EXPECT_EQ(word.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-"), std::string_view::npos) << word;
    }
}

TEST(Metrics, TheSameNameAndLabelsAreTheSameMetric)
{
    metrics::registry registry;
    registry.counter("huiyin_things_total", "Things.", {{"kind", "a"}}).add(2);
    registry.counter("huiyin_things_total", "Things.", {{"kind", "a"}}).add(1);
    registry.gauge("huiyin_open", "Open.").set(4);
    registry.histogram("huiyin_wait_seconds", "Waits.", metrics::latency_bounds()).observe(0.2);
    const auto text = registry.text();
    EXPECT_THAT(text, HasSubstr("huiyin_things_total{kind=\"a\"} 3"));
    EXPECT_THAT(text, HasSubstr("huiyin_open 4"));
    EXPECT_THAT(text, HasSubstr("huiyin_wait_seconds_count 1"));
}

TEST(ManualClock, MovesOnlyWhenMoved)
{
    manual_clock clock(*parse_rfc3339("2026-02-24T10:00:00Z"));
    EXPECT_EQ(to_rfc3339(clock.now()), "2026-02-24T10:00:00Z");
    clock.advance(90min);
    EXPECT_EQ(to_rfc3339(clock.now()), "2026-02-24T11:30:00Z");
}

} // namespace
} // namespace huiyin
