#include "terms.hpp"

#include <huiyin/base/text.hpp>
#include <huiyin/domain/permission.hpp>
#include <huiyin/journal/event.hpp>
#include <huiyin/knowledge/knowledge.hpp>
#include <huiyin/people/notice.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace huiyin::knowledge {

using nlohmann::json;
using pg::params;
using pg::statement;

namespace {

constexpr std::size_t longest_title = 200;
constexpr std::size_t longest_body = 10'000;
constexpr std::size_t longest_comment = 1000;
constexpr std::size_t most_categories = 50;
constexpr std::size_t most_departments = 200;
constexpr std::size_t most_told = 5000;
constexpr std::array<std::string_view, 3> languages{"zh-CN", "zh-TW", "en"};

/// One statement of those that item_from() reads: item, edition, and the receipt of the reader, who is $1.
struct item_read
{
    item_read(std::string_view name, std::string_view which, std::string_view how = "",
              std::chrono::milliseconds limit = std::chrono::milliseconds(5000))
        : sql(fmt::format(R"sql(
    SELECT i.id, i.kind, i.version, i.latest, i.published, i.created_at, i.changed_at, i.changed_by,
           e.n, e.state, t.body, e.categories, e.roles, e.departments, e.must_acknowledge, e.effective_from,
           e.effective_until, e.author, a.display_name, e.written_at, e.submitted_at, e.reviewer, v.display_name,
           e.reviewed_at, c.body, r.read_at, r.acknowledged_at
      FROM knowledge_edition e
      JOIN knowledge_item i ON i.id = e.item_id
      JOIN text t ON t.id = e.words_id
      LEFT JOIN text c ON c.id = e.comment_id
      LEFT JOIN user_account a ON a.id = e.author
      LEFT JOIN user_account v ON v.id = e.reviewer
      LEFT JOIN knowledge_receipt r ON r.item_id = e.item_id AND r.n = e.n AND r.user_id = $1
     WHERE {}{})sql",
                          which, how)),
          what{name, sql, limit}
    {}
    item_read(const item_read&) = delete;

    std::string sql;
    statement what;
};

constexpr std::string_view in_effect_at_2 = R"sql(e.state = 'published'
       AND (e.effective_from IS NULL OR e.effective_from <= $2) AND (e.effective_until IS NULL OR e.effective_until > $2))sql";

// The newest first.
constexpr std::string_view paged = R"sql(
       AND ($3::text = '' OR i.kind = $3) AND ($4::text = '' OR e.categories = '{}' OR $4 = ANY (e.categories))
       AND ($5::text = '' OR e.tokens @@ $5::tsquery)
       AND ($6::timestamptz IS NULL OR (e.written_at, e.item_id) < ($6, $7::uuid))
     ORDER BY e.written_at DESC, e.item_id DESC LIMIT $8::int)sql";

struct item_reads
{
    item_read one{"knowledge.load",
                  "i.id = $2 AND e.n = CASE $3::int WHEN 0 THEN i.published WHEN -1 THEN i.latest ELSE $3::int END"};
    item_read editions{"knowledge.editions", "i.id = $2", " ORDER BY e.n DESC LIMIT 200"};
    item_read published{"knowledge.list_published", in_effect_at_2, paged};
    item_read latest{"knowledge.list_latest", "i.latest = e.n AND e.state = $2", paged};
    item_read suggested{"knowledge.suggest", in_effect_at_2, R"sql(
       AND i.kind <> 'notice'
       AND ($3::text <> '' AND $3 = ANY (e.categories) OR $4::text <> '' AND e.tokens @@ $4::tsquery)
     ORDER BY $3::text <> '' AND $3 = ANY (e.categories) DESC,
              CASE WHEN $4::text = '' THEN 0 ELSE ts_rank(e.tokens, $4::tsquery) END DESC, e.written_at DESC, e.item_id
     LIMIT $5::int)sql",
                        std::chrono::milliseconds(2000)};
    item_read pending{"knowledge.pending_notices", in_effect_at_2, R"sql(
       AND i.kind = 'notice'
       AND (r.read_at IS NULL OR e.must_acknowledge AND r.acknowledged_at IS NULL)
       AND (e.roles = '{}' OR EXISTS (SELECT FROM user_role o WHERE o.user_id = $1 AND o.role = ANY (e.roles)))
       AND (e.departments = '{}' OR EXISTS (
               SELECT FROM department_member m WHERE m.user_id = $1 AND m.department_id = ANY (e.departments)))
     ORDER BY e.written_at DESC, e.item_id DESC LIMIT 100)sql"};
};

