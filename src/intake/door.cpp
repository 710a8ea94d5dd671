#include "plan.hpp"
#include "receipt_store.hpp"

#include <huiyin/base/log.hpp>
#include <huiyin/base/text.hpp>
#include <huiyin/intake/door.hpp>

#include <boost/asio/as_tuple.hpp>
#include <date/tz.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <typeinfo>

namespace huiyin::intake {

namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

/// Of one batch, over all reactors some hundreds at once: PostgreSQL's lock table has about 64 places per connection.
constexpr std::size_t lock_limit = 600;
/// Coroutines per reactor that work on contacts one by one.
constexpr int lone_worker_limit = 2;

constexpr std::array<std::string_view, 4> faults{"none", "acknowledge_before_commit", "drop_one_in_thousand",
                                                 "insert_twice"};

/// The database is away or busy; the contact is not to blame.
bool is_transient(errc code)
{
    switch (code) {
    case errc::unavailable:
    case errc::overloaded:
    case errc::timeout:
    case errc::serialization_failure:
    case errc::commit_unknown: return true;
    default: return false;
    }
}

bool is_poison(errc code)
{
    return code == errc::data_rejected || code == errc::constraint_violated;
}

std::string reason_of(const error& why)
{
    return fmt::format("{}:{}", slug(why.code), why.detail);
}

bool is_name(std::string_view text, std::size_t limit)
{
    return !text.empty() && code_points(text) <= limit && is_storable_utf8(text);
}

/// What only a broken adapter sends; words are not looked at.
result<void> check(const contact& what)
{
    const auto bad = [](const char* which) { return fail(errc::invalid_field, which); };
    if (!is_name(what.account, 200)) return bad("account");
    if (!is_name(what.external_id, 200)) return bad("external_id");
    if (!is_name(what.channel, 32)) return bad("channel");
    if (!is_storable_utf8(what.category) || what.category.size() > 64) return bad("category");
    if (!is_storable_utf8(what.ticket_number) || what.ticket_number.size() > 40) return bad("ticket_number");
    if (what.identities.size() > 8 || what.attachments.size() > 64 || what.fields.size() > 100) return bad("too many");
    if (what.key && (!is_name(what.key->principal, 200) || !is_name(what.key->key, 128))) return bad("key");
    return {};
}

error retry_later(error why)
{
    return std::move(why).with("retry_after_s", "2");
}

/// "260224": the day at the center.
std::string day_at(instant now, const std::string& time_zone)
{
    const auto local = date::locate_zone(time_zone)->to_local(now);
    const date::year_month_day day(date::floor<date::days>(local));
    return fmt::format("{:02}{:02}{:02}", static_cast<int>(day.year()) % 100, static_cast<unsigned>(day.month()),
                       static_cast<unsigned>(day.day()));
}

} // namespace

std::optional<intake_fault> parse_intake_fault(std::string_view name)
{
    const auto at = std::ranges::find(faults, name);
    if (at == faults.end()) return std::nullopt;
    return static_cast<intake_fault>(at - faults.begin());
}

/// One contact on its way, and who waits for it.
struct door::item
{
    item(executor on, contact given) : what(std::move(given)), done(on, steady_clock::time_point::max()) {}

    contact what;
    struct parked
    {
        parked_id id;
        receipt_id receipt;
    };
    std::optional<parked> retried;
    std::optional<result<receipt>> told;
    steady_timer done;
    int collisions = 0;
};

struct door::meters
{
    explicit meters(metrics::registry& in)
        : queue(in.gauge("huiyin_intake_queue_length", "Contacts that wait for their commit")),
          batch(in.histogram("huiyin_intake_batch_contacts", "Contacts per transaction",
                             {1, 2, 5, 10, 20, 50, 100, 200, 500})),
          commit(in.histogram("huiyin_intake_commit_seconds", "From the first look-up to the commit",
                              metrics::latency_bounds())),
          accepted(in.counter("huiyin_intake_accepted_total", "Contacts that became visible")),
          repeats(in.counter("huiyin_intake_repeats_total", "Contacts that had been taken before")),
          parked(in.counter("huiyin_intake_parked_total", "Contacts kept raw since they could not be taken")),
          refused(in.counter("huiyin_intake_refused_total", "Contacts refused with an error")),
          missed(in.counter("huiyin_intake_missed_locks_total",
                            "Contacts that went one by one since another held their person"))
    {}
    metrics::gauge queue;
    metrics::histogram batch, commit;
    metrics::counter accepted, repeats, parked, refused, missed;
};

