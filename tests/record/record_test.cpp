#include <huiyin/async/task_group.hpp>
#include <huiyin/base/text.hpp>
#include <huiyin/journal/event.hpp>
#include <huiyin/record/attachment_store.hpp>
#include <huiyin/record/entry_store.hpp>
#include <huiyin/record/filing.hpp>
#include <huiyin/record/person.hpp>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <pg_fixture.hpp>
#include <set>

namespace huiyin::record {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using namespace std::chrono_literals;

const identity phone{identity_kind::phone, "+8613812345678"};
const identity mail{identity_kind::email, "zhang.wei@example.com"};
const identity other_mail{identity_kind::email, "stranger@example.com"};

class RecordTest : public test::pg_fixture
{
public:
    RecordTest()
    {
        auto settings = app_settings();
        settings.connections = 12;
        db_.emplace(on(), settings, metrics);
    }
    ~RecordTest() override { run(db_->close()); }

    correspondent typed(std::vector<identity> identities, std::string channel = "web")
    {
        return given(std::move(identities), false, std::move(channel));
    }
    correspondent proven(std::vector<identity> identities, std::string channel = "web")
    {
        return given(std::move(identities), true, std::move(channel));
    }

    filed file_one(correspondent who) { return run(file_in_one_transaction(std::move(who))).value(); }

    task<result<filed>> file_in_one_transaction(correspondent who)
    {
        auto tx = co_await db_->begin();
        if (!tx) co_return fail(tx.error());
        auto where = co_await file(*tx, who);
        if (!where) co_return where;
        auto done = co_await tx->commit();
        if (!done) co_return fail(done.error());
        co_return where;
    }

    /// An entry with words in the interaction, as intake or a service would write it.
    entry_id say(const filed& where, std::string words, instant at, std::optional<ticket_id> ticket = {},
                 bool internal = false)
    {
        return run(write_entry(where, std::move(words), at, ticket, internal)).value();
    }
    task<result<entry_id>> write_entry(filed where, std::string words, instant at, std::optional<ticket_id> ticket,
                                       bool internal)
    {
        auto tx = co_await db_->begin();
        if (!tx) co_return fail(tx.error());
        journal::words text;
        text.body = words;
        entry made;
        made.interaction = where.interaction;
        made.customer = where.customer;
        made.at = at;
        made.proof = "none";
        made.text = text.id;
        made.ticket = ticket;
        made.internal = internal;
        pg::batch writes;
        journal::store(writes, {text}, where.customer);
        insert(writes, {made});
        auto done = co_await tx->commit(std::move(writes));
        if (!done) co_return fail(done.error());
        co_return made.id;
    }

    task<result<void>> attach_to(attachment_id id, entry_id entry)
    {
        auto tx = co_await db_->begin();
        if (!tx) co_return fail(tx.error());
        pg::batch writes;
        attach(writes, {{id, entry}});
        auto done = co_await tx->commit(std::move(writes));
        if (!done) co_return fail(done.error());
        co_return result<void>{};
    }

    std::int64_t count(const std::string& of) { return sql("SELECT count(*) FROM " + of).front().get<std::int64_t>(0); }

