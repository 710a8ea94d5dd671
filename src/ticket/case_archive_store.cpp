#include "case_archive.hpp"
#include "ticket_rows.hpp"

#include <initializer_list>

namespace huiyin::ticket {

using nlohmann::json;

namespace {

constexpr pg::statement insert_copies{"archive_copy.insert", R"sql(
    INSERT INTO archive_copy (ticket_id, holder, department, at, content)
    SELECT ticket_id, holder, department, at, content FROM jsonb_populate_recordset(NULL::archive_copy, $1))sql"};

using names = std::initializer_list<const char*>;

/// The solution, its result, and what the desk is judged by.
constexpr names desk_columns{
    "number",       "type",           "priority",      "category",           "channel",      "repeat",
    "validity",     "reported_at",    "closed_at",     "archived_at",        "closure",      "closure_reason",
    "problem",      "reply",          "replied_at",    "satisfaction",       "solved",       "score_result",
    "score_time",   "score_attitude", "fcr",           "urge_count",         "return_count", "reply_reject_count",
    "rework_cycle", "reopen_count",   "dispute_count", "department_changes", "breached",     "promise_breached",
    "card",         "lead_department"};
constexpr names desk_tables{"ticket_solution", "ticket_callback", "ticket_promise", "ticket_supervision"};
/// Why it happened, who answers for it, and how the department worked.
constexpr names department_columns{
    "number",      "type",           "priority",   "category",     "reported_at",        "closed_at",
    "archived_at", "problem",        "validity",   "root_cause",   "responsible_person", "no_responsible_reason",
    "reply",       "replied_at",     "replied_by", "rework_cycle", "return_count",       "extension_count",
    "breached",    "lead_department"};
constexpr names department_tables{"ticket_work_order", "ticket_judgement", "ticket_solution", "ticket_approval",
                                  "ticket_deadline",   "ticket_extension", "ticket_hold",     "ticket_ruling"};

json content_of(const json& rows, names columns, names tables)
{
    json content = json::object();
    const auto& ticket = rows.at("ticket");
    for (const auto* const each : columns)
        if (const auto found = ticket.find(each); found != ticket.end()) content["ticket"][each] = *found;
    for (const auto* const each : tables)
        if (const auto found = rows.find(each); found != rows.end()) content[each] = *found;
    return content;
}

bool archives(const commitment& c)
{
    return c.before && c.before->status == domain::ticket_status::closed &&
           c.decided.next.status == domain::ticket_status::archived;
}

} // namespace

void save_archive_copies(pg::batch& to, const std::vector<commitment>& all)
{
    json copies = json::array();
    for (const auto& each : all) {
        if (!archives(each)) continue;
        const auto& t = each.decided.next;
        const auto rows = rows_of(t);
        copies.push_back({{"ticket_id", t.id.to_string()},
                          {"holder", "desk"},
                          {"department", nullptr},
                          {"at", to_rfc3339(t.changed_at)},
                          {"content", content_of(rows, desk_columns, desk_tables)}});
        if (t.lead_department)
            copies.push_back({{"ticket_id", t.id.to_string()},
                              {"holder", "department"},
                              {"department", t.lead_department->to_string()},
                              {"at", to_rfc3339(t.changed_at)},
                              {"content", content_of(rows, department_columns, department_tables)}});
    }
    if (!copies.empty()) to.add(insert_copies, pg::params(copies.dump()));
}

} // namespace huiyin::ticket
