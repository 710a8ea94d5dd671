#pragma once

#include <huiyin/base/id.hpp>

#include <algorithm>
#include <bitset>
#include <initializer_list>
#include <optional>
#include <string_view>
#include <vector>

namespace huiyin::domain {

enum class role {
    agent,
    complaint_officer,
    department_handler,
    department_leader,
    supervisor,
    quality,
    administrator,
    auditor,
};
constexpr std::size_t role_count = 8;

std::string_view to_string(role r);
std::optional<role> parse_role(std::string_view name);

class role_set
{
public:
    role_set() = default;
    role_set(std::initializer_list<role> roles)
    {
        for (const auto r : roles)
            add(r);
    }
    void add(role r) { bits_.set(static_cast<std::size_t>(r)); }
    bool has(role r) const { return bits_.test(static_cast<std::size_t>(r)); }
    bool empty() const { return bits_.none(); }
    bool operator==(const role_set&) const = default;

private:
    std::bitset<role_count> bits_;
};

enum class actor_kind {
    anonymous, ///< A stranger on the public pages.
    customer,  ///< A customer who has proved to be a ticket's party.
    user,      ///< Someone of the house, logged in.
    token,     ///< Another system with an API token.
    system,    ///< Huiyin itself: scanner, importer, administrator at the command line.
};
std::string_view to_string(actor_kind k);

/// Who is asking. Made by `people` from a session or a token, by `intake` from a proof, or here for the system.
struct actor
{
    actor_kind kind = actor_kind::anonymous;
    /// The user, token or customer; nil for system and anonymous.
    uuid id;
    role_set roles;
    /// Departments whose work he does or leads, the ones below them included where he leads.
    std::vector<department_id> departments;
    /// Departments he leads: approves, signs returns.
    std::vector<department_id> leads;
    /// For tokens: a set of permissions by name, which is all that a token may do.
    std::vector<int> scopes;

    bool serves(department_id department) const
    {
        return std::ranges::find(departments, department) != departments.end();
    }
    bool leads_department(department_id department) const
    {
        return std::ranges::find(leads, department) != leads.end();
    }
    bool is(user_id user) const { return kind == actor_kind::user && id == user.value(); }

    static actor system()
    {
        return {.kind = actor_kind::system, .id = {}, .roles = {}, .departments = {}, .leads = {}, .scopes = {}};
    }
    static actor anonymous() { return {}; }
};

} // namespace huiyin::domain
