#pragma once

#include <huiyin/base/error.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace huiyin::pg {

/// libpq's keywords and values for one host.
using conninfo = std::vector<std::pair<std::string, std::string>>;

/// `url` (libpq conninfo or URL) taken apart, one for each host it names, in their order. libpq would walk the hosts by
/// itself, but without blocking it never gives up on one that accepts and then stays silent.
/// Errors: `not_configured` where libpq cannot parse it; the detail never holds a password.
result<std::vector<conninfo>> parse_conninfo(const std::string& url);

/// `"name"`, as SQL takes an identifier of any characters.
std::string quoted_identifier(std::string_view name);

} // namespace huiyin::pg
