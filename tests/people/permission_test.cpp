#include <huiyin/domain/permission.hpp>

#include <gtest/gtest.h>

#include <set>

namespace huiyin::domain {
namespace {

using enum permission;

const department_id mine = department_id::make();
const department_id other = department_id::make();

actor with_role(role r)
{
    actor who;
    who.kind = actor_kind::user;
    who.id = uuid::make();
    who.roles.add(r);
    who.departments = {mine};
    return who;
}

/// One column per role in the order of the enum: agent, complaint officer, handler, leader, supervisor, quality,
/// administrator, auditor. '.' nothing, 'o' in his own departments, 'a' everywhere.
struct expectation
{
    permission what;
    std::string_view roles;
};
constexpr expectation matrix[] = {
    {none_needed, "aaaaaaaa"},
    {logged_in, "aaaaaaaa"},
    {ticket_read, "aaooaa.a"},
    {ticket_create, "aa..a..."},
    {ticket_classify, "aa..a..."},
    {ticket_judge, ".a..a..."},
    {ticket_arbitrate, "....a..."},
    {ticket_transfer, ".a..a..."},
    {ticket_resolve_direct, "aa......"},
    {ticket_reply_invalid, "aa......"},
    {ticket_dispute, "aa..a..."},
    {ticket_accept, "..oo...."},
    {ticket_return, "..oo...."},
    {ticket_note, "aaooaa.."},
    {ticket_log_contact, "aaoo...."},
    {ticket_propose, "..o....."},
    {ticket_approve, "...o...."},
    {ticket_fulfil, "..o....."},
    {ticket_request_extension, "..oo...."},
    {ticket_decide_extension, ".a..a..."},
    {ticket_complete, "..o....."},
    {ticket_review_reply, ".a..a..."},
    {ticket_co_handle, ".aooa..."},
    {ticket_callback, "aa..a..."},
    {ticket_close_unreachable, "....a..."},
    {ticket_archive, ".a..a..."},
    {ticket_hold, "..oo...."},
    {ticket_final_answer, "....a..."},
    {ticket_withdraw, "aa......"},
    {ticket_merge, ".a..a..."},
    {ticket_reopen, ".a..a..."},
    {ticket_urge, "aa......"},
    {ticket_answer, "aaoo...."},
    {ticket_supervise, "....a..."},
    {ticket_clear_supervision, "....a..."},
    {ticket_promise, "aaoo...."},
    {ticket_rate_reply, "aa......"},
    {customer_read, "aaooaa.a"},
    {customer_write, "aa..a..."},
    {customer_identity_of_report, ".a..a..."},
    {customer_erase, "......a."},
    {customer_merge, ".a..a..."},
    {case_read, "aaaaaaaa"},
    {case_publish, ".a...a.."},
    {problem_manage, ".a..aa.."},
    {intake_submit, "........"},
    {parked_read, ".a..aaaa"},
    {parked_retry, ".a..a.a."},
    {stream_follow, "aaaaaaaa"},
    {people_read, "aaaaaaaa"},
    {people_manage, "......a."},
    {token_manage, "......a."},
    {configuration_read, "aaaaaaaa"},
    {configuration_manage, "......a."},
    {journal_verify, "......aa"},
    {outbox_manage, "......a."},
    {report_read, "...oaa.a"},
    {quality_read, "....aaaa"},
    {metrics_read, "....a.aa"},
};

bool is_reading(permission p)
{
    return p == ticket_read || p == customer_read || p == ticket_note;
}

TEST(May, EveryPermissionHasARowAndAName)
{
    std::set<permission> rows;
    for (const auto& [what, roles] : matrix) {
        EXPECT_EQ(roles.size(), role_count);
        rows.insert(what);
        EXPECT_EQ(parse_permission(to_string(what)), what);
    }
    EXPECT_EQ(rows.size(), permission_count);
    EXPECT_EQ(parse_permission("ticket"), std::nullopt);
}

TEST(May, EveryRoleHasANameOfItsOwn)
{
    for (std::size_t i = 0; i < role_count; ++i)
        EXPECT_EQ(parse_role(to_string(static_cast<role>(i))), static_cast<role>(i));
    EXPECT_EQ(parse_role("Agent"), std::nullopt);
}

TEST(May, ARoleReachesAsFarAsTheTableSays)
{
    const object_scope here{.departments = {mine}, .responsible = mine, .assignee = {}, .sensitive = {}};
    const object_scope formerly_here{
        .departments = {mine, other}, .responsible = other, .assignee = {}, .sensitive = {}};
    const object_scope elsewhere{.departments = {other}, .responsible = other, .assignee = {}, .sensitive = {}};
    const object_scope nowhere{};
    for (const auto& [what, roles] : matrix)
        for (std::size_t i = 0; i < role_count; ++i) {
            const auto who = with_role(static_cast<role>(i));
            const auto reach = roles[i];
            SCOPED_TRACE(std::string(to_string(static_cast<role>(i))) + " " + std::string(to_string(what)));
            EXPECT_EQ(may(who, what), reach != '.');
            EXPECT_EQ(may(who, what, here), reach != '.');
            EXPECT_EQ(may(who, what, elsewhere), reach == 'a');
            EXPECT_EQ(may(who, what, nowhere), reach == 'a');
            EXPECT_EQ(may(who, what, formerly_here), reach == 'a' || (reach == 'o' && is_reading(what)));
        }
}

TEST(May, WhoIsAssignedActsOutsideHisDepartments)
{
    const auto handler = with_role(role::department_handler);
    const object_scope given_to_him{
        .departments = {other}, .responsible = other, .assignee = user_id(handler.id), .sensitive = {}};
    EXPECT_TRUE(may(handler, ticket_accept, given_to_him));
    EXPECT_FALSE(may(handler, ticket_approve, given_to_him));
}

TEST(May, RolesAddUp)
{
    auto who = with_role(role::department_handler);
    who.roles.add(role::quality);
    const object_scope elsewhere{.departments = {other}, .responsible = other, .assignee = {}, .sensitive = {}};
    EXPECT_TRUE(may(who, ticket_read, elsewhere));
    EXPECT_FALSE(may(who, ticket_accept, elsewhere));
}

TEST(May, ATokenMayWhatItsScopesNameAndNothingElse)
{
    actor token;
    token.kind = actor_kind::token;
    token.id = uuid::make();
    token.roles.add(role::administrator); // must count for nothing
    token.scopes = {static_cast<int>(intake_submit)};
    for (const auto& [what, roles] : matrix)
        EXPECT_EQ(may(token, what), what == intake_submit || what == none_needed) << to_string(what);
    EXPECT_TRUE(may(token, intake_submit, object_scope{}));
}

TEST(May, StrangersAndCustomersMayOnlyWhatNeedsNoPermission)
{
    actor customer;
    customer.kind = actor_kind::customer;
    customer.id = uuid::make();
    for (const auto& [what, roles] : matrix) {
        EXPECT_EQ(may(actor::anonymous(), what), what == none_needed) << to_string(what);
        EXPECT_EQ(may(customer, what), what == none_needed) << to_string(what);
        EXPECT_TRUE(may(actor::system(), what)) << to_string(what);
    }
}

TEST(May, AUserWithoutRolesMayOnlyBeHimself)
{
    actor nobody;
    nobody.kind = actor_kind::user;
    nobody.id = uuid::make();
    nobody.departments = {mine};
    EXPECT_TRUE(may(nobody, logged_in));
    EXPECT_FALSE(may(nobody, ticket_read));
    EXPECT_FALSE(may(nobody, people_read));
}

} // namespace
} // namespace huiyin::domain
