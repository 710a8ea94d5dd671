#include "body.hpp"
#include "ticket_json.hpp"
#include "ticket_views.hpp"

#include <huiyin/api/ticket_routes.hpp>

namespace huiyin::api {

namespace {

using domain::permission;
using nlohmann::json;
using ticket::ticket_service;

constexpr std::size_t words_limit = 10'000;

/// What a command's reader has to work with: the body, and a place for the words that the command names.
class command_body : public body
{
public:
    using body::body;

    /// Words of at least one character, kept for the store; none where the member is missing, which the rules judge.
    std::optional<domain::text_ref> words(const char* name)
    {
        auto read = text(name, 0, words_limit);
        if (read.empty()) return std::nullopt;
        kept_.push_back({.body = std::move(read)});
        return domain::text_ref{kept_.back().id, kept_.back().digest()};
    }
    std::vector<journal::words> take_words() { return std::move(kept_); }

    domain::destination destination()
    {
        domain::destination to;
        to.department = id<department_id>("department_id").value_or(department_id());
        return to;
    }
    int count(const char* name) { return static_cast<int>(integer(name, 0, 1000).value_or(0)); }
    std::string code(const char* name) { return text(name, 0, 64); }
    std::optional<int> score(const char* name)
    {
        const auto read = integer(name, 1, 5);
        return read ? std::optional<int>(static_cast<int>(*read)) : std::nullopt;
    }
    domain::answers answers()
    {
        domain::answers said;
        said.solved =
            choice("solved", domain::parse_name<domain::solved_answer>).value_or(domain::solved_answer::unasked);
        said.result = score("result");
        said.time = score("time");
        said.attitude = score("attitude");
        return said;
    }

private:
    std::vector<journal::words> kept_;
};

using command_reader = domain::command (*)(command_body&);

sha256_digest digest_of(const net::request& req)
{
    return sha256({req.path, "\n", req.header("if-match").value_or(""), "\n", req.body});
}

/// Every action goes this way: If-Match, key, body, command, answer rendered from the event.
task<net::response> perform(net::request& req, ticket_service& tickets, command_reader read)
{
    const auto id = req.path_id<ticket_id>("id");
    if (!id) co_return net::problem(id.error());
    const auto seen = req.seen_version();
    if (!seen) co_return net::problem(seen.error());
    const auto key = req.idempotency_key();
    if (!key) co_return net::problem(key.error());
    json sent = json::object();
    if (!req.body.empty()) {
        auto parsed = req.json();
        if (!parsed) co_return net::problem(parsed.error());
        sent = std::move(*parsed);
    }
    command_body in(sent);
    ticket::act act;
    act.what = read(in);
    if (auto refused = in.refusal()) co_return std::move(*refused);
    act.ticket = *id;
    act.seen = *seen;
    act.who = req.actor();
    act.words = in.take_words();
    if (*key)
        act.key = ticket::action_key{std::string(to_string(req.actor().kind)) + ":" + req.actor().id.to_string(), **key,
                                     digest_of(req)};
    const auto done = co_await tickets.perform(std::move(act));
    if (!done) co_return net::problem(done.error());
    net::response answer;
    answer.status = 201;
    answer.body = done->answer;
    answer.with("ETag", "\"" + std::to_string(done->version) + "\"");
    co_return answer;
}

task<net::response> show_ticket(net::request& req, ticket_views& views)
{
    const auto id = req.path_id<ticket_id>("id");
    if (!id) co_return net::problem(id.error());
    const auto found = co_await views.read(*id, req.actor());
    if (!found) co_return net::problem(found.error());
    const auto& view = **found;
    net::response answer;
    answer.body = view.body;
    co_return std::move(answer).with("ETag", "\"" + std::to_string(view.stamp.version) + "\"");
}

task<net::response> show_history(net::request& req, ticket_service& tickets)
{
    const auto id = req.path_id<ticket_id>("id");
    if (!id) co_return net::problem(id.error());
    const auto found = co_await tickets.load(*id, req.actor());
    if (!found) co_return net::problem(found.error());
    const auto events = co_await tickets.history(*id);
    if (!events) co_return net::problem(events.error());
    json items = json::array();
    for (const auto& each : *events) {
        auto data = json::parse(each.data);
        items.push_back({{"id", each.id.to_string()},
                         {"kind", each.kind},
                         {"at", to_rfc3339(each.at)},
                         {"actor_kind", each.actor_kind},
                         {"actor", each.actor == uuid{} ? json() : json(each.actor.to_string())},
                         {"version", each.version},
                         {"from", data.value("from", json())},
                         {"to", data.value("to", json())},
                         {"reason", data.value("reason", json())}});
    }
    co_return net::json_reply(200, {{"items", items}});
}

task<net::response> list_tickets(net::request& req, ticket_service& tickets)
{
    const auto page = net::page_of(req);
    if (!page) co_return net::problem(page.error());
    net::violations wrong;
    ticket::list_filter filter;
    const auto id_filter = [&]<class Id>(const char* name, std::optional<Id>& into) {
        if (const auto value = req.query_value(name)) {
            into = Id::parse(*value);
            if (!into) wrong.add(name, "is not an id");
        }
    };
    for (const auto& [name, value] : req.query) {
        if (name != "status") continue;
        if (domain::parse_name<domain::ticket_status>(value))
            filter.statuses.push_back(value);
        else
            wrong.add("status", "is none of the known values");
    }
    id_filter("department_id", filter.department);
    id_filter("handler_id", filter.handler);
    id_filter("customer_id", filter.customer);
    if (const auto value = req.query_value("category")) filter.category = std::string(*value);
    if (const auto value = req.query_value("number")) filter.number = std::string(*value);
    if (const auto value = req.query_value("due_before")) {
        filter.due_before = parse_rfc3339(*value);
        if (!filter.due_before) wrong.add("due_before", "is not a time");
    }
    if (!wrong.empty()) co_return wrong.reply();
    std::optional<std::pair<instant, ticket_id>> after;
    if (page->after) {
        const auto& key = *page->after;
        const auto at = key.size() == 2 ? parse_rfc3339(key[0]) : std::nullopt;
        const auto last = key.size() == 2 ? ticket_id::parse(key[1]) : std::nullopt;
        if (!at || !last) co_return net::problem(error{errc::invalid_cursor, {}, {}});
        after.emplace(*at, *last);
    }
    const auto found = co_await tickets.list(std::move(filter), after, page->limit, req.actor());
    if (!found) co_return net::problem(found.error());
    json items = json::array();
    for (const auto& each : *found)
        items.push_back(to_json(each));
    json answer{{"items", items}, {"next_cursor", nullptr}};
    if (found->size() == page->limit)
        answer["next_cursor"] =
            net::encode_cursor({to_rfc3339(found->back().created_at), found->back().id.to_string()});
    co_return net::json_reply(200, answer);
}

// --- one reader per action
// ------------------------------------------------------------------------------------------------

domain::command read_classification(command_body& in)
{
    return domain::classify{.category = in.text("category", 1, 64)};
}

domain::command read_direct_resolution(command_body& in)
{
    domain::resolve_direct c;
    c.cost_cents = in.integer("cost_cents", 0, 1'000'000'000).value_or(0);
    c.customer_confirmed = in.boolean("customer_confirmed", false);
    c.said = in.answers();
    c.root_cause = in.code("root_cause");
    return c;
}

domain::command read_dispatch(command_body& in)
{
    return domain::judge_valid{.order = work_order_id::make(), .to = in.destination()};
}

domain::command read_invalidity(command_body& in)
{
    domain::judge_invalid c;
    c.reason = in.code("reason");
    c.words = in.words("text");
    c.evidence = in.count("evidence");
    return c;
}

domain::command read_invalid_reply(command_body& in)
{
    domain::reply_invalid c;
    c.template_code = in.code("template");
    const auto words = in.words("text");
    if (words)
        c.words = *words;
    else
        in.add("text", "is missing");
    const auto parse = [](std::string_view name) -> std::optional<domain::understanding> {
        if (name == "not_asked") return domain::understanding::not_asked;
        if (name == "asked") return domain::understanding::asked;
        if (name == "accepted") return domain::understanding::accepted;
        return std::nullopt;
    };
    c.customer = in.choice("understanding", parse).value_or(domain::understanding::not_asked);
    return c;
}

domain::command read_dispute(command_body& in)
{
    return domain::dispute{.new_fact = in.words("new_fact")};
}

domain::command read_acceptance(command_body&)
{
    return domain::accept{};
}

domain::command read_return(command_body& in)
{
    domain::return_ticket c;
    c.reason = in.code("reason");
    c.basis = in.words("basis");
    c.suggested = in.id<department_id>("suggested_department_id");
    return c;
}

domain::command read_return_signature(command_body& in)
{
    return domain::sign_return{.agreed = in.boolean("agreed", false)};
}

domain::command read_arbitration(command_body& in)
{
    domain::arbitrate c;
    c.order = work_order_id::make();
    c.to = in.destination();
    c.conflict = in.boolean("conflict", false);
    c.reason = in.code("reason");
    return c;
}

domain::command read_transfer(command_body& in)
{
    domain::transfer c;
    c.order = work_order_id::make();
    c.to = in.destination();
    c.reason = in.code("reason");
    return c;
}

domain::command read_contact(command_body& in)
{
    domain::log_contact c;
    c.interaction = in.id<interaction_id>("interaction_id").value_or(interaction_id());
    c.how = in.choice("how", domain::parse_name<domain::contact_kind>).value_or(domain::contact_kind::call);
    c.reached = in.boolean("reached", true);
    return c;
}

domain::command read_solution(command_body& in)
{
    domain::propose c;
    c.id = solution_id::make();
    c.kind = in.choice("kind", domain::parse_name<domain::solution_kind>).value_or(domain::solution_kind::fix);
    c.words = in.words("text");
    c.cost_cents = in.integer("cost_cents", -1, 1'000'000'000'000).value_or(0);
    c.root_cause = in.code("root_cause");
    c.responsible_person = in.id<user_id>("responsible_person");
    c.no_responsible_reason = in.code("no_responsible_reason");
    c.promise_reason = in.code("promise_reason");
    c.promised_due_at = in.time("promised_due_at");
    c.interim = in.words("interim");
    return c;
}

domain::command read_approval(command_body& in)
{
    return domain::approve{.promise = promise_id::make(), .comment = in.words("comment")};
}

domain::command read_rejection(command_body& in)
{
    return domain::reject_solution{.comment = in.words("comment")};
}

domain::command read_fulfilment(command_body&)
{
    return domain::fulfil{};
}

domain::command read_completion(command_body& in)
{
    domain::complete c;
    c.result = in.words("result");
    c.customer_informed = in.boolean("customer_informed", false);
    c.evidence = in.count("evidence");
    return c;
}

domain::command read_reply_rejection(command_body& in)
{
    return domain::reject_reply{.reason = in.code("reason")};
}

domain::command read_pass(command_body&)
{
    return domain::pass_reply{};
}

domain::command read_attempt(command_body& in)
{
    domain::attempt_callback c;
    c.id = callback_id::make();
    const auto outcome = in.choice("outcome", domain::parse_name<domain::callback_outcome>);
    if (!outcome) in.add("outcome", "is missing");
    c.outcome = outcome.value_or(domain::callback_outcome::no_answer);
    c.wished_at = in.time("wished_at");
    return c;
}

domain::command read_verdict(command_body& in)
{
    domain::give_verdict c;
    c.id = callback_id::make();
    c.said = in.answers();
    c.reason = in.code("reason");
    c.customer_came = in.boolean("customer_came", false);
    return c;
}

domain::command read_unreachable(command_body& in)
{
    return domain::close_unreachable{.reason = in.code("reason")};
}

domain::command read_archival(command_body&)
{
    return domain::archive{};
}

} // namespace

void add_ticket_routes(net::router& routes, ticket_service& tickets)
{
    routes.get("/api/v1/tickets", permission::ticket_read,
               [&tickets](net::request& req) { return list_tickets(req, tickets); });
    routes.get(
        "/api/v1/tickets/{id}", permission::ticket_read,
        [views = std::make_shared<ticket_views>(tickets)](net::request& req) { return show_ticket(req, *views); });
    routes.get("/api/v1/tickets/{id}/events", permission::ticket_read,
               [&tickets](net::request& req) { return show_history(req, tickets); });

    const struct
    {
        const char* action;
        permission needed;
        command_reader read;
    } actions[] = {
        {"classification", permission::ticket_classify, read_classification},
        {"direct-resolution", permission::ticket_resolve_direct, read_direct_resolution},
        {"dispatch", permission::ticket_judge, read_dispatch},
        {"invalidity", permission::ticket_judge, read_invalidity},
        {"invalid-reply", permission::ticket_reply_invalid, read_invalid_reply},
        {"disputes", permission::ticket_dispute, read_dispute},
        {"acceptance", permission::ticket_accept, read_acceptance},
        {"returns", permission::ticket_return, read_return},
        {"return-signature", permission::ticket_return, read_return_signature},
        {"arbitration", permission::ticket_arbitrate, read_arbitration},
        {"transfers", permission::ticket_transfer, read_transfer},
        {"contacts", permission::ticket_log_contact, read_contact},
        {"solutions", permission::ticket_propose, read_solution},
        {"approvals", permission::ticket_approve, read_approval},
        {"rejections", permission::ticket_approve, read_rejection},
        {"fulfilment", permission::ticket_fulfil, read_fulfilment},
        {"completion", permission::ticket_complete, read_completion},
        {"reply-rejections", permission::ticket_review_reply, read_reply_rejection},
        {"pass", permission::ticket_review_reply, read_pass},
        {"callback-attempts", permission::ticket_callback, read_attempt},
        {"verdicts", permission::ticket_callback, read_verdict},
        {"unreachable", permission::ticket_close_unreachable, read_unreachable},
        {"archival", permission::ticket_archive, read_archival},
    };
    for (const auto& each : actions)
        routes.post(std::string("/api/v1/tickets/{id}/") + each.action, each.needed,
                    [&tickets, read = each.read](net::request& req) { return perform(req, tickets, read); });
}

} // namespace huiyin::api
