#pragma once

#include <huiyin/report/report_service.hpp>

namespace huiyin::report {

struct cell
{
    domain::tally counted;
    /// Where the middle one is asked for.
    std::vector<double> parts;
};
/// By key of the grouping, then by the metric that contributed it.
using cells = std::map<std::string, std::map<domain::metric, cell>>;

/// Which departments' figures; empty: all, and what belongs to none.
using departments = std::optional<std::vector<department_id>>;

task<result<cells>> load_counts(pg::database& db, std::vector<domain::metric> metrics, bool with_parts, span in,
                                grouping by, filter of, departments only);

task<result<std::vector<counted_ticket>>> load_counted(pg::database& db, domain::metric of, span in, filter with,
                                                       departments only, std::optional<report_service::mark> after,
                                                       std::size_t limit);

/// A contact with what groups it.
struct known_contact
{
    domain::contact_fact fact;
    std::string number;
    std::string channel;
    std::string priority;
    std::optional<department_id> department;
    std::optional<user_id> handler;
};
/// What fcr_by_repeat and repeat_complainants need for this span.
task<result<std::vector<known_contact>>> load_contacts(pg::database& db, span in);

/// Tickets open now.
task<result<cells>> load_backlog(pg::database& db, grouping by, filter of, departments only);
task<result<std::vector<counted_ticket>>> load_open(pg::database& db, filter of, departments only,
                                                    std::optional<report_service::mark> after, std::size_t limit);

task<result<std::vector<queue_count>>> load_queues(pg::database& db, departments only, instant now, instant soon);
task<result<std::map<std::int64_t, std::int64_t>>> load_ages_in_days(pg::database& db, departments only, instant now);
task<result<triage_count>> load_triage(pg::database& db);
task<result<std::vector<intake_count>>> load_intake(pg::database& db, span in, std::string time_zone);

task<result<std::map<std::string, std::string>>> load_person_names(pg::database& db, std::vector<std::string> ids);

} // namespace huiyin::report
