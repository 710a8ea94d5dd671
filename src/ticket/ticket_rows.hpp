#pragma once

#include <huiyin/domain/decide.hpp>
#include <huiyin/domain/ticket.hpp>
#include <huiyin/journal/event.hpp>

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace huiyin::ticket {

/// The tables below `ticket`, in the order in which they are saved. Bit i of `ticket.has_rows` stands for the i-th:
/// new ones come at the end.
inline constexpr const char* row_tables[] = {
    "ticket_work_order", "ticket_solution", "ticket_approval",  "ticket_promise", "ticket_callback",
    "ticket_judgement",  "ticket_deadline", "ticket_extension", "ticket_hold",    "ticket_supervision",
    "ticket_ruling",     "ticket_spell",    "ticket_contact"};

/// {"ticket":{column:value,…},"ticket_deadline":[{…},…],…}: what the tables hold, in JSON. The same form is read from
/// the database, written to it, and kept in events, so that a rebuild reads what a save wrote. A column that holds the
/// zero of its type (null, false, 0, "", the first name of a list) is left out, and so is a table without rows.
nlohmann::json rows_of(const domain::ticket& t);
/// The inverse. Throws nlohmann::json::exception or std::logic_error on rows that no save wrote.
domain::ticket ticket_of(const nlohmann::json& rows);

/// What a decision makes of the tables, in the form of rows_of(): only rows that are new or differ.
struct row_changes
{
    nlohmann::json rows = nlohmann::json::object(); ///< Whole, to be saved.
    /// What an event keeps: key and changed columns; one that became zero is named.
    nlohmann::json columns = nlohmann::json::object();
};
/// `before` is nullptr for a new ticket.
row_changes changes_of(const domain::ticket* before, const domain::ticket& after);
/// The way back: what the changed columns of each event in turn makes of an empty object is what rows_of() gave, with
/// zeros here and there.
void apply_changes(nlohmann::json& rows, const nlohmann::json& changes);

/// Every column of a table ("ticket" or one of row_tables) with its zero; without "ticket_id" and "n".
const nlohmann::json& zeros_of(std::string_view table);
/// Columns of a table, in order.
std::vector<std::string> columns_of(std::string_view table);

nlohmann::json to_json(const domain::text_ref& words);
inline nlohmann::json reference_to(const journal::words& words)
{
    return to_json(domain::text_ref{words.id, words.digest()});
}

} // namespace huiyin::ticket
