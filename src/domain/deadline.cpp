#include <huiyin/domain/deadline.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

namespace huiyin::domain {

using namespace std::chrono;

namespace {

constexpr std::array<std::pair<deadline_kind, std::string_view>, deadline_kind_count> kind_names{{
    {deadline_kind::first_response, "first_response"},
    {deadline_kind::dispatch, "dispatch"},
    {deadline_kind::accept, "accept"},
    {deadline_kind::return_window, "return_window"},
    {deadline_kind::contact_customer, "contact_customer"},
    {deadline_kind::on_site, "on_site"},
    {deadline_kind::solution, "solution"},
    {deadline_kind::approve, "approve"},
    {deadline_kind::resolve, "resolve"},
    {deadline_kind::progress_update, "progress_update"},
    {deadline_kind::promise_due, "promise_due"},
    {deadline_kind::urge_reply, "urge_reply"},
    {deadline_kind::callback, "callback"},
    {deadline_kind::rework, "rework"},
    {deadline_kind::hold_max, "hold_max"},
    {deadline_kind::review, "review"},
    {deadline_kind::invalid_reply, "invalid_reply"},
    {deadline_kind::archive, "archive"},
    {deadline_kind::supervision_reply, "supervision_reply"},
    {deadline_kind::fallback, "fallback"},
}};

constexpr std::array<std::pair<deadline_state, std::string_view>, 5> state_names{{
    {deadline_state::running, "running"},
    {deadline_state::paused, "paused"},
    {deadline_state::met, "met"},
    {deadline_state::missed, "missed"},
    {deadline_state::cancelled, "cancelled"},
}};

constexpr int half_index = static_cast<int>(ladder_step::half);
constexpr int warning_index = static_cast<int>(ladder_step::warning);
constexpr int breach_index = static_cast<int>(ladder_step::breach);
constexpr int first_repeat_index = static_cast<int>(ladder_step::daily_repeat);

ladder_step step_of(int index)
{
    return static_cast<ladder_step>(std::min(index, first_repeat_index));
}

/// Workdays after the due one, at whose end a step past `breach` falls: 1, 5, then 6, 7, …
std::int64_t overdue_days_of(int index)
{
    return step_of(index) == ladder_step::plus_1wd ? 1 : index + 1;
}

bool still_open(const deadline& d)
{
    return d.state == deadline_state::running || d.state == deadline_state::paused;
}

/// One deadline's way of counting: microseconds of clock time or of open time, or the day-ends of workdays after the
/// start's day. A stretch is (from, to] for day-ends, so that stretches that meet add up.
class deadline_clock
{
public:
    deadline_clock(const deadline& d, const calendar& cal) : d_(d), cal_(cal) {}

    bool in_days() const { return d_.goal.unit == target_unit::working_days; }
    bool in_open_time() const { return d_.goal.unit == target_unit::business_hours; }

    std::int64_t between(instant from, instant to) const
    {
        if (to <= from) return 0;
        if (in_days()) return cal_.workdays(first_day(from), cal_.day_of(to) - days(1));
        if (in_open_time()) return cal_.business_time(from, to).count();
        return (to - from).count();
    }

    /// Like `between`, but the due day counts although it is due a second before it ends.
    std::int64_t until_due(instant from) const
    {
        if (d_.due_at <= from) return 0;
        return in_days() ? cal_.workdays(first_day(from), cal_.day_of(d_.due_at)) : between(from, d_.due_at);
    }

    /// When `amount` more is used from `from` on; `amount` is above 0.
    instant after(instant from, std::int64_t amount) const
    {
        if (in_days()) return cal_.last_second_of(nth_day(from, amount));
        if (in_open_time()) return cal_.add_business_time(from, microseconds(amount));
        return from + microseconds(amount);
    }

    /// The due instant with `amount` left at `from`. A due at an agreed hour of the day keeps its hour.
    instant due_after(instant from, std::int64_t amount) const
    {
        if (!in_days()) return after(from, amount);
        const auto day = nth_day(from, amount), due_day = cal_.day_of(d_.due_at);
        if (d_.due_at == cal_.last_second_of(due_day)) return cal_.last_second_of(day);
        const auto at_its_hour = cal_.to_instant(day + (cal_.to_local(d_.due_at) - local_instant(due_day)));
        return at_its_hour > from ? at_its_hour : cal_.last_second_of(day);
    }

