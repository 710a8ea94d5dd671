#include <huiyin/base/log.hpp>
#include <huiyin/base/text.hpp>
#include <huiyin/journal/event.hpp>
#include <huiyin/journal/last_change.hpp>
#include <huiyin/record/filing.hpp>
#include <huiyin/record/merge.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>

namespace huiyin::record {

namespace {

using nlohmann::json;

constexpr std::chrono::milliseconds move_limit{30'000};
/// Ids per event: forty bytes each, of the 64 KiB that an event may have.
constexpr std::size_t ids_per_event = 1000;
/// Whoever works on the person's tickets meanwhile may be ahead each time: the waits add up to two seconds.
constexpr int most_attempts = 10;
constexpr std::chrono::milliseconds longer_each_time{45};

constexpr pg::statement count_belongings{"merge.count", R"sql(
    SELECT (SELECT count(*) FROM interaction WHERE customer_id = $1),
           (SELECT count(*) FROM entry WHERE customer_id = $1),
           (SELECT count(*) FROM text WHERE customer_id = $1),
           (SELECT merged_into FROM customer WHERE id = $1))sql"};

constexpr pg::statement find_same_conversations{"merge.same_conversations", R"sql(
    SELECT a.channel, a.account FROM interaction a
      JOIN interaction b ON b.customer_id = $2 AND b.channel = a.channel AND b.account = a.account AND b.state = 'open'
     WHERE a.customer_id = $1 AND a.state = 'open' ORDER BY 1, 2 LIMIT 100)sql"};

constexpr pg::statement select_heir{"merge.heir", R"sql(
    WITH RECURSIVE chain AS (
        SELECT id, merged_into, 0 AS step FROM customer WHERE id = $1
        UNION ALL
        SELECT c.id, c.merged_into, chain.step + 1 FROM customer c JOIN chain ON c.id = chain.merged_into WHERE chain.step < 100)
    SELECT id, step FROM chain ORDER BY step DESC LIMIT 1)sql"};

constexpr pg::statement select_identities{"merge.identities", R"sql(
    SELECT customer_id, kind, value FROM identity WHERE customer_id = ANY ($1::uuid[]) ORDER BY kind, value)sql"};

// In the order of their ids, whichever is merged into which.
constexpr pg::statement lock_customers{"merge.lock_customers", R"sql(
    SELECT id, name, version, erased_at, merged_into, profile_id FROM customer WHERE id = ANY ($1::uuid[]) ORDER BY id FOR NO KEY UPDATE)sql"};

// This transaction got its number with the first lock, maybe before another one that changed what it waited for or came
// to later: its events would stand before that one's in the feed, with a higher version.
constexpr pg::statement is_overtaken{"merge.is_overtaken", R"sql(
    SELECT EXISTS (SELECT FROM event WHERE subject = ANY ($1::uuid[]) AND xid > pg_current_xact_id()))sql"};

constexpr pg::statement select_merge{"merge.find", R"sql(
    SELECT id, target, merged_at, name_id, gave_name, profile_id, gave_profile FROM customer_merge
     WHERE source = $1 AND undone_at IS NULL)sql"};

constexpr pg::statement select_items{"merge.items", R"sql(
    SELECT kind, id FROM customer_merge_item WHERE merge_id = $1 ORDER BY kind, id)sql",
                                     move_limit};

constexpr pg::statement select_body{"merge.name", "SELECT body FROM text WHERE id = $1"};

constexpr pg::statement close_conversations{"merge.close_conversations", R"sql(
    UPDATE interaction SET state = 'closed', closed_at = greatest($2::timestamptz, opened_at), version = version + 1
     WHERE customer_id = $1 AND state = 'open' RETURNING id)sql"};

constexpr pg::statement reopen_conversations{"merge.reopen_conversations", R"sql(
    UPDATE interaction SET state = 'open', closed_at = NULL, version = version + 1
     WHERE id = ANY ($1::uuid[]) AND state = 'closed' AND closed_at = greatest($2::timestamptz, opened_at) RETURNING id)sql"};

constexpr pg::statement move_identities{"merge.move_identities", R"sql(
    UPDATE identity SET customer_id = $2 WHERE customer_id = $1 RETURNING id)sql",
                                        move_limit};

constexpr pg::statement move_interactions{"merge.move_interactions", R"sql(
    UPDATE interaction SET customer_id = $2, version = version + 1 WHERE customer_id = $1 RETURNING id)sql",
                                          move_limit};

