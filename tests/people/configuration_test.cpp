#include "people_fixture.hpp"

#include <huiyin/people/configuration_store.hpp>
#include <huiyin/people/notice.hpp>

namespace huiyin::people {
namespace {

using testing::ElementsAre;

class Configuration : public people_test
{
protected:
    configuration_store store{db(), clock};
};

TEST_F(Configuration, EachPackIsAVersionAndTheSameDocumentIsNotAppliedTwice)
{
    EXPECT_EQ(run(store.find_current_pack()).value().has_value(), false);
    const auto one = run(store.append_pack("newspaper", R"({"b":1,"a":[2,3]})", system_actor)).value();
    EXPECT_EQ(one.version, 1);
    EXPECT_EQ(one.applied_at, noon);
    EXPECT_EQ(run(store.append_pack("newspaper", R"(  {"a": [2, 3], "b": 1} )", system_actor))->version, 1);
    EXPECT_EQ(run(store.append_pack("newspaper", R"({"a":[3,2],"b":1})", system_actor))->version, 2);
    EXPECT_EQ(run(store.append_pack("newspaper", R"({"b":1,"a":[2,3]})", system_actor))->version, 3)
        << "back to an older one is a change";
    EXPECT_EQ(run(store.find_current_pack()).value()->version, 3);
    EXPECT_EQ(run(store.find_pack(2)).value()->document, R"({"a": [3, 2], "b": 1})");
    EXPECT_EQ(run(store.find_pack(4)).value().has_value(), false);
    EXPECT_EQ(events_of_kind("pack.applied"), 3);

    auto tx = run(db().begin()).value();
    EXPECT_EQ(run(configuration_store::current_version(tx)), 3);
    EXPECT_EQ(run(configuration_store::find_pack(tx, 1)).value()->name, "newspaper");
    run(tx.roll_back());
}

TEST_F(Configuration, OfTwoPacksAtOnceEachGetsAVersion)
{
    for (int round = 0; round < 10; ++round) { // in the first the second connection may still be opening
        const auto document = [&](int n) { return "{\"n\":" + std::to_string(2 * round + n) + "}"; };
        const auto made = run(
            both(store.append_pack("a", document(0), system_actor), store.append_pack("b", document(1), system_actor)));
        ASSERT_TRUE(made[0] && made[1]) << round;
        EXPECT_EQ(made[0]->version + made[1]->version, 4 * round + 3);
    }
}

TEST_F(Configuration, IsAppendedByAdministratorsAndMustBeAnObject)
{
    EXPECT_EQ(code_of(run(store.append_pack("a", "{}", domain::actor::anonymous()))), errc::not_found);
    EXPECT_EQ(code_of(run(store.put_calendar_year("cn", 2026, "{}", domain::actor::anonymous()))), errc::not_found);
    for (const auto* bad : {"", "[]", "{", "1", "{\"a\":\"\xff\"}"}) {
        EXPECT_EQ(code_of(run(store.append_pack("a", bad, system_actor))), errc::invalid_json) << bad;
        EXPECT_EQ(code_of(run(store.put_calendar_year("cn", 2026, bad, system_actor))), errc::invalid_json) << bad;
    }
    EXPECT_EQ(code_of(run(store.append_pack("A B", "{}", system_actor))), errc::invalid_field);
    EXPECT_EQ(code_of(run(store.put_calendar_year("cn", 26, "{}", system_actor))), errc::invalid_field);
}

TEST_F(Configuration, AnAppliedPackCannotBeChanged)
{
    ASSERT_TRUE(run(store.append_pack("a", "{}", system_actor)));
    for (const auto* change : {"UPDATE pack SET name = 'b'", "DELETE FROM pack", "TRUNCATE pack"})
        EXPECT_THROW(sql(change), std::runtime_error) << change;
    EXPECT_EQ(run(store.find_current_pack()).value()->name, "a");
}

TEST_F(Configuration, ACalendarYearIsReplacedOnlyByADifferentOne)
{
    const auto first = run(store.put_calendar_year("cn", 2026, R"({"off":["01-01"],"work":[]})", system_actor)).value();
    EXPECT_EQ(first.version, 1);
    clock.advance(1h);
    EXPECT_EQ(run(store.put_calendar_year("cn", 2026, R"({"work":[], "off":["01-01"]})", system_actor))->loaded_at,
              noon);
    EXPECT_EQ(run(store.put_calendar_year("cn", 2026, R"({"off":["01-02"],"work":[]})", system_actor))->version, 2);
    ASSERT_TRUE(run(store.put_calendar_year("cn", 2025, R"({"off":[],"work":[]})", system_actor)));
    const auto all = run(store.load_calendars()).value();
    ASSERT_EQ(all.size(), 2);
    EXPECT_EQ(all[0].year, 2025);
    EXPECT_EQ(all[1].year, 2026);
    EXPECT_EQ(all[1].loaded_at, noon + 1h);
    EXPECT_EQ(all[1].document, R"({"off": ["01-02"], "work": []})");
    EXPECT_EQ(events_of_kind("calendar.loaded"), 3);
}

class Notices : public people_test
{
protected:
    notice_inbox inbox{db(), clock};

