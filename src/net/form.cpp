#include <huiyin/base/text.hpp>
#include <huiyin/net/message.hpp>

#include <algorithm>

// Not GMime: it reads meaning into parts (a message/rfc822 file becomes a tree, a Content-Transfer-Encoding is undone),
// and an attachment has to be kept byte for byte.

namespace huiyin::net {

namespace {

constexpr std::size_t longest_boundary = 70; // RFC 2046, section 5.1.1
constexpr std::size_t longest_part_head = 4096;
constexpr std::size_t longest_file_name = 255;

struct header_value
{
    std::string main;
    std::vector<std::pair<std::string, std::string>> parameters;

    std::optional<std::string_view> parameter(std::string_view name) const
    {
        for (const auto& [key, value] : parameters)
            if (key == name) return value;
        return std::nullopt;
    }
};

std::string_view without_blanks(std::string_view text)
{
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t'))
        text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t'))
        text.remove_suffix(1);
    return text;
}

/// `form-data; name="a"; filename="b"`. In quotes only \" and \\ are escapes: some browsers send "C:\path\file".
std::optional<header_value> parse_header_value(std::string_view text)
{
    header_value found;
    const auto end = std::min(text.find(';'), text.size());
    found.main = lower_ascii(without_blanks(text.substr(0, end)));
    text.remove_prefix(end);
    while (!text.empty()) {
        text = without_blanks(text.substr(1));
        if (text.empty()) break;
        const auto equals = text.find('=');
        if (equals == std::string_view::npos) return std::nullopt;
        auto name = lower_ascii(without_blanks(text.substr(0, equals)));
        text = without_blanks(text.substr(equals + 1));
        std::string value;
        if (text.starts_with('"')) {
            std::size_t i = 1;
            for (; i < text.size() && text[i] != '"'; ++i) {
                if (text[i] == '\\' && i + 1 < text.size() && (text[i + 1] == '"' || text[i + 1] == '\\')) ++i;
                value += text[i];
            }
            if (i >= text.size()) return std::nullopt;
            text = without_blanks(text.substr(i + 1));
        } else {
            const auto stop = std::min(text.find(';'), text.size());
            value = without_blanks(text.substr(0, stop));
            text.remove_prefix(stop);
        }
        if (!text.empty() && text.front() != ';') return std::nullopt;
        if (found.parameter(name)) return std::nullopt;
        found.parameters.emplace_back(std::move(name), std::move(value));
    }
    return found;
}

int hex_digit(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

/// Undoes %XX; what is no escape stays as it is.
std::string percent_decoded(std::string_view text)
{
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const int high = text[i] == '%' && i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
        const int low = high >= 0 ? hex_digit(text[i + 2]) : -1;
        if (low < 0) {
            out += text[i];
            continue;
        }
        out += static_cast<char>(high * 16 + low);
        i += 2;
    }
    return out;
}

/// What a browser wrote for characters that would end the header (HTML, "multipart/form-data encoding algorithm").
std::string without_browser_escapes(std::string_view text)
{
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto escape = text.substr(i, 3);
        if (escape == "%22" || escape == "%0D" || escape == "%0A") {
            out += escape == "%22" ? '"' : ' ';
            i += 2;
        } else {
            out += text[i];
        }
    }
    return out;
}

bool hides_text(char32_t c)
{
    const bool control = c < 0x20 || (c >= 0x7f && c < 0xa0);
    const bool direction = (c >= 0x200b && c <= 0x200f) || (c >= 0x202a && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f);
    return control || direction || c == 0xfeff;
}

/// A name to show and to store, never a path: the last component, no control or invisible characters, no leading dots.
std::string clean_file_name(std::string_view raw)
{
    auto text = to_storable_utf8(raw);
    if (const auto slash = text.find_last_of("/\\"); slash != std::string::npos) text.erase(0, slash + 1);
    auto letters = to_utf32(text);
    std::erase_if(letters, hides_text);
    text = to_utf8(letters);
    std::string_view name = trimmed(text);
    while (name.starts_with('.'))
        name = trimmed(name.substr(1));
    while (name.ends_with('.'))
        name = trimmed(name.substr(0, name.size() - 1));
    if (name.empty()) return "file";
    if (name.size() <= longest_file_name) return std::string(name);

    // The ending says what opens it, so it outlives the middle.
    const auto dot = name.rfind('.');
    const auto ending =
        dot != std::string_view::npos && name.size() - dot <= 16 ? name.substr(dot) : std::string_view{};
    auto cut = longest_file_name - ending.size();
    while ((static_cast<unsigned char>(name[cut]) & 0xc0) == 0x80)
        --cut;
    return std::string(name.substr(0, cut)) + std::string(ending);
}

result<form_part> parse_part_head(std::string_view head)
{
    form_part part;
    part.content_type = "text/plain";
    bool disposed = false;
    while (!head.empty()) {
        const auto end = head.find("\r\n");
        const auto line = head.substr(0, end);
        head = end == std::string_view::npos ? std::string_view{} : head.substr(end + 2);
        const auto colon = line.find(':');
        if (colon == std::string_view::npos ||
            line.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos)
            return fail(errc::bad_request, "part header");
        const auto name = lower_ascii(line.substr(0, colon));
        const auto value = without_blanks(line.substr(colon + 1));
        if (name == "content-disposition") {
            const auto parsed = parse_header_value(value);
            if (disposed || !parsed || parsed->main != "form-data")
                return fail(errc::bad_request, "Content-Disposition");
            const auto field = parsed->parameter("name");
            if (!field) return fail(errc::bad_request, "part without a name");
            part.name = without_browser_escapes(*field);
            if (!is_storable_utf8(part.name)) return fail(errc::invalid_utf8, "part name");
            // RFC 7578 forbids filename*, some clients send nothing else for Chinese names.
            if (const auto extended = parsed->parameter("filename*");
                extended && lower_ascii(*extended).starts_with("utf-8'"))
            {
                const auto quote = extended->find('\'', 6);
                if (quote == std::string_view::npos) return fail(errc::bad_request, "filename*");
                part.file_name = clean_file_name(percent_decoded(extended->substr(quote + 1)));
            } else if (const auto plain = parsed->parameter("filename")) {
                part.file_name = clean_file_name(without_browser_escapes(*plain));
            }
            disposed = true;
        } else if (name == "content-type") {
            const auto parsed = parse_header_value(value);
            if (!parsed || !is_storable_utf8(parsed->main)) return fail(errc::bad_request, "part Content-Type");
            part.content_type = parsed->main;
        }
    }
    if (!disposed) return fail(errc::bad_request, "part without Content-Disposition");
    return part;
}

} // namespace

