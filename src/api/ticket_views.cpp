#include "ticket_views.hpp"

#include "ticket_json.hpp"

namespace huiyin::api {

namespace {

constexpr std::size_t most_kept = 512;

} // namespace

task<result<std::shared_ptr<const ticket_view>>> ticket_views::read(ticket_id id, domain::actor who)
{
    // Before the rows: they are never older than the stamp they are kept under.
    const auto stamp = co_await tickets_.stamp_of(id);
    if (!stamp) co_return fail(stamp.error());
    const bool shows_customer = domain::may(who, domain::permission::customer_identity_of_report);
    if (const auto it = kept_.find(id); it != kept_.end()) {
        const auto view = it->second;
        if (view->stamp == *stamp && view->shows_customer == shows_customer) {
            if (!domain::may(who, domain::permission::ticket_read, view->scope))
                co_return fail(errc::not_found, "the actor may not");
            co_return view;
        }
    }
    const auto read = co_await tickets_.read(id, who);
    if (!read) co_return fail(read.error());
    auto view = std::make_shared<ticket_view>();
    view->stamp = {read->ticket.version, stamp->customer_version};
    view->scope = domain::scope_of(read->ticket);
    view->body = to_json(*read, shows_customer).dump();
    view->shows_customer = shows_customer;
    if (kept_.size() >= most_kept) kept_.clear();
    kept_.insert_or_assign(id, view);
    co_return view;
}

} // namespace huiyin::api