const item_reads& reads()
{
    static const item_reads all;
    return all;
}

constexpr statement lock_item{"knowledge.lock", "SELECT 1 FROM knowledge_item WHERE id = $1 FOR NO KEY UPDATE"};

constexpr statement select_state{"knowledge.state", R"sql(
    SELECT i.version, i.changed_at, i.changed_by, i.kind, i.latest, i.published, e.state, e.author, e.roles, e.departments
      FROM knowledge_item i JOIN knowledge_edition e ON e.item_id = i.id AND e.n = i.latest
     WHERE i.id = $1)sql"};

constexpr statement insert_item{"knowledge.insert", R"sql(
    INSERT INTO knowledge_item (id, kind, version, latest, created_at, created_by, changed_at, changed_by)
    VALUES ($1, $2, 1, 1, $3, $4, $3, $4))sql"};

constexpr statement save_item{"knowledge.save", R"sql(
    UPDATE knowledge_item SET version = $2, latest = $3, published = $4, changed_at = $5, changed_by = $6 WHERE id = $1)sql"};

constexpr statement put_edition{"knowledge.put_edition", R"sql(
    INSERT INTO knowledge_edition (item_id, n, state, words_id, categories, roles, departments, must_acknowledge,
                                   effective_from, effective_until, author, written_at, tokens)
    VALUES ($1, $2, 'draft', $3, $4, $5, $6, $7, $8, $9, $10, $11, $12::tsvector)
    ON CONFLICT (item_id, n) DO UPDATE
       SET state = 'draft', words_id = EXCLUDED.words_id, categories = EXCLUDED.categories, roles = EXCLUDED.roles,
           departments = EXCLUDED.departments, must_acknowledge = EXCLUDED.must_acknowledge,
           effective_from = EXCLUDED.effective_from, effective_until = EXCLUDED.effective_until, author = EXCLUDED.author,
           written_at = EXCLUDED.written_at, tokens = EXCLUDED.tokens, submitted_at = NULL)sql"};

constexpr statement mark_edition{"knowledge.mark_edition", R"sql(
    UPDATE knowledge_edition SET state = $3, submitted_at = COALESCE($4, submitted_at), reviewer = COALESCE($5, reviewer),
           reviewed_at = COALESCE($6, reviewed_at), comment_id = $7
     WHERE item_id = $1 AND n = $2)sql"};

constexpr statement retire_edition{"knowledge.retire_edition", R"sql(
    UPDATE knowledge_edition SET state = $2 WHERE item_id = $1 AND state = 'published')sql"};

constexpr statement known_departments{"knowledge.known_departments",
                                      "SELECT count(*) FROM department WHERE id = ANY ($1::uuid[])"};

constexpr statement all_departments{"knowledge.all_departments", "SELECT id FROM department ORDER BY id LIMIT 1000"};

// Active users of one of the roles and one of the departments.
constexpr statement select_meant{"knowledge.meant", R"sql(
    SELECT u.id FROM user_account u
     WHERE u.active
       AND ($1::text[] = '{}' OR EXISTS (SELECT FROM user_role o WHERE o.user_id = u.id AND o.role = ANY ($1)))
       AND ($2::uuid[] = '{}' OR EXISTS (SELECT FROM department_member m WHERE m.user_id = u.id AND m.department_id = ANY ($2)))
     ORDER BY u.id LIMIT $3::int)sql"};

