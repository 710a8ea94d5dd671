#include "plan.hpp"

#include <huiyin/base/text.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace huiyin::intake {

namespace {

using nlohmann::json;
using namespace std::chrono_literals;

constexpr auto duplicate_window = std::chrono::days(30);

bool is_proven(const contact& what)
{
    return std::ranges::any_of(what.identities, &record::given_identity::proven);
}

/// Whether the proof is about the ticket that the contact names, and no other.
bool proves_the_ticket(const contact& what)
{
    return what.proof == proof::ticket_contact || what.proof == proof::link_token;
}

bool is_party(const contact& what, const found_ticket& of)
{
    return std::ranges::any_of(what.identities, [&](const auto& given) {
        return (given.proven || proves_the_ticket(what)) && of.parties.contains(given.what);
    });
}

domain::actor actor_of(const contact& what, customer_id customer)
{
    if (what.by.kind != domain::actor_kind::anonymous || !(is_proven(what) || proves_the_ticket(what))) return what.by;
    domain::actor self;
    self.kind = domain::actor_kind::customer;
    self.id = customer.value();
    return self;
}

/// What the customer is told: the clock of his answer where it runs, else the next thing that we must do.
std::optional<instant> due_of(const domain::ticket& t)
{
    if (const auto* const clock = domain::customer_clock(t)) return clock->due_at;
    std::optional<instant> earliest;
    for (const auto& each : t.deadlines)
        if (each.state == domain::deadline_state::running && !domain::is_window(each.kind) &&
            (!earliest || each.due_at < *earliest))
            earliest = each.due_at;
    return earliest;
}

json to_json(std::optional<instant> at)
{
    return at ? json(to_rfc3339(*at)) : json(nullptr);
}

json to_json(const journal::words& words)
{
    return {{"text", words.id.to_string()}, {"sha256", to_hex(words.digest())}};
}

domain::text_ref reference(const journal::words& words)
{
    return {words.id, words.digest()};
}

/// A form's other answers as one piece of words: they may hold anything.
std::string fields_text(const contact& what)
{
    json all = json::object();
    for (const auto& [name, words] : what.fields)
        all[name] = words;
    // Ill-formed bytes stay: the database refuses them as it does those of any other words.
    std::string text = "{";
    for (const auto& [name, value] : all.items()) {
        const auto& words = value.get_ref<const std::string&>();
        text += (text.size() > 1 ? "," : "") + json(to_storable_utf8(name)).dump() + ":" +
                (is_storable_utf8(words) ? value.dump() : '"' + words + '"');
    }
    return text + "}";
}

/// What the ticket's command is made of; empty for a mere message.
std::string detail_of(const contact& what, const std::optional<domain::text_ref>& words)
{
    if (what.act == act::message) return {};
    json detail = json::object();
    if (words) detail["words"] = {{"text", words->id.to_string()}, {"sha256", to_hex(words->digest)}};
    if (!what.detail.reason.empty()) detail["reason"] = what.detail.reason;
    if (what.detail.round) detail["round"] = *what.detail.round;
    if (const auto& said = what.detail.said)
        detail["said"] = {{"solved", to_string(said->solved)},
                          {"result", said->result ? json(*said->result) : json()},
                          {"time", said->time ? json(*said->time) : json()},
                          {"attitude", said->attitude ? json(*said->attitude) : json()}};
    return detail.dump();
}

json filing_data(const contact& what, const record::filed& where)
{
    json identities = json::array();
    for (const auto& [id, identity, verified] : where.changed_identities)
        identities.push_back({{"id", id.to_string()},
                              {"kind", record::to_string(identity.kind)},
                              {"state", verified ? "verified" : "claimed"}});
    return {{"customer", {{"id", where.customer.to_string()}, {"new", where.new_customer}}},
            {"identities", identities},
            {"interaction",
             {{"id", where.interaction.to_string()},
              {"new", where.new_interaction},
              {"channel", what.channel},
              {"account", what.account},
              {"closed_before", where.closed_interaction ? json(where.closed_interaction->to_string()) : json()}}}};
}

} // namespace

