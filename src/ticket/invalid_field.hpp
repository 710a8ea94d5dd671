#pragma once

#include <huiyin/base/error.hpp>

#include <string>

namespace huiyin::ticket {

inline std::unexpected<error> invalid_field(const std::string& field, const std::string& reason)
{
    return fail(error{errc::invalid_field, field + ": " + reason, {}}.with("field", field).with("reason", reason));
}

} // namespace huiyin::ticket
