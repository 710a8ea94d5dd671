#pragma once

#include <huiyin/net/router.hpp>
#include <huiyin/people/cookies.hpp>
#include <huiyin/people/notice.hpp>
#include <huiyin/people/people_service.hpp>
#include <huiyin/people/session_service.hpp>
#include <huiyin/people/token_service.hpp>

namespace huiyin::api {

/// /api/v1/session, /api/v1/sessions, /api/v1/me: log-in, log-out, one's own account and inbox.
void add_session_routes(net::router& routes, people::session_service& sessions, people::people_service& people,
                        people::notice_inbox& notices, people::cookie_settings cookies);
/// /api/v1/users, /api/v1/departments.
void add_people_routes(net::router& routes, people::people_service& people);
/// /api/v1/tokens.
void add_token_routes(net::router& routes, people::token_service& tokens);

} // namespace huiyin::api
