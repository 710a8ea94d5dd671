#include <huiyin/async/task_group.hpp>
#include <huiyin/base/text.hpp>
#include <huiyin/intake/applier.hpp>
#include <huiyin/intake/door.hpp>
#include <huiyin/intake/intake_store.hpp>
#include <huiyin/record/attachment_store.hpp>
#include <huiyin/record/entry_store.hpp>
#include <huiyin/record/person.hpp>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <pg_fixture.hpp>
#include <set>
#include <sstream>

namespace huiyin::intake {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::MatchesRegex;
using ::testing::Not;
using ::testing::SizeIs;
using namespace std::chrono_literals;

const record::identity zhangs_phone{record::identity_kind::phone, "+8613812345678"};
const record::identity strangers_mail{record::identity_kind::email, "stranger@example.com"};

/// Two doors, as on two reactors: each with connections of its own.
class DoorTest : public test::pg_fixture
{
public:
    struct reactor_like
    {
        reactor_like(DoorTest& test, intake_settings with)
            : db(test.on(), test.settings(), test.metrics), rules(db),
              door(test.on(), db, rules, test.clock, test.metrics, std::move(with)),
              tickets(db, test.clock, rules, test.metrics), applier(test.on(), db, tickets, test.clock, test.metrics)
        {}
        pg::database db;
        ticket::configurations rules;
        intake::door door;
        ticket::ticket_service tickets;
        intake::applier applier;
    };

    DoorTest()
    {
        apply_pack();
        open_doors({});
    }
    ~DoorTest() override { shut_doors(); }

    pg::database_settings settings()
    {
        auto as = app_settings();
        as.connections = 4;
        return as;
    }

    void open_doors(intake_settings with)
    {
        shut_doors();
        with.tracking_url = "https://service.example.com/track/";
        for (int i = 0; i < 2; ++i)
            nodes_.push_back(std::make_unique<reactor_like>(*this, with));
    }
    void shut_doors()
    {
        for (auto& each : nodes_) {
            run(each->door.stop());
            run(each->db.close());
        }
        nodes_.clear();
    }
    reactor_like& node(std::size_t i = 0) { return *nodes_[i]; }

    /// A form on the public web page.
    contact typed(std::string problem, record::identity who = zhangs_phone, std::string category = "missed_copy")
    {
        contact out;
        out.channel = "web";
        out.account = "public";
        out.external_id = uuid::make().to_string();
        out.at = clock.now();
        out.identities = {{std::move(who), false}};
        out.name = "张伟";
        out.category = std::move(category);
        out.problem = std::move(problem);
        return out;
    }
    /// A call whose number the trunk vouches for.
    contact proven(std::string problem, record::identity who = zhangs_phone, std::string category = "missed_copy")
    {
        auto out = typed(std::move(problem), std::move(who), std::move(category));
        out.channel = "phone";
        out.account = "hotline";
        out.proof = proof::trunk_caller;
        out.identities[0].proven = true;
        return out;
    }
    static record::identity phone_of(int i)
    {
        return {record::identity_kind::phone, "+861380000" + std::to_string(1000 + i)};
    }

    result<receipt> accept(contact what, std::size_t on_node = 0)
    {
        return run(node(on_node).door.accept(std::move(what)));
    }

    /// All at once, alternating between the doors; the answers in the order given.
    std::vector<result<receipt>> accept_all(const std::vector<contact>& all)
    {
        task_group group(on());
        std::vector<std::optional<result<receipt>>> told(all.size());
        std::size_t done = 0;
        for (std::size_t i = 0; i < all.size(); ++i)
            group.spawn("contact", keep(node(i % 2).door, all[i], told[i], done));
        run(until(done, all.size()));
        run(group.stop());
        std::vector<result<receipt>> out;
        for (auto& each : told)
            out.push_back(std::move(*each));
        return out;
    }

    std::int64_t count(const std::string& of) { return sql("SELECT count(*) FROM " + of).front().get<std::int64_t>(0); }
    std::string one(const std::string& query)
    {
        return sql(query).front().get<std::optional<std::string>>(0).value_or("NULL");
    }
    account_line ledger(const std::string& account = "public")
    {
        for (const auto& line : run(read_ledger(node().db)).value())
            if (line.account == account) return line;
        return {};
    }

    static task<> keep(door& at, contact what, std::optional<result<receipt>>& told, std::size_t& done)
    {
        told = co_await at.accept(std::move(what));
        ++done;
    }
    static task<> until(std::size_t& done, std::size_t wanted)
    {
        while (done < wanted)
            co_await pause_for(2ms);
    }

private:
    void apply_pack()
    {
        const auto file = std::filesystem::path(__FILE__).parent_path() / "../../config/packs/newspaper.json";
        std::ifstream in(file);
        std::stringstream text;
        text << in.rdbuf();
        sql("INSERT INTO pack (version, applied_at, name, digest, document) VALUES (1, '2026-01-01Z', 'newspaper', "
            "sha256('x'), $pack$" +
            text.str() + "$pack$)");
    }

