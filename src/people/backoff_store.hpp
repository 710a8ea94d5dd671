#pragma once

#include <huiyin/base/crypto.hpp>
#include <huiyin/pg/database.hpp>

#include <vector>

namespace huiyin::people {

struct failure_count
{
    int failures = 0;
    instant failed_at;
};

/// Locks the counters of `keys`, which must be in ascending order, making those that are missing.
task<result<std::vector<failure_count>>> lock_failures(pg::transaction& tx, std::vector<sha256_digest> keys,
                                                       instant now);
void save_failures(pg::batch& to, const sha256_digest& key, const failure_count& count);
void forget_failures(pg::batch& to, const sha256_digest& key);
/// Takes one failure back.
void relieve_failures(pg::batch& to, const sha256_digest& key);
/// Deletes counters untouched since `before`, and the oldest beyond a hundred thousand.
void prune_failures(pg::batch& to, instant before);

} // namespace huiyin::people
