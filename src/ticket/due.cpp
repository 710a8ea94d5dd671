#include "ticket_rows.hpp"
#include "ticket_store.hpp"

#include <huiyin/base/log.hpp>
#include <huiyin/ticket/ticket_service.hpp>

#include <boost/asio/post.hpp>

#include <algorithm>

namespace huiyin::ticket {

using nlohmann::json;

namespace {

/// Empty where it finds nothing to do or cannot be done: neither may hold up the others.
std::optional<commitment> take_steps(std::string_view rows, const configuration& rules, instant now)
try {
    auto before = ticket_of(json::parse(rows));
    const domain::command step = domain::run_due{};
    auto decided = domain::decide(before, step, policy_of(rules, before, step), domain::actor::system(),
                                  std::max(now, before.changed_at));
    if (!decided) {
        log::error("deadline.not_taken", {{"ticket", before.id}, {"code", slug(decided.error().code)}});
        return std::nullopt;
    }
    if (decided->events.empty()) return std::nullopt;
    commitment made;
    made.decided = std::move(*decided);
    made.before = std::move(before);
    made.rules = &rules;
    return made;
} catch (const std::exception& e) {
    log::error("deadline.not_taken", {{"reason", e.what()}});
    return std::nullopt;
}

} // namespace

task<result<std::vector<ticket_id>>> ticket_service::run_due(std::vector<ticket_id> tickets)
{
    std::vector<ticket_id> moved;
    const auto rules = co_await rules_.current();
    if (!rules) co_return fail(rules.error());
    auto tx = co_await db_.begin();
    if (!tx) co_return fail(tx.error());
    pg::batch reads;
    reads.add(lock_tickets(), pg::params(tickets)).add(load_tickets(), pg::params(tickets, false));
    const auto found = co_await tx->run(std::move(reads));
    if (!found) co_return fail(found.error());

    const auto now = clock_.now();
    std::vector<commitment> all;
    for (const auto row : found->back()) {
        if (auto made = take_steps(row.get<std::string_view>(0), **rules, now)) all.push_back(std::move(*made));
        // Requests of this reactor go between.
        co_await asio::post(co_await asio::this_coro::executor, use_task);
    }
    if (all.empty()) {
        co_await tx->roll_back();
        co_return moved;
    }
    if (auto found_ways = co_await find_ways(*tx, all); !found_ways) co_return fail(found_ways.error());
    pg::batch writes;
    co_await commit_in_turns(writes, all);
    const auto committed = co_await tx->commit(std::move(writes));
    if (!committed) co_return fail(committed.error());
    for (const auto& of : all) {
        committed_.add();
        moved.push_back(of.decided.next.id);
        for (const auto& each : of.decided.events)
            log::info(each.kind, {{"ticket", of.decided.next.id},
                                  {"version", of.decided.next.version},
                                  {"actor", domain::actor::system().id.to_string()}});
    }
    co_return moved;
}

task<result<std::vector<ticket_id>>> ticket_service::find_due(instant now, std::vector<ticket_id> aside,
                                                              std::size_t limit)
{
    co_return co_await find_due_tickets(db_, now, aside, limit);
}

} // namespace huiyin::ticket