constexpr pg::statement move_entries{"merge.move_entries", "UPDATE entry SET customer_id = $2 WHERE customer_id = $1",
                                     move_limit};

constexpr pg::statement move_texts{"merge.move_texts", R"sql(
    UPDATE text SET customer_id = $2 WHERE customer_id = $1 RETURNING id)sql",
                                   move_limit};

constexpr pg::statement return_identities{"merge.return_identities", R"sql(
    UPDATE identity SET customer_id = $2 WHERE id = ANY ($3::uuid[]) AND customer_id = $1 RETURNING id)sql",
                                          move_limit};

constexpr pg::statement return_interactions{"merge.return_interactions", R"sql(
    UPDATE interaction SET customer_id = $2, version = version + 1
     WHERE id = ANY ($3::uuid[]) AND customer_id = $1 RETURNING id)sql",
                                            move_limit};

// An interaction stays whole: what was said in it meanwhile goes with it.
constexpr pg::statement return_entries{"merge.return_entries", R"sql(
    UPDATE entry SET customer_id = $2 WHERE interaction_id = ANY ($3::uuid[]) AND customer_id = $1)sql",
                                       move_limit};

constexpr pg::statement return_texts{"merge.return_texts", R"sql(
    UPDATE text SET customer_id = $2
     WHERE customer_id = $1
       AND id IN (SELECT unnest($4::uuid[])
                  UNION SELECT text_id FROM entry WHERE interaction_id = ANY ($3::uuid[])
                  UNION SELECT fields_id FROM entry WHERE interaction_id = ANY ($3::uuid[]))
    RETURNING id)sql",
                                     move_limit};

constexpr pg::statement save_customer{"merge.save_customer", R"sql(
    UPDATE customer SET name = $2, merged_into = $3, version = $4, profile_id = $5 WHERE id = $1)sql"};

constexpr pg::statement insert_merge{"merge.insert", R"sql(
    INSERT INTO customer_merge (id, source, target, merged_at, merged_by, name_id, gave_name, profile_id, gave_profile)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9))sql"};

constexpr pg::statement insert_items{"merge.insert_items", R"sql(
    INSERT INTO customer_merge_item (merge_id, kind, id) SELECT $1, $2, unnest($3::uuid[]))sql",
                                     move_limit};

constexpr pg::statement end_merge{"merge.end",
                                  "UPDATE customer_merge SET undone_at = $2, undone_by = $3 WHERE id = $1"};

struct locked_customer
{
    customer_id id;
    std::string name;
    std::int64_t version = 0;
    bool is_erased = false;
    std::optional<customer_id> merged_into;
    std::optional<text_id> profile;
};

struct pair
{
    locked_customer source;
    locked_customer target;
};

using named_identity = std::pair<customer_id, identity>;

std::vector<named_identity> identities_from(const pg::rows& rows)
{
    std::vector<named_identity> all;
    for (const auto row : rows)
        all.emplace_back(row.get<customer_id>(0),
                         identity{parse_identity_kind(row.get<std::string_view>(1)).value(), row.get<std::string>(2)});
    return all;
}

std::vector<std::int64_t> keys_of(const std::vector<named_identity>& all)
{
    std::vector<std::int64_t> keys;
    for (const auto& each : all)
        keys.push_back(lock_key(each.second));
    std::ranges::sort(keys);
    return keys;
}

std::vector<uuid> ids_in(const pg::rows& rows)
{
    std::vector<uuid> ids;
    for (const auto row : rows)
        ids.push_back(row.get<uuid>(0));
    return ids;
}

std::vector<uuid> values_of(const std::vector<ticket_id>& tickets)
{
    std::vector<uuid> ids;
    for (const auto& each : tickets)
        ids.push_back(each.value());
    return ids;
}

std::unexpected<error> no_target(std::string reason)
{
    return fail(error{errc::invalid_field, "into: " + reason, {}}.with("field", "into").with("reason", reason));
}

