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
/// characters), "channel" (default "api"), "at" (default `now`), "ticket" (a number) and "act" with
/// "reason" and "answers". Its identities count as
/// proven: the other system vouches for them.
checked<contact> parse_intake(const nlohmann::json& body, const record::phone_settings& phones, instant now);

/// The body of POST /api/v1/tickets: what somebody of the house takes down for a customer. As parse_complaint, and
/// "channel" (phone, visit, letter, mail, sms, chat), "direction" (in, out), "customer_id" instead of or with the
/// contact, "type", "confidential", "customer_waiting", "vip". What was typed proves nothing, so that it gets a ticket
/// of its own.
struct registration
{
    /// Account "desk"; `identify` gives it its id.
    contact what;
    /// Of a customer who is on file: his identities are to go before those of the contact.
    std::optional<customer_id> customer;
};
checked<registration> parse_registration(const nlohmann::json& body, const record::phone_settings& phones, instant now);

/// The body of POST /public/v1/tickets/{number}/acts: "act" (urge, added_word, verdict, dispute, reopen, withdrawal),
/// the proof ("phone" or "email" given with the ticket, or for a verdict the "token" of a link), "text" (at most 10,000
/// characters; an added word needs one), "reason" (a code), and for a verdict "answers" {solved, result, time,
/// attitude}.
struct public_act
{
    /// Channel "web", account "public"; without identities where `token` is the proof.
    contact what;
    std::string token;
};
/// As parse_tracking: a contact that cannot be anyone's is for the door to answer like a wrong one.
checked<public_act> parse_act_request(const nlohmann::json& body, std::string_view number,
                                      const record::phone_settings& phones, instant now);

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
