#pragma once

#include <huiyin/base/error.hpp>
#include <huiyin/base/id.hpp>
#include <huiyin/pg/database.hpp>

#include <cstdint>

namespace huiyin::journal {

/// `stale_version` as it is told to whoever was second: `version`, and of the subject's newest event `changed_by`,
/// `changed_by_kind`, `changed_at` and `event`. The database's own error where it cannot be read.
task<error> stale_change(pg::transaction& in, uuid subject, std::int64_t version);

} // namespace huiyin::journal
