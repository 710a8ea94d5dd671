#include "complaints.hpp"
#include "ladder_watch.hpp"
#include "town.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <queue>
#include <random>
#include <set>
#include <variant>

/// A year of complaints in four ready-made organisations, under a clock that jumps from one act to the next. Whoever is
/// to act does so late, wrongly or not at all; the scanner wakes when the ticket says so. Whatever happens, nobody's
/// complaint may be forgotten and no step of a clock may come early, late or twice: each is worked out a second time by
/// `ladder_watch`.
namespace huiyin::sim {
namespace {

using namespace domain;
using s = ticket_status;
using std::chrono::minutes;

constexpr int simulated_year = 2025;
/// Long enough for whoever complains on the last evening.
const instant the_end{std::chrono::sys_days(std::chrono::year(2026) / 11 / 1)};

const std::array<const char*, 4> pack_names{"city-12345", "telecom-10086", "power-95598", "newspaper"};

class year
{
public:
    explicit year(const std::vector<complaint>& all)
    {
        for (const auto* each : pack_names)
            towns_.push_back(std::make_unique<town>(each));
        static constexpr std::array<std::size_t, 5> town_of{0, 1, 2, 0, 3};
        files_.reserve(all.size());
        for (const auto& each : all) {
            auto& f = files_.emplace_back();
            f.house = towns_[town_of[each.source % town_of.size()]].get();
            f.dice.seed(static_cast<unsigned>(files_.size()));
            f.category = f.house->categories[each.matter % f.house->categories.size()];
            f.customer = numbered<customer_id>(each.customer, 3 + static_cast<std::uint8_t>(each.source));
            const auto nature = roll(f, 100);
            f.slowness = nature < 78 ? 1 : nature < 94 ? 6 : 40;
            put(each.at, files_.size() - 1, what::birth);
        }
    }

    void run()
    {
        while (!queue_.empty() && queue_.top().at < the_end && !::testing::Test::HasFailure()) {
            const auto next = queue_.top();
            queue_.pop();
            auto& f = files_[next.which];
            if (next.act == what::wake && next.generation != f.wake) continue;
            if (next.act == what::work && next.generation != f.work) continue;
            now_ = next.at;
            ++turns;
            switch (next.act) {
            case what::birth: begin(f); break;
            case what::wake:
                misses_nothing(f);
                EXPECT_TRUE(attempt(f, actor::system(), run_due{})) << "woken for nothing";
                break;
            case what::work:
                misses_nothing(f);
                works(f);
                plan_work(f);
                break;
            case what::customer:
                misses_nothing(f);
                comes_back(f);
                break;
            }
        }
    }

    /// Every complaint has ended in one of the ways there are, or somebody owns it and a clock runs.
    void takes_stock()
    {
        static const std::set<ticket_closure> ways{ticket_closure::resolved_direct, ticket_closure::invalid_accepted,
                                                   ticket_closure::confirmed,       ticket_closure::unreachable,
                                                   ticket_closure::final_answer,    ticket_closure::withdrawn,
                                                   ticket_closure::not_sampled};
        now_ = the_end;
        for (auto& f : files_) {
            ASSERT_GT(f.t.version, 0) << "a complaint was never taken";
            ++ends[std::string(to_string(f.t.status))];
            shares_add_up(f);
            if (f.t.status == s::merged) {
                EXPECT_TRUE(f.t.merged_into.has_value());
            } else if (is_open(f.t.status)) {
                ++open;
                is_no_orphan(f.t);
                const auto next = next_step_at(f.t);
                EXPECT_TRUE(next && *next >= the_end) << f.t.number << ": nothing will ever wake for it";
            } else {
                EXPECT_TRUE(ways.contains(f.t.closure)) << to_string(f.t.closure);
                ++closures[std::string(to_string(f.t.closure))];
            }
        }
    }

    std::size_t turns = 0, commands = 0, refused = 0, steps = 0, late_by_rule = 0, inexact = 0, calls = 0, open = 0;
    std::map<std::string_view, int> kinds;
    std::map<errc, int> refusals;
    std::map<std::string, int> ends, closures;

private:
    enum class what { birth, wake, work, customer };
    struct turn
    {
        instant at;
        int order; ///< The scanner goes before people.
        std::size_t place;
        std::size_t which;
        what act;
        std::uint32_t generation;
        bool operator<(const turn& o) const { return std::tie(o.at, o.order, o.place) < std::tie(at, order, place); }
    };
    struct watched
    {
        ladder_watch clock;
        instant not_before; ///< It began, ran again or was moved then.
    };
    struct file
    {
        town* house = nullptr;
        std::mt19937 dice;
        std::string category;
        customer_id customer;
        unsigned slowness = 1;
        domain::ticket t;
        std::uint32_t wake = 0, work = 0;
        std::optional<instant> woken_at;
        std::vector<watched> clocks; ///< As t.deadlines.
        std::set<std::pair<std::string, uuid>> once;
        std::map<holder, microseconds> held;
        instant held_from;
    };

