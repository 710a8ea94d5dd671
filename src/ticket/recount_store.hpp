#pragma once

#include <huiyin/pg/database.hpp>

#include <optional>
#include <string>
#include <vector>

namespace huiyin::ticket {

/// How the running clocks of a calendar's name were counted.
struct counted_calendar
{
    std::string name;
    std::string definition;
    /// While a recount is under way: what it counts by, and up to which ticket it has come.
    std::optional<std::string> next;
    ticket_id done_through;
    int recounts = 0;
};
task<result<std::vector<counted_calendar>>> load_counted_calendars(pg::database& db);
/// Nothing happens where there is one.
task<result<void>> insert_counted_calendar(pg::database& db, std::string name, std::string definition);
task<result<void>> begin_recount(pg::database& db, std::string name, std::string next);
task<result<void>> note_recount(pg::database& db, std::string name, ticket_id done_through);
void end_recount(pg::batch& to, const std::string& name);
/// With a clock that runs or is paused by that calendar.
task<result<std::vector<ticket_id>>> find_counted_by(pg::database& db, std::string calendar, ticket_id after,
                                                     std::size_t limit);

} // namespace huiyin::ticket
