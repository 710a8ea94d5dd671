#include "journal_fixture.hpp"
#include "seal_store.hpp"

#include <huiyin/journal/erase.hpp>
#include <huiyin/journal/verify.hpp>

#include <fstream>
#include <sys/stat.h>
#include <unistd.h>

namespace huiyin::journal {

/// For the messages of failed expectations.
static void PrintTo(const fault& what, std::ostream* out)
{
    *out << to_string(what.kind) << " at " << what.pos << ": " << what.detail;
}

namespace {

using namespace std::chrono_literals;
using ::testing::Contains;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::IsEmpty;

auto of_kind(fault_kind kind)
{
    return Field(&fault::kind, kind);
}

class SealKey : public ::testing::Test
{
protected:
    SealKey()
    {
        std::string folder = (std::filesystem::temp_directory_path() / "huiyin_key_XXXXXX").string();
        folder_ = ::mkdtemp(folder.data());
    }
    ~SealKey() override { std::filesystem::remove_all(folder_); }
    std::filesystem::path file() const { return folder_ / "seal.key"; }
    void write(std::string_view content, mode_t mode)
    {
        std::ofstream(file()) << content;
        ::chmod(file().c_str(), mode);
    }

private:
    std::filesystem::path folder_;
};

TEST_F(SealKey, IsMadeOnceReadableForItsOwnerOnly)
{
    const auto made = load_seal_key(file(), missing_key::create);
    ASSERT_TRUE(made) << made.error().detail;
    struct stat status{};
    ASSERT_EQ(::stat(file().c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777, 0600u);
    EXPECT_EQ(status.st_size, 32);
    EXPECT_EQ(load_seal_key(file(), missing_key::create), *made);
    EXPECT_EQ(load_seal_key(file(), missing_key::refuse), *made);
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(file().parent_path()), {}), 1);
}

TEST_F(SealKey, ThatIsMissingIsRefusedUnlessItMayBeMade)
{
    const auto missing = load_seal_key(file(), missing_key::refuse);
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().code, errc::not_configured);
    EXPECT_FALSE(std::filesystem::exists(file()));
}

TEST_F(SealKey, ThatOthersMayReadIsRefused)
{
    write(std::string(32, 'k'), 0640);
    const auto open = load_seal_key(file(), missing_key::create);
    ASSERT_FALSE(open);
    EXPECT_EQ(open.error().code, errc::not_configured);
}

TEST_F(SealKey, OfAnotherLengthIsCorrupt)
{
    for (const std::size_t length : {0u, 31u, 33u, 64u}) {
        write(std::string(length, 'k'), 0600);
        const auto wrong = load_seal_key(file(), missing_key::create);
        ASSERT_FALSE(wrong) << length;
        EXPECT_EQ(wrong.error().code, errc::corrupt);
    }
}

class Sealer : public journal_test
{};

TEST_F(Sealer, SealsWhatTheSequencerHasFed)
{
    sql("DELETE FROM duty_lease");
    start_sequencer(group(), on(), app_settings(), metrics);
    start_sealer(group(), app_settings(), key, metrics);
    const auto sealed_to = [&]() { return column("SELECT COALESCE(max(last_pos), 0) FROM seal").front(); };
    commit(events(3));
    until([&]() { return sealed_to() == "3"; });
    commit(events(1500));
    until([&]() { return sealed_to() == "1503"; });
    stop_all();
    const auto report = examine();
    EXPECT_THAT(report.first_faults, IsEmpty());
    EXPECT_EQ(report.events, 1503);
    EXPECT_EQ(report.unsealed, 0);
    EXPECT_EQ(report.head->last_pos, 1503);
}

TEST_F(Sealer, WithAKeyThatDidNotMakeTheLastSealSealsNothing)
{
    commit(events(3));
    sequence_and_seal();
    commit(events(3));
    sequence();
    sql("DELETE FROM duty_lease");
    auto other = key;
    other[31] ^= 1;
    start_sealer(group(), app_settings(), other, metrics);
    until([&]() { return metric("huiyin_duty_held", {{"duty", "journal.sealer"}}) == 1; });
    until_time_has_passed(1500ms);
    EXPECT_THAT(column("SELECT number FROM seal"), ElementsAre("1"));
    stop_all();
}

