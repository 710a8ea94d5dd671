#include <huiyin/pg/statement.hpp>

#include <fmt/format.h>

#include <stdexcept>

namespace huiyin::pg {

params& params::add(std::nullopt_t)
{
    values_.push_back({.bytes = {}, .null = true, .binary = false});
    return *this;
}

params& params::add(bool value)
{
    return add_text(value ? "t" : "f");
}

params& params::add(double value)
{
    return add_text(fmt::format("{}", value));
}

params& params::add(instant value)
{
    const auto day = std::chrono::floor<std::chrono::days>(value);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss time(value - day);
    return add_text(fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02}.{:06}+00", static_cast<int>(date.year()),
                                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                                time.hours().count(), time.minutes().count(), time.seconds().count(),
                                time.subseconds().count()));
}

params& params::add(std::span<const std::uint8_t> bytes)
{
    values_.push_back({.bytes = std::string(bytes.begin(), bytes.end()), .null = false, .binary = true});
    return *this;
}

params& params::add_text(std::string text)
{
    values_.push_back({.bytes = std::move(text), .null = false, .binary = false});
    return *this;
}

void params::array_writer::add(const params& element)
{
    const auto& one = element.values().at(0);
    if (one.binary) throw std::logic_error("an array of bytes cannot be bound");
    if (text_.size() > 1) text_ += ',';
    if (one.null) {
        text_ += "NULL";
        return;
    }
    text_ += '"';
    for (const char c : one.bytes) {
        if (c == '"' || c == '\\') text_ += '\\';
        text_ += c;
    }
    text_ += '"';
}

std::string params::array_writer::text() &&
{
    text_ += '}';
    return std::move(text_);
}

} // namespace huiyin::pg
