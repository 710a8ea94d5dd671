#include <huiyin/api/stream_routes.hpp>
#include <huiyin/net/websocket.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
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

/// What the client may say: {"viewing": ticket or null} or {"typing": {"ticket": …, "what": …}}.
struct said_look
{
    std::optional<ticket_id> ticket; ///< None: at none.
    std::string what = "viewing";
};

std::optional<said_look> read_look(const std::string& message)
{
    const auto is_word = [](const std::string& word) {
        return !word.empty() && word.size() <= 30 &&
               std::ranges::all_of(word, [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; });
    };
    const auto said = json::parse(message, nullptr, false);
    if (!said.is_object()) return std::nullopt;
    if (const auto viewing = said.find("viewing"); viewing != said.end()) {
        if (viewing->is_null()) return said_look{};
        if (!viewing->is_string()) return std::nullopt;
        const auto ticket = ticket_id::parse(viewing->get_ref<const std::string&>());
        return ticket ? std::optional(said_look{*ticket}) : std::nullopt;
    }
    const auto typing = said.find("typing");
    if (typing == said.end() || !typing->is_object()) return std::nullopt;
    const auto ticket = typing->find("ticket"), what = typing->find("what");
    if (ticket == typing->end() || !ticket->is_string() || what == typing->end() || !what->is_string())
        return std::nullopt;
    const auto id = ticket_id::parse(ticket->get_ref<const std::string&>());
    if (!id || !is_word(what->get_ref<const std::string&>())) return std::nullopt;
    return said_look{*id, what->get<std::string>()};
}

/// What clients say is bounded: the rest of a second's words is not listened to.
class pace
{
public:
    bool allows()
    {
        const auto now = std::chrono::steady_clock::now();
        if (now - since_ >= std::chrono::seconds(1)) since_ = now, said_ = 0;
        return ++said_ <= most;
    }

private:
    static constexpr int most = 5;
    std::chrono::steady_clock::time_point since_{};
    int said_ = 0;
};

/// Listens to what the user looks at. A read under way answers pings and notices the end, too.
task<void> listen(domain::actor who, std::shared_ptr<net::websocket> from, stream_context with)
{
    /// So long an answer to "may he read it" is good; rights that change end the stream.
    constexpr auto asked_again_after = std::chrono::seconds(60);
    struct leaving
    {
        viewers* watching;
        std::uint64_t socket;
        ~leaving() { watching->look_away(socket); }
    };
    const auto socket = with.watching->open();
    const leaving at_the_end{with.watching, socket};
    pace speed;
    std::optional<std::string> name;
    std::optional<ticket_id> readable;
    std::chrono::steady_clock::time_point asked_at{};
    for (;;) {
        const auto message = co_await from->receive();
        if (!message) break;
        if (who.kind != domain::actor_kind::user || !speed.allows()) continue;
        const auto said = read_look(*message);
        if (!said) continue;
        if (!said->ticket) {
            with.watching->look_away(socket);
            continue;
        }
        const auto now = std::chrono::steady_clock::now();
        if (readable != said->ticket || now - asked_at > asked_again_after) {
            const auto may = co_await with.tickets->load(*said->ticket, who);
            if (!may) {
                with.watching->look_away(socket);
                continue;
            }
            readable = said->ticket;
            asked_at = now;
        }
        if (!name) {
            const auto found = co_await with.people->find_user(user_id(who.id));
            if (!found || !*found) continue;
            name = (*found)->display_name;
        }
        with.watching->look_at(socket, from, *said->ticket, user_id(who.id), *name, said->what);
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

/// Says that the line is alive, and how late it is here. One that does not fit into the queue is left out: what waits
/// there says as much.
task<void> beat(std::shared_ptr<net::websocket> to, const clock* time)
{
    constexpr auto pace = std::chrono::seconds(10);
    while (to->is_open()) {
        to->send(
            std::make_shared<const std::string>(json{{"kind", "heartbeat"}, {"at", to_rfc3339(time->now())}}.dump()));
        co_await pause_for(pace);
        if ((co_await asio::this_coro::cancellation_state).cancelled() != asio::cancellation_type::none) co_return;
    }
}

task<void> follow(net::request req, std::shared_ptr<net::websocket> to, journal::follower& feed, stream_context with)
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
    const auto* const time = with.time;
    auto all = asio::experimental::make_parallel_group(
        asio::co_spawn(here, pump(to, std::move(*subscription)), asio::deferred),
        asio::co_spawn(here, beat(to, time), asio::deferred),
        asio::co_spawn(here, listen(req.actor(), to, std::move(with)), asio::deferred));
    co_await all.async_wait(asio::experimental::wait_for_one(), use_task);
}

} // namespace

void add_stream_routes(net::router& routes, journal::follower& feed, stream_context with)
{
    routes.stream("/api/v1/stream", permission::stream_follow,
                  [&feed, with](net::request req, std::shared_ptr<net::websocket> to) {
                      return follow(std::move(req), std::move(to), feed, with);
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
