#include "body.hpp"
#include "people_json.hpp"

#include <huiyin/api/people_routes.hpp>

namespace huiyin::api {

namespace {

using api::to_json;
using domain::permission;
using nlohmann::json;

json to_json(const people::session_info& session, const std::optional<session_id>& own)
{
    return {{"id", session.id.to_string()},
            {"created_at", to_rfc3339(session.created_at)},
            {"seen_at", to_rfc3339(session.seen_at)},
            {"expires_at", to_rfc3339(session.expires_at)},
            {"client_address", session.client_address},
            {"current", own == session.id}};
}

json to_json(const people::notice& notice)
{
    return {{"id", notice.id.to_string()},
            {"kind", notice.kind},
            {"ticket_id", notice.ticket ? json(notice.ticket->to_string()) : json()},
            {"ticket_number", notice.ticket_number.empty() ? json() : json(notice.ticket_number)},
            {"at", to_rfc3339(notice.at)},
            {"read_at", notice.read_at ? json(to_rfc3339(*notice.read_at)) : json()}};
}

/// `logged_in` routes are for people; a token has no account of its own.
std::optional<user_id> user_of(const net::request& req)
{
    if (req.actor().kind != domain::actor_kind::user) return std::nullopt;
    return user_id(req.actor().id);
}

task<net::response> log_in(net::request& req, people::session_service& sessions, people::people_service& people,
                           people::cookie_settings cookies)
{
    const auto sent = req.json();
    if (!sent) co_return net::problem(sent.error());
    body in(*sent);
    people::log_in_attempt attempt;
    attempt.login = in.text("login", 1, 64);
    // Not trimmed: a password may begin with a space.
    if (const auto* const password = in.find("password"); password && password->is_string())
        attempt.password = password->get<std::string>();
    else
        in.add("password", "is missing");
    if (attempt.password.size() > 256) in.add("password", "is longer than 256 bytes");
    if (auto refused = in.refusal()) co_return std::move(*refused);

    attempt.client_address = req.client_address;
    attempt.user_agent = req.header("user-agent").value_or("");
    attempt.device = people::device_cookie(req, cookies);
    auto done = co_await sessions.log_in(std::move(attempt));
    if (!done) co_return net::problem(done.error());
    const auto user = co_await people.find_user(done->user);
    if (!user) co_return net::problem(user.error());
    if (!*user) co_return net::problem(error{errc::not_found, "user vanished", {}});
    auto answer = net::json_reply(201, {{"user", to_json(**user)}, {"expires_at", to_rfc3339(done->expires_at)}});
    answer.with("Set-Cookie", people::set_session_cookie(req, cookies, done->token));
    answer.with("Set-Cookie", people::set_device_cookie(req, cookies, done->device));
    co_return answer;
}

task<net::response> log_out(net::request& req, people::session_service& sessions, people::cookie_settings cookies)
{
    if (req.principal.session) {
        const auto done = co_await sessions.log_out(*req.principal.session, req.actor());
        if (!done) co_return net::problem(done.error());
    }
    co_return net::no_content().with("Set-Cookie", people::clear_session_cookie(req, cookies));
}

task<net::response> show_me(net::request& req, people::people_service& people)
{
    const auto id = user_of(req);
    if (!id) co_return net::problem(error{errc::not_found, "a token is nobody", {}});
    const auto user = co_await people.find_user(*id);
    if (!user) co_return net::problem(user.error());
    if (!*user) co_return net::problem(error{errc::not_found, {}, {}});
    co_return net::json_reply(200, to_json(**user));
}

task<net::response> change_own_password(net::request& req, people::session_service& sessions)
{
    const auto sent = req.json();
    if (!sent) co_return net::problem(sent.error());
    body in(*sent);
    std::string passwords[2];
    const char* names[] = {"old_password", "new_password"};
    for (int i = 0; i < 2; ++i) {
        const auto* const value = in.find(names[i]);
        if (value && value->is_string() && value->get_ref<const std::string&>().size() <= 256)
            passwords[i] = value->get<std::string>();
        else
            in.add(names[i], "is not a string of at most 256 bytes");
    }
    if (auto refused = in.refusal()) co_return std::move(*refused);
    if (!req.principal.session) co_return net::problem(error{errc::not_found, "no session", {}});
    const auto done =
        co_await sessions.change_password(*req.principal.session, passwords[0], passwords[1], req.actor());
    if (!done) co_return net::problem(done.error());
    co_return net::no_content();
}

task<net::response> list_sessions(net::request& req, people::session_service& sessions)
{
    const auto id = user_of(req);
    if (!id) co_return net::problem(error{errc::not_found, "a token is nobody", {}});
    const auto open = co_await sessions.list_sessions(*id);
    if (!open) co_return net::problem(open.error());
    json items = json::array();
    for (const auto& each : *open)
        items.push_back(to_json(each, req.principal.session));
    co_return net::json_reply(200, {{"items", items}});
}

task<net::response> log_out_everywhere(net::request& req, people::session_service& sessions,
                                       people::cookie_settings cookies)
{
    const auto id = user_of(req);
    if (!id) co_return net::problem(error{errc::not_found, "a token is nobody", {}});
    const auto ended = co_await sessions.log_out_everywhere(*id, std::nullopt, req.actor());
    if (!ended) co_return net::problem(ended.error());
    co_return net::json_reply(200, {{"ended", *ended}}).with("Set-Cookie", people::clear_session_cookie(req, cookies));
}

task<net::response> list_notices(net::request& req, people::notice_inbox& notices)
{
    const auto id = user_of(req);
    if (!id) co_return net::problem(error{errc::not_found, "a token is nobody", {}});
    const auto page = net::page_of(req);
    if (!page) co_return net::problem(page.error());
    std::optional<people::notice_inbox::place> before;
    if (page->after) {
        const auto& key = *page->after;
        const auto at = key.size() == 2 ? parse_rfc3339(key[0]) : std::nullopt;
        const auto last = key.size() == 2 ? people::notice_id::parse(key[1]) : std::nullopt;
        if (!at || !last) co_return net::problem(error{errc::invalid_cursor, {}, {}});
        before = people::notice_inbox::place{*at, *last};
    }
    const auto found = co_await notices.list(*id, before, page->limit);
    if (!found) co_return net::problem(found.error());
    json items = json::array();
    for (const auto& each : *found)
        items.push_back(to_json(each));
    json answer{{"items", items}, {"next_cursor", nullptr}};
    if (found->size() == page->limit)
        answer["next_cursor"] = net::encode_cursor({to_rfc3339(found->back().at), found->back().id.to_string()});
    co_return net::json_reply(200, answer);
}

task<net::response> read_notice(net::request& req, people::notice_inbox& notices)
{
    const auto id = user_of(req);
    const auto notice = req.path_id<people::notice_id>("id");
    if (!id || !notice) co_return net::problem(error{errc::not_found, {}, {}});
    const auto done = co_await notices.mark_read(*id, *notice);
    if (!done) co_return net::problem(done.error());
    co_return net::no_content();
}

} // namespace

void add_session_routes(net::router& routes, people::session_service& sessions, people::people_service& people,
                        people::notice_inbox& notices, people::cookie_settings cookies)
{
    // Guessing is slowed down per account and network by the service; this bounds the work of hashing.
    const net::route_options guarded{.body_limit = 4096, .per_minute = 60};
    routes.post(
        "/api/v1/session", permission::none_needed,
        [&sessions, &people, cookies](net::request& req) { return log_in(req, sessions, people, cookies); }, guarded);
    routes.delete_("/api/v1/session", permission::logged_in,
                   [&sessions, cookies](net::request& req) { return log_out(req, sessions, cookies); });
    routes.get("/api/v1/me", permission::logged_in, [&people](net::request& req) { return show_me(req, people); });
    routes.put(
        "/api/v1/me/password", permission::logged_in,
        [&sessions](net::request& req) { return change_own_password(req, sessions); }, guarded);
    routes.get("/api/v1/sessions", permission::logged_in,
               [&sessions](net::request& req) { return list_sessions(req, sessions); });
    routes.delete_("/api/v1/sessions", permission::logged_in,
                   [&sessions, cookies](net::request& req) { return log_out_everywhere(req, sessions, cookies); });
    routes.get("/api/v1/notices", permission::logged_in,
               [&notices](net::request& req) { return list_notices(req, notices); });
    routes.post("/api/v1/notices/{id}/reading", permission::logged_in,
                [&notices](net::request& req) { return read_notice(req, notices); });
}

} // namespace huiyin::api
