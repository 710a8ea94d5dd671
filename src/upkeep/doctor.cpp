#include "doctor_store.hpp"

#include <huiyin/ticket/ticket_service.hpp>
#include <huiyin/upkeep/doctor.hpp>

namespace huiyin::upkeep {

namespace {

constexpr std::size_t page_size = 500;
constexpr std::size_t examples_limit = 10;

task<result<finding>> check_invariants(pg::database& db, ticket::configurations& rules, ticket::ticket_service& tickets)
{
    finding found{"invariants", "each ticket keeps the invariants of its state", 0, 0, {}};
    const auto current = co_await rules.current();
    if (!current && current.error().code == errc::not_configured) co_return found;
    if (!current) co_return fail(current.error());
    ticket_id last;
    for (;;) {
        const auto page = co_await list_ticket_ids(db, last, page_size);
        if (!page) co_return fail(page.error());
        for (const auto id : *page) {
            const auto t = co_await tickets.load(id, domain::actor::system());
            if (!t) co_return fail(t.error());
            ++found.looked_at;
            for (const auto& broken : domain::check(*t, (*current)->policy_for(t->category, {}, t->lead_department))) {
                ++found.violations;
                if (found.examples.size() < examples_limit) found.examples.push_back(t->number + ": " + broken);
            }
        }
        if (page->size() < page_size) co_return found;
        last = page->back();
    }
}

} // namespace

task<result<std::vector<finding>>> examine(pg::database& db, ticket::configurations& rules, instant now)
{
    auto findings = co_await run_queries(db, now);
    if (!findings) co_return fail(findings.error());
    metrics::registry unused;
    const manual_clock stopped(now);
    ticket::ticket_service tickets(db, stopped, rules, unused);
    auto invariants = co_await check_invariants(db, rules, tickets);
    if (!invariants) co_return fail(invariants.error());
    findings->push_back(std::move(*invariants));
    co_return findings;
}

} // namespace huiyin::upkeep
