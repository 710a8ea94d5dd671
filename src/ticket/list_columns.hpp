#pragma once

#include <huiyin/domain/ticket.hpp>

#include <optional>

namespace huiyin::ticket {

/// Columns of `ticket` that are derived from all its rows, for lists and counts. migrations/0014_console.sql says the
/// same once, for tickets of before.

/// The running clock that is due first; windows aside, and the customer's while it waits for the desk. Nullptr: none.
const domain::deadline* nearest_clock(const domain::ticket& t);
/// Whose turn it is, where it is one person's.
std::optional<user_id> holder_of(const domain::ticket& t);
/// Bits of list_mark.
int marks_of(const domain::ticket& t);

} // namespace huiyin::ticket
