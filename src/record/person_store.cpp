#include "search_store.hpp"

#include <huiyin/base/log.hpp>
#include <huiyin/base/text.hpp>
#include <huiyin/journal/erase.hpp>
#include <huiyin/journal/event.hpp>
#include <huiyin/journal/last_change.hpp>
#include <huiyin/record/filing.hpp>
#include <huiyin/record/person.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>

namespace huiyin::record {

namespace {

using nlohmann::json;

constexpr std::size_t export_limit = 100'000;
constexpr std::size_t export_page = 1000;

constexpr pg::statement load_person_statement{"record.load_customer", R"sql(
    SELECT c.id, c.kind, c.name, c.version, c.created_at, c.erased_at, p.body
      FROM customer c LEFT JOIN text p ON p.id = c.profile_id WHERE c.id = $1)sql"};

constexpr pg::statement identities_statement{"record.identities", R"sql(
    SELECT kind, value, state = 'verified', created_at FROM identity WHERE customer_id = $1 ORDER BY kind, value)sql"};

constexpr pg::statement find_person_statement{"record.find_customer",
                                              "SELECT customer_id FROM identity WHERE kind = $1 AND value = $2"};

constexpr pg::statement lock_customer{"record.lock_customer",
                                      "SELECT version, erased_at FROM customer WHERE id = $1 FOR NO KEY UPDATE"};

constexpr pg::statement lock_to_change{"record.lock_to_change", R"sql(
    SELECT c.version, c.erased_at, c.merged_into, c.name, p.body
      FROM customer c LEFT JOIN text p ON p.id = c.profile_id WHERE c.id = $1 FOR NO KEY UPDATE OF c)sql"};

constexpr pg::statement save_change{"record.save_change", R"sql(
    UPDATE customer SET name = $2, profile_id = COALESCE($3, profile_id), version = $4 WHERE id = $1)sql"};

constexpr pg::statement delete_identities{"record.delete_identities", "DELETE FROM identity WHERE customer_id = $1"};

// Its chunks go with it.
constexpr pg::statement delete_attachments{"record.delete_attachments", R"sql(
    DELETE FROM attachment WHERE entry_id IN (SELECT id FROM entry WHERE customer_id = $1))sql",
                                           std::chrono::seconds(30)};

constexpr pg::statement erase_customer{"record.erase_customer", R"sql(
    UPDATE customer SET name = '', profile_id = NULL, erased_at = $2, version = $3 WHERE id = $1)sql"};

constexpr pg::statement forget_statistics{"record.forget_statistics", "SELECT forget_statistics()",
                                          std::chrono::seconds(60)};

constexpr pg::statement interactions_statement{"record.export_interactions", R"sql(
    SELECT id, channel, account, direction, state, opened_at, closed_at FROM interaction
     WHERE customer_id = $1 ORDER BY opened_at, id)sql"};

constexpr pg::statement entries_statement{"record.export_entries", R"sql(
    SELECT e.id, e.interaction_id, e.at, e.kind, e.direction, e.author_kind, e.proof, e.internal, e.ticket_id, t.body,
           t.erased_at
      FROM entry e LEFT JOIN text t ON t.id = e.text_id
     WHERE e.customer_id = $1 AND (e.at, e.id) > ($2::timestamptz, $3::uuid)
     ORDER BY e.at, e.id LIMIT $4::int)sql"};

// Words that are in no entry: what a form's other fields said. An entry and its words are always of one person.
constexpr pg::statement other_words{"record.export_words", R"sql(
    SELECT t.id, t.body FROM text t
     WHERE t.customer_id = $1 AND t.erased_at IS NULL
       AND NOT EXISTS (SELECT FROM entry e WHERE e.customer_id = $1 AND e.text_id = t.id)
     ORDER BY t.id)sql"};

constexpr pg::statement attachments_statement{"record.export_attachments", R"sql(
    SELECT a.id, a.entry_id, a.name, a.content_type, a.size, a.sha256
      FROM attachment a JOIN entry e ON e.id = a.entry_id WHERE e.customer_id = $1 ORDER BY a.id)sql"};

std::vector<known_identity> to_identities(const pg::rows& found)
{
    std::vector<known_identity> out;
    for (const auto row : found)
        out.push_back({{parse_identity_kind(row.get<std::string_view>(0)).value(), row.get<std::string>(1)},
                       row.get<bool>(2),
                       row.get<instant>(3)});
    return out;
}

json to_json(std::optional<instant> at)
{
    return at ? json(to_rfc3339(*at)) : json(nullptr);
}

struct profile
{
    std::vector<std::string> tags;
    std::string note;

