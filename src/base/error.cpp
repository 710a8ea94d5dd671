#include <huiyin/base/error.hpp>

namespace huiyin {

std::string_view slug(errc code)
{
    switch (code) {
    case errc::bad_request: return "bad-request";
    case errc::invalid_json: return "invalid-json";
    case errc::invalid_field: return "invalid-field";
    case errc::invalid_utf8: return "invalid-utf8";
    case errc::invalid_cursor: return "invalid-cursor";
    case errc::header_too_large: return "header-too-large";
    case errc::body_too_large: return "body-too-large";
    case errc::uri_too_long: return "uri-too-long";
    case errc::unsupported_media_type: return "unsupported-media-type";
    case errc::unsupported_transfer_encoding: return "unsupported-transfer-encoding";
    case errc::method_not_allowed: return "method-not-allowed";
    case errc::version_required: return "version-required";
    case errc::stale_version: return "stale-version";
    case errc::key_reused: return "key-reused";
    case errc::foreign_origin: return "foreign-origin";
    case errc::rate_limited: return "rate-limited";
    case errc::request_timeout: return "request-timeout";
    case errc::expectation_failed: return "expectation-failed";
    case errc::not_authenticated: return "not-authenticated";
    case errc::bad_credentials: return "bad-credentials";
    case errc::locked_out: return "locked-out";
    case errc::forbidden: return "forbidden";
    case errc::not_found: return "not-found";
    case errc::already_exists: return "already-exists";
    case errc::wrong_state: return "wrong-state";
    case errc::not_in_department: return "not-in-department";
    case errc::approver_is_proposer: return "approver-is-proposer";
    case errc::caller_is_handler: return "caller-is-handler";
    case errc::above_authority: return "above-authority";
    case errc::reason_required: return "reason-required";
    case errc::root_cause_required: return "root-cause-required";
    case errc::evidence_required: return "evidence-required";
    case errc::category_unknown: return "category-unknown";
    case errc::no_rule_for_category: return "no-rule-for-category";
    case errc::not_callback_hours: return "not-callback-hours";
    case errc::too_early_to_try_again: return "too-early-to-try-again";
    case errc::attempts_not_exhausted: return "attempts-not-exhausted";
    case errc::return_window_over: return "return-window-over";
    case errc::returns_exhausted: return "returns-exhausted";
    case errc::no_return_allowed: return "no-return-allowed";
    case errc::solution_repeated: return "solution-repeated";
    case errc::second_person_required: return "second-person-required";
    case errc::supervisor_required: return "supervisor-required";
    case errc::file_incomplete: return "file-incomplete";
    case errc::reopen_window_open: return "reopen-window-open";
    case errc::contact_required: return "contact-required";
    case errc::problem_required: return "problem-required";
    case errc::direct_not_allowed: return "direct-not-allowed";
    case errc::confirmation_required: return "confirmation-required";
    case errc::template_not_approved: return "template-not-approved";
    case errc::banned_phrase: return "banned-phrase";
    case errc::understanding_required: return "understanding-required";
    case errc::new_fact_required: return "new-fact-required";
    case errc::suggested_unit_required: return "suggested-unit-required";
    case errc::nothing_to_arbitrate: return "nothing-to-arbitrate";
    case errc::same_department: return "same-department";
    case errc::responsible_person_required: return "responsible-person-required";
    case errc::solution_required: return "solution-required";
    case errc::promise_due_invalid: return "promise-due-invalid";
    case errc::interim_measure_required: return "interim-measure-required";
    case errc::result_required: return "result-required";
    case errc::customer_not_informed: return "customer-not-informed";
    case errc::co_handler_open: return "co-handler-open";
    case errc::callback_time_invalid: return "callback-time-invalid";
    case errc::solved_answer_required: return "solved-answer-required";
    case errc::extension_not_allowed: return "extension-not-allowed";
    case errc::extension_too_late: return "extension-too-late";
    case errc::extensions_exhausted: return "extensions-exhausted";
    case errc::extension_too_long: return "extension-too-long";
    case errc::holds_exhausted: return "holds-exhausted";
    case errc::co_handler_due_invalid: return "co-handler-due-invalid";
    case errc::rework_required: return "rework-required";
    case errc::remedy_required: return "remedy-required";
    case errc::promise_open: return "promise-open";
    case errc::not_same_matter: return "not-same-matter";
    case errc::follow_up_required: return "follow-up-required";
    case errc::reopen_window_over: return "reopen-window-over";
    case errc::urged_recently: return "urged-recently";
    case errc::nothing_to_supervise: return "nothing-to-supervise";
    case errc::supervision_unanswered: return "supervision-unanswered";
    case errc::fault_required: return "fault-required";
    case errc::callback_bound: return "callback-bound";
    case errc::limit_reached: return "limit-reached";
    case errc::customer_merged: return "customer-merged";
    case errc::undo_window_over: return "undo-window-over";
    case errc::action_not_done: return "action-not-done";
    case errc::erased: return "erased";
    case errc::timeout: return "timeout";
    case errc::cancelled: return "cancelled";
    case errc::unavailable: return "unavailable";
    case errc::overloaded: return "overloaded";
    case errc::shutting_down: return "shutting-down";
    case errc::commit_unknown: return "commit-unknown";
    case errc::serialization_failure: return "serialization-failure";
    case errc::constraint_violated: return "constraint-violated";
    case errc::data_rejected: return "data-rejected";
    case errc::corrupt: return "corrupt";
    case errc::not_configured: return "not-configured";
    case errc::internal: return "internal";
    }
    return "internal";
}

} // namespace huiyin