constexpr statement select_readers{"knowledge.readers", R"sql(
    SELECT u.login, u.id, u.display_name, r.read_at, r.acknowledged_at
      FROM user_account u
      LEFT JOIN knowledge_receipt r ON r.item_id = $1 AND r.n = $2 AND r.user_id = u.id
     WHERE u.login > $5
       AND (r.user_id IS NOT NULL OR u.active
            AND ($3::text[] = '{}' OR EXISTS (SELECT FROM user_role o WHERE o.user_id = u.id AND o.role = ANY ($3)))
            AND ($4::uuid[] = '{}' OR EXISTS (SELECT FROM department_member m WHERE m.user_id = u.id AND m.department_id = ANY ($4))))
       AND (NOT $6::boolean OR r.read_at IS NULL OR $7::boolean AND r.acknowledged_at IS NULL)
     ORDER BY u.login LIMIT $8::int)sql"};

constexpr statement count_meant{"knowledge.count_meant", R"sql(
    SELECT count(*), count(r.acknowledged_at)
      FROM user_account u
      LEFT JOIN knowledge_receipt r ON r.item_id = $1 AND r.n = $2 AND r.user_id = u.id
     WHERE u.active
       AND ($3::text[] = '{}' OR EXISTS (SELECT FROM user_role o WHERE o.user_id = u.id AND o.role = ANY ($3)))
       AND ($4::uuid[] = '{}' OR EXISTS (SELECT FROM department_member m WHERE m.user_id = u.id AND m.department_id = ANY ($4))))sql"};

constexpr statement put_receipt{"knowledge.put_receipt", R"sql(
    INSERT INTO knowledge_receipt (item_id, n, user_id, read_at, acknowledged_at)
    VALUES ($1, $2, $3, $4, CASE WHEN $5::boolean THEN $4::timestamptz END)
    ON CONFLICT (item_id, n, user_id) DO UPDATE
       SET acknowledged_at = COALESCE(knowledge_receipt.acknowledged_at, EXCLUDED.acknowledged_at))sql"};

std::unexpected<error> invalid(std::string field, std::string reason)
{
    return fail(error{errc::invalid_field, field + ": " + reason, {}}
                    .with("field", std::move(field))
                    .with("reason", std::move(reason)));
}

bool may_write(const domain::actor& who)
{
    return domain::may(who, domain::permission::problem_manage);
}

bool may_read(const domain::actor& who)
{
    return domain::may(who, domain::permission::case_read);
}

result<void> check(item_kind kind, const edition_content& what)
{
    if (what.words.empty()) return invalid("words", "are in no language");
    for (const auto& [language, said] : what.words) {
        if (std::ranges::find(languages, language) == languages.end())
            return invalid("words." + language, "is not zh-CN, zh-TW or en");
        if (!is_storable_utf8(said.title) || trimmed(said.title).empty() || code_points(said.title) > longest_title)
            return invalid("words." + language + ".title", fmt::format("has not 1 to {} characters", longest_title));
        if (!is_storable_utf8(said.body) || trimmed(said.body).empty() || code_points(said.body) > longest_body)
            return invalid("words." + language + ".body", fmt::format("has not 1 to {} characters", longest_body));
    }
    if (what.categories.size() > most_categories) return invalid("categories", "are too many");
    if (what.departments.size() > most_departments) return invalid("departments", "are too many");
    for (const auto& each : what.roles)
        if (!domain::parse_role(each)) return invalid("roles", "holds something that is no role");
    if (kind != item_kind::notice && (!what.roles.empty() || !what.departments.empty() || what.must_acknowledge))
        return invalid("kind", "is no notice, which alone is for somebody");
    if (what.effective_from && what.effective_until && *what.effective_from >= *what.effective_until)
        return invalid("effective_until", "is not after effective_from");
    return {};
}

json words_of(const edition_content& what)
{
    json words = json::object();
    for (const auto& [language, said] : what.words)
        words[language] = {{"title", said.title}, {"body", said.body}};
    return words;
}

