#include <huiyin/upkeep/csv.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <sstream>

using namespace huiyin::upkeep;
using testing::ElementsAre;
using testing::HasSubstr;

namespace {

/// "2:a|b" for a record that begins in line 2, "3!reason" for a fault.
std::vector<std::string> read_all(const std::string& text, csv_limits limits = {})
{
    std::istringstream in(text);
    csv_reader reader(in, limits);
    std::vector<std::string> seen;
    while (auto next = reader.next()) {
        if (!*next) {
            seen.push_back(std::to_string(next->error().line) + "!" + next->error().reason);
            continue;
        }
        auto& shown = seen.emplace_back(std::to_string((*next)->line) + ":");
        for (std::size_t i = 0; i < (*next)->fields.size(); ++i)
            shown += (i ? "|" : "") + (*next)->fields[i];
    }
    EXPECT_EQ(reader.consumed(), text.size());
    return seen;
}

std::string written(const std::vector<std::vector<std::string>>& records, bool crlf, bool quote_all)
{
    std::string text;
    for (const auto& record : records) {
        for (std::size_t i = 0; i < record.size(); ++i) {
            const auto& field = record[i];
            text += i ? "," : "";
            if (!quote_all && field.find_first_of(",\"\r\n") == std::string::npos &&
                !(record.size() == 1 && field.empty()))
            {
                text += field;
                continue;
            }
            text += '"';
            for (const auto c : field)
                text += c == '"' ? "\"\"" : std::string(1, c);
            text += '"';
        }
        text += crlf ? "\r\n" : "\n";
    }
    return text;
}

} // namespace

TEST(CsvReader, ReadsPlainAndQuotedFieldsWithEitherLineEnd)
{
    EXPECT_THAT(read_all("a,b\n1,2\n"), ElementsAre("1:a|b", "2:1|2"));
    EXPECT_THAT(read_all("a,b\r\n1,2\r\n"), ElementsAre("1:a|b", "2:1|2"));
    EXPECT_THAT(read_all("\"a,b\",\"c\"\"d\"\n"), ElementsAre("1:a,b|c\"d"));
    EXPECT_THAT(read_all("a,,\n"), ElementsAre("1:a||"));
    EXPECT_THAT(read_all("\"\",\"\"\n"), ElementsAre("1:|"));
    EXPECT_THAT(read_all("a b , c\n"), ElementsAre("1:a b | c"));
}

TEST(CsvReader, TheLastLineNeedsNoEnd)
{
    EXPECT_THAT(read_all("a,b\n1,2"), ElementsAre("1:a|b", "2:1|2"));
    EXPECT_THAT(read_all("a,b\n1,"), ElementsAre("1:a|b", "2:1|"));
    EXPECT_THAT(read_all("a,b\n1,\"x\""), ElementsAre("1:a|b", "2:1|x"));
}

TEST(CsvReader, CountsLinesThroughQuotedLineBreaks)
{
    EXPECT_THAT(read_all("a,\"x\ny\r\nz\"\nb,c\n"), ElementsAre("1:a|x\ny\r\nz", "4:b|c"));
}

TEST(CsvReader, PassesOverEmptyLinesAndTheByteOrderMark)
{
    EXPECT_THAT(read_all("\xEF\xBB\xBF"
                         "a,b\n\n\r\n1,2\n\n"),
                ElementsAre("1:a|b", "4:1|2"));
    EXPECT_THAT(read_all("\xEF\xBB\xBF"), ElementsAre());
    EXPECT_THAT(read_all(""), ElementsAre());
    EXPECT_THAT(read_all("\n\r\n"), ElementsAre());
}

TEST(CsvReader, AQuoteInsideAnUnquotedFieldStandsForItself)
{
    EXPECT_THAT(read_all("5\" pipe,x\"\n"), ElementsAre("1:5\" pipe|x\""));
}

TEST(CsvReader, ALoneCarriageReturnIsPartOfTheField)
{
    EXPECT_THAT(read_all("a\rb,c\r\n"), ElementsAre("1:a\rb|c"));
    EXPECT_THAT(read_all("a,b\r"), ElementsAre("1:a|b\r"));
}

TEST(CsvReader, TextAfterAClosingQuoteCostsOnlyItsRecord)
{
    EXPECT_THAT(read_all("a,b\n\"x\" y,2\n3,4\n"), ElementsAre("1:a|b", "2!text after a closing quote", "3:3|4"));
}

