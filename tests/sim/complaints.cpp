#include "complaints.hpp"

#include "town.hpp"

#include <huiyin/upkeep/csv.hpp>
#include <huiyin/upkeep/mapping.hpp>

#include <array>
#include <cstdlib>
#include <functional>

namespace huiyin::sim {

namespace {

std::filesystem::path shared_data()
{
    if (const auto* const given = std::getenv("HUIYIN_SHARED_DATA")) return given;
    return source_root.parent_path() / "shared" / "data";
}

std::uint32_t number_of(const std::string& word)
{
    std::uint32_t hash = 2166136261u; // FNV-1a: the same everywhere, unlike std::hash
    for (const char c : word)
        hash = (hash ^ static_cast<unsigned char>(c)) * 16777619u;
    return hash;
}

instant moved_to(instant at, int year)
{
    const auto day = std::chrono::floor<std::chrono::days>(at);
    const std::chrono::year_month_day date(day);
    auto moved = std::chrono::year(year) / date.month() / date.day();
    if (!moved.ok()) moved = std::chrono::year(year) / date.month() / std::chrono::day(28);
    return instant(std::chrono::sys_days(moved)) + (at - day);
}

} // namespace

std::vector<complaint> real_complaints(int year)
{
    static constexpr std::array<std::array<const char*, 2>, 5> files{
        {{"complaints_en/nyc311_dev.csv", "nyc311"},
         {"complaints_en/boston311_dev.csv", "boston311"},
         {"complaints_en/baltimore311_dev.csv", "baltimore311"},
         {"complaints_zh/wenzheng_messages_dev.csv", "wenzheng_messages"},
         {"complaints_zh/wenzheng_replies_dev.csv", "wenzheng_replies"}}};
    std::vector<complaint> all;
    for (std::uint32_t source = 0; source < files.size(); ++source) {
        const auto path = shared_data() / files[source][0];
        if (!std::filesystem::exists(path)) return {};
        const auto mapping =
            upkeep::parse_mapping(text_of(source_root / "config/import" / (std::string(files[source][1]) + ".json")));
        std::ifstream in(path, std::ios::binary);
        upkeep::csv_reader reader(in);
        const auto header = reader.next();
        const auto columns = upkeep::mapped_columns::bind(mapping.value(), header.value().value().fields);
        while (const auto row = reader.next()) {
            const auto record = columns.value().read((*row)->line, (*row)->fields);
            if (!record) continue;
            const auto& what = record->problem;
            all.push_back({moved_to(record->reported_at, year),
                           number_of(record->customer.empty() ? record->key : record->customer),
                           number_of(what.substr(0, what.find_first_of("\n ?？，"))), source});
        }
    }
    return all;
}

} // namespace huiyin::sim