TEST_F(Sealer, TwoAtOnceMakeOneChain)
{
    commit(events(2500));
    sequence();
    int sealing = 2;
    const auto seal_all = [](runner on, seal_key with) -> task<int> {
        for (;;) {
            auto done = co_await seal_next(on, with, 1);
            if (!done && done.error().code != errc::constraint_violated) throw std::runtime_error(done.error().detail);
            if (done && !done->made) co_return 0;
        }
    };
    for (int i = 0; i < 2; ++i)
        start(seal_all(pool(), key), [&](int) { --sealing; });
    until([&]() { return sealing == 0; });
    EXPECT_THAT(column("SELECT concat_ws(' ', number, first_pos, last_pos) FROM seal ORDER BY number"),
                ElementsAre("1 1 1000", "2 1001 2000", "3 2001 2500"));
    EXPECT_THAT(examine().first_faults, IsEmpty());
}

TEST_F(Sealer, WhoseDutyHasChangedHandsSealsNothing)
{
    commit(events(3));
    sequence();
    sql("UPDATE duty_lease SET fence = 2");
    const auto late = run(seal_next(pool(), key, 1));
    ASSERT_FALSE(late);
    EXPECT_EQ(late.error().code, errc::wrong_state);
    expect_none("seal");
}

/// A small journal with everything in it: sealed events with words, an erased person, several seals.
class Verify : public journal_test
{
protected:
    std::string reference(const words& of)
    {
        return R"({"text":")" + of.id.to_string() + R"(","sha256":")" + to_hex(of.digest()) + R"("})";
    }
    event an_entry(const words& of)
    {
        auto added = an_event("entry.added");
        added.data =
            R"({"entry":[{"id":7,"body":)" + reference(of) + R"(}],"note":{"deep":[[)" + reference(of) + "]]}}";
        return added;
    }
    void keep(const std::vector<words>& texts, customer_id customer, const std::vector<event>& with)
    {
        pg::batch batch;
        store(batch, texts, customer);
        append(batch, with);
        commit(batch);
    }
    void given_a_journal()
    {
        auto whole = an_event("ticket.dispatched");
        whole.actor_kind = domain::actor_kind::user;
        whole.actor = uuid::make();
        whole.audience = {.departments = {department_id::make()}, .assignee = user_id::make(), .confidential = false};
        whole.data = R"({"ticket":{"number":"260224-0318"}})";
        commit(events(2));
        commit({whole});
        sequence_and_seal();
        keep({kept}, anna, {an_entry(kept)});
        sequence_and_seal();
        keep({gone}, bo, {an_entry(gone)});
        sequence_and_seal();
        EXPECT_EQ(erase({.customer = bo,
                         .customer_version = 2,
                         .by_kind = domain::actor_kind::user,
                         .by = officer,
                         .at = noon}),
                  1);
        sequence_and_seal();
    }
    /// As the owner who takes the triggers off.
    void tamper(const std::string& with)
    {
        sql("ALTER TABLE event DISABLE TRIGGER USER; ALTER TABLE event_pos DISABLE TRIGGER USER; "
            "ALTER TABLE seal DISABLE TRIGGER USER; " +
            with);
    }

    const customer_id anna = customer_id::make();
    const customer_id bo = customer_id::make();
    const uuid officer = uuid::make();
    const words kept{.body = "送报员总是迟到"};
    const words gone{.body = "my name is Bo"};
};

TEST_F(Verify, OfAnEmptyJournalIsSound)
{
    const auto report = examine();
    EXPECT_TRUE(report.sound());
    EXPECT_EQ(report.events, 0);
    EXPECT_FALSE(report.head);
}

TEST_F(Verify, FindsNothingWrongInAJournalNobodyTouchedAndNamesWhatWasErased)
{
    given_a_journal();
    const auto report = examine();
    EXPECT_THAT(report.first_faults, IsEmpty());
    EXPECT_EQ(report.events, 6);
    EXPECT_EQ(report.seals, 4);
    EXPECT_EQ(report.words, 4);
    EXPECT_EQ(report.erased, 2);
    EXPECT_EQ(report.unsealed, 0);
    EXPECT_EQ(report.unpositioned, 0);
    ASSERT_EQ(report.first_erased.size(), 2u);
    EXPECT_EQ(report.first_erased[0].text, gone.id);
    EXPECT_EQ(report.first_erased[0].by, officer);
    EXPECT_EQ(report.first_erased[0].at, noon);
}

