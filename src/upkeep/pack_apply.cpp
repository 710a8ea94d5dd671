#include <huiyin/upkeep/pack_apply.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>
#include <set>

namespace huiyin::upkeep {

namespace {

using known_users = std::map<std::string, user_id>;

task<result<known_users>> apply_users(people::people_service& people, const ticket::pack& pack,
                                      const std::optional<std::string>& password, domain::actor who)
{
    known_users known;
    for (const auto& each : pack.users) {
        if (!password) {
            const auto found = co_await people.find_user(each.login);
            if (!found) co_return fail(found.error());
            if (*found) known[each.login] = (*found)->id;
            continue;
        }
        people::new_user wanted;
        wanted.login = each.login;
        wanted.display_name = each.display_name;
        wanted.language = each.language;
        wanted.roles = each.roles;
        wanted.password = password;
        const auto made = co_await people.upsert_user(std::move(wanted), who);
        if (!made) co_return fail(made.error());
        known[each.login] = made->id;
    }
    co_return known;
}

task<result<std::optional<user_id>>> find_login(people::people_service& people, const known_users& known,
                                                std::string login)
{
    if (login.empty()) co_return std::optional<user_id>();
    if (const auto it = known.find(login); it != known.end()) co_return std::optional(it->second);
    const auto found = co_await people.find_user(login);
    if (!found) co_return fail(found.error());
    if (!*found) co_return fail(errc::not_found, "no account " + login);
    co_return std::optional((*found)->id);
}

task<result<department_id>> apply_department(people::people_service& people, const ticket::pack_department& each,
                                             const std::map<std::string, department_id>& parents,
                                             const known_users& known, domain::actor who)
{
    const auto contact_a = co_await find_login(people, known, each.contact_a);
    if (!contact_a) co_return fail(contact_a.error());
    const auto contact_b = co_await find_login(people, known, each.contact_b);
    if (!contact_b) co_return fail(contact_b.error());
    people::new_department wanted;
    wanted.code = each.code;
    if (!each.parent.empty()) wanted.parent = parents.at(each.parent);
    wanted.name = each.name;
    wanted.contact_a = *contact_a;
    wanted.contact_b = *contact_b;
    wanted.calendar = each.calendar;
    const auto made = co_await people.upsert_department(std::move(wanted), who);
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

task<result<void>> apply_members(people::people_service& people, const ticket::pack& pack, const std::string& code,
                                 department_id id, const known_users& known, domain::actor who)
{
    auto members = co_await people.list_members(id);
    if (!members) co_return fail(members.error());
    const auto all = members_after(pack, code, known, *members);
    const auto set = co_await people.set_members(id, {all.begin(), all.end()}, who);
    if (!set) co_return fail(set.error());
    co_return result<void>();
}

/// Accounts as they are, and what the pack would make of them.
struct accounts_ahead
{
    known_users known; ///< Those that exist.
    std::set<std::string> made;
    std::set<std::string> missing; ///< Needed, neither there nor to be made, or not active.
};

task<result<accounts_ahead>> foresee_accounts(people::people_service& people, const ticket::pack& pack, bool make,
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
        const auto found = co_await people.find_user(login);
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

task<result<void>> foresee_departments(people::people_service& people, const ticket::pack& pack,
                                       const accounts_ahead& ahead, pack_forecast& to)
{
    const auto all = co_await people.list_departments();
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
        const auto members = co_await people.list_members(now.id);
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

task<result<void>> foresee_calendars(people::configuration_store& configuration,
                                     const std::vector<std::string>& documents, pack_forecast& to)
{
    const auto stored = co_await configuration.load_calendars();
    if (!stored) co_return fail(stored.error());
    for (const auto& document : documents) {
        const auto file = ticket::parse_calendar_file(document);
        if (!file) co_return fail(errc::invalid_field, file.error().front().to_string());
        const bool same = std::ranges::any_of(*stored, [&](const auto& each) {
            return each.calendar == file->calendar && each.year == file->year &&
                   nlohmann::json::parse(each.document) == nlohmann::json::parse(document);
        });
        if (!same) to.calendar_years.push_back(file->calendar + ' ' + std::to_string(file->year));
    }
    co_return result<void>();
}

} // namespace

bool pack_forecast::changes_nothing() const
{
    return already_current && new_accounts.empty() && changed_accounts.empty() && new_departments.empty() &&
           changed_departments.empty() && calendar_years.empty();
}

task<result<pack_forecast>> foresee_pack(people::people_service& people, people::configuration_store& configuration,
                                         const pack_application& what)
{
    const auto pack = ticket::parse_pack(what.document);
    if (!pack) co_return fail(errc::invalid_field, pack.error().front().to_string());
    pack_forecast forecast;
    const auto ahead = co_await foresee_accounts(people, *pack, what.demo_password.has_value(), forecast);
    if (!ahead) co_return fail(ahead.error());
    if (!ahead->missing.empty()) {
        std::string names;
        for (const auto& each : ahead->missing)
            names += (names.empty() ? "" : ", ") + each;
        co_return fail(errc::not_found, "no active account: " + names);
    }
    if (auto seen = co_await foresee_departments(people, *pack, *ahead, forecast); !seen) co_return fail(seen.error());
    if (auto seen = co_await foresee_calendars(configuration, what.calendar_years, forecast); !seen)
        co_return fail(seen.error());

    const auto stored = co_await configuration.find_current_pack();
    if (!stored) co_return fail(stored.error());
    ticket::pack before;
    if (*stored) {
        forecast.version = (*stored)->version;
        forecast.already_current = nlohmann::json::parse((*stored)->document) == nlohmann::json::parse(what.document);
        // One that cannot be read any more must not stand in the way of the one that mends it.
        if (auto read = ticket::parse_pack((*stored)->document)) before = std::move(*read);
    }
    forecast.changes = compare_packs(before, *pack);
    co_return forecast;
}

task<result<pack_outcome>> apply_pack(people::people_service& people, people::configuration_store& configuration,
                                      pack_application what, domain::actor who)
{
    const auto pack = ticket::parse_pack(what.document);
    if (!pack) co_return fail(errc::invalid_field, pack.error().front().to_string());
    const auto forecast = co_await foresee_pack(people, configuration, what);
    if (!forecast) co_return fail(forecast.error());
    const auto known = co_await apply_users(people, *pack, what.demo_password, who);
    if (!known) co_return fail(known.error());

    // Parents first: the pack is free of circles, so each round places at least one.
    std::map<std::string, department_id> placed;
    while (placed.size() < pack->departments.size()) {
        for (const auto& each : pack->departments) {
            if (placed.contains(each.code) || (!each.parent.empty() && !placed.contains(each.parent))) continue;
            const auto id = co_await apply_department(people, each, placed, *known, who);
            if (!id) co_return fail(id.error());
            placed[each.code] = *id;
            const auto members = co_await apply_members(people, *pack, each.code, *id, *known, who);
            if (!members) co_return fail(members.error());
        }
    }

    for (auto& document : what.calendar_years) {
        const auto file = ticket::parse_calendar_file(document);
        if (!file) co_return fail(errc::invalid_field, file.error().front().to_string());
        const auto put = co_await configuration.put_calendar_year(file->calendar, file->year, std::move(document), who);
        if (!put) co_return fail(put.error());
    }
    const auto applied = co_await configuration.append_pack(pack->name, std::move(what.document), who);
    if (!applied) co_return fail(applied.error());
    co_return pack_outcome{applied->version, forecast->version == applied->version, placed.size(), known->size()};
}

} // namespace huiyin::upkeep
