#include <huiyin/ticket/opening.hpp>

namespace huiyin::ticket {

result<commitment> open(const opening& what, const configuration& rules, const domain::actor& who, instant now)
{
    const bool known = rules.rules().find_category(what.category) != nullptr;
    const auto policy = rules.policy_for(known ? what.category : std::string(), what.answers);
    domain::create c;
    c.id = what.id;
    c.number = what.number;
    c.type = known ? policy.type : what.type.value_or(policy.type);
    c.category = policy.category;
    c.channel = what.channel;
    c.customer = what.customer;
    c.sensitive = what.confidential || c.type == domain::ticket_type::report ? domain::sensitivity::confidential
                                                                             : domain::sensitivity::ordinary;
    c.customer_waiting = what.customer_waiting;
    c.vip = what.vip;
    c.repeat = what.repeat;
    c.problem = what.problem;
    c.object = what.object;
    c.desired_solution = what.desired_solution;
    c.occurred_at = what.occurred_at;
    c.suspected_duplicate_of = what.suspected_duplicate_of;
    auto decided = domain::decide(c, policy, who, now);
    if (!decided) return fail(std::move(decided.error()));
    commitment made;
    made.decided = std::move(*decided);
    made.parties = what.parties;
    for (const auto& each : what.parties)
        made.ways.push_back(each.kind);
    made.language = rules.rules().language;
    made.interactions = {what.interaction};
    return made;
}

} // namespace huiyin::ticket
