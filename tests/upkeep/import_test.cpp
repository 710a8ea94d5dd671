#include <huiyin/upkeep/csv.hpp>
#include <huiyin/upkeep/import.hpp>

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <pg_fixture.hpp>
#include <sstream>

namespace huiyin::upkeep {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

const std::filesystem::path source_root = HUIYIN_SOURCE_ROOT;

std::string text_of(const std::filesystem::path& file)
{
    std::ifstream in(file, std::ios::binary);
    EXPECT_TRUE(in) << file;
    return {std::istreambuf_iterator<char>(in), {}};
}

class ImportTest : public test::pg_fixture
{
public:
    ImportTest() : db(on(), settings(), metrics), rules(db)
    {
        folder = std::filesystem::temp_directory_path() / ("huiyin-import-" + uuid::make().to_string());
        std::filesystem::create_directories(folder);
        sql("INSERT INTO pack (version, applied_at, name, digest, document) VALUES (1, '2026-01-01Z', 'newspaper', "
            "sha256('x'), $pack$" +
            text_of(source_root / "config/packs/newspaper.json") + "$pack$)");
    }
    ~ImportTest() override
    {
        run(db.close());
        std::filesystem::remove_all(folder);
    }

    pg::database_settings settings()
    {
        auto as = app_settings();
        as.connections = 4;
        return as;
    }

    import_order order(const std::filesystem::path& file = source_root / "tests/fixtures/import/town.csv",
                       const std::filesystem::path& mapping = source_root / "tests/fixtures/import/town.json")
    {
        return {
            .file = file, .mapping = parse_mapping(text_of(mapping)).value(), .report = folder / "report", .batch = 3};
    }
    result<import_progress> import(import_order what)
    {
        return run(import_file(db, rules, clock, std::move(what), {}));
    }
    std::vector<std::string> report()
    {
        std::istringstream in(text_of(folder / "report"));
        std::vector<std::string> lines;
        for (std::string line; std::getline(in, line);)
            lines.push_back(line);
        std::ranges::sort(lines);
        return lines;
    }

    /// A file of as many records of the town; every third finished.
    std::filesystem::path file_of(int records)
    {
        const auto path = folder / fmt::format("{}.csv", records);
        std::ofstream out(path);
        out << "number,opened,closed,due,state,how,what,words,about,reply,office,reader\n";
        for (int i = 0; i < records; ++i)
            out << fmt::format("N-{0},2019-05-05 10:00:00,{1},,{2},Call,No paper,words {0},,,,P{3}\n", i,
                               i % 3 == 0 ? "2019-05-06 10:00:00" : "", i % 3 == 0 ? "Closed" : "Open", i % 17);
        return path;
    }

    /// The header and at most `count` records after the first `from`; how many there were.
    static std::size_t copy_records(const std::filesystem::path& of, std::size_t from, std::size_t count,
                                    const std::filesystem::path& to)
    {
        std::ifstream in(of, std::ios::binary);
        std::ofstream out(to, std::ios::binary);
        csv_reader reader(in);
        std::size_t copied = 0;
        for (std::size_t i = 0; copied < count; ++i) {
            const auto next = reader.next();
            if (!next) break;
            if (i != 0 && i <= from) continue;
            for (std::size_t f = 0; f < (*next)->fields.size(); ++f) {
                out << (f == 0 ? "\"" : ",\"");
                for (const char c : (*next)->fields[f])
                    out << (c == '"' ? "\"\"" : std::string(1, c));
                out << '"';
            }
            out << '\n';
            copied += i != 0;
        }
        return copied;
    }

