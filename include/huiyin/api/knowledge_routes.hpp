#pragma once

#include <huiyin/knowledge/knowledge.hpp>
#include <huiyin/net/router.hpp>
#include <huiyin/people/people_service.hpp>
#include <huiyin/ticket/ticket_service.hpp>

#include <string>

namespace huiyin::api {

/// Articles, answers, notices, and canned replies.
void add_knowledge_routes(net::router& routes, pg::database& db, knowledge::knowledge_base& base,
                          ticket::ticket_service& tickets, people::people_service& people, const clock& time);

} // namespace huiyin::api
