#include <huiyin/async/blocking_pool.hpp>
#include <huiyin/journal/verify.hpp>
#include <huiyin/knowledge/canned_reply.hpp>
#include <huiyin/knowledge/knowledge.hpp>
#include <huiyin/people/notice.hpp>
#include <huiyin/people/people_service.hpp>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <pg_fixture.hpp>

namespace huiyin::knowledge {
namespace {

using namespace std::chrono_literals;
using domain::role;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

class Knowledge : public test::pg_fixture
{
protected:
    void TearDown() override { run(db_.close()); }

    domain::actor a_user(const std::string& login, domain::role_set roles)
    {
        const auto made = run(people_.create_user({.login = login,
                                                   .display_name = "Name " + login,
                                                   .roles = roles,
                                                   .language = "en",
                                                   .time_zone = "Asia/Shanghai",
                                                   .password = std::nullopt},
                                                  domain::actor::system()));
        if (!made) throw std::runtime_error(made.error().detail);
        return {.kind = domain::actor_kind::user,
                .id = made->id.value(),
                .roles = roles,
                .departments = {},
                .leads = {},
                .scopes = {}};
    }
    department_id a_department(const std::string& code, const std::vector<domain::actor>& handlers)
    {
        people::new_department wanted;
        wanted.code = code;
        wanted.name = {{"en", code}};
        const auto made = run(people_.create_department(std::move(wanted), domain::actor::system()));
        if (!made) throw std::runtime_error(made.error().detail);
        std::vector<people::member> members;
        for (const auto& each : handlers)
            members.push_back({user_id(each.id), people::position::handler});
        if (!run(people_.set_members(made->id, members, domain::actor::system()))) throw std::runtime_error("members");
        return made->id;
    }
    static edition_content says(const std::string& title, const std::string& body = "body")
    {
        edition_content what;
        what.words["zh-CN"] = {title, body};
        return what;
    }
    item published(item_kind kind, edition_content what)
    {
        const auto made = run(base_.create(kind, std::move(what), writer_));
        if (!made) throw std::runtime_error(made.error().detail);
        if (!run(base_.submit(made->id, 1, writer_))) throw std::runtime_error("submit");
        const auto done = run(base_.review(made->id, 2, true, "", reviewer_));
        if (!done) throw std::runtime_error(done.error().detail);
        return *done;
    }
    template <class T>
    static errc code_of(const result<T>& got)
    {
        if (!got) return got.error().code;
        ADD_FAILURE() << "an error was expected";
        return errc::internal;
    }
    std::vector<std::string> found(item_query what, const domain::actor& who)
    {
        std::vector<std::string> titles;
        const auto page = run(base_.list(std::move(what), std::nullopt, 50, who));
        if (!page) throw std::runtime_error(page.error().detail);
        for (const auto& each : page->items)
            titles.push_back(each.shown.what.words.begin()->second.title);
        return titles;
    }
    std::string count(const std::string& from)
    {
        return std::string(sql("SELECT count(*) " + from).front().get<std::string>(0));
    }

