#pragma once

#include <huiyin/async/task.hpp>
#include <huiyin/base/time.hpp>
#include <huiyin/pg/database.hpp>
#include <huiyin/ticket/configuration.hpp>
#include <huiyin/upkeep/mapping.hpp>

#include <cstddef>
#include <filesystem>
#include <functional>
#include <string>

namespace huiyin::upkeep {

struct import_order
{
    std::filesystem::path file;
    upkeep::mapping mapping;
    /// Gets a line per bad record and per remark, "<line of the file>: bad: <reason>" or "<line>: remark: <what>";
    /// written anew. Empty: none.
    std::filesystem::path report;
    /// The center's, for the day in a ticket's number.
    std::string time_zone = "Asia/Shanghai";
    /// Records per transaction. 1 to 500.
    std::size_t batch = 250;
};

struct import_progress
{
    std::size_t records = 0;  ///< Seen in the file, bad ones included.
    std::size_t taken = 0;    ///< Now in the database.
    std::size_t finished = 0; ///< Of those taken: archived.
    std::size_t repeats = 0;  ///< Taken before, by an earlier run or further up in the file.
    std::size_t bad = 0;
    std::size_t remarks = 0;
    double done = 0;       ///< 0 to 1.
    double per_second = 0; ///< Records taken or found again.
};

/// "[######----]  61 %  12,043 records, 11,980 taken, 60 repeats, 3 bad  1,870/s"
std::string progress_line(const import_progress& now);

/// Takes the records of a file in, as row 0 of the state machine (actor: the system): finished ones land in `archived`,
/// the others in `triage` with their original time and clocks from now. Each leaves a receipt under "import/<account>"
/// and its key, in the same transaction, so a second run counts repeats and an import that broke off goes on by running
/// it again. The unfinished ones come last, so that no clock rings while the file is still being read.
///
/// Bad records are reported and counted, never fatal. `told` is called on this reactor after each transaction. Who is
/// named by the mapping's customer column becomes one customer with an account identity "<account>/<code>"; a record
/// that names nobody gets a customer of its own.
///
/// Errors: `not_found` (no such file), `bad_request` (no header; columns that the mapping names and the file lacks;
/// category codes that the applied pack lacks: all in the detail), `not_configured` (no pack applied), `unavailable`
/// (the report cannot be written), and those of the database after half a minute of trying again: what was committed
/// stays.
task<result<import_progress>> import_file(pg::database& into, ticket::configurations& rules, const clock& time,
                                          import_order what, std::function<void(const import_progress&)> told);

} // namespace huiyin::upkeep
