#include "graph.hpp"

#include "ops_routes.hpp"

#include <huiyin/api/audit_routes.hpp>
#include <huiyin/api/callback_routes.hpp>
#include <huiyin/api/case_routes.hpp>
#include <huiyin/api/configuration_routes.hpp>
#include <huiyin/api/desk_routes.hpp>
#include <huiyin/api/knowledge_routes.hpp>
#include <huiyin/api/list_routes.hpp>
#include <huiyin/api/outbox_routes.hpp>
#include <huiyin/api/people_routes.hpp>
#include <huiyin/api/record_routes.hpp>
#include <huiyin/api/registration_routes.hpp>
#include <huiyin/api/report_routes.hpp>
#include <huiyin/api/rules_routes.hpp>
#include <huiyin/api/search_routes.hpp>
#include <huiyin/api/stream_routes.hpp>
#include <huiyin/api/ticket_routes.hpp>
#include <huiyin/journal/sequencer.hpp>
#include <huiyin/net/static_files.hpp>
#include <huiyin/web/public_routes.hpp>

#include <boost/asio/ip/address.hpp>

namespace huiyin::daemon {

using namespace std::chrono_literals;

bool is_loopback(const std::string& address)
{
    boost::system::error_code failed;
    const auto parsed = asio::ip::make_address(address, failed);
    if (failed) return address == "localhost";
    return parsed.is_loopback() || (parsed.is_v6() && parsed.to_v6().is_v4_mapped() &&
                                    asio::ip::make_address_v4(asio::ip::v4_mapped, parsed.to_v6()).is_loopback());
}

namespace {

/// As the configuration has them.
net::server_settings server_settings_of(const config& with, const std::shared_ptr<net::tls_identity>& tls)
{
    net::server_settings settings;
    settings.tls = tls;
    settings.address = with.server.address;
    settings.port = static_cast<std::uint16_t>(with.server.port);
    settings.header_within = std::chrono::seconds(with.server.header_within_s);
    settings.body_within = std::chrono::seconds(with.server.body_within_s);
    settings.idle_within = std::chrono::seconds(with.server.idle_within_s);
    settings.connections = static_cast<std::size_t>(with.server.connections);
    settings.requests_in_flight = static_cast<std::size_t>(with.server.requests_in_flight);
    settings.per_address_per_minute = static_cast<std::size_t>(with.limits.per_address_per_minute);
    settings.per_account_per_minute = static_cast<std::size_t>(with.limits.per_account_per_minute);
    settings.trusted_proxies = with.server.trusted_proxies;
    settings.allowed_origins = with.server.allowed_origins;
    return settings;
}

people::session_settings session_settings_of(const config& with)
{
    people::session_settings settings;
    settings.idle_limit = std::chrono::minutes(with.sessions.idle_minutes);
    settings.absolute_limit = std::chrono::hours(with.sessions.absolute_hours);
    return settings;
}

intake::intake_settings intake_settings_of(const commons& with)
{
    intake::intake_settings settings;
    settings.batch_limit = static_cast<std::size_t>(with.settings.intake.batch);
    settings.queue_limit = static_cast<std::size_t>(with.settings.intake.queue);
    settings.time_zone = with.settings.center.time_zone;
    settings.tracking_url = with.public_url + "/track/";
    settings.fault = intake::parse_intake_fault(with.settings.test.intake_fault).value_or(intake::intake_fault::none);
    return settings;
}

} // namespace

graph::graph(executor on, const commons& with)
    : on_(on), commons_(with),
      cookies_{.plain_cookie_on_loopback = !with.tls && is_loopback(with.settings.server.address)},
      db_(on, with.database, with.metrics), appended_(on, with.database, std::string(journal::appended_channel), 50ms),
      people_(db_, with.time, with.pool, with.rights),
      sessions_(db_, with.time, with.pool, with.rights, with.metrics, session_settings_of(with.settings)),
      tokens_(db_, with.time, with.rights), notices_(db_, with.time),
      authenticator_(db_, with.time, with.rights,
                     {.cookies = cookies_, .sessions = session_settings_of(with.settings)}),
      rules_(db_), tickets_(db_, with.time, rules_, with.metrics), lists_(db_, with.time, rules_),
      cases_(db_, with.time), problems_(db_, with.time, rules_), reports_(db_, rules_, with.time),
      door_(on, db_, rules_, with.time, with.metrics, intake_settings_of(with)),
      applier_(on, db_, tickets_, with.time, with.metrics), feed_(on, db_, {}, with.metrics),
      watching_(std::make_shared<api::viewers>(with.looks)), http_(on, *with.names, with.outgoing),
      webhook_sender_(http_, with.time, with.webhook_key, std::chrono::seconds(with.settings.outbox.send_within_s)),
      webhooks_(db_, with.time, with.webhook_key, webhook_sender_,
                {.private_networks = with.outgoing.private_networks}),
      dead_letters_(db_, with.time), knowledge_(db_, with.time),
      server_(
          on, server_settings_of(with.settings, with.tls), routes_,
          [this](const net::request& req) { return authenticator_.authenticate(req); }, with.time, with.metrics),
      background_(on)
{
    add_routes();
}

graph::~graph() = default;

void graph::add_routes()
{
    add_ops_routes(routes_, db_, commons_);
    api::add_session_routes(routes_, sessions_, people_, notices_, cookies_);
    api::add_people_routes(routes_, people_);
    api::add_token_routes(routes_, tokens_);
    api::add_configuration_routes(routes_, rules_);
    api::add_rules_routes(routes_, db_, rules_, people_, commons_.time);
    api::add_audit_routes(routes_, db_, commons_.time, commons_.seal_key, background_);
    const record::phone_settings phones{.region = commons_.settings.center.phone_region};
    api::add_ticket_routes(
        routes_, tickets_, db_,
        {.key = commons_.link_key, .tracking_url = commons_.public_url + "/track/", .phones = phones});
    api::add_registration_routes(routes_, door_, tickets_, db_, phones);
    api::add_list_routes(routes_, lists_);
    api::add_callback_routes(routes_, db_, rules_, commons_.time);
    api::add_desk_routes(routes_, db_, commons_.time, std::chrono::minutes(commons_.settings.sessions.idle_minutes));
    api::add_intake_routes(routes_, door_, db_, commons_.time, phones);
    api::add_customer_routes(routes_, db_, tickets_, commons_.time);
    api::add_search_routes(routes_, db_);
    api::add_case_routes(routes_, cases_, problems_, tickets_);
    api::add_knowledge_routes(routes_, db_, knowledge_, tickets_, people_, commons_.time);
    api::add_report_routes(routes_, reports_, db_, commons_.time, commons_.settings.center.time_zone);
    api::add_stream_routes(
        routes_, feed_,
        {.watching = watching_.get(), .tickets = &tickets_, .people = &people_, .time = &commons_.time});
    api::add_outbox_routes(routes_, webhooks_, dead_letters_,
                           std::chrono::seconds(commons_.settings.outbox.send_within_s));
    web::add_public_routes(
        routes_, door_, applier_, tickets_, db_, commons_.time,
        {.phones = phones,
         .complaints_per_minute = static_cast<std::size_t>(commons_.settings.limits.complaints_per_address_per_minute),
         .tracking_per_minute = static_cast<std::size_t>(commons_.settings.limits.tracking_per_address_per_minute),
         .key = commons_.link_key,
         .time_zone = commons_.settings.center.time_zone});
    if (commons_.files)
        net::static_files::add_routes(routes_, commons_.files,
                                      {.folders = {{"/", "console/"}, {"/", "portal/"}},
                                       .pages = {{"/complain", "portal/complain.html"},
                                                 {"/track", "portal/track.html"},
                                                 {"/", "console/index.html"}},
                                       .language = "zh-CN",
                                       .no_pages = {"/api/", "/public/", "/assets/"}});
}

void graph::start()
{
    db_.when_committed([this]() { appended_.mark(); });
    background_.spawn("journal hints", appended_.run());
    door_.when_inbox_fills([this]() { applier_.wake(); });
    background_.spawn("ticket inbox", applier_.run(2s));
    feed_.start(background_);
    watching_->join(on_);
    background_.spawn("viewers", watching_->run());
    background_.spawn("ends of streams", api::end_streams_on_change_of_rights(feed_));
}

task<void> graph::stop()
{
    co_await server_.stop(std::chrono::seconds(commons_.settings.server.stop_within_s));
    co_await door_.stop();
    co_await background_.stop();
    co_await db_.close();
}

} // namespace huiyin::daemon
