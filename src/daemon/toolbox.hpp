#pragma once

#include "commands.hpp"
#include "home.hpp"
#include "offline.hpp"

#include <huiyin/async/blocking_pool.hpp>
#include <huiyin/people/people_service.hpp>

#include <memory>

namespace huiyin::daemon {

/// Says on standard error what went wrong and what to do about it; gives 1.
int complain(const error& why);

/// A database and the services that commands use, on the thread of the command.
class toolbox
{
public:
    /// Changes nothing of the schema: only `migrate` and `serve` do. Errors: `not_configured` when it is not that of
    /// this program, and those of home::open and of the database.
    static result<std::unique_ptr<toolbox>> open(const command_context& with);
    ~toolbox();

    template <class T>
    T run(task<T> work)
    {
        return run_offline(context_, std::move(work));
    }
    executor get_executor() { return context_.get_executor(); }
    home& at() { return *home_; }
    pg::database& database() { return *db_; }
    const clock& time() const { return clock_; }
    metrics::registry& metrics() { return metrics_; }
    people::people_service& people() { return *people_; }

private:
    toolbox() = default;

    asio::io_context context_{1};
    huiyin::system_clock clock_;
    metrics::registry metrics_;
    blocking_pool pool_{1, 16};
    people::rights_epoch rights_;
    std::unique_ptr<home> home_;
    std::unique_ptr<pg::database> db_;
    std::unique_ptr<people::people_service> people_;
};

} // namespace huiyin::daemon
