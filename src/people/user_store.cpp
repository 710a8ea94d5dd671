#include "user_store.hpp"

namespace huiyin::people {

namespace {

constexpr pg::statement lock_user_row{"user.lock", "SELECT 1 FROM user_account WHERE id = $1 FOR NO KEY UPDATE"};

constexpr pg::statement read_user_by_id{"user.read", R"sql(
    SELECT id, login, display_name, password_phc, active, language, time_zone, rights_version, version, changed_at,
           changed_by, roles, departments, positions
      FROM user_profile WHERE id = $1)sql"};

constexpr pg::statement read_user_by_login{"user.read_by_login", R"sql(
    SELECT id, login, display_name, password_phc, active, language, time_zone, rights_version, version, changed_at,
           changed_by, roles, departments, positions
      FROM user_profile WHERE login = $1)sql"};

constexpr pg::statement read_user_page{"user.list", R"sql(
    SELECT id, login, display_name, password_phc, active, language, time_zone, rights_version, version, changed_at,
           changed_by, roles, departments, positions
      FROM user_profile WHERE login > $1 ORDER BY login LIMIT $2)sql"};

constexpr pg::statement insert_user_row{"user.insert", R"sql(
    INSERT INTO user_account (id, login, display_name, password_phc, active, language, time_zone, rights_version,
                              version, created_at, changed_at, changed_by)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10, $11))sql"};

constexpr pg::statement save_user_row{"user.save", R"sql(
    UPDATE user_account
       SET display_name = $2, password_phc = $3, active = $4, language = $5, time_zone = $6, rights_version = $7,
           version = $8, changed_at = $9, changed_by = $10
     WHERE id = $1)sql"};

constexpr pg::statement delete_user_roles{"user.delete_roles",
                                          "DELETE FROM user_role WHERE user_id = $1 AND role <> ALL ($2::text[])"};
constexpr pg::statement insert_user_roles{"user.insert_roles", R"sql(
    INSERT INTO user_role (user_id, role) SELECT $1, unnest($2::text[]) ON CONFLICT DO NOTHING)sql"};

constexpr pg::statement raise_user_rights{"user.raise_rights", R"sql(
    UPDATE user_account
       SET rights_version = rights_version + 1, version = version + 1, changed_at = $2, changed_by = $3
     WHERE id = ANY ($1::uuid[])
    RETURNING id, version, rights_version)sql"};

constexpr pg::statement active_of_users{"user.active_of",
                                        "SELECT id FROM user_account WHERE id = ANY ($1::uuid[]) AND active"};

stored_user user_from(const pg::row& row)
{
    stored_user found;
    found.user.id = row.get<user_id>("id");
    found.user.login = row.get<std::string>("login");
    found.user.display_name = row.get<std::string>("display_name");
    found.password_phc = row.get<std::optional<std::string>>("password_phc");
    found.user.has_password = found.password_phc.has_value();
    found.user.active = row.get<bool>("active");
    found.user.language = row.get<std::string>("language");
    found.user.time_zone = row.get<std::string>("time_zone");
    found.user.rights_version = row.get<std::int64_t>("rights_version");
    found.user.version = row.get<std::int64_t>("version");
    found.changed_at = row.get<instant>("changed_at");
    found.changed_by = row.get<std::optional<uuid>>("changed_by");
    for (const auto& name : row.get<std::vector<std::string>>("roles"))
        found.user.roles.add(domain::parse_role(name).value());
    const auto departments = row.get<std::vector<department_id>>("departments");
    const auto positions = row.get<std::vector<std::string>>("positions");
    for (std::size_t i = 0; i < departments.size(); ++i)
        found.user.memberships.push_back({departments[i], parse_position(positions[i]).value()});
    return found;
}

std::optional<stored_user> first_user(const pg::rows& found)
{
    return found.empty() ? std::nullopt : std::optional(user_from(found.front()));
}

} // namespace

