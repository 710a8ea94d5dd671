#include "alarm_store.hpp"
#include "report_store.hpp"

#include <huiyin/domain/permission.hpp>
#include <huiyin/report/report_service.hpp>

#include <algorithm>
#include <limits>
#include <set>

namespace huiyin::report {

using domain::metric;
using domain::metric_kind;

namespace {

using namespace std::chrono_literals;
using std::chrono::days;

constexpr int most_days = 1100;
constexpr auto due_soon_within = 4h;
constexpr int ranking_days = 30;

std::unexpected<error> refuse(const char* field, std::string reason)
{
    return fail(error{errc::invalid_field, reason, {{"field", field}, {"reason", reason}}});
}

/// What a figure is made of: the metrics that are summed for it.
std::vector<metric> parts_of(metric m)
{
    const auto& info = domain::info_of(m);
    switch (info.kind) {
    case metric_kind::median: return {info.of};
    case metric_kind::composed: break;
    case metric_kind::quotient:
    case metric_kind::sum:
    case metric_kind::contacts:
    case metric_kind::present: return {m};
    }
    if (m == metric::three_rates) return {metric::response_rate, metric::solved_rate, metric::satisfied_rate};
    if (m == metric::department_index)
        return {metric::csat_result,   metric::on_time,      metric::reply_pass_rate,
                metric::internal_csat, metric::rulings_lost, metric::promise_kept};
    return {metric::complaints};
}

bool is_contributed(metric m)
{
    const auto kind = domain::info_of(m).kind;
    return kind == metric_kind::quotient || kind == metric_kind::sum;
}

figure figure_of(metric m, const std::map<metric, cell>& made_of, const std::optional<double>& customers)
{
    static const cell none;
    const auto of = [&](metric part) -> const cell& {
        const auto it = made_of.find(part);
        return it == made_of.end() ? none : it->second;
    };
    const auto value = [&](metric part) { return domain::value_of(domain::info_of(part), of(part).counted); };
    const auto& info = domain::info_of(m);
    if (info.kind == metric_kind::median) return {of(info.of).counted, domain::median(of(info.of).parts)};
    if (info.kind != metric_kind::composed) return {of(m).counted, value(m)};
    switch (m) {
    case metric::three_rates:
        return {{},
                domain::three_rates(value(metric::response_rate), value(metric::solved_rate),
                                    value(metric::satisfied_rate))};
    case metric::department_index: {
        const auto& promises = of(metric::promise_kept).counted;
        return {{},
                domain::department_index({.csat = value(metric::csat_result),
                                          .on_time = value(metric::on_time),
                                          .reply_pass = value(metric::reply_pass_rate),
                                          .internal_csat = value(metric::internal_csat),
                                          .rulings_lost = of(metric::rulings_lost).counted.part,
                                          .promises_broken = promises.whole - promises.part})};
    }
    case metric::complaints_per_10000: {
        auto counted = of(metric::complaints).counted;
        counted.whole = customers.value_or(0);
        return {counted, domain::per_10000(counted.part, counted.whole)};
    }
    case metric::silent_estimate: {
        auto counted = of(metric::complaints).counted;
        const auto estimate = domain::silent_estimate(counted.part);
        counted.whole = estimate.problems;
        return {counted, estimate.silent};
    }
    default: return {};
    }
}

void add(std::map<metric, cell>& into, const std::map<metric, cell>& more)
{
    for (const auto& [what, each] : more) {
        auto& sum = into[what];
        sum.counted += each.counted;
        sum.parts.insert(sum.parts.end(), each.parts.begin(), each.parts.end());
    }
}

const ticket::department_entry* find_department(const ticket::configuration* rules, const std::string& key)
{
    const auto id = department_id::parse(key);
    return id && rules ? rules->find_department(*id) : nullptr;
}

std::string parent_of(const ticket::configuration* rules, const std::string& key)
{
    const auto* const found = find_department(rules, key);
    return found && found->parent ? found->parent->to_string() : std::string();
}

/// Each department with all below it.
cells rolled_up(const cells& own, const ticket::configuration* rules)
{
    cells all;
    for (const auto& [key, figures] : own) {
        std::set<std::string> seen;
        for (auto at = key; seen.insert(at).second;) {
            add(all[at], figures);
            at = parent_of(rules, at);
            if (at.empty()) break;
        }
    }
    return all;
}

std::vector<department_id> with_all_below(const ticket::configuration* rules, std::vector<department_id> from)
{
    if (!rules) return from;
    std::set<department_id> all(from.begin(), from.end());
    for (bool grew = true; grew;) {
        grew = false;
        for (const auto& each : rules->departments())
            if (each.parent && all.contains(*each.parent)) grew = all.insert(each.id).second || grew;
    }
    return {all.begin(), all.end()};
}

std::string key_of(const known_contact& of, grouping by)
{
    switch (by) {
    case grouping::none: break;
    case grouping::department: return of.department ? of.department->to_string() : "";
    case grouping::category: return of.fact.topic;
    case grouping::channel: return of.channel;
    case grouping::priority: return of.priority;
    case grouping::person: return of.handler ? of.handler->to_string() : "";
    }
    return "";
}

bool passes(const known_contact& of, const filter& with, const departments& only)
{
    return (!with.category || of.fact.topic == *with.category) && (!with.channel || of.channel == *with.channel) &&
           (!with.priority || of.priority == *with.priority) && (!with.person || of.handler == with.person) &&
           (!only || (of.department && std::ranges::find(*only, *of.department) != only->end()));
}

domain::matched_contacts match(metric m, const std::vector<known_contact>& all, span in, instant now)
{
    std::vector<domain::contact_fact> facts;
    for (const auto& each : all)
        facts.push_back(each.fact);
    return m == metric::fcr_repeat ? domain::fcr_by_repeat(facts, in.from, in.to, now)
                                   : domain::repeat_complainants(facts, in.from, in.to);
}

/// What is due later than now has not been missed or met.
span until_now(span in, instant now)
{
    return {in.from, std::min(in.to, now + 1us)};
}

struct reading
{
    pg::database& db;
    departments only;
    instant now;
};

task<result<cells>> read_cells(reading from, std::vector<metric> metrics, span in, grouping by, filter with)
{
    std::set<metric> summed;
    bool medians = false;
    std::vector<metric> of_contacts;
    bool backlog = false;
    for (const auto m : metrics)
        for (const auto part : parts_of(m)) {
            const auto kind = domain::info_of(part).kind;
            if (kind == metric_kind::contacts) of_contacts.push_back(part);
            if (kind == metric_kind::present) backlog = true;
            if (is_contributed(part)) summed.insert(part);
            medians = medians || domain::info_of(m).kind == metric_kind::median;
        }
    auto found = co_await load_counts(from.db, {summed.begin(), summed.end()}, medians, in, by, with, from.only);
    if (!found) co_return fail(found.error());
    if (!of_contacts.empty()) {
        const auto contacts = co_await load_contacts(from.db, in);
        if (!contacts) co_return fail(contacts.error());
        std::map<ticket_id, const known_contact*> by_id;
        for (const auto& each : *contacts)
            by_id.emplace(each.fact.ticket, &each);
        for (const auto m : of_contacts) {
            const auto matched = match(m, *contacts, in, from.now);
            for (const auto& id : matched.whole)
                if (const auto& c = *by_id.at(id); passes(c, with, from.only))
                    (*found)[key_of(c, by)][m].counted += {0, 1, 1};
            for (const auto& id : matched.part)
                if (const auto& c = *by_id.at(id); passes(c, with, from.only))
                    (*found)[key_of(c, by)][m].counted += {1, 0, 0};
        }
    }
    if (backlog) {
        const auto open = co_await load_backlog(from.db, by, with, from.only);
        if (!open) co_return fail(open.error());
        for (const auto& [key, figures] : *open)
            add((*found)[key], figures);
    }
    co_return std::move(*found);
}

template <class Row>
void label_department(Row& row, const ticket::configuration* rules)
{
    if (const auto* const found = find_department(rules, row.key)) {
        row.code = found->code;
        row.name = found->name;
    }
}

/// Names of persons by id, as `person` in every language.
template <class Row>
task<result<void>> label_persons(pg::database& db, std::vector<Row>& rows)
{
    std::vector<std::string> ids;
    for (const auto& each : rows)
        if (!each.key.empty()) ids.push_back(each.key);
    const auto names = co_await load_person_names(db, std::move(ids));
    if (!names) co_return fail(names.error());
    for (auto& each : rows)
        if (const auto it = names->find(each.key); it != names->end())
            for (const auto* const language : {"zh-CN", "zh-TW", "en"})
                each.name.emplace(language, it->second);
    co_return result<void>();
}

std::string today_in(const std::string& zone, instant now, domain::local_day& day)
{
    day = domain::calendar::around_the_clock("report", zone).day_of(now);
    return zone;
}

} // namespace

result<void> check_period(const period& asked)
{
    if (!domain::is_time_zone(asked.time_zone)) return refuse("tz", "is no time zone");
    if (asked.last < asked.first) return refuse("to", "is before from");
    if ((asked.last - asked.first).count() >= most_days) return refuse("to", "is too far from from");
    // Far from the ends of what the database and the zones know.
    const auto year = std::chrono::year_month_day(asked.first).year();
    if (year < std::chrono::year(1970) || year > std::chrono::year(2200)) return refuse("from", "is out of range");
    return {};
}

span span_of(const period& asked)
{
    const auto wall = domain::calendar::around_the_clock("report", asked.time_zone);
    return {wall.start_of(asked.first), wall.end_of(asked.last)};
}

period before(const period& asked)
{
    const auto count = asked.last - asked.first + days(1);
    return {asked.time_zone, asked.first - count, asked.last - count};
}

struct report_service::scope
{
    std::shared_ptr<const ticket::configuration> rules;
    departments only;
};

task<result<report_service::scope>> report_service::scope_of(domain::actor who, std::optional<department_id> below)
{
    if (!domain::may(who, domain::permission::report_read)) co_return fail(errc::not_found, "the actor may not");
    scope found;
    const auto rules = co_await rules_.current();
    if (!rules && rules.error().code != errc::not_configured) co_return fail(rules.error());
    if (rules) found.rules = *rules;
    // Who may read all is asked about something in which nobody has a part.
    if (!domain::may(who, domain::permission::report_read, domain::object_scope{}))
        found.only = with_all_below(found.rules.get(), who.leads);
    if (below) {
        auto wanted = with_all_below(found.rules.get(), {*below});
        if (found.only)
            std::erase_if(wanted, [&](auto id) { return std::ranges::find(*found.only, id) == found.only->end(); });
        found.only = std::move(wanted);
    }
    co_return found;
}

task<result<std::vector<metric_report>>> report_service::values(question asked, domain::actor who)
{
    if (const auto checked = check_period(asked.days); !checked) co_return fail(checked.error());
    const auto allowed = co_await scope_of(std::move(who), asked.filter.department);
    if (!allowed) co_return fail(allowed.error());
    const auto now = clock_.now();
    const auto* const rules = allowed->rules.get();
    const reading from{db_, allowed->only, now};
    const auto current =
        co_await read_cells(from, asked.metrics, until_now(span_of(asked.days), now), asked.by, asked.filter);
    if (!current) co_return fail(current.error());
    // Of what is open nothing is known but the present.
    auto of_past = asked.metrics;
    std::erase_if(of_past, [](metric m) { return domain::info_of(m).kind == metric_kind::present; });
    const auto earlier =
        co_await read_cells(from, of_past, until_now(span_of(before(asked.days)), now), asked.by, asked.filter);
    if (!earlier) co_return fail(earlier.error());

    const auto total_of = [](const cells& all) {
        std::map<metric, cell> total;
        for (const auto& [key, figures] : all)
            add(total, figures);
        return total;
    };
    const auto total = total_of(*current);
    const auto total_before = total_of(*earlier);
    const bool is_tree = asked.by == grouping::department;
    const auto grouped = is_tree ? rolled_up(*current, rules) : *current;
    const auto grouped_before = is_tree ? rolled_up(*earlier, rules) : *earlier;

    std::vector<metric_report> reports;
    for (const auto m : asked.metrics) {
        metric_report made;
        made.what = m;
        made.now = figure_of(m, total, asked.customers);
        const bool is_present = domain::info_of(m).kind == metric_kind::present;
        if (!is_present) made.before = figure_of(m, total_before, asked.customers);
        if (asked.by != grouping::none) {
            std::set<std::string> keys;
            for (const auto* const each : {&grouped, &grouped_before})
                for (const auto& [key, figures] : *each)
                    if (std::ranges::any_of(parts_of(m), [&](metric p) { return figures.contains(p); }))
                        keys.insert(key);
            static const std::map<metric, cell> nothing;
            for (const auto& key : keys) {
                const auto at = [&](const cells& in) -> const std::map<metric, cell>& {
                    const auto it = in.find(key);
                    return it == in.end() ? nothing : it->second;
                };
                figure_row row;
                row.key = key;
                row.now = figure_of(m, at(grouped), asked.customers);
                if (!is_present) row.before = figure_of(m, at(grouped_before), asked.customers);
                if (is_tree) {
                    label_department(row, rules);
                    row.parent = parent_of(rules, key);
                }
                made.rows.push_back(std::move(row));
            }
            if (asked.by == grouping::person) {
                const auto labelled = co_await label_persons(db_, made.rows);
                if (!labelled) co_return fail(labelled.error());
            }
        }
        reports.push_back(std::move(made));
    }
    co_return reports;
}

task<result<std::vector<counted_ticket>>> report_service::tickets(metric of, period asked, report::filter with,
                                                                  std::optional<mark> after, std::size_t limit,
                                                                  domain::actor who)
{
    if (const auto checked = check_period(asked); !checked) co_return fail(checked.error());
    const auto allowed = co_await scope_of(std::move(who), with.department);
    if (!allowed) co_return fail(allowed.error());
    const auto& info = domain::info_of(of);
    const auto now = clock_.now();
    const auto in = until_now(span_of(asked), now);
    switch (info.kind) {
    case metric_kind::quotient:
    case metric_kind::sum: co_return co_await load_counted(db_, of, in, with, allowed->only, after, limit);
    case metric_kind::median: co_return co_await load_counted(db_, info.of, in, with, allowed->only, after, limit);
    case metric_kind::present: co_return co_await load_open(db_, with, allowed->only, after, limit);
    case metric_kind::composed: co_return refuse("metric", "is composed of others: ask for those");
    case metric_kind::contacts: break;
    }
    const auto contacts = co_await load_contacts(db_, in);
    if (!contacts) co_return fail(contacts.error());
    const auto matched = match(of, *contacts, in, now);
    const std::set<ticket_id> whole(matched.whole.begin(), matched.whole.end());
    const std::set<ticket_id> part(matched.part.begin(), matched.part.end());
    std::vector<counted_ticket> all;
    for (const auto& each : *contacts) {
        const auto id = each.fact.ticket;
        if (!whole.contains(id) || !passes(each, with, allowed->only)) continue;
        const auto at = of == metric::fcr_repeat ? *each.fact.resolved_at : each.fact.at;
        all.push_back({id, each.number, at, part.contains(id) ? 1.0 : 0.0, 1, id.value(), 0});
    }
    const auto place = [](const auto& c) { return std::pair(c.at, c.subject); };
    std::ranges::sort(all, {}, place);
    if (after) std::erase_if(all, [&](const auto& c) { return place(c) <= place(*after); });
    if (all.size() > limit) all.resize(limit);
    co_return all;
}

std::vector<domain::goal> usual_goals()
{
    return {{metric::on_time, 0.35, 0.95},
            {metric::satisfied_rate, 0.35, 0.90},
            {metric::solved_rate, 0.20, 0.90},
            {metric::promise_kept, 0.10, 1.0}};
}

task<result<scorecards>> report_service::person_cards(period asked, std::vector<domain::goal> goals,
                                                      report::filter with, domain::actor who)
{
    if (const auto checked = domain::check_goals(goals); !checked) co_return fail(checked.error());
    for (const auto& each : goals)
        if (!is_contributed(each.what)) co_return refuse("weights", "name a metric that no person contributes to");
    question about;
    for (const auto& each : goals)
        about.metrics.push_back(each.what);
    about.days = std::move(asked);
    about.by = grouping::person;
    about.filter = std::move(with);
    auto reports = co_await values(about, std::move(who));
    if (!reports) co_return fail(reports.error());
    scorecards cards{about.metrics, {}};
    std::map<std::string, score_row> rows;
    for (std::size_t i = 0; i < reports->size(); ++i)
        for (auto& each : (*reports)[i].rows) {
            if (each.key.empty()) continue;
            auto& row = rows[each.key];
            row.key = each.key;
            row.name = each.name;
            row.figures.resize(goals.size());
            row.figures[i] = each.now;
        }
    std::vector<std::optional<double>> scores;
    for (auto& [key, row] : rows) {
        std::vector<std::optional<double>> reached;
        for (const auto& each : row.figures)
            reached.push_back(each.value);
        row.score = domain::score(goals, reached);
        scores.push_back(row.score);
        cards.rows.push_back(std::move(row));
    }
    const auto places = domain::ranked(scores, true);
    for (std::size_t i = 0; i < places.size(); ++i)
        cards.rows[i].place = places[i];
    std::ranges::sort(cards.rows, {}, [](const score_row& r) {
        return std::pair(r.place.rank == 0 ? std::numeric_limits<int>::max() : r.place.rank, r.key);
    });
    co_return cards;
}

task<result<scorecards>> report_service::department_cards(period asked, domain::actor who)
{
    question about;
    about.metrics = parts_of(metric::department_index);
    about.metrics.insert(about.metrics.begin(), metric::department_index);
    about.days = std::move(asked);
    about.by = grouping::department;
    auto reports = co_await values(about, std::move(who));
    if (!reports) co_return fail(reports.error());
    scorecards cards{{about.metrics.begin() + 1, about.metrics.end()}, {}};
    std::map<std::string, score_row> rows;
    std::map<std::string, std::string> parents;
    for (std::size_t i = 0; i < reports->size(); ++i)
        for (auto& each : (*reports)[i].rows) {
            if (each.key.empty()) continue;
            auto& row = rows[each.key];
            row.key = each.key;
            row.code = each.code;
            row.name = each.name;
            parents[each.key] = each.parent;
            row.figures.resize(cards.metrics.size());
            if (i == 0)
                row.score = each.now.value;
            else
                row.figures[i - 1] = each.now;
        }
    // Among its sisters: a department is no rival of what is below it.
    std::map<std::string, std::vector<score_row*>> sisters;
    for (auto& [key, row] : rows)
        sisters[parents[key]].push_back(&row);
    for (const auto& [parent, all] : sisters) {
        std::vector<std::optional<double>> scores;
        for (const auto* const each : all)
            scores.push_back(each->score);
        const auto places = domain::ranked(scores, true);
        for (std::size_t i = 0; i < places.size(); ++i)
            all[i]->place = places[i];
    }
    for (auto& [key, row] : rows)
        cards.rows.push_back(std::move(row));
    std::ranges::sort(cards.rows, {}, [](const score_row& r) { return std::pair(-r.score.value_or(-1), r.key); });
    co_return cards;
}

task<result<std::vector<queue_count>>> report_service::queues(domain::actor who)
{
    const auto allowed = co_await scope_of(std::move(who), std::nullopt);
    if (!allowed) co_return fail(allowed.error());
    const auto now = clock_.now();
    co_return co_await load_queues(db_, allowed->only, now, now + due_soon_within);
}

task<result<live_board>> report_service::board(std::string time_zone, domain::actor who)
{
    if (!domain::is_time_zone(time_zone)) co_return refuse("tz", "is no time zone");
    const auto allowed = co_await scope_of(who, std::nullopt);
    if (!allowed) co_return fail(allowed.error());
    live_board made;
    made.at = clock_.now();
    domain::local_day today{};
    made.time_zone = today_in(time_zone, made.at, today);

    const auto all = co_await load_queues(db_, allowed->only, made.at, made.at + due_soon_within);
    if (!all) co_return fail(all.error());
    std::map<std::pair<std::string, std::optional<department_id>>, queue_count> by_place;
    for (const auto& each : *all) {
        auto& into = by_place[{each.status, each.department}];
        into.status = each.status;
        into.department = each.department;
        into.tickets += each.tickets;
        into.overdue += each.overdue;
        into.due_soon += each.due_soon;
        made.open += each.tickets;
        made.overdue += each.overdue;
        made.due_soon += each.due_soon;
    }
    for (auto& [place, count] : by_place)
        made.queues.push_back(std::move(count));

    const auto ages = co_await load_ages_in_days(db_, allowed->only, made.at);
    if (!ages) co_return fail(ages.error());
    for (const auto& [whole_days, count] : *ages)
        made.ageing[domain::age_of(made.at - days(whole_days), made.at)] += count;

    const period of_today{time_zone, today, today};
    const auto intake = co_await load_intake(db_, until_now(span_of(of_today), made.at), time_zone);
    if (!intake) co_return fail(intake.error());
    made.intake = *intake;
    const auto before = co_await load_intake(db_, span_of({time_zone, today - days(7), today - days(7)}), time_zone);
    if (!before) co_return fail(before.error());
    made.intake_before = *before;
    auto alarms = co_await load_alarms(db_, allowed->only);
    if (!alarms) co_return fail(alarms.error());
    made.alarms = std::move(*alarms);
    if (!allowed->only) {
        const auto triage = co_await load_triage(db_);
        if (!triage) co_return fail(triage.error());
        made.triage = *triage;
    }

    question about;
    about.metrics = {metric::tickets,        metric::closed,      metric::on_time,
                     metric::satisfied_rate, metric::rework_rate, metric::return_rate};
    about.days = of_today;
    auto figures = co_await values(about, who);
    if (!figures) co_return fail(figures.error());
    made.today = std::move(*figures);

    auto ranking = co_await department_cards({time_zone, today - days(ranking_days - 1), today}, std::move(who));
    if (!ranking) co_return fail(ranking.error());
    made.ranking = std::move(*ranking);
    co_return made;
}

} // namespace huiyin::report
