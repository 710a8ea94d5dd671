#include "replay_lib.hpp"

#include <huiyin/base/crypto.hpp>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <cstdlib>

namespace {

using namespace huiyin;
using namespace huiyin::bench;

int verify(const std::filesystem::path& file, const std::string& url, const std::string& schema)
{
    const auto outside = read_ledger(file);
    if (!outside) {
        fmt::print(stderr, "replay: {}\n", outside.error().detail);
        return 2;
    }
    const auto inside = view_database(url, schema, outside->run);
    if (!inside) {
        fmt::print(stderr, "replay: {}\n", inside.error().detail);
        return 2;
    }
    const auto faults = disagreements(*outside, *inside);
    for (const auto& each : faults)
        fmt::print("FAULT {}\n", each);
    fmt::print("{} keys acknowledged in {} answers to {} requests; received {} = visible {} + parked {} + repeats {}; "
               "{} faults\n",
               outside->acknowledged.size(), outside->answers(), outside->attempts(), inside->received, inside->visible,
               inside->parked_count, inside->repeats, faults.size());
    return faults.empty() ? 0 : 1;
}

int send(const rows_wanted& wanted, const replay_settings& with)
{
    const auto report = replay(make_rows(wanted), with);
    if (!report) {
        fmt::print(stderr, "replay: {}\n", report.error().detail);
        return 2;
    }
    fmt::print(
        "{} rows in {:.1f} s ({:.0f} answers/s): {} requests, {} acknowledged, {} cut off, {} deferred, {} failed, {} "
        "refused, {} given up\n",
        report->rows, report->seconds, static_cast<double>(report->acknowledged) / report->seconds, report->attempts,
        report->acknowledged, report->cut_off, report->deferred, report->failed, report->refused, report->given_up);
    return report->refused + report->given_up > 0 ? 1 : 0;
}

} // namespace

int main(int argc, char** argv)
{
    CLI::App app("Sends complaints through the public API and keeps a ledger of them, or verifies a ledger", "replay");
    replay_settings with;
    rows_wanted wanted;
    std::string ledger = "replay.ledger", database, schema = "huiyin", data, mappings = "config/import";
    if (const auto* const given = std::getenv("HUIYIN_SHARED_DATA")) data = given;
    bool verifying = false;
    wanted.run = "run";
    app.add_option("--address", with.address, "The daemon's address")->capture_default_str();
    app.add_option("--port", with.port, "The daemon's port");
    app.add_option("--connections", with.connections, "At the same time")
        ->capture_default_str()
        ->check(CLI::Range(1, 1000));
    app.add_option("--rows", wanted.count, "Complaints; each 10th is sent several times")->capture_default_str();
    app.add_option("--run", wanted.run, "Name of this replay: a-z and 0-9; another for each one into the same database")
        ->capture_default_str();
    app.add_option("--data", data, "Folder of the real files (default: $HUIYIN_SHARED_DATA, ../shared/data)");
    app.add_option("--mappings", mappings, "Folder of their mappings")->capture_default_str();
    app.add_option("--ledger", ledger, "Where to append what was sent and acknowledged")->capture_default_str();
    app.add_flag("--verify", verifying,
                 "Send nothing; hold the database against the ledger: exit 1 where they disagree");
    app.add_option("--database", database, "libpq URL, for --verify");
    app.add_option("--schema", schema, "Of the center, for --verify")->capture_default_str();
    CLI11_PARSE(app, argc, argv);

    if (!start_crypto()) return 2;
    if (verifying) return verify(ledger, database, schema);
    const auto plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
    if (with.port == 0 || wanted.run.empty() || wanted.run.size() > 32 || !std::ranges::all_of(wanted.run, plain)) {
        fmt::print(stderr, "replay: needs --port, and a run of a-z and 0-9\n");
        return 2;
    }
    wanted.data = data.empty() ? "../shared/data" : data;
    wanted.mappings = mappings;
    with.ledger = ledger;
    with.run = wanted.run;
    return send(wanted, with);
}
