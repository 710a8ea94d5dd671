#include "inbox_store.hpp"

namespace huiyin::intake {

namespace {

// Index ticket_inbox_waiting.
constexpr pg::statement waiting_statement{"intake.waiting_rows", R"sql(
    SELECT id, ticket_id, interaction_id, customer_id, act, at, COALESCE(detail::text, ''), '' FROM ticket_inbox
     WHERE applied_at IS NULL AND (at, id) > ($1::timestamptz, $2::uuid) ORDER BY at, id LIMIT $3::int)sql"};

// Index ticket_inbox_entry.
constexpr pg::statement row_statement{"intake.inbox_row", R"sql(
    SELECT i.id, i.ticket_id, i.interaction_id, i.customer_id, i.act, i.at, COALESCE(i.detail::text, ''),
           COALESCE(i.outcome, '')
      FROM receipt r JOIN ticket_inbox i ON i.entry_id = r.entry_id WHERE r.id = $1)sql"};

constexpr pg::statement settle_statement{"intake.settle_row", R"sql(
    UPDATE ticket_inbox SET applied_at = $2, outcome = $3 WHERE id = $1 AND applied_at IS NULL)sql"};

inbox_row row_of(const pg::row& row)
{
    return {row.get<uuid>(0),
            row.get<ticket_id>(1),
            row.get<interaction_id>(2),
            row.get<customer_id>(3),
            parse_act(row.get<std::string_view>(4)).value(),
            row.get<instant>(5),
            row.get<std::string>(6),
            row.get<std::string>(7)};
}

} // namespace

task<result<inbox_row>> load_row(pg::database& from, receipt_id receipt)
{
    const auto found = co_await from.run(row_statement, pg::params(receipt));
    if (!found) co_return fail(found.error());
    if (found->empty()) co_return fail(errc::not_found, "a receipt without an act");
    co_return row_of(found->front());
}

task<result<std::vector<inbox_row>>> waiting_rows(pg::database& from, instant after_at, uuid after_id,
                                                  std::size_t limit)
{
    const auto found = co_await from.run(waiting_statement, pg::params(after_at, after_id, limit));
    if (!found) co_return fail(found.error());
    std::vector<inbox_row> rows;
    for (const auto row : *found)
        rows.push_back(row_of(row));
    co_return rows;
}

void settle_row(pg::batch& to, uuid row, instant now, std::string_view outcome)
{
    to.add(settle_statement, pg::params(row, now, outcome));
}

task<result<void>> settle_row(pg::database& in, uuid row, instant now, std::string_view outcome)
{
    const auto done = co_await in.run(settle_statement, pg::params(row, now, outcome));
    if (!done) co_return fail(done.error());
    co_return result<void>{};
}

} // namespace huiyin::intake
