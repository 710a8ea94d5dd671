#include "feed_store.hpp"
#include "seal_store.hpp"
#include "sealing.hpp"

#include <huiyin/base/log.hpp>
#include <huiyin/base/text.hpp>
#include <huiyin/journal/sealer.hpp>

namespace huiyin::journal {

namespace {

using namespace std::chrono_literals;

constexpr auto seal_every = 1s;
/// Before the duty is given back by a node whose key does not fit.
constexpr auto unfit_wait = 5s;

struct sealer
{
    sealer(const seal_key& k, metrics::registry& metrics)
        : key(k),
          held(metrics.gauge("huiyin_duty_held", "Duties this process holds.", {{"duty", std::string(sealer_duty)}})),
          unsealed(metrics.gauge("huiyin_journal_unsealed_events", "Positions that no seal covers yet")),
          sealed(metrics.counter("huiyin_journal_sealed_events_total", "Positions sealed by this node"))
    {}

    seal_key key;
    metrics::gauge held;
    metrics::gauge unsealed;
    metrics::counter sealed;
};

/// Whether our key made the last seal.
task<result<bool>> fits(const sealer& self, const runner& on)
{
    auto seals = co_await read_last_seals(on);
    if (!seals) co_return fail(seals.error());
    if (seals->empty()) co_return true;
    const auto last = seals->front();
    if (!last.has_range()) co_return false;
    const auto previous = seals->size() > 1 ? (*seals)[1].mac : sha256_digest{};
    auto range = co_await read_digests(on, last.first_pos, last.last_pos);
    if (!range) co_return fail(range.error());
    co_return equal_in_constant_time(mac_of(self.key, last, previous, range->digests), last.mac);
}

void tell(sealer& self, const sealing& done)
{
    self.unsealed.set(static_cast<double>(done.left));
    if (!done.made) return;
    const auto& made = *done.made;
    self.sealed.add(static_cast<double>(made.last_pos - made.first_pos + 1));
    // It was sealed all the same, or nothing after it ever would be; verification reports it for good.
    if (done.missing > 0)
        log::error("journal.event_missing", {{"first_pos", made.first_pos}, {"last_pos", made.last_pos}});
    log::info("journal.sealed", {{"seal", made.number}, {"pos", made.last_pos}, {"head", to_hex(made.mac)}});
}

task<result<void>> seal_feed(sealer& self, pg::duty& duty)
{
    const auto on = running_on(duty);
    auto ours = co_await fits(self, on);
    if (!ours) co_return fail(ours.error());
    if (!*ours) {
        log::error("journal.seal_key_differs", {{"reason", "the last seal was made with another key, or was edited"}});
        co_await pause_for(unfit_wait);
        co_return result<void>{};
    }
    for (;;) {
        auto sealed = co_await seal_next(on, self.key, duty.fence());
        if (!sealed) co_return fail(sealed.error());
        tell(self, *sealed);
        if (sealed->left == 0) co_await pause_for(seal_every);
    }
}

task<> body(std::shared_ptr<sealer> self, pg::duty& duty)
{
    auto ended = co_await seal_feed(*self, duty);
    if (!ended)
        log::warning("journal.sealer_stopped", {{"code", slug(ended.error().code)}, {"reason", ended.error().detail}});
}

} // namespace

task<result<sealing>> seal_next(const runner& on, const seal_key& key, std::int64_t fence)
{
    auto seals = co_await read_last_seals(on);
    if (!seals) co_return fail(seals.error());
    const auto last = seals->empty() ? seal{} : seals->front();
    auto head = co_await read_head(on);
    if (!head) co_return fail(head.error());
    if (*head <= last.last_pos) co_return sealing{};

    seal next{last.number + 1, last.last_pos + 1, std::min(*head, last.last_pos + seal_limit), {}};
    auto range = co_await read_digests(on, next.first_pos, next.last_pos);
    if (!range) co_return fail(range.error());
    next.mac = mac_of(key, next, last.mac, range->digests);
    auto added = co_await add_seal(on, fence, next);
    if (!added) co_return fail(added.error());
    const auto covered = next.last_pos - next.first_pos + 1;
    co_return sealing{
        .made = next, .left = *head - next.last_pos, .missing = covered - range->rows + range->events_missing};
}

void start_sealer(task_group& in, const pg::database_settings& settings, const seal_key& key,
                  metrics::registry& metrics)
{
    auto self = std::make_shared<sealer>(key, metrics);
    in.spawn("journal.sealer",
             pg::hold_duty(
                 settings, std::string(sealer_duty), [self](pg::duty& duty) { return body(self, duty); },
                 [self](bool held) {
                     self->held.set(held);
                     if (!held) self->unsealed.set(0);
                 }));
}

} // namespace huiyin::journal
