#include <huiyin/base/crypto.hpp>
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

namespace {

bool in_hours(const callback_plan& plan, const calendar& wall, instant at)
{
    const auto minute = minute_of_day(wall, at);
    return std::ranges::any_of(plan.hours, [&](const auto& open) { return open.from <= minute && minute < open.to; });
}

/// The next moment on one wall.
instant next_on(const callback_plan& plan, const calendar& wall, instant from)
{
    if (plan.hours.empty() || in_hours(plan, wall, from)) return from;
    for (auto day = wall.day_of(from);; day += std::chrono::days(1))
        for (const auto& open : plan.hours) {
            const auto begin = wall.to_instant(local_instant(day) + open.from);
            if (begin >= from && in_hours(plan, wall, begin)) return begin;
        }
}

/// The next moment that both walls allow; empty where none comes within two days.
std::optional<instant> next_on_both(const callback_plan& plan, const callback_walls& walls, instant from)
{
    const auto limit = from + std::chrono::days(2);
    for (auto at = from; at < limit;) {
        const auto both = next_on(plan, *walls.customer, next_on(plan, walls.house, at));
        if (in_hours(plan, walls.house, both)) return both;
        at = both;
    }
    return std::nullopt;
}

} // namespace

bool in_callback_hours(const callback_plan& plan, const callback_walls& walls, instant at)
{
    if (!walls.customer) return in_hours(plan, walls.house, at);
    if (!in_hours(plan, *walls.customer, at)) return false;
    return in_hours(plan, walls.house, at) || !next_on_both(plan, walls, at);
}

int day_part(const callback_plan& plan, const callback_walls& walls, instant at)
{
    return part_of(plan, minute_of_day(walls.customer ? *walls.customer : walls.house, at));
}

instant next_callback_time(const callback_plan& plan, const callback_walls& walls, instant from)
{
    if (!walls.customer) return next_on(plan, walls.house, from);
    const auto both = next_on_both(plan, walls, from);
    return both ? *both : next_on(plan, *walls.customer, from);
}

instant next_attempt_from(const callback_plan& plan, const std::vector<callback_attempt>& attempts, int round,
                          instant now)
{
    const auto last = std::ranges::find(attempts.rbegin(), attempts.rend(), round, &callback_attempt::round);
    if (last == attempts.rend()) return now;
    return last->wished_at.value_or(last->at + plan.min_gap);
}

instant proposed_attempt(const callback_plan& plan, const callback_walls& walls,
                         const std::vector<callback_attempt>& attempts, int round, instant now)
{
    const auto earliest = next_callback_time(plan, walls, std::max(now, next_attempt_from(plan, attempts, round, now)));
    const bool part_is_missing =
        attempts_in(attempts, round) + 1 >= plan.max_attempts && parts_in(attempts, round) + 1 == plan.min_day_parts;
    if (!part_is_missing) return earliest;
    const auto tried = [&](int part) {
        return std::ranges::any_of(of_round(attempts, round), [&](const auto& a) { return a.day_part == part; });
    };
    if (!tried(day_part(plan, walls, earliest))) return earliest;
    const auto& wall = walls.customer ? *walls.customer : walls.house;
    for (auto day = wall.day_of(earliest); day <= wall.day_of(earliest) + std::chrono::days(1);
         day += std::chrono::days(1))
        for (const auto& open : plan.hours)
            for (const auto begin : plan.part_begins) {
                const auto minute = std::max(open.from, begin);
                if (minute >= open.to) continue;
                const auto from = std::max(earliest, wall.to_instant(local_instant(day) + minute));
                const auto at = next_callback_time(plan, walls, from);
                if (!tried(day_part(plan, walls, at))) return at;
            }
    return earliest;
}

callback_channel proposed_channel(const callback_plan& plan, const std::vector<callback_attempt>& attempts, int round)
{
    const auto misses = attempts_in(attempts, round);
    auto channel = callback_channel::phone;
    for (const auto& step : plan.channels)
        if (misses >= step.after_misses) channel = step.channel;
    return channel;
}

bool attempts_exhausted(const callback_plan& plan, const std::vector<callback_attempt>& attempts, int round)
{
    return attempts_in(attempts, round) >= plan.max_attempts && parts_in(attempts, round) >= plan.min_day_parts;
}

bool is_sampled(const callback_plan& plan, ticket_id ticket)
{
    const auto hash = sha256(ticket.to_string());
    const auto drawn = (static_cast<unsigned>(hash[0]) << 8U | hash[1]) * 1000U / 65536U;
    return static_cast<int>(drawn) < plan.sample_permille;
}

} // namespace huiyin::domain
