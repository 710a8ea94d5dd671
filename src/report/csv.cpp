#include <huiyin/report/csv.hpp>

#include <fmt/format.h>

namespace huiyin::report {

namespace {

constexpr std::string_view formula_starts = "=+-@\t\r\n";

} // namespace

void csv_writer::begin_cell()
{
    if (!first_) text_ += ',';
    first_ = false;
}

csv_writer& csv_writer::text(std::string_view value)
{
    begin_cell();
    const bool guarded = !value.empty() && formula_starts.find(value.front()) != formula_starts.npos;
    const bool quoted = guarded || value.find_first_of(",\"\r\n") != value.npos;
    if (quoted) text_ += '"';
    if (guarded) text_ += '\'';
    for (const char c : value) {
        if (c == '"') text_ += '"';
        text_ += c;
    }
    if (quoted) text_ += '"';
    return *this;
}

csv_writer& csv_writer::number(double value)
{
    begin_cell();
    text_ += fmt::format("{}", value);
    return *this;
}

csv_writer& csv_writer::empty()
{
    begin_cell();
    return *this;
}

void csv_writer::end_line()
{
    text_ += "\r\n";
    first_ = true;
}

void csv_writer::line(const std::vector<std::string>& texts)
{
    for (const auto& each : texts)
        text(each);
    end_line();
}

} // namespace huiyin::report
