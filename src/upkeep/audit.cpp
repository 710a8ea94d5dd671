#include "audit_store.hpp"

#include <huiyin/base/log.hpp>
#include <huiyin/domain/permission.hpp>
#include <huiyin/journal/verify.hpp>

#include <nlohmann/json.hpp>

#include <memory>

namespace huiyin::upkeep {

using namespace std::chrono_literals;
using nlohmann::json;

namespace {

constexpr auto beats_every = 1s;

/// How far it has come: told by the one coroutine, written by the other.
struct check_progress
{
    std::int64_t done = 0;
    std::int64_t of = 0;
    bool over = false;
};

json figures_of(const journal::verification& found)
{
    json faults = json::array();
    for (const auto& each : found.first_faults)
        faults.push_back({{"kind", to_string(each.kind)}, {"pos", each.pos}, {"detail", each.detail}});
    return {{"events", found.events}, {"seals", found.seals},       {"words", found.words},
            {"erased", found.erased}, {"unsealed", found.unsealed}, {"unpositioned", found.unpositioned},
            {"faults", found.faults}, {"first_faults", faults}};
}

task<> tell_progress(pg::database& db, const clock& time, check_id id, std::shared_ptr<const check_progress> at)
{
    while (!at->over) {
        co_await pause_for(beats_every);
        if ((co_await asio::this_coro::cancellation_state).cancelled() != asio::cancellation_type::none) co_return;
        if (at->over) co_return;
        if (const auto beaten = co_await beat_journal_check(db, id, time.now(), at->done, at->of); !beaten)
            log::warning("journal.check_not_told", {{"reason", beaten.error().detail}});
    }
}

task<> run_check(pg::database& db, const clock& time, journal::seal_key key, journal_check what,
                 std::shared_ptr<check_progress> at)
{
    journal::verify_options options;
    options.progress = [at](std::int64_t done, std::int64_t of) {
        at->done = done;
        at->of = of;
    };
    const auto found = co_await journal::verify(db, key, std::move(options));
    at->over = true;
    what.finished_at = time.now();
    what.done_pos = at->done;
    what.of_pos = at->of;
    std::optional<journal::event> told;
    if (found) {
        const auto figures = figures_of(*found);
        what.state = found->sound() ? "held" : "broken";
        what.result = figures.dump();
        told.emplace();
        told->at = *what.finished_at;
        told->kind = "journal.checked";
        told->subject = what.id.value();
        told->subject_version = 1;
        told->actor_kind = domain::actor_kind::system;
        told->data = json{{"held", found->sound()}, {"faults", found->faults}, {"pos", at->of}}.dump();
        if (!found->sound()) log::error("journal.check_found_faults", {{"faults", found->faults}});
    } else {
        what.state = "failed";
        log::warning("journal.check_failed", {{"reason", found.error().detail}});
    }
    if (const auto done = co_await finish_journal_check(db, std::move(what), std::move(told)); !done)
        log::warning("journal.check_not_kept", {{"reason", done.error().detail}});
}

} // namespace

task<result<journal_check>> begin_journal_check(pg::database& db, const clock& time,
                                                std::optional<journal::seal_key> key, task_group& in, domain::actor who)
{
    if (!domain::may(who, domain::permission::journal_verify)) co_return fail(errc::not_found);
    if (!key) co_return fail(errc::not_configured, "no key of the seals");
    auto made = co_await insert_journal_check(db, time.now(), who.id);
    if (!made) co_return fail(made.error());
    const auto at = std::make_shared<check_progress>();
    in.spawn("journal check", run_check(db, time, *key, *made, at));
    in.spawn("journal check's progress", tell_progress(db, time, made->id, at));
    co_return made;
}

} // namespace huiyin::upkeep