std::string_view to_string(position p)
{
    switch (p) {
    case position::handler: return "handler";
    case position::leader: return "leader";
    }
    return "handler";
}

std::optional<position> parse_position(std::string_view name)
{
    if (name == "handler") return position::handler;
    if (name == "leader") return position::leader;
    return std::nullopt;
}

std::vector<std::string> names_of(const domain::role_set& roles)
{
    std::vector<std::string> names;
    for (std::size_t i = 0; i < domain::role_count; ++i)
        if (const auto r = static_cast<domain::role>(i); roles.has(r)) names.emplace_back(to_string(r));
    return names;
}

task<result<std::optional<stored_user>>> lock_user(pg::transaction& tx, user_id id)
{
    pg::batch both;
    both.add(lock_user_row, pg::params(id)).add(read_user_by_id, pg::params(id));
    auto found = co_await tx.run(std::move(both));
    if (!found) co_return fail(found.error());
    co_return first_user((*found)[1]);
}

task<result<std::optional<stored_user>>> read_user(pg::database& db, user_id id)
{
    auto found = co_await db.run(read_user_by_id, pg::params(id));
    if (!found) co_return fail(found.error());
    co_return first_user(*found);
}

task<result<std::optional<stored_user>>> read_user(pg::database& db, std::string login)
{
    auto found = co_await db.run(read_user_by_login, pg::params(login));
    if (!found) co_return fail(found.error());
    co_return first_user(*found);
}

task<result<std::optional<stored_user>>> read_user(pg::transaction& tx, std::string login)
{
    auto found = co_await tx.run(read_user_by_login, pg::params(login));
    if (!found) co_return fail(found.error());
    co_return first_user(*found);
}

task<result<std::vector<user>>> read_users(pg::database& db, std::string after, std::size_t limit)
{
    auto found = co_await db.run(read_user_page, pg::params(after, limit));
    if (!found) co_return fail(found.error());
    std::vector<user> users;
    for (const auto row : *found)
        users.push_back(user_from(row).user);
    co_return users;
}

void insert_user(pg::batch& to, const stored_user& made)
{
    const auto& u = made.user;
    to.add(insert_user_row, pg::params(u.id, u.login, u.display_name, made.password_phc, u.active, u.language,
                                       u.time_zone, u.rights_version, u.version, made.changed_at, made.changed_by));
    to.add(insert_user_roles, pg::params(u.id, names_of(u.roles)));
}

void save_user(pg::batch& to, const stored_user& saved)
{
    const auto& u = saved.user;
    to.add(save_user_row, pg::params(u.id, u.display_name, saved.password_phc, u.active, u.language, u.time_zone,
                                     u.rights_version, u.version, saved.changed_at, saved.changed_by));
}

void save_roles(pg::batch& to, user_id id, const domain::role_set& roles)
{
    to.add(delete_user_roles, pg::params(id, names_of(roles))).add(insert_user_roles, pg::params(id, names_of(roles)));
}

task<result<std::vector<raised_rights>>> raise_rights(pg::transaction& tx, std::vector<user_id> users, instant at,
                                                      std::optional<uuid> by)
{
    if (users.empty()) co_return std::vector<raised_rights>{};
    auto found = co_await tx.run(raise_user_rights, pg::params(users, at, by));
    if (!found) co_return fail(found.error());
    std::vector<raised_rights> raised;
    for (const auto row : *found)
        raised.push_back({row.get<user_id>(0), row.get<std::int64_t>(1), row.get<std::int64_t>(2)});
    co_return raised;
}

task<result<std::vector<user_id>>> active_users(pg::transaction& tx, std::vector<user_id> users)
{
    auto found = co_await tx.run(active_of_users, pg::params(users));
    if (!found) co_return fail(found.error());
    std::vector<user_id> alive;
    for (const auto row : *found)
        alive.push_back(row.get<user_id>(0));
    co_return alive;
}

} // namespace huiyin::people
