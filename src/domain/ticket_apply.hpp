#pragma once

#include "ticket_work.hpp"

#include <algorithm>
#include <initializer_list>

/// What the rows have in common: who may come in, and in which state.
namespace huiyin::domain {

using status = ticket_status;

/// `logged_in`: no person gives it.
template <class Command>
inline constexpr permission needed = permission::logged_in;

template <>
inline constexpr permission needed<resolve_direct> = permission::ticket_resolve_direct;
template <>
inline constexpr permission needed<classify> = permission::ticket_classify;
template <>
inline constexpr permission needed<judge_valid> = permission::ticket_judge;
template <>
inline constexpr permission needed<judge_invalid> = permission::ticket_judge;
template <>
inline constexpr permission needed<reply_invalid> = permission::ticket_reply_invalid;
template <>
inline constexpr permission needed<dispute> = permission::ticket_dispute;
template <>
inline constexpr permission needed<accept> = permission::ticket_accept;
template <>
inline constexpr permission needed<return_ticket> = permission::ticket_return;
template <>
inline constexpr permission needed<sign_return> = permission::ticket_return;
template <>
inline constexpr permission needed<arbitrate> = permission::ticket_arbitrate;
template <>
inline constexpr permission needed<transfer> = permission::ticket_transfer;
template <>
inline constexpr permission needed<add_co_handler> = permission::ticket_co_handle;
template <>
inline constexpr permission needed<finish_co_handler> = permission::ticket_co_handle;
template <>
inline constexpr permission needed<waive_co_handler> = permission::ticket_co_handle;
template <>
inline constexpr permission needed<log_contact> = permission::ticket_log_contact;
template <>
inline constexpr permission needed<propose> = permission::ticket_propose;
template <>
inline constexpr permission needed<approve> = permission::ticket_approve;
template <>
inline constexpr permission needed<reject_solution> = permission::ticket_approve;
template <>
inline constexpr permission needed<fulfil> = permission::ticket_fulfil;
template <>
inline constexpr permission needed<make_promise> = permission::ticket_promise;
template <>
inline constexpr permission needed<keep_promise> = permission::ticket_promise;
template <>
inline constexpr permission needed<request_extension> = permission::ticket_request_extension;
template <>
inline constexpr permission needed<decide_extension> = permission::ticket_decide_extension;
template <>
inline constexpr permission needed<put_on_hold> = permission::ticket_hold;
template <>
inline constexpr permission needed<sign_hold> = permission::ticket_hold;
template <>
inline constexpr permission needed<resume_work> = permission::ticket_hold;
template <>
inline constexpr permission needed<complete> = permission::ticket_complete;
template <>
inline constexpr permission needed<reject_reply> = permission::ticket_review_reply;
template <>
inline constexpr permission needed<pass_reply> = permission::ticket_review_reply;
template <>
inline constexpr permission needed<attempt_callback> = permission::ticket_callback;
template <>
inline constexpr permission needed<give_verdict> = permission::ticket_callback;
template <>
inline constexpr permission needed<close_unreachable> = permission::ticket_close_unreachable;
template <>
inline constexpr permission needed<propose_final_answer> = permission::ticket_final_answer;
template <>
inline constexpr permission needed<sign_final_answer> = permission::ticket_approve;
template <>
inline constexpr permission needed<withdraw> = permission::ticket_withdraw;
template <>
inline constexpr permission needed<confirm_withdrawal> = permission::ticket_callback;
template <>
inline constexpr permission needed<merge> = permission::ticket_merge;
template <>
inline constexpr permission needed<absorb> = permission::ticket_merge;
template <>
inline constexpr permission needed<reopen> = permission::ticket_reopen;
template <>
inline constexpr permission needed<archive> = permission::ticket_archive;
template <>
inline constexpr permission needed<further_contact> = permission::ticket_note;
template <>
inline constexpr permission needed<urge> = permission::ticket_urge;
template <>
inline constexpr permission needed<answer_urge> = permission::ticket_answer;
template <>
inline constexpr permission needed<supervise> = permission::ticket_supervise;
template <>
inline constexpr permission needed<answer_supervision> = permission::ticket_answer;
template <>
inline constexpr permission needed<clear_supervision> = permission::ticket_clear_supervision;
template <>
inline constexpr permission needed<link_to_group> = permission::ticket_merge;
template <>
inline constexpr permission needed<leave_group> = permission::ticket_merge;

/// Who besides the house may give a command.
enum class also { nobody, customer, system, both };

bool admits(const actor& who, permission what, also others);
/// Agents, officers and other systems: they act wherever the ticket is.
bool is_desk(const actor& who);
/// Serves the department that leads, while one does.
bool is_lead(const work& w);

template <class Command>
result<void> enter(const work& w, const Command&, std::initializer_list<status> states, also others = also::nobody)
{
    if (!admits(w.who, needed<Command>, others)) return fail(errc::forbidden);
    if (std::ranges::find(states, w.t.status) == states.end()) return fail(errc::wrong_state);
    return {};
}

template <class Command>
result<void> enter_any_open(const work& w, const Command&, also others = also::nobody)
{
    if (!admits(w.who, needed<Command>, others)) return fail(errc::forbidden);
    if (!is_open(w.t.status)) return fail(errc::wrong_state);
    return {};
}

/// H: of the department that leads.
template <class Command>
result<void> enter_as_handler(const work& w, const Command& c, std::initializer_list<status> states)
{
    if (auto in = enter(w, c, states); !in) return in;
    if (!w.who.serves(*w.t.lead_department)) return fail(errc::not_in_department);
    return {};
}

// One per alternative of `command`, in ticket_desk.cpp, ticket_department.cpp, ticket_callback.cpp and
// ticket_pressure.cpp.
result<void> apply(work& w, const resolve_direct& c);
result<void> apply(work& w, const classify& c);
result<void> apply(work& w, const judge_valid& c);
result<void> apply(work& w, const judge_invalid& c);
result<void> apply(work& w, const reply_invalid& c);
result<void> apply(work& w, const dispute& c);
result<void> apply(work& w, const arbitrate& c);
result<void> apply(work& w, const transfer& c);
result<void> apply(work& w, const reject_reply& c);
result<void> apply(work& w, const pass_reply& c);
result<void> apply(work& w, const merge& c);
result<void> apply(work& w, const absorb& c);
result<void> apply(work& w, const reopen& c);
result<void> apply(work& w, const link_to_group& c);
result<void> apply(work& w, const leave_group& c);
result<void> apply(work& w, const archive& c);

result<void> apply(work& w, const accept& c);
result<void> apply(work& w, const return_ticket& c);
result<void> apply(work& w, const sign_return& c);
result<void> apply(work& w, const add_co_handler& c);
result<void> apply(work& w, const finish_co_handler& c);
result<void> apply(work& w, const waive_co_handler& c);
result<void> apply(work& w, const log_contact& c);
result<void> apply(work& w, const propose& c);
result<void> apply(work& w, const approve& c);
result<void> apply(work& w, const reject_solution& c);
result<void> apply(work& w, const fulfil& c);
result<void> apply(work& w, const make_promise& c);
result<void> apply(work& w, const keep_promise& c);
result<void> apply(work& w, const request_extension& c);
result<void> apply(work& w, const decide_extension& c);
result<void> apply(work& w, const put_on_hold& c);
result<void> apply(work& w, const sign_hold& c);
result<void> apply(work& w, const resume_work& c);
result<void> apply(work& w, const complete& c);

result<void> apply(work& w, const attempt_callback& c);
result<void> apply(work& w, const give_verdict& c);
result<void> apply(work& w, const close_unreachable& c);
result<void> apply(work& w, const propose_final_answer& c);
result<void> apply(work& w, const sign_final_answer& c);
result<void> apply(work& w, const withdraw& c);
result<void> apply(work& w, const confirm_withdrawal& c);

result<void> apply(work& w, const further_contact& c);
result<void> apply(work& w, const urge& c);
result<void> apply(work& w, const answer_urge& c);
result<void> apply(work& w, const supervise& c);
result<void> apply(work& w, const answer_supervision& c);
result<void> apply(work& w, const clear_supervision& c);

result<void> apply(work& w, const run_due& c);
result<void> apply(work& w, const load_calendar& c);
result<void> apply(work& w, const load_targets& c);

} // namespace huiyin::domain
