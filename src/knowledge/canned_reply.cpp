#include <huiyin/base/text.hpp>
#include <huiyin/knowledge/canned_reply.hpp>

#include <algorithm>

namespace huiyin::knowledge {

namespace {

/// Calls `plain(text)` for what stands between variables and `variable(name)` for each "{word}".
template <class Plain, class Variable>
void each_part(std::string_view body, Plain plain, Variable variable)
{
    const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; };
    std::size_t done = 0;
    for (auto open = body.find('{'); open != std::string_view::npos; open = body.find('{', open + 1)) {
        auto end = open + 1;
        while (end < body.size() && is_letter(body[end]))
            ++end;
        if (end == open + 1 || end == body.size() || body[end] != '}') continue;
        plain(body.substr(done, open - done));
        variable(body.substr(open + 1, end - open - 1));
        done = end + 1;
        open = end;
    }
    plain(body.substr(done));
}

std::unexpected<error> refused(const std::string& field, const std::string& reason)
{
    return fail(error{errc::invalid_field, field + ": " + reason, {}}.with("field", field).with("reason", reason));
}

} // namespace

std::vector<std::string> variables_in(std::string_view body)
{
    std::vector<std::string> names;
    each_part(
        body, [](std::string_view) {},
        [&](std::string_view name) {
            if (std::ranges::find(names, name) == names.end()) names.emplace_back(name);
        });
    return names;
}

std::pair<std::string, std::vector<std::string>> rendered(std::string_view body,
                                                          const std::map<std::string, std::string>& values)
{
    std::pair<std::string, std::vector<std::string>> made;
    each_part(
        body, [&](std::string_view text) { made.first += text; },
        [&](std::string_view name) {
            const auto value = values.find(std::string(name));
            if (value != values.end() && !value->second.empty()) {
                made.first += value->second;
                return;
            }
            made.first += '{';
            made.first += name;
            made.first += '}';
            if (std::ranges::find(made.second, name) == made.second.end()) made.second.emplace_back(name);
        });
    return made;
}

result<void> check_reply(const reply_content& what)
{
    if (!is_storable_utf8(what.name) || what.name.empty() || code_points(what.name) > 60)
        return refused("name", "has not 1 to 60 characters");
    if (!is_storable_utf8(what.body) || what.body.empty() || code_points(what.body) > 4000)
        return refused("body", "has not 1 to 4000 characters");
    for (const auto& each : variables_in(what.body))
        if (std::ranges::find(reply_variables, each) == reply_variables.end())
            return refused("body", "names an unknown variable {" + each + "}");
    if (what.categories.size() > 50) return refused("categories", "are too many");
    if ((what.shared == reply_sharing::department) != what.department.has_value())
        return refused("department_id", "belongs to what is shared with a department");
    return {};
}

} // namespace huiyin::knowledge
