#include <huiyin/upkeep/pack_apply.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>
#include <set>

namespace huiyin::upkeep {

namespace {

using known_users = std::map<std::string, user_id>;
using prepared_users = std::vector<people::prepared_user>;

/// The accounts to make or change, with the hashes of their passwords. None without a password.
task<result<prepared_users>> prepare_users(people::people_service& people, const ticket::pack& pack,
                                           const std::optional<std::string>& password)
{
    prepared_users all;
    if (!password) co_return all;
    for (const auto& each : pack.users) {
        const auto found = co_await people.find_user(each.login);
        if (!found) co_return fail(found.error());
        people::new_user wanted;
        wanted.login = each.login;
        wanted.display_name = each.display_name;
        wanted.language = each.language;
        wanted.roles = each.roles;
        if (!*found || !(*found)->has_password) wanted.password = password;
        auto prepared = co_await people.prepare_user(std::move(wanted));
        if (!prepared) co_return fail(prepared.error());
        all.push_back(std::move(*prepared));
    }
    co_return all;
}

task<result<known_users>> apply_users(people::people_service& people, pg::transaction& tx, prepared_users users,
                                      domain::actor who)
{
    known_users known;
    for (auto& each : users) {
        auto login = each.wanted.login;
        const auto made = co_await people.upsert_user(tx, std::move(each), who);
        if (!made) co_return fail(made.error());
        known.emplace(std::move(login), made->id);
    }
    co_return known;
}

std::optional<user_id> find_id(const known_users& known, const std::string& login)
{
    const auto it = known.find(login);
    return it == known.end() ? std::nullopt : std::optional(it->second);
}

task<result<department_id>> apply_department(people::people_service& people, pg::transaction& tx,
                                             const ticket::pack_department& each,
                                             const std::map<std::string, department_id>& parents,
                                             const known_users& known, domain::actor who)
{
    people::new_department wanted;
    wanted.code = each.code;
    if (!each.parent.empty()) wanted.parent = parents.at(each.parent);
    wanted.name = each.name;
    wanted.contact_a = find_id(known, each.contact_a);
    wanted.contact_b = find_id(known, each.contact_b);
    wanted.calendar = each.calendar;
    const auto made = co_await people.upsert_department(tx, std::move(wanted), who);
    if (!made) co_return fail(made.error());
    co_return made->id;
}

/// Those whom the pack names are added; who else is a member stays one.
std::set<people::member> members_after(const ticket::pack& pack, const std::string& code, const known_users& known,
                                       const std::vector<people::member>& before)
{
    std::set<people::member> all(before.begin(), before.end());
    for (const auto& each : pack.users) {
        const auto it = known.find(each.login);
        if (it == known.end()) continue;
        for (const auto& handled : each.handles)
            if (handled == code) all.insert({it->second, people::position::handler});
        for (const auto& led : each.leads)
            if (led == code) all.insert({it->second, people::position::leader});
    }
    return all;
}

task<result<void>> apply_members(people::people_service& people, pg::transaction& tx, const ticket::pack& pack,
                                 const std::string& code, department_id id, const known_users& known, domain::actor who)
{
    const auto members = co_await people.list_members(tx, id);
    if (!members) co_return fail(members.error());
    const auto all = members_after(pack, code, known, *members);
    const auto set = co_await people.set_members(tx, id, {all.begin(), all.end()}, who);
    if (!set) co_return fail(set.error());
    co_return result<void>();
}

/// How many there are.
task<result<std::size_t>> apply_departments(people::people_service& people, pg::transaction& tx,
                                            const ticket::pack& pack, const known_users& known, domain::actor who)
{
    // Parents first: the pack is free of circles, so each round places at least one.
    std::map<std::string, department_id> placed;
    while (placed.size() < pack.departments.size()) {
        for (const auto& each : pack.departments) {
            if (placed.contains(each.code) || (!each.parent.empty() && !placed.contains(each.parent))) continue;
            const auto id = co_await apply_department(people, tx, each, placed, known, who);
            if (!id) co_return fail(id.error());
            placed[each.code] = *id;
            const auto members = co_await apply_members(people, tx, pack, each.code, *id, known, who);
            if (!members) co_return fail(members.error());
        }
    }
    co_return placed.size();
}

struct calendar_year
{
    ticket::calendar_file file;
    std::string document;
};

result<std::vector<calendar_year>> read_calendar_years(const std::vector<std::string>& documents)
{
    std::vector<calendar_year> all;
    for (const auto& document : documents) {
        auto file = ticket::parse_calendar_file(document);
        if (!file) return fail(errc::invalid_field, file.error().front().to_string());
        all.push_back({std::move(*file), document});
    }
    return all;
}

/// Accounts as they are, and what the pack would make of them.
struct accounts_ahead
{
    known_users known; ///< Those that exist.
    std::set<std::string> made;
    std::set<std::string> missing; ///< Needed, neither there nor to be made, or not active.
};

task<result<accounts_ahead>> foresee_accounts(pg::transaction& tx, const ticket::pack& pack, bool make,
                                              pack_forecast& to)
{
    accounts_ahead ahead;
    std::set<std::string> contacts;
    for (const auto& each : pack.departments)
        contacts.insert({each.contact_a, each.contact_b});
    contacts.erase("");
    auto logins = contacts;
    for (const auto& each : pack.users)
        logins.insert(each.login);
    for (const auto& login : logins) {
        const auto found = co_await people::people_service::find_user(tx, login);
        if (!found) co_return fail(found.error());
        const auto wanted = std::ranges::find(pack.users, login, &ticket::pack_user::login);
        const bool makes = make && wanted != pack.users.end();
        if (!*found && makes) {
            ahead.made.insert(login);
            to.new_accounts.push_back(login);
        }
        if (contacts.contains(login) && (*found ? !(*found)->active : !makes)) ahead.missing.insert(login);
        if (!*found) continue;
        ahead.known[login] = (*found)->id;
        if (makes && ((*found)->display_name != wanted->display_name || (*found)->language != wanted->language ||
                      (*found)->roles != wanted->roles))
            to.changed_accounts.push_back(login);
    }
    co_return ahead;
}

/// Who is not there yet differs from everybody.
std::optional<user_id> id_of(const accounts_ahead& ahead, const std::string& login)
{
    if (login.empty()) return std::nullopt;
    const auto it = ahead.known.find(login);
    return it == ahead.known.end() ? user_id() : it->second;
}

task<result<void>> foresee_departments(pg::transaction& tx, const ticket::pack& pack, const accounts_ahead& ahead,
                                       pack_forecast& to)
{
    const auto all = co_await people::people_service::list_departments(tx);
    if (!all) co_return fail(all.error());
    std::map<std::string, people::department> placed;
    for (const auto& each : *all)
        placed.emplace(each.code, each);
    for (const auto& each : pack.departments) {
        const auto found = placed.find(each.code);
        if (found == placed.end()) {
            to.new_departments.push_back(each.code);
            continue;
        }
        const auto& now = found->second;
        const auto parent = placed.find(each.parent);
        const auto wanted_parent = each.parent.empty()      ? std::nullopt
                                   : parent == placed.end() ? std::optional(department_id())
                                                            : std::optional(parent->second.id);
        const auto members = co_await people::people_service::list_members(tx, now.id);
        if (!members) co_return fail(members.error());
        const auto wanted = members_after(pack, each.code, ahead.known, *members);
        const bool gains = std::ranges::any_of(pack.users, [&](const auto& user) {
            return ahead.made.contains(user.login) &&
                   (std::ranges::find(user.handles, each.code) != user.handles.end() ||
                    std::ranges::find(user.leads, each.code) != user.leads.end());
        });
        if (gains || now.parent != wanted_parent || now.name != each.name || now.calendar != each.calendar ||
            !now.active || now.contact_a != id_of(ahead, each.contact_a) ||
            now.contact_b != id_of(ahead, each.contact_b) || wanted.size() != members->size())
            to.changed_departments.push_back(each.code);
    }
    co_return result<void>();
}

task<result<void>> foresee_calendars(pg::transaction& tx, const std::vector<calendar_year>& years, pack_forecast& to)
{
    const auto stored = co_await people::configuration_store::load_calendars(tx);
    if (!stored) co_return fail(stored.error());
    for (const auto& [file, document] : years) {
        const bool same = std::ranges::any_of(*stored, [&](const auto& each) {
            return each.calendar == file.calendar && each.year == file.year &&
                   nlohmann::json::parse(each.document) == nlohmann::json::parse(document);
        });
        if (!same) to.calendar_years.push_back(file.calendar + ' ' + std::to_string(file.year));
    }
    co_return result<void>();
}

/// Files that were read, each once.
struct sources
{
    ticket::pack pack;
    std::vector<calendar_year> years;
};

result<sources> read_sources(const pack_application& what)
{
    auto pack = ticket::parse_pack(what.document);
    if (!pack) return fail(errc::invalid_field, pack.error().front().to_string());
    auto years = read_calendar_years(what.calendar_years);
    if (!years) return fail(years.error());
    return sources{std::move(*pack), std::move(*years)};
}

struct foreseen
{
    pack_forecast forecast;
    known_users known;
};

task<result<foreseen>> foresee(pg::transaction& tx, const sources& from, const pack_application& what)
{
    pack_forecast forecast;
    auto ahead = co_await foresee_accounts(tx, from.pack, what.demo_password.has_value(), forecast);
    if (!ahead) co_return fail(ahead.error());
    if (!ahead->missing.empty()) {
        std::string names;
        for (const auto& each : ahead->missing)
            names += (names.empty() ? "" : ", ") + each;
        co_return fail(errc::not_found, "no active account: " + names);
    }
    if (auto seen = co_await foresee_departments(tx, from.pack, *ahead, forecast); !seen) co_return fail(seen.error());
    if (auto seen = co_await foresee_calendars(tx, from.years, forecast); !seen) co_return fail(seen.error());

    const auto stored = co_await people::configuration_store::find_current_pack(tx);
    if (!stored) co_return fail(stored.error());
    ticket::pack before;
    if (*stored) {
        forecast.version = (*stored)->version;
        forecast.already_current = nlohmann::json::parse((*stored)->document) == nlohmann::json::parse(what.document);
        // One that cannot be read any more must not stand in the way of the one that mends it.
        if (auto read = ticket::parse_pack((*stored)->document)) before = std::move(*read);
    }
    forecast.changes = compare_packs(before, from.pack);
    co_return foreseen{std::move(forecast), std::move(ahead->known)};
}

} // namespace

bool pack_forecast::changes_nothing() const
{
    return already_current && new_accounts.empty() && changed_accounts.empty() && new_departments.empty() &&
           changed_departments.empty() && calendar_years.empty();
}

task<result<pack_forecast>> foresee_pack(people::people_service& people, people::configuration_store&,
                                         const pack_application& what)
{
    const auto from = read_sources(what);
    if (!from) co_return fail(from.error());
    auto tx = co_await people.database().begin_reading();
    if (!tx) co_return fail(tx.error());
    auto ahead = co_await foresee(*tx, *from, what);
    if (!ahead) co_return fail(ahead.error());
    co_return std::move(ahead->forecast);
}

task<result<pack_outcome>> apply_pack(people::people_service& people, people::configuration_store& configuration,
                                      pack_application what, domain::actor who)
{
    auto from = read_sources(what);
    if (!from) co_return fail(from.error());
    // What is refused is refused before passwords are hashed, which takes long.
    if (const auto ahead = co_await foresee_pack(people, configuration, what); !ahead) co_return fail(ahead.error());
    auto users = co_await prepare_users(people, from->pack, what.demo_password);
    if (!users) co_return fail(users.error());

    auto tx = co_await people.database().begin();
    if (!tx) co_return fail(tx.error());
    if (auto locked = co_await configuration.lock(*tx); !locked) co_return fail(locked.error());
    if (auto locked = co_await people.lock(*tx); !locked) co_return fail(locked.error());
    // Others may have come between.
    auto ahead = co_await foresee(*tx, *from, what);
    if (!ahead) co_return fail(ahead.error());

    auto known = co_await apply_users(people, *tx, std::move(*users), who);
    if (!known) co_return fail(known.error());
    known->merge(ahead->known);
    const auto departments = co_await apply_departments(people, *tx, from->pack, *known, who);
    if (!departments) co_return fail(departments.error());
    for (auto& [file, document] : from->years) {
        const auto put =
            co_await configuration.put_calendar_year(*tx, file.calendar, file.year, std::move(document), who);
        if (!put) co_return fail(put.error());
    }
    const auto applied = co_await configuration.append_pack(*tx, from->pack.name, std::move(what.document), who);
    if (!applied) co_return fail(applied.error());
    if (auto committed = co_await people.commit(*tx); !committed) co_return fail(committed.error());
    const auto named =
        std::ranges::count_if(from->pack.users, [&](const auto& each) { return known->contains(each.login); });
    co_return pack_outcome{applied->version, ahead->forecast.version == applied->version, *departments,
                           static_cast<std::size_t>(named)};
}

} // namespace huiyin::upkeep
