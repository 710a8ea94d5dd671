#include "serve.hpp"

#include "demo.hpp"
#include "files.hpp"
#include "graph.hpp"
#include "home.hpp"
#include "offline.hpp"
#include "systemd.hpp"
#include "test_clock.hpp"

#include <huiyin/async/reactor.hpp>
#include <huiyin/intake/intake_store.hpp>
#include <huiyin/journal/sealer.hpp>
#include <huiyin/journal/sequencer.hpp>
#include <huiyin/outbox/engine.hpp>
#include <huiyin/pg/migrator.hpp>
#include <huiyin/record/search.hpp>
#include <huiyin/report/alarm.hpp>
#include <huiyin/report/projection.hpp>
#include <huiyin/ticket/counter.hpp>
#include <huiyin/ticket/scanner.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/signal_set.hpp>
#include <fmt/format.h>

#include <csignal>
#include <cstdio>
#include <future>
#include <thread>

namespace huiyin::daemon {

using namespace std::chrono_literals;

namespace {

/// What must hold before anything is served.
result<void> prepare_database(home& at, const config& with)
{
    asio::io_context context(1);
    const auto durability = run_offline(context, pg::read_durability(at.owner()));
    if (!durability) return fail(durability.error());
    if (!durability->safe() && !with.unsafe_test_settings)
        return fail(errc::not_configured,
                    "PostgreSQL runs with fsync, full_page_writes or synchronous_commit off: what is "
                    "accepted could be lost. Switch them on.");
    const auto migrated =
        run_offline(context, pg::migrate(at.owner(), with.database.app_role, pg::shipped_migrations()));
    if (!migrated) return fail(migrated.error());
    return {};
}

/// Nothing without [tls].
result<std::shared_ptr<net::tls_identity>> load_tls(const home& at, const config& with)
{
    if (!with.has_tls()) return nullptr;
    const auto certificate = read_file(at.path_of(with.tls.certificate));
    if (!certificate) return fail(errc::not_configured, certificate.error().detail);
    const auto key = read_file(at.path_of(with.tls.key));
    if (!key) return fail(errc::not_configured, key.error().detail);
    return net::make_tls_identity(*certificate, *key,
                                  with.tls.min_version == "1.3" ? net::tls_version::v1_3 : net::tls_version::v1_2);
}

/// The socket to listen on, one that systemd has bound or one of our own.
struct door_to_open
{
    std::optional<net::bound_socket> own;
    int descriptor = -1;
};

result<door_to_open> bind_door(const config& with)
{
    door_to_open door;
    if (const auto passed = passed_sockets(); !passed.empty()) {
        door.descriptor = passed[0];
        return door;
    }
    auto bound = net::bound_socket::bind(with.server.address, static_cast<std::uint16_t>(with.server.port));
    if (!bound) return fail(std::move(bound.error()));
    door.own.emplace(std::move(*bound));
    door.descriptor = door.own->descriptor();
    return door;
}

std::string url_at(const config& with, std::int64_t port)
{
    return fmt::format("{}://{}:{}", with.has_tls() ? "https" : "http", with.server.address, port);
}

std::string public_url_of(const config& with)
{
    // With port 0 the port is not known yet; links are then relative to wherever the customer reached us.
    if (!with.server.public_url.empty() || with.server.port == 0) return with.server.public_url;
    return url_at(with, with.server.port);
}

outbox::engine_settings outbox_settings_of(const config& with)
{
    outbox::engine_settings settings;
    settings.per_account = static_cast<std::size_t>(with.outbox.per_account);
    settings.in_flight = static_cast<std::size_t>(with.outbox.in_flight);
    settings.send_within = std::chrono::seconds(with.outbox.send_within_s);
    settings.attempts = static_cast<int>(with.outbox.attempts);
    settings.first_retry = std::chrono::seconds(with.outbox.first_retry_s);
    settings.longest_retry = std::chrono::seconds(with.outbox.longest_retry_s);
    settings.breaker_failures = static_cast<int>(with.outbox.breaker_failures);
    settings.breaker_pause = std::chrono::seconds(with.outbox.breaker_pause_s);
    settings.backlog = static_cast<std::size_t>(with.outbox.backlog);
    settings.keep = std::chrono::days(with.outbox.keep_days);
    return settings;
}

/// Whom webhooks may reach. The certificates must be readable by who serves.
result<net::http_client_settings> outgoing_of(const home& at, const config& with)
{
    net::http_client_settings settings;
    settings.private_networks = with.outbox.private_networks;
    if (with.outbox.trusted_certificates.empty()) return settings;
    settings.trusted_certificates = at.path_of(with.outbox.trusted_certificates);
    if (const auto read = read_file(settings.trusted_certificates); !read)
        return fail(errc::not_configured, read.error().detail);
    return settings;
}

/// Everything that runs, from the outside in. Lives on the thread that calls `serve`.
class process
{
public:
    process(const config& with, const serve_options& options, home& at, journal::seal_key key, door_to_open door,
            std::shared_ptr<net::tls_identity> tls, net::http_client_settings outgoing,
            const outbox::webhook_key& webhook_key, const intake::link_key& link_key)
        : config_(with), options_(options), home_(at), key_(key), door_(std::move(door)),
          manual_(options.test_time.value_or(huiyin::system_clock().now())),
          time_(options.test_clock.empty() ? static_cast<const clock&>(system_) : manual_),
          pool_(static_cast<std::size_t>(with.reactors.blocking_threads),
                static_cast<std::size_t>(with.reactors.blocking_queue)),
          reactors_(with.reactor_count()), commons_{with,
                                                    at.app(),
                                                    time_,
                                                    metrics_,
                                                    pool_,
                                                    rights_,
                                                    public_url_of(with),
                                                    {},
                                                    ready_,
                                                    std::move(tls),
                                                    std::move(outgoing),
                                                    webhook_key},
          duties_(reactors_[0].get_executor())
    {
        commons_.link_key = link_key;
        commons_.seal_key = key_;
    }

