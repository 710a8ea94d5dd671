#pragma once

#include <huiyin/base/crypto.hpp>
#include <huiyin/journal/sealer.hpp>
#include <huiyin/pg/rows.hpp>

#include <cstdint>
#include <string>

namespace huiyin::journal {

/// Positions under one seal at most.
constexpr std::int64_t seal_limit = 1000;

struct seal
{
    std::int64_t number = 0;
    std::int64_t first_pos = 0;
    std::int64_t last_pos = 0;
    sha256_digest mac{};

    /// Whether its range is one that a sealer makes.
    bool has_range() const { return first_pos > 0 && first_pos <= last_pos && last_pos - first_pos < seal_limit; }
};

/// SHA-256 over a row's first `columns` values: each as "N" for NULL or "V", its length in decimal, ":" and its bytes,
/// so that no two rows look alike.
sha256_digest digest_of(const pg::row& row, int columns);

/// HMAC-SHA256 over the seal's number and range, the mac of the seal before it (zeros for the first) and the digests of
/// its rows one after the other.
sha256_digest mac_of(const seal_key& key, const seal& of, const sha256_digest& previous, std::string_view digests);

} // namespace huiyin::journal
