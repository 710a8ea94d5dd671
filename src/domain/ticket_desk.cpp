#include "ticket_apply.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace huiyin::domain {

// row 2

result<void> apply(work& w, const resolve_direct& c)
{
    if (auto in = enter(w, c, {status::registered, status::triage}); !in) return in;
    if (w.t.category.empty() || w.t.category != w.p.category) return fail(errc::category_unknown);
    if (!w.p.direct_allowed) return fail(errc::direct_not_allowed);
    if (c.cost_cents > w.p.direct_authority) return fail(errc::above_authority);
    if (auto said = check_answers(c.said); !said) return said;
    const auto content = judged(c.said);
    if (!c.customer_confirmed || content == satisfaction_level::unsatisfied) return fail(errc::confirmation_required);
    const bool was_valid = w.t.validity == ticket_validity::valid;
    if (was_valid && w.t.root_cause.empty() && c.root_cause.empty()) return fail(errc::root_cause_required);
    if (!c.root_cause.empty()) w.t.root_cause = c.root_cause;
    w.t.fcr = w.t.orders.empty() && w.t.reopen_count == 0;
    w.close(ticket_closure::resolved_direct, content, c.said);
    w.emit("ticket.resolved_direct").data.emplace_back("cost_cents", c.cost_cents);
    return {};
}

// rows 3 to 7: triage

result<void> apply(work& w, const classify& c)
{
    if (auto in = enter(w, c, {status::registered, status::triage}); !in) return in;
    if (c.category.empty() || c.category != w.p.category) return fail(errc::category_unknown);
    w.t.category = c.category;
    w.t.type = w.p.type;
    if (w.t.type == ticket_type::report) w.t.sensitive = sensitivity::confidential;
    w.t.priority = w.p.priority;
    w.t.candidate_department = w.p.department;
    w.t.invalidity.reset();
    w.t.status = status::triage;
    w.emit("ticket.classified");
    return {};
}

result<void> apply(work& w, const judge_valid& c)
{
    if (auto in = enter(w, c, {status::triage}); !in) return in;
    if (w.t.category.empty() || w.t.category != w.p.category) return fail(errc::category_unknown);
    const bool by_rule = w.p.department == c.to.department;
    if (!w.p.department && !w.is_supervisor()) return fail(errc::no_rule_for_category);
    if (!by_rule && !w.is_supervisor()) return fail(errc::supervisor_required);
    const bool was_returned = std::ranges::any_of(w.t.orders, [&](const auto& o) {
        return o.department == c.to.department && o.state == work_order_state::returned;
    });
    if (was_returned) return fail(errc::supervisor_required, "it returned the ticket: arbitrate");
    w.find_valid();
    w.dispatch(c.order, c.to, "ticket.dispatched");
    return {};
}

result<void> apply(work& w, const judge_invalid& c)
{
    if (auto in = enter(w, c, {status::triage}); !in) return in;
    if (c.reason.empty()) return fail(errc::reason_required);
    if (c.evidence < 1) return fail(errc::evidence_required);
    std::optional<user_id> first;
    if (w.t.vip || w.t.repeat) {
        if (w.who.kind != actor_kind::user) return fail(errc::second_person_required);
        if (!w.t.invalidity) {
            w.t.invalidity = invalidity_request{w.person(), w.now};
            w.tell(recipient::desk, "ticket.invalidity_proposed");
            w.emit("ticket.invalidity_proposed", c.reason);
            return {};
        }
        if (w.t.invalidity->by == w.person()) return fail(errc::second_person_required);
        first = w.t.invalidity->by;
    }
    w.t.invalidity.reset();
    w.t.validity = ticket_validity::invalid;
    w.t.judgements.push_back({ticket_validity::invalid, w.now, w.who.id, first, c.reason, c.words, c.evidence});
    w.t.status = status::invalid_pending_reply;
    w.stop(deadline_kind::dispatch);
    w.cancel(deadline_kind::fallback);
    w.start(deadline_kind::invalid_reply);
    auto& written = w.emit("ticket.judged_invalid", c.reason);
    written.data.emplace_back("evidence", std::int64_t{c.evidence});
    if (c.words) written.words.push_back(*c.words);
    return {};
}

