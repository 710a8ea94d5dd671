#pragma once

#include <huiyin/async/task.hpp>
#include <huiyin/pg/database.hpp>

#include <string>
#include <vector>

namespace huiyin::pg {

/// A numbered file of `migrations/`: "0001_journal.sql". Compiled into the daemon, so that what runs is what was
/// tested.
struct migration
{
    int number;
    std::string_view name;
    std::string_view sql;
};

/// All migrations in their order; generated from `migrations/` at build time.
const std::vector<migration>& shipped_migrations();

struct migration_report
{
    std::vector<std::string> applied;
    int current = 0;
};

/// Brings the schema up to date: creates it, then each missing migration in one transaction of its own, recorded with
/// its SHA-256. Safe when two nodes start at once (advisory lock). Afterwards grants `app_role` what it may do, when
/// one is named and exists. Connects as the owner. Errors: `corrupt` when an applied migration differs from the shipped
/// one, `already_exists` when the schema is newer than this program.
task<result<migration_report>> migrate(database_settings owner, std::string app_role,
                                       const std::vector<migration>& all);

/// What `migrate` would apply, and the same errors; changes nothing.
task<result<migration_report>> pending_migrations(database_settings as, const std::vector<migration>& all);

/// `fsync`, `full_page_writes` and `synchronous_commit` as the server has them.
struct durability
{
    bool fsync = false;
    bool full_page_writes = false;
    std::string synchronous_commit;
    bool safe() const { return fsync && full_page_writes && synchronous_commit != "off"; }
};
task<result<durability>> read_durability(database_settings as);

} // namespace huiyin::pg