std::unexpected<error> is_a_stub(customer_id into)
{
    return fail(error{errc::customer_merged, "customer", {}}.with("merged_into", into.to_string()));
}

task<result<std::vector<named_identity>>> read_identities(pg::database& db, customer_id source, customer_id target)
{
    const auto known = co_await db.run(select_identities, pg::params(std::vector{source, target}));
    if (!known) co_return fail(known.error());
    co_return identities_from(*known);
}

/// Identities first, then both customers in the order of their ids. Errors: not_found (the source),
/// serialization_failure where an identity came or went before its lock was had.
task<result<pair>> lock_pair(pg::transaction& tx, const std::vector<named_identity>& before, customer_id source,
                             customer_id target)
{
    const std::vector<customer_id> both{source, target};
    pg::batch locks;
    lock_identities(locks, keys_of(before));
    locks.add(lock_customers, pg::params(both)).add(select_identities, pg::params(both));
    const auto got = co_await tx.run(std::move(locks));
    if (!got) co_return fail(got.error());
    if (identities_from(got->back()) != before)
        co_return fail(errc::serialization_failure, "identities changed meanwhile");

    pair found;
    for (const auto row : (*got)[got->size() - 2]) {
        locked_customer each{row.get<customer_id>(0),
                             row.get<std::string>(1),
                             row.get<std::int64_t>(2),
                             !row.is_null(3),
                             row.get<std::optional<customer_id>>(4),
                             row.get<std::optional<text_id>>(5)};
        (each.id == source ? found.source : found.target) = std::move(each);
    }
    if (found.source.id.is_nil()) co_return fail(errc::not_found, "customer");
    co_return found;
}

task<result<void>> check_order(pg::transaction& tx, const pair& both, const std::vector<ticket_id>& tickets)
{
    auto subjects = values_of(tickets);
    subjects.push_back(both.source.id.value());
    subjects.push_back(both.target.id.value());
    const auto overtaken = co_await tx.run(is_overtaken, pg::params(subjects));
    if (!overtaken) co_return fail(overtaken.error());
    if (overtaken->front().get<bool>(0)) co_return fail(errc::serialization_failure, "changed while it was locked");
    co_return result<void>();
}

/// The ids that moved, by kind.
using moved_ids = std::vector<std::pair<std::string_view, std::vector<uuid>>>;

/// One event that says what happened to the source, with as many ids as one may hold, and others with the rest.
void append_moves(std::vector<journal::event>& to, const journal::event& first, json data, std::string_view more,
                  const moved_ids& moved)
{
    auto event = first;
    std::size_t count = 0;
    const auto flush = [&] {
        event.data = data.dump();
        to.push_back(event);
        event.id = event_id::make();
        event.kind = more;
        data = {{"merge", data.at("merge")}};
        count = 0;
    };
    for (const auto& [kind, ids] : moved)
        for (const auto& each : ids) {
            if (count == ids_per_event) flush();
            data["moved"][std::string(kind)].push_back(each.to_string());
            ++count;
        }
    flush();
}

journal::event change(const moving& how, std::string_view kind, customer_id subject, std::int64_t version)
{
    journal::event made;
    made.at = how.now;
    made.kind = kind;
    made.subject = subject.value();
    made.subject_version = version;
    made.actor_kind = how.by.kind;
    made.actor = how.by.id;
    return made;
}

const std::vector<uuid>& ids_of(const moved_ids& moved, std::string_view kind)
{
    return std::ranges::find(moved, kind, &moved_ids::value_type::first)->second;
}

merged told(const pair& both, const moving& how, const moved_ids& moved)
{
    return {.merge = how.merge,
            .source = both.source.id,
            .target = both.target.id,
            .source_version = both.source.version + 1,
            .target_version = both.target.version + 1,
            .at = how.now,
            .identities = ids_of(moved, "identity").size(),
            .interactions = ids_of(moved, "interaction").size(),
            .texts = ids_of(moved, "text").size(),
            .tickets = ids_of(moved, "ticket").size()};
}

void log_done(std::string_view what, const merged& done)
{
    log::info(what, {{"source", done.source},
                     {"target", done.target},
                     {"identities", done.identities},
                     {"interactions", done.interactions},
                     {"tickets", done.tickets}});
}

