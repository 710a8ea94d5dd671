#pragma once

#include <huiyin/base/crypto.hpp>
#include <huiyin/base/id.hpp>
#include <huiyin/base/time.hpp>
#include <huiyin/domain/callback.hpp>
#include <huiyin/domain/deadline.hpp>
#include <huiyin/domain/permission.hpp>
#include <huiyin/domain/policy.hpp>
#include <huiyin/domain/ticket_names.hpp>

#include <array>
#include <bitset>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// The ticket and everything that hangs on it, as plain data. `decide.hpp` alone changes it.
///
/// All rows of domain.md §3 are here; row n is the command that names it in `decide.hpp`.
///
/// What domain.md leaves open, and why it is so here:
/// - Two persons are two acts. Where a row asks for a second one (H with L in 10 and 21, S with L in 29, the second
///   person in 5), the first act leaves a request on the ticket and the second person's own act makes the transition: a
///   name typed by the first proves nothing. A leader who returns or holds by himself is both. A request ends with the
///   state in which it was made; that of a return outlives the signature.
/// - U, the supervision officer, is whoever may `ticket_clear_supervision`: the supervisors, until a house parts them.
/// - 3: a ticket in triage may be classified again; after a return or a dispute the category is what was wrong.
/// - 1, 3: a report (举报) is confidential from the moment it is known to be one.
/// - 4: `solution` and `on_site` begin with `resolve`, at dispatch. A department that returned the ticket gets it back
///   by row 11 only.
/// - Fall-back owner: where no department was found within `fallback`, the system finds the ticket valid and dispatches
///   it there for good: nobody is left to whom it could be returned.
/// - 7: the first dispute is free; every further one is entered by S and names a new fact. An unsatisfied verdict on an
///   invalid ticket is a dispute; its reason code stands for the fact.
/// - 9: contact A known to be away at dispatch: B is told at once; both away: the leader, too.
/// - 10: the window counts for the request and for the signature. At its end the department is deemed the owner
///   (`ownership_settled`) and may not return any more; to sign is still its duty, so `accept` runs on.
/// - 11: the time lost runs from the first dispatch that was quarrelled about and was not ruled upon. At the cap of
///   returns or in a conflict the ruling must name the side that was wrong.
/// - 13: a co-handler's part has no clock but a due instant, which follows an earlier one of the ticket. When the
///   ticket ends otherwise, what is open of it is waived.
/// - 14: a customer reached by anyone of the house, or written to, stops `first_response` in any open state;
///   `contact_customer` is stopped by the department only. In `dispatched` the department signs before it logs.
/// - 17, 19: promises beside a solution are made by anyone who works on the ticket, are warned of at 80 % and broken
///   once, outlive the closing, and keep the file from the archive.
/// - 18: `solution` is not begun again; the customer's clock presses enough.
/// - 20: in investigating, pending_approval and executing. The message to the customer is part of the grant.
/// - 21: the proof that the customer was told is a logged contact that reached him. Whatever he writes meanwhile ends
///   the hold; what was awaited is no urge.
/// - 22–24: in `reply_review` the steps of `resolve` and `rework` wait, because the department has answered; `review`
///   runs for the desk. On pass the clock ends at the reply; on rejection the steps that waited come at once. An
///   enquiry outside the sample is closed by SYS as `not_sampled`, by way of callback_pending.
/// - 25: each attempt ends `callback`; a vain one begins its next round, at the customer's time where he named one.
///   When the attempts are exhausted, the survey link goes out, `review` takes the clock's place and S decides; further
///   attempts remain possible.
/// - 27: the clock of a rework round is `rework`, its round number the cycle.
/// - 28: for categories with `system_may_close`, SYS closes at the end of `review`.
/// - 30: `withdrawn` is open until somebody else than H, and than who entered it, has asked the customer himself.
///   Meanwhile all other clocks pause. "No", or nobody reached in enough attempts, leads back to where it was.
///   A withdrawn complaint is not investigated to its end, so its file needs no root cause.
/// - 31: a ticket with an open promise is not merged into another: it is the one to merge into.
/// - 32: the last owner becomes the candidate department; a new `resolve` begins with the dispatch.
/// - 33: where the file is incomplete at the end of the window, the desk is told and archives by hand later.
/// - 34: a further contact of the customer is always kept and counted; the limit of 24 h binds the command `urge`.
/// - 35: the second rework puts the ticket under supervision by itself.
namespace huiyin::domain {

enum class ticket_status {
    registered, ///< "new"
    triage,
    invalid_pending_reply,
    dispatched,
    investigating,
    pending_approval,
    executing,
    promised,
    on_hold,
    reply_review,
    callback_pending,
    closed,
    archived,
    withdrawn, ///< Asked for, not yet confirmed: open.
    merged,
};
template <>
struct names<ticket_status>
{
    static constexpr auto of = std::to_array<std::string_view>(
        {"new", "triage", "invalid_pending_reply", "dispatched", "investigating", "pending_approval", "executing",
         "promised", "on_hold", "reply_review", "callback_pending", "closed", "archived", "withdrawn", "merged"});
};
/// Someone must still do something: neither closed nor archived nor merged.
bool is_open(ticket_status s);
/// From dispatched to reply_review: one department leads.
bool has_lead(ticket_status s);

enum class ticket_validity { unjudged, valid, invalid };
template <>
struct names<ticket_validity>
{
    static constexpr auto of = std::to_array<std::string_view>({"unjudged", "valid", "invalid"});
};

enum class ticket_closure {
    none,
    resolved_direct,
    invalid_accepted,
    confirmed,
    unreachable,
    final_answer,
    withdrawn,
    imported,
    not_sampled, ///< An enquiry that the sample spared the callback.
};
template <>
struct names<ticket_closure>
{
    static constexpr auto of =
        std::to_array<std::string_view>({"none", "resolved_direct", "invalid_accepted", "confirmed", "unreachable",
                                         "final_answer", "withdrawn", "imported", "not_sampled"});
};

/// Red: a running clock is overdue; yellow: one has taken its warning step.
enum class ticket_card { none, yellow, red };
template <>
struct names<ticket_card>
{
    static constexpr auto of = std::to_array<std::string_view>({"none", "yellow", "red"});
};

/// Words kept elsewhere (text(id, salt, body)); `digest` is SHA-256(salt ‖ body). The domain sees that they are there.
struct text_ref
{
    text_id id;
    sha256_digest digest{};

