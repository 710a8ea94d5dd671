#pragma once

#include <huiyin/async/task.hpp>

#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <type_traits>

namespace huiyin {

/// A few threads for work that would hold up a reactor: argon2id, large MIME, files, name look-ups. Bounded: beyond
/// `limit` jobs waiting or running, `run` answers `errc::overloaded` at once. Thread-safe.
class blocking_pool
{
public:
    blocking_pool(std::size_t threads, std::size_t limit) : threads_(threads), limit_(limit) {}
    /// Waits for the jobs under way.
    ~blocking_pool() { threads_.join(); }
    blocking_pool(const blocking_pool&) = delete;
    blocking_pool& operator=(const blocking_pool&) = delete;

    /// Runs `job` on a thread of the pool and resumes on the caller's reactor with what it returned. A job cannot be
    /// cancelled. What it throws comes out of the co_await. `job` owns its arguments.
    template <class F, class T = std::invoke_result_t<F&>>
    task<result<T>> run(F job)
    {
        if (pending_.fetch_add(1) >= limit_) {
            pending_.fetch_sub(1);
            co_return fail(errc::overloaded, "blocking pool is full");
        }
        const auto back = co_await asio::this_coro::executor;
        auto outcome = std::make_shared<state<T>>(std::move(job));
        // The waiter owns nothing that the job touches, so a cancelled waiter cannot leave the job with a dangling
        // frame.
        auto wait = [this, back, outcome](auto handler) {
            auto shared = std::make_shared<decltype(handler)>(std::move(handler));
            asio::post(threads_, [this, back, outcome, shared]() {
                try {
                    outcome->value.emplace(outcome->job());
                } catch (...) {
                    outcome->thrown = std::current_exception();
                }
                pending_.fetch_sub(1);
                asio::post(back, [shared]() { std::move (*shared)(); });
            });
        };
        co_await asio::async_initiate<const asio::use_awaitable_t<executor>, void()>(std::move(wait), use_task);
        if (outcome->thrown) std::rethrow_exception(outcome->thrown);
        co_return std::move(*outcome->value);
    }

    std::size_t pending() const { return pending_.load(); }

private:
    template <class T>
    struct state
    {
        explicit state(std::move_only_function<T()> work) : job(std::move(work)) {}
        std::move_only_function<T()> job;
        std::optional<T> value;
        std::exception_ptr thrown;
    };

    asio::thread_pool threads_;
    std::size_t limit_;
    std::atomic<std::size_t> pending_{0};
};

} // namespace huiyin
