#pragma once

#include <huiyin/async/task.hpp>
#include <huiyin/domain/permission.hpp>
#include <huiyin/net/message.hpp>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace huiyin::net {

class websocket;

/// An HTTP handler. "Endpoint" because a handler is a person in a department.
using endpoint = std::function<task<response>(request&)>;
using websocket_endpoint = std::function<task<void>(request, std::shared_ptr<websocket>)>;

/// Limits of a kind of route.
struct route_options
{
    std::size_t body_limit = 1024 * 1024;
    /// Requests per minute and client address; 0: only the general limit.
    std::size_t per_minute = 0;
    /// Whether the general limit of the account applies.
    bool counts_against_account = true;
    /// How long the endpoint may take; then 503.
    std::chrono::milliseconds limit{30'000};
    /// Says a problem, whoever refused the request, as this route's readers understand it: takes another body and
    /// content type; status and headers stay.
    std::function<void(const request&, response&)> tell_problem = nullptr;
};

/// The routes of one reactor. The permission is part of the route, so it cannot be forgotten: the server asks
/// `domain::may(actor, permission)` before the endpoint runs (401 for anonymous, 404 for a user without it); the
/// service asks `may` for the object.
class router
{
public:
    router();
    ~router();
    /// `pattern` is a path with parameters: "/api/v1/tickets/{id}/acceptance"; a last "{rest...}" takes all that is
    /// left (and answers 404, not 405, to other methods). A literal segment goes before a parameter. The same method
    /// and path twice throws std::logic_error.
    void add(method m, std::string_view pattern, domain::permission needed, endpoint run, route_options with = {});
    void get(std::string_view pattern, domain::permission needed, endpoint run, route_options with = {})
    {
        add(method::get, pattern, needed, std::move(run), with);
    }
    void post(std::string_view pattern, domain::permission needed, endpoint run, route_options with = {})
    {
        add(method::post, pattern, needed, std::move(run), with);
    }
    void put(std::string_view pattern, domain::permission needed, endpoint run, route_options with = {})
    {
        add(method::put, pattern, needed, std::move(run), with);
    }
    void patch(std::string_view pattern, domain::permission needed, endpoint run, route_options with = {})
    {
        add(method::patch, pattern, needed, std::move(run), with);
    }
    void delete_(std::string_view pattern, domain::permission needed, endpoint run, route_options with = {})
    {
        add(method::delete_, pattern, needed, std::move(run), with);
    }
    /// A GET that may be upgraded (RFC 6455). Origin must be ours.
    void stream(std::string_view pattern, domain::permission needed, websocket_endpoint run);

    /// The table, for tests and for `huiyin routes`.
    struct entry
    {
        net::method method;
        std::string pattern;
        domain::permission needed;
        bool is_stream = false;
    };
    std::vector<entry> table() const;

    struct impl;
    impl& internals() const { return *impl_; }

private:
    std::unique_ptr<impl> impl_;
};

} // namespace huiyin::net
