#include "toolbox.hpp"

#include <huiyin/base/crypto.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cstdio>
#include <iostream>

namespace huiyin::daemon {

namespace {

/// "station_east" or "station_east:leader".
struct wanted_membership
{
    std::string code;
    people::position position = people::position::handler;
};

std::optional<wanted_membership> parse_membership(const std::string& text)
{
    const auto colon = text.find(':');
    wanted_membership wanted{text.substr(0, colon)};
    if (colon == std::string::npos) return wanted;
    const auto position = people::parse_position(text.substr(colon + 1));
    if (!position) return std::nullopt;
    wanted.position = *position;
    return wanted;
}

task<result<people::user>> add_user(people::people_service& people, people::new_user wanted,
                                    std::vector<wanted_membership> memberships)
{
    auto made = co_await people.create_user(std::move(wanted), domain::actor::system());
    if (!made) co_return fail(std::move(made.error()));
    for (const auto& each : memberships) {
        const auto department = co_await people.find_department(each.code);
        if (!department) co_return fail(department.error());
        if (!*department) co_return fail(errc::not_found, "no department " + each.code);
        auto members = co_await people.list_members((*department)->id);
        if (!members) co_return fail(members.error());
        members->push_back({made->id, each.position});
        const auto set = co_await people.set_members((*department)->id, std::move(*members), domain::actor::system());
        if (!set) co_return fail(set.error());
    }
    co_return made;
}

} // namespace

int add_user_command(const command_context& with, const add_user_options& options)
{
    people::new_user wanted{.login = options.login,
                            .display_name = options.name.empty() ? options.login : options.name};
    for (const auto& name : options.roles) {
        const auto role = domain::parse_role(name);
        if (!role) {
            fmt::print(
                stderr,
                "huiyin: \"{}\" is no role; there are agent, complaint_officer, department_handler, department_leader, "
                "supervisor, quality, administrator, auditor\n",
                name);
            return 2;
        }
        wanted.roles.add(*role);
    }
    std::vector<wanted_membership> memberships;
    for (const auto& text : options.departments) {
        auto membership = parse_membership(text);
        if (!membership) {
            fmt::print(stderr, "huiyin: \"{}\" is neither CODE nor CODE:leader\n", text);
            return 2;
        }
        memberships.push_back(std::move(*membership));
    }
    std::string password;
    if (options.password_from_stdin)
        std::getline(std::cin, password);
    else
        password = random_token(12);
    wanted.password = password;

    auto tools = toolbox::open(with);
    if (!tools) return complain(tools.error());
    const auto made = (*tools)->run(add_user((*tools)->people(), std::move(wanted), std::move(memberships)));
    if (!made) return complain(made.error());
    if (with.json) {
        nlohmann::json answer{{"id", made->id.to_string()}, {"login", made->login}};
        if (!options.password_from_stdin) answer["password"] = password;
        fmt::print("{}\n", answer.dump());
    } else {
        fmt::print("added {} ({})\n", made->login, made->id.to_string());
        if (!options.password_from_stdin) fmt::print("password: {}\n", password);
    }
    return 0;
}

} // namespace huiyin::daemon
