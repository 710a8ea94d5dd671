#include <huiyin/async/task.hpp>
#include <huiyin/base/crypto.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <atomic>
#include <fstream>
#include <mutex>
#include <replay_lib.hpp>
#include <thread>

using namespace huiyin;
using namespace huiyin::bench;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

namespace {

struct agreement
{
    ledger outside;
    database_view inside;

    agreement()
    {
        outside.run = "r";
        outside.sent = {{"r-000001", 1}, {"r-000002", 3}};
        outside.acknowledged = {{"r-000001", {"260101-0001"}}, {"r-000002", {"260101-0002", "260101-0002"}}};
        inside.tickets = {{"r-000001", {"260101-0001"}}, {"r-000002", {"260101-0002"}}};
        inside.numbers = {"260101-0001", "260101-0002"};
        inside.receipts = 2;
        inside.received = 4;
        inside.visible = 2;
        inside.repeats = 2;
    }
    std::vector<std::string> faults() const { return disagreements(outside, inside); }
};

std::filesystem::path fresh_file(const char* name)
{
    auto path = std::filesystem::path(testing::TempDir()) / name;
    std::filesystem::remove(path);
    return path;
}

/// Answers on a port of its own as `behave` says: a status, or 0 to cut the connection off after the request was read.
class fake_daemon
{
public:
    using behaviour = std::function<int(const std::string& key)>;

    explicit fake_daemon(behaviour behave) : behave_(std::move(behave))
    {
        asio::co_spawn(context_.get_executor(), accept(), [](std::exception_ptr) {});
        thread_ = std::jthread([this]() { context_.run(); });
    }
    ~fake_daemon() { context_.stop(); }

    unsigned short port() const { return acceptor_.local_endpoint().port(); }

private:
    using socket = asio::basic_stream_socket<asio::ip::tcp, executor>;

    task<> accept()
    {
        for (;;) {
            socket next(context_.get_executor());
            co_await acceptor_.async_accept(next, use_task);
            asio::co_spawn(context_.get_executor(), serve(std::move(next)), [](std::exception_ptr) {});
        }
    }
    task<> serve(socket on)
    {
        namespace http = boost::beast::http;
        boost::beast::flat_buffer buffer;
        for (;;) {
            http::request<http::string_body> request;
            co_await http::async_read(on, buffer, request, use_task);
            const std::string key(request["Idempotency-Key"]);
            const int status = behave_(key);
            if (status == 0) co_return;
            http::response<http::string_body> response(static_cast<http::status>(status), 11);
            if (status == 503) response.set(http::field::retry_after, "0");
            if (status == 201) response.body() = nlohmann::json{{"number", "n-" + key}}.dump();
            response.prepare_payload();
            co_await http::async_write(on, response, use_task);
        }
    }

    behaviour behave_;
    asio::io_context context_{1};
    asio::basic_socket_acceptor<asio::ip::tcp, executor> acceptor_{
        context_.get_executor(), asio::ip::tcp::endpoint(asio::ip::address_v4::loopback(), 0)};
    std::jthread thread_;
};

class Replay : public testing::Test
{
protected:
    static void SetUpTestSuite() { ASSERT_TRUE(start_crypto()); }

    static std::vector<replay_row> rows(std::size_t count)
    {
        return make_rows({.data = "/nowhere", .mappings = "/nowhere", .count = count, .run = "r"});
    }
};

} // namespace

TEST_F(Replay, RowsAreMadeUpWhereThereAreNoFilesAndShareSomePeople)
{
    const auto made = rows(70);
    ASSERT_EQ(made.size(), 70u);
    std::size_t requests = 0;
    for (std::size_t i = 0; i < made.size(); ++i) {
        const auto body = nlohmann::json::parse(made[i].body);
        EXPECT_EQ(made[i].key, fmt::format("r-{:06}", i));
        EXPECT_TRUE(body["problem"].get<std::string>().ends_with("[" + made[i].key + "]"));
        EXPECT_TRUE(body["contact"].contains("phone") || body["contact"].contains("email"));
        if (i % 10 == 9) {
            EXPECT_GE(made[i].copies, 2u);
            EXPECT_LE(made[i].copies, 10u);
        } else {
            EXPECT_EQ(made[i].copies, 1u);
        }
        if (i % 7 == 6) {
            const auto before = nlohmann::json::parse(made[i - 1].body)["contact"];
            EXPECT_TRUE(!before.contains("phone") || before["phone"] == body["contact"]["phone"]);
        }
        requests += made[i].copies;
    }
    EXPECT_GT(requests, 70u);
    EXPECT_EQ(rows(70)[69].body, made[69].body);
}

TEST_F(Replay, RetriesUntilEveryCopyIsAcknowledgedAndWritesItDown)
{
    std::mutex guard;
    std::map<std::string, int> asked;
    fake_daemon daemon([&](const std::string& key) {
        const std::lock_guard lock(guard);
        constexpr int script[] = {0, 503, 500, 429};
        const auto turn = asked[key]++;
        return turn < 4 ? script[turn] : 201;
    });
    const auto file = fresh_file("huiyin_replay_retries");
    const auto sent = rows(30);
    const auto report = replay(
        sent,
        {.port = daemon.port(), .connections = 4, .ledger = file, .run = "r", .within = std::chrono::seconds(60)});
    ASSERT_TRUE(report) << report.error().detail;
    EXPECT_EQ(report->given_up, 0u);
    EXPECT_EQ(report->refused, 0u);
    EXPECT_EQ(report->cut_off, 30u);
    EXPECT_EQ(report->deferred, 60u);
    EXPECT_EQ(report->failed, 30u);

    const auto written = read_ledger(file);
    ASSERT_TRUE(written) << written.error().detail;
    EXPECT_EQ(written->attempts(), report->attempts);
    EXPECT_EQ(written->answers(), report->acknowledged);
    for (const auto& row : sent) {
        EXPECT_EQ(written->acknowledged.at(row.key).size(), row.copies);
        EXPECT_EQ(*written->acknowledged.at(row.key).begin(), "n-" + row.key);
    }
}

