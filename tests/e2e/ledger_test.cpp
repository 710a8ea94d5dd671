// What was acknowledged is there exactly once, however often the daemon and PostgreSQL are killed meanwhile.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <future>
#include <replay_lib.hpp>
#include <signal.h>
#include <support/daemon/daemon_fixture.hpp>
#include <thread>

namespace huiyin::test {
namespace {

using namespace std::chrono_literals;
using testing::IsEmpty;
using testing::Not;

bool is_full()
{
    return std::getenv("HUIYIN_TEST_FULL") != nullptr;
}

std::filesystem::path shared_data()
{
    if (const char* const named = std::getenv("HUIYIN_SHARED_DATA")) return named;
    return std::filesystem::path(HUIYIN_SOURCE_DIR).parent_path() / "shared" / "data";
}

struct plan
{
    std::size_t rows;
    int daemon_kills;
    int database_kills;
};

/// One replay with its kills, spread evenly over the acknowledgements; gives every disagreement of ledger and database.
class replayed
{
public:
    replayed(daemon_process& daemon, const plan& with, std::string run) : daemon_(daemon), plan_(with)
    {
        const auto rows = bench::make_rows({.data = shared_data(),
                                            .mappings = std::filesystem::path(HUIYIN_SOURCE_DIR) / "config" / "import",
                                            .count = plan_.rows,
                                            .run = run});
        settings_.port = daemon_.port();
        settings_.ledger = daemon_.state().parent_path() / (run + ".ledger");
        settings_.run = run;
        settings_.within = is_full() ? 3000s : 500s;
        auto sending = std::async(std::launch::async, [&]() { return bench::replay(rows, settings_); });
        kill_meanwhile(sending);
        report_ = sending.get();
    }

    const result<bench::replay_report>& report() const { return report_; }
    std::vector<std::string> disagreements() const
    {
        const auto outside = bench::read_ledger(settings_.ledger);
        const auto url = "host='" + (daemon_.state() / "postgresql" / "run").string() +
                         "' port=5432 user=huiyin_owner dbname=huiyin";
        const auto inside = bench::view_database(url, "huiyin", settings_.run);
        if (!outside || !inside) return {"the ledger or the database cannot be read"};
        return bench::disagreements(*outside, *inside);
    }

private:
    std::size_t acknowledged() const
    {
        const auto so_far = bench::read_ledger(settings_.ledger);
        return so_far ? so_far->acknowledged.size() : 0;
    }

    void kill_meanwhile(const std::future<result<bench::replay_report>>& sending)
    {
        const int kills = plan_.daemon_kills + plan_.database_kills;
        for (int i = 0; i < kills; ++i) {
            const auto enough = plan_.rows * static_cast<std::size_t>(i + 1) / static_cast<std::size_t>(kills + 2);
            while (acknowledged() < enough)
                if (sending.wait_for(10ms) == std::future_status::ready) return;
            if (i < plan_.database_kills) {
                kill_postmaster();
            } else {
                daemon_.kill9();
                daemon_.restart();
            }
        }
    }

    void kill_postmaster() const
    {
        std::ifstream file(daemon_.state() / "postgresql" / "data" / "postmaster.pid");
        pid_t pid = 0;
        file >> pid;
        if (pid > 1) ::kill(pid, SIGKILL);
    }

    daemon_process& daemon_;
    plan plan_;
    bench::replay_settings settings_;
    result<bench::replay_report> report_ = fail(errc::internal);
};

TEST(Ledger, EveryAcknowledgedComplaintIsThereExactlyOnceThroughKills)
{
    daemon_process daemon({}, true);
    const replayed run(daemon, is_full() ? plan{20'000, 20, 5} : plan{2'000, 5, 1}, "kills");
    ASSERT_TRUE(run.report());
    EXPECT_EQ(run.report()->given_up, 0u);
    EXPECT_EQ(run.report()->refused, 0u);
    EXPECT_THAT(run.disagreements(), IsEmpty());
    const auto verified = daemon.run_command({"verify-journal"});
    EXPECT_EQ(verified.status, 0) << verified.output;
}

/// The proof that the ledger finds what it is there for.
void finds(const std::string& fault)
{
    daemon_process daemon("[test]\nintake_fault = \"" + fault + "\"\n", true);
    // The others count what one process keeps together: the more it lives to see, the surer.
    const int kills = fault == "acknowledge_before_commit" ? 3 : 0;
    const replayed run(daemon, {1'000, kills, 0}, "fault");
    ASSERT_TRUE(run.report());
    EXPECT_THAT(run.disagreements(), Not(IsEmpty())) << fault;
}

TEST(Ledger, APlantedBugIsFound)
{
    const std::string faults[] = {"acknowledge_before_commit", "drop_one_in_thousand", "insert_twice"};
    if (is_full()) {
        for (const auto& each : faults)
            finds(each);
        return;
    }
    // By rota: each day another one.
    const auto day = std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now()).time_since_epoch().count();
    finds(faults[static_cast<std::size_t>(day) % std::size(faults)]);
}

} // namespace
} // namespace huiyin::test
