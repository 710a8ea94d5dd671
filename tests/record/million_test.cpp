// What bench/million measures, on five thousand tickets: its documents are the daemon's, and what is found is what is
// there.
#include <huiyin/async/task_group.hpp>
#include <huiyin/journal/sequencer.hpp>
#include <huiyin/people/configuration_store.hpp>
#include <huiyin/record/search.hpp>
#include <huiyin/ticket/ticket_lists.hpp>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <fstream>
#include <pg_fixture.hpp>
#include <sstream>

namespace huiyin::record {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;
using namespace std::chrono_literals;

constexpr int tickets = 5'000;

class MillionTest : public test::pg_fixture
{
public:
    MillionTest()
    {
        sql(R"(INSERT INTO ticket SELECT (jsonb_populate_record(NULL::ticket, '{"version":1,"status":"new","type":"complaint",
"priority":"p3","category":"","channel":"web","vip":false,"repeat":false,"customer_waiting":false,"imported":false,
"policy_version":1,"validity":"unjudged","root_cause":"","no_responsible_reason":"none","callback_round":0,"urge_count":0,
"supervised":false,"escalation_level":0,"card":"none","extension_pending":false,"extension_count":0,"return_count":0,
"no_return":false,"ownership_settled":false,"department_changes":0,"reply_reject_count":0,"rework_cycle":0,"reopen_count":0,
"dispute_count":0,"promise_breached":false,"breached":[],"hold_reason":"none","fcr":false,"closure":"none","closure_reason":"",
"satisfaction":"unknown","solved":"unasked","next_callback_channel":"phone","survey_round":0,"has_rows":0,"marks":0,
"id":"00000000-0000-4000-8000-000000000001","number":"000101-0001","sensitive":"ordinary","departments":[],
"created_at":"2000-01-01T00:00:00Z","changed_at":"2000-01-01T00:00:00Z","reported_at":"2000-01-01T00:00:00Z",
"next_step_at":"2000-01-01T00:00:00Z"}')).*)");
        std::ostringstream pack;
        pack << std::ifstream(HUIYIN_SOURCE_DIR "/config/packs/newspaper.json").rdbuf();
        std::ifstream in(HUIYIN_SOURCE_DIR "/bench/million.sql");
        std::ostringstream script;
        script << fmt::format("SELECT set_config('bench.tickets', '{}', false), set_config('bench.now', '{}', false);",
                              tickets, to_rfc3339(clock.now()))
               << in.rdbuf();
        sql(script.str());
        // One connection: its statements are planned for good after a few times.
        auto settings = app_settings();
        settings.connections = 1;
        db_.emplace(on(), settings, metrics);
        people::configuration_store configuration(*db_, clock);
        if (!run(configuration.append_pack("newspaper", pack.str(), domain::actor::system())))
            throw std::runtime_error("the pack was refused");
    }
    ~MillionTest() override { run(db_->close()); }

    std::vector<std::string> strings(const std::string& query)
    {
        std::vector<std::string> all;
        for (const auto row : sql(query))
            all.push_back(row.get<std::string>(0));
        return all;
    }
    std::vector<std::string> find(const std::string& query, const domain::actor& who, std::size_t limit = search_limit)
    {
        const auto page = run(search_tickets(*db_, query, {}, limit, who));
        if (!page) throw std::runtime_error(page.error().detail);
        std::vector<std::string> numbers;
        for (const auto& each : page->items)
            numbers.push_back(each.number);
        return numbers;
    }
    static domain::actor user(domain::role role)
    {
        domain::actor who;
        who.kind = domain::actor_kind::user;
        who.id = uuid::make();
        who.roles.add(role);
        return who;
    }
    /// Of the `n`th station, from the busiest to the smallest.
    domain::actor handler_of(int n)
    {
        auto who = user(domain::role::department_handler);
        who.departments = {
            sql(fmt::format("SELECT id FROM department WHERE code = 'bench-{}'", n)).front().get<department_id>(0)};
        who.id = sql(fmt::format("SELECT id FROM user_account WHERE login = 'bench-{}'", n * 5)).front().get<uuid>(0);
        return who;
    }

