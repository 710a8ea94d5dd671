#pragma once

#include <huiyin/pg/database.hpp>
#include <huiyin/pg/duty.hpp>

#include <functional>

namespace huiyin::journal {

/// Where a statement runs: a duty's connection or one of the pool.
using runner = std::function<task<result<pg::rows>>(const pg::statement&, pg::params)>;

inline runner running_on(pg::duty& duty)
{
    return [&duty](const pg::statement& what, pg::params with) { return duty.run(what, std::move(with)); };
}
inline runner running_on(pg::database& db)
{
    return [&db](const pg::statement& what, pg::params with) { return db.run(what, std::move(with)); };
}

} // namespace huiyin::journal
