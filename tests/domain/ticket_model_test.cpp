#include "ticket_fixture.hpp"

#include <array>
#include <cstdlib>
#include <map>
#include <random>
#include <set>

/// Random commands by random persons at random times, most of them such as may succeed; after each step the invariants
/// of domain.md §3 that no single state of a ticket shows. At its end each ticket must still find its way into the
/// archive.
namespace huiyin::domain::testing {
namespace {

using s = ticket_status;

constexpr int shards = 4;
constexpr int steps_per_sequence = 18;

int sequences_per_shard()
{
    if (std::getenv("HUIYIN_TEST_FULL") != nullptr) return 1'000'000 / shards;
    return 100'000 / shards;
}

const std::array<department_id, 3> departments{station, main_station, billing};
const auto main_handler = a_user(120, {role::department_handler}, {main_station});
/// Leads everything, so that a chain never lacks its last level.
const auto general =
    a_user(121, {role::department_leader}, {circulation, main_station, station, billing}, {circulation});

/// kind → the ways it may take; domain.md's table once more, by hand.
const std::map<std::string_view, std::set<std::pair<s, s>>>& table()
{
    static const auto self = [](std::initializer_list<s> states) {
        std::set<std::pair<s, s>> ways;
        for (const auto x : states)
            ways.emplace(x, x);
        return ways;
    };
    static const auto open =
        self({s::registered, s::triage, s::invalid_pending_reply, s::dispatched, s::investigating, s::pending_approval,
              s::executing, s::promised, s::reply_review, s::callback_pending});
    static const std::map<std::string_view, std::set<std::pair<s, s>>> ways{
        {"ticket.resolved_direct", {{s::registered, s::closed}, {s::triage, s::closed}}},
        {"ticket.classified", {{s::registered, s::triage}, {s::triage, s::triage}}},
        {"ticket.dispatched", {{s::triage, s::dispatched}}},
        {"ticket.arbitrated", {{s::triage, s::dispatched}}},
        {"ticket.invalidity_proposed", {{s::triage, s::triage}}},
        {"ticket.judged_invalid", {{s::triage, s::invalid_pending_reply}}},
        {"ticket.replied_invalid",
         {{s::invalid_pending_reply, s::callback_pending}, {s::invalid_pending_reply, s::closed}}},
        {"ticket.disputed", {{s::invalid_pending_reply, s::triage}, {s::callback_pending, s::triage}}},
        {"ticket.accepted", {{s::dispatched, s::investigating}}},
        {"ticket.failed_over", {{s::dispatched, s::dispatched}}},
        {"ticket.returned", {{s::dispatched, s::triage}, {s::investigating, s::triage}}},
        {"ticket.return_requested", self({s::dispatched, s::investigating})},
        {"ticket.return_refused", self({s::dispatched, s::investigating})},
        {"ticket.transferred", {{s::investigating, s::dispatched}}},
        {"ticket.customer_contacted", open},
        {"ticket.contact_tried", open},
        {"ticket.solution_proposed", {{s::investigating, s::pending_approval}}},
        {"ticket.solution_approved", {{s::pending_approval, s::executing}}},
        {"ticket.promise_approved", {{s::pending_approval, s::promised}}},
        {"ticket.solution_rejected", {{s::pending_approval, s::investigating}}},
        {"ticket.promise_fulfilled", {{s::promised, s::executing}}},
        {"ticket.promise_breached", {{s::promised, s::promised}}},
        {"ticket.completed", {{s::executing, s::reply_review}}},
        {"ticket.reply_rejected", {{s::reply_review, s::investigating}}},
        {"ticket.reply_passed", {{s::reply_review, s::callback_pending}}},
        {"ticket.callback_attempted", {{s::callback_pending, s::callback_pending}}},
        {"ticket.rework_started", {{s::callback_pending, s::investigating}}},
        {"ticket.closed", {{s::callback_pending, s::closed}}},
        {"ticket.archived", {{s::closed, s::archived}}},
        {"ticket.urged", open},
        {"ticket.ownership_settled", open},
        {"deadline.half_used", open},
        {"deadline.warned", open},
        {"deadline.breached", open},
        {"deadline.overdue_1wd", open},
        {"deadline.overdue_5wd", open},
        {"deadline.still_overdue", open},
    };
    return ways;
}

/// Three templates: by working days, by clock, and a mixture with fixed times.
std::vector<policy> templates()
{
    std::vector<policy> made(3, a_policy());
    auto& quick = made[1];
    set(quick, deadline_kind::accept, of(target_unit::minutes, 15), "always");
    set(quick, deadline_kind::return_window, of(target_unit::minutes, 30), "always");
    set(quick, deadline_kind::contact_customer, of(target_unit::hours, 2), "always");
    set(quick, deadline_kind::on_site, of(target_unit::minutes, 45), "always");
    set(quick, deadline_kind::resolve, of(target_unit::hours, 24), "always");
    quick.resolve_from_created = true;
    quick.callback.system_may_close = true;
    auto& mixed = made[2];
    set(mixed, deadline_kind::resolve, {target_unit::cutoffs, 0, {{12h, 0, 18h}, {24h, 1, 12h}}});
    set(mixed, deadline_kind::first_response, of(target_unit::business_hours, 60));
    mixed.targets[static_cast<std::size_t>(deadline_kind::solution)].reset();
    mixed.targets[static_cast<std::size_t>(deadline_kind::progress_update)].reset();
    return made;
}

class walk
{
public:
    explicit walk(unsigned seed) : random_(seed) {}