    bool operator==(const text_ref&) const = default;
};

enum class work_order_kind { lead, co_handler };
template <>
struct names<work_order_kind>
{
    static constexpr auto of = std::to_array<std::string_view>({"lead", "co_handler"});
};
enum class work_order_state { waiting, accepted, done, waived, returned, transferred };
template <>
struct names<work_order_state>
{
    static constexpr auto of =
        std::to_array<std::string_view>({"waiting", "accepted", "done", "waived", "returned", "transferred"});
};

/// One department's task.
struct work_order
{
    work_order_id id;
    department_id department;
    work_order_kind kind = work_order_kind::lead;
    work_order_state state = work_order_state::waiting;
    std::optional<user_id> contact_a;
    std::optional<user_id> contact_b;
    /// The contact who was told: A, or B after a failover.
    std::optional<user_id> assignee;
    /// Who signed.
    std::optional<user_id> handler;
    instant opened_at;
    std::optional<instant> accepted_at;
    std::optional<instant> ended_at;
    /// Of a co-handler's part, not after the ticket's own.
    std::optional<instant> due_at;
    /// What a co-handler found or did.
    std::optional<text_ref> result{};
    /// It was told that a co-handler's part is late: once.
    bool overdue = false;

    bool is_open() const { return state == work_order_state::waiting || state == work_order_state::accepted; }
    bool operator==(const work_order&) const = default;
};

enum class solution_kind { fix, promise };
template <>
struct names<solution_kind>
{
    static constexpr auto of = std::to_array<std::string_view>({"fix", "promise"});
};
/// `dropped`: the ticket ended before anyone decided.
enum class solution_state { pending, approved, rejected, dropped };
template <>
struct names<solution_state>
{
    static constexpr auto of = std::to_array<std::string_view>({"pending", "approved", "rejected", "dropped"});
};

/// One version of what is to be done.
struct solution
{
    solution_id id;
    int version = 1; ///< From 1 within the ticket.
    int cycle = 0;   ///< The rework cycle it belongs to.
    solution_kind kind = solution_kind::fix;
    solution_state state = solution_state::pending;
    text_ref words;
    /// Equal for equal wording on one ticket. Not the digest of `words`, whose salt is its own: made with a salt kept
    /// (and erased) with the ticket's problem text.
    sha256_digest fingerprint{};
    std::int64_t cost_cents = 0;
    user_id proposed_by;
    instant proposed_at;
    /// For a promise.
    std::string reason;
    std::optional<instant> promised_due_at;
    std::optional<text_ref> interim;

