#include "alarm_store.hpp"

namespace huiyin::report {

namespace {

using pg::params;
using pg::statement;

constexpr statement save_crossings_statement{"alarm.note_crossings", R"sql(
    WITH open AS MATERIALIZED (
        SELECT status, department, due_minute <= $1 AS is_overdue, sum(tickets)::bigint AS tickets
          FROM ticket_count WHERE status NOT IN ('closed', 'archived', 'merged') GROUP BY 1, 2, 3
    ), value AS (
        SELECT 'overdue' AS measure, department, sum(tickets)::bigint AS value
          FROM open WHERE is_overdue AND department <> '00000000-0000-0000-0000-000000000000' GROUP BY department
        UNION ALL
        SELECT 'overdue', '00000000-0000-0000-0000-000000000000', COALESCE(sum(tickets), 0)::bigint
          FROM open WHERE is_overdue
        UNION ALL
        SELECT 'at_desk', '00000000-0000-0000-0000-000000000000', COALESCE(sum(tickets), 0)::bigint
          FROM open WHERE status IN ('new', 'triage')
    ), above AS MATERIALIZED (
        SELECT v.measure, v.department, t.threshold, v.value
          FROM value v JOIN unnest($2::text[], $3::bigint[]) AS t(measure, threshold) USING (measure)
         WHERE v.value >= t.threshold
    ), ended AS (
        DELETE FROM board_alarm a
         WHERE NOT EXISTS (SELECT FROM above b
                            WHERE b.measure = a.measure AND b.department = a.department AND b.threshold = a.threshold)
    )
    INSERT INTO board_alarm (measure, department, threshold, since, reached)
    SELECT measure, department, threshold, $1, value FROM above
    ON CONFLICT DO NOTHING
    RETURNING 1)sql"};

constexpr statement load_alarms_statement{"alarm.load", R"sql(
    SELECT measure, NULLIF(department, '00000000-0000-0000-0000-000000000000'), threshold, since, reached
      FROM board_alarm WHERE $1::uuid[] IS NULL OR department = ANY ($1::uuid[])
     ORDER BY since DESC, measure, department, threshold DESC LIMIT 200)sql"};

constexpr statement alarms_held_statement{"alarm.still_held", "SELECT 1"};

} // namespace

task<result<std::size_t>> save_crossings(pg::database& db, std::vector<alarm_threshold> thresholds, instant now)
{
    std::vector<std::string> measures;
    std::vector<std::int64_t> values;
    for (const auto& each : thresholds) {
        measures.emplace_back(each.measure);
        values.push_back(each.threshold);
    }
    const auto noted = co_await db.run(save_crossings_statement, params(now, measures, values));
    if (!noted) co_return fail(noted.error());
    co_return noted->size();
}

task<result<std::vector<alarm>>> load_alarms(pg::database& db, std::optional<std::vector<department_id>> only)
{
    const auto read = co_await db.run(load_alarms_statement, params(only));
    if (!read) co_return fail(read.error());
    std::vector<alarm> all;
    for (const auto row : *read)
        all.push_back({row.get<std::string>(0), row.get<std::optional<department_id>>(1), row.get<std::int64_t>(2),
                       row.get<instant>(3), row.get<std::int64_t>(4)});
    co_return all;
}

const statement& alarms_still_held()
{
    return alarms_held_statement;
}

} // namespace huiyin::report
