#include "callback_store.hpp"

#include "ticket_store.hpp"

namespace huiyin::ticket {

namespace {

using pg::params;
using pg::statement;

// Index ticket_callback_due.
constexpr statement select_due_callbacks{"callback.list_due", R"sql(
    SELECT t.id, COALESCE(left(x.body, 400), ''), COALESCE(c.name, ''), t.callback_agent, a.display_name,
           ARRAY(SELECT p.kind FROM ticket_party p WHERE p.ticket_id = t.id ORDER BY p.kind DESC, p.value LIMIT 10),
           ARRAY(SELECT p.value FROM ticket_party p WHERE p.ticket_id = t.id ORDER BY p.kind DESC, p.value LIMIT 10)
      FROM ticket t
      LEFT JOIN customer c ON c.id = t.customer
      LEFT JOIN text x ON x.id = (t.problem ->> 'text')::uuid
      LEFT JOIN user_account a ON a.id = t.callback_agent
     WHERE t.status IN ('callback_pending', 'withdrawn')
       AND CASE WHEN $1::boolean THEN COALESCE(t.next_callback_at, '-infinity'::timestamptz) <= $2
                ELSE COALESCE(t.next_callback_at, '-infinity'::timestamptz) > $2 END
       AND ($3::timestamptz IS NULL OR (COALESCE(t.next_callback_at, '-infinity'::timestamptz), t.id) > ($3, $4::uuid))
     ORDER BY COALESCE(t.next_callback_at, '-infinity'::timestamptz), t.id
     LIMIT $5::int)sql"};

// Index ticket_callback_at.
constexpr statement select_made_callbacks{"callback.list_made", R"sql(
    SELECT c.ticket_id, t.number, c.n, c.id, c.round, c.number, c.at, c.caller, u.display_name, c.outcome, c.channel,
           c.wished_at, c.verdict, c.reason, c.about_withdrawal, COALESCE(p.name, ''), t.sensitive = 'confidential'
      FROM ticket_callback c
      JOIN ticket t ON t.id = c.ticket_id
      LEFT JOIN customer p ON p.id = t.customer
      LEFT JOIN user_account u ON u.id = c.caller
     WHERE c.at >= $1 AND ($2::timestamptz IS NULL OR (c.at, c.ticket_id, c.n) < ($2, $3::uuid, $4::int))
     ORDER BY c.at DESC, c.ticket_id DESC, c.n DESC
     LIMIT $5::int)sql"};

std::optional<named_user> user_at(const pg::row& row, int id, int name)
{
    if (row.is_null(id) || row.is_null(name)) return std::nullopt;
    return named_user{row.get<user_id>(id), row.get<std::string>(name)};
}

} // namespace

task<result<std::vector<found_callback>>> find_due_callbacks(pg::database& db, bool has_come, instant now,
                                                             std::optional<callback_place> after, std::size_t limit)
{
    std::optional<std::string> at;
    if (after) at = after->at ? to_rfc3339(*after->at) : "-infinity";
    const auto last = after ? std::optional(after->ticket) : std::nullopt;
    auto tx = co_await db.begin_reading();
    if (!tx) co_return fail(tx.error());
    const auto found = co_await tx->run(select_due_callbacks, params(has_come, now, at, last, limit));
    if (!found) co_return fail(found.error());
    std::vector<found_callback> all;
    std::vector<ticket_id> tickets;
    for (const auto row : *found) {
        found_callback each;
        each.what.title = row.get<std::string>(1);
        each.what.customer_name = row.get<std::string>(2);
        each.what.agent = user_at(row, 3, 4);
        const auto kinds = row.get<std::vector<std::string>>(5);
        const auto values = row.get<std::vector<std::string>>(6);
        for (std::size_t i = 0; i < kinds.size(); ++i)
            each.what.contacts.push_back({kinds[i], values[i]});
        tickets.push_back(row.get<ticket_id>(0));
        all.push_back(std::move(each));
    }
    if (all.empty()) co_return all;
    const auto loaded = co_await tx->run(load_tickets(), params(tickets, false));
    if (!loaded) co_return fail(loaded.error());
    for (std::size_t i = 0; const auto row : *loaded)
        all[i++].rows = row.get<std::string>(0);
    co_await tx->roll_back();
    co_return all;
}

task<result<std::vector<found_attempt>>> find_made_callbacks(pg::database& db, instant since,
                                                             std::optional<callback_place> after, std::size_t limit)
{
    const auto at = after ? after->at : std::nullopt;
    const auto last = after ? std::optional(after->ticket) : std::nullopt;
    const auto found = co_await db.run(select_made_callbacks, params(since, at, last, after ? after->n : 0, limit));
    if (!found) co_return fail(found.error());
    std::vector<found_attempt> all;
    for (const auto row : *found) {
        found_attempt each;
        auto& attempt = each.what.attempt;
        each.what.ticket = row.get<ticket_id>(0);
        each.what.number = row.get<std::string>(1);
        each.what.n = row.get<int>(2);
        attempt.id = row.get<callback_id>(3);
        attempt.round = row.get<int>(4);
        attempt.number = row.get<int>(5);
        attempt.at = row.get<instant>(6);
        each.what.caller = user_at(row, 7, 8);
        attempt.outcome = domain::parse_name<domain::callback_outcome>(row.get<std::string_view>(9)).value();
        attempt.channel = domain::parse_name<domain::callback_channel>(row.get<std::string_view>(10)).value();
        attempt.wished_at = row.get<std::optional<instant>>(11);
        attempt.verdict = domain::parse_name<domain::satisfaction_level>(row.get<std::string_view>(12)).value();
        attempt.reason = row.get<std::string>(13);
        attempt.about_withdrawal = row.get<bool>(14);
        each.what.customer_name = row.get<std::string>(15);
        each.confidential = row.get<bool>(16);
        all.push_back(std::move(each));
    }
    co_return all;
}

} // namespace huiyin::ticket
