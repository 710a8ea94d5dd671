#include "case_archive.hpp"
#include "customer_messages.hpp"
#include "ticket_rows.hpp"
#include "ticket_store.hpp"

#include <huiyin/base/crypto.hpp>
#include <huiyin/base/text.hpp>
#include <huiyin/journal/event.hpp>
#include <huiyin/ticket/commit.hpp>
#include <huiyin/ticket/configuration.hpp>

#include <boost/asio/post.hpp>

#include <algorithm>
#include <iterator>
#include <set>

namespace huiyin::ticket {

using nlohmann::json;

namespace {

json value_of(const domain::event_value& value)
{
    struct
    {
        json operator()(bool v) const { return v; }
        json operator()(std::int64_t v) const { return v; }
        json operator()(const std::string& v) const { return v; }
        json operator()(const uuid& v) const { return v.to_string(); }
        json operator()(instant v) const { return to_rfc3339(v); }
    } render;
    return std::visit(render, value);
}

/// Departments that had or have it: who lost it must learn that, too.
journal::audience audience_of(const commitment& c)
{
    journal::audience seen_by;
    auto scope = domain::scope_of(c.decided.next);
    seen_by.departments = std::move(scope.departments);
    if (c.before)
        for (const auto& each : domain::scope_of(*c.before).departments)
            if (std::ranges::find(seen_by.departments, each) == seen_by.departments.end())
                seen_by.departments.push_back(each);
    seen_by.assignee = scope.assignee;
    seen_by.confidential = scope.sensitive == domain::sensitivity::confidential;
    return seen_by;
}

json data_of(const domain::event& e)
{
    json data{{"from", e.from ? json(domain::to_string(*e.from)) : json()}, {"to", domain::to_string(e.to)}};
    if (!e.reason.empty()) data["reason"] = e.reason;
    for (const auto& [name, value] : e.data)
        data[std::string(name)] = value_of(value);
    if (!e.words.empty()) {
        auto& words = data["words"] = json::array();
        for (const auto& each : e.words)
            words.push_back(ticket::to_json(each));
    }
    return data;
}

/// As party_digest() of the database makes it.
std::string digest_of(const party& of, const std::vector<std::uint8_t>& salt)
{
    return to_hex(sha256({{reinterpret_cast<const char*>(salt.data()), salt.size()}, of.kind, ":", of.value}));
}

/// The rows that give it parties and interactions; answers what its event says of them. An opening names them also
/// where there are none: of a ticket whose opening does not, rebuild knows nothing.
json link(const commitment& c, json& parties, json& interactions)
{
    json named = json::object();
    if (!c.before) named = {{"parties", json::array()}, {"interactions", json::array()}};
    const auto id = c.decided.next.id.to_string();
    std::set<std::pair<std::string_view, std::string_view>> taken;
    for (const auto& each : c.parties) {
        if (!taken.emplace(each.kind, each.value).second) continue;
        const auto salt = random_bytes(16);
        parties.push_back(
            {{"ticket_id", id}, {"kind", each.kind}, {"value", each.value}, {"salt", "\\x" + to_hex(salt)}});
        named["parties"].push_back(digest_of(each, salt));
    }
    for (const auto& each : c.interactions) {
        interactions.push_back({{"ticket_id", id}, {"interaction_id", each.to_string()}});
        named["interactions"].push_back(each.to_string());
    }
    return named;
}

void append_events(std::vector<journal::event>& to, const commitment& c, const json& changed, const json& linked)
{
    const auto audience = audience_of(c);
    bool first = true;
    for (const auto& each : c.decided.events) {
        auto data = data_of(each);
        if (first) {
            data["rows"] = changed;
            data.update(linked);
            if (const auto& last = c.decided.events.back(); last.to != each.to)
                data["ends_in"] = domain::to_string(last.to);
            if (!c.decided.messages.empty()) {
                // They leave by the outbox; who gave no contact is told by whoever reads this.
                auto& messages = data["messages"] = json::array();
                for (const auto message : c.decided.messages)
                    messages.push_back(domain::to_string(message));
            }
        }
        journal::event e;
        if (first) e.id = c.event;
        e.at = each.at;
        e.kind = each.kind;
        e.subject = c.decided.next.id.value();
        e.subject_version = c.decided.next.version;
        e.actor_kind = each.by_kind;
        e.actor = each.by;
        e.audience = audience;
        e.data = data.dump();
        to.push_back(std::move(e));
        first = false;
    }
}

void append_notices(json& to, const commitment& c)
{
    const auto& t = c.decided.next;
    for (const auto& each : c.decided.notices) {
        // Where the person is gone, the leaders of the department that leads are told.
        const auto department = each.department ? each.department : each.person ? t.lead_department : std::nullopt;
        to.push_back({{"recipient", domain::to_string(each.to)},
                      {"department", department ? json(department->to_string()) : json()},
                      {"person", each.person ? json(each.person->to_string()) : json()},
                      {"kind", each.about},
                      {"ticket_id", t.id.to_string()},
                      {"at", to_rfc3339(t.changed_at)},
                      {"urgent", each.urgent || !c.rules}});
    }
}

/// When each calendar is next open; `now` where it is.
json opening_times(const configuration& rules, instant now)
{
    json all = json::array();
    for (const auto& calendar : rules.calendars()) {
        const auto next = calendar->open_spans(now, now + std::chrono::days(60), 1);
        all.push_back({{"calendar", calendar->name()},
                       {"is_default", calendar->name() == rules.rules().default_calendar},
                       {"opens", to_rfc3339(next.empty() ? now : std::max(now, next.front().from))}});
    }
    return all;
}

/// What of all decisions goes into one statement each.
struct gathered
{
    json rows = json::object();
    json parties = json::array();
    json interactions = json::array();
    json notices = json::array();
    std::vector<journal::event> events;
    std::vector<outbox::effect> messages;

