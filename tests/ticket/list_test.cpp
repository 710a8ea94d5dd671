// The plans of lists and counts, and the counter's way along the journal.
#include "list_store.hpp"

#include <huiyin/ticket/counter.hpp>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <pg_fixture.hpp>

namespace huiyin::ticket {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class ListTest : public test::pg_fixture
{
public:
    ListTest() : db(on(), settings(), metrics) {}
    ~ListTest() override { run(db.close()); }

    pg::database_settings settings()
    {
        auto as = app_settings();
        as.connections = 3;
        return as;
    }

    /// `count` tickets, of which every `open`th is open; the earliest due first.
    void fill(int count, int open = 10)
    {
        sql(R"(CREATE TABLE one AS SELECT (jsonb_populate_record(NULL::ticket, '{"version":1,"status":"new","type":"complaint",
"priority":"P3","category":"missed_copy","channel":"web","vip":false,"repeat":false,"customer_waiting":false,"imported":false,
"policy_version":1,"validity":"unjudged","root_cause":"","no_responsible_reason":"none","callback_round":0,"urge_count":0,
"supervised":false,"escalation_level":0,"card":"none","extension_pending":false,"extension_count":0,"return_count":0,
"no_return":false,"ownership_settled":false,"department_changes":0,"reply_reject_count":0,"rework_cycle":0,"reopen_count":0,
"dispute_count":0,"promise_breached":false,"breached":[],"hold_reason":"none","fcr":false,"closure":"none","closure_reason":"",
"satisfaction":"unknown","solved":"unasked","next_callback_channel":"phone","survey_round":0,"has_rows":0,"marks":0,
"id":"00000000-0000-4000-8000-000000000001","number":"0","sensitive":"ordinary","departments":[],
"created_at":"2026-01-01T00:00:00Z","changed_at":"2026-01-01T00:00:00Z","reported_at":"2026-01-01T00:00:00Z",
"next_step_at":"2026-01-01T00:00:00Z"}')).*)");
        sql(fmt::format(R"(
            INSERT INTO ticket SELECT (jsonb_populate_record(one, jsonb_build_object(
                'id', gen_random_uuid(), 'number', n,
                'status', CASE WHEN n % {1} = 0 THEN (ARRAY['new', 'triage'])[1 + n / {1} % 2] ELSE 'closed' END,
                'closure', CASE WHEN n % {1} = 0 THEN 'none' ELSE 'confirmed' END,
                'closed_at', CASE WHEN n % {1} <> 0 THEN '2026-02-01T00:00:00Z' END,
                'created_at', '2026-01-01T00:00:00Z'::timestamptz + n * interval '1 second',
                'changed_at', '2026-01-02T00:00:00Z'::timestamptz + n * interval '1 second',
                'nearest_due_at', '2026-03-01T00:00:00Z'::timestamptz + n * interval '1 second',
                'marks', CASE WHEN n % 50 = 0 THEN 4 ELSE 0 END))).*
              FROM one, generate_series(1, {0}) AS n;
            DROP TABLE one; ANALYZE ticket)",
                        count, open));
    }
    /// Whoever reads the whole table has no other way.
    std::string plan_of(const pg::statement& what, const std::string& values)
    {
        const auto found =
            sql(fmt::format("SET enable_seqscan = off; SET plan_cache_mode = force_custom_plan; PREPARE q AS {}; "
                            "EXPLAIN EXECUTE q({})",
                            what.sql, values));
        std::string plan;
        for (const auto row : found)
            plan += row.get<std::string>(0) + "\n";
        return plan;
    }
    std::int64_t counted(const std::string& condition = "true")
    {
        return sql("SELECT COALESCE(sum(tickets), 0)::bigint FROM view_count WHERE " + condition)
            .front()
            .get<std::int64_t>(0);
    }
    /// As the sequencer leaves it.
    void tell(const std::string& ticket, int pos)
    {
        sql(fmt::format(
            "WITH e AS (INSERT INTO event (id, at, kind, subject, subject_version, actor_kind, actor, departments, "
            "confidential, data) VALUES (gen_random_uuid(), '2026-01-01Z', 'ticket.changed', '{}', 1, 'system', "
            "'00000000-0000-0000-0000-000000000000', '{{}}', false, '{{}}') RETURNING seq) INSERT INTO event_pos "
            "(pos, seq) SELECT {}, seq FROM e",
            ticket, pos));
    }

    pg::database db;
};

