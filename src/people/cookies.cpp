#include <huiyin/people/cookies.hpp>

#include <fmt/format.h>

namespace huiyin::people {

namespace {

bool is_plain(const net::request& req, const cookie_settings& settings)
{
    return settings.plain_cookie_on_loopback && !req.secure;
}

std::string cookie_name(std::string_view what, bool plain)
{
    return fmt::format("{}huiyin_{}", plain ? "" : "__Host-", what);
}

std::optional<std::string> read_cookie(std::string_view what, const net::request& req, const cookie_settings& settings)
{
    const auto value = req.cookie(cookie_name(what, is_plain(req, settings)));
    return value && !value->empty() ? std::optional<std::string>(*value) : std::nullopt;
}

// Strict costs nothing here: the console is loaded without a session and asks for everything itself, from our own site.
std::string make_cookie(std::string_view what, const std::string& value, const net::request& req,
                        const cookie_settings& settings, std::string_view life)
{
    const bool plain = is_plain(req, settings);
    return fmt::format("{}={}; Path=/; HttpOnly; SameSite=Strict{}{}", cookie_name(what, plain), value,
                       plain ? "" : "; Secure", life);
}

} // namespace

std::optional<std::string> session_cookie(const net::request& req, const cookie_settings& settings)
{
    return read_cookie("session", req, settings);
}

std::optional<std::string> device_cookie(const net::request& req, const cookie_settings& settings)
{
    return read_cookie("device", req, settings);
}

std::string set_session_cookie(const net::request& req, const cookie_settings& settings, const std::string& token)
{
    return make_cookie("session", token, req, settings, "");
}

std::string set_device_cookie(const net::request& req, const cookie_settings& settings, const std::string& token)
{
    return make_cookie("device", token, req, settings, "; Max-Age=34560000");
}

std::string clear_session_cookie(const net::request& req, const cookie_settings& settings)
{
    return make_cookie("session", "", req, settings, "; Max-Age=0");
}

} // namespace huiyin::people
