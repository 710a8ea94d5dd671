#include <huiyin/report/csv.hpp>

#include <gtest/gtest.h>

namespace huiyin::report {
namespace {

std::string cell(std::string_view text)
{
    csv_writer out;
    out.text(text).end_line();
    auto made = std::move(out).take();
    return made.substr(3, made.size() - 5);
}

TEST(CsvWriter, BeginsWithAByteOrderMarkAndEndsLinesAsTheStandardSays)
{
    csv_writer out;
    out.text("满意率").number(0.5).empty().number(-3).end_line();
    EXPECT_EQ(std::move(out).take(), "\xEF\xBB\xBF满意率,0.5,,-3\r\n");
}

TEST(CsvWriter, AFormulaBecomesAText)
{
    for (const auto* const formula : {"=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1"})
        EXPECT_EQ(cell(formula), "\"'" + std::string(formula) + "\"");
    EXPECT_EQ(cell("=HYPERLINK(\"http://a\",\"b\")"), "\"'=HYPERLINK(\"\"http://a\"\",\"\"b\"\")\"");
    EXPECT_EQ(cell("a=1"), "a=1");
    EXPECT_EQ(cell(""), "");
}

TEST(CsvWriter, QuotesWhatWouldBreakALine)
{
    EXPECT_EQ(cell("a,b"), "\"a,b\"");
    EXPECT_EQ(cell("say \"hi\""), "\"say \"\"hi\"\"\"");
    EXPECT_EQ(cell("two\nlines"), "\"two\nlines\"");
}

} // namespace
} // namespace huiyin::report