    bool operator==(const profile&) const = default;
};

/// Nothing where there is none, or where it was erased.
profile profile_from(const std::optional<std::string>& body)
{
    if (!body) return {};
    const auto read = json::parse(*body);
    return {read.at("tags").get<std::vector<std::string>>(), read.at("note").get<std::string>()};
}

std::unexpected<error> invalid(std::string field, std::string reason)
{
    return fail(error{errc::invalid_field, field + ": " + reason, {}}
                    .with("field", std::move(field))
                    .with("reason", std::move(reason)));
}

/// Trimmed and checked.
result<void> clean(customer_changes& what)
{
    const auto fits = [](std::string& text, std::size_t most) {
        text = trimmed(text);
        return is_storable_utf8(text) && code_points(text) <= most;
    };
    if (what.name && !fits(*what.name, 200)) return invalid("name", "has more than 200 characters");
    if (what.note && !fits(*what.note, longest_note)) return invalid("note", "is too long");
    if (!what.tags) return {};
    std::vector<std::string> once;
    for (auto& each : *what.tags) {
        if (!fits(each, longest_tag) || each.empty()) return invalid("tags", "holds one that is empty or too long");
        if (std::ranges::find(once, each) == once.end()) once.push_back(std::move(each));
    }
    if (once.size() > most_tags) return invalid("tags", "are too many");
    what.tags = std::move(once);
    return {};
}

json reference_to(const journal::words& words)
{
    return {{"text", words.id.to_string()}, {"sha256", to_hex(words.digest())}};
}

std::vector<identity> values_of(const std::vector<known_identity>& known)
{
    std::vector<identity> out;
    for (const auto& each : known)
        out.push_back(each.what);
    return out;
}

std::vector<std::int64_t> keys_of(const std::vector<identity>& all)
{
    std::vector<std::int64_t> keys;
    for (const auto& each : all)
        keys.push_back(lock_key(each));
    std::ranges::sort(keys);
    return keys;
}

std::string erased_data(customer_id who, std::int64_t version, instant now, const erased& what)
{
    const json data{{"customer", {{"id", who.to_string()}, {"version", version}, {"erased_at", to_rfc3339(now)}}},
                    {"identities", what.identities},
                    {"texts", what.texts},
                    {"attachments", what.attachments}};
    return data.dump();
}

} // namespace

task<result<customer>> load_customer(pg::database& from, customer_id id)
{
    auto tx = co_await from.begin_reading();
    if (!tx) co_return fail(tx.error());
    pg::batch reads;
    reads.add(load_person_statement, pg::params(id)).add(identities_statement, pg::params(id));
    const auto found = co_await tx->run(std::move(reads));
    if (!found) co_return fail(found.error());
    if ((*found)[0].empty()) co_return fail(errc::not_found, "customer");
    const auto row = (*found)[0].front();
    auto noted = profile_from(row.get<std::optional<std::string>>(6));
    co_return customer{.id = row.get<customer_id>(0),
                       .kind = row.get<std::string>(1),
                       .name = row.get<std::string>(2),
                       .version = row.get<std::int64_t>(3),
                       .created_at = row.get<instant>(4),
                       .erased_at = row.get<std::optional<instant>>(5),
                       .identities = to_identities((*found)[1]),
                       .tags = std::move(noted.tags),
                       .note = std::move(noted.note)};
}

