#pragma once

#include <huiyin/people/people_service.hpp>

#include <nlohmann/json.hpp>

namespace huiyin::api {

nlohmann::json to_json(const people::user& user);
nlohmann::json to_json(const people::department& department);

} // namespace huiyin::api
