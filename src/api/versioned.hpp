#pragma once

#include <huiyin/base/error.hpp>
#include <huiyin/net/message.hpp>

#include <nlohmann/json.hpp>

#include <cstdint>
#include <string>

namespace huiyin::api {

/// The object, its version as ETag.
inline net::response versioned(int status, const nlohmann::json& object)
{
    return net::json_reply(status, object)
        .with("ETag", "\"" + std::to_string(object.at("version").get<std::int64_t>()) + "\"");
}

/// What a change of something with versions names.
template <class Id>
struct change
{
    Id id;
    std::int64_t seen = 0;
};

/// Of the path's "{id}" and If-Match.
template <class Id>
result<change<Id>> change_of(const net::request& req)
{
    const auto id = req.path_id<Id>("id");
    if (!id) return fail(id.error());
    const auto seen = req.seen_version();
    if (!seen) return fail(seen.error());
    return change<Id>{*id, *seen};
}

} // namespace huiyin::api
