#pragma once

#include <huiyin/domain/decide.hpp>

#include <string>
#include <string_view>

namespace huiyin::domain {

/// A decision in the making: the ticket as it will be, and the strokes that rows have in common.
struct work
{
    decision& d;
    ticket& t;
    const policy& p;
    const actor& who;
    instant now;
    /// Where the present transition began.
    std::optional<ticket_status> from;

    user_id person() const { return who.kind == actor_kind::user ? user_id(who.id) : user_id{}; }
    bool is_supervisor() const { return who.kind == actor_kind::user && who.roles.has(role::supervisor); }
    /// Of a deadline or the callback plan; decide() has made sure that the policy brings it.
    const calendar& calendar_of(std::string_view name) const { return *p.find_calendar(name); }
    callback_walls walls() const;

    // clocks
    void start(deadline_kind kind) { start(kind, now); }
    void start(deadline_kind kind, instant at);
    void start(deadline_kind kind, const target& goal, std::string_view calendar_name, instant at);
    void start_at(deadline_kind kind, instant due);
    void stop(deadline_kind kind) { stop(kind, now); }
    void stop(deadline_kind kind, instant at);
    void cancel(deadline_kind kind);

    // journal and people
    event& emit(std::string_view kind, std::string reason = {});
    void tell(recipient to, std::string_view about, std::optional<deadline_kind> clock = {});
    void tell_department(department_id department, std::string_view about);
    void tell_person(user_id user, std::string_view about, std::optional<deadline_kind> clock = {});
    void tell_customer(customer_message message) { d.messages.push_back(message); }
    /// The named reviewer of callbacks, else the supervisors.
    void tell_reviewer(std::string_view about, std::optional<deadline_kind> clock = {});
    /// The handler, else the contact who was told, else the department; the desk while no department leads.
    void tell_worker(std::string_view about, std::optional<deadline_kind> clock = {});

    // strokes
    work_order* lead();
    void find_valid();
    void dispatch(work_order_id order, const destination& to, std::string_view kind, std::string reason = {});
    /// Ends the lead department's part and its clocks.
    void take_from_lead(work_order_state how);
    /// Row 7, from either door.
    void reopen_judgement(std::string reason, const std::optional<text_ref>& fact);
    void set_judgement_aside(std::string reason, const std::optional<text_ref>& fact);
    /// To the department that has answered.
    void give_work_again();
    void begin_callback();
    void plan_next_attempt();
    /// All but the callback's and that of an urge, which the desk can answer.
    void pause_all();
    void resume_all();
    void begin_hold(hold_period& period);
    /// `at`: when it ended, which a late scanner learns later.
    void end_hold(std::string by, instant at);
    void put_under_supervision(std::string reason, uuid by, const std::optional<text_ref>& words);
    void count_urge(const std::optional<text_ref>& words, std::optional<interaction_id> interaction);
    /// A contact of the customer: whatever he writes, the house need not wait for him any more.
    void hear_customer();
    void close(ticket_closure how, satisfaction_level content, const answers& said, std::string reason = {});
    void close_as_unreachable(std::string reason);
    /// What no ended ticket may have: open parts, requests, clocks that run.
    void drop_open_parts();
    void archive_now();

private:
    void dispatch_to(work_order_id order, const destination& to);
    int next_round(deadline_kind kind) const;
    /// Running or paused.
    deadline* find_open(deadline_kind kind);
};

/// ticket_run.cpp
void take_due_steps(work& w);

/// What follows from any change: requests that ended with their state, parts that may not be due later than the whole,
/// who holds the ticket, its card, its version. `before`: the state it was in, empty for a new ticket.
void settle(work& w, std::optional<ticket_status> before);

} // namespace huiyin::domain
