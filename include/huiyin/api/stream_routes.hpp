#pragma once

#include <huiyin/journal/stream.hpp>
#include <huiyin/net/router.hpp>

namespace huiyin::api {

/// /api/v1/stream?after=POS: messages {"pos","frames":[{"pos","kind","subject","version"}]} of what the actor may read,
/// with "reload":true where he has missed some, and without frames now and then so that he can resume from "pos".
void add_stream_routes(net::router& routes, journal::follower& feed);

/// Ends the streams of users whose rights change, which the feed itself tells. A background task of the reactor.
task<void> end_streams_on_change_of_rights(journal::follower& feed);

} // namespace huiyin::api
