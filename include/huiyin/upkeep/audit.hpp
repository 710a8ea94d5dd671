#pragma once

#include <huiyin/async/task_group.hpp>
#include <huiyin/base/time.hpp>
#include <huiyin/domain/actor.hpp>
#include <huiyin/journal/sealer.hpp>
#include <huiyin/pg/database.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace huiyin::upkeep {

/// What of the journal somebody looks for; what is not given does not matter.
struct audit_query
{
    std::optional<uuid> subject;
    std::optional<uuid> actor; ///< A user or token.
    std::string kind;          ///< "ticket.dispatched", or "ticket.*" for all that begin so.
    std::optional<instant> from;
    std::optional<instant> to; ///< Up to, not including.
    /// Where the last page ended.
    std::optional<std::int64_t> before;
};

struct audit_item
{
    std::int64_t seq = 0;
    std::optional<std::int64_t> pos; ///< None yet: it happened a moment ago.
    uuid id;
    instant at;
    instant recorded_at;
    std::string kind;
    uuid subject;
    std::int64_t subject_version = 0;
    std::string actor_kind;
    uuid actor;
    std::string actor_name; ///< Of a user.
    bool confidential = false;
    std::string data; ///< Codes and ids, never words.
};

struct audit_page
{
    std::vector<audit_item> items;
    std::optional<std::int64_t> next;
};

/// Newest first. Looks through at most 5000 events of the subject, else of the actor, else of the kind, else of all; so
/// a page may hold fewer than `limit`, or none, while there is a `next`.
task<result<audit_page>> read_audit(pg::database& db, audit_query what, std::size_t limit);

using check_id = id<struct check_tag>;

/// A run of journal::verify.
struct journal_check
{
    check_id id;
    std::string state; ///< running, held, broken, failed (it could not be ended).
    instant started_at;
    uuid started_by;
    std::optional<instant> finished_at;
    std::int64_t done_pos = 0;
    std::int64_t of_pos = 0;
    std::string result; ///< A JSON object of figures and first faults where it held or is broken.
};

struct journal_head
{
    std::int64_t pos = 0;  ///< The last position of the feed.
    std::int64_t seal = 0; ///< The last seal; 0: none yet.
    std::int64_t sealed_pos = 0;
    std::string mac; ///< In hexadecimal.
};

task<result<journal_head>> read_journal_head(pg::database& db);
/// The one that began last, and the last one that came to an end with an answer.
struct last_checks
{
    std::optional<journal_check> newest;
    std::optional<journal_check> answered;
};
task<result<last_checks>> read_last_checks(pg::database& db, instant now);

/// Begins one and leaves it to `in`, which ends before `db` does. What it finds becomes an event `journal.checked`.
/// Errors: `wrong_state` while another is under way on any node, `not_configured` without a key.
task<result<journal_check>> begin_journal_check(pg::database& db, const clock& time,
                                                std::optional<journal::seal_key> key, task_group& in,
                                                domain::actor who);

} // namespace huiyin::upkeep
