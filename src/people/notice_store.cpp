#include <huiyin/people/notice.hpp>

#include <algorithm>

namespace huiyin::people {

namespace {

constexpr pg::statement insert_notices{"notice.insert", R"sql(
    INSERT INTO notice (id, user_id, kind, ticket_id, at)
    SELECT n.id, n.user_id, n.kind, n.ticket_id, n.at
      FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::uuid[], $5::timestamptz[]) AS n(id, user_id, kind, ticket_id, at)
     WHERE NOT EXISTS (SELECT FROM user_account u WHERE u.id = n.user_id AND NOT u.active))sql"};

constexpr pg::statement list_notices{"notice.list", R"sql(
    SELECT id, user_id, kind, ticket_id, at, read_at, (SELECT number FROM ticket t WHERE t.id = ticket_id) FROM notice
     WHERE user_id = $1 AND (not_before IS NULL OR not_before <= $3) ORDER BY at DESC, id DESC LIMIT $2)sql"};

constexpr pg::statement list_notices_before{"notice.list_before", R"sql(
    SELECT id, user_id, kind, ticket_id, at, read_at, (SELECT number FROM ticket t WHERE t.id = ticket_id) FROM notice
     WHERE user_id = $1 AND (not_before IS NULL OR not_before <= $3) AND (at, id) < ($4, $5) ORDER BY at DESC, id DESC LIMIT $2)sql"};

constexpr pg::statement count_unread_notices{"notice.count_unread", R"sql(
    SELECT count(*) FROM (SELECT 1 FROM notice WHERE user_id = $1 AND read_at IS NULL
                             AND (not_before IS NULL OR not_before <= $2) LIMIT 100) AS unread)sql"};

constexpr pg::statement mark_notice_read{"notice.mark_read", R"sql(
    UPDATE notice SET read_at = coalesce(read_at, $3) WHERE id = $1 AND user_id = $2)sql"};

constexpr pg::statement mark_notices_read{"notice.mark_all_read", R"sql(
    UPDATE notice SET read_at = $3 WHERE user_id = $1 AND read_at IS NULL AND at <= $2
       AND (not_before IS NULL OR not_before <= $3))sql"};

} // namespace

void notify(pg::batch& to, const std::vector<notice>& notices)
{
    if (notices.empty()) return;
    std::vector<notice_id> ids;
    std::vector<user_id> users;
    std::vector<std::string> kinds;
    std::vector<std::optional<ticket_id>> tickets;
    std::vector<instant> times;
    for (const auto& each : notices) {
        ids.push_back(each.id);
        users.push_back(each.user);
        kinds.push_back(each.kind);
        tickets.push_back(each.ticket);
        times.push_back(each.at);
    }
    to.add(insert_notices, pg::params(ids, users, kinds, tickets, times));
}

task<result<std::vector<notice>>> notice_inbox::list(user_id user, std::optional<place> before, std::size_t limit)
{
    limit = std::clamp<std::size_t>(limit, 1, 200);
    auto found =
        before ? co_await db_.run(list_notices_before, pg::params(user, limit, clock_.now(), before->at, before->id))
               : co_await db_.run(list_notices, pg::params(user, limit, clock_.now()));
    if (!found) co_return fail(found.error());
    std::vector<notice> notices;
    for (const auto row : *found)
        notices.push_back({row.get<notice_id>(0), row.get<user_id>(1), row.get<std::string>(2),
                           row.get<std::optional<ticket_id>>(3), row.get<instant>(4),
                           row.get<std::optional<instant>>(5), row.get<std::optional<std::string>>(6).value_or("")});
    co_return notices;
}

task<result<std::size_t>> notice_inbox::count_unread(user_id user)
{
    auto found = co_await db_.run(count_unread_notices, pg::params(user, clock_.now()));
    if (!found) co_return fail(found.error());
    co_return found->front().get<std::size_t>(0);
}

task<result<void>> notice_inbox::mark_read(user_id user, notice_id id)
{
    auto marked = co_await db_.run(mark_notice_read, pg::params(id, user, clock_.now()));
    if (!marked) co_return fail(marked.error());
    if (marked->affected() == 0) co_return fail(errc::not_found);
    co_return result<void>{};
}

task<result<void>> notice_inbox::mark_all_read(user_id user, instant until)
{
    auto marked = co_await db_.run(mark_notices_read, pg::params(user, until, clock_.now()));
    if (!marked) co_return fail(marked.error());
    co_return result<void>{};
}

} // namespace huiyin::people
