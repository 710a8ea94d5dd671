#include <huiyin/base/text.hpp>
#include <huiyin/pg/rows.hpp>

#include <fmt/format.h>

#include <charconv>
#include <libpq-fe.h>
#include <stdexcept>

namespace huiyin::pg {

namespace {

/// Takes whole numbers and separators off the front of a text; `ok` turns false at the first surprise.
struct scanner
{
    std::string_view rest;
    bool ok = true;

    int number()
    {
        int value = 0;
        const auto [end, problem] = std::from_chars(rest.data(), rest.data() + rest.size(), value);
        ok = ok && problem == std::errc{} && !rest.empty() && rest.front() != '-';
        rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
        return value;
    }
    void skip(char separator)
    {
        ok = ok && rest.starts_with(separator);
        if (ok) rest.remove_prefix(1);
    }
};

/// "2026-02-24 10:00:00.123+00", as the server writes it with DateStyle ISO and TimeZone UTC, which every connection
/// sets.
std::optional<instant> parse_timestamp(std::string_view text)
{
    scanner in{text};
    const int year = in.number();
    in.skip('-');
    const int month = in.number();
    in.skip('-');
    const int day = in.number();
    in.skip(' ');
    const int hour = in.number();
    in.skip(':');
    const int minute = in.number();
    in.skip(':');
    const int second = in.number();
    int micros = 0;
    if (in.ok && in.rest.starts_with('.')) {
        in.skip('.');
        const auto digits = in.rest.find('+');
        if (digits == std::string_view::npos || digits > 6) return std::nullopt;
        micros = in.number();
        for (auto i = digits; i < 6; ++i)
            micros *= 10;
    }
    if (!in.ok || in.rest != "+00") return std::nullopt;
    const std::chrono::year_month_day date(std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                                           std::chrono::day(static_cast<unsigned>(day)));
    if (!date.ok()) return std::nullopt;
    return std::chrono::sys_days(date) + std::chrono::hours(hour) + std::chrono::minutes(minute) +
           std::chrono::seconds(second) + std::chrono::microseconds(micros);
}

} // namespace

rows::rows(pg_result* owned) : result_(owned, &PQclear) {}

std::size_t rows::size() const
{
    return result_ ? static_cast<std::size_t>(PQntuples(result_.get())) : 0;
}

std::size_t rows::affected() const
{
    if (!result_) return 0;
    const std::string_view count = PQcmdTuples(result_.get());
    std::size_t value = 0;
    std::from_chars(count.data(), count.data() + count.size(), value);
    return value;
}

int row::place_of(const char* column) const
{
    // PQfnumber folds its argument like SQL does, so a column named "Total" would be missed; our names are snake_case.
    const int place = of_->result_ ? PQfnumber(of_->result_.get(), column) : -1;
    if (place < 0) throw std::logic_error(fmt::format("no column {} in the result", column));
    return place;
}

bool row::is_null(int column) const
{
    const auto* result = of_->result_.get();
    if (!result || index_ < 0 || index_ >= PQntuples(result) || column < 0 || column >= PQnfields(result))
        throw std::logic_error(fmt::format("no row {} with a column {} in the result", index_, column));
    return PQgetisnull(result, index_, column) != 0;
}

std::string_view row::text(int column) const
{
    const auto* result = of_->result_.get();
    if (is_null(column)) throw std::logic_error(fmt::format("column {} is NULL", PQfname(result, column)));
    return {PQgetvalue(result, index_, column), static_cast<std::size_t>(PQgetlength(result, index_, column))};
}

void row::refuse(std::string_view text, std::string_view wanted)
{
    // The value itself may be a person's word, and this text ends up in a log.
    throw std::logic_error(fmt::format("a value of {} bytes is no {}", text.size(), wanted));
}

bool row::from_text(type<bool>, std::string_view text)
{
    if (text != "t" && text != "f") refuse(text, "boolean");
    return text == "t";
}

std::int64_t row::integer_from(std::string_view text)
{
    std::int64_t value = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (problem != std::errc{} || end != text.data() + text.size()) refuse(text, "integer");
    return value;
}

double row::from_text(type<double>, std::string_view text)
{
    double value = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (problem != std::errc{} || end != text.data() + text.size()) refuse(text, "number");
    return value;
}

instant row::from_text(type<instant>, std::string_view text)
{
    const auto value = parse_timestamp(text);
    if (!value) refuse(text, "timestamptz");
    return *value;
}

uuid row::from_text(type<uuid>, std::string_view text)
{
    const auto value = uuid::parse(text);
    if (!value) refuse(text, "uuid");
    return *value;
}

std::vector<std::uint8_t> row::from_text(type<std::vector<std::uint8_t>>, std::string_view text)
{
    auto value = text.starts_with("\\x") ? from_hex(text.substr(2)) : std::nullopt;
    if (!value) refuse(text, "bytea");
    return std::move(*value);
}

std::vector<std::optional<std::string>> row::array_from(std::string_view text)
{
    constexpr std::string_view wanted = "one-dimensional array";
    if (!text.starts_with('{') || !text.ends_with('}') || text.size() < 2) refuse(text, wanted);
    std::string_view rest = text.substr(1, text.size() - 2);
    std::vector<std::optional<std::string>> elements;
    while (!rest.empty()) {
        std::string element;
        const bool quoted = rest.starts_with('"');
        std::size_t at = quoted ? 1 : 0;
        for (; at < rest.size() && rest[at] != (quoted ? '"' : ','); ++at) {
            if (!quoted && (rest[at] == '{' || rest[at] == '"')) refuse(text, wanted);
            if (rest[at] == '\\' && ++at == rest.size()) refuse(text, wanted);
            element += rest[at];
        }
        if (quoted && at++ >= rest.size()) refuse(text, wanted);
        if (!quoted && element == "NULL")
            elements.emplace_back(std::nullopt);
        else
            elements.emplace_back(std::move(element));
        if (at < rest.size() && (rest[at] != ',' || at + 1 == rest.size())) refuse(text, wanted);
        rest.remove_prefix(std::min(rest.size(), at + 1));
    }
    return elements;
}

} // namespace huiyin::pg
