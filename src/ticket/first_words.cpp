#include "first_words.hpp"

#include <huiyin/base/text.hpp>

namespace huiyin::ticket {

namespace {

constexpr std::size_t title_length = 60;

} // namespace

std::string first_words(std::string_view text)
{
    std::string line;
    bool gap = false;
    for (const char c : text) {
        if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
            gap = !line.empty();
            continue;
        }
        if (gap) line += ' ';
        gap = false;
        line += c;
    }
    const auto title = first_code_points(line, title_length);
    return title.size() == line.size() ? line : std::string(title) + "…";
}

} // namespace huiyin::ticket
