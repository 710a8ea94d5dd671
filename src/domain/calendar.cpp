#include <huiyin/domain/calendar.hpp>

#include <date/tz.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <stdexcept>

namespace huiyin::domain {

using namespace std::chrono;

namespace {

/// How far ahead a search for open time goes.
constexpr days horizon{18'263}; // 50 years

bool read_digits(std::string_view& text, std::size_t count, int& value)
{
    if (text.size() < count) return false;
    if (!std::ranges::all_of(text.substr(0, count), [](char c) { return c >= '0' && c <= '9'; })) return false;
    std::from_chars(text.data(), text.data() + count, value);
    text.remove_prefix(count);
    return true;
}

bool read_char(std::string_view& text, char wanted)
{
    if (text.empty() || text.front() != wanted) return false;
    text.remove_prefix(1);
    return true;
}

std::optional<local_day> read_day(std::string_view& text)
{
    int y = 0, m = 0, d = 0;
    if (!read_digits(text, 4, y) || !read_char(text, '-') || !read_digits(text, 2, m) || !read_char(text, '-') ||
        !read_digits(text, 2, d))
        return {};
    const year_month_day date(year(y), month(static_cast<unsigned>(m)), day(static_cast<unsigned>(d)));
    if (!date.ok()) return {};
    return local_day(date);
}

int year_of(local_day day)
{
    return static_cast<int>(year_month_day(day).year());
}

std::size_t weekday_index(local_day day)
{
    return weekday(day).iso_encoding() - 1;
}

void check_hours(const std::vector<hours_of_day>& intervals)
{
    minutes last(-1);
    for (const auto& [from, to] : intervals) {
        if (from <= last || to <= from || to > hours(24)) throw std::invalid_argument("hours out of order");
        last = to;
    }
}

} // namespace

std::string to_string(local_day day)
{
    const year_month_day date(day);
    return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                       static_cast<unsigned>(date.day()));
}

std::optional<local_day> parse_local_day(std::string_view text)
{
    const auto day = read_day(text);
    return text.empty() ? day : std::nullopt;
}

std::optional<local_instant> parse_local_instant(std::string_view text)
{
    const auto day = read_day(text);
    int h = 0, m = 0, s = 0;
    if (!day || !read_char(text, 'T') || !read_digits(text, 2, h) || !read_char(text, ':') || !read_digits(text, 2, m))
        return {};
    if (read_char(text, ':') && !read_digits(text, 2, s)) return {};
    if (!text.empty() || h > 23 || m > 59 || s > 59) return {};
    return *day + hours(h) + minutes(m) + seconds(s);
}

bool is_time_zone(const std::string& name)
{
    try {
        return date::locate_zone(name) != nullptr;
    } catch (const std::runtime_error&) {
        return false;
    }
}

/// Reads the zone's clock and remembers its last offset: most days of a search need no look-up.
class calendar::wall
{
public:
    explicit wall(const date::time_zone& zone) : zone_(zone) {}

    local_instant to_local(instant at)
    {
        if (at < begin_ || at >= end_) remember(at);
        return local_instant(at.time_since_epoch() + offset_);
    }

    instant to_instant(local_instant at)
    {
        // Offsets differ by less than a day, so a day inside the remembered stretch the reading is unambiguous.
        if (const instant guess(at.time_since_epoch() - offset_); guess - days(1) >= begin_ && guess + days(1) < end_)
            return guess;
        const auto second = floor<seconds>(at);
        const auto info = zone_.get_info(date::local_seconds(second.time_since_epoch()));
        if (info.result == date::local_info::nonexistent) return info.first.end;
        const instant found = instant(second.time_since_epoch() - info.first.offset) + (at - second);
        remember(found);
        return found;
    }

private:
    void remember(instant at)
    {
        // The library's ends of time do not fit into microseconds.
        static constexpr instant earliest = sys_days(year(1) / 1 / 1), latest = sys_days(year(9999) / 1 / 1);
        const auto info = zone_.get_info(floor<seconds>(at));
        begin_ = info.begin < floor<seconds>(earliest) ? earliest : instant(info.begin);
        end_ = info.end > floor<seconds>(latest) ? latest : instant(info.end);
        offset_ = info.offset;
    }

