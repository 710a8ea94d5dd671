#pragma once

#include <huiyin/base/crypto.hpp>
#include <huiyin/domain/actor.hpp>
#include <huiyin/people/session_service.hpp>
#include <huiyin/pg/database.hpp>

#include <optional>
#include <string>
#include <vector>

namespace huiyin::people {

/// What a log-in needs to know before the password is looked at.
struct log_in_account
{
    user_id id;
    std::optional<std::string> password_phc; ///< None where nobody may log in.
    bool known_device = false;
};
task<result<std::optional<log_in_account>>> read_log_in_account(pg::database& db, std::string login,
                                                                std::optional<sha256_digest> device);

struct new_session
{
    session_id id;
    user_id user;
    sha256_digest token_hash;
    instant created_at;
    instant expires_at;
    std::string client_address;
    sha256_digest user_agent_hash;
};
void insert_session(pg::batch& to, const new_session& made);

struct live_session
{
    session_id id;
    instant seen_at;
    instant expires_at;
    std::string login;
    domain::actor who;
};
/// Of an active user, with all his rights; whether it has run out is for the caller.
task<result<std::optional<live_session>>> read_live_session(pg::database& db, sha256_digest token_hash);
task<result<void>> touch_session(pg::database& db, session_id id, instant seen_at);
task<result<std::vector<session_info>>> read_sessions(pg::database& db, user_id user);

task<result<std::vector<session_id>>> end_session(pg::transaction& tx, session_id id, user_id user);
task<result<std::vector<session_id>>> end_sessions(pg::transaction& tx, user_id user, std::optional<session_id> except);
/// All but the newest `keep`.
task<result<std::vector<session_id>>> end_oldest_sessions(pg::transaction& tx, user_id user, std::size_t keep);
void prune_sessions(pg::batch& to, instant seen_before);

/// Adds the device, or marks it as seen; the user's oldest beyond ten are forgotten.
void remember_device(pg::batch& to, const sha256_digest& token_hash, user_id user, instant at);
void forget_devices(pg::batch& to, user_id user);
void prune_devices(pg::batch& to, instant seen_before);

} // namespace huiyin::people
