#include <huiyin/base/text.hpp>
#include <huiyin/domain/target.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>

namespace huiyin::domain {

using namespace std::chrono;

namespace {

struct unit_form
{
    std::string_view suffix;
    target_unit unit;
    std::int64_t scale; ///< What one of it adds to `count`.
    std::int64_t most;  ///< In the form's own unit.
};

// A longer suffix stands before one that ends it.
constexpr std::array<unit_form, 6> forms{{
    {"bh", target_unit::business_hours, 60, 87'600},
    {"bm", target_unit::business_hours, 1, 5'256'000},
    {"wd", target_unit::working_days, 1, 3'650},
    {"m", target_unit::minutes, 1, 5'256'000},
    {"h", target_unit::hours, 1, 87'600},
    {"d", target_unit::days, 1, 3'650},
}};

constexpr std::size_t most_cutoffs = 8;
constexpr int longest_offset = 60;

std::optional<std::int64_t> parse_count(std::string_view text)
{
    std::int64_t value = 0;
    const auto* const end = text.data() + text.size();
    const auto [rest, problem] = std::from_chars(text.data(), end, value);
    if (text.empty() || text.size() > 9 || problem != std::errc() || rest != end || text.front() == '-') return {};
    return value;
}

std::unexpected<error> refuse_target(std::string detail)
{
    return fail(errc::invalid_field, std::move(detail));
}

std::optional<minutes> parse_time_of_day(std::string_view text)
{
    if (text.size() != 5 || text[2] != ':') return {};
    const auto h = parse_count(text.substr(0, 2)), m = parse_count(text.substr(3));
    if (!h || !m || *m > 59) return {};
    const auto time = hours(*h) + minutes(*m);
    return time <= hours(24) ? std::optional(time) : std::nullopt;
}

std::string time_of_day(minutes time)
{
    return fmt::format("{:02}:{:02}", time.count() / 60, time.count() % 60);
}

result<target> parse_cutoffs(std::string_view text)
{
    target t{.unit = target_unit::cutoffs, .count = 0, .cutoffs = {}};
    for (const auto& part : split(text, ',')) {
        const auto arrow = part.find('>'), at = part.find('@');
        if (arrow == std::string::npos || at == std::string::npos || at < arrow)
            return refuse_target(fmt::format("'{}' is not of the form 12:00>0@18:00", part));
        const std::string_view view(part);
        const auto before = parse_time_of_day(view.substr(0, arrow));
        const auto offset = parse_count(view.substr(arrow + 1, at - arrow - 1));
        const auto due = parse_time_of_day(view.substr(at + 1));
        if (!before || !offset || !due)
            return refuse_target(fmt::format("'{}' is not of the form 12:00>0@18:00", part));
        if (*offset > longest_offset)
            return refuse_target(fmt::format("'{}' is more than {} days ahead", part, longest_offset));
        if (*offset == 0 && *due < *before) return refuse_target(fmt::format("'{}' can be due before it began", part));
        if (!t.cutoffs.empty() && *before <= t.cutoffs.back().before)
            return refuse_target("the cut-off times do not rise");
        t.cutoffs.push_back({*before, static_cast<int>(*offset), *due});
        if (t.cutoffs.size() > most_cutoffs)
            return refuse_target(fmt::format("more than {} cut-off times", most_cutoffs));
    }
    if (t.cutoffs.empty() || t.cutoffs.back().before != hours(24))
        return refuse_target("the last cut-off time is not 24:00");
    if (t.cutoffs.front().before == minutes(0)) return refuse_target("nothing begins before 00:00");
    return t;
}

} // namespace

result<target> parse_target(std::string_view text)
{
    if (text.size() > 200) return refuse_target("too long for a target");
    if (text.find('>') != std::string_view::npos) return parse_cutoffs(text);
    const auto form = std::ranges::find_if(forms, [&](const unit_form& f) {
        return text.size() > f.suffix.size() && text.ends_with(f.suffix) &&
               std::string_view("0123456789").find(text[text.size() - f.suffix.size() - 1]) != std::string_view::npos;
    });
    if (form == forms.end()) return refuse_target(fmt::format("unknown unit in '{}' (m, h, d, bh, bm or wd)", text));

    auto digits = text.substr(0, text.size() - form->suffix.size());
    std::int64_t divisor = 1;
    std::string joined(digits);
    if (const auto point = digits.find('.'); point != std::string_view::npos) {
        if (form->suffix != "bh") return refuse_target(fmt::format("'{}': only bh may have a fraction", text));
        const auto places = digits.size() - point - 1;
        if (point == 0 || places > 3) return refuse_target(fmt::format("'{}' is not a number of hours", text));
        joined.erase(point, 1);
        for (std::size_t i = 0; i < places; ++i)
            divisor *= 10;
    }
    const auto number = parse_count(joined);
    if (!number) return refuse_target(fmt::format("'{}' is not a whole number and a unit", text));
    const auto count = *number * form->scale;
    if (count == 0) return refuse_target(fmt::format("'{}' is no time at all", text));
    if (count % divisor != 0) return refuse_target(fmt::format("'{}' is not a whole number of minutes", text));
    if (count / divisor > form->most * form->scale)
        return refuse_target(fmt::format("'{}' is more than ten years", text));
    return target{.unit = form->unit, .count = count / divisor, .cutoffs = {}};
}

std::string to_string(const target& t)
{
    switch (t.unit) {
    case target_unit::minutes: return fmt::format("{}m", t.count);
    case target_unit::hours: return fmt::format("{}h", t.count);
    case target_unit::days: return fmt::format("{}d", t.count);
    case target_unit::business_hours:
        return t.count % 60 == 0 ? fmt::format("{}bh", t.count / 60) : fmt::format("{}bm", t.count);
    case target_unit::working_days: return fmt::format("{}wd", t.count);
    case target_unit::cutoffs: break;
    }
    std::string text;
    for (const auto& c : t.cutoffs)
        text +=
            fmt::format("{}{}>{}@{}", text.empty() ? "" : ",", time_of_day(c.before), c.day_offset, time_of_day(c.due));
    return text;
}

bool needs_calendar(const target& t)
{
    return t.unit == target_unit::business_hours || t.unit == target_unit::working_days ||
           t.unit == target_unit::cutoffs;
}

instant due_from(const target& t, const calendar& cal, instant start)
{
    switch (t.unit) {
    case target_unit::minutes: return start + minutes(t.count);
    case target_unit::hours: return start + hours(t.count);
    case target_unit::days: return start + days(t.count);
    case target_unit::business_hours: return cal.add_business_time(start, minutes(t.count));
    case target_unit::working_days: return cal.last_second_of(cal.workday_after(cal.day_of(start), t.count));
    case target_unit::cutoffs: break;
    }
    const auto local = cal.to_local(start);
    auto day = floor<days>(local);
    auto time = local - local_instant(day);
    if (!cal.is_workday(day)) {
        day = cal.workday_after(day);
        time = microseconds(0);
    }
    for (const auto& c : t.cutoffs) {
        if (time >= c.before) continue;
        if (c.day_offset > 0) day = cal.workday_after(day, c.day_offset);
        return std::max(start, cal.to_instant(local_instant(day) + c.due));
    }
    return start; // not reached: the last cut-off is 24:00
}

} // namespace huiyin::domain
