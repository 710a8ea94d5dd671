#pragma once

#include <huiyin/base/time.hpp>
#include <huiyin/intake/contact.hpp>
#include <huiyin/record/identity.hpp>

#include <nlohmann/json_fwd.hpp>

#include <expected>
#include <string>
#include <vector>

namespace huiyin::intake {

/// One thing that is wrong with an input: where ("contact.phone", "fields.station"), and a code: required, unknown,
/// too_long, too_many, invalid, in_future.
struct violation
{
    std::string field;
    std::string reason;

    bool operator==(const violation&) const = default;
};
template <class T>
using checked = std::expected<T, std::vector<violation>>;

/// The body of POST /public/v1/complaints (domain.md N20). Pure; all violations at once.
/// - contact{name ≤ 100, phone, email}: at least one of phone and e-mail must be readable; one that is not goes along
/// as words;
/// - category: a code, may be missing (then triage classifies); problem: 1 to 10,000 characters; object ≤ 500;
///   desired_solution ≤ 2,000; occurred_at: RFC 3339, at most a day ahead; fields: at most 32, code → text ≤ 1,000,
///   number or truth value. Unknown members are refused. Lengths are in code points, after which nothing is altered.
/// The result has proof none and the channel and account "web" and "public"; `identify` gives it its id.
checked<contact> parse_complaint(const nlohmann::json& body, const record::phone_settings& phones, instant now);

/// The body of POST /api/v1/intake: as above, and "account" (a code, kept as "api/<account>"), "external_id" (1 to 200
/// characters), "channel" (default "api"), "at" (default `now`), "ticket" (a number) and "act". Its identities count as
/// proven: the other system vouches for them.
checked<contact> parse_intake(const nlohmann::json& body, const record::phone_settings& phones, instant now);

/// The body of POST /public/v1/tracking: {"number","phone"} or {"number","email"}.
struct tracking_request
{
    std::string number;
    record::identity party;
};
/// Only what is no such object at all is a violation; a number or contact that cannot be anyone's is for
/// `ticket_service::track` to answer like an unknown one.
checked<tracking_request> parse_tracking(const nlohmann::json& body, const record::phone_settings& phones);

} // namespace huiyin::intake
