#pragma once

#include <huiyin/api/viewers.hpp>
#include <huiyin/async/blocking_pool.hpp>
#include <huiyin/async/task_group.hpp>
#include <huiyin/daemon/config.hpp>
#include <huiyin/intake/applier.hpp>
#include <huiyin/intake/door.hpp>
#include <huiyin/intake/link_token.hpp>
#include <huiyin/journal/sealer.hpp>
#include <huiyin/journal/stream.hpp>
#include <huiyin/knowledge/knowledge.hpp>
#include <huiyin/net/http_client.hpp>
#include <huiyin/net/server.hpp>
#include <huiyin/net/static_files.hpp>
#include <huiyin/outbox/dead_letter.hpp>
#include <huiyin/outbox/webhook.hpp>
#include <huiyin/people/authenticator.hpp>
#include <huiyin/people/configuration_store.hpp>
#include <huiyin/people/notice.hpp>
#include <huiyin/people/people_service.hpp>
#include <huiyin/people/session_service.hpp>
#include <huiyin/people/token_service.hpp>
#include <huiyin/pg/listener.hpp>
#include <huiyin/report/report_service.hpp>
#include <huiyin/ticket/case_library.hpp>
#include <huiyin/ticket/problem.hpp>
#include <huiyin/ticket/ticket_lists.hpp>
#include <huiyin/ticket/ticket_service.hpp>

namespace huiyin::daemon {

/// What all reactors share; immutable or safe from any thread.
struct commons
{
    const config& settings;
    /// As role huiyin_app.
    pg::database_settings database;
    const clock& time;
    metrics::registry& metrics;
    blocking_pool& pool;
    people::rights_epoch& rights;
    std::string public_url;
    /// Of the console; none without web.folder.
    std::shared_ptr<const net::static_files> files;
    std::shared_ptr<const std::atomic<bool>> ready;
    /// Of the listeners; none without [tls].
    std::shared_ptr<net::tls_identity> tls;
    /// What leaves: who may be connected to, and what the secrets of webhooks come from.
    net::http_client_settings outgoing = {};
    outbox::webhook_key webhook_key = {};
    std::shared_ptr<net::name_look_up> names = std::make_shared<net::name_look_up>();
    /// Signs the links that customers answer by.
    intake::link_key link_key = {};
    std::shared_ptr<api::look_exchange> looks = std::make_shared<api::look_exchange>();
    /// Of the journal, for checks from the console.
    std::optional<journal::seal_key> seal_key = {};
};

/// The services of one reactor, in the order in which they need each other.
class graph
{
public:
    graph(executor on, const commons& with);
    ~graph();

    net::server& server() { return server_; }
    ticket::ticket_service& tickets() { return tickets_; }
    outbox::sender& webhooks() { return webhook_sender_; }
    pg::database& database() { return db_; }
    ticket::configurations& rules() { return rules_; }
    const net::router& routes() const { return routes_; }
    /// Background work that each reactor has.
    void start();
    /// In reverse: requests first, then background work, then connections.
    task<void> stop();

private:
    void add_routes();

    executor on_;
    const commons& commons_;
    people::cookie_settings cookies_;
    pg::database db_;
    pg::notifier appended_;
    people::people_service people_;
    people::session_service sessions_;
    people::token_service tokens_;
    people::notice_inbox notices_;
    people::authenticator authenticator_;
    ticket::configurations rules_;
    ticket::ticket_service tickets_;
    ticket::ticket_lists lists_;
    ticket::case_library cases_;
    ticket::problem_book problems_;
    report::report_service reports_;
    intake::door door_;
    intake::applier applier_;
    journal::follower feed_;
    std::shared_ptr<api::viewers> watching_;
    net::http_client http_;
    outbox::webhook_sender webhook_sender_;
    outbox::webhook_service webhooks_;
    outbox::dead_letters dead_letters_;
    knowledge::knowledge_base knowledge_;
    net::router routes_;
    net::server server_;
    task_group background_;
};

/// Cookies go plain only where the listener is loopback HTTP.
bool is_loopback(const std::string& address);

} // namespace huiyin::daemon
