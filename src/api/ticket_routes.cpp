#include "body.hpp"
#include "ticket_json.hpp"
#include "ticket_views.hpp"
#include "timeline_json.hpp"
#include "versioned.hpp"

#include <huiyin/api/ticket_routes.hpp>
#include <huiyin/record/attachment_store.hpp>
#include <huiyin/record/entry_store.hpp>

#include <algorithm>

namespace huiyin::api {

namespace {

using domain::permission;
using nlohmann::json;
using ticket::ticket_service;

constexpr std::size_t words_limit = 10'000;
constexpr auto survey_link_life = std::chrono::days(14);

/// What a command's reader has to work with: the body, and a place for the words that the command names.
class command_body : public body
{
public:
    command_body(const json& object, const record::phone_settings& phones) : body(object), phones_(phones) {}

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
    domain::text_ref required_words(const char* name)
    {
        const auto read = words(name);
        if (!read) add(name, "is missing");
        return read.value_or(domain::text_ref{});
    }
    /// What was said in a contact that is logged.
    void said(const char* name)
    {
        if (const auto read = words(name)) said_ = read->id;
    }
    /// The number that somebody was reached by.
    void number(const char* name)
    {
        const auto typed = text(name, 0, 60);
        if (typed.empty()) return;
        const auto read = record::parse_phone(typed, phones_);
        if (read)
            number_ = read->value();
        else
            add(name, "is no phone number");
    }
    std::optional<text_id> what_was_said() const { return said_; }
    const std::optional<std::string>& number_used() const { return number_; }

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
    const record::phone_settings& phones_;
    std::vector<journal::words> kept_;
    std::optional<text_id> said_;
    std::optional<std::string> number_;
};

using command_reader = domain::command (*)(command_body&);

sha256_digest digest_of(const net::request& req)
{
    return sha256({req.path, "\n", req.header("if-match").value_or(""), "\n", req.body});
}

/// The rules name the field that they refuse.
net::response problem_of(error why)
{
    if (why.code == errc::invalid_field && why.facts.empty() && !why.detail.contains(' '))
        why.facts.push_back({"field", why.detail});
    return net::problem(why);
}

/// Every action goes this way: If-Match, key, body, command, answer rendered from the event.
task<net::response> perform(net::request& req, ticket_service& tickets, const record::phone_settings& phones,
                            command_reader read)
{
    const auto asked = change_of<ticket_id>(req);
    if (!asked) co_return net::problem(asked.error());
    const auto key = req.idempotency_key();
    if (!key) co_return net::problem(key.error());
    json sent = json::object();
    if (!req.body.empty()) {
        auto parsed = req.json();
        if (!parsed) co_return net::problem(parsed.error());
        sent = std::move(*parsed);
    }
    command_body in(sent, phones);
    ticket::act act;
    act.what = read(in);
    if (auto refused = in.refusal()) co_return std::move(*refused);
    act.ticket = asked->id;
    act.seen = asked->seen;
    act.who = req.actor();
    act.words = in.take_words();
    act.said = in.what_was_said();
    act.number = in.number_used();
    if (*key)
        act.key = ticket::action_key{std::string(to_string(req.actor().kind)) + ":" + req.actor().id.to_string(), **key,
                                     digest_of(req)};
    const auto done = co_await tickets.perform(std::move(act));
    if (!done) co_return problem_of(done.error());
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

/// Where the last page ended, by a time and an id.
result<std::optional<std::pair<instant, ticket_id>>> place_after(const net::page& page)
{
    if (!page.after) return std::nullopt;
    const auto& key = *page.after;
    const auto at = key.size() == 2 ? parse_rfc3339(key[0]) : std::nullopt;
    const auto last = key.size() == 2 ? ticket_id::parse(key[1]) : std::nullopt;
    if (!at || !last) return fail(errc::invalid_cursor);
    return std::pair(*at, *last);
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
    c.at_fault = in.choice("at_fault", domain::parse_name<domain::fault_side>);
    c.wrong = in.id<department_id>("wrong_department_id");
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
    in.said("text");
    return c;
}

domain::command read_solution(command_body& in)
{
    domain::propose c;
    c.id = solution_id::make();
    c.kind = in.choice("kind", domain::parse_name<domain::solution_kind>).value_or(domain::solution_kind::fix);
    c.words = in.words("text");
    c.cost_cents = in.integer("cost_cents", 0, 1'000'000'000'000).value_or(0);
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
    c.contact = in.id<interaction_id>("interaction_id");
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
    c.channel = in.choice("channel", domain::parse_name<domain::callback_channel>);
    in.number("number");
    return c;
}

domain::command read_verdict(command_body& in)
{
    domain::give_verdict c;
    c.id = callback_id::make();
    c.said = in.answers();
    c.reason = in.code("reason");
    c.customer_came = in.boolean("customer_came", false);
    in.number("number");
    in.said("text");
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

domain::command read_co_handler(command_body& in)
{
    domain::add_co_handler c;
    c.order = work_order_id::make();
    c.to.department = in.required_id<department_id>("department_id");
    c.due_at = in.time("due_at");
    return c;
}

domain::command read_co_handler_result(command_body& in)
{
    return domain::finish_co_handler{in.required_id<work_order_id>("work_order_id"), in.words("result")};
}

domain::command read_co_handler_waiver(command_body& in)
{
    return domain::waive_co_handler{in.required_id<work_order_id>("work_order_id"), in.code("reason")};
}

instant required_time(command_body& in, const char* name)
{
    const auto read = in.time(name);
    if (!in.find(name)) in.add(name, "is missing");
    return read.value_or(instant{});
}

domain::command read_promise(command_body& in)
{
    return domain::make_promise{promise_id::make(), required_time(in, "due_at"), in.required_words("text")};
}

domain::command read_kept_promise(command_body& in)
{
    return domain::keep_promise{in.required_id<promise_id>("promise_id")};
}

domain::command read_extension(command_body& in)
{
    return domain::request_extension{required_time(in, "until"), in.code("reason"), in.words("basis")};
}

domain::command read_extension_decision(command_body& in)
{
    return domain::decide_extension{in.boolean("granted", false), in.code("reason")};
}

domain::command read_hold(command_body& in)
{
    domain::put_on_hold c;
    c.reason = in.code("reason");
    c.told = in.id<interaction_id>("interaction_id");
    c.until = in.time("until");
    c.words = in.words("text");
    return c;
}

domain::command read_hold_signature(command_body& in)
{
    return domain::sign_hold{in.boolean("agreed", false)};
}

domain::command read_resumption(command_body&)
{
    return domain::resume_work{};
}

domain::command read_final_answer(command_body& in)
{
    domain::propose_final_answer c;
    c.basis = in.words("basis");
    c.remedy = in.code("remedy");
    c.words = in.words("text");
    const auto said = in.answers();
    if (said != domain::answers{}) c.said = said;
    return c;
}

domain::command read_final_answer_signature(command_body& in)
{
    return domain::sign_final_answer{in.boolean("agreed", false)};
}

domain::command read_withdrawal(command_body& in)
{
    return domain::withdraw{in.code("reason"), in.words("text")};
}

domain::command read_withdrawal_confirmation(command_body& in)
{
    domain::confirm_withdrawal c;
    c.id = callback_id::make();
    c.confirmed = in.boolean("confirmed", false);
    c.customer_came = in.boolean("customer_came", false);
    in.number("number");
    return c;
}

domain::command read_merge(command_body& in)
{
    domain::merge c;
    c.into = in.required_id<ticket_id>("into");
    return c;
}

domain::command read_reopening(command_body& in)
{
    return domain::reopen{in.code("reason"), in.words("text")};
}

domain::command read_urge(command_body& in)
{
    return domain::urge{in.words("text")};
}

domain::command read_urge_answer(command_body& in)
{
    return domain::answer_urge{in.required_words("text")};
}

domain::command read_supervision(command_body& in)
{
    return domain::supervise{in.code("reason"), in.words("text")};
}

domain::command read_supervision_answer(command_body& in)
{
    return domain::answer_supervision{in.required_words("text")};
}

domain::command read_supervision_clearance(command_body&)
{
    return domain::clear_supervision{};
}

domain::command read_group_link(command_body& in)
{
    return domain::link_to_group{in.required_id<ticket_id>("root_id")};
}

domain::command read_group_departure(command_body&)
{
    return domain::leave_group{};
}

// --- views that depend on the moment or on more than one ticket, and notes
// ------------------------------------------------------------------------------------------------

task<net::response> show_clocks(net::request& req, ticket_service& tickets)
{
    const auto id = req.path_id<ticket_id>("id");
    if (!id) co_return net::problem(id.error());
    const auto view = co_await tickets.clocks(*id, req.actor());
    if (!view) co_return net::problem(view.error());
    co_return net::json_reply(200, to_json(*view));
}

task<net::response> show_actions(net::request& req, ticket_service& tickets)
{
    const auto id = req.path_id<ticket_id>("id");
    if (!id) co_return net::problem(id.error());
    const auto tried = co_await tickets.actions(*id, req.actor());
    if (!tried) co_return net::problem(tried.error());
    json items = json::array();
    for (const auto& each : *tried)
        items.push_back(to_json(each));
    co_return net::json_reply(200, {{"items", items}});
}

task<net::response> show_timeline(net::request& req, ticket_service& tickets, pg::database& db)
{
    const auto id = req.path_id<ticket_id>("id");
    if (!id) co_return net::problem(id.error());
    const auto page = net::page_of(req);
    if (!page) co_return net::problem(page.error());
    const auto before = timeline_place(*page);
    if (!before) co_return net::problem(before.error());
    const auto read = co_await tickets.load(*id, req.actor());
    if (!read) co_return net::problem(read.error());
    const auto found = co_await record::ticket_timeline(db, *id, *before, page->limit);
    if (!found) co_return net::problem(found.error());
    json items = json::array();
    for (const auto& each : found->items)
        items.push_back(to_json(each));
    co_return net::json_reply(200, {{"items", items}, {"next_cursor", timeline_cursor(*found)}});
}

task<net::response> show_similar(net::request& req, ticket_service& tickets)
{
    const auto id = req.path_id<ticket_id>("id");
    if (!id) co_return net::problem(id.error());
    const auto found = co_await tickets.similar(*id, req.actor());
    if (!found) co_return net::problem(found.error());
    json items = json::array();
    for (const auto& each : *found)
        items.push_back(to_json(each));
    co_return net::json_reply(200, {{"items", items}});
}

task<net::response> list_suspicions(net::request& req, ticket_service& tickets)
{
    const auto page = net::page_of(req);
    if (!page) co_return net::problem(page.error());
    auto since = tickets.now() - std::chrono::days(30);
    if (const auto value = req.query_value("since")) {
        const auto read = parse_rfc3339(*value);
        if (!read) {
            net::violations wrong;
            wrong.add("since", "is not a time");
            co_return wrong.reply();
        }
        since = *read;
    }
    const auto after = place_after(*page);
    if (!after) co_return net::problem(after.error());
    const auto found = co_await tickets.suspicious(since, *after, req.actor());
    if (!found) co_return net::problem(found.error());
    json items = json::array();
    for (const auto& each : found->items)
        items.push_back(to_json(each));
    json answer{{"items", items}, {"next_cursor", nullptr}};
    if (found->next)
        answer["next_cursor"] = net::encode_cursor({to_rfc3339(found->next->first), found->next->second.to_string()});
    co_return net::json_reply(200, answer);
}

struct sent_note
{
    json words;
    std::vector<net::form_part> files;
};

/// JSON, or multipart/form-data with the JSON as part "note" and up to ten files.
result<sent_note> read_sent_note(const net::request& req)
{
    if (!req.header("content-type").value_or("").starts_with("multipart/form-data")) {
        auto words = req.json();
        if (!words) return fail(std::move(words.error()));
        return sent_note{std::move(*words), {}};
    }
    auto parts = net::parse_form(req);
    if (!parts) return fail(std::move(parts.error()));
    sent_note read;
    bool found = false;
    for (auto& part : *parts) {
        if (part.name == "note" && !found) {
            net::request inner;
            inner.headers = {{"content-type", "application/json"}};
            inner.body = std::move(part.bytes);
            auto words = inner.json();
            if (!words) return fail(std::move(words.error()));
            read.words = std::move(*words);
            found = true;
        } else if (part.file_name) {
            read.files.push_back(std::move(part));
        } else {
            return fail(errc::bad_request, "a part that is neither the note nor a file");
        }
    }
    if (!found) return fail(errc::bad_request, "no part named note");
    if (read.files.size() > 10) return fail(errc::body_too_large, "more than ten files");
    return read;
}

task<net::response> add_note(net::request& req, ticket_service& tickets, pg::database& db)
{
    const auto id = req.path_id<ticket_id>("id");
    if (!id) co_return net::problem(id.error());
    auto sent = read_sent_note(req);
    if (!sent) co_return net::problem(sent.error());
    body in(sent->words);
    ticket::note note;
    note.ticket = *id;
    note.who = req.actor();
    note.text = in.text("text", 1, words_limit);
    for (const auto& each : in.texts("mentions", 20)) {
        if (const auto user = user_id::parse(each))
            note.mentions.push_back(*user);
        else
            in.add("mentions", "holds something that is no id");
    }
    std::ranges::sort(note.mentions);
    note.mentions.erase(std::ranges::unique(note.mentions).begin(), note.mentions.end());
    if (auto refused = in.refusal()) co_return std::move(*refused);
    // Nothing is stored for somebody who may not write here.
    const auto seen = co_await tickets.load(*id, req.actor());
    if (!seen) co_return net::problem(seen.error());
    for (auto& file : sent->files) {
        auto stored = co_await record::upload(db, *file.file_name, std::move(file.content_type), std::move(file.bytes),
                                              tickets.now());
        if (!stored) co_return net::problem(stored.error());
        note.attachments.push_back(*stored);
    }
    const auto written = co_await tickets.add_note(std::move(note));
    if (!written) co_return net::problem(written.error());
    co_return net::json_reply(201, {{"entry_id", written->to_string()}});
}

/// For an agent who sends it himself where no channel does.
task<net::response> make_survey_link(net::request& req, ticket_service& tickets,
                                     const std::shared_ptr<const ticket_links>& links)
{
    const auto id = req.path_id<ticket_id>("id");
    if (!id) co_return net::problem(id.error());
    const auto found = co_await tickets.load(*id, req.actor());
    if (!found) co_return net::problem(found.error());
    if (!domain::may(req.actor(), permission::ticket_callback, domain::scope_of(*found)))
        co_return net::problem(error{errc::not_found, {}, {}});
    if (found->callback_round == 0 ||
        (found->status != domain::ticket_status::callback_pending && found->status != domain::ticket_status::closed))
        co_return net::problem(error{errc::wrong_state, {}, {}});
    const intake::survey_link link{*id, found->callback_round, tickets.now() + survey_link_life};
    const auto token = intake::make_token(links->key, link);
    co_return net::json_reply(201, {{"token", token},
                                    {"url", links->tracking_url + found->number + "?survey=" + token},
                                    {"expires_at", to_rfc3339(link.expires_at)}});
}

} // namespace

void add_ticket_routes(net::router& routes, ticket_service& tickets, pg::database& db, ticket_links with_links)
{
    const auto links = std::make_shared<const ticket_links>(std::move(with_links));
    routes.get(
        "/api/v1/tickets/{id}", permission::ticket_read,
        [views = std::make_shared<ticket_views>(tickets)](net::request& req) { return show_ticket(req, *views); });
    routes.get("/api/v1/tickets/{id}/events", permission::ticket_read,
               [&tickets](net::request& req) { return show_history(req, tickets); });

    routes.get("/api/v1/tickets/{id}/clocks", permission::ticket_read,
               [&tickets](net::request& req) { return show_clocks(req, tickets); });
    routes.get("/api/v1/tickets/{id}/actions", permission::ticket_read,
               [&tickets](net::request& req) { return show_actions(req, tickets); });
    routes.get("/api/v1/tickets/{id}/timeline", permission::ticket_read,
               [&tickets, &db](net::request& req) { return show_timeline(req, tickets, db); });
    routes.get("/api/v1/tickets/{id}/similar", permission::ticket_merge,
               [&tickets](net::request& req) { return show_similar(req, tickets); });
    routes.get("/api/v1/quality/suspicions", permission::quality_read,
               [&tickets](net::request& req) { return list_suspicions(req, tickets); });
    routes.post("/api/v1/tickets/{id}/notes", permission::ticket_note,
                [&tickets, &db](net::request& req) { return add_note(req, tickets, db); },
                {.body_limit = 25 * 1024 * 1024});
    routes.post("/api/v1/tickets/{id}/survey-links", permission::ticket_callback,
                [&tickets, links](net::request& req) { return make_survey_link(req, tickets, links); });

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
        {"co-handlers", permission::ticket_co_handle, read_co_handler},
        {"co-handler-results", permission::ticket_co_handle, read_co_handler_result},
        {"co-handler-waivers", permission::ticket_co_handle, read_co_handler_waiver},
        {"promises", permission::ticket_promise, read_promise},
        {"kept-promises", permission::ticket_promise, read_kept_promise},
        {"extensions", permission::ticket_request_extension, read_extension},
        {"extension-decisions", permission::ticket_decide_extension, read_extension_decision},
        {"holds", permission::ticket_hold, read_hold},
        {"hold-signature", permission::ticket_hold, read_hold_signature},
        {"resumption", permission::ticket_hold, read_resumption},
        {"final-answers", permission::ticket_final_answer, read_final_answer},
        {"final-answer-signature", permission::ticket_approve, read_final_answer_signature},
        {"withdrawals", permission::ticket_withdraw, read_withdrawal},
        {"withdrawal-confirmation", permission::ticket_callback, read_withdrawal_confirmation},
        {"merges", permission::ticket_merge, read_merge},
        {"reopenings", permission::ticket_reopen, read_reopening},
        {"urges", permission::ticket_urge, read_urge},
        {"urge-answers", permission::ticket_answer, read_urge_answer},
        {"supervisions", permission::ticket_supervise, read_supervision},
        {"supervision-answers", permission::ticket_answer, read_supervision_answer},
        {"supervision-clearance", permission::ticket_clear_supervision, read_supervision_clearance},
        {"group-links", permission::ticket_merge, read_group_link},
        {"group-departure", permission::ticket_merge, read_group_departure},
    };
    for (const auto& each : actions)
        routes.post(std::string("/api/v1/tickets/{id}/") + each.action, each.needed,
                    [&tickets, links, read = each.read](net::request& req) {
                        return perform(req, tickets, links->phones, read);
                    });
}

} // namespace huiyin::api
