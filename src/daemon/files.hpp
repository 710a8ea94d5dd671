#pragma once

#include <huiyin/base/error.hpp>

#include <filesystem>
#include <string>
#include <vector>

namespace huiyin::daemon {

/// `not_found` with the file's name.
result<std::string> read_file(const std::filesystem::path& file);
/// All calendar files of a folder, in the order of their names.
result<std::vector<std::string>> read_calendars(const std::filesystem::path& folder);

} // namespace huiyin::daemon
