#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace huiyin::web {

/// A piece of a page. Made of text and elements only, so that nothing that somebody typed is ever markup.
class html
{
public:
    using attributes = std::vector<std::pair<std::string_view, std::string_view>>;

    html() = default;
    /// Ill-formed bytes and control characters become U+FFFD.
    static html text(std::string_view words);
    /// `name` and the attributes' names are literals of ours; values are anybody's. One without a value is written
    /// bare. Never a script, a style or an address of anything but http, https and this site.
    static html element(std::string_view name, const attributes& with, const html& content = {});
    /// <input>, <meta>, <link>: an element that ends where it begins.
    static html empty_element(std::string_view name, const attributes& with);

    html& operator<<(const html& next)
    {
        out_ += next.out_;
        return *this;
    }
    const std::string& string() const { return out_; }

private:
    std::string out_;
};

/// The address, or nothing where it is neither http(s) nor a path of this site: "javascript:" and the like.
std::string safe_address(std::string_view address);

} // namespace huiyin::web
