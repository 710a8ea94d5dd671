#include <huiyin/api/stream_routes.hpp>
#include <huiyin/net/websocket.hpp>

#include <nlohmann/json.hpp>

#include <charconv>

namespace huiyin::api {

namespace {

using domain::permission;
using nlohmann::json;

/// {"pos":…,"frames":[{"pos","kind","subject","version"},…]}, or with "reload":true where he must load anew what he shows.
std::shared_ptr<const std::string> message(const journal::frame_batch& batch)
{
    json frames = json::array();
    for (const auto& each : batch.frames)
        frames.push_back({{"pos", each->pos}, {"kind", each->kind}, {"subject", each->subject.to_string()}, {"version", each->version}});
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
    while (to->is_open()) {
        const auto batch = co_await subscription->next();
        if (!batch) {
            to->close(batch.error().code == errc::shutting_down ? 1001 : 1013, std::string(slug(batch.error().code)));
            co_return;
        }
        send(*to, *batch);
    }
}

} // namespace

void add_stream_routes(net::router& routes, journal::follower& feed)
{
    routes.stream("/api/v1/stream", permission::stream_follow, [&feed](net::request req, std::shared_ptr<net::websocket> to) { return follow(std::move(req), std::move(to), feed); });
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
