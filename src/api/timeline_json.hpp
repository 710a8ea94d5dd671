#pragma once

#include <huiyin/net/message.hpp>
#include <huiyin/record/entry_store.hpp>

#include <nlohmann/json.hpp>

#include <optional>

namespace huiyin::api {

/// One entry as the house sees it.
nlohmann::json to_json(const record::timeline_item& item);

/// Where the last page of a timeline ended; `invalid_cursor` where that cannot be read.
result<std::optional<std::pair<instant, entry_id>>> timeline_place(const net::page& page);
/// The cursor of what comes next; null at the end.
nlohmann::json timeline_cursor(const record::timeline_page& page);

} // namespace huiyin::api
