#pragma once

#include <huiyin/async/task.hpp>
#include <huiyin/outbox/effect.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace huiyin::outbox {

/// Where effects of a channel leave. `settings` is a JSON object that the channel's sender understands.
struct account
{
    account_id id;
    std::string channel;
    std::string name;
    std::string settings;
    bool active = true;
    std::int64_t version = 1;
    instant created_at;
    instant changed_at;
};

/// One attempt.
struct sending
{
    effect_id effect;
    std::shared_ptr<const outbox::account> through;
    uuid order_key;
    std::string payload;
    int attempt = 1;
    instant queued_at;
};

enum class verdict {
    sent,
    temporary, ///< The peer did not take it; later he may.
    permanent, ///< He will never take this one.
    unknown,   ///< Nobody can tell whether he took it.
};
std::string_view to_string(verdict v);

struct outcome
{
    outbox::verdict verdict = outbox::verdict::temporary;
    /// A code like "http_503" or "timed_out", at most 100 characters; kept with the effect.
    std::string cause;
    /// The peer asked for so long a pause.
    std::optional<std::chrono::seconds> retry_after;
};

/// Implemented by channels; one per channel, used on the engine's reactor only.
class sender
{
public:
    virtual ~sender() = default;
    virtual std::string_view channel() const = 0;
    /// Whether the peer recognises an id it has seen. Then an attempt whose end nobody knows is simply repeated; else
    /// its outcome is unknown.
    virtual bool may_repeat() const = 0;
    /// The engine cancels it after `engine_settings::send_within`. Several run at a time.
    virtual task<outcome> send(sending what) = 0;
};

/// Whether an account works, found out by trying: what "test delivery" asks.
class account_probe
{
public:
    virtual ~account_probe() = default;
    virtual task<outcome> probe(std::shared_ptr<const account> through) = 0;
};

} // namespace huiyin::outbox
