#include <huiyin/domain/kpi.hpp>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <utility>

namespace huiyin::domain {

namespace {

using namespace std::chrono_literals;
using std::chrono::days;

constexpr auto reopen_window = days(30);
constexpr auto repeat_window = days(30);
constexpr auto fcr_window = days(7);
constexpr auto fcr_matures = days(8);
constexpr double rounding = 1e-9;

bool is_complaint(const ticket& t)
{
    return t.type == ticket_type::complaint || t.type == ticket_type::report || t.type == ticket_type::appeal;
}

double seconds_of(std::chrono::microseconds time)
{
    return std::chrono::duration<double>(time).count();
}

/// The department's order that led at that moment.
const work_order* lead_at(const ticket& t, instant at)
{
    const work_order* found = nullptr;
    for (const auto& each : t.orders)
        if (each.kind == work_order_kind::lead && (each.opened_at <= at || !found)) found = &each;
    return found;
}

/// It is decided whether it was kept: or will be, if nothing happens until it is due.
bool counts(const ticket& t, const deadline& d)
{
    switch (d.state) {
    case deadline_state::cancelled: return false;
    case deadline_state::paused: return d.paused_at && *d.paused_at > d.due_at;
    case deadline_state::running: return !steps_wait(t, d);
    case deadline_state::met:
    case deadline_state::missed: break;
    }
    return true;
}

const deadline* first_of(const ticket& t, deadline_kind kind)
{
    for (const auto& each : t.deadlines)
        if (each.kind == kind && each.state != deadline_state::cancelled) return &each;
    return nullptr;
}

std::optional<metric> timer_metric(deadline_kind kind)
{
    switch (kind) {
    case deadline_kind::first_response: return metric::on_time_first_response;
    case deadline_kind::dispatch: return metric::on_time_dispatch;
    case deadline_kind::accept: return metric::on_time_accept;
    case deadline_kind::contact_customer: return metric::on_time_contact;
    case deadline_kind::on_site: return metric::on_time_on_site;
    case deadline_kind::solution: return metric::on_time_solution;
    case deadline_kind::approve: return metric::on_time_approve;
    case deadline_kind::rework: return metric::on_time_rework;
    case deadline_kind::progress_update: return metric::on_time_progress;
    case deadline_kind::urge_reply: return metric::on_time_urge_reply;
    case deadline_kind::supervision_reply: return metric::on_time_supervision_reply;
    case deadline_kind::callback: return metric::on_time_callback;
    case deadline_kind::review: return metric::on_time_review;
    case deadline_kind::invalid_reply: return metric::on_time_invalid_reply;
    case deadline_kind::resolve:     // `on_time`: once per ticket
    case deadline_kind::promise_due: // `promise_kept`
    case deadline_kind::return_window:
    case deadline_kind::hold_max:
    case deadline_kind::archive:
    case deadline_kind::fallback: break;
    }
    return std::nullopt;
}

bool is_desk_work(deadline_kind kind)
{
    switch (kind) {
    case deadline_kind::first_response:
    case deadline_kind::dispatch:
    case deadline_kind::callback:
    case deadline_kind::review:
    case deadline_kind::invalid_reply: return true;
    default: return false;
    }
}

/// The first closing, and the reopening after it.
struct ending
{
    instant at;
    std::optional<instant> reopened_at;
};
std::optional<ending> first_ending(const ticket& t)
{
    for (std::size_t i = 0; i < t.spells.size(); ++i) {
        if (t.spells[i].held_by != holder::rest) continue;
        ending found{t.spells[i].from, std::nullopt};
        if (i + 1 < t.spells.size()) found.reopened_at = t.spells[i + 1].from;
        return found;
    }
    // From before spells were kept.
    if (t.closed_at) return ending{*t.closed_at, std::nullopt};
    return std::nullopt;
}

class counting
{
public:
    counting(const ticket& t, const business_clock& open_time) : t_(t), open_time_(open_time) {}

