#pragma once

#include <huiyin/ticket/ticket_service.hpp>

#include <memory>
#include <string>
#include <unordered_map>

namespace huiyin::api {

/// A ticket as it was shown at one state of the data.
struct ticket_view
{
    ticket::ticket_stamp stamp;
    domain::object_scope scope;
    std::string body;
    bool shows_customer = false; ///< Rendered for somebody who may know who reported.
};

/// Renderings of tickets that were read lately. Each reading asks the database what the ticket's state is now, so an
/// answer is never older than the request; only making it again is spared. At most 512 are kept. One per reactor.
class ticket_views
{
public:
    explicit ticket_views(ticket::ticket_service& tickets) : tickets_(tickets) {}

    /// For whoever may read it; `not_found` otherwise.
    task<result<std::shared_ptr<const ticket_view>>> read(ticket_id id, domain::actor who);

private:
    ticket::ticket_service& tickets_;
    std::unordered_map<ticket_id, std::shared_ptr<const ticket_view>> kept_;
};

} // namespace huiyin::api
