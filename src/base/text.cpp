#include <huiyin/base/text.hpp>

#include <algorithm>
#include <array>

namespace huiyin {

namespace {

constexpr char32_t ill_formed = 0xffffffff;

/// The code point at the front and how many bytes it (or the ill-formed piece) takes.
struct decoded
{
    char32_t code;
    std::size_t size;
};

decoded decode(std::string_view text)
{
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char first = byte(0);
    if (first < 0x80) return {first, 1};
    std::size_t more = 0;
    char32_t code = 0;
    char32_t least = 0;
    if ((first & 0xe0) == 0xc0) {
        more = 1, code = first & 0x1f, least = 0x80;
    } else if ((first & 0xf0) == 0xe0) {
        more = 2, code = first & 0x0f, least = 0x800;
    } else if ((first & 0xf8) == 0xf0) {
        more = 3, code = first & 0x07, least = 0x10000;
    } else {
        return {ill_formed, 1};
    }
    for (std::size_t i = 1; i <= more; ++i) {
        if (i >= text.size() || (byte(i) & 0xc0) != 0x80) return {ill_formed, i};
        code = (code << 6) | (byte(i) & 0x3f);
    }
    const bool surrogate = code >= 0xd800 && code <= 0xdfff;
    if (code < least || surrogate || code > 0x10ffff) return {ill_formed, more + 1};
    return {code, more + 1};
}

void append(std::string& out, char32_t code)
{
    if (code < 0x80) {
        out += static_cast<char>(code);
    } else if (code < 0x800) {
        out += static_cast<char>(0xc0 | (code >> 6));
        out += static_cast<char>(0x80 | (code & 0x3f));
    } else if (code < 0x10000) {
        out += static_cast<char>(0xe0 | (code >> 12));
        out += static_cast<char>(0x80 | ((code >> 6) & 0x3f));
        out += static_cast<char>(0x80 | (code & 0x3f));
    } else {
        out += static_cast<char>(0xf0 | (code >> 18));
        out += static_cast<char>(0x80 | ((code >> 12) & 0x3f));
        out += static_cast<char>(0x80 | ((code >> 6) & 0x3f));
        out += static_cast<char>(0x80 | (code & 0x3f));
    }
}

bool is_space(char32_t c)
{
    return c == ' ' || (c >= '\t' && c <= '\r') || c == 0xa0 || c == 0x3000 || c == 0xfeff;
}

bool is_cjk(char32_t c)
{
    return (c >= 0x2e80 && c <= 0x2fdf) || (c >= 0x3040 && c <= 0x30ff) || (c >= 0x3400 && c <= 0x9fff) ||
           (c >= 0xac00 && c <= 0xd7af) || (c >= 0xf900 && c <= 0xfaff) || (c >= 0x20000 && c <= 0x323af);
}

bool is_word(char32_t c)
{
    if (c < 0x80) return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    return c >= 0xc0 && c <= 0x24f && c != 0xd7 && c != 0xf7;
}

char32_t lowered(char32_t c)
{
    if (c >= 'A' && c <= 'Z') return c + 32;
    if (c >= 0xc0 && c <= 0xde && c != 0xd7) return c + 32;
    return c;
}

constexpr std::string_view base64url_digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

} // namespace

bool is_storable_utf8(std::string_view text)
{
    while (!text.empty()) {
        const auto [code, size] = decode(text);
        if (code == ill_formed || code == 0) return false;
        text.remove_prefix(size);
    }
    return true;
}

std::string to_storable_utf8(std::string_view text)
{
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        const auto [code, size] = decode(text);
        if (code == ill_formed || code == 0)
            append(out, 0xfffd);
        else
            out += text.substr(0, size);
        text.remove_prefix(size);
    }
    return out;
}

