#pragma once

#include <huiyin/async/task.hpp>
#include <huiyin/base/id.hpp>
#include <huiyin/base/time.hpp>
#include <huiyin/pg/database.hpp>

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace huiyin::people {

/// Words that somebody has begun and not yet sent. They are his alone, not in the journal, and gone after
/// `drafts_live`.
struct draft
{
    std::string key;
    std::string body;
    instant changed_at;
};

constexpr std::size_t most_drafts = 500;
constexpr std::size_t longest_draft = 64 * 1024; ///< Bytes.
constexpr std::chrono::days drafts_live{30};

/// 1 to 100 of a-z 0-9 : -
bool is_draft_key(std::string_view key);

/// Without their words, the latest first.
task<result<std::vector<draft>>> list_drafts(pg::database& db, user_id user, instant now);
/// Errors: not_found.
task<result<draft>> find_draft(pg::database& db, user_id user, std::string key, instant now);
/// Makes or replaces it. Errors: limit_reached (500 others).
task<result<void>> keep_draft(pg::database& db, user_id user, draft what);
/// Nothing to do is no error.
task<result<void>> drop_draft(pg::database& db, user_id user, std::string key);
/// Those that have outlived `drafts_live`.
void prune_drafts(pg::batch& to, instant now);

} // namespace huiyin::people
