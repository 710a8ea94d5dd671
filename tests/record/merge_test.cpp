// Merging customers, with the real door and real tickets: what moves, what comes meanwhile, and the way back.
#include <huiyin/async/task_group.hpp>
#include <huiyin/intake/door.hpp>
#include <huiyin/record/entry_store.hpp>
#include <huiyin/record/merge.hpp>
#include <huiyin/ticket/customer_move.hpp>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <fstream>
#include <pg_fixture.hpp>
#include <sstream>

namespace huiyin::record {
namespace {

using nlohmann::json;
using ::testing::AnyOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Not;
using ::testing::SizeIs;
using namespace std::chrono_literals;

const identity phone{identity_kind::phone, "+8613812345678"};
const identity second_phone{identity_kind::phone, "+8613912345678"};
const identity mail{identity_kind::email, "zhang.wei@example.com"};

domain::actor an_officer()
{
    domain::actor who;
    who.kind = domain::actor_kind::user;
    who.id = uuid::make();
    who.roles.add(domain::role::complaint_officer);
    return who;
}

class MergeTest : public test::pg_fixture
{
public:
    MergeTest()
        : db_(on(), settings(), metrics), rules_(db_), door_(on(), db_, rules_, clock, metrics, {}),
          tickets_(db_, clock, rules_, metrics)
    {
        std::ifstream in(std::filesystem::path(__FILE__).parent_path() / "../../config/packs/newspaper.json");
        std::stringstream text;
        text << in.rdbuf();
        sql("INSERT INTO pack (version, applied_at, name, digest, document) VALUES (1, '2026-01-01Z', 'newspaper', "
            "sha256('x'), $pack$" +
            text.str() + "$pack$)");
    }
    ~MergeTest() override
    {
        run(door_.stop());
        run(db_.close());
    }

    pg::database_settings settings()
    {
        auto as = app_settings();
        as.connections = 8;
        return as;
    }

    /// A typed complaint, with a ticket of its own.
    intake::contact complaint(const identity& who, std::string words, std::string name = "张伟",
                              std::string channel = "web")
    {
        intake::contact out;
        out.channel = std::move(channel);
        out.account = "public";
        out.external_id = uuid::make().to_string();
        out.at = clock.now();
        out.identities = {{who, false}};
        out.name = std::move(name);
        out.category = "missed_copy";
        out.problem = std::move(words);
        return out;
    }
    ticket_id complains(const identity& who, const std::string& words, const std::string& name = "张伟")
    {
        const auto told = run(door_.accept(complaint(who, words, name))).value();
        return ticket_id::parse(one("SELECT id FROM ticket WHERE number = '" + told.number + "'")).value();
    }
    customer_id known_as(const identity& who) { return run(find_customer(db_, who)).value(); }
    std::int64_t version_of(customer_id who) { return run(load_customer(db_, who)).value().version; }
    std::string customer_of(ticket_id ticket)
    {
        return one("SELECT customer FROM ticket WHERE id = '" + ticket.to_string() + "'");
    }

    task<result<merged>> merging(customer_id source, customer_id target, std::int64_t seen)
    {
        ticket::customer_mover mover;
        co_return co_await merge_customers(db_, source, target, seen, officer_, clock, mover);
    }
    task<result<merged>> undoing(customer_id source, std::int64_t seen)
    {
        ticket::customer_mover mover;
        co_return co_await undo_merge(db_, source, seen, officer_, clock, mover);
    }
    result<merged> merge(customer_id source, customer_id target)
    {
        return run(merging(source, target, version_of(source)));
    }
    result<merged> undo(customer_id source) { return run(undoing(source, version_of(source))); }

    /// A promise to the customer, with words, as a handler of the case would make it.
    text_id promises(ticket_id ticket, const std::string& words)
    {
        const journal::words text{.body = words};
        ticket::act what;
        what.ticket = ticket;
        what.who = officer_;
        what.words = {text};
        what.what =
            domain::make_promise{promise_id::make(), clock.now() + std::chrono::days(3), {text.id, text.digest()}};
        const auto done = run(tickets_.perform(std::move(what)));
        EXPECT_TRUE(done) << done.error().detail;
        return text.id;
    }

