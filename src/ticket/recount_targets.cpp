#include "calendar_definition.hpp"
#include "recount_store.hpp"

#include <huiyin/base/log.hpp>
#include <huiyin/ticket/preview.hpp>
#include <huiyin/ticket/ticket_service.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <set>

namespace huiyin::ticket {

using namespace std::chrono_literals;
using nlohmann::json;

namespace {

constexpr std::size_t retargeted_at_once = 200;
/// So long others may still begin clocks by the version before: configurations are refreshed more often than that.
constexpr auto others_know_after = 5s;

bool same(const std::optional<domain::timed_target>& a, const std::optional<domain::timed_target>& b)
{
    return a.has_value() == b.has_value() && (!a || (a->goal == b->goal && a->calendar == b->calendar));
}

bool same(const target_table& a, const target_table& b)
{
    return std::ranges::equal(a, b, [](const auto& left, const auto& right) { return same(left, right); });
}

bool same_targets(const pack_category& a, const pack_category& b)
{
    return same(a.targets, b.targets) && std::ranges::equal(a.targets_by_department, b.targets_by_department,
                                                            [](const auto& left, const auto& right) {
                                                                return left.first == right.first &&
                                                                       same(left.second, right.second);
                                                            });
}

/// Whose tickets may have clocks that one of the former versions gave another target. Empty: of no category yet.
std::vector<std::string> changed_categories(const pack& now, const former_rules& former)
{
    std::vector<std::string> changed;
    const auto differs = [&](auto&& in_one) {
        return std::ranges::any_of(former, [&](const auto& each) {
            return each->rules().default_calendar != now.default_calendar || in_one(each->rules());
        });
    };
    if (differs([&](const pack& before) { return !same(before.targets, now.targets); })) changed.emplace_back();
    for (const auto& category : now.categories)
        if (differs([&](const pack& before) {
                const auto* const was = before.find_category(category.code);
                return was && !same_targets(*was, category);
            }))
            changed.push_back(category.code);
    return changed;
}

uuid subject_of_recount()
{
    const auto digest = sha256("targets.recounted");
    uuid subject;
    std::ranges::copy_n(digest.begin(), subject.bytes.size(), subject.bytes.begin());
    return subject;
}

/// What clocks would count otherwise by.
std::vector<std::string> changed_calendars(const configuration& before, const configuration& after)
{
    std::vector<std::string> changed;
    for (const auto& was : before.rules().calendars)
        if (const auto* const is = after.rules().find_calendar(was.name))
            if (definition_of(was, before.years_of(was)) != definition_of(*is, after.years_of(*is)))
                changed.push_back(was.name);
    return changed;
}

} // namespace

task<result<recount_forecast>> foresee_recount(pg::database& db, const configuration& before,
                                               const configuration& after, std::size_t limit)
{
    std::set<ticket_id> tickets;
    recount_forecast forecast;
    const auto add = [&](const std::vector<ticket_id>& found) {
        forecast.more = forecast.more || found.size() > limit;
        tickets.insert(found.begin(), found.end());
    };
    const former_rules former{std::make_shared<const configuration>(before)};
    if (const auto categories = changed_categories(after.rules(), former); !categories.empty()) {
        const auto found = co_await find_by_older_version(db, after.version(), categories, ticket_id(), limit + 1);
        if (!found) co_return fail(found.error());
        add(*found);
    }
    for (const auto& each : changed_calendars(before, after)) {
        const auto found = co_await find_counted_by(db, each, ticket_id(), limit + 1);
        if (!found) co_return fail(found.error());
        add(*found);
    }
    forecast.tickets = std::min(tickets.size(), limit);
    forecast.more = forecast.more || tickets.size() > limit;
    co_return forecast;
}

task<result<former_rules>> ticket_service::load_former(const configuration& rules)
{
    const auto packs = co_await load_packs_in_use(db_, rules.version());
    if (!packs) co_return fail(packs.error());
    former_rules former;
    for (const auto& [version, document] : *packs) {
        auto read = parse_pack(document);
        if (!read) {
            // Its clocks stay as they were promised.
            log::error("targets.version_not_read", {{"version", version}});
            continue;
        }
        former.push_back(std::make_shared<const configuration>(
            version, std::move(*read), std::map<std::string, std::map<int, domain::calendar_year>>(),
            rules.departments()));
    }
    co_return former;
}

task<result<bool>> ticket_service::recount_targets(std::shared_ptr<const configuration> rules)
{
    const auto counted = co_await load_counted_pack(db_);
    if (!counted) co_return fail(counted.error());
    const auto version = rules->version();
    if (!*counted) {
        if (auto kept = co_await insert_counted_pack(db_, version); !kept) co_return fail(kept.error());
        co_return false;
    }
    const auto& state = **counted;
    if (state.version == version && !state.next) co_return false;
    if (state.next != version) {
        const auto now = std::chrono::steady_clock::now();
        if (seen_version_ != version) {
            seen_version_ = version;
            seen_at_ = now;
        }
        if (now - seen_at_ < others_know_after) co_return true;
        if (auto begun = co_await begin_target_recount(db_, version); !begun) co_return fail(begun.error());
        co_return true;
    }
    if (former_of_ != version) {
        auto read = co_await load_former(*rules);
        if (!read) co_return fail(read.error());
        former_ = std::move(*read);
        former_of_ = version;
    }
    const auto changed = changed_categories(rules->rules(), former_);
    std::vector<ticket_id> found;
    if (!changed.empty()) {
        auto older = co_await find_by_older_version(db_, version, changed, state.done_through, retargeted_at_once);
        if (!older) co_return fail(older.error());
        found = std::move(*older);
    }
    for (const auto& each : found) {
        act recount;
        recount.ticket = each;
        recount.what = domain::load_targets{};
        recount.who = domain::actor::system();
        recount.former = former_;
        const auto done = co_await perform(std::move(recount));
        if (done) continue;
        if (!is_about_the_ticket(done.error().code)) co_return fail(done.error());
        log::error("targets.not_recounted", {{"ticket", each}, {"code", slug(done.error().code)}});
    }
    if (found.size() == retargeted_at_once) {
        if (auto noted = co_await note_target_recount(db_, found.back()); !noted) co_return fail(noted.error());
        co_return true;
    }
    auto tx = co_await db_.begin();
    if (!tx) co_return fail(tx.error());
    pg::batch last;
    end_target_recount(last);
    const journal::event told{.at = clock_.now(),
                              .kind = "targets.recounted",
                              .subject = subject_of_recount(),
                              .subject_version = version,
                              .actor_kind = domain::actor_kind::system,
                              .actor = {},
                              .audience = {},
                              .data = json{{"version", version}, {"categories", changed}}.dump()};
    journal::append(last, {told});
    const auto committed = co_await tx->commit(std::move(last));
    if (!committed) co_return fail(committed.error());
    log::info("targets.recounted", {{"version", version}});
    former_.clear();
    former_of_ = 0;
    co_return true;
}

} // namespace huiyin::ticket
