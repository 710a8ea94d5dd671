#pragma once

#include <huiyin/base/error.hpp>
#include <huiyin/base/id.hpp>
#include <huiyin/base/time.hpp>
#include <huiyin/domain/ticket.hpp>

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// How the house is measured (domain.md §5, as far as it concerns tickets). Pure: facts in, figures out.
///
/// Most figures are Σ part / Σ whole over what tickets contribute. `contributions` is the one place that says what a
/// ticket counts for, and when; whoever stores, groups or lists them needs no formula. x/0 is no value: never 0,
/// never 1.
///
/// What domain.md leaves open, and why it is so here:
/// - A ticket counts once in a rate "of tickets", by the first clock or closing of its kind: what a reopening or a new
///   round does to it is what the reopen and rework rates measure.
/// - What is due is counted when it is due: a clock that still runs counts as late from then on. A clock that is
///   paused, or waits for the review of a reply, is not counted before it is decided.
/// - Imports are outside all rates. A merged ticket contributes only that somebody turned to us again (`contact_fact`).
/// - A figure belongs to the department that led when the clock began; desk work belongs to none.
namespace huiyin::domain {

enum class metric {
    // contributed by tickets
    tickets,
    complaints,
    closed,
    callback_rate,
    callback_success,
    on_time,
    on_time_original,
    on_time_first_response,
    on_time_dispatch,
    on_time_accept,
    on_time_contact,
    on_time_on_site,
    on_time_solution,
    on_time_approve,
    on_time_rework,
    on_time_progress,
    on_time_urge_reply,
    on_time_supervision_reply,
    on_time_callback,
    on_time_review,
    on_time_invalid_reply,
    within_limit,
    response_rate,
    solved_rate,
    satisfied_rate,
    csat_result,
    csat_time,
    csat_attitude,
    top2_result,
    top2_time,
    top2_attitude,
    dsat_result,
    dsat_time,
    dsat_attitude,
    rework_rate,
    reopen_rate,
    return_rate,
    ping_pong_rate,
    urge_rate,
    extension_rate,
    validity_rate,
    invalid_overturned,
    promise_kept,
    reply_pass_rate,
    resolve_mean,
    resolve_business_mean,
    holding_time,
    rulings_lost,
    // contributed by ratings and contacts
    internal_csat,
    e_ticket_share,
    // made of the ones above
    resolve_median,
    resolve_business_median,
    three_rates,
    complaints_per_10000,
    silent_estimate,
    department_index,
    // from which customer turned to us when
    fcr_repeat,
    repeat_complaint_rate,
    // of the present moment
    backlog,
};
template <>
struct names<metric>
{
    static constexpr auto of = std::to_array<std::string_view>({"tickets",
                                                                "complaints",
                                                                "closed",
                                                                "callback_rate",
                                                                "callback_success",
                                                                "on_time",
                                                                "on_time_original",
                                                                "on_time_first_response",
                                                                "on_time_dispatch",
                                                                "on_time_accept",
                                                                "on_time_contact",
                                                                "on_time_on_site",
                                                                "on_time_solution",
                                                                "on_time_approve",
                                                                "on_time_rework",
                                                                "on_time_progress",
                                                                "on_time_urge_reply",
                                                                "on_time_supervision_reply",
                                                                "on_time_callback",
                                                                "on_time_review",
                                                                "on_time_invalid_reply",
                                                                "within_limit",
                                                                "response_rate",
                                                                "solved_rate",
                                                                "satisfied_rate",
                                                                "csat_result",
                                                                "csat_time",
                                                                "csat_attitude",
                                                                "top2_result",
                                                                "top2_time",
                                                                "top2_attitude",
                                                                "dsat_result",
                                                                "dsat_time",
                                                                "dsat_attitude",
                                                                "rework_rate",
                                                                "reopen_rate",
                                                                "return_rate",
                                                                "ping_pong_rate",
                                                                "urge_rate",
                                                                "extension_rate",
                                                                "validity_rate",
                                                                "invalid_overturned",
                                                                "promise_kept",
                                                                "reply_pass_rate",
                                                                "resolve_mean",
                                                                "resolve_business_mean",
                                                                "holding_time",
                                                                "rulings_lost",
                                                                "internal_csat",
                                                                "e_ticket_share",
                                                                "resolve_median",
                                                                "resolve_business_median",
                                                                "three_rates",
                                                                "complaints_per_10000",
                                                                "silent_estimate",
                                                                "department_index",
                                                                "fcr_repeat",
                                                                "repeat_complaint_rate",
                                                                "backlog"});
};
constexpr std::size_t metric_count = names<metric>::of.size();

enum class metric_unit { ratio, score, seconds, count, points };
template <>
struct names<metric_unit>
{
    static constexpr auto of = std::to_array<std::string_view>({"ratio", "score", "seconds", "count", "points"});
};

/// How a figure comes about.
enum class metric_kind {
    quotient, ///< Σ part / Σ whole of its own contributions; a mean is one, too.
    sum,      ///< Σ part.
    median,   ///< Of the parts that `of` contributes.
    composed, ///< Of other figures.
    contacts, ///< Of contact facts.
    present,  ///< Of the tickets as they are now.
};

/// When a contribution counts: what a period of a report selects by.
enum class metric_moment { created, due, closed, asked, happened, now };
template <>
struct names<metric_moment>
{
    static constexpr auto of =
        std::to_array<std::string_view>({"created", "due", "closed", "asked", "happened", "now"});
};

/// zh-CN, zh-TW, en.
using three_texts = std::array<std::string_view, 3>;

struct metric_info
{
    metric what{};
    metric_unit unit = metric_unit::ratio;
    metric_kind kind = metric_kind::quotient;
    metric_moment moment = metric_moment::created;
    /// Whether more is better; for rankings.
    bool more_is_better = true;
    /// Whose parts a median is taken of.
    metric of{};
    three_texts name;
    three_texts numerator;
    /// Empty where nothing is divided by.
    three_texts denominator;