    int run()
    {
        if (!config_.web.folder.empty()) {
            auto files = net::static_files::load(home_.path_of(config_.web.folder));
            if (!files) {
                log::error("daemon.no_web_folder", {{"reason", files.error().detail}});
                return 1;
            }
            commons_.files = *files;
        }
        for (std::size_t i = 0; i < reactors_.size(); ++i)
            graphs_.push_back(std::make_unique<graph>(reactors_[i].get_executor(), commons_));
        asio::co_spawn(reactors_[0].get_executor(), live(), [this](std::exception_ptr thrown) {
            if (thrown) {
                status_ = 1;
                try {
                    std::rethrow_exception(thrown);
                } catch (const std::exception& e) {
                    log::error("daemon.failed", {{"reason", e.what()}});
                }
            }
            reactors_.stop();
        });
        reactors_.run();
        graphs_.clear();
        return status_;
    }

private:
    /// From the first duty to the last: runs on reactor 0.
    task<> live()
    {
        journal::start_sequencer(duties_, reactors_[0].get_executor(), home_.app(), metrics_);
        journal::start_sealer(duties_, home_.app(), key_, metrics_);
        record::start_search_index(duties_, home_.app(), metrics_);
        ticket::start_scanner(duties_, home_.app(), graphs_[0]->tickets(), time_, metrics_);
        ticket::start_counter(duties_, reactors_[0].get_executor(), home_.app(), graphs_[0]->database(), metrics_);
        outbox_.emplace(reactors_[0].get_executor(), home_.app(), std::vector<outbox::sender*>{&graphs_[0]->webhooks()},
                        time_, metrics_, outbox_settings_of(config_));
        outbox_->start();
        report::start_projection(duties_, reactors_[0].get_executor(), home_.app(), graphs_[0]->database(),
                                 graphs_[0]->rules(), metrics_);
        report::start_alarms(duties_, home_.app(), graphs_[0]->database(), time_, metrics_);
        duties_.spawn("tidying", intake::keep_tidy(graphs_[0]->database(), time_, 1h));
        if (!options_.test_clock.empty()) duties_.spawn("test clock", serve_test_clock(options_.test_clock, manual_));
        if (const auto interval = watchdog_interval()) duties_.spawn("watchdog", feed_watchdog(*interval));
        if (home_.cluster()) duties_.spawn("postgresql", watch_cluster());

        const auto port = co_await open_doors();
        if (port) {
            ready_->store(true);
            notify("READY=1\nSTATUS=serving");
            announce(*port);
            co_await wait_for_signal();
        } else {
            log::error("daemon.not_listening", {{"reason", port.error().detail}});
            status_ = 1;
        }

        notify("STOPPING=1");
        log::info("daemon.stopping");
        ready_->store(false);
        co_await outbox_->stop();
        co_await duties_.stop();
        co_await stop_graphs();
        log::info("daemon.stopped");
    }

