#include "plan.hpp"

#include <huiyin/base/log.hpp>
#include <huiyin/intake/intake_store.hpp>
#include <huiyin/record/attachment_store.hpp>

#include <algorithm>

namespace huiyin::intake {

namespace {

using namespace std::chrono_literals;

constexpr auto key_life = 24h;

constexpr pg::statement ledger_statement{"intake.ledger", R"sql(
    SELECT account, received, visible, parked, repeats FROM account_ledger ORDER BY account)sql",
                                         std::chrono::minutes(5)};

// Index parked_waiting.
constexpr pg::statement list_statement{"intake.list_parked", R"sql(
    SELECT p.id, p.contact, r.account, r.external_id, p.reason, p.at, p.retries, p.raw
      FROM parked p JOIN receipt r ON r.id = p.receipt_id
     WHERE p.resolved_at IS NULL AND (p.at, p.id) > ($1::timestamptz, $2::uuid)
     ORDER BY p.at, p.id LIMIT $3::int)sql"};

// Index request_at.
constexpr pg::statement purge_statement{"intake.purge_requests", R"sql(
    DELETE FROM request WHERE (principal, key) IN (
        SELECT principal, key FROM request WHERE at < $1 ORDER BY at LIMIT 10000))sql"};

constexpr pg::statement erase_held{"intake.erase_held_attachments", R"sql(
    DELETE FROM attachment WHERE held_by IN (
        SELECT id FROM parked WHERE resolved_at IS NULL AND identity_keys && $1::bigint[]))sql"};

constexpr pg::statement erase_statement{"intake.erase_parked", R"sql(
    UPDATE parked SET contact = NULL, raw = NULL, identity_keys = '{}', resolved_at = $2
     WHERE resolved_at IS NULL AND identity_keys && $1::bigint[])sql"};

std::string to_text(const std::optional<std::vector<std::uint8_t>>& bytes)
{
    return bytes ? std::string(bytes->begin(), bytes->end()) : std::string();
}

} // namespace

task<result<std::vector<account_line>>> read_ledger(pg::database& from)
{
    const auto found = co_await from.run(ledger_statement);
    if (!found) co_return fail(found.error());
    std::vector<account_line> lines;
    for (const auto row : *found)
        lines.push_back({row.get<std::string>(0), row.get<std::int64_t>(1), row.get<std::int64_t>(2),
                         row.get<std::int64_t>(3), row.get<std::int64_t>(4)});
    co_return lines;
}

task<result<parked_page>> list_parked(pg::database& from, std::optional<std::pair<instant, parked_id>> after,
                                      std::size_t limit)
{
    limit = std::clamp<std::size_t>(limit, 1, 100);
    const auto begin_after =
        after.value_or(std::pair{instant(std::chrono::sys_days(std::chrono::year(1) / 1 / 1)), parked_id()});
    const auto found = co_await from.run(list_statement, pg::params(begin_after.first, begin_after.second, limit + 1));
    if (!found) co_return fail(found.error());
    parked_page page;
    for (const auto row : *found) {
        if (page.items.size() == limit) {
            page.next = {page.items.back().at, page.items.back().id};
            break;
        }
        const auto kept = contact_of(row.get<std::vector<std::uint8_t>>(1));
        page.items.push_back({.id = row.get<parked_id>(0),
                              .channel = kept ? kept->channel : "",
                              .account = row.get<std::string>(2),
                              .external_id = row.get<std::string>(3),
                              .reason = row.get<std::string>(4),
                              .at = row.get<instant>(5),
                              .retries = row.get<int>(6),
                              .raw = to_text(row.get<std::optional<std::vector<std::uint8_t>>>(7))});
    }
    co_return page;
}

task<result<std::size_t>> purge_requests(pg::database& in, instant now)
{
    const auto gone = co_await in.run(purge_statement, pg::params(now - key_life));
    if (!gone) co_return fail(gone.error());
    co_return gone->affected();
}

task<> keep_tidy(pg::database& in, const clock& time, std::chrono::milliseconds pace)
{
    for (;;) {
        const auto swept = co_await record::sweep_attachments(in, time.now());
        const auto purged = co_await purge_requests(in, time.now());
        if (!swept || !purged)
            log::warning("intake.not_tidied", {{"reason", slug((swept ? purged.error() : swept.error()).code)}});
        else if (*swept == 100 || *purged == 10'000)
            continue;
        co_await pause_for(pace);
        if ((co_await asio::this_coro::cancellation_state).cancelled() != asio::cancellation_type::none) co_return;
    }
}

record::eraser erase_parked(instant now)
{
    return [now](pg::batch& to, const journal::erasure&, const std::vector<record::identity>& identities) {
        std::vector<std::int64_t> keys;
        for (const auto& each : identities)
            keys.push_back(record::lock_key(each));
        to.add(erase_held, pg::params(keys)).add(erase_statement, pg::params(keys, now));
    };
}

} // namespace huiyin::intake