    std::int64_t count(const std::string& of) { return sql("SELECT count(*) FROM " + of).front().get<std::int64_t>(0); }
    std::string one(const std::string& query)
    {
        return sql(query).front().get<std::optional<std::string>>(0).value_or("NULL");
    }
    std::string ticket(const std::string& key, const std::string& columns)
    {
        return one(fmt::format("SELECT concat_ws(' ', {}) FROM ticket t JOIN receipt r ON r.ticket_id = t.id "
                               "WHERE r.account = 'import/town' AND r.external_id = '{}'",
                               columns, key));
    }
    std::string words(const std::string& key, const std::string& column)
    {
        return one(fmt::format("SELECT x.body FROM ticket t JOIN receipt r ON r.ticket_id = t.id JOIN text x ON x.id = "
                               "(t.{} ->> 'text')::uuid WHERE r.external_id = '{}'",
                               column, key));
    }

    pg::database db;
    ticket::configurations rules;
    std::filesystem::path folder;
};

TEST_F(ImportTest, CountsWhatBecameOfEachRecord)
{
    const auto done = import(order());
    ASSERT_TRUE(done) << done.error().detail;
    EXPECT_EQ(done->records, 11u);
    EXPECT_EQ(done->taken, 5u);
    EXPECT_EQ(done->finished, 2u);
    EXPECT_EQ(done->repeats, 1u);
    EXPECT_EQ(done->bad, 5u);
    EXPECT_EQ(done->remarks, 2u);
    EXPECT_EQ(done->done, 1);
    EXPECT_EQ(count("ticket"), 5);
    EXPECT_EQ(one("SELECT concat_ws(' ', received, visible, parked, repeats) FROM account_ledger"), "6 5 0 1");
}

TEST_F(ImportTest, FinishedRecordsAreArchivedWithTheirOriginalTimes)
{
    ASSERT_TRUE(import(order()));
    EXPECT_EQ(ticket("T-1", "status, closure, category, channel, type, imported"),
              "archived imported missed_copy phone complaint t");
    EXPECT_EQ(ticket("T-1", "reported_at, closed_at"), "2019-05-02 14:00:00+00 2019-05-03 13:30:00+00");
    EXPECT_EQ(ticket("T-1", "archived_at, created_at"), "2026-03-02 02:00:00+00 2026-03-02 02:00:00+00");
    EXPECT_EQ(ticket("T-1", "number"), "260302-0001");
    EXPECT_EQ(ticket("T-3", "status, category, channel, closed_at"), "archived other web 2019-05-04 16:00:00+00");
    EXPECT_EQ(count("ticket_deadline d JOIN ticket t ON t.id = d.ticket_id WHERE t.status = 'archived'"), 0);
}

TEST_F(ImportTest, UnfinishedRecordsWaitInTriageWithClocksFromTheImport)
{
    ASSERT_TRUE(import(order()));
    EXPECT_EQ(ticket("T-2", "status, closure, category, channel"), "triage none late_or_damaged web");
    EXPECT_EQ(ticket("T-2", "reported_at"), "2019-05-04 12:15:00+00");
    EXPECT_EQ(ticket("T-6", "status, channel"), "triage other");
    EXPECT_GT(count("ticket_deadline"), 0);
    EXPECT_EQ(count("ticket_deadline WHERE started_at <> '2026-03-02 02:00:00+00'"), 0);
    EXPECT_EQ(count("notice"), 0);
}

TEST_F(ImportTest, UnfinishedRecordsComeLast)
{
    ASSERT_TRUE(import(order(file_of(60))));
    EXPECT_EQ(one("SELECT string_agg(DISTINCT first.status || ' ' || (first.seq < last.seq), ',') FROM "
                  "(SELECT t.status, e.seq FROM event e JOIN ticket t ON t.id = e.subject WHERE t.status = 'archived') "
                  "first, "
                  "(SELECT e.seq FROM event e JOIN ticket t ON t.id = e.subject WHERE t.status = 'triage') last"),
              "archived true");
}

TEST_F(ImportTest, KeepsTheWordsAsTheyWere)
{
    ASSERT_TRUE(import(order()));
    EXPECT_EQ(words("T-1", "problem"), "No paper\nNothing came, again.\nThird time.");
    EXPECT_EQ(words("T-1", "object"), "Elm Street");
    EXPECT_EQ(words("T-2", "problem"), "Wet paper\nIt said \"plastic bag\" on the bill");
    EXPECT_EQ(words("T-3", "problem"), "Ghosts\n雨天沒有塑料袋");
    EXPECT_EQ(one("SELECT string_agg(concat_ws('|', e.kind, e.direction, e.author_kind, e.internal, e.at, x.body), ';' "
                  "ORDER BY e.at, e.direction)"
                  " FROM entry e JOIN text x ON x.id = e.text_id JOIN ticket t ON t.id = e.ticket_id WHERE t.number = "
                  "'260302-0001'"),
              "message|in|customer|f|2019-05-02 14:00:00+00|No paper\nNothing came, again.\nThird time.;"
              "note|none|system|t|2019-05-02 14:00:00+00|office: North;"
              "message|out|system|f|2019-05-03 13:30:00+00|We brought one.");
}

TEST_F(ImportTest, OnePersonOfTheSourceIsOneCustomerAndNobodyIsNobodyElse)
{
    ASSERT_TRUE(import(order()));
    EXPECT_EQ(ticket("T-1", "customer"), ticket("T-6", "customer"));
    EXPECT_NE(ticket("T-1", "customer"), ticket("T-2", "customer"));
    EXPECT_EQ(count("customer"), 4); // R7, R8, R10, and the one of T-3 that has no name
    EXPECT_EQ(count("identity WHERE kind = 'account' AND state = 'claimed'"), 4);
    EXPECT_EQ(count("identity WHERE value = 'town/R7'"), 1);
}

TEST_F(ImportTest, ReportsBadRecordsAndRemarksWithTheirLines)
{
    ASSERT_TRUE(import(order()));
    EXPECT_THAT(report(), ElementsAre("11: bad: state: \"Lost\" is neither a finished nor an unfinished state",
                                      "12: bad: text after a closing quote", HasSubstr("13: bad: constraint-violated"),
                                      "14: remark: closed: set, though the record is not finished; passed over",
                                      "5: remark: closed: before opened; taken as equal",
                                      "6: bad: opened: \"yesterday\" is no time; due: \"13/45/2019\" is no time",
                                      "7: bad: 6 fields, where the header has 12"));
}

TEST_F(ImportTest, ASecondRunCountsRepeatsAndChangesNothing)
{
    ASSERT_TRUE(import(order()));
    const auto before = one("SELECT string_agg(t::text, ',' ORDER BY number) FROM ticket t");
    clock.advance(1h);
    const auto again = import(order());
    ASSERT_TRUE(again);
    EXPECT_EQ(again->taken, 0u);
    EXPECT_EQ(again->repeats, 6u);
    EXPECT_EQ(one("SELECT string_agg(t::text, ',' ORDER BY number) FROM ticket t"), before);
    EXPECT_EQ(one("SELECT concat_ws(' ', received, visible, parked, repeats) FROM account_ledger"), "12 5 0 7");
}

TEST_F(ImportTest, AnImportThatBrokeOffGoesOnWhereItWas)
{
    ASSERT_TRUE(import(order(file_of(20))));
    const auto rest = import(order(file_of(60)));
    ASSERT_TRUE(rest);
    EXPECT_EQ(rest->repeats, 20u);
    EXPECT_EQ(rest->taken, 40u);
    EXPECT_EQ(count("ticket"), 60);
}

TEST_F(ImportTest, TwoImportsOfOneFileAtOnceTakeEachRecordOnce)
{
    const auto both = [this](std::filesystem::path file) -> task<std::size_t> {
        using namespace asio::experimental::awaitable_operators;
        auto [a, b] =
            co_await (import_file(db, rules, clock, order(file), {}) && import_file(db, rules, clock, order(file), {}));
        co_return a.value().taken + b.value().taken;
    };
    EXPECT_EQ(run(both(file_of(90))), 90u);
    EXPECT_EQ(count("ticket"), 90);
    EXPECT_EQ(count("customer"), 17);
    EXPECT_EQ(one("SELECT concat_ws(' ', received, visible, repeats) FROM account_ledger"), "180 90 90");
}

TEST_F(ImportTest, TellsHowFarItIs)
{
    std::vector<import_progress> told;
    auto what = order(file_of(60));
    ASSERT_TRUE(
        run(import_file(db, rules, clock, std::move(what), [&](const import_progress& now) { told.push_back(now); })));
    ASSERT_GE(told.size(), 20u);
    for (std::size_t i = 1; i < told.size(); ++i) {
        EXPECT_GE(told[i].done, told[i - 1].done);
        EXPECT_GT(told[i].taken, told[i - 1].taken);
    }
    EXPECT_EQ(told.back().taken, 60u);
    EXPECT_GT(told.back().per_second, 0);
}

TEST_F(ImportTest, SaysAllThatKeepsTheFileOut)
{
    std::ofstream(folder / "other.csv") << "number,opened,state\n1,2019-05-05 10:00:00,Open\n";
    const auto columns = import(order(folder / "other.csv"));
    ASSERT_FALSE(columns);
    EXPECT_EQ(columns.error().code, errc::bad_request);
    EXPECT_THAT(columns.error().detail, HasSubstr("closed_at: the file has no column \"closed\"; "));
    EXPECT_THAT(columns.error().detail, HasSubstr("note: the file has no column \"office\""));

    auto categories = order();
    categories.mapping.category.codes["A"] = "no_such";
    categories.mapping.category.otherwise = "neither";
    EXPECT_EQ(import(std::move(categories)).error().detail, "category.codes.A: the pack has no category \"no_such\"; "
                                                            "category.otherwise: the pack has no category \"neither\"");
    EXPECT_EQ(import(order(folder / "none.csv")).error().code, errc::not_found);
    std::ofstream(folder / "empty.csv");
    EXPECT_EQ(import(order(folder / "empty.csv")).error().code, errc::bad_request);
    EXPECT_EQ(count("ticket"), 0);
}

TEST(ImportProgress, IsOneLine)
{
    EXPECT_EQ(progress_line({.records = 12043,
                             .taken = 11980,
                             .finished = 9,
                             .repeats = 60,
                             .bad = 3,
                             .remarks = 1,
                             .done = 0.5,
                             .per_second = 1870.4}),
              "[###############---------------]  50 %  12,043 records, 11,980 taken, 60 repeats, 3 bad  1,870/s");
    EXPECT_THAT(progress_line({}), HasSubstr("  0 %  0 records"));
}

TEST_F(ImportTest, TakesRecordsOfTheRealFiles)
{
    const auto* const given = std::getenv("HUIYIN_SHARED_DATA");
    const auto data = given ? std::filesystem::path(given) : source_root.parent_path() / "shared" / "data";
    const std::size_t most = std::getenv("HUIYIN_TEST_FULL") ? 100'000 : 150;
    for (const std::string name : {"complaints_en/nyc311", "complaints_en/boston311", "complaints_en/baltimore311",
                                   "complaints_zh/wenzheng_messages", "complaints_zh/wenzheng_replies"})
    {
        const auto file = data / (name + "_dev.csv");
        if (!std::filesystem::exists(file)) GTEST_SKIP() << "needs " << file << " (set HUIYIN_SHARED_DATA)";
        const auto mapping =
            source_root / "config/import" / (std::filesystem::path(name).filename().string() + ".json");
        // In pieces, since no single step of a test may take more than half a minute.
        for (std::size_t from = 0, count = 500; count == 500 && from < most; from += count) {
            count = copy_records(file, from, std::min<std::size_t>(500, most - from), folder / "piece.csv");
            if (count == 0) break;
            auto what = order(folder / "piece.csv", mapping);
            what.batch = 100;
            const auto done = import(std::move(what));
            ASSERT_TRUE(done) << name << ": " << done.error().detail;
            EXPECT_EQ(done->taken, count) << name;
            EXPECT_EQ(done->bad, 0u) << name;
        }
    }
}

} // namespace
} // namespace huiyin::upkeep
