#include <huiyin/net/message.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>

namespace huiyin::net {

namespace {

std::string title_of(std::string_view code)
{
    std::string title(code);
    std::ranges::replace(title, '-', ' ');
    if (!title.empty() && title[0] >= 'a' && title[0] <= 'z') title[0] = static_cast<char>(title[0] - 32);
    return title;
}

std::string dump(const nlohmann::json& body)
{
    return body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

/// `invalid_field` has one shape, whether a body was read whole or a service met the first thing that is wrong.
response refusal_of_field(const error& why)
{
    const auto told = [&](std::string_view name) {
        const auto found = std::ranges::find(why.facts, name, &fact::name);
        return found == why.facts.end() ? std::string() : found->value;
    };
    violations one;
    const auto reason = told("reason");
    one.add(told("field"), reason.empty() ? "is not valid" : reason);
    auto reply = one.reply();
    reply.log_detail = why.detail;
    return reply;
}

} // namespace

int status_of(errc code)
{
    switch (code) {
    case errc::bad_request: return 400;
    case errc::invalid_json: return 400;
    case errc::invalid_field: return 422;
    case errc::invalid_utf8: return 400;
    case errc::invalid_cursor: return 400;
    case errc::header_too_large: return 431;
    case errc::body_too_large: return 413;
    case errc::uri_too_long: return 414;
    case errc::unsupported_media_type: return 415;
    case errc::unsupported_transfer_encoding: return 501;
    case errc::method_not_allowed: return 405;
    case errc::version_required: return 428;
    case errc::stale_version: return 412;
    case errc::key_reused: return 422;
    case errc::foreign_origin: return 403;
    case errc::rate_limited: return 429;
    case errc::request_timeout: return 408;
    case errc::expectation_failed: return 417;
    case errc::not_authenticated: return 401;
    case errc::bad_credentials: return 401;
    case errc::locked_out: return 429;
    case errc::forbidden: return 403;
    case errc::not_found: return 404;
    case errc::already_exists: return 409;
    case errc::wrong_state: return 409;
    case errc::not_in_department: return 403;
    case errc::approver_is_proposer: return 403;
    case errc::caller_is_handler: return 403;
    case errc::above_authority: return 403;
    case errc::reason_required: return 422;
    case errc::root_cause_required: return 422;
    case errc::evidence_required: return 422;
    case errc::category_unknown: return 422;
    case errc::no_rule_for_category: return 422;
    case errc::not_callback_hours: return 409;
    case errc::too_early_to_try_again: return 409;
    case errc::attempts_not_exhausted: return 409;
    case errc::return_window_over: return 409;
    case errc::returns_exhausted: return 409;
    case errc::no_return_allowed: return 409;
    case errc::solution_repeated: return 409;
    case errc::second_person_required: return 403;
    case errc::supervisor_required: return 403;
    case errc::file_incomplete: return 409;
    case errc::reopen_window_open: return 409;
    case errc::contact_required: return 422;
    case errc::problem_required: return 422;
    case errc::confirmation_required: return 422;
    case errc::banned_phrase: return 422;
    case errc::understanding_required: return 422;
    case errc::new_fact_required: return 422;
    case errc::suggested_unit_required: return 422;
    case errc::responsible_person_required: return 422;
    case errc::solution_required: return 422;
    case errc::promise_due_invalid: return 422;
    case errc::interim_measure_required: return 422;
    case errc::result_required: return 422;
    case errc::callback_time_invalid: return 422;
    case errc::solved_answer_required: return 422;
    case errc::direct_not_allowed: return 409;
    case errc::template_not_approved: return 409;
    case errc::nothing_to_arbitrate: return 409;
    case errc::same_department: return 409;
    case errc::customer_not_informed: return 409;
    case errc::co_handler_open: return 409;
    case errc::extension_not_allowed: return 409;
    case errc::extension_too_late: return 409;
    case errc::extensions_exhausted: return 409;
    case errc::extension_too_long: return 422;
    case errc::holds_exhausted: return 409;
    case errc::co_handler_due_invalid: return 422;
    case errc::rework_required: return 409;
    case errc::remedy_required: return 422;
    case errc::promise_open: return 409;
    case errc::not_same_matter: return 409;
    case errc::follow_up_required: return 409;
    case errc::reopen_window_over: return 409;
    case errc::urged_recently: return 409;
    case errc::nothing_to_supervise: return 409;
    case errc::supervision_unanswered: return 409;
    case errc::fault_required: return 422;
    case errc::callback_bound: return 409;
    case errc::limit_reached: return 409;
    case errc::customer_merged: return 409;
    case errc::undo_window_over: return 409;
    case errc::action_not_done: return 409;
    case errc::erased: return 410;
    case errc::timeout: return 503;
    case errc::cancelled: return 503;
    case errc::unavailable: return 503;
    case errc::overloaded: return 503;
    case errc::shutting_down: return 503;
    case errc::commit_unknown: return 503;
    case errc::serialization_failure: return 503;
    case errc::constraint_violated: return 409;
    case errc::data_rejected: return 422;
    case errc::corrupt: return 500;
    case errc::not_configured: return 501;
    case errc::internal: return 500;
    }
    return 500;
}

response problem(const error& why)
{
    if (why.code == errc::invalid_field) return refusal_of_field(why);
    const auto code = slug(why.code);
    nlohmann::json body = nlohmann::json::object();
    for (const auto& f : why.facts)
        body[f.name] = f.value;
    response reply;
    reply.status = status_of(why.code);
    reply.content_type = "application/problem+json";
    body["type"] = "about:blank";
    body["title"] = title_of(code);
    body["status"] = reply.status;
    body["code"] = code;
    reply.body = dump(body);
    if (reply.status == 401) reply.with("WWW-Authenticate", "Bearer");
    if (reply.status == 429 || reply.status == 503) {
        const auto after = std::ranges::find(why.facts, "retry_after_s", &fact::name);
        reply.with("Retry-After", after != why.facts.end() ? after->value : "5");
    }
    reply.log_detail = why.detail;
    return reply;
}

response violations::reply() const
{
    auto list = nlohmann::json::array();
    for (const auto& [field, reason] : found_)
        list.push_back({{"field", field}, {"reason", reason}});
    response reply;
    reply.status = status_of(errc::invalid_field);
    reply.content_type = "application/problem+json";
    const auto code = slug(errc::invalid_field);
    const nlohmann::json body{{"type", "about:blank"},
                              {"title", title_of(code)},
                              {"status", reply.status},
                              {"code", code},
                              {"violations", std::move(list)}};
    reply.body = dump(body);
    return reply;
}

} // namespace huiyin::net
