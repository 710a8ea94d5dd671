#pragma once

#include <huiyin/ticket/ticket_service.hpp>

#include <string>
#include <vector>

namespace huiyin::ticket {

/// An open ticket of the same category, with the words by which it may be recognised.
struct found_similar
{
    similar_ticket what;
    bool confidential = false;
    std::string object; ///< Empty where there are none.
    std::string fields; ///< A JSON object, or empty.
};
/// Of the ticket itself first, then up to 500 others of the week before and the week after it, the newest first.
task<result<std::vector<found_similar>>> find_similar(pg::database& db, ticket_id ticket, instant from, instant to);

/// What only the database knows of an answered ticket.
struct found_answered
{
    list_item item;
    instant replied_at;
    domain::surroundings facts;
    std::string rows; ///< As load_ticket() gives them.
};
/// The latest reply first.
task<result<std::vector<found_answered>>> find_answered(pg::database& db, instant since,
                                                        const std::optional<std::pair<instant, ticket_id>>& after,
                                                        std::size_t limit);

/// An interaction that the ticket is about; nil where there is none.
task<result<interaction_id>> find_interaction(pg::transaction& tx, ticket_id ticket);
/// What was said with these verdicts: noted by the agent, or a customer's own act. Erased words are empty.
task<result<std::map<callback_id, std::string>>> find_verdict_words(pg::database& db, std::vector<callback_id> of);
/// Those of them that are active accounts.
task<result<std::vector<user_id>>> find_active(pg::transaction& tx, std::vector<user_id> users);
/// Number and a contact of the ticket.
task<result<std::optional<ticket_service::known_party>>> find_party(pg::database& db, ticket_id ticket);

} // namespace huiyin::ticket
