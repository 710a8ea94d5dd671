// The daemon as whoever runs it meets it: command line, ports and users, TLS, what it refuses and why.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <netinet/in.h>
#include <regex>
#include <support/daemon/daemon_fixture.hpp>
#include <support/eventually.hpp>
#include <sys/stat.h>
#include <unistd.h>

namespace huiyin::test {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;

std::size_t count_of(const std::string& what, const std::string& in)
{
    std::size_t count = 0;
    for (auto at = in.find(what); at != std::string::npos; at = in.find(what, at + 1))
        ++count;
    return count;
}

class Daemon : public ::testing::Test
{
protected:
    static void SetUpTestSuite() { daemon_ = std::make_unique<daemon_process>("connections = 20\n"); }
    static void TearDownTestSuite()
    {
        EXPECT_EQ(daemon_->stop(), 0);
        EXPECT_THAT(daemon_->log(), Not(HasSubstr("Sanitizer")));
        daemon_.reset();
    }
    static command_outcome run(std::vector<std::string> words) { return daemon_->run_command(std::move(words)); }

    static std::unique_ptr<daemon_process> daemon_;
};

std::unique_ptr<daemon_process> Daemon::daemon_;

TEST_F(Daemon, ItsPrivatePostgresqlAllowsTheConnectionsThatTheConfigurationMakes)
{
    // 2 reactors with 20 and 2 each; a command's 20; 12 duties, 10 in reserve, 3 of superusers.
    EXPECT_EQ(daemon_->sql("SHOW max_connections").at(0).at(0), "89");
}

TEST_F(Daemon, LogsEachMigrationOnce)
{
    EXPECT_EQ(count_of("0001_journal.sql", daemon_->log()), 1u);
}

TEST_F(Daemon, CallsADutyTheSameInLogAndMetrics)
{
    std::set<std::string> taken;
    ASSERT_TRUE(eventually([&]() {
        const auto log = daemon_->log();
        static const std::regex line(R"(duty\.taken duty=([\w.]+))");
        for (std::sregex_iterator it(log.begin(), log.end(), line), end; it != end; ++it)
            taken.insert((*it)[1]);
        return taken.size() >= 3;
    }));
    http_client client(daemon_->port());
    const auto metrics = client.get("/metrics").body;
    for (const auto& each : taken)
        EXPECT_THAT(metrics, HasSubstr(fmt::format("huiyin_duty_held{{duty=\"{}\"}} ", each)));
}

TEST_F(Daemon, HintsAtWhatIsAppendedSoThatNobodyWaitsForTheNextLook)
{
    http_client client(daemon_->port());
    const auto hints = [&]() {
        static const std::regex line(R"(\nhuiyin_journal_hints_total (\d+))");
        const auto metrics = client.get("/metrics").body;
        std::smatch found;
        return std::regex_search(metrics, found, line) ? std::stoi(found[1]) : 0;
    };
    // One is for the connection itself.
    ASSERT_TRUE(eventually([&]() { return hints() >= 1; }));
    daemon_->catch_up();
    const auto before = hints();
    person(*daemon_, "zhao.min").log_in();
    EXPECT_TRUE(eventually([&]() { return hints() > before; }));
}

TEST_F(Daemon, ASecondOneOnTheSameStateFolderIsTurnedAway)
{
    const auto second = run({"serve", "--port", "0"});
    EXPECT_EQ(second.status, 1);
    EXPECT_THAT(second.output, HasSubstr("another huiyin uses"));
}

TEST_F(Daemon, ToolsLeaveASchemaOfAnotherVersionAlone)
{
    const auto last = daemon_->sql("SELECT max(number) FROM migration").at(0).at(0);
    const auto kept = daemon_->sql("DELETE FROM migration WHERE number = " + last + " RETURNING name, sha256").at(0);
    for (const auto* tool : {"doctor", "verify-journal"}) {
        const auto refused = run({tool});
        EXPECT_EQ(refused.status, 1) << refused.output;
        EXPECT_THAT(refused.output, HasSubstr("the database lacks 1 of "));
        EXPECT_THAT(refused.output, HasSubstr("run huiyin migrate"));
    }
    EXPECT_TRUE(daemon_->sql("SELECT 1 FROM migration WHERE number = " + last).empty()) << "nothing was migrated";
    daemon_->sql(
        fmt::format("INSERT INTO migration (number, name, sha256) VALUES ({}, '{}', '{}')", last, kept[0], kept[1]));

    daemon_->sql("INSERT INTO migration (number, name, sha256) VALUES (9999, '9999_later.sql', '')");
    const auto refused = run({"doctor"});
    daemon_->sql("DELETE FROM migration WHERE number = 9999");
    EXPECT_EQ(refused.status, 1);
    EXPECT_THAT(refused.output, HasSubstr("the database is of a newer huiyin"));
    EXPECT_EQ(run({"doctor"}).status, 0);
}

TEST_F(Daemon, ListsItsRoutesWithTheirPermissions)
{
    const auto told = run({"routes", "--json"});
    ASSERT_EQ(told.status, 0) << told.output;
    const auto all = json::parse(told.output);
    EXPECT_THAT(all,
                testing::Contains(json{
                    {"method", "GET"}, {"path", "/api/v1/stream"}, {"permission", "stream_follow"}, {"stream", true}}));
    const auto lines = run({"routes"}).output;
    EXPECT_EQ(count_of("\n", lines), all.size());
    EXPECT_TRUE(std::regex_search(lines, std::regex("GET +/api/v1/tickets/\\{id\\} +ticket_read\n")));
}

TEST_F(Daemon, VerifiesItsJournalAgainstAHeadOfTheLog)
{
    ASSERT_TRUE(eventually([]() { return daemon_->log().contains("journal.sealed"); }));
    const auto log = daemon_->log();
    const auto file = daemon_->state() / "kept.log", bare = daemon_->state() / "kept.head";
    std::ofstream(file) << log;
    EXPECT_EQ(run({"verify-journal", "--head", file}).status, 0);

    const auto at = log.find("head=", log.rfind("journal.sealed"));
    auto head = log.substr(at + 5, 64);
    EXPECT_EQ(run({"verify-journal", "--head", head}).status, 0);
    std::ofstream(bare) << head << "\n";
    EXPECT_EQ(run({"verify-journal", "--head", bare}).status, 0);
    std::ofstream(file) << fmt::format(R"({{"at":"…","level":"info","event":"journal.sealed","seal":1,"head":"{}"}})",
                                       head);
    EXPECT_EQ(run({"verify-journal", "--head", file}).status, 0) << "a log of JSON lines";

    head[0] = head[0] == '0' ? '1' : '0';
    const auto cut_short = run({"verify-journal", "--head", head});
    EXPECT_EQ(cut_short.status, 1);
    EXPECT_THAT(cut_short.output, HasSubstr("no seal has the head that the log names"));

    std::ofstream(file) << "nothing of the kind\n";
    EXPECT_EQ(run({"verify-journal", "--head", file}).status, 2);
    EXPECT_EQ(run({"verify-journal", "--head", "/no/such/file"}).status, 2);
}

TEST_F(Daemon, ChecksAPackWithoutApplyingItAndSaysSoAsJson)
{
    const auto pack = (daemon_->state().parent_path() / "config/packs/newspaper.json").string();
    const auto checked = run({"pack", "apply", pack, "--dry-run", "--json"});
    ASSERT_EQ(checked.status, 0) << checked.output;
    const auto told = json::parse(checked.output);
    EXPECT_EQ(told.at("sound"), true);
    EXPECT_GT(told.at("categories").get<int>(), 3);
    EXPECT_GT(told.at("departments").get<int>(), 3);
    EXPECT_GT(told.at("users").get<int>(), 3);
}

TEST(DaemonLock, ThatCannotBeOpenedIsNotTakenForAnotherDaemon)
{
    daemon_process daemon;
    ASSERT_EQ(daemon.stop(), 0);
    fs::remove(daemon.state() / "huiyin.lock");
    fs::create_directory(daemon.state() / "huiyin.lock");
    for (const std::vector<std::string>& words : {std::vector<std::string>{"serve", "--port", "0"}, {"doctor"}}) {
        const auto refused = daemon.run_command(words);
        EXPECT_EQ(refused.status, 1);
        EXPECT_THAT(refused.output, HasSubstr("huiyin.lock: Is a directory"));
        EXPECT_THAT(refused.output, Not(HasSubstr("another huiyin")));
    }
}

/// A port below 1024 that is free, tried from above; 0 where there is none.
std::uint16_t a_low_port()
{
    for (std::uint16_t port = 1023; port > 600; --port) {
        const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in at{};
        at.sin_family = AF_INET;
        at.sin_port = htons(port);
        at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        const bool free = bind(fd, reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0;
        close(fd);
        if (free) return port;
    }
    return 0;
}

TEST(DaemonStartedByRoot, ServesALowPortAsAnotherUser)
{
    if (geteuid() != 0) GTEST_SKIP() << "only root may bind a low port";
    const auto port = a_low_port();
    ASSERT_NE(port, 0);
    daemon_process daemon({}, false, port);
    EXPECT_EQ(daemon.port(), port);
    EXPECT_EQ(http_client(port).get("/readyz").status, 200);
    struct stat process = {}, state = {};
    ASSERT_EQ(stat(fmt::format("/proc/{}", daemon.pid()).c_str(), &process), 0);
    EXPECT_NE(process.st_uid, 0u);
    ASSERT_EQ(stat(daemon.state().c_str(), &state), 0);
    EXPECT_EQ(state.st_uid, process.st_uid);
}

/// Of the program `openssl`.
std::string shell(const std::string& command)
{
    std::string output;
    FILE* const pipe = popen((command + " 2>&1").c_str(), "r");
    if (!pipe) return output;
    std::array<char, 4096> piece;
    for (std::size_t size = 0; (size = std::fread(piece.data(), 1, piece.size(), pipe)) > 0;)
        output.append(piece.data(), size);
    pclose(pipe);
    return output;
}

class DaemonTls : public ::testing::Test
{
protected:
    void SetUp() override
    {
        auto name = (fs::temp_directory_path() / "huiyin-tls-XXXXXX").string();
        ASSERT_NE(mkdtemp(name.data()), nullptr);
        folder_ = name;
        fs::permissions(folder_, fs::perms(0755));
    }
    void TearDown() override { fs::remove_all(folder_); }

    /// Self-signed; the key is for its owner alone unless told otherwise.
    void issue(const std::string& subject, unsigned mode = 0600)
    {
        const auto told =
            shell(fmt::format("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 "
                              "-subj /CN={} -addext subjectAltName=DNS:localhost -keyout {}/key.new -out {}/cert.new",
                              subject, folder_.string(), folder_.string()));
        ASSERT_TRUE(fs::exists(folder_ / "cert.new")) << told;
        fs::permissions(folder_ / "cert.new", fs::perms(0644));
        fs::permissions(folder_ / "key.new", fs::perms(mode));
        fs::rename(folder_ / "cert.new", folder_ / "cert.pem");
        fs::rename(folder_ / "key.new", folder_ / "key.pem");
    }
    std::string settings(const std::string& version) const
    {
        return fmt::format("[tls]\ncertificate = \"{}/cert.pem\"\nkey = \"{}/key.pem\"\nmin_version = \"{}\"\n",
                           folder_.string(), folder_.string(), version);
    }
    /// What openssl's client sees, trusting only the certificate that lies there.
    std::string client(const daemon_process& of, const std::string& options = "") const
    {
        return shell(
            fmt::format("printf 'GET /healthz HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n' | "
                        "timeout 120 openssl s_client -connect 127.0.0.1:{} -servername localhost -verify_hostname "
                        "localhost -verify_return_error -CAfile {}/cert.pem -ign_eof {}",
                        of.port(), folder_.string(), options));
    }

    fs::path folder_;
};

TEST_F(DaemonTls, ServesHttpsWithTheFilesThatTheConfigurationNames)
{
    issue("first");
    daemon_process daemon(settings("1.3"));
    const auto seen = client(daemon);
    EXPECT_THAT(seen, HasSubstr("HTTP/1.1 200 OK"));
    EXPECT_THAT(seen, HasSubstr("Strict-Transport-Security"));
    EXPECT_THAT(seen, HasSubstr("Verification: OK"));
    EXPECT_THAT(client(daemon, "-tls1_2"), Not(HasSubstr("HTTP/1.1")));

    connection browser(daemon.port(), true);
    const auto body = json({{"login", "zhao.min"}, {"password", daemon.password()}}).dump();
    browser.send(
        fmt::format("POST /api/v1/session HTTP/1.1\r\nHost: localhost\r\nOrigin: https://localhost\r\nContent-Type: "
                    "application/json\r\nContent-Length: {}\r\n\r\n{}",
                    body.size(), body));
    const auto in = browser.read_answer();
    EXPECT_EQ(in.status, 201) << in.body;
    EXPECT_THAT(in.header("set-cookie"), HasSubstr("__Host-huiyin_"));
    EXPECT_THAT(in.header("set-cookie"), HasSubstr("; Secure"));
    EXPECT_EQ(daemon.stop(), 0);
}

TEST_F(DaemonTls, ShowsARenewedCertificateAfterSighupAndKeepsTheOldOneWhereTheNewDoesNotRead)
{
    issue("first");
    daemon_process daemon(settings("1.2"));
    EXPECT_THAT(client(daemon, "-tls1_2"), HasSubstr("CN = first"));

    issue("second", 0644); // The service account reads it by itself now.
    kill(daemon.pid(), SIGHUP);
    ASSERT_TRUE(eventually([&]() { return daemon.log().contains("tls.renewed"); })) << daemon.log();
    for (int i = 0; i < 4; ++i) // More connections than reactors.
        EXPECT_THAT(client(daemon), testing::AllOf(HasSubstr("CN = second"), HasSubstr("HTTP/1.1 200 OK")));

    std::ofstream(folder_ / "key.pem") << "no key\n";
    kill(daemon.pid(), SIGHUP);
    ASSERT_TRUE(eventually([&]() { return daemon.log().contains("tls.not_renewed"); }));
    EXPECT_THAT(client(daemon), testing::AllOf(HasSubstr("CN = second"), HasSubstr("HTTP/1.1 200 OK")));
    EXPECT_EQ(daemon.stop(), 0);
}

TEST_F(DaemonTls, DoesNotStartWithAKeyThatIsNotTheCertificates)
{
    issue("first");
    fs::copy(folder_ / "key.pem", folder_ / "old.pem");
    issue("second");
    fs::rename(folder_ / "old.pem", folder_ / "key.pem");
    try {
        daemon_process daemon(settings("1.2"));
        FAIL() << "it serves";
    } catch (const std::runtime_error& e) {
        EXPECT_THAT(e.what(), HasSubstr("daemon.tls"));
        EXPECT_THAT(e.what(), HasSubstr("not that of the certificate"));
    }
}

} // namespace
} // namespace huiyin::test
