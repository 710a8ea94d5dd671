#pragma once

#include <huiyin/api/viewers.hpp>
#include <huiyin/base/time.hpp>
#include <huiyin/journal/stream.hpp>
#include <huiyin/net/router.hpp>
#include <huiyin/people/people_service.hpp>
#include <huiyin/ticket/ticket_service.hpp>

namespace huiyin::api {

/// What the stream needs besides the feed; they outlive it.
struct stream_context
{
    viewers* watching;
    ticket::ticket_service* tickets;
    people::people_service* people;
    const clock* time;
};

/// /api/v1/stream?after=POS: messages {"pos","frames":[{"pos","kind","subject","version"}]} of what the actor may read,
/// with "reload":true where he has missed some, and without frames now and then so that he can resume from "pos".
///
/// At once and every 10 s comes {"kind":"heartbeat","at": the server's time}.
///
/// A user may say which ticket he looks at, {"viewing": id} (null: none), or writes about, {"typing": {"ticket": id,
/// "what": word}}; he says it again within 10 s. Who looks at the same ticket gets {"kind":"presence","subject": id,
/// "users":[{"id","name","what"}]}, the others who do, whenever that changes. At most five such words a second count.
void add_stream_routes(net::router& routes, journal::follower& feed, stream_context with);

/// Ends the streams of users whose rights change, which the feed itself tells. A background task of the reactor.
task<void> end_streams_on_change_of_rights(journal::follower& feed);

} // namespace huiyin::api
