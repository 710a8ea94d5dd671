#pragma once

#include <huiyin/people/configuration_store.hpp>
#include <huiyin/ticket/opening.hpp>
#include <huiyin/ticket/ticket_service.hpp>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <fstream>
#include <pg_fixture.hpp>
#include <sstream>

namespace huiyin::ticket {

using nlohmann::json;
using namespace std::chrono_literals;

inline std::string text_of(const std::filesystem::path& file)
{
    std::ifstream in(std::filesystem::path(__FILE__).parent_path() / "../../config" / file);
    std::stringstream text;
    text << in.rdbuf();
    return text.str();
}

inline domain::actor a_user(domain::role role, std::vector<department_id> departments = {})
{
    domain::actor who;
    who.kind = domain::actor_kind::user;
    who.id = uuid::make();
    who.roles.add(role);
    who.departments = std::move(departments);
    return who;
}

/// The newspaper's rules and departments, a customer, and a service on a manual clock.
class TicketService : public test::pg_fixture
{
public:
    TicketService() : db_(on(), settings(), metrics), rules_(db_, 0s), tickets_(db_, clock, rules_, metrics)
    {
        apply_pack(json::parse(text_of("packs/newspaper.json")));
        for (const auto& each : rules().rules().departments)
            sql(fmt::format("INSERT INTO department (id, code, name, calendar, active, changed_at) VALUES ('{}', '{}', "
                            "'{{\"en\":\"S\"}}', '{}', true, '2026-01-01')",
                            (each.code == "station_east" ? east_ : department_id::make()).to_string(), each.code,
                            each.calendar));
        sql(fmt::format("INSERT INTO customer (id, kind, name, created_at) VALUES ('{0}', 'person', '王小明', "
                        "'2026-03-01'); INSERT INTO interaction (id, customer_id, channel, account, direction, state, "
                        "opened_at) VALUES ('{1}', '{0}', 'web', 'site', 'in', 'open', '2026-03-01')",
                        customer_.to_string(), interaction_.to_string()));
    }
    ~TicketService() override { run(db_.close()); }

    pg::database_settings settings()
    {
        auto as = app_settings();
        as.connections = 4;
        return as;
    }
    void apply_pack(const json& document)
    {
        const auto done = run(configuration_.append_pack("newspaper", document.dump(), domain::actor::system()));
        ASSERT_TRUE(done) << done.error().detail;
    }
    const configuration& rules()
    {
        known_ = run(rules_.current()).value();
        return *known_;
    }

