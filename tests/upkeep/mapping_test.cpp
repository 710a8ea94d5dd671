#include <huiyin/upkeep/csv.hpp>
#include <huiyin/upkeep/mapping.hpp>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

using namespace huiyin;
using namespace huiyin::upkeep;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

namespace {

const std::filesystem::path source_root = HUIYIN_SOURCE_ROOT;

constexpr std::string_view whole = R"json({
  "account": "town", "time_zone": "America/New_York", "times": ["%Y-%m-%d %H:%M:%S", "serial"],
  "key": ["year", "no"], "reported_at": "opened", "closed_at": ["closed", "changed"], "due_at": "due",
  "finished_when": "status",
  "status": {"column": "state", "finished": ["done", "void"], "unfinished": "open"},
  "channel": {"column": "how", "codes": {"Call": "phone", "Web": "web"}, "otherwise": "other"},
  "category": {"column": "what", "codes": {"No paper": "missed_copy"}, "otherwise": "other"},
  "type": "complaint", "customer": "who",
  "problem": ["what", "text"], "object": "about", "answer": "reply", "note": ["what", "office"]
})json";
const std::vector<std::string> header{"year", "no",    "opened", "closed", "changed", "due", "state", "how",
                                      "what", "about", "text",   "reply",  "office",  "who", "unused"};

std::string text_of(const std::filesystem::path& file)
{
    std::ifstream in(file);
    EXPECT_TRUE(in) << file;
    return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<std::string> shown(const std::vector<ticket::violation>& faults)
{
    std::vector<std::string> all;
    for (const auto& each : faults)
        all.push_back(each.to_string());
    return all;
}

std::vector<std::string> faults_of(std::string_view json)
{
    const auto parsed = parse_mapping(json);
    return parsed ? std::vector<std::string>{} : shown(parsed.error());
}

std::string replaced(std::string text, const std::string& from, const std::string& to)
{
    const auto at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return text.replace(at, from.size(), to);
}

class MappedRecord : public testing::Test
{
protected:
    std::map<std::string, std::string> row{{"year", "19"},
                                           {"no", "7"},
                                           {"opened", "2019-05-02 10:00:00"},
                                           {"closed", ""},
                                           {"changed", ""},
                                           {"due", "2019-05-09 10:00:00"},
                                           {"state", "open"},
                                           {"how", "Call"},
                                           {"what", "No paper"},
                                           {"about", "Elm St"},
                                           {"text", "It\nis gone"},
                                           {"reply", ""},
                                           {"office", "North"},
                                           {"who", "u-1"},
                                           {"unused", "\xFF"}};

    std::expected<source_record, std::string> read()
    {
        std::vector<std::string> fields;
        for (const auto& name : header)
            fields.push_back(row[name]);
        return mapped_columns::bind(parse_mapping(whole).value(), header).value().read(12, fields);
    }
};

} // namespace

TEST(Mapping, TakesTheWholeFile)
{
    const auto m = parse_mapping(whole);
    ASSERT_TRUE(m) << testing::PrintToString(shown(m.error()));
    EXPECT_EQ(m->account, "town");
    EXPECT_THAT(m->key, ElementsAre("year", "no"));
    EXPECT_THAT(m->unfinished_states, ElementsAre("open"));
    EXPECT_EQ(m->category.codes.at("No paper"), "missed_copy");
    EXPECT_EQ(m->finished_when, finished_rule::status);
}

TEST(Mapping, SaysAllThatIsWrongAtOnceWithItsPath)
{
    EXPECT_THAT(faults_of(R"json({
        "account": "Big Town", "time_zone": "Mars/Olympus", "times": ["%Y-%m", 7], "key": [], "reported_at": 3,
        "finished_when": "status",
        "channel": {"column": "how", "codes": {"Call": "Phone!"}, "otherwise": "other", "else": 1},
        "category": {"codes": {}, "otherwise": ""},
        "type": "rant", "problem": ["a", "a"], "colour": "red"})json"),
                UnorderedElementsAre("account: not a code (a-z, 0-9 and _, a letter first)", "time_zone: no such zone",
                                     "times[1]: not a text", HasSubstr("times: \"%Y-%m\" is neither"), "key: empty",
                                     "reported_at: not a text", "status: missing, though finished_when is \"status\"",
                                     "channel.codes.Call: not a code (a-z, 0-9 and _, a letter first)",
                                     "channel.else: unknown key", "category.codes: of no use without a column",
                                     "category.otherwise: blank", "type: no such ticket type",
                                     "problem[1]: named before", "colour: unknown key"));
}

TEST(Mapping, NamesEveryMissingKey)
{
    EXPECT_THAT(faults_of("{}"),
                UnorderedElementsAre("account: missing", "time_zone: missing", "times: missing", "key: missing",
                                     "reported_at: missing", "finished_when: missing", "channel: missing",
                                     "category: missing", "type: missing", "problem: missing"));
}