/// An SQL expression for another value of the column, one step away.
std::string edited(const std::string& column, const std::string& type)
{
    if (column == "first_pos") return column + " - 1"; // a constraint keeps it at or below last_pos
    if (type == "bigint") return column + " + 1000";
    if (type == "xid8") return "(" + column + "::text::bigint - 1)::text::xid8";
    if (type == "uuid")
        return "overlay(" + column + "::text placing CASE WHEN " + column +
               "::text LIKE '%f' THEN '0' ELSE 'f' END from 36)::uuid";
    if (type == "timestamp with time zone") return column + " + interval '1 microsecond'";
    if (type == "text" && column == "actor_kind") return "CASE actor_kind WHEN 'system' THEN 'token' ELSE 'system' END";
    if (type == "text") return "overlay(" + column + " placing 'X' from length(" + column + "))";
    if (type == "ARRAY") return column + " || gen_random_uuid()";
    if (type == "boolean") return "NOT " + column;
    if (type == "jsonb") return "jsonb_set(" + column + ", '{ticket,number}', '\"260224-0319\"')";
    if (type == "bytea") return "set_byte(" + column + ", 15, (get_byte(" + column + ", 15) + 1) % 256)";
    throw std::logic_error("no edit for a column of type " + type);
}

TEST_F(Verify, FindsAnEditInEveryColumnOfTheThreeTables)
{
    given_a_journal();
    tamper("CREATE TABLE saved_event AS TABLE event; CREATE TABLE saved_event_pos AS TABLE event_pos; "
           "CREATE TABLE saved_seal AS TABLE seal");
    // An identity column takes no value in UPDATE; who can drop its triggers can drop that too.
    tamper("ALTER TABLE event ALTER COLUMN seq DROP IDENTITY");
    int columns = 0;
    for (const auto& [table, key_column, row] :
         {std::tuple("event", "seq", "3"), std::tuple("event_pos", "pos", "3"), std::tuple("seal", "number", "2")})
    {
        const std::string name = table;
        const auto names =
            column("SELECT column_name FROM information_schema.columns WHERE table_schema = current_schema "
                   "AND table_name = '" +
                   name + "' ORDER BY ordinal_position");
        const auto types =
            column("SELECT data_type FROM information_schema.columns WHERE table_schema = current_schema "
                   "AND table_name = '" +
                   name + "' ORDER BY ordinal_position");
        for (std::size_t i = 0; i < names.size(); ++i) {
            tamper("UPDATE " + name + " SET " + names[i] + " = " + edited(names[i], types[i]) + " WHERE " + key_column +
                   " = " + row);
            EXPECT_GT(examine().faults, 0) << name << "." << names[i];
            tamper("DELETE FROM " + name + "; INSERT INTO " + name + " SELECT * FROM saved_" + name);
            ASSERT_THAT(examine().first_faults, IsEmpty()) << "after " << names[i] << " was put back";
            ++columns;
        }
    }
    EXPECT_EQ(columns, 14 + 2 + 4);

    tamper("UPDATE event SET assignee = NULL WHERE seq = 3");
    EXPECT_THAT(examine().first_faults, ElementsAre(of_kind(fault_kind::seal_broken)));
}

TEST_F(Verify, TellsWhereAnEditIs)
{
    given_a_journal();
    tamper("UPDATE event SET recorded_at = 'infinity' WHERE seq = 4");
    const auto report = examine();
    ASSERT_THAT(report.first_faults, ElementsAre(of_kind(fault_kind::seal_broken)));
    EXPECT_EQ(report.first_faults[0].pos, 4);
    EXPECT_EQ(report.first_faults[0].detail, "seal 2");
}

TEST_F(Verify, FindsEditedAndMissingAndRestoredWords)
{
    given_a_journal();
    const auto of = [](const words& text) { return " WHERE id = '" + text.id.to_string() + "'"; };
    sql("CREATE TABLE saved_text AS TABLE text");
    const auto put_back = [&]() { sql("DELETE FROM text; INSERT INTO text SELECT * FROM saved_text"); };
    const auto by_column = [&](const std::string& change, fault_kind expected) {
        sql("UPDATE text SET " + change);
        EXPECT_THAT(examine().first_faults, Contains(of_kind(expected))) << change;
        put_back();
        ASSERT_THAT(examine().first_faults, IsEmpty());
    };
    by_column("id = gen_random_uuid()" + of(kept), fault_kind::words_missing);
    by_column("id = gen_random_uuid()" + of(gone), fault_kind::words_missing);
    by_column("body = " + edited("body", "text") + of(kept), fault_kind::words_edited);
    by_column("salt = " + edited("salt", "bytea") + of(kept), fault_kind::words_edited);
    by_column("erased_at = " + edited("erased_at", "timestamp with time zone") + of(gone), fault_kind::erasure_untold);
    by_column("erased_by = " + edited("erased_by", "uuid") + of(gone), fault_kind::erasure_untold);
    by_column("salt = NULL, body = NULL, erased_at = '2026-01-01', erased_by = '" + officer.to_string() + "'" +
                  of(kept),
              fault_kind::erasure_untold);
    by_column("salt = '\\x00112233445566778899aabbccddeeff', body = 'back', erased_at = NULL, erased_by = NULL" +
                  of(gone),
              fault_kind::erasure_undone);
    sql("DELETE FROM text" + of(kept));
    EXPECT_THAT(examine().first_faults, Each(of_kind(fault_kind::words_missing)));
}