door::door(executor on, pg::database& db, ticket::configurations& rules, const clock& time, metrics::registry& metrics,
           intake_settings settings)
    : on_(on), db_(db), rules_(rules), clock_(time), settings_(std::move(settings)),
      meters_(std::make_unique<meters>(metrics)), group_(on)
{
    settings_.batch_limit = std::clamp<std::size_t>(settings_.batch_limit, 1, 500);
    // An unknown zone fails the start and not the first contact.
    (void)date::locate_zone(settings_.time_zone);
}

door::~door() = default;

std::size_t door::waiting() const
{
    return queue_.size() + alone_.size() + under_way_.size();
}

task<result<receipt>> door::accept(contact what)
{
    if (auto fine = check(what); !fine) {
        meters_->refused.add();
        co_return fail(fine.error());
    }
    if (stopping_) co_return fail(errc::shutting_down, "the door is shut");
    if (waiting() >= settings_.queue_limit) {
        meters_->refused.add();
        co_return fail(retry_later({errc::overloaded, "too many contacts wait", {}}));
    }
    if (settings_.fault == intake_fault::insert_twice && ++counted_ % 100 == 50) {
        auto twice = std::make_shared<item>(on_, what);
        twice->what.external_id = uuid::make().to_string();
        twice->what.key.reset();
        queue_.push_back(std::move(twice));
        meters_->queue.add(1);
    }
    auto mine = std::make_shared<item>(on_, std::move(what));
    queue_.push_back(mine);
    meters_->queue.add(1);
    start_committer();
    co_return co_await wait_for(std::move(mine));
}

task<result<receipt>> door::retry(parked_id which)
{
    if (stopping_) co_return fail(errc::shutting_down, "the door is shut");
    const auto kept = co_await load_parked(db_, which);
    if (!kept) co_return fail(kept.error());
    auto what = contact_of(kept->contact);
    if (!what) co_return fail(what.error());
    // Whoever retries has seen it: what cannot be read becomes words for a person to read.
    if (what->problem.empty()) what->problem.assign(kept->raw.begin(), kept->raw.end());
    make_storable(*what);
    auto mine = std::make_shared<item>(on_, std::move(*what));
    mine->retried = {which, kept->receipt};
    meters_->queue.add(1);
    go_alone(mine);
    co_return co_await wait_for(std::move(mine));
}

task<result<receipt>> door::wait_for(std::shared_ptr<item> mine)
{
    if (!mine->told) co_await mine->done.async_wait(asio::as_tuple(use_task));
    if (!mine->told) co_return fail(errc::cancelled, "nobody waits any more");
    co_return *mine->told;
}

void door::answer(item& to, result<receipt> with)
{
    if (to.told) return;
    meters_->queue.add(-1);
    if (!with) {
        meters_->refused.add();
        if (is_transient(with.error().code)) with = fail(retry_later(with.error()));
    } else if (with->repeated) {
        meters_->repeats.add();
    } else if (with->outcome == outcome::parked) {
        meters_->parked.add();
        log::warning("intake.parked", {{"receipt", with->id}, {"channel", to.what.channel}});
    } else {
        meters_->accepted.add();
    }
    to.told = std::move(with);
    to.done.cancel();
}

void door::start_committer()
{
    if (committing_) return;
    committing_ = true;
    group_.spawn("intake.commit", commit_queued());
}

/// The next batch is whatever queued while the last one was committed.
task<> door::commit_queued()
{
    while (!queue_.empty() && !stopping_) {
        items batch;
        std::size_t locks = 0;
        while (!queue_.empty() && batch.size() < settings_.batch_limit && locks < lock_limit) {
            locks += queue_.front()->what.identities.size();
            batch.push_back(std::move(queue_.front()));
            queue_.pop_front();
        }
        under_way_.insert(under_way_.end(), batch.begin(), batch.end());
        co_await settle(std::move(batch), false);
        std::erase_if(under_way_, [](const auto& each) { return each->told.has_value(); });
    }
    committing_ = false;
}

