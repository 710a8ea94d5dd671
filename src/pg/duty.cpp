#include "backoff.hpp"
#include "connection.hpp"

#include <huiyin/base/log.hpp>
#include <huiyin/pg/duty.hpp>

#include <stdexcept>

namespace huiyin::pg {

namespace {

using namespace std::chrono_literals;

constexpr statement try_lock{"duty.try_lock",
                             "SELECT pg_try_advisory_lock(hashtextextended('huiyin duty ' || $1 || ' ' || $2, 0))"};
constexpr statement raise_fence{"duty.raise_fence", R"sql(
    INSERT INTO duty_lease AS held (name, fence) VALUES ($1, 1)
    ON CONFLICT (name) DO UPDATE SET fence = held.fence + 1
    RETURNING fence)sql"};

/// How often one who waits asks whether the duty is free, and a holder whether the server is still there.
constexpr auto ask_every = 1s;
constexpr auto longest_duty_pause = 5s;
/// A duty that was held for so long did some good, so the next attempt comes soon.
constexpr auto good_while = 10s;

} // namespace

struct duty::impl final : connection_home, std::enable_shared_from_this<duty::impl>
{
    void give_back(std::unique_ptr<connection> used) override
    {
        if (!lost) on = std::move(used);
    }
    task<result<std::unique_ptr<connection>>> replace(time_point by) override
    {
        // The lock is lost either way: this connection only settles a commit.
        lost = true;
        co_return co_await connection::open_patiently(settings, nullptr, by);
    }
    bool is_held() const { return !lost && (!on || on->is_open()); }

    database_settings settings;
    std::unique_ptr<connection> on;
    std::int64_t fence = 0;
    bool lost = false;
    bool busy = false;
};

duty::duty(std::shared_ptr<impl> held) : impl_(std::move(held)) {}

std::int64_t duty::fence() const
{
    return impl_->fence;
}

task<result<rows>> duty::run(const statement& what, params with)
{
    const auto self = impl_;
    if (!self->is_held()) co_return fail(errc::unavailable, "the duty's connection was lost");
    if (!self->on || self->busy) throw std::logic_error("a duty does one thing at a time");
    struct busy_mark
    {
        bool& flag;
        explicit busy_mark(bool& of) : flag(of) { flag = true; }
        ~busy_mark() { flag = false; }
    } mark(self->busy);
    const std::vector<request> one{request{&what, &with}};
    auto got = co_await self->on->run(one);
    if (!got) co_return fail(std::move(got.error()));
    co_return std::move(got->front());
}

task<result<transaction>> duty::begin()
{
    const auto self = impl_;
    if (!self->is_held()) co_return fail(errc::unavailable, "the duty's connection was lost");
    if (!self->on || self->busy) throw std::logic_error("a duty does one thing at a time");
    co_return transaction(std::make_unique<transaction::state>(self, std::move(self->on), begin_writing));
}

namespace {

task<result<std::shared_ptr<duty::impl>>> take(const database_settings& settings, const std::string& name)
{
    using time = std::chrono::steady_clock;
    auto got = co_await connection::open(settings, nullptr, time::now() + settings.connect_within);
    if (!got) co_return fail(std::move(got.error()));
    const params lock_name(settings.schema, name);
    const std::vector<request> lock{request{&try_lock, &lock_name}};
    for (;;) {
        auto taken = co_await (*got)->run(lock);
        if (!taken) co_return fail(std::move(taken.error()));
        if (taken->front().front().get<bool>(0)) break;
        co_await pause_for(pause_after(10, ask_every));
    }
    const params fence_name(name);
    const std::vector<request> raise{request{&raise_fence, &fence_name}};
    auto raised = co_await (*got)->run(raise);
    if (!raised) co_return fail(std::move(raised.error()));
    auto held = std::make_shared<duty::impl>();
    held->settings = settings;
    held->fence = raised->front().front().get<std::int64_t>(0);
    held->on = std::move(*got);
    co_return held;
}

/// Returns when the lock is lost, also while the body sleeps.
task<> watch(std::shared_ptr<duty::impl> held)
{
    while (held->is_held()) {
        if (held->on && !held->busy && held->on->has_been_left()) co_return;
        co_await pause_for(ask_every);
    }
}

/// Says so whichever way the duty is given up.
class held_mark
{
public:
    held_mark(const std::function<void(bool)>& told, std::string name, std::int64_t fence)
        : told_(told), name_(std::move(name))
    {
        log::info("duty.taken", {{"duty", name_}, {"fence", fence}});
        if (told_) told_(true);
    }
    ~held_mark()
    {
        log::info("duty.given_up", {{"duty", name_}});
        if (told_) told_(false);
    }
    held_mark(const held_mark&) = delete;
    held_mark& operator=(const held_mark&) = delete;

private:
    const std::function<void(bool)>& told_;
    std::string name_;
};

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

/// The lock is free again when this returns: its connection is gone.
task<> hold_once(const database_settings& settings, const std::string& name, const std::function<task<>(duty&)>& body,
                 const std::function<void(bool)>& on_held)
{
    auto held = co_await take(settings, name);
    if (!held) {
        // Someone else holds it, or the database is away; anything else needs a person.
        const bool usual = held.error().code == errc::unavailable || held.error().code == errc::timeout;
        log::write(usual ? log::level::debug : log::level::error, "duty.not_taken",
                   {{"duty", name}, {"reason", held.error().detail}});
        co_return;
    }
    const auto here = co_await asio::this_coro::executor;
    const held_mark mark(on_held, name, (*held)->fence);
    duty mine(*held);
    auto race = asio::experimental::make_parallel_group(asio::co_spawn(here, body(mine), asio::deferred),
                                                        asio::co_spawn(here, watch(*held), asio::deferred));
    const auto [order, body_threw, watch_threw] =
        co_await race.async_wait(asio::experimental::wait_for_one(), use_task);
    const auto state = co_await asio::this_coro::cancellation_state;
    if (order[0] == 0 && body_threw && state.cancelled() == asio::cancellation_type::none)
        log::error("duty.failed", {{"duty", name}, {"reason", describe(body_threw)}});
}

} // namespace

task<> hold_duty(database_settings settings, std::string name, std::function<task<>(duty&)> body,
                 std::function<void(bool)> on_held)
{
    for (unsigned failures = 0;; ++failures) {
        const auto since = std::chrono::steady_clock::now();
        co_await hold_once(settings, name, body, on_held);
        if (std::chrono::steady_clock::now() - since > good_while) failures = 0;
        co_await pause_for(pause_after(failures, longest_duty_pause));
    }
}

} // namespace huiyin::pg