    std::vector<std::unique_ptr<reactor_like>> nodes_;
};

// --- what becomes of a contact
// ----------------------------------------------------------------------------------------

TEST_F(DoorTest, AComplaintBecomesATicketWithAllItsWords)
{
    auto what = typed("报纸没有送到");
    what.object = "城东站";
    what.desired_solution = "补送";
    what.fields = {{"station", "东三"}};
    what.occurred_at = clock.now() - 3h;
    const auto told = accept(what).value();
    EXPECT_EQ(told.outcome, outcome::visible);
    EXPECT_FALSE(told.repeated);
    EXPECT_EQ(told.number, "260302-0001");
    const auto answer = json::parse(told.answer);
    EXPECT_EQ(answer["number"], told.number);
    EXPECT_EQ(answer["tracking_url"], "https://service.example.com/track/260302-0001");
    EXPECT_TRUE(parse_rfc3339(answer["due_at"].get<std::string>()));
    EXPECT_GT(*parse_rfc3339(answer["due_at"].get<std::string>()), clock.now());
    EXPECT_EQ(answer.size(), 3u);

    EXPECT_EQ(one("SELECT concat_ws(' ', number, status, category, channel) FROM ticket"),
              "260302-0001 new missed_copy web");
    EXPECT_EQ(one("SELECT body FROM text WHERE id = (SELECT (problem->>'text')::uuid FROM ticket)"), "报纸没有送到");
    EXPECT_EQ(one("SELECT body FROM text WHERE id = (SELECT (object->>'text')::uuid FROM ticket)"), "城东站");
    const auto customer = run(record::find_customer(node().db, zhangs_phone)).value();
    const auto page = run(record::timeline(node().db, customer, {}, 10)).value();
    ASSERT_THAT(page.items, SizeIs(1));
    EXPECT_EQ(page.items[0].words, "报纸没有送到");
    EXPECT_EQ(page.items[0].fields, R"({"station":"东三"})");
    EXPECT_EQ(page.items[0].entry.proof, "none");
    EXPECT_EQ(page.items[0].entry.ticket, told.ticket);
    EXPECT_EQ(count("ticket_interaction"), 1);
    EXPECT_EQ(ledger(), (account_line{"public", 1, 1, 0, 0}));
}

TEST_F(DoorTest, TheJournalNamesNobodyAndHoldsNoWords)
{
    auto what = typed("金丝雀的话", {record::identity_kind::phone, "+8613877776666"});
    what.name = "金丝雀";
    what.identities.push_back({{record::identity_kind::email, "kanarie@example.com"}, false});
    what.fields = {{"note", "金丝雀的备注"}};
    ASSERT_TRUE(accept(what));
    what.unreadable = "金丝雀";
    what.external_id = "another";
    what.unreadable = "charset";
    what.raw = "金丝雀的原文";
    ASSERT_TRUE(accept(what));
    for (const std::string trace : {"金丝雀", "13877776666", "kanarie"})
        EXPECT_EQ(count("event WHERE data::text LIKE '%" + trace + "%'"), 0) << trace;
    EXPECT_GE(count("event"), 3);
}

TEST_F(DoorTest, AContactWithoutACategoryOrWithAnUnknownOneIsTakenForTriage)
{
    EXPECT_TRUE(accept(typed("说不清", phone_of(1), "")));
    EXPECT_TRUE(accept(typed("怪事", phone_of(2), "no_such_category")));
    EXPECT_EQ(count("ticket WHERE status = 'new'"), 2);
}

TEST_F(DoorTest, WhatOnlyABrokenAdapterSendsIsRefused)
{
    auto what = typed("x");
    what.external_id.clear();
    EXPECT_EQ(accept(what).error().code, errc::invalid_field);
    what.external_id = "\xff";
    EXPECT_EQ(accept(what).error().code, errc::invalid_field);
    what.external_id = std::string(201, 'x');
    EXPECT_EQ(accept(what).error().code, errc::invalid_field);
    EXPECT_EQ(count("receipt"), 0);
}

// --- promises 1 and 2
// ---------------------------------------------------------------------------------------------------

TEST_F(DoorTest, FiftyFirstContactsOfOnePersonAtOnceMakeOneCustomerAndOneConversation)
{
    std::vector<contact> all;
    for (int i = 0; i < 50; ++i) {
        all.push_back(typed("第" + std::to_string(i)));
        all.back().identities.push_back({{record::identity_kind::email, "zhang@example.com"}, false});
        if (i % 3 == 0) std::ranges::reverse(all.back().identities);
    }
    std::set<std::string> numbers;
    for (const auto& told : accept_all(all)) {
        ASSERT_TRUE(told) << told.error().detail;
        numbers.insert(told->number);
    }
    EXPECT_EQ(count("customer"), 1);
    EXPECT_EQ(count("identity"), 2);
    EXPECT_EQ(count("interaction"), 1);
    EXPECT_EQ(count("entry"), 50);
    EXPECT_EQ(numbers.size(), 50u);
    EXPECT_EQ(ledger(), (account_line{"public", 50, 50, 0, 0}));
}

TEST_F(DoorTest, ContactsThatQueueTogetherShareACommit)
{
    std::vector<contact> all;
    for (int i = 0; i < 100; ++i)
        all.push_back(typed("x", phone_of(i)));
    for (const auto& told : accept_all(all))
        ASSERT_TRUE(told);
    EXPECT_EQ(count("ticket"), 100);
    EXPECT_LE(sql("SELECT count(DISTINCT xid) FROM event WHERE kind = 'contact.accepted'").front().get<int>(0), 10);
}

TEST_F(DoorTest, TwinsInParallelUnderOneKeyGetTheSameAnswerByteForByte)
{
    auto what = typed("报纸没有送到");
    identify(what, "key-1", "the body");
    std::set<std::string> answers;
    int first = 0;
    for (const auto& told : accept_all(std::vector<contact>(20, what))) {
        ASSERT_TRUE(told) << told.error().detail;
        answers.insert(told->answer);
        first += !told->repeated;
    }
    EXPECT_THAT(answers, SizeIs(1));
    EXPECT_EQ(first, 1);
    EXPECT_EQ(count("ticket"), 1);
    EXPECT_EQ(ledger(), (account_line{"public", 20, 1, 0, 19}));

    // After a restart, a day, and the purge of keys, too.
    open_doors({});
    clock.advance(25h);
    EXPECT_EQ(run(purge_requests(node().db, clock.now())), 1u);
    const auto late = accept(what, 1).value();
    EXPECT_TRUE(late.repeated);
    EXPECT_EQ(late.answer, *answers.begin());
    EXPECT_EQ(ledger(), (account_line{"public", 21, 1, 0, 20}));
}

TEST_F(DoorTest, AnotherBodyUnderTheSameKeyIsRefused)
{
    auto what = typed("报纸没有送到");
    identify(what, "key-1", "the body");
    auto other = typed("另一件事");
    identify(other, "key-1", "another body");
    const auto told = accept_all({what, other, what, other});
    EXPECT_EQ(std::ranges::count_if(told, [](const auto& each) { return each.has_value(); }), 2);
    for (const auto& each : told)
        if (!each) EXPECT_EQ(each.error().code, errc::key_reused);
    EXPECT_EQ(count("ticket"), 1);
    EXPECT_EQ(accept(other).has_value(), told[1].has_value());
}

TEST_F(DoorTest, AnotherSystemsRepeatIsCountedAndAnsweredAsTheFirst)
{
    auto what = proven("x");
    what.account = "api/crm";
    what.external_id = "A-17";
    const auto first = accept(what).value();
    what.problem = "the same id with other words";
    const auto again = accept(what, 1).value();
    EXPECT_TRUE(again.repeated);
    EXPECT_EQ(again.answer, first.answer);
    EXPECT_EQ(ledger("api/crm"), (account_line{"api/crm", 2, 1, 0, 1}));
}

TEST_F(DoorTest, NumbersAreUniqueOverDoorsAndBeginAnewEachDayOfTheCenter)
{
    std::set<std::string> numbers;
    const auto twenty = [&] {
        std::vector<contact> all;
        for (int i = 0; i < 20; ++i)
            all.push_back(typed("x", phone_of(i)));
        for (const auto& told : accept_all(all)) {
            ASSERT_THAT(told->number, MatchesRegex("2603[0-9][0-9]-[0-9]{4}"));
            EXPECT_TRUE(numbers.insert(told->number).second) << told->number;
        }
    };
    clock.set(parse_rfc3339("2026-03-02T15:59:59Z").value()); // 23:59:59 in Shanghai
    twenty();
    clock.advance(1s);
    twenty();
    EXPECT_EQ(numbers.size(), 40u);
    EXPECT_EQ(std::ranges::count_if(numbers, [](const auto& n) { return n.starts_with("260302-"); }), 20);
    EXPECT_TRUE(numbers.contains("260303-0001"));
    open_doors({});
    EXPECT_THAT(accept(typed("x"), 1)->number, HasSubstr("260303-"));
    EXPECT_EQ(count("ticket_day"), 2);
}

// --- promise 3
// ------------------------------------------------------------------------------------------------------------

TEST_F(DoorTest, OnePoisonousContactIsParkedAndItsBatchIsNotHeldUp)
{
    std::vector<contact> all;
    for (int i = 0; i < 21; ++i)
        all.push_back(typed("第" + std::to_string(i), phone_of(i)));
    all[13].problem = "ill-formed \xff words";
    all[13].raw = "raw \xff bytes";
    const auto told = accept_all(all);
    for (std::size_t i = 0; i < told.size(); ++i) {
        ASSERT_TRUE(told[i]) << told[i].error().detail;
        EXPECT_EQ(told[i]->outcome, i == 13 ? outcome::parked : outcome::visible);
    }
    EXPECT_EQ(json::parse(told[13]->answer)["receipt"], told[13]->id.to_string());
    EXPECT_EQ(ledger(), (account_line{"public", 21, 20, 1, 0}));

    const auto page = run(list_parked(node().db, {}, 10)).value();
    ASSERT_THAT(page.items, SizeIs(1));
    EXPECT_THAT(page.items[0].reason, HasSubstr("data-rejected:22021"));
    EXPECT_EQ(page.items[0].raw, "raw \xff bytes");
    EXPECT_TRUE(accept(all[13])->repeated);

    const auto retried = run(node().door.retry(page.items[0].id)).value();
    EXPECT_EQ(retried.outcome, outcome::visible);
    EXPECT_EQ(one("SELECT body FROM text WHERE body LIKE 'ill-formed%'"), "ill-formed \xef\xbf\xbd words");
    EXPECT_EQ(ledger(), (account_line{"public", 22, 21, 0, 1}));
    EXPECT_THAT(run(list_parked(node().db, {}, 10))->items, IsEmpty());
    EXPECT_EQ(count("parked WHERE raw IS NOT NULL OR contact IS NOT NULL"), 0);
    EXPECT_EQ(accept(all[13])->answer, retried.answer);
    EXPECT_EQ(run(node().door.retry(page.items[0].id)).error().code, errc::wrong_state);
    EXPECT_EQ(run(node().door.retry(parked_id::make())).error().code, errc::not_found);
}

TEST_F(DoorTest, WhatAnAdapterCannotUnderstandIsKeptRawWithTheReason)
{
    auto what = typed("");
    what.channel = "mail";
    what.account = "service";
    what.unreadable = "charset";
    what.raw = "=?x-unknown?Q?...?=";
    what.attachments = {run(record::upload(node().db, "a.txt", "text/plain", "bytes", clock.now())).value()};
    const auto told = accept(what).value();
    EXPECT_EQ(told.outcome, outcome::parked);
    EXPECT_EQ(count("ticket"), 0);

    clock.advance(48h);
    EXPECT_EQ(run(record::sweep_attachments(node().db, clock.now())), 0u);
    const auto waiting = run(list_parked(node().db, {}, 10)).value();
    ASSERT_THAT(waiting.items, SizeIs(1));
    EXPECT_EQ(waiting.items[0].reason, "unreadable:charset");
    EXPECT_EQ(waiting.items[0].channel, "mail");
    const auto retried = run(node(1).door.retry(waiting.items[0].id)).value();
    EXPECT_EQ(retried.outcome, outcome::visible);
    EXPECT_EQ(one("SELECT body FROM text"), what.raw);
    EXPECT_TRUE(run(record::load_attachment(node().db, what.attachments[0])));
}

TEST_F(DoorTest, TwoRetriesAtOnceMakeOneTicket)
{
    auto what = typed("x");
    what.unreadable = "charset";
    ASSERT_TRUE(accept(what));
    const auto which = run(list_parked(node().db, {}, 10))->items.at(0).id;
    task_group group(on());
    std::vector<std::optional<result<receipt>>> told(2);
    std::size_t done = 0;
    const auto retry = [](door& at, parked_id id, std::optional<result<receipt>>& into,
                          std::size_t& finished) -> task<> {
        into = co_await at.retry(id);
        ++finished;
    };
    for (std::size_t i = 0; i < 2; ++i)
        group.spawn("retry", retry(node(i).door, which, told[i], done));
    run(until(done, 2));
    run(group.stop());
    EXPECT_NE(told[0]->has_value(), told[1]->has_value());
    EXPECT_EQ(count("ticket"), 1);
}

TEST_F(DoorTest, APersonWhoIsErasedLeavesNoParkedInput)
{
    const auto customer = (accept(typed("x")), run(record::find_customer(node().db, zhangs_phone)).value());
    auto what = typed("y");
    what.unreadable = "charset";
    what.raw = "金丝雀";
    what.attachments = {run(record::upload(node().db, "金丝雀.txt", "text/plain", "金丝雀", clock.now())).value()};
    ASSERT_TRUE(accept(what));
    ASSERT_TRUE(run(
        record::erase_person(node().db, customer, domain::actor::system(), clock.now(), {erase_parked(clock.now())})));
    EXPECT_EQ(count("parked WHERE raw IS NOT NULL OR contact IS NOT NULL OR identity_keys <> '{}'"), 0);
    EXPECT_EQ(count("attachment"), 0);
    EXPECT_EQ(ledger(), (account_line{"public", 2, 1, 1, 0}));
}

TEST_F(DoorTest, WhatAConstraintForbidsIsParkedAndTriedAgain)
{
    auto long_name = typed("x", phone_of(1));
    long_name.name = std::string(300, 'n');
    auto hopeless = typed("y", {record::identity_kind::chat, std::string(400, 'c')});
    EXPECT_EQ(accept(long_name)->outcome, outcome::parked);
    EXPECT_EQ(accept(hopeless)->outcome, outcome::parked);
    const auto waiting = run(list_parked(node().db, {}, 1)).value();
    ASSERT_TRUE(waiting.next);
    EXPECT_EQ(waiting.items.at(0).reason, "constraint-violated:customer_name_check");
    EXPECT_EQ(run(node().door.retry(waiting.items[0].id))->outcome, outcome::visible);
    const auto rest = run(list_parked(node().db, waiting.next, 1)).value();
    EXPECT_EQ(run(node().door.retry(rest.items.at(0).id))->outcome, outcome::parked);
    EXPECT_EQ(run(list_parked(node().db, {}, 9))->items.at(0).retries, 1);
    EXPECT_EQ(ledger(), (account_line{"public", 2, 1, 1, 0}));
}

TEST_F(DoorTest, WhatTheHouseTookDownKeepsItsRemarksWhileItIsParked)
{
    auto taken = typed("柜台来访", phone_of(1), "");
    taken.channel = "visit";
    taken.account = "desk";
    taken.name = std::string(300, 'n');
    taken.outbound = true;
    taken.remarks = {.type = domain::ticket_type::enquiry, .confidential = true, .customer_waiting = true, .vip = true};
    taken.by.kind = domain::actor_kind::user;
    taken.by.id = uuid::make();
    taken.by.roles = {domain::role::agent};
    EXPECT_EQ(accept(taken)->outcome, outcome::parked);
    const auto waiting = run(list_parked(node().db, {}, 1)).value();
    const auto retried = run(node().door.retry(waiting.items.at(0).id));
    ASSERT_TRUE(retried) << slug(retried.error().code);
    EXPECT_EQ(retried->outcome, outcome::visible);
    EXPECT_EQ(one("SELECT concat_ws(' ', type, sensitive, customer_waiting, vip) FROM ticket"),
              "enquiry confidential t t");
    EXPECT_EQ(one("SELECT concat_ws(' ', author_kind, author, direction) FROM entry"),
              "user " + taken.by.id.to_string() + " out");
}

TEST_F(DoorTest, AContactWhoseAttachmentIsGoneIsRefusedAndLeavesNothing)
{
    auto what = typed("x");
    what.attachments = {attachment_id::make()};
    EXPECT_EQ(accept(what).error().code, errc::not_found);
    for (const std::string table : {"receipt", "customer", "identity", "text", "ticket"})
        EXPECT_EQ(count(table), 0) << table;
    what.attachments = {run(record::upload(node().db, "a.txt", "text/plain", "bytes", clock.now())).value()};
    EXPECT_TRUE(accept(what));
    EXPECT_TRUE(run(record::load_attachment(node().db, what.attachments[0])));
    // Nobody can take it a second time.
    auto thief = typed("y", phone_of(1));
    thief.attachments = what.attachments;
    EXPECT_EQ(accept(thief).error().code, errc::not_found);
}

// --- promise 11
// -----------------------------------------------------------------------------------------------------------

TEST_F(DoorTest, AStrangerWhoTypesACustomersNumberLearnsJoinsAndMovesNothing)
{
    const auto victims = accept(proven("我的投诉")).value();
    const auto before = one("SELECT ticket::text FROM ticket WHERE number = '" + victims.number + "'");
    const auto parties = one("SELECT string_agg(ticket_id || kind || value, ' ' ORDER BY value) FROM ticket_party");

    auto form = typed("我也要投诉");
    form.identities.push_back({strangers_mail, false});
    form.name = "陌生人";
    form.ticket_number = victims.number;
    const auto told = accept(form, 1).value();
    EXPECT_NE(told.ticket, victims.ticket);
    EXPECT_THAT(told.answer, Not(HasSubstr(victims.number)));
    auto plain = typed("别人", phone_of(1));
    const auto unrelated = accept(plain).value();
    // Flagged for an officer; the sender's answer looks like anyone's.
    EXPECT_EQ(one("SELECT suspected_duplicate_of FROM ticket WHERE number = '" + told.number + "'"),
              victims.ticket->to_string());
    EXPECT_EQ(json::parse(told.answer)["due_at"], json::parse(unrelated.answer)["due_at"]);

    EXPECT_EQ(count("ticket_inbox"), 0);
    EXPECT_EQ(one("SELECT ticket::text FROM ticket WHERE number = '" + victims.number + "'"), before);
    EXPECT_EQ(
        one("SELECT string_agg(ticket_id || kind || value, ' ' ORDER BY value) FROM ticket_party WHERE ticket_id = '" +
            victims.ticket->to_string() + "'"),
        parties);
    EXPECT_EQ(run(record::find_customer(node().db, strangers_mail)).error().code, errc::not_found);
    EXPECT_EQ(one("SELECT name FROM customer ORDER BY created_at LIMIT 1"), "张伟");

    // His own mail, even proven, opens nothing of the victim's.
    auto urge = proven("快点", strangers_mail);
    urge.ticket_number = victims.number;
    urge.act = act::urge;
    const auto refused = accept(urge);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, errc::not_found);
    urge.ticket_number = "260302-9999";
    EXPECT_EQ(accept(urge).error().code, refused.error().code);
}