task<result<merged>> try_merge(pg::database& db, customer_id source, customer_id target, std::int64_t seen,
                               domain::actor by, const clock& time, ticket_mover& tickets)
{
    const auto known = co_await read_identities(db, source, target);
    if (!known) co_return fail(known.error());
    auto tx = co_await db.begin();
    if (!tx) co_return fail(tx.error());
    const auto both = co_await lock_pair(*tx, *known, source, target);
    if (!both) co_return fail(both.error());
    if (both->source.version != seen)
        co_return fail(co_await journal::stale_change(*tx, source.value(), both->source.version));
    if (source == target) co_return no_target("is the same customer");
    if (both->target.id.is_nil()) co_return no_target("does not exist");
    if (both->source.merged_into) co_return is_a_stub(*both->source.merged_into);
    if (both->target.merged_into) co_return is_a_stub(*both->target.merged_into);
    if (both->source.is_erased || both->target.is_erased) co_return fail(errc::erased, "customer");
    const auto his = co_await tickets.lock_all(*tx, source);
    if (!his) co_return fail(his.error());
    if (his->size() > most_moved_tickets) co_return fail(errc::limit_reached, "tickets of a merge");
    if (auto in_order = co_await check_order(*tx, *both, *his); !in_order) co_return fail(in_order.error());

    const auto counts = co_await tx->run(count_belongings, pg::params(source));
    if (!counts) co_return fail(counts.error());
    for (int column = 0; column < 3; ++column)
        if (counts->front().get<std::size_t>(column) > most_moved_rows)
            co_return fail(errc::limit_reached, "rows of a merge");

    const moving how{uuid::make(), source, target, by, time.now()};
    pg::batch moves;
    moves.add(close_conversations, pg::params(source, how.now))
        .add(move_identities, pg::params(source, target))
        .add(move_interactions, pg::params(source, target))
        .add(move_texts, pg::params(source, target))
        .add(move_entries, pg::params(source, target));
    const auto went = co_await tx->run(std::move(moves));
    if (!went) co_return fail(went.error());
    const moved_ids moved{{"conversation", ids_in((*went)[0])},
                          {"identity", ids_in((*went)[1])},
                          {"interaction", ids_in((*went)[2])},
                          {"text", ids_in((*went)[3])},
                          {"ticket", values_of(*his)}};
    if (auto done = co_await tickets.move(*tx, *his, how); !done) co_return fail(done.error());

    const bool gives_name = both->target.name.empty() && !both->source.name.empty();
    const auto done = told(*both, how, moved);
    pg::batch last;
    json data{{"customer",
               {{"id", source.to_string()}, {"version", done.source_version}, {"merged_into", target.to_string()}}},
              {"merge", how.merge.to_string()}};
    std::optional<text_id> name_id;
    if (!both->source.name.empty()) {
        const journal::words name{.body = both->source.name};
        name_id = name.id;
        journal::store(last, {name}, target);
        data["name"] = {{"text", name.id.to_string()}, {"sha256", to_hex(name.digest())}};
    }
    // Its words have moved with all others: the target shows them where it has none of its own.
    const bool gives_profile = both->source.profile && !both->target.profile;
    last.add(save_customer, pg::params(source, "", target, done.source_version, std::nullopt))
        .add(save_customer,
             pg::params(target, gives_name ? both->source.name : both->target.name, std::nullopt, done.target_version,
                        gives_profile ? both->source.profile : both->target.profile))
        .add(insert_merge, pg::params(how.merge, source, target, how.now, by.id, name_id, gives_name,
                                      both->source.profile, gives_profile));
    for (const auto& [kind, ids] : moved)
        if (!ids.empty()) last.add(insert_items, pg::params(how.merge, kind, ids));

    std::vector<journal::event> events;
    append_moves(events, change(how, "customer.merged", source, done.source_version), std::move(data),
                 "customer.merge_continued", moved);
    events.push_back(change(how, "customer.absorbed", target, done.target_version));
    events.back().data = json{
        {"customer", {{"id", target.to_string()}, {"version", done.target_version}}},
        {"merge", how.merge.to_string()},
        {"source", source.to_string()},
        {"took_name",
         gives_name}}.dump();
    journal::append(last, events);
    const auto committed = co_await tx->commit(std::move(last));
    if (!committed) co_return fail(committed.error());
    log_done("customer.merged", done);
    co_return done;
}

