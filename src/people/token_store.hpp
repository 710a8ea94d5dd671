#pragma once

#include <huiyin/base/crypto.hpp>
#include <huiyin/people/token_service.hpp>
#include <huiyin/pg/database.hpp>

namespace huiyin::people {

void insert_token(pg::batch& to, const api_token& made, const sha256_digest& secret_hash);
task<result<std::optional<api_token>>> lock_token(pg::transaction& tx, token_id id);
void save_token_revoked(pg::batch& to, token_id id, instant at);
task<result<std::vector<api_token>>> read_tokens(pg::database& db, std::optional<token_id> before, std::size_t limit);

struct live_token
{
    api_token token;
    std::vector<std::uint8_t> secret_hash;
};
/// One that is not revoked.
task<result<std::optional<live_token>>> read_live_token(pg::database& db, std::string handle);
task<result<void>> touch_token(pg::database& db, token_id id, instant used_at);

} // namespace huiyin::people
