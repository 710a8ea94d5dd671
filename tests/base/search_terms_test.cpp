#include <huiyin/base/search_terms.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace huiyin {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using kind = search_run::kind;

std::vector<search_run> cut(std::string_view text)
{
    return cut_for_search(text, 1000);
}
search_run han(std::string text)
{
    return {kind::han, std::move(text)};
}
search_run word(std::string text)
{
    return {kind::word, std::move(text)};
}
search_run number(std::string text)
{
    return {kind::number, std::move(text)};
}
search_run joined(std::string text)
{
    return {kind::joined, std::move(text)};
}

TEST(SearchTerms, ChineseRunsUpToTheNextOtherCharacter)
{
    EXPECT_THAT(cut("昨天，报纸没有送到。A区"), ElementsAre(han("昨天"), han("报纸没有送到"), word("a"), han("区")));
}

TEST(SearchTerms, WidthCaseAndCompatibilityFormsDoNotMatter)
{
    EXPECT_EQ(cut("ＡＢＣ１２３４"), cut("abc1234"));
    EXPECT_EQ(cut("Straße ﬁn"), cut("STRASSE FIN"));
    EXPECT_EQ(cut("cafe\u0301"), cut("CAFÉ"));
    EXPECT_EQ(cut("re\u00adfund"), cut("refund"));
    EXPECT_EQ(cut("ｶﾞ"), cut("ガ"));
}

TEST(SearchTerms, DigitsOfThreeAndMoreAreANumberAndFewerAWord)
{
    EXPECT_THAT(cut("3楼 25 260 SF1234567890 b12"), ElementsAre(word("3"), han("楼"), word("25"), number("260"),
                                                                joined("25260"), number("sf1234567890"), word("b12")));
    EXPECT_THAT(cut("11010119900101123X"), ElementsAre(number("11010119900101123x")));
}

TEST(SearchTerms, DigitsThatOnlyABlankOrADashPartsAreANumberTogetherAsWell)
{
    EXPECT_THAT(cut("138-1234 5678"),
                ElementsAre(number("138"), number("1234"), number("5678"), joined("13812345678")));
    EXPECT_THAT(cut("260224-0318"), ElementsAre(number("260224"), number("0318"), joined("2602240318")));
    EXPECT_THAT(cut("138--1234"), ElementsAre(number("138"), number("1234")));
    EXPECT_THAT(cut("138，1234"), ElementsAre(number("138"), number("1234")));
}

TEST(SearchTerms, WhatIsNoWordOnlyParts)
{
    EXPECT_THAT(cut(""), IsEmpty());
    EXPECT_THAT(cut("%%% '' \\ & | ! <-> :* () ，。…😀"), IsEmpty());
    EXPECT_THAT(cut("it's 100%"), ElementsAre(word("it"), word("s"), number("100")));
}

TEST(SearchTerms, OtherScriptsAreWordsAndRareHanIsHan)
{
    EXPECT_THAT(cut("Жалоба"), ElementsAre(word("жалоба")));
    EXPECT_THAT(cut("𠮷野家"), ElementsAre(han("𠮷野家")));
    EXPECT_THAT(cut("データ 불만"), ElementsAre(han("データ"), han("불만")));
}

TEST(SearchTerms, HaveBounds)
{
    EXPECT_THAT(cut_for_search("a b c d", 3), SizeIs(3));
    EXPECT_EQ(cut(std::string(500, 'a')).at(0).text.size(), 64u);
    EXPECT_EQ(cut(std::string(500, '7')).at(0).text.size(), 32u);
    EXPECT_THAT(cut_for_search("1 2 3", 3), SizeIs(3));
}

} // namespace
} // namespace huiyin
