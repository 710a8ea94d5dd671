#include <huiyin/journal/event.hpp>
#include <huiyin/journal/last_change.hpp>

#include <stdexcept>

namespace huiyin::journal {

namespace {

constexpr std::size_t data_limit = 64 * 1024;

// PostgreSQL evaluates the defaults of INSERT … SELECT … ORDER BY after the sort, so seq rises in the order given.
constexpr pg::statement append_events{"journal.append", R"sql(
    INSERT INTO event (id, at, kind, subject, subject_version, actor_kind, actor, departments, assignee, confidential, data)
    SELECT id, at, kind, subject, subject_version, actor_kind, actor, departments::uuid[], assignee, confidential, data::jsonb
      FROM unnest($1::uuid[], $2::timestamptz[], $3::text[], $4::uuid[], $5::bigint[], $6::text[], $7::uuid[], $8::text[],
                  $9::uuid[], $10::boolean[], $11::text[]) WITH ORDINALITY
           AS given(id, at, kind, subject, subject_version, actor_kind, actor, departments, assignee, confidential, data, place)
     ORDER BY place)sql"};

// Index event_of_subject.
constexpr pg::statement select_last_change{"journal.last_change", R"sql(
    SELECT actor, actor_kind, at, kind FROM event WHERE subject = $1 ORDER BY seq DESC LIMIT 1)sql"};

std::string array_text(const std::vector<department_id>& departments)
{
    std::string text = "{";
    for (const auto& each : departments)
        text.append(text.size() > 1 ? "," : "").append(each.to_string());
    return text + "}";
}

} // namespace

void append(pg::batch& to, const std::vector<event>& events)
{
    if (events.empty()) return;
    std::vector<event_id> ids;
    std::vector<instant> ats;
    std::vector<std::string> kinds, actor_kinds, departments, datas;
    std::vector<uuid> subjects, actors;
    std::vector<std::int64_t> versions;
    std::vector<std::optional<user_id>> assignees;
    std::vector<bool> confidentials;
    for (const auto& each : events) {
        if (each.data.size() > data_limit) throw std::length_error("data of event " + each.kind + " is above 64 KiB");
        ids.push_back(each.id);
        ats.push_back(each.at);
        kinds.push_back(each.kind);
        subjects.push_back(each.subject);
        versions.push_back(each.subject_version);
        actor_kinds.emplace_back(domain::to_string(each.actor_kind));
        actors.push_back(each.actor);
        departments.push_back(array_text(each.audience.departments));
        assignees.push_back(each.audience.assignee);
        confidentials.push_back(each.audience.confidential);
        datas.push_back(each.data);
    }
    to.add(append_events, pg::params(ids, ats, kinds, subjects, versions, actor_kinds, actors, departments, assignees,
                                     confidentials, datas));
}

task<error> stale_change(pg::transaction& in, uuid subject, std::int64_t version)
{
    const auto found = co_await in.run(select_last_change, pg::params(subject));
    if (!found) co_return found.error();
    auto stale = error{errc::stale_version, "changed meanwhile", {}}.with("version", std::to_string(version));
    if (found->empty()) co_return stale;
    const auto row = found->front();
    co_return std::move(stale)
        .with("changed_by", row.get<uuid>(0).to_string())
        .with("changed_by_kind", row.get<std::string>(1))
        .with("changed_at", to_rfc3339(row.get<instant>(2)))
        .with("event", row.get<std::string>(3));
}

} // namespace huiyin::journal
