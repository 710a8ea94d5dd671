#include "session_store.hpp"
#include "token_store.hpp"

#include <huiyin/base/text.hpp>
#include <huiyin/domain/permission.hpp>
#include <huiyin/people/authenticator.hpp>

#include <algorithm>

namespace huiyin::people {

namespace {

constexpr std::chrono::seconds touch_interval{60};
constexpr std::size_t longest_credential = 256;

struct split_token
{
    std::string handle;
    std::string secret;
};

std::optional<split_token> split_bearer(std::string_view presented)
{
    if (!presented.starts_with("hy_")) return std::nullopt;
    presented.remove_prefix(3);
    const auto end = presented.find('_');
    if (end == std::string_view::npos) return std::nullopt;
    std::string handle(presented.substr(0, end));
    if (!from_hex(handle)) return std::nullopt;
    return split_token{std::move(handle), std::string(presented.substr(end + 1))};
}

std::optional<std::string_view> bearer_of(const net::request& req)
{
    constexpr std::string_view scheme = "bearer ";
    const auto header = req.header("authorization");
    if (!header || header->size() < scheme.size() || lower_ascii(header->substr(0, scheme.size())) != scheme)
        return std::nullopt;
    return trimmed(header->substr(scheme.size()));
}

} // namespace

authenticator::authenticator(pg::database& db, const clock& time, rights_epoch& epoch, authenticator_settings settings)
    : db_(db), clock_(time), epoch_(epoch), settings_(std::move(settings))
{}

task<result<net::principal>> authenticator::authenticate(const net::request& req)
{
    if (const auto bearer = bearer_of(req)) {
        if (bearer->size() > longest_credential) co_return net::principal{};
        co_return co_await by_token(std::string(*bearer));
    }
    if (auto cookie = session_cookie(req, settings_.cookies)) {
        if (cookie->size() > longest_credential) co_return net::principal{};
        co_return co_await by_session(std::move(*cookie));
    }
    co_return net::principal{};
}

task<result<net::principal>> authenticator::by_token(std::string presented)
{
    const auto now = clock_.now();
    const auto key = sha256(presented);
    if (auto known = recall(key, now)) co_return *known;
    const auto parts = split_bearer(presented);
    if (!parts) co_return net::principal{};

    const auto epoch = epoch_.current(); // before the query: what ends meanwhile must not be remembered
    auto found = co_await read_live_token(db_, parts->handle);
    if (!found) co_return fail(found.error());
    if (!*found || !equal_in_constant_time((*found)->secret_hash, sha256(parts->secret))) co_return net::principal{};
    const auto& token = (*found)->token;

    remembered good;
    good.epoch = epoch;
    good.touched_at = token.last_used_at.value_or(instant{});
    good.who.who.kind = domain::actor_kind::token;
    good.who.who.id = token.id.value();
    for (const auto& scope : token.scopes)
        if (const auto given = domain::parse_permission(scope)) good.who.who.scopes.push_back(static_cast<int>(*given));
    good.who.account = "token:" + token.handle;
    if (now - good.touched_at >= touch_interval) {
        if (auto touched = co_await touch_token(db_, token.id, now); !touched) co_return fail(touched.error());
        good.touched_at = now;
    }
    auto who = good.who;
    remember(key, std::move(good));
    co_return who;
}

task<result<net::principal>> authenticator::by_session(std::string presented)
{
    const auto now = clock_.now();
    const auto key = sha256(presented);
    if (auto known = recall(key, now)) co_return *known;

    const auto epoch = epoch_.current(); // before the query, as above
    auto found = co_await read_live_session(db_, key);
    if (!found) co_return fail(found.error());
    if (!*found) co_return net::principal{};
    const auto& live = **found;
    if (now >= live.expires_at || now - live.seen_at > settings_.sessions.idle_limit) co_return net::principal{};

    remembered good;
    good.epoch = epoch;
    good.touched_at = live.seen_at;
    good.expires_at = live.expires_at;
    good.who.who = live.who;
    good.who.session = live.id;
    good.who.account = live.login;
    good.who.by_cookie = true;
    if (now - good.touched_at >= touch_interval) {
        if (auto touched = co_await touch_session(db_, live.id, now); !touched) co_return fail(touched.error());
        good.touched_at = now;
    }
    auto who = good.who;
    remember(key, std::move(good));
    co_return who;
}

std::optional<net::principal> authenticator::recall(const sha256_digest& presented, instant now)
{
    const auto it = remembered_.find(presented);
    if (it == remembered_.end()) return std::nullopt;
    const auto& known = it->second;
    const bool fresh = known.epoch == epoch_.current() && std::chrono::steady_clock::now() < known.until &&
                       now - known.touched_at < touch_interval && (!known.expires_at || now < *known.expires_at);
    if (fresh) return known.who;
    remembered_.erase(it);
    return std::nullopt;
}

void authenticator::remember(const sha256_digest& presented, remembered what)
{
    const auto now = std::chrono::steady_clock::now();
    if (remembered_.size() >= settings_.remember_at_most) {
        std::erase_if(remembered_, [&](const auto& each) { return each.second.until <= now; });
        if (remembered_.size() >= settings_.remember_at_most) remembered_.clear();
    }
    what.until = now + settings_.remember_for;
    remembered_.insert_or_assign(presented, std::move(what));
}

} // namespace huiyin::people
