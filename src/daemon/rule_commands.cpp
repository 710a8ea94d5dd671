#include "files.hpp"
#include "toolbox.hpp"

#include <huiyin/base/crypto.hpp>
#include <huiyin/ticket/ticket_service.hpp>
#include <huiyin/upkeep/doctor.hpp>
#include <huiyin/upkeep/import.hpp>
#include <huiyin/upkeep/pack_apply.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cstdio>
#include <unistd.h>

namespace huiyin::daemon {

using nlohmann::json;

namespace {

int complain_all(const std::string& file, const std::vector<ticket::violation>& wrong)
{
    for (const auto& each : wrong)
        fmt::print(stderr, "{}: {}\n", file, each.to_string());
    return 1;
}

/// "2026-02-13T17:00" on the wall of the calendar, or RFC 3339.
std::optional<instant> parse_moment(const domain::calendar& on, const std::string& text)
{
    if (const auto absolute = parse_rfc3339(text)) return absolute;
    if (const auto wall = domain::parse_local_instant(text)) return on.to_instant(*wall);
    return std::nullopt;
}

std::string on_the_wall(const domain::calendar& of, instant at)
{
    const auto wall = of.to_local(at);
    const auto day = std::chrono::floor<std::chrono::days>(wall);
    const std::chrono::hh_mm_ss time(std::chrono::floor<std::chrono::seconds>(wall - day));
    return fmt::format("{}T{:02}:{:02}:{:02}", domain::to_string(domain::local_day(day)), time.hours().count(),
                       time.minutes().count(), time.seconds().count());
}

/// The pack's calendar of that name, else the first that follows that list of holidays.
const domain::calendar* find_calendar(const ticket::configuration& rules, const std::string& name)
{
    if (const auto* const found = rules.find_calendar(name)) return found;
    for (const auto& each : rules.rules().calendars)
        if (each.holidays == name) return rules.find_calendar(each.name);
    return nullptr;
}

} // namespace

int apply_pack_command(const command_context& with, const apply_pack_options& options)
{
    upkeep::pack_application what;
    auto document = read_file(options.file);
    if (!document) return complain(document.error());
    const auto pack = ticket::parse_pack(*document);
    if (!pack) return complain_all(options.file, pack.error());
    for (const auto& file : options.calendars) {
        auto text = read_file(file);
        if (!text) return complain(text.error());
        if (const auto checked = ticket::parse_calendar_file(*text); !checked)
            return complain_all(file, checked.error());
        what.calendar_years.push_back(std::move(*text));
    }
    if (options.dry_run) {
        fmt::print("{}: sound; {} departments, {} categories, {} accounts\n", options.file, pack->departments.size(),
                   pack->categories.size(), pack->users.size());
        return 0;
    }
    what.document = std::move(*document);
    if (options.with_accounts) what.demo_password = random_token(9);
    const auto password = what.demo_password;

    auto tools = toolbox::open(with);
    if (!tools) return complain(tools.error());
    people::configuration_store configuration((*tools)->database(), (*tools)->time());
    const auto applied =
        (*tools)->run(upkeep::apply_pack((*tools)->people(), configuration, std::move(what), domain::actor::system()));
    if (!applied) return complain(applied.error());
    if (with.json) {
        json answer{{"version", applied->version},
                    {"already_current", applied->already_current},
                    {"departments", applied->departments},
                    {"users", applied->users}};
        if (password) answer["password"] = *password;
        fmt::print("{}\n", answer.dump());
        return 0;
    }
    fmt::print("{} version {}: {} departments, {} accounts\n", applied->already_current ? "unchanged" : "applied",
               applied->version, applied->departments, applied->users);
    if (password) fmt::print("password of new accounts: {}\n", *password);
    return 0;
}

int clock_due_command(const command_context& with, const clock_due_options& options)
{
    const auto target = domain::parse_target(options.add);
    if (!target) {
        fmt::print(stderr, "huiyin: --add {}: {}\n", options.add, target.error().detail);
        return 2;
    }
    auto tools = toolbox::open(with);
    if (!tools) return complain(tools.error());
    ticket::configurations configurations((*tools)->database());
    const auto rules = (*tools)->run(configurations.current());
    if (!rules) return complain(rules.error());
    const auto* const calendar = find_calendar(**rules, options.calendar);
    if (!calendar) {
        std::string names;
        for (const auto& each : (*rules)->calendars())
            names += " " + each->name();
        fmt::print(stderr, "huiyin: there is no calendar {}; there are:{}\n", options.calendar, names);
        return 2;
    }
    const auto from = parse_moment(*calendar, options.from);
    if (!from) {
        fmt::print(stderr, "huiyin: --from {}: neither 2026-02-13T17:00 nor 2026-02-13T17:00:00+08:00\n", options.from);
        return 2;
    }
    const auto due = domain::due_from(*target, *calendar, *from);
    const bool provisional = domain::needs_calendar(*target) && !calendar->covers(*from, due);
    if (with.json)
        fmt::print("{}\n", json({{"due_at", to_rfc3339(due)},
                                 {"local", on_the_wall(*calendar, due)},
                                 {"time_zone", calendar->time_zone()},
                                 {"provisional", provisional}})
                               .dump());
    else
        fmt::print("{} {}{}\n", on_the_wall(*calendar, due), calendar->time_zone(),
                   provisional ? "  (provisional: the holidays of that year are not loaded)" : "");
    return 0;
}

int clock_explain_command(const command_context& with, const std::string& ticket)
{
    auto tools = toolbox::open(with);
    if (!tools) return complain(tools.error());
    ticket::configurations configurations((*tools)->database());
    const auto rules = (*tools)->run(configurations.current());
    if (!rules) return complain(rules.error());
    ticket::ticket_service tickets((*tools)->database(), (*tools)->time(), configurations, (*tools)->metrics());
    auto id = ticket_id::parse(ticket);
    if (!id) {
        const auto found = (*tools)->run(tickets.find_by_number(ticket));
        if (!found) return complain(found.error());
        id = *found;
    }
    const auto loaded = (*tools)->run(tickets.load(*id, domain::actor::system()));
    if (!loaded) return complain(loaded.error());
    json all = json::array();
    for (const auto& d : loaded->deadlines) {
        const auto* const calendar = (*rules)->find_calendar(d.calendar);
        if (!calendar) continue;
        const auto segments = domain::explain(d, *calendar, (*tools)->time().now());
        if (with.json) {
            json list = json::array();
            for (const auto& s : segments)
                list.push_back({{"from", to_rfc3339(s.from)},
                                {"to", to_rfc3339(s.to)},
                                {"counted_s", s.counted.count() / 1'000'000},
                                {"why", s.why}});
            all.push_back({{"kind", to_string(d.kind)},
                           {"round", d.round},
                           {"state", to_string(d.state)},
                           {"target", to_string(d.goal)},
                           {"due_at", to_rfc3339(d.due_at)},
                           {"original_due_at", to_rfc3339(d.original_due_at)},
                           {"segments", list}});
            continue;
        }
        fmt::print("{} round {}: {} of {}, due {} {}\n", to_string(d.kind), d.round, to_string(d.state),
                   to_string(d.goal), on_the_wall(*calendar, d.due_at), calendar->time_zone());
        if (d.original_due_at != d.due_at) fmt::print("  first due {}\n", on_the_wall(*calendar, d.original_due_at));
        for (const auto& s : segments)
            fmt::print("  {} to {}  {:>8} s  {}\n", on_the_wall(*calendar, s.from), on_the_wall(*calendar, s.to),
                       s.counted.count() / 1'000'000, s.why);
    }
    if (with.json) fmt::print("{}\n", json({{"number", loaded->number}, {"deadlines", all}}).dump());
    return 0;
}

int import_command(const command_context& with, const import_options& options)
{
    const auto text = read_file(options.mapping);
    if (!text) return complain(text.error());
    const auto mapping = upkeep::parse_mapping(*text);
    if (!mapping) return complain_all(options.mapping, mapping.error());
    auto tools = toolbox::open(with);
    if (!tools) return complain(tools.error());
    ticket::configurations configurations((*tools)->database());
    upkeep::import_order order;
    order.file = options.file;
    order.mapping = *mapping;
    order.report = options.report.empty() ? options.file + ".report" : options.report;
    order.time_zone = with.settings.center.time_zone;
    std::function<void(const upkeep::import_progress&)> told = [](const upkeep::import_progress&) {};
    if (isatty(STDERR_FILENO))
        told = [](const upkeep::import_progress& now) { fmt::print(stderr, "\r{}\033[K", upkeep::progress_line(now)); };
    const auto report = order.report.string();
    const auto done = (*tools)->run(
        upkeep::import_file((*tools)->database(), configurations, (*tools)->time(), std::move(order), told));
    if (isatty(STDERR_FILENO)) fmt::print(stderr, "\n");
    if (!done) return complain(done.error());
    if (with.json)
        fmt::print("{}\n", json({{"records", done->records},
                                 {"taken", done->taken},
                                 {"finished", done->finished},
                                 {"repeats", done->repeats},
                                 {"bad", done->bad},
                                 {"remarks", done->remarks}})
                               .dump());
    else
        fmt::print("{} records: {} taken ({} finished), {} taken before, {} bad; see {}\n", done->records, done->taken,
                   done->finished, done->repeats, done->bad, report);
    return 0;
}

int doctor_command(const command_context& with)
{
    auto tools = toolbox::open(with);
    if (!tools) return complain(tools.error());
    ticket::configurations configurations((*tools)->database());
    const auto findings = (*tools)->run(upkeep::examine((*tools)->database(), configurations, (*tools)->time().now()));
    if (!findings) return complain(findings.error());
    std::int64_t violations = 0;
    json all = json::array();
    for (const auto& each : *findings) {
        violations += each.violations;
        if (with.json) {
            all.push_back({{"check", each.check},
                           {"says", each.says},
                           {"looked_at", each.looked_at},
                           {"violations", each.violations},
                           {"examples", each.examples}});
            continue;
        }
        fmt::print("{:<4} {:<20} {} ({} looked at)\n", each.violations == 0 ? "ok" : "BAD", each.check, each.says,
                   each.looked_at);
        for (const auto& example : each.examples)
            fmt::print("       {}\n", example);
    }
    if (with.json)
        fmt::print("{}\n", json({{"sound", violations == 0}, {"findings", all}}).dump());
    else
        fmt::print("{}\n", violations == 0 ? "every promise is kept" : fmt::format("{} violations", violations));
    return violations == 0 ? 0 : 1;
}

} // namespace huiyin::daemon
