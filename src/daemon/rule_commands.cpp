#include "files.hpp"
#include "toolbox.hpp"

#include <huiyin/base/crypto.hpp>
#include <huiyin/ticket/ticket_service.hpp>
#include <huiyin/upkeep/doctor.hpp>
#include <huiyin/upkeep/import.hpp>
#include <huiyin/upkeep/pack_apply.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
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

/// The pack's calendar of that name, else the first that follows that list of holidays.
const domain::calendar* find_calendar(const ticket::configuration& rules, const std::string& name)
{
    if (const auto* const found = rules.find_calendar(name)) return found;
    for (const auto& each : rules.rules().calendars)
        if (each.holidays == name) return rules.find_calendar(each.name);
    return nullptr;
}

json to_json(const std::vector<upkeep::pack_change>& changes)
{
    const auto words = [](const std::string& text) { return text.empty() ? json() : json(text); };
    json all = json::array();
    for (const auto& each : changes)
        all.push_back({{"part", each.part},
                       {"code", words(each.code)},
                       {"key", words(each.key)},
                       {"before", words(each.before)},
                       {"after", words(each.after)}});
    return all;
}

json size_of(const ticket::pack& pack)
{
    return {
        {"departments", pack.departments.size()}, {"categories", pack.categories.size()}, {"users", pack.users.size()}};
}

int say(const command_context& with, const upkeep::pack_forecast& forecast, const ticket::pack& pack)
{
    if (with.json) {
        auto said = size_of(pack);
        said.update({{"sound", true},
                     {"version", forecast.version},
                     {"changes_nothing", forecast.changes_nothing()},
                     {"new_accounts", forecast.new_accounts},
                     {"changed_accounts", forecast.changed_accounts},
                     {"new_departments", forecast.new_departments},
                     {"changed_departments", forecast.changed_departments},
                     {"calendar_years", forecast.calendar_years},
                     {"changes", to_json(forecast.changes)}});
        fmt::print("{}\n", said.dump());
        return 0;
    }
    if (forecast.changes_nothing()) {
        fmt::print("nothing would change: version {} says the same\n", forecast.version);
        return 0;
    }
    const auto list = [](std::string_view what, const std::vector<std::string>& names) {
        if (!names.empty()) fmt::print("{}: {}\n", what, fmt::join(names, ", "));
    };
    list("new accounts", forecast.new_accounts);
    list("changed accounts", forecast.changed_accounts);
    list("new departments", forecast.new_departments);
    list("changed departments", forecast.changed_departments);
    list("calendar years", forecast.calendar_years);
    if (forecast.already_current) return 0;
    fmt::print("rules: version {} would follow {}\n", forecast.version + 1, forecast.version);
    if (forecast.version > 0) fmt::print("{}", upkeep::to_text(forecast.changes));
    return 0;
}

