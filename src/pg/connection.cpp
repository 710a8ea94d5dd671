#include "connection.hpp"

#include "backoff.hpp"
#include "conninfo.hpp"

#include <huiyin/base/log.hpp>

#include <boost/asio/as_tuple.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <libpq-fe.h>
#include <poll.h>
#include <stdexcept>

namespace huiyin::pg {

namespace {

using std::chrono::steady_clock;

// The last column changes whenever the server has recovered from a crash: then it has started anew, or its statistics
// have.
constexpr statement set_up_session{"pg.set_up_session", R"sql(
    SELECT set_config('search_path', $1, false),
           set_config('TimeZone', 'UTC', false),
           set_config('DateStyle', 'ISO', false),
           set_config('bytea_output', 'hex', false),
           set_config('idle_in_transaction_session_timeout', '10s', false),
           set_config('client_connection_check_interval', '5s', false),
           concat_ws('/', pg_postmaster_start_time(), (SELECT stats_reset FROM pg_stat_wal)))sql"};

using owned_result = std::unique_ptr<pg_result, decltype(&PQclear)>;

std::string field_of(const pg_result* result, int field)
{
    const char* text = PQresultErrorField(result, field);
    return text ? text : "";
}

/// libpq's messages end in a line feed and may have several lines.
std::string one_line(std::string_view message)
{
    std::string line(message.substr(0, message.find_last_not_of("\n ") + 1));
    for (char& c : line)
        if (c == '\n') c = ' ';
    return line;
}

errc errc_of(std::string_view sqlstate)
{
    const auto kind = sqlstate.substr(0, 2);
    if (kind == "08" || kind == "57") return errc::unavailable;
    if (sqlstate == "25P03") return errc::unavailable; // idle_in_transaction_session_timeout ends the session
    if (kind == "53" || kind == "55") return errc::overloaded;
    if (kind == "40") return errc::serialization_failure;
    if (kind == "23") return errc::constraint_violated;
    if (kind == "22") return errc::data_rejected;
    return errc::internal;
}

} // namespace

/// What the timer's handler may touch; outlives the connection.
struct connection::watch
{
    connection* of;
};

/// Everything between the first byte sent and the last one read. Left without `done`, for whatever reason, the
/// connection is out of step and is closed.
class connection::exchange
{
public:
    exchange(connection& on, time_point by) : on_(on) { on.arm(by); }
    ~exchange()
    {
        on_.disarm();
        if (!done_) on_.close();
    }
    exchange(const exchange&) = delete;
    exchange& operator=(const exchange&) = delete;
    void done() { done_ = true; }

private:
    connection& on_;
    bool done_ = false;
};

struct connection::notice_receiver
{
    static void receive(void*, const pg_result* notice)
    {
        log::debug("pg.notice", {{"severity", field_of(notice, PG_DIAG_SEVERITY_NONLOCALIZED)},
                                 {"sqlstate", field_of(notice, PG_DIAG_SQLSTATE)},
                                 {"message", field_of(notice, PG_DIAG_MESSAGE_PRIMARY)}});
    }
};

connection::connection(executor on, std::shared_ptr<meter> meter)
    : on_(on), meter_(std::move(meter)), socket_(on), timer_(on), watch_(std::make_shared<watch>(this))
{}

connection::~connection()
{
    watch_->of = nullptr;
    close();
}

void connection::close()
{
    // libpq owns the socket: without the release it would be closed twice, the second time perhaps as someone else's.
    if (socket_.is_open()) socket_.release();
    if (libpq_) PQfinish(libpq_);
    libpq_ = nullptr;
}

task<result<std::unique_ptr<connection>>> connection::open(const database_settings& settings,
                                                           std::shared_ptr<meter> meter, time_point by)
{
    const auto hosts = parse_conninfo(settings.url);
    if (!hosts) co_return fail(hosts.error());
    const auto here = co_await asio::this_coro::executor;
    const auto share = settings.connect_within / static_cast<int>(hosts->size());
    error last{errc::unavailable, "no time left to connect", {}};
    for (const auto& host : *hosts) {
        const auto now = steady_clock::now();
        if (now >= by) break;
        std::unique_ptr<connection> made(new connection(here, meter));
        auto started = co_await made->start(host, settings.schema, std::min<time_point>(by, now + share));
        if (started) co_return std::move(made);
        last = std::move(started.error());
        if (last.code == errc::cancelled) break;
        if (last.code != errc::not_configured) last.code = errc::unavailable;
    }
    co_return fail(std::move(last));
}

task<result<std::unique_ptr<connection>>> connection::open_patiently(const database_settings& settings,
                                                                     std::shared_ptr<meter> meter, time_point by,
                                                                     duration longest_pause)
{
    for (unsigned failures = 0;; ++failures) {
        auto made = co_await open(settings, meter, by);
        if (made || made.error().code != errc::unavailable) co_return made;
        const auto pause = pause_after(failures, longest_pause);
        if (steady_clock::now() + pause >= by) co_return made;
        log::debug("pg.connect_failed", {{"attempt", failures + 1}, {"reason", made.error().detail}});
        co_await pause_for(pause);
    }
}

task<result<void>> connection::start(const conninfo& to, const std::string& schema, time_point by)
{
    std::vector<const char*> keywords;
    std::vector<const char*> values;
    for (const auto& [keyword, value] : to) {
        keywords.push_back(keyword.c_str());
        values.push_back(value.c_str());
    }
    keywords.push_back(nullptr);
    values.push_back(nullptr);
    exchange whole(*this, by);
    libpq_ = PQconnectStartParams(keywords.data(), values.data(), 0);
    if (!libpq_) throw std::bad_alloc();
    PQsetNoticeReceiver(libpq_, &notice_receiver::receive, nullptr);
    auto progress = PGRES_POLLING_WRITING;
    while (PQstatus(libpq_) != CONNECTION_BAD && progress != PGRES_POLLING_OK && progress != PGRES_POLLING_FAILED) {
        // Between polls libpq may close the socket and open another one under the same number.
        socket_.assign(PQsocket(libpq_));
        if (timed_out_) co_return fail(interruption());
        const auto kind = progress == PGRES_POLLING_READING ? descriptor::wait_read : descriptor::wait_write;
        const auto [failed] = co_await socket_.async_wait(kind, asio::as_tuple(use_task));
        if (failed) co_return fail(interruption());
        socket_.release();
        progress = PQconnectPoll(libpq_);
    }
    if (progress != PGRES_POLLING_OK) co_return fail(errc::unavailable, one_line(PQerrorMessage(libpq_)));
    socket_.assign(PQsocket(libpq_));
    if (PQsetnonblocking(libpq_, 1) != 0 || PQenterPipelineMode(libpq_) != 1)
        co_return fail(errc::unavailable, one_line(PQerrorMessage(libpq_)));
    whole.done();

    statement set_up = set_up_session;
    set_up.limit = std::chrono::ceil<std::chrono::milliseconds>(by - steady_clock::now());
    // Extensions live in public, so that several centers of one database share them.
    const params path(quoted_identifier(schema) + ", public");
    std::vector<request> first{request{&set_up, &path}};
    auto ready = co_await run(std::move(first));
    if (!ready) co_return fail(std::move(ready.error()));
    server_life_ = ready->front().front().get<std::string>(6);
    co_return result<void>{};
}

void connection::arm(time_point by)
{
    timed_out_ = false;
    deadline_ = by;
    // The timer mostly runs on from an earlier statement: setting it each time would cost more than the statement's
    // I/O.
    if (!watching_ || timer_.expiry() > by) watch_until(by);
}

void connection::watch_until(time_point by)
{
    watching_ = true;
    timer_.expires_at(by);
    timer_.async_wait([token = watch_](const boost::system::error_code& failed) {
        if (failed || !token->of) return;
        auto& self = *token->of;
        self.watching_ = false;
        if (!self.deadline_) return;
        if (*self.deadline_ > steady_clock::now()) return self.watch_until(*self.deadline_);
        self.timed_out_ = true;
        if (self.socket_.is_open()) self.socket_.cancel();
    });
}

error connection::interruption() const
{
    if (timed_out_) {
        if (meter_) meter_->failed("timeout");
        return {errc::timeout, "the time limit passed", {}};
    }
    return {errc::cancelled, "the use case was cancelled", {}};
}

error connection::lost()
{
    error why{errc::unavailable, one_line(libpq_ ? PQerrorMessage(libpq_) : "the connection was lost"), {}};
    if (meter_) meter_->failed("lost");
    close();
    return why;
}

task<result<void>> connection::wait_readable()
{
    if (timed_out_) co_return fail(interruption());
    const auto [failed] = co_await socket_.async_wait(descriptor::wait_read, asio::as_tuple(use_task));
    if (failed) co_return fail(interruption());
    if (PQconsumeInput(libpq_) != 1) co_return fail(lost());
    co_return result<void>{};
}

task<result<void>> connection::flush()
{
    for (;;) {
        const int left = PQflush(libpq_);
        if (left == 0) co_return result<void>{};
        if (left < 0) {
            // The server may have said why before it hung up.
            PQconsumeInput(libpq_);
            co_return fail(lost());
        }
        if (timed_out_) co_return fail(interruption());
        // A server that cannot get rid of its answers stops reading, so both directions are served.
        auto either =
            asio::experimental::make_parallel_group(socket_.async_wait(descriptor::wait_write, asio::deferred),
                                                    socket_.async_wait(descriptor::wait_read, asio::deferred));
        const auto [order, unwritable, unreadable] =
            co_await either.async_wait(asio::experimental::wait_for_one(), use_task);
        if (order[0] == 0 ? unwritable : unreadable) co_return fail(interruption());
        if (!unreadable && PQconsumeInput(libpq_) != 1) co_return fail(lost());
    }
}

task<result<pg_result*>> connection::next_result()
{
    while (PQisBusy(libpq_)) {
        auto readable = co_await wait_readable();
        if (!readable) co_return fail(std::move(readable.error()));
    }
    co_return PQgetResult(libpq_);
}

bool connection::send(const request& what)
{
    const auto& [name, sql, limit] = *what.what;
    auto found = prepared_.find(name);
    if (found == prepared_.end()) found = prepared_.try_emplace(std::string(name), std::string(sql)).first;
    auto& [known_name, known] = *found;
    if (known.sql != sql) throw std::logic_error(fmt::format("two statements are named {}", name));
    if (!known.sent) {
        if (PQsendPrepare(libpq_, known_name.c_str(), known.sql.c_str(), 0, nullptr) != 1) return false;
        known.sent = true;
        steps_.push_back({what.what, &known});
    }
    const auto& bound = what.with->values();
    std::vector<const char*> values;
    std::vector<int> lengths;
    std::vector<int> formats;
    values.reserve(bound.size());
    lengths.reserve(bound.size());
    formats.reserve(bound.size());
    for (const auto& each : bound) {
        values.push_back(each.null ? nullptr : each.bytes.c_str());
        lengths.push_back(static_cast<int>(each.bytes.size()));
        formats.push_back(each.binary ? 1 : 0);
    }
    steps_.push_back({what.what, nullptr});
    return PQsendQueryPrepared(libpq_, known_name.c_str(), static_cast<int>(bound.size()), values.data(),
                               lengths.data(), formats.data(), 0) == 1;
}

task<result<std::vector<rows>>> connection::run(std::vector<request> sent)
{
    if (!libpq_) co_return fail(errc::unavailable, "the connection was lost");
    if (sent.empty()) co_return std::vector<rows>{};
    std::chrono::milliseconds limit{0};
    for (const auto& [what, with] : sent) {
        limit = std::max(limit, what->limit);
        // libpq measures text by its NUL: the rest of such a value would silently be lost.
        for (const auto& value : with->values())
            if (!value.binary && value.bytes.contains('\0'))
                co_return fail(errc::data_rejected, fmt::format("a NUL in a text of {}", what->name));
    }
    exchange whole(*this, steady_clock::now() + limit);
    steps_.clear();
    for (const auto& each : sent)
        if (!send(each)) co_return fail(lost());
    if (PQpipelineSync(libpq_) != 1) co_return fail(lost());
    auto flushed = co_await flush();
    if (!flushed) co_return fail(std::move(flushed.error()));
    auto settled = co_await read_owed();
    if (!settled) co_return fail(std::move(settled.error()));

    std::vector<rows> results;
    results.reserve(sent.size());
    std::optional<error> failed;
    auto since = steady_clock::now();
    for (std::size_t at = 0, blanks = 0;;) {
        auto next = co_await next_result();
        if (!next) co_return fail(failed ? std::move(*failed) : std::move(next.error()));
        owned_result got(*next, &PQclear);
        if (!got) {
            // One ends each statement; more than that means that libpq has nothing left to give.
            if (++blanks > 1) co_return fail(failed ? std::move(*failed) : lost());
            continue;
        }
        blanks = 0;
        const auto status = PQresultStatus(got.get());
        if (status == PGRES_PIPELINE_SYNC) break;
        // A constraint that waits for the commit fails at the sync, after the last statement's result.
        const auto& present = steps_[std::min(at++, steps_.size() - 1)];
        if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) {
            if (present.preparing) continue;
            results.emplace_back(got.release());
            const auto now = steady_clock::now();
            if (meter_) meter_->statement_took(present.what->name, now - since);
            since = now;
            continue;
        }
        if (present.preparing && at <= steps_.size()) present.preparing->sent = false;
        if (status == PGRES_PIPELINE_ABORTED) continue;
        if (!failed) failed = to_error(got.get(), present.what->name);
    }
    whole.done();
    if (failed) co_return fail(std::move(*failed));
    co_return results;
}

