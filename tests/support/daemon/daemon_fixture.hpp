#pragma once

#include <huiyin/base/time.hpp>

#include <nlohmann/json.hpp>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <support/http/http_client.hpp>
#include <sys/types.h>
#include <vector>

namespace huiyin::test {

/// What an interface of the daemon answered, its body read as JSON where it is JSON.
struct answer
{
    int status = 0;
    nlohmann::json body;
    http_answer raw;

    /// The problem's code; empty where there is none.
    std::string code() const;
};
answer to_answer(http_answer raw);

struct command_outcome
{
    int status = -1;    ///< As of exit; 128 and the signal where one ended it.
    std::string output; ///< Of standard output and standard error.
};

/// The program `huiyin serve` with the demo organisation, a state folder of its own, a private PostgreSQL (without
/// fsync unless `durable`: then killing it loses nothing), a clock that stands still until it is moved, and no limit on
/// public requests. Make it on a thread that lives as long as it does: the daemon dies with the thread that started it.
/// What goes wrong throws std::runtime_error. The environment's HUIYIN_TEST_KEEP keeps its folder.
class daemon_process
{
public:
    /// Returns when the daemon serves. `more` is appended to its configuration file, which ends in section [database].
    explicit daemon_process(std::string_view more = {}, bool durable = false, std::uint16_t port = 0);
    ~daemon_process();
    daemon_process(const daemon_process&) = delete;
    daemon_process& operator=(const daemon_process&) = delete;

    std::uint16_t port() const { return port_; }
    std::string origin() const;
    /// Of every demo log-in.
    std::string password() const;
    const std::filesystem::path& state() const { return state_; }
    /// All that it wrote to standard error so far, over all its starts.
    std::string log() const;

    /// SIGTERM; the exit status.
    int stop();
    void kill9();
    pid_t pid() const { return pid_; }
    /// Starts it again on the same state and port, at the clock's last time.
    void restart();
    /// Returns when all who follow the journal (positions, seals, counts, reports, search, inbox) have come to its end.
    /// While nobody acts and the clock stands still, what is read afterwards stays as it is.
    void catch_up() const;
    /// `huiyin WORDS… --config … --state …`, beside the daemon or alone.
    command_outcome run_command(std::vector<std::string> words) const;

    instant now();
    /// These return when the steps of tickets that came due by then have been taken, so that from then on only the test
    /// changes tickets.
    void set_time(std::string_view rfc3339);
    void advance(std::chrono::seconds by);

    /// Runs SQL as the schema's owner, or as another role; columns as text, NULL as an empty string.
    std::vector<std::vector<std::string>> sql(const std::string& text, const std::string& role = "huiyin_owner") const;

private:
    void start(std::uint16_t port);
    void wait_until_ready(std::size_t from);
    std::string tell_clock(std::string_view line);
    /// Asks the database until it says "t".
    void wait_for(const std::string& what, const std::string& question) const;
    void take_due_steps() const;
    int reap();

    std::filesystem::path folder_, state_;
    pid_t pid_ = -1;
    std::uint16_t port_ = 0;
    instant time_;
};

/// A browser of somebody of the house: cookie jar, Origin header, and a new log-in where the session has ended.
class person
{
public:
    /// The daemon's demo password, unless another is given.
    person(daemon_process& at, std::string login, std::string password = {});

    answer get(std::string_view target) { return call("GET", target); }
    answer post(std::string_view target, const nlohmann::json& body, const http_headers& extra = {})
    {
        return call("POST", target, body.dump(), extra);
    }
    answer call(std::string_view method, std::string_view target, std::string_view body = {},
                const http_headers& extra = {});
    /// Acts on a ticket as one who has just read it, and reads it again where only the clocks have changed it
    /// meanwhile.
    answer act(std::string_view ticket, std::string_view action, const nlohmann::json& body = nlohmann::json::object());

    void log_in();
    /// As the Cookie header has it; logs in first where that is due.
    std::string cookies();
    const std::string& login() const { return login_; }
    std::string id();

private:
    http_client& client();

    daemon_process& at_;
    std::string login_, password_, cookies_;
    std::uint16_t connected_to_ = 0;
    std::unique_ptr<http_client> client_;
};

/// A complaint as the public form sends it, from a stranger's browser.
answer complain(daemon_process& at, const nlohmann::json& body, const http_headers& extra = {});
answer track(daemon_process& at, const nlohmann::json& body);
/// The current version of the ticket, read by somebody who may.
std::int64_t version_of(person& reader, std::string_view ticket);
/// The id of the ticket of that number, whatever its status.
std::string ticket_id_of(person& reader, std::string_view number);

} // namespace huiyin::test