    std::optional<pg::database> db_;
};

TEST_F(MillionTest, ItsDocumentsAreTheDaemonsAndItsListsAndSearchesAnswer)
{
    const auto officer = user(domain::role::complaint_officer);

    // What the daemon cuts of these tickets and people is what is there already.
    sql("CREATE TABLE as_filled AS SELECT * FROM (SELECT * FROM search_document WHERE kind = 'ticket' ORDER BY id "
        "LIMIT 400) t "
        "UNION ALL SELECT * FROM (SELECT * FROM search_document WHERE kind = 'customer' ORDER BY id LIMIT 200) c");
    sql("UPDATE search_document SET tokens = '' WHERE id IN (SELECT id FROM as_filled)");
    sql("DELETE FROM search_todo");
    sql("INSERT INTO search_todo (id, kind) SELECT id, kind FROM as_filled WHERE kind = 'ticket'");
    sql("INSERT INTO search_todo (id, kind) SELECT id, kind FROM as_filled WHERE kind = 'customer'");
    {
        task_group group(on());
        start_search_index(group, app_settings(), metrics);
        for (int i = 0; i < 600; ++i) {
            if (sql("SELECT NOT EXISTS (SELECT FROM search_todo)").front().get<bool>(0)) break;
            run(pause_for(50ms));
        }
        run(group.stop());
    }
    EXPECT_THAT(
        strings(
            "SELECT format('%s %s: %s | %s', d.kind, d.id, d.tokens, f.tokens) FROM as_filled f JOIN search_document d "
            "USING (id) WHERE (d.tokens, d.at, d.confidential) IS DISTINCT FROM (f.tokens, f.at, f.confidential) LIMIT "
            "3"),
        IsEmpty());

    // What is found is what a reading of every word finds.
    const auto says = [](std::string_view word) {
        return fmt::format("EXISTS (SELECT FROM entry e JOIN text x ON x.id = e.text_id WHERE e.ticket_id = t.id AND "
                           "x.body LIKE '%{}%')",
                           word);
    };
    const auto holding = [&](const std::string& condition) {
        return strings(
            fmt::format("SELECT t.number FROM ticket t WHERE {} ORDER BY t.created_at DESC, t.id DESC LIMIT {}",
                        condition, search_limit));
    };
    for (const auto* word : {"退款", "没有送到", "上桥", "宽带网速", "订单"})
        EXPECT_EQ(find(word, officer), holding(says(word))) << word;
    EXPECT_EQ(find("refu", officer), holding(says("refund")));
    EXPECT_EQ(find("退款 refund", officer), holding(says("退款") + " AND " + says("refund")));
    const auto busy = handler_of(1), small = handler_of(40);
    EXPECT_EQ(find("退款", small),
              holding(fmt::format("{} AND (t.departments && '{{{}}}' OR t.handler = '{}')", says("退款"),
                                  small.departments.front().to_string(), small.id.to_string())));
    const auto number = strings("SELECT number FROM ticket ORDER BY created_at DESC OFFSET 1000 LIMIT 1").front();
    EXPECT_EQ(find(number, officer), std::vector{number});

    for (const auto* query :
         {"退款", "没有", "上桥春路", "refu", "no", "1234", "138", "张伟", "张", "退款 refund 上桥", "没有送到 宽带"})
        for (const auto& who : {officer, busy, small})
            EXPECT_TRUE(run(search_tickets(*db_, query, {}, 50, who))) << query << " " << who.departments.size();
    for (const auto* query : {"1234", "张伟", "138", "张"})
        for (const auto& who : {officer, busy, small})
            EXPECT_TRUE(run(search_customers(*db_, query, {}, 50, who))) << query;

    // Its lists and counts are what the tickets say.
    ticket::configurations rules(*db_);
    ticket::ticket_lists lists(*db_, clock, rules);
    const auto counts = run(lists.counts(officer, {})).value();
    const auto open = std::string("status NOT IN ('closed', 'archived', 'merged')");
    for (const auto& [view, condition] :
         {std::pair{ticket::list_view::all_open, open},
          std::pair{ticket::list_view::to_sign, std::string("status = 'dispatched'")},
          std::pair{ticket::list_view::overdue,
                    fmt::format("{} AND nearest_due_at < '{}'", open, to_rfc3339(clock.now()))},
          std::pair{ticket::list_view::supervised, open + " AND supervised"}})
    {
        const auto there = sql("SELECT count(*) FROM ticket WHERE " + condition).front().get<std::int64_t>(0);
        EXPECT_GT(there, 0) << domain::to_string(view);
        EXPECT_EQ(counts.at(view).count, there) << domain::to_string(view);
        ticket::list_query query;
        query.view = view;
        EXPECT_THAT(run(lists.list(query, {}, 200, officer)).value().rows,
                    SizeIs(std::min<std::size_t>(200, static_cast<std::size_t>(there))));
    }
    std::vector<std::pair<std::string, ticket::list_query>> views(10);
    views[0].first = "open";
    views[1] = {"closed", {}}, views[1].second.statuses = {"closed"};
    views[2] = {"archived", {}}, views[2].second.statuses = {"archived"};
    views[3] = {"callbacks", {}}, views[3].second.view = ticket::list_view::callback;
    views[4] = {"handler", {}}, views[4].second.handler = user_id(busy.id);
    views[5] = {"handler, all", {}}, views[5].second.handler = user_id(busy.id);
    views[5].second.statuses = {"closed", "archived", "investigating"};
    views[6] = {"department", {}}, views[6].second.departments = small.departments;
    views[7] = {"category", {}}, views[7].second.category = "billing";
    views[8] = {"number", {}}, views[8].second.number = number;
    views[8].second.statuses = {"closed", "archived"};
    views[9] = {"customer", {}},
    views[9].second.customer =
        sql("SELECT customer FROM ticket WHERE number = '" + number + "'").front().get<customer_id>(0);
    for (auto& [name, query] : views) {
        const auto is_closed = [](const std::string& status) { return status == "closed" || status == "archived"; };
        if (std::ranges::any_of(query.statuses, is_closed)) query.sort = ticket::list_sort::created;
        for (const auto& who : {officer, busy, small})
            EXPECT_TRUE(run(lists.list(query, {}, 50, who))) << name << " " << who.departments.size();
    }
}

} // namespace
} // namespace huiyin::record