std::string tokens_of_words(const edition_content& what)
{
    std::vector<std::string_view> texts;
    // Titles first: what comes first counts first.
    for (const auto& [language, said] : what.words)
        texts.emplace_back(said.title);
    for (const auto& [language, said] : what.words)
        texts.emplace_back(said.body);
    return tokens_of(texts);
}

json reference_to(const journal::words& words)
{
    return {{"text", words.id.to_string()}, {"sha256", to_hex(words.digest())}};
}

json ids_of(const std::vector<department_id>& departments)
{
    json ids = json::array();
    for (const auto& each : departments)
        ids.push_back(each.to_string());
    return ids;
}

json data_of(int number, const edition_content& what, const journal::words& words)
{
    const auto time_of = [](const std::optional<instant>& at) { return at ? json(to_rfc3339(*at)) : json(); };
    return {{"edition", number},
            {"categories", what.categories},
            {"roles", what.roles},
            {"departments", ids_of(what.departments)},
            {"must_acknowledge", what.must_acknowledge},
            {"effective_from", time_of(what.effective_from)},
            {"effective_until", time_of(what.effective_until)},
            {"words", reference_to(words)}};
}

journal::event event_of(std::string kind, item_id id, std::int64_t version, instant at, const domain::actor& who,
                        const json& data)
{
    journal::event made;
    made.at = at;
    made.kind = std::move(kind);
    made.subject = id.value();
    made.subject_version = version;
    made.actor_kind = who.kind;
    made.actor = who.id;
    made.data = data.dump();
    return made;
}

item item_from(const pg::row& row)
{
    item read;
    read.id = row.get<item_id>(0);
    read.kind = domain::parse_name<item_kind>(row.get<std::string_view>(1)).value();
    read.version = row.get<std::int64_t>(2);
    read.latest = row.get<int>(3);
    read.published = row.get<std::optional<int>>(4);
    read.created_at = row.get<instant>(5);
    read.changed_at = row.get<instant>(6);
    read.changed_by = row.get<uuid>(7);
    auto& e = read.shown;
    e.number = row.get<int>(8);
    e.state = domain::parse_name<edition_state>(row.get<std::string_view>(9)).value();
    const auto words = json::parse(row.get<std::optional<std::string>>(10).value_or("{}"));
    for (const auto& [language, said] : words.items())
        e.what.words[language] = {said.at("title").get<std::string>(), said.at("body").get<std::string>()};
    e.what.categories = row.get<std::vector<std::string>>(11);
    e.what.roles = row.get<std::vector<std::string>>(12);
    e.what.departments = row.get<std::vector<department_id>>(13);
    e.what.must_acknowledge = row.get<bool>(14);
    e.what.effective_from = row.get<std::optional<instant>>(15);
    e.what.effective_until = row.get<std::optional<instant>>(16);
    e.author = {row.get<uuid>(17), row.get<std::optional<std::string>>(18).value_or("")};
    e.written_at = row.get<instant>(19);
    e.submitted_at = row.get<std::optional<instant>>(20);
    if (const auto by = row.get<std::optional<uuid>>(21))
        e.reviewer = person{*by, row.get<std::optional<std::string>>(22).value_or("")};
    e.reviewed_at = row.get<std::optional<instant>>(23);
    e.comment = row.get<std::optional<std::string>>(24).value_or("");
    read.read_at = row.get<std::optional<instant>>(25);
    read.acknowledged_at = row.get<std::optional<instant>>(26);
    return read;
}

std::vector<item> items_from(const pg::rows& found)
{
    std::vector<item> items;
    for (const auto row : found)
        items.push_back(item_from(row));
    return items;
}

bool in_effect(const edition& e, instant now)
{
    return e.state == edition_state::published && (!e.what.effective_from || *e.what.effective_from <= now) &&
           (!e.what.effective_until || *e.what.effective_until > now);
}

/// What the CHECKs hold, said as one who asks understands it.
std::unexpected<error> translated(error e)
{
    if (e.code == errc::constraint_violated && e.detail == "knowledge_receipt_user_fkey")
        return fail(errc::not_found, "no user");
    return fail(std::move(e));
}

