// Contacts and conversations of tickets: what the journal tells of them, and what a rebuild says of the tables.
#include "../ticket/service_fixture.hpp"

#include <huiyin/record/person.hpp>
#include <huiyin/ticket/customer_move.hpp>
#include <huiyin/upkeep/rebuild.hpp>

#include <gmock/gmock.h>

namespace huiyin::upkeep {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

constexpr pg::statement lock_tickets{"test.lock", "SELECT id FROM ticket ORDER BY id FOR NO KEY UPDATE"};
constexpr pg::statement count_waiting{
    "test.waiting",
    "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"};
constexpr pg::statement copy_parties{
    "test.copy",
    "INSERT INTO ticket_party SELECT $1, kind, value, sha256(salt) FROM ticket_party WHERE ticket_id = $2"};

class RebuildLinks : public ticket::TicketService
{
public:
    /// "table journal kept" of each difference: a digest or an id as "it".
    std::vector<std::string> differences()
    {
        std::vector<std::string> told;
        rebuild_options options;
        const auto shown = [](const std::string& value) {
            return value == "missing" || value == "present" ? value : std::string("it");
        };
        options.tell = [&](const rebuild_difference& each) {
            told.push_back(fmt::format("{} {} {}", each.table, shown(each.journal), shown(each.kept)));
        };
        const auto report = run(check_rebuild(db_, std::move(options)));
        EXPECT_TRUE(report) << report.error().detail;
        return told;
    }
    /// As somebody with the disk would.
    void plant(const std::string& change) { superuser_sql("SET session_replication_role = replica; " + change); }

