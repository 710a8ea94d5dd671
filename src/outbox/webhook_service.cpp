#include "account_store.hpp"
#include "events.hpp"
#include "webhook_secret.hpp"

#include <huiyin/base/text.hpp>
#include <huiyin/outbox/webhook.hpp>

#include <boost/asio/ip/address.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace huiyin::outbox {

using nlohmann::json;

namespace {

constexpr std::size_t most_kinds = 50;
/// Positions follow transactions, so `recorded_at` rises with them but for what was under way at the same time.
constexpr std::chrono::seconds longest_transaction{60};

std::unexpected<error> invalid(std::string field, std::string reason)
{
    return fail(error{errc::invalid_field, field + ": " + reason, {}}
                    .with("field", std::move(field))
                    .with("reason", std::move(reason)));
}

std::optional<uuid> changer(const domain::actor& who)
{
    return who.id == uuid{} ? std::nullopt : std::optional(who.id);
}

/// "ticket.dispatched", "ticket.*", "*".
bool is_kind_filter(std::string_view text)
{
    if (text == "*") return true;
    if (text.ends_with(".*")) text.remove_suffix(2);
    const auto plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.'; };
    return !text.empty() && text.size() <= 100 && std::ranges::all_of(text, plain) && !text.starts_with('.') &&
           !text.ends_with('.');
}

result<void> check(const std::string& name, const webhook_settings& wanted, const webhook_rules& rules)
{
    if (!is_storable_utf8(name) || trimmed(name) != name || name.empty() || code_points(name) > 100)
        return invalid("name", "is not 1 to 100 characters");
    const auto url = net::parse_http_url(wanted.url);
    if (!url) return invalid("url", "is no http or https URL");
    boost::system::error_code is_name;
    const auto literal = asio::ip::make_address(url->host, is_name);
    if (!is_name && !rules.private_networks && !net::is_public_address(literal))
        return invalid("url", "names an address that is not public");
    if (wanted.kinds.empty() || wanted.kinds.size() > most_kinds) return invalid("kinds", "is not 1 to 50 kinds");
    if (!std::ranges::all_of(wanted.kinds, is_kind_filter))
        return invalid("kinds", "has one that is neither a kind, a group like ticket.* nor *");
    return {};
}

webhook webhook_from(const account_row& row)
{
    return {row.account.id,
            row.account.name,
            parse_webhook_settings(row.account.settings),
            row.account.active,
            row.account.version,
            row.account.created_at,
            row.account.changed_at,
            row.pos.value_or(0),
            row.open,
            row.dead};
}

/// The account as it is now, with name and URL as words that the event names.
void add_change(pg::batch& to, std::string kind, const account& now, const webhook_settings& settings,
                const domain::actor& who)
{
    const journal::words name{.body = now.name}, url{.body = settings.url};
    journal::store(to, {name, url}, customer_id());
    journal::append(to, {change(now.changed_at, std::move(kind), now.id.value(), now.version, who,
                                {{"channel", now.channel},
                                 {"name", reference(name)},
                                 {"url", reference(url)},
                                 {"kinds", settings.kinds},
                                 {"confidential", settings.confidential},
                                 {"secret_number", settings.secret_number},
                                 {"active", now.active}})});
}

result<void> check_version(const account_row& found, std::int64_t seen)
{
    if (found.account.version == seen) return {};
    return fail(error{errc::stale_version, {}, {}}
                    .with("version", std::to_string(found.account.version))
                    .with("changed_by", found.changed_by ? found.changed_by->to_string() : "system")
                    .with("changed_at", to_rfc3339(found.account.changed_at)));
}

/// The locked account, if there is one and it is as it was seen.
task<result<account_row>> lock_seen(pg::transaction& tx, account_id id, std::int64_t seen)
{
    auto found = co_await lock_account(tx, std::string(webhook_channel), id);
    if (!found) co_return fail(found.error());
    if (!*found) co_return fail(errc::not_found);
    if (auto same = check_version(**found, seen); !same) co_return fail(same.error());
    co_return **found;
}

/// The first position recorded at `time` or later, give or take what was under way then.
task<result<std::int64_t>> position_of(pg::database& db, instant time)
{
    auto head = co_await find_head(db);
    if (!head) co_return fail(head.error());
    std::int64_t low = 1, high = *head + 1;
    while (low < high) {
        const auto middle = low + (high - low) / 2;
        auto place = co_await find_place(db, middle);
        if (!place) co_return fail(place.error());
        if (!*place || (*place)->recorded_at >= time - longest_transaction)
            high = middle;
        else
            low = middle + 1;
    }
    co_return low;
}

} // namespace

