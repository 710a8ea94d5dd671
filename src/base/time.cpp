#include <huiyin/base/time.hpp>

#include <fmt/format.h>

#include <charconv>

namespace huiyin {

using namespace std::chrono;

std::string to_rfc3339(instant at)
{
    const auto day = floor<days>(at);
    const year_month_day date(day);
    const hh_mm_ss time(at - day);
    auto text = fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", static_cast<int>(date.year()),
                            static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                            time.hours().count(), time.minutes().count(), time.seconds().count());
    if (const auto fraction = time.subseconds().count(); fraction != 0) {
        text += fmt::format(".{:06}", fraction);
        text.erase(text.find_last_not_of('0') + 1);
    }
    return text += 'Z';
}

namespace {

class reader
{
public:
    explicit reader(std::string_view text) : rest_(text) {}

    bool digits(std::size_t count, int& value)
    {
        if (rest_.size() < count) return false;
        const auto* const end = rest_.data() + count;
        for (const auto* c = rest_.data(); c != end; ++c)
            if (*c < '0' || *c > '9') return false;
        std::from_chars(rest_.data(), end, value);
        rest_.remove_prefix(count);
        return true;
    }
    bool one_of(std::string_view allowed, char& found)
    {
        if (rest_.empty() || allowed.find(rest_.front()) == std::string_view::npos) return false;
        found = rest_.front();
        rest_.remove_prefix(1);
        return true;
    }
    bool one_of(std::string_view allowed)
    {
        char ignored = 0;
        return one_of(allowed, ignored);
    }
    bool at_end() const { return rest_.empty(); }

private:
    std::string_view rest_;
};

} // namespace

std::optional<instant> parse_rfc3339(std::string_view text)
{
    reader in(text);
    int y = 0, mo = 0, d = 0, h = 0, mi = 0, s = 0;
    if (!in.digits(4, y) || !in.one_of("-") || !in.digits(2, mo) || !in.one_of("-") || !in.digits(2, d)) return {};
    if (!in.one_of("Tt ") || !in.digits(2, h) || !in.one_of(":") || !in.digits(2, mi) || !in.one_of(":") ||
        !in.digits(2, s))
        return {};
    const year_month_day date(year(y), month(static_cast<unsigned>(mo)), day(static_cast<unsigned>(d)));
    if (!date.ok() || h > 23 || mi > 59 || s > 60) return {};
    if (s == 60) s = 59; // a leap second has no place in POSIX time

    microseconds fraction(0);
    if (in.one_of(".")) {
        int digit = 0;
        std::int64_t unit = 100'000;
        if (!in.digits(1, digit)) return {};
        do {
            fraction += microseconds(digit * unit);
            unit /= 10;
        } while (in.digits(1, digit));
    }

    minutes offset(0);
    char sign = 0;
    if (!in.one_of("Zz")) {
        int oh = 0, om = 0;
        if (!in.one_of("+-", sign) || !in.digits(2, oh) || !in.one_of(":") || !in.digits(2, om)) return {};
        if (oh > 23 || om > 59) return {};
        offset = hours(oh) + minutes(om);
        if (sign == '-') offset = -offset;
    }
    if (!in.at_end()) return {};
    return instant(sys_days(date)) + hours(h) + minutes(mi) + seconds(s) + fraction - offset;
}

instant system_clock::now() const
{
    return floor<microseconds>(std::chrono::system_clock::now());
}

} // namespace huiyin
