// Rows of a ticket: what is saved, what is read, and what the journal keeps are one form.
#include <gmock/gmock.h>

#include <set>
#include <ticket_rows.hpp>

namespace huiyin::ticket {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

constexpr instant noon = std::chrono::sys_days(std::chrono::March / 2 / 2026) + 4h;

domain::text_ref words()
{
    return {text_id::make(), sha256("words")};
}

domain::ticket a_new_one()
{
    domain::ticket t;
    t.id = ticket_id::make();
    t.number = "260302-0001";
    t.version = 1;
    t.category = "missed_copy";
    t.channel = "web";
    t.customer = customer_id::make();
    t.problem = words();
    t.reported_at = t.created_at = t.changed_at = noon;
    t.policy_version = 1;
    domain::deadline clock;
    clock.kind = domain::deadline_kind::dispatch;
    clock.goal = domain::parse_target("30m").value();
    clock.calendar = "center";
    clock.policy_version = 1;
    clock.started_at = clock.counted_to = noon;
    clock.due_at = clock.original_due_at = noon + 30min;
    clock.next_step_at = noon + 15min;
    t.deadlines.push_back(clock);
    return t;
}

/// With a row in every table and a value in every column that is new with the whole engine.
domain::ticket a_full_one()
{
    auto t = a_new_one();
    t.version = 40;
    t.status = domain::ticket_status::withdrawn;
    t.lead_department = department_id::make();
    t.next_callback_channel = domain::callback_channel::sms;
    t.callback_agent = user_id::make();
    t.survey_round = 2;
    t.group_root = ticket_id::make();
    t.inherited_due = noon + 24h;
    t.final_word = domain::final_answer{.by = user_id::make(),
                                        .at = noon,
                                        .basis = words(),
                                        .remedy = "court",
                                        .words = words(),
                                        .said = domain::answers{domain::solved_answer::partly, 2, {}, 3},
                                        .agreed_by = user_id::make(),
                                        .agreed_at = noon + 1h};
    t.withdrawal = domain::withdrawal_request{uuid::make(), noon, "settled", words(), domain::ticket_status::executing};
    domain::work_order order;
    order.id = work_order_id::make();
    order.department = *t.lead_department;
    order.kind = domain::work_order_kind::co_handler;
    order.opened_at = noon;
    order.due_at = noon + 2h;
    order.result = words();
    order.overdue = true;
    t.orders.push_back(order);
    domain::solution proposal;
    proposal.id = solution_id::make();
    proposal.words = words();
    proposal.fingerprint = sha256("fingerprint");
    proposal.proposed_by = user_id::make();
    proposal.proposed_at = noon;
    t.solutions.push_back(proposal);
    t.approvals.push_back({proposal.id, user_id::make(), noon, true, 1, words()});
    t.promises.push_back({.id = promise_id::make(),
                          .solution = {},
                          .made_at = noon,
                          .due_at = noon + 1h,
                          .fulfilled_at = std::nullopt,
                          .breached = false,
                          .made_by = user_id::make(),
                          .words = words(),
                          .warn_at = noon + 48min,
                          .released_at = noon + 2h});
    domain::callback_attempt attempt;
    attempt.id = callback_id::make();
    attempt.at = noon;
    attempt.channel = domain::callback_channel::email;
    attempt.about_withdrawal = true;
    attempt.said = domain::answers{};
    t.callbacks.push_back(attempt);
    t.judgements.push_back({domain::ticket_validity::valid, noon, uuid::make(), user_id::make(), "r", words(), 2});
    t.extensions.push_back({.asked_by = user_id::make(),
                            .asked_at = noon,
                            .until = noon + 24h,
                            .reason = "weather",
                            .basis = words(),
                            .state = domain::request_state::granted,
                            .decided_by = user_id::make(),
                            .decided_at = noon,
                            .due_before = noon + 2h});
    t.holds.push_back({.reason = "appointment",
                       .asked_by = user_id::make(),
                       .asked_at = noon,
                       .told = interaction_id::make(),
                       .until = noon + 1h,
                       .words = words(),
                       .state = domain::request_state::granted,
                       .signed_by = user_id::make(),
                       .decided_at = noon,
                       .ended_at = noon + 30min,
                       .ended_by = "withdrawal"});
    t.supervisions.push_back({.reason = "media",
                              .by = uuid::make(),
                              .at = noon,
                              .words = words(),
                              .answered_by = user_id::make(),
                              .answered_at = noon,
                              .answer = words(),
                              .cleared_by = user_id::make(),
                              .cleared_at = noon});
    t.rulings.push_back({.by = user_id::make(),
                         .at = noon,
                         .reason = "first_receiver",
                         .at_fault = domain::fault_side::department,
                         .department = department_id::make(),
                         .lost_from = noon - 1h,
                         .charged = 1h});
    t.spells.push_back({domain::holder::on_hold, department_id::make(), noon});
    t.contacts.push_back({interaction_id::make(), domain::contact_kind::visit, noon, uuid::make(), false, true});
    return t;
}

TEST(TicketRows, HoldAllOfATicket)
{
    for (const auto& t : {a_new_one(), a_full_one()})
        EXPECT_EQ(ticket_of(rows_of(t)), t);
    const auto rows = rows_of(a_full_one());
    for (const auto* const table : row_tables)
        EXPECT_EQ(rows.at(table).size(), 1u) << table;
    EXPECT_EQ(rows.at("ticket").at("has_rows"), (1 << std::size(row_tables)) - 1);
}

TEST(TicketRows, AreReadAlikeWithAndWithoutTheColumnsThatAreZero)
{
    const auto t = a_full_one();
    auto rows = rows_of(t);
    const auto fill = [](json& row, const char* table) {
        auto whole = zeros_of(table);
        whole.update(row);
        row = std::move(whole);
    };
    fill(rows.at("ticket"), "ticket");
    for (const auto* const table : row_tables)
        for (auto& row : rows.at(table))
            fill(row, table);
    EXPECT_EQ(ticket_of(rows), t);
}

TEST(TicketRows, OfANewTicketLeaveOutWhatSaysNothing)
{
    const auto t = a_new_one();
    const auto rows = rows_of(t);
    EXPECT_FALSE(rows.contains("ticket_contact"));
    EXPECT_FALSE(rows.at("ticket").contains("urge_count"));
    EXPECT_LT(changes_of(nullptr, t).columns.dump().size(), 1500u) << "the event of every complaint carries it";
}

TEST(TicketRows, OnlyWhatDiffersIsSavedAndThatWhole)
{
    const auto before = a_full_one();
    auto after = before;
    EXPECT_TRUE(changes_of(&before, after).rows.empty());
    after.contacts[0].by_lead = !after.contacts[0].by_lead;
    after.contacts.push_back(after.contacts[0]);
    ++after.version;
    const auto changes = changes_of(&before, after);
    const auto rows = rows_of(after);
    EXPECT_EQ(changes.rows, json({{"ticket", {rows.at("ticket")}}, {"ticket_contact", rows.at("ticket_contact")}}));
    EXPECT_EQ(changes.columns.at("ticket").at(0).size(), 2u) << "its id and its version";
}

TEST(TicketRows, ChangesFoldBackIntoTheTicket)
{
    auto t = a_new_one();
    json told = json::object();
    std::optional<domain::ticket> before;
    const auto keep = [&] {
        apply_changes(told, changes_of(before ? &*before : nullptr, t).columns);
        before = t;
        EXPECT_EQ(ticket_of(told), t);
    };
    keep();
    const auto whole = a_full_one();
    const auto id = t.id;
    t = whole;
    t.id = id;
    keep();
    // What became zero again is told, too.
    t.withdrawal.reset();
    t.status = domain::ticket_status::registered;
    t.survey_round = 0;
    t.category.clear();
    t.contacts[0].by_lead = false;
    t.orders[0].due_at.reset();
    ++t.version;
    keep();
    EXPECT_EQ(told.at("ticket").at("category"), "");
    EXPECT_EQ(told.at("ticket_contact").at(0).at("by_lead"), false);
}

TEST(TicketRows, KnowTheZeroOfEveryColumnOnce)
{
    for (const auto* const table : row_tables) {
        const auto columns = columns_of(table);
        EXPECT_EQ(std::set<std::string>(columns.begin(), columns.end()).size(), columns.size()) << table;
        EXPECT_EQ(columns.size(), zeros_of(table).size() + 2) << table;
    }
    EXPECT_THROW(zeros_of("ticket_nothing"), std::logic_error);
}

} // namespace
} // namespace huiyin::ticket