task<result<void>> connection::read_owed()
{
    while (owed_ > 0) {
        auto next = co_await next_result();
        if (!next) co_return fail(std::move(next.error()));
        const owned_result got(*next, &PQclear);
        if (!got) continue;
        if (PQresultStatus(got.get()) == PGRES_PIPELINE_SYNC)
            --owed_;
        else if (PQresultStatus(got.get()) != PGRES_COMMAND_OK)
            co_return fail(errc::unavailable, "an earlier transaction could not be rolled back");
    }
    co_return result<void>{};
}

task<result<void>> connection::run_script(const std::string& sql, duration limit)
{
    if (!libpq_) co_return fail(errc::unavailable, "the connection was lost");
    exchange whole(*this, steady_clock::now() + limit);
    if (PQexitPipelineMode(libpq_) != 1 || PQsendQuery(libpq_, sql.c_str()) != 1) co_return fail(lost());
    auto flushed = co_await flush();
    if (!flushed) co_return flushed;
    std::optional<error> failed;
    for (;;) {
        auto next = co_await next_result();
        if (!next) co_return fail(failed ? std::move(*failed) : std::move(next.error()));
        const owned_result got(*next, &PQclear);
        if (!got) break;
        const auto status = PQresultStatus(got.get());
        if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_EMPTY_QUERY) continue;
        if (!failed) failed = to_error(got.get(), "script");
    }
    if (PQenterPipelineMode(libpq_) != 1) co_return fail(lost());
    whole.done();
    if (failed) co_return fail(std::move(*failed));
    co_return result<void>{};
}

