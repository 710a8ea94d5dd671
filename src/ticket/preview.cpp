#include <huiyin/ticket/opening.hpp>
#include <huiyin/ticket/preview.hpp>

#include <algorithm>
#include <array>

namespace huiyin::ticket {

using domain::deadline_kind;

namespace {

/// Each after those that it may begin after.
constexpr std::array predicted{deadline_kind::first_response,   deadline_kind::dispatch,      deadline_kind::fallback,
                               deadline_kind::accept,           deadline_kind::return_window, deadline_kind::on_site,
                               deadline_kind::contact_customer, deadline_kind::solution,      deadline_kind::approve,
                               deadline_kind::resolve,          deadline_kind::review,        deadline_kind::callback};
constexpr std::size_t most_steps = 5;

const domain::deadline* find(const std::vector<foreseen_clock>& among, deadline_kind kind)
{
    const auto it = std::ranges::find(among, kind, [](const auto& each) { return each.deadline.kind; });
    return it == among.end() ? nullptr : &it->deadline;
}

foreseen_clock foreseen_from(domain::deadline d, const domain::calendar& on, std::optional<deadline_kind> after)
{
    foreseen_clock made;
    made.provisional = domain::due_is_provisional(d, on);
    made.after = after;
    made.deadline = d;
    while (made.steps.size() < most_steps && d.next_step_at) {
        const auto at = *d.next_step_at;
        const auto step = domain::take_step(d, on, at);
        if (!step) break;
        made.steps.push_back({*step, at});
    }
    return made;
}

} // namespace

bool stands_still_on_hold(deadline_kind kind)
{
    return kind == deadline_kind::resolve || kind == deadline_kind::rework || kind == deadline_kind::solution;
}

std::optional<deadline_kind> begins_after(deadline_kind kind, bool resolve_from_created)
{
    switch (kind) {
    case deadline_kind::accept:
    case deadline_kind::return_window:
    case deadline_kind::on_site: return deadline_kind::dispatch;
    case deadline_kind::resolve:
    case deadline_kind::solution: return resolve_from_created ? std::nullopt : std::optional(deadline_kind::dispatch);
    case deadline_kind::contact_customer: return deadline_kind::accept;
    case deadline_kind::approve: return deadline_kind::solution;
    case deadline_kind::review: return deadline_kind::resolve;
    case deadline_kind::callback: return deadline_kind::review;
    default: return std::nullopt;
    }
}

result<std::vector<foreseen_clock>> foresee_clocks(const configuration& rules, std::string_view category,
                                                   const std::map<std::string, std::string>& answers,
                                                   instant received_at)
{
    const auto* const found = rules.rules().find_category(category);
    if (!found) return fail(errc::category_unknown);
    opening what;
    what.number = "000000-0000";
    what.customer = customer_id::make();
    what.channel = "web";
    what.category = category;
    what.answers = answers;
    what.problem = domain::text_ref{text_id::make(), {}};
    const auto opened = open(what, rules, domain::actor::anonymous(), received_at);
    if (!opened) return fail(opened.error());

    std::vector<foreseen_clock> clocks;
    const auto of_new = rules.policy_for(category, answers);
    for (const auto& each : opened->decided.next.deadlines)
        if (const auto* const on = of_new.find_calendar(each.calendar))
            clocks.push_back(foreseen_from(each, *on, std::nullopt));

    const auto* const lead = rules.find_department(found->department.department_for(answers));
    const auto policy = rules.policy_for(category, answers, lead ? std::optional(lead->id) : std::nullopt);
    for (const auto kind : predicted) {
        if (find(clocks, kind) || (kind == deadline_kind::fallback && !policy.fallback)) continue;
        const auto goal = domain::target_for(policy, kind);
        const auto* const on =
            goal ? policy.find_calendar(goal->calendar.empty() ? policy.default_calendar : goal->calendar) : nullptr;
        if (!on) continue;
        auto after = begins_after(kind, policy.resolve_from_created);
        // A solution without a clock of its own comes after the customer was contacted.
        if (kind == deadline_kind::approve && !find(clocks, deadline_kind::solution))
            after = deadline_kind::contact_customer;
        // What the rules give no clock takes no time: the one before it counts.
        while (after && !find(clocks, *after))
            after = begins_after(*after, policy.resolve_from_created);
        const auto from = after ? find(clocks, *after)->due_at : received_at;
        clocks.push_back(
            foreseen_from(domain::start_deadline(kind, 0, goal->goal, *on, policy.version, from), *on, after));
    }
    return clocks;
}

} // namespace huiyin::ticket
