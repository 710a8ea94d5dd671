#include <huiyin/async/task_group.hpp>
#include <huiyin/base/log.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/system/system_error.hpp>

#include <cassert>

namespace huiyin {

namespace {

bool is_cancellation(const std::exception_ptr& thrown)
{
    try {
        std::rethrow_exception(thrown);
    } catch (const boost::system::system_error& e) {
        return e.code() == asio::error::operation_aborted;
    } catch (...) {
        return false;
    }
}

std::string describe(const std::exception_ptr& thrown)
{
    try {
        std::rethrow_exception(thrown);
    } catch (const std::exception& e) {
        return e.what();
    } catch (...) {
        return "unknown exception";
    }
}

} // namespace

task_group::task_group(executor on) : on_(on), emptied_(on, steady_timer::time_point::max()) {}

task_group::~task_group()
{
    assert(running_.empty() && "stop() a task_group before it dies");
}

void task_group::spawn(std::string name, task<> work)
{
    if (stopping_) return;
    const auto it = running_.emplace(running_.end());
    it->name = std::move(name);
    auto ended = [this, it](std::exception_ptr thrown) {
        if (thrown && !is_cancellation(thrown))
            log::error("task.failed", {{"task", it->name}, {"reason", describe(thrown)}});
        running_.erase(it);
        if (running_.empty()) emptied_.cancel();
    };
    asio::co_spawn(on_, std::move(work), asio::bind_cancellation_slot(it->cancel.slot(), std::move(ended)));
}

task<> task_group::stop()
{
    stopping_ = true;
    // Emitting may end a coroutine at once and erase its entry, so the next one is found first.
    for (auto it = running_.begin(); it != running_.end();) {
        auto& each = *it++;
        each.cancel.emit(asio::cancellation_type::terminal);
    }
    while (!running_.empty())
        co_await emptied_.async_wait(asio::as_tuple(use_task));
}

} // namespace huiyin