    // --- chance and ids

    static unsigned roll(file& f, unsigned bound) { return static_cast<unsigned>(f.dice()) % bound; }
    static bool chance(file& f, unsigned percent) { return roll(f, 100) < percent; }
    template <class Id>
    static Id numbered(std::uint32_t n, std::uint8_t series)
    {
        uuid value;
        for (std::size_t i = 0; i < 4; ++i)
            value.bytes[15 - i] = static_cast<std::uint8_t>(n >> (8 * i));
        value.bytes[0] = series;
        return Id(value);
    }
    template <class Id>
    Id fresh()
    {
        return numbered<Id>(++ids_, 1);
    }
    text_ref words() { return {fresh<text_id>(), {}}; }
    minutes soon(file& f, unsigned within) { return minutes(1 + roll(f, within) * f.slowness); }

    // --- turns

    void put(instant at, std::size_t which, what act, std::uint32_t generation = 0)
    {
        queue_.push({at, act == what::wake ? 0 : 1, ++places_, which, act, generation});
    }
    std::size_t index_of(const file& f) const { return static_cast<std::size_t>(&f - files_.data()); }

    void plan_wake(file& f)
    {
        const auto next = next_step_at(f.t);
        if (next == f.woken_at) return;
        f.woken_at = next;
        ++f.wake;
        if (next) put(std::max(*next, now_), index_of(f), what::wake, f.wake);
    }
    void plan_work(file& f)
    {
        const auto& t = f.t;
        unsigned within = 0;
        switch (t.status) {
        case s::registered: within = 40; break;
        case s::triage: within = 200; break;
        case s::invalid_pending_reply: within = 300; break;
        case s::dispatched: within = 240; break;
        case s::investigating: within = 700; break;
        case s::pending_approval: within = 400; break;
        case s::executing: within = 1500; break;
        case s::promised: within = 9000; break;
        case s::on_hold: within = 5000; break;
        case s::reply_review: within = 500; break;
        case s::callback_pending:
        case s::withdrawn: within = 300; break;
        case s::closed: within = 9000; break;
        case s::archived:
        case s::merged: return;
        }
        auto at = now_ + std::min(soon(f, within), minutes(70 * 24 * 60));
        // Nine of ten keep to the plan of callbacks, the tenth tries whenever he thinks of it.
        if (t.next_callback_at && (t.status == s::callback_pending || t.status == s::withdrawn) && !chance(f, 10))
            at = std::max(now_ + 1min, *t.next_callback_at + minutes(roll(f, 90)));
        put(at, index_of(f), what::work, ++f.work);
    }

    // --- commands

    policy rules_for(file& f, const command& c)
    {
        const auto* const classified = std::get_if<classify>(&c);
        const auto& category = classified ? classified->category : f.t.category;
        std::optional<department_id> lead = f.t.lead_department;
        if (const auto* const sent = std::get_if<judge_valid>(&c)) lead = sent->to.department;
        if (const auto* const sent = std::get_if<arbitrate>(&c)) lead = sent->to.department;
        if (const auto* const sent = std::get_if<transfer>(&c)) lead = sent->to.department;
        return f.house->policy_for(category, category == f.t.category ? f.t.candidate_department : std::nullopt, lead);
    }

    void begin(file& f)
    {
        create c;
        c.id = fresh<ticket_id>();
        c.number = std::to_string(index_of(f));
        c.channel = "web";
        if (chance(f, 75)) c.category = f.category;
        c.customer = f.customer;
        c.problem = words();
        c.vip = chance(f, 3);
        const actor who{.kind = actor_kind::customer,
                        .id = f.customer.value(),
                        .roles = {},
                        .departments = {},
                        .leads = {},
                        .scopes = {}};
        const auto p = f.house->policy_for(c.category, std::nullopt, std::nullopt);
        auto made = decide(c, p, who, now_);
        ASSERT_TRUE(made.has_value()) << slug(made.error().code);
        f.held_from = now_;
        take(f, std::move(*made), command(run_due{}), p);
        of_customer_[f.customer].push_back(index_of(f));
        plan_work(f);
        if (chance(f, 30)) put(now_ + minutes(roll(f, 30 * 24 * 60)), index_of(f), what::customer);
        if (chance(f, 8)) put(now_ + minutes(roll(f, 90 * 24 * 60)), index_of(f), what::customer);
    }

    bool attempt(file& f, const actor& who, const command& c)
    {
        ++commands;
        const auto p = rules_for(f, c);
        auto made = decide(f.t, c, p, who, now_);
        if (!made) {
            ++refused;
            ++refusals[made.error().code];
            return false;
        }
        if (made->events.empty()) return false;
        if (std::holds_alternative<run_due>(c)) {
            const auto again = decide(made->next, c, p, who, now_);
            EXPECT_TRUE(again && again->events.empty()) << "a step was taken twice";
        }
        const auto before = f.t.status;
        take(f, std::move(*made), c, p);
        if (f.t.status != before) plan_work(f);
        return true;
    }

