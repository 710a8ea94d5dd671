#include <huiyin/base/search_terms.hpp>
#include <huiyin/base/text.hpp>

#include <algorithm>
#include <stdexcept>
#include <unicode/bytestream.h>
#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/uscript.h>

namespace huiyin {

namespace {

using kind = search_run::kind;

constexpr std::size_t longest_word = 64;
constexpr std::size_t longest_number = 32;
constexpr std::size_t longest_joined = 20;
constexpr std::size_t digits_of_a_number = 4;

/// NFKC_Casefold of Unicode; it drops invisible characters (joiners, soft hyphens) as well.
std::u32string folded(std::string_view utf8)
{
    UErrorCode failed = U_ZERO_ERROR;
    const auto* const fold = icu::Normalizer2::getNFKCCasefoldInstance(failed);
    if (U_FAILURE(failed)) throw std::runtime_error("ICU has no NFKC_Casefold data");
    std::string out;
    icu::StringByteSink<std::string> sink(&out);
    fold->normalizeUTF8(0, icu::StringPiece(utf8.data(), static_cast<std::int32_t>(utf8.size())), sink, nullptr,
                        failed);
    if (U_FAILURE(failed)) throw std::runtime_error("NFKC_Casefold failed");
    return to_utf32(out);
}

bool is_digit(char32_t c)
{
    return c >= U'0' && c <= U'9';
}

bool is_han(char32_t c)
{
    if (c < 0x1100) return false;
    if (c == U'ー' || c == U'々' || c == U'〇') return true;
    UErrorCode failed = U_ZERO_ERROR;
    switch (uscript_getScript(static_cast<UChar32>(c), &failed)) {
    case USCRIPT_HAN:
    case USCRIPT_HIRAGANA:
    case USCRIPT_KATAKANA:
    case USCRIPT_HANGUL:
    case USCRIPT_BOPOMOFO: return u_isalnum(static_cast<UChar32>(c));
    default: return false;
    }
}

bool is_letter(char32_t c)
{
    if (c < 0x80) return is_digit(c) || (c >= U'a' && c <= U'z');
    return (u_isalnum(static_cast<UChar32>(c)) || (U_GET_GC_MASK(static_cast<UChar32>(c)) & U_GC_M_MASK)) && !is_han(c);
}

class cutter
{
public:
    explicit cutter(std::size_t limit) : limit_(limit) {}

    std::vector<search_run> cut(const std::u32string& text)
    {
        for (std::size_t at = 0; at < text.size() && runs_.size() < limit_;) {
            const auto from = at;
            if (is_han(text[at])) {
                while (at < text.size() && is_han(text[at]))
                    ++at;
                end_joined();
                put(kind::han, std::u32string_view(text).substr(from, at - from));
            } else if (is_letter(text[at])) {
                while (at < text.size() && is_letter(text[at]))
                    ++at;
                word(std::u32string_view(text).substr(from, at - from));
            } else {
                // "138-1234", "138 1234": one mark between digits does not part them.
                const bool parts = (text[at] != U'-' && text[at] != U' ') || at == 0 || !is_digit(text[at - 1]) ||
                                   at + 1 == text.size() || !is_digit(text[at + 1]);
                if (parts) end_joined();
                ++at;
            }
        }
        end_joined();
        return std::move(runs_);
    }

private:
    void put(kind what, std::u32string_view text)
    {
        if (runs_.size() < limit_) runs_.push_back({what, to_utf8(text)});
    }

    void word(std::u32string_view text)
    {
        const auto digits = static_cast<std::size_t>(std::ranges::count_if(text, is_digit));
        const bool only_digits = digits == text.size();
        if (only_digits) {
            joined_ += text;
            ++joined_parts_;
        } else {
            end_joined();
        }
        if (digits >= digits_of_a_number || (only_digits && digits > 2))
            put(kind::number, text.substr(0, longest_number));
        else
            put(kind::word, text.substr(0, longest_word));
    }

    void end_joined()
    {
        if (joined_parts_ > 1 && joined_.size() > 2 && joined_.size() <= longest_joined) put(kind::joined, joined_);
        joined_.clear();
        joined_parts_ = 0;
    }

    std::size_t limit_;
    std::vector<search_run> runs_;
    std::u32string joined_;
    std::size_t joined_parts_ = 0;
};

} // namespace

std::vector<search_run> cut_for_search(std::string_view utf8, std::size_t limit)
{
    return cutter(limit).cut(folded(utf8));
}

} // namespace huiyin
