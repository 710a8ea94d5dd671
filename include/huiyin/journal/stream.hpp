#pragma once

#include <huiyin/async/task_group.hpp>
#include <huiyin/base/error.hpp>
#include <huiyin/base/metrics.hpp>
#include <huiyin/domain/actor.hpp>
#include <huiyin/journal/event.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace huiyin::journal {

/// That something changed, not what: the content is asked for elsewhere, where `may` decides again.
struct frame
{
    std::int64_t pos = 0;
    std::string kind;
    uuid subject;
    std::int64_t version = 0;
    /// Decides who gets the frame; not for the wire.
    journal::audience audience;
};

/// Whether an actor may learn that an event happened: who may read a ticket with this scope. A confidential one
/// moreover only for its assignee, its departments and who may know the identity of a reporter.
bool sees(const domain::actor& who, const audience& of);

/// Of a frame, moreover, who may read what it is about: the house's rules and calendars, its people and departments.
bool sees(const domain::actor& who, const frame& of);

struct frame_batch
{
    /// In pos order, only what the subscriber sees.
    std::vector<std::shared_ptr<const frame>> frames;
    /// He has missed frames and must load anew whatever he shows; what happens after `up_to` reaches him again.
    bool reload = false;
    /// To resume from: everything up to here was given, is not his to see, or is covered by `reload`.
    std::int64_t up_to = 0;
};

struct stream_settings
{
    /// Frames kept in memory, shared by all subscribers of the reactor. 1 to 1,000,000.
    std::size_t ring = 8192;
    /// How far behind a subscriber may be and still be served, from the database where the ring does not reach back.
    std::size_t resume_limit = 20'000;
    /// Frames in one batch. 1 to 1000.
    std::size_t batch = 256;
    /// Subscriptions per reactor.
    std::size_t subscribers = 20'000;
    /// How long a lost hint delays frames.
    std::chrono::milliseconds poll{500};
};

struct stream_hub;

/// One subscriber's place in the feed. It holds no frames: it reads on in the ring, so a slow reader costs nothing but
/// his own lateness, and gets one `reload` when he is too far behind. Movable; used on its reactor only; may outlive
/// the follower. Nobody may be in `next` when it dies.
class subscription
{
public:
    struct impl;
    explicit subscription(std::unique_ptr<impl> made);
    subscription(subscription&&) noexcept;
    subscription& operator=(subscription&&) noexcept;
    ~subscription();

    /// Waits for frames the subscriber sees; after `at_most` gives an empty batch whose `up_to` may have moved.
    /// Errors: `shutting_down` (the follower has stopped), `cancelled` (the subscription was ended, after the `reload`
    /// that says so), `unavailable` (no feed yet) and those of the database while resuming.
    task<result<frame_batch>> next(duration at_most = std::chrono::seconds(20));

private:
    std::unique_ptr<impl> impl_;
};

/// Follows the feed for the subscribers of one reactor. It reads `pos > last` on each hint of `positioned_channel` and
/// every `poll`. Used on its reactor only.
class follower
{
public:
    follower(executor on, pg::database& db, stream_settings settings, metrics::registry& metrics);
    ~follower();
    follower(const follower&) = delete;
    follower& operator=(const follower&) = delete;

    /// Starts following; when the group stops, all subscribers get `shutting_down`.
    void start(task_group& in);
    /// From now on, or from what comes after position `after`, which may be one that another node has given out.
    /// Errors: `overloaded` beyond `subscribers`.
    result<subscription> subscribe(domain::actor who, std::optional<std::int64_t> after);
    /// Ends the subscriptions of a user or token with `reload`: his rights have changed. How many there were.
    std::size_t end_streams_of(const uuid& actor);
    /// The last position read; nothing before the first look at the database.
    std::optional<std::int64_t> head() const;

private:
    std::shared_ptr<stream_hub> hub_;
};

} // namespace huiyin::journal
