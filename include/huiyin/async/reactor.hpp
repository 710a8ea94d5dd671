#pragma once

#include <huiyin/async/task.hpp>

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace huiyin {

/// One thread with its own io_context. State belongs to one reactor and needs no locks; another reactor gets an
/// immutable value by `asio::post(reactor.get_executor(), …)`, which is the only member that other threads may use.
class reactor
{
public:
    explicit reactor(std::size_t index);
    ~reactor();
    reactor(const reactor&) = delete;
    reactor& operator=(const reactor&) = delete;

    std::size_t index() const { return index_; }
    executor get_executor() { return context_.get_executor(); }
    asio::io_context& context() { return context_; }
    /// Runs until `stop`. An exception that leaves a handler is logged and the loop goes on: it is a bug, but other
    /// sessions need not die of it.
    void run();
    void stop();

private:
    std::size_t index_;
    asio::io_context context_;
    asio::executor_work_guard<executor> work_;
};

/// Reactor 0 runs on the thread that calls `run`, the others on threads of their own.
class reactor_pool
{
public:
    explicit reactor_pool(std::size_t count);
    ~reactor_pool();

    std::size_t size() const { return reactors_.size(); }
    reactor& operator[](std::size_t index) { return *reactors_[index]; }
    /// Returns when `stop` was called, after all threads have ended.
    void run();
    /// From any thread.
    void stop();

private:
    std::vector<std::unique_ptr<reactor>> reactors_;
    std::vector<std::jthread> threads_;
};

} // namespace huiyin
