#pragma once

#include <huiyin/domain/deadline.hpp>

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

namespace huiyin::sim {

using namespace std::chrono_literals;
using std::chrono::days;
using std::chrono::microseconds;

/// When the steps of one clock must come, worked out from what was seen of it from outside: its beginning, its target,
/// its calendar, and when it stood still. Knows calendar days and open hours, but nothing of deadline.cpp.
class ladder_watch
{
public:
    ladder_watch(const domain::deadline& begun, const domain::calendar& by)
        : goal_(begun.goal), calendar_(&by), started_(begun.started_at), window_(domain::is_window(begun.kind)),
          next_(window_ ? breach : half)
    {
        if (begun.agreed) agreed_ = begun.due_at;
        plan();
    }

    /// Empty while it stands still, or when nothing more comes.
    std::optional<instant> next_at() const { return next_at_; }
    domain::ladder_step next_step() const { return step_of(next_); }
    bool takes_steps() const { return running_; }

    void pause(instant now)
    {
        running_ = false;
        still_.push_back({now, now});
        plan();
    }
    void resume(instant now)
    {
        running_ = true;
        still_.back().second = now;
        plan();
    }
    /// What was agreed takes the place of the target; a step already taken may come again, `half` excepted.
    void agree(instant due, instant now)
    {
        agreed_ = due;
        moved_at_ = now;
        const int taken = next_;
        next_ = std::min(taken, static_cast<int>(warning));
        while (next_ < taken && moment(next_).value_or(now) <= now)
            ++next_;
        plan();
    }
    /// The step that comes now; of several late repeats one stands for all.
    void took(instant now)
    {
        ++next_;
        while (next_ > first_repeat && moment(next_).value_or(now + 1s) <= now)
            ++next_;
        plan();
    }
    /// False for an agreed date that stood still since, of a clock that counts days or open hours: then it moved by
    /// what the clock would have used meanwhile, which is not retold here.
    bool is_exact() const
    {
        using unit = domain::target_unit;
        if (!moved_at_ || (goal_.unit != unit::working_days && goal_.unit != unit::business_hours)) return true;
        return std::ranges::none_of(still_, [&](const auto& each) { return each.first >= *moved_at_; });
    }
    /// With all that it stood still for; empty while it does.
    std::optional<instant> due() const { return moment(breach); }

private:
    enum { half, warning, breach, plus_1wd, plus_5wd, first_repeat };

    static domain::ladder_step step_of(int index)
    {
        return static_cast<domain::ladder_step>(std::min(index, static_cast<int>(first_repeat)));
    }
    void plan() { next_at_ = running_ && !(window_ && next_ > breach) ? moment(next_) : std::nullopt; }

    bool in_days() const { return goal_.unit == domain::target_unit::working_days && !agreed_; }
    bool in_open_time() const { return goal_.unit == domain::target_unit::business_hours && !agreed_; }

    /// Cutoffs: by the time of day it began.
    instant by_the_wall() const
    {
        auto day = calendar_->day_of(started_);
        auto since_midnight =
            std::chrono::floor<microseconds>(calendar_->to_local(started_) - domain::local_instant(day));
        while (!calendar_->is_workday(day)) {
            day += days(1);
            since_midnight = 0us;
        }
        for (const auto& each : goal_.cutoffs) {
            if (since_midnight >= each.before) continue;
            for (int left = each.day_offset; left > 0;) {
                day += days(1);
                left -= calendar_->is_workday(day);
            }
            return calendar_->to_instant(domain::local_instant(day) + each.due);
        }
        return started_;
    }

    std::int64_t total() const
    {
        using unit = domain::target_unit;
        if (agreed_ && !moved_at_) return (*agreed_ - started_).count();
        switch (goal_.unit) {
        case unit::minutes:
        case unit::business_hours: return microseconds(std::chrono::minutes(goal_.count)).count();
        case unit::hours: return microseconds(std::chrono::hours(goal_.count)).count();
        case unit::days: return microseconds(days(goal_.count)).count();
        case unit::working_days: return goal_.count;
        case unit::cutoffs: return (by_the_wall() - started_).count();
        }
        return 0;
    }

    /// Stretches in which it ran.
    std::vector<std::pair<instant, instant>> ran() const
    {
        std::vector<std::pair<instant, instant>> all;
        auto from = started_;
        for (const auto& [begin, end] : still_) {
            all.emplace_back(from, begin);
            from = end;
        }
        if (running_) all.emplace_back(from, from + days(800));
        return all;
    }

