#pragma once

#include <huiyin/base/time.hpp>
#include <huiyin/domain/calendar.hpp>
#include <huiyin/domain/target.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace huiyin::domain {

enum class deadline_kind {
    first_response,
    dispatch,
    accept,
    return_window,
    contact_customer,
    on_site,
    solution,
    approve,
    resolve,
    progress_update,
    promise_due,
    urge_reply,
    callback,
    rework,
    hold_max,
    review,
    invalid_reply,
    archive,
    supervision_reply, ///< The written answer that a supervision asks for.
    fallback,          ///< Without a department: then the fall-back owner gets it.
};
constexpr std::size_t deadline_kind_count = static_cast<std::size_t>(deadline_kind::fallback) + 1;

std::string_view to_string(deadline_kind k);
std::optional<deadline_kind> parse_deadline_kind(std::string_view name);
/// A window (return_window, hold_max, archive, fallback) is time that something may or must pass, not a target: its
/// only step is `breach`, at its end, and it is never breached or missed.
bool is_window(deadline_kind k);

enum class deadline_state {
    running, ///< Overdue included.
    paused,
    met,    ///< Stopped at or before it was due.
    missed, ///< Stopped later.
    cancelled,
};
std::string_view to_string(deadline_state s);
std::optional<deadline_state> parse_deadline_state(std::string_view name);

enum class ladder_step {
    half,         ///< 50 %: the handler is told.
    warning,      ///< 80 %, for working days the earlier of that and one working day left: yellow card.
    breach,       ///< 100 %: red card.
    plus_1wd,     ///< At the end of the first counted workday after the due one's.
    plus_5wd,     ///< … of the fifth.
    daily_repeat, ///< … of each one later.
};
std::string_view to_string(ladder_step s);

/// A stretch of a deadline's past, counted when it ended and never recounted.
struct piece
{
    instant from;
    instant to;
    bool ran = true; ///< False: paused.
    std::chrono::microseconds counted{0};
    std::int64_t counted_days = 0;

    bool operator==(const piece&) const = default;
};

/// One clock on a ticket. Plain data, kept as one row; the functions below are its only writers.
struct deadline
{
    deadline_kind kind = deadline_kind::resolve;
    int round = 0;
    deadline_state state = deadline_state::running;
    target goal;
    /// The calendar's name: whoever calls with a calendar brings this one.
    std::string calendar;
    int policy_version = 0;
    instant started_at;
    /// Used up to `counted_to`: the sum of `history`. `used_days` for working days, `used` for all other units.
    std::chrono::microseconds used{0};
    std::int64_t used_days = 0;
    /// Where the present stretch began: the start, the last pause or resume, or the last calendar load.
    instant counted_to;
    /// Kept when a paused deadline ends: what follows `counted_to` was then a pause as well.
    std::optional<instant> paused_at;
    /// While paused: as if resumed at `paused_at`.
    instant due_at;
    instant original_due_at;
    /// `due_at` is a date somebody agreed to (promise, extension), so a calendar load does not move it.
    bool agreed = false;
    /// Index of the next step: 0 half … 4 plus_5wd, from 5 on the repeats.
    int next_step = 0;
    /// Empty when paused, ended, or when a window's only step is taken.
    std::optional<instant> next_step_at;
    std::optional<instant> stopped_at;
    /// The step `breach` was taken, or it was missed. Stays when the due instant is moved afterwards.
    bool breached = false;
    std::vector<piece> history;

    bool operator==(const deadline&) const = default;
};

deadline start_deadline(deadline_kind kind, int round, const target& goal, const calendar& cal, int policy_version,
                        instant now);
/// One that is due at an agreed instant after `now`: a promise.
deadline start_deadline_at(deadline_kind kind, int round, instant due, const calendar& cal, int policy_version,
                           instant now);

// Time given to one deadline never goes back: a `now` before `counted_to` is taken as that. What does not apply to the
// state (a pause of a paused deadline, a stop of a stopped one) changes nothing.

/// From now on no time is used and no step comes.
void pause(deadline& d, const calendar& cal, instant now);
/// Due moves by what the clock would have used in the pause: open time, clock time, or counted day-ends. A deadline
/// that was overdue when paused keeps its due; its further steps move likewise.
void resume(deadline& d, const calendar& cal, instant now);
/// `met` at or before the due instant, `missed` later. A paused deadline is measured by when it was paused. `at` may
/// lie in the past: a reply that passed the review counts from when it was given.
void stop(deadline& d, instant at);
void cancel(deadline& d, instant at);
/// Sets another due instant, as agreed (promise, extension); `original_due_at` and `breached` stay. Steps already taken
/// come again if their moment by the new due lies ahead, `half` excepted.
void move_due(deadline& d, const calendar& cal, instant new_due, instant now);
/// The next step whose time has come, if any: call until there is none. Steps come in order, late ones at once, each
/// one separately; of several late repeats only one.
std::optional<ladder_step> take_step(deadline& d, const calendar& cal, instant now);
/// A calendar loaded late or changed: keeps the time used until `now` and recounts the rest by `after`. A due that has
/// passed or was agreed stays.
void recount(deadline& d, const calendar& before, const calendar& after, instant now);
/// The rules gave it another target, or another calendar for it: keeps the time used until `now` and gives the rest of
/// the new one. Where it counts in another way than before, what it ran is counted again in that way. What was used up
/// already by the new target is due now (at the end of today for working days), never in the past. A due that has
/// passed or was agreed stays, and its target with it; `original_due_at` and `breached` stay. Steps as in move_due.
void retarget(deadline& d, const target& goal, const calendar& before, const calendar& after, int policy_version,
              instant now);

/// What a rework round gets of this first-round target: half in its unit (m, h, d, bh to the minute, rounded up; wd
/// rounded up to a day). Fixed times give, as clock time, half of what they gave the first round.
target rework_target(const deadline& first_round);

/// Still open, and now (or when it was paused) is after the due instant.
bool is_overdue(const deadline& d, instant now);
/// The due date depends on holidays of a year that is not loaded, and may still move.
bool due_is_provisional(const deadline& d, const calendar& cal);

struct usage
{
    std::chrono::microseconds time{0}; ///< Zero for working days.
    std::int64_t days = 0;             ///< Counted day-ends; zero for all other units.
};
/// Used until `now`, or until it was stopped.
usage used_until(const deadline& d, const calendar& cal, instant now);
/// Left until due from `now` (or from when it was paused); zero when overdue or ended.
usage left_from(const deadline& d, const calendar& cal, instant now);

/// One line of `huiyin clock explain`.
struct segment
{
    instant from;
    instant to;
    std::chrono::microseconds counted{0};
    std::int64_t counted_days = 0;
    /// In plain English: "open hours", "closed (holiday)", "paused", "workday counts", "start day does not count" …
    std::string why;
};
/// Every stretch from the start to `now` (or the end) without gaps, and why it counted or did not; the counts add up to
/// used_until. Stretches counted by an earlier state of the calendar that cannot be told apart any more come as one.
std::vector<segment> explain(const deadline& d, const calendar& cal, instant now);
/// The same for people, on the wall of the calendar's place; each line ends with a line feed:
/// accept round 1: running of 4bh, due 2026-02-14T12:00:00 Asia/Shanghai
///   2026-02-13T17:00:00 to 2026-02-13T18:00:00      3600 s  open hours (weekly)
/// Working days count in "wd". Where the due was moved, "  first due …" follows the heading.
std::string explained(const deadline& d, const calendar& cal, instant now);

} // namespace huiyin::domain
