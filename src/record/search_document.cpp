#include "search_document.hpp"

#include <huiyin/base/crypto.hpp>
#include <huiyin/base/search_terms.hpp>
#include <huiyin/base/text.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace huiyin::record {

namespace {

using kind = search_run::kind;

constexpr std::size_t runs_of_a_text = 4000;
constexpr std::size_t most_lexemes = 4000;
constexpr int most_places = 12'000;
constexpr std::size_t least_beginning = 3;
constexpr std::size_t least_end = 4;
constexpr std::size_t longest_part = 32;
constexpr std::size_t most_terms = 16;

std::string hashed(std::string_view text)
{
    const auto digest = sha256({text});
    return "#" + to_hex(std::span(digest).first(5));
}

/// Each beginning of three characters and more, and the whole.
template <class Each>
void each_beginning(std::string_view text, Each each)
{
    for (auto n = least_beginning; n < std::min(text.size(), longest_part + 1); ++n)
        each(text.substr(0, n));
    each(text);
}

template <class Each>
void each_part_of_a_number(std::string_view text, Each each)
{
    each_beginning(text, each);
    for (auto n = least_end; n < std::min(text.size(), longest_part + 1); ++n)
        each(text.substr(text.size() - n));
}

std::string as_lexeme(std::string_view lexeme)
{
    std::string out = "'";
    for (const char c : lexeme) {
        if (c == '\'' || c == '\\') out += c;
        out += c;
    }
    return out + "'";
}

/// As people type them: without what stands for the country or the trunk.
std::string_view without_country(std::string_view digits)
{
    for (const std::string_view prefix : {"0086", "86"})
        if (digits.starts_with(prefix) && digits.size() > prefix.size() + 6) return digits.substr(prefix.size());
    while (digits.size() > 4 && digits.front() == '0')
        digits.remove_prefix(1);
    return digits;
}

std::string digits_of(std::string_view text)
{
    std::string digits;
    std::ranges::copy_if(text, std::back_inserter(digits), [](char c) { return c >= '0' && c <= '9'; });
    return digits;
}

char mark_of(search_document::part of)
{
    return of == search_document::part::customer ? '@' : '!';
}

} // namespace

void search_document::put(std::string lexeme, part of, int place)
{
    if (entries_.size() >= most_lexemes + static_cast<std::size_t>(most_places)) return;
    if (of != part::words) lexeme.insert(lexeme.begin(), mark_of(of));
    entries_.push_back({std::move(lexeme), place});
}

void search_document::add(std::string_view utf8, part of)
{
    for (const auto& run : cut_for_search(utf8, runs_of_a_text)) {
        switch (run.what) {
        case kind::han: {
            const auto characters = to_utf32(run.text);
            for (std::size_t i = 0; i < characters.size() && places_ < most_places; ++i)
                put(to_utf8(std::u32string_view(characters).substr(i, 2)), of, ++places_);
            break;
        }
        case kind::word:
            if (entries_.size() < most_lexemes) put(run.text, of);
            break;
        case kind::number:
        case kind::joined:
            if (entries_.size() < most_lexemes)
                each_part_of_a_number(run.text, [&](std::string_view part) { put(hashed(part), of); });
            break;
        }
    }
}

void search_document::add_phone(std::string_view e164, part of)
{
    const auto extension = e164.find(';');
    const auto digits = digits_of(e164.substr(0, extension));
    each_part_of_a_number(digits.starts_with("86") ? std::string_view(digits).substr(2) : digits,
                          [&](std::string_view part) { put(hashed(part), of); });
    if (extension != std::string_view::npos) put(hashed(digits_of(e164.substr(extension))), of);
}

void search_document::add_email(std::string_view address, part of)
{
    const auto at = address.find('@');
    const auto keep = [&](std::string_view part) { put(hashed(part), of); };
    each_beginning(address, keep);
    // Before the @ its pieces, behind it a host, which is nobody's name.
    for (const auto& run : cut_for_search(address.substr(0, at), runs_of_a_text))
        each_beginning(run.text, keep);
    if (at != std::string_view::npos) add(address.substr(at + 1), of);
}

void search_document::add_scope(const std::vector<department_id>& departments, const std::optional<user_id>& handler)
{
    for (const auto each : departments)
        entries_.push_back({"&" + each.to_string(), 0});
    if (handler) entries_.push_back({"%" + handler->to_string(), 0});
}

void search_document::add_time(char of, instant at)
{
    entries_.push_back({fmt::format("^{}{}", of, search_week(at)), 0});
}

std::string search_document::tokens() const
{
    // The server sorts them and drops what comes twice.
    std::string out;
    for (const auto& each : entries_) {
        if (!out.empty()) out += ' ';
        out += as_lexeme(each.lexeme);
        if (each.place > 0) fmt::format_to(std::back_inserter(out), ":{}", each.place);
    }
    return out;
}

