#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace huiyin::report {

/// RFC 4180 with a byte order mark, which spreadsheets need to read Chinese. A text that a spreadsheet would take for a
/// formula (it begins with = + - @, a tab or a line break) gets an apostrophe before it; numbers are written as such.
class csv_writer
{
public:
    csv_writer() : text_("\xEF\xBB\xBF") {}

    csv_writer& text(std::string_view value);
    /// Nothing where there is none.
    csv_writer& number(double value);
    csv_writer& empty();
    void end_line();
    void line(const std::vector<std::string>& texts);

    std::string take() && { return std::move(text_); }

private:
    void begin_cell();

    std::string text_;
    bool first_ = true;
};

} // namespace huiyin::report
