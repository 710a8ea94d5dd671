#pragma once

#include <huiyin/base/id.hpp>
#include <huiyin/base/time.hpp>
#include <huiyin/pg/database.hpp>

#include <map>
#include <string>
#include <vector>

namespace huiyin::upkeep {

/// Those of `keys` that were taken under this account before.
task<result<std::map<std::string, receipt_id>>> find_imported(pg::database& in, std::string account,
                                                              std::vector<std::string> keys);
/// By receipt: how often it came again.
task<result<void>> count_imported_again(pg::database& in, std::map<receipt_id, std::int64_t> repeats);

/// What `nextval` was before the first serial of the day ("2026-02-24"); the first one to ask writes it.
task<result<std::int64_t>> import_day_base(pg::database& in, std::string day);
/// As many serials, one a row; its transaction has its id from then on.
void take_import_serials(pg::batch& to, std::size_t count);

struct import_receipt
{
    receipt_id id;
    std::string key;
    instant at;
    std::int64_t repeats = 0;
    entry_id entry;
    ticket_id ticket;
    event_id event;
};
/// `receipts` in the order of their keys.
void insert_import_receipts(pg::batch& to, const std::string& account, const std::vector<import_receipt>& receipts);

} // namespace huiyin::upkeep
