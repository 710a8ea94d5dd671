#include "first_words.hpp"
#include "list_columns.hpp"
#include "list_store.hpp"
#include "ticket_rows.hpp"

#include <huiyin/ticket/ticket_lists.hpp>

#include <algorithm>

namespace huiyin::ticket {

using nlohmann::json;

namespace {

using namespace std::chrono_literals;
using domain::ticket_status;

constexpr std::size_t most_listed = 200;
constexpr auto breaching_within = 2h;

bool reads_all(const domain::actor& who)
{
    // Who may read all is asked about a ticket in which nobody has a part.
    return domain::may(who, domain::permission::ticket_read, domain::object_scope{});
}

std::optional<read_scope> scope_of_reader(const domain::actor& who)
{
    if (reads_all(who)) return std::nullopt;
    return read_scope{who.departments, user_id(who.id)};
}

/// What a view holds, for its list and for its count.
struct view_rule
{
    std::vector<ticket_status> statuses; ///< Empty: all open ones.
    std::optional<list_mark> mark;
    bool held_by_reader = false;
    std::optional<std::vector<department_id>> departments;
    std::optional<due_span> due;
};

view_rule rule_of(list_view view, const domain::actor& who, instant now, instant end_of_today)
{
    view_rule rule;
    switch (view) {
    case list_view::mine: rule.held_by_reader = true; break;
    case list_view::department: rule.departments = who.departments; break;
    case list_view::to_sign:
        rule.statuses = {ticket_status::dispatched};
        if (!reads_all(who)) rule.departments = who.departments;
        break;
    case list_view::due_today: rule.due = due_span{{}, end_of_today}; break;
    case list_view::breaching: rule.due = due_span{now, now + breaching_within}; break;
    case list_view::promise_due: rule.mark = list_mark::promise_open; break;
    case list_view::returned: rule.mark = list_mark::returned; break;
    case list_view::round_2: rule.mark = list_mark::round_2; break;
    case list_view::supervised: rule.mark = list_mark::supervised; break;
    case list_view::on_hold: rule.statuses = {ticket_status::on_hold}; break;
    case list_view::overdue: rule.due = due_span{{}, now}; break;
    case list_view::callback: rule.statuses = {ticket_status::callback_pending, ticket_status::withdrawn}; break;
    case list_view::to_judge: rule.statuses = {ticket_status::registered, ticket_status::triage}; break;
    case list_view::to_review: rule.statuses = {ticket_status::reply_review}; break;
    case list_view::to_approve:
        rule.mark = list_mark::signature_wanted;
        if (!reads_all(who)) rule.departments = who.leads;
        break;
    case list_view::all_open: break;
    }
    return rule;
}

bool counts_in(const view_rule& rule, const counted_kind& kind)
{
    const auto is = [&](ticket_status s) { return domain::to_string(s) == kind.status; };
    if (!rule.statuses.empty() && std::ranges::none_of(rule.statuses, is)) return false;
    if (rule.mark && !(kind.marks & bit_of(*rule.mark))) return false;
    if (rule.held_by_reader && !kind.held_by_reader) return false;
    if (!rule.departments) return true;
    return kind.department && std::ranges::find(*rule.departments, *kind.department) != rule.departments->end();
}

/// Before "never", which is where those without a clock are.
constexpr instant end_of_time = std::chrono::sys_days(std::chrono::year(9999) / 12 / 31);

template <class T>
void narrow(std::optional<std::vector<T>>& to, const std::vector<T>& by)
{
    if (!to) {
        to = by;
        return;
    }
    std::erase_if(*to, [&](const T& each) { return std::ranges::find(by, each) == by.end(); });
}

void narrow(list_conditions& to, const view_rule& rule, user_id reader)
{
    if (!rule.statuses.empty()) {
        std::vector<std::string> names;
        for (const auto each : rule.statuses)
            names.emplace_back(domain::to_string(each));
        narrow(to.statuses, names);
    }
    if (rule.mark) to.marks |= bit_of(*rule.mark);
    if (rule.held_by_reader) to.holder = reader;
    if (rule.departments) narrow(to.departments, *rule.departments);
    if (rule.due) {
        to.due_from = std::max(to.due_from, rule.due->from);
        to.due_before = to.due_before ? std::min(*to.due_before, rule.due->before) : rule.due->before;
    }
}

bool is_open_status(const std::string& name)
{
    const auto status = domain::parse_name<ticket_status>(name);
    return status && domain::is_open(*status);
}

result<instant> end_of_today(const std::string& asked, const configuration& rules, instant now)
{
    if (!asked.empty() && !domain::is_time_zone(asked))
        return fail(error{errc::invalid_field, "is no time zone", {{"field", "tz"}}});
    const auto* const house = rules.find_calendar(rules.rules().default_calendar);
    const auto zone = !asked.empty() ? asked : house ? house->time_zone() : "UTC";
    const auto wall = domain::calendar::around_the_clock("list", zone);
    return wall.end_of(wall.day_of(now));
}

/// The calendar is needed only while the warning lies two steps ahead.
std::optional<instant> warning_of(domain::deadline d, const configuration& rules)
{
    using domain::ladder_step;
    const auto step = [&] {
        return static_cast<ladder_step>(std::min(d.next_step, static_cast<int>(ladder_step::daily_repeat)));
    };
    if (!d.next_step_at) return std::nullopt;
    if (step() == ladder_step::half) {
        const auto* const calendar = rules.find_calendar(d.calendar);
        if (!calendar) return std::nullopt;
        domain::take_step(d, *calendar, *d.next_step_at);
    }
    return step() == ladder_step::warning ? d.next_step_at : std::nullopt;
}

list_clock clock_of(const domain::deadline& d, const configuration& rules, instant now)
{
    list_clock clock{d.kind, d.due_at, warning_of(d, rules), "ok"};
    if (d.state == domain::deadline_state::paused)
        clock.card = "paused";
    else if (domain::is_overdue(d, now))
        clock.card = "over";
    else if (d.next_step > static_cast<int>(domain::ladder_step::warning) || (clock.warn_at && *clock.warn_at <= now))
        clock.card = "warn";
    return clock;
}

void add_clocks(list_row& to, const std::string& clocks, const configuration& rules, instant now)
{
    const auto read = json::parse(clocks);
    const auto t = ticket_of({{"ticket", {{"status", read.at("status")}}}, {"ticket_deadline", read.at("deadlines")}});
    if (const auto* const nearest = nearest_clock(t)) to.nearest = clock_of(*nearest, rules, now);
    if (const auto* const customer = domain::customer_clock(t)) to.customer_clock = clock_of(*customer, rules, now);
}

} // namespace

task<result<list_page>> ticket_lists::list(list_query query, std::optional<list_place> after, std::size_t limit,
                                           domain::actor who)
{
    if (!domain::may(who, domain::permission::ticket_read)) co_return fail(errc::not_found, "the actor may not");
    const auto rules = co_await rules_.current();
    if (!rules) co_return fail(rules.error());
    const auto now = clock_.now();
    const auto today = end_of_today(query.time_zone, **rules, now);
    if (!today) co_return fail(today.error());

    list_conditions those;
    if (!query.statuses.empty()) those.statuses = query.statuses;
    those.open_only = query.view.has_value() || query.overdue || query.due_after || query.due_before ||
                      (!query.number && std::ranges::all_of(query.statuses, is_open_status));
    // Who asks by number has one ticket in mind, whatever its state.
    if (query.number && !those.open_only) query.sort = list_sort::created;
    if (!those.open_only && query.sort == list_sort::due)
        co_return fail(error{errc::invalid_field, "closed tickets have no clock", {{"field", "sort"}}});
    if (!query.departments.empty()) those.departments = query.departments;
    those.handler = query.handler;
    those.customer = query.customer;
    those.category = query.category;
    those.channel = query.channel;
    those.priority = query.priority;
    those.number = query.number;
    for (const auto each : query.marks)
        those.marks |= bit_of(each);
    those.due_before = query.due_before;
    if (query.due_after) {
        those.due_from = query.due_after;
        if (!those.due_before) those.due_before = end_of_time;
    }
    if (query.overdue) those.due_before = those.due_before ? std::min(*those.due_before, now) : now;
    if (query.view) narrow(those, rule_of(*query.view, who, now, *today), user_id(who.id));

    limit = std::clamp<std::size_t>(limit, 1, most_listed);
    auto found = co_await find_rows(db_, query.sort, std::move(those), after, limit, scope_of_reader(who));
    if (!found) co_return fail(found.error());
    const bool knows_reporters = domain::may(who, domain::permission::customer_identity_of_report);
    list_page page;
    for (auto& each : *found) {
        auto& row = each.row;
        row.title = first_words(row.title);
        row.shows_customer = !row.confidential || knows_reporters;
        if (!row.shows_customer) row.customer_name.clear();
        if (each.department)
            if (const auto* const department = (*rules)->find_department(*each.department))
                row.department = *department;
        add_clocks(row, each.clocks, **rules, now);
        page.rows.push_back(std::move(row));
    }
    if (page.rows.size() == limit) page.next = page.rows.back().place;
    co_return page;
}

task<result<std::map<list_view, view_count>>> ticket_lists::counts(domain::actor who, std::string time_zone)
{
    if (!domain::may(who, domain::permission::ticket_read)) co_return fail(errc::not_found, "the actor may not");
    const auto rules = co_await rules_.current();
    if (!rules) co_return fail(rules.error());
    const auto now = clock_.now();
    const auto today = end_of_today(time_zone, **rules, now);
    if (!today) co_return fail(today.error());

    std::vector<std::pair<list_view, view_rule>> views;
    std::vector<due_span> spans;
    for (std::size_t i = 0; i < domain::names<list_view>::of.size(); ++i) {
        const auto view = static_cast<list_view>(i);
        views.emplace_back(view, rule_of(view, who, now, *today));
        if (const auto& due = views.back().second.due) spans.push_back(*due);
    }
    const auto found = co_await find_counts(db_, user_id(who.id), scope_of_reader(who), std::move(spans));
    if (!found) co_return fail(found.error());
    std::map<list_view, view_count> counts;
    auto due = found->due.begin();
    for (const auto& [view, rule] : views) {
        auto& count = counts[view];
        if (rule.due) {
            count = {std::min(*due, most_counted), *due <= most_counted};
            ++due;
            continue;
        }
        for (const auto& kind : found->kinds)
            if (counts_in(rule, kind)) count.count += kind.tickets;
    }
    co_return counts;
}

} // namespace huiyin::ticket
