#pragma once

#include <huiyin/people/configuration_store.hpp>
#include <huiyin/people/people_service.hpp>
#include <huiyin/ticket/pack.hpp>

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

/// Brings the organisation to what the pack says: accounts, departments with their contacts and members, calendars, and
/// at last the rules as a new version. Each step is a transaction of its own that changes nothing where nothing
/// differs, so an application that was cut off is simply run again. Errors: `not_found` (a contact or member without an
/// account), those of the services.
task<result<pack_outcome>> apply_pack(people::people_service& people, people::configuration_store& configuration,
                                      pack_application what, domain::actor who);

} // namespace huiyin::upkeep