TEST_F(DoorTest, ATypedAddressOnAStrangersFormNeverMovesTheCustomersLaterTickets)
{
    // The stranger is first: he types the victim's number and his own address, so both are claims of one record.
    auto form = typed("先来");
    form.identities.push_back({strangers_mail, false});
    ASSERT_TRUE(accept(form));
    const auto victims = accept(proven("我的投诉", zhangs_phone, "late_or_damaged")).value();
    const auto mail = accept(proven("后来", strangers_mail, "late_or_damaged")).value();
    EXPECT_NE(mail.ticket, victims.ticket);
    EXPECT_EQ(count("ticket_inbox WHERE ticket_id = '" + victims.ticket->to_string() + "'"), 0);
}

TEST_F(DoorTest, WithProofAFurtherContactIsAnUrgeAndNeverASecondTicket)
{
    const auto first = accept(proven("报纸没到")).value();
    const auto again = accept(proven("还是没到"), 1).value();
    EXPECT_EQ(again.ticket, first.ticket);
    EXPECT_EQ(again.number, first.number);
    EXPECT_FALSE(again.repeated);
    EXPECT_EQ(count("ticket"), 1);
    EXPECT_EQ(count("ticket_inbox WHERE applied_at IS NULL"), 1);

    // What a crash left is found by whoever comes next; two at once count it once.
    task_group group(on());
    std::vector<result<std::size_t>> settled(2, std::size_t{0});
    std::size_t done = 0;
    const auto apply = [](applier& with, result<std::size_t>& into, std::size_t& finished) -> task<> {
        into = co_await with.apply_waiting();
        ++finished;
    };
    for (std::size_t i = 0; i < 2; ++i)
        group.spawn("apply", apply(node(i).applier, settled[i], done));
    run(until(done, 2));
    run(group.stop());
    EXPECT_TRUE(settled[0] && settled[1]);
    EXPECT_EQ(one("SELECT urge_count FROM ticket"), "1");
    EXPECT_EQ(one("SELECT outcome FROM ticket_inbox"), "applied");
    EXPECT_EQ(run(node().applier.apply_waiting()), 0u);
    EXPECT_EQ(count("event WHERE kind = 'ticket.urged'"), 1);
    EXPECT_EQ(count("ticket_interaction"), 1);

    EXPECT_NE(accept(proven("另一件事", zhangs_phone, "late_or_damaged"))->ticket, first.ticket);
    EXPECT_EQ(count("ticket"), 2);
}

