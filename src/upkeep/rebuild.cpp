#include "rebuild_store.hpp"

#include <huiyin/ticket/replay.hpp>
#include <huiyin/upkeep/rebuild.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <iterator>
#include <map>
#include <set>

namespace huiyin::upkeep {

using nlohmann::json;

namespace {

constexpr std::size_t tickets_at_once = 50;
constexpr std::size_t shown_bytes = 300;

/// Equal values, however each side writes its times.
bool same(const json& a, const json& b)
{
    if (a == b) return true;
    if (a.is_string() && b.is_string()) {
        const auto left = parse_rfc3339(a.get_ref<const std::string&>());
        return left && left == parse_rfc3339(b.get_ref<const std::string&>());
    }
    if (a.is_array() && b.is_array())
        return std::ranges::equal(a, b, [](const json& left, const json& right) { return same(left, right); });
    if (a.is_object() && b.is_object() && a.size() == b.size())
        return std::ranges::all_of(a.items(), [&](const auto& each) {
            const auto other = b.find(each.key());
            return other != b.end() && same(each.value(), *other);
        });
    return false;
}

std::string shown(const json& value)
{
    auto text = value.dump(-1, ' ', false, json::error_handler_t::replace);
    if (text.size() > shown_bytes) text = text.substr(0, shown_bytes) + "…";
    return text;
}

class comparison
{
public:
    comparison(const rebuild_options& options, rebuild_report& report) : options_(options), report_(report) {}

    using digests = std::set<std::string, std::less<>>;

    void compare(ticket_id id, const result<ticket::replay>* told,
                 const std::map<std::string, kept_rows, std::less<>>* kept, const digests& erased)
    {
        id_ = id;
        ++report_.tickets;
        if (told && !*told) return differ("ticket", {}, "*", told->error().detail, "");
        const bool in_journal = told && !(*told)->empty();
        if (!in_journal || !kept || !kept->contains("ticket"))
            return differ("ticket", {}, "*", in_journal ? "present" : "missing", kept ? "present" : "missing");
        const auto expected = (*told)->rows();
        const auto kept_of = [&](std::string_view table) -> const kept_rows& {
            static const kept_rows none;
            const auto found = kept->find(table);
            return found == kept->end() ? none : found->second;
        };
        for (const auto table : ticket::journalled_tables())
            compare_table(table, expected.at(std::string(table)), kept_of(table));
        if (const auto& links = (*told)->linked()) {
            digests left;
            std::ranges::set_difference(links->parties, erased, std::inserter(left, left.end()));
            compare_links("ticket_party", std::move(left), kept_of("ticket_party"));
            compare_links("ticket_interaction", links->interactions, kept_of("ticket_interaction"));
        }
    }

private:
    void compare_links(std::string_view table, digests expected, const kept_rows& kept)
    {
        for (const auto& each : kept) {
            ++report_.rows;
            if (expected.erase(each) == 0) differ(table, {}, "*", "missing", each.empty() ? "present" : each);
        }
        for (const auto& each : expected)
            differ(table, {}, "*", each, "missing");
    }

    void compare_table(std::string_view table, const json& expected, const kept_rows& kept)
    {
        // By n, since a row in the middle may be gone.
        std::map<std::int64_t, json> rows;
        for (const auto& each : kept) {
            auto row = json::parse(each);
            const auto n = row.value("n", std::int64_t{0});
            rows.emplace(n, std::move(row));
        }
        const auto n_of = [&](std::int64_t n) {
            return table == "ticket" ? std::nullopt : std::optional<std::int64_t>(n);
        };
        for (std::size_t i = 0; i < expected.size(); ++i) {
            const auto n = static_cast<std::int64_t>(i);
            const auto found = rows.find(n);
            if (found == rows.end()) {
                differ(table, n_of(n), "*", "present", "missing");
                continue;
            }
            ++report_.rows;
            compare_row(table, n_of(n), expected[i], found->second);
            rows.erase(found);
        }
        for (const auto& [n, row] : rows)
            differ(table, n_of(n), "*", "missing", "present");
    }

    void compare_row(std::string_view table, std::optional<std::int64_t> n, const json& expected, const json& kept)
    {
        for (const auto& [column, value] : expected.items()) {
            const auto it = kept.find(column);
            if (it == kept.end())
                differ(table, n, column, shown(value), "no such column");
            else if (!same(value, *it))
                differ(table, n, column, shown(value), shown(*it));
        }
        for (const auto& [column, value] : kept.items())
            if (!expected.contains(column) && column != "ticket_id" && column != "n")
                differ(table, n, column, "not journalled", shown(value));
    }

    void differ(std::string_view table, std::optional<std::int64_t> n, std::string column, std::string journal,
                std::string kept)
    {
        ++report_.differences;
        options_.tell({id_, std::string(table), n, std::move(column), std::move(journal), std::move(kept)});
    }

    const rebuild_options& options_;
    rebuild_report& report_;
    ticket_id id_;
};

} // namespace

task<result<rebuild_report>> check_rebuild(pg::database& db, rebuild_options options)
{
    rebuild_report report;
    comparison against(options, report);
    std::int64_t of = -1;
    ticket_id last;
    for (;;) {
        // One moment's view of journal and tables.
        auto view = co_await db.begin_reading();
        if (!view) co_return fail(view.error());
        if (of < 0) {
            const auto counted = co_await count_tickets(*view);
            if (!counted) co_return fail(counted.error());
            of = *counted;
        }
        const auto ids = co_await list_known_tickets(*view, last, tickets_at_once);
        if (!ids) co_return fail(ids.error());
        if (ids->empty()) co_return report;
        last = ids->back();
        const auto kept = co_await load_kept_rows(*view, *ids);
        if (!kept) co_return fail(kept.error());
        std::map<ticket_id, result<ticket::replay>> told;
        const auto take = [&](ticket_id id, std::string_view data) {
            auto& one = told.try_emplace(id, ticket::replay()).first->second;
            if (!one) return;
            if (auto applied = one->apply(data); !applied) one = fail(applied.error());
        };
        const auto events = co_await read_ticket_events(*view, *ids, take);
        if (!events) co_return fail(events.error());
        report.events += *events;
        std::vector<std::string> parties;
        for (const auto& [id, one] : told)
            if (one && one->linked()) std::ranges::copy(one->linked()->parties, std::back_inserter(parties));
        const auto erased = co_await find_erased_parties(*view, std::move(parties));
        if (!erased) co_return fail(erased.error());
        co_await view->roll_back();
        for (const auto id : *ids) {
            const auto replayed = told.find(id);
            const auto rows = kept->find(id);
            against.compare(id, replayed == told.end() ? nullptr : &replayed->second,
                            rows == kept->end() ? nullptr : &rows->second, *erased);
        }
        options.progress(report.tickets, of);
    }
}

} // namespace huiyin::upkeep