    task<result<void>> save(commitment what, journal::words problem)
    {
        auto tx = co_await db_.begin();
        if (!tx) co_return fail(tx.error());
        pg::batch writes;
        journal::store(writes, {problem}, customer_);
        commit(writes, {what});
        const auto done = co_await tx->commit(std::move(writes));
        if (!done) co_return fail(done.error());
        co_return result<void>();
    }
    ticket_id registered(std::vector<party> parties = {}, const std::string& category = "missed_copy")
    {
        const journal::words problem{.body = "报纸没有收到"};
        opening what;
        what.number = fmt::format("260302-{:04}", ++numbers_);
        what.customer = customer_;
        what.interaction = interaction_;
        what.channel = "web";
        what.category = category;
        what.problem = domain::text_ref{problem.id, problem.digest()};
        what.parties = std::move(parties);
        what.answers = {{"district", "east"}};
        auto made = open(what, rules(), by_customer_, clock.now());
        EXPECT_TRUE(made) << made.error().detail;
        const auto saved = run(save(std::move(*made), problem));
        EXPECT_TRUE(saved) << saved.error().detail;
        return what.id;
    }
    void does(ticket_id ticket, const domain::actor& who, domain::command what)
    {
        act one;
        one.ticket = ticket;
        one.who = who;
        one.what = std::move(what);
        const auto done = run(tickets_.perform(std::move(one)));
        ASSERT_TRUE(done) << slug(done.error().code) << ": " << done.error().detail;
    }
    ticket_id dispatched(std::vector<party> parties = {})
    {
        const auto id = registered(std::move(parties));
        does(id, officer_, domain::classify{"missed_copy"});
        domain::judge_valid valid;
        valid.order = work_order_id::make();
        does(id, officer_, valid);
        return id;
    }
    /// Tickets like `model`, numbered from `prefix`-0000001 on, with all its clocks.
    void copy(ticket_id model, int count, const std::string& prefix)
    {
        sql(fmt::format(R"sql(
            CREATE TEMPORARY TABLE copy AS SELECT n, gen_random_uuid() AS id FROM generate_series(1, {1}) AS n;
            INSERT INTO ticket
            SELECT made.* FROM copy CROSS JOIN ticket t CROSS JOIN LATERAL jsonb_populate_record(t, jsonb_build_object(
                   'id', copy.id, 'number', '{2}-' || lpad(copy.n::text, 7, '0'))) AS made
             WHERE t.id = '{0}' ORDER BY copy.n;
            INSERT INTO ticket_deadline
            SELECT made.* FROM copy CROSS JOIN ticket_deadline d CROSS JOIN LATERAL jsonb_populate_record(
                   d, jsonb_build_object('ticket_id', copy.id)) AS made
             WHERE d.ticket_id = '{0}' ORDER BY copy.n;
            INSERT INTO ticket_work_order
            SELECT made.* FROM copy CROSS JOIN ticket_work_order w CROSS JOIN LATERAL jsonb_populate_record(
                   w, jsonb_build_object('ticket_id', copy.id, 'id', gen_random_uuid())) AS made
             WHERE w.ticket_id = '{0}' ORDER BY copy.n)sql",
                        model.to_string(), count, prefix));
    }
    domain::deadline clock_of(ticket_id ticket, domain::deadline_kind kind)
    {
        for (const auto& each : run(tickets_.load(ticket, domain::actor::system())).value().deadlines)
            if (each.kind == kind) return each;
        throw std::runtime_error("no such clock");
    }
    /// Until nothing is left to be recounted; the service waits some seconds until others know of a new version.
    void recount()
    {
        const auto end = std::chrono::steady_clock::now() + test::patience;
        for (;;) {
            const auto more = run(tickets_.recount_clocks());
            ASSERT_TRUE(more) << more.error().detail;
            if (!*more) return;
            run(pause_for(50ms));
            ASSERT_LT(std::chrono::steady_clock::now(), end);
        }
    }

    std::vector<std::string> column(const std::string& query)
    {
        std::vector<std::string> all;
        for (const auto row : sql(query))
            all.push_back(row.get<std::string>(0));
        return all;
    }
    /// What was queued about the ticket, in order.
    std::vector<std::string> messages(ticket_id ticket)
    {
        return column(fmt::format("SELECT channel || ' ' || state || ' ' || (payload ->> 'template') || ' ' || "
                                  "(payload ->> 'language') FROM outbox_effect WHERE order_key = '{}' ORDER BY seq",
                                  ticket.to_string()));
    }
    std::vector<json> recounts(ticket_id ticket)
    {
        std::vector<json> all;
        for (const auto& each : column(fmt::format("SELECT data::text FROM event WHERE subject = '{}' AND kind = "
                                                   "'ticket.clocks_recounted' ORDER BY seq",
                                                   ticket.to_string())))
            all.push_back(json::parse(each));
        return all;
    }
    void an_account(const std::string& channel)
    {
        sql(fmt::format("INSERT INTO outbox_account (id, channel, name, settings, active, created_at, changed_at) "
                        "VALUES (gen_random_uuid(), '{0}', '{0}', '{{}}', true, '2026-01-01', '2026-01-01')",
                        channel));
    }

    const department_id east_ = department_id::make();
    const customer_id customer_ = customer_id::make();
    const interaction_id interaction_ = interaction_id::make();
    const domain::actor by_customer_{.kind = domain::actor_kind::customer,
                                     .id = customer_.value(),
                                     .roles = {},
                                     .departments = {},
                                     .leads = {},
                                     .scopes = {}};
    const domain::actor officer_ = a_user(domain::role::complaint_officer);
    const domain::actor agent_ = a_user(domain::role::agent);
    const party phone_{"phone", "+8613812345678"}, mail_{"email", "wang@example.org"};
    pg::database db_;
    people::configuration_store configuration_{db_, clock};
    configurations rules_;
    ticket_service tickets_;
    std::shared_ptr<const configuration> known_;
    int numbers_ = 0;
};

} // namespace huiyin::ticket
