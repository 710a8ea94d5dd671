#include "server_fixture.hpp"

namespace huiyin::net {
namespace {

using namespace std::string_literals;
using ::testing::ElementsAreArray;

/// What is sent on a connection of its own, which statuses come back, and whether the server then ends the connection.
/// Where it stays open it must be in step: a plain request gets 200.
struct hostile
{
    const char* name;
    std::string bytes;
    std::vector<int> statuses;
    bool closes = true;
};

std::string get(std::string_view target, std::string_view fields = "Host: h\r\n")
{
    return "GET " + std::string(target) + " HTTP/1.1\r\n" + std::string(fields) + "\r\n";
}

std::string post(std::string_view fields, std::string_view body)
{
    return "POST /echo HTTP/1.1\r\nHost: h\r\n" + std::string(fields) + "\r\n" + std::string(body);
}

const std::string inner = "GET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n";

std::string chunked(std::string_view body)
{
    return post("Transfer-Encoding: chunked\r\n", body);
}

const std::vector<hostile> cases{
    // Two ways to say how long the body is.
    {"length_and_chunked", post("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n" + inner), {400}},
    {"chunked_and_length", post("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", "0\r\n\r\n" + inner), {400}},
    {"two_lengths", post("Content-Length: 0\r\nContent-Length: 35\r\n", inner), {400}},
    {"same_length_twice", post("Content-Length: 2\r\nContent-Length: 2\r\n", "ab"), {400}},
    {"length_list", post("Content-Length: 2, 2\r\n", "ab"), {400}},
    {"length_list_of_two", post("Content-Length: 0, 35\r\n", inner), {400}},
    {"length_with_plus", post("Content-Length: +2\r\n", "ab"), {400}},
    {"length_negative", post("Content-Length: -1\r\n", "ab"), {400}},
    {"length_hex", post("Content-Length: 0x2\r\n", "ab"), {400}},
    {"length_with_space", post("Content-Length: 2 2\r\n", "ab"), {400}},
    {"length_empty", post("Content-Length:\r\n", "ab"), {400}},
    {"length_overflow", post("Content-Length: 99999999999999999999\r\n", "ab"), {400}},
    {"length_two_to_the_64", post("Content-Length: 18446744073709551616\r\n", "ab"), {400}},
    {"length_with_letters", post("Content-Length: 2abc\r\n", "ab"), {400}},
    {"length_with_fraction", post("Content-Length: 2.0\r\n", "ab"), {400}},
    {"underscore_is_no_length", post("Content_Length: 35\r\n", "SMUG" + inner), {200, 405}, false},
    // Transfer codings.
    {"coding_gzip", post("Transfer-Encoding: gzip\r\n", inner), {501}},
    {"coding_gzip_chunked", post("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n" + inner), {501}},
    {"coding_chunked_chunked", post("Transfer-Encoding: chunked, chunked\r\n", "0\r\n\r\n" + inner), {501}},
    {"coding_chunked_identity", post("Transfer-Encoding: chunked, identity\r\n", "0\r\n\r\n" + inner), {501}},
    {"coding_identity", post("Transfer-Encoding: identity\r\n", inner), {501}},
    {"coding_xchunked", post("Transfer-Encoding: xchunked\r\n", "0\r\n\r\n" + inner), {501}},
    {"coding_with_parameter", post("Transfer-Encoding: chunked;q=1\r\n", "0\r\n\r\n" + inner), {501}},
    {"coding_quoted", post("Transfer-Encoding: \"chunked\"\r\n", "0\r\n\r\n" + inner), {501}},
    {"coding_twice", post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n" + inner), {400}},
    {"coding_twice_different",
     post("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", "0\r\n\r\n" + inner),
     {400}},
    {"coding_with_vertical_tab", post("Transfer-Encoding: \vchunked\r\n", "0\r\n\r\n" + inner), {400}},
    {"coding_empty", post("Transfer-Encoding:\r\n", inner), {501}},
    {"coding_in_http_1_0",
     "POST /echo HTTP/1.0\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + inner,
     {400}},
    // Lines and fields.
    {"space_before_colon", post("Transfer-Encoding : chunked\r\n", "0\r\n\r\n" + inner), {400}},
    {"tab_before_colon", post("Content-Length\t: 2\r\n", "ab"), {400}},
    {"continuation_line", get("/ok", "Host: h\r\nX: a\r\n b\r\n"), {400}},
    {"continuation_with_tab", get("/ok", "Host: h\r\nX: a\r\n\tb\r\n"), {400}},
    {"coding_on_continuation_line", post("Transfer-Encoding:\r\n chunked\r\n", "0\r\n\r\n" + inner), {400}},
    {"first_field_indented", get("/ok", " Host: h\r\n"), {400}},
    {"bare_lf_after_request_line", "GET /ok HTTP/1.1\nHost: h\r\n\r\n", {400}},
    {"bare_lf_after_field", get("/ok", "Host: h\nX: y\r\n"), {400}},
    {"bare_lf_at_the_end", "GET /ok HTTP/1.1\r\nHost: h\n\n", {400}},
    {"bare_cr_in_field", get("/ok", "Host: h\r\nX: a\rContent-Length: 5\r\n"), {400}},
    {"nul_in_value", get("/ok", "Host: h\r\nX: a\0b\r\n"s), {400}},
    {"nul_in_name", get("/ok", "Host: h\r\nX\0: a\r\n"s), {400}},
    {"nul_in_target", get("/o\0k"s), {400}},
    {"delete_in_value", get("/ok", "Host: h\r\nX: a\x7f\r\n"), {400}},
    {"escape_in_value", get("/ok", "Host: h\r\nX: \x1b[2J\r\n"), {400}},
    {"field_without_colon", get("/ok", "Host: h\r\nnonsense\r\n"), {400}},
    {"field_without_name", get("/ok", "Host: h\r\n: x\r\n"), {400}},
    {"field_name_no_token", get("/ok", "Host: h\r\nX@(: y\r\n"), {400}},
    {"field_name_not_ascii", get("/ok", "Host: h\r\nX\xc3\xa9: y\r\n"), {400}},
    {"authorization_twice", get("/ok", "Host: h\r\nAuthorization: Bearer a\r\nAuthorization: Bearer b\r\n"), {400}},
    {"content_type_twice", post("Content-Type: a/b\r\nContent-Type: c/d\r\nContent-Length: 0\r\n", ""), {400}},
    {"connection_no_list", get("/ok", "Host: h\r\nConnection: (close\r\n"), {400}},
    // Host.
    {"no_host", get("/ok", ""), {400}},
    {"two_hosts", get("/ok", "Host: a\r\nHost: b\r\n"), {400}},
    {"empty_host", get("/ok", "Host:\r\n"), {400}},
    {"host_with_user", get("/ok", "Host: a@b\r\n"), {400}},
    {"host_with_path", get("/ok", "Host: a/b\r\n"), {400}},
    {"host_list", get("/ok", "Host: a, b\r\n"), {400}},
    // Request line.
    {"http_0_9", "GET /ok\r\n\r\n", {400}},
    {"http_1_2", "GET /ok HTTP/1.2\r\nHost: h\r\n\r\n", {400}},
    {"http_2_0", "GET /ok HTTP/2.0\r\nHost: h\r\n\r\n", {400}},
    {"http_2_preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", {400}},
    {"version_in_lower_case", "GET /ok http/1.1\r\nHost: h\r\n\r\n", {400}},
    {"version_too_long", "GET /ok HTTP/1.11\r\nHost: h\r\n\r\n", {400}},
    {"version_without_dot", "GET /ok HTTP/11\r\nHost: h\r\n\r\n", {400}},
    {"method_no_token", "GE(T /ok HTTP/1.1\r\nHost: h\r\n\r\n", {400}},
    {"method_empty", " /ok HTTP/1.1\r\nHost: h\r\n\r\n", {400}},
    {"method_in_lower_case", "get /ok HTTP/1.1\r\nHost: h\r\n\r\n", {405}, false},
    {"method_unknown", "FROB /ok HTTP/1.1\r\nHost: h\r\n\r\n", {405}, false},
    {"method_trace", "TRACE /ok HTTP/1.1\r\nHost: h\r\n\r\n", {405}, false},
    {"two_spaces", "GET  /ok HTTP/1.1\r\nHost: h\r\n\r\n", {400}},
    {"space_in_target", "GET /o k HTTP/1.1\r\nHost: h\r\n\r\n", {400}},
    {"space_after_version", "GET /ok HTTP/1.1 \r\nHost: h\r\n\r\n", {400}},
    {"tabs_as_spaces", "GET\t/ok\tHTTP/1.1\r\nHost: h\r\n\r\n", {400}},
    {"two_empty_lines_before", "\r\n\r\n" + get("/ok"), {400}},
    {"tls_hello", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"s, {400}},
    {"noise", "\xff\xfe\xfd nonsense\r\n\r\n", {400}},
    // Target.
    {"absolute_form", get("http://h/ok"), {400}},
    {"authority_form", "CONNECT h:80 HTTP/1.1\r\nHost: h\r\n\r\n", {400}},
    {"asterisk_for_get", get("*"), {400}},
    {"target_without_slash", get("ok"), {400}},
    {"fragment", get("/ok#x"), {400}},
    {"raw_utf8", get("/\xe5\x9b\x9e"), {400}},
    {"escape_cut_off", get("/ok%2"), {400}},
    {"escape_no_hex", get("/%zz"), {400}},
    {"escaped_nul", get("/ok%00"), {400}},
    {"escaped_slash", get("/items%2fx"), {400}},
    {"escaped_newline", get("/ok%0d%0aX:y"), {400}},
    {"escaped_no_utf8", get("/%ff"), {400}},
    {"overlong_utf8", get("/%c0%ae%c0%ae/ok"), {400}},
    {"dot_segments", get("/items/../ok"), {400}},
    {"escaped_dot_segments", get("/items/%2e%2e/ok"), {400}},
    {"query_escape", get("/ok?a=%zz"), {400}},
    {"query_no_utf8", get("/ok?a=%ff"), {400}},
    {"double_slash", get("//ok"), {404}, false},
    {"trailing_slash", get("/ok/"), {404}, false},
    {"other_case", get("/OK"), {404}, false},
    {"double_escape", get("/%256f%256b"), {404}, false},
    {"segment_of_600", get("/items/" + std::string(600, 'a')), {404}, false},
    {"path_of_8000_segments", get("/" + std::string(7900, '/')), {404}, false},
    // Sizes.
    {"target_of_9000", get("/" + std::string(9000, 'a')), {414}},
    {"request_line_without_end", "GET /" + std::string(20'000, 'a'), {414}},
    {"field_of_17000", get("/ok", "Host: h\r\nX: " + std::string(17'000, 'a') + "\r\n"), {431}},
    {"fields_without_end", "GET /ok HTTP/1.1\r\nHost: h\r\nX: " + std::string(17'000, 'a'), {431}},
    {"hundred_and_one_fields",
     [] {
         std::string fields = "Host: h\r\n";
         for (int i = 0; i < 100; ++i)
             fields += "A: b\r\n";
         return get("/ok", fields);
     }(),
     {431}},
    {"length_beyond_limit", post("Content-Length: 1048577\r\n", ""), {413}},
    {"length_huge", post("Content-Length: 9223372036854775807\r\n", "x"), {413}},
    {"chunk_beyond_limit", chunked("100001\r\n"), {413}},
    {"chunks_beyond_limit", chunked("80000\r\n" + std::string(0x80000, 'x') + "\r\n80001\r\n"), {413}},
    // Chunks.
    {"chunk_size_no_hex", chunked("zz\r\n"), {400}},
    {"chunk_size_empty", chunked("\r\n"), {400}},
    {"chunk_size_negative", chunked("-1\r\n"), {400}},
    {"chunk_size_0x", chunked("0x5\r\nhello\r\n0\r\n\r\n"), {400}},
    {"chunk_size_overflow", chunked("fffffffffffffffff\r\n"), {400}},
    {"chunk_size_largest", chunked("ffffffffffffffff\r\n"), {413}},
    {"chunk_longer_than_said", chunked("3\r\nhello\r\n0\r\n\r\n"), {400}},
    {"chunk_line_with_bare_lf", chunked("5\nhello\r\n0\r\n\r\n"), {400}},
    {"chunk_extension_with_bare_lf", chunked("5;a\nb\r\nhello\r\n0\r\n\r\n"), {400}},
    {"chunk_extension_quoted_lf", chunked("5;a=\"\n\"\r\nhello\r\n0\r\n\r\n"), {400}},
    {"chunk_extension_without_end", chunked("5;a=" + std::string(20'000, 'x')), {400}},
    {"chunk_data_with_bare_lf_end", chunked("5\r\nhello\n0\r\n\r\n"), {400}},
    {"trailer_with_length", chunked("0\r\nContent-Length: 5\r\n\r\n"), {400}},
    {"trailer_with_coding", chunked("0\r\nTransfer-Encoding: chunked\r\n\r\n"), {400}},
    {"trailer_no_field", chunked("0\r\nnonsense\r\n\r\n"), {400}},
    {"trailers_without_end", chunked("0\r\nX: " + std::string(20'000, 'x')), {400}},
    // Expectations and upgrades.
    {"expectation_unknown", post("Expect: a-miracle\r\nContent-Length: 2\r\n", "ab"), {417}},
    {"stream_without_upgrade", get("/stream"), {400}, false},
    {"stream_of_old_version",
     get("/stream", "Host: h\r\nConnection: upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 8\r\n"
                    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"),
     {400},
     false},
    {"stream_without_key",
     get("/stream", "Host: h\r\nConnection: upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"),
     {400},
     false},
    // What looks odd but is right, and must leave the connection in step.
    {"body_that_looks_like_a_request",
     post("Content-Length: " + std::to_string(inner.size()) + "\r\n", inner),
     {200},
     false},
    {"chunk_that_looks_like_a_request", chunked("23\r\n" + inner + "\r\n0\r\n\r\n"), {200}, false},
    {"chunk_extension", chunked("5;name=\"value\"\r\nhello\r\n0\r\n\r\n"), {200}, false},
    {"trailer", chunked("5\r\nhello\r\n0\r\nX: y\r\n\r\n"), {200}, false},
    {"coding_in_other_case", post("transfer-encoding: Chunked\r\n", "5\r\nhello\r\n0\r\n\r\n"), {200}, false},
    {"get_with_body", get("/echo", "Host: h\r\nContent-Length: 5\r\n") + "hello", {200}, false},
    {"refused_with_body_at_hand",
     "POST /nowhere HTTP/1.1\r\nHost: h\r\nContent-Length: 35\r\n\r\n" + inner,
     {404},
     false},
    {"one_empty_line_before", "\r\n" + get("/ok"), {200}, false},
    {"pipelined",
     get("/ok") + get("/nowhere") + post("Content-Length: 1\r\n", "x") + get("/ok"),
     {200, 404, 200, 200},
     false},
    {"upgrade_unknown", get("/ok", "Host: h\r\nConnection: upgrade\r\nUpgrade: h2c\r\n"), {200}, false},
    {"options_asterisk", "OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n", {204}, false},
    {"connection_close", get("/ok", "Host: h\r\nConnection: close\r\n"), {200}},
    {"http_1_0", "GET /ok HTTP/1.0\r\n\r\n", {200}},
    {"http_1_0_kept", "GET /ok HTTP/1.0\r\nHost: h\r\nConnection: keep-alive\r\n\r\n", {200}, false},
    {"expect_continue", post("Expect: 100-continue\r\nContent-Length: 2\r\n", "ab"), {200}, false},
};

class HostileInput : public server_test
{};

TEST_F(HostileInput, IsAnsweredAsDocumentedAndNeverLetsAnInnerRequestThrough)
{
    start();
    const auto before = resident_kib();
    for (const auto& each : cases) {
        SCOPED_TRACE(each.name);
        connection peer(port);
        peer.send(each.bytes);
        std::vector<int> statuses;
        try {
            for (std::size_t i = 0; i < each.statuses.size(); ++i) {
                const auto answer = peer.read_answer();
                statuses.push_back(answer.status);
                EXPECT_NE(answer.header("content-security-policy"), "");
                EXPECT_NE(answer.header("x-request-id"), "");
                if (answer.status < 400) continue;
                EXPECT_EQ(answer.header("content-type"), "application/problem+json");
                EXPECT_EQ(body_of(answer)["trace_id"], answer.header("x-request-id"));
            }
            EXPECT_THAT(statuses, ElementsAreArray(each.statuses));
            if (each.closes) {
                EXPECT_TRUE(peer.ends());
            } else {
                EXPECT_TRUE(peer.send(get("/ok")));
                EXPECT_EQ(peer.read_answer().status, 200);
            }
        } catch (const std::exception& e) {
            ADD_FAILURE() << e.what();
        }
    }
    EXPECT_EQ(smuggled, 0);
    EXPECT_GE(cases.size(), 60u);
    EXPECT_LT(resident_kib(), before + 64 * 1024);
    EXPECT_EQ(http_client(port).get("/ok").status, 200);
}

TEST_F(HostileInput, CutOffAnywhereIsNeitherAnsweredNorRun)
{
    routes.post("/counted", domain::permission::none_needed, [this](request&) -> task<response> {
        ++smuggled;
        co_return response();
    });
    start();
    const auto whole =
        "POST /counted HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"s;
    for (std::size_t cut = 0; cut < whole.size(); ++cut) {
        connection peer(port);
        peer.send(whole.substr(0, cut));
        peer.shutdown_send();
        EXPECT_TRUE(peer.ends()) << cut;
    }
    EXPECT_EQ(smuggled, 0);
}

TEST_F(HostileInput, ArrivingByteByByteMeansTheSame)
{
    start();
    connection peer(port);
    const auto bytes = "\r\n" + get("/ok") + chunked("5;a=b\r\nhello\r\n0\r\nX: y\r\n\r\n") + get("/ok\n");
    for (const char byte : bytes)
        peer.send({&byte, 1});
    EXPECT_EQ(peer.read_answer().status, 200);
    const auto echoed = peer.read_answer();
    EXPECT_EQ(body_of(echoed)["bytes"], 5);
    EXPECT_EQ(peer.read_answer().status, 400);
    EXPECT_TRUE(peer.ends());
}

TEST_F(HostileInput, OfTooLargeAnUploadIsRefusedBeforeItIsReadAndWhileItStreams)
{
    start();
    constexpr std::size_t limit = 25 * 1024 * 1024;
    const std::string head = "POST /upload HTTP/1.1\r\nHost: h\r\n";
    {
        connection peer(port);
        EXPECT_TRUE(
            peer.send(head + "Content-Length: " + std::to_string(limit) + "\r\n\r\n" + std::string(limit, 'x')));
        EXPECT_EQ(body_of(peer.read_answer())["bytes"], limit);
    }
    const auto before = resident_kib();
    {
        connection peer(port);
        peer.send(head + "Content-Length: " + std::to_string(limit + 1) + "\r\n\r\n");
        EXPECT_EQ(peer.read_answer().status, 413);
        EXPECT_TRUE(peer.ends());
    }
    {
        // A client that reads only when it has sent everything gets its answer, too.
        connection peer(port);
        EXPECT_TRUE(peer.send(head + "Content-Length: " + std::to_string(limit + 1) + "\r\n\r\n" +
                              std::string(limit + 1, 'x')));
        EXPECT_EQ(peer.read_answer().status, 413);
        EXPECT_TRUE(peer.ends());
    }
    {
        connection peer(port);
        peer.send(head + "Transfer-Encoding: chunked\r\n\r\n");
        const auto chunk = "100000\r\n" + std::string(0x100000, 'x') + "\r\n";
        for (int i = 0; i < 25; ++i)
            EXPECT_TRUE(peer.send(chunk));
        peer.send("1\r\nx\r\n0\r\n\r\n");
        EXPECT_EQ(peer.read_answer().status, 413);
        EXPECT_TRUE(peer.ends());
    }
    EXPECT_LT(resident_kib(), before + 160 * 1024);
}

TEST_F(HostileInput, OfManyBodiesAtOnceFillsOnlyTheMemoryThatIsSetAside)
{
    settings.body_memory = 4 * 1024 * 1024;
    start();
    std::vector<std::unique_ptr<connection>> peers;
    int refused = 0;
    for (int i = 0; i < 8; ++i) {
        peers.push_back(std::make_unique<connection>(port));
        peers.back()->send("POST /upload HTTP/1.1\r\nHost: h\r\nContent-Length: 2000000\r\n\r\n" +
                           std::string(1'000'000, 'x'));
        // Either the server waits for the rest, or it refuses.
        const auto settled = [&]() {
            return peers.back()->was_ended() || metric("huiyin_http_refused_total{reason=\"memory\"}") > refused ||
                   i < 4;
        };
        EXPECT_TRUE(eventually(settled));
        if (metric("huiyin_http_refused_total{reason=\"memory\"}") > refused) ++refused;
    }
    EXPECT_GE(refused, 3);
    peers.clear();
    EXPECT_TRUE(eventually([&]() { return open_connections() == 0; }));
    EXPECT_EQ(http_client(port).post("/upload", std::string(2'000'000, 'x')).status, 200);
}

TEST_F(HostileInput, InJsonIsRefusedWithoutCost)
{
    routes.post("/json", domain::permission::none_needed, [](request& req) -> task<response> {
        const auto parsed = req.json();
        co_return parsed ? json_reply(200, *parsed) : problem(parsed.error());
    });
    start();
    http_client client(port);
    const auto code_of = [&](std::string_view body) {
        return body_of(client.post("/json", body)).value("code", "none");
    };
    EXPECT_EQ(code_of(std::string(10'000, '[') + std::string(10'000, ']')), "invalid-json");
    EXPECT_EQ(code_of(std::string(1'000'000, '[')), "invalid-json");
    EXPECT_EQ(code_of("{\"a\":\"\xff\"}"), "invalid-utf8");
    EXPECT_EQ(code_of("{\"a\":\"x\0y\"}"s), "invalid-utf8");
    EXPECT_EQ(code_of(R"({"a":"x\u0000y"})"), "invalid-json");
    EXPECT_EQ(code_of(R"({"a":1,"a":2})"), "invalid-json");
    EXPECT_EQ(client.post("/json", "{}", {{"Content-Type", "text/plain"}}).status, 415);
    EXPECT_EQ(client.post("/json", R"({"回":"音"})").body, R"({"回":"音"})");
}

} // namespace
} // namespace huiyin::net
