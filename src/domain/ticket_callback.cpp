#include "ticket_apply.hpp"

#include <algorithm>
#include <utility>

namespace huiyin::domain {

namespace {

/// Whether this caller may call now.
result<void> may_call(const work& w)
{
    if (w.who.kind == actor_kind::user && has_handled(w.t, w.person())) return fail(errc::caller_is_handler);
    const auto& plan = w.p.callback;
    const auto bound = w.t.callback_agent;
    if (bound && !w.who.is(*bound) && !has_handled(w.t, *bound) && w.who.kind != actor_kind::system) {
        const auto opens = w.t.next_callback_at.value_or(w.now) + plan.opens_after;
        if (w.now < opens) return fail(error{errc::callback_bound, {}, {}}.with("opens_at", to_rfc3339(opens)));
    }
    const auto walls = w.walls();
    const auto earliest = next_attempt_from(plan, w.t.callbacks, w.t.callback_round, w.now);
    const auto refuse = [&](errc why) {
        const auto next = next_callback_time(plan, walls, std::max(w.now, earliest));
        return fail(error{why, {}, {}}.with("next_callback_at", to_rfc3339(next)));
    };
    if (!in_callback_hours(plan, walls, w.now)) return refuse(errc::not_callback_hours);
    if (w.now < earliest) return refuse(errc::too_early_to_try_again);
    return {};
}

/// The customer has been reached: by him, or by a caller who may.
result<void> may_take_answer(const work& w, bool customer_came)
{
    const bool by_house = w.who.kind != actor_kind::customer;
    if (by_house && !customer_came) return may_call(w);
    if (by_house && has_handled(w.t, w.person())) return fail(errc::caller_is_handler);
    return {};
}

callback_attempt& record_attempt(work& w, callback_id id, callback_outcome outcome)
{
    const auto before = std::ranges::count(w.t.callbacks, w.t.callback_round, &callback_attempt::round);
    w.t.callbacks.push_back({.id = id,
                             .round = w.t.callback_round,
                             .number = static_cast<int>(before) + 1,
                             .at = w.now,
                             .caller = w.person(),
                             .outcome = outcome,
                             .channel = callback_channel::phone,
                             .day_part = day_part(w.p.callback, w.walls(), w.now),
                             .wished_at = std::nullopt,
                             .said = std::nullopt,
                             .verdict = satisfaction_level::unknown,
                             .reason = {},
                             .disputed = false,
                             .about_withdrawal = false});
    w.stop(deadline_kind::callback);
    return w.t.callbacks.back();
}

/// The end of a withdrawal that the customer did not confirm.
void go_back(work& w)
{
    auto& t = w.t;
    const auto to = t.withdrawal->from;
    t.withdrawal.reset();
    t.next_callback_at.reset();
    t.callback_agent.reset();
    t.status = to;
    w.resume_all();
    if (to == status::callback_pending) {
        w.cancel(deadline_kind::review);
        w.begin_callback();
    }
    w.tell_worker("ticket.withdrawal_unconfirmed");
    w.emit("ticket.withdrawal_unconfirmed");
}

/// Nobody was reached, and that was the last try of the round.
void give_up_calling(work& w)
{
    if (w.t.status == status::withdrawn) {
        w.from = w.t.status;
        return go_back(w);
    }
    w.start(deadline_kind::review);
    w.tell_reviewer("ticket.callback_attempted");
}

void send_survey(work& w)
{
    if (w.t.survey_round == w.t.callback_round) return;
    w.t.survey_round = w.t.callback_round;
    w.tell_customer(customer_message::survey_link);
}

result<void> work_again(work& w, const std::string& reason)
{
    const auto last =
        std::ranges::find(w.t.deadlines.rbegin(), w.t.deadlines.rend(), deadline_kind::resolve, &deadline::kind);
    if (last == w.t.deadlines.rend()) return fail(errc::internal, "a valid ticket without resolve clock");
    const auto goal = rework_target(*last);
    const auto calendar_name = last->calendar;
    ++w.t.rework_cycle;
    if (w.t.rework_cycle >= 2 && !open_supervision(w.t)) w.put_under_supervision("rework", {}, {});
    w.t.next_callback_at.reset();
    w.t.callback_agent.reset();
    w.t.replied_at.reset();
    w.cancel(deadline_kind::review);
    w.start(deadline_kind::rework, goal, calendar_name, w.now);
    w.give_work_again();
    w.tell_worker("ticket.rework_started");
    w.tell(recipient::leader, "ticket.rework_started");
    if (w.t.supervised) w.tell(recipient::supervision_officer, "ticket.rework_started");
    if (w.t.callback_round >= w.p.callback.max_rounds) w.tell_reviewer("ticket.rework_started");
    w.emit("ticket.rework_started", reason).data.emplace_back("cycle", std::int64_t{w.t.rework_cycle});
    return {};
}

} // namespace

// rows 25 to 28

result<void> apply(work& w, const attempt_callback& c)
{
    if (auto in = enter(w, c, {status::callback_pending, status::withdrawn}, also::system); !in) return in;
    if (auto call = may_call(w); !call) return call;
    const auto channel = c.channel.value_or(w.t.next_callback_channel);
    const bool sent = c.outcome == callback_outcome::sent;
    if (c.outcome == callback_outcome::reached) return fail(errc::invalid_field, "reached is a verdict");
    if (sent && channel == callback_channel::phone) return fail(errc::invalid_field, "a call is not sent");
    const bool later = c.outcome == callback_outcome::later;
    const auto& plan = w.p.callback;
    if (later && !(c.wished_at && *c.wished_at > w.now && *c.wished_at <= w.now + plan.latest_wish))
        return fail(errc::callback_time_invalid);
    const auto before = w.t.status;
    auto& made = record_attempt(w, c.id, c.outcome);
    made.channel = channel;
    made.wished_at = later ? c.wished_at : std::nullopt;
    made.about_withdrawal = before == status::withdrawn;
    w.t.callback_agent = later && w.who.kind == actor_kind::user ? std::optional(w.person()) : std::nullopt;

    w.plan_next_attempt();
    const bool exhausted = attempts_exhausted(plan, w.t.callbacks, w.t.callback_round) && !later;
    if (before == status::callback_pending && (exhausted || sent)) send_survey(w);
    auto& written = w.emit("ticket.callback_attempted", std::string(to_string(c.outcome)));
    written.data.emplace_back("callback", c.id.value());
    written.data.emplace_back("exhausted", exhausted || running(w.t, deadline_kind::review) != nullptr);
    if (exhausted) {
        give_up_calling(w);
    } else if (later) {
        const auto goal = target_for(w.p, deadline_kind::callback);
        w.start_at(deadline_kind::callback, due_from(goal->goal, w.calendar_of(goal->calendar), *w.t.next_callback_at));
    } else if (!running(w.t, deadline_kind::review)) {
        w.start(deadline_kind::callback);
    }
    return {};
}

result<void> apply(work& w, const give_verdict& c)
{
    if (auto in = enter(w, c, {status::callback_pending}, also::customer); !in) return in;
    if (auto reached = may_take_answer(w, c.customer_came); !reached) return reached;
    if (auto said = check_answers(c.said); !said) return said;
    const auto content = judged(c.said);
    const bool unsatisfied = content == satisfaction_level::unsatisfied;
    const bool disputes = unsatisfied && w.t.validity == ticket_validity::invalid;
    if (unsatisfied && c.reason.empty()) return fail(errc::reason_required);
    if (disputes && w.t.dispute_count > 0 && !w.is_supervisor()) return fail(errc::supervisor_required);

    auto& given = record_attempt(w, c.id, callback_outcome::reached);
    given.said = c.said;
    given.verdict = content;
    given.reason = c.reason;
    given.disputed = disputes;
    w.stop(deadline_kind::first_response);
    if (disputes) {
        w.reopen_judgement(c.reason, {});
        return {};
    }
    if (unsatisfied) return work_again(w, c.reason);
    w.close(ticket_closure::confirmed, content, c.said);
    w.emit("ticket.closed").data.emplace_back("closure", std::string(to_string(w.t.closure)));
    return {};
}

result<void> apply(work& w, const close_unreachable& c)
{
    if (auto in = enter(w, c, {status::callback_pending}); !in) return in;
    if (!attempts_exhausted(w.p.callback, w.t.callbacks, w.t.callback_round)) return fail(errc::attempts_not_exhausted);
    if (c.reason.empty()) return fail(errc::reason_required);
    w.close_as_unreachable(c.reason);
    return {};
}

// row 29

result<void> apply(work& w, const propose_final_answer& c)
{
    if (auto in = enter(w, c, {status::investigating, status::callback_pending}); !in) return in;
    if (w.t.rework_cycle < 2) return fail(errc::rework_required);
    if (!c.basis) return fail(errc::evidence_required);
    if (c.remedy.empty()) return fail(errc::remedy_required);
    if (!c.words) return fail(errc::result_required);
    if (c.said)
        if (auto said = check_answers(*c.said); !said) return said;
    if (final_answer_waits(w.t)) return fail(errc::already_exists);
    w.t.final_word = final_answer{.by = w.person(),
                                  .at = w.now,
                                  .basis = *c.basis,
                                  .remedy = c.remedy,
                                  .words = *c.words,
                                  .said = c.said,
                                  .agreed_by = std::nullopt,
                                  .agreed_at = std::nullopt};
    w.tell(recipient::leader, "ticket.final_answer_proposed");
    auto& written = w.emit("ticket.final_answer_proposed");
    written.data.emplace_back("remedy", c.remedy);
    written.words.push_back(*c.basis);
    written.words.push_back(*c.words);
    return {};
}

result<void> apply(work& w, const sign_final_answer& c)
{
    if (auto in = enter(w, c, {status::investigating, status::callback_pending}); !in) return in;
    const auto leads = [&](department_id d) { return w.who.leads_department(d); };
    const bool leads_it = w.t.lead_department && leads(*w.t.lead_department);
    if (!leads_it && std::ranges::none_of(w.p.approval.chain, leads)) return fail(errc::not_in_department);
    if (!final_answer_waits(w.t)) return fail(errc::not_found, "no final answer is proposed");
    auto& last = *w.t.final_word;
    if (last.by == w.person()) return fail(errc::second_person_required);
    if (!c.agreed) {
        w.tell_person(last.by, "ticket.final_answer_refused");
        w.t.final_word.reset();
        w.emit("ticket.final_answer_refused");
        return {};
    }
    last.agreed_by = w.person();
    last.agreed_at = w.now;
    const answers nothing_said{solved_answer::no, {}, {}, {}};
    const auto said = last.said.value_or(nothing_said);
    const bool solved = said.solved == solved_answer::yes;
    w.tell_customer(customer_message::final_answer);
    w.close(ticket_closure::final_answer, solved ? judged(said) : satisfaction_level::unsatisfied, said);
    auto& written = w.emit("ticket.closed");
    written.data.emplace_back("closure", std::string(to_string(w.t.closure)));
    written.data.emplace_back("remedy", last.remedy);
    return {};
}

// row 30

result<void> apply(work& w, const withdraw& c)
{
    if (auto in = enter_any_open(w, c, also::customer); !in) return in;
    if (w.t.status == status::withdrawn) return fail(errc::wrong_state);
    if (w.t.status == status::on_hold) {
        w.end_hold("withdrawal", w.now);
        w.from = w.t.status;
    }
    w.tell_worker("ticket.withdrawn");
    w.pause_all();
    w.t.withdrawal = withdrawal_request{w.who.id, w.now, c.reason, c.words, w.t.status};
    w.t.status = status::withdrawn;
    ++w.t.callback_round;
    w.t.callback_agent.reset();
    w.plan_next_attempt();
    w.start(deadline_kind::callback);
    w.tell(recipient::desk, "ticket.withdrawn");
    w.tell_customer(customer_message::withdrawal_noted);
    auto& written = w.emit("ticket.withdrawn", c.reason);
    if (c.words) written.words.push_back(*c.words);
    return {};
}

result<void> apply(work& w, const confirm_withdrawal& c)
{
    if (auto in = enter(w, c, {status::withdrawn}); !in) return in;
    if (w.t.withdrawal->by == w.who.id) return fail(errc::second_person_required);
    if (auto reached = may_take_answer(w, c.customer_came); !reached) return reached;
    record_attempt(w, c.id, callback_outcome::reached).about_withdrawal = true;
    if (!c.confirmed) {
        go_back(w);
        return {};
    }
    const auto reason = w.t.withdrawal->reason;
    for (auto& promised : w.t.promises)
        if (promised.is_open()) promised.released_at = w.now;
    w.close(ticket_closure::withdrawn, satisfaction_level::unknown, {}, reason);
    w.emit("ticket.closed", reason).data.emplace_back("closure", std::string(to_string(w.t.closure)));
    return {};
}

} // namespace huiyin::domain
