#include "calendar_definition.hpp"
#include "configuration_store.hpp"

#include <huiyin/base/log.hpp>
#include <huiyin/ticket/configuration.hpp>

#include <algorithm>

namespace huiyin::ticket {

configuration::configuration(int version, pack rules, std::map<std::string, std::map<int, domain::calendar_year>> years,
                             std::vector<department_entry> departments,
                             std::vector<std::shared_ptr<const domain::calendar>> former)
    : version_(version), rules_(std::move(rules)), years_(std::move(years)), departments_(std::move(departments))
{
    for (const auto& each : rules_.calendars)
        calendars_.push_back(std::make_shared<const domain::calendar>(make_calendar(each, years_of(each))));
    for (auto& each : former)
        if (!find_calendar(each->name())) calendars_.push_back(std::move(each));
}

const std::map<int, domain::calendar_year>& configuration::years_of(const pack_calendar& calendar) const
{
    static const std::map<int, domain::calendar_year> none;
    const auto loaded = years_.find(calendar.holidays);
    return loaded == years_.end() ? none : loaded->second;
}

domain::policy configuration::policy_for(std::string_view category, const std::map<std::string, std::string>& answers,
                                         const std::optional<department_id>& lead) const
{
    domain::policy p;
    p.version = version_;
    p.default_calendar = rules_.default_calendar;
    p.calendars = calendars_;
    p.callback = rules_.callback;
    p.banned_phrases = rules_.banned_phrases;
    for (const auto& each : rules_.invalid_reply_templates)
        p.invalid_reply_templates.push_back(each.code);

    if (const auto* const reviewing = find_department(rules_.callback_reviewer); reviewing)
        p.callback.reviewer = reviewing->contact_a;
    if (const auto* const last = find_department(rules_.fallback))
        p.fallback =
            domain::destination{.department = last->id, .contact_a = last->contact_a, .contact_b = last->contact_b};

    p.targets = rules_.targets;
    const auto* const found = rules_.find_category(category);
    if (!found) return p;
    p.category = found->code;
    p.type = found->type;
    p.priority = found->priority;
    p.targets = found->targets;
    p.resolve_from_created = found->resolve_from_created;
    p.direct_allowed = found->direct_allowed;
    p.direct_authority = found->direct_authority_cents;
    p.callback.system_may_close = found->system_may_close;
    p.callback.sample_permille = found->callback_sample_percent * 10;
    if (found->evidence) p.evidence = *found->evidence;
    p.max_holds = found->limits.max_holds;
    p.max_returns = found->limits.max_returns;
    p.max_promise = found->limits.max_promise;
    p.max_extensions = found->limits.max_extensions;
    p.max_extension = found->limits.max_extension;
    if (const auto* const department = find_department(found->department.department_for(answers)))
        p.department = department->id;
    if (const auto* const leads = lead           ? find_department(*lead)
                                  : p.department ? find_department(*p.department)
                                                 : nullptr)
        if (const auto own = found->targets_by_department.find(leads->code); own != found->targets_by_department.end())
            p.targets = own->second;

    // The chain of approval climbs from where the category says, else from the department that leads, to the root.
    const auto* level = !found->approval_from.empty() ? find_department(found->approval_from)
                        : lead                        ? find_department(*lead)
                        : p.department                ? find_department(*p.department)
                                                      : nullptr;
    bool limited = true;
    for (std::size_t depth = 0; level && depth < 32; ++depth) {
        p.approval.chain.push_back(level->id);
        const auto* const rule = rules_.find_department(level->code);
        limited = limited && rule && rule->authority_cents;
        if (limited) p.approval.authority.push_back(*rule->authority_cents);
        level = level->parent ? find_department(*level->parent) : nullptr;
    }
    return p;
}

const department_entry* configuration::find_department(department_id id) const
{
    const auto it = std::ranges::find(departments_, id, &department_entry::id);
    return it == departments_.end() ? nullptr : &*it;
}

const department_entry* configuration::find_department(std::string_view code) const
{
    const auto it = std::ranges::find(departments_, code, &department_entry::code);
    return it == departments_.end() ? nullptr : &*it;
}

const domain::calendar* configuration::find_calendar(std::string_view name) const
{
    const auto it = std::ranges::find_if(calendars_, [&](const auto& each) { return each->name() == name; });
    return it == calendars_.end() ? nullptr : it->get();
}

task<result<std::shared_ptr<const configuration>>> configurations::current()
{
    const auto now = std::chrono::steady_clock::now();
    if (known_ && now - checked_at_ < fresh_for_) co_return known_;
    auto fresh = co_await load();
    if (!fresh && known_) {
        log::warning("configuration.not_refreshed", {{"reason", fresh.error().detail}});
        co_return known_;
    }
    co_return fresh;
}

task<result<std::shared_ptr<const configuration>>> configurations::load()
{
    // Before the first wait: others who come meanwhile use what is known instead of asking again.
    checked_at_ = std::chrono::steady_clock::now();
    auto stamp = co_await load_stamp(db_);
    if (!stamp) co_return fail(std::move(stamp.error()));
    if (known_ && *stamp == stamp_) co_return known_;

    const auto documents = co_await load_documents(db_);
    if (!documents) co_return fail(documents.error());
    auto rules = parse_pack(documents->pack);
    if (!rules)
        co_return fail(errc::corrupt,
                       "pack " + std::to_string(documents->version) + ": " + rules.error().front().to_string());
    std::map<std::string, std::map<int, domain::calendar_year>> years;
    for (const auto& text : documents->calendar_years) {
        const auto file = parse_calendar_file(text);
        if (!file) co_return fail(errc::corrupt, "calendar: " + file.error().front().to_string());
        years[file->calendar][file->year] = file->days;
    }
    std::vector<std::shared_ptr<const domain::calendar>> former;
    for (const auto& [name, definition] : documents->counted_calendars)
        former.push_back(std::make_shared<const domain::calendar>(read_definition(name, definition)));
    known_ = std::make_shared<const configuration>(documents->version, std::move(*rules), std::move(years),
                                                   documents->departments, std::move(former));
    stamp_ = std::move(*stamp);
    log::info("configuration.loaded", {{"version", known_->version()}, {"departments", known_->departments().size()}});
    co_return known_;
}

} // namespace huiyin::ticket