    customer_id another_customer(const std::string& phone = "")
    {
        const auto id = customer_id::make();
        sql(fmt::format("INSERT INTO customer (id, kind, name, created_at) VALUES ('{}', 'person', 'b', '2026-03-01')",
                        id.to_string()));
        if (!phone.empty())
            sql(fmt::format("INSERT INTO identity (id, customer_id, kind, value, state, created_at) VALUES "
                            "(gen_random_uuid(), '{}', 'phone', '{}', 'verified', '2026-03-01')",
                            id.to_string(), phone));
        return id;
    }
    interaction_id another_interaction()
    {
        const auto id = interaction_id::make();
        sql(fmt::format(
            "INSERT INTO interaction (id, customer_id, channel, account, direction, state, opened_at, "
            "closed_at) VALUES ('{}', '{}', 'phone', 'hotline', 'in', 'closed', '2026-03-01', '2026-03-01')",
            id.to_string(), customer_.to_string()));
        return id;
    }
    void erase(customer_id who)
    {
        const auto done = run(record::erase_person(db_, who, officer_, clock.now(), {ticket::erase_parties()}));
        ASSERT_TRUE(done) << slug(done.error().code) << ": " << done.error().detail;
    }
    result<ticket::acted> merge(ticket_id source, ticket_id heir)
    {
        domain::merge into;
        into.into = heir;
        ticket::act merger;
        merger.ticket = source;
        merger.who = officer_;
        merger.what = into;
        return run(tickets_.perform(std::move(merger)));
    }
    std::string count(const std::string& of) { return column("SELECT count(*)::text FROM " + of).front(); }
    /// Begins as a merger that has the tickets, and writes when the erasure waits for it.
    task<result<void>> copy_during_erasure(ticket_id into, ticket_id from, customer_id who,
                                           std::optional<result<record::erased>>& erased)
    {
        auto tx = co_await db_.begin();
        if (!tx) co_return fail(tx.error());
        if (const auto locked = co_await tx->run(lock_tickets); !locked) co_return fail(locked.error());
        asio::co_spawn(on(), record::erase_person(db_, who, officer_, clock.now(), {ticket::erase_parties()}),
                       [&erased](std::exception_ptr, result<record::erased> told) { erased = std::move(told); });
        for (;;) {
            const auto waiting = co_await db_.run(count_waiting);
            if (!waiting) co_return fail(waiting.error());
            if (waiting->front().get<std::int64_t>(0) > 0) break;
            if (erased) co_return fail(errc::internal, "the erasure did not wait");
            co_await pause_for(2ms);
        }
        const auto copied = co_await tx->run(copy_parties, pg::params(into, from));
        if (!copied) co_return fail(copied.error());
        if (const auto done = co_await tx->commit(); !done) co_return fail(done.error());
        while (!erased)
            co_await pause_for(2ms);
        co_return result<void>();
    }
    /// What the first event of a ticket says.
    json opening_of(ticket_id ticket)
    {
        return json::parse(column(fmt::format("SELECT data::text FROM event WHERE subject = '{}' ORDER BY seq LIMIT 1",
                                              ticket.to_string()))
                               .front());
    }
};

TEST_F(RebuildLinks, AnOpeningNamesContactsByDigestAndConversationsById)
{
    const auto id = registered({phone_, mail_, phone_});
    const auto told = opening_of(id);
    EXPECT_THAT(told.at("parties"), SizeIs(2));
    EXPECT_THAT(told.at("interactions"), ElementsAre(interaction_.to_string()));
    EXPECT_EQ(count("event WHERE data::text LIKE '%13812345678%' OR data::text LIKE '%example.org%'"), "0");
    EXPECT_THAT(opening_of(registered()).at("parties"), IsEmpty());
    const auto same_phone = opening_of(registered({phone_})).at("parties").at(0);
    EXPECT_THAT(told.at("parties"), Not(::testing::Contains(same_phone))) << "a salt of its own";
    EXPECT_THAT(differences(), IsEmpty());
}

TEST_F(RebuildLinks, APlantedContactAMissingOneAndAnEditedOneAreFound)
{
    const auto id = registered({phone_, mail_}).to_string();
    sql("CREATE TABLE kept AS TABLE ticket_party");
    const auto put_back = [&] { plant("DELETE FROM ticket_party; INSERT INTO ticket_party SELECT * FROM kept"); };

    plant("DELETE FROM ticket_party WHERE kind = 'email'");
    EXPECT_THAT(differences(), ElementsAre("ticket_party it missing"));
    put_back();
    plant(
        fmt::format("INSERT INTO ticket_party (ticket_id, kind, value) VALUES ('{}', 'phone', '+8613800000000')", id));
    EXPECT_THAT(differences(), ElementsAre("ticket_party missing present"));
    put_back();
    plant(fmt::format("INSERT INTO ticket_party SELECT '{}', 'phone', '+8613800000000', salt FROM kept LIMIT 1", id));
    EXPECT_THAT(differences(), ElementsAre("ticket_party missing it"));
    put_back();
    for (const auto* const edit : {"value = '+8613800000000' WHERE kind = 'phone'",
                                   "kind = 'email' WHERE kind = 'phone'", "salt = sha256(salt) WHERE kind = 'phone'"})
    {
        plant(std::string("UPDATE ticket_party SET ") + edit);
        EXPECT_THAT(differences(), ElementsAre("ticket_party missing it", "ticket_party it missing")) << edit;
        put_back();
    }
    EXPECT_THAT(differences(), IsEmpty());
}

TEST_F(RebuildLinks, APlantedConversationAMissingOneAndAnotherOneAreFound)
{
    const auto id = registered({phone_}).to_string();
    const auto other = another_interaction().to_string();
    plant(fmt::format("INSERT INTO ticket_interaction VALUES ('{}', '{}')", id, other));
    EXPECT_THAT(differences(), ElementsAre("ticket_interaction missing it"));
    plant(fmt::format("DELETE FROM ticket_interaction WHERE interaction_id = '{}'", interaction_.to_string()));
    EXPECT_THAT(differences(), ElementsAre("ticket_interaction missing it", "ticket_interaction it missing"));
    plant("DELETE FROM ticket_interaction");
    EXPECT_THAT(differences(), ElementsAre("ticket_interaction it missing"));
}

TEST_F(RebuildLinks, AFurtherContactIsToldByItsEvent)
{
    const auto id = dispatched({phone_});
    ticket::act more;
    more.ticket = id;
    more.who = by_customer_;
    domain::further_contact said;
    said.interaction = another_interaction();
    more.what = said;
    ASSERT_TRUE(run(tickets_.perform(more)));
    EXPECT_EQ(count("ticket_interaction"), "2");
    EXPECT_THAT(differences(), IsEmpty());
}

TEST_F(RebuildLinks, WhatATicketTakesFromAMergedOneIsToldByItsEvent)
{
    const ticket::party other{"phone", "+8613900000000"};
    const auto kept = registered({phone_}), twin = registered({phone_, mail_, other});
    ASSERT_TRUE(merge(twin, kept));
    EXPECT_EQ(count(fmt::format("ticket_party WHERE ticket_id = '{}'", kept.to_string())), "3");
    EXPECT_EQ(count(fmt::format("ticket_party WHERE ticket_id = '{}'", twin.to_string())), "3");
    EXPECT_EQ(count("(SELECT DISTINCT salt FROM ticket_party) AS salts"), "6");
    EXPECT_THAT(differences(), IsEmpty());
    plant(fmt::format("DELETE FROM ticket_party WHERE ticket_id = '{}' AND kind = 'email'", kept.to_string()));
    EXPECT_THAT(differences(), ElementsAre("ticket_party it missing"));
}

TEST_F(RebuildLinks, ATicketWithTooMuchToTakeIsNotMerged)
{
    const auto kept = registered({phone_}), twin = registered({phone_});
    const auto fill = [&](int from, int to) {
        plant(fmt::format("INSERT INTO ticket_party SELECT '{}', 'phone', '+86139' || n FROM generate_series({}, {}) n",
                          twin.to_string(), from, to));
    };
    fill(1, 401);
    const auto refused = merge(twin, kept);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, errc::limit_reached);
    EXPECT_EQ(count("ticket WHERE merged_into IS NOT NULL"), "0");
    plant("DELETE FROM ticket_party WHERE value = '+86139401'");
    EXPECT_TRUE(merge(twin, kept));
}

