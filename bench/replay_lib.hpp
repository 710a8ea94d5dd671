#pragma once

#include <huiyin/base/error.hpp>

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

/// Sends complaints through the public API as fast as they are taken, keeps a ledger of what was sent and acknowledged
/// outside the daemon, and holds the database against that ledger. What it says must be true however often the daemon
/// or PostgreSQL was killed meanwhile.
namespace huiyin::bench {

struct replay_row
{
    std::string key; ///< The Idempotency-Key: "<run>-<six digits>".
    std::string
        body; ///< Of POST /public/v1/complaints; the problem ends in "[<key>]", by which the ticket is found again.
    std::size_t copies = 1; ///< Sent so often, at the same time.
};

struct rows_wanted
{
    std::filesystem::path data; ///< The folder of the real files; rows are made up where it is missing or too small.
    std::filesystem::path mappings; ///< config/import
    std::size_t count = 2000;
    std::string run; ///< a-z and 0-9; another for each replay into one database.
};

/// Contacts are derived from each row's key in its source: a Chinese mobile number, a mail address, or both; each 7th
/// row has the phone of the row before. Each 10th row is to be sent 2 to 10 times in parallel.
std::vector<replay_row> make_rows(const rows_wanted& wanted);

struct replay_settings
{
    std::string address = "127.0.0.1";
    unsigned short port = 0;
    std::size_t connections = 16;
    std::filesystem::path ledger;
    std::string run;
    /// After it what is left is given up.
    std::chrono::seconds within{600};
};

struct replay_report
{
    std::size_t rows = 0;
    std::size_t attempts = 0;     ///< Requests that were begun.
    std::size_t acknowledged = 0; ///< Answers 201.
    std::size_t cut_off = 0;      ///< Connections lost, refused or silent for 30 s.
    std::size_t deferred = 0;     ///< Answers 429 and 503, tried again after Retry-After.
    std::size_t failed = 0;       ///< Other answers 5xx, tried again.
    std::size_t refused = 0;      ///< Answers 4xx: not tried again.
    std::size_t given_up = 0;     ///< Neither acknowledged nor refused within the time.
    double seconds = 0;
};

/// Appends to the ledger, one line each: "run <run>", "sent <key>" for each attempt before it is begun, "acknowledged
/// <key> <number>" (synced to the disk every 64 and at the end), "refused <key> <status>". Errors: `unavailable` when
/// the ledger cannot be written.
result<replay_report> replay(const std::vector<replay_row>& rows, const replay_settings& with);

struct ledger
{
    std::string run;
    std::map<std::string, std::size_t> sent;                        ///< Attempts by key.
    std::map<std::string, std::multiset<std::string>> acknowledged; ///< Numbers by key, one per answer.
    std::set<std::string> refused;

    std::size_t attempts() const;
    std::size_t answers() const;
};
/// A last line without its end, as a killed replay leaves it, is passed over.
result<ledger> read_ledger(const std::filesystem::path& file);

/// What the database has, by plain SQL.
struct database_view
{
    std::map<std::string, std::vector<std::string>> tickets; ///< Numbers by the key at the end of the problem.
    std::set<std::string> numbers;                           ///< Of all tickets.
    std::set<std::string> parked;                            ///< Receipt ids.
    /// Of the public form's account.
    std::size_t receipts = 0, received = 0, visible = 0, parked_count = 0, repeats = 0;
};
/// Errors: `unavailable`, with libpq's words.
result<database_view> view_database(const std::string& url, const std::string& schema, const std::string& run);

/// Every way in which the two disagree; empty when nothing was lost, nothing taken twice and the counts add up.
std::vector<std::string> disagreements(const ledger& outside, const database_view& inside);

} // namespace huiyin::bench
