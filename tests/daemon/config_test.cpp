#include <huiyin/daemon/config.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>

namespace huiyin::daemon {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::string> faults_of(std::string_view toml)
{
    const auto read = parse_config(toml);
    std::vector<std::string> texts;
    if (!read)
        for (const auto& each : read.error())
            texts.push_back(each.text("f"));
    return texts;
}

std::string shipped_file()
{
    std::ifstream in(HUIYIN_SOURCE_DIR "/config/huiyin.toml");
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

TEST(Config, AnEmptyFileGivesTheDefaults)
{
    const auto read = parse_config("");
    ASSERT_TRUE(read);
    EXPECT_EQ(read->server.port, 8080);
    EXPECT_TRUE(read->database.durable);
}

TEST(Config, TheShippedFileIsValidAndSaysTheDefaults)
{
    const auto shipped = parse_config(shipped_file());
    ASSERT_TRUE(shipped);
    const auto defaults = parse_config("");
    EXPECT_EQ(shipped->server.port, defaults->server.port);
    EXPECT_EQ(shipped->intake.queue, defaults->intake.queue);
    EXPECT_EQ(shipped->sessions.idle_minutes, defaults->sessions.idle_minutes);
    EXPECT_EQ(shipped->limits.tracking_per_address_per_minute, defaults->limits.tracking_per_address_per_minute);
}

TEST(Config, EveryKeyIsInTheShippedFile)
{
    std::istringstream lines(shipped_file());
    std::set<std::string> documented;
    std::string section;
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with('[')) {
            section = line.substr(1, line.find(']') - 1);
            documented.insert(section);
        } else if (const auto equals = line.find(" = "); equals != std::string::npos && !line.starts_with('#')) {
            documented.insert(section.empty() ? line.substr(0, equals) : section + "." + line.substr(0, equals));
            EXPECT_TRUE(line.find('#') != std::string::npos || section.empty()) << line << ": no comment";
        }
    }
    const auto known = known_keys();
    EXPECT_EQ(documented, std::set<std::string>(known.begin(), known.end()));
}

TEST(Config, AllFaultsAreReportedTogetherWithPathAndLine)
{
    EXPECT_THAT(
        faults_of(
            "[server]\nport = 70000\nprot = 1\n[intake]\nbatch = \"many\"\n[sessions]\nidle_minutes = 0\n[nonsense]\n"),
        ElementsAre("f:2: server.port: 70000 is above 65535", "f:3: server.prot: is not a key of Huiyin",
                    "f:5: intake.batch: is not a whole number", "f:7: sessions.idle_minutes: 0 is below 1",
                    "f:8: nonsense: is not a key of Huiyin"));
}

TEST(Config, ASyntaxErrorNamesItsLine)
{
    EXPECT_THAT(faults_of("[server]\nport = = 1\n"), ElementsAre(HasSubstr("f:2: syntax:")));
}

TEST(Config, TestSettingsNeedTheirSwitch)
{
    EXPECT_THAT(faults_of("[database]\ndurable = false\n[test]\nintake_fault = \"insert_twice\"\n"),
                ElementsAre("f:2: database.durable: false needs unsafe_test_settings",
                            "f:4: test.intake_fault: needs unsafe_test_settings"));
    EXPECT_TRUE(parse_config("unsafe_test_settings = true\n[database]\ndurable = false\n"));
}

TEST(Config, AddressesAndOriginsAreCheckedBeforeAnySocketOpens)
{
    EXPECT_THAT(
        faults_of("[server]\ntrusted_proxies = [\"10.0.0.0/99\"]\nallowed_origins = [\"desk.example.com\"]\n"),
        ElementsAre(
            "f:2: server.trusted_proxies: holds something that is not an address or a block of addresses",
            "f:3: server.allowed_origins: holds something that is not an origin like https://desk.example.com"));
}

TEST(Config, ASecretMayStandInAFile)
{
    EXPECT_THAT(faults_of("[database]\nurl = \"file:/does/not/exist\"\n"),
                ElementsAre("f:2: database.url: the file named cannot be read"));
}

} // namespace
} // namespace huiyin::daemon