TEST_F(RebuildLinks, AContactThatIsGoneIsAcceptedWhereAnErasureNamesItAndNowhereElse)
{
    const auto his = registered({phone_, mail_}), others = registered({phone_, mail_});
    const auto b = another_customer("+8613812345678");
    plant(fmt::format("UPDATE ticket SET customer = '{}' WHERE id = '{}'", b.to_string(), others.to_string()));
    plant(fmt::format("UPDATE event SET data = jsonb_set(data, '{{rows,ticket,0,customer}}', '\"{}\"') WHERE subject = "
                      "'{}'",
                      b.to_string(), others.to_string()));
    ASSERT_THAT(differences(), IsEmpty());
    sql("CREATE TABLE kept AS TABLE ticket_party");

    erase(customer_);
    EXPECT_EQ(count("ticket_party"), "2") << "the other customer's ticket keeps its own";
    EXPECT_EQ(count("event WHERE kind = 'parties_erased'"), "1");
    EXPECT_THAT(differences(), IsEmpty());
    plant("DELETE FROM ticket_party WHERE kind = 'email'");
    EXPECT_THAT(differences(), ElementsAre("ticket_party it missing")) << "nobody was erased whose it was";
    plant("INSERT INTO ticket_party SELECT * FROM kept ON CONFLICT DO NOTHING");
    EXPECT_THAT(differences(), ElementsAre("ticket_party missing it", "ticket_party missing it"))
        << "erased ones are back";
    plant(fmt::format("DELETE FROM ticket_party WHERE ticket_id = '{}'", his.to_string()));

    erase(b);
    EXPECT_EQ(count("ticket_party"), "0");
    EXPECT_THAT(differences(), IsEmpty());
}

TEST_F(RebuildLinks, AnErasureOfWhosePhoneItIsTakesItFromAnotherCustomersTicket)
{
    registered({phone_, mail_});
    erase(another_customer("+8613812345678"));
    EXPECT_THAT(column("SELECT kind FROM ticket_party"), ElementsAre("email"));
    EXPECT_THAT(differences(), IsEmpty());
}

TEST_F(RebuildLinks, ErasingSomebodyWithManyContactsNamesThemInSeveralEvents)
{
    const auto id = registered({phone_});
    plant(fmt::format("INSERT INTO ticket_party SELECT '{}', 'phone', '+86139' || n, sha256(n::text::bytea) FROM "
                      "generate_series(1, 700) n",
                      id.to_string()));
    erase(customer_);
    EXPECT_THAT(column("SELECT jsonb_array_length(data -> 'parties')::text FROM event WHERE kind = 'parties_erased' "
                       "ORDER BY seq"),
                ElementsAre("500", "201"));
    EXPECT_THAT(differences(), IsEmpty());
}

TEST_F(RebuildLinks, AMergerThatCopiesContactsWhileTheyAreErasedLeavesNoneBehind)
{
    const auto kept = registered({}), twin = registered({phone_});
    const auto who = another_customer("+8613812345678");
    std::optional<result<record::erased>> erased;
    const auto done = run(copy_during_erasure(kept, twin, who, erased));
    ASSERT_TRUE(done) << slug(done.error().code) << ": " << done.error().detail;
    ASSERT_TRUE(*erased) << (*erased).error().detail;
    EXPECT_EQ(count("ticket_party"), "0");
}

TEST_F(RebuildLinks, TicketsOpenedBeforeTheirContactsWereJournalledAreNotCompared)
{
    const auto old = registered({phone_});
    plant("UPDATE event SET data = data - 'parties' - 'interactions'; UPDATE ticket_party SET salt = NULL");
    EXPECT_THAT(differences(), IsEmpty());
    ASSERT_TRUE(merge(registered({mail_}), old));
    EXPECT_THAT(differences(), IsEmpty());
    const auto heir = registered({});
    ASSERT_TRUE(merge(old, heir));
    EXPECT_EQ(count(fmt::format("ticket_party WHERE ticket_id = '{}'", heir.to_string())), "2");
    EXPECT_THAT(differences(), IsEmpty()) << "what the new one takes has a digest";
    erase(customer_);
    EXPECT_EQ(count("ticket_party"), "0");
    EXPECT_THAT(differences(), IsEmpty());
}

TEST_F(RebuildLinks, CustomersThatAreMergedAndPartedAgainChangeNothingOfIt)
{
    registered({phone_, mail_});
    const auto b = another_customer();
    ticket::customer_mover mover;
    const auto merged = run(record::merge_customers(db_, customer_, b, 1, officer_, clock, mover));
    ASSERT_TRUE(merged) << merged.error().detail;
    EXPECT_THAT(differences(), IsEmpty());
    const auto undone = run(record::undo_merge(db_, customer_, merged->source_version, officer_, clock, mover));
    ASSERT_TRUE(undone) << undone.error().detail;
    EXPECT_THAT(differences(), IsEmpty());
    ASSERT_TRUE(run(record::merge_customers(db_, customer_, b, undone->source_version, officer_, clock, mover)));
    erase(b);
    EXPECT_EQ(count("ticket_party"), "0");
    EXPECT_THAT(differences(), IsEmpty());
}

} // namespace
} // namespace huiyin::upkeep