void door::go_alone(std::shared_ptr<item> which)
{
    alone_.push_back(std::move(which));
    if (lone_workers_ >= lone_worker_limit) return;
    ++lone_workers_;
    group_.spawn("intake.one_by_one", commit_one_by_one());
}

task<> door::commit_one_by_one()
{
    while (!alone_.empty() && !stopping_) {
        items one{alone_.front()};
        alone_.pop_front();
        under_way_.push_back(one.front());
        co_await settle(std::move(one), true);
        std::erase_if(under_way_, [](const auto& each) { return each->told.has_value(); });
    }
    --lone_workers_;
}

/// Answers every item of the batch or sends it on its own way.
task<> door::settle(items batch, bool waiting_for_locks)
{
    try {
        auto wait = 50ms;
        for (int attempt = 0;; ++attempt) {
            const auto begun = steady_clock::now();
            const auto size = batch.size();
            auto done = co_await try_batch(batch, waiting_for_locks);
            if (done) {
                meters_->batch.observe(static_cast<double>(size));
                meters_->commit.observe(std::chrono::duration<double>(steady_clock::now() - begun).count());
                co_return;
            }
            const auto why = done.error();
            const bool again = is_transient(why.code) && attempt < settings_.retries && !stopping_;
            if (again) {
                log::warning("intake.batch_delayed", {{"contacts", size}, {"reason", slug(why.code)}});
                co_await pause_for(wait);
                wait *= 2;
                continue;
            }
            if (stopping_ || (!is_poison(why.code) && why.code != errc::internal)) {
                for (const auto& each : batch)
                    answer(*each, stopping_ ? fail(errc::shutting_down, "the door was shut") : fail(why));
                co_return;
            }
            if (size > 1) {
                // Halves find the one that the data itself forbids in few transactions; the others are not held up.
                const auto middle = batch.begin() + static_cast<std::ptrdiff_t>(size / 2);
                items second(middle, batch.end());
                batch.erase(middle, batch.end());
                co_await settle(std::move(batch), waiting_for_locks);
                co_await settle(std::move(second), waiting_for_locks);
                co_return;
            }
            const auto& only = batch.front();
            // Two that filed the same person, number or id at once: the second look sees what the first one wrote.
            if (why.code == errc::constraint_violated && only->collisions++ < 3) continue;
            if (!is_poison(why.code)) {
                log::error("intake.failed", {{"reason", reason_of(why)}});
                answer(*only, fail(why));
            } else if (auto kept = co_await park(only, reason_of(why)); !kept) {
                answer(*only, fail(kept.error()));
            }
            co_return;
        }
    } catch (const std::exception& bug) {
        // Its text may quote what somebody wrote.
        if (!stopping_) log::error("intake.bug", {{"type", typeid(bug).name()}, {"contacts", batch.size()}});
    }
    for (const auto& each : batch)
        answer(*each,
               stopping_ ? fail(errc::shutting_down, "the door was shut") : fail(errc::internal, "a bug in the door"));
}