    // --- what must hold

    void take(file& f, decision made, const command& c, const policy& p)
    {
        const auto before = std::move(f.t);
        f.t = std::move(made.next);
        for (const auto& e : made.events)
            ++kinds[e.kind];
        if (const auto broken = check(f.t, p); !broken.empty()) ADD_FAILURE() << broken.front();
        is_no_orphan(f.t);
        follow_clocks(f, before, made.events, c, p);
        follow_promises(f, before, made.events);
        called_in_hours(f, before, c, p);
        hold_time(f, before);
        if (roll(f, 16) == 0) shares_add_up(f);
        plan_wake(f);
    }

    static void is_no_orphan(const domain::ticket& t)
    {
        if (!is_open(t.status)) return;
        EXPECT_TRUE(owner(t).has_value()) << "nobody owns a ticket in " << to_string(t.status);
        EXPECT_TRUE(std::ranges::any_of(t.deadlines, [](const auto& d) { return d.state == deadline_state::running; }))
            << "no clock runs in " << to_string(t.status);
        EXPECT_TRUE(next_step_at(t).has_value()) << to_string(t.status);
    }

    static const event_value* value_of(const event& e, std::string_view name)
    {
        for (const auto& [key, value] : e.data)
            if (key == name) return &value;
        return nullptr;
    }

    /// The date that this command agreed on.
    static std::optional<instant> agreed_by(const command& c, const domain::ticket& before)
    {
        if (std::holds_alternative<decide_extension>(c)) return before.extensions.back().until;
        if (std::holds_alternative<approve>(c)) return before.solutions.back().promised_due_at;
        if (const auto* const other = std::get_if<absorb>(&c)) return other->due;
        return std::nullopt;
    }

    static bool goes_on(const deadline& d)
    {
        return d.state == deadline_state::running || d.state == deadline_state::paused;
    }

    void follow_clocks(file& f, const domain::ticket& before, const std::vector<event>& events, const command& c,
                       const policy& p)
    {
        const auto& next = f.t;
        const bool ran = std::holds_alternative<run_due>(c);
        const bool resumed = std::ranges::any_of(events, [](const auto& e) { return e.kind == "ticket.resumed"; });
        // What begins or runs on may have steps that come at once.
        for (std::size_t i = before.deadlines.size(); i < next.deadlines.size(); ++i) {
            const auto& begun = next.deadlines[i];
            const auto* const calendar = p.find_calendar(begun.calendar);
            ASSERT_NE(calendar, nullptr);
            EXPECT_LE(begun.started_at, now_);
            f.clocks.push_back({ladder_watch(begun, *calendar), now_});
            auto& clock = f.clocks.back().clock;
            EXPECT_EQ(clock.due(), begun.due_at) << to_string(begun.kind) << ' ' << to_string(begun.goal);
            if (begun.state == deadline_state::paused) clock.pause(now_);
        }
        for (std::size_t i = 0; i < before.deadlines.size(); ++i) {
            const auto& was = before.deadlines[i];
            const auto& is = next.deadlines[i];
            auto& [clock, not_before] = f.clocks[i];
            if (was.state != deadline_state::paused ||
                !(is.state == deadline_state::running || (goes_on(is) && resumed)))
                continue;
            clock.resume(now_);
            not_before = now_;
            if (clock.is_exact()) EXPECT_EQ(clock.due(), is.due_at) << to_string(is.kind) << " after it stood still";
            if (is.state == deadline_state::paused) clock.pause(now_); // a withdrawal ended the hold
        }
        for (const auto& e : events) {
            const auto* const clock = value_of(e, "clock");
            if (!clock || !ran) continue;
            const auto kind = parse_deadline_kind(std::get<std::string>(*clock)).value();
            if (is_window(kind)) continue;
            auto i = next.deadlines.size();
            while (i > 0 && !(next.deadlines[i - 1].kind == kind &&
                              (i > before.deadlines.size() || goes_on(before.deadlines[i - 1]))))
                --i;
            ASSERT_GT(i, 0u) << "a step of a clock that does not run: " << e.kind;
            step_comes(f.clocks[i - 1], e);
        }
        for (std::size_t i = 0; i < before.deadlines.size(); ++i) {
            const auto& was = before.deadlines[i];
            const auto& is = next.deadlines[i];
            auto& [clock, not_before] = f.clocks[i];
            if (ran && was.state == deadline_state::running && is_window(was.kind) && clock.next_at() &&
                std::max(*clock.next_at(), not_before) <= now_)
            {
                EXPECT_FALSE(is.state == deadline_state::running && is.next_step_at)
                    << to_string(was.kind) << " did not end";
                clock.took(now_);
                ++steps;
            }
            if (was.state == deadline_state::running && is.state == deadline_state::paused) clock.pause(now_);
            const bool stood_still = was.state == deadline_state::paused && resumed;
            if (goes_on(is) && is.due_at != was.due_at && is.state == was.state && !stood_still) {
                const auto agreed = agreed_by(c, before);
                ASSERT_TRUE(agreed) << to_string(is.kind) << " was moved by nobody";
                EXPECT_EQ(is.due_at, *agreed) << to_string(is.kind);
                clock.agree(*agreed, now_);
                not_before = now_;
            }
            // In review the customer's clock rings no bell; what it would have rung comes when the review ends in vain.
            if (steps_wait(before, was) && !steps_wait(next, is)) not_before = now_;
        }
    }

