#pragma once

#include <huiyin/base/crypto.hpp>
#include <huiyin/base/error.hpp>
#include <huiyin/base/id.hpp>
#include <huiyin/base/time.hpp>
#include <huiyin/journal/sealer.hpp>
#include <huiyin/pg/database.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace huiyin::journal {

enum class fault_kind {
    position_missing, ///< The positions have a hole.
    event_missing,    ///< A position names an event that is not there.
    not_positioned,   ///< An event has no position though the feed is past it or has had time to reach it.
    foreign_xid,      ///< An event's transaction has not happened in this cluster: restored without moving its counter.
    seal_missing,     ///< The seals have a hole, overlap, or a known head is not there.
    seal_broken,      ///< A seal does not fit its events, its range, the seal before it or the key.
    not_sealed,       ///< Events without a seal though the sealer has had time.
    words_missing,    ///< An event names a text that is not there.
    words_edited,     ///< A text's salt and body do not fit the digest in the event.
    erasure_untold,   ///< A text is erased, but no event says so, or one with another time or person.
    erasure_undone,   ///< A text that `text_erased` names has words.
    reference_broken, ///< An event's {"text","sha256"} is not an id and a digest.
};
std::string_view to_string(fault_kind kind);

struct fault
{
    fault_kind kind;
    /// Where in the feed; 0 where it has no place.
    std::int64_t pos = 0;
    /// Ids and numbers, never words.
    std::string detail;
};

struct erased_words
{
    text_id text;
    instant at;
    uuid by;
};

/// A seal as the log line `journal.sealed` names it.
struct seal_head
{
    std::int64_t number = 0;
    std::int64_t last_pos = 0;
    sha256_digest mac{};
};

struct verification
{
    std::int64_t events = 0;
    std::int64_t seals = 0;
    /// References to words checked, the erased included.
    std::int64_t words = 0;
    /// References whose words were erased, with the event that says so: no fault.
    std::int64_t erased = 0;
    /// Events at the end that no seal covers yet.
    std::int64_t unsealed = 0;
    /// Events that have no position yet.
    std::int64_t unpositioned = 0;
    std::int64_t faults = 0;
    std::vector<fault> first_faults;        ///< At most 100.
    std::vector<erased_words> first_erased; ///< At most 100.
    std::optional<seal_head> head;

    bool sound() const { return faults == 0; }
};

struct verify_options
{
    /// How long sequencer and sealer may take: an event that waits longer for its position or seal is a fault. When one
    /// does, verification waits once as long and looks again, since a long transaction may just have ended. Where no
    /// daemon runs on the database, a large value leaves these events to `unsealed` and `unpositioned`.
    std::chrono::milliseconds lag{10'000};
    /// A head from the log (a seal's code covers its number and range). A journal that was cut short and resealed no
    /// longer has it.
    std::optional<sha256_digest> known_head;
    /// Told after each seal how far it is: the position checked and the last one there is.
    std::function<void(std::int64_t done, std::int64_t of)> progress;
};

/// Reads the whole journal as it stood when this was called, in pages, and recomputes every position, seal and digest
/// of words. Memory does not grow with the journal, no transaction stays open and the daemon may go on writing. Errors:
/// those of the database; a fault in the journal is no error but part of the answer.
task<result<verification>> verify(pg::database& db, seal_key key, verify_options options);

} // namespace huiyin::journal
