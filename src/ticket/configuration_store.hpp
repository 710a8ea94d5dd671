#pragma once

#include <huiyin/pg/database.hpp>
#include <huiyin/ticket/configuration.hpp>

namespace huiyin::ticket {

/// Changes whenever pack, calendars or departments do.
task<result<std::string>> load_stamp(pg::database& db);

struct configuration_documents
{
    int version = 0;
    std::string pack;
    std::vector<std::string> calendar_years;
    std::vector<department_entry> departments;
    /// Name and definition of each calendar that clocks were counted by.
    std::vector<std::pair<std::string, std::string>> counted_calendars;
};
/// `not_configured` where no pack has been applied.
task<result<configuration_documents>> load_documents(pg::database& db);

} // namespace huiyin::ticket
