#include "ticket_rows.hpp"
#include "ticket_store.hpp"
#include "view_store.hpp"

#include <huiyin/base/log.hpp>
#include <huiyin/base/text.hpp>
#include <huiyin/journal/last_change.hpp>
#include <huiyin/record/entry_store.hpp>
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

/// The department that a command names to lead, if any.
std::optional<department_id> sent_to(const domain::command& c)
{
    department_id to;
    if (const auto* const judge = std::get_if<domain::judge_valid>(&c)) to = judge->to.department;
    if (const auto* const arbitrate = std::get_if<domain::arbitrate>(&c)) to = arbitrate->to.department;
    if (const auto* const transfer = std::get_if<domain::transfer>(&c)) to = transfer->to.department;
    return to.is_nil() ? std::nullopt : std::optional(to);
}

} // namespace

// Where the form's answers named the department at registration, the ticket remembers it.
domain::policy policy_of(const configuration& rules, const domain::ticket& t, const domain::command& c)
{
    const auto category = category_for(t, c);
    const auto foreseen = category == t.category ? t.candidate_department : std::nullopt;
    auto lead = sent_to(c);
    if (!lead) lead = t.lead_department;
    if (!lead) lead = foreseen;
    auto policy = rules.policy_for(category, {}, lead);
    if (foreseen) policy.department = foreseen;
    return policy;
}