    void add(const commitment& c)
    {
        auto changes = changes_of(c.before ? &*c.before : nullptr, c.decided.next);
        for (auto& [table, changed] : changes.rows.items())
            for (auto& row : changed)
                rows[table].push_back(std::move(row));
        append_events(events, c, changes.columns, link(c, parties, interactions));
        append_notices(notices, c);
        std::ranges::move(messages_of(c), std::back_inserter(messages));
    }

    void save(pg::batch& to, const std::vector<commitment>& all) const
    {
        save_rows(to, rows);
        save_parties(to, parties);
        save_interactions(to, interactions);
        save_archive_copies(to, all);
        outbox::queue(to, messages);
        journal::append(to, events);
        if (notices.empty()) return;
        const auto ruled = std::ranges::find_if(all, [](const auto& c) { return c.rules != nullptr; });
        save_notices(to, notices,
                     ruled == all.end() ? json::array() : opening_times(*ruled->rules, ruled->decided.next.changed_at));
    }
};

} // namespace

void commit(pg::batch& to, const std::vector<commitment>& all)
{
    gathered of_all;
    for (const auto& c : all)
        of_all.add(c);
    of_all.save(to, all);
}

task<> commit_in_turns(pg::batch& to, const std::vector<commitment>& all)
{
    gathered of_all;
    for (const auto& c : all) {
        of_all.add(c);
        co_await asio::post(co_await asio::this_coro::executor, use_task);
    }
    of_all.save(to, all);
}

task<result<void>> find_ways(pg::transaction& tx, std::vector<commitment>& all)
{
    std::vector<ticket_id> asked;
    for (const auto& c : all)
        if (c.before && !c.decided.messages.empty()) asked.push_back(c.decided.next.id);
    if (asked.empty()) co_return result<void>();
    const auto found = co_await find_party_kinds(tx, std::move(asked));
    if (!found) co_return fail(found.error());
    for (auto& c : all) {
        if (!c.before) continue;
        if (const auto kinds = found->find(c.decided.next.id); kinds != found->end()) c.ways = kinds->second;
        if (c.rules) c.language = c.rules->rules().language;
    }
    co_return result<void>();
}

} // namespace huiyin::ticket
