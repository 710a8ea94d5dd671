#include "pg_test.hpp"

#include <huiyin/base/crypto.hpp>

#include <cmath>
#include <limits>

namespace huiyin::pg {
namespace {

using namespace std::chrono_literals;

class TypesTest : public test::pg_fixture
{
protected:
    TypesTest() : pg_fixture(content::empty), db(on(), app_settings(), metrics) {}

    rows echo(const statement& what, params with) { return must(run(db.run(what, std::move(with)))); }

    database db;
};

constexpr statement echo_text{"echo.text", "SELECT $1::text AS value"};
constexpr statement echo_integer{"echo.integer", "SELECT $1::bigint AS value"};
constexpr statement echo_boolean{"echo.boolean", "SELECT $1::bool AS value"};
constexpr statement echo_double{"echo.double", "SELECT $1::float8 AS value"};
constexpr statement echo_instant{"echo.instant", "SELECT $1::timestamptz AS value"};
constexpr statement echo_uuid{"echo.uuid", "SELECT $1::uuid AS value"};
constexpr statement echo_bytes{"echo.bytes", "SELECT $1::bytea AS value"};
constexpr statement echo_texts{"echo.texts", "SELECT $1::text[] AS value"};
constexpr statement echo_integers{"echo.integers", "SELECT $1::bigint[] AS value"};
constexpr statement echo_uuids{"echo.uuids", "SELECT $1::uuid[] AS value"};
constexpr statement echo_instants{"echo.instants", "SELECT $1::timestamptz[] AS value"};
constexpr statement echo_booleans{"echo.booleans", "SELECT $1::bool[] AS value"};
constexpr statement square{"echo.square", "SELECT '{{1,2},{3,4}}'::int[] AS value"};
constexpr statement infinite{"echo.infinite", "SELECT 'infinity'::timestamptz AS value"};
constexpr statement server_time{"echo.server_time", "SELECT $1::timestamptz = $2::text::timestamptz AS same"};

const std::vector<std::string> awkward_texts{"",
                                             " ",
                                             "投诉：报纸没有送到",
                                             "𠮷野家 👩‍👩‍👧",
                                             "a'b",
                                             "a\"b",
                                             "a\\b",
                                             "{",
                                             "}",
                                             "{}",
                                             ",",
                                             "NULL",
                                             "null",
                                             "\n\t\r",
                                             "{\"a\":1}",
                                             "\\x00",
                                             "'; DROP TABLE ticket; --",
                                             "$1",
                                             std::string(70000, 'x'),
                                             "\x01\x7f"};

TEST_F(TypesTest, TextsComeBackAsTheyWere)
{
    for (const auto& text : awkward_texts) {
        const auto got = echo(echo_text, params(text));
        EXPECT_EQ(got.front().get<std::string>("value"), text);
        EXPECT_EQ(got.front().get<std::string_view>(0), text);
    }
}

TEST_F(TypesTest, WhatIsNoTextIsRejectedAndNotCutShort)
{
    EXPECT_EQ(failure(run(db.run(echo_text, params(std::string("a\0b", 3))))).code, errc::data_rejected);
    EXPECT_EQ(failure(run(db.run(echo_text, params("\xff")))).code, errc::data_rejected);
    EXPECT_EQ(echo(echo_text, params("still there")).front().get<std::string>(0), "still there");
}

TEST_F(TypesTest, IntegersComeBackAsTheyWere)
{
    for (const std::int64_t value : {std::numeric_limits<std::int64_t>::min(), std::int64_t{-1}, std::int64_t{0},
                                     std::int64_t{1}, std::numeric_limits<std::int64_t>::max()})
        EXPECT_EQ(echo(echo_integer, params(value)).front().get<std::int64_t>(0), value);
    EXPECT_EQ(echo(echo_integer, params(7)).front().get<int>(0), 7);
    EXPECT_EQ(echo(echo_integer, params(std::size_t{7})).front().get<std::uint16_t>(0), 7);
}

TEST_F(TypesTest, AnIntegerThatDoesNotFitIsABug)
{
    const auto got = echo(echo_integer, params(1LL << 40));
    EXPECT_THROW(got.front().get<int>(0), std::logic_error);
    EXPECT_THROW(echo(echo_integer, params(-1)).front().get<std::size_t>(0), std::logic_error);
}

TEST_F(TypesTest, TruthValuesAndNumbersComeBackAsTheyWere)
{
    EXPECT_TRUE(echo(echo_boolean, params(true)).front().get<bool>(0));
    EXPECT_FALSE(echo(echo_boolean, params(false)).front().get<bool>(0));
    for (const double value : {0.0, 0.1, -1e300, 5e-324, 3.141592653589793})
        EXPECT_EQ(echo(echo_double, params(value)).front().get<double>(0), value);
    EXPECT_TRUE(std::isnan(echo(echo_double, params(std::nan(""))).front().get<double>(0)));
}

TEST_F(TypesTest, InstantsComeBackToTheMicrosecond)
{
    const std::chrono::sys_days days[]{std::chrono::January / 1 / 1970,  std::chrono::December / 31 / 1969,
                                       std::chrono::January / 1 / 1,     std::chrono::February / 29 / 2024,
                                       std::chrono::October / 15 / 1582, std::chrono::December / 31 / 9999,
                                       std::chrono::January / 1 / 12026};
    for (const auto day : days)
        for (const std::chrono::microseconds time : {0us, 1us, 100000us, 999999us, 43200000000us, 86399999999us}) {
            const instant at = day + time;
            EXPECT_EQ(echo(echo_instant, params(at)).front().get<instant>(0), at);
        }
}

TEST_F(TypesTest, InstantsMeanTheSameToTheServer)
{
    const instant at = std::chrono::sys_days(std::chrono::March / 2 / 2026) + 2h + 3min + 4s + 5us;
    EXPECT_TRUE(echo(server_time, params(at, to_rfc3339(at))).front().get<bool>("same"));
    const instant early = std::chrono::sys_days(std::chrono::March / 2 / 1926) + 2h + 3min + 4s + 50us;
    EXPECT_TRUE(echo(server_time, params(early, "1926-03-02T02:03:04.00005Z")).front().get<bool>("same"));
}

TEST_F(TypesTest, AnInstantWithoutEndIsABug)
{
    EXPECT_THROW(echo(infinite, {}).front().get<instant>(0), std::logic_error);
}

TEST_F(TypesTest, IdsComeBackAsTheyWere)
{
    const auto id = ticket_id::make();
    const auto got = echo(echo_uuid, params(id));
    EXPECT_EQ(got.front().get<ticket_id>(0), id);
    EXPECT_EQ(got.front().get<uuid>(0), id.value());
}

TEST_F(TypesTest, BytesComeBackAsTheyWere)
{
    std::vector<std::uint8_t> all(256);
    for (std::size_t i = 0; i < all.size(); ++i)
        all[i] = static_cast<std::uint8_t>(i);
    for (const auto& bytes : {std::vector<std::uint8_t>{}, all, random_bytes(100000)})
        EXPECT_EQ(echo(echo_bytes, params(bytes)).front().get<std::vector<std::uint8_t>>(0), bytes);
}

TEST_F(TypesTest, ArraysComeBackAsTheyWere)
{
    EXPECT_EQ(echo(echo_texts, params(awkward_texts)).front().get<std::vector<std::string>>(0), awkward_texts);
    for (const auto& text : awkward_texts) {
        const std::vector<std::string> one{text};
        EXPECT_EQ(echo(echo_texts, params(one)).front().get<std::vector<std::string>>(0), one);
    }
    const std::vector<std::string> none;
    EXPECT_EQ(echo(echo_texts, params(none)).front().get<std::vector<std::string>>(0), none);
    const std::vector<std::int64_t> numbers{1, -2, 3};
    EXPECT_EQ(echo(echo_integers, params(numbers)).front().get<std::vector<std::int64_t>>(0), numbers);
    EXPECT_EQ(echo(echo_integers, params(numbers)).front().get<std::vector<int>>(0), (std::vector<int>{1, -2, 3}));
    const std::vector<ticket_id> ids{ticket_id::make(), ticket_id::make()};
    EXPECT_EQ(echo(echo_uuids, params(ids)).front().get<std::vector<ticket_id>>(0), ids);
    const std::vector<instant> instants{clock.now(), clock.now() + 1us};
    EXPECT_EQ(echo(echo_instants, params(instants)).front().get<std::vector<instant>>(0), instants);
    const std::vector<bool> truths{true, false};
    EXPECT_EQ(echo(echo_booleans, params(truths)).front().get<std::vector<bool>>(0), truths);
}

TEST_F(TypesTest, NullElementsOfAnArrayComeBackAsNull)
{
    const std::vector<std::optional<std::string>> some{"NULL", std::nullopt, "", std::nullopt};
    const auto got = echo(echo_texts, params(some));
    EXPECT_EQ(got.front().get<std::vector<std::optional<std::string>>>(0), some);
    EXPECT_THROW(got.front().get<std::vector<std::string>>(0), std::logic_error);
}

TEST_F(TypesTest, AnArrayOfTwoDimensionsIsABug)
{
    EXPECT_THROW(echo(square, {}).front().get<std::vector<int>>(0), std::logic_error);
}

TEST_F(TypesTest, NullIsAnEmptyOptionalAndABugForAnythingElse)
{
    const auto got = echo(echo_text, params(std::nullopt));
    EXPECT_TRUE(got.front().is_null(0));
    EXPECT_EQ(got.front().get<std::optional<std::string>>(0), std::nullopt);
    EXPECT_THROW(got.front().get<std::string>(0), std::logic_error);
    const std::optional<std::string> there = "there";
    EXPECT_EQ(echo(echo_text, params(there)).front().get<std::optional<std::string>>(0), there);
}

TEST_F(TypesTest, ARowOrColumnThatIsNotThereIsABug)
{
    const auto got = echo(echo_text, params("x"));
    EXPECT_THROW(got.front().get<std::string>(1), std::logic_error);
    EXPECT_THROW(got.front().get<std::string>("other"), std::logic_error);
    EXPECT_THROW(got[1].get<std::string>(0), std::logic_error);
    EXPECT_THROW(rows().front().get<int>(0), std::logic_error);
}

} // namespace
} // namespace huiyin::pg
