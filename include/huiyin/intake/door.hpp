#pragma once

#include <huiyin/async/task_group.hpp>
#include <huiyin/base/metrics.hpp>
#include <huiyin/base/time.hpp>
#include <huiyin/intake/contact.hpp>
#include <huiyin/pg/database.hpp>
#include <huiyin/ticket/configuration.hpp>

#include <chrono>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace huiyin::intake {

/// Planted bugs, for proving that the ledger test finds them. The daemon refuses any but `none` unless
/// unsafe_test_settings = true.
enum class intake_fault { none, acknowledge_before_commit, drop_one_in_thousand, insert_twice };
std::optional<intake_fault> parse_intake_fault(std::string_view name);

struct intake_settings
{
    /// Contacts per transaction. 1 to 500.
    std::size_t batch_limit = 500;
    /// Contacts that may wait per reactor; beyond it `overloaded`. 1 to 100,000.
    std::size_t queue_limit = 5000;
    /// The center's, for the day in a ticket's number.
    std::string time_zone = "Asia/Shanghai";
    /// The number is put behind it: "https://service.example.com/track/".
    std::string tracking_url = "/track/";
    /// How often a batch is tried again where the database is away or busy. 0 to 10.
    int retries = 3;
    intake_fault fault = intake_fault::none;
};

/// The one door for every channel and for customers' own acts. One per reactor; used on its own reactor only.
///
/// `accept` answers after the commit. Contacts that queue while a transaction is under way share the next one; there is
/// no timer. A batch never waits for another one's identities: who misses a lock goes one by one. What the data itself
/// forbids (SQLSTATE 22 and 23) parks that contact alone; where the database is away or busy, nothing is parked.
class door
{
public:
    door(executor on, pg::database& db, ticket::configurations& rules, const clock& time, metrics::registry& metrics,
         intake_settings settings);
    ~door();
    door(const door&) = delete;
    door& operator=(const door&) = delete;

    /// Errors: `overloaded` (with fact retry_after_s), `unavailable`, `commit_unknown`, `shutting_down`: send it again,
    /// with the same external id; `key_reused`; `not_configured` (no pack has been applied); `not_found` (an act on a
    /// ticket that is not the sender's, or an attachment that is gone); `invalid_field` (an account, channel or
    /// external id that no adapter may send).
    task<result<receipt>> accept(contact what);

    /// Tries a parked contact again, ill-formed characters replaced. What it meets again leaves it parked.
    /// Errors: as `accept`; `not_found`; `wrong_state` (not waiting any more).
    task<result<receipt>> retry(parked_id which);

    /// Called after each commit that left something for `applier` to do.
    void when_inbox_fills(std::function<void()> told) { inbox_filled_ = std::move(told); }

    /// Cancels what is under way; everyone who waits gets `shutting_down`. Drain the channels first.
    task<> stop();
    std::size_t waiting() const;

private:
    struct item;
    using items = std::vector<std::shared_ptr<item>>;
    struct meters;

    task<result<receipt>> wait_for(std::shared_ptr<item> mine);
    void start_committer();
    task<> commit_queued();
    task<> commit_one_by_one();
    task<> settle(items batch, bool waiting_for_locks);
    task<result<void>> try_batch(items& batch, bool waiting_for_locks);
    task<result<void>> park(std::shared_ptr<item> which, std::string reason);
    task<result<std::int64_t>> base_of(std::string day);
    void answer(item& to, result<receipt> with);
    void go_alone(std::shared_ptr<item> which);

    executor on_;
    pg::database& db_;
    ticket::configurations& rules_;
    const clock& clock_;
    intake_settings settings_;
    std::unique_ptr<meters> meters_;
    std::deque<std::shared_ptr<item>> queue_;
    std::deque<std::shared_ptr<item>> alone_;
    items under_way_;
    std::map<std::string, std::int64_t, std::less<>> bases_;
    /// For planted bugs only.
    std::size_t counted_ = 0;
    int lone_workers_ = 0;
    bool committing_ = false;
    bool stopping_ = false;
    std::function<void()> inbox_filled_;
    task_group group_;
};

} // namespace huiyin::intake