TEST_F(DoorTest, TheNumberAndAContactGivenWithItProveSomethingForThatTicketOnly)
{
    const auto mine = accept(typed("报纸没到")).value(),
               other = accept(typed("迟到", zhangs_phone, "late_or_damaged")).value();
    auto urge = typed("快点");
    urge.act = act::urge;
    urge.proof = proof::ticket_contact;
    urge.ticket_number = mine.number;
    const auto told = accept(urge).value();
    EXPECT_EQ(told.ticket, mine.ticket);
    EXPECT_EQ(run(node().applier.settle(told.id)), "applied");
    EXPECT_EQ(run(node().applier.settle(told.id)), "applied") << "and is not applied again";
    EXPECT_EQ(one("SELECT urge_count FROM ticket WHERE id = '" + mine.ticket->to_string() + "'"), "1");
    EXPECT_EQ(one("SELECT urge_count FROM ticket WHERE id = '" + other.ticket->to_string() + "'"), "0");
    EXPECT_EQ(count("identity WHERE state = 'verified'"), 0) << "it proves no identity";
    EXPECT_EQ(one("SELECT author_kind || proof FROM entry WHERE kind = 'act'"), "customerticket_contact");

    const auto before = count("entry") + count("customer") + count("receipt");
    urge.external_id = uuid::make().to_string();
    urge.identities = {{phone_of(7), false}};
    EXPECT_EQ(accept(urge).error().code, errc::not_found);
    EXPECT_EQ(count("entry") + count("customer") + count("receipt"), before) << "a wrong proof leaves nothing behind";
}