    bool operator==(const solution&) const = default;
};

/// A leader's decision on one version.
struct approval
{
    solution_id solution;
    user_id by;
    instant at;
    bool approved = false;
    int level = 0; ///< Of the policy's chain.
    std::optional<text_ref> comment;

    bool operator==(const approval&) const = default;
};

/// The ledger of what was promised to the customer, and by when.
struct promise
{
    promise_id id;
    solution_id solution; ///< Nil: beside a solution, by whatever channel. The clock of one with is `promise_due`.
    instant made_at;
    instant due_at;
    std::optional<instant> fulfilled_at;
    bool breached = false;
    user_id made_by{};
    std::optional<text_ref> words{};
    /// Of one without a solution, while nobody was warned.
    std::optional<instant> warn_at{};
    /// The customer withdrew, so nobody waits for it any more.
    std::optional<instant> released_at{};

    bool is_open() const { return !fulfilled_at && !released_at; }
    bool operator==(const promise&) const = default;
};

/// One entry of the validity history.
struct judgement
{
    ticket_validity validity = ticket_validity::unjudged; ///< `unjudged`: a dispute set it aside.
    instant at;
    uuid by; ///< Nil for the customer himself and for the system.
    /// Who found it invalid first, where a second person had to.
    std::optional<user_id> proposed_by;
    std::string reason;
    std::optional<text_ref> words;
    int evidence = 0;

    bool operator==(const judgement&) const = default;
};

/// First half of an act that takes two persons.
struct invalidity_request
{
    user_id by;
    instant at;
    bool operator==(const invalidity_request&) const = default;
};
struct return_request
{
    user_id by;
    instant at;
    std::string reason;
    text_ref basis;
    department_id suggested;
    bool operator==(const return_request&) const = default;
};

enum class request_state { pending, granted, refused, lapsed };
template <>
struct names<request_state>
{
    static constexpr auto of = std::to_array<std::string_view>({"pending", "granted", "refused", "lapsed"});
};

/// More time, asked for and decided (row 20). At most the last one is pending.
struct extension
{
    user_id asked_by;
    instant asked_at;
    instant until; ///< The due instant asked for.
    std::string reason;
    std::optional<text_ref> basis;
    request_state state = request_state::pending;
    std::optional<user_id> decided_by;
    std::optional<instant> decided_at;
    std::optional<instant> due_before; ///< When granted.

    bool operator==(const extension&) const = default;
};

/// A stretch in which the customer's target stands still (row 21). At most the last one is pending or runs.
struct hold_period
{
    std::string reason; ///< awaiting_customer, appointment, force_majeure.
    user_id asked_by;
    instant asked_at;
    interaction_id told;          ///< The logged contact by which the customer learnt of it.
    std::optional<instant> until; ///< Of an appointment.
    std::optional<text_ref> words;
    request_state state = request_state::pending;
    std::optional<user_id> signed_by;
    std::optional<instant> decided_at; ///< Begun, where it was granted.
    std::optional<instant> ended_at;
    std::string ended_by; ///< handler, customer, hold_max, withdrawal, merge.

    bool operator==(const hold_period&) const = default;
};

/// The last word of the house (row 29).
struct final_answer
{
    user_id by;
    instant at;
    text_ref basis;     ///< The rule it stands on.
    std::string remedy; ///< Code of the external remedy named to the customer.
    text_ref words;
    std::optional<answers> said; ///< Where the customer said something.
    std::optional<user_id> agreed_by;
    std::optional<instant> agreed_at;

    bool operator==(const final_answer&) const = default;
};

/// While the ticket is `withdrawn`.
struct withdrawal_request
{
    uuid by; ///< The customer himself, or who entered it for him.
    instant at;
    std::string reason;
    std::optional<text_ref> words;
    ticket_status from = ticket_status::registered;

    bool operator==(const withdrawal_request&) const = default;
};

/// 督办: a written answer is owed (row 35). Open until cleared.
struct supervision
{
    std::string reason; ///< overdue, rework, media, leader, mass.
    uuid by;            ///< Nil: by rule.
    instant at;
    std::optional<text_ref> words;
    std::optional<user_id> answered_by;
    std::optional<instant> answered_at;
    std::optional<text_ref> answer;
    std::optional<user_id> cleared_by;
    std::optional<instant> cleared_at;

