#pragma once

#include <huiyin/async/task_group.hpp>
#include <huiyin/base/metrics.hpp>
#include <huiyin/pg/database.hpp>

#include <string_view>

namespace huiyin::journal {

/// Whoever committed events marks a `pg::notifier` of this channel; the sequencer wakes up on it.
constexpr std::string_view appended_channel = "huiyin_journal_appended";
/// The sequencer tells followers here that the feed has grown.
constexpr std::string_view positioned_channel = "huiyin_journal_positioned";

/// Starts the duty that gives each event its dense position in `event_pos`: in (xid, seq) order, and only once every
/// transaction that could still put an event before it has ended. Its cursor is the last position itself, so a restart,
/// a second sequencer or a lost hint costs delay and nothing else. Wakes up on a hint, at most every 200 ms, and every
/// 500 ms without one.
///
/// Any writing transaction that stays open, in any database of the cluster, holds the feed back: watch
/// `huiyin_journal_unsequenced_events` (counted up to 10,000) and `huiyin_journal_feed_age_seconds` (of the oldest of
/// them).
void start_sequencer(task_group& in, executor on, const pg::database_settings& settings, metrics::registry& metrics);

} // namespace huiyin::journal