TEST_F(DoorTest, WhoIsNotContentWithAClosedTicketOpensItAgainByHisVerdict)
{
    const auto mine = accept(typed("报纸没到")).value();
    const auto id = mine.ticket->to_string();
    const auto of_it = " WHERE ticket_id = '" + id + "'";
    sql("UPDATE ticket_deadline SET state = 'cancelled', next_step_at = NULL" + of_it);
    sql("INSERT INTO ticket_deadline SELECT ticket_id, (SELECT count(*) FROM ticket_deadline" + of_it +
        "), 'archive', 1, 'running', '30d', 'center', 1, started_at, 0, 0, started_at, NULL, started_at + interval '30 "
        "days', "
        "started_at + interval '30 days', false, 0, started_at + interval '30 days', NULL, false, '[]' FROM "
        "ticket_deadline" +
        of_it + " AND n = 0");
    sql("UPDATE ticket SET status = 'closed', closure = 'unreachable', closed_at = created_at WHERE id = '" + id + "'");
    auto verdict = typed("没有解决");
    verdict.act = act::verdict;
    verdict.proof = proof::ticket_contact;
    verdict.ticket_number = mine.number;
    verdict.detail.said = domain::answers{domain::solved_answer::no, 1, {}, {}};
    const auto told = accept(verdict).value();
    EXPECT_EQ(run(node().applier.settle(told.id)), "applied");
    EXPECT_EQ(one("SELECT status FROM ticket WHERE id = '" + id + "'"), "triage");
}

