#pragma once

#include <huiyin/pg/database.hpp>

#include <optional>
#include <string>
#include <utility>
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
/// In the ticket's own transaction: counting a clock over twice would count the time between by the calendar of before.
void note_recount(pg::batch& to, const std::string& name, ticket_id done_through);
void end_recount(pg::batch& to, const std::string& name);
/// With a clock that runs or is paused by that calendar.
task<result<std::vector<ticket_id>>> find_counted_by(pg::database& db, std::string calendar, ticket_id after,
                                                     std::size_t limit);

/// How far the running clocks have been brought over to the versions of the rules.
struct counted_pack
{
    int version = 0;
    /// While a recount is under way: to which version, and up to which ticket it has come.
    std::optional<int> next;
    ticket_id done_through;
};
task<result<std::optional<counted_pack>>> load_counted_pack(pg::database& db);
/// Nothing happens where there is one.
task<result<void>> insert_counted_pack(pg::database& db, int version);
/// From the first ticket on, also where one to another version is under way.
task<result<void>> begin_target_recount(pg::database& db, int version);
task<result<void>> note_target_recount(pg::database& db, ticket_id done_through);
void end_target_recount(pg::batch& to);
/// The documents of versions below `version` that clocks still run or pause by.
task<result<std::vector<std::pair<int, std::string>>>> load_packs_in_use(pg::database& db, int version);
/// With a clock of a version below `version` that runs or is paused; only tickets of these categories.
task<result<std::vector<ticket_id>>> find_by_older_version(pg::database& db, int version,
                                                           std::vector<std::string> categories, ticket_id after,
                                                           std::size_t limit);

/// The ticket's own refusal; anything else is worth another try.
bool is_about_the_ticket(errc code);

} // namespace huiyin::ticket
