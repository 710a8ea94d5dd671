#pragma once

#include <huiyin/net/message.hpp>

#include <optional>
#include <string>

namespace huiyin::people {

struct cookie_settings
{
    /// Set by `daemon` only where the listener is plain HTTP on a loopback address: cookies then go by their plain
    /// names and without Secure, unless the request came through TLS all the same.
    bool plain_cookie_on_loopback = false;
};

/// `__Host-huiyin_session` or, plain, `huiyin_session`. Only the name that fits the request is read, so that a plain
/// cookie planted by a neighbour domain is never taken for ours.
std::optional<std::string> session_cookie(const net::request& req, const cookie_settings& settings);
/// `__Host-huiyin_device` or, plain, `huiyin_device`.
std::optional<std::string> device_cookie(const net::request& req, const cookie_settings& settings);

/// Values of Set-Cookie: `Path=/; HttpOnly; SameSite=Strict`, Secure unless plain. The session's ends with the browser,
/// the device's after 400 days.
std::string set_session_cookie(const net::request& req, const cookie_settings& settings, const std::string& token);
std::string set_device_cookie(const net::request& req, const cookie_settings& settings, const std::string& token);
/// After a log-out.
std::string clear_session_cookie(const net::request& req, const cookie_settings& settings);

} // namespace huiyin::people
