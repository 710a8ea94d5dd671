#include "child_process.hpp"

#include <huiyin/base/crypto.hpp>
#include <huiyin/base/log.hpp>
#include <huiyin/base/text.hpp>
#include <huiyin/pg/cluster.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <iterator>
#include <libpq-fe.h>
#include <pwd.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

namespace huiyin::pg {

namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using std::chrono::steady_clock;

constexpr std::string_view installed_versions = "/usr/lib/postgresql";
constexpr std::string_view socket_name = "/.s.PGSQL.5432";
/// sockaddr_un, less the final NUL.
constexpr std::size_t longest_socket_path = 107;
/// A daemon that was just killed is still dying when the next one comes.
constexpr auto lock_within = 3s;
constexpr auto start_within = 60s;
/// After a `kill -9` the old server processes need a moment to notice that their postmaster is gone.
constexpr auto retry_within = 15s;
constexpr auto initdb_within = 120s;
constexpr auto fast_stop_within = 20s;
constexpr auto immediate_stop_within = 5s;
constexpr std::array<const char*, 3> roles{"postgres", "huiyin_owner", "huiyin_app"};

std::string read_file(const fs::path& path)
{
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

std::optional<int> number_in(std::string_view text)
{
    text = trimmed(text);
    int value = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
    return problem == std::errc{} && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

/// The last lines of what was appended to `log` after `from`, as one.
std::string tail(const fs::path& log, std::uintmax_t from)
{
    auto all = read_file(log);
    if (from <= all.size()) all.erase(0, from);
    constexpr std::size_t enough = 600;
    if (all.size() > enough) all.erase(0, all.size() - enough);
    std::ranges::replace(all, '\n', ' ');
    return std::string(trimmed(all));
}

std::uintmax_t size_of(const fs::path& file)
{
    std::error_code none;
    const auto size = fs::file_size(file, none);
    return none ? 0 : size;
}

result<std::optional<account>> account_to_use(const std::string& wanted)
{
    if (geteuid() != 0) return std::optional<account>{};
    const std::vector<std::string> names =
        wanted.empty() ? std::vector<std::string>{"huiyin", "postgres"} : std::vector<std::string>{wanted};
    for (const auto& name : names)
        if (const auto* found = getpwnam(name.c_str()); found && found->pw_uid != 0)
            return account{found->pw_name, found->pw_uid, found->pw_gid};
    return fail(errc::not_configured, "PostgreSQL does not run as root, and there is no user huiyin to change to");
}

std::string name_of_this_user()
{
    const auto* found = getpwuid(geteuid());
    return found ? found->pw_name : std::to_string(geteuid());
}

bool holds_server(const fs::path& binaries)
{
    return access((binaries / "postgres").c_str(), X_OK) == 0 && access((binaries / "initdb").c_str(), X_OK) == 0;
}

/// The server's programs: of the version of the data if there is any, for an upgrade of the machine brings a newer one
/// beside it, which cannot read them.
result<fs::path> find_binaries(const fs::path& wanted, std::optional<int> of_data)
{
    if (!wanted.empty()) {
        if (!holds_server(wanted))
            return fail(errc::not_configured, fmt::format("no PostgreSQL in {}", wanted.string()));
        const auto version = number_in(wanted.parent_path().filename().string());
        if (of_data && version && of_data != version)
            return fail(errc::corrupt, fmt::format("the data are of PostgreSQL {}, not {}", *of_data, *version));
        return wanted;
    }
    std::optional<int> highest;
    std::error_code none;
    for (const auto& each : fs::directory_iterator(installed_versions, none)) {
        const auto version = number_in(each.path().filename().string());
        if (version && holds_server(each.path() / "bin") && (!of_data || version == of_data))
            highest = std::max(highest.value_or(0), *version);
    }
    if (highest) return fs::path(installed_versions) / std::to_string(*highest) / "bin";
    if (of_data)
        return fail(errc::corrupt, fmt::format("the data are of PostgreSQL {}, which is not installed", *of_data));
    return fail(errc::not_configured, "no PostgreSQL is installed");
}

/// Ours and closed to others, whoever made it. By descriptor: root must not be led astray by a link.
result<void> make_folder(const fs::path& folder, const std::optional<account>& of)
{
    if (mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST)
        return fail(errc::not_configured, fmt::format("{}: {}", folder.string(), std::strerror(errno)));
    const int fd = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0) return fail(errc::not_configured, fmt::format("{}: {}", folder.string(), std::strerror(errno)));
    const bool given = (!of || fchown(fd, of->uid, of->gid) == 0) && fchmod(fd, 0700) == 0;
    const int reason = errno;
    close(fd);
    if (!given) return fail(errc::not_configured, fmt::format("{}: {}", folder.string(), std::strerror(reason)));
    return {};
}

/// A folder short enough for a socket: `preferred`, or one of ours among the temporary files.
result<fs::path> folder_for_socket(const fs::path& preferred)
{
    if (preferred.string().size() + socket_name.size() <= longest_socket_path) return preferred;
    const auto digest = sha256(preferred.string());
    const auto shorter = fs::temp_directory_path() / ("huiyin-" + to_hex(std::span(digest).first(8)));
    if (shorter.string().size() + socket_name.size() <= longest_socket_path) return shorter;
    return fail(errc::not_configured, "the path of the database's socket is too long");
}

/// One already made there by someone else is refused: its owner could read what passes through.
result<void> make_socket_folder(const fs::path& folder, const std::optional<account>& of)
{
    struct stat found = {};
    const auto owner = of ? of->uid : geteuid();
    if (lstat(folder.c_str(), &found) == 0 && found.st_uid != owner && found.st_uid != geteuid())
        return fail(errc::not_configured, fmt::format("{} belongs to someone else", folder.string()));
    return make_folder(folder, of);
}

enum class stranger { gone, ours, other, unknown };

/// What the process `pid`, named in a lock file of `data`, is.
stranger look_at(pid_t pid, const fs::path& data)
{
    const fs::path process = fs::path("/proc") / std::to_string(pid);
    const auto stat_line = read_file(process / "stat");
    // After the name, which is in parentheses and may hold anything.
    const auto after_name = stat_line.rfind(") ");
    if (after_name == std::string::npos) return stranger::gone;
    const char state = stat_line[std::min(after_name + 2, stat_line.size() - 1)];
    if (state == 'Z' || state == 'X') return stranger::gone;
    if (trimmed(read_file(process / "comm")) != "postgres") return stranger::other;
    std::error_code unreadable;
    const auto folder = fs::read_symlink(process / "cwd", unreadable);
    if (unreadable) return stranger::unknown;
    std::error_code none;
    return folder == fs::canonical(data, none) ? stranger::ours : stranger::other;
}

/// Fast, then immediate, then by force. `ended` is asked whether it is gone, waiting at most the time given.
template <class Ended>
void stop_postmaster(pid_t pid, Ended ended)
{
    kill(pid, SIGINT);
    if (ended(std::chrono::milliseconds(fast_stop_within))) return;
    log::warning("cluster.slow_stop", {{"pid", pid}});
    kill(pid, SIGQUIT);
    if (ended(std::chrono::milliseconds(immediate_stop_within))) return;
    kill(pid, SIGKILL);
    ended(std::chrono::milliseconds(immediate_stop_within));
}

std::string quoted_value(const std::string& value)
{
    std::string quoted = "'";
    for (const char c : value) {
        if (c == '\'' || c == '\\') quoted += '\\';
        quoted += c;
    }
    return quoted + '\'';
}

std::string url_of(const fs::path& socket_folder, std::string_view role, std::string_view database)
{
    return fmt::format("host={} port=5432 user={} dbname={}", quoted_value(socket_folder.string()), role, database);
}

/// A quarter of the memory, within bounds, in MiB.
long shared_buffers()
{
    const long mebibytes = sysconf(_SC_PHYS_PAGES) / 1024 * sysconf(_SC_PAGESIZE) / 1024;
    return std::clamp(mebibytes / 4, 128L, 1024L);
}

} // namespace

struct cluster::impl
{
    explicit impl(cluster_settings with) : settings(std::move(with)) {}
    ~impl()
    {
        stop();
        if (lock >= 0) close(lock);
    }
    impl(const impl&) = delete;
    impl& operator=(const impl&) = delete;

