#pragma once

#include <huiyin/async/blocking_pool.hpp>
#include <huiyin/base/crypto.hpp>
#include <huiyin/base/metrics.hpp>
#include <huiyin/base/time.hpp>
#include <huiyin/domain/actor.hpp>
#include <huiyin/people/rights_epoch.hpp>
#include <huiyin/pg/database.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace huiyin::people {

struct session_settings
{
    std::chrono::seconds idle_limit{1800};      ///< 60 s to 24 h; sliding.
    std::chrono::seconds absolute_limit{43200}; ///< Up to 30 d.
    std::size_t sessions_per_user = 20;         ///< A further log-in ends the oldest.
};

struct log_in_attempt
{
    std::string login;
    std::string password;
    std::string client_address;
    std::string user_agent;
    /// The value of the device cookie, if there is one.
    std::optional<std::string> device;
};

struct log_in_success
{
    user_id user;
    session_id session;
    /// For the session cookie; kept nowhere else.
    std::string token;
    /// For the device cookie; the one that was sent, if it was good.
    std::string device;
    instant expires_at;
};

struct session_info
{
    session_id id;
    instant created_at;
    instant seen_at;
    instant expires_at;
    std::string client_address;
};

/// Log-in, log-out and what is open. One per reactor. Events: `session.started`, `session.ended` (subject: the
/// session), `user.password_changed`.
class session_service
{
public:
    session_service(pg::database& db, const clock& time, blocking_pool& pool, rights_epoch& epoch,
                    metrics::registry& metrics, session_settings settings = {});

    /// Errors: `bad_credentials`, the same and after the same work for an unknown login, a wrong password, an inactive
    /// account and one without a password; `locked_out` (fact `retry_after_s`) after too many failures. Failures count
    /// for (account, network) and for the network over all accounts; a device from which the account was logged in to
    /// before has one counter of its own instead, so nobody elsewhere can keep the owner out. An attempt is counted
    /// before the password is looked at, so parallel guesses gain nothing, and taken back when it was right.
    task<result<log_in_success>> log_in(log_in_attempt attempt);

    /// Ends the user's session; nothing to do is no error.
    task<result<void>> log_out(session_id session, domain::actor who);
    /// Ends all sessions of `user`, except one. Of another user only with `people_manage`, else `not_found`.
    /// Returns how many.
    task<result<std::size_t>> log_out_everywhere(user_id user, std::optional<session_id> except, domain::actor who);
    /// The user's open sessions, newest first.
    task<result<std::vector<session_info>>> list_sessions(user_id user);
    /// Of the one who is logged in. Ends his other sessions and forgets his known devices.
    /// Errors: `bad_credentials` (the old one is wrong), `locked_out` as above per session, `invalid_field`.
    task<result<void>> change_password(session_id session, std::string old_password, std::string new_password,
                                       domain::actor who);

    /// Deletes what is over: sessions, devices unseen for 400 days, failures that are forgotten. `log_in` does it once
    /// a minute, so that the tables stay bounded by themselves.
    task<result<void>> prune();

private:
    struct attempt_key
    {
        sha256_digest key;
        bool network = false;
    };
    task<result<void>> charge(std::vector<attempt_key> keys, instant now);
    task<void> take_back(std::vector<attempt_key> keys);
    task<result<bool>> verify(std::optional<std::string> phc, std::string password);
    task<result<log_in_success>> open_session(user_id user, std::string verified_phc, log_in_attempt attempt,
                                              bool known_device, std::vector<attempt_key> charged, instant now);

    pg::database& db_;
    const clock& clock_;
    blocking_pool& pool_;
    rights_epoch& epoch_;
    session_settings settings_;
    metrics::counter succeeded_;
    metrics::counter failed_;
    metrics::counter refused_;
    metrics::counter hashing_;
    std::chrono::steady_clock::time_point pruned_at_{};
};

} // namespace huiyin::people
