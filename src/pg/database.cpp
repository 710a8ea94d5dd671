#include "connection.hpp"

#include <huiyin/base/log.hpp>
#include <huiyin/pg/database.hpp>

#include <boost/asio/as_tuple.hpp>

#include <algorithm>
#include <list>
#include <stdexcept>

namespace huiyin::pg {

using std::chrono::steady_clock;

namespace {

constexpr statement ping_statement{"pg.ping", "SELECT 1"};
constexpr auto close_within = std::chrono::seconds(30);

/// Whether a statement only reads, by its first word: cut off, it can be called not done rather than unknown. A SELECT
/// of a function that writes belongs into a transaction.
bool only_reads(std::string_view sql)
{
    sql.remove_prefix(std::min(sql.find_first_not_of(" \t\r\n("), sql.size()));
    constexpr std::string_view word = "SELECT";
    return std::ranges::equal(sql.substr(0, word.size()), word, [](char a, char b) { return (a & ~0x20) == b; });
}

} // namespace

/// A slot is the right to one connection, open or yet to be opened. `slots_` counts those in use; who gives one up
/// hands it to the first in the queue.
struct database::impl final : connection_home, std::enable_shared_from_this<database::impl>
{
    impl(executor on, database_settings with, metrics::registry& metrics)
        : here(on), settings(std::move(with)), told(std::make_shared<meter>(metrics)),
          all_back(on, steady_timer::time_point::max())
    {}

    /// One use case in the queue. Leaves it by itself when its coroutine ends early, and passes on what it was given.
    struct waiter
    {
        waiter(impl& of, time_point by) : pool(of), timer(of.here, by), place(of.queue.insert(of.queue.end(), this))
        {
            pool.report();
        }
        ~waiter()
        {
            leave();
            if (given)
                pool.give_back(std::move(given));
            else if (slot)
                pool.free_slot();
        }
        waiter(const waiter&) = delete;
        waiter& operator=(const waiter&) = delete;
        void leave()
        {
            if (place == pool.queue.end()) return;
            pool.queue.erase(place);
            place = pool.queue.end();
            pool.report();
        }

        impl& pool;
        steady_timer timer;
        std::list<waiter*>::iterator place;
        std::unique_ptr<connection> given;
        bool slot = false;
    };

    /// Gives its slot back unless it was kept.
    struct slot_guard
    {
        explicit slot_guard(impl& of) : pool(of) { ++pool.connecting; }
        ~slot_guard()
        {
            --pool.connecting;
            if (!kept) pool.free_slot();
            pool.report();
        }
        slot_guard(const slot_guard&) = delete;
        slot_guard& operator=(const slot_guard&) = delete;
        impl& pool;
        bool kept = false;
    };

    /// `self` outlives the wait, whatever becomes of the database meanwhile.
    static task<result<std::unique_ptr<connection>>> acquire(std::shared_ptr<impl> self)
    {
        if (self->closing) co_return fail(errc::shutting_down, "the database is being closed");
        const auto by = steady_clock::now() + self->settings.acquire_within;
        if (self->queue.empty()) {
            if (auto ready = self->take_idle()) co_return ready;
            if (self->slots < self->settings.connections) {
                ++self->slots;
                co_return co_await self->connect(by);
            }
        }
        if (self->queue.size() >= self->settings.waiting_limit)
            co_return fail(errc::overloaded, "too many use cases wait for a connection");
        waiter me(*self, by);
        co_await me.timer.async_wait(asio::as_tuple(use_task));
        me.leave();
        if (me.given) co_return std::move(me.given);
        if (me.slot) {
            me.slot = false;
            co_return co_await self->connect(by);
        }
        if (self->closing) co_return fail(errc::shutting_down, "the database is being closed");
        co_return fail(errc::unavailable, "no connection became free in time");
    }

    /// With a slot already taken.
    task<result<std::unique_ptr<connection>>> connect(time_point by)
    {
        slot_guard guard(*this);
        report();
        auto made = co_await connection::open_patiently(settings, told, by);
        if (!made) {
            log::warning("pg.unavailable", {{"reason", made.error().detail}});
            co_return made;
        }
        if (closing) co_return fail(errc::shutting_down, "the database is being closed");
        guard.kept = true;
        co_return made;
    }

