#pragma once

#include <string>
#include <string_view>

namespace huiyin::outbox {

/// The first bytes of a secret's digest, in hex: tells whether the key in use is the one that made it.
std::string secret_check(std::string_view secret);

} // namespace huiyin::outbox
