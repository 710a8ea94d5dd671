#include "timeline_json.hpp"

namespace huiyin::api {

using nlohmann::json;

namespace {

/// Whose words they are: the customer's own, proven or not, are nobody's of the house.
json author_of(const record::timeline_item& item)
{
    const auto& kind = item.entry.author_kind;
    if (kind == "customer" || kind == "anonymous")
        return {{"kind", "customer"}, {"id", nullptr}, {"name", nullptr}, {"department", nullptr}};
    json author{{"kind", kind}, {"id", nullptr}, {"name", nullptr}, {"department", nullptr}};
    if (item.entry.author && kind != "system") author["id"] = item.entry.author->to_string();
    if (!item.author) return author;
    author["name"] = item.author->name;
    if (item.author->department)
        author["department"] = {{"id", item.author->department->to_string()},
                                {"code", item.author->department_code},
                                {"name", json::parse(item.author->department_name)}};
    return author;
}

} // namespace

json to_json(const record::timeline_item& item)
{
    json attachments = json::array();
    for (const auto& file : item.attachments)
        attachments.push_back({{"id", file.id.to_string()},
                               {"name", file.name},
                               {"content_type", file.content_type},
                               {"size", file.size}});
    const auto& entry = item.entry;
    return {{"id", entry.id.to_string()},
            {"at", to_rfc3339(entry.at)},
            {"kind", entry.kind},
            {"direction", entry.direction},
            {"channel", item.channel},
            {"account", item.account},
            {"author_kind", entry.author_kind},
            {"author", author_of(item)},
            {"proof", entry.proof},
            {"internal", entry.internal},
            {"ticket_id", entry.ticket ? json(entry.ticket->to_string()) : json()},
            {"text", item.words},
            {"erased", item.erased},
            {"attachments", attachments}};
}

result<std::optional<std::pair<instant, entry_id>>> timeline_place(const net::page& page)
{
    if (!page.after) return std::nullopt;
    const auto& key = *page.after;
    const auto at = key.size() == 2 ? parse_rfc3339(key[0]) : std::nullopt;
    const auto last = key.size() == 2 ? entry_id::parse(key[1]) : std::nullopt;
    if (!at || !last) return fail(errc::invalid_cursor);
    return std::pair(*at, *last);
}

json timeline_cursor(const record::timeline_page& page)
{
    if (!page.next) return {};
    return net::encode_cursor({to_rfc3339(page.next->first), page.next->second.to_string()});
}

} // namespace huiyin::api