/// One transaction. What missed its locks leaves the batch; the rest is answered when the commit has returned.
task<result<void>> door::try_batch(items& batch, bool waiting_for_locks)
{
    const auto rules = co_await rules_.current();
    if (!rules) co_return fail(rules.error());
    const auto now = clock_.now();
    const auto day = day_at(now, settings_.time_zone);
    const auto base = co_await base_of(day);
    if (!base) co_return fail(base.error());

    auto tx = co_await db_.begin();
    if (!tx) co_return fail(tx.error());
    reading look;
    std::vector<const contact*> contacts;
    std::set<std::int64_t> keys;
    for (const auto& each : batch) {
        contacts.push_back(&each->what);
        for (const auto key : record::lock_keys(each->what.correspondent()))
            keys.insert(key);
    }
    const std::vector<std::int64_t> sorted(keys.begin(), keys.end());
    if (waiting_for_locks)
        look.wait_for_locks(sorted);
    else
        look.try_locks(sorted);
    const auto retried = batch.front()->retried;
    if (retried) look.lock_parked(retried->id);
    look.look_up(contacts, now);
    if (auto read = co_await look.run(*tx); !read) co_return fail(read.error());
    if (retried && !look.parked_waits) {
        answer(*batch.front(), fail(errc::wrong_state, "the parked contact waits no more"));
        co_return result<void>{};
    }
    const auto missed = std::move(look.found.missed_locks);
    if (!missed.empty()) {
        const auto misses = [&](const std::shared_ptr<item>& each) {
            return std::ranges::any_of(record::lock_keys(each->what.correspondent()),
                                       [&](auto key) { return missed.contains(key); });
        };
        for (const auto& each : batch)
            if (misses(each)) {
                meters_->missed.add();
                go_alone(each);
            }
        std::erase_if(batch, misses);
        if (batch.empty()) co_return result<void>{};
    }

    plan planned(std::move(look.found), look.known,
                 {.rules = **rules, .tracking_url = settings_.tracking_url, .now = now, .day = day, .day_base = *base});
    std::vector<result<receipt>> told;
    for (const auto& each : batch) {
        if (settings_.fault == intake_fault::drop_one_in_thousand && ++counted_ % 1000 == 100) {
            told.push_back(receipt{.id = receipt_id::make(),
                                   .ticket = ticket_id::make(),
                                   .number = ticket_number(day, 9'000'000),
                                   .answer = R"({"number":")" + ticket_number(day, 9'000'000) +
                                             R"(","tracking_url":"","due_at":null})"});
            continue;
        }
        told.push_back(each->retried ? planned.take_parked(each->what, each->retried->id, each->retried->receipt)
                                     : planned.take(each->what));
    }
    if (settings_.fault == intake_fault::acknowledge_before_commit) {
        for (std::size_t i = 0; i < batch.size(); ++i)
            answer(*batch[i], told[i]);
        co_await pause_for(20ms);
    }
    pg::batch writes;
    planned.write(writes);
    if (!writes.empty())
        if (auto written = co_await tx->commit(std::move(writes)); !written) co_return fail(written.error());
    for (std::size_t i = 0; i < batch.size(); ++i)
        answer(*batch[i], std::move(told[i]));
    if (planned.fills_inbox() && inbox_filled_) inbox_filled_();
    co_return result<void>{};
}

task<result<void>> door::park(std::shared_ptr<item> which, std::string reason)
{
    if (which->retried) {
        auto noted = co_await note_retry(db_, which->retried->id, reason);
        if (!noted) co_return fail(noted.error());
        receipt still;
        still.id = which->retried->receipt;
        still.outcome = outcome::parked;
        answer(*which, still);
        co_return result<void>{};
    }
    which->what.unreadable.clear();
    auto tx = co_await db_.begin();
    if (!tx) co_return fail(tx.error());
    reading look;
    look.wait_for_locks(record::lock_keys(which->what.correspondent()));
    if (auto read = co_await look.run(*tx); !read) co_return fail(read.error());
    const pg::rows nobody;
    const auto now = clock_.now();
    const auto rules = co_await rules_.current();
    if (!rules) co_return fail(rules.error());
    plan only({}, nobody, {.rules = **rules, .tracking_url = "", .now = now, .day = "", .day_base = 0});
    auto told = only.park(which->what, reason);
    pg::batch writes;
    only.write(writes);
    if (auto written = co_await tx->commit(std::move(writes)); !written) co_return fail(written.error());
    answer(*which, std::move(told));
    co_return result<void>{};
}

/// Read before any of the day's serials is drawn, so that a serial is always above it.
task<result<std::int64_t>> door::base_of(std::string day)
{
    if (const auto known = bases_.find(day); known != bases_.end()) co_return known->second;
    auto base = co_await day_base(db_, "20" + day);
    if (!base) co_return fail(base.error());
    bases_.clear();
    bases_.emplace(day, *base);
    co_return *base;
}

task<> door::stop()
{
    stopping_ = true;
    co_await group_.stop();
    for (auto* left : {&queue_, &alone_}) {
        for (const auto& each : *left)
            answer(*each, fail(errc::shutting_down, "the door was shut"));
        left->clear();
    }
    for (const auto& each : under_way_)
        answer(*each, fail(errc::shutting_down, "the door was shut"));
    under_way_.clear();
}

} // namespace huiyin::intake
