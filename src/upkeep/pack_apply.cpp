#include <huiyin/upkeep/pack_apply.hpp>

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
task<result<void>> apply_members(people::people_service& people, const ticket::pack& pack, const std::string& code,
                                 department_id id, const known_users& known, domain::actor who)
{
    auto members = co_await people.list_members(id);
    if (!members) co_return fail(members.error());
    std::set<people::member> all(members->begin(), members->end());
    for (const auto& each : pack.users) {
        const auto it = known.find(each.login);
        if (it == known.end()) continue;
        for (const auto& handled : each.handles)
            if (handled == code) all.insert({it->second, people::position::handler});
        for (const auto& led : each.leads)
            if (led == code) all.insert({it->second, people::position::leader});
    }
    const auto set = co_await people.set_members(id, {all.begin(), all.end()}, who);
    if (!set) co_return fail(set.error());
    co_return result<void>();
}

} // namespace

task<result<pack_outcome>> apply_pack(people::people_service& people, people::configuration_store& configuration,
                                      pack_application what, domain::actor who)
{
    const auto pack = ticket::parse_pack(what.document);
    if (!pack) co_return fail(errc::invalid_field, pack.error().front().to_string());
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
    const auto before = co_await configuration.find_current_pack();
    if (!before) co_return fail(before.error());
    const auto applied = co_await configuration.append_pack(pack->name, std::move(what.document), who);
    if (!applied) co_return fail(applied.error());
    co_return pack_outcome{applied->version, *before && (*before)->version == applied->version, placed.size(),
                           known->size()};
}

} // namespace huiyin::upkeep
