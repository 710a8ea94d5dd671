#pragma once

#include "seal.hpp"
#include "store.hpp"

#include <vector>

namespace huiyin::journal {

constexpr std::string_view sealer_duty = "journal.sealer";
/// Events read at once: at 64 KiB each this bounds what sealing and verifying hold in memory.
constexpr std::size_t content_page = 250;

/// A page of the feed: what a seal covers, as text, and the position as a number.
/// A position whose event is gone has NULL from `content::seq` on.
namespace content {
enum column : int {
    pos_text,
    seq,
    xid,
    id,
    at_text,
    recorded_at_text,
    kind,
    subject,
    subject_version,
    actor_kind,
    actor,
    departments,
    assignee,
    confidential,
    data,
    sealed_columns,
    pos = sealed_columns
};
}
task<result<pg::rows>> read_content(const runner& on, std::int64_t after, std::int64_t up_to);

/// The digests of the rows of positions `first` to at most `last`, one after the other.
struct range_digests
{
    std::string digests;
    std::int64_t rows = 0;
    std::int64_t events_missing = 0;
};
task<result<range_digests>> read_digests(const runner& on, std::int64_t first, std::int64_t last);

/// In the order of their numbers.
task<result<std::vector<seal>>> read_seals_after(const runner& on, std::int64_t number, std::int64_t up_to_number);
/// The last two, the last one first.
task<result<std::vector<seal>>> read_last_seals(const runner& on);

/// Errors: `wrong_state` when the duty has changed hands, `constraint_violated` when another sealer was faster.
task<result<void>> add_seal(const runner& on, std::int64_t fence, const seal& made);

} // namespace huiyin::journal