    result<void> prepare();
    result<void> create();
    result<void> clear_the_way();
    result<void> launch();
    /// `try_again`: it ended for a reason that time heals.
    enum class outcome { ready, try_again, failed };
    outcome wait_until_ready(std::uintmax_t log_from, steady_clock::time_point by);
    result<void> create_roles();
    void stop();
    bool runs() const { return postmaster > 0 && child_runs(postmaster); }
    std::string url(std::string_view role, std::string_view database) const;
    child_settings child(std::vector<std::string> command) const;

    cluster_settings settings;
    fs::path data;
    fs::path socket_folder;
    fs::path log_file;
    fs::path binaries;
    std::optional<account> as;
    int lock = -1;
    pid_t postmaster = -1;
};

result<void> cluster::impl::prepare()
{
    auto user = account_to_use(settings.user);
    if (!user) return fail(std::move(user.error()));
    as = std::move(*user);
    std::error_code problem;
    settings.folder = fs::absolute(settings.folder, problem);
    fs::create_directories(settings.folder.parent_path(), problem);
    auto made = make_folder(settings.folder, as);
    if (!made) return made;
    // Held as long as we live, so that a second daemon does not take the first one's server for a stray.
    lock = open(settings.folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const auto by = steady_clock::now() + lock_within;
    while (lock < 0 || flock(lock, LOCK_EX | LOCK_NB) != 0) {
        if (lock >= 0 && steady_clock::now() < by) {
            std::this_thread::sleep_for(10ms);
            continue;
        }
        return fail(errc::already_exists, fmt::format("{} is in use by another process", settings.folder.string()));
    }

    data = settings.folder / "data";
    log_file = settings.folder / "postgres.log";
    auto run = folder_for_socket(settings.folder / "run");
    if (!run) return fail(std::move(run.error()));
    socket_folder = std::move(*run);
    made = make_socket_folder(socket_folder, as);
    if (!made) return made;
    auto found = find_binaries(settings.binaries, number_in(read_file(data / "PG_VERSION")));
    if (!found) return fail(std::move(found.error()));
    binaries = std::move(*found);
    return {};
}

child_settings cluster::impl::child(std::vector<std::string> command) const
{
    child_settings made;
    made.command = std::move(command);
    // After the process itself has become that user there is nothing to change any more, nor the right to.
    if (geteuid() == 0) made.as = as;
    made.folder = settings.folder;
    made.log = log_file;
    return made;
}

result<void> cluster::impl::create()
{
    if (fs::exists(data / "PG_VERSION")) return {};
    // Under another name until it is whole: a crash in between leaves nothing that looks like a cluster.
    const auto draft = settings.folder / "data.new";
    std::error_code problem;
    fs::remove_all(draft, problem);
    const auto log_from = size_of(log_file);
    auto initdb = child({binaries / "initdb", "-D", draft, "-U", "postgres", "-A", "peer", "--auth-host=reject", "-E",
                         "UTF8", "--locale=C.UTF-8", "-k", "--no-instructions"});
    if (!settings.durable) initdb.command.emplace_back("--no-sync");
    initdb.parent_death_signal = SIGTERM;
    const auto started = start_child(initdb);
    if (!started) return fail(started.error());
    auto status = wait_for_child(*started, initdb_within);
    if (!status) {
        kill(*started, SIGKILL);
        wait_for_child(*started, 5s);
    }
    if (status != 0) return fail(errc::unavailable, fmt::format("initdb failed: {}", tail(log_file, log_from)));
    fs::rename(draft, data, problem);
    if (problem) return fail(errc::unavailable, fmt::format("{}: {}", data.string(), problem.message()));
    log::info("cluster.created", {{"folder", settings.folder.string()}});
    return {};
}

result<void> cluster::impl::clear_the_way()
{
    const auto pid_file = data / "postmaster.pid";
    const auto content = read_file(pid_file);
    const auto pid = number_in(content.substr(0, content.find('\n')));
    if (!pid || *pid <= 1) return {};
    switch (look_at(*pid, data)) {
    case stranger::ours:
        log::warning("cluster.stray_stopped", {{"pid", *pid}});
        stop_postmaster(*pid, [&](std::chrono::milliseconds limit) {
            const auto by = steady_clock::now() + limit;
            while (look_at(*pid, data) == stranger::ours && steady_clock::now() < by)
                std::this_thread::sleep_for(10ms);
            return look_at(*pid, data) != stranger::ours;
        });
        break;
    case stranger::other: {
        // The number has gone to another process since, and the server would refuse to start as long as that lives.
        log::warning("cluster.stale_lock_removed", {{"pid", *pid}});
        std::error_code problem;
        fs::remove(pid_file, problem);
        break;
    }
    case stranger::gone:
    case stranger::unknown: break;
    }
    return {};
}

result<void> cluster::impl::launch()
{
    const auto user = as ? as->name : name_of_this_user();
    std::string people;
    for (const auto& person : user == "root" ? std::vector<std::string>{user} : std::vector<std::string>{"root", user})
        for (const auto* role : roles)
            people += fmt::format("huiyin \"{}\" {}\n", person, role);
    auto server = child({binaries / "postgres", "-D", data});
    const auto set = [&server](std::string_view name, const auto& value) {
        server.command.emplace_back("-c");
        server.command.push_back(fmt::format("{}={}", name, value));
    };
    set("listen_addresses", "");
    set("port", 5432);
    set("unix_socket_directories", fmt::format("\"{}\"", socket_folder.string()));
    set("unix_socket_permissions", "0700");
    set("logging_collector", "off");
    set("log_destination", "stderr");
    set("log_checkpoints", "off");
    // An error goes to the daemon, which logs it without the values; the server's own log would quote them.
    set("log_min_messages", "log");
    set("log_min_error_statement", "panic");
    set("log_error_verbosity", "terse");
    set("log_timezone", "UTC");
    set("timezone", "UTC");
    set("max_connections", settings.max_connections);
    set("idle_in_transaction_session_timeout", "10s");
    set("client_connection_check_interval", "5s");
    set("jit", "off");
    if (settings.durable) {
        set("shared_buffers", fmt::format("{}MB", shared_buffers()));
        set("max_wal_size", "2GB");
        // After a checkpoint the log takes each page once whole; a ticket's change touches a page of each of its
        // indexes.
        set("wal_compression", "lz4");
    } else {
        set("shared_buffers", "32MB");
        set("fsync", "off");
        set("full_page_writes", "off");
        set("synchronous_commit", "off");
    }
    server.files = {{data / "pg_hba.conf", "local all all peer map=huiyin\n"}, {data / "pg_ident.conf", people}};
    // Fast shutdown: it rolls back what is under way and leaves no lock behind.
    server.parent_death_signal = SIGINT;

    const auto by = steady_clock::now() + start_within;
    const auto retry_until = steady_clock::now() + retry_within;
    for (auto pause = 100ms;; pause = std::min(pause * 2, 1000ms)) {
        auto way = clear_the_way();
        if (!way) return way;
        const auto log_from = size_of(log_file);
        const auto started = start_child(server);
        if (!started) return fail(started.error());
        postmaster = *started;
        const auto came = wait_until_ready(log_from, by);
        if (came == outcome::ready) break;
        stop();
        const auto reason = tail(log_file, log_from);
        if (came == outcome::failed || steady_clock::now() + pause >= retry_until) {
            const bool other_version = reason.contains("initialized by PostgreSQL version");
            return fail(other_version ? errc::corrupt : errc::unavailable, fmt::format("PostgreSQL: {}", reason));
        }
        log::info("cluster.start_repeated", {{"reason", reason}});
        std::this_thread::sleep_for(pause);
    }
    log::info("cluster.started", {{"pid", postmaster}, {"folder", settings.folder.string()}});
    return {};
}

cluster::impl::outcome cluster::impl::wait_until_ready(std::uintmax_t log_from, steady_clock::time_point by)
{
    while (steady_clock::now() < by) {
        if (!runs()) {
            const auto said = tail(log_file, log_from);
            const bool locked =
                said.contains("lock file") || said.contains("shared memory block") || said.contains("is still in use");
            return locked ? outcome::try_again : outcome::failed;
        }
        // The eighth line is the state, as pg_ctl reads it.
        const auto lines = split(read_file(data / "postmaster.pid"), '\n');
        if (lines.size() >= 8 && number_in(lines[0]) == postmaster && trimmed(lines[7]) == "ready")
            return outcome::ready;
        std::this_thread::sleep_for(5ms);
    }
    return outcome::failed;
}

result<void> cluster::impl::create_roles()
{
    const std::unique_ptr<PGconn, decltype(&PQfinish)> on(
        PQconnectdb((url("postgres", "postgres") + " connect_timeout=10").c_str()), &PQfinish);
    if (PQstatus(on.get()) != CONNECTION_OK) return fail(errc::unavailable, PQerrorMessage(on.get()));
    PQsetNoticeProcessor(on.get(), [](void*, const char*) {}, nullptr);
    const auto run = [&on](const char* sql) {
        return std::unique_ptr<PGresult, decltype(&PQclear)>(PQexec(on.get(), sql), &PQclear);
    };
    const auto missing = run(R"sql(
        SELECT 'CREATE ROLE huiyin_owner LOGIN' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'huiyin_owner')
        UNION ALL
        SELECT 'CREATE ROLE huiyin_app LOGIN' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'huiyin_app')
        UNION ALL
        SELECT 'CREATE DATABASE huiyin OWNER huiyin_owner'
         WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'huiyin'))sql");
    if (PQresultStatus(missing.get()) != PGRES_TUPLES_OK) return fail(errc::unavailable, PQerrorMessage(on.get()));
    for (int i = 0; i < PQntuples(missing.get()); ++i)
        if (PQresultStatus(run(PQgetvalue(missing.get(), i, 0)).get()) != PGRES_COMMAND_OK)
            return fail(errc::unavailable, PQerrorMessage(on.get()));
    return {};
}

