#include "server_fixture.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>

#include <fstream>

namespace huiyin::net {

namespace {

task<response> ok(request&)
{
    co_return json_reply(200, {{"ok", true}});
}

task<response> echo(request& req)
{
    const nlohmann::json seen{{"bytes", req.body.size()},
                              {"sum", to_string(req.method)},
                              {"address", req.client_address},
                              {"secure", req.secure}};
    co_return json_reply(200, seen);
}

task<response> item(request& req)
{
    const auto id = req.path_id<ticket_id>("id");
    if (!id) co_return problem(id.error());
    const nlohmann::json seen{{"id", id->to_string()}, {"query", req.query_value("q").value_or("")}};
    co_return json_reply(200, seen).with("ETag", "\"7\"");
}

task<response> bug(request&)
{
    throw std::runtime_error("a bug with +8613812345678");
    co_return response();
}

task<response> injection(request& req)
{
    co_return json_reply(200, nullptr).with("X-Echo", std::string(req.query_value("q").value_or("")));
}

} // namespace

server_test::server_test()
{
    start_crypto();
    using domain::permission;
    const auto none = permission::none_needed;
    settings.port = 0;
    settings.per_address_per_minute = 0;
    routes.get("/ok", none, ok);
    routes.post("/ok", none, ok);
    routes.post("/echo", none, echo);
    routes.put("/echo", none, echo);
    routes.get("/echo", none, echo);
    route_options upload;
    upload.body_limit = 25 * 1024 * 1024;
    routes.post("/upload", none, echo, upload);
    routes.get("/items/{id}", none, item);
    routes.get("/bug", none, bug);
    routes.get("/injection", none, injection);
    routes.get("/tickets", permission::ticket_read, ok);
    routes.post("/notes", permission::logged_in, ok);
    routes.get("/smuggled", none, [this](request& req) {
        ++smuggled;
        return ok(req);
    });
    routes.get("/big", none, [](request&) -> task<response> {
        response reply;
        reply.body.assign(8 * 1024 * 1024, 'x');
        reply.content_type = "text/plain";
        co_return reply;
    });
    route_options hasty;
    hasty.limit = 50ms;
    routes.get(
        "/hasty", none,
        [](request&) -> task<response> {
            co_await pause_for(1h);
            co_await pause_for(1h);
            co_return response();
        },
        hasty);
    routes.get("/slow", none, [this](request& req) -> task<response> {
        ++slow_started;
        do
            co_await pause_for(20ms);
        while (!slow_may_answer);
        co_return co_await ok(req);
    });
    route_options rare;
    rare.per_minute = 3;
    routes.get("/rare", none, ok, rare);
    routes.stream("/stream", none, [this](request, std::shared_ptr<websocket> socket) -> task<void> {
        stream = socket;
        for (;;) {
            auto text = co_await socket->receive();
            if (!text) break;
            if (*text == "bug") {
                ++streams_ended;
                throw std::runtime_error("a bug");
            }
            socket->send(std::make_shared<const std::string>("echo " + *text));
        }
        ++streams_ended;
    });
}

server_test::~server_test()
{
    stop();
}

void server_test::start()
{
    server_.emplace(loop_.get_executor(), settings, routes, who, time, registry);
    run(server_->listen());
}

void server_test::start_on(int descriptor)
{
    server_.emplace(loop_.get_executor(), settings, routes, who, time, registry);
    run(server_->listen_on(descriptor));
}

void server_test::run(const result<std::uint16_t>& bound)
{
    ASSERT_TRUE(bound) << bound.error().detail;
    port = *bound;
    thread_ = std::thread([this]() { loop_.run(); });
}

void server_test::stop(std::chrono::milliseconds limit)
{
    if (!server_ || stopped_) return;
    stopped_ = true;
    std::promise<void> done;
    asio::co_spawn(loop_.get_executor(), server_->stop(limit), [&](const std::exception_ptr& thrown) {
        stream.reset();
        if (thrown)
            done.set_exception(thrown);
        else
            done.set_value();
    });
    wait_for(done.get_future());
    loop_.stop();
    thread_.join();
}

double server_test::metric(std::string_view line) const
{
    const auto text = registry.text();
    const auto at = text.find(std::string(line) + " ");
    return at == std::string::npos ? 0 : std::stod(text.substr(at + line.size() + 1));
}

std::size_t server_test::resident_kib()
{
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);)
        if (line.starts_with("VmRSS:")) return std::stoul(line.substr(6));
    return 0;
}

} // namespace huiyin::net