webhook_service::webhook_service(pg::database& db, const clock& time, const webhook_key& key, account_probe& probe,
                                 webhook_rules rules)
    : db_(db), clock_(time), key_(key), probe_(probe), rules_(rules)
{}

task<result<std::vector<webhook>>> webhook_service::list(domain::actor who)
{
    if (!may_manage(who)) co_return fail(errc::not_found);
    auto rows = co_await read_accounts(db_, std::string(webhook_channel), std::nullopt);
    if (!rows) co_return fail(rows.error());
    std::vector<webhook> found;
    for (const auto& each : *rows)
        found.push_back(webhook_from(each));
    co_return found;
}

task<result<webhook>> webhook_service::find(account_id id, domain::actor who)
{
    if (!may_manage(who)) co_return fail(errc::not_found);
    auto rows = co_await read_accounts(db_, std::string(webhook_channel), id);
    if (!rows) co_return fail(rows.error());
    if (rows->empty()) co_return fail(errc::not_found);
    co_return webhook_from(rows->front());
}

task<result<webhook_with_secret>> webhook_service::create(std::string name, webhook_settings wanted, domain::actor who)
{
    if (!may_manage(who)) co_return fail(errc::not_found);
    if (auto right = check(name, wanted, rules_); !right) co_return fail(right.error());
    account made;
    made.id = account_id::make();
    made.channel = webhook_channel;
    made.name = std::move(name);
    made.created_at = made.changed_at = clock_.now();
    const auto secret = webhook_secret(key_, made.id, 1);
    wanted.secret_number = 1;
    wanted.previous_until.reset();
    wanted.secret_check = secret_check(secret);
    made.settings = to_json(wanted);

    auto tx = co_await db_.begin();
    if (!tx) co_return fail(tx.error());
    auto there = co_await count_accounts(*tx, made.channel);
    if (!there) co_return fail(there.error());
    if (static_cast<std::size_t>(*there) >= rules_.most)
        co_return fail(error{errc::overloaded, "webhooks", {}}.with("most", std::to_string(rules_.most)));
    pg::batch last;
    insert_follower(last, made, changer(who));
    add_change(last, "outbox.account_created", made, wanted, who);
    auto committed = co_await tx->commit(std::move(last));
    if (!committed) co_return fail(committed.error());
    auto shown = co_await find(made.id, who);
    if (!shown) co_return fail(shown.error());
    co_return webhook_with_secret{std::move(*shown), secret};
}

task<result<webhook>> webhook_service::change(account_id id, webhook_changes changes, std::int64_t seen,
                                              domain::actor who)
{
    if (!may_manage(who)) co_return fail(errc::not_found);
    auto tx = co_await db_.begin();
    if (!tx) co_return fail(tx.error());
    auto found = co_await lock_seen(*tx, id, seen);
    if (!found) co_return fail(found.error());
    auto& now = found->account;
    auto settings = parse_webhook_settings(now.settings);
    if (changes.name) now.name = std::move(*changes.name);
    if (changes.url) settings.url = std::move(*changes.url);
    if (changes.kinds) settings.kinds = std::move(*changes.kinds);
    if (changes.confidential) settings.confidential = *changes.confidential;
    if (changes.active) now.active = *changes.active;
    if (auto right = check(now.name, settings, rules_); !right) co_return fail(right.error());
    now.settings = to_json(settings);
    now.changed_at = std::max(clock_.now(), now.changed_at);
    ++now.version;
    pg::batch last;
    save_account(last, now, changer(who));
    add_change(last, "outbox.account_changed", now, settings, who);
    auto committed = co_await tx->commit(std::move(last));
    if (!committed) co_return fail(committed.error());
    co_return co_await find(id, who);
}