TEST_F(ListTest, NoListReadsTheWholeTable)
{
    fill(2'000);
    const std::string user = "'00000000-0000-4000-8000-0000000000aa'",
                      department = "'{00000000-0000-4000-8000-0000000000bb}'";
    struct asked
    {
        const char* what;
        list_sort sort;
        std::string values; ///< $1 to $17.
    };
    const auto nothing_else =
        std::string("NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, NULL, NULL, NULL, NULL, NULL, NULL");
    const std::vector<asked> all{
        {"open by due", list_sort::due, "NULL, true, " + nothing_else},
        {"open by creation", list_sort::created, "NULL, true, " + nothing_else},
        {"open by change", list_sort::updated, "NULL, true, " + nothing_else},
        {"closed by change", list_sort::updated, "'{closed}', false, " + nothing_else},
        {"closed by creation", list_sort::created, "'{closed}', false, " + nothing_else},
        {"mine", list_sort::due,
         "NULL, true, NULL, " + user + ", NULL, NULL, NULL, NULL, NULL, NULL, 0, NULL, NULL, NULL, NULL, NULL, NULL"},
        {"a department's", list_sort::due,
         "NULL, true, " + department +
             ", NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, NULL, NULL, NULL, NULL, NULL, NULL"},
        {"supervised", list_sort::due,
         "NULL, true, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 4, NULL, NULL, NULL, NULL, NULL, NULL"},
        {"overdue", list_sort::due,
         "NULL, true, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, NULL, '2026-03-01T00:10:00Z', NULL, NULL, "
         "NULL, NULL"},
        {"of a handler's reach", list_sort::due,
         "NULL, true, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, NULL, NULL, " + department + ", " + user +
             ", NULL, NULL"},
        {"the next page", list_sort::due,
         "NULL, true, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, NULL, NULL, NULL, NULL, "
         "'2026-03-01T00:10:00Z', " +
             user},
        {"the page after the last clock", list_sort::due,
         "NULL, true, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, NULL, NULL, NULL, NULL, 'infinity', " + user},
    };
    for (const auto& each : all) {
        const auto plan = plan_of(list_by(each.sort), each.values + ", 50");
        EXPECT_THAT(plan, Not(HasSubstr("Seq Scan on ticket "))) << each.what << "\n" << plan;
        EXPECT_THAT(plan, Not(HasSubstr("Seq Scan on event"))) << each.what << "\n" << plan;
        EXPECT_THAT(plan, Not(HasSubstr("Seq Scan on ticket_deadline"))) << each.what << "\n" << plan;
    }
    // Where nothing narrows it, the order comes from the index and only a page is read.
    for (const auto sort : {list_sort::due, list_sort::created, list_sort::updated}) {
        const auto plan = plan_of(list_by(sort), "NULL, true, " + nothing_else + ", 50");
        const auto page = plan.substr(plan.find("CTE place"));
        EXPECT_THAT(page.substr(0, page.find("SubPlan")), HasSubstr("Index Scan")) << plan;
    }
    EXPECT_THAT(plan_of(list_by(list_sort::due), "NULL, true, " + nothing_else + ", 50"),
                HasSubstr("ticket_open_nearest"));
    sql("VACUUM ticket");
    EXPECT_THAT(plan_of(count_due(), "NULL, '2026-03-01T00:10:00Z', NULL, NULL, 10001"),
                HasSubstr("Index Only Scan using ticket_open_nearest"));
}

TEST_F(ListTest, CountsThatDependOnTheMomentStopAtTenThousand)
{
    fill(10'050, 1);
    const auto found =
        run(find_counts(db, user_id::make(), std::nullopt,
                        {{{}, clock.now() - std::chrono::days(30)}, {{}, clock.now() + std::chrono::days(30)}}));
    ASSERT_TRUE(found) << found.error().detail;
    EXPECT_EQ(found->due[0], 0);
    EXPECT_EQ(found->due[1], most_counted + 1) << "10,050 are due";
}

TEST_F(ListTest, WhatIsCountedIsWhatIsOpenHoweverOftenItIsTold)
{
    fill(100);
    ASSERT_TRUE(run(recount_views(db)));
    EXPECT_EQ(counted(), 10);
    EXPECT_EQ(counted("status = 'triage'"), 5);
    EXPECT_EQ(counted("marks = 4"), 2);

    const auto open = sql("SELECT id::text FROM ticket WHERE status = 'new' ORDER BY number LIMIT 2");
    const auto first = open[0].get<std::string>(0), second = open[1].get<std::string>(0);
    sql("UPDATE ticket SET status = 'triage' WHERE id = '" + first + "'");
    sql("UPDATE ticket SET status = 'closed', closure = 'confirmed' WHERE id = '" + second + "'");
    for (int pos = 1; pos <= 4; ++pos)
        tell(pos % 2 == 0 ? second : first, pos);
    EXPECT_EQ(run(count_page(db)).value(), 4u);
    EXPECT_EQ(run(count_page(db)).value(), 0u) << "nothing is told twice";
    EXPECT_EQ(counted(), 9);
    EXPECT_EQ(counted("status = 'triage'"), 6);
    tell(first, 5);
    EXPECT_EQ(run(count_page(db)).value(), 1u);
    EXPECT_EQ(counted(), 9) << "a ticket that has not changed counts as it did";

    sql("UPDATE view_count_cursor SET pos = 0");
    EXPECT_EQ(run(count_page(db)).value(), 5u) << "and so does one that is told anew";
    EXPECT_EQ(counted(), 9);
    ASSERT_TRUE(run(recount_views(db)));
    EXPECT_EQ(counted(), 9);
    EXPECT_EQ(counted("status = 'triage'"), 6);
    EXPECT_EQ(counted("tickets = 0"), 0);
}

} // namespace
} // namespace huiyin::ticket
