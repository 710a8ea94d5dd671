#include "body.hpp"
#include "versioned.hpp"

#include <huiyin/api/knowledge_routes.hpp>
#include <huiyin/knowledge/canned_reply.hpp>
#include <huiyin/record/person.hpp>

#include <algorithm>

namespace huiyin::api {

namespace {

using domain::permission;
using knowledge::knowledge_base;
using nlohmann::json;

constexpr std::size_t beginning = 120;
/// Three languages of ten thousand characters, escaped at worst.
constexpr std::size_t largest_edition = 512 * 1024;

json time_or_null(const std::optional<instant>& at)
{
    return at ? json(to_rfc3339(*at)) : json();
}

json to_json(const knowledge::person& who)
{
    return {{"id", who.id.to_string()}, {"display_name", who.name.empty() ? json() : json(who.name)}};
}

json to_json(const knowledge::edition& e, bool whole)
{
    json words = json::object(), departments = json::array();
    for (const auto& [language, said] : e.what.words) {
        words[language] = {{"title", said.title}};
        if (whole)
            words[language]["body"] = said.body;
        else
            words[language]["beginning"] = std::string(first_code_points(said.body, beginning));
    }
    for (const auto& each : e.what.departments)
        departments.push_back(each.to_string());
    return {{"number", e.number},
            {"state", domain::to_string(e.state)},
            {"words", words},
            {"categories", e.what.categories},
            {"roles", e.what.roles},
            {"departments", departments},
            {"must_acknowledge", e.what.must_acknowledge},
            {"effective_from", time_or_null(e.what.effective_from)},
            {"effective_until", time_or_null(e.what.effective_until)},
            {"author", to_json(e.author)},
            {"written_at", to_rfc3339(e.written_at)},
            {"submitted_at", time_or_null(e.submitted_at)},
            {"reviewer", e.reviewer ? to_json(*e.reviewer) : json()},
            {"reviewed_at", time_or_null(e.reviewed_at)},
            {"comment", e.comment.empty() ? json() : json(e.comment)}};
}

json to_json(const knowledge::item& i, bool whole)
{
    return {{"id", i.id.to_string()},
            {"kind", domain::to_string(i.kind)},
            {"version", i.version},
            {"latest", i.latest},
            {"published", i.published ? json(*i.published) : json()},
            {"created_at", to_rfc3339(i.created_at)},
            {"changed_at", to_rfc3339(i.changed_at)},
            {"edition", to_json(i.shown, whole)},
            {"read_at", time_or_null(i.read_at)},
            {"acknowledged_at", time_or_null(i.acknowledged_at)}};
}

json to_json(const std::vector<knowledge::item>& items, bool whole)
{
    json all = json::array();
    for (const auto& each : items)
        all.push_back(to_json(each, whole));
    return all;
}

net::response answered(const result<knowledge::item>& found, int status = 200)
{
    if (!found) return net::problem(found.error());
    return versioned(status, to_json(*found, true));
}

std::string query_of(const net::request& req, std::string_view name)
{
    return std::string(trimmed(req.query_value(name).value_or("")));
}

void read_words(body& in, std::map<std::string, knowledge::wording>& into)
{
    const auto* const words = in.find("words");
    if (!words || !words->is_object() || words->empty()) {
        in.add("words", "is not an object of title and body by language");
        return;
    }
    for (const auto& [language, said] : words->items()) {
        const auto place = "words." + language;
        if (language != "zh-CN" && language != "zh-TW" && language != "en") {
            in.add(place.c_str(), "is not zh-CN, zh-TW or en");
            continue;
        }
        if (!said.is_object()) {
            in.add(place.c_str(), "is not an object of title and body");
            continue;
        }
        knowledge::wording read;
        for (const auto& [name, value] : said.items()) {
            const auto where = place + '.' + name;
            const bool title = name == "title";
            if (!title && name != "body") {
                in.add(where.c_str(), "is not known");
                continue;
            }
            const auto text = value.is_string() ? std::string(trimmed(value.get_ref<const std::string&>())) : "";
            const auto most = title ? 200u : 10'000u;
            if (text.empty() || code_points(text) > most)
                in.add(where.c_str(), fmt::format("has not 1 to {} characters", most));
            (title ? read.title : read.body) = text;
        }
        if (!said.contains("title")) in.add((place + ".title").c_str(), "is missing");
        if (!said.contains("body")) in.add((place + ".body").c_str(), "is missing");
        into[language] = std::move(read);
    }
}

std::vector<std::string> read_codes(body& in, const char* name, std::size_t most)
{
    auto codes = in.texts(name, most);
    for (const auto& each : codes)
        if (each.empty() || each.size() > 64) in.add(name, "holds something that is no code");
    return codes;
}

knowledge::edition_content read_content(body& in)
{
    knowledge::edition_content what;
    read_words(in, what.words);
    what.categories = read_codes(in, "categories", 50);
    for (auto& each : in.texts("roles", domain::role_count)) {
        if (!domain::parse_role(each)) in.add("roles", "\"" + each + "\" is no role");
        what.roles.push_back(std::move(each));
    }
    for (const auto& each : in.texts("departments", 200)) {
        if (const auto id = department_id::parse(each))
            what.departments.push_back(*id);
        else
            in.add("departments", "holds something that is no id");
    }
    what.must_acknowledge = in.boolean("must_acknowledge", false);
    what.effective_from = in.time("effective_from");
    what.effective_until = in.time("effective_until");
    return what;
}

/// `invalid_field` where a category is not one of the rules.
task<result<void>> check_categories(ticket::configurations& rules, std::vector<std::string> categories)
{
    if (categories.empty()) co_return result<void>();
    const auto now = co_await rules.current();
    if (!now) co_return fail(now.error());
    for (const auto& each : categories)
        if (!(*now)->rules().find_category(each))
            co_return fail(error{errc::invalid_field, each, {}}
                               .with("field", "categories")
                               .with("reason", "holds one that is not known"));
    co_return result<void>();
}

task<net::response> create_item(net::request& req, knowledge_base& base, ticket::configurations& rules)
{
    const auto sent = req.json();
    if (!sent) co_return net::problem(sent.error());
    body in(*sent);
    const auto kind = in.choice("kind", domain::parse_name<knowledge::item_kind>);
    if (!in.find("kind")) in.add("kind", "is missing");
    auto what = read_content(in);
    if (auto refused = in.refusal()) co_return std::move(*refused);
    if (auto known = co_await check_categories(rules, what.categories); !known) co_return net::problem(known.error());
    const auto made = co_await base.create(*kind, std::move(what), req.actor());
    if (!made) co_return net::problem(made.error());
    co_return versioned(201, to_json(*made, true)).with("Location", "/api/v1/knowledge/" + made->id.to_string());
}

task<net::response> write_item(net::request& req, knowledge_base& base, ticket::configurations& rules)
{
    const auto asked = change_of<knowledge::item_id>(req);
    if (!asked) co_return net::problem(asked.error());
    const auto sent = req.json();
    if (!sent) co_return net::problem(sent.error());
    body in(*sent);
    auto what = read_content(in);
    if (auto refused = in.refusal()) co_return std::move(*refused);
    if (auto known = co_await check_categories(rules, what.categories); !known) co_return net::problem(known.error());
    co_return answered(co_await base.write(asked->id, asked->seen, std::move(what), req.actor()));
}

task<net::response> submit_item(net::request& req, knowledge_base& base)
{
    const auto asked = change_of<knowledge::item_id>(req);
    if (!asked) co_return net::problem(asked.error());
    co_return answered(co_await base.submit(asked->id, asked->seen, req.actor()));
}

task<net::response> review_item(net::request& req, knowledge_base& base)
{
    const auto asked = change_of<knowledge::item_id>(req);
    if (!asked) co_return net::problem(asked.error());
    const auto sent = req.json();
    if (!sent) co_return net::problem(sent.error());
    body in(*sent);
    const bool approved = in.boolean("approved", false);
    if (!in.find("approved")) in.add("approved", "is missing");
    auto comment = in.optional_text("comment", 1000).value_or("");
    if (auto refused = in.refusal()) co_return std::move(*refused);
    co_return answered(co_await base.review(asked->id, asked->seen, approved, std::move(comment), req.actor()));
}

task<net::response> withdraw_item(net::request& req, knowledge_base& base)
{
    const auto asked = change_of<knowledge::item_id>(req);
    if (!asked) co_return net::problem(asked.error());
    co_return answered(co_await base.withdraw(asked->id, asked->seen, req.actor()));
}

task<net::response> show_item(net::request& req, knowledge_base& base)
{
    const auto id = req.path_id<knowledge::item_id>("id");
    if (!id) co_return net::problem(id.error());
    const auto asked = query_of(req, "edition");
    if (!asked.empty() && asked != "latest" && asked != "published") {
        net::violations wrong;
        wrong.add("edition", "is neither published nor latest");
        co_return wrong.reply();
    }
    co_return answered(co_await base.load(*id, asked == "latest", req.actor()));
}

task<net::response> list_editions(net::request& req, knowledge_base& base)
{
    const auto id = req.path_id<knowledge::item_id>("id");
    if (!id) co_return net::problem(id.error());
    const auto found = co_await base.editions(*id, req.actor());
    if (!found) co_return net::problem(found.error());
    json items = json::array();
    for (const auto& each : *found)
        items.push_back(to_json(each, true));
    co_return net::json_reply(200, {{"items", items}});
}

task<net::response> list_items(net::request& req, knowledge_base& base)
{
    const auto page = net::page_of(req);
    if (!page) co_return net::problem(page.error());
    std::optional<std::pair<instant, knowledge::item_id>> after;
    if (page->after) {
        const auto& key = *page->after;
        const auto at = key.size() == 2 ? parse_rfc3339(key[0]) : std::nullopt;
        const auto last = key.size() == 2 ? knowledge::item_id::parse(key[1]) : std::nullopt;
        if (!at || !last) co_return net::problem(error{errc::invalid_cursor, {}, {}});
        after.emplace(*at, *last);
    }
    net::violations wrong;
    knowledge::item_query what;
    if (const auto kind = query_of(req, "kind"); !kind.empty()) {
        what.kind = domain::parse_name<knowledge::item_kind>(kind);
        if (!what.kind) wrong.add("kind", "is none of the known values");
    }
    if (const auto state = query_of(req, "state"); !state.empty()) {
        what.state = domain::parse_name<knowledge::edition_state>(state);
        if (!what.state) wrong.add("state", "is none of the known values");
    }
    what.category = query_of(req, "category");
    what.words = query_of(req, "q");
    if (!is_storable_utf8(what.category) || what.category.size() > 64) wrong.add("category", "is no code");
    if (!is_storable_utf8(what.words) || code_points(what.words) > 200) wrong.add("q", "has more than 200 characters");
    if (!wrong.empty()) co_return wrong.reply();
    const auto found = co_await base.list(std::move(what), after, page->limit, req.actor());
    if (!found) co_return net::problem(found.error());
    json answer{{"items", to_json(found->items, false)}, {"next_cursor", nullptr}};
    if (found->next)
        answer["next_cursor"] = net::encode_cursor({to_rfc3339(found->next->first), found->next->second.to_string()});
    co_return net::json_reply(200, answer);
}

task<net::response> suggest_items(net::request& req, knowledge_base& base, ticket::ticket_service& tickets)
{
    auto words = query_of(req, "q"), category = query_of(req, "category");
    net::violations wrong;
    if (!is_storable_utf8(category) || category.size() > 64) wrong.add("category", "is no code");
    if (!is_storable_utf8(words) || code_points(words) > 200) wrong.add("q", "has more than 200 characters");
    if (!wrong.empty()) co_return wrong.reply();
    if (const auto about = req.query_value("ticket")) {
        const auto id = ticket_id::parse(*about);
        if (!id) co_return net::problem(error{errc::not_found, {}, {}});
        const auto found = co_await tickets.read(*id, req.actor());
        if (!found) co_return net::problem(found.error());
        if (category.empty()) category = found->ticket.category;
        if (found->ticket.problem)
            if (const auto said = found->words.find(found->ticket.problem->id); said != found->words.end())
                words += (words.empty() ? "" : " ") + said->second;
    }
    const auto suggested = co_await base.suggest(std::move(category), std::move(words), 8, req.actor());
    if (!suggested) co_return net::problem(suggested.error());
    co_return net::json_reply(200, {{"items", to_json(*suggested, true)}});
}

task<net::response> list_pending(net::request& req, knowledge_base& base)
{
    const auto found = co_await base.pending_notices(req.actor());
    if (!found) co_return net::problem(found.error());
    co_return net::json_reply(200, {{"items", to_json(*found, true)}});
}

task<net::response> read_item(net::request& req, knowledge_base& base)
{
    const auto id = req.path_id<knowledge::item_id>("id");
    if (!id) co_return net::problem(id.error());
    const auto sent = req.json();
    if (!sent) co_return net::problem(sent.error());
    body in(*sent);
    const auto edition = in.integer("edition", 1, 1'000'000);
    if (!in.find("edition")) in.add("edition", "is missing");
    const bool acknowledged = in.boolean("acknowledged", false);
    if (auto refused = in.refusal()) co_return std::move(*refused);
    co_return answered(co_await base.read(*id, static_cast<int>(*edition), acknowledged, req.actor()));
}

task<net::response> list_readers(net::request& req, knowledge_base& base)
{
    const auto id = req.path_id<knowledge::item_id>("id");
    if (!id) co_return net::problem(id.error());
    const auto page = net::page_of(req);
    if (!page) co_return net::problem(page.error());
    if (page->after && (page->after->size() != 1 || !is_storable_utf8(page->after->front())))
        co_return net::problem(error{errc::invalid_cursor, {}, {}});
    const auto missing = query_of(req, "missing");
    if (!missing.empty() && missing != "true" && missing != "false") {
        net::violations wrong;
        wrong.add("missing", "is neither true nor false");
        co_return wrong.reply();
    }
    const auto found = co_await base.readers(*id, missing == "true", page->after ? page->after->front() : std::string(),
                                             page->limit, req.actor());
    if (!found) co_return net::problem(found.error());
    json items = json::array();
    for (const auto& each : found->readers)
        items.push_back({{"user", to_json(each.who)},
                         {"read_at", time_or_null(each.read_at)},
                         {"acknowledged_at", time_or_null(each.acknowledged_at)}});
    co_return net::json_reply(200, {{"items", items},
                                    {"next_cursor", found->next ? json(net::encode_cursor({*found->next})) : json()},
                                    {"meant", found->meant},
                                    {"acknowledged", found->acknowledged}});
}

// --- canned replies

json to_json(const knowledge::canned_reply& reply, const domain::actor& reader)
{
    return {{"id", reply.id.to_string()},
            {"name", reply.what.name},
            {"body", reply.what.body},
            {"variables", knowledge::variables_in(reply.what.body)},
            {"categories", reply.what.categories},
            {"shared", domain::to_string(reply.what.shared)},
            {"department_id", reply.what.department ? json(reply.what.department->to_string()) : json()},
            {"owner", {{"id", reply.owner.to_string()}, {"display_name", reply.owner_name}}},
            {"mine", reader.is(reply.owner)},
            {"version", reply.version},
            {"changed_at", to_rfc3339(reply.changed_at)}};
}

knowledge::reply_content read_reply(body& in)
{
    knowledge::reply_content what;
    what.name = in.text("name", 1, 60);
    what.body = in.text("body", 1, 4000);
    what.categories = read_codes(in, "categories", 50);
    if (const auto shared = in.choice("shared", domain::parse_name<knowledge::reply_sharing>)) what.shared = *shared;
    what.department = in.id<department_id>("department_id");
    return what;
}

task<net::response> list_canned(net::request& req, pg::database& db)
{
    const auto category = query_of(req, "category");
    if (!is_storable_utf8(category) || category.size() > 64) {
        net::violations wrong;
        wrong.add("category", "is no code");
        co_return wrong.reply();
    }
    const auto found = co_await knowledge::list_replies(db, category, req.actor());
    if (!found) co_return net::problem(found.error());
    json items = json::array();
    for (const auto& each : *found)
        items.push_back(to_json(each, req.actor()));
    co_return net::json_reply(200, {{"items", items}, {"variables", knowledge::reply_variables}});
}

task<net::response> create_canned(net::request& req, pg::database& db, ticket::configurations& rules, const clock& time)
{
    const auto sent = req.json();
    if (!sent) co_return net::problem(sent.error());
    body in(*sent);
    auto what = read_reply(in);
    if (auto refused = in.refusal()) co_return std::move(*refused);
    if (auto known = co_await check_categories(rules, what.categories); !known) co_return net::problem(known.error());
    const auto made = co_await knowledge::save_reply(db, std::move(what), req.actor(), time.now());
    if (!made) co_return net::problem(made.error());
    co_return versioned(201, to_json(*made, req.actor()))
        .with("Location", "/api/v1/canned_replies/" + made->id.to_string());
}

task<net::response> change_canned(net::request& req, pg::database& db, ticket::configurations& rules, const clock& time)
{
    const auto asked = change_of<knowledge::reply_id>(req);
    if (!asked) co_return net::problem(asked.error());
    const auto sent = req.json();
    if (!sent) co_return net::problem(sent.error());
    body in(*sent);
    auto what = read_reply(in);
    if (auto refused = in.refusal()) co_return std::move(*refused);
    if (auto known = co_await check_categories(rules, what.categories); !known) co_return net::problem(known.error());
    const auto changed =
        co_await knowledge::change_reply(db, asked->id, asked->seen, std::move(what), req.actor(), time.now());
    if (!changed) co_return net::problem(changed.error());
    co_return versioned(200, to_json(*changed, req.actor()));
}

task<net::response> delete_canned(net::request& req, pg::database& db, const clock& time)
{
    const auto asked = change_of<knowledge::reply_id>(req);
    if (!asked) co_return net::problem(asked.error());
    const auto gone = co_await knowledge::delete_reply(db, asked->id, asked->seen, req.actor(), time.now());
    if (!gone) co_return net::problem(gone.error());
    co_return net::no_content();
}

std::string in_language(const std::map<std::string, std::string>& names, const std::string& language)
{
    const auto it = names.find(language);
    return it != names.end() ? it->second : names.empty() ? std::string() : names.begin()->second;
}

/// "2026-02-27T23:59:59" as a customer reads it.
std::string shown_minute(const domain::calendar& on, instant at)
{
    auto text = on.shown(at).substr(0, 16);
    std::ranges::replace(text, 'T', ' ');
    return text;
}

/// What of the ticket a reply to its customer may say, by variable.
task<result<std::map<std::string, std::string>>> values_for(domain::ticket about, pg::database& db,
                                                            ticket::configurations& rules,
                                                            people::people_service& people, instant now,
                                                            domain::actor who)
{
    const auto current = co_await rules.current();
    if (!current) co_return fail(current.error());
    const auto& house = (*current)->rules();
    std::map<std::string, std::string> values{{"number", about.number}};
    if (const auto* const category = house.find_category(about.category))
        values["category"] = in_language(category->name, house.language);
    if (about.lead_department)
        if (const auto* const department = (*current)->find_department(*about.lead_department))
            values["department"] = in_language(department->name, house.language);
    if (const auto* const on = (*current)->find_calendar(house.default_calendar)) {
        values["today"] = on->shown(now).substr(0, 10);
        if (const auto* const due = domain::customer_clock(about)) values["due"] = shown_minute(*on, due->due_at);
    }
    if (who.kind == domain::actor_kind::user) {
        const auto self = co_await people.find_user(user_id(who.id));
        if (!self) co_return fail(self.error());
        if (*self) values["agent"] = (*self)->display_name;
    }
    const auto scope = domain::scope_of(about);
    const bool knows_him = domain::may(who, permission::customer_read, scope) &&
                           (about.sensitive == domain::sensitivity::ordinary ||
                            domain::may(who, permission::customer_identity_of_report, scope));
    if (knows_him) {
        const auto customer = co_await record::load_customer(db, about.customer);
        if (!customer && customer.error().code != errc::not_found) co_return fail(customer.error());
        if (customer) values["customer"] = customer->name;
    }
    co_return values;
}

task<net::response> render_canned(net::request& req, pg::database& db, ticket::ticket_service& tickets,
                                  people::people_service& people, const clock& time)
{
    const auto id = req.path_id<knowledge::reply_id>("id");
    if (!id) co_return net::problem(id.error());
    const auto sent = req.json();
    if (!sent) co_return net::problem(sent.error());
    body in(*sent);
    const auto about = in.required_id<ticket_id>("ticket_id");
    if (auto refused = in.refusal()) co_return std::move(*refused);
    const auto reply = co_await knowledge::load_reply(db, *id, req.actor());
    if (!reply) co_return net::problem(reply.error());
    auto found = co_await tickets.load(about, req.actor());
    if (!found) co_return net::problem(found.error());
    const auto values = co_await values_for(std::move(*found), db, tickets.rules(), people, time.now(), req.actor());
    if (!values) co_return net::problem(values.error());
    const auto [text, missing] = knowledge::rendered(reply->what.body, *values);
    co_return net::json_reply(200, {{"text", text}, {"missing", missing}});
}

} // namespace

void add_knowledge_routes(net::router& routes, pg::database& db, knowledge_base& base, ticket::ticket_service& tickets,
                          people::people_service& people, const clock& time)
{
    auto& rules = tickets.rules();
    const net::route_options large{.body_limit = largest_edition};
    routes.get("/api/v1/knowledge", permission::case_read,
               [&base](net::request& req) { return list_items(req, base); });
    routes.post(
        "/api/v1/knowledge", permission::problem_manage,
        [&base, &rules](net::request& req) { return create_item(req, base, rules); }, large);
    routes.get("/api/v1/knowledge/suggestions", permission::case_read,
               [&base, &tickets](net::request& req) { return suggest_items(req, base, tickets); });
    routes.get("/api/v1/knowledge/notices", permission::case_read,
               [&base](net::request& req) { return list_pending(req, base); });
    routes.get("/api/v1/knowledge/{id}", permission::case_read,
               [&base](net::request& req) { return show_item(req, base); });
    routes.put(
        "/api/v1/knowledge/{id}", permission::problem_manage,
        [&base, &rules](net::request& req) { return write_item(req, base, rules); }, large);
    routes.get("/api/v1/knowledge/{id}/editions", permission::problem_manage,
               [&base](net::request& req) { return list_editions(req, base); });
    routes.get("/api/v1/knowledge/{id}/readers", permission::problem_manage,
               [&base](net::request& req) { return list_readers(req, base); });
    routes.post("/api/v1/knowledge/{id}/submission", permission::problem_manage,
                [&base](net::request& req) { return submit_item(req, base); });
    routes.post("/api/v1/knowledge/{id}/review", permission::problem_manage,
                [&base](net::request& req) { return review_item(req, base); });
    routes.post("/api/v1/knowledge/{id}/withdrawal", permission::problem_manage,
                [&base](net::request& req) { return withdraw_item(req, base); });
    routes.post("/api/v1/knowledge/{id}/reading", permission::case_read,
                [&base](net::request& req) { return read_item(req, base); });

    routes.get("/api/v1/canned_replies", permission::logged_in,
               [&db](net::request& req) { return list_canned(req, db); });
    routes.post("/api/v1/canned_replies", permission::logged_in,
                [&db, &rules, &time](net::request& req) { return create_canned(req, db, rules, time); });
    routes.put("/api/v1/canned_replies/{id}", permission::logged_in,
               [&db, &rules, &time](net::request& req) { return change_canned(req, db, rules, time); });
    routes.delete_("/api/v1/canned_replies/{id}", permission::logged_in,
                   [&db, &time](net::request& req) { return delete_canned(req, db, time); });
    routes.post(
        "/api/v1/canned_replies/{id}/rendering", permission::logged_in,
        [&db, &tickets, &people, &time](net::request& req) { return render_canned(req, db, tickets, people, time); });
}

} // namespace huiyin::api
