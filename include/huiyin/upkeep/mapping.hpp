#pragma once

#include <huiyin/base/time.hpp>
#include <huiyin/domain/policy.hpp>
#include <huiyin/ticket/pack.hpp>
#include <huiyin/upkeep/import_time.hpp>

#include <cstddef>
#include <expected>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace huiyin::upkeep {

using ticket::checked;
using ticket::violation;

/// Turns a source's word into one of our codes.
struct code_map
{
    std::string column; ///< Empty: always `otherwise`.
    std::map<std::string, std::string> codes;
    std::string otherwise;
};

enum class finished_rule {
    status, ///< The status column says so.
    closed, ///< The first closing column is not blank.
    never,  ///< The source knows only what came in.
};

/// How the columns of one source become records: a file of config/import/, whose README lists the keys.
struct mapping
{
    std::string account; ///< The source's name; with the key it makes a record unique for ever.
    std::string time_zone;
    std::vector<time_notation> times;
    std::vector<std::string> key; ///< Columns whose values, joined by "/", are the record's own number there.
    std::string reported_at;
    /// Of a finished record the first that is not blank counts; the first alone says that it is finished.
    std::vector<std::string> closed_at;
    std::string due_at; ///< May be empty.
    finished_rule finished_when = finished_rule::never;
    std::string status; ///< The column, for finished_rule::status.
    std::vector<std::string> finished_states;
    std::vector<std::string> unfinished_states;
    code_map channel;
    code_map category;
    domain::ticket_type type = domain::ticket_type::complaint; ///< Of all its records.
    std::string customer;             ///< Column with the source's own code for the person; may be empty.
    std::vector<std::string> problem; ///< The customer's words, one column under the other.
    std::vector<std::string> object;
    std::vector<std::string> answer; ///< What was answered to the customer.
    std::vector<std::string> note;   ///< Kept with their column's name, for the staff.
};

/// Reads a mapping file of at most 1 MiB; all that is wrong with it at once.
ticket::checked<mapping> parse_mapping(std::string_view json);

/// One record of a source, in our terms.
struct source_record
{
    std::size_t line = 0;
    std::string key;
    std::string channel;
    std::string category;
    std::string customer;
    bool finished = false;
    instant reported_at;
    std::optional<instant> closed_at;
    std::optional<instant> due_at;
    /// Storable UTF-8.
    std::string problem;
    std::string object;
    std::string answer;
    std::string note;
    /// What was odd but did not keep the record out: "closed_date: before created_date; taken as equal".
    std::vector<std::string> remarks;
};

/// A mapping bound to one file's header.
class mapped_columns
{
public:
    /// All columns that the mapping names and the header lacks or has twice.
    static ticket::checked<mapped_columns> bind(const mapping& of, const std::vector<std::string>& header);

    /// The record, or why it cannot be taken: column and reason, several joined by "; ". A reason quotes times and
    /// codes, never words.
    std::expected<source_record, std::string> read(std::size_t line, const std::vector<std::string>& fields) const;

private:
    class reading;

    mapping of_;
    std::map<std::string, std::size_t, std::less<>> places_;
    std::size_t width_ = 0;
};

} // namespace huiyin::upkeep