    task<result<std::uint16_t>> open_doors()
    {
        auto port = graphs_[0]->server().listen_on(door_.descriptor);
        door_.own.reset(); // The servers have copies, and the last of them to close it turns people away.
        if (!port) co_return port;
        graphs_[0]->start();
        for (std::size_t i = 1; i < graphs_.size(); ++i) {
            auto joined = co_await on_reactor<result<void>>(i, [this, i]() {
                graphs_[i]->start();
                return graphs_[i]->server().listen_with(graphs_[0]->server());
            });
            if (!joined) co_return fail(joined.error());
        }
        co_return port;
    }

    void announce(std::uint16_t port)
    {
        fmt::print("huiyin ready: {}/\n", url_at(config_, port));
        if (options_.demo_pack) print_demo_logins(home_, url_at(config_, port));
        std::fflush(stdout);
        log::info("daemon.ready", {{"port", port}, {"reactors", reactors_.size()}});
    }

    task<> wait_for_signal()
    {
        asio::basic_signal_set<executor> signals(reactors_[0].get_executor(), SIGTERM, SIGINT);
        // Without TLS there is nothing to read anew, and a terminal that closes ends us as it ends others.
        if (commons_.tls) signals.add(SIGHUP);
        for (;;) {
            const auto [failed, number] = co_await signals.async_wait(asio::as_tuple(use_task));
            if (!failed && number == SIGHUP) {
                co_await renew_tls();
                continue;
            }
            if (!failed) log::info("daemon.signal", {{"signal", number}});
            co_return;
        }
    }

    /// What does not read leaves the old certificate in place.
    task<> renew_tls()
    {
        auto read = co_await pool_.run([this]() { return load_tls(home_, config_); });
        auto fresh = read ? std::move(*read) : result<std::shared_ptr<net::tls_identity>>(fail(read.error()));
        if (!fresh) {
            log::error("tls.not_renewed", {{"reason", fresh.error().detail}});
            co_return;
        }
        graphs_[0]->server().renew(*fresh);
        for (std::size_t i = 1; i < graphs_.size(); ++i)
            co_await on_reactor<bool>(i, [this, i, fresh = *fresh]() {
                graphs_[i]->server().renew(fresh);
                return true;
            });
        log::info("tls.renewed");
    }

    task<> stop_graphs()
    {
        for (std::size_t i = graphs_.size(); i-- > 1;) {
            // The coroutine runs on its own reactor; this one waits for it.
            steady_timer done(reactors_[0].get_executor(), steady_timer::time_point::max());
            asio::co_spawn(reactors_[i].get_executor(), graphs_[i]->stop(),
                           [&, home = reactors_[0].get_executor()](std::exception_ptr) {
                               asio::post(home, [&done]() { done.expires_at(steady_timer::time_point::min()); });
                           });
            co_await done.async_wait(asio::as_tuple(use_task));
        }
        co_await graphs_[0]->stop();
    }

    /// Runs `work` on another reactor and resumes here with what it returned.
    template <class T>
    task<T> on_reactor(std::size_t index, std::function<T()> work)
    {
        std::optional<T> value;
        steady_timer done(reactors_[0].get_executor(), steady_timer::time_point::max());
        asio::post(reactors_[index].get_executor(), [&, home = reactors_[0].get_executor()]() {
            auto made = std::make_shared<T>(work());
            asio::post(home, [&value, &done, made]() {
                value.emplace(std::move(*made));
                done.expires_at(steady_timer::time_point::min());
            });
        });
        co_await done.async_wait(asio::as_tuple(use_task));
        co_return std::move(*value);
    }

