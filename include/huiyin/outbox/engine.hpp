#pragma once

#include <huiyin/base/metrics.hpp>
#include <huiyin/base/time.hpp>
#include <huiyin/outbox/sender.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace huiyin::outbox {

struct engine_settings
{
    /// Attempts under way per account, so that one whose receiver hangs takes nobody else's place. 1 to 256.
    std::size_t per_account = 8;
    /// And of all accounts. 1 to 4096.
    std::size_t in_flight = 128;
    /// How long an attempt may take. 1 to 60 s.
    std::chrono::milliseconds send_within{15'000};
    /// So long `stop` waits for attempts that may be repeated; for others as long as they may take.
    std::chrono::milliseconds stop_within{2'000};
    /// A claim lasts so long by the database's clock, and longer than an attempt: whoever took the claim of a dead
    /// engine may rely on that engine's attempt being over.
    std::chrono::milliseconds lease() const { return 2 * send_within + std::chrono::seconds(5); }
    /// After so many an effect is dead. 1 to 50.
    int attempts = 16;
    /// Doubles from attempt to attempt, less up to a half at random.
    std::chrono::seconds first_retry{5};
    std::chrono::seconds longest_retry{7200};
    /// So many temporary failures of an account in a row open its breaker. 1 to 1000.
    int breaker_failures = 10;
    /// So long nothing is tried then, and twice as long after each failed probe, up to ten minutes.
    std::chrono::seconds breaker_pause{30};
    /// An account that follows the journal is fed while it has fewer open and dead effects than this: beyond, the
    /// journal itself keeps what is to come. 1 to 1,000,000.
    std::size_t backlog = 10'000;
    /// What was sent or dropped is forgotten after so many days.
    std::chrono::days keep{30};
    /// The engine looks for work so often, and on every hint of the journal.
    std::chrono::milliseconds poll{250};
    /// Of the duty, which one node holds. Tests give two engines two names.
    std::string duty = "outbox";
};

/// Sends what is queued, by the channels' senders. A duty: one node holds it; but two at a time would be harmless,
/// since each effect is claimed under its row's lock (SKIP LOCKED) with a fence that a stale claimer does not have.
/// It also feeds the accounts that follow the journal.
///
/// Metrics: huiyin_outbox_effects{state} (counted up to 100,000), huiyin_outbox_oldest_seconds,
/// huiyin_outbox_in_flight and its _limit, huiyin_outbox_attempts_total{channel,verdict},
/// huiyin_outbox_send_seconds{channel}, huiyin_outbox_breakers_open, huiyin_outbox_feed_lag_positions and
/// huiyin_outbox_feeds_held (accounts with a full backlog), huiyin_outbox_stale_claims_total,
/// huiyin_outbox_lost_claims_total.
class engine
{
public:
    /// `senders` outlive it.
    engine(executor on, pg::database_settings database, std::vector<sender*> senders, const clock& time,
           metrics::registry& metrics, engine_settings settings);
    ~engine();
    engine(const engine&) = delete;
    engine& operator=(const engine&) = delete;

    void start();
    /// Claims nothing more, waits for attempts under way, settles them, gives up the duty. What may be repeated is cut
    /// off after 2 s and pending again; the rest has `send_within`.
    task<> stop();

private:
    struct impl;
    std::shared_ptr<impl> impl_;
};

} // namespace huiyin::outbox
