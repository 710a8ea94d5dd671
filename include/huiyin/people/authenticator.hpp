#pragma once

#include <huiyin/async/task.hpp>
#include <huiyin/base/crypto.hpp>
#include <huiyin/base/time.hpp>
#include <huiyin/net/message.hpp>
#include <huiyin/people/cookies.hpp>
#include <huiyin/people/rights_epoch.hpp>
#include <huiyin/people/session_service.hpp>
#include <huiyin/pg/database.hpp>

#include <chrono>
#include <functional>
#include <map>
#include <optional>

namespace huiyin::people {

struct authenticator_settings
{
    cookie_settings cookies;
    session_settings sessions;
    /// How long an answer may be used again without a query, in real time. 0 to 5 s.
    std::chrono::milliseconds remember_for{2000};
    std::size_t remember_at_most = 4096;
};

/// Who is asking. One per reactor.
///
/// A good answer is remembered for `remember_for`, by the hash of what was presented, so that a busy console costs no
/// query per request. It is dropped when this process' rights_epoch has risen (a session that was logged out here is
/// refused at once; on other nodes within `remember_for`) and when the session's own limits have passed by `clock`. A
/// session is marked as seen, and a token as used, at most once a minute: a session's idle limit is kept to within that
/// minute.
class authenticator
{
public:
    authenticator(pg::database& db, const clock& time, rights_epoch& epoch, authenticator_settings settings = {});

    /// By `Authorization: Bearer hy_…`, else by the session cookie, else anonymous. What is presented but not good is
    /// anonymous too (a bearer that is not good never falls back to the cookie). An error is an outage of the database.
    task<result<net::principal>> authenticate(const net::request& req);

private:
    struct remembered
    {
        net::principal who;
        std::uint64_t epoch = 0;
        std::chrono::steady_clock::time_point until;
        instant touched_at; ///< `seen_at` or `last_used_at` as the database has it.
        std::optional<instant> expires_at;
    };
    std::optional<net::principal> recall(const sha256_digest& presented, instant now);
    void remember(const sha256_digest& presented, remembered what);
    task<result<net::principal>> by_token(std::string presented);
    task<result<net::principal>> by_session(std::string presented);

    pg::database& db_;
    const clock& clock_;
    rights_epoch& epoch_;
    authenticator_settings settings_;
    std::map<sha256_digest, remembered> remembered_;
};

} // namespace huiyin::people
