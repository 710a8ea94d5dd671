#pragma once

#include <huiyin/domain/actor.hpp>

#include <optional>
#include <string_view>
#include <vector>

namespace huiyin::domain {

/// One per thing that can be done through any interface. The route carries it, the service asks `may` for the object.
enum class permission {
    none_needed, ///< Public pages, health, log-in.
    logged_in,   ///< Anyone of the house: own profile, own sessions.
    ticket_read,
    ticket_create,
    ticket_classify,
    ticket_judge,
    ticket_arbitrate,
    ticket_transfer,
    ticket_resolve_direct,
    ticket_reply_invalid,
    ticket_dispute,
    ticket_accept,
    ticket_return,
    ticket_note,
    ticket_log_contact,
    ticket_propose,
    ticket_approve,
    ticket_fulfil,
    ticket_request_extension,
    ticket_decide_extension,
    ticket_complete,
    ticket_review_reply,
    ticket_co_handle,
    ticket_callback,
    ticket_close_unreachable,
    ticket_archive,
    ticket_hold,
    ticket_final_answer, ///< To propose it; to sign it is ticket_approve.
    ticket_withdraw,     ///< For a customer who asked the house to.
    ticket_merge,        ///< Groups included.
    ticket_reopen,
    ticket_urge,
    ticket_answer, ///< An urge or a supervision.
    ticket_supervise,
    ticket_clear_supervision,
    ticket_promise,
    ticket_rate_reply, ///< The front line, as the departments' customer.
    customer_read,
    customer_write,
    customer_identity_of_report,
    customer_erase,
    customer_merge, ///< And to undo it.
    case_read,      ///< Case library and problem records.
    case_publish,
    problem_manage,
    intake_submit,
    parked_read,
    parked_retry,
    stream_follow,
    people_read,
    people_manage,
    token_manage,
    configuration_read,
    configuration_manage,
    journal_verify,
    outbox_manage,
    report_read,  ///< Figures, and which tickets they count.
    quality_read, ///< Signs that a ticket was finished for the clock.
    metrics_read,
};
constexpr std::size_t permission_count = static_cast<std::size_t>(permission::metrics_read) + 1;

std::string_view to_string(permission p);
std::optional<permission> parse_permission(std::string_view name);

enum class sensitivity {
    ordinary,
    confidential, ///< Reports (举报): who reported is for named roles only.
};

/// What a rule needs to know of the object that is asked for. Made by the store that read the object, in the same
/// transaction.
struct object_scope
{
    /// Departments that have or had a part in it.
    std::vector<department_id> departments;
    /// The department that must act now.
    std::optional<department_id> responsible;
    /// Departments with an unfinished part of their own: for ticket_co_handle as if responsible.
    std::vector<department_id> helping;
    /// The person it is assigned to.
    std::optional<user_id> assignee;
    sensitivity sensitive = sensitivity::ordinary;
};

/// Whether the actor's roles give him this permission for anything at all. What a route asks before it reads.
bool may(const actor& who, permission what);

/// The one rule on every path: whether the actor may do this to this object. A refusal is answered like a missing
/// object.
/// - system may everything;
/// - a token may what its scopes name, everywhere;
/// - a user may by role everywhere (officer, supervisor, quality, auditor: see the table in permission.cpp) or in his
/// own
///   departments (handler, leader): to read where one of them has or had a part, to act where one is responsible now.
bool may(const actor& who, permission what, const object_scope& object);

} // namespace huiyin::domain
