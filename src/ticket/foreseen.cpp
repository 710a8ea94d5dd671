#include <huiyin/ticket/foreseen.hpp>
#include <huiyin/ticket/opening.hpp>

namespace huiyin::ticket {

result<foreseen> foresee(const configuration& rules, std::string_view category, instant now)
{
    opening what;
    what.number = "000000-0000";
    what.customer = customer_id::make();
    what.channel = "web";
    what.category = category;
    what.problem = domain::text_ref{text_id::make(), {}};
    const auto opened = open(what, rules, domain::actor::anonymous(), now);
    if (!opened) return fail(opened.error());
    const auto& ticket = opened->decided.next;

    foreseen promised;
    if (const auto* const clock = domain::running(ticket, domain::deadline_kind::first_response))
        promised.first_answer_by = clock->due_at;
    const auto policy = rules.policy_for(category, {}, ticket.candidate_department);
    auto from = now;
    if (!policy.resolve_from_created)
        if (const auto* const dispatch = domain::running(ticket, domain::deadline_kind::dispatch))
            from = dispatch->due_at;
    const auto target = domain::target_for(policy, domain::deadline_kind::resolve);
    const auto* const calendar =
        target ? policy.find_calendar(target->calendar.empty() ? policy.default_calendar : target->calendar) : nullptr;
    if (calendar)
        promised.solution_by =
            domain::start_deadline(domain::deadline_kind::resolve, 0, target->goal, *calendar, policy.version, from)
                .due_at;
    return promised;
}

} // namespace huiyin::ticket