TEST_F(DoorTest, TheApplierRunsWhenTheDoorTellsIt)
{
    task_group group(on());
    node().door.when_inbox_fills([this] { node().applier.wake(); });
    group.spawn("applier", node().applier.run(1h));
    ASSERT_TRUE(accept(proven("报纸没到")));
    ASSERT_TRUE(accept(proven("还是没到")));
    const auto until_applied = [](DoorTest& test) -> task<> {
        while (test.count("ticket_inbox WHERE applied_at IS NULL") > 0)
            co_await pause_for(5ms);
    };
    run(until_applied(*this));
    EXPECT_EQ(one("SELECT urge_count FROM ticket"), "1");
    run(group.stop());
}

TEST_F(DoorTest, AContactThatItsTicketRefusesIsKeptAndSaysWhy)
{
    const auto first = accept(proven("报纸没到")).value();
    auto dispute = proven("不服");
    dispute.act = act::dispute;
    dispute.ticket_number = first.number;
    EXPECT_EQ(accept(dispute)->ticket, first.ticket);
    EXPECT_EQ(run(node().applier.apply_waiting()), 1u);
    EXPECT_EQ(one("SELECT outcome FROM ticket_inbox"), "wrong-state");
    EXPECT_EQ(count("entry WHERE kind = 'act'"), 1);
    EXPECT_EQ(run(node().applier.apply_waiting()), 0u);
}

