#include "commands.hpp"
#include "serve.hpp"

#include <huiyin/base/crypto.hpp>
#include <huiyin/base/log.hpp>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>

namespace {

using namespace huiyin;
using namespace huiyin::daemon;

/// Complains about everything that is wrong with the file.
std::optional<config> read_config(const std::string& file)
{
    if (file.empty()) return config{};
    auto read = load_config(file);
    if (read) return *read;
    for (const auto& each : read.error())
        fmt::print(stderr, "{}\n", each.text(file));
    return std::nullopt;
}

} // namespace

int main(int argc, char** argv)
{
    CLI::App app("Huiyin (回音): a contact center that closes the loop", "huiyin");
    app.require_subcommand(1);
    app.set_help_all_flag("--help-all", "Help of all commands");

    std::string config_file;
    std::string state = "/var/lib/huiyin";
    command_context with;
    const auto common = [&](CLI::App* command) {
        command->add_option("--config", config_file, "Configuration file (TOML); without one all defaults hold");
        command->add_option("--state", state, "State folder: keys, and the private PostgreSQL")->capture_default_str();
        command->add_flag("--json", with.json, "Results as JSON");
        return command;
    };
    int status = 0;
    const auto run = [&](CLI::App* command, auto body) {
        command->callback([&, body]() {
            auto settings = read_config(config_file);
            if (!settings) {
                status = 2;
                return;
            }
            with.settings = std::move(*settings);
            with.state = state;
            // Commands print their results; only what someone should see of the log goes with them.
            log::start(log::level::warning, with.settings.log_format());
            status = body();
        });
    };

    bool demo = false;
    serve_options serving;
    std::int64_t port = -1;
    std::string web;
    auto* const serve_it = common(app.add_subcommand("serve", "Serve until SIGTERM"));
    serve_it->add_option("--port", port, "Instead of server.port; 0: any free port")->check(CLI::Range(0, 65535));
    serve_it->add_option("--web", web, "Instead of web.folder: where the pages are")->check(CLI::ExistingDirectory);
    serve_it->add_flag("--demo", demo, "Fill an empty database with the demo organisation and its log-ins");
    std::string demo_pack = "config/packs/newspaper.json";
    serve_it->add_option("--demo-pack", demo_pack, "The demo organisation's pack")->capture_default_str();
    serve_it->add_option("--test-clock", serving.test_clock,
                         "Socket by which tests move the clock; needs unsafe_test_settings");
    std::string test_time;
    serve_it->add_option("--test-time", test_time, "Where the test clock stands at first, as RFC 3339");
    run(serve_it, [&]() {
        if (port >= 0) with.settings.server.port = port;
        if (!web.empty()) with.settings.web.folder = std::filesystem::absolute(web).string();
        if (!serving.test_clock.empty() && !with.settings.unsafe_test_settings) {
            fmt::print(stderr, "huiyin: --test-clock needs unsafe_test_settings = true\n");
            return 2;
        }
        if (!test_time.empty()) {
            const auto at = parse_rfc3339(test_time);
            if (!at || serving.test_clock.empty()) {
                fmt::print(stderr, "huiyin: --test-time needs a time and --test-clock\n");
                return 2;
            }
            serving.test_time = *at;
        }
        if (demo) serving.demo_pack = demo_pack;
        serving.state = with.state;
        log::start(with.settings.log_level(), with.settings.log_format());
        return serve(with.settings, serving);
    });

    run(common(app.add_subcommand("check", "Check the configuration file and say all that is wrong with it")), [&]() {
        fmt::print("{}\n", with.json ? R"({"valid":true})" : "the configuration is valid");
        return 0;
    });

    bool dry_run = false;
    auto* const migrate = common(app.add_subcommand("migrate", "Bring the database schema up to date"));
    migrate->add_flag("--dry-run", dry_run, "Only say what would be applied");
    run(migrate, [&]() { return migrate_command(with, dry_run); });

    run(common(app.add_subcommand("version", "Print the version")), [&]() {
        fmt::print("{}\n", with.json ? R"({"version":")" HUIYIN_VERSION R"("})" : "huiyin " HUIYIN_VERSION);
        return 0;
    });

    auto* const user = app.add_subcommand("user", "Users")->require_subcommand(1);
    add_user_options adding;
    auto* const add = common(user->add_subcommand("add", "Add a user and print the password made for him"));
    add->add_option("login", adding.login, "Log-in name: a-z 0-9 . _ @ + -")->required();
    add->add_option("--name", adding.name, "Name as colleagues see it");
    add->add_option("--role", adding.roles, "Role; may be given several times")->required();
    add->add_option("--department", adding.departments, "CODE or CODE:leader; may be given several times");
    add->add_flag("--password-stdin", adding.password_from_stdin, "Read the password's line from standard input");
    run(add, [&]() { return add_user_command(with, adding); });

    verify_journal_options verifying;
    auto* const verify =
        common(app.add_subcommand("verify-journal", "Recompute every position, seal and digest of the journal"));
    verify->add_option("--head", verifying.head,
                       "A head that the journal must still have: hexadecimal, or a file with lines journal.sealed");
    run(verify, [&]() { return verify_journal_command(with, verifying); });

    auto* const pack = app.add_subcommand("pack", "Organisations as data")->require_subcommand(1);
    apply_pack_options applying;
    auto* const apply =
        common(pack->add_subcommand("apply", "Bring departments, accounts, calendars and rules to what a pack says"));
    apply->add_option("file", applying.file, "The pack (JSON)")->required();
    apply->add_option("--calendar", applying.calendars, "File of a calendar year; may be given several times");
    apply->add_flag("--accounts", applying.with_accounts, "Create the pack's accounts, too, and print their password");
    apply->add_flag("--dry-run", applying.dry_run, "Say what would be done, and write nothing");
    run(apply, [&]() { return apply_pack_command(with, applying); });
    std::vector<std::string> checked_packs;
    auto* const check_pack =
        common(pack->add_subcommand("check", "Say all that is wrong with packs; needs no database"));
    check_pack->add_option("files", checked_packs, "Packs (JSON)")->required();
    run(check_pack, [&]() { return check_pack_command(with, checked_packs); });
    std::string compared;
    auto* const diff = common(
        pack->add_subcommand("diff", "What a pack would change of the rules that are stored, by category and clock"));
    diff->add_option("file", compared, "The pack (JSON)")->required();
    run(diff, [&]() { return diff_pack_command(with, compared); });
    export_pack_options exporting;
    auto* const export_pack =
        common(pack->add_subcommand("export", "The stored pack as a file that applies to the same"));
    export_pack->add_option("--version", exporting.version, "An earlier one")->check(CLI::Range(1, 1'000'000'000));
    export_pack->add_option("--output", exporting.output, "A new file instead of standard output");
    run(export_pack, [&]() { return export_pack_command(with, exporting); });

    auto* const clocks = app.add_subcommand("clock", "Deadlines")->require_subcommand(1);
    clock_due_options asking;
    auto* const due = common(clocks->add_subcommand("due", "When something would be due"));
    due->add_option("--calendar", asking.calendar, "A calendar of the pack, or the list of holidays it follows")
        ->required();
    due->add_option("--from", asking.from, "2026-02-13T17:00 on the calendar's wall, or RFC 3339")->required();
    due->add_option("--add", asking.add, "5wd, 4bh, 2h, 30m, 1d …")->required();
    run(due, [&]() { return clock_due_command(with, asking); });
    std::string explained;
    auto* const explain =
        common(clocks->add_subcommand("explain", "Every segment of a ticket's deadlines and why it counted"));
    explain->add_option("ticket", explained, "Number or id")->required();
    run(explain, [&]() { return clock_explain_command(with, explained); });

    import_options importing;
    auto* const import =
        common(app.add_subcommand("import", "Take in the records of another system; may be run again"));
    import->add_option("file", importing.file, "CSV, UTF-8, with a header")->required();
    import->add_option("--mapping", importing.mapping, "What its columns mean: a file like those of config/import/")
        ->required();
    import->add_option("--report", importing.report, "Where bad rows are listed (default: FILE.report)");
    run(import, [&]() { return import_command(with, importing); });

    std::string examined_at;
    auto* const doctor = common(app.add_subcommand("doctor", "Examine the data: every promise that lives in it"));
    doctor->add_option("--at", examined_at, "The moment to examine by, RFC 3339: when a copy was made (default: now)");
    run(doctor, [&]() { return doctor_command(with, examined_at); });

    rebuild_options rebuilding;
    auto* const rebuild = common(app.add_subcommand("rebuild", "What the journal tells, beside what the tables hold"));
    rebuild->add_flag("--check", rebuilding.check, "Replay every ticket's events and compare all columns");
    rebuild->add_flag("--reports", rebuilding.reports, "Empty the reports; the daemon makes them anew");
    run(rebuild, [&]() { return rebuild_command(with, rebuilding); });

    run(common(app.add_subcommand("routes", "List what the interfaces answer: method, path, permission")),
        [&]() { return routes_command(with); });

    if (!start_crypto()) {
        fmt::print(stderr, "huiyin: no source of random numbers\n");
        return 1;
    }
    log::start(log::level::warning, log::format::text);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& e) {
        return app.exit(e) == 0 ? 0 : 2;
    } catch (const std::exception& e) {
        fmt::print(stderr, "huiyin: {}\n", e.what());
        return 1;
    }
    return status;
}
