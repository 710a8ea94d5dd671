#include <huiyin/outbox/webhook.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <stdexcept>

namespace huiyin::outbox {

using nlohmann::json;

bool webhook_settings::wants(std::string_view kind, bool of_confidential) const
{
    if (kind.starts_with("outbox.") || (of_confidential && !confidential)) return false;
    return std::ranges::any_of(kinds, [&](const std::string& each) {
        if (each == "*") return true;
        if (each.ends_with(".*")) return kind.starts_with(std::string_view(each).substr(0, each.size() - 1));
        return kind == each;
    });
}

webhook_settings parse_webhook_settings(std::string_view text)
{
    try {
        const auto read = json::parse(text);
        webhook_settings settings;
        settings.url = read.at("url").get<std::string>();
        settings.kinds = read.at("kinds").get<std::vector<std::string>>();
        settings.confidential = read.at("confidential").get<bool>();
        settings.secret_number = read.at("secret_number").get<std::int64_t>();
        settings.secret_check = read.at("secret_check").get<std::string>();
        if (const auto& until = read.at("previous_until"); !until.is_null())
            settings.previous_until = parse_rfc3339(until.get_ref<const std::string&>());
        return settings;
    } catch (const json::exception& e) {
        throw std::runtime_error(std::string("settings of a webhook: ") + e.what());
    }
}

std::optional<webhook_settings> find_webhook_settings(std::string_view text)
{
    try {
        return parse_webhook_settings(text);
    } catch (const std::runtime_error&) {
        return std::nullopt;
    }
}

std::string to_json(const webhook_settings& settings)
{
    return json{{"url", settings.url},
                {"kinds", settings.kinds},
                {"confidential", settings.confidential},
                {"secret_number", settings.secret_number},
                {"secret_check", settings.secret_check},
                {"previous_until", settings.previous_until ? json(to_rfc3339(*settings.previous_until)) : json()}}
        .dump();
}

} // namespace huiyin::outbox
