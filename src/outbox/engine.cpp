#include "account_store.hpp"
#include "effect_store.hpp"
#include "events.hpp"
#include "retry.hpp"
#include "webhook_feed.hpp"

#include <huiyin/async/task_group.hpp>
#include <huiyin/base/log.hpp>
#include <huiyin/journal/sequencer.hpp>
#include <huiyin/pg/listener.hpp>

#include <boost/asio/as_tuple.hpp>

#include <algorithm>
#include <exception>
#include <map>
#include <random>

namespace huiyin::outbox {

namespace {

using namespace std::chrono_literals;
using steady = std::chrono::steady_clock;

constexpr auto measure_every = 2s;
constexpr auto tidy_every = 60s;
constexpr std::size_t settle_at_once = 500;

/// Rung while nobody waits, it is heard at the next wait.
class bell
{
public:
    explicit bell(executor on) : timer_(on) {}
    void ring()
    {
        rung_ = true;
        timer_.cancel();
    }
    task<> wait(duration at_most)
    {
        if (!rung_) {
            timer_.expires_after(at_most);
            co_await timer_.async_wait(asio::as_tuple(use_task));
        }
        rung_ = false;
    }

private:
    steady_timer timer_;
    bool rung_ = false;
};

/// What the engine knows of an account while it lives.
struct lane
{
    std::shared_ptr<const account> through;
    std::optional<std::int64_t> pos;
    outbox::breaker breaker;
    std::size_t under_way = 0;
    bool held = false;
    bool broken = false;
    bool listed = true;
};

struct finished
{
    claimed what;
    outcome came;
    /// The peer knows a repeat when he sees one.
    bool repeats = false;
};

task<result<outcome>> attempt(sender& by, sending what)
{
    co_return co_await by.send(std::move(what));
}

task<result<void>> commit_with(pg::transaction& tx, std::vector<journal::event> events)
{
    if (events.empty()) co_return co_await tx.commit();
    pg::batch last;
    journal::append(last, events);
    auto committed = co_await tx.commit(std::move(last));
    if (!committed) co_return fail(committed.error());
    co_return result<void>{};
}

std::string first_of(std::string text, std::size_t most)
{
    if (text.size() > most) text.resize(most);
    return text;
}

} // namespace

std::string_view to_string(verdict v)
{
    switch (v) {
    case verdict::sent: return "sent";
    case verdict::temporary: return "temporary";
    case verdict::permanent: return "permanent";
    case verdict::unknown: return "unknown";
    }
    return "unknown";
}

struct engine::impl : std::enable_shared_from_this<engine::impl>
{
    impl(executor where, pg::database_settings db, const std::vector<sender*>& all, const clock& clocked,
         metrics::registry& metrics, engine_settings with)
        : on(where), database(std::move(db)), time(clocked), settings(std::move(with)), work(where), drained(where),
          sends(where), duty(where), numbers(metrics, settings)
    {
        for (auto* each : all) {
            senders.emplace(each->channel(), each);
            if (each->may_repeat()) repeatable.emplace_back(each->channel());
            attempts.emplace(each->channel(), attempt_numbers(metrics, std::string(each->channel())));
        }
    }

