#include "change.hpp"
#include "token_store.hpp"

#include <huiyin/base/text.hpp>
#include <huiyin/domain/permission.hpp>
#include <huiyin/people/token_service.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>

namespace huiyin::people {

token_service::token_service(pg::database& db, const clock& time, rights_epoch& epoch)
    : db_(db), clock_(time), epoch_(epoch)
{}

task<result<created_token>> token_service::create(std::string name, std::vector<std::string> scopes, domain::actor who)
{
    using domain::permission;
    if (!domain::may(who, permission::token_manage)) co_return fail(errc::not_found);
    if (!is_storable_utf8(name) || trimmed(name).empty() || code_points(name) > 100)
        co_return invalid("name", "is not 1 to 100 characters");
    std::ranges::sort(scopes);
    const auto repeats = std::ranges::unique(scopes);
    scopes.erase(repeats.begin(), repeats.end());
    if (scopes.empty()) co_return invalid("scopes", "is empty");
    for (const auto& scope : scopes) {
        const auto wanted = domain::parse_permission(scope);
        if (!wanted || *wanted == permission::none_needed || *wanted == permission::logged_in)
            co_return invalid("scopes", "has an unknown permission");
        // Without this a token that may make tokens could make one that may everything.
        if (who.kind == domain::actor_kind::token && !domain::may(who, *wanted)) co_return fail(errc::forbidden);
    }

    created_token made;
    made.token.id = token_id::make();
    made.token.handle = to_hex(random_bytes(6));
    made.token.name = std::string(trimmed(name));
    made.token.scopes = std::move(scopes);
    if (who.kind == domain::actor_kind::user) made.token.created_by = user_id(who.id);
    made.token.created_at = clock_.now();
    const auto secret = random_token();
    made.secret = "hy_" + made.token.handle + "_" + secret;

    auto tx = co_await db_.begin();
    if (!tx) co_return fail(tx.error());
    pg::batch last;
    insert_token(last, made.token, sha256(secret));
    journal::append(last, {change(made.token.created_at, "token.created", made.token.id.value(), 1, who,
                                  {{"scopes", made.token.scopes}})});
    auto committed = co_await tx->commit(std::move(last));
    if (!committed) co_return translated(committed.error());
    co_return made;
}

task<result<api_token>> token_service::revoke(token_id id, domain::actor who)
{
    if (!domain::may(who, domain::permission::token_manage)) co_return fail(errc::not_found);
    auto tx = co_await db_.begin();
    if (!tx) co_return fail(tx.error());
    auto found = co_await lock_token(*tx, id);
    if (!found) co_return fail(found.error());
    if (!*found) co_return fail(errc::not_found);
    auto revoked = **found;
    if (revoked.revoked_at) co_return revoked;
    revoked.revoked_at = clock_.now();
    pg::batch last;
    save_token_revoked(last, id, *revoked.revoked_at);
    journal::append(last, {change(*revoked.revoked_at, "token.revoked", id.value(), 2, who, nlohmann::json::object())});
    const rising rise(epoch_);
    auto committed = co_await tx->commit(std::move(last));
    if (!committed) co_return fail(committed.error());
    co_return revoked;
}

task<result<std::vector<api_token>>> token_service::list(std::optional<token_id> before, std::size_t limit)
{
    return read_tokens(db_, before, std::clamp<std::size_t>(limit, 1, 200));
}

} // namespace huiyin::people
