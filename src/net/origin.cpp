#include "origin.hpp"

#include <huiyin/base/text.hpp>
#include <huiyin/net/server.hpp>

#include <algorithm>

namespace huiyin::net {

namespace {

bool is_ours(const request& req, std::string_view origin, std::span<const std::string> allowed)
{
    if (std::ranges::find(allowed, origin) != allowed.end()) return true;
    const auto host = req.header("host");
    if (!host || lower_ascii(origin) != (req.secure ? "https://" : "http://") + lower_ascii(*host)) return false;
    const auto site = req.header("sec-fetch-site");
    return !site || *site == "same-origin";
}

} // namespace

bool write_is_ours(const request& req, std::span<const std::string> allowed)
{
    if (const auto origin = req.header("origin")) return is_ours(req, *origin, allowed);
    return req.header("sec-fetch-site") == "same-origin";
}

bool stream_is_ours(const request& req, std::span<const std::string> allowed)
{
    if (const auto origin = req.header("origin")) return is_ours(req, *origin, allowed);
    return !req.principal.by_cookie;
}

bool is_origin(std::string_view text)
{
    const bool https = text.starts_with("https://");
    if (!https && !text.starts_with("http://")) return false;
    const auto host = text.substr(https ? 8 : 7);
    return !host.empty() && std::ranges::all_of(host, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == ':' || c == '[' ||
               c == ']';
    });
}

} // namespace huiyin::net