    pg::database db_{on(), app_settings(), metrics};
    blocking_pool pool_{1, 10};
    people::rights_epoch rights_;
    people::people_service people_{db_, clock, pool_, rights_};
    knowledge_base base_{db_, clock};
    domain::actor writer_ = a_user("writer", {role::quality}), reviewer_ = a_user("reviewer", {role::supervisor}),
                  agent_ = a_user("agent", {role::agent}), handler_ = a_user("handler", {role::department_handler});
};

TEST_F(Knowledge, WhatReadersSeeWasWrittenByOneAndReviewedByAnother)
{
    const auto draft = run(base_.create(item_kind::article, says("停报怎么办"), writer_));
    ASSERT_TRUE(draft);
    EXPECT_EQ(code_of(run(base_.load(draft->id, false, agent_))), errc::not_found);
    EXPECT_EQ(code_of(run(base_.load(draft->id, true, agent_))), errc::not_found);
    EXPECT_EQ(code_of(run(base_.review(draft->id, 1, true, "", reviewer_))), errc::wrong_state);
    ASSERT_TRUE(run(base_.submit(draft->id, 1, writer_)));
    EXPECT_EQ(code_of(run(base_.review(draft->id, 2, true, "", writer_))), errc::second_person_required);
    EXPECT_EQ(code_of(run(base_.review(draft->id, 2, false, " ", reviewer_))), errc::reason_required);
    EXPECT_EQ(code_of(run(base_.review(draft->id, 2, true, "", agent_))), errc::not_found);
    const auto sent_back = run(base_.review(draft->id, 2, false, "写清楚", reviewer_));
    ASSERT_TRUE(sent_back);
    EXPECT_EQ(sent_back->shown.state, edition_state::draft);
    EXPECT_EQ(sent_back->shown.comment, "写清楚");

    // Whoever writes on is the author: then the first one may review.
    ASSERT_TRUE(run(base_.write(draft->id, 3, says("停报怎么办", "请登记停报日期"), reviewer_)));
    ASSERT_TRUE(run(base_.submit(draft->id, 4, reviewer_)));
    EXPECT_EQ(code_of(run(base_.review(draft->id, 5, true, "", reviewer_))), errc::second_person_required);
    ASSERT_TRUE(run(base_.review(draft->id, 5, true, "", writer_)));
    const auto seen = run(base_.load(draft->id, false, agent_));
    ASSERT_TRUE(seen);
    EXPECT_EQ(seen->shown.what.words.at("zh-CN").body, "请登记停报日期");
    EXPECT_EQ(seen->shown.author.name, "Name reviewer");
    EXPECT_EQ(seen->shown.reviewer->name, "Name writer");
    EXPECT_EQ(count("FROM event WHERE kind LIKE 'knowledge.%'"), "6");
    EXPECT_EQ(count("FROM event WHERE data::text LIKE '%停报%'"), "0") << "no words in the journal";
}

TEST_F(Knowledge, ReadersKeepThePublishedEditionUntilTheNextOneIs)
{
    const auto first = published(item_kind::canonical_answer, says("起订日期"));
    ASSERT_TRUE(run(base_.write(first.id, 3, says("起订日期 2027"), writer_)));
    EXPECT_EQ(run(base_.load(first.id, false, agent_))->shown.number, 1);
    EXPECT_EQ(run(base_.load(first.id, true, writer_))->shown.number, 2);
    ASSERT_TRUE(run(base_.submit(first.id, 4, writer_)));
    ASSERT_TRUE(run(base_.review(first.id, 5, true, "", reviewer_)));
    EXPECT_EQ(run(base_.load(first.id, false, agent_))->shown.number, 2);
    const auto all = run(base_.editions(first.id, writer_));
    ASSERT_EQ(all->size(), 2u);
    EXPECT_EQ((*all)[1].state, edition_state::superseded);

    ASSERT_TRUE(run(base_.withdraw(first.id, 6, writer_)));
    EXPECT_EQ(code_of(run(base_.load(first.id, false, agent_))), errc::not_found);
    EXPECT_EQ(code_of(run(base_.withdraw(first.id, 7, writer_))), errc::wrong_state);
    EXPECT_EQ(run(base_.write(first.id, 7, says("again"), writer_))->shown.number, 3);
}

TEST_F(Knowledge, OfTwoWritersTheSecondIsToldWhoWasFirst)
{
    const auto made = run(base_.create(item_kind::article, says("a"), writer_));
    ASSERT_TRUE(run(base_.write(made->id, 1, says("b"), reviewer_)));
    const auto late = run(base_.write(made->id, 1, says("c"), writer_));
    ASSERT_FALSE(late);
    EXPECT_EQ(late.error().code, errc::stale_version);
    EXPECT_THAT(late.error().facts,
                ::testing::Contains(::testing::AllOf(::testing::Field(&fact::name, "changed_by"),
                                                     ::testing::Field(&fact::value, reviewer_.id.to_string()))));
    for (const auto act : {&knowledge_base::submit, &knowledge_base::withdraw})
        EXPECT_EQ(code_of(run((base_.*act)(made->id, 1, writer_))), errc::stale_version);
}

TEST_F(Knowledge, IsReadOnlyWhileItIsInEffect)
{
    auto what = says("春节停报");
    what.effective_from = clock.now() + 1h;
    what.effective_until = clock.now() + 3h;
    const auto made = published(item_kind::article, what);
    EXPECT_THAT(found({}, agent_), IsEmpty());
    EXPECT_EQ(code_of(run(base_.load(made.id, false, agent_))), errc::not_found);
    EXPECT_EQ(code_of(run(base_.read(made.id, 1, false, agent_))), errc::not_found);
    clock.advance(1h);
    EXPECT_THAT(found({}, agent_), ElementsAre("春节停报"));
    ASSERT_TRUE(run(base_.read(made.id, 1, false, agent_)));
    clock.advance(2h);
    EXPECT_THAT(found({}, agent_), IsEmpty());
    what.effective_until = what.effective_from;
    EXPECT_EQ(code_of(run(base_.create(item_kind::article, what, writer_))), errc::invalid_field);
}

TEST_F(Knowledge, IsFoundByWordsOfTwoCharactersByCategoryAndByBeginnings)
{
    auto billing = says("退款多久到账", "一般三个工作日到账。Refund within 3 days, order 20260302.");
    billing.categories = {"subscription_billing"};
    published(item_kind::canonical_answer, billing);
    clock.advance(1min);
    published(item_kind::article, says("报纸没有收到", "先查投递员，再补送。It's a 'quoted' \\ word"));
    EXPECT_THAT(found({.words = "退款"}, agent_), ElementsAre("退款多久到账"));
    EXPECT_THAT(found({.words = "工作日到账"}, agent_), ElementsAre("退款多久到账"));
    EXPECT_THAT(found({.words = "款退"}, agent_), IsEmpty()) << "the order counts";
    EXPECT_THAT(found({.words = "账一般"}, agent_), IsEmpty()) << "a title does not run on into the body";
    EXPECT_THAT(found({.words = "REFU 20260302"}, agent_), ElementsAre("退款多久到账"));
    EXPECT_THAT(found({.words = "报"}, agent_), ElementsAre("报纸没有收到"));
    EXPECT_THAT(found({.words = "it's \\ ' & | ! quoted"}, agent_), ElementsAre("报纸没有收到"));
    EXPECT_THAT(found({.words = "！？"}, agent_), IsEmpty());
    EXPECT_THAT(found({.category = "subscription_billing"}, agent_), ElementsAre("报纸没有收到", "退款多久到账"))
        << "what is for all, too";
    EXPECT_THAT(found({.category = "missed_copy"}, agent_), ElementsAre("报纸没有收到"));
    EXPECT_THAT(found({.kind = item_kind::article}, agent_), ElementsAre("报纸没有收到"));
    EXPECT_EQ(code_of(run(base_.list({.state = edition_state::draft}, std::nullopt, 50, agent_))), errc::not_found);

    const auto suggested = run(base_.suggest("subscription_billing", "我的报纸今天没有收到", 8, agent_));
    ASSERT_TRUE(suggested);
    ASSERT_EQ(suggested->size(), 2u);
    EXPECT_EQ((*suggested)[0].kind, item_kind::canonical_answer) << "the ticket's category goes first";
    EXPECT_EQ(run(base_.suggest("", "没有收到", 8, agent_))->size(), 1u);
    EXPECT_THAT(*run(base_.suggest("", "", 8, agent_)), IsEmpty());
}

TEST_F(Knowledge, ListsGoOnWhereThePageEnded)
{
    for (int i = 0; i < 7; ++i) {
        clock.advance(1min);
        published(item_kind::article, says(fmt::format("n{}", i)));
    }
    std::vector<std::string> titles;
    std::optional<std::pair<instant, item_id>> after;
    do {
        const auto page = run(base_.list({}, after, 3, agent_));
        ASSERT_TRUE(page);
        EXPECT_LE(page->items.size(), 3u);
        for (const auto& each : page->items)
            titles.push_back(each.shown.what.words.at("zh-CN").title);
        after = page->next;
    } while (after);
    EXPECT_THAT(titles, ElementsAre("n6", "n5", "n4", "n3", "n2", "n1", "n0"));
}

TEST_F(Knowledge, ANoticeReachesThoseItIsForUntilTheyAcknowledgeIt)
{
    const auto east = a_department("east", {handler_});
    auto what = says("暴雨停投", "今天不投递");
    what.roles = {"department_handler"};
    what.departments = {east, east};
    what.must_acknowledge = true;
    const auto made = published(item_kind::notice, what);
    EXPECT_EQ(
        count(fmt::format("FROM notice WHERE kind = 'knowledge.notice' AND user_id = '{}'", handler_.id.to_string())),
        "1");
    EXPECT_EQ(count("FROM notice"), "1");
    EXPECT_EQ(run(base_.pending_notices(handler_))->size(), 1u);
    EXPECT_THAT(*run(base_.pending_notices(agent_)), IsEmpty());
    EXPECT_EQ(count(fmt::format("FROM event WHERE kind = 'knowledge.published' AND departments = ARRAY['{}'::uuid]",
                                east.to_string())),
              "1")
        << "streams of the department's members tell it";

    ASSERT_TRUE(run(base_.read(made.id, 1, false, handler_)));
    EXPECT_EQ(run(base_.pending_notices(handler_))->size(), 1u) << "read is not acknowledged";
    auto readers = run(base_.readers(made.id, true, "", 10, writer_));
    ASSERT_EQ(readers->readers.size(), 1u);
    EXPECT_TRUE(readers->readers[0].read_at);
    EXPECT_EQ(readers->meant, 1u);
    EXPECT_EQ(readers->acknowledged, 0u);

    const auto first = clock.now();
    ASSERT_TRUE(run(base_.read(made.id, 1, true, handler_)));
    clock.advance(1h);
    const auto again = run(base_.read(made.id, 1, false, handler_));
    EXPECT_EQ(again->acknowledged_at, first) << "the first time counts";
    EXPECT_EQ(again->read_at, first);
    EXPECT_THAT(*run(base_.pending_notices(handler_)), IsEmpty());
    EXPECT_THAT(run(base_.readers(made.id, true, "", 10, writer_))->readers, IsEmpty());
    EXPECT_EQ(run(base_.readers(made.id, false, "", 10, writer_))->acknowledged, 1u);
    EXPECT_EQ(code_of(run(base_.readers(made.id, false, "", 10, agent_))), errc::not_found);

    ASSERT_TRUE(run(base_.write(made.id, 3, what, writer_)));
    ASSERT_TRUE(run(base_.submit(made.id, 4, writer_)));
    ASSERT_TRUE(run(base_.review(made.id, 5, true, "", reviewer_)));
    EXPECT_EQ(run(base_.pending_notices(handler_))->size(), 1u) << "a new edition is to be read anew";
    const auto old = run(base_.read(made.id, 1, true, handler_));
    EXPECT_EQ(code_of(old), errc::stale_version);
}

TEST_F(Knowledge, ANoticeForNobodyInParticularIsForEverybody)
{
    auto what = says("全体通知");
    published(item_kind::notice, what);
    EXPECT_EQ(count("FROM notice"), "4");
    EXPECT_EQ(run(base_.pending_notices(agent_))->size(), 1u);
}

TEST_F(Knowledge, RefusesWhatHasNoMeasure)
{
    const auto refused = [&](item_kind kind, const edition_content& what) {
        return code_of(run(base_.create(kind, what, writer_)));
    };
    EXPECT_EQ(refused(item_kind::article, {}), errc::invalid_field);
    EXPECT_EQ(refused(item_kind::article, says(" ")), errc::invalid_field);
    EXPECT_EQ(refused(item_kind::article, says(std::string(201, 'a'))), errc::invalid_field);
    EXPECT_EQ(refused(item_kind::article, says("a", std::string(10'001, 'a'))), errc::invalid_field);
    EXPECT_EQ(refused(item_kind::article, says("a", "\xff")), errc::invalid_field);
    auto other = says("a");
    other.words["fr"] = {"a", "b"};
    EXPECT_EQ(refused(item_kind::article, other), errc::invalid_field);
    auto notice = says("a");
    notice.must_acknowledge = true;
    EXPECT_EQ(refused(item_kind::article, notice), errc::invalid_field);
    notice.departments = {department_id::make()};
    EXPECT_EQ(refused(item_kind::notice, notice), errc::invalid_field);
    notice.departments.clear();
    notice.roles = {"king"};
    EXPECT_EQ(refused(item_kind::notice, notice), errc::invalid_field);
    EXPECT_EQ(code_of(run(base_.create(item_kind::article, says("a"), agent_))), errc::not_found);
    EXPECT_TRUE(run(base_.create(item_kind::article, says(std::string(200, 'a'), std::string(10'000, 'b')), writer_)));
    std::string chinese;
    for (int i = 0; i < 10'000; ++i)
        chinese += "纸";
    auto long_one = says("长", chinese);
    long_one.words["zh-TW"] = {"長", chinese};
    EXPECT_TRUE(run(base_.create(item_kind::article, long_one, writer_)));
}

TEST_F(Knowledge, FourEyesAreAConstraintToo)
{
    const auto made = run(base_.create(item_kind::article, says("a"), writer_));
    EXPECT_THROW(
        sql(fmt::format("UPDATE knowledge_edition SET state = 'published', reviewer = author, reviewed_at = written_at "
                        "WHERE item_id = '{}'",
                        made->id.to_string())),
        std::exception);
}

// --- canned replies

TEST(CannedReply, NamesItsVariablesOnceAndLeavesOtherBracesAlone)
{
    EXPECT_THAT(variables_in("{number} {due} {number} { due} {x1} {} {{agent}} {today"),
                ElementsAre("number", "due", "agent"));
    EXPECT_THAT(
        rendered("您好 {customer}，单号 {number}；{due} {a b}", {{"number", "260302-0001"}, {"customer", "王小明"}}),
        Pair("您好 王小明，单号 260302-0001；{due} {a b}", ElementsAre("due")));
    EXPECT_THAT(rendered("{customer}", {{"customer", "{number}"}, {"number", "1"}}), Pair("{number}", IsEmpty()))
        << "a value is not read again";
    EXPECT_TRUE(check_reply({.name = "a", .body = "{number}", .categories = {}, .shared = {}, .department = {}}));
    EXPECT_FALSE(check_reply({.name = "a", .body = "{phone}", .categories = {}, .shared = {}, .department = {}}));
    EXPECT_FALSE(check_reply({.name = "", .body = "a", .categories = {}, .shared = {}, .department = {}}));
    EXPECT_FALSE(
        check_reply({.name = "a", .body = std::string(4001, 'a'), .categories = {}, .shared = {}, .department = {}}));
}

TEST_F(Knowledge, RepliesAreTheirOwnersAThoseOfHisDepartmentsOrEverybodys)
{
    auto leader = a_user("leader", {role::department_leader});
    const auto east = a_department("east", {handler_});
    leader.departments = leader.leads = {east};
    auto handler = handler_;
    handler.departments = {east};
    const auto keep = [&](std::string name, reply_sharing shared, std::optional<department_id> department,
                          const domain::actor& who) {
        return run(save_reply(
            db_, {.name = std::move(name), .body = "b", .categories = {}, .shared = shared, .department = department},
            who, clock.now()));
    };
    const auto own = keep("own", reply_sharing::private_, {}, agent_);
    const auto team = keep("team", reply_sharing::department, east, leader);
    const auto all = keep("all", reply_sharing::all, {}, reviewer_);
    ASSERT_TRUE(own && team && all);
    EXPECT_EQ(code_of(keep("x", reply_sharing::all, {}, agent_)), errc::forbidden);
    EXPECT_EQ(code_of(keep("x", reply_sharing::department, department_id::make(), leader)), errc::forbidden);
    EXPECT_EQ(code_of(keep("x", reply_sharing::department, department_id::make(), reviewer_)), errc::invalid_field);
    EXPECT_EQ(code_of(keep("x", reply_sharing::department, {}, reviewer_)), errc::invalid_field);

    const auto names = [&](const domain::actor& who) {
        std::vector<std::string> seen;
        for (const auto& each : *run(list_replies(db_, "", who)))
            seen.push_back(each.what.name);
        return seen;
    };
    EXPECT_THAT(names(agent_), ElementsAre("all", "own"));
    EXPECT_THAT(names(handler), ElementsAre("all", "team"));
    EXPECT_THAT(names(writer_), ElementsAre("all"));
    EXPECT_EQ(code_of(run(load_reply(db_, own->id, handler))), errc::not_found);
    EXPECT_EQ(code_of(run(load_reply(db_, team->id, agent_))), errc::not_found);

    auto wanted = all->what;
    wanted.body = "c {number}";
    EXPECT_EQ(code_of(run(change_reply(db_, all->id, 1, wanted, agent_, clock.now()))), errc::not_found);
    ASSERT_TRUE(run(change_reply(db_, all->id, 1, wanted, reviewer_, clock.now())));
    EXPECT_EQ(code_of(run(change_reply(db_, all->id, 1, wanted, reviewer_, clock.now()))), errc::stale_version);
    const auto admin = a_user("boss", {role::administrator});
    EXPECT_EQ(code_of(run(delete_reply(db_, own->id, 1, admin, clock.now()))), errc::not_found) << "private";
    ASSERT_TRUE(run(delete_reply(db_, all->id, 2, admin, clock.now())));
    EXPECT_EQ(code_of(run(load_reply(db_, all->id, reviewer_))), errc::not_found);
    EXPECT_EQ(count("FROM event WHERE kind LIKE 'canned_reply.%'"), "4") << "what was private is not told";
}

} // namespace
} // namespace huiyin::knowledge
