#include "journal_fixture.hpp"

#include <huiyin/journal/erase.hpp>

namespace huiyin::journal {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;

class Append : public journal_test
{};
class Words : public journal_test
{};
class AppendOnly : public journal_test
{};

TEST_F(Append, KeepsTheOrderOfManyEventsInOneStatement)
{
    std::vector<event> events;
    std::vector<std::string> kinds;
    for (int i = 0; i < 700; ++i) {
        kinds.push_back("test.happened_" + std::to_string(997 * i % 700));
        events.push_back(an_event(kinds.back()));
    }
    commit(events);
    EXPECT_EQ(column("SELECT kind FROM event ORDER BY seq"), kinds);
    EXPECT_THAT(column("SELECT count(DISTINCT xid) FROM event"), ElementsAre("1"));
}

TEST_F(Append, KeepsEveryFieldAsItWasGiven)
{
    const auto first = department_id::make();
    const auto second = department_id::make();
    const auto assignee = user_id::make();
    auto given = an_event("ticket.dispatched");
    given.at = parse_rfc3339("2026-02-24T10:00:00.123456Z").value();
    given.subject_version = 7;
    given.actor_kind = domain::actor_kind::user;
    given.actor = uuid::make();
    given.audience = {.departments = {first, second}, .assignee = assignee, .confidential = true};
    given.data = R"({"text":"a \"quoted\" \\ back{slash}, 回音","list":[1,null,"{}"]})";
    auto bare = an_event("ticket.closed");
    commit({given, bare});

    EXPECT_THAT(
        column("SELECT concat_ws(' ', id, kind, subject, subject_version, actor_kind, actor, assignee, confidential) "
               "FROM event WHERE kind = 'ticket.dispatched'"),
        ElementsAre(given.id.to_string() + " ticket.dispatched " + given.subject.to_string() + " 7 user " +
                    given.actor.to_string() + " " + assignee.to_string() + " t"));
    EXPECT_THAT(column("SELECT departments FROM event ORDER BY seq"),
                ElementsAre("{" + first.to_string() + "," + second.to_string() + "}", "{}"));
    EXPECT_THAT(column("SELECT extract(epoch FROM at) FROM event WHERE kind = 'ticket.dispatched'"),
                ElementsAre("1771927200.123456"));
    EXPECT_THAT(column("SELECT data->>'text' FROM event WHERE kind = 'ticket.dispatched'"),
                ElementsAre("a \"quoted\" \\ back{slash}, 回音"));
    EXPECT_THAT(column("SELECT assignee IS NULL AND NOT confidential FROM event WHERE kind = 'ticket.closed'"),
                ElementsAre("t"));
}

TEST_F(Append, OfNoEventsSendsNothing)
{
    pg::batch nothing;
    append(nothing, {});
    store(nothing, std::vector<words>{}, customer_id::make());
    EXPECT_TRUE(nothing.empty());
}

TEST_F(Append, TheSameIdTwiceIsRefused)
{
    const auto once = an_event("test.happened");
    commit({once});
    const auto refused = try_commit({once});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, errc::constraint_violated);
    EXPECT_EQ(refused.error().detail, "event_id_once");
}

TEST_F(Append, DataAbove64KiBIsABug)
{
    auto large = an_event("test.happened");
    large.data = "{\"x\":\"" + std::string(64 * 1024, 'x') + "\"}";
    pg::batch batch;
    EXPECT_THROW(append(batch, {large}), std::length_error);
}

TEST_F(AppendOnly, TheAppRoleHasNoRightToChangeTheJournal)
{
    commit({an_event("test.happened")});
    for (const std::string table : {"event", "event_pos", "seal"}) {
        for (const auto& change : {"UPDATE " + table + " SET " + (table == "seal" ? "last_pos = 1" : "seq = DEFAULT"),
                                   "DELETE FROM " + table, "TRUNCATE " + table})
            EXPECT_THAT(refusal_as_app(change), HasSubstr("permission denied")) << change;
    }
}