constexpr int published_edition = 0;
constexpr int latest_edition = -1;

} // namespace

/// Locked, as the transaction found it.
struct knowledge_base::open_item
{
    std::int64_t version = 0;
    item_kind kind = item_kind::article;
    int latest = 1;
    std::optional<int> published;
    edition_state state = edition_state::draft;
    uuid author;
    edition_content audience; ///< Only whom it is for.
    instant now;
};

task<result<knowledge_base::open_item>> knowledge_base::open(pg::transaction& tx, item_id id, std::int64_t seen,
                                                             const domain::actor& who)
{
    if (!may_write(who)) co_return fail(errc::not_found, "the actor may not");
    pg::batch reads;
    reads.add(lock_item, params(id)).add(select_state, params(id));
    const auto found = co_await tx.run(std::move(reads));
    if (!found) co_return fail(found.error());
    if ((*found)[1].empty()) co_return fail(errc::not_found, "no such item");
    const auto row = (*found)[1].front();
    open_item read;
    read.version = row.get<std::int64_t>(0);
    const auto changed_at = row.get<instant>(1);
    if (read.version != seen)
        co_return fail(error{errc::stale_version, {}, {}}
                           .with("version", std::to_string(read.version))
                           .with("changed_by", row.get<uuid>(2).to_string())
                           .with("changed_at", to_rfc3339(changed_at)));
    read.kind = domain::parse_name<item_kind>(row.get<std::string_view>(3)).value();
    read.latest = row.get<int>(4);
    read.published = row.get<std::optional<int>>(5);
    read.state = domain::parse_name<edition_state>(row.get<std::string_view>(6)).value();
    read.author = row.get<uuid>(7);
    read.audience.roles = row.get<std::vector<std::string>>(8);
    read.audience.departments = row.get<std::vector<department_id>>(9);
    read.now = std::max(clock_.now(), changed_at);
    co_return read;
}

task<result<item>> knowledge_base::find(item_id id, int edition, const domain::actor& who)
{
    const auto found = co_await db_.run(reads().one.what, params(who.id, id, edition));
    if (!found) co_return fail(found.error());
    if (found->empty()) co_return fail(errc::not_found, "no such item");
    co_return item_from(found->front());
}

namespace {

task<result<void>> check_departments(pg::transaction& tx, std::vector<department_id>& departments)
{
    std::ranges::sort(departments);
    const auto repeats = std::ranges::unique(departments);
    departments.erase(repeats.begin(), repeats.end());
    if (departments.empty()) co_return result<void>();
    const auto known = co_await tx.run(known_departments, params(departments));
    if (!known) co_return fail(known.error());
    if (known->front().get<std::size_t>(0) != departments.size())
        co_return invalid("departments", "holds one that does not exist");
    co_return result<void>();
}

void put(pg::batch& to, item_id id, int number, const edition_content& what, text_id words, const domain::actor& who,
         instant now)
{
    to.add(put_edition, params(id, number, words, what.categories, what.roles, what.departments, what.must_acknowledge,
                               what.effective_from, what.effective_until, who.id, now, tokens_of_words(what)));
}

} // namespace

namespace {

/// Whose streams tell that readers see something else now: of the departments it is for, or of all.
task<result<std::vector<department_id>>> concerned(pg::transaction& tx, std::vector<department_id> meant)
{
    if (!meant.empty()) co_return meant;
    const auto found = co_await tx.run(all_departments);
    if (!found) co_return fail(found.error());
    for (const auto row : *found)
        meant.push_back(row.get<department_id>(0));
    co_return meant;
}

} // namespace

