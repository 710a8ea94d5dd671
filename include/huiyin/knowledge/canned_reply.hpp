#pragma once

#include <huiyin/async/task.hpp>
#include <huiyin/base/time.hpp>
#include <huiyin/domain/actor.hpp>
#include <huiyin/domain/ticket_names.hpp>
#include <huiyin/pg/database.hpp>

#include <array>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace huiyin::knowledge {

using reply_id = id<struct canned_reply_tag>;

enum class reply_sharing { private_, department, all };

} // namespace huiyin::knowledge

namespace huiyin::domain {

template <>
struct names<::huiyin::knowledge::reply_sharing>
{
    static constexpr auto of = std::to_array<std::string_view>({"private", "department", "all"});
};

} // namespace huiyin::domain

namespace huiyin::knowledge {

/// What may stand in braces in a reply: "{number}".
constexpr auto reply_variables =
    std::to_array<std::string_view>({"customer", "number", "due", "category", "department", "agent", "today"});

struct reply_content
{
    std::string name;                    ///< 1 to 60 characters.
    std::string body;                    ///< 1 to 4000 characters; "{word}" names a variable.
    std::vector<std::string> categories; ///< For which it is offered; none: for all. At most 50.
    reply_sharing shared = reply_sharing::private_;
    std::optional<department_id> department; ///< Where it is shared with one.
};

struct canned_reply
{
    reply_id id;
    user_id owner;
    std::string owner_name;
    reply_content what;
    std::int64_t version = 1;
    instant changed_at;
};

constexpr std::size_t most_replies = 500;

/// The variables that a body names, each once, in their order.
std::vector<std::string> variables_in(std::string_view body);
/// Each variable replaced by its value; those without one stay as they are and come as the second.
std::pair<std::string, std::vector<std::string>> rendered(std::string_view body,
                                                          const std::map<std::string, std::string>& values);

/// Names, lengths, and that every variable is known. Errors: invalid_field.
result<void> check_reply(const reply_content& what);

/// The user's own and those that are shared with him, by name; at most 2000. `category`: only what is offered for it.
task<result<std::vector<canned_reply>>> list_replies(pg::database& db, std::string category, domain::actor who);
/// One that he may use; `not_found` otherwise.
task<result<canned_reply>> load_reply(pg::database& db, reply_id id, domain::actor who);

// A change of what is shared is an event that names the words by digest; what is private is nobody else's business.

/// Errors: limit_reached (500 of his own), those of check_reply, a department that is not there; forbidden: leaders,
/// supervisors and administrators share, a leader with departments that he leads.
task<result<canned_reply>> save_reply(pg::database& db, reply_content what, domain::actor who, instant now);
/// Only his own, or whatever is shared for an administrator; otherwise not_found. Errors: stale_version and those
/// above.
task<result<canned_reply>> change_reply(pg::database& db, reply_id id, std::int64_t seen, reply_content what,
                                        domain::actor who, instant now);
task<result<void>> delete_reply(pg::database& db, reply_id id, std::int64_t seen, domain::actor who, instant now);

} // namespace huiyin::knowledge