    std::vector<contribution> run()
    {
        count_arrival();
        count_clocks();
        count_ending();
        count_callbacks();
        count_departments();
        count_judgements();
        count_promises();
        return std::move(found_);
    }

private:
    void add(metric what, instant at, double part, double whole, std::optional<department_id> department,
             std::optional<user_id> person)
    {
        found_.push_back({what, at, part, whole, department, person});
    }
    void add_led(metric what, instant at, double part, double whole = 1)
    {
        const auto* const order = lead_at(t_, at);
        add(what, at, part, whole, order ? std::optional(order->department) : std::nullopt,
            order ? order->handler : std::nullopt);
    }
    void add_clock(metric what, const deadline& d, instant due, bool kept)
    {
        if (is_desk_work(d.kind)) return add(what, due, kept, 1, std::nullopt, std::nullopt);
        const auto* const order = lead_at(t_, d.started_at);
        add(what, due, kept, 1, order ? std::optional(order->department) : std::nullopt,
            order ? order->handler : std::nullopt);
    }

    void count_arrival()
    {
        const auto at = t_.reported_at;
        const auto department = t_.lead_department;
        const auto of_all = [&](metric what, bool part) { add(what, at, part, 1, department, t_.handler); };
        of_all(metric::tickets, true);
        if (is_complaint(t_)) of_all(metric::complaints, true);
        of_all(metric::ping_pong_rate, t_.department_changes >= 3);
        of_all(metric::urge_rate, t_.urge_count >= 1);
    }

    void count_clocks()
    {
        if (const auto* const d = first_of(t_, deadline_kind::resolve); d && counts(t_, *d)) {
            const bool extended =
                std::ranges::any_of(t_.extensions, [](const auto& e) { return e.state == request_state::granted; });
            add_clock(metric::on_time, *d, d->due_at, d->stopped_at && *d->stopped_at <= d->due_at);
            add_clock(metric::on_time_original, *d, d->original_due_at,
                      d->stopped_at && *d->stopped_at <= d->original_due_at);
            add_clock(metric::extension_rate, *d, d->due_at, extended);
        }
        if (const auto* const d = first_of(t_, deadline_kind::contact_customer); d && counts(t_, *d))
            add_clock(metric::response_rate, *d, d->due_at, d->state == deadline_state::met);
        for (const auto& d : t_.deadlines)
            if (const auto what = timer_metric(d.kind); what && counts(t_, d))
                add_clock(*what, d, d.due_at, d.state == deadline_state::met);
    }

    void count_ending()
    {
        const auto ended = first_ending(t_);
        if (!ended) return;
        const auto took = ended->at - t_.reported_at;
        add_led(metric::closed, ended->at, 1);
        add_led(metric::within_limit, ended->at, took <= (t_.vip ? 24h : 48h));
        add_led(metric::reopen_rate, ended->at, ended->reopened_at && *ended->reopened_at - ended->at <= reopen_window);
        add_led(metric::resolve_mean, ended->at, seconds_of(took));
        const auto* const clock = first_of(t_, deadline_kind::resolve);
        if (const auto open = open_time_(clock ? std::string_view(clock->calendar) : "", t_.reported_at, ended->at))
            add_led(metric::resolve_business_mean, ended->at, seconds_of(*open));
        // Until the first closing only: later turns belong to a later story.
        auto until_then = t_;
        std::erase_if(until_then.spells, [&](const auto& s) { return s.from >= ended->at; });
        until_then.status = ticket_status::closed;
        until_then.closed_at = ended->at;
        for (const auto& share : time_shares(until_then, ended->at))
            add(metric::holding_time, ended->at, seconds_of(share.time), 1, share.department, std::nullopt);
    }

    void count_callbacks()
    {
        const auto asks_back = [&](const deadline& d) {
            return std::ranges::any_of(t_.callbacks, [&](const auto& c) {
                return c.about_withdrawal && c.at >= d.started_at && (!d.stopped_at || c.at <= *d.stopped_at);
            });
        };
        const auto is_attempt = [](const auto& c) { return !c.about_withdrawal; };
        const auto first_attempt = std::ranges::find_if(t_.callbacks, is_attempt);
        const bool attempted = first_attempt != t_.callbacks.end();
        const bool answered = t_.replied_at || t_.rework_cycle > 0 || attempted;
        for (const auto& d : t_.deadlines) {
            if (d.kind != deadline_kind::callback || !answered || !counts(t_, d) || asks_back(d)) continue;
            add(metric::callback_rate, d.due_at, attempted, 1, std::nullopt, std::nullopt);
            break;
        }
        if (attempted) {
            const bool reached = std::ranges::any_of(
                t_.callbacks, [&](const auto& c) { return is_attempt(c) && c.outcome == callback_outcome::reached; });
            add(metric::callback_success, first_attempt->at, reached, 1, std::nullopt,
                first_attempt->caller.is_nil() ? std::nullopt : std::optional(first_attempt->caller));
        }
        bool worked_again = false;
        for (const auto& c : t_.callbacks) {
            if (c.about_withdrawal || c.disputed || c.outcome != callback_outcome::reached || !c.said) continue;
            count_answers(c.at, *c.said, c.verdict);
            const bool again = c.verdict == satisfaction_level::unsatisfied && !worked_again;
            worked_again = worked_again || again;
            add_led(metric::rework_rate, c.at, again);
        }
    }

