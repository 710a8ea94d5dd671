#pragma once

#include <huiyin/record/merge.hpp>
#include <huiyin/ticket/ticket_service.hpp>

#include <string>
#include <vector>

namespace huiyin::ticket {

/// The tickets' part of merging customers. Each ticket is changed as everything changes it, by `commit`: its version
/// rises with an event ticket.customer_changed, so a kept page of it is rendered anew (docs/decisions/0007).
class customer_mover final : public record::ticket_mover
{
public:
    task<result<std::vector<ticket_id>>> lock_all(pg::transaction& in, customer_id of) override;
    task<result<std::vector<ticket_id>>> lock(pg::transaction& in, std::vector<ticket_id> which,
                                              customer_id of) override;
    task<result<void>> move(pg::transaction& in, std::vector<ticket_id> which, record::moving how) override;
};

/// A customer's tickets, for whoever looks at a merge before it happens.
struct customer_matters
{
    std::size_t tickets = 0;
    std::size_t parties = 0;
    struct matter
    {
        ticket_id id;
        std::string number;
        std::string category;
        std::string status;
    };
    /// The newest hundred.
    std::vector<matter> open;
};
task<result<customer_matters>> load_matters(pg::database& from, customer_id of);

} // namespace huiyin::ticket
