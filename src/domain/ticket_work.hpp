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
    void tell_person(user_id user, std::string_view about, std::optional<deadline_kind> clock = {});
    void tell_customer(customer_message message) { d.messages.push_back(message); }
    /// The handler, else the contact who was told, else the department; the desk while no department leads.
    void tell_worker(std::string_view about, std::optional<deadline_kind> clock = {});

    // strokes
    work_order* lead();
    void dispatch_to(work_order_id order, const destination& to);
    /// Ends the lead department's part and its clocks.
    void take_from_lead(work_order_state how);
    void begin_callback();
    void close(ticket_closure how, satisfaction_level content, const answers& said, std::string reason = {});
    void close_as_unreachable(std::string reason);
    void archive_now();

private:
    int next_round(deadline_kind kind) const;
    deadline* find_running(deadline_kind kind);
};

/// ticket_run.cpp
void take_due_steps(work& w);

} // namespace huiyin::domain
