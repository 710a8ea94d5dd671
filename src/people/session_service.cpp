#include "backoff_store.hpp"
#include "change.hpp"
#include "session_store.hpp"
#include "user_store.hpp"

#include <huiyin/base/log.hpp>
#include <huiyin/base/text.hpp>
#include <huiyin/domain/permission.hpp>
#include <huiyin/people/backoff.hpp>
#include <huiyin/people/draft.hpp>
#include <huiyin/people/session_service.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>

namespace huiyin::people {

namespace {

constexpr std::chrono::seconds device_memory{400 * 86400};
constexpr std::chrono::seconds prune_interval{60};

/// What a wrong login is checked against, so that it costs what a wrong password costs. Blocking pool only.
const std::string& nobodys_password()
{
    static const std::string phc = hash_password(random_token());
    return phc;
}

/// What checking against that hash costs: the memory argon2id fills, times its passes
/// ("$argon2id$v=19$m=19456,t=2,p=1$").
double kib_filled_for(std::string_view phc)
{
    const auto number_after = [&](std::string_view name) {
        const auto at = phc.find(name);
        double number = 0;
        if (at != std::string_view::npos)
            std::from_chars(phc.data() + at + name.size(), phc.data() + phc.size(), number);
        return number;
    };
    return number_after("$m=") * number_after(",t=");
}

domain::actor user_actor(user_id id)
{
    domain::actor who;
    who.kind = domain::actor_kind::user;
    who.id = id.value();
    return who;
}

metrics::counter log_in_counter(metrics::registry& metrics, const char* outcome)
{
    return metrics.counter("huiyin_log_ins_total", "Attempts to log in.", {{"outcome", outcome}});
}

} // namespace

session_service::session_service(pg::database& db, const clock& time, blocking_pool& pool, rights_epoch& epoch,
                                 metrics::registry& metrics, session_settings settings)
    : db_(db), clock_(time), pool_(pool), epoch_(epoch), settings_(settings),
      succeeded_(log_in_counter(metrics, "success")), failed_(log_in_counter(metrics, "bad_credentials")),
      refused_(log_in_counter(metrics, "locked_out")),
      hashing_(
          metrics.counter("huiyin_password_hashing_kib_total", "Memory filled to check passwords, times its passes"))
{}

task<result<log_in_success>> session_service::log_in(log_in_attempt attempt)
{
    const auto now = clock_.now();
    if (const auto tick = std::chrono::steady_clock::now(); tick - pruned_at_ >= prune_interval) {
        pruned_at_ = tick;
        if (auto pruned = co_await prune(); !pruned)
            log::warning("session.prune_failed", {{"code", slug(pruned.error().code)}});
    }

    auto login = lower_ascii(trimmed(attempt.login));
    // No account has the empty login: what cannot be a login takes the same way as one that nobody has.
    if (!is_login(login)) login.clear();
    std::optional<sha256_digest> device;
    if (attempt.device) device = sha256(*attempt.device);
    auto account = co_await read_log_in_account(db_, login, device);
    if (!account) co_return fail(account.error());

    const bool known_device = *account && (*account)->known_device;
    const auto network = network_of(attempt.client_address);
    std::vector<attempt_key> keys;
    if (known_device) {
        keys.push_back({sha256({"device\n", to_hex(*device)})});
    } else {
        keys.push_back({sha256({"account\n", lower_ascii(trimmed(attempt.login)), "\n", network})});
        keys.push_back({sha256({"network\n", network}), true});
    }
    if (auto charged = co_await charge(keys, now); !charged) {
        if (charged.error().code == errc::locked_out) refused_.add();
        co_return fail(charged.error());
    }

    std::optional<std::string> phc;
    if (*account && attempt.password.size() <= longest_password) phc = (*account)->password_phc;
    auto right = co_await verify(phc, attempt.password);
    if (!right) {
        co_await take_back(keys); // the password was never looked at
        co_return fail(right.error());
    }
    if (!*right) {
        failed_.add();
        co_return fail(errc::bad_credentials);
    }
    const auto user = (*account)->id;
    auto opened = co_await open_session(user, *phc, std::move(attempt), known_device, std::move(keys), now);
    if (opened) succeeded_.add();
    co_return opened;
}

task<result<void>> session_service::charge(std::vector<attempt_key> keys, instant now)
{
    std::ranges::sort(keys, {}, &attempt_key::key);
    std::vector<sha256_digest> digests;
    for (const auto& each : keys)
        digests.push_back(each.key);
    auto tx = co_await db_.begin();
    if (!tx) co_return fail(tx.error());
    auto counts = co_await lock_failures(*tx, std::move(digests), now);
    if (!counts) co_return fail(counts.error());

    auto open_at = now;
    pg::batch saved;
    for (std::size_t i = 0; i < keys.size(); ++i) {
        auto& count = (*counts)[i];
        if (now - count.failed_at >= backoff_memory) count.failures = 0;
        const auto& plan = keys[i].network ? network_backoff : account_backoff;
        open_at = std::max(open_at, next_attempt_at(count.failed_at, count.failures, plan));
        save_failures(saved, keys[i].key, {count.failures + 1, now});
    }
    if (open_at > now) {
        co_await tx->roll_back();
        const auto wait = std::chrono::ceil<std::chrono::seconds>(open_at - now).count();
        co_return fail(error{errc::locked_out, {}, {}}.with("retry_after_s", std::to_string(wait)));
    }
    auto committed = co_await tx->commit(std::move(saved));
    if (!committed) co_return fail(committed.error());
    co_return result<void>{};
}

task<void> session_service::take_back(std::vector<attempt_key> keys)
{
    std::ranges::sort(keys, {}, &attempt_key::key);
    auto tx = co_await db_.begin();
    if (!tx) co_return;
    pg::batch all;
    for (const auto& each : keys)
        relieve_failures(all, each.key);
    co_await tx->commit(std::move(all));
}

task<result<bool>> session_service::verify(std::optional<std::string> phc, std::string password)
{
    co_return co_await pool_.run([phc = std::move(phc), password = std::move(password), hashing = hashing_]() {
        const auto& nobodys = nobodys_password();
        const auto& against = phc ? *phc : nobodys;
        const bool right = verify_password(against, password);
        hashing.add(kib_filled_for(against));
        return right && phc.has_value();
    });
}

task<result<log_in_success>> session_service::open_session(user_id user, std::string verified_phc,
                                                           log_in_attempt attempt, bool known_device,
                                                           std::vector<attempt_key> charged, instant now)
{
    auto tx = co_await db_.begin();
    if (!tx) co_return fail(tx.error());
    auto account = co_await lock_user(*tx, user);
    if (!account) co_return fail(account.error());
    // It may have changed while the password was being checked.
    if (!*account || !(*account)->user.active || (*account)->password_phc != verified_phc) {
        failed_.add();
        co_return fail(errc::bad_credentials);
    }

    log_in_success opened{.user = user,
                          .session = session_id::make(),
                          .token = random_token(),
                          .device = known_device ? *attempt.device : random_token(),
                          .expires_at = now + settings_.absolute_limit};
    auto ended = co_await end_oldest_sessions(*tx, user, settings_.sessions_per_user - 1);
    if (!ended) co_return fail(ended.error());

    const auto who = user_actor(user);
    pg::batch last;
    insert_session(last,
                   {.id = opened.session,
                    .user = user,
                    .token_hash = sha256(opened.token),
                    .created_at = now,
                    .expires_at = opened.expires_at,
                    .client_address = std::string(first_code_points(to_storable_utf8(attempt.client_address), 64)),
                    .user_agent_hash = sha256(attempt.user_agent)});
    remember_device(last, sha256(opened.device), user, now);
    std::ranges::sort(charged, {}, &attempt_key::key);
    for (const auto& each : charged) {
        // One right password does not clear a network: its owner may be guessing at others'.
        if (each.network)
            relieve_failures(last, each.key);
        else
            forget_failures(last, each.key);
    }
    std::vector<journal::event> events;
    add_session_ended(events, *ended, user, "too_many", now, who);
    events.push_back(change(now, "session.started", opened.session.value(), 1, who,
                            {{"user", user.to_string()}, {"expires_at", to_rfc3339(opened.expires_at)}}));
    journal::append(last, events);

    std::optional<rising> rise;
    if (!ended->empty()) rise.emplace(epoch_);
    auto committed = co_await tx->commit(std::move(last));
    if (!committed) co_return fail(committed.error());
    co_return opened;
}

task<result<void>> session_service::log_out(session_id session, domain::actor who)
{
    const user_id user(who.id);
    auto tx = co_await db_.begin();
    if (!tx) co_return fail(tx.error());
    auto ended = co_await end_session(*tx, session, user);
    if (!ended) co_return fail(ended.error());
    std::vector<journal::event> events;
    add_session_ended(events, *ended, user, "log_out", clock_.now(), who);
    pg::batch last;
    if (!events.empty()) journal::append(last, events);
    const rising rise(epoch_);
    auto committed = co_await tx->commit(std::move(last));
    if (!committed) co_return fail(committed.error());
    co_return result<void>{};
}

task<result<std::size_t>> session_service::log_out_everywhere(user_id user, std::optional<session_id> except,
                                                              domain::actor who)
{
    if (!who.is(user) && !domain::may(who, domain::permission::people_manage)) co_return fail(errc::not_found);
    auto tx = co_await db_.begin();
    if (!tx) co_return fail(tx.error());
    auto account = co_await lock_user(*tx, user);
    if (!account) co_return fail(account.error());
    if (!*account) co_return fail(errc::not_found);
    auto ended = co_await end_sessions(*tx, user, except);
    if (!ended) co_return fail(ended.error());
    std::vector<journal::event> events;
    add_session_ended(events, *ended, user, "log_out_everywhere", clock_.now(), who);
    pg::batch last;
    if (!events.empty()) journal::append(last, events);
    const rising rise(epoch_);
    auto committed = co_await tx->commit(std::move(last));
    if (!committed) co_return fail(committed.error());
    co_return ended->size();
}

task<result<std::vector<session_info>>> session_service::list_sessions(user_id user)
{
    auto found = co_await read_sessions(db_, user);
    if (!found) co_return fail(found.error());
    const auto now = clock_.now();
    std::erase_if(*found, [&](const auto& s) { return now >= s.expires_at || now - s.seen_at > settings_.idle_limit; });
    co_return found;
}

task<result<void>> session_service::change_password(session_id session, std::string old_password,
                                                    std::string new_password, domain::actor who)
{
    const user_id user(who.id);
    const std::vector<attempt_key> keys{{sha256({"password\n", session.to_string()})}};
    auto before = co_await read_user(db_, user);
    if (!before) co_return fail(before.error());
    if (!*before || who.kind != domain::actor_kind::user) co_return fail(errc::not_found);
    if (auto good = check_password(new_password, (*before)->user.login); !good) co_return fail(good.error());
    if (auto charged = co_await charge(keys, clock_.now()); !charged) co_return fail(charged.error());
    const auto old_phc = (*before)->password_phc;
    auto right = co_await verify(old_phc, std::move(old_password));
    if (!right) {
        co_await take_back(keys);
        co_return fail(right.error());
    }
    if (!*right) co_return fail(errc::bad_credentials);
    auto hashed = co_await pool_.run([word = std::move(new_password)]() { return hash_password(word); });
    if (!hashed) co_return fail(hashed.error());

    auto tx = co_await db_.begin();
    if (!tx) co_return fail(tx.error());
    auto account = co_await lock_user(*tx, user);
    if (!account) co_return fail(account.error());
    if (!*account || !(*account)->user.active || (*account)->password_phc != old_phc)
        co_return fail(errc::bad_credentials);
    auto ended = co_await end_sessions(*tx, user, session);
    if (!ended) co_return fail(ended.error());

    const auto now = clock_.now();
    auto saved = **account;
    saved.password_phc = *hashed;
    saved.user.version += 1;
    saved.changed_at = now;
    saved.changed_by = user.value();
    pg::batch last;
    save_user(last, saved);
    forget_devices(last, user);
    forget_failures(last, keys.front().key);
    std::vector<journal::event> events;
    events.push_back(
        change(now, "user.password_changed", user.value(), saved.user.version, who, nlohmann::json::object()));
    add_session_ended(events, *ended, user, "password_changed", now, who);
    journal::append(last, events);
    const rising rise(epoch_);
    auto committed = co_await tx->commit(std::move(last));
    if (!committed) co_return fail(committed.error());
    co_return result<void>{};
}

task<result<void>> session_service::prune()
{
    const auto now = clock_.now();
    auto tx = co_await db_.begin();
    if (!tx) co_return fail(tx.error());
    pg::batch all;
    // A session past its absolute limit is refused, so it is not seen any more and goes by its idle limit.
    prune_sessions(all, now - settings_.idle_limit);
    prune_devices(all, now - device_memory);
    prune_failures(all, now - backoff_memory);
    prune_drafts(all, now);
    auto committed = co_await tx->commit(std::move(all));
    if (!committed) co_return fail(committed.error());
    co_return result<void>{};
}

} // namespace huiyin::people
