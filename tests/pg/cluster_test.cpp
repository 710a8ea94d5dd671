#include "child_process.hpp"

#include <huiyin/base/crypto.hpp>
#include <huiyin/base/log.hpp>
#include <huiyin/base/text.hpp>
#include <huiyin/pg/cluster.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <libpq-fe.h>
#include <memory>
#include <pwd.h>
#include <stdexcept>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

namespace huiyin::pg {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

/// Only a test that fails waits so long: a busy machine is no fault.
constexpr auto patience = 120s;

std::string read(const fs::path& file)
{
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

void write(const fs::path& file, const std::string& content)
{
    std::ofstream(file, std::ios::binary) << content;
    // As the server left it: a file of root's could not be read.
    struct stat owner = {};
    ASSERT_EQ(stat(file.parent_path().c_str(), &owner), 0);
    ASSERT_EQ(chown(file.c_str(), owner.st_uid, owner.st_gid), 0);
    ASSERT_EQ(chmod(file.c_str(), 0600), 0);
}

/// The first field of the first row; what fails throws with the server's message.
std::string ask(const std::string& url, const std::string& sql)
{
    const std::unique_ptr<PGconn, decltype(&PQfinish)> on(PQconnectdb(url.c_str()), &PQfinish);
    const std::unique_ptr<PGresult, decltype(&PQclear)> got(PQexec(on.get(), sql.c_str()), &PQclear);
    const auto status = PQresultStatus(got.get());
    if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) throw std::runtime_error(PQerrorMessage(on.get()));
    return PQntuples(got.get()) > 0 ? PQgetvalue(got.get(), 0, 0) : "";
}

/// A zombie does not run: who reaps it may take its time.
bool runs(pid_t pid)
{
    const auto line = read(fs::path("/proc") / std::to_string(pid) / "stat");
    const auto name_end = line.rfind(") ");
    return name_end != std::string::npos && line.size() > name_end + 2 && line[name_end + 2] != 'Z';
}

template <class Condition>
bool comes_true(Condition condition)
{
    for (const auto by = std::chrono::steady_clock::now() + patience; std::chrono::steady_clock::now() < by;) {
        if (condition()) return true;
        std::this_thread::sleep_for(5ms);
    }
    return false;
}

class ClusterTest : public ::testing::Test
{
protected:
    static void SetUpTestSuite()
    {
        ASSERT_TRUE(start_crypto());
        log::start(std::getenv("HUIYIN_TEST_LOG") ? log::level::debug : log::level::error, log::format::text);
    }
    ClusterTest()
    {
        auto name = (fs::temp_directory_path() / "huiyin-cluster-XXXXXX").string();
        if (!mkdtemp(name.data())) throw std::runtime_error("no temporary folder can be made");
        folder = name;
        settings.folder = folder;
        settings.durable = false;
    }
    ~ClusterTest() override
    {
        std::error_code none;
        fs::remove_all(folder, none);
    }
    std::unique_ptr<cluster> start()
    {
        auto made = cluster::start(settings);
        if (!made) throw std::runtime_error(std::string(slug(made.error().code)) + ": " + made.error().detail);
        return std::move(*made);
    }
    errc refusal()
    {
        const auto made = cluster::start(settings);
        return made ? errc::internal : made.error().code;
    }
    fs::path lock() const { return folder / "data/postmaster.pid"; }
    std::optional<account> server_account() const
    {
        if (geteuid() != 0) return std::nullopt;
        struct stat owner = {};
        if (stat((folder / "data").c_str(), &owner) != 0) return std::nullopt;
        return account{"", owner.st_uid, owner.st_gid};
    }
    /// Another process that starts the cluster; the value is its pid and the postmaster's.
    std::pair<pid_t, pid_t> start_elsewhere()
    {
        child_settings holder;
        holder.command = {fs::read_symlink("/proc/self/exe").parent_path() / "cluster_holder", folder};
        holder.folder = "/";
        holder.log = fs::path(folder.string() + ".holder");
        const auto pid = start_child(holder).value();
        pid_t postmaster = 0;
        EXPECT_TRUE(comes_true([&]() {
            const auto said = read(holder.log);
            if (!said.ends_with('\n')) return false;
            postmaster = std::atoi(said.c_str());
            return true;
        })) << read(holder.log);
        if (postmaster <= 1) throw std::runtime_error("the other process: " + read(holder.log));
        fs::remove(holder.log);
        return {pid, postmaster};
    }