    void one_sequence()
    {
        p_ = templates_[upto(templates_.size())];
        now_ = monday + std::chrono::minutes(upto(14 * 24 * 60));
        ids_ = 1000;
        begin();
        for (int i = 0; i < steps_per_sequence && !failed(); ++i) {
            pass_time();
            p_.approval.chain = {t_.lead_department.value_or(station), main_station, circulation};
            if (chance(15))
                try_step(sys, run_due{});
            else if (chance(85))
                likely_step();
            else
                wild_step();
        }
        reaches_the_archive();
    }
    bool failed() const { return ::testing::Test::HasFailure(); }
    std::map<std::string_view, int> kinds;
    std::map<errc, int> refusals;

private:
    template <class N>
    std::size_t upto(N bound)
    {
        return static_cast<std::size_t>(random_()) % static_cast<std::size_t>(bound);
    }
    bool chance(unsigned percent) { return upto(100) < percent; }
    template <class Id>
    Id fresh()
    {
        return numbered<Id>(++ids_);
    }
    text_ref text() { return {numbered<text_id>(++ids_), {}}; }

    void begin()
    {
        if (chance(5)) {
            import_record c;
            c.id = numbered<ticket_id>(7);
            c.category = p_.category;
            c.reported_at = now_ - days(40);
            return take(decide(c, p_, sys, now_));
        }
        create c;
        c.id = numbered<ticket_id>(7);
        c.category = chance(70) ? p_.category : std::string{};
        c.customer = reader;
        c.problem = text();
        c.vip = chance(10);
        take(decide(c, p_, customer, now_));
    }
    void take(result<decision> made)
    {
        ASSERT_TRUE(made.has_value());
        t_ = std::move(made->next);
        ASSERT_THAT(check(t_, p_), ::testing::IsEmpty());
    }

    void pass_time()
    {
        switch (upto(8)) {
        case 0:
        case 1: break;
        case 2: now_ += std::chrono::minutes(upto(60)); break;
        case 3: now_ += std::chrono::minutes(upto(8 * 60)); break;
        case 4: now_ += std::chrono::minutes(upto(3 * 24 * 60)); break;
        case 5:
            if (t_.next_callback_at) now_ = std::max(now_, *t_.next_callback_at);
            break;
        default:
            if (const auto next = next_step_at(t_); next && *next < now_ + days(40)) now_ = std::max(now_, *next);
        }
    }