std::size_t code_points(std::string_view utf8)
{
    return static_cast<std::size_t>(
        std::ranges::count_if(utf8, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

std::string_view first_code_points(std::string_view utf8, std::size_t limit)
{
    std::size_t end = 0;
    while (end < utf8.size() && limit > 0) {
        end += decode(utf8.substr(end)).size;
        --limit;
    }
    return utf8.substr(0, end);
}

std::u32string to_utf32(std::string_view utf8)
{
    std::u32string out;
    out.reserve(utf8.size());
    while (!utf8.empty()) {
        const auto [code, size] = decode(utf8);
        out += code == ill_formed ? U'\xfffd' : code;
        utf8.remove_prefix(size);
    }
    return out;
}

std::string to_utf8(std::u32string_view text)
{
    std::string out;
    for (const auto code : text)
        append(out, code);
    return out;
}

std::string_view trimmed(std::string_view utf8)
{
    while (!utf8.empty()) {
        const auto [code, size] = decode(utf8);
        if (!is_space(code)) break;
        utf8.remove_prefix(size);
    }
    while (!utf8.empty()) {
        std::size_t start = utf8.size() - 1;
        while (start > 0 && (static_cast<unsigned char>(utf8[start]) & 0xc0) == 0x80)
            --start;
        if (!is_space(decode(utf8.substr(start)).code)) break;
        utf8 = utf8.substr(0, start);
    }
    return utf8;
}

std::string narrowed(std::string_view utf8)
{
    std::string out;
    out.reserve(utf8.size());
    while (!utf8.empty()) {
        const auto [code, size] = decode(utf8);
        if (code >= 0xff01 && code <= 0xff5e)
            append(out, code - 0xfee0);
        else if (code == 0x3000)
            out += ' ';
        else
            out += utf8.substr(0, size);
        utf8.remove_prefix(size);
    }
    return out;
}

std::string lower_ascii(std::string_view text)
{
    std::string out(text);
    for (auto& c : out)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    return out;
}

std::vector<std::string> split(std::string_view text, char separator)
{
    std::vector<std::string> parts;
    for (;;) {
        const auto at = text.find(separator);
        parts.emplace_back(text.substr(0, at));
        if (at == std::string_view::npos) return parts;
        text.remove_prefix(at + 1);
    }
}

std::string masked_phone(std::string_view phone)
{
    if (phone.size() < 7) return std::string(phone.size(), '*');
    std::string out(phone.substr(0, phone.size() - 8 < 3 || phone.size() < 11 ? 2 : phone.size() - 8));
    out += "****";
    out += phone.substr(phone.size() - 4);
    return out;
}

std::string masked_email(std::string_view email)
{
    const auto at = email.rfind('@');
    if (at == std::string_view::npos || at == 0) return "***";
    return std::string(first_code_points(email, 1)) + "***" + std::string(email.substr(at));
}

std::string to_hex(std::span<const std::uint8_t> bytes)
{
    constexpr std::string_view digits = "0123456789abcdef";
    std::string out;
    out.reserve(bytes.size() * 2);
    for (const auto byte : bytes) {
        out += digits[byte >> 4];
        out += digits[byte & 15];
    }
    return out;
}

std::optional<std::vector<std::uint8_t>> from_hex(std::string_view text)
{
    if (text.size() % 2 != 0) return std::nullopt;
    const auto digit = [](char c) {
        if (c >= '0' && c <= '9') return c - '0';
        if (c >= 'a' && c <= 'f') return c - 'a' + 10;
        if (c >= 'A' && c <= 'F') return c - 'A' + 10;
        return -1;
    };
    std::vector<std::uint8_t> out;
    out.reserve(text.size() / 2);
    for (std::size_t i = 0; i < text.size(); i += 2) {
        const int high = digit(text[i]);
        const int low = digit(text[i + 1]);
        if (high < 0 || low < 0) return std::nullopt;
        out.push_back(static_cast<std::uint8_t>(high * 16 + low));
    }
    return out;
}

std::string to_base64url(std::span<const std::uint8_t> bytes)
{
    std::string out;
    std::uint32_t bits = 0;
    int count = 0;
    for (const auto byte : bytes) {
        bits = (bits << 8) | byte;
        count += 8;
        while (count >= 6) {
            count -= 6;
            out += base64url_digits[(bits >> count) & 63];
        }
    }
    if (count > 0) out += base64url_digits[(bits << (6 - count)) & 63];
    return out;
}

std::optional<std::vector<std::uint8_t>> from_base64url(std::string_view text)
{
    if (text.size() % 4 == 1) return std::nullopt;
    std::vector<std::uint8_t> out;
    std::uint32_t bits = 0;
    int count = 0;
    for (const auto c : text) {
        const auto value = base64url_digits.find(c);
        if (value == std::string_view::npos) return std::nullopt;
        bits = (bits << 6) | static_cast<std::uint32_t>(value);
        count += 6;
        if (count >= 8) {
            count -= 8;
            out.push_back(static_cast<std::uint8_t>(bits >> count));
        }
    }
    if (count > 0 && (bits & ((1u << count) - 1)) != 0) return std::nullopt;
    return out;
}

std::vector<std::string> search_words(std::string_view utf8, std::size_t limit)
{
    std::vector<std::string> words;
    const auto text = to_utf32(narrowed(utf8));
    for (std::size_t i = 0; i < text.size();) {
        if (is_word(text[i])) {
            std::string word;
            for (; i < text.size() && is_word(text[i]); ++i)
                if (word.size() < 64) append(word, lowered(text[i]));
            words.push_back(std::move(word));
        } else if (is_cjk(text[i])) {
            const auto start = i;
            while (i < text.size() && is_cjk(text[i]))
                ++i;
            if (i - start == 1) words.push_back(to_utf8(std::u32string_view(text).substr(start, 1)));
            for (auto at = start; at + 1 < i; ++at)
                words.push_back(to_utf8(std::u32string_view(text).substr(at, 2)));
        } else {
            ++i;
        }
    }
    std::ranges::sort(words);
    words.erase(std::ranges::unique(words).begin(), words.end());
    if (words.size() > limit) words.resize(limit);
    return words;
}

} // namespace huiyin
