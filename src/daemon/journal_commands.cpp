#include "files.hpp"
#include "toolbox.hpp"

#include <huiyin/base/text.hpp>
#include <huiyin/journal/sealer.hpp>
#include <huiyin/journal/verify.hpp>
#include <huiyin/pg/migrator.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdio>
#include <unistd.h>

namespace huiyin::daemon {

using nlohmann::json;

int migrate_command(const command_context& with, bool dry_run)
{
    auto at = home::open(with.settings, with.state, home::purpose::command);
    if (!at) return complain(at.error());
    asio::io_context context(1);
    const auto report = run_offline(
        context, dry_run ? pg::pending_migrations((*at)->owner(), pg::shipped_migrations())
                         : pg::migrate((*at)->owner(), with.settings.database.app_role, pg::shipped_migrations()));
    if (!report) return complain(report.error());
    if (with.json) {
        fmt::print("{}\n",
                   json({{"current", report->current}, {dry_run ? "pending" : "applied", report->applied}}).dump());
        return 0;
    }
    for (const auto& name : report->applied)
        fmt::print("{} {}\n", dry_run ? "pending" : "applied", name);
    fmt::print("schema {} is at {}\n", with.settings.database.schema, report->current);
    return 0;
}

namespace {

json to_json(const journal::verification& found)
{
    json faults = json::array();
    for (const auto& each : found.first_faults)
        faults.push_back({{"kind", to_string(each.kind)}, {"pos", each.pos}, {"detail", each.detail}});
    json erased = json::array();
    for (const auto& each : found.first_erased)
        erased.push_back(
            {{"text", each.text.to_string()}, {"at", to_rfc3339(each.at)}, {"by", uuid(each.by).to_string()}});
    json answer{{"events", found.events}, {"seals", found.seals},       {"words", found.words},
                {"erased", found.erased}, {"unsealed", found.unsealed}, {"unpositioned", found.unpositioned},
                {"faults", found.faults}, {"first_faults", faults},     {"first_erased", erased},
                {"head", nullptr}};
    if (found.head)
        answer["head"] = {
            {"seal", found.head->number}, {"pos", found.head->last_pos}, {"mac", to_hex(found.head->mac)}};
    return answer;
}

void print(const journal::verification& found)
{
    fmt::print("{} events, {} seals, {} texts checked\n", found.events, found.seals, found.words);
    if (found.unsealed > 0 || found.unpositioned > 0)
        fmt::print("{} events at the end wait for a seal, {} for their position\n", found.unsealed, found.unpositioned);
    if (found.erased > 0) fmt::print("{} texts were erased:\n", found.erased);
    for (const auto& each : found.first_erased)
        fmt::print("  text {} erased by {}, {}\n", each.text.to_string(),
                   each.by == uuid{} ? "the system" : each.by.to_string(), to_rfc3339(each.at));
    for (const auto& each : found.first_faults)
        fmt::print("FAULT {} at {}: {}\n", to_string(each.kind), each.pos, each.detail);
    if (found.head)
        fmt::print("head: seal {} pos {} {}\n", found.head->number, found.head->last_pos, to_hex(found.head->mac));
    fmt::print("{}\n", found.sound() ? "the journal verifies" : fmt::format("{} faults", found.faults));
}

} // namespace

namespace {

std::optional<sha256_digest> parse_head(std::string_view text)
{
    const auto bytes = text.size() == 64 ? from_hex(text) : std::nullopt;
    if (!bytes) return std::nullopt;
    sha256_digest head{};
    std::ranges::copy(*bytes, head.begin());
    return head;
}

/// Of the last line `journal.sealed … head=…`, whether text or JSON; or all that the text holds.
std::optional<sha256_digest> last_head_in(std::string_view log)
{
    if (const auto alone = parse_head(trimmed(log))) return alone;
    constexpr std::string_view event = "journal.sealed", name = "head";
    const auto begin = log.rfind(event);
    if (begin == std::string_view::npos) return std::nullopt;
    auto line = log.substr(begin + event.size());
    line = line.substr(0, line.find('\n'));
    const auto at = line.find(name);
    if (at == std::string_view::npos) return std::nullopt;
    line.remove_prefix(at + name.size());
    const auto value = line.find_first_not_of("=\": ");
    return value == std::string_view::npos ? std::nullopt : parse_head(line.substr(value, 64));
}

} // namespace

int verify_journal_command(const command_context& with, const verify_journal_options& asked)
{
    journal::verify_options options;
    if (!asked.head.empty()) {
        options.known_head = parse_head(asked.head);
        if (!options.known_head) {
            const auto log = read_file(asked.head);
            if (!log) {
                complain(log.error());
                return 2;
            }
            options.known_head = last_head_in(*log);
        }
        if (!options.known_head) {
            fmt::print(stderr, "huiyin: --head {}: no line journal.sealed with a head\n", asked.head);
            return 2;
        }
    }
    auto tools = toolbox::open(with);
    if (!tools) return complain(tools.error());
    const auto key =
        journal::load_seal_key((*tools)->at().path_of(with.settings.journal.seal_key), journal::missing_key::refuse);
    if (!key) return complain(key.error());
    // Where this command started PostgreSQL itself, no daemon is there to position and seal what came last.
    if ((*tools)->at().cluster()) options.lag = std::chrono::hours(24 * 365);
    if (isatty(STDERR_FILENO))
        options.progress = [](std::int64_t done, std::int64_t of) {
            fmt::print(stderr, "\r{} of {} ({} %) ", done, of, of > 0 ? 100 * done / of : 100);
            if (done >= of) fmt::print(stderr, "\r\033[K");
        };
    const auto found = (*tools)->run(journal::verify((*tools)->database(), *key, std::move(options)));
    if (!found) return complain(found.error());
    if (with.json)
        fmt::print("{}\n", to_json(*found).dump());
    else
        print(*found);
    return found->sound() ? 0 : 1;
}

} // namespace huiyin::daemon