task<result<customer>> change_customer(pg::database& in, customer_id who, customer_changes changes, std::int64_t seen,
                                       domain::actor by, const clock& time)
{
    if (auto sound = clean(changes); !sound) co_return fail(sound.error());
    auto tx = co_await in.begin();
    if (!tx) co_return fail(tx.error());
    const auto locked = co_await tx->run(lock_to_change, pg::params(who));
    if (!locked) co_return fail(locked.error());
    if (locked->empty()) co_return fail(errc::not_found, "customer");
    const auto row = locked->front();
    const auto kept = row.get<std::int64_t>(0);
    if (kept != seen) co_return fail(co_await journal::stale_change(*tx, who.value(), kept));
    if (const auto heir = row.get<std::optional<customer_id>>(2))
        co_return fail(error{errc::customer_merged, "customer", {}}.with("merged_into", heir->to_string()));
    if (!row.is_null(1)) co_return fail(errc::erased, "customer");

    const auto name = row.get<std::string>(3);
    const auto noted = profile_from(row.get<std::optional<std::string>>(4));
    const profile next{changes.tags.value_or(noted.tags), changes.note.value_or(noted.note)};
    const auto next_name = changes.name.value_or(name);
    if (next == noted && next_name == name) {
        co_await tx->roll_back();
        co_return co_await load_customer(in, who);
    }
    const auto version = kept + 1;
    json data{{"customer", {{"id", who.to_string()}, {"version", version}}}};
    std::vector<journal::words> texts;
    std::optional<text_id> profile_id;
    if (next_name != name) {
        texts.push_back({.body = next_name});
        data["name"] = reference_to(texts.back());
    }
    if (next != noted) {
        texts.push_back({.body = json{{"tags", next.tags}, {"note", next.note}}.dump()});
        data["profile"] = reference_to(texts.back());
        profile_id = texts.back().id;
    }
    pg::batch last;
    journal::store(last, texts, who);
    last.add(save_change, pg::params(who, next_name, profile_id, version));
    journal::append(last, {{.at = time.now(),
                            .kind = "customer.changed",
                            .subject = who.value(),
                            .subject_version = version,
                            .actor_kind = by.kind,
                            .actor = by.id,
                            .audience = {},
                            .data = data.dump()}});
    if (const auto done = co_await tx->commit(std::move(last)); !done) co_return fail(done.error());
    co_return co_await load_customer(in, who);
}

task<result<customer_id>> find_customer(pg::database& from, const identity& by)
{
    const auto found = co_await from.run(find_person_statement, pg::params(to_string(by.kind), by.value));
    if (!found) co_return fail(found.error());
    if (found->empty()) co_return fail(errc::not_found, "identity");
    co_return found->front().get<customer_id>(0);
}

task<result<erased>> erase_person(pg::database& in, customer_id who, domain::actor by, instant now,
                                  std::vector<eraser> others)
{
    const auto known = co_await in.run(identities_statement, pg::params(who));
    if (!known) co_return fail(known.error());
    const auto identities = values_of(to_identities(*known));

    auto tx = co_await in.begin();
    if (!tx) co_return fail(tx.error());
    pg::batch locks;
    lock_identities(locks, keys_of(identities));
    locks.add(lock_customer, pg::params(who)).add(identities_statement, pg::params(who));
    const auto locked = co_await tx->run(std::move(locks));
    if (!locked) co_return fail(locked.error());
    const auto& rows = (*locked)[2];
    if (rows.empty()) co_return fail(errc::not_found, "customer");
    if (!rows.front().is_null(1)) co_return fail(errc::erased, "customer");
    // One that came in between is not locked: whoever asked asks again.
    if (values_of(to_identities((*locked)[3])) != identities)
        co_return fail(errc::serialization_failure, "the person's identities changed meanwhile");

    const auto version = rows.front().get<std::int64_t>(0) + 1;
    const journal::erasure erasure{
        .customer = who, .customer_version = version, .by_kind = by.kind, .by = by.id, .at = now};
    pg::batch removal;
    removal.add(delete_identities, pg::params(who)).add(delete_attachments, pg::params(who));
    journal::erase_texts(removal, erasure);
    const auto removed = co_await tx->run(std::move(removal));
    if (!removed) co_return fail(removed.error());
    const erased what{.identities = (*removed)[0].affected(),
                      .texts = (*removed)[2].front().get<std::size_t>(0),
                      .attachments = (*removed)[1].affected()};

    pg::batch last;
    last.add(erase_customer, pg::params(who, now, version));
    erase_search_words(last, who);
    for (const auto& other : others)
        other(last, erasure, identities);
    last.add(forget_statistics);
    journal::append(last, {{.at = now,
                            .kind = "customer.erased",
                            .subject = who.value(),
                            .subject_version = version,
                            .actor_kind = by.kind,
                            .actor = by.id,
                            .audience = {},
                            .data = erased_data(who, version, now, what)}});
    const auto done = co_await tx->commit(std::move(last));
    if (!done) co_return fail(done.error());
    log::info("customer.erased", {{"customer", who}, {"texts", what.texts}, {"attachments", what.attachments}});
    co_return what;
}

