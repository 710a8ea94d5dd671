#pragma once

#include <huiyin/base/time.hpp>
#include <huiyin/domain/actor.hpp>
#include <huiyin/people/rights_epoch.hpp>
#include <huiyin/pg/database.hpp>

#include <optional>
#include <string>
#include <vector>

namespace huiyin::people {

struct api_token
{
    token_id id;
    std::string handle;
    std::string name;
    std::vector<std::string> scopes; ///< Names of permissions.
    std::optional<user_id> created_by;
    instant created_at;
    std::optional<instant> last_used_at; ///< Within a minute.
    std::optional<instant> revoked_at;
};

struct created_token
{
    api_token token;
    /// "hy_<handle>_<secret>": shown this once, kept nowhere.
    std::string secret;
};

/// Tokens by which other systems ask. One per reactor. Events: `token.created`, `token.revoked` (subject: the token;
/// data: scopes). Needs `token_manage`, else `not_found`. A token outlives the account of who made it.
class token_service
{
public:
    token_service(pg::database& db, const clock& time, rights_epoch& epoch);

    /// Errors: `invalid_field` (`name`: 1 to 100 characters; `scopes`: at least one, each the name of a permission that
    /// can be given), `forbidden` where a token gives what it does not have.
    task<result<created_token>> create(std::string name, std::vector<std::string> scopes, domain::actor who);
    /// A second time changes nothing.
    task<result<api_token>> revoke(token_id id, domain::actor who);
    /// Newest first, revoked ones included; those made before `before` (an id), at most `limit` (1 to 200).
    task<result<std::vector<api_token>>> list(std::optional<token_id> before, std::size_t limit);

private:
    pg::database& db_;
    const clock& clock_;
    rights_epoch& epoch_;
};

} // namespace huiyin::people
