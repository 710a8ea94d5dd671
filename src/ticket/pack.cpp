#include <huiyin/base/text.hpp>
#include <huiyin/ticket/json_check.hpp>
#include <huiyin/ticket/pack.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

namespace huiyin::ticket {

using namespace std::chrono;
using nlohmann::json;

namespace {

constexpr std::size_t largest_pack = 1024 * 1024;
constexpr std::array<std::string_view, 3> languages{"zh-CN", "zh-TW", "en"};
constexpr std::array<std::string_view, 7> weekdays{"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
constexpr std::array<std::string_view, 5> cause_groups{"product", "service", "expectation", "safety", "outside"};
constexpr std::int64_t most_cents = 1'000'000'000'00;

translations read_translations(const json_part& part, std::size_t longest)
{
    json_object in(part);
    translations all;
    for (const auto language : languages)
        all.emplace(language, in.text(language, longest));
    return all;
}

translations read_name(json_object& in)
{
    const auto name = in.required("name");
    return name ? read_translations(*name, 100) : translations{};
}

pack_code read_code(const json_part& part)
{
    json_object in(part);
    return {in.code("code"), read_name(in)};
}

std::optional<minutes> time_of_day(std::string_view text)
{
    if (text.size() != 5 || text[2] != ':') return {};
    for (const std::size_t i : {0U, 1U, 3U, 4U})
        if (text[i] < '0' || text[i] > '9') return {};
    const auto two = [&](std::size_t i) { return (text[i] - '0') * 10 + (text[i + 1] - '0'); };
    if (two(3) > 59) return {};
    const auto time = hours(two(0)) + minutes(two(3));
    return time <= hours(24) ? std::optional<minutes>(time) : std::nullopt;
}

std::vector<domain::hours_of_day> read_hours(const json_part& part)
{
    std::vector<domain::hours_of_day> all;
    for (const auto& each : part.list(0, 12)) {
        const auto text = each.text(11);
        if (text.empty()) continue;
        const auto from = time_of_day(std::string_view(text).substr(0, 5));
        const auto to =
            text.size() == 11 && text[5] == '-' ? time_of_day(std::string_view(text).substr(6)) : std::nullopt;
        if (!from || !to)
            each.fault("not of the form 09:00-12:00");
        else if (*to <= *from)
            each.fault("ends before it begins");
        else if (!all.empty() && *from <= all.back().to)
            each.fault("does not begin after the one before");
        else
            all.push_back({*from, *to});
    }
    return all;
}

pack_calendar read_calendar(const json_part& part)
{
    json_object in(part);
    pack_calendar c;
    c.name = in.code("name");
    if (const auto title = in.optional("title")) c.title = read_translations(*title, 100);
    c.time_zone = in.text("time_zone", 64);
    if (!c.time_zone.empty() && !domain::is_time_zone(c.time_zone)) in.fault("time_zone", "no such zone");
    if (const auto week = in.required("weekly")) {
        json_object days(*week);
        for (std::size_t i = 0; i < weekdays.size(); ++i)
            if (const auto day = days.optional(weekdays[i])) c.weekly[i] = read_hours(*day);
        if (std::ranges::all_of(c.weekly, [](const auto& day) { return day.empty(); }))
            week->fault("no hours in the week");
    }
    if (const auto makeup = in.optional("makeup_hours")) c.makeup_hours = read_hours(*makeup);
    c.holidays = in.optional_code("holidays");
    return c;
}

pack_department read_department(const json_part& part)
{
    json_object in(part);
    pack_department d;
    d.code = in.code("code");
    d.name = read_name(in);
    d.parent = in.optional_code("parent");
    d.calendar = in.code("calendar");
    d.contact_a = in.optional_text("contact_a", 64);
    d.contact_b = in.optional_text("contact_b", 64);
    if (!d.contact_a.empty() && d.contact_a == d.contact_b) in.fault("contact_b", "the same person as contact_a");
    if (in.has("authority_cents")) d.authority_cents = in.integer("authority_cents", 0, most_cents);
    return d;
}

/// Empty where something was said of it already.
void check_language(json_object& in, const std::string& language)
{
    if (!language.empty() && std::ranges::find(languages, language) == languages.end())
        in.fault("language", "not zh-CN, zh-TW or en");
}

pack_user read_user(const json_part& part)
{
    json_object in(part);
    pack_user u;
    u.login = in.text("login", 64);
    const auto plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
    if (!u.login.empty() && (!plain(u.login.front()) || !std::ranges::all_of(u.login, [&](char c) {
            return plain(c) || std::string_view("._@+-").find(c) != std::string_view::npos;
        })))
        in.fault("login", "not a log-in name (a-z, 0-9 and . _ @ + -)");
    u.display_name = in.text("name", 100);
    u.language = in.text("language", 5);
    check_language(in, u.language);
    if (const auto roles = in.required("roles"))
        for (const auto& each : roles->list(1, domain::role_count)) {
            const auto word = each.text(64);
            if (const auto role = domain::parse_role(word))
                u.roles.add(*role);
            else if (!word.empty())
                each.fault("no such role");
        }
    u.handles = in.optional_texts("handles", 100, 64);
    u.leads = in.optional_texts("leads", 100, 64);
    return u;
}

pack_field read_field(const json_part& part)
{
    json_object in(part);
    pack_field f{in.code("code"), read_name(in), {}};
    if (const auto values = in.required("values"))
        for (const auto& each : values->list(1, 500))
            f.values.push_back(read_code(each));
    return f;
}

department_rule read_rule(const json_part& part)
{
    department_rule rule;
    if (part.is_text()) {
        rule.otherwise = part.text(64);
        return rule;
    }
    json_object in(part);
    rule.field = in.code("field");
    if (const auto values = in.required("values"))
        for (const auto& [name, value] : values->members(1, 500))
            rule.values.emplace(name, value.text(64));
    rule.otherwise = in.code("otherwise");
    return rule;
}

/// A clock time in whole days, up to `most`.
std::optional<days> read_days(json_object& in, std::string_view name, int most)
{
    const auto text = in.text(name, 16);
    if (text.empty()) return {};
    const auto parsed = domain::parse_target(text);
    if (parsed && parsed->unit == domain::target_unit::days && parsed->count <= most) return days(parsed->count);
    in.fault(name, fmt::format("not of the form 30d, from 1d to {}d", most));
    return {};
}

void read_limits(const json_part& part, pack_limits& limits)
{
    json_object in(part);
    if (in.has("max_returns")) limits.max_returns = static_cast<int>(in.integer("max_returns", 0, 20));
    if (in.has("max_holds")) limits.max_holds = static_cast<int>(in.integer("max_holds", 0, 20));
    if (in.has("max_promise")) limits.max_promise = read_days(in, "max_promise", 365).value_or(limits.max_promise);
    if (in.has("max_extensions")) limits.max_extensions = static_cast<int>(in.integer("max_extensions", 0, 20));
    if (!in.has("max_extension")) return;
    const auto text = in.text("max_extension", 16);
    if (text.empty()) return;
    const auto parsed = domain::parse_target(text);
    if (!parsed)
        in.fault("max_extension", parsed.error().detail);
    else if (parsed->unit == domain::target_unit::cutoffs)
        in.fault("max_extension", "not a length of time");
    else
        limits.max_extension = *parsed;
}

void read_targets(const json_part& part, target_table& targets)
{
    for (const auto& [name, value] : part.members(0, domain::deadline_kind_count)) {
        const auto kind = domain::parse_deadline_kind(name);
        if (!kind) {
            value.fault("no such clock");
            continue;
        }
        if (*kind == domain::deadline_kind::promise_due || *kind == domain::deadline_kind::rework) {
            value.fault("not a target: a promise is due when promised, a rework gets half of the first round");
            continue;
        }
        const auto text = value.text(200);
        if (text.empty()) continue;
        const auto space = text.find(' ');
        const auto parsed = domain::parse_target(std::string_view(text).substr(0, space));
        if (!parsed)
            value.fault(parsed.error().detail);
        else if (space == std::string::npos || space + 1 == text.size())
            value.fault("names no calendar, as in '3wd office'");
        else
            targets[static_cast<std::size_t>(*kind)] = domain::timed_target{*parsed, text.substr(space + 1)};
    }
}

domain::evidence_rule read_evidence(const json_part& part)
{
    json_object in(part);
    domain::evidence_rule rule;
    rule.min_files = static_cast<int>(in.integer("files", 0, 20));
    rule.contact_required = in.flag("contact", false);
    rule.spoke_required = in.flag("spoke", false);
    return rule;
}

pack_category read_category(const json_part& part, const target_table& targets, const pack_limits& limits)
{
    json_object in(part);
    pack_category c;
    c.targets = targets;
    c.limits = limits;
    c.code = in.code("code");
    c.name = read_name(in);
    if (const auto word = in.text("type", 20); !word.empty()) {
        if (const auto type = domain::parse_name<domain::ticket_type>(word))
            c.type = *type;
        else
            in.fault("type", "no such ticket type");
    }
    if (const auto word = in.text("priority", 2); !word.empty()) {
        if (const auto priority = domain::parse_name<domain::ticket_priority>(word))
            c.priority = *priority;
        else
            in.fault("priority", "not P1, P2, P3 or P4");
    }
    c.open_to_public = in.flag("open_to_public", true);
    if (const auto rule = in.required("department")) c.department = read_rule(*rule);
    c.observers = in.optional_texts("observers", 20, 64);
    c.approval_from = in.optional_code("approval_from");
    c.presumed_valid = in.flag("presumed_valid", false);
    if (const auto direct = in.optional("direct")) {
        json_object terms(*direct);
        c.direct_allowed = true;
        c.direct_authority_cents = terms.integer("authority_cents", 0, most_cents);
    }
    c.resolve_from_created = in.flag("resolve_from_created", false);
    if (in.has("callback_sample_percent"))
        c.callback_sample_percent = static_cast<int>(in.integer("callback_sample_percent", 0, 100));
    c.system_may_close = in.flag("system_may_close", false);
    if (const auto evidence = in.optional("evidence")) c.evidence = read_evidence(*evidence);
    if (const auto own = in.optional("targets")) read_targets(*own, c.targets);
    if (const auto own = in.optional("targets_by_department"))
        for (const auto& [department, part_of] : own->members(1, 500))
            read_targets(part_of, c.targets_by_department.emplace(department, c.targets).first->second);
    if (const auto own = in.optional("limits")) read_limits(*own, c.limits);
    const bool drawn_by_lot = c.type == domain::ticket_type::enquiry || c.type == domain::ticket_type::suggestion;
    if (c.callback_sample_percent < 100 && !drawn_by_lot)
        in.fault("callback_sample_percent", "only enquiries and suggestions are called back by sample");
    return c;
}

std::vector<domain::channel_step> read_channels(const json_part& part)
{
    std::vector<domain::channel_step> steps;
    for (const auto& each : part.list(1, 10)) {
        json_object in(each);
        domain::channel_step step;
        step.after_misses = static_cast<int>(in.integer("after_misses", 1, 20));
        const auto word = in.text("channel", 10);
        if (const auto channel = domain::parse_name<domain::callback_channel>(word))
            step.channel = *channel;
        else if (!word.empty())
            in.fault("channel", "not phone, sms or email");
        if (!steps.empty() && step.after_misses <= steps.back().after_misses)
            in.fault("after_misses", "not more than the one before");
        steps.push_back(step);
    }
    return steps;
}

domain::callback_plan read_callback(const json_part& part, std::string& reviewer)
{
    json_object in(part);
    domain::callback_plan plan;
    if (const auto channels = in.optional("channels")) plan.channels = read_channels(*channels);
    if (in.has("max_rounds")) plan.max_rounds = static_cast<int>(in.integer("max_rounds", 1, 20));
    if (in.has("opens_after")) {
        const auto text = in.text("opens_after", 16);
        const auto length = domain::parse_target(text);
        if (length && length->unit == domain::target_unit::minutes && length->count <= 24 * 60)
            plan.opens_after = minutes(length->count);
        else if (!text.empty())
            in.fault("opens_after", "not of the form 30m, up to 1440m");
    }
    reviewer = in.optional_code("reviewer");
    plan.calendar = in.code("calendar");
    if (const auto hours_of = in.required("hours")) {
        plan.hours = read_hours(*hours_of);
        if (plan.hours.empty()) hours_of->fault("empty");
    }
    if (const auto begins = in.required("part_begins")) {
        plan.part_begins.clear();
        for (const auto& each : begins->list(1, 12)) {
            const auto text = each.text(5);
            if (text.empty()) continue;
            const auto time = time_of_day(text);
            if (!time || *time >= hours(24))
                each.fault("not a time of day");
            else if (!plan.part_begins.empty() && *time <= plan.part_begins.back())
                each.fault("does not come after the one before");
            else
                plan.part_begins.push_back(*time);
        }
        if (!plan.part_begins.empty() && plan.part_begins.front() != minutes(0))
            begins->fault("the first part does not begin at 00:00");
    }
    plan.max_attempts = static_cast<int>(in.integer("max_attempts", 1, 20));
    plan.min_day_parts = static_cast<int>(in.integer("min_day_parts", 1, 12));
    if (plan.min_day_parts > plan.max_attempts) in.fault("min_day_parts", "more than max_attempts");
    std::set<std::ptrdiff_t> reachable;
    for (const auto& open : plan.hours)
        for (auto minute = open.from; minute < open.to; minute += minutes(1))
            reachable.insert(std::ranges::upper_bound(plan.part_begins, minute) - plan.part_begins.begin());
    if (std::cmp_greater(plan.min_day_parts, reachable.size()))
        in.fault("min_day_parts", "more parts of the day than the hours touch");
    if (const auto text = in.text("min_gap", 16); !text.empty()) {
        const auto gap = domain::parse_target(text);
        if (gap && gap->unit == domain::target_unit::hours && gap->count <= 168)
            plan.min_gap = hours(gap->count);
        else if (gap && gap->unit == domain::target_unit::minutes && gap->count <= 168 * 60)
            plan.min_gap = minutes(gap->count);
        else
            in.fault("min_gap", "not of the form 2h or 90m, up to 168h");
    }
    plan.latest_wish = read_days(in, "latest_wish", 365).value_or(plan.latest_wish);
    return plan;
}

repeat_rule read_repeat(const json_part& part)
{
    json_object in(part);
    repeat_rule rule;
    rule.category = in.code("category");
    rule.count = static_cast<int>(in.integer("count", 2, 50));
    rule.within = read_days(in, "within", 365).value_or(rule.within);
    return rule;
}

pack_template read_template(const json_part& part)
{
    json_object in(part);
    pack_template t{in.code("code"), read_name(in), {}};
    if (const auto body = in.required("body")) t.body = read_translations(*body, 4000);
    return t;
}

pack_root_cause read_root_cause(const json_part& part)
{
    json_object in(part);
    pack_root_cause cause{in.code("code"), read_name(in), in.text("group", 20)};
    if (!cause.group.empty() && std::ranges::find(cause_groups, cause.group) == cause_groups.end())
        in.fault("group", "not product, service, expectation, safety or outside");
    return cause;
}

/// Groups that came after the first packs were applied: those stay readable.
bool needs_no_codes(std::string_view group)
{
    return group == "remedy" || group == "withdraw" || group == "reopen";
}

void read_reasons(const json_part& part, pack& p)
{
    json_object in(part);
    for (const auto group : reason_groups()) {
        const auto codes = needs_no_codes(group) ? in.optional(group) : in.required(group);
        if (!codes) continue;
        auto& into = p.reasons[std::string(group)];
        for (const auto& each : codes->list(1, 200))
            into.push_back(read_code(each));
    }
}

/// The list `name` of `in`, each entry by `read`.
template <class T, class Read>
void read_list(json_object& in, std::string_view name, std::size_t least, std::size_t most, std::vector<T>& into,
               Read read)
{
    const auto part = least > 0 ? in.required(name) : in.optional(name);
    if (!part) return;
    for (const auto& each : part->list(least, most))
        into.push_back(read(each));
}

pack read_pack(const json_part& document)
{
    json_object in(document);
    pack p;
    p.name = in.code("pack");
    if (const auto title = in.required("title")) p.title = read_translations(*title, 100);
    if (const auto language = in.optional_text("language", 5); !language.empty()) {
        p.language = language;
        check_language(in, language);
    }
    p.default_calendar = in.code("default_calendar");
    read_list(in, "calendars", 1, 50, p.calendars, read_calendar);
    read_list(in, "departments", 1, 1000, p.departments, read_department);
    read_list(in, "users", 0, 2000, p.users, read_user);
    read_list(in, "fields", 0, 50, p.fields, read_field);
    pack_limits limits;
    if (const auto part = in.optional("limits")) read_limits(*part, limits);
    if (const auto part = in.optional("targets")) read_targets(*part, p.targets);
    read_list(in, "categories", 1, 500, p.categories,
              [&](const json_part& each) { return read_category(each, p.targets, limits); });
    if (const auto part = in.required("callback")) p.callback = read_callback(*part, p.callback_reviewer);
    p.fallback = in.optional_code("fallback");
    if (const auto part = in.optional("repeat")) p.repeat = read_repeat(*part);
    read_list(in, "invalid_reply_templates", 1, 100, p.invalid_reply_templates, read_template);
    p.banned_phrases = in.optional_texts("banned_phrases", 500, 100);
    if (const auto part = in.required("reasons")) read_reasons(*part, p);
    read_list(in, "root_causes", 1, 500, p.root_causes, read_root_cause);
    return p;
}

/// What no single entry can know: that names are unique and that what they name is there.
class cross_check
{
public:
    cross_check(const pack& p, std::vector<violation>& faults) : p_(p), faults_(faults) {}

    void run()
    {
        unique("calendars", "name", p_.calendars, &pack_calendar::name);
        unique("departments", "code", p_.departments, &pack_department::code);
        unique("users", "login", p_.users, &pack_user::login);
        unique("fields", "code", p_.fields, &pack_field::code);
        for (std::size_t i = 0; i < p_.fields.size(); ++i)
            unique(fmt::format("fields[{}].values", i), "code", p_.fields[i].values, &pack_code::code);
        unique("categories", "code", p_.categories, &pack_category::code);
        unique("invalid_reply_templates", "code", p_.invalid_reply_templates, &pack_template::code);
        for (const auto& [group, codes] : p_.reasons)
            unique("reasons." + group, "code", codes, &pack_code::code);
        unique("root_causes", "code", p_.root_causes, &pack_root_cause::code);

        names_calendar("default_calendar", p_.default_calendar);
        names_calendar("callback.calendar", p_.callback.calendar);
        if (!p_.callback_reviewer.empty() && names_department("callback.reviewer", p_.callback_reviewer) &&
            p_.find_department(p_.callback_reviewer)->contact_a.empty())
            fault("callback.reviewer", fmt::format("'{}' has no contact A", p_.callback_reviewer));
        if (!p_.fallback.empty()) receives_tickets("fallback", p_.fallback);
        const bool has_fallback_clock =
            p_.targets[static_cast<std::size_t>(domain::deadline_kind::fallback)].has_value();
        if (!p_.fallback.empty() && !has_fallback_clock)
            fault("targets.fallback", "missing: after what time 'fallback' gets it");
        if (p_.fallback.empty() && has_fallback_clock) fault("targets.fallback", "without a department 'fallback'");
        names_calendars("targets", p_.targets);
        if (p_.repeat && p_.find_category(p_.repeat->category) == nullptr) fault("repeat.category", "no such category");
        for (std::size_t i = 0; i < p_.departments.size(); ++i)
            check(fmt::format("departments[{}]", i), p_.departments[i]);
        for (std::size_t i = 0; i < p_.users.size(); ++i)
            check(fmt::format("users[{}]", i), p_.users[i]);
        for (std::size_t i = 0; i < p_.categories.size(); ++i)
            check(fmt::format("categories[{}]", i), p_.categories[i]);
    }

private:
    void fault(std::string path, std::string what) { faults_.push_back({std::move(path), std::move(what)}); }

    template <class T>
    void unique(const std::string& list, std::string_view name, const std::vector<T>& all, std::string T::* key)
    {
        std::set<std::string> seen;
        for (std::size_t i = 0; i < all.size(); ++i)
            if (!seen.insert(all[i].*key).second) fault(fmt::format("{}[{}].{}", list, i, name), "named before");
    }

    void names_calendar(const std::string& path, const std::string& name)
    {
        if (p_.find_calendar(name) == nullptr) fault(path, fmt::format("no calendar '{}'", name));
    }

    bool names_department(const std::string& path, const std::string& code)
    {
        if (p_.find_department(code) != nullptr) return true;
        fault(path, fmt::format("no department '{}'", code));
        return false;
    }

    const pack_user* find_user(const std::string& login) const
    {
        const auto found = std::ranges::find(p_.users, login, &pack_user::login);
        return found == p_.users.end() ? nullptr : &*found;
    }

    void check(const std::string& path, const pack_department& d)
    {
        names_calendar(path + ".calendar", d.calendar);
        if (!d.parent.empty() && names_department(path + ".parent", d.parent) && above(d).empty())
            fault(path + ".parent", "a circle of departments");
        if (p_.users.empty()) return;
        check_contact(path + ".contact_a", d, d.contact_a);
        check_contact(path + ".contact_b", d, d.contact_b);
    }

    void check_contact(const std::string& path, const pack_department& d, const std::string& login)
    {
        if (login.empty()) return;
        const auto* const user = find_user(login);
        if (user == nullptr) return fault(path, fmt::format("no user '{}'", login));
        if (std::ranges::find(user->handles, d.code) == user->handles.end() ||
            !user->roles.has(domain::role::department_handler))
            fault(path, fmt::format("'{}' is no handler of this department", login));
    }

    void check(const std::string& path, const pack_user& u)
    {
        for (std::size_t i = 0; i < u.handles.size(); ++i)
            names_department(fmt::format("{}.handles[{}]", path, i), u.handles[i]);
        for (std::size_t i = 0; i < u.leads.size(); ++i)
            names_department(fmt::format("{}.leads[{}]", path, i), u.leads[i]);
        if (!u.leads.empty() && !u.roles.has(domain::role::department_leader))
            fault(path + ".leads", "without the role department_leader");
    }

    void check(const std::string& path, const pack_category& c)
    {
        const auto& rule = c.department;
        if (rule.field.empty()) {
            receives_tickets(path + ".department", rule.otherwise);
        } else {
            receives_tickets(path + ".department.otherwise", rule.otherwise);
            const auto field = std::ranges::find(p_.fields, rule.field, &pack_field::code);
            if (field == p_.fields.end()) fault(path + ".department.field", fmt::format("no field '{}'", rule.field));
            for (const auto& [value, department] : rule.values) {
                const auto place = fmt::format("{}.department.values.{}", path, value);
                receives_tickets(place, department);
                if (field != p_.fields.end() &&
                    std::ranges::find(field->values, value, &pack_code::code) == field->values.end())
                    fault(place, "no such value of the field");
            }
        }
        for (std::size_t i = 0; i < c.observers.size(); ++i)
            names_department(fmt::format("{}.observers[{}]", path, i), c.observers[i]);
        if (!c.approval_from.empty() && names_department(path + ".approval_from", c.approval_from))
            has_leader(path + ".approval_from", c.approval_from);
        names_calendars(path + ".targets", c.targets);
        for (const auto& [department, targets] : c.targets_by_department) {
            const auto place = fmt::format("{}.targets_by_department.{}", path, department);
            receives_tickets(place, department);
            names_calendars(place, targets);
        }
    }

    void names_calendars(const std::string& path, const target_table& targets)
    {
        for (std::size_t kind = 0; kind < targets.size(); ++kind)
            if (const auto& t = targets[kind])
                if (const auto& inherited = p_.targets[kind];
                    &targets == &p_.targets || !inherited || inherited->calendar != t->calendar)
                    names_calendar(fmt::format("{}.{}", path, to_string(static_cast<domain::deadline_kind>(kind))),
                                   t->calendar);
    }

    void receives_tickets(const std::string& path, const std::string& code)
    {
        if (!names_department(path, code)) return;
        const auto* const d = p_.find_department(code);
        if (d->contact_a.empty() || d->contact_b.empty())
            fault(path, fmt::format("'{}' has no two contacts to sign for a ticket", code));
        has_leader(path, code);
    }

    void has_leader(const std::string& path, const std::string& code)
    {
        if (p_.users.empty()) return;
        for (const auto& department : above(*p_.find_department(code)))
            for (const auto& u : p_.users)
                if (std::ranges::find(u.leads, department) != u.leads.end()) return;
        fault(path, fmt::format("nobody leads '{}' or a department above it", code));
    }

    /// The department itself and those above it; empty where they go in a circle.
    std::vector<std::string> above(const pack_department& d) const
    {
        std::vector<std::string> chain;
        for (const auto* at = &d; at != nullptr; at = at->parent.empty() ? nullptr : p_.find_department(at->parent)) {
            if (std::ranges::find(chain, at->code) != chain.end()) return {};
            chain.push_back(at->code);
        }
        return chain;
    }

    const pack& p_;
    std::vector<violation>& faults_;
};

template <class List>
auto find_by(const List& list, std::string_view key, auto member) -> const typename List::value_type*
{
    const auto found = std::ranges::find(list, key, member);
    return found == list.end() ? nullptr : &*found;
}

/// A day of the year: "02-28".
std::optional<domain::local_day> day_in(int number, std::string_view text)
{
    return text.size() == 5 ? domain::parse_local_day(fmt::format("{:04}-{}", number, text)) : std::nullopt;
}

std::set<domain::local_day> read_days_of_year(const json_part& part, int number)
{
    std::set<domain::local_day> all;
    for (const auto& each : part.list(0, 366)) {
        const auto text = each.text(11);
        if (text.empty()) continue;
        const std::string_view view(text);
        const auto slash = view.find('/');
        const auto first = day_in(number, view.substr(0, slash));
        const auto last = slash == std::string_view::npos ? first : day_in(number, view.substr(slash + 1));
        if (!first || !last || *last < *first) {
            each.fault(fmt::format("neither a day of {} such as 01-26 nor a range such as 01-28/02-04", number));
            continue;
        }
        for (auto day = *first; day <= *last; day += days(1))
            if (!all.insert(day).second) each.fault(fmt::format("{} is listed twice", domain::to_string(day)));
    }
    return all;
}

} // namespace

const std::string& department_rule::department_for(const std::map<std::string, std::string>& answers) const
{
    if (const auto answer = answers.find(field); answer != answers.end())
        if (const auto found = values.find(answer->second); found != values.end()) return found->second;
    return otherwise;
}

const pack_category* pack::find_category(std::string_view code) const
{
    return find_by(categories, code, &pack_category::code);
}

const pack_department* pack::find_department(std::string_view code) const
{
    return find_by(departments, code, &pack_department::code);
}

const pack_calendar* pack::find_calendar(std::string_view wanted) const
{
    return find_by(calendars, wanted, &pack_calendar::name);
}

std::vector<std::string_view> reason_groups()
{
    return {"invalid", "return",         "transfer",       "promise",     "extension",
            "hold",    "no_responsible", "reply_rejected", "unsatisfied", "unreachable",
            "dispute", "final_answer",   "remedy",         "withdraw",    "reopen"};
}

checked<pack> parse_pack(std::string_view text)
{
    return check_json<pack>(text, largest_pack, [](const json_part& document, std::vector<violation>& faults) {
        auto p = read_pack(document);
        // Names are compared once all of them could be read: a missing key would be reported again as a missing thing.
        if (faults.empty()) cross_check(p, faults).run();
        return p;
    });
}

checked<calendar_file> parse_calendar_file(std::string_view text)
{
    return check_json<calendar_file>(text, 64 * 1024, [](const json_part& document, std::vector<violation>&) {
        json_object in(document);
        calendar_file file;
        file.calendar = in.code("calendar");
        file.year = static_cast<int>(in.integer("year", 1970, 2200));
        if (const auto off = in.required("off")) file.days.off = read_days_of_year(*off, file.year);
        if (const auto work = in.required("work")) {
            file.days.work = read_days_of_year(*work, file.year);
            for (const auto day : file.days.work)
                if (file.days.off.contains(day))
                    work->fault(fmt::format("{} is listed as off, too", domain::to_string(day)));
        }
        file.source = in.text("source", 1000);
        return file;
    });
}

domain::calendar make_calendar(const pack_calendar& c, const std::map<int, domain::calendar_year>& years)
{
    const bool follows = !c.holidays.empty();
    return {c.name,         c.time_zone, c.weekly, follows ? years : std::map<int, domain::calendar_year>{},
            c.makeup_hours, follows};
}

} // namespace huiyin::ticket
