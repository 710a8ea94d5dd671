#include "invalid_field.hpp"
#include "ticket_rows.hpp"
#include "ticket_store.hpp"

#include <huiyin/base/text.hpp>
#include <huiyin/domain/permission.hpp>
#include <huiyin/journal/erase.hpp>
#include <huiyin/ticket/problem.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

namespace huiyin::ticket {

using nlohmann::json;
using pg::params;
using pg::statement;

namespace {

constexpr statement insert_problem{"problem.insert", R"sql(
    INSERT INTO problem (id, version, state, title_id, root_cause, category, department, action_id, action_done, due_at,
                         created_at, created_by, changed_at, changed_by)
    VALUES ($1, 1, 'open', $2, $3, $4, $5, $6, false, $7, $8, $9, $8, $9))sql"};

constexpr statement save_problem{"problem.save", R"sql(
    UPDATE problem SET version = $2, state = $3, title_id = $4, root_cause = $5, category = $6, department = $7, action_id = $8,
           action_done = $9, due_at = $10, changed_at = $11, changed_by = $12, closed_at = $13
     WHERE id = $1)sql"};

constexpr statement touch_problem{"problem.touch", R"sql(
    UPDATE problem SET version = $2, changed_at = $3, changed_by = $4 WHERE id = $1)sql"};

constexpr statement lock_problem{"problem.lock", "SELECT version FROM problem WHERE id = $1 FOR NO KEY UPDATE"};

constexpr statement select_problem{"problem.load", R"sql(
    SELECT p.id, p.version, p.state, t.body, p.root_cause, p.category, p.department, a.body, p.action_done, p.due_at,
           p.created_at, p.created_by, p.changed_at, p.changed_by, p.closed_at,
           (SELECT count(*) FROM problem_ticket l WHERE l.problem_id = p.id), p.title_id, p.action_id
      FROM problem p JOIN text t ON t.id = p.title_id LEFT JOIN text a ON a.id = p.action_id
     WHERE p.id = $1)sql"};

constexpr statement select_problems{"problem.list", R"sql(
    SELECT p.id, p.version, p.state, t.body, p.root_cause, p.category, p.department, a.body, p.action_done, p.due_at,
           p.created_at, p.created_by, p.changed_at, p.changed_by, p.closed_at,
           (SELECT count(*) FROM problem_ticket l WHERE l.problem_id = p.id)
      FROM problem p JOIN text t ON t.id = p.title_id LEFT JOIN text a ON a.id = p.action_id
     WHERE ($1::text = '' OR p.state = $1) AND ($2::text = '' OR p.category = $2) AND ($3::text = '' OR p.root_cause = $3)
       AND ($4::uuid IS NULL OR p.department = $4)
       AND ($5::timestamptz IS NULL OR (p.created_at, p.id) < ($5, $6::uuid))
     ORDER BY p.created_at DESC, p.id DESC LIMIT $7)sql"};

constexpr statement insert_links{"problem_ticket.insert", R"sql(
    INSERT INTO problem_ticket (problem_id, ticket_id, linked_at, linked_by) SELECT $1, unnest($2::uuid[]), $3, $4
    ON CONFLICT DO NOTHING)sql"};

constexpr statement select_links{"problem_ticket.list", R"sql(
    SELECT t.id, t.number, t.status, t.category, l.linked_at FROM problem_ticket l JOIN ticket t ON t.id = l.ticket_id
     WHERE l.problem_id = $1 AND ($2::uuid[] IS NULL OR t.departments && $2::uuid[] OR t.handler = $3::uuid)
     ORDER BY l.linked_at DESC, t.id DESC LIMIT 1000)sql"};

constexpr statement select_linked_ids{"problem_ticket.ids",
                                      "SELECT ticket_id FROM problem_ticket WHERE problem_id = $1"};

constexpr statement select_readable{"problem_ticket.readable", R"sql(
    SELECT id FROM ticket
     WHERE id = ANY ($1::uuid[]) AND ($2::uuid[] IS NULL OR departments && $2::uuid[] OR handler = $3::uuid))sql"};

constexpr statement select_group{"problem_ticket.group", R"sql(
    SELECT g.id FROM ticket t JOIN ticket g ON g.id = COALESCE(t.group_root, t.id) OR g.group_root = COALESCE(t.group_root, t.id)
     WHERE t.id = $1 LIMIT $2)sql"};

constexpr std::array<std::string_view, 3> state_names{"open", "corrective_action", "closed"};

problem problem_from(const pg::row& row)
{
    problem read;
    read.id = row.get<problem_id>(0);
    read.version = row.get<std::int64_t>(1);
    read.state = parse_problem_state(row.get<std::string_view>(2)).value();
    read.title = row.get<std::optional<std::string>>(3).value_or("");
    read.root_cause = row.get<std::string>(4);
    read.category = row.get<std::string>(5);
    read.department = row.get<std::optional<department_id>>(6);
    read.action = row.get<std::optional<std::string>>(7).value_or("");
    read.action_done = row.get<bool>(8);
    read.due_at = row.get<std::optional<instant>>(9);
    read.created_at = row.get<instant>(10);
    read.created_by = row.get<uuid>(11);
    read.changed_at = row.get<instant>(12);
    read.changed_by = row.get<uuid>(13);
    read.closed_at = row.get<std::optional<instant>>(14);
    read.tickets = row.get<std::size_t>(15);
    return read;
}

/// Where a reader's reach is his departments, they and he; else nothing, which is all.
struct reach
{
    std::optional<std::vector<department_id>> departments;
    std::optional<user_id> person;
};
reach reach_of(const domain::actor& who)
{
    if (domain::may(who, domain::permission::ticket_read, domain::object_scope{})) return {};
    return {who.departments, user_id(who.id)};
}

bool may_manage(const domain::actor& who)
{
    return domain::may(who, domain::permission::problem_manage, domain::object_scope{});
}

result<void> check_words(const problem& p)
{
    if (!is_storable_utf8(p.title) || p.title.empty()) return invalid_field("title", "is empty");
    if (code_points(p.title) > 200) return invalid_field("title", "is too long");
    if (!is_storable_utf8(p.action) || code_points(p.action) > 5000) return invalid_field("action", "is too long");
    return {};
}

/// Codes, ids and times as they are now; words by the references that are added.
json data_of(const problem& p)
{
    const auto time_of = [](const std::optional<instant>& at) { return at ? json(to_rfc3339(*at)) : json(); };
    return {{"problem",
             {{"id", p.id.to_string()},
              {"version", p.version},
              {"state", to_string(p.state)},
              {"root_cause", p.root_cause},
              {"category", p.category},
              {"department", p.department ? json(p.department->to_string()) : json()},
              {"action_done", p.action_done},
              {"due_at", time_of(p.due_at)},
              {"created_at", to_rfc3339(p.created_at)},
              {"created_by", p.created_by.to_string()},
              {"changed_at", to_rfc3339(p.changed_at)},
              {"changed_by", p.changed_by.to_string()},
              {"closed_at", time_of(p.closed_at)}}}};
}

journal::event event_of(std::string_view kind, const problem& p, const domain::actor& who, const json& data)
{
    journal::event made;
    made.at = p.changed_at;
    made.kind = kind;
    made.subject = p.id.value();
    made.subject_version = p.version;
    made.actor_kind = who.kind;
    made.actor = who.id;
    if (p.department) made.audience.departments = {*p.department};
    made.data = data.dump();
    return made;
}

json ids_in(const std::vector<ticket_id>& tickets)
{
    json ids = json::array();
    for (const auto& each : tickets)
        ids.push_back(each.to_string());
    return ids;
}

result<void> check_codes(const problem& of, const configuration& rules)
{
    const auto& causes = rules.rules().root_causes;
    if (std::ranges::find(causes, of.root_cause, &pack_root_cause::code) == causes.end())
        return invalid_field("root_cause", "is not known");
    if (!of.category.empty() && !rules.rules().find_category(of.category))
        return invalid_field("category", "is not known");
    if (of.department && !rules.find_department(*of.department))
        return invalid_field("department_id", "does not exist");
    return {};
}

/// The one way from state to state.
result<std::string_view> step(problem& p, problem_state to, instant now)
{
    using enum problem_state;
    if (p.state == open && to == corrective_action) {
        if (p.action.empty()) return invalid_field("action", "is missing");
        if (!p.department) return invalid_field("department_id", "is missing");
        if (!p.due_at) return invalid_field("due_at", "is missing");
        p.state = to;
        return "problem.action_begun";
    }
    if (p.state == corrective_action && to == closed) {
        if (!p.action_done) return fail(errc::action_not_done, "the corrective action is not done");
        p.state = to;
        p.closed_at = now;
        return "problem.closed";
    }
    if (p.state == closed && to == open) {
        p.state = to;
        p.closed_at.reset();
        p.action_done = false;
        return "problem.reopened";
    }
    return fail(errc::wrong_state, "no way from state to state");
}

} // namespace

std::string_view to_string(problem_state state)
{
    return state_names[static_cast<std::size_t>(state)];
}

std::optional<problem_state> parse_problem_state(std::string_view name)
{
    for (std::size_t i = 0; i < state_names.size(); ++i)
        if (state_names[i] == name) return static_cast<problem_state>(i);
    return std::nullopt;
}

/// Each once; all of them readable by him.
task<result<std::vector<ticket_id>>> problem_book::check_tickets(pg::transaction& tx, std::vector<ticket_id> tickets,
                                                                 const domain::actor& who)
{
    std::ranges::sort(tickets);
    tickets.erase(std::ranges::unique(tickets).begin(), tickets.end());
    if (tickets.size() > most_problem_tickets) co_return fail(errc::limit_reached, "tickets of a problem");
    if (tickets.empty()) co_return tickets;
    const auto within = reach_of(who);
    const auto found = co_await tx.run(select_readable, params(tickets, within.departments, within.person));
    if (!found) co_return fail(found.error());
    if (found->size() != tickets.size()) co_return invalid_field("tickets", "holds one that does not exist");
    co_return tickets;
}

task<result<problem>> problem_book::create(problem_draft what, domain::actor who)
{
    if (!may_manage(who)) co_return fail(errc::not_found, "the actor may not");
    problem made;
    made.id = problem_id::make();
    made.version = 1;
    made.title = trimmed(what.title);
    made.root_cause = what.root_cause;
    made.category = what.category;
    made.department = what.department;
    made.action = trimmed(what.action);
    made.due_at = what.due_at;
    if (auto good = check_words(made); !good) co_return fail(good.error());
    const auto rules = co_await rules_.current();
    if (!rules) co_return fail(rules.error());
    if (auto good = check_codes(made, **rules); !good) co_return fail(good.error());

    auto tx = co_await db_.begin();
    if (!tx) co_return fail(tx.error());
    if (what.group_of) {
        const auto group = co_await tx->run(select_group, params(*what.group_of, most_problem_tickets + 1));
        if (!group) co_return fail(group.error());
        if (group->empty()) co_return invalid_field("group_of", "does not exist");
        for (const auto row : *group)
            what.tickets.push_back(row.get<ticket_id>(0));
    }
    const auto tickets = co_await check_tickets(*tx, std::move(what.tickets), who);
    if (!tickets) co_return fail(tickets.error());
    made.created_at = made.changed_at = clock_.now();
    made.created_by = made.changed_by = who.id;
    made.tickets = tickets->size();

    const journal::words title{.body = made.title}, action{.body = made.action};
    std::vector<journal::words> words{title};
    auto data = data_of(made);
    data["problem"]["title"] = reference_to(title);
    std::optional<text_id> action_id;
    if (!made.action.empty()) {
        words.push_back(action);
        action_id = action.id;
        data["problem"]["action"] = reference_to(action);
    }
    data["tickets"] = ids_in(*tickets);
    pg::batch writes;
    journal::store(writes, words, customer_id(made.id.value()));
    writes.add(insert_problem, params(made.id, title.id, made.root_cause, made.category, made.department, action_id,
                                      made.due_at, made.created_at, made.created_by));
    if (!tickets->empty()) writes.add(insert_links, params(made.id, *tickets, made.created_at, made.created_by));
    journal::append(writes, {event_of("problem.opened", made, who, data)});
    const auto done = co_await tx->commit(std::move(writes));
    if (!done) co_return fail(done.error());
    co_return made;
}

task<result<problem>> problem_book::change(problem_id id, problem_changes changes, std::int64_t seen, domain::actor who)
{
    const auto rules = co_await rules_.current();
    if (!rules) co_return fail(rules.error());
    auto tx = co_await db_.begin();
    if (!tx) co_return fail(tx.error());
    pg::batch reads;
    reads.add(lock_problem, params(id)).add(select_problem, params(id));
    const auto found = co_await tx->run(std::move(reads));
    if (!found) co_return fail(found.error());
    if ((*found)[0].empty()) co_return fail(errc::not_found, "no such problem");
    const auto row = (*found)[1].front();
    const auto before = problem_from(row);
    if (!may_manage(who)) co_return fail(errc::not_found, "the actor may not");
    if (before.version != seen)
        co_return fail(error{errc::stale_version, {}, {}}
                           .with("version", std::to_string(before.version))
                           .with("changed_by", before.changed_by.to_string())
                           .with("changed_at", to_rfc3339(before.changed_at)));
    auto next = before;
    const auto now = std::max(clock_.now(), before.changed_at);
    const bool reopens = before.state == problem_state::closed && changes.state == problem_state::open;
    if (before.state == problem_state::closed && !reopens) co_return fail(errc::wrong_state, "the problem is closed");
    if (changes.title) next.title = trimmed(*changes.title);
    if (changes.root_cause) next.root_cause = *changes.root_cause;
    if (changes.category) next.category = *changes.category;
    if (changes.department) next.department = changes.department;
    if (changes.action) next.action = trimmed(*changes.action);
    if (changes.due_at) next.due_at = changes.due_at;
    std::string_view kind = "problem.changed";
    if (changes.state && *changes.state == problem_state::corrective_action) {
        const auto stepped = step(next, *changes.state, now);
        if (!stepped) co_return fail(stepped.error());
        kind = *stepped;
    }
    if (changes.action_done) {
        if (next.state != problem_state::corrective_action && *changes.action_done)
            co_return fail(errc::wrong_state, "no corrective action has begun");
        next.action_done = *changes.action_done;
        if (!before.action_done && next.action_done) kind = "problem.action_done";
    }
    if (changes.state && *changes.state != problem_state::corrective_action) {
        const auto stepped = step(next, *changes.state, now);
        if (!stepped) co_return fail(stepped.error());
        kind = *stepped;
    }
    if (auto good = check_words(next); !good) co_return fail(good.error());
    if (next.state != problem_state::open && next.action.empty()) co_return invalid_field("action", "is missing");
    if (auto good = check_codes(next, **rules); !good) co_return fail(good.error());
    next.version = before.version + 1;
    next.changed_at = now;
    next.changed_by = who.id;

    pg::batch writes;
    auto data = data_of(next);
    auto title_id = row.get<text_id>(16);
    auto action_id = row.get<std::optional<text_id>>(17);
    std::vector<journal::words> words;
    if (next.title != before.title) {
        words.push_back({.body = next.title});
        title_id = words.back().id;
        data["problem"]["title"] = reference_to(words.back());
    }
    if (next.action != before.action) {
        action_id.reset();
        data["problem"]["action"] = nullptr;
        if (!next.action.empty()) {
            words.push_back({.body = next.action});
            action_id = words.back().id;
            data["problem"]["action"] = reference_to(words.back());
        }
    }
    journal::store(writes, words, customer_id(id.value()));
    writes.add(save_problem, params(id, next.version, to_string(next.state), title_id, next.root_cause, next.category,
                                    next.department, action_id, next.action_done, next.due_at, next.changed_at,
                                    next.changed_by, next.closed_at));
    journal::append(writes, {event_of(kind, next, who, data)});
    const auto done = co_await tx->commit(std::move(writes));
    if (!done) co_return fail(done.error());
    co_return next;
}

task<result<problem>> problem_book::link(problem_id id, std::vector<ticket_id> tickets, domain::actor who)
{
    auto tx = co_await db_.begin();
    if (!tx) co_return fail(tx.error());
    pg::batch reads;
    reads.add(lock_problem, params(id)).add(select_problem, params(id)).add(select_linked_ids, params(id));
    const auto found = co_await tx->run(std::move(reads));
    if (!found) co_return fail(found.error());
    if ((*found)[0].empty()) co_return fail(errc::not_found, "no such problem");
    auto next = problem_from((*found)[1].front());
    if (!may_manage(who)) co_return fail(errc::not_found, "the actor may not");
    if (next.state == problem_state::closed) co_return fail(errc::wrong_state, "the problem is closed");
    auto more = co_await check_tickets(*tx, std::move(tickets), who);
    if (!more) co_return fail(more.error());
    for (const auto row : (*found)[2])
        std::erase(*more, row.get<ticket_id>(0));
    if (more->empty()) {
        co_await tx->roll_back();
        co_return next;
    }
    next.tickets += more->size();
    if (next.tickets > most_problem_tickets) co_return fail(errc::limit_reached, "tickets of a problem");
    next.version += 1;
    next.changed_at = std::max(clock_.now(), next.changed_at);
    next.changed_by = who.id;

    pg::batch writes;
    writes.add(touch_problem, params(id, next.version, next.changed_at, next.changed_by))
        .add(insert_links, params(id, *more, next.changed_at, who.id));
    auto data = data_of(next);
    data["tickets"] = ids_in(*more);
    journal::append(writes, {event_of("problem.tickets_linked", next, who, data)});
    const auto done = co_await tx->commit(std::move(writes));
    if (!done) co_return fail(done.error());
    co_return next;
}

task<result<problem>> problem_book::load(problem_id id)
{
    const auto found = co_await db_.run(select_problem, params(id));
    if (!found) co_return fail(found.error());
    if (found->empty()) co_return fail(errc::not_found, "no such problem");
    co_return problem_from(found->front());
}

task<result<problem_page>> problem_book::list(problem_filter filter,
                                              std::optional<std::pair<instant, problem_id>> after, std::size_t limit)
{
    limit = std::clamp<std::size_t>(limit, 1, 200);
    const auto at = after ? std::optional(after->first) : std::nullopt;
    const auto last = after ? std::optional(after->second) : std::nullopt;
    const std::string state(filter.state ? to_string(*filter.state) : "");
    const auto found = co_await db_.run(
        select_problems, params(state, filter.category, filter.root_cause, filter.department, at, last, limit + 1));
    if (!found) co_return fail(found.error());
    problem_page page;
    for (const auto row : *found) {
        if (page.items.size() == limit) {
            page.next.emplace(page.items.back().created_at, page.items.back().id);
            break;
        }
        page.items.push_back(problem_from(row));
    }
    co_return page;
}

task<result<std::vector<linked_ticket>>> problem_book::tickets_of(problem_id id, domain::actor who)
{
    const auto within = reach_of(who);
    const auto found = co_await db_.run(select_links, params(id, within.departments, within.person));
    if (!found) co_return fail(found.error());
    std::vector<linked_ticket> linked;
    for (const auto row : *found)
        linked.push_back({row.get<ticket_id>(0), row.get<std::string>(1), row.get<std::string>(2),
                          row.get<std::string>(3), row.get<instant>(4)});
    co_return linked;
}

} // namespace huiyin::ticket
