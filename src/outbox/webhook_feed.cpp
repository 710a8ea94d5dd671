#include "webhook_feed.hpp"

#include <huiyin/outbox/webhook.hpp>

#include <nlohmann/json.hpp>

namespace huiyin::outbox {

namespace {

effect effect_of(const feed_event& what, account_id to, instant now)
{
    effect made;
    made.channel = webhook_channel;
    made.account = to;
    made.order_key = what.subject;
    made.payload = nlohmann::json{{"pos", what.pos},         {"id", what.id.to_string()},
                                  {"kind", what.kind},       {"subject", what.subject.to_string()},
                                  {"version", what.version}, {"at", to_rfc3339(what.at)}}
                       .dump();
    made.queued_at = now;
    made.on_record = false;
    return made;
}

} // namespace

task<result<feeding>> feed(pg::duty& on, const account& to, std::int64_t from, const std::vector<feed_event>& page,
                           std::size_t backlog, instant now)
{
    feeding told{.pos = from};
    if (page.empty()) co_return told;
    const auto settings = find_webhook_settings(to.settings);
    if (!settings) {
        told.broken = true;
        co_return told;
    }
    auto waiting = co_await count_backlog(on, to.id, backlog);
    if (!waiting) co_return fail(waiting.error());

    std::vector<effect> effects;
    auto pos = from;
    for (const auto& each : page) {
        if (settings->wants(each.kind, each.confidential)) {
            told.held = *waiting + effects.size() >= backlog;
            if (told.held) break;
            effects.push_back(effect_of(each, to.id, now));
        }
        pos = each.pos;
    }
    if (pos == from) co_return told;

    auto tx = co_await on.begin();
    if (!tx) co_return fail(tx.error());
    auto moved = co_await move_cursor(*tx, to.id, from, pos);
    if (!moved) co_return fail(moved.error());
    if (!*moved) {
        co_await tx->roll_back();
        co_return told;
    }
    pg::batch last;
    queue(last, effects);
    if (last.empty()) {
        auto done = co_await tx->commit();
        if (!done) co_return fail(done.error());
    } else {
        auto done = co_await tx->commit(std::move(last));
        if (!done) co_return fail(done.error());
    }
    told.pos = pos;
    told.more = !told.held && page.size() == feed_page;
    co_return told;
}

} // namespace huiyin::outbox
