#pragma once

#include <huiyin/domain/decide.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace huiyin::domain::testing {

using namespace std::chrono_literals;
using std::chrono::days;

template <class Id>
Id numbered(std::uint32_t n)
{
    uuid value;
    for (std::size_t i = 0; i < 4; ++i)
        value.bytes[15 - i] = static_cast<std::uint8_t>(n >> (8 * i));
    value.bytes[0] = 1;
    return Id(value);
}

inline const auto station = numbered<department_id>(1);
inline const auto main_station = numbered<department_id>(2);
inline const auto circulation = numbered<department_id>(3);
inline const auto billing = numbered<department_id>(4);
inline const auto reader = numbered<customer_id>(50);

inline actor a_user(std::uint32_t n, role_set roles, std::vector<department_id> departments = {},
                    std::vector<department_id> leads = {})
{
    return {.kind = actor_kind::user,
            .id = numbered<user_id>(n).value(),
            .roles = roles,
            .departments = std::move(departments),
            .leads = std::move(leads),
            .scopes = {}};
}

inline const actor customer{
    .kind = actor_kind::customer, .id = reader.value(), .roles = {}, .departments = {}, .leads = {}, .scopes = {}};
inline const actor stranger = actor::anonymous();
inline const actor sys = actor::system();
inline const actor agent = a_user(101, {role::agent});
inline const actor officer = a_user(102, {role::complaint_officer});
inline const actor officer_b = a_user(103, {role::complaint_officer});
inline const actor handler = a_user(104, {role::department_handler}, {station});
inline const actor handler_b = a_user(105, {role::department_handler}, {station});
inline const actor chief = a_user(106, {role::department_leader, role::department_handler}, {station}, {station});
inline const actor main_chief = a_user(107, {role::department_leader}, {main_station, station}, {main_station});
inline const actor director =
    a_user(108, {role::department_leader}, {circulation, main_station, station}, {circulation});
inline const actor billing_handler = a_user(109, {role::department_handler}, {billing});
inline const actor billing_chief = a_user(110, {role::department_leader}, {billing}, {billing});
inline const actor supervisor = a_user(111, {role::supervisor});
inline const actor quality = a_user(112, {role::quality});
inline const actor administrator = a_user(113, {role::administrator});
inline const actor auditor = a_user(114, {role::auditor});
/// Works for the station and at the desk as well.
inline const actor two_hats = a_user(115, {role::department_handler, role::agent}, {station});

inline user_id id_of(const actor& who)
{
    return user_id(who.id);
}

/// In Shanghai, without daylight saving: UTC+8.
inline instant shanghai(int year, unsigned month, unsigned day, int hour = 0, int minute = 0)
{
    const std::chrono::sys_days midnight{std::chrono::year{year} / static_cast<int>(month) / static_cast<int>(day)};
    return instant(midnight) + std::chrono::hours(hour - 8) + std::chrono::minutes(minute);
}

/// A Monday.
inline const instant monday = shanghai(2026, 3, 2, 9, 0);

inline std::shared_ptr<const calendar> office()
{
    static const auto made = [] {
        const std::vector<hours_of_day> day{{9h, 12h}, {13h, 18h}};
        return std::make_shared<const calendar>("office", "Asia/Shanghai", weekly_hours{day, day, day, day, day});
    }();
    return made;
}

inline std::shared_ptr<const calendar> always()
{
    static const auto made = std::make_shared<const calendar>(calendar::around_the_clock("always", "Asia/Shanghai"));
    return made;
}

inline target of(target_unit unit, std::int64_t count)
{
    return {unit, count, {}};
}

inline void set(policy& p, deadline_kind kind, const target& goal, const std::string& calendar = "office")
{
    p.targets[static_cast<std::size_t>(kind)] = timed_target{goal, calendar};
}

/// "carrier_conduct" of domain.md §4.1, with progress updates.
inline policy a_policy()
{
    policy p;
    p.version = 7;
    p.category = "carrier_conduct";
    p.priority = ticket_priority::p2;
    p.department = station;
    p.default_calendar = "office";
    p.calendars = {office(), always()};
    set(p, deadline_kind::first_response, of(target_unit::minutes, 10));
    set(p, deadline_kind::dispatch, of(target_unit::hours, 1));
    set(p, deadline_kind::accept, of(target_unit::business_hours, 120));
    set(p, deadline_kind::contact_customer, of(target_unit::working_days, 1));
    set(p, deadline_kind::solution, of(target_unit::working_days, 2));
    set(p, deadline_kind::resolve, of(target_unit::working_days, 3));
    set(p, deadline_kind::progress_update, of(target_unit::hours, 48));
    set(p, deadline_kind::callback, of(target_unit::hours, 24));
    p.direct_allowed = true;
    p.direct_authority = 5'000;
    p.invalid_reply_templates = {"no_fault_found"};
    p.banned_phrases = {"not my problem"};
    p.approval.chain = {station, main_station, circulation};
    p.approval.authority = {10'000, 100'000};
    p.callback.calendar = "office";
    return p;
}