result<void> apply(work& w, const reply_invalid& c)
{
    if (auto in = enter(w, c, {status::invalid_pending_reply}); !in) return in;
    const auto& approved = w.p.invalid_reply_templates;
    if (std::ranges::find(approved, c.template_code) == approved.end()) return fail(errc::template_not_approved);
    if (c.has_banned_phrase) return fail(errc::banned_phrase);
    if (c.customer == understanding::not_asked) return fail(errc::understanding_required);
    w.t.reply = c.words;
    w.t.replied_at = w.now;
    w.stop(deadline_kind::invalid_reply);
    w.stop(deadline_kind::first_response);
    w.tell_customer(customer_message::invalid_reply);
    if (c.customer == understanding::accepted)
        w.close(ticket_closure::invalid_accepted, satisfaction_level::unknown, {});
    else
        w.begin_callback();
    auto& written = w.emit("ticket.replied_invalid");
    written.data.emplace_back("template", c.template_code);
    written.words.push_back(c.words);
    return {};
}

result<void> apply(work& w, const dispute& c)
{
    if (auto in = enter(w, c, {status::invalid_pending_reply, status::callback_pending}, also::customer); !in)
        return in;
    if (w.t.validity != ticket_validity::invalid) return fail(errc::wrong_state);
    if (w.t.dispute_count > 0 && !w.is_supervisor()) return fail(errc::supervisor_required);
    if (w.t.dispute_count > 0 && !c.new_fact) return fail(errc::new_fact_required);
    w.reopen_judgement({}, c.new_fact);
    return {};
}

// rows 11, 12

namespace {

/// Since when the quarrel costs time: the first dispatch given back since the last ruling; in a conflict before any
/// return, since the ticket came to the desk.
instant lost_since(const ticket& t)
{
    const auto ruled_until = t.rulings.empty() ? t.reported_at : t.rulings.back().at;
    const auto returned = std::ranges::find_if(
        t.orders, [&](const auto& o) { return o.state == work_order_state::returned && o.opened_at >= ruled_until; });
    if (returned != t.orders.end()) return returned->opened_at;
    return std::max(ruled_until, t.spells.empty() ? t.reported_at : t.spells.back().from);
}

} // namespace

result<void> apply(work& w, const arbitrate& c)
{
    if (auto in = enter(w, c, {status::triage}); !in) return in;
    if (w.t.return_count < 1 && !c.conflict) return fail(errc::nothing_to_arbitrate);
    if (c.reason.empty()) return fail(errc::reason_required);
    if (!c.at_fault && (c.conflict || w.t.return_count >= w.p.max_returns)) return fail(errc::fault_required);
    const bool by_department = c.at_fault == fault_side::department;
    if (by_department && std::ranges::none_of(w.t.orders, [&](const auto& o) {
            return o.kind == work_order_kind::lead && o.department == c.wrong;
        }))
        return fail(errc::invalid_field, "wrong");
    if (c.at_fault) {
        const auto from = lost_since(w.t);
        w.t.rulings.push_back({.by = w.person(),
                               .at = w.now,
                               .reason = c.reason,
                               .at_fault = *c.at_fault,
                               .department = by_department ? c.wrong : std::nullopt,
                               .lost_from = from,
                               .charged = w.now - from});
    }
    w.find_valid();
    w.t.no_return = true;
    w.dispatch(c.order, c.to, "ticket.arbitrated", c.reason);
    if (c.at_fault) {
        auto& data = w.d.events.back().data;
        data.emplace_back("at_fault", std::string(to_string(*c.at_fault)));
        if (by_department) data.emplace_back("wrong", c.wrong->value());
        data.emplace_back("charged_us", std::int64_t{w.t.rulings.back().charged.count()});
    }
    return {};
}

