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
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

/// The ticket and everything that hangs on it, as plain data. `decide.hpp` alone changes it.
///
/// Implemented rows of domain.md §3: 0 import · 1 create · 2 resolve_direct · 3 classify · 4 judge_valid · 5
/// judge_invalid · 6 reply_invalid · 7 dispute · 8 accept · 9 failover · 10 return · 11 arbitrate · 12 transfer · 14
/// log contact · 15 propose · 16, 17 approve · 18 reject · 19 fulfil, promise breach · 22 complete · 23 reject reply ·
/// 24 pass · 25 attempt · 26, 27 verdict · 28 unreachable · 33 archive · 34 only as the count of further contacts. Not
/// yet: 13, 20, 21, 29–32, 34, 35; their states and flags are here.
///
/// What domain.md leaves open, and why it is so here:
/// - Two persons are two acts. Where a row asks for a second one (H with L in 10, the second person in 5), the first
/// act
///   leaves a request on the ticket and the second person's own act makes the transition: a name typed by the first
///   proves nothing. A leader who returns by himself is both.
/// - 3: a ticket in triage may be classified again; after a return or a dispute the category is what was wrong.
/// - 1, 3: a report (举报) is confidential from the moment it is known to be one.
/// - 4: `solution` and `on_site` begin with `resolve`, at dispatch. A department that returned the ticket gets it back
///   by row 11 only.
/// - 7: the first dispute is free; every further one is entered by S and names a new fact. An unsatisfied verdict on an
///   invalid ticket is a dispute; its reason code stands for the fact.
/// - 9: contact A known to be away at dispatch: B is told at once.
/// - 10: the window counts for the request and for the signature. At its end the department is deemed the owner
///   (`ownership_settled`) and may not return any more; to sign is still its duty, so `accept` runs on.
/// - 14: a customer reached by anyone of the house, or written to, stops `first_response` in any open state;
///   `contact_customer` is stopped by the department only. In `dispatched` the department signs before it logs.
/// - 18: `solution` is not begun again; the customer's clock presses enough.
/// - 22–24: in `reply_review` the steps of `resolve` and `rework` wait, because the department has answered; `review`
/// runs for
///   the desk. On pass the clock ends at the reply; on rejection the steps that waited come at once.
/// - 25: each attempt ends `callback`; a vain one begins its next round, at the customer's time where he named one.
/// When the
///   attempts are exhausted, `review` takes its place and S decides; further attempts remain possible.
/// - 27: the clock of a rework round is `rework`, its round number the cycle.
/// - 28: for categories with `system_may_close`, SYS closes at the end of `review`.
/// - 33: where the file is incomplete at the end of the window, the desk is told and archives by hand later.
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
    withdrawn,
    merged,
};
template <>
struct names<ticket_status>
{
    static constexpr auto of = std::to_array<std::string_view>(
        {"new", "triage", "invalid_pending_reply", "dispatched", "investigating", "pending_approval", "executing",
         "promised", "on_hold", "reply_review", "callback_pending", "closed", "archived", "withdrawn", "merged"});
};
/// Someone must still do something: neither closed nor archived, withdrawn, merged.
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
};
template <>
struct names<ticket_closure>
{
    static constexpr auto of =
        std::to_array<std::string_view>({"none", "resolved_direct", "invalid_accepted", "confirmed", "unreachable",
                                         "final_answer", "withdrawn", "imported"});
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

    bool is_open() const { return state == work_order_state::waiting || state == work_order_state::accepted; }
    bool operator==(const work_order&) const = default;
};

enum class solution_kind { fix, promise };
template <>
struct names<solution_kind>
{
    static constexpr auto of = std::to_array<std::string_view>({"fix", "promise"});
};
enum class solution_state { pending, approved, rejected };
template <>
struct names<solution_state>
{
    static constexpr auto of = std::to_array<std::string_view>({"pending", "approved", "rejected"});
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
    solution_id solution;
    instant made_at;
    instant due_at;
    std::optional<instant> fulfilled_at;
    bool breached = false;

    bool is_open() const { return !fulfilled_at; }
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
    std::string hold_reason;
    std::optional<ticket_status> held_from;

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

    std::optional<invalidity_request> invalidity;
    std::optional<return_request> returning;

    std::vector<work_order> orders;
    std::vector<solution> solutions;
    std::vector<approval> approvals;
    std::vector<promise> promises;
    std::vector<callback_attempt> callbacks;
    std::vector<judgement> judgements;
    std::vector<deadline> deadlines;

    bool operator==(const ticket&) const = default;
};

/// Running, or nullptr. At most one of a kind runs.
const deadline* running(const ticket& t, deadline_kind kind);
/// The customer's clock: running `resolve` or `rework`.
const deadline* customer_clock(const ticket& t);
/// The order of the department that leads, the last one; nullptr before dispatch.
const work_order* lead_order(const ticket& t);
const promise* open_promise(const ticket& t);
const solution* pending_solution(const ticket& t);
/// Whoever worked on it for a department: he may not make the callback.
bool has_handled(const ticket& t, user_id user);

/// What `run_due` must wake for; empty when nothing can come due. The steps of the customer's clock wait in
/// reply_review.
std::optional<instant> next_step_at(const ticket& t);
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

/// A column's value, as events keep it. Text references appear by id; `digest` values as 64 hex digits.
using column_value =
    std::variant<std::monostate, bool, std::int64_t, std::string, uuid, instant, std::vector<std::string>>;

struct change
{
    std::string_view
        table; ///< "ticket", "work_order", "solution", "approval", "promise", "callback", "judgement", "deadline".
    std::string
        key; ///< The row's id; "kind/round" of a deadline; the index of a judgement; the solution of an approval.
    std::string_view column;
    column_value value;

    bool operator==(const change&) const = default;
};

/// Every column of every row that differs, with its whole new value: enough to rebuild `after` from `before`. A new row
/// comes with all its columns. Rows are never removed.
std::vector<change> changes(const ticket& before, const ticket& after);

} // namespace huiyin::domain
