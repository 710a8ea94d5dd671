#pragma once

#include <huiyin/ticket/ticket_service.hpp>

#include <nlohmann/json.hpp>

namespace huiyin::api {

/// The whole ticket as a page shows it, with the words it names.
nlohmann::json to_json(const domain::ticket& t, const std::map<text_id, std::string>& words,
                       const domain::actor& reader);
nlohmann::json to_json(const ticket::list_item& item);

} // namespace huiyin::api
