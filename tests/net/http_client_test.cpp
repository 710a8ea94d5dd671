#include <huiyin/net/http_client.hpp>

#include <gmock/gmock.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <support/eventually.hpp>
#include <support/http/receiver.hpp>
#include <unistd.h>

namespace huiyin::net {
namespace {

using namespace std::chrono_literals;
using asio::ip::address;
using asio::ip::make_address;
using test::received;
using test::receiver;
using test::receiver_identity;
using test::reply;

/// A self-signed certificate for a host name.
receiver_identity identity_of(const std::string& host)
{
    const auto text_of = [](auto write) {
        BIO* const memory = BIO_new(BIO_s_mem());
        write(memory);
        char* data = nullptr;
        const auto size = BIO_get_mem_data(memory, &data);
        std::string text(data, static_cast<std::size_t>(size));
        BIO_free(memory);
        return text;
    };
    EVP_PKEY* const key = EVP_EC_gen("P-256");
    X509* const made = X509_new();
    X509_set_version(made, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(made), 1);
    X509_gmtime_adj(X509_getm_notBefore(made), -60);
    X509_gmtime_adj(X509_getm_notAfter(made), 3600);
    X509_set_pubkey(made, key);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(made), "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>("huiyin test"), -1, -1, 0);
    X509_set_issuer_name(made, X509_get_subject_name(made));
    X509_EXTENSION* const names = X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, ("DNS:" + host).c_str());
    X509_add_ext(made, names, -1);
    X509_EXTENSION_free(names);
    X509_sign(made, key, EVP_sha256());
    receiver_identity shown;
    shown.certificate = text_of([&](BIO* to) { PEM_write_bio_X509(to, made); });
    shown.key = text_of([&](BIO* to) { PEM_write_bio_PrivateKey(to, key, nullptr, nullptr, 0, nullptr, nullptr); });
    X509_free(made);
    EVP_PKEY_free(key);
    return shown;
}

class HttpClient : public ::testing::Test
{
protected:
    using fetched = std::expected<incoming_answer, fetch_error>;

    fetched fetch(const std::string& url, duration limit = test::patience)
    {
        http_client client(context.get_executor(), *names, settings);
        outgoing_request request;
        request.url = parse_http_url(url).value();
        request.headers = {{"Content-Type", "application/json"}};
        request.body = R"({"a":1})";
        std::optional<fetched> got;
        asio::co_spawn(context, client.fetch(std::move(request), limit), [&](std::exception_ptr thrown, fetched value) {
            if (thrown) std::rethrow_exception(thrown);
            got.emplace(std::move(value));
        });
        context.restart();
        context.run_for(2 * test::patience);
        if (!got) throw std::runtime_error("hung");
        return std::move(*got);
    }
    static std::string url_of(const receiver& of, const std::string& host = "127.0.0.1")
    {
        return "http://" + host + ":" + std::to_string(of.port()) + "/hook?x=1";
    }
    void know(std::map<std::string, std::vector<address>> book)
    {
        names = std::make_unique<name_look_up>(2, 16, [book = std::move(book)](const std::string& host) {
            const auto found = book.find(host);
            return found == book.end() ? std::vector<address>() : found->second;
        });
    }

    asio::io_context context{1};
    std::unique_ptr<name_look_up> names = std::make_unique<name_look_up>();
    http_client_settings settings{.private_networks = true};
};

TEST_F(HttpClient, SendsARequestAndReadsTheAnswer)
{
    const receiver peer(
        [](const received&) { return reply{.status = 202, .headers = {{"X-A", "b"}}, .body = "taken"}; });
    const auto answer = fetch(url_of(peer));
    ASSERT_TRUE(answer) << answer.error().detail;
    EXPECT_EQ(answer->status, 202);
    EXPECT_EQ(answer->header("x-a"), "b");
    EXPECT_EQ(answer->body, "taken");
    EXPECT_FALSE(answer->truncated);
    const auto got = peer.all().at(0);
    EXPECT_EQ(got.method, "POST");
    EXPECT_EQ(got.target, "/hook?x=1");
    EXPECT_EQ(got.body, R"({"a":1})");
    EXPECT_EQ(got.header("content-type"), "application/json");
    EXPECT_EQ(got.header("host"), "127.0.0.1:" + std::to_string(peer.port()));
}

TEST_F(HttpClient, DoesNotFollowARedirect)
{
    const receiver inside([](const received&) { return reply{}; });
    const receiver peer(
        [&](const received&) { return reply{.status = 307, .headers = {{"Location", url_of(inside)}}}; });
    const auto answer = fetch(url_of(peer));
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 307);
    EXPECT_EQ(inside.count(), 0u);
}

