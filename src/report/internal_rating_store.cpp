#include <huiyin/domain/permission.hpp>
#include <huiyin/journal/event.hpp>
#include <huiyin/report/internal_rating.hpp>

#include <nlohmann/json.hpp>

namespace huiyin::report {

namespace {

using pg::params;
using pg::statement;

// The lock first, so that feed order is the order of the ticket's events.
constexpr statement lock_statement{"internal_rating.lock_ticket", R"sql(
    SELECT version, (reply ->> 'text')::uuid, lead_department, status, departments, handler, sensitive = 'confidential', changed_at
      FROM ticket WHERE id = $1 FOR NO KEY UPDATE)sql"};

constexpr statement insert_statement{"internal_rating.insert", R"sql(
    INSERT INTO internal_rating (id, ticket_id, reply, department, rater, score, at) VALUES ($1, $2, $3, $4, $5, $6, $7)
    ON CONFLICT ON CONSTRAINT internal_rating_once DO NOTHING RETURNING id)sql"};

} // namespace

task<result<internal_rating>> rate_reply(pg::database& db, ticket_id ticket, int score, domain::actor by, instant now)
{
    if (score < 1 || score > 5) co_return fail(error{errc::invalid_field, "score", {{"field", "score"}}});
    // A rating is a person's.
    if (by.kind != domain::actor_kind::user || !domain::may(by, domain::permission::ticket_rate_reply))
        co_return fail(errc::not_found, "the actor may not");
    auto tx = co_await db.begin();
    if (!tx) co_return fail(tx.error());
    const auto found = co_await tx->run(lock_statement, params(ticket));
    if (!found) co_return fail(found.error());
    if (found->empty()) co_return fail(errc::not_found, "no such ticket");
    const auto row = found->front();
    domain::object_scope scope;
    scope.departments = row.get<std::vector<department_id>>(4);
    scope.assignee = row.get<std::optional<user_id>>(5);
    const bool confidential = row.get<bool>(6);
    if (confidential) scope.sensitive = domain::sensitivity::confidential;
    if (!domain::may(by, domain::permission::ticket_rate_reply, scope))
        co_return fail(errc::not_found, "the actor may not");
    const auto reply = row.get<std::optional<uuid>>(1);
    const auto department = row.get<std::optional<department_id>>(2);
    if (!reply || !department) co_return fail(errc::wrong_state, "no department has replied");

    const internal_rating made{uuid::make(), ticket, *department, score, std::max(now, row.get<instant>(7))};
    const auto kept =
        co_await tx->run(insert_statement, params(made.id, ticket, *reply, *department, by.id, score, made.at));
    if (!kept) co_return fail(kept.error());
    if (kept->empty()) co_return fail(errc::already_exists, "rated before");

    const auto status = row.get<std::string>(3);
    journal::event event;
    event.at = made.at;
    event.kind = "ticket.internally_rated";
    event.subject = ticket.value();
    event.subject_version = row.get<std::int64_t>(0);
    event.actor_kind = by.kind;
    event.actor = by.id;
    event.audience.departments = scope.departments;
    event.audience.assignee = scope.assignee;
    event.audience.confidential = confidential;
    event.data = nlohmann::json{
        {"from", status},
        {"to", status},
        {"rating", made.id.to_string()},
        {"reply", reply->to_string()},
        {"department", department->to_string()},
        {"score",
         score}}.dump();
    pg::batch last;
    const std::vector<journal::event> events{std::move(event)};
    journal::append(last, events);
    const auto committed = co_await tx->commit(std::move(last));
    if (!committed) co_return fail(committed.error());
    co_return made;
}

} // namespace huiyin::report
