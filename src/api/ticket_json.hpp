#pragma once

#include <huiyin/ticket/ticket_service.hpp>

#include <nlohmann/json.hpp>

namespace huiyin::api {

/// The whole ticket as a page shows it, with the words it names. `shows_customer`: the reader may know who reported.
nlohmann::json to_json(const ticket::worded_ticket& of, bool shows_customer);
nlohmann::json to_json(const ticket::list_item& item);
nlohmann::json to_json(const ticket::clocks_view& view);
nlohmann::json to_json(const ticket::standing_action& action);
nlohmann::json to_json(const ticket::similar_ticket& item);
nlohmann::json to_json(const ticket::suspicious_ticket& item);

} // namespace huiyin::api
