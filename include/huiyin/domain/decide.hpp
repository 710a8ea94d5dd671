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

struct destination
{
    department_id department;
    std::optional<user_id> contact_a;
    std::optional<user_id> contact_b;
    bool a_is_away = false;
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

/// 11. S. Errors: nothing_to_arbitrate, reason_required.
struct arbitrate
{
    work_order_id order;
    destination to;
    bool conflict = false; ///< Departments quarrel before anyone returned it.
    std::string reason;
};

/// 12. O, S. Errors: reason_required, same_department.
struct transfer
{
    work_order_id order;
    destination to;
    std::string reason;
};

enum class contact_kind { reply, call, visit, letter };
template <>
struct names<contact_kind>
{
    static constexpr auto of = std::to_array<std::string_view>({"reply", "call", "visit", "letter"});
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

/// 22. H. Errors: not_in_department, result_required, customer_not_informed, evidence_required, co_handler_open.
struct complete
{
    std::optional<text_ref> result;
    bool customer_informed = false;
    int evidence = 0;
};

/// 23. O. Errors: reason_required, invalid_field (not one of not_solved, false_reply, template_text).
struct reject_reply
{
    std::string reason;
};

/// 24. O.
struct pass_reply
{};

/// 25. A, SYS. Errors: caller_is_handler, not_callback_hours, too_early_to_try_again, callback_time_invalid,
/// invalid_field (`reached` is a verdict).
struct attempt_callback
{
    callback_id id;
    callback_outcome outcome = callback_outcome::no_answer;
    std::optional<instant> wished_at; ///< For `later`.
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

/// 33. SYS, O. Errors: reopen_window_open, file_incomplete.
struct archive
{};

/// A proven further contact on the open matter: counted as an urge (invariant 9). Intake calls it.
struct further_contact
{
    interaction_id interaction;
};

/// SYS: every step whose time has come, in the order of their times. Nothing due: a decision without events.
struct run_due
{};

/// SYS: a calendar was loaded late or changed. The policy brings the new one under the same name. Keeps the time used
/// and counts the rest anew (deadline.hpp, recount). Nothing changed: a decision without events.
struct load_calendar
{
    std::shared_ptr<const calendar> before;
};

using command = std::variant<resolve_direct, classify, judge_valid, judge_invalid, reply_invalid, dispute, accept,
                             return_ticket, sign_return, arbitrate, transfer, log_contact, propose, approve,
                             reject_solution, fulfil, complete, reject_reply, pass_reply, attempt_callback,
                             give_verdict, close_unreachable, archive, further_contact, run_due, load_calendar>;

/// What the route of a command carries. `logged_in` for those that no person gives (run_due,
/// load_calendar).
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

    bool operator==(const notice&) const = default;
};

/// Tell the customer; the service knows how and in which words.
enum class customer_message { acknowledgement, invalid_reply, urge_noted, promise_made, survey_link, closed };
template <>
struct names<customer_message>
{
    static constexpr auto of = std::to_array<std::string_view>(
        {"acknowledgement", "invalid_reply", "urge_noted", "promise_made", "survey_link", "closed"});
};

struct decision
{
    ticket next;
    /// At least one when anything changed; exactly one has `from != to` unless run_due took several steps.
    std::vector<event> events;
    std::vector<notice> notices;
    std::vector<customer_message> messages;
};

/// Errors besides the command's own: forbidden, wrong_state, not_configured (the policy lacks a calendar that a target
/// or a running deadline names). `now` is taken as not before the ticket's last change.
result<decision> decide(const ticket& t, const command& c, const policy& p, const actor& who, instant now);
result<decision> decide(const create& c, const policy& p, const actor& who, instant now);
result<decision> decide(const import_record& c, const policy& p, const actor& who, instant now);

} // namespace huiyin::domain
