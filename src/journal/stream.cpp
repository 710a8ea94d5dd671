#include "feed_store.hpp"
#include "stream_store.hpp"
#include "wake_up.hpp"

#include <huiyin/base/log.hpp>
#include <huiyin/domain/permission.hpp>
#include <huiyin/journal/sequencer.hpp>
#include <huiyin/journal/stream.hpp>
#include <huiyin/pg/listener.hpp>

#include <boost/asio/as_tuple.hpp>

#include <algorithm>
#include <deque>
#include <list>

namespace huiyin::journal {

using frame_ptr = std::shared_ptr<const frame>;

bool sees(const domain::actor& who, const audience& of)
{
    const domain::object_scope scope{.departments = of.departments,
                                     .responsible = std::nullopt,
                                     .assignee = of.assignee,
                                     .sensitive = of.confidential ? domain::sensitivity::confidential
                                                                  : domain::sensitivity::ordinary};
    if (!domain::may(who, domain::permission::ticket_read, scope)) return false;
    if (!of.confidential || domain::may(who, domain::permission::customer_identity_of_report, scope)) return true;
    return (of.assignee && who.is(*of.assignee)) ||
           std::ranges::any_of(of.departments, [&](auto department) { return who.serves(department); });
}

bool sees(const domain::actor& who, const frame& of)
{
    using enum domain::permission;
    const auto about = std::string_view(of.kind).substr(0, of.kind.find('.'));
    if ((about == "pack" || about == "calendar") && domain::may(who, configuration_read)) return true;
    if ((about == "user" || about == "department") && domain::may(who, people_read)) return true;
    return sees(who, of.audience);
}

struct stream_hub
{
    stream_hub(executor on, pg::database& database, stream_settings given, metrics::registry& metrics)
        : where(on), db(running_on(database)), pool(database.settings()), settings(given), positioned(on),
          subscribers(metrics.gauge("huiyin_stream_subscribers", "Open subscriptions to the feed")),
          reloads(metrics.counter("huiyin_stream_reloads_total", "Subscribers told to load anew"))
    {}

    executor where;
    runner db;
    pg::database_settings pool;
    stream_settings settings;
    wake_up positioned;
    metrics::gauge subscribers;
    metrics::counter reloads;

    std::list<subscription::impl*> subscribed;
    /// All frames with reaches_back < pos <= *last.
    std::deque<frame_ptr> ring;
    std::int64_t reaches_back = 0;
    std::optional<std::int64_t> last;
    bool stopped = false;

    void take(std::vector<frame_ptr> frames);
    void wake_all();
};

struct subscription::impl
{
    impl(std::shared_ptr<stream_hub> of, domain::actor actor, std::optional<std::int64_t> after)
        : hub(std::move(of)), who(std::move(actor)), read(after ? after : hub->last), news(hub->where)
    {
        place = hub->subscribed.insert(hub->subscribed.end(), this);
        hub->subscribers.add(1);
    }
    ~impl()
    {
        hub->subscribed.erase(place);
        hub->subscribers.add(-1);
    }

    task<result<frame_batch>> next(std::chrono::steady_clock::time_point until);
    /// A batch to give, or nothing when the subscriber has read all there is.
    task<result<std::optional<frame_batch>>> read_on();
    frame_batch reload();
    /// Ends its wait. From then on it has to look for itself what is new.
    void wake()
    {
        waiting = false;
        news.cancel();
    }
    void keep_seen(const frame_ptr& each, std::vector<frame_ptr>& seen) const
    {
        if (sees(who, *each)) seen.push_back(each);
    }

