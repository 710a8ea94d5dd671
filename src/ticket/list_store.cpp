#include "list_store.hpp"

#include "ticket_store.hpp"

#include <fmt/format.h>

namespace huiyin::ticket {

namespace {

using namespace std::chrono_literals;
using pg::params;
using pg::statement;

constexpr auto list_limit = 10'000ms;

/// One list per order: its index is ticket_open_nearest, ticket_open_newest or ticket_open_changed unless a filter has
/// one of its own. `key` is how rows are ordered, `way` in which direction.
struct ordered_list
{
    ordered_list(std::string_view name, std::string_view key, std::string_view way)
        : label(fmt::format("ticket.list_by_{}", name)), sql(fmt::format(R"sql(
    WITH place AS MATERIALIZED (
        SELECT t.id, {0} AS at
          FROM ticket t
         WHERE ($1::text[] IS NULL OR t.status = ANY ($1::text[]))
           AND (NOT $2::boolean OR t.status NOT IN ('closed', 'archived', 'merged'))
           AND ($3::uuid[] IS NULL OR t.lead_department = ANY ($3::uuid[]))
           AND ($4::uuid IS NULL OR t.holder = $4)
           AND ($5::uuid IS NULL OR t.handler = $5)
           AND ($6::uuid IS NULL OR t.customer = $6)
           AND ($7::text IS NULL OR t.category = $7)
           AND ($8::text IS NULL OR t.channel = $8)
           AND ($9::text IS NULL OR t.priority = $9)
           AND ($10::text IS NULL OR t.number = $10)
           AND ($11::int = 0 OR t.marks & $11 = $11)
           AND ($12::timestamptz IS NULL OR COALESCE(t.nearest_due_at, 'infinity'::timestamptz) >= $12)
           AND ($13::timestamptz IS NULL OR COALESCE(t.nearest_due_at, 'infinity'::timestamptz) < $13)
           AND ($14::uuid[] IS NULL OR t.departments && $14::uuid[] OR t.handler = $15::uuid)
           AND ($16::timestamptz IS NULL OR ({0}, t.id) {2} ($16, $17::uuid))
         ORDER BY {0} {1}, t.id {1}
         LIMIT $18::int
    ), page AS MATERIALIZED (SELECT t.*, place.at AS place FROM place JOIN ticket t USING (id))
    SELECT p.id, p.number, p.version, p.status, p.type, p.priority, p.category, p.card, p.rework_cycle, p.lead_department,
           p.handler, p.customer, p.created_at, p.due_at,
           p.channel, COALESCE(left(x.body, 400), '') AS title, COALESCE(c.name, '') AS customer_name,
           p.sensitive = 'confidential' AS confidential, p.reported_at, p.changed_at, p.callback_round, p.urge_count,
           p.return_count, p.marks, p.holder, h.display_name AS handler_name, o.display_name AS holder_name,
           NULLIF(p.place, 'infinity') AS place, e.kind AS last_kind, e.at AS last_at, e.actor_kind AS last_actor_kind,
           e.actor AS last_actor, a.display_name AS last_actor_name,
           json_build_object('status', p.status, 'deadlines', (
               SELECT json_agg(row_to_json(d) ORDER BY d.n)
                 FROM (SELECT ticket_id, n, kind, round, state, target, calendar, policy_version, started_at, used,
                              used_days, counted_to, paused_at, due_at, original_due_at, agreed, next_step, next_step_at,
                              stopped_at, breached
                         FROM ticket_deadline r WHERE r.ticket_id = p.id AND r.state IN ('running', 'paused')) d))::text AS clocks
      FROM page p
      LEFT JOIN customer c ON c.id = p.customer
      LEFT JOIN text x ON x.id = (p.problem ->> 'text')::uuid
      LEFT JOIN user_account h ON h.id = p.handler
      LEFT JOIN user_account o ON o.id = p.holder
      LEFT JOIN LATERAL (SELECT kind, at, actor_kind, actor FROM event WHERE subject = p.id ORDER BY seq DESC LIMIT 1) e ON true
      LEFT JOIN user_account a ON a.id = e.actor AND e.actor_kind = 'user'
     ORDER BY p.place {1}, p.id {1})sql",
                                                                         key, way, way == "ASC" ? ">" : "<")),
          what{label, sql, list_limit}
    {}
    ordered_list(const ordered_list&) = delete;

    std::string label;
    std::string sql;
    statement what;
};

// What is not asked for must cost nothing: planned with the values that are asked for, each time.
constexpr statement plan_each_time{"ticket.plan_lists",
                                   "SELECT set_config('plan_cache_mode', 'force_custom_plan', true)"};

constexpr statement select_kinds{"view_count.read", R"sql(
    SELECT status, department, COALESCE(holder = $1, false), marks, sum(tickets)::bigint
      FROM view_count
     WHERE $2::uuid[] IS NULL OR departments && $2::uuid[] OR handler = $1
     GROUP BY 1, 2, 3, 4)sql"};

// Index ticket_open_nearest.
constexpr statement count_due_statement{"ticket.count_due", R"sql(
    SELECT count(*) FROM (
        SELECT 1 FROM ticket
         WHERE status NOT IN ('closed', 'archived', 'merged')
           AND COALESCE(nearest_due_at, 'infinity'::timestamptz) >= COALESCE($1::timestamptz, '-infinity')
           AND COALESCE(nearest_due_at, 'infinity'::timestamptz) < $2::timestamptz
           AND ($3::uuid[] IS NULL OR departments && $3::uuid[] OR handler = $4::uuid)
         LIMIT $5::int) AS due)sql"};

std::optional<named_user> user_in(const pg::row& row, const char* id, const char* name)
{
    const auto found = row.get<std::optional<std::string>>(name);
    if (!found) return std::nullopt;
    return named_user{row.get<user_id>(id), *found};
}

} // namespace

