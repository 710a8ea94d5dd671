#pragma once

#include <huiyin/domain/actor.hpp>
#include <huiyin/outbox/effect.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace huiyin::outbox {

/// An effect that waits for a person.
struct dead_letter
{
    effect_id id;
    std::string channel;
    account_id account;
    std::string account_name;
    uuid order_key;
    std::string payload;
    effect_state state = effect_state::dead;
    int attempts = 0;
    std::string cause;
    instant queued_at;
    instant settled_at;
    std::int64_t version = 1;
};

/// Dead letters and unknown outcomes. One per reactor. Needs `outbox_manage`, else `not_found`. Each way out is an
/// event (subject: the effect) and refuses with `wrong_state` what is no longer one, `not_found` what is not there.
class dead_letters
{
public:
    dead_letters(pg::database& db, const clock& time);

    /// Newest first; `before`: the last of the page before.
    task<result<std::vector<dead_letter>>> list(std::optional<effect_id> before, std::optional<account_id> account,
                                                std::size_t limit, domain::actor who);
    /// Queued again behind what waits for the same order key, under its old id, with all its attempts before it.
    task<result<void>> send_again(effect_id id, domain::actor who);
    /// An unknown outcome that somebody found out to have arrived; `wrong_state` for a dead one.
    task<result<void>> settle_as_done(effect_id id, domain::actor who);
    /// `reason`: 1 to 500 characters, kept as words; `reason_required`.
    task<result<void>> drop(effect_id id, std::string reason, domain::actor who);

private:
    pg::database& db_;
    const clock& clock_;
};

} // namespace huiyin::outbox