TEST(Mapping, RefusesWhatIsNoJsonObject)
{
    EXPECT_THAT(faults_of("{"), ElementsAre(HasSubstr("not JSON")));
    EXPECT_THAT(faults_of("[]"), Contains("not an object"));
    EXPECT_THAT(faults_of("{\"account\": \"\xFF\"}"), ElementsAre(HasSubstr("not JSON")));
    EXPECT_THAT(faults_of(std::string(100'000, '[') + std::string(100'000, ']')), Contains("nested too deep"));
    EXPECT_THAT(faults_of("{\"type\": \"a\", \"type\": \"b\"}"),
                ElementsAre("the key 'type' comes twice in one object"));
}

TEST(Mapping, TheFinishedRuleAndItsColumnsMustAgree)
{
    EXPECT_THAT(
        faults_of(replaced(std::string(whole), "\"finished_when\": \"status\"", "\"finished_when\": \"never\"")),
        ElementsAre("status: of no use unless finished_when is \"status\""));
    EXPECT_THAT(
        faults_of(replaced(std::string(whole), "\"unfinished\": \"open\"", "\"unfinished\": [\"open\", \"done\"]")),
        ElementsAre("status.unfinished: \"done\" is finished, too"));
    auto closed = replaced(std::string(whole), "\"finished_when\": \"status\"", "\"finished_when\": \"closed\"");
    closed = replaced(closed, "\"closed_at\": [\"closed\", \"changed\"],", "");
    EXPECT_THAT(faults_of(closed), Contains("closed_at: missing, though finished_when is \"closed\""));
}

TEST(Mapping, SaysWhichColumnsTheFileLacksOrHasTwice)
{
    auto names = header;
    std::erase(names, "no");
    names.push_back("text");
    std::ranges::replace(names, "who", "whom");
    const auto bound = mapped_columns::bind(parse_mapping(whole).value(), names);
    ASSERT_FALSE(bound);
    EXPECT_THAT(shown(bound.error()),
                ElementsAre("key: the file has no column \"no\"", "customer: the file has no column \"who\"",
                            "problem: the file has two columns \"text\""));
}

TEST_F(MappedRecord, SpeaksOurTerms)
{
    const auto r = read();
    ASSERT_TRUE(r) << r.error();
    EXPECT_EQ(r->line, 12u);
    EXPECT_EQ(r->key, "19/7");
    EXPECT_EQ(r->channel, "phone");
    EXPECT_EQ(r->category, "missed_copy");
    EXPECT_EQ(r->customer, "u-1");
    EXPECT_FALSE(r->finished);
    EXPECT_EQ(to_rfc3339(r->reported_at), "2019-05-02T14:00:00Z");
    EXPECT_EQ(to_rfc3339(r->due_at.value()), "2019-05-09T14:00:00Z");
    EXPECT_EQ(r->problem, "No paper\nIt\nis gone");
    EXPECT_EQ(r->object, "Elm St");
    EXPECT_EQ(r->answer, "");
    EXPECT_EQ(r->note, "what: No paper\noffice: North");
    EXPECT_THAT(r->remarks, IsEmpty());
}

TEST_F(MappedRecord, AnUnknownSourceWordBecomesTheOtherwiseCode)
{
    row["how"] = "Pigeon";
    row["what"] = "no paper";
    EXPECT_EQ(read()->channel, "other");
    EXPECT_EQ(read()->category, "other");
}

TEST_F(MappedRecord, AFinishedOneTakesTheFirstClosingTimeThatIsThere)
{
    row["state"] = "done";
    row["changed"] = "43588.5";
    EXPECT_TRUE(read()->finished);
    EXPECT_EQ(to_rfc3339(read()->closed_at.value()), "2019-05-03T16:00:00Z");
    row["closed"] = "2019-05-04 08:00:00";
    EXPECT_EQ(to_rfc3339(read()->closed_at.value()), "2019-05-04T12:00:00Z");
    EXPECT_THAT(read()->remarks, IsEmpty());
}

TEST_F(MappedRecord, ClosedBeforeItWasReportedIsTakenWithARemark)
{
    row["state"] = "done";
    row["closed"] = "2019-05-01 10:00:00";
    EXPECT_EQ(read()->closed_at, read()->reported_at);
    EXPECT_THAT(read()->remarks, ElementsAre("closed: before opened; taken as equal"));
}

TEST_F(MappedRecord, FinishedWithoutAClosingTimeIsTakenWithARemark)
{
    row["state"] = "void";
    EXPECT_EQ(read()->closed_at, read()->reported_at);
    EXPECT_THAT(read()->remarks, ElementsAre(HasSubstr("without a closing time")));
}

TEST_F(MappedRecord, AClosingTimeOfAnUnfinishedOneIsPassedOverWithARemark)
{
    row["closed"] = "2019-05-04 08:00:00";
    EXPECT_FALSE(read()->closed_at);
    EXPECT_THAT(read()->remarks, ElementsAre(HasSubstr("not finished; passed over")));
}

TEST_F(MappedRecord, EverythingThatKeepsItOutIsSaidAtOnce)
{
    row["no"] = " ";
    row["opened"] = "yesterday";
    row["due"] = "2019-02-30 10:00:00";
    row["state"] = "lost";
    row["what"] = row["text"] = "\xE3\x80\x80";
    EXPECT_EQ(
        read().error(),
        "no: blank, though it is part of the key; opened: \"yesterday\" is no time; due: \"2019-02-30 10:00:00\" is no "
        "time; state: \"lost\" is neither a finished nor an unfinished state; what: no words about the problem");
}

TEST_F(MappedRecord, ABlankReportTimeKeepsItOut)
{
    row["opened"] = "";
    EXPECT_EQ(read().error(), "opened: blank");
}

TEST_F(MappedRecord, BytesThatAreNoTextKeepItOutWhereTheyAreUsed)
{
    row["text"] = "caf\xE9";
    row["office"] = std::string("a\0b", 3);
    EXPECT_EQ(read().error(), "office: not UTF-8, or with NUL; text: not UTF-8, or with NUL");
}

TEST_F(MappedRecord, KeysAreBounded)
{
    row["no"] = std::string(201, '1');
    EXPECT_THAT(read().error(), HasSubstr("a key of more than 200 bytes"));
}

TEST_F(MappedRecord, AShortOrLongLineIsNamedAsSuch)
{
    const auto bound = mapped_columns::bind(parse_mapping(whole).value(), header).value();
    EXPECT_EQ(bound.read(3, {"a", "b"}).error(), "2 fields, where the header has 15");
}

TEST(ShippedMappings, AreSoundAndNamedAfterTheirAccount)
{
    std::size_t seen = 0;
    for (const auto& each : std::filesystem::directory_iterator(source_root / "config/import")) {
        if (each.path().extension() != ".json") continue;
        const auto m = parse_mapping(text_of(each.path()));
        ASSERT_TRUE(m) << each.path() << testing::PrintToString(shown(m.error()));
        EXPECT_EQ(m->account, each.path().stem().string());
        ++seen;
    }
    EXPECT_EQ(seen, 5u);
}

namespace {

struct source_file
{
    std::string file, account;
    std::size_t records, finished, remarks;
};

std::filesystem::path shared_data()
{
    if (const auto* const given = std::getenv("HUIYIN_SHARED_DATA")) return given;
    return source_root.parent_path() / "shared" / "data";
}

class RealFiles : public testing::TestWithParam<source_file>
{};

} // namespace

TEST_P(RealFiles, EveryRecordIsUnderstood)
{
    const auto path = shared_data() / GetParam().file;
    if (!std::filesystem::exists(path)) GTEST_SKIP() << "needs " << path << " (set HUIYIN_SHARED_DATA)";
    const auto m = parse_mapping(text_of(source_root / "config/import" / (GetParam().account + ".json"))).value();
    std::ifstream in(path, std::ios::binary);
    csv_reader reader(in);
    const auto names = reader.next();
    ASSERT_TRUE(names && *names);
    const auto bound = mapped_columns::bind(m, (*names)->fields);
    ASSERT_TRUE(bound) << testing::PrintToString(shown(bound.error()));

    std::size_t finished = 0, remarks = 0;
    std::set<std::string> keys;
    while (auto next = reader.next()) {
        ASSERT_TRUE(next->has_value()) << next->error().line << ": " << next->error().reason;
        const auto r = bound->read((*next)->line, (*next)->fields);
        ASSERT_TRUE(r) << (*next)->line << ": " << r.error();
        EXPECT_TRUE(keys.insert(r->key).second) << r->key;
        finished += r->finished;
        remarks += !r->remarks.empty();
        if (r->closed_at) {
            EXPECT_GE(*r->closed_at, r->reported_at);
        }
    }
    EXPECT_EQ(keys.size(), GetParam().records);
    EXPECT_EQ(finished, GetParam().finished);
    EXPECT_EQ(remarks, GetParam().remarks);
}

INSTANTIATE_TEST_SUITE_P(
    Sources, RealFiles,
    testing::Values(source_file{"complaints_en/nyc311_dev.csv", "nyc311", 4909, 2868, 19},
                    source_file{"complaints_en/boston311_dev.csv", "boston311", 6355, 5153, 0},
                    source_file{"complaints_en/baltimore311_dev.csv", "baltimore311", 4995, 4903, 0},
                    source_file{"complaints_zh/wenzheng_messages_dev.csv", "wenzheng_messages", 2653, 0, 0},
                    source_file{"complaints_zh/wenzheng_replies_dev.csv", "wenzheng_replies", 1717, 1717, 0}),
    [](const auto& each) { return each.param.account; });