result<void> apply(work& w, const transfer& c)
{
    if (auto in = enter(w, c, {status::investigating}); !in) return in;
    if (c.reason.empty()) return fail(errc::reason_required);
    if (c.to.department == w.t.lead_department) return fail(errc::same_department);
    w.take_from_lead(work_order_state::transferred);
    w.dispatch(c.order, c.to, "ticket.transferred", c.reason);
    return {};
}

// rows 23, 24

result<void> apply(work& w, const reject_reply& c)
{
    if (auto in = enter(w, c, {status::reply_review}); !in) return in;
    if (c.reason.empty()) return fail(errc::reason_required);
    constexpr std::array<std::string_view, 3> reasons{"not_solved", "false_reply", "template_text"};
    if (std::ranges::find(reasons, c.reason) == reasons.end()) return fail(errc::invalid_field, "reason");
    ++w.t.reply_reject_count;
    w.t.replied_at.reset();
    w.stop(deadline_kind::review);
    w.give_work_again();
    w.tell_worker("ticket.reply_rejected");
    w.emit("ticket.reply_rejected", c.reason);
    return {};
}

namespace {

/// Row 28 without a call; the customer may still answer the survey.
void close_uncalled(work& w)
{
    w.from = w.t.status;
    w.cancel(deadline_kind::callback);
    w.close(ticket_closure::not_sampled, satisfaction_level::unknown, {}, "not_sampled");
    w.t.survey_round = w.t.callback_round;
    w.tell_customer(customer_message::survey_link);
    auto& written = w.emit("ticket.closed", "not_sampled");
    written.by_kind = actor_kind::system;
    written.by = {};
    written.data.emplace_back("closure", std::string(to_string(w.t.closure)));
}

} // namespace

result<void> apply(work& w, const pass_reply& c)
{
    if (auto in = enter(w, c, {status::reply_review}); !in) return in;
    w.stop(deadline_kind::resolve, *w.t.replied_at);
    w.stop(deadline_kind::rework, *w.t.replied_at);
    w.stop(deadline_kind::review);
    w.cancel(deadline_kind::solution);
    w.begin_callback();
    w.emit("ticket.reply_passed");
    const bool by_sample = w.t.type == ticket_type::enquiry || w.t.type == ticket_type::suggestion;
    if (by_sample && !is_sampled(w.p.callback, w.t.id)) close_uncalled(w);
    return {};
}

// row 33

result<void> apply(work& w, const archive& c)
{
    if (auto in = enter(w, c, {status::closed}, also::system); !in) return in;
    const auto* window = running(w.t, deadline_kind::archive);
    if (window && w.now < window->due_at)
        return fail(error{errc::reopen_window_open, {}, {}}.with("until", to_rfc3339(window->due_at)));
    const auto missing = missing_in_file(w.t);
    if (!missing.empty())
        return fail(error{errc::file_incomplete, {}, {}}.with("missing", std::string(missing.front())));
    w.archive_now();
    return {};
}

// rows 31, 32, groups

namespace {

bool may_be_merged(ticket_status s)
{
    return is_open(s) && s != status::withdrawn;
}

/// What both sides of a merger ask.
template <class Other>
result<void> check_merger(const work& w, const Other& c, ticket_id other, bool promised)
{
    if (auto in = enter_any_open(w, c); !in) return in;
    if (!may_be_merged(w.t.status)) return fail(errc::wrong_state);
    if (other == w.t.id) return fail(errc::invalid_field, "into itself");
    if (!may_be_merged(c.status)) return fail(errc::wrong_state, "the other ticket is not open");
    const bool other_matter = !c.category.empty() && !w.t.category.empty() && c.category != w.t.category;
    if (c.customer != w.t.customer || c.customer.is_nil() || other_matter) return fail(errc::not_same_matter);
    if (promised) return fail(errc::promise_open);
    return {};
}

} // namespace

merge merge_into(const ticket& target)
{
    return {target.id, target.customer, target.category, target.status};
}