task<result<bool>> connection::wait_for_notification(duration limit)
{
    if (!libpq_) co_return fail(errc::unavailable, "the connection was lost");
    arm(steady_clock::now() + limit);
    for (;;) {
        bool heard = false;
        while (auto* each = PQnotifies(libpq_)) {
            heard = true;
            PQfreemem(each);
        }
        if (heard) {
            disarm();
            co_return true;
        }
        auto readable = co_await wait_readable();
        if (readable) continue;
        disarm();
        if (readable.error().code == errc::timeout) co_return false;
        co_return fail(std::move(readable.error()));
    }
}

bool connection::is_in_transaction() const
{
    const auto status = libpq_ ? PQtransactionStatus(libpq_) : PQTRANS_UNKNOWN;
    return status == PQTRANS_INTRANS || status == PQTRANS_INERROR;
}

bool connection::is_reusable() const
{
    if (!libpq_ || retired_ || PQstatus(libpq_) != CONNECTION_OK) return false;
    return owed_ > 0 || PQtransactionStatus(libpq_) == PQTRANS_IDLE;
}

bool connection::has_been_left() const
{
    if (!libpq_) return true;
    pollfd socket{.fd = PQsocket(libpq_), .events = POLLRDHUP, .revents = 0};
    if (owed_ == 0) socket.events |= POLLIN;
    return poll(&socket, 1, 0) != 0;
}

