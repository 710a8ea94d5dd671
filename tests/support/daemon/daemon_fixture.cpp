#include "daemon_fixture.hpp"

#include <huiyin/pg/cluster.hpp>

#include <fmt/format.h>

#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <iterator>
#include <libpq-fe.h>
#include <poll.h>
#include <stdexcept>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <system_error>
#include <thread>
#include <unistd.h>

namespace huiyin::test {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using nlohmann::json;
using std::chrono::steady_clock;

namespace {

// Only a test that fails waits so long: a busy machine is no fault.
constexpr auto patience = 120s;
constexpr const char* first_time = "2026-03-02T09:00:00+08:00";

std::string content(const fs::path& file)
{
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

std::string tail(const std::string& text)
{
    return text.substr(text.size() > 2000 ? text.size() - 2000 : 0);
}

[[noreturn]] void fail_with(const std::string& what)
{
    throw std::runtime_error(what);
}

[[noreturn]] void fail_with_errno(const std::string& what)
{
    throw std::system_error(errno, std::generic_category(), what);
}

/// A folder that the service account may enter as well.
fs::path make_folder()
{
    auto name = (fs::temp_directory_path() / "huiyin-e2e-XXXXXX").string();
    if (!mkdtemp(name.data())) fail_with_errno(name);
    if (chmod(name.c_str(), 0755) != 0) fail_with_errno(name);
    return name;
}

int exit_status(int waited)
{
    return WIFEXITED(waited) ? WEXITSTATUS(waited) : 128 + WTERMSIG(waited);
}

/// Starts the program; it is killed when the calling thread ends.
pid_t spawn(const std::vector<std::string>& words, int out, int err)
{
    std::vector<char*> argv;
    for (const auto& each : words)
        argv.push_back(const_cast<char*>(each.c_str()));
    argv.push_back(nullptr);
    const auto parent = getpid();
    const auto child = fork();
    if (child < 0) fail_with_errno("fork");
    if (child > 0) return child;
    // Only async-signal-safe calls from here on.
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(126);
    dup2(out, STDOUT_FILENO);
    dup2(err, STDERR_FILENO);
    execv(argv[0], argv.data());
    _exit(127);
}

/// -1 while it runs.
int poll_child(pid_t pid)
{
    int waited = 0;
    const auto ended = waitpid(pid, &waited, WNOHANG);
    if (ended == 0) return -1;
    if (ended < 0) fail_with_errno("waitpid");
    return exit_status(waited);
}

class file_descriptor
{
public:
    explicit file_descriptor(int fd, const std::string& what) : fd_(fd)
    {
        if (fd_ < 0) fail_with_errno(what);
    }
    ~file_descriptor() { close(fd_); }
    file_descriptor(const file_descriptor&) = delete;
    file_descriptor& operator=(const file_descriptor&) = delete;
    int get() const { return fd_; }

private:
    int fd_;
};

bool is_json(const http_answer& from)
{
    return from.header("content-type").starts_with("application/json") ||
           from.header("content-type").starts_with("application/problem+json");
}

} // namespace

std::string answer::code() const
{
    return body.is_object() ? body.value("code", std::string()) : std::string();
}

answer to_answer(http_answer raw)
{
    answer read;
    read.status = raw.status;
    if (is_json(raw) && !raw.body.empty()) read.body = json::parse(raw.body);
    read.raw = std::move(raw);
    return read;
}

daemon_process::daemon_process(std::string_view more, bool durable, std::uint16_t port)
    : folder_(make_folder()), state_(folder_ / "state")
{
    // The service account may not be able to enter the checkout.
    fs::copy(fs::path(HUIYIN_SOURCE_DIR) / "config", folder_ / "config", fs::copy_options::recursive);
    for (const auto& each : fs::recursive_directory_iterator(folder_ / "config"))
        fs::permissions(each, each.is_directory() ? fs::perms(0755) : fs::perms(0644));
    std::ofstream(folder_ / "huiyin.toml") << "unsafe_test_settings = true\n"
                                              "[server]\n"
                                              "idle_within_s = 600\n"
                                              "[limits]\n"
                                              "per_address_per_minute = 0\n"
                                              "per_account_per_minute = 0\n"
                                              "complaints_per_address_per_minute = 0\n"
                                              "tracking_per_address_per_minute = 0\n"
                                              "[reactors]\n"
                                              "count = 2\n"
                                              "[database]\n"
                                              "durable = "
                                           << (durable ? "true" : "false") << "\n"
                                           << more;
    time_ = parse_rfc3339(first_time).value();
    start(port);
}

daemon_process::~daemon_process()
{
    if (pid_ > 0) {
        kill(pid_, SIGTERM);
        const auto end = steady_clock::now() + patience;
        int status = -1;
        while ((status = poll_child(pid_)) < 0 && steady_clock::now() < end)
            std::this_thread::sleep_for(20ms);
        if (status < 0) {
            kill(pid_, SIGKILL);
            waitpid(pid_, nullptr, 0);
        }
    }
    std::error_code ignored;
    if (!std::getenv("HUIYIN_TEST_KEEP")) fs::remove_all(folder_, ignored);
}

void daemon_process::start(std::uint16_t port)
{
    const auto open_log = [](const fs::path& file) {
        return open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    };
    const auto out_file = folder_ / "out", log_file = folder_ / "log";
    const file_descriptor out(open_log(out_file), out_file), log(open_log(log_file), log_file);
    const auto from = static_cast<std::size_t>(fs::file_size(out_file));
    pid_ = spawn({HUIYIN_BINARY, "serve", "--config", folder_ / "huiyin.toml", "--state", state_, "--port",
                  std::to_string(port), "--demo", "--demo-pack", folder_ / "config/packs/newspaper.json",
                  "--test-clock", state_ / "clock", "--test-time", to_rfc3339(time_)},
                 out.get(), log.get());
    wait_until_ready(from);
}

void daemon_process::wait_until_ready(std::size_t from)
{
    constexpr std::string_view ready = "huiyin ready: http", marker = "://127.0.0.1:";
    const auto end = steady_clock::now() + patience;
    while (steady_clock::now() < end) {
        const auto told = content(folder_ / "out").substr(from);
        const auto line = told.find(ready);
        if (const auto at = line == std::string::npos ? line : told.find(marker, line);
            at != std::string::npos && told.find('\n', at) != std::string::npos)
        {
            std::from_chars(told.data() + at + marker.size(), told.data() + told.size(), port_);
            return;
        }
        if (const auto status = poll_child(pid_); status >= 0) {
            pid_ = -1;
            fail_with(fmt::format("the daemon ended with {} before it served:\n{}", status, tail(log())));
        }
        std::this_thread::sleep_for(20ms);
    }
    fail_with("the daemon did not serve in time:\n" + tail(log()));
}

std::string daemon_process::origin() const
{
    return fmt::format("http://127.0.0.1:{}", port_);
}

std::string daemon_process::password() const
{
    return content(state_ / "demo-password");
}

std::string daemon_process::log() const
{
    return content(folder_ / "log");
}

int daemon_process::reap()
{
    const auto end = steady_clock::now() + patience;
    while (steady_clock::now() < end) {
        if (const auto status = poll_child(pid_); status >= 0) {
            pid_ = -1;
            return status;
        }
        std::this_thread::sleep_for(10ms);
    }
    fail_with("the daemon did not end in time:\n" + tail(log()));
}

int daemon_process::stop()
{
    kill(pid_, SIGTERM);
    return reap();
}

void daemon_process::kill9()
{
    kill(pid_, SIGKILL);
    reap();
}

void daemon_process::restart()
{
    start(port_);
}

command_outcome daemon_process::run_command(std::vector<std::string> words) const
{
    words.insert(words.begin(), HUIYIN_BINARY);
    for (const auto& each :
         {std::string("--config"), (folder_ / "huiyin.toml").string(), std::string("--state"), state_.string()})
        words.push_back(each);
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) fail_with_errno("pipe");
    const file_descriptor read_end(ends[0], "pipe");
    pid_t pid = -1;
    {
        const file_descriptor write_end(ends[1], "pipe");
        pid = spawn(words, write_end.get(), write_end.get());
    }
    command_outcome outcome;
    const auto end = steady_clock::now() + patience;
    for (;;) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - steady_clock::now()).count();
        pollfd readable{read_end.get(), POLLIN, 0};
        if (left <= 0 || poll(&readable, 1, static_cast<int>(left)) == 0) {
            kill(pid, SIGKILL);
            waitpid(pid, nullptr, 0);
            fail_with("huiyin " + words[1] + " did not end in time:\n" + tail(outcome.output));
        }
        char piece[4096];
        const auto size = read(read_end.get(), piece, sizeof piece);
        if (size == 0) break;
        if (size > 0) outcome.output.append(piece, static_cast<std::size_t>(size));
    }
    int waited = 0;
    if (waitpid(pid, &waited, 0) < 0) fail_with_errno("waitpid");
    outcome.status = exit_status(waited);
    return outcome;
}

