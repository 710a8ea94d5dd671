#include "plain_pages.hpp"
#include "public_form.hpp"

#include <huiyin/intake/complaint.hpp>
#include <huiyin/record/attachment_store.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>

namespace huiyin::web {

namespace {

using domain::permission;
using nlohmann::json;

net::response refuse(const std::vector<intake::violation>& wrong)
{
    net::violations all;
    for (const auto& each : wrong)
        all.add(each.field, each.reason);
    return all.reply();
}

struct submission
{
    json complaint;
    std::vector<net::form_part> files;
};

result<submission> read_submission(const net::request& req)
{
    if (!req.header("content-type").value_or("").starts_with("multipart/form-data")) {
        auto body = req.json();
        if (!body) return fail(std::move(body.error()));
        return submission{std::move(*body), {}};
    }
    auto parts = net::parse_form(req);
    if (!parts) return fail(std::move(parts.error()));
    submission read;
    bool found = false;
    for (auto& part : *parts) {
        if (part.name == "complaint" && !found) {
            // The same checks as for a body that is nothing but JSON.
            net::request inner;
            inner.headers = {{"content-type", "application/json"}};
            inner.body = std::move(part.bytes);
            auto body = inner.json();
            if (!body) return fail(std::move(body.error()));
            read.complaint = std::move(*body);
            found = true;
        } else if (part.file_name) {
            read.files.push_back(std::move(part));
        } else {
            return fail(errc::bad_request, "a part that is neither the complaint nor a file");
        }
    }
    if (!found) return fail(errc::bad_request, "no part named complaint");
    if (read.files.size() > files_limit) return fail(errc::body_too_large, "more than ten files");
    return read;
}

task<net::response> take_complaint(net::request& req, const public_endpoint& at)
{
    auto read = read_submission(req);
    if (!read) co_return net::problem(read.error());
    auto contact = intake::parse_complaint(read->complaint, at.settings.phones, at.time.now());
    if (!contact) co_return refuse(contact.error());
    auto key = req.idempotency_key();
    if (!key) co_return net::problem(key.error());
    intake::identify(*contact, std::move(*key), req.body);
    for (auto& file : read->files) {
        auto stored = co_await record::upload(at.db, *file.file_name, std::move(file.content_type),
                                              std::move(file.bytes), at.time.now());
        if (!stored) co_return net::problem(stored.error());
        contact->attachments.push_back(*stored);
    }
    const auto receipt = co_await at.door.accept(std::move(*contact));
    if (!receipt) co_return net::problem(receipt.error());
    net::response answer;
    // What could not be filed was kept all the same; somebody looks at it.
    answer.status = receipt->outcome == intake::outcome::visible ? 201 : 202;
    answer.body = receipt->answer;
    co_return answer;
}

json instant_or_null(const std::optional<instant>& at)
{
    return at ? json(to_rfc3339(*at)) : json();
}

json to_json(const ticket::tracked& view)
{
    json history = json::array();
    for (const auto& step : view.history)
        history.push_back({{"stage", step.stage}, {"at", to_rfc3339(step.at)}, {"what", step.what}});
    json acts = json::array();
    for (const auto& act : view.acts)
        acts.push_back({{"act", act.name}, {"open", act.open}, {"again_at", instant_or_null(act.again_at)}});
    json category;
    if (!view.category.empty()) category = {{"code", view.category}, {"name", view.category_name}};
    json department;
    if (view.department) department = {{"code", view.department->code}, {"name", view.department->name}};
    return {{"stage", view.stage},
            {"category", category},
            {"department", department},
            {"next_promise_at", instant_or_null(view.next_promise_at)},
            {"next_promise_kind", view.next_promise_kind.empty() ? json() : json(view.next_promise_kind)},
            {"reopen_until", instant_or_null(view.reopen_until)},
            {"acts", acts},
            {"history", history}};
}

task<net::response> track(net::request& req, const public_endpoint& at)
{
    const auto body = req.json();
    if (!body) co_return net::problem(body.error());
    const auto asked = intake::parse_tracking(*body, at.settings.phones);
    if (!asked) co_return refuse(asked.error());
    const ticket::party contact{std::string(record::to_string(asked->party.kind)), asked->party.value};
    const auto view = co_await at.tickets.track(asked->number, contact);
    if (!view) co_return net::problem(view.error());
    co_return net::json_reply(200, to_json(*view));
}

/// Fills in what the link stands for. A link that is none is answered like a wrong contact.
task<result<void>> take_link(intake::public_act& act, const public_endpoint& at)
{
    const auto link = intake::read_token(at.settings.key, act.token, at.time.now());
    if (!link) co_return fail(errc::not_found, "no such link");
    const auto known = co_await at.tickets.party_of(link->ticket);
    if (!known) co_return fail(known.error());
    if (known->number != act.what.ticket_number) co_return fail(errc::not_found, "a link of another ticket");
    const auto kind = record::parse_identity_kind(known->contact.kind);
    if (!kind) co_return fail(errc::not_found, "a contact of no known kind");
    act.what.identities = {{{*kind, known->contact.value}, false}};
    act.what.detail.round = link->round;
    co_return result<void>{};
}

task<net::response> take_act(net::request& req, const public_endpoint& at)
{
    const auto body = req.json();
    if (!body) co_return net::problem(body.error());
    const auto number = req.path_parameters.find("number");
    auto act = intake::parse_act_request(*body, number == req.path_parameters.end() ? "" : number->second,
                                         at.settings.phones, at.time.now());
    if (!act) co_return refuse(act.error());
    auto key = req.idempotency_key();
    if (!key) co_return net::problem(key.error());
    if (!act->token.empty())
        if (auto taken = co_await take_link(*act, at); !taken) co_return net::problem(taken.error());
    intake::identify(act->what, std::move(*key), req.body);
    const json asked = intake::to_string(act->what.act);
    const auto receipt = co_await at.door.accept(std::move(act->what));
    if (!receipt) co_return net::problem(receipt.error());
    // It is on record, whatever the ticket says to it.
    const auto outcome = co_await at.applier.settle(receipt->id);
    const bool applied = outcome && *outcome == "applied";
    co_return net::json_reply(outcome ? 201 : 202, {{"number", receipt->number},
                                                    {"act", asked},
                                                    {"kept", true},
                                                    {"outcome", !outcome  ? "pending"
                                                                : applied ? "applied"
                                                                          : "refused"},
                                                    {"reason", outcome && !applied ? json(*outcome) : json()}});
}

} // namespace

void add_public_routes(net::router& routes, intake::door& door, intake::applier& applier,
                       ticket::ticket_service& tickets, pg::database& db, const clock& time, public_settings settings)
{
    const auto at =
        std::make_shared<const public_endpoint>(public_endpoint{door, applier, tickets, db, time, std::move(settings)});
    add_public_form(routes, tickets.rules(), time, at->settings);
    add_plain_pages(routes, at);
    routes.post("/public/v1/complaints", permission::none_needed,
                [at](net::request& req) { return take_complaint(req, *at); },
                {.body_limit = 25 * 1024 * 1024, .per_minute = at->settings.complaints_per_minute});
    routes.post("/public/v1/tracking", permission::none_needed, [at](net::request& req) { return track(req, *at); },
                {.body_limit = 4096, .per_minute = at->settings.tracking_per_minute});
    routes.post("/public/v1/tickets/{number}/acts", permission::none_needed,
                [at](net::request& req) { return take_act(req, *at); },
                {.body_limit = 64 * 1024, .per_minute = at->settings.tracking_per_minute});
}

} // namespace huiyin::web
