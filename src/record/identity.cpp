#include <huiyin/base/crypto.hpp>
#include <huiyin/base/text.hpp>
#include <huiyin/record/identity.hpp>

#include <phonenumbers/phonenumberutil.h>

#include <algorithm>
#include <array>

namespace huiyin::record {

namespace {

namespace phones = i18n::phonenumbers;

constexpr std::array<std::string_view, 5> kinds{"phone", "email", "visitor", "account", "chat"};

bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

bool all_digits(std::string_view text)
{
    return std::ranges::all_of(text, is_digit);
}

/// 1[3-9] and nine digits. Decided here and not by the library, whose table is as old as the distribution while
/// operators open new ranges; and because nearly every number is one.
bool is_chinese_mobile(std::string_view digits)
{
    return digits.size() == 11 && digits[0] == '1' && digits[1] >= '3' && all_digits(digits);
}

void replace_all(std::string& text, std::string_view what, std::string_view by)
{
    for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size()))
        text.replace(at, what.size(), by);
}

/// One spelling for the marks that people use; what is left the library understands.
std::string plain(std::string_view typed)
{
    auto text = narrowed(trimmed(typed));
    // 分机, 分機, 内线, 內線, 转接, 轉接, 转, 轉: longest first.
    for (const auto* word :
         {"转分机", "轉分機", "转接", "轉接", "分机号", "分機號", "分机", "分機", "内线", "內線", "转", "轉"})
        replace_all(text, word, " x");
    for (const auto* dash : {"‐", "‑", "‒", "–", "—", "―", "−", "ー", "﹣", "·", "•", "．"})
        replace_all(text, dash, "-");
    for (const auto* blank :
         {"\t", "\u00a0", "\u2002", "\u2003", "\u2009", "\u200b", "\u202f", "\ufeff", "\u200e", "\u202c", "\u202d"})
        replace_all(text, blank, " ");
    for (const auto* mark : {"：", "﹕"})
        replace_all(text, mark, ":");
    for (const auto* open : {"【", "〔", "「", "﹙"})
        replace_all(text, open, "(");
    for (const auto* shut : {"】", "〕", "」", "﹚"})
        replace_all(text, shut, ")");
    replace_all(text, "﹢", "+");
    return lower_ascii(trimmed(text));
}

/// Without a label in front: "电话:", "tel:", "手机".
std::string_view without_label(std::string_view text)
{
    for (const std::string_view label : {"联系电话", "聯繫電話", "电话", "電話", "手机", "手機", "座机", "座機",
                                         "telephone", "tel", "phone", "mobile"})
    {
        if (!text.starts_with(label)) continue;
        text.remove_prefix(label.size());
        while (!text.empty() && (text.front() == ':' || text.front() == '.' || text.front() == ' '))
            text.remove_prefix(1);
        break;
    }
    return text;
}

/// Digits, the marks around them and an extension. The library would find a number in a sentence or a link, too.
bool looks_like_a_number(std::string text)
{
    for (const auto* word : {"extension", "extn", "ext", "x"})
        replace_all(text, word, "#");
    return std::ranges::all_of(text,
                               [](char c) { return is_digit(c) || std::string_view(" +-./()[]#:;=,~").contains(c); });
}

result<phone_number> parsed_by_library(const std::string& text, const std::string& region)
{
    const auto& util = *phones::PhoneNumberUtil::GetInstance();
    phones::PhoneNumber number;
    if (util.Parse(text, region, &number) != phones::PhoneNumberUtil::NO_PARSING_ERROR)
        return fail(errc::invalid_field, "not a phone number");
    std::string national;
    util.GetNationalSignificantNumber(number, &national);
    const bool chinese_mobile = number.country_code() == 86 && is_chinese_mobile(national);
    if (!chinese_mobile && !util.IsValidNumber(number)) return fail(errc::invalid_field, "not a number in use");

    phone_number out;
    util.Format(number, phones::PhoneNumberUtil::E164, &out.e164);
    // The library takes US numbers for "fixed or mobile"; their extensions are kept.
    if (!chinese_mobile && util.GetNumberType(number) != phones::PhoneNumberUtil::MOBILE)
        out.extension = number.extension();
    return out;
}

