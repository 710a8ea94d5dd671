#include "department_store.hpp"

#include <nlohmann/json.hpp>

namespace huiyin::people {

namespace {

constexpr pg::statement lock_all_departments{"department.lock_all",
                                             "LOCK TABLE department IN SHARE ROW EXCLUSIVE MODE"};

constexpr pg::statement read_department_by_id{"department.read", R"sql(
    SELECT id, code, parent_id, name, contact_a, contact_b, calendar, active, version, changed_at, changed_by
      FROM department WHERE id = $1)sql"};

constexpr pg::statement read_department_by_code{"department.read_by_code", R"sql(
    SELECT id, code, parent_id, name, contact_a, contact_b, calendar, active, version, changed_at, changed_by
      FROM department WHERE code = $1)sql"};

constexpr pg::statement read_all_departments{"department.list", R"sql(
    SELECT id, code, parent_id, name, contact_a, contact_b, calendar, active, version, changed_at, changed_by
      FROM department ORDER BY code)sql"};

constexpr pg::statement read_departments_by_contact{"department.read_of_contact", R"sql(
    SELECT id, code, parent_id, name, contact_a, contact_b, calendar, active, version, changed_at, changed_by
      FROM department WHERE contact_a = $1 OR contact_b = $1 ORDER BY code)sql"};

constexpr pg::statement insert_department_row{"department.insert", R"sql(
    INSERT INTO department (id, code, parent_id, name, contact_a, contact_b, calendar, active, version, changed_at,
                            changed_by)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11))sql"};

constexpr pg::statement save_department_row{"department.save", R"sql(
    UPDATE department
       SET code = $2, parent_id = $3, name = $4, contact_a = $5, contact_b = $6, calendar = $7, active = $8,
           version = $9, changed_at = $10, changed_by = $11
     WHERE id = $1)sql"};

constexpr pg::statement read_members_of{"department.members", R"sql(
    SELECT user_id, position FROM department_member WHERE department_id = $1 ORDER BY user_id, position)sql"};

constexpr pg::statement read_names_of_members{"department.named_members", R"sql(
    SELECT m.user_id, m.position, u.login, u.display_name, u.active
      FROM department_member m JOIN user_account u ON u.id = m.user_id
     WHERE m.department_id = $1 ORDER BY m.position = 'leader' DESC, u.login, m.position)sql"};

constexpr pg::statement delete_members{"department.delete_members",
                                       "DELETE FROM department_member WHERE department_id = $1"};

constexpr pg::statement insert_members{"department.insert_members", R"sql(
    INSERT INTO department_member (department_id, user_id, position)
    SELECT $1, u, p FROM unnest($2::uuid[], $3::text[]) AS m(u, p))sql"};

constexpr pg::statement department_ancestors{"department.with_ancestors", R"sql(
    WITH RECURSIVE up(id) AS (
        SELECT unnest($1::uuid[])
        UNION
        SELECT d.parent_id FROM department d JOIN up ON d.id = up.id WHERE d.parent_id IS NOT NULL)
    SELECT id FROM up)sql"};

constexpr pg::statement department_leaders{"department.leaders_in", R"sql(
    SELECT DISTINCT user_id FROM department_member
     WHERE department_id = ANY ($1::uuid[]) AND position = 'leader' ORDER BY user_id)sql"};

constexpr pg::statement department_nearest_leaders{"department.nearest_leaders", R"sql(
    WITH RECURSIVE up(id, parent_id, distance) AS (
        SELECT id, parent_id, 0 FROM department WHERE id = $1
        UNION ALL
        SELECT d.id, d.parent_id, up.distance + 1 FROM department d JOIN up ON d.id = up.parent_id
         WHERE up.distance < 64),
    leader AS (
        SELECT up.distance, m.user_id
          FROM up JOIN department_member m ON m.department_id = up.id AND m.position = 'leader'
                  JOIN user_account u ON u.id = m.user_id AND u.active)
    SELECT user_id FROM leader WHERE distance = (SELECT min(distance) FROM leader) ORDER BY user_id)sql"};

stored_department department_from(const pg::row& row)
{
    stored_department found;
    auto& d = found.department;
    d.id = row.get<department_id>("id");
    d.code = row.get<std::string>("code");
    d.parent = row.get<std::optional<department_id>>("parent_id");
    d.name = nlohmann::json::parse(row.get<std::string_view>("name")).get<std::map<std::string, std::string>>();
    d.contact_a = row.get<std::optional<user_id>>("contact_a");
    d.contact_b = row.get<std::optional<user_id>>("contact_b");
    d.calendar = row.get<std::string>("calendar");
    d.active = row.get<bool>("active");
    d.version = row.get<std::int64_t>("version");
    found.changed_at = row.get<instant>("changed_at");
    found.changed_by = row.get<std::optional<uuid>>("changed_by");
    return found;
}

std::optional<department> first_department(const pg::rows& found)
{
    return found.empty() ? std::nullopt : std::optional(department_from(found.front()).department);
}

std::vector<department> departments_from(const pg::rows& found)
{
    std::vector<department> all;
    for (const auto row : found)
        all.push_back(department_from(row).department);
    return all;
}

pg::params department_columns(const stored_department& of)
{
    const auto& d = of.department;
    return pg::params(d.id, d.code, d.parent, nlohmann::json(d.name).dump(), d.contact_a, d.contact_b, d.calendar,
                      d.active, d.version, of.changed_at, of.changed_by);
}

std::vector<member> members_from(const pg::rows& found)
{
    std::vector<member> members;
    for (const auto row : found)
        members.push_back({row.get<user_id>(0), parse_position(row.get<std::string_view>(1)).value()});
    return members;
}

template <class Id>
std::vector<Id> ids_from(const pg::rows& found)
{
    std::vector<Id> ids;
    for (const auto row : found)
        ids.push_back(row.get<Id>(0));
    return ids;
}

} // namespace

