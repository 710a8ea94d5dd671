#pragma once

#include <huiyin/base/crypto.hpp>
#include <huiyin/base/id.hpp>
#include <huiyin/base/time.hpp>
#include <huiyin/domain/actor.hpp>
#include <huiyin/domain/callback.hpp>
#include <huiyin/domain/policy.hpp>
#include <huiyin/record/filing.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace huiyin::intake {

/// How far it is sure who sent it. Without proof a contact joins and moves nothing of anybody's tickets.
/// `ticket_contact`: the number of a ticket and a contact given with that very ticket, which proves something for that
/// ticket and nothing else.
enum class proof { none, link_token, authenticated_mail, trunk_caller, log_in, api_token, ticket_contact };
std::string_view to_string(proof p);
std::optional<proof> parse_proof(std::string_view name);

/// What the customer did: said something, or acted on a ticket.
enum class act { message, urge, added_word, verdict, dispute, reopen, withdrawal };
std::string_view to_string(act a);
std::optional<act> parse_act(std::string_view name);

/// Makes a repeat of a request answer as the first did.
struct request_key
{
    /// Who may repeat it: `principal_of` the contact on the public API, "token:<id>" for other systems.
    std::string principal;
    /// The Idempotency-Key: 1 to 128 printable ASCII characters.
    std::string key;
    /// Of the whole body as it came.
    sha256_digest body{};
};

/// What an act carries besides its words.
struct act_detail
{
    /// A code: of an unsatisfied verdict, a reopening, a withdrawal.
    std::string reason;
    /// Of a verdict.
    std::optional<domain::answers> said;
    /// The callback round that a verdict is about; empty: the present one.
    std::optional<int> round;
};

/// What somebody of the house says of a matter that he takes down for a customer.
struct desk_remarks
{
    /// Of a matter without a category; with one it is the category's.
    std::optional<domain::ticket_type> type;
    bool confidential = false;
    /// He stands at the counter or stays on the line until it is answered.
    bool customer_waiting = false;
    bool vip = false;

    bool operator==(const desk_remarks&) const = default;
};

/// One input of a channel, parsed into types.
struct contact
{
    /// phone, web, mail, sms, chat, visit, letter, api …
    std::string channel;
    /// The channel's account: mailbox, hotline, form. Other systems' accounts begin with "api/".
    std::string account;
    /// Unique within the account for ever: the channel's own id of this input. At most 200 characters.
    std::string external_id;
    /// When it was said.
    instant at;
    intake::proof proof = intake::proof::none;
    intake::act act = intake::act::message;
    act_detail detail;
    /// The agent or the system that enters it for the customer; anonymous: the customer himself.
    domain::actor by;
    desk_remarks remarks;
    /// We turned to the customer, and he told us then.
    bool outbound = false;
    /// Normalised; the one to go by first. `proven` only what `proof` speaks for.
    std::vector<record::given_identity> identities;
    std::string name;
    /// A code of the pack; empty where nobody has classified it yet.
    std::string category;
    /// The customer's own words, unaltered.
    std::string problem;
    std::string object;
    std::string desired_solution;
    std::optional<instant> occurred_at;
    /// What else a form asked: code and words.
    std::vector<std::pair<std::string, std::string>> fields;
    /// From record::upload.
    std::vector<attachment_id> attachments;
    /// The ticket that the sender means; for acts it must be his.
    std::string ticket_number;
    std::optional<request_key> key;
    /// As the channel took it in; kept while the contact is parked.
    std::string raw;
    /// A code, where the adapter could not understand it: parked at once.
    std::string unreadable;

    record::correspondent correspondent() const
    {
        const bool by_user = by.kind == domain::actor_kind::user;
        return {identities, name, channel, account, at, by_user ? std::optional(user_id(by.id)) : std::nullopt};
    }
};

/// Who a contact's identities say it is, as a request key's principal: a hash, since keys are no place for numbers.
std::string principal_of(const contact& of);

/// Gives a contact of the public API its key and the id that its repeats share; without a key, an id of its own.
void identify(contact& what, std::optional<std::string> idempotency_key, std::string_view body);
/// The same for what `principal` enters for a customer.
void identify(contact& what, std::string principal, std::optional<std::string> idempotency_key, std::string_view body);

enum class outcome { visible, parked };

/// What the sender may be told, and only after the commit.
struct receipt
{
    receipt_id id;
    intake::outcome outcome = intake::outcome::visible;
    /// Taken before: this is the first one's answer.
    bool repeated = false;
    std::optional<ticket_id> ticket;
    std::string number;
    /// {"number","tracking_url","due_at"}, rendered from the event that was written and from nothing else; for a parked
    /// one
    /// {"receipt"}. The same bytes for every repeat.
    std::string answer;
};

} // namespace huiyin::intake
