#include "files.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>

namespace huiyin::daemon {

namespace fs = std::filesystem;

result<std::string> read_file(const fs::path& file)
{
    std::ifstream in(file, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    if (!in) return fail(errc::not_found, "cannot read " + file.string());
    return std::move(text).str();
}

result<std::vector<std::string>> read_calendars(const fs::path& folder)
{
    std::vector<fs::path> files;
    std::error_code failed;
    for (const auto& each : fs::directory_iterator(folder, failed))
        if (each.path().extension() == ".json") files.push_back(each.path());
    if (failed) return fail(errc::not_found, "cannot read " + folder.string());
    std::ranges::sort(files);
    std::vector<std::string> texts;
    for (const auto& file : files) {
        auto text = read_file(file);
        if (!text) return fail(std::move(text.error()));
        texts.push_back(std::move(*text));
    }
    return texts;
}

} // namespace huiyin::daemon