task<result<void>> lock_departments(pg::transaction& tx)
{
    auto locked = co_await tx.run(lock_all_departments);
    if (!locked) co_return fail(locked.error());
    co_return result<void>{};
}

task<result<std::optional<stored_department>>> read_department(pg::transaction& tx, department_id id)
{
    auto found = co_await tx.run(read_department_by_id, pg::params(id));
    if (!found) co_return fail(found.error());
    co_return found->empty() ? std::nullopt : std::optional(department_from(found->front()));
}

task<result<std::optional<department>>> read_department(pg::database& db, department_id id)
{
    auto found = co_await db.run(read_department_by_id, pg::params(id));
    if (!found) co_return fail(found.error());
    co_return first_department(*found);
}

task<result<std::optional<department>>> read_department(pg::database& db, std::string code)
{
    auto found = co_await db.run(read_department_by_code, pg::params(code));
    if (!found) co_return fail(found.error());
    co_return first_department(*found);
}

task<result<std::vector<department>>> read_departments(pg::database& db)
{
    auto found = co_await db.run(read_all_departments);
    if (!found) co_return fail(found.error());
    co_return departments_from(*found);
}

task<result<std::vector<department>>> read_departments(pg::transaction& tx)
{
    auto found = co_await tx.run(read_all_departments);
    if (!found) co_return fail(found.error());
    co_return departments_from(*found);
}

task<result<std::vector<stored_department>>> read_departments_of_contact(pg::transaction& tx, user_id contact)
{
    auto found = co_await tx.run(read_departments_by_contact, pg::params(contact));
    if (!found) co_return fail(found.error());
    std::vector<stored_department> all;
    for (const auto row : *found)
        all.push_back(department_from(row));
    co_return all;
}

void insert_department(pg::batch& to, const stored_department& made)
{
    to.add(insert_department_row, department_columns(made));
}

void save_department(pg::batch& to, const stored_department& saved)
{
    to.add(save_department_row, department_columns(saved));
}

void save_members(pg::batch& to, department_id id, const std::vector<member>& members)
{
    std::vector<user_id> users;
    std::vector<std::string_view> positions;
    for (const auto& each : members) {
        users.push_back(each.user);
        positions.push_back(to_string(each.position));
    }
    to.add(delete_members, pg::params(id)).add(insert_members, pg::params(id, users, positions));
}

task<result<std::vector<member>>> read_members(pg::transaction& tx, department_id id)
{
    auto found = co_await tx.run(read_members_of, pg::params(id));
    if (!found) co_return fail(found.error());
    co_return members_from(*found);
}

task<result<std::vector<member>>> read_members(pg::database& db, department_id id)
{
    auto found = co_await db.run(read_members_of, pg::params(id));
    if (!found) co_return fail(found.error());
    co_return members_from(*found);
}

task<result<std::vector<named_member>>> read_named_members(pg::database& db, department_id id)
{
    auto found = co_await db.run(read_names_of_members, pg::params(id));
    if (!found) co_return fail(found.error());
    std::vector<named_member> members;
    for (const auto row : *found)
        members.push_back({{row.get<user_id>(0), parse_position(row.get<std::string_view>(1)).value()},
                           row.get<std::string>(2),
                           row.get<std::string>(3),
                           row.get<bool>(4)});
    co_return members;
}

task<result<std::vector<department_id>>> with_ancestors(pg::transaction& tx, std::vector<department_id> of)
{
    auto found = co_await tx.run(department_ancestors, pg::params(of));
    if (!found) co_return fail(found.error());
    co_return ids_from<department_id>(*found);
}

task<result<std::vector<user_id>>> leaders_in(pg::transaction& tx, std::vector<department_id> departments)
{
    auto found = co_await tx.run(department_leaders, pg::params(departments));
    if (!found) co_return fail(found.error());
    co_return ids_from<user_id>(*found);
}

task<result<std::optional<department>>> find_department(pg::transaction& tx, department_id id)
{
    auto found = co_await tx.run(read_department_by_id, pg::params(id));
    if (!found) co_return fail(found.error());
    co_return first_department(*found);
}

task<result<std::optional<department>>> find_department(pg::transaction& tx, std::string code)
{
    auto found = co_await tx.run(read_department_by_code, pg::params(code));
    if (!found) co_return fail(found.error());
    co_return first_department(*found);
}

task<result<std::vector<user_id>>> nearest_leaders(pg::transaction& tx, department_id id)
{
    auto found = co_await tx.run(department_nearest_leaders, pg::params(id));
    if (!found) co_return fail(found.error());
    co_return ids_from<user_id>(*found);
}

} // namespace huiyin::people