receipt receipt_of(std::string_view data, bool repeated)
{
    const auto from = json::parse(data);
    receipt out;
    out.id = receipt_id::parse(from.at("receipt").get_ref<const std::string&>()).value();
    out.repeated = repeated;
    const auto ticket = from.find("ticket");
    if (ticket == from.end()) {
        out.outcome = outcome::parked;
        out.answer = nlohmann::ordered_json{{"receipt", out.id.to_string()}}.dump();
        return out;
    }
    out.ticket = ticket_id::parse(ticket->at("id").get_ref<const std::string&>()).value();
    out.number = ticket->at("number").get<std::string>();
    nlohmann::ordered_json answer;
    for (const auto* member : {"number", "tracking_url", "due_at"})
        answer[member] = ticket->at(member);
    out.answer = answer.dump();
    return out;
}

std::string ticket_number(std::string_view day, std::int64_t serial)
{
    return fmt::format("{}-{:04}", day, serial);
}

plan::plan(findings found, const pg::rows& known_identities, settings with)
    : found_(std::move(found)), filing_(known_identities), with_(std::move(with))
{}

std::string plan::next_number()
{
    return ticket_number(with_.day, found_.serials.at(serial_++) - with_.day_base);
}

/// The first one's answer, where this input was taken before: by its key, or by the channel's id of it.
std::optional<receipt> plan::repeated(const contact& what)
{
    const auto known = found_.receipts.find({what.account, what.external_id});
    const std::string* data = known == found_.receipts.end() ? nullptr : &known->second.data;
    if (what.key && !data)
        if (const auto request = found_.requests.find({what.key->principal, what.key->key});
            request != found_.requests.end())
            data = &request->second.data;
    if (!data) return std::nullopt;

    auto first = receipt_of(*data, true);
    ++repeated_;
    if (const auto own = own_receipts_.find(first.id); own != own_receipts_.end())
        ++receipts_[own->second].repeats;
    else
        ++repeats_[first.id];
    return first;
}

result<receipt> plan::take(const contact& what)
{
    if (what.key) {
        const auto request = found_.requests.find({what.key->principal, what.key->key});
        // Another use case may have had the key: its event answers something else.
        if (request != found_.requests.end() && (!std::ranges::equal(request->second.body, what.key->body) ||
                                                 !json::parse(request->second.data).contains("receipt")))
            return fail(errc::key_reused, "another request under the same key");
    }
    if (auto first = repeated(what)) return *first;
    if (!what.unreadable.empty()) return park(what, "unreadable:" + what.unreadable);
    return accept(what, receipt_id::make(), std::nullopt);
}

result<receipt> plan::take_parked(const contact& what, parked_id which, receipt_id receipt)
{
    return accept(what, receipt, which);
}

namespace {

bool is_complaint(const ticket::pack& rules, const std::string& category)
{
    const auto* const found = rules.find_category(category);
    return found && found->type == domain::ticket_type::complaint;
}

/// Whether a ticket of that category may be about what is called `category` now: all repeated complaints of a customer
/// are one matter.
bool may_be_about(const ticket::pack& rules, const std::string& of_ticket, const std::string& category)
{
    if (of_ticket == category) return true;
    return rules.repeat && of_ticket == rules.repeat->category && is_complaint(rules, category);
}

} // namespace

/// The existing ticket that this contact is about. Without proof there is none.
const found_ticket* plan::ticket_for(const contact& what, const std::string& category, customer_id customer) const
{
    if (!is_proven(what) && !proves_the_ticket(what)) return nullptr;
    const found_ticket* newest = nullptr;
    for (const auto& [id, each] : found_.tickets) {
        if (!is_party(what, each)) continue;
        const bool is_named = each.number == what.ticket_number || each.known_as.contains(what.ticket_number);
        if (is_named && (each.open || what.act != act::message)) return &each;
        if (proves_the_ticket(what) || what.act != act::message || !each.open || each.customer != customer) continue;
        if (!category.empty() && !may_be_about(with_.rules.rules(), each.category, category)) continue;
        if (!newest || each.created_at > newest->created_at) newest = &each;
    }
    return newest;
}