TEST(CsvReader, AQuoteThatIsNeverClosedCostsOnlyItsRecord)
{
    EXPECT_THAT(read_all("a,b\n1,\"x\n3,4\n5,6\n"),
                ElementsAre("1:a|b", "2!the file ends inside quotes", "3:3|4", "4:5|6"));
    std::string many = "a,b\n1,\"x\n";
    for (int i = 0; i < 1000; ++i)
        many += "3,4\n";
    const auto seen = read_all(many, {.field_bytes = 1000, .record_bytes = 1200, .fields = 4});
    ASSERT_EQ(seen.size(), 1002u);
    EXPECT_THAT(seen[1], HasSubstr("a field of more than 1000 bytes"));
    EXPECT_EQ(seen[2], "3:3|4");
}

TEST(CsvReader, BoundsFieldsRecordsAndTheirNumber)
{
    const csv_limits tight{.field_bytes = 8, .record_bytes = 20, .fields = 3};
    EXPECT_THAT(read_all("12345678,2,3\n", tight), ElementsAre("1:12345678|2|3"));
    EXPECT_THAT(read_all("123456789,2\nx\n", tight), ElementsAre("1!a field of more than 8 bytes", "2:x"));
    EXPECT_THAT(read_all("\"123456789\"\nx\n", tight), ElementsAre("1!a field of more than 8 bytes", "2:x"));
    EXPECT_THAT(read_all("1,2,3,4\nx\n", tight), ElementsAre("1!more than 3 fields", "2:x"));
    EXPECT_THAT(read_all("12345678,12345678,12345678\nx\n", tight),
                ElementsAre(HasSubstr("a record of more than 20 bytes"), "2:x"));
    EXPECT_THAT(read_all(std::string(5'000'000, 'x') + "\ny\n", tight),
                ElementsAre("1!a field of more than 8 bytes", "2:y"));
}

TEST(CsvReader, GivesBackWhatWasWritten)
{
    std::mt19937 random(7);
    const std::string alphabet = "ab,\"\r\n\xE7\x95\x99 ";
    for (int round = 0; round < 500; ++round) {
        std::vector<std::vector<std::string>> records(1 + random() % 20);
        for (auto& record : records) {
            record.resize(1 + random() % 5);
            for (auto& field : record)
                for (auto left = random() % 8; left > 0; --left)
                    field += alphabet[random() % alphabet.size()];
        }
        const bool quote_all = random() % 2;
        std::istringstream in(written(records, random() % 2, quote_all));
        csv_reader reader(in);
        std::vector<std::vector<std::string>> read;
        while (auto next = reader.next()) {
            ASSERT_TRUE(next->has_value()) << next->error().reason;
            read.push_back((*next)->fields);
        }
        ASSERT_EQ(read, records) << "round " << round;
    }
}

TEST(CsvReader, AnyBytesAreReadToTheEndInLineOrderAndWithinTheLimits)
{
    std::mt19937 random(11);
    const csv_limits tight{.field_bytes = 12, .record_bytes = 40, .fields = 4};
    const std::string alphabet = std::string("\",\n\r\"ab") + '\0' + '\xFF';
    for (int round = 0; round < 3000; ++round) {
        std::string text;
        for (auto left = random() % 200; left > 0; --left)
            text += alphabet[random() % alphabet.size()];
        std::istringstream in(text);
        csv_reader reader(in, tight);
        std::size_t last_line = 0;
        while (auto next = reader.next()) {
            const auto line = *next ? (*next)->line : next->error().line;
            ASSERT_GT(line, last_line);
            last_line = line;
            if (!*next) continue;
            ASSERT_LE((*next)->fields.size(), tight.fields);
            for (const auto& field : (*next)->fields)
                ASSERT_LE(field.size(), tight.field_bytes);
        }
        ASSERT_EQ(reader.consumed(), text.size()) << "round " << round;
    }
}

TEST(CsvReader, RecordsLongerThanAReadArriveWhole)
{
    const std::string big(200'000, 'x');
    std::istringstream in("a,\"" + big + "\"\nb,c\n");
    csv_reader reader(in);
    const auto first = reader.next();
    ASSERT_TRUE(first && *first);
    EXPECT_EQ((*first)->fields[1], big);
    const auto second = reader.next();
    ASSERT_TRUE(second && *second);
    EXPECT_THAT((*second)->fields, ElementsAre("b", "c"));
    EXPECT_FALSE(reader.next());
}