    std::optional<pg::database> db_;

private:
    correspondent given(std::vector<identity> identities, bool is_proven, std::string channel)
    {
        correspondent who;
        for (auto& each : identities)
            who.identities.push_back({std::move(each), is_proven});
        who.name = "张伟";
        who.channel = std::move(channel);
        who.account = "public";
        who.at = clock.now();
        return who;
    }
};

TEST_F(RecordTest, AFirstContactMakesACustomerAConversationAndClaimedIdentities)
{
    const auto where = file_one(typed({phone, mail}));
    EXPECT_TRUE(where.new_customer);
    EXPECT_TRUE(where.new_interaction);
    const auto who = run(load_customer(*db_, where.customer)).value();
    EXPECT_EQ(who.name, "张伟");
    ASSERT_THAT(who.identities, SizeIs(2));
    EXPECT_FALSE(who.identities[0].verified);
    EXPECT_EQ(run(find_customer(*db_, phone)), where.customer);
    EXPECT_EQ(run(find_customer(*db_, other_mail)).error().code, errc::not_found);
}

TEST_F(RecordTest, AFurtherContactGoesIntoTheOpenConversationOfItsChannel)
{
    const auto first = file_one(typed({phone}));
    const auto again = file_one(typed({phone}));
    const auto by_mail = file_one(typed({phone}, "mail"));
    EXPECT_FALSE(again.new_customer);
    EXPECT_EQ(again.interaction, first.interaction);
    EXPECT_EQ(by_mail.customer, first.customer);
    EXPECT_NE(by_mail.interaction, first.interaction);
    sql("UPDATE interaction SET state = 'closed', closed_at = opened_at");
    EXPECT_NE(file_one(typed({phone})).interaction, first.interaction);
}

TEST_F(RecordTest, AConversationInWhichNothingWasSaidForAMonthEndsWhenTheCustomerComesBack)
{
    const auto first = file_one(typed({phone}));
    clock.advance(conversation_idle);
    EXPECT_EQ(file_one(typed({phone})).interaction, first.interaction);
    say(first, "还有一件事", clock.now());
    clock.advance(conversation_idle);
    EXPECT_EQ(file_one(typed({phone})).interaction, first.interaction) << "counted from the last word";
    clock.advance(std::chrono::hours(1));
    const auto later = file_one(typed({phone}));
    EXPECT_NE(later.interaction, first.interaction);
    EXPECT_EQ(later.closed_interaction, first.interaction);
    EXPECT_EQ(count("interaction WHERE state = 'open'"), 1);
    EXPECT_EQ(count("interaction WHERE state = 'closed' AND closed_at > opened_at"), 1);
}

TEST_F(RecordTest, AStrangerCannotHangHisAddressOnSomebodysRecord)
{
    const auto victim = file_one(proven({phone}));
    const auto stranger = file_one(typed({phone, other_mail}));
    EXPECT_EQ(stranger.customer, victim.customer);
    EXPECT_EQ(run(find_customer(*db_, other_mail)).error().code, errc::not_found);
}

TEST_F(RecordTest, ProofTurnsAClaimIntoAVerifiedIdentityAndMayBringMore)
{
    const auto first = file_one(typed({phone}));
    EXPECT_EQ(file_one(proven({phone, mail})).customer, first.customer);
    const auto who = run(load_customer(*db_, first.customer)).value();
    ASSERT_THAT(who.identities, SizeIs(2));
    EXPECT_TRUE(who.identities[0].verified);
    EXPECT_TRUE(who.identities[1].verified);
}

TEST_F(RecordTest, TheCustomerIsTheOneThatTheProvenIdentityNames)
{
    const auto by_phone = file_one(proven({phone}));
    const auto by_mail = file_one(proven({mail}));
    ASSERT_NE(by_phone.customer, by_mail.customer);
    auto mixed = typed({phone, mail});
    mixed.identities[1].proven = true;
    EXPECT_EQ(file_one(mixed).customer, by_mail.customer);
    EXPECT_EQ(run(find_customer(*db_, phone)), by_phone.customer);
}

TEST_F(RecordTest, FiftyFirstContactsAtOnceOfOnePersonMakeOneCustomerAndOneConversation)
{
    task_group group(on());
    std::set<customer_id> customers;
    std::set<interaction_id> interactions;
    int done = 0;
    const auto one = [](RecordTest& test, std::vector<identity> who, std::set<customer_id>& found,
                        std::set<interaction_id>& conversations, int& finished) -> task<> {
        auto where = co_await test.file_in_one_transaction(test.typed(std::move(who)));
        EXPECT_TRUE(where) << where.error().detail;
        if (where) {
            found.insert(where->customer);
            conversations.insert(where->interaction);
        }
        ++finished;
    };
    for (int i = 0; i < 50; ++i) {
        // Both orders: the locks are taken in one order whatever was typed first.
        auto who = i % 2 ? std::vector{phone, mail} : std::vector{mail, phone};
        group.spawn("first contact", one(*this, std::move(who), customers, interactions, done));
    }
    const auto until_done = [](int& finished) -> task<> {
        while (finished < 50)
            co_await pause_for(5ms);
    };
    run(until_done(done));
    EXPECT_EQ(customers.size(), 1u);
    EXPECT_EQ(interactions.size(), 1u);
    EXPECT_EQ(count("customer"), 1);
    EXPECT_EQ(count("interaction"), 1);
    EXPECT_EQ(count("identity"), 2);
    run(group.stop());
}

TEST_F(RecordTest, TheTimelineIsNewestFirstOverAllChannelsAndPaged)
{
    const auto web = file_one(typed({phone}));
    const auto by_mail = file_one(typed({phone}, "mail"));
    const auto ticket = ticket_id::make();
    for (int i = 0; i < 7; ++i)
        say(i % 2 ? by_mail : web, "第" + std::to_string(i), clock.now() + std::chrono::minutes(i / 2),
            i == 3 ? std::optional(ticket) : std::nullopt, i == 5);
    const auto stranger = file_one(typed({mail}));
    say(stranger, "不该出现", clock.now());

    std::vector<std::string> words;
    std::optional<std::pair<instant, entry_id>> next;
    do {
        const auto page = run(timeline(*db_, web.customer, next, 3)).value();
        EXPECT_LE(page.items.size(), 3u);
        for (const auto& item : page.items) {
            words.push_back(item.words);
            EXPECT_EQ(item.entry.internal, item.words == "第5");
            EXPECT_EQ(item.channel, item.entry.interaction == web.interaction ? "web" : "mail");
        }
        next = page.next;
    } while (next);
    ASSERT_THAT(words, SizeIs(7));
    EXPECT_EQ(words.front(), "第6");
    EXPECT_EQ(std::set(words.begin(), words.end()).size(), 7u);

    const auto of_ticket = run(ticket_timeline(*db_, ticket, {}, 10)).value();
    ASSERT_THAT(of_ticket.items, SizeIs(1));
    EXPECT_EQ(of_ticket.items[0].words, "第3");
    EXPECT_FALSE(of_ticket.next);
}

TEST_F(RecordTest, AnAttachmentIsUnreachableUntilItsContactIsAccepted)
{
    const auto where = file_one(typed({phone}));
    std::string bytes(600'000, '\0');
    for (std::size_t i = 0; i < bytes.size(); ++i)
        bytes[i] = static_cast<char>(i * 31 % 251);
    const auto id = run(upload(*db_, "发票.pdf", "application/pdf", bytes, clock.now())).value();
    EXPECT_EQ(run(load_attachment(*db_, id)).error().code, errc::not_found);
    EXPECT_EQ(run(read_chunk(*db_, id, 0)).error().code, errc::not_found);

    const auto entry = say(where, "见附件", clock.now());
    ASSERT_TRUE(run(attach_to(id, entry)));
    const auto loaded = run(load_attachment(*db_, id)).value();
    EXPECT_EQ(loaded.name, "发票.pdf");
    EXPECT_EQ(loaded.customer, where.customer);
    EXPECT_EQ(loaded.sha256, sha256(bytes));
    ASSERT_EQ(loaded.chunks(), 3u);
    std::string back;
    for (std::size_t n = 0; n < loaded.chunks(); ++n)
        back += run(read_chunk(*db_, id, n)).value();
    EXPECT_EQ(back, bytes);
    EXPECT_EQ(run(read_chunk(*db_, id, 3)).error().code, errc::not_found);
    const auto page = run(timeline(*db_, where.customer, {}, 10)).value();
    ASSERT_THAT(page.items, SizeIs(1));
    ASSERT_THAT(page.items[0].attachments, SizeIs(1));
    EXPECT_EQ(page.items[0].attachments[0].size, 600'000);
    EXPECT_EQ(
        sql("SELECT attstorage FROM pg_attribute WHERE attrelid = 'attachment_chunk'::regclass AND attname = 'bytes'")
            .front()
            .get<std::string>(0),
        "e");
}

TEST_F(RecordTest, AnAttachmentBeyondTheLimitIsRefused)
{
    const std::string huge(attachment_limit + 1, 'x');
    EXPECT_EQ(run(upload(*db_, "a", "text/plain", huge, clock.now())).error().code, errc::body_too_large);
    EXPECT_EQ(run(upload(*db_, "\xff", "text/plain", "x", clock.now())).error().code, errc::invalid_utf8);
    EXPECT_EQ(count("attachment"), 0);
}

TEST_F(RecordTest, ADayOldOrphanIsSweptAndNothingElse)
{
    const auto where = file_one(typed({phone}));
    const auto kept = run(upload(*db_, "kept", "text/plain", "kept", clock.now())).value();
    ASSERT_TRUE(run(attach_to(kept, say(where, "见附件", clock.now()))));
    const auto orphan = run(upload(*db_, "orphan", "text/plain", "orphan", clock.now())).value();
    clock.advance(23h);
    const auto young = run(upload(*db_, "young", "text/plain", "young", clock.now())).value();
    EXPECT_EQ(run(sweep_attachments(*db_, clock.now())), 0u);
    clock.advance(1h);
    EXPECT_EQ(run(sweep_attachments(*db_, clock.now())), 1u);
    EXPECT_EQ(count("attachment WHERE id = '" + orphan.to_string() + "'"), 0);
    EXPECT_EQ(count("attachment WHERE id = '" + young.to_string() + "'"), 1);
    EXPECT_EQ(count("attachment_chunk"), 2);
}

TEST_F(RecordTest, ErasingAPersonLeavesNoWordNameNumberOrFileOfHis)
{
    const std::string canary = "KANARIE金丝雀";
    auto who = typed({{identity_kind::phone, "+8613800001111"}, {identity_kind::email, "kanarie@example.com"}});
    who.name = canary;
    const auto where = file_one(who);
    const auto entry = say(where, "我是" + canary, clock.now());
    const auto id = run(upload(*db_, canary + ".txt", "text/plain", canary, clock.now())).value();
    ASSERT_TRUE(run(attach_to(id, entry)));
    const auto bystander = file_one(typed({mail}));
    say(bystander, "留下", clock.now());

    std::vector<identity> told;
    const auto by = domain::actor{.kind = domain::actor_kind::user,
                                  .id = uuid::make(),
                                  .roles = {},
                                  .departments = {},
                                  .leads = {},
                                  .scopes = {}};
    const auto remember = [&told](pg::batch&, const journal::erasure&, const std::vector<identity>& all) {
        told = all;
    };
    const auto gone = run(erase_person(*db_, where.customer, by, clock.now(), {remember})).value();
    EXPECT_EQ(gone.identities, 2u);
    EXPECT_EQ(gone.texts, 1u);
    EXPECT_EQ(gone.attachments, 1u);
    EXPECT_THAT(told, SizeIs(2));

    const std::vector<std::string> traces{canary, "13800001111", "kanarie@",
                                          to_hex(std::vector<std::uint8_t>(canary.begin(), canary.end()))};
    for (const std::string table :
         {"customer", "identity", "interaction", "entry", "text", "attachment", "attachment_chunk", "event"})
        for (const auto& word : traces)
            EXPECT_EQ(count(table + " AS t WHERE t::text ILIKE '%" + word + "%'"), 0) << table << " " << word;
    EXPECT_EQ(
        sql("SELECT string_agg(kind, ' ' ORDER BY seq) FROM event WHERE subject = '" + where.customer.to_string() + "'")
            .front()
            .get<std::string>(0),
        "text_erased customer.erased");
    EXPECT_EQ(run(erase_person(*db_, where.customer, by, clock.now())).error().code, errc::erased);
    EXPECT_EQ(run(erase_person(*db_, customer_id::make(), by, clock.now())).error().code, errc::not_found);

    const auto page = run(timeline(*db_, where.customer, {}, 10)).value();
    ASSERT_THAT(page.items, SizeIs(1));
    EXPECT_TRUE(page.items[0].erased);
    EXPECT_EQ(page.items[0].words, "");
    EXPECT_EQ(run(timeline(*db_, bystander.customer, {}, 10))->items[0].words, "留下");
    EXPECT_TRUE(file_one(who).new_customer);
}

TEST_F(RecordTest, AnExportHoldsEverythingThatIsKeptOfThePersonAndNothingOfOthers)
{
    const auto where = file_one(proven({phone, mail}));
    const auto entry = say(where, "报纸没到", clock.now());
    const auto id = run(upload(*db_, "照片.jpg", "image/jpeg", "bytes", clock.now())).value();
    ASSERT_TRUE(run(attach_to(id, entry)));
    say(file_one(typed({other_mail})), "别人的话", clock.now());

    const auto text = run(export_person(*db_, where.customer)).value();
    EXPECT_THAT(text, Not(HasSubstr("别人的话")));
    const auto out = nlohmann::json::parse(text);
    EXPECT_EQ(out["customer"]["name"], "张伟");
    ASSERT_EQ(out["identities"].size(), 2u);
    EXPECT_EQ(out["identities"][1]["value"], "+8613812345678");
    ASSERT_EQ(out["interactions"].size(), 1u);
    const auto& said = out["interactions"][0]["entries"][0];
    EXPECT_EQ(said["words"], "报纸没到");
    EXPECT_EQ(said["attachments"][0]["name"], "照片.jpg");
    EXPECT_EQ(said["attachments"][0]["sha256"], to_hex(sha256("bytes")));
    EXPECT_EQ(run(export_person(*db_, customer_id::make())).error().code, errc::not_found);
}

} // namespace
} // namespace huiyin::record