    void put(const std::vector<notice>& notices)
    {
        auto tx = run(db().begin()).value();
        pg::batch last;
        notify(last, notices);
        ASSERT_TRUE(run(tx.commit(std::move(last))));
    }
};

TEST_F(Notices, AreHisAloneNewestFirstAndReadOnce)
{
    const auto anna = a_user("anna").id;
    const auto bo = a_user("bo").id;
    const auto ticket = ticket_id::make();
    std::vector<notice> sent;
    for (int i = 0; i < 3; ++i)
        sent.push_back({.user = anna,
                        .kind = "ticket.dispatched",
                        .ticket = ticket,
                        .at = noon + std::chrono::minutes(i),
                        .read_at = {}});
    sent.push_back({.user = bo, .kind = "pack.applied", .ticket = {}, .at = noon, .read_at = {}});
    put(sent);

    const auto first = run(inbox.list(anna, {}, 2)).value();
    ASSERT_EQ(first.size(), 2);
    EXPECT_EQ(first[0].id, sent[2].id);
    EXPECT_EQ(first[0].ticket, ticket);
    EXPECT_EQ(run(inbox.list(anna, notice_inbox::place{first[1].at, first[1].id}, 2)).value().at(0).id, sent[0].id);
    EXPECT_EQ(run(inbox.list(bo, {}, 10)).value().at(0).ticket, std::nullopt);

    EXPECT_EQ(run(inbox.count_unread(anna)), 3);
    EXPECT_EQ(code_of(run(inbox.mark_read(bo, sent[0].id))), errc::not_found);
    ASSERT_TRUE(run(inbox.mark_read(anna, sent[0].id)));
    clock.advance(1h);
    ASSERT_TRUE(run(inbox.mark_read(anna, sent[0].id)));
    EXPECT_EQ(run(inbox.list(anna, {}, 10)).value().at(2).read_at, noon) << "the first time counts";
    ASSERT_TRUE(run(inbox.mark_all_read(anna, noon + 1min)));
    EXPECT_EQ(run(inbox.count_unread(anna)), 1);
    EXPECT_EQ(run(inbox.count_unread(bo)), 1);
}

TEST_F(Notices, AreNotPutIntoTheInboxOfAnInactiveAccount)
{
    const auto anna = a_user("anna").id, gone = a_user("gone").id;
    ASSERT_TRUE(run(people.update_user(gone, {.display_name = {}, .language = {}, .time_zone = {}, .active = false}, {},
                                       system_actor)));
    std::vector<notice> sent;
    for (const auto user : {anna, gone})
        sent.push_back({.user = user, .kind = "ticket.dispatched", .ticket = {}, .at = noon, .read_at = {}});
    put(sent);
    EXPECT_EQ(run(inbox.count_unread(anna)), 1);
    EXPECT_EQ(run(inbox.count_unread(gone)), 0);
}

} // namespace
} // namespace huiyin::people