TEST_F(Verify, FindsAReferenceThatIsNone)
{
    auto broken = an_event("entry.added");
    broken.data = R"({"body":{"text":"words themselves","sha256":"abc"}})";
    commit({broken});
    sequence_and_seal();
    EXPECT_THAT(examine().first_faults, ElementsAre(of_kind(fault_kind::reference_broken)));
}

TEST_F(Verify, FindsDeletedRows)
{
    given_a_journal();
    tamper("CREATE TABLE saved_event AS TABLE event; CREATE TABLE saved_event_pos AS TABLE event_pos; "
           "CREATE TABLE saved_seal AS TABLE seal");
    const auto finds = [&](const std::string& table, const std::string& where, fault_kind expected) {
        tamper("DELETE FROM " + table + " WHERE " + where);
        EXPECT_THAT(examine().first_faults, Contains(of_kind(expected))) << table << " " << where;
        tamper("DELETE FROM " + table + "; INSERT INTO " + table +
               (table == "event" ? " OVERRIDING SYSTEM VALUE" : "") + " SELECT * FROM saved_" + table);
        ASSERT_THAT(examine().first_faults, IsEmpty());
    };
    finds("event", "seq = 3", fault_kind::event_missing);
    finds("event", "seq = 6", fault_kind::event_missing);
    finds("event", "true", fault_kind::event_missing);
    finds("event_pos", "pos = 1", fault_kind::position_missing);
    finds("event_pos", "pos = 3", fault_kind::position_missing);
    finds("event_pos", "pos = 6", fault_kind::not_positioned);
    finds("event_pos", "true", fault_kind::not_positioned);
    finds("seal", "number = 1", fault_kind::seal_missing);
    finds("seal", "number = 2", fault_kind::seal_missing);
    finds("seal", "number = 4", fault_kind::not_sealed);
    finds("seal", "true", fault_kind::not_sealed);
}

TEST_F(Verify, FindsAnEventPutInWithoutAPosition)
{
    given_a_journal();
    tamper("INSERT INTO event (xid, id, at, kind, subject, subject_version, actor_kind, actor, departments, "
           "confidential, data) "
           "SELECT '3', gen_random_uuid(), at, kind, subject, 9, actor_kind, actor, departments, confidential, data "
           "FROM event WHERE seq = 3");
    const auto report = examine();
    EXPECT_THAT(report.first_faults, ElementsAre(of_kind(fault_kind::not_positioned)));
    EXPECT_EQ(report.unpositioned, 1);
}

TEST_F(Verify, FindsATransactionOfAnotherCluster)
{
    given_a_journal();
    tamper("UPDATE event SET xid = '99999999999' WHERE seq = 6");
    EXPECT_THAT(examine().first_faults, Contains(of_kind(fault_kind::foreign_xid)));
}

TEST_F(Verify, WithAnotherKeyFindsEverySealBroken)
{
    given_a_journal();
    key[0] ^= 1;
    const auto report = examine();
    EXPECT_EQ(report.faults, 4);
    EXPECT_THAT(report.first_faults, Each(of_kind(fault_kind::seal_broken)));
}

TEST_F(Verify, GivenAHeadOfTheLogFindsAJournalThatWasCutShortAndResealed)
{
    given_a_journal();
    const auto head = examine().head.value().mac;
    verify_options with_head{.lag = 0ms, .known_head = head, .progress = {}};
    EXPECT_THAT(examine(with_head).first_faults, IsEmpty());

    tamper(
        "DELETE FROM seal WHERE number >= 3; DELETE FROM event_pos WHERE pos >= 5; DELETE FROM event WHERE seq >= 5");
    commit(events(2));
    sequence_and_seal();
    EXPECT_THAT(examine().first_faults, IsEmpty()) << "nobody without the log can know";
    EXPECT_THAT(examine(with_head).first_faults, ElementsAre(of_kind(fault_kind::seal_missing)));
}

