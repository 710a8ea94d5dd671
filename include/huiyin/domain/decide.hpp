#pragma once

#include <huiyin/base/error.hpp>
#include <huiyin/domain/actor.hpp>
#include <huiyin/domain/permission.hpp>
#include <huiyin/domain/policy.hpp>
#include <huiyin/domain/ticket.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

/// The rule book of the ticket: one command, one decision. Pure; any thread.
///
/// A refusal leaves nothing behind. Checks come in this order: what may be asked of anybody at all (`forbidden`), the
/// state (`wrong_state`), the department and the person, then the guards of the row from left to right. Commands carry
/// ids for the rows they make, and references to words, never words.
namespace huiyin::domain {

// commands

/// 1. C, A, API. Errors: contact_required, problem_required, category_unknown (given, but not the policy's).
struct create
{
    ticket_id id;
    std::string number;
    ticket_type type = ticket_type::complaint;
    std::string category; ///< Empty when not known yet.
    std::string channel;
    customer_id customer;
    sensitivity sensitive = sensitivity::ordinary;
    bool vip = false;
    bool repeat = false;
    bool customer_waiting = false;
    std::optional<text_ref> problem;
    std::optional<text_ref> object;
    std::optional<text_ref> desired_solution;
    std::optional<instant> occurred_at;
    std::optional<ticket_id> suspected_duplicate_of;
    std::optional<ticket_id> follow_up_of;
};

/// 0. SYS. Finished records land in `archived`, others in `triage` with clocks from now. No notices, no messages.
struct import_record
{
    ticket_id id;
    std::string number;
    ticket_type type = ticket_type::complaint;
    std::string category;
    std::string channel;
    customer_id customer; ///< Nil where the source names nobody.
    std::optional<text_ref> problem;
    std::optional<text_ref> object;
    std::optional<instant> occurred_at;
    instant reported_at;
    bool finished = false;
    std::optional<instant> closed_at; ///< Of a finished one; now where the source does not say.
};

/// 2. A. Errors: category_unknown, direct_not_allowed, above_authority, solved_answer_required, confirmation_required,
/// root_cause_required (a valid ticket needs one for its file).
struct resolve_direct
{
    std::int64_t cost_cents = 0;
    bool customer_confirmed = false;
    answers said;
    std::string root_cause;
};

/// 3. A, O. Errors: category_unknown.
struct classify
{
    std::string category;
};

/// 4. O; S where the rule names no department or another one. Errors: category_unknown, no_rule_for_category,
/// supervisor_required (another department than the rule's, or one that returned it).
struct judge_valid
{
    work_order_id order;
    destination to;
};

/// 5. O. Errors: reason_required, evidence_required, second_person_required (the first one again, VIP or repeat).
struct judge_invalid
{
    std::string reason;
    std::optional<text_ref> words;
    int evidence = 0; ///< Pieces of it.
};

enum class understanding { not_asked, asked, accepted };

/// 6. A, O. Errors: template_not_approved, banned_phrase, understanding_required.
struct reply_invalid
{
    std::string template_code;
    text_ref words;
    bool has_banned_phrase = false; ///< What banned_phrase_in found.
    understanding customer = understanding::not_asked;
};

/// 7. C, or the desk for him. Errors: from the second on supervisor_required, new_fact_required.
struct dispute
{
    std::optional<text_ref> new_fact;
};

/// 8. H. Errors: not_in_department.
struct accept
{};

/// 10. H asks, L signs; L alone does both. Errors: not_in_department, no_return_allowed, returns_exhausted,
/// return_window_over, reason_required, evidence_required (no basis), suggested_unit_required, already_exists (a
/// request waits).
struct return_ticket
{
    std::string reason;
    std::optional<text_ref> basis;
    std::optional<department_id> suggested;
};
/// L. Errors: not_in_department, not_found (no request waits), second_person_required (his own), and those of the
/// window.
struct sign_return
{
    bool agreed = false;
};

/// 11. S. Errors: nothing_to_arbitrate, reason_required, fault_required (returns at their cap, or a conflict),
/// invalid_field (`wrong` never led it).
struct arbitrate
{
    work_order_id order;
    destination to;
    bool conflict = false; ///< Departments quarrel before anyone returned it.
    std::string reason;
    /// Who pays for the time that was lost.
    std::optional<fault_side> at_fault{};
    std::optional<department_id> wrong{}; ///< The department at fault.
};

/// 13. O, S, H of the lead. From dispatched to on_hold. Errors: not_in_department, same_department (it leads),
/// already_exists (it has an open part), co_handler_due_invalid (past, or after the ticket's own), limit_reached.
struct add_co_handler
{
    work_order_id order;
    destination to;
    std::optional<instant> due_at; ///< Empty: the ticket's own.
};
/// 13. H of that department. In any open state but withdrawn. Errors: not_found (no such open part), not_in_department,
/// result_required.
struct finish_co_handler
{
    work_order_id order;
    std::optional<text_ref> result;
};
/// 13. O, S, H of the lead. Errors: not_found, not_in_department, reason_required.
struct waive_co_handler
{
    work_order_id order;
    std::string reason;
};

/// 12. O, S. Errors: reason_required, same_department.
struct transfer
{
    work_order_id order;
    destination to;
    std::string reason;
};

/// 14. H from investigating to reply_review; A, O in any open state. Also what a staff reply sent to the customer is.
struct log_contact
{
    interaction_id interaction;
    contact_kind how = contact_kind::call;
    bool reached = true; ///< False: tried in vain, which stops no clock.
};

/// 15. H. Errors: not_in_department, root_cause_required, responsible_person_required, solution_required,
/// reason_required, promise_due_invalid, interim_measure_required, solution_repeated (used in an earlier cycle),
/// invalid_field (cost below 0).
struct propose
{
    solution_id id;
    solution_kind kind = solution_kind::fix;
    std::optional<text_ref> words;
    sha256_digest fingerprint{};
    std::int64_t cost_cents = 0;
    std::string root_cause;
    std::optional<user_id> responsible_person;
    std::string no_responsible_reason;
    std::string promise_reason;
    std::optional<instant> promised_due_at;
    std::optional<text_ref> interim;
};

/// 16, 17. L. Errors: not_in_department, approver_is_proposer, above_authority, promise_due_invalid (it has passed
/// meanwhile).
struct approve
{
    promise_id promise; ///< Used when the version is a promise.
    std::optional<text_ref> comment;
};

/// 18. L. Errors: as approve; reason_required (no comment).
struct reject_solution
{
    std::optional<text_ref> comment;
};

/// 19. H. Errors: not_in_department.
struct fulfil
{};

/// Ledger of promises, beside a solution. A, O, and H, L of the lead; in any open state but withdrawn. Errors:
/// not_in_department, promise_due_invalid, limit_reached.
struct make_promise
{
    promise_id id;
    instant due;
    text_ref words;
};
/// As make_promise, in `closed` as well. Late: it was kept, but broken. Errors: not_found (no such open promise beside
/// a solution), not_in_department.
struct keep_promise
{
    promise_id id;
};

/// 20. H or L. In investigating, pending_approval, executing. Errors: not_in_department, extension_not_allowed (P1),
/// extensions_exhausted, already_exists (one waits), extension_too_late (the due instant has passed), reason_required,
/// invalid_field (`until` is no later), extension_too_long.
struct request_extension
{
    instant until;
    std::string reason;
    std::optional<text_ref> basis;
};
/// 20. O, S. Errors: not_found (none waits), second_person_required, reason_required (a refusal), extension_too_late
/// (`until` has passed meanwhile).
struct decide_extension
{
    bool granted = false;
    std::string reason;
};

/// 21. H asks, L signs; L alone does both. Errors: not_in_department, reason_required, invalid_field (unknown reason;
/// an appointment without time, in the past or after hold_max), customer_not_informed (`told` is no logged contact that
/// reached him), holds_exhausted, already_exists (one waits).
struct put_on_hold
{
    std::string reason;
    std::optional<interaction_id> told;
    std::optional<instant> until;
    std::optional<text_ref> words;
};
/// 21. L. Errors: not_in_department, not_found (none waits), second_person_required, invalid_field (the appointment has
/// passed).
struct sign_hold
{
    bool agreed = false;
};
/// 21. H, L (the customer by any contact, SYS at the end of hold_max). Errors: not_in_department.
struct resume_work
{};

/// 22. H. Errors: not_in_department, result_required, customer_not_informed, evidence_required (fewer files than the
/// policy asks; a contact that is missing, was not logged since the work began, or not by voice), co_handler_open.
struct complete
{
    std::optional<text_ref> result;
    bool customer_informed = false;
    int evidence = 0;                        ///< Files.
    std::optional<interaction_id> contact{}; ///< By which the customer was informed.
};

/// 23. O. Errors: reason_required, invalid_field (not one of not_solved, false_reply, template_text).
struct reject_reply
{
    std::string reason;
};

/// 24. O.
struct pass_reply
{};

/// 25. A, SYS; in `withdrawn` as well. Errors: caller_is_handler, callback_bound, not_callback_hours,
/// too_early_to_try_again, callback_time_invalid, invalid_field (`reached` is a verdict; only messages are `sent`).
struct attempt_callback
{
    callback_id id;
    callback_outcome outcome = callback_outcome::no_answer;
    std::optional<instant> wished_at;          ///< For `later`.
    std::optional<callback_channel> channel{}; ///< Empty: the one that was planned.
};

/// 26, 27 (on an invalid ticket 7). C, or A who reached him. Errors: those of an attempt unless the customer came by
/// himself; solved_answer_required, invalid_field; unsatisfied: reason_required; a second dispute: supervisor_required.
struct give_verdict
{
    callback_id id;
    answers said;
    std::string reason;
    bool customer_came = false; ///< He called or wrote; hours and gaps bind nobody then.
};

/// 28. S (SYS in run_due only). Errors: attempts_not_exhausted, reason_required.
struct close_unreachable
{
    std::string reason;
};

/// 29. S proposes, L agrees. In investigating and callback_pending. Errors: rework_required (fewer than two cycles),
/// evidence_required (no basis), remedy_required, result_required (no words), invalid_field (scores), already_exists
/// (one waits).
struct propose_final_answer
{
    std::optional<text_ref> basis;
    std::string remedy;
    std::optional<text_ref> words;
    std::optional<answers> said;
};
/// 29. L of the lead or above. Errors: not_in_department, not_found (none waits), second_person_required.
struct sign_final_answer
{
    bool agreed = false;
};

/// 30. C, or A, O for him; in any open state. A hold ends with it.
struct withdraw
{
    std::string reason;
    std::optional<text_ref> words;
};
/// 30. A, O, S who asked him. Errors: caller_is_handler, second_person_required (he entered it himself) and those of an
/// attempt unless the customer came by himself. Not confirmed: back to where it was.
struct confirm_withdrawal
{
    callback_id id;
    bool confirmed = false;
    bool customer_came = false;
};

/// 31, on the source, in one transaction with `absorb` on the target: merge_into() makes it from the target. O, S; any
/// open state but withdrawn. Errors: invalid_field (into itself), not_same_matter (another customer or category),
/// wrong_state (the target is not open), promise_open.
struct merge
{
    ticket_id into;
    customer_id customer;
    std::string category;
    ticket_status status = ticket_status::registered;
};
/// 31, on the target: absorb_of() makes it from the source as it was before. Same errors. The earlier due wins.
struct absorb
{
    ticket_id source;
    customer_id customer;
    std::string category;
    ticket_status status = ticket_status::registered;
    bool has_open_promise = false;
    std::optional<instant> due;
};

/// 32. C, O, S. Errors: follow_up_required (archived: make a ticket with follow_up_of), reopen_window_over,
/// reason_required.
struct reopen
{
    std::string reason;
    std::optional<text_ref> words;
};

/// 34. C, A, O, SYS; any open state. A customer's ends a hold. Errors: urged_recently (24 h, unless past due).
struct urge
{
    std::optional<text_ref> words;
};
/// 34. H, L of the lead; the desk where none leads. Errors: not_in_department, not_found (nothing to answer).
struct answer_urge
{
    text_ref words;
};

/// 35. U, S, SYS; any open state. Errors: invalid_field (unknown reason), nothing_to_supervise (not overdue, no two
/// reworks), already_exists (not cleared yet).
struct supervise
{
    std::string reason; ///< overdue, rework, media, leader, mass.
    std::optional<text_ref> words;
};
/// 35. As answer_urge.
struct answer_supervision
{
    text_ref words;
};
/// 35. U; open and closed. Errors: not_found (none stands), supervision_unanswered (while the ticket is open).
struct clear_supervision
{};

/// Many complainants, one case: each still has a ticket and a callback of his own. O, S; any open state. Errors:
/// invalid_field (itself), already_exists.
struct link_to_group
{
    ticket_id root;
};
/// Errors: not_found.
struct leave_group
{};

/// 33. SYS, O. Errors: reopen_window_open, file_incomplete.
struct archive
{};

/// A proven further contact on the open matter: counted as an urge (invariant 9), and ends a hold. Intake calls it.
struct further_contact
{
    interaction_id interaction;
};

/// SYS: every step whose time has come, in the order of their times. Nothing due: a decision without events.
struct run_due
{};

/// SYS: a calendar was loaded late or changed. The policy brings the new one under the same name. Keeps the time used
/// and counts the rest anew (deadline.hpp, recount); the event keeps by clock the due instants that were. Nothing
/// changed: a decision without events.
struct load_calendar
{
    std::shared_ptr<const calendar> before;
};

/// SYS: a later version of the rules has other targets. `before`: the rules of this ticket by earlier versions. A clock
/// that stands on the target which the rules of its own version gave, and for which the present ones have another, goes
/// by that from now on (deadline.hpp, retarget). Nothing changed: a decision without events.
struct load_targets
{
    std::vector<policy> before;
};

using command =
    std::variant<resolve_direct, classify, judge_valid, judge_invalid, reply_invalid, dispute, accept, return_ticket,
                 sign_return, arbitrate, transfer, log_contact, propose, approve, reject_solution, fulfil, complete,
                 reject_reply, pass_reply, attempt_callback, give_verdict, close_unreachable, archive, further_contact,
                 run_due, load_calendar, load_targets, add_co_handler, finish_co_handler, waive_co_handler,
                 make_promise, keep_promise, request_extension, decide_extension, put_on_hold, sign_hold, resume_work,
                 propose_final_answer, sign_final_answer, withdraw, confirm_withdrawal, merge, absorb, reopen, urge,
                 answer_urge, supervise, answer_supervision, clear_supervision, link_to_group, leave_group>;

/// The two halves of row 31, each made from the other ticket.
merge merge_into(const ticket& target);
absorb absorb_of(const ticket& source);

/// What the route of a command carries. `logged_in` for those that no person gives (run_due, load_calendar,
/// load_targets).
permission permission_for(const command& c);

// decisions

using event_value = std::variant<bool, std::int64_t, std::string, uuid, instant>;

/// One line of the journal about this ticket. `data` holds what the changed columns do not tell; the service adds
/// those.
struct event
{
    std::string_view kind; ///< "ticket.dispatched"
    instant at;
    actor_kind by_kind = actor_kind::system;
    uuid by;
    std::optional<ticket_status> from; ///< Empty for a new ticket.
    ticket_status to = ticket_status::registered;
    std::string reason; ///< A code.
    std::vector<std::pair<std::string_view, event_value>> data;
    std::vector<text_ref> words;
};

enum class recipient { desk, department, person, leader, supervisor, supervision_officer, executives };
template <>
struct names<recipient>
{
    static constexpr auto of = std::to_array<std::string_view>(
        {"desk", "department", "person", "leader", "supervisor", "supervision_officer", "executives"});
};

/// Tell someone of the house.
struct notice
{
    recipient to = recipient::desk;
    std::optional<department_id> department; ///< For department and leader.
    std::optional<user_id> person;           ///< For person.
    std::string_view about;                  ///< The event's kind.
    std::optional<deadline_kind> clock;
    /// P1 or P2: now, whatever the receiver's calendar says.
    bool urgent = false;

