#pragma once

#include <huiyin/people/user.hpp>
#include <huiyin/pg/database.hpp>

#include <optional>
#include <string>
#include <vector>

namespace huiyin::people {

struct stored_user
{
    people::user user;
    std::optional<std::string> password_phc;
    instant changed_at;
    std::optional<uuid> changed_by;
};

/// Locks the account's row, then reads it.
task<result<std::optional<stored_user>>> lock_user(pg::transaction& tx, user_id id);
task<result<std::optional<stored_user>>> read_user(pg::database& db, user_id id);
task<result<std::optional<stored_user>>> read_user(pg::database& db, std::string login);
task<result<std::optional<stored_user>>> read_user(pg::transaction& tx, std::string login);
task<result<std::vector<user>>> read_users(pg::database& db, std::string after, std::size_t limit);

void insert_user(pg::batch& to, const stored_user& made);
/// All columns; `saved.user.version` is the new one.
void save_user(pg::batch& to, const stored_user& saved);
void save_roles(pg::batch& to, user_id id, const domain::role_set& roles);

struct raised_rights
{
    user_id user;
    std::int64_t version = 0;
    std::int64_t rights_version = 0;
};
/// Raises version and rights version of each.
task<result<std::vector<raised_rights>>> raise_rights(pg::transaction& tx, std::vector<user_id> users, instant at,
                                                      std::optional<uuid> by);
/// Those of `users` that exist and are active.
task<result<std::vector<user_id>>> active_users(pg::transaction& tx, std::vector<user_id> users);

std::vector<std::string> names_of(const domain::role_set& roles);

} // namespace huiyin::people
