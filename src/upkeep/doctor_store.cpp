#include "doctor_store.hpp"

namespace huiyin::upkeep {

namespace {

using namespace std::chrono_literals;
using pg::params;
using pg::statement;

/// `count` gives how many were looked at; `sql` the first examples and how many there are in all.
struct check
{
    const char* name;
    const char* says;
    statement count;
    statement violations;
    bool takes_now = false;
};

constexpr auto limit = 60'000ms;

constexpr check checks[] = {
    {"nothing_lost",
     "per account: received = visible + parked + repeats",
     {"doctor.accounts", "SELECT count(*) FROM account_ledger", limit},
     {"doctor.nothing_lost", R"sql(
        SELECT account, count(*) OVER () FROM account_ledger WHERE received <> visible + parked + repeats LIMIT 10)sql",
      limit}},
    {"nothing_twice",
     "one receipt per input, one ticket per receipt",
     {"doctor.receipts", "SELECT count(*) FROM receipt", limit},
     {"doctor.nothing_twice", R"sql(
        SELECT ticket_id::text, count(*) OVER () FROM receipt r
         WHERE ticket_id IS NOT NULL AND EXISTS (
               SELECT FROM receipt o WHERE o.event_id = r.event_id AND o.id <> r.id) LIMIT 10)sql",
      limit}},
    {"nothing_blocks",
     "what was parked is kept raw with its reason",
     {"doctor.parked", "SELECT count(*) FROM parked", limit},
     {"doctor.parked_whole", R"sql(
        SELECT r.id::text, count(*) OVER () FROM receipt r LEFT JOIN parked p ON p.receipt_id = r.id
         WHERE r.outcome = 'parked' AND p.id IS NULL LIMIT 10)sql",
      limit}},
    {"inbox_applied",
     "what customers did to their tickets is applied within a minute",
     {"doctor.inbox", "SELECT count(*) FROM ticket_inbox", limit},
     {"doctor.inbox_waiting", R"sql(
        SELECT id::text, count(*) OVER () FROM ticket_inbox WHERE applied_at IS NULL AND at < $1::timestamptz - interval '1 minute' LIMIT 10)sql",
      limit},
     true},
    {"no_orphan",
     "every open ticket has a running deadline",
     {"doctor.open_tickets", "SELECT count(*) FROM ticket WHERE status NOT IN ('closed', 'archived', 'merged')", limit},
     {"doctor.no_orphan", R"sql(
        SELECT number, count(*) OVER () FROM ticket t
         WHERE status NOT IN ('closed', 'archived', 'merged')
           AND NOT EXISTS (SELECT FROM ticket_deadline d WHERE d.ticket_id = t.id AND d.state = 'running') LIMIT 10)sql",
      limit}},
    {"done_is_not_closed",
     "tickets are closed in the allowed ways only",
     {"doctor.closed_tickets", "SELECT count(*) FROM ticket WHERE status IN ('closed', 'archived')", limit},
     {"doctor.closures", R"sql(
        SELECT number, count(*) OVER () FROM ticket
         WHERE status IN ('closed', 'archived')
           AND (closure = 'none' OR closed_at IS NULL
                OR closure = 'confirmed' AND satisfaction NOT IN ('satisfied', 'neutral')
                OR closure = 'unreachable' AND satisfaction <> 'unknown') LIMIT 10)sql",
      limit}},
    {"rounds_counted",
     "the rework cycle is the number of unsatisfied callbacks",
     {"doctor.callbacks", "SELECT count(*) FROM ticket_callback", limit},
     {"doctor.rounds_counted", R"sql(
        SELECT number, count(*) OVER () FROM ticket t
         WHERE rework_cycle <> (SELECT count(*) FROM ticket_callback c
                                 WHERE c.ticket_id = t.id AND c.verdict = 'unsatisfied' AND NOT c.disputed) LIMIT 10)sql",
      limit}},
    {"four_eyes",
     "nobody approves his own proposal or calls back for his own work",
     {"doctor.approvals", "SELECT count(*) FROM ticket_approval", limit},
     {"doctor.four_eyes", R"sql(
        SELECT t.number, count(*) OVER () FROM ticket t
         WHERE EXISTS (SELECT FROM ticket_approval a JOIN ticket_solution s ON s.ticket_id = a.ticket_id AND s.id = a.solution
                        WHERE a.ticket_id = t.id AND a.decided_by = s.proposed_by)
            OR EXISTS (SELECT FROM ticket_callback c JOIN ticket_work_order o ON o.ticket_id = c.ticket_id
                        WHERE c.ticket_id = t.id AND c.caller = o.handler) LIMIT 10)sql",
      limit}},
    {"one_timeline",
     "every ticket names the interaction it came from",
     {"doctor.tickets", "SELECT count(*) FROM ticket", limit},
     {"doctor.one_timeline", R"sql(
        SELECT number, count(*) OVER () FROM ticket t
         WHERE NOT imported AND NOT EXISTS (SELECT FROM ticket_interaction i WHERE i.ticket_id = t.id) LIMIT 10)sql",
      limit}},
    {"all_on_record",
     "the last event of each ticket has the ticket's version",
     {"doctor.events", "SELECT count(*) FROM event", limit},
     {"doctor.all_on_record", R"sql(
        SELECT number, count(*) OVER () FROM ticket t
         WHERE version IS DISTINCT FROM (SELECT max(e.subject_version) FROM event e WHERE e.subject = t.id) LIMIT 10)sql",
      limit}},
    {"waits_end",
     "no deadline's step is overdue by more than a minute",
     {"doctor.deadlines", "SELECT count(*) FROM ticket_deadline", limit},
     {"doctor.waits_end", R"sql(
        SELECT number, count(*) OVER () FROM ticket WHERE next_step_at < $1::timestamptz - interval '1 minute' LIMIT 10)sql",
      limit},
     true},
    {"stubs_own_nothing",
     "what a merged customer had is his heir's",
     {"doctor.stubs", "SELECT count(*) FROM customer WHERE merged_into IS NOT NULL", limit},
     {"doctor.stubs_own_nothing", R"sql(
        SELECT c.id::text, count(*) OVER () FROM customer c
         WHERE c.merged_into IS NOT NULL
           AND (c.name <> '' OR c.profile_id IS NOT NULL
                OR EXISTS (SELECT FROM ticket t WHERE t.customer = c.id)
                OR EXISTS (SELECT FROM identity i WHERE i.customer_id = c.id)
                OR EXISTS (SELECT FROM interaction i WHERE i.customer_id = c.id)
                OR EXISTS (SELECT FROM entry e WHERE e.customer_id = c.id)
                OR EXISTS (SELECT FROM text x WHERE x.customer_id = c.id)
                OR NOT EXISTS (SELECT FROM customer_merge m
                                WHERE m.source = c.id AND m.target = c.merged_into AND m.undone_at IS NULL)) LIMIT 10)sql",
      limit}},
    {"erased_is_gone",
     "of an erased customer no name, identity or contact is left",
     {"doctor.erased", "SELECT count(*) FROM customer WHERE erased_at IS NOT NULL", limit},
     {"doctor.erased_is_gone", R"sql(
        SELECT c.id::text, count(*) OVER () FROM customer c
         WHERE c.erased_at IS NOT NULL
           AND (c.name <> '' OR c.profile_id IS NOT NULL
                OR EXISTS (SELECT FROM identity i WHERE i.customer_id = c.id)
                OR EXISTS (SELECT FROM ticket t JOIN ticket_party p ON p.ticket_id = t.id
                            WHERE t.customer = c.id AND t.created_at <= c.erased_at)) LIMIT 10)sql",
      limit}},
    {"knowledge_published",
     "readers see the one edition that is published, with its words",
     {"doctor.knowledge", "SELECT count(*) FROM knowledge_item", limit},
     {"doctor.knowledge_published", R"sql(
        SELECT i.id::text, count(*) OVER () FROM knowledge_item i
         WHERE i.published IS DISTINCT FROM (SELECT e.n FROM knowledge_edition e
                                              WHERE e.item_id = i.id AND e.state = 'published')
            OR i.latest IS DISTINCT FROM (SELECT max(e.n) FROM knowledge_edition e WHERE e.item_id = i.id)
            OR EXISTS (SELECT FROM knowledge_edition e JOIN text t ON t.id = e.words_id
                        WHERE e.item_id = i.id AND e.state = 'published' AND t.body IS NULL)
            OR i.version IS DISTINCT FROM (SELECT max(e.subject_version) FROM event e
                                            WHERE e.subject = i.id AND e.kind LIKE 'knowledge.%') LIMIT 10)sql",
      limit}},
    {"knowledge_read",
     "a receipt is for an edition that readers saw",
     {"doctor.knowledge_receipts", "SELECT count(*) FROM knowledge_receipt", limit},
     {"doctor.knowledge_read", R"sql(
        SELECT r.item_id || ' ' || r.n, count(*) OVER () FROM knowledge_receipt r
          LEFT JOIN knowledge_edition e ON e.item_id = r.item_id AND e.n = r.n
         WHERE e.state IS NULL OR e.state IN ('draft', 'review') LIMIT 10)sql",
      limit}},
    {"append_only",
     "the serving role cannot change the journal",
     {"doctor.journal_tables", "SELECT 3", limit},
     {"doctor.append_only", R"sql(
        SELECT t, count(*) OVER () FROM unnest(ARRAY['event', 'event_pos', 'seal']) t
         WHERE has_table_privilege(t, 'UPDATE') OR has_table_privilege(t, 'DELETE'))sql",
      limit}},
};