absorb absorb_of(const ticket& source)
{
    const auto* clock = customer_clock(source);
    return {.source = source.id,
            .customer = source.customer,
            .category = source.category,
            .status = source.status,
            .has_open_promise = open_promise(source) != nullptr,
            .due = clock ? std::optional(clock->due_at) : source.inherited_due};
}

result<void> apply(work& w, const merge& c)
{
    if (auto fits = check_merger(w, c, c.into, open_promise(w.t) != nullptr); !fits) return fits;
    w.tell_worker("ticket.merged");
    w.t.status = status::merged;
    w.t.merged_into = c.into;
    w.t.duplicate_of = c.into;
    w.drop_open_parts();
    for (std::size_t k = 0; k < deadline_kind_count; ++k)
        w.cancel(static_cast<deadline_kind>(k));
    w.tell_customer(customer_message::merged);
    w.emit("ticket.merged").data.emplace_back("into", c.into.value());
    return {};
}

result<void> apply(work& w, const absorb& c)
{
    if (auto fits = check_merger(w, c, c.source, c.has_open_promise); !fits) return fits;
    for (auto& clock : w.t.deadlines)
        if (c.due && &clock == customer_clock(w.t) && *c.due < clock.due_at)
            move_due(clock, w.calendar_of(clock.calendar), *c.due, w.now);
    const bool before_dispatch = !has_lead(w.t.status) && w.t.status != status::callback_pending;
    if (c.due && before_dispatch && !customer_clock(w.t))
        w.t.inherited_due = std::min(*c.due, w.t.inherited_due.value_or(*c.due));
    w.tell_worker("ticket.absorbed");
    w.emit("ticket.absorbed").data.emplace_back("source", c.source.value());
    return {};
}

result<void> apply(work& w, const reopen& c)
{
    if (!admits(w.who, needed<reopen>, also::customer)) return fail(errc::forbidden);
    if (w.t.status == status::archived) return fail(errc::follow_up_required);
    if (w.t.status != status::closed) return fail(errc::wrong_state);
    const auto* window = running(w.t, deadline_kind::archive);
    if (!window || w.now >= window->due_at) return fail(errc::reopen_window_over);
    if (c.reason.empty()) return fail(errc::reason_required);
    const bool disputes = w.t.validity == ticket_validity::invalid;
    if (disputes && w.t.dispute_count > 0 && !w.is_supervisor()) return fail(errc::supervisor_required);
    if (disputes) w.set_judgement_aside(c.reason, c.words);
    ++w.t.reopen_count;
    w.t.closure = ticket_closure::none;
    w.t.closure_reason.clear();
    w.t.closed_at.reset();
    w.t.satisfaction = satisfaction_level::unknown;
    w.t.said = {};
    w.t.fcr = false;
    w.t.reply.reset();
    w.t.replied_at.reset();
    if (w.t.lead_department) w.t.candidate_department = w.t.lead_department;
    w.t.lead_department.reset();
    w.t.handler.reset();
    w.t.status = status::triage;
    w.cancel(deadline_kind::archive);
    w.start(deadline_kind::dispatch);
    w.start(deadline_kind::fallback);
    w.tell(recipient::desk, "ticket.reopened");
    w.tell_customer(customer_message::reopened);
    auto& written = w.emit("ticket.reopened", c.reason);
    if (c.words) written.words.push_back(*c.words);
    return {};
}

result<void> apply(work& w, const link_to_group& c)
{
    if (auto in = enter_any_open(w, c); !in) return in;
    if (c.root == w.t.id || c.root.is_nil()) return fail(errc::invalid_field, "root");
    if (w.t.group_root == c.root) return fail(errc::already_exists);
    w.t.group_root = c.root;
    w.emit("ticket.grouped").data.emplace_back("root", c.root.value());
    return {};
}

result<void> apply(work& w, const leave_group& c)
{
    if (auto in = enter_any_open(w, c); !in) return in;
    if (!w.t.group_root) return fail(errc::not_found, "it belongs to no group");
    w.t.group_root.reset();
    w.emit("ticket.ungrouped");
    return {};
}

} // namespace huiyin::domain
