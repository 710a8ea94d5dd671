#pragma once

#include <huiyin/base/error.hpp>
#include <huiyin/base/time.hpp>
#include <huiyin/domain/actor.hpp>
#include <huiyin/domain/calendar.hpp>
#include <huiyin/domain/kpi.hpp>
#include <huiyin/pg/database.hpp>
#include <huiyin/ticket/configuration.hpp>

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace huiyin::report {

/// Whole days on the wall of a time zone, both included; at most 1100 of them.
struct period
{
    std::string time_zone;
    domain::local_day first;
    domain::local_day last;
};
/// Errors: `invalid_field` (fact `field` = tz, from or to).
result<void> check_period(const period& days);

struct span
{
    instant from;
    instant to;
};
span span_of(const period& days);
/// As many days just before.
period before(const period& days);

enum class grouping { none, department, category, channel, priority, person };
} // namespace huiyin::report

namespace huiyin::domain {
template <>
struct names<report::grouping>
{
    static constexpr auto of =
        std::to_array<std::string_view>({"none", "department", "category", "channel", "priority", "person"});
};
} // namespace huiyin::domain

namespace huiyin::report {

struct filter
{
    /// With all below it.
    std::optional<department_id> department;
    std::optional<std::string> category;
    std::optional<std::string> channel;
    std::optional<std::string> priority;
    std::optional<user_id> person;
};

struct question
{
    std::vector<domain::metric> metrics;
    period days;
    grouping by = grouping::none;
    report::filter filter;
    /// How many customers the house serves, for complaints_per_10000; none: it has no value.
    std::optional<double> customers;
};

struct figure
{
    domain::tally counted;
    std::optional<double> value;
};

struct figure_row
{
    /// Id, code, or empty: nobody's, unknown.
    std::string key;
    /// A department's code and name by language, or a person's name.
    std::string code;
    std::map<std::string, std::string> name;
    /// Of a department: the key of the one above.
    std::string parent;
    figure now;
    figure before;
};

struct metric_report
{
    domain::metric what{};
    figure now;
    figure before;
    /// By key. A department's figures are those of all below it, too.
    std::vector<figure_row> rows;
};

struct counted_ticket
{
    /// Empty: a contact without a ticket.
    std::optional<ticket_id> ticket;
    std::string number;
    instant at;
    double part = 0;
    double whole = 0;
    /// For the next page.
    uuid subject;
    int n = 0;
};

struct score_row
{
    std::string key;
    std::string code;
    std::map<std::string, std::string> name;
    /// In the order of the card's metrics.
    std::vector<figure> figures;
    /// Attainment of the goals, 1 is all of them; of a department its index, 0 to 100.
    std::optional<double> score;
    domain::place place;
};

struct scorecards
{
    std::vector<domain::metric> metrics;
    std::vector<score_row> rows;
};

/// What a navigation shows: tickets of one status, department and handler, by when they are due.
struct queue_count
{
    std::string status;
    std::optional<department_id> department;
    std::optional<user_id> handler;
    std::int64_t tickets = 0;
    std::int64_t overdue = 0;
    std::int64_t due_soon = 0;
};

struct intake_count
{
    std::string channel;
    int hour = 0;
    std::int64_t contacts = 0;
};

/// What waits for the desk, without a department.
struct triage_count
{
    std::int64_t classification = 0; ///< Status new.
    std::int64_t judgement = 0;      ///< Status triage, not judged valid yet.
    std::int64_t dispatch = 0;       ///< Status triage, judged valid.
};

/// What stands over a threshold since it crossed it (report/alarm.hpp).
struct alarm
{
    std::string measure;                     ///< overdue, at_desk.
    std::optional<department_id> department; ///< Empty: of the house.
    std::int64_t threshold = 0;
    instant since;
    std::int64_t reached = 0; ///< When it crossed.
};

struct live_board
{
    instant at;
    std::string time_zone;
    std::int64_t open = 0;
    std::int64_t overdue = 0;
    std::int64_t due_soon = 0;
    /// Open tickets by status and department.
    std::vector<queue_count> queues;
    std::map<domain::age_class, std::int64_t> ageing;
    /// Nothing where the reader sees some departments only.
    triage_count triage;
    /// The latest crossing first.
    std::vector<alarm> alarms;
    /// Of today.
    std::vector<intake_count> intake;
    /// Of the same weekday last week, the whole day.
    std::vector<intake_count> intake_before;
    std::vector<metric_report> today;
    /// Departments by their index of the last 30 days.
    scorecards ranking;
};

/// What is read as people's goals where nobody names others.
std::vector<domain::goal> usual_goals();

/// Reads the projection. Everything is asked for by an actor: whoever may `report_read` everywhere gets everything, a
/// leader his departments and those below them. One per reactor.
class report_service
{
public:
    report_service(pg::database& db, ticket::configurations& rules, const clock& time)
        : db_(db), rules_(rules), clock_(time)
    {}

    /// Errors of all: `not_found` where the actor may not, `invalid_field` (fact `field`), those of the database.
    task<result<std::vector<metric_report>>> values(question asked, domain::actor who);

    /// Exactly what `values` counted of this metric, in the order of time. A composed figure has none of its own
    /// (`invalid_field`). `after`: at, subject and n of the last one of the page before.
    struct mark
    {
        instant at;
        uuid subject;
        int n = 0;
    };
    task<result<std::vector<counted_ticket>>> tickets(domain::metric of, period days, report::filter filter,
                                                      std::optional<mark> after, std::size_t limit, domain::actor who);

    /// Persons by their goals, best first; every goal's metric must be contributed by tickets.
    task<result<scorecards>> person_cards(period days, std::vector<domain::goal> goals, report::filter filter,
                                          domain::actor who);
    /// Departments by their index.
    task<result<scorecards>> department_cards(period days, domain::actor who);

    task<result<live_board>> board(std::string time_zone, domain::actor who);

    /// Every number of a navigation by one statement.
    task<result<std::vector<queue_count>>> queues(domain::actor who);

private:
    struct scope;
    task<result<scope>> scope_of(domain::actor who, std::optional<department_id> below);

    pg::database& db_;
    ticket::configurations& rules_;
    const clock& clock_;
};

} // namespace huiyin::report