TEST_F(AppendOnly, TriggersRefuseEvenTheOwner)
{
    commit({an_event("test.happened")});
    for (const std::string table : {"event", "event_pos", "seal"}) {
        for (const auto& change : {"UPDATE " + table + " SET " + (table == "seal" ? "last_pos = 1" : "seq = DEFAULT"),
                                   "DELETE FROM " + table, "TRUNCATE " + table})
            EXPECT_THAT(refusal_as_owner(change), HasSubstr("append-only")) << change;
    }
    EXPECT_THAT(column("SELECT count(*) FROM event"), ElementsAre("1"));
}

TEST_F(Words, AreStoredUnderTheirIdAndOwnerAndFitTheirDigest)
{
    const auto customer = customer_id::make();
    const words about{.body = "送报员总是迟到"};
    const words nobody{.body = "a note"};
    pg::batch batch;
    store(batch, {owned_words{about, customer}, owned_words{nobody, customer_id()}});
    commit(batch);
    EXPECT_THAT(
        column("SELECT encode(sha256(salt || convert_to(body, 'UTF8')), 'hex') FROM text WHERE customer_id = '" +
               customer.to_string() + "'"),
        ElementsAre(to_hex(about.digest())));
    EXPECT_THAT(column("SELECT body FROM text WHERE customer_id IS NULL"), ElementsAre("a note"));
}

TEST_F(Words, OfACustomerAreErasedTogetherWithAnEventThatNamesThem)
{
    const auto wanted = customer_id::make();
    const auto other = customer_id::make();
    const words first{.body = "canary one"}, second{.body = "canary two"}, kept{.body = "kept"};
    pg::batch batch;
    store(batch, {first, second}, wanted);
    store(batch, {kept}, other);
    commit(batch);

    const erasure what{.customer = wanted,
                       .customer_version = 3,
                       .by_kind = domain::actor_kind::user,
                       .by = uuid::make(),
                       .at = parse_rfc3339("2026-03-01T08:00:00Z").value()};
    EXPECT_EQ(erase(what), 2);

    EXPECT_THAT(column("SELECT body FROM text WHERE body IS NOT NULL"), ElementsAre("kept"));
    EXPECT_THAT(column("SELECT count(*) FROM text WHERE salt IS NULL AND erased_by = '" + what.by.to_string() +
                       "' AND extract(epoch FROM erased_at) = 1772352000"),
                ElementsAre("2"));
    EXPECT_THAT(column("SELECT concat_ws(' ', kind, subject, subject_version, actor_kind, actor) FROM event"),
                ElementsAre("text_erased " + wanted.to_string() + " 3 user " + what.by.to_string()));
    EXPECT_THAT(column("SELECT jsonb_array_elements_text(data->'texts') FROM event"),
                UnorderedElementsAre(first.id.to_string(), second.id.to_string()));

    EXPECT_EQ(erase(what), 0);
    EXPECT_THAT(column("SELECT count(*) FROM event"), ElementsAre("1"));
}

TEST_F(Words, OfManyAreErasedByAsManyEventsAsTheirIdsNeed)
{
    const auto customer = customer_id::make();
    std::vector<words> many;
    for (int i = 0; i < 2500; ++i)
        many.push_back(words{.body = "words"});
    pg::batch batch;
    store(batch, many, customer);
    commit(batch);
    EXPECT_EQ(erase({.customer = customer, .customer_version = 1, .by = {}, .at = noon}), 2500);
    EXPECT_THAT(column("SELECT jsonb_array_length(data->'texts') FROM event ORDER BY seq"),
                ElementsAre("1000", "1000", "500"));
}

TEST_F(Words, AreEitherWholeOrErased)
{
    EXPECT_THAT(refusal_as_owner("INSERT INTO text (id, body) VALUES (gen_random_uuid(), 'x')"),
                HasSubstr("text_whole_or_erased"));
    EXPECT_THAT(
        refusal_as_owner("INSERT INTO text (id, salt, body, erased_at) "
                         "VALUES (gen_random_uuid(), '\\x00112233445566778899aabbccddeeff', 'x', '2026-01-01')"),
        HasSubstr("text_whole_or_erased"));
}

} // namespace
} // namespace huiyin::journal
