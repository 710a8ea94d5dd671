#pragma once

#include <huiyin/async/task.hpp>

#include <boost/asio/cancellation_signal.hpp>

#include <functional>
#include <list>
#include <string>

namespace huiyin {

/// Background coroutines of one reactor, owned by the service that started them. Nothing is detached: `stop` cancels
/// all and waits for the last. Must be stopped before it is destroyed, and used on its reactor only.
class task_group
{
public:
    explicit task_group(executor on);
    ~task_group();
    task_group(const task_group&) = delete;
    task_group& operator=(const task_group&) = delete;

    /// Starts `work`, whose arguments it owns. What it throws is logged as an error under `name`.
    /// After `stop` began nothing is started.
    void spawn(std::string name, task<> work);
    /// Cancels all and returns when the last has ended. May be called twice.
    task<> stop();
    std::size_t size() const { return running_.size(); }

private:
    struct entry
    {
        std::string name;
        asio::cancellation_signal cancel;
    };

    executor on_;
    std::list<entry> running_;
    steady_timer emptied_;
    bool stopping_ = false;
};

} // namespace huiyin