    std::int64_t used_at_anchor() const { return in_days() ? d_.used_days : d_.used.count(); }

private:
    local_day first_day(instant from) const
    {
        return std::max(cal_.day_of(d_.started_at) + days(1), cal_.day_of(from));
    }
    local_day nth_day(instant from, std::int64_t n) const { return cal_.workday_after(first_day(from) - days(1), n); }

    const deadline& d_;
    const calendar& cal_;
};

/// Ends the present stretch at `at`; the next one begins there.
void close_stretch(deadline& d, const calendar& cal, instant at)
{
    if (at <= d.counted_to) return;
    const deadline_clock own(d, cal);
    piece p{
        .from = d.counted_to, .to = at, .ran = d.state == deadline_state::running, .counted = {}, .counted_days = 0};
    if (p.ran) {
        const auto amount = own.between(p.from, p.to);
        if (own.in_days())
            p.counted_days = amount;
        else
            p.counted = microseconds(amount);
    }
    d.counted_to = at;
    d.used += p.counted;
    d.used_days += p.counted_days;
    d.history.push_back(p);
}

/// Day-ends of workdays after the due day, in (from, to].
std::int64_t overdue_days(const deadline& d, const calendar& cal, instant from, instant to)
{
    from = std::max(from, d.due_at);
    if (to <= from) return 0;
    return cal.workdays(std::max(cal.day_of(d.due_at) + days(1), cal.day_of(from)), cal.day_of(to) - days(1));
}

/// When a step falls if the clock runs on from `counted_to`. For steps that fell before that, an instant not after it.
instant moment_of(const deadline& d, const calendar& cal, int index)
{
    if (index == breach_index) return d.due_at;
    if (index < breach_index) {
        if (d.counted_to >= d.due_at) return d.due_at;
        const deadline_clock own(d, cal);
        const auto used = own.used_at_anchor(), total = used + own.until_due(d.counted_to);
        auto wanted = index == half_index ? (total + 1) / 2 : (4 * total + 4) / 5;
        if (index == warning_index && own.in_days() && total >= 2) wanted = std::min(wanted, total - 1);
        if (wanted <= used) return std::min(d.counted_to, d.due_at);
        return std::min(own.after(d.counted_to, wanted - used), d.due_at);
    }
    auto wanted = overdue_days_of(index);
    for (const auto& p : d.history)
        if (p.ran) wanted -= overdue_days(d, cal, p.from, p.to);
    const auto from = std::max(d.counted_to, d.due_at);
    if (wanted <= 0) return from;
    const auto first = std::max(cal.day_of(d.due_at) + days(1), cal.day_of(from));
    return cal.last_second_of(cal.workday_after(first - days(1), wanted));
}

void set_next_step_at(deadline& d, const calendar& cal)
{
    const bool none = d.state != deadline_state::running || (is_window(d.kind) && d.next_step > breach_index);
    d.next_step_at = none ? std::nullopt : std::optional(moment_of(d, cal, d.next_step));
}

/// After another due: steps already taken come again if their moment lies ahead now, `half` excepted.
void take_steps_again(deadline& d, const calendar& cal)
{
    const int taken = d.next_step;
    d.next_step = std::min(taken, is_window(d.kind) ? breach_index : warning_index);
    while (d.next_step < taken && moment_of(d, cal, d.next_step) <= d.counted_to)
        ++d.next_step;
    set_next_step_at(d, cal);
}

/// Of a target of this deadline's, in what it counts.
std::int64_t total_of(const deadline& d, const calendar& cal)
{
    switch (d.goal.unit) {
    case target_unit::minutes: return microseconds(minutes(d.goal.count)).count();
    case target_unit::hours: return microseconds(hours(d.goal.count)).count();
    case target_unit::days: return microseconds(days(d.goal.count)).count();
    case target_unit::business_hours: return microseconds(minutes(d.goal.count)).count();
    case target_unit::working_days: return d.goal.count;
    case target_unit::cutoffs: break;
    }
    return (due_from(d.goal, cal, d.started_at) - d.started_at).count();
}

/// By which of three ways a target counts: clock time, open time, day-ends.
int way_of_counting(const target& goal)
{
    if (goal.unit == target_unit::working_days) return 2;
    return goal.unit == target_unit::business_hours ? 1 : 0;
}

/// What it ran, counted in the way of its goal.
void count_history_again(deadline& d, const calendar& cal)
{
    const deadline_clock own(d, cal);
    d.used = {};
    d.used_days = 0;
    for (auto& p : d.history) {
        p.counted = {};
        p.counted_days = 0;
        if (!p.ran) continue;
        const auto amount = own.between(p.from, p.to);
        if (own.in_days())
            p.counted_days = amount;
        else
            p.counted = microseconds(amount);
        d.used += p.counted;
        d.used_days += p.counted_days;
    }
}

deadline begin_deadline(deadline_kind kind, int round, const calendar& cal, int policy_version, instant now)
{
    deadline d;
    d.kind = kind;
    d.round = round;
    d.calendar = cal.name();
    d.policy_version = policy_version;
    d.started_at = d.counted_to = now;
    d.next_step = is_window(kind) ? breach_index : half_index;
    return d;
}

} // namespace

std::string_view to_string(deadline_kind k)
{
    return kind_names[static_cast<std::size_t>(k)].second;
}

std::optional<deadline_kind> parse_deadline_kind(std::string_view name)
{
    for (const auto& [k, n] : kind_names)
        if (n == name) return k;
    return {};
}

bool is_window(deadline_kind k)
{
    return k == deadline_kind::return_window || k == deadline_kind::hold_max || k == deadline_kind::archive ||
           k == deadline_kind::fallback;
}

std::string_view to_string(deadline_state s)
{
    return state_names[static_cast<std::size_t>(s)].second;
}

std::optional<deadline_state> parse_deadline_state(std::string_view name)
{
    for (const auto& [s, n] : state_names)
        if (n == name) return s;
    return {};
}

std::string_view to_string(ladder_step s)
{
    switch (s) {
    case ladder_step::half: return "half";
    case ladder_step::warning: return "warning";
    case ladder_step::breach: return "breach";
    case ladder_step::plus_1wd: return "plus_1wd";
    case ladder_step::plus_5wd: return "plus_5wd";
    case ladder_step::daily_repeat: return "daily_repeat";
    }
    return "";
}

deadline start_deadline(deadline_kind kind, int round, const target& goal, const calendar& cal, int policy_version,
                        instant now)
{
    auto d = begin_deadline(kind, round, cal, policy_version, now);
    d.goal = goal;
    d.due_at = d.original_due_at = due_from(goal, cal, now);
    set_next_step_at(d, cal);
    return d;
}

deadline start_deadline_at(deadline_kind kind, int round, instant due, const calendar& cal, int policy_version,
                           instant now)
{
    auto d = begin_deadline(kind, round, cal, policy_version, now);
    d.goal = {.unit = target_unit::minutes,
              .count = std::max<std::int64_t>(1, ceil<minutes>(due - now).count()),
              .cutoffs = {}};
    d.due_at = d.original_due_at = due;
    d.agreed = true;
    set_next_step_at(d, cal);
    return d;
}

void pause(deadline& d, const calendar& cal, instant now)
{
    if (d.state != deadline_state::running) return;
    close_stretch(d, cal, now);
    d.state = deadline_state::paused;
    d.paused_at = d.counted_to;
    set_next_step_at(d, cal);
}

void resume(deadline& d, const calendar& cal, instant now)
{
    if (d.state != deadline_state::paused) return;
    const auto paused = d.counted_to;
    now = std::max(now, paused);
    if (paused < d.due_at) {
        const deadline_clock own(d, cal);
        const auto left = own.until_due(paused);
        if (now > d.due_at || own.between(paused, now) > 0) {
            // Nothing left by its own clock: an agreed hour on a closed day.
            const auto moved = left > 0 ? own.due_after(now, left) : d.due_at + (now - paused);
            d.due_at = std::max(d.due_at, moved);
        }
    }
    close_stretch(d, cal, now);
    d.state = deadline_state::running;
    d.paused_at.reset();
    set_next_step_at(d, cal);
}

void stop(deadline& d, instant at)
{
    if (!still_open(d)) return;
    const bool late = d.paused_at.value_or(at) > d.due_at && !is_window(d.kind);
    d.state = late ? deadline_state::missed : deadline_state::met;
    d.breached = d.breached || late;
    d.stopped_at = at;
    d.next_step_at.reset();
}

void cancel(deadline& d, instant at)
{
    if (!still_open(d)) return;
    d.state = deadline_state::cancelled;
    d.stopped_at = at;
    d.next_step_at.reset();
}

void move_due(deadline& d, const calendar& cal, instant new_due, instant now)
{
    if (!still_open(d)) return;
    close_stretch(d, cal, now);
    if (d.paused_at) d.paused_at = d.counted_to;
    d.due_at = new_due;
    d.agreed = true;
    take_steps_again(d, cal);
}

std::optional<ladder_step> take_step(deadline& d, const calendar& cal, instant now)
{
    if (d.state != deadline_state::running || !d.next_step_at || *d.next_step_at > now) return {};
    const auto step = step_of(d.next_step);
    if (step == ladder_step::breach && !is_window(d.kind)) d.breached = true;
    do {
        ++d.next_step;
        set_next_step_at(d, cal);
    } while (step == ladder_step::daily_repeat && *d.next_step_at <= now);
    return step;
}

void recount(deadline& d, const calendar& before, const calendar& after, instant now)
{
    if (!still_open(d)) return;
    if (d.state == deadline_state::running) close_stretch(d, before, now);
    if (d.counted_to < d.due_at && !d.agreed) {
        if (d.goal.unit == target_unit::cutoffs) {
            const auto moved =
                d.due_at + (due_from(d.goal, after, d.started_at) - due_from(d.goal, before, d.started_at));
            if (moved > d.counted_to) d.due_at = moved;
        } else if (const auto left = deadline_clock(d, before).until_due(d.counted_to); left > 0) {
            d.due_at = deadline_clock(d, after).due_after(d.counted_to, left);
        }
    }
    set_next_step_at(d, after);
}

void retarget(deadline& d, const target& goal, const calendar& before, const calendar& after, int policy_version,
              instant now)
{
    if (!still_open(d) || d.agreed || d.paused_at.value_or(std::max(now, d.counted_to)) >= d.due_at) return;
    if (d.state == deadline_state::running) close_stretch(d, before, now);
    const bool counts_otherwise = way_of_counting(goal) != way_of_counting(d.goal);
    d.goal = goal;
    d.calendar = after.name();
    d.policy_version = policy_version;
    if (counts_otherwise) count_history_again(d, after);
    const deadline_clock own(d, after);
    if (const auto left = total_of(d, after) - own.used_at_anchor(); left > 0)
        d.due_at = own.after(d.counted_to, left);
    else
        d.due_at = own.in_days() ? after.last_second_of(after.day_of(d.counted_to)) : d.counted_to;
    take_steps_again(d, after);
}

target rework_target(const deadline& first_round)
{
    const auto of_minutes = [](std::int64_t count) {
        const auto half = (count + 1) / 2;
        if (half % (24 * 60) == 0) return target{target_unit::days, half / (24 * 60), {}};
        if (half % 60 == 0) return target{target_unit::hours, half / 60, {}};
        return target{target_unit::minutes, half, {}};
    };
    const auto& goal = first_round.goal;
    switch (goal.unit) {
    case target_unit::minutes: return {target_unit::minutes, (goal.count + 1) / 2, {}};
    case target_unit::hours: return of_minutes(goal.count * 60);
    case target_unit::days: return of_minutes(goal.count * 24 * 60);
    case target_unit::business_hours:
    case target_unit::working_days: return {goal.unit, (goal.count + 1) / 2, {}};
    case target_unit::cutoffs: break;
    }
    const auto given = ceil<minutes>(first_round.original_due_at - first_round.started_at).count();
    return {target_unit::minutes, std::max<std::int64_t>(1, (given + 1) / 2), {}};
}

bool is_overdue(const deadline& d, instant now)
{
    return still_open(d) && d.paused_at.value_or(now) > d.due_at;
}

bool due_is_provisional(const deadline& d, const calendar& cal)
{
    return still_open(d) && !d.agreed && needs_calendar(d.goal) && !cal.covers(d.started_at, d.due_at);
}

namespace {

/// How far the present stretch reaches: `now`, or the end.
instant stretch_end(const deadline& d, instant now)
{
    return std::max(d.counted_to, d.stopped_at.value_or(now));
}

} // namespace

usage used_until(const deadline& d, const calendar& cal, instant now)
{
    usage total{d.used, d.used_days};
    if (d.paused_at) return total;
    const deadline_clock own(d, cal);
    const auto amount = own.between(d.counted_to, stretch_end(d, now));
    if (own.in_days())
        total.days += amount;
    else
        total.time += microseconds(amount);
    return total;
}

usage left_from(const deadline& d, const calendar& cal, instant now)
{
    if (!still_open(d)) return {};
    const deadline_clock own(d, cal);
    const auto amount = own.until_due(d.paused_at ? *d.paused_at : std::max(now, d.counted_to));
    return own.in_days() ? usage{{}, amount} : usage{microseconds(amount), 0};
}

namespace {

/// Beyond this a stretch is not taken apart: an answer has a bound.
constexpr days longest_listed{1'100};

/// Joins what does not need to be told apart.
void add_segment(std::vector<segment>& list, segment s)
{
    if (s.to <= s.from) return;
    if (!list.empty() && list.back().why == s.why && list.back().to == s.from && s.counted_days == 0) {
        list.back().to = s.to;
        list.back().counted += s.counted;
        return;
    }
    list.push_back(std::move(s));
}

segment counted_time(instant from, instant to, std::string why)
{
    return {from, to, std::max(to - from, microseconds(0)), 0, std::move(why)};
}

segment uncounted(instant from, instant to, std::string why)
{
    return {from, to, microseconds(0), 0, std::move(why)};
}

void list_open_hours(std::vector<segment>& out, const calendar& cal, local_day day, instant from, instant to)
{
    const auto rule = cal.rule_on(day);
    const auto closed = fmt::format("closed ({})", rule), open = fmt::format("open hours ({})", rule);
    auto at = from;
    for (const auto& interval : cal.hours_on(day)) {
        const auto opens = std::clamp(cal.to_instant(local_instant(day) + interval.from), at, to);
        const auto closes = std::clamp(cal.to_instant(local_instant(day) + interval.to), opens, to);
        add_segment(out, uncounted(at, opens, closed));
        add_segment(out, counted_time(opens, closes, open));
        at = closes;
    }
    add_segment(out, uncounted(at, to, closed));
}

segment day_end(const deadline& d, const calendar& cal, local_day day, instant from, instant to)
{
    const auto rule = cal.rule_on(day);
    if (day <= cal.day_of(d.started_at)) return uncounted(from, to, "the start's day does not count");
    if (!cal.is_workday(day)) return uncounted(from, to, fmt::format("not a workday ({})", rule));
    if (to < cal.end_of(day)) return uncounted(from, to, fmt::format("workday ({}), did not run at its end", rule));
    return {from, to, microseconds(0), 1, fmt::format("workday ({}) counts", rule)};
}

std::vector<segment> take_apart(const deadline& d, const calendar& cal, instant from, instant to)
{
    const deadline_clock own(d, cal);
    std::vector<segment> out;
    if (!own.in_days() && !own.in_open_time()) {
        add_segment(out, counted_time(from, to, "clock time"));
        return out;
    }
    for (auto day = cal.day_of(from); cal.start_of(day) < to; day += days(1)) {
        const auto begin = std::max(from, cal.start_of(day)), end = std::min(to, cal.end_of(day));
        if (own.in_days())
            add_segment(out, day_end(d, cal, day, begin, end));
        else
            list_open_hours(out, cal, day, begin, end);
    }
    return out;
}

void list_stretch(std::vector<segment>& out, const deadline& d, const calendar& cal, const piece& p)
{
    if (p.to <= p.from) return;
    if (!p.ran) {
        out.push_back(uncounted(p.from, p.to, "paused"));
        return;
    }
    if (p.to - p.from <= longest_listed) {
        auto parts = take_apart(d, cal, p.from, p.to);
        usage sum;
        for (const auto& s : parts) {
            sum.time += s.counted;
            sum.days += s.counted_days;
        }
        if (sum.time == p.counted && sum.days == p.counted_days) {
            std::ranges::move(parts, std::back_inserter(out));
            return;
        }
    }
    out.push_back({p.from, p.to, p.counted, p.counted_days, "as counted then, by the calendar of that time"});
}

} // namespace

std::vector<segment> explain(const deadline& d, const calendar& cal, instant now)
{
    std::vector<segment> segments;
    for (const auto& p : d.history)
        list_stretch(segments, d, cal, p);
    const auto total = used_until(d, cal, now);
    list_stretch(segments, d, cal,
                 {.from = d.counted_to,
                  .to = stretch_end(d, now),
                  .ran = !d.paused_at,
                  .counted = total.time - d.used,
                  .counted_days = total.days - d.used_days});
    return segments;
}

std::string explained(const deadline& d, const calendar& cal, instant now)
{
    auto text = fmt::format("{} round {}: {} of {}, due {} {}\n", to_string(d.kind), d.round, to_string(d.state),
                            to_string(d.goal), cal.shown(d.due_at), cal.time_zone());
    if (d.original_due_at != d.due_at) text += fmt::format("  first due {}\n", cal.shown(d.original_due_at));
    const bool in_days = way_of_counting(d.goal) == 2;
    for (const auto& s : explain(d, cal, now))
        text += fmt::format("  {} to {}  {:>8} {}  {}\n", cal.shown(s.from), cal.shown(s.to),
                            in_days ? s.counted_days : floor<seconds>(s.counted).count(), in_days ? "wd" : "s", s.why);
    return text;
}

} // namespace huiyin::domain