constexpr statement select_ids{"doctor.ticket_ids",
                               R"sql(SELECT id FROM ticket WHERE id > $1 ORDER BY id LIMIT $2)sql"};

} // namespace

task<result<std::vector<finding>>> run_queries(pg::database& db, instant now)
{
    std::vector<finding> findings;
    for (const auto& each : checks) {
        finding found{each.name, each.says, 0, 0, {}};
        const auto count = co_await db.run(each.count);
        if (!count) co_return fail(count.error());
        found.looked_at = count->front().get<std::int64_t>(0);
        const auto wrong = co_await db.run(each.violations, each.takes_now ? params(now) : params());
        if (!wrong) co_return fail(wrong.error());
        for (const auto row : *wrong) {
            found.violations = row.get<std::int64_t>(1);
            found.examples.push_back(row.get<std::string>(0));
        }
        findings.push_back(std::move(found));
    }
    co_return findings;
}

task<result<std::vector<ticket_id>>> list_ticket_ids(pg::database& db, ticket_id after, std::size_t count)
{
    const auto found = co_await db.run(select_ids, params(after.value(), count));
    if (!found) co_return fail(found.error());
    std::vector<ticket_id> ids;
    for (const auto row : *found)
        ids.push_back(row.get<ticket_id>(0));
    co_return ids;
}

} // namespace huiyin::upkeep