/// The newest ticket of the same customer about the same, of the last thirty days; an open one before a closed one.
const found_ticket* plan::duplicate_of(const std::string& category, customer_id customer) const
{
    const found_ticket* best = nullptr;
    for (const auto& [id, each] : found_.tickets) {
        if (each.customer != customer || each.created_at < with_.now - duplicate_window) continue;
        if (!may_be_about(with_.rules.rules(), each.category, category)) continue;
        if (!best || std::pair(each.open, each.created_at) > std::pair(best->open, best->created_at)) best = &each;
    }
    return best;
}

/// Where the rules say that a customer's n-th complaint is one of another category, that one. Whatever the new one is
/// about counts, as does what of the earlier ones became of it.
std::string plan::category_of_new(const std::string& asked, customer_id customer) const
{
    const auto& rules = with_.rules.rules();
    if (!rules.repeat || !is_complaint(rules, asked)) return asked;
    const auto since = with_.now - rules.repeat->within;
    const auto earlier = std::ranges::count_if(found_.tickets, [&](const auto& known) {
        const auto& each = known.second;
        return each.customer == customer && each.created_at >= since && is_complaint(rules, each.category);
    });
    return earlier + 1 >= rules.repeat->count ? rules.repeat->category : asked;
}

result<receipt> plan::accept(const contact& what, receipt_id id, std::optional<parked_id> parked)
{
    for (const auto& attachment : what.attachments)
        if (!found_.attachable.contains(attachment)) return fail(errc::not_found, "an attachment is gone");
    const auto who = what.correspondent();
    const auto where = filing_.propose(who);
    // A word that the pack does not know leaves it to triage.
    const auto category = with_.rules.rules().find_category(what.category) ? what.category : std::string();
    const auto* existing = ticket_for(what, category, where.customer);
    if (what.act != act::message && !existing)
        return fail(errc::not_found, "an act on a ticket that is not the sender's");

    record::entry entry;
    entry.interaction = where.interaction;
    entry.customer = where.customer;
    entry.at = what.at;
    entry.kind = what.act == act::message ? "message" : "act";
    if (what.outbound) entry.direction = "out";
    entry.proof = to_string(what.proof);
    std::vector<journal::words> words;
    const auto put = [&](const std::string& body) -> std::optional<domain::text_ref> {
        if (body.empty()) return std::nullopt;
        words.emplace_back().body = body;
        return reference(words.back());
    };
    const auto problem = put(what.problem);
    const auto object = put(what.object);
    const auto desired = put(what.desired_solution);
    if (const auto fields = what.fields.empty() ? std::nullopt : put(fields_text(what))) entry.fields = fields->id;

    if (problem) entry.text = problem->id;
    const auto by = actor_of(what, where.customer);
    entry.author_kind = domain::to_string(by.kind);
    if (by.id != uuid{}) entry.author = by.id;

    auto data = filing_data(what, where);
    data["receipt"] = id.to_string();
    data["entry"] = {
        {"id", entry.id.to_string()}, {"at", to_rfc3339(entry.at)}, {"kind", entry.kind}, {"proof", entry.proof}};
    data["words"] = json::array();
    for (const auto& each : words)
        data["words"].push_back(to_json(each));
    data["attachments"] = json::array();
    for (const auto& each : what.attachments)
        data["attachments"].push_back(each.to_string());

    std::string number;
    std::optional<instant> due;
    bool confidential = false;
    if (existing) {
        entry.ticket = existing->id;
        number = existing->number;
        due = existing->due_at;
    } else {
        ticket::opening opening;
        opening.number = next_number();
        opening.customer = where.customer;
        opening.interaction = where.interaction;
        opening.channel = what.channel;
        const auto* const before = duplicate_of(category, where.customer);
        // Said twice while the first is open, it is that one, which an officer merges, and no repetition.
        opening.category = before && before->open ? category : category_of_new(category, where.customer);
        if (opening.category != category) data["asked_category"] = category;
        opening.type = what.remarks.type;
        opening.confidential = what.remarks.confidential;
        opening.customer_waiting = what.remarks.customer_waiting;
        opening.vip = what.remarks.vip;
        opening.answers = {what.fields.begin(), what.fields.end()};
        opening.problem = problem;
        opening.object = object;
        opening.desired_solution = desired;
        opening.occurred_at = what.occurred_at;
        for (const auto& given : what.identities)
            opening.parties.push_back({std::string(record::to_string(given.what.kind)), given.what.value});
        if (before) {
            opening.repeat = !category.empty();
            if (before->open) opening.suspected_duplicate_of = before->id;
        }
        if (opening.category != category) opening.repeat = true;
        auto made = ticket::open(opening, with_.rules, by, with_.now);
        if (!made) return fail(made.error());
        const auto& opened = made->decided.next;
        entry.ticket = opening.id;
        number = opening.number;
        due = due_of(opened);
        confidential = opened.sensitive == domain::sensitivity::confidential;
        found_ticket fresh{.id = opening.id,
                           .number = number,
                           .customer = where.customer,
                           .category = opened.category,
                           .created_at = with_.now,
                           .due_at = due,
                           .open = true,
                           .parties = {}};
        for (const auto& given : what.identities)
            fresh.parties.insert(given.what);
        found_.tickets.emplace(opening.id, std::move(fresh));
        tickets_.push_back(std::move(*made));
    }
    data["ticket"] = {{"id", entry.ticket->to_string()},
                      {"number", number},
                      {"tracking_url", with_.tracking_url + number},
                      {"due_at", to_json(due)},
                      {"new", !existing}};

    filing_.keep(who, where);
    if (existing)
        inbox_.push_back({.ticket = existing->id,
                          .interaction = where.interaction,
                          .entry = entry.id,
                          .customer = where.customer,
                          .act = what.act,
                          .detail = detail_of(what, problem),
                          .at = what.at});
    for (const auto& each : what.attachments) {
        attachments_.emplace_back(each, entry.id);
        found_.attachable.erase(each);
    }
    for (auto& each : words)
        words_.push_back({std::move(each), where.customer});
    entries_.push_back(entry);

    journal::event event{.at = with_.now,
                         .kind = "contact.accepted",
                         .subject = entry.id.value(),
                         .subject_version = 1,
                         .actor_kind = by.kind,
                         .actor = by.id,
                         .audience = {.departments = {}, .assignee = std::nullopt, .confidential = confidential},
                         .data = data.dump()};
    const new_receipt receipt{.id = id,
                              .account = what.account,
                              .external_id = what.external_id,
                              .at = with_.now,
                              .outcome = outcome::visible,
                              .repeats = 0,
                              .entry = entry.id,
                              .ticket = entry.ticket,
                              .event = event.id};
    if (parked) {
        resolved_.emplace_back(*parked, receipt);
    } else {
        own_receipts_.emplace(id, receipts_.size());
        receipts_.push_back(receipt);
        if (what.key) requests_.push_back({*what.key, event.id, with_.now});
    }
    keep_answer(what, id, event.data);
    auto told = receipt_of(event.data, false);
    events_.push_back(std::move(event));
    return told;
}

