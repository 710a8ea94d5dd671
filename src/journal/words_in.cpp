#include "words_in.hpp"

#include <huiyin/base/text.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <optional>

namespace huiyin::journal {

namespace {

using json = nlohmann::json;

std::optional<words_in_data::reference> to_reference(const json& text, const json& digest)
{
    const auto* id = text.get_ptr<const std::string*>();
    const auto* hex = digest.get_ptr<const std::string*>();
    if (id == nullptr || hex == nullptr) return std::nullopt;
    const auto parsed = text_id::parse(*id);
    const auto bytes = from_hex(*hex);
    words_in_data::reference found;
    if (!parsed || !bytes || bytes->size() != found.digest.size()) return std::nullopt;
    found.text = *parsed;
    std::ranges::copy(*bytes, found.digest.begin());
    return found;
}

} // namespace

words_in_data words_in(std::string_view data)
{
    words_in_data found;
    const auto whole = json::parse(data, nullptr, false);
    // A list instead of recursion: how deep the data is nested was decided elsewhere.
    std::vector<const json*> to_do{&whole};
    while (!to_do.empty()) {
        const auto& value = *to_do.back();
        to_do.pop_back();
        if (!value.is_structured()) continue;
        if (value.is_object()) {
            const auto text = value.find("text");
            const auto digest = value.find("sha256");
            if (text != value.end() && digest != value.end()) {
                if (const auto reference = to_reference(*text, *digest))
                    found.references.push_back(*reference);
                else
                    ++found.broken;
            }
        }
        for (const auto& each : value)
            to_do.push_back(&each);
    }
    return found;
}

std::optional<std::vector<text_id>> erased_in(std::string_view data)
{
    const auto whole = json::parse(data, nullptr, false);
    if (!whole.is_object()) return std::nullopt;
    const auto texts = whole.find("texts");
    if (texts == whole.end() || !texts->is_array()) return std::nullopt;
    std::vector<text_id> ids;
    for (const auto& each : *texts) {
        const auto* text = each.get_ptr<const std::string*>();
        const auto id = text != nullptr ? text_id::parse(*text) : std::nullopt;
        if (!id) return std::nullopt;
        ids.push_back(*id);
    }
    return ids;
}

} // namespace huiyin::journal
