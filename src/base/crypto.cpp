#include <huiyin/base/crypto.hpp>
#include <huiyin/base/text.hpp>

#include <algorithm>
#include <array>
#include <sodium.h>
#include <stdexcept>

namespace huiyin {

namespace {

const unsigned char* bytes_of(std::string_view text)
{
    return reinterpret_cast<const unsigned char*>(text.data());
}

} // namespace

bool start_crypto()
{
    return sodium_init() >= 0;
}

sha256_digest sha256(std::string_view bytes)
{
    return sha256({bytes});
}

sha256_digest sha256(std::initializer_list<std::string_view> pieces)
{
    crypto_hash_sha256_state state;
    crypto_hash_sha256_init(&state);
    for (const auto piece : pieces)
        crypto_hash_sha256_update(&state, bytes_of(piece), piece.size());
    sha256_digest digest;
    crypto_hash_sha256_final(&state, digest.data());
    return digest;
}

sha256_digest hmac_sha256(std::span<const std::uint8_t> key, std::string_view bytes)
{
    crypto_auth_hmacsha256_state state;
    crypto_auth_hmacsha256_init(&state, key.data(), key.size());
    crypto_auth_hmacsha256_update(&state, bytes_of(bytes), bytes.size());
    sha256_digest digest;
    crypto_auth_hmacsha256_final(&state, digest.data());
    return digest;
}

bool equal_in_constant_time(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b)
{
    return a.size() == b.size() && sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::vector<std::uint8_t> random_bytes(std::size_t count)
{
    std::vector<std::uint8_t> bytes(count);
    // One system call for any size: libsodium would ask the kernel for 256 bytes at a time.
    std::array<unsigned char, randombytes_SEEDBYTES> seed;
    randombytes_buf(seed.data(), seed.size());
    if (count > seed.size())
        randombytes_buf_deterministic(bytes.data(), bytes.size(), seed.data());
    else
        std::copy_n(seed.begin(), count, bytes.begin());
    sodium_memzero(seed.data(), seed.size());
    return bytes;
}

std::string random_token(std::size_t bytes)
{
    return to_base64url(random_bytes(bytes));
}

std::string hash_password(std::string_view password, std::size_t memory_kib)
{
    std::string phc(crypto_pwhash_STRBYTES, '\0');
    // Two passes over 19 MiB: OWASP's floor for argon2id.
    if (crypto_pwhash_str_alg(phc.data(), password.data(), password.size(), 2, memory_kib * 1024,
                              crypto_pwhash_ALG_ARGON2ID13) != 0)
        throw std::runtime_error("argon2id: out of memory");
    phc.resize(phc.find('\0'));
    return phc;
}

bool verify_password(std::string_view phc, std::string_view password)
{
    if (phc.size() >= crypto_pwhash_STRBYTES) return false;
    return crypto_pwhash_str_verify(std::string(phc).c_str(), password.data(), password.size()) == 0;
}

} // namespace huiyin
