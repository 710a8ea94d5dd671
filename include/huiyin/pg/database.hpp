#pragma once

#include <huiyin/async/task.hpp>
#include <huiyin/base/metrics.hpp>
#include <huiyin/pg/rows.hpp>
#include <huiyin/pg/statement.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace huiyin::pg {

class connection;
class database;
class duty;

struct database_settings
{
    /// libpq conninfo or URL; several hosts are allowed. `search_path` comes from `schema`.
    std::string url;
    std::string schema = "huiyin";
    /// Connections per reactor. 1 to 64.
    std::size_t connections = 6;
    /// Use cases that may wait for a connection per reactor; beyond it `errc::overloaded` at once.
    std::size_t waiting_limit = 4096;
    /// How long a use case waits for a connection before `errc::unavailable`.
    std::chrono::milliseconds acquire_within{5000};
    std::chrono::milliseconds connect_within{5000};
};

/// Several statements sent in one round trip.
class batch
{
public:
    batch& add(const statement& what, params with = {})
    {
        items_.push_back({&what, std::move(with)});
        return *this;
    }
    bool empty() const { return items_.empty(); }
    std::size_t size() const { return items_.size(); }

    struct item
    {
        const statement* what;
        params with;
    };
    const std::vector<item>& items() const { return items_; }

private:
    std::vector<item> items_;
};

/// One transaction on one connection, rolled back (by closing it in order) unless committed. Movable; used by one
/// coroutine at a time. After any error the transaction is dead: further calls give the same error.
///
/// Errors of every call: `timeout` (the statement's limit passed; the connection is closed), `unavailable` (connection
/// lost, class 08 and 57), `overloaded` (53, 55), `serialization_failure` (40), `constraint_violated` (23; `detail` is
/// the constraint's name), `data_rejected` (22), `internal` (the rest: a bug).
class transaction
{
public:
    transaction(transaction&&) noexcept;
    transaction& operator=(transaction&&) noexcept;
    ~transaction();

    task<result<rows>> run(const statement& what, params with = {});
    /// All in one round trip; the results in their order. The first error is the answer and nothing after it ran.
    task<result<std::vector<rows>>> run(batch many);
    /// COMMIT. When the connection dies while it is under way, the outcome is settled by `pg_xact_status` on a new
    /// connection before this returns; `commit_unknown` is left where no connection can be had within 30 s, and where
    /// the server crashed meanwhile and the transaction's number may have been given out anew.
    task<result<void>> commit();
    /// Runs `last` and COMMIT in one round trip, or in two where nothing was written before. After a commit that had to
    /// be settled the rows are empty: what must be known of `last` is read before.
    task<result<std::vector<rows>>> commit(batch last);
    task<void> roll_back();

private:
    friend class database;
    friend class duty;
    struct state;
    explicit transaction(std::unique_ptr<state> s);
    std::unique_ptr<state> state_;
};

/// The connections of one reactor. A use case holds at most one at a time. Reconnects by itself with a jittered
/// back-off. Used on its own reactor only.
class database
{
public:
    database(executor on, database_settings settings, metrics::registry& metrics);
    ~database();
    database(const database&) = delete;
    database& operator=(const database&) = delete;

    /// `call` runs on this reactor after each COMMIT of a `transaction` that wrote, also after one whose outcome nobody
    /// could settle. It is for hints: it must be quick and must not throw. Whoever it speaks to outlives the database's
    /// use.
    void when_committed(std::function<void()> call);
    /// A writing transaction (READ COMMITTED). BEGIN travels with its first statements. The server gives it its id with
    /// the first statement that writes or locks, so that where this is the lock, feed order equals version order.
    task<result<transaction>> begin();
    /// A READ ONLY, REPEATABLE READ transaction: several reads of one state.
    task<result<transaction>> begin_reading();
    /// One statement as a transaction of its own. A write sent this way and cut off is `commit_unknown`; whatever does
    /// not begin with SELECT counts as a write.
    task<result<rows>> run(const statement& what, params with = {});

    /// Whether a connection can be had now; for readiness.
    task<result<void>> ping();
    /// Fails waiting use cases with `shutting_down`, waits for borrowed connections, closes all.
    task<void> close();

    const database_settings& settings() const;

private:
    friend class transaction;
    struct impl;
    std::shared_ptr<impl> impl_;
};

} // namespace huiyin::pg