    const actor& lead_handler()
    {
        if (t_.lead_department == billing) return chance(50) ? billing_handler : billing_chief_acting_;
        if (t_.lead_department == main_station) return main_handler;
        static const std::array<const actor*, 4> people{&handler, &handler_b, &chief, &two_hats};
        return *people[upto(people.size())];
    }
    const actor& lead_chief()
    {
        if (chance(20)) return general;
        if (t_.lead_department == billing) return billing_chief;
        if (t_.lead_department == main_station) return main_chief;
        return chance(80) ? chief : main_chief;
    }
    const actor& anyone()
    {
        static const std::array<const actor*, 17> people{
            &customer,        &stranger,      &sys,        &agent,   &officer,      &officer_b,
            &handler,         &handler_b,     &chief,      &general, &main_handler, &main_chief,
            &billing_handler, &billing_chief, &supervisor, &quality, &two_hats};
        return *people[upto(people.size())];
    }
    const actor& caller()
    {
        static const std::array<const actor*, 4> people{&agent, &officer, &two_hats, &supervisor};
        return *people[upto(people.size())];
    }

    destination to(department_id department)
    {
        if (department != station) return {department, {}, {}, false};
        return {department, id_of(handler), chance(80) ? std::optional(id_of(handler_b)) : std::nullopt, chance(10)};
    }
    propose a_proposal()
    {
        propose c;
        c.id = fresh<solution_id>();
        c.words = text();
        c.fingerprint[0] = static_cast<std::uint8_t>(upto(12));
        c.cost_cents = chance(80) ? 0 : static_cast<std::int64_t>(upto(200'000));
        c.root_cause = "cause";
        c.no_responsible_reason = "weather";
        if (chance(30)) {
            c.kind = solution_kind::promise;
            c.promise_reason = "road_works";
            c.promised_due_at = now_ + std::chrono::hours(upto(24 * 31));
            c.interim = text();
        }
        return c;
    }
    answers some_answers()
    {
        const auto score = [&] { return chance(20) ? std::nullopt : std::optional(static_cast<int>(1 + upto(5))); };
        return {static_cast<solved_answer>(chance(98) ? 1 + upto(3) : 0), score(), score(), score()};
    }
    give_verdict a_verdict() { return {fresh<callback_id>(), some_answers(), chance(95) ? "reason" : "", chance(20)}; }

    /// A command and a person that this state may well allow.
    void likely_step()
    {
        if (chance(6)) return try_step(customer, further_contact{fresh<interaction_id>()});
        if (chance(8))
            return try_step(chance(50) ? agent : lead_handler(),
                            log_contact{fresh<interaction_id>(), static_cast<contact_kind>(upto(4)), chance(80)});
        switch (t_.status) {
        case s::registered:
            if (chance(10)) return try_step(agent, resolve_direct{0, true, {solved_answer::yes, 5, {}, {}}, {}});
            return try_step(agent, classify{p_.category});
        case s::triage:
            if (chance(8)) return try_step(agent, resolve_direct{0, true, {solved_answer::yes, 5, {}, {}}, "cause"});
            if (chance(20)) return try_step(chance(50) ? officer : officer_b, judge_invalid{"no_fault", text(), 1});
            if (chance(20)) return try_step(officer, classify{p_.category});
            if (t_.return_count > 0 && chance(60))
                return try_step(supervisor,
                                arbitrate{fresh<work_order_id>(), to(departments[upto(3)]), false, "owner"});
            if (chance(70)) return try_step(officer, judge_valid{fresh<work_order_id>(), to(station)});
            return try_step(supervisor, judge_valid{fresh<work_order_id>(), to(departments[upto(3)])});
        case s::invalid_pending_reply:
            if (chance(30)) return try_step(chance(70) ? customer : supervisor, dispute{text()});
            return try_step(agent, reply_invalid{"no_fault_found", text(), false,
                                                 chance(30) ? understanding::accepted : understanding::asked});
        case s::dispatched:
            if (chance(25)) return step_back();
            return try_step(lead_handler(), accept{});
        case s::investigating:
            if (chance(15)) return step_back();
            if (chance(12))
                return try_step(officer, transfer{fresh<work_order_id>(), to(departments[upto(3)]), "wrong_unit"});
            return try_step(lead_handler(), a_proposal());
        case s::pending_approval:
            if (chance(20)) return try_step(lead_chief(), reject_solution{text()});
            return try_step(lead_chief(), approve{fresh<promise_id>(), std::nullopt});
        case s::promised:
            if (chance(25)) {
                now_ = std::max(now_, running(t_, deadline_kind::promise_due)->due_at);
                return try_step(sys, run_due{});
            }
            return try_step(lead_handler(), fulfil{});
        case s::executing: return try_step(lead_handler(), complete{text(), true, 1});
        case s::reply_review:
            if (chance(20)) return try_step(officer, reject_reply{"not_solved"});
            return try_step(officer, pass_reply{});
        case s::callback_pending:
            if (chance(15)) return try_step(supervisor, close_unreachable{"moved"});
            if (chance(50)) return try_step(caller(), an_attempt());
            return try_step(chance(40) ? customer : caller(), a_verdict());
        case s::closed: return try_step(officer, archive{});
        default: return try_step(sys, run_due{});
        }
    }
    attempt_callback an_attempt()
    {
        return {fresh<callback_id>(), static_cast<callback_outcome>(upto(5)), now_ + std::chrono::hours(upto(24 * 15))};
    }
    void step_back()
    {
        if (t_.returning) return try_step(lead_chief(), sign_return{chance(80)});
        try_step(chance(50) ? lead_handler() : lead_chief(), return_ticket{"not_ours", text(), billing});
    }

    /// Anything by anybody.
    void wild_step()
    {
        const auto& who = anyone();
        switch (upto(24)) {
        case 0: return try_step(who, resolve_direct{0, true, some_answers(), "cause"});
        case 1: return try_step(who, classify{chance(50) ? p_.category : "unheard_of"});
        case 2: return try_step(who, judge_valid{fresh<work_order_id>(), to(departments[upto(3)])});
        case 3: return try_step(who, judge_invalid{"no_fault", text(), static_cast<int>(upto(2))});
        case 4:
            return try_step(who,
                            reply_invalid{"no_fault_found", text(), chance(30), static_cast<understanding>(upto(3))});
        case 5: return try_step(who, dispute{chance(50) ? std::optional(text()) : std::nullopt});
        case 6: return try_step(who, accept{});
        case 7: return try_step(who, return_ticket{"not_ours", text(), billing});
        case 8: return try_step(who, sign_return{chance(50)});
        case 9: return try_step(who, arbitrate{fresh<work_order_id>(), to(departments[upto(3)]), chance(20), "owner"});
        case 10: return try_step(who, transfer{fresh<work_order_id>(), to(departments[upto(3)]), "wrong_unit"});
        case 11: return try_step(who, log_contact{fresh<interaction_id>(), contact_kind::visit, true});
        case 12: return try_step(who, a_proposal());
        case 13: return try_step(who, approve{fresh<promise_id>(), std::nullopt});
        case 14: return try_step(who, reject_solution{text()});
        case 15: return try_step(who, fulfil{});
        case 16: return try_step(who, complete{text(), chance(80), static_cast<int>(upto(2))});
        case 17: return try_step(who, reject_reply{"template_text"});
        case 18: return try_step(who, pass_reply{});
        case 19: return try_step(who, an_attempt());
        case 20: return try_step(who, a_verdict());
        case 21: return try_step(who, close_unreachable{"moved"});
        case 22: return try_step(who, archive{});
        default: return try_step(who, further_contact{fresh<interaction_id>()});
        }
    }

    void try_step(const actor& who, const command& c)
    {
        auto made = decide(t_, c, p_, who, now_);
        if (!made) {
            ++refusals[made.error().code];
            return;
        }
        const bool ran = std::holds_alternative<run_due>(c);
        const bool promised = std::holds_alternative<approve>(c) && made->next.status == s::promised;
        holds(t_, *made, ran, promised);
        if (ran) {
            const auto again = decide(made->next, c, p_, who, now_);
            EXPECT_TRUE(again && again->events.empty()) << "a step was taken twice";
        }
        if (upto(32) == 0) EXPECT_EQ(changes(t_, made->next).empty(), made->events.empty());
        t_ = std::move(made->next);
    }

    /// What must be true of any step.
    void holds(const ticket& before, const decision& d, bool ran, bool promised)
    {
        const auto& next = d.next;
        if (const auto broken = check(next, p_); !broken.empty()) ADD_FAILURE() << broken.front();

        // 2: one event per transition, and the events tell the way without a gap
        if (ran)
            EXPECT_EQ(d.events.empty(), next.version == before.version);
        else
            EXPECT_EQ(d.events.size(), 1U);
        EXPECT_EQ(next.version, before.version + (d.events.empty() ? 0 : 1));
        auto at = before.status;
        for (const auto& e : d.events) {
            ++kinds[e.kind];
            EXPECT_EQ(e.from, at) << e.kind;
            EXPECT_EQ(e.at, now_);
            const auto way = table().find(e.kind);
            EXPECT_TRUE(way != table().end() && way->second.contains({*e.from, e.to}))
                << e.kind << ": " << to_string(*e.from) << " to " << to_string(e.to);
            // 3
            if (e.to == s::closed && e.from != s::closed)
                EXPECT_TRUE(e.kind == "ticket.resolved_direct" || e.kind == "ticket.replied_invalid" ||
                            e.kind == "ticket.closed");
            at = e.to;
        }
        EXPECT_EQ(at, next.status);

        // 5, 6: no clock is lost, moved or begun anew without its row
        ASSERT_GE(next.deadlines.size(), before.deadlines.size());
        for (std::size_t i = 0; i < before.deadlines.size(); ++i) {
            const auto& was = before.deadlines[i];
            const auto& is = next.deadlines[i];
            EXPECT_TRUE(is.kind == was.kind && is.round == was.round && is.original_due_at == was.original_due_at);
            const bool customers = was.kind == deadline_kind::resolve || was.kind == deadline_kind::rework;
            if (!(promised && customers)) {
                EXPECT_EQ(is.due_at, was.due_at) << to_string(was.kind);
                EXPECT_GE(is.next_step, was.next_step);
            }
            if (was.state != deadline_state::running) EXPECT_EQ(is, was) << "an ended clock changed";
            if (was.breached) EXPECT_TRUE(is.breached);
        }
        EXPECT_LE(std::ranges::count(next.deadlines, deadline_kind::resolve, &deadline::kind), 1);
        EXPECT_EQ(std::ranges::count(next.deadlines, deadline_kind::rework, &deadline::kind), next.rework_cycle);

        // what is on record stays
        EXPECT_TRUE(std::equal(before.approvals.begin(), before.approvals.end(), next.approvals.begin()));
        EXPECT_TRUE(std::equal(before.callbacks.begin(), before.callbacks.end(), next.callbacks.begin()));
        EXPECT_TRUE(std::equal(before.judgements.begin(), before.judgements.end(), next.judgements.begin()));
        EXPECT_GE(next.solutions.size(), before.solutions.size());
        EXPECT_GE(next.urge_count, before.urge_count);
        EXPECT_GE(next.return_count, before.return_count);
        EXPECT_GE(next.escalation_level, before.escalation_level);
        EXPECT_EQ(before.breached & next.breached, before.breached);
        if (before.no_return) EXPECT_EQ(next.return_count, before.return_count);
        if (next.rework_cycle >= 2) EXPECT_TRUE(next.supervised);
        if (before.status == s::archived) EXPECT_TRUE(next == before);
    }

    void must(const actor& who, const command& c)
    {
        const auto before = t_.version;
        try_step(who, c);
        EXPECT_GT(t_.version, before) << "stuck in " << to_string(t_.status);
    }

    void reaches_the_archive()
    {
        for (int i = 0; i < 16 && !failed() && t_.status != s::archived; ++i) {
            p_.approval.chain = {t_.lead_department.value_or(station), main_station, circulation};
            now_ += 1min;
            switch (t_.status) {
            case s::registered: must(officer, classify{p_.category}); break;
            case s::triage:
                if (t_.category.empty()) must(officer, classify{p_.category});
                must(supervisor, arbitrate{fresh<work_order_id>(), to(station), true, "owner"});
                break;
            case s::invalid_pending_reply:
                must(agent, reply_invalid{"no_fault_found", text(), false, understanding::accepted});
                break;
            case s::dispatched: must(lead_handler(), accept{}); break;
            case s::investigating: {
                auto fix = a_proposal();
                fix.kind = solution_kind::fix;
                fix.fingerprint = sha256_digest{99, static_cast<std::uint8_t>(t_.solutions.size())};
                must(lead_handler(), fix);
                break;
            }
            case s::pending_approval:
                if (t_.solutions.back().promised_due_at && *t_.solutions.back().promised_due_at <= now_)
                    must(general, reject_solution{text()});
                else
                    must(general, approve{fresh<promise_id>(), std::nullopt});
                break;
            case s::promised: must(lead_handler(), fulfil{}); break;
            case s::executing: must(lead_handler(), complete{text(), true, 1}); break;
            case s::reply_review: must(officer, pass_reply{}); break;
            case s::callback_pending:
                must(customer, give_verdict{fresh<callback_id>(), {solved_answer::yes, 5, 5, 5}, {}, false});
                break;
            case s::closed:
                now_ += days(30);
                must(sys, run_due{});
                break;
            default: ADD_FAILURE() << "no way out of " << to_string(t_.status); return;
            }
        }
        if (!failed()) EXPECT_EQ(t_.status, s::archived);
    }

    std::mt19937 random_;
    std::vector<policy> templates_ = templates();
    actor billing_chief_acting_ =
        a_user(110, {role::department_handler, role::department_leader}, {billing}, {billing});
    policy p_;
    ticket t_;
    instant now_;
    std::uint32_t ids_ = 0;
};

class TicketModel : public ::testing::TestWithParam<int>
{};

TEST_P(TicketModel, HoldsItsInvariantsAndAlwaysFindsAnEnd)
{
    const auto seed = static_cast<unsigned>(20260302 + GetParam());
    walk w(seed);
    const int sequences = sequences_per_shard();
    for (int i = 0; i < sequences; ++i) {
        w.one_sequence();
        ASSERT_FALSE(w.failed()) << "seed " << seed << ", sequence " << i;
    }
    for (const auto& [kind, ways] : table())
        EXPECT_GT(w.kinds[kind], 0) << kind << " never came";
    for (const auto code :
         {errc::forbidden, errc::wrong_state, errc::not_in_department, errc::approver_is_proposer,
          errc::above_authority, errc::caller_is_handler, errc::not_callback_hours, errc::too_early_to_try_again,
          errc::solution_repeated, errc::return_window_over, errc::no_return_allowed, errc::attempts_not_exhausted,
          errc::reopen_window_open, errc::second_person_required, errc::supervisor_required})
        EXPECT_GT(w.refusals[code], 0) << slug(code) << " never came";
}

INSTANTIATE_TEST_SUITE_P(Shards, TicketModel, ::testing::Range(0, shards));

} // namespace
} // namespace huiyin::domain::testing
