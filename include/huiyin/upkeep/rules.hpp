#pragma once

#include <huiyin/people/configuration_store.hpp>
#include <huiyin/ticket/configuration.hpp>
#include <huiyin/ticket/pack.hpp>
#include <huiyin/upkeep/pack_diff.hpp>

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

/// The rules changed at the console: everything of a pack but its departments and accounts, and the calendars' years.
namespace huiyin::upkeep {

/// Who made a version of the rules. The name is empty for what is no user.
struct rules_author
{
    domain::actor_kind kind = domain::actor_kind::system;
    uuid id;
    std::string name;
};

struct rules_version
{
    int version = 0;
    std::string pack;
    instant applied_at;
    rules_author by;
};

/// Newest first, those below `before`; at most `limit` (1 to 200).
task<result<std::vector<rules_version>>> list_rules(pg::database& db, std::optional<int> before, std::size_t limit);
task<result<std::optional<rules_version>>> find_rules(pg::database& db, int version);

/// One year of a list of holidays as it is to be.
struct proposed_year
{
    std::string calendar;
    int year = 0;
    /// The version that was seen; 0: none was there.
    std::int64_t seen = 0;
    std::string document;
    domain::calendar_year days;
};

struct proposed_rules
{
    std::string document;
    ticket::pack pack;
    std::vector<proposed_year> years;
};

/// Reads a change (RulesChange of docs/openapi.yaml) of `current`, a pack's document: either `document`, a whole pack,
/// or parts of one. `categories` and `calendars` are merged into those of the same code or name (RFC 7396: null takes
/// away), or added; `targets`, `limits`, `callback` and `reasons` are merged; other parts are replaced. All that is
/// wrong comes at once; what is merged is named by its code ("categories.missed_copy.targets.resolve").
ticket::checked<proposed_rules> propose_rules(const std::string& current, const nlohmann::json& change);

/// The rules as they would be; `version` is that of `before` plus one.
task<result<std::shared_ptr<const ticket::configuration>>> foreseen_configuration(pg::database& db, const clock& time,
                                                                                  const ticket::configuration& before,
                                                                                  const proposed_rules& what);

struct published_rules
{
    int version = 0;
    /// The rules themselves, not only the years of calendars.
    bool is_new = false;
    std::vector<std::string> calendar_years; ///< New or changed: "cn 2026".
};

/// One transaction: the years, and the rules as a new version where they say something else. Clocks that run are
/// counted anew afterwards by the scanner. Errors: `not_found` without configuration_manage; `stale_version` (facts
/// version, changed_by, changed_at) where `seen` is not the current one or a year's is not, which leaves nothing
/// behind.
task<result<published_rules>> publish_rules(pg::database& db, const clock& time, int seen, proposed_rules what,
                                            domain::actor who);

/// `stale_version` with who made the current one and when.
error stale_rules(const rules_version& current);

} // namespace huiyin::upkeep
