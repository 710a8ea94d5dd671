#include "server_fixture.hpp"

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <netinet/in.h>
#include <sys/socket.h>

namespace huiyin::net {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class Server : public server_test
{};

TEST_F(Server, AnswersOverOneKeptConnection)
{
    start();
    http_client client(port);
    for (int i = 0; i < 3; ++i)
        EXPECT_EQ(client.get("/ok").body, R"({"ok":true})");
    EXPECT_EQ(open_connections(), 1u);
    EXPECT_TRUE(eventually(
        [&]() { return metric("huiyin_http_requests_total{method=\"GET\",route=\"/ok\",status=\"200\"}") == 3; }));
    EXPECT_EQ(metric("huiyin_http_request_seconds_count{route=\"/ok\"}"), 3);
}

TEST_F(Server, PutsSecurityHeadersOnEveryAnswer)
{
    start();
    http_client client(port);
    for (const auto* target : {"/ok", "/nowhere", "/bug", "/tickets"}) {
        const auto answer = client.get(target);
        EXPECT_EQ(answer.header("content-security-policy"), "default-src 'none'; frame-ancestors 'none'; sandbox");
        EXPECT_EQ(answer.header("x-content-type-options"), "nosniff");
        EXPECT_EQ(answer.header("x-frame-options"), "DENY");
        EXPECT_EQ(answer.header("cross-origin-resource-policy"), "same-origin");
        EXPECT_EQ(answer.header("referrer-policy"), "same-origin");
        EXPECT_EQ(answer.header("cache-control"), "no-store");
        EXPECT_EQ(answer.header("strict-transport-security"), "");
        EXPECT_THAT(answer.header("date"), HasSubstr(" GMT"));
    }
}

TEST_F(Server, GivesEachRequestAnIdOfItsOwn)
{
    start();
    http_client client(port);
    const auto first = client.get("/nowhere");
    const auto second = client.get("/nowhere", {{"X-Request-Id", "mine"}});
    EXPECT_TRUE(uuid::parse(first.header("x-request-id")));
    EXPECT_TRUE(uuid::parse(second.header("x-request-id")));
    EXPECT_NE(first.header("x-request-id"), second.header("x-request-id"));
    EXPECT_EQ(body_of(first)["trace_id"], first.header("x-request-id"));
    EXPECT_EQ(body_of(first)["code"], "not-found");
}

TEST_F(Server, AnswersHeadLikeGetWithoutABody)
{
    start();
    http_client client(port);
    const auto answer = client.request("HEAD", "/ok");
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.header("content-length"), "11");
    EXPECT_EQ(answer.body, "");
    EXPECT_EQ(client.get("/ok").status, 200);
    EXPECT_EQ(client.request("HEAD", "/nowhere").status, 404);
    EXPECT_EQ(client.get("/ok").status, 200);
}

TEST_F(Server, TellsWhichMethodsAPathKnows)
{
    start();
    http_client client(port);
    const auto options = client.request("OPTIONS", "/ok");
    EXPECT_EQ(options.status, 204);
    EXPECT_EQ(options.header("allow"), "GET, HEAD, OPTIONS, POST");
    const auto refused = client.delete_("/ok");
    EXPECT_EQ(refused.status, 405);
    EXPECT_EQ(refused.header("allow"), "GET, HEAD, OPTIONS, POST");
    EXPECT_EQ(body_of(refused)["code"], "method-not-allowed");
    EXPECT_EQ(client.request("OPTIONS", "/nowhere").status, 404);
}

TEST_F(Server, HandsOverPathParametersAndQuery)
{
    start();
    http_client client(port);
    const auto id = uuid::make().to_string();
    const auto answer = client.get("/items/" + id + "?q=%E5%9B%9E+x&q=2");
    EXPECT_EQ(body_of(answer)["id"], id);
    EXPECT_EQ(body_of(answer)["query"], "回 x");
    EXPECT_EQ(answer.header("etag"), "\"7\"");
    EXPECT_EQ(client.get("/items/7").status, 404);
}