// --- promise 10, and a database that comes and goes
// -----------------------------------------------------------------------

TEST_F(DoorTest, BeyondItsBoundTheDoorRefusesAndSaysWhenToComeBack)
{
    intake_settings small;
    small.queue_limit = 10;
    small.batch_limit = 5;
    open_doors(small);
    std::vector<contact> all;
    for (int i = 0; i < 100; ++i)
        all.push_back(typed("x", phone_of(i)));
    std::size_t taken = 0, refused = 0;
    for (const auto& told : accept_all(all)) {
        if (told) {
            ++taken;
            continue;
        }
        ++refused;
        ASSERT_EQ(told.error().code, errc::overloaded);
        EXPECT_EQ(told.error().facts.at(0).name, "retry_after_s");
    }
    EXPECT_GT(refused, 0u);
    EXPECT_GE(taken, 20u);
    EXPECT_EQ(count("receipt"), static_cast<std::int64_t>(taken));
}

TEST_F(DoorTest, WhoMissesALockGoesAloneAndHoldsUpNobody)
{
    ASSERT_TRUE(accept(typed("warm up", phone_of(99)), 0));
    auto tx = run(node(1).db.begin()).value();
    pg::batch lock;
    record::lock_identities(lock, {record::lock_key(zhangs_phone)});
    ASSERT_TRUE(run(tx.run(std::move(lock))));

    task_group group(on());
    std::optional<result<receipt>> held;
    std::size_t held_done = 0;
    group.spawn("held", keep(node().door, typed("waits"), held, held_done));
    for (int i = 0; i < 5; ++i)
        EXPECT_TRUE(accept(typed("passes", phone_of(i)), 0));
    EXPECT_FALSE(held.has_value());
    run(tx.roll_back());
    run(until(held_done, 1));
    EXPECT_TRUE(held->has_value());
    run(group.stop());
    EXPECT_THAT(metrics.text(), HasSubstr("huiyin_intake_missed_locks_total 1"));
}

TEST_F(DoorTest, WhoeverWaitsWhenTheDoorIsShutIsTold)
{
    auto tx = run(node(1).db.begin()).value();
    pg::batch lock;
    record::lock_identities(lock, {record::lock_key(zhangs_phone)});
    ASSERT_TRUE(run(tx.run(std::move(lock))));
    task_group group(on());
    std::optional<result<receipt>> held;
    std::size_t done = 0;
    group.spawn("held", keep(node().door, typed("waits"), held, done));
    run(pause_for(50ms));
    run(node().door.stop());
    run(until(done, 1));
    EXPECT_EQ(held->error().code, errc::shutting_down);
    EXPECT_EQ(accept(typed("late")).error().code, errc::shutting_down);
    run(tx.roll_back());
    run(group.stop());
    EXPECT_EQ(count("receipt"), 0);
}

TEST_F(DoorTest, HousekeepingRemovesOldKeysAndOrphans)
{
    auto what = typed("x");
    identify(what, "key", "body");
    ASSERT_TRUE(accept(what));
    ASSERT_TRUE(run(record::upload(node().db, "a.txt", "text/plain", "bytes", clock.now())));
    clock.advance(25h);
    task_group group(on());
    group.spawn("tidy", keep_tidy(node().db, clock, 1h));
    const auto until_tidy = [](DoorTest& test) -> task<> {
        while (test.count("attachment") + test.count("request") > 0)
            co_await pause_for(5ms);
    };
    run(until_tidy(*this));
    run(group.stop());
    EXPECT_EQ(count("receipt"), 1);
}

