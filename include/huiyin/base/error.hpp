#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace huiyin {

/// Every outcome a caller can meet in normal operation. Adapters translate at their border: SQLSTATE, constraint names
/// and protocol answers become an `errc` there and nowhere else. `net/problem.hpp` turns each into a status and a slug.
enum class errc {
    // the request
    bad_request,
    invalid_json,
    invalid_field,
    invalid_utf8,
    invalid_cursor,
    header_too_large,
    body_too_large,
    uri_too_long,
    unsupported_media_type,
    unsupported_transfer_encoding,
    method_not_allowed,
    version_required,
    stale_version,
    key_reused,
    foreign_origin,
    rate_limited,
    request_timeout,
    expectation_failed,
    // who asks
    not_authenticated,
    bad_credentials,
    locked_out,
    forbidden,
    not_found,
    // the rules
    already_exists,
    wrong_state,
    not_in_department,
    approver_is_proposer,
    caller_is_handler,
    above_authority,
    reason_required,
    root_cause_required,
    evidence_required,
    category_unknown,
    no_rule_for_category,
    not_callback_hours,
    too_early_to_try_again,
    attempts_not_exhausted,
    return_window_over,
    returns_exhausted,
    no_return_allowed,
    solution_repeated,
    second_person_required,
    supervisor_required,
    file_incomplete,
    reopen_window_open,
    contact_required,
    problem_required,
    direct_not_allowed,
    confirmation_required,
    template_not_approved,
    banned_phrase,
    understanding_required,
    new_fact_required,
    suggested_unit_required,
    nothing_to_arbitrate,
    same_department,
    responsible_person_required,
    solution_required,
    promise_due_invalid,
    interim_measure_required,
    result_required,
    customer_not_informed,
    co_handler_open,
    callback_time_invalid,
    solved_answer_required,
    extension_not_allowed,
    extension_too_late,
    extensions_exhausted,
    extension_too_long,
    holds_exhausted,
    co_handler_due_invalid,
    rework_required,
    remedy_required,
    promise_open,
    not_same_matter,
    follow_up_required,
    reopen_window_over,
    urged_recently,
    nothing_to_supervise,
    supervision_unanswered,
    fault_required,
    callback_bound,
    limit_reached,
    customer_merged,
    undo_window_over,
    action_not_done,
    erased,
    // the floor
    timeout,
    cancelled,
    unavailable,
    overloaded,
    shutting_down,
    commit_unknown,
    serialization_failure,
    constraint_violated,
    data_rejected,
    corrupt,
    not_configured,
    internal,
};

/// The stable word for logs and problem details: `stale_version` → "stale-version".
std::string_view slug(errc code);

/// A named value that may be shown to whoever asked, as an extension member of the problem details.
struct fact
{
    std::string name;
    std::string value;
};

struct error
{
    errc code = errc::internal;
    /// For the log; never reaches a client.
    std::string detail;
    /// For the client.
    std::vector<fact> facts;

    error with(std::string name, std::string value) &&
    {
        facts.push_back({std::move(name), std::move(value)});
        return std::move(*this);
    }
};

template <class T>
using result = std::expected<T, error>;

inline std::unexpected<error> fail(errc code, std::string detail = {})
{
    return std::unexpected(error{code, std::move(detail), {}});
}
inline std::unexpected<error> fail(error e)
{
    return std::unexpected(std::move(e));
}

} // namespace huiyin
