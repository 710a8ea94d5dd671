#include <huiyin/upkeep/pack_diff.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace huiyin::upkeep {

namespace {

using nlohmann::json;

constexpr std::size_t widest = 160;
constexpr int deepest_folding = 8;

/// Keys in the order in which people look for them; others come after these by the alphabet.
constexpr std::array<std::string_view, 68> order{
    "pack", "code", "login", "name", "title", "default_calendar", "calendars", "departments", "users", "fields",
    "limits", "fallback", "targets", "targets_by_department", "categories", "callback", "repeat",
    "invalid_reply_templates", "banned_phrases", "reasons", "root_causes",
    // of a name, a calendar, a department, a user
    "zh-CN", "zh-TW", "en", "time_zone", "weekly", "mon", "tue", "wed", "thu", "fri", "sat", "sun", "makeup_hours",
    "holidays", "parent", "calendar", "contact_a", "contact_b", "authority_cents", "language", "roles", "handles",
    "leads",
    // of a category and its clocks
    "type", "priority", "open_to_public", "department", "field", "values", "otherwise", "observers", "approval_from",
    "presumed_valid", "direct", "evidence", "first_response", "dispatch", "accept", "return_window", "contact_customer",
    "on_site", "solution", "approve", "resolve", "progress_update", "callback_sample_percent", "system_may_close"};

std::size_t rank(std::string_view key)
{
    return static_cast<std::size_t>(std::ranges::find(order, key) - order.begin());
}

std::vector<std::string> keys_of(const json& object)
{
    std::vector<std::string> keys;
    for (const auto& [key, value] : object.items())
        keys.push_back(key);
    std::ranges::sort(keys, {}, [](const std::string& key) { return std::pair(rank(key), key); });
    return keys;
}

std::string quoted(const std::string& key)
{
    return json(key).dump();
}

std::string on_one_line(const json& value)
{
    std::string text, between;
    if (value.is_object()) {
        for (const auto& key : keys_of(value))
            text += std::exchange(between, ", ") + quoted(key) + ": " + on_one_line(value.at(key));
        return '{' + text + '}';
    }
    if (value.is_array()) {
        for (const auto& each : value)
            text += std::exchange(between, ", ") + on_one_line(each);
        return '[' + text + ']';
    }
    return value.dump();
}

/// `used` characters of the line are taken already.
std::string write(const json& value, std::size_t used, int depth)
{
    auto line = on_one_line(value);
    const bool folds = value.is_structured() && !value.empty() && depth < deepest_folding;
    if (!folds || (depth > 0 && used + line.size() <= widest)) return line;
    const std::string margin(static_cast<std::size_t>(depth) * 2 + 2, ' ');
    std::string text, between = "\n";
    if (value.is_object())
        for (const auto& key : keys_of(value)) {
            const auto head = margin + quoted(key) + ": ";
            text += std::exchange(between, ",\n") + head + write(value.at(key), head.size(), depth + 1);
        }
    else
        for (const auto& each : value)
            text += std::exchange(between, ",\n") + margin + write(each, margin.size(), depth + 1);
    const auto ends = value.is_object() ? std::string_view("{}") : std::string_view("[]");
    return ends.front() + text + '\n' + margin.substr(2) + ends.back();
}

} // namespace

std::string pack_file(const std::string& document)
{
    return write(json::parse(document), 0, 0) + '\n';
}

} // namespace huiyin::upkeep
