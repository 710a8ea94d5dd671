#include "list_query.hpp"

#include <huiyin/domain/calendar.hpp>

#include <algorithm>
#include <array>

namespace huiyin::api {

namespace {

constexpr std::array<std::string_view, 15> filters{
    "view",   "status", "department_id", "handler_id", "customer_id", "category", "channel", "priority",
    "number", "flag",   "overdue",       "due_after",  "due_before",  "sort",     "tz"};
constexpr std::size_t most_repeats = 50;
constexpr std::size_t longest_code = 64;

template <class E>
std::optional<E> name_in(const std::string& name, const std::string& value, net::violations& wrong)
{
    const auto read = domain::parse_name<E>(value);
    if (!read) wrong.add(name, "is none of the known values");
    return read;
}

template <class Id>
std::optional<Id> id_in(const std::string& name, const std::string& value, net::violations& wrong)
{
    const auto read = Id::parse(value);
    if (!read) wrong.add(name, "is not an id");
    return read;
}

std::optional<std::string> code_in(const std::string& name, const std::string& value, net::violations& wrong)
{
    if (value.size() > longest_code) wrong.add(name, "is too long");
    return value;
}

std::optional<ticket::list_sort> sort_of(std::string_view name)
{
    if (name == "due") return ticket::list_sort::due;
    if (name == "created") return ticket::list_sort::created;
    if (name == "updated") return ticket::list_sort::updated;
    return std::nullopt;
}

} // namespace

bool is_filter(std::string_view name)
{
    return std::ranges::find(filters, name) != filters.end();
}

bool is_repeated_filter(std::string_view name)
{
    return name == "status" || name == "department_id" || name == "flag";
}

ticket::list_query read_list_query(const std::vector<std::pair<std::string, std::string>>& parameters,
                                   net::violations& wrong)
{
    ticket::list_query query;
    std::optional<ticket::list_sort> sort;
    for (const auto& [name, value] : parameters) {
        if (name == "view") {
            query.view = name_in<ticket::list_view>(name, value, wrong);
        } else if (name == "status") {
            if (name_in<domain::ticket_status>(name, value, wrong)) query.statuses.push_back(value);
        } else if (name == "department_id") {
            if (const auto id = id_in<department_id>(name, value, wrong)) query.departments.push_back(*id);
        } else if (name == "handler_id") {
            query.handler = id_in<user_id>(name, value, wrong);
        } else if (name == "customer_id") {
            query.customer = id_in<customer_id>(name, value, wrong);
        } else if (name == "category") {
            query.category = code_in(name, value, wrong);
        } else if (name == "channel") {
            query.channel = code_in(name, value, wrong);
        } else if (name == "priority") {
            if (name_in<domain::ticket_priority>(name, value, wrong)) query.priority = value;
        } else if (name == "number") {
            query.number = code_in(name, value, wrong);
        } else if (name == "flag") {
            if (const auto mark = name_in<ticket::list_mark>(name, value, wrong)) query.marks.push_back(*mark);
        } else if (name == "overdue") {
            query.overdue = value == "true";
            if (!query.overdue && value != "false") wrong.add(name, "is neither true nor false");
        } else if (name == "due_after") {
            query.due_after = parse_rfc3339(value);
            if (!query.due_after) wrong.add(name, "is not a time");
        } else if (name == "due_before") {
            query.due_before = parse_rfc3339(value);
            if (!query.due_before) wrong.add(name, "is not a time");
        } else if (name == "sort") {
            sort = sort_of(value);
            if (!sort) wrong.add(name, "is none of due, created, updated");
        } else if (name == "tz") {
            query.time_zone = value;
            if (!domain::is_time_zone(value)) wrong.add(name, "is no time zone");
        }
    }
    if (std::max({query.statuses.size(), query.departments.size(), query.marks.size()}) > most_repeats)
        wrong.add("", "has too many values");
    query.sort = sort.value_or(query.view ? ticket::list_sort::due : ticket::list_sort::created);
    return query;
}

} // namespace huiyin::api