void connection::roll_back_later()
{
    if (!libpq_) return;
    const params none;
    if (!send({&roll_back_statement, &none}) || PQpipelineSync(libpq_) != 1 || PQflush(libpq_) != 0) return close();
    ++owed_;
}

error connection::to_error(const pg_result* result, std::string_view name)
{
    const auto sqlstate = field_of(result, PG_DIAG_SQLSTATE);
    if (meter_) meter_->failed(sqlstate.substr(0, 2));
    // A changed table makes a prepared statement useless for ever, and so does its loss: start over.
    if (sqlstate == "0A000" || sqlstate == "26000") retired_ = true;
    error found{errc_of(sqlstate), {}, {}};
    if (found.code == errc::constraint_violated) {
        found.detail = field_of(result, PG_DIAG_CONSTRAINT_NAME);
        if (found.detail.empty())
            found.detail =
                fmt::format("{}.{}", field_of(result, PG_DIAG_TABLE_NAME), field_of(result, PG_DIAG_COLUMN_NAME));
    } else if (found.code == errc::data_rejected) {
        // The server's message quotes the value.
        found.detail = fmt::format("{} in {}", sqlstate, name);
    } else {
        found.detail = fmt::format("{} in {}: {}", sqlstate, name, field_of(result, PG_DIAG_MESSAGE_PRIMARY));
    }
    return found;
}

} // namespace huiyin::pg
