#pragma once

#include <huiyin/ticket/ticket_service.hpp>

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace huiyin::ticket {

using problem_id = huiyin::id<struct problem_tag>;

constexpr std::size_t most_problem_tickets = 1000;

/// The way is open → corrective_action → closed, and from closed back to open when it comes again.
enum class problem_state { open, corrective_action, closed };
std::string_view to_string(problem_state state);
std::optional<problem_state> parse_problem_state(std::string_view name);

/// One cause behind several tickets, and what is done about it.
struct problem
{
    problem_id id;
    std::int64_t version = 0;
    problem_state state = problem_state::open;
    std::string title;
    std::string root_cause;                  ///< A code of the pack.
    std::string category;                    ///< A code, or empty for a cause that shows in several.
    std::optional<department_id> department; ///< Which owns the corrective action.
    std::string action;                      ///< Empty until there is one.
    bool action_done = false;
    std::optional<instant> due_at;
    instant created_at;
    uuid created_by;
    instant changed_at;
    uuid changed_by;
    std::optional<instant> closed_at;
    std::size_t tickets = 0;
};

struct problem_draft
{
    std::string title; ///< 1 to 200 characters.
    std::string root_cause;
    std::string category;
    std::optional<department_id> department;
    std::string action; ///< At most 5000 characters.
    std::optional<instant> due_at;
    std::vector<ticket_id> tickets;
    /// All tickets of the group that this one is in or leads.
    std::optional<ticket_id> group_of;
};

/// What is not named stays.
struct problem_changes
{
    std::optional<std::string> title;
    std::optional<std::string> root_cause;
    std::optional<std::string> category;
    std::optional<department_id> department;
    std::optional<std::string> action;
    std::optional<bool> action_done;
    std::optional<instant> due_at;
    std::optional<problem_state> state;
};

struct problem_filter
{
    std::optional<problem_state> state;
    std::string category;
    std::string root_cause;
    std::optional<department_id> department;
};

struct linked_ticket
{
    ticket_id id;
    std::string number;
    std::string status;
    std::string category;
    instant linked_at;
};

struct problem_page
{
    std::vector<problem> items;
    std::optional<std::pair<instant, problem_id>> next;
};

/// Problem records, readable by the whole house. One per reactor.
class problem_book
{
public:
    problem_book(pg::database& db, const clock& time, configurations& rules) : db_(db), clock_(time), rules_(rules) {}

    /// Errors: not_found (the actor may not), invalid_field (codes, tickets that he may not read included),
    /// limit_reached.
    task<result<problem>> create(problem_draft what, domain::actor who);
    /// Errors: not_found, stale_version, invalid_field, wrong_state (no such way, or changing a closed one),
    /// action_not_done (closing needs the corrective action done).
    task<result<problem>> change(problem_id id, problem_changes changes, std::int64_t seen, domain::actor who);
    /// Links more tickets; those that are linked already stay so. Errors: not_found, wrong_state (closed),
    /// invalid_field, limit_reached.
    task<result<problem>> link(problem_id id, std::vector<ticket_id> tickets, domain::actor who);

    task<result<problem>> load(problem_id id);
    /// Newest first; `limit` 1 to 200.
    task<result<problem_page>> list(problem_filter filter, std::optional<std::pair<instant, problem_id>> after,
                                    std::size_t limit);
    /// The newest first, at most most_problem_tickets; only what the actor may read.
    task<result<std::vector<linked_ticket>>> tickets_of(problem_id id, domain::actor who);

private:
    task<result<std::vector<ticket_id>>> check_tickets(pg::transaction& tx, std::vector<ticket_id> tickets,
                                                       const domain::actor& who);

    pg::database& db_;
    const clock& clock_;
    configurations& rules_;
};

} // namespace huiyin::ticket
