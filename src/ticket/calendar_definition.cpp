#include "calendar_definition.hpp"

#include <stdexcept>

namespace huiyin::ticket {

using nlohmann::json;

namespace {

json to_json(const std::vector<domain::hours_of_day>& hours)
{
    json list = json::array();
    for (const auto& each : hours)
        list.push_back({each.from.count(), each.to.count()});
    return list;
}

json to_json(const std::set<domain::local_day>& days)
{
    json list = json::array();
    for (const auto& each : days)
        list.push_back(domain::to_string(each));
    return list;
}

std::vector<domain::hours_of_day> hours_in(const json& list)
{
    std::vector<domain::hours_of_day> hours;
    for (const auto& each : list)
        hours.push_back({std::chrono::minutes(each.at(0).get<int>()), std::chrono::minutes(each.at(1).get<int>())});
    return hours;
}

std::set<domain::local_day> days_in(const json& list)
{
    std::set<domain::local_day> days;
    for (const auto& each : list) {
        const auto day = domain::parse_local_day(each.get_ref<const std::string&>());
        if (!day) throw std::logic_error("a calendar's definition: not a day");
        days.insert(*day);
    }
    return days;
}

} // namespace

json definition_of(const pack_calendar& calendar, const std::map<int, domain::calendar_year>& years)
{
    json weekly = json::array();
    for (const auto& day : calendar.weekly)
        weekly.push_back(to_json(day));
    const bool follows = !calendar.holidays.empty();
    json loaded = json::object();
    if (follows)
        for (const auto& [year, days] : years)
            loaded[std::to_string(year)] = {{"off", to_json(days.off)}, {"work", to_json(days.work)}};
    return {{"time_zone", calendar.time_zone},
            {"weekly", weekly},
            {"makeup_hours", to_json(calendar.makeup_hours)},
            {"follows_holidays", follows},
            {"years", loaded}};
}

domain::calendar read_definition(const std::string& name, std::string_view definition)
{
    const auto from = json::parse(definition);
    domain::weekly_hours weekly;
    for (std::size_t i = 0; i < weekly.size(); ++i)
        weekly[i] = hours_in(from.at("weekly").at(i));
    std::map<int, domain::calendar_year> years;
    for (const auto& [year, days] : from.at("years").items())
        years.emplace(std::stoi(year), domain::calendar_year{days_in(days.at("off")), days_in(days.at("work"))});
    return {name,
            from.at("time_zone").get<std::string>(),
            std::move(weekly),
            std::move(years),
            hours_in(from.at("makeup_hours")),
            from.at("follows_holidays").get<bool>()};
}

} // namespace huiyin::ticket
