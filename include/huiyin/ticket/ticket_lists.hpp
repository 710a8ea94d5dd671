#pragma once

#include <huiyin/domain/actor.hpp>
#include <huiyin/ticket/configuration.hpp>
#include <huiyin/ticket/list_mark.hpp>
#include <huiyin/ticket/ticket_service.hpp>

#include <array>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace huiyin::ticket {

/// What a console's navigation offers. All of them are of open tickets, and only of those that the reader may read.
enum class list_view {
    mine,        ///< It is the reader's turn.
    department,  ///< One of his departments leads.
    to_sign,     ///< Dispatched and not yet accepted; of a department's reader in his own departments.
    due_today,   ///< The nearest clock ends today, or has ended.
    breaching,   ///< It ends within two hours.
    promise_due, ///< The customer has a promise that is open.
    returned,    ///< list_mark::returned.
    round_2,
    supervised,
    on_hold,
    overdue,    ///< A clock has ended.
    callback,   ///< Somebody is to be called back, or asked whether he withdraws.
    to_judge,   ///< New, or in triage.
    to_review,  ///< The department has replied; the desk has not looked yet.
    to_approve, ///< A signature is wanted; of a leader in the departments he leads.
    all_open,
};

} // namespace huiyin::ticket

namespace huiyin::domain {

template <>
struct names<::huiyin::ticket::list_view>
{
    static constexpr auto of = std::to_array<std::string_view>(
        {"mine", "department", "to_sign", "due_today", "breaching", "promise_due", "returned", "round_2", "supervised",
         "on_hold", "overdue", "callback", "to_judge", "to_review", "to_approve", "all_open"});
};

} // namespace huiyin::domain

namespace huiyin::ticket {

/// Counts that depend on the moment stop here.
constexpr std::int64_t most_counted = 10'000;

struct view_count
{
    std::int64_t count = 0;
    bool exact = true; ///< False: there are more.
};

enum class list_sort {
    due,     ///< The nearest clock first; those without one last. Open tickets only.
    created, ///< Newest first.
    updated, ///< What changed last first.
};

/// What a list is narrowed to; all of it must hold.
struct list_query
{
    std::optional<list_view> view;
    std::vector<std::string> statuses;      ///< Empty: all open ones; with a number, any.
    std::vector<department_id> departments; ///< One of them leads; empty: any, and none.
    std::optional<user_id> handler;
    std::optional<customer_id> customer;
    std::optional<std::string> category;
    std::optional<std::string> channel;
    std::optional<std::string> priority;
    std::optional<std::string> number;
    std::vector<list_mark> marks;
    bool overdue = false;
    /// The nearest clock ends then or later; those without one have no end.
    std::optional<instant> due_after;
    /// The nearest clock ends before that.
    std::optional<instant> due_before;
    list_sort sort = list_sort::due;
    /// IANA; in which "today" ends. Empty: the house's.
    std::string time_zone;
};

struct list_place
{
    /// None: at those without a running clock.
    std::optional<instant> at;
    ticket_id last;
};

/// A clock as a list draws it.
struct list_clock
{
    domain::deadline_kind kind = domain::deadline_kind::resolve;
    instant due_at;
    /// When the card turns yellow, or turned.
    std::optional<instant> warn_at;
    std::string_view card; ///< ok, warn, over, paused.
};

struct named_user
{
    user_id id;
    std::string name;
};

struct list_row
{
    list_item item;
    std::string channel;
    /// First words of the problem; empty where they were erased.
    std::string title;
    std::string customer_name;
    bool confidential = false;
    bool shows_customer = true; ///< The reader may know who it is.
    std::optional<department_entry> department;
    std::optional<named_user> handler;
    std::optional<named_user> holder;
    std::optional<list_clock> nearest;
    std::optional<list_clock> customer_clock;
    instant waited_since;
    instant changed_at;
    int round = 1; ///< Of the loop: 1 until the customer was not content.
    int urge_count = 0;
    int return_count = 0;
    std::vector<list_mark> marks;
    struct happening
    {
        std::string kind;
        instant at;
        std::string actor_kind;
        std::optional<named_user> actor;
    };
    std::optional<happening> last;
    list_place place;
};

struct list_page
{
    std::vector<list_row> rows;
    std::optional<list_place> next; ///< Nothing at the end.
};

/// Lists and counts of tickets. One per reactor.
class ticket_lists
{
public:
    ticket_lists(pg::database& db, const clock& time, configurations& rules) : db_(db), clock_(time), rules_(rules) {}

    /// At most 200 rows. Errors: not_found (the actor may read no ticket), invalid_field (sort `due` of tickets that
    /// are closed, an unknown time zone), those of the database.
    task<result<list_page>> list(list_query query, std::optional<list_place> after, std::size_t limit,
                                 domain::actor who);

    /// Of every view, as `list` would show it. Those that do not depend on the moment lag behind by the time that the
    /// counter's duty needs; the others stop at `most_counted`.
    task<result<std::map<list_view, view_count>>> counts(domain::actor who, std::string time_zone);

private:
    pg::database& db_;
    const clock& clock_;
    configurations& rules_;
};

} // namespace huiyin::ticket
