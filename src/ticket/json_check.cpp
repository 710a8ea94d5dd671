#include <huiyin/base/text.hpp>
#include <huiyin/ticket/json_check.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace huiyin::ticket {

using nlohmann::json;

void json_part::fault(std::string what) const
{
    faults_->push_back({path_, std::move(what)});
}

void json_part::fault(std::string_view name, std::string what) const
{
    faults_->push_back({path_.empty() ? std::string(name) : fmt::format("{}.{}", path_, name), std::move(what)});
}

json_part json_part::member(std::string_view name, const json& value) const
{
    return {value, path_.empty() ? std::string(name) : fmt::format("{}.{}", path_, name), *faults_};
}

std::string json_part::text(std::size_t longest) const
{
    if (!value_->is_string()) {
        fault("not a text");
        return {};
    }
    const auto& words = value_->get_ref<const std::string&>();
    if (trimmed(words).empty())
        fault("blank");
    else if (!is_storable_utf8(words))
        fault("not storable text");
    else if (code_points(words) > longest)
        fault(fmt::format("longer than {} characters", longest));
    else
        return words;
    return {};
}

std::vector<json_part> json_part::list(std::size_t least, std::size_t most) const
{
    std::vector<json_part> all;
    if (!value_->is_array()) {
        fault("not a list");
        return all;
    }
    if (value_->size() < least) fault("empty");
    if (value_->size() > most) {
        fault(fmt::format("more than {} entries", most));
        return all;
    }
    for (std::size_t i = 0; i < value_->size(); ++i)
        all.emplace_back((*value_)[i], fmt::format("{}[{}]", path_, i), *faults_);
    return all;
}

std::vector<std::pair<std::string, json_part>> json_part::members(std::size_t least, std::size_t most) const
{
    std::vector<std::pair<std::string, json_part>> all;
    if (!value_->is_object()) {
        fault("not an object");
        return all;
    }
    if (value_->size() < least) fault("empty");
    if (value_->size() > most) {
        fault(fmt::format("more than {} entries", most));
        return all;
    }
    for (const auto& [name, value] : value_->items())
        all.emplace_back(name, member(name, value));
    return all;
}

json_object::json_object(json_part part) : part_(std::move(part))
{
    if (!part_.value().is_object()) part_.fault("not an object");
}

json_object::~json_object()
{
    if (!part_.value().is_object()) return;
    for (const auto& [name, value] : part_.value().items())
        if (!known_.contains(name)) part_.fault(name, "unknown key");
}

std::optional<json_part> json_object::optional(std::string_view name)
{
    known_.emplace(name);
    const auto& object = part_.value();
    if (!object.is_object()) return {};
    const auto found = object.find(name);
    if (found == object.end()) return {};
    return part_.member(name, *found);
}

std::optional<json_part> json_object::required(std::string_view name)
{
    auto found = optional(name);
    if (!found && part_.value().is_object()) part_.fault(name, "missing");
    return found;
}

bool json_object::has(std::string_view name)
{
    return optional(name).has_value();
}

std::string json_object::text(std::string_view name, std::size_t longest)
{
    const auto found = required(name);
    return found ? found->text(longest) : std::string{};
}

std::string json_object::optional_text(std::string_view name, std::size_t longest)
{
    const auto found = optional(name);
    return found ? found->text(longest) : std::string{};
}

std::vector<std::string> json_object::optional_texts(std::string_view name, std::size_t most, std::size_t longest)
{
    std::vector<std::string> all;
    const auto found = optional(name);
    if (!found) return all;
    for (const auto& each : found->list(0, most)) {
        auto words = each.text(longest);
        if (words.empty()) continue;
        if (std::ranges::find(all, words) != all.end())
            each.fault("named before");
        else
            all.push_back(std::move(words));
    }
    return all;
}

std::string json_object::optional_code(std::string_view name)
{
    const auto found = optional(name);
    if (!found) return {};
    auto word = found->text(64);
    if (word.empty()) return word;
    const auto plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
    if (plain(word.front()) && std::ranges::all_of(word, [&](char c) { return plain(c) || c == '_' || c == '-'; }))
        return word;
    found->fault("not a code (a-z, 0-9, _ and -, a letter or digit first)");
    return {};
}

std::string json_object::code(std::string_view name)
{
    return required(name) ? optional_code(name) : std::string{};
}

std::int64_t json_object::integer(std::string_view name, std::int64_t least, std::int64_t most)
{
    const auto found = required(name);
    if (!found) return least;
    const auto& value = found->value();
    // An unsigned number beyond the signed range would wrap.
    const bool fits =
        value.is_number_integer() && (!value.is_number_unsigned() || value.get<std::uint64_t>() <= INT64_MAX);
    if (!fits)
        found->fault("not a whole number");
    else if (const auto number = value.get<std::int64_t>(); number < least || number > most)
        found->fault(fmt::format("{} is not from {} to {}", number, least, most));
    else
        return number;
    return least;
}

bool json_object::flag(std::string_view name, bool otherwise)
{
    const auto found = optional(name);
    if (!found) return otherwise;
    if (!found->value().is_boolean()) {
        found->fault("neither true nor false");
        return otherwise;
    }
    return found->value().get<bool>();
}

std::optional<json> parse_document(std::string_view text, std::size_t largest, std::vector<violation>& faults)
{
    if (text.size() > largest) {
        faults.push_back({{}, fmt::format("larger than {} bytes", largest)});
        return {};
    }
    constexpr int deepest = 16;
    bool too_deep = false;
    std::vector<std::set<std::string>> keys;
    // nlohmann keeps the last of two equal keys and says nothing.
    const auto watch = [&](int depth, json::parse_event_t event, json& parsed) {
        if (depth > deepest) too_deep = true;
        if (event == json::parse_event_t::object_start) keys.emplace_back();
        if (event == json::parse_event_t::object_end && !keys.empty()) keys.pop_back();
        if (event == json::parse_event_t::key && !keys.empty())
            if (const auto& name = parsed.get_ref<const std::string&>(); !keys.back().insert(name).second)
                faults.push_back({{}, fmt::format("the key '{}' comes twice in one object", name)});
        return !too_deep;
    };
    try {
        auto document = json::parse(text, watch);
        if (too_deep) faults.push_back({{}, "nested too deep"});
        if (!faults.empty()) return {};
        return document;
    } catch (const json::parse_error& problem) {
        faults.push_back({{}, fmt::format("not JSON: wrong at byte {}", problem.byte)});
        return {};
    }
}

} // namespace huiyin::ticket