    std::unique_ptr<connection> take_idle()
    {
        while (!idle.empty()) {
            auto last = std::move(idle.back());
            idle.pop_back();
            if (!last->has_been_left()) {
                report();
                return last;
            }
            --slots;
        }
        return nullptr;
    }

    void give_back(std::unique_ptr<connection> used) override
    {
        if (closing || !used->is_reusable()) {
            used.reset();
            free_slot();
        } else if (!queue.empty()) {
            auto& next = *queue.front();
            next.given = std::move(used);
            next.leave();
            next.timer.cancel();
        } else {
            idle.push_back(std::move(used));
        }
        report();
        if (closing && slots == 0) all_back.cancel();
    }

    void free_slot()
    {
        if (queue.empty() || closing) {
            --slots;
        } else {
            auto& next = *queue.front();
            next.slot = true;
            next.leave();
            next.timer.cancel();
        }
        if (closing && slots == 0) all_back.cancel();
    }

    task<result<std::unique_ptr<connection>>> replace(time_point by) override
    {
        return connection::open_patiently(settings, told, by);
    }

    void committed() override
    {
        if (on_commit) on_commit();
    }

    void report() { told->pool_is(idle.size(), slots - idle.size() - connecting, connecting, queue.size()); }

    executor here;
    database_settings settings;
    std::shared_ptr<meter> told;
    std::function<void()> on_commit;
    std::vector<std::unique_ptr<connection>> idle;
    std::list<waiter*> queue;
    std::size_t slots = 0;
    std::size_t connecting = 0;
    bool closing = false;
    steady_timer all_back;
};

database::database(executor on, database_settings settings, metrics::registry& metrics)
{
    if (settings.connections < 1 || settings.connections > 64)
        throw std::invalid_argument("database_settings.connections is not within 1 and 64");
    impl_ = std::make_shared<impl>(on, std::move(settings), metrics);
}

database::~database()
{
    impl_->closing = true;
    impl_->slots -= impl_->idle.size();
    impl_->idle.clear();
}

void database::when_committed(std::function<void()> call)
{
    impl_->on_commit = std::move(call);
}

task<result<transaction>> database::begin()
{
    const auto pool = impl_;
    auto got = co_await impl::acquire(pool);
    if (!got) co_return fail(std::move(got.error()));
    co_return transaction(std::make_unique<transaction::state>(pool, std::move(*got), begin_writing));
}

task<result<transaction>> database::begin_reading()
{
    const auto pool = impl_;
    auto got = co_await impl::acquire(pool);
    if (!got) co_return fail(std::move(got.error()));
    co_return transaction(std::make_unique<transaction::state>(pool, std::move(*got), pg::begin_reading));
}

task<result<rows>> database::run(const statement& what, params with)
{
    const auto pool = impl_;
    auto got = co_await impl::acquire(pool);
    if (!got) co_return fail(std::move(got.error()));
    // Gives the connection back however this coroutine ends.
    struct loan
    {
        std::shared_ptr<impl> pool;
        std::unique_ptr<connection> on;
        ~loan() { pool->give_back(std::move(on)); }
    } borrowed{pool, std::move(*got)};
    const std::vector<request> one{request{&what, &with}};
    auto answer = co_await borrowed.on->run(one);
    if (answer) co_return std::move(answer->front());
    if (!borrowed.on->is_open() && !only_reads(what.sql))
        co_return fail(errc::commit_unknown, std::move(answer.error().detail));
    co_return fail(std::move(answer.error()));
}

task<result<void>> database::ping()
{
    auto got = co_await run(ping_statement);
    if (!got) co_return fail(std::move(got.error()));
    co_return result<void>{};
}

task<void> database::close()
{
    auto& self = *impl_;
    self.closing = true;
    while (!self.queue.empty()) {
        auto& next = *self.queue.front();
        next.leave();
        next.timer.cancel();
    }
    self.slots -= self.idle.size();
    self.idle.clear();
    self.report();
    const auto by = steady_clock::now() + close_within;
    while (self.slots > 0 && steady_clock::now() < by) {
        self.all_back.expires_at(by);
        co_await self.all_back.async_wait(asio::as_tuple(use_task));
    }
    if (self.slots > 0) log::error("pg.not_given_back", {{"connections", self.slots}});
}

const database_settings& database::settings() const
{
    return impl_->settings;
}

} // namespace huiyin::pg
