#include "toolbox.hpp"

#include <huiyin/report/projection.hpp>
#include <huiyin/ticket/counter.hpp>
#include <huiyin/upkeep/rebuild.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cstdio>
#include <unistd.h>

namespace huiyin::daemon {

using nlohmann::json;

namespace {

/// How many differences are kept for the JSON answer; all are counted.
constexpr std::size_t most_listed = 10'000;

std::string place_of(const upkeep::rebuild_difference& each)
{
    const auto row = each.n ? fmt::format("[{}]", *each.n) : std::string();
    return fmt::format("{} {}{}.{}", each.ticket.to_string(), each.table, row, each.column);
}

int check(const command_context& with)
{
    auto tools = toolbox::open(with);
    if (!tools) return complain(tools.error());
    json listed = json::array();
    const bool on_terminal = isatty(STDERR_FILENO);
    upkeep::rebuild_options options;
    options.tell = [&](const upkeep::rebuild_difference& each) {
        if (!with.json) {
            if (on_terminal) fmt::print(stderr, "\r\033[K");
            fmt::print("DIFFERS {}: journal {}, table {}\n", place_of(each), each.journal, each.kept);
        } else if (listed.size() < most_listed) {
            listed.push_back({{"ticket_id", each.ticket.to_string()},
                              {"table", each.table},
                              {"n", each.n ? json(*each.n) : json()},
                              {"column", each.column},
                              {"journal", each.journal},
                              {"kept", each.kept}});
        }
    };
    if (on_terminal)
        options.progress = [](std::int64_t done, std::int64_t of) {
            fmt::print(stderr, "\r{} of about {} tickets\033[K", done, of);
        };
    const auto report = (*tools)->run(upkeep::check_rebuild((*tools)->database(), std::move(options)));
    if (on_terminal) fmt::print(stderr, "\r\033[K");
    if (!report) return complain(report.error());
    if (with.json)
        fmt::print("{}\n", json({{"sound", report->sound()},
                                 {"tickets", report->tickets},
                                 {"events", report->events},
                                 {"rows", report->rows},
                                 {"differences", report->differences},
                                 {"listed", listed}})
                               .dump(-1, ' ', false, json::error_handler_t::replace));
    else
        fmt::print("{} tickets, {} events, {} rows: {}\n", report->tickets, report->events, report->rows,
                   report->sound() ? "the tables hold what the journal tells"
                                   : fmt::format("{} differences", report->differences));
    return report->sound() ? 0 : 1;
}

int empty_reports(const command_context& with)
{
    auto tools = toolbox::open(with);
    if (!tools) return complain(tools.error());
    pg::database owner((*tools)->get_executor(), (*tools)->at().owner(), (*tools)->metrics());
    const auto emptied = (*tools)->run(report::empty_projection(owner));
    const auto close = [](pg::database& db) -> task<bool> {
        co_await db.close();
        co_return true;
    };
    (*tools)->run(close(owner));
    if (!emptied) return complain(emptied.error());
    const auto counted = (*tools)->run(ticket::recount_views((*tools)->database()));
    if (!counted) return complain(counted.error());
    fmt::print("{}\n", with.json ? R"({"emptied":true})" : "the reports are empty; the daemon makes them anew");
    return 0;
}

} // namespace

int rebuild_command(const command_context& with, const rebuild_options& asked)
{
    if (asked.check == asked.reports) {
        fmt::print(stderr, "huiyin: rebuild takes one of --check and --reports\n");
        return 2;
    }
    return asked.check ? check(with) : empty_reports(with);
}

} // namespace huiyin::daemon
