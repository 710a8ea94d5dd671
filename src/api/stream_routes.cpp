#include <huiyin/api/stream_routes.hpp>
#include <huiyin/net/websocket.hpp>

#include <nlohmann/json.hpp>

#include <charconv>

namespace huiyin::api {

namespace {

using domain::permission;
using nlohmann::json;

/// {"pos":…,"frames":[{"pos","kind","subject","version"},…]}, or with "reload":true where he must load anew what he
/// shows.
std::shared_ptr<const std::string> message(const journal::frame_batch& batch)
{
    json frames = json::array();
    for (const auto& each : batch.frames)
        frames.push_back({{"pos", each->pos},
                          {"kind", each->kind},
                          {"subject", each->subject.to_string()},
                          {"version", each->version}});
    json what{{"pos", batch.up_to}, {"frames", std::move(frames)}};
    if (batch.reload) what["reload"] = true;
    return std::make_shared<const std::string>(what.dump());
}

/// A slow reader's queue is emptied and he is told to load anew.
void send(net::websocket& to, const journal::frame_batch& batch)
{
    if (to.send(message(batch))) return;
    to.drop_queued();
    to.send(message({.frames = {}, .reload = true, .up_to = batch.up_to}));
}

/// What a client says is not looked at; a read under way answers pings and notices the end.
task<void> drain(std::shared_ptr<net::websocket> from)
{
    while (co_await from->receive()) {
    }
}

task<void> pump(std::shared_ptr<net::websocket> to, journal::subscription from)
{
    while (to->is_open()) {
        const auto batch = co_await from.next();
        if (!batch) {
            to->close(batch.error().code == errc::shutting_down ? 1001 : 1013, std::string(slug(batch.error().code)));
            co_return;
        }
        send(*to, *batch);
    }
}

task<void> follow(net::request req, std::shared_ptr<net::websocket> to, journal::follower& feed)
{
    std::optional<std::int64_t> after;
    if (const auto asked = req.query_value("after")) {
        std::int64_t pos = 0;
        const auto [end, failed] = std::from_chars(asked->data(), asked->data() + asked->size(), pos);
        if (failed != std::errc() || end != asked->data() + asked->size() || pos < 0) {
            to->close(1008, "after is not a position");
            co_return;
        }
        after = pos;
    }
    auto subscription = feed.subscribe(req.actor(), after);
    if (!subscription) {
        to->close(1013, std::string(slug(subscription.error().code)));
        co_return;
    }
    const auto here = co_await asio::this_coro::executor;
    auto both = asio::experimental::make_parallel_group(
        asio::co_spawn(here, pump(to, std::move(*subscription)), asio::deferred),
        asio::co_spawn(here, drain(to), asio::deferred));
    co_await both.async_wait(asio::experimental::wait_for_one(), use_task);
}

} // namespace

void add_stream_routes(net::router& routes, journal::follower& feed)
{
    routes.stream("/api/v1/stream", permission::stream_follow,
                  [&feed](net::request req, std::shared_ptr<net::websocket> to) {
                      return follow(std::move(req), std::move(to), feed);
                  });
}

task<void> end_streams_on_change_of_rights(journal::follower& feed)
{
    auto changes = feed.subscribe(domain::actor::system(), std::nullopt);
    if (!changes) co_return;
    for (;;) {
        const auto batch = co_await changes->next();
        if (!batch && batch.error().code == errc::shutting_down) co_return;
        if (!batch) {
            co_await pause_for(std::chrono::milliseconds(500));
            if ((co_await asio::this_coro::cancellation_state).cancelled() != asio::cancellation_type::none) co_return;
            continue;
        }
        for (const auto& each : batch->frames)
            if (each->kind == "user.rights_changed") feed.end_streams_of(each->subject);
    }
}

} // namespace huiyin::api
