#include "ticket_views.hpp"

#include <huiyin/api/registration_routes.hpp>
#include <huiyin/intake/complaint.hpp>
#include <huiyin/record/merge.hpp>
#include <huiyin/record/person.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>

namespace huiyin::api {

namespace {

using domain::permission;

/// As many as the door takes.
constexpr std::size_t most_identities = 8;

net::response refuse(const std::vector<intake::violation>& wrong)
{
    net::violations all;
    for (const auto& each : wrong)
        all.add(each.field, each.reason);
    return all.reply();
}

/// Puts what a customer is known by before what was typed, so that he is whom it is filed under. Nothing of it is
/// proven: the ticket is one of its own, and an officer decides whether it is another's matter.
/// Errors: not_found (nobody there, or the actor may not see him), erased, customer_merged, contact_required (nothing
/// is known that he can be reached by).
task<result<void>> name_customer(pg::database& db, customer_id who, domain::actor by, intake::contact& what)
{
    if (!domain::may(by, permission::customer_read, domain::object_scope{}))
        co_return fail(errc::not_found, "the actor may not");
    const auto found = co_await record::load_customer(db, who);
    if (!found) co_return fail(found.error());
    if (found->erased_at) co_return fail(errc::erased, "customer");
    const auto heir = co_await record::find_heir(db, who);
    if (!heir) co_return fail(heir.error());
    if (*heir) co_return fail(error{errc::customer_merged, {}, {}}.with("merged_into", (*heir)->to_string()));
    auto known = found->identities;
    if (known.empty()) co_return fail(errc::contact_required, "a customer without any contact");
    std::ranges::sort(known, {}, [](const auto& each) { return each.what; });
    std::vector<record::given_identity> all;
    const auto add = [&](const record::identity& one) {
        const auto same = [&](const auto& given) { return given.what == one; };
        if (all.size() < most_identities && std::ranges::none_of(all, same)) all.push_back({one, false});
    };
    add(known.front().what);
    for (const auto& typed : what.identities)
        add(typed.what);
    for (const auto& each : known)
        add(each.what);
    what.identities = std::move(all);
    what.name = found->name;
    co_return result<void>{};
}

task<net::response> register_ticket(net::request& req, intake::door& door, ticket::ticket_service& tickets,
                                    pg::database& db, const record::phone_settings& phones, ticket_views& views)
{
    // It is answered with the ticket.
    if (!domain::may(req.actor(), permission::ticket_read)) co_return net::problem(error{errc::not_found, {}, {}});
    const auto body = req.json();
    if (!body) co_return net::problem(body.error());
    auto key = req.idempotency_key();
    if (!key) co_return net::problem(key.error());
    auto read = intake::parse_registration(*body, phones, tickets.now());
    if (!read) co_return refuse(read.error());
    auto& what = read->what;
    what.by = req.actor();
    if (!what.category.empty()) {
        const auto rules = co_await tickets.rules().current();
        if (!rules) co_return net::problem(rules.error());
        if (!(*rules)->rules().find_category(what.category))
            co_return net::problem(error{errc::category_unknown, {}, {}});
    }
    if (read->customer)
        if (auto named = co_await name_customer(db, *read->customer, req.actor(), what); !named)
            co_return net::problem(named.error());
    intake::identify(what, std::string(to_string(req.actor().kind)) + ":" + req.actor().id.to_string(), std::move(*key),
                     req.body);
    const auto receipt = co_await door.accept(std::move(what));
    if (!receipt) co_return net::problem(receipt.error());
    net::response answer;
    answer.status = 202;
    if (!receipt->ticket) {
        answer.body = receipt->answer;
        co_return answer;
    }
    const auto view = co_await views.read(*receipt->ticket, req.actor());
    if (!view) co_return net::problem(view.error());
    answer.status = 201;
    answer.body = (*view)->body;
    co_return std::move(answer)
        .with("ETag", "\"" + std::to_string((*view)->stamp.version) + "\"")
        .with("Location", "/api/v1/tickets/" + receipt->ticket->to_string());
}

} // namespace

void add_registration_routes(net::router& routes, intake::door& door, ticket::ticket_service& tickets, pg::database& db,
                             record::phone_settings phones)
{
    routes.post("/api/v1/tickets", permission::ticket_create,
                [&door, &tickets, &db, phones = std::move(phones), views = std::make_shared<ticket_views>(tickets)](
                    net::request& req) { return register_ticket(req, door, tickets, db, phones, *views); });
}

} // namespace huiyin::api