receipt plan::park(const contact& what, std::string reason)
{
    const auto id = receipt_id::make();
    // A code, whatever the channel called it.
    reason = std::string(first_code_points(to_storable_utf8(reason), 200));
    new_parked kept{.id = parked_id::make(),
                    .receipt = id,
                    .reason = reason,
                    .contact = to_bytes(what),
                    .raw = what.raw,
                    .identity_keys = record::lock_keys(what.correspondent()),
                    .attachments = what.attachments,
                    .at = with_.now};
    journal::event event{
        .at = with_.now,
        .kind = "contact.parked",
        .subject = kept.id.value(),
        .subject_version = 1,
        .actor_kind = what.by.kind,
        .actor = what.by.id,
        .audience = {},
        .data = json{{"receipt", id.to_string()}, {"parked", kept.id.to_string()}, {"reason", reason}}.dump()};
    own_receipts_.emplace(id, receipts_.size());
    receipts_.push_back({.id = id,
                         .account = what.account,
                         .external_id = what.external_id,
                         .at = with_.now,
                         .outcome = outcome::parked,
                         .repeats = 0,
                         .entry = std::nullopt,
                         .ticket = std::nullopt,
                         .event = event.id});
    if (what.key) requests_.push_back({*what.key, event.id, with_.now});
    keep_answer(what, id, event.data);
    auto told = receipt_of(event.data, false);
    parked_.push_back(std::move(kept));
    events_.push_back(std::move(event));
    return told;
}

