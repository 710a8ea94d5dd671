#pragma once

#include <huiyin/net/message.hpp>
#include <huiyin/ticket/ticket_lists.hpp>

#include <string>
#include <utility>
#include <vector>

namespace huiyin::api {

/// What narrows a list of tickets, from a query's parameters or a saved view's members; all that is wrong goes to
/// `wrong`. Names that are none of a filter are left alone: `is_filter` knows them.
ticket::list_query read_list_query(const std::vector<std::pair<std::string, std::string>>& parameters,
                                   net::violations& wrong);
bool is_filter(std::string_view name);
/// May be given more than once.
bool is_repeated_filter(std::string_view name);

} // namespace huiyin::api