TEST_F(Server, AnswersPipelinedRequestsInTheirOrder)
{
    start();
    connection peer(port);
    peer.send("GET /slow HTTP/1.1\r\nHost: h\r\n\r\nGET /nowhere HTTP/1.1\r\nHost: h\r\n\r\nGET /ok HTTP/1.1\r\nHost: "
              "h\r\n\r\n");
    EXPECT_EQ(peer.read_answer().status, 200);
    EXPECT_EQ(peer.read_answer().status, 404);
    EXPECT_EQ(peer.read_answer().status, 200);
}

TEST_F(Server, TellsAClientThatWaitsToGoOnWithItsBody)
{
    start();
    connection peer(port);
    peer.send("POST /echo HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n");
    EXPECT_EQ(peer.read_answer().status, 100);
    peer.send("hello");
    EXPECT_EQ(body_of(peer.read_answer())["bytes"], 5);
    // A refusal needs no body.
    peer.send("POST /nowhere HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n");
    EXPECT_EQ(peer.read_answer().status, 404);
    EXPECT_TRUE(peer.ends());
}

TEST_F(Server, SendsAndTakesLargeBodies)
{
    start();
    http_client client(port);
    EXPECT_EQ(client.get("/big").body.size(), 8u * 1024 * 1024);
    EXPECT_EQ(body_of(client.post("/upload", std::string(5'000'000, 'x')))["bytes"], 5'000'000);
    EXPECT_EQ(client.get("/ok").status, 200);
}

TEST_F(Server, TurnsAnExceptionIntoAnAnswerThatTellsNothing)
{
    start();
    http_client client(port);
    const auto answer = client.get("/bug");
    EXPECT_EQ(answer.status, 500);
    EXPECT_EQ(body_of(answer)["code"], "internal");
    EXPECT_THAT(answer.body, Not(HasSubstr("bug")));
    EXPECT_EQ(client.get("/ok").status, 200);
}

TEST_F(Server, LetsNoEndpointWriteHeadersForItsCaller)
{
    start();
    http_client client(port);
    EXPECT_EQ(client.get("/injection?q=fine").header("x-echo"), "fine");
    const auto answer = client.get("/injection?q=x%0d%0aSet-Cookie:%20a=b");
    EXPECT_EQ(answer.status, 500);
    EXPECT_EQ(answer.header("set-cookie"), "");
}

TEST_F(Server, EndsAnEndpointThatTakesTooLongAndKeepsTheConnection)
{
    start();
    http_client client(port);
    for (int i = 0; i < 2; ++i) {
        const auto answer = client.get("/hasty");
        EXPECT_EQ(answer.status, 503);
        EXPECT_EQ(body_of(answer)["code"], "timeout");
        EXPECT_NE(answer.header("retry-after"), "");
        EXPECT_EQ(client.get("/ok").status, 200);
    }
}

// --- time limits -----------------------------------------------------------------------------------------------------

TEST_F(Server, ClosesAnIdleConnectionWithoutAWord)
{
    settings.idle_within = 100ms;
    start();
    connection fresh(port);
    EXPECT_TRUE(fresh.ends());
    // Where this machine needs longer than that to send a request, it is another connection's turn.
    EXPECT_TRUE(eventually([this]() {
        connection used(port);
        used.send("GET /ok HTTP/1.1\r\nHost: h\r\n\r\n");
        if (!used.has_more()) return false;
        EXPECT_EQ(used.read_answer().status, 200);
        EXPECT_TRUE(used.ends());
        return true;
    }));
}

TEST_F(Server, LetsNobodyDripAHeaderForLongerThanItsLimit)
{
    settings.header_within = 200ms;
    start();
    connection peer(port);
    peer.send("GET /ok HTTP/1.1\r\nHost: h\r\n");
    EXPECT_TRUE(eventually([&]() { // the drip
        return peer.was_ended() || !peer.send("X: y\r\n") ||
               metric("huiyin_http_requests_total{method=\"other\",route=\"none\",status=\"408\"}") > 0;
    }));
    EXPECT_EQ(peer.read_answer().status, 408);
    EXPECT_TRUE(peer.ends());
}

