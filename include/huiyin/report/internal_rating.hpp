#pragma once

#include <huiyin/base/error.hpp>
#include <huiyin/base/id.hpp>
#include <huiyin/base/time.hpp>
#include <huiyin/domain/actor.hpp>
#include <huiyin/pg/database.hpp>

namespace huiyin::report {

struct internal_rating
{
    uuid id;
    ticket_id ticket;
    department_id department;
    int score = 0;
    instant at;
};

/// The front line says how a department answered (M13): 1 to 5, once per reply and rater; journalled as
/// `ticket.internally_rated`. For whoever may `ticket_rate_reply`. The ticket's version stays. Errors: `not_found`,
/// `wrong_state` while there is no reply, `already_exists`, `invalid_field` for another score, and those of the
/// database.
task<result<internal_rating>> rate_reply(pg::database& db, ticket_id ticket, int score, domain::actor by, instant now);

} // namespace huiyin::report