    std::int64_t count(const std::string& of) { return sql("SELECT count(*) FROM " + of).front().get<std::int64_t>(0); }
    std::string one(const std::string& query)
    {
        return sql(query).front().get<std::optional<std::string>>(0).value_or("NULL");
    }
    std::int64_t rows_of(customer_id who)
    {
        std::int64_t rows = count("ticket WHERE customer = '" + who.to_string() + "'");
        for (const auto* table : {"identity", "interaction", "entry", "text"})
            rows += count(fmt::format("{} WHERE customer_id = '{}'", table, who.to_string()));
        return rows;
    }
    /// Events of one subject whose place in the feed contradicts their versions.
    std::int64_t disorder()
    {
        return count("event a JOIN event b ON b.subject = a.subject AND (b.xid, b.seq) > (a.xid, a.seq) "
                     "AND b.subject_version < a.subject_version");
    }
    std::string kinds_of(const uuid& subject)
    {
        return one("SELECT string_agg(kind, ' ' ORDER BY xid, seq) FROM event WHERE subject = '" + subject.to_string() +
                   "'");
    }

    template <class T>
    static task<> keep(task<T> work, std::optional<T>& told, int& done)
    {
        told = co_await std::move(work);
        ++done;
    }
    static task<> until(int& done, int wanted)
    {
        while (done < wanted)
            co_await pause_for(2ms);
    }