task<result<item>> knowledge_base::create(item_kind kind, edition_content what, domain::actor who)
{
    if (!may_write(who)) co_return fail(errc::not_found, "the actor may not");
    if (auto sound = check(kind, what); !sound) co_return fail(sound.error());
    auto tx = co_await db_.begin();
    if (!tx) co_return fail(tx.error());
    if (auto known = co_await check_departments(*tx, what.departments); !known) co_return fail(known.error());
    const auto now = clock_.now();
    const auto id = item_id::make();
    const journal::words words{.body = words_of(what).dump()};
    pg::batch last;
    journal::store(last, {words}, customer_id(id.value()));
    last.add(insert_item, params(id, domain::to_string(kind), now, who.id));
    put(last, id, 1, what, words.id, who, now);
    auto data = data_of(1, what, words);
    data["kind"] = domain::to_string(kind);
    journal::append(last, {event_of("knowledge.written", id, 1, now, who, data)});
    const auto done = co_await tx->commit(std::move(last));
    if (!done) co_return translated(done.error());
    co_return co_await find(id, latest_edition, who);
}

task<result<item>> knowledge_base::write(item_id id, std::int64_t seen, edition_content what, domain::actor who)
{
    auto tx = co_await db_.begin();
    if (!tx) co_return fail(tx.error());
    const auto now = co_await open(*tx, id, seen, who);
    if (!now) co_return fail(now.error());
    if (auto sound = check(now->kind, what); !sound) co_return fail(sound.error());
    if (auto known = co_await check_departments(*tx, what.departments); !known) co_return fail(known.error());
    const bool goes_on = now->state == edition_state::draft || now->state == edition_state::review;
    const int number = goes_on ? now->latest : now->latest + 1;
    const journal::words words{.body = words_of(what).dump()};
    pg::batch last;
    journal::store(last, {words}, customer_id(id.value()));
    put(last, id, number, what, words.id, who, now->now);
    last.add(save_item, params(id, seen + 1, number, now->published, now->now, who.id));
    journal::append(last, {event_of("knowledge.written", id, seen + 1, now->now, who, data_of(number, what, words))});
    const auto done = co_await tx->commit(std::move(last));
    if (!done) co_return translated(done.error());
    co_return co_await find(id, latest_edition, who);
}

task<result<item>> knowledge_base::submit(item_id id, std::int64_t seen, domain::actor who)
{
    auto tx = co_await db_.begin();
    if (!tx) co_return fail(tx.error());
    const auto now = co_await open(*tx, id, seen, who);
    if (!now) co_return fail(now.error());
    if (now->state != edition_state::draft) co_return fail(errc::wrong_state, "not a draft");
    pg::batch last;
    last.add(mark_edition, params(id, now->latest, "review", now->now, std::nullopt, std::nullopt, std::nullopt));
    last.add(save_item, params(id, seen + 1, now->latest, now->published, now->now, who.id));
    journal::append(last, {event_of("knowledge.submitted", id, seen + 1, now->now, who, {{"edition", now->latest}})});
    const auto done = co_await tx->commit(std::move(last));
    if (!done) co_return fail(done.error());
    co_return co_await find(id, latest_edition, who);
}

