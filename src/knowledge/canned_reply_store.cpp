#include <huiyin/journal/event.hpp>
#include <huiyin/journal/last_change.hpp>
#include <huiyin/knowledge/canned_reply.hpp>

#include <nlohmann/json.hpp>

namespace huiyin::knowledge {

namespace {

using domain::role;
using pg::params;
using pg::statement;

constexpr statement lock_reply_owner{"canned_reply.lock_owner",
                                     "SELECT 1 FROM user_account WHERE id = $1 FOR NO KEY UPDATE"};

constexpr statement count_reply_rows{"canned_reply.count", "SELECT count(*) FROM canned_reply WHERE owner = $1"};

constexpr statement list_reply_rows{"canned_reply.list", R"sql(
    SELECT c.id, c.owner, u.display_name, c.name, c.body, c.categories, c.shared, c.department, c.version, c.changed_at
      FROM (SELECT * FROM canned_reply WHERE owner = $1
            UNION
            SELECT * FROM canned_reply WHERE shared = 'department' AND department = ANY ($2::uuid[])
            UNION
            SELECT * FROM canned_reply WHERE shared = 'all') c
      JOIN user_account u ON u.id = c.owner
     WHERE $3::text = '' OR c.categories = '{}' OR $3 = ANY (c.categories)
     ORDER BY c.name, c.id LIMIT 2000)sql"};

constexpr statement find_reply_row{"canned_reply.find", R"sql(
    SELECT c.id, c.owner, u.display_name, c.name, c.body, c.categories, c.shared, c.department, c.version, c.changed_at
      FROM canned_reply c JOIN user_account u ON u.id = c.owner WHERE c.id = $1)sql"};

constexpr statement lock_reply_row{"canned_reply.lock", "SELECT 1 FROM canned_reply WHERE id = $1 FOR UPDATE"};

constexpr statement insert_reply_row{"canned_reply.insert", R"sql(
    INSERT INTO canned_reply (id, owner, name, body, categories, shared, department, version, changed_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9))sql"};

constexpr statement update_reply_row{"canned_reply.update", R"sql(
    UPDATE canned_reply SET name = $2, body = $3, categories = $4, shared = $5, department = $6, version = $7, changed_at = $8
     WHERE id = $1)sql"};

constexpr statement delete_reply_row{"canned_reply.delete", "DELETE FROM canned_reply WHERE id = $1"};

canned_reply reply_from(const pg::row& row)
{
    canned_reply read;
    read.id = row.get<reply_id>(0);
    read.owner = row.get<user_id>(1);
    read.owner_name = row.get<std::string>(2);
    read.what.name = row.get<std::string>(3);
    read.what.body = row.get<std::string>(4);
    read.what.categories = row.get<std::vector<std::string>>(5);
    read.what.shared = domain::parse_name<reply_sharing>(row.get<std::string>(6)).value();
    read.what.department = row.get<std::optional<department_id>>(7);
    read.version = row.get<std::int64_t>(8);
    read.changed_at = row.get<instant>(9);
    return read;
}

result<void> may_share_reply(const reply_content& what, const domain::actor& who)
{
    if (what.shared == reply_sharing::private_) return {};
    const bool everywhere = who.roles.has(role::supervisor) || who.roles.has(role::administrator);
    const bool leads =
        who.roles.has(role::department_leader) && what.department && who.leads_department(*what.department);
    if (!everywhere && !leads) return fail(errc::forbidden, "he may not share it");
    return {};
}

bool may_use(const canned_reply& of, const domain::actor& who)
{
    if (who.is(of.owner)) return true;
    if (of.what.shared == reply_sharing::all) return true;
    return of.what.shared == reply_sharing::department && of.what.department && who.serves(*of.what.department);
}

bool may_change(const canned_reply& of, const domain::actor& who)
{
    return who.is(of.owner) || (who.roles.has(role::administrator) && of.what.shared != reply_sharing::private_);
}

std::unexpected<error> no_such_department(error e)
{
    if (e.code == errc::constraint_violated && e.detail == "canned_reply_department_fkey")
        return fail(
            error{errc::invalid_field, e.detail, {}}.with("field", "department_id").with("reason", "does not exist"));
    return fail(std::move(e));
}

/// Where it is, was or will be others' as well.
void tell(pg::batch& to, std::string kind, const canned_reply& of, bool was_shared, const domain::actor& who)
{
    if (of.what.shared == reply_sharing::private_ && !was_shared) return;
    journal::event made;
    made.at = of.changed_at;
    made.kind = std::move(kind);
    made.subject = of.id.value();
    made.subject_version = of.version;
    made.actor_kind = who.kind;
    made.actor = who.id;
    nlohmann::json data{{"shared", domain::to_string(of.what.shared)},
                        {"department", of.what.department ? nlohmann::json(of.what.department->to_string()) : nullptr},
                        {"categories", of.what.categories},
                        {"body_sha256", to_hex(sha256(of.what.body))}};
    made.data = data.dump();
    journal::append(to, {made});
}

task<result<canned_reply>> lock_reply(pg::transaction& tx, reply_id id, std::int64_t seen, const domain::actor& who)
{
    pg::batch reads;
    reads.add(lock_reply_row, params(id)).add(find_reply_row, params(id));
    const auto found = co_await tx.run(std::move(reads));
    if (!found) co_return fail(found.error());
    if ((*found)[1].empty()) co_return fail(errc::not_found, "no such reply");
    auto read = reply_from((*found)[1].front());
    if (!may_change(read, who)) co_return fail(errc::not_found, "somebody else's");
    if (read.version == seen) co_return read;
    if (read.what.shared != reply_sharing::private_)
        co_return fail(co_await journal::stale_change(tx, id.value(), read.version));
    // Of a private one there are no events, and nobody else may change it.
    co_return fail(error{errc::stale_version, {}, {}}
                       .with("version", std::to_string(read.version))
                       .with("changed_by", read.owner.to_string())
                       .with("changed_at", to_rfc3339(read.changed_at)));
}

} // namespace

task<result<std::vector<canned_reply>>> list_replies(pg::database& db, std::string category, domain::actor who)
{
    const auto found = co_await db.run(list_reply_rows, params(who.id, who.departments, category));
    if (!found) co_return fail(found.error());
    std::vector<canned_reply> all;
    for (const auto row : *found)
        all.push_back(reply_from(row));
    co_return all;
}

task<result<canned_reply>> load_reply(pg::database& db, reply_id id, domain::actor who)
{
    const auto found = co_await db.run(find_reply_row, params(id));
    if (!found) co_return fail(found.error());
    if (found->empty()) co_return fail(errc::not_found, "no such reply");
    auto read = reply_from(found->front());
    if (!may_use(read, who)) co_return fail(errc::not_found, "somebody else's");
    co_return read;
}

task<result<canned_reply>> save_reply(pg::database& db, reply_content what, domain::actor who, instant now)
{
    if (auto sound = check_reply(what); !sound) co_return fail(sound.error());
    if (auto may = may_share_reply(what, who); !may) co_return fail(may.error());
    auto tx = co_await db.begin();
    if (!tx) co_return fail(tx.error());
    pg::batch reads;
    reads.add(lock_reply_owner, params(who.id)).add(count_reply_rows, params(who.id));
    const auto counted = co_await tx->run(std::move(reads));
    if (!counted) co_return fail(counted.error());
    if ((*counted)[0].empty()) co_return fail(errc::not_found, "no user");
    if ((*counted)[1].front().get<std::size_t>(0) >= most_replies)
        co_return fail(errc::limit_reached, "canned replies");
    canned_reply made{.id = reply_id::make(),
                      .owner = user_id(who.id),
                      .owner_name = {},
                      .what = std::move(what),
                      .version = 1,
                      .changed_at = now};
    pg::batch last;
    last.add(insert_reply_row, params(made.id, made.owner, made.what.name, made.what.body, made.what.categories,
                                      domain::to_string(made.what.shared), made.what.department, made.version, now));
    tell(last, "canned_reply.written", made, false, who);
    const auto done = co_await tx->commit(std::move(last));
    if (!done) co_return no_such_department(done.error());
    co_return co_await load_reply(db, made.id, who);
}

task<result<canned_reply>> change_reply(pg::database& db, reply_id id, std::int64_t seen, reply_content what,
                                        domain::actor who, instant now)
{
    auto tx = co_await db.begin();
    if (!tx) co_return fail(tx.error());
    auto kept = co_await lock_reply(*tx, id, seen, who);
    if (!kept) co_return fail(kept.error());
    if (auto sound = check_reply(what); !sound) co_return fail(sound.error());
    if (auto may = may_share_reply(what, who); !may) co_return fail(may.error());
    const bool was_shared = kept->what.shared != reply_sharing::private_;
    kept->what = std::move(what);
    kept->version += 1;
    kept->changed_at = now;
    pg::batch last;
    last.add(update_reply_row, params(id, kept->what.name, kept->what.body, kept->what.categories,
                                      domain::to_string(kept->what.shared), kept->what.department, kept->version, now));
    tell(last, "canned_reply.written", *kept, was_shared, who);
    const auto done = co_await tx->commit(std::move(last));
    if (!done) co_return no_such_department(done.error());
    co_return *kept;
}

task<result<void>> delete_reply(pg::database& db, reply_id id, std::int64_t seen, domain::actor who, instant now)
{
    auto tx = co_await db.begin();
    if (!tx) co_return fail(tx.error());
    auto kept = co_await lock_reply(*tx, id, seen, who);
    if (!kept) co_return fail(kept.error());
    kept->version += 1;
    kept->changed_at = now;
    pg::batch last;
    last.add(delete_reply_row, params(id));
    tell(last, "canned_reply.deleted", *kept, false, who);
    const auto done = co_await tx->commit(std::move(last));
    if (!done) co_return fail(done.error());
    co_return result<void>();
}

} // namespace huiyin::knowledge