TEST_F(Verify, CallsWhatIsYetToBePositionedOrSealedAFaultOnlyAfterTheLag)
{
    commit(events(2));
    sequence();
    commit(events(3));
    const auto patient = examine({.lag = 1h, .known_head = {}, .progress = {}});
    EXPECT_THAT(patient.first_faults, IsEmpty());
    EXPECT_EQ(patient.unsealed, 2);
    EXPECT_EQ(patient.unpositioned, 3);
    const auto strict = examine({.lag = 1ms, .known_head = {}, .progress = {}});
    EXPECT_EQ(strict.faults, 3 + 1);
    EXPECT_THAT(strict.first_faults, Contains(of_kind(fault_kind::not_sealed)));
    EXPECT_THAT(strict.first_faults, Contains(of_kind(fault_kind::not_positioned)));
}

TEST_F(Verify, TellsAtMostAHundredFaultsAndCountsThemAll)
{
    commit(events(300));
    sequence_and_seal();
    tamper("DELETE FROM event WHERE seq % 2 = 0");
    const auto report = examine();
    EXPECT_EQ(report.faults, 150 + 1);
    EXPECT_EQ(report.first_faults.size(), 100u);
}

TEST_F(Verify, Reads20000EventsAndSaysHowFarItIs)
{
    const auto customer = customer_id::make();
    for (int i = 0; i < 40; ++i) {
        std::vector<words> texts;
        std::vector<event> given;
        for (int n = 0; n < 250; ++n) {
            texts.push_back(words{.body = "some words that a customer has written"});
            given.push_back(an_entry(texts.back()));
            given.push_back(an_event("ticket.dispatched"));
        }
        keep(texts, customer, given);
    }
    sequence_and_seal();
    std::int64_t last_done = 0;
    int told = 0;
    verify_options options{.lag = 0ms, .known_head = {}, .progress = {}};
    options.progress = [&](std::int64_t done, std::int64_t of) {
        EXPECT_GE(done, last_done);
        EXPECT_EQ(of, 20'000);
        last_done = done;
        ++told;
    };
    const auto report = examine(options);
    EXPECT_THAT(report.first_faults, IsEmpty());
    EXPECT_EQ(report.events, 20'000);
    EXPECT_EQ(report.words, 20'000);
    EXPECT_EQ(last_done, 20'000);
    EXPECT_GE(told, 20);

    tamper("UPDATE text SET body = body || '.' WHERE id = (SELECT id FROM text ORDER BY id OFFSET 7000 LIMIT 1); "
           "UPDATE event SET data = data || '{\"x\":1}' WHERE seq = 14000");
    const auto after = examine();
    EXPECT_THAT(after.first_faults, Contains(of_kind(fault_kind::words_edited)).Times(2));
    EXPECT_THAT(after.first_faults, Contains(of_kind(fault_kind::seal_broken)).Times(1));
    EXPECT_EQ(after.faults, 3);
}

TEST_F(Verify, IsSoundWhileTheDaemonGoesOnWriting)
{
    sql("DELETE FROM duty_lease");
    start_sequencer(group(), on(), app_settings(), metrics);
    start_sealer(group(), app_settings(), key, metrics);
    bool writing = true;
    const auto write = [](pg::database& to, const bool* on) -> task<int> {
        int written = 0;
        for (; *on; ++written) {
            pg::batch batch;
            append(batch, events(20));
            auto tx = co_await to.begin();
            if (!tx || !co_await tx->commit(std::move(batch))) throw std::runtime_error("not written");
        }
        co_return written;
    };
    int written = 0;
    start(write(db(), &writing), [&](int n) { written = n; });
    until([&]() { return std::stoi(column("SELECT count(*) FROM seal").front()) >= 1; });
    for (int i = 0; i < 3; ++i) {
        const auto report = examine({.lag = test::patience, .known_head = {}, .progress = {}});
        EXPECT_THAT(report.first_faults, IsEmpty());
        EXPECT_GT(report.events, 0);
    }
    writing = false;
    until([&]() { return written > 0; });
    stop_all();
}

} // namespace
} // namespace huiyin::journal
