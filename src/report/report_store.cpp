#include "report_store.hpp"

namespace huiyin::report {

namespace {

using namespace std::chrono_literals;
using pg::params;
using pg::statement;

constexpr auto query_limit = 20'000ms;

// The index is report_count_of_metric.
constexpr statement counts_statement{"report.sum_counts", R"sql(
    SELECT metric,
           COALESCE(CASE $4 WHEN 'department' THEN department::text WHEN 'category' THEN category WHEN 'channel' THEN channel
                            WHEN 'priority' THEN priority WHEN 'person' THEN person::text END, '') AS key,
           sum(part), sum(whole), count(*),
           CASE WHEN $10 THEN array_agg(part ORDER BY part) ELSE '{}' END
      FROM report_count
     WHERE metric = ANY ($1::text[]) AND at >= $2 AND at < $3
       AND ($5::uuid[] IS NULL OR department = ANY ($5::uuid[]))
       AND ($6::text IS NULL OR category = $6) AND ($7::text IS NULL OR channel = $7)
       AND ($8::text IS NULL OR priority = $8) AND ($9::uuid IS NULL OR person = $9)
     GROUP BY 1, 2)sql",
                                     query_limit};

constexpr statement counted_statement{"report.list_counted", R"sql(
    SELECT c.ticket_id, COALESCE(t.number, ''), c.at, c.part, c.whole, c.subject, c.n
      FROM report_count c LEFT JOIN report_ticket t ON t.ticket_id = c.ticket_id
     WHERE c.metric = $1 AND c.at >= $2 AND c.at < $3
       AND ($4::text IS NULL OR c.category = $4) AND ($5::text IS NULL OR c.channel = $5)
       AND ($6::text IS NULL OR c.priority = $6) AND ($7::uuid IS NULL OR c.person = $7)
       AND ($8::uuid[] IS NULL OR c.department = ANY ($8::uuid[]))
       AND ($9::timestamptz IS NULL OR (c.at, c.subject, c.n) > ($9, $10::uuid, $11::integer))
     ORDER BY c.at, c.subject, c.n LIMIT $12)sql",
                                      query_limit};

constexpr statement contacts_statement{"report.read_contacts", R"sql(
    SELECT ticket_id, customer, category, reported_at, resolved_at, reopened_at, complaint, merged, number, channel, priority,
           department, handler
      FROM report_ticket
     WHERE NOT imported AND customer IS NOT NULL
       AND (reported_at >= $1 AND reported_at < $2 OR resolved_at >= $1 AND resolved_at < $2
            OR reopened_at >= $1 AND reopened_at < $2)
     ORDER BY reported_at, ticket_id)sql",
                                       query_limit};

constexpr statement backlog_statement{"report.count_open", R"sql(
    SELECT COALESCE(CASE $1 WHEN 'department' THEN department::text WHEN 'category' THEN category WHEN 'channel' THEN channel
                            WHEN 'priority' THEN priority WHEN 'person' THEN handler::text END, '') AS key,
           count(*)
      FROM report_ticket
     WHERE is_open
       AND ($2::text IS NULL OR category = $2) AND ($3::text IS NULL OR channel = $3)
       AND ($4::text IS NULL OR priority = $4) AND ($5::uuid IS NULL OR handler = $5)
       AND ($6::uuid[] IS NULL OR department = ANY ($6::uuid[]))
     GROUP BY 1)sql",
                                      query_limit};

constexpr statement open_statement{"report.list_open", R"sql(
    SELECT ticket_id, number, reported_at, ticket_id
      FROM report_ticket
     WHERE is_open
       AND ($1::text IS NULL OR category = $1) AND ($2::text IS NULL OR channel = $2)
       AND ($3::text IS NULL OR priority = $3) AND ($4::uuid IS NULL OR handler = $4)
       AND ($5::uuid[] IS NULL OR department = ANY ($5::uuid[]))
       AND ($6::timestamptz IS NULL OR (reported_at, ticket_id) > ($6, $7::uuid))
     ORDER BY reported_at, ticket_id LIMIT $8)sql",
                                   query_limit};

