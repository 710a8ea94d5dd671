#pragma once

#include <huiyin/people/configuration_store.hpp>
#include <huiyin/people/people_service.hpp>
#include <huiyin/ticket/pack.hpp>
#include <huiyin/upkeep/pack_diff.hpp>

#include <optional>
#include <string>
#include <vector>

namespace huiyin::upkeep {

struct pack_application
{
    /// The JSON document, already checked by ticket::parse_pack.
    std::string document;
    /// Documents of config/calendars/, already checked.
    std::vector<std::string> calendar_years;
    /// Creates the pack's accounts with this password; without it, contacts and members must be accounts already.
    std::optional<std::string> demo_password;
};

struct pack_outcome
{
    int version = 0;
    bool already_current = false;
    std::size_t departments = 0;
    std::size_t users = 0;
};

/// What an application would do.
struct pack_forecast
{
    int version = 0;              ///< Of the pack that is stored now; 0: none.
    bool already_current = false; ///< The stored document says the same.
    std::vector<std::string> new_accounts;
    std::vector<std::string> changed_accounts;
    std::vector<std::string> new_departments;
    std::vector<std::string> changed_departments; ///< They, or who belongs to them.
    std::vector<std::string> calendar_years;      ///< New or changed: "cn 2026".
    std::vector<pack_change> changes;             ///< Of the rules.

    bool changes_nothing() const;
};

/// Looks at everything that an application would touch, in one state of the database, and writes nothing. Errors:
/// `not_found` with all contacts and members that have no account, or none that is active; `invalid_field` where a
/// document cannot be read.
task<result<pack_forecast>> foresee_pack(people::people_service& people, people::configuration_store& configuration,
                                         const pack_application& what);

/// Brings the organisation to what the pack says: accounts, departments with their contacts and members, calendars, and
/// the rules as a new version, with their events, in one transaction: all of it is there or nothing. What does not
/// differ is left as it is. Of two at once the second waits and then sees what the first has done, or is refused with
/// `timeout`. Errors: those of foresee_pack, of the services, and of a commit; after `commit_unknown` it is simply run
/// again.
task<result<pack_outcome>> apply_pack(people::people_service& people, people::configuration_store& configuration,
                                      pack_application what, domain::actor who);

} // namespace huiyin::upkeep
