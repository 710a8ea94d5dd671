#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace huiyin {

/// A piece of text that a search looks at as one thing, normalised.
struct search_run
{
    enum class kind {
        han,    ///< Characters that are written without blanks (Chinese, kana, Hangul), up to the next other character.
        word,   ///< Letters of any other script, with the digits between them; one or two digits alone.
        number, ///< Three digits and more, or letters among at least four digits: a phone, an order, an identity card.
        joined, ///< What the digits before it make together, since only blanks or dashes part them: "138-1234-5678".
    };
    kind what = kind::word;
    /// UTF-8.
    std::string text;

    bool operator==(const search_run&) const = default;
};

/// Cuts well-formed UTF-8 into runs, in their order: NFKC, case folded, so that width, case and compatibility forms do
/// not matter; punctuation and blanks only part. A word longer than 64 characters is cut there, a number after 32; a
/// joined number follows its parts and has at most 20 digits. At most `limit` runs.
std::vector<search_run> cut_for_search(std::string_view utf8, std::size_t limit);

} // namespace huiyin