task<result<merged>> try_undo(pg::database& db, customer_id source, std::int64_t seen, domain::actor by,
                              const clock& time, ticket_mover& tickets)
{
    const auto standing = co_await db.run(select_merge, pg::params(source));
    if (!standing) co_return fail(standing.error());
    // Without one the customer is locked alone, to tell a stale version from a wrong state.
    const auto target = standing->empty() ? source : standing->front().get<customer_id>(1);

    const auto known = co_await read_identities(db, source, target);
    if (!known) co_return fail(known.error());
    auto tx = co_await db.begin();
    if (!tx) co_return fail(tx.error());
    const auto both = co_await lock_pair(*tx, *known, source, target);
    if (!both) co_return fail(both.error());
    if (both->source.version != seen)
        co_return fail(co_await journal::stale_change(*tx, source.value(), both->source.version));
    const auto again = co_await tx->run(select_merge, pg::params(source));
    if (!again) co_return fail(again.error());
    if (again->empty()) co_return fail(errc::wrong_state, "the customer is not merged");
    if (standing->empty() || again->front().get<uuid>(0) != standing->front().get<uuid>(0))
        co_return fail(errc::serialization_failure, "merged meanwhile");
    const auto row = again->front();
    const auto merged_at = row.get<instant>(2);
    const auto name_id = row.get<std::optional<text_id>>(3);
    const moving how{row.get<uuid>(0), target, source, by, time.now()};
    if (how.now > merged_at + undo_within) co_return fail(errc::undo_window_over, "merged too long ago");
    if (both->source.is_erased || both->target.is_erased) co_return fail(errc::erased, "customer");
    if (both->target.merged_into) co_return is_a_stub(*both->target.merged_into);

    const auto kept = co_await tx->run(select_items, pg::params(how.merge));
    if (!kept) co_return fail(kept.error());
    std::map<std::string, std::vector<uuid>, std::less<>> items;
    for (const auto each : *kept)
        items[each.get<std::string>(0)].push_back(each.get<uuid>(1));
    std::vector<ticket_id> his;
    for (const auto& each : items["ticket"])
        his.emplace_back(each);
    const auto locked = co_await tickets.lock(*tx, his, target);
    if (!locked) co_return fail(locked.error());
    if (auto in_order = co_await check_order(*tx, *both, *locked); !in_order) co_return fail(in_order.error());
    std::string name;
    if (name_id) {
        const auto words = co_await tx->run(select_body, pg::params(*name_id));
        if (!words) co_return fail(words.error());
        if (!words->empty()) name = words->front().get<std::optional<std::string>>(0).value_or("");
        items["text"].push_back(name_id->value());
    }

    pg::batch moves;
    moves.add(return_identities, pg::params(target, source, items["identity"]))
        .add(return_interactions, pg::params(target, source, items["interaction"]))
        .add(return_texts, pg::params(target, source, items["interaction"], items["text"]))
        .add(return_entries, pg::params(target, source, items["interaction"]))
        .add(reopen_conversations, pg::params(items["conversation"], merged_at));
    const auto went = co_await tx->run(std::move(moves));
    if (!went) co_return fail(went.error());
    const moved_ids moved{{"identity", ids_in((*went)[0])},
                          {"interaction", ids_in((*went)[1])},
                          {"text", ids_in((*went)[2])},
                          {"conversation", ids_in((*went)[4])},
                          {"ticket", values_of(*locked)}};
    if (auto done = co_await tickets.move(*tx, *locked, how); !done) co_return fail(done.error());

    const bool takes_name = row.get<bool>(4) && both->target.name == name;
    const auto profile = row.get<std::optional<text_id>>(5);
    const bool takes_profile = row.get<bool>(6) && both->target.profile == profile;
    const auto done = told(*both, how, moved);
    pg::batch last;
    last.add(save_customer, pg::params(source, name, std::nullopt, done.source_version, profile))
        .add(save_customer, pg::params(target, takes_name ? "" : both->target.name, std::nullopt, done.target_version,
                                       takes_profile ? std::nullopt : both->target.profile))
        .add(end_merge, pg::params(how.merge, how.now, by.id));
    std::vector<journal::event> events;
    append_moves(
        events, change(how, "customer.merge_undone", source, done.source_version),
        {{"customer", {{"id", source.to_string()}, {"version", done.source_version}, {"merged_into", nullptr}}},
         {"merge", how.merge.to_string()}},
        "customer.merge_undo_continued", moved);
    events.push_back(change(how, "customer.absorption_undone", target, done.target_version));
    events.back().data = json{
        {"customer", {{"id", target.to_string()}, {"version", done.target_version}}},
        {"merge", how.merge.to_string()},
        {"source", source.to_string()},
        {"gave_name_back",
         takes_name}}.dump();
    journal::append(last, events);
    const auto committed = co_await tx->commit(std::move(last));
    if (!committed) co_return fail(committed.error());
    log_done("customer.merge_undone", done);
    co_return done;
}

