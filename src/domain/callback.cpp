#include <huiyin/domain/callback.hpp>

#include <algorithm>
#include <ranges>

namespace huiyin::domain {

namespace {

std::chrono::minutes minute_of_day(const calendar& cal, instant at)
{
    const auto wall = cal.to_local(at);
    return std::chrono::floor<std::chrono::minutes>(wall - std::chrono::floor<std::chrono::days>(wall));
}

int part_of(const callback_plan& plan, std::chrono::minutes minute)
{
    const auto later = std::ranges::upper_bound(plan.part_begins, minute);
    return std::max(0, static_cast<int>(later - plan.part_begins.begin()) - 1);
}

auto of_round(const std::vector<callback_attempt>& attempts, int round)
{
    return attempts | std::views::filter([round](const auto& a) { return a.round == round; });
}

int attempts_in(const std::vector<callback_attempt>& attempts, int round)
{
    return static_cast<int>(std::ranges::distance(of_round(attempts, round)));
}

int parts_in(const std::vector<callback_attempt>& attempts, int round)
{
    unsigned seen = 0;
    int count = 0;
    for (const auto& a : of_round(attempts, round)) {
        const auto bit = 1U << static_cast<unsigned>(a.day_part);
        if (!(seen & bit)) ++count;
        seen |= bit;
    }
    return count;
}

} // namespace

result<void> check_answers(const answers& said)
{
    if (said.solved == solved_answer::unasked) return fail(errc::solved_answer_required);
    for (const auto& score : {said.result, said.time, said.attitude})
        if (score && (*score < 1 || *score > 5)) return fail(errc::invalid_field, "a score is 1 to 5");
    return {};
}

satisfaction_level judged(const answers& said)
{
    using enum satisfaction_level;
    switch (said.solved) {
    case solved_answer::unasked: return unknown;
    case solved_answer::no: return unsatisfied;
    case solved_answer::partly: return said.result && *said.result >= 4 ? satisfied : unsatisfied;
    case solved_answer::yes: break;
    }
    if (!said.result || *said.result == 3) return neutral;
    return *said.result >= 4 ? satisfied : unsatisfied;
}

bool in_callback_hours(const callback_plan& plan, const calendar& cal, instant at)
{
    const auto minute = minute_of_day(cal, at);
    return std::ranges::any_of(plan.hours, [&](const auto& open) { return open.from <= minute && minute < open.to; });
}

int day_part(const callback_plan& plan, const calendar& cal, instant at)
{
    return part_of(plan, minute_of_day(cal, at));
}

instant next_callback_time(const callback_plan& plan, const calendar& cal, instant from)
{
    if (plan.hours.empty() || in_callback_hours(plan, cal, from)) return from;
    for (auto day = cal.day_of(from);; day += std::chrono::days(1))
        for (const auto& open : plan.hours) {
            const auto begin = cal.to_instant(local_instant(day) + open.from);
            if (begin >= from && in_callback_hours(plan, cal, begin)) return begin;
        }
}

instant next_attempt_from(const callback_plan& plan, const std::vector<callback_attempt>& attempts, int round,
                          instant now)
{
    const auto last = std::ranges::find(attempts.rbegin(), attempts.rend(), round, &callback_attempt::round);
    if (last == attempts.rend()) return now;
    return last->wished_at.value_or(last->at + plan.min_gap);
}

instant proposed_attempt(const callback_plan& plan, const calendar& cal, const std::vector<callback_attempt>& attempts,
                         int round, instant now)
{
    const auto earliest = next_callback_time(plan, cal, std::max(now, next_attempt_from(plan, attempts, round, now)));
    const bool part_is_missing =
        attempts_in(attempts, round) + 1 >= plan.max_attempts && parts_in(attempts, round) + 1 == plan.min_day_parts;
    if (!part_is_missing) return earliest;
    const auto tried = [&](int part) {
        return std::ranges::any_of(of_round(attempts, round), [&](const auto& a) { return a.day_part == part; });
    };
    if (!tried(day_part(plan, cal, earliest))) return earliest;
    for (auto day = cal.day_of(earliest); day <= cal.day_of(earliest) + std::chrono::days(1);
         day += std::chrono::days(1))
        for (const auto& open : plan.hours)
            for (const auto begin : plan.part_begins) {
                const auto minute = std::max(open.from, begin);
                const auto at = cal.to_instant(local_instant(day) + minute);
                if (minute < open.to && at >= earliest && !tried(part_of(plan, minute))) return at;
            }
    return earliest;
}

bool attempts_exhausted(const callback_plan& plan, const std::vector<callback_attempt>& attempts, int round)
{
    return attempts_in(attempts, round) >= plan.max_attempts && parts_in(attempts, round) >= plan.min_day_parts;
}

} // namespace huiyin::domain