    std::shared_ptr<stream_hub> hub;
    std::list<impl*>::iterator place;
    domain::actor who;
    /// Everything up to here is done with; nothing: from the head, which was not known yet.
    std::optional<std::int64_t> read;
    steady_timer news;
    /// In its wait, and has read everything that was there when it began.
    bool waiting = false;
    enum class ending { open, due, told } end = ending::open;
};

void stream_hub::wake_all()
{
    for (auto* each : subscribed)
        each->wake();
}

void stream_hub::take(std::vector<frame_ptr> frames)
{
    last = frames.back()->pos;
    // Who waits has read everything before, so only these frames decide whether he is woken.
    for (auto* each : subscribed) {
        if (!each->waiting) continue;
        const auto news = [&](const frame_ptr& f) { return f->pos > each->read.value_or(0) && sees(each->who, *f); };
        if (!each->read || std::ranges::any_of(frames, news))
            each->wake();
        else
            each->read = std::max(*each->read, *last);
    }
    for (auto& each : frames)
        ring.push_back(std::move(each));
    while (ring.size() > settings.ring) {
        reaches_back = ring.front()->pos;
        ring.pop_front();
    }
}

frame_batch subscription::impl::reload()
{
    hub->reloads.add();
    read = hub->last;
    return {.frames = {}, .reload = true, .up_to = *read};
}

task<result<std::optional<frame_batch>>> subscription::impl::read_on()
{
    if (!read) read = hub->last;
    if (*read > *hub->last) {
        // Another node was ahead of us when it gave this place out; or it is of a database that was since set back.
        auto head = co_await read_head(hub->db);
        if (!head) co_return fail(head.error());
        if (*read > *head) co_return reload();
        co_return std::nullopt;
    }
    const auto behind = *hub->last - *read;
    if (*read < hub->reaches_back && behind > static_cast<std::int64_t>(hub->settings.resume_limit)) co_return reload();

    frame_batch batch;
    while (*read < *hub->last && batch.frames.empty()) {
        if (*read < hub->reaches_back) {
            auto page = co_await read_frames(hub->db, *read, hub->settings.batch);
            if (!page) co_return fail(page.error());
            // A position whose event is gone has no frame, so an empty page means that nothing is left to read.
            if (page->empty()) read = hub->last;
            for (const auto& each : *page) {
                keep_seen(each, batch.frames);
                read = each->pos;
            }
            continue;
        }
        auto from = std::ranges::upper_bound(hub->ring, *read, {}, &frame::pos);
        for (; from != hub->ring.end() && batch.frames.size() < hub->settings.batch; ++from) {
            keep_seen(*from, batch.frames);
            read = (*from)->pos;
        }
        if (from == hub->ring.end()) read = hub->last;
    }
    if (batch.frames.empty()) co_return std::nullopt;
    batch.up_to = *read;
    co_return batch;
}

task<result<frame_batch>> subscription::impl::next(std::chrono::steady_clock::time_point until)
{
    for (;;) {
        if (hub->stopped) co_return fail(errc::shutting_down);
        if (end == ending::told) co_return fail(errc::cancelled, "the subscription has ended");
        if (end == ending::due && hub->last) {
            end = ending::told;
            co_return reload();
        }
        if (hub->last) {
            auto batch = co_await read_on();
            if (!batch) co_return fail(batch.error());
            if (*batch) co_return std::move(**batch);
            // Reading may have waited for the database while more came in.
            if (*read < *hub->last || hub->stopped || end != ending::open) continue;
        }
        if (std::chrono::steady_clock::now() >= until) {
            if (!hub->last) co_return fail(errc::unavailable, "the feed has not been read yet");
            co_return frame_batch{.frames = {}, .reload = false, .up_to = *read};
        }
        news.expires_at(until);
        waiting = hub->last.has_value();
        co_await news.async_wait(asio::as_tuple(use_task));
        waiting = false;
    }
}

subscription::subscription(std::unique_ptr<impl> made) : impl_(std::move(made)) {}
subscription::subscription(subscription&&) noexcept = default;
subscription& subscription::operator=(subscription&&) noexcept = default;
subscription::~subscription() = default;

task<result<frame_batch>> subscription::next(duration at_most)
{
    return impl_->next(std::chrono::steady_clock::now() + at_most);
}

namespace {

/// Reads what is new; whether there may be more.
task<result<bool>> read_news(stream_hub& hub)
{
    if (!hub.last) {
        auto head = co_await read_head(hub.db);
        if (!head) co_return fail(head.error());
        hub.last = hub.reaches_back = *head;
        hub.wake_all();
        co_return true;
    }
    auto frames = co_await read_frames(hub.db, *hub.last, frame_page);
    if (!frames) co_return fail(frames.error());
    const bool full = frames->size() == frame_page;
    if (!frames->empty()) hub.take(std::move(*frames));
    co_return full;
}

task<> follow(std::shared_ptr<stream_hub> hub)
{
    struct at_end
    {
        ~at_end()
        {
            hub.stopped = true;
            hub.wake_all();
        }
        stream_hub& hub;
    } const stop{*hub};

    bool reachable = true;
    for (;;) {
        auto more = co_await read_news(*hub);
        if (more.has_value() != reachable) {
            reachable = more.has_value();
            if (reachable)
                log::info("stream.followed_again");
            else
                log::warning("stream.not_followed",
                             {{"code", slug(more.error().code)}, {"reason", more.error().detail}});
        }
        if (more && *more) continue;
        co_await hub->positioned.wait(hub->settings.poll);
    }
}

} // namespace

follower::follower(executor on, pg::database& db, stream_settings settings, metrics::registry& metrics)
    : hub_(std::make_shared<stream_hub>(on, db, settings, metrics))
{}

follower::~follower()
{
    hub_->stopped = true;
    hub_->wake_all();
}

void follower::start(task_group& in)
{
    in.spawn("stream.hints",
             pg::listen(hub_->pool, std::string(positioned_channel), [hub = hub_]() { hub->positioned.ring(); }));
    in.spawn("stream.follower", follow(hub_));
}

result<subscription> follower::subscribe(domain::actor who, std::optional<std::int64_t> after)
{
    if (hub_->stopped) return fail(errc::shutting_down);
    if (hub_->subscribed.size() >= hub_->settings.subscribers) return fail(errc::overloaded, "too many subscriptions");
    if (after && *after < 0) after = 0;
    return subscription(std::make_unique<subscription::impl>(hub_, std::move(who), after));
}

std::size_t follower::end_streams_of(const uuid& actor)
{
    std::size_t ended = 0;
    for (auto* each : hub_->subscribed) {
        if (each->who.id != actor || each->end != subscription::impl::ending::open) continue;
        each->end = subscription::impl::ending::due;
        each->wake();
        ++ended;
    }
    return ended;
}

std::optional<std::int64_t> follower::head() const
{
    return hub_->last;
}

} // namespace huiyin::journal