std::string daemon_process::tell_clock(std::string_view line)
{
    const auto path = (state_ / "clock").string();
    const file_descriptor peer(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");
    const timeval limit{.tv_sec = patience.count(), .tv_usec = 0};
    setsockopt(peer.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path) fail_with(path + " is too long for a socket");
    std::memcpy(address.sun_path, path.data(), path.size());
    // The duty that listens may start a moment after the doors are open.
    const auto end = steady_clock::now() + patience;
    while (connect(peer.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        if ((errno != ENOENT && errno != ECONNREFUSED) || steady_clock::now() > end) fail_with_errno(path);
        std::this_thread::sleep_for(5ms);
    }
    const auto sent = std::string(line) + "\n";
    if (write(peer.get(), sent.data(), sent.size()) != static_cast<ssize_t>(sent.size())) fail_with_errno(path);
    std::string told;
    while (!told.ends_with('\n')) {
        char piece[128];
        const auto size = read(peer.get(), piece, sizeof piece);
        if (size <= 0) fail_with("the test clock does not answer");
        told.append(piece, static_cast<std::size_t>(size));
    }
    told.pop_back();
    if (told.starts_with("error")) fail_with("test clock: " + told);
    return told;
}

instant daemon_process::now()
{
    return parse_rfc3339(tell_clock("now")).value();
}

void daemon_process::set_time(std::string_view rfc3339)
{
    time_ = parse_rfc3339(tell_clock("set " + std::string(rfc3339))).value();
    take_due_steps();
}

void daemon_process::advance(std::chrono::seconds by)
{
    time_ = parse_rfc3339(tell_clock(fmt::format("advance {}", by.count()))).value();
    take_due_steps();
}

void daemon_process::wait_for(const std::string& what, const std::string& question) const
{
    const auto end = steady_clock::now() + patience;
    while (sql(question).at(0).at(0) != "t") {
        if (steady_clock::now() > end) fail_with("waited in vain for " + what + ":\n" + tail(log()));
        std::this_thread::sleep_for(20ms);
    }
}

void daemon_process::take_due_steps() const
{
    wait_for("the due steps of tickets",
             "SELECT NOT EXISTS (SELECT FROM ticket WHERE next_step_at <= '" + to_rfc3339(time_) + "')");
}

void daemon_process::catch_up() const
{
    wait_for("those who follow the journal", R"sql(
        WITH feed AS (SELECT COALESCE(max(pos), 0) AS head FROM event_pos)
        SELECT NOT EXISTS (SELECT FROM event e WHERE NOT EXISTS (SELECT FROM event_pos p WHERE p.seq = e.seq))
               AND head = (SELECT max(last_pos) FROM seal)
               AND head = (SELECT pos FROM view_count_cursor)
               AND head = (SELECT pos FROM report_cursor)
               AND head = (SELECT pos FROM search_cursor)
               AND NOT EXISTS (SELECT FROM search_todo)
               AND NOT EXISTS (SELECT FROM ticket_inbox WHERE applied_at IS NULL)
          FROM feed)sql");
}

std::vector<std::vector<std::string>> daemon_process::sql(const std::string& text, const std::string& role) const
{
    const auto urls = pg::urls_of({.folder = state_ / "postgresql"});
    if (!urls) fail_with("no database URL: " + urls.error().detail);
    const std::unique_ptr<PGconn, decltype(&PQfinish)> connection(
        PQconnectdb((urls->owner + " connect_timeout=120 user=" + role).c_str()), &PQfinish);
    const auto run = [&](const std::string& what) {
        std::unique_ptr<PGresult, decltype(&PQclear)> done(PQexec(connection.get(), what.c_str()), &PQclear);
        const auto status = PQresultStatus(done.get());
        if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK)
            fail_with(what + ": " + PQerrorMessage(connection.get()));
        return done;
    };
    run("SET search_path = huiyin");
    run("SET statement_timeout = '120s'");
    const auto found = run(text);
    std::vector<std::vector<std::string>> rows;
    for (int row = 0; row < PQntuples(found.get()); ++row) {
        auto& read = rows.emplace_back();
        for (int column = 0; column < PQnfields(found.get()); ++column)
            read.emplace_back(PQgetvalue(found.get(), row, column),
                              static_cast<std::size_t>(PQgetlength(found.get(), row, column)));
    }
    return rows;
}

person::person(daemon_process& at, std::string login, std::string password)
    : at_(at), login_(std::move(login)), password_(password.empty() ? at.password() : std::move(password))
{}

http_client& person::client()
{
    if (!client_ || connected_to_ != at_.port()) client_ = std::make_unique<http_client>(at_.port());
    connected_to_ = at_.port();
    return *client_;
}

void person::log_in()
{
    http_headers headers{{"Origin", at_.origin()}};
    if (!cookies_.empty()) headers.emplace_back("Cookie", cookies_);
    const auto done =
        to_answer(client().post("/api/v1/session", json({{"login", login_}, {"password", password_}}).dump(), headers));
    if (done.status != 201) fail_with(fmt::format("{} cannot log in: {} {}", login_, done.status, done.raw.body));
    cookies_.clear();
    for (const auto& [name, value] : done.raw.headers)
        if (name == "set-cookie") cookies_ += (cookies_.empty() ? "" : "; ") + value.substr(0, value.find(';'));
}

std::string person::cookies()
{
    if (cookies_.empty()) log_in();
    return cookies_;
}

std::string person::id()
{
    return get("/api/v1/me").body.at("id").get<std::string>();
}

answer person::call(std::string_view method, std::string_view target, std::string_view body, const http_headers& extra)
{
    for (const bool last : {false, true}) {
        http_headers headers = extra;
        headers.emplace_back("Cookie", cookies());
        headers.emplace_back("Origin", at_.origin());
        auto told = to_answer(client().request(method, target, headers, body));
        if (last || told.code() != "not-authenticated") return told;
        log_in();
    }
    return {};
}

answer person::act(std::string_view ticket, std::string_view action, const json& body)
{
    const auto path = fmt::format("/api/v1/tickets/{}", ticket);
    answer told;
    for (int attempt = 0; attempt < 5; ++attempt) {
        const auto seen = get(path);
        if (seen.status != 200) return seen;
        told = post(fmt::format("{}/{}", path, action), body, {{"If-Match", seen.raw.header("etag")}});
        // A step of a deadline came between: whoever looks at the ticket reads it again.
        if (told.code() != "stale-version" || told.body.value("changed_by_kind", "") != "system") break;
    }
    return told;
}

answer complain(daemon_process& at, const json& body, const http_headers& extra)
{
    http_client browser(at.port());
    return to_answer(browser.post("/public/v1/complaints", body.dump(), extra));
}

answer track(daemon_process& at, const json& body)
{
    http_client browser(at.port());
    return to_answer(browser.post("/public/v1/tracking", body.dump()));
}

std::int64_t version_of(person& reader, std::string_view ticket)
{
    return reader.get(fmt::format("/api/v1/tickets/{}", ticket)).body.at("version").get<std::int64_t>();
}

std::string ticket_id_of(person& reader, std::string_view number)
{
    constexpr std::string_view all =
        "&status=new&status=triage&status=invalid_pending_reply&status=dispatched&status=investigating"
        "&status=pending_approval&status=executing&status=promised&status=on_hold&status=reply_review"
        "&status=callback_pending&status=closed&status=archived&status=withdrawn&status=merged";
    const auto found = reader.get(fmt::format("/api/v1/tickets?number={}{}", number, all));
    if (found.status != 200 || found.body.at("items").size() != 1)
        fail_with(fmt::format("no ticket {} for {}: {} {}", number, reader.login(), found.status, found.raw.body));
    return found.body.at("items").at(0).at("id").get<std::string>();
}

} // namespace huiyin::test