const statement& list_by(list_sort sort)
{
    static const ordered_list due{"due", "COALESCE(t.nearest_due_at, 'infinity'::timestamptz)", "ASC"};
    static const ordered_list created{"created", "t.created_at", "DESC"};
    static const ordered_list updated{"updated", "t.changed_at", "DESC"};
    switch (sort) {
    case list_sort::due: return due.what;
    case list_sort::created: return created.what;
    case list_sort::updated: break;
    }
    return updated.what;
}

const statement& count_due()
{
    return count_due_statement;
}

task<result<std::vector<found_row>>> find_rows(pg::database& db, list_sort sort, list_conditions those,
                                               std::optional<list_place> after, std::size_t limit,
                                               std::optional<read_scope> within)
{
    std::optional<std::string> place;
    if (after) place = after->at ? to_rfc3339(*after->at) : "infinity";
    const auto last = after ? std::optional(after->last) : std::nullopt;
    const auto departments = within ? std::optional(within->departments) : std::nullopt;
    const auto or_handler = within ? std::optional(within->or_handler) : std::nullopt;
    auto tx = co_await db.begin_reading();
    if (!tx) co_return fail(tx.error());
    pg::batch reads;
    reads.add(plan_each_time)
        .add(list_by(sort),
             params(those.statuses, those.open_only, those.departments, those.holder, those.handler, those.customer,
                    those.category, those.channel, those.priority, those.number, those.marks, those.due_from,
                    those.due_before, departments, or_handler, place, last, limit));
    const auto found = co_await tx->run(std::move(reads));
    if (!found) co_return fail(found.error());
    co_await tx->roll_back();
    std::vector<found_row> all;
    for (const auto row : found->back()) {
        found_row each;
        auto& shown = each.row;
        shown.item = list_item_of(row);
        shown.channel = row.get<std::string>("channel");
        shown.title = row.get<std::string>("title");
        shown.customer_name = row.get<std::string>("customer_name");
        shown.confidential = row.get<bool>("confidential");
        shown.waited_since = row.get<instant>("reported_at");
        shown.changed_at = row.get<instant>("changed_at");
        shown.round = std::max(1, row.get<int>("callback_round"));
        shown.round = std::max(shown.round, shown.item.rework_cycle + 1);
        shown.urge_count = row.get<int>("urge_count");
        shown.return_count = row.get<int>("return_count");
        const auto marks = row.get<int>("marks");
        for (std::size_t i = 0; i < domain::names<list_mark>::of.size(); ++i)
            if (const auto mark = static_cast<list_mark>(i); marks & bit_of(mark)) shown.marks.push_back(mark);
        shown.handler = user_in(row, "handler", "handler_name");
        shown.holder = user_in(row, "holder", "holder_name");
        if (const auto kind = row.get<std::optional<std::string>>("last_kind"))
            shown.last = {*kind, row.get<instant>("last_at"), row.get<std::string>("last_actor_kind"),
                          user_in(row, "last_actor", "last_actor_name")};
        shown.place = {row.get<std::optional<instant>>("place"), shown.item.id};
        each.department = shown.item.department;
        each.handler = shown.item.handler;
        each.clocks = row.get<std::string>("clocks");
        all.push_back(std::move(each));
    }
    co_return all;
}

task<result<found_counts>> find_counts(pg::database& db, user_id reader, std::optional<read_scope> within,
                                       std::vector<due_span> spans)
{
    auto tx = co_await db.begin_reading();
    if (!tx) co_return fail(tx.error());
    const auto departments = within ? std::optional(within->departments) : std::nullopt;
    pg::batch reads;
    reads.add(plan_each_time).add(select_kinds, params(reader, departments));
    for (const auto& each : spans)
        reads.add(count_due(), params(each.from, each.before, departments, reader, most_counted + 1));
    const auto found = co_await tx->run(std::move(reads));
    if (!found) co_return fail(found.error());
    co_await tx->roll_back();
    found_counts counts;
    for (const auto row : (*found)[1])
        counts.kinds.push_back({row.get<std::string>(0), row.get<std::optional<department_id>>(1), row.get<bool>(2),
                                row.get<int>(3), row.get<std::int64_t>(4)});
    for (std::size_t i = 2; i < found->size(); ++i)
        counts.due.push_back((*found)[i].front().get<std::int64_t>(0));
    co_return counts;
}

} // namespace huiyin::ticket
