#pragma once

#include <huiyin/async/task_group.hpp>
#include <huiyin/base/error.hpp>
#include <huiyin/base/metrics.hpp>
#include <huiyin/pg/database.hpp>

#include <array>
#include <cstdint>
#include <filesystem>

namespace huiyin::journal {

/// The key of the seals. It lives in a file outside the database: who can rewrite rows must not be able to reseal them.
using seal_key = std::array<std::uint8_t, 32>;

enum class missing_key { refuse, create };

/// Reads the 32 bytes of the key file; with `create`, a missing file is made first, mode 0600, filled at random,
/// complete or not at all. Blocking: call before the reactors run. Errors: `not_configured` when the file is missing,
/// cannot be read or made, or others than its owner may read it; `corrupt` when it does not hold exactly 32 bytes.
result<seal_key> load_seal_key(const std::filesystem::path& file, missing_key when_missing);

/// Starts the duty that seals the feed, once a second while there is something: HMAC-SHA256 over up to 1000 positions,
/// every column of their events, and the previous seal. Each new head is logged (`journal.sealed seal=… pos=… head=…`),
/// which lets `verify` notice a journal cut short. A key that did not make the last seal seals nothing:
/// `journal.seal_key_differs`.
void start_sealer(task_group& in, const pg::database_settings& settings, const seal_key& key,
                  metrics::registry& metrics);

} // namespace huiyin::journal
