#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace huiyin {

using sha256_digest = std::array<std::uint8_t, 32>;

/// Must succeed once, before anything else here is used. Idempotent and thread-safe.
bool start_crypto();

sha256_digest sha256(std::string_view bytes);
/// SHA-256 over several pieces, as if joined.
sha256_digest sha256(std::initializer_list<std::string_view> pieces);
sha256_digest hmac_sha256(std::span<const std::uint8_t> key, std::string_view bytes);
/// In time that does not depend on where they differ.
bool equal_in_constant_time(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b);
std::vector<std::uint8_t> random_bytes(std::size_t count);
/// `bytes` random bytes as base64url: 32 bytes make 43 characters.
std::string random_token(std::size_t bytes = 32);

/// argon2id in PHC form. Takes tens of milliseconds and `memory_kib`: blocking pool only.
std::string hash_password(std::string_view password, std::size_t memory_kib = 19456);
/// Blocking pool only.
bool verify_password(std::string_view phc, std::string_view password);

} // namespace huiyin