    void step_comes(watched& of, const event& e)
    {
        ++steps;
        const auto which = std::string(e.kind) + " " + std::get<std::string>(*value_of(e, "clock"));
        if (!of.clock.is_exact()) {
            ++inexact;
            return of.clock.took(now_);
        }
        ASSERT_TRUE(of.clock.next_at()) << which << ": no step was to come";
        EXPECT_EQ(std::max(*of.clock.next_at(), of.not_before), now_)
            << which << ": not at its time, " << to_rfc3339(*of.clock.next_at()) << ", but at " << to_rfc3339(now_);
        EXPECT_EQ(e.reason, to_string(of.clock.next_step())) << which;
        late_by_rule += *of.clock.next_at() < now_;
        of.clock.took(now_);
    }

    /// Before anything else happens at this moment: no step was passed over.
    void misses_nothing(const file& f) const
    {
        for (std::size_t i = 0; i < f.t.deadlines.size(); ++i) {
            const auto& d = f.t.deadlines[i];
            const auto& [clock, not_before] = f.clocks[i];
            if (d.state != deadline_state::running || steps_wait(f.t, d) || !clock.next_at() || !clock.is_exact())
                continue;
            EXPECT_GE(std::max(*clock.next_at(), not_before), now_)
                << f.t.number << ": a step of " << to_string(d.kind) << " was missed";
        }
        for (const auto& each : f.t.promises)
            if (each.is_open() && each.solution.is_nil() && !each.breached)
                EXPECT_GE(std::max(each.due_at, f.t.changed_at), now_) << "a broken promise was missed";
        if (!is_open(f.t.status)) return;
        for (const auto& each : f.t.orders)
            if (each.is_open() && each.due_at && !each.overdue && each.kind == work_order_kind::co_handler)
                EXPECT_GE(std::max(*each.due_at, f.t.changed_at), now_) << "a co-handler's late part was missed";
    }

    void follow_promises(file& f, const domain::ticket& before, const std::vector<event>& events)
    {
        for (const auto& e : events) {
            const bool warns = e.kind == "ticket.promise_due_soon";
            const auto* const id = value_of(e, e.kind == "ticket.co_handler_overdue" ? "work_order" : "promise");
            if (!id || !(warns || e.kind == "ticket.promise_breached" || e.kind == "ticket.co_handler_overdue"))
                continue;
            const auto which = std::get<uuid>(*id);
            EXPECT_TRUE(f.once.emplace(e.kind, which).second) << e.kind << " came twice";
            ++steps;
            if (e.kind == "ticket.co_handler_overdue") {
                const auto part = std::ranges::find(before.orders, work_order_id(which), &work_order::id);
                EXPECT_EQ(std::max(part->due_at.value(), before.changed_at), now_);
                continue;
            }
            const auto given = std::ranges::find(before.promises, promise_id(which), &promise::id);
            EXPECT_EQ(warns ? given->made_at + (given->due_at - given->made_at) * 4 / 5 : given->due_at, now_)
                << e.kind;
        }
    }

    /// The wall of Shanghai and Taipei, without asking the calendar.
    static bool in_hours(const policy& p, instant at)
    {
        const auto of_day = std::chrono::floor<minutes>((at + 8h) - std::chrono::floor<days>(at + 8h));
        return std::ranges::any_of(p.callback.hours,
                                   [&](const auto& each) { return each.from <= of_day && of_day < each.to; });
    }
    void called_in_hours(file& f, const domain::ticket& before, const command& c, const policy& p)
    {
        const auto* const verdict = std::get_if<give_verdict>(&c);
        const auto* const confirmed = std::get_if<confirm_withdrawal>(&c);
        const bool customer_came = (verdict && verdict->customer_came) || (confirmed && confirmed->customer_came);
        for (std::size_t i = before.callbacks.size(); i < f.t.callbacks.size(); ++i) {
            const auto& made = f.t.callbacks[i];
            if (made.caller.is_nil() || customer_came) continue;
            ++calls;
            EXPECT_TRUE(in_hours(p, made.at)) << "called at " << to_rfc3339(made.at);
            EXPECT_FALSE(has_handled(before, made.caller)) << "called by who handled it";
        }
        if (f.t.next_callback_at && f.t.next_callback_at != before.next_callback_at)
            EXPECT_TRUE(in_hours(p, *f.t.next_callback_at)) << "planned for " << to_rfc3339(*f.t.next_callback_at);
    }

