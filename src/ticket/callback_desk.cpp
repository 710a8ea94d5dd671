#include "callback_store.hpp"
#include "first_words.hpp"
#include "ticket_rows.hpp"

#include <huiyin/domain/decide.hpp>

#include <algorithm>

namespace huiyin::ticket {

using nlohmann::json;

namespace {

constexpr std::size_t most_at_once = 100;

result<callback_hours> hours_at(const configuration& rules, instant now)
{
    callback_hours hours;
    hours.plan = rules.policy_for({}).callback;
    const auto* const wall =
        rules.find_calendar(hours.plan.calendar.empty() ? rules.rules().default_calendar : hours.plan.calendar);
    if (!wall) return fail(errc::not_configured, "the callback plan's calendar is missing");
    const domain::callback_walls walls{*wall};
    hours.time_zone = wall->time_zone();
    hours.open = domain::in_callback_hours(hours.plan, walls, now);
    hours.opens_at = domain::next_callback_time(hours.plan, walls, now);
    return hours;
}

instant start_of_today(const std::string& zone, instant now)
{
    const auto wall = domain::calendar::around_the_clock("callbacks", zone);
    return wall.start_of(wall.day_of(now));
}

/// What the rules would say to an attempt of his.
std::optional<error> refusal_of(const domain::ticket& t, const domain::policy& policy, const domain::actor& who,
                                instant now)
{
    const domain::attempt_callback attempt{callback_id::make(), domain::callback_outcome::no_answer, std::nullopt};
    const auto decided = domain::decide(t, attempt, policy, who, std::max(now, t.changed_at));
    if (decided) return std::nullopt;
    return decided.error();
}

due_callback complete(found_callback found, const configuration& rules, const domain::actor& who, instant now)
{
    auto due = std::move(found.what);
    due.ticket = ticket_of(json::parse(found.rows));
    const auto& t = due.ticket;
    const auto policy = rules.policy_for(t.category, {}, t.lead_department);
    due.title = first_words(due.title);
    due.shows_customer = t.sensitive != domain::sensitivity::confidential ||
                         domain::may(who, domain::permission::customer_identity_of_report);
    if (!due.shows_customer) {
        due.customer_name.clear();
        due.contacts.clear();
    }
    if (t.callback_agent) due.opens_at = t.next_callback_at.value_or(now) + policy.callback.opens_after;
    due.exhausted = domain::attempts_exhausted(policy.callback, t.callbacks, t.callback_round);
    due.refused = refusal_of(t, policy, who, now);
    return due;
}

} // namespace

task<result<callback_queue>> list_callbacks(pg::database& db, configurations& rules, callback_part part,
                                            std::optional<callback_place> after, std::size_t limit, domain::actor who,
                                            instant now)
{
    if (!domain::may(who, domain::permission::ticket_callback)) co_return fail(errc::not_found, "the actor may not");
    const auto current = co_await rules.current();
    if (!current) co_return fail(current.error());
    auto hours = hours_at(**current, now);
    if (!hours) co_return fail(hours.error());
    limit = std::clamp<std::size_t>(limit, 1, most_at_once);
    callback_queue queue{now, std::move(*hours), {}, {}, {}};

    if (part == callback_part::done) {
        const auto since = start_of_today(queue.hours.time_zone, now);
        auto found = co_await find_made_callbacks(db, since, after, limit);
        if (!found) co_return fail(found.error());
        for (auto& each : *found) {
            auto& made = each.what;
            made.shows_customer =
                !each.confidential || domain::may(who, domain::permission::customer_identity_of_report);
            if (!made.shows_customer) made.customer_name.clear();
            queue.made.push_back(std::move(made));
        }
        if (queue.made.size() == limit) {
            const auto& last = queue.made.back();
            queue.next = callback_place{last.attempt.at, last.ticket, last.n};
        }
        co_return queue;
    }
    auto found = co_await find_due_callbacks(db, part == callback_part::now, now, after, limit);
    if (!found) co_return fail(found.error());
    for (auto& each : *found)
        queue.due.push_back(complete(std::move(each), **current, who, now));
    if (queue.due.size() == limit) {
        const auto& last = queue.due.back().ticket;
        queue.next = callback_place{last.next_callback_at, last.id, 0};
    }
    co_return queue;
}

} // namespace huiyin::ticket
