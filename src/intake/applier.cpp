#include "inbox_store.hpp"

#include <huiyin/base/log.hpp>
#include <huiyin/intake/applier.hpp>

#include <boost/asio/as_tuple.hpp>

namespace huiyin::intake {

namespace {

constexpr std::size_t rows_at_once = 100;

/// Withdrawals, reopenings and verdicts in writing have no transition of their own yet: they urge whoever has the
/// ticket to read the entry, which says what the customer wants.
domain::command command_of(const inbox_row& row)
{
    if (row.act == act::dispute) return domain::dispute{};
    return domain::further_contact{row.interaction};
}

/// Worth another try: the database is away or busy.
bool is_passing(errc code)
{
    switch (code) {
    case errc::unavailable:
    case errc::overloaded:
    case errc::timeout:
    case errc::serialization_failure:
    case errc::commit_unknown:
    case errc::not_configured:
    case errc::shutting_down:
    case errc::cancelled: return true;
    default: return false;
    }
}

} // namespace

applier::applier(executor on, pg::database& db, ticket::ticket_service& tickets, const clock& time,
                 metrics::registry& metrics)
    : db_(db), tickets_(tickets), clock_(time),
      applied_(metrics.counter("huiyin_intake_inbox_applied_total", "Further contacts applied to their ticket")),
      refused_(metrics.counter("huiyin_intake_inbox_refused_total", "Further contacts that their ticket refused")),
      wake_(on)
{}

task<result<void>> applier::apply(inbox_row row)
{
    ticket::act what;
    what.ticket = row.ticket;
    what.what = command_of(row);
    what.who.kind = domain::actor_kind::customer;
    what.who.id = row.customer.value();
    // Taken once, whoever else tries; the row outlives the key and is settled in the same transaction.
    what.key = ticket::action_key{"inbox", row.id.to_string(), sha256(row.id.to_string())};
    settle_row(what.also, row.id, clock_.now(), "applied");
    const auto done = co_await tickets_.perform(std::move(what));
    if (done) {
        applied_.add();
        co_return result<void>{};
    }
    if (is_passing(done.error().code)) co_return fail(done.error());
    refused_.add();
    log::info("intake.inbox_refused", {{"ticket", row.ticket}, {"reason", slug(done.error().code)}});
    co_return co_await settle_row(db_, row.id, clock_.now(), slug(done.error().code));
}

task<result<std::size_t>> applier::apply_waiting()
{
    std::size_t settled = 0;
    instant after_at = std::chrono::sys_days(std::chrono::year(1) / 1 / 1);
    uuid after_id;
    for (;;) {
        const auto rows = co_await waiting_rows(db_, after_at, after_id, rows_at_once);
        if (!rows) co_return fail(rows.error());
        for (const auto& row : *rows) {
            if (auto done = co_await apply(row); !done) co_return fail(done.error());
            ++settled;
            after_at = row.at;
            after_id = row.id;
        }
        if (rows->size() < rows_at_once) co_return settled;
    }
}

task<> applier::run(std::chrono::milliseconds pace)
{
    for (;;) {
        woken_ = false;
        const auto done = co_await apply_waiting();
        if (!done) log::warning("intake.inbox_delayed", {{"reason", slug(done.error().code)}});
        if (done && woken_) continue;
        wake_.expires_after(pace);
        co_await wake_.async_wait(boost::asio::as_tuple(use_task));
        if ((co_await asio::this_coro::cancellation_state).cancelled() != asio::cancellation_type::none) co_return;
    }
}

} // namespace huiyin::intake