/// A twin later in the batch is told the same.
void plan::keep_answer(const contact& what, receipt_id id, const std::string& data)
{
    found_.receipts[{what.account, what.external_id}] = {id, data};
    if (what.key)
        found_.requests[{what.key->principal, what.key->key}] = {{what.key->body.begin(), what.key->body.end()}, data};
}

void plan::write(pg::batch& to) const
{
    filing_.write(to);
    journal::store(to, words_);
    record::insert(to, entries_);
    record::attach(to, attachments_);
    if (!tickets_.empty()) ticket::commit(to, tickets_);
    insert_receipts(to, receipts_);
    insert_requests(to, requests_);
    count_repeats(to, repeats_);
    insert_inbox(to, inbox_);
    for (const auto& each : parked_) {
        insert_parked(to, each);
        record::hold(to, each.attachments, each.id.value());
    }
    for (const auto& [which, visible] : resolved_)
        resolve_parked(to, which, visible, with_.now);
    journal::append(to, events_);
}

// --- parked contacts as bytes
// ---------------------------------------------------------------------------------------------

std::string to_bytes(const contact& what)
{
    json identities = json::array();
    for (const auto& given : what.identities)
        identities.push_back({static_cast<int>(given.what.kind), given.what.value, given.proven});
    json fields = json::array();
    for (const auto& [name, words] : what.fields)
        fields.push_back({name, words});
    json attachments = json::array();
    for (const auto& each : what.attachments)
        attachments.push_back(each.to_string());
    const json all{
        {"channel", what.channel},
        {"account", what.account},
        {"external_id", what.external_id},
        {"at", what.at.time_since_epoch().count()},
        {"proof", static_cast<int>(what.proof)},
        {"act", static_cast<int>(what.act)},
        {"by_kind", static_cast<int>(what.by.kind)},
        {"by", what.by.id.to_string()},
        {"identities", identities},
        {"name", what.name},
        {"category", what.category},
        {"problem", what.problem},
        {"object", what.object},
        {"desired_solution", what.desired_solution},
        {"occurred_at", what.occurred_at ? json(what.occurred_at->time_since_epoch().count()) : json(nullptr)},
        {"fields", fields},
        {"attachments", attachments},
        {"ticket_number", what.ticket_number},
        {"reason", what.detail.reason},
        {"round", what.detail.round ? json(*what.detail.round) : json(nullptr)},
        {"said", what.detail.said ? json{{"solved", static_cast<int>(what.detail.said->solved)},
                                         {"scores",
                                          {what.detail.said->result.value_or(0), what.detail.said->time.value_or(0),
                                           what.detail.said->attitude.value_or(0)}}}
                                  : json(nullptr)},
        {"remarks",
         {{"type", what.remarks.type ? json(static_cast<int>(*what.remarks.type)) : json(nullptr)},
          {"confidential", what.remarks.confidential},
          {"customer_waiting", what.remarks.customer_waiting},
          {"vip", what.remarks.vip}}},
        {"outbound", what.outbound},
        {"unreadable", what.unreadable}};
    std::string bytes;
    json::to_cbor(all, bytes);
    return bytes;
}

