#pragma once

#include <string>
#include <string_view>

namespace huiyin::ticket {

/// A description's beginning as one line of at most 60 characters; what is cut ends in "…".
std::string first_words(std::string_view text);

} // namespace huiyin::ticket
