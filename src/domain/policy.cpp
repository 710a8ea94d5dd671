#include <huiyin/base/text.hpp>
#include <huiyin/domain/policy.hpp>

#include <algorithm>

namespace huiyin::domain {

const calendar* policy::find_calendar(std::string_view name) const
{
    const auto found = std::ranges::find_if(calendars, [&](const auto& c) { return c->name() == name; });
    return found == calendars.end() ? nullptr : found->get();
}

std::optional<timed_target> target_for(const policy& p, deadline_kind kind)
{
    if (const auto& own = p.targets[static_cast<std::size_t>(kind)]) return own;
    const auto house = [&](target_unit unit, std::int64_t count) {
        return timed_target{{unit, count, {}}, p.default_calendar};
    };
    switch (kind) {
    case deadline_kind::dispatch: return house(target_unit::hours, 2);
    case deadline_kind::accept:
    case deadline_kind::return_window: return house(target_unit::business_hours, 4 * 60);
    case deadline_kind::resolve:
    case deadline_kind::hold_max: return house(target_unit::working_days, 5);
    case deadline_kind::approve:
    case deadline_kind::callback:
    case deadline_kind::review:
    case deadline_kind::invalid_reply:
    case deadline_kind::urge_reply:
    case deadline_kind::supervision_reply: return house(target_unit::working_days, 1);
    case deadline_kind::archive: return house(target_unit::days, 30);
    case deadline_kind::first_response:
    case deadline_kind::contact_customer:
    case deadline_kind::on_site:
    case deadline_kind::solution:
    case deadline_kind::progress_update:
    case deadline_kind::promise_due:
    case deadline_kind::rework:
    case deadline_kind::fallback: return std::nullopt;
    }
    return std::nullopt;
}

std::optional<std::string> banned_phrase_in(const policy& p, std::string_view words)
{
    const auto lowered = lower_ascii(words);
    for (const auto& phrase : p.banned_phrases)
        if (lowered.contains(lower_ascii(phrase))) return phrase;
    return std::nullopt;
}

} // namespace huiyin::domain