    struct gauges
    {
        gauges(metrics::registry& in, const engine_settings& with)
            : held(in.gauge("huiyin_duty_held", "Duties this process holds.", {{"duty", with.duty}})),
              pending(state(in, "pending")), claimed(state(in, "claimed")), dead(state(in, "dead")),
              unknown(state(in, "unknown_outcome")),
              oldest(in.gauge("huiyin_outbox_oldest_seconds", "How long the oldest pending effect has been due")),
              in_flight(in.gauge("huiyin_outbox_in_flight", "Attempts under way")),
              in_flight_limit(in.gauge("huiyin_outbox_in_flight_limit", "Attempts that may be under way at a time")),
              breakers_open(in.gauge("huiyin_outbox_breakers_open", "Accounts that are not tried at present")),
              feed_lag(in.gauge("huiyin_outbox_feed_lag_positions",
                                "Positions of the journal that the last of its followers has not queued yet")),
              feeds_held(in.gauge("huiyin_outbox_feeds_held", "Accounts not fed because their backlog is full")),
              backlog_limit(in.gauge("huiyin_outbox_backlog_limit", "Open and dead effects that an account may have")),
              stale(
                  in.counter("huiyin_outbox_stale_claims_total", "Results that came after their claim had passed on")),
              lost(in.counter("huiyin_outbox_lost_claims_total", "Claims taken back from an engine that was gone"))
        {
            in_flight_limit.set(static_cast<double>(with.in_flight));
            backlog_limit.set(static_cast<double>(with.backlog));
        }
        static metrics::gauge state(metrics::registry& in, std::string name)
        {
            return in.gauge("huiyin_outbox_effects", "Effects that are not done, counted up to 100000",
                            {{"state", std::move(name)}});
        }
        metrics::gauge held, pending, claimed, dead, unknown, oldest, in_flight, in_flight_limit, breakers_open,
            feed_lag, feeds_held, backlog_limit;
        metrics::counter stale, lost;
    };
    struct attempt_numbers
    {
        attempt_numbers(metrics::registry& in, const std::string& channel)
            : sent(ended(in, channel, verdict::sent)), temporary(ended(in, channel, verdict::temporary)),
              permanent(ended(in, channel, verdict::permanent)), unknown(ended(in, channel, verdict::unknown)),
              seconds(in.histogram("huiyin_outbox_send_seconds", "How long an attempt took", metrics::latency_bounds(),
                                   {{"channel", channel}}))
        {}
        static metrics::counter ended(metrics::registry& in, const std::string& channel, verdict v)
        {
            return in.counter("huiyin_outbox_attempts_total", "Attempts to send, by what came of them",
                              {{"channel", channel}, {"verdict", std::string(to_string(v))}});
        }
        const metrics::counter& of(verdict v) const
        {
            switch (v) {
            case verdict::sent: return sent;
            case verdict::temporary: return temporary;
            case verdict::permanent: return permanent;
            case verdict::unknown: break;
            }
            return unknown;
        }
        metrics::counter sent, temporary, permanent, unknown;
        metrics::histogram seconds;
    };

    task<result<void>> run(pg::duty& on_duty);
    task<result<void>> look_around(pg::duty& on_duty);
    task<result<void>> list_accounts(pg::duty& on_duty);
    task<result<bool>> feed_all(pg::duty& on_duty);
    task<result<void>> tend(pg::duty& on_duty);
    task<result<void>> settle_done(pg::duty& on_duty);
    task<result<std::size_t>> settle_on_record(pg::duty& on_duty, std::vector<settlement> results, instant now);
    task<result<void>> claim_more(pg::duty& on_duty);
    task<result<void>> measure_all(pg::duty& on_duty);
    task<> send_one(claimed what, std::shared_ptr<const account> through, sender& by);
    settlement settlement_of(const finished& of, instant now);
    void judge(account_id of, const outcome& came);

