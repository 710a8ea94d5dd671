#pragma once

#include <huiyin/base/id.hpp>
#include <huiyin/pg/database.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace huiyin::upkeep {

/// One value in which the tables differ from what the journal tells.
struct rebuild_difference
{
    ticket_id ticket;
    std::string table;
    /// Of a table below `ticket`.
    std::optional<std::int64_t> n;
    /// "*": the row as a whole.
    std::string column;
    /// As JSON, cut after 300 bytes: ids, codes, numbers, times. Of words the columns hold id and digest only; of
    /// `ticket_party` it is the digest, of `ticket_interaction` the id.
    std::string journal;
    std::string kept;
};

struct rebuild_report
{
    std::int64_t tickets = 0;
    std::int64_t events = 0;
    std::int64_t rows = 0;
    std::int64_t differences = 0;

    bool sound() const { return differences == 0; }
};

struct rebuild_options
{
    /// Called for each difference, in the order of tickets.
    std::function<void(const rebuild_difference&)> tell = [](const rebuild_difference&) {};
    /// Tickets done of about how many.
    std::function<void(std::int64_t done, std::int64_t of)> progress = [](std::int64_t, std::int64_t) {};
};

/// Replays the events of every ticket into rows and compares all columns of the tables of src/ticket/ticket_rows.hpp
/// with them, both ways. Reads only, page by page, each page as of one moment, so that it may run beside the daemon.
/// `ticket_party` and `ticket_interaction` are compared by salted digest and by id, of tickets whose opening names
/// them; a party that is not there must be named by an erasure (journal::parties_erased).
task<result<rebuild_report>> check_rebuild(pg::database& db, rebuild_options options);

} // namespace huiyin::upkeep
