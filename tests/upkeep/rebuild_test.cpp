#include "../domain/ticket_fixture.hpp"

#include <huiyin/ticket/commit.hpp>
#include <huiyin/ticket/replay.hpp>
#include <huiyin/upkeep/rebuild.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <pg_fixture.hpp>

namespace huiyin::upkeep {
namespace {

using namespace std::chrono_literals;
using domain::testing::numbered;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::Field;
using ::testing::IsEmpty;

class RebuildTest : public test::pg_fixture
{
public:
    RebuildTest() : db(on(), app_settings(), metrics)
    {
        std::string all;
        for (const auto id : {1, 2, 3, 4})
            all += fmt::format(
                       "INSERT INTO department (id, code, name, calendar, active, changed_at) VALUES ('{}', 'd{}', "
                       "'{{\"en\":\"d\"}}', 'cn', true, '2026-01-01Z')",
                       numbered<department_id>(static_cast<std::uint32_t>(id)).to_string(), id) +
                   ";";
        for (std::uint32_t id = 101; id <= 130; ++id)
            all += fmt::format(
                       "INSERT INTO user_account (id, login, display_name, active, language, time_zone, created_at, "
                       "changed_at) VALUES ('{}', 'u{}', 'u', true, 'en', 'UTC', '2026-01-01Z', '2026-01-01Z')",
                       numbered<user_id>(id).to_string(), id) +
                   ";";
        sql(all);
        sql(fmt::format("INSERT INTO customer (id, kind, name, created_at) VALUES ('{}', 'person', 'c', '2026-01-01Z')",
                        domain::testing::reader.to_string()));
        sql(fmt::format(
            "INSERT INTO interaction (id, customer_id, channel, account, direction, state, opened_at) VALUES "
            "('{}', '{}', 'phone', 'hotline', 'out', 'open', '2026-01-01Z')",
            called.to_string(), domain::testing::reader.to_string()));
    }
    ~RebuildTest() override { run(db.close()); }

    void save(domain::decision decided, std::optional<domain::ticket> before)
    {
        const auto work = [](pg::database& in, ticket::commitment made) -> task<result<void>> {
            auto tx = co_await in.begin();
            if (!tx) co_return fail(tx.error());
            pg::batch last;
            const std::vector<ticket::commitment> all{std::move(made)};
            ticket::commit(last, all);
            const auto done = co_await tx->commit(std::move(last));
            if (!done) co_return fail(done.error());
            co_return result<void>();
        };
        ticket::commitment made;
        made.decided = std::move(decided);
        made.before = std::move(before);
        const auto saved = run(work(db, std::move(made)));
        ASSERT_TRUE(saved) << slug(saved.error().code) << ": " << saved.error().detail;
    }

    /// Saved when it was registered and once more when everything had happened to it: it has a row in every table.
    domain::ticket keep_one_with_everything()
    {
        domain::testing::scene s;
        s.begins();
        const auto fresh = s.t;
        save(s.last, std::nullopt);
        domain::testing::scene later;
        later.reach(domain::ticket_status::callback_pending);
        auto t = later.t;
        const auto who = numbered<user_id>(104);
        const auto words = domain::text_ref{text_id::make(), sha256_digest{7}};
        const auto now = later.now;
        t.id = fresh.id;
        t.number = fresh.number;
        t.candidate_department = t.lead_department;
        t.responsible_person = who;
        t.occurred_at = t.last_urged_at = t.closed_at = t.archived_at = t.inherited_due = now;
        t.closed_at.reset();
        t.archived_at.reset();
        t.object = t.desired_solution = words;
        t.callback_agent = who;
        t.breached.set(1);
        t.final_word = domain::final_answer{who, now, words, "12315", words, domain::answers{}, who, now};
        t.promises.push_back({promise_id::make(), t.solutions.front().id, now, now, now, true, who, words, now, now});
        domain::callback_attempt tried;
        tried.id = callback_id::make();
        tried.at = now;
        tried.caller = numbered<user_id>(101);
        tried.outcome = domain::callback_outcome::reached;
        tried.said = domain::answers{domain::solved_answer::yes, 5, 4, 3};
        tried.wished_at = now;
        tried.reason = "none";
        t.callbacks.push_back(tried);
        t.extensions.push_back({who, now, now, "r", words, domain::request_state::granted, who, now, now});
        t.holds.push_back(
            {"appointment", who, now, called, now, words, domain::request_state::granted, who, now, now, "handler"});
        t.supervisions.push_back({"media", who.value(), now, words, who, now, words, who, now});
        t.rulings.push_back({who, now, "r", domain::fault_side::department, t.lead_department, now, 5min});
        t.contacts.push_back({called, domain::contact_kind::call, now, who.value(), true, true});
        if (t.spells.empty()) t.spells.push_back({domain::holder::department, t.lead_department, now});
        t.version = fresh.version + 1;
        domain::decision all;
        all.next = t;
        domain::event happened;
        happened.kind = "ticket.noted";
        happened.at = now;
        happened.to = t.status;
        all.events.push_back(happened);
        save(std::move(all), fresh);
        return t;
    }