    static holder holder_in(s status)
    {
        if (status == s::on_hold) return holder::on_hold;
        if (status == s::reply_review) return holder::desk;
        if (has_lead(status)) return holder::department;
        if (status == s::callback_pending || status == s::withdrawn) return holder::customer_callback;
        return is_open(status) ? holder::desk : holder::rest;
    }
    void hold_time(file& f, const domain::ticket& before)
    {
        if (before.version == 0) return;
        f.held[holder_in(before.status)] += now_ - f.held_from;
        f.held_from = now_;
    }
    void shares_add_up(file& f)
    {
        const auto until = is_open(f.t.status)       ? now_
                           : f.t.status == s::merged ? f.t.changed_at
                                                     : f.t.closed_at.value_or(now_);
        std::map<holder, microseconds> told;
        microseconds sum{0};
        for (const auto& each : time_shares(f.t, now_)) {
            sum += each.time;
            told[each.held_by] += each.time;
        }
        EXPECT_EQ(sum, until - f.t.reported_at) << "the shares are not the whole";
        // What a ruling charged stands with the side at fault; a time of rest between closing and reopening is
        // nobody's.
        if (!f.t.rulings.empty() || f.t.reopen_count > 0 || f.t.status == s::merged) return;
        auto counted = f.held;
        if (is_open(f.t.status)) counted[holder_in(f.t.status)] += now_ - f.held_from;
        for (const auto who : {holder::desk, holder::department, holder::customer_callback, holder::on_hold})
            EXPECT_EQ(told[who], counted[who]) << to_string(who) << " in " << to_string(f.t.status);
    }

    // --- people

    const actor& handler_of(file& f)
    {
        const auto lead = f.t.lead_department.value_or(f.house->departments.front());
        if (f.t.handler && f.t.status != s::dispatched)
            for (const auto& each : f.house->team_of(lead).handlers)
                if (each.is(*f.t.handler)) return each;
        return f.house->team_of(lead).handlers[roll(f, 2)];
    }
    const actor& leader_of(file& f)
    {
        return f.house->team_of(f.t.lead_department.value_or(f.house->departments.front())).leader;
    }
    const actor& desk(file& f)
    {
        const std::array<const actor*, 4> people{&f.house->agent, &f.house->agent_b, &f.house->officer,
                                                 &f.house->officer_b};
        return *people[roll(f, 4)];
    }
    department_id any_department(file& f)
    {
        return f.house->departments[roll(f, static_cast<unsigned>(f.house->departments.size()))];
    }
    actor customer_of(const file& f) const
    {
        return {.kind = actor_kind::customer,
                .id = f.customer.value(),
                .roles = {},
                .departments = {},
                .leads = {},
                .scopes = {}};
    }

    void comes_back(file& f)
    {
        const auto who = customer_of(f);
        const auto wish = roll(f, 100);
        if (f.t.status == s::closed) {
            attempt(f, who, reopen{"came_back", std::nullopt});
        } else if (f.t.status == s::invalid_pending_reply && wish < 60) {
            attempt(f, who, dispute{words()});
        } else if (f.t.status == s::callback_pending && wish < 60) {
            attempt(f, who, give_verdict{fresh<callback_id>(), some_answers(f), "came_himself", true});
        } else if (wish < 45) {
            attempt(f, who, urge{});
        } else if (wish < 85) {
            attempt(f, who, further_contact{fresh<interaction_id>()});
        } else {
            attempt(f, who, withdraw{"solved_itself", std::nullopt});
        }
        if (chance(f, 40)) put(now_ + minutes(1 + roll(f, 10 * 24 * 60)), index_of(f), what::customer);
    }
    answers some_answers(file& f)
    {
        if (chance(f, 72)) return {solved_answer::yes, 5, 4, 5};
        if (chance(f, 40)) return {solved_answer::partly, 4, 3, {}};
        return {solved_answer::no, 1, 2, 3};
    }

    bool merges(file& f)
    {
        for (const auto other : of_customer_[f.customer]) {
            auto& heir = files_[other];
            if (&heir == &f || heir.t.version == 0 || !is_open(heir.t.status) || heir.t.category != f.t.category)
                continue;
            const command half = merge_into(heir.t);
            const command rest = absorb_of(f.t);
            const auto mine = rules_for(f, half), his = rules_for(heir, rest);
            auto made = decide(f.t, half, mine, f.house->officer, now_);
            auto taken = decide(heir.t, rest, his, f.house->officer, now_);
            commands += 2;
            if (!made || !taken) continue;
            misses_nothing(heir);
            take(f, std::move(*made), half, mine);
            take(heir, std::move(*taken), rest, his);
            return true;
        }
        return false;
    }

