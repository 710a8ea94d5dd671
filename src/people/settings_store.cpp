#include "change.hpp"

#include <huiyin/domain/calendar.hpp>
#include <huiyin/people/settings.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

namespace huiyin::people {

namespace {

constexpr std::array<std::string_view, 3> known_languages{"zh-CN", "zh-TW", "en"};
constexpr std::array<std::string_view, 3> themes{"light", "dark", "system"};
constexpr std::array<std::string_view, 2> densities{"comfortable", "compact"};

constexpr pg::statement read_settings{"user.read_settings", R"sql(
    SELECT language, time_zone, theme, density, single_keys, sounds, version FROM user_account WHERE id = $1 AND active)sql"};

constexpr pg::statement lock_settings{"user.lock_settings", R"sql(
    SELECT language, time_zone, theme, density, single_keys, sounds, version FROM user_account
     WHERE id = $1 AND active FOR NO KEY UPDATE)sql"};

constexpr pg::statement save_settings{"user.save_settings", R"sql(
    UPDATE user_account SET theme = $2, density = $3, single_keys = $4, sounds = $5 WHERE id = $1)sql"};

constexpr pg::statement save_profile{"user.save_profile", R"sql(
    UPDATE user_account SET language = $2, time_zone = $3, version = $4, changed_at = $5, changed_by = id WHERE id = $1)sql"};

constexpr pg::statement read_presence{"presence.read", "SELECT state, since FROM present_at($2) WHERE user_id = $1"};

constexpr pg::statement lock_presence{"presence.lock", R"sql(
    SELECT u.version, p.state, p.since, p.session_id
      FROM user_account u LEFT JOIN present_at($2) p ON p.user_id = u.id
     WHERE u.id = $1 AND u.active FOR NO KEY UPDATE OF u)sql"};

constexpr pg::statement save_presence{"presence.save", R"sql(
    INSERT INTO presence (user_id, state, since, session_id, idle_limit_s) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (user_id) DO UPDATE SET state = excluded.state, since = excluded.since,
        session_id = excluded.session_id, idle_limit_s = excluded.idle_limit_s)sql"};

user_settings settings_from(const pg::row& row)
{
    return {row.get<std::string>(0), row.get<std::string>(1), row.get<std::string>(2),
            row.get<std::string>(3), row.get<bool>(4),        row.get<bool>(5)};
}

domain::actor himself(user_id user)
{
    domain::actor who;
    who.kind = domain::actor_kind::user;
    who.id = user.value();
    return who;
}

result<void> check(const settings_changes& changes)
{
    const auto known = [](const auto& words, const std::optional<std::string>& word) {
        return !word || std::ranges::find(words, *word) != words.end();
    };
    if (!known(known_languages, changes.language)) return invalid("language", "is unknown");
    if (!known(themes, changes.theme)) return invalid("theme", "is unknown");
    if (!known(densities, changes.density)) return invalid("density", "is unknown");
    if (changes.time_zone && !domain::is_time_zone(*changes.time_zone)) return invalid("time_zone", "is unknown");
    return {};
}

} // namespace

task<result<user_settings>> find_settings(pg::database& db, user_id user)
{
    const auto found = co_await db.run(read_settings, pg::params(user));
    if (!found) co_return fail(found.error());
    if (found->empty()) co_return fail(errc::not_found);
    co_return settings_from(found->front());
}

task<result<user_settings>> change_settings(pg::database& db, user_id user, settings_changes changes, instant now)
{
    if (auto good = check(changes); !good) co_return fail(good.error());
    auto tx = co_await db.begin();
    if (!tx) co_return fail(tx.error());
    const auto found = co_await tx->run(lock_settings, pg::params(user));
    if (!found) co_return fail(found.error());
    if (found->empty()) co_return fail(errc::not_found);
    const auto before = settings_from(found->front());
    auto next = before;
    next.language = changes.language.value_or(before.language);
    next.time_zone = changes.time_zone.value_or(before.time_zone);
    next.theme = changes.theme.value_or(before.theme);
    next.density = changes.density.value_or(before.density);
    next.single_keys = changes.single_keys.value_or(before.single_keys);
    next.sounds = changes.sounds.value_or(before.sounds);
    pg::batch last;
    last.add(save_settings, pg::params(user, next.theme, next.density, next.single_keys, next.sounds));
    if (next.language != before.language || next.time_zone != before.time_zone) {
        const auto version = found->front().get<std::int64_t>(6) + 1;
        last.add(save_profile, pg::params(user, next.language, next.time_zone, version, now));
        journal::append(last, {change(now, "user.changed", user.value(), version, himself(user),
                                      {{"language", next.language}, {"time_zone", next.time_zone}})});
    }
    const auto done = co_await tx->commit(std::move(last));
    if (!done) co_return fail(done.error());
    co_return next;
}

task<result<presence>> find_presence(pg::database& db, user_id user, instant now)
{
    const auto found = co_await db.run(read_presence, pg::params(user, now));
    if (!found) co_return fail(found.error());
    if (found->empty()) co_return presence{};
    const auto row = found->front();
    co_return presence{domain::parse_name<presence_state>(row.get<std::string>(0)).value(), row.get<instant>(1)};
}

task<result<presence>> set_presence(pg::database& db, user_id user, session_id session, presence_state state,
                                    std::chrono::seconds idle_limit, instant now)
{
    auto tx = co_await db.begin();
    if (!tx) co_return fail(tx.error());
    const auto found = co_await tx->run(lock_presence, pg::params(user, now));
    if (!found) co_return fail(found.error());
    if (found->empty()) co_return fail(errc::not_found);
    const auto row = found->front();
    const auto before = row.get<std::optional<std::string>>(1);
    const bool same = before && *before == domain::to_string(state);
    const presence said{state, same ? row.get<instant>(2) : now};
    pg::batch last;
    last.add(save_presence, pg::params(user, domain::to_string(state), *said.since, session, idle_limit.count()));
    if (!same)
        journal::append(last, {change(now, "user.presence_changed", user.value(), row.get<std::int64_t>(0),
                                      himself(user), {{"presence", domain::to_string(state)}})});
    const auto done = co_await tx->commit(std::move(last));
    if (!done) co_return fail(done.error());
    co_return said;
}

} // namespace huiyin::people
