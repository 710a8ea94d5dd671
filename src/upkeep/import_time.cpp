#include <huiyin/base/text.hpp>
#include <huiyin/upkeep/import_time.hpp>

#include <date/date.h>
#include <date/tz.h>
#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <locale>
#include <sstream>
#include <stdexcept>

namespace huiyin::upkeep {

namespace {

using local_time = date::local_time<std::chrono::microseconds>;

std::optional<local_time> read_pattern(std::string_view text, const std::string& pattern)
{
    std::istringstream in{std::string(text)};
    in.imbue(std::locale::classic());
    local_time local;
    in >> date::parse(pattern, local);
    if (in.fail() || in.peek() != std::istringstream::traits_type::eof()) return std::nullopt;
    return local;
}

std::optional<local_time> read_serial(std::string_view text)
{
    double days = 0;
    const auto* const end = text.data() + text.size();
    const auto [stop, fault] = std::from_chars(text.data(), end, days, std::chars_format::fixed);
    if (fault != std::errc{} || stop != end) return std::nullopt;
    // Day 60 is 29 February 1900, which never was; from day 61 on all count from 30 December 1899.
    if (!(days >= 61 && days < 2'958'466)) return std::nullopt;
    const auto seconds = std::chrono::seconds(std::llround(days * 86'400));
    return date::local_days(date::year(1899) / 12 / 30) + seconds;
}

instant in_zone(local_time local, const date::time_zone& zone)
{
    const auto info = zone.get_info(local);
    return instant(local.time_since_epoch() - info.first.offset);
}

} // namespace

std::optional<std::string> fault_in(const time_notation& notation)
{
    if (notation.pattern == serial_notation) return std::nullopt;
    // What can be written and read back has all its parts; seconds, or the whole time of day, may be missing.
    const local_time day = date::local_days(date::year(2023) / 11 / 29);
    const auto probe = day + std::chrono::hours(17) + std::chrono::minutes(46);
    std::ostringstream written;
    written.imbue(std::locale::classic());
    date::to_stream(written, notation.pattern.c_str(), date::floor<std::chrono::seconds>(probe));
    const auto read = read_pattern(written.str(), notation.pattern);
    if (read == probe || read == day) return std::nullopt;
    return "is neither \"serial\" nor a pattern with a whole date";
}

bool is_time_zone(const std::string& name)
{
    try {
        date::locate_zone(name);
        return true;
    } catch (const std::runtime_error&) {
        return false;
    }
}

std::optional<instant> read_time(std::string_view text, const std::vector<time_notation>& notations,
                                 const std::string& time_zone)
{
    const auto* const zone = date::locate_zone(time_zone);
    const auto written = trimmed(text);
    if (written.empty() || written.size() > 64) return std::nullopt;
    for (const auto& notation : notations) {
        const auto local =
            notation.pattern == serial_notation ? read_serial(written) : read_pattern(written, notation.pattern);
        if (!local) continue;
        const auto year = date::year_month_day(date::floor<date::days>(*local)).year();
        if (year < date::year(1900) || year > date::year(2199)) continue;
        return in_zone(*local, *zone);
    }
    return std::nullopt;
}

} // namespace huiyin::upkeep
