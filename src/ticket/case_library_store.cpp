#include "invalid_field.hpp"
#include "ticket_rows.hpp"
#include "ticket_store.hpp"

#include <huiyin/base/text.hpp>
#include <huiyin/domain/permission.hpp>
#include <huiyin/journal/erase.hpp>
#include <huiyin/journal/last_change.hpp>
#include <huiyin/ticket/case_library.hpp>

#include <algorithm>

namespace huiyin::ticket {

using nlohmann::json;
using pg::params;
using pg::statement;

namespace {

constexpr std::size_t most_words = 10;

constexpr statement find_of_ticket{"case_record.of_ticket", R"sql(
    SELECT id, version FROM case_record WHERE ticket_id = $1)sql"};

constexpr statement save_case{"case_record.save", R"sql(
    INSERT INTO case_record (id, ticket_id, version, category, root_cause, solution_kind, closure, satisfaction, score_result,
                             rework_cycle, total_time, desk_time, department_time, title_id, words_id, published_at, published_by)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
    ON CONFLICT (id) DO UPDATE SET
        version = excluded.version, category = excluded.category, root_cause = excluded.root_cause,
        solution_kind = excluded.solution_kind, closure = excluded.closure, satisfaction = excluded.satisfaction,
        score_result = excluded.score_result, rework_cycle = excluded.rework_cycle, total_time = excluded.total_time,
        desk_time = excluded.desk_time, department_time = excluded.department_time, title_id = excluded.title_id,
        words_id = excluded.words_id, published_at = excluded.published_at, published_by = excluded.published_by,
        withdrawn_at = NULL)sql"};

constexpr statement lock_case{"case_record.lock", R"sql(
    SELECT version FROM case_record WHERE id = $1 AND withdrawn_at IS NULL FOR NO KEY UPDATE)sql"};

constexpr statement withdraw_case{"case_record.withdraw", R"sql(
    UPDATE case_record SET withdrawn_at = $2, version = $3 WHERE id = $1)sql"};

// By what a person is known: his name, the identities of his record, the contacts given with the ticket.
constexpr statement select_marks{"case_record.marks_of_person", R"sql(
    SELECT 'name', name FROM customer WHERE id = $1 AND name <> ''
    UNION SELECT kind, value FROM identity WHERE customer_id = $1
    UNION SELECT kind, value FROM ticket_party WHERE ticket_id = $2 LIMIT 1000)sql"};

// case_record_newest, or case_record_of_category; the library is read through for words.
constexpr statement select_cases{"case_record.search", R"sql(
    SELECT c.id, c.ticket_id, c.version, c.category, c.root_cause, c.solution_kind, c.closure, c.satisfaction, c.score_result,
           c.rework_cycle, c.total_time, c.desk_time, c.department_time, t.body, w.body, c.published_at, c.published_by
      FROM case_record c JOIN text t ON t.id = c.title_id JOIN text w ON w.id = c.words_id
     WHERE c.withdrawn_at IS NULL
       AND ($1::text = '' OR c.category = $1) AND ($2::text = '' OR c.root_cause = $2)
       AND (t.body || ' ' || w.body) ILIKE ALL ($3::text[])
       AND ($4::timestamptz IS NULL OR (c.published_at, c.id) < ($4, $5::uuid))
     ORDER BY c.published_at DESC, c.id DESC LIMIT $6)sql"};

constexpr statement select_case{"case_record.load", R"sql(
    SELECT c.id, c.ticket_id, c.version, c.category, c.root_cause, c.solution_kind, c.closure, c.satisfaction, c.score_result,
           c.rework_cycle, c.total_time, c.desk_time, c.department_time, t.body, w.body, c.published_at, c.published_by
      FROM case_record c JOIN text t ON t.id = c.title_id JOIN text w ON w.id = c.words_id
     WHERE c.id = $1 AND c.withdrawn_at IS NULL)sql"};

constexpr statement select_copies{"archive_copy.of_ticket", R"sql(
    SELECT holder, department, at, content::text FROM archive_copy WHERE ticket_id = $1 ORDER BY holder DESC)sql"};

result<void> check_words(const std::string& field, const std::string& words, std::size_t most)
{
    if (!is_storable_utf8(words) || trimmed(words).empty()) return invalid_field(field, "is empty");
    if (code_points(words) > most) return invalid_field(field, "is too long");
    return {};
}

std::string digits_of(std::string_view text)
{
    std::string digits;
    for (const char c : narrowed(text))
        if (c >= '0' && c <= '9') digits += c;
    return digits;
}

/// Whether the text tells who complained: his name, the last eight digits of his number, his address.
bool names_person(const std::string& text, std::string_view kind, const std::string& value)
{
    if (kind == "phone") {
        const auto digits = digits_of(std::string_view(value).substr(0, value.find(';')));
        return digits.size() >= 8 && digits_of(text).contains(digits.substr(digits.size() - 8));
    }
    // One character is also a word of its own.
    if (kind == "name") return code_points(value) >= 2 && text.contains(value);
    return value.size() >= 4 && lower_ascii(text).contains(lower_ascii(value));
}

case_record case_from(const domain::ticket& t, instant now)
{
    case_record made;
    made.ticket = t.id;
    made.category = t.category;
    made.root_cause = t.root_cause;
    for (const auto& each : t.solutions)
        if (each.state == domain::solution_state::approved) made.solution_kind = domain::to_string(each.kind);
    made.closure = domain::to_string(t.closure);
    made.satisfaction = domain::to_string(t.satisfaction);
    made.score_result = t.said.result;
    made.rework_cycle = t.rework_cycle;
    for (const auto& each : domain::time_shares(t, now)) {
        made.total += each.time;
        if (each.held_by == domain::holder::desk) made.desk += each.time;
        if (each.held_by == domain::holder::department) made.department += each.time;
    }
    return made;
}

case_record case_from(const pg::row& row)
{
    case_record read;
    read.id = row.get<case_id>(0);
    read.ticket = row.get<ticket_id>(1);
    read.version = row.get<std::int64_t>(2);
    read.category = row.get<std::string>(3);
    read.root_cause = row.get<std::string>(4);
    read.solution_kind = row.get<std::string>(5);
    read.closure = row.get<std::string>(6);
    read.satisfaction = row.get<std::string>(7);
    read.score_result = row.get<std::optional<int>>(8);
    read.rework_cycle = row.get<int>(9);
    read.total = std::chrono::microseconds(row.get<std::int64_t>(10));
    read.desk = std::chrono::microseconds(row.get<std::int64_t>(11));
    read.department = std::chrono::microseconds(row.get<std::int64_t>(12));
    read.title = row.get<std::optional<std::string>>(13).value_or("");
    read.text = row.get<std::optional<std::string>>(14).value_or("");
    read.published_at = row.get<instant>(15);
    read.published_by = row.get<user_id>(16);
    return read;
}

json data_of(const case_record& c, const journal::words& title, const journal::words& text)
{
    return {{"case_record",
             {{"id", c.id.to_string()},
              {"ticket_id", c.ticket.to_string()},
              {"version", c.version},
              {"category", c.category},
              {"root_cause", c.root_cause},
              {"solution_kind", c.solution_kind},
              {"closure", c.closure},
              {"satisfaction", c.satisfaction},
              {"score_result", c.score_result ? json(*c.score_result) : json()},
              {"rework_cycle", c.rework_cycle},
              {"total_time", c.total.count()},
              {"desk_time", c.desk.count()},
              {"department_time", c.department.count()},
              {"title_id", title.id.to_string()},
              {"words_id", text.id.to_string()},
              {"published_at", to_rfc3339(c.published_at)},
              {"published_by", c.published_by.to_string()},
              {"withdrawn_at", nullptr}}},
            {"words", {reference_to(title), reference_to(text)}}};
}

journal::event event_of(std::string_view kind, case_id id, std::int64_t version, const domain::actor& who, instant at,
                        const json& data)
{
    journal::event made;
    made.at = at;
    made.kind = kind;
    made.subject = id.value();
    made.subject_version = version;
    made.actor_kind = who.kind;
    made.actor = who.id;
    made.data = data.dump();
    return made;
}

/// The case's words belong to its own id, so that they go without anybody else's.
journal::erasure erasure_of(case_id id, std::int64_t version, const domain::actor& who, instant now)
{
    return {
        .customer = customer_id(id.value()), .customer_version = version, .by_kind = who.kind, .by = who.id, .at = now};
}

/// One ILIKE pattern per word.
std::vector<std::string> patterns_of(std::string_view words)
{
    std::vector<std::string> patterns;
    for (const auto& word : split(narrowed(words), ' ')) {
        if (word.empty() || patterns.size() == most_words) continue;
        std::string pattern = "%";
        for (const char c : word) {
            if (c == '%' || c == '_' || c == '\\') pattern += '\\';
            pattern += c;
        }
        patterns.push_back(pattern + "%");
    }
    return patterns;
}

void collect_words(const json& content, std::vector<text_id>& ids)
{
    if (!content.is_structured()) return;
    if (content.is_object() && content.contains("sha256") && content.contains("text"))
        if (const auto id = text_id::parse(content.at("text").get<std::string>())) ids.push_back(*id);
    for (const auto& each : content)
        collect_words(each, ids);
}

} // namespace

task<result<case_record>> case_library::publish(ticket_id ticket, new_case what, domain::actor who)
{
    if (auto good = check_words("title", what.title, 200); !good) co_return fail(good.error());
    if (auto good = check_words("text", what.text, 10'000); !good) co_return fail(good.error());
    auto tx = co_await db_.begin();
    if (!tx) co_return fail(tx.error());
    pg::batch reads;
    reads.add(lock_tickets(), params(std::vector{ticket}))
        .add(load_ticket(), params(ticket, false))
        .add(find_of_ticket, params(ticket));
    const auto found = co_await tx->run(std::move(reads));
    if (!found) co_return fail(found.error());
    if ((*found)[0].empty()) co_return fail(errc::not_found, "no such ticket");
    const auto t = ticket_of(json::parse((*found)[1].front().get<std::string_view>(0)));
    if (!domain::may(who, domain::permission::case_publish, domain::scope_of(t)))
        co_return fail(errc::not_found, "the actor may not");
    const bool is_over = t.status == domain::ticket_status::closed || t.status == domain::ticket_status::archived;
    if (!is_over) co_return fail(errc::wrong_state, "the ticket is open");
    if (t.sensitive == domain::sensitivity::confidential)
        co_return fail(errc::wrong_state, "the ticket is confidential");
    const auto marks = co_await tx->run(select_marks, params(t.customer, t.id));
    if (!marks) co_return fail(marks.error());
    for (const auto row : *marks) {
        const auto value = row.get<std::string>(1);
        for (const auto& [field, words] : {std::pair("title", what.title), std::pair("text", what.text)})
            if (names_person(words, row.get<std::string_view>(0), value))
                co_return invalid_field(field, "tells who complained");
    }

    const auto now = std::max(clock_.now(), t.changed_at);
    const bool is_known = !(*found)[2].empty();
    auto made = case_from(t, now);
    made.id = is_known ? (*found)[2].front().get<case_id>(0) : case_id::make();
    made.version = is_known ? (*found)[2].front().get<std::int64_t>(1) + 1 : 1;
    made.title = trimmed(what.title);
    made.text = trimmed(what.text);
    made.published_at = now;
    made.published_by = user_id(who.id);
    const journal::words title{.body = made.title}, text{.body = made.text};

    pg::batch writes;
    if (is_known) journal::erase_texts(writes, erasure_of(made.id, made.version, who, now));
    journal::store(writes, {title, text}, customer_id(made.id.value()));
    writes.add(save_case, params(made.id, made.ticket, made.version, made.category, made.root_cause, made.solution_kind,
                                 made.closure, made.satisfaction, made.score_result, made.rework_cycle,
                                 made.total.count(), made.desk.count(), made.department.count(), title.id, text.id,
                                 made.published_at, made.published_by));
    journal::append(writes, {event_of(is_known ? "case.revised" : "case.published", made.id, made.version, who, now,
                                      data_of(made, title, text))});
    const auto done = co_await tx->commit(std::move(writes));
    if (!done) co_return fail(done.error());
    co_return made;
}

task<result<void>> case_library::withdraw(case_id id, std::int64_t seen, domain::actor who)
{
    auto tx = co_await db_.begin();
    if (!tx) co_return fail(tx.error());
    const auto found = co_await tx->run(lock_case, params(id));
    if (!found) co_return fail(found.error());
    if (found->empty() || !domain::may(who, domain::permission::case_publish, domain::object_scope{}))
        co_return fail(errc::not_found, "no such case");
    const auto kept = found->front().get<std::int64_t>(0);
    if (kept != seen) co_return fail(co_await journal::stale_change(*tx, id.value(), kept));
    const auto version = kept + 1;
    const auto now = clock_.now();
    pg::batch writes;
    writes.add(withdraw_case, params(id, now, version));
    journal::erase_texts(writes, erasure_of(id, version, who, now));
    journal::append(writes,
                    {event_of("case.withdrawn", id, version, who, now,
                              {{"case_record",
                                {{"id", id.to_string()}, {"version", version}, {"withdrawn_at", to_rfc3339(now)}}}})});
    const auto done = co_await tx->commit(std::move(writes));
    if (!done) co_return fail(done.error());
    co_return result<void>();
}

task<result<case_page>> case_library::search(case_query query, std::optional<std::pair<instant, case_id>> after,
                                             std::size_t limit)
{
    const auto at = after ? std::optional(after->first) : std::nullopt;
    const auto last = after ? std::optional(after->second) : std::nullopt;
    limit = std::clamp<std::size_t>(limit, 1, 200);
    const auto found = co_await db_.run(
        select_cases, params(query.category, query.root_cause, patterns_of(query.words), at, last, limit + 1));
    if (!found) co_return fail(found.error());
    case_page page;
    for (const auto row : *found) {
        if (page.items.size() == limit) {
            page.next.emplace(page.items.back().published_at, page.items.back().id);
            break;
        }
        page.items.push_back(case_from(row));
    }
    co_return page;
}

task<result<case_record>> case_library::load(case_id id)
{
    const auto found = co_await db_.run(select_case, params(id));
    if (!found) co_return fail(found.error());
    if (found->empty()) co_return fail(errc::not_found, "no such case");
    co_return case_from(found->front());
}

task<result<archive>> case_library::load_archive(ticket_id ticket, domain::actor who)
{
    const auto found = co_await db_.run(select_copies, params(ticket));
    if (!found) co_return fail(found.error());
    const bool all = domain::may(who, domain::permission::ticket_read, domain::object_scope{});
    archive shown;
    std::vector<text_id> words;
    for (const auto row : *found) {
        archive_copy copy{row.get<std::string>(0), row.get<std::optional<department_id>>(1), row.get<instant>(2),
                          row.get<std::string>(3)};
        if (!all && !(copy.department && who.serves(*copy.department))) continue;
        collect_words(json::parse(copy.content), words);
        shown.copies.push_back(std::move(copy));
    }
    auto bodies = co_await load_texts(db_, std::move(words));
    if (!bodies) co_return fail(bodies.error());
    shown.words = std::move(*bodies);
    co_return shown;
}

} // namespace huiyin::ticket
