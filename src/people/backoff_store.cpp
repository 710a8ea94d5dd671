#include "backoff_store.hpp"

namespace huiyin::people {

namespace {

constexpr pg::statement lock_failure_count{"login_backoff.lock", R"sql(
    INSERT INTO login_backoff (key, failures, failed_at) VALUES ($1, 0, $2)
        ON CONFLICT (key) DO UPDATE SET failures = login_backoff.failures
    RETURNING failures, failed_at)sql"};

constexpr pg::statement save_failure_count{"login_backoff.save",
                                           "UPDATE login_backoff SET failures = $2, failed_at = $3 WHERE key = $1"};

constexpr pg::statement forget_failure_count{"login_backoff.forget", "DELETE FROM login_backoff WHERE key = $1"};

constexpr pg::statement relieve_failure_count{
    "login_backoff.relieve", "UPDATE login_backoff SET failures = greatest(failures - 1, 0) WHERE key = $1"};

// A log-in under way may hold a row: it is left for the next time rather than waited for.
constexpr pg::statement prune_failure_counts{"login_backoff.prune", R"sql(
    DELETE FROM login_backoff WHERE key IN (
        SELECT key FROM login_backoff WHERE failed_at < $1 ORDER BY failed_at LIMIT 10000 FOR UPDATE SKIP LOCKED))sql"};

constexpr pg::statement cap_failure_counts{"login_backoff.cap", R"sql(
    DELETE FROM login_backoff WHERE key IN (
        SELECT key FROM login_backoff ORDER BY failed_at DESC OFFSET 100000 FOR UPDATE SKIP LOCKED))sql"};

} // namespace

task<result<std::vector<failure_count>>> lock_failures(pg::transaction& tx, std::vector<sha256_digest> keys,
                                                       instant now)
{
    pg::batch all;
    for (const auto& key : keys)
        all.add(lock_failure_count, pg::params(key, now));
    auto found = co_await tx.run(std::move(all));
    if (!found) co_return fail(found.error());
    std::vector<failure_count> counts;
    for (const auto& rows : *found)
        counts.push_back({rows.front().get<int>(0), rows.front().get<instant>(1)});
    co_return counts;
}

void save_failures(pg::batch& to, const sha256_digest& key, const failure_count& count)
{
    to.add(save_failure_count, pg::params(key, count.failures, count.failed_at));
}

void forget_failures(pg::batch& to, const sha256_digest& key)
{
    to.add(forget_failure_count, pg::params(key));
}

void relieve_failures(pg::batch& to, const sha256_digest& key)
{
    to.add(relieve_failure_count, pg::params(key));
}

void prune_failures(pg::batch& to, instant before)
{
    to.add(prune_failure_counts, pg::params(before)).add(cap_failure_counts);
}

} // namespace huiyin::people
