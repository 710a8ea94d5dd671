#include "body.hpp"
#include "timeline_json.hpp"
#include "versioned.hpp"

#include <huiyin/api/record_routes.hpp>
#include <huiyin/intake/intake_store.hpp>
#include <huiyin/record/attachment_store.hpp>
#include <huiyin/record/entry_store.hpp>
#include <huiyin/record/merge.hpp>
#include <huiyin/record/person.hpp>
#include <huiyin/ticket/customer_move.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <set>

namespace huiyin::api {

namespace {

using domain::permission;
using nlohmann::json;

/// Whether the actor may see this customer: everywhere by role, else through a ticket of his department. The tickets of
/// his that concern the customer come along, to filter the timeline.
struct customer_view
{
    bool all = false;
    std::set<ticket_id> tickets;
};

task<result<customer_view>> view_of(customer_id customer, ticket::ticket_service& tickets, domain::actor who)
{
    customer_view view;
    view.all = domain::may(who, permission::customer_read, domain::object_scope{});
    if (view.all) co_return view;
    const auto found = co_await tickets.part_in(customer, who);
    if (!found) co_return fail(found.error());
    view.tickets.insert(found->begin(), found->end());
    if (view.tickets.empty()) co_return fail(errc::not_found, "the actor may not");
    co_return view;
}

json customer_json(const record::customer& of, std::optional<customer_id> heir)
{
    json identities = json::array();
    for (const auto& each : of.identities)
        identities.push_back({{"kind", record::to_string(each.what.kind)},
                              {"value", each.what.value},
                              {"state", each.verified ? "verified" : "claimed"},
                              {"since", to_rfc3339(each.since)}});
    return {{"id", of.id.to_string()},
            {"kind", of.kind},
            {"name", of.name},
            {"tags", of.tags},
            {"note", of.note},
            {"version", of.version},
            {"created_at", to_rfc3339(of.created_at)},
            {"erased_at", of.erased_at ? json(to_rfc3339(*of.erased_at)) : json()},
            {"merged_into", heir ? json(heir->to_string()) : json()},
            {"identities", identities}};
}

task<net::response> show_customer(net::request& req, pg::database& db, ticket::ticket_service& tickets)
{
    const auto id = req.path_id<customer_id>("id");
    if (!id) co_return net::problem(id.error());
    const auto view = co_await view_of(*id, tickets, req.actor());
    if (!view) co_return net::problem(view.error());
    const auto found = co_await record::load_customer(db, *id);
    if (!found) co_return net::problem(found.error());
    const auto heir = co_await record::find_heir(db, *id);
    if (!heir) co_return net::problem(heir.error());
    co_return versioned(200, customer_json(*found, *heir));
}

task<net::response> change_customer(net::request& req, pg::database& db, const clock& time)
{
    const auto asked = change_of<customer_id>(req);
    if (!asked) co_return net::problem(asked.error());
    const auto sent = req.json();
    if (!sent) co_return net::problem(sent.error());
    body in(*sent);
    record::customer_changes changes;
    changes.name = in.optional_text("name", 200);
    if (in.find("tags")) changes.tags = in.texts("tags", record::most_tags);
    changes.note = in.optional_text("note", record::longest_note);
    if (auto refused = in.refusal()) co_return std::move(*refused);
    const auto changed =
        co_await record::change_customer(db, asked->id, std::move(changes), asked->seen, req.actor(), time);
    if (!changed) co_return net::problem(changed.error());
    co_return versioned(200, customer_json(*changed, std::nullopt));
}

task<net::response> show_timeline(net::request& req, pg::database& db, ticket::ticket_service& tickets)
{
    const auto id = req.path_id<customer_id>("id");
    if (!id) co_return net::problem(id.error());
    const auto page = net::page_of(req);
    if (!page) co_return net::problem(page.error());
    const auto view = co_await view_of(*id, tickets, req.actor());
    if (!view) co_return net::problem(view.error());
    const auto before = timeline_place(*page);
    if (!before) co_return net::problem(before.error());
    const auto found = co_await record::timeline(db, *id, *before, page->limit);
    if (!found) co_return net::problem(found.error());
    if (found->items.empty() && !page->after)
        if (const auto known = co_await record::load_customer(db, *id); !known) co_return net::problem(known.error());
    json items = json::array();
    for (const auto& each : found->items) {
        if (!view->all && !(each.entry.ticket && view->tickets.contains(*each.entry.ticket))) continue;
        items.push_back(to_json(each));
    }
    co_return net::json_reply(200, {{"items", items}, {"next_cursor", timeline_cursor(*found)}});
}

/// As it was sent, where that is a media type at all.
std::string media_type_of(const record::attachment& file)
{
    const auto is_token = [](std::string_view text) {
        return !text.empty() && std::ranges::all_of(text, [](char c) {
            return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                   std::string_view("!#$&^_.+-").contains(c);
        });
    };
    const auto type = std::string_view(file.content_type).substr(0, file.content_type.find(';'));
    const auto slash = type.find('/');
    const bool good =
        slash != std::string_view::npos && is_token(type.substr(0, slash)) && is_token(type.substr(slash + 1));
    return good ? std::string(type) : "application/octet-stream";
}

/// RFC 6266 with RFC 8187: saved under its name, never shown in the page.
std::string disposition_of(const record::attachment& file)
{
    std::string encoded;
    for (const char c : file.name.empty() ? std::string("file") : file.name) {
        const auto byte = static_cast<unsigned char>(c);
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
                           c == '-' || c == '_';
        encoded += plain ? std::string(1, c) : fmt::format("%{:02X}", byte);
    }
    return "attachment; filename*=UTF-8''" + encoded;
}

/// Whoever may read what it was sent with: the ticket, or without one the customer everywhere.
task<result<record::attachment>> find_readable(pg::database& db, ticket::ticket_service& tickets, attachment_id id,
                                               domain::actor who)
{
    auto file = co_await record::load_attachment(db, id);
    if (!file) co_return fail(file.error());
    if (file->ticket) {
        const auto of = co_await tickets.load(*file->ticket, who);
        if (!of) co_return fail(of.error());
    } else if (!domain::may(who, permission::customer_read, domain::object_scope{})) {
        co_return fail(errc::not_found, "the actor may not");
    }
    co_return file;
}

task<net::response> download_attachment(net::request& req, pg::database& db, ticket::ticket_service& tickets)
{
    const auto id = req.path_id<attachment_id>("id");
    if (!id) co_return net::problem(id.error());
    const auto file = co_await find_readable(db, tickets, *id, req.actor());
    if (!file) co_return net::problem(file.error());
    net::response answer;
    answer.content_type = media_type_of(*file);
    answer.with("Content-Disposition", disposition_of(*file));
    // Whatever a browser makes of it all the same, it runs nothing and reaches nothing.
    answer.with("Content-Security-Policy", "default-src 'none'; sandbox; frame-ancestors 'none'");
    answer.body.reserve(static_cast<std::size_t>(file->size));
    for (std::size_t n = 0; n < file->chunks(); ++n) {
        const auto chunk = co_await record::read_chunk(db, *id, n);
        if (!chunk) co_return net::problem(chunk.error());
        answer.body += *chunk;
    }
    if (sha256(answer.body) != file->sha256)
        co_return net::problem(error{errc::corrupt, "attachment " + id->to_string(), {}});
    co_return answer;
}

task<net::response> export_customer(net::request& req, pg::database& db)
{
    const auto id = req.path_id<customer_id>("id");
    if (!id) co_return net::problem(id.error());
    auto all = co_await record::export_person(db, *id);
    if (!all) co_return net::problem(all.error());
    net::response answer;
    answer.body = std::move(*all);
    co_return answer;
}

task<net::response> erase_customer(net::request& req, pg::database& db, const clock& time)
{
    const auto id = req.path_id<customer_id>("id");
    if (!id) co_return net::problem(id.error());
    // What a stub had belongs to whom it was merged into: he must be named to be erased.
    const auto heir = co_await record::find_heir(db, *id);
    if (!heir) co_return net::problem(heir.error());
    if (*heir) co_return net::problem(error{errc::customer_merged, {}, {}}.with("merged_into", (*heir)->to_string()));
    const auto erased = co_await record::erase_person(db, *id, req.actor(), time.now(),
                                                      {ticket::erase_parties(), intake::erase_parked(time.now())});
    if (!erased) co_return net::problem(erased.error());
    co_return net::json_reply(
        200, {{"identities", erased->identities}, {"texts", erased->texts}, {"attachments", erased->attachments}});
}

json side_of(const record::merge_side& side, const ticket::customer_matters& matters)
{
    json open = json::array();
    for (const auto& each : matters.open)
        open.push_back({{"id", each.id.to_string()},
                        {"number", each.number},
                        {"category", each.category},
                        {"status", each.status}});
    return {{"id", side.customer.id.to_string()},
            {"kind", side.customer.kind},
            {"name", side.customer.name},
            {"version", side.customer.version},
            {"identities", side.customer.identities.size()},
            {"interactions", side.interactions},
            {"entries", side.entries},
            {"texts", side.texts},
            {"tickets", matters.tickets},
            {"parties", matters.parties},
            {"open_tickets", std::move(open)}};
}

/// What `?into=` would receive, and what does not fit together: as record::merge_preview has it, and "matter", open
/// tickets of one category on both sides.
task<net::response> preview_merge(net::request& req, pg::database& db)
{
    const auto id = req.path_id<customer_id>("id");
    if (!id) co_return net::problem(id.error());
    if (const auto known = co_await record::load_customer(db, *id); !known) co_return net::problem(known.error());
    const auto into = customer_id::parse(req.query_value("into").value_or(""));
    if (!into) co_return net::problem(error{errc::bad_request, "into", {}});
    const auto shown = co_await record::preview_merge(db, *id, *into);
    if (!shown) co_return net::problem(shown.error());
    const auto source = co_await ticket::load_matters(db, *id);
    if (!source) co_return net::problem(source.error());
    const auto target = co_await ticket::load_matters(db, *into);
    if (!target) co_return net::problem(target.error());
    auto conflicts = shown->conflicts;
    const bool same_matter = std::ranges::any_of(source->open, [&](const auto& mine) {
        return std::ranges::any_of(target->open, [&](const auto& his) { return his.category == mine.category; });
    });
    if (same_matter) conflicts.emplace_back("matter");
    co_return net::json_reply(200, {{"source", side_of(shown->source, *source)},
                                    {"target", side_of(shown->target, *target)},
                                    {"conflicts", conflicts}});
}

net::response merge_reply(int status, const record::merged& done)
{
    return net::json_reply(status, {{"merge_id", done.merge.to_string()},
                                    {"source", done.source.to_string()},
                                    {"source_version", done.source_version},
                                    {"target", done.target.to_string()},
                                    {"target_version", done.target_version},
                                    {"at", to_rfc3339(done.at)},
                                    {"identities", done.identities},
                                    {"interactions", done.interactions},
                                    {"texts", done.texts},
                                    {"tickets", done.tickets}});
}

task<net::response> merge_customer(net::request& req, pg::database& db, const clock& time)
{
    const auto asked = change_of<customer_id>(req);
    if (!asked) co_return net::problem(asked.error());
    const auto sent = req.json();
    if (!sent) co_return net::problem(sent.error());
    body in(*sent);
    const auto into = in.required_id<customer_id>("into");
    if (auto refused = in.refusal()) co_return std::move(*refused);
    ticket::customer_mover tickets;
    const auto done = co_await record::merge_customers(db, asked->id, into, asked->seen, req.actor(), time, tickets);
    if (!done) co_return net::problem(done.error());
    co_return merge_reply(201, *done);
}

task<net::response> undo_merge(net::request& req, pg::database& db, const clock& time)
{
    const auto asked = change_of<customer_id>(req);
    if (!asked) co_return net::problem(asked.error());
    ticket::customer_mover tickets;
    const auto done = co_await record::undo_merge(db, asked->id, asked->seen, req.actor(), time, tickets);
    if (!done) co_return net::problem(done.error());
    co_return merge_reply(200, *done);
}

} // namespace

void add_customer_routes(net::router& routes, pg::database& db, ticket::ticket_service& tickets, const clock& time)
{
    routes.patch("/api/v1/customers/{id}", permission::customer_write,
                 [&db, &time](net::request& req) { return change_customer(req, db, time); });
    routes.get("/api/v1/customers/{id}", permission::customer_read,
               [&db, &tickets](net::request& req) { return show_customer(req, db, tickets); });
    routes.get("/api/v1/customers/{id}/timeline", permission::customer_read,
               [&db, &tickets](net::request& req) { return show_timeline(req, db, tickets); });
    // A file is held whole while it is sent.
    routes.get("/api/v1/attachments/{id}", permission::customer_read,
               [&db, &tickets](net::request& req) { return download_attachment(req, db, tickets); },
               {.per_minute = 600});
    routes.get("/api/v1/customers/{id}/export", permission::customer_erase,
               [&db](net::request& req) { return export_customer(req, db); });
    routes.post("/api/v1/customers/{id}/erasure", permission::customer_erase,
                [&db, &time](net::request& req) { return erase_customer(req, db, time); });
    routes.get("/api/v1/customers/{id}/merge-preview", permission::customer_merge,
               [&db](net::request& req) { return preview_merge(req, db); });
    routes.post("/api/v1/customers/{id}/merge", permission::customer_merge,
                [&db, &time](net::request& req) { return merge_customer(req, db, time); });
    routes.post("/api/v1/customers/{id}/merge-undo", permission::customer_merge,
                [&db, &time](net::request& req) { return undo_merge(req, db, time); });
}

} // namespace huiyin::api
