#pragma once

#include <huiyin/base/id.hpp>
#include <huiyin/base/time.hpp>
#include <huiyin/domain/actor.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace huiyin::people {

enum class position { handler, leader };
std::string_view to_string(position p);
std::optional<position> parse_position(std::string_view name);

/// What a user is in one department.
struct membership
{
    department_id department;
    people::position position = position::handler;
    auto operator<=>(const membership&) const = default;
};

struct user
{
    user_id id;
    std::string login;
    std::string display_name;
    bool active = true;
    bool has_password = false;
    std::string language;  ///< "zh-CN", "zh-TW" or "en".
    std::string time_zone; ///< IANA name.
    domain::role_set roles;
    std::vector<membership> memberships;
    std::int64_t rights_version = 1; ///< Rises with every change of what he may do.
    std::int64_t version = 1;
};

struct new_user
{
    /// 1 to 64 of a-z 0-9 . _ @ + -, the first a letter or digit; upper case is made lower.
    std::string login;
    std::string display_name; ///< 1 to 100 characters.
    domain::role_set roles;
    std::string language = "zh-CN";
    std::string time_zone = "Asia/Shanghai";
    /// 8 characters to 256 bytes. Without one nobody can log in to the account.
    std::optional<std::string> password;
};

/// What is left out stays.
struct user_changes
{
    std::optional<std::string> display_name;
    std::optional<std::string> language;
    std::optional<std::string> time_zone;
    std::optional<bool> active;
};

} // namespace huiyin::people
