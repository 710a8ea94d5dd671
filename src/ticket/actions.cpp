#include <huiyin/ticket/actions.hpp>

#include <algorithm>

namespace huiyin::ticket {

namespace {

using domain::command;
using domain::policy;

const domain::text_ref& some_words()
{
    static const domain::text_ref words{text_id::make(), sha256("some words")};
    return words;
}
const domain::answers all_is_well{domain::solved_answer::yes, 5, 5, 5};
constexpr const char* some_code = "some_code";

domain::destination elsewhere()
{
    return {.department = department_id::make(), .contact_a = std::nullopt, .contact_b = std::nullopt};
}

std::optional<interaction_id> reached_by(const domain::ticket& t)
{
    const auto last =
        std::ranges::find_if(t.contacts.rbegin(), t.contacts.rend(), [](const auto& each) { return each.reached; });
    return last == t.contacts.rend() ? std::nullopt : std::optional(last->interaction);
}

work_order_id open_part(const domain::ticket& t, const domain::actor& who)
{
    work_order_id any;
    for (const auto& each : t.orders) {
        if (each.kind != domain::work_order_kind::co_handler || !each.is_open()) continue;
        if (who.serves(each.department)) return each.id;
        any = each.id;
    }
    return any;
}

promise_id open_ledger_promise(const domain::ticket& t)
{
    for (const auto& each : t.promises)
        if (each.is_open() && each.solution.is_nil()) return each.id;
    return {};
}

domain::propose fitting_proposal()
{
    domain::propose c;
    c.id = solution_id::make();
    c.words = some_words();
    c.root_cause = some_code;
    c.no_responsible_reason = some_code;
    return c;
}

domain::resolve_direct fitting_direct_resolution(const domain::ticket& t)
{
    domain::resolve_direct c;
    c.customer_confirmed = true;
    c.said = all_is_well;
    c.root_cause = t.root_cause.empty() ? some_code : "";
    return c;
}

domain::reply_invalid fitting_explanation(const policy& p)
{
    domain::reply_invalid c;
    c.template_code = p.invalid_reply_templates.empty() ? "" : p.invalid_reply_templates.front();
    c.words = some_words();
    c.customer = domain::understanding::asked;
    return c;
}

domain::complete fitting_reply(const domain::ticket& t, const policy& p)
{
    domain::complete c;
    c.result = some_words();
    c.customer_informed = true;
    c.evidence = p.evidence.min_files;
    c.contact = reached_by(t);
    return c;
}

domain::put_on_hold fitting_hold(const domain::ticket& t)
{
    domain::put_on_hold c;
    c.reason = "force_majeure";
    c.told = reached_by(t);
    return c;
}

domain::request_extension fitting_extension(const domain::ticket& t, instant now)
{
    const auto* const clock = domain::customer_clock(t);
    return {
        .until = (clock ? clock->due_at : now) + std::chrono::minutes(1), .reason = some_code, .basis = some_words()};
}

domain::propose_final_answer fitting_last_word()
{
    return {.basis = some_words(), .remedy = some_code, .words = some_words(), .said = std::nullopt};
}

struct action
{
    std::string_view name;
    command (*fitting)(const domain::ticket& t, const policy& p, const domain::actor& who, instant now);
};

constexpr action actions[] = {
    {"classification",
     [](auto& t, auto& p, auto&, auto) -> command {
         return domain::classify{t.category.empty() ? p.category : t.category};
     }},
    {"direct-resolution", [](auto& t, auto&, auto&, auto) -> command { return fitting_direct_resolution(t); }},
    {"dispatch",
     [](auto&, auto& p, auto&, auto) -> command {
         auto to = elsewhere();
         if (p.department) to.department = *p.department;
         return domain::judge_valid{work_order_id::make(), to};
     }},
    {"invalidity",
     [](auto&, auto&, auto&, auto) -> command { return domain::judge_invalid{some_code, some_words(), 1}; }},
    {"invalid-reply", [](auto&, auto& p, auto&, auto) -> command { return fitting_explanation(p); }},
    {"disputes", [](auto&, auto&, auto&, auto) -> command { return domain::dispute{some_words()}; }},
    {"acceptance", [](auto&, auto&, auto&, auto) -> command { return domain::accept{}; }},
    {"returns",
     [](auto&, auto&, auto&, auto) -> command {
         return domain::return_ticket{some_code, some_words(), department_id::make()};
     }},
    {"return-signature", [](auto&, auto&, auto&, auto) -> command { return domain::sign_return{true}; }},
    {"arbitration",
     [](auto&, auto&, auto&, auto) -> command {
         domain::arbitrate c;
         c.order = work_order_id::make();
         c.to = elsewhere();
         c.reason = some_code;
         c.at_fault = domain::fault_side::desk;
         return c;
     }},
    {"transfers",
     [](auto&, auto&, auto&, auto) -> command {
         return domain::transfer{work_order_id::make(), elsewhere(), some_code};
     }},
    {"contacts", [](auto&, auto&, auto&, auto) -> command { return domain::log_contact{}; }},
    {"co-handlers",
     [](auto&, auto&, auto&, auto) -> command {
         return domain::add_co_handler{work_order_id::make(), elsewhere(), std::nullopt};
     }},
    {"co-handler-results",
     [](auto& t, auto&, auto& who, auto) -> command {
         return domain::finish_co_handler{open_part(t, who), some_words()};
     }},
    {"co-handler-waivers",
     [](auto& t, auto&, auto& who, auto) -> command { return domain::waive_co_handler{open_part(t, who), some_code}; }},
    {"promises",
     [](auto&, auto&, auto&, instant now) -> command {
         return domain::make_promise{promise_id::make(), now + std::chrono::minutes(1), some_words()};
     }},
    {"kept-promises",
     [](auto& t, auto&, auto&, auto) -> command { return domain::keep_promise{open_ledger_promise(t)}; }},
    {"solutions", [](auto&, auto&, auto&, auto) -> command { return fitting_proposal(); }},
    {"approvals",
     [](auto&, auto&, auto&, auto) -> command { return domain::approve{promise_id::make(), std::nullopt}; }},
    {"rejections", [](auto&, auto&, auto&, auto) -> command { return domain::reject_solution{some_words()}; }},
    {"fulfilment", [](auto&, auto&, auto&, auto) -> command { return domain::fulfil{}; }},
    {"extensions", [](auto& t, auto&, auto&, instant now) -> command { return fitting_extension(t, now); }},
    {"extension-decisions",
     [](auto&, auto&, auto&, auto) -> command { return domain::decide_extension{false, some_code}; }},
    {"holds", [](auto& t, auto&, auto&, auto) -> command { return fitting_hold(t); }},
    {"hold-signature", [](auto&, auto&, auto&, auto) -> command { return domain::sign_hold{false}; }},
    {"resumption", [](auto&, auto&, auto&, auto) -> command { return domain::resume_work{}; }},
    {"completion", [](auto& t, auto& p, auto&, auto) -> command { return fitting_reply(t, p); }},
    {"reply-rejections", [](auto&, auto&, auto&, auto) -> command { return domain::reject_reply{"not_solved"}; }},
    {"pass", [](auto&, auto&, auto&, auto) -> command { return domain::pass_reply{}; }},
    {"callback-attempts",
     [](auto&, auto&, auto&, auto) -> command {
         return domain::attempt_callback{callback_id::make(), domain::callback_outcome::no_answer, std::nullopt};
     }},
    {"verdicts",
     [](auto&, auto&, auto&, auto) -> command {
         return domain::give_verdict{callback_id::make(), all_is_well, {}, false};
     }},
    {"unreachable", [](auto&, auto&, auto&, auto) -> command { return domain::close_unreachable{some_code}; }},
    {"final-answers", [](auto&, auto&, auto&, auto) -> command { return fitting_last_word(); }},
    {"final-answer-signature", [](auto&, auto&, auto&, auto) -> command { return domain::sign_final_answer{true}; }},
    {"withdrawals", [](auto&, auto&, auto&, auto) -> command { return domain::withdraw{some_code, std::nullopt}; }},
    {"withdrawal-confirmation",
     [](auto&, auto&, auto&, auto) -> command { return domain::confirm_withdrawal{callback_id::make(), true, false}; }},
    {"merges",
     [](auto& t, auto&, auto&, auto) -> command {
         return domain::merge{ticket_id::make(), t.customer, t.category, domain::ticket_status::triage};
     }},
    {"reopenings", [](auto&, auto&, auto&, auto) -> command { return domain::reopen{some_code, std::nullopt}; }},
    {"urges", [](auto&, auto&, auto&, auto) -> command { return domain::urge{std::nullopt}; }},
    {"urge-answers", [](auto&, auto&, auto&, auto) -> command { return domain::answer_urge{some_words()}; }},
    {"supervisions", [](auto&, auto&, auto&, auto) -> command { return domain::supervise{"leader", std::nullopt}; }},
    {"supervision-answers",
     [](auto&, auto&, auto&, auto) -> command { return domain::answer_supervision{some_words()}; }},
    {"supervision-clearance", [](auto&, auto&, auto&, auto) -> command { return domain::clear_supervision{}; }},
    {"group-links", [](auto&, auto&, auto&, auto) -> command { return domain::link_to_group{ticket_id::make()}; }},
    {"group-departure", [](auto&, auto&, auto&, auto) -> command { return domain::leave_group{}; }},
    {"archival", [](auto&, auto&, auto&, auto) -> command { return domain::archive{}; }},
};

} // namespace

namespace {

/// Somebody who has every role and a part in everything, and who has done nothing yet.
domain::actor somebody_with_all_roles(const domain::ticket& t)
{
    domain::actor who;
    who.kind = domain::actor_kind::user;
    who.id = uuid::make();
    for (std::size_t r = 0; r < domain::role_count; ++r)
        who.roles.add(static_cast<domain::role>(r));
    who.departments = domain::scope_of(t).departments;
    if (t.lead_department) who.departments.push_back(*t.lead_department);
    who.leads = who.departments;
    return who;
}

bool waits_for_nothing(errc code)
{
    return code == errc::wrong_state || code == errc::not_found;
}

/// What is refused to him for who he is may be refused to everybody.
error why_refused(error refused, const domain::ticket& t, const command& what, const policy& p, instant now)
{
    if (refused.code == errc::not_found) return {errc::wrong_state, std::move(refused.detail), {}};
    if (refused.code != errc::not_in_department) return refused;
    const auto tried = domain::decide(t, what, p, somebody_with_all_roles(t), now);
    if (!tried && waits_for_nothing(tried.error().code)) return {errc::wrong_state, tried.error().detail, {}};
    return refused;
}

std::optional<foreseen_state> foresee(std::string_view name, const domain::ticket& t, const policy& p,
                                      const domain::actor& who, instant now)
{
    command what = domain::reopen{some_code, some_words()};
    if (name == "verdicts")
        what = domain::give_verdict{
            callback_id::make(), {domain::solved_answer::no, 1, std::nullopt, std::nullopt}, some_code, false};
    else if (name != "reopenings")
        return std::nullopt;
    const auto decided = domain::decide(t, what, p, who, now);
    if (!decided) return std::nullopt;
    const auto& next = decided->next;
    foreseen_state seen{next.status, next.rework_cycle, std::nullopt, std::nullopt};
    if (const auto* const clock = domain::customer_clock(next)) {
        seen.clock = clock->kind;
        seen.due_at = clock->due_at;
    }
    return seen;
}

} // namespace

std::vector<standing_action> try_actions(const domain::ticket& t, const policy& p, const domain::actor& who,
                                         instant now)
{
    std::vector<standing_action> tried;
    const auto scope = domain::scope_of(t);
    for (const auto& each : actions) {
        const auto what = each.fitting(t, p, who, now);
        if (!domain::may(who, domain::permission_for(what), scope)) {
            tried.push_back({each.name, error{errc::not_found, {}, {}}});
            continue;
        }
        auto decided = domain::decide(t, what, p, who, now);
        if (decided)
            tried.push_back({each.name, std::nullopt, foresee(each.name, t, p, who, now)});
        else
            tried.push_back({each.name, why_refused(std::move(decided.error()), t, what, p, now)});
    }
    return tried;
}

} // namespace huiyin::ticket