namespace {

/// Nothing but the event that it wrote goes into an answer, so a repeat is answered byte for byte.
std::string render(ticket_id ticket, std::int64_t version, std::string_view kind, instant at, const std::string& data)
{
    const auto read = json::parse(data);
    return json{{"ticket_id", ticket.to_string()},
                {"version", version},
                {"event", kind},
                {"status", read.contains("ends_in") ? read.at("ends_in") : read.at("to")},
                {"at", to_rfc3339(at)}}
        .dump();
}

/// The one person and command of whom `decide` must know where the department's contacts are.
domain::destination* destination_of(domain::command& c)
{
    if (auto* const judge = std::get_if<domain::judge_valid>(&c)) return &judge->to;
    if (auto* const arbitrate = std::get_if<domain::arbitrate>(&c)) return &arbitrate->to;
    if (auto* const transfer = std::get_if<domain::transfer>(&c)) return &transfer->to;
    if (auto* const add = std::get_if<domain::add_co_handler>(&c)) return &add->to;
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

/// Another calendar in the place of the one of that name.
void count_by(domain::policy& policy, const std::shared_ptr<const domain::calendar>& calendar)
{
    std::erase_if(policy.calendars, [&](const auto& each) { return each->name() == calendar->name(); });
    policy.calendars.push_back(calendar);
}

} // namespace

ticket_service::ticket_service(pg::database& db, const clock& time, configurations& rules, metrics::registry& metrics)
    : db_(db), clock_(time), rules_(rules),
      committed_(metrics.counter("huiyin_ticket_commands_total", "Commands to tickets.", {{"outcome", "committed"}})),
      refused_(metrics.counter("huiyin_ticket_commands_total", "Commands to tickets.", {{"outcome", "refused"}}))
{}

/// What a command brings along besides the decision.
struct ticket_service::commanded
{
    pg::batch writes;
    std::vector<journal::event> events;
    std::vector<std::pair<std::string_view, domain::event_value>> facts;
};

namespace {

std::string_view channel_of(domain::contact_kind how)
{
    switch (how) {
    case domain::contact_kind::call: return "phone";
    case domain::contact_kind::visit: return "visit";
    case domain::contact_kind::letter: return "letter";
    case domain::contact_kind::reply: break;
    }
    return "reply";
}

std::string_view entry_kind_of(domain::contact_kind how)
{
    switch (how) {
    case domain::contact_kind::call: return "call";
    case domain::contact_kind::visit: return "note";
    case domain::contact_kind::reply:
    case domain::contact_kind::letter: break;
    }
    return "message";
}

/// An entry of what the customer told somebody of the house, and the event that seals its words.
void put_on_record(const domain::ticket& on, const act& what, const record::entry& entry, json interaction, instant now,
                   pg::batch& to, std::vector<journal::event>& events)
{
    record::insert(to, {entry});
    json words = json::array();
    for (const auto& each : what.words)
        if (what.said && each.id == *what.said) words.push_back(ticket::to_json({each.id, each.digest()}));
    const auto scope = domain::scope_of(on);
    events.push_back({.at = now,
                      .kind = "contact.logged",
                      .subject = entry.id.value(),
                      .subject_version = 1,
                      .actor_kind = what.who.kind,
                      .actor = what.who.id,
                      .audience = {.departments = scope.departments,
                                   .assignee = scope.assignee,
                                   .confidential = scope.sensitive == domain::sensitivity::confidential},
                      .data = json{
                          {"customer", {{"id", on.customer.to_string()}, {"new", false}}},
                          {"interaction", std::move(interaction)},
                          {"entry", {{"id", entry.id.to_string()}, {"at", to_rfc3339(now)}, {"kind", entry.kind}}},
                          {"ticket", {{"id", on.id.to_string()}, {"number", on.number}}},
                          {"words",
                           words}}.dump()});
}

record::entry entry_of(const domain::ticket& on, const act& what, interaction_id interaction, instant now)
{
    record::entry entry;
    entry.interaction = interaction;
    entry.customer = on.customer;
    entry.at = now;
    entry.author_kind = domain::to_string(what.who.kind);
    entry.author = what.who.id;
    entry.text = what.said;
    entry.ticket = on.id;
    return entry;
}

/// A contact that is logged by hand is one on the customer's record, too.
void log_made_contact(const domain::ticket& on, const act& what, domain::log_contact& contact, instant now,
                      pg::batch& to, std::vector<journal::event>& events)
{
    contact.interaction = interaction_id::make();
    const auto channel = channel_of(contact.how);
    insert_made_contact(to, contact.interaction, on.customer, channel, what.who.id, now);
    auto entry = entry_of(on, what, contact.interaction, now);
    entry.kind = entry_kind_of(contact.how);
    entry.direction = "out";
    put_on_record(on, what, entry,
                  {{"id", contact.interaction.to_string()},
                   {"new", true},
                   {"channel", channel},
                   {"account", "house"},
                   {"direction", "out"}},
                  now, to, events);
}

/// What the customer said with his verdict is an entry of the verdict's own id.
void note_verdict_words(const domain::ticket& on, const act& what, callback_id verdict, interaction_id interaction,
                        instant now, pg::batch& to, std::vector<journal::event>& events)
{
    auto entry = entry_of(on, what, interaction, now);
    entry.id = entry_id(verdict.value());
    entry.kind = "survey";
    put_on_record(on, what, entry, {{"id", interaction.to_string()}, {"new", false}}, now, to, events);
}

/// Since when the department that leads has worked on it, in this cycle.
instant work_began(const domain::ticket& t)
{
    auto began = t.created_at;
    if (const auto* const order = domain::lead_order(t)) began = order->opened_at;
    for (const auto& clock : t.deadlines)
        if (clock.kind == domain::deadline_kind::rework) began = std::max(began, clock.started_at);
    return began;
}

std::unexpected<error> refuse_field(const char* field, const char* reason)
{
    return fail(error{errc::invalid_field, reason, {{"field", field}, {"reason", reason}}});
}

} // namespace

/// What only the database knows of a command: contacts of departments and who of them is there, the fingerprint of a
/// solution, banned phrases, files, whose contact it was.
task<result<void>> ticket_service::complete_command(pg::transaction& tx, const domain::ticket& on, act& what,
                                                    const configuration& rules, commanded& more)
{
    const auto policy = policy_of(rules, on, what.what);
    if (auto* const to = destination_of(what.what)) {
        if (auto filled = fill_destination(*to, policy, rules); !filled) co_return filled;
        std::vector<user_id> contacts;
        for (const auto& each : {to->contact_a, to->contact_b})
            if (each) contacts.push_back(*each);
        const auto away = co_await find_away(tx, std::move(contacts), clock_.now());
        if (!away) co_return fail(away.error());
        const auto is_away = [&](const std::optional<user_id>& who) {
            return who && std::ranges::find(*away, *who) != away->end();
        };
        to->a_is_away = is_away(to->contact_a);
        to->b_is_away = is_away(to->contact_b);
        co_return result<void>();
    }
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
    if (auto* const contact = std::get_if<domain::log_contact>(&what.what)) {
        if (on.customer.is_nil()) co_return fail(errc::contact_required, "nobody to contact");
        if (contact->interaction.is_nil()) {
            log_made_contact(on, what, *contact, std::max(clock_.now(), on.changed_at), more.writes, more.events);
        } else {
            const auto whose = co_await find_customer_of(tx, contact->interaction);
            if (!whose) co_return fail(whose.error());
            if (*whose != on.customer) co_return refuse_field("interaction_id", "is no contact of this customer");
        }
    }
    if (const auto* const verdict = std::get_if<domain::give_verdict>(&what.what); verdict && what.said) {
        if (on.customer.is_nil()) co_return fail(errc::contact_required, "nobody who said it");
        const auto interaction = co_await find_interaction(tx, on.id);
        if (!interaction) co_return fail(interaction.error());
        if (interaction->is_nil()) co_return fail(errc::contact_required, "a ticket without a contact");
        note_verdict_words(on, what, verdict->id, *interaction, std::max(clock_.now(), on.changed_at), more.writes,
                           more.events);
    }
    if (auto* const complete = std::get_if<domain::complete>(&what.what)) {
        const auto* const category = rules.rules().find_category(on.category);
        if (category && category->evidence) {
            const auto files = co_await count_files(tx, on.id, work_began(on));
            if (!files) co_return fail(files.error());
            complete->evidence = *files;
        }
    }
    if (auto* const load = std::get_if<domain::load_targets>(&what.what))
        for (const auto& each : what.former)
            load->before.push_back(policy_of(*each, on, what.what));
    if (auto* const link = std::get_if<domain::link_to_group>(&what.what)) {
        const auto root = co_await find_group_root(tx, link->root);
        if (!root) co_return fail(root.error());
        if (!*root) co_return refuse_field("root_id", "is no ticket");
        link->root = **root;
    }
    if (what.number) {
        const auto own = co_await is_number_of(tx, on.id, on.customer, *what.number);
        if (!own) co_return fail(own.error());
        more.facts.emplace_back("own_number", *own);
    }
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

    // The lock is the first statement that writes or locks; what it waited for, the next ones see.
    auto* const merging = std::get_if<domain::merge>(&what.what);
    std::vector<ticket_id> ids{what.ticket};
    if (merging && merging->into != what.ticket) ids.push_back(merging->into);
    pg::batch reads;
    reads.add(lock_tickets(), pg::params(ids));
    for (const auto& each : ids)
        reads.add(load_ticket(), pg::params(each, false));
    const auto found = co_await tx->run(std::move(reads));
    if (!found) co_return fail(found.error());
    if ((*found)[1].empty()) co_return fail(errc::not_found, "no such ticket");
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
    if (what.seen && *what.seen != before.version)
        co_return fail(co_await journal::stale_change(*tx, what.ticket.value(), before.version));
    if (what.about_round && *what.about_round != before.callback_round)
        co_return fail(errc::wrong_state, "about an earlier callback");

    std::optional<domain::ticket> other;
    if (merging) {
        if (ids.size() == 2 && !(*found)[2].empty())
            other = ticket_of(json::parse((*found)[2].front().get<std::string_view>(0)));
        if (ids.size() == 2 &&
            (!other || !domain::may(what.who, domain::permission::ticket_merge, domain::scope_of(*other))))
            co_return refuse_field("into", "is no ticket");
        *merging = domain::merge_into(other ? *other : before);
    }

    // Read after the lock, and never before the tickets' last events.
    const auto now = std::max({clock_.now(), before.changed_at, other ? other->changed_at : before.changed_at});
    commanded more;
    if (auto completed = co_await complete_command(*tx, before, what, **rules, more); !completed)
        co_return fail(completed.error());
    auto policy = policy_of(**rules, before, what.what);
    if (what.counted_by) count_by(policy, what.counted_by);
    auto decided = domain::decide(before, what.what, policy, what.who, now);
    if (!decided) {
        refused_.add();
        co_return fail(std::move(decided.error()));
    }
    if (decided->events.empty() && what.also.empty()) {
        co_await tx->roll_back();
        co_return acted{{}, before.version, false, false};
    }
    std::vector<commitment> all;
    if (other) {
        const domain::command half = domain::absorb_of(before);
        auto absorbed = domain::decide(*other, half, policy_of(**rules, *other, half), what.who, now);
        if (!absorbed) {
            refused_.add();
            co_return fail(std::move(absorbed.error()));
        }
        commitment heir;
        heir.decided = std::move(*absorbed);
        heir.before = std::move(other);
        heir.rules = rules->get();
        if (auto taken = co_await find_links_of(*tx, before.id, heir); !taken) co_return fail(taken.error());
        all.push_back(std::move(heir));
    }

    made.decided = std::move(*decided);
    made.before = before;
    made.rules = rules->get();
    made.interactions = std::move(what.interactions);
    if (const auto* const contact = std::get_if<domain::further_contact>(&what.what))
        made.interactions.push_back(contact->interaction);
    if (const auto* const contact = std::get_if<domain::log_contact>(&what.what))
        made.interactions.push_back(contact->interaction);
    pg::batch writes;
    journal::store(writes, what.words, before.customer);
    for (auto* const part : {&what.also, &more.writes})
        for (const auto& each : part->items())
            writes.add(*each.what, each.with);
    acted done{{}, made.decided.next.version, false, !made.decided.events.empty()};
    if (done.changed) {
        auto& first = made.decided.events.front();
        first.data.insert(first.data.end(), more.facts.begin(), more.facts.end());
        done.answer = json{{"ticket_id", what.ticket.to_string()},
                           {"version", done.version},
                           {"event", first.kind},
                           {"status", domain::to_string(made.decided.events.back().to)},
                           {"at", to_rfc3339(first.at)}}
                          .dump();
        all.push_back(std::move(made));
        journal::append(writes, more.events);
        if (auto found_ways = co_await find_ways(*tx, all); !found_ways) co_return fail(found_ways.error());
        commit(writes, all);
    }
    const auto committed = co_await tx->commit(std::move(writes));
    if (!committed) co_return fail(committed.error());
    committed_.add();
    for (const auto& of : all)
        for (const auto& each : of.decided.events)
            log::info(each.kind, {{"ticket", of.decided.next.id},
                                  {"version", of.decided.next.version},
                                  {"actor", what.who.id.to_string()}});
    co_return done;
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
    if (t.final_word) add(t.final_word->basis), add(t.final_word->words);
    if (t.withdrawal) add(t.withdrawal->words);
    for (const auto& each : t.orders)
        add(each.result);
    for (const auto& each : t.promises)
        add(each.words);
    for (const auto& each : t.extensions)
        add(each.basis);
    for (const auto& each : t.holds)
        add(each.words);
    for (const auto& each : t.supervisions) {
        add(each.words), add(each.answer);
    }
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
    std::vector<callback_id> verdicts;
    for (const auto& each : read->ticket.callbacks)
        if (each.said) verdicts.push_back(each.id);
    auto said = co_await find_verdict_words(db_, std::move(verdicts));
    if (!said) co_return fail(said.error());
    read->verdict_words = std::move(*said);
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
    worded_ticket read{ticket_of(rows), {}, {}};
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

task<result<std::vector<ticket_id>>> ticket_service::part_in(customer_id customer, domain::actor who)
{
    if (!domain::may(who, domain::permission::ticket_read)) co_return fail(errc::not_found, "the actor may not");
    co_return co_await find_tickets_of(db_, customer, who.departments, user_id(who.id), 1'000);
}

task<result<std::vector<ticket_service::history_item>>> ticket_service::history(ticket_id ticket)
{
    co_return co_await load_history(db_, ticket);
}

} // namespace huiyin::ticket
