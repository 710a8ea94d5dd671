#include "events.hpp"

#include <huiyin/base/text.hpp>
#include <huiyin/domain/permission.hpp>

#include <nlohmann/json.hpp>

namespace huiyin::outbox {

using nlohmann::json;

bool may_manage(const domain::actor& who)
{
    return domain::may(who, domain::permission::outbox_manage);
}

journal::event change(instant at, std::string kind, const uuid& subject, std::int64_t version, const domain::actor& who,
                      const json& data)
{
    journal::event made;
    made.at = at;
    made.kind = std::move(kind);
    made.subject = subject;
    made.subject_version = version;
    made.actor_kind = who.kind;
    made.actor = who.id;
    made.data = data.dump();
    return made;
}

std::vector<journal::event> events_of(const std::vector<settled>& done, instant at)
{
    std::vector<journal::event> events;
    for (const auto& each : done) {
        const char* kind = nullptr;
        switch (each.state) {
        case effect_state::dead: kind = "outbox.dead"; break;
        case effect_state::unknown_outcome: kind = "outbox.outcome_unknown"; break;
        case effect_state::sent: kind = each.on_record ? "outbox.sent" : nullptr; break;
        case effect_state::no_channel: kind = each.on_record ? "outbox.no_channel" : nullptr; break;
        case effect_state::pending:
        case effect_state::claimed:
        case effect_state::dropped: break;
        }
        if (!kind) continue;
        events.push_back(change(at, kind, each.id.value(), each.version, domain::actor::system(),
                                {{"channel", each.channel},
                                 {"account", each.account ? json(each.account->to_string()) : json()},
                                 {"order_key", each.order_key.to_string()},
                                 {"state", to_string(each.state)},
                                 {"attempts", each.attempts},
                                 {"cause", each.cause.empty() ? json() : json(each.cause)}}));
    }
    return events;
}

json reference(const journal::words& to)
{
    return {{"text", to.id.to_string()}, {"sha256", to_hex(to.digest())}};
}

} // namespace huiyin::outbox