task<result<std::string>> export_person(pg::database& from, customer_id who)
{
    auto tx = co_await from.begin_reading();
    if (!tx) co_return fail(tx.error());
    pg::batch heads;
    heads.add(load_person_statement, pg::params(who))
        .add(identities_statement, pg::params(who))
        .add(interactions_statement, pg::params(who))
        .add(attachments_statement, pg::params(who))
        .add(other_words, pg::params(who));
    const auto found = co_await tx->run(std::move(heads));
    if (!found) co_return fail(found.error());
    if ((*found)[0].empty()) co_return fail(errc::not_found, "customer");

    const auto row = (*found)[0].front();
    const auto noted = profile_from(row.get<std::optional<std::string>>(6));
    json out{{"customer",
              {{"id", row.get<std::string>(0)},
               {"kind", row.get<std::string>(1)},
               {"name", row.get<std::string>(2)},
               {"tags", noted.tags},
               {"note", noted.note},
               {"created_at", to_json(row.get<instant>(4))},
               {"erased_at", to_json(row.get<std::optional<instant>>(5))}}},
             {"identities", json::array()},
             {"interactions", json::array()},
             {"other_words", json::array()}};
    for (const auto& each : to_identities((*found)[1]))
        out["identities"].push_back({{"kind", to_string(each.what.kind)},
                                     {"value", each.what.value},
                                     {"state", each.verified ? "verified" : "claimed"},
                                     {"since", to_json(each.since)}});
    std::map<std::string, std::size_t, std::less<>> place;
    for (const auto each : (*found)[2]) {
        place.emplace(each.get<std::string>(0), out["interactions"].size());
        out["interactions"].push_back({{"id", each.get<std::string>(0)},
                                       {"channel", each.get<std::string>(1)},
                                       {"account", each.get<std::string>(2)},
                                       {"direction", each.get<std::string>(3)},
                                       {"state", each.get<std::string>(4)},
                                       {"opened_at", to_json(each.get<instant>(5))},
                                       {"closed_at", to_json(each.get<std::optional<instant>>(6))},
                                       {"entries", json::array()}});
    }
    std::map<std::string, json, std::less<>> attachments;
    for (const auto each : (*found)[3])
        attachments[each.get<std::string>(1)].push_back({{"id", each.get<std::string>(0)},
                                                         {"name", each.get<std::string>(2)},
                                                         {"content_type", each.get<std::string>(3)},
                                                         {"size", each.get<std::int64_t>(4)},
                                                         {"sha256", to_hex(each.get<std::vector<std::uint8_t>>(5))}});
    for (const auto each : (*found)[4])
        out["other_words"].push_back({{"id", each.get<std::string>(0)}, {"words", each.get<std::string>(1)}});

    std::pair<instant, entry_id> after{std::chrono::sys_days(std::chrono::year(1) / 1 / 1), entry_id()};
    for (std::size_t count = 0;;) {
        const auto entries =
            co_await tx->run(entries_statement, pg::params(who, after.first, after.second, export_page));
        if (!entries) co_return fail(entries.error());
        for (const auto each : *entries) {
            json entry{{"id", each.get<std::string>(0)},
                       {"at", to_json(each.get<instant>(2))},
                       {"kind", each.get<std::string>(3)},
                       {"direction", each.get<std::string>(4)},
                       {"author_kind", each.get<std::string>(5)},
                       {"proof", each.get<std::string>(6)},
                       {"internal", each.get<bool>(7)},
                       {"ticket_id", each.is_null(8) ? json(nullptr) : json(each.get<std::string>(8))},
                       {"words", each.is_null(9) ? json(nullptr) : json(each.get<std::string>(9))},
                       {"words_erased_at", to_json(each.get<std::optional<instant>>(10))}};
            const auto files = attachments.find(each.get<std::string_view>(0));
            entry["attachments"] = files == attachments.end() ? json::array() : files->second;
            out["interactions"][place.at(each.get<std::string>(1))]["entries"].push_back(std::move(entry));
            after = {each.get<instant>(2), each.get<entry_id>(0)};
        }
        count += entries->size();
        if (entries->size() < export_page) break;
        if (count >= export_limit) co_return fail(errc::body_too_large, "too many entries for one export");
    }
    co_return out.dump();
}

} // namespace huiyin::record
