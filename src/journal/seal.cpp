#include "seal.hpp"

#include <fmt/format.h>

namespace huiyin::journal {

namespace {

std::string_view as_text(const sha256_digest& digest)
{
    return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

} // namespace

sha256_digest digest_of(const pg::row& row, int columns)
{
    std::string whole;
    for (int column = 0; column < columns; ++column) {
        if (row.is_null(column)) {
            whole += 'N';
            continue;
        }
        const auto value = row.get<std::string_view>(column);
        whole += fmt::format("V{}:", value.size());
        whole += value;
    }
    return sha256(whole);
}

sha256_digest mac_of(const seal_key& key, const seal& of, const sha256_digest& previous, std::string_view digests)
{
    auto whole = fmt::format("huiyin seal 1\n{} {} {}\n", of.number, of.first_pos, of.last_pos);
    whole += as_text(previous);
    whole += digests;
    return hmac_sha256(key, whole);
}

} // namespace huiyin::journal
