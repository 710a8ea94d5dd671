#include <huiyin/domain/ticket_names.hpp>
#include <huiyin/upkeep/pack_diff.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>
#include <string_view>
#include <utility>

namespace huiyin::upkeep {

namespace {

using ticket::pack;

/// All that a thing says, as words by key; what says nothing is left out.
using facts = std::map<std::string, std::string>;

struct thing
{
    std::string code;
    facts says;
};
using things = std::vector<thing>;

std::string yes_or_no(bool flag)
{
    return flag ? "yes" : "no";
}

std::string hours_of(const std::vector<domain::hours_of_day>& all)
{
    const auto wall = [](std::chrono::minutes time) {
        return fmt::format("{:02}:{:02}", time.count() / 60, time.count() % 60);
    };
    std::string text;
    for (const auto& each : all)
        text += fmt::format("{}{}-{}", text.empty() ? "" : ", ", wall(each.from), wall(each.to));
    return text;
}

void add(facts& to, const std::string& key, std::string says)
{
    if (!says.empty()) to.emplace(key, std::move(says));
}

void add(facts& to, const std::string& key, const ticket::translations& words)
{
    for (const auto& [language, text] : words)
        add(to, key + '.' + language, text);
}

std::string shown(const domain::timed_target& t)
{
    return to_string(t.goal) + ' ' + t.calendar;
}

void add(facts& to, const std::string& key, const ticket::target_table& targets,
         const ticket::target_table* unless = nullptr)
{
    for (std::size_t kind = 0; kind < targets.size(); ++kind) {
        const auto& each = targets[kind];
        if (!each) continue;
        if (unless && (*unless)[kind] && shown(*(*unless)[kind]) == shown(*each)) continue;
        add(to, fmt::format("{}.{}", key, to_string(static_cast<domain::deadline_kind>(kind))), shown(*each));
    }
}

facts facts_of(const ticket::pack_calendar& c)
{
    constexpr std::array<std::string_view, 7> days{"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
    facts all;
    add(all, "title", c.title);
    add(all, "time_zone", c.time_zone);
    for (std::size_t i = 0; i < days.size(); ++i)
        add(all, fmt::format("weekly.{}", days[i]), hours_of(c.weekly[i]));
    add(all, "makeup_hours", hours_of(c.makeup_hours));
    add(all, "holidays", c.holidays);
    return all;
}

facts facts_of(const ticket::pack_department& d)
{
    facts all;
    add(all, "name", d.name);
    add(all, "parent", d.parent);
    add(all, "calendar", d.calendar);
    add(all, "contact_a", d.contact_a);
    add(all, "contact_b", d.contact_b);
    if (d.authority_cents) add(all, "authority_cents", std::to_string(*d.authority_cents));
    return all;
}

facts facts_of(const ticket::pack_user& u)
{
    std::vector<std::string_view> roles;
    for (std::size_t i = 0; i < domain::role_count; ++i)
        if (const auto each = static_cast<domain::role>(i); u.roles.has(each)) roles.push_back(to_string(each));
    facts all;
    add(all, "name", u.display_name);
    add(all, "language", u.language);
    add(all, "roles", fmt::format("{}", fmt::join(roles, ", ")));
    add(all, "handles", fmt::format("{}", fmt::join(u.handles, ", ")));
    add(all, "leads", fmt::format("{}", fmt::join(u.leads, ", ")));
    return all;
}

facts facts_of(const ticket::pack_category& c)
{
    facts all;
    add(all, "name", c.name);
    add(all, "type", std::string(domain::to_string(c.type)));
    add(all, "priority", std::string(domain::to_string(c.priority)));
    add(all, "open_to_public", yes_or_no(c.open_to_public));
    add(all, "department", c.department.otherwise);
    for (const auto& [value, department] : c.department.values)
        add(all, fmt::format("department.{}={}", c.department.field, value), department);
    add(all, "observers", fmt::format("{}", fmt::join(c.observers, ", ")));
    add(all, "approval_from", c.approval_from);
    add(all, "presumed_valid", yes_or_no(c.presumed_valid));
    if (c.direct_allowed) add(all, "direct.authority_cents", std::to_string(c.direct_authority_cents));
    add(all, "resolve_from_created", yes_or_no(c.resolve_from_created));
    add(all, "callback_sample_percent", std::to_string(c.callback_sample_percent));
    add(all, "system_may_close", yes_or_no(c.system_may_close));
    if (c.evidence)
        add(all, "evidence",
            fmt::format("files {}{}{}", c.evidence->min_files, c.evidence->contact_required ? ", contact" : "",
                        c.evidence->spoke_required ? ", spoke" : ""));
    add(all, "targets", c.targets);
    for (const auto& [department, targets] : c.targets_by_department)
        add(all, "targets_by_department." + department, targets, &c.targets);
    add(all, "limits.max_returns", std::to_string(c.limits.max_returns));
    add(all, "limits.max_promise", fmt::format("{}d", c.limits.max_promise.count()));
    add(all, "limits.max_extensions", std::to_string(c.limits.max_extensions));
    add(all, "limits.max_extension", to_string(c.limits.max_extension));
    add(all, "limits.max_holds", std::to_string(c.limits.max_holds));
    return all;
}

facts facts_of(const ticket::pack_code& c)
{
    facts all;
    add(all, "name", c.name);
    return all;
}

facts facts_of(const ticket::pack_template& t)
{
    facts all;
    add(all, "name", t.name);
    add(all, "body", t.body);
    return all;
}

facts facts_of(const ticket::pack_root_cause& cause)
{
    facts all;
    add(all, "name", cause.name);
    add(all, "group", cause.group);
    return all;
}

/// What a pack has but once.
facts facts_of(const pack& p)
{
    facts all;
    add(all, "pack", p.name);
    add(all, "title", p.title);
    add(all, "language", p.language);
    add(all, "default_calendar", p.default_calendar);
    add(all, "fallback", p.fallback);
    add(all, "targets", p.targets);
    const auto& plan = p.callback;
    add(all, "callback.calendar", plan.calendar);
    add(all, "callback.hours", hours_of(plan.hours));
    std::vector<std::string> begins, channels;
    for (const auto& each : plan.part_begins)
        begins.push_back(fmt::format("{:02}:{:02}", each.count() / 60, each.count() % 60));
    for (const auto& each : plan.channels)
        channels.push_back(fmt::format("{} after {} misses", domain::to_string(each.channel), each.after_misses));
    add(all, "callback.part_begins", fmt::format("{}", fmt::join(begins, ", ")));
    add(all, "callback.max_attempts", std::to_string(plan.max_attempts));
    add(all, "callback.min_day_parts", std::to_string(plan.min_day_parts));
    add(all, "callback.min_gap", fmt::format("{}m", plan.min_gap.count()));
    add(all, "callback.latest_wish", fmt::format("{}d", plan.latest_wish.count()));
    add(all, "callback.channels", fmt::format("{}", fmt::join(channels, ", ")));
    add(all, "callback.opens_after", fmt::format("{}m", plan.opens_after.count()));
    add(all, "callback.max_rounds", std::to_string(plan.max_rounds));
    add(all, "callback.reviewer", p.callback_reviewer);
    if (p.repeat)
        add(all, "repeat",
            fmt::format("{} from {} within {}d on", p.repeat->category, p.repeat->count, p.repeat->within.count()));
    return all;
}

template <class List, class Key>
things things_of(const List& list, Key key)
{
    things all;
    for (const auto& each : list)
        all.push_back({each.*key, facts_of(each)});
    return all;
}

struct part
{
    std::string_view name;
    things all;
};

std::vector<part> parts_of(const pack& p)
{
    std::vector<part> parts;
    parts.push_back({"pack", {{"", facts_of(p)}}});
    parts.push_back({"calendar", things_of(p.calendars, &ticket::pack_calendar::name)});
    parts.push_back({"department", things_of(p.departments, &ticket::pack_department::code)});
    parts.push_back({"user", things_of(p.users, &ticket::pack_user::login)});
    part fields{"field", {}}, reasons{"reason", {}}, banned{"banned_phrase", {}};
    for (const auto& each : p.fields) {
        facts says;
        add(says, "name", each.name);
        for (const auto& value : each.values)
            add(says, "value." + value.code, value.name);
        fields.all.push_back({each.code, std::move(says)});
    }
    for (const auto group : ticket::reason_groups())
        if (const auto found = p.reasons.find(std::string(group)); found != p.reasons.end())
            for (const auto& each : found->second)
                reasons.all.push_back({fmt::format("{}/{}", group, each.code), facts_of(each)});
    for (const auto& each : p.banned_phrases)
        banned.all.push_back({each, {}});
    parts.push_back(std::move(fields));
    parts.push_back({"category", things_of(p.categories, &ticket::pack_category::code)});
    parts.push_back({"invalid_reply_template", things_of(p.invalid_reply_templates, &ticket::pack_template::code)});
    parts.push_back(std::move(banned));
    parts.push_back(std::move(reasons));
    parts.push_back({"root_cause", things_of(p.root_causes, &ticket::pack_root_cause::code)});
    return parts;
}

const thing* find(const things& all, const std::string& code)
{
    const auto found = std::ranges::find(all, code, &thing::code);
    return found == all.end() ? nullptr : &*found;
}

/// What people would call it: its name, else its code.
std::string called(const thing& t)
{
    const auto name = t.says.find("name.en");
    if (name != t.says.end()) return name->second;
    const auto plain = t.says.find("name");
    return plain == t.says.end() ? t.code : plain->second;
}

void compare(std::string_view part, const thing& before, const thing& after, std::vector<pack_change>& changes)
{
    std::set<std::string> keys;
    for (const auto* of : {&before.says, &after.says})
        for (const auto& [key, says] : *of)
            keys.insert(key);
    const auto said = [](const facts& all, const std::string& key) {
        const auto found = all.find(key);
        return found == all.end() ? std::string() : found->second;
    };
    for (const auto& key : keys)
        if (auto old = said(before.says, key), now = said(after.says, key); old != now)
            changes.push_back({std::string(part), before.code, key, std::move(old), std::move(now)});
}

/// The codes that both have, in the order of the first.
std::vector<std::string> common(const things& of, const things& with)
{
    std::vector<std::string> codes;
    for (const auto& each : of)
        if (find(with, each.code)) codes.push_back(each.code);
    return codes;
}

void compare(std::string_view part, const things& before, const things& after, std::vector<pack_change>& changes)
{
    for (const auto& each : before) {
        if (const auto* const now = find(after, each.code))
            compare(part, each, *now, changes);
        else
            changes.push_back({std::string(part), each.code, {}, called(each), {}});
    }
    for (const auto& each : after)
        if (!find(before, each.code)) changes.push_back({std::string(part), each.code, {}, {}, called(each)});
    // People choose from these lists, so their order is a part of what they say.
    const auto was = common(before, after), is = common(after, before);
    if (was != is)
        changes.push_back({std::string(part),
                           {},
                           "order",
                           fmt::format("{}", fmt::join(was, ", ")),
                           fmt::format("{}", fmt::join(is, ", "))});
}

} // namespace

std::vector<pack_change> compare_packs(const pack& before, const pack& after)
{
    const auto old = parts_of(before), now = parts_of(after);
    std::vector<pack_change> changes;
    for (std::size_t i = 0; i < now.size(); ++i)
        compare(now[i].name, old[i].all, now[i].all, changes);
    return changes;
}

std::string to_text(const std::vector<pack_change>& changes)
{
    std::string text;
    std::pair<std::string, std::string> under;
    for (const auto& each : changes) {
        const auto name = each.code.empty() ? each.part : each.part + ' ' + each.code;
        if (each.key.empty()) {
            text += each.before.empty() ? fmt::format("+ {}: {}\n", name, each.after)
                                        : fmt::format("- {}: {}\n", name, each.before);
            continue;
        }
        if (under != std::pair(each.part, each.code)) text += fmt::format("~ {}\n", name);
        under = {each.part, each.code};
        text += fmt::format("    {}: {} -> {}\n", each.key, each.before.empty() ? "none" : each.before,
                            each.after.empty() ? "none" : each.after);
    }
    return text;
}

} // namespace huiyin::upkeep
