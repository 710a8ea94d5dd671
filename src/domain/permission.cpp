#include <huiyin/domain/permission.hpp>

#include <array>
#include <utility>

namespace huiyin::domain {

namespace {

constexpr std::array<std::pair<role, std::string_view>, role_count> role_names{{
    {role::agent, "agent"},
    {role::complaint_officer, "complaint_officer"},
    {role::department_handler, "department_handler"},
    {role::department_leader, "department_leader"},
    {role::supervisor, "supervisor"},
    {role::quality, "quality"},
    {role::administrator, "administrator"},
    {role::auditor, "auditor"},
}};

enum class reach { none, own, all };
using enum permission;

/// What a role may do, and how far.
reach granted(role r, permission p)
{
    switch (p) {
    case none_needed:
    case logged_in:
    case stream_follow:
    case case_read:
    case configuration_read: return reach::all;
    default: break;
    }
    switch (r) {
    case role::agent:
        switch (p) {
        case ticket_read:
        case ticket_create:
        case ticket_classify:
        case ticket_resolve_direct:
        case ticket_reply_invalid:
        case ticket_dispute:
        case ticket_note:
        case ticket_log_contact:
        case ticket_callback:
        case ticket_withdraw:
        case ticket_urge:
        case ticket_answer:
        case ticket_promise:
        case ticket_rate_reply:
        case customer_read:
        case customer_write:
        case people_read: return reach::all;
        default: return reach::none;
        }
    case role::complaint_officer:
        switch (p) {
        case ticket_read:
        case ticket_create:
        case ticket_classify:
        case ticket_judge:
        case ticket_transfer:
        case ticket_resolve_direct:
        case ticket_reply_invalid:
        case ticket_dispute:
        case ticket_note:
        case ticket_log_contact:
        case ticket_decide_extension:
        case ticket_review_reply:
        case ticket_co_handle:
        case ticket_callback:
        case ticket_archive:
        case ticket_withdraw:
        case ticket_merge:
        case ticket_reopen:
        case ticket_urge:
        case ticket_answer:
        case ticket_promise:
        case ticket_rate_reply:
        case customer_read:
        case customer_write:
        case customer_merge:
        case case_publish:
        case problem_manage:
        case customer_identity_of_report:
        case parked_read:
        case parked_retry:
        case people_read: return reach::all;
        default: return reach::none;
        }
    case role::department_handler:
        switch (p) {
        case ticket_read:
        case ticket_accept:
        case ticket_return:
        case ticket_note:
        case ticket_log_contact:
        case ticket_propose:
        case ticket_fulfil:
        case ticket_request_extension:
        case ticket_complete:
        case ticket_co_handle:
        case ticket_hold:
        case ticket_answer:
        case ticket_promise:
        case customer_read: return reach::own;
        case people_read: return reach::all;
        default: return reach::none;
        }
    case role::department_leader:
        switch (p) {
        case ticket_read:
        case ticket_accept:
        case ticket_return:
        case ticket_note:
        case ticket_log_contact:
        case ticket_approve:
        case ticket_request_extension:
        case ticket_co_handle:
        case ticket_hold:
        case ticket_answer:
        case ticket_promise:
        case report_read:
        case customer_read: return reach::own;
        case people_read: return reach::all;
        default: return reach::none;
        }
    case role::supervisor:
        switch (p) {
        case ticket_read:
        case ticket_create:
        case ticket_classify:
        case ticket_judge:
        case ticket_arbitrate:
        case ticket_transfer:
        case ticket_dispute:
        case ticket_note:
        case ticket_decide_extension:
        case ticket_review_reply:
        case ticket_co_handle:
        case ticket_callback:
        case ticket_close_unreachable:
        case ticket_archive:
        case ticket_final_answer:
        case ticket_merge:
        case ticket_reopen:
        case ticket_supervise:
        case ticket_clear_supervision:
        case customer_read:
        case customer_write:
        case customer_merge:
        case problem_manage:
        case customer_identity_of_report:
        case parked_read:
        case parked_retry:
        case people_read:
        case report_read:
        case quality_read:
        case metrics_read: return reach::all;
        default: return reach::none;
        }
    case role::quality:
        switch (p) {
        case ticket_read:
        case ticket_note:
        case case_publish:
        case problem_manage:
        case customer_read:
        case people_read:
        case report_read:
        case quality_read:
        case parked_read: return reach::all;
        default: return reach::none;
        }
    case role::administrator:
        switch (p) {
        case people_read:
        case people_manage:
        case token_manage:
        case configuration_manage:
        case customer_erase:
        case parked_read:
        case parked_retry:
        case outbox_manage:
        case journal_verify:
        case quality_read:
        case metrics_read: return reach::all;
        default: return reach::none;
        }
    case role::auditor:
        switch (p) {
        case ticket_read:
        case customer_read:
        case people_read:
        case report_read:
        case parked_read:
        case journal_verify:
        case quality_read:
        case metrics_read: return reach::all;
        default: return reach::none;
        }
    }
    return reach::none;
}

reach widest(const actor& who, permission p)
{
    auto found = reach::none;
    for (const auto& [r, name] : role_names)
        if (who.roles.has(r)) found = std::max(found, granted(r, p));
    return found;
}

bool reads(permission p)
{
    return p == ticket_read || p == customer_read || p == ticket_note;
}

bool has_scope(const actor& token, permission p)
{
    return std::ranges::find(token.scopes, static_cast<int>(p)) != token.scopes.end();
}

constexpr std::array<std::string_view, permission_count> permission_names{
    "none_needed",
    "logged_in",
    "ticket_read",
    "ticket_create",
    "ticket_classify",
    "ticket_judge",
    "ticket_arbitrate",
    "ticket_transfer",
    "ticket_resolve_direct",
    "ticket_reply_invalid",
    "ticket_dispute",
    "ticket_accept",
    "ticket_return",
    "ticket_note",
    "ticket_log_contact",
    "ticket_propose",
    "ticket_approve",
    "ticket_fulfil",
    "ticket_request_extension",
    "ticket_decide_extension",
    "ticket_complete",
    "ticket_review_reply",
    "ticket_co_handle",
    "ticket_callback",
    "ticket_close_unreachable",
    "ticket_archive",
    "ticket_hold",
    "ticket_final_answer",
    "ticket_withdraw",
    "ticket_merge",
    "ticket_reopen",
    "ticket_urge",
    "ticket_answer",
    "ticket_supervise",
    "ticket_clear_supervision",
    "ticket_promise",
    "ticket_rate_reply",
    "customer_read",
    "customer_write",
    "customer_identity_of_report",
    "customer_erase",
    "customer_merge",
    "case_read",
    "case_publish",
    "problem_manage",
    "intake_submit",
    "parked_read",
    "parked_retry",
    "stream_follow",
    "people_read",
    "people_manage",
    "token_manage",
    "configuration_read",
    "configuration_manage",
    "journal_verify",
    "outbox_manage",
    "report_read",
    "quality_read",
    "metrics_read",
};

} // namespace

std::string_view to_string(role r)
{
    return role_names[static_cast<std::size_t>(r)].second;
}

std::optional<role> parse_role(std::string_view name)
{
    for (const auto& [r, known] : role_names)
        if (known == name) return r;
    return std::nullopt;
}

std::string_view to_string(actor_kind k)
{
    switch (k) {
    case actor_kind::anonymous: return "anonymous";
    case actor_kind::customer: return "customer";
    case actor_kind::user: return "user";
    case actor_kind::token: return "token";
    case actor_kind::system: return "system";
    }
    return "anonymous";
}

std::string_view to_string(permission p)
{
    return permission_names[static_cast<std::size_t>(p)];
}

std::optional<permission> parse_permission(std::string_view name)
{
    for (std::size_t i = 0; i < permission_names.size(); ++i)
        if (permission_names[i] == name) return static_cast<permission>(i);
    return std::nullopt;
}

bool may(const actor& who, permission what)
{
    if (what == none_needed) return true;
    switch (who.kind) {
    case actor_kind::system: return true;
    case actor_kind::token: return has_scope(who, what);
    case actor_kind::user: return what == logged_in || widest(who, what) != reach::none;
    case actor_kind::customer:
    case actor_kind::anonymous: return false;
    }
    return false;
}

bool may(const actor& who, permission what, const object_scope& object)
{
    if (!may(who, what)) return false;
    if (who.kind != actor_kind::user || what == none_needed || what == logged_in) return true;
    switch (widest(who, what)) {
    case reach::none: return false;
    case reach::all: return true;
    case reach::own: break;
    }
    if (object.assignee && who.is(*object.assignee)) return true;
    if (reads(what)) return std::ranges::any_of(object.departments, [&](auto d) { return who.serves(d); });
    if (what == ticket_co_handle && std::ranges::any_of(object.helping, [&](auto d) { return who.serves(d); }))
        return true;
    return object.responsible && who.serves(*object.responsible);
}

} // namespace huiyin::domain
