#pragma once

#include "seal.hpp"
#include "store.hpp"

#include <optional>

namespace huiyin::journal {

struct sealing
{
    /// Nothing where nothing was left to seal.
    std::optional<seal> made;
    /// Positions that no seal covers yet.
    std::int64_t left = 0;
    /// Positions it covers that have no event, or are not there.
    std::int64_t missing = 0;
};

/// Seals the next positions, at most `seal_limit`. Errors: those of `add_seal`.
task<result<sealing>> seal_next(const runner& on, const seal_key& key, std::int64_t fence);

} // namespace huiyin::journal
