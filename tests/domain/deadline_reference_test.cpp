// Random calendars and deadlines against a reference that knows nothing of intervals: it walks minute by minute over
// 45 days, reads the wall clock and counts. 500 calendars; HUIYIN_TEST_FULL=1 takes 10,000; HUIYIN_TEST_SEED=n only
// one.

#include "calendar_fixture.hpp"

#include <huiyin/domain/deadline.hpp>

#include <date/tz.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <random>

namespace huiyin::domain {
namespace {

using namespace std::chrono;
using namespace testing;

constexpr int window_minutes = 45 * 24 * 60;

struct rules
{
    std::string zone;
    weekly_hours weekly;
    std::map<int, calendar_year> years;
    std::vector<hours_of_day> makeup;

    calendar make() const { return {"random", zone, weekly, years, makeup}; }

    std::vector<hours_of_day> hours_on(local_day day) const
    {
        const year_month_day date(day);
        const auto loaded = years.find(static_cast<int>(date.year()));
        if (loaded != years.end() && loaded->second.work.contains(day)) {
            if (!makeup.empty()) return makeup;
            for (const auto& hours : weekly)
                if (!hours.empty()) return hours;
        }
        if (loaded != years.end() && loaded->second.off.contains(day)) return {};
        return weekly[(weekday(day).c_encoding() + 6) % 7];
    }
};

class dice
{
public:
    explicit dice(unsigned seed) : engine_(seed) {}
    int roll(int from, int to) { return std::uniform_int_distribution<int>(from, to)(engine_); }
    bool chance(int percent) { return roll(1, 100) <= percent; }

private:
    std::mt19937 engine_;
};

std::vector<hours_of_day> random_hours(dice& d)
{
    if (d.chance(10)) return {{minutes(0), hours(24)}};
    std::vector<int> edges;
    const int step = d.chance(70) ? 30 : 1;
    for (int i = 2 * d.roll(1, 3); i > 0; --i)
        edges.push_back(d.roll(0, 1440 / step) * step);
    std::ranges::sort(edges);
    edges.erase(std::unique(edges.begin(), edges.end()), edges.end());
    std::vector<hours_of_day> hours;
    for (std::size_t i = 0; i + 1 < edges.size(); i += 2)
        hours.push_back({minutes(edges[i]), minutes(edges[i + 1])});
    return hours;
}

void random_years(dice& d, rules& r, local_day first)
{
    r.years.clear();
    const int year_of_first = static_cast<int>(year_month_day(first).year());
    for (int number = year_of_first; number <= year_of_first + 1; ++number) {
        if (d.chance(20)) continue; // not loaded
        auto& loaded = r.years[number];
        const auto pick = [&](std::set<local_day>& into, int most) {
            for (int i = d.roll(0, most); i > 0; --i)
                if (const auto day = first + days(d.roll(-2, 48));
                    static_cast<int>(year_month_day(day).year()) == number)
                    into.insert(day);
        };
        pick(loaded.off, 12);
        pick(loaded.work, 8);
    }
}

rules random_rules(dice& d, local_day first)
{
    // Changes at 02:00, at midnight both ways, by half an hour, none, and odd offsets.
    static constexpr std::array zones{
        "Asia/Shanghai", "America/New_York", "Europe/London",       "America/Santiago", "Africa/Cairo",
        "Asia/Beirut",   "America/Havana",   "Australia/Lord_Howe", "Pacific/Chatham",  "Asia/Kathmandu",
        "UTC",           "America/St_Johns", "America/New_York",    "Asia/Shanghai"};
    rules r;
    r.zone = zones[static_cast<std::size_t>(d.roll(0, static_cast<int>(zones.size()) - 1))];
    for (auto& hours : r.weekly)
        if (d.chance(75)) hours = random_hours(d);
    if (std::ranges::all_of(r.weekly, [](const auto& h) { return h.empty(); })) r.weekly[0] = {{hours(9), hours(17)}};
    if (d.chance(30)) r.makeup = random_hours(d);
    random_years(d, r, first);
    return r;
}

/// What the wall shows in each minute of the window and whether that is open time. A clock that was put back is read as
/// standing still until it has caught up, which is what "an hour that comes twice means its first pass" amounts to.
class reference
{
public:
    reference(const rules& r, instant first) : first_(first)
    {
        const auto* zone = date::locate_zone(r.zone);
        auto info = zone->get_info(floor<seconds>(first - days(1)));
        std::int64_t wall = 0, table_of = -1;
        std::vector<char> open_today;
        for (int m = -24 * 60; m < window_minutes; ++m) {
            const auto now = floor<seconds>(first) + minutes(m);
            if (now >= info.end) info = zone->get_info(now);
            wall = std::max(wall, floor<minutes>((now + info.offset).time_since_epoch()).count());
            if (m < 0) continue;
            const auto day = wall / 1440;
            if (day != table_of) {
                table_of = day;
                open_today.assign(1440, 0);
                for (const auto& h : r.hours_on(local_day(days(day))))
                    std::fill(open_today.begin() + h.from.count(), open_today.begin() + h.to.count(), char(1));
                workday_of_[day] = std::ranges::find(open_today, char(1)) != open_today.end();
            }
            open_.push_back(open_today[static_cast<std::size_t>(wall % 1440)]);
            day_.push_back(static_cast<int>(day));
        }
    }