    std::vector<rebuild_difference> check()
    {
        std::vector<rebuild_difference> told;
        rebuild_options options;
        options.tell = [&](const rebuild_difference& each) { told.push_back(each); };
        const auto report = run(check_rebuild(db, options));
        EXPECT_TRUE(report) << report.error().detail;
        if (report) {
            EXPECT_EQ(report->differences, static_cast<std::int64_t>(told.size()));
            last = *report;
        }
        return told;
    }

    std::vector<std::string> columns_of(std::string_view table)
    {
        std::vector<std::string> all;
        for (const auto row :
             sql(fmt::format("SELECT column_name::text FROM information_schema.columns WHERE table_name "
                             "= '{}' AND table_schema = 'huiyin' ORDER BY ordinal_position",
                             table)))
            all.push_back(row.get<std::string>(0));
        return all;
    }

    /// Another value of the column's type.
    std::string edit(std::string_view table, const std::string& column)
    {
        const auto type = sql(fmt::format("SELECT data_type || ':' || udt_name FROM information_schema.columns WHERE "
                                          "table_name = '{}' AND column_name = '{}' AND table_schema = 'huiyin'",
                                          table, column))
                              .front()
                              .get<std::string>(0);
        std::string value;
        if (type == "uuid:uuid")
            value = "gen_random_uuid()";
        else if (type == "text:text")
            value = fmt::format("coalesce({}, '') || 'x'", column);
        else if (type.starts_with("bigint") || type.starts_with("integer") || type.starts_with("smallint"))
            value = fmt::format("coalesce({}, 0) + 1000", column);
        else if (type.starts_with("boolean"))
            value = fmt::format("NOT coalesce({}, false)", column);
        else if (type.starts_with("timestamp"))
            value = fmt::format("coalesce({}, '2020-01-01Z') + interval '1 microsecond'", column);
        else if (type == "jsonb:jsonb")
            value = "'{\"text\":\"x\"}'";
        else if (type == "ARRAY:_text")
            value = fmt::format("array_append({}, 'x')", column);
        else if (type == "ARRAY:_uuid")
            value = fmt::format("array_append({}, gen_random_uuid())", column);
        else
            ADD_FAILURE() << "no way to edit " << table << "." << column << " of type " << type;
        return fmt::format("UPDATE {} SET {} = {} WHERE ctid = (SELECT min(ctid) FROM {})", table, column, value,
                           table);
    }

    /// Beyond keys and checks, as somebody with the disk would.
    void plant(const std::string& change) { superuser_sql("SET session_replication_role = replica; " + change); }
    void unlock()
    {
        for (const auto table : ticket::journalled_tables())
            for (const auto row :
                 sql(fmt::format("SELECT conname::text FROM pg_constraint WHERE conrelid = '{}'::regclass AND "
                                 "contype = 'c'",
                                 table)))
                sql(fmt::format("ALTER TABLE {} DROP CONSTRAINT {}", table, row.get<std::string>(0)));
    }

