#include <huiyin/ticket/counted.hpp>

#include <algorithm>
#include <array>

namespace huiyin::ticket {

namespace {

constexpr std::size_t most_segments = 400;

struct said_as
{
    std::string_view begins;
    std::string_view ends;
    std::string_view code;
};
/// As domain::explain says it.
constexpr std::array<said_as, 9> reason_words{{{"clock time", "", "clock_time"},
                                               {"open hours", "", "open_hours"},
                                               {"closed", "", "closed"},
                                               {"paused", "", "paused"},
                                               {"the start's day", "", "start_day"},
                                               {"not a workday", "", "no_workday"},
                                               {"workday", "counts", "workday"},
                                               {"workday", "did not run at its end", "workday_unfinished"},
                                               {"as counted then", "", "counted_then"}}};
constexpr std::array<said_as, 4> day_words{{{"(weekly)", "", "weekly"},
                                            {"(holiday)", "", "holiday"},
                                            {"(make-up day)", "", "make_up_day"},
                                            {"(weekly, year not loaded)", "", "year_not_loaded"}}};

std::string_view why_of(std::string_view said)
{
    for (const auto& each : reason_words)
        if (said.starts_with(each.begins) && said.ends_with(each.ends)) return each.code;
    return "counted_then";
}

std::string_view day_word_of(std::string_view said)
{
    for (const auto& each : day_words)
        if (said.contains(each.begins)) return each.code;
    return {};
}

domain::spell holder_at(const domain::ticket& t, instant at)
{
    domain::spell found{domain::holder::desk, std::nullopt, t.reported_at};
    for (const auto& each : t.spells)
        if (each.from <= at) found = each;
    return found;
}

std::string hold_reason_at(const domain::ticket& t, instant at)
{
    for (const auto& each : t.holds)
        if (each.state == domain::request_state::granted && each.decided_at && *each.decided_at <= at &&
            (!each.ended_at || at < *each.ended_at))
            return each.reason;
    return {};
}

std::vector<counted_segment> segments_of(const domain::ticket& t, const domain::deadline& clock,
                                         const domain::calendar& calendar, instant now)
{
    std::vector<counted_segment> listed;
    for (const auto& each : domain::explain(clock, calendar, now)) {
        auto& one = listed.emplace_back();
        one.from = each.from;
        one.to = each.to;
        one.counted = each.counted;
        one.counted_days = each.counted_days;
        one.why = why_of(each.why);
        one.day = day_word_of(each.why);
        if (one.why != "paused") continue;
        one.holder = holder_at(t, each.from);
        one.reason = hold_reason_at(t, each.from);
    }
    if (listed.size() <= most_segments) return listed;
    counted_segment earlier{.from = listed.front().from, .why = "earlier"};
    const auto kept = listed.end() - static_cast<std::ptrdiff_t>(most_segments - 1);
    for (auto it = listed.begin(); it != kept; ++it) {
        earlier.to = it->to;
        earlier.counted += it->counted;
        earlier.counted_days += it->counted_days;
    }
    listed.erase(listed.begin(), kept);
    listed.insert(listed.begin(), std::move(earlier));
    return listed;
}

bool is_customers(const domain::deadline& clock)
{
    return clock.kind == domain::deadline_kind::resolve || clock.kind == domain::deadline_kind::rework;
}

} // namespace

std::vector<counted_clock> counted_clocks(const domain::ticket& t, const configuration& by, instant now)
{
    const domain::deadline* customers_last = nullptr;
    if (!domain::customer_clock(t))
        for (const auto& each : t.deadlines)
            if (is_customers(each) && (!customers_last || each.started_at >= customers_last->started_at))
                customers_last = &each;
    std::vector<counted_clock> all;
    for (const auto& each : t.deadlines) {
        const bool open = each.state == domain::deadline_state::running || each.state == domain::deadline_state::paused;
        if (!open && &each != customers_last) continue;
        auto& one = all.emplace_back();
        one.clock = each;
        one.calendar = by.find_calendar(each.calendar);
        if (!one.calendar) continue;
        one.used = domain::used_until(each, *one.calendar, now);
        one.left = domain::left_from(each, *one.calendar, now);
        one.provisional = domain::due_is_provisional(each, *one.calendar);
        one.segments = segments_of(t, each, *one.calendar, now);
    }
    return all;
}

} // namespace huiyin::ticket