    /// A reactor that hangs stops answering, and the service manager restarts us.
    task<> feed_watchdog(std::chrono::microseconds interval)
    {
        for (;;) {
            for (std::size_t i = 1; i < reactors_.size(); ++i)
                co_await on_reactor<bool>(i, []() { return true; });
            notify("WATCHDOG=1");
            co_await pause_for(interval);
            if ((co_await asio::this_coro::cancellation_state).cancelled() != asio::cancellation_type::none) co_return;
        }
    }

    /// Our own PostgreSQL is brought back when it dies.
    task<> watch_cluster()
    {
        for (;;) {
            co_await pause_for(500ms);
            if ((co_await asio::this_coro::cancellation_state).cancelled() != asio::cancellation_type::none) co_return;
            if (home_.cluster()->is_alive()) continue;
            log::error("postgresql.died");
            // The threads of the pool live as long as we do: the postmaster dies with the thread that forks it.
            const auto back = co_await pool_.run([cluster = home_.cluster()]() { return cluster->restart(); });
            if (!back)
                log::error("postgresql.not_restarted", {{"reason", back.error().detail}});
            else if (*back)
                log::warning("postgresql.restarted", {{"pid", home_.cluster()->postmaster_pid()}});
            else
                log::error("postgresql.not_restarted", {{"reason", back->error().detail}});
        }
    }

    const config& config_;
    const serve_options& options_;
    home& home_;
    journal::seal_key key_;
    door_to_open door_;
    huiyin::system_clock system_;
    manual_clock manual_;
    const clock& time_;
    metrics::registry metrics_;
    blocking_pool pool_;
    people::rights_epoch rights_;
    std::shared_ptr<std::atomic<bool>> ready_ = std::make_shared<std::atomic<bool>>(false);
    reactor_pool reactors_;
    commons commons_;
    std::vector<std::unique_ptr<graph>> graphs_;
    std::optional<outbox::engine> outbox_;
    task_group duties_;
    int status_ = 0;
};

} // namespace

int serve(const config& with, const serve_options& options)
{
    const auto refuse = [](std::string_view what, const error& why) {
        log::error(what, {{"code", slug(why.code)}, {"reason", why.detail}});
        return 1;
    };
    log::info("daemon.starting", {{"state", options.state.string()}});
    if (with.unsafe_test_settings) log::warning("daemon.unsafe_test_settings");

    auto at = home::open(with, options.state, home::purpose::serve);
    if (!at) return refuse("daemon.no_database", at.error());
    // What only root may do comes before the change of user; nobody is heard at the door until all is ready.
    auto tls = load_tls(**at, with);
    if (!tls) return refuse("daemon.tls", tls.error());
    auto door = bind_door(with);
    if (!door) return refuse("daemon.not_listening", door.error());
    if (auto dropped = (*at)->drop_privileges(); !dropped) return refuse("daemon.privileges", dropped.error());
    if (auto prepared = prepare_database(**at, with); !prepared)
        return refuse("daemon.database_refused", prepared.error());
    if (options.demo_pack)
        if (auto filled = fill_with_demo(**at, with, *options.demo_pack); !filled)
            return refuse("daemon.demo", filled.error());
    const auto key = journal::load_seal_key((*at)->path_of(with.journal.seal_key), journal::missing_key::create);
    if (!key) return refuse("daemon.seal_key", key.error());

    const auto webhook_key =
        journal::load_seal_key((*at)->path_of(with.outbox.secret_key), journal::missing_key::create);
    if (!webhook_key) return refuse("daemon.outbox_key", webhook_key.error());
    const auto link_key = journal::load_seal_key((*at)->path_of("link.key"), journal::missing_key::create);
    if (!link_key) return refuse("daemon.link_key", link_key.error());
    const auto outgoing = outgoing_of(**at, with);
    if (!outgoing) return refuse("daemon.outbox_certificates", outgoing.error());

    process running(with, options, **at, *key, std::move(*door), std::move(*tls), *outgoing, *webhook_key, *link_key);
    return running.run();
}

} // namespace huiyin::daemon