task<result<item>> knowledge_base::review(item_id id, std::int64_t seen, bool approved, std::string comment,
                                          domain::actor who)
{
    auto tx = co_await db_.begin();
    if (!tx) co_return fail(tx.error());
    const auto now = co_await open(*tx, id, seen, who);
    if (!now) co_return fail(now.error());
    if (now->state != edition_state::review) co_return fail(errc::wrong_state, "not submitted");
    if (now->author == who.id) co_return fail(errc::second_person_required, "the author himself");
    comment = trimmed(comment);
    if (!is_storable_utf8(comment) || code_points(comment) > longest_comment)
        co_return invalid("comment", "is too long");
    if (!approved && comment.empty()) co_return fail(errc::reason_required, "sent back without a comment");

    pg::batch last;
    json data{{"edition", now->latest}};
    const journal::words said{.body = comment};
    std::optional<text_id> comment_id;
    if (!comment.empty()) {
        journal::store(last, {said}, customer_id(id.value()));
        comment_id = said.id;
        data["comment"] = reference_to(said);
    }
    std::vector<department_id> shown_to;
    if (approved) {
        auto departments = co_await concerned(*tx, now->audience.departments);
        if (!departments) co_return fail(departments.error());
        shown_to = std::move(*departments);
        last.add(retire_edition, params(id, "superseded"));
        if (now->kind == item_kind::notice) {
            const auto meant =
                co_await tx->run(select_meant, params(now->audience.roles, now->audience.departments, most_told));
            if (!meant) co_return fail(meant.error());
            std::vector<people::notice> notices;
            for (const auto row : *meant)
                notices.push_back({.user = row.get<user_id>(0),
                                   .kind = "knowledge.notice",
                                   .ticket = {},
                                   .at = now->now,
                                   .read_at = {}});
            people::notify(last, notices);
            data["told"] = notices.size();
        }
    }
    last.add(mark_edition,
             params(id, now->latest, approved ? "published" : "draft", std::nullopt, who.id, now->now, comment_id));
    last.add(save_item, params(id, seen + 1, now->latest, approved ? std::optional(now->latest) : now->published,
                               now->now, who.id));
    auto told = event_of(approved ? "knowledge.published" : "knowledge.sent_back", id, seen + 1, now->now, who, data);
    told.audience.departments = std::move(shown_to);
    journal::append(last, {told});
    const auto done = co_await tx->commit(std::move(last));
    if (!done) co_return fail(done.error());
    co_return co_await find(id, latest_edition, who);
}

task<result<item>> knowledge_base::withdraw(item_id id, std::int64_t seen, domain::actor who)
{
    auto tx = co_await db_.begin();
    if (!tx) co_return fail(tx.error());
    const auto now = co_await open(*tx, id, seen, who);
    if (!now) co_return fail(now.error());
    if (!now->published) co_return fail(errc::wrong_state, "not published");
    auto shown_to = co_await concerned(*tx, now->audience.departments);
    if (!shown_to) co_return fail(shown_to.error());
    pg::batch last;
    last.add(retire_edition, params(id, "withdrawn"));
    last.add(save_item, params(id, seen + 1, now->latest, std::nullopt, now->now, who.id));
    auto told = event_of("knowledge.withdrawn", id, seen + 1, now->now, who, {{"edition", *now->published}});
    told.audience.departments = std::move(*shown_to);
    journal::append(last, {told});
    const auto done = co_await tx->commit(std::move(last));
    if (!done) co_return fail(done.error());
    co_return co_await find(id, latest_edition, who);
}

task<result<item>> knowledge_base::load(item_id id, bool latest, domain::actor who)
{
    if (!may_read(who) || (latest && !may_write(who))) co_return fail(errc::not_found, "the actor may not");
    auto found = co_await find(id, latest ? latest_edition : published_edition, who);
    if (!found || latest || in_effect(found->shown, clock_.now())) co_return found;
    co_return fail(errc::not_found, "not in effect");
}

task<result<std::vector<edition>>> knowledge_base::editions(item_id id, domain::actor who)
{
    if (!may_write(who)) co_return fail(errc::not_found, "the actor may not");
    const auto found = co_await db_.run(reads().editions.what, params(who.id, id));
    if (!found) co_return fail(found.error());
    if (found->empty()) co_return fail(errc::not_found, "no such item");
    std::vector<edition> all;
    for (auto& each : items_from(*found))
        all.push_back(std::move(each.shown));
    co_return all;
}

task<result<item_page>> knowledge_base::list(item_query what, std::optional<std::pair<instant, item_id>> after,
                                             std::size_t limit, domain::actor who)
{
    if (!may_read(who) || (what.state && !may_write(who))) co_return fail(errc::not_found, "the actor may not");
    limit = std::clamp<std::size_t>(limit, 1, 50);
    const auto words = query_for_all(what.words);
    if (words.empty() && !trimmed(what.words).empty()) co_return item_page();
    const std::string kind(what.kind ? domain::to_string(*what.kind) : "");
    const auto at = after ? std::optional(after->first) : std::nullopt;
    const auto last = after ? std::optional(after->second) : std::nullopt;
    const auto found =
        what.state ? co_await db_.run(reads().latest.what, params(who.id, domain::to_string(*what.state), kind,
                                                                  what.category, words, at, last, limit + 1))
                   : co_await db_.run(reads().published.what,
                                      params(who.id, clock_.now(), kind, what.category, words, at, last, limit + 1));
    if (!found) co_return fail(found.error());
    item_page page;
    page.items = items_from(*found);
    if (page.items.size() > limit) {
        page.items.pop_back();
        page.next.emplace(page.items.back().shown.written_at, page.items.back().id);
    }
    co_return page;
}