    /// As people read it: "numerator ÷ denominator". `language`: index of three_texts.
    std::string formula(std::size_t language) const;
};
const metric_info& info_of(metric m);

/// What one ticket, rating or contact counts for.
struct contribution
{
    metric what{};
    instant at;
    double part = 0;
    double whole = 0;
    std::optional<department_id> department;
    std::optional<user_id> person;

    bool operator==(const contribution&) const = default;
};

/// Open time between two instants by the calendar of that name; none where nobody knows it.
using business_clock =
    std::function<std::optional<std::chrono::microseconds>(std::string_view calendar, instant from, instant to)>;

/// All that this ticket counts for, in a fixed order: the same ticket gives the same list.
std::vector<contribution> contributions(const ticket& t, const business_clock& open_time);

/// What was counted.
struct tally
{
    double part = 0;
    double whole = 0;
    /// How many contributions.
    std::int64_t count = 0;

    tally& operator+=(const tally& other);
    bool operator==(const tally&) const = default;
};

std::optional<double> quotient(double part, double whole);
/// Of a `quotient` or `sum`; none for others.
std::optional<double> value_of(const metric_info& info, const tally& counted);
/// The middle one, or the mean of the two in the middle.
std::optional<double> median(std::vector<double> values);

// --- who turned to us when -----------------------------------------------------------------------------------------

struct contact_fact
{
    ticket_id ticket;
    customer_id customer;               ///< Nil: nobody knows; never a repeat.
    std::string topic;                  ///< The category.
    instant at;                         ///< Turned to us.
    std::optional<instant> resolved_at; ///< First; none where he withdrew.
    std::optional<instant> reopened_at; ///< After that: he came again.
    bool complaint = false;
    bool merged = false;
};

/// None for an import.
std::optional<contact_fact> contact_of(const ticket& t);

struct matched_contacts
{
    tally counted;
    /// What `whole` counts, and of these what `part` counts.
    std::vector<ticket_id> whole;
    std::vector<ticket_id> part;
};

/// First-contact resolution by the repeat method: of the contacts resolved in [from, to) those after which the customer
/// did not come again with the same topic within 7 days. Immature, and not counted, until day 8. `all` holds whatever
/// began before to + 7 d.
matched_contacts fcr_by_repeat(std::span<const contact_fact> all, instant from, instant to, instant now);
/// Customers with two complaints of one topic within 30 days, the second one in [from, to), of all who complained then.
/// `all` holds whatever began since from − 30 d. The ids are of tickets: the first complaint of each customer counted.
matched_contacts repeat_complainants(std::span<const contact_fact> all, instant from, instant to);

// --- made of other figures -----------------------------------------------------------------------------------------

struct three_rates_weights
{
    double response = 0.2;
    double solved = 0.4;
    double satisfied = 0.4;
};
/// 三率: none where one of them has no value.
std::optional<double> three_rates(std::optional<double> response, std::optional<double> solved,
                                  std::optional<double> satisfied, const three_rates_weights& by = {});

/// 万投比.
std::optional<double> per_10000(double complaints, double customers);

/// How many problems there were, and who never said a word (I11: complaints are 8 % of problems, 69 % stay silent). An
/// estimate, to be shown with its inputs.
struct silent_customers
{
    double problems = 0;
    double silent = 0;
};
silent_customers silent_estimate(double complaints);

struct department_figures
{
    std::optional<double> csat;          ///< Mean score of results, 1 to 5.
    std::optional<double> on_time;       ///< 0 to 1.
    std::optional<double> reply_pass;    ///< What the desk says: replies passed of replies reviewed, 0 to 1.
    std::optional<double> internal_csat; ///< Mean score of the front line, 1 to 5.
    double rulings_lost = 0;
    double promises_broken = 0;
};
struct department_weights
{
    double csat = 0.4;
    double on_time = 0.3;
    double reply_pass = 0.2;
    double internal_csat = 0.1;
    /// Points off for each.
    double per_ruling_lost = 2;
    double per_promise_broken = 1;
};
/// 0 to 100 points. A score s from 1 to 5 gives (s − 1) / 4. What has no value leaves its weight to the others; none
/// where nothing has a value.
std::optional<double> department_index(const department_figures& of, const department_weights& by = {});

/// One line of somebody's goals.
struct goal
{
    metric what{};
    double weight = 0;
    /// What 100 % of it is, above 0.
    double target = 1;
};
/// What measures service to the customer, not volume.
bool is_service(metric m);
/// Errors: `invalid_field` (fact `field` = weights, `reason`): no goal or more than 20, a weight or target that is not
/// positive, weights that do not add up to 1, a metric twice, and a service weight below 0.20 (M16).
result<void> check_goals(const std::vector<goal>& goals);
/// How far a goal is reached: value / target, or target / value where less is better; 0 to 1.2.
double attainment(const goal& of, double value);
/// Σ weight · attainment − what was taken off, not below 0; goals without a value leave their weight to the others.
/// A bonus is its base times this. `values` as `goals`.
std::optional<double> score(const std::vector<goal>& goals, const std::vector<std::optional<double>>& values,
                            double taken_off = 0);

struct place
{
    int rank = 1; ///< Equal values share one; 0: no value.
    bool last = false;
};
/// Ranks by value, best first; the last place is marked (M17) where there are at least two ranks.
std::vector<place> ranked(const std::vector<std::optional<double>>& values, bool more_is_better);

enum class age_class { under_1d, under_3d, under_7d, under_15d, under_30d, older };
template <>
struct names<age_class>
{
    static constexpr auto of =
        std::to_array<std::string_view>({"under_1d", "under_3d", "under_7d", "under_15d", "under_30d", "older"});
};
age_class age_of(instant reported_at, instant now);

} // namespace huiyin::domain