    executor on;
    pg::database_settings database;
    const clock& time;
    engine_settings settings;
    std::map<std::string, sender*, std::less<>> senders;
    std::vector<std::string> repeatable;
    std::map<std::string, attempt_numbers, std::less<>> attempts;
    std::map<account_id, lane> lanes;
    std::vector<finished> done;
    std::size_t under_way = 0;
    /// Of them, those that cannot be cut off and repeated.
    std::size_t only_once = 0;
    std::size_t turn = 0;
    bool stopping = false;
    /// The journal may have grown.
    bool hinted = true;
    bell work, drained;
    task_group sends, duty;
    gauges numbers;
    steady::time_point measure_at{}, tidy_at{};
    std::minstd_rand chance{std::random_device{}()};
};

/// Until the duty is lost or the group is stopped.
task<result<void>> engine::impl::run(pg::duty& on_duty)
{
    auto ready = co_await prepare(on_duty);
    if (!ready) co_return ready;
    auto look_at = steady::now();
    for (;;) {
        auto settled = co_await settle_done(on_duty);
        if (!settled) co_return settled;
        if (done.empty() && under_way == 0) drained.ring();
        bool more = !done.empty();
        if (!stopping) {
            if (steady::now() >= look_at) {
                auto looked = co_await look_around(on_duty);
                if (!looked) co_return looked;
                look_at = steady::now() + settings.poll;
                hinted = true;
            }
            if (hinted) {
                auto fed = co_await feed_all(on_duty);
                if (!fed) co_return fail(fed.error());
                hinted = *fed;
                more = more || *fed;
            }
            auto claimed = co_await claim_more(on_duty);
            if (!claimed) co_return claimed;
        }
        if (!more) co_await work.wait(settings.poll);
    }
}

task<result<void>> engine::impl::look_around(pg::duty& on_duty)
{
    auto listed = co_await list_accounts(on_duty);
    if (!listed) co_return listed;
    auto tended = co_await tend(on_duty);
    if (!tended) co_return tended;
    if (steady::now() >= measure_at) {
        auto measured = co_await measure_all(on_duty);
        if (!measured) co_return measured;
        measure_at = steady::now() + measure_every;
    }
    if (steady::now() >= tidy_at) {
        auto forgotten = co_await forget_done(on_duty, time.now() - settings.keep);
        if (!forgotten) co_return forgotten;
        tidy_at = steady::now() + tidy_every;
    }
    co_return result<void>{};
}

task<result<void>> engine::impl::list_accounts(pg::duty& on_duty)
{
    auto rows = co_await read_active_accounts(on_duty);
    if (!rows) co_return fail(rows.error());
    for (auto& [id, each] : lanes)
        each.listed = false;
    for (auto& row : *rows) {
        auto& known = lanes[row.account.id];
        known.listed = true;
        known.pos = row.pos;
        if (!known.through || known.through->version != row.account.version)
            known.through = std::make_shared<const account>(std::move(row.account));
    }
    std::erase_if(lanes, [](const auto& each) { return !each.second.listed && each.second.under_way == 0; });
    co_return result<void>{};
}

task<result<bool>> engine::impl::feed_all(pg::duty& on_duty)
{
    bool more = false;
    // Most followers stand at the same place: what is there is read once.
    std::map<std::int64_t, std::vector<feed_event>> pages;
    for (auto& [id, each] : lanes) {
        if (!each.listed || !each.pos) continue;
        auto page = pages.find(*each.pos);
        if (page == pages.end()) {
            auto read = co_await read_feed(on_duty, *each.pos, feed_page);
            if (!read) co_return fail(read.error());
            page = pages.emplace(*each.pos, std::move(*read)).first;
        }
        auto fed = co_await feed(on_duty, *each.through, *each.pos, page->second, settings.backlog, time.now());
        if (!fed) co_return fail(fed.error());
        if (fed->held && !each.held)
            log::error("outbox.backlog_full", {{"account", id}, {"pos", fed->pos}, {"limit", settings.backlog}});
        if (fed->broken && !each.broken) log::error("outbox.webhook_broken", {{"account", id}});
        each.pos = fed->pos;
        each.held = fed->held;
        each.broken = fed->broken;
        more = more || fed->more;
    }
    numbers.feeds_held.set(static_cast<double>(std::ranges::count_if(lanes, [](auto& l) { return l.second.held; })));
    co_return more;
}

/// What settles by itself: claims of an engine that is gone, effects of deleted accounts, and what `queue` has settled
/// without an event.
task<result<void>> engine::impl::tend(pg::duty& on_duty)
{
    auto tx = co_await on_duty.begin();
    if (!tx) co_return fail(tx.error());
    const auto now = time.now();
    auto back = co_await take_back(*tx, repeatable, settings.attempts, now);
    if (!back) co_return fail(back.error());
    auto orphans = co_await settle_orphans(*tx, now);
    if (!orphans) co_return fail(orphans.error());
    auto untold = co_await take_unjournalled(*tx);
    if (!untold) co_return fail(untold.error());
    auto events = events_of(*back, now);
    for (const auto* each : {&*orphans, &*untold})
        std::ranges::move(events_of(*each, now), std::back_inserter(events));
    auto committed = co_await commit_with(*tx, events);
    if (!committed) co_return committed;
    if (!back->empty()) {
        numbers.lost.add(static_cast<double>(back->size()));
        log::warning("outbox.claims_taken_back", {{"count", back->size()}});
    }
    co_return result<void>{};
}

settlement engine::impl::settlement_of(const finished& of, instant now)
{
    settlement made{.id = of.what.id, .fence = of.what.fence, .at = now, .cause = first_of(of.came.cause, 100)};
    auto came = of.came.verdict;
    if (came == verdict::unknown && of.repeats) came = verdict::temporary;
    switch (came) {
    case verdict::sent: made.state = effect_state::sent; break;
    case verdict::permanent: made.state = effect_state::dead; break;
    case verdict::unknown: made.state = effect_state::unknown_outcome; break;
    case verdict::temporary:
        made.state = of.what.attempt >= settings.attempts ? effect_state::dead : effect_state::pending;
        made.next_attempt_at = next_attempt_at(now, of.what.attempt, of.came.retry_after, settings,
                                               std::uniform_real_distribution<double>(0, 1)(chance));
        break;
    }
    return made;
}

task<result<std::size_t>> engine::impl::settle_on_record(pg::duty& on_duty, std::vector<settlement> results,
                                                         instant now)
{
    auto tx = co_await on_duty.begin();
    if (!tx) co_return fail(tx.error());
    auto settled = co_await settle(*tx, std::move(results));
    if (!settled) co_return fail(settled.error());
    auto committed = co_await commit_with(*tx, events_of(*settled, now));
    if (!committed) co_return fail(committed.error());
    for (const auto& each : *settled)
        if (each.state == effect_state::dead || each.state == effect_state::unknown_outcome)
            log::warning("outbox.needs_a_person", {{"effect", each.id},
                                                   {"state", to_string(each.state)},
                                                   {"attempts", each.attempts},
                                                   {"cause", each.cause}});
    co_return settled->size();
}

task<result<void>> engine::impl::settle_done(pg::duty& on_duty)
{
    if (done.empty()) co_return result<void>{};
    const auto count = std::min(done.size(), settle_at_once);
    const auto now = time.now();
    std::vector<settlement> results;
    bool is_an_event = false;
    for (std::size_t i = 0; i < count; ++i) {
        results.push_back(settlement_of(done[i], now));
        const auto state = results.back().state;
        is_an_event =
            is_an_event || (state == effect_state::sent ? done[i].what.on_record : state != effect_state::pending);
    }
    std::size_t settled_count = 0;
    if (is_an_event) {
        auto told = co_await settle_on_record(on_duty, std::move(results), now);
        if (!told) co_return fail(told.error());
        settled_count = *told;
    } else {
        auto told = co_await settle_alone(on_duty, std::move(results));
        if (!told) co_return fail(told.error());
        settled_count = *told;
    }
    // Until here nothing was taken out: what could not be settled is tried again, as long as the fence holds.
    done.erase(done.begin(), done.begin() + static_cast<std::ptrdiff_t>(count));
    if (settled_count < count) {
        numbers.stale.add(static_cast<double>(count - settled_count));
        log::warning("outbox.stale_claims", {{"count", count - settled_count}});
    }
    co_return result<void>{};
}

task<result<void>> engine::impl::claim_more(pg::duty& on_duty)
{
    const auto now = time.now();
    std::size_t left = settings.in_flight - std::min(settings.in_flight, under_way);
    std::vector<std::pair<account_id, std::size_t>> room;
    // Each round begins with another account, so that places are shared where they are short.
    const auto count = lanes.size();
    auto at = lanes.begin();
    if (count > 0) std::advance(at, turn++ % count);
    for (std::size_t i = 0; i < count && left > 0; ++i, ++at) {
        if (at == lanes.end()) at = lanes.begin();
        auto& each = at->second;
        if (!each.listed || !senders.contains(each.through->channel)) continue;
        const auto free = std::min(settings.per_account - std::min(settings.per_account, each.under_way), left);
        const auto places = each.breaker.room(now, free, each.under_way);
        if (places == 0) continue;
        room.emplace_back(at->first, places);
        left -= places;
    }
    if (room.empty()) co_return result<void>{};

    auto found = co_await claim(on_duty, std::move(room), now, settings.lease());
    if (!found) co_return fail(found.error());
    for (auto& each : *found) {
        if (stopping) { // while the claim was under way
            done.push_back({std::move(each), {verdict::temporary, "stopped", {}}, true});
            continue;
        }
        auto& through = lanes.at(each.account);
        ++through.under_way;
        ++under_way;
        if (!senders.at(through.through->channel)->may_repeat()) ++only_once;
        auto& by = *senders.at(through.through->channel);
        sends.spawn("outbox.send", send_one(std::move(each), through.through, by));
    }
    numbers.in_flight.set(static_cast<double>(under_way));
    co_return result<void>{};
}

task<> engine::impl::send_one(claimed what, std::shared_ptr<const account> through, sender& by)
{
    const auto self = shared_from_this();
    const auto began = steady::now();
    outcome came{verdict::unknown, "stopped", {}};
    try {
        sending one{what.id, through, what.order_key, what.payload, what.attempt, what.queued_at};
        auto sent = attempt(by, std::move(one));
        auto ended = co_await within(settings.send_within, std::move(sent));
        came = ended ? std::move(*ended) : outcome{verdict::unknown, "timed_out", {}};
    } catch (const boost::system::system_error& e) {
        if (e.code() != asio::error::operation_aborted) {
            log::error("outbox.sender_failed", {{"effect", what.id}, {"reason", e.what()}});
            came.cause = "sender_failed";
        }
    } catch (const std::exception& e) {
        log::error("outbox.sender_failed", {{"effect", what.id}, {"reason", e.what()}});
        came.cause = "sender_failed";
    }
    const auto& count = attempts.at(through->channel);
    count.of(came.verdict).add();
    count.seconds.observe(std::chrono::duration<double>(steady::now() - began).count());
    if (!stopping) judge(through->id, came);
    --under_way;
    if (!by.may_repeat()) --only_once;
    --lanes.at(through->id).under_way;
    numbers.in_flight.set(static_cast<double>(under_way));
    done.push_back({std::move(what), std::move(came), by.may_repeat()});
    work.ring();
}

/// A peer that refuses one message for good is there all the same.
void engine::impl::judge(account_id of, const outcome& came)
{
    auto& each = lanes.at(of);
    const bool was_open = each.breaker.is_open();
    if (came.verdict == verdict::sent || came.verdict == verdict::permanent)
        each.breaker.took();
    else
        each.breaker.failed(time.now(), settings);
    if (was_open == each.breaker.is_open()) return;
    if (was_open)
        log::info("outbox.breaker_closed", {{"account", of}});
    else
        log::warning("outbox.breaker_opened", {{"account", of}, {"cause", came.cause}});
    numbers.breakers_open.set(
        static_cast<double>(std::ranges::count_if(lanes, [](auto& l) { return l.second.breaker.is_open(); })));
}

task<result<void>> engine::impl::measure_all(pg::duty& on_duty)
{
    auto found = co_await measure(on_duty);
    if (!found) co_return fail(found.error());
    numbers.pending.set(static_cast<double>(found->pending));
    numbers.claimed.set(static_cast<double>(found->claimed));
    numbers.dead.set(static_cast<double>(found->dead));
    numbers.unknown.set(static_cast<double>(found->unknown));
    const auto age = found->oldest_due ? time.now() - *found->oldest_due : 0us;
    numbers.oldest.set(std::max(0.0, std::chrono::duration<double>(age).count()));
    auto head = co_await read_head(on_duty);
    if (!head) co_return fail(head.error());
    std::int64_t last = *head;
    for (const auto& [id, each] : lanes)
        if (each.listed && each.pos) last = std::min(last, *each.pos);
    numbers.feed_lag.set(static_cast<double>(*head - last));
    co_return result<void>{};
}

engine::engine(executor on, pg::database_settings database, std::vector<sender*> senders, const clock& time,
               metrics::registry& metrics, engine_settings settings)
    : impl_(std::make_shared<impl>(on, std::move(database), senders, time, metrics, std::move(settings)))
{}

engine::~engine() = default;

void engine::start()
{
    const auto self = impl_;
    self->duty.spawn("outbox.hints", pg::listen(self->database, std::string(journal::positioned_channel), [self]() {
                         self->hinted = true;
                         self->work.ring();
                     }));
    // A lambda that is no coroutine: what it returns owns all it needs.
    const auto body = [self](pg::duty& held) {
        return [](std::shared_ptr<impl> mine, pg::duty& on) -> task<> {
            auto ended = co_await mine->run(on);
            if (!ended)
                log::warning("outbox.engine_stopped",
                             {{"code", slug(ended.error().code)}, {"reason", ended.error().detail}});
        }(self, held);
    };
    self->duty.spawn("outbox.engine", pg::hold_duty(self->database, self->settings.duty, body,
                                                    [self](bool held) { self->numbers.held.set(held ? 1 : 0); }));
}

task<> engine::stop()
{
    const auto self = impl_;
    self->stopping = true;
    self->work.ring();
    const auto open = [&]() { return self->under_way > 0 || !self->done.empty(); };
    const auto began = steady::now();
    const auto limit = [&]() {
        const auto& with = self->settings;
        return began + (self->only_once > 0 ? with.send_within : std::min(with.send_within, with.stop_within));
    };
    while (open() && steady::now() < limit())
        co_await self->drained.wait(limit() - steady::now());
    co_await self->sends.stop();
    self->work.ring();
    for (const auto end = steady::now() + 2s; open() && steady::now() < end;)
        co_await self->drained.wait(end - steady::now());
    co_await self->duty.stop();
}

} // namespace huiyin::outbox
