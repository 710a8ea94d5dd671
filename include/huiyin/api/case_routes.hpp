#pragma once

#include <huiyin/net/router.hpp>
#include <huiyin/ticket/case_library.hpp>
#include <huiyin/ticket/problem.hpp>

namespace huiyin::api {

/// /api/v1/cases, /api/v1/problems, and of a ticket: its case record and its archive copies.
void add_case_routes(net::router& routes, ticket::case_library& cases, ticket::problem_book& problems,
                     ticket::ticket_service& tickets);

} // namespace huiyin::api