constexpr statement queues_statement{"report.count_queues", R"sql(
    SELECT status, NULLIF(department, '00000000-0000-0000-0000-000000000000'),
           NULLIF(handler, '00000000-0000-0000-0000-000000000000'), sum(tickets)::bigint,
           COALESCE(sum(tickets) FILTER (WHERE due_minute <= $2), 0)::bigint,
           COALESCE(sum(tickets) FILTER (WHERE due_minute > $2 AND due_minute <= $3), 0)::bigint
      FROM ticket_count
     WHERE status NOT IN ('closed', 'archived', 'merged') AND ($1::uuid[] IS NULL OR department = ANY ($1::uuid[]))
     GROUP BY 1, 2, 3 ORDER BY 1, 2, 3)sql",
                                     query_limit};

constexpr statement ages_statement{"report.count_ages", R"sql(
    SELECT floor(extract(epoch FROM $2::timestamptz - reported_at) / 86400)::bigint, count(*)
      FROM report_ticket
     WHERE is_open AND ($1::uuid[] IS NULL OR department = ANY ($1::uuid[]))
     GROUP BY 1)sql",
                                   query_limit};

constexpr statement intake_statement{"report.count_intake", R"sql(
    SELECT channel, extract(hour FROM at AT TIME ZONE $3::text)::integer, count(*)
      FROM report_count
     WHERE metric = 'e_ticket_share' AND at >= $1 AND at < $2
     GROUP BY 1, 2 ORDER BY 1, 2)sql",
                                     query_limit};

// Index ticket_by_status.
constexpr statement triage_statement{"report.count_triage", R"sql(
    SELECT count(*) FILTER (WHERE status = 'new'),
           count(*) FILTER (WHERE status = 'triage' AND validity <> 'valid'),
           count(*) FILTER (WHERE status = 'triage' AND validity = 'valid')
      FROM ticket WHERE status IN ('new', 'triage'))sql",
                                     query_limit};

constexpr statement names_statement{"report.person_names", R"sql(
    SELECT id::text, display_name FROM user_account WHERE id = ANY ($1::uuid[]))sql"};

std::vector<std::string> names_of(const std::vector<domain::metric>& metrics)
{
    std::vector<std::string> all;
    for (const auto each : metrics)
        all.emplace_back(domain::to_string(each));
    return all;
}

} // namespace

task<result<cells>> load_counts(pg::database& db, std::vector<domain::metric> metrics, bool with_parts, span in,
                                grouping by, filter of, departments only)
{
    cells found;
    if (metrics.empty()) co_return found;
    const auto read =
        co_await db.run(counts_statement, params(names_of(metrics), in.from, in.to, domain::to_string(by), only,
                                                 of.category, of.channel, of.priority, of.person, with_parts));
    if (!read) co_return fail(read.error());
    for (const auto row : *read) {
        const auto what = domain::parse_name<domain::metric>(row.get<std::string_view>(0));
        if (!what) continue;
        auto& into = found[row.get<std::string>(1)][*what];
        into.counted = {row.get<double>(2), row.get<double>(3), row.get<std::int64_t>(4)};
        into.parts = row.get<std::vector<double>>(5);
    }
    co_return found;
}

task<result<std::vector<counted_ticket>>> load_counted(pg::database& db, domain::metric of, span in, filter with,
                                                       departments only, std::optional<report_service::mark> after,
                                                       std::size_t count)
{
    const auto read = co_await db.run(counted_statement, params(domain::to_string(of), in.from, in.to, with.category,
                                                                with.channel, with.priority, with.person, only,
                                                                after ? std::optional(after->at) : std::nullopt,
                                                                after ? std::optional(after->subject) : std::nullopt,
                                                                after ? std::optional(after->n) : std::nullopt, count));
    if (!read) co_return fail(read.error());
    std::vector<counted_ticket> all;
    for (const auto row : *read)
        all.push_back({row.get<std::optional<ticket_id>>(0), row.get<std::string>(1), row.get<instant>(2),
                       row.get<double>(3), row.get<double>(4), row.get<uuid>(5), row.get<int>(6)});
    co_return all;
}

