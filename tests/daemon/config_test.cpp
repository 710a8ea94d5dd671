#include <huiyin/daemon/config.hpp>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
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

TEST(Config, ASecretsPathStartsFromTheFolderOfTheFileThatNamesIt)
{
    auto folder = (std::filesystem::temp_directory_path() / "huiyin-config-XXXXXX").string();
    ASSERT_NE(mkdtemp(folder.data()), nullptr);
    const std::filesystem::path at = folder;
    std::filesystem::create_directory(at / "secrets");
    std::ofstream(at / "secrets/url") << "postgresql://relative\nsecond line\n";
    std::ofstream(at / "relative.toml") << "[database]\nurl = \"file:secrets/url\"\n";
    std::ofstream(at / "absolute.toml") << "[database]\nurl = \"file:" << (at / "secrets/url").string() << "\"\n";
    const auto relative = load_config(at / "relative.toml"), absolute = load_config(at / "absolute.toml");
    std::filesystem::remove_all(at);
    ASSERT_TRUE(relative);
    EXPECT_EQ(relative->database.url, "postgresql://relative");
    ASSERT_TRUE(absolute);
    EXPECT_EQ(absolute->database.url, "postgresql://relative");
}

TEST(Config, ACertificateAndItsKeyComeTogether)
{
    EXPECT_THAT(faults_of("[tls]\ncertificate = \"cert.pem\"\nmin_version = \"1.1\"\n"),
                ElementsAre("f:2: tls.certificate: needs the other one, too",
                            "f:3: tls.min_version: \"1.1\" is none of 1.2, 1.3"));
    EXPECT_THAT(faults_of("[tls]\nkey = \"key.pem\"\n"), ElementsAre("f:2: tls.key: needs the other one, too"));
    EXPECT_TRUE(parse_config("[tls]\ncertificate = \"cert.pem\"\nkey = \"key.pem\"\n")->has_tls());
    EXPECT_FALSE(parse_config("")->has_tls());
}

TEST(Config, ThePrivatePostgresqlAllowsWhatAllReactorsMake)
{
    const auto allowed = [](int reactors, int connections) {
        return parse_config(
                   fmt::format("[reactors]\ncount = {}\n[database]\nconnections = {}\n", reactors, connections))
            ->private_connections();
    };
    EXPECT_GT(allowed(1, 1), 1u + 2 + 3) << "a daemon has at least three duties";
    EXPECT_EQ(allowed(9, 6) - allowed(8, 6), 6u + 2) << "a reactor's pool and its two connections for hints";
    EXPECT_EQ(allowed(8, 7) - allowed(8, 6), 9u) << "one more for each reactor and for a command";
    EXPECT_THAT(faults_of("[reactors]\ncount = 64\n[database]\nconnections = 64\n"),
                ElementsAre("f:4: database.connections: 64 for each of 64 reactors make 4313 connections; the private "
                            "PostgreSQL takes at most 4000"));
    EXPECT_THAT(faults_of("[reactors]\ncount = 64\n[database]\nurl = \"postgresql:///h\"\nconnections = 64\n"),
                ElementsAre())
        << "a server of one's own has limits of its own";
    EXPECT_TRUE(parse_config("[reactors]\ncount = 256\n")) << "the largest machine with the default";
}

} // namespace
} // namespace huiyin::daemon
