#pragma once

#include "account_store.hpp"

#include <huiyin/base/time.hpp>

namespace huiyin::outbox {

struct feeding
{
    /// Its place now.
    std::int64_t pos = 0;
    /// There may be more at once.
    bool more = false;
    /// Its backlog is full.
    bool held = false;
    /// Its settings do not read.
    bool broken = false;
};

/// Queues for one account the next events it wants, in the transaction that moves its cursor over them: each event
/// once, whoever else does the same. `page` is what follows `from`.
task<result<feeding>> feed(pg::duty& on, const account& to, std::int64_t from, const std::vector<feed_event>& page,
                           std::size_t backlog, instant now);

constexpr std::size_t feed_page = 500;

} // namespace huiyin::outbox