    bool operator==(const supervision&) const = default;
};

enum class fault_side { desk, department };
template <>
struct names<fault_side>
{
    static constexpr auto of = std::to_array<std::string_view>({"desk", "department"});
};

/// Who was wrong in a quarrel about ownership (row 11), and what it cost the customer.
struct ruling
{
    user_id by;
    instant at;
    std::string reason;
    fault_side at_fault = fault_side::desk;
    std::optional<department_id> department; ///< The one at fault.
    instant lost_from;                       ///< Up to `at` the time is charged to the side at fault.
    std::chrono::microseconds charged{0};

    bool operator==(const ruling&) const = default;
};

/// Whom the customer waits for. `rest`: nobody; closed, or between the closing and a reopening.
enum class holder { desk, department, customer_callback, on_hold, rest };
template <>
struct names<holder>
{
    static constexpr auto of =
        std::to_array<std::string_view>({"desk", "department", "customer_callback", "on_hold", "rest"});
};

/// From when on who held it, until the next one. Before the first one it is the desk, since `reported_at`.
struct spell
{
    holder held_by = holder::desk;
    std::optional<department_id> department; ///< Of a department or a hold.
    instant from;

    bool operator==(const spell&) const = default;
};

enum class contact_kind { reply, call, visit, letter };
template <>
struct names<contact_kind>
{
    static constexpr auto of = std::to_array<std::string_view>({"reply", "call", "visit", "letter"});
};

/// A contact with the customer that somebody logged (row 14).
struct logged_contact
{
    interaction_id interaction;
    contact_kind how = contact_kind::call;
    instant at;
    uuid by;
    bool reached = true;
    bool by_lead = false; ///< By the department that leads.

    bool operator==(const logged_contact&) const = default;
};

struct ticket
{
    ticket_id id;
    std::string number;
    std::int64_t version = 0; ///< Rises by one with each decision that changes anything.
    ticket_status status = ticket_status::registered;
    ticket_type type = ticket_type::complaint;
    ticket_priority priority = ticket_priority::p3;
    std::string category; ///< Empty until known.
    std::string channel;
    customer_id customer;
    sensitivity sensitive = sensitivity::ordinary;
    bool vip = false;
    bool repeat = false; ///< The same customer has complained of the same before.
    bool customer_waiting = false;
    bool imported = false; ///< Outside rates.
    std::optional<text_ref> problem;
    std::optional<text_ref> object;
    std::optional<text_ref> desired_solution;
    std::optional<instant> occurred_at;
    instant reported_at; ///< An import's original time.
    instant created_at;
    instant changed_at;

    std::optional<department_id> candidate_department;
    std::optional<department_id> lead_department; ///< Set in exactly the states of has_lead, and kept afterwards.
    std::optional<user_id> handler;
    int policy_version = 0; ///< Of the last dispatch.

    ticket_validity validity = ticket_validity::unjudged;
    std::string root_cause;
    std::optional<user_id> responsible_person;
    std::string no_responsible_reason; ///< Why nobody is responsible.
    std::optional<text_ref> reply;     ///< What the department answered.
    std::optional<instant> replied_at;
    std::optional<user_id> replied_by;
    std::optional<instant> next_callback_at;
    int callback_round = 0;
    callback_channel next_callback_channel = callback_channel::phone;
    std::optional<user_id> callback_agent; ///< Bound to him until the plan opens it to all.
    int survey_round = 0;                  ///< The last callback round in which the survey link went out.

    int urge_count = 0;
    std::optional<instant> last_urged_at;
    bool supervised = false;
    int escalation_level = 0; ///< 0 none, 1 supervisor, 2 supervision officer, 3 executives.
    ticket_card card = ticket_card::none;
    bool extension_pending = false;
    int extension_count = 0;
    int return_count = 0;
    bool no_return = false;
    bool ownership_settled = false;
    int department_changes = 0; ///< Returns and transfers: ping-pong.
    int reply_reject_count = 0;
    int rework_cycle = 0;
    int reopen_count = 0;
    int dispute_count = 0;
    bool promise_breached = false;
    std::bitset<deadline_kind_count> breached; ///< Kinds that ever were.
    std::string hold_reason;                   ///< While on hold.
    std::optional<ticket_status> held_from;    ///< While on hold.

