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
// JSON with
// `--json`; what went wrong to standard error.

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

int verify_journal_command(const command_context& with);

struct apply_pack_options
{
    std::string file;
    std::vector<std::string> calendars;
    bool with_accounts = false;
    bool dry_run = false;
};
int apply_pack_command(const command_context& with, const apply_pack_options& options);

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

int doctor_command(const command_context& with);

} // namespace huiyin::daemon
