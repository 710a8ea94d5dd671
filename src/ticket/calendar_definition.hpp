#pragma once

#include <huiyin/domain/calendar.hpp>
#include <huiyin/ticket/pack.hpp>

#include <nlohmann/json.hpp>

#include <map>
#include <string>
#include <string_view>

namespace huiyin::ticket {

/// All that a calendar counts by, so that clocks can be counted by it after the organisation has changed it.
nlohmann::json definition_of(const pack_calendar& calendar, const std::map<int, domain::calendar_year>& years);
/// The inverse. Throws on what no definition_of() made.
domain::calendar read_definition(const std::string& name, std::string_view definition);

} // namespace huiyin::ticket