/// Whether it is worth another try; returns when that is due.
task<bool> comes_again(const result<merged>& told, int attempt)
{
    if (told || told.error().code != errc::serialization_failure || attempt == most_attempts) co_return false;
    co_await pause_for(longer_each_time * attempt);
    co_return true;
}

task<result<merge_side>> side_of(pg::database& db, customer_id of)
{
    auto customer = co_await load_customer(db, of);
    if (!customer) co_return fail(customer.error());
    const auto counts = co_await db.run(count_belongings, pg::params(of));
    if (!counts) co_return fail(counts.error());
    const auto row = counts->front();
    if (const auto into = row.get<std::optional<customer_id>>(3)) co_return is_a_stub(*into);
    if (customer->erased_at) co_return fail(errc::erased, "customer");
    co_return merge_side{std::move(*customer), row.get<std::size_t>(0), row.get<std::size_t>(1),
                         row.get<std::size_t>(2)};
}

} // namespace

task<result<merge_preview>> preview_merge(pg::database& from, customer_id source, customer_id target)
{
    merge_preview shown;
    auto left = co_await side_of(from, source);
    if (!left) co_return fail(left.error());
    if (source == target) co_return no_target("is the same customer");
    auto right = co_await side_of(from, target);
    if (!right && right.error().code == errc::not_found) co_return no_target("does not exist");
    if (!right) co_return fail(right.error());
    const auto conversations = co_await from.run(find_same_conversations, pg::params(source, target));
    if (!conversations) co_return fail(conversations.error());
    const auto &a = left->customer, &b = right->customer;
    if (a.kind != b.kind) shown.conflicts.emplace_back("kind");
    if (!a.name.empty() && !b.name.empty() && a.name != b.name) shown.conflicts.emplace_back("name");
    const auto has_profile = [](const customer& of) { return !of.tags.empty() || !of.note.empty(); };
    if (has_profile(a) && has_profile(b)) shown.conflicts.emplace_back("profile");
    if (!conversations->empty()) shown.conflicts.emplace_back("conversation");
    shown.source = std::move(*left);
    shown.target = std::move(*right);
    co_return shown;
}

task<result<merged>> merge_customers(pg::database& in, customer_id source, customer_id target, std::int64_t seen,
                                     domain::actor by, const clock& time, ticket_mover& tickets)
{
    for (int attempt = 1;; ++attempt) {
        auto done = co_await try_merge(in, source, target, seen, by, time, tickets);
        if (!co_await comes_again(done, attempt)) co_return done;
    }
}

task<result<merged>> undo_merge(pg::database& in, customer_id source, std::int64_t seen, domain::actor by,
                                const clock& time, ticket_mover& tickets)
{
    for (int attempt = 1;; ++attempt) {
        auto done = co_await try_undo(in, source, seen, by, time, tickets);
        if (!co_await comes_again(done, attempt)) co_return done;
    }
}

task<result<std::optional<customer_id>>> find_heir(pg::database& from, customer_id of)
{
    const auto found = co_await from.run(select_heir, pg::params(of));
    if (!found) co_return fail(found.error());
    if (found->empty() || found->front().get<int>(1) == 0) co_return std::nullopt;
    co_return found->front().get<customer_id>(0);
}

} // namespace huiyin::record
