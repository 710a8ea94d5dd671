#pragma once

#include "meter.hpp"

#include <huiyin/async/task.hpp>
#include <huiyin/pg/database.hpp>

#include <boost/asio/posix/basic_stream_descriptor.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

struct pg_conn;
struct pg_result;

namespace huiyin::pg {

using time_point = std::chrono::steady_clock::time_point;

/// One statement of a round trip; what it points to outlives the call.
struct request
{
    const statement* what;
    const params* with;
};

/// One libpq connection, non-blocking and always in pipeline mode. Used by one coroutine of its reactor at a time. What
/// was cut off in the middle (limit, cancellation, lost server) closes it: a connection that is open is in step.
class connection
{
public:
    /// Tries the URL's hosts in turn until `by`; each gets an equal share of `connect_within`. Host names are resolved
    /// by libpq and block the reactor meanwhile: name a socket, an address, or a host the machine knows by itself.
    /// Errors: `unavailable`, `not_configured`, `cancelled`.
    static task<result<std::unique_ptr<connection>>> open(const database_settings& settings,
                                                          std::shared_ptr<meter> meter, time_point by);
    /// The same with jittered pauses of at most `longest_pause`, until it succeeds or `by` has come.
    static task<result<std::unique_ptr<connection>>> open_patiently(const database_settings& settings,
                                                                    std::shared_ptr<meter> meter, time_point by,
                                                                    duration longest_pause = std::chrono::seconds(1));
    ~connection();
    connection(const connection&) = delete;
    connection& operator=(const connection&) = delete;

    /// All in one round trip within the largest of their limits. Outside BEGIN … COMMIT they are one transaction. The
    /// first error is the answer and nothing after it ran. Errors: those of `transaction`.
    task<result<std::vector<rows>>> run(std::vector<request> sent);
    /// Several statements as text, by the simple protocol; for migrations.
    task<result<void>> run_script(const std::string& sql, duration limit);
    /// Whether a notification came within `limit`; takes all that are there. Errors: `unavailable`, `cancelled`.
    task<result<bool>> wait_for_notification(duration limit);

    /// Names the server's life between two crashes.
    const std::string& server_life() const { return server_life_; }
    bool is_open() const { return libpq_ != nullptr; }
    bool is_in_transaction() const;
    /// Whether it can be used again by someone else: open, in step, no transaction, and not to be retired.
    bool is_reusable() const;
    /// Asks the kernel whether the server has hung up (or said anything: an idle server says nothing but farewell).
    bool has_been_left() const;
    /// Sends ROLLBACK without waiting for the answer, which the next `run` reads first. Closes where that fails.
    void roll_back_later();
    void close();

private:
    using descriptor = asio::posix::basic_stream_descriptor<executor>;
    struct watch;
    class exchange;
    struct notice_receiver;

    connection(executor on, std::shared_ptr<meter> meter);

    task<result<void>> start(const std::vector<std::pair<std::string, std::string>>& to, const std::string& schema,
                             time_point by);
    void arm(time_point by);
    void watch_until(time_point by);
    void disarm() { deadline_.reset(); }

    /// `null` when libpq has no more result for the present statement.
    task<result<pg_result*>> next_result();
    task<result<void>> wait_readable();
    task<result<void>> flush();
    /// Why a wait ended early.
    error interruption() const;
    error lost();
    bool send(const request& what);
    task<result<void>> read_owed();
    error to_error(const pg_result* result, std::string_view name);

    executor on_;
    std::shared_ptr<meter> meter_;
    pg_conn* libpq_ = nullptr;
    std::string server_life_;
    descriptor socket_;
    struct prepared
    {
        std::string sql;
        bool sent = false;
    };
    struct text_hash : std::hash<std::string_view>
    {
        using is_transparent = void;
    };
    /// By the statement's name.
    std::unordered_map<std::string, prepared, text_hash, std::equal_to<>> prepared_;
    /// What the answers of the present round trip belong to: each either prepares something or is a request's result.
    struct step
    {
        const statement* what;
        prepared* preparing;
    };
    std::vector<step> steps_;
    /// Answers to ROLLBACK that nobody has read yet.
    int owed_ = 0;
    bool retired_ = false;
    steady_timer timer_;
    std::shared_ptr<watch> watch_;
    std::optional<time_point> deadline_;
    bool watching_ = false;
    bool timed_out_ = false;
};

/// Where a transaction's connection comes from and goes back to: the pool, or a duty.
class connection_home
{
public:
    virtual ~connection_home() = default;
    /// Takes it back in whatever state it is.
    virtual void give_back(std::unique_ptr<connection> used) = 0;
    /// A fresh one in place of one that was lost, to settle a commit.
    virtual task<result<std::unique_ptr<connection>>> replace(time_point by) = 0;
    /// A transaction that wrote was committed.
    virtual void committed() {}
};

struct transaction::state
{
    state(std::shared_ptr<connection_home> of, std::unique_ptr<connection> over, const statement& begin)
        : home(std::move(of)), on(std::move(over)), begin_with(&begin)
    {}
    ~state();

    task<result<std::vector<rows>>> run(const std::vector<request>& wanted);
    task<result<void>> settle(error cause);
    /// Gives the connection back; an unfinished transaction is rolled back in order.
    void end();

    std::shared_ptr<connection_home> home;
    std::unique_ptr<connection> on;
    const statement* begin_with;
    bool begun = false;
    /// Known as soon as the transaction wrote or locked; what `pg_xact_status` is asked about.
    std::string xid;
    std::optional<error> dead;
};

inline constexpr statement begin_writing{"pg.begin", "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"};
inline constexpr statement begin_reading{"pg.begin_reading", "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"};
inline constexpr statement roll_back_statement{"pg.roll_back", "ROLLBACK"};

} // namespace huiyin::pg
