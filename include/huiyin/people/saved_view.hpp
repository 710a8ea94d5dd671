#pragma once

#include <huiyin/async/task.hpp>
#include <huiyin/base/time.hpp>
#include <huiyin/domain/actor.hpp>
#include <huiyin/domain/ticket_names.hpp>
#include <huiyin/pg/database.hpp>

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace huiyin::people {

using view_id = id<struct view_tag>;

enum class view_sharing { private_, department, all };

} // namespace huiyin::people

namespace huiyin::domain {

template <>
struct names<::huiyin::people::view_sharing>
{
    static constexpr auto of = std::to_array<std::string_view>({"private", "department", "all"});
};

} // namespace huiyin::domain

namespace huiyin::people {

/// What a list of tickets shows, under a name. Whoever opens it sees what his own rights let him see.
struct view_content
{
    std::string name;   ///< 1 to 60 characters.
    std::string filter; ///< A JSON object; the list's endpoint says what may stand in it.
    view_sharing shared = view_sharing::private_;
    std::optional<department_id> department; ///< Where it is shared with one.
};

struct saved_view
{
    view_id id;
    user_id owner;
    std::string owner_name;
    view_content what;
    std::int64_t version = 1;
    instant changed_at;
};

constexpr std::size_t most_views = 200;

/// The user's own and those that are shared with him, by name; at most 1000.
task<result<std::vector<saved_view>>> list_views(pg::database& db, domain::actor who);

/// Errors: limit_reached (200 of his own), invalid_field (a department that is not there), forbidden: leaders,
/// supervisors and administrators share, a leader with departments that he leads.
task<result<saved_view>> save_view(pg::database& db, view_content what, domain::actor who, instant now);
/// Only his own; otherwise not_found. Errors: stale_version and those of `save_view`.
task<result<saved_view>> change_view(pg::database& db, view_id id, std::int64_t seen, view_content what,
                                     domain::actor who, instant now);
/// His own; an administrator whatever is shared.
task<result<void>> delete_view(pg::database& db, view_id id, std::int64_t seen, domain::actor who);

} // namespace huiyin::people