inline text_ref words(std::uint32_t n = 1)
{
    return {numbered<text_id>(n), sha256("words " + std::to_string(n))};
}

inline destination to(department_id department)
{
    return {department, department == billing ? id_of(billing_handler) : id_of(handler),
            department == billing ? std::nullopt : std::optional(id_of(handler_b)), false};
}

inline answers content()
{
    return {solved_answer::yes, 5, 4, 5};
}
inline answers discontent()
{
    return {solved_answer::no, 1, 2, 3};
}

/// A ticket and its time; ids of new rows come from a counter.
struct scene
{
    policy p = a_policy();
    instant now = monday;
    ticket t;
    decision last;
    std::uint32_t ids = 1000;

    template <class Id>
    Id fresh()
    {
        return numbered<Id>(++ids);
    }

    // Commands that succeed as they stand, in the state they belong to.
    create a_complaint()
    {
        create c;
        c.id = numbered<ticket_id>(7);
        c.number = "260302-0007";
        c.category = "carrier_conduct";
        c.channel = "web";
        c.customer = reader;
        c.problem = words(10);
        return c;
    }
    judge_valid valid(department_id department = station) { return {fresh<work_order_id>(), to(department)}; }
    judge_invalid invalid() { return {"no_fault", words(20), 1}; }
    reply_invalid invalid_answer(understanding u = understanding::asked)
    {
        return {"no_fault_found", words(21), false, u};
    }
    return_ticket a_return() { return {"not_ours", words(22), billing}; }
    arbitrate ruling(department_id department = station)
    {
        return {fresh<work_order_id>(), to(department), false, "first_owner"};
    }
    transfer a_transfer(department_id department = billing)
    {
        return {fresh<work_order_id>(), to(department), "wrong_unit"};
    }
    log_contact a_contact() { return {fresh<interaction_id>(), contact_kind::call, true}; }
    propose a_fix(std::uint32_t wording = 30)
    {
        propose c;
        c.id = fresh<solution_id>();
        c.words = words(wording);
        c.fingerprint = sha256(std::to_string(wording));
        c.root_cause = "carrier_untrained";
        c.responsible_person = id_of(handler_b);
        return c;
    }
    propose a_promise(std::chrono::seconds ahead = days(10), std::uint32_t wording = 31)
    {
        auto c = a_fix(wording);
        c.kind = solution_kind::promise;
        c.promise_reason = "road_works";
        c.promised_due_at = now + ahead;
        c.interim = words(32);
        return c;
    }
    approve an_approval() { return {fresh<promise_id>(), std::nullopt}; }
    reject_solution a_rejection() { return {words(33)}; }
    complete a_reply() { return {words(34), true, 1}; }
    add_co_handler a_part(department_id department = billing)
    {
        return {fresh<work_order_id>(), to(department), std::nullopt};
    }
    make_promise a_word(std::chrono::seconds ahead = days(5)) { return {fresh<promise_id>(), now + ahead, words(41)}; }
    /// By half a day.
    request_extension more_time()
    {
        return {customer_clock(t) ? customer_clock(t)->due_at + 12h : now + days(1), "parts_missing", words(42)};
    }
    /// Told by a call that was logged.
    put_on_hold a_hold(std::string reason = "awaiting_customer")
    {
        put_on_hold c;
        c.reason = std::move(reason);
        c.told = t.contacts.empty() ? fresh<interaction_id>() : t.contacts.back().interaction;
        if (c.reason == "appointment") c.until = now + days(2);
        return c;
    }
    propose_final_answer last_word() { return {words(43), "12315", words(44), std::nullopt}; }
    withdraw never_mind() { return {"solved_itself", std::nullopt}; }
    confirm_withdrawal asked_himself(bool confirmed = true) { return {fresh<callback_id>(), confirmed, false}; }
    /// Of the same customer and matter, in triage.
    ticket another()
    {
        scene other;
        other.p = p;
        other.now = now;
        auto c = other.a_complaint();
        c.id = numbered<ticket_id>(8);
        auto made = decide(c, p, testing::customer, now);
        return std::move(made->next);
    }
    reject_reply no_good() { return {"not_solved"}; }
    attempt_callback a_try(callback_outcome outcome = callback_outcome::no_answer)
    {
        return {fresh<callback_id>(), outcome, std::nullopt};
    }
    give_verdict verdict(const answers& said, std::string reason = "still_rude")
    {
        return {fresh<callback_id>(), said, std::move(reason), false};
    }
    resolve_direct solved_at_once() { return {0, true, content(), {}}; }

