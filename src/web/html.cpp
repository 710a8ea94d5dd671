#include "html.hpp"

#include <huiyin/base/text.hpp>

namespace huiyin::web {

namespace {

void append_escaped(std::string& to, std::string_view words)
{
    for (const char c : to_storable_utf8(words)) {
        switch (c) {
        case '&': to += "&amp;"; break;
        case '<': to += "&lt;"; break;
        case '>': to += "&gt;"; break;
        case '"': to += "&quot;"; break;
        case '\'': to += "&#39;"; break;
        default:
            if (static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\r' && c != '\t')
                to += "\xef\xbf\xbd";
            else
                to += c;
        }
    }
}

void append_head(std::string& to, std::string_view name, const html::attributes& with)
{
    to.append("<").append(name);
    for (const auto& [key, value] : with) {
        to.append(" ").append(key);
        if (value.empty()) continue;
        to += "=\"";
        append_escaped(to, value);
        to += '"';
    }
    to += ">";
}

} // namespace

html html::text(std::string_view words)
{
    html made;
    append_escaped(made.out_, words);
    return made;
}

html html::element(std::string_view name, const attributes& with, const html& content)
{
    html made;
    append_head(made.out_, name, with);
    // The first line feed in a textarea is the markup's and not the text's.
    if (name == "textarea") made.out_ += '\n';
    made.out_.append(content.out_).append("</").append(name).append(">");
    return made;
}

html html::empty_element(std::string_view name, const attributes& with)
{
    html made;
    append_head(made.out_, name, with);
    return made;
}

std::string safe_address(std::string_view address)
{
    const bool here = address.starts_with('/') && !address.starts_with("//") && !address.starts_with("/\\");
    if (here || address.starts_with("https://") || address.starts_with("http://")) return std::string(address);
    return {};
}

} // namespace huiyin::web