TEST_F(HttpClient, GivesUpOnAPeerThatSaysNothingAndTellsThatItMayHaveTakenIt)
{
    const receiver peer([](const received&) { return reply{.hang = true}; });
    const auto answer = fetch(url_of(peer), 2s);
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().why, fetch_failure::timed_out);
    EXPECT_TRUE(answer.error().may_have_arrived);
}

TEST_F(HttpClient, TheLimitCoversAnAnswerThatDrips)
{
    const receiver peer(
        [](const received&) { return reply{.raw = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this"}; });
    const auto answer = fetch(url_of(peer));
    ASSERT_TRUE(answer) << "the status stands, though the body was cut off";
    EXPECT_TRUE(answer->truncated);
    EXPECT_EQ(answer->body, "only this");
}

TEST_F(HttpClient, KeepsNoMoreOfABodyThanItsLimit)
{
    settings.body_limit = 1000;
    const receiver large([](const received&) { return reply{.body = std::string(1'000'000, 'x')}; });
    const auto answer = fetch(url_of(large));
    ASSERT_TRUE(answer);
    EXPECT_TRUE(answer->truncated);
    EXPECT_EQ(answer->body.size(), 1000u);

    const receiver boasting(
        [](const received&) { return reply{.raw = "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999\r\n\r\nx"}; });
    const auto boast = fetch(url_of(boasting));
    ASSERT_TRUE(boast) << "a length is a claim, not a need for memory";
    EXPECT_TRUE(boast->truncated);
}

TEST_F(HttpClient, CallsNonsenseMalformedAndAnEarlyEndCutOff)
{
    const receiver nonsense([](const received&) { return reply{.raw = "220 mail.example.com ESMTP\r\n\r\n"}; });
    const auto malformed = fetch(url_of(nonsense));
    ASSERT_FALSE(malformed);
    EXPECT_EQ(malformed.error().why, fetch_failure::malformed);

    const receiver ending([](const received&) { return reply{.raw = "HTTP/1.1 2"}; });
    const auto cut = fetch(url_of(ending));
    ASSERT_FALSE(cut);
    EXPECT_EQ(cut.error().why, fetch_failure::cut_off);
    EXPECT_TRUE(cut.error().may_have_arrived);

    settings.header_limit = 2000;
    const receiver wordy([](const received&) { return reply{.headers = {{"X", std::string(5000, 'x')}}}; });
    const auto long_head = fetch(url_of(wordy));
    ASSERT_FALSE(long_head);
    EXPECT_EQ(long_head.error().why, fetch_failure::malformed);
}

TEST_F(HttpClient, PassesOverInterimAnswersButNotForEver)
{
    const receiver early([](const received&) {
        return reply{.raw = "HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n"};
    });
    const auto answer = fetch(url_of(early));
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 204);

    std::string endless;
    for (int i = 0; i < 100; ++i)
        endless += "HTTP/1.1 103 Early Hints\r\n\r\n";
    const receiver never([&](const received&) { return reply{.raw = endless}; });
    EXPECT_FALSE(fetch(url_of(never)));
}

TEST_F(HttpClient, SaysThatNothingWasSentWhereItCouldNotConnect)
{
    const auto answer = fetch("http://127.0.0.1:1/"); // nobody listens there
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().why, fetch_failure::not_connected);
    EXPECT_FALSE(answer.error().may_have_arrived);

    know({});
    const auto unknown = fetch("http://nowhere.example/");
    ASSERT_FALSE(unknown);
    EXPECT_EQ(unknown.error().why, fetch_failure::name_unknown);
}

TEST_F(HttpClient, ConnectsToNoAddressThatIsNotPublic)
{
    settings.private_networks = false;
    const receiver inside([](const received&) { return reply{}; });
    const auto port = ":" + std::to_string(inside.port());
    know({{"harmless.example.com", {make_address("127.0.0.1")}},
          {"mapped.example.com", {make_address("::ffff:127.0.0.1"), make_address("::1"), make_address("fe80::1")}}});
    for (const auto* url : {"http://127.0.0.1", "http://[::1]", "http://[::ffff:7f00:1]", "http://harmless.example.com",
                            "http://mapped.example.com", "http://169.254.169.254"})
    {
        const auto answer = fetch(url + port + "/");
        ASSERT_FALSE(answer) << url;
        EXPECT_EQ(answer.error().why, fetch_failure::address_refused) << url;
        EXPECT_FALSE(answer.error().may_have_arrived);
    }
    // What the system's look-up makes of other ways to write 127.0.0.1.
    names = std::make_unique<name_look_up>();
    for (const auto* url : {"http://localhost", "http://127.1", "http://2130706433", "http://0x7f.1"}) {
        const auto answer = fetch(url + port + "/");
        ASSERT_FALSE(answer) << url;
        EXPECT_NE(answer.error().why, fetch_failure::not_connected) << url;
    }
    EXPECT_EQ(inside.count(), 0u);
}

TEST_F(HttpClient, ConnectsToTheAddressItCheckedWhateverTheNameBecomes)
{
    std::atomic<int> asked{0};
    names = std::make_unique<name_look_up>(1, 4, [&](const std::string&) {
        ++asked;
        return std::vector{make_address("127.0.0.1")};
    });
    const receiver peer([](const received&) { return reply{}; });
    ASSERT_TRUE(fetch(url_of(peer, "moving.example.com")));
    EXPECT_EQ(asked, 1) << "a second look-up could give another address than the one that was checked";
    EXPECT_EQ(peer.all().at(0).header("host"), "moving.example.com:" + std::to_string(peer.port()));
}

TEST_F(HttpClient, TriesTheNextAddressOfAName)
{
    const receiver peer([](const received&) { return reply{}; });
    know({{"two.example.com", {make_address("::1"), make_address("127.0.0.1")}}});
    EXPECT_TRUE(fetch(url_of(peer, "two.example.com")));
}

TEST_F(HttpClient, ANameServerThatHangsHoldsUpNobodyElse)
{
    std::mutex guard;
    std::condition_variable told;
    bool let_go = false;
    names = std::make_unique<name_look_up>(2, 16, [&](const std::string& host) {
        if (host == "hanging.example.com") {
            std::unique_lock lock(guard);
            told.wait(lock, [&]() { return let_go; });
        }
        return std::vector{make_address("127.0.0.1")};
    });
    const receiver peer([](const received&) { return reply{}; });
    // Each of these would hold a thread of the two, if they did not wait together.
    for (int i = 0; i < 4; ++i) {
        const auto answer = fetch(url_of(peer, "hanging.example.com"), 50ms);
        ASSERT_FALSE(answer);
        EXPECT_EQ(answer.error().why, fetch_failure::timed_out);
        EXPECT_FALSE(answer.error().may_have_arrived);
    }
    EXPECT_TRUE(fetch(url_of(peer, "quick.example.com")));
    {
        const std::lock_guard lock(guard);
        let_go = true;
    }
    told.notify_all();
}

class HttpsClient : public HttpClient
{
protected:
    HttpsClient()
    {
        auto text = (std::filesystem::temp_directory_path() / "huiyin-trust-XXXXXX").string();
        const int made = mkstemp(text.data());
        if (made < 0) throw std::runtime_error(text);
        close(made);
        file = text;
    }
    ~HttpsClient() override { std::filesystem::remove(file); }
    void trust(const receiver_identity& shown)
    {
        std::ofstream(file) << shown.certificate;
        settings.trusted_certificates = file;
    }
    static std::string url_of(const receiver& of, const std::string& host)
    {
        return "https://" + host + ":" + std::to_string(of.port()) + "/";
    }

    std::filesystem::path file;
};

TEST_F(HttpsClient, TalksToAServerWhoseCertificateIsTrustedAndForItsName)
{
    const auto shown = identity_of("hooks.example.com");
    const receiver peer([](const received&) { return reply{.body = "hidden"}; }, &shown);
    know({{"hooks.example.com", {make_address("127.0.0.1")}}, {"other.example.com", {make_address("127.0.0.1")}}});

    const auto stranger = fetch(url_of(peer, "hooks.example.com"));
    ASSERT_FALSE(stranger);
    EXPECT_EQ(stranger.error().why, fetch_failure::not_trusted) << "nobody vouches for it";

    trust(shown);
    const auto answer = fetch(url_of(peer, "hooks.example.com"));
    ASSERT_TRUE(answer) << to_string(answer.error().why) << ": " << answer.error().detail;
    EXPECT_EQ(answer->body, "hidden");

    const auto other = fetch(url_of(peer, "other.example.com"));
    ASSERT_FALSE(other);
    EXPECT_EQ(other.error().why, fetch_failure::not_trusted) << "it is for another name";
    EXPECT_FALSE(other.error().may_have_arrived);
    EXPECT_EQ(peer.count(), 1u);
}

TEST_F(HttpsClient, SpeaksNoTlsToAPlainServer)
{
    const receiver plain([](const received&) { return reply{}; });
    know({{"hooks.example.com", {make_address("127.0.0.1")}}});
    const auto answer = fetch(url_of(plain, "hooks.example.com"));
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().why, fetch_failure::not_trusted);
    EXPECT_EQ(plain.count(), 0u);
}

