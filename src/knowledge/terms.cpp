#include "terms.hpp"

#include <huiyin/base/search_terms.hpp>
#include <huiyin/base/text.hpp>

#include <fmt/format.h>

#include <set>

namespace huiyin::knowledge {

namespace {

using kind = search_run::kind;

constexpr std::size_t runs_of_a_text = 4000;
constexpr std::size_t most_lexemes = 6000;
constexpr int most_places = 12'000; // PostgreSQL keeps 16,383
constexpr std::size_t most_terms = 16;
constexpr std::size_t most_pieces = 60;

std::string as_lexeme(std::string_view text)
{
    std::string out = "'";
    for (const char c : text) {
        if (c == '\'' || c == '\\') out += c;
        out += c;
    }
    return out + "'";
}

std::vector<std::string> pairs_of(const std::string& run)
{
    const auto characters = to_utf32(run);
    std::vector<std::string> pairs;
    for (std::size_t i = 0; i + 1 < characters.size(); ++i)
        pairs.push_back(to_utf8(std::u32string_view(characters).substr(i, 2)));
    return pairs;
}

std::string term_for(const search_run& run)
{
    if (run.what != kind::han) return as_lexeme(run.text) + (run.what == kind::word && run.text.size() > 1 ? ":*" : "");
    const auto pairs = pairs_of(run.text);
    if (pairs.empty()) return as_lexeme(run.text) + ":*";
    std::string phrase;
    for (const auto& each : pairs)
        phrase += (phrase.empty() ? "" : " <-> ") + as_lexeme(each);
    return "(" + phrase + ")";
}

} // namespace

std::string tokens_of(const std::vector<std::string_view>& texts)
{
    std::string out;
    std::size_t lexemes = 0;
    int place = 0;
    const auto put = [&](std::string_view lexeme, bool placed) {
        if (lexemes == most_lexemes || (placed && place == most_places)) return;
        ++lexemes;
        out += (out.empty() ? "" : " ") + as_lexeme(lexeme);
        if (placed) fmt::format_to(std::back_inserter(out), ":{}", ++place);
    };
    for (const auto text : texts) {
        for (const auto& run : cut_for_search(text, runs_of_a_text)) {
            if (run.what != kind::han) {
                put(run.text, false);
                continue;
            }
            const auto characters = to_utf32(run.text);
            for (std::size_t i = 0; i < characters.size(); ++i)
                put(to_utf8(std::u32string_view(characters).substr(i, 2)), true);
            // A phrase does not go on from one run into the next.
            if (place < most_places) ++place;
        }
    }
    return out;
}

std::string query_for_all(std::string_view typed)
{
    std::string all;
    for (const auto& run : cut_for_search(typed, most_terms)) {
        if (run.what == kind::joined) continue;
        all += (all.empty() ? "" : " & ") + term_for(run);
    }
    return all;
}

std::string query_for_any(std::string_view text)
{
    std::set<std::string> pieces;
    for (const auto& run : cut_for_search(text, runs_of_a_text)) {
        if (run.what == kind::han)
            for (auto& each : pairs_of(run.text)) {
                if (pieces.size() < most_pieces) pieces.insert(std::move(each));
            }
        else if (run.text.size() > 2 && pieces.size() < most_pieces)
            pieces.insert(run.text);
    }
    std::string any;
    for (const auto& each : pieces)
        any += (any.empty() ? "" : " | ") + as_lexeme(each);
    return any;
}

} // namespace huiyin::knowledge