    bool fcr = false;
    ticket_closure closure = ticket_closure::none;
    std::string closure_reason;
    std::optional<instant> closed_at;
    std::optional<instant> archived_at;
    satisfaction_level satisfaction = satisfaction_level::unknown;
    answers said;

    std::optional<ticket_id> merged_into;
    std::optional<ticket_id> duplicate_of;
    std::optional<ticket_id> suspected_duplicate_of;
    std::optional<ticket_id> follow_up_of;
    std::optional<ticket_id> group_root;  ///< The case of many complainants that it belongs to.
    std::optional<instant> inherited_due; ///< Of a ticket merged into it before `resolve` began.

    std::optional<invalidity_request> invalidity;
    std::optional<return_request> returning;
    std::optional<final_answer> final_word; ///< Waits while not agreed; on record afterwards.
    std::optional<withdrawal_request> withdrawal;

    std::vector<work_order> orders;
    std::vector<solution> solutions;
    std::vector<approval> approvals;
    std::vector<promise> promises;
    std::vector<callback_attempt> callbacks;
    std::vector<judgement> judgements;
    std::vector<extension> extensions;
    std::vector<hold_period> holds;
    std::vector<supervision> supervisions;
    std::vector<ruling> rulings;
    std::vector<spell> spells;
    std::vector<logged_contact> contacts;
    std::vector<deadline> deadlines;

    bool operator==(const ticket&) const = default;
};

/// Running, or nullptr. At most one of a kind runs.
const deadline* running(const ticket& t, deadline_kind kind);
/// The customer's clock: open `resolve` or `rework`, on hold as well.
const deadline* customer_clock(const ticket& t);
/// The order of the department that leads, the last one; nullptr before dispatch.
const work_order* lead_order(const ticket& t);
/// The one that is due first.
const promise* open_promise(const ticket& t);
/// The one that makes the state `promised`.
const promise* solution_promise(const ticket& t);
const extension* pending_extension(const ticket& t);
const hold_period* pending_hold(const ticket& t);
bool final_answer_waits(const ticket& t);
/// The first that is not cleared.
const supervision* open_supervision(const ticket& t);
/// The state it is in or, while a withdrawal is unconfirmed, was in before.
ticket_status standing(const ticket& t);
const solution* pending_solution(const ticket& t);
/// Whoever worked on it for a department: he may not make the callback.
bool has_handled(const ticket& t, user_id user);

/// What `run_due` must wake for; empty when nothing can come due: steps of clocks, promises beside a solution,
/// co-handlers' parts. The steps of the customer's clock wait in reply_review.
std::optional<instant> next_step_at(const ticket& t);
/// Of a promise beside a solution: its warning, then its due instant, each once.
std::optional<instant> next_step_of(const promise& p);
/// Of a co-handler's open part: when it is late, once.
std::optional<instant> next_step_of(const work_order& o);
/// Whether this deadline's steps may come in the ticket's present state.
bool steps_wait(const ticket& t, const deadline& d);

/// Who must act now.
struct ticket_owner
{
    role as = role::complaint_officer;
    std::optional<department_id> department;
    std::optional<user_id> person;

    bool operator==(const ticket_owner&) const = default;
};
/// Empty when the ticket is not open.
std::optional<ticket_owner> owner(const ticket& t);

/// For `may`: departments with a part in it, the one that must act, the handler.
object_scope scope_of(const ticket& t);

/// Why it cannot be archived (row 33), the reopen window aside: "promise", "co_handler", "root_cause". Empty: complete.
std::vector<std::string_view> missing_in_file(const ticket& t);

/// Names of the violated invariants of domain.md §3 that show in the ticket itself; empty when it is sound. `huiyin
/// doctor` asks it of every ticket; what shows only between two states of a ticket is tested on `decide`.
std::vector<std::string> check(const ticket& t, const policy& p);

struct time_share
{
    holder held_by = holder::desk;
    std::optional<department_id> department; ///< Of a department or a hold.
    std::chrono::microseconds time{0};       ///< Clock time, 7×24.

    bool operator==(const time_share&) const = default;
};
/// Who held the ticket for how long, each holder once, in the order of their first turn. The shares add up exactly to
/// the time from `reported_at` to the closing (or the merging, or `now` of an open ticket); what rulings charged
/// belongs to the side at fault.
std::vector<time_share> time_shares(const ticket& t, instant now);

} // namespace huiyin::domain