/// Of two who write it at once one is refused; a file that is there stays as it is.
result<void> write_new_file(const std::string& path, std::string_view text)
{
    const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (fd < 0)
        return fail(errno == EEXIST ? errc::already_exists : errc::not_found, path + ": " + std::strerror(errno));
    while (!text.empty()) {
        const auto written = ::write(fd, text.data(), text.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) {
            const std::string reason = std::strerror(errno);
            ::close(fd);
            ::unlink(path.c_str());
            return fail(errc::internal, path + ": " + reason);
        }
        text.remove_prefix(static_cast<std::size_t>(written));
    }
    ::close(fd);
    return {};
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
    what.document = std::move(*document);
    if (options.with_accounts) what.demo_password = random_token(9);
    const auto password = what.demo_password;

    auto tools = toolbox::open(with);
    if (!tools) return complain(tools.error());
    people::configuration_store configuration((*tools)->database(), (*tools)->time());
    if (options.dry_run) {
        const auto forecast = (*tools)->run(upkeep::foresee_pack((*tools)->people(), configuration, what));
        if (!forecast) return complain(forecast.error());
        return say(with, *forecast, *pack);
    }
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

int check_pack_command(const command_context& with, const std::vector<std::string>& files)
{
    int status = 0;
    json all = json::array();
    for (const auto& file : files) {
        const auto document = read_file(file);
        if (!document) return complain(document.error());
        const auto pack = ticket::parse_pack(*document);
        if (!pack) {
            status = complain_all(file, pack.error());
            all.push_back({{"file", file}, {"sound", false}});
            continue;
        }
        auto said = size_of(*pack);
        said["file"] = file;
        said["sound"] = true;
        all.push_back(std::move(said));
        if (!with.json)
            fmt::print("{}: sound; {} departments, {} categories, {} accounts\n", file, pack->departments.size(),
                       pack->categories.size(), pack->users.size());
    }
    if (with.json) fmt::print("{}\n", all.dump());
    return status;
}

int diff_pack_command(const command_context& with, const std::string& file)
{
    const auto document = read_file(file);
    if (!document) return complain(document.error());
    const auto pack = ticket::parse_pack(*document);
    if (!pack) return complain_all(file, pack.error());
    auto tools = toolbox::open(with);
    if (!tools) return complain(tools.error());
    people::configuration_store configuration((*tools)->database(), (*tools)->time());
    const auto stored = (*tools)->run(configuration.find_current_pack());
    if (!stored) return complain(stored.error());
    if (!*stored) return complain({errc::not_configured, "no pack has been applied: huiyin pack apply FILE", {}});
    const auto before = ticket::parse_pack((*stored)->document);
    if (!before) return complain_all(fmt::format("version {}", (*stored)->version), before.error());
    const auto changes = upkeep::compare_packs(*before, *pack);
    const bool same = json::parse((*stored)->document) == json::parse(*document);
    if (with.json) {
        fmt::print(
            "{}\n",
            json({{"version", (*stored)->version}, {"same_document", same}, {"changes", to_json(changes)}}).dump());
        return 0;
    }
    if (changes.empty())
        fmt::print("nothing differs from version {}{}\n", (*stored)->version, same ? "" : " but how it is written");
    else
        fmt::print("{}", upkeep::to_text(changes));
    return 0;
}

int export_pack_command(const command_context& with, const export_pack_options& options)
{
    auto tools = toolbox::open(with);
    if (!tools) return complain(tools.error());
    people::configuration_store configuration((*tools)->database(), (*tools)->time());
    const auto stored = (*tools)->run(options.version == 0 ? configuration.find_current_pack()
                                                           : configuration.find_pack(options.version));
    if (!stored) return complain(stored.error());
    if (!*stored)
        return complain({errc::not_found, options.version == 0 ? "no pack has been applied" : "no such version", {}});
    const auto text = upkeep::pack_file((*stored)->document);
    if (options.output.empty()) {
        fmt::print("{}", text);
        return 0;
    }
    if (auto written = write_new_file(options.output, text); !written) return complain(written.error());
    if (with.json)
        fmt::print("{}\n", json({{"version", (*stored)->version}, {"file", options.output}}).dump());
    else
        fmt::print("version {} written to {}\n", (*stored)->version, options.output);
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
                                 {"local", calendar->shown(due)},
                                 {"time_zone", calendar->time_zone()},
                                 {"provisional", provisional}})
                               .dump());
    else
        fmt::print("{} {}{}\n", calendar->shown(due), calendar->time_zone(),
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
    const auto now = (*tools)->time().now();
    json all = json::array();
    for (const auto& d : loaded->deadlines) {
        const auto* const calendar = (*rules)->find_calendar(d.calendar);
        if (!calendar) continue;
        if (with.json) {
            json list = json::array();
            for (const auto& s : domain::explain(d, *calendar, now))
                list.push_back({{"from", to_rfc3339(s.from)},
                                {"to", to_rfc3339(s.to)},
                                {"counted_s", s.counted.count() / 1'000'000},
                                {"counted_days", s.counted_days},
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
        fmt::print("{}", domain::explained(d, *calendar, now));
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

int doctor_command(const command_context& with, const std::string& at)
{
    const auto moment = at.empty() ? std::nullopt : parse_rfc3339(at);
    if (!at.empty() && !moment) return complain(error{errc::invalid_field, "--at: not a time of RFC 3339", {}});
    auto tools = toolbox::open(with);
    if (!tools) return complain(tools.error());
    ticket::configurations configurations((*tools)->database());
    const auto now = moment.value_or((*tools)->time().now());
    const auto findings = (*tools)->run(upkeep::examine((*tools)->database(), configurations, now));
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
