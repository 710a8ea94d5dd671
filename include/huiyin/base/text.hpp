#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace huiyin {

/// Well-formed UTF-8 without NUL: what PostgreSQL takes as text.
bool is_storable_utf8(std::string_view text);
/// The same bytes with every ill-formed sequence and NUL replaced by U+FFFD.
std::string to_storable_utf8(std::string_view text);
/// Code points in well-formed UTF-8.
std::size_t code_points(std::string_view utf8);
/// The first `limit` code points.
std::string_view first_code_points(std::string_view utf8, std::size_t limit);
/// Decodes well-formed UTF-8.
std::u32string to_utf32(std::string_view utf8);
std::string to_utf8(std::u32string_view text);

/// Without leading and trailing white space, the ideographic space U+3000 and the no-break space included.
std::string_view trimmed(std::string_view utf8);
/// Full-width ASCII (U+FF01…U+FF5E) and the ideographic space as their narrow forms; everything else untouched.
std::string narrowed(std::string_view utf8);
/// A to Z only.
std::string lower_ascii(std::string_view text);
std::vector<std::string> split(std::string_view text, char separator);

/// "138****5678": enough to recognise, not enough to call.
std::string masked_phone(std::string_view phone);
/// "z***@example.com".
std::string masked_email(std::string_view email);

std::string to_hex(std::span<const std::uint8_t> bytes);
std::optional<std::vector<std::uint8_t>> from_hex(std::string_view text);
/// RFC 4648, section 5, without padding.
std::string to_base64url(std::span<const std::uint8_t> bytes);
std::optional<std::vector<std::uint8_t>> from_base64url(std::string_view text);

/// What a search finds a text by: Latin words and numbers in lower case, and for each run of CJK the overlapping
/// pairs of characters (a lone character as itself). Sorted, without repeats, at most `limit` words.
std::vector<std::string> search_words(std::string_view utf8, std::size_t limit = 2000);

} // namespace huiyin
