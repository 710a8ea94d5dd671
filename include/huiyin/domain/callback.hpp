#pragma once

#include <huiyin/base/error.hpp>
#include <huiyin/base/id.hpp>
#include <huiyin/base/time.hpp>
#include <huiyin/domain/calendar.hpp>
#include <huiyin/domain/ticket_names.hpp>

#include <array>
#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace huiyin::domain {

enum class callback_channel { phone, sms, email };
template <>
struct names<callback_channel>
{
    static constexpr auto of = std::to_array<std::string_view>({"phone", "sms", "email"});
};

/// From this many vain attempts of a round on, that channel.
struct channel_step
{
    int after_misses = 0;
    callback_channel channel = callback_channel::phone;
};

/// How the follow-up contact is made (domain.md §3, callback rules). Hours are those of the wall in the zone of the
/// policy's calendar `calendar`, on every day of the week: the rule names hours, no days. Where the customer lives in
/// another zone, the same hours must be right on his wall as well, and parts of the day are his.
struct callback_plan
{
    std::string calendar;
    /// A calendar of the policy in the customer's zone; empty where he lives in that of `calendar` or nobody knows.
    std::string customer_calendar;
    std::vector<hours_of_day> hours{{std::chrono::hours(9), std::chrono::hours(12)},
                                    {std::chrono::hours(14), std::chrono::minutes(20 * 60 + 30)}};
    /// Where a new part of the day begins: morning, afternoon, evening.
    std::vector<std::chrono::minutes> part_begins{std::chrono::hours(0), std::chrono::hours(12),
                                                  std::chrono::hours(18)};
    int max_attempts = 3;
    int min_day_parts = 2;
    std::chrono::minutes min_gap = std::chrono::hours(2);
    /// How far ahead a customer may put the next attempt.
    std::chrono::days latest_wish{14};
    /// Enquiries: the system closes as unreachable when nobody has decided within `review`.
    bool system_may_close = false;
    /// Rising by `after_misses`; below the first one it is the phone.
    std::vector<channel_step> channels;
    /// Who makes the call, unless he handled the ticket; resolved by the service (say, who took the complaint). Who
    /// agreed on a time with the customer takes his place.
    std::optional<user_id> bound_agent;
    /// So long after `next_callback_at` anyone may call.
    std::chrono::minutes opens_after{30};
    /// After an unsatisfied verdict in this round or a later one the reviewer is told as well.
    int max_rounds = 3;
    /// Decides when the attempts or the rounds are exhausted; the supervisors where nobody is named.
    std::optional<user_id> reviewer;
    /// Of a thousand enquiries and suggestions so many are called back; of all other types each one is.
    int sample_permille = 1000;
};

/// `sent`: a message with the survey link went out by sms or e-mail; vain until the customer answers.
enum class callback_outcome { no_answer, busy, wrong_number, refused, later, reached, sent };
template <>
struct names<callback_outcome>
{
    static constexpr auto of =
        std::to_array<std::string_view>({"no_answer", "busy", "wrong_number", "refused", "later", "reached", "sent"});
};

enum class solved_answer { unasked, yes, partly, no };
template <>
struct names<solved_answer>
{
    static constexpr auto of = std::to_array<std::string_view>({"unasked", "yes", "partly", "no"});
};

enum class satisfaction_level {
    unknown, ///< Nobody could be asked; never counted as satisfied.
    satisfied,
    neutral,
    unsatisfied,
};
template <>
struct names<satisfaction_level>
{
    static constexpr auto of = std::to_array<std::string_view>({"unknown", "satisfied", "neutral", "unsatisfied"});
};

/// What a customer answers, "solved?" first; then three scores from 5 very satisfied to 1 very dissatisfied, empty for
/// `no_rating`.
struct answers
{
    solved_answer solved = solved_answer::unasked;
    std::optional<int> result;
    std::optional<int> time;
    std::optional<int> attitude;

    bool operator==(const answers&) const = default;
};

/// Errors: solved_answer_required, invalid_field for a score outside 1…5.
result<void> check_answers(const answers& said);

/// The verdict that closes a ticket or sends it back (rows 26 and 27): "neutral and solved" closes, "unsatisfied" works
/// again. It follows `solved` and the score for the result alone: a department can improve a result by working again,
/// but neither the time it took nor the manners of the past; those two scores are kept and measured apart (M04).
/// - not solved, or result 1–2: unsatisfied;
/// - partly solved: satisfied with 4–5, otherwise unsatisfied;
/// - solved: satisfied with 4–5, neutral with 3 or no_rating.
satisfaction_level judged(const answers& said);

/// One try to reach the customer, or a verdict he gave.
struct callback_attempt
{
    callback_id id;
    /// Which callback of the ticket, from 1: it comes to this state again after each rework.
    int round = 1;
    /// Within the round, from 1.
    int number = 1;
    instant at;
    /// Nil for the system and for a customer who answered by himself.
    user_id caller;
    callback_outcome outcome = callback_outcome::no_answer;
    callback_channel channel = callback_channel::phone;
    /// Index of the plan's part of the day.
    int day_part = 0;
    /// For `later`: when the customer wants it.
    std::optional<instant> wished_at;
    /// For `reached`.
    std::optional<answers> said;
    satisfaction_level verdict = satisfaction_level::unknown;
    /// Reason code of an unsatisfied verdict.
    std::string reason;
    /// The verdict was a dispute of an invalid finding (row 7), not a rework.
    bool disputed = false;
    /// The customer was asked whether he withdraws (row 30), so there is no verdict.
    bool about_withdrawal = false;

    bool operator==(const callback_attempt&) const = default;
};

/// The walls by which hours are read.
struct callback_walls
{
    callback_walls(const calendar& of_house, const calendar* of_customer = nullptr)
        : house(of_house), customer(of_customer)
    {}

    const calendar& house;
    /// Nullptr: the same.
    const calendar* customer;
};

/// Within the plan's hours on both walls; on the customer's alone where the two have no hour of that day in common.
bool in_callback_hours(const callback_plan& plan, const callback_walls& walls, instant at);
int day_part(const callback_plan& plan, const callback_walls& walls, instant at);
/// The earliest allowed moment at or after `from`.
instant next_callback_time(const callback_plan& plan, const callback_walls& walls, instant from);

/// When the next attempt of this round may be made: at once for the first; after the minimum gap; at the customer's own
/// time where he named one. Not yet narrowed to the allowed hours.
instant next_attempt_from(const callback_plan& plan, const std::vector<callback_attempt>& attempts, int round,
                          instant now);
/// When to try next: within the hours; in another part of the day where only that is missing before giving up.
instant proposed_attempt(const callback_plan& plan, const callback_walls& walls,
                         const std::vector<callback_attempt>& attempts, int round, instant now);
/// By which way to try next.
callback_channel proposed_channel(const callback_plan& plan, const std::vector<callback_attempt>& attempts, int round);
/// Enough attempts in enough parts of the day to give up.
bool attempts_exhausted(const callback_plan& plan, const std::vector<callback_attempt>& attempts, int round);
/// Whether the ticket of this id belongs to the sample: by a hash of the id, so for ever the same.
bool is_sampled(const callback_plan& plan, ticket_id ticket);

} // namespace huiyin::domain