    fs::path folder;
    cluster_settings settings;
};

TEST_F(ClusterTest, AnswersItsOwnerAndItsAppAndNobodyElse)
{
    const auto made = start();
    EXPECT_EQ(ask(made->owner_url(), "SELECT current_user || ' ' || current_database()"), "huiyin_owner huiyin");
    EXPECT_EQ(ask(made->app_url(), "SELECT current_user"), "huiyin_app");
    EXPECT_EQ(ask(made->superuser_url(), "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = 'huiyin'"),
              "huiyin_owner");
    EXPECT_THROW(ask(made->app_url(), "CREATE ROLE more"), std::runtime_error);
    EXPECT_THROW(ask(made->owner_url() + " host=127.0.0.1", "SELECT 1"), std::runtime_error);
    ask(made->superuser_url(), "CREATE ROLE stranger LOGIN");
    EXPECT_THROW(ask(made->app_url() + " user=stranger", "SELECT 1"), std::runtime_error);
    EXPECT_EQ(ask(made->superuser_url(), "SHOW data_checksums"), "on");
    EXPECT_EQ(ask(made->superuser_url(), "SHOW server_encoding"), "UTF8");
    EXPECT_EQ(ask(made->superuser_url(), "SHOW listen_addresses"), "");
    struct stat found = {};
    ASSERT_EQ(stat(folder.c_str(), &found), 0);
    EXPECT_EQ(found.st_mode & 0777, 0700u);
}

TEST_F(ClusterTest, IsDurableUnlessToldOtherwise)
{
    const auto fast = start();
    for (const auto* setting : {"fsync", "full_page_writes", "synchronous_commit"})
        EXPECT_EQ(ask(fast->app_url(), std::string("SHOW ") + setting), "off");
    fast->stop();
    settings.folder = folder / "durable";
    settings.durable = true;
    // The outer folder belongs to the other cluster's account and lets nobody through but it.
    const auto safe = start();
    for (const auto* setting : {"fsync", "full_page_writes", "synchronous_commit"})
        EXPECT_EQ(ask(safe->app_url(), std::string("SHOW ") + setting), "on");
}

TEST_F(ClusterTest, KeepsItsDataAndLeavesNoLockWhenItStops)
{
    pid_t first = 0;
    {
        const auto made = start();
        first = made->postmaster_pid();
        EXPECT_TRUE(made->is_alive());
        ask(made->owner_url(), "CREATE TABLE kept AS SELECT 7 AS number");
    }
    EXPECT_FALSE(runs(first));
    EXPECT_FALSE(fs::exists(lock()));
    const auto again = start();
    EXPECT_EQ(ask(again->owner_url(), "SELECT number FROM kept"), "7");
    again->stop();
    EXPECT_FALSE(again->is_alive());
    EXPECT_FALSE(fs::exists(lock()));
}

TEST_F(ClusterTest, ServesOneProcessAtATime)
{
    const auto made = start();
    EXPECT_EQ(refusal(), errc::already_exists);
    EXPECT_TRUE(made->is_alive());
    EXPECT_EQ(ask(made->app_url(), "SELECT 1"), "1");
}

TEST_F(ClusterTest, APostmasterKilledByForceIsNoticedAndBroughtBack)
{
    const auto made = start();
    ask(made->owner_url(), "CREATE TABLE kept AS SELECT 7 AS number");
    ask(made->superuser_url(), "CHECKPOINT");
    const auto before = made->postmaster_pid();
    ASSERT_EQ(kill(before, SIGKILL), 0);
    ASSERT_TRUE(comes_true([&]() { return !made->is_alive(); }));
    EXPECT_TRUE(fs::exists(lock())) << "a stale lock is what this test is about";
    const auto back = made->restart();
    ASSERT_TRUE(back) << back.error().detail;
    EXPECT_NE(made->postmaster_pid(), before);
    EXPECT_EQ(ask(made->owner_url(), "SELECT number FROM kept"), "7");
}

TEST_F(ClusterTest, DiesWithTheProcessThatStartedIt)
{
    const auto [holder, postmaster] = start_elsewhere();
    ASSERT_TRUE(runs(postmaster));
    ASSERT_EQ(kill(holder, SIGKILL), 0);
    EXPECT_EQ(wait_for_child(holder, patience), 128 + SIGKILL);
    EXPECT_TRUE(comes_true([&]() { return !runs(postmaster); }));
    EXPECT_FALSE(fs::exists(lock()));
    EXPECT_EQ(ask(start()->app_url(), "SELECT 1"), "1");
}

TEST_F(ClusterTest, StartsAgainAtOnceAfterTheProcessThatStartedItWasKilled)
{
    const auto [holder, postmaster] = start_elsewhere();
    ASSERT_EQ(kill(holder, SIGKILL), 0);
    // Not waiting for the old postmaster to end.
    const auto made = start();
    EXPECT_NE(made->postmaster_pid(), postmaster);
    EXPECT_FALSE(runs(postmaster));
    EXPECT_EQ(ask(made->app_url(), "SELECT 1"), "1");
    wait_for_child(holder, patience);
}

TEST_F(ClusterTest, StartsAgainAfterBothWereKilled)
{
    const auto [holder, postmaster] = start_elsewhere();
    ASSERT_EQ(kill(postmaster, SIGKILL), 0);
    ASSERT_EQ(kill(holder, SIGKILL), 0);
    EXPECT_EQ(ask(start()->app_url(), "SELECT 1"), "1");
    wait_for_child(holder, patience);
}

TEST_F(ClusterTest, AStaleLockThatNamesAnotherProgramIsRemoved)
{
    start();
    write(lock(), std::to_string(getpid()) + "\n" + (folder / "data").string() + "\n");
    EXPECT_EQ(ask(start()->app_url(), "SELECT 1"), "1");
}

TEST_F(ClusterTest, APostmasterOfOursThatWasLeftBehindIsStopped)
{
    start();
    child_settings stray;
    const auto version = std::string(trimmed(read(folder / "data/PG_VERSION")));
    stray.command = {
        "/usr/lib/postgresql/" + version + "/bin/postgres",    "-D", folder / "data", "-c", "listen_addresses=", "-c",
        "unix_socket_directories=" + (folder / "run").string()};
    stray.as = server_account();
    stray.folder = folder;
    stray.log = folder / "stray.log";
    const auto left = start_child(stray).value();
    ASSERT_TRUE(comes_true([&]() { return read(lock()).contains("ready"); })) << read(stray.log);
    const auto made = start();
    EXPECT_FALSE(runs(left));
    EXPECT_NE(made->postmaster_pid(), left);
    EXPECT_EQ(ask(made->app_url(), "SELECT 1"), "1");
    wait_for_child(left, patience);
}

TEST_F(ClusterTest, AHalfMadeClusterIsMadeAnew)
{
    fs::create_directories(folder / "data.new/base");
    write(folder / "data.new/PG_VERSION", "15\n");
    EXPECT_EQ(ask(start()->app_url(), "SELECT 1"), "1");
    EXPECT_FALSE(fs::exists(folder / "data.new"));
}

TEST_F(ClusterTest, DataOfAnotherVersionAreNotTouched)
{
    start();
    write(folder / "data/PG_VERSION", "9\n");
    EXPECT_EQ(refusal(), errc::corrupt);
    EXPECT_EQ(read(folder / "data/PG_VERSION"), "9\n");
}

TEST_F(ClusterTest, WithoutAServerOrAnAccountItIsNotConfigured)
{
    settings.binaries = folder;
    EXPECT_EQ(refusal(), errc::not_configured);
    settings.binaries.clear();
    settings.user = "nobody-of-that-name";
    if (geteuid() == 0) EXPECT_EQ(refusal(), errc::not_configured);
}

TEST_F(ClusterTest, AServerThatCannotStartSaysWhy)
{
    start();
    write(folder / "data/postgresql.conf", "no_such_setting = 1\n");
    const auto made = cluster::start(settings);
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().code, errc::unavailable);
    EXPECT_TRUE(made.error().detail.contains("no_such_setting")) << made.error().detail;
}

TEST_F(ClusterTest, APathTooLongForASocketIsWorkedAround)
{
    settings.folder = folder;
    if (geteuid() == 0) ASSERT_EQ(chmod(folder.c_str(), 0755), 0);
    for (int i = 0; i < 3; ++i) {
        settings.folder /= std::string(40, static_cast<char>('a' + i));
        fs::create_directory(settings.folder);
    }
    const auto made = start();
    EXPECT_EQ(ask(made->app_url(), "SELECT 1"), "1");
    const auto socket = ask(made->superuser_url(), "SHOW unix_socket_directories");
    EXPECT_LT(socket.size(), 90u);
    const auto place = socket.substr(1, socket.size() - 2);
    made->stop();
    fs::remove_all(place);
}

} // namespace
} // namespace huiyin::pg
