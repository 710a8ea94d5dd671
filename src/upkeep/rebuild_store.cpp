#include "rebuild_store.hpp"

#include <huiyin/ticket/replay.hpp>

#include <fmt/format.h>

#include <list>

namespace huiyin::upkeep {

namespace {

using namespace std::chrono_literals;
using pg::params;
using pg::statement;

constexpr auto replay_within = 60'000ms;
/// Events of one read.
constexpr std::size_t replayed_at_once = 500;

constexpr statement count_tickets_statement{"rebuild.count_tickets", "SELECT count(*) FROM ticket", replay_within};

// The journal's by event_of_subject; every event of a ticket has a kind of its own.
constexpr statement list_tickets_statement{"rebuild.list_tickets", R"sql(
    (SELECT id FROM ticket WHERE id > $1 ORDER BY id LIMIT $2)
    UNION
    (SELECT subject FROM event WHERE subject > $1 AND kind LIKE 'ticket.%' GROUP BY subject ORDER BY subject LIMIT $2)
    ORDER BY 1 LIMIT $2)sql",
                                           replay_within};

constexpr statement replayed_events_statement{"rebuild.read_events", R"sql(
    SELECT subject, seq, data::text FROM event
     WHERE subject = ANY ($1::uuid[]) AND (subject, seq) > ($2, $3)
     ORDER BY subject, seq LIMIT $4)sql",
                                              replay_within};

constexpr statement read_parties{"rebuild.read_ticket_party", R"sql(
    SELECT ticket_id, COALESCE(party_digest(salt, kind, value), '') FROM ticket_party
     WHERE ticket_id = ANY ($1::uuid[]) ORDER BY 1, 2)sql",
                                 replay_within};

constexpr statement read_interactions{"rebuild.read_ticket_interaction", R"sql(
    SELECT ticket_id, interaction_id::text FROM ticket_interaction
     WHERE ticket_id = ANY ($1::uuid[]) ORDER BY 1, 2)sql",
                                      replay_within};

// Index event_party_erasures.
constexpr statement erased_parties_statement{"rebuild.erased_parties", R"sql(
    SELECT digest FROM unnest($1::text[]) AS asked(digest)
     WHERE EXISTS (SELECT FROM event e WHERE e.kind = 'parties_erased' AND e.data -> 'parties' ? digest))sql",
                                             replay_within};

/// All rows of these tickets; one statement per table.
struct table_read
{
    explicit table_read(std::string_view of)
        : table(of), name(fmt::format("rebuild.read_{}", of)),
          sql(of == "ticket"
                  ? "SELECT id, row_to_json(r)::text FROM ticket r WHERE id = ANY ($1::uuid[])"
                  : fmt::format("SELECT ticket_id, row_to_json(r)::text FROM {} r WHERE ticket_id = ANY ($1::uuid[]) "
                                "ORDER BY ticket_id, n",
                                of)),
          what{name, sql, replay_within}
    {}
    table_read(const table_read&) = delete;

    std::string table, name, sql;
    statement what;
};

const std::list<table_read>& table_reads()
{
    static const auto all = [] {
        std::list<table_read> made;
        for (const auto table : ticket::journalled_tables())
            made.emplace_back(table);
        return made;
    }();
    return all;
}

} // namespace

task<result<std::int64_t>> count_tickets(pg::transaction& in)
{
    const auto found = co_await in.run(count_tickets_statement);
    if (!found) co_return fail(found.error());
    co_return found->front().get<std::int64_t>(0);
}

task<result<std::vector<ticket_id>>> list_known_tickets(pg::transaction& in, ticket_id after, std::size_t count)
{
    const auto found = co_await in.run(list_tickets_statement, params(after.value(), count));
    if (!found) co_return fail(found.error());
    std::vector<ticket_id> ids;
    for (const auto row : *found)
        ids.push_back(row.get<ticket_id>(0));
    co_return ids;
}

task<result<kept_tickets>> load_kept_rows(pg::transaction& in, std::vector<ticket_id> tickets)
{
    pg::batch reads;
    for (const auto& each : table_reads())
        reads.add(each.what, params(tickets));
    reads.add(read_parties, params(tickets)).add(read_interactions, params(tickets));
    const auto found = co_await in.run(std::move(reads));
    if (!found) co_return fail(found.error());
    kept_tickets kept;
    std::size_t i = 0;
    const auto take = [&](const std::string& table) {
        for (const auto row : (*found)[i++])
            kept[row.get<ticket_id>(0)][table].push_back(row.get<std::string>(1));
    };
    for (const auto& each : table_reads())
        take(each.table);
    take("ticket_party");
    take("ticket_interaction");
    co_return kept;
}

task<result<std::set<std::string, std::less<>>>> find_erased_parties(pg::transaction& in,
                                                                     std::vector<std::string> digests)
{
    std::set<std::string, std::less<>> erased;
    if (digests.empty()) co_return erased;
    const auto found = co_await in.run(erased_parties_statement, params(digests));
    if (!found) co_return fail(found.error());
    for (const auto row : *found)
        erased.insert(row.get<std::string>(0));
    co_return erased;
}

task<result<std::int64_t>> read_ticket_events(pg::transaction& in, std::vector<ticket_id> tickets,
                                              const std::function<void(ticket_id, std::string_view)>& take)
{
    std::int64_t count = 0;
    ticket_id last;
    std::int64_t last_seq = -1;
    for (;;) {
        const auto page =
            co_await in.run(replayed_events_statement, params(tickets, last.value(), last_seq, replayed_at_once));
        if (!page) co_return fail(page.error());
        for (const auto row : *page) {
            last = row.get<ticket_id>(0);
            last_seq = row.get<std::int64_t>(1);
            take(last, row.get<std::string_view>(2));
        }
        count += static_cast<std::int64_t>(page->size());
        if (page->size() < replayed_at_once) co_return count;
    }
}

} // namespace huiyin::upkeep