    /// When so much of it was used; empty where it stands still before.
    std::optional<instant> when_used(std::int64_t wanted) const
    {
        if (in_days()) return end_of_workday(calendar_->day_of(started_), wanted);
        for (const auto& [from, to] : ran()) {
            if (!in_open_time()) {
                if (to - from >= microseconds(wanted)) return from + microseconds(wanted);
                wanted -= (to - from).count();
                continue;
            }
            for (auto at = from; at < to; at += days(20))
                for (const auto& open : calendar_->open_spans(at, std::min(to, at + days(20)))) {
                    if (open.to - open.from >= microseconds(wanted)) return open.from + microseconds(wanted);
                    wanted -= (open.to - open.from).count();
                }
        }
        return std::nullopt;
    }

    /// The last second of the n-th workday after `day` at whose end it ran.
    std::optional<instant> end_of_workday(domain::local_day day, std::int64_t n) const
    {
        const auto all = ran();
        if (all.empty()) return std::nullopt;
        while (calendar_->start_of(day) < all.back().second) {
            day += days(1);
            if (!calendar_->is_workday(day)) continue;
            const auto end = calendar_->end_of(day);
            if (std::ranges::none_of(all, [&](const auto& each) { return each.first < end && end <= each.second; }))
                continue;
            if (--n == 0) return calendar_->last_second_of(day);
        }
        return std::nullopt;
    }

    std::optional<instant> due_at() const
    {
        if (!agreed_) return when_used(total());
        // A date that was agreed moves only by what the clock stood still since.
        auto due = *agreed_;
        for (const auto& [begin, end] : still_)
            if (begin >= moved_at_.value_or(started_) && begin < due) due += end - begin;
        return due;
    }

    std::optional<instant> moment(int index) const
    {
        const auto due = due_at();
        if (index == breach || !due) return due;
        if (index < breach) {
            if (moved_at_) return before_moved(index, *due);
            const auto all = total();
            auto wanted = index == half ? (all + 1) / 2 : (4 * all + 4) / 5;
            if (index == warning && in_days() && all >= 2) wanted = std::min(wanted, all - 1);
            const auto at = when_used(wanted);
            return at ? std::min(*at, *due) : at;
        }
        const auto overdue = index == plus_1wd ? 1 : index == plus_5wd ? 5 : index + 1;
        return end_of_workday(calendar_->day_of(*due), overdue);
    }

    /// Half or 80 % of the whole, as the target counts: what was used when the date was moved, and what was to come
    /// then.
    std::optional<instant> before_moved(int index, instant due) const
    {
        using unit = domain::target_unit;
        const auto count = [&](instant from, instant to) -> std::int64_t {
            if (to <= from) return 0;
            if (goal_.unit == unit::working_days) {
                std::int64_t ends = 0;
                for (auto day = std::max(calendar_->day_of(started_) + days(1), calendar_->day_of(from));
                     calendar_->end_of(day) <= to; day += days(1))
                    ends += calendar_->is_workday(day);
                return ends;
            }
            if (goal_.unit == unit::business_hours) return calendar_->business_time(from, to).count();
            return (to - from).count();
        };
        const auto moved = *moved_at_;
        std::int64_t used = 0;
        auto from = started_;
        for (const auto& [begin, end] : still_)
            if (end <= moved) {
                used += count(from, begin);
                from = end;
            }
        used += count(from, moved);
        const bool by_days = goal_.unit == unit::working_days;
        const auto all = used + count(moved, by_days ? calendar_->end_of(calendar_->day_of(*agreed_)) : *agreed_);
        auto wanted = index == half ? (all + 1) / 2 : (4 * all + 4) / 5;
        if (index == warning && by_days && all >= 2) wanted = std::min(wanted, all - 1);
        if (wanted <= used) return std::min(moved, due);
        wanted -= used;
        if (by_days) {
            for (auto day = std::max(calendar_->day_of(started_) + days(1), calendar_->day_of(moved));; day += days(1))
                if (calendar_->is_workday(day) && --wanted == 0) return std::min(calendar_->last_second_of(day), due);
        }
        if (goal_.unit == unit::business_hours) {
            for (const auto& open : calendar_->open_spans(moved, due + days(1))) {
                if (open.to - open.from >= microseconds(wanted)) return std::min(open.from + microseconds(wanted), due);
                wanted -= (open.to - open.from).count();
            }
            return due;
        }
        auto at = moved + microseconds(wanted);
        for (const auto& [begin, end] : still_)
            if (begin >= moved && begin < at) at += end - begin;
        return std::min(at, due);
    }

    domain::target goal_;
    const domain::calendar* calendar_;
    instant started_;
    bool window_;
    int next_;
    bool running_ = true;
    std::optional<instant> agreed_;
    std::optional<instant> moved_at_;
    std::vector<std::pair<instant, instant>> still_;
    std::optional<instant> next_at_;
};

} // namespace huiyin::sim
