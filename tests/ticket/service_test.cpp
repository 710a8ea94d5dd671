// What the service does besides deciding: messages to customers on their way, clocks that later rules bring over.
#include "service_fixture.hpp"

#include <huiyin/ticket/ticket_lists.hpp>

#include <gmock/gmock.h>

namespace huiyin::ticket {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST_F(TicketService, WhatACustomerIsToldLeavesByTheOutboxInTheSameTransaction)
{
    const auto id = registered({phone_});
    EXPECT_THAT(messages(id), ElementsAre("sms no_channel acknowledgement zh-CN")) << "there is no account yet";
    an_account("sms");
    does(id, by_customer_, domain::urge{});
    EXPECT_THAT(messages(id), ElementsAre("sms no_channel acknowledgement zh-CN", "sms pending urge_noted zh-CN"));
    const auto payload =
        json::parse(column("SELECT payload::text FROM outbox_effect ORDER BY seq DESC LIMIT 1").front());
    EXPECT_EQ(payload.at("ticket"), id.to_string());
    EXPECT_EQ(column("SELECT kind FROM event WHERE id = '" + payload.at("event").get<std::string>() + "'").front(),
              "ticket.urged");
    EXPECT_EQ(payload.dump().find("138"), std::string::npos) << "no addresses: they are looked up when it is sent";
}

TEST_F(TicketService, ACommandThatIsRefusedTellsNobody)
{
    an_account("sms");
    const auto id = registered({phone_});
    does(id, by_customer_, domain::urge{});
    const auto before = messages(id);
    act again;
    again.ticket = id;
    again.who = by_customer_;
    again.what = domain::urge{};
    EXPECT_EQ(run(tickets_.perform(std::move(again))).error().code, errc::urged_recently);
    EXPECT_EQ(messages(id), before);
}

TEST_F(TicketService, WhoGaveANumberAndAnAddressIsToldByTheOneThatHasAnAccount)
{
    an_account("mail");
    EXPECT_THAT(messages(registered({phone_, mail_})), ElementsAre("mail pending acknowledgement zh-CN"));
    EXPECT_THAT(messages(registered({mail_})), ElementsAre("mail pending acknowledgement zh-CN"));
    an_account("sms");
    EXPECT_THAT(messages(registered({phone_, mail_})), ElementsAre("sms pending acknowledgement zh-CN"));
    EXPECT_THAT(messages(registered()), IsEmpty()) << "nobody to tell; the event says so";
}

TEST_F(TicketService, ThePackSaysInWhichLanguage)
{
    auto pack = json::parse(text_of("packs/newspaper.json"));
    pack["language"] = "zh-TW";
    apply_pack(pack);
    const auto id = registered({phone_});
    does(id, by_customer_, domain::urge{});
    EXPECT_THAT(messages(id), ElementsAre("sms no_channel acknowledgement zh-TW", "sms no_channel urge_noted zh-TW"));
}

TEST_F(TicketService, WhatHeDidNotAskForAtNightWaitsForTheMorning)
{
    an_account("sms");
    const auto id = registered({phone_});
    clock.set(parse_rfc3339("2026-03-02T22:00:00+08:00").value());
    does(id, by_customer_, domain::urge{});
    domain::withdraw never_mind;
    never_mind.reason = "solved_itself";
    does(id, agent_, never_mind);
    EXPECT_THAT(column("SELECT (payload ->> 'template') || ' ' || to_char(next_attempt_at AT TIME ZONE "
                       "'Asia/Shanghai', 'DD HH24:MI') FROM outbox_effect WHERE payload ->> 'template' <> "
                       "'acknowledgement' ORDER BY seq"),
                ElementsAre("urge_noted 02 22:00", "withdrawal_noted 03 09:00"));
}

TEST_F(TicketService, ALaterTargetKeepsTheTimeUsedAndRecountsTheRest)
{
    recount();
    const auto id = dispatched();
    const auto before = clock_of(id, domain::deadline_kind::resolve);
    auto pack = json::parse(text_of("packs/newspaper.json"));
    for (auto& each : pack.at("categories"))
        if (each.at("code") == "missed_copy") each["targets"]["resolve"] = "9wd office";
    apply_pack(pack);
    clock.advance(1min);
    recount();
    const auto now = clock_of(id, domain::deadline_kind::resolve);
    EXPECT_EQ(now.policy_version, 2);
    EXPECT_EQ(domain::to_string(now.goal), "9wd");
    EXPECT_EQ(now.due_at, parse_rfc3339("2026-03-13T23:59:59+08:00").value()) << "of 2 March, the ninth working day";
    EXPECT_EQ(now.original_due_at, before.due_at);
    const auto told = recounts(id);
    ASSERT_EQ(told.size(), 1u);
    EXPECT_EQ(told[0].at("policy_version"), 2);
    EXPECT_EQ(told[0].at("resolve"), to_rfc3339(before.due_at)) << "the old value is kept";
    EXPECT_THAT(column("SELECT data ->> 'version' FROM event WHERE kind = 'targets.recounted'"), ElementsAre("2"));

    recount();
    EXPECT_EQ(recounts(id).size(), 1u) << "once";
    const auto later = dispatched();
    EXPECT_EQ(domain::to_string(clock_of(later, domain::deadline_kind::resolve).goal), "9wd");
    EXPECT_THAT(recounts(later), IsEmpty());
}

TEST_F(TicketService, AnotherTargetOfAnotherCategoryTouchesNoTicket)
{
    recount();
    const auto id = dispatched();
    const auto before = run(tickets_.stamp_of(id)).value();
    auto pack = json::parse(text_of("packs/newspaper.json"));
    for (auto& each : pack.at("categories"))
        if (each.at("code") == "carrier_conduct") each["targets"]["resolve"] = "9wd office";
    apply_pack(pack);
    recount();
    EXPECT_EQ(run(tickets_.stamp_of(id)).value().version, before.version);
    EXPECT_THAT(column("SELECT version::text FROM counted_pack WHERE next IS NULL"), ElementsAre("2"));
}

TEST_F(TicketService, ACalendarLoadedLateRecountsOpenTicketsAndJournalsIt)
{
    auto pack = json::parse(text_of("packs/newspaper.json"));
    for (auto& each : pack.at("categories"))
        if (each.at("code") == "missed_copy") each["targets"]["resolve"] = "5wd office";
    apply_pack(pack);
    clock.set(parse_rfc3339("2026-02-12T10:00:00+08:00").value());
    const auto id = dispatched();
    recount();
    const auto guessed = clock_of(id, domain::deadline_kind::resolve);
    EXPECT_EQ(guessed.due_at, parse_rfc3339("2026-02-19T23:59:59+08:00").value()) << "no holidays are known";

    clock.set(parse_rfc3339("2026-02-14T10:00:00+08:00").value());
    ASSERT_TRUE(
        run(configuration_.put_calendar_year("cn", 2026, text_of("calendars/cn-2026.json"), domain::actor::system())));
    recount();
    const auto known = clock_of(id, domain::deadline_kind::resolve);
    EXPECT_EQ(known.due_at, parse_rfc3339("2026-02-26T23:59:59+08:00").value())
        << "Friday is used; Saturday is made up for; then three days after the holidays";
    EXPECT_EQ(known.original_due_at, guessed.due_at);
    const auto told = recounts(id);
    ASSERT_FALSE(told.empty());
    EXPECT_TRUE(std::ranges::any_of(told, [&](const auto& each) {
        return each.at("calendar") == "office" && each.value("resolve", "") == to_rfc3339(guessed.due_at);
    }));
    EXPECT_THAT(column("SELECT data ->> 'calendar' FROM event WHERE kind = 'calendar.recounted'"), Contains("office"));
}

TEST_F(TicketService, ANumberIsFoundWhateverTheStateOfItsTicket)
{
    const auto open = registered({phone_}), closed = registered({phone_});
    sql(fmt::format("UPDATE ticket SET status = 'closed', closure = 'confirmed', closed_at = '2026-03-02', "
                    "nearest_due_at = NULL WHERE id = '{}'",
                    closed.to_string()));
    ticket_lists lists(db_, clock, rules_);
    const auto listed = [&](list_query what) {
        std::vector<ticket_id> ids;
        const auto page = run(lists.list(std::move(what), {}, 10, officer_));
        EXPECT_TRUE(page) << page.error().detail;
        for (const auto& each : page->rows)
            ids.push_back(each.item.id);
        return ids;
    };
    const auto number_of = [&](ticket_id of) {
        return column("SELECT number FROM ticket WHERE id = '" + of.to_string() + "'").front();
    };
    list_query by_number;
    by_number.sort = list_sort::created;
    EXPECT_THAT(listed(by_number), ElementsAre(open)) << "without a number";
    by_number.number = number_of(closed);
    EXPECT_THAT(listed(by_number), ElementsAre(closed));
    by_number.sort = list_sort::due;
    EXPECT_THAT(listed(by_number), ElementsAre(closed));
    by_number.statuses = {"triage"};
    EXPECT_THAT(listed(by_number), IsEmpty()) << "a state was asked for as well";
    by_number.statuses.clear();
    by_number.number = number_of(open);
    EXPECT_THAT(listed(by_number), ElementsAre(open));
}

} // namespace
} // namespace huiyin::ticket
