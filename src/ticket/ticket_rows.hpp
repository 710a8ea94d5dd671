#pragma once

#include <huiyin/domain/decide.hpp>
#include <huiyin/domain/ticket.hpp>

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace huiyin::ticket {

/// The tables below `ticket`, in the order in which they are saved.
inline constexpr const char* row_tables[] = {"ticket_work_order", "ticket_solution", "ticket_approval",
                                             "ticket_promise",    "ticket_callback", "ticket_judgement",
                                             "ticket_deadline"};

/// {"ticket":{column:value,…},"ticket_deadline":[{…},…],…}: what the tables hold, in JSON. The same form is read from
/// the database, written to it, and kept in events, so that a rebuild reads what a save wrote.
nlohmann::json rows_of(const domain::ticket& t);
/// The inverse. Throws nlohmann::json::exception or std::logic_error on rows that no save wrote.
domain::ticket ticket_of(const nlohmann::json& rows);

/// The rows of `after` that are new or differ, whole.
nlohmann::json rows_to_save(const nlohmann::json& before, const nlohmann::json& after);
/// What an event keeps: key and changed columns of each such row.
nlohmann::json changed_columns(const nlohmann::json& before, const nlohmann::json& after);

/// Columns of a table ("ticket" or one of row_tables), in order.
std::vector<std::string> columns_of(std::string_view table);

nlohmann::json to_json(const domain::text_ref& words);

} // namespace huiyin::ticket
