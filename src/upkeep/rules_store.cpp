#include <huiyin/upkeep/rules.hpp>

#include <algorithm>
#include <limits>

namespace huiyin::upkeep {

namespace {

using pg::params;
using pg::statement;

// Index event_of_kind: there is one such event for each version.
constexpr statement select_versions{"rules.versions", R"sql(
    SELECT p.version, p.name, p.applied_at, e.actor_kind, e.actor, u.display_name
      FROM pack p
      LEFT JOIN LATERAL (SELECT actor_kind, actor FROM event
                          WHERE kind = 'pack.applied' AND subject_version = p.version ORDER BY seq LIMIT 1) e ON true
      LEFT JOIN user_account u ON u.id = e.actor AND e.actor_kind = 'user'
     WHERE p.version < $1 ORDER BY p.version DESC LIMIT $2::int)sql"};

domain::actor_kind kind_from(std::string_view name)
{
    using enum domain::actor_kind;
    for (const auto each : {anonymous, customer, user, token})
        if (to_string(each) == name) return each;
    return system;
}

rules_version version_from(const pg::row& row)
{
    rules_version read;
    read.version = row.get<int>(0);
    read.pack = row.get<std::string>(1);
    read.applied_at = row.get<instant>(2);
    read.by.kind = kind_from(row.get<std::optional<std::string>>(3).value_or(""));
    read.by.id = row.get<std::optional<uuid>>(4).value_or(uuid());
    read.by.name = row.get<std::optional<std::string>>(5).value_or("");
    return read;
}

} // namespace

task<result<std::vector<rules_version>>> list_rules(pg::database& db, std::optional<int> before, std::size_t most)
{
    const auto below = static_cast<std::int64_t>(before.value_or(std::numeric_limits<int>::max()));
    const auto found = co_await db.run(select_versions, params(below, std::clamp<std::size_t>(most, 1, 200)));
    if (!found) co_return fail(found.error());
    std::vector<rules_version> all;
    for (const auto row : *found)
        all.push_back(version_from(row));
    co_return all;
}

task<result<std::optional<rules_version>>> find_rules(pg::database& db, int version)
{
    const auto found = co_await db.run(select_versions, params(std::int64_t{version} + 1, 1));
    if (!found) co_return fail(found.error());
    if (found->empty()) co_return std::optional<rules_version>();
    auto read = version_from(found->front());
    if (read.version != version) co_return std::optional<rules_version>();
    co_return read;
}

} // namespace huiyin::upkeep
