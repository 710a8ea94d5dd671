#pragma once

#include "store.hpp"

#include <huiyin/base/crypto.hpp>
#include <huiyin/base/id.hpp>
#include <huiyin/base/time.hpp>

#include <optional>
#include <string>
#include <vector>

namespace huiyin::journal {

/// What `verify` needs to know of a text: never its words.
struct text_state
{
    text_id id;
    /// SHA-256(salt ‖ body); nothing when erased.
    std::optional<sha256_digest> digest;
    /// When and by whom, where an event `text_erased` names it with the same time and person.
    struct erasure
    {
        instant at;
        uuid by;
    };
    std::optional<erasure> erased;
};
constexpr std::size_t text_page = 500;
/// The texts there are of these, at most `text_page`.
task<result<std::vector<text_state>>> read_texts(const runner& on, const std::vector<text_id>& ids);

struct unpositioned_event
{
    std::int64_t seq = 0;
    /// Seconds since 1970, as text: an edited one may be no instant of ours.
    std::string recorded_at;
    /// The feed is past its place.
    bool behind = false;
};
/// Events in seq order after `after` that could have a position and have none, and up to which seq was looked.
struct unpositioned_page
{
    std::vector<unpositioned_event> events;
    std::int64_t looked_to = 0;
};
task<result<unpositioned_page>> read_unpositioned(const runner& on, std::int64_t after);
/// Those of them that still have no position.
task<result<std::vector<std::int64_t>>> read_still_unpositioned(const runner& on,
                                                                const std::vector<std::int64_t>& seqs);

struct journal_ends
{
    std::int64_t head = 0;
    std::int64_t last_seal = 0;
    std::int64_t last_seq = 0;
    bool foreign_xid = false;
};
task<result<journal_ends>> read_ends(const runner& on);

} // namespace huiyin::journal
