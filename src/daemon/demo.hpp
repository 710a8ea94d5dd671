#pragma once

#include "home.hpp"

namespace huiyin::daemon {

/// Brings an empty database to the demo organisation: the pack, the calendars beside it, and one account per role with
/// a password made once and kept in the state folder. Changes nothing where a pack has been applied before.
result<void> fill_with_demo(home& at, const config& with, const std::filesystem::path& pack);
/// Who can log in, and with what, and how a complaint is sent to `address`, on standard output.
void print_demo_logins(home& at, const std::string& address);

} // namespace huiyin::daemon