    const domain::actor officer_ = an_officer();
    pg::database db_;
    ticket::configurations rules_;
    intake::door door_;
    ticket::ticket_service tickets_;
};

TEST_F(MergeTest, MovesEverythingAndLeavesAStubThatPointsOn)
{
    const auto first = complains(phone, "报纸没有收到"), second = complains(mail, "又没有收到", "张先生");
    const auto source = known_as(mail), target = known_as(phone);
    const auto stamp = run(tickets_.stamp_of(second)).value();
    const auto done = merge(source, target).value();
    EXPECT_EQ(done.identities, 1u);
    EXPECT_EQ(done.interactions, 1u);
    EXPECT_EQ(done.tickets, 1u);
    EXPECT_GE(done.texts, 1u);

    EXPECT_EQ(rows_of(source), 0);
    EXPECT_EQ(known_as(mail), target);
    EXPECT_EQ(customer_of(first), target.to_string());
    EXPECT_EQ(customer_of(second), target.to_string());
    EXPECT_NE(run(tickets_.stamp_of(second)).value(), stamp) << "a kept page of the ticket is not shown any more";
    EXPECT_EQ(kinds_of(second.value()), "ticket.created ticket.customer_changed");
    EXPECT_EQ(one("SELECT data -> 'rows' -> 'ticket' -> 0 ->> 'customer' FROM event WHERE kind = "
                  "'ticket.customer_changed'"),
              target.to_string());
    EXPECT_EQ(run(find_heir(db_, source)).value(), target);
    EXPECT_EQ(run(find_heir(db_, target)).value(), std::nullopt);
    EXPECT_EQ(run(load_customer(db_, source)).value().name, "");
    EXPECT_EQ(run(load_customer(db_, target)).value().name, "张伟");
    EXPECT_THAT(run(timeline(db_, target, {}, 10)).value().items, SizeIs(2));
    const auto data = json::parse(one("SELECT data FROM event WHERE kind = 'customer.merged'"));
    EXPECT_EQ(data.at("customer").at("merged_into"), target.to_string());
    EXPECT_THAT(data.at("moved").at("ticket"), ElementsAre(second.to_string()));
    EXPECT_EQ(data.at("moved").at("text").size(), done.texts);
    EXPECT_EQ(count("event WHERE data::text LIKE '%张先生%'"), 0) << "the name is words";
    EXPECT_EQ(one("SELECT data ->> 'source' FROM event WHERE kind = 'customer.absorbed'"), source.to_string());
    EXPECT_EQ(disorder(), 0);
}

TEST_F(MergeTest, ANewContactOfTheMergedOneGoesToTheHeirInAConversationOfItsOwn)
{
    complains(phone, "一");
    complains(mail, "二");
    const auto source = known_as(mail), target = known_as(phone);
    ASSERT_TRUE(merge(source, target));
    const auto third = complains(mail, "三");
    EXPECT_EQ(customer_of(third), target.to_string());
    EXPECT_EQ(rows_of(source), 0);
    EXPECT_EQ(count("interaction WHERE state = 'open' AND customer_id = '" + target.to_string() + "'"), 1)
        << "one open conversation per channel and account";
}

TEST_F(MergeTest, RefusesWhatCannotBeMerged)
{
    complains(phone, "一");
    complains(mail, "二");
    complains(second_phone, "三");
    const auto a = known_as(phone), b = known_as(mail), c = known_as(second_phone);
    EXPECT_EQ(merge(a, a).error().code, errc::invalid_field);
    EXPECT_EQ(merge(a, customer_id::make()).error().code, errc::invalid_field);
    EXPECT_EQ(run(merging(customer_id::make(), a, 1)).error().code, errc::not_found);
    const auto late = run(merging(a, b, 7)).error();
    EXPECT_EQ(late.code, errc::stale_version);
    EXPECT_EQ(late.facts.at(0).value, "1");
    EXPECT_EQ(undo(a).error().code, errc::wrong_state);

    ASSERT_TRUE(merge(a, b));
    const auto twice = merge(a, c).error();
    EXPECT_EQ(twice.code, errc::customer_merged);
    EXPECT_EQ(twice.facts.at(0).value, b.to_string());
    EXPECT_EQ(merge(c, a).error().code, errc::customer_merged);
    ASSERT_TRUE(run(erase_person(db_, c, officer_, clock.now(), {ticket::erase_parties()})));
    EXPECT_EQ(merge(b, c).error().code, errc::erased);
    EXPECT_EQ(merge(c, b).error().code, errc::erased);
}

TEST_F(MergeTest, APreviewTellsWhatMovesAndWhatDoesNotFit)
{
    complains(phone, "一", "张伟");
    complains(mail, "二", "李四");
    const auto shown = run(preview_merge(db_, known_as(mail), known_as(phone))).value();
    EXPECT_THAT(shown.conflicts, ElementsAre("name", "conversation"));
    EXPECT_EQ(shown.source.customer.name, "李四");
    EXPECT_THAT(shown.source.customer.identities, SizeIs(1));
    EXPECT_EQ(shown.source.interactions, 1u);
    EXPECT_EQ(shown.source.entries, 1u);
    const auto matters = run(ticket::load_matters(db_, known_as(mail))).value();
    EXPECT_EQ(matters.tickets, 1u);
    ASSERT_THAT(matters.open, SizeIs(1));
    EXPECT_EQ(matters.open[0].category, "missed_copy");
    EXPECT_EQ(count("event WHERE kind LIKE 'customer.%'"), 0) << "it changes nothing";
}

TEST_F(MergeTest, UndoingTakesBackExactlyWhatMovedAndLeavesWhatCameLater)
{
    const auto first = complains(phone, "一"), second = complains(mail, "二", "李四");
    const auto source = known_as(mail), target = known_as(phone);
    const auto before =
        one("SELECT string_agg(concat_ws(' ', 'i', id, customer_id, state, closed_at), ',' ORDER BY id) "
            "FROM interaction");
    const auto owners = one("SELECT string_agg(concat_ws(' ', id, customer_id), ',' ORDER BY id) FROM text");
    ASSERT_TRUE(merge(source, target));
    clock.advance(24h);
    const auto later = complains(mail, "三");
    const auto promised = promises(second, "三日内补送");
    EXPECT_EQ(one("SELECT customer_id FROM text WHERE id = '" + promised.to_string() + "'"), target.to_string());
    clock.advance(24h);

    const auto done = undo(source).value();
    EXPECT_EQ(done.identities, 1u);
    EXPECT_EQ(done.tickets, 1u);
    EXPECT_EQ(known_as(mail), source);
    EXPECT_EQ(known_as(phone), target);
    EXPECT_EQ(customer_of(first), target.to_string());
    EXPECT_EQ(customer_of(second), source.to_string());
    EXPECT_EQ(customer_of(later), target.to_string()) << "it came after the merge";
    EXPECT_EQ(one("SELECT customer_id FROM text WHERE id = '" + promised.to_string() + "'"), source.to_string())
        << "words about his ticket are erased with him";
    EXPECT_EQ(one("SELECT x.customer_id FROM text x JOIN entry e ON e.text_id = x.id WHERE e.ticket_id = '" +
                  later.to_string() + "'"),
              target.to_string());
    EXPECT_EQ(run(load_customer(db_, source)).value().name, "李四");
    EXPECT_EQ(run(load_customer(db_, target)).value().name, "张伟");
    EXPECT_EQ(run(find_heir(db_, source)).value(), std::nullopt);
    EXPECT_EQ(one("SELECT string_agg(concat_ws(' ', 'i', id, customer_id, state, closed_at), ',' ORDER BY id) FROM "
                  "interaction WHERE opened_at < '2026-03-03'"),
              before);
    EXPECT_EQ(one("SELECT string_agg(concat_ws(' ', x.id, x.customer_id), ',' ORDER BY x.id) FROM text x WHERE '" +
                  owners + "' LIKE '%' || x.id || '%'"),
              owners);
    EXPECT_EQ(count("entry e JOIN interaction i ON i.id = e.interaction_id AND i.customer_id <> e.customer_id"), 0);
    EXPECT_EQ(kinds_of(source.value()), "customer.merged customer.merge_undone");
    EXPECT_EQ(kinds_of(target.value()), "customer.absorbed customer.absorption_undone");
    EXPECT_EQ(disorder(), 0);
    EXPECT_EQ(undo(source).error().code, errc::wrong_state);
    EXPECT_EQ(customer_of(complains(mail, "四")), source.to_string());
    ASSERT_TRUE(merge(source, target)) << "and again";
}

TEST_F(MergeTest, ATargetWithoutANameTakesTheSourcesAndGivesItBack)
{
    complains(phone, "一", "");
    complains(mail, "二", "李四");
    const auto source = known_as(mail), target = known_as(phone);
    ASSERT_TRUE(merge(source, target));
    EXPECT_EQ(run(load_customer(db_, target)).value().name, "李四");
    ASSERT_TRUE(undo(source));
    EXPECT_EQ(run(load_customer(db_, target)).value().name, "");
    EXPECT_EQ(run(load_customer(db_, source)).value().name, "李四");
}

TEST_F(MergeTest, TagsAndNotesGoToWhoHasNoneAndComeBack)
{
    complains(phone, "一");
    complains(mail, "二");
    complains(second_phone, "三");
    const auto a = known_as(phone), b = known_as(mail), c = known_as(second_phone);
    const auto note = [&](customer_id of, const std::string& words) {
        ASSERT_TRUE(run(change_customer(db_, of, {.name = {}, .tags = std::vector<std::string>{words}, .note = words},
                                        version_of(of), officer_, clock)));
    };
    const auto noted = [&](customer_id of) {
        const auto found = run(load_customer(db_, of)).value();
        return found.note + (found.tags.empty() ? "" : "+" + found.tags.front());
    };
    note(a, "甲");
    EXPECT_THAT(run(preview_merge(db_, a, b)).value().conflicts, Not(Contains("profile")));
    ASSERT_TRUE(merge(a, b));
    EXPECT_EQ(noted(a), "");
    EXPECT_EQ(noted(b), "甲+甲");
    ASSERT_TRUE(undo(a));
    EXPECT_EQ(noted(a), "甲+甲");
    EXPECT_EQ(noted(b), "");

    note(b, "乙");
    EXPECT_THAT(run(preview_merge(db_, a, b)).value().conflicts, Contains("profile"));
    ASSERT_TRUE(merge(a, b));
    EXPECT_EQ(noted(b), "乙+乙") << "his own stays";
    ASSERT_TRUE(undo(a));
    EXPECT_EQ(noted(a), "甲+甲");
    EXPECT_EQ(noted(b), "乙+乙");

    ASSERT_TRUE(merge(a, c));
    note(c, "丙");
    ASSERT_TRUE(undo(a));
    EXPECT_EQ(noted(c), "丙+丙") << "what was noted since stays";
    ASSERT_TRUE(merge(a, c));
    EXPECT_EQ(run(change_customer(db_, a, {.name = "x", .tags = {}, .note = {}}, version_of(a), officer_, clock))
                  .error()
                  .code,
              errc::customer_merged);
    ASSERT_TRUE(run(erase_person(db_, c, officer_, clock.now(), {ticket::erase_parties()})));
    EXPECT_EQ(noted(c), "");
    EXPECT_EQ(count("text WHERE body LIKE '%甲%' OR body LIKE '%丙%'"), 0);
}

TEST_F(MergeTest, CanBeUndoneForThirtyDaysAndNotAfterAnErasure)
{
    complains(phone, "一");
    complains(mail, "二");
    complains(second_phone, "三");
    const auto a = known_as(phone), b = known_as(mail), c = known_as(second_phone);
    ASSERT_TRUE(merge(a, b));
    clock.advance(std::chrono::days(30));
    ASSERT_TRUE(undo(a));
    ASSERT_TRUE(merge(a, b));
    clock.advance(std::chrono::days(30) + 1s);
    EXPECT_EQ(undo(a).error().code, errc::undo_window_over);

    ASSERT_TRUE(merge(b, c));
    ASSERT_TRUE(run(erase_person(db_, c, officer_, clock.now(), {ticket::erase_parties()})));
    EXPECT_EQ(undo(b).error().code, errc::erased);
}

TEST_F(MergeTest, ErasingTheHeirErasesAllThatTheMergedOneSaidAndHisName)
{
    complains(phone, "一");
    complains(mail, "KANARIE金丝雀", "KANARIE李四");
    const auto source = known_as(mail), target = known_as(phone);
    ASSERT_TRUE(merge(source, target));
    ASSERT_TRUE(run(erase_person(db_, target, officer_, clock.now(), {ticket::erase_parties()})));
    for (const std::string table : {"customer", "identity", "text", "ticket", "ticket_party", "event", "customer_merge",
                                    "customer_merge_item", "entry"})
        for (const std::string word : {"KANARIE", "zhang.wei@", "13812345678"})
            EXPECT_EQ(count(table + " AS t WHERE t::text ILIKE '%" + word + "%'"), 0) << table << " " << word;
    EXPECT_EQ(count("text WHERE body IS NOT NULL"), 0);
}

TEST_F(MergeTest, AChainIsUndoneFromItsEnd)
{
    complains(phone, "一");
    complains(mail, "二");
    complains(second_phone, "三");
    const auto a = known_as(phone), b = known_as(mail), c = known_as(second_phone);
    ASSERT_TRUE(merge(a, b));
    ASSERT_TRUE(merge(b, c));
    EXPECT_EQ(run(find_heir(db_, a)).value(), c);
    EXPECT_EQ(known_as(phone), c);
    const auto refused = undo(a).error();
    EXPECT_EQ(refused.code, errc::customer_merged);
    EXPECT_EQ(refused.facts.at(0).value, c.to_string());
    ASSERT_TRUE(undo(b));
    EXPECT_EQ(known_as(phone), b) << "what it had absorbed before comes back with it";
    ASSERT_TRUE(undo(a));
    EXPECT_EQ(known_as(phone), a);
    EXPECT_EQ(known_as(second_phone), c);
}

TEST_F(MergeTest, AContactThatComesWhileItsCustomerIsMergedIsNeverLeftWithTheStub)
{
    complains(second_phone, "零");
    const auto target = known_as(second_phone);
    for (int round = 0; round < 12; ++round) {
        const identity his{identity_kind::phone, fmt::format("+86137000{:05}", round)};
        complains(his, "一");
        const auto source = known_as(his);
        task_group group(on());
        int done = 0;
        std::optional<result<merged>> told;
        std::vector<std::optional<result<intake::receipt>>> receipts(4);
        for (std::size_t i = 0; i < 2; ++i)
            group.spawn("contact", keep(door_.accept(complaint(his, "同时")), receipts[i], done));
        group.spawn("merge", keep(merging(source, target, version_of(source)), told, done));
        for (std::size_t i = 2; i < 4; ++i)
            group.spawn("contact", keep(door_.accept(complaint(his, "同时")), receipts[i], done));
        run(until(done, 5));
        run(group.stop());
        ASSERT_TRUE(*told) << (*told).error().detail;
        for (const auto& each : receipts)
            ASSERT_TRUE(*each) << (*each).error().detail;
        EXPECT_EQ(rows_of(source), 0) << round;
        EXPECT_EQ(known_as(his), target);
    }
    EXPECT_EQ(count("ticket WHERE customer = '" + target.to_string() + "'"), 1 + 12 * 5);
    EXPECT_EQ(disorder(), 0);
}

TEST_F(MergeTest, OfTwoMergesThatCrossOneIsDoneAndTheOtherRefused)
{
    for (int round = 0; round < 8; ++round) {
        const identity one_mail{identity_kind::email, fmt::format("a{}@example.com", round)};
        const identity other_mail{identity_kind::email, fmt::format("b{}@example.com", round)};
        complains(one_mail, "一");
        complains(other_mail, "二");
        const auto a = known_as(one_mail), b = known_as(other_mail);
        task_group group(on());
        int done = 0;
        std::optional<result<merged>> there, back;
        group.spawn("there", keep(merging(a, b, 1), there, done));
        group.spawn("back", keep(merging(b, a, 1), back, done));
        run(until(done, 2));
        run(group.stop());
        ASSERT_NE(there->has_value(), back->has_value());
        const auto& refused = there->has_value() ? back->error() : there->error();
        EXPECT_THAT(refused.code, AnyOf(errc::stale_version, errc::customer_merged)) << refused.detail;
        const auto heir = there->has_value() ? b : a;
        EXPECT_EQ(rows_of(there->has_value() ? a : b), 0);
        EXPECT_EQ(known_as(one_mail), heir);
        EXPECT_EQ(known_as(other_mail), heir);
    }
    EXPECT_EQ(disorder(), 0);
}

TEST_F(MergeTest, ATicketThatIsWorkedOnMeanwhileKeepsItsEventsInTheOrderOfItsVersions)
{
    complains(second_phone, "零");
    const auto target = known_as(second_phone);
    for (int round = 0; round < 8; ++round) {
        const identity his{identity_kind::phone, fmt::format("+86136000{:05}", round)};
        const auto ticket = complains(his, "一");
        const auto source = known_as(his);
        task_group group(on());
        int done = 0;
        std::optional<result<merged>> told;
        std::vector<std::optional<result<ticket::acted>>> acts(16);
        for (auto& each : acts) {
            const journal::words text{.body = "承诺"};
            ticket::act what;
            what.ticket = ticket;
            what.who = officer_;
            what.words = {text};
            what.what =
                domain::make_promise{promise_id::make(), clock.now() + std::chrono::days(3), {text.id, text.digest()}};
            group.spawn("promise", keep(tickets_.perform(std::move(what)), each, done));
            if (&each == &acts[1]) group.spawn("merge", keep(merging(source, target, 1), told, done));
        }
        run(until(done, static_cast<int>(acts.size()) + 1));
        run(group.stop());
        ASSERT_TRUE(*told) << (*told).error().detail;
        for (const auto& each : acts)
            EXPECT_TRUE(*each) << (*each).error().detail;
        EXPECT_EQ(rows_of(source), 0);
        EXPECT_EQ(one("SELECT version FROM ticket WHERE id = '" + ticket.to_string() + "'"),
                  std::to_string(acts.size() + 2));
    }
    EXPECT_EQ(disorder(), 0);
}

} // namespace
} // namespace huiyin::record