task<result<webhook_with_secret>> webhook_service::rotate_secret(account_id id, std::int64_t seen, domain::actor who)
{
    if (!may_manage(who)) co_return fail(errc::not_found);
    auto tx = co_await db_.begin();
    if (!tx) co_return fail(tx.error());
    auto found = co_await lock_seen(*tx, id, seen);
    if (!found) co_return fail(found.error());
    auto& now = found->account;
    auto settings = parse_webhook_settings(now.settings);
    now.changed_at = std::max(clock_.now(), now.changed_at);
    ++now.version;
    const auto secret = webhook_secret(key_, id, ++settings.secret_number);
    settings.secret_check = secret_check(secret);
    settings.previous_until = now.changed_at + rules_.grace;
    now.settings = to_json(settings);
    pg::batch last;
    save_account(last, now, changer(who));
    add_change(last, "outbox.account_changed", now, settings, who);
    auto committed = co_await tx->commit(std::move(last));
    if (!committed) co_return fail(committed.error());
    auto shown = co_await find(id, who);
    if (!shown) co_return fail(shown.error());
    co_return webhook_with_secret{std::move(*shown), secret};
}

task<result<void>> webhook_service::remove(account_id id, std::int64_t seen, domain::actor who)
{
    if (!may_manage(who)) co_return fail(errc::not_found);
    auto tx = co_await db_.begin();
    if (!tx) co_return fail(tx.error());
    auto found = co_await lock_seen(*tx, id, seen);
    if (!found) co_return fail(found.error());
    auto& gone = found->account;
    gone.changed_at = std::max(clock_.now(), gone.changed_at);
    gone.active = false;
    ++gone.version;
    pg::batch last;
    save_account_deleted(last, gone, changer(who));
    journal::append(last, {outbox::change(gone.changed_at, "outbox.account_deleted", id.value(), gone.version, who,
                                          json::object())});
    auto committed = co_await tx->commit(std::move(last));
    if (!committed) co_return fail(committed.error());
    co_return result<void>{};
}

task<result<outcome>> webhook_service::test(account_id id, domain::actor who)
{
    if (!may_manage(who)) co_return fail(errc::not_found);
    auto rows = co_await read_accounts(db_, std::string(webhook_channel), id);
    if (!rows) co_return fail(rows.error());
    if (rows->empty()) co_return fail(errc::not_found);
    co_return co_await probe_.probe(std::make_shared<const account>(rows->front().account));
}

task<result<webhook>> webhook_service::replay(account_id id, replay_from from, domain::actor who)
{
    if (!may_manage(who)) co_return fail(errc::not_found);
    if (from.pos.has_value() == from.time.has_value())
        co_return invalid("from_pos", "is given with or without from_time");
    if (from.time) {
        auto found = co_await position_of(db_, *from.time);
        if (!found) co_return fail(found.error());
        from.pos = *found;
    }
    if (*from.pos < 1) co_return invalid("from_pos", "is below 1");

    auto tx = co_await db_.begin();
    if (!tx) co_return fail(tx.error());
    auto found = co_await lock_account(*tx, std::string(webhook_channel), id);
    if (!found) co_return fail(found.error());
    if (!*found) co_return fail(errc::not_found);
    auto now = (*found)->account;
    now.changed_at = std::max(clock_.now(), now.changed_at);
    ++now.version;
    auto back = co_await set_cursor_back(*tx, id, *from.pos - 1);
    if (!back) co_return fail(back.error());
    if (!*back) co_return invalid(from.time ? "from_time" : "from_pos", "is not queued yet");
    pg::batch last;
    save_account(last, now, changer(who));
    journal::append(last, {outbox::change(now.changed_at, "outbox.account_replayed", id.value(), now.version, who,
                                          {{"from_pos", *from.pos}})});
    auto committed = co_await tx->commit(std::move(last));
    if (!committed) co_return fail(committed.error());
    co_return co_await find(id, who);
}

} // namespace huiyin::outbox
