#pragma once

#include "effect_store.hpp"

#include <huiyin/journal/event.hpp>

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <vector>

namespace huiyin::outbox {

bool may_manage(const domain::actor& who);
/// An event of the outbox: who did what to an account or an effect.
journal::event change(instant at, std::string kind, const uuid& subject, std::int64_t version, const domain::actor& who,
                      const nlohmann::json& data);
/// What the journal says of these: that they need a person, or that they left where that is on record.
std::vector<journal::event> events_of(const std::vector<settled>& done, instant at);
/// {"text": id, "sha256": digest}: how an event names words.
nlohmann::json reference(const journal::words& to);

} // namespace huiyin::outbox
