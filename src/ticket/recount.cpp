#include "calendar_definition.hpp"
#include "recount_store.hpp"

#include <huiyin/base/log.hpp>
#include <huiyin/ticket/ticket_service.hpp>

#include <algorithm>

namespace huiyin::ticket {

using nlohmann::json;

namespace {

constexpr std::size_t tickets_at_once = 200;

/// The same for the same calendar, as a name to find its events by.
uuid subject_of(const std::string& calendar)
{
    const auto digest = sha256("calendar.recounted " + calendar);
    uuid subject;
    std::ranges::copy_n(digest.begin(), subject.bytes.size(), subject.bytes.begin());
    return subject;
}

} // namespace

bool is_about_the_ticket(errc code)
{
    return code == errc::not_found || code == errc::not_configured || code == errc::wrong_state;
}

task<result<void>> ticket_service::recount_batch(counted_calendar one)
{
    const auto before = std::make_shared<const domain::calendar>(read_definition(one.name, one.definition));
    const auto after = std::make_shared<const domain::calendar>(read_definition(one.name, *one.next));
    const auto found = co_await find_counted_by(db_, one.name, one.done_through, tickets_at_once);
    if (!found) co_return fail(found.error());
    for (const auto& each : *found) {
        act recount;
        recount.ticket = each;
        recount.what = domain::load_calendar{before};
        recount.who = domain::actor::system();
        recount.counted_by = after;
        note_recount(recount.also, one.name, each);
        const auto done = co_await perform(std::move(recount));
        if (done) continue;
        if (!is_about_the_ticket(done.error().code)) co_return fail(done.error());
        log::error("calendar.not_recounted", {{"ticket", each}, {"code", slug(done.error().code)}});
    }
    if (found->size() == tickets_at_once) co_return co_await note_recount(db_, one.name, found->back());

    auto tx = co_await db_.begin();
    if (!tx) co_return fail(tx.error());
    pg::batch last;
    end_recount(last, one.name);
    const journal::event told{.at = clock_.now(),
                              .kind = "calendar.recounted",
                              .subject = subject_of(one.name),
                              .subject_version = one.recounts + 1,
                              .actor_kind = domain::actor_kind::system,
                              .actor = {},
                              .audience = {},
                              .data = json{{"calendar", one.name}, {"definition", json::parse(*one.next)}}.dump()};
    journal::append(last, {told});
    const auto committed = co_await tx->commit(std::move(last));
    if (!committed) co_return fail(committed.error());
    log::info("calendar.recounted", {{"calendar", one.name}});
    co_return result<void>{};
}

task<result<bool>> ticket_service::recount_clocks()
{
    const auto rules = co_await rules_.current();
    if (!rules && rules.error().code == errc::not_configured) co_return false;
    if (!rules) co_return fail(rules.error());
    if (*rules == counted_) co_return false;
    const auto known = co_await load_counted_calendars(db_);
    if (!known) co_return fail(known.error());
    for (const auto& each : (*rules)->rules().calendars) {
        const auto now = definition_of(each, (*rules)->years_of(each));
        const auto one = std::ranges::find(*known, each.name, &counted_calendar::name);
        if (one == known->end()) {
            if (auto kept = co_await insert_counted_calendar(db_, each.name, now.dump()); !kept)
                co_return fail(kept.error());
            continue;
        }
        if (!one->next) {
            if (json::parse(one->definition) == now) continue;
            if (auto begun = co_await begin_recount(db_, one->name, now.dump()); !begun) co_return fail(begun.error());
            log::info("calendar.changed", {{"calendar", one->name}});
            co_return true;
        }
        if (auto done = co_await recount_batch(*one); !done) co_return fail(done.error());
        co_return true;
    }
    const auto more = co_await recount_targets(*rules);
    if (!more) co_return fail(more.error());
    if (!*more) counted_ = *rules;
    co_return *more;
}

} // namespace huiyin::ticket
