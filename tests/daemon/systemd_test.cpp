// The unit that is shipped, as systemd itself reads it.
#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <sys/wait.h>

namespace {

namespace fs = std::filesystem;

struct outcome
{
    int status = -1;
    std::string output;
};

outcome run(const std::string& command)
{
    outcome done;
    FILE* const pipe = popen((command + " 2>&1").c_str(), "r");
    if (!pipe) return done;
    std::array<char, 4096> piece;
    for (std::size_t size = 0; (size = std::fread(piece.data(), 1, piece.size(), pipe)) > 0;)
        done.output.append(piece.data(), size);
    const int waited = pclose(pipe);
    done.status = WIFEXITED(waited) ? WEXITSTATUS(waited) : -1;
    return done;
}

class Systemd : public ::testing::Test
{
protected:
    /// The unit with `program` for the daemon, which is not installed here.
    void SetUp() override
    {
        if (run("systemd-analyze --version").status != 0) GTEST_SKIP() << "no systemd-analyze on this machine";
        auto name = (fs::temp_directory_path() / "huiyin-unit-XXXXXX").string();
        ASSERT_NE(mkdtemp(name.data()), nullptr);
        folder_ = name;
        std::ifstream in(HUIYIN_SOURCE_DIR "/config/systemd/huiyin.service");
        text_.assign(std::istreambuf_iterator<char>(in), {});
        write("/bin/true");
    }
    void TearDown() override
    {
        if (!folder_.empty()) fs::remove_all(folder_);
    }
    void write(const std::string& program)
    {
        constexpr std::string_view installed = "ExecStart=/usr/local/bin/huiyin";
        auto unit = text_;
        const auto at = unit.find(installed);
        ASSERT_NE(at, std::string::npos);
        unit.replace(at, installed.size(), "ExecStart=" + program);
        std::ofstream(folder_ / "huiyin.service") << unit;
    }
    outcome verify() { return run("systemd-analyze verify --man=no " + (folder_ / "huiyin.service").string()); }

    fs::path folder_;
    std::string text_;
};

TEST_F(Systemd, ReadsOurUnitWithoutAComplaint)
{
    const auto read = verify();
    EXPECT_EQ(read.status, 0) << read.output;
    EXPECT_EQ(read.output, "");
    write("/no/such/program");
    EXPECT_NE(verify().status, 0) << "so that it would say what is wrong";
}

TEST_F(Systemd, FindsOurUnitWellLockedUp)
{
    const auto looked = run("systemd-analyze security --no-pager --offline=true --threshold=15 " +
                            (folder_ / "huiyin.service").string());
    EXPECT_EQ(looked.status, 0) << looked.output;
}

} // namespace
