#include "ticket_rows.hpp"
#include "ticket_store.hpp"
#include "view_store.hpp"

#include <huiyin/base/text.hpp>
#include <huiyin/people/notice.hpp>
#include <huiyin/record/attachment_store.hpp>
#include <huiyin/record/entry_store.hpp>

#include <algorithm>
#include <tuple>

namespace huiyin::ticket {

using nlohmann::json;

namespace {

using namespace std::chrono_literals;

constexpr std::size_t most_similar = 50;
constexpr std::size_t most_answered = 200;
/// Two tickets are alike when so many of a hundred words of the shorter description are in both, and at least two.
constexpr int likeness = 60;

/// The words that say what it is about and where: of the object, and of a form's other answers.
std::vector<std::string> words_about(const found_similar& one)
{
    std::string all = one.object;
    if (!one.fields.empty()) {
        const auto fields = json::parse(one.fields, nullptr, false);
        for (const auto& [name, value] : fields.items())
            if (value.is_string()) all += " " + value.get<std::string>();
    }
    return search_words(all, 200);
}

int likeness_of(const std::vector<std::string>& a, const std::vector<std::string>& b)
{
    std::vector<std::string> common;
    std::ranges::set_intersection(a, b, std::back_inserter(common));
    const auto shorter = std::min(a.size(), b.size());
    return common.size() < 2 ? 0 : static_cast<int>(common.size() * 100 / shorter);
}

} // namespace

task<result<clocks_view>> ticket_service::clocks(ticket_id ticket, domain::actor who)
{
    auto read = co_await load(ticket, std::move(who));
    if (!read) co_return fail(read.error());
    const auto at = std::max(clock_.now(), read->changed_at);
    auto rules = co_await rules_.current();
    if (!rules) co_return fail(rules.error());
    auto shares = domain::time_shares(*read, at);
    auto clocks = counted_clocks(*read, **rules, at);
    co_return clocks_view{std::move(*read), at, std::move(shares), std::move(clocks), std::move(*rules)};
}

task<result<std::vector<standing_action>>> ticket_service::actions(ticket_id ticket, domain::actor who)
{
    const auto read = co_await load(ticket, who);
    if (!read) co_return fail(read.error());
    const auto rules = co_await rules_.current();
    if (!rules) co_return fail(rules.error());
    auto policy = (*rules)->policy_for(read->category, {}, read->lead_department);
    if (read->candidate_department) policy.department = read->candidate_department;
    co_return try_actions(*read, policy, who, std::max(clock_.now(), read->changed_at));
}

task<result<std::vector<similar_ticket>>> ticket_service::similar(ticket_id ticket, domain::actor who)
{
    const auto read = co_await load(ticket, who);
    if (!read) co_return fail(read.error());
    if (!domain::may(who, domain::permission::ticket_merge, domain::scope_of(*read)))
        co_return fail(errc::not_found, "the actor may not");
    const auto found = co_await find_similar(db_, ticket, read->created_at - 7 * 24h, read->created_at + 7 * 24h);
    if (!found) co_return fail(found.error());
    std::vector<similar_ticket> alike;
    if (found->empty()) co_return alike;
    const auto here = words_about(found->front());
    for (auto it = found->begin() + 1; it != found->end(); ++it) {
        if (it->confidential && !domain::may(who, domain::permission::customer_identity_of_report)) continue;
        auto each = it->what;
        each.score = likeness_of(here, words_about(*it));
        if (each.score >= likeness || each.same_customer) alike.push_back(std::move(each));
    }
    std::ranges::sort(alike, std::ranges::greater{},
                      [](const auto& each) { return std::tuple(each.score, each.created_at, each.id); });
    if (alike.size() > most_similar) alike.resize(most_similar);
    co_return alike;
}

task<result<suspicious_page>>
ticket_service::suspicious(instant since, std::optional<std::pair<instant, ticket_id>> after, domain::actor who)
{
    const auto found = co_await find_answered(db_, since, after, most_answered);
    if (!found) co_return fail(found.error());
    suspicious_page page;
    for (const auto& each : *found) {
        const auto t = ticket_of(json::parse(each.rows));
        if (!domain::may(who, domain::permission::ticket_read, domain::scope_of(t))) continue;
        auto signs = domain::suspicions(t, each.facts);
        if (!signs.empty()) page.items.push_back({each.item, each.replied_at, t.replied_by, std::move(signs)});
    }
    if (found->size() == most_answered) page.next = {found->back().replied_at, found->back().item.id};
    co_return page;
}

task<result<ticket_service::known_party>> ticket_service::party_of(ticket_id ticket)
{
    auto found = co_await find_party(db_, ticket);
    if (!found) co_return fail(found.error());
    if (!*found) co_return fail(errc::not_found, "no contact was given with the ticket");
    co_return std::move(**found);
}

task<result<entry_id>> ticket_service::add_note(note what)
{
    const auto refuse = [](const char* field, const char* reason) {
        return fail(error{errc::invalid_field, reason, {{"field", field}, {"reason", reason}}});
    };
    auto tx = co_await db_.begin();
    if (!tx) co_return fail(tx.error());
    // Locked, so that its place in the feed fits the version that it names.
    pg::batch reads;
    reads.add(lock_tickets(), pg::params(std::vector{what.ticket})).add(load_ticket(), pg::params(what.ticket, false));
    record::find_attachable(reads, what.attachments, clock_.now());
    const auto found = co_await tx->run(std::move(reads));
    if (!found) co_return fail(found.error());
    if ((*found)[1].empty()) co_return fail(errc::not_found, "no such ticket");
    const auto t = ticket_of(json::parse((*found)[1].front().get<std::string_view>(0)));
    const auto scope = domain::scope_of(t);
    if (!domain::may(what.who, domain::permission::ticket_note, scope))
        co_return fail(errc::not_found, "the actor may not");
    if ((*found)[2].size() != what.attachments.size()) co_return refuse("attachments", "are not there");
    if (t.customer.is_nil()) co_return fail(errc::contact_required, "a ticket of nobody has no timeline");
    const auto mentioned = co_await find_active(*tx, what.mentions);
    if (!mentioned) co_return fail(mentioned.error());
    if (mentioned->size() != what.mentions.size()) co_return refuse("mentions", "names somebody who is not there");
    const auto interaction = co_await find_interaction(*tx, what.ticket);
    if (!interaction) co_return fail(interaction.error());
    if (interaction->is_nil()) co_return fail(errc::contact_required, "a ticket without a contact");

    const auto now = std::max(clock_.now(), t.changed_at);
    journal::words words{.body = std::move(what.text)};
    record::entry entry;
    entry.interaction = *interaction;
    entry.customer = t.customer;
    entry.at = now;
    entry.kind = "note";
    entry.direction = "none";
    entry.author_kind = domain::to_string(what.who.kind);
    entry.author = what.who.id;
    entry.text = words.id;
    entry.internal = true;
    entry.ticket = t.id;
    json attachments = json::array();
    std::vector<std::pair<attachment_id, entry_id>> files;
    for (const auto& each : what.attachments) {
        attachments.push_back(each.to_string());
        files.emplace_back(each, entry.id);
    }
    json mentions = json::array();
    std::vector<people::notice> notices;
    for (const auto& each : *mentioned) {
        mentions.push_back(each.to_string());
        people::notice told;
        told.user = each;
        told.kind = "ticket.mentioned";
        told.ticket = t.id;
        told.at = now;
        notices.push_back(std::move(told));
    }
    const journal::event written{.at = now,
                                 .kind = "ticket.noted",
                                 .subject = t.id.value(),
                                 .subject_version = t.version,
                                 .actor_kind = what.who.kind,
                                 .actor = what.who.id,
                                 .audience = {.departments = scope.departments,
                                              .assignee = scope.assignee,
                                              .confidential = scope.sensitive == domain::sensitivity::confidential},
                                 .data = json{{"entry",
                                               {{"id", entry.id.to_string()},
                                                {"at", to_rfc3339(now)},
                                                {"kind", entry.kind},
                                                {"interaction", interaction->to_string()}}},
                                              {"words", json::array({ticket::to_json({words.id, words.digest()})})},
                                              {"attachments", attachments},
                                              {"mentions", mentions}}
                                             .dump()};
    pg::batch writes;
    journal::store(writes, {words}, t.customer);
    record::insert(writes, {entry});
    if (!files.empty()) record::attach(writes, files);
    journal::append(writes, {written});
    people::notify(writes, notices);
    const auto committed = co_await tx->commit(std::move(writes));
    if (!committed) co_return fail(committed.error());
    co_return entry.id;
}

} // namespace huiyin::ticket
