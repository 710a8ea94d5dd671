#pragma once

#include <huiyin/outbox/effect.hpp>
#include <huiyin/ticket/commit.hpp>

#include <string>
#include <vector>

namespace huiyin::ticket {

/// What leaves the house with this commitment: each message that its decision tells the customer, in that order. By SMS
/// where he gave a number, else by mail, and by the other way where he gave both and the first has no account; a survey
/// link by the way that the callback plan names. Where he gave neither there is nobody to send to, and the event alone
/// tells what he should know. What he did not ask for at this hour waits for the hours in which he may be called.
///
/// The payload names template and language, ticket, event and callback round; the sender looks up the ticket's parties
/// when it sends, so that nothing goes to who was erased meanwhile.
std::vector<outbox::effect> messages_of(const commitment& c);

} // namespace huiyin::ticket
