#pragma once

#include <huiyin/base/crypto.hpp>
#include <huiyin/domain/actor.hpp>
#include <huiyin/net/http_client.hpp>
#include <huiyin/outbox/sender.hpp>

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace huiyin::outbox {

constexpr std::string_view webhook_channel = "webhook";

/// The key that all secrets of webhooks come from, kept in a file outside the database, which holds no secret.
using webhook_key = std::array<std::uint8_t, 32>;

/// What a webhook's `account.settings` say.
struct webhook_settings
{
    std::string url;
    /// Which events: kinds ("ticket.dispatched"), groups ("ticket.*") or "*". Never those of the outbox itself, since
    /// a dead letter would make the next.
    std::vector<std::string> kinds;
    /// Whether also events of confidential tickets (that they happened, not what they say).
    bool confidential = false;
    /// Rises when the secret is rotated.
    std::int64_t secret_number = 1;
    /// Until then what is sent is signed with the secret before as well.
    std::optional<instant> previous_until;
    /// Tells that the key in use made the secret: the first bytes of its digest, in hex.
    std::string secret_check;

    bool wants(std::string_view kind, bool of_confidential) const;
};
/// Throws std::runtime_error for what is none.
webhook_settings parse_webhook_settings(std::string_view json);
/// Nothing instead.
std::optional<webhook_settings> find_webhook_settings(std::string_view json);
std::string to_json(const webhook_settings& settings);

/// "whsec_" and 32 bytes in base64, as Standard Webhooks 1.0 has it.
std::string webhook_secret(const webhook_key& key, account_id of, std::int64_t number);
/// "v1," and the HMAC-SHA256 over `id.timestamp.body` in base64 (Standard Webhooks 1.0). `secret` as above, or any
/// other "whsec_" with base64; throws std::invalid_argument for anything else.
std::string sign_webhook(std::string_view secret, std::string_view id, std::chrono::sys_seconds at,
                         std::string_view body);

/// Sends an effect's payload to the account's URL. 2xx is sent; 400, 413, 414, 415, 422 and 431 are permanent; anything
/// else, redirects included, is temporary. The receiver knows repeats by `webhook-id`.
class webhook_sender final : public sender, public account_probe
{
public:
    webhook_sender(net::http_client& http, const clock& time, const webhook_key& key, duration limit);

    std::string_view channel() const override { return webhook_channel; }
    bool may_repeat() const override { return true; }
    task<outcome> send(sending what) override;
    /// One {"kind":"webhook.test"} with an id of its own.
    task<outcome> probe(std::shared_ptr<const account> through) override;

private:
    task<outcome> deliver(const account& through, std::string id, std::string body);

    net::http_client& http_;
    const clock& clock_;
    webhook_key key_;
    duration limit_;
};

struct webhook
{
    account_id id;
    std::string name;
    webhook_settings settings;
    bool active = true;
    std::int64_t version = 1;
    instant created_at;
    instant changed_at;
    /// Where it is in the journal: events up to here are queued.
    std::int64_t pos = 0;
    /// Effects not sent yet, and those that wait for a person; counted up to 100,000.
    std::int64_t open = 0;
    std::int64_t dead = 0;
};

struct webhook_with_secret
{
    outbox::webhook webhook;
    /// Shown this once.
    std::string secret;
};

struct webhook_changes
{
    std::optional<std::string> name, url;
    std::optional<std::vector<std::string>> kinds;
    std::optional<bool> confidential, active;
};

/// Where a replay begins.
struct replay_from
{
    /// The first position to send again, or
    std::optional<std::int64_t> pos;
    /// what was recorded from then on.
    std::optional<instant> time;
};

struct webhook_rules
{
    bool private_networks = false;
    std::size_t most = 100;
    std::chrono::hours grace{24};
};

/// Webhook accounts. One per reactor. Needs `outbox_manage`, else `not_found`. Events `outbox.account_created`,
/// `.account_changed`, `.account_deleted`, `.account_replayed` (subject: the account; its name and URL are words).
class webhook_service
{
public:
    webhook_service(pg::database& db, const clock& time, const webhook_key& key, account_probe& probe,
                    webhook_rules rules);

    /// By id, deleted ones not.
    task<result<std::vector<webhook>>> list(domain::actor who);
    task<result<webhook>> find(account_id id, domain::actor who);
    /// Follows the journal from now on. Errors: `invalid_field`, `overloaded` beyond `webhook_rules::most`.
    task<result<webhook_with_secret>> create(std::string name, webhook_settings wanted, domain::actor who);
    /// Errors: `invalid_field`, `stale_version`.
    task<result<webhook>> change(account_id id, webhook_changes changes, std::int64_t seen, domain::actor who);
    /// The old secret signs beside the new one for `webhook_rules::grace`.
    task<result<webhook_with_secret>> rotate_secret(account_id id, std::int64_t seen, domain::actor who);
    /// What waits for it is settled `no_channel`.
    task<result<void>> remove(account_id id, std::int64_t seen, domain::actor who);
    /// Sends at once, beside the queue, and tells what came of it.
    task<result<outcome>> test(account_id id, domain::actor who);
    /// Queues again what came after, under new ids. `invalid_field` for what is not queued yet.
    task<result<webhook>> replay(account_id id, replay_from from, domain::actor who);

private:
    pg::database& db_;
    const clock& clock_;
    webhook_key key_;
    account_probe& probe_;
    webhook_rules rules_;
};

} // namespace huiyin::outbox