    /// What lies beside the way: answers that are owed, requests that wait.
    bool tends_to_the_rest(file& f)
    {
        const auto& t = f.t;
        if (running(t, deadline_kind::urge_reply) && chance(f, 60))
            return attempt(f, has_lead(t.status) ? handler_of(f) : desk(f), answer_urge{words()});
        if (const auto* const open_one = open_supervision(t); open_one && chance(f, 50)) {
            if (open_one->answered_at) return attempt(f, f.house->supervisor, clear_supervision{});
            return attempt(f, has_lead(t.status) ? leader_of(f) : desk(f), answer_supervision{words()});
        }
        if (pending_extension(t)) return attempt(f, f.house->officer, decide_extension{chance(f, 75), "reason"});
        if (pending_hold(t)) return attempt(f, leader_of(f), sign_hold{chance(f, 80)});
        if (t.returning) return attempt(f, leader_of(f), sign_return{chance(f, 80)});
        if (final_answer_waits(t)) return attempt(f, leader_of(f), sign_final_answer{chance(f, 60)});
        for (const auto& each : t.promises)
            if (each.is_open() && each.solution.is_nil() && chance(f, 40))
                return attempt(f, f.house->officer, keep_promise{each.id});
        for (const auto& each : t.orders)
            if (each.kind == work_order_kind::co_handler && each.is_open() && chance(f, 50)) {
                const auto part = each;
                if (chance(f, 80))
                    return attempt(f, f.house->team_of(part.department).handlers[0],
                                   finish_co_handler{part.id, words()});
                return attempt(f, f.house->officer, waive_co_handler{part.id, "not_needed"});
            }
        if (is_open(t.status) && t.rework_cycle >= 2 && chance(f, 30))
            return attempt(f, f.house->supervisor, propose_final_answer{words(), "12315", words(), std::nullopt});
        if (t.escalation_level > 0 && !t.supervised && is_open(t.status) && chance(f, 10))
            return attempt(f, f.house->supervisor, supervise{"overdue", std::nullopt});
        return false;
    }

    void works(file& f)
    {
        const auto& t = f.t;
        if (tends_to_the_rest(f)) return;
        switch (t.status) {
        case s::registered:
            if (chance(f, 6))
                return void(
                    attempt(f, f.house->agent, resolve_direct{0, true, {solved_answer::yes, 5, {}, {}}, "cause"}));
            return void(attempt(f, f.house->agent, classify{f.category}));
        case s::triage: return triages(f);
        case s::invalid_pending_reply: {
            const auto p = rules_for(f, run_due{});
            return void(attempt(f, desk(f),
                                reply_invalid{p.invalid_reply_templates.front(), words(), false,
                                              chance(f, 40) ? understanding::accepted : understanding::asked}));
        }
        case s::dispatched:
            if (chance(f, 12)) return gives_back(f);
            if (chance(f, 6)) return adds_a_hand(f);
            return void(attempt(f, handler_of(f), accept{}));
        case s::investigating: return investigates(f);
        case s::pending_approval: {
            auto chain = rules_for(f, run_due{}).approval.chain;
            if (chain.empty()) chain.push_back(t.lead_department.value()); // nobody has said yet what it is about
            for (const auto& level : chain) {
                const auto& chief = f.house->team_of(level).leader;
                if (chance(f, 12) ? attempt(f, chief, reject_solution{words()})
                                  : attempt(f, chief, approve{fresh<promise_id>(), std::nullopt}))
                    return;
            }
            // A promise whose date has passed can only be rejected.
            return void(attempt(f, f.house->team_of(chain.back()).leader, reject_solution{words()}));
        }
        case s::executing: return executes(f);
        case s::promised: return void(attempt(f, handler_of(f), fulfil{}));
        case s::on_hold:
            if (chance(f, 40)) return;
            return void(attempt(f, handler_of(f), resume_work{}));
        case s::reply_review:
            if (chance(f, 12)) return void(attempt(f, f.house->officer, reject_reply{"not_solved"}));
            return void(attempt(f, f.house->officer, pass_reply{}));
        case s::callback_pending: return calls_back(f);
        case s::withdrawn:
            if (chance(f, 40))
                return void(
                    attempt(f, desk(f), attempt_callback{fresh<callback_id>(), callback_outcome::busy, {}, {}}));
            return void(attempt(f, desk(f), confirm_withdrawal{fresh<callback_id>(), chance(f, 70), chance(f, 10)}));
        case s::closed:
            if (chance(f, 3)) return void(attempt(f, f.house->officer, reopen{"checked_again", std::nullopt}));
            return;
        case s::archived:
        case s::merged: return;
        }
    }

