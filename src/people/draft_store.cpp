#include <huiyin/people/draft.hpp>

#include <algorithm>

namespace huiyin::people {

namespace {

constexpr pg::statement list_draft_rows{"draft.list", R"sql(
    SELECT key, changed_at FROM draft WHERE user_id = $1 AND changed_at >= $2 ORDER BY changed_at DESC, key LIMIT 500)sql"};

constexpr pg::statement find_draft_row{"draft.find", R"sql(
    SELECT body, changed_at FROM draft WHERE user_id = $1 AND key = $2 AND changed_at >= $3)sql"};

constexpr pg::statement lock_draft_owner{"draft.lock_owner",
                                         "SELECT 1 FROM user_account WHERE id = $1 FOR NO KEY UPDATE"};

constexpr pg::statement keep_draft_row{"draft.keep", R"sql(
    INSERT INTO draft (user_id, key, body, changed_at)
    SELECT $1::uuid, $2::text, $3::text, $4::timestamptz
     WHERE (SELECT count(*) FROM draft WHERE user_id = $1::uuid AND key <> $2::text AND changed_at >= $5::timestamptz) < $6::int
    ON CONFLICT (user_id, key) DO UPDATE SET body = excluded.body, changed_at = excluded.changed_at)sql"};

constexpr pg::statement delete_draft_row{"draft.delete", "DELETE FROM draft WHERE user_id = $1 AND key = $2"};

constexpr pg::statement prune_draft_rows{"draft.prune", R"sql(
    DELETE FROM draft WHERE (user_id, key) IN (
        SELECT user_id, key FROM draft WHERE changed_at < $1 ORDER BY changed_at LIMIT 10000 FOR UPDATE SKIP LOCKED))sql"};

} // namespace

bool is_draft_key(std::string_view key)
{
    return !key.empty() && key.size() <= 100 && std::ranges::all_of(key, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == ':' || c == '-';
    });
}

task<result<std::vector<draft>>> list_drafts(pg::database& db, user_id user, instant now)
{
    const auto found = co_await db.run(list_draft_rows, pg::params(user, now - drafts_live));
    if (!found) co_return fail(found.error());
    std::vector<draft> drafts;
    for (const auto row : *found)
        drafts.push_back({row.get<std::string>(0), {}, row.get<instant>(1)});
    co_return drafts;
}

task<result<draft>> find_draft(pg::database& db, user_id user, std::string key, instant now)
{
    const auto found = co_await db.run(find_draft_row, pg::params(user, key, now - drafts_live));
    if (!found) co_return fail(found.error());
    if (found->empty()) co_return fail(errc::not_found);
    co_return draft{std::move(key), found->front().get<std::string>(0), found->front().get<instant>(1)};
}

task<result<void>> keep_draft(pg::database& db, user_id user, draft what)
{
    auto tx = co_await db.begin();
    if (!tx) co_return fail(tx.error());
    pg::batch writes;
    writes.add(lock_draft_owner, pg::params(user))
        .add(keep_draft_row,
             pg::params(user, what.key, what.body, what.changed_at, what.changed_at - drafts_live, most_drafts));
    const auto kept = co_await tx->run(std::move(writes));
    if (!kept) co_return fail(kept.error());
    if ((*kept)[1].affected() == 0) co_return fail(errc::limit_reached, "drafts");
    const auto done = co_await tx->commit();
    if (!done) co_return fail(done.error());
    co_return result<void>();
}

task<result<void>> drop_draft(pg::database& db, user_id user, std::string key)
{
    const auto done = co_await db.run(delete_draft_row, pg::params(user, key));
    if (!done) co_return fail(done.error());
    co_return result<void>();
}

void prune_drafts(pg::batch& to, instant now)
{
    to.add(prune_draft_rows, pg::params(now - drafts_live));
}

} // namespace huiyin::people