task<result<std::vector<known_contact>>> load_contacts(pg::database& db, span in)
{
    const auto read =
        co_await db.run(contacts_statement, params(in.from - std::chrono::days(30), in.to + std::chrono::days(8)));
    if (!read) co_return fail(read.error());
    std::vector<known_contact> all;
    for (const auto row : *read) {
        known_contact one;
        one.fact = {.ticket = row.get<ticket_id>(0),
                    .customer = row.get<customer_id>(1),
                    .topic = row.get<std::string>(2),
                    .at = row.get<instant>(3),
                    .resolved_at = row.get<std::optional<instant>>(4),
                    .reopened_at = row.get<std::optional<instant>>(5),
                    .complaint = row.get<bool>(6),
                    .merged = row.get<bool>(7)};
        one.number = row.get<std::string>(8);
        one.channel = row.get<std::string>(9);
        one.priority = row.get<std::string>(10);
        one.department = row.get<std::optional<department_id>>(11);
        one.handler = row.get<std::optional<user_id>>(12);
        all.push_back(std::move(one));
    }
    co_return all;
}

task<result<cells>> load_backlog(pg::database& db, grouping by, filter of, departments only)
{
    const auto read = co_await db.run(
        backlog_statement, params(domain::to_string(by), of.category, of.channel, of.priority, of.person, only));
    if (!read) co_return fail(read.error());
    cells found;
    for (const auto row : *read) {
        const auto count = row.get<std::int64_t>(1);
        found[row.get<std::string>(0)][domain::metric::backlog].counted = {static_cast<double>(count),
                                                                           static_cast<double>(count), count};
    }
    co_return found;
}

task<result<std::vector<counted_ticket>>> load_open(pg::database& db, filter of, departments only,
                                                    std::optional<report_service::mark> after, std::size_t count)
{
    const auto read =
        co_await db.run(open_statement, params(of.category, of.channel, of.priority, of.person, only,
                                               after ? std::optional(after->at) : std::nullopt,
                                               after ? std::optional(after->subject) : std::nullopt, count));
    if (!read) co_return fail(read.error());
    std::vector<counted_ticket> all;
    for (const auto row : *read)
        all.push_back({row.get<ticket_id>(0), row.get<std::string>(1), row.get<instant>(2), 1, 1, row.get<uuid>(3), 0});
    co_return all;
}

task<result<std::vector<queue_count>>> load_queues(pg::database& db, departments only, instant now, instant soon)
{
    const auto read = co_await db.run(queues_statement, params(only, now, soon));
    if (!read) co_return fail(read.error());
    std::vector<queue_count> all;
    for (const auto row : *read)
        all.push_back({row.get<std::string>(0), row.get<std::optional<department_id>>(1),
                       row.get<std::optional<user_id>>(2), row.get<std::int64_t>(3), row.get<std::int64_t>(4),
                       row.get<std::int64_t>(5)});
    co_return all;
}

task<result<std::map<std::int64_t, std::int64_t>>> load_ages_in_days(pg::database& db, departments only, instant now)
{
    const auto read = co_await db.run(ages_statement, params(only, now));
    if (!read) co_return fail(read.error());
    std::map<std::int64_t, std::int64_t> ages;
    for (const auto row : *read)
        ages.emplace(row.get<std::int64_t>(0), row.get<std::int64_t>(1));
    co_return ages;
}

task<result<triage_count>> load_triage(pg::database& db)
{
    const auto read = co_await db.run(triage_statement, params());
    if (!read) co_return fail(read.error());
    const auto row = read->front();
    co_return triage_count{row.get<std::int64_t>(0), row.get<std::int64_t>(1), row.get<std::int64_t>(2)};
}

task<result<std::vector<intake_count>>> load_intake(pg::database& db, span in, std::string time_zone)
{
    const auto read = co_await db.run(intake_statement, params(in.from, in.to, time_zone));
    if (!read) co_return fail(read.error());
    std::vector<intake_count> all;
    for (const auto row : *read)
        all.push_back({row.get<std::string>(0), row.get<int>(1), row.get<std::int64_t>(2)});
    co_return all;
}

task<result<std::map<std::string, std::string>>> load_person_names(pg::database& db, std::vector<std::string> ids)
{
    std::map<std::string, std::string> names;
    if (ids.empty()) co_return names;
    const auto read = co_await db.run(names_statement, params(ids));
    if (!read) co_return fail(read.error());
    for (const auto row : *read)
        names.emplace(row.get<std::string>(0), row.get<std::string>(1));
    co_return names;
}

} // namespace huiyin::report