    void triages(file& f)
    {
        const auto& t = f.t;
        if (t.category.empty()) return void(attempt(f, f.house->agent, classify{f.category}));
        if (t.dispute_count == 0 && chance(f, 7))
            return void(attempt(f, t.invalidity ? f.house->officer_b : f.house->officer,
                                judge_invalid{"no_fault", words(), 1}));
        if (chance(f, 40) && merges(f)) return;
        const auto p = rules_for(f, run_due{});
        const auto department = p.department.value_or(any_department(f));
        if (t.return_count > 0) {
            arbitrate c{fresh<work_order_id>(),
                        f.house->to(chance(f, 50) ? department : any_department(f)),
                        false,
                        "owner",
                        {},
                        {}};
            c.at_fault = fault_side::desk;
            return void(attempt(f, f.house->supervisor, c));
        }
        if (chance(f, 85) && p.department)
            return void(attempt(f, f.house->officer, judge_valid{fresh<work_order_id>(), f.house->to(department)}));
        attempt(f, f.house->supervisor, judge_valid{fresh<work_order_id>(), f.house->to(any_department(f))});
    }
    void gives_back(file& f)
    {
        attempt(f, chance(f, 60) ? handler_of(f) : leader_of(f), return_ticket{"not_ours", words(), any_department(f)});
    }
    void adds_a_hand(file& f)
    {
        add_co_handler c{fresh<work_order_id>(), f.house->to(any_department(f)), std::nullopt};
        if (const auto* const clock = customer_clock(f.t); clock && chance(f, 60))
            c.due_at = clock->due_at - minutes(roll(f, 1500));
        attempt(f, chance(f, 50) ? handler_of(f) : f.house->officer, c);
    }
    void investigates(file& f)
    {
        const auto idea = roll(f, 100);
        if (idea < 5) return gives_back(f);
        if (idea < 9)
            return void(attempt(f, f.house->officer,
                                transfer{fresh<work_order_id>(), f.house->to(any_department(f)), "wrong_unit"}));
        if (idea < 14) return adds_a_hand(f);
        if (idea < 17)
            return void(
                attempt(f, handler_of(f),
                        make_promise{fresh<promise_id>(), now_ + minutes(60 + roll(f, 14 * 24 * 60)), words()}));
        if (idea < 24) return asks_for_time(f);
        if (idea < 32) return holds(f);
        if (idea < 55)
            return void(
                attempt(f, handler_of(f), log_contact{fresh<interaction_id>(), contact_kind::call, chance(f, 75)}));
        propose c;
        c.id = fresh<solution_id>();
        c.words = words();
        for (std::size_t i = 0; i < 4; ++i)
            c.fingerprint[i] = static_cast<std::uint8_t>(ids_ >> (8 * i));
        c.root_cause = "cause";
        c.no_responsible_reason = "weather";
        c.cost_cents = chance(f, 85) ? 0 : roll(f, 300'000);
        if (chance(f, 14)) {
            c.kind = solution_kind::promise;
            c.promise_reason = "parts";
            c.promised_due_at = now_ + minutes(24 * 60 + roll(f, 25 * 24 * 60));
            c.interim = words();
        }
        attempt(f, handler_of(f), c);
    }
    void asks_for_time(file& f)
    {
        const auto* const clock = customer_clock(f.t);
        if (!clock) return;
        attempt(f, handler_of(f),
                request_extension{clock->due_at + minutes(1 + roll(f, 2 * 24 * 60)), "parts_missing", std::nullopt});
    }
    void holds(file& f)
    {
        static constexpr std::array<const char*, 3> reasons{"awaiting_customer", "appointment", "force_majeure"};
        attempt(f, handler_of(f), log_contact{fresh<interaction_id>(), contact_kind::call, true});
        put_on_hold c;
        c.reason = reasons[roll(f, 3)];
        if (!f.t.contacts.empty()) c.told = f.t.contacts.back().interaction;
        if (c.reason == "appointment") c.until = now_ + minutes(60 + roll(f, 3 * 24 * 60));
        attempt(f, chance(f, 50) ? handler_of(f) : leader_of(f), c);
    }
    void executes(file& f)
    {
        if (chance(f, 8)) return holds(f);
        if (chance(f, 5)) return asks_for_time(f);
        attempt(f, handler_of(f), log_contact{fresh<interaction_id>(), contact_kind::call, true});
        complete c{words(), true, 2, {}};
        if (!f.t.contacts.empty()) c.contact = f.t.contacts.back().interaction;
        attempt(f, handler_of(f), c);
    }
    void calls_back(file& f)
    {
        const auto p = rules_for(f, run_due{});
        if (attempts_exhausted(p.callback, f.t.callbacks, f.t.callback_round) && chance(f, 60))
            return void(attempt(f, f.house->supervisor, close_unreachable{"nobody_there"}));
        if (chance(f, 55))
            return void(attempt(f, desk(f), give_verdict{fresh<callback_id>(), some_answers(f), "not_solved", false}));
        static constexpr std::array outcomes{callback_outcome::no_answer,    callback_outcome::busy,
                                             callback_outcome::wrong_number, callback_outcome::refused,
                                             callback_outcome::later,        callback_outcome::no_answer};
        attempt_callback c{fresh<callback_id>(), outcomes[roll(f, 6)], std::nullopt, std::nullopt};
        if (f.t.next_callback_channel != callback_channel::phone) c.outcome = callback_outcome::sent;
        if (c.outcome == callback_outcome::later) {
            const auto day = std::chrono::floor<days>(now_ + 8h) + days(1 + roll(f, 6));
            c.wished_at = instant(day) - 8h + 10h + minutes(roll(f, 90));
        }
        attempt(f, desk(f), c);
    }

    std::vector<std::unique_ptr<town>> towns_;
    std::vector<file> files_;
    std::map<customer_id, std::vector<std::size_t>> of_customer_;
    std::priority_queue<turn> queue_;
    std::size_t places_ = 0;
    std::uint32_t ids_ = 0;
    instant now_;
};

void live_through(const std::vector<complaint>& all)
{
    const auto began = std::chrono::steady_clock::now();
    year y(all);
    y.run();
    if (!::testing::Test::HasFailure()) y.takes_stock();
    const auto took = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
    std::cout << all.size() << " complaints, " << y.turns << " turns, " << y.commands << " commands (" << y.refused
              << " refused), " << y.steps << " steps of clocks (" << y.late_by_rule << " had waited, " << y.inexact
              << " not retold), " << y.calls << " callbacks, " << y.open << " still open, in " << took << " s\n";
    for (const auto& [status, count] : y.ends)
        std::cout << "  " << status << ' ' << count;
    for (const auto& [closure, count] : y.closures)
        std::cout << "  " << closure << ' ' << count;
    std::cout << '\n';
    if (std::getenv("HUIYIN_TEST_VERBOSE") != nullptr) {
        for (const auto& [kind, count] : y.kinds)
            std::cout << "  " << kind << ' ' << count << '\n';
        for (const auto& [code, count] : y.refusals)
            std::cout << "  refused: " << slug(code) << ' ' << count << '\n';
    }
    EXPECT_LT(y.inexact * 100, y.steps) << "too much is taken on trust";
    for (const auto* const kind : {"ticket.dispatched",
                                   "ticket.accepted",
                                   "ticket.returned",
                                   "ticket.arbitrated",
                                   "ticket.transferred",
                                   "ticket.failed_over",
                                   "ticket.held",
                                   "ticket.resumed",
                                   "ticket.extension_granted",
                                   "ticket.co_handler_finished",
                                   "ticket.co_handler_overdue",
                                   "ticket.promise_approved",
                                   "ticket.promise_fulfilled",
                                   "ticket.promise_breached",
                                   "ticket.promise_due_soon",
                                   "ticket.withdrawn",
                                   "ticket.withdrawal_unconfirmed",
                                   "ticket.disputed",
                                   "ticket.urged",
                                   "ticket.urge_answered",
                                   "ticket.supervised",
                                   "ticket.supervision_cleared",
                                   "ticket.rework_started",
                                   "ticket.reopened",
                                   "ticket.archived",
                                   "ticket.callback_attempted",
                                   "deadline.half_used",
                                   "deadline.warned",
                                   "deadline.breached",
                                   "deadline.overdue_1wd",
                                   "deadline.overdue_5wd",
                                   "deadline.still_overdue"})
        EXPECT_GT(y.kinds[kind], 0) << kind << " never came";
    for (const auto code : {errc::not_callback_hours, errc::too_early_to_try_again})
        EXPECT_GT(y.refusals[code], 0) << slug(code) << " never came";
}

/// One of so many rows, unless HUIYIN_TEST_FULL is set: the sanitizers make it slow.
std::size_t thinned()
{
    return std::getenv("HUIYIN_TEST_FULL") != nullptr ? 1 : 20;
}

TEST(SimulatedYear, OfMadeUpComplaintsForgetsNobody)
{
    std::mt19937 dice(20250101);
    std::vector<complaint> all;
    for (std::size_t i = 0; i < 12'000 / thinned(); ++i)
        all.push_back({instant(std::chrono::sys_days(std::chrono::year(simulated_year) / 1 / 1)) +
                           minutes(dice() % (365 * 24 * 60)),
                       static_cast<std::uint32_t>(dice() % 500), static_cast<std::uint32_t>(dice() % 1000),
                       static_cast<std::uint32_t>(dice() % 5)});
    live_through(all);
}

TEST(SimulatedYear, OfReplayedComplaintsForgetsNobody)
{
    const auto rows = real_complaints(simulated_year);
    if (rows.empty()) GTEST_SKIP() << "needs the real complaints (set HUIYIN_SHARED_DATA)";
    EXPECT_GT(rows.size(), 20'000u);
    std::vector<complaint> some;
    for (std::size_t i = 0; i < rows.size(); i += thinned())
        some.push_back(rows[i]);
    live_through(some);
}

} // namespace
} // namespace huiyin::sim