std::int64_t search_week(instant at)
{
    return std::chrono::floor<std::chrono::weeks>(at.time_since_epoch()).count();
}

namespace {

/// What stands before a lexeme where it may be looked for.
std::vector<std::string_view> marks_of(looks_at what)
{
    switch (what) {
    case looks_at::everything: return {"", "@"};
    case looks_at::and_reporters: return {"", "@", "!"};
    case looks_at::customers: return {"@"};
    case looks_at::also_reporters: return {"@", "!"};
    case looks_at::own_words: return {""};
    }
    return {};
}

class query_reader
{
public:
    explicit query_reader(looks_at what) : what_(what) {}

    search_query read(std::string_view typed)
    {
        // "260224-0318" is one number; "5678 0318" may be two.
        one_number_ = narrowed(typed).contains('-');
        auto words = all_of(cut_for_search(typed, most_terms));
        // "zhang@exa": the beginning of an address, or its words in a text.
        const auto address = lower_ascii(narrowed(trimmed(typed)));
        if (!words.empty() && address.contains('@') && address.size() >= least_beginning &&
            address.find_first_of(" ,;<>") == std::string::npos)
            words = fmt::format("({} | ({}))", anywhere(hashed(address)), words);
        return {std::move(words), has_beginnings_};
    }

private:
    std::string all_of(const std::vector<search_run>& runs)
    {
        std::string all;
        for (auto at = runs.begin(); at != runs.end(); ++at) {
            if (!all.empty()) all += " & ";
            const auto parts_end = std::find_if_not(at, runs.end(), is_digits);
            if (parts_end != at && parts_end != runs.end() && parts_end->what == kind::joined) {
                all += joined_number({at, parts_end}, parts_end->text);
                at = parts_end;
            } else {
                all += term(*at);
            }
        }
        return all;
    }

    static bool is_digits(const search_run& run)
    {
        return run.what != kind::joined && std::ranges::all_of(run.text, [](char c) { return c >= '0' && c <= '9'; });
    }
    /// A phrase of lexemes, or one, in each of the places where it may be.
    std::string anywhere(const std::vector<std::string>& lexemes, std::string_view after = "") const
    {
        std::string any;
        for (const auto mark : marks_of(what_)) {
            std::string one;
            for (const auto& each : lexemes)
                one += fmt::format("{}{}{}", one.empty() ? "" : " <-> ", as_lexeme(std::string(mark) + each), after);
            any += fmt::format("{}({})", any.empty() ? "" : " | ", one);
        }
        return "(" + any + ")";
    }
    std::string anywhere(const std::string& lexeme, std::string_view after = "") const
    {
        return anywhere(std::vector{lexeme}, after);
    }

    std::string joined_number(const std::vector<search_run>& parts, const std::string& whole)
    {
        if (one_number_) return number(whole);
        std::string each;
        for (const auto& part : parts)
            each += (each.empty() ? "" : " & ") + term(part);
        return fmt::format("({} | ({}))", number(whole), each);
    }

    std::string number(std::string_view typed) const
    {
        const auto told = without_country(typed);
        const auto whole = anywhere(hashed(typed));
        return told == typed ? whole : fmt::format("({} | {})", whole, anywhere(hashed(told)));
    }

    std::string term(const search_run& run)
    {
        switch (run.what) {
        case kind::han: return han(to_utf32(run.text));
        case kind::number:
        case kind::joined: return number(run.text);
        case kind::word: break;
        }
        if (run.text.size() < 2 || is_digits(run)) return anywhere(run.text);
        has_beginnings_ = true;
        const auto words = anywhere(run.text, ":*");
        // An e-mail address is found by its beginning as well.
        return run.text.size() < least_beginning ? words : fmt::format("({} | {})", words, anywhere(hashed(run.text)));
    }

    std::string han(const std::u32string& run)
    {
        if (run.size() == 1) {
            has_beginnings_ = true;
            return anywhere(to_utf8(run), ":*");
        }
        std::vector<std::string> pairs;
        for (std::size_t i = 0; i + 1 < run.size(); ++i)
            pairs.push_back(to_utf8(std::u32string_view(run).substr(i, 2)));
        return anywhere(pairs);
    }

    looks_at what_;
    bool one_number_ = false;
    bool has_beginnings_ = false;
};

} // namespace

search_query read_query(std::string_view typed, looks_at what)
{
    return query_reader(what).read(typed);
}

std::string search_scope(const std::vector<department_id>& departments, user_id self)
{
    auto any = as_lexeme("%" + self.to_string());
    for (const auto each : departments)
        any += " | " + as_lexeme("&" + each.to_string());
    return "(" + any + ")";
}

std::string search_weeks(char of, std::int64_t last, std::int64_t from, std::int64_t to)
{
    std::string any;
    for (auto week = last - from; week >= last - to; --week)
        any += (any.empty() ? "" : " | ") + as_lexeme(fmt::format("^{}{}", of, week));
    return "(" + any + ")";
}

} // namespace huiyin::record
