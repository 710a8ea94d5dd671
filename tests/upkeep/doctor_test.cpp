// What the doctor finds of what somebody with the disk has done.
#include "../ticket/service_fixture.hpp"

#include <huiyin/record/person.hpp>
#include <huiyin/upkeep/doctor.hpp>

#include <gmock/gmock.h>

namespace huiyin::upkeep {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class Doctor : public ticket::TicketService
{
public:
    /// The checks with findings.
    std::vector<std::string> broken()
    {
        const auto findings = run(examine(db_, rules_, clock.now()));
        if (!findings) throw std::runtime_error(findings.error().detail);
        std::vector<std::string> names;
        for (const auto& each : *findings)
            if (each.violations > 0) names.push_back(each.check);
        return names;
    }
    /// Beyond keys and triggers.
    void plant(const std::string& change) { superuser_sql("SET session_replication_role = replica; " + change); }
    /// An item with two editions, of which the first was published, and somebody's receipt for it.
    void an_item()
    {
        sql(R"sql(
            INSERT INTO user_account (id, login, display_name, active, language, time_zone, created_at, changed_at)
            VALUES ('00000000-0000-0000-0000-000000000001', 'u', 'u', true, 'en', 'UTC', '2026-01-01Z', '2026-01-01Z');
            INSERT INTO text (id, salt, body)
            VALUES ('00000000-0000-0000-0000-00000000000a', decode(repeat('00', 16), 'hex'), '{}');
            INSERT INTO knowledge_item (id, kind, version, latest, published, created_at, created_by, changed_at, changed_by)
            VALUES ('00000000-0000-0000-0000-00000000000b', 'article', 4, 2, 1, '2026-01-01Z', gen_random_uuid(),
                    '2026-01-01Z', gen_random_uuid());
            INSERT INTO knowledge_edition (item_id, n, state, words_id, categories, roles, departments, must_acknowledge,
                                           author, written_at, reviewer, reviewed_at, tokens)
            SELECT '00000000-0000-0000-0000-00000000000b', n, state, '00000000-0000-0000-0000-00000000000a', '{}', '{}', '{}',
                   false, gen_random_uuid(), '2026-01-01Z', reviewer, reviewed_at::timestamptz, ''
              FROM (VALUES (1, 'published', gen_random_uuid(), '2026-01-02Z'), (2, 'draft', NULL, NULL))
                   AS given(n, state, reviewer, reviewed_at);
            INSERT INTO knowledge_receipt (item_id, n, user_id, read_at)
            VALUES ('00000000-0000-0000-0000-00000000000b', 1, '00000000-0000-0000-0000-000000000001', '2026-01-03Z');
            INSERT INTO event (id, at, kind, subject, subject_version, actor_kind, actor, departments, confidential, data)
            VALUES (gen_random_uuid(), '2026-01-01Z', 'knowledge.written', '00000000-0000-0000-0000-00000000000b', 4, 'user',
                    gen_random_uuid(), '{}', false, '{}'))sql");
    }
};

TEST_F(Doctor, FindsNothingWhereNothingIsWrong)
{
    registered({phone_, mail_});
    an_item();
    EXPECT_THAT(broken(), IsEmpty());
}

TEST_F(Doctor, FindsAnItemWhoseReadersWouldSeeNothingOrTheWrongEdition)
{
    an_item();
    for (const auto* const change :
         {"UPDATE knowledge_item SET published = 2", "UPDATE knowledge_item SET published = NULL",
          "UPDATE knowledge_item SET latest = 3", "UPDATE knowledge_item SET version = 5",
          "UPDATE knowledge_edition SET state = 'withdrawn' WHERE n = 1",
          "UPDATE text SET salt = NULL, body = NULL, erased_at = '2026-01-04Z', erased_by = gen_random_uuid()"})
    {
        sql("CREATE TABLE items AS TABLE knowledge_item; CREATE TABLE editions AS TABLE knowledge_edition; "
            "CREATE TABLE texts AS TABLE text");
        plant(change);
        EXPECT_THAT(broken(), ElementsAre("knowledge_published")) << change;
        plant("DELETE FROM knowledge_item; DELETE FROM knowledge_edition; DELETE FROM text; "
              "INSERT INTO knowledge_item SELECT * FROM items; INSERT INTO knowledge_edition SELECT * FROM editions; "
              "INSERT INTO text SELECT * FROM texts; DROP TABLE items, editions, texts");
    }
    EXPECT_THAT(broken(), IsEmpty());
}

TEST_F(Doctor, FindsAReceiptForWhatReadersNeverSaw)
{
    an_item();
    plant("UPDATE knowledge_receipt SET n = 2");
    EXPECT_THAT(broken(), ElementsAre("knowledge_read"));
    plant("UPDATE knowledge_receipt SET n = 3");
    EXPECT_THAT(broken(), ElementsAre("knowledge_read"));
}

TEST_F(Doctor, FindsWhatIsLeftOfAnErasedCustomer)
{
    const auto id = registered({phone_});
    ASSERT_TRUE(run(record::erase_person(db_, customer_, officer_, clock.now(), {ticket::erase_parties()})));
    EXPECT_THAT(broken(), IsEmpty());
    plant(fmt::format("INSERT INTO ticket_party (ticket_id, kind, value) VALUES ('{}', 'phone', '+8613812345678')",
                      id.to_string()));
    EXPECT_THAT(broken(), ElementsAre("erased_is_gone"));
}

} // namespace
} // namespace huiyin::upkeep
