#include "session_store.hpp"

namespace huiyin::people {

namespace {

constexpr pg::statement read_account_for_log_in{"session.account", R"sql(
    SELECT u.id, CASE WHEN u.active THEN u.password_phc END AS password_phc, d.user_id IS NOT NULL AS known_device
      FROM user_account u LEFT JOIN known_device d ON d.token_hash = $2 AND d.user_id = u.id
     WHERE u.login = $1)sql"};

constexpr pg::statement insert_session_row{"session.insert", R"sql(
    INSERT INTO session (id, user_id, token_hash, created_at, seen_at, expires_at, client_address, user_agent_hash)
    VALUES ($1, $2, $3, $4, $4, $5, $6, $7))sql"};

constexpr pg::statement read_session_by_token{"session.authenticate", R"sql(
    SELECT s.id, s.user_id, s.seen_at, s.expires_at, u.login,
           ARRAY(SELECT r.role FROM user_role r WHERE r.user_id = u.id) AS roles,
           ARRAY(SELECT m.department_id FROM department_member m WHERE m.user_id = u.id) AS member_of,
           ARRAY(WITH RECURSIVE led(id) AS (
                     SELECT m.department_id FROM department_member m
                      WHERE m.user_id = u.id AND m.position = 'leader'
                     UNION
                     SELECT d.id FROM department d JOIN led ON d.parent_id = led.id)
                 SELECT id FROM led) AS leads
      FROM session s JOIN user_account u ON u.id = s.user_id
     WHERE s.token_hash = $1 AND u.active)sql"};

constexpr pg::statement touch_session_row{"session.touch",
                                          "UPDATE session SET seen_at = $2 WHERE id = $1 AND seen_at < $2"};

constexpr pg::statement read_sessions_of{"session.list", R"sql(
    SELECT id, created_at, seen_at, expires_at, client_address FROM session
     WHERE user_id = $1 ORDER BY created_at DESC, id DESC LIMIT 200)sql"};

constexpr pg::statement end_session_row{"session.end",
                                        "DELETE FROM session WHERE id = $1 AND user_id = $2 RETURNING id"};

constexpr pg::statement end_sessions_of{"session.end_all", R"sql(
    DELETE FROM session WHERE user_id = $1 AND ($2::uuid IS NULL OR id <> $2) RETURNING id)sql"};

constexpr pg::statement end_sessions_beyond{"session.end_oldest", R"sql(
    DELETE FROM session WHERE id IN (
        SELECT id FROM session WHERE user_id = $1 ORDER BY created_at DESC, id DESC OFFSET $2)
    RETURNING id)sql"};

constexpr pg::statement prune_session_rows{"session.prune", R"sql(
    DELETE FROM session WHERE id IN (
        SELECT id FROM session WHERE seen_at < $1
         ORDER BY seen_at LIMIT 10000 FOR UPDATE SKIP LOCKED))sql"};

constexpr pg::statement remember_device_row{"known_device.remember", R"sql(
    INSERT INTO known_device (token_hash, user_id, seen_at) VALUES ($1, $2, $3)
        ON CONFLICT (token_hash) DO UPDATE SET seen_at = EXCLUDED.seen_at
     WHERE known_device.user_id = EXCLUDED.user_id)sql"};

constexpr pg::statement forget_oldest_devices{"known_device.forget_oldest", R"sql(
    DELETE FROM known_device WHERE token_hash IN (
        SELECT token_hash FROM known_device WHERE user_id = $1 AND token_hash <> $2 ORDER BY seen_at DESC OFFSET 9))sql"};

constexpr pg::statement forget_devices_of{"known_device.forget", "DELETE FROM known_device WHERE user_id = $1"};

constexpr pg::statement prune_device_rows{"known_device.prune", R"sql(
    DELETE FROM known_device WHERE token_hash IN (
        SELECT token_hash FROM known_device WHERE seen_at < $1 ORDER BY seen_at LIMIT 10000
           FOR UPDATE SKIP LOCKED))sql"};

std::vector<session_id> session_ids_from(const pg::rows& found)
{
    std::vector<session_id> ids;
    for (const auto row : found)
        ids.push_back(row.get<session_id>(0));
    return ids;
}

} // namespace

task<result<std::optional<log_in_account>>> read_log_in_account(pg::database& db, std::string login,
                                                                std::optional<sha256_digest> device)
{
    auto found = co_await db.run(read_account_for_log_in, pg::params(login, device));
    if (!found) co_return fail(found.error());
    if (found->empty()) co_return std::nullopt;
    const auto row = found->front();
    co_return log_in_account{row.get<user_id>(0), row.get<std::optional<std::string>>(1), row.get<bool>(2)};
}

void insert_session(pg::batch& to, const new_session& made)
{
    to.add(insert_session_row, pg::params(made.id, made.user, made.token_hash, made.created_at, made.expires_at,
                                          made.client_address, made.user_agent_hash));
}

task<result<std::optional<live_session>>> read_live_session(pg::database& db, sha256_digest token_hash)
{
    auto found = co_await db.run(read_session_by_token, pg::params(token_hash));
    if (!found) co_return fail(found.error());
    if (found->empty()) co_return std::nullopt;
    const auto row = found->front();
    live_session live;
    live.id = row.get<session_id>("id");
    live.seen_at = row.get<instant>("seen_at");
    live.expires_at = row.get<instant>("expires_at");
    live.login = row.get<std::string>("login");
    live.who.kind = domain::actor_kind::user;
    live.who.id = row.get<uuid>("user_id");
    for (const auto& name : row.get<std::vector<std::string>>("roles"))
        live.who.roles.add(domain::parse_role(name).value());
    live.who.leads = row.get<std::vector<department_id>>("leads");
    live.who.departments = live.who.leads;
    for (const auto department : row.get<std::vector<department_id>>("member_of"))
        if (!live.who.serves(department)) live.who.departments.push_back(department);
    co_return live;
}

task<result<void>> touch_session(pg::database& db, session_id id, instant seen_at)
{
    auto touched = co_await db.run(touch_session_row, pg::params(id, seen_at));
    if (!touched) co_return fail(touched.error());
    co_return result<void>{};
}

task<result<std::vector<session_info>>> read_sessions(pg::database& db, user_id user)
{
    auto found = co_await db.run(read_sessions_of, pg::params(user));
    if (!found) co_return fail(found.error());
    std::vector<session_info> open;
    for (const auto row : *found)
        open.push_back({row.get<session_id>(0), row.get<instant>(1), row.get<instant>(2), row.get<instant>(3),
                        row.get<std::string>(4)});
    co_return open;
}

task<result<std::vector<session_id>>> end_session(pg::transaction& tx, session_id id, user_id user)
{
    auto ended = co_await tx.run(end_session_row, pg::params(id, user));
    if (!ended) co_return fail(ended.error());
    co_return session_ids_from(*ended);
}

task<result<std::vector<session_id>>> end_sessions(pg::transaction& tx, user_id user, std::optional<session_id> except)
{
    auto ended = co_await tx.run(end_sessions_of, pg::params(user, except));
    if (!ended) co_return fail(ended.error());
    co_return session_ids_from(*ended);
}

task<result<std::vector<session_id>>> end_oldest_sessions(pg::transaction& tx, user_id user, std::size_t keep)
{
    auto ended = co_await tx.run(end_sessions_beyond, pg::params(user, keep));
    if (!ended) co_return fail(ended.error());
    co_return session_ids_from(*ended);
}

void prune_sessions(pg::batch& to, instant seen_before)
{
    to.add(prune_session_rows, pg::params(seen_before));
}

void remember_device(pg::batch& to, const sha256_digest& token_hash, user_id user, instant at)
{
    to.add(remember_device_row, pg::params(token_hash, user, at));
    to.add(forget_oldest_devices, pg::params(user, token_hash));
}

void forget_devices(pg::batch& to, user_id user)
{
    to.add(forget_devices_of, pg::params(user));
}

void prune_devices(pg::batch& to, instant seen_before)
{
    to.add(prune_device_rows, pg::params(seen_before));
}

} // namespace huiyin::people
