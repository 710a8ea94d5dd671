#pragma once

#include <huiyin/domain/actor.hpp>
#include <huiyin/domain/calendar.hpp>
#include <huiyin/domain/callback.hpp>
#include <huiyin/domain/deadline.hpp>
#include <huiyin/domain/policy.hpp>
#include <huiyin/domain/target.hpp>

#include <array>
#include <chrono>
#include <cstdint>
#include <expected>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// A pack is an organisation as one JSON document: departments, people, calendars, categories with their clocks, and
/// the wordings and codes people choose from. Here it is read and checked whole; config/packs/README.md lists the keys.
/// Uses `base` and `domain` alone.
namespace huiyin::ticket {

/// By language; each of "zh-CN", "zh-TW" and "en" is there.
using translations = std::map<std::string, std::string>;

/// A code and how people read it.
struct pack_code
{
    std::string code;
    translations name;
};

struct pack_calendar
{
    std::string name;
    translations title; ///< How people read it; empty for its name.
    std::string time_zone;
    domain::weekly_hours weekly;
    std::vector<domain::hours_of_day> makeup_hours;
    /// The list of calendar years it follows ("cn" of config/calendars/); empty for none.
    std::string holidays;
};

struct pack_department
{
    std::string code;
    translations name;
    std::string parent; ///< Empty for a root.
    std::string calendar;
    std::string contact_a; ///< Logins; empty for none.
    std::string contact_b;
    /// What its leader may decide alone; empty for no limit.
    std::optional<std::int64_t> authority_cents;
};

/// A demo account. Its password comes from whoever applies the pack.
struct pack_user
{
    std::string login;
    std::string display_name;
    std::string language;
    domain::role_set roles;
    std::vector<std::string> handles; ///< Departments whose work he does.
    std::vector<std::string> leads;   ///< Departments he leads.
};

/// A thing asked at intake whose answer is one of a list.
struct pack_field
{
    std::string code;
    translations name;
    std::vector<pack_code> values;
};

/// Which department a new ticket goes to.
struct department_rule
{
    std::string field; ///< Empty: always `otherwise`.
    std::map<std::string, std::string> values;
    std::string otherwise;

    /// `answers` by field code.
    const std::string& department_for(const std::map<std::string, std::string>& answers) const;
};

struct pack_limits
{
    int max_returns = 2;
    std::chrono::days max_promise{30};
    int max_extensions = 1;
    domain::target max_extension{domain::target_unit::working_days, 2, {}};
    int max_holds = 3;
};

/// By deadline_kind.
using target_table = std::array<std::optional<domain::timed_target>, domain::deadline_kind_count>;

struct pack_category
{
    std::string code;
    translations name;
    domain::ticket_type type = domain::ticket_type::complaint;
    domain::ticket_priority priority = domain::ticket_priority::p3;
    bool open_to_public = true; ///< Offered on the public form.
    department_rule department;
    std::vector<std::string> observers; ///< Departments that watch each ticket.
    std::string approval_from;          ///< Where the chain of approval begins; empty: with the lead department.
    bool presumed_valid = false;        ///< What the desk is offered first when it judges.
    bool direct_allowed = false;
    std::int64_t direct_authority_cents = 0;
    bool resolve_from_created = false;
    int callback_sample_percent = 100;
    bool system_may_close = false;
    /// What a reply must bring. Where it is given, files are those on the ticket's timeline; where it is not, as many
    /// pieces as the department says it has.
    std::optional<domain::evidence_rule> evidence;
    target_table targets; ///< The pack's own defaults filled in.
    /// What differs where that department leads, by its code; the rest filled in.
    std::map<std::string, target_table> targets_by_department;
    pack_limits limits; ///< The pack's own, with what the category overrides.
};

/// When a customer's further complaint is one of another category.
struct repeat_rule
{
    std::string category;
    int count = 2; ///< Complaints of one customer, the new one included …
    std::chrono::days within{30};
};

struct pack_template
{
    std::string code;
    translations name;
    translations body;
};

struct pack_root_cause
{
    std::string code;
    translations name;
    std::string group; ///< "product", "service", "expectation", "safety" or "outside".
};

struct pack
{
    std::string name;
    translations title;
    /// In which customers are written to.
    std::string language = "zh-CN";
    std::string default_calendar;
    std::vector<pack_calendar> calendars;
    std::vector<pack_department> departments;
    std::vector<pack_user> users;
    std::vector<pack_field> fields;
    target_table targets; ///< For what has no category yet, and where a category says nothing else.
    std::vector<pack_category> categories;
    domain::callback_plan callback;
    std::string callback_reviewer; ///< The department whose contact A decides when attempts or rounds are exhausted.
    std::string fallback;          ///< The department that gets what nobody found one for within target `fallback`.
    std::optional<repeat_rule> repeat;
    std::vector<pack_template> invalid_reply_templates;
    std::vector<std::string> banned_phrases;
    /// Reason codes by what they are the reason of; the keys are `reason_groups()`.
    std::map<std::string, std::vector<pack_code>> reasons;
    std::vector<pack_root_cause> root_causes;

    const pack_category* find_category(std::string_view code) const;
    const pack_department* find_department(std::string_view code) const;
    const pack_calendar* find_calendar(std::string_view name) const;
};

/// "invalid", "return", "transfer", "promise", "extension", "hold", "no_responsible", "reply_rejected", "unsatisfied",
/// "unreachable", "dispute", "final_answer"; and, which a pack may do without, "remedy", "withdraw", "reopen".
std::vector<std::string_view> reason_groups();

/// One thing that is wrong: "categories[2].targets.resolve: unknown unit in '3x' (m, h, d, bh, bm or wd)".
struct violation
{
    std::string path;
    std::string what;

    std::string to_string() const { return path.empty() ? what : path + ": " + what; }
    bool operator==(const violation&) const = default;
};

template <class T>
using checked = std::expected<T, std::vector<violation>>;

/// Reads a pack of at most 1 MiB. Refused: unknown and repeated keys, lists and words beyond their bounds, names of
/// things that are not there, a circle of departments, a category whose department nobody can accept for or approve in.
/// All violations come at once, at most 200, in the order of the document's parts. Contacts are checked against `users`
/// where the pack has any; without, whoever applies it checks them against the accounts that exist.
checked<pack> parse_pack(std::string_view json);

/// One file of config/calendars/.
struct calendar_file
{
    std::string calendar;
    int year = 0;
    domain::calendar_year days;
    std::string source;
};
/// {"calendar":"cn","year":2026,"off":["01-01/01-03",…],"work":["01-04",…],"source":"…"}: days or ranges of that year,
/// `work` on days that `off` does not list. At most 64 KiB; violations as above.
checked<calendar_file> parse_calendar_file(std::string_view json);

/// The calendar with the years loaded for its list; for a sound pack it cannot fail.
domain::calendar make_calendar(const pack_calendar& c, const std::map<int, domain::calendar_year>& years);

} // namespace huiyin::ticket
