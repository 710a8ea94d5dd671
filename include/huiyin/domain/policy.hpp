#pragma once

#include <huiyin/base/id.hpp>
#include <huiyin/domain/calendar.hpp>
#include <huiyin/domain/callback.hpp>
#include <huiyin/domain/deadline.hpp>
#include <huiyin/domain/target.hpp>
#include <huiyin/domain/ticket_names.hpp>

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace huiyin::domain {

enum class ticket_type { enquiry, request, suggestion, complaint, report, appeal };
template <>
struct names<ticket_type>
{
    static constexpr auto of =
        std::to_array<std::string_view>({"enquiry", "request", "suggestion", "complaint", "report", "appeal"});
};

/// P1 danger or mass, P2 urgent, P3 normal, P4 low.
enum class ticket_priority { p1, p2, p3, p4 };
template <>
struct names<ticket_priority>
{
    static constexpr auto of = std::to_array<std::string_view>({"P1", "P2", "P3", "P4"});
};

/// A target and the calendar it counts in.
struct timed_target
{
    target goal;
    std::string calendar;
};

/// Who decides a solution. Amounts are in cents.
struct approval_rule
{
    /// The lead department, then the one above it, and so on; or where the category says otherwise, that leader's
    /// department and upwards. The leader of chain[k] decides on level k. The last one decides whatever comes.
    std::vector<department_id> chain;
    /// What level k may decide alone; a level without an entry has no limit.
    std::vector<std::int64_t> authority;
};

/// A department that is to lead, with its contacts and what is known of their presence.
struct destination
{
    department_id department;
    std::optional<user_id> contact_a;
    std::optional<user_id> contact_b;
    bool a_is_away = false;
    bool b_is_away = false;
};

/// What `complete` must bring before a reply counts (the evidence gate).
struct evidence_rule
{
    int min_files = 1;
    /// A contact with the customer must be named, and be one that was logged since the work began.
    bool contact_required = false;
    /// … by which he was reached by voice or face to face.
    bool spoke_required = false;
};

/// All that the rules need to know besides the ticket: resolved by the service for the ticket's category and lead
/// department, the calendars included (those of running deadlines that an earlier version began, too).
struct policy
{
    int version = 0;
    /// Empty when the category is unknown.
    std::string category;
    ticket_type type = ticket_type::complaint;
    ticket_priority priority = ticket_priority::p3;
    /// The rule's department, if the category has one.
    std::optional<department_id> department;

    /// By deadline_kind. Without an entry `target_for` decides.
    std::array<std::optional<timed_target>, deadline_kind_count> targets;
    /// For targets without an entry of their own.
    std::string default_calendar;
    std::vector<std::shared_ptr<const calendar>> calendars;
    /// `resolve` counts from the ticket's creation instead of its dispatch.
    bool resolve_from_created = false;

    bool direct_allowed = false;                      ///< May be resolved at the first contact (row 2).
    std::int64_t direct_authority = 0;                ///< Cents an agent may spend on it.
    std::vector<std::string> invalid_reply_templates; ///< Codes of the approved ones.
    std::vector<std::string> banned_phrases;

    approval_rule approval;
    callback_plan callback;
    int max_returns = 2;
    std::chrono::days max_promise{30};
    int max_extensions = 1;
    target max_extension{target_unit::working_days, 2, {}};
    int max_holds = 3;
    evidence_rule evidence;
    /// Who owns what no department was found for within `targets[fallback]`. Without both, that clock does not run.
    std::optional<destination> fallback;

    /// Nullptr when the service did not bring it.
    const calendar* find_calendar(std::string_view name) const;
};

/// The target of the policy or, for a clock without which a ticket could lie unwatched, the house's default: dispatch
/// 2h, accept 4bh, return_window 4bh, approve 1wd, resolve 5wd, callback 1wd, review 1wd, invalid_reply 1wd, urge_reply
/// 1wd, supervision_reply 1wd, hold_max 5wd, archive 30d (which is the reopen window). None for the others: then that
/// clock does not run.
std::optional<timed_target> target_for(const policy& p, deadline_kind kind);

/// The first banned phrase that the words hold, letter case of A–Z aside. For the service, which alone sees words.
std::optional<std::string> banned_phrase_in(const policy& p, std::string_view words);

} // namespace huiyin::domain