task<result<std::vector<item>>> knowledge_base::suggest(std::string category, std::string words, std::size_t limit,
                                                        domain::actor who)
{
    if (!may_read(who)) co_return fail(errc::not_found, "the actor may not");
    const auto found =
        co_await db_.run(reads().suggested.what, params(who.id, clock_.now(), category, query_for_any(words),
                                                        std::clamp<std::size_t>(limit, 1, 20)));
    if (!found) co_return fail(found.error());
    co_return items_from(*found);
}

task<result<item>> knowledge_base::read(item_id id, int edition, bool acknowledged, domain::actor who)
{
    if (!may_read(who) || who.kind != domain::actor_kind::user) co_return fail(errc::not_found, "the actor may not");
    const auto now = clock_.now();
    const auto shown = co_await find(id, published_edition, who);
    if (!shown) co_return fail(shown.error());
    if (!in_effect(shown->shown, now)) co_return fail(errc::not_found, "not in effect");
    if (shown->shown.number != edition)
        co_return fail(error{errc::stale_version, "another edition is published", {}}
                           .with("version", std::to_string(shown->shown.number))
                           .with("changed_by", shown->changed_by.to_string())
                           .with("changed_at", to_rfc3339(shown->changed_at)));
    const auto done = co_await db_.run(put_receipt, params(id, edition, who.id, now, acknowledged));
    if (!done) co_return translated(done.error());
    co_return co_await find(id, published_edition, who);
}

task<result<std::vector<item>>> knowledge_base::pending_notices(domain::actor who)
{
    if (!may_read(who)) co_return fail(errc::not_found, "the actor may not");
    if (who.kind != domain::actor_kind::user) co_return std::vector<item>();
    const auto found = co_await db_.run(reads().pending.what, params(who.id, clock_.now()));
    if (!found) co_return fail(found.error());
    co_return items_from(*found);
}

task<result<reader_page>> knowledge_base::readers(item_id id, bool missing, std::string after, std::size_t limit,
                                                  domain::actor who)
{
    if (!may_write(who)) co_return fail(errc::not_found, "the actor may not");
    const auto shown = co_await find(id, published_edition, who);
    if (!shown) co_return fail(shown.error());
    const auto& what = shown->shown.what;
    limit = std::clamp<std::size_t>(limit, 1, 200);
    auto tx = co_await db_.begin_reading();
    if (!tx) co_return fail(tx.error());
    pg::batch reads;
    reads
        .add(select_readers, params(id, shown->shown.number, what.roles, what.departments, after, missing,
                                    what.must_acknowledge, limit + 1))
        .add(count_meant, params(id, shown->shown.number, what.roles, what.departments));
    const auto found = co_await tx->run(std::move(reads));
    if (!found) co_return fail(found.error());
    co_await tx->roll_back();
    reader_page page;
    std::string login;
    for (const auto row : (*found)[0]) {
        if (page.readers.size() == limit) {
            page.next = login;
            break;
        }
        login = row.get<std::string>(0);
        page.readers.push_back({{row.get<uuid>(1), row.get<std::string>(2)},
                                row.get<std::optional<instant>>(3),
                                row.get<std::optional<instant>>(4)});
    }
    page.meant = (*found)[1].front().get<std::size_t>(0);
    page.acknowledged = (*found)[1].front().get<std::size_t>(1);
    co_return page;
}

} // namespace huiyin::knowledge
