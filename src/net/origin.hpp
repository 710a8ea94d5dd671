#pragma once

#include <huiyin/net/message.hpp>

#include <span>

namespace huiyin::net {

/// Whether a write that came by cookie came from our own pages, or from one of `allowed`. Without Origin only where the
/// browser says same-origin: pages of others cannot set Sec-Fetch-Site.
bool write_is_ours(const request& req, std::span<const std::string> allowed);
/// Whether a WebSocket was opened from our own pages, or not by a browser and not by cookie.
bool stream_is_ours(const request& req, std::span<const std::string> allowed);

} // namespace huiyin::net
