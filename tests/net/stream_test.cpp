#include "server_fixture.hpp"

namespace huiyin::net {
namespace {

class Stream : public server_test
{
protected:
    Stream()
    {
        who = [](const request& req) -> task<result<principal>> {
            principal found;
            found.by_cookie = req.cookie("session").has_value();
            co_return found;
        };
    }
    std::string own() const { return "http://127.0.0.1:" + std::to_string(port); }
};

TEST_F(Stream, CarriesMessagesBothWays)
{
    start();
    websocket_client client(port);
    const auto opened = client.open("/stream");
    EXPECT_EQ(opened.status, 101);
    EXPECT_TRUE(uuid::parse(opened.header("x-request-id")));
    for (const auto* text : {"one", "回音", ""}) {
        client.send(text);
        EXPECT_EQ(client.receive(), std::string("echo ") + text);
    }
    client.close();
    EXPECT_TRUE(eventually([&]() { return streams_ended == 1 && open_connections() == 0; }));
}

TEST_F(Stream, IsOpenedOnlyFromItsOwnPages)
{
    settings.allowed_origins = {"https://desk.example.com"};
    start();
    const auto status = [&](const test::http_headers& headers) {
        return websocket_client(port).open("/stream", headers).status;
    };
    EXPECT_EQ(status({}), 101) << "no browser, no cookie";
    EXPECT_EQ(status({{"Origin", own()}}), 101);
    EXPECT_EQ(status({{"Origin", own()}, {"Cookie", "session=1"}}), 101);
    EXPECT_EQ(status({{"Origin", "https://desk.example.com"}}), 101);
    EXPECT_EQ(status({{"Origin", "https://evil.example"}}), 403);
    EXPECT_EQ(status({{"Origin", "https://evil.example"}, {"Cookie", "session=1"}}), 403);
    EXPECT_EQ(status({{"Origin", "null"}}), 403);
    EXPECT_EQ(status({{"Cookie", "session=1"}}), 403);
}

TEST_F(Stream, EndsAtMessagesThatAreTooLongOrNoText)
{
    start();
    websocket_client large(port);
    large.open("/stream");
    large.send(std::string(16 * 1024, 'x'));
    EXPECT_EQ(large.receive()->size(), 16u * 1024 + 5);
    large.send(std::string(16 * 1024 + 1, 'x'));
    EXPECT_EQ(large.receive(), std::nullopt);
    EXPECT_EQ(large.close_code(), 1009);

    websocket_client binary(port);
    binary.open("/stream");
    binary.send_binary("x");
    EXPECT_EQ(binary.receive(), std::nullopt);
    EXPECT_EQ(binary.close_code(), 1003);

    websocket_client broken(port);
    broken.open("/stream");
    broken.send("\xff");
    EXPECT_EQ(broken.receive(), std::nullopt);
    EXPECT_EQ(broken.close_code(), 1007);
    EXPECT_TRUE(eventually([&]() { return streams_ended == 3 && open_connections() == 0; }));
}

TEST_F(Stream, EndsWith1011WhenItsEndpointThrows)
{
    start();
    websocket_client client(port);
    client.open("/stream");
    client.send("bug");
    EXPECT_EQ(client.receive(), std::nullopt);
    EXPECT_EQ(client.close_code(), 1011);
}

TEST_F(Stream, NoticesAPeerThatVanished)
{
    start();
    {
        websocket_client client(port);
        client.open("/stream");
    }
    EXPECT_TRUE(eventually([&]() { return streams_ended == 1 && open_connections() == 0; }));
}

TEST_F(Stream, HoldsForASlowReaderNoMoreThanItsQueue)
{
    start();
    websocket_client slow(port);
    slow.limit_receive_buffer(4096);
    slow.open("/stream");
    slow.send("hello");
    EXPECT_EQ(slow.receive(), "echo hello");

    const auto push = [&](const std::shared_ptr<const std::string>& text) {
        return on_reactor<bool>([&]() { return stream->send(text); });
    };
    const auto message = std::make_shared<const std::string>(1000, 'x');
    // Full for good, not only for as long as the reactor had no time to write.
    int taken = 0;
    for (int refused_in_a_row = 0; refused_in_a_row < 50 && taken < 100'000;) {
        if (push(message)) {
            ++taken;
            refused_in_a_row = 0;
        } else {
            ++refused_in_a_row;
            std::this_thread::sleep_for(2ms);
        }
    }
    EXPECT_LT(taken, 5'000) << "the kernel's buffers and 64 messages";
    EXPECT_GE(taken, 64);
    int more = 0;
    for (int i = 0; i < 10'000; ++i)
        more += push(message);
    EXPECT_LT(taken + more, 5'000) << "what the kernel's probes of a closed window get through";
    EXPECT_LE(on_reactor<long>([&]() { return message.use_count(); }), 1 + 64 + 1) << "here, queued, being sent";

    // A message of its own fits after the queue was dropped; what was under way still arrives whole.
    on_reactor<bool>([&]() {
        stream->drop_queued();
        return true;
    });
    EXPECT_TRUE(push(std::make_shared<const std::string>("reload")));
    std::optional<std::string> last;
    int received = 0;
    while ((last = slow.receive()) && *last != "reload") {
        EXPECT_EQ(last->size(), 1000u);
        ++received;
    }
    EXPECT_EQ(last, "reload");
    EXPECT_LT(received, taken + more);
}

TEST_F(Stream, TakesNoMoreThan256KiBIntoItsQueue)
{
    start();
    websocket_client slow(port);
    slow.limit_receive_buffer(4096);
    slow.open("/stream");
    slow.send("hello");
    EXPECT_EQ(slow.receive(), "echo hello");
    const auto taken = on_reactor<int>([&]() {
        int count = 0;
        while (count < 64 && stream->send(std::make_shared<const std::string>(100'000, 'x')))
            ++count;
        return count;
    });
    EXPECT_GE(taken, 2);
    EXPECT_LE(taken, 3) << "one on its way, two of 100 kB in the queue";
}

TEST_F(Stream, IsToldWhenTheServerStops)
{
    start();
    websocket_client client(port);
    client.open("/stream");
    auto stopping = std::async(std::launch::async, [this]() { stop(); });
    EXPECT_EQ(client.receive(), std::nullopt);
    EXPECT_EQ(client.close_code(), 1001);
    EXPECT_EQ(stopping.wait_for(test::patience), std::future_status::ready);
    EXPECT_EQ(streams_ended, 1);
}

TEST_F(Stream, DoesNotKeepAStoppingServerWaitingForASilentPeer)
{
    start();
    websocket_client client(port);
    client.open("/stream");
    stop(200ms);
    EXPECT_EQ(streams_ended, 1);
}

} // namespace
} // namespace huiyin::net