    void count_answers(instant at, const answers& said, satisfaction_level verdict)
    {
        if (said.solved != solved_answer::unasked)
            add_led(metric::solved_rate, at,
                    said.solved == solved_answer::yes      ? 1
                    : said.solved == solved_answer::partly ? 0.5
                                                           : 0);
        // By what the customer said of the result; who gave no rating is not counted.
        if (said.result && verdict != satisfaction_level::unknown)
            add_led(metric::satisfied_rate, at, verdict == satisfaction_level::satisfied);
        const auto score = [&](const std::optional<int>& given, metric mean, metric top, metric low) {
            if (!given) return;
            add_led(mean, at, *given);
            add_led(top, at, *given >= 4);
            add_led(low, at, *given <= 2);
        };
        score(said.result, metric::csat_result, metric::top2_result, metric::dsat_result);
        score(said.time, metric::csat_time, metric::top2_time, metric::dsat_time);
        score(said.attitude, metric::csat_attitude, metric::top2_attitude, metric::dsat_attitude);
    }

    void count_departments()
    {
        for (const auto& each : t_.orders)
            if (each.kind == work_order_kind::lead)
                add(metric::return_rate, each.opened_at, each.state == work_order_state::returned, 1, each.department,
                    each.handler);
        // Each rework began with a verdict on a reply that had passed.
        const auto at = standing(t_);
        const bool has_passed =
            t_.replied_at && t_.closure != ticket_closure::withdrawn &&
            (at == ticket_status::callback_pending || at == ticket_status::closed || at == ticket_status::archived);
        const int passed = t_.rework_cycle + (has_passed ? 1 : 0);
        if (const int reviewed = t_.reply_reject_count + passed; reviewed > 0)
            add_led(metric::reply_pass_rate, t_.replied_at.value_or(t_.changed_at), passed, reviewed);
        for (const auto& each : t_.rulings)
            add(metric::rulings_lost, each.at, 1, 1,
                each.at_fault == fault_side::department ? each.department : std::nullopt, std::nullopt);
    }

    void count_judgements()
    {
        const auto judged = [](const judgement& j) { return j.validity != ticket_validity::unjudged; };
        const auto last = std::ranges::find_if(t_.judgements.rbegin(), t_.judgements.rend(), judged);
        if (last != t_.judgements.rend())
            add(metric::validity_rate, last->at, last->validity == ticket_validity::valid, 1, t_.lead_department,
                std::nullopt);
        const auto invalid = std::ranges::find(t_.judgements, ticket_validity::invalid, &judgement::validity);
        if (invalid != t_.judgements.end())
            add(metric::invalid_overturned, invalid->at,
                std::any_of(invalid, t_.judgements.end(),
                            [](const auto& j) { return j.validity == ticket_validity::valid; }),
                1, t_.lead_department, std::nullopt);
    }

    void count_promises()
    {
        for (const auto& each : t_.promises) {
            if (each.released_at && *each.released_at <= each.due_at) continue;
            const auto* const order = lead_at(t_, each.made_at);
            add(metric::promise_kept, each.due_at, each.fulfilled_at && *each.fulfilled_at <= each.due_at, 1,
                order ? std::optional(order->department) : std::nullopt,
                each.made_by.is_nil() ? std::nullopt : std::optional(each.made_by));
        }
    }