TEST_F(Server, LetsNobodyDripABodyForLongerThanItsLimit)
{
    settings.body_within = 200ms;
    start();
    connection peer(port);
    peer.send("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\n\r\n");
    EXPECT_TRUE(eventually([&]() { // the drip
        return !peer.send("x") ||
               metric("huiyin_http_requests_total{method=\"POST\",route=\"/echo\",status=\"408\"}") > 0;
    }));
    EXPECT_EQ(peer.read_answer().status, 408);
    EXPECT_TRUE(peer.ends());
}

TEST_F(Server, CutsOffWhoDoesNotReadHisAnswer)
{
    settings.body_within = 100ms;
    routes.get("/heavy", domain::permission::none_needed, [](request&) -> task<response> {
        response reply;
        reply.content_type = "text/plain";
        reply.body.assign(100'000, 'x');
        co_return reply;
    });
    start();
    connection peer(port);
    peer.limit_receive_buffer(4096);
    // Many answers of which each is small: what does not fit into the kernel waits at most its limit.
    std::string many;
    for (int i = 0; i < 500; ++i)
        many += "GET /heavy HTTP/1.1\r\nHost: h\r\n\r\n";
    peer.send(many);
    EXPECT_TRUE(eventually([&]() { return open_connections() == 0; }));
}

// --- limits of load --------------------------------------------------------------------------------------------------

TEST_F(Server, RefusesConnectionsBeyondItsLimit)
{
    settings.connections = 2;
    start();
    connection first(port);
    connection second(port);
    EXPECT_TRUE(eventually([&]() { return open_connections() == 2; }));
    connection third(port);
    const auto answer = third.read_answer();
    EXPECT_EQ(answer.status, 503);
    EXPECT_EQ(answer.header("retry-after"), "5");
    EXPECT_TRUE(third.ends());
    EXPECT_EQ(metric("huiyin_http_refused_total{reason=\"connections\"}"), 1);
    first.send("GET /ok HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    EXPECT_EQ(first.read_answer().status, 200);
    EXPECT_TRUE(first.ends());
    EXPECT_TRUE(eventually([&]() { return http_client(port).get("/ok").status == 200; }));
}

TEST_F(Server, RefusesRequestsBeyondThoseInFlight)
{
    settings.requests_in_flight = 1;
    slow_may_answer = false;
    start();
    connection slow(port);
    slow.send("GET /slow HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_TRUE(eventually([&]() { return slow_started == 1; }));
    http_client client(port);
    const auto answer = client.get("/ok");
    EXPECT_EQ(answer.status, 503);
    EXPECT_EQ(body_of(answer)["code"], "overloaded");
    EXPECT_EQ(answer.header("retry-after"), "5");
    slow_may_answer = true;
    EXPECT_EQ(slow.read_answer().status, 200);
    EXPECT_EQ(client.get("/ok").status, 200);
    EXPECT_EQ(metric("huiyin_http_refused_total{reason=\"in_flight\"}"), 1);
}

TEST_F(Server, LimitsRequestsOfOneAddress)
{
    settings.per_address_per_minute = 5;
    settings.trusted_proxies = {"127.0.0.1"};
    start();
    http_client client(port);
    const test::http_headers one{{"X-Forwarded-For", "203.0.113.1"}};
    for (int i = 0; i < 5; ++i)
        EXPECT_EQ(client.get("/ok", one).status, 200);
    http_answer refused;
    EXPECT_TRUE(eventually([&]() { // a slow machine is given another one each 12 s
        refused = client.get("/ok", one);
        return refused.status == 429;
    }));
    EXPECT_EQ(body_of(refused)["code"], "rate-limited");
    const auto wait = std::stoi(refused.header("retry-after"));
    EXPECT_GE(wait, 1);
    EXPECT_LE(wait, 12);
    EXPECT_TRUE(eventually([&]() { return client.get("/nowhere", one).status == 429; }));
    EXPECT_EQ(client.get("/ok", {{"X-Forwarded-For", "203.0.113.2"}}).status, 200);
    EXPECT_EQ(metric("huiyin_http_refused_total{reason=\"rate_address\"}"), 2);
}

TEST_F(Server, LimitsRequestsToARouteApart)
{
    start();
    http_client client(port);
    for (int i = 0; i < 3; ++i)
        EXPECT_EQ(client.get("/rare").status, 200);
    EXPECT_TRUE(eventually([&]() { return client.get("/rare").status == 429; }));
    EXPECT_EQ(client.get("/ok").status, 200);
}

TEST_F(Server, SaysWhatItRefusesAsTheRoutesReadersUnderstandIt)
{
    routes.post("/page", domain::permission::none_needed,
                [](request& req) -> task<response> {
                    if (req.body == "throw") throw std::runtime_error("secret");
                    co_return problem(error{errc::not_found, {}, {}});
                },
                {.body_limit = 10, .per_minute = 4, .tell_problem = [](const request& req, response& reply) {
                     reply.content_type = "text/html; charset=utf-8";
                     reply.body = "<p>" + std::to_string(reply.status) + " " + req.path;
                 }});
    start();
    http_client client(port);
    const auto is_page = [](const http_answer& told, int status) {
        EXPECT_EQ(told.status, status);
        EXPECT_EQ(told.header("content-type"), "text/html; charset=utf-8");
        EXPECT_EQ(told.body, "<p>" + std::to_string(status) + " /page");
    };
    is_page(client.post("/page", "x"), 404);
    is_page(client.post("/page", "throw"), 500);
    is_page(client.post("/page", "longer than ten"), 413);
    is_page(client.post("/page", "x"), 404);
    http_answer too_often;
    EXPECT_TRUE(eventually([&]() {
        too_often = client.post("/page", "x");
        return too_often.status == 429;
    }));
    is_page(too_often, 429);
    EXPECT_FALSE(too_often.header("retry-after").empty());
    EXPECT_EQ(client.get("/page").status, 405);
    EXPECT_EQ(client.get("/page").header("content-type"), "application/problem+json") << "another route's business";
}

// --- who asks --------------------------------------------------------------------------------------------------------

class ServerWithPeople : public server_test
{
protected:
    ServerWithPeople()
    {
        who = [this](const request& req) -> task<result<principal>> {
            ++asked;
            principal found;
            if (req.header("authorization") == "Bearer down") co_return fail(errc::unavailable, "database");
            if (req.header("authorization") == "Bearer throws") throw std::runtime_error("a bug");
            const auto cookie = req.cookie("session");
            const auto token = req.header("authorization");
            if (cookie != "officer" && cookie != "handler" && token != "Bearer officer") co_return found;
            found.who.kind = domain::actor_kind::user;
            found.who.id = uuid::make();
            found.who.roles = {cookie == "handler" ? domain::role::administrator : domain::role::complaint_officer};
            found.account = cookie == "handler" ? "handler" : "officer";
            found.by_cookie = cookie.has_value();
            co_return found;
        };
    }
    std::atomic<int> asked{0};
};

TEST_F(ServerWithPeople, AsksThePermissionOfTheRoute)
{
    start();
    http_client client(port);
    const auto stranger = client.get("/tickets");
    EXPECT_EQ(stranger.status, 401);
    EXPECT_EQ(stranger.header("www-authenticate"), "Bearer");
    EXPECT_EQ(client.get("/tickets", {{"Authorization", "Bearer wrong"}}).status, 401);
    EXPECT_EQ(client.get("/tickets", {{"Authorization", "Bearer officer"}}).status, 200);
    EXPECT_EQ(client.get("/tickets", {{"Cookie", "session=officer"}}).status, 200);
    const auto without = client.get("/tickets", {{"Cookie", "session=handler"}});
    EXPECT_EQ(without.status, 404);
    auto missing = body_of(client.get("/nowhere", {{"Cookie", "session=handler"}}));
    auto forbidden = body_of(without);
    missing.erase("trace_id");
    forbidden.erase("trace_id");
    EXPECT_EQ(forbidden, missing);
}

TEST_F(ServerWithPeople, AsksNobodyAboutARequestThatBringsNothing)
{
    start();
    http_client client(port);
    client.get("/ok");
    client.get("/tickets");
    EXPECT_EQ(asked, 0);
    client.get("/ok", {{"Cookie", "a=b"}});
    EXPECT_EQ(asked, 1);
}

TEST_F(ServerWithPeople, RefusesAStrangersBodyBeforeItIsSent)
{
    start();
    connection peer(port);
    peer.send("POST /notes HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\n\r\n");
    EXPECT_EQ(peer.read_answer().status, 401);
    EXPECT_TRUE(peer.ends());
}

TEST_F(ServerWithPeople, AnswersAnOutageAsSuch)
{
    start();
    http_client client(port);
    EXPECT_EQ(client.get("/ok", {{"Authorization", "Bearer down"}}).status, 503);
    EXPECT_EQ(client.get("/ok", {{"Authorization", "Bearer throws"}}).status, 500);
    EXPECT_EQ(client.get("/ok").status, 200);
}

TEST_F(ServerWithPeople, TakesAWriteByCookieOnlyFromItsOwnPages)
{
    settings.allowed_origins = {"https://desk.example.com"};
    start();
    http_client client(port, {{"Cookie", "session=officer"}});
    const auto own = "http://127.0.0.1:" + std::to_string(port);
    const auto write = [&](const test::http_headers& headers) { return client.post("/notes", "{}", headers).status; };
    EXPECT_EQ(write({{"Origin", own}}), 200);
    EXPECT_EQ(write({{"Origin", own}, {"Sec-Fetch-Site", "same-origin"}}), 200);
    EXPECT_EQ(write({{"Sec-Fetch-Site", "same-origin"}}), 200);
    EXPECT_EQ(write({{"Origin", "https://desk.example.com"}, {"Sec-Fetch-Site", "cross-site"}}), 200);

    EXPECT_EQ(write({}), 403);
    EXPECT_EQ(write({{"Origin", "null"}}), 403);
    EXPECT_EQ(write({{"Origin", "https://evil.example"}}), 403);
    EXPECT_EQ(write({{"Origin", "https://127.0.0.1:" + std::to_string(port)}}), 403);
    EXPECT_EQ(write({{"Origin", own + ".evil.example"}}), 403);
    EXPECT_EQ(write({{"Origin", "https://desk.example.com.evil.example"}}), 403);
    EXPECT_EQ(write({{"Origin", own}, {"Sec-Fetch-Site", "cross-site"}}), 403);
    EXPECT_EQ(write({{"Sec-Fetch-Site", "none"}}), 403);
    EXPECT_EQ(write({{"Sec-Fetch-Site", "same-site"}}), 403);
    EXPECT_EQ(body_of(client.post("/notes", "{}"))["code"], "foreign-origin");

    EXPECT_EQ(client.get("/tickets", {{"Origin", "https://evil.example"}}).status, 200) << "reads change nothing";
    http_client token(port, {{"Authorization", "Bearer officer"}});
    EXPECT_EQ(token.post("/notes", "{}").status, 200) << "no browser sends a token by itself";
}

TEST_F(ServerWithPeople, LimitsRequestsOfOneAccount)
{
    settings.per_account_per_minute = 3;
    start();
    http_client client(port);
    for (int i = 0; i < 3; ++i)
        EXPECT_EQ(client.get("/ok", {{"Cookie", "session=officer"}}).status, 200);
    EXPECT_EQ(client.get("/ok", {{"Cookie", "session=officer"}}).status, 429);
    EXPECT_EQ(client.get("/ok", {{"Authorization", "Bearer officer"}}).status, 429);
    EXPECT_EQ(client.get("/ok", {{"Cookie", "session=handler"}}).status, 200);
    EXPECT_EQ(client.get("/ok").status, 200);
}

TEST_F(Server, BelievesAProxyOnlyWhereItIsConfigured)
{
    start();
    http_client client(port);
    const auto answer = client.get("/echo", {{"X-Forwarded-For", "203.0.113.1"}, {"X-Forwarded-Proto", "https"}});
    EXPECT_EQ(body_of(answer)["address"], "127.0.0.1");
    EXPECT_EQ(body_of(answer)["secure"], false);
    EXPECT_EQ(answer.header("strict-transport-security"), "");
}

TEST_F(Server, TakesAddressAndSchemeFromATrustedProxy)
{
    settings.trusted_proxies = {"127.0.0.0/8"};
    start();
    http_client client(port);
    const auto answer =
        client.get("/echo", {{"X-Forwarded-For", "1.1.1.1, 203.0.113.1"}, {"X-Forwarded-Proto", "https"}});
    EXPECT_EQ(body_of(answer)["address"], "203.0.113.1");
    EXPECT_EQ(body_of(answer)["secure"], true);
    EXPECT_EQ(answer.header("strict-transport-security"), "max-age=31536000");
}

// --- life cycle ------------------------------------------------------------------------------------------------------

TEST_F(Server, StopsOnlyWhenTheRequestUnderWayIsAnswered)
{
    slow_may_answer = false;
    start();
    connection slow(port);
    slow.send("GET /slow HTTP/1.1\r\nHost: h\r\n\r\n");
    connection idle(port);
    EXPECT_TRUE(eventually([&]() { return slow_started == 1; }));
    auto stopping = std::async(std::launch::async, [this]() { stop(); });
    EXPECT_TRUE(idle.ends());
    EXPECT_EQ(stopping.wait_for(0s), std::future_status::timeout);
    slow_may_answer = true;
    const auto answer = slow.read_answer();
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.header("connection"), "close");
    slow.shutdown_send();
    EXPECT_EQ(stopping.wait_for(test::patience), std::future_status::ready);
    EXPECT_THROW(connection{port}, std::exception);
}

TEST_F(Server, CutsOffWhatOutlivesTheLimitOfItsStop)
{
    routes.get("/endless", domain::permission::none_needed, [this](request&) -> task<response> {
        ++slow_started;
        co_await pause_for(1h);
        co_await pause_for(1h);
        co_return response();
    });
    start();
    connection peer(port);
    peer.send("GET /endless HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_TRUE(eventually([&]() { return slow_started == 1; }));
    stop(100ms);
    EXPECT_TRUE(peer.ends());
}

TEST_F(Server, SharesItsListeningSocketWithOtherReactors)
{
    start_crypto();
    settings.connections = 8;
    reactor_pool pool(2);
    server first(pool[0].get_executor(), settings, routes, who, time, registry);
    server second(pool[1].get_executor(), settings, routes, who, time, registry);
    const auto bound = first.listen();
    ASSERT_TRUE(bound);
    ASSERT_TRUE(second.listen_with(first));
    std::thread threads([&]() { pool.run(); });

    std::vector<std::unique_ptr<http_client>> clients;
    for (int i = 0; i < 8; ++i) {
        clients.push_back(std::make_unique<http_client>(*bound));
        EXPECT_EQ(clients.back()->get("/ok").status, 200);
    }
    EXPECT_EQ(http_client(*bound).get("/ok").status, 503) << "connections are counted together";

    for (std::size_t i = 0; i < 2; ++i) {
        std::promise<void> done;
        asio::co_spawn(pool[i].get_executor(), (i == 0 ? first : second).stop(1s),
                       [&](const std::exception_ptr&) { done.set_value(); });
        wait_for(done.get_future());
    }
    pool.stop();
    threads.join();
}

TEST_F(Server, ServesOnASocketThatWasBoundForIt)
{
    asio::io_context context(1);
    asio::basic_socket_acceptor<asio::ip::tcp, executor> bound(context.get_executor(),
                                                               {asio::ip::address_v4::loopback(), 0});
    reactor loop(0);
    server served(loop.get_executor(), settings, routes, who, time, registry);
    const auto found = served.listen_on(bound.native_handle());
    ASSERT_TRUE(found);
    EXPECT_EQ(*found, bound.local_endpoint().port());
    bound.close();
    std::thread thread([&]() { loop.run(); });
    EXPECT_EQ(http_client(*found).get("/ok").status, 200);
    std::promise<void> done;
    asio::co_spawn(loop.get_executor(), served.stop(1s), [&](const std::exception_ptr&) { done.set_value(); });
    wait_for(done.get_future());
    loop.stop();
    thread.join();
}

TEST_F(Server, SaysWhyItCannotListen)
{
    start();
    asio::io_context context(1);
    settings.port = port;
    server second(context.get_executor(), settings, routes, who, time, registry);
    const auto bound = second.listen();
    ASSERT_FALSE(bound);
    EXPECT_EQ(bound.error().code, errc::unavailable);
    EXPECT_THAT(bound.error().detail, HasSubstr("in use"));
}

// --- TLS -------------------------------------------------------------------------------------------------------------

std::string pem_of(auto&& write)
{
    const std::unique_ptr<BIO, decltype(&BIO_free)> memory(BIO_new(BIO_s_mem()), &BIO_free);
    write(memory.get());
    char* text = nullptr;
    const auto size = BIO_get_mem_data(memory.get(), &text);
    return {text, static_cast<std::size_t>(size)};
}

/// A self-signed certificate for an hour, as PEM.
struct certificate
{
    explicit certificate(long serial = 1, const char* passphrase = nullptr)
    {
        auto* key = EVP_EC_gen("P-256");
        auto* made = X509_new();
        ASN1_INTEGER_set(X509_get_serialNumber(made), serial);
        X509_gmtime_adj(X509_getm_notBefore(made), 0);
        X509_gmtime_adj(X509_getm_notAfter(made), 3600);
        X509_set_pubkey(made, key);
        X509_NAME_add_entry_by_txt(X509_get_subject_name(made), "CN", MBSTRING_ASC,
                                   reinterpret_cast<const unsigned char*>("localhost"), -1, -1, 0);
        X509_set_issuer_name(made, X509_get_subject_name(made));
        X509_sign(made, key, EVP_sha256());
        shown = pem_of([&](BIO* to) { PEM_write_bio_X509(to, made); });
        secret = pem_of([&](BIO* to) {
            PEM_write_bio_PrivateKey(to, key, passphrase ? EVP_aes_128_cbc() : nullptr, nullptr, 0, nullptr,
                                     const_cast<char*>(passphrase));
        });
        X509_free(made);
        EVP_PKEY_free(key);
    }
    std::shared_ptr<tls_identity> identity(tls_version least = tls_version::v1_2) const
    {
        return make_tls_identity(shown, secret, least).value();
    }
    std::string shown, secret;
};

/// The serial of the certificate that is shown to a client which speaks at most that version; 0 where they do not
/// agree.
long serial_shown(std::uint16_t port, int highest)
{
    asio::io_context context(1);
    asio::ip::tcp::socket socket(context);
    socket.connect({asio::ip::address_v4::loopback(), port});
    const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> settings(SSL_CTX_new(TLS_client_method()), &SSL_CTX_free);
    SSL_CTX_set_max_proto_version(settings.get(), highest);
    const std::unique_ptr<SSL, decltype(&SSL_free)> client(SSL_new(settings.get()), &SSL_free);
    SSL_set_fd(client.get(), socket.native_handle());
    if (SSL_connect(client.get()) != 1) return 0;
    const std::unique_ptr<X509, decltype(&X509_free)> peer(SSL_get1_peer_certificate(client.get()), &X509_free);
    return ASN1_INTEGER_get(X509_get0_serialNumber(peer.get()));
}

TEST_F(Server, SpeaksTlsWhereItHasACertificate)
{
    const certificate pair;
    settings.tls = pair.identity();
    settings.header_within = 2s;
    start();
    {
        connection peer(port, true);
        for (int i = 0; i < 2; ++i) {
            peer.send("GET /echo HTTP/1.1\r\nHost: h\r\n\r\n");
            const auto answer = peer.read_answer();
            EXPECT_EQ(body_of(answer)["secure"], true);
            EXPECT_EQ(answer.header("strict-transport-security"), "max-age=31536000");
        }
        peer.send("GET /big HTTP/1.1\r\nHost: h\r\n\r\n");
        EXPECT_EQ(peer.read_answer().body.size(), 8u * 1024 * 1024);
    }
    connection plain(port);
    plain.send("GET /ok HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_THROW(plain.read_answer(), std::exception);
    connection silent(port);
    EXPECT_TRUE(silent.ends()) << "a handshake that never starts ends, too";
}

TEST_F(Server, SpeaksNoTlsOlderThanItsIdentitySays)
{
    settings.tls = certificate(7).identity(tls_version::v1_3);
    start();
    EXPECT_EQ(serial_shown(port, TLS1_3_VERSION), 7);
    EXPECT_EQ(serial_shown(port, TLS1_2_VERSION), 0);
}

TEST_F(Server, ShowsARenewedCertificateToNewConnectionsAndKeepsTheOldOnes)
{
    settings.tls = certificate(7).identity();
    start();
    EXPECT_EQ(serial_shown(port, TLS1_2_VERSION), 7);
    connection before(port, true);
    on_reactor<bool>([&]() {
        this->renew(certificate(8).identity());
        return true;
    });
    EXPECT_EQ(serial_shown(port, TLS1_3_VERSION), 8);
    before.send("GET /ok HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_EQ(before.read_answer().status, 200);
}

TEST(TlsIdentity, IsRefusedWhereItCouldNotServe)
{
    const certificate one, other, locked(1, "secret");
    const auto refusal = [](const std::string& shown, const std::string& secret) {
        const auto made = make_tls_identity(shown, secret, tls_version::v1_2);
        return made ? "" : std::string(slug(made.error().code)) + ": " + made.error().detail;
    };
    EXPECT_EQ(refusal(one.shown, one.secret), "");
    EXPECT_THAT(refusal("no certificate", one.secret), HasSubstr("not-configured: the certificate is not PEM"));
    EXPECT_THAT(refusal(one.shown, other.secret), HasSubstr("not that of the certificate"));
    EXPECT_THAT(refusal(one.shown, "no key"), HasSubstr("not PEM"));
    EXPECT_THAT(refusal(locked.shown, locked.secret), HasSubstr("without a passphrase"));
}

TEST_F(Server, LetsNobodyInAtABoundSocketBeforeItListens)
{
    const auto bound = bound_socket::bind("127.0.0.1", 0);
    ASSERT_TRUE(bound);
    sockaddr_in at{};
    socklen_t size = sizeof at;
    ASSERT_EQ(getsockname(bound->descriptor(), reinterpret_cast<sockaddr*>(&at), &size), 0);
    const auto taken = ntohs(at.sin_port);
    EXPECT_THROW(connection{taken}, std::exception);
    EXPECT_THAT(bound_socket::bind("not an address", 1).error().detail, HasSubstr("not an address"));
    start_on(bound->descriptor());
    EXPECT_EQ(port, taken);
    EXPECT_EQ(http_client(port).get("/ok").status, 200);
}

} // namespace
} // namespace huiyin::net