    const interaction_id called = numbered<interaction_id>(900);
    pg::database db;
    rebuild_report last;
};

TEST_F(RebuildTest, WhatIsSavedIsWhatTheJournalTells)
{
    keep_one_with_everything();
    EXPECT_THAT(check(), IsEmpty());
    EXPECT_TRUE(last.sound());
    EXPECT_EQ(last.tickets, 1);
    EXPECT_EQ(last.events, 2);
    for (const auto table : ticket::journalled_tables())
        EXPECT_GT(sql(fmt::format("SELECT count(*) FROM {}", table)).front().get<int>(0), 0) << table;
}

TEST_F(RebuildTest, AnEditInAnyColumnOfAnyTableIsFound)
{
    keep_one_with_everything();
    unlock();
    std::size_t planted = 0;
    for (const auto table : ticket::journalled_tables()) {
        sql(fmt::format("CREATE TABLE before_edit AS TABLE {}", table));
        for (const auto& column : columns_of(table)) {
            plant(edit(table, column));
            const auto found = check();
            ++planted;
            const bool is_key = column == "ticket_id" || column == "n" || (table == "ticket" && column == "id");
            const auto named = std::ranges::any_of(
                found, [&](const auto& each) { return each.table == table && (is_key || each.column == column); });
            EXPECT_TRUE(named) << table << "." << column << ": " << found.size() << " differences";
            plant(fmt::format("DELETE FROM {0}; INSERT INTO {0} SELECT * FROM before_edit", table));
        }
        sql("DROP TABLE before_edit");
    }
    EXPECT_GT(planted, 180u);
    EXPECT_THAT(check(), IsEmpty());
}

TEST_F(RebuildTest, ARowTooFewAndARowTooManyAreFound)
{
    const auto t = keep_one_with_everything();
    plant("DELETE FROM ticket_promise");
    EXPECT_THAT(check(), Contains(AllOf(Field(&rebuild_difference::table, "ticket_promise"),
                                        Field(&rebuild_difference::kept, "missing"))));
    plant(fmt::format(
        "INSERT INTO ticket_approval (ticket_id, n, solution, decided_by, at, approved, level) VALUES ('{}', 7, "
        "'{}', '{}', '2026-01-01Z', true, 0)",
        t.id.to_string(), uuid::make().to_string(), uuid::make().to_string()));
    EXPECT_THAT(check(),
                Contains(AllOf(Field(&rebuild_difference::table, "ticket_approval"), Field(&rebuild_difference::n, 7),
                               Field(&rebuild_difference::journal, "missing"))));
}

TEST_F(RebuildTest, ATicketWithoutAJournalAndAJournalWithoutATicketAreFound)
{
    const auto t = keep_one_with_everything();
    plant(fmt::format("UPDATE event SET subject = '{}' WHERE subject = '{}'", numbered<ticket_id>(99).to_string(),
                      t.id.to_string()));
    const auto found = check();
    EXPECT_THAT(found, Contains(AllOf(Field(&rebuild_difference::ticket, t.id), Field(&rebuild_difference::column, "*"),
                                      Field(&rebuild_difference::journal, "missing"))));
    EXPECT_THAT(found, Contains(AllOf(Field(&rebuild_difference::ticket, numbered<ticket_id>(99)),
                                      Field(&rebuild_difference::kept, "missing"))));
}

TEST_F(RebuildTest, AnEventThatIsNoneIsSaidAndStopsNothing)
{
    const auto t = keep_one_with_everything();
    plant("UPDATE event SET data = jsonb_set(data, '{rows,ticket_spell}', '[{\"n\": 4000000000}]') WHERE kind = "
          "'ticket.noted'");
    const auto found = check();
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found[0].ticket, t.id);
    EXPECT_THAT(found[0].journal, ::testing::HasSubstr("before the one ahead"));
}

TEST_F(RebuildTest, AnEmptyHouseIsSound)
{
    EXPECT_THAT(check(), IsEmpty());
    EXPECT_EQ(last.tickets, 0);
}

} // namespace
} // namespace huiyin::upkeep