    const ticket& t_;
    const business_clock& open_time_;
    std::vector<contribution> found_;
};

} // namespace

std::vector<contribution> contributions(const ticket& t, const business_clock& open_time)
{
    if (t.imported || t.status == ticket_status::merged) return {};
    return counting(t, open_time).run();
}

tally& tally::operator+=(const tally& other)
{
    part += other.part;
    whole += other.whole;
    count += other.count;
    return *this;
}

std::optional<double> quotient(double part, double whole)
{
    if (whole == 0) return std::nullopt;
    return part / whole;
}

std::optional<double> value_of(const metric_info& info, const tally& counted)
{
    switch (info.kind) {
    case metric_kind::quotient:
    case metric_kind::contacts: return quotient(counted.part, counted.whole);
    case metric_kind::sum:
    case metric_kind::present: return counted.part;
    case metric_kind::median:
    case metric_kind::composed: break;
    }
    return std::nullopt;
}

std::optional<double> median(std::vector<double> values)
{
    if (values.empty()) return std::nullopt;
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::ranges::nth_element(values, middle);
    if (values.size() % 2 == 1) return *middle;
    return (*std::max_element(values.begin(), middle) + *middle) / 2;
}

std::optional<contact_fact> contact_of(const ticket& t)
{
    if (t.imported) return std::nullopt;
    contact_fact made{.ticket = t.id,
                      .customer = t.customer,
                      .topic = t.category,
                      .at = t.reported_at,
                      .resolved_at = std::nullopt,
                      .reopened_at = std::nullopt,
                      .complaint = is_complaint(t),
                      .merged = t.status == ticket_status::merged};
    if (const auto ended = first_ending(t); ended && t.closure != ticket_closure::withdrawn) {
        made.resolved_at = ended->at;
        made.reopened_at = ended->reopened_at;
    }
    return made;
}

matched_contacts fcr_by_repeat(std::span<const contact_fact> all, instant from, instant to, instant now)
{
    std::map<std::pair<customer_id, std::string>, std::vector<instant>> came;
    for (const auto& each : all) {
        if (each.customer.is_nil()) continue;
        auto& times = came[{each.customer, each.topic}];
        times.push_back(each.at);
        if (each.reopened_at) times.push_back(*each.reopened_at);
    }
    matched_contacts found;
    for (const auto& each : all) {
        if (each.merged || each.customer.is_nil() || !each.resolved_at) continue;
        const auto at = *each.resolved_at;
        if (at < from || at >= to || now < at + fcr_matures) continue;
        const bool again = std::ranges::any_of(came[{each.customer, each.topic}],
                                               [&](instant c) { return c > at && c <= at + fcr_window; });
        found.whole.push_back(each.ticket);
        if (!again) found.part.push_back(each.ticket);
    }
    found.counted = {static_cast<double>(found.part.size()), static_cast<double>(found.whole.size()),
                     static_cast<std::int64_t>(found.whole.size())};
    return found;
}

matched_contacts repeat_complainants(std::span<const contact_fact> all, instant from, instant to)
{
    std::vector<const contact_fact*> complaints;
    for (const auto& each : all)
        if (each.complaint && !each.customer.is_nil() && each.at < to) complaints.push_back(&each);
    std::ranges::sort(complaints, {}, [](const auto* c) { return std::pair(c->at, c->ticket); });
    struct person
    {
        std::map<std::string, instant> last;
        std::optional<ticket_id> first_counted;
        bool repeated = false;
    };
    std::map<customer_id, person> people;
    for (const auto* const each : complaints) {
        auto& who = people[each->customer];
        const auto before = who.last.find(each->topic);
        if (each->at >= from) {
            if (!who.first_counted) who.first_counted = each->ticket;
            if (before != who.last.end() && each->at - before->second <= repeat_window) who.repeated = true;
        }
        who.last.insert_or_assign(each->topic, each->at);
    }
    matched_contacts found;
    for (const auto& [id, who] : people) {
        if (!who.first_counted) continue;
        found.whole.push_back(*who.first_counted);
        if (who.repeated) found.part.push_back(*who.first_counted);
    }
    found.counted = {static_cast<double>(found.part.size()), static_cast<double>(found.whole.size()),
                     static_cast<std::int64_t>(found.whole.size())};
    return found;
}

std::optional<double> three_rates(std::optional<double> response, std::optional<double> solved,
                                  std::optional<double> satisfied, const three_rates_weights& by)
{
    if (!response || !solved || !satisfied) return std::nullopt;
    return by.response * *response + by.solved * *solved + by.satisfied * *satisfied;
}

std::optional<double> per_10000(double complaints, double customers)
{
    const auto share = quotient(complaints, customers);
    return share ? std::optional(*share * 10'000) : std::nullopt;
}

silent_customers silent_estimate(double complaints)
{
    const auto problems = complaints / 0.08;
    return {problems, problems * 0.69};
}

std::optional<double> department_index(const department_figures& of, const department_weights& by)
{
    double points = 0;
    double weights = 0;
    const auto add = [&](const std::optional<double>& share, double weight) {
        if (!share) return;
        points += *share * weight;
        weights += weight;
    };
    const auto of_score = [](const std::optional<double>& s) { return s ? std::optional((*s - 1) / 4) : std::nullopt; };
    add(of_score(of.csat), by.csat);
    add(of.on_time, by.on_time);
    add(of.reply_pass, by.reply_pass);
    add(of_score(of.internal_csat), by.internal_csat);
    const auto share = quotient(points, weights);
    if (!share) return std::nullopt;
    const auto off = of.rulings_lost * by.per_ruling_lost + of.promises_broken * by.per_promise_broken;
    return std::clamp(*share * 100 - off, 0.0, 100.0);
}

bool is_service(metric m)
{
    switch (m) {
    case metric::tickets:
    case metric::complaints:
    case metric::closed:
    case metric::complaints_per_10000:
    case metric::silent_estimate:
    case metric::validity_rate:
    case metric::e_ticket_share:
    case metric::backlog: return false;
    default: return true;
    }
}

result<void> check_goals(const std::vector<goal>& goals)
{
    const auto refuse = [](std::string reason) {
        return fail(error{errc::invalid_field, reason, {{"field", "weights"}, {"reason", reason}}});
    };
    if (goals.empty() || goals.size() > 20) return refuse("1 to 20 goals");
    std::set<metric> seen;
    double all = 0;
    double service = 0;
    for (const auto& each : goals) {
        if (!(each.weight > 0) || !(each.target > 0) || !std::isfinite(each.weight) || !std::isfinite(each.target))
            return refuse("weights and targets are above 0");
        if (!seen.insert(each.what).second) return refuse("each metric once");
        all += each.weight;
        if (is_service(each.what)) service += each.weight;
    }
    if (std::abs(all - 1) > rounding) return refuse("the weights add up to 1");
    if (service < 0.20 - rounding) return refuse("service weighs at least 0.20");
    return {};
}

double attainment(const goal& of, double value)
{
    const bool more = info_of(of.what).more_is_better;
    if (!more && value <= 0) return 1.2;
    return std::clamp(more ? value / of.target : of.target / value, 0.0, 1.2);
}

std::optional<double> score(const std::vector<goal>& goals, const std::vector<std::optional<double>>& values,
                            double taken_off)
{
    double reached = 0;
    double weights = 0;
    for (std::size_t i = 0; i < goals.size() && i < values.size(); ++i) {
        if (!values[i]) continue;
        reached += goals[i].weight * attainment(goals[i], *values[i]);
        weights += goals[i].weight;
    }
    const auto share = quotient(reached, weights);
    return share ? std::optional(std::max(0.0, *share - taken_off)) : std::nullopt;
}

std::vector<place> ranked(const std::vector<std::optional<double>>& values, bool more_is_better)
{
    std::vector<double> order;
    for (const auto& each : values)
        if (each) order.push_back(*each);
    std::ranges::sort(order, [&](double a, double b) { return more_is_better ? a > b : a < b; });
    std::vector<place> places;
    for (const auto& each : values) {
        place p{0, false};
        if (each) {
            p.rank = 1 + static_cast<int>(std::ranges::find(order, *each) - order.begin());
            p.last = *each == order.back() && order.front() != order.back();
        }
        places.push_back(p);
    }
    return places;
}

age_class age_of(instant reported_at, instant now)
{
    const auto age = now - reported_at;
    if (age < days(1)) return age_class::under_1d;
    if (age < days(3)) return age_class::under_3d;
    if (age < days(7)) return age_class::under_7d;
    if (age < days(15)) return age_class::under_15d;
    if (age < days(30)) return age_class::under_30d;
    return age_class::older;
}

} // namespace huiyin::domain
