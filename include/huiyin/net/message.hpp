#pragma once

#include <huiyin/base/error.hpp>
#include <huiyin/base/id.hpp>
#include <huiyin/base/time.hpp>
#include <huiyin/domain/actor.hpp>

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace huiyin::net {

enum class method { get, head, post, put, patch, delete_, options };
std::string_view to_string(method m);

/// Who is asking, as `authenticate` found out: the actor, and what the session adds.
struct principal
{
    domain::actor who;
    /// For log-out and for ending streams.
    std::optional<session_id> session;
    /// Login name or token name, for rate limits per account; never logged.
    std::string account;
    /// By cookie: then writes need an Origin of ours.
    bool by_cookie = false;
};

/// One parsed request. Strings live as long as the request.
class request
{
public:
    net::method method = method::get;
    /// Percent-decoded path, without the query.
    std::string path;
    std::vector<std::pair<std::string, std::string>> query;
    /// Names in lower case; values as they came, trimmed (obs-text possible: check before storing).
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;
    /// From the socket, or from the configured proxy's X-Forwarded-For.
    std::string client_address;
    /// Made here; a UUID. In every answer as X-Request-Id and in problem details as trace_id.
    std::string request_id;
    bool secure = false;
    net::principal principal;
    std::map<std::string, std::string, std::less<>> path_parameters;

    std::optional<std::string_view> header(std::string_view lower_name) const;
    std::optional<std::string_view> query_value(std::string_view name) const;
    std::optional<std::string_view> cookie(std::string_view name) const;
    const domain::actor& actor() const { return principal.who; }

    /// A path parameter that is an id. `not_found` when it is no UUID.
    template <class Id>
    result<Id> path_id(std::string_view name) const
    {
        const auto it = path_parameters.find(name);
        if (it != path_parameters.end())
            if (auto found = Id::parse(it->second)) return *found;
        return fail(errc::not_found, "path id");
    }

    /// The body as JSON: `unsupported_media_type` unless application/json, `invalid_utf8`, `invalid_json` (with the
    /// place; nesting beyond 64, duplicate keys and NUL characters are refused).
    result<nlohmann::json> json() const;
    /// `If-Match: "7"` → 7. `version_required` (428) without, `bad_request` for anything else.
    result<std::int64_t> seen_version() const;
    /// `Idempotency-Key`: 1 to 128 printable ASCII characters, or none.
    result<std::optional<std::string>> idempotency_key() const;
};

class response
{
public:
    int status = 200;
    std::string content_type = "application/json";
    std::string body;
    std::vector<std::pair<std::string, std::string>> headers;
    /// Bytes that others own for ever (static files, compiled in or loaded once): sent instead of `body` when set.
    std::span<const char> shared_body;
    bool close = false;
    /// For the log line of this request, beside its id; never sent.
    std::string log_detail;

    response& with(std::string name, std::string value) &
    {
        headers.emplace_back(std::move(name), std::move(value));
        return *this;
    }
    response with(std::string name, std::string value) &&
    {
        headers.emplace_back(std::move(name), std::move(value));
        return std::move(*this);
    }
};

response json_reply(int status, const nlohmann::json& body);
/// 204.
response no_content();

/// RFC 9457: status, `type` "about:blank", `title`, stable `code` (the slug), `trace_id`, and the error's facts as
/// members. The detail never leaves, it goes to `log_detail`; the server adds trace_id when it sends. 401 carries
/// WWW-Authenticate, 429 and 503 Retry-After (from fact `retry_after_s`, else 5).
response problem(const error& why);
/// Of an errc, without `default:`, so that each new code asks for a decision.
int status_of(errc code);

/// Several violated fields at once: 422 `invalid-field` with member `violations` [{"field","reason"}].
class violations
{
public:
    void add(std::string field, std::string reason) { found_.push_back({std::move(field), std::move(reason)}); }
    bool empty() const { return found_.empty(); }
    response reply() const;

private:
    std::vector<std::pair<std::string, std::string>> found_;
};

/// One part of a multipart/form-data body.
struct form_part
{
    std::string name;
    std::optional<std::string>
        file_name; ///< Cleaned: no path, no control characters, at most 255 bytes, storable UTF-8.
    std::string content_type;
    std::string bytes;
};
/// RFC 7578. At most `max_parts`. Errors: `unsupported_media_type`, `bad_request`.
result<std::vector<form_part>> parse_form(const request& req, std::size_t max_parts = 64);

/// A page of a keyset-paged list: `?limit=&cursor=`.
struct page
{
    std::size_t limit = 50;
    /// What the last answer's `next_cursor` said, decoded; opaque to clients (base64url).
    std::optional<std::vector<std::string>> after;
};
/// `limit` 1…200; `invalid_cursor` where it cannot be read.
result<page> page_of(const request& req, std::size_t default_limit = 50);
std::string encode_cursor(const std::vector<std::string>& key);

} // namespace huiyin::net
