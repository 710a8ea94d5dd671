#pragma once

#include <huiyin/daemon/config.hpp>

#include <filesystem>
#include <string>
#include <vector>

namespace huiyin::daemon {

/// What every command knows.
struct command_context
{
    config settings;
    std::filesystem::path state;
    bool json = false;
};

// Each returns the exit status: 0 done, 1 found wrong or failed, 2 asked wrongly. Results go to standard output, as
// JSON with `--json`; what went wrong to standard error.

int migrate_command(const command_context& with, bool dry_run);

struct add_user_options
{
    std::string login;
    std::string name;
    std::vector<std::string> roles;
    std::vector<std::string> departments; ///< "code" or "code:leader"
    bool password_from_stdin = false;
};
int add_user_command(const command_context& with, const add_user_options& options);

struct verify_journal_options
{
    /// A head from the log, which the journal must still have: its hexadecimal code, or a file (a log, or a part of it)
    /// whose last line `journal.sealed` names one. Empty: none is known.
    std::string head;
};
int verify_journal_command(const command_context& with, const verify_journal_options& options);

struct apply_pack_options
{
    std::string file;
    std::vector<std::string> calendars;
    bool with_accounts = false;
    bool dry_run = false;
};
int apply_pack_command(const command_context& with, const apply_pack_options& options);
/// Reads files alone.
int check_pack_command(const command_context& with, const std::vector<std::string>& files);
/// What the file would change of the rules that are stored.
int diff_pack_command(const command_context& with, const std::string& file);

struct export_pack_options
{
    int version = 0; ///< 0: the one in force.
    std::string output;
};
int export_pack_command(const command_context& with, const export_pack_options& options);

struct clock_due_options
{
    std::string calendar;
    std::string from;
    std::string add;
};
int clock_due_command(const command_context& with, const clock_due_options& options);
/// `ticket`: id or number.
int clock_explain_command(const command_context& with, const std::string& ticket);

struct import_options
{
    std::string file;
    std::string mapping;
    std::string report;
};
int import_command(const command_context& with, const import_options& options);

/// `at`: the moment to examine by, RFC 3339; empty for now.
int doctor_command(const command_context& with, const std::string& at);

struct rebuild_options
{
    /// Compare the tables of tickets with what the journal tells.
    bool check = false;
    /// Empty the reports; the daemon makes them anew from the journal.
    bool reports = false;
};
int rebuild_command(const command_context& with, const rebuild_options& asked);

/// Method, path and permission of every route. Opens neither state folder nor database.
int routes_command(const command_context& with);

} // namespace huiyin::daemon
