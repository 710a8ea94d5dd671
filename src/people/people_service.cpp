#include "change.hpp"
#include "department_store.hpp"
#include "session_store.hpp"
#include "user_store.hpp"

#include <huiyin/base/text.hpp>
#include <huiyin/domain/permission.hpp>
#include <huiyin/people/people_service.hpp>

#include <date/tz.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <set>
#include <type_traits>
#include <utility>

namespace huiyin::people {

namespace {

constexpr std::size_t most_members = 1000;
constexpr std::array<std::string_view, 3> languages{"zh-CN", "zh-TW", "en"};

bool is_time_zone(const std::string& name)
{
    try {
        return date::locate_zone(name) != nullptr;
    } catch (const std::runtime_error&) {
        return false;
    }
}

bool is_name(std::string_view text)
{
    return is_storable_utf8(text) && trimmed(text) == text && !text.empty() && code_points(text) <= 100;
}

/// Those that are given.
result<void> check_profile(const std::optional<std::string>& display_name, const std::optional<std::string>& language,
                           const std::optional<std::string>& time_zone)
{
    if (display_name && !is_name(*display_name)) return invalid("display_name", "is not 1 to 100 characters");
    if (language && std::ranges::find(languages, *language) == languages.end())
        return invalid("language", "is unknown");
    if (time_zone && !is_time_zone(*time_zone)) return invalid("time_zone", "is unknown");
    return {};
}

result<void> check_department(const new_department& wanted)
{
    if (!is_code(wanted.code)) return invalid("code", "is not 1 to 64 of a-z 0-9 _ -");
    if (!is_code(wanted.calendar)) return invalid("calendar", "is not 1 to 64 of a-z 0-9 _ -");
    if (wanted.name.empty()) return invalid("name", "is empty");
    for (const auto& [language, name] : wanted.name) {
        if (std::ranges::find(languages, language) == languages.end())
            return invalid("name", "has an unknown language");
        if (!is_name(name)) return invalid("name", "is not 1 to 100 characters");
    }
    if (wanted.contact_a && wanted.contact_a == wanted.contact_b) return invalid("contact_b", "is contact A");
    return {};
}

bool may_manage(const domain::actor& who)
{
    return domain::may(who, domain::permission::people_manage);
}

std::optional<uuid> changer(const domain::actor& who)
{
    return who.id == uuid{} ? std::nullopt : std::optional(who.id);
}

std::unexpected<error> stale(std::int64_t version, std::optional<uuid> by, instant at)
{
    return fail(error{errc::stale_version, {}, {}}
                    .with("version", std::to_string(version))
                    .with("changed_by", by ? by->to_string() : "system")
                    .with("changed_at", to_rfc3339(at)));
}

nlohmann::json optional_id(const auto& id)
{
    return id ? nlohmann::json(id->to_string()) : nlohmann::json();
}

nlohmann::json data_of(const user& u)
{
    return {{"active", u.active},
            {"language", u.language},
            {"time_zone", u.time_zone},
            {"roles", names_of(u.roles)},
            {"rights_version", u.rights_version}};
}

nlohmann::json data_of(const department& d)
{
    return {{"code", d.code},
            {"parent", optional_id(d.parent)},
            {"contact_a", optional_id(d.contact_a)},
            {"contact_b", optional_id(d.contact_b)},
            {"calendar", d.calendar},
            {"active", d.active}};
}

journal::event department_change(instant at, std::string kind, const department& d, const domain::actor& who,
                                 const nlohmann::json& data)
{
    auto made = change(at, std::move(kind), d.id.value(), d.version, who, data);
    made.audience.departments.push_back(d.id);
    return made;
}

journal::event rights_change(instant at, const raised_rights& raised, const domain::actor& who)
{
    return change(at, "user.rights_changed", raised.user.value(), raised.version, who,
                  {{"rights_version", raised.rights_version}});
}

bool same(const new_department& a, const new_department& b)
{
    return a.code == b.code && a.parent == b.parent && a.name == b.name && a.contact_a == b.contact_a &&
           a.contact_b == b.contact_b && a.calendar == b.calendar && a.active == b.active;
}

/// Contacts must be active users, and the parent must not be below the department.
task<result<void>> check_references(pg::transaction& tx, const department& next, const new_department& before)
{
    std::vector<user_id> contacts;
    if (next.contact_a && next.contact_a != before.contact_a) contacts.push_back(*next.contact_a);
    if (next.contact_b && next.contact_b != before.contact_b) contacts.push_back(*next.contact_b);
    if (!contacts.empty()) {
        auto active = co_await active_users(tx, contacts);
        if (!active) co_return fail(active.error());
        for (const auto contact : contacts)
            if (std::ranges::find(*active, contact) == active->end())
                co_return invalid(contact == next.contact_a ? "contact_a" : "contact_b", "is no active user");
    }
    if (next.parent && next.parent != before.parent) {
        auto above = co_await with_ancestors(tx, {*next.parent});
        if (!above) co_return fail(above.error());
        if (std::ranges::find(*above, next.id) != above->end()) co_return invalid("parent", "is below it");
    }
    co_return result<void>{};
}

} // namespace

people_service::people_service(pg::database& db, const clock& time, blocking_pool& pool, rights_epoch& epoch)
    : db_(db), clock_(time), pool_(pool), epoch_(epoch)
{}

namespace {

/// One change as a transaction of its own.
template <class Change>
std::invoke_result_t<Change&, pg::transaction&> alone(people_service& people, Change change)
{
    auto tx = co_await people.database().begin();
    if (!tx) co_return fail(tx.error());
    auto done = co_await change(*tx);
    if (!done) co_return fail(done.error());
    if (auto committed = co_await people.commit(*tx); !committed) co_return fail(committed.error());
    co_return done;
}

/// The writes of one change, and what of their constraints is the asker's fault.
task<result<void>> write(pg::transaction& tx, pg::batch all)
{
    auto done = co_await tx.run(std::move(all));
    if (!done) co_return translated(done.error());
    co_return result<void>{};
}

} // namespace

task<result<void>> people_service::lock(pg::transaction& tx)
{
    return lock_departments(tx);
}

task<result<void>> people_service::commit(pg::transaction& tx)
{
    const rising rise(epoch_);
    auto committed = co_await tx.commit();
    if (!committed) co_return translated(committed.error());
    co_return result<void>{};
}

task<result<std::string>> people_service::hash(std::string password)
{
    co_return co_await pool_.run([password = std::move(password)]() { return hash_password(password); });
}

task<result<prepared_user>> people_service::prepare_user(new_user wanted)
{
    prepared_user made;
    made.wanted = std::move(wanted);
    auto password = std::exchange(made.wanted.password, std::nullopt);
    made.wanted.login = lower_ascii(trimmed(made.wanted.login));
    made.wanted.display_name = std::string(trimmed(made.wanted.display_name));
    if (!is_login(made.wanted.login)) co_return invalid("login", "is not 1 to 64 of a-z 0-9 . _ @ + -");
    if (auto good = check_profile(made.wanted.display_name, made.wanted.language, made.wanted.time_zone); !good)
        co_return fail(good.error());
    if (password) {
        if (auto good = check_password(*password, made.wanted.login); !good) co_return fail(good.error());
        auto hashed = co_await hash(std::move(*password));
        if (!hashed) co_return fail(hashed.error());
        made.password_phc = std::move(*hashed);
    }
    co_return made;
}

task<result<user>> people_service::create_user(new_user wanted, domain::actor who)
{
    if (!may_manage(who)) co_return fail(errc::not_found);
    auto prepared = co_await prepare_user(std::move(wanted));
    if (!prepared) co_return fail(prepared.error());
    co_return co_await alone(
        *this, [&](pg::transaction& tx) { return create_user(tx, std::move(*prepared), std::move(who)); });
}

task<result<user>> people_service::create_user(pg::transaction& tx, prepared_user wanted, domain::actor who)
{
    stored_user made;
    made.user.id = user_id::make();
    made.user.login = std::move(wanted.wanted.login);
    made.user.display_name = std::move(wanted.wanted.display_name);
    made.user.language = std::move(wanted.wanted.language);
    made.user.time_zone = std::move(wanted.wanted.time_zone);
    made.user.roles = wanted.wanted.roles;
    made.user.has_password = wanted.password_phc.has_value();
    made.password_phc = std::move(wanted.password_phc);
    made.changed_at = clock_.now();
    made.changed_by = changer(who);
    pg::batch last;
    insert_user(last, made);
    journal::append(last, {change(made.changed_at, "user.created", made.user.id.value(), 1, who, data_of(made.user))});
    if (auto written = co_await write(tx, std::move(last)); !written) co_return fail(written.error());
    co_return made.user;
}

namespace {

/// Who is gone is nobody's contact: B takes A's place, and where there is no B what comes in goes to the leader. The
/// departments are locked.
task<result<std::vector<journal::event>>> give_up_contacts(pg::transaction& tx, pg::batch& last, user_id gone,
                                                           instant at, const domain::actor& who)
{
    auto found = co_await read_departments_of_contact(tx, gone);
    if (!found) co_return fail(found.error());
    std::vector<journal::event> events;
    for (auto& each : *found) {
        auto& d = each.department;
        if (d.contact_a == gone) d.contact_a = d.contact_b;
        if (d.contact_b == gone || d.contact_b == d.contact_a) d.contact_b.reset();
        d.version += 1;
        each.changed_at = at;
        each.changed_by = changer(who);
        save_department(last, each);
        events.push_back(department_change(at, "department.changed", d, who, data_of(d)));
    }
    co_return events;
}

} // namespace

task<result<user>> people_service::change_user(user_id id, std::optional<std::int64_t> seen, user_edit edit,
                                               domain::actor who)
{
    co_return co_await alone(
        *this, [&](pg::transaction& tx) { return change_user(tx, id, seen, std::move(edit), std::move(who)); });
}

task<result<user>> people_service::change_user(pg::transaction& tx, user_id id, std::optional<std::int64_t> seen,
                                               user_edit edit, domain::actor who)
{
    if (edit.active == false)
        if (auto locked = co_await lock_departments(tx); !locked) co_return fail(locked.error());
    auto found = co_await lock_user(tx, id);
    if (!found) co_return fail(found.error());
    if (!*found) co_return fail(errc::not_found);
    const auto& before = **found;
    if (seen && *seen != before.user.version)
        co_return stale(before.user.version, before.changed_by, before.changed_at);

    auto next = before;
    if (edit.display_name) next.user.display_name = *edit.display_name;
    if (edit.language) next.user.language = *edit.language;
    if (edit.time_zone) next.user.time_zone = *edit.time_zone;
    if (edit.active) next.user.active = *edit.active;
    if (edit.roles) next.user.roles = *edit.roles;
    const bool sets_password = edit.password_phc && (!edit.only_missing_password || !before.password_phc);
    if (sets_password) next.password_phc = edit.password_phc;
    next.user.has_password = next.password_phc.has_value();

    const bool roles_differ = next.user.roles != before.user.roles;
    const bool activity_differs = next.user.active != before.user.active;
    const bool profile_differs = next.user.display_name != before.user.display_name ||
                                 next.user.language != before.user.language ||
                                 next.user.time_zone != before.user.time_zone;
    const bool rights_differ = roles_differ || activity_differs;
    if (!rights_differ && !profile_differs && !sets_password) co_return before.user;

    const auto now = clock_.now();
    next.user.version += 1;
    if (rights_differ) next.user.rights_version += 1;
    next.changed_at = now;
    next.changed_by = changer(who);
    std::vector<session_id> ended;
    if (rights_differ || sets_password) {
        auto gone = co_await end_sessions(tx, id, std::nullopt);
        if (!gone) co_return fail(gone.error());
        ended = std::move(*gone);
    }

    pg::batch last;
    save_user(last, next);
    std::vector<journal::event> events;
    const auto add = [&](const char* kind, const nlohmann::json& data) {
        events.push_back(change(now, kind, id.value(), next.user.version, who, data));
    };
    if (profile_differs) add("user.changed", {{"language", next.user.language}, {"time_zone", next.user.time_zone}});
    if (activity_differs) add(next.user.active ? "user.activated" : "user.deactivated", {{"active", next.user.active}});
    if (roles_differ) {
        save_roles(last, id, next.user.roles);
        add("user.roles_changed", {{"roles", names_of(next.user.roles)}});
    }
    if (rights_differ) add("user.rights_changed", {{"rights_version", next.user.rights_version}});
    if (activity_differs && !next.user.active) {
        auto given_up = co_await give_up_contacts(tx, last, id, now, who);
        if (!given_up) co_return fail(given_up.error());
        std::ranges::move(*given_up, std::back_inserter(events));
    }
    if (sets_password) {
        forget_devices(last, id);
        add("user.password_changed", nlohmann::json::object());
    }
    add_session_ended(events, ended, id, rights_differ ? "rights_changed" : "password_changed", now, who);
    journal::append(last, events);
    if (auto written = co_await write(tx, std::move(last)); !written) co_return fail(written.error());
    co_return next.user;
}

task<result<user>> people_service::update_user(user_id id, user_changes changes, std::optional<std::int64_t> seen,
                                               domain::actor who)
{
    if (!may_manage(who)) co_return fail(errc::not_found);
    user_edit edit;
    if (changes.display_name) edit.display_name = std::string(trimmed(*changes.display_name));
    edit.language = changes.language;
    edit.time_zone = changes.time_zone;
    edit.active = changes.active;
    if (auto good = check_profile(edit.display_name, edit.language, edit.time_zone); !good)
        co_return fail(good.error());
    co_return co_await change_user(id, seen, std::move(edit), who);
}

task<result<user>> people_service::set_roles(user_id id, domain::role_set roles, std::optional<std::int64_t> seen,
                                             domain::actor who)
{
    if (!may_manage(who)) co_return fail(errc::not_found);
    user_edit edit;
    edit.roles = roles;
    co_return co_await change_user(id, seen, std::move(edit), who);
}

task<result<user>> people_service::set_password(user_id id, std::string password, domain::actor who)
{
    if (!may_manage(who)) co_return fail(errc::not_found);
    auto found = co_await find_user(id);
    if (!found) co_return fail(found.error());
    if (!*found) co_return fail(errc::not_found);
    if (auto good = check_password(password, (*found)->login); !good) co_return fail(good.error());
    auto hashed = co_await hash(std::move(password));
    if (!hashed) co_return fail(hashed.error());
    user_edit edit;
    edit.password_phc = std::move(*hashed);
    co_return co_await change_user(id, std::nullopt, std::move(edit), who);
}

task<result<user>> people_service::upsert_user(new_user wanted, domain::actor who)
{
    if (!may_manage(who)) co_return fail(errc::not_found);
    auto found = co_await find_user(wanted.login);
    if (!found) co_return fail(found.error());
    if (*found && (*found)->has_password) wanted.password.reset();
    auto prepared = co_await prepare_user(std::move(wanted));
    if (!prepared) co_return fail(prepared.error());
    const auto upsert = [&](pg::transaction& tx) { return upsert_user(tx, *prepared, who); };
    auto done = co_await alone(*this, upsert);
    if (done || done.error().code != errc::already_exists) co_return done;
    co_return co_await alone(*this, upsert); // another made it meanwhile
}

task<result<user>> people_service::upsert_user(pg::transaction& tx, prepared_user wanted, domain::actor who)
{
    if (!may_manage(who)) co_return fail(errc::not_found);
    auto found = co_await read_user(tx, wanted.wanted.login);
    if (!found) co_return fail(found.error());
    if (!*found) co_return co_await create_user(tx, std::move(wanted), std::move(who));
    user_edit edit;
    edit.display_name = std::move(wanted.wanted.display_name);
    edit.language = std::move(wanted.wanted.language);
    edit.time_zone = std::move(wanted.wanted.time_zone);
    edit.roles = wanted.wanted.roles;
    edit.password_phc = std::move(wanted.password_phc);
    edit.only_missing_password = true;
    co_return co_await change_user(tx, (*found)->user.id, std::nullopt, std::move(edit), std::move(who));
}

task<result<department>> people_service::create_department(new_department wanted, domain::actor who)
{
    co_return co_await alone(
        *this, [&](pg::transaction& tx) { return create_department(tx, std::move(wanted), std::move(who)); });
}

task<result<department>> people_service::create_department(pg::transaction& tx, new_department wanted,
                                                           domain::actor who)
{
    if (!may_manage(who)) co_return fail(errc::not_found);
    if (auto good = check_department(wanted); !good) co_return fail(good.error());
    stored_department made;
    static_cast<new_department&>(made.department) = std::move(wanted);
    made.department.id = department_id::make();

    if (auto locked = co_await lock_departments(tx); !locked) co_return fail(locked.error());
    if (auto good = co_await check_references(tx, made.department, {}); !good) co_return fail(good.error());
    const auto now = clock_.now();
    made.changed_at = now;
    made.changed_by = changer(who);
    pg::batch last;
    insert_department(last, made);
    std::vector<journal::event> events{
        department_change(now, "department.created", made.department, who, data_of(made.department))};
    if (made.department.parent) {
        auto widened = co_await raise_leaders_above(tx, {*made.department.parent}, now, who);
        if (!widened) co_return fail(widened.error());
        std::ranges::move(*widened, std::back_inserter(events));
    }
    journal::append(last, events);
    if (auto written = co_await write(tx, std::move(last)); !written) co_return fail(written.error());
    co_return made.department;
}

task<result<std::vector<journal::event>>>
people_service::raise_leaders_above(pg::transaction& tx, std::vector<department_id> of, instant at, domain::actor who)
{
    auto above = co_await with_ancestors(tx, std::move(of));
    if (!above) co_return fail(above.error());
    auto leaders = co_await leaders_in(tx, std::move(*above));
    if (!leaders) co_return fail(leaders.error());
    auto raised = co_await raise_rights(tx, std::move(*leaders), at, changer(who));
    if (!raised) co_return fail(raised.error());
    std::vector<journal::event> events;
    for (const auto& each : *raised)
        events.push_back(rights_change(at, each, who));
    co_return events;
}

task<result<department>> people_service::update_department(department_id id, new_department wanted,
                                                           std::optional<std::int64_t> seen, domain::actor who)
{
    co_return co_await alone(
        *this, [&](pg::transaction& tx) { return update_department(tx, id, std::move(wanted), seen, std::move(who)); });
}

task<result<department>> people_service::update_department(pg::transaction& tx, department_id id, new_department wanted,
                                                           std::optional<std::int64_t> seen, domain::actor who)
{
    if (!may_manage(who)) co_return fail(errc::not_found);
    if (auto good = check_department(wanted); !good) co_return fail(good.error());
    if (auto locked = co_await lock_departments(tx); !locked) co_return fail(locked.error());
    auto found = co_await read_department(tx, id);
    if (!found) co_return fail(found.error());
    if (!*found) co_return fail(errc::not_found);
    const auto& before = **found;
    if (seen && *seen != before.department.version)
        co_return stale(before.department.version, before.changed_by, before.changed_at);
    if (same(before.department, wanted)) co_return before.department;

    auto next = before;
    static_cast<new_department&>(next.department) = std::move(wanted);
    if (auto good = co_await check_references(tx, next.department, before.department); !good)
        co_return fail(good.error());
    const auto now = clock_.now();
    next.department.version += 1;
    next.changed_at = now;
    next.changed_by = changer(who);
    std::vector<journal::event> events{
        department_change(now, "department.changed", next.department, who, data_of(next.department))};
    if (next.department.parent != before.department.parent) {
        std::vector<department_id> moved;
        if (before.department.parent) moved.push_back(*before.department.parent);
        if (next.department.parent) moved.push_back(*next.department.parent);
        auto raised = co_await raise_leaders_above(tx, std::move(moved), now, who);
        if (!raised) co_return fail(raised.error());
        std::ranges::move(*raised, std::back_inserter(events));
    }
    pg::batch last;
    save_department(last, next);
    journal::append(last, events);
    if (auto written = co_await write(tx, std::move(last)); !written) co_return fail(written.error());
    co_return next.department;
}

task<result<department>> people_service::upsert_department(new_department wanted, domain::actor who)
{
    co_return co_await alone(
        *this, [&](pg::transaction& tx) { return upsert_department(tx, std::move(wanted), std::move(who)); });
}

task<result<department>> people_service::upsert_department(pg::transaction& tx, new_department wanted,
                                                           domain::actor who)
{
    if (!may_manage(who)) co_return fail(errc::not_found);
    if (auto good = check_department(wanted); !good) co_return fail(good.error());
    if (auto locked = co_await lock_departments(tx); !locked) co_return fail(locked.error());
    const auto found = co_await people::find_department(tx, wanted.code);
    if (!found) co_return fail(found.error());
    if (!*found) co_return co_await create_department(tx, std::move(wanted), std::move(who));
    co_return co_await update_department(tx, (*found)->id, std::move(wanted), std::nullopt, std::move(who));
}

task<result<department>> people_service::set_members(department_id id, std::vector<member> members, domain::actor who,
                                                     std::optional<std::int64_t> seen)
{
    co_return co_await alone(
        *this, [&](pg::transaction& tx) { return set_members(tx, id, std::move(members), std::move(who), seen); });
}

task<result<department>> people_service::set_members(pg::transaction& tx, department_id id, std::vector<member> members,
                                                     domain::actor who, std::optional<std::int64_t> seen)
{
    if (!may_manage(who)) co_return fail(errc::not_found);
    if (members.size() > most_members) co_return invalid("members", "are more than 1000");
    std::ranges::sort(members);
    const auto repeats = std::ranges::unique(members);
    members.erase(repeats.begin(), repeats.end());

    if (auto locked = co_await lock_departments(tx); !locked) co_return fail(locked.error());
    auto found = co_await read_department(tx, id);
    if (!found) co_return fail(found.error());
    if (!*found) co_return fail(errc::not_found);
    if (seen && *seen != (*found)->department.version)
        co_return stale((*found)->department.version, (*found)->changed_by, (*found)->changed_at);
    auto before = co_await read_members(tx, id);
    if (!before) co_return fail(before.error());
    std::ranges::sort(*before);
    if (*before == members) co_return (*found)->department;

    std::vector<member> differing;
    std::ranges::set_symmetric_difference(*before, members, std::back_inserter(differing));
    std::set<user_id> concerned;
    for (const auto& each : differing)
        concerned.insert(each.user);
    const auto now = clock_.now();
    auto raised = co_await raise_rights(tx, {concerned.begin(), concerned.end()}, now, changer(who));
    if (!raised) co_return fail(raised.error());
    if (raised->size() != concerned.size()) co_return invalid("user", "does not exist");

    auto next = **found;
    next.department.version += 1;
    next.changed_at = now;
    next.changed_by = changer(who);
    // Ids alone: a thousand of them fit into an event.
    nlohmann::json data{{"leaders", nlohmann::json::array()}, {"handlers", nlohmann::json::array()}};
    for (const auto& each : members)
        data[each.position == position::leader ? "leaders" : "handlers"].push_back(each.user.to_string());
    std::vector<journal::event> events{
        department_change(now, "department.members_changed", next.department, who, data)};
    for (const auto& each : *raised)
        events.push_back(rights_change(now, each, who));
    pg::batch last;
    save_department(last, next);
    save_members(last, id, members);
    journal::append(last, events);
    if (auto written = co_await write(tx, std::move(last)); !written) co_return fail(written.error());
    co_return next.department;
}

task<result<std::optional<user>>> people_service::find_user(user_id id)
{
    auto found = co_await read_user(db_, id);
    if (!found) co_return fail(found.error());
    co_return *found ? std::optional(std::move((*found)->user)) : std::nullopt;
}

namespace {

/// In the database or in a transaction.
task<result<std::optional<user>>> find_login(auto& in, std::string login)
{
    login = lower_ascii(trimmed(login));
    if (!is_login(login)) co_return std::nullopt;
    auto found = co_await read_user(in, std::move(login));
    if (!found) co_return fail(found.error());
    co_return *found ? std::optional(std::move((*found)->user)) : std::nullopt;
}

} // namespace

task<result<std::optional<user>>> people_service::find_user(std::string login)
{
    return find_login(db_, std::move(login));
}

task<result<std::optional<user>>> people_service::find_user(pg::transaction& tx, std::string login)
{
    return find_login(tx, std::move(login));
}

task<result<std::vector<user>>> people_service::list_users(std::string after, std::size_t limit)
{
    if (!is_storable_utf8(after)) co_return fail(errc::invalid_cursor);
    co_return co_await read_users(db_, std::move(after), std::clamp<std::size_t>(limit, 1, 200));
}

task<result<std::optional<department>>> people_service::find_department(department_id id)
{
    return read_department(db_, id);
}

task<result<std::optional<department>>> people_service::find_department(std::string code)
{
    if (!is_code(code)) co_return std::nullopt;
    co_return co_await read_department(db_, std::move(code));
}

task<result<std::vector<department>>> people_service::list_departments()
{
    return read_departments(db_);
}

task<result<std::vector<department>>> people_service::list_departments(pg::transaction& tx)
{
    return read_departments(tx);
}

task<result<std::vector<member>>> people_service::list_members(department_id id)
{
    return read_members(db_, id);
}

task<result<std::vector<member>>> people_service::list_members(pg::transaction& tx, department_id id)
{
    return read_members(tx, id);
}

task<result<std::vector<named_member>>> people_service::list_named_members(department_id id)
{
    return read_named_members(db_, id);
}

} // namespace huiyin::people