void cluster::impl::stop()
{
    if (runs())
        stop_postmaster(postmaster, [this](std::chrono::milliseconds limit) {
            return wait_for_child(postmaster, limit).has_value();
        });
    postmaster = -1;
}

std::string cluster::impl::url(std::string_view role, std::string_view database) const
{
    return url_of(socket_folder, role, database);
}

result<cluster_urls> urls_of(const cluster_settings& settings)
{
    std::error_code problem;
    const auto folder = folder_for_socket(fs::absolute(settings.folder, problem) / "run");
    if (!folder) return fail(folder.error());
    return cluster_urls{url_of(*folder, "huiyin_owner", "huiyin"), url_of(*folder, "huiyin_app", "huiyin")};
}

cluster::cluster(std::unique_ptr<impl> i) : impl_(std::move(i)) {}
cluster::~cluster() = default;

result<std::unique_ptr<cluster>> cluster::start(cluster_settings settings)
{
    auto made = std::make_unique<impl>(std::move(settings));
    for (const auto step : {&impl::prepare, &impl::clear_the_way, &impl::create, &impl::launch, &impl::create_roles}) {
        auto done = (*made.*step)();
        if (!done) return fail(std::move(done.error()));
    }
    return std::unique_ptr<cluster>(new cluster(std::move(made)));
}

std::string cluster::owner_url() const
{
    return impl_->url("huiyin_owner", "huiyin");
}

std::string cluster::app_url() const
{
    return impl_->url("huiyin_app", "huiyin");
}

std::string cluster::superuser_url() const
{
    return impl_->url("postgres", "postgres");
}

int cluster::postmaster_pid() const
{
    return impl_->postmaster;
}

bool cluster::is_alive() const
{
    return impl_->runs();
}

result<void> cluster::restart()
{
    impl_->stop();
    return impl_->launch();
}

void cluster::stop()
{
    impl_->stop();
}

} // namespace huiyin::pg