TEST(PublicAddress, IsNoneOfTheSpecialOnes)
{
    for (const auto* special : {"0.0.0.0",
                                "0.1.2.3",
                                "10.0.0.1",
                                "10.255.255.255",
                                "100.64.0.1",
                                "100.127.255.255",
                                "127.0.0.1",
                                "127.9.9.9",
                                "169.254.169.254",
                                "172.16.0.1",
                                "172.31.255.255",
                                "192.0.0.8",
                                "192.0.2.1",
                                "192.168.0.1",
                                "198.18.0.1",
                                "198.19.255.255",
                                "198.51.100.7",
                                "203.0.113.9",
                                "224.0.0.1",
                                "239.1.1.1",
                                "240.0.0.1",
                                "255.255.255.255",
                                "::",
                                "::1",
                                "::127.0.0.1",
                                "::ffff:10.0.0.1",
                                "::ffff:127.0.0.1",
                                "fe80::1",
                                "fc00::1",
                                "fd12:3456::1",
                                "ff02::1",
                                "64:ff9b::127.0.0.1",
                                "64:ff9b::192.168.0.1",
                                "64:ff9b:1::1",
                                "100::1",
                                "2001::1",
                                "2001:db8::1",
                                "2002:7f00:1::1",
                                "2002:c0a8:1::1",
                                "3fff:fff::1",
                                "4000::1"})
        EXPECT_FALSE(is_public_address(make_address(special))) << special;
    for (const auto* usual :
         {"1.1.1.1",         "9.255.255.255",    "11.0.0.0",        "100.63.255.255",       "100.128.0.0",
          "126.255.255.255", "128.0.0.1",        "169.253.0.1",     "172.15.255.255",       "172.32.0.0",
          "192.0.1.1",       "192.167.255.255",  "198.17.255.255",  "198.20.0.0",           "223.255.255.255",
          "::ffff:1.1.1.1",  "64:ff9b::1.1.1.1", "2002:101:101::1", "2606:4700:4700::1111", "2001:200::1",
          "2400:3200::1"})
        EXPECT_TRUE(is_public_address(make_address(usual))) << usual;
}

