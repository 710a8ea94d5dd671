#pragma once

#include <huiyin/pg/database.hpp>

#include <functional>
#include <string>

namespace huiyin::pg {

/// LISTENs on `channel` on a connection of its own and calls `heard` (on this reactor) for each notification, and once
/// after every (re)connect, since hints may have been missed meanwhile. Ends only by cancellation. A hint that is lost
/// costs delay, never data.
task<> listen(database_settings settings, std::string channel, std::function<void()> heard);

/// Sends NOTIFY on `channel` from a connection of its own, never inside a data transaction (there it would serialise
/// all commits). Calls to `mark` coalesce: at most one NOTIFY per `interval`.
class notifier
{
public:
    notifier(executor on, database_settings settings, std::string channel, std::chrono::milliseconds interval);
    ~notifier();
    /// Something was committed. Cheap; from the notifier's reactor only.
    void mark();
    /// The loop; put it into a task_group.
    task<> run();

private:
    struct impl;
    std::unique_ptr<impl> impl_;
};

} // namespace huiyin::pg
