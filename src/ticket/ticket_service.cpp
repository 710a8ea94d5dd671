#include "ticket_rows.hpp"
#include "ticket_store.hpp"

#include <huiyin/base/log.hpp>
#include <huiyin/base/text.hpp>
#include <huiyin/ticket/ticket_service.hpp>

#include <algorithm>

namespace huiyin::ticket {

using nlohmann::json;

namespace {

/// The category whose rules apply: the one that the command names, else the ticket's.
std::string_view category_for(const domain::ticket& t, const domain::command& c)
{
    if (const auto* const classify = std::get_if<domain::classify>(&c)) return classify->category;
    return t.category;
}

/// The rules for this command. Where the form's answers named the department at registration, the ticket remembers it.
domain::policy policy_of(const configuration& rules, const domain::ticket& t, const domain::command& c)
{
    const auto category = category_for(t, c);
    auto policy = rules.policy_for(category, {}, t.lead_department);
    if (t.candidate_department && category == t.category) policy.department = t.candidate_department;
    return policy;
}

/// Nothing but the event that it wrote goes into an answer, so a repeat is answered byte for byte.
std::string render(ticket_id ticket, std::int64_t version, std::string_view kind, instant at, const std::string& data)
{
    const auto read = json::parse(data);
    return json{{"ticket_id", ticket.to_string()},
                {"version", version},
                {"event", kind},
                {"status", read.at("to")},
                {"at", to_rfc3339(at)}}
        .dump();
}

/// The one person and command of whom `decide` must know where the department's contacts are.
domain::destination* destination_of(domain::command& c)
{
    if (auto* const judge = std::get_if<domain::judge_valid>(&c)) return &judge->to;
    if (auto* const arbitrate = std::get_if<domain::arbitrate>(&c)) return &arbitrate->to;
    if (auto* const transfer = std::get_if<domain::transfer>(&c)) return &transfer->to;
    return nullptr;
}

result<void> fill_destination(domain::destination& to, const domain::policy& policy, const configuration& rules)
{
    if (to.department.is_nil()) {
        if (!policy.department) return fail(errc::no_rule_for_category);
        to.department = *policy.department;
    }
    const auto* const department = rules.find_department(to.department);
    if (!department) return fail(error{errc::invalid_field, "no such department", {{"field", "department_id"}}});
    to.contact_a = department->contact_a;
    to.contact_b = department->contact_b;
    return {};
}

std::string_view stage_of(std::string_view status)
{
    if (status == "new" || status == "triage") return "received";
    if (status == "dispatched") return "assigned";
    if (status == "promised") return "promised";
    if (status == "reply_review" || status == "invalid_pending_reply") return "reviewing";
    if (status == "callback_pending") return "calling_back";
    if (status == "closed" || status == "archived" || status == "withdrawn" || status == "merged") return "closed";
    return "in_progress";
}

} // namespace

ticket_service::ticket_service(pg::database& db, const clock& time, configurations& rules, metrics::registry& metrics)
    : db_(db), clock_(time), rules_(rules),
      committed_(metrics.counter("huiyin_ticket_commands_total", "Commands to tickets.", {{"outcome", "committed"}})),
      refused_(metrics.counter("huiyin_ticket_commands_total", "Commands to tickets.", {{"outcome", "refused"}}))
{}

/// What only the database knows of a command: contacts of departments, the fingerprint of a solution, banned phrases.
task<result<void>> ticket_service::complete_command(pg::transaction& tx, const domain::ticket& on, act& what,
                                                    const configuration& rules)
{
    const auto policy = policy_of(rules, on, what.what);
    if (auto* const to = destination_of(what.what)) co_return fill_destination(*to, policy, rules);
    const auto body_of = [&](const text_id& id) -> const std::string* {
        const auto it = std::ranges::find(what.words, id, &journal::words::id);
        return it == what.words.end() ? nullptr : &it->body;
    };
    if (auto* const propose = std::get_if<domain::propose>(&what.what); propose && propose->words) {
        const auto* const body = body_of(propose->words->id);
        if (!body || !on.problem) co_return result<void>();
        const auto salt = co_await load_salt(tx, on.problem->id);
        if (!salt) co_return fail(salt.error());
        propose->fingerprint =
            sha256({std::string_view(reinterpret_cast<const char*>(salt->data()), salt->size()), trimmed(*body)});
    }
    if (auto* const reply = std::get_if<domain::reply_invalid>(&what.what))
        if (const auto* const body = body_of(reply->words.id))
            reply->has_banned_phrase = domain::banned_phrase_in(policy, *body).has_value();
    co_return result<void>();
}

task<result<acted>> ticket_service::replay(pg::transaction& tx, const action_key& key, const sha256_digest& kept_body,
                                           event_id event)
{
    if (key.body != kept_body) co_return fail(errc::key_reused, "the key was used with another body");
    const auto kept = co_await load_event(tx, event);
    if (!kept) co_return fail(kept.error());
    co_return acted{render(kept->ticket, kept->version, kept->kind, kept->at, kept->data), kept->version, true, true};
}

task<result<acted>> ticket_service::perform(act what)
{
    const auto rules = co_await rules_.current();
    if (!rules) co_return fail(rules.error());
    auto tx = co_await db_.begin();
    if (!tx) co_return fail(tx.error());

    // The lock is the first statement that writes or locks; what it waited for, the next one sees.
    pg::batch reads;
    reads.add(lock_ticket(), pg::params(what.ticket)).add(load_ticket(), pg::params(what.ticket, false));
    const auto found = co_await tx->run(std::move(reads));
    if (!found) co_return fail(found.error());
    if ((*found)[0].empty() || (*found)[1].empty()) co_return fail(errc::not_found, "no such ticket");
    const auto before = ticket_of(json::parse((*found)[1].front().get<std::string_view>(0)));
    if (!domain::may(what.who, domain::permission_for(what.what), domain::scope_of(before)) &&
        what.who.kind != domain::actor_kind::customer)
        co_return fail(errc::not_found, "the actor may not");

    commitment made;
    if (what.key) {
        const auto kept = co_await take_key(*tx, *what.key, made.event, clock_.now());
        if (!kept) co_return fail(kept.error());
        if (*kept) co_return co_await replay(*tx, *what.key, (*kept)->body, (*kept)->event);
    }
    if (what.seen && *what.seen != before.version) {
        const auto last = co_await load_last_change(*tx, what.ticket);
        if (!last) co_return fail(last.error());
        co_return fail(error{errc::stale_version,
                             "changed meanwhile",
                             {{"version", std::to_string(before.version)},
                              {"changed_by", last->actor.to_string()},
                              {"changed_by_kind", last->actor_kind},
                              {"changed_at", to_rfc3339(last->at)},
                              {"event", last->kind}}});
    }

    // Read after the lock, and never before the ticket's last event.
    const auto now = std::max(clock_.now(), before.changed_at);
    if (auto completed = co_await complete_command(*tx, before, what, **rules); !completed)
        co_return fail(completed.error());
    const auto policy = policy_of(**rules, before, what.what);
    auto decided = domain::decide(before, what.what, policy, what.who, now);
    if (!decided) {
        refused_.add();
        co_return fail(std::move(decided.error()));
    }
    if (decided->events.empty() && what.also.empty()) {
        co_await tx->roll_back();
        co_return acted{{}, before.version, false, false};
    }

    made.decided = std::move(*decided);
    made.before = before;
    if (const auto* const contact = std::get_if<domain::further_contact>(&what.what))
        made.interactions = {contact->interaction};
    pg::batch writes = std::move(what.also);
    journal::store(writes, what.words, before.customer);
    acted done{{}, made.decided.next.version, false, !made.decided.events.empty()};
    if (done.changed) {
        const auto& first = made.decided.events.front();
        done.answer = json{{"ticket_id", what.ticket.to_string()},
                           {"version", done.version},
                           {"event", first.kind},
                           {"status", domain::to_string(first.to)},
                           {"at", to_rfc3339(first.at)}}
                          .dump();
        const std::vector<commitment> all{made};
        commit(writes, all);
    }
    const auto committed = co_await tx->commit(std::move(writes));
    if (!committed) co_return fail(committed.error());
    committed_.add();
    for (const auto& each : made.decided.events)
        log::info(each.kind, {{"ticket", what.ticket}, {"version", done.version}, {"actor", what.who.id.to_string()}});
    co_return done;
}

task<result<acted>> ticket_service::run_due(ticket_id ticket)
{
    act step;
    step.ticket = ticket;
    step.what = domain::run_due{};
    step.who = domain::actor::system();
    co_return co_await perform(std::move(step));
}

task<result<std::vector<ticket_id>>> ticket_service::find_due(instant now, std::size_t limit)
{
    co_return co_await find_due_tickets(db_, now, limit);
}

namespace {

std::vector<text_id> words_in(const domain::ticket& t)
{
    std::vector<text_id> ids;
    const auto add = [&](const std::optional<domain::text_ref>& words) {
        if (words) ids.push_back(words->id);
    };
    add(t.problem), add(t.object), add(t.desired_solution), add(t.reply);
    for (const auto& each : t.solutions) {
        add(each.words), add(each.interim);
    }
    for (const auto& each : t.approvals)
        add(each.comment);
    for (const auto& each : t.judgements)
        add(each.words);
    if (t.returning) add(t.returning->basis);
    return ids;
}

} // namespace

task<result<domain::ticket>> ticket_service::load(ticket_id ticket, domain::actor who)
{
    auto read = co_await load_rows(ticket, std::move(who), false);
    if (!read) co_return fail(read.error());
    co_return std::move(read->ticket);
}

task<result<worded_ticket>> ticket_service::read(ticket_id ticket, domain::actor who)
{
    auto read = co_await load_rows(ticket, std::move(who), true);
    if (!read) co_return fail(read.error());
    auto ids = words_in(read->ticket);
    std::erase_if(ids, [&](text_id each) { return read->words.contains(each); });
    auto others = co_await load_texts(db_, std::move(ids));
    if (!others) co_return fail(others.error());
    read->words.merge(*others);
    co_return read;
}

task<result<ticket_stamp>> ticket_service::stamp_of(ticket_id ticket)
{
    co_return co_await load_stamp(db_, ticket);
}

task<result<worded_ticket>> ticket_service::load_rows(ticket_id ticket, domain::actor who, bool with_words)
{
    const auto found = co_await db_.run(load_ticket(), pg::params(ticket, with_words));
    if (!found) co_return fail(found.error());
    if (found->empty()) co_return fail(errc::not_found, "no such ticket");
    const auto rows = json::parse(found->front().get<std::string_view>(0));
    worded_ticket read{ticket_of(rows), {}};
    if (!domain::may(who, domain::permission::ticket_read, domain::scope_of(read.ticket)))
        co_return fail(errc::not_found, "the actor may not");
    if (const auto& words = rows.at("words"); !words.is_null())
        for (const auto& [id, body] : words.items())
            read.words.emplace(text_id::parse(id).value(), body.get<std::string>());
    co_return read;
}

task<result<ticket_id>> ticket_service::find_by_number(std::string number)
{
    const auto found = co_await find_ticket(db_, std::move(number));
    if (!found) co_return fail(found.error());
    if (!*found) co_return fail(errc::not_found, "no such number");
    co_return **found;
}

task<result<std::vector<list_item>>> ticket_service::list(list_filter filter,
                                                          std::optional<std::pair<instant, ticket_id>> after,
                                                          std::size_t limit, domain::actor who)
{
    // Who may read all is asked about a ticket in which nobody has a part.
    std::optional<std::vector<department_id>> only;
    std::optional<user_id> or_handler;
    if (!domain::may(who, domain::permission::ticket_read, domain::object_scope{})) {
        if (!domain::may(who, domain::permission::ticket_read)) co_return fail(errc::not_found, "the actor may not");
        only = who.departments;
        or_handler = user_id(who.id);
    }
    co_return co_await list_tickets(db_, filter, after, std::min<std::size_t>(limit, 200), only, or_handler);
}

task<result<std::vector<ticket_service::history_item>>> ticket_service::history(ticket_id ticket)
{
    co_return co_await load_history(db_, ticket);
}

task<result<tracked>> ticket_service::track(std::string number, party contact)
{
    const auto id = co_await find_tracked_ticket(db_, number, contact);
    if (!id) co_return fail(id.error());
    // The same statements whatever was found, so that the time it takes tells nothing.
    const auto loaded = co_await db_.run(load_ticket(), pg::params(id->value_or(ticket_id()), false));
    if (!loaded) co_return fail(loaded.error());
    const auto stages = co_await load_stages(db_, id->value_or(ticket_id()));
    if (!stages) co_return fail(stages.error());
    const auto rules = co_await rules_.current();
    if (!rules) co_return fail(rules.error());
    if (!*id || loaded->empty()) co_return fail(errc::not_found, "no ticket of that number and contact");

    const auto t = ticket_of(json::parse(loaded->front().get<std::string_view>(0)));
    tracked view;
    view.stage = stage_of(domain::to_string(t.status));
    if (t.lead_department)
        if (const auto* const department = (*rules)->find_department(*t.lead_department)) view.department = *department;
    if (const auto* const promise = domain::open_promise(t))
        view.next_promise_at = promise->due_at;
    else if (const auto* const clock = domain::customer_clock(t))
        view.next_promise_at = clock->due_at;
    else if (t.next_callback_at && t.status == domain::ticket_status::callback_pending)
        view.next_promise_at = t.next_callback_at;
    for (const auto& each : *stages) {
        const auto stage = stage_of(each.to);
        if (view.history.empty() || view.history.back().stage != stage)
            view.history.push_back({std::string(stage), each.at});
    }
    co_return view;
}

} // namespace huiyin::ticket
