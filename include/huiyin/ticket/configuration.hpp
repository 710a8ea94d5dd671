#pragma once

#include <huiyin/async/task.hpp>
#include <huiyin/base/time.hpp>
#include <huiyin/domain/policy.hpp>
#include <huiyin/pg/database.hpp>
#include <huiyin/ticket/pack.hpp>

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace huiyin::ticket {

/// A department as the rules see it.
struct department_entry
{
    department_id id;
    std::string code;
    std::optional<department_id> parent;
    std::optional<user_id> contact_a;
    std::optional<user_id> contact_b;
    /// By language.
    std::map<std::string, std::string> name;
};

/// The organisation's rules at one moment: the applied pack, the calendars with the years loaded for them, and the
/// departments. Immutable, shared within a reactor.
class configuration
{
public:
    /// `former`: calendars that clocks still run by; used where the pack has none of that name any more.
    configuration(int version, pack rules, std::map<std::string, std::map<int, domain::calendar_year>> years,
                  std::vector<department_entry> departments,
                  std::vector<std::shared_ptr<const domain::calendar>> former = {});

    int version() const { return version_; }
    const pack& rules() const { return rules_; }
    /// What the rules say about a ticket of this category. An unknown or empty category gives the house's defaults:
    /// such a ticket can be registered and triaged, no more. `answers` by field code decide between departments;
    /// `lead`, the department that leads, begins the chain of approval.
    domain::policy policy_for(std::string_view category, const std::map<std::string, std::string>& answers = {},
                              const std::optional<department_id>& lead = std::nullopt) const;
    const department_entry* find_department(department_id id) const;
    const department_entry* find_department(std::string_view code) const;
    const std::vector<department_entry>& departments() const { return departments_; }
    const std::vector<std::shared_ptr<const domain::calendar>>& calendars() const { return calendars_; }
    const domain::calendar* find_calendar(std::string_view name) const;
    /// The years loaded for the list of holidays that the calendar follows.
    const std::map<int, domain::calendar_year>& years_of(const pack_calendar& calendar) const;

private:
    int version_;
    pack rules_;
    std::map<std::string, std::map<int, domain::calendar_year>> years_;
    std::vector<std::shared_ptr<const domain::calendar>> calendars_;
    std::vector<department_entry> departments_;
};

/// One per reactor. What it gives is at most `fresh_for` behind the database.
class configurations
{
public:
    configurations(pg::database& db, duration fresh_for = std::chrono::seconds(2)) : db_(db), fresh_for_(fresh_for) {}

    /// Errors: `not_configured` where no pack has been applied, `corrupt` where it cannot be read, those of the
    /// database (a configuration that was read before is then used further).
    task<result<std::shared_ptr<const configuration>>> current();

private:
    task<result<std::shared_ptr<const configuration>>> load();

    pg::database& db_;
    duration fresh_for_;
    std::shared_ptr<const configuration> known_;
    std::string stamp_;
    std::chrono::steady_clock::time_point checked_at_{};
};

} // namespace huiyin::ticket