result<std::vector<form_part>> parse_form(const request& req, std::size_t max_parts)
{
    const auto type = req.header("content-type");
    const auto parsed = type ? parse_header_value(*type) : std::nullopt;
    if (!parsed || parsed->main != "multipart/form-data")
        return fail(errc::unsupported_media_type, "not multipart/form-data");
    const auto boundary = parsed->parameter("boundary");
    if (!boundary || boundary->empty() || boundary->size() > longest_boundary ||
        !std::ranges::all_of(*boundary, [](char c) { return c >= ' ' && c < 0x7f; }))
        return fail(errc::bad_request, "boundary");

    const auto dash_boundary = "--" + std::string(*boundary);
    const auto delimiter = "\r\n" + dash_boundary;
    std::string_view rest = req.body;
    if (!rest.starts_with(dash_boundary)) return fail(errc::bad_request, "no first boundary");
    rest.remove_prefix(dash_boundary.size());

    std::vector<form_part> parts;
    while (!rest.starts_with("--")) {
        if (!rest.starts_with("\r\n")) return fail(errc::bad_request, "bytes behind a boundary");
        if (parts.size() >= max_parts) return fail(errc::bad_request, "too many parts");
        rest.remove_prefix(2);
        const auto head_end = rest.substr(0, longest_part_head).find("\r\n\r\n");
        if (head_end == std::string_view::npos) return fail(errc::bad_request, "part header without end");
        auto part = parse_part_head(rest.substr(0, head_end));
        if (!part) return fail(part.error());
        // From the empty line on: an empty part ends with the very CRLF that ends its header.
        const auto content = rest.substr(head_end + 2);
        const auto end = content.find(delimiter);
        if (end == std::string_view::npos) return fail(errc::bad_request, "part without end");
        if (end >= 2) part->bytes = content.substr(2, end - 2);
        parts.push_back(std::move(*part));
        rest = content.substr(end + delimiter.size());
    }
    return parts;
}

} // namespace huiyin::net
