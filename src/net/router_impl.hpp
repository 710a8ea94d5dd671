#pragma once

#include <huiyin/net/router.hpp>

#include <map>
#include <optional>

namespace huiyin::net {

struct route
{
    net::method method;
    std::string pattern;
    domain::permission needed;
    endpoint run;
    websocket_endpoint stream;
    route_options with;
    std::vector<std::string> parameters; ///< Names, in the order of the path.
    std::size_t index;                   ///< In `router::impl::routes`, for what a server keeps beside a route.
};

struct router::impl
{
    struct node
    {
        std::map<std::string, std::unique_ptr<node>, std::less<>> literals;
        std::unique_ptr<node> parameter;
        std::vector<const route*> here;
        std::vector<const route*> rest; ///< Of a last "{rest...}".
    };
    /// The routes of a path, one per method, and what its parameters matched.
    struct match
    {
        const std::vector<const route*>* routes = nullptr;
        std::vector<std::string_view> values;
        /// Found by a "{rest...}": then other methods are not refused, the path is just unknown to them.
        bool is_rest = false;

        const route* of(net::method m) const;
        /// "GET, HEAD, OPTIONS, POST"
        std::string allow() const;
    };

    void add(route added);
    /// Of a decoded path; views into it. Without routes when nothing matches.
    match find(std::string_view path) const;

    std::vector<std::unique_ptr<route>> routes;
    node root;
};

/// The path of an origin-form target, decoded once. `bad_request` for an escape that is none, an encoded slash, control
/// characters, bytes that must be escaped, ill-formed UTF-8 and dot segments; `not_found` beyond 512 bytes in a
/// segment.
result<std::string> decode_path(std::string_view raw);
/// "a=1&b=2", plus for space. `bad_request` as above or beyond 64 names, `invalid_utf8` for what cannot be stored.
result<std::vector<std::pair<std::string, std::string>>> decode_query(std::string_view raw);

} // namespace huiyin::net