bool is_label_of_domain(std::string_view label)
{
    if (label.empty() || label.size() > 63 || label.front() == '-' || label.back() == '-') return false;
    return std::ranges::all_of(label, [](char c) {
        return is_digit(c) || (c >= 'a' && c <= 'z') || c == '-' || static_cast<unsigned char>(c) >= 0x80;
    });
}

bool is_local_part(std::string_view text)
{
    if (text.empty() || text.size() > 64 || text.front() == '.' || text.back() == '.' || text.contains(".."))
        return false;
    // RFC 5322 atext and the dot, and what RFC 6531 adds. Quoted local parts are for mail archaeologists.
    return std::ranges::all_of(text, [](char c) {
        return is_digit(c) || (c >= 'a' && c <= 'z') || static_cast<unsigned char>(c) >= 0x80 ||
               std::string_view(".!#$%&'*+-/=?^_`{|}~").contains(c);
    });
}

} // namespace

std::string_view to_string(identity_kind kind)
{
    return kinds[static_cast<std::size_t>(kind)];
}

std::optional<identity_kind> parse_identity_kind(std::string_view name)
{
    const auto at = std::ranges::find(kinds, name);
    if (at == kinds.end()) return std::nullopt;
    return static_cast<identity_kind>(at - kinds.begin());
}

std::string phone_number::value() const
{
    return extension.empty() ? e164 : e164 + ";ext=" + extension;
}

result<phone_number> parse_phone(std::string_view typed, const phone_settings& settings)
{
    const bool china = settings.region == "CN";
    if (china && is_chinese_mobile(typed)) return phone_number{"+86" + std::string(typed), {}};
    // A real one with an extension and all decorations stays well below; longer input is not for a regular expression.
    if (typed.size() > 120 || !is_storable_utf8(typed)) return fail(errc::invalid_field, "not a phone number");
    const auto text = plain(typed);
    const std::string number(without_label(text));

    const auto extension = std::min(number.find_first_of("ex#;"), number.size());
    const auto digits =
        std::count_if(number.begin(), number.begin() + static_cast<std::ptrdiff_t>(extension), is_digit);
    if (digits < 5 || digits > 22 || !looks_like_a_number(number))
        return fail(errc::invalid_field, "not a phone number");
    auto found = parsed_by_library(number, settings.region);
    // "(0086)": the library does not look for the international prefix in brackets.
    if (!found && number.starts_with("(00")) found = parsed_by_library("+" + number.substr(3), settings.region);
    if (!found && !settings.area_code.empty() && (digits == 7 || digits == 8) && !number.starts_with('+'))
        found = parsed_by_library(settings.area_code + "-" + number, settings.region);
    return found;
}

result<std::string> parse_email(std::string_view typed)
{
    if (typed.size() > 400 || !is_storable_utf8(typed)) return fail(errc::invalid_field, "not an e-mail address");
    auto text = lower_ascii(trimmed(narrowed(typed)));
    replace_all(text, "。", ".");
    if (text.starts_with("mailto:")) text.erase(0, 7);
    const auto at = text.rfind('@');
    if (at == std::string::npos || text.size() > 254) return fail(errc::invalid_field, "not an e-mail address");
    const auto labels = split(std::string_view(text).substr(at + 1), '.');
    if (!is_local_part(std::string_view(text).substr(0, at)) || labels.size() < 2 ||
        !std::ranges::all_of(labels, is_label_of_domain) || all_digits(labels.back()))
        return fail(errc::invalid_field, "not an e-mail address");
    return text;
}

std::string masked(const identity& of)
{
    switch (of.kind) {
    case identity_kind::phone: return masked_phone(std::string_view(of.value).substr(0, of.value.find(';')));
    case identity_kind::email: return masked_email(of.value);
    case identity_kind::visitor:
    case identity_kind::account:
    case identity_kind::chat: return "***";
    }
    return "***";
}

std::int64_t lock_key(const identity& of)
{
    const auto digest = sha256({"identity\n", to_string(of.kind), "\n", of.value});
    std::uint64_t key = 0;
    for (std::size_t i = 0; i < 8; ++i)
        key = (key << 8) | digest[i];
    return static_cast<std::int64_t>(key);
}

} // namespace huiyin::record
