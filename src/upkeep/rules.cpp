#include <huiyin/domain/permission.hpp>
#include <huiyin/journal/last_change.hpp>
#include <huiyin/upkeep/rules.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <set>

namespace huiyin::upkeep {

using nlohmann::json;
using ticket::violation;

namespace {

constexpr std::size_t most_years = 20;
/// Merged into what is there.
constexpr std::array merged{"targets", "limits", "callback", "reasons"};
constexpr std::array replaced{"title",      "language", "default_calendar",        "fields",
                              "repeat",     "fallback", "invalid_reply_templates", "banned_phrases",
                              "root_causes"};
/// Parts of an organisation that the console changes elsewhere or not at all.
constexpr std::array kept{"pack", "departments", "users"};
/// Lists whose entries have a key.
constexpr std::array<std::pair<std::string_view, const char*>, 2> keyed{
    {{"categories", "code"}, {"calendars", "name"}}};

bool is_one_of(const auto& names, const std::string& name)
{
    return std::ranges::any_of(names, [&](const char* each) { return name == each; });
}

void merge_entries(json& into, const json& changes, std::string_view list, const char* key,
                   std::vector<violation>& faults)
{
    if (!changes.is_array() || changes.size() > 500) {
        faults.push_back({std::string(list), "not a list of at most 500"});
        return;
    }
    if (!into.is_array()) into = json::array();
    std::set<std::string> seen;
    for (std::size_t i = 0; i < changes.size(); ++i) {
        const auto& each = changes[i];
        const auto name = each.is_object() ? each.find(key) : each.end();
        if (!each.is_object() || name == each.end() || !name->is_string()) {
            faults.push_back({fmt::format("{}[{}].{}", list, i, key), "missing"});
            continue;
        }
        if (!seen.insert(name->get<std::string>()).second) {
            faults.push_back({fmt::format("{}[{}].{}", list, i, key), "named before"});
            continue;
        }
        const auto there = std::ranges::find_if(
            into, [&](const json& one) { return one.is_object() && one.value(key, json()) == *name; });
        if (there == into.end()) {
            // Null means "take away", which says nothing of what is not there.
            json made = json::object();
            made.merge_patch(each);
            into.push_back(std::move(made));
        } else {
            there->merge_patch(each);
        }
    }
}

void merge_parts(json& document, const json& change, std::vector<violation>& faults)
{
    for (const auto& [name, value] : change.items()) {
        if (name == "document" || name == "calendar_years") continue;
        if (const auto list = std::ranges::find(keyed, name, &std::pair<std::string_view, const char*>::first);
            list != keyed.end())
            merge_entries(document[name], value, name, list->second, faults);
        else if (is_one_of(merged, name))
            document.merge_patch(json{{name, value}});
        else if (is_one_of(replaced, name) && value.is_null())
            document.erase(name);
        else if (is_one_of(replaced, name))
            document[name] = value;
        else if (is_one_of(kept, name))
            faults.push_back({name, "not changed here"});
        else
            faults.push_back({name, "unknown"});
    }
}

/// "categories[2].targets" → "categories.missed_copy.targets".
std::string by_key(const std::string& path, const json& document)
{
    for (const auto& [list, key] : keyed) {
        if (!path.starts_with(fmt::format("{}[", list))) continue;
        const auto end = path.find(']');
        const auto index = std::stoul(path.substr(list.size() + 1, end - list.size() - 1));
        const auto& entries = document.at(std::string(list));
        if (!entries.is_array() || index >= entries.size() || !entries[index].is_object()) return path;
        const auto name = entries[index].find(key);
        if (name == entries[index].end() || !name->is_string()) return path;
        return fmt::format("{}.{}{}", list, name->get_ref<const std::string&>(), path.substr(end + 1));
    }
    return path;
}

void read_years(const json& list, std::vector<proposed_year>& into, std::vector<violation>& faults)
{
    if (!list.is_array() || list.size() > most_years) {
        faults.push_back({"calendar_years", fmt::format("not a list of at most {}", most_years)});
        return;
    }
    std::set<std::pair<std::string, int>> seen;
    for (std::size_t i = 0; i < list.size(); ++i) {
        const auto place = fmt::format("calendar_years[{}]", i);
        auto entry = list[i];
        proposed_year year;
        if (entry.is_object() && entry.contains("version")) {
            const auto& version = entry.at("version");
            if (version.is_number_integer() && version.get<std::int64_t>() >= 0)
                year.seen = version.get<std::int64_t>();
            else
                faults.push_back({place + ".version", "not a version"});
            entry.erase("version");
        }
        year.document = entry.dump();
        const auto read = ticket::parse_calendar_file(year.document);
        if (!read) {
            for (const auto& each : read.error())
                faults.push_back({each.path.empty() ? place : fmt::format("{}.{}", place, each.path), each.what});
            continue;
        }
        year.calendar = read->calendar;
        year.year = read->year;
        year.days = read->days;
        if (!seen.emplace(year.calendar, year.year).second) faults.push_back({place, "named before"});
        into.push_back(std::move(year));
    }
}

} // namespace

ticket::checked<proposed_rules> propose_rules(const std::string& current, const json& change)
{
    std::vector<violation> faults;
    if (!change.is_object()) return std::unexpected(std::vector<violation>{{{}, "not an object"}});
    const auto before = json::parse(current);
    auto after = before;
    const bool whole = change.contains("document");
    if (whole) {
        after = change.at("document");
        for (const auto& [name, value] : change.items())
            if (name != "document" && name != "calendar_years") faults.push_back({name, "not beside a whole document"});
        for (const auto* name : kept)
            if (after.is_object() && after.value(name, json()) != before.value(name, json()))
                faults.push_back({fmt::format("document.{}", name), "not changed here"});
    } else {
        merge_parts(after, change, faults);
    }
    proposed_rules made;
    if (change.contains("calendar_years")) read_years(change.at("calendar_years"), made.years, faults);

    made.document = after.dump();
    auto read = ticket::parse_pack(made.document);
    if (read)
        made.pack = std::move(*read);
    else
        for (const auto& each : read.error())
            faults.push_back({whole ? fmt::format("document{}{}", each.path.empty() ? "" : ".", each.path)
                                    : by_key(each.path, after),
                              each.what});
    if (!faults.empty()) return std::unexpected(std::move(faults));
    return made;
}

task<result<std::shared_ptr<const ticket::configuration>>> foreseen_configuration(pg::database& db, const clock& time,
                                                                                  const ticket::configuration& before,
                                                                                  const proposed_rules& what)
{
    people::configuration_store stored(db, time);
    const auto documents = co_await stored.load_calendars();
    if (!documents) co_return fail(documents.error());
    std::map<std::string, std::map<int, domain::calendar_year>> years;
    for (const auto& each : *documents) {
        const auto file = ticket::parse_calendar_file(each.document);
        if (!file) co_return fail(errc::corrupt, "calendar: " + file.error().front().to_string());
        years[each.calendar][each.year] = file->days;
    }
    for (const auto& each : what.years)
        years[each.calendar][each.year] = each.days;
    co_return std::make_shared<const ticket::configuration>(before.version() + 1, what.pack, std::move(years),
                                                            before.departments(), before.calendars());
}

error stale_rules(const rules_version& current)
{
    auto stale = error{errc::stale_version, {}, {}}
                     .with("version", std::to_string(current.version))
                     .with("changed_at", to_rfc3339(current.applied_at));
    if (current.by.kind == domain::actor_kind::user)
        stale = std::move(stale).with("changed_by", current.by.id.to_string());
    return stale;
}

task<result<published_rules>> publish_rules(pg::database& db, const clock& time, int seen, proposed_rules what,
                                            domain::actor who)
{
    if (!domain::may(who, domain::permission::configuration_manage)) co_return fail(errc::not_found);
    people::configuration_store stored(db, time);
    auto tx = co_await db.begin();
    if (!tx) co_return fail(tx.error());
    if (auto locked = co_await people::configuration_store::lock(*tx); !locked) co_return fail(locked.error());
    const auto current = co_await people::configuration_store::current_version(*tx);
    if (!current) co_return fail(current.error());
    if (*current != seen) {
        co_await tx->roll_back();
        const auto now = co_await find_rules(db, *current);
        if (!now) co_return fail(now.error());
        co_return fail(*now ? stale_rules(**now) : error{errc::stale_version, {}, {}});
    }

    published_rules done{.version = seen, .is_new = false, .calendar_years = {}};
    const auto years = co_await people::configuration_store::load_calendars(*tx);
    if (!years) co_return fail(years.error());
    for (auto& each : what.years) {
        const auto known = std::ranges::find_if(
            *years, [&](const auto& one) { return one.calendar == each.calendar && one.year == each.year; });
        const auto version = known == years->end() ? 0 : known->version;
        if (known != years->end() && json::parse(known->document) == json::parse(each.document)) continue;
        if (version != each.seen) {
            auto stale = co_await journal::stale_change(
                *tx, people::configuration_store::subject_of(each.calendar, each.year), version);
            co_return fail(
                std::move(stale).with("field", fmt::format("calendar_years.{}.{}", each.calendar, each.year)));
        }
        const auto put =
            co_await stored.put_calendar_year(*tx, each.calendar, each.year, std::move(each.document), who);
        if (!put) co_return fail(put.error());
        done.calendar_years.push_back(fmt::format("{} {}", each.calendar, each.year));
    }
    const auto applied = co_await stored.append_pack(*tx, what.pack.name, std::move(what.document), who);
    if (!applied) co_return fail(applied.error());
    done.version = applied->version;
    done.is_new = applied->version != seen;
    if (auto committed = co_await tx->commit(); !committed) co_return fail(committed.error());
    co_return done;
}

} // namespace huiyin::upkeep
