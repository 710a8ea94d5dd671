#pragma once

#include <huiyin/ticket/commit.hpp>

#include <vector>

namespace huiyin::ticket {

/// For each ticket that these commitments archive (row 33): the complaint desk's copy and, where a department led it,
/// the department's. One statement, or none.
void save_archive_copies(pg::batch& to, const std::vector<commitment>& all);

} // namespace huiyin::ticket
