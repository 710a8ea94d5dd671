#include "token_store.hpp"

namespace huiyin::people {

namespace {

constexpr pg::statement insert_token_row{"api_token.insert", R"sql(
    INSERT INTO api_token (id, handle, secret_hash, name, scopes, created_by, created_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7))sql"};

constexpr pg::statement lock_token_row{"api_token.lock", R"sql(
    SELECT id, handle, name, scopes, created_by, created_at, last_used_at, revoked_at
      FROM api_token WHERE id = $1 FOR NO KEY UPDATE)sql"};

constexpr pg::statement revoke_token_row{"api_token.revoke", "UPDATE api_token SET revoked_at = $2 WHERE id = $1"};

constexpr pg::statement list_token_rows{"api_token.list", R"sql(
    SELECT id, handle, name, scopes, created_by, created_at, last_used_at, revoked_at
      FROM api_token WHERE $1::uuid IS NULL OR id < $1 ORDER BY id DESC LIMIT $2)sql"};

constexpr pg::statement read_token_by_handle{"api_token.authenticate", R"sql(
    SELECT id, handle, name, scopes, created_by, created_at, last_used_at, revoked_at, secret_hash
      FROM api_token WHERE handle = $1 AND revoked_at IS NULL)sql"};

constexpr pg::statement touch_token_row{
    "api_token.touch",
    "UPDATE api_token SET last_used_at = $2 WHERE id = $1 AND (last_used_at IS NULL OR last_used_at < $2)"};

api_token token_from(const pg::row& row)
{
    return {row.get<token_id>(0),
            row.get<std::string>(1),
            row.get<std::string>(2),
            row.get<std::vector<std::string>>(3),
            row.get<std::optional<user_id>>(4),
            row.get<instant>(5),
            row.get<std::optional<instant>>(6),
            row.get<std::optional<instant>>(7)};
}

} // namespace

void insert_token(pg::batch& to, const api_token& made, const sha256_digest& secret_hash)
{
    to.add(insert_token_row,
           pg::params(made.id, made.handle, secret_hash, made.name, made.scopes, made.created_by, made.created_at));
}

task<result<std::optional<api_token>>> lock_token(pg::transaction& tx, token_id id)
{
    auto found = co_await tx.run(lock_token_row, pg::params(id));
    if (!found) co_return fail(found.error());
    co_return found->empty() ? std::nullopt : std::optional(token_from(found->front()));
}

void save_token_revoked(pg::batch& to, token_id id, instant at)
{
    to.add(revoke_token_row, pg::params(id, at));
}

task<result<std::vector<api_token>>> read_tokens(pg::database& db, std::optional<token_id> before, std::size_t limit)
{
    auto found = co_await db.run(list_token_rows, pg::params(before, limit));
    if (!found) co_return fail(found.error());
    std::vector<api_token> tokens;
    for (const auto row : *found)
        tokens.push_back(token_from(row));
    co_return tokens;
}

task<result<std::optional<live_token>>> read_live_token(pg::database& db, std::string handle)
{
    auto found = co_await db.run(read_token_by_handle, pg::params(handle));
    if (!found) co_return fail(found.error());
    if (found->empty()) co_return std::nullopt;
    co_return live_token{token_from(found->front()), found->front().get<std::vector<std::uint8_t>>(8)};
}

task<result<void>> touch_token(pg::database& db, token_id id, instant used_at)
{
    auto touched = co_await db.run(touch_token_row, pg::params(id, used_at));
    if (!touched) co_return fail(touched.error());
    co_return result<void>{};
}

} // namespace huiyin::people