    void begins()
    {
        auto made = decide(a_complaint(), p, customer, now);
        ASSERT_TRUE(made.has_value()) << slug(made.error().code);
        last = std::move(*made);
        t = last.next;
    }
    scene& after(std::chrono::microseconds passed)
    {
        now += passed;
        return *this;
    }
    scene& at(instant when)
    {
        now = when;
        return *this;
    }
    void does(const actor& who, const command& c)
    {
        auto decided = decide(t, c, p, who, now);
        ASSERT_TRUE(decided.has_value()) << slug(decided.error().code);
        last = std::move(*decided);
        t = last.next;
        EXPECT_THAT(check(t, p), ::testing::IsEmpty());
    }
    /// The slug of the refusal, and proof that nothing was touched; "ok" if it was not refused.
    std::string refuses(const actor& who, const command& c) const
    {
        const auto before = t;
        const auto decided = decide(t, c, p, who, now);
        EXPECT_EQ(t, before);
        return decided ? "ok" : std::string(slug(decided.error().code));
    }
    /// What the refusal says is missing.
    std::string lacks(const actor& who, const command& c) const
    {
        const auto decided = decide(t, c, p, who, now);
        if (decided) return "nothing";
        for (const auto& each : decided.error().facts)
            if (each.name == "missing") return std::string(slug(decided.error().code)) + " " + each.value;
        return std::string(slug(decided.error().code));
    }
    void clock_runs() { does(sys, run_due{}); }

    std::vector<std::string> events() const
    {
        std::vector<std::string> kinds;
        for (const auto& e : last.events)
            kinds.emplace_back(e.kind);
        return kinds;
    }
    const deadline& clock(deadline_kind kind) const
    {
        const auto found =
            std::find_if(t.deadlines.rbegin(), t.deadlines.rend(), [&](const auto& d) { return d.kind == kind; });
        if (found == t.deadlines.rend()) throw std::runtime_error("no such clock: " + std::string(to_string(kind)));
        return *found;
    }
    bool runs(deadline_kind kind) const { return running(t, kind) != nullptr; }

    /// From callback_pending, not content, to callback_pending again.
    void reworks(std::uint32_t wording)
    {
        does(testing::customer, verdict(discontent()));
        does(handler, a_fix(wording));
        does(t.rework_cycle >= 2 ? main_chief : chief, an_approval());
        does(handler, a_reply());
        does(officer, pass_reply{});
    }

    /// Drives a new ticket to this state by the shortest way.
    void reach(ticket_status wanted)
    {
        using s = ticket_status;
        begins();
        if (wanted == s::merged) return does(officer, merge_into(another()));
        if (wanted == s::registered) return;
        if (wanted == s::closed || wanted == s::archived) {
            does(agent, solved_at_once());
            if (wanted == s::archived) {
                after(days(31));
                clock_runs();
            }
            return;
        }
        does(officer, classify{"carrier_conduct"});
        if (wanted == s::triage) return;
        if (wanted == s::invalid_pending_reply) return does(officer, invalid());
        does(officer, valid());
        if (wanted == s::dispatched) return;
        does(handler, accept{});
        if (wanted == s::investigating) return;
        if (wanted == s::withdrawn) return does(testing::customer, never_mind());
        if (wanted == s::on_hold) {
            does(handler, a_contact());
            return does(chief, a_hold());
        }
        if (wanted == s::promised) {
            does(handler, a_promise());
            return does(chief, an_approval());
        }
        does(handler, a_fix());
        if (wanted == s::pending_approval) return;
        does(chief, an_approval());
        if (wanted == s::executing) return;
        does(handler, a_reply());
        if (wanted == s::reply_review) return;
        does(officer, pass_reply{});
    }
};

inline scene in(ticket_status wanted)
{
    scene s;
    s.reach(wanted);
    EXPECT_EQ(s.t.status, wanted);
    return s;
}

} // namespace huiyin::domain::testing
