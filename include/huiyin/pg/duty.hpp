#pragma once

#include <huiyin/pg/database.hpp>

#include <functional>
#include <string>

namespace huiyin::pg {

/// A connection of one's own that holds the advisory lock of a duty: work that only one node may do at a time.
class duty
{
public:
    struct impl;
    explicit duty(std::shared_ptr<impl> held);

    /// Rises each time the duty changes hands; guarded SQL compares it with `duty_lease.fence`.
    std::int64_t fence() const;
    /// On the duty's own connection. The lock is lost with it: after `unavailable` or `timeout` the body must return.
    task<result<rows>> run(const statement& what, params with = {});
    /// A transaction on the duty's own connection.
    task<result<transaction>> begin();

private:
    std::shared_ptr<impl> impl_;
};

/// Takes the duty `name` whenever it is free and runs `body` while it is held; starts over with a jittered back-off (at
/// most 5 s) when the body returns or the connection is lost. Ends only by cancellation. Put it into a task_group.
/// `on_held` is told when the duty is taken and given up (for a gauge).
task<> hold_duty(database_settings settings, std::string name, std::function<task<>(duty&)> body,
                 std::function<void(bool)> on_held);

} // namespace huiyin::pg