    bool operator==(const notice&) const = default;
};

/// Tell the customer; the service knows how and in which words.
enum class customer_message {
    acknowledgement,
    invalid_reply,
    urge_noted,
    promise_made,
    survey_link,
    closed,
    extension_granted,
    put_on_hold,
    urge_answered,
    withdrawal_noted, ///< He will be asked himself before it ends.
    merged,
    reopened,
    final_answer,
};
template <>
struct names<customer_message>
{
    static constexpr auto of = std::to_array<std::string_view>(
        {"acknowledgement", "invalid_reply", "urge_noted", "promise_made", "survey_link", "closed", "extension_granted",
         "put_on_hold", "urge_answered", "withdrawal_noted", "merged", "reopened", "final_answer"});
};

struct decision
{
    ticket next;
    /// At least one when anything changed; one, unless run_due took several steps, a contact of the customer ended a
    /// hold or a passed reply was closed outside the sample. Together they tell the way from state to state without a
    /// gap.
    std::vector<event> events;
    /// Nobody is told the same thing twice.
    std::vector<notice> notices;
    std::vector<customer_message> messages;
};

/// Errors besides the command's own: forbidden, wrong_state, not_configured (the policy lacks a calendar that a target
/// or a running deadline names). `now` is taken as not before the ticket's last change.
result<decision> decide(const ticket& t, const command& c, const policy& p, const actor& who, instant now);
result<decision> decide(const create& c, const policy& p, const actor& who, instant now);
result<decision> decide(const import_record& c, const policy& p, const actor& who, instant now);

} // namespace huiyin::domain
