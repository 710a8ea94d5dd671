#include "change.hpp"

#include <huiyin/people/saved_view.hpp>

namespace huiyin::people {

namespace {

using domain::role;

constexpr pg::statement lock_view_owner{"saved_view.lock_owner",
                                        "SELECT 1 FROM user_account WHERE id = $1 FOR NO KEY UPDATE"};

constexpr pg::statement list_view_rows{"saved_view.list", R"sql(
    SELECT v.id, v.owner, u.display_name, v.name, v.filter::text, v.shared, v.department, v.version, v.changed_at
      FROM (SELECT * FROM saved_view WHERE owner = $1
            UNION
            SELECT * FROM saved_view WHERE shared = 'department' AND department = ANY ($2::uuid[])
            UNION
            SELECT * FROM saved_view WHERE shared = 'all') v
      JOIN user_account u ON u.id = v.owner
     ORDER BY v.name, v.id LIMIT 1000)sql"};

constexpr pg::statement find_view_row{"saved_view.find", R"sql(
    SELECT v.id, v.owner, u.display_name, v.name, v.filter::text, v.shared, v.department, v.version, v.changed_at
      FROM saved_view v JOIN user_account u ON u.id = v.owner WHERE v.id = $1)sql"};

constexpr pg::statement count_view_rows{"saved_view.count", "SELECT count(*) FROM saved_view WHERE owner = $1"};

constexpr pg::statement insert_view_row{"saved_view.insert", R"sql(
    INSERT INTO saved_view (id, owner, name, filter, shared, department, changed_at)
    VALUES ($1, $2, $3, $4::jsonb, $5, $6, $7))sql"};

constexpr pg::statement update_view_row{"saved_view.update", R"sql(
    UPDATE saved_view SET name = $3, filter = $4::jsonb, shared = $5, department = $6, changed_at = $7, version = version + 1
     WHERE id = $1 AND version = $2)sql"};

constexpr pg::statement delete_view_row{"saved_view.delete", "DELETE FROM saved_view WHERE id = $1 AND version = $2"};

saved_view view_from(const pg::row& row)
{
    saved_view found;
    found.id = row.get<view_id>(0);
    found.owner = row.get<user_id>(1);
    found.owner_name = row.get<std::string>(2);
    found.what.name = row.get<std::string>(3);
    found.what.filter = row.get<std::string>(4);
    found.what.shared = domain::parse_name<view_sharing>(row.get<std::string>(5)).value();
    found.what.department = row.get<std::optional<department_id>>(6);
    found.version = row.get<std::int64_t>(7);
    found.changed_at = row.get<instant>(8);
    return found;
}

result<void> may_share(const view_content& what, const domain::actor& who)
{
    if ((what.shared == view_sharing::department) != what.department.has_value())
        return invalid("department_id", "belongs to what is shared with a department");
    if (what.shared == view_sharing::private_) return {};
    const bool shares_everywhere = who.roles.has(role::supervisor) || who.roles.has(role::administrator);
    const bool leads =
        who.roles.has(role::department_leader) && (!what.department || who.leads_department(*what.department));
    if (!shares_everywhere && !leads) return fail(errc::forbidden, "he may not share it");
    return {};
}

std::unexpected<error> stale(const saved_view& kept)
{
    return fail(error{errc::stale_version, {}, {}}
                    .with("version", std::to_string(kept.version))
                    .with("changed_by", kept.owner.to_string())
                    .with("changed_at", to_rfc3339(kept.changed_at)));
}

std::unexpected<error> no_department(error e)
{
    if (e.code == errc::constraint_violated && e.detail == "saved_view_department_fkey")
        return invalid("department_id", "does not exist");
    return fail(std::move(e));
}

task<result<saved_view>> find_view(pg::database& db, view_id id)
{
    const auto found = co_await db.run(find_view_row, pg::params(id));
    if (!found) co_return fail(found.error());
    if (found->empty()) co_return fail(errc::not_found);
    co_return view_from(found->front());
}

} // namespace

task<result<std::vector<saved_view>>> list_views(pg::database& db, domain::actor who)
{
    const auto found = co_await db.run(list_view_rows, pg::params(who.id, who.departments));
    if (!found) co_return fail(found.error());
    std::vector<saved_view> views;
    for (const auto row : *found)
        views.push_back(view_from(row));
    co_return views;
}

task<result<saved_view>> save_view(pg::database& db, view_content what, domain::actor who, instant now)
{
    if (auto may = may_share(what, who); !may) co_return fail(may.error());
    auto tx = co_await db.begin();
    if (!tx) co_return fail(tx.error());
    pg::batch reads;
    reads.add(lock_view_owner, pg::params(who.id)).add(count_view_rows, pg::params(who.id));
    const auto counted = co_await tx->run(std::move(reads));
    if (!counted) co_return fail(counted.error());
    if ((*counted)[1].front().get<std::size_t>(0) >= most_views) co_return fail(errc::limit_reached, "saved views");
    const auto id = view_id::make();
    pg::batch last;
    last.add(insert_view_row,
             pg::params(id, who.id, what.name, what.filter, domain::to_string(what.shared), what.department, now));
    const auto done = co_await tx->commit(std::move(last));
    if (!done) co_return no_department(done.error());
    co_return co_await find_view(db, id);
}

task<result<saved_view>> change_view(pg::database& db, view_id id, std::int64_t seen, view_content what,
                                     domain::actor who, instant now)
{
    const auto kept = co_await find_view(db, id);
    if (!kept) co_return fail(kept.error());
    if (!who.is(kept->owner)) co_return fail(errc::not_found, "somebody else's");
    if (kept->version != seen) co_return stale(*kept);
    if (auto may = may_share(what, who); !may) co_return fail(may.error());
    const auto done =
        co_await db.run(update_view_row, pg::params(id, seen, what.name, what.filter, domain::to_string(what.shared),
                                                    what.department, now));
    if (!done) co_return no_department(done.error());
    auto changed = co_await find_view(db, id);
    if (changed && done->affected() == 0) co_return stale(*changed);
    co_return changed;
}

task<result<void>> delete_view(pg::database& db, view_id id, std::int64_t seen, domain::actor who)
{
    const auto kept = co_await find_view(db, id);
    if (!kept) co_return fail(kept.error());
    const bool tidies = who.roles.has(role::administrator) && kept->what.shared != view_sharing::private_;
    if (!who.is(kept->owner) && !tidies) co_return fail(errc::not_found, "somebody else's");
    if (kept->version != seen) co_return stale(*kept);
    const auto done = co_await db.run(delete_view_row, pg::params(id, seen));
    if (!done) co_return fail(done.error());
    if (done->affected() > 0) co_return result<void>();
    const auto changed = co_await find_view(db, id);
    if (!changed) co_return fail(changed.error());
    co_return stale(*changed);
}

} // namespace huiyin::people
