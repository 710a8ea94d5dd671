#pragma once

#include <huiyin/base/id.hpp>
#include <huiyin/pg/database.hpp>

#include <nlohmann/json_fwd.hpp>

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace huiyin::report {

struct feed_item
{
    std::int64_t pos = 0;
    std::string kind;
    uuid subject;
    instant at;
    /// Of contacts only.
    std::string data;
};

task<result<std::int64_t>> read_cursor(pg::database& db);
task<result<std::vector<feed_item>>> read_feed(pg::database& db, std::int64_t after, std::size_t limit);

struct known_ticket
{
    std::int64_t pos = 0;
    std::vector<std::uint8_t> digest;
};
/// What the projection has of these tickets.
task<result<std::map<ticket_id, known_ticket>>> read_known(pg::database& db, std::vector<ticket_id> tickets);

struct ticket_event
{
    ticket_id ticket;
    std::int64_t pos = 0;
    std::string_view kind;
    instant at;
    std::string_view data;
};
/// All positioned events of these tickets, ticket by ticket in their order.
task<result<void>> read_ticket_events(pg::database& db, std::vector<ticket_id> tickets,
                                      const std::function<void(const ticket_event&)>& take);

struct taken_page
{
    std::int64_t from = 0;
    std::int64_t to = 0;
    nlohmann::json* tickets = nullptr; ///< Rows of report_ticket.
    nlohmann::json* counts = nullptr;  ///< Rows of report_count, of `recounted` and of contacts.
    std::vector<uuid> recounted;       ///< Subjects whose rows are replaced.
};
/// False: somebody else has moved the cursor.
task<result<bool>> save_page(pg::database& db, taken_page page);

/// Fails when the duty's connection, and its lock with it, is lost.
const pg::statement& still_held();

task<result<void>> empty_tables(pg::database& as_owner);

} // namespace huiyin::report