    instant minute(int m) const { return first_ + minutes(m); }
    bool open(int m) const { return open_[static_cast<std::size_t>(m)] != 0; }
    /// The day that minute `m` belongs to, and whether that day has any open hours.
    int day(int m) const { return day_[static_cast<std::size_t>(m)]; }
    bool workday(int m) const { return workday_of_.at(day(m)); }
    /// Whether a day ends with minute `m`.
    bool ends_day(int m) const { return m + 1 < window_minutes && day(m + 1) != day(m); }

    int open_between(int from, int to) const
    {
        return static_cast<int>(std::count(open_.begin() + from, open_.begin() + to, char(1)));
    }

private:
    instant first_;
    std::vector<char> open_;
    std::vector<int> day_;
    std::map<std::int64_t, bool> workday_of_;
};

struct event
{
    int minute;
    enum { pauses, resumes, reloads, loads } what;
};

struct outcome
{
    std::optional<instant> due;
    std::vector<std::pair<ladder_step, instant>> steps;
};

/// Counts what the deadline uses, minute by minute.
outcome walk(const reference& before, const reference& after, const target& goal, int start,
             const std::vector<event>& events)
{
    const bool in_days = goal.unit == target_unit::working_days, in_open = goal.unit == target_unit::business_hours;
    const int total = static_cast<int>(goal.unit == target_unit::hours ? goal.count * 60 : goal.count);
    const int half_at = (total + 1) / 2;
    int warn_at = (total * 8 + 9) / 10;
    if (in_days && total > 1) warn_at = std::min(warn_at, total - 1);

    outcome out;
    bool running = true, loaded = false;
    int used = 0, overdue_days = 0, due_day = 0;
    const int start_day = before.day(start);
    auto next = events.begin();
    for (int m = start; m < window_minutes; ++m) {
        for (; next != events.end() && next->minute == m; ++next) {
            if (next->what == event::pauses) running = false;
            if (next->what == event::resumes) running = true;
            if (next->what == event::loads) loaded = true;
        }
        if (!running) continue;
        const auto& now = loaded ? after : before;
        if (!out.due) {
            const bool counts =
                in_days ? now.ends_day(m) && now.workday(m) && now.day(m) > start_day : !in_open || now.open(m);
            if (!counts) continue;
            ++used;
            const auto moment = in_days ? now.minute(m + 1) - seconds(1) : now.minute(m + 1);
            if (used == half_at) out.steps.emplace_back(ladder_step::half, moment);
            if (used == warn_at) out.steps.emplace_back(ladder_step::warning, moment);
            if (used == total) {
                out.steps.emplace_back(ladder_step::breach, moment);
                out.due = moment;
                // A due at midnight belongs to the day that begins.
                due_day = in_days || m + 1 == window_minutes ? now.day(m) : now.day(m + 1);
            }
        } else if (now.ends_day(m) && now.workday(m) && now.day(m) > due_day) {
            const auto moment = now.minute(m + 1) - seconds(1);
            if (++overdue_days == 1) out.steps.emplace_back(ladder_step::plus_1wd, moment);
            if (overdue_days == 5) out.steps.emplace_back(ladder_step::plus_5wd, moment);
            if (overdue_days > 5) out.steps.emplace_back(ladder_step::daily_repeat, moment);
        }
    }
    return out;
}

target random_goal(dice& d)
{
    switch (d.roll(0, 4)) {
    case 0: return {target_unit::hours, d.roll(1, 400), {}};
    case 1:
    case 2: return {target_unit::business_hours, 10 * d.roll(1, d.chance(50) ? 100 : 900), {}};
    default: return {target_unit::working_days, d.roll(1, d.chance(70) ? 8 : 20), {}};
    }
}

std::string described(const std::vector<std::pair<ladder_step, instant>>& steps)
{
    std::string text;
    for (const auto& [step, moment] : steps)
        text += std::string(to_string(step)) + ' ' + to_rfc3339(moment) + '\n';
    return text;
}

/// A pause and a resume each, and perhaps a calendar load that is either the same again or another.
std::vector<event> random_events(dice& d, int start, bool loads)
{
    std::vector<event> events;
    int m = start;
    for (int i = d.roll(0, 4); i > 0; --i) {
        const int longest = d.chance(50) ? 600 : 6000;
        events.push_back({m += d.roll(0, longest), event::pauses});
        events.push_back({m += d.roll(0, longest), event::resumes});
    }
    events.push_back({m += d.roll(0, 3000), loads ? event::loads : event::reloads});
    std::erase_if(events, [](const event& e) { return e.minute >= window_minutes; });
    return events;
}

void check_calendar(unsigned seed)
{
    dice d(seed);
    // Half of them around the days on which clocks change in most places.
    static constexpr std::array around{"2026-02-20", "2026-03-20", "2026-04-10", "2025-09-01", "2026-10-10"};
    const auto first = d.chance(50) ? local_day(2025y / 1 / 1) + days(d.roll(0, 700))
                                    : on(around[static_cast<std::size_t>(d.roll(0, 4))]) + days(d.roll(-25, 5));
    auto r = random_rules(d, first);
    const auto cal = r.make();
    const instant origin(first.time_since_epoch() + minutes(d.roll(0, 1439)));
    const reference ref(r, origin);

    for (int i = 0; i < 3; ++i) {
        const int from = d.roll(0, window_minutes - 1), to = d.roll(from, window_minutes - 1);
        ASSERT_EQ(cal.business_time(ref.minute(from), ref.minute(to)), minutes(ref.open_between(from, to)))
            << r.zone << ' ' << to_rfc3339(ref.minute(from)) << " to " << to_rfc3339(ref.minute(to));
    }

    const bool loads = d.chance(30);
    auto changed = r;
    if (loads) random_years(d, changed, first);
    const auto cal_after = changed.make();
    const auto goal = random_goal(d);
    const int start = d.roll(0, 20 * 1440);
    const auto events = random_events(d, start, loads);
    const auto expected =
        loads ? walk(ref, reference(changed, origin), goal, start, events) : walk(ref, ref, goal, start, events);

    auto own = start_deadline(deadline_kind::resolve, 0, goal, cal, 1, ref.minute(start));
    std::vector<std::pair<ladder_step, instant>> taken;
    const auto* in_force = &cal;
    const auto run_until = [&](instant limit) {
        while (own.next_step_at && *own.next_step_at <= limit) {
            const auto moment = *own.next_step_at;
            taken.emplace_back(take_step(own, *in_force, moment).value(), moment);
        }
    };
    for (const auto& e : events) {
        const auto now = ref.minute(e.minute);
        run_until(now);
        switch (e.what) {
        case event::pauses: pause(own, *in_force, now); break;
        case event::resumes: resume(own, *in_force, now); break;
        case event::reloads: recount(own, cal, cal, now); break;
        case event::loads:
            recount(own, cal, cal_after, now);
            in_force = &cal_after;
            break;
        }
    }
    // The last day of the window has no end in it.
    const auto end = ref.minute(window_minutes - 3 * 1440);
    run_until(end);
    const auto what = r.zone + ' ' + to_string(goal) + " from " + to_rfc3339(ref.minute(start));
    if (expected.due && *expected.due <= end && own.state == deadline_state::running) {
        EXPECT_EQ(to_rfc3339(own.due_at), to_rfc3339(*expected.due)) << what;
    }
    const auto comparable = [&](std::vector<std::pair<ladder_step, instant>> steps) {
        // A load changes which days count after the due as well; of that only the part up to the due is compared.
        std::erase_if(steps, [&](const auto& s) { return s.second > end || (loads && s.first > ladder_step::breach); });
        return described(steps);
    };
    EXPECT_EQ(comparable(taken), comparable(expected.steps)) << what;

    usage sum;
    auto reached = own.started_at;
    for (const auto& s : explain(own, *in_force, end)) {
        EXPECT_EQ(s.from, reached) << what;
        reached = s.to;
        sum.time += s.counted;
        sum.days += s.counted_days;
    }
    const auto used = used_until(own, *in_force, end);
    EXPECT_EQ(sum.time, used.time) << what;
    EXPECT_EQ(sum.days, used.days) << what;
}

TEST(DeadlineReference, RandomCalendarsCountLikeAWatchReadMinuteByMinute)
{
    const auto* only = std::getenv("HUIYIN_TEST_SEED");
    const auto* full = std::getenv("HUIYIN_TEST_FULL");
    const unsigned count = full != nullptr && std::string_view(full) == "1" ? 10'000 : 500;
    const unsigned first = only != nullptr ? static_cast<unsigned>(std::stoul(only)) : 1;
    const unsigned last = only != nullptr ? first : count;
    for (unsigned seed = first; seed <= last; ++seed) {
        SCOPED_TRACE("HUIYIN_TEST_SEED=" + std::to_string(seed));
        check_calendar(seed);
        if (HasFailure()) return; // one is enough to look at
    }
}

} // namespace
} // namespace huiyin::domain