    const date::time_zone& zone_;
    instant begin_{};
    instant end_{};
    seconds offset_{0};
};

calendar::calendar(std::string name, std::string time_zone, weekly_hours weekly, std::map<int, calendar_year> years,
                   std::vector<hours_of_day> makeup_hours, bool follows_holidays)
    : name_(std::move(name)), time_zone_(std::move(time_zone)), weekly_(std::move(weekly)),
      makeup_hours_(std::move(makeup_hours)), follows_holidays_(follows_holidays || !years.empty())
{
    if (!is_time_zone(time_zone_)) throw std::invalid_argument("unknown time zone " + time_zone_);
    zone_ = date::locate_zone(time_zone_);
    for (const auto& day : weekly_)
        check_hours(day);
    check_hours(makeup_hours_);
    const auto first_open = std::ranges::find_if(weekly_, [](const auto& day) { return !day.empty(); });
    if (first_open == weekly_.end()) throw std::invalid_argument("a week without hours");
    if (makeup_hours_.empty()) makeup_hours_ = *first_open;
    if (years.empty()) return;

    if (years.begin()->first < 1900 || years.rbegin()->first > 2200) throw std::invalid_argument("year out of range");
    first_day_ = local_day(year(years.begin()->first) / January / 1);
    const auto end = local_day(year(years.rbegin()->first + 1) / January / 1);
    rules_.resize(static_cast<std::size_t>((end - first_day_).count()), day_rule::weekly);
    for (const auto& [number, days_of_year] : years) {
        years_.insert(number);
        const auto mark = [this, expected = number](const std::set<local_day>& listed, day_rule rule) {
            for (const auto day : listed) {
                if (year_of(day) != expected) throw std::invalid_argument("a day outside its year: " + to_string(day));
                rules_[static_cast<std::size_t>((day - first_day_).count())] = rule;
            }
        };
        mark(days_of_year.off, day_rule::off);
        mark(days_of_year.work, day_rule::work);
    }
}

calendar calendar::around_the_clock(std::string name, std::string time_zone)
{
    weekly_hours always;
    always.fill({{minutes(0), hours(24)}});
    return {std::move(name), std::move(time_zone), std::move(always)};
}

bool calendar::has_year(int number) const
{
    return !follows_holidays_ || years_.contains(number);
}

bool calendar::covers(instant from, instant to) const
{
    const int last = year_of(day_of(to));
    for (int number = year_of(day_of(from)); number <= last; ++number)
        if (!has_year(number)) return false;
    return true;
}

calendar::day_rule calendar::rule_of(local_day day) const
{
    const auto index = (day - first_day_).count();
    if (index < 0 || static_cast<std::size_t>(index) >= rules_.size()) return day_rule::weekly;
    return rules_[static_cast<std::size_t>(index)];
}

std::span<const hours_of_day> calendar::hours_on(local_day day) const
{
    switch (rule_of(day)) {
    case day_rule::off: return {};
    case day_rule::work: return makeup_hours_;
    case day_rule::weekly: break;
    }
    return weekly_[weekday_index(day)];
}

std::string_view calendar::rule_on(local_day day) const
{
    switch (rule_of(day)) {
    case day_rule::off: return "holiday";
    case day_rule::work: return "make-up day";
    case day_rule::weekly: break;
    }
    return has_year(year_of(day)) ? "weekly" : "weekly, year not loaded";
}

local_instant calendar::to_local(instant at) const
{
    return wall(*zone_).to_local(at);
}

std::string calendar::shown(instant at) const
{
    const auto on_wall = to_local(at);
    const auto day = floor<days>(on_wall);
    const hh_mm_ss time(floor<seconds>(on_wall - day));
    return fmt::format("{}T{:02}:{:02}:{:02}", to_string(day), time.hours().count(), time.minutes().count(),
                       time.seconds().count());
}

instant calendar::to_instant(local_instant at) const
{
    return wall(*zone_).to_instant(at);
}

template <class Visit>
void calendar::each_open_span(instant from, local_day last, Visit visit) const
{
    wall here(*zone_);
    for (auto day = floor<days>(here.to_local(from)); day <= last; day += days(1)) {
        for (const auto& open : hours_on(day)) {
            const auto begin = std::max(from, here.to_instant(local_instant(day) + open.from));
            const auto end = here.to_instant(local_instant(day) + open.to);
            if (end > begin && !visit(open_span{begin, end})) return;
        }
    }
}

microseconds calendar::business_time(instant from, instant to) const
{
    microseconds sum(0);
    if (to <= from) return sum;
    // One day more: where the clock is put back over midnight, `to` may show the day before one that has begun.
    each_open_span(from, day_of(to) + days(1), [&](open_span open) {
        if (open.from >= to) return false;
        sum += std::min(open.to, to) - open.from;
        return true;
    });
    return sum;
}

instant calendar::add_business_time(instant from, microseconds amount) const
{
    if (amount <= microseconds(0)) return from;
    const auto last = day_of(from) + horizon;
    std::optional<instant> found;
    each_open_span(from, last, [&](open_span open) {
        if (open.to - open.from >= amount) {
            found = open.from + amount;
            return false;
        }
        amount -= open.to - open.from;
        return true;
    });
    return found ? *found : end_of(last);
}

std::vector<open_span> calendar::open_spans(instant from, instant to, std::size_t limit) const
{
    std::vector<open_span> spans;
    if (to <= from || limit == 0) return spans;
    each_open_span(from, day_of(to) + days(1), [&](open_span open) {
        if (open.from >= to) return false;
        open.to = std::min(open.to, to);
        if (!spans.empty() && spans.back().to == open.from)
            spans.back().to = open.to;
        else if (spans.size() == limit)
            return false;
        else
            spans.push_back(open);
        return true;
    });
    return spans;
}

std::int64_t calendar::workdays(local_day first, local_day last) const
{
    std::int64_t count = 0;
    for (auto day = first; day <= last; day += days(1))
        if (is_workday(day)) ++count;
    return count;
}

local_day calendar::workday_after(local_day day, std::int64_t n) const
{
    const auto last = day + horizon;
    while (n > 0 && day < last) {
        day += days(1);
        if (is_workday(day)) --n;
    }
    return day;
}

} // namespace huiyin::domain
