#pragma once

#include <huiyin/base/error.hpp>
#include <huiyin/base/id.hpp>
#include <huiyin/people/user.hpp>
#include <huiyin/pg/database.hpp>

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace huiyin::people {

struct new_department
{
    /// 1 to 64 of a-z 0-9 _ -, the first a letter or digit.
    std::string code;
    std::optional<department_id> parent;
    /// By language ("zh-CN", "zh-TW", "en"): at least one, each 1 to 100 characters.
    std::map<std::string, std::string> name;
    /// Who is told first of what comes in, and who when A is absent (M09). Two different active users: one who is
    /// deactivated ceases to be a contact, and B takes A's place.
    std::optional<user_id> contact_a;
    std::optional<user_id> contact_b;
    /// The code of its business calendar.
    std::string calendar = "cn";
    bool active = true;
};

struct department : new_department
{
    department_id id;
    std::int64_t version = 1;
};

struct member
{
    user_id user;
    people::position position = position::handler;
    auto operator<=>(const member&) const = default;
};

/// With how colleagues know him.
struct named_member : member
{
    std::string login;
    std::string display_name;
    bool active = true;
};

/// Reads inside another module's transaction.
task<result<std::optional<department>>> find_department(pg::transaction& tx, department_id id);
task<result<std::optional<department>>> find_department(pg::transaction& tx, std::string code);
/// Active leaders of the nearest department that has any: itself, else its parent, and so on up.
task<result<std::vector<user_id>>> nearest_leaders(pg::transaction& tx, department_id id);

} // namespace huiyin::people
