#pragma once

#include <huiyin/ticket/ticket_lists.hpp>

namespace huiyin::ticket {

/// Which tickets of those that the reader may read. An empty list that is there matches nothing.
struct list_conditions
{
    std::optional<std::vector<std::string>> statuses; ///< None: all open ones.
    bool open_only = true;
    std::optional<std::vector<department_id>> departments;
    std::optional<user_id> holder;
    std::optional<user_id> handler;
    std::optional<customer_id> customer;
    std::optional<std::string> category;
    std::optional<std::string> channel;
    std::optional<std::string> priority;
    std::optional<std::string> number;
    int marks = 0; ///< All of them.
    std::optional<instant> due_from;
    std::optional<instant> due_before;
};

/// Whose tickets a reader sees; none: all.
struct read_scope
{
    std::vector<department_id> departments; ///< That have or had a part.
    user_id or_handler;
};

struct found_row
{
    list_row row;
    std::optional<department_id> department;
    std::optional<user_id> handler;
    /// {"status","deadlines"}: the open ones, as rows.
    std::string clocks;
};
/// The statements, for those who look at their plans.
const pg::statement& list_by(list_sort sort);
const pg::statement& count_due();

task<result<std::vector<found_row>>> find_rows(pg::database& db, list_sort sort, list_conditions those,
                                               std::optional<list_place> after, std::size_t limit,
                                               std::optional<read_scope> within);

/// Open tickets of one kind.
struct counted_kind
{
    std::string status;
    std::optional<department_id> department;
    bool held_by_reader = false;
    int marks = 0;
    std::int64_t tickets = 0;
};
struct due_span
{
    std::optional<instant> from;
    instant before;
};
struct found_counts
{
    std::vector<counted_kind> kinds;
    std::vector<std::int64_t> due; ///< By span, at most one more than `most_counted`.
};
task<result<found_counts>> find_counts(pg::database& db, user_id reader, std::optional<read_scope> within,
                                       std::vector<due_span> spans);

} // namespace huiyin::ticket
