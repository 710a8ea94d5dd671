#include "pg_test.hpp"

#include <huiyin/pg/migrator.hpp>

#include <thread>

namespace huiyin::pg {
namespace {

using namespace std::chrono_literals;

const std::vector<migration> three{
    {1, "0001_journal.sql", R"sql(
        CREATE TABLE event (seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, kind text NOT NULL);
        CREATE TABLE event_pos (pos bigint PRIMARY KEY);
        CREATE TABLE seal (pos bigint PRIMARY KEY);)sql"},
    {2, "0002_record.sql", R"sql(
        -- Two statements, and a semicolon in a text.
        CREATE TABLE customer (name text DEFAULT 'a;b');
        CREATE SEQUENCE number_serial;)sql"},
    {3, "0003_more.sql", "ALTER TABLE customer ADD COLUMN age int"},
};

const std::vector<migration> first_two(three.begin(), three.begin() + 2);

class MigratorTest : public test::pg_fixture
{
public:
    MigratorTest() : pg_fixture(content::empty) {}
    result<migration_report> migrate_to(std::vector<migration> all)
    {
        return run(migrate(owner_settings(), "huiyin_app", all));
    }
    bool app_may(const std::string& what, const std::string& table)
    {
        return sql("SELECT has_table_privilege('huiyin_app', 'huiyin." + table + "', '" + what + "')")
            .front()
            .get<bool>(0);
    }
};

TEST_F(MigratorTest, AppliesWhatIsMissingInOrderAndOnce)
{
    const auto first = must(migrate_to(first_two));
    EXPECT_EQ(first.applied, (std::vector<std::string>{"0001_journal.sql", "0002_record.sql"}));
    EXPECT_EQ(first.current, 2);
    const auto pending = must(run(pending_migrations(app_settings(), three)));
    EXPECT_EQ(pending.applied, (std::vector<std::string>{"0003_more.sql"}));
    EXPECT_EQ(pending.current, 2);
    EXPECT_EQ(must(migrate_to(three)).applied, (std::vector<std::string>{"0003_more.sql"}));
    const auto last = must(migrate_to(three));
    EXPECT_TRUE(last.applied.empty());
    EXPECT_EQ(last.current, 3);
    EXPECT_EQ(sql("SELECT count(*) FROM migration WHERE applied_at IS NOT NULL").front().get<int>(0), 3);
}

TEST_F(MigratorTest, BeforeTheFirstRunEverythingIsPendingAndNothingIsCreated)
{
    EXPECT_EQ(must(run(pending_migrations(owner_settings(), three))).applied.size(), 3u);
    EXPECT_TRUE(sql("SELECT 1 FROM pg_namespace WHERE nspname = 'huiyin'").empty());
}

TEST_F(MigratorTest, AMigrationThatFailsLeavesNothingBehindAndTheOnesBeforeItStay)
{
    auto broken = three;
    broken[2].sql = "CREATE TABLE half (x int); SELEKT 1";
    const auto told = failure(migrate_to(broken));
    EXPECT_EQ(told.code, errc::internal);
    EXPECT_TRUE(told.detail.starts_with("0003_more.sql: 42601")) << told.detail;
    EXPECT_TRUE(sql("SELECT 1 FROM pg_class WHERE relname = 'half'").empty());
    EXPECT_EQ(must(migrate_to(three)).applied, (std::vector<std::string>{"0003_more.sql"}));
}

TEST_F(MigratorTest, AMigrationMustNotEndItsOwnTransaction)
{
    auto sly = three;
    sly[2].sql = "CREATE TABLE half (x int); COMMIT";
    EXPECT_EQ(failure(migrate_to(sly)).code, errc::internal);
    EXPECT_EQ(must(run(pending_migrations(owner_settings(), three))).current, 2);
}

TEST_F(MigratorTest, AnEditedMigrationIsFound)
{
    must(migrate_to(three));
    auto edited = three;
    edited[1].sql = "CREATE TABLE customer (name text)";
    EXPECT_EQ(failure(migrate_to(edited)).code, errc::corrupt);
    EXPECT_EQ(failure(run(pending_migrations(owner_settings(), edited))).code, errc::corrupt);
    auto renamed = three;
    renamed[1].name = "0002_other.sql";
    EXPECT_EQ(failure(migrate_to(renamed)).code, errc::corrupt);
    const std::vector<migration> gap{three[0], three[2]};
    EXPECT_EQ(failure(migrate_to(gap)).code, errc::corrupt);
}

TEST_F(MigratorTest, ASchemaOfANewerProgramIsLeftAlone)
{
    must(migrate_to(three));
    EXPECT_EQ(failure(migrate_to(first_two)).code, errc::already_exists);
    EXPECT_EQ(failure(migrate_to({})).code, errc::already_exists);
}

TEST_F(MigratorTest, OfTwoNodesThatStartAtOnceOneMigratesAndBothAreContent)
{
    std::vector<migration> slow = three;
    slow[0].sql = "CREATE TABLE event (seq int); SELECT pg_sleep(0.2)";
    std::size_t applied[2] = {0, 0};
    const auto node = [this, &slow](std::size_t& count) {
        asio::io_context own(1);
        std::optional<result<migration_report>> report;
        asio::co_spawn(own, migrate(owner_settings(), "huiyin_app", slow),
                       [&](std::exception_ptr thrown, result<migration_report> got) {
                           EXPECT_FALSE(thrown);
                           report = std::move(got);
                           own.stop();
                       });
        own.run_for(test::patience);
        ASSERT_TRUE(report && *report) << (report ? report->error().detail : "hung");
        count = (*report)->applied.size();
        EXPECT_EQ((*report)->current, 3);
    };
    {
        std::jthread one([&]() { node(applied[0]); });
        std::jthread two([&]() { node(applied[1]); });
    }
    EXPECT_EQ(applied[0] + applied[1], 3u);
    EXPECT_TRUE(applied[0] == 0 || applied[1] == 0);
}

TEST_F(MigratorTest, TheAppMayDoWhatItNeedsAndOnlyAppendToTheJournal)
{
    must(migrate_to(three));
    for (const auto* table : {"event", "event_pos", "seal"}) {
        EXPECT_TRUE(app_may("SELECT", table));
        EXPECT_TRUE(app_may("INSERT", table));
        EXPECT_FALSE(app_may("UPDATE", table));
        EXPECT_FALSE(app_may("DELETE", table));
        EXPECT_FALSE(app_may("TRUNCATE", table));
    }
    for (const auto* right : {"SELECT", "INSERT", "UPDATE", "DELETE"})
        EXPECT_TRUE(app_may(right, "customer"));
    EXPECT_TRUE(app_may("SELECT", "migration"));
    EXPECT_FALSE(app_may("INSERT", "migration"));
    EXPECT_TRUE(
        sql("SELECT has_sequence_privilege('huiyin_app', 'huiyin.number_serial', 'USAGE')").front().get<bool>(0));
    EXPECT_FALSE(sql("SELECT has_schema_privilege('huiyin_app', 'huiyin', 'CREATE')").front().get<bool>(0));

    constexpr static statement append{"test.append", "INSERT INTO event (kind) VALUES ('x') RETURNING seq"};
    constexpr static statement edit{"test.edit", "UPDATE event SET kind = 'y'"};
    database app(on(), app_settings(), metrics);
    EXPECT_TRUE(run(app.run(append)));
    EXPECT_EQ(failure(run(app.run(edit))).code, errc::internal);
}

TEST_F(MigratorTest, OneRoleForBothKeepsWhatItOwns)
{
    must(run(migrate(owner_settings(), "huiyin_owner", first_two)));
    EXPECT_EQ(must(run(migrate(owner_settings(), "huiyin_owner", three))).current, 3);
    EXPECT_TRUE(run(migrate(owner_settings(), "nobody_of_that_name", three)));
}

TEST_F(MigratorTest, TheShippedMigrationsApply)
{
    ASSERT_FALSE(shipped_migrations().empty());
    const auto report = must(migrate_to(shipped_migrations()));
    EXPECT_EQ(report.applied.size(), shipped_migrations().size());
    EXPECT_EQ(shipped_migrations().front().name, "0001_journal.sql");
}

TEST_F(MigratorTest, DurabilityIsReadAsTheServerHasIt)
{
    const auto found = must(run(read_durability(app_settings())));
    const auto told = sql("SELECT current_setting('fsync')::bool, current_setting('synchronous_commit')");
    EXPECT_EQ(found.fsync, told.front().get<bool>(0));
    EXPECT_EQ(found.synchronous_commit, told.front().get<std::string>(1));
    EXPECT_FALSE((durability{true, true, "off"}.safe()));
    EXPECT_FALSE((durability{false, true, "on"}.safe()));
    EXPECT_FALSE((durability{true, false, "on"}.safe()));
    EXPECT_TRUE((durability{true, true, "local"}.safe()));
}

} // namespace
} // namespace huiyin::pg