TEST(HttpUrl, IsReadIntoItsParts)
{
    const auto url = parse_http_url("HTTPS://Hooks.Example.com:8443/a/b?c=d&e=%20");
    ASSERT_TRUE(url);
    EXPECT_TRUE(url->secure);
    EXPECT_EQ(url->host, "hooks.example.com");
    EXPECT_EQ(url->port, 8443);
    EXPECT_EQ(url->authority, "hooks.example.com:8443");
    EXPECT_EQ(url->target, "/a/b?c=d&e=%20");
    EXPECT_EQ(parse_http_url("https://example.com")->port, 443);
    EXPECT_EQ(parse_http_url("http://example.com?q")->target, "/?q");
    EXPECT_EQ(parse_http_url("http://example.com:80/")->authority, "example.com");
    EXPECT_EQ(parse_http_url("http://[2001:DB8::1]:81/")->host, "2001:db8::1");
    EXPECT_EQ(parse_http_url("http://[2001:db8::1]:81/")->authority, "[2001:db8::1]:81");
}

TEST(HttpUrl, RefusesWhatAReaderCouldTakeForAnotherHost)
{
    for (const auto* text : {"",
                             "example.com",
                             "//example.com/",
                             "ftp://example.com/",
                             "file:///etc/passwd",
                             "http:/example.com",
                             "http://",
                             "http:///x",
                             "http://user@example.com/",
                             "http://user:word@example.com/",
                             "http://example.com#x",
                             "http://example.com/a b",
                             "http://example.com/\r\nX: y",
                             "http://example.com\\@evil.example/",
                             "http://example.com:0/",
                             "http://example.com:65536/",
                             "http://example.com:8o/",
                             "http://example.com:/",
                             "http://[::1/",
                             "http://[fe80::1%25eth0]/",
                             "http://[localhost]/",
                             "http://[::1]x/",
                             "http://exa%6dple.com/",
                             "http://例子.example/"})
        EXPECT_FALSE(parse_http_url(text)) << text;
    EXPECT_FALSE(parse_http_url("http://example.com/" + std::string(3000, 'a')));
}

} // namespace
} // namespace huiyin::net