result<contact> contact_of(const std::vector<std::uint8_t>& bytes)
{
    try {
        const auto all = json::from_cbor(bytes);
        const auto text = [&](const char* member) { return all.at(member).get<std::string>(); };
        const auto time = [](const json& at) { return instant(std::chrono::microseconds(at.get<std::int64_t>())); };
        contact out;
        out.channel = text("channel");
        out.account = text("account");
        out.external_id = text("external_id");
        out.at = time(all.at("at"));
        out.proof = static_cast<intake::proof>(all.at("proof").get<int>());
        out.act = static_cast<intake::act>(all.at("act").get<int>());
        out.by.kind = static_cast<domain::actor_kind>(all.at("by_kind").get<int>());
        out.by.id = uuid::parse(text("by")).value();
        // Whether he may was asked when it came in.
        if (out.by.kind == domain::actor_kind::user) out.by.roles.add(domain::role::agent);
        if (out.by.kind == domain::actor_kind::token)
            out.by.scopes.push_back(static_cast<int>(domain::permission::intake_submit));
        for (const auto& each : all.at("identities"))
            out.identities.push_back(
                {{static_cast<record::identity_kind>(each.at(0).get<int>()), each.at(1).get<std::string>()},
                 each.at(2).get<bool>()});
        out.name = text("name");
        out.category = text("category");
        out.problem = text("problem");
        out.object = text("object");
        out.desired_solution = text("desired_solution");
        if (!all.at("occurred_at").is_null()) out.occurred_at = time(all.at("occurred_at"));
        for (const auto& each : all.at("fields"))
            out.fields.emplace_back(each.at(0).get<std::string>(), each.at(1).get<std::string>());
        for (const auto& each : all.at("attachments"))
            out.attachments.push_back(attachment_id::parse(each.get<std::string>()).value());
        out.ticket_number = text("ticket_number");
        out.unreadable = text("unreadable");
        if (const auto remarks = all.find("remarks"); remarks != all.end()) {
            if (const auto& type = remarks->at("type"); !type.is_null())
                out.remarks.type = static_cast<domain::ticket_type>(type.get<int>());
            out.remarks.confidential = remarks->at("confidential").get<bool>();
            out.remarks.customer_waiting = remarks->at("customer_waiting").get<bool>();
            out.remarks.vip = remarks->at("vip").get<bool>();
        }
        out.outbound = all.value("outbound", false);
        out.detail.reason = all.value("reason", "");
        if (const auto round = all.find("round"); round != all.end() && !round->is_null())
            out.detail.round = round->get<int>();
        if (const auto said = all.find("said"); said != all.end() && !said->is_null()) {
            const auto score = [&](std::size_t i) {
                const auto value = said->at("scores").at(i).get<int>();
                return value == 0 ? std::nullopt : std::optional(value);
            };
            out.detail.said = domain::answers{static_cast<domain::solved_answer>(said->at("solved").get<int>()),
                                              score(0), score(1), score(2)};
        }
        return out;
    } catch (const std::exception& e) {
        return fail(errc::corrupt, std::string("a parked contact: ") + e.what());
    }
}

void make_storable(contact& what)
{
    what.name = first_code_points(to_storable_utf8(what.name), 200);
    for (auto* words : {&what.category, &what.problem, &what.object, &what.desired_solution, &what.ticket_number})
        *words = to_storable_utf8(*words);
    for (auto& [name, words] : what.fields) {
        name = to_storable_utf8(name);
        words = to_storable_utf8(words);
    }
    for (auto& given : what.identities)
        given.what.value = to_storable_utf8(given.what.value);
}

} // namespace huiyin::intake
