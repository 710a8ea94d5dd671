#pragma once

#include <huiyin/people/department.hpp>
#include <huiyin/pg/database.hpp>

#include <optional>
#include <string>
#include <vector>

namespace huiyin::people {

struct stored_department
{
    people::department department;
    instant changed_at;
    std::optional<uuid> changed_by;
};

/// Keeps every other change of departments and members out until the end: they check one another (no circles).
task<result<void>> lock_departments(pg::transaction& tx);
task<result<std::optional<stored_department>>> read_department(pg::transaction& tx, department_id id);
task<result<std::optional<department>>> read_department(pg::database& db, department_id id);
task<result<std::optional<department>>> read_department(pg::database& db, std::string code);
task<result<std::vector<department>>> read_departments(pg::database& db);
task<result<std::vector<department>>> read_departments(pg::transaction& tx);
/// Whose contact A or B he is.
task<result<std::vector<stored_department>>> read_departments_of_contact(pg::transaction& tx, user_id contact);

void insert_department(pg::batch& to, const stored_department& made);
/// `saved.department.version` is the new one.
void save_department(pg::batch& to, const stored_department& saved);
void save_members(pg::batch& to, department_id id, const std::vector<member>& members);

task<result<std::vector<member>>> read_members(pg::transaction& tx, department_id id);
task<result<std::vector<member>>> read_members(pg::database& db, department_id id);
task<result<std::vector<named_member>>> read_named_members(pg::database& db, department_id id);
/// `of` and all departments above them.
task<result<std::vector<department_id>>> with_ancestors(pg::transaction& tx, std::vector<department_id> of);
task<result<std::vector<user_id>>> leaders_in(pg::transaction& tx, std::vector<department_id> departments);

} // namespace huiyin::people
