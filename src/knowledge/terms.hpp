#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace huiyin::knowledge {

/// What a text is found by, as PostgreSQL's tsvector: two characters of a run of Chinese with their place, so that
/// longer words are found as a phrase, and words and numbers as they are. What comes first counts first.
std::string tokens_of(const std::vector<std::string_view>& texts);
/// Everything that was typed, as a tsquery: the beginnings of words, phrases of Chinese. Empty: no word at all.
std::string query_for_all(std::string_view typed);
/// Any of the first pieces of a longer text.
std::string query_for_any(std::string_view text);

} // namespace huiyin::knowledge
