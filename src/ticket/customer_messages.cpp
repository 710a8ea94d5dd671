#include "customer_messages.hpp"

#include <huiyin/ticket/configuration.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>

namespace huiyin::ticket {

namespace {

constexpr const char* by_number = "sms";
constexpr const char* by_mail = "mail";

struct way_out
{
    const char* channel = nullptr; ///< Nullptr: there is none.
    const char* otherwise = "";
};

way_out way_for(const commitment& c, domain::customer_message message)
{
    const auto gave = [&](std::string_view kind) { return std::ranges::find(c.ways, kind) != c.ways.end(); };
    const bool number = gave("phone"), mail = gave("email");
    if (!number && !mail) return {};
    if (!number) return {by_mail};
    if (!mail) return {by_number};
    const bool mail_first = message == domain::customer_message::survey_link &&
                            c.decided.next.next_callback_channel == domain::callback_channel::email;
    return mail_first ? way_out{by_mail, by_number} : way_out{by_number, by_mail};
}

/// Empty: at once.
std::optional<instant> quiet_until(const commitment& c, instant now)
{
    if (!c.rules || c.decided.events.front().by_kind == domain::actor_kind::customer) return std::nullopt;
    const auto& plan = c.rules->rules().callback;
    const auto* const house = c.rules->find_calendar(plan.calendar);
    if (!house) return std::nullopt;
    const auto* const customers =
        plan.customer_calendar.empty() ? nullptr : c.rules->find_calendar(plan.customer_calendar);
    return domain::next_callback_time(plan, {*house, customers}, now);
}

} // namespace

std::vector<outbox::effect> messages_of(const commitment& c)
{
    std::vector<outbox::effect> effects;
    const auto& t = c.decided.next;
    for (const auto message : c.decided.messages) {
        const auto way = way_for(c, message);
        if (!way.channel) continue;
        outbox::effect effect;
        effect.channel = way.channel;
        effect.otherwise = way.otherwise;
        effect.order_key = t.id.value();
        nlohmann::json payload{{"template", domain::to_string(message)},
                               {"language", c.language},
                               {"ticket", t.id.to_string()},
                               {"event", c.event.to_string()}};
        if (message == domain::customer_message::survey_link) payload["round"] = t.callback_round;
        effect.payload = payload.dump();
        effect.queued_at = t.changed_at;
        effect.send_at = quiet_until(c, t.changed_at);
        // That a complaint was taken is on record without it.
        effect.on_record = message != domain::customer_message::acknowledgement;
        effects.push_back(std::move(effect));
    }
    return effects;
}

} // namespace huiyin::ticket
