#pragma once

#include <huiyin/async/task.hpp>
#include <huiyin/base/time.hpp>
#include <huiyin/domain/actor.hpp>
#include <huiyin/domain/ticket_names.hpp>
#include <huiyin/pg/database.hpp>

#include <array>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace huiyin::people {

/// How the console looks and behaves for one user.
struct user_settings
{
    std::string language;  ///< zh-CN, zh-TW, en.
    std::string time_zone; ///< IANA.
    std::string theme;     ///< light, dark, system.
    std::string density;   ///< comfortable, compact.
    bool single_keys = true;
    bool sounds = true;
};

/// What is left out stays.
struct settings_changes
{
    std::optional<std::string> language;
    std::optional<std::string> time_zone;
    std::optional<std::string> theme;
    std::optional<std::string> density;
    std::optional<bool> single_keys;
    std::optional<bool> sounds;
};

/// Errors: not_found.
task<result<user_settings>> find_settings(pg::database& db, user_id user);
/// Language and zone are part of the account and on record (user.changed); what is only for his own eyes is not.
/// Errors: not_found, invalid_field.
task<result<user_settings>> change_settings(pg::database& db, user_id user, settings_changes changes, instant now);

enum class presence_state { available, away, busy };

} // namespace huiyin::people

namespace huiyin::domain {

template <>
struct names<::huiyin::people::presence_state>
{
    static constexpr auto of = std::to_array<std::string_view>({"available", "away", "busy"});
};

} // namespace huiyin::domain

namespace huiyin::people {

/// Whether a user takes work now. Who is away is passed over by B where a ticket is sent to his department. It holds as
/// long as the session in which he said so: until its end or until it has been idle for `idle_limit`.
struct presence
{
    presence_state state = presence_state::available;
    std::optional<instant> since; ///< None where he has said nothing, or it holds no more.
};

task<result<presence>> find_presence(pg::database& db, user_id user, instant now);
/// On record as user.presence_changed; saying the same again is not.
task<result<presence>> set_presence(pg::database& db, user_id user, session_id session, presence_state state,
                                    std::chrono::seconds idle_limit, instant now);

} // namespace huiyin::people
