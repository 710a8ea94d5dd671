#pragma once

#include <huiyin/base/id.hpp>
#include <huiyin/base/time.hpp>
#include <huiyin/intake/complaint.hpp>
#include <huiyin/pg/database.hpp>
#include <huiyin/record/person.hpp>

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace huiyin::intake {

/// Promise 1 of one channel account. It holds when received = visible + parked + repeats.
struct account_line
{
    std::string account;
    std::int64_t received = 0;
    std::int64_t visible = 0;
    std::int64_t parked = 0;
    std::int64_t repeats = 0;

    bool holds() const { return received == visible + parked + repeats; }
    bool operator==(const account_line&) const = default;
};
/// Reads every receipt: for `huiyin doctor` and tests.
task<result<std::vector<account_line>>> read_ledger(pg::database& from);

struct parked_contact
{
    parked_id id;
    std::string channel;
    std::string account;
    std::string external_id;
    std::string reason;
    instant at;
    int retries = 0;
    /// As the channel took it in; may be any bytes.
    std::string raw;
};
struct parked_page
{
    std::vector<parked_contact> items;
    std::optional<std::pair<instant, parked_id>> next;
};
/// Oldest first. `limit` 1 to 100.
task<result<parked_page>> list_parked(pg::database& from, std::optional<std::pair<instant, parked_id>> after,
                                      std::size_t limit);

/// Removes the keys of requests older than a day; answers how many. At most 10,000 per call.
task<result<std::size_t>> purge_requests(pg::database& in, instant now);

/// Sweeps orphan attachments and purges keys, now and every `pace`. Put it into a task_group; once per node is enough.
task<> keep_tidy(pg::database& in, const clock& time, std::chrono::milliseconds pace);

/// For record::erase_person: parked input that names the person is emptied.
record::eraser erase_parked(instant now);

} // namespace huiyin::intake