TEST_F(DoorTest, WhatIsAcknowledgedSurvivesADatabaseThatKeepsDroppingConnections)
{
    std::set<std::string> acknowledged;
    for (int round = 0; round < 8; ++round) {
        task_group group(on());
        std::vector<contact> all;
        std::vector<std::optional<result<receipt>>> told(25);
        std::size_t done = 0;
        for (int i = 0; i < 25; ++i) {
            all.push_back(typed("x", phone_of(i)));
            all.back().external_id = std::to_string(round) + "/" + std::to_string(i);
        }
        for (std::size_t i = 0; i < all.size(); ++i)
            group.spawn("contact", keep(node(i % 2).door, all[i], told[i], done));
        // At other moments in each round: while connecting, reading, writing, committing.
        const auto kill = [](DoorTest& test, int delay) -> task<> {
            for (int i = 0; i < 4; ++i) {
                co_await pause_for(std::chrono::milliseconds(delay));
                test.superuser_sql(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'huiyin_app' "
                    "AND datname = current_database()");
            }
        };
        run(kill(*this, 1 + 3 * round));
        run(until(done, all.size()));
        run(group.stop());
        for (std::size_t i = 0; i < all.size(); ++i) {
            if (*told[i]) acknowledged.insert(all[i].external_id);
        }
        // Whoever was refused comes again with the same id, as a peer does.
        for (std::size_t i = 0; i < all.size(); ++i)
            if (!*told[i]) {
                // The last of those that were told to end may still be ending.
                ASSERT_TRUE(test::eventually([&]() { return accept(all[i]).has_value(); }));
                acknowledged.insert(all[i].external_id);
            }
    }
    EXPECT_EQ(acknowledged.size(), 200u);
    EXPECT_EQ(count("receipt"), 200);
    EXPECT_EQ(count("ticket"), 200);
    EXPECT_EQ(count("entry"), 200);
    EXPECT_EQ(count("customer"), 25);
    EXPECT_TRUE(ledger().holds());
    EXPECT_EQ(ledger().visible, 200);
}

// --- planted bugs
// ---------------------------------------------------------------------------------------------------------

class PlantedBug : public DoorTest
{
public:
    void plant(intake_fault which)
    {
        intake_settings with;
        with.fault = which;
        open_doors(with);
    }
    std::vector<contact> many(int n)
    {
        std::vector<contact> all;
        for (int i = 0; i < n; ++i)
            all.push_back(typed("x", phone_of(i % 500)));
        return all;
    }
};

TEST_F(PlantedBug, DropsAnAcknowledgedContact)
{
    plant(intake_fault::drop_one_in_thousand);
    // It counts what is kept together; on a busy machine many a contact is kept alone.
    std::int64_t acknowledged = 0;
    EXPECT_TRUE(test::eventually([&]() {
        for (const auto& told : accept_all(many(240)))
            acknowledged += told.has_value();
        return count("receipt") < acknowledged;
    }));
}

TEST_F(PlantedBug, InsertsAContactTwice)
{
    plant(intake_fault::insert_twice);
    for (const auto& told : accept_all(many(200)))
        EXPECT_TRUE(told);
    const auto until_idle = [](DoorTest& test) -> task<> {
        while (test.node(0).door.waiting() + test.node(1).door.waiting() > 0)
            co_await pause_for(2ms);
    };
    run(until_idle(*this));
    EXPECT_EQ(count("receipt"), 202);
}

TEST_F(PlantedBug, AcknowledgesBeforeTheCommit)
{
    plant(intake_fault::acknowledge_before_commit);
    ASSERT_TRUE(accept(typed("x")));
    EXPECT_EQ(count("receipt"), 0);
}

TEST_F(DoorTest, ACustomersFurtherComplaintGetsTheCategoryOfTheRepeatRule)
{
    const auto category_of = [&](const receipt& told) {
        return one("SELECT category FROM ticket WHERE number = '" + told.number + "'");
    };
    const auto first = accept(proven("报纸没有收到")).value();
    EXPECT_EQ(category_of(first), "missed_copy");
    const auto other = accept(typed("报纸没有收到", strangers_mail)).value();
    EXPECT_EQ(category_of(other), "missed_copy") << "somebody else's";

    const auto second = accept(proven("投递员态度不好", zhangs_phone, "carrier_conduct")).value();
    EXPECT_EQ(category_of(second), "repeat_complaint") << "the second one within thirty days, whatever it is about";
    EXPECT_EQ(one("SELECT repeat::text FROM ticket WHERE number = '" + second.number + "'"), "true");
    EXPECT_EQ(
        one("SELECT data ->> 'asked_category' FROM event WHERE kind = 'contact.accepted' ORDER BY seq DESC LIMIT 1"),
        "carrier_conduct");

    const auto again = accept(proven("还是态度不好", zhangs_phone, "carrier_conduct")).value();
    EXPECT_EQ(again.number, second.number) << "proven and open: no third ticket";
    EXPECT_EQ(category_of(accept(proven("想提个建议", zhangs_phone, "suggestion")).value()), "suggestion")
        << "no complaint";

    clock.advance(31 * 24h);
    const auto late = accept(typed("报纸没有收到", strangers_mail)).value();
    EXPECT_NE(late.number, other.number);
    EXPECT_EQ(category_of(late), "missed_copy") << "more than thirty days after the first";
    EXPECT_EQ(category_of(accept(typed("又没有收到", strangers_mail)).value()), "missed_copy")
        << "unproven, and the first is open: it may be the same one told twice";
    EXPECT_EQ(category_of(accept(typed("态度不好", strangers_mail, "carrier_conduct")).value()), "repeat_complaint");
}

} // namespace
} // namespace huiyin::intake
