#include "body.hpp"
#include "versioned.hpp"

#include <huiyin/api/case_routes.hpp>

namespace huiyin::api {

namespace {

using domain::permission;
using nlohmann::json;

template <class Id>
json id_or_null(const std::optional<Id>& id)
{
    return id ? json(id->to_string()) : json();
}

json time_or_null(const std::optional<instant>& at)
{
    return at ? json(to_rfc3339(*at)) : json();
}

double seconds_of(std::chrono::microseconds time)
{
    return std::chrono::duration<double>(time).count();
}

json to_json(const ticket::case_record& c)
{
    return {{"id", c.id.to_string()},
            {"ticket_id", c.ticket.to_string()},
            {"version", c.version},
            {"category", c.category},
            {"root_cause", c.root_cause},
            {"solution_kind", c.solution_kind},
            {"closure", c.closure},
            {"satisfaction", c.satisfaction},
            {"score_result", c.score_result ? json(*c.score_result) : json()},
            {"rework_cycle", c.rework_cycle},
            {"total_s", seconds_of(c.total)},
            {"desk_s", seconds_of(c.desk)},
            {"department_s", seconds_of(c.department)},
            {"title", c.title},
            {"text", c.text},
            {"published_at", to_rfc3339(c.published_at)},
            {"published_by", c.published_by.to_string()}};
}

json to_json(const ticket::problem& p)
{
    return {{"id", p.id.to_string()},
            {"version", p.version},
            {"state", to_string(p.state)},
            {"title", p.title},
            {"root_cause", p.root_cause},
            {"category", p.category},
            {"department_id", id_or_null(p.department)},
            {"action", p.action},
            {"action_done", p.action_done},
            {"due_at", time_or_null(p.due_at)},
            {"created_at", to_rfc3339(p.created_at)},
            {"created_by", p.created_by.to_string()},
            {"changed_at", to_rfc3339(p.changed_at)},
            {"changed_by", p.changed_by.to_string()},
            {"closed_at", time_or_null(p.closed_at)},
            {"ticket_count", p.tickets}};
}

std::string query_of(const net::request& req, std::string_view name)
{
    return std::string(trimmed(req.query_value(name).value_or("")));
}

/// A cursor of a time and an id.
template <class Id>
result<std::optional<std::pair<instant, Id>>> place_of(const net::page& page)
{
    std::optional<std::pair<instant, Id>> place;
    if (!page.after) return place;
    const auto& key = *page.after;
    const auto at = key.size() == 2 ? parse_rfc3339(key[0]) : std::nullopt;
    const auto last = key.size() == 2 ? Id::parse(key[1]) : std::nullopt;
    if (!at || !last) return fail(errc::invalid_cursor);
    place.emplace(*at, *last);
    return place;
}

template <class Page>
net::response page_reply(const Page& found)
{
    json items = json::array();
    for (const auto& each : found.items)
        items.push_back(to_json(each));
    json answer{{"items", std::move(items)}, {"next_cursor", nullptr}};
    if (found.next)
        answer["next_cursor"] = net::encode_cursor({to_rfc3339(found.next->first), found.next->second.to_string()});
    return net::json_reply(200, answer);
}

// --- cases

task<net::response> list_cases(net::request& req, ticket::case_library& cases)
{
    const auto page = net::page_of(req);
    if (!page) co_return net::problem(page.error());
    const auto after = place_of<ticket::case_id>(*page);
    if (!after) co_return net::problem(after.error());
    ticket::case_query query{query_of(req, "q"), query_of(req, "category"), query_of(req, "root_cause")};
    if (!is_storable_utf8(query.words) || code_points(query.words) > 200) {
        net::violations wrong;
        wrong.add("q", "has more than 200 characters");
        co_return wrong.reply();
    }
    const auto found = co_await cases.search(std::move(query), *after, page->limit);
    if (!found) co_return net::problem(found.error());
    co_return page_reply(*found);
}

task<net::response> show_case(net::request& req, ticket::case_library& cases)
{
    const auto id = req.path_id<ticket::case_id>("id");
    if (!id) co_return net::problem(id.error());
    const auto found = co_await cases.load(*id);
    if (!found) co_return net::problem(found.error());
    co_return versioned(200, to_json(*found));
}

task<net::response> publish_case(net::request& req, ticket::case_library& cases)
{
    const auto id = req.path_id<ticket_id>("id");
    if (!id) co_return net::problem(id.error());
    const auto sent = req.json();
    if (!sent) co_return net::problem(sent.error());
    body in(*sent);
    ticket::new_case what;
    what.title = in.text("title", 1, 200);
    what.text = in.text("text", 1, 10'000);
    if (auto refused = in.refusal()) co_return std::move(*refused);
    const auto made = co_await cases.publish(*id, std::move(what), req.actor());
    if (!made) co_return net::problem(made.error());
    co_return versioned(201, to_json(*made)).with("Location", "/api/v1/cases/" + made->id.to_string());
}

task<net::response> withdraw_case(net::request& req, ticket::case_library& cases)
{
    const auto asked = change_of<ticket::case_id>(req);
    if (!asked) co_return net::problem(asked.error());
    const auto gone = co_await cases.withdraw(asked->id, asked->seen, req.actor());
    if (!gone) co_return net::problem(gone.error());
    co_return net::no_content();
}

task<net::response> show_archive(net::request& req, ticket::case_library& cases, ticket::ticket_service& tickets)
{
    const auto id = req.path_id<ticket_id>("id");
    if (!id) co_return net::problem(id.error());
    const auto readable = co_await tickets.load(*id, req.actor());
    if (!readable) co_return net::problem(readable.error());
    const auto found = co_await cases.load_archive(*id, req.actor());
    if (!found) co_return net::problem(found.error());
    json copies = json::array();
    for (const auto& each : found->copies)
        copies.push_back({{"holder", each.holder},
                          {"department_id", id_or_null(each.department)},
                          {"at", to_rfc3339(each.at)},
                          {"content", json::parse(each.content)}});
    json words = json::object();
    for (const auto& [text, said] : found->words)
        words[text.to_string()] = said;
    co_return net::json_reply(200, {{"copies", copies}, {"words", words}});
}

// --- problems

std::vector<ticket_id> tickets_in(body& in)
{
    std::vector<ticket_id> tickets;
    for (const auto& each : in.texts("tickets", ticket::most_problem_tickets)) {
        const auto id = ticket_id::parse(each);
        if (id)
            tickets.push_back(*id);
        else
            in.add("tickets", "holds something that is no id");
    }
    return tickets;
}

task<net::response> list_problems(net::request& req, ticket::problem_book& problems)
{
    const auto page = net::page_of(req);
    if (!page) co_return net::problem(page.error());
    const auto after = place_of<ticket::problem_id>(*page);
    if (!after) co_return net::problem(after.error());
    ticket::problem_filter filter;
    net::violations wrong;
    if (const auto state = req.query_value("state")) {
        filter.state = ticket::parse_problem_state(*state);
        if (!filter.state) wrong.add("state", "is none of the known values");
    }
    if (const auto department = req.query_value("department_id")) {
        filter.department = department_id::parse(*department);
        if (!filter.department) wrong.add("department_id", "is not an id");
    }
    filter.category = query_of(req, "category");
    filter.root_cause = query_of(req, "root_cause");
    for (const auto& [name, value] :
         {std::pair("category", filter.category), std::pair("root_cause", filter.root_cause)})
        if (!is_storable_utf8(value)) wrong.add(name, "is not text");
    if (!wrong.empty()) co_return wrong.reply();
    const auto found = co_await problems.list(std::move(filter), *after, page->limit);
    if (!found) co_return net::problem(found.error());
    co_return page_reply(*found);
}

/// A problem with those of its tickets that the reader may read.
task<net::response> show_problem(net::request& req, ticket::problem_book& problems)
{
    const auto id = req.path_id<ticket::problem_id>("id");
    if (!id) co_return net::problem(id.error());
    const auto found = co_await problems.load(*id);
    if (!found) co_return net::problem(found.error());
    json tickets = json::array();
    if (domain::may(req.actor(), permission::ticket_read)) {
        const auto linked = co_await problems.tickets_of(*id, req.actor());
        if (!linked) co_return net::problem(linked.error());
        for (const auto& each : *linked)
            tickets.push_back({{"id", each.id.to_string()},
                               {"number", each.number},
                               {"status", each.status},
                               {"category", each.category},
                               {"linked_at", to_rfc3339(each.linked_at)}});
    }
    auto shown = to_json(*found);
    shown["tickets"] = std::move(tickets);
    co_return versioned(200, shown);
}

task<net::response> create_problem(net::request& req, ticket::problem_book& problems)
{
    const auto sent = req.json();
    if (!sent) co_return net::problem(sent.error());
    body in(*sent);
    ticket::problem_draft what;
    what.title = in.text("title", 1, 200);
    what.root_cause = in.text("root_cause", 1, 64);
    what.category = in.text("category", 0, 64);
    what.department = in.id<department_id>("department_id");
    what.action = in.text("action", 0, 5000);
    what.due_at = in.time("due_at");
    what.group_of = in.id<ticket_id>("group_of");
    what.tickets = tickets_in(in);
    if (auto refused = in.refusal()) co_return std::move(*refused);
    const auto made = co_await problems.create(std::move(what), req.actor());
    if (!made) co_return net::problem(made.error());
    co_return versioned(201, to_json(*made)).with("Location", "/api/v1/problems/" + made->id.to_string());
}

task<net::response> change_problem(net::request& req, ticket::problem_book& problems)
{
    const auto asked = change_of<ticket::problem_id>(req);
    if (!asked) co_return net::problem(asked.error());
    const auto sent = req.json();
    if (!sent) co_return net::problem(sent.error());
    body in(*sent);
    ticket::problem_changes changes;
    if (in.find("title")) changes.title = in.text("title", 1, 200);
    if (in.find("root_cause")) changes.root_cause = in.text("root_cause", 1, 64);
    if (in.find("category")) changes.category = in.text("category", 0, 64);
    changes.department = in.id<department_id>("department_id");
    if (in.find("action")) changes.action = in.text("action", 0, 5000);
    if (in.find("action_done")) changes.action_done = in.boolean("action_done", false);
    changes.due_at = in.time("due_at");
    changes.state = in.choice("state", [](std::string_view name) { return ticket::parse_problem_state(name); });
    if (auto refused = in.refusal()) co_return std::move(*refused);
    const auto changed = co_await problems.change(asked->id, std::move(changes), asked->seen, req.actor());
    if (!changed) co_return net::problem(changed.error());
    co_return versioned(200, to_json(*changed));
}

task<net::response> link_tickets(net::request& req, ticket::problem_book& problems)
{
    const auto id = req.path_id<ticket::problem_id>("id");
    if (!id) co_return net::problem(id.error());
    const auto sent = req.json();
    if (!sent) co_return net::problem(sent.error());
    body in(*sent);
    auto tickets = tickets_in(in);
    if (auto refused = in.refusal()) co_return std::move(*refused);
    const auto changed = co_await problems.link(*id, std::move(tickets), req.actor());
    if (!changed) co_return net::problem(changed.error());
    co_return versioned(200, to_json(*changed));
}

} // namespace

void add_case_routes(net::router& routes, ticket::case_library& cases, ticket::problem_book& problems,
                     ticket::ticket_service& tickets)
{
    routes.get("/api/v1/cases", permission::case_read, [&cases](net::request& req) { return list_cases(req, cases); });
    routes.get("/api/v1/cases/{id}", permission::case_read,
               [&cases](net::request& req) { return show_case(req, cases); });
    routes.delete_("/api/v1/cases/{id}", permission::case_publish,
                   [&cases](net::request& req) { return withdraw_case(req, cases); });
    routes.post("/api/v1/tickets/{id}/case_record", permission::case_publish,
                [&cases](net::request& req) { return publish_case(req, cases); });
    routes.get("/api/v1/tickets/{id}/archive", permission::ticket_read,
               [&cases, &tickets](net::request& req) { return show_archive(req, cases, tickets); });
    routes.get("/api/v1/problems", permission::case_read,
               [&problems](net::request& req) { return list_problems(req, problems); });
    routes.post("/api/v1/problems", permission::problem_manage,
                [&problems](net::request& req) { return create_problem(req, problems); });
    routes.get("/api/v1/problems/{id}", permission::case_read,
               [&problems](net::request& req) { return show_problem(req, problems); });
    routes.patch("/api/v1/problems/{id}", permission::problem_manage,
                 [&problems](net::request& req) { return change_problem(req, problems); });
    routes.post("/api/v1/problems/{id}/tickets", permission::problem_manage,
                [&problems](net::request& req) { return link_tickets(req, problems); });
}

} // namespace huiyin::api