TEST_F(Replay, WhatIsRefusedIsNotTriedAgain)
{
    fake_daemon daemon([](const std::string&) { return 422; });
    const auto file = fresh_file("huiyin_replay_refused");
    const auto report = replay(rows(5), {.port = daemon.port(), .connections = 2, .ledger = file, .run = "r"});
    ASSERT_TRUE(report);
    EXPECT_EQ(report->refused, 5u);
    EXPECT_EQ(report->attempts, 5u);
    EXPECT_EQ(read_ledger(file)->refused.size(), 5u);
}

TEST_F(Replay, ADaemonThatNeverComesEndsInGivingUp)
{
    const auto file = fresh_file("huiyin_replay_nobody");
    const auto report =
        replay(rows(3), {.port = 1, .connections = 2, .ledger = file, .run = "r", .within = std::chrono::seconds(1)});
    ASSERT_TRUE(report);
    EXPECT_EQ(report->given_up, 3u);
    EXPECT_EQ(report->acknowledged, 0u);
}

TEST_F(Replay, ALedgerCutOffInItsLastLineIsReadAndAStrangeOneIsNot)
{
    const auto file = fresh_file("huiyin_replay_ledger");
    std::ofstream(file) << "run r\nsent r-000001\nacknowledged r-000001 260101-0001\nacknowledged r-0";
    const auto read = read_ledger(file);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->answers(), 1u);
    std::ofstream(file) << "run r\nsend r-000001\n";
    EXPECT_FALSE(read_ledger(file));
    EXPECT_FALSE(read_ledger(fresh_file("huiyin_replay_none")));
}

TEST(Ledger, WhatAgreesHasNoFaults)
{
    EXPECT_THAT(agreement().faults(), IsEmpty());
}

TEST(Ledger, FindsALostTicket)
{
    agreement a;
    a.inside.tickets.erase("r-000001");
    a.inside.numbers.erase("260101-0001");
    EXPECT_THAT(a.faults(), ElementsAre("r-000001: acknowledged as 260101-0001, which does not exist",
                                        "r-000001: acknowledged as 260101-0001, but no ticket has its words"));
}

TEST(Ledger, FindsWordsThatWentToAnotherTicket)
{
    agreement a;
    a.inside.tickets["r-000001"] = {"260101-0009"};
    EXPECT_THAT(a.faults(), ElementsAre("r-000001: acknowledged as 260101-0001, but its words are with 260101-0009"));
}

TEST(Ledger, FindsATicketTakenTwice)
{
    agreement a;
    a.inside.tickets["r-000002"].push_back("260101-0003");
    EXPECT_THAT(a.faults(), ElementsAre("r-000002: has 2 tickets: 260101-0002, 260101-0003"));
}

TEST(Ledger, FindsARepeatWithAnotherAnswer)
{
    agreement a;
    a.outside.acknowledged["r-000002"] = {"260101-0002", "260101-0003"};
    EXPECT_THAT(a.faults(), ElementsAre("r-000002: answered with 260101-0002 and 260101-0003"));
}

TEST(Ledger, FindsANumberGivenTwice)
{
    agreement a;
    a.outside.acknowledged["r-000002"] = {"260101-0001"};
    EXPECT_THAT(a.faults(), testing::Contains("r-000002: has number 260101-0001, which r-000001 has, too"));
}

TEST(Ledger, FindsCountsThatDoNotAddUp)
{
    agreement a;
    a.inside.visible = 1;
    EXPECT_THAT(a.faults(), ElementsAre("received 4 is not visible 1 + parked 0 + repeats 2"));
    agreement uncounted;
    uncounted.inside.received = uncounted.inside.visible = 2;
    uncounted.inside.repeats = 0;
    EXPECT_THAT(uncounted.faults(), ElementsAre("3 answers, but only 2 received"));
    agreement counted_twice;
    counted_twice.inside.received = 5;
    counted_twice.inside.repeats = 3;
    EXPECT_THAT(counted_twice.faults(), ElementsAre("5 received, but only 4 sent"));
}

TEST(Ledger, FindsAParkedOneThatIsGone)
{
    agreement a;
    a.outside.sent["r-000003"] = 1;
    a.outside.acknowledged["r-000003"] = {"receipt:0190"};
    EXPECT_THAT(a.faults(), testing::Contains("r-000003: acknowledged, but not parked"));
}

TEST(Ledger, FindsARefusedOneThatWasTaken)
{
    agreement a;
    a.outside.acknowledged.erase("r-000001");
    a.outside.refused.insert("r-000001");
    EXPECT_THAT(a.faults(), ElementsAre("r-000001: refused, but has a ticket"));
}
